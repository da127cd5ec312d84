//! `habeas review plan …`: what is planned about recommendations and open questions, and what has been done.

use super::cut;
use super::store::Store;
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use crate::verbs::Format;
use clap::{Args, Subcommand};
use habeas_review::tracker::{Event, KINDS, Plan, kind_of};
use std::fmt::Write;
use std::path::PathBuf;

/// Keep the plan of action: recommendations, questions, actions, indicators, notes, and the links between them.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Verb {
    /// Take the recommendations or questions of a document into the plan.
    Start(Start),
    /// Add an action, an indicator or anything else the plan keeps.
    Add(Add),
    /// Note progress on something in the plan.
    Note(Note),
    /// Link two things in the plan, or take a link away.
    Link(Link),
    /// Say that an action is done, or what became of a recommendation.
    Close(Close),
    /// List what the plan holds.
    List(List),
    /// List what is overdue, due soon, and what nothing feeds.
    Overdue(Overdue),
}

const EXAMPLES: &str = "Examples:
  habeas review plan start observations.txt --data ./station --by \"A. Orde\"
  habeas review plan overdue --data ./station
  habeas review plan start observations.txt --store review.jsonl --by \"A. Orde\"
  habeas review plan add action what=\"Remote access\" leads=\"Ministry\" due=2031-12-01 --for \"CAT/C/ARV/CO/2#6(b)\" --store review.jsonl
  habeas review plan note action-1 \"Tender published\" --evidence https://example.org/tender --store review.jsonl
  habeas review plan overdue --store review.jsonl --now 2032-06-01T00:00:00Z";

/// See `plan start --help`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Start {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    store: Store,
}

/// See `plan add --help`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Add {
    /// recommendation, question, action, indicator or note.
    #[arg(value_name = "KIND")]
    kind: String,
    /// Its columns: `what="…"`, `due=2031-12-01`.
    #[arg(value_name = "COLUMN=VALUE", required = true)]
    fields: Vec<String>,
    /// Its reference (default: the next free one). One that is in the plan is said anew.
    #[arg(long, value_name = "REFERENCE")]
    reference: Option<String>,
    /// What it is for: links it.
    #[arg(long = "for", value_name = "REFERENCE")]
    of: Vec<String>,
    #[command(flatten)]
    store: Store,
}

/// See `plan note --help`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Note {
    /// What the note is on.
    #[arg(value_name = "REFERENCE")]
    on: String,
    /// What was done.
    #[arg(value_name = "TEXT")]
    text: String,
    /// Where the evidence is.
    #[arg(long, value_name = "LINK", default_value = "")]
    evidence: String,
    #[command(flatten)]
    store: Store,
}

/// See `plan link --help`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Link {
    /// One end.
    #[arg(value_name = "FROM")]
    from: String,
    /// The other.
    #[arg(value_name = "TO")]
    to: String,
    /// Take the link away.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    store: Store,
}

/// See `plan close --help`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Close {
    /// The action or recommendation.
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// What became of it: done, dropped; of a recommendation also accepted, partly, rejected, in_progress.
    #[arg(long, value_name = "STATE", default_value = "done")]
    state: String,
    #[command(flatten)]
    store: Store,
}

/// See `plan list --help`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct List {
    /// Only this kind.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    #[command(flatten)]
    store: Store,
    /// How to print.
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Format,
}

/// See `plan overdue --help`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Overdue {
    /// How many days ahead count as soon.
    #[arg(long, value_name = "DAYS", default_value_t = 60)]
    soon: i32,
    #[command(flatten)]
    store: Store,
    /// How to print.
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Format,
}

impl Verb {
    /// Does what the verb says.
    ///
    /// # Errors
    /// A store that cannot be read or written, or something that is not in the plan.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let out = match self {
            Verb::Start(start) => {
                let mut review = super::read(&start.file)?;
                habeas_review::tracker::overriding::apply(&mut review, &start.store.plan()?.0);
                let made = start.store.enter(|plan, entering| Ok(habeas_review::tracker::issuing::events(&review, plan, entering)))?;
                if made.is_empty() { "the plan holds all of it already\n".to_owned() } else { said(&made) }
            }
            Verb::Add(add) => said(&add.enter()?),
            Verb::Note(note) => said(&note.enter()?),
            Verb::Link(link) => said(&link.enter()?),
            Verb::Close(close) => said(&close.enter()?),
            Verb::List(list) => list.text()?,
            Verb::Overdue(overdue) => overdue.text()?,
        };
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}

/// What was entered, a line each.
fn said(made: &[Event]) -> String {
    made.iter().fold(String::new(), |out, event| {
        let about = event.subject.values().next().map_or("", String::as_str);
        format!("{out}{} {} {about}\n", event.id, event.kind)
    })
}

/// Where actions and indicators stand among the kinds of a plan.
const ACTION: usize = 2;
const INDICATOR: usize = 3;

fn kind_named(word: &str) -> Result<usize, Trouble> {
    kind_of(word).ok_or_else(|| {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.one).collect();
        Trouble::Input(format!("`{word}` is nothing the plan keeps; expected one of {}", known.join(", ")))
    })
}

fn known(plan: &Plan, reference: &str) -> Result<usize, Trouble> {
    plan.find(reference).ok_or_else(|| Trouble::Input(format!("`{reference}` is not in the plan; `habeas review plan list` shows what is")))
}

