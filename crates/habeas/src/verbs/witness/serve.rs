//! `habeas witness serve` and `habeas witness answer`: the same witness over HTTP, and over a stick.

use super::key::Passphrase;
use crate::outcome::{Outcome, Trouble};
use crate::terminal::{self, Terminal};
use crate::witnessing::server;
use crate::witnessing::state::Witness;
use clap::Args;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::keyfile::{self, Purpose};
use habeas_ledger::note::VerifierKey;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Who the witness is, what it remembers, whom it watches.
#[derive(Debug, Args)]
struct Post {
    /// The witness's key file (`habeas witness key`).
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
    /// What the witness remembers: an SQLite file, made if it is not there. Never restore an old copy of it.
    #[arg(long, value_name = "FILE")]
    memory: PathBuf,
    /// Key of a log to watch; may be repeated.
    #[arg(long, value_name = "KEY")]
    log: Vec<String>,
    /// Policy file whose logs are watched.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Post {
    fn open(&self) -> Result<Witness, Trouble> {
        let mut logs = Vec::new();
        for key in &self.log {
            logs.push(VerifierKey::parse(key).map_err(|error| Trouble::Input(format!("--log: {error}")))?);
        }
        if let Some(path) = &self.policy {
            logs.extend(crate::verbs::verify::read_policy(path)?.logs().iter().map(|log| log.key.clone()));
        }
        if logs.is_empty() {
            return Err(Trouble::Input("no log to watch: give --log KEY, or --policy FILE with `log` lines".to_owned()));
        }
        let named = |error| Trouble::Input(format!("{}: {error}", self.key.display()));
        let text = std::fs::read_to_string(&self.key).map_err(|error| Trouble::reading(&self.key, &error))?;
        let keys = keyfile::decode(&text, &self.passphrase.read()?).map_err(named)?;
        let stored = keys.iter().find(|key| key.purpose == Purpose::Witness);
        let Some(stored) = stored else { return Err(Trouble::Input(format!("{} holds no witness's key", self.key.display()))) };
        let key = CosignerKey::from_seed(&stored.name, &stored.secret).map_err(named)?;
        Witness::open(&self.memory, key, logs)
    }
}

/// Answer logs over HTTP until stopped.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    post: Post,
    /// Address to answer on. Put TLS before it, or leave it inside.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7392")]
    listen: SocketAddr,
}

impl Serve {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let witness = self.post.open()?;
        terminal.note(&format!("witness {}", witness.verifier()));
        server::serve(witness, self.listen, |address| terminal.note(&format!("answering on http://{address}/add-checkpoint")))?;
        Ok(Outcome::Clean)
    }
}

/// Answer one request from a file.
#[derive(Debug, Args)]
pub struct Answer {
    /// The request, as `habeas witness ask --request` wrote it.
    #[arg(value_name = "FILE")]
    request: PathBuf,
    #[command(flatten)]
    post: Post,
}

impl Answer {
    pub(super) fn run(&self) -> Result<Outcome, Trouble> {
        let body = std::fs::read(&self.request).map_err(|error| Trouble::reading(&self.request, &error))?;
        let answer = self.post.open()?.answer(&body, server::now())?;
        if answer.status() == 200 {
            terminal::print(answer.body().as_bytes())?;
            return Ok(Outcome::Clean);
        }
        terminal::print(format!("not cosigned ({}): {}", answer.status(), answer.body()).as_bytes())?;
        Ok(Outcome::Found)
    }
}
