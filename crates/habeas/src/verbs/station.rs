//! `habeas station …`: logs of stations that work without a line, and their centre.

use crate::outcome::{Outcome, Trouble};
use crate::registers::now;
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use crate::witnessing::centre;
use crate::witnessing::handing::{self, Unsent};
use clap::{Args, Subcommand};
use habeas_ledger::note::VerifierKey;
use habeas_register::folder::DataFolder;
use habeas_register::stations::{Answer, Stations};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "Examples:
  habeas station key --data ./centre
  habeas station send --data ./station
  habeas station pack --data ./station --out stick/0412.parcel
  habeas station take stick/*.parcel --data ./centre
  habeas station answered stick/0412.parcel.answer --data ./station
  habeas station list --data ./centre

The station's habeas.toml names its centre ([centre] with `key`, and `url` where there is a line), the centre's names its stations
(stations = [\"KEY\", …]). A desk that serves does all of it by itself; these verbs are for registers that no desk serves.

Exit status: 0 handed over; 1 a second history was found (evidence is written); 2 bad usage or a parcel that proves nothing;
3 no line, or trouble with the machine: nothing is lost, send again; 4 something waits for an earlier parcel.";

/// Hand a station's log to its centre, over a line or on a stick; take it there.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Verb {
    /// The centre: print the key by which it countersigns, for its stations' settings and for policies.
    Key(Of),
    /// The station: hand over what the centre does not have, over the line.
    Send(Of),
    /// The station: write what the centre does not have to a file, for a stick.
    Pack(Pack),
    /// The centre: take parcels from files, in any order; writes FILE.answer beside each.
    Take(Take),
    /// The station: keep what the centre answered to a parcel.
    Answered(Answered),
    /// The centre: its stations, how far it has them, and evidence of second histories.
    List(Of),
}

/// A register, and nothing more.
#[derive(Debug, Args)]
pub struct Of {
    #[command(flatten)]
    data: Data,
}

/// Write a parcel to a file.
#[derive(Debug, Args)]
pub struct Pack {
    #[command(flatten)]
    data: Data,
    /// Begin after this many entries [default: what the centre has, as it said last]
    #[arg(long, value_name = "SIZE")]
    from: Option<u64>,
    /// Where to write it; further parcels get numbers.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Take parcels from files.
#[derive(Debug, Args)]
pub struct Take {
    /// Parcels, in any order.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    data: Data,
}

/// Keep the centre's answer.
#[derive(Debug, Args)]
pub struct Answered {
    /// The answer, as `habeas station take` wrote it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: Data,
}

impl Verb {
    /// Does what the verb says.
    ///
    /// # Errors
    /// As each verb says.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        match self {
            Verb::Key(of) => key(of),
            Verb::Send(of) => send(of, terminal),
            Verb::Pack(pack) => pack.run(terminal),
            Verb::Take(take) => take.run(terminal),
            Verb::Answered(answered) => answered.run(terminal),
            Verb::List(of) => list(of),
        }
    }
}

/// The centre that a station's settings name.
///
/// # Errors
/// Settings without one, or a key that is none.
pub fn centre_of(folder: &DataFolder) -> Result<(Option<String>, VerifierKey), Trouble> {
    let file = folder.path().join("habeas.toml").display().to_string();
    let centre = folder.settings().centre.as_ref();
    let centre =
        centre.ok_or_else(|| Trouble::Input(format!("{file} names no centre: add [centre] with `key`, and `url` if there is a line")))?;
    let key = VerifierKey::parse(&centre.key).map_err(|error| Trouble::Input(format!("{file}: [centre] key: {error}")))?;
    Ok((centre.url.clone(), key))
}

fn key(of: &Of) -> Result<Outcome, Trouble> {
    let passphrase = of.data.passphrase.read()?;
    let cosigner = registers::find(&of.data.data)?.cosigner(passphrase.as_ref().map(|text| text.as_str()))?;
    terminal::print(format!("{}\n", cosigner.verifier()).as_bytes())?;
    Ok(Outcome::Clean)
}

fn send(of: &Of, terminal: Terminal) -> Result<Outcome, Trouble> {
    let (folder, register) = registers::open(&of.data)?;
    let (url, key) = centre_of(&folder)?;
    let url = url.ok_or_else(|| Trouble::Input("[centre] has no `url`: without a line use `habeas station pack`".to_owned()))?;
    match handing::hand_over(&register, &url, &key) {
        Ok(size) => {
            terminal::print(format!("the centre has {size} entries of {}\n", register.origin()).as_bytes())?;
            Ok(Outcome::Clean)
        }
        Err(Unsent::Forked { evidence }) => {
            let path = folder.path().join("second-history.evidence");
            std::fs::write(&path, evidence).map_err(|error| Trouble::writing(&path.display().to_string(), &error))?;
            terminal.complain(&format!("the centre holds another history of this log, signed with the same key: {}", path.display()));
            Ok(Outcome::Found)
        }
        Err(Unsent::Refused { status, why }) => Err(Trouble::Input(format!("the centre refuses ({status}): {why}"))),
        Err(error @ (Unsent::Line(_) | Unsent::Behind { .. })) => Err(Trouble::Machine(format!("{error}; nothing is lost"))),
        Err(Unsent::Register(error)) => Err(registers::trouble(error)),
    }
}

impl Pack {
    fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (_, register) = registers::open_reading(&self.data)?;
        let mut from = self.from.map_or_else(|| register.handed_over(), Ok)?;
        let mut written = 0;
        while let Some(parcel) = register.parcel(from)? {
            let path = if written == 0 { self.out.clone() } else { self.out.with_extension(format!("{written}.parcel")) };
            let bytes = parcel.to_bytes().map_err(|error| Trouble::Machine(error.to_string()))?;
            std::fs::write(&path, bytes).map_err(|error| Trouble::writing(&path.display().to_string(), &error))?;
            terminal::print(format!("{}: entries {from} to {}\n", path.display(), from + parcel.entries.len() as u64 - 1).as_bytes())?;
            from += parcel.entries.len() as u64;
            written += 1;
        }
        if written == 0 {
            terminal.note(&format!("the centre has all {from} entries"));
        }
        Ok(Outcome::Clean)
    }
}

fn stations(data: &Data) -> Result<Stations, Trouble> {
    let (folder, register) = registers::open(data)?;
    let passphrase = data.passphrase.read()?;
    let stations = centre::stations(&folder, &register, passphrase.as_ref().map(|text| text.as_str()))?;
    let file = folder.path().join("habeas.toml");
    stations.ok_or_else(|| Trouble::Input(format!("{} names no stations: add stations = [\"KEY\"]", file.display())))
}

impl Take {
    fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let stations = stations(&self.data)?;
        let mut worst = Outcome::Clean;
        for file in &self.files {
            let bytes = std::fs::read(file).map_err(|error| Trouble::reading(file, &error))?;
            let answer = stations.take(&bytes, now()).map_err(|error| Trouble::Input(format!("{}: {error}", file.display())))?;
            let told = match &answer {
                Answer::Taken { size, .. } => format!("taken; the centre has {size} entries"),
                Answer::Ahead { size } => {
                    worst = if worst == Outcome::Clean { Outcome::Incomplete } else { worst };
                    format!("waits: the centre has {size} entries, and the parcel begins later")
                }
                Answer::Forked { .. } => {
                    worst = Outcome::Found;
                    "A SECOND HISTORY, signed with the same key; the evidence is kept".to_owned()
                }
            };
            terminal::print(format!("{}: {told}\n", file.display()).as_bytes())?;
            write_answer(file, &answer)?;
        }
        if worst == Outcome::Incomplete && stations.list()?.iter().all(|station| station.waiting == 0) {
            terminal.note("what waited has been taken since");
            worst = Outcome::Clean;
        }
        Ok(worst)
    }
}

fn write_answer(file: &Path, answer: &Answer) -> Result<(), Trouble> {
    let mut name = file.as_os_str().to_owned();
    name.push(".answer");
    let path = PathBuf::from(name);
    let text = serde_json::to_string(answer).map_err(|error| Trouble::Machine(error.to_string()))?;
    std::fs::write(&path, text).map_err(|error| Trouble::writing(&path.display().to_string(), &error))
}

impl Answered {
    fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let text = std::fs::read_to_string(&self.file).map_err(|error| Trouble::reading(&self.file, &error))?;
        let answer = serde_json::from_str(&text);
        let answer = answer.map_err(|error| Trouble::Input(format!("{}: no answer of a centre: {error}", self.file.display())))?;
        let (folder, register) = registers::open(&self.data)?;
        let (_, key) = centre_of(&folder)?;
        match answer {
            Answer::Taken { size, checkpoint, centre } => {
                register.keep_answer(size, &checkpoint, &centre, &key, now())?;
                terminal::print(format!("the centre has {size} entries of {}\n", register.origin()).as_bytes())?;
                Ok(Outcome::Clean)
            }
            Answer::Ahead { size } => {
                terminal.note(&format!("the centre has {size} entries and waits for the parcel that begins there: --from {size}"));
                Ok(Outcome::Incomplete)
            }
            Answer::Forked { evidence } => {
                terminal::print(evidence.as_bytes())?;
                Ok(Outcome::Found)
            }
        }
    }
}

fn list(of: &Of) -> Result<Outcome, Trouble> {
    let known = stations(&of.data)?.list()?;
    let mut out = String::new();
    for station in &known {
        let heard = station.heard_at.and_then(|at| jiff::Timestamp::from_microsecond(at.0).ok());
        let heard = heard.map_or_else(|| "never heard".to_owned(), |at| format!("heard {at}"));
        let _ = writeln!(out, "{:<40} {:>10} entries   {heard}", station.origin, station.size);
        if station.waiting > 0 {
            let _ = writeln!(out, "    {} parcels wait for an earlier one", station.waiting);
        }
        for fork in &station.forks {
            let _ = writeln!(out, "    SECOND HISTORY   {}", fork.display());
        }
    }
    terminal::print(out.as_bytes())?;
    Ok(if known.iter().any(|station| !station.forks.is_empty()) { Outcome::Found } else { Outcome::Clean })
}
