//! Topics of the fixed list, by phrases that stand in a table of words.

use std::sync::LazyLock;

static TOPICS: LazyLock<Vec<(&'static str, Vec<&'static str>)>> = LazyLock::new(|| {
    include_str!("../words/topics.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(topic, phrases)| (topic, phrases.split('|').collect()))
        .collect()
});

/// The topics that a text touches, in the order of the list.
#[must_use]
pub fn topics(text: &str) -> Vec<String> {
    let low = text.to_lowercase();
    let touches = |phrase: &str| low.match_indices(phrase).any(|(at, _)| !low[..at].ends_with(char::is_alphanumeric));
    TOPICS.iter().filter(|(_, phrases)| phrases.iter().any(|phrase| touches(phrase))).map(|(topic, _)| (*topic).to_owned()).collect()
}
