//! `habeas completions SHELL`: what the shell needs to complete verbs and options.

use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use clap::{Args, CommandFactory};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  habeas completions bash > ~/.local/share/bash-completion/completions/habeas")]
pub struct Completions {
    /// The shell.
    shell: clap_complete::Shell,
}

impl Completions {
    /// Prints the script for the whole command line `L`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn run<L: CommandFactory>(&self) -> Result<Outcome, Trouble> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut L::command(), "habeas", &mut script);
        terminal::print(&script)?;
        Ok(Outcome::Clean)
    }
}
