//! Under which codes a thing is counted: each dimension read as at the instant that dates the thing.
//!
//! Where nothing had been recorded by then, what was recorded first after it counts: who is identified an hour after the arrest was no
//! other person at the arrest. What was never recorded is the category *not recorded*.

use crate::cells::{Key, TOTAL};
use crate::coder::{Coder, codes_of, part_of_year};
use crate::columns::Candidate;
use crate::counter::Counter;
use crate::found::Found;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::table::{DimensionOf, Table};
use habeas_codebook::tree::{ClassId, FieldId, Holds, Pattern, StateId};
use habeas_monitor::Verdict;
use hashbrown::HashMap;
use rust_decimal::Decimal;
use std::sync::Arc;

/// Keys that a thing is counted under, by their number in [`Dimensions::under`].
pub(crate) type Under = u32;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;
/// What decides under which codes a candidate is counted.
type Read = (Option<EventId>, SubjectId, Moment, bool, Option<(habeas_codebook::tree::RuleId, Verdict)>);

/// The dimensions of one table, and the sets of keys met: most things are under one key, and most under the same as others.
pub(crate) struct Dimensions<'t> {
    counter: &'t Counter<'t>,
    dimensions: Vec<Dimension>,
    pub(crate) coders: Vec<Coder>,
    numbers: Map<Box<[Key]>, Under>,
    pub(crate) under: Vec<Box<[Key]>>,
    /// Columns count the same things in many ways: what was read of one is not read again.
    read: Map<Read, Under>,
}

/// One dimension, with the entries that tell it.
struct Dimension {
    of: DimensionOf,
    /// Facts of a subject, or entries of a kind.
    told: Option<Arc<Found>>,
    /// Birth dates, for ages.
    births: Option<Arc<Found>>,
}

impl Dimension {
    fn new(counter: &Counter<'_>, of: DimensionOf) -> Self {
        let of_place = |field: Option<FieldId>| Some(counter.facts(counter.place?, field?));
        let told = match of {
            DimensionOf::Fact(field, class) => Some(counter.facts(class, field)),
            DimensionOf::Field(_, event) => Some(counter.answers(&Pattern { event, tests: Vec::new(), mark: Default::default() })),
            DimensionOf::KindOfPlace => of_place(counter.type_field),
            DimensionOf::Region => of_place(counter.region),
            DimensionOf::Age
            | DimensionOf::Place
            | DimensionOf::Rule
            | DimensionOf::Verdict
            | DimensionOf::Day
            | DimensionOf::Month
            | DimensionOf::Quarter
            | DimensionOf::Year
            | DimensionOf::Hour
            | DimensionOf::State(_) => None,
        };
        let of_age = |state: StateId| matches!(counter.codebook.states[state.index()].holds, Holds::AgeBelow(_));
        let turns_on_age = of == DimensionOf::Age || matches!(of, DimensionOf::State(state) if of_age(state));
        let births = counter.person.zip(counter.born).filter(|_| turns_on_age).map(|(person, born)| counter.facts(person, born));
        Dimension { of, told, births }
    }
}

impl<'t> Dimensions<'t> {
    pub(crate) fn new(counter: &'t Counter<'t>, table: &Table, coders: Vec<Coder>) -> Self {
        let dimensions = table.by.iter().map(|dimension| Dimension::new(counter, dimension.of)).collect();
        Dimensions { counter, dimensions, coders, numbers: Map::default(), under: Vec::new(), read: Map::default() }
    }

