//! From things under their finest codes to cells, totals among them: every subset of the dimensions has its own.
//!
//! A count of different things is counted anew for each total, since one person under two codes is one person. A median is taken anew
//! too. Only what cannot overlap is added up.

use crate::cells::{Cell, ColumnHead, ColumnKind, DimensionHead, Key, NOT_RECORDED, Observed, Return, Shown, TOTAL};
use crate::coder::Coder;
use crate::columns::{self, Thing};
use crate::counter::{Counter, Request};
use crate::dimensions::total;
use crate::period::Period;
use habeas_codebook::log::EventId;
use habeas_codebook::moment::{Almanac, DayCount, Length, Moment, Overflow, TimeUnit};
use habeas_codebook::table::{Counted, DimensionOf, Stat, Table};
use habeas_codebook::tree::{Codebook, FieldType};
use hashbrown::{HashMap, HashSet};
use rust_decimal::{Decimal, RoundingStrategy};

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// What comes out of a table's things.
pub(crate) struct Rolled {
    pub(crate) dimensions: Vec<DimensionHead>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) lineage: Vec<Vec<(Key, EventId)>>,
}

/// How a measure's numbers come about, and the columns that it rests on.
pub(crate) fn kind_of(measure: &Counted) -> (ColumnKind, Vec<usize>) {
    match measure {
        Counted::Subjects(..) | Counted::Events(_) | Counted::Different(..) | Counted::Verdicts(_) | Counted::Stock(..) => {
            (ColumnKind::Count, Vec::new())
        }
        Counted::TimeBetween(Stat::NumberOver(_), ..)
        | Counted::Length(Stat::NumberOver(_), _)
        | Counted::OfField(Stat::NumberOver(_), ..) => (ColumnKind::Count, Vec::new()),
        Counted::Cohort(of, ..) => (ColumnKind::Count, vec![*of]),
        Counted::AverageDaily(..) | Counted::Days(..) | Counted::TimeBetween(..) | Counted::Length(..) | Counted::OfField(..) => {
            (ColumnKind::Measured, Vec::new())
        }
        Counted::Share(part, whole) | Counted::Rate(part, _, whole) => (ColumnKind::Ratio, vec![*part, *whole]),
        Counted::TypedIn => (ColumnKind::TypedIn, Vec::new()),
    }
}

/// What is taken of the amounts of a cell.
#[derive(Clone, Copy)]
enum Taken {
    Number,
    Of(Stat, Scale),
    /// Microseconds of stay over microseconds of the period.
    Average,
}

/// What a measured amount is divided by before it is shown.
#[derive(Clone, Copy)]
enum Scale {
    Minutes,
    Days,
    Own,
}

fn taken(counter: &Counter<'_>, measure: &Counted) -> Taken {
    match measure {
        Counted::TimeBetween(Stat::NumberOver(_), ..)
        | Counted::Length(Stat::NumberOver(_), _)
        | Counted::OfField(Stat::NumberOver(_), ..) => Taken::Number,
        Counted::TimeBetween(stat, ..) | Counted::Length(stat, _) => Taken::Of(*stat, Scale::Minutes),
        Counted::OfField(stat, field, pattern) => {
            let (kind, _) = counter.codebook.expand(pattern);
            let is_duration = counter.codebook.field(kind, *field).is_some_and(|f| f.of == FieldType::Duration);
            Taken::Of(*stat, if is_duration { Scale::Minutes } else { Scale::Own })
        }
        Counted::Days(..) => Taken::Of(Stat::Total, Scale::Days),
        Counted::AverageDaily(..) => Taken::Average,
        Counted::Subjects(..)
        | Counted::Events(_)
        | Counted::Different(..)
        | Counted::Verdicts(_)
        | Counted::Stock(..)
        | Counted::Cohort(..)
        | Counted::Share(..)
        | Counted::Rate(..)
        | Counted::TypedIn => Taken::Number,
    }
}

