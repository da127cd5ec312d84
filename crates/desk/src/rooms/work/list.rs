//! The lines of a work list, as one reader may see them.

use super::items::{Item, item};
use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Reader, Sight};
use crate::error::DeskError;
use crate::names::Names;
use crate::station::answers::{answer, thing};
use crate::station::board::{Owed, group_of, owed};
use crate::station::enter::kind_of;
use crate::station::rows::{Row, row, settle};
use habeas_access::What;
use habeas_codebook::moment::Moment;
use habeas_codebook::room::{FieldOf, Room, Shown};
use habeas_codebook::tree::{Act, Codebook, EventName, FieldId, Tie};
use habeas_register::{Entry, Life, VerdictEntry};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Subjects asked for at a time.
const STEP: u32 = 500;
/// A date that is nearer than this is soon: 30 days, in microseconds.
const SOON: i64 = 30 * 24 * 3_600 * 1_000_000;

/// What stands in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// In words.
    pub text: String,
    /// By which it is sorted.
    pub order: String,
    /// `overdue` or `soon`, for a date that a list is about.
    pub state: &'static str,
}

/// One line of a list.
pub struct Line {
    /// Address of the record.
    pub href: String,
    /// Class and id, for the script.
    pub key: String,
    /// Number of the subject.
    pub number: String,
    /// Name, where this reader may know one.
    pub name: Option<String>,
    /// Where, or nothing.
    pub place: String,
    /// In the list since.
    pub begun: String,
    /// The same as a moment.
    pub since: Moment,
    /// The latest entry of those that the list knows, in words.
    pub last: String,
    /// Columns.
    pub cells: Vec<Cell>,
    /// The duty owed next.
    pub duty: Option<Owed>,
    /// 0 overdue, 1 soon, 2 undetermined, 3 later, 4 nothing owed.
    pub group: u8,
    /// When the next duty falls due.
    pub due: i64,
    /// The date that the list is laid out by.
    pub date: Option<Moment>,
    /// It is the reader's own case, client or patient.
    pub is_mine: bool,
    /// It may leave the desk as a file.
    pub may_export: bool,
}

/// A list with its headings.
pub struct List {
    /// Headings of the columns.
    pub heads: Vec<String>,
    /// Lines, the most urgent first.
    pub lines: Vec<Line>,
}

/// One column, once those for each value of a field are known.
enum Column {
    Shown(usize),
    Value(FieldOf, FieldId, String),
}

/// What a list is of and who reads it, handed on together.
struct Reading<'d> {
    desk: &'d Desk,
    room: &'d Room,
    teller: Teller<'d>,
}

/// Every line of a list that somebody may see.
///
/// # Errors
/// Trouble with the register.
pub fn list(desk: &Desk, who: &SignedIn, number: usize) -> Result<List, DeskError> {
    let room = &desk.codebook.rooms[number];
    let class = desk.codebook.class(room.subject).name.clone();
    let (reading, reader) = (Reading { desk, room, teller: desk.teller(who.language) }, desk.reader(who));
    let mut found: Vec<(Life, std::sync::Arc<Item>, Sight<'_>)> = Vec::new();
    for life in lives(desk, (who, &reader), room, &class)? {
        let Some(item) = item(desk, number, (&class, &life.subject.1))? else { continue };
        let Ok(sight) = reader.sight(&class, &life.subject.1) else { continue };
        if sight.entry(&item.begun) {
            found.push((life, item, sight));
        }
    }
    let columns = reading.columns(found.iter().map(|(_, item, sight)| (&**item, sight)));
    let heads = columns.iter().map(|column| reading.head(column)).collect();
    let mut lines = Vec::with_capacity(found.len());
    settle(desk, found.iter().map(|(life, ..)| &life.subject), reading.teller.now)?;
    for (life, item, sight) in &found {
        let row = row(desk, &class, &life.subject.1, reading.teller.now)?;
        lines.push(reading.line(life, item, sight, &row, &columns));
    }
    lines.sort_by(|one, other| (one.group, one.due, &one.number).cmp(&(other.group, other.due, &other.number)));
    Ok(List { heads, lines })
}

/// The subjects that a list may hold: of the reader's places, for custody, or of whoever may be their client where they read of no others;
/// those that are closed only where the list begins with a close.
fn lives(desk: &Desk, (who, reader): (&SignedIn, &Reader<'_>), room: &Room, class: &str) -> Result<Vec<Life>, DeskError> {
    let own = &who.session.account.places;
    let kinds = || room.from.iter().map(|pattern| kind_of(&desk.codebook, pattern.event));
    let is_closing = kinds().any(|kind| desk.codebook.kind(kind).closes.contains(&room.subject));
    if class == "custody" && own.is_empty() && !is_closing && kinds().all(|kind| reader.reads_of_clients_alone(kind)) {
        return desk.may_be_clients(&who.session.account.id);
    }
    let places: Vec<Option<&str>> =
        if class == "custody" && !own.is_empty() { own.iter().map(|place| Some(place.as_str())).collect() } else { vec![None] };
    let mut lives = Vec::new();
    for place in places {
        let mut after = None;
        loop {
            let ask = if is_closing { habeas_register::Register::subjects } else { habeas_register::Register::subjects_open };
            let step = ask(&desk.register, class, place, after, STEP)?;
            after = step.last().map(|life| life.cursor);
            let is_last = step.len() < STEP as usize;
            lives.extend(step);
            if is_last {
                break;
            }
        }
    }
    Ok(lives)
}

fn text<'e>(entry: &'e Entry, field: &str) -> Option<&'e Json> {
    entry.fields.iter().find(|told| told.name == field).map(|told| &told.value)
}

