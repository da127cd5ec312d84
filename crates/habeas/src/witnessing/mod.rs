//! Being a witness, and asking one (C2SP tlog-witness): what the ledger leaves to a process of its own.
//!
//! [`state`] remembers what was cosigned, atomically; [`server`] answers over HTTP; [`asking`] is the log's side: it asks every witness of
//! a policy at once and never holds up an entry; [`fanout`] does so for a register that is served, in the background.
//! [`centre`] and [`handing`] are the two ends between a station that works without a line and its centre, which is its first witness.

pub mod asking;
pub mod centre;
pub mod fanout;
pub mod handing;
pub mod server;
pub mod state;
