//! One file a verb. Each says what it takes, with examples for `--help`, and tells in `run` what it does, in order.

pub mod admin;
pub mod check;
pub mod codebook;
pub mod completions;
pub mod demo;
pub mod export;
pub mod import;
pub mod intake;
pub mod log;
pub mod receipt;
pub mod returns;
pub mod review;
pub mod serve;
pub mod signals;
pub mod station;
pub mod verify;
pub mod witness;

/// How a verb that prints results prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}
