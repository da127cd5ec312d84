//! What each question is laid to: the clauses of the replies that follow it, read for their words and for what they give.

use super::order::{Begins, CLAUSES, TOGETHER, is_reply, lay, runs};
use super::wanted::{EITHER, NUMBER, OUTLOOK, OWED, TIME, WHO, WHY, given};
use super::words::{Bag, Having, Shared, Sharing};
use super::{Asked, Linking};
use crate::model::{Question, QuestionType};
use crate::prose::{Token, tokens};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A clause of a reply.
struct Clause {
    /// Where its paragraph stands.
    paragraph: usize,
    /// Which sentence of it.
    sentence: usize,
    begins: Begins,
    bag: Bag,
    given: u8,
}

/// A paragraph that a question is laid to.
#[derive(Clone, Debug)]
pub struct Place {
    /// Which paragraph.
    pub index: usize,
    /// How surely it turns to the question.
    pub turned: f64,
    /// How surely it goes on with it, in clauses.
    pub gone_on: f64,
    /// The clause that most surely turns to it: how surely, which sentence it is of, what it gives.
    pub most: f64,
    pub sentence: usize,
    pub given: u8,
    /// What this clause shares with the question.
    pub shared: Shared,
}

/// What speaks for a clause, in the order of [`FITS`].
const MARKS: usize = 13;
/// What each mark weighs: what the clause shares with the question, what its sentence shares, the rarest word of it, what it shares with
/// the words around the question; a number, or none, where one is wanted; a time, a person, a reason, a yes or no, an outlook where they
/// are wanted; whether the paragraph names who asked; whether the clause only tells what will be sent.
const FITS: [f64; MARKS] = [2.95, 1.25, 1.9, 1.1, 0.8, -0.8, 0.55, 0.6, 0.9, 0.15, 0.95, 0.55, -2.0];

/// The places of each question.
pub fn places(questions: &[Question], asked: &[Asked], linking: &mut Linking<'_>) -> Vec<Vec<Place>> {
    let runs = runs(linking.paragraphs);
    let run_of = |question: &Question| {
        let at = linking.places.get(&question.paragraph)?;
        runs.get(runs.partition_point(|run| run.start <= *at)).cloned()
    };
    let run_of_each: Vec<Option<Range<usize>>> =
        questions.iter().map(|question| run_of(question).filter(|_| question.kind != QuestionType::Clarification)).collect();
    let mut found: Vec<Vec<Place>> = questions.iter().map(|_| Vec::new()).collect();
    let mut from = 0;
    while from < questions.len() {
        let run = &run_of_each[from];
        let same = run_of_each[from..].iter().take(TOGETHER).take_while(|other| *other == run).count().max(1);
        if let Some(run) = run {
            let clauses = clauses(run, linking);
            if !clauses.is_empty() {
                lay_out(&questions[from..from + same], &asked[from..from + same], &clauses, linking, &mut found[from..from + same]);
            }
        }
        from += same;
    }
    found
}

fn lay_out(questions: &[Question], asked: &[Asked], clauses: &[Clause], linking: &Linking<'_>, found: &mut [Vec<Place>]) {
    let begins: Vec<Begins> = clauses.iter().map(|clause| clause.begins).collect();
    let paragraphs: Vec<u32> = questions.iter().map(|question| question.paragraph).collect();
    let shared = Table::of(asked, clauses, linking);
    let names = names(questions, clauses, linking);
    let fits = |question: usize, clause: usize| {
        let at = question * clauses.len() + clause;
        let sentence = question * shared.width + shared.sentence_of[clause];
        let shared = (shared.own[at], shared.sentences[sentence], shared.context[at]);
        let marks = marks(&asked[question], &clauses[clause], shared, names[question][clause], linking);
        marks.iter().zip(FITS).map(|(mark, weight)| mark * weight).sum()
    };
    let laid = lay(&paragraphs, &begins, &fits);
    for (question, places) in found.iter_mut().enumerate() {
        for (at, clause) in clauses.iter().enumerate() {
            let (turned, gone_on) = (laid.turned(at, question), laid.gone_on(at, question));
            let of_clause = Place {
                index: clause.paragraph,
                turned,
                gone_on,
                most: turned,
                sentence: clause.sentence,
                given: clause.given,
                shared: shared.own[question * clauses.len() + at],
            };
            match places.last_mut().filter(|place| place.index == clause.paragraph) {
                Some(place) => {
                    let (sum, on) = (place.turned + turned, place.gone_on + gone_on);
                    if turned > place.most {
                        *place = of_clause;
                    }
                    (place.turned, place.gone_on) = (sum, on);
                }
                None => places.push(of_clause),
            }
        }
    }
}

/// What each clause shares with each question and with the words around it, and what its sentence does: row after row of questions.
struct Table {
    own: Vec<Shared>,
    context: Vec<f64>,
    sentences: Vec<f64>,
    /// Which sentence each clause is of, and how many there are.
    sentence_of: Vec<usize>,
    width: usize,
}

