//! States and items: when they hold, how many are there (rule-language, section 2 and the first paragraphs of section 5).

use crate::monitor::Turning;
use crate::scene::{Entry, Scene};
use crate::steps::{Step, stretch, sweep, within};
use crate::verdict::Flags;
use crate::worlds::Unknown;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::{Length, Moment, Overflow, TimeUnit};
use habeas_codebook::tree::{Bound, ClassId, Each, FieldId, Holds, Item, ItemId, Pattern, Presence, State, StateId};
use smallvec::SmallVec;
use std::hash::BuildHasher;
use std::rc::Rc;

/// A stretch during which a state holds: half-open, `end` is not part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) start: Moment,
    /// `None`: still open.
    pub(crate) end: Option<Moment>,
    /// What started it; `None` for ages, lives and counts.
    pub(crate) by: Option<Entry>,
    /// What ended it.
    pub(crate) ended_by: Option<EventId>,
    /// The end was not recorded but follows from a close or a move.
    pub(crate) inferred: bool,
    /// What the run is one for.
    pub(crate) key: Key,
}

/// What tells runs and items apart: a subject, or the value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Nothing,
    Subject(SubjectId),
    /// A value by its number in the log or codebook, or by its hash.
    Value(u64),
    /// The value that an entry holds sealed: whether it is that of another is not known.
    Sealed(EventId),
}

impl Key {
    pub(crate) fn subject(self) -> Option<SubjectId> {
        match self {
            Key::Subject(subject) => Some(subject),
            Key::Nothing | Key::Value(_) | Key::Sealed(_) => None,
        }
    }

    fn of(value: &Value) -> Self {
        Key::Value(if let Value::Text(text) = value {
            u64::from(text.0)
        } else if let Value::Choice(choice) = value {
            u64::from(choice.0)
        } else {
            foldhash::fast::FixedState::default().hash_one(format!("{value:?}"))
        })
    }
}

/// Runs of one state or item: mostly a handful.
pub(crate) type Runs = SmallVec<[Run; 2]>;

/// Runs worked out for one rule, or for all that ask for them.
pub(crate) enum Held {
    Once(Runs),
    Kept(Rc<[Run]>),
}

impl std::ops::Deref for Held {
    type Target = [Run];
    fn deref(&self) -> &[Run] {
        match self {
            Held::Once(runs) => runs,
            Held::Kept(runs) => runs,
        }
    }
}

impl Run {
    /// Ends with a close that comes before its end.
    fn close(&mut self, close: Option<(Moment, EventId)>) {
        if let Some((at, event)) = close
            && self.end.is_none_or(|end| at < end)
        {
            self.end = Some(at);
            // The close may itself be a recorded end of the state; then nothing is inferred.
            self.inferred = self.ended_by != Some(event);
            self.ended_by = Some(event);
        }
    }

    pub(crate) fn covers(&self, at: Moment) -> bool {
        self.start <= at && self.end.is_none_or(|end| at < end)
    }
}

/// A recorded start or end.
#[derive(Clone, Copy)]
struct Turn {
    entry: Entry,
    starts: bool,
    key: Key,
}

type Turns = SmallVec<[Turn; 8]>;

/// Classes whose closes end a run: those that a state is of. The release from a custody ends what was a state of that custody, not the
/// state of a case or a person that its first entry named beside it. `None`: whatever subject the starting entry names.
type Bounds<'b> = Option<&'b [ClassId]>;

