//! States and items (section 2): every start, end and close in order of time, one key after another.

use super::{Oracle, Subject};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Bound, ClassId, Each, Holds, ItemId, Pattern, Presence, StateId};

/// A stretch during which a state holds or an item is present: `[start, end)`.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) start: Moment,
    /// `None`: still on.
    pub(super) end: Option<Moment>,
    pub(super) by: Option<usize>,
    pub(super) ended_by: Option<usize>,
    pub(super) key: String,
    /// The end is no entry of its own: a close, or a move.
    pub(super) inferred: bool,
}

impl Run {
    pub(super) fn covers(&self, at: Moment) -> bool {
        self.start <= at && self.end.is_none_or(|end| at < end)
    }
}

/// A start or an end of what a key tells apart.
struct Turn {
    event: usize,
    starts: bool,
    key: String,
}

pub(super) fn within<T: PartialOrd>(bound: Bound, number: T, limit: T) -> bool {
    match bound {
        Bound::AtLeast => number >= limit,
        Bound::AtMost => number <= limit,
        Bound::Exactly => number == limit,
    }
}

impl Oracle<'_> {
    pub(super) fn bearers(&self, classes: &[ClassId], subject: &Subject) -> Vec<Subject> {
        if classes.contains(&subject.0) {
            return vec![subject.clone()];
        }
        classes.last().map(|class| self.serving(subject, *class)).unwrap_or_default()
    }

    pub(super) fn in_state(&self, state: StateId, subject: &Subject, at: Moment) -> bool {
        let declared = &self.codebook.states[state.index()];
        if let Holds::AgeBelow(years) = declared.holds {
            let persons = self.bearers(&declared.subjects, subject);
            return persons.iter().any(|p| at < self.birthday(p, years).expect("every person of these histories has a birth date"));
        }
        self.runs(state, subject).iter().any(|r| r.covers(at))
    }

    /// The runs of a state that serve a subject, by start.
    pub(super) fn runs(&self, state: StateId, subject: &Subject) -> Vec<Run> {
        let declared = &self.codebook.states[state.index()];
        let bearers = self.bearers(&declared.subjects, subject);
        let mut runs: Vec<Run> = Vec::new();
        for bearer in &bearers {
            match &declared.holds {
                Holds::Between { from, until } => runs.extend(self.between(&declared.subjects, bearer, from, until)),
                Holds::AgeBelow(years) => {
                    // The age as long as the subject lives: whichever comes first ends it.
                    let birthday = self.birthday(bearer, *years).expect("every person of these histories has a birth date");
                    runs.extend(self.lifetime(subject).filter(|life| life.start < birthday).map(|life| match life.end {
                        Some(close) if close <= birthday => life,
                        Some(_) | None => Run { end: Some(birthday), ended_by: None, ..life },
                    }));
                }
                Holds::Always => runs.extend(self.lifetime(bearer)),
                Holds::Count { bound, number, item } => runs.extend(self.while_so_many(bearer, *bound, u64::from(*number), *item)),
            }
        }
        if matches!(declared.holds, Holds::Between { .. }) && !declared.subjects.contains(&subject.0) {
            // A state of a person serves a custody as long as the custody lasts.
            if let Some((close, event)) = self.close(subject) {
                runs.retain(|r| r.start < close);
                for run in runs.iter_mut().filter(|r| r.end.is_none_or(|end| close < end)) {
                    (run.end, run.ended_by, run.inferred) = (Some(close), Some(event), true);
                }
            }
        }
        for run in &mut runs {
            run.end = run.end.filter(|end| *end <= self.now);
        }
        runs.sort_by_key(|r| (r.start, r.by.map(|e| self.events[e].order)));
        runs
    }

    fn lifetime(&self, subject: &Subject) -> Option<Run> {
        let (start, end) = self.life(subject)?;
        Some(Run { start, end, by: None, ended_by: self.close(subject).map(|c| c.1), key: String::new(), inferred: false })
    }

    fn between(&self, classes: &[ClassId], bearer: &Subject, from: &[Pattern], until: &[Pattern]) -> Vec<Run> {
        let Some(class) = classes.last() else { return Vec::new() };
        let fits = |patterns: &[Pattern], e: usize| patterns.iter().any(|p| self.matches(p, e));
        let key = |e: usize| self.subject_of(e, *class).map_or_else(String::new, |s| s.1.clone());
        let mut turns: Vec<Turn> = Vec::new();
        for event in self.naming(bearer) {
            if fits(from, event) {
                turns.push(Turn { event, starts: true, key: key(event) });
            } else if fits(until, event) {
                turns.push(Turn { event, starts: false, key: key(event) });
            }
        }
        // An end that names the interview but not the custody is still the end of that interview.
        let keys: Vec<String> = turns.iter().map(|t| t.key.clone()).collect();
        for event in 0..self.events.len() {
            let names_bearer_class = self.subject_of(event, bearer.0).is_some();
            if !names_bearer_class && keys.contains(&key(event)) && !key(event).is_empty() && fits(until, event) {
                turns.push(Turn { event, starts: false, key: key(event) });
            }
        }
        self.pair(turns, None, Some(classes))
    }

    /// "A start while it runs, or an end while it does not, changes nothing. At one instant a run that was on ends before the next
    /// starts; a run that was off starts before it ends. A start at or after the close of its subject opens nothing."
    fn pair(&self, mut turns: Vec<Turn>, one_at_a_time: Option<ClassId>, classes: Option<&[ClassId]>) -> Vec<Run> {
        turns.sort_by_key(|t| t.event);
        let mut keys: Vec<String> = turns.iter().map(|t| t.key.clone()).collect();
        keys.sort();
        keys.dedup();
        let mut runs: Vec<Run> = Vec::new();
        for key in keys {
            let own: Vec<&Turn> = turns.iter().filter(|t| t.key == key).collect();
            let mut instants: Vec<Moment> = own.iter().map(|t| self.at(t.event)).collect();
            instants.dedup();
            let mut on: Option<Run> = None;
            for at in instants {
                let now: Vec<&&Turn> = own.iter().filter(|t| self.at(t.event) == at).collect();
                let was_on = on.is_some();
                let end = |on: &mut Option<Run>, runs: &mut Vec<Run>, by: usize, inferred: bool| {
                    runs.extend(on.take().map(|run| Run { end: Some(at), ended_by: Some(by), inferred, ..run }));
                };
                for turn in now.iter().filter(|t| !t.starts && was_on) {
                    end(&mut on, &mut runs, turn.event, false);
                }
                for turn in now.iter().filter(|t| t.starts) {
                    let place = |e: usize| one_at_a_time.and_then(|class| self.subject_of(e, class));
                    if on.as_ref().and_then(|r| r.by).is_some_and(|by| place(by) != place(turn.event)) {
                        end(&mut on, &mut runs, turn.event, true);
                    }
                    if on.is_none() && !self.bounds(turn.event, classes).iter().any(|(close, _)| *close <= at) {
                        let (by, key) = (Some(turn.event), key.clone());
                        on = Some(Run { start: at, end: None, by, ended_by: None, key, inferred: false });
                    }
                }
                for turn in now.iter().filter(|t| !t.starts && !was_on) {
                    end(&mut on, &mut runs, turn.event, false);
                }
            }
            runs.extend(on);
        }
        for run in &mut runs {
            for (close, event) in run.by.map(|by| self.bounds(by, classes)).unwrap_or_default() {
                if run.end.is_none_or(|end| close < end) {
                    (run.end, run.inferred, run.ended_by) = (Some(close), run.ended_by != Some(event), Some(event));
                }
            }
        }
        runs.sort_by_key(|r| (r.start, r.by.map(|e| self.events[e].order)));
        runs
    }

    /// Closes that bound what an event starts: of the subjects that the state is of.
    fn bounds(&self, event: usize, classes: Option<&[ClassId]>) -> Vec<(Moment, usize)> {
        let subjects = self.events[event].subjects.iter();
        subjects.filter(|s| classes.is_none_or(|c| c.contains(&s.0))).filter_map(|s| self.close(s)).collect()
    }

    /// Presences of an item, seen from a subject: one run for each time that one of them was there.
    pub(super) fn presences(&self, item: ItemId, subject: &Subject) -> Vec<Run> {
        let declared = &self.codebook.items[item.index()];
        let bearers = self.bearers(&declared.subjects, subject);
        bearers.iter().flat_map(|b| self.presences_of(item, b)).collect()
    }

    fn presences_of(&self, item: ItemId, bearer: &Subject) -> Vec<Run> {
        match &self.codebook.items[item.index()].present {
            Presence::Between { from, until, each, one_at_a_time } => {
                let fits = |patterns: &[Pattern], e: usize| patterns.iter().any(|p| self.matches(p, e));
                let key = |e: usize| match each {
                    Each::Field(field) => self.field(e, *field).map(|v| format!("{v:?}")),
                    Each::Subject(class) => self.subject_of(e, *class).map(|s| s.1.clone()),
                };
                // Where they can be in one place only, what happens to them in others counts too.
                let all: Vec<usize> = if one_at_a_time.is_some() { (0..self.events.len()).collect() } else { self.naming(bearer) };
                let turns = all.into_iter().filter_map(|event| {
                    let starts = fits(from, event);
                    (starts || fits(until, event)).then(|| Some(Turn { event, starts, key: key(event)? })).flatten()
                });
                let mut runs = self.pair(turns.collect(), *one_at_a_time, None);
                runs.retain(|r| r.by.is_some_and(|e| self.events[e].subjects.contains(bearer)));
                runs
            }
            Presence::Others { item: shared, same, who } => {
                let mut places: Vec<Subject> = self.naming(bearer).into_iter().filter_map(|e| self.subject_of(e, *same).cloned()).collect();
                places.sort();
                places.dedup();
                let mut found = Vec::new();
                for place in places {
                    let all = self.presences_of(*shared, &place);
                    for mine in all.iter().filter(|r| r.key == bearer.1) {
                        for theirs in all.iter().filter(|r| r.key != bearer.1) {
                            let end = mine.end.unwrap_or(Moment::FAR_OFF).min(theirs.end.unwrap_or(Moment::FAR_OFF));
                            let start = mine.start.max(theirs.start);
                            let by = if theirs.start >= mine.start { theirs.by } else { mine.by };
                            let both = Run { start, by, end: (end != Moment::FAR_OFF).then_some(end), ..theirs.clone() };
                            found.extend(self.who_are(both, (bearer.0, theirs.key.clone()), *who));
                        }
                    }
                }
                found
            }
        }
    }

    /// The parts of a meeting during which the other is, or is not, in a state.
    fn who_are(&self, meeting: Run, other: Subject, who: Option<(bool, StateId)>) -> Vec<Run> {
        let end = meeting.end.unwrap_or(Moment::FAR_OFF);
        let Some((are, state)) = who else { return if meeting.start < end { vec![meeting] } else { Vec::new() } };
        let mut instants = self.instants(meeting.start, end);
        instants.push(end);
        let mut parts: Vec<Run> = Vec::new();
        for pair in instants.windows(2) {
            if self.in_state(state, &other, pair[0]) == are {
                let end = (pair[1] != Moment::FAR_OFF).then_some(pair[1]);
                // Only the meeting's own end was inferred, not where this cuts it.
                parts.push(Run { start: pair[0], end, inferred: meeting.inferred && end == meeting.end, ..meeting.clone() });
            }
        }
        parts
    }

    /// Every instant at which anything may change between two: events and birthdays.
    pub(super) fn instants(&self, from: Moment, until: Moment) -> Vec<Moment> {
        let mut all: Vec<Moment> = self.events.iter().map(|e| e.at).chain([from]).collect();
        let persons = self.codebook.class_named("person");
        for state in &self.codebook.states {
            if let Holds::AgeBelow(years) = state.holds {
                all.extend(self.subjects().iter().filter(|s| Some(s.0) == persons).filter_map(|p| self.birthday(p, years)));
            }
        }
        all.retain(|m| from <= *m && *m < until);
        all.sort();
        all.dedup();
        all
    }

    /// How many different ones are present at an instant.
    pub(super) fn present(&self, presences: &[Run], at: Moment) -> usize {
        let mut keys: Vec<&String> = presences.iter().filter(|r| r.covers(at)).map(|r| &r.key).collect();
        keys.sort();
        keys.dedup();
        keys.len()
    }

    /// Stretches of a subject's life in which an item is so many times present.
    fn while_so_many(&self, bearer: &Subject, bound: Bound, number: u64, item: ItemId) -> Vec<Run> {
        let Some((start, close)) = self.life(bearer) else { return Vec::new() };
        let end = close.unwrap_or(Moment::FAR_OFF);
        let presences = self.presences(item, bearer);
        let mut runs: Vec<Run> = Vec::new();
        let mut instants = self.instants(start, end);
        instants.push(end);
        for pair in instants.windows(2) {
            if !within(bound, self.present(&presences, pair[0]) as u64, number) {
                continue;
            }
            let end = (pair[1] != Moment::FAR_OFF).then_some(pair[1]);
            match runs.last_mut() {
                Some(run) if run.end == Some(pair[0]) => run.end = end,
                _ => {
                    let by = presences.iter().filter(|r| r.start == pair[0]).filter_map(|r| r.by).min_by_key(|e| self.events[*e].order);
                    runs.push(Run { start: pair[0], end, by, ended_by: None, key: String::new(), inferred: false });
                }
            }
        }
        for run in &mut runs {
            run.ended_by = self.close(bearer).filter(|(at, _)| run.end == Some(*at)).map(|(_, event)| event);
        }
        runs
    }
}
