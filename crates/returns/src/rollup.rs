//! From things under their finest codes to cells, totals among them: every subset of the dimensions has its own.
//!
//! A count of different things is counted anew for each total, since one person under two codes is one person. A median is taken anew
//! too. Only what cannot overlap is added up.

use crate::amounts::{Amounts, Scale, Taken};
use crate::cells::{Cell, ColumnHead, ColumnKind, DimensionHead, Key, Lineage, NOT_RECORDED, Observed, Return, Shown, TOTAL, TOTAL_CODE};
use crate::coder::Coder;
use crate::columns::{self, Thing};
use crate::counter::Counter;
use crate::dimensions::{Dimensions, total};
use crate::period::Period;
use habeas_codebook::log::EventId;
use habeas_codebook::moment::{DayCount, Length, Overflow, TimeUnit};
use habeas_codebook::table::{Counted, DimensionOf, Stat, Table};
use habeas_codebook::tree::{Codebook, FieldType};
use hashbrown::HashMap;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;
use std::sync::Arc;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// What comes out of a table's things.
pub(crate) struct Rolled {
    pub(crate) dimensions: Vec<DimensionHead>,
    pub(crate) cells: Vec<Cell>,
    /// Sets of finest keys, as the things name them.
    pub(crate) under: Vec<Box<[Key]>>,
}

