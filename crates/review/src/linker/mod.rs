//! The linker: which later paragraphs answer a question, why, how surely, and how far. Shared rare words decide; a person may overrule.

pub mod answer;
mod evidence;
mod order;

use crate::model::{Figure, Kind, Paragraph, Question, QuestionType, Role, Status};
use crate::prose::{Token, is_empty_word, sentences, stem, tokens};
use evidence::{Place, Scored, odds};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

/// Words that mean nearly the same in these dialogues: each line of the table is one meaning.
static MEANINGS: LazyLock<HashMap<String, String, RandomState>> = LazyLock::new(|| {
    let mut meanings = HashMap::default();
    for line in include_str!("../../words/synonyms.txt").lines() {
        let Some(first) = line.split_whitespace().next() else { continue };
        for word in line.split_whitespace() {
            meanings.entry(stem(word)).or_insert_with(|| format!("={}", stem(first)));
        }
    }
    meanings
});

/// Makes the table of meanings that [`link`] needs.
pub fn make_meanings() {
    LazyLock::force(&MEANINGS);
}

/// How sure it has to be for the reply to be named, to be read before one says that there was none.
const NAMED: f64 = 0.27;
/// How far behind the best reply's odds another's may be, as a factor.
const BEHIND: f64 = 2.7;
/// What a word of a question weighs that no reply uses.
const UNUSED: f64 = 0.5;
/// At most so many replies.
const MOST: usize = 3;

/// The words of a document, each meaning with a number: stems, merged where they mean nearly the same; proper names keep their form.
#[derive(Default)]
struct Words {
    numbers: HashMap<String, u32, RandomState>,
    names: Vec<String>,
    /// Where in `each` the meanings of each word stand, so that a word is stemmed once.
    known: HashMap<String, Range<usize>, RandomState>,
    each: Vec<u32>,
}

