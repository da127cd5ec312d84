//! A naive oracle: rule-language.md read aloud in code, one plain function for each sentence, over a list of events.
//!
//! It shares nothing with the machines but the tree, the log's types and the almanac. It looks at every event for every question, asks
//! every instant that there is, and never remembers an answer; it is the reading that the machines are held against. It knows exact
//! times only: what is known roughly is judged in worlds, and each world is a list of events with exact times.

mod bodies;
mod flags;
mod responses;
mod states;
mod whiles;

use crate::histories::{Ready, Spelt};
use habeas_codebook::log::{Lasting, Value};
use habeas_codebook::moment::{DayCount, Length, Moment, Overflow};
use habeas_codebook::tree::{
    Amount, ClassId, Codebook, Cond, Consequence, EventName, FieldId, KindId, LimitId, LimitValue, Measure, Of, Operand, Pattern, Relation,
    Rule, Span, Term, Test,
};
use habeas_monitor::{Flags, Verdict};
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// A subject by class and id.
pub(crate) type Subject = (ClassId, String);

/// An event as known, at one instant.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// Place in the order of entry.
    order: usize,
    kind: KindId,
    at: Moment,
    recorded: Moment,
    /// When it was first said to have happened, and when the correction was recorded that says otherwise.
    moved: Option<(Moment, Moment)>,
    subjects: Vec<Subject>,
    fields: Vec<(FieldId, Spelt)>,
    /// Fields that a correction supplied, and when it was recorded.
    supplied: Vec<(FieldId, Moment)>,
}

/// What the oracle says of a rule and a subject.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) record: bool,
    /// Index into [`Oracle::events`].
    pub(crate) trigger: Option<usize>,
    pub(crate) verdict: Verdict,
    pub(crate) due: Option<Moment>,
    pub(crate) since: Option<Moment>,
    pub(crate) until: Option<Moment>,
    pub(crate) late: Option<i64>,
    pub(crate) over: Option<i64>,
    pub(crate) flags: Flags,
    /// Entries that it rests on.
    pub(crate) rests_on: Vec<usize>,
}

impl Said {
    fn new(trigger: Option<usize>, verdict: Verdict) -> Self {
        let (flags, rests_on) = (Flags::default(), trigger.into_iter().collect());
        Said { record: false, trigger, verdict, due: None, since: None, until: None, late: None, over: None, flags, rests_on }
    }

    /// Rests on these as well.
    fn with(mut self, events: impl IntoIterator<Item = usize>) -> Self {
        self.rests_on.extend(events);
        self
    }

    /// Has a flag, where something is so.
    fn flagged(mut self, flag: Flags, is_so: bool) -> Self {
        if is_so {
            self.flags.insert(flag);
        }
        self
    }
}

/// Everything known at a moment, in order of time.
pub(crate) struct Oracle<'a> {
    codebook: &'a Codebook,
    pub(crate) events: Vec<Event>,
    now: Moment,
}

/// On what a condition is judged.
#[derive(Clone, Copy)]
struct Stand<'s> {
    subject: &'s Subject,
    judged: Option<usize>,
    /// States and ages are those of this instant.
    at: Moment,
    /// Events and facts count up to this one.
    until: Moment,
    /// `must satisfy`: what was not recorded is unknown, not false.
    strict: bool,
}

