//! Timelines: small histories with the verdicts that a lawyer expects of them (rule-language, section 8). `intake` reads them;
//! [`matching`] compares.

pub mod matching;
pub mod tables;
