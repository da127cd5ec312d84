//! Mapping files: one file turns a foreign table into events (interfaces, *Mapping files*).

mod apply;
mod compiled;
mod numbers;
mod parts;
mod snapshot;
mod times;
mod written;

use crate::Options;
use crate::gather::{Gather, Intake, Place};
use crate::open::{self, Format, Input};
use crate::problem::{IntakeError, Problem};
use crate::words::{Words, loose};
use compiled::{Compiler, Named};
use habeas_codebook::tree::Codebook;

/// A mapping file, read but not yet held against a codebook.
#[derive(Debug)]
pub struct Mapping {
    written: written::Written,
    text: String,
    file: String,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`IntakeError::BadMapping`] with everything wrong in it.
    pub fn parse(text: &str, file: &str) -> Result<Self, IntakeError> {
        let written = written::read(text, file).map_err(IntakeError::BadMapping)?;
        Ok(Mapping { written, text: text.to_owned(), file: file.to_owned() })
    }

    /// The pack that it was written for.
    #[must_use]
    pub fn codebook(&self) -> Option<&str> {
        self.written.codebook.as_deref()
    }

    /// Zone of the register's places, if it says one: days are counted in it (rule-language, section 4).
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        self.written.zone.as_ref().map(|zone| zone.text.as_str())
    }

    /// Holds it against a codebook.
    ///
    /// # Errors
    /// [`IntakeError::BadMapping`]: unknown kinds, fields, subjects and values, with their places.
    pub fn check(&self, codebook: &Codebook) -> Result<(), IntakeError> {
        let words = Words::new(codebook);
        Compiler::new(&words, &self.written, &self.text, &self.file).compile().map(|_| ()).map_err(IntakeError::BadMapping)
    }

    /// The column that feeds a field of a kind (`at` and `recorded_at` too), for a report of what is missing.
    #[must_use]
    pub fn column_for(&self, kind: &str, field: &str) -> Option<&str> {
        let part = self.written.events.iter().find(|e| loose(&e.kind.text) == loose(kind))?;
        match field {
            "at" => time_column(part.at.as_ref()?),
            "recorded_at" => time_column(part.recorded_at.as_ref()?),
            _ => part.fields.iter().find(|(name, _)| loose(&name.text) == loose(field)).and_then(|(_, value)| match value {
                written::FieldValue::Column { column, .. } | written::FieldValue::Age { column, .. } => Some(column.text.as_str()),
                written::FieldValue::Constant(_) => None,
            }),
        }
    }
}

fn time_column(time: &written::Time) -> Option<&str> {
    match time {
        written::Time::Column(column) => Some(&column.column.text),
        written::Time::Range { latest, .. } => time_column(latest),
        written::Time::Unknown | written::Time::Constant { .. } | written::Time::FileName { .. } => None,
    }
}

/// Reads foreign tables into one log.
///
/// # Errors
/// [`IntakeError`]: a mapping that does not fit the codebook, a missing column, bad rows (unless `keep_going`), broken files.
pub fn read_mapped(
    inputs: Vec<Input>,
    mapping: &Mapping,
    codebook: &Codebook,
    options: Options,
    progress: &mut dyn FnMut(u64),
) -> Result<Intake, IntakeError> {
    let words = Words::new(codebook);
    let compiled = Compiler::new(&words, &mapping.written, &mapping.text, &mapping.file).compile().map_err(IntakeError::BadMapping)?;
    let mut gather = Gather::new(codebook, options.keep_going).keeping(options.authors);
    let input_part = &mapping.written.input;
    let mut applier = apply::Applier::new(&compiled, input_part);
    for input in inputs {
        let opened = open::open(input, input_part.format, input_part.encoding)?;
        match opened.format {
            Format::Csv => applier.csv(&mut gather, &opened.name, opened.bytes, input_part.delimiter, progress)?,
            Format::JsonLines => applier.json_lines(&mut gather, &opened.name, opened.bytes, progress)?,
            Format::Parquet | Format::Arrow => {
                let text = crate::columnar::as_csv(opened.format, &opened.name, opened.bytes)?;
                applier.csv(&mut gather, &opened.name, text, b',', progress)?;
            }
        }
    }
    applier.finish(&mut gather)?;
    gather.finish()
}

/// A table whose columns lack one that the mapping names.
fn missing_column(place: Place<'_>, wanted: &Named, there: &[String]) -> Problem {
    let spelt: Vec<String> = wanted.spellings.iter().map(|s| format!("`{s}`")).collect();
    let what = format!("no column is called {}, as {} says", spelt.join(" or "), wanted.wanted_at);
    let nearest = Words::nearest(&wanted.name, there.iter().map(String::as_str));
    // A table read with the wrong sign is one column.
    if let [only] = there
        && let Some(sign) = [";", "\t", "|"].into_iter().find(|sign| only.contains(sign))
    {
        let expected = format!("`delimiter = {sign:?}` in [input], if that sign stands between the columns");
        return place.problem(what, only, expected);
    }
    let expected =
        format!("one of those spellings (nearest: {nearest}), its name in `optional` of [input], or `header` if it stands further down");
    place.problem(what, &there.join(", "), expected)
}
