//! One subject in one possible world: its entries in order of time, those of the subjects that serve it, and what is known of them.
//!
//! A scene never guesses. Where the record does not say (a time known only to the day, a birth date not recorded, a sealed
//! field), it notes the question in `asked` and answers as its [`World`] says; `worlds` then tries every answer.

use crate::alphabet::Kinds;
use crate::handful::Handful;
use crate::hearing::Hearing;
pub(crate) use crate::knowledge::Entry;
use crate::states::Run;
use crate::worlds::{Read, Unknown, World};
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::{Length, Moment};
use habeas_codebook::tree::{ClassId, Codebook, EventName, FieldId, Of, Operand, Pattern, RuleId, StateId};
use jiff::civil;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The first and the last date on which somebody may be born.
type Born = (civil::Date, civil::Date);

/// So many entries are looked through for what describes their subject.
const SHORT: usize = 64;

/// The entries of a subject, by time.
pub(crate) enum History<'s> {
    Own(&'s [Entry]),
    Other(Rc<[Entry]>),
}

impl std::ops::Deref for History<'_> {
    type Target = [Entry];
    fn deref(&self) -> &[Entry] {
        match self {
            History::Own(entries) => entries,
            History::Other(entries) => entries,
        }
    }
}

/// Who serves whom: the same in every world, so that scenes of one subject may share it.
pub(crate) type Serving = RefCell<Handful<(SubjectId, ClassId), Serves>>;

/// Subjects of a class that serve a subject, and through whom they were found.
pub(crate) struct Serves {
    found: SmallVec<[SubjectId; 2]>,
    through: SmallVec<[SubjectId; 4]>,
}

/// One subject in one world.
pub(crate) struct Scene<'h> {
    pub(crate) hearing: &'h Hearing<'h>,
    pub(crate) codebook: &'h Codebook,
    pub(crate) subject: SubjectId,
    pub(crate) class: ClassId,
    /// Entries that name the subject, by time, then order of entry.
    pub(crate) own: Cow<'h, [Entry]>,
    /// Their kinds.
    pub(crate) kinds: Kinds,
    /// Some entry has no exact time and no world was given: judge by worlds.
    pub(crate) inexact: bool,
    /// Limits the entries read to what the rule reads; `None` reads all.
    pub(crate) rule: Option<RuleId>,
    world: &'h World,
    asked: RefCell<Vec<Unknown>>,
    histories: RefCell<Handful<SubjectId, Rc<[Entry]>>>,
    /// Of those with a long history: the entries that describe them.
    described: RefCell<Handful<SubjectId, Rc<[Entry]>>>,
    /// Other subjects whose entries were read, where [`Scene::notes`] says that somebody asks for them.
    read: RefCell<Handful<SubjectId>>,
    /// Things, perhaps the subject itself, of whom was asked whom their entries name.
    ties: RefCell<Handful<SubjectId>>,
    /// It was asked who is named with whom.
    seeks: Cell<bool>,
    pub(crate) notes: bool,
    /// Who serves whom, as far as it was asked here, or is shared with other scenes.
    serving: Serving,
    shared: Option<&'h Serving>,
    /// When persons are born, as far as it was asked.
    births: RefCell<Handful<SubjectId, Option<Born>>>,
    /// Runs of states that several rules ask for.
    pub(crate) known_runs: RefCell<Vec<(StateId, Rc<[Run]>)>>,
    /// Exact instants and lengths met on the way: where a verdict may change.
    pub(crate) landmarks: RefCell<Vec<Moment>>,
    pub(crate) lengths: RefCell<Vec<Length>>,
    /// When the first whose age was asked for reaches it, after now.
    pub(crate) birthday: Cell<Option<Moment>>,
}

impl<'h> Scene<'h> {
    pub(crate) fn new(hearing: &'h Hearing<'h>, subject: SubjectId, rule: Option<RuleId>, world: &'h World) -> Self {
        let mut scene = Self::bare(hearing, subject, world);
        scene.rule = rule;
        match hearing.knowledge().plain(subject, hearing.asked.now) {
            Some(entries) => {
                scene.own = Cow::Borrowed(entries);
                if rule.is_some() {
                    scene.landmarks.get_mut().extend(entries.iter().map(|entry| entry.at));
                }
            }
            None => {
                let entries = hearing.knowledge().events_of(subject);
                if rule.is_none() && entries.iter().any(|e| e.rough) {
                    scene.inexact = true;
                    entries.iter().for_each(|e| scene.kinds.insert(e.kind));
                    return scene;
                }
                scene.own = Cow::Owned(scene.load(subject));
            }
        }
        for entry in scene.own.iter() {
            scene.kinds.insert(entry.kind);
        }
        scene
    }

