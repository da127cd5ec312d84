//! Rows gathered into what a report shows. Memory is bounded by the number of rules, places and months, never by the log.

use super::missing::Wants;
use crate::verdicts::names::Names;
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldId, FieldType, RuleId};
use habeas_monitor::{Asked, Flags, Row, Verdict};
use std::collections::BTreeMap;

/// How many breaches of one rule a report can open; the longest overdue are kept.
pub const OPENED: usize = 200;
/// How many rows a list of the worst shows.
pub const WORST: usize = 10;

/// Counts of each verdict, by rule.
#[derive(Clone, Debug)]
pub struct Counts(Vec<[[u64; 7]; 2]>);

impl Counts {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(codebook: &Codebook) -> Self {
        Counts(vec![[[0; 7]; 2]; codebook.rules.len()])
    }
    /// Counts a row.
    pub fn add(&mut self, row: &Row) {
        self.0[row.rule.index()][usize::from(row.record)][row.verdict as usize] += 1;
    }
    /// Adds the counts of another worker.
    pub fn merge(&mut self, other: &Counts) {
        for (sum, part) in self.0.iter_mut().flatten().flatten().zip(other.0.iter().flatten().flatten()) {
            *sum += part;
        }
    }
    /// True if any row is `breached` or `met_late`.
    #[must_use]
    pub fn any_breach(&self) -> bool {
        self.total(Verdict::Breached) + self.total(Verdict::MetLate) > 0
    }
    /// Breaches, cured ones included, of one version of a rule.
    #[must_use]
    pub fn breaches_of(&self, rule: RuleId, record: bool) -> u64 {
        let counts = self.0[rule.index()][usize::from(record)];
        counts[Verdict::Breached as usize] + counts[Verdict::MetLate as usize]
    }
    /// Rows with this verdict.
    #[must_use]
    pub fn total(&self, verdict: Verdict) -> u64 {
        self.0.iter().flatten().map(|counts| counts[verdict as usize]).sum()
    }
    /// One entry for each rule (and its `/record`) that `wanted` holds for, sorted by id; versions of one rule are one
    /// entry. `<rule>/record`
    /// follows where the rule judges recording.
    #[must_use]
    pub fn by_rule(&self, codebook: &Codebook, wanted: impl Fn(RuleId, bool) -> bool) -> Vec<RuleCounts> {
        let mut found: BTreeMap<String, RuleCounts> = BTreeMap::new();
        for (place, (rule, counts)) in codebook.rules.iter().zip(&self.0).enumerate() {
            for record in [false, true] {
                let id = if record { format!("{}/record", rule.id) } else { rule.id.clone() };
                let counts = counts[usize::from(record)];
                if !wanted(RuleId(place as u16), record) || record && rule.recorded_within.is_none() && counts == [0; 7] {
                    continue;
                }
                let entry = found.entry(id.clone()).or_insert(RuleCounts { id, rule: RuleId(place as u16), counts: [0; 7] });
                entry.rule = RuleId(place as u16);
                for (sum, part) in entry.counts.iter_mut().zip(counts) {
                    *sum += part;
                }
            }
        }
        found.into_values().collect()
    }
}

/// Counts of one rule.
#[derive(Clone, Debug)]
pub struct RuleCounts {
    /// Id, with `/record`.
    pub id: String,
    /// Its newest version.
    pub rule: RuleId,
    /// By [`Verdict`].
    pub counts: [u64; 7],
}

impl RuleCounts {
    /// Rows with this verdict.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }
    /// All rows.
    #[must_use]
    pub fn instances(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Lateness in steps that a reader can name: the upper end in microseconds, and its words.
pub const STEPS: [(i64, &str); 9] = [
    (15 * MINUTE, "up to 15 min"),
    (60 * MINUTE, "up to 1 hour"),
    (4 * 60 * MINUTE, "up to 4 hours"),
    (DAY, "up to 1 day"),
    (3 * DAY, "up to 3 days"),
    (7 * DAY, "up to 7 days"),
    (30 * DAY, "up to 30 days"),
    (90 * DAY, "up to 90 days"),
    (i64::MAX, "more than 90 days"),
];
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A breach with how much time it is about.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The row.
    pub row: Row,
    /// By how much it is, or was, late or over; 0 where time is not what is wrong.
    pub overdue: i64,
    /// Place in the order of output, so that equals stand in one order whoever counted them.
    pub order: (usize, usize),
}

/// An entry that came late into the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LateEntry {
    /// Microseconds from the event to the entry.
    pub lag: i64,
    /// The entry.
    pub event: EventId,
}

