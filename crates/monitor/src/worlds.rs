//! Possible worlds: where the record does not say when a thing happened, or whether something is so, the rule is judged in every
//! world that the record allows. What all worlds agree on is the verdict; where they differ it is undetermined, and the row names
//! what would have to be recorded (rule-language, section 4, *unknown time*).
//!
//! Verdicts change only where a time passes another time, or another time plus a length that the rule uses. So it is enough to try
//! those instants, the microseconds beside them, and the ends of what is possible. Times are asked for one after another, each
//! given those before it; only what the rule really reads is asked for at all.

use crate::bodies;
use crate::handful::Handful;
use crate::hearing::Hearing;
use crate::scene::{Scene, Serving};
use crate::verdict::{Flags, Missing, MissingWhat, Reason, Row, Verdict};
use habeas_codebook::log::{EventId, SubjectId};
use habeas_codebook::moment::{DayCount, Length, Moment, Precision, TimeUnit};
use habeas_codebook::tree::{FieldId, Holds, RuleId};
use smallvec::SmallVec;

/// A question that the record does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Unknown {
    /// When did this happen?
    Time(EventId),
    /// Is this person (of this subject, if nobody is named) below the age asked for?
    Born(SubjectId),
    /// Does a field that was not recorded pass this test (by its address in the codebook)?
    Field { event: Option<EventId>, field: FieldId, test: usize },
    /// The same of a field whose key is elsewhere.
    Sealed { event: Option<EventId>, field: FieldId, test: usize },
    /// Is the value of this entry that of another, where one of them is sealed?
    Same { event: EventId, other: EventId, field: FieldId },
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    At(Moment),
    So(bool),
}

/// Answers to some questions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct World(SmallVec<[(Unknown, Answer); 2]>);

impl World {
    fn get(&self, unknown: Unknown) -> Option<Answer> {
        self.0.iter().find(|(u, _)| *u == unknown).map(|(_, a)| *a)
    }
    pub(crate) fn time(&self, event: EventId) -> Option<Moment> {
        match self.get(Unknown::Time(event)) {
            Some(Answer::At(moment)) => Some(moment),
            Some(Answer::So(_)) | None => None,
        }
    }
    pub(crate) fn truth(&self, unknown: Unknown) -> Option<bool> {
        match self.get(unknown) {
            Some(Answer::So(so)) => Some(so),
            Some(Answer::At(_)) | None => None,
        }
    }
    fn with(&self, unknown: Unknown, answer: Answer) -> World {
        let mut next = self.clone();
        next.0.push((unknown, answer));
        next
    }
}

/// Whose entries were read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Read {
    /// Of what kinds the rule says.
    pub(crate) entries: Handful<SubjectId>,
    /// Of any kind: whom they name beside the subject.
    pub(crate) ties: Handful<SubjectId>,
    /// It was asked who is named with whom.
    pub(crate) seeks: bool,
    /// When something happened was asked, and the record does not say. Then every instant of the history is tried, so that also an entry
    /// of a kind that the rule does not read may change what is said of it.
    pub(crate) times: bool,
    /// The rule was judged in several worlds: from when on time may change its rows in one of them.
    pub(crate) moves: Option<Option<Moment>>,
    /// When the first whose age was asked for reaches it, after now.
    pub(crate) birthday: Option<Moment>,
}

/// Worlds tried for one rule and subject before it is called undetermined for having too many unknowns.
const MOST_WORLDS: usize = 20_000;

struct Trial<'h> {
    hearing: &'h Hearing<'h>,
    subject: SubjectId,
    rule: RuleId,
    /// Rows of each complete world.
    leaves: Vec<(World, Vec<Row>)>,
    tried: usize,
    /// Whose entries were read in some world.
    read: Read,
    serving: &'h Serving,
}

/// What a rule came to in a world, and what it asked there that the world does not say.
#[derive(Default)]
pub(crate) struct Tried {
    pub(crate) rows: Vec<Row>,
    pub(crate) asked: Vec<Unknown>,
    /// Exact instants and lengths met on the way: where a verdict may change.
    landmarks: Vec<Moment>,
    lengths: Vec<Length>,
}

impl Tried {
    /// What a scene of no rule's own came to in a world that says nothing, where no time was asked for: such a scene notes no landmarks.
    pub(crate) fn timeless(rows: Vec<Row>, asked: Vec<Unknown>) -> Option<Tried> {
        let timeless = !asked.iter().any(|unknown| matches!(unknown, Unknown::Time(_)));
        timeless.then(|| Tried { rows, asked, ..Tried::default() })
    }
}