    /// A subject without its entries: for whoever looks at one entry by itself.
    pub(crate) fn bare(hearing: &'h Hearing<'h>, subject: SubjectId, world: &'h World) -> Self {
        Scene {
            hearing,
            codebook: hearing.monitor.codebook,
            subject,
            class: hearing.log.class_of(subject),
            own: Cow::Borrowed(&[]),
            kinds: Kinds::default(),
            inexact: false,
            rule: None,
            world,
            asked: RefCell::default(),
            histories: RefCell::default(),
            described: RefCell::default(),
            read: RefCell::default(),
            ties: RefCell::default(),
            seeks: Cell::new(false),
            notes: true,
            serving: Serving::default(),
            shared: None,
            births: RefCell::default(),
            known_runs: RefCell::default(),
            landmarks: RefCell::default(),
            lengths: RefCell::default(),
            birthday: Cell::default(),
        }
    }

    /// Shares what is known of who serves whom.
    pub(crate) fn share(&mut self, serving: &'h Serving) {
        self.shared = Some(serving);
    }

    /// Keeps entries whose times are known only roughly, each at its earliest possible instant.
    pub(crate) fn with_rough_times(mut self) -> Self {
        if self.inexact {
            self.own = Cow::Owned(self.load(self.subject));
            self.inexact = false;
        }
        self
    }

    /// Entries of a subject that are there in this world, by time, then order of entry.
    fn load(&self, subject: SubjectId) -> Vec<Entry> {
        let known = self.hearing.knowledge().events_of(subject);
        let mut entries: Vec<Entry> = Vec::with_capacity(known.len());
        let alphabet = self.rule.map(|r| &self.hearing.monitor.prepared[r.index()].alphabet);
        for entry in known {
            // What the rule does not read still begins the subject's life, so it may only be left out when its time is unknown.
            if entry.rough && alphabet.is_some_and(|a| !a.contains(entry.kind)) {
                continue;
            }
            if let Some(at) = self.at(entry.event) {
                entries.push(Entry { at, ..*entry });
            }
        }
        if !entries.is_sorted_by_key(|e| (e.at, e.event)) {
            entries.sort_unstable_by_key(|e| (e.at, e.event));
        }
        entries
    }

    /// When an entry happened in this world; `None` when that is later than now.
    pub(crate) fn at(&self, event: EventId) -> Option<Moment> {
        let at = self.hearing.at(event);
        let moment = if at.is_exact() {
            if self.rule.is_some() {
                self.landmarks.borrow_mut().push(at.earliest);
            }
            at.earliest
        } else {
            match self.world.time(event) {
                Some(moment) => moment,
                None => {
                    self.ask(Unknown::Time(event));
                    self.hearing.log.subjects(event).iter().for_each(|s| self.note_read(*s));
                    self.hearing.possible(event).earliest
                }
            }
        };
        (moment <= self.hearing.asked.now).then_some(moment)
    }