/// The moment that a date or time stands for, its beginning.
fn moment(codebook: &Codebook, value: &Json) -> Option<Moment> {
    let text = value.as_str()?;
    let at = habeas_codebook::value::time(text, &codebook.almanac);
    at.map(|at| at.earliest).or_else(|| habeas_codebook::value::moment(text))
}

impl<'d> Reading<'d> {
    fn field(&self, field: FieldId) -> &'d str {
        &self.desk.codebook.field_names[field.index()]
    }

    fn names(&self) -> Names<'d> {
        Names::new(&self.desk.codebook, self.teller.language)
    }

    fn event(&self, event: EventName) -> String {
        let codebook = &self.desk.codebook;
        let name = match event {
            EventName::Kind(kind) => &codebook.kind(kind).name,
            EventName::Alias(alias) => &codebook.aliases[alias.index()].name,
        };
        self.names().kind(name)
    }

    /// The columns; for `for each`, one for every value that some line has.
    fn columns<'i>(&self, items: impl Iterator<Item = (&'i Item, &'i Sight<'i>)> + Clone) -> Vec<Column> {
        let mut columns = Vec::new();
        for (n, shown) in self.room.shows.iter().enumerate() {
            let Shown::Across(of, each) = shown else {
                columns.push(Column::Shown(n));
                continue;
            };
            let name = self.field(*each);
            let mut values = BTreeSet::new();
            for (item, sight) in items.clone() {
                let seen = item.latest(of.event).filter(|entry| sight.entry(entry) && sight.field(entry, name));
                values.extend(seen.filter_map(|entry| text(entry, name)?.as_str().map(str::to_owned)));
            }
            columns.extend(values.into_iter().map(|value| Column::Value(*of, *each, value)));
        }
        columns
    }

    fn head(&self, column: &Column) -> String {
        let codebook = &self.desk.codebook;
        let kind = |event| codebook.kind(kind_of(codebook, event)).name.clone();
        match column {
            Column::Value(_, each, value) => self.names().value(self.field(*each), value),
            Column::Shown(n) => match &self.room.shows[*n] {
                Shown::Event(event) => self.event(*event),
                Shown::State(state) => self.names().state(&codebook.states[state.index()].name),
                Shown::Field(of) | Shown::Across(of, _) => self.names().field(&kind(of.event), self.field(of.field)),
            },
        }
    }

    fn cell(&self, item: &Item, sight: &Sight<'_>, column: &Column) -> Cell {
        match column {
            Column::Value(of, each, value) => {
                let name = self.field(*each);
                let mut latest = item.latest(of.event).filter(|entry| sight.entry(entry) && sight.field(entry, name));
                let entry = latest.find(|entry| text(entry, name).and_then(Json::as_str) == Some(value));
                entry.map(|entry| self.value(entry, sight, of.field, true)).unwrap_or_default()
            }
            Column::Shown(n) => match &self.room.shows[*n] {
                Shown::Event(event) => {
                    let entry = item.latest(*event).find(|entry| sight.entry(entry));
                    let at = |entry: &Entry| Cell { text: self.teller.at(entry.when), order: entry.when.earliest.0.to_string(), state: "" };
                    entry.map(at).unwrap_or_default()
                }
                Shown::State(state) => {
                    let since = item.states.iter().find(|(one, _)| one == state).map(|(_, since)| *since);
                    let since = since.filter(|_| self.may_know(sight, *state));
                    since.map(|since| Cell { text: self.since(since), order: since.0.to_string(), state: "" }).unwrap_or_default()
                }
                Shown::Field(of) | Shown::Across(of, _) => {
                    let entry = item.latest(of.event).find(|entry| sight.entry(entry));
                    entry.map(|entry| self.value(entry, sight, of.field, false)).unwrap_or_default()
                }
            },
        }
    }

    fn since(&self, since: Moment) -> String {
        self.teller.texts.say(self.teller.language, "work-since", &[("time", &self.teller.instant(since))])
    }

    /// Whether a reader may know that a state holds: whoever may read all that begins it.
    fn may_know(&self, sight: &Sight<'_>, state: habeas_codebook::tree::StateId) -> bool {
        let codebook = &self.desk.codebook;
        let habeas_codebook::tree::Holds::Between { from, .. } = &codebook.states[state.index()].holds else { return true };
        from.iter().all(|pattern| sight.may(Act::Read, &What::Event(kind_of(codebook, pattern.event))))
    }

    fn value(&self, entry: &Entry, sight: &Sight<'_>, field: FieldId, is_until: bool) -> Cell {
        let name = self.field(field);
        let Some(value) = text(entry, name).filter(|_| sight.field(entry, name)) else { return Cell::default() };
        let at = moment(&self.desk.codebook, value).filter(|_| is_until);
        let state = match at.map(|at| at.0 - self.teller.now.0) {
            Some(left) if left < 0 => "overdue",
            Some(left) if left < SOON => "soon",
            Some(_) | None => "",
        };
        let text = answer(self.desk, &self.teller, sight, (&entry.kind, name), value);
        Cell { text, order: value.as_str().unwrap_or_default().to_owned(), state }
    }

    fn line(&self, life: &Life, item: &Item, sight: &Sight<'_>, row: &Row, columns: &[Column]) -> Line {
        let (class, id) = &life.subject;
        let seen: Vec<&VerdictEntry> = row.verdicts.iter().filter(|verdict| sight.verdict(verdict) && self.is_ours(verdict)).collect();
        let owed = owed(&seen);
        let duty = owed.first().map(|verdict| Owed::of(self.desk, &self.teller, verdict));
        let group = group_of(duty.as_ref());
        let by = self.room.by.and_then(|of| {
            let name = self.field(of.field);
            let entry = item.latest(of.event).find(|entry| sight.entry(entry) && sight.field(entry, name))?;
            moment(&self.desk.codebook, text(entry, name)?)
        });
        let last = item.entries.iter().rev().find(|entry| sight.entry(entry)).unwrap_or(&item.begun);
        Line {
            href: format!("/record/{class}/{id}"),
            key: format!("{class}/{id}"),
            number: id.clone(),
            name: row.name_for(sight).or_else(|| Some(thing(self.desk, &self.teller, sight, (class, id))).filter(|name| name != id)),
            place: life.place.as_deref().map(|place| self.desk.place_name(place)).unwrap_or_default(),
            begun: self.teller.at(item.begun.when),
            since: item.begun.when.earliest,
            last: self.names().kind(&last.kind),
            cells: columns.iter().map(|column| self.cell(item, sight, column)).collect(),
            due: owed.first().and_then(|verdict| verdict.due_at).map_or(i64::MAX, |due| due.0),
            duty,
            group,
            date: by,
            is_mine: [Tie::OwnCase, Tie::OwnClient, Tie::OwnPatient].into_iter().any(|tie| sight.has(tie) && !sight.has(Tie::OwnPlace)),
            may_export: self.desk.authority.kind(&item.begun.kind).is_some_and(|kind| sight.may(Act::Export, &What::Event(kind))),
        }
    }

    /// Whether a rule stands in the chapter of the list: its duties are the work.
    fn is_ours(&self, verdict: &VerdictEntry) -> bool {
        let codebook = &self.desk.codebook;
        let mut rules = codebook.rules.iter().filter(|rule| Some(rule.id.as_str()) == verdict.rule.as_deref());
        rules.any(|rule| rule.mark.file == self.room.mark.file)
    }
}
