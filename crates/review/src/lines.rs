//! The lines of a file as a reader of the printed page sees them: which are text, and which are the page's own: numbers, running
//! headers, footers, rules, footnotes, stage directions.

use crate::cleaning::{floor, plain_spaces, without_markdown};
use crate::patterns::Seeker;
use std::sync::LazyLock;

/// What a line is, seen alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing on it.
    Blank,
    /// A page number, a running header, a footer or a rule.
    Page,
    /// The first line of a footnote.
    Footnote,
    /// What happened in the room, in italics: called to order, suspended, rose.
    Stage,
    /// Anything else.
    Text,
}

/// One line of the file.
#[derive(Clone, Debug)]
pub struct Line {
    /// From 1.
    pub number: u32,
    /// As it stands, spaces made plain.
    pub raw: String,
    /// Without Markdown.
    pub plain: String,
    /// What it is.
    pub kind: LineKind,
}

impl Line {
    /// Whether all of it is bold, italic or marked as a heading.
    #[must_use]
    pub fn is_emphasised(&self) -> bool {
        let raw = self.raw.trim();
        raw.starts_with('#') || raw.len() > 2 && raw.starts_with(['*', '_']) && raw.ends_with(['*', '_'])
    }
}

/// How a stage direction begins, and what it tells, not far behind.
static STAGE: LazyLock<[Seeker; 2]> = LazyLock::new(|| {
    let (begins, tells) = include_str!("../words/stage.txt").split_once('\n').unwrap_or_default();
    [begins, tells.trim_end()].map(Seeker::new)
});

fn is_stage(plain: &str) -> bool {
    const NEAR: usize = 60;
    let [begins, tells] = &*STAGE;
    begins.find(plain).is_some_and(|begun| {
        let rest = &plain[begun.end..];
        tells.find(floor(rest, 2 * NEAR)).is_some_and(|told| rest[..told.start].chars().count() <= NEAR)
    })
}

static SYMBOL: LazyLock<Seeker> = LazyLock::new(|| Seeker::new(r"^[A-Z][A-Z0-9]*(?:/[A-Za-z0-9.()\-]+)+\*?$"));

/// Whether a word is the symbol of a document.
#[must_use]
pub fn is_symbol(word: &str) -> bool {
    word.contains('/') && SYMBOL.is_match(word)
}

/// Whether a line holds only what pages carry: symbols, page numbers, job numbers.
fn is_page_line(plain: &str) -> bool {
    let mut marks = 0;
    let mut digits = 0;
    for word in plain.split_whitespace() {
        let bare = word.trim_matches(|c: char| "-–—|[]".contains(c));
        if bare.is_empty() {
            continue;
        }
        let balanced = bare.matches('(').count() == bare.matches(')').count();
        if is_symbol(bare) && balanced || bare.starts_with("GE.") || is_job(bare) || bare.eq_ignore_ascii_case("page") {
            marks += 1;
        } else if bare.chars().all(|c| c.is_ascii_digit()) && bare.len() <= 6 {
            digits += 1;
        } else if !(matches!(bare, "of" | "United" | "Nations") || bare.starts_with("(E") && bare.ends_with(')')) {
            return false;
        }
    }
    marks > 0 || digits == 1
}

/// `09-42187`, the number of a printing job, and `3/7`, a page of all.
fn is_job(word: &str) -> bool {
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once('-').is_some_and(|(year, job)| year.len() == 2 && digits(year, 2) && job.len() == 5 && digits(job, 5))
        || word.split_once('/').is_some_and(|(page, all)| digits(page, 2) && digits(all, 2))
}

/// Whether a line is drawn, not written.
fn is_rule(plain: &str) -> bool {
    let raw = plain.trim();
    raw.len() >= 3 && raw.chars().all(|c| "-_=*—–. ".contains(c))
}

static FOOTNOTE: LazyLock<Seeker> = LazyLock::new(|| Seeker::new(include_str!("../words/footnote.txt").trim_end()));

fn kind_of(raw: &str, plain: &str) -> LineKind {
    let trimmed = raw.trim();
    if plain.is_empty() && !trimmed.contains('*') {
        return if is_rule(trimmed) { LineKind::Page } else { LineKind::Blank };
    }
    if is_rule(trimmed) || plain.is_empty() || is_page_line(plain) {
        LineKind::Page
    } else if FOOTNOTE.is_match(trimmed) && !(trimmed.starts_with("* ") && trimmed.len() > 2 && trimmed.ends_with('*')) {
        LineKind::Footnote
    } else if is_stage(plain) {
        LineKind::Stage
    } else {
        LineKind::Text
    }
}

/// The lines of a text. Marks of quotation at their beginning go.
#[must_use]
pub fn lines(text: &str) -> Vec<Line> {
    text.split('\n')
        .zip(1..)
        .map(|(line, number)| {
            let spaced = plain_spaces(line);
            let raw = spaced.strip_prefix("> ").unwrap_or(&spaced).trim_end().to_owned();
            let plain = without_markdown(raw.trim_start().trim_start_matches('#'));
            let kind = kind_of(&raw, &plain);
            Line { number, raw, plain, kind }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(line: &str) -> LineKind {
        lines(line)[0].kind
    }

    #[test]
    fn the_pages_own_lines_are_known() {
        for line in [
            "4",
            "- 4 -",
            "CAT/C/SR.9012",
            "4\tGE.31-00912",
            "GE.15-10872\t3/7",
            "09-40187\t5",
            "GE.31-00912 (E)",
            "CAT/C/SR.12 page 4",
            "---",
            "page 3",
        ] {
            assert_eq!(kind(line), LineKind::Page, "{line}");
        }
        for line in ["* No summary record was prepared.", "\\* Adopted by the Committee.", "<sup>2</sup> See the annex.", "[^1]: Note"] {
            assert_eq!(kind(line), LineKind::Footnote, "{line}");
        }
        for line in [
            "*The meeting rose at 6 p.m.*",
            "The discussion covered in the summary record ended at 5.50 p.m.",
            "The public part of the meeting was called to order at 4.05 p.m.",
        ] {
            assert_eq!(kind(line), LineKind::Stage, "{line}");
        }
        for line in ["**Mr. Orde** said so.", "2030 was a year.", "*Second periodic report (continued)* (CAT/C/A/1)", "(a) an item"] {
            assert_eq!(kind(line), LineKind::Text, "{line}");
        }
    }
}
