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
use crate::phrases::{self, Phrase};
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
    let say = |phrase: Phrase, values: &[&str]| phrases::say(made.language, phrase, values);
    let counted = |phrase: Phrase, number: u32| say(phrase, &[&number.to_string()]);
    let mut notes = Vec::new();
    let coverage = made.coverage;
    if coverage.should > 0 {
        let sent = say(Phrase::Sent, &[&coverage.sent.to_string(), &coverage.should.to_string()]);
        notes.push(if coverage.is_low() { format!("{sent} {}", say(Phrase::Partial, &[])) } else { sent });
    }
    match &made.treatment {
        Treatment::Exact => {}
        Treatment::Withheld { primary, secondary } if primary + secondary == 0 => notes.push(say(Phrase::NoneWithheld, &[])),
        Treatment::Withheld { primary, secondary } => {
            notes.push(say(Phrase::Withheld, &[&primary.to_string(), &secondary.to_string()]));
        }
        Treatment::Rounded(base) => notes.push(counted(Phrase::Rounded, *base)),
    }
    notes.extend(made.collapsed.iter().cloned());
    notes.extend(made.left_out.iter().map(|left| say(Phrase::LeftOut, &[&left.because, &left.things.to_string()])));
    let open: u32 = made.cells.iter().filter(|c| c.key.iter().all(|code| *code == 0)).filter_map(|c| c.open).map(|(n, _)| n).sum();
    if open > 0 {
        notes.push(counted(Phrase::Cut, open));
    }
    if made.roughly_dated > 0 {
        notes.push(counted(Phrase::Rough, made.roughly_dated));
    }
    if let Some(revisions) = made.revisions {
        let numbers = [revisions.cells, revisions.late, revisions.corrections].map(|number| number.to_string());
        notes.push(say(Phrase::Revised, &[&numbers[0], &numbers[1], &numbers[2]]));
    }
    notes.extend(made.not_additive.iter().map(|wrong| say(Phrase::NotAdditive, &[wrong])));
    notes
}

/// The period, and what had been recorded by then.
pub(crate) fn known_at(made: &Return) -> String {
    phrases::say(made.language, Phrase::AsKnownAt, &[&made.period.name, &moment(made, made.as_of)])
}

/// The marks that stand for numbers or beside them, and what each means.
pub(crate) fn marks(made: &Return) -> Vec<(&'static str, String)> {
    let told = phrases::say(made.language, Phrase::Marks, &[]);
    ["c", ":", "-", "r", "p", "u"].into_iter().zip(told.split('|').map(str::to_owned)).collect()
}
