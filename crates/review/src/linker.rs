//! The linker: which later paragraphs answer a question, why, how surely, and how far. Shared rare words decide; a person may overrule.

use crate::model::{Figure, Kind, Paragraph, Question, QuestionType, Role, Status};
use crate::prose::{is_empty_word, sentences, stem, tokens};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

/// Words that mean nearly the same in these dialogues: each line of the table is one meaning.
static MEANINGS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut meanings = HashMap::new();
    for line in include_str!("../words/synonyms.txt").lines() {
        let Some(first) = line.split_whitespace().next() else { continue };
        for word in line.split_whitespace() {
            meanings.entry(stem(word)).or_insert_with(|| format!("={}", stem(first)));
        }
    }
    meanings
});

/// How much of a question's weight a reply has to share.
const ENOUGH: f64 = 0.30;
/// How far behind the best reply another may be.
const BEHIND: f64 = 0.72;
/// At most so many replies.
const MOST: usize = 3;

/// The meanings of a text: stems, merged where they mean nearly the same; proper names keep their form.
fn meanings(text: &str) -> HashSet<String> {
    tokens(text)
        .iter()
        .filter(|word| word.is_word() && !is_empty_word(&word.low) && word.low.len() > 2)
        .flat_map(|word| word.low.split('-').map(str::to_owned).collect::<Vec<_>>())
        .filter(|low| !is_empty_word(low) && low.len() > 2)
        .map(|low| {
            let stem = stem(&low);
            MEANINGS.get(&stem).cloned().unwrap_or(stem)
        })
        .collect()
}

/// A paragraph as the linker sees it.
struct Answer {
    index: usize,
    all: HashSet<String>,
    parts: Vec<HashSet<String>>,
}

/// How rare each meaning is.
struct Rarity {
    weights: HashMap<String, f64>,
    rarest: f64,
}

impl Rarity {
    #[expect(clippy::cast_precision_loss, reason = "counts of paragraphs are far below 2^52")]
    fn of(paragraphs: &[HashSet<String>]) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for word in paragraphs.iter().flatten() {
            *counts.entry(word).or_default() += 1;
        }
        let all = paragraphs.len().max(1) as f64;
        let weight = |count: usize| (1.0 + all / count as f64).ln();
        let weights = counts.into_iter().map(|(word, count)| (word.to_owned(), weight(count))).collect();
        Rarity { weights, rarest: (1.0 + all).ln() }
    }

    fn weight(&self, word: &str) -> f64 {
        self.weights.get(word).copied().unwrap_or(self.rarest)
    }

    fn sum<'a>(&self, words: impl Iterator<Item = &'a String>) -> f64 {
        words.map(|word| self.weight(word)).sum()
    }
}

/// Links each question to the paragraphs that answer it, and says how far they do.
pub fn link(questions: &mut [Question], paragraphs: &[Paragraph], figures: &[Figure]) {
    let all: Vec<HashSet<String>> = paragraphs.iter().map(|paragraph| meanings(&paragraph.text)).collect();
    let rarity = Rarity::of(&all);
    let places: HashMap<u32, usize> = paragraphs.iter().enumerate().map(|(at, paragraph)| (paragraph.number, at)).collect();
    let answers: Vec<Answer> = paragraphs
        .iter()
        .enumerate()
        .map(|(index, paragraph)| {
            let parts = sentences(&paragraph.text).into_iter().map(|range| meanings(&paragraph.text[range])).collect();
            Answer { index, all: all[index].clone(), parts }
        })
        .collect();
    let linking = Linking { paragraphs, figures, rarity: &rarity, answers: &answers };
    let mut before: Option<Question> = None;
    for question in questions.iter_mut() {
        let Some(at) = places.get(&question.paragraph) else { continue };
        let leans = meanings(&question.text).is_empty();
        match before.as_ref().filter(|before| leans && before.sentence == question.sentence && before.kind == question.kind) {
            Some(before) => linking.lean(question, before),
            None => linking.link(question, *at),
        }
        before = Some(question.clone());
    }
    clarified(questions, paragraphs);
}

struct Linking<'a> {
    paragraphs: &'a [Paragraph],
    figures: &'a [Figure],
    rarity: &'a Rarity,
    answers: &'a [Answer],
}

/// A paragraph with its score.
struct Scored {
    index: usize,
    score: f64,
    shared: Vec<String>,
}

/// How far behind a question a reply is looked for: enough for the longest record, and the work stays linear.
const REACH: usize = 400;

