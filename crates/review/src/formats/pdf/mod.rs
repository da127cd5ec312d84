//! The text layer of a PDF as the lines of its pages: columns one after the other, running headers gone, footnotes marked, words that
//! the typesetter cut put together. `lopdf` reads the file; what is here is the reading of a page.

mod fonts;
mod page;
mod pages;

use crate::error::ReviewError;
use lopdf::{Document, LoadOptions};

/// How large one stream of the file may unpack to: a page of text is a few kilobytes.
const LARGEST: usize = 64 << 20;
/// Fewer characters than this on a page, all pages together, are no text: a stamp, a page number.
const LEAST_PER_PAGE: usize = 16;
/// How far from the end of a file its end mark may stand.
const TAIL: usize = 2_048;

pub(super) fn damaged(why: String) -> ReviewError {
    ReviewError::Damaged { form: "the PDF", why }
}

/// The text of a PDF: its lines, a blank one between blocks and pages, bold words in `**`, footnotes as `[^1]: …`.
///
/// # Errors
/// A file that is cut short, locked or damaged, with the byte or the page; one without a text layer.
pub fn text_of(bytes: &[u8]) -> Result<String, ReviewError> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if !tail.windows(5).any(|window| window == b"%%EOF") {
        return Err(damaged(format!("it is cut short: byte {} is the last, and no end mark stands before it", bytes.len())));
    }
    let options = LoadOptions { max_decompressed_size: Some(LARGEST), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| unread(&error))?;
    if document.is_encrypted() {
        return Err(locked());
    }
    let mut read = Vec::new();
    let mut characters = 0;
    for (number, id) in document.get_pages() {
        let runs = page::runs(&document, id).map_err(|error| damaged(format!("page {number}: {error}")))?;
        characters += runs.iter().map(|run| run.text.chars().filter(|c| c.is_alphanumeric()).count()).sum::<usize>();
        read.push(runs);
    }
    if read.is_empty() {
        return Err(damaged("it has no pages".to_owned()));
    }
    if characters < LEAST_PER_PAGE * read.len() {
        let found =
            format!("a PDF of {} pages with {characters} letters in its text layer, so a scan; recognise its text first", read.len());
        return Err(ReviewError::NotText { found });
    }
    Ok(pages::text(&read))
}

fn locked() -> ReviewError {
    damaged("it is locked with a password; open it with the password and save it without".to_owned())
}

fn unread(error: &lopdf::Error) -> ReviewError {
    use std::error::Error;
    if matches!(error, lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_)) {
        return locked();
    }
    let why = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    damaged(why)
}
