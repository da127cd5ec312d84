//! The small independent checker behind `habeas check --prove`: it re-proves a row from the entries that the row names, with code
//! that shares nothing with the machines that judged. For a claim of absence it looks through every entry of the subject.
//!
//! What it cannot re-prove it says so ([`Proof::NotTried`]); it never calls a row proven that it has not worked out itself.

mod bodies;
mod conditions;
mod entries;
mod runs;

use crate::verdict::{Asked, Row, Verdict};
use habeas_codebook::log::{EventId, Log, SubjectId};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Body, Codebook, Consequence, Keep, Pattern, Rule, Which, Within};
use std::collections::{BTreeMap, BTreeSet};

/// What a proof comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Worked out again, with the same result.
    Proven,
    /// Not attempted, and why.
    NotTried(&'static str),
}

/// A row that does not follow from its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refutation(pub String);

type Proved = Result<Proof, Refutation>;

/// Checks rows of one log as of one moment.
pub struct Prover<'l> {
    codebook: &'l Codebook,
    log: &'l Log,
    asked: Asked,
    withdrawn: BTreeSet<EventId>,
    /// Corrections that count, in the order of recording, by the entry that they correct.
    corrections: BTreeMap<EventId, Vec<EventId>>,
    of: BTreeMap<SubjectId, Vec<EventId>>,
}

/// What the checker expects of a row.
struct Expected {
    verdict: Verdict,
    due_at: Option<Moment>,
    since: Option<Moment>,
    late_by: Option<i64>,
    rests_on: Vec<EventId>,
}

impl Expected {
    fn plain(verdict: Verdict) -> Self {
        Expected { verdict, due_at: None, since: None, late_by: None, rests_on: Vec::new() }
    }
}

fn refuted<T>(why: impl Into<String>) -> Result<T, Refutation> {
    Err(Refutation(why.into()))
}

impl<'l> Prover<'l> {
    /// Reads what is known of the log: withdrawals, corrections, and who is named where.
    #[must_use]
    pub fn new(codebook: &'l Codebook, log: &'l Log, asked: Asked) -> Self {
        let mut prover = Prover { codebook, log, asked, withdrawn: BTreeSet::new(), corrections: BTreeMap::new(), of: BTreeMap::new() };
        let ids: BTreeMap<&str, EventId> = log.events().map(|e| (log.id(e), e)).collect();
        let corrects = |e: EventId| {
            let field = log.fields(e).iter().find(|(f, _)| codebook.field_names[f.index()] == "corrects")?;
            ids.get(log.text_of(field.1.as_text()?)).copied()
        };
        let known: Vec<EventId> = log.events().filter(|e| log.recorded_at(*e) <= asked.known_at).collect();
        let withdraws = |e: EventId| codebook.withdraws(log.kind(e));
        for event in known.iter().filter(|e| withdraws(**e)) {
            prover.withdrawn.extend(corrects(*event).filter(|t| !withdraws(*t)));
        }
        let mut changing: Vec<EventId> = known.iter().copied().filter(|e| !prover.withdrawn.contains(e)).collect();
        changing.retain(|e| codebook.corrects(log.kind(*e)));
        changing.sort_by_key(|e| (log.recorded_at(*e), *e));
        for event in changing {
            // A correction of a correction is one more correction of the entry itself.
            let is_correction = |e: EventId| codebook.corrects(log.kind(e));
            let mut target = corrects(event);
            for _ in 0..log.len() {
                match target.filter(|t| is_correction(*t)) {
                    Some(between) => target = corrects(between),
                    None => break,
                }
            }
            if let Some(target) = target {
                prover.corrections.entry(target).or_default().push(event);
            }
        }
        for event in known.into_iter().filter(|e| !prover.withdrawn.contains(e)) {
            for subject in log.subjects(event) {
                prover.of.entry(*subject).or_default().push(event);
            }
        }
        prover
    }

    /// Proves or refutes one row.
    ///
    /// # Errors
    /// [`Refutation`] says what does not follow.
    pub fn prove(&self, row: &Row) -> Proved {
        let rule = &self.codebook.rules[row.rule.index()];
        for event in &row.events {
            if !self.stands(*event) {
                return refuted(format!("`{}` is not known, was withdrawn, or lies ahead", self.log.id(*event)));
            }
        }
        if row.verdict == Verdict::Undetermined {
            return Ok(Proof::NotTried("it stands for several possible worlds"));
        }
        let own = self.of.get(&row.subject).map_or(&[][..], Vec::as_slice);
        if row.trigger.into_iter().chain(row.events.iter().copied()).any(|e| self.time(e).is_none()) {
            return Ok(Proof::NotTried("an entry on which it rests has no exact time"));
        }
        if row.trigger.into_iter().chain(row.events.iter().copied()).chain(own.first().copied()).any(|e| self.closes_roughly(e)) {
            return Ok(Proof::NotTried("when the custody closed is not known exactly"));
        }
        if row.record {
            return self.record(rule, row);
        }
        if !rule.pauses.is_empty() {
            return Ok(Proof::NotTried("the time of the rule may stand still"));
        }
        if let (Body::Never { event }, None, Some(cond)) = (&rule.body, row.trigger, &rule.condition) {
            return self.never_while(rule, row, event, cond);
        }
        let Some(excused) = self.exceptions(rule, row)? else { return Ok(Proof::NotTried("a condition reads more than entries")) };
        if row.verdict == Verdict::NotApplicable {
            return self.not_applicable(rule, row, excused.as_ref());
        }
        if excused == Some(Consequence::DoesNotApply) {
            return refuted("an exception says that the rule does not apply");
        }
        let expected = self.expected(rule, row, excused.as_ref())?;
        match expected {
            Some(expected) => self.compare(row, expected, excused == Some(Consequence::Excused)),
            None => Ok(Proof::NotTried("its entries are not all told exactly, or this body is not re-proved")),
        }
    }