impl Linking<'_> {
    fn link(&self, question: &mut Question, at: usize) {
        let (own, context) = self.words_of(question);
        let later = at + 1..self.paragraphs.len().min(at + REACH);
        if question.kind == QuestionType::Clarification {
            self.explain(question, at);
            return;
        }
        let mut scored = self.scores(&own, &context, later);
        scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
        let best = scored.first().map_or(0.0, |first| first.score);
        if best >= ENOUGH {
            for found in scored.iter().take_while(|found| found.score >= ENOUGH && found.score >= best * BEHIND).take(MOST) {
                question.replies.push(self.paragraphs[found.index].number);
                question.reasons.push(self.reason(question, found));
            }
            question.confidence = (best.min(1.0) * 100.0).round() / 100.0;
        } else {
            question.nearest = scored.first().filter(|first| first.score > ENOUGH / 2.0).map(|first| self.paragraphs[first.index].number);
        }
        question.earlier = self.earlier(&own, &context, at);
        question.status = self.status(question, &scored, &own);
    }

    /// `and, if so, how often`: it leans on the thing before it, and what answers that may answer this too.
    fn lean(&self, question: &mut Question, before: &Question) {
        question.replies.clone_from(&before.replies);
        question.earlier.clone_from(&before.earlier);
        question.nearest = before.nearest;
        if question.replies.is_empty() {
            return;
        }
        question.reasons.push(format!("it leans on {}, which is answered there", before.id));
        question.confidence = (before.confidence * 80.0).round() / 100.0;
        let given = self.figures.iter().any(|figure| question.replies.first() == Some(&figure.paragraph));
        question.status = match before.status {
            Status::Full | Status::Partial if given && counts(&question.text.to_lowercase()) => Status::Full,
            Status::Full | Status::Partial => Status::Partial,
            Status::Declined | Status::None => before.status,
        };
    }

    /// What a delegation asks, a member of the committee explains within the next few paragraphs.
    fn explain(&self, question: &mut Question, at: usize) {
        let near = self.paragraphs.iter().skip(at + 1).take(3);
        let Some(found) = near.into_iter().find(|paragraph| paragraph.role.is_committee() && paragraph.kind != Kind::Procedure) else {
            return;
        };
        question.replies.push(found.number);
        question.reasons.push(format!("paragraph {} is the committee's next word", found.number));
        question.confidence = 0.8;
        question.status = Status::Full;
    }

    /// The words of a question, and those of the sentence around it, which count less.
    fn words_of(&self, question: &Question) -> (HashSet<String>, HashSet<String>) {
        let own = meanings(&question.text);
        let context: HashSet<String> = meanings(&question.sentence).difference(&own).cloned().collect();
        (own, context)
    }

    fn scores(&self, own: &HashSet<String>, context: &HashSet<String>, places: Range<usize>) -> Vec<Scored> {
        let whole = self.rarity.sum(own.iter());
        let around = self.rarity.sum(context.iter());
        places
            .filter(|at| {
                let paragraph = &self.paragraphs[*at];
                paragraph.role == Role::Delegation && paragraph.kind == Kind::Reply
            })
            .map(|at| {
                let answer = &self.answers[at];
                let near = answer.parts.iter().map(|part| self.rarity.sum(own.intersection(part))).fold(0.0, f64::max);
                let far = self.rarity.sum(own.intersection(&answer.all));
                let lent = self.rarity.sum(context.intersection(&answer.all));
                let own_score = if whole > 0.0 { (0.5 * near + 0.5 * far) / whole } else { 0.0 };
                let context_score = if around > 0.0 { lent / around } else { 0.0 };
                let thin = match own.len() {
                    0 => 1.1,
                    1 => 0.28,
                    _ => 0.18,
                };
                let declined = lent > 0.0 && own.len() > 1 && declines(&self.paragraphs[at].text);
                let context_score = if declined { context_score + 0.3 / thin } else { context_score };
                let mut shared: Vec<String> = own.intersection(&answer.all).cloned().collect();
                shared.sort_by(|a, b| self.rarity.weight(b).total_cmp(&self.rarity.weight(a)).then(a.cmp(b)));
                Scored { index: answer.index, score: own_score * (1.0 - thin).max(0.0) + context_score * thin, shared }
            })
            .collect()
    }

    fn reason(&self, question: &Question, found: &Scored) -> String {
        let paragraph = &self.paragraphs[found.index];
        let words: Vec<&str> = found.shared.iter().take(4).map(|word| word.trim_start_matches('=')).collect();
        let low = paragraph.text.to_lowercase();
        let named =
            question.asked_by.as_deref().and_then(|name| name.rsplit(' ').next()).is_some_and(|name| low.contains(&name.to_lowercase()));
        let mut reason = format!("paragraph {} shares `{}`", paragraph.number, words.join("`, `"));
        if named {
            reason.push_str("; it names who asked");
        }
        if ["with regard to", "as to", "regarding", "as for", "on the question of", "concerning"].iter().any(|lead| low.contains(lead)) {
            reason.push_str("; it says what it answers");
        }
        reason
    }

    /// Paragraphs of the delegation before the question that touch the same thing.
    fn earlier(&self, own: &HashSet<String>, context: &HashSet<String>, at: usize) -> Vec<u32> {
        let whole = self.rarity.sum(own.iter()).max(0.1);
        let mut found: Vec<(f64, u32)> = (at.saturating_sub(REACH)..at)
            .filter(|before| self.paragraphs[*before].role == Role::Delegation)
            .map(|before| {
                let shared = self.rarity.sum(own.intersection(&self.answers[before].all))
                    + 0.2 * self.rarity.sum(context.intersection(&self.answers[before].all));
                (shared / whole, self.paragraphs[before].number)
            })
            .filter(|(score, _)| *score >= 0.45)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(MOST);
        found.into_iter().map(|(_, number)| number).collect()
    }

    fn status(&self, question: &Question, scored: &[Scored], own: &HashSet<String>) -> Status {
        let Some(best) = scored.first().filter(|_| !question.replies.is_empty()) else { return Status::None };
        let paragraph = &self.paragraphs[best.index];
        let low = paragraph.text.to_lowercase();
        if declines(&paragraph.text) {
            return Status::Declined;
        }
        if PUTS_OFF.iter().any(|words| low.contains(words)) || question.kind == QuestionType::Encouragement {
            return Status::Partial;
        }
        let asks = question.text.to_lowercase();
        let answers: Vec<u32> = question.replies.clone();
        if counts(&asks) {
            let given = self.figures.iter().any(|figure| answers.contains(&figure.paragraph) && figure.stated_by == Role::Delegation);
            return if given { Status::Full } else { Status::Partial };
        }
        let covered = self.rarity.sum(own.intersection(&self.answers[best.index].all)) / self.rarity.sum(own.iter()).max(0.1);
        if asks.contains("why") && !["because", "due to", "owing to", "reason", "since"].iter().any(|words| low.contains(words))
            || covered < 0.4
        {
            return Status::Partial;
        }
        Status::Full
    }
}

