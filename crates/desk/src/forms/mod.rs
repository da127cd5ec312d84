//! Forms made from the codebook: an `event` block becomes questions, what was posted becomes a draft or located mistakes.
//!
//! Adding a field to a chapter adds its question, with no other edit. Nothing here knows a kind or a field by name.

pub mod body;
pub mod model;
pub mod posted;
pub mod prefilled;

pub use model::{Form, Question};
pub use posted::{Answered, Mistake, Posted};

use crate::accounts::Session;
use crate::error::DeskError;

/// A new id for an entry or a subject: random, so that two stations never choose the same.
///
/// # Errors
/// When the machine has no randomness.
pub fn new_id(prefix: &str) -> Result<String, DeskError> {
    let token = Session::new_token()?;
    let short: String = token.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    Ok(format!("{prefix}-{short}"))
}

/// Whether an id has the form of those that [`new_id`] makes: nobody guesses one.
#[must_use]
pub fn is_made_here(id: &str) -> bool {
    id.rsplit_once('-').is_some_and(|(_, short)| short.len() == 16 && short.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
