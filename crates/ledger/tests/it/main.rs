//! The ledger as an auditor meets it: foreign vectors, foreign implementations, and bytes of any kind.
#![expect(clippy::disallowed_methods, reason = "the tests, unlike the crate, read vectors from the disk")]

mod data;
mod entries;
mod notes;
mod sealed;
mod tree;
mod vectors;
mod verifying;
mod watching;
