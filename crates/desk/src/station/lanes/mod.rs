//! The record as lanes: what happened over the hours, with the limits of the law in it and what went past them.
//!
//! A lane is found by the roles that the codebook's event blocks declare: kinds `as rest-start` and `as rest-end` make the spans of the
//! lane `rest`, a kind `as check` the marks of the lane `check`. A limit stands in the lane of the events that its rule is about.

mod drawing;

pub use drawing::{Drawing, Table, drawn};

use super::board::rule_words;
use super::chips::is_open;
use super::enter::kind_of;
use crate::clock::Teller;
use crate::desk::Desk;
use crate::names::Names;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Body, Codebook, Holds, Keep, Kind, KindId, Pattern, StateId};
use habeas_register::{Entry, VerdictEntry};
use std::collections::HashMap;

/// A lane: the id of its words, and the roles whose kinds stand in it, without their last part.
pub struct Lane {
    /// Text of its name.
    pub text: &'static str,
    roles: &'static [&'static str],
}

/// The lanes, those who protect the person first.
pub const LANES: [Lane; 9] = [
    Lane { text: "lane-lawyer", roles: &["lawyer", "lawyer-meeting"] },
    Lane { text: "lane-interview", roles: &["interview"] },
    Lane { text: "lane-rest", roles: &["rest"] },
    Lane { text: "lane-care", roles: &["care"] },
    Lane { text: "lane-check", roles: &["check"] },
    Lane { text: "lane-examination", roles: &["examination"] },
    Lane { text: "lane-contact", roles: &["notification", "visitor", "contact", "video"] },
    Lane { text: "lane-restraint", roles: &["restraint", "isolation"] },
    Lane { text: "lane-outside", roles: &["outing", "transfer"] },
];

/// What an event does in its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Opens,
    Closes,
    Asks,
    Happens,
}

/// How a piece is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It lasted.
    Span,
    /// It happened.
    Point,
    /// It was asked for.
    Asked,
    /// It was recorded later than it may be.
    Late,
    /// Until here, or at the latest here.
    Limit,
    /// Past the limit.
    Over,
}

/// Something in a lane.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Index into [`LANES`].
    pub lane: usize,
    /// How it is drawn.
    pub look: Look,
    /// From, or when.
    pub from: Moment,
    /// Until; the same as `from` where it did not last.
    pub to: Moment,
    /// It still goes on.
    pub runs: bool,
    /// What it is.
    pub words: String,
    /// How long it may last, for a limit.
    pub length: Option<i64>,
    /// Where it is explained: an entry of the page, or the page that says why.
    pub href: String,
}

/// Everything that stands in the lanes, in order of time.
#[must_use]
pub fn pieces(desk: &Desk, teller: &Teller<'_>, entries: &[Entry], verdicts: &[&VerdictEntry]) -> Vec<Piece> {
    let mut found = of_entries(&desk.codebook, teller, entries);
    found.extend(verdicts.iter().filter(|verdict| !verdict.record).flat_map(|verdict| of_verdict(desk, teller, verdict)));
    found.sort_by_key(|piece| (piece.from, piece.lane));
    found
}

/// Subjects that the spans of the lanes belong to, such as one interview: class and id, once each.
#[must_use]
pub fn instances(codebook: &Codebook, entries: &[Entry]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.withdrawn_by.is_none()) {
        let Some((_, Part::Opens | Part::Closes)) = kind_named(codebook, &entry.kind).and_then(|kind| place_of(codebook, kind)) else {
            continue;
        };
        for subject in entry.subject.iter().filter(|(class, _)| is_instance(codebook, class)) {
            if !found.contains(subject) {
                found.push(subject.clone());
            }
        }
    }
    found
}

/// Neither a thing nor one of those whose whole record it is.
fn is_instance(codebook: &Codebook, class: &str) -> bool {
    let Some(id) = codebook.class_named(class) else { return false };
    !codebook.class(id).thing && !["custody", "person"].contains(&class) && !crate::bonds::is_private(codebook, id)
}

fn kind_named<'c>(codebook: &'c Codebook, name: &str) -> Option<&'c Kind> {
    codebook.kinds.iter().find(|kind| kind.name == name)
}

/// The lane of a kind, and what it does there. A role without a last part begins something where another role ends it.
fn place_of(codebook: &Codebook, kind: &Kind) -> Option<(usize, Part)> {
    let lane_named = |stem: &str| LANES.iter().position(|lane| lane.roles.contains(&stem));
    kind.screens.iter().find_map(|screen| {
        if let Some(lane) = lane_named(screen) {
            let end = format!("{screen}-end");
            let is_ended = codebook.kinds.iter().any(|other| other.screens.contains(&end));
            return Some((lane, if is_ended { Part::Opens } else { Part::Happens }));
        }
        let (stem, last) = screen.rsplit_once('-')?;
        let part = match last {
            "start" | "resume" | "out" => Part::Opens,
            "end" | "pause" | "in" => Part::Closes,
            "request" => Part::Asks,
            _ => return None,
        };
        lane_named(stem).map(|lane| (lane, part))
    })
}

