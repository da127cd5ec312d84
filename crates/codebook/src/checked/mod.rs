//! What a careful reader of law would object to in a chapter whose names and sentences are all right (rule-language, section 7).
//!
//! One small file holds a group of checks; each gets the whole codebook and adds what it finds. A check never repeats what an
//! earlier pass has said: it sees only the rules that resolved. Start reading at [`check`]; the arguments about conditions
//! ("can this exception ever be true?") are all answered by `logic`.
//!
//! Not here: W127 needs the timelines, which this
//! crate does not read.

mod access;
mod addressees;
mod circles;
mod citations;
mod clauses;
mod conflicts;
mod exceptions;
mod flows;
mod joining;
mod limits;
mod logic;
mod rooms;
mod states;
mod tables;
#[cfg(test)]
mod tests;
mod translations;
mod types;
mod unused;
mod versions;
mod walk;

use crate::diagnostic::{Diagnostic, Mark, Severity};
use crate::tree::{Codebook, EventName, Pattern, Rule};

/// Every code that this pass can give, in order. The authors' page has a line on each, and a test compares the two.
pub const CODES: [&str; 30] = [
    "E103", "E105", "E108", "E109", "E110", "E111", "E112", "W113", "E114", "E115", "E116", "E117", "E118", "E119", "E120", "W121", "W122",
    "W123", "W124", "W125", "W126", "E128", "E129", "E130", "W132", "W133", "T201", "T202", "T203", "T204",
];

/// All findings about a codebook, in the order of its files and lines.
///
/// An alias that stands for itself was refused when it was read, so names can be followed without fear of circles.
#[must_use]
pub fn check(codebook: &Codebook) -> Vec<Diagnostic> {
    let mut found = Found { codebook, diagnostics: Vec::new() };
    circles::counts(&mut found);
    if !found.diagnostics.is_empty() {
        // Every other check follows states and items to their events, which here has no end.
        return found.diagnostics;
    }
    for group in GROUPS {
        group(&mut found);
    }
    found.diagnostics
}

/// The groups of checks; order does not matter.
const GROUPS: [fn(&mut Found); 17] = [
    circles::breaches,
    types::check,
    citations::check,
    addressees::check,
    versions::check,
    joining::check,
    states::check,
    exceptions::check,
    conflicts::check,
    clauses::check,
    limits::check,
    unused::check,
    access::check,
    flows::check,
    rooms::check,
    tables::check,
    translations::check,
];

/// What has been found so far, and the codebook it is about.
struct Found<'a> {
    codebook: &'a Codebook,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Found<'a> {
    fn error(&mut self, code: &'static str, mark: &Mark, message: String, help: String) {
        self.add(code, Severity::Error, mark, message, help);
    }

    fn warning(&mut self, code: &'static str, mark: &Mark, message: String, help: String) {
        self.add(code, Severity::Warning, mark, message, help);
    }

    fn add(&mut self, code: &'static str, severity: Severity, mark: &Mark, message: String, help: String) {
        self.diagnostics.push(Diagnostic { code, severity, mark: mark.clone(), message, help: Some(help) });
    }

    /// The author's own words at a mark, on one line; empty when the mark covers nothing.
    fn words(&self, mark: &Mark) -> String {
        source_text(self.codebook, mark).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first line of a rule: where a finding about the rule as a whole points.
    fn head(&self, rule: &Rule) -> Mark {
        let text = source_text(self.codebook, &rule.mark);
        let line = text.lines().next().unwrap_or("").trim_end().len() as u32;
        let start = rule.mark.bytes.start;
        Mark { file: rule.mark.file, bytes: start..start + line }
    }

    /// Where a clause stands that the tree keeps no place of: the first occurrence of `phrase` in the rule, else its first line.
    fn clause(&self, rule: &Rule, phrase: &str) -> Mark {
        self.phrase(&rule.mark, phrase).unwrap_or_else(|| self.head(rule))
    }

    /// Where some words first stand inside a mark, however the author broke the line between them.
    fn phrase(&self, mark: &Mark, words: &str) -> Option<Mark> {
        let text = source_text(self.codebook, mark).to_ascii_lowercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
        for (at, _) in text.match_indices(words.first()?) {
            let mut rest = &text[at..];
            let mut said = !is_letter(text[..at].chars().next_back());
            for word in &words {
                match rest.trim_start().strip_prefix(word) {
                    Some(after) => rest = after,
                    None => said = false,
                }
            }
            if said && !is_letter(rest.chars().next()) {
                let start = mark.bytes.start + at as u32;
                return Some(Mark { file: mark.file, bytes: start..mark.bytes.start + (text.len() - rest.len()) as u32 });
            }
        }
        None
    }

    /// A pattern as the author wrote it; the name of its event when its place is not known.
    fn pattern(&self, pattern: &Pattern) -> String {
        let words = self.words(&pattern.mark);
        if words.is_empty() { event_name(self.codebook, pattern.event).to_owned() } else { words }
    }

    /// Whether a declaration stands in a chapter of this codebook's own pack.
    fn is_own(&self, mark: &Mark) -> bool {
        self.codebook.chapters.iter().find(|c| c.file == mark.file).is_none_or(|c| c.pack == self.codebook.id)
    }
}

/// Name of a kind or alias.
fn event_name(codebook: &Codebook, event: EventName) -> &str {
    match event {
        EventName::Kind(kind) => &codebook.kind(kind).name,
        EventName::Alias(alias) => &codebook.aliases[alias.index()].name,
    }
}

fn source_text<'a>(codebook: &'a Codebook, mark: &Mark) -> &'a str {
    let file = codebook.files.get(mark.file as usize);
    file.and_then(|f| f.text.get(mark.bytes.start as usize..mark.bytes.end as usize)).unwrap_or("")
}

/// Names in backticks, joined as one would say them: `a`, `b` and `c`.
fn listed<I: IntoIterator<Item = S>, S: AsRef<str>>(names: I, joint: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {joint} {last}", first.join(", ")),
    }
}
