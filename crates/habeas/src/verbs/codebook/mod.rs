//! `habeas codebook …`: the author's verbs.

mod check;
mod export;
mod fmt;
mod list;
mod show;
mod test;

use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use clap::Subcommand;

/// Read, test, format and show codebooks.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Check(check::Check),
    Test(test::Test),
    Fmt(fmt::Fmt),
    Show(show::Show),
    Export(export::Export),
    List(list::List),
}

impl Verb {
    /// Does what the verb says.
    ///
    /// # Errors
    /// As each verb says.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        match self {
            Verb::Check(check) => check.run(terminal),
            Verb::Test(test) => test.run(terminal),
            Verb::Fmt(fmt) => fmt.run(terminal),
            Verb::Show(show) => show.run(terminal),
            Verb::Export(export) => export.run(terminal),
            Verb::List(list) => list.run(),
        }
    }
}
