//! `at all times, the F of the X less the G divided by the number of I in it must be at least N`.

use super::Judging;
use crate::alphabet::amount_at;
use crate::conditions::{Stand, Unrecorded};
use crate::handful::Handful;
use crate::steps::{Step, within};
use crate::verdict::{Missing, MissingWhat, Reason, Row, Verdict};
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Amount, Bound, ClassId, Consequence, FieldId, ItemId};
use rust_decimal::Decimal;
use smallvec::SmallVec;

/// What is measured.
pub(super) struct Measured<'r> {
    pub(super) field: FieldId,
    pub(super) of: ClassId,
    pub(super) less: &'r [FieldId],
    pub(super) per: Option<ItemId>,
}

/// A time through which the function comes to the same.
struct Found {
    since: Moment,
    until: Option<Moment>,
    step: Step1,
    /// The entries that tell it, each once.
    events: Handful<EventId>,
    /// The step of those present that was named last.
    present_from: Option<Moment>,
}

impl Found {
    /// Names the entries of those present, unless just these were named, and those that tell the facts.
    fn name(&mut self, present: Option<&Step>, told: &[EventId]) {
        let from = present.map(|step| step.from);
        if let Some(present) = present.filter(|_| self.present_from != from) {
            present.present.iter().for_each(|event| _ = self.events.note(*event));
            self.present_from = from;
        }
        told.iter().for_each(|event| _ = self.events.note(*event));
    }
}

/// What one step of the function comes to.
#[derive(Clone, PartialEq)]
enum Step1 {
    Satisfied,
    Outside(Option<u8>),
    Unknown(Missing),
}

impl Judging<'_, '_> {
    pub(super) fn quantity(&self, measured: &Measured<'_>, bound: Bound, number: &Amount, rows: &mut Vec<Row>) {
        let Some((start, close)) = self.scene.life() else { return };
        let start = start.max(self.window.0);
        let life_end = close.map_or(Moment::FAR_OFF, |c| c.0).min(self.window.1);
        if start >= life_end || start > self.scene.now() {
            return;
        }
        let bearers = self.scene.serving(measured.of);
        let steps = measured.per.map(|item| self.scene.steps(item, self.scene.subject, &|_| true)).unwrap_or_default();
        let edges = self.quantity_edges(&bearers, &steps, start, life_end);
        let mut held = false;
        let mut found: Vec<Found> = Vec::new();
        for (i, from) in edges.iter().enumerate() {
            let until = edges.get(i + 1).copied().or((life_end <= self.scene.now()).then_some(life_end));
            let stand = Stand { judged: None, at: *from, facts_until: *from, unrecorded: Unrecorded::False };
            if self.rule.condition.as_ref().is_some_and(|c| !self.scene.holds(c, stand)) {
                continue;
            }
            let exception = self.scene.exception(&self.rule.exceptions, stand);
            if exception.is_some_and(|(_, e)| e.then == Consequence::DoesNotApply) {
                continue;
            }
            held = true;
            let present = steps[..steps.partition_point(|step| step.from <= *from)].last();
            let limit = amount_at(self.scene.codebook, number, *from);
            let (mut step, told) = self.measure(measured, &bearers, present.map_or(0, |step| step.present.len()), *from, bound, limit);
            if let (Step1::Outside(excused), Some((i, _))) = (&mut step, exception) {
                *excused = Some(i);
            }
            match found.last_mut().filter(|last| last.until == Some(*from) && last.step == step) {
                Some(last) => last.until = until,
                None => found.push(Found { since: *from, until, step, events: Handful::default(), present_from: None }),
            }
            // Of what is as it must be no entry is told.
            if let Some(last) = found.last_mut().filter(|last| last.step != Step1::Satisfied) {
                last.name(present, &told);
            }
        }
        self.quantity_rows(found, held, close.is_some(), rows);
    }

    fn quantity_edges(&self, bearers: &[SubjectId], steps: &[Step], start: Moment, end: Moment) -> Vec<Moment> {
        let mut edges: Vec<Moment> = steps.iter().map(|s| s.from).collect();
        for bearer in bearers {
            edges.extend(self.scene.history(*bearer).iter().map(|e| e.at));
        }
        if self.rule.condition.is_some() || !self.rule.exceptions.is_empty() {
            edges.extend(self.edges());
        }
        edges.push(start);
        edges.retain(|e| *e >= start && *e < end && *e <= self.scene.now());
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn measure(
        &self,
        measured: &Measured<'_>,
        bearers: &[SubjectId],
        count: usize,
        at: Moment,
        bound: Bound,
        limit: Option<Decimal>,
    ) -> (Step1, SmallVec<[EventId; 2]>) {
        let mut told = SmallVec::new();
        // Nobody in it: satisfied.
        if measured.per.is_some() && count == 0 {
            return (Step1::Satisfied, told);
        }
        let mut total = Decimal::ZERO;
        for (i, field) in std::iter::once(&measured.field).chain(measured.less).enumerate() {
            let fact = bearers.iter().find_map(|b| self.scene.fact(*b, *field, at));
            let Some((event, Value::Number(number))) = fact else {
                let subject = bearers.first().copied().unwrap_or(self.scene.subject);
                return (Step1::Unknown(Missing { event: None, what: MissingWhat::Fact(subject, *field) }), told);
            };
            told.extend(event);
            total = if i == 0 { *number } else { total - *number };
        }
        let Some(limit) = limit else { return (Step1::Satisfied, told) };
        // Compared without dividing, so that a third of a square metre is exact.
        let needed = if measured.per.is_some() { limit * Decimal::from(count) } else { limit };
        (if within(bound, total, needed) { Step1::Satisfied } else { Step1::Outside(None) }, told)
    }

    fn quantity_rows(&self, found: Vec<Found>, held: bool, closed: bool, rows: &mut Vec<Row>) {
        let mut any = false;
        for Found { since, until, step, mut events, .. } in found {
            let mut row = self.row(None);
            match step {
                Step1::Satisfied => continue,
                Step1::Outside(excused) => {
                    row.verdict = Verdict::Breached;
                    super::excuse(&mut row, excused);
                }
                Step1::Unknown(missing) => {
                    row.verdict = Verdict::Undetermined;
                    row.reason = Some(Reason::Unrecorded);
                    row.missing.push(missing);
                }
            }
            any = true;
            row.since = Some(since);
            row.until = until;
            row.events.extend(events.drain().map(|(event, ())| event));
            self.push(row, rows);
        }
        if !any {
            let row = if held {
                Row { verdict: if closed { Verdict::Met } else { Verdict::Pending }, ..self.row(None) }
            } else {
                self.never_held()
            };
            self.push(row, rows);
        }
    }
}
