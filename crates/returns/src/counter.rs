//! Counts tables over a log that is heard: what is read once for all of them is kept here.

use crate::cells::{Audience, ColumnHead, Coverage, LeftOutNote, Lineage, Return, Treatment};
use crate::coder::Coder;
use crate::columns::{Tally, Thing};
use crate::dimensions::Dimensions;
use crate::found::Found;
use crate::period::Period;
use crate::rollup;
use crate::shelves::{self, Judged, Judging, Kept, Shelves, Stretches, Tied};
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::table::{CountUnit, Counted, Table};
use habeas_codebook::tree::{ClassId, Codebook, EventName, FieldId, Holds, Kind, KindId, Measure, Pattern, StateId, Term, Test};
use habeas_monitor::look::{Ground, Look};
use habeas_monitor::{Asked, Hearing, Monitor};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// The days after a period during which its numbers are provisional, unless the operator sets another.
pub const SETTLING_DAYS: u32 = 30;

/// Counts one table over a log, by what was known at `as_of`.
///
/// # Panics
/// Never: one table in is one table out.
#[must_use]
pub fn count(codebook: &Codebook, log: &Log, table: &Table, period: &Period, as_of: Moment) -> Return {
    count_all(codebook, log, &[table], period, as_of).pop().expect("one table in is one table out")
}

/// Counts any number of tables over a log, by what was known at `as_of`.
#[must_use]
pub fn count_all(codebook: &Codebook, log: &Log, tables: &[&Table], period: &Period, as_of: Moment) -> Vec<Return> {
    counting(Source { codebook, log, kept: None }, tables, (period, as_of), |counter| counter.count_all(tables, true))
}

/// From what is counted: a log by itself, or one that is kept heard.
#[derive(Clone, Copy)]
pub(crate) struct Source<'s> {
    pub(crate) codebook: &'s Codebook,
    pub(crate) log: &'s Log,
    pub(crate) kept: Option<&'s Kept>,
}

/// Hears a log once for some tables, or takes what was heard of it already, and lets somebody count. Breaches are entries where one of the
/// tables counts verdicts of a rule that reads them; elsewhere a breach is no entry.
pub(crate) fn counting<R>(
    source: Source<'_>,
    tables: &[&Table],
    (period, as_of): (&Period, Moment),
    count: impl FnOnce(&Counter<'_>) -> R,
) -> R {
    let Source { codebook, log, kept } = source;
    let asked = Asked { now: as_of, known_at: as_of };
    let columns = tables.iter().flat_map(|table| &table.columns);
    let rules = columns.flat_map(|column| if let Counted::Verdicts(rules) = &column.measure { rules.as_slice() } else { &[] });
    let rules: Vec<&str> = rules.map(String::as_str).collect();
    let monitor = Monitor::for_counting(codebook, &rules);
    if let Some((hearing, shelves)) = kept.and_then(|kept| kept.heard(&monitor, log, asked)) {
        return count(&Counter::new(codebook, &hearing, shelves, period));
    }
    let sorted = log.in_order_of_record();
    let log = sorted.as_ref().unwrap_or(log);
    let with_breaches = monitor.with_breaches(log, asked);
    let hearing = monitor.hear_on(with_breaches.as_ref().unwrap_or(log), asked, SIDE_BY_SIDE);
    count(&Counter::new(codebook, &hearing, &Shelves::of(&hearing), period))
}

/// Does pieces of work two at a time, those named first begun first, and returns what each gave, by its number. Which thread does which
/// changes nothing in what comes out.
pub(crate) fn side_by_side<T: Send>(order: &[usize], one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let some = || -> Vec<(usize, T)> {
        let mut made = Vec::new();
        while let Some(number) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            made.push((*number, one(*number)));
        }
        made
    };
    let mut made = if order.len() < SIDE_BY_SIDE.get() {
        some()
    } else {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..SIDE_BY_SIDE.get()).map(|_| scope.spawn(some)).collect();
            // Work that cannot be done is a fault of the program: it ends here as it would on one thread.
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))).collect()
        })
    };
    made.sort_by_key(|(number, _)| *number);
    made.into_iter().map(|(_, made)| made).collect()
}

