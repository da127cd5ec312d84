//! A log as known at a moment: what was withdrawn is gone, what was corrected reads as corrected, and the entries of each subject
//! stand together. Everything after this works on one subject at a time.

use crate::monitor::Monitor;
use crate::verdict::{Asked, Row};
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{Builtin, FieldId, KindId};
use hashbrown::HashMap;
use smallvec::SmallVec;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// A correction that counts: what it replaces, and when it was recorded.
#[derive(Clone, Debug)]
pub(crate) struct Corrected {
    pub(crate) at: Option<(At, Moment)>,
    pub(crate) fields: Vec<(FieldId, Value, Moment)>,
}

/// An entry as known at the moment asked about, with corrections applied.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'h> {
    /// When it happened, as now known.
    pub at: At,
    /// When its first entry was recorded.
    pub recorded_at: Moment,
    /// When the last correction of it that counts was recorded.
    pub corrected_at: Option<Moment>,
    pub(crate) log: &'h Log,
    pub(crate) event: EventId,
    pub(crate) corrected: Option<&'h Corrected>,
}

impl<'h> Seen<'h> {
    /// A field as now known.
    #[must_use]
    pub fn field(&self, name: FieldId) -> Option<&'h Value> {
        let corrected = self.corrected.and_then(|c| c.fields.iter().find(|(f, _, _)| *f == name));
        corrected.map(|(_, value, _)| value).or_else(|| self.log.field(self.event, name))
    }
}

