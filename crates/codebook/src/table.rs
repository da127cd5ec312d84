//! Statistical returns: a `table` block says what is counted, of whom, when, by what, and why anything is left out.
//!
//! The returns crate counts by this tree; `render` reads it aloud; the checks question it.

use crate::diagnostic::Mark;
use crate::moment::Length;
use crate::tree::{Bound, Citation, ClassId, Cond, EventName, FieldId, Pattern, StateId};
use jiff::civil;

/// One version of a statistical return.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its id as written, for example `R10`.
    pub id: String,
    /// Pack that wrote it.
    pub pack: String,
    /// Its title.
    pub title: String,
    /// Citations.
    pub cites: Vec<Citation>,
    /// Bodies that ask for it.
    pub asked_by: Vec<String>,
    /// First day in force.
    pub from: civil::Date,
    /// First day no more in force.
    pub until: Option<civil::Date>,
    /// Whose numbers they are: decides what may be withheld.
    pub class: TableClass,
    /// What is counted, in the order written.
    pub columns: Vec<Column>,
    /// The event whose *occurred* time puts a thing in a period; `None`: the first event that a column names.
    pub dated_by: Option<Pattern>,
    /// Dimensions, read as at the dating event.
    pub by: Vec<Dimension>,
    /// What is not counted, and why.
    pub leaves_out: Vec<LeftOut>,
    /// Tables that share cells with this one.
    pub linked: Vec<(String, Mark)>,
    /// Additions that must hold.
    pub parts: Vec<Parts>,
    /// Mistakes that a reader of the table could make.
    pub traps: Vec<String>,
    /// Index into [`crate::tree::Codebook::chapters`].
    pub chapter: u32,
    /// The whole table.
    pub mark: Mark,
}

/// Whether a table tells of an institution's conduct or of persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableClass {
    /// How an institution behaves: printed exactly, one and two included.
    Conduct,
    /// Anything crossed with attributes of persons: small numbers are withheld.
    Person,
}

/// A column: a measure with its own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it measures.
    pub measure: Counted,
    /// `where …`: only what passes.
    pub condition: Option<Cond>,
    /// `where the verdict is …`: only these, by [`VERDICTS`]; empty: all.
    pub verdicts: Vec<&'static str>,
    /// Where written.
    pub mark: Mark,
}

/// The words of a verdict, as a table says them.
pub const VERDICTS: [&str; 6] = ["met late", "met", "breached", "pending", "excused", "undetermined"];

/// What a column measures.
#[derive(Clone, Debug, PartialEq)]
pub enum Counted {
    /// `number of SUBJECT with e or f`: different subjects.
    Subjects(ClassId, Vec<Pattern>),
    /// `number of SUBJECT with at least INT e`: different subjects, by how many such events each has in the period.
    Several(ClassId, Bound, u32, Pattern),
    /// `number of e`: each event once.
    Events(Pattern),
    /// `number of different FIELD of e`
    Different(FieldId, Pattern),
    /// `number of verdicts of RULE and RULE`
    Verdicts(Vec<String>),
    /// `number of SUBJECT while STATE at …`: a stock.
    Stock(ClassId, StateId, StockDay),
    /// `average daily number of SUBJECT while STATE`
    AverageDaily(ClassId, StateId),
    /// `days of SUBJECT while STATE`
    Days(ClassId, StateId),
    /// `STAT time from e to f`: from each e to the first f of the same subject at or after it.
    TimeBetween(Stat, Pattern, Pattern),
    /// `STAT length of STATE`
    Length(Stat, StateId),
    /// `STAT of the FIELD of e`
    OfField(Stat, FieldId, Pattern),
    /// `of NAME, number with e by …`: what has become of those that another column counts. Index into the table's columns.
    Cohort(usize, Pattern, CohortEnd),
    /// `share of NAME in NAME`
    Share(usize, usize),
    /// `rate of NAME per INT NAME`
    Rate(usize, u32, usize),
    /// `typed in`: no event holds it.
    TypedIn,
}

/// The day of a stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockDay {
    /// At the first instant of the period.
    Start,
    /// At the last instant of the period.
    End,
    /// At 24:00 of this month and day.
    On(i8, i8),
}

/// Until when a cohort is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CohortEnd {
    /// The end of the period.
    PeriodEnd,
    /// The as-of moment.
    AsOf,
}

/// A statistic of lengths, numbers or sums of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat {
    /// Sum.
    Total,
    /// Middle value; of an even number the lower of the two middle ones.
    Median,
    /// Ninetieth percentile by nearest rank.
    Ninetieth,
    /// Greatest.
    Longest,
    /// Smallest.
    Least,
    /// Arithmetic mean, to two decimals.
    Mean,
    /// How many are longer than this.
    NumberOver(Length),
    /// By how much those that are longer than this are longer, together.
    TotalOver(Length),
}

/// A dimension of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// What is read.
    pub of: DimensionOf,
    /// Bands of numbers; empty: the values themselves.
    pub bands: Vec<Band>,
    /// Where written.
    pub mark: Mark,
}

/// What a dimension reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DimensionOf {
    /// `FIELD of the SUBJECT`: a fact, as at the event.
    Fact(FieldId, ClassId),
    /// `FIELD of the EVENT`
    Field(FieldId, EventName),
    /// `age of the person` in whole years.
    Age,
    /// `place`
    Place,
    /// `kind of place`: the fact `type` of the place.
    KindOfPlace,
    /// `region`: the fact `region` of the place.
    Region,
    /// `rule`
    Rule,
    /// `verdict`
    Verdict,
    /// `day`
    Day,
    /// `month`
    Month,
    /// `quarter`
    Quarter,
    /// `year`
    Year,
    /// `hour` of the day.
    Hour,
    /// A state: yes or no.
    State(StateId),
}

