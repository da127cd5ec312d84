//! One file a verb. Each says what it takes, with examples for `--help`, and tells in `run` what it does, in order.

pub mod check;
pub mod codebook;
pub mod completions;
pub mod intake;

/// How a verb that prints results prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}