/// How a measure's numbers come about, and the columns that it rests on.
pub(crate) fn kind_of(measure: &Counted) -> (ColumnKind, Vec<usize>) {
    match measure {
        Counted::Subjects(..)
        | Counted::Several(..)
        | Counted::Events(_)
        | Counted::Different(..)
        | Counted::Verdicts(_)
        | Counted::Stock(..) => (ColumnKind::Count, Vec::new()),
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
        | Counted::Several(..)
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

/// The cells of a table: every combination met, each total over it, and each code of a closed list by itself; sorted as spelt.
pub(crate) struct Grid {
    pub(crate) keys: Vec<Key>,
    /// For each set of finest keys, every cell that it lies in.
    pub(crate) above: Vec<Box<[u32]>>,
}

impl Grid {
    fn new(under: &[Box<[Key]>], dimensions: &[DimensionHead], closed: &[usize]) -> Self {
        let mut places: Map<Key, u32> = Map::default();
        let mut place = |key: Key| {
            let next = places.len() as u32;
            *places.entry(key).or_insert(next)
        };
        place(total(dimensions.len()));
        for (number, head) in dimensions.iter().enumerate() {
            for code in (0..head.codes.len()).filter(|code| *code < closed[number] || head.codes[*code] == NOT_RECORDED) {
                let mut key = total(dimensions.len());
                key[number] = code as u16 + 1;
                place(key);
            }
        }
        let mut above: Vec<Box<[u32]>> = Vec::with_capacity(under.len());
        for keys in under {
            let mut cells: Vec<u32> = keys.iter().flat_map(|key| all_above(key)).map(&mut place).collect();
            if keys.len() > 1 {
                cells.sort_unstable();
                cells.dedup();
            }
            above.push(cells.into_boxed_slice());
        }
        let ranks: Vec<Vec<u16>> = dimensions.iter().map(ranks).collect();
        let rank = |key: &Key| -> Box<[u16]> { key.iter().zip(&ranks).map(|(code, ranks)| ranks[usize::from(*code)]).collect() };
        let mut keyed: Vec<(Box<[u16]>, Key, u32)> = places.into_iter().map(|(key, place)| (rank(&key), key, place)).collect();
        keyed.sort_unstable();
        let mut moved = vec![0; keyed.len()];
        keyed.iter().enumerate().for_each(|(to, (_, _, from))| moved[*from as usize] = to as u32);
        above.iter_mut().flatten().for_each(|cell| *cell = moved[*cell as usize]);
        Grid { keys: keyed.into_iter().map(|(_, key, _)| key).collect(), above }
    }
}

/// Where each code of a dimension, the total first, stands among them all as spelt.
fn ranks(head: &DimensionHead) -> Vec<u16> {
    let spelt = |code: usize| code.checked_sub(1).map_or(TOTAL_CODE, |place| head.codes[place].as_str());
    let mut order: Vec<usize> = (0..=head.codes.len()).collect();
    order.sort_by_key(|code| spelt(*code));
    let mut ranks = vec![0; order.len()];
    order.iter().enumerate().for_each(|(rank, code)| ranks[*code] = rank as u16);
    ranks
}

/// Makes the cells of a table.
pub(crate) fn roll(
    counter: &Counter<'_>,
    table: &Table,
    columns: &[ColumnHead],
    things: &[Vec<Thing>],
    dimensions: Dimensions<'_>,
) -> Rolled {
    let Dimensions { coders, mut under, .. } = dimensions;
    let closed: Vec<usize> = coders.iter().map(Coder::closed).collect();
    let (heads, moved): (Vec<DimensionHead>, Vec<Vec<u16>>) = coders.into_iter().map(Coder::finish).unzip();
    for key in under.iter_mut().flatten() {
        key.iter_mut().zip(&moved).for_each(|(code, moved)| *code = moved[usize::from(*code)]);
    }
    let grid = Grid::new(&under, &heads, &closed);
    let mut cells: Vec<Vec<Cell>> = Vec::with_capacity(columns.len());
    for (column, things) in things.iter().enumerate() {
        let measure = &table.columns[column].measure;
        cells.push(match columns[column].kind {
            ColumnKind::Count | ColumnKind::Measured if available(counter, measure) => base_cells(counter, table, column, things, &grid),
            ColumnKind::Count | ColumnKind::Measured => grid.keys.iter().map(|key| blank(column, key.clone(), Observed::Missing)).collect(),
            ColumnKind::TypedIn => vec![blank(column, total(heads.len()), Observed::Missing)],
            ColumnKind::Ratio => Vec::new(),
        });
    }
    for (column, head) in columns.iter().enumerate().filter(|(_, head)| head.kind == ColumnKind::Ratio) {
        cells[column] = ratios(&cells, column, head, &table.columns[column].measure, &grid.keys);
    }
    Rolled { dimensions: heads, cells: cells.into_iter().flatten().collect(), under }
}

/// The entries behind the cells.
pub(crate) fn lineage(under: Vec<Box<[Key]>>, things: Vec<Vec<Thing>>) -> Lineage {
    Lineage { under: Arc::from(under), columns: things.into_iter().map(lineage_of).collect() }
}

fn lineage_of(things: Vec<Thing>) -> Vec<(u32, EventId)> {
    let mut lineage: Vec<(u32, EventId)> = things.into_iter().filter_map(|thing| Some((thing.under, thing.told_by.event()?))).collect();
    lineage.sort_unstable();
    lineage.dedup();
    lineage
}

/// Whether a measure can be taken of this period at all.
fn available(counter: &Counter<'_>, measure: &Counted) -> bool {
    if let Counted::Stock(_, _, day) = measure { columns::stock_instant(counter, *day).is_some() } else { true }
}

/// A key and every total over it; beyond twelve dimensions only the finest cells and the grand total would be worth having.
pub(crate) fn all_above(key: &[u16]) -> impl Iterator<Item = Key> + '_ {
    let masked = move |mask: u32| {
        let code = |(place, code): (usize, &u16)| if place < 12 && mask >> place & 1 == 1 { TOTAL } else { *code };
        key.iter().enumerate().map(code).collect()
    };
    (0..1 << key.len().min(12)).map(masked)
}

fn blank(column: usize, key: Key, observed: Observed) -> Cell {
    Cell { column, key, currency: None, value: None, observed, shown: Shown::Free, rests_on: 0, dominated: None, open: None }
}

fn base_cells(counter: &Counter<'_>, table: &Table, column: usize, things: &[Thing], grid: &Grid) -> Vec<Cell> {
    let taken = taken(counter, &table.columns[column].measure);
    // A cell's currency tells its lines of money apart; nearly every column has none.
    let mut lines: BTreeMap<Option<[u8; 3]>, [Vec<&Thing>; 2]> = BTreeMap::new();
    for thing in things {
        lines.entry(thing.currency).or_default()[usize::from(thing.open)].push(thing);
    }
    let lines: Vec<(Option<[u8; 3]>, [Amounts<'_>; 2])> =
        lines.into_iter().map(|(currency, both)| (currency, both.map(|things| Amounts::of(taken, things, grid)))).collect();
    let mut cells: Vec<Cell> = Vec::with_capacity(grid.keys.len());
    for (place, key) in grid.keys.iter().enumerate() {
        let before = cells.len();
        for (currency, [closed, open]) in lines.iter().filter(|(_, both)| both.iter().any(|amounts| amounts.count(place) > 0)) {
            let length = || length_of(counter, table, key);
            let value = closed.value(taken, place, &length);
            let still = Some(open.count(place)).filter(|count| *count > 0);
            cells.push(Cell {
                currency: currency.map(|c| String::from_utf8_lossy(&c).into_owned()),
                value,
                rests_on: closed.rests_on(taken, place),
                dominated: currency.and_then(|_| closed.dominance(taken, place)),
                open: still.and_then(|count| Some((count, open.value(taken, place, &length)?))),
                ..blank(column, key.clone(), if value.is_some() { Observed::Normal } else { Observed::CannotOccur })
            });
        }
        if cells.len() == before {
            let nothing = taken.of_nothing();
            let observed = if nothing.is_some() { Observed::Normal } else { Observed::CannotOccur };
            cells.push(Cell { value: nothing, ..blank(column, key.clone(), observed) });
        }
    }
    cells
}

/// Half away from zero, without zeros at the end.
pub(crate) fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// Microseconds of the part of the period that a key names, as far as it is known.
fn length_of(counter: &Counter<'_>, table: &Table, key: &[u16]) -> Decimal {
    let (mut start, mut end) = (counter.period.start, counter.period.end.min(counter.hearing.asked().known_at));
    for (place, dimension) in table.by.iter().enumerate() {
        let is_part = matches!(dimension.of, DimensionOf::Month | DimensionOf::Quarter | DimensionOf::Year);
        if !is_part || key[place] == TOTAL {
            continue;
        }
        let parts = Coder::new_parts(dimension.of, counter.period);
        let part = parts.get(usize::from(key[place]) - 1).and_then(|code| Period::parse(code, &counter.codebook.almanac).ok());
        if let Some(part) = part {
            start = start.max(part.start);
            end = end.min(part.end);
        }
    }
    Decimal::from(end.since(start).max(1))
}

/// One column over another, under each key that both have.
fn ratios(cells: &[Vec<Cell>], column: usize, head: &ColumnHead, measure: &Counted, keys: &[Key]) -> Vec<Cell> {
    let [part, whole] = head.rests_on[..] else { return Vec::new() };
    let mut of = [part, whole].map(|column| cells[column].iter().filter(|cell| cell.currency.is_none()).peekable());
    let (scale, places) = if let Counted::Rate(_, scale, _) = measure { (*scale, 4) } else { (100, 3) };
    let mut made = Vec::new();
    for key in keys {
        // Each column's cells stand in the order of the keys.
        let [part, whole] = of.each_mut().map(|cells| cells.next_if(|cell| cell.key == *key));
        let (Some(part), Some(whole)) = (part, whole) else { continue };
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
    Arc::make_mut(&mut made.cells).iter_mut().filter(|c| c.observed == Observed::Normal).for_each(|c| c.observed = observed);
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