impl Add {
    fn enter(&self) -> Result<Vec<Event>, Trouble> {
        let kind = kind_named(&self.kind)?;
        let mut fields = Vec::new();
        for field in &self.fields {
            let (column, value) =
                field.split_once('=').ok_or_else(|| Trouble::Input(format!("`{field}` has no `=`; expected COLUMN=VALUE")))?;
            if !KINDS[kind].columns.contains(&column) {
                let expected = KINDS[kind].columns.join(", ");
                return Err(Trouble::Input(format!("`{column}` is no column of {}; expected one of {expected}", KINDS[kind].table)));
            }
            if matches!(column, "due" | "date") && value.parse::<jiff::civil::Date>().is_err() {
                return Err(Trouble::Input(format!("`{value}` is no day; expected YYYY-MM-DD")));
            }
            fields.push((column, value));
        }
        self.store.enter(|plan, entering| {
            let reference = self.reference.clone().unwrap_or_else(|| plan.free(kind));
            let subject = if kind == 1 { "review" } else { "rec" };
            let mut made = vec![entering.event(1, KINDS[kind].event, (subject, &reference), &fields)];
            for other in &self.of {
                known(plan, other)?;
                made.push(entering.event(made.len() + 1, "link_made", ("rec", other), &[("from", other), ("to", &reference)]));
            }
            Ok(made)
        })
    }
}

impl Note {
    fn enter(&self) -> Result<Vec<Event>, Trouble> {
        let today = self.store.today();
        self.store.enter(|plan, entering| {
            known(plan, &self.on)?;
            let reference = plan.free(4);
            let fields = [("date", today.as_str()), ("text", &self.text), ("evidence", &self.evidence)];
            Ok(vec![
                entering.event(1, "progress_noted", ("rec", &reference), &fields),
                entering.event(2, "link_made", ("rec", &self.on), &[("from", &self.on), ("to", &reference)]),
            ])
        })
    }
}

impl Link {
    fn enter(&self) -> Result<Vec<Event>, Trouble> {
        let kind = if self.remove { "link_removed" } else { "link_made" };
        self.store.enter(|plan, entering| {
            known(plan, &self.from)?;
            known(plan, &self.to)?;
            Ok(vec![entering.event(1, kind, ("rec", &self.from), &[("from", &self.from), ("to", &self.to)])])
        })
    }
}

impl Close {
    fn enter(&self) -> Result<Vec<Event>, Trouble> {
        self.store.enter(|plan, entering| {
            let (kind, column) = match known(plan, &self.reference)? {
                2 => ("action_closed", "state"),
                0 => ("recommendation_answered", "status"),
                1 => ("answer_given", "status"),
                _ => {
                    return Err(Trouble::Input(format!(
                        "`{}` is nothing that is closed; expected an action, recommendation or question",
                        self.reference
                    )));
                }
            };
            Ok(vec![entering.event(1, kind, ("rec", &self.reference), &[(column, &self.state)])])
        })
    }
}

impl List {
    fn text(&self) -> Result<String, Trouble> {
        let (_, plan) = self.store.plan()?;
        let only = self.kind.as_deref().map(kind_named).transpose()?;
        let mut out = String::new();
        for kind in (0..KINDS.len()).filter(|kind| only.is_none_or(|only| only == *kind)) {
            for (reference, item) in plan.in_order(kind) {
                // Writing to a string does not fail.
                let _ = match self.format {
                    Format::Json => {
                        writeln!(out, "{}", serde_json::json!({"kind": KINDS[kind].one, "reference": reference, "fields": item}))
                    }
                    Format::Text => {
                        let words = if item.get("what").is_empty() { item.get("text") } else { item.get("what") };
                        let state = if kind == ACTION { item.get("state") } else { item.get("status") };
                        writeln!(out, "{:<15} {reference:<26} {:<11} {state:<9} {}", KINDS[kind].one, item.get("due"), cut(words, 90))
                    }
                };
            }
        }
        Ok(out)
    }
}

impl Overdue {
    fn text(&self) -> Result<String, Trouble> {
        let (_, plan) = self.store.plan()?;
        let today = self.store.today();
        let far = |days: i32| today.parse::<jiff::civil::Date>().ok()?.checked_add(jiff::Span::new().try_days(days).ok()?).ok();
        let soon = far(self.soon).map_or_else(|| today.clone(), |day| day.to_string());
        let mut rows: Vec<(&str, &str, &str, &str)> = Vec::new();
        for due in plan.dues().into_iter().filter(|due| due.due < soon.as_str()) {
            let word = if due.due < today.as_str() { "overdue" } else { "due soon" };
            rows.push((word, due.reference, due.due, due.what));
        }
        for (kind, reference) in plan.unfed() {
            let item = plan.items[kind].get(reference);
            let words = item.map_or("", |item| if kind == INDICATOR { item.get("what") } else { item.get("text") });
            let lacks = if kind == INDICATOR || self.format == Format::Json { "unfed" } else { "unplanned" };
            rows.push((lacks, reference, "", words));
        }
        let mut out = String::new();
        for (word, reference, due, words) in rows {
            // Writing to a string does not fail.
            let _ = match self.format {
                Format::Json => writeln!(out, "{}", serde_json::json!({"is": word, "reference": reference, "due": due, "text": words})),
                Format::Text => writeln!(out, "{word:<9} {reference:<26} {due:<11} {}", cut(words, 90)),
            };
        }
        Ok(out)
    }
}
