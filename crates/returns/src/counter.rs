//! Counts tables over a log that is heard: what is read once for all of them is kept here.

use crate::cells::{Audience, ColumnHead, Coverage, LeftOutNote, Return, Treatment};
use crate::coder::Coder;
use crate::columns::{Tally, Thing};
use crate::period::Period;
use crate::rollup;
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::table::{CountUnit, Counted, Table};
use habeas_codebook::tree::{ClassId, Codebook, FieldId, KindId, Pattern, StateId};
use habeas_monitor::look::{Ground, Look, Stretch};
use habeas_monitor::{Asked, Hearing, Monitor};
use hashbrown::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What is asked of a table.
#[derive(Clone, Debug)]
pub struct Request<'t> {
    /// The table.
    pub table: &'t Table,
    /// When things happened.
    pub period: Period,
    /// Days after the period during which numbers are provisional.
    pub settling_days: u32,
}

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

/// Counts any number of tables over a log, by what was known at `as_of`. The log is heard once, and once more with its breaches where a
/// table counts verdicts: elsewhere a breach is no entry.
#[must_use]
pub fn count_all(codebook: &Codebook, log: &Log, tables: &[&Table], period: &Period, as_of: Moment) -> Vec<Return> {
    let sorted = log.in_order_of_record();
    let log = sorted.as_ref().unwrap_or(log);
    let monitor = Monitor::new(codebook);
    let asked = Asked { now: as_of, known_at: as_of };
    let counts_verdicts = |table: &&Table| table.columns.iter().any(|c| matches!(c.measure, Counted::Verdicts(_)));
    let (of_verdicts, plain): (Vec<&Table>, Vec<&Table>) = tables.iter().copied().partition(counts_verdicts);
    let counted = |log: &Log, tables: Vec<&Table>| -> Vec<Return> {
        if tables.is_empty() {
            return Vec::new();
        }
        let hearing = monitor.hear(log, asked);
        let counter = Counter::new(codebook, &hearing);
        side_by_side(&counter, &tables, period)
    };
    let with_breaches = if of_verdicts.is_empty() { None } else { monitor.with_every_breach(log, asked) };
    let (mut of_verdicts, mut plain) = match &with_breaches {
        Some(more) => (counted(more, of_verdicts).into_iter(), counted(log, plain).into_iter()),
        None => return counted(log, tables.to_vec()),
    };
    tables.iter().filter_map(|table| if counts_verdicts(table) { of_verdicts.next() } else { plain.next() }).collect()
}

/// Counts tables two at a time, in their order. Which thread counts which changes nothing in what comes out.
fn side_by_side(counter: &Counter<'_>, tables: &[&Table], period: &Period) -> Vec<Return> {
    let next = AtomicUsize::new(0);
    let some = || -> Vec<(usize, Return)> {
        let mut made = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(table) = tables.get(place) else { return made };
            made.push((place, counter.count(&Request { table, period: period.clone(), settling_days: SETTLING_DAYS })));
        }
    };
    let mut made: Vec<(usize, Return)> = if tables.len() < SIDE_BY_SIDE {
        some()
    } else {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(some)).collect();
            // A table that cannot be counted is a fault of the program: it ends here as it would on one thread.
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))).collect()
        })
    };
    made.sort_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, made)| made).collect()
}

type Kept = HashMap<(ClassId, StateId), Arc<Vec<(SubjectId, Stretch)>>, foldhash::fast::FixedState>;

/// Tables counted side by side: more would hold more things in memory at once than they save time.
const SIDE_BY_SIDE: usize = 2;

/// Counts any number of tables over one log.
pub struct Counter<'m> {
    pub(crate) codebook: &'m Codebook,
    pub(crate) hearing: &'m Hearing<'m>,
    pub(crate) log: &'m Log,
    pub(crate) ground: Ground,
    /// Entries that stand, of each kind, by time, then id.
    by_kind: Vec<Vec<(Moment, EventId)>>,
    by_class: Vec<Vec<SubjectId>>,
    stretches: Mutex<Kept>,
    /// Entries that stand.
    events: u64,
    pub(crate) person: Option<ClassId>,
    pub(crate) place: Option<ClassId>,
    pub(crate) born: Option<FieldId>,
    pub(crate) type_field: Option<FieldId>,
    pub(crate) region: Option<FieldId>,
}

