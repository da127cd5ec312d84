//! The small independent checker behind `habeas check --prove`: it re-proves a row from the entries that the row names, with code
//! that shares nothing with the machines that judged. For a claim of absence it looks through every entry of the subject.
//!
//! What it cannot re-prove it says so ([`Proof::NotTried`]); it never calls a row proven that it has not worked out itself.

use crate::verdict::{Asked, Row, Verdict};
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::{Length, Moment, Overflow, Precision};
use habeas_codebook::tree::{
    Body, Builtin, Codebook, Cond, Consequence, EventName, FieldId, FieldType, Holds, Keep, LimitValue, Of, Operand, Pattern, Rule, Span,
    StateId, Term, Test, Which, Within,
};
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

/// A stretch in which a state holds.
struct Run {
    start: EventId,
    begun: Moment,
    /// None: it still holds.
    end: Option<Moment>,
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
        let withdraws = |e: EventId| log.kind(e) == Builtin::Withdrawal.kind() || codebook.kind(log.kind(e)).withdraws;
        for event in known.iter().filter(|e| withdraws(**e)) {
            prover.withdrawn.extend(corrects(*event).filter(|t| !withdraws(*t)));
        }
        let mut changing: Vec<EventId> = known.iter().copied().filter(|e| !prover.withdrawn.contains(e)).collect();
        changing.retain(|e| log.kind(*e) == Builtin::Correction.kind() || codebook.kind(log.kind(*e)).corrects);
        changing.sort_by_key(|e| (log.recorded_at(*e), *e));
        for event in changing {
            // A correction of a correction is one more correction of the entry itself.
            let is_correction = |e: EventId| log.kind(e) == Builtin::Correction.kind() || codebook.kind(log.kind(e)).corrects;
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
        if own.iter().any(|e| self.time(*e).is_none()) {
            return Ok(Proof::NotTried("an entry of the subject has no exact time"));
        }
        if row.trigger.into_iter().chain(row.events.iter().copied()).any(|e| self.closes_roughly(e)) {
            return Ok(Proof::NotTried("when the custody closed is not known exactly"));
        }
        if row.record {
            return self.record(rule, row);
        }
        if !rule.pauses.is_empty() {
            return Ok(Proof::NotTried("the time of the rule may stand still"));
        }
        let Some(excused) = self.exceptions(rule, row)? else { return Ok(Proof::NotTried("a condition reads more than entries")) };
        if row.verdict == Verdict::NotApplicable {
            return self.not_applicable(rule, row, excused.is_some());
        }
        if excused == Some(Consequence::DoesNotApply) {
            return refuted("an exception says that the rule does not apply");
        }
        let expected = match &rule.body {
            Body::After { which: Which::Each, trigger, answer, forbidden, limit: Within::Span(span) } => {
                self.after(rule, row, trigger, (answer, *forbidden), span)?
            }
            Body::Before { event, required, not_older } => self.before(row, event, required, not_older.as_ref())?,
            Body::Never { event } => self.never(row, event)?,
            Body::EveryRecord { event, fields } => self.every_record(row, event, fields)?,
            Body::EverySatisfies { event, cond } => self.every_satisfies(row, event, cond)?,
            Body::EveryRestsOn { event, authority, roles, not_older } => {
                if self.names_authority(row) {
                    return Ok(Proof::NotTried("the event names its authority"));
                }
                self.rests_on(row, event, authority, roles, not_older.as_ref())?
            }
            Body::While { state, keep: Keep::NotLonger { limit, in_any: None, break_of: None }, .. } => {
                self.not_longer(row, *state, limit)?
            }
            Body::While { state, keep: Keep::Forbidden, .. } => {
                let breach =
                    |run: Run| Expected { since: Some(run.begun), rests_on: vec![run.start], ..Expected::plain(Verdict::Breached) };
                self.run(row, *state)?.map(breach)
            }
            Body::While { state, keep: Keep::Every { event, period, first }, .. } => {
                self.at_least_every(row, *state, event, (period, first.as_ref()))?
            }
            Body::After { .. } | Body::While { .. } | Body::Quantity { .. } | Body::Clock { .. } => None,
        };
        match expected {
            Some(expected) => self.compare(row, expected, excused.is_some()),
            None => Ok(Proof::NotTried("this body is not re-proved")),
        }
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

    fn stands(&self, event: EventId) -> bool {
        let known = self.log.recorded_at(event) <= self.asked.known_at && !self.withdrawn.contains(&event);
        known && self.time(event).is_none_or(|at| at <= self.asked.now)
    }

    /// When an entry happened, with corrections; `None` when that is not exact.
    fn time(&self, event: EventId) -> Option<Moment> {
        let mut at = self.log.at(event);
        for correction in self.corrections.get(&event).into_iter().flatten() {
            for (field, value) in self.log.fields(*correction) {
                if let (Value::Time(moved), "at") = (value, self.codebook.field_names[field.index()].as_str()) {
                    at = **moved;
                }
            }
        }
        (at.precision == Precision::Exact || at.is_exact()).then_some(at.earliest)
    }

    fn field(&self, event: EventId, name: FieldId) -> Option<&Value> {
        let corrected = self.corrections.get(&event).into_iter().flatten().rev().find_map(|c| self.log.field(*c, name));
        corrected.or_else(|| self.log.field(event, name))
    }

    /// Entries of a subject that a pattern asks for, by time.
    fn all(&self, subject: SubjectId, pattern: &Pattern) -> Option<Vec<(Moment, EventId)>> {
        let mut found = Vec::new();
        for event in self.of.get(&subject).into_iter().flatten() {
            let at = self.time(*event)?;
            if at <= self.asked.now && self.is(pattern, *event)? {
                found.push((at, *event));
            }
        }
        found.sort();
        Some(found)
    }

    /// Entries of a subject that one of several patterns asks for.
    fn all_of(&self, subject: SubjectId, patterns: &[Pattern]) -> Option<Vec<(Moment, EventId)>> {
        let found: Option<Vec<_>> = patterns.iter().map(|pattern| self.all(subject, pattern)).collect();
        Some(found?.concat())
    }

    /// Whether an entry is what a pattern asks for; `None` when a test cannot be worked out here.
    fn is(&self, pattern: &Pattern, event: EventId) -> Option<bool> {
        let (kind, tests) = self.codebook.expand(pattern);
        if self.log.kind(event) != kind {
            return Some(false);
        }
        let mut passes = true;
        for (field, test) in tests {
            passes &= self.passes(self.field(event, *field), test)?;
        }
        Some(passes)
    }

    fn passes(&self, value: Option<&Value>, test: &Test) -> Option<bool> {
        let Some(value) = value else { return Some(false) };
        if *value == Value::Sealed {
            return None;
        }
        let all = if let Value::Several(values) = value { values.as_ref() } else { std::slice::from_ref(value) };
        let alone = |term: &Term| if let [only] = all { self.is_called(only, term) } else { Some(false) };
        let among = |term: &Term| all.iter().try_fold(false, |any, one| Some(any | self.is_called(one, term)?));
        match test {
            Test::Known => Some(true),
            Test::Is(yes, term) => Some(alone(term)? == *yes),
            Test::OneOf(terms) => terms.iter().try_fold(false, |any, t| Some(any | alone(t)?)),
            Test::Includes(yes, term) => Some(among(term)? == *yes),
            Test::IncludesAll(terms) => terms.iter().try_fold(true, |all, t| Some(all & among(t)?)),
            Test::Compare(..) => None,
        }
    }

    /// Whether one value is what a word means; `None` where the word stands for another field.
    fn is_called(&self, value: &Value, term: &Term) -> Option<bool> {
        let chosen = |word: &str| if let Value::Choice(has) = value { self.codebook.value_names[has.index()] == word } else { false };
        let spelt = |word: &str| value.as_text().is_some_and(|text| self.log.text_of(text) == word);
        match term {
            Term::Value(wanted, _) => {
                let word = &self.codebook.value_names[wanted.index()];
                Some(chosen(word) || spelt(word))
            }
            Term::YesNo(wanted) => Some(*value == Value::YesNo(*wanted) || chosen(if *wanted { "yes" } else { "no" })),
            Term::Role(wanted, _) => Some(*value == Value::Role(*wanted) || chosen(&self.codebook.roles[wanted.index()].name)),
            Term::Other(_) | Term::Rule(..) | Term::Grade(_) => None,
        }
    }

    /// Whether two entries agree on every class that both name, things excepted.
    fn agree(&self, one: EventId, other: EventId) -> bool {
        self.log.subjects(one).iter().all(|s| {
            let class = self.log.class_of(*s);
            self.codebook.class(class).thing || self.log.subject_of(other, class).is_none_or(|t| t == *s)
        })
    }

    /// Whether the custody that an entry names has a close of unknown time.
    fn closes_roughly(&self, event: EventId) -> bool {
        let Some(class) = self.codebook.class_named("custody") else { return false };
        let Some(custody) = self.log.subject_of(event, class) else { return false };
        let closing = |e: &EventId| self.codebook.kind(self.log.kind(*e)).closes.contains(&class);
        self.of.get(&custody).into_iter().flatten().any(|e| closing(e) && self.time(*e).is_none())
    }

    /// The earliest close of the custody that an entry names.
    fn closed(&self, event: EventId) -> Option<Moment> {
        let class = self.codebook.class_named("custody")?;
        let custody = self.log.subject_of(event, class)?;
        let closing = |e: &&EventId| self.codebook.kind(self.log.kind(**e)).closes.contains(&class);
        let times = self.of.get(&custody)?.iter().filter(closing).filter_map(|e| self.time(*e));
        times.filter(|at| *at <= self.asked.now).min()
    }

    fn due(&self, rule: &Rule, span: &Span, from: Moment) -> Option<Moment> {
        let length: Length = match span {
            Span::Length(length, _) => *length,
            Span::Limit(limit, _) => match self.codebook.limits[limit.index()].versions.as_slice() {
                [version] => match version.value {
                    LimitValue::Length(length) => length,
                    LimitValue::Quantity(_) => return None,
                },
                _ => return None,
            },
            Span::Field(..) => return None,
        };
        Some(self.codebook.almanac.add(from, length, rule.days.count(), Overflow::LastDay))
    }

    /// What excuses the row: `Ok(None)` when a condition cannot be worked out here, else the consequence that is true, if any.
    fn exceptions(&self, rule: &Rule, row: &Row) -> Result<Option<Option<Consequence>>, Refutation> {
        let until = match (&rule.body, row.due_at) {
            (Body::After { .. }, Some(due)) => due,
            (Body::After { .. }, None) => self.asked.now,
            _ => row.trigger.and_then(|t| self.time(t)).unwrap_or(self.asked.now),
        };
        if let Some(cond) = &rule.condition {
            match self.holds(cond, row, until) {
                None => return Ok(None),
                Some(false) if row.verdict != Verdict::NotApplicable => return refuted("`where` is not true of the trigger"),
                Some(_) => {}
            }
        }
        for exception in &rule.exceptions {
            match (self.holds(&exception.when, row, until), &exception.then) {
                (None, _) | (Some(true), Consequence::LimitIs(_)) => return Ok(None),
                (Some(true), then) => return Ok(Some(Some(then.clone()))),
                (Some(false), _) => {}
            }
        }
        Ok(Some(None))
    }

    /// A condition on entries and fields; `None` when it reads states, ages or facts.
    fn holds(&self, cond: &Cond, row: &Row, until: Moment) -> Option<bool> {
        match cond {
            Cond::All(parts) => parts.iter().try_fold(true, |all, c| Some(all & self.holds(c, row, until)?)),
            Cond::Any(parts) => parts.iter().try_fold(false, |any, c| Some(any | self.holds(c, row, until)?)),
            Cond::Happened(pattern, happened) => {
                let found = self.all(row.subject, pattern)?;
                let joined = |e: EventId| row.trigger.is_none_or(|t| self.agree(t, e));
                Some(found.iter().any(|(at, e)| *at <= until && joined(*e)) == *happened)
            }
            Cond::Field(Operand { field, of: Of::Judged | Of::Event(EventName::Kind(_)), .. }, test) => {
                let trigger = row.trigger?;
                let known = self.codebook.kind(self.log.kind(trigger)).fields.iter().any(|f| f.name == *field);
                if known { self.passes(self.field(trigger, *field), test) } else { None }
            }
            Cond::Subject(_, is, state, _) => {
                let at = row.trigger.and_then(|t| self.time(t))?;
                let Holds::AgeBelow(years) = self.codebook.states[state.index()].holds else { return None };
                Some(self.is_below(row.subject, years, at)? == *is)
            }
            Cond::Field(..) | Cond::State(..) => None,
        }
    }

    /// Whether one of the persons whom the subject's entries name is below an age; `None` when a birth date is not known.
    fn is_below(&self, subject: SubjectId, years: u32, at: Moment) -> Option<bool> {
        let class = self.codebook.class_named("person")?;
        let born = FieldId(self.codebook.field_names.iter().position(|f| f == "born")? as u16);
        let own = self.of.get(&subject)?;
        let persons: BTreeSet<SubjectId> = own.iter().filter_map(|e| self.log.subject_of(*e, class)).collect();
        if persons.is_empty() {
            return None;
        }
        let mut any = false;
        for person in persons {
            let told = self.of.get(&person)?;
            if told.iter().any(|e| self.time(*e).is_none()) {
                return None;
            }
            let describes = |e: &&EventId| self.codebook.kind(self.log.kind(**e)).describes.contains(&class) && self.stands(**e);
            let mut described: Vec<EventId> = told.iter().filter(describes).copied().collect();
            described.sort_by_key(|e| (self.time(*e), *e));
            let given = self.log.facts().iter().find(|(s, f, _)| *s == person && *f == born).map(|(_, _, v)| v);
            let Some(Value::Date(_, latest)) = described.iter().rev().find_map(|e| self.field(*e, born)).or(given) else { return None };
            // A day that does not exist in the year of the birthday goes to the first of the next month.
            let year = latest.year().checked_add(i16::try_from(years).ok()?)?;
            let birthday = jiff::civil::Date::new(year, latest.month(), latest.day());
            let birthday = birthday.or_else(|_| jiff::civil::Date::new(year, latest.month() + 1, 1)).ok()?;
            any |= at < self.codebook.almanac.start_of(birthday);
        }
        Some(any)
    }

    fn not_applicable(&self, rule: &Rule, row: &Row, excepted: bool) -> Proved {
        let Some(trigger) = row.trigger else { return Ok(Proof::NotTried("it has no trigger")) };
        let until = row.due_at.unwrap_or(self.asked.now);
        let where_fails = rule.condition.as_ref().map(|c| self.holds(c, row, until));
        let lapsed = !rule.outlasts && self.closed(trigger).is_some();
        if excepted || where_fails == Some(Some(false)) || lapsed {
            return Ok(Proof::Proven);
        }
        Ok(Proof::NotTried("why it does not apply is not in its entries"))
    }

    fn trigger(&self, row: &Row, pattern: &Pattern) -> Result<Option<(Moment, EventId)>, Refutation> {
        let Some(trigger) = row.trigger else { return refuted("the row names no trigger") };
        match (self.is(pattern, trigger), self.time(trigger)) {
            (Some(false), _) => refuted(format!("`{}` is not what sets off this rule", self.log.id(trigger))),
            (Some(true), Some(at)) => Ok(Some((at, trigger))),
            (None, _) | (Some(true), None) => Ok(None),
        }
    }

    fn after(
        &self,
        rule: &Rule,
        row: &Row,
        trigger: &Pattern,
        (answer, forbidden): (&Pattern, bool),
        span: &Span,
    ) -> Result<Option<Expected>, Refutation> {
        let Some((at, a)) = self.trigger(row, trigger)? else { return Ok(None) };
        let (Some(due), Some(answers)) = (self.due(rule, span, at), self.all(row.subject, answer)) else { return Ok(None) };
        let first = answers.into_iter().find(|(b_at, b)| *b_at >= at && *b != a && self.agree(a, *b));
        let closed = self.closed(a).filter(|_| !rule.outlasts);
        let mut expected = Expected { due_at: Some(due), rests_on: vec![a], ..Expected::plain(Verdict::Pending) };
        if forbidden {
            match first.filter(|(b_at, _)| *b_at <= due) {
                Some((b_at, b)) => {
                    expected.verdict = Verdict::Breached;
                    expected.since = Some(b_at);
                    expected.rests_on.push(b);
                }
                None if self.asked.now > due || closed.is_some() => expected.verdict = Verdict::Met,
                None => {}
            }
            return Ok(Some(expected));
        }
        match first {
            Some((b_at, b)) if b_at <= due => {
                expected.verdict = Verdict::Met;
                expected.rests_on.push(b);
            }
            Some((b_at, b)) if closed.is_none_or(|c| b_at <= c && due < c) => {
                expected.verdict = Verdict::MetLate;
                expected.since = Some(due);
                expected.late_by = Some(b_at.since(due));
                expected.rests_on.push(b);
            }
            _ if closed.is_some_and(|c| due >= c) => expected.verdict = Verdict::NotApplicable,
            _ if self.asked.now > due => {
                expected.verdict = Verdict::Breached;
                expected.since = Some(due);
            }
            _ => {}
        }
        Ok(Some(expected))
    }

    fn before(&self, row: &Row, event: &Pattern, required: &Pattern, not_older: Option<&Span>) -> Result<Option<Expected>, Refutation> {
        let rule = &self.codebook.rules[row.rule.index()];
        let Some((at, a)) = self.trigger(row, event)? else { return Ok(None) };
        let Some(found) = self.all(row.subject, required) else { return Ok(None) };
        let last = found.into_iter().rfind(|(b_at, b)| *b_at <= at && *b != a && self.agree(a, *b));
        // An earlier one is older still.
        let fresh = match (last, not_older) {
            (Some((b_at, _)), Some(span)) => match self.due(rule, span, b_at) {
                Some(until) => until >= at,
                None => return Ok(None),
            },
            (Some(_), None) | (None, _) => true,
        };
        Ok(Some(match last.filter(|_| fresh) {
            Some((_, b)) => Expected { rests_on: vec![a, b], ..Expected::plain(Verdict::Met) },
            None => Expected { since: Some(at), rests_on: vec![a], ..Expected::plain(Verdict::Breached) },
        }))
    }

    fn never(&self, row: &Row, event: &Pattern) -> Result<Option<Expected>, Refutation> {
        if row.trigger.is_some() {
            let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
            return Ok(Some(Expected { since: Some(at), rests_on: vec![e], ..Expected::plain(Verdict::Breached) }));
        }
        let rule = &self.codebook.rules[row.rule.index()];
        let Some(found) = self.all(row.subject, event).filter(|_| rule.until.is_none()) else { return Ok(None) };
        if !found.is_empty() {
            return refuted("an entry that the rule forbids is there, but the row names none");
        }
        let class = self.log.class_of(row.subject);
        let closes = |e: &EventId| self.codebook.kind(self.log.kind(*e)).closes.contains(&class) && self.stands(*e);
        let closed = self.of.get(&row.subject).is_some_and(|events| events.iter().any(closes));
        Ok(Some(Expected::plain(if closed { Verdict::Met } else { Verdict::Pending })))
    }

    fn every_record(&self, row: &Row, event: &Pattern, fields: &[FieldId]) -> Result<Option<Expected>, Refutation> {
        let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
        if self.corrections.contains_key(&e) {
            return Ok(None);
        }
        Ok(Some(if fields.iter().all(|f| self.field(e, *f).is_some()) {
            Expected::plain(Verdict::Met)
        } else {
            Expected { since: Some(at), ..Expected::plain(Verdict::Breached) }
        }))
    }

    fn every_satisfies(&self, row: &Row, event: &Pattern, cond: &Cond) -> Result<Option<Expected>, Refutation> {
        let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
        let unrecorded = self.codebook.kind(self.log.kind(e)).fields.iter().any(|f| self.field(e, f.name).is_none());
        Ok(self.holds(cond, row, at).filter(|held| *held || !unrecorded).map(|held| {
            if held { Expected::plain(Verdict::Met) } else { Expected { since: Some(at), ..Expected::plain(Verdict::Breached) } }
        }))
    }

    fn names_authority(&self, row: &Row) -> bool {
        row.trigger.is_some_and(|e| {
            let fields = &self.codebook.kind(self.log.kind(e)).fields;
            fields.iter().any(|f| matches!(f.of, FieldType::Ref(_)) && self.field(e, f.name).is_some())
        })
    }

    fn rests_on(
        &self,
        row: &Row,
        event: &Pattern,
        authority: &Pattern,
        roles: &[habeas_codebook::tree::RoleId],
        not_older: Option<&Span>,
    ) -> Result<Option<Expected>, Refutation> {
        let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
        let rule = &self.codebook.rules[row.rule.index()];
        let named = |name: &str| self.codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16));
        let Some(found) = self.all(row.subject, authority) else { return Ok(None) };
        for (b_at, b) in found.into_iter().rev().filter(|(b_at, b)| *b_at <= at && self.agree(e, *b)) {
            let given = named("by").and_then(|f| self.field(b, f));
            let by_role = roles.iter().any(|r| given == Some(&Value::Role(*r)));
            let fresh = match not_older.map(|span| self.due(rule, span, b_at)) {
                Some(None) => return Ok(None),
                Some(Some(until)) => at <= until,
                None => true,
            };
            let expired = match named("valid until").and_then(|f| self.field(b, f)) {
                Some(Value::Time(until)) => at > until.latest,
                Some(_) => return Ok(None),
                None => false,
            };
            if by_role && fresh && !expired {
                return Ok(Some(Expected { rests_on: vec![e, b], ..Expected::plain(Verdict::Met) }));
            }
        }
        Ok(Some(Expected { since: Some(at), rests_on: vec![e], ..Expected::plain(Verdict::Breached) }))
    }

    /// A run of a state, from the entry that the row names to the next end; `None` where runs may touch or join, or the rule tells them
    /// apart.
    fn run(&self, row: &Row, state: StateId) -> Result<Option<Run>, Refutation> {
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
        let closed = custody.and_then(|_| self.closed(start)).filter(|close| *close > begun);
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
    fn not_longer(&self, row: &Row, state: StateId, limit: &Span) -> Result<Option<Expected>, Refutation> {
        let rule = &self.codebook.rules[row.rule.index()];
        let Some(Run { begun, end, .. }) = self.run(row, state)? else { return Ok(None) };
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

    /// Whether no gap of a run was longer than allowed: the row has the worst, and the first of those.
    fn at_least_every(
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
