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
    Demo(verbs::demo::Demo),
    Serve(verbs::serve::Serve),
    Check(verbs::check::Check),
    Return(verbs::returns::Return),
    Signals(verbs::signals::Signals),
    Import(verbs::import::Import),
    Export(verbs::export::Export),
    #[command(subcommand)]
    Admin(verbs::admin::Verb),
    #[command(subcommand)]
    Codebook(verbs::codebook::Verb),
    #[command(subcommand)]
    Intake(verbs::intake::Verb),
    #[command(subcommand)]
    Log(verbs::log::Verb),
    Verify(verbs::verify::Verify),
    Receipt(verbs::receipt::Receipt),
    #[command(subcommand)]
    Review(verbs::review::Verb),
    #[command(subcommand)]
    Witness(verbs::witness::Verb),
    #[command(subcommand)]
    Station(verbs::station::Verb),
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
        Verb::Demo(demo) => demo.run(terminal),
        Verb::Serve(serve) => serve.run(terminal),
        Verb::Check(check) => check.run(terminal),
        Verb::Return(table) => table.run(terminal),
        Verb::Signals(signals) => signals.run(terminal),
        Verb::Import(import) => import.run(terminal),
        Verb::Export(export) => export.run(terminal),
        Verb::Admin(verb) => verb.run(terminal),
        Verb::Codebook(verb) => verb.run(terminal),
        Verb::Intake(verb) => verb.run(terminal),
        Verb::Log(verb) => verb.run(),
        Verb::Verify(verify) => verify.run(terminal),
        Verb::Receipt(receipt) => receipt.run(),
        Verb::Review(verb) => verb.run(),
        Verb::Witness(verb) => verb.run(terminal),
        Verb::Station(verb) => verb.run(terminal),
        Verb::Completions(completions) => completions.run::<Line>(),
    }
}
