//! The custody record: what is still owed, what was not honoured, and every entry with its two times.

use super::board::{in_words, owed, rule_words, why_href};
use super::chips::{Chip, is_open};
use super::rows::row;
use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::body::Mark;
use crate::names::Names;
use crate::reading::{self, Opening};
use crate::rooms::correct::may_change;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect};
use habeas_codebook::i18n::NameOf;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_register::{Entry, VerdictEntry};
use serde::Deserialize;
use serde_json::Value as Json;

/// A duty in a list.
pub struct Duty {
    /// Its words.
    pub name: String,
    /// When.
    pub when: String,
    /// Its state.
    pub chip: Chip,
    /// Address of its why page.
    pub href: String,
}

/// A field of an entry, as shown.
pub struct FieldShown {
    /// Its words.
    pub name: String,
    /// Its value in words; nothing when withheld.
    pub value: Option<String>,
    /// The value before a correction.
    pub before: Option<String>,
}

/// An entry, as shown.
pub struct EntryShown {
    /// Id, for links.
    pub id: String,
    /// Kind in words.
    pub kind: String,
    /// RFC 3339, when it happened.
    pub stamp: String,
    /// When it happened.
    pub at: String,
    /// When it was recorded.
    pub recorded: String,
    /// How much later, where that is beyond the limit.
    pub late: Option<String>,
    /// Its fields.
    pub fields: Vec<FieldShown>,
    /// Some of it is not for this reader.
    pub withheld: bool,
    /// Withdrawn since.
    pub withdrawn: bool,
    /// Address where this reader may correct it.
    pub correct: Option<String>,
    /// Who entered it.
    pub by: String,
    /// Place in the log.
    pub index: u64,
    /// Verdicts that rest on it.
    pub chips: Vec<Chip>,
}

/// A day of entries.
pub struct Day {
    /// Heading.
    pub name: String,
    /// Newest first.
    pub entries: Vec<EntryShown>,
}

/// What is known of a person at the top of every page about them.
pub struct Identity {
    /// Name, or the number.
    pub name: String,
    /// Address of the record.
    pub href: String,
    /// Pairs of words.
    pub facts: Vec<(String, String)>,
    /// Practical instructions.
    pub flags: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/record.html")]
struct Record {
    shell: Shell,
    identity: Identity,
    owed: Vec<Duty>,
    breached: Vec<Duty>,
    days: Vec<Day>,
    known_at: String,
    may_slip: bool,
    flows: Vec<(String, String)>,
}

/// What the address asks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    /// As known at.
    #[serde(default)]
    pub known_at: String,
}

/// The record that a notice names by its random handle. Unknown, and not for this reader, are one answer.
pub async fn of_handle(State(desk): State<Desk>, who: SignedIn, Path(handle): Path<String>) -> Answer {
    let found = desk.work(move |desk| {
        let (class, id) = desk.register.subject_of_handle(&handle)?.ok_or(DeskError::Absent)?;
        desk.sight(&who, &class, &id)?;
        Ok(format!("/record/{class}/{id}"))
    });
    Ok(Redirect::to(&found.await?).into_response())
}

