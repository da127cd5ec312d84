//! `habeas codebook …`: the author's verbs.

mod check;
mod examples;
mod export;
mod fmt;
mod list;
mod lsp;
mod show;
mod systems;
mod test;

use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use clap::Subcommand;

/// Read, test, format and show codebooks.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Parse a codebook and check it: every mistake at once, each with its line and a help.
    Check(check::Check),
    /// Run timelines against a codebook: prints each row that differs, expected beside got.
    Test(test::Test),
    /// Show a codebook as readable law.
    Show(show::Show),
    /// Show each system of a codebook with its chapters, screens, rules and tables.
    Systems(systems::Systems),
    /// Write the fenced blocks of a codebook in canonical text.
    Fmt(fmt::Fmt),
    /// Write rules in the language of other monitors.
    Export(export::Export),
    /// List the packs inside this program.
    List(list::List),
    /// A language server for the editor in which chapters are written.
    Lsp(lsp::Lsp),
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
            Verb::Show(show) => show.run(terminal),
            Verb::Systems(systems) => systems.run(terminal),
            Verb::Fmt(fmt) => fmt.run(terminal),
            Verb::Export(export) => export.run(terminal),
            Verb::List(list) => list.run(),
            Verb::Lsp(lsp) => lsp.run(),
        }
    }
}
