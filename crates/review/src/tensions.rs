//! Places that cannot both hold as they stand, offered as questions: sums that do not add up, what is left between two
//! figures and asked after elsewhere, `no` or `every` beside its contrary.

use crate::linker::Compared;
use crate::model::{Figure, Paragraph, Role, Tension};
use crate::prose::{Token, sentences, tokens};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::ops::Range;

/// At most so many are offered.
const MOST: usize = 20;

/// The tensions of a record.
#[must_use]
pub fn tensions(paragraphs: &[Paragraph], figures: &[Figure], compared: &Compared<'_>) -> Vec<Tension> {
    let mut by_paragraph: HashMap<u32, Vec<&Figure>, RandomState> = HashMap::default();
    figures.iter().for_each(|figure| by_paragraph.entry(figure.paragraph).or_default().push(figure));
    let figured: Vec<Figured<'_>> = paragraphs
        .iter()
        .enumerate()
        .filter_map(|(at, paragraph)| by_paragraph.get(&paragraph.number).map(|figures| (at, paragraph, figures)))
        .flat_map(|(at, paragraph, figures)| in_sentences(at, paragraph, figures))
        .collect();
    let mut found: Vec<Tension> = figured.iter().filter_map(broken_sum).collect();
    found.extend(left_over(&figured, paragraphs, compared));
    found.extend(contraries(paragraphs, compared));
    found.truncate(MOST);
    found
}

/// A sentence that states figures, each with its place in it.
struct Figured<'a> {
    /// Where its paragraph stands, and which of its sentences it is.
    at: usize,
    sentence: usize,
    paragraph: &'a Paragraph,
    text: &'a str,
    figures: Vec<(usize, &'a Figure)>,
}

