//! Questions: each separate thing asked, in the words that ask it. A cue opens the asking; `splitting` parts what follows it.

use crate::model::{Question, QuestionType, Role, Status};
use crate::patterns::{Cues, any_of};
use crate::prose::{Token, is_empty_word, sentences, tokens};
use crate::splitting::{Piece, pieces};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Cues in a text whose adverbs are masked; `~` in their list stands for any adverbs.
fn cues(list: &str) -> Cues {
    let list = list.replace('~', "_*(?:(?:more|further|perhaps|kindly),? _*)*");
    Cues::new(&format!(r"\b_*{}\b(?:, _+)?", any_of(&list)))
}

/// What adverbs become, each byte: a letter to a pattern's `\b`, so that a cue begins with its adverbs.
const MASK: &str = "_";
static ADVERBS: LazyLock<Cues> = LazyLock::new(|| Cues::new(&format!(r"\b{},? ", any_of(include_str!("../words/adverbs.txt")))));

/// A sentence in lower case whose adverbs are masked, every byte in its place. A cue that allowed forty adverbs at each place would be a
/// pattern of tens of thousands of states.
fn masked(sentence: &str) -> String {
    let mut low = sentence.to_ascii_lowercase();
    let adverbs: Vec<Range<usize>> = ADVERBS.find_all(&low);
    for at in adverbs {
        low.replace_range(at.clone(), &MASK.repeat(at.len()));
    }
    low
}

static ASKING: LazyLock<Cues> = LazyLock::new(|| cues(include_str!("../words/asking.txt")));
static ENCOURAGING: LazyLock<Cues> = LazyLock::new(|| cues(include_str!("../words/encouraging.txt")));
static CLARIFYING: LazyLock<Cues> = LazyLock::new(|| Cues::new(include_str!("../words/clarifying.txt").trim_end()));

/// Makes the patterns that [`of_paragraph`] needs.
pub fn make_patterns() {
    [&ADVERBS, &ENCOURAGING, &ASKING, &CLARIFYING].into_iter().for_each(|pattern| {
        LazyLock::force(pattern);
    });
}

/// Bytes of a sentence that is kept with each of its questions. A longer one is pages without a full stop; kept with all of what it asks
/// it would fill a machine, and its questions keep their own words alone.
const LONGEST: usize = 16_384;

/// A cue in a sentence.
struct Cue {
    at: Range<usize>,
    kind: QuestionType,
}

/// Words after which a cue is reported of another time: `had asked`, `been requested`.
fn is_reported(sentence: &str, at: usize) -> bool {
    let before = sentence[..at].trim_end();
    let last = before.rsplit(' ').next().unwrap_or_default().to_lowercase();
    matches!(
        last.as_str(),
        "had"
            | "been"
            | "was"
            | "were"
            | "being"
            | "has"
            | "have"
            | "not"
            | "as"
            | "be"
            | "who"
            | "which"
            | "those"
            | "to"
            | "frequently"
            | "often"
            | "when"
            | "if"
    ) || matches!(last.as_str(), "the" | "of" | "by" | "a")
}

fn cues_of(sentence: &str) -> Vec<Cue> {
    let mut found: Vec<Cue> = Vec::new();
    let low = masked(sentence);
    let kinds = [(&*ENCOURAGING, QuestionType::Encouragement), (&*ASKING, QuestionType::Question)];
    for (regex, kind) in kinds {
        for at in regex.find_all(&low) {
            let overlaps = found.iter().any(|cue| cue.at.start < at.end && at.start < cue.at.end);
            if !overlaps && !is_reported(sentence, at.start) && !is_of_another(sentence, &at) && !is_asked_outright(&low, &at) {
                found.push(Cue { at, kind });
            }
        }
    }
    found.sort_by_key(|cue| cue.at.start);
    found
}

/// `how long could they be held`, `were they free, and could they leave?`: a verb within a question that began before it. `low` is the
/// sentence in lower case.
fn is_asked_outright(low: &str, cue: &Range<usize>) -> bool {
    let before = &low[..cue.start];
    let clause = before.rsplit([',', ';']).next().unwrap_or_default();
    let asks = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| ASKED_OUTRIGHT.contains(&word));
    low[cue.clone()].starts_with("could ") && (asks(clause) || low.ends_with('?') && asks(before))
}

/// Words that a question asked outright begins with.
const ASKED_OUTRIGHT: [&str; 19] = [
    "how", "what", "which", "who", "whom", "why", "when", "where", "was", "were", "is", "are", "did", "does", "do", "had", "has", "have",
    "would",
];

