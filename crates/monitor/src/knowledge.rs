//! What is known of a log at a moment: which entries stand, what corrections made of them, and the entries of each subject together.
//!
//! Built once for a whole log, or grown entry by entry ([`crate::live`]); both give the same answers.

use crate::monitor::Monitor;
use crate::verdict::Asked;
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{ClassId, Codebook, FieldId, KindId};
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::num::NonZeroUsize;

pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// What corrections that count make of an entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corrected {
    pub(crate) at: Option<(At, Moment)>,
    pub(crate) fields: Vec<(FieldId, Value, Moment)>,
}

/// An entry that stands, with what judging asks of it first, so that a subject's entries lie side by side. Most stand in three lists: whom
/// they name is kept once ([`Named`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When it happened, or its earliest possible instant.
    pub(crate) at: Moment,
    pub(crate) event: EventId,
    pub(crate) kind: KindId,
    /// Its time is not exact, or lies ahead.
    pub(crate) rough: bool,
}

impl Entry {
    fn new(kind: KindId, at: At, event: EventId) -> Self {
        Entry { at: at.earliest, event, kind, rough: !at.is_exact() }
    }
}

/// Whom an entry names, so that judging need not look for it in the log.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// The custody, or [`NOBODY`].
    custody: u32,
    /// The one subject beside it, [`NOBODY`], or [`SEVERAL`].
    other: u32,
}

const NOBODY: u32 = u32::MAX;
const SEVERAL: u32 = u32::MAX - 1;

impl Named {
    const NOBODY: Named = Named { custody: NOBODY, other: NOBODY };

    fn of(monitor: &Monitor<'_>, log: &Log, subjects: &[SubjectId]) -> Self {
        let mut named = Named::NOBODY;
        subjects.iter().for_each(|subject| named.takes(*subject, Some(log.class_of(*subject)) == monitor.custody));
        named
    }

    /// Takes in a subject that the entry names.
    fn takes(&mut self, subject: SubjectId, is_custody: bool) {
        if is_custody {
            self.custody = subject.0;
        } else {
            self.other = if self.other == NOBODY { subject.0 } else { SEVERAL };
        }
    }
}

/// The entries of each subject.
#[derive(Debug)]
enum Index {
    /// One after another, in the order of subjects' numbers, each subject's by time, then order of entry; where each subject's are. Those
    /// of a subject that was named again since have a list of their own, in the same order.
    Packed { places: Vec<Place>, entries: Vec<Entry>, grown: Map<u32, Vec<Entry>> },
    /// One list a subject, in the order of entry.
    Growing(Vec<Vec<Entry>>),
}

/// Where a subject's entries are.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    start: u32,
    end: u32,
}

impl Place {
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Sorts each subject's entries by time, then order of entry; `entries` begin where the first place does. The entries are halved for as
/// many threads as there are.
fn sort_each(places: &[Place], entries: &mut [Entry], threads: usize) {
    let Some(first) = places.first() else { return };
    if threads > 1 && places.len() > 1 {
        let half = first.start + entries.len() as u32 / 2;
        let middle = places.partition_point(|place| place.start < half).clamp(1, places.len() - 1);
        let (before, after) = places.split_at(middle);
        let (own, others) = entries.split_at_mut((after[0].start - first.start) as usize);
        return std::thread::scope(|scope| {
            scope.spawn(|| sort_each(before, own, threads / 2));
            sort_each(after, others, threads - threads / 2);
        });
    }
    for place in places {
        let own = &mut entries[(place.start - first.start) as usize..(place.end - first.start) as usize];
        if !own.is_sorted_by_key(|e| (e.at, e.event)) {
            own.sort_unstable_by_key(|e| (e.at, e.event));
        }
    }
}

/// What is known of a log.
#[derive(Debug)]
pub(crate) struct Knowledge {
    changes: Changes,
    corrected: Map<EventId, Corrected>,
    index: Index,
    /// Whom each entry of the log names, where that is kept: the log has it too, but far from here.
    names: Vec<Named>,
    first_close: Vec<(Moment, u32)>,
    /// Some entry was recorded later than the tolerance.
    any_late: bool,
    /// Some entry was recorded after it happened.
    any_belated: bool,
    /// Some entry has no exact time, or one that lies ahead.
    any_rough: bool,
    inexact_closes: Map<SubjectId, SmallVec<[EventId; 2]>>,
    /// For each kind, bits of the classes that every known entry of it names.
    named: Vec<u64>,
}

const NONE: (Moment, u32) = (Moment::FAR_OFF, u32::MAX);

impl Knowledge {
    /// Nothing known yet.
    pub(crate) fn empty(codebook: &Codebook) -> Self {
        Knowledge {
            changes: Changes::default(),
            corrected: Map::default(),
            index: Index::Growing(Vec::new()),
            names: Vec::new(),
            first_close: Vec::new(),
            any_late: false,
            any_belated: false,
            any_rough: false,
            inexact_closes: Map::default(),
            named: vec![u64::MAX; codebook.kinds.len()],
        }
    }

