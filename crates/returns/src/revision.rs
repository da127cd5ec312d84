//! A table counted again later: which cells differ from the release before, and why, in counts and never in names.

use crate::cells::{Observed, Return, Revisions};
use habeas_codebook::log::Log;
use habeas_codebook::tree::Codebook;
use std::sync::Arc;

/// Marks the cells that differ from an earlier release, and counts what was recorded in between.
pub fn revise(made: &mut Return, earlier: &Return, codebook: &Codebook, log: &Log) {
    let mut revisions = Revisions::default();
    let columns = made.columns.clone();
    let dimensions = made.dimensions.clone();
    for cell in Arc::make_mut(&mut made.cells) {
        let Some(column) = earlier.columns.iter().position(|c| c.name == columns[cell.column].name) else { continue };
        let spelt = cell.key.iter().enumerate();
        let mut codes = spelt.map(|(d, code)| {
            let words = &dimensions[d].words;
            let text = code.checked_sub(1).map_or(crate::cells::TOTAL_CODE, |place| dimensions[d].codes[usize::from(place)].as_str());
            let place = earlier.dimensions.iter().position(|other| other.words == *words)?;
            Some((place, earlier.code_named(place, text)?))
        });
        let key: Option<Vec<(usize, u16)>> = codes.by_ref().collect();
        let before = key.and_then(|key| {
            let mut own = vec![0u16; earlier.dimensions.len()];
            key.into_iter().for_each(|(place, code)| own[place] = code);
            earlier.cells_at(column, &own).find(|c| c.currency == cell.currency).and_then(|c| c.value)
        });
        if cell.value.is_some_and(|value| value != before.unwrap_or_default()) {
            cell.observed = Observed::Revised;
            revisions.cells += 1;
        }
    }
    for event in log.events() {
        let recorded = log.recorded_at(event);
        if recorded <= earlier.as_of || recorded > made.as_of {
            continue;
        }
        if codebook.changes(log.kind(event)) {
            revisions.corrections += 1;
        } else if log.at(event).earliest < made.period.end {
            revisions.late += 1;
        }
    }
    made.revisions = Some(revisions);
}