/// `welcome` as praise, `would like to thank`: no asking.
fn is_of_another(sentence: &str, cue: &Range<usize>) -> bool {
    let words = sentence[cue.clone()].to_lowercase();
    let after = sentence[cue.end..].trim_start().to_lowercase();
    let subject = subject_before(&sentence[..cue.start]);
    let others = [
        "courts",
        "judge",
        "judges",
        "persons",
        "parents",
        "prosecutor",
        "procurator",
        "ombudsman",
        "president",
        "parliament",
        "organizations",
        "people",
        "authorities",
        "report",
        "observations",
    ];
    if others.contains(&subject.as_str()) {
        return true;
    }
    words.ends_with("pleased")
        || words.ends_with("pleased to")
            && !after.starts_with("hear")
            && !after.starts_with("learn")
            && !after.starts_with("receive")
            && !after.starts_with("know")
        || words.ends_with("happy to") && !after.starts_with("hear") && !after.starts_with("learn")
        || words.ends_with("glad to") && !["hear", "learn", "receive", "have", "know"].iter().any(|verb| after.starts_with(verb))
        || words.ends_with("encouraged")
            && (after.starts_with("by ") || after.starts_with("to hear") || after.starts_with("to learn") || after.starts_with("to note"))
}

/// The last word before a cue that may be its subject, in lower case.
fn subject_before(before: &str) -> String {
    before.trim_end().rsplit(' ').next().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// A thing asked in a paragraph, before it is numbered.
struct Asked {
    kind: QuestionType,
    text: String,
    sentence: String,
}

/// The questions of one paragraph. Their ids are given when those of all paragraphs are known.
#[must_use]
pub fn of_paragraph(number: u32, role: Role, speaker: Option<&str>, text: &str) -> Vec<Question> {
    let found = match role {
        Role::Chair | Role::Rapporteur | Role::Expert | Role::Observer => by_committee(text, role),
        Role::Delegation => by_delegation(text),
        Role::Secretariat | Role::None => Vec::new(),
    };
    let mut before = HashSet::new();
    let new = found.into_iter().filter(|asked| before.insert(asked.text.clone()));
    new.map(|asked| question(number, speaker, asked)).collect()
}

fn question(paragraph: u32, speaker: Option<&str>, asked: Asked) -> Question {
    let topics = crate::topics::topics(&asked.text);
    Question {
        id: String::new(),
        paragraph,
        kind: asked.kind,
        text: asked.text,
        sentence: asked.sentence,
        asked_by: speaker.map(str::to_owned),
        topics,
        status: Status::None,
        replies: Vec::new(),
        reasons: Vec::new(),
        confidence: 0.0,
        nearest: None,
        earlier: Vec::new(),
        overridden: None,
    }
}

fn by_committee(text: &str, role: Role) -> Vec<Asked> {
    let mut found = Vec::new();
    for range in sentences(text) {
        let sentence = &text[range];
        let cues = cues_of(sentence);
        if cues.is_empty() {
            if sentence.trim_end_matches(['"', '”', '’']).ends_with('?') {
                found.extend(parts(sentence, 0..sentence.len(), 0, QuestionType::Question));
            } else {
                found.extend(wanted_at_end(sentence));
            }
            continue;
        }
        if role == Role::Chair && gives_floor(&sentence.to_lowercase()) {
            continue;
        }
        for (at, cue) in cues.iter().enumerate() {
            let end = cues.get(at + 1).map_or(sentence.len(), |next| next.at.start);
            let last = at.checked_sub(1).map_or(0, |last| cues[last].at.end);
            let start = if sentence[cue.at.end..end].chars().any(char::is_alphanumeric) { cue.at.start } else { last };
            found.extend(parts(sentence, start..end, cue.at.end, cue.kind));
        }
    }
    found
}

/// The chair gives the floor: `invited the delegation to reply`, `asked the head of delegation, Mr. Moss, to present the report`.
/// `low` is a sentence in lower case.
pub fn gives_floor(low: &str) -> bool {
    let floor = [
        "to reply",
        "to respond",
        "to answer",
        "to resume",
        "to continue",
        "to introduce",
        "to present",
        "to make",
        "to take the floor",
        "to begin",
        "to conclude",
        "to put questions",
        "to proceed",
    ];
    let asks = ["invited", "asked the", "asked mr", "asked ms", "asked mrs", "called on", "called upon", "requested the"];
    asks.iter().any(|words| low.contains(words)) && floor.iter().any(|words| low.contains(words)) && !low.contains("whether")
}

/// `Information on X would be welcome.`: the asking stands behind what is asked.
fn wanted_at_end(sentence: &str) -> Vec<Asked> {
    const TAILS: [&str; 12] = [
        "would be welcome",
        "would be appreciated",
        "would be useful",
        "would be helpful",
        "would be of interest",
        "was needed",
        "were needed",
        "was required",
        "would be most welcome",
        "would also be welcome",
        "would also be appreciated",
        "were required",
    ];
    const NOUNS: [&str; 13] = [
        "information",
        "details",
        "detail",
        "clarification",
        "data",
        "statistics",
        "figures",
        "examples",
        "explanation",
        "comment",
        "comments",
        "update",
        "response",
    ];
    let low = sentence.to_lowercase();
    let Some(end) = TAILS.iter().filter_map(|tail| low.find(tail)).min() else { return Vec::new() };
    let nouns = low[..end].split(|c: char| !c.is_alphanumeric()).any(|word| NOUNS.contains(&word));
    if !nouns || !sentence.is_char_boundary(end) {
        return Vec::new();
    }
    parts(sentence, 0..end, 0, QuestionType::Question)
}

/// Words that lead to a question asked outright: `Of the officers convicted, how many …`, not a thing of its own.
fn leads(piece: &Piece) -> bool {
    let words = tokens(&piece.text);
    let begins =
        words.first().is_some_and(|word| matches!(&*word.low, "of" | "in" | "among" | "at" | "under" | "since" | "given" | "with"));
    let asks = |word: &Token<'_>| {
        matches!(&*word.low, "what" | "which" | "who" | "whom" | "how" | "why" | "when" | "where" | "whether" | "was" | "were")
    };
    begins && !words.iter().any(asks)
}

