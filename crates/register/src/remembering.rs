//! What is remembered between appends of what was read to judge whom, so that an entry has only those judged again whose verdicts it can
//! change, and a place's long history is not read through for each of them.
//!
//! A verdict is a function of what was read for it. An entry changes it only by being of a kind that the rules read there, by naming
//! somebody with whom the subject had not been named, by coming before its first entry, or by changing another entry. Nothing here is
//! needed: of whom nothing is remembered, every entry has them judged again.

use crate::access::Access;
use crate::again::{self, Kept};
use crate::entry::Known;
use crate::error::RegisterError;
use crate::judging::place_of;
use crate::lately::Lately;
use crate::register::hash_of_files;
use crate::store::LifeRow;
use crate::things::{self, Noting, OfThing};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::ClassId;
use habeas_ledger::leaf::Class;
use habeas_ledger::merkle::Hash;
use habeas_monitor::{Kinds, Monitor};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The setting that says under which law and by which program it was noted what is read.
const NOTED_UNDER: &str = "readings noted under";

/// What the notes mean: another meaning makes them other notes.
const NOTES: &str = "3";

/// What is remembered of what was read, in subjects read; as much again, of subjects asked for less lately, is on its way out. So with
/// all that follows.
const MOST_READINGS: usize = 65_536;

/// Entries of a subject looked at to see with whom it has been named, and whether one says the same.
pub(crate) const LOOKED_BACK: u32 = 64;

/// Entries that are remembered as the last of subjects.
const MOST_RECENT: usize = 16_384;

/// Subjects of whom is remembered how they live.
const MOST_LIVES: usize = 8_192;

/// Subjects remembered as those for whom others were read.
const MOST_READERS: usize = 65_536;

/// What was read of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadOf {
    pub(crate) kinds: Kinds,
    /// Whom its entries name, whatever their kind.
    pub(crate) ties: bool,
}

impl ReadOf {
    /// Takes in what else was read.
    pub(crate) fn extend(&mut self, other: &ReadOf) {
        self.kinds.extend(&other.kinds);
        self.ties |= other.ties;
    }

    /// How it is stored.
    fn to_bytes(&self) -> Vec<u8> {
        std::iter::once(u8::from(self.ties)).chain(self.kinds.to_bytes()).collect()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (ties, kinds) = bytes.split_first()?;
        Some(ReadOf { kinds: Kinds::from_bytes(kinds), ties: *ties != 0 })
    }

    /// Whether what is stored notes all of this.
    pub(crate) fn is_noted_in(&self, stored: &[u8]) -> bool {
        let noted = ReadOf::from_bytes(stored);
        noted.is_some_and(|noted| noted.kinds.covers(&self.kinds) && (noted.ties || !self.ties))
    }

    /// The kinds, where only entries of these matter.
    pub(crate) fn kinds_alone(&self) -> Option<&Kinds> {
        (!self.ties).then_some(&self.kinds)
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

    /// What subjects that are to be judged need, as far as it is remembered.
    pub(crate) fn of(access: &mut Access, monitor: &Monitor<'_>, subjects: &[i64]) -> Result<Self, RegisterError> {
        let mut wanted = Wanted::default();
        for subject in subjects {
            wanted.add_judged(access, monitor, *subject)?;
        }
        Ok(wanted)
    }

    /// Adds what a subject that is to be judged needs, as far as it is remembered.
    pub(crate) fn add_judged(&mut self, access: &mut Access, monitor: &Monitor<'_>, subject: i64) -> Result<(), RegisterError> {
        let row = access.store.subject_numbered(subject)?;
        let class = row.and_then(|row| access.codebook.class_named(&row.class));
        let readings = access.memory.readings.get(&subject);
        // Of a thing that nothing is remembered of, what its rules can read is enough to begin with: whoever reads more asks for it.
        let ties = readings.as_ref().and_then(|readings| readings.get(&subject)).is_some_and(|own| own.ties);
        let class = class.filter(|class| access.codebook.class(*class).thing && !ties);
        self.add(subject, class.map(|class| monitor.alphabet(class)));
        for (read, reading) in readings.into_iter().flatten().filter(|(read, _)| **read != subject) {
            self.add(*read, reading.kinds_alone());
        }
        Ok(())
    }
}

/// For whom a subject is read, put together by what of it: most custodies read the same of their place.
#[derive(Default)]
struct Readers(Vec<(Option<ReadOf>, Vec<i64>)>);

impl Readers {
    fn put(&mut self, judged: i64, read: Option<ReadOf>) {
        for (_, all) in &mut self.0 {
            if let Ok(place) = all.binary_search(&judged) {
                all.remove(place);
            }
        }
        let group = self.0.iter().position(|(known, _)| *known == read).unwrap_or_else(|| {
            self.0.push((read, Vec::new()));
            self.0.len() - 1
        });
        let all = &mut self.0[group].1;
        if let Err(place) = all.binary_search(&judged) {
            all.insert(place, judged);
        }
    }

