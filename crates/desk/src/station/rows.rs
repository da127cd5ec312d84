//! What the board knows of each record, kept until the record changes.

use crate::desk::{Desk, Sight};
use crate::error::DeskError;
use crate::kept::Kept;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldType, Sensitivity};
use habeas_register::{Entry, Query, VerdictEntry};
use std::sync::Arc;

/// Screen roles of what a doctor's queue is made of.
const HEALTH: [&str; 2] = ["medical-request", "examination"];

/// Longest practical instruction that a board shows, in characters.
const FLAG: usize = 40;

/// One record, as a board needs it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Class and id.
    pub subject: (String, String),
    /// The person, if an entry names one.
    pub person: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// When the life of the record began.
    pub opened_at: Option<Moment>,
    /// The cell, if in one.
    pub cell: Option<String>,
    /// The entry and field that say the name, and the name.
    pub name: Option<(Entry, String, String)>,
    /// Practical instructions: the entry, its field, the words.
    pub flags: Vec<(Entry, String, String)>,
    /// Wishes for a doctor and examinations, as they stand.
    pub health: Vec<Entry>,
    /// Verdicts about it that are not settled: breaches, what runs, what cannot be told.
    pub verdicts: Vec<VerdictEntry>,
}

/// Rows kept, young and old: a dozen kilobytes each.
const MOST: usize = 2_048;

/// Rows kept, by class and id of the record.
pub struct Rows(Kept<(String, String), Row>);

impl Default for Rows {
    fn default() -> Self {
        Self(Kept::new(MOST))
    }
}

impl Rows {
    /// Forgets the rows of records that changed.
    pub fn forget(&self, subjects: &[(String, String)]) {
        self.0.retain(|key, row| {
            let person = row.person.as_ref();
            !subjects.iter().any(|one| one == key || (one.0 == "person" && Some(&one.1) == person))
        });
    }
}

impl Row {
    /// The name, as far as this reader may know it.
    #[must_use]
    pub fn name_for(&self, sight: &Sight<'_>) -> Option<String> {
        self.name.as_ref().filter(|(entry, field, _)| sight.field(entry, field)).map(|(.., name)| name.clone())
    }

    /// The instructions that this reader may know.
    #[must_use]
    pub fn flags_for(&self, sight: &Sight<'_>) -> Vec<String> {
        self.flags.iter().filter(|(entry, field, _)| sight.field(entry, field)).map(|(.., words)| words.clone()).collect()
    }
}

/// Brings the verdicts of records whose rows are to be made up to a moment, all at once: [`row`] asks for each at that moment.
///
/// # Errors
/// Trouble with the register.
pub fn settle<'s>(desk: &Desk, subjects: impl Iterator<Item = &'s (String, String)>, now: Moment) -> Result<(), DeskError> {
    let new: Vec<(String, String)> = subjects.filter(|subject| desk.rows.0.peek(subject).is_none()).cloned().collect();
    if new.is_empty() { Ok(()) } else { Ok(desk.register.settle_these(new, now)?) }
}

/// The row of a record, made anew if it changed. A page gives one and the same `now` for all of its rows, and has them brought up to it
/// together where they may be many ([`settle`]).
///
/// # Errors
/// Trouble with the register.
pub fn row(desk: &Desk, class: &str, id: &str, now: Moment) -> Result<Arc<Row>, DeskError> {
    let key = (class.to_owned(), id.to_owned());
    desk.rows.0.get(&key, || make(desk, key.clone(), now))
}

/// Every verdict about a record, also what is settled.
///
/// # Errors
/// Trouble with the register.
pub fn all_verdicts(desk: &Desk, (class, id): (&str, &str), now: Moment) -> Result<Vec<VerdictEntry>, DeskError> {
    let of_record = Query { subject: Some((class.to_owned(), id.to_owned())), ..Query::default() };
    Ok(desk.register.verdicts(&of_record, now)?)
}

