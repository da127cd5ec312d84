//! A return, counted: its heads, its cells, what each cell rests on, and what every reader must know of it.

use crate::period::Period;
use crate::phrases::{self, Language, Phrase};
use habeas_codebook::log::EventId;
use habeas_codebook::moment::Moment;
use habeas_codebook::table::TableClass;
use hashbrown::HashMap;
use rust_decimal::Decimal;
use std::sync::Arc;

/// The code of a total: every value of the dimension together.
pub const TOTAL: u16 = 0;
/// The code that a total has in files.
pub const TOTAL_CODE: &str = "_T";
/// The code of what was not recorded; part of every total.
pub const NOT_RECORDED: &str = "not_recorded";

/// Codes of a cell, one a dimension: [`TOTAL`], or one more than the place of the code in [`DimensionHead::codes`].
pub type Key = Box<[u16]>;

/// A dimension and its codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DimensionHead {
    /// Short name: `type`, `age`, `place`.
    pub name: String,
    /// As the codebook writes it: `type of the measure applied`.
    pub words: String,
    /// As people read it before a code, in the language of the table.
    pub label: String,
    /// The codes as people read them, where that is not the codes themselves.
    pub labels: Vec<String>,
    /// Codes, in order: as declared, smallest first, or by spelling; [`NOT_RECORDED`] last.
    pub codes: Vec<String>,
    /// What it is in SDMX's common list of concepts, where it is one of them.
    pub concept: Option<&'static str>,
    /// It tells of health, or of what is privileged.
    pub of_health: bool,
}

/// A column and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnHead {
    /// Its name.
    pub name: String,
    /// What one of its numbers is: `person`, `event`, `minutes`, `percent` …
    pub unit: String,
    /// How its numbers come about.
    pub kind: ColumnKind,
    /// Columns that a ratio or a cohort is worked out from.
    pub rests_on: Vec<usize>,
}

/// How the numbers of a column come about, which decides how they may be protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A count: of different things, or of a stock on a day.
    Count,
    /// A sum, median, longest or average of measured values.
    Measured,
    /// A share or a rate.
    Ratio,
    /// Typed in.
    TypedIn,
}

/// Mark of a value as the statistics reader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A value counted from the record.
    Normal,
    /// Provisional: the settling time has not passed.
    Provisional,
    /// Revised since an earlier release.
    Revised,
    /// Not available.
    Missing,
    /// Cannot occur.
    CannotOccur,
    /// Low coverage.
    LowCoverage,
    /// Typed in.
    TypedIn,
}

impl Observed {
    /// The mark of the returns page; empty for a plain value.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Observed::Normal => "",
            Observed::Provisional => "p",
            Observed::Revised => "r",
            Observed::Missing => ":",
            Observed::CannotOccur => "-",
            Observed::LowCoverage => "u",
            Observed::TypedIn => "t",
        }
    }
    /// The code of SDMX's list of observation statuses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Observed::Normal => "A",
            Observed::Provisional => "P",
            Observed::Revised => "R",
            Observed::Missing => "M",
            Observed::CannotOccur => "L",
            Observed::LowCoverage => "U",
            Observed::TypedIn => "V",
        }
    }
}

/// Whether a value may be shown, by SDMX's list of confidentiality statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// `F`: free.
    Free,
    /// `A`: withheld, a small count.
    SmallCount,
    /// `D`: withheld, so that another can not be worked out.
    Secondary,
    /// `O`: withheld, one contributor dominates.
    DominatedByOne,
    /// `T`: withheld, two contributors dominate.
    DominatedByTwo,
    /// `N`: for those with access only.
    Internal,
}

impl Shown {
    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Shown::Free => "F",
            Shown::SmallCount => "A",
            Shown::Secondary => "D",
            Shown::DominatedByOne => "O",
            Shown::DominatedByTwo => "T",
            Shown::Internal => "N",
        }
    }
    /// Whether the value is not printed.
    #[must_use]
    pub fn is_withheld(self) -> bool {
        match self {
            Shown::Free | Shown::Internal => false,
            Shown::SmallCount | Shown::Secondary | Shown::DominatedByOne | Shown::DominatedByTwo => true,
        }
    }
}

