//! `habeas verify export BUNDLE`: a record that was handed on, checked word by word against its log.

use super::{BUNDLE, Believed, read, report};
use crate::outcome::{Outcome, Trouble};
use crate::terminal::{self, Terminal};
use crate::verbs::Format;
use clap::Args;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::Verdict;
use habeas_ledger::verify::receipt::{self, Receipt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Verify a record that `habeas export --format json` has written: each entry is in the log, and says what its receipt opens.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The exported record.
    #[arg(value_name = "BUNDLE")]
    file: PathBuf,
    #[command(flatten)]
    believed: Believed,
}

/// What came of one entry of the record.
struct Checked {
    index: Option<u64>,
    id: String,
    verdict: Verdict,
    why: Option<String>,
}

/// Whether a file is an exported record.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Value>(bytes).is_ok_and(|bundle| bundle["format"] == BUNDLE)
}

impl Export {
    pub(super) fn of(file: &Path, believed: Believed) -> Self {
        Export { file: file.to_path_buf(), believed }
    }

    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let policy = self.believed.policy()?;
        let shown = self.file.display();
        let no_bundle = |why: String| Trouble::Input(format!("{shown}: {why}; a record is exported with `habeas export --format json`"));
        let (bundle, checked, verdict) = judge(&read(&self.file)?, &policy).map_err(no_bundle)?;
        let out = match self.believed.format {
            Format::Text => text(&bundle, &checked, verdict, terminal),
            Format::Json => format!("{}\n", object(&checked, verdict)),
        };
        terminal::print(out.as_bytes())?;
        Ok(report::outcome(verdict))
    }
}

/// What became of each entry of a bundle, and of all; `Err` says why it is no bundle.
fn judge(bytes: &[u8], policy: &Policy) -> Result<(Value, Vec<Checked>, Verdict), String> {
    let bundle: Value = serde_json::from_slice(bytes).map_err(|error| format!("no JSON ({error})"))?;
    if bundle["format"] != BUNDLE {
        return Err(format!("it does not say `\"format\": \"{BUNDLE}\"`"));
    }
    let checked = check(bundle["entries"].as_array().ok_or("it has no list `entries`")?, policy);
    let verdict = checked.iter().map(|entry| entry.verdict).max_by_key(|verdict| weight(*verdict)).unwrap_or(Verdict::Incomplete);
    Ok((bundle, checked, verdict))
}

/// The verdict on the bytes of a bundle; `Err` says why they are none.
pub(super) fn verdict(bytes: &[u8], policy: &Policy) -> Result<Verdict, String> {
    judge(bytes, policy).map(|(.., verdict)| verdict)
}

/// Tampering counts for more than what is not proven, and that for more than what is.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Proven => 0,
        Verdict::Incomplete => 1,
        Verdict::Tampered => 2,
    }
}

/// Fields of an entry as its receipt opens them: name and values.
type Opened = BTreeMap<String, Value>;

fn check(entries: &[Value], policy: &Policy) -> Vec<Checked> {
    let receipts: Vec<Result<Receipt, String>> = entries.iter().map(|entry| receipt_of(entry, policy)).collect();
    let by_id: BTreeMap<&str, Opened> = entries
        .iter()
        .zip(&receipts)
        .filter_map(|(entry, receipt)| Some((entry["id"].as_str()?, opened(receipt.as_ref().ok()?))))
        .collect();
    let one = |(entry, receipt): (&Value, &Result<Receipt, String>)| {
        let (index, id) = (entry["index"].as_u64(), entry["id"].as_str().unwrap_or_default().to_owned());
        let (verdict, why) = match receipt {
            Err(why) => (Verdict::Tampered, Some(why.clone())),
            Ok(receipt) => match (&receipt.judged, compare(entry, receipt, &by_id)) {
                (Err(error), _) => (Verdict::Tampered, Some(error.to_string())),
                (Ok(_), Err(why)) => (Verdict::Tampered, Some(why)),
                (Ok(_), Ok(false)) => {
                    (Verdict::Incomplete, Some("parts of it are sealed: in the log, but its words are not checked".to_owned()))
                }
                (Ok(judged), Ok(true)) if !judged.quorum => (Verdict::Incomplete, Some("not yet witnessed as the policy asks".to_owned())),
                (Ok(_), Ok(true)) => (Verdict::Proven, None),
            },
        };
        Checked { index, id, verdict, why }
    };
    entries.iter().zip(&receipts).map(one).collect()
}

