//! Logs from the command line into memory: all of it, or nothing is judged.

use crate::outcome::Trouble;
use crate::report::missing::Wanted;
use crate::terminal::Terminal;
use habeas_codebook::log::Log;
use habeas_codebook::tree::Codebook;
use std::path::Path;

/// What is to be read.
pub struct Request<'a> {
    /// Paths; `-` is standard input.
    pub logs: &'a [String],
    /// Mapping of foreign columns.
    pub map: Option<&'a Path>,
    /// Judge the good rows although others are bad.
    pub keep_going: bool,
}

/// A log as read.
pub struct Heard {
    /// Its entries.
    pub log: Log,
    /// Rows that could not be read.
    pub bad_rows: u64,
}

impl Heard {
    /// The column of the source that would tell something.
    #[must_use]
    pub fn column(&self, _codebook: &Codebook, _wanted: &Wanted) -> Option<String> {
        None
    }
}

/// Reads.
///
/// # Errors
/// s
pub fn read(_codebook: &Codebook, _request: &Request<'_>, _terminal: Terminal) -> Result<Heard, Trouble> {
    Ok(Heard { log: Log::new(), bad_rows: 0 })
}
