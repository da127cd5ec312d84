//! Topics of the fixed list, by phrases that stand in a table of words.

use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// The topics, and all their phrases in one automaton, each with the place of its topic and whether a word has to end where it does
/// (`press$`, not `pressure`).
struct Phrases {
    topics: Vec<&'static str>,
    automaton: AhoCorasick,
    of: Vec<(usize, bool)>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let rows: Vec<(&str, &str)> = include_str!("../words/topics.tsv").lines().filter_map(|line| line.split_once('\t')).collect();
    let phrases = rows.iter().enumerate().flat_map(|(at, (_, phrases))| phrases.split('|').map(move |phrase| (at, phrase)));
    let of = phrases.map(|(at, phrase)| (at, phrase.ends_with('$'))).collect();
    let automaton = AhoCorasick::new(rows.iter().flat_map(|(_, phrases)| phrases.split('|').map(|phrase| phrase.trim_end_matches('$'))));
    let automaton = automaton.expect("a few hundred short phrases that stand in this crate");
    Phrases { topics: rows.into_iter().map(|(topic, _)| topic).collect(), automaton, of }
});

/// The topics that a text touches, in the order of the list. A phrase counts where a word begins.
#[must_use]
pub fn topics(text: &str) -> Vec<String> {
    let low = text.to_lowercase();
    let phrases = &*PHRASES;
    let mut touched = vec![false; phrases.topics.len()];
    for hit in phrases.automaton.find_overlapping_iter(&low) {
        let (topic, ends) = phrases.of[hit.pattern().as_usize()];
        let begins = !low[..hit.start()].ends_with(char::is_alphanumeric);
        touched[topic] |= begins && !(ends && low[hit.end()..].starts_with(char::is_alphanumeric));
    }
    phrases.topics.iter().zip(touched).filter(|(_, touched)| *touched).map(|(topic, _)| (*topic).to_owned()).collect()
}
