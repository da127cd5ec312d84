//! What is taken of the amounts of each cell: how many different things, a sum, a median. One look at the things serves every cell.

use crate::cells::Shown;
use crate::columns::Thing;
use crate::rollup::{Grid, rounded};
use habeas_codebook::table::Stat;
use rust_decimal::Decimal;

/// What is taken of the amounts of a cell.
#[derive(Clone, Copy)]
pub(crate) enum Taken {
    /// How many different things.
    Number,
    /// A statistic.
    Of(Stat, Scale),
    /// Microseconds of stay over microseconds of the period.
    Average,
}

/// What a measured amount is divided by before it is shown.
#[derive(Clone, Copy)]
pub(crate) enum Scale {
    Minutes,
    Days,
    Own,
}

impl Taken {
    /// Whether cells tell how many different things there are, and not how many were measured.
    fn counts(self) -> bool {
        matches!(self, Taken::Number | Taken::Average | Taken::Of(_, Scale::Days))
    }

    /// Whether amounts are needed in their order, and not only their sum.
    fn ranks(self) -> bool {
        match self {
            Taken::Number | Taken::Average | Taken::Of(Stat::Mean | Stat::NumberOver(_) | Stat::TotalOver(_), _) => false,
            // Of sums of money, the largest amounts decide whether they may be shown.
            Taken::Of(Stat::Total, scale) => matches!(scale, Scale::Own),
            Taken::Of(Stat::Median | Stat::Ninetieth | Stat::Longest | Stat::Least, _) => true,
        }
    }

    /// Whether the sum of the amounts is needed.
    fn adds(self) -> bool {
        match self {
            Taken::Number | Taken::Of(Stat::Median | Stat::Ninetieth | Stat::Longest | Stat::Least, _) => false,
            Taken::Average | Taken::Of(Stat::Total | Stat::Mean | Stat::NumberOver(_) | Stat::TotalOver(_), _) => true,
        }
    }

    /// What is taken of nothing; `None`: that cannot be.
    pub(crate) fn of_nothing(self) -> Option<Decimal> {
        match self {
            Taken::Number | Taken::Average | Taken::Of(Stat::Total | Stat::TotalOver(_), _) => Some(Decimal::ZERO),
            Taken::Of(..) => None,
        }
    }
}

/// The amounts of every cell of one column.
pub(crate) struct Amounts<'t> {
    things: Vec<&'t Thing>,
    /// Amounts in each cell.
    counts: Vec<u32>,
    /// Different things in each, where that is asked.
    different: Vec<u32>,
    sums: Vec<Decimal>,
    /// Where each cell's amounts begin in `ranked`.
    starts: Vec<u32>,
    /// Of each cell, its things from the smallest amount on.
    ranked: Vec<u32>,
}

impl<'t> Amounts<'t> {
    /// Each thing in every cell that it lies in.
    pub(crate) fn of(taken: Taken, mut things: Vec<&'t Thing>, grid: &Grid) -> Self {
        let cells = grid.keys.len();
        // One thing told twice stands side by side, and smaller amounts before greater.
        if taken.counts() && !things.is_sorted_by_key(|thing| thing.thing) {
            things.sort_by_key(|thing| thing.thing);
        } else if taken.ranks() {
            things.sort_by_key(|thing| thing.amount);
        }
        let mut made =
            Amounts { counts: vec![0; cells], different: Vec::new(), sums: Vec::new(), starts: Vec::new(), ranked: Vec::new(), things };
        let above = |thing: &Thing| grid.above[thing.under as usize].iter().map(|cell| *cell as usize);
        made.things.iter().for_each(|thing| above(thing).for_each(|cell| made.counts[cell] += 1));
        if taken.counts() {
            made.different = vec![0; cells];
            let mut last: Vec<Option<u64>> = vec![None; cells];
            for thing in &made.things {
                for cell in above(thing) {
                    made.different[cell] += u32::from(last[cell].replace(thing.thing) != Some(thing.thing));
                }
            }
        }
        if taken.adds() {
            made.sums = vec![Decimal::ZERO; cells];
            for thing in &made.things {
                above(thing).for_each(|cell| made.sums[cell] = made.sums[cell].saturating_add(thing.amount));
            }
        }
        if taken.ranks() {
            made.rank(above);
        }
        made
    }

