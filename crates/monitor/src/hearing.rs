//! A log, heard as of a moment: what each entry says as known, and the rows of each subject. Everything after this works on one
//! subject at a time.

use crate::knowledge::{Corrected, Knowledge, in_order};
use crate::monitor::{Monitor, Noted};
use crate::verdict::{Asked, Row};
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{FieldId, RuleId};
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::OnceLock;

/// An entry as known at the moment asked about, with corrections applied.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'h> {
    /// When it happened, as now known; an unknown time lies between its custody's first entry and its own record.
    pub at: At,
    /// When its first entry was recorded.
    pub recorded_at: Moment,
    /// When the last correction of it that counts was recorded.
    pub corrected_at: Option<Moment>,
    log: &'h Log,
    event: EventId,
    corrected: Option<&'h Corrected>,
}

impl<'h> Seen<'h> {
    /// A field as now known.
    #[must_use]
    pub fn field(&self, name: FieldId) -> Option<&'h Value> {
        let corrected = self.corrected.and_then(|c| c.fields.iter().find(|(f, _, _)| *f == name));
        corrected.map(|(_, value, _)| value).or_else(|| self.log.field(self.event, name))
    }
}

/// Knowledge made for one hearing, or kept by somebody who adds to it.
enum Held<'m> {
    Own(Box<Knowledge>),
    Kept(&'m Knowledge),
}

/// A log, heard by a monitor as of a moment.
pub struct Hearing<'m> {
    pub(crate) monitor: &'m Monitor<'m>,
    pub(crate) log: &'m Log,
    pub(crate) asked: Asked,
    held: Held<'m>,
    /// Subjects that have rules and entries, in the order of output: put in order when somebody first asks.
    order: OnceLock<Vec<SubjectId>>,
}

impl<'m> Hearing<'m> {
    /// With more threads than one, subjects are put in order on one of their own; whoever counts names them and needs no order.
    pub(crate) fn new(monitor: &'m Monitor<'m>, log: &'m Log, asked: Asked, threads: NonZeroUsize) -> Self {
        let order = OnceLock::new();
        let knowledge = if threads.get() == 1 || !monitor.keeps_names {
            Knowledge::of(monitor, log, asked, threads)
        } else {
            std::thread::scope(|scope| {
                let all = scope.spawn(|| in_order(monitor, log));
                let knowledge = Knowledge::of(monitor, log, asked, threads);
                let all = all.join().unwrap_or_else(|panic| resume_unwind(panic));
                order.get_or_init(|| knowledge.judged(monitor, log, all));
                knowledge
            })
        };
        Hearing { monitor, log, asked, held: Held::Own(Box::new(knowledge)), order }
    }

    /// Hears what somebody else keeps.
    pub(crate) fn of_kept(monitor: &'m Monitor<'m>, log: &'m Log, asked: Asked, knowledge: &'m Knowledge) -> Self {
        Hearing { monitor, log, asked, held: Held::Kept(knowledge), order: OnceLock::new() }
    }

    pub(crate) fn knowledge(&self) -> &Knowledge {
        match &self.held {
            Held::Own(knowledge) => knowledge,
            Held::Kept(knowledge) => knowledge,
        }
    }

    /// Subjects that have rules and entries, sorted by class name, then id, by bytes.
    #[must_use]
    pub fn subjects(&self) -> &[SubjectId] {
        self.order.get_or_init(|| self.knowledge().judged(self.monitor, self.log, in_order(self.monitor, self.log)))
    }

    /// Makes ready for the rows of a few subjects: the same as without, only sooner.
    pub fn fetch(&self, subjects: &[SubjectId]) {
        self.knowledge().fetch(self.monitor, self.log, subjects);
    }

    /// Appends the rows of one subject, sorted by rule, trigger time and trigger id.
    pub fn rows_of(&self, subject: SubjectId, rows: &mut Vec<Row>) {
        self.monitor.judge(self, subject, rows);
    }

    /// The same, and what was read of whom beside the subject's own entries: an entry of theirs may change the rows.
    pub fn rows_of_reading(&self, subject: SubjectId, rows: &mut Vec<Row>) -> Noted {
        self.monitor.judge_reading(self, subject, &|_| true, rows)
    }

