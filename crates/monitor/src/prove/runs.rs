//! Runs of a state, from the entry that begins one to the entry that ends it, and how long they may be.

use super::{Expected, Prover, Refutation, refuted};
use crate::verdict::{Row, Verdict};
use habeas_codebook::log::EventId;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Holds, Pattern, Span, StateId};

/// A stretch in which a state holds.
pub(super) struct Run {
    pub(super) start: EventId,
    pub(super) begun: Moment,
    /// None: it still holds.
    pub(super) end: Option<Moment>,
}

impl Prover<'_> {
    /// A run of a state, from the entry that the row names to the next end; `None` where runs may touch or join, where an end or the close
    /// is of the instant of the start (whether that run is empty hangs on the one before), or the rule tells them apart.
    pub(super) fn run(&self, row: &Row, state: StateId) -> Result<Option<Run>, Refutation> {
        let rule = &self.codebook.rules[row.rule.index()];
        let state = &self.codebook.states[state.index()];
        let (Holds::Between { from, until }, Some(key)) = (&state.holds, state.subjects.last()) else { return Ok(None) };
        if !state.subjects.contains(&rule.subject) || rule.condition.is_some() || !rule.exceptions.is_empty() {
            return Ok(None);
        }
        let Some(start) = row.trigger else { return refuted("the row names no start") };
        let starts = from.iter().map(|p| self.is(p, start)).collect::<Option<Vec<_>>>();
        let (Some(starts), Some(begun)) = (starts, self.time(start)) else { return Ok(None) };
        if !starts.contains(&true) {
            return refuted(format!("`{}` does not start the state", self.log.id(start)));
        }
        let (Some(starts), Some(ends)) = (self.all_of(row.subject, from), self.all_of(row.subject, until)) else { return Ok(None) };
        let of = |event: EventId| self.log.subject_of(event, *key);
        let ended =
            |start: EventId, begun: Moment| ends.iter().filter(|(at, e)| *at > begun && of(*e) == of(start)).map(|(at, _)| *at).min();
        let custody = self.codebook.class_named("custody").filter(|custody| state.subjects.contains(custody));
        let closed = custody.and_then(|_| self.closed(start));
        if closed.is_some_and(|close| close <= begun) || ends.iter().any(|(at, e)| *at == begun && of(*e) == of(start)) {
            return Ok(None);
        }
        let end = ended(start, begun).into_iter().chain(closed).min();
        // Another start at the end goes on without a gap, and runs of several keys may touch and join: left to the machines.
        let joins = |at: Moment, e: EventId| match of(e) == of(start) {
            true => Some(at) == end || at == begun,
            false => end.is_none_or(|end| at <= end) && ended(e, at).is_none_or(|other| other >= begun),
        };
        if starts.iter().any(|(at, e)| *e != start && joins(*at, *e)) {
            return Ok(None);
        }
        Ok(Some(Run { start, begun, end }))
    }

    /// One run of a state that may last so long.
    pub(super) fn not_longer(
        &self,
        row: &Row,
        state: StateId,
        limit: &Span,
        break_of: Option<&Span>,
    ) -> Result<Option<Expected>, Refutation> {
        let rule = &self.codebook.rules[row.rule.index()];
        let Some(run) = self.run(row, state)? else { return Ok(None) };
        if break_of.is_some_and(|pause| !self.is_alone(row, state, &run, pause)) {
            return Ok(None);
        }
        let Run { begun, end, .. } = run;
        let Some(due) = self.due(rule, limit, begun) else { return Ok(None) };
        let last = end.unwrap_or(self.asked.now);
        Ok(Some(if last > due {
            if row.over_by != Some(last.since(due)) {
                return refuted("over_by does not follow from the entries");
            }
            Expected { due_at: Some(due), since: Some(due), ..Expected::plain(Verdict::Breached) }
        } else {
            let verdict = if end.is_some() { Verdict::Met } else { Verdict::Pending };
            Expected { due_at: Some(due), ..Expected::plain(verdict) }
        }))
    }

    /// Whether a run is a stretch by itself: no other run within a break of it, and the break after it is over.
    fn is_alone(&self, row: &Row, state: StateId, run: &Run, pause: &Span) -> bool {
        let rule = &self.codebook.rules[row.rule.index()];
        let state = &self.codebook.states[state.index()];
        let (Holds::Between { from, until }, Some(key)) = (&state.holds, state.subjects.last()) else { return false };
        let (Some(starts), Some(ends)) = (self.all_of(row.subject, from), self.all_of(row.subject, until)) else { return false };
        let over = |end: Moment| self.due(rule, pause, end);
        let of = |event: EventId| self.log.subject_of(event, *key);
        let later = |(at, _): &(Moment, EventId)| run.end.is_some_and(|end| *at > end && over(end).is_none_or(|over| *at < over));
        // Of an earlier one, its first end: a later one would only be an end that changes nothing.
        let earlier = |(at, e): &(Moment, EventId)| {
            let ended = ends.iter().filter(|(end, other)| end > at && of(*other) == of(*e)).map(|(end, _)| *end).min();
            *at < run.begun && ended.is_none_or(|end| over(end).is_none_or(|over| run.begun < over))
        };
        let over_by_now = run.end.is_none_or(|end| over(end).is_some_and(|over| over <= self.asked.now));
        over_by_now && !starts.iter().any(|start| start.1 != run.start && (later(start) || earlier(start)))
    }

    /// Whether no gap of a run was longer than allowed: the row has the worst, and the first of those.
    pub(super) fn at_least_every(
        &self,
        row: &Row,
        state: StateId,
        event: &Pattern,
        (period, first): (&Span, Option<&Span>),
    ) -> Result<Option<Expected>, Refutation> {
        let rule = &self.codebook.rules[row.rule.index()];
        let Some(Run { start, begun, end }) = self.run(row, state)? else { return Ok(None) };
        let Some(mut found) = self.all(row.subject, event) else { return Ok(None) };
        found.retain(|(at, e)| *at >= begun && end.is_none_or(|end| *at <= end) && *e != start && self.agree(start, *e));
        let mut expected = Expected { rests_on: found.iter().map(|(_, e)| *e).collect(), ..Expected::plain(Verdict::Met) };
        let (mut last, mut span) = (begun, first.unwrap_or(period));
        for (at, _) in found {
            let Some(due) = self.due(rule, span, last) else { return Ok(None) };
            if at > due && expected.verdict == Verdict::Met {
                (expected.verdict, expected.since, expected.late_by) = (Verdict::MetLate, Some(due), Some(at.since(due)));
            }
            (last, span) = (at, period);
        }
        let Some(due) = self.due(rule, span, last) else { return Ok(None) };
        expected.due_at = end.is_none().then_some(due);
        if end.unwrap_or(self.asked.now) > due {
            (expected.verdict, expected.since, expected.late_by) = (Verdict::Breached, Some(due), None);
        } else if end.is_none() && expected.verdict == Verdict::Met {
            expected.verdict = Verdict::Pending;
        }
        Ok(Some(expected))
    }
}
