//! From the bytes of a file to its text: lines that end in `\n`. What the text means is no matter here.

mod archive;
mod encoding;
mod markup;
mod pdf;

use crate::error::ReviewError;
pub use archive::{files, packed};

/// The text of a file, whatever form it has: plain text and Markdown in several encodings, HTML, .docx, PDF. The lines that an import
/// names are counted in it.
///
/// # Errors
/// Bytes that are no text, a damaged file, or a PDF that is locked or only a scan.
pub fn text_of(bytes: &[u8]) -> Result<String, ReviewError> {
    if bytes[..bytes.len().min(1_024)].windows(5).any(|window| window == b"%PDF-") {
        return pdf::text_of(bytes);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let xml = archive::file(bytes, "word/document.xml")?;
        let xml = xml.ok_or_else(|| ReviewError::NotText { found: "an archive without a text document".to_owned() })?;
        return Ok(markup::of_word(&encoding::decode(&xml)?));
    }
    let text = encoding::decode(bytes)?;
    Ok(if is_html(&text) { markup::of_html(&text) } else { text })
}

/// Whether a text is an HTML page, by its beginning.
fn is_html(text: &str) -> bool {
    let start = crate::cleaning::floor(text.trim_start(), 1_000).to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<?xml") && start.contains("<html")
}