    /// Judges a subject again by some of the rules: their rows are replaced, those of the others stay, all in the order of output. What was
    /// noted meanwhile comes back. `rows` must be of this log, as it was or as it has grown, and of the subject.
    pub fn judge_again(&self, subject: SubjectId, wanted: &dyn Fn(RuleId) -> bool, rows: &mut Vec<Row>) -> Noted {
        rows.retain(|row| !wanted(row.rule));
        let noted = self.monitor.judge_reading(self, subject, wanted, rows);
        self.monitor.sort(self, rows);
        noted
    }

    /// The earliest close of a subject, if one is known exactly.
    #[must_use]
    pub fn closed_at(&self, subject: SubjectId) -> Option<Moment> {
        self.knowledge().closes(subject).0.map(|(at, _)| at)
    }

    /// The same by some rules only, for whoever counts verdicts.
    pub fn rows_of_some(&self, subject: SubjectId, wanted: &dyn Fn(RuleId) -> bool, rows: &mut Vec<Row>) {
        self.monitor.judge_some(self, subject, wanted, rows, None);
    }

    /// The monitor that hears.
    #[must_use]
    pub fn monitor(&self) -> &'m Monitor<'m> {
        self.monitor
    }

    /// Entries that stand: known, not withdrawn, and not ahead of now; in the order of entry.
    pub fn standing(&self) -> impl Iterator<Item = EventId> + '_ {
        let knowledge = self.knowledge();
        self.log.events().filter(|event| {
            let known = self.log.recorded_at(*event) <= self.asked.known_at;
            known && self.at(*event).earliest <= self.asked.now && !knowledge.is_withdrawn(*event)
        })
    }

    /// All rows, in the order of output.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for subject in self.subjects() {
            self.rows_of(*subject, &mut rows);
        }
        rows
    }

    /// As of when.
    #[must_use]
    pub fn asked(&self) -> Asked {
        self.asked
    }

    /// The log that is heard.
    #[must_use]
    pub fn log(&self) -> &'m Log {
        self.log
    }

    /// Known entries that name a subject, by their earliest possible time.
    pub fn events_of(&self, subject: SubjectId) -> impl DoubleEndedIterator<Item = EventId> + ExactSizeIterator + '_ {
        self.knowledge().events_of(subject).iter().map(|e| e.event)
    }

    /// How many of a subject's entries, from the first on, had happened at an instant; `None` where that is not known of each exactly.
    #[must_use]
    pub fn count_by(&self, subject: SubjectId, at: Moment) -> Option<usize> {
        let entries = self.knowledge().plain(subject, self.asked.now)?;
        Some(entries.partition_point(|entry| entry.at <= at))
    }

    /// When an entry happened, as known; an unknown time not yet narrowed by its custody.
    pub(crate) fn at(&self, event: EventId) -> At {
        self.knowledge().at(self.log, event)
    }

    /// When an entry may have happened: an unknown time lies between the first known entry of its custody and its record.
    #[must_use]
    pub fn possible(&self, event: EventId) -> At {
        let at = self.at(event);
        if at.precision != Precision::Unknown {
            return at;
        }
        let subjects = self.log.subjects(event);
        let custody = subjects.iter().find(|s| Some(self.log.class_of(**s)) == self.monitor.custody);
        let Some(subject) = custody.or_else(|| subjects.first()) else { return at };
        let others = self.events_of(*subject).filter(|e| *e != event).map(|e| self.at(e));
        let latest = self.log.recorded_at(event);
        let earliest = others.filter(|a| a.precision != Precision::Unknown).map(|a| a.earliest).min();
        At { earliest: earliest.map_or(latest, |m| m.min(latest)), latest, precision: Precision::Unknown }
    }

    /// An entry as known, with corrections applied.
    #[must_use]
    pub fn seen(&self, event: EventId) -> Seen<'_> {
        let corrected = self.corrected(event);
        let last = corrected.and_then(|c| c.at.map(|(_, r)| r).into_iter().chain(c.fields.iter().map(|f| f.2)).max());
        let recorded_at = self.log.recorded_at(event);
        Seen { at: self.possible(event), recorded_at, corrected_at: last, log: self.log, event, corrected }
    }

    /// A field of an entry, as known.
    #[must_use]
    pub fn field(&self, event: EventId, name: FieldId) -> Option<&Value> {
        let corrected = self.corrected(event).and_then(|c| c.fields.iter().find(|(f, _, _)| *f == name));
        corrected.map(|(_, value, _)| value).or_else(|| self.log.field(event, name))
    }

    /// What a correction changed of an entry.
    pub(crate) fn corrected(&self, event: EventId) -> Option<&Corrected> {
        self.knowledge().corrected(event)
    }
}
