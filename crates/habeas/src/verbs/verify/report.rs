//! The report of a verification: one line a finding for people, one object for programs.

use crate::outcome::{Outcome, Trouble};
use crate::terminal::{self, Paint, Terminal};
use crate::verbs::Format;
use habeas_ledger::leaf::Handle;
use habeas_ledger::verify::wording::{hex, moment, moment_of_seconds, thousands};
use habeas_ledger::verify::{Code, Finding, Interval, Report, Verdict, Weight};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The exit status of a verdict.
pub(super) fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Proven => Outcome::Clean,
        Verdict::Tampered => Outcome::Found,
        Verdict::Incomplete => Outcome::Incomplete,
    }
}

/// Prints a report.
pub(super) fn print(report: &Report, format: Format, terminal: Terminal, evidence: Option<&Path>) -> Result<(), Trouble> {
    let text = match format {
        Format::Text => text(report, terminal.paint(), evidence),
        Format::Json => json(report, evidence),
    };
    terminal::print(text.as_bytes())
}

/// A file name for the evidence: `st0412-17912.evidence`.
pub(super) fn evidence_name(report: &Report) -> PathBuf {
    let name: String = report.origin.split('/').skip(1).flat_map(str::chars).filter(char::is_ascii_alphanumeric).collect();
    let name = if name.is_empty() { "log".to_owned() } else { name };
    let broken = report.findings.iter().filter(|finding| finding.code.weight() == Weight::Broken);
    let first = broken.filter_map(|finding| finding.index).next();
    PathBuf::from(first.map_or_else(|| format!("{name}.evidence"), |index| format!("{name}-{index}.evidence")))
}

/// The report for a judge: what is proven, then everything that was found, then what it comes to.
fn text(report: &Report, paint: Paint, evidence: Option<&Path>) -> String {
    let mut out = String::new();
    let newest = report.newest_ms.map_or_else(String::new, |ms| format!("   newest {}", moment(ms)));
    line(&mut out, "log", &format!("{}   entries {}{newest}", report.origin, thousands(report.entries)));
    line(&mut out, "proven", &proven(report));
    if let Some(interval) = &report.interval {
        line(&mut out, "made", &made(interval));
    }
    for finding in &report.findings {
        let word = heading(finding.code);
        let shown = match finding.code.weight() {
            Weight::Broken => paint.bad(&format!("{word:<8}")),
            Weight::Unproven => paint.unsure(&format!("{word:<8}")),
            Weight::Notice => format!("{word:<8}"),
        };
        let _ = writeln!(out, "{shown} {:<13} {:<13} {}", place(finding), finding.code, told(finding));
    }
    let verdict = report.verdict();
    let word = format!("{} ({})", verdict.word().to_uppercase(), verdict.status());
    let word = if verdict == Verdict::Tampered { paint.bad(&word) } else { paint.bold(&word) };
    let kept = evidence.map_or_else(String::new, |path| format!("   evidence written to {}", path.display()));
    line(&mut out, "result", &format!("{word}{kept}"));
    out
}

fn line(out: &mut String, head: &str, text: &str) {
    let _ = writeln!(out, "{head:<8} {text}");
}

fn proven(report: &Report) -> String {
    let range = match report.proven {
        0 => "nothing".to_owned(),
        1 => "0".to_owned(),
        count => format!("0..{}", thousands(count - 1)),
    };
    let Some(witnessed) = &report.witnessed else { return range };
    if report.witnesses == 0 {
        return format!("{range}     by the log's own signature; no witness asked for");
    }
    let at = witnessed.at.map_or_else(String::new, |seconds| format!(" at {}", moment_of_seconds(seconds)));
    format!("{range}     witnessed {} of {} ({}){at}", witnessed.by.len(), report.witnesses, witnessed.by.join(", "))
}

/// When an entry was made: between two cosignatures, or as far as that can be told.
fn made(interval: &Interval) -> String {
    let told = match (interval.after.map(moment_of_seconds), interval.before.map(moment_of_seconds)) {
        (Some(after), Some(before)) => format!("between {after} and {before}"),
        (Some(after), None) => format!("after {after}; not yet witnessed"),
        (None, Some(before)) => format!("before {before}; it carries no witnessed checkpoint"),
        (None, None) => "at a time that no witness bounds".to_owned(),
    };
    format!("{:<13} {told}; recorded {}", thousands(interval.index), moment(interval.recorded_at_ms))
}

fn heading(code: Code) -> &'static str {
    match code {
        Code::Time | Code::Clock | Code::Beacon => "time",
        Code::Late => "late",
        Code::Ahead => "ahead",
        Code::Erased => "erased",
        Code::Lost => "lost",
        Code::Succession => "key",
        Code::Unwitnessed | Code::Unsigned | Code::Unbound | Code::Sealed => "unproven",
        Code::Fork => "FORK",
        Code::Container
        | Code::Header
        | Code::Index
        | Code::Origin
        | Code::Leaf
        | Code::Tile
        | Code::Root
        | Code::Note
        | Code::Short
        | Code::Undeclared
        | Code::Body
        | Code::Fields
        | Code::Missing
        | Code::Resurrected
        | Code::Projection => "BROKEN",
    }
}

fn place(finding: &Finding) -> String {
    match (finding.index, finding.until) {
        (Some(first), Some(last)) if last > first => format!("{}..{}", thousands(first), thousands(last)),
        (Some(index), _) => thousands(index),
        (None, _) => "-".to_owned(),
    }
}

fn told(finding: &Finding) -> String {
    let mut told = String::new();
    if let Some(file) = &finding.file {
        let _ = write!(told, "{file}: ");
    }
    told.push_str(&finding.found);
    if let Some(custody) = finding.custody.filter(|handle| *handle != Handle::default()) {
        let _ = write!(told, ", custody {}", hex(&custody));
    }
    if !finding.expected.is_empty() {
        let _ = write!(told, "; expected {}", finding.expected);
    }
    told
}

/// The same facts for programs: one object.
pub(super) fn json(report: &Report, evidence: Option<&Path>) -> String {
    let findings: Vec<Value> = report.findings.iter().map(finding_json).collect();
    let witnessed = report.witnessed.as_ref().map(|witnessed| {
        json!({
            "size": witnessed.size, "root": witnessed.root.to_string(), "by": witnessed.by, "of": report.witnesses,
            "at": witnessed.at.map(moment_of_seconds),
        })
    });
    let made = report.interval.map(|interval| {
        let (after, before) = (interval.after.map(moment_of_seconds), interval.before.map(moment_of_seconds));
        json!({ "index": interval.index, "after": after, "before": before, "recorded_at": moment(interval.recorded_at_ms) })
    });
    let verdict = report.verdict();
    let object = json!({
        "log": report.origin, "entries": report.entries, "newest": report.newest_ms.map(moment),
        "proven": report.proven, "last_proven": report.proven.checked_sub(1), "witnessed": witnessed, "made": made, "findings": findings,
        "result": verdict.word(), "status": verdict.status(), "evidence": evidence.map(|path| path.display().to_string()),
    });
    format!("{object}\n")
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code.word(),
        "weight": match finding.code.weight() { Weight::Broken => "broken", Weight::Unproven => "unproven", Weight::Notice => "notice" },
        "index": finding.index, "until": finding.until, "file": finding.file,
        "event": finding.event.as_ref().map(hex), "custody": finding.custody.as_ref().map(hex),
        "class": finding.class.map(habeas_ledger::leaf::Class::word), "field": finding.field,
        "found": finding.found, "expected": finding.expected, "notes": finding.notes,
    })
}