/// The amounts of one cell.
#[derive(Default)]
struct Amounts {
    closed: Vec<(u64, Decimal)>,
    open: Vec<(u64, Decimal)>,
}

/// A cell's currency tells its lines of money apart.
type At = (Key, Option<[u8; 3]>);
/// A finest key and a currency.
type Under<'t> = (&'t Key, Option<[u8; 3]>);

/// Makes the cells of a table.
pub(crate) fn roll(
    counter: &Counter<'_>,
    request: &Request<'_>,
    columns: &[ColumnHead],
    mut things: Vec<Vec<Thing>>,
    coders: Vec<Coder>,
    as_of: Moment,
) -> Rolled {
    let closed: Vec<usize> = coders.iter().map(Coder::closed).collect();
    let (dimensions, moved): (Vec<DimensionHead>, Vec<Vec<u16>>) = coders.into_iter().map(Coder::finish).unzip();
    for key in things.iter_mut().flatten().flat_map(|thing| &mut thing.keys) {
        key.iter_mut().zip(&moved).for_each(|(code, moved)| *code = moved[usize::from(*code)]);
    }
    let keys = keys(&things, &dimensions, &closed);
    let mut cells = Vec::new();
    for (column, things) in things.iter().enumerate() {
        let measure = &request.table.columns[column].measure;
        match columns[column].kind {
            ColumnKind::Count | ColumnKind::Measured => {
                let there = available(counter, &request.period, measure);
                cells.extend(base_cells(counter, request, column, things, &keys, as_of, there));
            }
            ColumnKind::TypedIn => cells.push(blank(column, total(dimensions.len()), Observed::Missing)),
            ColumnKind::Ratio => {}
        }
    }
    for (column, head) in columns.iter().enumerate().filter(|(_, head)| head.kind == ColumnKind::Ratio) {
        let ratios = ratios(&cells, column, head, &request.table.columns[column].measure, &keys);
        cells.extend(ratios);
    }
    let spelt = |key: &[u16]| -> Vec<&str> {
        let code =
            |(d, c): (usize, &u16)| c.checked_sub(1).map_or(crate::cells::TOTAL_CODE, |p| dimensions[d].codes[usize::from(p)].as_str());
        key.iter().enumerate().map(code).collect()
    };
    cells.sort_by(|a, b| a.column.cmp(&b.column).then_with(|| spelt(&a.key).cmp(&spelt(&b.key))).then_with(|| a.currency.cmp(&b.currency)));
    let lineage = things.into_iter().map(lineage_of).collect();
    Rolled { dimensions, cells, lineage }
}

fn lineage_of(things: Vec<Thing>) -> Vec<(Key, EventId)> {
    let told = things.into_iter().flat_map(|thing| thing.keys.into_iter().zip(std::iter::repeat(thing.event)));
    let mut lineage: Vec<(Key, EventId)> = told.filter_map(|(key, event)| Some((key, event?))).collect();
    lineage.sort_unstable();
    lineage.dedup();
    lineage
}

/// Whether a measure can be taken of this period at all.
fn available(counter: &Counter<'_>, period: &Period, measure: &Counted) -> bool {
    match measure {
        Counted::Stock(_, _, day) => columns::stock_instant(counter, period, *day).is_some(),
        Counted::Subjects(..)
        | Counted::Events(_)
        | Counted::Different(..)
        | Counted::Verdicts(_)
        | Counted::AverageDaily(..)
        | Counted::Days(..)
        | Counted::TimeBetween(..)
        | Counted::Length(..)
        | Counted::OfField(..)
        | Counted::Cohort(..)
        | Counted::Share(..)
        | Counted::Rate(..)
        | Counted::TypedIn => true,
    }
}

