//! Command line.
mod outcome;
mod verdicts;
fn main() {}