/// The sentences of a paragraph with the figures that they state: each figure stands in one of them, in their order.
fn in_sentences<'a>(at: usize, paragraph: &'a Paragraph, figures: &[&'a Figure]) -> Vec<Figured<'a>> {
    let mut rest = figures.iter().copied().peekable();
    let mut found = Vec::new();
    for (sentence, range) in sentences(&paragraph.text).into_iter().enumerate() {
        let text = &paragraph.text[range];
        let mut from = 0;
        let mut own = Vec::new();
        while let Some((place, figure)) = rest.peek().and_then(|figure| Some((word_at(text, from, &figure.as_printed)?, *figure))) {
            own.push((place, figure));
            from = place + figure.as_printed.len();
            rest.next();
        }
        if !own.is_empty() {
            found.push(Figured { at, sentence, paragraph, text, figures: own });
        }
    }
    found
}

/// Where words stand in a text, from a place on, not within another word or number.
fn word_at(text: &str, from: usize, words: &str) -> Option<usize> {
    let inner = |c: char| c.is_alphanumeric();
    text[from..].match_indices(words).map(|(at, _)| from + at).find(|at| {
        let (before, behind) = (&text[..*at], &text[at + words.len()..]);
        let number = behind.strip_prefix([',', '.']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        !before.ends_with(inner) && !behind.starts_with(inner) && !number
    })
}

/// `42 deaths: 29 …, 11 … and 2 …`: the parts behind a colon against the whole before it.
fn broken_sum(sentence: &Figured<'_>) -> Option<Tension> {
    let colon = sentence.text.find(": ")?;
    // `49 women and 9 men, of whom 33 …`: those were counted before.
    let behind = &sentence.text[colon..];
    let end = ["of whom", "of which", "of them", "including", "; "].iter().filter_map(|words| behind.find(words)).min();
    let end = end.map_or(sentence.text.len(), |end| colon + end);
    let parts: Vec<&Figure> = sentence.figures.iter().filter(|(at, _)| (colon..end).contains(at)).map(|(_, figure)| *figure).collect();
    let (_, whole) = sentence.figures.iter().rfind(|(at, _)| *at < colon)?;
    let alike = parts.len() >= 2 && parts.iter().all(|part| part.unit == whole.unit);
    let sum: f64 = parts.iter().map(|part| part.value).sum();
    if !alike || (sum - whole.value).abs() < 0.001 {
        return None;
    }
    let parts = parts.iter().map(|part| part.as_printed.as_str()).collect::<Vec<_>>().join(" + ");
    let about = format!("{parts} is {sum}, and {} is stated for the whole: which figure is right?", whole.as_printed);
    Some(Tension { paragraphs: vec![sentence.paragraph.number], about })
}

/// `631 notes, 588 of them sent`, and elsewhere somebody asks after 43: what is left between two figures of one sentence.
fn left_over(figured: &[Figured<'_>], paragraphs: &[Paragraph], compared: &Compared<'_>) -> Vec<Tension> {
    let mut asked: HashMap<u64, Vec<&Figured<'_>>, RandomState> = HashMap::default();
    for sentence in figured.iter().filter(|sentence| paragraphs[sentence.at].role.is_committee()) {
        for (_, figure) in sentence.figures.iter().filter(|(_, figure)| figure.value >= FEW) {
            asked.entry(figure.value.to_bits()).or_default().push(sentence);
        }
    }
    let mut found = Vec::new();
    for told in figured.iter().filter(|sentence| paragraphs[sentence.at].role == Role::Delegation) {
        for pair in told.figures.windows(2) {
            let (all, part) = (pair[0].1, pair[1].1);
            let left = all.value - part.value;
            for asks in asked.get(&left.to_bits()).into_iter().flatten().take(MOST) {
                let shared = compared.shared((told.at, told.sentence), (asks.at, asks.sentence));
                if asks.at != told.at && shared.count >= 2 && !["percent", "years", "months", "days"].contains(&all.unit.as_str()) {
                    let about = format!("{} and {}: what became of the other {left}?", all.as_printed, part.as_printed);
                    found.push(Tension { paragraphs: ascending(paragraphs, told.at, asks.at), about });
                }
            }
            if found.len() >= MOST {
                return found;
            }
        }
    }
    found
}

/// A number below it may be the difference of two others by chance.
const FEW: f64 = 5.0;

/// What a sentence says of all of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// `no patient was tied to a bed`.
    None,
    /// `every interview room had a camera`.
    Every,
}

fn low<'w>(words: &'w [Token<'_>], at: usize) -> &'w str {
    words.get(at).map_or("", |word| &*word.low)
}

/// Words that tell of what may be, not of what is.
fn is_rule(words: &[Token<'_>]) -> bool {
    words.iter().any(|word| {
        matches!(
            &*word.low,
            "would"
                | "could"
                | "should"
                | "might"
                | "may"
                | "must"
                | "shall"
                | "will"
                | "if"
                | "unless"
                | "whether"
                | "intended"
                | "planned"
        )
    })
}

/// Whether a sentence speaks of none, or of every one, of a kind. `No figures`, `no information` say nothing of the kind itself.
fn says(words: &[Token<'_>]) -> Option<Says> {
    let at = words.iter().position(|word| matches!(&*word.low, "no" | "every" | "all" | "nobody" | "none" | "never" | "each"))?;
    let next = low(words, at + 1);
    let begins = at == 0 || matches!(low(words, at - 1), "that" | "," | ";" | "and" | "but");
    match low(words, at) {
        "every" | "all" | "each" if begins && !matches!(next, "the" | "those" | "that" | "this" | "of" | "in") => Some(Says::Every),
        "no" if !matches!(
            next,
            "longer"
                | "doubt"
                | "later"
                | "more"
                | "figures"
                | "figure"
                | "information"
                | "data"
                | "statistics"
                | "such"
                | "means"
                | "way"
                | "objection"
                | "comment"
                | "decision"
                | "one"
                | "need"
                | "plans"
                | "reason"
                | "other"
                | "."
        ) && begins =>
        {
            Some(Says::None)
        }
        "nobody" | "never" | "none" => Some(Says::None),
        _ => None,
    }
}

fn denies(words: &[Token<'_>]) -> bool {
    words
        .iter()
        .any(|word| matches!(&*word.low, "no" | "not" | "nobody" | "never" | "none" | "without" | "lacked" | "neither" | "nor" | "only"))
}

/// A sentence of a delegation, as it is compared.
struct Said {
    /// Where its paragraph stands, and which of its sentences it is.
    place: (usize, usize),
    range: Range<usize>,
    denies: bool,
    all: Option<Says>,
}

fn said(paragraphs: &[Paragraph], compared: &Compared<'_>) -> Vec<Said> {
    let mut found = Vec::new();
    for (at, paragraph) in paragraphs.iter().enumerate().filter(|(_, paragraph)| paragraph.role == Role::Delegation) {
        for (sentence, range) in compared.sentences(at).enumerate() {
            let words = tokens(&paragraph.text[range.clone()]);
            if !is_rule(&words) {
                found.push(Said { place: (at, sentence), range, denies: denies(&words), all: says(&words) });
            }
            if found.len() == COMPARED {
                return found;
            }
        }
    }
    found
}

/// `no patient is tied to a bed` beside `belts are used in three hospitals`, `every room has a camera` beside `rooms that have none`: what
/// is said of all, and elsewhere its contrary, in words of which many are the same or of one group of the thesaurus.
fn contraries(paragraphs: &[Paragraph], compared: &Compared<'_>) -> Vec<Tension> {
    let said = said(paragraphs, compared);
    let words = |one: &Said| &paragraphs[one.place.0].text[one.range.clone()];
    let mut found = Vec::new();
    for (all, says) in said.iter().filter_map(|one| one.all.map(|says| (one, says))) {
        let contrary = |other: &&Said| other.place.0 != all.place.0 && other.all.is_none() && other.denies == (says == Says::Every);
        for other in said.iter().filter(contrary) {
            let shared = compared.shared(all.place, other.place);
            let weight = compared.weight(all.place).min(compared.weight(other.place)).max(0.1);
            if shared.count >= 2 && shared.sum >= ALIKE * weight {
                let about = format!("“{}” beside “{}”: do both hold?", words(all), words(other));
                found.push(Tension { paragraphs: ascending(paragraphs, all.place.0, other.place.0), about });
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// The numbers of two paragraphs.
fn ascending(paragraphs: &[Paragraph], one: usize, other: usize) -> Vec<u32> {
    [one.min(other), one.max(other)].map(|at| paragraphs[at].number).to_vec()
}

/// How much of the weight of the lighter of two sentences both have to share.
const ALIKE: f64 = 0.35;
/// How many sentences are compared at most: a record has hundreds, a file of any size stays linear.
const COMPARED: usize = 1_500;

#[cfg(test)]
mod tests {
    use crate::import_text;

    /// What is offered of a record in which two experts ask and the delegation says these.
    fn offered(replies: &[&str]) -> Vec<(Vec<u32>, String)> {
        let mut text = "Committee against Torture\nSummary record of the 9th meeting\nThe meeting was called to order at 10 a.m.\n\n\
            1. Ms. Orde (Country Rapporteur) asked what had become of the 43 injury notes that had never reached the procurator.\n\n"
            .to_owned();
        for (reply, number) in replies.iter().zip(2..) {
            text.push_str(&format!("{number}. A representative of Arvenia said that it was so. {reply}\n\n"));
        }
        text.push_str(&format!("{}. The Chair thanked the delegation.\n\nThe meeting rose at 1 p.m.\n", replies.len() + 2));
        import_text(&text).expect("a record").tensions.into_iter().map(|found| (found.paragraphs, found.about)).collect()
    }

    #[test]
    fn a_sum_that_does_not_add_up_is_offered_and_one_that_does_is_not() {
        let found = offered(&["In 2015, 50 persons had died: 30 men, 12 women and 9 children."]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.starts_with("30 + 12 + 9 is 51, and 50"), "{found:?}");
        let holds = [
            "In 2015, 58 persons had been found: 49 women and 9 men, of whom 33 were foreigners.",
            "In 2015, 188 persons had been found: 121 lived at home, 46 had left and 21 were in hospital. So had 15 others.",
        ];
        assert_eq!(offered(&holds), []);
    }

    #[test]
    fn what_is_left_between_two_figures_is_offered_where_somebody_asks_after_it() {
        let found = offered(&["Doctors had written 631 injury notes, and 588 of the notes had reached the procurator."]);
        assert_eq!(found.iter().map(|found| found.0.as_slice()).collect::<Vec<_>>(), [[1, 2]], "{found:?}");
        assert_eq!(offered(&["Doctors had written 631 injury notes, and 580 of the notes had reached the procurator."]), []);
    }

    #[test]
    fn what_is_said_of_all_is_offered_beside_its_contrary() {
        let every = "Every interview room had a camera.";
        let found = offered(&[every, "The interview rooms of 37 stations did not have a camera."]);
        assert_eq!(found.iter().map(|found| found.0.as_slice()).collect::<Vec<_>>(), [[2, 3]], "{found:?}");
        assert_eq!(offered(&[every, "The interview rooms of 37 stations would not have a camera before May."]), []);
        assert_eq!(offered(&[every, "Interview rooms had windows, and a camera stood in the hall."]), []);
    }
}
