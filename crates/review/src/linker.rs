//! The linker: which later paragraphs answer a question, why, how surely, and how far. Shared rare words decide; a person may overrule.

use crate::model::{Figure, Kind, Paragraph, Question, QuestionType, Role, Status};
use crate::prose::{Token, is_empty_word, sentences, stem, tokens};
use std::collections::{BTreeMap, HashMap, HashSet};
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

/// The words of a document, each meaning with a number: stems, merged where they mean nearly the same; proper names keep their form.
#[derive(Default)]
struct Words {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
    /// Meanings of each word as it stands, so that a word is stemmed once.
    known: HashMap<String, Vec<u32>>,
}

impl Words {
    /// The meanings of a text, sorted, each once.
    fn meanings(&mut self, text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        for word in tokens(text).into_iter().filter(Token::is_word) {
            if let Some(known) = self.known.get(&word.low) {
                found.extend_from_slice(known);
                continue;
            }
            let own = self.of_word(&word.low);
            found.extend_from_slice(&own);
            self.known.insert(word.low, own);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn of_word(&mut self, low: &str) -> Vec<u32> {
        if is_empty_word(low) || low.len() <= 2 {
            return Vec::new();
        }
        let parts = low.split('-').filter(|part| !is_empty_word(part) && part.len() > 2);
        parts
            .map(|part| {
                let stem = stem(part);
                self.number(MEANINGS.get(&stem).cloned().unwrap_or(stem))
            })
            .collect()
    }

    fn number(&mut self, name: String) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }
}

/// How rare each meaning is, and in which sentences of the delegation it stands.
struct Index {
    weights: Vec<f64>,
    rarest: f64,
    /// For each meaning, the paragraph and the sentence (counted over the document), ascending.
    places: Vec<Vec<(usize, usize)>>,
    /// For each paragraph, its meanings.
    of: Vec<Vec<u32>>,
    sentences: usize,
}

impl Index {
    #[expect(clippy::cast_precision_loss, reason = "counts of paragraphs are far below 2^52")]
    fn of(paragraphs: &[Paragraph], words: &mut Words) -> Self {
        let mut index = Index { weights: Vec::new(), rarest: 0.0, places: Vec::new(), of: Vec::new(), sentences: 0 };
        let mut counts: Vec<usize> = Vec::new();
        for (at, paragraph) in paragraphs.iter().enumerate() {
            let mut all = Vec::new();
            for range in sentences(&paragraph.text) {
                let part = words.meanings(&paragraph.text[range]);
                index.places.resize(words.names.len(), Vec::new());
                if paragraph.role == Role::Delegation {
                    part.iter().for_each(|word| index.places[*word as usize].push((at, index.sentences)));
                }
                index.sentences += 1;
                all.extend(part);
            }
            all.sort_unstable();
            all.dedup();
            counts.resize(words.names.len(), 0);
            all.iter().for_each(|word| counts[*word as usize] += 1);
            index.of.push(all);
        }
        let all = paragraphs.len().max(1) as f64;
        index.rarest = (1.0 + all).ln();
        index.weights = counts.into_iter().map(|count| (1.0 + all / count as f64).ln()).collect();
        index
    }

    fn weight(&self, word: u32) -> f64 {
        self.weights.get(word as usize).copied().unwrap_or(self.rarest)
    }

    fn sum(&self, words: &[u32]) -> f64 {
        words.iter().map(|word| self.weight(*word)).sum()
    }