/// What a report shows.
#[derive(Clone, Debug)]
pub struct Findings {
    /// By rule and verdict.
    pub counts: Counts,
    /// Breaches by place.
    pub places: BTreeMap<String, u64>,
    /// Breaches by local year and month.
    pub months: BTreeMap<(i16, i8), u64>,
    /// Breaches by [`STEPS`].
    pub lateness: [u64; STEPS.len()],
    /// Breaches that are not a matter of how much time.
    pub untimed: u64,
    /// What was not recorded.
    pub wants: Wants,
    /// Rows of which an entry came late.
    pub late_rows: u64,
    /// The latest entries that rows rest on.
    pub late_entries: Vec<LateEntry>,
    /// Breaches to open, by rule and `/record`; see [`OPENED`].
    pub opened: BTreeMap<(RuleId, bool), Vec<Ranked>>,
}

impl Findings {
    /// Nothing found yet.
    #[must_use]
    pub fn new(codebook: &Codebook) -> Self {
        Findings {
            counts: Counts::new(codebook),
            places: BTreeMap::new(),
            months: BTreeMap::new(),
            lateness: [0; STEPS.len()],
            untimed: 0,
            wants: Wants::default(),
            late_rows: 0,
            late_entries: Vec::new(),
            opened: BTreeMap::new(),
        }
    }

    /// Takes in everything about a row but its count, which [`Counts`] has.
    pub fn add(&mut self, around: &Around<'_>, row: &Row, order: (usize, usize)) {
        if row.verdict == Verdict::Undetermined {
            self.wants.add(around.log, &row.missing);
        }
        if row.flags.contains(Flags::LATE_ENTRY) || row.flags.contains(Flags::CLEARED_LATE) {
            self.late_rows += 1;
            let entries = row.events.iter().map(|event| LateEntry { lag: lag(around.log, *event), event: *event });
            self.late_entries.extend(entries.filter(|entry| entry.lag > around.codebook.late_entry_after));
            keep_worst_entries(&mut self.late_entries, WORST * 20);
        }
        if !matches!(row.verdict, Verdict::Breached | Verdict::MetLate) {
            return;
        }
        if let Some(place) = around.place(row) {
            *self.places.entry(place).or_default() += 1;
        }
        if let Some(at) = row.since.or(row.due_at).or(row.trigger_at) {
            let date = around.codebook.almanac.date(at);
            *self.months.entry((date.year(), date.month())).or_default() += 1;
        }
        let overdue = overdue(row, around.asked.now);
        match overdue {
            Some(micros) => {
                let step = STEPS.iter().position(|(end, _)| micros <= *end).unwrap_or(STEPS.len() - 1);
                self.lateness[step] += 1;
            }
            None => self.untimed += 1,
        }
        let opened = self.opened.entry((row.rule, row.record)).or_default();
        opened.push(Ranked { row: row.clone(), overdue: overdue.unwrap_or(0), order });
        if opened.len() >= 2 * OPENED {
            keep_worst(opened);
        }
    }

    /// Adds what another worker found.
    pub fn merge(&mut self, other: Findings) {
        self.counts.merge(&other.counts);
        other.places.into_iter().for_each(|(place, n)| *self.places.entry(place).or_default() += n);
        other.months.into_iter().for_each(|(month, n)| *self.months.entry(month).or_default() += n);
        self.lateness.iter_mut().zip(other.lateness).for_each(|(sum, n)| *sum += n);
        self.untimed += other.untimed;
        self.wants.merge(other.wants);
        self.late_rows += other.late_rows;
        self.late_entries.extend(other.late_entries);
        other.opened.into_iter().for_each(|(rule, rows)| self.opened.entry(rule).or_default().extend(rows));
    }

