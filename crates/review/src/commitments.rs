//! What a delegation says will come: promised, planned, under way, being considered; and by when.

use crate::model::{Commitment, Paragraph, Role, Strength};
use crate::patterns::Cues;
use crate::prose::{Token, sentences, tokens};
use crate::times::{day, month, year};
use std::sync::LazyLock;

static CONSIDERING: LazyLock<Cues> = LazyLock::new(|| Cues::of_list(include_str!("../words/considering.txt")));
static ONGOING: LazyLock<Cues> = LazyLock::new(|| Cues::of_list(include_str!("../words/ongoing.txt")));
static PLANNED: LazyLock<Cues> = LazyLock::new(|| Cues::of_list(include_str!("../words/planned.txt")));
static PROMISE: LazyLock<Cues> = LazyLock::new(|| Cues::of_list(include_str!("../words/promise.txt")));
/// What looks like one and is none: wishes of courtesy, conditions, standing rules, what was so before.
static NOT: LazyLock<Cues> = LazyLock::new(|| Cues::of_list(include_str!("../words/no_commitment.txt")));

/// Makes the patterns that [`commitments`] needs.
pub fn make_patterns() {
    [&CONSIDERING, &ONGOING, &PLANNED, &PROMISE, &NOT].into_iter().for_each(|pattern| {
        LazyLock::force(pattern);
    });
}

/// The commitments of delegations.
#[must_use]
pub fn commitments(paragraphs: &[Paragraph]) -> Vec<Commitment> {
    let mut found = Vec::new();
    for paragraph in paragraphs.iter().filter(|paragraph| paragraph.role == Role::Delegation) {
        for range in sentences(&paragraph.text) {
            let sentence = &paragraph.text[range];
            if let Some(strength) = strength(sentence) {
                let due = due(sentence);
                found.push(Commitment { paragraph: paragraph.number, text: sentence.to_owned(), strength, due });
            }
        }
    }
    found
}

fn strength(sentence: &str) -> Option<Strength> {
    let low = sentence.to_ascii_lowercase();
    let bare = without(&low, &NOT);
    if CONSIDERING.is_match(&bare) {
        Some(Strength::Considering)
    } else if PROMISE.is_match(&bare) {
        Some(Strength::Promise)
    } else if PLANNED.is_match(&bare) {
        Some(Strength::Planned)
    } else if ONGOING.is_match(&bare) {
        Some(Strength::Ongoing)
    } else {
        None
    }
}

/// A text with a space wherever a pattern stands.
fn without(text: &str, pattern: &Cues) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut from = 0;
    for found in pattern.find_all(text) {
        bare.push_str(&text[from..found.start]);
        bare.push(' ');
        from = found.end;
    }
    bare.push_str(&text[from..]);
    bare
}

/// The time a sentence sets: behind `by`, `in`, `until`, `from`, else the last year of it.
fn due(sentence: &str) -> Option<String> {
    let words: Vec<Token<'_>> = tokens(sentence).into_iter().filter(Token::is_word).collect();
    let low = |at: usize| words.get(at).map_or("", |word| &*word.low);
    let at = (0..words.len()).rev().find(|at| {
        year(low(*at)).is_some() && *at > 0 && !(low(at - 1) == "of" && *at >= 2 && words[at - 2].capital && month(low(at - 2)).is_none())
    })?;
    let since = (0..at).rev().take(3).any(|back| matches!(low(back), "since"));
    if since {
        return None;
    }
    let year = year(low(at))?;
    let Some(month) = month(low(at - 1)) else { return Some(format!("{year:04}")) };
    let day = at.checked_sub(2).and_then(|at| day(low(at)));
    Some(day.map_or_else(|| format!("{year:04}-{month:02}"), |day| format!("{year:04}-{month:02}-{day:02}")))
}
