//! What a column counts: things, each dated, with the amount that a statistic is taken of.

use crate::coder::{self, next_part};
use crate::counter::Counter;
use crate::dimensions::{Dimensions, Under};
use crate::found::Found;
use crate::period::Period;
use crate::shelves::{Judged, Judging, Tied};
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::{DayCount, Length, Moment, Overflow};
use habeas_codebook::table::{CohortEnd, Counted, DimensionOf, LeftOutWhat, Stat, StockDay, Table};
use habeas_codebook::tree::{Bound, ClassId, Cond, FieldId, Holds, Pattern, RuleId, StateId};
use habeas_monitor::{Row, Verdict};
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// A thing that may count.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// What makes it different from others.
    pub(crate) thing: u64,
    /// The entry that it is told by.
    pub(crate) event: Option<EventId>,
    /// Whom it is of.
    pub(crate) subject: SubjectId,
    /// What puts it in a period.
    pub(crate) at: Moment,
    /// Rule and verdict.
    pub(crate) verdict: Option<(RuleId, Verdict)>,
    /// What a statistic is taken of: microseconds, or the field's own unit.
    pub(crate) amount: Decimal,
    pub(crate) currency: Option<[u8; 3]>,
    /// A stretch that had not ended with the period.
    pub(crate) open: bool,
    /// Counts whatever the period: a stock stands at an instant.
    pub(crate) dated: bool,
}

impl Candidate {
    fn of(thing: u64, event: Option<EventId>, subject: SubjectId, at: Moment) -> Self {
        let amount = Decimal::ONE;
        Candidate { thing, event, subject, at, verdict: None, amount, currency: None, open: false, dated: false }
    }
}

/// The entry that a thing is told by, or none, in four bytes: of a nation's year there are a million things at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToldBy(Option<NonZeroU32>);

impl ToldBy {
    fn of(event: Option<EventId>) -> Self {
        ToldBy(event.and_then(|event| NonZeroU32::MIN.checked_add(event.0)))
    }

    pub(crate) fn event(self) -> Option<EventId> {
        self.0.map(|number| EventId(number.get() - 1))
    }
}

/// A thing that counts, under its codes.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) thing: u64,
    pub(crate) under: Under,
    pub(crate) told_by: ToldBy,
    pub(crate) amount: Decimal,
    pub(crate) currency: Option<[u8; 3]>,
    pub(crate) open: bool,
}

/// Finds what may count, one after another.
#[derive(Clone, Copy)]
pub(crate) struct Finder<'t> {
    counter: &'t Counter<'t>,
    table: &'t Table,
    period: &'t Period,
}

/// What may count.
type Candidates<'t> = Box<dyn Iterator<Item = Candidate> + 't>;

/// Finds the things of each column of one table.
pub(crate) struct Tally<'t> {
    finder: Finder<'t>,
    /// Things left out, by clause.
    pub(crate) left_out: Vec<u32>,
    /// Things whose time may as well lie after the period.
    pub(crate) rough: u32,
    /// When persons reach ages.
    birthdays: HashMap<(SubjectId, u32), Option<Moment>>,
}

impl<'t> Tally<'t> {
    pub(crate) fn new(counter: &'t Counter<'t>, table: &'t Table) -> Self {
        let finder = Finder { counter, table, period: counter.period };
        Tally { finder, left_out: vec![0; table.leaves_out.len()], rough: 0, birthdays: HashMap::new() }
    }

    /// The things of a column. Each candidate is asked as it is found: of a year there are so many that all of them together would be
    /// much of the memory.
    pub(crate) fn things(&mut self, column: usize, dimensions: &mut Dimensions<'_>) -> Vec<Thing> {
        let mut things = Vec::new();
        self.each(column, &mut |candidate| {
            let under = dimensions.under(&candidate);
            let Candidate { thing, event, amount, currency, open, .. } = candidate;
            things.push(Thing { thing, under, told_by: ToldBy::of(event), amount, currency, open });
        });
        things.shrink_to_fit();
        things
    }