/// A stretch of a sentence from a cue on, parted into things; `asks` is where the cue ends.
fn parts(sentence: &str, stretch: Range<usize>, asks: usize, kind: QuestionType) -> Vec<Asked> {
    let text = &sentence[stretch.clone()];
    let after = asks.saturating_sub(stretch.start).min(text.len());
    let mut found = pieces(text, after, kind == QuestionType::Encouragement);
    if after == 0 && found.len() > 1 && leads(&found[0]) {
        let lead = found.remove(0).text;
        found[0].text = format!("{lead}, {}", found[0].text);
    }
    let around = |text: &str| if sentence.len() <= LONGEST { sentence.to_owned() } else { text.to_owned() };
    found.into_iter().filter(says_something).map(|Piece { text }| Asked { kind, sentence: around(&text), text }).collect()
}

/// Whether a piece names a thing: a word with content, or a word that asks.
fn says_something(piece: &Piece) -> bool {
    let words = tokens(&piece.text);
    let asks = words.iter().any(|word| matches!(&*word.low, "why" | "how" | "whether" | "what" | "who" | "when" | "where" | "which"));
    let full = words.iter().filter(|word| word.is_word() && !is_empty_word(&word.low)).count();
    piece.text.len() >= 3 && words.len() >= 2 && (asks || full > 0)
}

/// What a delegation asks of the committee.
fn by_delegation(text: &str) -> Vec<Asked> {
    let mut found = Vec::new();
    for range in sentences(text) {
        let sentence = &text[range];
        let Some(clarifying) = CLARIFYING.find(sentence) else { continue };
        let asks = cues_of(sentence).into_iter().find(|cue| cue.kind == QuestionType::Question && cue.at.start <= clarifying.end);
        let own = asks.as_ref().is_some_and(|cue| is_own(&sentence[..cue.at.start]));
        if let Some(cue) = asks.filter(|_| own) {
            found.extend(parts(sentence, cue.at.start..sentence.len(), cue.at.end, QuestionType::Clarification));
        }
    }
    found
}

/// Whether the subject before a cue is whoever speaks.
fn is_own(before: &str) -> bool {
    let last = subject_before(before);
    matches!(last.as_str(), "he" | "she" | "it" | "they" | "delegation" | "government" | "also" | "therefore" | "and" | "")
        || before.len() < 60
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<String> {
        of_paragraph(1, Role::Expert, None, text).into_iter().map(|question| question.text).collect()
    }

    #[test]
    fn each_separate_thing_is_a_question() {
        let text = "She wished to know how many calls had been made, who had paid for them and, if so, from what moment.";
        assert_eq!(asked(text).len(), 3, "{:?}", asked(text));
        let text =
            "He would be grateful for an account of the channels open to children and of the last inspection, including its findings.";
        assert_eq!(asked(text).len(), 3, "{:?}", asked(text));
        let text = "She asked about the number of transfers and the cost of each.";
        assert_eq!(asked(text).len(), 2, "{:?}", asked(text));
        let text = "She asked about access to books and the holding of classes.";
        assert_eq!(asked(text).len(), 2, "{:?}", asked(text));
    }

    #[test]
    fn questions_asked_outright_in_one_sentence_are_parted_at_each_verb() {
        let text = "How many were held there, how long could they be detained, and did they have access to counsel?";
        assert_eq!(asked(text), ["How many were held there", "how long could they be detained", "did they have access to counsel?"]);
        assert_eq!(asked("Could they challenge it?"), ["Could they challenge it?"]);
        let text =
            "He would be grateful for the number of transfers, for an account of the remedies and for confirmation that all had ended.";
        assert_eq!(asked(text).len(), 3, "{:?}", asked(text));
    }

    #[test]
    fn words_under_one_head_are_one_question() {
        assert_eq!(asked("He asked about the number of requests, refusals and appeals.").len(), 1);
        assert_eq!(asked("He asked whether there were enough beds and blankets.").len(), 1);
    }

    #[test]
    fn what_was_asked_at_another_time_is_no_question() {
        assert!(asked("The Committee had asked for that before. The courts had been asked to use bail.").is_empty());
    }
}
