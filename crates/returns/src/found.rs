//! Entries of one sort by the subjects that they name: sought once for all tables, and asked for each thing counted.

use habeas_codebook::log::{EventId, SubjectId};
use habeas_codebook::moment::Moment;

/// Entries by subject, then time, then order of record.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<(SubjectId, Moment, EventId)>);

impl Found {
    /// Puts in order what was found in any.
    pub(crate) fn of(mut found: Vec<(SubjectId, Moment, EventId)>) -> Self {
        found.sort_unstable();
        found.shrink_to_fit();
        Found(found)
    }

    /// Adds what was found since.
    pub(crate) fn add(&mut self, found: impl IntoIterator<Item = (SubjectId, Moment, EventId)>) {
        for one in found {
            let place = self.0.partition_point(|other| *other < one);
            self.0.insert(place, one);
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The first about a subject.
    pub(crate) fn first(&self, subject: SubjectId) -> Option<EventId> {
        let place = self.0.partition_point(|(other, _, _)| *other < subject);
        self.0.get(place).filter(|(other, _, _)| *other == subject).map(|(_, _, event)| *event)
    }

    /// The last about a subject that had happened at an instant.
    pub(crate) fn last_by(&self, subject: SubjectId, at: Moment) -> Option<(Moment, EventId)> {
        let by = self.0.partition_point(|(other, when, _)| (*other, *when) <= (subject, at));
        let last = self.0[..by].last().filter(|(other, _, _)| *other == subject);
        last.map(|(_, when, event)| (*when, *event))
    }

    /// When the first about a subject at or after an instant happened.
    pub(crate) fn first_from(&self, subject: SubjectId, from: Moment) -> Option<Moment> {
        let place = self.0.partition_point(|(other, when, _)| (*other, *when) < (subject, from));
        self.0.get(place).filter(|(other, _, _)| *other == subject).map(|(_, when, _)| *when)
    }
}
