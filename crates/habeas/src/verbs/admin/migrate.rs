//! `habeas admin migrate`: a register from its folder into a database of PostgreSQL, or back.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_register::{Place, move_register};

const EXAMPLES: &str = "Examples:
  habeas admin migrate --data ./station --to postgresql://habeas@db.example/custody
  habeas admin migrate --data ./station --to folder

Stop whatever serves the register first. Every row is copied, read again from the new place and compared, each entry with its hash and
the tree with its edge, before the new place counts. The old one stays as it was and takes no more entries. Keys, accounts and
`last.note` stay in the folder, which knows from then on where its entries are.

Exit status: 0 moved; 2 it is there already; 3 trouble with the machine: then nothing was moved.";

/// Move a register between its folder and a database of PostgreSQL.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Migrate {
    #[command(flatten)]
    data: Data,
    /// Where to: the address of a database without a register in it, or `folder`.
    #[arg(long, value_name = "URL|folder", value_parser = target)]
    to: String,
}

fn target(text: &str) -> Result<String, String> {
    if text == "folder" { Ok(text.to_owned()) } else { registers::database_url(text).map_err(|why| format!("{why}, or `folder`")) }
}

impl Migrate {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let mut folder = registers::find(&self.data.data)?;
        let from = registers::place(&folder, self.data.database.as_deref())?;
        let path = folder.path().to_owned();
        let to = match self.to.as_str() {
            "folder" => Place::Sqlite(path),
            url => Place::Postgres { url: registers::with_password(url), folder: path },
        };
        if from == to {
            return Err(Trouble::Input(format!("the entries are in {to} already")));
        }
        let bar = terminal.bar(0, "rows");
        let moved = move_register(&from, &to, &mut |rows| {
            bar.set_length(rows);
            bar.set_position(rows);
        });
        bar.finish_and_clear();
        let moved = moved.map_err(registers::trouble)?;
        let database = (self.to != "folder").then_some(self.to.as_str());
        folder.keep_entries_in(database).map_err(registers::trouble)?;
        terminal.note(&format!("the old place ({from}) takes no more entries; delete it when you have a backup of the new one"));
        terminal::print(format!("{} entries, {} rows moved to {to}\n", moved.entries, moved.rows).as_bytes())?;
        Ok(Outcome::Clean)
    }
}