/// A log, heard by a monitor as of a moment.
pub struct Hearing<'m> {
    pub(crate) monitor: &'m Monitor<'m>,
    pub(crate) log: &'m Log,
    pub(crate) asked: Asked,
    corrected: Map<EventId, Corrected>,
    starts: Vec<u32>,
    entries: Vec<EventId>,
    first_close: Vec<u32>,
    inexact_closes: Map<SubjectId, SmallVec<[EventId; 2]>>,
    order: Vec<SubjectId>,
    /// `names[kind * classes + class]`: every known entry of the kind names a subject of the class.
    always_names: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl<'m> Hearing<'m> {
    pub(crate) fn new(monitor: &'m Monitor<'m>, log: &'m Log, asked: Asked) -> Self {
        let (withdrawn, corrected) = corrections(monitor, log, asked);
        let mut hearing = Hearing {
            monitor,
            log,
            asked,
            corrected,
            starts: Vec::new(),
            entries: Vec::new(),
            first_close: vec![NONE; log.subject_count()],
            inexact_closes: Map::default(),
            order: Vec::new(),
            always_names: Vec::new(),
        };
        hearing.index(&withdrawn);
        hearing.sort_subjects();
        hearing
    }

    /// Groups the known entries by subject: two passes of counting, no comparison.
    fn index(&mut self, withdrawn: &Map<EventId, ()>) {
        let log = self.log;
        let classes = self.monitor.codebook.classes.len();
        let kinds = self.monitor.codebook.kinds.len();
        let mut always = vec![true; classes * kinds];
        let mut counts = vec![0u32; log.subject_count() + 1];
        let known = |event: EventId, hearing: &Self| {
            log.recorded_at(event) <= hearing.asked.known_at
                && (withdrawn.is_empty() || !withdrawn.contains_key(&event))
                && hearing.at(event).earliest <= hearing.asked.now
        };
        let mut is_known = Vec::with_capacity(log.len());
        for event in log.events() {
            let yes = known(event, self);
            is_known.push(yes);
            if !yes {
                continue;
            }
            let mut there = 0u64;
            for subject in log.subjects(event) {
                counts[subject.0 as usize + 1] += 1;
                there |= 1 << (log.class_of(*subject).0 & 63);
            }
            let row = log.kind(event).index() * classes;
            for (class, flag) in always[row..row + classes].iter_mut().enumerate() {
                *flag &= there >> (class & 63) & 1 == 1;
            }
            if !self.monitor.closes[log.kind(event).index()].is_empty() {
                self.note_close(event);
            }
        }
        for i in 1..counts.len() {
            counts[i] += counts[i - 1];
        }
        let mut entries = vec![EventId(0); counts.last().copied().unwrap_or(0) as usize];
        let mut next = counts.clone();
        for event in log.events().filter(|e| is_known[e.0 as usize]) {
            for subject in log.subjects(event) {
                let place = &mut next[subject.0 as usize];
                entries[*place as usize] = event;
                *place += 1;
            }
        }
        (self.starts, self.entries, self.always_names) = (counts, entries, always);
    }

    fn note_close(&mut self, event: EventId) {
        let at = self.at(event);
        for subject in self.log.subjects(event) {
            if !self.monitor.closes[self.log.kind(event).index()].contains(&self.log.class_of(*subject)) {
                continue;
            }
            if at.is_exact() {
                let first = &mut self.first_close[subject.0 as usize];
                let earlier = *first == NONE || {
                    let known = EventId(*first);
                    let known = self.corrected.get(&known).and_then(|c| c.at).map_or_else(|| self.log.at(known), |(at, _)| at);
                    at.earliest < known.earliest
                };
                if earlier {
                    *first = event.0;
                }
            } else {
                self.inexact_closes.entry(*subject).or_default().push(event);
            }
        }
    }

    fn sort_subjects(&mut self) {
        let log = self.log;
        let codebook = self.monitor.codebook;
        let mut by_name: Vec<usize> = (0..codebook.classes.len()).collect();
        by_name.sort_by(|a, b| codebook.classes[*a].name.cmp(&codebook.classes[*b].name));
        let mut rank = vec![0u16; by_name.len()];
        for (place, class) in by_name.iter().enumerate() {
            rank[*class] = place as u16;
        }
        // The first eight bytes of the id decide most comparisons without reaching for the string.
        let head = |name: &str| {
            let mut bytes = [0u8; 8];
            let n = name.len().min(8);
            bytes[..n].copy_from_slice(&name.as_bytes()[..n]);
            u64::from_be_bytes(bytes)
        };
        let tail = |name: &'m str| name.as_bytes().get(8..).unwrap_or_default();
        let second = |name: &'m str| {
            let rest = tail(name);
            let mut bytes = [0u8; 8];
            let n = rest.len().min(8);
            bytes[..n].copy_from_slice(&rest[..n]);
            u64::from_be_bytes(bytes)
        };
        let mut keyed: Vec<(u16, u64, u64, SubjectId)> = (0..log.subject_count() as u32)
            .map(SubjectId)
            .filter(|s| !self.events_of(*s).is_empty() && self.monitor.judges[log.class_of(*s).index()])
            .map(|s| (rank[log.class_of(s).index()], head(log.name_of(s)), second(log.name_of(s)), s))
            .collect();
        keyed.sort_unstable_by(|a, b| {
            (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)).then_with(|| log.name_of(a.3).cmp(log.name_of(b.3)))
        });
        self.order = keyed.into_iter().map(|k| k.3).collect();
    }

    /// Subjects that have rules and entries, sorted by class name, then id, by bytes.
    #[must_use]
    pub fn subjects(&self) -> &[SubjectId] {
        &self.order
    }

    /// Appends the rows of one subject, sorted by rule, trigger time and trigger id.
    pub fn rows_of(&self, subject: SubjectId, rows: &mut Vec<Row>) {
        self.monitor.judge(self, subject, rows);
    }

    /// All rows, in the order of output.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for subject in &self.order {
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

    /// Known entries that name a subject, in the order of entry.
    #[must_use]
    pub fn events_of(&self, subject: SubjectId) -> &[EventId] {
        let i = subject.0 as usize;
        match (self.starts.get(i), self.starts.get(i + 1)) {
            (Some(start), Some(end)) => &self.entries[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// When an entry happened, as known; an unknown time not yet narrowed by its custody.
    pub(crate) fn at(&self, event: EventId) -> At {
        if self.corrected.is_empty() {
            return self.log.at(event);
        }
        self.corrected.get(&event).and_then(|c| c.at).map_or_else(|| self.log.at(event), |(at, _)| at)
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
        let first = self.events_of(*subject).iter().filter(|e| **e != event).map(|e| self.at(*e)).filter(|a| a.precision != Precision::Unknown);
        let latest = self.log.recorded_at(event);
        let earliest = first.map(|a| a.earliest).min().map_or(latest, |m| m.min(latest));
        At { earliest, latest, precision: Precision::Unknown }
    }

    /// An entry as known, with corrections applied.
    #[must_use]
    pub fn seen(&self, event: EventId) -> Seen<'_> {
        let corrected = if self.corrected.is_empty() { None } else { self.corrected.get(&event) };
        let last = corrected.and_then(|c| c.at.map(|(_, r)| r).into_iter().chain(c.fields.iter().map(|f| f.2)).max());
        Seen {
            at: self.possible(event),
            recorded_at: self.log.recorded_at(event),
            corrected_at: last,
            log: self.log,
            event,
            corrected,
        }
    }

    /// A field of an entry, as known.
    pub(crate) fn field(&self, event: EventId, name: FieldId) -> Option<&Value> {
        if !self.corrected.is_empty()
            && let Some(corrected) = self.corrected.get(&event)
            && let Some((_, value, _)) = corrected.fields.iter().find(|(f, _, _)| *f == name)
        {
            return Some(value);
        }
        self.log.field(event, name)
    }

    /// What a correction changed of an entry.
    pub(crate) fn corrected(&self, event: EventId) -> Option<&Corrected> {
        if self.corrected.is_empty() { None } else { self.corrected.get(&event) }
    }

    /// The earliest exactly known close of a subject, and those of unknown time.
    pub(crate) fn closes(&self, subject: SubjectId) -> (Option<EventId>, &[EventId]) {
        let first = self.first_close.get(subject.0 as usize).copied().filter(|e| *e != NONE).map(EventId);
        let inexact = if self.inexact_closes.is_empty() { None } else { self.inexact_closes.get(&subject) };
        (first, inexact.map_or(&[], |c| c.as_slice()))
    }

    /// Whether every known entry of the kind names a subject of the class.
    pub(crate) fn always_names(&self, kind: KindId, class: habeas_codebook::tree::ClassId) -> bool {
        self.always_names[kind.index() * self.monitor.codebook.classes.len() + class.index()]
    }
}

/// Withdrawn entries, and what corrections replace, as known at the moment asked about.
fn corrections(monitor: &Monitor<'_>, log: &Log, asked: Asked) -> (Map<EventId, ()>, Map<EventId, Corrected>) {
    let mut withdrawn = Map::default();
    let mut corrected: Map<EventId, Corrected> = Map::default();
    let mut changes: Vec<(EventId, bool, &str)> = Vec::new();
    for event in log.events() {
        let kind = log.kind(event);
        let (corrects, withdraws) = (monitor.corrects[kind.index()], monitor.withdraws[kind.index()]);
        if (corrects || withdraws)
            && log.recorded_at(event) <= asked.known_at
            && let Some(Value::Text(target)) = monitor.corrects_field.and_then(|f| log.field(event, f))
        {
            changes.push((event, withdraws, log.text_of(*target)));
        }
    }
    if changes.is_empty() {
        return (withdrawn, corrected);
    }
    let wanted: Map<&str, ()> = changes.iter().map(|c| (c.2, ())).collect();
    let found: Map<&str, EventId> = log.events().filter(|e| wanted.contains_key(log.id(*e))).map(|e| (log.id(e), e)).collect();
    let targets: Map<EventId, EventId> =
        changes.iter().filter(|c| !c.1).filter_map(|(event, _, id)| Some((*event, *found.get(id)?))).collect();
    for (_, _, id) in changes.iter().filter(|c| c.1) {
        if let Some(target) = found.get(id).filter(|t| !monitor.withdraws[log.kind(**t).index()]) {
            withdrawn.insert(*target, ());
        }
    }
    let mut counted: Vec<EventId> = targets.keys().copied().filter(|e| !withdrawn.contains_key(e)).collect();
    counted.sort_by_key(|e| (log.recorded_at(*e), *e));
    for event in counted {
        // A correction of a correction is one more correction of the event itself.
        let mut target = targets[&event];
        let mut steps = 0;
        while let Some(next) = targets.get(&target).filter(|_| steps < targets.len()) {
            target = *next;
            steps += 1;
        }
        let entry = corrected.entry(target).or_insert_with(|| Corrected { at: None, fields: Vec::new() });
        let recorded = log.recorded_at(event);
        for (name, value) in log.fields(event) {
            if Some(*name) == monitor.corrects_field {
                continue;
            }
            if Some(*name) == monitor.at_field {
                if let Value::Time(at) = value {
                    entry.at = Some((*at, recorded));
                }
                continue;
            }
            entry.fields.retain(|(f, _, _)| f != name);
            entry.fields.push((*name, value.clone(), recorded));
        }
    }
    (withdrawn, corrected)
}

/// Kinds of the codebook that correct or withdraw.
pub(crate) fn changing_kinds(codebook: &habeas_codebook::tree::Codebook) -> (Vec<bool>, Vec<bool>) {
    let of = |builtin: Builtin, own: fn(&habeas_codebook::tree::Kind) -> bool| {
        codebook.kinds.iter().enumerate().map(|(i, kind)| i == builtin.kind().index() || own(kind)).collect()
    };
    (of(Builtin::Correction, |k| k.corrects), of(Builtin::Withdrawal, |k| k.withdraws))
}
