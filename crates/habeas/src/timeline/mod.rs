//! Timelines: small histories with the verdicts that a lawyer expects of them (rule-language, section 8).
//!
//! [`read`] turns the JSON into a codebook with the timeline's own zone, numbers and calendar, and a log; [`matching`] compares.

pub mod events;
pub mod expected;
pub mod matching;
pub mod read;

/// Why a timeline cannot be run: what, where in it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);
