//! What is remembered between appends of what was read to judge whom, so that an entry has only those judged again whose verdicts it can
//! change, and a place's long history is not read through for each of them.
//!
//! A verdict is a function of what was read for it. An entry changes it only by being of a kind that the rules read there, by naming
//! somebody with whom the subject had not been named, by coming before its first entry, or by changing another entry. Nothing here is
//! needed: of whom nothing is remembered, every entry has them judged again.

use crate::access::Access;
use crate::again::Histories;
use crate::entry::Known;
use crate::error::RegisterError;
use crate::judging::place_of;
use crate::store::LifeRow;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, KindId};
use habeas_monitor::{Kinds, Monitor};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// Subjects whose readings are remembered at most; then it begins anew.
const MOST_READERS: usize = 16_384;

/// Entries of things whose kinds are remembered at most; then it begins anew.
const MOST_ENTRIES: usize = 1_000_000;

/// Entries of a subject looked at to see with whom it has been named, and whether one says the same.
pub(crate) const LOOKED_BACK: u32 = 64;

/// Subjects whose last entries are remembered at most; then it begins anew.
const MOST_RECENT: usize = 2_048;

/// Subjects of whom is remembered at most how they live and for whom they were read; then it begins anew.
const MOST_LIVES: usize = 16_384;

/// What was read of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadOf {
    pub(crate) kinds: Kinds,
    /// Whom its entries name, whatever their kind.
    pub(crate) ties: bool,
    /// It is a thing: a place, a person, a cell.
    pub(crate) of_thing: bool,
}

impl ReadOf {
    /// Takes in what else was read.
    pub(crate) fn extend(&mut self, other: &ReadOf) {
        self.kinds.extend(&other.kinds);
        self.ties |= other.ties;
    }

    /// Whether only entries of the kinds matter. Through what is no thing others are reached, by entries of any kind.
    pub(crate) fn is_of_kinds(&self) -> bool {
        self.of_thing && !self.ties
    }
}

/// What was read of whom to judge one subject.
pub(crate) type Readings = BTreeMap<i64, ReadOf>;

/// The entries needed to judge some subjects: of whom, and of which kinds (`None`: all).
#[derive(Clone, Default)]
pub(crate) struct Wanted(BTreeMap<i64, Option<Kinds>>);

impl Wanted {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&i64, &Option<Kinds>)> {
        self.0.iter()
    }

    /// Adds entries; whether they are more than before.
    pub(crate) fn add(&mut self, subject: i64, kinds: Option<&Kinds>) -> bool {
        match (self.0.get_mut(&subject), kinds) {
            (None, kinds) => {
                self.0.insert(subject, kinds.cloned());
                true
            }
            (Some(None), _) => false,
            (Some(all), None) => {
                *all = None;
                true
            }
            (Some(Some(known)), Some(kinds)) => {
                let before = known.clone();
                known.extend(kinds);
                *known != before
            }
        }
    }

    /// Adds what a subject that is to be judged needs, as far as it is remembered.
    pub(crate) fn add_judged(&mut self, access: &mut Access, monitor: &Monitor<'_>, subject: i64) -> Result<(), RegisterError> {
        let row = access.store.subject_numbered(subject)?;
        let class = row.and_then(|row| access.codebook.class_named(&row.class));
        let Some(readings) = access.memory.readings.get(&subject) else {
            self.add(subject, None);
            return Ok(());
        };
        let ties = readings.get(&subject).is_some_and(|own| own.ties);
        let class = class.filter(|class| access.codebook.class(*class).thing && !ties);
        self.add(subject, class.map(|class| monitor.alphabet(class)));
        for (read, reading) in readings.iter().filter(|(read, _)| **read != subject) {
            self.add(*read, reading.is_of_kinds().then_some(&reading.kinds));
        }
        Ok(())
    }
}

/// What is remembered.
#[derive(Default)]
pub(crate) struct Memory {
    /// Of each subject judged: what was read.
    readings: HashMap<i64, Readings>,
    /// Of things: index, kind and earliest time of each entry that names them and is open here, and whether that is its exact time.
    entries: HashMap<i64, Vec<(u64, KindId, Moment, bool)>>,
    remembered: usize,
    /// Histories of those judged lately, with their verdicts.
    pub(crate) histories: Histories,
    /// The last entries of subjects that are open here, the newest last.
    recent: HashMap<i64, VecDeque<Arc<Known>>>,
    /// What is stored of subjects' lives, and what is to be.
    lives: HashMap<i64, Option<LifeRow>>,
    /// Of whom something is to be stored at the end of the batch.
    unstored: BTreeSet<i64>,
    /// For whom subjects were read, as it is stored.
    readers: HashMap<i64, Vec<i64>>,
}

