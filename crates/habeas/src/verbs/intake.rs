//! `habeas intake …`: what helps to read other people's logs.

use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use clap::Subcommand;

/// Help to read other people's logs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// x
    Guess,
}
impl Verb {
    /// Does what the verb says.
    ///
    /// # Errors
    /// As each verb says.
    pub fn run(&self, _: Terminal) -> Result<Outcome, Trouble> {
        Ok(Outcome::Clean)
    }
}