/// The words by which an answer is refused.
const DECLINES: [&str; 14] = [
    "not in a position to",
    "could not comment",
    "would not comment",
    "unable to comment",
    "declined to",
    "outside the scope",
    "beyond the scope",
    "did not fall within",
    "outside the committee's mandate",
    "outside the committee’s mandate",
    "not wish to comment",
    "no comment",
    "not at liberty",
    "could not disclose",
];

/// Whether a number is asked for; the text is in lower case.
pub fn counts(asks: &str) -> bool {
    const NUMBERS: [&str; 10] =
        ["how many", "number of", "how often", "figures", "statistics", "percentage", "proportion", "how much", "data on", "how long"];
    NUMBERS.iter().any(|words| asks.contains(words))
}

/// Whether a paragraph says that it will not answer.
fn declines(text: &str) -> bool {
    let low = text.to_lowercase();
    DECLINES.iter().any(|words| low.contains(words))
}

/// The words by which it is put off.
const PUTS_OFF: [&str; 12] = [
    "under consideration",
    "under study",
    "being studied",
    "being considered",
    "would be considered",
    "would consider",
    "would be provided",
    "in writing",
    "would be submitted",
    "did not have",
    "no figures",
    "were not available",
];

/// A pair of clarification: the paragraph after the committee's explanation answers what was asked first about the same words.
fn clarified(questions: &mut [Question], paragraphs: &[Paragraph]) {
    let pairs: Vec<(String, u32, u32)> = questions
        .iter()
        .filter(|question| question.kind == QuestionType::Clarification)
        .filter_map(|question| {
            let explained = *question.replies.first()?;
            let at = paragraphs.iter().position(|paragraph| paragraph.number == explained)?;
            let answer = paragraphs[at + 1..]
                .iter()
                .take(3)
                .find(|paragraph| paragraph.kind == Kind::Reply && paragraph.role == Role::Delegation)?;
            let quoted = quoted(&question.text)?;
            Some((quoted, question.paragraph, answer.number))
        })
        .collect();
    for (words, asked, answer) in pairs {
        for question in questions.iter_mut().filter(|question| question.kind != QuestionType::Clarification && question.paragraph < asked) {
            if question.text.to_lowercase().contains(&words) {
                question.replies.retain(|reply| *reply != answer);
                question.replies.insert(0, answer);
                question.replies.truncate(MOST);
                question.reasons.insert(0, format!("paragraph {answer} follows the explanation of `{words}` that was asked for"));
                question.confidence = question.confidence.max(0.7);
                question.nearest = None;
                question.status = question.status.max(Status::Full);
            }
        }
    }
}

/// The words in quotation marks, in lower case.
fn quoted(text: &str) -> Option<String> {
    let start = text.find(['“', '"', '‘'])?;
    let mark = text[start..].chars().next()?;
    let inner = &text[start + mark.len_utf8()..];
    let end = inner.find(['”', '"', '’'])?;
    Some(inner[..end].to_lowercase()).filter(|words| words.len() > 2)
}
