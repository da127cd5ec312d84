//! A return in every format that leaves the system: byte for byte the same each time.

pub mod charts;
pub mod csv;
pub mod csvw;
pub mod files;
pub mod html;
pub mod json;
pub mod markdown;
pub mod proof;
pub mod schema;
pub mod sdmx;
pub mod text;

use crate::cells::{Cell, Return, Treatment};
use habeas_codebook::moment::Moment;
use rust_decimal::Decimal;

/// A moment with the offset of the return's zone, to the second.
pub(crate) fn moment(made: &Return, at: Moment) -> String {
    at.timestamp().to_zoned_datetime(made.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A value, or the mark that stands for it.
pub(crate) fn shown(cell: &Cell) -> String {
    if cell.shown.is_withheld() {
        return "c".to_owned();
    }
    cell.value.map_or_else(|| cell.observed.mark().to_owned(), figure)
}

/// Digits without an exponent or zeros at the end.
pub(crate) fn figure(value: Decimal) -> String {
    value.normalize().to_string()
}

/// What a reader must know above the numbers, one sentence each.
#[must_use]
pub fn notes(made: &Return) -> Vec<String> {
    let mut notes = Vec::new();
    let coverage = made.coverage;
    if coverage.should > 0 {
        let partial = if coverage.is_low() { " The totals are partial." } else { "" };
        notes.push(format!("{} of {} places sent data.{partial}", coverage.sent, coverage.should));
    }
    match &made.treatment {
        Treatment::Exact => {}
        Treatment::Withheld { primary, secondary } if primary + secondary == 0 => {
            notes.push("No number had to be withheld to protect persons.".to_owned());
        }
        Treatment::Withheld { primary, secondary } => notes.push(format!(
            "{primary} small numbers are withheld (c) to protect persons, and {secondary} more so that these cannot be worked out."
        )),
        Treatment::Rounded(base) => {
            notes.push(format!("Every number is rounded to {base} on its own, totals too, so that they need not add up."));
        }
    }
    notes.extend(made.collapsed.iter().cloned());
    notes.extend(made.left_out.iter().map(|left| format!("Left out: {} ({}).", left.because, left.things)));
    let open: u32 = made.cells.iter().filter(|c| c.key.iter().all(|code| *code == 0)).filter_map(|c| c.open).map(|(n, _)| n).sum();
    if open > 0 {
        notes.push(format!("{open} stretches had not ended with the period; they are cut there and counted apart."));
    }
    if made.roughly_dated > 0 {
        notes.push(format!("{} things have a time known only roughly, which may lie after the period.", made.roughly_dated));
    }
    if let Some(revisions) = made.revisions {
        notes.push(format!(
            "{} cells are revised (r): {} entries came late, {} corrected others.",
            revisions.cells, revisions.late, revisions.corrections
        ));
    }
    notes.extend(made.not_additive.iter().map(|wrong| format!("An addition does not come out: {wrong}.")));
    notes
}