fn receipt_of(entry: &Value, policy: &Policy) -> Result<Receipt, String> {
    let text = entry["receipt"].as_str().ok_or("it carries no receipt")?;
    receipt::check(text, None, policy).map_err(|error| error.to_string())
}

fn opened(receipt: &Receipt) -> Opened {
    let openings = receipt.shown.iter().flat_map(|shown| &shown.openings);
    let read = |value: &[u8]| serde_json::from_slice(value).unwrap_or(Value::Null);
    openings.map(|opening| (opening.field.id.clone(), read(opening.field.value.reveal()))).collect()
}

/// Whether every word of an entry is one that a receipt opens; false where its receipt opens nothing. A value that a correction brought in
/// is opened by the correction's own receipt, which stands in the same record.
fn compare(entry: &Value, receipt: &Receipt, by_id: &BTreeMap<&str, Opened>) -> Result<bool, String> {
    let own = opened(receipt);
    if entry["index"].as_u64() != Some(receipt.proof.index) {
        return Err(format!("it says index {}, its receipt {}", entry["index"], receipt.proof.index));
    }
    if own.is_empty() {
        return Ok(false);
    }
    let differs = |name: &str| format!("its `{name}` is not what the log commits to");
    let says = |id: Option<&str>, name: &str, value: &Value| match id {
        None => own.get(name) == Some(value),
        Some(id) => by_id.get(id).is_some_and(|other| other.get(name) == Some(value)),
    };
    for name in ["id", "kind", "by"] {
        if !says(None, &format!("@{name}"), &entry[name]) {
            return Err(differs(name));
        }
    }
    for pair in entry["subject"].as_array().into_iter().flatten() {
        let class = pair[0].as_str().unwrap_or_default();
        if !says(None, &format!("@subject.{class}"), &pair[1]) {
            return Err(differs(&format!("subject.{class}")));
        }
    }
    let changed = |name: &str, own_name: &str, value: &Value, before: &Value| {
        // Earlier values, the first entered first, each with the entry that replaced it by the next.
        let mut by = None;
        let said = |by: Option<&str>, value: &Value| says(by, if by.is_none() { own_name } else { name }, value);
        for step in before.as_array().into_iter().flatten() {
            // A field that a correction added was nothing before.
            let is_added = by.is_none() && step[0].is_null();
            if !is_added && !said(by, &step[0]) {
                return false;
            }
            by = step[1].as_str();
        }
        said(by, value)
    };
    if !changed("at", "@at", &entry["at"], &entry["at_before"]) {
        return Err(differs("at"));
    }
    for field in entry["fields"].as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        if !changed(name, name, &field["value"], &field["before"]) {
            return Err(differs(name));
        }
    }
    Ok(true)
}

fn text(bundle: &Value, checked: &[Checked], verdict: Verdict, terminal: Terminal) -> String {
    let paint = terminal.paint();
    let subject = bundle["subject"].as_object().into_iter().flatten().map(|(class, id)| format!("{class} {}", id.as_str().unwrap_or("?")));
    let subject: Vec<String> = subject.collect();
    let mut out = format!("record   {}   {} entries\n", subject.join(", "), checked.len());
    for entry in checked {
        let place = entry.index.map_or_else(|| "?".to_owned(), |index| index.to_string());
        let (word, why) = (entry.verdict.word(), entry.why.as_deref().unwrap_or("every word as the log commits to it"));
        let word = match entry.verdict {
            Verdict::Proven => format!("{word:<10}"),
            Verdict::Incomplete => paint.unsure(&format!("{word:<10}")),
            Verdict::Tampered => paint.bad(&format!("{word:<10}")),
        };
        let _ = writeln!(out, "{word} {place:>8}  {}: {why}", entry.id);
    }
    let _ = writeln!(out, "note     that no entry was left out, and what the rules came to, only the whole log can show");
    let _ = writeln!(out, "result   {} ({})", verdict.word().to_uppercase(), verdict.status());
    out
}

fn object(checked: &[Checked], verdict: Verdict) -> Value {
    let entries =
        checked.iter().map(|entry| json!({ "index": entry.index, "id": entry.id, "result": entry.verdict.word(), "why": entry.why }));
    json!({ "entries": entries.collect::<Vec<_>>(), "result": verdict.word(), "status": verdict.status() })
}
