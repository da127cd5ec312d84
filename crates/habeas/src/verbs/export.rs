//! `habeas export --subject custody:ID --data DIR`: one record, to read or to hand on.

use super::check::moment;
use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::{Args, ValueEnum};
use habeas_codebook::moment::Moment;
use habeas_register::reading::{Entry, Told};
use habeas_register::{Query, Register, VerdictEntry};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  habeas export --subject custody:C1 --data ./station
  habeas export --subject custody:C1 --data ./station --format html --out record.html
  habeas export --subject person:P1 --data ./station --format json --known-at 2026-03-03T12:00:00+04:00

As JSON it is a bundle that carries a receipt of each entry: `habeas verify export record.json` checks it word by word, on any machine.
The record opens as far as the keys here go; what is sealed says so. It holds names and findings: mind where you put it.";

/// Print the record of a custody or another subject: every entry, with corrections, both times, author and place in the log.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Export {
    /// Whose record: CLASS:ID.
    #[arg(long, value_name = "CLASS:ID")]
    subject: String,
    #[command(flatten)]
    data: Data,
    /// As it was known at this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    known_at: Option<Moment>,
    /// How to print.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
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
}

struct Record {
    class: String,
    id: String,
    entries: Vec<Entry>,
    verdicts: Vec<VerdictEntry>,
    checkpoint: String,
    /// Of each entry the receipt, which opens all of its fields; only in JSON.
    receipts: Vec<String>,
}

impl Export {
    /// Prints a record.
    ///
    /// # Errors
    /// A subject that is not in the register, or a register that cannot be read.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (_, register) = registers::open_reading(&self.data)?;
        let record = self.record(&register)?;
        let text = match self.format {
            Format::Text => text(&record),
            Format::Json => serde_json::to_string_pretty(&json(&record)).map_err(|error| Trouble::Machine(error.to_string()))? + "\n",
            Format::Html => html(&record),
        };
        match &self.out {
            Some(path) => {
                std::fs::write(path, text).map_err(|error| Trouble::writing(&path.display().to_string(), &error))?;
                terminal.note(&format!("written to {}", path.display()));
            }
            None => terminal::print(text.as_bytes())?,
        }
        Ok(Outcome::Clean)
    }

    fn record(&self, register: &Register) -> Result<Record, Trouble> {
        let (class, id) =
            self.subject.split_once(':').ok_or_else(|| Trouble::Input("--subject is CLASS:ID, such as custody:C1".to_owned()))?;
        let entries = register.history(class, id, self.known_at).map_err(registers::trouble)?;
        let subject = Some((class.to_owned(), id.to_owned()));
        let verdicts = register.verdicts(&Query { subject, ..Query::default() }, registers::now()).map_err(registers::trouble)?;
        let checkpoint = register.checkpoint().map_err(registers::trouble)?.note;
        let receipts = match self.format {
            Format::Json => entries.iter().map(|entry| register.open_receipt(entry.index)).collect::<Result<_, _>>()?,
            Format::Text | Format::Html => Vec::new(),
        };
        Ok(Record { class: class.to_owned(), id: id.to_owned(), entries, verdicts, checkpoint, receipts })
    }
}

fn json(record: &Record) -> Json {
    let with_receipt = |(entry, receipt): (&Entry, &String)| {
        let mut entry = json!(entry);
        entry["receipt"] = json!(receipt);
        entry
    };
    let entries: Vec<Json> = record.entries.iter().zip(&record.receipts).map(with_receipt).collect();
    json!({
        "format": super::verify::BUNDLE,
        "subject": { &record.class: record.id },
        "entries": entries,
        "verdicts": record.verdicts,
        "checkpoint": record.checkpoint,
    })
}

/// A value as people read it.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => "not recorded".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

fn field(told: &Told) -> String {
    let before = told.before.iter().map(|(value, by)| format!("; before {by}: {}", shown(value))).collect::<String>();
    format!("{} ({}): {}{before}", told.name, told.class, shown(&told.value))
}

/// One entry as lines: the head, then what it says.
fn lines(entry: &Entry) -> (String, Vec<String>) {
    let late = if entry.late { "  LATE ENTRY" } else { "" };
    let head = format!("#{}  {}  {}  {}{late}", entry.index, shown(&entry.at), entry.kind, entry.id);
    let by = entry.by.as_deref().map_or_else(String::new, |by| format!(" by {by}"));
    let mut lines = vec![format!("recorded {}{by}", entry.recorded_at_text)];
    lines.extend(entry.at_before.iter().map(|(value, by)| format!("time before {by}: {}", shown(value))));
    lines.extend(entry.changes.iter().map(|id| format!("changes {id}")));
    lines.extend(entry.withdrawn_by.iter().map(|id| format!("WITHDRAWN by {id}")));
    lines.extend(entry.fields.iter().map(field));
    lines.extend(entry.further.iter().map(|(name, value)| format!("{name}: {}", shown(value))));
    if !entry.sealed.is_empty() {
        lines.push(format!("sealed here: {}", entry.sealed.join(", ")));
    }
    (head, lines)
}

fn verdict(row: &VerdictEntry) -> String {
    let rule = row.rule.as_deref().unwrap_or("sealed rule");
    format!("{:<12} {rule}{}", row.verdict, if row.record { "/record" } else { "" })
}

fn text(record: &Record) -> String {
    let mut out = format!("{} {}   {} entries\n\n", record.class, record.id, record.entries.len());
    for entry in &record.entries {
        let (head, lines) = lines(entry);
        let _ = writeln!(out, "{head}");
        lines.iter().for_each(|line| {
            let _ = writeln!(out, "    {line}");
        });
    }
    let _ = writeln!(out, "\nverdicts");
    for row in record.verdicts.iter().filter(|row| row.verdict != "n.a.") {
        let _ = writeln!(out, "    {}", verdict(row));
    }
    let _ = write!(out, "\ncheckpoint that covers these entries\n\n{}", record.checkpoint);
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(record: &Record) -> String {
    let title = escaped(&format!("{} {}", record.class, record.id));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>\
         body{{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}}\
         article{{border-top:1px solid #888;padding:.5rem 0}}h2{{font-size:1rem;margin:0}}p{{margin:0}}pre{{overflow:auto}}\
         </style></head><body><h1>{title}</h1>\n"
    );
    for entry in &record.entries {
        let (head, lines) = lines(entry);
        let lines: String = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
        let _ = writeln!(out, "<article><h2>{}</h2>{lines}</article>", escaped(&head));
    }
    let rows: String =
        record.verdicts.iter().filter(|row| row.verdict != "n.a.").map(|row| format!("<li>{}</li>", escaped(&verdict(row)))).collect();
    let _ = writeln!(out, "<h1>Verdicts</h1><ul>{rows}</ul><h1>Checkpoint</h1><pre>{}</pre></body></html>", escaped(&record.checkpoint));
    out
}
