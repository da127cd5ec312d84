//! English prose as records have it: sentences, words, stems. No meaning is guessed here.

use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// One word, number or mark, with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// Bytes in the text.
    pub at: Range<usize>,
    /// In lower case: most words of a text are, and are not copied.
    pub low: Cow<'t, str>,
    /// Whether it begins with a capital.
    pub capital: bool,
}

impl Token<'_> {
    /// Whether it is a word or a number, not a mark.
    #[must_use]
    pub fn is_word(&self) -> bool {
        self.low.chars().next().is_some_and(char::is_alphanumeric)
    }
}

/// Whether a mark inside a word belongs to it: `re-opened`, `State's`, `18,400`, `3.5`, `CAT/C/SR.9`.
fn joins(mark: char, before: char, after: char) -> bool {
    match mark {
        '-' | '/' | '\'' | '’' | '\u{2011}' => before.is_alphanumeric() && after.is_alphanumeric(),
        ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        '.' => before.is_ascii_digit() && after.is_ascii_digit() || before.is_uppercase() && after.is_ascii_digit(),
        _ => false,
    }
}

/// Words, numbers and marks, in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let first = if byte.is_ascii() { char::from(byte) } else { next_char(text, at) };
        let mut end = at + first.len_utf8();
        if first.is_whitespace() {
            at = end;
            continue;
        }
        if first.is_alphanumeric() {
            end = word_end(text, end, first);
        }
        found.push(Token { at: at..end, low: lower(&text[at..end]), capital: first.is_uppercase() });
        at = end;
    }
    found
}

/// Where the word ends of which the text up to `end` is the beginning, and `last` its last letter.
fn word_end(text: &str, mut end: usize, mut last: char) -> usize {
    let bytes = text.as_bytes();
    loop {
        while let Some(byte) = bytes.get(end).filter(|byte| byte.is_ascii_alphanumeric()) {
            last = char::from(*byte);
            end += 1;
        }
        let Some(byte) = bytes.get(end) else { return end };
        let next = if byte.is_ascii() { char::from(*byte) } else { next_char(text, end) };
        let after = end + next.len_utf8();
        if !next.is_alphanumeric() && (next == ' ' || !joins(next, last, next_char(text, after))) {
            return end;
        }
        (last, end) = (next, after);
    }
}

/// The letter that stands at a place, a space behind the last.
fn next_char(text: &str, at: usize) -> char {
    text[at..].chars().next().unwrap_or(' ')
}

/// A word in lower case.
fn lower(word: &str) -> Cow<'_, str> {
    if !word.bytes().any(|byte| !byte.is_ascii() || byte.is_ascii_uppercase()) {
        Cow::Borrowed(word)
    } else if word.is_ascii() {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        Cow::Owned(word.to_lowercase())
    }
}

static ABBREVIATIONS: LazyLock<HashSet<&'static str, RandomState>> =
    LazyLock::new(|| include_str!("../words/abbreviations.txt").split_whitespace().collect());

/// Whether the full stop at byte `stop` ends an abbreviation or an initial.
fn is_abbreviated(text: &str, stop: usize) -> bool {
    let before = &text[..stop];
    let start =
        before.rfind(|c: char| c.is_whitespace() || c == '(').map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = lower(&before[start..]);
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    ABBREVIATIONS.contains(&*word) || initial
}

/// Whether a sentence may begin with this.
fn begins_sentence(rest: &str) -> bool {
    let first = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"“‘'([".contains(c)).chars().next();
    first.is_none_or(|c| c.is_uppercase() || c.is_ascii_digit())
}

/// The sentences of a text, trimmed, without what is between them.
#[must_use]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(next) = memchr::memchr3(b'.', b'?', b'!', &text.as_bytes()[at..]) {
        let stop = at + next;
        let rest = text[stop + 1..].trim_start_matches(['"', '”', '’', '\'', ')', ']']);
        at = text.len() - rest.len();
        let ended = rest.is_empty() || rest.starts_with(char::is_whitespace) && begins_sentence(rest);
        if ended && !(text[stop..].starts_with('.') && is_abbreviated(text, stop) && !rest.trim().is_empty()) {
            found.push(start..at);
            start = at;
        }
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found.into_iter().map(|range| trimmed(text, range)).filter(|range| !range.is_empty()).collect()
}

/// The range without white space at its ends.
#[must_use]
pub fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