/// Keys of the table: every combination met, each total over it, and each code of a closed list by itself.
fn keys(things: &[Vec<Thing>], dimensions: &[DimensionHead], closed: &[usize]) -> Vec<Key> {
    let mut finest: HashSet<&Key, foldhash::fast::FixedState> = HashSet::default();
    finest.extend(things.iter().flatten().flat_map(|thing| &thing.keys));
    let mut all: HashSet<Key, foldhash::fast::FixedState> = HashSet::default();
    all.insert(total(dimensions.len()));
    for key in finest {
        for mask in 0..masks(dimensions.len()) {
            all.insert(masked(key, mask));
        }
    }
    for (place, head) in dimensions.iter().enumerate() {
        let listed = (0..head.codes.len()).filter(|c| *c < closed[place] || head.codes[*c] == NOT_RECORDED);
        for code in listed {
            let mut key = total(dimensions.len());
            key[place] = code as u16 + 1;
            all.insert(key);
        }
    }
    let mut keys: Vec<Key> = all.into_iter().collect();
    keys.sort_unstable();
    keys
}

/// Subsets of dimensions; beyond twelve dimensions only the finest cells and the grand total would be worth having.
fn masks(dimensions: usize) -> u32 {
    1 << dimensions.min(12)
}

/// A key with the dimensions of a mask summed over.
fn masked(key: &[u16], mask: u32) -> Key {
    key.iter().enumerate().map(|(place, code)| if place < 12 && mask >> place & 1 == 1 { TOTAL } else { *code }).collect()
}

fn blank(column: usize, key: Key, observed: Observed) -> Cell {
    Cell { column, key, currency: None, value: None, observed, shown: Shown::Free, rests_on: 0, dominated: None, open: None }
}

fn base_cells(
    counter: &Counter<'_>,
    request: &Request<'_>,
    column: usize,
    things: &[Thing],
    keys: &[Key],
    as_of: Moment,
    available: bool,
) -> Vec<Cell> {
    if !available {
        return keys.iter().map(|key| blank(column, key.clone(), Observed::Missing)).collect();
    }
    let measure = &request.table.columns[column].measure;
    let taken = taken(counter, measure);
    let counts = matches!(taken, Taken::Number | Taken::Average | Taken::Of(_, Scale::Days));
    let amounts = amounts(things, request.table.by.len());
    let mut cells: Vec<Cell> = Vec::with_capacity(keys.len());
    let mut met: HashSet<&Key, foldhash::fast::FixedState> = HashSet::default();
    for ((key, currency), amounts) in &amounts {
        met.insert(key);
        let length = || length_of(request, &counter.codebook.almanac, key, as_of);
        let value = value(taken, &amounts.closed, &length);
        let open = value_of_open(taken, &amounts.open, &length);
        let observed = if value.is_some() { Observed::Normal } else { Observed::CannotOccur };
        cells.push(Cell {
            column,
            key: key.clone(),
            currency: currency.map(|c| String::from_utf8_lossy(&c).into_owned()),
            value,
            observed,
            shown: Shown::Free,
            rests_on: if counts { different(&amounts.closed) as u32 } else { amounts.closed.len() as u32 },
            dominated: currency.and_then(|_| dominance(taken, &amounts.closed)),
            open,
        });
    }
    for key in keys.iter().filter(|key| !met.contains(*key)) {
        let zero = value(taken, &[], &|| Decimal::ONE);
        let observed = if zero.is_some() { Observed::Normal } else { Observed::CannotOccur };
        cells.push(Cell { value: zero, ..blank(column, key.clone(), observed) });
    }
    cells
}

