//! Protecting small numbers about persons, without hiding how an institution behaves.
//!
//! A table of class *conduct* is printed exactly. In a table of class *person* a count of one to four is withheld, and so many others
//! with it that nobody can work it out: not from the sums, not from linked tables, not from inside, not from an earlier release.
//! `system` holds counts and additions, `intervals` is the onlooker, and [`protect`] goes on until the onlooker finds nothing.
//! Fixed order throughout: same input, same pattern.

pub mod intervals;
mod simplex;
pub mod system;

use crate::cells::{Audience, Cell, ColumnKind, Key, Lineage, Return, Shown, Treatment};
use hashbrown::HashMap;
use intervals::{Knows, intervals};
use rust_decimal::Decimal;
use std::sync::Arc;
use system::{Counted, Places, System};

/// What the codebook, or the operator, sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A count below this is small; an interval narrower than this tells too much.
    pub smallest: u32,
    /// What counts are rounded to, where that is done instead.
    pub base: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { smallest: 5, base: 5 }
    }
}

/// No percentage is printed on a base below this.
const SMALLEST_BASE: u64 = 50;

/// Cells of one person that are tried from inside; a table with more of them is not published as it stands.
const MOST_ONES: usize = 400;

/// What an audit found; kept, not published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Withheld counts.
    pub withheld: usize,
    /// Of them, for their own size.
    pub primary: usize,
    /// Narrowest interval in which a withheld count can lie, seen from outside; `None`: nothing is withheld.
    pub narrowest: Option<i64>,
    /// Counts that could still be worked out; empty, or the table must not be published.
    pub recovered: usize,
}

