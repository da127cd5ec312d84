//! What can go wrong at the desk. A handler returns it; `security::dress` shows it as a page in the reader's language, or as a problem
//! object to a program. No message holds a value that somebody entered.

use crate::station::stop::Stop;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use habeas_register::RegisterError;

/// What a handler gives.
pub type Answer = Result<Response, DeskError>;

/// Why a page could not be given.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeskError {
    /// Nobody is signed in, or the session is over.
    #[error("not signed in")]
    NotSignedIn,
    /// Signed in, but not for this.
    #[error("not allowed")]
    Forbidden,
    /// There is no such page or record, or none for this reader: the answer is the same.
    #[error("not there")]
    Absent,
    /// The form was not made by this session, or by another site.
    #[error("the form was not made here")]
    Forged,
    /// The request is larger than any form.
    #[error("too large")]
    TooLarge,
    /// An answer that cannot be used; `text` is the message's id.
    #[error("`{field}`: {text}")]
    Input {
        /// Which answer.
        field: &'static str,
        /// Id of the text that says what is wrong.
        text: &'static str,
    },
    /// The law forbids the entry as things stand; nothing was entered but that it was tried.
    #[error(
        "nothing was entered: the law forbids this as things stand: {}; if it has happened all the same, it must be in the record: send it \
         again with \"all_the_same\": true, and the breach stands and is told at once",
        .0.iter().map(|stop| stop.law.trim_end_matches('.')).collect::<Vec<_>>().join("; ")
    )]
    Stopped(Vec<Stop>),
    /// The register is read as a whole for the first time since the start, and a page needs all of it: it asks again by itself.
    #[error("the register is being read: {read} of {of} entries; ask again")]
    BeingRead {
        /// So many entries are read.
        read: u64,
        /// Of so many.
        of: u64,
    },
    /// The register refuses, or is in trouble.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The file of accounts.
    #[error("the file of accounts: {0}")]
    Accounts(String),
    /// A page could not be written.
    #[error("the page: {0}")]
    Page(String),
    /// Trouble with the machine.
    #[error("{0}")]
    Machine(String),
}

impl From<rusqlite::Error> for DeskError {
    fn from(error: rusqlite::Error) -> Self {
        DeskError::Accounts(error.to_string())
    }
}

impl DeskError {
    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            DeskError::NotSignedIn => StatusCode::UNAUTHORIZED,
            DeskError::Forbidden | DeskError::Forged | DeskError::Register(RegisterError::Forbidden { .. }) => StatusCode::FORBIDDEN,
            DeskError::Absent | DeskError::Register(RegisterError::Absent { .. }) => StatusCode::NOT_FOUND,
            DeskError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            DeskError::Input { .. } | DeskError::Register(RegisterError::Invalid(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            DeskError::Stopped(_) | DeskError::Register(RegisterError::Conflict { .. }) => StatusCode::CONFLICT,
            DeskError::BeingRead { .. } | DeskError::Register(RegisterError::ReadOnly { .. } | RegisterError::Closed) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            DeskError::Register(
                RegisterError::NoKey { .. }
                | RegisterError::File { .. }
                | RegisterError::Store { .. }
                | RegisterError::Damaged { .. }
                | RegisterError::Ledger(_),
            )
            | DeskError::Accounts(_)
            | DeskError::Page(_)
            | DeskError::Machine(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A page as an answer.
///
/// # Errors
/// When the template cannot be filled.
pub fn show<T: askama::Template>(page: &T) -> Answer {
    let text = page.render().map_err(|error| DeskError::Page(error.to_string()))?;
    Ok(Html(text).into_response())
}