    /// Where a meaning stands in the paragraphs of a range.
    fn within(&self, word: u32, range: &Range<usize>) -> &[(usize, usize)] {
        let places = self.places.get(word as usize).map_or(&[][..], Vec::as_slice);
        let from = places.partition_point(|(at, _)| *at < range.start);
        let to = places.partition_point(|(at, _)| *at < range.end);
        &places[from..to.max(from)]
    }
}

/// What a paragraph shares with a question.
#[derive(Default)]
struct Shared {
    /// With the question's own words, in one sentence at most.
    near: f64,
    /// With its own words, in the whole paragraph.
    far: f64,
    /// With the words around it.
    lent: f64,
    /// The sentence counted last, and what it shares so far.
    in_sentences: Vec<(usize, f64)>,
    last_own: Option<u32>,
    last_lent: Option<u32>,
}

/// Links each question to the paragraphs that answer it, and says how far they do.
pub fn link(questions: &mut [Question], paragraphs: &[Paragraph], figures: &[Figure]) {
    let mut words = Words::default();
    let index = Index::of(paragraphs, &mut words);
    let places: HashMap<u32, usize> = paragraphs.iter().enumerate().map(|(at, paragraph)| (paragraph.number, at)).collect();
    let stated = figures.iter().map(|figure| figure.paragraph).collect();
    let given = figures.iter().filter(|figure| figure.stated_by == Role::Delegation).map(|figure| figure.paragraph).collect();
    let refusing = paragraphs.iter().map(|paragraph| paragraph.role == Role::Delegation && declines(&paragraph.text)).collect();
    let mut linking = Linking { paragraphs, refusing, places: &places, stated, given, index: &index, words };
    let mut before: Option<Question> = None;
    for question in questions.iter_mut() {
        let Some(at) = places.get(&question.paragraph) else { continue };
        let leans = linking.words.meanings(&question.text).is_empty();
        match before.as_ref().filter(|before| leans && before.sentence == question.sentence && before.kind == question.kind) {
            Some(before) => linking.lean(question, before),
            None => linking.link(question, *at),
        }
        before = Some(question.clone());
    }
    clarified(questions, paragraphs, &places);
}

struct Linking<'a> {
    paragraphs: &'a [Paragraph],
    /// Whether each paragraph refuses an answer.
    refusing: Vec<bool>,
    /// Where each paragraph is, by its number.
    places: &'a HashMap<u32, usize>,
    /// Paragraphs that state a figure.
    stated: HashSet<u32>,
    /// Those in which the delegation does.
    given: HashSet<u32>,
    index: &'a Index,
    words: Words,
}

/// A paragraph with its score.
struct Scored {
    index: usize,
    score: f64,
    far: f64,
}

/// How far behind a question a reply is looked for: enough for the longest record, and the work stays linear.
const REACH: usize = 400;

