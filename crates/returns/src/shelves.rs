//! What is worked out of a log that is heard, for whatever tables and periods are counted: kept while they are, and between two questions
//! where somebody keeps the log heard ([`Kept`]).

use crate::counter::Counter;
use crate::found::Found;
use crate::period::Period;
use habeas_codebook::log::{EventId, Log, SubjectId};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldId, Holds, KindId, Pattern, RuleId, StateId};
use habeas_monitor::listening::{Listening, News};
use habeas_monitor::look::Stretch;
use habeas_monitor::{Asked, Hearing, Monitor, Verdict};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What was worked out for a table and may serve another: whoever needs what somebody works out just now waits for it.
type Shelf<K, V> = Mutex<Vec<(K, Arc<OnceLock<Arc<V>>>)>>;

pub(crate) fn kept<K: PartialEq + Clone, V>(shelf: &Shelf<K, V>, key: &K, make: impl FnOnce() -> V) -> Arc<V> {
    let place = {
        let mut all = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        match all.iter().find(|(known, _)| known == key) {
            Some((_, place)) => Arc::clone(place),
            None => {
                all.push((key.clone(), Arc::default()));
                all.last().map(|(_, place)| Arc::clone(place)).unwrap_or_default()
            }
        }
    };
    Arc::clone(place.get_or_init(|| Arc::new(make())))
}

/// What stands on a shelf, for whoever has it alone: what somebody else still reads is let go, and made anew when it is asked for.
fn standing<K, V>(shelf: &mut Shelf<K, V>, mut each: impl FnMut(&K, &mut V) -> bool) {
    let all = shelf.get_mut().unwrap_or_else(PoisonError::into_inner);
    all.retain_mut(|(key, place)| {
        let made = Arc::get_mut(place).and_then(OnceLock::get_mut).and_then(Arc::get_mut);
        made.is_some_and(|made| each(key, made))
    });
}

/// Stretches of a state, by subject.
pub(crate) type Stretches = Vec<(SubjectId, Stretch)>;

/// Of how many subjects of a class a subject's entries tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tied {
    /// Not of one.
    Nobody,
    /// Of this one.
    To(SubjectId),
    /// Of several.
    Several,
}

/// Takes in an entry that may name a subject of each of two classes.
pub(crate) fn tie(ties: &mut [Tied], log: &Log, event: EventId, (from, to): (ClassId, ClassId)) {
    let (Some(one), Some(other)) = (log.subject_of(event, from), log.subject_of(event, to)) else { return };
    let tied = &mut ties[one.0 as usize];
    *tied = match *tied {
        Tied::Nobody => Tied::To(other),
        Tied::To(known) if known == other => return,
        Tied::To(_) | Tied::Several => Tied::Several,
    };
}

/// A verdict, with what counting needs of it: of a nation's year there are millions.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) rule: RuleId,
    pub(crate) verdict: Verdict,
    pub(crate) subject: SubjectId,
    pub(crate) event: Option<EventId>,
    /// What dates it; `None`: the last event that dates the table's things before the end of the period, if there is one.
    pub(crate) at: Option<Moment>,
}

/// Which verdicts, and by what they are dated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judging {
    pub(crate) rules: Vec<String>,
    pub(crate) dated_by: Option<Pattern>,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Shelves {
    /// Entries that stand, of each kind.
    pub(crate) of_kind: Vec<Vec<EventId>>,
    /// The same by time, then id, where somebody asked: their numbers only, since the log has the times.
    pub(crate) by_time: Vec<OnceLock<Vec<EventId>>>,
    pub(crate) by_class: Vec<Vec<SubjectId>>,
    pub(crate) stretches: Shelf<(ClassId, StateId), Stretches>,
    pub(crate) answers: Shelf<Pattern, Found>,
    pub(crate) facts: Shelf<(ClassId, FieldId), Found>,
    pub(crate) ties: Shelf<(ClassId, ClassId), Vec<Tied>>,
    pub(crate) judged: Shelf<Judging, Vec<Judged>>,
    /// Entries that stand.
    pub(crate) events: u64,
    /// Subjects that stand in `by_class`.
    subjects: u32,
}

