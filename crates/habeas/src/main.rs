//! `habeas`: anybody's custody log against written law, every breach explained.
//!
//! A verb is one file in `verbs/` and one line here.

use clap::{Parser, Subcommand};
use habeas::outcome::{Outcome, Trouble};
use habeas::terminal::{Colour, Terminal};
use habeas::verbs;
use std::process::ExitCode;

/// Anybody's custody log against written law, every breach explained.
#[derive(Debug, Parser)]
#[command(name = "habeas", version, propagate_version = true, arg_required_else_help = true)]
struct Line {
    /// Say nothing but results and errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// When to colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Colour,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(verbs::check::Check),
    #[command(subcommand)]
    Codebook(verbs::codebook::Verb),
    #[command(subcommand)]
    Intake(verbs::intake::Verb),
    Completions(verbs::completions::Completions),
}

fn main() -> ExitCode {
    let line = Line::parse();
    let terminal = Terminal { quiet: line.quiet, colour: line.color };
    match run(&line.verb, terminal) {
        Ok(outcome) => outcome.into(),
        Err(trouble) => {
            if !matches!(trouble, Trouble::Closed) {
                terminal.complain(&trouble.to_string());
            }
            trouble.exit()
        }
    }
}

fn run(verb: &Verb, terminal: Terminal) -> Result<Outcome, Trouble> {
    match verb {
        Verb::Check(check) => check.run(terminal),
        Verb::Codebook(verb) => verb.run(terminal),
        Verb::Intake(verb) => verb.run(terminal),
        Verb::Completions(completions) => completions.run::<Line>(),
    }
}
