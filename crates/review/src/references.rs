//! References: documents, articles, laws, decrees, plans, treaties, standards, cases, decisions and communications that are named.

use crate::lines::is_symbol;
use crate::model::{Reference, ReferenceType};
use crate::paragraphs::Block;
use crate::patterns::Cues;
use aho_corasick::AhoCorasick;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// One kind of name, the pattern that finds it, in order: what an earlier one took, a later one leaves. The pattern is made when a text
/// has a word that such a name needs.
struct Finder {
    kind: ReferenceType,
    pattern: String,
    made: OnceLock<Cues>,
}

impl Finder {
    fn cues(&self) -> &Cues {
        self.made.get_or_init(|| Cues::new(&self.pattern))
    }
}

/// All kinds of names, and the words that they need, each with the place of its finder.
struct Finders {
    each: Vec<Finder>,
    needs: AhoCorasick,
    of_need: Vec<usize>,
}

static FINDERS: LazyLock<Finders> = LazyLock::new(|| {
    let mut parts: Vec<(String, &str)> = Vec::new();
    let (mut each, mut needs, mut of_need) = (Vec::new(), Vec::new(), Vec::new());
    for line in include_str!("../words/references.tsv").lines() {
        let mut cells = line.split('\t');
        let (Some(name), Some(pattern)) = (cells.next(), cells.next()) else { continue };
        if let Some(part) = name.strip_prefix("part ") {
            parts.push((format!("{{{part}}}"), pattern));
        } else if let Ok(kind) = serde_json::from_value(serde_json::Value::String(name.to_owned())) {
            let pattern = parts.iter().rev().fold(pattern.to_owned(), |pattern, (part, text)| pattern.replace(part, text));
            let words = cells.next().unwrap_or_default().split('|');
            for word in words {
                needs.push(word);
                of_need.push(each.len());
            }
            each.push(Finder { kind, pattern, made: OnceLock::new() });
        }
    }
    let needs = AhoCorasick::new(needs).expect("a few dozen short words that stand in this crate");
    Finders { each, needs, of_need }
});

impl Finders {
    /// Those of whose names a text may hold some, in order.
    fn of_text(&self, text: &str) -> impl Iterator<Item = &Finder> {
        let mut needed = vec![false; self.each.len()];
        self.needs.find_overlapping_iter(text).for_each(|hit| needed[self.of_need[hit.pattern().as_usize()]] = true);
        self.each.iter().zip(needed).filter(|(_, needed)| *needed).map(|(finder, _)| finder)
    }
}

/// Everything named in the heading and in the paragraphs; the committee's code tells whose articles the heading means.
#[must_use]
pub fn references(heading: &str, code: Option<&str>, documents: &[String], blocks: &[Block]) -> Vec<Reference> {
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
    for block in blocks {
        found.extend(in_text(Some(block.number), &block.text));
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
    for finder in FINDERS.of_text(text) {
        for hit in finder.cues().find_all(text) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_missed_for_want_of_a_needed_word() {
        let names = "article 7 Section 12 ARTICLE 3 art. 5 arts. 5 and 6 sect. 4 rule 30 Case No. 4 Orde v. Moss Orde v Moss \
            CAT/C/ARV/2 communication No. 1/2031 resolution 1/2 decision 4/31 judgment 3/30 judgement 3/30 ruling 3/30 \
            General comment No. 3 general recommendation No. 4 Decree No. 5 Order No. 5 Instruction No. 6 Directive No. 4 \
            Circular No. 3 Ordinance No. 3 a royal decision Havana Rules Istanbul Protocol Paris Principles Riyadh \
            Guidelines Universal Declaration of Human Rights Code of Conduct Manual on Effective Investigation the \
            Convention the Health Covenant Treaty Rome Statute Charter Optional Protocol the Action Plan National Strategy \
            Programme Agenda Road Map Roadmap Concept national plan on health 2031–2035 Health Act Code Law Constitution \
            Bill Statute Regulations Rules the draft bill on prisons, the law on prisons had the act on prisons had the \
            new code on prisons had";
        let words: Vec<&str> = names.split_whitespace().collect();
        for finder in &FINDERS.each {
            let mut met = false;
            for text in (0..words.len()).flat_map(|from| (from + 1..from + 8).map(move |to| from..to)) {
                let Some(text) = words.get(text).map(|words| words.join(" ")) else { continue };
                if finder.cues().is_match(&text) {
                    met = true;
                    assert!(FINDERS.of_text(&text).any(|needed| std::ptr::eq(needed, finder)), "{text}");
                }
            }
            assert!(met, "{}", finder.pattern);
        }
    }
}
