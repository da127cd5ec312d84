//! `habeas admin sweep`: notices what has fallen due, for a register that no desk serves.

use crate::notifying;
use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_register::delivery::Route;
use habeas_register::outbox::ToFile;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  habeas admin sweep --data ./station
  habeas admin sweep --data ./station --notices ./notices.jsonl

Notices go to whom [notices] of habeas.toml names, and to the file. Run it as often as you like: each breach is told once, also after days
without a run. Exit status: 0 all sent; 1 somebody was not reached and will be tried again at a later run.";

/// Judge again what time has moved, and send the notices that wait.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Sweep {
    #[command(flatten)]
    data: Data,
    /// Append the notices that wait to this file, one object a line.
    #[arg(long, value_name = "FILE")]
    notices: Option<PathBuf>,
}

impl Sweep {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (folder, register) = registers::open(&self.data)?;
        let judged = register.sweep(registers::now()).map_err(registers::trouble)?;
        let mut routes = notifying::routes(&folder, register.codebook())?;
        routes.extend(self.notices.iter().map(|path| Route {
            name: format!("file {}", path.display()).replace('/', "\\"),
            tell: Vec::new(),
            way: Box::new(ToFile(path.clone())),
        }));
        let (mut sent, mut failed) = (0, Vec::new());
        loop {
            let delivered = register.deliver(&routes, registers::now()).map_err(registers::trouble)?;
            sent += delivered.sent;
            failed.extend(delivered.failed);
            if delivered.sent == 0 {
                break;
            }
        }
        for (name, why) in &failed {
            terminal.complain(&format!("`{name}` was not reached and will be tried again at a later run: {why}"));
        }
        terminal::print(format!("{judged} records judged again, {sent} notices sent\n").as_bytes())?;
        Ok(if failed.is_empty() { Outcome::Clean } else { Outcome::Found })
    }
}
