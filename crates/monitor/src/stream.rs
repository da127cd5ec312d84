//! A log in order of time, judged as it passes: each verdict is handed over once nothing later can change it, and what is settled is
//! forgotten, so that memory is bounded by what is open.
//!
//! A subject is settled when the custodies that it is tied to have closed and none of its rows waits for anything. Subjects that
//! share a counted place (cellmates) are forgotten together. Facts of persons and places are kept for whoever comes next.
//! An entry that names a subject already settled cannot be taken into account any more: it is refused, with the subject's
//! name, and the whole log has to be judged at once instead.

use crate::hearing::Hearing;
use crate::knowledge::Map;
use crate::monitor::Monitor;
use crate::verdict::{Asked, MissingWhat, Row, Verdict};
use habeas_codebook::log::{DuplicateId, Entry, EventId, Log, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Body, ClassId, Each, Keep, Presence};
use std::hash::BuildHasher;

/// Why a stream cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamError {
    /// The entry names a subject whose verdicts were already handed over.
    Settled {
        /// Class of the subject.
        class: ClassId,
        /// Its id.
        subject: String,
    },
    /// Two entries with one id.
    Duplicate(DuplicateId),
    /// Rules that read the breaches of other rules need the whole log.
    ReadsBreaches,
}

/// Entries retained before settled subjects are looked for the first time.
const FIRST_LOOK: usize = 50_000;

/// A log passing by.
pub struct Stream<'m> {
    monitor: &'m Monitor<'m>,
    asked: Asked,
    log: Log,
    /// Subjects handed over: hash of class and name. Eight bytes each are all that is left of them.
    settled: Map<u64, ()>,
    /// The birth dates known of persons, where rules turn on an age.
    born: Map<u64, Value>,
    /// Persons who are tied to somebody handed over: another birth date told later would change what was said.
    aged: Map<u64, ()>,
    /// Length of the log at which settled subjects are looked for next.
    next_look: usize,
    /// The least length at which they are.
    first_look: usize,
    watermark: Moment,
    /// Subjects ever judged.
    subjects: u64,
}

impl<'m> Stream<'m> {
    /// A stream judged as of `asked`: entries later than `asked.now` or recorded after `asked.known_at` are passed over.
    ///
    /// # Errors
    /// [`StreamError::ReadsBreaches`] when a rule reads the breaches of others.
    pub fn new(monitor: &'m Monitor<'m>, asked: Asked) -> Result<Self, StreamError> {
        Self::looking_every(monitor, asked, FIRST_LOOK)
    }

    /// The same, looking for settled subjects at least every so many entries.
    ///
    /// # Errors
    /// As [`Stream::new`].
    pub fn looking_every(monitor: &'m Monitor<'m>, asked: Asked, entries: usize) -> Result<Self, StreamError> {
        if monitor.reads_breaches() {
            return Err(StreamError::ReadsBreaches);
        }
        Ok(Stream {
            monitor,
            asked,
            log: Log::new(),
            settled: Map::default(),
            born: Map::default(),
            aged: Map::default(),
            first_look: entries,
            next_look: entries,
            watermark: Moment::LONG_AGO,
            subjects: 0,
        })
    }

    /// Number of subjects handed over so far.
    #[must_use]
    pub fn subjects(&self) -> u64 {
        self.subjects
    }