impl Shelves {
    /// Reads once what every table needs.
    pub(crate) fn of(hearing: &Hearing<'_>) -> Self {
        let codebook = hearing.monitor().codebook();
        let mut shelves = Shelves {
            of_kind: vec![Vec::new(); codebook.kinds.len()],
            by_time: codebook.kinds.iter().map(|_| OnceLock::new()).collect(),
            by_class: vec![Vec::new(); codebook.classes.len()],
            ..Shelves::default()
        };
        let mut many = vec![0; codebook.kinds.len()];
        hearing.standing().for_each(|event| many[hearing.log().kind(event).index()] += 1);
        shelves.of_kind.iter_mut().zip(many).for_each(|(events, many)| events.reserve_exact(many));
        shelves.enter(hearing.log(), hearing.standing());
        shelves
    }

    fn enter(&mut self, log: &Log, events: impl Iterator<Item = EventId>) {
        for event in events {
            self.events += 1;
            self.of_kind[log.kind(event).index()].push(event);
        }
        for subject in (self.subjects..log.subject_count() as u32).map(SubjectId) {
            self.by_class[log.class_of(subject).index()].push(subject);
        }
        self.subjects = log.subject_count() as u32;
    }

    /// Adds entries that came in, none of which changes another: what they may have made other is let go, the rest is added to.
    fn take_in(&mut self, hearing: &Hearing<'_>, come: &[EventId]) {
        let (log, codebook) = (hearing.log(), hearing.monitor().codebook());
        self.enter(log, come.iter().copied());
        let reader = Shelves::default();
        let (day, at) = (jiff::civil::Date::MIN, Moment::LONG_AGO);
        let never = Period { name: String::new(), first: day, last: day, start: at, end: at };
        let counter = Counter::new(codebook, hearing, &reader, &never);
        let key = |event: EventId| (counter.when(event), log.id(event));
        for event in come {
            if let Some(list) = self.by_time[log.kind(*event).index()].get_mut() {
                let place = list.partition_point(|other| key(*other) < key(*event));
                list.insert(place, *event);
            }
        }
        standing(&mut self.answers, |pattern, found| {
            let kind = counter.kind_of(pattern);
            let of_kind = || come.iter().filter(|event| log.kind(**event) == kind);
            if of_kind().next().is_some() && counter.tested(pattern).1 {
                return false;
            }
            let fitting = of_kind().filter(|event| counter.matches(pattern, **event));
            found.add(fitting.flat_map(|event| log.subjects(*event).iter().map(|s| ((*s, counter.when(*event), *event), None))));
            true
        });
        standing(&mut self.facts, |(class, field), found| {
            let describes = |event: &&EventId| codebook.kind(log.kind(**event)).describes.contains(class);
            let told = come.iter().filter(describes).filter_map(|event| {
                let value = counter.field(*event, *field)?;
                Some(((log.subject_of(*event, *class)?, counter.when(*event), *event), Some(value)))
            });
            found.add(told);
            true
        });
        standing(&mut self.ties, |classes, ties| {
            ties.resize(log.subject_count(), Tied::Nobody);
            come.iter().for_each(|event| tie(ties, log, *event, *classes));
            true
        });
        let kinds: Vec<KindId> = come.iter().map(|event| log.kind(*event)).collect();
        standing(&mut self.stretches, |(class, state), _| !turns(&counter, *class, *state, &kinds));
    }

    /// Lets go what holds as of a moment only: who is of which age, what rules come to.
    fn let_time_pass(&mut self, codebook: &Codebook) {
        standing(&mut self.judged, |_, _| false);
        standing(&mut self.stretches, |(_, state), _| matches!(codebook.states[state.index()].holds, Holds::Between { .. }));
    }

    /// About how many bytes stand on the shelves that are filled as questions come.
    fn size(&mut self) -> usize {
        let mut size = 0;
        standing(&mut self.answers, |_, found| {
            size += found.len() * size_of::<(SubjectId, Moment, EventId)>();
            true
        });
        standing(&mut self.stretches, |_, all| {
            size += all.len() * size_of::<(SubjectId, Stretch)>();
            true
        });
        standing(&mut self.judged, |_, all| {
            size += all.len() * size_of::<Judged>();
            true
        });
        size
    }
}