    fn all(&self) -> impl Iterator<Item = i64> {
        self.0.iter().flat_map(|(_, all)| all.iter().copied())
    }
}

/// What is remembered.
pub(crate) struct Memory {
    /// Of each subject judged: what was read.
    readings: Lately<i64, Readings>,
    /// Entries of things by their kinds.
    pub(crate) things: Lately<i64, OfThing>,
    /// Histories of those judged lately, with their verdicts.
    pub(crate) histories: Lately<i64, Kept>,
    /// The last entries of subjects that are open here, the newest last.
    recent: Lately<i64, VecDeque<Arc<Known>>>,
    /// What is stored of subjects' lives.
    lives: Lately<i64, Option<LifeRow>>,
    /// What is to be stored of them at the end of the batch.
    unstored: BTreeMap<i64, LifeRow>,
    /// For whom subjects were read, as it is stored.
    readers: Lately<i64, Readers>,
}

impl Default for Memory {
    fn default() -> Self {
        Memory {
            readings: Lately::new(MOST_READINGS),
            things: Lately::new(things::MOST_ENTRIES),
            histories: Lately::new(again::MOST_KEPT),
            recent: Lately::new(MOST_RECENT),
            lives: Lately::new(MOST_LIVES),
            unstored: BTreeMap::new(),
            readers: Lately::new(MOST_READERS),
        }
    }
}

/// A subject's life, for the writer: nobody else changes it.
pub(crate) fn life(access: &mut Access, subject: i64) -> Result<Option<&LifeRow>, RegisterError> {
    let Access { memory: Memory { lives, unstored, .. }, store, .. } = access;
    if let Some(life) = unstored.get(&subject) {
        return Ok(Some(life));
    }
    if lives.get(&subject).is_none() {
        lives.insert(subject, store.life(subject)?, 1);
    }
    Ok(lives.get(&subject).and_then(|life| life.as_ref()))
}

/// Changes a subject's life; it is stored with the others that the batch changes ([`store_lives`]).
pub(crate) fn put_life(access: &mut Access, subject: i64, life: LifeRow) {
    access.memory.unstored.insert(subject, life);
}

/// Stores the lives that were changed, each once, in the transaction that is open.
pub(crate) fn store_lives(access: &mut Access) -> Result<(), RegisterError> {
    for (subject, life) in std::mem::take(&mut access.memory.unstored) {
        access.store.put_life(subject, &life)?;
        access.memory.lives.insert(subject, Some(life), 1);
    }
    Ok(())
}

/// The last moment from which on time moves whom an import has named and nobody has judged since: before everything, so that they are the
/// first.
pub(crate) const PUT_OFF: i64 = i64::MIN + u32::MAX as i64;

/// Leaves subjects to be judged later: a history brought from elsewhere names them again and again before it is whole. Those of one place
/// stand together: much is read for all of them alike.
pub(crate) fn put_off(access: &mut Access, subjects: &BTreeSet<i64>) -> Result<(), RegisterError> {
    let codebook = Arc::clone(&access.codebook);
    for subject in subjects {
        let entries = recent(access, *subject)?;
        let place = entries.iter().rev().find_map(|entry| place_of(&codebook, entry));
        let life = life(access, *subject)?.cloned().unwrap_or_default();
        let [a, b, c, d, ..] = Hash::of(place.as_deref().unwrap_or_default().as_bytes()).0;
        let moves_at = Some(i64::MIN + i64::from(u32::from_be_bytes([a, b, c, d])));
        put_life(access, *subject, LifeRow { moves_at, place: place.or(life.place), ..life });
    }
    store_lives(access)
}

/// Whether a subject was left to be judged later.
pub(crate) fn is_put_off(access: &mut Access, subject: i64) -> Result<bool, RegisterError> {
    Ok(life(access, subject)?.and_then(|life| life.moves_at).is_some_and(|at| at <= PUT_OFF))
}

/// For whom a subject was read, for the writer; taken out of memory, to be put back.
fn take_readers(access: &mut Access, read: i64) -> Result<Readers, RegisterError> {
    if let Some(known) = access.memory.readers.take(&read) {
        return Ok(known);
    }
    let mut readers = Readers::default();
    for (judged, what) in access.store.readers(read)? {
        readers.put(judged, what.as_deref().and_then(ReadOf::from_bytes));
    }
    Ok(readers)
}

fn put_back(access: &mut Access, read: i64, readers: Readers) {
    let weight = readers.0.iter().map(|(_, all)| all.len()).sum::<usize>() + 1;
    access.memory.readers.insert(read, readers, weight);
}

/// Notes what was read to judge a subject, in the transaction that is open, as far as it is not noted yet.
pub(crate) fn put_readings(access: &mut Access, judged: i64, readings: &Readings) -> Result<(), RegisterError> {
    let before = access.memory.readings.take(&judged).unwrap_or_default();
    for (read, what) in readings.iter().filter(|(read, what)| **read != judged && before.get(*read) != Some(*what)) {
        access.store.put_reader(*read, judged, &what.to_bytes())?;
        if let Some(mut readers) = access.memory.readers.take(read) {
            readers.put(judged, Some(what.clone()));
            put_back(access, *read, readers);
        }
    }
    access.memory.remember(judged, readings.clone());
    Ok(())
}

/// What was read is noted by the numbers of kinds in one codebook: under another, or by another program, the notes say nothing.
fn stamp(access: &Access, law: &Hash) -> String {
    let names = access.codebook.kinds.iter().map(|kind| (kind.name.as_str(), ""));
    format!("{NOTES} {} {} {}", env!("CARGO_PKG_VERSION"), law.to_hex(), hash_of_files(names).to_hex())
}

/// From now on what was seen of things is found in the store; the writer puts it there.
pub(crate) fn note_things(access: &mut Access, law: &Hash, writes: bool) {
    let held: Vec<&str> = Class::ALL.into_iter().filter(|class| access.keys.holds(*class)).map(Class::word).collect();
    access.noting = Some(Noting { under: format!("{} {}", stamp(access, law), held.join(" ")), writes });
}

/// Whether what is stored was noted under this law, by its hash, and by this program.
pub(crate) fn is_noted_as_here(access: &mut Access, law: &Hash) -> Result<bool, RegisterError> {
    Ok(access.store.setting(NOTED_UNDER)?.is_some_and(|noted| noted == stamp(access, law)))
}

/// Forgets what was noted otherwise, before anything is noted as here.
pub(crate) fn begin_noting(access: &mut Access, law: &Hash) -> Result<(), RegisterError> {
    if !is_noted_as_here(access, law)? {
        access.store.begin()?;
        access.store.forget_what_was_read()?;
        access.store.set(NOTED_UNDER, &stamp(access, law))?;
        access.store.commit()?;
    }
    Ok(())
}

/// The last entries of a subject, as far as they open here, the newest last. For the writer, who tells of each new one by [`note`].
pub(crate) fn recent(access: &mut Access, subject: i64) -> Result<&VecDeque<Arc<Known>>, RegisterError> {
    if access.memory.recent.get(&subject).is_none() {
        let mut entries = VecDeque::new();
        for index in access.store.naming_last(subject, LOOKED_BACK)? {
            if let Some(entry) = access.entry(index)? {
                entries.push_front(entry);
            }
        }
        let weight = entries.len() + 1;
        access.memory.recent.insert(subject, entries, weight);
    }
    Ok(access.memory.recent.get(&subject).expect("it was put there"))
}

/// Remembers a new entry as the last of its subjects.
pub(crate) fn note(access: &mut Access, index: u64, subjects: &[(i64, ClassId)]) -> Result<(), RegisterError> {
    let Some(entry) = access.entry(index)? else { return Ok(()) };
    for (number, _) in subjects {
        let Some(entries) = access.memory.recent.get(number) else { continue };
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
    /// Remembers what was read to judge a subject.
    pub(crate) fn remember(&mut self, judged: i64, readings: Readings) {
        let weight = readings.len() + 1;
        self.readings.insert(judged, readings, weight);
    }
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
        let readers = take_readers(access, *number)?;
        let life = life(access, *number)?.cloned();
        let plain = match &entry {
            Some(entry) if is_plain(monitor, entry, now) && !begins(recent(access, *number)?.iter(), entry) => Some(entry),
            Some(_) | None => None,
        };
        if let Some((entry, life)) = plain.zip(life) {
            let mut news = News { access, entry, number: *number, was_tied: None };
            if news.changes_own(monitor, *class)? {
                touched.insert(*number);
            } else {
                move_place(news.access, *number, entry, life);
            }
            let mut news = News { access, entry, number: *number, was_tied: None };
            for (read, all) in &readers.0 {
                if news.changes(read.as_ref())? {
                    touched.extend(all);
                }
            }
        } else {
            touched.insert(*number);
            touched.extend(readers.all());
        }
        put_back(access, *number, readers);
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

    /// Whether verdicts change for which so much was read of the subject; `None`: it is not known what.
    fn changes(&mut self, read: Option<&ReadOf>) -> Result<bool, RegisterError> {
        let Some(read) = read else { return Ok(true) };
        Ok(read.kinds.contains(self.entry.kind) || (read.ties && !self.was_tied()?))
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
