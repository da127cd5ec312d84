//! Patterns over English text, made so that making them costs little, since a record is read in the time that making automata of them
//! takes: word borders, letters and digits are those of the Latin script, and records print no others.

mod running;
mod syntax;

use running::{Program, Search};
use std::ops::{Index, Range};

/// A pattern that may stand anywhere.
#[derive(Debug)]
pub struct Pattern(Program);

/// What a pattern found, and its groups.
#[derive(Debug)]
pub struct Captures<'t> {
    text: &'t str,
    all: Range<usize>,
    marks: Vec<Option<usize>>,
}

impl<'t> Captures<'t> {
    /// Where a group stands, 0 for all that was found; nothing where it was not needed.
    #[must_use]
    pub fn place(&self, group: usize) -> Option<Range<usize>> {
        if group == 0 {
            return Some(self.all.clone());
        }
        let mark = |at: usize| self.marks.get(at).copied().flatten();
        Some(mark(2 * group)?..mark(2 * group + 1)?)
    }

    /// The words of a group.
    #[must_use]
    pub fn get(&self, group: usize) -> Option<&'t str> {
        self.text.get(self.place(group)?)
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
    /// On one that is none; a test makes them all.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Pattern(Program::new(text).expect("a pattern that stands in this crate and is made by its tests"))
    }

    /// Whether the text has it.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// Where it stands first.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.find_from(&mut Search::new(text, &self.0), text, 0)
    }

    /// What stands first, with its groups.
    #[must_use]
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.captures_iter(text).next()
    }

    /// All that stands there, from left to right; none overlap.
    pub fn captures_iter<'p, 't: 'p>(&'p self, text: &'t str) -> impl Iterator<Item = Captures<'t>> + use<'p, 't> {
        let mut search = Search::new(text, &self.0);
        let mut from = Some(0);
        std::iter::from_fn(move || {
            let all = self.find_from(&mut search, text, from?)?;
            from = Some(all.end.max(all.start + 1));
            Some(Captures { text, all, marks: search.marks.clone() })
        })
    }

    /// The text with something else wherever it stands.
    #[must_use]
    pub fn replace_all(&self, text: &str, instead: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for found in self.captures_iter(text) {
            out.push_str(&text[from..found.all.start]);
            out.push_str(instead);
            from = found.all.end;
        }
        out.push_str(&text[from..]);
        out
    }

    fn find_from(&self, search: &mut Search, text: &str, from: usize) -> Option<Range<usize>> {
        (from..=text.len()).filter(|at| self.0.may_begin(text, *at) && text.is_char_boundary(*at)).find_map(|at| {
            let end = self.0.end(text, at, search)?;
            Some(at..end)
        })
    }
}

/// Cues and names that begin where a word begins: tried word for word. Most words begin none.
#[derive(Debug)]
pub struct Cues(Program);

