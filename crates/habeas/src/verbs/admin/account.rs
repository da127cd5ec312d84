//! `habeas admin account`: who may sign in to the desk. What they record stays theirs, whatever becomes of the account.

use crate::outcome::{Outcome, Trouble};
use crate::people;
use crate::registers;
use crate::terminal::{self, Terminal};
use clap::{Args, Subcommand};
use habeas_access::Access;
use habeas_desk::accounts::{Step, Way};
use habeas_desk::{Account as Person, Accounts};
use habeas_register::folder::DataFolder;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  habeas admin account --data ./station put 'officer:1042=L. Maren=custody officer=Sahil station'
  habeas admin account --data ./station link officer:1042
  habeas admin account --data ./station known-as officer:1042 248289761001
  habeas admin account --data ./station trail officer:1042
  habeas admin account --data ./station shut officer:1042
  habeas admin account --data ./station list

A link works once, for 8 hours. Whoever follows it chooses a password with six-figure codes, or adds a key;
by another they choose a new one.
These work while the desk is served.";

/// Who may sign in to the desk: enter them, give them a link, take every way in away.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Account {
    /// The register's folder.
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the accounts: id, name, roles, places, whether they have a password, and how many keys.
    List,
    /// Enter somebody, or give them this name, these roles and places.
    Put {
        /// ID=NAME=ROLE,ROLE=PLACE,PLACE
        #[arg(value_name = "ACCOUNT")]
        account: String,
    },
    /// Print a link that signs somebody in once.
    Link {
        /// Id of the account.
        id: String,
        /// Address of the desk [default: `address` of `[desk]` in habeas.toml, else http://127.0.0.1:7391].
        #[arg(long, value_name = "URL")]
        desk: Option<String>,
    },
    /// Say by which name the provider of identities (`[desk.provider]` in habeas.toml) knows somebody.
    KnownAs {
        /// Id of the account.
        id: String,
        /// The provider's name for them: the value of its `claim`, else of `sub`.
        name: String,
    },
    /// List who came in by which way, who was refused and why, and which keys came and went, newest first.
    Trail {
        /// Id of an account [default: all, and those who are none].
        id: Option<String>,
        /// How many at most.
        #[arg(long, value_name = "NUMBER", default_value_t = 100)]
        most: u32,
    },
    /// Take away password, links, keys, names at the provider and sessions. The account and its entries stay.
    Shut {
        /// Id of the account.
        id: String,
    },
}

impl Account {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let folder = registers::find(&self.data)?;
        let accounts = Accounts::open(&self.data.join("accounts.db"))?;
        match &self.verb {
            Verb::List => list(&accounts)?,
            Verb::Put { account } => put(&folder, &accounts, account, terminal)?,
            Verb::Link { id, desk } => {
                known(&accounts, id)?;
                let said = desk.as_ref().or(folder.settings().desk.address.as_ref());
                let desk = said.map_or("http://127.0.0.1:7391", String::as_str);
                terminal::print(format!("{}\n", people::link(&accounts, id, desk, registers::now())?).as_bytes())?;
            }
            Verb::KnownAs { id, name } => {
                known(&accounts, id)?;
                let Some(provider) = &folder.settings().desk.provider else {
                    let file = self.data.join("habeas.toml").display().to_string();
                    return Err(Trouble::Input(format!("{file} names no provider of identities: add [desk.provider]")));
                };
                accounts.put_identity(&provider.issuer, name, id)?;
                accounts.trace(Some(id), Step::KnownAs, Way::Operator, name, registers::now())?;
                terminal.note(&format!("{} knows {id} as `{name}`", provider.name));
            }
            Verb::Trail { id, most } => {
                id.as_ref().map(|id| known(&accounts, id)).transpose()?;
                trail(&accounts, id.as_deref(), *most)?;
            }
            Verb::Shut { id } => {
                known(&accounts, id)?;
                accounts.shut(id)?;
                accounts.trace(Some(id), Step::Shut, Way::Operator, "", registers::now())?;
                terminal.note(&format!("{id} can no longer sign in; `link` lets them in again"));
            }
        }
        Ok(Outcome::Clean)
    }
}

fn known(accounts: &Accounts, id: &str) -> Result<Person, Trouble> {
    let unknown = || Trouble::Input(format!("there is no account `{id}`: `list` shows those there are, `put` enters one"));
    accounts.get(id)?.ok_or_else(unknown)
}

fn put(folder: &DataFolder, accounts: &Accounts, text: &str, terminal: Terminal) -> Result<(), Trouble> {
    let person = people::account(text)?;
    let access = Access::new(&folder.codebook()?).map_err(|error| Trouble::Input(error.to_string()))?;
    people::refuse_incompatible(&access, &person)?;
    let id = person.id.clone();
    people::enter(accounts, person)?;
    terminal.note(&format!("{id} is entered; `link` prints a link that signs them in once"));
    Ok(())
}

fn list(accounts: &Accounts) -> Result<(), Trouble> {
    let mut shown = String::new();
    for one in accounts.all()? {
        let password = if accounts.has_password(&one.id)? { "password" } else { "no password" };
        let line = [&one.id, &one.name, &one.roles.join(", "), &one.places.join(", ")].map(String::as_str).join("\t");
        shown += &format!("{line}\t{password}, {} keys\n", accounts.passkeys(&one.id)?.len());
    }
    let empty = "nobody may sign in yet: `put` enters somebody\n";
    terminal::print(if shown.is_empty() { empty } else { &shown }.as_bytes())
}

fn trail(accounts: &Accounts, id: Option<&str>, most: u32) -> Result<(), Trouble> {
    let mut shown = String::new();
    for trace in accounts.trail(id, most)? {
        let line = [trace.at.timestamp().to_string(), trace.account.unwrap_or_else(|| "-".to_owned()), trace.step, trace.way, trace.note]
            .join("\t");
        shown += &format!("{}\n", line.trim_end());
    }
    terminal::print(if shown.is_empty() { "nobody has come yet\n" } else { &shown }.as_bytes())
}
