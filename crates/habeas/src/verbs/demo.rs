//! `habeas demo`: the fictional State of Arvenia in a folder, served with its clocks running.

use crate::clockwork::Clockwork;
use crate::demo::{State, Told, tell};
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::registers;
use crate::serving::{self, Station};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_desk::Account;
use habeas_register::folder::DataFolder;
use habeas_register::{Actor, Draft, Everybody, Keys, Options, Query, Register, draft};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// How long the sign-in links last: a day, in microseconds.
const LINK: i64 = 24 * 3600 * 1_000_000;
/// Rows that `--once` prints of each list.
const SHOWN: u32 = 1_000;
/// Entries given to the register at once.
const AT_ONCE: usize = 512;
/// When the State was made, in its folder.
const BEGAN: &str = "demo-began";

const EXAMPLES: &str = "Examples:
  habeas demo                            # a fresh State, served on http://127.0.0.1:7391
  habeas demo --data arvenia             # kept: the same command goes on with it
  habeas demo --people 3 --listen 127.0.0.1:0
  habeas demo --once                     # board and breaches as text

It prints a sign-in link for each role, and one for a second person who has it. Ctrl-C stops it; everybody in it is invented.";

/// Make a fictional State with people in custody and serve its desk.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Folder of the State; one that an earlier demo left there goes on [default: a new one among the temporary files].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address to answer on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7391")]
    listen: SocketAddr,
    /// At most so many people in each place.
    #[arg(long, value_name = "NUMBER")]
    people: Option<usize>,
    /// Print the board and the breaches, and exit.
    #[arg(long)]
    once: bool,
}

impl Demo {
    /// Makes the State and serves it.
    ///
    /// # Errors
    /// A folder with something else in it, an address that cannot be bound.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        if !self.once {
            serving::with_few_heaps();
        }
        // Taken first: nobody waits for a State that cannot be served.
        let listener = if self.once { None } else { Some(serving::bind(self.listen)?) };
        let path = self.data.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("habeas-demo-{}", std::process::id())));
        let mut state = State::read()?;
        if let Some(most) = self.people {
            state.keep(most);
        }
        let codebook = Arc::new(packs::codebook(&state.codebook, terminal)?);
        let (folder, began) = folder(&path, &state, &codebook)?;
        let now = registers::now();
        let told = tell(&state, &codebook, began)?;
        let (past, future): (Vec<Told>, Vec<Told>) = told.into_iter().partition(|told| told.recorded_at.0 <= now.0);
        terminal.note(&format!("The State of Arvenia: {} people, {} entries, in {}", state.people.len(), past.len(), path.display()));
        let keys = folder.keys(None)?;
        lived(&path, &codebook, keys.clone(), &state, &past, terminal)?;
        let station = Station::open(&path, &codebook, keys, false)?;
        station.register.sweep(now)?;
        let Some(listener) = listener else { return once(&station.register, &codebook, now) };
        let accounts = accounts(&state);
        for account in &accounts {
            station.accounts.put(account)?;
        }
        let (register, users) = (station.register.clone(), actors(&state));
        let (stop, stopped) = mpsc::channel();
        let stream = std::thread::spawn(move || live(&register, &users, future, &stopped));
        let mut clockwork = Clockwork::default();
        clockwork.watch(&station.register, Vec::new(), terminal)?;
        serving::serve(&station.desk(false, Default::default()), axum::Router::new(), listener, |address| {
            links(&station, &accounts, address)
        })?;
        drop(stop);
        // A stream that panicked has said so; what it had entered stands.
        let _ = stream.join();
        terminal.note(&format!("Stopped. `habeas demo --data {}` goes on with this State.", path.display()));
        Ok(Outcome::Clean)
    }
}

/// The folder of the State, made or found, and the moment at which it began.
fn folder(path: &Path, state: &State, codebook: &Codebook) -> Result<(DataFolder, Moment), Trouble> {
    let mark = path.join(BEGAN);
    if DataFolder::is_one(path) {
        let text = std::fs::read_to_string(&mark);
        let began = text.ok().and_then(|text| text.trim().parse().ok());
        let strange = || Trouble::Input(format!("{} holds a register that no demo made; name another folder", path.display()));
        return Ok((registers::find(path)?, Moment(began.ok_or_else(strange)?)));
    }
    let folder = registers::create(&registers::Data::in_folder(path), &state.codebook, codebook, &state.origin, None, &[])?;
    let began = registers::now();
    std::fs::write(&mark, began.0.to_string()).map_err(|error| Trouble::writing(&mark.display().to_string(), &error))?;
    Ok((folder, began))
}

