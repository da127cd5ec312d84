//! What the record says of a subject for one list, kept until the record changes: since when it is in the list, and the entries shown.

use crate::desk::Desk;
use crate::error::DeskError;
use crate::kept::Kept;
use crate::station::enter::kind_of;
use habeas_codebook::moment::Moment;
use habeas_codebook::room::{Room, Shown};
use habeas_codebook::tree::{EventName, KindId, Pattern, StateId};
use habeas_register::{Entry, Looked};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A subject that is in a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The entry with which it came into the list.
    pub begun: Entry,
    /// Its entries that the list may show, oldest first.
    pub entries: Vec<Entry>,
    /// For each event that the list names: places in `entries` of those that it means, oldest first.
    pub of: Vec<(EventName, Vec<usize>)>,
    /// States that hold now, and since when.
    pub states: Vec<(StateId, Moment)>,
}

type Key = (usize, String, String);

/// Items kept; `None` for a subject that is not in the list.
pub struct Items(Kept<Key, Option<Arc<Item>>>);

/// Items kept, young and old.
const MOST: usize = 8_192;

impl Default for Items {
    fn default() -> Self {
        Self(Kept::new(MOST))
    }
}

impl Items {
    /// Forgets what is kept of records that changed.
    pub fn forget(&self, subjects: &[(String, String)]) {
        self.0.retain(|(_, class, id), _| !subjects.iter().any(|(one, other)| one == class && other == id));
    }
}

/// The item of a subject in a list of the codebook, made anew if its record changed.
///
/// # Errors
/// Trouble with the register.
pub fn item(desk: &Desk, room: usize, (class, id): (&str, &str)) -> Result<Option<Arc<Item>>, DeskError> {
    let key = (room, class.to_owned(), id.to_owned());
    let item = desk.items.0.get(&key, || Ok::<_, DeskError>(made(desk, &desk.codebook.rooms[room], (class, id))?.map(Arc::new)))?;
    Ok((*item).clone())
}

fn made(desk: &Desk, room: &Room, (class, id): (&str, &str)) -> Result<Option<Item>, DeskError> {
    // Most were never in the list: they are known by their headers, and nothing of them is opened.
    let from: Vec<KindId> = room.from.iter().map(|pattern| kind_of(&desk.codebook, pattern.event)).collect();
    if desk.register.of_kinds((class, id), &from)?.is_empty() {
        return Ok(None);
    }
    let mut entries = desk.register.history(class, id, None)?;
    entries.retain(|entry| entry.withdrawn_by.is_none());
    entries.sort_by_key(|entry| (entry.when.earliest, entry.index));
    let named = events(room);
    let is_of = |entry: &Entry, kind: KindId| desk.codebook.kind(kind).name == entry.kind;
    if !entries.iter().any(|entry| from.iter().any(|kind| is_of(entry, *kind))) {
        return Ok(None);
    }
    let looked = look(desk, room, (class, id), &named)?;
    let Some(begun) = begun(room, &entries, &looked) else { return Ok(None) };
    let kinds: Vec<KindId> = named.iter().map(|event| kind_of(&desk.codebook, *event)).collect();
    let begun = entries[begun].clone();
    entries.retain(|entry| kinds.iter().any(|kind| is_of(entry, *kind)));
    let place: BTreeMap<&str, usize> = entries.iter().enumerate().map(|(n, entry)| (entry.id.as_str(), n)).collect();
    let first = room.from.len() + room.until.len();
    let of = named.iter().zip(&looked.matching[first..]);
    let of = of.map(|(event, ids)| (*event, ids.iter().filter_map(|id| place.get(id.as_str()).copied()).collect())).collect();
    let states = states(room).into_iter().zip(&looked.since).filter_map(|(state, since)| Some((state, (*since)?))).collect();
    Ok(Some(Item { begun, of, states, entries }))
}

/// Asks the register about the patterns of a list, in this order: from, until, what is shown.
fn look(desk: &Desk, room: &Room, subject: (&str, &str), named: &[EventName]) -> Result<Looked, DeskError> {
    let named: Vec<Pattern> = named.iter().map(|event| Pattern { event: *event, tests: Vec::new(), mark: room.mark.clone() }).collect();
    let patterns: Vec<&Pattern> = room.from.iter().chain(&room.until).chain(&named).collect();
    Ok(desk.register.look(subject, desk.now(), &patterns, &states(room))?)
}

/// The entry that put a subject into the list, if nothing has taken it out since. One that does both puts in and takes out.
fn begun(room: &Room, entries: &[Entry], looked: &Looked) -> Option<usize> {
    let (from, rest) = looked.matching.split_at(room.from.len());
    let until = &rest[..room.until.len()];
    let is_among = |lists: &[Vec<String>], entry: &Entry| lists.iter().any(|ids| ids.contains(&entry.id));
    let mut begun = None;
    for (n, entry) in entries.iter().enumerate() {
        if is_among(from, entry) {
            begun = begun.or(Some(n));
        }
        if is_among(until, entry) {
            begun = None;
        }
    }
    begun
}

/// Events that the list shows or is laid out by, each once.
fn events(room: &Room) -> Vec<EventName> {
    let shown = room.shows.iter().filter_map(|shown| match shown {
        Shown::Event(event) => Some(*event),
        Shown::Field(of) | Shown::Across(of, _) => Some(of.event),
        Shown::State(_) => None,
    });
    let mut events: Vec<EventName> = Vec::new();
    for event in shown.chain(room.by.map(|of| of.event)) {
        if !events.contains(&event) {
            events.push(event);
        }
    }
    events
}

fn states(room: &Room) -> Vec<StateId> {
    room.shows.iter().filter_map(|shown| if let Shown::State(state) = shown { Some(*state) } else { None }).collect()
}

impl Item {
    /// The entries that an event means, the latest first.
    pub fn latest(&self, event: EventName) -> impl Iterator<Item = &Entry> {
        let places = self.of.iter().find(|(one, _)| *one == event).map_or(&[][..], |(_, places)| places);
        places.iter().rev().map(|place| &self.entries[*place])
    }
}
