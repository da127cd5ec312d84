//! E108 no citation, E109 a label that the source does not have, W124 a duty in the prose without a rule.

use super::Found;
use crate::tree::{Citation, LabelKind, LabelRun, Source};

const DUTY_WORDS: [&str; 7] = [" must ", " shall ", " may not ", " never ", " at most ", " at least ", " is required "];

pub(super) fn check(found: &mut Found) {
    for rule in &found.codebook.rules {
        if rule.cites.is_empty() {
            let head = found.head(rule);
            let help = "add a clause such as `Cites \"CAT/C/SR.2087\" paragraph 25.`".to_owned();
            found.error("E108", &head, format!("`{}` cites no source", rule.id), help);
        }
        for citation in &rule.cites {
            cited(found, citation);
        }
    }
    prose(found);
}

pub(super) fn cited(found: &mut Found, citation: &Citation) {
    let codebook = found.codebook;
    let Some(source) = codebook.sources.iter().find(|s| s.name == citation.source) else {
        let names = super::listed(codebook.sources.iter().map(|s| &s.name), "and");
        let help = format!("list it under [[sources]] in codebook.toml; there are {names}");
        found.error("E109", &citation.mark, format!("no source is called `{}`", citation.source), help);
        return;
    };
    if !has(source, citation.kind, &citation.label) {
        let word = label_word(citation.kind);
        let help = format!("it has {}", described(source));
        found.error("E109", &citation.mark, format!("`{}` has no {word} {}", source.name, citation.label), help);
    }
}

fn has(source: &Source, kind: LabelKind, label: &str) -> bool {
    let number: Option<u32> = label.parse().ok();
    source.labels.get(&kind).is_some_and(|runs| {
        runs.iter().any(|run| match run {
            LabelRun::One(one) => one.eq_ignore_ascii_case(label),
            LabelRun::Numbers(first, last) => number.is_some_and(|n| (*first..=*last).contains(&n)),
        })
    })
}

fn described(source: &Source) -> String {
    let run = |run: &LabelRun| match run {
        LabelRun::One(one) => one.clone(),
        LabelRun::Numbers(first, last) => format!("{first}-{last}"),
    };
    let kinds = source.labels.iter().map(|(kind, runs)| {
        let runs: Vec<String> = runs.iter().map(run).collect();
        format!("{} {}", label_word(*kind), runs.join(", "))
    });
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() { "no labels yet".to_owned() } else { kinds.join("; ") }
}

/// The word before a label.
pub(super) fn label_word(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Paragraph => "paragraph",
        LabelKind::Article => "article",
        LabelKind::Rule => "rule",
        LabelKind::Principle => "principle",
        LabelKind::Section => "section",
        LabelKind::Note => "note",
    }
}

/// A paragraph of prose that speaks of a duty and names a paragraph of its source that no rule cites.
fn prose(found: &mut Found) {
    let codebook = found.codebook;
    for chapter in codebook.chapters.iter().filter(|c| c.pack == codebook.id) {
        let text = &codebook.files[chapter.file as usize].text;
        let mut fenced = false;
        let mut at = 0usize;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
                continue;
            }
            let lower = format!(" {} ", line.to_lowercase());
            if fenced || !DUTY_WORDS.iter().any(|w| lower.contains(w)) {
                continue;
            }
            for label in paragraphs(&lower) {
                let cited = codebook
                    .rules
                    .iter()
                    .flat_map(|r| &r.cites)
                    .chain(codebook.tables.iter().flat_map(|t| &t.cites))
                    .any(|c| c.label == label);
                if !cited {
                    let mark = crate::diagnostic::Mark { file: chapter.file, bytes: start as u32..(start + line.trim_end().len()) as u32 };
                    let message = format!("this speaks of a duty in paragraph {label}, but no rule cites it");
                    found.warning("W124", &mark, message, "write its rule, or say in the prose why it has none".to_owned());
                }
            }
        }
    }
}

/// Numbers after the word `paragraph` or `paragraphs`.
fn paragraphs(line: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for after in line.split("paragraph").skip(1) {
        for word in after.trim_start_matches('s').split([' ', ',', '(', ')', ';']).filter(|w| !w.is_empty()) {
            let label = word.trim_end_matches('.');
            if label.starts_with(|c: char| c.is_ascii_digit()) {
                labels.push(label.to_owned());
            } else if word != "and" {
                break;
            }
        }
    }
    labels
}
