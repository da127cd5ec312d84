//! `habeas serve`: the desk over a data folder.

use crate::clockwork::Clockwork;
use crate::notifying;
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::people;
use crate::registers::{self, Data};
use crate::serving::{self, Station};
use crate::terminal::{self, Terminal};
use crate::witnessing::centre;
use clap::Args;
use habeas_desk::Desk;
use habeas_register::folder::DataFolder;
use std::net::SocketAddr;
use std::sync::Arc;

const EXAMPLE: &str = "Examples:
  HABEAS_PASSPHRASE=… habeas serve --data /srv/sahil --codebook aze --origin sahil.example/2026 \\
    --account 'officer:1042=L. Maren=custody officer=Sahil station'

  habeas serve --data /srv/sahil --database postgresql://habeas@db.example/sahil

With --database the entries are in PostgreSQL; keys, accounts and `last.note` stay in the folder.
A new data folder gets its keys under the passphrase. --account adds a person, or changes one, and prints a one-time link.";

/// Serve the desk and its API over a register, in a folder or on PostgreSQL.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Serve {
    /// The register, its keys and its accounts; made if it is not there.
    #[command(flatten)]
    data: Data,
    /// The codebook in force: a folder, or a pack inside this program [default: the pack with most rules].
    #[arg(long, value_name = "PACK")]
    codebook: Option<String>,
    /// Name of the log, for a new folder.
    #[arg(long, value_name = "NAME", default_value = "habeas.local/log")]
    origin: String,
    /// Address to answer on. Put TLS before it, or leave it on a loopback address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7391")]
    listen: SocketAddr,
    /// TLS stands before it: cookies are for TLS only.
    #[arg(long)]
    secure: bool,
    /// Somebody who may sign in: ID=NAME=ROLE,ROLE=PLACE,PLACE. May be repeated.
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,
}

impl Serve {
    /// Serves until stopped.
    ///
    /// # Errors
    /// A codebook with errors, a wrong passphrase, an account with roles that exclude each other, an address that cannot be bound.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        serving::with_few_heaps();
        let listener = serving::bind(self.listen)?;
        let passphrase = self.data.passphrase.read()?;
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        let folder = self.folder(passphrase, terminal)?;
        let codebook = Arc::new(match &self.codebook {
            Some(name) => packs::codebook(name, terminal)?,
            None => folder.codebook()?,
        });
        let station =
            Station::open_at(registers::place(&folder, self.data.database.as_deref())?, &codebook, folder.keys(passphrase)?, false)?;
        let accounts = self.account.iter().map(|text| people::account(text)).collect::<Result<Vec<_>, _>>()?;
        for account in &accounts {
            people::refuse_incompatible(station.authority.access(), account)?;
            people::enter(&station.accounts, account.clone())?;
        }
        let routes = notifying::routes(&folder, &codebook)?;
        let mut clockwork = Clockwork::default();
        clockwork.watch(&station.register, routes, terminal)?;
        clockwork.hand_over(&station.register, &folder, terminal)?;
        clockwork.show_to_witnesses(&station.register, &folder, terminal)?;
        let desk = station.desk(self.secure, people::ways(&folder)?);
        try_provider(&desk, &folder, terminal);
        let stations = centre::stations(&folder, &station.register, passphrase)?;
        serving::serve(&desk, stations.map_or_else(axum::Router::new, centre::routes), listener, |address| {
            terminal.note(&format!("the desk answers on http://{address}/"));
            if station.accounts.all().is_ok_and(|all| all.is_empty()) {
                terminal.note("nobody may sign in yet: `habeas admin account` enters somebody and gives them a link");
            }
            let desk = folder.settings().desk.address.clone().unwrap_or_else(|| format!("http://{address}"));
            for account in &accounts {
                if let Ok(link) = people::link(&station.accounts, &account.id, &desk, registers::now()) {
                    // Whoever closed our output does not want the link.
                    let _ = terminal::print(format!("{}  {link}\n", account.name).as_bytes());
                }
            }
        })?;
        Ok(Outcome::Clean)
    }
}

/// Asks the provider of identities whether it is there, and says if not. A station is served all the same: who signs in by a key, a
/// password or a link does not need it, and it is asked anew at each sign-in.
fn try_provider(desk: &Desk, folder: &DataFolder, terminal: Terminal) {
    let (desk, file) = (desk.clone(), folder.path().join("habeas.toml"));
    std::thread::spawn(move || {
        if let Err(why) = desk.ways.try_provider() {
            let then = "the desk is served without it, and asks it anew at each sign-in";
            terminal.note(&format!("{}: desk.{why}; {then}", file.display()));
        }
    });
}

impl Serve {
    /// The data folder; made with fresh keys if it is not there.
    fn folder(&self, passphrase: Option<&str>, terminal: Terminal) -> Result<DataFolder, Trouble> {
        if DataFolder::is_one(&self.data.data) {
            return registers::find(&self.data.data);
        }
        let codebook = match &self.codebook {
            Some(name) => packs::codebook(name, terminal)?,
            None => packs::with_most_rules()?,
        };
        let pack = self.codebook.as_ref().unwrap_or(&codebook.id);
        let folder = registers::create(&self.data, pack, &codebook, &self.origin, passphrase, &[])?;
        if folder.has_own_passphrase() {
            terminal.note("no passphrase was given: one was drawn and stands beside the keys; `habeas admin doctor` says how to part them");
        }
        Ok(folder)
    }
}