    /// All that is known of a log at a moment, put in order on so many threads.
    pub(crate) fn of(monitor: &Monitor<'_>, log: &Log, asked: Asked, threads: NonZeroUsize) -> Self {
        let mut knowledge = Self::empty(monitor.codebook);
        knowledge.first_close = vec![NONE; log.subject_count()];
        knowledge.find_changes(monitor, log, asked);
        knowledge.pack(monitor, log, asked, threads);
        knowledge
    }

    /// Those of some subjects that have rules and entries.
    pub(crate) fn judged(&self, monitor: &Monitor<'_>, log: &Log, mut subjects: Vec<SubjectId>) -> Vec<SubjectId> {
        subjects.retain(|s| monitor.judges[log.class_of(*s).index()] && !self.events_of(*s).is_empty());
        subjects
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

    /// Groups the entries that stand by subject: room for as many as name each, then one pass over the log that puts each in its place.
    /// A log in order of time needs no more; else each subject's are sorted.
    ///
    /// Subjects lie in the order of their numbers, since those who are named together have numbers close together: what is written at one
    /// time lies in one place.
    fn pack(&mut self, monitor: &Monitor<'_>, log: &Log, asked: Asked, threads: NonZeroUsize) {
        let mut places = vec![Place::default(); log.subject_count()];
        log.mentions().iter().for_each(|subject| places[subject.0 as usize].end += 1);
        // From how many there are to where they begin; putting one in moves the end on.
        let mut sum = 0;
        for place in &mut places {
            let count = place.end;
            (place.start, place.end) = (sum, sum);
            sum += count;
        }
        let nothing = Entry::new(KindId(0), At::exact(Moment(0)), EventId(0));
        let mut entries = vec![nothing; sum as usize];
        let plain = self.corrected.is_empty() && self.changes.withdrawn.is_empty();
        let (mut in_order, mut before) = (true, Moment::LONG_AGO);
        let mut names: Vec<Named> = Vec::with_capacity(if monitor.keeps_names { log.len() } else { 0 });
        for head in log.heads() {
            if monitor.keeps_names {
                names.push(Named::of(monitor, log, head.subjects));
            }
            let at = if plain { head.at } else { self.at(log, head.event) };
            let ahead = head.recorded_at > asked.known_at || at.earliest > asked.now;
            if ahead || !plain && self.changes.is_withdrawn(head.event) {
                continue;
            }
            let entry = Entry::new(head.kind, at, head.event);
            let there = head.subjects.iter().fold(0, |bits, subject| bits | 1 << (log.class_of(*subject).0 & 63));
            for subject in head.subjects {
                let place = &mut places[subject.0 as usize];
                entries[place.end as usize] = entry;
                place.end += 1;
            }
            in_order &= before <= at.earliest;
            before = at.earliest;
            self.note_time(monitor, head.recorded_at, at);
            self.note(monitor, log, head.event, there);
        }
        if !in_order {
            sort_each(&places, &mut entries, threads.get());
        }
        self.index = Index::Packed { places, entries, grown: Map::default() };
        self.names = names;
    }

    /// Touches what judging these subjects asks of each first. It lies wherever each was first named, so each look is a wait for memory;
    /// asked for one after another and nothing between, the processor waits for many at once.
    pub(crate) fn fetch(&self, monitor: &Monitor<'_>, log: &Log, subjects: &[SubjectId]) {
        let Index::Packed { places, entries, .. } = &self.index else { return };
        let own = |subject: &SubjectId| places.get(subject.0 as usize).map_or(&[][..], |place| &entries[place.range()]);
        let close = |subject: u32| self.first_close.get(subject as usize).map_or(0, |close| close.1 as usize);
        let mut sum = 0;
        for subject in subjects {
            let place = places.get(subject.0 as usize).copied().unwrap_or_default();
            sum += place.start as usize + log.class_of(*subject).index() + close(subject.0);
        }
        for subject in subjects {
            sum += own(subject).chunks(2).map(|two| two[0].event.0 as usize).sum::<usize>();
        }
        for subject in subjects {
            let telling = &monitor.telling[log.class_of(*subject).index()];
            for entry in own(subject).iter().filter(|entry| telling.contains(entry.kind)) {
                sum += log.fields(entry.event).first().map_or(0, |(field, _)| field.index());
            }
            sum +=
                own(subject).first().map_or(0, |entry| close(self.names.get(entry.event.0 as usize).map_or(NOBODY, |named| named.custody)));
        }
        std::hint::black_box(sum);
    }

    pub(crate) fn entry(&self, log: &Log, event: EventId) -> Entry {
        Entry::new(log.kind(event), self.at(log, event), event)
    }

    /// Whom an entry names.
    #[inline]
    fn named(&self, event: EventId, (monitor, log): (&Monitor<'_>, &Log)) -> Named {
        self.names.get(event.0 as usize).copied().unwrap_or_else(|| Named::of(monitor, log, log.subjects(event)))
    }

    /// The custody that an entry names.
    #[inline]
    pub(crate) fn custody_of(&self, event: EventId, by: (&Monitor<'_>, &Log)) -> Option<SubjectId> {
        let custody = self.named(event, by).custody;
        (custody != NOBODY).then_some(SubjectId(custody))
    }

    /// Whom an entry names beside its custody, where that is at most one.
    pub(crate) fn other_of(&self, event: EventId, by: (&Monitor<'_>, &Log)) -> Option<Option<SubjectId>> {
        let other = self.named(event, by).other;
        (other != SEVERAL).then(|| (other != NOBODY).then_some(SubjectId(other)))
    }

    /// The subject of a class that an entry names, if any.
    pub(crate) fn subject_of(&self, event: EventId, class: ClassId, (monitor, log): (&Monitor<'_>, &Log)) -> Option<SubjectId> {
        if monitor.custody == Some(class) {
            return self.custody_of(event, (monitor, log));
        }
        match self.other_of(event, (monitor, log)) {
            Some(other) => other.filter(|other| log.class_of(*other) == class),
            None => log.subject_of(event, class),
        }
    }

    /// Takes in one more entry. Whoever does that with one that corrects or withdraws another says so afterwards ([`Knowledge::change`]).
    pub(crate) fn grow(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId) {
        self.first_close.resize(log.subject_count(), NONE);
        // Those of whom some are passed over are asked of the log.
        if monitor.keeps_names && self.names.len() == event.0 as usize {
            self.names.push(Named::of(monitor, log, log.subjects(event)));
        }
        self.put(log.subjects(event), self.entry(log, event));
        self.note_time(monitor, log.recorded_at(event), self.at(log, event));
        let there = log.subjects(event).iter().fold(0, |bits, subject| bits | 1 << (log.class_of(*subject).0 & 63));
        self.note(monitor, log, event, there);
    }

    /// Does what an entry that was taken in says of another one; returns the entry that it changes.
    pub(crate) fn change(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId, target: EventId) -> EventId {
        self.changes.add(monitor, log, event, target);
        let root = self.changes.root(target);
        if self.changes.is_withdrawn(root) {
            self.take_out(log.subjects(root), root);
        } else {
            self.corrected.insert(root, self.changes.resolve(monitor, log, root));
            let entry = self.entry(log, root);
            self.note_time(monitor, log.recorded_at(root), self.at(log, root));
            self.replace(log.subjects(root), entry);
        }
        self.refresh_closes(monitor, log, root);
        root
    }

    /// A subject's own list, where there are such; made of what it had.
    fn own(&mut self, subject: SubjectId) -> &mut Vec<Entry> {
        match &mut self.index {
            Index::Packed { places, entries, grown } => {
                let before = || places.get(subject.0 as usize).map_or(&[][..], |place| &entries[place.range()]);
                grown.entry(subject.0).or_insert_with(|| before().to_vec())
            }
            Index::Growing(lists) => {
                if lists.len() <= subject.0 as usize {
                    lists.resize(subject.0 as usize + 1, Vec::new());
                }
                &mut lists[subject.0 as usize]
            }
        }
    }

    /// Puts an entry into the lists of those whom it names: by time where they are so, else at the end.
    fn put(&mut self, subjects: &[SubjectId], entry: Entry) {
        let by_time = matches!(self.index, Index::Packed { .. });
        for subject in subjects {
            let own = self.own(*subject);
            let place = if by_time { own.partition_point(|e| (e.at, e.event) < (entry.at, entry.event)) } else { own.len() };
            own.insert(place, entry);
        }
    }

    /// Brings a corrected entry's time into the lists.
    fn replace(&mut self, subjects: &[SubjectId], entry: Entry) {
        if let Index::Growing(lists) = &mut self.index {
            for subject in subjects {
                lists[subject.0 as usize].iter_mut().filter(|e| e.event == entry.event).for_each(|e| *e = entry);
            }
            return;
        }
        self.take_out(subjects, entry.event);
        self.put(subjects, entry);
    }

    /// Takes a withdrawn entry out of the lists.
    fn take_out(&mut self, subjects: &[SubjectId], event: EventId) {
        subjects.iter().for_each(|subject| self.own(*subject).retain(|e| e.event != event));
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
                self.note_close(monitor, log, other.event, Some(*subject));
            }
        }
    }

    fn note_time(&mut self, monitor: &Monitor<'_>, recorded: Moment, at: At) {
        self.any_rough |= !at.is_exact();
        self.any_belated |= recorded > at.earliest;
        self.any_late |= recorded.since(at.earliest) > monitor.codebook.late_entry_after;
    }

    /// Notes which classes an entry names (bits), and what it closes.
    fn note(&mut self, monitor: &Monitor<'_>, log: &Log, event: EventId, there: u64) {
        let kind = log.kind(event).index();
        self.named[kind] &= there;
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
            let known = &mut self.first_close[subject.0 as usize];
            *known = (*known).min((at.earliest, event.0));
        }
    }

    /// Entries that stand and name a subject: by time when packed, in the order of entry while growing.
    pub(crate) fn events_of(&self, subject: SubjectId) -> &[Entry] {
        let i = subject.0 as usize;
        match &self.index {
            Index::Packed { places, entries, grown } => match grown.get(&subject.0).filter(|_| !grown.is_empty()) {
                Some(own) => own,
                None => places.get(i).map_or(&[], |place| &entries[place.range()]),
            },
            Index::Growing(lists) => lists.get(i).map_or(&[], Vec::as_slice),
        }
    }

    /// A subject's entries as they are, when all have exact times not after `now` and stand in order of time.
    pub(crate) fn plain(&self, subject: SubjectId, now: Moment) -> Option<&[Entry]> {
        let entries = self.events_of(subject);
        let in_order = match &self.index {
            Index::Packed { .. } => true,
            Index::Growing(_) => entries.is_sorted_by_key(|e| (e.at, e.event)),
        };
        let there = entries.last().is_none_or(|last| last.at <= now);
        (in_order && there && !(self.any_rough && entries.iter().any(|e| e.rough))).then_some(entries)
    }

    /// Whether some entry was recorded after it happened, or corrected: else nothing can be cleared late.
    pub(crate) fn any_belated(&self) -> bool {
        self.any_belated || !self.corrected.is_empty()
    }

    /// Whether some entry was recorded later than the codebook's tolerance.
    pub(crate) fn any_late(&self) -> bool {
        self.any_late
    }

    /// Whether an entry was withdrawn, as known.
    pub(crate) fn is_withdrawn(&self, event: EventId) -> bool {
        self.changes.is_withdrawn(event)
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
    pub(crate) fn closes(&self, subject: SubjectId) -> (Option<(Moment, EventId)>, &[EventId]) {
        let first = self.first_close.get(subject.0 as usize).copied().filter(|c| *c != NONE).map(|(at, event)| (at, EventId(event)));
        let inexact = if self.inexact_closes.is_empty() { None } else { self.inexact_closes.get(&subject) };
        (first, inexact.map_or(&[], |c| c.as_slice()))
    }

    /// Whether every entry of the kind names a subject of the class.
    pub(crate) fn always_names(&self, kind: KindId, class: ClassId) -> bool {
        self.named[kind.index()] >> (class.0 & 63) & 1 == 1
    }
}

/// The id that a correction or withdrawal names.
pub(crate) fn target_id<'l>(monitor: &Monitor<'_>, log: &'l Log, event: EventId) -> Option<&'l str> {
    log.field(event, monitor.corrects_field?)?.as_text().map(|id| log.text_of(id))
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
                    made.at = Some((**at, recorded));
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
    let kinds = || (0..codebook.kinds.len()).map(|place| KindId(place as u16));
    (kinds().map(|kind| codebook.corrects(kind)).collect(), kinds().map(|kind| codebook.withdraws(kind)).collect())
}

/// All subjects of a log, sorted by class name, then id, by bytes.
pub(crate) fn in_order(monitor: &Monitor<'_>, log: &Log) -> Vec<SubjectId> {
    let codebook = monitor.codebook;
    let mut by_name: Vec<usize> = (0..codebook.classes.len()).collect();
    by_name.sort_by(|a, b| codebook.classes[*a].name.cmp(&codebook.classes[*b].name));
    let mut of_class: Vec<Vec<SubjectId>> = vec![Vec::new(); codebook.classes.len()];
    for subject in (0..log.subject_count() as u32).map(SubjectId) {
        of_class[log.class_of(subject).index()].push(subject);
    }
    let mut order = Vec::with_capacity(log.subject_count());
    by_name.into_iter().for_each(|class| sorted(log, &of_class[class], &mut order));
    order
}

/// Adds subjects sorted by id. Ids of a class mostly begin alike: the eight bytes after that decide nearly every comparison without
/// reaching for the id.
fn sorted(log: &Log, subjects: &[SubjectId], order: &mut Vec<SubjectId>) {
    let id = |subject: SubjectId| log.name_letters(subject);
    let Some(first) = subjects.first().map(|s| id(*s)) else { return };
    let alike = subjects.iter().fold(first.len(), |alike, s| first[..alike].iter().zip(id(*s)).take_while(|(a, b)| a == b).count());
    let head = |subject: SubjectId| {
        let rest = &id(subject)[alike..];
        let mut head = [0; 8];
        let length = rest.len().min(8);
        head[..length].copy_from_slice(&rest[..length]);
        u64::from_be_bytes(head)
    };
    let mut keyed: Vec<(u64, SubjectId)> = subjects.iter().map(|s| (head(*s), *s)).collect();
    keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1))));
    order.extend(keyed.into_iter().map(|(_, subject)| subject));
}
