//! Patterns over English text, made so that matching takes the fast road: word borders, letters and digits are those of the Latin script,
//! since the Unicode ones make a regular expression many times larger and slower, and records print no others.

use regex::Regex;
use regex_automata::meta;
use regex_automata::nfa::thompson::WhichCaptures;
use std::ops::Range;

/// Letters, digits and the underscore.
const LETTERS: &str = "[0-9A-Za-z_À-ɏ]";
/// The same, where a pattern asks for plain ASCII by `-u`.
const PLAIN: &str = "[0-9A-Za-z_]";

/// A pattern that stands in this crate.
///
/// # Panics
/// On one that is none; a test compiles them all.
#[must_use]
pub fn pattern(text: &str) -> Regex {
    Regex::new(&latin(text)).expect("a pattern that stands in this crate and is compiled by its tests")
}

/// Word borders, letters, digits and spaces as those of the Latin script; no-break spaces were made plain when the lines were read.
fn latin(text: &str) -> String {
    let letters = if text.contains("-u)") { PLAIN } else { LETTERS };
    text.replace(r"\w", letters).replace(r"\d", "[0-9]").replace(r"\s", r"[ \t\n\r]").replace(r"\b", r"(?-u:\b)")
}

/// A large pattern that is only sought, without groups. Half of what making one costs goes into literals to look for first, and a list
/// of cues has none that are worth it.
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

    /// A list of cues, one a line, `#` before what is said of them: any of them, as whole words, in a text in lower case (ASCII, so that
    /// places stay). A pattern for every case takes five times as long to make.
    #[must_use]
    pub fn of_cues(list: &str) -> Self {
        Seeker::new(&format!(r"\b{}\b", any_of(list)))
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

    /// Every place where it stands, from left to right; none overlap.
    pub fn find_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Range<usize>> + use<'_, 't> {
        self.0.find_iter(text).map(|found| found.range())
    }
}

/// Any line of a list.
#[must_use]
pub fn any_of(list: &str) -> String {
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    format!("(?:{})", lines.join("|"))
}
