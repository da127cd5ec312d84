//! References: documents, articles, laws, decrees, plans, treaties, standards, cases, decisions and communications that are named.

use crate::lines::is_symbol;
use crate::model::{Paragraph, Reference, ReferenceType};
use crate::patterns::Seeker;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

/// One kind of name, the pattern that finds it, in order: what an earlier one took, a later one leaves.
struct Finder {
    kind: ReferenceType,
    seeker: Seeker,
}

static FINDERS: LazyLock<Vec<Finder>> = LazyLock::new(|| {
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut finders = Vec::new();
    for (name, pattern) in include_str!("../words/references.tsv").lines().filter_map(|line| line.split_once('\t')) {
        let pattern = parts.iter().rev().fold(pattern.to_owned(), |pattern, (part, text)| pattern.replace(part, text));
        if let Some(part) = name.strip_prefix("part ") {
            parts.push((format!("{{{part}}}"), pattern));
        } else if let Ok(kind) = serde_json::from_value(serde_json::Value::String(name.to_owned())) {
            finders.push(Finder { kind, seeker: Seeker::new(&pattern) });
        }
    }
    finders
});

/// Makes the patterns that [`references`] needs.
pub fn make_patterns() {
    LazyLock::force(&FINDERS);
}

/// Everything named in the heading and in the paragraphs; the committee's code tells whose articles the heading means.
#[must_use]
pub fn references(heading: &str, code: Option<&str>, documents: &[String], paragraphs: &[Paragraph]) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for symbol in documents {
        found.push(Reference { paragraph: None, as_printed: symbol.clone(), kind: ReferenceType::Document, normalised: symbol.clone() });
    }
    for mut reference in in_text(None, &heading.replace('\n', " ")) {
        let known =
            found.iter().any(|before| before.as_printed == reference.as_printed || before.as_printed.starts_with(&reference.as_printed));
        let wanted = matches!(reference.kind, ReferenceType::Article | ReferenceType::Document);
        if wanted && !known {
            if let (ReferenceType::Article, Some(code)) = (reference.kind, code) {
                reference.normalised = format!("{code} art. {}", first_number(&reference.as_printed));
            }
            found.push(reference);
        }
    }
    for paragraph in paragraphs {
        found.extend(in_text(Some(paragraph.number), &paragraph.text));
    }
    found
}

fn first_number(text: &str) -> &str {
    text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default()
}

fn in_text(paragraph: Option<u32>, text: &str) -> Vec<Reference> {
    // What is taken does not overlap, so only the last of those that begin before can: a long list stays linear.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut named: HashSet<String> = HashSet::new();
    let mut found: Vec<(usize, Reference)> = Vec::new();
    for finder in FINDERS.iter() {
        for hit in finder.seeker.find_iter(text) {
            let range = tidy(text, hit, finder.kind);
            let overlaps = taken.range(..range.end).next_back().is_some_and(|(_, end)| *end > range.start);
            let words = text[range.clone()].split_whitespace().count();
            if overlaps || range.is_empty() || words > 25 || !is_name(text, &range, finder.kind) {
                continue;
            }
            taken.insert(range.start, range.end);
            let as_printed = text[range.clone()].to_owned();
            if named.insert(as_printed.clone()) {
                found.push((range.start, Reference { paragraph, normalised: as_printed.clone(), as_printed, kind: finder.kind }));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, reference)| reference).collect()
}

/// A name without what hangs at its ends: `In Halvard v. …`, a comma, a full stop.
fn tidy(text: &str, range: Range<usize>, kind: ReferenceType) -> Range<usize> {
    let mut start = range.start;
    let mut end = range.end;
    if kind != ReferenceType::Article || text[range.clone()].ends_with(',') {
        end = start + text[range.clone()].trim_end_matches([',', '.', ';', ' ', ':']).len();
    }
    if kind == ReferenceType::Document && text[start..end].ends_with(')') && !text[start..end].contains('(') {
        end -= 1;
    }
    for lead in [
        "In ",
        "Under ",
        "Pursuant to ",
        "With ",
        "On ",
        "As ",
        "By ",
        "Since ",
        "For ",
        "And ",
        "Although ",
        "While ",
        "Its ",
        "That ",
        "This ",
        "Both ",
        "See ",
        "To ",
        "When ",
        "If ",
        "Recalling ",
        "Following ",
    ] {
        if kind != ReferenceType::Document && text[start..end].starts_with(lead) {
            start += lead.len();
        }
    }
    for tail in [" had", " was", " which", " and", " of"] {
        if text[start..end].ends_with(tail) {
            end -= tail.len();
        }
    }
    start..end
}

/// A kind's word alone at the beginning of a sentence, or an office named after it, is no name.
fn is_name(text: &str, range: &Range<usize>, kind: ReferenceType) -> bool {
    let name = &text[range.clone()];
    match kind {
        ReferenceType::Document => {
            is_symbol(name.trim_end_matches('.')) && name.chars().any(|c| c.is_ascii_digit()) || name.matches('/').count() >= 2
        }
        ReferenceType::Treaty | ReferenceType::Law | ReferenceType::Plan => {
            name.split_whitespace().count() >= 2 && !matches!(name, "The Bill" | "The Law" | "The Rules")
        }
        ReferenceType::Article
        | ReferenceType::Decree
        | ReferenceType::Standard
        | ReferenceType::Case
        | ReferenceType::Decision
        | ReferenceType::Communication => true,
    }
}
