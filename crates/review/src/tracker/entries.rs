//! The tracker in a register: each of its events as an entry in the words of the codebook's vocabulary, and back.
//!
//! An entry is about the recommendation that it serves, so that a rule can ask whether something is planned about it; and about the
//! plan as a whole, so that the plan is one record. What a rule asks for by a code, such as who leads, is given as that code where it is
//! one, and in words beside it.

use super::{Event, KINDS, Link, Plan};
use crate::error::ReviewError;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The plan's own id, as a subject of the class `programme`.
pub const PLAN: &str = "plan-of-action";

/// An entry as a register takes it and gives it back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Kind, with `_` for spaces.
    pub kind: String,
    /// Class and id of each subject.
    pub subjects: Vec<(String, String)>,
    /// Fields by name.
    pub fields: Map<String, Value>,
    /// The document that it was brought from: such an entry may lack what only the register's own would have.
    pub source: Option<String>,
}

/// A column of the tracker and the field that keeps it.
type Place = (&'static str, &'static str);

/// The kinds of the tracker, and where their columns are kept.
const LAYOUT: [(&str, &[Place]); 13] = [
    (
        "recommendation_issued",
        &[
            ("mechanism", "mechanism"),
            ("state", "addressed state"),
            ("symbol", "symbol"),
            ("paragraph", "paragraph"),
            ("text", "text"),
            ("follow_up", "follow up"),
            ("due", "answer due"),
            ("topics", "topics"),
            ("groups", "groups"),
            ("made_by", "made by"),
            ("response", "response"),
            ("status", "standing"),
        ],
    ),
    (
        "question_put",
        &[
            ("mechanism", "mechanism"),
            ("state", "addressed state"),
            ("symbol", "symbol"),
            ("paragraph", "para"),
            ("asked_by", "done by"),
            ("text", "text"),
            ("asks_for", "asks for"),
            ("status", "standing"),
            ("topics", "topics"),
        ],
    ),
    ("action_planned", &[("what", "action"), ("leads", "led by"), ("helps", "helped by"), ("due", "due"), ("state", "standing")]),
    (
        "indicator_set",
        &[
            ("what", "indicator"),
            ("return", "counted by"),
            ("filter", "filter"),
            ("period", "for period"),
            ("value", "value"),
            ("unit", "unit"),
        ],
    ),
    ("progress_noted", &[("date", "dated"), ("text", "text"), ("evidence", "evidence")]),
    ("recommendation_answered", &[("status", "status")]),
    ("action_closed", &[("state", "outcome")]),
    ("answer_given", &[("status", "status")]),
    ("link_made", &[("from", "origin"), ("to", "to")]),
    ("link_removed", &[("from", "origin"), ("to", "to")]),
    ("status_overridden", &[("of", "entry"), ("status", "value"), ("why", "why"), ("question", "question"), ("asked_by", "asked by")]),
    (
        "link_overridden",
        &[("of", "entry"), ("replies", "value"), ("status", "answer"), ("why", "why"), ("question", "question"), ("asked_by", "asked by")],
    ),
    ("treaty_document_issued", &[("type", "type"), ("symbol", "symbol"), ("next_due", "next due")]),
];

/// Columns that are also told as a code of the vocabulary, where they are one: kind, column, field, several.
const CODES: [(&str, &str, &str, bool); 4] = [
    ("recommendation_issued", "mechanism", "done by", false),
    ("question_put", "mechanism", "body", false),
    ("action_planned", "leads", "lead", false),
    ("action_planned", "helps", "helpers", true),
];

/// Fields that a register asks for whenever the kind is entered, and the column that says them.
const ALWAYS: [(&str, &str, usize); 5] = [
    ("recommendation_issued", "text", 0),
    ("question_put", "text", 1),
    ("action_planned", "what", 2),
    ("indicator_set", "what", 3),
    ("progress_noted", "text", 4),
];

/// Kinds that come from a document of somebody else.
const BROUGHT: [&str; 4] = ["recommendation_issued", "question_put", "answer_given", "treaty_document_issued"];

fn layout(kind: &str) -> Option<&'static [Place]> {
    LAYOUT.iter().find(|(name, _)| *name == kind).map(|(_, places)| *places)
}

