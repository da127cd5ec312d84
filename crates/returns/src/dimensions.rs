//! Under which codes a thing is counted: each dimension read as at the instant that dates the thing.
//!
//! Where nothing had been recorded by then, what was recorded first after it counts: who is identified an hour after the arrest was no
//! other person at the arrest. What was never recorded is the category *not recorded*.

use crate::cells::{Key, TOTAL};
use crate::coder::{Coder, codes_of, part_of_year};
use crate::columns::Candidate;
use crate::counter::Counter;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::table::{DimensionOf, Table};
use habeas_codebook::tree::{ClassId, EventName, FieldId, Holds, Pattern, StateId};
use rust_decimal::Decimal;

/// The keys of a thing: several where a dimension holds several values.
pub(crate) fn keys(counter: &Counter<'_>, table: &Table, coders: &mut [Coder], candidate: &Candidate) -> Vec<Key> {
    let mut keys: Vec<Vec<u16>> = vec![Vec::with_capacity(coders.len())];
    for (coder, dimension) in coders.iter_mut().zip(&table.by) {
        let codes = codes(counter, coder, dimension.of, candidate);
        if let [one] = codes.as_slice() {
            keys.iter_mut().for_each(|key| key.push(*one));
            continue;
        }
        keys = codes.iter().flat_map(|code| keys.iter().map(|key| key.iter().copied().chain([*code]).collect())).collect();
    }
    keys.into_iter().map(Vec::into_boxed_slice).collect()
}

fn codes(counter: &Counter<'_>, coder: &mut Coder, of: DimensionOf, candidate: &Candidate) -> Vec<u16> {
    let (codebook, log) = (counter.codebook, counter.log);
    let one = |code| vec![code];
    match of {
        DimensionOf::Fact(field, class) => codes_of(coder, codebook, log, fact(counter, candidate, field, class)),
        DimensionOf::Field(field, event) => codes_of(coder, codebook, log, field_of(counter, candidate, field, event)),
        DimensionOf::Age => one(match age(counter, candidate) {
            Some(years) => coder.number(Decimal::from(years)),
            None => coder.not_recorded(),
        }),
        DimensionOf::Place => one(match place(counter, candidate) {
            Some(place) => coder.code(log.name_of(place)),
            None => coder.not_recorded(),
        }),
        DimensionOf::KindOfPlace => codes_of(coder, codebook, log, of_place(counter, candidate, counter.type_field)),
        DimensionOf::Region => codes_of(coder, codebook, log, of_place(counter, candidate, counter.region)),
        DimensionOf::Rule => one(match candidate.verdict {
            Some((rule, _)) => coder.code(&codebook.rules[rule.index()].id),
            None => coder.not_recorded(),
        }),
        DimensionOf::Verdict => one(match candidate.verdict {
            Some((_, verdict)) => coder.code(&verdict.as_str().replace('_', " ")),
            None => coder.not_recorded(),
        }),
        DimensionOf::Month | DimensionOf::Quarter | DimensionOf::Year => {
            one(coder.code(&part_of_year(of, codebook.almanac.date(candidate.at))))
        }
        DimensionOf::Hour => one(hour(counter, coder, candidate)),
        DimensionOf::State(state) => one(match in_state(counter, candidate, state) {
            Some(true) => coder.code("yes"),
            Some(false) => coder.code("no"),
            None => coder.not_recorded(),
        }),
    }
}

/// A time known to the day only has no hour.
fn hour(counter: &Counter<'_>, coder: &mut Coder, candidate: &Candidate) -> u16 {
    let exact = candidate.event.is_none_or(|event| counter.hearing.possible(event).is_exact());
    if !exact {
        return coder.not_recorded();
    }
    let hour = counter.codebook.almanac.zone.to_datetime(candidate.at.timestamp()).hour();
    coder.code(&format!("{hour:02}"))
}

/// Subjects of a class that a thing is about.
fn subjects(counter: &Counter<'_>, candidate: &Candidate, class: ClassId) -> Vec<SubjectId> {
    if counter.log.class_of(candidate.subject) == class {
        return vec![candidate.subject];
    }
    if let Some(named) = candidate.event.and_then(|event| counter.log.subject_of(event, class)) {
        return vec![named];
    }
    counter.look(candidate.subject).serving(class)
}

fn fact<'c>(counter: &'c Counter<'_>, candidate: &Candidate, field: FieldId, class: ClassId) -> Option<&'c Value> {
    subjects(counter, candidate, class).into_iter().find_map(|subject| fact_of(counter, subject, field, candidate.at))
}