/// The amounts of every cell, each thing once in each. The cells that a finest key lies in are found once for the key and not for each
/// thing under it.
fn amounts(things: &[Thing], dimensions: usize) -> Vec<(At, Amounts)> {
    let mut all: Vec<(At, Amounts)> = Vec::new();
    let mut places: Map<At, u32> = Map::default();
    let mut above: Map<Under<'_>, Box<[u32]>> = Map::default();
    let mut seen: Vec<u32> = Vec::new();
    for thing in things {
        seen.clear();
        for key in &thing.keys {
            let cells = above.entry((key, thing.currency)).or_insert_with(|| {
                let cell = |mask| {
                    let at = (masked(key, mask), thing.currency);
                    *places.entry(at).or_insert_with_key(|at| {
                        all.push((at.clone(), Amounts::default()));
                        all.len() as u32 - 1
                    })
                };
                (0..masks(dimensions)).map(cell).collect()
            });
            for cell in cells.iter().copied() {
                if thing.keys.len() > 1 {
                    if seen.contains(&cell) {
                        continue;
                    }
                    seen.push(cell);
                }
                let amounts = &mut all[cell as usize].1;
                let list = if thing.open { &mut amounts.open } else { &mut amounts.closed };
                list.push((thing.thing, thing.amount));
            }
        }
    }
    all
}

fn value(taken: Taken, amounts: &[(u64, Decimal)], length: &dyn Fn() -> Decimal) -> Option<Decimal> {
    match taken {
        Taken::Number => Some(Decimal::from(different(amounts))),
        Taken::Average => Some(rounded(sum(amounts).checked_div(length())?, 2)),
        Taken::Of(stat, scale) => {
            let value = statistic(stat, amounts)?;
            Some(match scale {
                Scale::Minutes => rounded(value / Decimal::from(60_000_000), 2),
                Scale::Days => rounded(value / Decimal::from(86_400_000_000_i64), 2),
                Scale::Own if matches!(stat, Stat::Mean) => rounded(value, 2),
                Scale::Own => value.normalize(),
            })
        }
    }
}

fn value_of_open(taken: Taken, amounts: &[(u64, Decimal)], length: &dyn Fn() -> Decimal) -> Option<(u32, Decimal)> {
    if amounts.is_empty() {
        return None;
    }
    Some((amounts.len() as u32, value(taken, amounts, length)?))
}

/// Per cent within which the second largest amount must not tell the largest.
const DOMINANCE: u32 = 10;

/// A sum of money tells of the largest amount where fewer than three were added, or where whoever got the second largest could work out
/// the largest to within ten per cent.
fn dominance(taken: Taken, amounts: &[(u64, Decimal)]) -> Option<Shown> {
    if !matches!(taken, Taken::Of(Stat::Total, Scale::Own)) {
        return None;
    }
    let mut values: Vec<Decimal> = amounts.iter().map(|(_, amount)| *amount).collect();
    values.sort_unstable_by(|a, b| b.cmp(a));
    match values[..] {
        [] => None,
        [_] => Some(Shown::DominatedByOne),
        [_, _] => Some(Shown::DominatedByTwo),
        [largest, _, ref rest @ ..] => {
            let others = rest.iter().fold(Decimal::ZERO, |sum, one| sum.saturating_add(*one));
            let limit = largest / Decimal::ONE_HUNDRED * Decimal::from(DOMINANCE);
            (others < limit).then_some(Shown::DominatedByTwo)
        }
    }
}

fn different(amounts: &[(u64, Decimal)]) -> u64 {
    let mut things: Vec<u64> = amounts.iter().map(|(thing, _)| *thing).collect();
    if things.is_sorted_by(|a, b| a < b) {
        return things.len() as u64;
    }
    things.sort_unstable();
    things.dedup();
    things.len() as u64
}

fn sum(amounts: &[(u64, Decimal)]) -> Decimal {
    amounts.iter().fold(Decimal::ZERO, |sum, (_, amount)| sum.saturating_add(*amount))
}

/// `None` where nothing was measured; a total of nothing is nothing.
fn statistic(stat: Stat, amounts: &[(u64, Decimal)]) -> Option<Decimal> {
    if matches!(stat, Stat::Total) {
        return Some(sum(amounts));
    }
    let mut values: Vec<Decimal> = amounts.iter().map(|(_, amount)| *amount).collect();
    values.sort_unstable();
    let count = values.len();
    let last = count.checked_sub(1)?;
    match stat {
        Stat::Median => values.get(last / 2).copied(),
        Stat::Ninetieth => values.get((count * 9).div_ceil(10) - 1).copied(),
        Stat::Longest => values.last().copied(),
        Stat::Least => values.first().copied(),
        Stat::Mean => sum(amounts).checked_div(Decimal::from(count as u64)),
        Stat::Total | Stat::NumberOver(_) => Some(sum(amounts)),
    }
}

