//! `habeas admin rotate`: the key that signs the log, or that of an authority, changed for a new one.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_ledger::leaf::Class;
use habeas_register::rotation::Closed;
use std::fmt::Write as _;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  habeas admin rotate log --data ./station --statement succession.note
  habeas admin rotate medical privileged --data ./station

Stop whatever serves the register first. `log`: a new key signs the log; old and new key sign the change, it is entered, and the folder's
policy names both. Give the printed line to witnesses (a second --log), to whoever keeps a policy, and to the centre of a station; with
--statement they also get what the old key has signed. A class: every data key of it is wrapped for a new key of its authority; destroy
the old copies of `keys` and `keys.db`. Whatever stops it, run the same command again: it goes on where it was.

Exit status: 0 changed; 2 a class whose key is on another machine (change it there); 3 trouble with the machine.";

/// Change keys: the one that signs the log (`log`), or that of the authority that opens a class.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Rotate {
    /// `log`, or classes: public, custody, identity, medical, privileged.
    #[arg(value_name = "KEY", required = true, value_parser = key)]
    keys: Vec<Key>,
    /// Where to write the change of the log's key as both keys have signed it.
    #[arg(long, value_name = "FILE")]
    statement: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

/// A key that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Log,
    Of(Class),
}

fn key(word: &str) -> Result<Key, String> {
    let class = Class::from_word(word).map(Key::Of);
    let class = class.or_else(|| (word == "log").then_some(Key::Log));
    class.ok_or_else(|| "expected `log`, public, custody, identity, medical or privileged".to_owned())
}

impl Rotate {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let folder = registers::find(&self.data.data)?;
        let passphrase = self.data.passphrase.read()?;
        let place = registers::place(&folder, self.data.database.as_deref())?;
        let closed = Closed { folder: &folder, place, passphrase: passphrase.as_ref().map(|text| text.as_str()) };
        let mut told = |step: &str| {
            terminal.note(step);
            Ok(())
        };
        let mut out = String::new();
        for key in &self.keys {
            match key {
                Key::Log => {
                    let changed = closed.rotate_log(registers::now(), &mut told).map_err(registers::trouble)?;
                    if let Some(path) = &self.statement {
                        std::fs::write(path, &changed.note).map_err(|error| Trouble::writing(&path.display().to_string(), &error))?;
                    }
                    let _ = writeln!(out, "log      signed from {} entries on by\n{}", changed.signed, changed.new);
                }
                Key::Of(class) => {
                    let count = closed.rotate_authority(*class, registers::now(), &mut told).map_err(registers::trouble)?;
                    let _ = writeln!(out, "{:<8} {count} data keys wrapped for a new key", class.word());
                }
            }
        }
        terminal.note("destroy old copies of `keys` and `keys.db`: what they open, or sign, they still open and sign");
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