    /// Puts lists in their order, once everything is in.
    pub fn settle(&mut self) {
        self.opened.values_mut().for_each(keep_worst);
        keep_worst_entries(&mut self.late_entries, 0);
        self.late_entries.truncate(WORST);
    }

    /// Places with breaches, the most first.
    #[must_use]
    pub fn worst_places(&self) -> Vec<(&str, u64)> {
        let mut places: Vec<_> = self.places.iter().map(|(place, n)| (place.as_str(), *n)).collect();
        places.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        places
    }

    /// The breaches with most time in them.
    #[must_use]
    pub fn longest(&self) -> Vec<&Ranked> {
        let mut rows: Vec<&Ranked> = self.opened.values().flatten().filter(|ranked| ranked.overdue > 0).collect();
        rows.sort_by_key(|ranked| (std::cmp::Reverse(ranked.overdue), ranked.order));
        rows.truncate(WORST);
        rows
    }
}

fn keep_worst(rows: &mut Vec<Ranked>) {
    rows.sort_by_key(|ranked| (std::cmp::Reverse(ranked.overdue), ranked.order));
    rows.truncate(OPENED);
}

/// Sorts and shortens once there are more than `above`; each entry stays once.
fn keep_worst_entries(entries: &mut Vec<LateEntry>, above: usize) {
    if entries.len() > above {
        entries.sort_by(|a, b| b.cmp(a));
        entries.dedup();
        entries.truncate(WORST);
    }
}

/// Microseconds from what happened, at the latest that it may have, to its entry.
fn lag(log: &Log, event: EventId) -> i64 {
    log.recorded_at(event).since(log.at(event).latest)
}

/// By how much a breach is, or was, late or over. `None` where time is not what is wrong: a forbidden thing done, a condition
/// not satisfied.
#[must_use]
pub fn overdue(row: &Row, now: Moment) -> Option<i64> {
    row.late_by.or(row.over_by).or_else(|| row.due_at.map(|due| row.until.unwrap_or(now).since(due)))
}

/// What a row is looked at with.
pub struct Around<'a> {
    /// The law.
    pub codebook: &'a Codebook,
    /// The register.
    pub log: &'a Log,
    /// How ids are printed.
    pub names: &'a Names,
    /// As of when.
    pub asked: Asked,
    places: Option<ClassId>,
    /// Fields that hold a place, for events that name one in a field and not as a subject.
    fields: Vec<FieldId>,
}

impl<'a> Around<'a> {
    /// What is needed to look at rows.
    #[must_use]
    pub fn new(codebook: &'a Codebook, log: &'a Log, names: &'a Names, asked: Asked) -> Self {
        let fields = codebook.kinds.iter().flat_map(|kind| &kind.fields).filter(|field| field.of == FieldType::Place);
        let mut fields: Vec<FieldId> = fields.map(|field| field.name).collect();
        fields.sort();
        fields.dedup();
        Around { codebook, log, names, asked, places: codebook.class_named("place"), fields }
    }

    /// The place that a row's events name first.
    #[must_use]
    pub fn place(&self, row: &Row) -> Option<String> {
        let class = self.places?;
        let named = |subject: SubjectId| self.names.subject(self.log, subject, str::to_owned);
        if self.log.class_of(row.subject) == class {
            return Some(named(row.subject));
        }
        row.events.iter().find_map(|event| {
            let in_field = || self.fields.iter().find_map(|field| self.log.field(*event, *field));
            self.log.subject_of(*event, class).map(named).or_else(|| match in_field()? {
                Value::Text(text) if !self.names.redacted() => Some(self.log.text_of(*text).to_owned()),
                Value::Text(_)
                | Value::Choice(_)
                | Value::YesNo(_)
                | Value::Number(_)
                | Value::Money(..)
                | Value::Date(..)
                | Value::Time(_)
                | Value::Span(..)
                | Value::Duration(_)
                | Value::Hash(_)
                | Value::Role(_)
                | Value::Foreign(_)
                | Value::Sealed
                | Value::Several(_) => None,
            })
        })
    }
}
