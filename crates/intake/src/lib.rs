//! Other people's logs: JSON Lines, CSV, Parquet and Arrow, in the product's own layout or, with a mapping file, in anybody's, become
//! entries of a [`habeas_codebook::log::Log`].
//!
//! Refuses whole, never half: by default one bad row means that nothing is handed over, and every bad row is told with file, line
//! and column. This crate opens no file and reads no clock; it is given readers. Start reading at [`read`], then `csv` for the
//! product's own layout and `mapping` for everybody else's.

mod columnar;
mod csv;
mod gather;
pub mod guess;
mod jsonl;
pub mod mapping;
mod objects;
mod open;
mod problem;
mod records;
pub mod timeline;
pub mod turns;
mod words;

pub use gather::Intake;
pub use mapping::{Mapping, read_mapped};
pub use open::{Encoding, Format, Input};
pub use problem::{IntakeError, Problem};

use gather::Gather;
use habeas_codebook::log::Log;
use habeas_codebook::tree::Codebook;

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Judge the good rows even if some are bad.
    pub keep_going: bool,
    /// Processors to use; 0 and 1 are the same.
    pub threads: usize,
    /// Keep who entered each entry: for whoever hands entries on.
    pub authors: bool,
}

/// Reads inputs in the product's own layout into one log. `progress` is told how many more bytes of text were read.
///
/// # Errors
/// [`IntakeError`]: bad rows (unless `keep_going`), an unreadable or broken file.
pub fn read(inputs: Vec<Input>, codebook: &Codebook, options: Options, progress: &mut dyn FnMut(u64)) -> Result<Intake, IntakeError> {
    read_all(Gather::new(codebook, options.keep_going).keeping(options.authors), inputs, options, progress)
}

/// The same without keeping entries: `taker` is given them in the order of the file, some thousand at a time, each time as a log
/// of its own, and the log of what comes back is empty. Bad rows are told at the end, after `taker` has had the good ones; an id
/// that comes twice is found only if both entries lie close together.
///
/// # Errors
/// As [`read`].
pub fn read_passing(
    inputs: Vec<Input>,
    codebook: &Codebook,
    options: Options,
    progress: &mut dyn FnMut(u64),
    taker: &mut dyn FnMut(&Log),
) -> Result<Intake, IntakeError> {
    read_all(Gather::passing(codebook, options.keep_going, taker), inputs, options, progress)
}

fn read_all(mut gather: Gather<'_>, inputs: Vec<Input>, options: Options, progress: &mut dyn FnMut(u64)) -> Result<Intake, IntakeError> {
    for input in inputs {
        let opened = open::open(input, None, Encoding::Utf8)?;
        match opened.format {
            Format::Csv => csv::read(&mut gather, &opened.name, opened.bytes, b',', options.threads, progress)?,
            Format::JsonLines => jsonl::read(&mut gather, &opened.name, opened.bytes, progress)?,
            Format::Parquet | Format::Arrow => {
                let text = columnar::as_csv(opened.format, &opened.name, opened.bytes)?;
                csv::read(&mut gather, &opened.name, text, b',', options.threads, progress)?;
            }
        }
    }
    gather.finish()
}
