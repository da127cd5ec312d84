//! `habeas admin`: the register as its operator sees it.

mod account;
mod backup;
mod doctor;
mod erase;
mod init;
mod keys;
mod migrate;
mod outbox;
mod rebuild;
mod receipt;
mod restore;
mod rotate;
mod sweep;
mod watched;

use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use clap::Subcommand;

/// Look after a register: make it, check it, back it up, make its projections again, erase by order.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a register: keys, codebook, empty log. Prints the key by which others verify it.
    Init(init::Init),
    /// Who may sign in to the desk: enter them, give them a link, take every way in away.
    Account(account::Account),
    /// Print the public keys of a register: of its log, and of the authority that opens each class.
    Keys(keys::Keys),
    /// Check an installation, and say how to mend what is wrong.
    Doctor(doctor::Doctor),
    /// Copy a register while it is in use. The copy is whole, can be verified, and opens nothing.
    Backup(backup::Backup),
    /// Move a register between its folder and a database of PostgreSQL.
    Migrate(migrate::Migrate),
    /// Drop indexes, subjects and verdicts, and make them again from the events.
    Rebuild(rebuild::Rebuild),
    /// Print the receipt of an entry: a C2SP tlog-proof, which shows no field.
    Receipt(receipt::Receipt),
    /// Change keys: the one that signs the log, or that of the authority that opens a class.
    Rotate(rotate::Rotate),
    /// Put a backup back, and find out what is missing; go on without it only as a declared new epoch.
    Restore(restore::Restore),
    /// Judge again what time has moved, and send the notices that wait.
    Sweep(sweep::Sweep),
    /// Erase a class of a record for good, by an order that two approved.
    Erase(erase::Erase),
}

impl Verb {
    /// Runs the verb.
    ///
    /// # Errors
    /// As each of them says.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        match self {
            Verb::Init(verb) => verb.run(terminal),
            Verb::Account(verb) => verb.run(terminal),
            Verb::Keys(verb) => verb.run(),
            Verb::Doctor(verb) => verb.run(),
            Verb::Backup(verb) => verb.run(terminal),
            Verb::Migrate(verb) => verb.run(terminal),
            Verb::Rebuild(verb) => verb.run(terminal),
            Verb::Receipt(verb) => verb.run(),
            Verb::Rotate(verb) => verb.run(terminal),
            Verb::Restore(verb) => verb.run(terminal),
            Verb::Sweep(verb) => verb.run(terminal),
            Verb::Erase(verb) => verb.run(terminal),
        }
    }
}
