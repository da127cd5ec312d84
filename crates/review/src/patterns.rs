//! Patterns over English text, made so that matching takes the fast road: word borders, letters and digits are those of the Latin script,
//! since the Unicode ones make a regular expression many times larger and slower, and records print no others.

use regex::Regex;

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
    let letters = if text.contains("-u)") { PLAIN } else { LETTERS };
    let text = text.replace(r"\w", letters).replace(r"\d", "[0-9]").replace(r"\b", r"(?-u:\b)");
    Regex::new(&text).expect("a pattern that stands in this crate and is compiled by its tests")
}

/// A list of cues, one a line, `#` before what is said of them: any of them, as whole words, in a text in lower case (ASCII, so that
/// places stay). A pattern for every case takes five times as long to make.
#[must_use]
pub fn cues(list: &str) -> Regex {
    pattern(&format!(r"\b{}\b", any_of(list)))
}

/// Any line of a list.
#[must_use]
pub fn any_of(list: &str) -> String {
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    format!("(?:{})", lines.join("|"))
}
