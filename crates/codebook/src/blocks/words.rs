//! Fixed English as words: what the parser looks at, one after another, each with its place in the chapter.

use crate::diagnostic::Mark;
use jiff::civil;
use rust_decimal::Decimal;
use std::ops::Range;

/// A word, number, string or sign.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Word {
    /// Letters, digits, hyphens, `_`, `/`, in lower case.
    Plain(String),
    /// A whole or decimal number, exact.
    Number(Decimal),
    /// `2024-01-31`
    Date(civil::Date),
    /// Between double quotes, as written.
    Text(String),
    /// `.` that ends a clause, `,` `;` `:` `(` `)`.
    Sign(char),
    /// What no sentence may hold.
    Strange(char),
    /// A string that its line never closes.
    Unclosed,
}

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) word: Word,
    /// As the author wrote it.
    pub(crate) raw: String,
    pub(crate) mark: Mark,
}

/// Splits a block into words. `start` is the byte at which the block begins in its file.
pub(crate) fn split(text: &str, file: u32, start: u32) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c.is_whitespace() {
            continue;
        }
        let (word, end) = match c {
            '"' => quoted(text, at),
            '.' | ',' | ';' | ':' | '(' | ')' => (Word::Sign(c), at + 1),
            _ if is_word(c) => plain(text, at),
            _ => (Word::Strange(c), at + c.len_utf8()),
        };
        while rest.peek().is_some_and(|(next, _)| *next < end) {
            rest.next();
        }
        tokens.push(Token { word, raw: text[at..end].to_owned(), mark: Mark { file, bytes: range(start, at, end) } });
    }
    tokens
}

fn range(start: u32, from: usize, to: usize) -> Range<u32> {
    start + from as u32..start + to as u32
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '\'' | '’' | '%' | '&' | '+')
}

fn quoted(text: &str, at: usize) -> (Word, usize) {
    let inner = &text[at + 1..];
    match inner.find('"') {
        Some(n) => (Word::Text(inner[..n].split_whitespace().collect::<Vec<_>>().join(" ")), at + n + 2),
        None => (Word::Unclosed, at + 1 + inner.find('\n').unwrap_or(inner.len())),
    }
}

/// A full stop belongs to a number when digits stand on both sides; anywhere else it ends a clause.
fn plain(text: &str, at: usize) -> (Word, usize) {
    let tail = &text[at..];
    let mut end = tail.find(|c: char| !is_word(c)).unwrap_or(tail.len());
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if digits(&tail[..end])
        && let Some(decimals) = tail[end..].strip_prefix('.')
    {
        let n = decimals.find(|c: char| !c.is_ascii_digit()).unwrap_or(decimals.len());
        if n > 0 {
            end += n + 1;
        }
    }
    let raw = &tail[..end];
    let word = if raw.starts_with(|c: char| c.is_ascii_digit()) {
        raw.parse::<Decimal>()
            .ok()
            .filter(|_| raw.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
            .map(Word::Number)
            .or_else(|| (raw.len() == 10 && raw.as_bytes()[4] == b'-').then(|| raw.parse().ok().map(Word::Date)).flatten())
    } else {
        None
    };
    (word.unwrap_or_else(|| Word::Plain(raw.to_lowercase())), at + end)
}
