//! Being a witness, and asking one (C2SP tlog-witness): what the ledger leaves to a process of its own.
//!
//! [`state`] remembers what was cosigned, atomically; [`server`] answers over HTTP; [`asking`] is the log's side: it asks every witness of
//! a policy at once and never holds up an entry.

pub mod asking;
pub mod server;
pub mod state;
