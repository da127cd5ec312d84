//! Who may record and read what.
//!
//! The codebook says it in sentences (`allow doctor to read class medical when own patient, because …`); this crate turns each into
//! one Cedar policy over a schema generated from the codebook's own vocabulary, and answers one question: may this person do this act to
//! that kind, field, record, table or verdict, tied to it as they are? Nothing is allowed that no line allows; a `deny` wins over every
//! `allow`; an open glass never opens what is privileged. Roles that a codebook declares incompatible are told by [`Access::incompatible`].
//!
//! It is alone in knowing Cedar, and never reads a clock, a disk or a register: who signed in, and how they are tied to what they ask
//! for, is passed in. Start reading at [`Access`]; [`policies`] shows a sentence becoming a policy.

pub mod check;
pub mod decide;
pub mod policies;
pub mod schema;

pub use decide::{Access, AccessError, Decision, Principal, Ties, What};
