//! `habeas demo`: the fictional State of Arvenia in a fresh folder, served with its clocks running.

use crate::clockwork::Clockwork;
use crate::demo::{State, Told, tell};
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::serving::{self, Station};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_desk::Account;
use habeas_register::{Actor, Draft, Query, Register, draft};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the sign-in links last: a day, in microseconds.
const LINK: i64 = 24 * 3600 * 1_000_000;
/// Rows that `--once` prints of each list.
const SHOWN: u32 = 1_000;

/// Make a fictional State with people in custody and serve its desk.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  habeas demo\n  habeas demo --once")]
pub struct Demo {
    /// Folder for the register, which must be empty or not there [default: a new one among the temporary files].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address to answer on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7391")]
    listen: SocketAddr,
    /// Print the board and the breaches, and exit.
    #[arg(long)]
    once: bool,
}

impl Demo {
    /// Makes the State and serves it.
    ///
    /// # Errors
    /// A folder that is not empty, an address that cannot be bound.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let folder = self.folder()?;
        let state = State::read()?;
        let codebook = Arc::new(packs::codebook(&state.codebook, terminal)?);
        let keys = serving::fresh_keys(&state.origin)?;
        let now = serving::now();
        let told = tell(&state, &codebook, now)?;
        let (past, future): (Vec<Told>, Vec<Told>) = told.into_iter().partition(|told| told.recorded_at.0 <= now.0);
        terminal.note(&format!("making {}: {} people, {} entries, in {}", state.origin, state.people.len(), past.len(), folder.display()));
        // What lies before is the operator's own import; from then on every entry is asked what its author may.
        let station = Station::open(&folder, &codebook, serving::keys(&keys)?, true)?;
        lived(&station.register, &state, &past, terminal)?;
        station.register.sweep(now)?;
        drop(station);
        let station = Station::open(&folder, &codebook, serving::keys(&keys)?, false)?;
        if self.once {
            return once(&station.register, &codebook, now);
        }
        let accounts = accounts(&state);
        for account in &accounts {
            station.accounts.put(account)?;
        }
        let (register, users) = (station.register.clone(), actors(&state));
        std::thread::spawn(move || live(&register, &users, future));
        let mut clockwork = Clockwork::default();
        clockwork.watch(&station.register, Vec::new(), terminal)?;
        serving::serve(&station.desk(false), self.listen, |address| links(&station, &accounts, address))?;
        Ok(Outcome::Clean)
    }

    fn folder(&self) -> Result<PathBuf, Trouble> {
        let folder = self.data.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("habeas-demo-{}", std::process::id())));
        let is_empty = |folder: &Path| std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        if is_empty(&folder) {
            Ok(folder)
        } else {
            Err(Trouble::Input(format!("{} is not empty; the demo wants a fresh folder", folder.display())))
        }
    }
}

/// Everybody who signs in, one account each.
fn accounts(state: &State) -> Vec<Account> {
    let account = |user: &crate::demo::written::User| Account {
        id: user.id.clone(),
        name: user.name.clone(),
        roles: user.roles.clone(),
        places: user.at.iter().cloned().collect(),
        ..Account::default()
    };
    state.users.iter().map(account).collect()
}

fn actors(state: &State) -> BTreeMap<String, Actor> {
    let actor = |account: Account| (account.id.clone(), Actor { id: account.id, roles: account.roles, places: account.places });
    accounts(state).into_iter().map(actor).collect()
}

fn drafted(told: &Told) -> Draft {
    let subjects: Vec<(&str, &str)> = told.subject.iter().map(|(class, id)| (class.as_str(), id.as_str())).collect();
    let mut drafted = Draft::new(&told.id, &told.kind, draft::exactly(told.at), &subjects);
    drafted.fields = told.fields.clone();
    drafted.late_reason = told.late_reason.clone();
    drafted
}

/// Enters what lies before, each entry as of the moment it was made.
fn lived(register: &Register, state: &State, past: &[Told], terminal: Terminal) -> Result<(), Trouble> {
    let users = actors(state);
    for told in past {
        let actor = users.get(&told.by).cloned().unwrap_or_else(|| Actor::named(&told.by));
        if let Err(refusal) = register.append(drafted(told), &actor, told.recorded_at) {
            terminal.note(&format!("{} `{}`: {refusal}", told.id, told.kind));
        }
    }
    Ok(())
}

/// Enters what is still to come, when it comes.
#[expect(clippy::disallowed_methods, reason = "the stream of the demo is the one thing that waits for its time")]
fn live(register: &Register, users: &BTreeMap<String, Actor>, future: Vec<Told>) {
    for told in future {
        let wait = told.recorded_at.0 - serving::now().0;
        if let Ok(micros) = u64::try_from(wait) {
            std::thread::sleep(Duration::from_micros(micros));
        }
        let actor = users.get(&told.by).cloned().unwrap_or_else(|| Actor::named(&told.by));
        // An author whom the codebook refuses is refused here as at the desk: the stream goes on.
        let _ = register.append(drafted(&told), &actor, serving::now());
    }
}

/// One link for each role, the first who has it.
fn links(station: &Station, accounts: &[Account], address: SocketAddr) {
    let mut seen: Vec<&str> = Vec::new();
    let mut lines = format!("The desk of the fictional State of Arvenia: http://{address}/\n\nOne-time links, one for each role:\n");
    for account in accounts {
        let Some(role) = account.roles.iter().find(|role| !seen.contains(&role.as_str())) else { continue };
        seen.extend(account.roles.iter().map(String::as_str));
        if let Ok(link) = station.accounts.make_link(&account.id, Moment(serving::now().0 + LINK)) {
            let place = account.places.first().map_or("", String::as_str);
            lines.push_str(&format!("  {role:24} http://{address}/sign-in/{link}  {}, {place}\n", account.name));
        }
    }
    // Whoever closed our output does not want the links.
    let _ = terminal::print(lines.as_bytes());
}

/// The board and the breaches, as text.
fn once(register: &Register, codebook: &Codebook, now: Moment) -> Result<Outcome, Trouble> {
    let stamp = |moment: Option<Moment>| {
        moment.map_or_else(
            || "-".to_owned(),
            |moment| codebook.almanac.zone.to_datetime(moment.timestamp()).strftime("%Y-%m-%d %H:%M").to_string(),
        )
    };
    let mut text = String::new();
    for life in register.subjects_open("custody", None, None, SHOWN)? {
        let query = Query { subject: Some(life.subject.clone()), ..Query::default() };
        let verdicts = register.verdicts(&query, now)?;
        let due = verdicts.iter().filter(|verdict| verdict.verdict == "pending" && verdict.due_at.is_some()).min_by_key(|one| one.due_at);
        let place = life.place.clone().unwrap_or_default();
        let owed = due.map(|verdict| format!("{} by {}", verdict.rule.clone().unwrap_or_default(), stamp(verdict.due_at)));
        text.push_str(&format!("{:12} {place:28} {}\n", life.subject.1, owed.unwrap_or_else(|| "-".to_owned())));
    }
    text.push('\n');
    let breached = register.verdicts(&Query { state: Some("breached".to_owned()), limit: SHOWN, ..Query::default() }, now)?;
    for verdict in &breached {
        let (rule, since) = (verdict.rule.clone().unwrap_or_default(), stamp(verdict.since));
        text.push_str(&format!("breached  {rule:36} {:12} since {since}\n", verdict.subject.1));
    }
    text.push_str(&format!("\n{} breaches\n", breached.len()));
    terminal::print(text.as_bytes())?;
    Ok(if breached.is_empty() { Outcome::Clean } else { Outcome::Found })
}
