//! What every `while` body shares: the runs of the state, cut to where the rule holds, and the two prohibitions.

use super::{Judging, excuse};
use crate::conditions::{Stand, Unrecorded};
use crate::scene::Entry;
use crate::states::Run;
use crate::verdict::{Flags, Reason, Row, Verdict};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Cond, Consequence, Holds, Pattern, Span, StateId};
use smallvec::SmallVec;

/// A part of a run during which the rule applies in one way.
#[derive(Clone, Debug)]
pub(super) struct Part<'r> {
    pub(super) start: Moment,
    /// `None`: open, lasts until now.
    pub(super) end: Option<Moment>,
    /// The entry that started the run.
    pub(super) by: Option<Entry>,
    pub(super) run: Run,
    /// Stretches of the part with their own limit or excuse, in order, covering it.
    pub(super) pieces: SmallVec<[Piece<'r>; 1]>,
}

pub(super) type Parts<'r> = SmallVec<[Part<'r>; 1]>;

/// A piece of a part in which the same exception is true throughout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'r> {
    pub(super) start: Moment,
    pub(super) end: Option<Moment>,
    pub(super) limit: Option<&'r Span>,
    pub(super) excused: Option<u8>,
}

/// What a rule says of an instant.
#[derive(Clone, Copy, PartialEq)]
enum Regime<'r> {
    Off,
    On { limit: Option<&'r Span>, excused: Option<u8> },
}

