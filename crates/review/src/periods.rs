//! The time a figure speaks of: `in 2030`, `between 2027 and 2030`, `since 2027`, `on 1 May 2031`, as `from/to`.

use crate::prose::Token;
use crate::times::{day, month, year};
use std::ops::Range;

/// A time found in a sentence.
pub struct Span {
    first: usize,
    text: String,
}

fn low<'w>(words: &'w [Token<'_>], at: usize) -> &'w str {
    words.get(at).map_or("", |word| &*word.low)
}

/// A year, a month or a day that begins at a token: its text and its length in tokens.
fn point(words: &[Token<'_>], at: usize) -> Option<(String, usize)> {
    let (one, two, three) = (low(words, at), low(words, at + 1), low(words, at + 2));
    if let (Some(day), Some(month), Some(year)) = (day(one), month(two), year(three)) {
        return Some((format!("{year:04}-{month:02}-{day:02}"), 3));
    }
    if let (Some(month), Some(year)) = (month(one), year(two)) {
        return Some((format!("{year:04}-{month:02}"), 2));
    }
    year(one).map(|year| (format!("{year:04}"), 1))
}

/// The times of a sentence, in order.
#[must_use]
pub fn spans(words: &[Token<'_>]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some((from, to)) = low(words, at).split_once(['-', '–']).and_then(|(from, to)| Some((year(from)?, year(to)?))) {
            found.push(Span { first: at, text: format!("{from}/{to}") });
            at += 1;
            continue;
        }
        let Some((from, length)) = point(words, at) else {
            at += 1;
            continue;
        };
        let lead = at.checked_sub(1).map_or("", |at| low(words, at));
        let next = at + length;
        let joint = low(words, next);
        let joined = matches!((lead, joint), ("between", "and") | ("from", "to") | ("from", "until")) || matches!(joint, "–" | "-" | "to");
        if let Some((to, more)) = point(words, next + 1).filter(|_| joined) {
            found.push(Span { first: at, text: format!("{from}/{to}") });
            at = next + 1 + more;
            continue;
        }
        // A law of a year is no period of a count.
        let names_law = lead == "of" && at >= 2 && words[at - 2].capital;
        if !names_law && !matches!(lead, "by" | "until" | "no" | "form") {
            let opens = matches!(lead, "since") || (at >= 2 && low(words, at - 2) == "since");
            found.push(Span { first: at, text: if opens { format!("{from}/") } else { from } });
        }
        at = next;
    }
    found
}

/// The first time of a text.
#[must_use]
pub fn first(words: &[Token<'_>]) -> Option<String> {
    spans(words).into_iter().next().map(|span| span.text)
}

/// The time nearest to a number in its sentence, whose times are `found`, one before it first.
#[must_use]
pub fn period_of(words: &[Token<'_>], found: &[Span], number: Range<usize>) -> Option<String> {
    let before = found.iter().rev().find(|span| span.first < number.start);
    let after = found.iter().find(|span| span.first >= number.end);
    let near = |span: &&Span| span.first < number.end + 14;
    let chosen = match (before, after.filter(near)) {
        (Some(before), Some(after)) => {
            let comma = words[number.end..after.first].iter().any(|word| matches!(&*word.low, "," | ";" | "and"));
            if comma { before } else { after }
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    Some(chosen.text.clone())
}
