//! What is wrong with a log or a mapping, and exactly where.

use std::fmt;

/// One thing wrong in an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// File as the user named it.
    pub file: String,
    /// Line, from 1; of a Parquet file the row.
    pub line: u64,
    /// Column, from 1, in characters; 0 when the whole line is meant.
    pub column: u64,
    /// What is wrong, in lower case, the user's own words in backticks.
    pub what: String,
    /// What stands there; empty when nothing does.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        if !self.found.is_empty() {
            write!(f, ", found `{}`", shortened(&self.found))?;
        }
        if !self.expected.is_empty() {
            write!(f, ", expected {}", self.expected)?;
        }
        Ok(())
    }
}

/// Long or unprintable text, fit for one line of a terminal.
fn shortened(text: &str) -> String {
    let clean: String = text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(80).is_some() { format!("{clean}…") } else { clean }
}

/// Why an input could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// Rows are wrong and the user did not ask to keep going.
    #[error("{count} of the rows cannot be read; nothing was judged")]
    BadRows {
        /// The first of them.
        problems: Vec<Problem>,
        /// How many there are.
        count: u64,
    },
    /// The machine, not the input.
    #[error("cannot read `{file}`: {source}")]
    Unreadable {
        /// File as the user named it.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file as a whole: truncated, of a wrong format, without a header.
    #[error("{0}")]
    Broken(Problem),
    /// The mapping file.
    #[error("the mapping cannot be used")]
    BadMapping(Vec<Problem>),
}