/// The entry that an event of the tracker is. `plan` holds everything up to and with the event; `fits` says whether a text is a value that
/// a field of a kind may have.
///
/// # Errors
/// An event that the tracker does not know, or a value that its field cannot have: which, and what to do.
pub fn entry(event: &Event, plan: &Plan, fits: &dyn Fn(&str, &str, &str) -> bool) -> Result<Entry, ReviewError> {
    let wrong = |problem: String| ReviewError::Line { place: format!("event {}", event.id), problem };
    let places = layout(&event.kind).ok_or_else(|| wrong(format!("`{}` is no kind of the tracker", event.kind)))?;
    let mut said = event.fields.clone();
    let reference = event.subject.values().next().cloned().unwrap_or_default();
    if let Some((_, column, kind)) = ALWAYS.iter().find(|(kind, ..)| *kind == event.kind) {
        let known = plan.items[*kind].get(&reference).map(|item| item.get(column).to_owned()).unwrap_or_default();
        said.entry((*column).to_owned()).or_insert(known);
    }
    let mut fields = Map::new();
    let mut emptied = Vec::new();
    for (column, value) in &said {
        let Some((_, field)) = places.iter().find(|(known, _)| known == column) else { continue };
        if value.is_empty() {
            emptied.push(column.as_str());
        } else if fits(&event.kind, field, value) {
            fields.insert((*field).to_owned(), if *field == "evidence" { json!([value]) } else { json!(value) });
        } else if *field == "type" {
            // A document of no kind that the vocabulary has is entered without one.
        } else {
            return Err(wrong(format!("`{value}` cannot be the {column} of {reference}; the vocabulary's `{field}` has no such value")));
        }
        for (_, _, code, several) in CODES.iter().filter(|(kind, of, ..)| *kind == event.kind && of == column) {
            let codes: Vec<String> = value.split('|').map(code_of).filter(|text| fits(&event.kind, code, text)).collect();
            if let Some(first) = codes.first() {
                fields.insert((*code).to_owned(), if *several { json!(codes) } else { json!(first) });
            }
        }
    }
    if !emptied.is_empty() && KINDS.iter().any(|kind| kind.event == event.kind) {
        fields.insert("emptied".to_owned(), json!(emptied.join(" ")));
    }
    let subject = about(event, &reference, plan, &mut fields);
    let source = BROUGHT.contains(&event.kind.as_str()).then(|| said.get("symbol").filter(|text| !text.is_empty()));
    let source = source.map(|symbol| symbol.cloned().unwrap_or_else(|| "typed in".to_owned()));
    Ok(Entry { kind: event.kind.clone(), subjects: vec![subject, ("programme".to_owned(), PLAN.to_owned())], fields, source })
}

/// `Interior Ministry` as the code it would be.
fn code_of(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Whom an entry is about first of all; what else it has to name goes to its fields.
fn about(event: &Event, reference: &str, plan: &Plan, fields: &mut Map<String, Value>) -> (String, String) {
    let rec = |id: &str| ("rec".to_owned(), id.to_owned());
    let review = |id: &str| ("review".to_owned(), id.to_owned());
    match event.kind.as_str() {
        "question_put" | "answer_given" | "status_overridden" | "link_overridden" | "treaty_document_issued" => review(reference),
        "recommendation_issued" => rec(reference),
        "recommendation_answered" => {
            let status = event.fields.get("status").cloned().unwrap_or_default();
            fields.entry("action").or_insert(json!(status));
            fields.entry("done by").or_insert(json!(event.by));
            rec(reference)
        }
        "link_made" | "link_removed" => {
            let from = event.fields.get("from").map_or(reference, String::as_str);
            rec(&served(plan, from).unwrap_or_else(|| from.to_owned()))
        }
        kind => {
            fields.insert("key".to_owned(), json!(reference));
            if kind == "action_closed" {
                fields.insert("action".to_owned(), json!(reference));
            }
            rec(&served(plan, reference).unwrap_or_else(|| reference.to_owned()))
        }
    }
}

/// The recommendation that something in the plan serves: the nearest by links, the first by reference of equals.
fn served(plan: &Plan, reference: &str) -> Option<String> {
    let mut seen = BTreeSet::from([reference.to_owned()]);
    let mut ring = vec![reference.to_owned()];
    while !ring.is_empty() {
        if let Some(found) = ring.iter().filter(|one| plan.items[0].contains_key(*one)).min() {
            return Some(found.clone());
        }
        let next = |one: &String| {
            let other = |link: &Link| match (&link.from == one, &link.to == one) {
                (true, _) => Some(link.to.clone()),
                (_, true) => Some(link.from.clone()),
                (false, false) => None,
            };
            plan.links.iter().filter_map(other).collect::<Vec<_>>()
        };
        ring = ring.iter().flat_map(next).filter(|one| seen.insert(one.clone())).collect();
    }
    None
}

/// The event of the tracker that an entry of a register is; nothing for an entry of another kind. `id`, `at` and `by` are the entry's own.
#[must_use]
pub fn event(entry: &Entry, id: &str, at: &str, by: &str) -> Option<Event> {
    let kind = entry.kind.replace(' ', "_");
    let places = layout(&kind)?;
    let text = |name: &str| entry.fields.get(name).map(spelt);
    let mut fields = BTreeMap::new();
    for (column, field) in places {
        if let Some(value) = text(field) {
            fields.insert((*column).to_owned(), value);
        }
    }
    for column in text("emptied").unwrap_or_default().split_whitespace() {
        fields.insert(column.to_owned(), String::new());
    }
    let subject = |class: &str| entry.subjects.iter().find(|(own, _)| own == class).map(|(_, id)| id.clone());
    let (class, named) = match kind.as_str() {
        "question_put" | "answer_given" | "status_overridden" | "link_overridden" | "treaty_document_issued" => {
            ("review", subject("review"))
        }
        "link_made" | "link_removed" => ("rec", text("origin")),
        _ => ("rec", text("key").or_else(|| subject("rec"))),
    };
    Some(Event {
        id: id.to_owned(),
        at: at.to_owned(),
        by: by.to_owned(),
        subject: BTreeMap::from([(class.to_owned(), named?)]),
        fields,
        kind,
    })
}

fn spelt(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(spelt).collect::<Vec<_>>().join("|"),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
