//! The linker: which later paragraphs answer a question, why, how surely, and how far. Shared rare words decide; a person may overrule.

pub mod answer;
mod evidence;
mod laying;
mod order;
mod wanted;
mod words;

use crate::cleaning::floor;
use crate::model::{Figure, Kind, Paragraph, Question, QuestionType, Role, Status};
use crate::prose::tokens;
use answer::Said;
use evidence::{Answer, Scored, odds};
use foldhash::fast::RandomState;
use laying::{Place, names_asker};
use std::cell::OnceCell;
use std::collections::HashMap;
pub use words::make_groups;
use words::{Bag, Index, Sharing, Words};

/// How sure it has to be for the reply to be named, to be read before one says that there was none.
const NAMED: f64 = 0.1;
/// How far behind the best reply's odds another's may be, as a factor.
const BEHIND: f64 = 5.0;
/// At most so many replies.
const MOST: usize = 3;

/// The words of all paragraphs, and how rare each is.
pub struct Indexed {
    pub words: Words,
    pub index: Index,
}

/// The sentences of all paragraphs, to be compared with each other.
pub struct Compared<'a> {
    index: &'a Index,
    groups: Vec<&'static [u32]>,
}

impl<'a> Compared<'a> {
    /// Those of an index.
    pub fn of(index: &'a Index, words: &Words) -> Self {
        Compared { index, groups: words.groups.clone() }
    }

    /// Where the sentences of a paragraph stand in it.
    pub fn sentences(&self, at: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.index.sentences[at].iter().map(|sentence| sentence.range.clone())
    }

    /// What a sentence shares with another; of each, where its paragraph stands, and which of its sentences it is.
    pub fn shared(&self, own: (usize, usize), other: (usize, usize)) -> words::Shared {
        let bag = |(at, sentence): (usize, usize)| &self.index.sentences[at][sentence].bag;
        self.index.shared_by(bag(own), bag(other), &self.groups)
    }

    /// What its words weigh.
    pub fn weight(&self, (at, sentence): (usize, usize)) -> f64 {
        self.index.sum(&self.index.sentences[at][sentence].bag)
    }
}

impl Indexed {
    /// Of paragraphs whose speakers are known.
    #[must_use]
    pub fn of(paragraphs: &[Paragraph]) -> Self {
        let mut words = Words::default();
        let index = Index::of(paragraphs, &mut words);
        Indexed { words, index }
    }
}

/// Links each question to the paragraphs that answer it, and says how far they do.
pub fn link(questions: &mut [Question], paragraphs: &[Paragraph], figures: &[Figure], index: &Index, words: Words) {
    let places: HashMap<u32, usize, RandomState> = paragraphs.iter().enumerate().map(|(at, paragraph)| (paragraph.number, at)).collect();
    let mut stated: HashMap<u32, Vec<&Figure>, RandomState> = HashMap::default();
    figures.iter().for_each(|figure| stated.entry(figure.paragraph).or_default().push(figure));
    let mut linking = Linking { paragraphs, places: &places, stated, index, words, lows: Lows::of(paragraphs) };
    let mut asked: Vec<Asked> = questions.iter().map(|question| linking.asked(question)).collect();
    for (at, asked) in asked.iter_mut().enumerate() {
        asked.last = questions.get(at + 1).is_none_or(|next| next.paragraph != questions[at].paragraph);
    }
    let laid = laying::places(questions, &asked, &mut linking);
    let mut near = Near::default();
    for (at, (asked, laid)) in asked.iter().zip(laid).enumerate() {
        let (done, rest) = questions.split_at_mut(at);
        let Some(question) = rest.first_mut() else { continue };
        let Some(place) = places.get(&question.paragraph).copied() else { continue };
        let before = done.iter().rev().find(|before| places.contains_key(&before.paragraph));
        let leans = asked.own.stems.is_empty();
        match before.filter(|before| leans && before.sentence == question.sentence && before.kind == question.kind) {
            Some(before) => linking.lean(question, before),
            None => {
                linking.look_around(asked, place, &laid, &mut near);
                let scored = linking.scored(asked, place, laid, &near);
                linking.link(question, place, scored, asked, &near);
            }
        }
    }
    clarified(questions, paragraphs, &places);
}

/// The words of a question, and those around it; what they weigh, and what it wants.
struct Asked {
    own: Bag,
    context: Bag,
    /// What its own words weigh, and those of them that some reply uses.
    all: f64,
    whole: f64,
    around: f64,
    wanted: u8,
    /// Whether it is the last that its paragraph asks.
    last: bool,
}

struct Linking<'a> {
    paragraphs: &'a [Paragraph],
    /// Where each paragraph is, by its number.
    places: &'a HashMap<u32, usize, RandomState>,
    /// The figures that a paragraph states.
    stated: HashMap<u32, Vec<&'a Figure>, RandomState>,
    index: &'a Index,
    words: Words,
    lows: Lows<'a>,
}

/// The beginning of each paragraph in lower case, made when it is asked for.
struct Lows<'a> {
    paragraphs: &'a [Paragraph],
    each: Vec<OnceCell<String>>,
}

