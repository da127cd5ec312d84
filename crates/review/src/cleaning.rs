//! Markdown and typography of one line taken off: what is left is the text a reader sees.

use std::borrow::Cow;

/// Spaces that are not `U+0020`, hyphens that do not break, and marks that nobody sees, made plain; escapes are kept.
#[must_use]
pub fn plain_spaces(line: &str) -> Cow<'_, str> {
    if line.bytes().all(|byte| byte == b'\t' || (b' '..0x7f).contains(&byte)) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{2009}' | '\u{200a}' | '\u{2002}' | '\u{2003}' | '\u{3000}' => out.push(' '),
            '\u{2011}' | '\u{2010}' => out.push('-'),
            '\u{ad}' | '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' => {}
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The text without Markdown: emphasis, escapes, links, tags and entities; white space is one space.
#[must_use]
pub fn without_markdown(raw: &str) -> String {
    if !raw.bytes().any(|byte| matches!(byte, b'\\' | b'*' | b'_' | b'[' | b'!' | b'<' | b'&' | b'`')) {
        return one_space(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let eaten = match c {
            '\\' => escaped(rest, &mut out),
            '*' => 1,
            '_' => underscore(rest, &out),
            '[' | '!' => link(rest, &mut out),
            '<' => tag(rest, &mut out),
            '&' => entity(rest, &mut out),
            '`' => 1,
            _ => 0,
        };
        if eaten > 0 {
            rest = &rest[eaten..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    one_space(&out)
}

/// Every run of white space as one space, none at the ends.
#[must_use]
pub fn one_space(text: &str) -> String {
    if is_spaced(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Whether every run of white space is one space already, and none stands at the ends.
fn is_spaced(text: &str) -> bool {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
    }
    let mut space = true;
    for c in text.chars() {
        let is_space = c == ' ';
        if is_space && space || !is_space && c.is_whitespace() {
            return false;
        }
        space = is_space;
    }
    !space
}

fn escaped(rest: &str, out: &mut String) -> usize {
    match rest[1..].chars().next() {
        Some(c) if c.is_ascii_punctuation() => {
            if c != '*' {
                out.push(c);
            }
            1 + c.len_utf8()
        }
        Some(_) | None => 1,
    }
}

/// An underscore between two letters belongs to a name; elsewhere it is emphasis.
fn underscore(rest: &str, out: &str) -> usize {
    let inner = out.chars().last().is_some_and(char::is_alphanumeric) && rest[1..].starts_with(char::is_alphanumeric);
    usize::from(!inner)
}

/// How far a link's address may reach: beyond that it is no link, so that reading stays linear.
const LINK_REACH: usize = 2000;

/// `[words](address)` is its words, and so is an image.
fn link(rest: &str, out: &mut String) -> usize {
    let open = if rest.starts_with('!') { 1 } else { 0 };
    let Some(inner) = rest[open..].strip_prefix('[') else { return 0 };
    let inner = floor(inner, LINK_REACH);
    let Some(close) = inner.find(']') else { return 0 };
    let after = &inner[close + 1..];
    let Some(address) = after.strip_prefix('(') else { return 0 };
    let mut depth = 1_u32;
    for (at, c) in address.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            out.push_str(&without_emphasis(&inner[..close]));
            return open + 1 + close + 1 + 1 + at + 1;
        }
    }
    0
}

fn without_emphasis(words: &str) -> String {
    words.replace(['*', '\\'], "")
}

/// The beginning of a text, at most `bytes` long, cut between characters.
#[must_use]
pub fn floor(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Tags go; a raised number stays behind a unit of length and goes as the mark of a footnote.
fn tag(rest: &str, out: &mut String) -> usize {
    let inner = floor(rest, 300);
    let name = inner[1..].trim_start_matches('/');
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
        return 0;
    }
    let Some(close) = inner.find('>') else { return 0 };
    if inner.to_ascii_lowercase().starts_with("<sup>")
        && let Some(end) = inner.find("</sup>").or_else(|| inner.find("</SUP>"))
    {
        if is_length(out) {
            out.push_str(inner.get(5..end).unwrap_or_default());
        }
        return end + 6;
    }
    if inner.starts_with("<br") {
        out.push(' ');
    }
    close + 1
}

/// Whether a text ends in a unit of length: `4 m`, `12 km`.
fn is_length(text: &str) -> bool {
    let last = text.rsplit(|c: char| c.is_whitespace() || c.is_ascii_digit()).next().unwrap_or_default();
    ["m", "km", "cm"].contains(&last)
}

fn entity(rest: &str, out: &mut String) -> usize {
    const NAMED: [(&str, &str); 9] = [
        ("&amp;", "&"),
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&ndash;", "–"),
        ("&rsquo;", "’"),
    ];
    for (name, plain) in NAMED {
        if rest.starts_with(name) {
            out.push_str(plain);
            return name.len();
        }
    }
    let Some(digits) = floor(rest, 10).strip_prefix("&#") else { return 0 };
    let Some(end) = digits.find(';') else { return 0 };
    let code = &digits[..end];
    let number = code.strip_prefix('x').map_or_else(|| code.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
    let Some(plain) = number.and_then(char::from_u32) else { return 0 };
    out.push(if plain.is_whitespace() { ' ' } else { plain });
    2 + end + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_converters_add_goes_and_what_was_written_stays() {
        let cases = [
            ("**Mr. Orde** said \\$5", "Mr. Orde said $5"),
            ("see [CAT/C/SR.1](#x(1)) there", "see CAT/C/SR.1 there"),
            ("4 m<sup>2</sup> and a law<sup>3</sup>.", "4 m2 and a law."),
            ("a &amp; b&#160;c", "a & b c"),
            ("_rose_ at snake_case", "rose at snake_case"),
            ("a < b and [open", "a < b and [open"),
        ];
        for (raw, plain) in cases {
            assert_eq!(without_markdown(&plain_spaces(raw)), plain);
        }
    }
}
