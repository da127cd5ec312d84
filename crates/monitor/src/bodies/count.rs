//! `while S, there must be at most N I present`: a step function of the count, breached for each interval outside the bound.
//!
//! An interval ends where the count is back inside the bound: one that touches another is part of it. Whoever comes in while there are
//! too many already breaks the rule once more, as does whoever leaves while there are too few: each number further outside has
//! intervals of its own, so that a register that adds one breach to another shows both.

use super::Judging;
use super::while_state::Part;
use crate::alphabet::amount_at;
use crate::conditions::Stand;
use crate::scene::Entry;
use crate::steps::{Step, stretch, within};
use crate::verdict::{Flags, Reason, Row, Verdict};
use habeas_codebook::log::{EventId, SubjectId};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Amount, Bound, Cond, ItemId, StateId};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use smallvec::SmallVec;

/// An interval outside the bound.
struct Outside {
    since: Moment,
    until: Option<Moment>,
    events: SmallVec<[EventId; 4]>,
    inferred: bool,
    excused: Option<u8>,
}

impl Judging<'_, '_> {
    pub(super) fn count(&self, state: StateId, bound: (Bound, &Amount), item: ItemId, condition: Option<&Cond>, rows: &mut Vec<Row>) {
        let parts = self.parts(state);
        let wanted = |by: Entry| condition.is_none_or(|c| self.scene.holds(c, Stand::at_entry(by)));
        let (mut outside, mut further): (Vec<Outside>, Vec<Outside>) = (Vec::new(), Vec::new());
        let mut kept: Vec<&Part<'_>> = Vec::new();
        let mut lasted = false;
        for part in &parts {
            let end = part.end.unwrap_or(Moment::FAR_OFF);
            if part.start >= end {
                continue;
            }
            lasted = true;
            let limit = amount_at(self.scene.codebook, bound.1, part.start);
            let own_subject = self.scene.codebook.items[item.index()].subjects.contains(&self.scene.class);
            let bearer = if own_subject { self.scene.subject } else { self.bearer(part, item) };
            let before = outside.len();
            let steps = if self.never_too_many(bound.0, limit, item, bearer) {
                Vec::new()
            } else {
                stretch(&self.scene.steps(item, bearer, &wanted), part.start, end)
            };
            if let Some(limit) = limit {
                self.add_further(part, &steps, (bound.0, limit), &mut further);
            }
            for step in steps {
                if limit.is_some_and(|limit| !within(bound.0, Decimal::from(step.present.len()), limit)) {
                    for piece in part.pieces.iter().filter(|p| p.end.is_none_or(|end| step.from < end)) {
                        let since = step.from.max(piece.start);
                        let until = step.until.map_or(piece.end, |until| Some(piece.end.map_or(until, |end| end.min(until))));
                        if until.is_some_and(|until| until <= since) {
                            continue;
                        }
                        let until = until.filter(|u| *u <= self.scene.now() && *u != Moment::FAR_OFF);
                        let events = part.by.map(|b| b.event).into_iter().chain(step.present.iter().copied()).collect();
                        add(&mut outside, Outside { since, until, events, inferred: step.inferred, excused: piece.excused });
                    }
                }
            }
            if outside.len() == before && !outside.last().is_some_and(|o| o.since <= part.start && o.until.is_none_or(|u| u > part.start)) {
                kept.push(part);
            }
        }
        for interval in further.into_iter().chain(outside) {
            self.push(self.outside(interval), rows);
        }
        for part in kept {
            self.push(self.kept(part), rows);
        }
        if !parts.is_empty() && !lasted {
            self.push(self.not_applicable(None, Reason::NotDuring(state)), rows);
        }
        self.record_turns(&parts, rows);
    }

    /// Intervals that lie further outside the bound than by one: each rests on the entry that made it so.
    fn add_further(&self, part: &Part<'_>, steps: &[Step], bound: (Bound, Decimal), further: &mut Vec<Outside>) {
        let mut open: SmallVec<[usize; 4]> = SmallVec::new();
        let known = |until: Option<Moment>| until.filter(|u| *u <= self.scene.now() && *u != Moment::FAR_OFF);
        for step in steps {
            let beyond = beyond(bound, step.present.len()).saturating_sub(1);
            while open.len() < beyond {
                let excused = part.pieces.iter().rev().find(|p| p.start <= step.from).and_then(|p| p.excused);
                let events = part.by.into_iter().chain(step.by).map(|entry| entry.event).collect();
                open.push(further.len());
                further.push(Outside { since: step.from, until: None, events, inferred: step.inferred, excused });
            }
            open.truncate(beyond);
            open.iter().for_each(|interval| further[*interval].until = known(step.until));
        }
    }

    /// Whether so few ever come that a maximum is kept whenever they come and go.
    fn never_too_many(&self, bound: Bound, limit: Option<Decimal>, item: ItemId, bearer: SubjectId) -> bool {
        let own = self.scene.codebook.items[item.index()].subjects.contains(&self.scene.hearing.log.class_of(bearer));
        let few = |limit| {
            let within = |most: Option<usize>| most.is_some_and(|most| Decimal::from(most) <= limit);
            within(self.scene.ever_present(item, bearer)) || within(self.scene.most_at_once(item, bearer))
        };
        bound == Bound::AtMost && own && limit.is_none_or(few)
    }

    /// The subject whose items are counted during a run: the interview of the run, in a rule for the custody.
    fn bearer(&self, part: &Part<'_>, item: ItemId) -> SubjectId {
        let classes = &self.scene.codebook.items[item.index()].subjects;
        let log = self.scene.hearing.log;
        let is_one = |subject: &SubjectId| classes.contains(&log.class_of(*subject));
        let named = || log.subjects(part.by?.event).iter().copied().find(is_one);
        part.run.key.subject().filter(is_one).or_else(named).unwrap_or(self.scene.subject)
    }

    fn outside(&self, interval: Outside) -> Row {
        let mut row = self.row(None);
        row.verdict = Verdict::Breached;
        row.since = Some(interval.since);
        row.until = interval.until;
        row.events.extend(interval.events);
        if interval.inferred {
            row.flags.insert(Flags::END_INFERRED);
        }
        super::excuse(&mut row, interval.excused);
        row
    }
}

/// By how many a number lies outside a bound.
fn beyond((bound, limit): (Bound, Decimal), number: usize) -> usize {
    let number = Decimal::from(number);
    let by = match bound {
        Bound::AtMost => number - limit,
        Bound::AtLeast => limit - number,
        Bound::Exactly => (number - limit).abs(),
    };
    by.ceil().to_usize().unwrap_or(0)
}

/// Touching intervals are one.
fn add(outside: &mut Vec<Outside>, next: Outside) {
    match outside.last_mut() {
        Some(last) if last.until.is_none_or(|until| next.since <= until) && last.excused == next.excused => {
            last.until = match (last.until, next.until) {
                (Some(a), Some(b)) => Some(a.max(b)),
                _ => None,
            };
            last.inferred |= next.inferred;
            for event in next.events {
                if !last.events.contains(&event) {
                    last.events.push(event);
                }
            }
        }
        _ => outside.push(next),
    }
}
