//! What a column counts: things, each dated, with the amount that a statistic is taken of.

use crate::cells::Key;
use crate::coder::{self, Coder, next_part};
use crate::counter::Counter;
use crate::dimensions;
use crate::period::Period;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::{DayCount, Length, Moment, Overflow};
use habeas_codebook::table::{CohortEnd, Counted, DimensionOf, LeftOutWhat, Stat, StockDay, Table};
use habeas_codebook::tree::{ClassId, Cond, FieldId, Pattern, RuleId, StateId};
use habeas_monitor::{Row, Verdict};
use rust_decimal::Decimal;
use std::collections::HashMap;

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

/// A thing that counts, under its codes.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) thing: u64,
    /// Several where a dimension holds several values at once.
    pub(crate) keys: Vec<Key>,
    pub(crate) event: Option<EventId>,
    pub(crate) amount: Decimal,
    pub(crate) currency: Option<[u8; 3]>,
    pub(crate) open: bool,
}

/// Finds the things of each column of one table.
pub(crate) struct Tally<'t> {
    counter: &'t Counter<'t>,
    table: &'t Table,
    period: &'t Period,
    /// Things left out, by clause.
    pub(crate) left_out: Vec<u32>,
    /// Things whose time may as well lie after the period.
    pub(crate) rough: u32,
    /// Verdicts, worked out once.
    verdicts: HashMap<String, Vec<Row>>,
}

impl<'t> Tally<'t> {
    pub(crate) fn new(counter: &'t Counter<'t>, table: &'t Table, period: &'t Period) -> Self {
        Tally { counter, table, period, left_out: vec![0; table.leaves_out.len()], rough: 0, verdicts: HashMap::new() }
    }

    /// The things of a column.
    pub(crate) fn things(&mut self, column: usize, coders: &mut [Coder]) -> Vec<Thing> {
        let mut things = Vec::new();
        for candidate in self.counted(column) {
            let keys = dimensions::keys(self.counter, self.table, coders, &candidate);
            let Candidate { thing, event, amount, currency, open, .. } = candidate;
            things.push(Thing { thing, keys, event, amount, currency, open });
        }
        things
    }

    /// Candidates of a column that count.
    fn counted(&mut self, column: usize) -> Vec<Candidate> {
        let measure = &self.table.columns[column].measure;
        if let Counted::Cohort(of, pattern, end) = measure {
            if *of == column {
                return Vec::new();
            }
            let left = self.left_out.clone();
            let base = self.counted(*of);
            self.left_out = left;
            return base.into_iter().filter(|candidate| self.came_to(candidate, pattern, *end)).collect();
        }
        let candidates = self.candidates(measure, &self.table.columns[column].verdicts.clone());
        let condition = self.table.columns[column].condition.as_ref();
        candidates.into_iter().filter(|candidate| self.counts(candidate, condition)).collect()
    }

    fn counts(&mut self, candidate: &Candidate, condition: Option<&Cond>) -> bool {
        if !candidate.dated && !self.period.covers(candidate.at) {
            return false;
        }
        let holds = |cond: &Cond| self.counter.look(candidate.subject).holds(cond, candidate.event, candidate.at);
        if condition.is_some_and(|cond| !holds(cond)) {
            return false;
        }
        for (place, left) in self.table.leaves_out.iter().enumerate() {
            let out = match &left.what {
                LeftOutWhat::Event(pattern) => candidate.event.is_some_and(|event| self.counter.matches(pattern, event)),
                LeftOutWhat::Where(cond) => holds(cond),
            };
            if out {
                self.left_out[place] += 1;
                return false;
            }
        }
        let latest = candidate.event.map(|event| self.counter.hearing.possible(event).latest);
        self.rough += u32::from(!candidate.dated && latest.is_some_and(|latest| latest >= self.period.end));
        true
    }

