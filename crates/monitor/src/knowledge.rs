//! What is known of a log at a moment: which entries stand, what corrections made of them, and the entries of each subject together.
//!
//! Built once for a whole log, or grown entry by entry ([`crate::live`]); both give the same answers.

use crate::monitor::Monitor;
use crate::verdict::Asked;
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{Builtin, ClassId, Codebook, FieldId, Kind, KindId};
use hashbrown::HashMap;
use smallvec::SmallVec;

pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// What corrections that count make of an entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corrected {
    pub(crate) at: Option<(At, Moment)>,
    pub(crate) fields: Vec<(FieldId, Value, Moment)>,
}

/// The entries of each subject.
#[derive(Debug)]
enum Index {
    /// One after another, by counting.
    Packed { starts: Vec<u32>, entries: Vec<EventId> },
    /// One list a subject.
    Growing(Vec<Vec<EventId>>),
}

/// What is known of a log.
#[derive(Debug)]
pub(crate) struct Knowledge {
    changes: Changes,
    corrected: Map<EventId, Corrected>,
    index: Index,
    first_close: Vec<u32>,
    inexact_closes: Map<SubjectId, SmallVec<[EventId; 2]>>,
    /// `names[kind * classes + class]`: every known entry of the kind names a subject of the class.
    always_names: Vec<bool>,
    classes: usize,
}

const NONE: u32 = u32::MAX;

impl Knowledge {
    /// Nothing known yet.
    pub(crate) fn empty(codebook: &Codebook) -> Self {
        Knowledge {
            changes: Changes::default(),
            corrected: Map::default(),
            index: Index::Growing(Vec::new()),
            first_close: Vec::new(),
            inexact_closes: Map::default(),
            always_names: vec![true; codebook.classes.len() * codebook.kinds.len()],
            classes: codebook.classes.len(),
        }
    }

    /// All that is known of a log at a moment.
    pub(crate) fn of(monitor: &Monitor<'_>, log: &Log, asked: Asked) -> Self {
        let mut knowledge = Self::empty(monitor.codebook);
        knowledge.first_close = vec![NONE; log.subject_count()];
        knowledge.find_changes(monitor, log, asked);
        knowledge.pack(monitor, log, asked);
        knowledge
    }

    fn find_changes(&mut self, monitor: &Monitor<'_>, log: &Log, asked: Asked) {
        if !monitor.may_change {
            return;
        }
        let mut changes: Vec<(EventId, &str)> = Vec::new();
        for event in log.events().filter(|e| monitor.changes(log.kind(*e)) && log.recorded_at(*e) <= asked.known_at) {
            changes.extend(target_id(monitor, log, event).map(|id| (event, id)));
        }
        if changes.is_empty() {
            return;
        }
        let wanted: Map<&str, ()> = changes.iter().map(|c| (c.1, ())).collect();
        let found: Map<&str, EventId> = log.events().filter(|e| wanted.contains_key(log.id(*e))).map(|e| (log.id(e), e)).collect();
        for (event, id) in changes {
            if let Some(target) = found.get(id) {
                self.changes.add(monitor, log, event, *target);
            }
        }
        for root in self.changes.roots() {
            self.corrected.insert(root, self.changes.resolve(monitor, log, root));
        }
    }