fn make(desk: &Desk, subject: (String, String), now: Moment) -> Result<Row, DeskError> {
    let (class, id) = (subject.0.as_str(), subject.1.as_str());
    let life = desk.register.life(class, id)?;
    let tied = desk.register.ties(class, id)?;
    let person = tied.tied.iter().chain(&tied.subjects).find(|(class, _)| class == "person").map(|(_, id)| id.clone());
    let mut entries = desk.register.history(class, id, None)?;
    if let Some(person) = &person {
        let own: Vec<Entry> = desk.register.history("person", person, None)?;
        entries.extend(own.into_iter().filter(|one| !one.subject.iter().any(|(class, other)| *class == subject.0 && other != id)));
    }
    entries.sort_by_key(|entry| entry.index);
    entries.dedup_by_key(|entry| entry.index);
    entries.retain(|entry| entry.withdrawn_by.is_none());
    let mut verdicts = all_verdicts(desk, (class, id), now)?;
    verdicts.retain(|verdict| ["breached", "pending", "undetermined"].contains(&verdict.verdict.as_str()));
    let is_health = |entry: &&Entry| HEALTH.iter().any(|screen| has_screen(&desk.codebook, &entry.kind, screen));
    Ok(Row {
        health: entries.iter().filter(is_health).cloned().collect(),
        cell: cell(&desk.codebook, &entries),
        name: name(&desk.codebook, &entries),
        flags: flags(&entries),
        place: life.as_ref().and_then(|life| life.place.clone()),
        opened_at: life.and_then(|life| life.opened_at),
        subject,
        person,
        verdicts,
    })
}

/// Whether a kind is shown on screens under a role.
#[must_use]
pub fn has_screen(codebook: &Codebook, kind: &str, screen: &str) -> bool {
    codebook.kinds.iter().any(|one| one.name == kind && one.screens.iter().any(|role| role == screen))
}

/// Entries of a kind that declares a screen role, as they stand.
pub fn standing<'e>(
    codebook: &'e Codebook,
    entries: &'e [Entry],
    screen: &'static str,
) -> impl DoubleEndedIterator<Item = &'e Entry> + use<'e> {
    entries.iter().filter(move |entry| entry.withdrawn_by.is_none() && has_screen(codebook, &entry.kind, screen))
}

fn cell(codebook: &Codebook, entries: &[Entry]) -> Option<String> {
    let latest =
        entries.iter().rev().find(|entry| has_screen(codebook, &entry.kind, "cell-in") || has_screen(codebook, &entry.kind, "cell-out"))?;
    let is_in = has_screen(codebook, &latest.kind, "cell-in");
    let named = latest.subject.iter().find(|(class, _)| class == "cell").map(|(_, id)| id.clone());
    let field = latest.fields.iter().find(|told| told.name == "cell").and_then(|told| told.value.as_str()).map(str::to_owned);
    named.or(field).filter(|_| is_in)
}

/// The name of a person is the first identity text of the kind that describes persons.
fn name(codebook: &Codebook, entries: &[Entry]) -> Option<(Entry, String, String)> {
    let person: ClassId = codebook.class_named("person")?;
    let kind = codebook.kinds.iter().find(|kind| kind.describes.contains(&person) && name_field(codebook, kind).is_some())?;
    let field = name_field(codebook, kind)?;
    let entry = entries.iter().rev().find(|entry| entry.kind == kind.name)?;
    let value = entry.fields.iter().find(|told| told.name == field)?.value.as_str()?.to_owned();
    Some((entry.clone(), field, value))
}

fn name_field(codebook: &Codebook, kind: &habeas_codebook::tree::Kind) -> Option<String> {
    let is_name =
        |field: &&habeas_codebook::tree::Field| field.of == FieldType::Text && field.sensitivity == Sensitivity::Identity && !field.list;
    kind.fields.iter().find(is_name).map(|field| codebook.field_names[field.name.index()].clone())
}

fn flags(entries: &[Entry]) -> Vec<(Entry, String, String)> {
    let mut found: Vec<(Entry, String, String)> = Vec::new();
    for entry in entries.iter().rev() {
        for told in entry.fields.iter().filter(|told| told.name == "handling") {
            let words = told.value.as_str().unwrap_or_default().trim();
            if !words.is_empty() && words.chars().count() <= FLAG && !found.iter().any(|(.., other)| other == words) {
                found.push((entry.clone(), told.name.clone(), words.to_owned()));
            }
        }
    }
    found
}