/// A subject's life, for the writer: nobody else changes it.
pub(crate) fn life(access: &mut Access, subject: i64) -> Result<Option<&LifeRow>, RegisterError> {
    if !access.memory.lives.contains_key(&subject) {
        let stored = access.store.life(subject)?;
        access.memory.lives.insert(subject, stored);
    }
    Ok(access.memory.lives.get(&subject).and_then(Option::as_ref))
}

/// Changes a subject's life; it is stored with the others that the batch changes ([`store_lives`]).
pub(crate) fn put_life(access: &mut Access, subject: i64, life: LifeRow) {
    access.memory.lives.insert(subject, Some(life));
    access.memory.unstored.insert(subject);
}

/// Stores the lives that were changed, each once, in the transaction that is open.
pub(crate) fn store_lives(access: &mut Access) -> Result<(), RegisterError> {
    for subject in std::mem::take(&mut access.memory.unstored) {
        if let Some(Some(life)) = access.memory.lives.get(&subject) {
            access.store.put_life(subject, life)?;
        }
    }
    if access.memory.lives.len() > MOST_LIVES {
        access.memory.lives.clear();
    }
    if access.memory.readers.len() > MOST_LIVES {
        access.memory.readers.clear();
    }
    Ok(())
}

/// For whom a subject was read, for the writer.
fn readers(access: &mut Access, read: i64) -> Result<Vec<i64>, RegisterError> {
    if let Some(known) = access.memory.readers.get(&read) {
        return Ok(known.clone());
    }
    let stored = access.store.readers(read)?;
    access.memory.readers.insert(read, stored.clone());
    Ok(stored)
}

/// Notes that a subject was read for another, in the transaction that is open.
pub(crate) fn put_reader(access: &mut Access, read: i64, judged: i64) -> Result<(), RegisterError> {
    access.store.put_reader(read, judged)?;
    if let Some(known) = access.memory.readers.get_mut(&read)
        && let Err(place) = known.binary_search(&judged)
    {
        known.insert(place, judged);
    }
    Ok(())
}

/// The last entries of a subject, as far as they open here, the newest last. For the writer, who tells of each new one by [`note`].
pub(crate) fn recent(access: &mut Access, subject: i64) -> Result<&VecDeque<Arc<Known>>, RegisterError> {
    if !access.memory.recent.contains_key(&subject) {
        let mut entries = VecDeque::new();
        for index in access.store.naming_last(subject, LOOKED_BACK)? {
            if let Some(entry) = access.entry(index)? {
                entries.push_front(entry);
            }
        }
        if access.memory.recent.len() >= MOST_RECENT {
            access.memory.recent.clear();
        }
        access.memory.recent.insert(subject, entries);
    }
    Ok(access.memory.recent.entry(subject).or_default())
}

/// Remembers a new entry as the last of its subjects.
pub(crate) fn note(access: &mut Access, index: u64, subjects: &[(i64, ClassId)]) -> Result<(), RegisterError> {
    let Some(entry) = access.entry(index)? else { return Ok(()) };
    for (number, _) in subjects {
        let Some(entries) = access.memory.recent.get_mut(number) else { continue };
        if entries.back().is_none_or(|last| last.index != index) {
            entries.push_back(Arc::clone(&entry));
        }
        if entries.len() > LOOKED_BACK as usize {
            entries.pop_front();
        }
    }
    Ok(())
}

impl Memory {
    /// Whose entries were read for the first time.
    pub(crate) fn news(&self, judged: i64, readings: &Readings) -> Vec<i64> {
        let before = self.readings.get(&judged);
        let is_new = |read: &i64| *read != judged && before.is_none_or(|before| !before.contains_key(read));
        readings.keys().copied().filter(is_new).collect()
    }

    pub(crate) fn remember(&mut self, judged: i64, readings: Readings) {
        if self.readings.len() >= MOST_READERS && !self.readings.contains_key(&judged) {
            self.readings.clear();
        }
        self.readings.insert(judged, readings);
    }
}

/// Indexes of the entries of a thing that are of some kinds, with its first, also the first whose time is exact; all of them where one
/// changes another.
pub(crate) fn entries_of_kinds(access: &mut Access, monitor: &Monitor<'_>, thing: i64, kinds: &Kinds) -> Result<Vec<u64>, RegisterError> {
    let mut entries = access.memory.entries.remove(&thing).unwrap_or_default();
    let next = entries.last().map_or(0, |(index, ..)| index + 1);
    let before = entries.len();
    for index in access.store.naming_from(thing, next)? {
        entries.extend(access.entry(index)?.map(|entry| (index, entry.kind, entry.at.earliest, entry.at.is_exact())));
    }
    let changes = entries.iter().any(|(_, kind, ..)| monitor.changes(*kind));
    let first = |exactly: bool| {
        let timed = entries.iter().filter(|(.., is_exact)| *is_exact || !exactly);
        timed.min_by_key(|(index, _, at, _)| (*at, *index)).map(|(index, ..)| *index)
    };
    let firsts = [first(false), first(true)];
    let wanted = entries.iter().filter(|(index, kind, ..)| changes || kinds.contains(*kind) || firsts.contains(&Some(*index)));
    let wanted = wanted.map(|(index, ..)| *index).collect();
    access.memory.remembered += entries.len() - before;
    if access.memory.remembered > MOST_ENTRIES {
        access.memory.entries.clear();
        access.memory.remembered = entries.len();
    }
    access.memory.entries.insert(thing, entries);
    Ok(wanted)
}