/// Everybody who signs in, one account each.
fn accounts(state: &State) -> Vec<Account> {
    let account = |user: &crate::demo::written::User| Account {
        id: user.id.clone(),
        name: user.name.clone(),
        roles: user.roles.clone(),
        places: user.at.iter().chain(&user.serves).cloned().collect(),
        ..Account::default()
    };
    state.users.iter().map(account).collect()
}

fn actors(state: &State) -> BTreeMap<String, Actor> {
    let actor = |account: Account| (account.id.clone(), Actor { id: account.id, roles: account.roles, places: account.places });
    accounts(state).into_iter().map(actor).collect()
}

/// The draft of an entry of the story.
#[must_use]
pub fn drafted(told: &Told) -> Draft {
    let subjects: Vec<(&str, &str)> = told.subject.iter().map(|(class, id)| (class.as_str(), id.as_str())).collect();
    let mut drafted = Draft::new(&told.id, &told.kind, draft::exactly(told.at), &subjects);
    drafted.fields = told.fields.clone();
    drafted.late_reason = told.late_reason.clone();
    drafted
}

/// Enters what lies before and is not there yet, each entry as of the moment it was made. It is the operator's own import: who enters is
/// not asked what they may.
fn lived(path: &Path, codebook: &Arc<Codebook>, keys: Keys, state: &State, past: &[Told], terminal: Terminal) -> Result<(), Trouble> {
    let register = Register::open(Options::in_folder(path, Arc::clone(codebook), keys, Arc::new(Everybody)))?;
    let users = actors(state);
    let bar = terminal.counting(past.len() as u64, "  living through the last weeks");
    for some in past.chunks(AT_ONCE) {
        let is_new = |told: &&Told| register.entry(&told.id).is_err();
        let new: Vec<&Told> = some.iter().filter(is_new).collect();
        let entry = |told: &&Told| (drafted(told), actor(&users, told), told.recorded_at);
        for (told, answer) in new.iter().zip(register.append_each(new.iter().map(entry).collect())?) {
            if let Err(refusal) = answer {
                bar.suspend(|| terminal.note(&format!("{} `{}`: {refusal}", told.id, told.kind)));
            }
        }
        bar.inc(some.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

fn actor(users: &BTreeMap<String, Actor>, told: &Told) -> Actor {
    users.get(&told.by).cloned().unwrap_or_else(|| Actor::named(&told.by))
}

/// Enters what is still to come, when it comes, until whoever holds the other end lets go of it.
fn live(register: &Register, users: &BTreeMap<String, Actor>, future: Vec<Told>, stopped: &Receiver<()>) {
    for told in future {
        let wait = u64::try_from(told.recorded_at.0 - registers::now().0).map_or(Duration::ZERO, Duration::from_micros);
        match stopped.recv_timeout(wait) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        // An author whom the codebook refuses is refused here as at the desk: the stream goes on.
        let _ = register.append(drafted(&told), &actor(users, &told), registers::now());
    }
}

/// One link for each role, the first who has it; and one for a second person, since some things are never done by one alone.
fn links(station: &Station, accounts: &[Account], address: SocketAddr) {
    let mut seen: Vec<&str> = Vec::new();
    let mut seconds: Vec<&str> = Vec::new();
    let mut lines = format!("The desk of the fictional State of Arvenia: http://{address}/\n\nOne-time links for each role:\n");
    for account in accounts {
        let first = account.roles.iter().find(|role| !seen.contains(&role.as_str()));
        let Some(role) = first.or_else(|| account.roles.iter().find(|role| !seconds.contains(&role.as_str()))) else { continue };
        let called = if first.is_some() {
            seen.extend(account.roles.iter().map(String::as_str));
            role.clone()
        } else {
            seconds.push(role);
            format!("{role} (second)")
        };
        if let Ok(link) = station.accounts.make_link(&account.id, Moment(registers::now().0 + LINK)) {
            let place = account.places.first().map_or("", String::as_str);
            lines.push_str(&format!("  {called:24} http://{address}/sign-in/{link}  {}, {place}\n", account.name));
        }
    }
    if let Some((reference, pin)) = slip(station, accounts) {
        lines.push_str(&format!("  {:24} http://{address}/relative  reference {reference}, PIN {pin}\n", "relative"));
    }
    lines.push_str(&format!("  {:24} http://{address}/verify  no sign-in: a receipt; /law, the law of the register\n", "anybody"));
    // Whoever closed our output does not want the links.
    let _ = terminal::print(lines.as_bytes());
}

/// A reference and a PIN, as an officer gives them to whom the person names: of the first person in custody.
fn slip(station: &Station, accounts: &[Account]) -> Option<(String, String)> {
    let custody = station.register.subjects_open("custody", None, None, 1).ok()?.into_iter().next()?;
    let slip = station.accounts.make_slip(&custody.subject.1, &accounts.first()?.id, registers::now()).ok()?;
    Some((slip.reference, slip.pin))
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