/// Half away from zero, without zeros at the end.
pub(crate) fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// Microseconds of the part of the period that a key names, as far as it is known.
fn length_of(request: &Request<'_>, almanac: &Almanac, key: &[u16], as_of: Moment) -> Decimal {
    let (mut start, mut end) = (request.period.start, request.period.end.min(as_of));
    for (place, dimension) in request.table.by.iter().enumerate() {
        let is_part = matches!(dimension.of, DimensionOf::Month | DimensionOf::Quarter | DimensionOf::Year);
        if !is_part || key[place] == TOTAL {
            continue;
        }
        let parts = Coder::new_parts(dimension.of, &request.period);
        let part = parts.get(usize::from(key[place]) - 1).and_then(|code| Period::parse(code, almanac).ok());
        if let Some(part) = part {
            start = start.max(part.start);
            end = end.min(part.end);
        }
    }
    Decimal::from(end.since(start).max(1))
}

fn ratios(cells: &[Cell], column: usize, head: &ColumnHead, measure: &Counted, keys: &[Key]) -> Vec<Cell> {
    let [part, whole] = head.rests_on[..] else { return Vec::new() };
    let of = |column: usize| -> Map<&Key, &Cell> {
        cells.iter().filter(|c| c.column == column && c.currency.is_none()).map(|c| (&c.key, c)).collect()
    };
    let (parts, wholes) = (of(part), of(whole));
    let (scale, places) = if let Counted::Rate(_, scale, _) = measure { (*scale, 4) } else { (100, 3) };
    let mut made = Vec::new();
    for key in keys {
        let (Some(part), Some(whole)) = (parts.get(key), wholes.get(key)) else { continue };
        let value = part.value.zip(whole.value).and_then(|(p, w)| p.checked_mul(Decimal::from(scale))?.checked_div(w));
        let observed = if value.is_some() { Observed::Normal } else { Observed::Missing };
        made.push(Cell { value: value.map(|v| rounded(v, places)), rests_on: whole.rests_on, ..blank(column, key.clone(), observed) });
    }
    made
}

/// Marks values: low coverage, provisional.
pub(crate) fn mark(made: &mut Return, codebook: &Codebook, settling_days: u32) {
    let settled =
        codebook.almanac.add(made.period.end, Length { amount: settling_days, unit: TimeUnit::Day }, DayCount::Calendar, Overflow::LastDay);
    let observed = if made.coverage.is_low() {
        Observed::LowCoverage
    } else if made.as_of < settled {
        Observed::Provisional
    } else {
        Observed::Normal
    };
    made.cells.iter_mut().filter(|c| c.observed == Observed::Normal).for_each(|c| c.observed = observed);
}

/// Additions that the table states and that did not come out.
pub(crate) fn additions(table: &Table, made: &Return) -> Vec<String> {
    let mut wrong = Vec::new();
    for parts in &table.parts {
        let whole: Vec<&Cell> = made.cells.iter().filter(|c| c.column == parts.whole).collect();
        for cell in whole {
            let sum: Decimal = parts
                .parts
                .iter()
                .flat_map(|part| made.cells_at(*part, &cell.key))
                .filter_map(|c| c.value)
                .fold(Decimal::ZERO, Decimal::saturating_add);
            if cell.value.is_some_and(|value| value != sum) {
                let at = made.codes(&cell.key).join(", ");
                wrong.push(format!(
                    "{} is {} and its parts are {sum} ({at})",
                    made.columns[parts.whole].name,
                    cell.value.unwrap_or_default()
                ));
            }
        }
    }
    wrong
}
