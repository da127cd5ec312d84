//! Places in a text as editors count them (lines, and columns in UTF-16), and names in the fenced blocks of a chapter.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The file that an address of the editor names.
pub(super) fn path(uri: &str) -> Option<PathBuf> {
    let written = uri.strip_prefix("file://")?;
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The address of a file.
pub(super) fn uri(path: &Path) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~');
    let written = path.to_str()?.bytes();
    let written = written.map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    Some(format!("file://{}", written.collect::<String>()))
}

/// The byte at a line and column, both from nought.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = 0;
    let rest = text[start..].lines().next().unwrap_or_default();
    for (at, letter) in rest.char_indices() {
        if units >= column {
            return start + at;
        }
        units += letter.len_utf16();
    }
    start + rest.len()
}

fn position(text: &str, byte: usize) -> Value {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count();
    let column: usize = before.rsplit('\n').next().unwrap_or_default().chars().map(char::len_utf16).sum();
    json!({"line": line, "character": column})
}

/// A stretch of a text.
pub(super) fn range(text: &str, from: usize, until: usize) -> Value {
    json!({"start": position(text, from), "end": position(text, until)})
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_')
}

/// Every place of a name in the fenced blocks, as whole words; names inside quotations are not names.
pub(super) fn occurrences(text: &str, name: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut fenced, mut at) = (false, 0);
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            let lower = line.to_ascii_lowercase();
            for (start, _) in lower.match_indices(name) {
                let end = start + name.len();
                let alone = !lower[..start].ends_with(is_part) && !lower[end..].starts_with(is_part);
                let quoted = lower[..start].matches('"').count() % 2 == 1;
                if alone && !quoted {
                    found.push((at + start, at + end));
                }
            }
        }
        at += line.len();
    }
    found
}

/// The longest of the names that stands at a place.
pub(super) fn name_at<'n>(text: &str, offset: usize, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let line_start = text[..offset].rfind('\n').map_or(0, |end| end + 1);
    let line_end = text[offset..].find('\n').map_or(text.len(), |end| offset + end);
    let line = text[line_start..line_end].to_ascii_lowercase();
    let here = offset - line_start;
    let covers = |name: &&str| {
        line.match_indices(*name).any(|(start, _)| {
            let end = start + name.len();
            (start..=end).contains(&here) && !line[..start].ends_with(is_part) && !line[end..].starts_with(is_part)
        })
    };
    names.filter(covers).max_by_key(|name| name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_counted_in_utf_16_and_an_address_may_hold_any_letter() {
        let text = "a\nə😀b\n";
        assert_eq!(&text[offset(text, 1, 3)..], "b\n");
        assert_eq!(range(text, offset(text, 1, 3), text.len())["start"], json!({"line": 1, "character": 3}));
        let folder = Path::new("/law books/ə/one.md");
        assert_eq!(path(&uri(folder).expect("text")), Some(folder.to_owned()));
        assert_eq!(path("file:///a%zz"), None);
    }

    #[test]
    fn a_name_is_found_as_whole_words_in_blocks_only() {
        let text = "held here\n```rule\nwhile held, held-up; because \"held\".\nheld.\n```\nheld\n";
        let places: Vec<&str> = occurrences(text, "held").into_iter().map(|(from, until)| &text[from - 1..=until]).collect();
        assert_eq!(places, [" held,", "\nheld."]);
        assert_eq!(name_at("in held unregistered now", 6, ["held", "held unregistered"].into_iter()), Some("held unregistered"));
    }
}
