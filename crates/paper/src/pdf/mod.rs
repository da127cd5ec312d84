//! A document as PDF: blocks → lines on sheets → pages with a tree of tags.
//!
//! [`layout`] decides what stands where and which tag it belongs to, [`table`] how wide columns are; [`drawing`] hands that to the PDF
//! writer. The fonts are subsets of Noto Sans in this crate: Latin and Cyrillic. A character that they lack is printed as a question mark,
//! never dropped.

mod drawing;
pub(crate) mod face;
mod layout;
mod table;

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

/// The lines of each sheet as a reader sees them, each with where it ends.
#[cfg(test)]
pub(crate) fn said(document: &Document, paper: Paper) -> Vec<Vec<(f32, String)>> {
    let faces = Faces::load();
    let laid = layout::lay(document, paper, &faces);
    let line = |piece: &layout::Piece| match &piece.what {
        layout::What::Line { text, weight, size } => Some((piece.x + faces.width(text, *weight, *size), text.clone())),
        layout::What::Bar(..) | layout::What::Squares { .. } => None,
    };
    laid.sheets.iter().map(|sheet| sheet.iter().filter_map(line).collect()).collect()
}