    /// Groups the entries that stand by subject: two passes of counting, no comparison.
    fn pack(&mut self, monitor: &Monitor<'_>, log: &Log, asked: Asked) {
        let mut starts = vec![0u32; log.subject_count() + 1];
        let mut stands = Vec::with_capacity(log.len());
        for event in log.events() {
            let yes = log.recorded_at(event) <= asked.known_at
                && !self.changes.is_withdrawn(event)
                && self.at(log, event).earliest <= asked.now;
            stands.push(yes);
            if yes {
                for subject in log.subjects(event) {
                    starts[subject.0 as usize + 1] += 1;
                }
                self.note(monitor, log, event);
            }
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut entries = vec![EventId(0); starts.last().copied().unwrap_or(0) as usize];
        let mut next = starts.clone();
        for event in log.events().filter(|e| stands[e.0 as usize]) {
            for subject in log.subjects(event) {
                let place = &mut next[subject.0 as usize];
                entries[*place as usize] = event;
                *place += 1;
            }
        }
        self.index = Index::Packed { starts, entries };
    }

    /// Takes in one more entry; returns the entry that it changes, if it corrects or withdraws one.
    pub(crate) fn grow(&mut self, monitor: &Monitor<'_>, log: &mut Log, event: EventId) -> Option<EventId> {
        self.first_close.resize(log.subject_count(), NONE);
        if let Index::Growing(lists) = &mut self.index {
            lists.resize(log.subject_count(), Vec::new());
            for subject in log.subjects(event) {
                lists[subject.0 as usize].push(event);
            }
        }
        self.note(monitor, log, event);
        if !monitor.changes(log.kind(event)) {
            return None;
        }
        let id = target_id(monitor, log, event)?.to_owned();
        let target = log.find(&id)?;
        self.changes.add(monitor, log, event, target);
        let root = self.changes.root(target);
        if self.changes.is_withdrawn(root) {
            self.forget(monitor, log, root);
        } else {
            self.corrected.insert(root, self.changes.resolve(monitor, log, root));
            self.refresh_closes(monitor, log, root);
        }
        Some(root)
    }

    /// Takes a withdrawn entry out of the lists.
    fn forget(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId) {
        if let Index::Growing(lists) = &mut self.index {
            for subject in log.subjects(event) {
                lists[subject.0 as usize].retain(|e| *e != event);
            }
        }
        self.refresh_closes(monitor, log, event);
    }

    /// Finds the close of a closing entry's subjects anew.
    fn refresh_closes(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId) {
        if monitor.closes[log.kind(event).index()].is_empty() {
            return;
        }
        for subject in log.subjects(event) {
            self.first_close[subject.0 as usize] = NONE;
            self.inexact_closes.remove(subject);
            for other in self.events_of(*subject).to_vec() {
                self.note_close(monitor, log, other, Some(*subject));
            }
        }
    }

    fn note(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId) {
        let mut there = 0u64;
        for subject in log.subjects(event) {
            there |= 1 << (log.class_of(*subject).0 & 63);
        }
        let kind = log.kind(event).index();
        if there != monitor.every_class {
            let row = kind * self.classes;
            for (class, flag) in self.always_names[row..row + self.classes].iter_mut().enumerate() {
                *flag &= there >> (class & 63) & 1 == 1;
            }
        }
        if !monitor.closes[kind].is_empty() {
            self.note_close(monitor, log, event, None);
        }
    }

    fn note_close(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId, only: Option<SubjectId>) {
        let at = self.at(log, event);
        for subject in log.subjects(event) {
            if only.is_some_and(|s| s != *subject) || !monitor.closes[log.kind(event).index()].contains(&log.class_of(*subject)) {
                continue;
            }
            if !at.is_exact() {
                self.inexact_closes.entry(*subject).or_default().push(event);
                continue;
            }
            let known = self.first_close[subject.0 as usize];
            if known == NONE || at.earliest < self.at(log, EventId(known)).earliest {
                self.first_close[subject.0 as usize] = event.0;
            }
        }
    }

    /// Entries that stand and name a subject, in the order of entry.
    pub(crate) fn events_of(&self, subject: SubjectId) -> &[EventId] {
        let i = subject.0 as usize;
        match &self.index {
            Index::Packed { starts, entries } => match (starts.get(i), starts.get(i + 1)) {
                (Some(start), Some(end)) => &entries[*start as usize..*end as usize],
                _ => &[],
            },
            Index::Growing(lists) => lists.get(i).map_or(&[], Vec::as_slice),
        }
    }

    /// When an entry happened, as known.
    pub(crate) fn at(&self, log: &Log, event: EventId) -> At {
        if self.corrected.is_empty() {
            return log.at(event);
        }
        self.corrected.get(&event).and_then(|c| c.at).map_or_else(|| log.at(event), |(at, _)| at)
    }

    /// What corrections made of an entry.
    pub(crate) fn corrected(&self, event: EventId) -> Option<&Corrected> {
        if self.corrected.is_empty() { None } else { self.corrected.get(&event) }
    }

    /// The earliest exactly known close of a subject, and those of unknown time.
    pub(crate) fn closes(&self, subject: SubjectId) -> (Option<EventId>, &[EventId]) {
        let first = self.first_close.get(subject.0 as usize).copied().filter(|e| *e != NONE).map(EventId);
        let inexact = if self.inexact_closes.is_empty() { None } else { self.inexact_closes.get(&subject) };
        (first, inexact.map_or(&[], |c| c.as_slice()))
    }

    /// Whether every entry of the kind names a subject of the class.
    pub(crate) fn always_names(&self, kind: KindId, class: ClassId) -> bool {
        self.always_names[kind.index() * self.classes + class.index()]
    }
}

/// The id that a correction or withdrawal names.
fn target_id<'l>(monitor: &Monitor<'_>, log: &'l Log, event: EventId) -> Option<&'l str> {
    match log.field(event, monitor.corrects_field?)? {
        Value::Text(id) => Some(log.text_of(*id)),
        _ => None,
    }
}

/// Corrections and withdrawals, by what they name.
#[derive(Debug, Default)]
struct Changes {
    target: Map<EventId, EventId>,
    corrections: Map<EventId, SmallVec<[EventId; 2]>>,
    withdrawn: Map<EventId, ()>,
}

impl Changes {
    fn add(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId, target: EventId) {
        if monitor.withdraws[log.kind(event).index()] {
            // A withdrawal is final.
            if !monitor.withdraws[log.kind(target).index()] {
                self.withdrawn.insert(target, ());
            }
        } else {
            self.target.insert(event, target);
            let root = self.root(target);
            self.corrections.entry(root).or_default().push(event);
        }
    }