/// Withholds what must not be seen in tables that are published together. `earlier` are the same tables as released before.
///
/// Tables of class *conduct* come back as they are.
#[must_use]
pub fn protect(tables: &[Counted<'_>], earlier: &[Return], limits: Limits) -> (Vec<Return>, Audit) {
    protected(tables, earlier, limits, false).expect("only who gives up comes back with nothing")
}

/// The same; nothing as soon as it is sure that a table would be mostly blank ([`is_mostly_blank`]), however little was tried until then.
#[must_use]
pub fn protect_unless_blank(tables: &[Counted<'_>], earlier: &[Return], limits: Limits) -> Option<(Vec<Return>, Audit)> {
    protected(tables, earlier, limits, true).filter(|(public, _)| !public.iter().any(is_mostly_blank))
}

fn protected(tables: &[Counted<'_>], earlier: &[Return], limits: Limits, gives_up: bool) -> Option<(Vec<Return>, Audit)> {
    let persons: Vec<Counted<'_>> =
        tables.iter().copied().filter(|(made, _)| made.class == habeas_codebook::table::TableClass::Person).collect();
    let is_small = |cell: &Cell| (1..limits.smallest).contains(&cell.rests_on);
    if gives_up && persons.iter().any(|(made, _)| would_be_blank(made, is_small)) {
        return None;
    }
    let (system, places) = System::of(&persons);
    let forced = forced(&persons, &places, earlier, limits);
    let too_much = |shown: &[Shown]| {
        let blank = |(made, own): (&Counted<'_>, &Vec<Option<usize>>)| {
            let mut withheld = own.iter().map(|place| place.is_some_and(|place| shown[place].is_withheld()));
            would_be_blank(made.0, |_| withheld.next().unwrap_or_default())
        };
        gives_up && persons.iter().zip(&places).any(blank)
    };
    let (shown, audit) = withhold_unless(&system, &forced, limits, &too_much)?;
    let mut protected = persons.iter().zip(&places).map(|((made, _), own)| apply(made, own, &shown));
    let made = tables.iter().map(|(made, _)| match made.class {
        habeas_codebook::table::TableClass::Person => protected.next().unwrap_or_else(|| open(made)),
        habeas_codebook::table::TableClass::Conduct => open(made),
    });
    Some((made.collect(), audit))
}

/// Whether a table is mostly blank where at least these cells are withheld. Ratios are withheld with what they rest on: here they all
/// count as shown, so that nothing is given up too soon.
fn would_be_blank(made: &Return, mut withheld: impl FnMut(&Cell) -> bool) -> bool {
    let (mut holding, mut blank) = (0, 0);
    for cell in made.cells.iter() {
        let is_counted = matches!(made.columns[cell.column].kind, ColumnKind::Count | ColumnKind::Measured);
        let is_blank = withheld(cell) && is_counted;
        blank += usize::from(is_blank);
        holding += usize::from(is_blank || cell.rests_on > 0 || !is_counted);
    }
    blank * 3 > holding
}

/// A table for everybody in which nothing has to be hidden: without its lineage.
pub(crate) fn open(made: &Return) -> Return {
    Return { audience: Audience::Public, lineage: Lineage::default(), ..made.clone() }
}

/// Decides for each count of a system whether it is shown. `forced` are withheld whatever the additions.
#[must_use]
pub fn withhold(system: &System, forced: &[(usize, Shown)], limits: Limits) -> (Vec<Shown>, Audit) {
    withhold_unless(system, forced, limits, &|_| false).expect("nothing is too much")
}

fn withhold_unless(
    system: &System,
    forced: &[(usize, Shown)],
    limits: Limits,
    too_much: &dyn Fn(&[Shown]) -> bool,
) -> Option<(Vec<Shown>, Audit)> {
    let small = u64::from(limits.smallest);
    let mut shown: Vec<Shown> =
        system.counts.iter().map(|count| if (1..small).contains(count) { Shown::SmallCount } else { Shown::Free }).collect();
    system.always.iter().for_each(|place| shown[*place] = Shown::SmallCount);
    for (place, why) in forced.iter().filter(|(_, why)| why.is_withheld()) {
        if !shown[*place].is_withheld() {
            shown[*place] = *why;
        }
    }
    let lines = system.lines_of_each();
    loop {
        complete(system, &mut shown, limits);
        // What is withheld stays withheld.
        if too_much(&shown) {
            return None;
        }
        let weak = weak(system, &shown, limits);
        let mut moved = false;
        for place in &weak {
            moved |= lines[*place].iter().any(|line| one_more(system, &mut shown, &system.lines[*line as usize]));
        }
        if !moved {
            return Some((shown.clone(), audit(system, &shown, weak.len())));
        }
    }
}

/// While a line has exactly one withheld count, or withheld ones that together are small, one more is withheld in it.
fn complete(system: &System, shown: &mut [Shown], limits: Limits) {
    loop {
        let mut moved = false;
        for line in &system.lines {
            let hidden: Vec<usize> = line.parts.iter().copied().filter(|p| shown[*p].is_withheld()).collect();
            let whole = shown[line.whole].is_withheld();
            let together: u64 = hidden.iter().map(|p| system.counts[*p]).sum();
            let alone = hidden.len() + usize::from(whole) == 1;
            let small_together = !whole && !hidden.is_empty() && together < u64::from(limits.smallest);
            if alone || small_together {
                moved |= one_more(system, shown, line);
            }
        }
        if !moved {
            return;
        }
    }
}

/// Withholds the smallest count of a line that is not nothing; else the whole; else a nothing.
fn one_more(system: &System, shown: &mut [Shown], line: &system::Line) -> bool {
    let parts = || line.parts.iter().copied().filter(|p| !shown[*p].is_withheld());
    let smallest = parts().filter(|p| system.counts[*p] > 0).min_by_key(|p| (system.counts[*p], *p));
    let whole = Some(line.whole).filter(|whole| !shown[*whole].is_withheld());
    let chosen = smallest.or(whole).or_else(|| parts().min());
    chosen.is_some_and(|place| {
        shown[place] = Shown::Secondary;
        true
    })
}

/// Withheld counts that an onlooker can work out, or nearly.
fn weak(system: &System, shown: &[Shown], limits: Limits) -> Vec<usize> {
    let withheld: Vec<bool> = shown.iter().map(|s| s.is_withheld()).collect();
    if !withheld.contains(&true) {
        return Vec::new();
    }
    let small = |place: usize| (1..u64::from(limits.smallest)).contains(&system.counts[place]);
    let outside = intervals(system, &withheld, Knows::default());
    let hidden = || (0..withheld.len()).filter(|place| withheld[*place]);
    let mut weak: Vec<usize> = hidden().filter(|p| outside[*p].1 - outside[*p].0 < i64::from(limits.smallest)).collect();
    let marked: Vec<bool> = shown.iter().enumerate().map(|(place, s)| *s == Shown::SmallCount && small(place)).collect();
    let codes = intervals(system, &withheld, Knows { small_below: Some((i64::from(limits.smallest), &marked)), inside: None });
    weak.extend(hidden().filter(|p| small(*p) && codes[*p].0 == codes[*p].1));
    let ones: Vec<usize> = hidden().filter(|p| system.counts[*p] == 1).collect();
    if ones.len() > MOST_ONES {
        // Not audited is not safe: every one of them counts as weak, and in the end the table is rounded.
        return ones;
    }
    for one in ones {
        let inside = intervals(system, &withheld, Knows { small_below: None, inside: Some(one) });
        weak.extend(hidden().filter(|p| *p != one && small(*p) && inside[*p].0 == inside[*p].1));
    }
    weak.sort_unstable();
    weak.dedup();
    weak
}

fn audit(system: &System, shown: &[Shown], recovered: usize) -> Audit {
    let withheld: Vec<bool> = shown.iter().map(|s| s.is_withheld()).collect();
    let outside = intervals(system, &withheld, Knows::default());
    let widths = (0..withheld.len()).filter(|p| withheld[*p]).map(|p| outside[p].1 - outside[p].0);
    Audit {
        withheld: withheld.iter().filter(|w| **w).count(),
        primary: shown.iter().filter(|s| **s == Shown::SmallCount).count(),
        narrowest: widths.min(),
        recovered,
    }
}

/// Counts withheld for other reasons than their size: money in which one amount stands out, and what an earlier release would give away.
fn forced(tables: &[Counted<'_>], places: &Places, earlier: &[Return], limits: Limits) -> Vec<(usize, Shown)> {
    let mut forced = Vec::new();
    for ((made, _), own) in tables.iter().zip(places) {
        for (cell, place) in made.cells.iter().zip(own) {
            let Some(place) = place else { continue };
            forced.extend(cell.dominated.map(|why| (*place, why)));
            let before = earlier.iter().filter(|old| old.id == made.id).flat_map(|old| same_cell(made, cell, old));
            for old in before {
                let difference = u64::from(old.rests_on).abs_diff(u64::from(cell.rests_on));
                if old.shown.is_withheld() || (1..u64::from(limits.smallest)).contains(&difference) {
                    forced.push((*place, Shown::Secondary));
                }
            }
        }
    }
    forced
}

/// The cell of another release that counts the same thing.
fn same_cell<'o>(made: &Return, cell: &Cell, old: &'o Return) -> Option<&'o Cell> {
    let column = old.columns.iter().position(|c| c.name == made.columns[cell.column].name)?;
    let mut key: Key = vec![0; old.dimensions.len()].into_boxed_slice();
    for (dimension, code) in cell.key.iter().enumerate().filter(|(_, code)| **code != 0) {
        let place = old.dimensions.iter().position(|d| d.words == made.dimensions[dimension].words)?;
        key[place] = old.code_named(place, made.code(dimension, *code))?;
    }
    let mut there = old.cells.iter().filter(|c| c.column == column && c.key == key);
    there.find(|c| c.currency == cell.currency)
}

/// The table with its pattern: ratios and measured values go with the counts that they rest on.
fn apply(made: &Return, own: &[Option<usize>], pattern: &[Shown]) -> Return {
    let mut out = open(made);
    let cells = Arc::make_mut(&mut out.cells);
    for (cell, place) in cells.iter_mut().zip(own) {
        cell.shown = place.map_or(Shown::Free, |place| pattern[place]);
    }
    type Status = (Shown, Option<Decimal>);
    let plain = cells.iter().filter(|c| c.currency.is_none());
    let statuses: HashMap<(usize, Key), Status, foldhash::fast::FixedState> =
        plain.map(|c| ((c.column, c.key.clone()), (c.shown, c.value))).collect();
    let at = |column: usize, key: &Key| statuses.get(&(column, key.clone())).copied();
    for cell in cells.iter_mut() {
        let head = &made.columns[cell.column];
        if head.kind != ColumnKind::Ratio {
            continue;
        }
        let parts: Vec<(Shown, Option<Decimal>)> = head.rests_on.iter().filter_map(|column| at(*column, &cell.key)).collect();
        let small_base = parts.last().and_then(|(_, base)| *base).is_some_and(|base| base < Decimal::from(SMALLEST_BASE));
        if let Some((shown, _)) = parts.iter().find(|(shown, _)| shown.is_withheld()) {
            cell.shown = *shown;
        } else if head.unit == "percent" && small_base {
            cell.shown = Shown::SmallCount;
        }
    }
    let count = |wanted: fn(Shown) -> bool| cells.iter().filter(|c| wanted(c.shown)).count() as u32;
    let secondary = count(|s| s == Shown::Secondary);
    let primary = count(Shown::is_withheld) - secondary;
    cells.iter_mut().filter(|c| c.shown.is_withheld()).for_each(|c| {
        c.open = None;
    });
    out.treatment = Treatment::Withheld { primary, secondary };
    out
}

/// Whether more than a third of the cells that hold something are blank.
#[must_use]
pub fn is_mostly_blank(made: &Return) -> bool {
    let holding = made.cells.iter().filter(|c| c.rests_on > 0 || c.shown.is_withheld()).count();
    let blank = made.cells.iter().filter(|c| c.shown.is_withheld()).count();
    blank * 3 > holding
}

/// The table with every count rounded on its own instead of any withheld; measured values on few things are left out.
#[must_use]
pub fn rounded(made: &Return, limits: Limits) -> Return {
    let mut out = open(made);
    let base = Decimal::from(limits.base.max(1));
    for cell in Arc::make_mut(&mut out.cells) {
        cell.open = None;
        match made.columns[cell.column].kind {
            ColumnKind::Count => cell.value = cell.value.map(|value| (value / base).round().saturating_mul(base).normalize()),
            ColumnKind::Measured if cell.rests_on < limits.smallest || cell.dominated.is_some() => cell.shown = Shown::SmallCount,
            ColumnKind::Ratio if cell.rests_on < SMALLEST_BASE as u32 => cell.shown = Shown::SmallCount,
            ColumnKind::Measured | ColumnKind::Ratio | ColumnKind::TypedIn => {}
        }
    }
    ratios_of_rounded(made, &mut out);
    out.treatment = Treatment::Rounded(limits.base);
    out
}

/// A ratio of exact numbers would give them back: it is worked out from the rounded ones.
fn ratios_of_rounded(made: &Return, out: &mut Return) {
    let ratios: Vec<(usize, Option<Decimal>)> = out
        .cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| made.columns[cell.column].kind == ColumnKind::Ratio)
        .map(|(number, cell)| {
            let value = |column: usize| out.cells_at(column, &cell.key).next().and_then(|c| c.value);
            let exact = |column: usize| made.cells_at(column, &cell.key).next().and_then(|c| c.value);
            let [part, whole] = made.columns[cell.column].rests_on[..] else { return (number, None) };
            let scale =
                cell.value.zip(exact(part)).zip(exact(whole)).and_then(|((r, p), w)| r.checked_mul(w)?.checked_div(p)).map(|s| s.round());
            let ratio = value(part).zip(value(whole)).zip(scale).and_then(|((p, w), s)| p.checked_mul(s)?.checked_div(w));
            (number, ratio.map(|r| crate::rollup::rounded(r, 1)))
        })
        .collect();
    let cells = Arc::make_mut(&mut out.cells);
    for (number, ratio) in ratios {
        cells[number].value = ratio;
    }
}