/// Judges a rule for a subject in every possible world and appends what they agree on. `tried`: what came of the world that says nothing,
/// if that is known.
pub(crate) fn judge(
    hearing: &Hearing<'_>,
    (subject, rule): (SubjectId, RuleId),
    tried: Option<Tried>,
    serving: &Serving,
    rows: &mut Vec<Row>,
    read: &mut Read,
) {
    let mut trial = Trial { hearing, subject, rule, leaves: Vec::new(), tried: 0, read: std::mem::take(read), serving };
    let complete = trial.explore(&World::default(), tried);
    if !complete {
        // What was tried so far is all of one kind: the first answers to the first questions, which may not even be possible.
        trial.leaves.clear();
        trial.sample(&World::default(), MOST_WORLDS);
    }
    merge(&trial, complete, rows);
    let now = hearing.asked.now;
    let moves = trial.leaves.iter().flat_map(|(_, rows)| rows).filter_map(|row| hearing.monitor.moves_at(row, now));
    trial.read.moves = Some(if complete { moves.min() } else { Some(now) });
    *read = trial.read;
}

impl Trial<'_> {
    fn evaluate(&mut self, world: &World) -> Tried {
        let mut scene = Scene::new(self.hearing, self.subject, Some(self.rule), world);
        scene.share(self.serving);
        let mut rows = Vec::new();
        let prepared = &self.hearing.monitor.prepared[self.rule.index()];
        if prepared.wakes.as_ref().is_none_or(|w| w.meets(&scene.kinds)) {
            bodies::judge(&scene, self.rule, &mut rows);
        }
        scene.take_read(&mut self.read);
        Tried { rows, asked: scene.take_asked(), landmarks: scene.landmarks.take(), lengths: scene.lengths.take() }
    }

    /// Tries every answer to the first open question, then to those that follow; false when there are too many.
    fn explore(&mut self, world: &World, tried: Option<Tried>) -> bool {
        self.tried += 1;
        if self.tried > MOST_WORLDS {
            return false;
        }
        let mut tried = tried.unwrap_or_else(|| self.evaluate(world));
        let Some(first) = tried.asked.first().copied() else {
            self.keep(world, tried.rows);
            return true;
        };
        if let Unknown::Time(_) = first {
            self.read.times = true;
            return self.answers(first, &tried, world).into_iter().all(|answer| self.explore(&world.with(first, answer), None));
        }
        // What no world says is taken for false while it is asked for, so that the world in which it is false has been tried already.
        tried.asked.remove(0);
        let [no, yes] = [false, true].map(|so| world.with(first, Answer::So(so)));
        self.explore(&no, Some(tried)) && self.explore(&yes, None)
    }

    /// Tries about so many worlds, spread evenly over the answers to each question: enough to know which rows there may be.
    fn sample(&mut self, world: &World, most: usize) {
        let here = self.evaluate(world);
        let Some(first) = here.asked.first().copied() else { return self.keep(world, here.rows) };
        let answers = self.answers(first, &here, world);
        let tried = answers.len().min(most);
        for number in 0..tried {
            self.sample(&world.with(first, answers[(2 * number + 1) * answers.len() / (2 * tried)]), most / tried);
        }
    }

    fn keep(&mut self, world: &World, rows: Vec<Row>) {
        if self.is_possible(world) {
            self.leaves.push((world.clone(), rows));
        }
    }

    /// The answers to a question among which verdicts may differ.
    fn answers(&self, unknown: Unknown, tried: &Tried, world: &World) -> Vec<Answer> {
        let Unknown::Time(event) = unknown else { return vec![Answer::So(false), Answer::So(true)] };
        let possible = self.hearing.possible(event);
        let now = self.hearing.asked.now;
        let mut marks = tried.landmarks.clone();
        marks.push(now);
        marks.extend(world.0.iter().filter_map(|(_, a)| match a {
            Answer::At(moment) => Some(*moment),
            Answer::So(_) => None,
        }));
        for other in tried.asked.iter().filter(|u| **u != unknown) {
            if let Unknown::Time(other) = other {
                let range = self.hearing.possible(*other);
                marks.extend([range.earliest, range.latest]);
            }
        }
        let prepared = &self.hearing.monitor.prepared[self.rule.index()];
        let rule = self.hearing.monitor.rule(self.rule);
        marks.extend([prepared.window.0, prepared.window.1, self.hearing.log.recorded_at(event)]);
        marks.sort_unstable();
        marks.dedup();
        let almanac = &self.hearing.monitor.codebook.almanac;
        let mut instants = vec![possible.earliest, possible.latest];
        let mut add = |m: Moment| instants.extend([Moment(m.0 - 1), m, Moment(m.0 + 1)]);
        let counting = crate::due::Counting::duty(rule);
        for mark in &marks {
            add(*mark);
            for length in prepared.lengths.iter().chain(&tried.lengths) {
                add(almanac.add(*mark, *length, counting.days, counting.overflow));
                let back = almanac.back(*mark, *length);
                add(back);
                // Lengths counted in days end at midnights; one day of working time may be many of the calendar.
                if counting.days != DayCount::Calendar && length.unit == TimeUnit::Day {
                    let date = almanac.date(back);
                    add(almanac.start_of(date));
                    add(almanac.end_of(date));
                }
            }
        }
        if counting.days == DayCount::Working || possible.precision == Precision::Range {
            self.midnights(possible.earliest, possible.latest, &mut add);
        }
        instants.retain(|m| possible.earliest <= *m && *m <= possible.latest);
        instants.sort_unstable();
        instants.dedup();
        instants.into_iter().map(Answer::At).collect()
    }

    /// Midnights of a range of at most two months, at which counts of days change.
    fn midnights(&self, from: Moment, to: Moment, add: &mut impl FnMut(Moment)) {
        const TWO_MONTHS: i64 = 62 * 86_400_000_000;
        if to.since(from) > TWO_MONTHS {
            return;
        }
        let almanac = &self.hearing.monitor.codebook.almanac;
        let mut date = almanac.date(from);
        while almanac.start_of(date) <= to {
            add(almanac.start_of(date));
            let Ok(next) = date.tomorrow() else { return };
            date = next;
        }
    }

    /// Of two facts on one date, one of them a date alone, the end of a state does not come before its start.
    fn is_possible(&self, world: &World) -> bool {
        let days: SmallVec<[EventId; 4]> = world
            .0
            .iter()
            .filter_map(|(unknown, _)| match unknown {
                Unknown::Time(event) if self.hearing.possible(*event).precision == Precision::Day => Some(*event),
                Unknown::Time(_) | Unknown::Born(_) | Unknown::Field { .. } | Unknown::Sealed { .. } | Unknown::Same { .. } => None,
            })
            .collect();
        if days.is_empty() {
            return true;
        }
        let mut scene = Scene::new(self.hearing, self.subject, Some(self.rule), world);
        scene.share(self.serving);
        let states = &self.hearing.monitor.prepared[self.rule.index()].states;
        !states.iter().any(|state| {
            let state = &self.hearing.monitor.codebook.states[state.index()];
            let Holds::Between { from, until } = &state.holds else { return false };
            let Some(key) = state.subjects.last() else { return false };
            let date = |m: Moment| self.hearing.monitor.codebook.almanac.date(m);
            scene.own.iter().filter(|e| until.iter().any(|p| scene.matches(p, **e))).any(|end| {
                let same_key = |e: &crate::scene::Entry| scene.subject_of(*e, *key) == scene.subject_of(*end, *key);
                let starts = || scene.own.iter().filter(|s| same_key(s) && from.iter().any(|p| scene.matches(p, **s)));
                let rough = |e: EventId| days.contains(&e);
                let later_same_day =
                    |s: &crate::scene::Entry| s.at > end.at && date(s.at) == date(end.at) && (rough(s.event) || rough(end.event));
                starts().any(later_same_day) && !starts().any(|s| s.at <= end.at)
            })
        })
    }
}