    fn rank<C: Iterator<Item = usize>>(&mut self, above: impl Fn(&'t Thing) -> C) {
        let mut sum = 0;
        for count in &self.counts {
            self.starts.push(sum);
            sum += count;
        }
        self.ranked = vec![0; sum as usize];
        let mut next = self.starts.clone();
        for (number, thing) in self.things.iter().enumerate() {
            for cell in above(thing) {
                self.ranked[next[cell] as usize] = number as u32;
                next[cell] += 1;
            }
        }
    }

    /// How many amounts a cell has.
    pub(crate) fn count(&self, cell: usize) -> u32 {
        self.counts[cell]
    }

    /// How many things a cell rests on.
    pub(crate) fn rests_on(&self, taken: Taken, cell: usize) -> u32 {
        if taken.counts() { self.different[cell] } else { self.counts[cell] }
    }

    /// The value of a cell; `None`: of nothing there is none.
    pub(crate) fn value(&self, taken: Taken, cell: usize, length: &dyn Fn() -> Decimal) -> Option<Decimal> {
        if self.counts[cell] == 0 {
            return taken.of_nothing();
        }
        match taken {
            Taken::Number => Some(Decimal::from(self.different[cell])),
            Taken::Average => Some(rounded(self.sums[cell].checked_div(length())?, 2)),
            Taken::Of(stat, scale) => {
                let value = self.statistic(stat, cell)?;
                Some(match scale {
                    Scale::Minutes => rounded(value / Decimal::from(60_000_000), 2),
                    Scale::Days => rounded(value / Decimal::from(86_400_000_000_i64), 2),
                    Scale::Own if matches!(stat, Stat::Mean) => rounded(value, 2),
                    Scale::Own => value.normalize(),
                })
            }
        }
    }

    /// One of a cell's amounts, from the smallest on.
    fn amount(&self, cell: usize, rank: u32) -> Option<Decimal> {
        let thing = self.ranked.get((self.starts[cell] + rank) as usize)?;
        Some(self.things[*thing as usize].amount)
    }

    fn statistic(&self, stat: Stat, cell: usize) -> Option<Decimal> {
        let count = self.counts[cell];
        match stat {
            Stat::Total | Stat::NumberOver(_) | Stat::TotalOver(_) => Some(self.sums[cell]),
            Stat::Mean => self.sums[cell].checked_div(Decimal::from(count)),
            Stat::Median => self.amount(cell, (count - 1) / 2),
            Stat::Ninetieth => self.amount(cell, (u64::from(count) * 9).div_ceil(10) as u32 - 1),
            Stat::Longest => self.amount(cell, count - 1),
            Stat::Least => self.amount(cell, 0),
        }
    }

    /// A sum of money tells of the largest amount where fewer than three were added, or where whoever got the second largest could work
    /// out the largest to within ten per cent.
    pub(crate) fn dominance(&self, taken: Taken, cell: usize) -> Option<Shown> {
        if !matches!(taken, Taken::Of(Stat::Total, Scale::Own)) {
            return None;
        }
        match self.counts[cell] {
            0 => None,
            1 => Some(Shown::DominatedByOne),
            2 => Some(Shown::DominatedByTwo),
            count => {
                let (largest, second) = (self.amount(cell, count - 1)?, self.amount(cell, count - 2)?);
                let others = self.sums[cell].saturating_sub(largest).saturating_sub(second);
                let limit = largest / Decimal::ONE_HUNDRED * Decimal::from(DOMINANCE);
                (others < limit).then_some(Shown::DominatedByTwo)
            }
        }
    }
}

/// Per cent within which the second largest amount must not tell the largest.
const DOMINANCE: u32 = 10;