/// Whether a text ends as a finished sentence, heading colon or list item does.
#[must_use]
pub fn is_finished(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || "\"”’')]*".contains(c));
    let hour = end.ends_with("p.m.") || end.ends_with("a.m.");
    end.ends_with(['.', '?', '!', ':', ';']) && (hour || !(end.ends_with('.') && is_abbreviated(end, end.len() - 1)))
}

/// A stem to compare words by: rough, and the same for the same word.
#[must_use]
pub fn stem(word: &str) -> String {
    let word = word.trim_end_matches("'s").trim_end_matches("’s");
    let plain;
    let word = if word.contains('\'') {
        plain = word.replace('\'', "");
        plain.as_str()
    } else {
        word
    };
    for (ending, instead) in endings(word.bytes().last().unwrap_or_default()) {
        if let Some(root) = word.strip_suffix(ending) {
            let least = if *instead == "plic" { 1 } else { 3 };
            if root.chars().take(least).count() == least {
                return doubled(root, instead);
            }
        }
    }
    word.to_owned()
}

/// Endings by their last letter, longest first, and what stands instead.
fn endings(last: u8) -> &'static [(&'static str, &'static str)] {
    match last {
        b'd' => &[("plied", "plic"), ("ied", "y"), ("ed", "")],
        b'e' => &[("ance", ""), ("e", "")],
        b'g' => &[("plying", "plic"), ("ing", "")],
        b'l' => &[("usal", "us"), ("oval", "ov")],
        b'n' => {
            &[("ization", "iz"), ("isation", "iz"), ("plication", "plic"), ("ication", "ic"), ("ation", ""), ("tion", "t"), ("sion", "s")]
        }
        b's' => &[
            ("izations", "iz"),
            ("isations", "iz"),
            ("plications", "plic"),
            ("plicants", "plic"),
            ("plies", "plic"),
            ("ications", "ic"),
            ("ations", ""),
            ("ments", ""),
            ("nesses", ""),
            ("ness", ""),
            ("ities", ""),
            ("usals", "us"),
            ("ovals", "ov"),
            ("tions", "t"),
            ("sions", "s"),
            ("ances", ""),
            ("ies", "y"),
            ("es", ""),
            ("s", ""),
        ],
        b't' => &[("plicant", "plic"), ("ment", "")],
        b'y' => &[("ply", "plic"), ("ity", ""), ("ingly", ""), ("ly", ""), ("y", "y")],
        _ => &[],
    }
}

/// `stopp` is `stop`: a doubled last consonant goes.
fn doubled(root: &str, instead: &str) -> String {
    let mut stem = String::with_capacity(root.len() + instead.len());
    stem.push_str(root);
    stem.push_str(instead);
    let bytes = stem.as_bytes();
    if bytes.len() > 3 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2] && !b"aeiouls".contains(&bytes[bytes.len() - 1]) {
        stem.pop();
    }
    if stem.ends_with('e') && stem.len() > 3 {
        stem.pop();
    }
    stem
}

static EMPTY: LazyLock<HashSet<&'static str, RandomState>> =
    LazyLock::new(|| include_str!("../words/empty.txt").split_whitespace().collect());

/// Whether a word says nothing by itself: articles, auxiliaries, and what every record says on every page.
#[must_use]
pub fn is_empty_word(low: &str) -> bool {
    EMPTY.contains(low)
}

/// How many words a text has.
#[must_use]
pub fn word_count(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_title_or_a_time_does_not_end_a_sentence() {
        let text = "Mr. Orde came at 3 p.m. on Monday. He asked (see para. 4) about No. 3. “Why?” Nobody knew.";
        assert_eq!(split(text), ["Mr. Orde came at 3 p.m. on Monday.", "He asked (see para. 4) about No. 3.", "“Why?”", "Nobody knew."]);
    }

    #[test]
    fn numbers_symbols_and_joined_words_are_one_word_each() {
        let words = tokens("18,400 re-opened CAT/C/SR.9, the State's 3.5").into_iter().map(|token| token.low);
        assert_eq!(words.collect::<Vec<_>>(), ["18,400", "re-opened", "cat/c/sr.9", ",", "the", "state's", "3.5"]);
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        assert_eq!(stem("inspections"), stem("inspected"));
        assert_eq!(stem("stopped"), stem("stop"));
        assert_eq!(stem("reviewed"), stem("reviews"));
        assert_eq!(stem("applications"), stem("apply"));
        assert_eq!(stem("refusals"), stem("refused"));
    }
}