    /// The keys of a thing: several where a dimension holds several values.
    pub(crate) fn under(&mut self, candidate: &Candidate) -> Under {
        let read = (candidate.event, candidate.subject, candidate.at, candidate.dated, candidate.verdict);
        if let Some(known) = self.read.get(&read) {
            return *known;
        }
        let mut keys: Vec<Vec<u16>> = vec![Vec::with_capacity(self.coders.len())];
        for (coder, dimension) in self.coders.iter_mut().zip(&self.dimensions) {
            let codes = codes(self.counter, coder, dimension, candidate);
            if let [one] = codes.as_slice() {
                keys.iter_mut().for_each(|key| key.push(*one));
                continue;
            }
            keys = codes.iter().flat_map(|code| keys.iter().map(|key| key.iter().copied().chain([*code]).collect())).collect();
        }
        let keys: Box<[Key]> = keys.into_iter().map(Vec::into_boxed_slice).collect();
        let under = &mut self.under;
        let number = *self.numbers.entry(keys).or_insert_with_key(|keys| {
            under.push(keys.clone());
            under.len() as Under - 1
        });
        self.read.insert(read, number);
        number
    }
}

fn codes(counter: &Counter<'_>, coder: &mut Coder, dimension: &Dimension, candidate: &Candidate) -> Vec<u16> {
    let (codebook, log) = (counter.codebook, counter.log);
    let one = |code| vec![code];
    match dimension.of {
        DimensionOf::Fact(field, class) => codes_of(coder, codebook, log, fact(counter, dimension, candidate, field, class)),
        DimensionOf::Field(field, _) => codes_of(coder, codebook, log, field_of(counter, dimension, candidate, field)),
        DimensionOf::Age => one(match age(counter, dimension, candidate) {
            Some(years) => coder.number(Decimal::from(years)),
            None => coder.not_recorded(),
        }),
        DimensionOf::Place => one(match place(counter, candidate) {
            Some(place) => coder.code(log.name_of(place)),
            None => coder.not_recorded(),
        }),
        DimensionOf::KindOfPlace => codes_of(coder, codebook, log, of_place(counter, dimension, candidate, counter.type_field)),
        DimensionOf::Region => codes_of(coder, codebook, log, of_place(counter, dimension, candidate, counter.region)),
        DimensionOf::Rule => one(match candidate.verdict {
            Some((rule, _)) => coder.code(&codebook.rules[rule.index()].id),
            None => coder.not_recorded(),
        }),
        DimensionOf::Verdict => one(match candidate.verdict {
            Some((_, verdict)) => coder.code(&verdict.as_str().replace('_', " ")),
            None => coder.not_recorded(),
        }),
        DimensionOf::Day | DimensionOf::Month | DimensionOf::Quarter | DimensionOf::Year => {
            one(coder.code(&part_of_year(dimension.of, codebook.almanac.date(candidate.at))))
        }
        DimensionOf::Hour => one(hour(counter, coder, candidate)),
        DimensionOf::State(state) => one(match in_state(counter, dimension, candidate, state) {
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

fn fact<'c>(
    counter: &'c Counter<'_>,
    dimension: &'c Dimension,
    candidate: &Candidate,
    field: FieldId,
    class: ClassId,
) -> Option<&'c Value> {
    let told = dimension.told.as_ref()?;
    subjects(counter, candidate, class).into_iter().find_map(|subject| fact_of(counter, told, subject, field, candidate.at))
}

/// A fact as at an instant: from the last entry by then that describes the subject, else from the first after.
fn fact_of<'c>(counter: &'c Counter<'_>, told: &'c Found, subject: SubjectId, field: FieldId, at: Moment) -> Option<&'c Value> {
    if let Some(place) = told.last_place_by(subject, at) {
        return told.value(place);
    }
    let given = counter.log.facts().iter().find(|(s, f, _)| *s == subject && *f == field).map(|(_, _, value)| value);
    given.or_else(|| told.value(told.first(subject)?))
}