/// When something happened, for the lanes: never later than it was recorded.
fn at(entry: &Entry) -> Moment {
    Moment(entry.when.latest.0.min(entry.recorded_at.0))
}

fn of_entries(codebook: &Codebook, teller: &Teller<'_>, entries: &[Entry]) -> Vec<Piece> {
    let names = Names::new(codebook, teller.language);
    let mut open: HashMap<(usize, Option<String>), (Moment, &Entry)> = HashMap::new();
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| entry.withdrawn_by.is_none()) {
        let Some((lane, part)) = kind_named(codebook, &entry.kind).and_then(|kind| place_of(codebook, kind)) else { continue };
        let key = (lane, entry.subject.iter().find(|(class, _)| is_instance(codebook, class)).map(|(_, id)| id.clone()));
        let words = names.kind(&entry.kind);
        let point = |look: Look| {
            let look = if entry.late { Look::Late } else { look };
            piece(lane, look, (at(entry), at(entry)), words.clone(), &entry.id)
        };
        match part {
            Part::Opens => {
                open.entry(key).or_insert((at(entry), entry));
            }
            Part::Closes => match open.remove(&key) {
                Some((from, first)) => found.push(piece(lane, Look::Span, (from, at(entry)), names.kind(&first.kind), &first.id)),
                None => found.push(point(Look::Point)),
            },
            Part::Asks => found.push(point(Look::Asked)),
            Part::Happens => found.push(point(Look::Point)),
        }
    }
    for ((lane, _), (from, first)) in open {
        let to = Moment(teller.now.0.max(from.0));
        found.push(Piece { runs: true, ..piece(lane, Look::Span, (from, to), names.kind(&first.kind), &first.id) });
    }
    found
}

fn piece(lane: usize, look: Look, (from, to): (Moment, Moment), words: String, entry: &str) -> Piece {
    Piece { lane, look, from, to, runs: false, words, length: None, href: format!("#{entry}") }
}

/// The limit of a duty, and what went past it.
fn of_verdict(desk: &Desk, teller: &Teller<'_>, verdict: &VerdictEntry) -> Vec<Piece> {
    let rule = verdict.rule.as_deref().and_then(|id| desk.codebook.rules.iter().rev().find(|rule| rule.id == id));
    let Some(lane) = rule.and_then(|rule| lane_of(&desk.codebook, &rule.body)) else { return Vec::new() };
    if matches!(verdict.verdict.as_str(), "n.a." | "excused" | "undetermined") {
        return Vec::new();
    }
    let (words, href) = (rule_words(desk, teller, verdict), super::board::why_href(verdict));
    let length = verdict.due_at.zip(verdict.trigger_at).map(|(due, from)| due.0 - from.0);
    let one = |look: Look, from: Moment, to: Moment| Piece {
        lane,
        look,
        from,
        to,
        runs: false,
        words: words.clone(),
        length,
        href: href.clone(),
    };
    let mut found: Vec<Piece> = verdict.due_at.map(|due| one(Look::Limit, due, due)).into_iter().collect();
    if verdict.verdict != "breached" && verdict.verdict != "met_late" {
        return found;
    }
    let Some(from) = verdict.due_at.or(verdict.since).or(verdict.trigger_at) else { return found };
    let runs = is_open(verdict);
    let past = verdict.late_by.or(verdict.over_by).map(|length| Moment(from.0 + length));
    let to = verdict.until.or(past).or(runs.then_some(teller.now)).unwrap_or(from);
    found.push(Piece { runs, ..one(Look::Over, from, Moment(to.0.max(from.0))) });
    found
}

/// The lane of the events that a rule is about.
fn lane_of(codebook: &Codebook, body: &Body) -> Option<usize> {
    about(codebook, body).into_iter().find_map(|kind| place_of(codebook, codebook.kind(kind))).map(|(lane, _)| lane)
}

/// The events that a rule is about, what is owed first.
fn about(codebook: &Codebook, body: &Body) -> Vec<KindId> {
    let kinds = |patterns: &[Pattern]| patterns.iter().map(|pattern| kind_of(codebook, pattern.event)).collect::<Vec<_>>();
    let during = |state: StateId| match &codebook.states[state.index()].holds {
        Holds::Between { from, until } => [kinds(from), kinds(until)].concat(),
        Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. } => Vec::new(),
    };
    match body {
        Body::After { answer, trigger, .. } => kinds(&[answer.clone(), trigger.clone()]),
        Body::Before { event, required, .. } => kinds(&[event.clone(), required.clone()]),
        Body::While { state, keep, .. } => match keep {
            Keep::NotLonger { .. } | Keep::Forbidden | Keep::Count { .. } => during(*state),
            Keep::NoEvent(event) | Keep::Every { event, .. } => kinds(std::slice::from_ref(event)),
        },
        Body::EveryRecord { event, .. } | Body::EverySatisfies { event, .. } | Body::EveryRestsOn { event, .. } | Body::Never { event } => {
            kinds(std::slice::from_ref(event))
        }
        Body::Clock { answer, .. } => kinds(std::slice::from_ref(answer)),
        Body::Quantity { .. } => Vec::new(),
    }
}