/// Pieces of work done side by side: more would hold more in memory at once than they save time.
const SIDE_BY_SIDE: NonZeroUsize = NonZeroUsize::new(2).expect("two are more than none");

/// Counts any number of tables over one log and one period.
pub(crate) struct Counter<'m> {
    pub(crate) codebook: &'m Codebook,
    pub(crate) hearing: &'m Hearing<'m>,
    pub(crate) log: &'m Log,
    pub(crate) period: &'m Period,
    ground: Ground,
    shelves: &'m Shelves,
    coverage: OnceLock<Coverage>,
    pub(crate) person: Option<ClassId>,
    pub(crate) place: Option<ClassId>,
    pub(crate) born: Option<FieldId>,
    pub(crate) type_field: Option<FieldId>,
    pub(crate) region: Option<FieldId>,
}

impl<'m> Counter<'m> {
    /// The log should be in order of record ([`Log::in_order_of_record`]), so that ties of time do not depend on the order of a file.
    pub(crate) fn new(codebook: &'m Codebook, hearing: &'m Hearing<'m>, shelves: &'m Shelves, period: &'m Period) -> Self {
        let log = hearing.log();
        let field = |name: &str| codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16));
        Counter {
            codebook,
            hearing,
            log,
            period,
            ground: Ground::default(),
            shelves,
            coverage: OnceLock::new(),
            person: codebook.class_named("person"),
            place: codebook.class_named("place"),
            born: field("born"),
            type_field: field("type"),
            region: field("region"),
        }
    }

    pub(crate) fn look(&self, subject: SubjectId) -> Look<'_> {
        Look::at(self.hearing, &self.ground, subject)
    }

    /// The earliest instant at which an entry may have happened.
    pub(crate) fn when(&self, event: EventId) -> Moment {
        self.hearing.possible(event).earliest
    }

    /// Entries of a kind, by time.
    pub(crate) fn of_kind(&self, kind: KindId) -> &[EventId] {
        self.shelves.by_time[kind.index()].get_or_init(|| {
            let events = self.shelves.of_kind[kind.index()].iter();
            let mut timed: Vec<(Moment, EventId)> = events.map(|event| (self.when(*event), *event)).collect();
            timed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.log.id(a.1).cmp(self.log.id(b.1))));
            timed.into_iter().map(|(_, event)| event).collect()
        })
    }

    pub(crate) fn subjects_of(&self, class: ClassId) -> &[SubjectId] {
        &self.shelves.by_class[class.index()]
    }

    pub(crate) fn field(&self, event: EventId, field: FieldId) -> Option<&Value> {
        self.hearing.field(event, field)
    }

    /// The subject that an entry is first of all about: of the first class that its kind declares and it names.
    pub(crate) fn main_subject(&self, event: EventId) -> Option<SubjectId> {
        let declared = &self.codebook.kind(self.log.kind(event)).subjects;
        let first = declared.iter().find_map(|class| self.log.subject_of(event, *class));
        first.or_else(|| self.log.subjects(event).first().copied())
    }

    pub(crate) fn kind_of(&self, pattern: &Pattern) -> KindId {
        self.hearing.monitor().kind_of(pattern)
    }

    /// Whether an entry is what a pattern asks for.
    pub(crate) fn matches(&self, pattern: &Pattern, event: EventId) -> bool {
        if self.log.kind(event) != self.kind_of(pattern) {
            return false;
        }
        let (has_tests, reads_others) = self.tested(pattern);
        let look = |subject| match reads_others {
            true => self.look(subject),
            false => Look::at_entry(self.hearing, &self.ground, subject),
        };
        !has_tests || self.main_subject(event).is_some_and(|subject| look(subject).matches(pattern, event))
    }

    /// Whether a pattern tests anything, and whether it reads other fields for that than those of the entry.
    pub(crate) fn tested(&self, pattern: &Pattern) -> (bool, bool) {
        let (mut inner, mut has_tests, mut reads_others) = (pattern, false, false);
        loop {
            has_tests |= !inner.tests.is_empty();
            reads_others |= inner.tests.iter().any(|(_, test)| reads_others_fields(test));
            match inner.event {
                EventName::Kind(_) => return (has_tests, reads_others),
                EventName::Alias(alias) => inner = &self.codebook.aliases[alias.index()].pattern,
            }
        }
    }

    /// Whether an entry is of a kind, or what an alias stands for.
    pub(crate) fn is_named(&self, name: EventName, event: EventId) -> bool {
        self.matches(&Pattern { event: name, tests: Vec::new(), mark: Default::default() }, event)
    }

    /// Whether a state holds of a subject, or of those that serve it, at an instant.
    pub(crate) fn is_in(&self, subject: SubjectId, state: StateId, at: Moment) -> bool {
        let declared = &self.codebook.states[state.index()];
        let class = self.log.class_of(subject);
        if matches!(declared.holds, Holds::AgeBelow(_)) || !declared.subjects.contains(&class) {
            return self.look(subject).is_in(state, at);
        }
        let all = self.stretches(class, state);
        let own = &all[all.partition_point(|(other, _)| *other < subject)..];
        own.iter().take_while(|(other, _)| *other == subject).any(|(_, s)| s.start <= at && s.end.is_none_or(|end| at < end))
    }

    /// The stretches of a state, for each subject of a class, by subject.
    pub(crate) fn stretches(&self, class: ClassId, state: StateId) -> Arc<Stretches> {
        shelves::kept(&self.shelves.stretches, &(class, state), || {
            let there = self.subjects_of(class).iter().filter(|subject| self.hearing.events_of(**subject).len() > 0);
            let mut all: Stretches = there.flat_map(|s| self.look(*s).stretches(state).into_iter().map(|stretch| (*s, stretch))).collect();
            all.shrink_to_fit();
            all
        })
    }

    /// The entries that are what a pattern asks for, by every subject that they name.
    pub(crate) fn answers(&self, pattern: &Pattern) -> Arc<Found> {
        shelves::kept(&self.shelves.answers, pattern, || {
            let fitting = self.of_kind(self.kind_of(pattern)).iter().filter(|event| self.matches(pattern, **event));
            let named = fitting.map(|event| (self.when(*event), *event, self.log.subjects(*event)));
            Found::of(named.flat_map(|(at, event, subjects)| subjects.iter().map(move |s| (*s, at, event))).collect())
        })
    }

    /// The entries that tell a fact of subjects of a class.
    pub(crate) fn facts(&self, class: ClassId, field: FieldId) -> Arc<Found> {
        shelves::kept(&self.shelves.facts, &(class, field), || {
            let kinds = (0..self.codebook.kinds.len()).map(|kind| KindId(kind as u16));
            let describing = kinds.filter(|kind| self.codebook.kind(*kind).describes.contains(&class));
            let told = describing.flat_map(|kind| self.of_kind(kind)).filter(|event| self.field(**event, field).is_some());
            let of_whom = |event: &EventId| Some((self.log.subject_of(*event, class)?, self.when(*event), *event));
            Found::telling(told.filter_map(of_whom).collect(), |event| self.field(event, field))
        })
    }

    /// Whom of a class the entries of each subject of another name.
    pub(crate) fn ties(&self, from: ClassId, to: ClassId) -> Arc<Vec<Tied>> {
        shelves::kept(&self.shelves.ties, &(from, to), || {
            let mut ties = vec![Tied::Nobody; self.log.subject_count()];
            self.shelves.of_kind.iter().flatten().for_each(|event| shelves::tie(&mut ties, self.log, *event, (from, to)));
            ties
        })
    }

    /// What some rules came to, for whoever counts it; worked out once for all periods.
    pub(crate) fn judged(&self, by: &Judging, judge: impl FnOnce() -> Vec<Judged>) -> Arc<Vec<Judged>> {
        shelves::kept(&self.shelves.judged, by, judge)
    }

    /// Counts tables, exactly, in their order; with the entries behind each cell where somebody may see them.
    pub(crate) fn count_all(&self, tables: &[&Table], lineage: bool) -> Vec<Return> {
        let mut order: Vec<usize> = (0..tables.len()).collect();
        order.sort_by_key(|place| std::cmp::Reverse(self.cost(tables[*place])));
        side_by_side(&order, |place| self.count(tables[place], lineage))
    }

    /// About how much there is to do for a table: the entries that it reads, each under so many totals.
    pub(crate) fn cost(&self, table: &Table) -> usize {
        let patterns = table.columns.iter().flat_map(|column| column.measure.patterns());
        let entries: usize = patterns.map(|pattern| self.shelves.of_kind[self.kind_of(pattern).index()].len()).sum();
        entries << table.by.len().min(12)
    }

    /// Counts a table, exactly.
    fn count(&self, table: &Table, lineage: bool) -> Return {
        let as_of = self.hearing.asked().known_at;
        let coders = table.by.iter().map(|dimension| Coder::new(self.codebook, table, dimension, self.period)).collect();
        let mut dimensions = Dimensions::new(self, table, coders);
        let mut tally = Tally::new(self, table);
        let things: Vec<Vec<Thing>> = (0..table.columns.len()).map(|column| tally.things(column, &mut dimensions)).collect();
        let (left_out, rough) = (tally.left_out, tally.rough);
        let columns: Vec<ColumnHead> = (0..table.columns.len()).map(|column| self.column_head(table, column)).collect();
        let rolled = rollup::roll(self, table, &columns, &things, dimensions);
        let lineage = if lineage { rollup::lineage(rolled.under, things) } else { Lineage::default() };
        let notes = table.leaves_out.iter().zip(left_out);
        let mut made = Return {
            id: table.id.clone(),
            language: crate::phrases::Language::En,
            title: table.title.clone(),
            rules: format!("{} {}, {} in force from {}", self.codebook.id, self.codebook.version, table.id, table.from),
            class: table.class,
            period: self.period.clone(),
            as_of,
            zone: self.codebook.almanac.zone.clone(),
            audience: Audience::Restricted,
            dimensions: rolled.dimensions,
            columns,
            cells: Arc::new(rolled.cells),
            coverage: *self.coverage.get_or_init(|| self.coverage()),
            left_out: notes.map(|(left, things)| LeftOutNote { because: left.because.clone(), things }).collect(),
            cites: table.cites.iter().map(|c| format!("{} {} {}", c.source, label_word(c.kind), c.label)).collect(),
            asked_by: table.asked_by.clone(),
            traps: table.traps.clone(),
            events_read: self.shelves.events,
            roughly_dated: rough,
            treatment: Treatment::Exact,
            collapsed: Vec::new(),
            revisions: None,
            not_additive: Vec::new(),
            lineage,
        };
        rollup::mark(&mut made, self.codebook, SETTLING_DAYS);
        made.not_additive = rollup::additions(table, &made);
        made
    }

    fn column_head(&self, table: &Table, column: usize) -> ColumnHead {
        let class = |id: ClassId| self.codebook.class(id).name.clone();
        let measure = &table.columns[column].measure;
        let unit = match table.unit(column) {
            CountUnit::Subject(id) | CountUnit::Stock(id) => class(id),
            CountUnit::Event => measure
                .patterns()
                .first()
                .map_or_else(|| "stretch".to_owned(), |pattern| self.codebook.kind(self.codebook.expand(pattern).0).name.clone()),
            CountUnit::Value(field) => self.codebook.field_names[field.index()].clone(),
            CountUnit::Verdict => "verdict".to_owned(),
            CountUnit::Days(id) => format!("days of {}", class(id)),
            CountUnit::Minutes => "minutes".to_owned(),
            CountUnit::Measured(field) => self.measured_unit(measure, field),
            CountUnit::Ratio => match measure {
                Counted::Rate(_, scale, of) => format!("per {scale} {}", table.columns[*of].name),
                Counted::Share(..)
                | Counted::Subjects(..)
                | Counted::Several(..)
                | Counted::Events(_)
                | Counted::Different(..)
                | Counted::Verdicts(_)
                | Counted::Stock(..)
                | Counted::AverageDaily(..)
                | Counted::Days(..)
                | Counted::TimeBetween(..)
                | Counted::Length(..)
                | Counted::OfField(..)
                | Counted::Cohort(..)
                | Counted::TypedIn => "percent".to_owned(),
            },
            CountUnit::TypedIn => "typed in".to_owned(),
        };
        let (kind, rests_on) = rollup::kind_of(measure);
        ColumnHead { name: table.columns[column].name.clone(), unit, kind, rests_on }
    }

    fn measured_unit(&self, measure: &Counted, field: FieldId) -> String {
        use habeas_codebook::tree::{FieldType, Unit};
        let declared = measure.patterns().first().and_then(|p| self.codebook.field(self.codebook.expand(p).0, field));
        let Some(declared) = declared else { return "number".to_owned() };
        match &declared.of {
            FieldType::Money => "money".to_owned(),
            FieldType::Duration => "minutes".to_owned(),
            FieldType::Number(unit) => match unit {
                Some(Unit::SquareMetre) => "square metres",
                Some(Unit::Metre) => "metres",
                Some(Unit::Millimetre) => "millimetres",
                Some(Unit::Kilometre) => "kilometres",
                Some(Unit::Litre) => "litres",
                Some(Unit::Kilogram) => "kilograms",
                Some(Unit::Gram) => "grams",
                Some(Unit::Milligram) => "milligrams",
                Some(Unit::Degree) => "degrees",
                Some(Unit::Percent) => "percent",
                None => "number",
            }
            .to_owned(),
            FieldType::Choice(_)
            | FieldType::Choices(_)
            | FieldType::Text
            | FieldType::YesNo
            | FieldType::Date
            | FieldType::Time
            | FieldType::Span
            | FieldType::FileHash
            | FieldType::Language
            | FieldType::Country
            | FieldType::Signature
            | FieldType::BodyMark
            | FieldType::Role
            | FieldType::Place
            | FieldType::Person
            | FieldType::Officer
            | FieldType::Subject(_)
            | FieldType::Ref(_) => "number".to_owned(),
        }
    }

    /// Places described as known at the end of the period, and those of them with an entry in it. Where none is described there is
    /// nothing to compare with.
    fn coverage(&self) -> Coverage {
        let Some(class) = self.place else { return Coverage::default() };
        let before = |end: Moment, tells: &dyn Fn(&Kind) -> bool| -> Vec<SubjectId> {
            let kinds = self.codebook.kinds.iter().zip(&self.shelves.of_kind).filter(|(kind, _)| tells(kind));
            let events = kinds.flat_map(|(_, events)| events).filter(|event| self.when(**event) < end);
            let mut places: Vec<SubjectId> = events.filter_map(|event| self.log.subject_of(*event, class)).collect();
            places.sort_unstable();
            places.dedup();
            places
        };
        let described = before(self.period.end, &|kind| kind.describes.contains(&class));
        let closed = before(self.period.start, &|kind| kind.closes.contains(&class));
        let is_sent = |event: EventId| {
            let describes = self.codebook.kind(self.log.kind(event)).describes.contains(&class);
            !describes && self.period.covers(self.when(event))
        };
        let mut coverage = Coverage::default();
        for place in described.into_iter().filter(|place| closed.binary_search(place).is_err()) {
            coverage.should += 1;
            coverage.sent += u32::from(self.hearing.events_of(place).any(is_sent));
        }
        coverage
    }
}

/// Whether a test compares with another field, which may be anywhere in the subject's history.
fn reads_others_fields(test: &Test) -> bool {
    let is_other = |term: &Term| matches!(term, Term::Other(_));
    match test {
        Test::Known => false,
        Test::Is(_, term) | Test::Includes(_, term) => is_other(term),
        Test::OneOf(terms) | Test::IncludesAll(terms) => terms.iter().any(is_other),
        Test::Compare(_, measure) => matches!(measure, Measure::Other(_)),
    }
}

fn label_word(kind: habeas_codebook::tree::LabelKind) -> &'static str {
    use habeas_codebook::tree::LabelKind;
    match kind {
        LabelKind::Paragraph => "paragraph",
        LabelKind::Article => "article",
        LabelKind::Rule => "rule",
        LabelKind::Principle => "principle",
        LabelKind::Section => "section",
        LabelKind::Note => "note",
    }
}
