//! Which table answers a question, and whether a figure that was stated is the register's own.
//!
//! Both rest on shared words, the rarer the stronger, and are offered, never asserted: whoever reads sees the table, the column and the
//! period beside the words, and "cannot tell" is an answer.

use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::table::Table;
use habeas_codebook::tree::Codebook;
use habeas_returns::cells::{Audience, ColumnKind, Return};
use habeas_returns::period::Period;
use habeas_returns::release::{self, Wanted};
use habeas_returns::withhold::Limits;
use habeas_review::model::{Figure, Qualifier};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Shared words must weigh this much for a figure to be held against a column of a table.
const HELD: f64 = 4.0;
/// `about` and `almost` are within so much of the figure.
const ABOUT: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// Words that tell nothing of the subject.
const PLAIN: [&str; 46] = [
    "about", "above", "after", "also", "been", "before", "between", "could", "does", "each", "first", "from", "have", "held", "into",
    "made", "many", "more", "much", "number", "numbers", "other", "over", "part", "per", "persons", "person", "police", "since", "some",
    "such", "than", "that", "their", "them", "there", "these", "they", "this", "those", "were", "what", "when", "which", "with", "would",
];

/// The words of a text that tell of its subject, in their stems.
fn stems(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).filter(|word| word.chars().count() > 3);
    words.filter(|word| !PLAIN.contains(&word.as_str())).map(|word| stem(&word)).collect()
}

/// A word without the ending that its number or its tense gives it.
pub(super) fn stem(word: &str) -> String {
    let without = |ending: &str| word.strip_suffix(ending).filter(|rest| rest.chars().count() > 3).map(str::to_owned);
    ["ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "y"].into_iter().find_map(without).unwrap_or_else(|| word.to_owned())
}

/// Tables by the words that they are made of.
pub struct Tables<'c> {
    codebook: &'c Codebook,
    tables: Vec<(&'c Table, BTreeSet<String>)>,
    rarity: HashMap<String, f64>,
}

impl<'c> Tables<'c> {
    /// Reads the tables of a codebook.
    #[must_use]
    pub fn of(codebook: &'c Codebook) -> Self {
        let words = |table: &Table| {
            let columns: String = table.columns.iter().map(|column| format!(" {}", column.name)).collect();
            stems(&format!("{}{columns}", table.title))
        };
        let tables: Vec<(&Table, BTreeSet<String>)> = codebook.tables.iter().map(|table| (table, words(table))).collect();
        let mut counts: HashMap<String, f64> = HashMap::new();
        tables.iter().flat_map(|(_, words)| words).for_each(|word| *counts.entry(word.clone()).or_default() += 1.0);
        let all = tables.len() as f64 + 1.0;
        let rarity = counts.into_iter().map(|(word, count)| (word, (all / count).ln())).collect();
        Tables { codebook, tables, rarity }
    }

    fn weight(&self, words: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
        words.intersection(other).map(|word| self.rarity.get(word).copied().unwrap_or_default()).sum()
    }

    /// The table and the column that count what a figure counts.
    fn counting(&self, figure: &Figure) -> Option<(&'c Table, usize)> {
        let wanted = stems(&format!("{} {}", figure.what, figure.unit));
        let mut best: Option<(f64, &Table, usize)> = None;
        for (table, _) in &self.tables {
            let title = self.weight(&wanted, &stems(&table.title));
            for (number, column) in table.columns.iter().enumerate() {
                let own = self.weight(&wanted, &stems(&column.name));
                let score = title + 2.0 * own;
                if own > 0.0 && score >= HELD && best.is_none_or(|(most, ..)| score > most) {
                    best = Some((score, table, number));
                }
            }
        }
        best.map(|(_, table, column)| (table, column))
    }
}

/// What the register says to a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// The same number, or one that the words allow.
    Agrees,
    /// Another one.
    Differs,
    /// Nothing can be said, and why.
    CannotTell(&'static str),
}

impl Says {
    /// The word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Says::Agrees => "agrees",
            Says::Differs => "differs",
            Says::CannotTell(_) => "cannot tell",
        }
    }
}

/// A figure beside the register's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Table, column and period that it was held against; empty where there is none.
    pub against: String,
    /// The register's number.
    pub value: Option<Decimal>,
    /// What that says.
    pub says: Says,
}

/// Counts tables for everybody, each once, as of one moment.
pub struct Counting<'c> {
    codebook: &'c Codebook,
    log: &'c Log,
    as_of: Moment,
    made: BTreeMap<(String, String), Arc<Return>>,
}

impl<'c> Counting<'c> {
    /// Over a log.
    #[must_use]
    pub fn new(codebook: &'c Codebook, log: &'c Log, as_of: Moment) -> Self {
        Counting { codebook, log, as_of, made: BTreeMap::new() }
    }

