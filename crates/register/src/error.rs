//! What the register refuses, and what can go wrong around it. No message holds a value of a field: what was sealed, or should be, is
//! never repeated.

use habeas_ledger::LedgerError;
use std::path::PathBuf;

/// One thing wrong with a draft, where a form can show it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldProblem {
    /// Path into the draft: `kind`, `at`, `subject.custody`, `fields.born`.
    pub field: String,
    /// What is wrong, in lower case.
    pub what: String,
    /// What stands there: a name, a shape; never a value of a field.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// Why the register did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RegisterError {
    /// The draft is not what the codebook asks for. Nothing was written.
    #[error("the draft is refused: {}", .0.iter().map(|p| format!("{}: {}", p.field, p.what)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldProblem>),
    /// The actor may not do this. Nothing was written.
    #[error("not allowed: {why}")]
    Forbidden {
        /// The rule that refuses, in words.
        why: String,
    },
    /// The draft's id has been used for another entry.
    #[error("draft `{id}` was entered before with another content; a new entry needs a new id")]
    Conflict {
        /// The draft's id.
        id: String,
    },
    /// There is no key to seal a class with.
    #[error("no key to seal what is {class}: give the register the public key of the authority that may read it")]
    NoKey {
        /// Word for the class.
        class: &'static str,
    },
    /// The register does not take entries: it is behind what it has signed, or behind a witness.
    #[error("the register is read-only: {why}")]
    ReadOnly {
        /// What is missing, and what to do.
        why: String,
    },
    /// What was asked for is not there.
    #[error("{what} is not in the register")]
    Absent {
        /// What was asked for.
        what: String,
    },
    /// A file of the register.
    #[error("`{path}`: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the machine says, and what to do.
        why: String,
    },
    /// The database.
    #[error("the register's database: {why}")]
    Store {
        /// What it says.
        why: String,
    },
    /// What is stored is not what was written: the register stops taking entries until somebody has looked.
    #[error("entry {index} is not stored as it was written: {why}")]
    Damaged {
        /// Its index in the log.
        index: u64,
        /// What differs.
        why: String,
    },
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The writer has stopped.
    #[error("the register has been closed")]
    Closed,
}

impl RegisterError {
    /// One thing wrong with a draft.
    pub(crate) fn field(field: impl Into<String>, what: &str, found: &str, expected: impl Into<String>) -> Self {
        RegisterError::Invalid(vec![problem(field, what, found, expected)])
    }
}

/// One thing wrong with a draft.
pub(crate) fn problem(field: impl Into<String>, what: impl Into<String>, found: &str, expected: impl Into<String>) -> FieldProblem {
    FieldProblem { field: field.into(), what: what.into(), found: found.to_owned(), expected: expected.into() }
}

impl From<rusqlite::Error> for RegisterError {
    fn from(error: rusqlite::Error) -> Self {
        RegisterError::Store { why: error.to_string() }
    }
}

impl From<postgres::Error> for RegisterError {
    /// Only the server's main message, or why there is no line to it: further details may repeat values.
    fn from(error: postgres::Error) -> Self {
        let why = match error.as_db_error() {
            Some(told) => format!("{} ({})", told.message(), told.code().code()),
            None => {
                let line = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
                line.map_or_else(|| error.to_string(), |cause| format!("{error} ({cause})"))
            }
        };
        RegisterError::Store { why }
    }
}
