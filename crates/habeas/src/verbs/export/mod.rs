//! `habeas export --subject custody:ID --data DIR`: one record, to read, to print or to hand over. `habeas export --log`: the whole log,
//! for whoever counts again.

mod log;
mod record;

use super::check::moment;
use crate::counting::Entries;
use crate::messages::{Language, Speech};
use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::{Args, ValueEnum};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Sensitivity;
use habeas_paper::Paper;
use habeas_register::Query;
use record::Record;
use std::io::IsTerminal as _;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  habeas export --subject custody:C1 --data ./station
  habeas export --subject custody:C1 --data ./station --format pdf --lang az --out record.pdf
  habeas export --subject person:P1 --data ./station --format json --known-at 2026-03-03T12:00:00+04:00
  habeas export --file e-4Wb2 --data ./station --out photo.jpg
  habeas export --log --data ./station --known-at 2030-03-01T00:00:00Z --out log.jsonl
  habeas return R10 --period 2029 --as-of 2030-03-01T00:00:00Z --log log.jsonl --codebook aze

With --log every entry goes out, with its times, subjects and corrections, so that its returns can be counted again; without names, words,
health and what is privileged (--with medical adds one of these). It still tells who was where: give it to those who may know.
As JSON it is a bundle that carries a receipt of each entry: `habeas verify export record.json` checks it word by word, on any machine.
The record opens as far as the keys here go; what is sealed says so. It holds names and findings: mind where you put it.";

/// Print the record of a custody or another subject: every entry, with corrections, both times, author and place in the log.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Export {
    /// Whose record: CLASS:ID.
    #[arg(long, value_name = "CLASS:ID", required_unless_present_any = ["log", "file"])]
    subject: Option<String>,
    /// The whole log as JSON Lines, to count its returns from.
    #[arg(long, conflicts_with_all = ["subject", "format", "lang", "sheet"])]
    log: bool,
    /// A file that was handed in with this entry; with `#N` at the end another one than the first (they count from 0). Its hash is checked
    /// against the entry and the log before it is written.
    #[arg(long, value_name = "ENTRY", conflicts_with_all = ["subject", "log", "format", "lang", "sheet", "known_at"])]
    file: Option<String>,
    /// With --log: also fields of this class.
    #[arg(long, value_name = "CLASS", requires = "log")]
    with: Vec<Secret>,
    #[command(flatten)]
    data: Data,
    /// As it was known at this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    known_at: Option<Moment>,
    /// How to print.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// The language of the person whom it is about.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    lang: Language,
    /// The sheet of a PDF.
    #[arg(long, value_name = "SHEET", default_value = "a4")]
    sheet: Sheet,
    /// Write there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How a record is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
    /// One self-contained page.
    Html,
    /// Sheets to print and hand over, readable by a screen reader (PDF/UA-1).
    Pdf,
}

/// Fields that a log leaves out unless they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Secret {
    /// Names and words that tell who somebody is.
    Identity,
    /// Health.
    Medical,
    /// What is for one recipient only.
    Privileged,
}

/// The size of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sheet {
    /// 210 × 297 mm.
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

