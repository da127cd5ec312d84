//! What is handed over on paper: a document is a title and blocks, and is written as text, as a page of HTML, or as a PDF.
//!
//! ```text
//! Document ──▶ text   for a terminal
//!          ──▶ html   one self-contained page, printable
//!          ──▶ pdf    A4, tagged for screen readers (PDF/UA-1, ISO 14289-1)
//! ```
//!
//! Who writes a document knows words and order, never points and pages; this crate knows points and pages, never custody.
//! The same document gives the same bytes: nothing here reads a clock.

mod html;
mod pdf;
mod text;

pub use html::html;
pub use pdf::face::{BOLD as BOLD_FACE, LICENCE as FACE_LICENCE, REGULAR as FACE};
pub use pdf::{Paper, PaperError, pdf};
pub use text::text;

/// One document for one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its language, as a BCP 47 tag.
    pub language: String,
    /// What it is, such as "Custody record C1".
    pub title: String,
    /// What stands at the foot of each page beside the page's number: whose record it is and as known when.
    pub foot: String,
    /// What it says, in reading order.
    pub blocks: Vec<Block>,
}

/// One part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A section's heading.
    Section(String),
    /// The heading of a part of a section, such as one entry; it stays on the page of what follows it.
    Part(String),
    /// A paragraph.
    Text(String),
    /// A paragraph that must not be overlooked, such as a breach.
    Alert(String),
    /// Names with what is said of each.
    Facts(Vec<(String, String)>),
    /// A table: heads, then rows of as many cells.
    Table {
        /// What stands over each column.
        heads: Vec<String>,
        /// The rows; a row that is too short ends in empty cells.
        rows: Vec<Vec<String>>,
    },
    /// Lines that are kept as they are, such as a checkpoint, broken only where they do not fit.
    Lines(String),
    /// A chart: a bar for each name, beside it the number that it stands for.
    Bars {
        /// What it shows.
        title: String,
        /// The bars, from the top.
        bars: Vec<Bar>,
    },
    /// A picture of square modules, such as a QR code.
    Squares {
        /// What it shows, for who cannot see it.
        alt: String,
        /// How many modules a side has.
        side: usize,
        /// Which modules are dark, row by row; `side * side` of them.
        dark: Vec<bool>,
    },
}

/// One bar of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// Its length in thousandths of the longest.
    pub length: u16,
    /// The number as it is said.
    pub said: String,
}

/// A chart in words, for who cannot see it.
fn bars_told(title: &str, bars: &[Bar]) -> String {
    let told: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.name, bar.said)).collect();
    format!("{title}: {}", told.join("; "))
}

#[cfg(test)]
mod tests;
