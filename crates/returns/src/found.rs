//! Entries of one sort by the subjects that they name: sought once for all tables, and asked for each thing counted.

use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::Moment;

/// Whom an entry names, when it happened, which it is.
type One = (SubjectId, Moment, EventId);

/// Subjects with numbers close together stand in one shelf of so many (a power of two), so that nobody is sought among all.
const SHELF: u32 = 6;

/// Entries by subject, then time, then order of record.
#[derive(Debug, Default)]
pub(crate) struct Found {
    all: Vec<One>,
    /// Where each shelf of subjects begins, and where the last ends.
    shelves: Vec<u32>,
    /// What each tells, where that is a fact: the log has it too, but far from here.
    values: Vec<Value>,
}

impl Found {
    /// Puts in order what was found in any.
    pub(crate) fn of(mut all: Vec<One>) -> Self {
        all.sort_unstable();
        all.shrink_to_fit();
        let shelves = all.last().map_or(0, |(last, _, _)| (last.0 >> SHELF) + 1);
        let starts = (0..=shelves).map(|shelf| all.partition_point(|(subject, _, _)| subject.0 >> SHELF < shelf) as u32);
        Found { shelves: starts.collect(), all, values: Vec::new() }
    }

    /// The same with the fact that each tells.
    pub(crate) fn telling<'v>(all: Vec<One>, value: impl Fn(EventId) -> Option<&'v Value>) -> Self {
        let mut found = Found::of(all);
        found.values = found.all.iter().map(|(_, _, event)| value(*event).cloned().unwrap_or(Value::Sealed)).collect();
        found
    }

    /// Adds what was found since, with the facts told.
    pub(crate) fn add<'v>(&mut self, found: impl IntoIterator<Item = (One, Option<&'v Value>)>) {
        for (one, value) in found {
            let place = self.all.partition_point(|other| *other < one);
            self.all.insert(place, one);
            if let Some(value) = value {
                self.values.insert(place, value.clone());
            }
            let shelf = (one.0.0 >> SHELF) as usize;
            let end = self.shelves.last().copied().unwrap_or(0);
            self.shelves.resize(self.shelves.len().max(shelf + 2), end);
            self.shelves[shelf + 1..].iter_mut().for_each(|start| *start += 1);
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The entry at a place.
    pub(crate) fn at(&self, place: usize) -> EventId {
        self.all[place].2
    }

    /// The fact told at a place.
    pub(crate) fn value(&self, place: usize) -> Option<&Value> {
        self.values.get(place)
    }

    /// How many stand before the first that is not before some point of a subject's.
    fn before(&self, subject: SubjectId, is_before: impl Fn(&One) -> bool) -> usize {
        let shelf = (subject.0 >> SHELF) as usize;
        let (Some(start), Some(end)) = (self.shelves.get(shelf), self.shelves.get(shelf + 1)) else { return self.all.len() };
        *start as usize + self.all[*start as usize..*end as usize].partition_point(is_before)
    }

    /// Where the first about a subject stands.
    pub(crate) fn first(&self, subject: SubjectId) -> Option<usize> {
        let place = self.before(subject, |(other, _, _)| *other < subject);
        self.all.get(place).filter(|(other, _, _)| *other == subject).map(|_| place)
    }

    /// Where the last about a subject stands that had happened at an instant.
    pub(crate) fn last_place_by(&self, subject: SubjectId, at: Moment) -> Option<usize> {
        let place = self.before(subject, |(other, when, _)| (*other, *when) <= (subject, at)).checked_sub(1)?;
        (self.all[place].0 == subject).then_some(place)
    }

    /// The last about a subject that had happened at an instant.
    pub(crate) fn last_by(&self, subject: SubjectId, at: Moment) -> Option<(Moment, EventId)> {
        self.last_place_by(subject, at).map(|place| (self.all[place].1, self.all[place].2))
    }

    /// When the first about a subject at or after an instant happened.
    pub(crate) fn first_from(&self, subject: SubjectId, from: Moment) -> Option<Moment> {
        let place = self.before(subject, |(other, when, _)| (*other, *when) < (subject, from));
        self.all.get(place).filter(|(other, _, _)| *other == subject).map(|(_, when, _)| *when)
    }
}