/// Section 4: corrections and withdrawals as recorded by `known_at`; entries ahead of `now` are not yet there.
fn as_known(codebook: &Codebook, entries: &[Ready], now: Moment, known_at: Moment) -> Vec<Event> {
    let field = |name: &str| FieldId(codebook.field_names.iter().position(|f| f == name).expect("a built-in field") as u16);
    let (corrects, at_field) = (field("corrects"), field("at"));
    let known: Vec<(usize, &Ready)> = entries.iter().enumerate().filter(|(_, e)| e.recorded_at <= known_at).collect();
    let target = |e: &Ready| -> Option<String> {
        e.fields.iter().find_map(|(f, v)| if let (true, Spelt::Text(id)) = (*f == corrects, v) { Some(id.clone()) } else { None })
    };
    let called = |id: &str| known.iter().find(|(_, e)| e.id == id).map(|(_, e)| *e);
    let is_withdrawn = |id: &str| {
        let by = known.iter().any(|(_, e)| e.kind == KindId(1) && target(e).as_deref() == Some(id));
        by && called(id).is_none_or(|e| e.kind != KindId(1))
    };
    // A correction of a correction is one more correction of the event itself.
    let root = |e: &Ready| {
        let mut id = target(e)?;
        for _ in 0..entries.len() {
            match called(&id).filter(|e| e.kind == KindId(0)).and_then(target) {
                Some(next) => id = next,
                None => break,
            }
        }
        Some(id)
    };
    let mut corrections: Vec<&(usize, &Ready)> = known.iter().filter(|(_, e)| e.kind == KindId(0) && !is_withdrawn(&e.id)).collect();
    corrections.sort_by_key(|(n, e)| (e.recorded_at, *n));
    let mut events = Vec::new();
    for (order, e) in known.iter().filter(|(_, e)| !is_withdrawn(&e.id)) {
        let (mut at, mut moved, mut fields, mut supplied) = (e.at.earliest, None, e.fields.clone(), Vec::new());
        for (_, correction) in corrections.iter().filter(|(_, c)| root(c).as_deref() == Some(e.id.as_str())) {
            for (name, value) in correction.fields.iter().filter(|(f, _)| *f != corrects) {
                if let (true, Spelt::Value(Value::Time(new))) = (*name == at_field, value) {
                    at = new.earliest;
                    moved = Some((e.at.earliest, correction.recorded_at));
                    continue;
                }
                fields.retain(|(f, _)| f != name);
                supplied.retain(|(f, _)| f != name);
                fields.push((*name, value.clone()));
                supplied.push((*name, correction.recorded_at));
            }
        }
        supplied.retain(|(f, _)| e.fields.iter().all(|(own, _)| own != f));
        let (subjects, kind, recorded) = (e.subjects.clone(), e.kind, e.recorded_at);
        events.push(Event { id: e.id.clone(), order: *order, kind, at, recorded, moved, subjects, fields, supplied });
    }
    events.retain(|e| e.at <= now);
    events.sort_by_key(|e| (e.at, e.order));
    events
}

/// Three values, joined by `or` (one that is true decides) or by `and` (one that is false decides).
fn joined_by(said: impl Iterator<Item = Option<bool>>, decides: bool) -> Option<bool> {
    let said: Vec<Option<bool>> = said.collect();
    if said.contains(&Some(decides)) {
        Some(decides)
    } else if said.contains(&None) {
        None
    } else {
        Some(!decides)
    }
}

impl<'a> Oracle<'a> {
    pub(crate) fn new(codebook: &'a Codebook, entries: &[Ready], now: Moment, known_at: Moment) -> Self {
        Oracle { codebook, events: as_known(codebook, entries, now, known_at), now }
    }

    /// Every subject that an event names.
    pub(crate) fn subjects(&self) -> Vec<Subject> {
        let mut all: Vec<Subject> = self.events.iter().flat_map(|e| e.subjects.clone()).collect();
        all.sort();
        all.dedup();
        all
    }

    fn at(&self, event: usize) -> Moment {
        self.events[event].at
    }

    /// Events that name a subject, in order of time.
    fn naming(&self, subject: &Subject) -> Vec<usize> {
        (0..self.events.len()).filter(|e| self.events[*e].subjects.contains(subject)).collect()
    }

    fn subject_of(&self, event: usize, class: ClassId) -> Option<&Subject> {
        self.events[event].subjects.iter().find(|(c, _)| *c == class)
    }

    fn is_thing(&self, class: ClassId) -> bool {
        self.codebook.class(class).thing
    }

    /// "The earliest known close counts."
    fn close(&self, subject: &Subject) -> Option<(Moment, usize)> {
        let closes = |e: &usize| self.codebook.kind(self.events[*e].kind).closes.contains(&subject.0);
        self.naming(subject).into_iter().find(closes).map(|e| (self.at(e), e))
    }