    /// Where readers place the texts of fields before [`Stream::push`].
    pub fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    /// Takes in the next entry; rows that became settled are handed over.
    ///
    /// # Errors
    /// [`StreamError::Settled`] when it names a subject already handed over: the log is not in order of time.
    pub fn push(&mut self, entry: &Entry<'_>, sink: &mut dyn FnMut(&Hearing<'_>, &Row)) -> Result<(), StreamError> {
        if entry.at.earliest > self.asked.now || entry.recorded_at > self.asked.known_at {
            return Ok(());
        }
        let open: Vec<(ClassId, &str)>;
        let mut entry = *entry;
        if let Some((class, name)) = entry.subjects.iter().find(|(class, name)| self.settled.contains_key(&key(*class, name))) {
            let ties = entry.subjects.iter().any(|(class, _)| self.monitor.codebook.class(*class).thing);
            if ties || self.monitor.reads(entry.kind) {
                return Err(StreamError::Settled { class: *class, subject: (*name).to_owned() });
            }
            // No rule reads it and it ties nobody to anything: it can change nothing of whoever is settled.
            open = entry.subjects.iter().copied().filter(|(class, name)| !self.settled.contains_key(&key(*class, name))).collect();
            entry.subjects = &open;
            if open.is_empty() {
                return Ok(());
            }
        }
        self.note_birth(&entry)?;
        self.watermark = self.watermark.max(entry.at.earliest);
        self.log.push(&entry).map_err(StreamError::Duplicate)?;
        if self.log.len() >= self.next_look {
            self.look(sink);
        }
        Ok(())
    }

    /// Remembers the birth date that an entry tells; refuses another one of somebody whose age has already counted.
    fn note_birth(&mut self, entry: &Entry<'_>) -> Result<(), StreamError> {
        let told = entry.fields.iter().find(|(field, _)| Some(*field) == self.monitor.born_field);
        let Some((_, date)) = told.filter(|_| self.turns_on_age()) else { return Ok(()) };
        for (class, name) in entry.subjects.iter().filter(|(class, _)| self.monitor.describes[entry.kind.index()].contains(class)) {
            let key = key(*class, name);
            let before = self.born.insert(key, date.clone());
            if before.as_ref() != Some(date) && self.aged.contains_key(&key) {
                return Err(StreamError::Settled { class: *class, subject: (*name).to_owned() });
            }
        }
        Ok(())
    }

    fn turns_on_age(&self) -> bool {
        self.monitor.prepared.iter().any(|rule| rule.age.is_some())
    }

    /// Notes the things, persons among them, that entries of settled subjects name.
    fn note_ages(&mut self, is_settled: &[bool]) {
        if !self.turns_on_age() {
            return;
        }
        for event in self.log.events() {
            let subjects = self.log.subjects(event);
            if subjects.iter().any(|s| is_settled[s.0 as usize]) {
                let tied = subjects.iter().filter(|s| self.monitor.codebook.class(self.log.class_of(**s)).thing);
                self.aged.extend(tied.map(|s| (key(self.log.class_of(*s), self.log.name_of(*s)), ())));
            }
        }
    }

    /// The end of the log: hands over everything else.
    pub fn finish(mut self, sink: &mut dyn FnMut(&Hearing<'_>, &Row)) -> u64 {
        let hearing = self.monitor.hear(&self.log, self.asked);
        let mut rows = Vec::new();
        for subject in hearing.subjects() {
            if self.settled.contains_key(&key(self.log.class_of(*subject), self.log.name_of(*subject))) {
                continue;
            }
            rows.clear();
            hearing.rows_of(*subject, &mut rows);
            rows.iter().for_each(|row| sink(&hearing, row));
            self.subjects += 1;
        }
        self.subjects
    }

    /// Hands over what is settled and forgets it.
    fn look(&mut self, sink: &mut dyn FnMut(&Hearing<'_>, &Row)) {
        let seen = Asked { now: self.watermark, known_at: self.asked.known_at };
        let hearing = self.monitor.hear(&self.log, seen);
        let mut is_settled = vec![false; self.log.subject_count()];
        let mut rows = Vec::new();
        for subject in (0..self.log.subject_count() as u32).map(SubjectId) {
            is_settled[subject.0 as usize] = self.has_closed(&hearing, subject);
        }
        for subject in hearing.subjects() {
            if !is_settled[subject.0 as usize] {
                continue;
            }
            let name = key(self.log.class_of(*subject), self.log.name_of(*subject));
            if self.settled.contains_key(&name) {
                continue;
            }
            rows.clear();
            hearing.rows_of(*subject, &mut rows);
            if rows.iter().any(|row| self.waits(row)) {
                is_settled[subject.0 as usize] = false;
                continue;
            }
            rows.iter().for_each(|row| sink(&hearing, row));
            self.settled.insert(name, ());
            self.subjects += 1;
        }
        let kept = self.kept(&is_settled);
        drop(hearing);
        self.note_ages(&is_settled);
        for (subject, settled) in is_settled.iter().enumerate() {
            if *settled {
                let subject = SubjectId(subject as u32);
                self.settled.insert(key(self.log.class_of(subject), self.log.name_of(subject)), ());
            }
        }
        self.log = rebuilt(&self.log, &kept);
        // Half of what is read next is new: the work of looking is shared by as many entries as it goes over.
        self.next_look = (self.log.len() * 2).max(self.log.len() + self.first_look);
    }

    /// Whether a subject and every custody that it is tied to have closed by now. Things never close.
    fn has_closed(&self, hearing: &Hearing<'_>, subject: SubjectId) -> bool {
        let class = self.log.class_of(subject);
        if self.monitor.codebook.class(class).thing {
            return false;
        }
        let closed = |s: SubjectId| {
            let (first, inexact) = hearing.knowledge().closes(s);
            inexact.is_empty() && first.is_some_and(|(at, _)| at < self.watermark)
        };
        if closed(subject) {
            return true;
        }
        let Some(custody) = self.monitor.custody.filter(|c| *c != class) else { return false };
        let mut tied = hearing.events_of(subject).map(|e| self.log.subject_of(e, custody)).peekable();
        tied.peek().is_some() && tied.all(|c| c.is_some_and(closed))
    }

    /// Whether a later entry may still change a row.
    fn waits(&self, row: &Row) -> bool {
        let rule = &self.monitor.codebook.rules[row.rule.index()];
        match row.verdict {
            Verdict::Pending => true,
            Verdict::Breached | Verdict::Excused => rule.outlasts && matches!(rule.body, Body::After { .. } | Body::Clock { .. }),
            // A birth date may still be told, and a person still be tied to the custody.
            Verdict::Undetermined if row.missing.iter().any(|m| matches!(m.what, MissingWhat::Fact(..))) => true,
            Verdict::NotApplicable | Verdict::Met | Verdict::Undetermined | Verdict::MetLate => {
                row.due_at.is_some_and(|due| due >= self.watermark)
            }
        }
    }

    /// Entries still needed: of anybody open, of whoever shares a counted place with somebody open, and facts.
    fn kept(&self, is_settled: &[bool]) -> Vec<EventId> {
        let mut needed: Vec<bool> = is_settled.iter().map(|s| !s).collect();
        let sharing = self.sharing_classes();
        // Cellmates of somebody open are needed until all of them are settled: their presence is counted.
        if !sharing.is_empty() {
            let mut reached = true;
            while reached {
                reached = false;
                for event in self.log.events() {
                    let subjects = self.log.subjects(event);
                    let shared = subjects.iter().any(|s| sharing.contains(&self.log.class_of(*s)));
                    if shared && subjects.iter().any(|s| needed[s.0 as usize]) {
                        for subject in subjects {
                            reached |= !std::mem::replace(&mut needed[subject.0 as usize], true);
                        }
                    }
                }
            }
        }
        let thing = |s: &SubjectId| self.monitor.codebook.class(self.log.class_of(*s)).thing;
        let mut kept: Vec<EventId> = Vec::new();
        for event in self.log.events() {
            let subjects = self.log.subjects(event);
            let mut own = subjects.iter().filter(|s| !thing(s) || sharing.contains(&self.log.class_of(**s)));
            let describes = !self.monitor.describes[self.log.kind(event).index()].is_empty();
            let of_things_only = subjects.iter().all(thing);
            if of_things_only || describes || own.any(|s| needed[s.0 as usize]) {
                kept.push(event);
            }
        }
        kept
    }

    /// Classes of things whose entries are counted for their bearers, or that have rules of their own.
    fn sharing_classes(&self) -> Vec<ClassId> {
        let codebook = self.monitor.codebook;
        let mut classes: Vec<ClassId> = Vec::new();
        for (i, item) in codebook.items.iter().enumerate() {
            let used = self.monitor.prepared.iter().any(|p| p.items.iter().any(|used| used.index() == i));
            let class = match &item.present {
                Presence::Between { each: Each::Subject(_), .. } => item.subjects.last().copied(),
                Presence::Others { same, .. } => Some(*same),
                Presence::Between { each: Each::Field(_), .. } => None,
            };
            classes.extend(class.filter(|c| used && codebook.class(*c).thing));
        }
        let own = codebook
            .rules
            .iter()
            .filter(|r| codebook.class(r.subject).thing && !matches!(r.body, Body::While { keep: Keep::Forbidden, .. }));
        classes.extend(own.map(|r| r.subject));
        classes
    }
}

fn key(class: ClassId, name: &str) -> u64 {
    foldhash::fast::FixedState::with_seed(u64::from(class.0)).hash_one(name.as_bytes())
}

/// The log with some of its entries only, its texts placed anew.
fn rebuilt(old: &Log, kept: &[EventId]) -> Log {
    let mut log = Log::new();
    for event in kept {
        let subjects: Vec<(ClassId, &str)> = old.subjects(*event).iter().map(|s| (old.class_of(*s), old.name_of(*s))).collect();
        let fields: Vec<_> = old.fields(*event).iter().map(|(f, v)| (*f, v.renumbered(&mut |t| log.text(old.text_of(t))))).collect();
        let entry = Entry {
            id: old.id(*event),
            kind: old.kind(*event),
            at: old.at(*event),
            recorded_at: old.recorded_at(*event),
            by: None,
            subjects: &subjects,
            fields: &fields,
        };
        log.push(&entry).map_or_else(|_| (), |_| ());
    }
    for (subject, field, value) in old.facts() {
        let value = value.renumbered(&mut |t| log.text(old.text_of(t)));
        log.add_fact(old.class_of(*subject), old.name_of(*subject), *field, value);
    }
    log
}