    fn candidates(&mut self, measure: &Counted, verdicts: &[&'static str]) -> Vec<Candidate> {
        match measure {
            Counted::Subjects(class, patterns) => patterns.iter().flat_map(|pattern| self.subjects(*class, pattern)).collect(),
            Counted::Events(pattern) => {
                self.events(pattern).map(|(event, at, s)| Candidate::of(u64::from(event.0), Some(event), s, at)).collect()
            }
            Counted::Different(field, pattern) => self.different(*field, pattern),
            Counted::Verdicts(rules) => self.verdicts(rules, verdicts),
            Counted::Stock(class, state, day) => self.stock(*class, *state, *day),
            Counted::AverageDaily(class, state) | Counted::Days(class, state) => self.days(*class, *state),
            Counted::TimeBetween(stat, from, to) => self.times(*stat, from, to),
            Counted::Length(stat, state) => self.lengths(*stat, *state),
            Counted::OfField(stat, field, pattern) => self.fields(*stat, *field, pattern),
            Counted::Cohort(..) | Counted::Share(..) | Counted::Rate(..) | Counted::TypedIn => Vec::new(),
        }
    }

    /// Entries that fit, each with the instant that dates it and the subject that it is first of all about.
    fn events(&self, pattern: &Pattern) -> impl Iterator<Item = (EventId, Moment, SubjectId)> {
        let (kind, _) = self.counter.codebook.expand(pattern);
        let own_dates = self.table.dated_by.as_ref().is_none_or(|by| self.counter.codebook.expand(by).0 == kind);
        let mut all = self.counter.of_kind(kind);
        if own_dates {
            let from = all.partition_point(|(at, _)| *at < self.period.start);
            let to = all.partition_point(|(at, _)| *at < self.period.end);
            all = &all[from..to.max(from)];
        }
        all.iter().filter_map(move |(at, event)| {
            let subject = self.counter.main_subject(*event)?;
            let fits = self.counter.matches(pattern, *event);
            fits.then(|| (*event, if own_dates { *at } else { self.dated_by(*event, *at, subject) }, subject))
        })
    }

    /// When the event that dates this table happened, of the same subject and at or before an entry; its own time where there is none.
    fn dated_by(&self, event: EventId, own: Moment, subject: SubjectId) -> Moment {
        let Some(by) = &self.table.dated_by else { return own };
        let log = self.counter.log;
        let others = log.subjects(event).iter().copied().filter(|s| !self.counter.codebook.class(log.class_of(*s)).thing);
        let found = std::iter::once(subject).chain(others).find_map(|subject| self.last(subject, by, own));
        found.unwrap_or(own)
    }

    fn last(&self, subject: SubjectId, pattern: &Pattern, until: Moment) -> Option<Moment> {
        let times = self.counter.hearing.events_of(subject).filter(|event| self.counter.matches(pattern, *event));
        times.map(|event| self.counter.hearing.possible(event).earliest).filter(|at| *at <= until).max()
    }

    fn subjects(&self, class: ClassId, pattern: &Pattern) -> Vec<Candidate> {
        let mut found = Vec::new();
        for (event, at, main) in self.events(pattern) {
            match self.counter.log.subject_of(event, class) {
                Some(subject) => found.push(Candidate::of(u64::from(subject.0), Some(event), subject, at)),
                None => {
                    let serving = self.counter.look(main).serving(class);
                    found.extend(serving.into_iter().map(|s| Candidate::of(u64::from(s.0), Some(event), s, at)));
                }
            }
        }
        found
    }

    fn different(&self, field: FieldId, pattern: &Pattern) -> Vec<Candidate> {
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

    fn verdicts(&mut self, rules: &[String], words: &[&'static str]) -> Vec<Candidate> {
        let key = rules.join(" ");
        if !self.verdicts.contains_key(&key) {
            let rows = self.rows(rules);
            self.verdicts.insert(key.clone(), rows);
        }
        let rows = self.verdicts.get(&key).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let word = row.verdict.as_str().replace('_', " ");
            if row.verdict == Verdict::NotApplicable || (!words.is_empty() && !words.contains(&word.as_str())) {
                continue;
            }
            let by = self.table.dated_by.as_ref();
            let dating = by.and_then(|by| row.trigger.into_iter().chain(row.events.iter().copied()).find(|e| self.counter.matches(by, *e)));
            let dating_at = dating.map(|event| self.counter.hearing.possible(event).earliest);
            let searched = || by.and_then(|by| self.last(row.subject, by, row.trigger_at.unwrap_or(self.period.end)));
            let Some(at) = dating_at.or_else(searched).or(row.trigger_at) else { continue };
            let event = row.trigger.or(dating).or_else(|| row.events.first().copied());
            let mut candidate = Candidate::of(number as u64, event, row.subject, at);
            candidate.verdict = Some((row.rule, row.verdict));
            found.push(candidate);
        }
        found
    }

    fn rows(&self, ids: &[String]) -> Vec<Row> {
        let rules = &self.counter.codebook.rules;
        let wanted = |rule: RuleId| ids.contains(&rules[rule.index()].id);
        let mut classes: Vec<ClassId> = rules.iter().filter(|rule| ids.contains(&rule.id)).map(|rule| rule.subject).collect();
        classes.sort_unstable();
        classes.dedup();
        let mut rows = Vec::new();
        for subject in classes.iter().flat_map(|class| self.counter.subjects_of(*class)) {
            if self.counter.hearing.events_of(*subject).next().is_some() {
                self.counter.hearing.rows_of_some(*subject, &wanted, &mut rows);
            }
        }
        rows.retain(|row| !row.record);
        rows
    }

    fn stock(&self, class: ClassId, state: StateId, day: StockDay) -> Vec<Candidate> {
        let Some(at) = stock_instant(self.counter, self.period, day) else { return Vec::new() };
        let stretches = self.counter.stretches(class, state);
        let there = stretches.iter().filter(|(_, s)| s.start <= at && s.end.is_none_or(|end| at < end));
        let one = |subject: SubjectId, by| Candidate { dated: true, ..Candidate::of(u64::from(subject.0), by, subject, at) };
        there.map(|(subject, stretch)| one(*subject, stretch.by)).collect()
    }

    /// Time in a state within the period, each subject's stretches joined, cut where a month, quarter or year of the table begins.
    fn days(&self, class: ClassId, state: StateId) -> Vec<Candidate> {
        let end = self.period.end.min(self.counter.hearing.asked().known_at);
        let cut =
            [DimensionOf::Month, DimensionOf::Quarter, DimensionOf::Year].into_iter().find(|of| self.table.by.iter().any(|d| d.of == *of));
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
    fn times(&self, stat: Stat, from: &Pattern, to: &Pattern) -> Vec<Candidate> {
        let codebook = self.counter.codebook;
        let (to_kind, _) = codebook.expand(to);
        let named = &codebook.kind(to_kind).subjects;
        let mut found = Vec::new();
        for (event, at, main) in self.events(from) {
            let start = self.counter.hearing.possible(event).earliest;
            let shared = codebook.kind(self.counter.log.kind(event)).subjects.iter().filter(|class| named.contains(class));
            let subject = shared.filter_map(|class| self.counter.log.subject_of(event, *class)).next().unwrap_or(main);
            let answer = self.first(subject, to, start);
            found.extend(self.measured(stat, start, answer, Candidate::of(u64::from(event.0), Some(event), main, at)));
        }
        found
    }

    fn first(&self, subject: SubjectId, pattern: &Pattern, from: Moment) -> Option<Moment> {
        let (kind, _) = self.counter.codebook.expand(pattern);
        let events = self.counter.hearing.events_of(subject).filter(|event| self.counter.log.kind(*event) == kind);
        let timed = events.map(|event| (self.counter.hearing.possible(event).earliest, event)).filter(|(at, _)| *at >= from);
        timed.filter(|(_, event)| self.counter.matches(pattern, *event)).map(|(at, _)| at).min()
    }

    fn lengths(&self, stat: Stat, state: StateId) -> Vec<Candidate> {
        let Some(class) = self.counter.codebook.states[state.index()].subjects.last() else { return Vec::new() };
        let mut found = Vec::new();
        for (number, (subject, stretch)) in self.counter.stretches(*class, state).iter().enumerate() {
            let by_end = self.table.dated_by.as_ref().zip(stretch.ended_by).is_some_and(|(by, end)| self.counter.matches(by, end));
            let at = if by_end { stretch.end.unwrap_or(stretch.start) } else { stretch.start };
            let candidate = Candidate::of(number as u64, stretch.by, *subject, at);
            found.extend(self.measured(stat, stretch.start, stretch.end, candidate));
        }
        found
    }

    /// A stretch with what a statistic takes of it; one that had not ended with the period is cut there.
    fn measured(&self, stat: Stat, start: Moment, end: Option<Moment>, candidate: Candidate) -> Option<Candidate> {
        let last = self.period.end.min(self.counter.hearing.asked().known_at.max(start));
        let open = end.is_none_or(|end| end > self.period.end);
        let end = if open { last.max(start) } else { end.unwrap_or(last) };
        let over = |length: Length| end > self.counter.codebook.almanac.add(start, length, DayCount::Calendar, Overflow::LastDay);
        let counts = match stat {
            Stat::NumberOver(length) => over(length),
            Stat::Total | Stat::Median | Stat::Ninetieth | Stat::Longest | Stat::Least | Stat::Mean => true,
        };
        counts.then(|| Candidate { amount: Decimal::from(end.since(start)), open, ..candidate })
    }

    fn fields(&self, stat: Stat, field: FieldId, pattern: &Pattern) -> Vec<Candidate> {
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
                if let (Stat::NumberOver(length), Value::Duration(_)) = (stat, value)
                    && amount <= Decimal::from(elapsed(length))
                {
                    continue;
                }
                let thing = (u64::from(event.0) << 16) | (number as u64 & 0xffff);
                found.push(Candidate { amount, currency, ..Candidate::of(thing, Some(event), subject, at) });
            }
        }
        found
    }

    /// Whether an event followed for what another column counts.
    fn came_to(&self, candidate: &Candidate, pattern: &Pattern, end: CohortEnd) -> bool {
        let (kind, _) = self.counter.codebook.expand(pattern);
        let named = &self.counter.codebook.kind(kind).subjects;
        let until = match end {
            CohortEnd::PeriodEnd => Moment(self.period.end.0 - 1),
            CohortEnd::AsOf => self.counter.hearing.asked().known_at,
        };
        let own = self.counter.log.class_of(candidate.subject);
        let subjects = if named.contains(&own) {
            vec![candidate.subject]
        } else {
            let in_event = candidate.event.map_or(&[][..], |event| self.counter.log.subjects(event));
            let shared = in_event.iter().copied().find(|s| named.contains(&self.counter.log.class_of(*s)));
            match (shared, named.first()) {
                (Some(subject), _) => vec![subject],
                (None, Some(class)) => self.counter.look(candidate.subject).serving(*class),
                (None, None) => Vec::new(),
            }
        };
        subjects.into_iter().any(|subject| self.first(subject, pattern, candidate.at).is_some_and(|at| at <= until))
    }
}

/// The instant of a stock; `None` where it lies after what is known, or the period has no such day.
pub(crate) fn stock_instant(counter: &Counter<'_>, period: &Period, day: StockDay) -> Option<Moment> {
    let almanac = &counter.codebook.almanac;
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
