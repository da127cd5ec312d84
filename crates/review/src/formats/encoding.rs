//! Plain text in the encodings that records come in: UTF-8, UTF-16, Windows-1252, Mac Roman with its bare carriage returns.

use crate::error::ReviewError;
use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decodes, and makes every end of a line `\n`.
///
/// # Errors
/// Bytes of which too many are no characters of any text.
pub fn decode(bytes: &[u8]) -> Result<String, ReviewError> {
    let (encoding, skip) = encoding_of(bytes);
    let body = &bytes[skip..];
    let (text, _, _) = encoding.decode(body);
    let controls = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    if controls * 50 > text.chars().count() {
        return Err(ReviewError::NotText { found: format!("{controls} control characters among {} bytes", bytes.len()) });
    }
    Ok(text.replace("\r\n", "\n").replace(['\r', '\u{c}', '\u{b}', '\u{2028}', '\u{2029}', '\u{85}'], "\n"))
}

fn encoding_of(bytes: &[u8]) -> (&'static Encoding, usize) {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return (UTF_8, 3);
    }
    if bytes.starts_with(&[0xFF, 0xFE]) {
        return (UTF_16LE, 2);
    }
    if bytes.starts_with(&[0xFE, 0xFF]) {
        return (UTF_16BE, 2);
    }
    if std::str::from_utf8(bytes).is_ok() || is_mostly_utf8(bytes) {
        return (UTF_8, 0);
    }
    let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
    let returns = bytes.iter().filter(|byte| **byte == b'\r').count();
    if returns > 2 * feeds { (MACINTOSH, 0) } else { (WINDOWS_1252, 0) }
}

/// A file cut within a character, or with one damaged byte, is UTF-8 still.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let bad = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    bad * 10 <= high && bad <= 1 + bytes.len() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_macintosh_text_is_read_with_its_line_ends() {
        assert_eq!(decode(b"\xd2Why?\xd3\rNobody knew\xd1").unwrap(), "“Why?”\nNobody knew—");
        assert_eq!(decode(b"\x93Why?\x94\r\nNobody").unwrap(), "“Why?”\nNobody");
        assert_eq!(decode("“Why?”".as_bytes()).unwrap(), "“Why?”");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert!(decode(&[0, 1, 2, 3, 0, 5, 6, 7]).is_err());
    }
}