    /// A correction of a correction is one more correction of the event itself.
    fn root(&self, event: EventId) -> EventId {
        let mut root = event;
        let mut steps = 0;
        while let Some(next) = self.target.get(&root).filter(|_| steps <= self.target.len()) {
            root = *next;
            steps += 1;
        }
        root
    }

    fn roots(&self) -> Vec<EventId> {
        self.corrections.keys().copied().collect()
    }

    fn is_withdrawn(&self, event: EventId) -> bool {
        !self.withdrawn.is_empty() && self.withdrawn.contains_key(&event)
    }

    /// Field by field the correction recorded last wins; a tie goes to the later in the log.
    fn resolve(&self, monitor: &Monitor<'_>, log: &Log, root: EventId) -> Corrected {
        let mut counted: Vec<EventId> =
            self.corrections.get(&root).into_iter().flatten().copied().filter(|e| !self.is_withdrawn(*e)).collect();
        counted.sort_by_key(|e| (log.recorded_at(*e), *e));
        let mut made = Corrected::default();
        for event in counted {
            let recorded = log.recorded_at(event);
            for (name, value) in log.fields(event) {
                if Some(*name) == monitor.corrects_field {
                    continue;
                }
                if let (Value::Time(at), true) = (value, Some(*name) == monitor.at_field) {
                    made.at = Some((*at, recorded));
                    continue;
                }
                made.fields.retain(|(f, _, _)| f != name);
                made.fields.push((*name, value.clone(), recorded));
            }
        }
        made
    }
}

/// Kinds of the codebook that correct, and kinds that withdraw.
pub(crate) fn changing_kinds(codebook: &Codebook) -> (Vec<bool>, Vec<bool>) {
    let of = |builtin: Builtin, own: fn(&Kind) -> bool| {
        codebook.kinds.iter().enumerate().map(|(i, kind)| i == builtin.kind().index() || own(kind)).collect()
    };
    (of(Builtin::Correction, |k| k.corrects), of(Builtin::Withdrawal, |k| k.withdraws))
}
