//! `check --summary`: counts of each rule, one JSON object a line, and a last line with totals.

use crate::judging::Wanted;
use crate::report::findings::Counts;
use habeas_codebook::tree::Codebook;
use habeas_monitor::Verdict;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Order of the members.
const ORDER: [Verdict; 7] =
    [Verdict::Met, Verdict::MetLate, Verdict::Breached, Verdict::Pending, Verdict::Excused, Verdict::Undetermined, Verdict::NotApplicable];

/// What was judged, and how fast.
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// Entries read.
    pub events: u64,
    /// Subjects that they name.
    pub subjects: u64,
    /// From the start of the program to the last verdict.
    pub took: Duration,
}

/// The lines.
#[must_use]
pub fn write(codebook: &Codebook, wanted: &Wanted, counts: &Counts, totals: Totals) -> String {
    let mut out = String::new();
    for rule in counts.by_rule(codebook, |rule, record| wanted.rules[rule.index()][usize::from(record)]) {
        let mut line = Map::new();
        line.insert("rule".to_owned(), rule.id.clone().into());
        line.insert("instances".to_owned(), rule.instances().into());
        for verdict in ORDER {
            line.insert(verdict.as_str().to_owned(), rule.of(verdict).into());
        }
        out.push_str(&Value::Object(line).to_string());
        out.push('\n');
    }
    let seconds = totals.took.as_secs_f64();
    let each_second = if seconds > 0.0 { (totals.events as f64 / seconds).round() } else { 0.0 };
    let last = json!({
        "events": totals.events,
        "subjects": totals.subjects,
        "seconds": (seconds * 1000.0).round() / 1000.0,
        "events_per_second": each_second as u64,
    });
    out.push_str(&last.to_string());
    out.push('\n');
    out
}
