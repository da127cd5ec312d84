//! `while S, it must not last longer than L`, with a break, or in any window.

use super::while_state::{Part, Piece};
use super::{Judging, excuse, leave_open};
use crate::due::{Due, Extent, Pauses};
use crate::scene::Entry;
use crate::verdict::{Flags, Row, Verdict};
use habeas_codebook::log::EventId;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Span, StateId};
use smallvec::SmallVec;

/// Parts joined into one stretch: gaps shorter than a break belong to it.
struct Stretch<'r> {
    start: Moment,
    /// End of the last part; `None`: still on.
    end: Option<Moment>,
    by: Option<Entry>,
    events: SmallVec<[EventId; 4]>,
    /// Entry that ended the last part.
    ended_by: Option<EventId>,
    inferred: bool,
    pieces: SmallVec<[Piece<'r>; 1]>,
}

impl Judging<'_, '_> {
    pub(super) fn not_longer(&self, state: StateId, limit: &Span, break_of: Option<&Span>, rows: &mut Vec<Row>) {
        let undivided = self.rule.condition.is_none() && self.rule.exceptions.is_empty() && self.rule.recorded_within.is_none();
        if undivided && break_of.is_none() && self.runs_apart(state, limit, rows) {
            return;
        }
        let mut parts = self.parts(state);
        if parts.len() > 1 {
            parts.sort_by_key(|p| (p.start, p.by.map(|b| b.event)));
        }
        let pauses = self.scene.pauses(&self.rule.pauses);
        for stretch in self.stretches(&parts, break_of) {
            self.judge_stretch(&stretch, limit, break_of, &pauses, rows);
        }
        self.record_turns(&parts, rows);
    }

    /// Where nothing divides the runs and none touches the next, each is a stretch of its own. False, and nothing judged, where some do.
    fn runs_apart(&self, state: StateId, limit: &Span, rows: &mut Vec<Row>) -> bool {
        let runs = self.scene.runs(state);
        if !runs.windows(2).all(|pair| pair[0].end.is_some_and(|end| end < pair[1].start)) {
            return false;
        }
        let pauses = self.scene.pauses(&self.rule.pauses);
        for run in runs.iter().filter(|run| self.in_force(run.start)) {
            let stretch = Stretch {
                start: run.start,
                end: run.end,
                by: run.by,
                events: both(run.by.map(|b| b.event), run.ended_by),
                ended_by: run.ended_by,
                inferred: run.inferred,
                pieces: SmallVec::from_buf([Piece { start: run.start, end: run.end, limit: None, excused: None }]),
            };
            self.judge_stretch(&stretch, limit, None, &pauses, rows);
        }
        true
    }