impl<'h> Judging<'_, 'h> {
    /// Runs of a state that began in force, cut to where `where` holds and no exception says that the rule does not apply.
    pub(super) fn parts(&self, state: StateId) -> Parts<'h> {
        self.cut(self.scene.runs(state).iter().filter(|run| self.in_force(run.start)))
    }

    pub(super) fn cut<'r>(&self, runs: impl Iterator<Item = &'r Run>) -> Parts<'h> {
        if self.rule.condition.is_none() && self.rule.exceptions.is_empty() {
            let mut parts = Parts::new();
            for run in runs {
                let pieces = SmallVec::from_buf([Piece { start: run.start, end: run.end, limit: None, excused: None }]);
                parts.push(Part { start: run.start, end: run.end, by: run.by, pieces, run: *run });
            }
            return parts;
        }
        let edges = self.edges();
        let mut parts = Parts::new();
        for run in runs {
            self.cut_run(run, &edges, &mut parts);
        }
        parts
    }

    fn cut_run(&self, run: &Run, edges: &[Moment], parts: &mut Parts<'h>) {
        let inside = edges.iter().copied().filter(|e| *e > run.start && run.end.is_none_or(|end| *e < end));
        let starts: Vec<Moment> = std::iter::once(run.start).chain(inside).collect();
        let mut open: Option<Part<'h>> = None;
        for (i, start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().or(run.end);
            match self.regime(run, *start) {
                Regime::Off => parts.extend(open.take()),
                Regime::On { limit, excused } => {
                    let part = open.get_or_insert_with(|| Part { start: *start, end, by: run.by, run: *run, pieces: SmallVec::new() });
                    part.end = end;
                    match part.pieces.last_mut() {
                        Some(last) if (last.limit.map(std::ptr::from_ref), last.excused) == (limit.map(std::ptr::from_ref), excused) => {
                            last.end = end
                        }
                        _ => part.pieces.push(Piece { start: *start, end, limit, excused }),
                    }
                }
            }
        }
        parts.extend(open);
    }

    fn regime(&self, run: &Run, at: Moment) -> Regime<'h> {
        let stand = Stand { judged: run.by, at, facts_until: at, unrecorded: Unrecorded::False };
        if self.rule.condition.as_ref().is_some_and(|c| !self.scene.holds(c, stand)) {
            return Regime::Off;
        }
        match self.scene.exception(&self.rule.exceptions, stand) {
            Some((i, exception)) => match &exception.then {
                Consequence::DoesNotApply => Regime::Off,
                Consequence::LimitIs(span) => Regime::On { limit: Some(span), excused: None },
                Consequence::Excused => Regime::On { limit: None, excused: Some(i) },
            },
            None => Regime::On { limit: None, excused: None },
        }
    }

    /// Instants at which `where` or an exception may change: births, edges of states, and entries where what they record is asked for.
    pub(super) fn edges(&self) -> Vec<Moment> {
        let conditions = || self.rule.condition.iter().chain(self.rule.exceptions.iter().map(|e| &e.when));
        let mut edges: Vec<Moment> = Vec::new();
        if conditions().any(asks_entries) {
            edges.extend(self.scene.own.iter().map(|e| e.at));
        }
        conditions().for_each(|c| self.condition_edges(c, &mut edges));
        edges.sort_unstable();
        edges.dedup();
        edges.retain(|e| *e <= self.scene.now());
        edges
    }

    fn condition_edges(&self, cond: &Cond, edges: &mut Vec<Moment>) {
        match cond {
            Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|c| self.condition_edges(c, edges)),
            Cond::State(state, _) => self.state_edges(*state, self.scene.subject, edges),
            Cond::Subject(class, _, state, _) => {
                for subject in self.scene.serving(*class) {
                    self.state_edges(*state, subject, edges);
                }
            }
            Cond::Happened(..) => {}
            Cond::Field(operand, _) => {
                if let habeas_codebook::tree::Of::Subject(class) = operand.of {
                    for subject in self.scene.serving(class) {
                        edges.extend(self.scene.history(subject).iter().map(|e| e.at));
                    }
                }
            }
        }
    }

    fn state_edges(&self, state: StateId, subject: habeas_codebook::log::SubjectId, edges: &mut Vec<Moment>) {
        if let Holds::AgeBelow(years) = self.scene.codebook.states[state.index()].holds {
            let persons = self.scene.codebook.states[state.index()].subjects.iter().flat_map(|c| self.scene.serving_of(subject, *c));
            edges.extend(persons.filter_map(|p| self.scene.birthday(p, years)).map(|(birthday, _)| birthday));
        } else {
            edges.extend(self.scene.runs_of(state, subject).iter().flat_map(|r| std::iter::once(r.start).chain(r.end)));
        }
    }

    /// `while S, it is forbidden`: the start of each part is the breach.
    pub(super) fn forbidden(&self, state: StateId, rows: &mut Vec<Row>) {
        let parts = self.parts(state);
        for part in &parts {
            let mut row = self.row(part.by);
            row.verdict = Verdict::Breached;
            row.since = Some(part.start);
            row.until = part.end;
            row.events.extend(part.run.ended_by.filter(|_| part.end == part.run.end));
            self.infer(&mut row, part);
            excuse(&mut row, part.pieces.first().and_then(|p| p.excused));
            self.push(row, rows);
        }
        self.record_turns(&parts, rows);
    }

    /// `while S, no e may happen`: one row for each e inside, else one for each part.
    pub(super) fn no_event_while(&self, state: StateId, event: &Pattern, rows: &mut Vec<Row>) {
        let parts = self.parts(state);
        for part in &parts {
            let inside = self.scene.all(event).filter(|e| {
                let within = part.start <= e.at && part.end.is_none_or(|end| e.at < end);
                within && Some(e.event) != part.by.map(|b| b.event) && part.by.is_none_or(|b| self.scene.joined(b, *e))
            });
            let mut any = false;
            for e in inside {
                any = true;
                let mut row = self.row(Some(e));
                row.verdict = Verdict::Breached;
                row.since = Some(e.at);
                row.events.extend(part.by.map(|b| b.event));
                let piece = part.pieces.iter().find(|p| p.start <= e.at && p.end.is_none_or(|end| e.at < end));
                excuse(&mut row, piece.and_then(|p| p.excused));
                self.push(row, rows);
            }
            if !any {
                self.push(self.kept(part), rows);
            }
        }
        self.record_turns(&parts, rows);
    }

    /// Nothing wrong so far: met if the state has closed, else pending without a due time.
    pub(super) fn kept(&self, part: &Part<'_>) -> Row {
        let mut row = self.row(part.by);
        row.verdict = if part.end.is_some() { Verdict::Met } else { Verdict::Pending };
        if let Some(end) = part.run.ended_by.filter(|_| part.end == part.run.end) {
            row.events.push(end);
        }
        self.infer(&mut row, part);
        row
    }

    pub(super) fn infer(&self, row: &mut Row, part: &Part<'_>) {
        if part.run.inferred && part.end == part.run.end {
            row.flags.insert(Flags::END_INFERRED);
        }
    }

    /// `it must be recorded within`: the starts and ends of S.
    pub(super) fn record_turns(&self, parts: &[Part<'_>], rows: &mut Vec<Row>) {
        if self.rule.recorded_within.is_none() {
            return;
        }
        let turns: Vec<Entry> = parts
            .iter()
            .flat_map(|p| {
                let end = p.run.ended_by.filter(|_| !p.run.inferred && p.end == p.run.end);
                let end = end.and_then(|e| self.entry(e));
                p.by.into_iter().chain(end)
            })
            .collect();
        self.record_rows(turns.into_iter(), rows);
    }

    /// A trigger-less row `n.a.`: the rule never held of this subject.
    pub(super) fn never_held(&self) -> Row {
        self.not_applicable(None, Reason::Where)
    }
}

/// Whether a condition asks more than which states hold.
fn asks_entries(cond: &Cond) -> bool {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().any(asks_entries),
        Cond::State(..) | Cond::Subject(..) => false,
        Cond::Happened(..) | Cond::Field(..) => true,
    }
}
