//! The smallest and greatest value of a count under additions: a small linear programme by the simplex method with Bland's rule, which
//! cannot run in circles. Counts are whole numbers, so the ends of an interval are rounded inwards.

use super::intervals::{Intervals, NO_END};
use super::system::Line;

const NEARLY: f64 = 1e-7;

/// Narrows the bounds of the counts of one component.
pub(crate) fn narrow(lines: &[&Line], component: &[usize], bounds: &mut Intervals) {
    let column = |place: usize| component.binary_search(&place).ok();
    let mut rows: Vec<(Vec<f64>, f64)> = Vec::new();
    for line in lines {
        let members = || line.parts.iter().copied().map(|p| (p, 1.0)).chain([(line.whole, -1.0)]);
        if !members().any(|(place, _)| column(place).is_some()) {
            continue;
        }
        let mut row = vec![0.0; component.len()];
        let mut right = 0.0;
        for (place, sign) in members() {
            // Shifted by its least value, so that every unknown is at least nothing.
            right -= sign * bounds[place].0 as f64;
            if let Some(column) = column(place) {
                row[column] += sign;
            }
        }
        if row.iter().any(|f| *f != 0.0) {
            rows.push((row, right));
        }
    }
    let Some(tableau) = Tableau::feasible(&rows, component.len()) else { return };
    for (number, place) in component.iter().enumerate() {
        let shift = bounds[*place].0 as f64;
        let most = tableau.clone().greatest(number, 1.0).map(|most| (most + shift + NEARLY).floor());
        let least = tableau.clone().greatest(number, -1.0).map(|least| (shift - least - NEARLY).ceil());
        let bound = &mut bounds[*place];
        let next = (
            least.map_or(bound.0, |l| bound.0.max(l as i64)),
            most.filter(|m| *m < NO_END as f64).map_or(bound.1, |m| bound.1.min(m as i64)),
        );
        if next.0 <= next.1 {
            *bound = next;
        }
    }
}

/// Rows of equations in the form that shows a corner; `basis[row]` is the unknown that the row tells.
#[derive(Clone)]
struct Tableau {
    rows: Vec<Vec<f64>>,
    basis: Vec<usize>,
    unknowns: usize,
}

impl Tableau {
    /// Finds a corner, by driving helping unknowns (one a row) out.
    fn feasible(equations: &[(Vec<f64>, f64)], unknowns: usize) -> Option<Self> {
        let count = equations.len();
        let mut rows = Vec::with_capacity(count);
        for (number, (factors, right)) in equations.iter().enumerate() {
            let sign = if *right < 0.0 { -1.0 } else { 1.0 };
            let mut row: Vec<f64> = factors.iter().map(|f| f * sign).collect();
            row.extend((0..count).map(|helper| if helper == number { 1.0 } else { 0.0 }));
            row.push(right * sign);
            rows.push(row);
        }
        let mut tableau = Tableau { rows, basis: (unknowns..unknowns + count).collect(), unknowns };
        let mut price = vec![0.0; unknowns + count];
        price[unknowns..].iter_mut().for_each(|p| *p = -1.0);
        let reached = tableau.climb(&price, unknowns + count)?;
        if reached < -1e-6 {
            return None;
        }
        tableau.leave_helpers();
        Some(tableau)
    }

    /// Puts real unknowns in place of helping ones that stayed at nothing, and drops rows that say nothing.
    fn leave_helpers(&mut self) {
        let mut row = 0;
        while row < self.rows.len() {
            if self.basis[row] >= self.unknowns {
                match (0..self.unknowns).find(|column| self.rows[row][*column].abs() > NEARLY) {
                    Some(column) => self.pivot(row, column),
                    None => {
                        self.rows.remove(row);
                        self.basis.remove(row);
                        continue;
                    }
                }
            }
            row += 1;
        }
    }

    /// The greatest value of one unknown times a sign; `None` where it has no end.
    fn greatest(mut self, unknown: usize, sign: f64) -> Option<f64> {
        let width = self.rows.first().map_or(self.unknowns, |row| row.len() - 1);
        let mut price = vec![0.0; width];
        price[unknown] = sign;
        self.climb(&price, self.unknowns)
    }

    /// Goes from corner to corner while that helps; only the first `allowed` columns may come in.
    fn climb(&mut self, price: &[f64], allowed: usize) -> Option<f64> {
        for _ in 0..5_000 {
            let worth = |column: usize| {
                let told: f64 = self.rows.iter().zip(&self.basis).map(|(row, basic)| price[*basic] * row[column]).sum();
                price[column] - told
            };
            let Some(coming) = (0..allowed).find(|column| !self.basis.contains(column) && worth(*column) > NEARLY) else {
                let last = |row: &Vec<f64>| row.last().copied().unwrap_or(0.0);
                return Some(self.rows.iter().zip(&self.basis).map(|(row, basic)| price[*basic] * last(row)).sum());
            };
            let mut leaving: Option<(usize, f64)> = None;
            for (number, row) in self.rows.iter().enumerate().filter(|(_, row)| row[coming] > NEARLY) {
                let step = row.last().copied().unwrap_or(0.0) / row[coming];
                let better = leaving.is_none_or(|(best, least)| {
                    step < least - 1e-12 || ((step - least).abs() <= 1e-12 && self.basis[number] < self.basis[best])
                });
                if better {
                    leaving = Some((number, step));
                }
            }
            let (row, _) = leaving?;
            self.pivot(row, coming);
        }
        None
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let factor = self.rows[row][column];
        self.rows[row].iter_mut().for_each(|f| *f /= factor);
        let own = self.rows[row].clone();
        for (number, other) in self.rows.iter_mut().enumerate().filter(|(number, _)| *number != row) {
            let times = other[column];
            let _ = number;
            if times != 0.0 {
                other.iter_mut().zip(&own).for_each(|(f, o)| *f -= times * o);
            }
        }
        self.basis[row] = column;
    }
}