/// A fact as at an instant: from the last entry by then that describes the subject, else from the first after.
fn fact_of<'c>(counter: &'c Counter<'_>, subject: SubjectId, field: FieldId, at: Moment) -> Option<&'c Value> {
    let class = counter.log.class_of(subject);
    let described = |event: &EventId| counter.codebook.kind(counter.log.kind(*event)).describes.contains(&class);
    let told = |event: EventId| Some((counter.hearing.possible(event).earliest, counter.field(event, field)?));
    let all: Vec<(Moment, &Value)> = counter.hearing.events_of(subject).filter(described).filter_map(told).collect();
    let before = all.iter().rev().find(|(when, _)| *when <= at).map(|(_, value)| *value);
    let given = || counter.log.facts().iter().find(|(s, f, _)| *s == subject && *f == field).map(|(_, _, value)| value);
    before.or_else(given).or_else(|| all.first().map(|(_, value)| *value))
}

fn field_of<'c>(counter: &'c Counter<'_>, candidate: &Candidate, field: FieldId, event: EventName) -> Option<&'c Value> {
    let pattern = Pattern { event, tests: Vec::new(), mark: Default::default() };
    if let Some(own) = candidate.event.filter(|own| counter.matches(&pattern, *own)) {
        return counter.field(own, field);
    }
    let named = candidate.event.map_or(&[][..], |own| counter.log.subjects(own));
    let joins = |subject: &&SubjectId| !counter.codebook.class(counter.log.class_of(**subject)).thing;
    let tied = named.iter().filter(joins).copied();
    std::iter::once(candidate.subject).chain(tied).find_map(|subject| told_of(counter, subject, &pattern, field, candidate.at))
}

/// The field of the last entry of a kind by an instant, else of the first after.
fn told_of<'c>(counter: &'c Counter<'_>, subject: SubjectId, pattern: &Pattern, field: FieldId, at: Moment) -> Option<&'c Value> {
    let told: Vec<(Moment, EventId)> = counter
        .hearing
        .events_of(subject)
        .filter(|event| counter.matches(pattern, *event))
        .map(|event| (counter.hearing.possible(event).earliest, event))
        .collect();
    let before = told.iter().rev().find(|(when, _)| *when <= at);
    before.or_else(|| told.first()).and_then(|(_, event)| counter.field(*event, field))
}

/// The place that an entry names, else where the subject was last by then.
fn place(counter: &Counter<'_>, candidate: &Candidate) -> Option<SubjectId> {
    let class = counter.place?;
    if counter.log.class_of(candidate.subject) == class {
        return Some(candidate.subject);
    }
    if !candidate.dated
        && let Some(named) = candidate.event.and_then(|event| counter.log.subject_of(event, class))
    {
        return Some(named);
    }
    let mut first = None;
    let mut last = None;
    for event in counter.hearing.events_of(candidate.subject) {
        if let Some(place) = counter.log.subject_of(event, class) {
            first = first.or(Some(place));
            if counter.hearing.possible(event).earliest <= candidate.at {
                last = Some(place);
            }
        }
    }
    last.or(first).or_else(|| candidate.event.and_then(|event| counter.log.subject_of(event, class)))
}

fn of_place<'c>(counter: &'c Counter<'_>, candidate: &Candidate, field: Option<FieldId>) -> Option<&'c Value> {
    fact_of(counter, place(counter, candidate)?, field?, candidate.at)
}

/// Whole years, by the latest birth date that was recorded: in doubt the person is the younger.
fn age(counter: &Counter<'_>, candidate: &Candidate) -> Option<u32> {
    let (born, class) = (counter.born?, counter.person?);
    let persons = subjects(counter, candidate, class);
    let latest = persons.into_iter().filter_map(|person| birth(counter, person, born)).max()?;
    let today = counter.codebook.almanac.date(candidate.at);
    let mut years = i32::from(today.year()) - i32::from(latest.year());
    if (today.month(), today.day()) < (latest.month(), latest.day()) {
        years -= 1;
    }
    u32::try_from(years).ok()
}

/// A birth date counts whenever it was told, the last one told.
fn birth(counter: &Counter<'_>, person: SubjectId, born: FieldId) -> Option<jiff::civil::Date> {
    match fact_of(counter, person, born, Moment::FAR_OFF) {
        Some(Value::Date(_, latest)) => Some(*latest),
        Some(_) | None => None,
    }
}

/// Whether a state holds; `None` where it turns on an age that nobody recorded.
fn in_state(counter: &Counter<'_>, candidate: &Candidate, state: StateId) -> Option<bool> {
    let declared = &counter.codebook.states[state.index()];
    match declared.holds {
        Holds::AgeBelow(years) => Some(age(counter, candidate)? < years),
        Holds::Between { .. } | Holds::Always | Holds::Count { .. } => {
            let subject = declared
                .subjects
                .iter()
                .find_map(|class| candidate.event.and_then(|event| counter.log.subject_of(event, *class)))
                .filter(|_| !declared.subjects.contains(&counter.log.class_of(candidate.subject)))
                .unwrap_or(candidate.subject);
            Some(counter.look(subject).is_in(state, candidate.at))
        }
    }
}

/// The key of the grand total.
pub(crate) fn total(dimensions: usize) -> Key {
    vec![TOTAL; dimensions].into_boxed_slice()
}
