//! Places that cannot both hold as they stand, offered as questions: sums that do not add up, `no` beside `some`.

use crate::model::{Figure, Paragraph, Role, Tension};
use crate::prose::{is_empty_word, sentences, stem, tokens};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The tensions of a record.
#[must_use]
pub fn tensions(paragraphs: &[Paragraph], figures: &[Figure]) -> Vec<Tension> {
    let mut found = sums(paragraphs, figures);
    found.extend(denials(paragraphs));
    found
}

/// `42 deaths: 29 …, 11 … and 2 …`: the parts behind a colon, or behind `of whom`, against the whole before it.
fn sums(paragraphs: &[Paragraph], figures: &[Figure]) -> Vec<Tension> {
    let mut by_paragraph: BTreeMap<u32, Vec<&Figure>> = BTreeMap::new();
    for figure in figures {
        by_paragraph.entry(figure.paragraph).or_default().push(figure);
    }
    let mut found = Vec::new();
    for paragraph in paragraphs {
        let Some(figures) = by_paragraph.get(&paragraph.number) else { continue };
        for range in sentences(&paragraph.text) {
            let sentence = &paragraph.text[range];
            let Some(colon) = sentence.find(": ") else { continue };
            let (head, tail) = sentence.split_at(colon);
            let parts = parts_of(figures, tail);
            let whole =
                figures.iter().rfind(|figure| head.contains(figure.as_printed.as_str()) && !tail.contains(figure.as_printed.as_str()));
            let Some(whole) = whole.filter(|whole| parts.len() >= 2 && parts.iter().all(|part| part.unit == whole.unit)) else { continue };
            let sum: f64 = parts.iter().map(|part| part.value).sum();
            if (sum - whole.value).abs() > 0.001 {
                let parts = parts.iter().map(|part| part.as_printed.as_str()).collect::<Vec<_>>().join(" + ");
                let about = format!("{parts} is {sum}, and {} is stated for the whole: which figure is right?", whole.as_printed);
                found.push(Tension { paragraphs: vec![paragraph.number], about });
            }
        }
    }
    found
}

/// The figures of a stretch of text, each as often as it stands there.
fn parts_of<'a>(figures: &[&'a Figure], tail: &str) -> Vec<&'a Figure> {
    let mut parts: Vec<&Figure> = Vec::new();
    for figure in figures {
        let stands = tail
            .split(|c: char| c.is_whitespace() || ";.()".contains(c))
            .filter(|word| word.trim_end_matches(',') == figure.as_printed)
            .count();
        let taken = parts.iter().filter(|part| part.as_printed == figure.as_printed).count();
        if taken < stands {
            parts.push(figure);
        }
    }
    parts
}

/// A sentence as compared: its stems, whether it denies.
struct Said {
    paragraph: u32,
    words: HashSet<String>,
    denies: bool,
    text: String,
}

fn said(paragraphs: &[Paragraph]) -> Vec<Said> {
    let mut found = Vec::new();
    for paragraph in paragraphs.iter().filter(|paragraph| paragraph.role == Role::Delegation) {
        for range in sentences(&paragraph.text) {
            let text = &paragraph.text[range];
            let words = tokens(text);
            let denies = words.iter().any(|word| matches!(&*word.low, "no" | "nobody" | "never" | "none"));
            let stems = words
                .iter()
                .filter(|word| word.is_word() && word.low.len() > 3 && !is_empty_word(&word.low))
                .map(|word| stem(&word.low))
                .collect();
            found.push(Said { paragraph: paragraph.number, words: stems, denies, text: text.to_owned() });
            if found.len() == COMPARED {
                return found;
            }
        }
    }
    found
}

/// How many sentences are compared at most: a record has hundreds, a file of any size stays linear.
const COMPARED: usize = 1_500;

/// `no patient is tied to a bed` beside `the beds with belts`: a denial, and elsewhere the same rare words without one.
fn denials(paragraphs: &[Paragraph]) -> Vec<Tension> {
    let said = said(paragraphs);
    let mut holding: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, sentence) in said.iter().enumerate().filter(|(_, sentence)| !sentence.denies) {
        sentence.words.iter().for_each(|word| holding.entry(word).or_default().push(at));
    }
    let mut found = Vec::new();
    for denial in said.iter().filter(|sentence| sentence.denies && sentence.words.len() >= 2 && sentence.words.len() <= 14) {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for at in denial.words.iter().filter_map(|word| holding.get(word.as_str())).flatten() {
            *shared.entry(*at).or_default() += 1;
        }
        for (at, shared) in shared {
            let other = &said[at];
            if other.paragraph != denial.paragraph && shared >= 3 && shared * 2 >= denial.words.len() {
                let mut paragraphs = vec![denial.paragraph, other.paragraph];
                paragraphs.sort_unstable();
                let about = format!("“{}” beside “{}”: do both hold?", denial.text, other.text);
                found.push(Tension { paragraphs, about });
            }
        }
        if found.len() >= 20 {
            break;
        }
    }
    found.truncate(20);
    found
}