impl Linking<'_> {
    fn link(&mut self, question: &mut Question, at: usize) {
        let (own, context) = self.words_of(question);
        let later = at + 1..self.paragraphs.len().min(at + REACH);
        if question.kind == QuestionType::Clarification {
            self.explain(question, at);
            return;
        }
        let mut scored = self.scores(&own, &context, &later);
        scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
        let best = scored.first().map_or(0.0, |first| first.score);
        if best >= ENOUGH {
            for found in scored.iter().take_while(|found| found.score >= ENOUGH && found.score >= best * BEHIND).take(MOST) {
                question.replies.push(self.paragraphs[found.index].number);
                question.reasons.push(self.reason(question, found, &own));
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
        let Some(first) = question.replies.first().copied() else { return };
        question.reasons.push(format!("it leans on {}, which is answered there", before.id));
        question.confidence = (before.confidence * 80.0).round() / 100.0;
        let given = self.stated.contains(&first);
        question.status = match before.status {
            Status::Full | Status::Partial if given && counts(&question.text.to_lowercase()) => Status::Full,
            Status::Full | Status::Partial if question.text.contains("why") && self.explains(first) => Status::Full,
            Status::Full | Status::Partial => Status::Partial,
            Status::Declined | Status::None => before.status,
        };
    }

    /// Whether a paragraph gives a reason.
    fn explains(&self, number: u32) -> bool {
        self.places.get(&number).is_some_and(|at| gives_reason(&self.paragraphs[*at].text.to_lowercase()))
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
    fn words_of(&mut self, question: &Question) -> (Vec<u32>, Vec<u32>) {
        let own = self.words.meanings(&question.text);
        let mut context = self.words.meanings(&question.sentence);
        context.retain(|word| own.binary_search(word).is_err());
        (own, context)
    }

    /// What each paragraph of the delegation in a range shares with words, in order of paragraphs.
    fn shared(&self, own: &[u32], context: &[u32], range: &Range<usize>) -> BTreeMap<usize, Shared> {
        let mut found: BTreeMap<usize, Shared> = BTreeMap::new();
        for word in own {
            let weight = self.index.weight(*word);
            for (at, sentence) in self.index.within(*word, range) {
                let shared = found.entry(*at).or_default();
                if shared.last_own != Some(*word) {
                    shared.far += weight;
                    shared.last_own = Some(*word);
                }
                match shared.in_sentences.iter_mut().find(|(number, _)| number == sentence) {
                    Some((_, sum)) => *sum += weight,
                    None => shared.in_sentences.push((*sentence, weight)),
                }
            }
        }
        for word in context {
            let weight = self.index.weight(*word);
            for (at, _) in self.index.within(*word, range) {
                let shared = found.entry(*at).or_default();
                if shared.last_lent != Some(*word) {
                    shared.lent += weight;
                    shared.last_lent = Some(*word);
                }
            }
        }
        for shared in found.values_mut() {
            shared.near = shared.in_sentences.iter().map(|(_, sum)| *sum).fold(0.0, f64::max);
        }
        found
    }

    fn scores(&self, own: &[u32], context: &[u32], places: &Range<usize>) -> Vec<Scored> {
        let whole = self.index.sum(own);
        let around = self.index.sum(context);
        let thin = match own.len() {
            0 => 1.1,
            1 => 0.28,
            _ => 0.18,
        };
        self.shared(own, context, places)
            .into_iter()
            .filter(|(at, _)| self.paragraphs[*at].kind == Kind::Reply)
            .map(|(at, Shared { near, far, lent, .. })| {
                let own_score = if whole > 0.0 { (0.5 * near + 0.5 * far) / whole } else { 0.0 };
                let context_score = if around > 0.0 { lent / around } else { 0.0 };
                let declined = lent > 0.0 && own.len() > 1 && self.refusing[at];
                let context_score = if declined { context_score + 0.3 / thin } else { context_score };
                Scored { index: at, score: own_score * (1.0 - thin).max(0.0) + context_score * thin, far }
            })
            .collect()
    }

    fn reason(&self, question: &Question, found: &Scored, own: &[u32]) -> String {
        let paragraph = &self.paragraphs[found.index];
        let name = |word: &u32| self.words.names[*word as usize].as_str();
        let mut shared: Vec<&u32> = own.iter().filter(|word| self.index.of[found.index].binary_search(word).is_ok()).collect();
        shared.sort_by(|a, b| self.index.weight(**b).total_cmp(&self.index.weight(**a)).then_with(|| name(a).cmp(name(b))));
        let words: Vec<&str> = shared.into_iter().take(4).map(|word| name(word).trim_start_matches('=')).collect();
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
    fn earlier(&self, own: &[u32], context: &[u32], at: usize) -> Vec<u32> {
        let whole = self.index.sum(own).max(0.1);
        let mut found: Vec<(f64, u32)> = self
            .shared(own, context, &(at.saturating_sub(REACH)..at))
            .into_iter()
            .map(|(before, shared)| ((shared.far + 0.2 * shared.lent) / whole, self.paragraphs[before].number))
            .filter(|(score, _)| *score >= 0.45)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(MOST);
        found.into_iter().map(|(_, number)| number).collect()
    }

    fn status(&self, question: &Question, scored: &[Scored], own: &[u32]) -> Status {
        let Some(best) = scored.first().filter(|_| !question.replies.is_empty()) else { return Status::None };
        let paragraph = &self.paragraphs[best.index];
        let low = paragraph.text.to_lowercase();
        if self.refusing[best.index] {
            return Status::Declined;
        }
        if PUTS_OFF.iter().any(|words| low.contains(words)) || question.kind == QuestionType::Encouragement {
            return Status::Partial;
        }
        let asks = question.text.to_lowercase();
        if counts(&asks) {
            let given = question.replies.iter().any(|reply| self.given.contains(reply));
            return if given { Status::Full } else { Status::Partial };
        }
        let covered = best.far / self.index.sum(own).max(0.1);
        if asks.contains("why") && !gives_reason(&low) || covered < 0.4 {
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

/// Whether a text gives a reason; in lower case.
fn gives_reason(low: &str) -> bool {
    ["because", "due to", "owing to", "reason", "since"].iter().any(|words| low.contains(words))
}

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
fn clarified(questions: &mut [Question], paragraphs: &[Paragraph], places: &HashMap<u32, usize>) {
    let pairs: Vec<(usize, String, u32)> = questions
        .iter()
        .enumerate()
        .filter(|(_, question)| question.kind == QuestionType::Clarification)
        .filter_map(|(place, question)| {
            let at = *places.get(question.replies.first()?)?;
            let answer = paragraphs[at + 1..]
                .iter()
                .take(3)
                .find(|paragraph| paragraph.kind == Kind::Reply && paragraph.role == Role::Delegation)?;
            Some((place, quoted(&question.text)?, answer.number))
        })
        .collect();
    for (place, words, answer) in pairs {
        let asked = questions[place].paragraph;
        for question in &mut questions[place.saturating_sub(REACH)..place] {
            let is_first = question.kind != QuestionType::Clarification && question.paragraph < asked;
            if is_first && question.text.to_lowercase().contains(&words) {
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