/// One number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Index into [`Return::columns`].
    pub column: usize,
    /// Where in the dimensions.
    pub key: Key,
    /// Currency, where the column is of money.
    pub currency: Option<String>,
    /// The number; `None` where there is none (see `observed`) or it is withheld (see `shown`).
    pub value: Option<Decimal>,
    /// Mark.
    pub observed: Observed,
    /// Whether it may be shown.
    pub shown: Shown,
    /// How many things it rests on.
    pub rests_on: u32,
    /// A sum of money in which one or two amounts stand out, or that has fewer than three of them.
    pub dominated: Option<Shown>,
    /// The same statistic over stretches that had not ended with the period, cut there; `None`: there is none.
    pub open: Option<(u32, Decimal)>,
}

/// How many places sent data, of those that should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Places with an entry in the period.
    pub sent: u32,
    /// Places in use.
    pub should: u32,
}

impl Coverage {
    /// Below 95 per cent: the table is marked, and no total is printed without the word "partial".
    #[must_use]
    pub fn is_low(self) -> bool {
        u64::from(self.sent) * 100 < u64::from(self.should) * 95
    }
}

/// For whom a table is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody: small numbers about persons are withheld.
    Public,
    /// Those with access: everything is there.
    Restricted,
}

/// How small numbers were protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Treatment {
    /// Nothing was hidden.
    #[default]
    Exact,
    /// Some cells are withheld.
    Withheld {
        /// Cells of small counts.
        primary: u32,
        /// Cells withheld for their sake.
        secondary: u32,
    },
    /// Every count is rounded to this base on its own, totals too.
    Rounded(u32),
}

/// What is left out of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutNote {
    /// Why.
    pub because: String,
    /// How many things of all columns.
    pub things: u32,
}

/// A counted table.
#[derive(Clone, Debug, PartialEq)]
pub struct Return {
    /// Its id.
    pub id: String,
    /// The language of what people read of it.
    pub language: Language,
    /// Its title.
    pub title: String,
    /// Pack, version and the day from which this version of the table is in force.
    pub rules: String,
    /// Class.
    pub class: TableClass,
    /// When things happened.
    pub period: Period,
    /// What had been recorded by then.
    pub as_of: Moment,
    /// Offset of times is that of this zone.
    pub zone: jiff::tz::TimeZone,
    /// For whom.
    pub audience: Audience,
    /// Dimensions.
    pub dimensions: Vec<DimensionHead>,
    /// Columns.
    pub columns: Vec<ColumnHead>,
    /// Cells, sorted by column, then by the codes as spelt, then by currency; the same for whoever is told the table in other words.
    pub cells: Arc<Vec<Cell>>,
    /// Coverage.
    pub coverage: Coverage,
    /// What was left out.
    pub left_out: Vec<LeftOutNote>,
    /// Paragraphs that ask for it.
    pub cites: Vec<String>,
    /// Bodies that ask for it.
    pub asked_by: Vec<String>,
    /// Mistakes that a reader could make.
    pub traps: Vec<String>,
    /// Entries known at the as-of that were read.
    pub events_read: u64,
    /// Things dated by a time known only roughly.
    pub roughly_dated: u32,
    /// How small numbers were protected.
    pub treatment: Treatment,
    /// What was changed so that fewer cells are withheld, in words.
    pub collapsed: Vec<String>,
    /// Reasons of revised cells: how many entries came late, how many corrected.
    pub revisions: Option<Revisions>,
    /// Additions that did not come out, in words; empty when all did.
    pub not_additive: Vec<String>,
    /// Entries behind the cells; nothing for the public.
    pub lineage: Lineage,
}

/// The entries behind the finest cells. A coarser cell rests on those of the finest ones in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    /// Keys of the finest cells; several together where one thing is counted under several.
    pub(crate) under: Arc<[Box<[Key]>]>,
    /// For each column, which keys, and the entry.
    pub(crate) columns: Vec<Vec<(u32, EventId)>>,
}

impl Lineage {
    /// Whether nothing is known: the table is for everybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The finest keys of a column, each with an entry behind it.
    pub(crate) fn of(&self, column: usize) -> impl Iterator<Item = (&Key, EventId)> {
        let told = self.columns.get(column).into_iter().flatten();
        told.flat_map(|(under, event)| self.under[*under as usize].iter().map(|key| (key, *event)))
    }
}

/// Why a table differs from an earlier release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    /// Cells that differ.
    pub cells: u32,
    /// Entries recorded since whose time lies in the period or before.
    pub late: u32,
    /// Corrections and withdrawals recorded since.
    pub corrections: u32,
}

impl Return {
    /// The spelling of one code of a key.
    #[must_use]
    pub fn code(&self, dimension: usize, code: u16) -> &str {
        match code.checked_sub(1) {
            None => TOTAL_CODE,
            Some(place) => self.dimensions[dimension].codes.get(usize::from(place)).map_or("", String::as_str),
        }
    }

