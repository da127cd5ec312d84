//! What the review promises, on fictional records.

#![expect(clippy::disallowed_methods, reason = "tests read the records that lie beside them")]

mod layouts;
mod pdf;
mod plans;
mod robust;
mod schema;
mod scores;
mod scoring;