    fn stretches<'r>(&self, parts: &[Part<'r>], break_of: Option<&Span>) -> SmallVec<[Stretch<'r>; 2]> {
        let mut stretches: SmallVec<[Stretch<'r>; 2]> = SmallVec::new();
        for part in parts {
            let end_event = part.run.ended_by.filter(|_| part.end == part.run.end);
            let joins = |s: &Stretch<'_>| s.end.is_none_or(|end| part.start <= end || part.start < self.break_over(end, s.by, break_of));
            match stretches.last_mut() {
                Some(stretch) if joins(stretch) => {
                    let longer = match (stretch.end, part.end) {
                        (None, _) => false,
                        (Some(_), None) => true,
                        (Some(a), Some(b)) => b >= a,
                    };
                    stretch.events.extend(part.by.map(|b| b.event));
                    stretch.events.extend(end_event);
                    if longer {
                        stretch.end = part.end;
                        stretch.ended_by = end_event;
                        stretch.inferred = part.run.inferred;
                    }
                    stretch.pieces.extend_from_slice(&part.pieces);
                }
                _ => stretches.push(Stretch {
                    start: part.start,
                    end: part.end,
                    by: part.by,
                    events: both(part.by.map(|b| b.event), end_event),
                    ended_by: end_event,
                    inferred: part.run.inferred && part.end == part.run.end,
                    pieces: SmallVec::from_slice(&part.pieces),
                }),
            }
        }
        stretches
    }

    /// When a pause that began at `end` has become a break.
    fn break_over(&self, end: Moment, by: Option<Entry>, break_of: Option<&Span>) -> Moment {
        match break_of.map(|span| self.scene.extent(span, by, end)) {
            Some(Ok(extent)) => self.scene.add(end, extent, self.counting()),
            Some(Err(_)) | None => end,
        }
    }

    fn judge_stretch(&self, stretch: &Stretch<'_>, limit: &Span, break_of: Option<&Span>, pauses: &Pauses, rows: &mut Vec<Row>) {
        let mut row = self.row(stretch.by);
        let extent = self.scene.extent(limit, stretch.by, stretch.start);
        if let (Err(field), Some(by)) = (&extent, stretch.by) {
            leave_open(&mut row, self.missing_field(by, *field));
            return self.push(row, rows);
        }
        for event in &stretch.events {
            if Some(*event) != stretch.by.map(|b| b.event) {
                row.events.push(*event);
            }
        }
        if stretch.inferred {
            row.flags.insert(Flags::END_INFERRED);
        }
        if let Ok(extent) = extent {
            self.measure_stretch(&mut row, stretch, extent, break_of, pauses);
        }
        self.push(row, rows);
    }

    fn measure_stretch(&self, row: &mut Row, stretch: &Stretch<'_>, extent: Extent, break_of: Option<&Span>, pauses: &Pauses) {
        let now = self.scene.now();
        let last = stretch.end.unwrap_or(now);
        let due = self.stretch_due(stretch, extent, pauses, last);
        row.due_at = match due {
            Due::At(due) => Some(due),
            Due::Open | Due::Stopped | Due::Unrecorded(_) => None,
        };
        if let Some((since, over, excused)) = self.exceeded(stretch, extent, pauses, last) {
            row.verdict = Verdict::Breached;
            row.since = Some(since);
            row.due_at = Some(since);
            row.over_by = Some(over);
            row.over_since = stretch.end.is_none().then_some(Moment(now.0 - over));
            return excuse(row, excused);
        }
        let closed = || stretch.by.and_then(|b| self.scene.custody_close(b)).is_some();
        match stretch.end {
            None => row.verdict = Verdict::Pending,
            // A pause not yet long enough to be a break may still turn out to have been none.
            Some(end) if now < self.break_over(end, stretch.by, break_of) && !closed() => {
                row.verdict = Verdict::Pending;
                row.due_at = row.due_at.filter(|due| now <= *due);
            }
            Some(_) => {
                row.verdict = Verdict::Met;
                let ended_by = stretch.ended_by.filter(|_| self.scene.hearing.knowledge().any_belated());
                let known = ended_by.map(|e| self.known_since(e, |at| row.due_at.is_none_or(|due| at <= due)));
                if known.zip(row.due_at).is_some_and(|(known, due)| known > due) {
                    row.flags.insert(Flags::CLEARED_LATE);
                }
            }
        }
    }

    /// The limit that the stretch runs to, by the limit now in force in it.
    fn stretch_due(&self, stretch: &Stretch<'_>, extent: Extent, pauses: &Pauses, last: Moment) -> Due {
        let piece = stretch.pieces.last();
        let extent = piece.and_then(|p| p.limit).and_then(|l| self.scene.extent(l, stretch.by, stretch.start).ok()).unwrap_or(extent);
        pauses.moved(stretch.start, self.scene.add(stretch.start, extent, self.counting()), Some(last))
    }

    /// When the stretch exceeded the limit then in force, by how much in all, and what excuses it.
    fn exceeded(&self, stretch: &Stretch<'_>, extent: Extent, pauses: &Pauses, last: Moment) -> Option<(Moment, i64, Option<u8>)> {
        for (i, piece) in stretch.pieces.iter().enumerate() {
            let extent = piece.limit.and_then(|l| self.scene.extent(l, stretch.by, stretch.start).ok()).unwrap_or(extent);
            let Due::At(due) = pauses.moved(stretch.start, self.scene.add(stretch.start, extent, self.counting()), Some(last)) else {
                continue;
            };
            // A gap that is no break belongs to the piece before it.
            let until = stretch.pieces.get(i + 1).map_or(last, |next| next.start);
            if until > due {
                let since = due.max(piece.start);
                return Some((since, last.since(due), piece.excused));
            }
        }
        None
    }

    pub(super) fn not_longer_in_any(&self, state: StateId, limit: &Span, window: &Span, rows: &mut Vec<Row>) {
        let parts = self.parts(state);
        let Some(first) = parts.first() else { return };
        let (Ok(limit), Ok(window)) = (self.scene.extent(limit, first.by, first.start), self.scene.extent(window, first.by, first.start))
        else {
            return;
        };
        let sum = Sum {
            on: crate::due::join(parts.iter().map(|p| (p.start, p.end))),
            limit: self.scene.add(Moment(0), limit, self.counting()).0,
            window: self.scene.add(Moment(0), window, self.counting()).0,
        };
        let now = self.scene.now();
        let over = sum.exceeded(now);
        for (since, until, most) in &over {
            let during = parts.iter().rev().find(|p| p.start <= *since).or(Some(first));
            let mut row = self.row(during.and_then(|p| p.by));
            row.verdict = Verdict::Breached;
            row.since = Some(*since);
            row.until = *until;
            row.over_by = Some(most - sum.limit);
            let piece = during.and_then(|p| p.pieces.iter().find(|p| p.end.is_none_or(|end| *since < end)));
            excuse(&mut row, piece.and_then(|p| p.excused));
            self.push(row, rows);
        }
        if over.is_empty() {
            let mut row = self.row(first.by);
            let closed = first.by.and_then(|b| self.scene.custody_close(b)).is_some();
            let last = parts.iter().filter_map(|p| p.end).max();
            let open = parts.iter().any(|p| p.end.is_none());
            row.due_at = sum.would_exceed(now).filter(|_| open);
            let over_now = last.is_some_and(|end| now.since(end) >= sum.window);
            row.verdict = if !open && (closed || over_now) { Verdict::Met } else { Verdict::Pending };
            row.events.extend(parts.iter().filter_map(|p| p.run.ended_by));
            self.push(row, rows);
        }
        self.record_turns(&parts, rows);
    }
}

