//! `habeas admin erase`: destroys the keys of a record's part by order.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_ledger::leaf::Class;
use habeas_register::{Actor, Erasure};

const EXAMPLES: &str = "Example:
  habeas admin erase --data ./station --subject custody:C1 --class medical --ground 'retention 5 years' \\
      --approved-by officer:17 --approved-by ombudsman:2

Refused while a hold is on the record. The entries stay in the log; what was erased cannot be opened again by anybody.";

/// Erase a class of a record for good: an order in the log, approved by two, then the keys and the sealed parts are destroyed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Erase {
    #[command(flatten)]
    data: Data,
    /// Whose record: CLASS:ID.
    #[arg(long, value_name = "CLASS:ID")]
    subject: String,
    /// What to erase: public, custody, identity, medical or privileged; may be repeated.
    #[arg(long, value_name = "CLASS", required = true)]
    class: Vec<String>,
    /// Legal ground, as it will stand in the log.
    #[arg(long, value_name = "TEXT")]
    ground: String,
    /// Who approved it: two different persons.
    #[arg(long, value_name = "ID", required = true)]
    approved_by: Vec<String>,
}

impl Erase {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (class, id) =
            self.subject.split_once(':').ok_or_else(|| Trouble::Input("--subject is CLASS:ID, such as custody:C1".to_owned()))?;
        let classes = self.class.iter().map(|word| Class::from_word(word).ok_or_else(|| Trouble::Input(format!("`{word}` is no class"))));
        let erasure = Erasure {
            subject: (class.to_owned(), id.to_owned()),
            classes: classes.collect::<Result<_, _>>()?,
            ground: self.ground.clone(),
            approved_by: self.approved_by.clone(),
        };
        let (_, register) = registers::open(&self.data)?;
        let done = register.erase(&erasure, &Actor::named("operator"), registers::now()).map_err(registers::trouble)?;
        terminal.note("destroy the backups of `keys.db` that still hold these keys");
        terminal::print(format!("erased {} parts by order {}\n", done.parts, done.order.index).as_bytes())?;
        Ok(Outcome::Clean)
    }
}
