//! `habeas verify log DIR|URL`: a log's tiles, ours or anybody's.

use super::{Believed, read, report};
use crate::outcome::{Outcome, Trouble};
use crate::places;
use crate::registers::{self, Passphrase};
use crate::terminal::Terminal;
use clap::Args;
use habeas_ledger::LedgerError;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::tiles::TileLog;
use habeas_ledger::verify::{self, StoredLog, Trust, Verdict};
use habeas_register::Place;
use habeas_register::folder::DataFolder;
use habeas_register::stations::kept_in;
use habeas_register::stored::StoredRegister;
use std::path::{Path, PathBuf};

/// Verify a whole log: every file, every entry, every checkpoint, every cosignature.
#[derive(Debug, Args)]
pub(super) struct Log {
    /// Folder of a register, folder with `checkpoint` and `tile/`, or the address of a log.
    #[arg(value_name = "DIR|DB|URL")]
    log: String,
    /// A checkpoint kept from an earlier visit: the log must have grown from it.
    #[arg(long, value_name = "NOTE")]
    since: Option<PathBuf>,
    /// Also tell when this entry was made, by the witnesses' clocks.
    #[arg(long, value_name = "INDEX")]
    entry: Option<u64>,
    /// Where to write the notes and findings that prove tampering [default: ORIGIN-INDEX.evidence here, when there are any]
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Also make everything derived again (indexes, subjects, verdicts) and compare it. Needs the keys, and room for temporary files.
    #[arg(long)]
    deep: bool,
    /// Of a database: the folder with its keys and its `last.note`.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    passphrase: Passphrase,
    #[command(flatten)]
    believed: Believed,
}

