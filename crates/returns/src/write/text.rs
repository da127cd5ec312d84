//! The table for the terminal: totals first, then each combination, one line each, columns side by side.

use super::{known_at, notes, shown};
use crate::cells::{Key, Return, TOTAL};
use crate::phrases::{self, Phrase};

/// Rows shown; all are in the files.
const ROWS: usize = 200;

/// The rows of a reader's table: the grand total, the codes of each dimension alone, then the finest combinations.
#[must_use]
pub fn reading_order(made: &Return) -> Vec<Key> {
    let mut keys: Vec<Key> = made.cells.iter().map(|cell| cell.key.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let named = |key: &Key| key.iter().filter(|code| **code != TOTAL).count();
    let dimensions = made.dimensions.len();
    let wanted = |key: &Key| named(key) <= 1 || named(key) == dimensions;
    keys.retain(wanted);
    let first = |key: &Key| key.iter().position(|code| *code != TOTAL).unwrap_or(0);
    keys.sort_by_key(|key| if named(key) <= 1 { (named(key), first(key), key.clone()) } else { (2, 0, key.clone()) });
    keys
}

/// The number of a column at a key, with its marks; several currencies on one line.
#[must_use]
pub fn cell_text(made: &Return, column: usize, key: &[u16]) -> String {
    let texts: Vec<String> = made
        .cells_at(column, key)
        .map(|cell| {
            let mark = if cell.value.is_some() && !cell.shown.is_withheld() { cell.observed.mark() } else { "" };
            let currency = cell.currency.as_deref().map_or_else(String::new, |c| format!(" {c}"));
            let open = cell
                .open
                .filter(|_| !cell.shown.is_withheld())
                .map_or_else(String::new, |(n, _)| format!(" {}", phrases::say(made.language, Phrase::Open, &[&n.to_string()])));
            let space = if mark.is_empty() { "" } else { " " };
            format!("{}{currency}{space}{mark}{open}", shown(cell))
        })
        .collect();
    texts.join("; ")
}

/// What a row is about: `all`, or its codes.
#[must_use]
pub fn row_name(made: &Return, key: &[u16]) -> String {
    let codes = key.iter().enumerate().filter(|(_, code)| **code != TOTAL);
    let named: Vec<String> = codes.map(|(d, code)| format!("{} {}", made.dimensions[d].label, made.label(d, *code))).collect();
    if named.is_empty() { phrases::say(made.language, Phrase::All, &[]) } else { named.join(", ") }
}

/// The table as text.
#[must_use]
pub fn write(made: &Return) -> String {
    let mut out = format!("{}  {}\n", made.id, made.title);
    out.push_str(&format!("{}\n", known_at(made)));
    notes(made).iter().for_each(|note| out.push_str(&format!("  {note}\n")));
    out.push('\n');
    let keys = reading_order(made);
    let head = |c: &crate::cells::ColumnHead| if c.unit == c.name { c.name.clone() } else { format!("{} ({})", c.name, c.unit) };
    let mut rows: Vec<Vec<String>> = vec![std::iter::once(String::new()).chain(made.columns.iter().map(head)).collect()];
    for key in keys.iter().take(ROWS) {
        let cells = (0..made.columns.len()).map(|column| cell_text(made, column, key));
        rows.push(std::iter::once(row_name(made, key)).chain(cells).collect());
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    for row in &rows {
        let mut line = format!("{:<width$}", row[0], width = widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line.push_str(&format!("  {cell:>width$}"));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if keys.len() > ROWS {
        out.push_str(&format!("and {} more rows: --format csv has them all\n", keys.len() - ROWS));
    }
    made.traps.iter().for_each(|trap| out.push_str(&format!("\nMind: {trap}.")));
    if !made.traps.is_empty() {
        out.push('\n');
    }
    out
}