/// A band of whole numbers: `14-15`, `60+`, `7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// Smallest.
    pub least: u32,
    /// Greatest; `None`: no end.
    pub most: Option<u32>,
}

impl std::fmt::Display for Band {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.most {
            Some(most) if most == self.least => write!(out, "{most}"),
            Some(most) => write!(out, "{}-{most}", self.least),
            None => write!(out, "{}+", self.least),
        }
    }
}

/// `leaves out …, because "…"`
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// What.
    pub what: LeftOutWhat,
    /// Why.
    pub because: String,
    /// Where written.
    pub mark: Mark,
}

/// What a table does not count.
#[derive(Clone, Debug, PartialEq)]
pub enum LeftOutWhat {
    /// Events that fit.
    Event(Pattern),
    /// Things of which this is true when they are dated; a state named alone is such a condition.
    Where(Cond),
}

/// `parts of NAME: NAME, NAME`. Indices into the table's columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// The sum.
    pub whole: usize,
    /// What it is the sum of.
    pub parts: Vec<usize>,
    /// Where written.
    pub mark: Mark,
}

/// What one of a column's numbers is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountUnit {
    /// Different subjects of a class.
    Subject(ClassId),
    /// Events, each once.
    Event,
    /// Different values of a field.
    Value(FieldId),
    /// Verdicts.
    Verdict,
    /// Subjects of a class in a state at an instant, or on average.
    Stock(ClassId),
    /// Days of subjects of a class.
    Days(ClassId),
    /// A length of time, in minutes.
    Minutes,
    /// The field's own unit, or money.
    Measured(FieldId),
    /// A share in percent or a rate.
    Ratio,
    /// Typed in.
    TypedIn,
}

impl Table {
    /// The unit of a column.
    #[must_use]
    pub fn unit(&self, column: usize) -> CountUnit {
        match &self.columns[column].measure {
            Counted::Subjects(class, _) | Counted::Several(class, ..) => CountUnit::Subject(*class),
            Counted::Events(_) | Counted::Length(Stat::NumberOver(_), _) | Counted::TimeBetween(Stat::NumberOver(_), ..) => {
                CountUnit::Event
            }
            Counted::Different(field, _) => CountUnit::Value(*field),
            Counted::Verdicts(_) => CountUnit::Verdict,
            Counted::Stock(class, ..) | Counted::AverageDaily(class, _) => CountUnit::Stock(*class),
            Counted::Days(class, _) => CountUnit::Days(*class),
            Counted::TimeBetween(..) | Counted::Length(..) => CountUnit::Minutes,
            Counted::OfField(_, field, _) => CountUnit::Measured(*field),
            Counted::Cohort(of, ..) if *of != column => self.unit(*of),
            Counted::Cohort(..) | Counted::Share(..) | Counted::Rate(..) => CountUnit::Ratio,
            Counted::TypedIn => CountUnit::TypedIn,
        }
    }

    /// Events that the measures name, in the order written.
    #[must_use]
    pub fn patterns(&self) -> Vec<&Pattern> {
        let mut patterns: Vec<&Pattern> = self.columns.iter().flat_map(|column| column.measure.patterns()).collect();
        patterns.extend(&self.dated_by);
        patterns.extend(self.leaves_out.iter().filter_map(|left| match &left.what {
            LeftOutWhat::Event(pattern) => Some(pattern),
            LeftOutWhat::Where(_) => None,
        }));
        patterns
    }

    /// Conditions of the columns and of what is left out.
    #[must_use]
    pub fn conditions(&self) -> Vec<&Cond> {
        let left = self.leaves_out.iter().filter_map(|left| match &left.what {
            LeftOutWhat::Where(cond) => Some(cond),
            LeftOutWhat::Event(_) => None,
        });
        self.columns.iter().filter_map(|column| column.condition.as_ref()).chain(left).collect()
    }
}

impl Counted {
    /// Events that the measure names, in the order written.
    #[must_use]
    pub fn patterns(&self) -> Vec<&Pattern> {
        match self {
            Counted::Subjects(_, patterns) => patterns.iter().collect(),
            Counted::Events(pattern)
            | Counted::Several(.., pattern)
            | Counted::Different(_, pattern)
            | Counted::OfField(_, _, pattern)
            | Counted::Cohort(_, pattern, _) => {
                vec![pattern]
            }
            Counted::TimeBetween(_, from, to) => vec![from, to],
            Counted::Verdicts(_)
            | Counted::Stock(..)
            | Counted::AverageDaily(..)
            | Counted::Days(..)
            | Counted::Length(..)
            | Counted::Share(..)
            | Counted::Rate(..)
            | Counted::TypedIn => Vec::new(),
        }
    }

    /// The state that the measure rests on.
    #[must_use]
    pub fn state(&self) -> Option<StateId> {
        match self {
            Counted::Stock(_, state, _) | Counted::AverageDaily(_, state) | Counted::Days(_, state) | Counted::Length(_, state) => {
                Some(*state)
            }
            Counted::Subjects(..)
            | Counted::Several(..)
            | Counted::Events(_)
            | Counted::Different(..)
            | Counted::Verdicts(_)
            | Counted::TimeBetween(..)
            | Counted::OfField(..)
            | Counted::Cohort(..)
            | Counted::Share(..)
            | Counted::Rate(..)
            | Counted::TypedIn => None,
        }
    }
}