    /// What a row of an instance that is judged must say; `None` where that is not worked out here.
    fn expected(&self, rule: &Rule, row: &Row, excused: Option<&Consequence>) -> Result<Option<Expected>, Refutation> {
        let other = match excused {
            Some(Consequence::LimitIs(span)) => Some(span),
            Some(Consequence::DoesNotApply | Consequence::Excused) | None => None,
        };
        Ok(match &rule.body {
            Body::After { which: Which::Each, trigger, answer, forbidden, limit: Within::Span(span) } => {
                self.after(rule, row, trigger, (answer, *forbidden), other.unwrap_or(span))?
            }
            _ if other.is_some() => None,
            Body::Before { event, required, not_older } => self.before(row, event, required, not_older.as_ref())?,
            Body::Never { event } => self.never(row, event)?,
            Body::EveryRecord { event, fields } => self.every_record(row, event, fields)?,
            Body::EverySatisfies { event, cond } => self.every_satisfies(row, event, cond)?,
            Body::EveryRestsOn { event, authority, roles, not_older } => {
                if self.names_authority(row) {
                    None
                } else {
                    self.rests_on(row, event, authority, roles, not_older.as_ref())?
                }
            }
            Body::While { state, keep: Keep::NotLonger { limit, in_any: None, break_of }, .. } => {
                self.not_longer(row, *state, limit, break_of.as_ref())?
            }
            Body::While { state, keep: Keep::Forbidden, .. } => {
                let breach =
                    |run: runs::Run| Expected { since: Some(run.begun), rests_on: vec![run.start], ..Expected::plain(Verdict::Breached) };
                self.run(row, *state)?.map(breach)
            }
            Body::While { state, keep: Keep::Every { event, period, first }, .. } => {
                self.at_least_every(row, *state, event, (period, first.as_ref()))?
            }
            Body::After { .. } | Body::While { .. } | Body::Quantity { .. } | Body::Clock { .. } => None,
        })
    }

    fn compare(&self, row: &Row, mut expected: Expected, excused: bool) -> Proved {
        if excused && matches!(expected.verdict, Verdict::Breached | Verdict::MetLate) {
            expected.verdict = Verdict::Excused;
        }
        let differs = |what: &str| refuted(format!("{what} does not follow from the entries"));
        if row.verdict != expected.verdict {
            return refuted(format!("the verdict should be {}", expected.verdict.as_str()));
        }
        if expected.due_at.is_some() && row.due_at != expected.due_at {
            return differs("due_at");
        }
        if row.since != expected.since {
            return differs("since");
        }
        if row.late_by != expected.late_by {
            return differs("late_by");
        }
        match expected.rests_on.iter().find(|e| !row.events.contains(e)) {
            Some(event) => refuted(format!("the row does not name `{}`, on which it rests", self.log.id(*event))),
            None => Ok(Proof::Proven),
        }
    }

    /// Whether a rule does not apply: by its `where`, by an exception, or because the custody closed before the limit.
    fn not_applicable(&self, rule: &Rule, row: &Row, excused: Option<&Consequence>) -> Proved {
        if row.trigger.is_none() {
            return Ok(Proof::NotTried("it has no trigger"));
        }
        let until = row.due_at.unwrap_or(self.asked.now);
        let where_fails = rule.condition.as_ref().map(|c| self.holds(c, row, until));
        if excused == Some(&Consequence::DoesNotApply) || where_fails == Some(Some(false)) {
            return Ok(Proof::Proven);
        }
        let expected = if matches!(rule.body, Body::After { .. }) { self.expected(rule, row, excused)? } else { None };
        match expected {
            Some(expected) if expected.verdict == Verdict::NotApplicable => Ok(Proof::Proven),
            Some(expected) => refuted(format!("the verdict should be {}", expected.verdict.as_str())),
            None => Ok(Proof::NotTried("why it does not apply is not in its entries")),
        }
    }

    fn trigger(&self, row: &Row, pattern: &Pattern) -> Result<Option<(Moment, EventId)>, Refutation> {
        let Some(trigger) = row.trigger else { return refuted("the row names no trigger") };
        match (self.is(pattern, trigger), self.time(trigger)) {
            (Some(false), _) => refuted(format!("`{}` is not what sets off this rule", self.log.id(trigger))),
            (Some(true), Some(at)) => Ok(Some((at, trigger))),
            (None, _) | (Some(true), None) => Ok(None),
        }
    }

    /// How late an entry was.
    fn record(&self, rule: &Rule, row: &Row) -> Proved {
        let (Some(span), Some(event)) = (&rule.recorded_within, row.trigger) else { return refuted("the rule does not judge entries") };
        let Some(due) = self.time(event).and_then(|at| self.due(rule, span, at)) else {
            return Ok(Proof::NotTried("the time of the entry is not exact"));
        };
        let recorded = self.log.recorded_at(event);
        let late = recorded > due;
        let expected = Expected {
            due_at: Some(due),
            since: late.then_some(due),
            late_by: late.then(|| recorded.since(due)),
            ..Expected::plain(if late { Verdict::MetLate } else { Verdict::Met })
        };
        self.compare(row, expected, false)
    }
}