impl<'m> Counter<'m> {
    /// Reads once what every table needs. The log should be in order of record ([`Log::in_order_of_record`]), so that ties of time do
    /// not depend on the order of a file.
    #[must_use]
    pub fn new(codebook: &'m Codebook, hearing: &'m Hearing<'m>) -> Self {
        let log = hearing.log();
        let mut by_kind: Vec<Vec<(Moment, EventId)>> = vec![Vec::new(); codebook.kinds.len()];
        let mut events = 0;
        for event in hearing.standing() {
            events += 1;
            by_kind[log.kind(event).index()].push((hearing.possible(event).earliest, event));
        }
        for of_kind in &mut by_kind {
            if !of_kind.is_sorted() {
                of_kind.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| log.id(a.1).cmp(log.id(b.1))));
            }
        }
        let mut by_class: Vec<Vec<SubjectId>> = vec![Vec::new(); codebook.classes.len()];
        for subject in (0..log.subject_count() as u32).map(SubjectId) {
            by_class[log.class_of(subject).index()].push(subject);
        }
        let field = |name: &str| codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16));
        Counter {
            codebook,
            hearing,
            log,
            ground: Ground::default(),
            by_kind,
            by_class,
            stretches: Mutex::default(),
            events,
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

    /// Entries of a kind, by time.
    pub(crate) fn of_kind(&self, kind: KindId) -> &[(Moment, EventId)] {
        &self.by_kind[kind.index()]
    }

    pub(crate) fn subjects_of(&self, class: ClassId) -> &[SubjectId] {
        &self.by_class[class.index()]
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

    /// Whether an entry is what a pattern asks for.
    pub(crate) fn matches(&self, pattern: &Pattern, event: EventId) -> bool {
        let (kind, tests) = self.codebook.expand(pattern);
        if self.log.kind(event) != kind {
            return false;
        }
        tests.is_empty() || self.main_subject(event).is_some_and(|subject| self.look(subject).matches(pattern, event))
    }

    /// The stretches of a state, for each subject of a class; worked out once.
    pub(crate) fn stretches(&self, class: ClassId, state: StateId) -> Arc<Vec<(SubjectId, Stretch)>> {
        // Held while they are worked out: whoever needs the same waits for it and does not do it again.
        let mut kept = self.stretches.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.get(&(class, state)) {
            return Arc::clone(found);
        }
        let mut all = Vec::new();
        for subject in self.subjects_of(class) {
            if self.hearing.events_of(*subject).next().is_some() {
                all.extend(self.look(*subject).stretches(state).into_iter().map(|stretch| (*subject, stretch)));
            }
        }
        let all = Arc::new(all);
        kept.insert((class, state), Arc::clone(&all));
        all
    }

    /// Counts a table, exactly.
    #[must_use]
    pub fn count(&self, request: &Request<'_>) -> Return {
        let table = request.table;
        let as_of = self.hearing.asked().known_at;
        let mut coders: Vec<Coder> =
            table.by.iter().map(|dimension| Coder::new(self.codebook, table, dimension, &request.period)).collect();
        let mut tally = Tally::new(self, table, &request.period);
        let things: Vec<Vec<Thing>> = (0..table.columns.len()).map(|column| tally.things(column, &mut coders)).collect();
        let (left_out, rough) = (tally.left_out, tally.rough);
        let columns: Vec<ColumnHead> = (0..table.columns.len()).map(|column| self.column_head(table, column)).collect();
        let rolled = rollup::roll(self, request, &columns, things, coders, as_of);
        let notes = table.leaves_out.iter().zip(left_out);
        let mut made = Return {
            id: table.id.clone(),
            language: crate::phrases::Language::En,
            title: table.title.clone(),
            rules: format!("{} {}, {} in force from {}", self.codebook.id, self.codebook.version, table.id, table.from),
            class: table.class,
            period: request.period.clone(),
            as_of,
            zone: self.codebook.almanac.zone.clone(),
            audience: Audience::Restricted,
            dimensions: rolled.dimensions,
            columns,
            cells: rolled.cells,
            coverage: self.coverage(&request.period),
            left_out: notes.map(|(left, things)| LeftOutNote { because: left.because.clone(), things }).collect(),
            cites: table.cites.iter().map(|c| format!("{} {} {}", c.source, label_word(c.kind), c.label)).collect(),
            asked_by: table.asked_by.clone(),
            traps: table.traps.clone(),
            events_read: self.events,
            roughly_dated: rough,
            treatment: Treatment::Exact,
            collapsed: Vec::new(),
            revisions: None,
            not_additive: Vec::new(),
            lineage: rolled.lineage,
        };
        rollup::mark(&mut made, self.codebook, request.settling_days);
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
    fn coverage(&self, period: &Period) -> Coverage {
        let Some(class) = self.place else { return Coverage::default() };
        let mut coverage = Coverage::default();
        for place in self.subjects_of(class) {
            let (mut described, mut closed, mut sent) = (false, false, false);
            for event in self.hearing.events_of(*place) {
                let (kind, at) = (self.codebook.kind(self.log.kind(event)), self.hearing.possible(event).earliest);
                described |= kind.describes.contains(&class) && at < period.end;
                closed |= kind.closes.contains(&class) && at < period.start;
                sent |= !kind.describes.contains(&class) && period.covers(at);
            }
            if described && !closed {
                coverage.should += 1;
                coverage.sent += u32::from(sent);
            }
        }
        coverage
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