fn field_of<'c>(counter: &'c Counter<'_>, dimension: &Dimension, candidate: &Candidate, field: FieldId) -> Option<&'c Value> {
    let DimensionOf::Field(_, event) = dimension.of else { return None };
    let told = dimension.told.as_ref()?;
    if let Some(own) = candidate.event.filter(|own| counter.is_named(event, *own)) {
        return counter.field(own, field);
    }
    let named = candidate.event.map_or(&[][..], |own| counter.log.subjects(own));
    let joins = |subject: &&SubjectId| !counter.codebook.class(counter.log.class_of(**subject)).thing;
    let tied = named.iter().filter(joins).copied();
    // The last by then, else the first after.
    let told_of = |subject| told.last_place_by(subject, candidate.at).or_else(|| told.first(subject)).map(|place| told.at(place));
    std::iter::once(candidate.subject).chain(tied).find_map(|subject| counter.field(told_of(subject)?, field))
}

/// The place that an entry names, else where the subject was last by then.
fn place(counter: &Counter<'_>, candidate: &Candidate) -> Option<SubjectId> {
    let class = counter.place?;
    if counter.log.class_of(candidate.subject) == class {
        return Some(candidate.subject);
    }
    let named = |event: EventId| counter.log.subject_of(event, class);
    if !candidate.dated
        && let Some(place) = candidate.event.and_then(named)
    {
        return Some(place);
    }
    let all = || counter.hearing.events_of(candidate.subject);
    let there = match counter.hearing.count_by(candidate.subject, candidate.at) {
        Some(by) => all().take(by).rev().find_map(named).or_else(|| all().skip(by).find_map(named)),
        // Where a time is known only roughly, the order of time is not that of the earliest instants.
        None => all().filter(|event| counter.when(*event) <= candidate.at).filter_map(named).last().or_else(|| all().find_map(named)),
    };
    there.or_else(|| candidate.event.and_then(named))
}

fn of_place<'c>(counter: &'c Counter<'_>, dimension: &'c Dimension, candidate: &Candidate, field: Option<FieldId>) -> Option<&'c Value> {
    fact_of(counter, dimension.told.as_ref()?, place(counter, candidate)?, field?, candidate.at)
}

/// Whole years, by the latest birth date that was recorded: in doubt the person is the younger.
fn age(counter: &Counter<'_>, dimension: &Dimension, candidate: &Candidate) -> Option<u32> {
    let (born, class, births) = (counter.born?, counter.person?, dimension.births.as_ref()?);
    let persons = subjects(counter, candidate, class);
    let latest = persons.into_iter().filter_map(|person| birth(counter, births, person, born)).max()?;
    let today = counter.codebook.almanac.date(candidate.at);
    let mut years = i32::from(today.year()) - i32::from(latest.year());
    if (today.month(), today.day()) < (latest.month(), latest.day()) {
        years -= 1;
    }
    u32::try_from(years).ok()
}

/// A birth date counts whenever it was told, the last one told.
fn birth(counter: &Counter<'_>, births: &Found, person: SubjectId, born: FieldId) -> Option<jiff::civil::Date> {
    match fact_of(counter, births, person, born, Moment::FAR_OFF) {
        Some(Value::Date(_, latest)) => Some(*latest),
        Some(_) | None => None,
    }
}

/// Whether a state holds; `None` where it turns on an age that nobody recorded.
fn in_state(counter: &Counter<'_>, dimension: &Dimension, candidate: &Candidate, state: StateId) -> Option<bool> {
    let declared = &counter.codebook.states[state.index()];
    match declared.holds {
        Holds::AgeBelow(years) => Some(age(counter, dimension, candidate)? < years),
        Holds::Between { .. } | Holds::Always | Holds::Count { .. } => {
            let subject = declared
                .subjects
                .iter()
                .find_map(|class| candidate.event.and_then(|event| counter.log.subject_of(event, *class)))
                .filter(|_| !declared.subjects.contains(&counter.log.class_of(candidate.subject)))
                .unwrap_or(candidate.subject);
            Some(counter.is_in(subject, state, candidate.at))
        }
    }
}

/// The key of the grand total.
pub(crate) fn total(dimensions: usize) -> Key {
    vec![TOTAL; dimensions].into_boxed_slice()
}