/// Whether entries of some kinds may make other stretches of a state of subjects of a class: they start or end it, or close somebody.
fn turns(counter: &Counter<'_>, class: ClassId, state: StateId, kinds: &[KindId]) -> bool {
    let declared = &counter.codebook.states[state.index()];
    let Holds::Between { from, until } = &declared.holds else { return true };
    let mut patterns = from.iter().chain(until);
    let reads = |pattern: &Pattern| counter.tested(pattern).1 || kinds.contains(&counter.kind_of(pattern));
    let closes = |kind: &KindId| !counter.codebook.kind(*kind).closes.is_empty();
    !declared.subjects.contains(&class) || patterns.any(reads) || kinds.iter().any(closes)
}

/// A log that is kept heard between two questions, with what was worked out for them: a question hears only what came in since the last.
/// It takes about as much memory as the log itself.
pub struct Kept {
    listening: Listening,
    shelves: Shelves,
    asked: Asked,
    entries: usize,
}

/// Bytes on the shelves, for each entry of the log, beyond which they are cleared.
const MOST_AN_ENTRY: usize = 24;
/// And so many in any case.
const MOST: usize = 16 << 20;

impl Kept {
    /// Hears a log as of a moment; it must be in order of record ([`Log::in_order_of_record`]).
    #[must_use]
    pub fn new(codebook: &Codebook, log: &Log, as_of: Moment) -> Self {
        let monitor = Monitor::for_counting(codebook, &[]);
        let asked = Asked { now: as_of, known_at: as_of };
        let listening = Listening::new(&monitor, log, asked);
        let shelves = Shelves::of(&listening.hearing(&monitor, log));
        Kept { listening, shelves, asked, entries: log.len() }
    }

    /// Whether a question as of a moment can be answered once what came in is heard: nothing that was heard is later, or stands in no
    /// such log.
    #[must_use]
    pub fn reaches(&self, log: &Log, as_of: Moment) -> bool {
        self.entries <= log.len() && self.listening.reaches(Asked { now: as_of, known_at: as_of })
    }

    /// Whether a question as of a moment is answered without hearing anything.
    #[must_use]
    pub fn is_up_to(&self, log: &Log, as_of: Moment) -> bool {
        self.asked.now == as_of && self.entries == log.len()
    }

    /// Hears what came in since, of the same log, so that questions as of a moment that it [reaches](Kept::reaches) can be answered.
    pub fn hear(&mut self, codebook: &Codebook, log: &Log, as_of: Moment) {
        let monitor = Monitor::for_counting(codebook, &[]);
        let asked = Asked { now: as_of, known_at: as_of };
        let news = self.listening.listen(&monitor, log, asked);
        let hearing = self.listening.hearing(&monitor, log);
        match news {
            // When something may have happened that nobody knows the time of can change with every entry.
            News::Entries(come) if come.is_empty() || !self.listening.has_unknown_times() => {
                self.shelves.let_time_pass(codebook);
                if !come.is_empty() {
                    self.shelves.take_in(&hearing, &come);
                }
            }
            News::Entries(_) | News::Whole => self.shelves = Shelves::of(&hearing),
        }
        if self.shelves.size() > MOST.max(log.len() * MOST_AN_ENTRY) {
            self.shelves = Shelves::of(&hearing);
        }
        (self.asked, self.entries) = (asked, log.len());
    }

    /// What was heard, for a question as of just that moment whose rules read no breaches.
    pub(crate) fn heard<'m>(&'m self, monitor: &'m Monitor<'m>, log: &'m Log, asked: Asked) -> Option<(Hearing<'m>, &'m Shelves)> {
        let answers = asked == self.asked && self.entries == log.len() && !monitor.reads_breaches();
        answers.then(|| (self.listening.hearing(monitor, log), &self.shelves))
    }
}