    /// Takes each candidate of a column that counts.
    fn each(&mut self, column: usize, take: &mut dyn FnMut(Candidate)) {
        let table = self.finder.table;
        let measure = &table.columns[column].measure;
        if let Counted::Cohort(of, pattern, end) = measure {
            if *of == column {
                return;
            }
            let left = self.left_out.clone();
            let mut base = Vec::new();
            self.each(*of, &mut |candidate| base.push(candidate));
            self.left_out = left;
            let answers = self.finder.counter.answers(pattern);
            return base.into_iter().filter(|candidate| self.came_to(candidate, (pattern, &answers), *end)).for_each(take);
        }
        if let Counted::Several(_, bound, number, _) = measure {
            let mut all = Vec::new();
            self.counting(column, &mut |candidate| all.push(candidate));
            return so_many(all, *bound, *number).into_iter().for_each(take);
        }
        self.counting(column, take);
    }

    /// Takes each candidate of a column by itself that the period, its condition and what is left out let count.
    fn counting(&mut self, column: usize, take: &mut dyn FnMut(Candidate)) {
        let table = self.finder.table;
        let measure = &table.columns[column].measure;
        let condition = table.columns[column].condition.as_ref();
        for candidate in self.finder.candidates(measure, &table.columns[column].verdicts) {
            if self.counts(&candidate, condition) {
                take(candidate);
            }
        }
    }

    fn counts(&mut self, candidate: &Candidate, condition: Option<&Cond>) -> bool {
        if !candidate.dated && !self.finder.period.covers(candidate.at) {
            return false;
        }
        if condition.is_some_and(|cond| !self.holds(candidate, cond)) {
            return false;
        }
        for (place, left) in self.finder.table.leaves_out.iter().enumerate() {
            let out = match &left.what {
                LeftOutWhat::Event(pattern) => candidate.event.is_some_and(|event| self.finder.counter.matches(pattern, event)),
                LeftOutWhat::Where(cond) => self.holds(candidate, cond),
            };
            if out {
                self.left_out[place] += 1;
                return false;
            }
        }
        let latest = candidate.event.map(|event| self.finder.counter.hearing.possible(event).latest);
        self.rough += u32::from(!candidate.dated && latest.is_some_and(|latest| latest >= self.finder.period.end));
        true
    }

    /// Whether a condition holds of whom a thing is of. States of the one person whom a custody is of are asked of that person, whose
    /// stretches are known.
    fn holds(&mut self, candidate: &Candidate, cond: &Cond) -> bool {
        match cond {
            Cond::All(parts) => parts.iter().all(|part| self.holds(candidate, part)),
            Cond::Any(parts) => parts.iter().any(|part| self.holds(candidate, part)),
            Cond::Subject(class, is, state, _) => match self.finder.only(candidate.subject, *class) {
                Tied::To(one) => self.is_in(one, *state, candidate.at) == *is,
                Tied::Nobody | Tied::Several => self.finder.counter.look(candidate.subject).holds(cond, candidate.event, candidate.at),
            },
            Cond::State(..) | Cond::Happened(..) | Cond::Field(..) => {
                self.finder.counter.look(candidate.subject).holds(cond, candidate.event, candidate.at)
            }
        }
    }

    fn is_in(&mut self, subject: SubjectId, state: StateId, at: Moment) -> bool {
        let declared = &self.finder.counter.codebook.states[state.index()];
        if let Holds::AgeBelow(years) = declared.holds
            && declared.subjects.contains(&self.finder.counter.log.class_of(subject))
        {
            let birthday = self.birthdays.entry((subject, years)).or_insert_with(|| self.finder.counter.look(subject).birthday(years));
            return birthday.is_some_and(|birthday| at < birthday);
        }
        self.finder.counter.is_in(subject, state, at)
    }