/// Whose verdicts a new entry, stored but not judged yet, can change: of the subjects that it names and of those for whom they were read.
/// Of the others that it names, the place is brought up to date.
pub(crate) fn touched(
    access: &mut Access,
    monitor: &Monitor<'_>,
    index: u64,
    subjects: &[(i64, ClassId)],
    now: Moment,
) -> Result<BTreeSet<i64>, RegisterError> {
    let entry = access.entry(index)?;
    let mut touched = BTreeSet::new();
    for (number, class) in subjects {
        let readers = readers(access, *number)?;
        let life = life(access, *number)?.cloned();
        let plain = match &entry {
            Some(entry) if is_plain(monitor, entry, now) && !begins(recent(access, *number)?.iter(), entry) => Some(entry),
            Some(_) | None => None,
        };
        let Some((entry, life)) = plain.zip(life) else {
            touched.insert(*number);
            touched.extend(readers);
            continue;
        };
        let mut news = News { access, entry, number: *number, was_tied: None };
        if news.changes_own(monitor, *class)? {
            touched.insert(*number);
        } else {
            move_place(news.access, *number, entry, life);
        }
        let mut news = News { access, entry, number: *number, was_tied: None };
        for reader in readers {
            if news.changes(reader)? {
                touched.insert(reader);
            }
        }
    }
    Ok(touched)
}

/// An entry that is where it says, exactly, in the past, and changes no other.
pub(crate) fn is_plain(monitor: &Monitor<'_>, entry: &Known, now: Moment) -> bool {
    entry.at.is_exact() && entry.at.earliest <= now && entry.recorded_at <= now && !monitor.changes(entry.kind)
}

/// Whether a subject's life may begin with an entry: none that stands is known to have happened before. One whose time is not known
/// begins nothing, nor does one that was corrected or withdrawn; `others` are entries of the subject, in the order of entry.
pub(crate) fn begins<'e>(others: impl DoubleEndedIterator<Item = &'e Arc<Known>> + Clone, entry: &Known) -> bool {
    let stands = |old: &Known| {
        others.clone().rev().take_while(|later| later.index > old.index).all(|later| later.header.corrects != Some(old.header.event))
    };
    let is_before = |old: &Known| old.index != entry.index && old.at.is_exact() && old.at.earliest <= entry.at.earliest;
    !others.clone().rev().any(|old| is_before(old) && stands(old))
}

/// A plain entry, as news of one of the subjects that it names.
struct News<'a> {
    access: &'a mut Access,
    entry: &'a Known,
    number: i64,
    /// Whether the subject had been named together with all whom the entry names, once that was looked at.
    was_tied: Option<bool>,
}

impl News<'_> {
    fn changes_own(&mut self, monitor: &Monitor<'_>, class: ClassId) -> Result<bool, RegisterError> {
        if !monitor.judges(class) {
            return Ok(self.access.codebook.kind(self.entry.kind).closes.contains(&class));
        }
        if !self.access.codebook.class(class).thing || monitor.alphabet(class).contains(self.entry.kind) {
            return Ok(true);
        }
        let Some(readings) = self.access.memory.readings.get(&self.number) else { return Ok(true) };
        let ties = readings.get(&self.number).is_some_and(|own| own.ties);
        Ok(ties && !self.was_tied()?)
    }

    fn changes(&mut self, reader: i64) -> Result<bool, RegisterError> {
        let readings = self.access.memory.readings.get(&reader);
        let Some(read) = readings.and_then(|readings| readings.get(&self.number)) else { return Ok(true) };
        if read.kinds.contains(self.entry.kind) {
            return Ok(true);
        }
        Ok(!read.is_of_kinds() && !self.was_tied()?)
    }

    fn was_tied(&mut self) -> Result<bool, RegisterError> {
        if let Some(was_tied) = self.was_tied {
            return Ok(was_tied);
        }
        let mut others: Vec<_> = self.entry.subjects.iter().collect();
        for before in recent(self.access, self.number)?.iter().rev().filter(|before| before.index != self.entry.index) {
            others.retain(|other| !before.subjects.contains(other));
            if others.is_empty() {
                break;
            }
        }
        Ok(*self.was_tied.insert(others.is_empty()))
    }
}

/// The place of a subject that is not judged again.
fn move_place(access: &mut Access, number: i64, entry: &Known, life: LifeRow) {
    let place = place_of(&access.codebook, entry);
    if place.is_some() && place != life.place {
        put_life(access, number, LifeRow { place, ..life });
    }
}