    /// The close of the custody that an event names.
    fn custody_close(&self, event: usize) -> Option<Moment> {
        let custody = self.codebook.class_named("custody")?;
        self.close(self.subject_of(event, custody)?).map(|c| c.0)
    }

    /// "The life of a subject begins with the first event naming it and ends with its close."
    fn life(&self, subject: &Subject) -> Option<(Moment, Option<Moment>)> {
        Some((self.at(*self.naming(subject).first()?), self.close(subject).map(|c| c.0)))
    }

    /// Subjects that serve another: those that events name together with it, or with something that is tied to it and is no thing.
    fn serving(&self, subject: &Subject, class: ClassId) -> Vec<Subject> {
        if subject.0 == class {
            return vec![subject.clone()];
        }
        let beside = |s: &Subject| -> Vec<Subject> {
            let mut found: Vec<Subject> = Vec::new();
            for other in self.naming(s).into_iter().flat_map(|e| self.events[e].subjects.clone()) {
                if other.0 != s.0 && !found.contains(&other) {
                    found.push(other);
                }
            }
            found
        };
        let of_class = |all: Vec<Subject>| -> Vec<Subject> { all.into_iter().filter(|s| s.0 == class).collect() };
        let direct = of_class(beside(subject));
        if !direct.is_empty() || self.is_thing(subject.0) {
            return direct;
        }
        let mut found: Vec<Subject> = Vec::new();
        for middle in beside(subject).into_iter().filter(|s| !self.is_thing(s.0)) {
            for one in of_class(beside(&middle)) {
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
        found
    }

    /// "b must share the rule's subject, and also every other subject that both a and b name, things excepted."
    fn joined(&self, subject: &Subject, a: usize, b: usize) -> bool {
        self.events[a].subjects.iter().all(|ours| {
            let other = self.subject_of(b, ours.0);
            self.is_thing(ours.0) || ours == subject || other.is_none_or(|theirs| theirs == ours)
        })
    }

    fn field(&self, event: usize, field: FieldId) -> Option<&Spelt> {
        self.events[event].fields.iter().find(|(f, _)| *f == field).map(|(_, v)| v)
    }

    /// An event is what a pattern asks for: its kind, and every test of it and of its aliases.
    fn matches(&self, pattern: &Pattern, event: usize) -> bool {
        let (kind, tests) = self.codebook.expand(pattern);
        let stand =
            Stand { subject: &(ClassId(0), String::new()), judged: Some(event), at: self.at(event), until: self.at(event), strict: false };
        self.events[event].kind == kind && tests.iter().all(|(f, test)| self.test(self.field(event, *f), test, stand) == Some(true))
    }

    /// Events of a subject that are what a pattern asks for, in order of time.
    fn all(&self, subject: &Subject, pattern: &Pattern) -> Vec<usize> {
        self.naming(subject).into_iter().filter(|e| self.matches(pattern, *e)).collect()
    }

    /// A fact: "in force from `at` until described anew".
    fn fact(&self, subject: &Subject, field: FieldId, at: Moment) -> Option<&Spelt> {
        self.told_by(subject, field, at).and_then(|e| self.field(e, field))
    }

    /// The event that tells a fact.
    fn told_by(&self, subject: &Subject, field: FieldId, at: Moment) -> Option<usize> {
        let describes = |e: &usize| self.codebook.kind(self.events[*e].kind).describes.contains(&subject.0) && self.at(*e) <= at;
        self.naming(subject).into_iter().rev().filter(describes).find(|e| self.field(*e, field).is_some())
    }

    /// Since when it is known that an event happened at a time that fits: its record, or the correction that gave it such a time.
    fn known_since(&self, event: usize, fits: impl Fn(Moment) -> bool) -> Moment {
        let (recorded, moved) = (self.events[event].recorded, self.events[event].moved);
        moved.filter(|(first, _)| !fits(*first)).map_or(recorded, |(_, corrected)| corrected.max(recorded))
    }

    fn born(&self, person: &Subject) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
        let born = FieldId(self.codebook.field_names.iter().position(|f| f == "born")? as u16);
        if let Spelt::Value(Value::Date(first, last)) = self.fact(person, born, Moment::FAR_OFF)? { Some((*first, *last)) } else { None }
    }

    /// 00:00 of the birthday; known to the year only: of the latest day that it may be.
    fn birthday(&self, person: &Subject, years: u32) -> Option<Moment> {
        let (_, latest) = self.born(person)?;
        let almanac = &self.codebook.almanac;
        let age = Length { amount: years, unit: habeas_codebook::moment::TimeUnit::Year };
        let day = almanac.add(almanac.start_of(latest), age, DayCount::Calendar, Overflow::NextMonth);
        Some(almanac.start_of(almanac.date(day)))
    }

    fn holds(&self, cond: &Cond, stand: Stand<'_>) -> Option<bool> {
        match cond {
            Cond::All(parts) => joined_by(parts.iter().map(|part| self.holds(part, stand)), false),
            Cond::Any(parts) => joined_by(parts.iter().map(|part| self.holds(part, stand)), true),
            Cond::State(state, _) => Some(self.in_state(*state, stand.subject, stand.at)),
            Cond::Subject(class, is, state, _) => {
                Some(self.serving(stand.subject, *class).iter().any(|s| self.in_state(*state, s, stand.at)) == *is)
            }
            Cond::Happened(pattern, happened) => {
                let counts = |e: &usize| self.at(*e) <= stand.until && stand.judged.is_none_or(|j| self.joined(stand.subject, j, *e));
                Some(self.all(stand.subject, pattern).iter().any(counts) == *happened)
            }
            Cond::Field(operand, test) => {
                let read = self.read(operand, stand);
                let read = if read.is_empty() { vec![None] } else { read };
                joined_by(read.into_iter().map(|value| self.test(value, test, stand)), true)
            }
        }
    }

    fn read(&self, operand: &Operand, stand: Stand<'_>) -> Vec<Option<&Spelt>> {
        match operand.of {
            Of::Judged => stand.judged.iter().map(|e| self.field(*e, operand.field)).collect(),
            Of::Subject(class) => self.serving(stand.subject, class).iter().map(|s| self.fact(s, operand.field, stand.until)).collect(),
            Of::Event(name) => {
                let bare = Pattern { event: name, tests: Vec::new(), mark: Default::default() };
                let judged = stand.judged.filter(|e| self.matches(&bare, *e));
                let latest = || {
                    let own = self.all(stand.subject, &bare).into_iter().rev();
                    let mut own = own.filter(|e| stand.judged.is_none_or(|j| self.joined(stand.subject, j, *e)));
                    own.find(|e| self.at(*e) <= stand.until)
                };
                judged.or_else(latest).into_iter().map(|e| self.field(e, operand.field)).collect()
            }
        }
    }

    /// A test; a field that was not recorded is false, or unknown in `must satisfy`.
    fn test(&self, value: Option<&Spelt>, test: &Test, stand: Stand<'_>) -> Option<bool> {
        let unknown = if stand.strict { None } else { Some(false) };
        let Some(value) = value else { return if matches!(test, Test::Known) { Some(false) } else { unknown } };
        match test {
            Test::Known => Some(true),
            Test::Is(is, term) => self.equals(value, term, stand).map_or(unknown, |equal| Some(equal == *is)),
            Test::OneOf(terms) => Some(terms.iter().any(|t| self.equals(value, t, stand) == Some(true))),
            Test::Compare(relation, measure) => self.order(value, measure, stand).map_or(unknown, |order| {
                Some(match relation {
                    Relation::AtLeast => order != Ordering::Less,
                    Relation::AtMost => order != Ordering::Greater,
                    Relation::MoreThan => order == Ordering::Greater,
                    Relation::LessThan => order == Ordering::Less,
                })
            }),
            Test::Includes(..) | Test::IncludesAll(_) => panic!("no field of these histories holds several values"),
        }
    }

    fn equals(&self, value: &Spelt, term: &Term, stand: Stand<'_>) -> Option<bool> {
        Some(match term {
            Term::Value(wanted, _) => *value == Spelt::Value(Value::Choice(*wanted)),
            Term::YesNo(wanted) => *value == Spelt::Value(Value::YesNo(*wanted)),
            Term::Role(wanted, _) => {
                let name = &self.codebook.roles[wanted.index()].name;
                let word =
                    |v: &Spelt| if let Spelt::Value(Value::Choice(v)) = v { self.codebook.value_names[v.index()] == *name } else { false };
                *value == Spelt::Value(Value::Role(*wanted)) || word(value)
            }
            Term::Other(operand) => self.read(operand, stand).first().copied()?? == value,
            Term::Rule(..) | Term::Grade(_) => panic!("no rule here reads breaches"),
        })
    }

    fn order(&self, value: &Spelt, measure: &Measure, stand: Stand<'_>) -> Option<Ordering> {
        let Spelt::Value(Value::Number(number)) = value else { return None };
        match measure {
            Measure::Amount(amount) => Some(number.cmp(&self.amount(amount, stand.at)?)),
            Measure::Other(operand) => match self.read(operand, stand).first().copied()?? {
                Spelt::Value(Value::Number(other)) => Some(number.cmp(other)),
                Spelt::Value(_) | Spelt::Text(_) => None,
            },
            Measure::Length(..) => None,
        }
    }

    /// The version of a limit in force on the day of an instant.
    fn limit(&self, limit: LimitId, at: Moment) -> Option<LimitValue> {
        let day = self.codebook.almanac.date(at);
        let versions = &self.codebook.limits[limit.index()].versions;
        versions.iter().rev().find(|v| v.from.is_none_or(|from| from <= day)).map(|v| v.value)
    }

    fn amount(&self, amount: &Amount, at: Moment) -> Option<Decimal> {
        match amount {
            Amount::Number(quantity, _) => Some(quantity.number),
            Amount::Limit(limit, _) => match self.limit(*limit, at)? {
                LimitValue::Quantity(quantity) => Some(quantity.number),
                LimitValue::Length(_) => None,
            },
        }
    }

    /// `from` and a span of time; `None`: the field that says how long was not recorded.
    fn later(&self, rule: &Rule, from: Moment, span: &Span, judged: Option<usize>, in_force: Moment) -> Option<Moment> {
        let overflow = if matches!(rule.body, habeas_codebook::tree::Body::Clock { .. }) { Overflow::NextMonth } else { Overflow::LastDay };
        let add = |length| self.codebook.almanac.add(from, length, rule.days.count(), overflow);
        match span {
            Span::Length(length, _) => Some(add(*length)),
            Span::Limit(limit, _) => match self.limit(*limit, in_force)? {
                LimitValue::Length(length) => Some(add(length)),
                LimitValue::Quantity(_) => None,
            },
            Span::Field(field, _) => match self.field(judged?, *field)? {
                Spelt::Value(Value::Duration(Lasting { months: 0, days: 0, micros })) => Some(Moment(from.0 + micros)),
                Spelt::Value(_) | Spelt::Text(_) => None,
            },
        }
    }

    /// What `where` and the exceptions make of a stand: `None` the rule does not apply, else the first exception that is true.
    fn regime<'r>(&self, rule: &'r Rule, stand: Stand<'_>) -> Option<Option<&'r Consequence>> {
        if rule.condition.as_ref().is_some_and(|c| self.holds(c, stand) != Some(true)) {
            return None;
        }
        match rule.exceptions.iter().find(|e| self.holds(&e.when, stand) == Some(true)).map(|e| &e.then) {
            Some(Consequence::DoesNotApply) => None,
            then => Some(then),
        }
    }

    /// "From 00:00 of the first day, in the codebook's zone, until 24:00 of the day before `until`."
    fn in_force(&self, rule: &Rule, at: Moment) -> bool {
        let day = self.codebook.almanac.date(at);
        rule.from <= day && rule.until.is_none_or(|until| day < until)
    }

    /// The kind behind a name.
    fn kind_of(&self, pattern: &Pattern) -> KindId {
        match pattern.event {
            EventName::Kind(kind) => kind,
            EventName::Alias(_) => self.codebook.expand(pattern).0,
        }
    }
}
