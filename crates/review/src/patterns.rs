//! Patterns over English text, made so that matching takes the fast road: word borders, letters and digits are those of the Latin script,
//! since the Unicode ones make a regular expression many times larger and slower, and records print no others.

use regex::Regex;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Anchored, Input, meta};
use std::ops::{Index, Range};
use std::sync::{Mutex, PoisonError};

/// Letters, digits and the underscore.
const LETTERS: &str = "[0-9A-Za-z_À-ɏ]";
/// The same, where a pattern asks for plain ASCII by `-u`.
const PLAIN: &str = "[0-9A-Za-z_]";

/// Word borders, letters, digits and spaces as those of the Latin script; no-break spaces were made plain when the lines were read.
fn latin(text: &str) -> String {
    let letters = if text.contains("-u)") { PLAIN } else { LETTERS };
    text.replace(r"\w", letters).replace(r"\d", "[0-9]").replace(r"\s", r"[ \t\n\r]").replace(r"\b", r"(?-u:\b)")
}

/// A pattern that may stand anywhere.
#[derive(Debug)]
pub struct Pattern(Regex);

/// What a pattern found, and its groups.
#[derive(Debug)]
pub struct Captures<'t>(regex::Captures<'t>);

impl<'t> Captures<'t> {
    /// Where a group stands, 0 for all that was found; nothing where it was not needed.
    #[must_use]
    pub fn place(&self, group: usize) -> Option<Range<usize>> {
        self.0.get(group).map(|found| found.range())
    }

    /// The words of a group.
    #[must_use]
    pub fn get(&self, group: usize) -> Option<&'t str> {
        self.0.get(group).map(|found| found.as_str())
    }
}

impl Index<usize> for Captures<'_> {
    type Output = str;

    fn index(&self, group: usize) -> &str {
        self.get(group).unwrap_or_default()
    }
}

impl Pattern {
    /// One that stands in this crate.
    ///
    /// # Panics
    /// On one that is none; a test compiles them all.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Pattern(Regex::new(&latin(text)).expect("a pattern that stands in this crate and is compiled by its tests"))
    }

    /// Whether the text has it.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Where it stands first.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.0.find(text).map(|found| found.range())
    }

    /// What stands first, with its groups.
    #[must_use]
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.0.captures(text).map(Captures)
    }

    /// All that stands there, from left to right; none overlap.
    pub fn captures_iter<'p, 't: 'p>(&'p self, text: &'t str) -> impl Iterator<Item = Captures<'t>> + use<'p, 't> {
        self.0.captures_iter(text).map(Captures)
    }

    /// The text with something else wherever it stands.
    #[must_use]
    pub fn replace_all(&self, text: &str, instead: &str) -> String {
        self.0.replace_all(text, regex::NoExpand(instead)).into_owned()
    }
}

/// A pattern that is only sought, without groups. Half of what making one costs goes into literals to look for first, and these have none
/// that are worth it.
#[derive(Debug)]
pub struct Seeker(meta::Regex);

impl Seeker {
    /// Of a pattern that stands in this crate.
    ///
    /// # Panics
    /// On one that is none; a test compiles them all.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let config = meta::Config::new().auto_prefilter(false).which_captures(WhichCaptures::Implicit);
        let made = meta::Regex::builder().configure(config).build(&latin(text));
        Seeker(made.expect("a pattern that stands in this crate and is compiled by its tests"))
    }

    /// Whether the text has it.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Where it stands first.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.0.find(text).map(|found| found.range())
    }
}

/// Cues and names that begin where a word begins. One automaton that only runs forward tells whether there is one, and where it begins is
/// told by trying word for word: most sentences have none, and a pattern that also runs backward takes twice as long to make.
#[derive(Debug)]
pub struct Cues {
    forward: DFA,
    cache: Mutex<Cache>,
}

impl Cues {
    /// Of a pattern that stands in this crate, and that a match of begins with a letter, a digit or an underscore.
    ///
    /// # Panics
    /// On one that is none; a test compiles them all.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let config = thompson::Config::new().which_captures(WhichCaptures::None);
        let forward = DFA::builder().thompson(config).build(&latin(text));
        let forward = forward.expect("a pattern that stands in this crate and is compiled by its tests");
        let cache = Mutex::new(forward.create_cache());
        Cues { forward, cache }
    }

    /// A list of cues, one a line, `#` before what is said of them: any of them, as whole words, in a text in lower case (ASCII, so that
    /// places stay). A pattern for every case takes five times as long to make.
    #[must_use]
    pub fn of_list(list: &str) -> Self {
        Cues::new(&format!(r"\b{}\b", any_of(list)))
    }

    /// Whether the text has one.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.end(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner), &Input::new(text).earliest(true)).is_some()
    }

    /// Where one stands first.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.find_from(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner), text, 0)
    }

    /// Every place where one stands, from left to right; none overlap.
    #[must_use]
    pub fn find_all(&self, text: &str) -> Vec<Range<usize>> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<Range<usize>> = Vec::new();
        while let Some(next) = self.find_from(&mut cache, text, found.last().map_or(0, |last| last.end)) {
            found.push(next);
        }
        found
    }

    fn find_from(&self, cache: &mut Cache, text: &str, from: usize) -> Option<Range<usize>> {
        let last = self.end(cache, &Input::new(text).range(from..))?;
        let bytes = text.as_bytes();
        let in_word = |at: usize| bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_';
        let starts = (from..last).filter(|at| in_word(*at) && !at.checked_sub(1).is_some_and(in_word));
        starts.into_iter().find_map(|at| {
            let input = Input::new(text).range(at..).anchored(Anchored::Yes);
            self.end(cache, &input).map(|end| at..end)
        })
    }

    /// Where the first match ends. An automaton that never gives up has no other error.
    fn end(&self, cache: &mut Cache, input: &Input<'_>) -> Option<usize> {
        self.forward.try_search_fwd(cache, input).ok().flatten().map(|found| found.offset())
    }
}

/// Any line of a list.
#[must_use]
pub fn any_of(list: &str) -> String {
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    format!("(?:{})", lines.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_begin_with_a_word_and_the_first_of_them_is_found_whole() {
        let cues = Cues::of_list("# what was asked\nasked(?: the delegation)?\nwould like");
        let text = "he basked in it, but asked the delegation and would like to know";
        assert_eq!(cues.find_all(text), [21..41, 46..56]);
        assert_eq!(cues.find(text), Some(21..41));
        assert!(cues.is_match("asked") && !cues.is_match("unasked, tasked") && cues.find_all("").is_empty());
    }
}