    /// One code of a key as people read it.
    #[must_use]
    pub fn label(&self, dimension: usize, code: u16) -> String {
        let Some(place) = code.checked_sub(1) else { return phrases::say(self.language, Phrase::All, &[]) };
        let said = self.dimensions[dimension].labels.get(usize::from(place)).cloned();
        said.unwrap_or_else(|| self.code(dimension, code).replace('_', " "))
    }

    /// The spellings of a key.
    #[must_use]
    pub fn codes(&self, key: &[u16]) -> Vec<&str> {
        key.iter().enumerate().map(|(dimension, code)| self.code(dimension, *code)).collect()
    }

    /// A dimension by its short name, its words, or either with `_` for spaces.
    #[must_use]
    pub fn dimension_named(&self, name: &str) -> Option<usize> {
        let plain = |text: &str| text.to_lowercase().replace(['_', '-'], " ");
        let wanted = plain(name);
        let heads = || self.dimensions.iter();
        heads().position(|d| plain(&d.name) == wanted).or_else(|| heads().position(|d| plain(&d.words) == wanted))
    }

    /// A code of a dimension by its spelling; `_T`, `total` and `all` are the total.
    #[must_use]
    pub fn code_named(&self, dimension: usize, text: &str) -> Option<u16> {
        if matches!(text, "_T" | "total" | "all") {
            return Some(TOTAL);
        }
        let plain = |text: &str| text.to_lowercase().replace(['_', '-'], " ");
        let codes = &self.dimensions[dimension].codes;
        let place = codes.iter().position(|c| c == text).or_else(|| codes.iter().position(|c| plain(c) == plain(text)));
        place.and_then(|place| u16::try_from(place + 1).ok())
    }

    /// The cells of a column at a key; several for money in several currencies.
    pub fn cells_at<'r, 'k>(&'r self, column: usize, key: &'k [u16]) -> impl Iterator<Item = &'r Cell> + use<'r, 'k> {
        let wanted = self.spelt(key);
        let from =
            self.cells.partition_point(|cell| cell.column.cmp(&column).then_with(|| self.spelt(&cell.key).cmp(wanted.clone())).is_lt());
        self.cells[from..].iter().take_while(move |cell| cell.column == column && *cell.key == *key)
    }

    fn spelt<'k>(&self, key: &'k [u16]) -> impl Iterator<Item = &str> + Clone + use<'_, 'k> {
        key.iter().enumerate().map(|(dimension, code)| self.code(dimension, *code))
    }

    /// The part of a table that lies under one code of a dimension, told as if there were nothing else: that code is its total.
    #[must_use]
    pub fn within(&self, dimension: usize, code: u16) -> Return {
        let mut part = self.clone();
        let own = self.cells.iter().filter(|cell| cell.key[dimension] == code).cloned();
        let mut cells: Vec<Cell> = own.collect();
        cells.iter_mut().for_each(|cell| cell.key[dimension] = TOTAL);
        part.cells = Arc::new(cells);
        let one = |key: &Key| {
            let mut key = key.clone();
            (std::mem::replace(&mut key[dimension], TOTAL) == code).then_some(key)
        };
        part.lineage.under = part.lineage.under.iter().map(|keys| keys.iter().filter_map(one).collect()).collect();
        part
    }

    /// The same of every cell of a column that has any: for whoever prints them all.
    #[must_use]
    pub fn events_behind_each(&self, column: usize) -> HashMap<Key, Vec<EventId>, foldhash::fast::FixedState> {
        let mut behind: HashMap<Key, Vec<EventId>, foldhash::fast::FixedState> = HashMap::default();
        for (key, event) in self.lineage.of(column) {
            for key in crate::rollup::all_above(key) {
                behind.entry(key).or_default().push(event);
            }
        }
        for events in behind.values_mut() {
            events.sort_unstable();
            events.dedup();
        }
        behind
    }

    /// Entries behind a cell, sorted; none where the table is for everybody.
    #[must_use]
    pub fn events_behind(&self, column: usize, key: &[u16]) -> Vec<EventId> {
        let within = |own: &[u16]| own.iter().zip(key).all(|(own, wanted)| *wanted == TOTAL || own == wanted);
        let finest = self.lineage.of(column);
        let mut events: Vec<EventId> = finest.filter(|(own, _)| within(own)).map(|(_, event)| event).collect();
        events.sort_unstable();
        events.dedup();
        events
    }
}
