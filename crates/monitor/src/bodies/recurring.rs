//! `while S, e must happen at least every P, the first within F`: every gap gets a verdict; the row has the worst.

use super::Judging;
use super::while_state::Part;
use crate::due::{Due, Pauses};
use crate::scene::Entry;
use crate::verdict::{Flags, Row, Verdict};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Pattern, Span, StateId};

impl Judging<'_, '_> {
    pub(super) fn recurring(&self, state: StateId, event: &Pattern, period: &Span, first: Option<&Span>, rows: &mut Vec<Row>) {
        let parts = self.parts(state);
        let pauses = self.scene.pauses(&self.rule.pauses);
        let mut answering = Vec::new();
        for part in &parts {
            let inside: Vec<Entry> = self
                .scene
                .all(event)
                .filter(|e| e.at >= part.start && part.end.is_none_or(|end| e.at <= end))
                .filter(|e| part.by.is_none_or(|b| b.event != e.event && self.scene.joined(b, *e)))
                .collect();
            let row = self.gaps(part, &inside, period, first, &pauses);
            answering.extend(inside);
            self.push(row, rows);
        }
        self.record_rows(answering.into_iter(), rows);
    }

    fn gaps(&self, part: &Part<'_>, inside: &[Entry], period: &Span, first: Option<&Span>, pauses: &Pauses) -> Row {
        let mut row = self.row(part.by);
        row.events.extend(inside.iter().map(|e| e.event));
        self.infer(&mut row, part);
        let belated = self.scene.hearing.knowledge().any_belated();
        let mut last = part.start;
        let mut is_first = true;
        for e in inside {
            match self.gap_due(part, last, is_first, (period, first), pauses, Some(e.at)) {
                Ok(Due::At(due)) if e.at > due => self.worsen(&mut row, part, Verdict::MetLate, due, Some(e.at.since(due))),
                Ok(Due::At(due)) => {
                    if belated && self.known_since(e.event, |at| at <= due) > due {
                        row.flags.insert(Flags::CLEARED_LATE);
                    }
                }
                Ok(Due::Open | Due::Stopped | Due::Unrecorded(_)) => {}
                Err(field) => return self.unknown_period(part, field),
            }
            (last, is_first) = (e.at, false);
        }
        let due = match self.gap_due(part, last, is_first, (period, first), pauses, part.end) {
            Ok(due) => due,
            Err(field) => return self.unknown_period(part, field),
        };
        match (due, part.end) {
            (Due::At(due), Some(end)) if end > due => self.worsen(&mut row, part, Verdict::Breached, due, None),
            (_, Some(_)) => {}
            (Due::At(due), None) => {
                if self.scene.now() > due {
                    self.worsen(&mut row, part, Verdict::Breached, due, None);
                } else if row.verdict < Verdict::Pending {
                    row.verdict = Verdict::Pending;
                }
                row.due_at = Some(due);
            }
            (Due::Open | Due::Stopped | Due::Unrecorded(_), None) => {
                if row.verdict < Verdict::Pending {
                    row.verdict = Verdict::Pending;
                }
            }
        }
        row
    }

    fn unknown_period(&self, part: &Part<'_>, field: habeas_codebook::tree::FieldId) -> Row {
        part.by.map_or_else(|| self.never_held(), |b| self.undetermined(Some(b), self.missing_field(b, field)))
    }

    /// When the gap that begins at `last` falls due. `the limit is` replaces P, and F where F is longer.
    fn gap_due(
        &self,
        part: &Part<'_>,
        last: Moment,
        is_first: bool,
        (period, first): (&Span, Option<&Span>),
        pauses: &Pauses,
        until: Option<Moment>,
    ) -> Result<Due, habeas_codebook::tree::FieldId> {
        let extent = |span: &Span| self.scene.extent(span, part.by, part.start);
        let after = |span: &Span| Ok(self.scene.add(last, extent(span)?, self.counting()));
        let written = after(if is_first { first.unwrap_or(period) } else { period })?;
        let piece = part.pieces.iter().rev().find(|p| p.start <= last);
        let due = match piece.and_then(|p| p.limit) {
            Some(other) => {
                let other = after(other)?;
                if is_first && first.is_some() { written.min(other) } else { other }
            }
            None => written,
        };
        Ok(pauses.moved(last, due, until))
    }

    /// Takes a gap's verdict if it is worse than what the row has: since and lateness are those of the first gap of that rank.
    fn worsen(&self, row: &mut Row, part: &Part<'_>, verdict: Verdict, since: Moment, late_by: Option<i64>) {
        let excused = part.pieces.iter().rev().find(|p| p.start <= since).and_then(|p| p.excused);
        let rank = if excused.is_some() { Verdict::Excused } else { verdict };
        if rank > row.verdict {
            row.verdict = rank;
            row.since = Some(since);
            row.late_by = late_by;
            row.reason = excused.map(crate::verdict::Reason::Exception);
        }
    }
}
