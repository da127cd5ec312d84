//! `habeas admin sweep`: notices what has fallen due, for a register that no desk serves.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal;
use clap::Args;
use habeas_register::outbox::{ToFile, Way};
use std::path::PathBuf;

const EXAMPLES: &str = "Example:
  habeas admin sweep --data ./station --notices ./notices.jsonl

Run it as often as you like: each breach is told once, also after days without a run.";

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
    pub(super) fn run(&self) -> Result<Outcome, Trouble> {
        let (_, register) = registers::open(&self.data)?;
        let judged = register.sweep(registers::now()).map_err(registers::trouble)?;
        let ways: Vec<Box<dyn Way>> = self.notices.iter().map(|path| Box::new(ToFile(path.clone())) as Box<dyn Way>).collect();
        let mut sent = 0;
        if !ways.is_empty() {
            loop {
                let delivered = register.deliver(&ways, registers::now()).map_err(registers::trouble)?;
                sent += delivered.sent;
                if let Some(why) = delivered.failed.first() {
                    return Err(Trouble::Machine(format!("{} notices could not be sent: {why}", delivered.failed.len())));
                }
                if delivered.sent == 0 {
                    break;
                }
            }
        }
        terminal::print(format!("{judged} records judged again, {sent} notices sent\n").as_bytes())?;
        Ok(Outcome::Clean)
    }
}