impl Log {
    pub(super) fn of(folder: &Path, believed: Believed) -> Self {
        let log = folder.to_string_lossy().into_owned();
        Log { log, since: None, entry: None, evidence: None, deep: false, data: None, passphrase: Passphrase::default(), believed }
    }

    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        if registers::is_database(&self.log) {
            let folder = self.data.clone().unwrap_or_default();
            return self.run_register(&Place::Postgres { url: registers::with_password(&self.log), folder }, terminal);
        }
        if let Some(folder) = register_folder(&self.log) {
            let place = match DataFolder::open(&folder) {
                Ok(folder) => registers::place(&folder, None)?,
                Err(_) => Place::Sqlite(folder),
            };
            return self.run_register(&place, terminal);
        }
        if self.deep {
            return Err(Trouble::Input("--deep compares what a register derives from its entries; a bare log derives nothing".to_owned()));
        }
        let policy = self.believed.policy()?;
        let place = places::Place::find(&self.log)?;
        let paths = place.paths()?;
        if !paths.iter().any(|path| path.starts_with("checkpoint") || path.starts_with("tile/")) {
            return Err(Trouble::Input(format!("`{}` is no log: it has neither `checkpoint` nor `tile/` (C2SP tlog-tiles)", self.log)));
        }
        let log = TileLog::new(&place, &paths, &policy).map_err(|error| self.machine(&error))?;
        self.verify(&log, &policy, self.evidence.clone(), terminal)
    }

    /// A register's own database; with its keys, if they open, bodies are checked too.
    fn run_register(&self, place: &Place, terminal: Terminal) -> Result<Outcome, Trouble> {
        let folder = place.folder();
        let own = folder.join("policy");
        let policy = if self.believed.is_given() { self.believed.policy()? } else { super::read_policy(&own)? };
        if !self.believed.is_given() {
            terminal.note(&format!(
                "believing the key in {}: whoever wrote the folder wrote that too; bring your own with --policy",
                own.display()
            ));
        }
        let keys = registers::keys_if_any(folder, &self.passphrase, terminal);
        let log = StoredRegister::open_at(place, keys).map_err(registers::trouble)?;
        let log = if self.deep { log.deep() } else { log };
        let own = self.verify(&log, &policy, self.evidence.clone(), terminal)?;
        let stations = self.stations(&log, folder, terminal)?;
        Ok(stations.into_iter().chain([own]).max_by_key(|outcome| worse(*outcome)).unwrap_or(own))
    }

    /// The logs of stations that a centre keeps, each against its own checkpoints and against what the centre's entries say of it.
    fn stations(&self, centre: &StoredRegister, folder: &Path, terminal: Terminal) -> Result<Vec<Outcome>, Trouble> {
        let mut stated = centre.stated_of_stations().map_err(registers::trouble)?;
        let all = std::fs::read_dir(folder.join("stations")).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let mut kept: Vec<PathBuf> = all.filter(|kept| kept.join("register.db").is_file()).collect();
        kept.sort();
        let mut outcomes = Vec::new();
        for (number, kept) in (1..).zip(kept) {
            let policy = super::read_policy(&kept.join("policy"))?;
            let log = StoredRegister::open(&kept, None).map_err(registers::trouble)?;
            let of = stated.iter().position(|stated| stated.origin == log.origin()).map(|place| stated.swap_remove(place));
            let log = log.holding(of.unwrap_or_default().notes);
            let evidence = self.evidence.as_ref().map(|path| path.with_extension(format!("station-{number}.evidence")));
            outcomes.push(self.verify(&log, &policy, evidence, terminal)?);
        }
        for missing in stated {
            let shown = kept_in(folder, &missing.origin);
            let why =
                format!("the centre has signed for the log of station `{}`, and it is not kept in {}", missing.origin, shown.display());
            terminal.complain(&why);
            outcomes.push(Outcome::Found);
        }
        Ok(outcomes)
    }

    fn machine(&self, error: &LedgerError) -> Trouble {
        Trouble::Machine(format!("{}: {error}", self.log))
    }

    fn verify(&self, log: &impl StoredLog, policy: &Policy, evidence: Option<PathBuf>, terminal: Terminal) -> Result<Outcome, Trouble> {
        let since = self.since.as_deref().map(read).transpose()?;
        let trust = Trust { since: since.as_deref(), entry: self.entry, ..Trust::new(policy) };
        let started = std::time::Instant::now();
        let found = verify::log(log, &trust).map_err(|error| self.machine(&error))?;
        let seconds = started.elapsed().as_secs_f64();
        if log.size() > 100_000 {
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = found.entries as f64 / seconds;
            terminal.note(&format!("{} entries in {seconds:.1} s, {rate:.0} a second", found.entries));
        }
        let tampered = found.verdict() == Verdict::Tampered;
        let evidence = tampered.then(|| evidence.unwrap_or_else(|| report::evidence_name(&found)));
        let unwritten = evidence.as_ref().and_then(|path| std::fs::write(path, report::json(&found, None)).err());
        let evidence = evidence.filter(|_| unwritten.is_none());
        if let Some(error) = unwritten {
            // What was found counts for more than the file: it is told, and the status stays 1.
            terminal.complain(&format!("the evidence file could not be written: {error}; name another place with --evidence FILE"));
        }
        report::print(&found, self.believed.format, terminal, evidence.as_deref())?;
        Ok(report::outcome(found.verdict()))
    }
}

/// Tampering is worse than what could not be proven, and that than nothing.
fn worse(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Clean => 0,
        Outcome::Incomplete => 1,
        Outcome::BadInput => 2,
        Outcome::Found => 3,
    }
}

/// The folder of a register, where that is what was named: the folder itself, or its database.
fn register_folder(named: &str) -> Option<PathBuf> {
    let path = Path::new(named);
    if path.file_name().is_some_and(|name| name == "register.db") && path.is_file() {
        return Some(path.parent().unwrap_or(Path::new(".")).to_owned());
    }
    (path.join("register.db").is_file() || DataFolder::is_one(path)).then(|| path.to_owned())
}