impl Export {
    /// Prints a record, or the log.
    ///
    /// # Errors
    /// A subject that is not in the register, or a register that cannot be read.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        match (&self.subject, &self.file) {
            (Some(subject), _) => self.record(subject, terminal),
            (None, Some(file)) => self.file(file, terminal),
            (None, None) => self.whole_log(terminal),
        }
    }

    /// Takes a file out that was handed in with an entry.
    fn file(&self, asked: &str, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (entry, place) = match asked.rsplit_once('#') {
            Some((entry, place)) => (entry, place.parse::<u8>().ok()),
            None => (asked, Some(0)),
        };
        let place = place.ok_or_else(|| Trouble::Input(format!("--file {asked}: after the # stands a number, such as {entry}#1")))?;
        let (_, register) = registers::open_reading(&self.data)?;
        let entry = register.entry(entry)?;
        let none = || Trouble::Input(format!("entry `{}` has no file {place}; it has {} in all", entry.id, entry.files.len()));
        let told = &entry.files.iter().find(|file| file.told.place == place).ok_or_else(none)?.told;
        let bytes = register.file(entry.index, place)?;
        let found = habeas_register::files::hash(bytes.reveal()).to_hex();
        if found != told.sha256 {
            terminal.note(&format!("entry {}, file {place}: it hashes to {found}; the entry says {}", entry.index, told.sha256));
            return Ok(Outcome::Found);
        }
        if self.out.is_none() && std::io::stdout().is_terminal() {
            return Err(Trouble::Input(format!("`{}` is no text for a terminal: name a file with --out", told.name)));
        }
        terminal.note(&format!("{}, {}, {} bytes, SHA-256 {found} as entry {} says", told.name, told.media, told.size, entry.index));
        self.give(bytes.reveal(), terminal)
    }

    fn whole_log(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let entries = Entries::of_register(&self.data, self.known_at.unwrap_or_else(registers::now))?;
        let with = self.with.iter().map(|class| match class {
            Secret::Identity => Sensitivity::Identity,
            Secret::Medical => Sensitivity::Medical,
            Secret::Privileged => Sensitivity::Privileged,
        });
        let written = log::write(&entries, &with.collect::<Vec<_>>());
        terminal.note(&format!("{} entries; {} fields left out", entries.log.len(), written.left_out));
        self.give(written.lines.as_bytes(), terminal)
    }

    fn give(&self, bytes: &[u8], terminal: Terminal) -> Result<Outcome, Trouble> {
        match &self.out {
            Some(path) => {
                std::fs::write(path, bytes).map_err(|error| Trouble::writing(&path.display().to_string(), &error))?;
                terminal.note(&format!("written to {}", path.display()));
            }
            None => terminal::print(bytes)?,
        }
        Ok(Outcome::Clean)
    }

    fn record(&self, subject: &str, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (folder, register) = registers::open_reading(&self.data)?;
        let codebook = folder.codebook().map_err(registers::trouble)?;
        let (class, id) = subject.split_once(':').ok_or_else(|| Trouble::Input("--subject is CLASS:ID, such as custody:C1".to_owned()))?;
        let subject = Some((class.to_owned(), id.to_owned()));
        let now = registers::now();
        let entries = register.history(class, id, self.known_at)?;
        let receipts = match self.format {
            Format::Json => entries.iter().map(|entry| register.open_receipt(entry.index)).collect::<Result<_, _>>()?,
            Format::Text | Format::Html | Format::Pdf => Vec::new(),
        };
        let record = Record {
            codebook: &codebook,
            speech: Speech::new(&codebook, self.lang),
            language: self.lang,
            class,
            id,
            known_at: self.known_at.unwrap_or(now),
            entries,
            receipts,
            verdicts: register.verdicts(&Query { subject, ..Query::default() }, now).map_err(registers::trouble)?,
            checkpoint: register.checkpoint().map_err(registers::trouble)?.note,
        };
        let bytes = match self.format {
            Format::Text => habeas_paper::text(&record.document()).into_bytes(),
            Format::Json => format!("{:#}\n", record.json()).into_bytes(),
            Format::Html => habeas_paper::html(&record.document()).into_bytes(),
            Format::Pdf => self.pdf(&record)?,
        };
        self.give(&bytes, terminal)
    }

    fn pdf(&self, record: &Record<'_>) -> Result<Vec<u8>, Trouble> {
        if self.out.is_none() && std::io::stdout().is_terminal() {
            return Err(Trouble::Input("a PDF is no text for a terminal: name a file with --out".to_owned()));
        }
        let paper = match self.sheet {
            Sheet::A4 => Paper::A4,
            Sheet::Letter => Paper::Letter,
        };
        habeas_paper::pdf(&record.document(), paper).map_err(|error| Trouble::Machine(error.to_string()))
    }
}
