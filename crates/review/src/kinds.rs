//! What each paragraph does: procedure, question, reply or statement.

use crate::model::{Kind, Paragraph, Question, QuestionType, Role};
use crate::prose::{sentences, tokens};
use crate::questions::gives_floor;
use std::collections::HashMap;

/// Decides the kind of each paragraph; `questions` are in order of paragraphs.
pub fn decide(paragraphs: &mut [Paragraph], questions: &[Question]) {
    let mut first_asked: HashMap<u32, &Question> = HashMap::new();
    for question in questions {
        first_asked.entry(question.paragraph).or_insert(question);
    }
    let asked = |number: u32| first_asked.get(&number).copied();
    let first = paragraphs.iter().position(|paragraph| paragraph.role.is_committee() && asked(paragraph.number).is_some());
    let last_delegation = paragraphs.iter().rposition(|paragraph| paragraph.role == Role::Delegation);
    let mut clarified: Option<usize> = None;
    for (at, paragraph) in paragraphs.iter_mut().enumerate() {
        let after_first = first.is_some_and(|first| at > first);
        let question = asked(paragraph.number);
        let answers = clarified.is_some_and(|clarified| at <= clarified + 3);
        let kind = match paragraph.role {
            Role::None => Kind::Procedure,
            Role::Chair if question.is_none() && only_leads(&paragraph.text) => Kind::Procedure,
            Role::Chair | Role::Rapporteur | Role::Expert if question.is_some() => Kind::Question,
            Role::Chair | Role::Rapporteur | Role::Expert if answers => Kind::Reply,
            Role::Delegation if question.is_some_and(|question| question.kind == QuestionType::Clarification) => Kind::Question,
            Role::Delegation if after_first && !closes(&paragraph.text, last_delegation.is_some_and(|last| at + 4 > last)) => Kind::Reply,
            Role::Observer if question.is_some() => Kind::Question,
            Role::Chair | Role::Rapporteur | Role::Expert | Role::Delegation | Role::Secretariat | Role::Observer => Kind::Statement,
        };
        if paragraph.role == Role::Delegation {
            clarified = (kind == Kind::Question).then_some(at);
        }
        paragraph.kind = kind;
    }
}

/// Whether a chair only opens, closes, gives the floor or thanks.
fn only_leads(text: &str) -> bool {
    const LEADS: [&str; 32] = [
        "invited the delegation to",
        "invited the representative",
        "invited the members",
        "invited the committee",
        "invited mr",
        "invited ms",
        "invited the country",
        "invited them to",
        "thanked the",
        "thanked all",
        "declared the",
        "declared that the committee had concluded",
        "declared open",
        "declared closed",
        "gave the floor",
        "welcomed the delegation",
        "welcomed the members",
        "said that the committee had concluded",
        "said that the committee had thus",
        "announced that the",
        "opened the",
        "closed the",
        "suggested that the meeting",
        "called for a",
        "said that the meeting",
        "invited questions",
        "invited further",
        "expressed appreciation",
        "wished the",
        "took it that",
        "understanding that the committee",
        "welcoming the delegation",
    ];
    let ranges = sentences(text);
    !ranges.is_empty()
        && ranges.into_iter().all(|range| {
            let low = text[range].to_lowercase();
            (LEADS.iter().any(|lead| low.contains(lead)) || low.contains(" invited ") || gives_floor(&low))
                && !low.contains("whether")
                && low.split_whitespace().count() < 45
        })
}

/// Whether a sentence only tells that answers will be sent.
fn puts_off(sentence: &str) -> bool {
    let low = sentence.to_lowercase();
    let sent = ["in writing", "written replies", "written answers", "written responses", "written information"];
    sent.iter().any(|words| low.contains(words)) && (low.contains("would") || low.contains("will"))
}

/// Whether a figure is stated on the subject: what is still to come, in so many hours, is none.
fn states_figures(text: &str) -> bool {
    let of_the_subject: String = sentences(text).into_iter().map(|range| &text[range]).filter(|said| !puts_off(said)).collect();
    tokens(&of_the_subject).iter().any(|word| word.low.chars().all(|c| c.is_ascii_digit()) && word.low.len() < 4)
}

/// Whether a delegation only thanks, introduces or takes its leave: words of the dialogue, no figure, nothing of the subject.
fn closes(text: &str, is_late: bool) -> bool {
    let low = text.to_lowercase();
    let first = sentences(&low).into_iter().next().map_or("", |range| &low[range]);
    let thanks = [
        "thanked the committee",
        "thanked the members",
        "thanked the experts",
        "thanked committee members",
        "thanked the chair",
        "wished to thank",
        "would like to thank",
        "was grateful to the committee",
        "was grateful to committee",
        "expressed gratitude",
        "expressed his gratitude",
        "expressed her gratitude",
        "expressed appreciation",
        "expressed his appreciation",
        "expressed her appreciation",
        "thanking the committee",
        "grateful for the",
    ]
    .iter()
    .any(|words| first.contains(words));
    let dialogue = [
        "the dialogue",
        "constructive dialogue",
        "frank dialogue",
        "fruitful dialogue",
        "dialogue with the committee",
        "concluding observations",
        "the committee's recommendations",
        "the committee’s recommendations",
    ]
    .iter()
    .any(|words| low.contains(words));
    let short = low.split_whitespace().count() < 90;
    short && (thanks || dialogue && is_late) && !states_figures(text)
}
