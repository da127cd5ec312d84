//! A document as PDF: blocks → lines on sheets → pages with a tree of tags.
//!
//! [`layout`] decides what stands where and which tag it belongs to; [`drawing`] hands that to the PDF writer. The fonts are subsets of
//! Noto Sans in this crate: Latin and Cyrillic. A character that they lack is printed as a question mark, never dropped.

mod drawing;
pub(crate) mod face;
mod layout;

use crate::Document;
use face::Faces;

/// The size of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// 210 × 297 mm (ISO 216).
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

impl Paper {
    /// Width and height in points of 1/72 inch.
    fn points(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// Why a document could not be written as PDF.
#[derive(Debug, thiserror::Error)]
#[error("the document cannot be written as PDF: {0}")]
pub struct PaperError(String);

/// Writes a document as a PDF that a screen reader can read (PDF/UA-1): headings, paragraphs and tables are tagged, the language is named,
/// fonts are inside.
///
/// # Errors
/// The PDF writer's own checks of PDF/UA-1 failed, for example for a document without a title.
pub fn pdf(document: &Document, paper: Paper) -> Result<Vec<u8>, PaperError> {
    let faces = Faces::load();
    let laid = layout::lay(document, paper, &faces);
    drawing::draw(document, paper, &faces, &laid).map_err(PaperError)
}