/// The record page. That it was opened is an entry of its own.
pub async fn record(
    State(desk): State<Desk>,
    who: SignedIn,
    Path((class, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let known_at = match asked.known_at.as_str() {
        "" => None,
        text => Some(habeas_codebook::value::moment(text).ok_or(DeskError::Input { field: "known_at", text: "error-unreadable" })?),
    };
    let page = desk.work(move |desk| page(desk, &who, (&class, &id), known_at)).await?;
    show(&page)
}

fn page(desk: &Desk, who: &SignedIn, (class, id): (&str, &str), known_at: Option<Moment>) -> Result<Record, DeskError> {
    let sight = desk.sight(who, class, id)?;
    desk.note_opened(who, &sight, &Opening::default())?;
    let teller = desk.teller(who.language);
    let identity = identity(desk, &teller, &sight, (class, id))?;
    let verdicts = row(desk, class, id, teller.now)?;
    let seen: Vec<&VerdictEntry> = verdicts.verdicts.iter().filter(|verdict| sight.verdict(verdict)).collect();
    let duty = |verdict: &VerdictEntry| Duty {
        name: rule_words(desk, &teller, verdict),
        when: verdict.due_at.or(verdict.since).map(|due| teller.instant(due)).unwrap_or_default(),
        chip: Chip::of(&teller, verdict),
        href: why_href(verdict),
    };
    let is_not_honoured = |verdict: &&&VerdictEntry| (verdict.verdict == "breached" && !is_open(verdict)) || verdict.verdict == "met_late";
    let entries = entries(desk, &sight, (class, id), known_at)?;
    let shell = desk.titled(who, format!("{}, {}", desk.texts.say(who.language, "record-title", &[]), identity.name));
    let flows = desk.codebook.flows.iter().filter(|flow| desk.codebook.class(flow.subject).name == class);
    Ok(Record {
        owed: owed(&seen).into_iter().map(duty).collect(),
        breached: seen.iter().filter(is_not_honoured).map(|verdict| duty(verdict)).collect(),
        days: days(desk, &teller, &sight, &entries, &seen),
        known_at: known_at.map(|at| teller.stamp(at)).unwrap_or_default(),
        flows: flows.map(|flow| (in_words(&flow.name), format!("/record/{class}/{id}/flow/{}", flow.name.replace(' ', "-")))).collect(),
        may_slip: class == "custody" && desk.screened("notification").any(|kind| sight.may_record(kind)),
        shell: shell.at(format!("/record/{class}/{id}")),
        identity,
    })
}

/// The identity bar.
///
/// # Errors
/// Trouble with the register.
pub fn identity(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, (class, id): (&str, &str)) -> Result<Identity, DeskError> {
    let row = row(desk, class, id, teller.now)?;
    let say = |text: &str| teller.texts.say(teller.language, text, &[]);
    let mut facts = vec![(say("custody-number"), id.to_owned())];
    if let Some(cell) = &row.cell {
        facts.push((say("where"), cell.clone()));
    } else if let Some(place) = &row.place {
        facts.push((say("where"), desk.place_name(place)));
    }
    if let Some(at) = row.opened_at {
        facts.push((say("held"), teller.length(teller.now.0 - at.0)));
    }
    let name = row.name_for(sight).unwrap_or_else(|| id.to_owned());
    Ok(Identity { name, href: format!("/record/{class}/{id}"), facts, flags: row.flags_for(sight) })
}

/// The entries of a record that this reader may know of, oldest first, those about the person among them.
///
/// # Errors
/// Trouble with the register.
pub fn entries(desk: &Desk, sight: &Sight<'_>, (class, id): (&str, &str), known_at: Option<Moment>) -> Result<Vec<Entry>, DeskError> {
    let mut entries = desk.register.history(class, id, known_at)?;
    let person = sight.tied.tied.iter().chain(&sight.tied.subjects).find(|(class, _)| class == "person");
    if let Some((_, person)) = person.filter(|_| class != "person") {
        let own = desk.register.history("person", person, known_at)?;
        entries.extend(own.into_iter().filter(|entry| !entry.subject.iter().any(|(other, _)| other == class)));
    }
    entries.sort_by_key(|entry| (entry.when.latest.0.min(entry.recorded_at.0), entry.index));
    entries.retain(|entry| !reading::is_reading(entry) && sight.entry(entry));
    Ok(entries)
}

fn days(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, entries: &[Entry], verdicts: &[&VerdictEntry]) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries.iter().rev() {
        let name = teller.day(Moment(entry.when.latest.0.min(entry.recorded_at.0)));
        if days.last().is_none_or(|day| day.name != name) {
            days.push(Day { name, entries: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.entries.push(shown(desk, teller, sight, entry, verdicts));
        }
    }
    days
}

/// One entry, as this reader may see it.
#[must_use]
pub fn shown(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, entry: &Entry, verdicts: &[&VerdictEntry]) -> EntryShown {
    let names = Names::new(&desk.codebook, teller.language);
    let fields: Vec<FieldShown> = entry
        .fields
        .iter()
        .filter(|told| sight.field(entry, &told.name))
        .map(|told| FieldShown {
            name: names.field(&entry.kind, &told.name),
            value: Some(words(&desk.codebook, teller, &told.value)),
            before: told.before.last().map(|(value, _)| words(&desk.codebook, teller, value)),
        })
        .collect();
    let rests = verdicts.iter().filter(|verdict| verdict.events.contains(&entry.id) || verdict.trigger.as_deref() == Some(&entry.id));
    let mut chips: Vec<Chip> = rests.filter(|verdict| verdict.verdict != "n.a.").map(|verdict| Chip::of(teller, verdict)).collect();
    chips.dedup();
    chips.truncate(4);
    if entry.late {
        chips.insert(0, Chip::plain(teller, "late-entry", "chip-late-entry", Some(entry.recorded_at.0 - entry.when.latest.0)));
    }
    EntryShown {
        id: entry.id.clone(),
        kind: names.kind(&entry.kind),
        stamp: teller.stamp(Moment(entry.when.latest.0.min(entry.recorded_at.0))),
        at: if entry.when.is_exact() { teller.hour(entry.when.earliest) } else { teller.at(entry.when) },
        recorded: teller.instant(entry.recorded_at),
        late: entry.late.then(|| teller.length(entry.recorded_at.0 - entry.when.latest.0)),
        withheld: fields.len() < entry.fields.len() || !entry.sealed.is_empty(),
        withdrawn: entry.withdrawn_by.is_some(),
        correct: correct_href(desk, sight, entry),
        fields,
        by: entry.by.clone().unwrap_or_default(),
        index: entry.index,
        chips,
    }
}

fn correct_href(desk: &Desk, sight: &Sight<'_>, entry: &Entry) -> Option<String> {
    let (class, id) = sight.tied.subjects.first()?;
    may_change(desk, sight, class, entry).then(|| format!("/record/{class}/{id}/correct/{}", entry.id))
}

/// A value in words.
#[must_use]
pub fn words(codebook: &Codebook, teller: &Teller<'_>, value: &Json) -> String {
    match value {
        Json::Null => "\u{2013}".to_owned(),
        Json::Bool(is) => teller.texts.say(teller.language, if *is { "yes" } else { "no" }, &[]),
        Json::Number(number) => number.to_string(),
        Json::String(text) if Mark::is_one(text) => Mark::read(text).words(teller),
        Json::String(text) if text == "yes" || text == "no" => teller.texts.say(teller.language, text, &[]),
        Json::String(text) => match habeas_codebook::value::time(text, &codebook.almanac).filter(|_| text.len() > 19) {
            Some(at) => teller.at(at),
            None => {
                let word = codebook.labels.word(teller.language.code(), NameOf::Value, text);
                word.map_or_else(|| text.replace('_', " "), str::to_owned)
            }
        },
        Json::Array(items) => items.iter().map(|item| words(codebook, teller, item)).collect::<Vec<_>>().join(", "),
        Json::Object(members) => members.values().map(|item| words(codebook, teller, item)).collect::<Vec<_>>().join(" "),
    }
}
