//! Verdict rows on their way out: JSON lines, CSV, Arrow, and the small writers for times, durations and digits that both share.
//!
//! [`wording`] holds what is the same for every row of a rule; [`json`] is the hot path of the whole program.

pub mod arrow;
pub mod csv;
pub mod digits;
pub mod durations;
pub mod explanation;
pub mod json;
pub mod names;
pub mod timestamps;
pub mod wording;

#[cfg(test)]
pub mod specimen;