impl Scene<'_> {
    /// Whether a state holds of a subject at an instant; the state's own class may be another that serves it.
    pub(crate) fn in_state(&self, id: StateId, subject: SubjectId, at: Moment) -> bool {
        let state = &self.codebook.states[id.index()];
        match &state.holds {
            Holds::AgeBelow(years) => {
                let persons = self.bearers(state, subject);
                if persons.is_empty() {
                    return self.nobody_in_state(id);
                }
                persons.iter().any(|p| self.is_below(*p, *years, at))
            }
            Holds::Between { .. } | Holds::Always | Holds::Count { .. } => self.runs_of(id, subject).iter().any(|r| r.covers(at)),
        }
    }

    /// A state of somebody whom no entry names: an age is unknown, anything else does not hold.
    pub(crate) fn nobody_in_state(&self, id: StateId) -> bool {
        match self.codebook.states[id.index()].holds {
            Holds::AgeBelow(_) => self.suppose(Unknown::Born(self.subject)),
            Holds::Between { .. } | Holds::Always | Holds::Count { .. } => false,
        }
    }

    fn bearers(&self, state: &State, subject: SubjectId) -> SmallVec<[SubjectId; 2]> {
        let own = self.hearing.log.class_of(subject);
        if state.subjects.contains(&own) {
            return SmallVec::from_slice(&[subject]);
        }
        state.subjects.last().map_or_else(SmallVec::new, |class| self.serving_of(subject, *class))
    }

    fn is_below(&self, person: SubjectId, years: u32, at: Moment) -> bool {
        match self.birthday(person, years) {
            Some((birthday, _)) => at < birthday,
            None => self.suppose(Unknown::Born(person)),
        }
    }

    /// The instant at which a person reaches an age, and whether it is presumed from a birth date known only roughly. A birth
    /// date counts whenever it was described: one is not born later for being identified late.
    pub(crate) fn birthday(&self, person: SubjectId, years: u32) -> Option<(Moment, bool)> {
        let (earliest, latest) = self.born(person)?;
        let almanac = &self.codebook.almanac;
        let age = Length { amount: years, unit: TimeUnit::Year };
        let birthday = almanac.start_of(almanac.date(almanac.add(almanac.start_of(latest), age, Default::default(), Overflow::NextMonth)));
        self.note_birthday(birthday);
        Some((birthday, earliest != latest))
    }

    /// Whether an age rests on a birth date known only roughly (flag `age_presumed`).
    pub(crate) fn age_flags(&self, state: StateId) -> Flags {
        let state = &self.codebook.states[state.index()];
        let Holds::AgeBelow(years) = state.holds else { return Flags::default() };
        let presumed = self.bearers(state, self.subject).iter().any(|p| self.birthday(*p, years).is_some_and(|(_, presumed)| presumed));
        if presumed { Flags::AGE_PRESUMED } else { Flags::default() }
    }

    /// The runs of a state that serve the subject judged.
    pub(crate) fn runs(&self, id: StateId) -> Held {
        // In a world, and for whoever asks what was read, that has to be noted for each rule anew.
        if self.rule.is_some() || self.notes || !self.hearing.monitor.shared[id.index()] {
            return Held::Once(self.runs_of(id, self.subject));
        }
        if let Some((_, runs)) = self.known_runs.borrow().iter().find(|(known, _)| *known == id) {
            return Held::Kept(Rc::clone(runs));
        }
        let runs = self.runs_of(id, self.subject);
        // A question that was asked on the way is asked by each rule for itself.
        if self.asked_something() {
            return Held::Once(runs);
        }
        let runs: Rc<[Run]> = Rc::from(runs.as_slice());
        self.known_runs.borrow_mut().push((id, Rc::clone(&runs)));
        Held::Kept(runs)
    }

    pub(crate) fn runs_of(&self, id: StateId, subject: SubjectId) -> Runs {
        let state = &self.codebook.states[id.index()];
        let mut runs = Runs::new();
        match &state.holds {
            Holds::Between { until, .. } => {
                match self.bearers(state, subject).as_slice() {
                    [only] => runs = self.between(id, *only, until),
                    bearers => bearers.iter().for_each(|bearer| runs.extend(self.between(id, *bearer, until))),
                }
                if !state.subjects.contains(&self.hearing.log.class_of(subject)) {
                    self.end_with(subject, &mut runs);
                }
            }
            Holds::AgeBelow(years) => {
                for person in self.bearers(state, subject) {
                    let end = match self.birthday(person, *years) {
                        Some((birthday, _)) => Some(birthday),
                        None if self.suppose(Unknown::Born(person)) => None,
                        None => continue,
                    };
                    let is_below = |life: &Run| end.is_none_or(|birthday| life.start < birthday);
                    runs.extend(self.lives(subject).filter(is_below).map(|life| clip(life, end)));
                }
            }
            Holds::Always => runs.extend(self.bearers(state, subject).iter().filter_map(|b| self.lives(*b))),
            Holds::Count { bound, number, item } => {
                for bearer in self.bearers(state, subject) {
                    runs.extend(self.counted(*bound, *number, *item, bearer));
                }
            }
        }
        let now = self.now();
        for run in &mut runs {
            if run.end.is_some_and(|e| e > now) {
                run.end = None;
            }
        }
        if runs.len() > 1 {
            runs.sort_by_key(|r| (r.start, r.by.map(|e| e.event)));
        }
        runs
    }

    /// A state of a person serves a custody as long as the custody lasts.
    fn end_with(&self, subject: SubjectId, runs: &mut Runs) {
        let Some((at, event)) = self.close(subject) else { return };
        runs.retain(|run| run.start < at);
        for run in runs.iter_mut().filter(|run| run.end.is_none_or(|end| at < end)) {
            (run.end, run.ended_by, run.inferred) = (Some(at), Some(event), true);
        }
    }

    fn lives(&self, subject: SubjectId) -> Option<Run> {
        let first = self.history(subject).first().copied()?;
        let close = self.close(subject);
        Some(Run {
            start: first.at,
            end: close.map(|c| c.0),
            by: None,
            ended_by: close.map(|c| c.1),
            inferred: false,
            key: Key::Subject(subject),
        })
    }

    /// Runs between events: one for each subject of the class named last.
    fn between(&self, id: StateId, bearer: SubjectId, until: &[Pattern]) -> Runs {
        let state = &self.codebook.states[id.index()];
        let key_class = state.subjects.last().copied().unwrap_or(self.class);
        let bearer_class = self.hearing.log.class_of(bearer);
        let entries = self.history(bearer);
        let always_named = |p: &Pattern| self.hearing.knowledge().always_names(self.hearing.monitor.kind_of(p), bearer_class);
        let whole = bearer_class == key_class || until.iter().all(always_named);
        let key_of = |e: Entry| {
            // Entries of the bearer's own class need not be asked whom they name.
            let subject = if bearer_class == key_class { Some(bearer) } else { self.subject_of(e, key_class) };
            subject.map_or(Key::Nothing, Key::Subject)
        };
        if whole && let Some(runs) = self.runs_of_one(id, &entries, key_of) {
            return runs;
        }
        let mut turns = Turns::new();
        for entry in entries.iter() {
            if let Some(starts) = self.turns(id, *entry) {
                turns.push(Turn { entry: *entry, starts, key: key_of(*entry) });
            }
        }
        // An end that names the interview but not the custody is still the end of that interview.
        if !whole {
            let mut keys: Vec<SubjectId> = turns.iter().filter_map(|t| t.key.subject()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                for entry in self.history(key).iter() {
                    if self.subject_of(*entry, bearer_class).is_none() && until.iter().any(|p| self.matches(p, *entry)) {
                        turns.push(Turn { entry: *entry, starts: false, key: Key::Subject(key) });
                    }
                }
            }
            turns.sort_by_key(|t| (t.entry.at, t.entry.event));
        }
        self.runs_from(&turns, None, Some(&state.subjects))
    }

    /// Whether an entry starts a state, or ends it.
    #[inline]
    fn turns(&self, id: StateId, entry: Entry) -> Option<bool> {
        match self.hearing.monitor.turns[id.index()][entry.kind.index()] {
            Turning::None => None,
            Turning::Starts => Some(true),
            Turning::Ends => Some(false),
            Turning::Depends => {
                let Holds::Between { from, until } = &self.codebook.states[id.index()].holds else { return None };
                let is = |patterns: &[Pattern]| patterns.iter().any(|p| self.matches(p, entry));
                if is(from) { Some(true) } else { is(until).then_some(false) }
            }
        }
    }

    /// The runs of a state whose starts and ends are all of one key, as nearly always, paired as they come. `None` where they are of
    /// several, or two stand at one instant.
    fn runs_of_one(&self, id: StateId, entries: &[Entry], key_of: impl Fn(Entry) -> Key) -> Option<Runs> {
        let bounds = Some(self.codebook.states[id.index()].subjects.as_slice());
        let mut runs = Runs::new();
        let (mut open, mut before, mut close) = (false, None, None);
        for entry in entries {
            let Some(starts) = self.turns(id, *entry) else { continue };
            let key = key_of(*entry);
            if before.is_some_and(|(at, of)| at == entry.at || of != key) {
                return None;
            }
            before = Some((entry.at, key));
            if !starts && open {
                if let Some(run) = runs.last_mut() {
                    (run.end, run.ended_by) = (Some(entry.at), Some(entry.event));
                    run.close(close);
                }
                open = false;
            } else if starts && !open {
                close = self.closable(*entry, bounds).reduce(|first, next| if next.0 < first.0 { next } else { first });
                if close.is_none_or(|(at, _)| at > entry.at) {
                    runs.push(Run { start: entry.at, end: None, by: Some(*entry), ended_by: None, inferred: false, key });
                    open = true;
                }
            }
        }
        if let Some(run) = runs.last_mut().filter(|_| open) {
            run.close(close);
        }
        Some(runs)
    }

    /// Pairs starts and ends: a start while it runs, or an end while it does not, changes nothing; at one instant a run that was
    /// on ends before the next starts, a run that was off starts before it ends.
    fn runs_from(&self, turns: &[Turn], one_at_a_time: Option<ClassId>, bounds: Bounds<'_>) -> Runs {
        let mut runs = Runs::new();
        let mut open: SmallVec<[usize; 4]> = SmallVec::new();
        let mut rest = turns;
        while let Some(first) = rest.first() {
            let together = rest.iter().take_while(|t| t.entry.at == first.entry.at).count();
            let (now, later) = rest.split_at(together);
            rest = later;
            let is_on = |t: &Turn, runs: &[Run], open: &[usize]| open.iter().any(|i| runs[*i].key == t.key);
            let was_on: SmallVec<[bool; 4]> = now.iter().map(|t| is_on(t, &runs, &open)).collect();
            // Ends of what was on, then starts, then ends of what was off.
            for (turn, _) in now.iter().zip(&was_on).filter(|(t, on)| !t.starts && **on) {
                finish(&mut runs, &mut open, turn);
            }
            for turn in now.iter().filter(|t| t.starts) {
                if let Some(class) = one_at_a_time {
                    self.leave_others(&mut runs, &mut open, turn, class);
                }
                if !is_on(turn, &runs, &open) && !self.is_closed(turn.entry, bounds) {
                    open.push(runs.len());
                    runs.push(Run {
                        start: turn.entry.at,
                        end: None,
                        by: Some(turn.entry),
                        ended_by: None,
                        inferred: false,
                        key: turn.key,
                    });
                }
            }
            for (turn, _) in now.iter().zip(&was_on).filter(|(t, on)| !t.starts && !**on) {
                finish(&mut runs, &mut open, turn);
            }
        }
        for run in &mut runs {
            self.close_run(run, bounds);
        }
        runs
    }

    /// A start in one place ends the presence in another.
    fn leave_others(&self, runs: &mut [Run], open: &mut SmallVec<[usize; 4]>, turn: &Turn, class: ClassId) {
        let place = self.subject_of(turn.entry, class);
        open.retain(|i| {
            let run = &mut runs[*i];
            let same_bearer = run.key == turn.key;
            let elsewhere = run.by.and_then(|e| self.subject_of(e, class)) != place;
            if same_bearer && elsewhere {
                run.end = Some(turn.entry.at);
                run.ended_by = Some(turn.entry.event);
                run.inferred = true;
            }
            !(same_bearer && elsewhere)
        });
    }

    /// Closes of the subjects that an entry names, as far as they bound what it starts.
    fn closable<'s>(&'s self, entry: Entry, bounds: Bounds<'s>) -> impl Iterator<Item = (Moment, EventId)> + 's {
        let monitor = self.hearing.monitor;
        let log = self.hearing.log;
        let closable = monitor.closable[entry.kind.index()];
        let only_custody = closable == monitor.custody_bit;
        let subjects = if closable == 0 || only_custody { &[][..] } else { log.subjects(entry.event) };
        let bounded = move |class: ClassId| bounds.is_none_or(|classes| classes.contains(&class));
        let is_bounded = only_custody && monitor.custody.is_some_and(bounded);
        let custody = if is_bounded { self.hearing.knowledge().custody_of(entry.event, (monitor, log)) } else { None };
        subjects.iter().copied().filter(move |s| bounded(log.class_of(*s))).chain(custody).filter_map(|s| self.close(s))
    }

    /// A start at or after the close of its subject opens nothing.
    fn is_closed(&self, entry: Entry, bounds: Bounds<'_>) -> bool {
        self.closable(entry, bounds).any(|(at, _)| at <= entry.at)
    }

    /// Release, death or removal closes what its subject had open.
    fn close_run(&self, run: &mut Run, bounds: Bounds<'_>) {
        let Some(by) = run.by else { return };
        self.closable(by, bounds).for_each(|close| run.close(Some(close)));
    }

    /// Stretches during which an item is so many times present, within the life of its bearer.
    fn counted(&self, bound: Bound, number: u32, item: ItemId, bearer: SubjectId) -> Runs {
        let Some(life) = self.lives(bearer) else { return Runs::new() };
        let steps = self.steps(item, bearer, &|_| true);
        let mut runs = Runs::new();
        for step in stretch(&steps, life.start, life.end.unwrap_or(Moment::FAR_OFF)) {
            if within(bound, step.present.len() as u64, u64::from(number)) {
                match runs.last_mut() {
                    Some(run) if run.end == Some(step.from) => run.end = step.until,
                    _ => runs.push(Run { start: step.from, end: step.until, inferred: false, ..life }),
                }
            }
        }
        for run in &mut runs {
            // A close ends only what lasted till then.
            run.ended_by = run.ended_by.filter(|_| run.end == life.end);
            if run.end == Some(Moment::FAR_OFF) {
                run.end = None;
            }
            // Counts name the entry that brought them about, so that a row has a trigger to show.
            run.by = steps.iter().find(|s| s.from == run.start).and_then(|s| s.by);
        }
        runs
    }

    /// Which items are present of a subject, as a step function of time.
    pub(crate) fn steps(&self, item: ItemId, subject: SubjectId, wanted: &dyn Fn(Entry) -> bool) -> Vec<Step> {
        let mut present = self.presences(item, subject);
        present.retain(|p| p.by.is_none_or(wanted) && p.end.is_none_or(|e| p.start < e));
        sweep(&present)
    }

    /// As many of an item as may ever be present of its bearer at once: all that ever come, whenever they leave. `None` where that
    /// cannot be told without looking closer.
    pub(crate) fn ever_present(&self, item: ItemId, bearer: SubjectId) -> Option<usize> {
        match &self.codebook.items[item.index()].present {
            Presence::Between { from, .. } => {
                let monitor = self.hearing.monitor;
                let comes = |e: &&Entry| from.iter().any(|p| monitor.kind_of(p) == e.kind);
                Some(self.history(bearer).iter().filter(comes).count())
            }
            Presence::Others { .. } => None,
        }
    }

    /// As many of an item as are present of its bearer at once at most, by its own comings and goings alone; what else ends a presence
    /// can only make it fewer. `None` where two of them stand at one instant, or that cannot be told without looking closer.
    pub(crate) fn most_at_once(&self, item: ItemId, bearer: SubjectId) -> Option<usize> {
        let Presence::Between { from, until, each, .. } = &self.codebook.items[item.index()].present else { return None };
        let mut turns = Turns::new();
        self.history(bearer).iter().for_each(|entry| self.add_turn(&mut turns, *entry, from, until, *each));
        if turns.windows(2).any(|pair| pair[0].entry.at == pair[1].entry.at) {
            return None;
        }
        let (mut there, mut most): (SmallVec<[Key; 8]>, usize) = (SmallVec::new(), 0);
        for turn in &turns {
            there.retain(|key| *key != turn.key);
            if turn.starts {
                there.push(turn.key);
                most = most.max(there.len());
            }
        }
        Some(most)
    }

    /// Stretches of presence of an item of a subject (of the subjects that serve it).
    fn presences(&self, id: ItemId, subject: SubjectId) -> Runs {
        let item = &self.codebook.items[id.index()];
        let own = self.hearing.log.class_of(subject);
        let bearers: SmallVec<[SubjectId; 2]> = if item.subjects.contains(&own) {
            SmallVec::from_slice(&[subject])
        } else {
            item.subjects.last().map_or_else(SmallVec::new, |class| self.serving_of(subject, *class))
        };
        bearers.iter().flat_map(|b| self.presences_of(item, *b)).collect()
    }

    fn presences_of(&self, item: &Item, bearer: SubjectId) -> Runs {
        match &item.present {
            Presence::Between { from, until, each, one_at_a_time } => {
                let mut turns = Turns::new();
                let mut bearers: SmallVec<[SubjectId; 8]> = SmallVec::new();
                for entry in self.history(bearer).iter() {
                    self.add_turn(&mut turns, *entry, from, until, *each);
                    if let (Some(_), Each::Subject(class)) = (one_at_a_time, each)
                        && let Some(who) = self.subject_of(*entry, *class)
                        && !bearers.contains(&who)
                    {
                        bearers.push(who);
                    }
                }
                // Where they can be in one place only, their other places end this presence.
                for who in bearers {
                    for entry in self.history(who).iter().filter(|e| !self.hearing.log.subjects(e.event).contains(&bearer)) {
                        self.add_turn(&mut turns, *entry, from, until, *each);
                    }
                }
                if !turns.is_sorted_by_key(|t| (t.entry.at, t.entry.event)) {
                    turns.sort_by_key(|t| (t.entry.at, t.entry.event));
                }
                if let Each::Field(field) = each {
                    self.tell_apart(&mut turns, *field);
                }
                let mut runs = self.runs_from(&turns, *one_at_a_time, None);
                if one_at_a_time.is_none() {
                    return runs;
                }
                runs.retain(|r| r.by.is_some_and(|e| self.hearing.log.subjects(e.event).contains(&bearer)));
                runs
            }
            Presence::Others { item, same, who } => self.others(*item, *same, *who, bearer),
        }
    }

    /// A sealed value may be that of any entry before it, and what is told later may be a value that was sealed before.
    fn tell_apart(&self, turns: &mut Turns, field: FieldId) {
        if !turns.iter().any(|turn| matches!(turn.key, Key::Sealed(_))) {
            return;
        }
        // Each different one: the key that stands for it, the entry that first told of it, and its value once that is known.
        let mut found: SmallVec<[(Key, EventId, Option<Key>); 8]> = SmallVec::new();
        for turn in turns.iter_mut() {
            let event = turn.entry.event;
            let value = Some(turn.key).filter(|key| !matches!(key, Key::Sealed(_)));
            let known = found.iter().position(|(_, _, of)| value.is_some() && *of == value);
            let may_be = |of: Option<Key>| value.is_none() || of.is_none();
            let supposed =
                || found.iter().position(|(_, other, of)| may_be(*of) && self.suppose(Unknown::Same { event, other: *other, field }));
            match known.or_else(supposed).and_then(|place| found.get_mut(place)) {
                Some((key, _, of)) => (turn.key, *of) = (*key, of.or(value)),
                None => found.push((turn.key, event, value)),
            }
        }
    }

    fn add_turn(&self, turns: &mut Turns, entry: Entry, from: &[Pattern], until: &[Pattern], each: Each) {
        let starts = from.iter().any(|p| self.matches(p, entry));
        if !starts && !until.iter().any(|p| self.matches(p, entry)) {
            return;
        }
        let key = match each {
            Each::Field(field) => match self.field(entry.event, field) {
                Some(Value::Sealed) => Key::Sealed(entry.event),
                Some(value) => Key::of(value),
                None => return,
            },
            Each::Subject(class) => match self.subject_of(entry, class) {
                Some(subject) => Key::Subject(subject),
                None => return,
            },
        };
        turns.push(Turn { entry, starts, key });
    }

    /// The others with whom one shares a place, seen from one of them: their presence there, cut to one's own.
    fn others(&self, item: ItemId, same: ClassId, who: Option<(bool, StateId)>, one: SubjectId) -> Runs {
        let shared = &self.codebook.items[item.index()];
        let mut places: SmallVec<[SubjectId; 4]> = SmallVec::new();
        self.note_ties(one);
        for entry in self.history(one).iter() {
            if let Some(place) = self.subject_of(*entry, same)
                && !places.contains(&place)
            {
                places.push(place);
            }
        }
        let mut found = Runs::new();
        for place in places {
            let all = self.presences_of(shared, place);
            for mine in all.iter().filter(|r| r.key == Key::Subject(one)) {
                for other in all.iter().filter(|r| r.key != Key::Subject(one)) {
                    let start = mine.start.max(other.start);
                    let end = match (mine.end, other.end) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                    if end.is_none_or(|e| start < e) {
                        let by = if other.start >= mine.start { other.by } else { mine.by };
                        let meeting = Run { start, end, by, ..*other };
                        found.extend(self.who_are(meeting, who));
                    }
                }
            }
        }
        found
    }

    /// Keeps of a meeting the part during which the other is, or is not, in a state.
    fn who_are(&self, meeting: Run, who: Option<(bool, StateId)>) -> Runs {
        let (Some((are, state)), Some(other)) = (who, meeting.key.subject()) else { return Runs::from_slice(&[meeting]) };
        let mut edges: Vec<Moment> = vec![meeting.start];
        if let Holds::AgeBelow(years) = self.codebook.states[state.index()].holds {
            let persons = self.bearers(&self.codebook.states[state.index()], other);
            edges.extend(persons.iter().filter_map(|p| self.birthday(*p, years)).map(|b| b.0));
        } else {
            edges.extend(self.runs_of(state, other).iter().flat_map(|r| std::iter::once(r.start).chain(r.end)));
        }
        edges.retain(|e| meeting.start <= *e && meeting.end.is_none_or(|end| *e < end));
        edges.sort_unstable();
        edges.dedup();
        let mut parts = Runs::new();
        for (i, from) in edges.iter().enumerate() {
            if self.in_state(state, other, *from) == are {
                let end = edges.get(i + 1).copied().or(meeting.end);
                // Only the meeting's own end was inferred, not that the other came of age meanwhile.
                parts.push(Run { start: *from, end, inferred: meeting.inferred && end == meeting.end, ..meeting });
            }
        }
        parts
    }
}

fn clip(mut run: Run, end: Option<Moment>) -> Run {
    if let Some(end) = end
        && run.end.is_none_or(|e| end < e)
    {
        run.end = Some(end);
        run.ended_by = None;
    }
    run
}

fn finish(runs: &mut [Run], open: &mut SmallVec<[usize; 4]>, turn: &Turn) {
    open.retain(|i| {
        let run = &mut runs[*i];
        let ends = run.key == turn.key;
        if ends {
            run.end = Some(turn.entry.at);
            run.ended_by = Some(turn.entry.event);
        }
        !ends
    });
}