impl Words {
    /// The meanings of a text, sorted, each once.
    fn meanings(&mut self, text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        for word in tokens(text).into_iter().filter(Token::is_word) {
            let known = self.known.get(&*word.low).cloned();
            let own = known.unwrap_or_else(|| self.learn(&word.low));
            found.extend_from_slice(&self.each[own]);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn learn(&mut self, low: &str) -> Range<usize> {
        let from = self.each.len();
        if !is_empty_word(low) && low.len() > 2 {
            for part in low.split('-').filter(|part| !is_empty_word(part) && part.len() > 2) {
                let stem = stem(part);
                let number = self.number(MEANINGS.get(&stem).cloned().unwrap_or(stem));
                self.each.push(number);
            }
        }
        let own = from..self.each.len();
        self.known.insert(low.to_owned(), own.clone());
        own
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
    /// For each sentence, its meanings.
    sentences: Vec<Vec<u32>>,
    /// For each paragraph, the number of its first sentence.
    first: Vec<usize>,
    /// For each paragraph, where its sentences stand in it.
    ranges: Vec<Vec<Range<usize>>>,
}

impl Index {
    #[expect(clippy::cast_precision_loss, reason = "counts of paragraphs are far below 2^52")]
    fn of(paragraphs: &[Paragraph], words: &mut Words) -> Self {
        let mut index = Index {
            weights: Vec::new(),
            rarest: 0.0,
            places: Vec::new(),
            of: Vec::new(),
            sentences: Vec::new(),
            first: Vec::new(),
            ranges: Vec::new(),
        };
        let mut counts: Vec<usize> = Vec::new();
        for (at, paragraph) in paragraphs.iter().enumerate() {
            let mut all = Vec::new();
            index.first.push(index.sentences.len());
            let ranges = sentences(&paragraph.text);
            for range in &ranges {
                let part = words.meanings(&paragraph.text[range.clone()]);
                index.places.resize(words.names.len(), Vec::new());
                if paragraph.role == Role::Delegation {
                    part.iter().for_each(|word| index.places[*word as usize].push((at, index.sentences.len())));
                }
                all.extend_from_slice(&part);
                index.sentences.push(part);
            }
            all.sort_unstable();
            all.dedup();
            counts.resize(words.names.len(), 0);
            all.iter().for_each(|word| counts[*word as usize] += 1);
            index.of.push(all);
            index.ranges.push(ranges);
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

    /// The same, where a word that no reply uses counts less: it cannot tell one reply from another.
    fn sum_used(&self, words: &[u32]) -> f64 {
        let used = |word: u32| self.places.get(word as usize).is_some_and(|places| !places.is_empty());
        words.iter().map(|word| self.weight(*word) * if used(*word) { 1.0 } else { UNUSED }).sum()
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
    /// The sentence that shares most.
    nearest: usize,
    last_own: Option<u32>,
    last_lent: Option<u32>,
}

/// Links each question to the paragraphs that answer it, and says how far they do.
pub fn link(questions: &mut [Question], paragraphs: &[Paragraph], figures: &[Figure]) {
    let mut words = Words::default();
    let index = Index::of(paragraphs, &mut words);
    let places: HashMap<u32, usize> = paragraphs.iter().enumerate().map(|(at, paragraph)| (paragraph.number, at)).collect();
    let mut stated: HashMap<u32, Vec<&Figure>> = HashMap::new();
    figures.iter().for_each(|figure| stated.entry(figure.paragraph).or_default().push(figure));
    let mut linking = Linking { paragraphs, places: &places, stated, index: &index, words };
    let asked: Vec<Asked> = questions.iter().map(|question| linking.words_of(question)).collect();
    let mut scores: Vec<Vec<Scored>> = questions.iter().zip(&asked).map(|(question, words)| linking.alike(question, words)).collect();
    let count = |at: usize| index.first.get(at + 1).copied().unwrap_or(index.sentences.len()) - index.first[at];
    order::place(questions, &mut scores, paragraphs, &places, &count);
    let mut before: Option<Question> = None;
    for ((question, scored), words) in questions.iter_mut().zip(scores).zip(&asked) {
        let Some(at) = places.get(&question.paragraph) else { continue };
        let leans = words.own.is_empty();
        match before.as_ref().filter(|before| leans && before.sentence == question.sentence && before.kind == question.kind) {
            Some(before) => linking.lean(question, before),
            None => linking.link(question, *at, scored, words),
        }
        before = Some(question.clone());
    }
    clarified(questions, paragraphs, &places);
}

/// The words of a question, and those around it.
struct Asked {
    own: Vec<u32>,
    context: Vec<u32>,
}

struct Linking<'a> {
    paragraphs: &'a [Paragraph],
    /// Where each paragraph is, by its number.
    places: &'a HashMap<u32, usize>,
    /// The figures that a paragraph states.
    stated: HashMap<u32, Vec<&'a Figure>>,
    index: &'a Index,
    words: Words,
}

/// So many bytes of a paragraph are looked through for the sentence of a question: the work stays linear.
const FAR: usize = 20_000;
/// How far behind a question a reply is looked for: enough for the longest record, and the work stays linear.
const REACH: usize = 400;

impl Linking<'_> {
    /// What each later reply shares with a question.
    fn alike(&self, question: &Question, words: &Asked) -> Vec<Scored> {
        let Some(at) = self.places.get(&question.paragraph).copied() else { return Vec::new() };
        self.scores(&words.own, &words.context, &(at + 1..self.paragraphs.len().min(at + REACH)))
    }

    fn link(&self, question: &mut Question, at: usize, mut scored: Vec<Scored>, words: &Asked) {
        let Asked { own, context } = words;
        if question.kind == QuestionType::Clarification {
            self.explain(question, at);
            return;
        }
        scored.sort_by(|a, b| b.sureness().total_cmp(&a.sureness()).then(a.index.cmp(&b.index)));
        let best = scored.first().map_or(0.0, Scored::sureness);
        if best >= NAMED {
            for found in scored.iter().take_while(|found| found.sureness() >= NAMED && found.odds() * BEHIND >= odds(best)).take(MOST) {
                question.replies.push(self.paragraphs[found.index].number);
                question.reasons.push(self.reason(question, found, own));
            }
            question.confidence = (best * 100.0).round() / 100.0;
        }
        question.earlier = self.earlier(own, context, at);
        question.status = self.status(question, &scored);
        if question.status == Status::None {
            question.nearest = scored.first().filter(|_| best > NAMED / 2.0).map(|first| self.paragraphs[first.index].number);
        }
    }

    /// `and, if so, how often`: it leans on the thing before it, and what answers that may answer this too.
    fn lean(&self, question: &mut Question, before: &Question) {
        question.replies.clone_from(&before.replies);
        question.earlier.clone_from(&before.earlier);
        question.nearest = before.nearest;
        let Some(first) = question.replies.first().copied() else { return };
        question.reasons.push(format!("it leans on {}, which is answered there", before.id));
        question.confidence = (before.confidence * 80.0).round() / 100.0;
        let given = self.stated.contains_key(&first);
        question.status = match before.status {
            Status::Full | Status::Partial if given && answer::counts(&question.text.to_lowercase()) => Status::Full,
            Status::Full | Status::Partial if question.text.contains("why") && self.explains(first) => Status::Full,
            Status::Full | Status::Partial => Status::Partial,
            Status::Declined | Status::None => before.status,
        };
    }

    /// Whether a paragraph gives a reason.
    fn explains(&self, number: u32) -> bool {
        self.places.get(&number).is_some_and(|at| answer::gives_reason(&self.paragraphs[*at].text.to_lowercase()))
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

    /// The words of a question, and those of its sentence and of the one before it, which count less.
    fn words_of(&mut self, question: &Question) -> Asked {
        let own = self.words.meanings(&question.text);
        let Some(at) = self.places.get(&question.paragraph).copied() else { return Asked { own, context: Vec::new() } };
        let (paragraph, ranges) = (self.paragraphs[at].text.as_str(), &self.index.ranges[at]);
        let near = ranges.iter().take_while(|range| range.end <= FAR);
        let place = near.into_iter().position(|range| paragraph[range.clone()] == question.sentence);
        let mut context = match place {
            Some(place) => self.index.sentences[self.index.first[at] + place].clone(),
            None => self.words.meanings(&question.sentence),
        };
        if let Some(before) = place.and_then(|place| place.checked_sub(1)) {
            context.extend_from_slice(&self.index.sentences[self.index.first[at] + before]);
            context.sort_unstable();
            context.dedup();
        }
        context.retain(|word| own.binary_search(word).is_err());
        Asked { own, context }
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
            for (sentence, sum) in &shared.in_sentences {
                if *sum > shared.near {
                    (shared.near, shared.nearest) = (*sum, *sentence);
                }
            }
        }
        found
    }

    fn scores(&self, own: &[u32], context: &[u32], places: &Range<usize>) -> Vec<Scored> {
        let whole = self.index.sum_used(own).max(0.1);
        let around = self.index.sum_used(context).max(0.1);
        let used = whole / self.index.sum(own).max(0.1);
        self.shared(own, context, places)
            .into_iter()
            .filter(|(at, _)| self.paragraphs[*at].kind == Kind::Reply)
            .map(|(index, Shared { near, far, lent, nearest, .. })| {
                let common = own.iter().filter(|word| self.index.of[index].binary_search(word).is_ok());
                let rarest = common.clone().map(|word| self.index.weight(*word)).fold(0.0, f64::max) / self.index.rarest.max(0.1);
                let first = self.index.first[index];
                Scored {
                    index,
                    sentence: nearest.saturating_sub(first),
                    near: (near / whole).min(1.0),
                    far: (far / whole).min(1.0),
                    lent: (lent / around).min(1.0),
                    used,
                    rarest,
                    several: common.count() > 1,
                    place: Place::default(),
                }
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

    fn status(&self, question: &Question, scored: &[Scored]) -> Status {
        let Some(best) = scored.first().filter(|best| best.sureness() >= NAMED) else { return Status::None };
        let paragraph = &self.paragraphs[best.index];
        let low = paragraph.text.to_lowercase();
        let refuses = best.lent > 0.0 && answer::refuses(&low);
        if !best.takes_up() {
            return if refuses { Status::Declined } else { Status::None };
        }
        let ranges = &self.index.ranges[best.index];
        let from = ranges.get(best.sentence).map_or(0, |range| range.start);
        let to = ranges.get(best.sentence + 1).or(ranges.last()).map_or(paragraph.text.len(), |range| range.end);
        let said = &paragraph.text[from..to];
        let stated = question.replies.iter().filter_map(|reply| self.stated.get(reply)).flatten().copied();
        let how_far = answer::how_far(question, said, &low, stated);
        // A number was wanted, none is given, and little is shared: something else is spoken of.
        let of_another = how_far == Status::Partial && best.near < 0.5 && answer::counts(&question.text.to_lowercase());
        if of_another { Status::None } else { how_far }
    }
}

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
