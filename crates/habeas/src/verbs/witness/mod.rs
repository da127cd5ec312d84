//! `habeas witness …`: watch somebody's log. Run it where the log's operator has no hand: at the ombudsman's, the bar's, an NGO's.

mod ask;
pub(crate) mod key;
mod serve;

use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use clap::Subcommand;

/// Be an independent witness of logs, or ask the witnesses of a policy.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Verb {
    /// Make the witness's key; prints what others must know of it.
    Key(key::Key),
    /// Answer logs over HTTP (C2SP tlog-witness).
    Serve(serve::Serve),
    /// Answer one request from a file: for witnesses without a network.
    Answer(serve::Answer),
    /// The log's side: ask the witnesses of a policy to cosign the newest checkpoint.
    Ask(ask::Ask),
}

const EXAMPLES: &str = "Examples:
  habeas witness key --name ombudsman.example --key witness.key --passphrase-file secret
  habeas witness serve --key witness.key --passphrase-file secret --memory witness.db --log KEY-OF-THE-LOG
  habeas witness answer request.txt --key witness.key --passphrase-file secret --memory witness.db --log KEY-OF-THE-LOG
  habeas witness ask ./log --policy witnesses.policy";

impl Verb {
    /// Does what the verb says.
    ///
    /// # Errors
    /// As each verb says.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        match self {
            Verb::Key(key) => key.run(terminal),
            Verb::Serve(serve) => serve.run(terminal),
            Verb::Answer(answer) => answer.run(),
            Verb::Ask(ask) => ask.run(terminal),
        }
    }
}