/// One or two events, where they are known.
fn both(first: Option<EventId>, second: Option<EventId>) -> SmallVec<[EventId; 4]> {
    let mut events = SmallVec::new();
    for event in [first, second].into_iter().flatten() {
        events.push(event);
    }
    events
}

/// Time spent in a state, summed over a sliding window. Elapsed time throughout.
struct Sum {
    /// Joined stretches in which the state is on; `None`: still on.
    on: Vec<(Moment, Option<Moment>)>,
    limit: i64,
    window: i64,
}

impl Sum {
    /// Total during `(at - window, at]`.
    fn total(&self, at: Moment) -> i64 {
        let from = Moment(at.0 - self.window);
        self.on.iter().map(|(start, end)| end.unwrap_or(Moment::FAR_OFF).min(at).since((*start).max(from)).max(0)).sum()
    }

    /// Instants between which the total changes at one pace.
    fn bends(&self, until: Moment) -> Vec<Moment> {
        let edges = self.on.iter().flat_map(|(start, end)| std::iter::once(*start).chain(*end));
        let mut bends: Vec<Moment> = edges.flat_map(|m| [m, Moment(m.0 + self.window)]).chain([until]).filter(|m| *m <= until).collect();
        bends.sort_unstable();
        bends.dedup();
        bends
    }

    /// Stretches in which the total is above the limit, with their greatest total; those still so at `now` have no end.
    fn exceeded(&self, now: Moment) -> Vec<(Moment, Option<Moment>, i64)> {
        // What is not too much in all is not too much in any window.
        let in_all: i64 = self.on.iter().map(|(start, end)| end.unwrap_or(now).since(*start).max(0)).sum();
        if in_all <= self.limit {
            return Vec::new();
        }
        let bends = self.bends(now);
        let mut over: Vec<(Moment, Option<Moment>, i64)> = Vec::new();
        let mut above = false;
        for pair in bends.windows(2) {
            let (a, b) = (self.total(pair[0]), self.total(pair[1]));
            if !above && b > self.limit {
                // The total climbs by one second a second, so it crossed the limit this long before the bend.
                over.push((Moment(pair[1].0 - (b - self.limit)), None, b));
                above = true;
            } else if above && let Some(last) = over.last_mut() {
                last.2 = last.2.max(a).max(b);
                if b <= self.limit {
                    last.1 = Some(Moment(pair[0].0 + (a - self.limit)));
                    above = false;
                }
            }
        }
        over
    }

    /// When the limit would be passed if the state simply went on.
    fn would_exceed(&self, now: Moment) -> Option<Moment> {
        let horizon = Moment(now.0 + self.window.max(self.limit) + 1);
        self.exceeded(horizon).first().map(|(since, _, _)| *since)
    }
}
