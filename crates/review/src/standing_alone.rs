//! A question that leans on words before it, `if so, how often`, gets as much of them as it needs to be read alone: what leads in, `…`, its
//! own words. Links are made before, from its own words.

use crate::model::Question;
use crate::prose::{is_empty_word, tokens};

/// What stands between the words that lead in and a question's own.
const GAP: &str = " … ";

/// Bytes of what leads in, at most: nobody reads more, and in an endless sentence each question would carry all before it.
const LONGEST_LEAD: usize = 600;
/// Questions of a sentence that are looked back over, at most.
const LOOKED_BACK: usize = 32;

/// On what a question leans, by how it begins.
enum Leaning {
    /// On nothing.
    Alone,
    /// On the thing asked just before: `if so, …`, `including its findings`.
    Before,
    /// On the last thing that stood alone: `how many of them …`, `who reviewed such cases`.
    Whole,
    /// On the words in front of the same preposition: `an account of A and of B`.
    Preposition(String),
}

/// Completes the questions of a document, in order.
pub fn complete(questions: &mut [Question]) {
    // Each question of the sentence in hand: its own words, and where it starts to be read alone.
    let mut sentence: Vec<(String, bool)> = Vec::new();
    for at in 0..questions.len() {
        let (earlier, rest) = questions.split_at_mut(at);
        let question = &mut rest[0];
        let same = |before: &Question| before.paragraph == question.paragraph && before.sentence == question.sentence;
        if !earlier.last().is_some_and(same) {
            sentence.clear();
        }
        let own = question.text.clone();
        let leaning = if sentence.is_empty() { Leaning::Alone } else { leaning(&own) };
        let short = |words: &&(String, bool)| words.0.len() <= LONGEST_LEAD;
        let lead = match &leaning {
            Leaning::Alone => None,
            Leaning::Before => earlier.last().map(|before| before.text.as_str()),
            Leaning::Whole => {
                let back = sentence.iter().rev().take(LOOKED_BACK).position(|(_, whole)| *whole);
                back.map(|back| earlier[at - 1 - back].text.as_str())
            }
            Leaning::Preposition(word) => sentence.iter().take(LOOKED_BACK).filter(short).find_map(|(words, _)| in_front_of(words, word)),
        };
        if let Some(lead) = lead.filter(|lead| lead.len() <= LONGEST_LEAD) {
            question.text = format!("{}{GAP}{own}", lead.trim_end_matches('?'));
        }
        sentence.push((own, !matches!(leaning, Leaning::Before | Leaning::Whole)));
    }
}

/// The words of a question that are its own: without what leads in.
#[must_use]
pub fn own(text: &str) -> &str {
    text.rsplit_once(GAP).map_or(text, |(_, own)| own)
}

fn leaning(text: &str) -> Leaning {
    let words = tokens(text);
    let low = |at: usize| words.get(at).map_or("", |word| &*word.low);
    match (low(0), low(1)) {
        ("if", "so" | "not") | ("including", _) | ("of" | "among" | "by" | "under" | "to" | "in", "whom") => return Leaning::Before,
        ("of" | "on" | "about" | "for" | "regarding" | "concerning", next) if !is_asking(next) => {
            return Leaning::Preposition(low(0).to_owned());
        }
        _ => {}
    }
    let mut named = false;
    for (at, word) in words.iter().enumerate().filter(|(_, word)| word.is_word()) {
        let points = match &*word.low {
            "such" => low(at + 1) != "as" && low(at + 1) != "a",
            "these" | "this" => true,
            "those" => !matches!(low(at + 1), "who" | "that" | "which" | "whose" | "in" | "of" | "with" | "without" | "under" | "held"),
            "it" | "its" | "they" | "them" | "their" => !named,
            _ => false,
        };
        if points {
            return Leaning::Whole;
        }
        named |= !is_empty_word(&word.low) && !word.low.ends_with("ed");
    }
    Leaning::Alone
}

fn is_asking(word: &str) -> bool {
    matches!(word, "whether" | "how" | "what" | "which" | "who" | "whom" | "whose" | "why" | "when" | "where")
}

/// The words in front of the first such preposition, where some stand there.
fn in_front_of<'t>(text: &'t str, preposition: &str) -> Option<&'t str> {
    let words = tokens(text);
    let at = words.iter().position(|word| word.low == preposition).filter(|at| *at > 0)?;
    Some(text[..words[at].at.start].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    fn read(text: &str) -> Vec<String> {
        let mut questions = crate::questions::of_paragraph(1, Role::Expert, None, text);
        complete(&mut questions);
        questions.into_iter().map(|question| question.text).collect()
    }

    #[test]
    fn what_leans_on_the_words_before_it_is_read_alone() {
        let text = "She asked whether the ban had been lifted by a judge and, if so, how often.";
        assert_eq!(read(text)[1], "asked whether the ban had been lifted by a judge … if so, how often");
        let text =
            "He asked how many times staff had used force, how many of them had been disciplined, and under which rules it was used.";
        assert_eq!(read(text)[1], "asked how many times staff had used force … how many of them had been disciplined");
        let text =
            "She would be grateful for an account of the channels open to children and of the last inspection, including its findings.";
        let found = read(text);
        assert_eq!(found[1], "would be grateful for an account … of the last inspection");
        assert_eq!(found[2], "would be grateful for an account … of the last inspection … including its findings");
        assert_eq!(own(&found[2]), "including its findings");
    }

    #[test]
    fn in_an_endless_sentence_no_question_carries_all_before_it() {
        let more: String = (1..500).map(|n| format!(" and, if so, how often in district {n}")).collect();
        let found = read(&format!("She asked whether the ban had been lifted{more}."));
        assert!(
            found.len() > 100 && found.iter().all(|text| text.len() < 700),
            "{}: {:?}",
            found.len(),
            found.iter().map(String::len).max()
        );
    }

    #[test]
    fn what_stands_alone_stays_as_it_is() {
        let text = "He asked how many persons had complained of their treatment and whether belts were used.";
        assert_eq!(read(text), ["asked how many persons had complained of their treatment", "whether belts were used"]);
    }
}