/// What identifies a row across worlds.
type Key = (bool, Option<EventId>);

fn key(row: &Row) -> Key {
    (row.record, row.trigger)
}

/// Appends, for every row that some world has, what all worlds agree on.
fn merge(trial: &Trial<'_>, complete: bool, rows: &mut Vec<Row>) {
    let mut keys: Vec<Key> = Vec::new();
    for (_, leaf) in &trial.leaves {
        for row in leaf {
            if !keys.contains(&key(row)) {
                keys.push(key(row));
            }
        }
    }
    for wanted in keys {
        let groups: Vec<Vec<&Row>> = trial.leaves.iter().map(|(_, rows)| rows.iter().filter(|r| key(r) == wanted).collect()).collect();
        let size = groups.first().map_or(0, Vec::len);
        if size > 0 && groups.iter().all(|g| g.len() == size) {
            for i in 0..size {
                let across: Vec<Option<&Row>> = groups.iter().map(|g| g.get(i).copied()).collect();
                rows.extend(agree(trial, &across, complete));
            }
        } else {
            let worst: Vec<Option<&Row>> = groups.iter().map(|g| g.iter().copied().max_by_key(|r| r.verdict)).collect();
            rows.extend(agree(trial, &worst, complete));
        }
    }
}

/// One row out of those of all worlds; a world without one has it as `n.a.`.
fn agree(trial: &Trial<'_>, across: &[Option<&Row>], complete: bool) -> Option<Row> {
    let first = across.iter().flatten().next()?;
    let mut merged = (*first).clone();
    if let Some(trigger) = merged.trigger {
        merged.trigger_at = Some(trial.hearing.possible(trigger).earliest);
    }
    let verdict = |row: &Option<&Row>| row.map_or(Verdict::NotApplicable, |r| r.verdict);
    let same = across.iter().all(|row| verdict(row) == merged.verdict);
    if !same || !complete {
        let missing = telling(trial, across);
        let sealed = trial.leaves.iter().flat_map(|(w, _)| &w.0).any(|(u, _)| matches!(u, Unknown::Sealed { .. } | Unknown::Same { .. }));
        let reason = if !complete {
            Reason::TooManyUnknown
        } else if sealed {
            Reason::Sealed
        } else {
            Reason::Unrecorded
        };
        return Some(Row {
            verdict: Verdict::Undetermined,
            due_at: None,
            since: None,
            until: None,
            late_by: None,
            over_by: None,
            over_since: None,
            flags: Flags::default(),
            missing,
            reason: Some(reason),
            ..merged
        });
    }
    for row in across.iter().flatten() {
        let keep = |a: &mut Option<Moment>, b: Option<Moment>| {
            if *a != b {
                *a = None;
            }
        };
        keep(&mut merged.due_at, row.due_at);
        keep(&mut merged.since, row.since);
        keep(&mut merged.until, row.until);
        merged.late_by = merged.late_by.filter(|l| row.late_by == Some(*l));
        merged.over_by = merged.over_by.filter(|l| row.over_by == Some(*l));
        keep(&mut merged.over_since, row.over_since);
        merged.reason = merged.reason.filter(|r| row.reason == Some(*r));
        merged.flags = Flags(merged.flags.0 & row.flags.0);
        for event in &row.events {
            if !merged.events.contains(event) {
                merged.events.push(*event);
            }
        }
    }
    Some(merged)
}

