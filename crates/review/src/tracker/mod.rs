//! The tracker: what was recommended and asked, what is planned about it, what has been done. It is a fold over events; nothing is ever
//! changed, a later event only says more. Where the events are stored, and what the time is, is for others.

pub mod calendar;
pub mod entries;
pub mod issuing;
pub mod overriding;
pub mod page;
pub mod tables;

use crate::error::ReviewError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One event of the tracker, in the form of a log's line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id within the store: `t1`, `t2` …
    pub id: String,
    /// The kind: `action_planned`, `progress_noted` …
    pub kind: String,
    /// When it happened, RFC 3339 or a day.
    pub at: String,
    /// Who entered it.
    pub by: String,
    /// What it is about: the kind of subject and the reference.
    pub subject: BTreeMap<String, String>,
    /// What it says.
    pub fields: BTreeMap<String, String>,
}

/// A kind of item that the tracker keeps.
#[derive(Debug, PartialEq, Eq)]
pub struct ItemKind {
    /// The table's name, and the file's.
    pub table: &'static str,
    /// The word for one, in links.
    pub one: &'static str,
    /// The event that makes one.
    pub event: &'static str,
    /// Its columns besides `reference`.
    pub columns: &'static [&'static str],
}

/// The five kinds, in the order of their tables.
pub const KINDS: [ItemKind; 5] = [
    ItemKind {
        table: "recommendations",
        one: "recommendation",
        event: "recommendation_issued",
        columns: &[
            "mechanism",
            "state",
            "symbol",
            "paragraph",
            "text",
            "follow_up",
            "due",
            "topics",
            "groups",
            "made_by",
            "response",
            "status",
        ],
    },
    ItemKind {
        table: "questions",
        one: "question",
        event: "question_put",
        columns: &["mechanism", "state", "symbol", "paragraph", "asked_by", "text", "asks_for", "status", "topics"],
    },
    ItemKind { table: "actions", one: "action", event: "action_planned", columns: &["what", "leads", "helps", "due", "state"] },
    ItemKind {
        table: "indicators",
        one: "indicator",
        event: "indicator_set",
        columns: &["what", "return", "filter", "period", "value", "unit"],
    },
    ItemKind { table: "notes", one: "note", event: "progress_noted", columns: &["date", "text", "evidence"] },
];

/// One item: what is known of it now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its columns.
    #[serde(flatten)]
    pub fields: BTreeMap<String, String>,
    /// Who said the last word on it.
    #[serde(skip)]
    pub by: String,
}

impl Item {
    /// A column, empty where nothing was said.
    #[must_use]
    pub fn get(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }
}

/// A link between two items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// The reference it starts from.
    pub from: String,
    /// The reference it leads to.
    pub to: String,
}

/// Everything the events say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Items by reference, one map for each of [`KINDS`].
    pub items: [BTreeMap<String, Item>; 5],
    /// The links that stand.
    pub links: BTreeSet<Link>,
}

/// The index of a kind by the word for one, the table's name or the event.
#[must_use]
pub fn kind_of(word: &str) -> Option<usize> {
    KINDS.iter().position(|kind| kind.one == word || kind.table == word || kind.event == word)
}

impl Plan {
    /// Folds events in their order.
    ///
    /// # Errors
    /// An event of a kind that the tracker does not know, or one that speaks of what is not there.
    pub fn of(events: &[Event]) -> Result<Plan, ReviewError> {
        let mut plan = Plan::default();
        for event in events {
            plan.hear(event)?;
        }
        Ok(plan)
    }

    /// Takes in one more event.
    ///
    /// # Errors
    /// As [`Plan::of`].
    pub fn hear(&mut self, event: &Event) -> Result<(), ReviewError> {
        let wrong = |problem: String| ReviewError::Line { place: format!("event {}", event.id), problem };
        let reference = event.subject.values().next().cloned().unwrap_or_default();
        if let Some(kind) = kind_of(&event.kind) {
            if reference.is_empty() {
                return Err(wrong(format!("`{}` names no reference in its subject", event.kind)));
            }
            self.say(kind, &reference, event);
            return Ok(());
        }
        match event.kind.as_str() {
            "recommendation_answered" | "action_closed" | "answer_given" => {
                let kind = self.find(&reference).ok_or_else(|| wrong(format!("`{reference}` is not in the plan; make it first")))?;
                self.say(kind, &reference, event);
            }
            "link_made" | "link_removed" => {
                let link = Link {
                    from: event.fields.get("from").cloned().unwrap_or_default(),
                    to: event.fields.get("to").cloned().unwrap_or_default(),
                };
                for end in [&link.from, &link.to] {
                    self.find(end).ok_or_else(|| wrong(format!("the link's end `{end}` is not in the plan; make it first")))?;
                }
                if event.kind == "link_made" {
                    self.links.insert(link);
                } else {
                    self.links.remove(&link);
                }
            }
            "treaty_document_issued" | "status_overridden" | "link_overridden" | "return_published" => {}
            other => return Err(wrong(format!("`{other}` is no kind of the tracker; expected one of {}", kinds_known()))),
        }
        Ok(())
    }

    fn say(&mut self, kind: usize, reference: &str, event: &Event) {
        let item = self.items[kind].entry(reference.to_owned()).or_default();
        for (column, value) in &event.fields {
            item.fields.insert(column.clone(), value.clone());
        }
        item.by.clone_from(&event.by);
    }