    /// Notes a question that the world does not answer.
    pub(crate) fn ask(&self, unknown: Unknown) {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&unknown) {
            asked.push(unknown);
        }
    }

    /// Whether something is so that the record does not say: as the world has it, `false` until it says.
    pub(crate) fn suppose(&self, unknown: Unknown) -> bool {
        self.world.truth(unknown).unwrap_or_else(|| {
            self.ask(unknown);
            false
        })
    }

    pub(crate) fn asked_something(&self) -> bool {
        !self.asked.borrow().is_empty()
    }
    pub(crate) fn take_asked(&self) -> Vec<Unknown> {
        self.asked.take()
    }

    /// Adds whose entries were read to those of other scenes, and forgets them.
    pub(crate) fn take_read(&self, into: &mut Read) {
        into.birthday = into.birthday.into_iter().chain(self.birthday.take()).min();
        into.seeks |= self.seeks.take();
        for (own, all) in [(&self.read, &mut into.entries), (&self.ties, &mut into.ties)] {
            for (subject, ()) in own.borrow_mut().drain() {
                all.note(subject);
            }
        }
    }

    fn note_read(&self, subject: SubjectId) {
        if self.notes && subject != self.subject {
            self.read.borrow_mut().note(subject);
        }
    }

    /// Notes that it counts whom the entries of a subject name, and of a thing, whatever their kind.
    pub(crate) fn note_ties(&self, subject: SubjectId) {
        self.seeks.set(true);
        if self.notes && self.codebook.class(self.hearing.log.class_of(subject)).thing {
            self.ties.borrow_mut().note(subject);
        }
    }

    pub(crate) fn now(&self) -> Moment {
        self.hearing.asked.now
    }

    /// Entries that name any subject, in this world.
    pub(crate) fn history(&self, subject: SubjectId) -> History<'_> {
        if subject == self.subject {
            return History::Own(&self.own);
        }
        self.note_read(subject);
        if let Some(entries) = self.histories.borrow().get(subject) {
            return History::Other(Rc::clone(entries));
        }
        let entries: Rc<[Entry]> = Rc::from(self.load(subject));
        if self.keeps(subject) {
            self.histories.borrow_mut().get_or_insert_with(subject, || Rc::clone(&entries));
        }
        History::Other(entries)
    }

    /// Whether what was read of a subject may be kept: a question that was asked on the way is asked by each rule for itself.
    fn keeps(&self, subject: SubjectId) -> bool {
        self.rule.is_some() || !self.hearing.knowledge().events_of(subject).iter().any(|entry| entry.rough)
    }

    pub(crate) fn subject_of(&self, entry: Entry, class: ClassId) -> Option<SubjectId> {
        self.hearing.knowledge().subject_of(entry.event, class, (self.hearing.monitor, self.hearing.log))
    }

    /// The earliest close of a subject: when and by which entry.
    pub(crate) fn close(&self, subject: SubjectId) -> Option<(Moment, EventId)> {
        self.note_read(subject);
        let (exact, inexact) = self.hearing.knowledge().closes(subject);
        let exact = exact.filter(|(at, _)| *at <= self.now());
        exact.iter().for_each(|(at, _)| self.note_landmark(*at));
        if inexact.is_empty() {
            return exact;
        }
        inexact.iter().filter_map(|e| Some((self.at(*e)?, *e))).chain(exact).min()
    }

    /// The close of the custody that an entry names.
    pub(crate) fn custody_close(&self, entry: Entry) -> Option<(Moment, EventId)> {
        self.close(self.hearing.knowledge().custody_of(entry.event, (self.hearing.monitor, self.hearing.log))?)
    }

    /// The life of the subject judged: from the first entry that names it to its close.
    pub(crate) fn life(&self) -> Option<(Moment, Option<(Moment, EventId)>)> {
        let first = self.own.first()?;
        Some((first.at, self.close(self.subject)))
    }

    /// Subjects of a class that serve the one judged: itself, those that its entries name, or those that its custodies (measures,
    /// cases …) are tied to; never through a thing, since two persons who share a cell are not one person.
    pub(crate) fn serving(&self, class: ClassId) -> SmallVec<[SubjectId; 2]> {
        self.serving_of(self.subject, class)
    }

    pub(crate) fn serving_of(&self, subject: SubjectId, class: ClassId) -> SmallVec<[SubjectId; 2]> {
        if self.hearing.log.class_of(subject) == class {
            return SmallVec::from_slice(&[subject]);
        }
        self.note_read(subject);
        self.note_ties(subject);
        let serving = self.shared.unwrap_or(&self.serving);
        let mut all = serving.borrow_mut();
        let serves = all.get_or_insert_with((subject, class), || self.find_serving(subject, class));
        serves.through.iter().for_each(|middle| self.note_read(*middle));
        serves.found.clone()
    }

    fn find_serving(&self, subject: SubjectId, class: ClassId) -> Serves {
        let log = self.hearing.log;
        let own_class = log.class_of(subject);
        let mut found = SmallVec::new();
        let mut between: SmallVec<[SubjectId; 4]> = SmallVec::new();
        for event in self.hearing.events_of(subject) {
            for other in log.subjects(event) {
                let other_class = log.class_of(*other);
                if other_class == class {
                    if !found.contains(other) {
                        found.push(*other);
                    }
                } else if other_class != own_class && !self.codebook.class(other_class).thing && !between.contains(other) {
                    between.push(*other);
                }
            }
        }
        let through = if found.is_empty() && !self.codebook.class(own_class).thing { between } else { SmallVec::new() };
        for middle in &through {
            for event in self.hearing.events_of(*middle) {
                if let Some(other) = log.subject_of(event, class)
                    && !found.contains(&other)
                {
                    found.push(other);
                }
            }
        }
        Serves { found, through }
    }

    /// Whether an entry is what a pattern asks for.
    #[inline]
    pub(crate) fn matches(&self, pattern: &Pattern, entry: Entry) -> bool {
        self.hearing.monitor.kind_of(pattern) == entry.kind && self.passes_tests(pattern, entry)
    }

    /// Whether an entry of a pattern's kind passes its tests; most patterns have none.
    #[inline]
    fn passes_tests(&self, pattern: &Pattern, entry: Entry) -> bool {
        let bare = pattern.tests.is_empty() && matches!(pattern.event, EventName::Kind(_));
        bare || self.passes_every_test(pattern, entry)
    }

    #[inline(never)]
    fn passes_every_test(&self, pattern: &Pattern, entry: Entry) -> bool {
        let mut pattern = pattern;
        loop {
            if !pattern.tests.iter().all(|(field, test)| self.test_field(entry, *field, test)) {
                return false;
            }
            match pattern.event {
                EventName::Kind(_) => return true,
                EventName::Alias(alias) => pattern = &self.codebook.aliases[alias.index()].pattern,
            }
        }
    }

    /// Own entries that are what a pattern asks for, by time.
    #[inline]
    pub(crate) fn all<'s>(&'s self, pattern: &'s Pattern) -> impl Iterator<Item = Entry> + 's {
        let kind = self.hearing.monitor.kind_of(pattern);
        self.own.iter().filter(move |e| e.kind == kind && self.passes_tests(pattern, **e)).copied()
    }

    /// Whether an answer belongs to a trigger: both name the subject judged, and they agree on every other subject that both
    /// name, things excepted.
    pub(crate) fn joined(&self, trigger: Entry, answer: Entry) -> bool {
        let monitor = self.hearing.monitor;
        // Kinds that have no other class in common cannot disagree on one.
        let common = monitor.joins[trigger.kind.index()] & monitor.joins[answer.kind.index()] & !(1 << (self.class.0 & 63));
        if common == 0 {
            return true;
        }
        let log = self.hearing.log;
        let (known, by) = (self.hearing.knowledge(), (monitor, log));
        if let (Some(ours), Some(theirs)) = (known.other_of(trigger.event, by), known.other_of(answer.event, by)) {
            let differ = |a: SubjectId, b: SubjectId| {
                let class = log.class_of(a);
                a != b && class == log.class_of(b) && !self.codebook.class(class).thing
            };
            let apart = |a: Option<SubjectId>, b: Option<SubjectId>| a.zip(b).is_some_and(|(a, b)| differ(a, b));
            return !apart(known.custody_of(trigger.event, by), known.custody_of(answer.event, by)) && !apart(ours, theirs);
        }
        let (ours, theirs) = (log.subjects(trigger.event), log.subjects(answer.event));
        ours.iter().all(|s| {
            let class = log.class_of(*s);
            self.codebook.class(class).thing || *s == self.subject || theirs.iter().all(|t| log.class_of(*t) != class || t == s)
        })
    }

    /// A field of an entry as known.
    pub(crate) fn field(&self, event: EventId, field: FieldId) -> Option<&'h Value> {
        self.hearing.field(event, field)
    }

    /// A fact of a subject in force at an instant: from the last entry that describes it and records the field.
    pub(crate) fn fact(&self, subject: SubjectId, field: FieldId, at: Moment) -> Option<(Option<EventId>, &'h Value)> {
        let described = self.described(subject);
        let by_then = described.iter().rev().filter(|entry| entry.at <= at);
        let last = by_then.filter(|e| self.describes(subject, **e)).find_map(|e| Some((Some(e.event), self.field(e.event, field)?)));
        last.or_else(|| self.given_fact(subject, field).map(|v| (None, v)))
    }

    fn describes(&self, subject: SubjectId, entry: Entry) -> bool {
        self.hearing.monitor.describes[entry.kind.index()].contains(&self.hearing.log.class_of(subject))
    }

    /// A subject's entries, as far as they may describe it. What a place is like is asked at each of its thousands of entries, few of which
    /// say it.
    fn described(&self, subject: SubjectId) -> History<'_> {
        if let Some(described) = self.described.borrow().get(subject) {
            self.note_read(subject);
            return History::Other(Rc::clone(described));
        }
        let history = self.history(subject);
        if history.len() <= SHORT || !self.keeps(subject) {
            return history;
        }
        let described: Rc<[Entry]> = history.iter().copied().filter(|entry| self.describes(subject, *entry)).collect();
        self.described.borrow_mut().get_or_insert_with(subject, || Rc::clone(&described));
        History::Other(described)
    }

    /// A fact given from the beginning (the `facts` of a timeline).
    pub(crate) fn given_fact(&self, subject: SubjectId, field: FieldId) -> Option<&'h Value> {
        self.hearing.log.facts().iter().find(|(s, f, _)| *s == subject && *f == field).map(|(_, _, v)| v)
    }

    /// Between which dates a person was born, as last described: sought once, and asked for at every edge of every rule about an age.
    pub(crate) fn born(&self, person: SubjectId) -> Option<Born> {
        if let Some(known) = self.births.borrow().get(person) {
            self.note_read(person);
            return *known;
        }
        let field = self.hearing.monitor.born_field?;
        let described = self.described(person);
        let last = described.iter().rev().filter(|e| self.describes(person, **e)).find_map(|e| self.field(e.event, field));
        let last = last.or_else(|| self.given_fact(person, field));
        let dates = if let Some(Value::Date(earliest, latest)) = last { Some((*earliest, *latest)) } else { None };
        // A question that was asked on the way is asked by each rule for itself.
        if !self.asked_something() {
            self.births.borrow_mut().get_or_insert_with(person, || dates);
        }
        dates
    }

    /// What an operand reads, at an instant, with the entry judged: every value that it may mean (several subjects: any of them),
    /// each with the entry that records it.
    pub(crate) fn read(&self, operand: &Operand, judged: Option<Entry>, at: Moment) -> SmallVec<[(Option<EventId>, Option<&'h Value>); 2]> {
        let mut values = SmallVec::new();
        match operand.of {
            Of::Judged => {
                if let Some(entry) = judged {
                    values.push((Some(entry.event), self.field(entry.event, operand.field)));
                }
            }
            Of::Subject(class) => {
                for subject in self.serving(class) {
                    match self.fact(subject, operand.field, at) {
                        Some((event, value)) => values.push((event, Some(value))),
                        // A field of the judged event may be called a fact of its subject: `the lawyer told of the measure`.
                        None => values.push((None, judged.and_then(|e| self.field(e.event, operand.field)))),
                    }
                }
            }
            Of::Event(name) => {
                let pattern = Pattern { event: name, tests: Vec::new(), mark: Default::default() };
                if let Some(entry) = judged.filter(|e| self.matches(&pattern, *e)) {
                    values.push((Some(entry.event), self.field(entry.event, operand.field)));
                } else {
                    let joined = |e: &Entry| judged.is_none_or(|j| self.joined(j, *e));
                    if let Some(entry) = self.own.iter().rev().find(|e| e.at <= at && self.matches(&pattern, **e) && joined(e)) {
                        values.push((Some(entry.event), self.field(entry.event, operand.field)));
                    }
                }
            }
        }
        values
    }

    /// Adds a length met on the way, so that worlds know where verdicts may change.
    pub(crate) fn note_length(&self, length: Length) {
        if self.rule.is_some() {
            self.lengths.borrow_mut().push(length);
        }
    }

    /// Notes an instant at which somebody reaches an age.
    pub(crate) fn note_birthday(&self, moment: Moment) {
        if moment > self.now() && self.birthday.get().is_none_or(|known| moment < known) {
            self.birthday.set(Some(moment));
        }
        self.note_landmark(moment);
    }

    /// Adds an instant met on the way.
    pub(crate) fn note_landmark(&self, moment: Moment) {
        if self.rule.is_some() {
            self.landmarks.borrow_mut().push(moment);
        }
    }
}
