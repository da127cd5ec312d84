//! `habeas verify receipt FILE --policy P`: the slip in somebody's hand, checked without a network.

use super::{Believed, read, report};
use crate::outcome::{Outcome, Trouble};
use crate::terminal::{self, Terminal};
use crate::verbs::Format;
use clap::Args;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::Verdict;
use habeas_ledger::verify::receipt::{self, Receipt as Checked};
use habeas_ledger::verify::wording::{hex, moment, moment_of_seconds};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Verify a receipt (C2SP tlog-proof): the entry is in the log, and enough witnesses have seen it there.
#[derive(Debug, Args)]
pub(super) struct Receipt {
    /// The receipt.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Hash of the entry, in base64 or as the groups of a slip. The receipt must be about this entry.
    #[arg(long, value_name = "HASH")]
    leaf: Option<String>,
    #[command(flatten)]
    believed: Believed,
}

impl Receipt {
    pub(super) fn of(file: &Path, believed: Believed) -> Self {
        Receipt { file: file.to_path_buf(), leaf: None, believed }
    }

    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let policy = self.believed.policy()?;
        let shown = self.file.display();
        let text = String::from_utf8(read(&self.file)?).map_err(|_| Trouble::Input(format!("{shown}: not UTF-8, so no receipt")))?;
        let checked = receipt::check(&text, self.leaf.as_deref(), &policy);
        let checked =
            checked.map_err(|error| Trouble::Input(format!("{shown}: {error}; a receipt without its entry needs --leaf HASH")))?;
        let out = match self.believed.format {
            Format::Text => text_of(&checked, &policy, terminal),
            Format::Json => format!("{}\n", json_of(&checked, &policy)),
        };
        terminal::print(out.as_bytes())?;
        Ok(report::outcome(checked.verdict()))
    }
}

fn text_of(checked: &Checked, policy: &Policy, terminal: Terminal) -> String {
    let paint = terminal.paint();
    let mut out = String::new();
    for (head, line) in checked.lines(policy) {
        let line = match (head, checked.verdict()) {
            ("result", Verdict::Tampered) => paint.bad(&line),
            ("result", Verdict::Incomplete) => paint.unsure(&line),
            ("result", Verdict::Proven) => paint.bold(&line),
            (_, Verdict::Proven | Verdict::Incomplete | Verdict::Tampered) => line,
        };
        let _ = writeln!(out, "{head:<8} {line}");
    }
    out
}

fn json_of(checked: &Checked, policy: &Policy) -> Value {
    let (verdict, index) = (checked.verdict(), checked.proof.index);
    let judged = match &checked.judged {
        Ok(judged) => judged,
        Err(error) => return json!({ "result": verdict.word(), "status": verdict.status(), "why": error.to_string(), "index": index }),
    };
    let cosigned = judged.cosigned.iter();
    let cosigned = cosigned.map(|(place, time)| json!({ "witness": policy.witnesses()[*place].shown_name(), "timestamp": time }));
    let entry = checked.shown.as_ref().map(|shown| &shown.header).map(|header| {
        let recorded_at = moment(header.recorded_at_ms);
        json!({ "kind": header.kind, "recorded_at": recorded_at, "event": hex(&header.event), "custody": hex(&header.custody) })
    });
    let shown = checked.shown.iter().flat_map(|shown| &shown.openings);
    let shown = shown.map(|opening| json!({ "field": opening.field.id, "value": String::from_utf8_lossy(opening.field.value.reveal()) }));
    json!({
        "log": judged.checkpoint.origin, "index": index, "size": judged.checkpoint.size, "entry": entry,
        "shown": shown.collect::<Vec<_>>(), "cosigned": cosigned.collect::<Vec<_>>(),
        "witnessed_at": judged.witnessed_at.map(moment_of_seconds), "result": verdict.word(), "status": verdict.status(),
    })
}