    /// The kind of the item with this reference.
    #[must_use]
    pub fn find(&self, reference: &str) -> Option<usize> {
        self.items.iter().position(|items| items.contains_key(reference))
    }

    /// The first free reference of a kind: `action-3`.
    #[must_use]
    pub fn free(&self, kind: usize) -> String {
        let one = KINDS[kind].one;
        let taken = |number: &usize| self.items[kind].contains_key(&format!("{one}-{number}"));
        let number = (self.items[kind].len() + 1..).find(|number| !taken(number)).unwrap_or(0);
        format!("{one}-{number}")
    }

    /// The items of a kind in the order of their document: paragraph 6 before paragraph 10.
    #[must_use]
    pub fn in_order(&self, kind: usize) -> Vec<(&str, &Item)> {
        let mut items: Vec<(&str, &Item)> = self.items[kind].iter().map(|(reference, item)| (reference.as_str(), item)).collect();
        items.sort_by_cached_key(|(reference, _)| in_order(reference));
        items
    }

    /// Items of `kind` linked with `reference`, in either direction.
    #[must_use]
    pub fn linked(&self, reference: &str, kind: usize) -> Vec<&str> {
        let other =
            |link: &Link| if link.from == reference { Some(link.to.clone()) } else { (link.to == reference).then(|| link.from.clone()) };
        self.links
            .iter()
            .filter_map(other)
            .filter_map(|other| self.items[kind].get_key_value(&other))
            .map(|(key, _)| key.as_str())
            .collect()
    }

    /// What should have happened before the day `today` (ISO) and is not told to have: actions not done, recommendations not answered.
    #[must_use]
    pub fn overdue(&self, today: &str) -> Vec<Due<'_>> {
        self.dues().into_iter().filter(|due| !due.due.is_empty() && due.due < today).collect()
    }

    /// Every open item with a due day, the earliest first.
    #[must_use]
    pub fn dues(&self) -> Vec<Due<'_>> {
        let mut found = Vec::new();
        for kind in [0, 2] {
            for (reference, item) in &self.items[kind] {
                let state = if kind == 0 { item.get("status") } else { item.get("state") };
                let open = !matches!(state, "done" | "closed" | "dropped" | "rejected");
                if open && !item.get("due").is_empty() {
                    let what = if kind == 0 { item.get("text") } else { item.get("what") };
                    found.push(Due { kind, reference, due: item.get("due"), what, leads: item.get("leads") });
                }
            }
        }
        found.sort_by_cached_key(|due| (due.due, in_order(due.reference)));
        found
    }

    /// Recommendations and open questions that nothing is planned about, and indicators that neither a return nor a number feeds.
    #[must_use]
    pub fn unfed(&self) -> Vec<(usize, &str)> {
        let mut found = Vec::new();
        for kind in [0, 1] {
            for (reference, item) in self.in_order(kind) {
                let open = !matches!(item.get("status"), "done" | "full" | "rejected");
                if open && self.linked(reference, 2).is_empty() && self.linked(reference, 3).is_empty() {
                    found.push((kind, reference));
                }
            }
        }
        let fed = |item: &Item| !item.get("return").is_empty() || !item.get("value").is_empty();
        found.extend(self.items[3].iter().filter(|(_, item)| !fed(item)).map(|(reference, _)| (3, reference.as_str())));
        found
    }

    /// The plan as one JSON object: a table of items for each kind, and the links.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let mut all = serde_json::Map::new();
        for (kind, items) in KINDS.iter().zip(&self.items) {
            all.insert(kind.table.to_owned(), serde_json::json!(items));
        }
        all.insert("links".to_owned(), serde_json::json!(self.links));
        serde_json::Value::Object(all)
    }
}

/// A reference, so that its numbers are ordered as numbers: each stretch without digits, and the number behind it.
fn in_order(reference: &str) -> Vec<(&str, u64)> {
    let mut parts = Vec::new();
    let mut rest = reference;
    while !rest.is_empty() {
        let words = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let behind = &rest[words..];
        let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        parts.push((&rest[..words], behind[..digits].parse().unwrap_or(u64::MAX)));
        rest = &behind[digits..];
    }
    parts
}

/// An open item with its due day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due<'a> {
    /// The index of its kind.
    pub kind: usize,
    /// Its reference.
    pub reference: &'a str,
    /// The day, ISO.
    pub due: &'a str,
    /// What it is.
    pub what: &'a str,
    /// Who leads.
    pub leads: &'a str,
}

fn kinds_known() -> String {
    let made: Vec<&str> = KINDS.iter().map(|kind| kind.event).collect();
    format!("{}, recommendation_answered, action_closed, answer_given, link_made, link_removed", made.join(", "))
}

/// Reads a store of JSON Lines; `name` is the file's, for errors.
///
/// # Errors
/// A line that is no event, with its place.
pub fn read(name: &str, text: &str) -> Result<Vec<Event>, ReviewError> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(line, number)| {
            serde_json::from_str(line).map_err(|error| {
                let problem = format!("found no event ({error}); expected one JSON object with id, kind, at, by, subject, fields");
                ReviewError::Line { place: format!("{name}:{number}:{}", error.column().max(1)), problem }
            })
        })
        .collect()
}

/// One event as a line of a store.
///
/// # Panics
/// Never: an event has text keys only.
#[must_use]
pub fn line(event: &Event) -> String {
    serde_json::to_string(event).expect("an event has text keys only") + "\n"
}