/// The questions whose answers tell: on the way from a world with one verdict to a world with another, those at which it changes.
fn telling(trial: &Trial<'_>, across: &[Option<&Row>]) -> Vec<Missing> {
    let verdict = |row: &Option<&Row>| row.map_or(Verdict::NotApplicable, |r| r.verdict);
    let all = || trial.leaves.iter().flat_map(|(w, _)| w.0.iter().map(|(u, _)| *u));
    let other = across.iter().position(|row| across.first().is_some_and(|first| verdict(row) != verdict(first)));
    let mut telling: Vec<Unknown> = Vec::new();
    if let Some(other) = other {
        let (from, to) = (&trial.leaves[0].0, &trial.leaves[other].0);
        let changed: Vec<Unknown> = from.0.iter().filter(|(u, a)| to.get(*u) != Some(*a)).map(|(u, _)| *u).collect();
        // One change is the answer; of several, all that the two worlds differ in.
        telling.extend(changed);
        telling.extend(to.0.iter().filter(|(u, _)| from.get(*u).is_none()).map(|(u, _)| *u));
    }
    if telling.is_empty() {
        telling.extend(all());
    }
    let mut missing: Vec<Missing> = Vec::new();
    for unknown in telling {
        let born = trial.hearing.monitor.born_field;
        let one = match unknown {
            Unknown::Time(event) => Missing { event: Some(event), what: MissingWhat::Time },
            Unknown::Born(subject) => match born {
                Some(field) => Missing { event: None, what: MissingWhat::Fact(subject, field) },
                None => continue,
            },
            Unknown::Same { event, field, .. } => Missing { event: Some(event), what: MissingWhat::Field(field) },
            Unknown::Field { event, field, .. } | Unknown::Sealed { event, field, .. } => match event {
                Some(event) => Missing { event: Some(event), what: MissingWhat::Field(field) },
                None => Missing { event: None, what: MissingWhat::Fact(trial.subject, field) },
            },
        };
        if !missing.contains(&one) {
            missing.push(one);
        }
    }
    missing
}