    /// Whether an event followed for what another column counts.
    fn came_to(&self, candidate: &Candidate, (pattern, answers): (&Pattern, &Found), end: CohortEnd) -> bool {
        let named = &self.finder.counter.codebook.kind(self.finder.counter.kind_of(pattern)).subjects;
        let until = match end {
            CohortEnd::PeriodEnd => Moment(self.finder.period.end.0 - 1),
            CohortEnd::AsOf => self.finder.counter.hearing.asked().known_at,
        };
        let own = self.finder.counter.log.class_of(candidate.subject);
        let subjects = if named.contains(&own) {
            vec![candidate.subject]
        } else {
            let in_event = candidate.event.map_or(&[][..], |event| self.finder.counter.log.subjects(event));
            let shared = in_event.iter().copied().find(|s| named.contains(&self.finder.counter.log.class_of(*s)));
            match (shared, named.first()) {
                (Some(subject), _) => vec![subject],
                (None, Some(class)) => self.finder.counter.look(candidate.subject).serving(*class),
                (None, None) => Vec::new(),
            }
        };
        subjects.into_iter().any(|subject| answers.first_from(subject, candidate.at).is_some_and(|at| at <= until))
    }
}

impl<'t> Finder<'t> {
    fn candidates(self, measure: &'t Counted, verdicts: &[&'static str]) -> Candidates<'t> {
        let found = match measure {
            Counted::Subjects(class, patterns) => {
                return Box::new(patterns.iter().flat_map(move |pattern| self.subjects(*class, pattern)));
            }
            Counted::Several(class, _, _, pattern) => return Box::new(self.subjects(*class, pattern)),
            Counted::Events(pattern) => {
                let events = self.events(pattern);
                return Box::new(events.map(|(event, at, s)| Candidate::of(u64::from(event.0), Some(event), s, at)));
            }
            Counted::Different(field, pattern) => self.different(*field, pattern),
            Counted::Verdicts(rules) => self.verdicts(rules, verdicts),
            Counted::Stock(class, state, day) => self.stock(*class, *state, *day),
            Counted::AverageDaily(class, state) | Counted::Days(class, state) => self.days(*class, *state),
            Counted::TimeBetween(stat, from, to) => self.times(*stat, from, to),
            Counted::Length(stat, state) => self.lengths(*stat, *state),
            Counted::OfField(stat, field, pattern) => self.fields(*stat, *field, pattern),
            Counted::Cohort(..) | Counted::Share(..) | Counted::Rate(..) | Counted::TypedIn => Vec::new(),
        };
        Box::new(found.into_iter())
    }

    /// The one subject of a class that serves another.
    fn only(self, subject: SubjectId, class: ClassId) -> Tied {
        let own = self.counter.log.class_of(subject);
        if own == class { Tied::To(subject) } else { self.counter.ties(own, class)[subject.0 as usize] }
    }

    /// Entries that fit, each with the instant that dates it and the subject that it is first of all about.
    fn events(self, pattern: &'t Pattern) -> impl Iterator<Item = (EventId, Moment, SubjectId)> + use<'t> {
        let kind = self.counter.kind_of(pattern);
        let dating = self.dating().filter(|(by, _)| self.counter.kind_of(by) != kind);
        let mut all = self.counter.of_kind(kind);
        if dating.is_none() {
            let from = all.partition_point(|event| self.counter.when(*event) < self.period.start);
            let to = all.partition_point(|event| self.counter.when(*event) < self.period.end);
            all = &all[from..to.max(from)];
        }
        all.iter().filter_map(move |event| {
            let subject = self.counter.main_subject(*event)?;
            if !self.counter.matches(pattern, *event) {
                return None;
            }
            let at = self.counter.when(*event);
            Some((*event, dating.as_ref().map_or(at, |(_, dating)| self.dated_by(dating, *event, at, subject)), subject))
        })
    }

    /// What dates this table's things, where it is not each thing itself.
    fn dating(self) -> Option<(&'t Pattern, Arc<Found>)> {
        self.table.dated_by.as_ref().map(|by| (by, self.counter.answers(by)))
    }

    /// When the event that dates this table happened, of the same subject and at or before an entry; its own time where there is none.
    fn dated_by(self, dating: &Found, event: EventId, own: Moment, subject: SubjectId) -> Moment {
        let log = self.counter.log;
        let others = log.subjects(event).iter().copied().filter(|s| !self.counter.codebook.class(log.class_of(*s)).thing);
        let found = std::iter::once(subject).chain(others).find_map(|subject| dating.last_by(subject, own));
        found.map_or(own, |(at, _)| at)
    }

    fn subjects(self, class: ClassId, pattern: &'t Pattern) -> impl Iterator<Item = Candidate> + use<'t> {
        let of = move |subject: SubjectId, event: EventId, at| Candidate::of(u64::from(subject.0), Some(event), subject, at);
        self.events(pattern).flat_map(move |(event, at, main)| {
            let named = self.counter.log.subject_of(event, class);
            let (one, several) = match named.map_or_else(|| self.only(main, class), Tied::To) {
                Tied::To(one) => (Some(one), Vec::new()),
                Tied::Nobody | Tied::Several => (None, self.counter.look(main).serving(class)),
            };
            one.into_iter().chain(several).map(move |subject| of(subject, event, at))
        })
    }

    fn different(self, field: FieldId, pattern: &'t Pattern) -> Vec<Candidate> {
        let mut numbers: HashMap<String, u64> = HashMap::new();
        let mut found = Vec::new();
        for (event, at, subject) in self.events(pattern) {
            let values: &[Value] = match self.counter.field(event, field) {
                Some(Value::Several(several)) => several,
                Some(Value::Sealed) | None => &[],
                Some(one) => std::slice::from_ref(one),
            };
            for value in values {
                let next = numbers.len() as u64;
                let thing = *numbers.entry(format!("{value:?}")).or_insert(next);
                found.push(Candidate::of(thing, Some(event), subject, at));
            }
        }
        found
    }

    fn verdicts(self, rules: &[String], words: &[&'static str]) -> Vec<Candidate> {
        let dating = self.dating();
        let by = Judging { rules: rules.to_vec(), dated_by: self.table.dated_by.clone() };
        let rows = self.counter.judged(&by, || self.rows(rules, dating.as_ref()));
        let mut found = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let word = row.verdict.as_str().replace('_', " ");
            if !words.is_empty() && !words.contains(&word.as_str()) {
                continue;
            }
            let by_end = || dating.as_ref().and_then(|(_, all)| all.last_by(row.subject, self.period.end)).map(|(at, _)| at);
            let Some(at) = row.at.or_else(by_end) else { continue };
            let mut candidate = Candidate::of(number as u64, row.event, row.subject, at);
            candidate.verdict = Some((row.rule, row.verdict));
            found.push(candidate);
        }
        found
    }

    /// What counting needs of a row; none where its rule does not apply.
    fn judged(self, row: &Row, by: Option<&(&Pattern, Arc<Found>)>) -> Option<Judged> {
        if row.record || row.verdict == Verdict::NotApplicable {
            return None;
        }
        let mut told = row.trigger.into_iter().chain(row.events.iter().copied());
        let dating = by.and_then(|(by, _)| told.find(|event| self.counter.matches(by, *event)));
        let before = |until| by.and_then(|(_, all)| all.last_by(row.subject, until)).map_or(until, |(at, _)| at);
        let at = dating.map(|event| self.counter.when(event)).or_else(|| row.trigger_at.map(before));
        let event = row.trigger.or(dating).or_else(|| row.events.first().copied());
        Some(Judged { rule: row.rule, verdict: row.verdict, subject: row.subject, event, at })
    }

    fn rows(self, ids: &[String], by: Option<&(&Pattern, Arc<Found>)>) -> Vec<Judged> {
        let rules = &self.counter.codebook.rules;
        let wanted = |rule: RuleId| ids.contains(&rules[rule.index()].id);
        let mut classes: Vec<ClassId> = rules.iter().filter(|rule| ids.contains(&rule.id)).map(|rule| rule.subject).collect();
        classes.sort_unstable();
        classes.dedup();
        let (mut rows, mut judged) = (Vec::new(), Vec::new());
        for subject in classes.iter().flat_map(|class| self.counter.subjects_of(*class)) {
            if self.counter.hearing.events_of(*subject).next().is_some() {
                self.counter.hearing.rows_of_some(*subject, &wanted, &mut rows);
                judged.extend(rows.drain(..).filter_map(|row| self.judged(&row, by)));
            }
        }
        judged.shrink_to_fit();
        judged
    }

    fn stock(self, class: ClassId, state: StateId, day: StockDay) -> Vec<Candidate> {
        let Some(at) = stock_instant(self.counter, day) else { return Vec::new() };
        let stretches = self.counter.stretches(class, state);
        let there = stretches.iter().filter(|(_, s)| s.start <= at && s.end.is_none_or(|end| at < end));
        let one = |subject: SubjectId, by| Candidate { dated: true, ..Candidate::of(u64::from(subject.0), by, subject, at) };
        there.map(|(subject, stretch)| one(*subject, stretch.by)).collect()
    }

    /// Time in a state within the period, each subject's stretches joined, cut where a month, quarter or year of the table begins.
    fn days(self, class: ClassId, state: StateId) -> Vec<Candidate> {
        let end = self.period.end.min(self.counter.hearing.asked().known_at);
        let cut = [DimensionOf::Day, DimensionOf::Month, DimensionOf::Quarter, DimensionOf::Year]
            .into_iter()
            .find(|of| self.table.by.iter().any(|d| d.of == *of));
        let mut found: Vec<Candidate> = Vec::new();
        let mut reached: Option<(SubjectId, Moment)> = None;
        for (subject, stretch) in self.counter.stretches(class, state).iter() {
            let until = stretch.end.unwrap_or(end).min(end);
            let already = reached.filter(|(s, _)| s == subject).map_or(self.period.start, |(_, at)| at);
            let mut from = stretch.start.max(self.period.start).max(already);
            reached = Some((*subject, until.max(already)));
            while from < until {
                let next = cut.map_or(until, |of| next_part(of, &self.counter.codebook.almanac, from).min(until));
                let amount = Decimal::from(next.since(from));
                found.push(Candidate { amount, dated: true, ..Candidate::of(u64::from(subject.0), stretch.by, *subject, from) });
                from = next;
            }
        }
        found
    }

    /// From each entry to the first that answers it, of the same subject, at or after it.
    fn times(self, stat: Stat, from: &'t Pattern, to: &'t Pattern) -> Vec<Candidate> {
        let codebook = self.counter.codebook;
        let named = &codebook.kind(self.counter.kind_of(to)).subjects;
        let answers = self.counter.answers(to);
        let mut found = Vec::new();
        for (event, at, main) in self.events(from) {
            let start = self.counter.when(event);
            let shared = codebook.kind(self.counter.log.kind(event)).subjects.iter().filter(|class| named.contains(class));
            let subject = shared.filter_map(|class| self.counter.log.subject_of(event, *class)).next().unwrap_or(main);
            let answer = answers.first_from(subject, start);
            found.extend(self.measured(stat, start, answer, Candidate::of(u64::from(event.0), Some(event), main, at)));
        }
        found
    }

    fn lengths(self, stat: Stat, state: StateId) -> Vec<Candidate> {
        let Some(class) = self.counter.codebook.states[state.index()].subjects.last() else { return Vec::new() };
        let mut found = Vec::new();
        for (number, (subject, stretch)) in self.counter.stretches(*class, state).iter().enumerate() {
            let by_end = self.table.dated_by.as_ref().zip(stretch.ended_by).is_some_and(|(by, end)| self.counter.matches(by, end));
            let at = if by_end { stretch.end.unwrap_or(stretch.start) } else { stretch.start };
            // Most of a log lies outside of a month.
            if !self.period.covers(at) {
                continue;
            }
            let candidate = Candidate::of(number as u64, stretch.by, *subject, at);
            found.extend(self.measured(stat, stretch.start, stretch.end, candidate));
        }
        found
    }

    /// A stretch with what a statistic takes of it; one that had not ended with the period is cut there.
    fn measured(self, stat: Stat, start: Moment, end: Option<Moment>, candidate: Candidate) -> Option<Candidate> {
        let last = self.period.end.min(self.counter.hearing.asked().known_at.max(start));
        let open = end.is_none_or(|end| end > self.period.end);
        let end = if open { last.max(start) } else { end.unwrap_or(last) };
        let after = |length: Length| self.counter.codebook.almanac.add(start, length, DayCount::Calendar, Overflow::LastDay);
        let (counts, from) = match stat {
            Stat::NumberOver(length) => (end > after(length), start),
            Stat::TotalOver(length) => (end > after(length), after(length)),
            Stat::Total | Stat::Median | Stat::Ninetieth | Stat::Longest | Stat::Least | Stat::Mean => (true, start),
        };
        counts.then(|| Candidate { amount: Decimal::from(end.since(from)), open, ..candidate })
    }

    fn fields(self, stat: Stat, field: FieldId, pattern: &'t Pattern) -> Vec<Candidate> {
        let mut found = Vec::new();
        for (event, at, subject) in self.events(pattern) {
            let values: &[Value] = match self.counter.field(event, field) {
                Some(Value::Several(several)) => several,
                Some(Value::Sealed) | None => &[],
                Some(one) => std::slice::from_ref(one),
            };
            for (number, value) in values.iter().enumerate() {
                let (amount, currency) = match value {
                    Value::Number(number) => (*number, None),
                    Value::Money(amount, currency) => (*amount, Some(*currency)),
                    Value::Duration(lasting) => (Decimal::from(coder::micros(*lasting)), None),
                    Value::Choice(_)
                    | Value::YesNo(_)
                    | Value::Date(..)
                    | Value::Time(_)
                    | Value::Span(..)
                    | Value::Text(_)
                    | Value::Hash(_)
                    | Value::Role(_)
                    | Value::Foreign(_)
                    | Value::Sealed
                    | Value::Several(_) => continue,
                };
                let amount = match (stat, value) {
                    (Stat::NumberOver(length) | Stat::TotalOver(length), Value::Duration(_))
                        if amount <= Decimal::from(elapsed(length)) =>
                    {
                        continue;
                    }
                    (Stat::TotalOver(length), Value::Duration(_)) => amount - Decimal::from(elapsed(length)),
                    (_, _) => amount,
                };
                let thing = (u64::from(event.0) << 16) | (number as u64 & 0xffff);
                found.push(Candidate { amount, currency, ..Candidate::of(thing, Some(event), subject, at) });
            }
        }
        found
    }
}

/// Of things met as often as they have events, those that are met so often.
fn so_many(all: Vec<Candidate>, bound: Bound, number: u32) -> Vec<Candidate> {
    let mut met: HashMap<u64, u32> = HashMap::new();
    all.iter().for_each(|candidate| *met.entry(candidate.thing).or_default() += 1);
    let fits = |candidate: &Candidate| {
        let met = met.get(&candidate.thing).copied().unwrap_or_default();
        match bound {
            Bound::AtLeast => met >= number,
            Bound::AtMost => met <= number,
            Bound::Exactly => met == number,
        }
    };
    all.into_iter().filter(fits).collect()
}

/// The instant of a stock; `None` where it lies after what is known, or the period has no such day.
pub(crate) fn stock_instant(counter: &Counter<'_>, day: StockDay) -> Option<Moment> {
    let (almanac, period) = (&counter.codebook.almanac, counter.period);
    let at = match day {
        StockDay::Start => period.start,
        StockDay::End => Moment(period.end.0 - 1),
        StockDay::On(month, day) => {
            let years = (period.first.year()..=period.last.year()).rev();
            let dates = years.filter_map(|year| jiff::civil::Date::new(year, month, day).ok());
            let date = dates.into_iter().find(|date| period.first <= *date && *date <= period.last)?;
            Moment(almanac.end_of(date).0 - 1)
        }
    };
    (at <= counter.hearing.asked().known_at).then_some(at)
}

/// A written length in microseconds: a month is 30 days, a year 365.
pub(crate) fn elapsed(length: Length) -> i64 {
    use habeas_codebook::moment::TimeUnit;
    let seconds: i64 = match length.unit {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3600,
        TimeUnit::Day => 86_400,
        TimeUnit::Month => 30 * 86_400,
        TimeUnit::Year => 365 * 86_400,
    };
    i64::from(length.amount).saturating_mul(seconds * 1_000_000)
}
