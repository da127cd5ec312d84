//! `after a, b must happen L`, `after a, no b may happen L`, and the clock: one row for each trigger.

use super::{Judging, excuse, leave_open, leave_out};
use crate::conditions::{Stand, Unrecorded};
use crate::due::{Counting, Due, Pauses};
use crate::scene::Entry;
use crate::verdict::{Flags, Reason, Row, Verdict};
use habeas_codebook::moment::{Moment, Overflow};
use habeas_codebook::tree::{Consequence, Pattern, Span, Which, Within};
use std::iter::Peekable;

/// What `where` and the exceptions make of a trigger.
enum Standing {
    Judged { due: Due, excused: Option<u8> },
    Not(Reason),
}

impl Judging<'_, '_> {
    pub(super) fn after(&self, which: Which, trigger: &Pattern, answer: &Pattern, limit: &Within, rows: &mut Vec<Row>) {
        let pauses = self.scene.pauses(&self.rule.pauses);
        let mut answering = Vec::new();
        let mut triggers = self.triggers(which, trigger);
        while let Some(a) = triggers.next() {
            if !self.in_force(a.at) {
                continue;
            }
            let answered = self.first_answer(a, answer);
            let base = self.base_due(a, limit);
            let mut row = self.row(Some(a));
            match self.standing(a, base, &pauses, answered, self.counting()) {
                Standing::Not(reason) => leave_out(&mut row, reason),
                Standing::Judged { due, .. } if Self::is_superseded(which, triggers.peek(), due) => {
                    leave_out(&mut row, Reason::Superseded);
                }
                Standing::Judged { due, excused } => {
                    self.response(&mut row, a, answer, answered, due);
                    excuse(&mut row, excused);
                }
            }
            if self.rule.recorded_within.is_some() && row.verdict != Verdict::NotApplicable {
                answering.extend(answered);
            }
            self.push(row, rows);
        }
        self.record_rows(answering.into_iter(), rows);
    }

    pub(super) fn clock(&self, length: &Span, from: &Pattern, answer: &Pattern, rows: &mut Vec<Row>) {
        let pauses = self.scene.pauses(&self.rule.pauses);
        let counting = Counting { overflow: Overflow::NextMonth, ..self.counting() };
        let mut answering = Vec::new();
        for a in self.scene.all(from).filter(|a| self.in_force(a.at)) {
            let answered = self.first_answer(a, answer);
            let base = self.span_due(a, length, counting);
            let mut row = self.row(Some(a));
            match self.standing(a, Ok(base), &pauses, answered, counting) {
                Standing::Not(reason) => leave_out(&mut row, reason),
                Standing::Judged { due, excused } => {
                    self.response(&mut row, a, answer, answered, due);
                    excuse(&mut row, excused);
                }
            }
            if self.rule.recorded_within.is_some() && row.verdict != Verdict::NotApplicable {
                answering.extend(answered);
            }
            self.push(row, rows);
        }
        self.record_rows(answering.into_iter(), rows);
    }

    pub(super) fn after_nothing(&self, which: Which, trigger: &Pattern, answer: &Pattern, limit: &Within, rows: &mut Vec<Row>) {
        let pauses = self.scene.pauses(&self.rule.pauses);
        let mut recorded = Vec::new();
        let mut triggers = self.triggers(which, trigger);
        while let Some(a) = triggers.next() {
            if !self.in_force(a.at) {
                continue;
            }
            let forbidden = self.first_answer(a, answer);
            let base = self.base_due(a, limit);
            let mut row = self.row(Some(a));
            match self.standing(a, base, &pauses, forbidden, self.counting()) {
                Standing::Not(reason) => leave_out(&mut row, reason),
                Standing::Judged { due, .. } if Self::is_superseded(which, triggers.peek(), due) => {
                    leave_out(&mut row, Reason::Superseded);
                }
                Standing::Judged { due, excused } => {
                    let half_open = matches!(limit, Within::AsLongAs(..));
                    self.prohibition(&mut row, a, forbidden, due, half_open);
                    excuse(&mut row, excused);
                }
            }
            recorded.extend(forbidden.filter(|b| row.events.contains(&b.event)));
            self.push(row, rows);
        }
        self.record_rows(recorded.into_iter(), rows);
    }

    /// Triggers that may count; the next one tells whether one is superseded.
    fn triggers<'t>(&'t self, which: Which, trigger: &'t Pattern) -> Peekable<impl Iterator<Item = Entry> + 't> {
        self.scene.all(trigger).take(if which == Which::First { 1 } else { usize::MAX }).peekable()
    }

    fn is_superseded(which: Which, next: Option<&Entry>, due: Due) -> bool {
        which == Which::Latest
            && next.is_some_and(|next| match due {
                Due::At(due) => next.at < due,
                Due::Open | Due::Stopped | Due::Unrecorded(_) => true,
            })
    }

    /// The first answer at or after the trigger.
    fn first_answer(&self, a: Entry, answer: &Pattern) -> Option<Entry> {
        self.scene.all(answer).find(|b| b.at >= a.at && b.event != a.event && self.scene.joined(a, *b))
    }

    fn span_due(&self, a: Entry, span: &Span, counting: Counting) -> Due {
        match self.scene.extent(span, Some(a), a.at) {
            Ok(extent) => Due::At(self.scene.add(a.at, extent, counting)),
            Err(field) => Due::Unrecorded(field),
        }
    }