    /// As of when it counts.
    #[must_use]
    pub fn as_of(&self) -> Moment {
        self.as_of
    }

    /// A table for a period, as everybody may see it.
    pub fn table(&mut self, table: &Table, period: &Period) -> Arc<Return> {
        let key = (table.id.clone(), period.name.clone());
        if let Some(made) = self.made.get(&key) {
            return Arc::clone(made);
        }
        let (as_of, limits) = (self.as_of, Limits::default());
        let table = release::version(self.codebook, &table.id, period).unwrap_or(table);
        let wanted = Wanted { period, as_of, audience: Audience::Public, released: &[], limits };
        let made = Arc::new(release::release(self.codebook, self.log, table, &wanted).made);
        self.made.insert(key, Arc::clone(&made));
        made
    }
}

/// The period that a figure or a question speaks of, closed by the as-of where it is open.
#[must_use]
pub fn period(codebook: &Codebook, text: &str, as_of: Moment) -> Option<Period> {
    let year = codebook.almanac.date(as_of).year();
    let closed = text.strip_suffix('/').map_or_else(|| text.to_owned(), |from| format!("{from}/{year:04}"));
    Period::parse(&closed, &codebook.almanac).ok()
}

/// The last whole year before a day (ISO); before the as-of where none is given.
#[must_use]
pub fn year_before(codebook: &Codebook, day: Option<&str>, as_of: Moment) -> Option<Period> {
    let year = day.and_then(|day| day.get(..4)).and_then(|year| year.parse::<i16>().ok());
    let year = year.unwrap_or_else(|| codebook.almanac.date(as_of).year());
    Period::parse(&format!("{:04}", year - 1), &codebook.almanac).ok()
}

/// The period that a question asks about, where that has begun; else the last whole year before the day of the document.
#[must_use]
pub fn period_for(codebook: &Codebook, question: &str, year: Option<&Period>, as_of: Moment) -> Option<Period> {
    let own = habeas_review::period_of(question).and_then(|text| period(codebook, &text, as_of));
    own.filter(|own| own.start < as_of).or_else(|| year.cloned())
}

/// Holds each figure against the register.
#[must_use]
pub fn beside(figures: &[Figure], tables: &Tables<'_>, counting: &mut Counting<'_>) -> Vec<Beside> {
    figures.iter().map(|figure| one(figure, tables, counting)).collect()
}

fn one(figure: &Figure, tables: &Tables<'_>, counting: &mut Counting<'_>) -> Beside {
    let nothing = |why| Beside { against: String::new(), value: None, says: Says::CannotTell(why) };
    let Some((table, column)) = tables.counting(figure) else { return nothing("no table counts this") };
    let Some(period) = figure.period.as_deref().and_then(|text| period(tables.codebook, text, counting.as_of)) else {
        return nothing("no period is stated");
    };
    let against = format!("{} {}, {}", table.id, table.columns[column].name, period.name);
    let cannot = |why| Beside { against: against.clone(), value: None, says: Says::CannotTell(why) };
    if period.end > counting.as_of {
        return cannot("the period is not over");
    }
    let made = counting.table(table, &period);
    let Some(head) = made.columns.get(column).filter(|head| head.kind != ColumnKind::TypedIn) else { return cannot("it is typed in") };
    // A length of time or a share is no number of things.
    if head.kind == ColumnKind::Count && matches!(figure.unit.as_str(), "minutes" | "hours" | "days" | "months" | "years" | "percent") {
        return nothing("no table counts this");
    }
    let total = vec![habeas_returns::cells::TOTAL; made.dimensions.len()];
    let mut cells = made.cells_at(column, &total);
    let Some(cell) = cells.next().filter(|cell| !cell.shown.is_withheld()) else { return cannot("the number is withheld") };
    if cells.next().is_some() {
        return cannot("it is money in several currencies");
    }
    let is_empty = made.cells.iter().all(|cell| cell.rests_on == 0);
    if is_empty || head.name.is_empty() {
        return cannot("the register holds nothing for this time");
    }
    let Some(value) = cell.value else { return cannot("the register has no number") };
    let says = if allows(figure, value) { Says::Agrees } else { Says::Differs };
    Beside { against, value: Some(value), says }
}

/// Whether the register's number is one that the stated words allow.
fn allows(figure: &Figure, own: Decimal) -> bool {
    let stated: Decimal = figure.value.to_string().parse().unwrap_or_default();
    let near = stated.abs().checked_mul(ABOUT).unwrap_or_default();
    match figure.qualifier {
        Qualifier::About | Qualifier::Almost => (own - stated).abs() <= near,
        Qualifier::Over => own > stated,
        Qualifier::AtLeast => own >= stated,
        Qualifier::AtMost => own <= stated,
        Qualifier::Under => own < stated,
        Qualifier::Exact | Qualifier::Every => own == stated,
    }
}