impl<'a> Lows<'a> {
    fn of(paragraphs: &'a [Paragraph]) -> Self {
        Lows { paragraphs, each: vec![OnceCell::new(); paragraphs.len()] }
    }

    fn get(&self, at: usize) -> &str {
        self.each[at].get_or_init(|| floor(&self.paragraphs[at].text, FAR).to_lowercase())
    }
}

/// What the paragraphs of the delegation around a question share with it and with the words around it, and what their sentences do.
#[derive(Default)]
struct Near {
    own: Sharing,
    context: Sharing,
    sentences: Sharing,
}

/// How surely a clause has to turn to the question for its paragraph to be looked at.
const LAID: f64 = 0.03;
/// How sure it has to be that the question was taken up.
const TAKEN_UP: f64 = 0.75;
/// So many bytes of a paragraph are looked through for one question: the longest have a few thousand, and the work stays linear.
const FAR: usize = 20_000;
/// How far behind a question a reply is looked for: enough for the longest record, and the work stays linear.
const REACH: usize = 400;

impl Linking<'_> {
    /// What is asked, in words.
    fn asked(&mut self, question: &Question) -> Asked {
        let own = self.words.bag(&tokens(&question.text));
        let mut context = Bag::default();
        if let Some(at) = self.places.get(&question.paragraph).copied() {
            let (paragraph, sentences) = (self.paragraphs[at].text.as_str(), &self.index.sentences[at]);
            let near = sentences.iter().take_while(|sentence| sentence.range.end <= FAR);
            let place = near.into_iter().position(|sentence| paragraph[sentence.range.clone()] == question.sentence);
            context = place.map_or_else(|| self.words.bag(&tokens(&question.sentence)), |place| sentences[place].bag.clone());
            if let Some(before) = place.and_then(|place| place.checked_sub(1)) {
                context.extend(&sentences[before].bag);
            }
            context.without(&own);
        }
        let whole = self.index.sum_used(&own, &self.words).max(0.1);
        let around = self.index.sum_used(&context, &self.words).max(0.1);
        let all = self.index.sum(&own).max(0.1);
        let wanted = wanted::wanted(&question.text, question.kind);
        Asked { own, context, all, whole, around, wanted, last: false }
    }

    /// What is shared with a question that stands in paragraph `at`, before it and behind it, and where else it is laid to.
    fn look_around(&self, asked: &Asked, at: usize, laid: &[Place], near: &mut Near) {
        let (index, words) = (self.index, &self.words);
        let around = at.saturating_sub(REACH)..self.paragraphs.len().min(at + REACH);
        let end = around.end;
        let beyond = laid.iter().filter(|place| place.turned >= LAID && place.index >= end).map(|place| place.index..place.index + 1);
        near.own.begin(&index.replies);
        near.context.begin(&index.replies);
        near.sentences.begin(&index.sentences_having);
        for range in [around].into_iter().chain(beyond) {
            index.shared(&asked.own, words, &index.replies, &range, &mut near.own);
            index.shared(&asked.context, words, &index.replies, &range, &mut near.context);
            let behind = index.first[range.start.max(at + 1).min(range.end)]..index.first[range.end];
            index.shared(&asked.own, words, &index.sentences_having, &behind, &mut near.sentences);
        }
    }

    /// The paragraphs that may answer: those that it is laid to, and those that share a word with it.
    fn scored(&self, asked: &Asked, at: usize, laid: Vec<Place>, near: &Near) -> Vec<Scored> {
        let behind = near.own.some.partition_point(|before| *before <= at);
        let mut candidates = near.own.some[behind..].to_vec();
        candidates.retain(|at| self.paragraphs[*at].kind == Kind::Reply);
        candidates.extend(laid.iter().filter(|place| place.turned >= LAID).map(|place| place.index));
        candidates.sort_unstable();
        candidates.dedup();
        // The places stand in the order of their paragraphs, each once.
        let mut laid = laid.into_iter().peekable();
        let mut place_of = |index: usize| {
            while laid.next_if(|place| place.index < index).is_some() {}
            laid.next_if(|place| place.index == index)
        };
        candidates.into_iter().map(|index| self.score(asked, index, place_of(index), near)).collect()
    }

    fn score(&self, asked: &Asked, index: usize, place: Option<Place>, near: &Near) -> Scored {
        let all = near.own.of(index);
        let sentences = (self.index.first[index]..self.index.first[index + 1]).map(|at| near.sentences.of(at).sum).enumerate();
        let (nearest, most) = sentences.fold((0, 0.0), |best, one| if one.1 > best.1 { one } else { best });
        Scored {
            index,
            sentence: place.as_ref().filter(|place| place.most > 0.2).map_or(nearest, |place| place.sentence),
            near: (most / asked.whole).min(1.0),
            far: (all.sum / asked.whole).min(1.0),
            lent: (near.context.of(index).sum / asked.around).min(1.0),
            rarest: all.most / self.index.rarest.max(0.1),
            several: all.count > 1,
            place,
            odds: 0.0,
        }
        .weighed()
    }

    /// What speaks for the question having been taken up by the best of the paragraphs.
    fn answer(&self, asked: &Asked, scored: &[Scored]) -> Answer {
        let Some(best) = scored.first() else { return Answer::default() };
        let laid = |of: fn(&Place) -> f64| scored.iter().filter_map(|found| found.place.as_ref()).map(of).sum::<f64>();
        let place = best.place.as_ref();
        Answer {
            turned: laid(|place| place.turned),
            most: place.map_or(0.0, |place| place.most),
            gone_on: laid(|place| place.gone_on),
            near: place.map_or(best.near, |place| (place.shared.sum / asked.whole).min(1.0)),
            far: best.far,
            lent: best.lent,
            rarest: best.rarest,
            words: place.map_or(0.0, |place| f64::from(u32::try_from(place.shared.count).unwrap_or(u32::MAX))),
            unused: 2.0 * (1.0 - asked.whole / asked.all).max(0.0),
            wanted: asked.wanted,
            given: place.map_or(0, |place| place.given),
            bare: asked.own.stems.is_empty(),
            last: asked.last,
            sureness: best.sureness(),
        }
    }

    fn link(&self, question: &mut Question, at: usize, mut scored: Vec<Scored>, asked: &Asked, near: &Near) {
        if question.kind == QuestionType::Clarification {
            self.explain(question, at);
            return;
        }
        scored.sort_by(|a, b| b.sureness().total_cmp(&a.sureness()).then(a.index.cmp(&b.index)));
        let best = scored.first().map_or(0.0, Scored::sureness);
        if best >= NAMED {
            for found in scored.iter().take_while(|found| found.sureness() >= NAMED && found.odds * BEHIND >= odds(best)).take(MOST) {
                question.replies.push(self.paragraphs[found.index].number);
                question.reasons.push(self.reason(question, found, &asked.own));
            }
            question.confidence = (best * 100.0).round() / 100.0;
        }
        question.earlier = self.earlier(asked, at, near);
        question.status = self.status(question, asked, &scored);
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
        self.places.get(&number).is_some_and(|at| answer::gives_reason(self.lows.get(*at)))
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

    fn reason(&self, question: &Question, found: &Scored, own: &Bag) -> String {
        let paragraph = &self.paragraphs[found.index];
        let name = |stem: &u32| self.words.names[*stem as usize].as_str();
        let has = |stem: &&u32| self.index.bags[found.index].stems.binary_search(stem).is_ok();
        let mut shared: Vec<&u32> = own.stems.iter().filter(has).collect();
        shared.sort_by(|a, b| self.index.weight(**b).total_cmp(&self.index.weight(**a)).then_with(|| name(a).cmp(name(b))));
        let words: Vec<&str> = shared.into_iter().take(4).map(name).collect();
        let low = self.lows.get(found.index);
        let mut reason = match &words[..] {
            [] => format!("paragraph {} stands where the order of replies lays the answer", paragraph.number),
            words => format!("paragraph {} shares `{}`", paragraph.number, words.join("`, `")),
        };
        if names_asker(question, low) {
            reason.push_str("; it names who asked");
        }
        if ["with regard to", "as to", "regarding", "as for", "on the question of", "concerning"].iter().any(|lead| low.contains(lead)) {
            reason.push_str("; it says what it answers");
        }
        reason
    }

    /// Paragraphs of the delegation before the question that touch the same thing.
    fn earlier(&self, asked: &Asked, at: usize, near: &Near) -> Vec<u32> {
        let score = |before: usize| (near.own.of(before).sum + 0.2 * near.context.of(before).sum) / asked.all;
        let before = near.own.some.iter().take_while(|before| **before < at);
        let found = before.map(|before| (score(*before), self.paragraphs[*before].number));
        let mut found: Vec<(f64, u32)> = found.filter(|(score, _)| *score >= 0.45).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(MOST);
        found.into_iter().map(|(_, number)| number).collect()
    }

    fn status(&self, question: &Question, asked: &Asked, scored: &[Scored]) -> Status {
        let Some(best) = scored.first().filter(|best| best.sureness() >= NAMED) else { return Status::None };
        let paragraph = &self.paragraphs[best.index];
        let low = self.lows.get(best.index);
        let refuses = best.lent > 0.0 && answer::refuses(low);
        if self.answer(asked, scored).taken_up() < TAKEN_UP {
            return if refuses { Status::Declined } else { Status::None };
        }
        let ranges = &self.index.sentences[best.index];
        let from = ranges.get(best.sentence).map_or(0, |sentence| sentence.range.start);
        let end = |at: usize| ranges.get(at).or(ranges.last()).map_or(paragraph.text.len(), |sentence| sentence.range.end);
        let said = Said { own: &paragraph.text[from..end(best.sentence)], near: &paragraph.text[from..end(best.sentence + 1)], whole: low };
        let stated = question.replies.iter().filter_map(|reply| self.stated.get(reply)).flatten().copied();
        answer::how_far(question, &said, stated)
    }
}

/// A pair of clarification: the paragraph after the committee's explanation answers what was asked first about the same words.
fn clarified(questions: &mut [Question], paragraphs: &[Paragraph], places: &HashMap<u32, usize, RandomState>) {
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