impl Table {
    fn of(asked: &[Asked], clauses: &[Clause], linking: &Linking<'_>) -> Self {
        let (index, words) = (linking.index, &linking.words);
        let having = Having::of(clauses.iter().map(|clause| &clause.bag));
        let mut each: Vec<(usize, usize)> = Vec::new();
        let mut sentence_of = Vec::with_capacity(clauses.len());
        for clause in clauses {
            let own = (clause.paragraph, clause.sentence);
            if each.last() != Some(&own) {
                each.push(own);
            }
            sentence_of.push(each.len() - 1);
        }
        let sentences = Having::of(each.iter().map(|(paragraph, sentence)| &index.sentences[*paragraph][*sentence].bag));
        let mut table = Table { own: Vec::new(), context: Vec::new(), sentences: Vec::new(), sentence_of, width: each.len() };
        let mut sharing = Sharing::default();
        for asked in asked {
            let mut shared = |own: &Bag, having: &Having, texts: usize| {
                sharing.begin(having);
                index.shared(own, words, having, &(0..texts), &mut sharing);
                (0..texts).map(|text| sharing.of(text)).collect::<Vec<Shared>>()
            };
            table.own.extend(shared(&asked.own, &having, clauses.len()));
            table.context.extend(shared(&asked.context, &having, clauses.len()).iter().map(|shared| shared.sum));
            table.sentences.extend(shared(&asked.own, &sentences, each.len()).iter().map(|shared| shared.sum));
        }
        table
    }
}

/// For each question and clause, whether its paragraph names who asked.
fn names(questions: &[Question], clauses: &[Clause], linking: &Linking<'_>) -> Vec<Vec<bool>> {
    let mut found: Vec<Vec<bool>> = Vec::with_capacity(questions.len());
    let heads = || clauses.iter().filter(|clause| clause.begins == Begins::Paragraph);
    let texts: HashMap<usize, String> =
        heads().map(|clause| (clause.paragraph, linking.paragraphs[clause.paragraph].text.to_lowercase())).collect();
    for (at, question) in questions.iter().enumerate() {
        let known = at.checked_sub(1).filter(|last| questions[*last].asked_by == question.asked_by);
        let named = |clause: &Clause| texts.get(&clause.paragraph).is_some_and(|text| names_asker(question, text));
        let row = match known {
            Some(last) => found[last].clone(),
            None => {
                let naming: HashSet<usize> = heads().filter(|clause| named(clause)).map(|clause| clause.paragraph).collect();
                clauses.iter().map(|clause| naming.contains(&clause.paragraph)).collect()
            }
        };
        found.push(row);
    }
    found
}

/// Whether a text in lower case names who asked.
pub fn names_asker(question: &Question, low: &str) -> bool {
    let name = question.asked_by.as_deref().and_then(|name| name.rsplit(' ').next()).filter(|name| name.len() > 2);
    name.is_some_and(|name| low.contains(&name.to_lowercase()))
}

fn marks(asked: &Asked, clause: &Clause, shared: (Shared, f64, f64), names: bool, linking: &Linking<'_>) -> [f64; MARKS] {
    let (own, sentence, context) = shared;
    let flag = |is: bool| if is { 1.0 } else { 0.0 };
    let wants = |kind: u8| asked.wanted & kind != 0;
    let gives = |kind: u8| flag(wants(kind) && clause.given & kind != 0);
    [
        (own.sum / asked.whole).min(1.0),
        (sentence / asked.whole).min(1.0),
        own.most / linking.index.rarest,
        (context / asked.around).min(1.0),
        gives(NUMBER),
        flag(wants(NUMBER) && clause.given & NUMBER == 0),
        gives(TIME),
        gives(WHO),
        gives(WHY),
        gives(EITHER),
        gives(OUTLOOK),
        flag(names),
        flag(clause.given & OWED != 0),
    ]
}

/// The clauses of a run of replies.
fn clauses(run: &Range<usize>, linking: &mut Linking<'_>) -> Vec<Clause> {
    let mut found = Vec::new();
    for paragraph in run.clone() {
        if !is_reply(&linking.paragraphs[paragraph]) {
            continue;
        }
        let text = &linking.paragraphs[paragraph].text;
        for (sentence, of) in linking.index.sentences[paragraph].iter().enumerate() {
            let words = tokens(&text[of.range.clone()]);
            for (at, range) in parts(&words).into_iter().enumerate() {
                if found.len() == CLAUSES {
                    return found;
                }
                let begins = match (sentence, at) {
                    (0, 0) => Begins::Paragraph,
                    (_, 0) => Begins::Sentence,
                    (_, _) => Begins::Within,
                };
                let words = &words[range];
                found.push(Clause { paragraph, sentence, begins, bag: linking.words.bag(words), given: given(words) });
            }
        }
    }
    found
}

/// So many words a clause has at least.
const SHORTEST: usize = 4;

/// The clauses of a sentence: parted at semicolons and colons, and at a comma before a word that joins clauses.
fn parts(words: &[Token<'_>]) -> Vec<Range<usize>> {
    let low = |at: usize| words.get(at).map_or("", |word| &*word.low);
    let joins = |at: usize| matches!(low(at), "and" | "but" | "while" | "whereas" | "although" | "which" | "who");
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for at in 0..words.len() {
        let parts = matches!(low(at), ";" | ":") || low(at) == "," && joins(at + 1);
        if !parts && at + 1 < words.len() {
            continue;
        }
        let range = start..at + 1;
        start = at + 1;
        let count = |range: &Range<usize>| words[range.clone()].iter().filter(|word| word.is_word()).count();
        match found.last_mut().filter(|last| count(&range) < SHORTEST || count(last) < SHORTEST) {
            Some(last) => last.end = range.end,
            None => found.push(range),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_parted_where_it_tells_another_thing() {
        let count = |text: &str| parts(&tokens(text)).len();
        assert_eq!(count("The unit had six cells, and two of them were closed; a third was being painted."), 3);
        assert_eq!(count("The unit had beds, tables and chairs."), 1);
        assert_eq!(count("They were, but late."), 1);
    }
}
