//! The dictionary: every declared name, by class of thing, found by the longest spelling.

use super::words::{Token, Word};
use std::collections::HashMap;

/// Names of one class of thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    places: HashMap<String, u16>,
    pub(crate) spellings: Vec<String>,
    longest: usize,
}

impl Names {
    /// Number of a name; a new one if it is not there yet.
    pub(crate) fn add(&mut self, name: &str) -> u16 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.spellings.len() as u16;
        self.longest = self.longest.max(name.split(' ').count());
        self.places.insert(name.to_owned(), place);
        self.spellings.push(name.to_owned());
        place
    }

    pub(crate) fn get(&self, name: &str) -> Option<u16> {
        self.places.get(name).copied()
    }

    /// The longest name that begins at a word, and how many words it takes.
    pub(crate) fn longest_at(&self, tokens: &[Token]) -> Option<(u16, usize)> {
        let mut text = String::new();
        let mut found = None;
        for (n, token) in tokens.iter().take(self.longest).enumerate() {
            if !matches!(token.word, Word::Plain(_) | Word::Number(_) | Word::Date(_)) {
                break;
            }
            if n > 0 {
                text.push(' ');
            }
            text.push_str(&token.raw.to_lowercase());
            if let Some(place) = self.get(&text) {
                found = Some((place, n + 1));
            }
        }
        found
    }

    /// The three nearest spellings to what was written, nearest first, and how far the first is; none when all are far.
    ///
    /// A name of which only the first words were written is near: two letters for each word that is missing.
    pub(crate) fn nearest(&self, wanted: &str) -> Vec<(usize, &str)> {
        let away = |name: &str| {
            let missing = name.strip_prefix(wanted).filter(|rest| rest.starts_with(' ') && !wanted.is_empty());
            missing.map_or_else(|| distance(wanted, name), |rest| 2 * rest.split_whitespace().count())
        };
        let mut scored: Vec<(usize, &str)> = self.spellings.iter().map(|s| (away(s), s.as_str())).collect();
        scored.sort_unstable();
        scored.truncate(3);
        let near = scored.first().is_some_and(|(d, s)| *d <= 1 + wanted.chars().count().max(s.chars().count()) / 2);
        if near { scored } else { Vec::new() }
    }
}

/// How many letters have to be changed, added or left out (Levenshtein).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
