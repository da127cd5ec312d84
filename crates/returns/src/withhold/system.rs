//! Counts and the additions between them, of one table or of several that share cells: one system, solved together.

use crate::cells::{Cell, ColumnKind, Key, Return, TOTAL};
use habeas_codebook::table::Table;
use hashbrown::HashMap;

/// An addition: the whole is the sum of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The sum.
    pub whole: usize,
    /// What it is the sum of.
    pub parts: Vec<usize>,
}

/// Counts and additions.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// The counts, each once, in fixed order.
    pub counts: Vec<u64>,
    /// The additions between them.
    pub lines: Vec<Line>,
    /// Counts withheld whatever their size.
    pub always: Vec<usize>,
    /// Some table has three dimensions or more: intervals need a linear programme.
    pub deep: bool,
}

/// A counted table with the block that it was counted by.
pub type Counted<'r> = (&'r Return, &'r Table);

/// Where in a system the cells of tables went: one number a cell, by table, then cell; `None` for ratios.
pub type Places = Vec<Vec<Option<usize>>>;

/// What makes two counts of two tables the same count.
type Identity = (usize, Vec<(String, String)>, Option<String>);

impl System {
    /// The system of tables that are published together.
    #[must_use]
    pub fn of(tables: &[Counted<'_>]) -> (Self, Places) {
        let mut system = System::default();
        let mut known: HashMap<Identity, usize, foldhash::fast::FixedState> = HashMap::default();
        let mut places: Places = Vec::new();
        for (number, (made, _)) in tables.iter().enumerate() {
            system.deep |= made.dimensions.len() >= 3;
            let mut own = Vec::with_capacity(made.cells.len());
            for cell in made.cells.iter() {
                if !is_counted(made, cell) {
                    own.push(None);
                    continue;
                }
                let identity = (measure_of(tables, number, cell.column), named(made, &cell.key), cell.currency.clone());
                let place = *known.entry(identity).or_insert_with(|| {
                    system.counts.push(u64::from(cell.rests_on));
                    system.counts.len() - 1
                });
                own.push(Some(place));
            }
            places.push(own);
        }
        for ((made, table), own) in tables.iter().zip(&places) {
            system.add_lines(made, table, own);
        }
        (system, places)
    }

    fn add_lines(&mut self, made: &Return, table: &Table, own: &[Option<usize>]) {
        type At<'k> = (usize, &'k [u16], Option<&'k str>);
        let placed = || made.cells.iter().zip(own).filter_map(|(cell, place)| Some((cell, (*place)?)));
        let index: HashMap<At<'_>, usize, foldhash::fast::FixedState> =
            placed().map(|(c, place)| ((c.column, &*c.key, c.currency.as_deref()), place)).collect();
        type Sum<'k> = (usize, usize, Key, Option<&'k str>);
        let mut parts: HashMap<Sum<'_>, Vec<usize>, foldhash::fast::FixedState> = HashMap::default();
        let mut order = Vec::new();
        for (cell, place) in placed() {
            for (dimension, _) in cell.key.iter().enumerate().filter(|(_, code)| **code != TOTAL) {
                let mut whole = cell.key.clone();
                whole[dimension] = TOTAL;
                let line = (dimension, cell.column, whole, cell.currency.as_deref());
                if !parts.contains_key(&line) {
                    order.push(line.clone());
                }
                parts.entry(line).or_default().push(place);
            }
        }
        for line in order {
            let (dimension, column, whole, currency) = &line;
            let (Some(whole_place), Some(parts)) = (index.get(&(*column, &**whole, *currency)), parts.get(&line)) else { continue };
            let line = Line { whole: *whole_place, parts: parts.clone() };
            if made.dimensions[*dimension].of_health {
                self.tells_of_everybody(&line);
            }
            self.add(line);
        }
        for stated in &table.parts {
            for (cell, whole) in placed().filter(|(c, _)| c.column == stated.whole) {
                let of = |column: &usize| index.get(&(*column, &*cell.key, None)).copied();
                let parts: Vec<usize> = stated.parts.iter().filter_map(of).collect();
                if parts.len() == stated.parts.len() {
                    self.add(Line { whole, parts });
                }
            }
        }
    }

    fn add(&mut self, line: Line) {
        // The same addition twice changes nothing; in a large table it is not worth looking for.
        if self.lines.len() > 500 || !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// Where everybody known to be there stands in one category of health, that category tells of each of them.
    fn tells_of_everybody(&mut self, line: &Line) {
        let whole = self.counts[line.whole];
        if let Some(full) = line.parts.iter().find(|part| whole > 0 && self.counts[**part] == whole) {
            self.always.push(*full);
        }
    }

    /// For each count, the additions that it is in, in their order.
    pub(crate) fn lines_of_each(&self) -> Vec<Vec<u32>> {
        let mut lines: Vec<Vec<u32>> = vec![Vec::new(); self.counts.len()];
        for (number, line) in self.lines.iter().enumerate() {
            for place in line.parts.iter().chain([&line.whole]) {
                if lines[*place].last() != Some(&(number as u32)) {
                    lines[*place].push(number as u32);
                }
            }
        }
        lines
    }

    /// Whether an addition comes out; different persons counted under two codes do not add up.
    #[must_use]
    pub fn comes_out(&self, line: &Line) -> bool {
        line.parts.iter().map(|part| self.counts[*part]).sum::<u64>() == self.counts[line.whole]
    }
}

fn is_counted(made: &Return, cell: &Cell) -> bool {
    match made.columns[cell.column].kind {
        ColumnKind::Count | ColumnKind::Measured => true,
        ColumnKind::Ratio | ColumnKind::TypedIn => false,
    }
}

/// The first table and column that measure the same.
fn measure_of(tables: &[Counted<'_>], number: usize, column: usize) -> usize {
    let (_, table) = tables[number];
    let same = |other: &Table, at: usize| {
        let (a, b) = (&other.columns[at], &table.columns[column]);
        a.measure == b.measure
            && a.condition == b.condition
            && a.verdicts == b.verdicts
            && other.dated_by == table.dated_by
            && other.leaves_out.iter().map(|l| &l.what).eq(table.leaves_out.iter().map(|l| &l.what))
    };
    for (earlier, (_, other)) in tables.iter().enumerate().take(number) {
        if let Some(at) = (0..other.columns.len()).find(|at| same(other, *at)) {
            return earlier * 1000 + at;
        }
    }
    number * 1000 + column
}

/// The dimensions that a key fixes, in words, in fixed order.
fn named(made: &Return, key: &[u16]) -> Vec<(String, String)> {
    let fixed = key.iter().enumerate().filter(|(_, code)| **code != TOTAL);
    let mut named: Vec<(String, String)> = fixed.map(|(d, c)| (made.dimensions[d].words.clone(), made.code(d, *c).to_owned())).collect();
    named.sort_unstable();
    named
}
