//! What a question wants (a number, a time, a person, a reason, a plan, a yes or no) and which of these a clause gives. A clause of the
//! right kind answers even where it shares no word with the question: `How many had gone to prison?`, `Eleven were serving a sentence.`

use crate::model::QuestionType;
use crate::numbers::number_at;
use crate::prose::{Token, tokens};
use crate::times::{month, year};
use aho_corasick::AhoCorasick;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Kinds of things, each a bit: a number, a time, a person, a reason, a plan, a yes or no.
pub const NUMBER: u8 = 1;
pub const TIME: u8 = 1 << 1;
pub const WHO: u8 = 1 << 2;
pub const WHY: u8 = 1 << 3;
pub const OUTLOOK: u8 = 1 << 4;
pub const EITHER: u8 = 1 << 5;
/// Not an answer: what is still owed will be sent.
pub const OWED: u8 = 1 << 6;

struct Table {
    asking: AhoCorasick,
    asked: Vec<u8>,
    giving: HashMap<&'static str, u8, RandomState>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let rows = include_str!("../../words/wanted.tsv").lines().filter(|line| !line.starts_with('#'));
    let (mut phrases, mut asked, mut giving) = (Vec::new(), Vec::new(), HashMap::default());
    for (row, kind) in rows.zip([NUMBER, TIME, WHO, WHY, OUTLOOK, EITHER]) {
        let mut cells = row.split('\t').skip(1);
        for phrase in cells.next().unwrap_or_default().split('|').filter(|phrase| !phrase.is_empty()) {
            phrases.push(format!(" {phrase} "));
            asked.push(kind);
        }
        for word in cells.next().unwrap_or_default().split_whitespace() {
            *giving.entry(word).or_default() |= kind;
        }
    }
    let asking = AhoCorasick::new(phrases).expect("a hundred short phrases that stand in this crate");
    Table { asking, asked, giving }
});

/// What a question wants. A yes or no is wanted where nothing else is.
pub fn wanted(text: &str, kind: QuestionType) -> u8 {
    let mut words = String::with_capacity(text.len() + 2);
    words.push(' ');
    for token in tokens(text).iter().filter(|token| token.is_word()) {
        words.push_str(&token.low);
        words.push(' ');
    }
    let found = TABLE.asking.find_overlapping_iter(&words).fold(0, |found, hit| found | TABLE.asked[hit.pattern().as_usize()]);
    let outlook = if kind == QuestionType::Encouragement { OUTLOOK } else { 0 };
    let other = found & !EITHER;
    outlook | if other == 0 { found & EITHER } else { other }
}

/// What a clause gives.
pub fn given(words: &[Token<'_>]) -> u8 {
    let mut found = 0;
    let (mut owed, mut sent) = (false, false);
    let mut at = 0;
    while at < words.len() {
        let low = &*words[at].low;
        found |= TABLE.giving.get(low).copied().unwrap_or(0);
        owed |= matches!(low, "outstanding" | "missing" | "unanswered" | "remaining" | "additional");
        sent |= owed && matches!(low, "writing" | "forwarded" | "sent" | "submitted");
        if year(low).is_some() || month(low).is_some() && words[at].capital {
            found |= TIME;
        } else if let Some(number) = number_at(words, at) {
            found |= if number.in_words && number.value == 1.0 { 0 } else { NUMBER };
            at = number.end;
            continue;
        }
        at += 1;
    }
    found | if sent { OWED } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_wants_and_a_clause_gives() {
        let asks = |text| wanted(text, QuestionType::Question);
        assert_eq!(asks("how many of them had gone to prison"), NUMBER);
        assert_eq!(asks("which public body was responsible for it"), WHO);
        assert_eq!(asks("whether the ban had been lifted"), EITHER);
        assert_eq!(asks("why it had not been lifted"), WHY);
        let gives = |text: &str| given(&tokens(text));
        assert_eq!(gives("Eleven were serving a sentence") & (NUMBER | TIME), NUMBER);
        assert_eq!(gives("It had been lifted in May 2030") & (NUMBER | TIME), TIME);
        assert_ne!(gives("Replies still outstanding would be sent in writing") & OWED, 0);
    }
}