impl Cues {
    /// Of a pattern that stands in this crate, and that a match of begins with a letter, a digit or an underscore.
    ///
    /// # Panics
    /// On one that is none; a test makes them all.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Cues(Program::new(text).expect("a pattern that stands in this crate and is made by its tests"))
    }

    /// A list of cues, one a line, `#` before what is said of them: any of them, as whole words, in a text in lower case (ASCII, so that
    /// places stay).
    #[must_use]
    pub fn of_list(list: &str) -> Self {
        Cues::new(&format!(r"\b{}\b", any_of(list)))
    }

    /// Whether the text has one.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// Where one stands first.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.find_from(&mut Search::new(text, &self.0), text, 0)
    }

    /// Every place where one stands, from left to right; none overlap.
    #[must_use]
    pub fn find_all(&self, text: &str) -> Vec<Range<usize>> {
        let mut search = Search::new(text, &self.0);
        let mut found: Vec<Range<usize>> = Vec::new();
        while let Some(next) = self.find_from(&mut search, text, found.last().map_or(0, |last| last.end)) {
            found.push(next);
        }
        found
    }

    fn find_from(&self, search: &mut Search, text: &str, from: usize) -> Option<Range<usize>> {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let mut behind = from.checked_sub(1).is_some_and(|before| is_word(&text.as_bytes()[before]));
        for (at, byte) in text.as_bytes().iter().enumerate().skip(from) {
            let within = is_word(byte);
            if within
                && !behind
                && self.0.may_begin(text, at)
                && let Some(end) = self.0.end(text, at, search)
            {
                return Some(at..end);
            }
            behind = within;
        }
        None
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

    /// The pattern as another program reads it: borders, letters, digits and spaces as here.
    fn other(text: &str) -> regex::Regex {
        let letters = if text.contains("-u)") { "[0-9A-Za-z_]" } else { "[0-9A-Za-z_À-ɏ]" };
        let inner = letters.trim_matches(['[', ']']);
        let mut latin = String::new();
        let mut within = false;
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let eaten = if let Some(behind) = rest.strip_prefix('\\') {
                let mark = behind.chars().next().expect("a mark behind a backslash");
                match (mark, within) {
                    ('w', false) => latin.push_str(letters),
                    ('w', true) => latin.push_str(inner),
                    ('d', false) => latin.push_str("[0-9]"),
                    ('d', true) => latin.push_str("0-9"),
                    ('s', false) => latin.push_str(r"[ \t\n\r]"),
                    ('s', true) => latin.push_str(r" \t\n\r"),
                    ('b', _) => latin.push_str(r"(?-u:\b)"),
                    _ => latin.extend(['\\', mark]),
                }
                1 + mark.len_utf8()
            } else {
                within = letter == '[' || within && letter != ']';
                latin.push(letter);
                letter.len_utf8()
            };
            rest = &rest[eaten..];
        }
        regex::Regex::new(&latin).expect("a pattern")
    }

    /// Every pattern of this crate that stands in a file.
    fn all() -> Vec<String> {
        let lists = [
            include_str!("../../words/considering.txt"),
            include_str!("../../words/ongoing.txt"),
            include_str!("../../words/planned.txt"),
            include_str!("../../words/promise.txt"),
            include_str!("../../words/no_commitment.txt"),
            include_str!("../../words/encouraging.txt"),
            include_str!("../../words/asking.txt"),
            include_str!("../../words/adverbs.txt"),
        ];
        let mut found: Vec<String> =
            lists.iter().map(|list| format!(r"\b{}\b", any_of(&list.replace('~', "(?:(?:more|also),? )*")))).collect();
        let alone = [
            include_str!("../../words/clarifying.txt"),
            include_str!("../../words/footnote.txt"),
            include_str!("../../words/report.txt"),
            include_str!("../../words/should.txt"),
            include_str!("../../words/state_of.txt"),
            include_str!("../../words/stage.txt"),
        ];
        found.extend(alone.iter().flat_map(|text| text.lines()).map(str::to_owned));
        found.extend(crate::references::patterns());
        found.extend(
            [r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)", r"(a|ab)(c|bcd)(d*)", r"x{2,4}?y?", r"^(?:a.)+?b$", r"(\d+)[–\-](\d+)?"]
                .map(str::to_owned),
        );
        found
    }

    #[test]
    fn every_pattern_finds_what_it_finds_as_a_regular_expression() {
        let mut texts: Vec<String> =
            ["", "abcd", "xxxxxy xxy", "acabab", "12–13, 4- 5", "((a) (b) c", "É would éasked"].map(str::to_owned).to_vec();
        let records = [
            include_str!("../../tests/records/torture-2013.txt"),
            include_str!("../../tests/records/covenant-unnumbered.md"),
            include_str!("../../tests/records/women-2022-observations.md"),
            include_str!("../../tests/records/disabilities-2015.txt"),
        ];
        texts.extend(records.iter().flat_map(|text| text.lines()).filter(|line| !line.is_empty()).map(str::to_owned));
        texts.extend(texts.clone().iter().map(|text| text.to_ascii_lowercase()));
        for pattern in all() {
            let (own, other) = (Pattern::new(&pattern), other(&pattern));
            for text in &texts {
                let groups = |found: &Captures<'_>| (0..other.captures_len()).map(|group| found.place(group)).collect::<Vec<_>>();
                let others = |found: &regex::Captures<'_>| found.iter().map(|group| group.map(|group| group.range())).collect::<Vec<_>>();
                let own: Vec<_> = own.captures_iter(text).map(|found| groups(&found)).collect();
                let other: Vec<_> = other.captures_iter(text).map(|found| others(&found)).collect();
                assert_eq!(own, other, "{pattern}\n{text}");
            }
        }
    }

    #[test]
    fn what_would_be_tried_without_end_is_given_up() {
        let text = "a".repeat(3_000);
        assert!(!Pattern::new("(?:a*)*b").is_match(&text));
        assert!(!Pattern::new("(?:a|a)*b").is_match(&text));
        assert!(Pattern::new("(?:a|a)*").find(&text).is_some_and(|found| found.len() == 3_000));
    }

    #[test]
    fn a_pattern_that_it_does_not_know_is_refused_with_the_place() {
        for (pattern, place) in [(r"a\pL", r"\pL"), ("a(?=b)", "(?=b)"), ("a[b", "[b"), ("a)", ")"), ("a{x}", "{x}")] {
            assert_eq!(Program::new(pattern).map(|_| ()), Err(place.to_owned()));
        }
    }
}