    /// The due time before exceptions and pauses. `Within::AsLongAs` without a run is told apart in `standing`.
    fn base_due(&self, a: Entry, limit: &Within) -> Result<Due, Reason> {
        Ok(match limit {
            Within::Span(span) => self.span_due(a, span, self.counting()),
            Within::By { before, field, .. } => match self.scene.field_time(a, *field) {
                Some((earliest, latest)) if earliest == latest => {
                    Due::At(before.map_or(latest, |length| self.scene.codebook.almanac.back(latest, length)))
                }
                _ => Due::Unrecorded(*field),
            },
            Within::Before(c) => self
                .scene
                .all(c)
                .find(|c| c.at >= a.at && c.event != a.event && self.scene.joined(a, *c))
                .map_or(Due::Open, |c| Due::At(c.at)),
            Within::AsLongAs(state, _) => match self.scene.runs(*state).iter().find(|r| r.covers(a.at)) {
                Some(run) => run.end.map_or(Due::Open, Due::At),
                None => return Err(Reason::NotDuring(*state)),
            },
        })
    }

    fn standing(&self, a: Entry, base: Result<Due, Reason>, pauses: &Pauses, answered: Option<Entry>, counting: Counting) -> Standing {
        let base = match base {
            Ok(due) => due,
            Err(reason) => return Standing::Not(reason),
        };
        let moved = |due: Due| match due {
            Due::At(due) => pauses.moved(a.at, due, answered.map(|b| b.at)),
            Due::Open | Due::Stopped | Due::Unrecorded(_) => due,
        };
        let due = moved(base);
        let facts_until = match due {
            Due::At(due) => due.max(a.at),
            Due::Open | Due::Stopped | Due::Unrecorded(_) => self.scene.now(),
        };
        let stand = Stand { judged: Some(a), at: a.at, facts_until, unrecorded: Unrecorded::False };
        if self.rule.condition.as_ref().is_some_and(|c| !self.scene.holds(c, stand)) {
            return Standing::Not(Reason::Where);
        }
        match self.scene.exception(&self.rule.exceptions, stand) {
            Some((i, exception)) => match &exception.then {
                Consequence::DoesNotApply => Standing::Not(Reason::Exception(i)),
                Consequence::LimitIs(span) => Standing::Judged { due: moved(self.span_due(a, span, counting)), excused: None },
                Consequence::Excused => Standing::Judged { due, excused: Some(i) },
            },
            None => Standing::Judged { due, excused: None },
        }
    }

    /// The verdict on a duty: answered in time, late, not yet, or not.
    fn response(&self, row: &mut Row, a: Entry, answer: &Pattern, answered: Option<Entry>, due: Due) {
        let due_at = match due {
            Due::At(due) => {
                row.due_at = Some(due);
                due
            }
            Due::Open | Due::Stopped => Moment::FAR_OFF,
            Due::Unrecorded(field) => return leave_open(row, self.missing_field(a, field)),
        };
        if let Some(b) = answered.filter(|b| b.at <= due_at) {
            return self.answered_in_time(row, a, b, answer);
        }
        let closed = if self.rule.outlasts { None } else { self.scene.custody_close(a).map(|c| c.0) };
        match answered {
            _ if closed.is_some_and(|c| due_at >= c) => {
                row.due_at = None;
                leave_out(row, Reason::ClosedBeforeLimit);
            }
            Some(b) if closed.is_none_or(|c| b.at <= c) => {
                row.verdict = Verdict::MetLate;
                row.since = Some(due_at);
                row.late_by = Some(b.at.since(due_at));
                row.events.push(b.event);
            }
            Some(_) | None if self.scene.now() <= due_at => row.verdict = Verdict::Pending,
            Some(_) | None => {
                row.verdict = Verdict::Breached;
                row.since = Some(due_at);
            }
        }
    }

    fn answered_in_time(&self, row: &mut Row, a: Entry, b: Entry, answer: &Pattern) {
        row.verdict = Verdict::Met;
        row.events.push(b.event);
        if b.at == a.at {
            row.flags.insert(Flags::SAME_INSTANT);
        }
        if row.due_at.is_some_and(|due| self.cleared_late(a, answer, due)) {
            row.flags.insert(Flags::CLEARED_LATE);
        }
    }

    /// Whether nothing that answers in time was known by the time due.
    fn cleared_late(&self, a: Entry, answer: &Pattern, due: Moment) -> bool {
        if !self.scene.hearing.knowledge().any_belated() {
            return false;
        }
        let in_time = |b: &Entry| b.at >= a.at && b.at <= due && b.event != a.event && self.scene.joined(a, *b);
        let fits = |at: Moment| at >= a.at && at <= due;
        let known = self.scene.all(answer).filter(in_time).any(|b| self.known_since(b.event, fits) <= due);
        !known || self.known_since(a.event, |at| at >= a.at) > due
    }

    /// The verdict on a prohibition: broken, over, or still running.
    fn prohibition(&self, row: &mut Row, a: Entry, forbidden: Option<Entry>, due: Due, half_open: bool) {
        let due_at = match due {
            Due::At(due) => {
                row.due_at = Some(due);
                due
            }
            Due::Open | Due::Stopped => Moment::FAR_OFF,
            Due::Unrecorded(field) => return leave_open(row, self.missing_field(a, field)),
        };
        match forbidden {
            Some(b) if b.at < due_at || (b.at == due_at && !half_open) => {
                row.verdict = Verdict::Breached;
                row.since = Some(b.at);
                row.events.push(b.event);
                if b.at == a.at {
                    row.flags.insert(Flags::SAME_INSTANT);
                }
            }
            _ if self.scene.now() > due_at => row.verdict = Verdict::Met,
            _ if !self.rule.outlasts && self.scene.custody_close(a).is_some() => row.verdict = Verdict::Met,
            _ => row.verdict = Verdict::Pending,
        }
    }
}
