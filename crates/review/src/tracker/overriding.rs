//! What a person decides about a question instead of the rules: the status, the replies. It is found again by the words of the question
//! and of the replies, so it survives a corrected record with other numbers.

use super::Event;
use super::issuing::Entering;
use crate::model::{Overridden, Question, Review, Status};
use crate::prose::tokens;
use crate::standing_alone::own;
use std::collections::{BTreeMap, HashSet};

/// What to decide about a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The status instead of the computed one.
    pub status: Option<Status>,
    /// The replies instead of the computed ones.
    pub replies: Option<Vec<u32>>,
    /// Why.
    pub why: &'a str,
}

/// How much of the words has to be the same for a question of a corrected record to be the same question.
const SAME: f64 = 0.75;
/// How many words of a reply are kept to find it again.
const KEPT: usize = 24;

/// The event that records a decision about the question `id` of `review`. Nothing where there is no such question or reply.
#[must_use]
pub fn decide(review: &Review, id: &str, decision: &Decision<'_>, entering: &Entering<'_>) -> Option<Event> {
    let question = review.questions.iter().find(|question| question.id == id)?;
    let mut fields: BTreeMap<String, String> =
        BTreeMap::from([("of".to_owned(), id.to_owned()), ("question".to_owned(), question.text.clone())]);
    fields.insert("asked_by".to_owned(), question.asked_by.clone().unwrap_or_default());
    if !decision.why.is_empty() {
        fields.insert("why".to_owned(), decision.why.to_owned());
    }
    if let Some(status) = decision.status {
        fields.insert("status".to_owned(), status.word().to_owned());
    }
    if let Some(replies) = &decision.replies {
        let mut words = Vec::new();
        for number in replies {
            let paragraph = review.paragraphs.iter().find(|paragraph| paragraph.number == *number)?;
            words.push(paragraph.text.split_whitespace().take(KEPT).collect::<Vec<_>>().join(" "));
        }
        fields.insert("replies".to_owned(), serde_json::json!(words).to_string());
    }
    let kind = if decision.replies.is_some() { "link_overridden" } else { "status_overridden" };
    let mut event = entering.event(1, kind, ("review", review.document.symbol.as_deref().unwrap_or("document")), &[]);
    event.fields = fields;
    Some(event)
}

fn words(text: &str) -> HashSet<String> {
    tokens(text).into_iter().filter(|word| word.is_word()).map(|word| word.low.into_owned()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are far below 2^52")]
fn likeness(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let shared = a.intersection(b).count() as f64;
    shared / (a.len().max(b.len()).max(1)) as f64
}

/// Puts the decisions of a store beside what was computed. Gives the ids of events whose question is no longer there.
pub fn apply(review: &mut Review, events: &[Event]) -> Vec<String> {
    let symbol = review.document.symbol.clone().unwrap_or_else(|| "document".to_owned());
    let mut lost = Vec::new();
    for event in events.iter().filter(|event| matches!(event.kind.as_str(), "link_overridden" | "status_overridden")) {
        if event.subject.values().next() != Some(&symbol) {
            continue;
        }
        let replies = event.fields.get("replies").map(|replies| places(review, replies));
        let Some(question) = same_question(&mut review.questions, event) else {
            lost.push(event.id.clone());
            continue;
        };
        let before = question.overridden.take();
        let status = event.fields.get("status").and_then(|word| serde_json::from_value(serde_json::Value::String(word.clone())).ok());
        question.overridden = Some(Overridden {
            status: status.or_else(|| before.as_ref().and_then(|before| before.status)),
            replies: replies.or_else(|| before.and_then(|before| before.replies)),
            by: event.by.clone(),
            at: event.at.clone(),
            note: event.fields.get("why").cloned(),
        });
    }
    lost
}

/// The question with the words that the decision was made about; the same asker counts more.
fn same_question<'a>(questions: &'a mut [Question], event: &Event) -> Option<&'a mut Question> {
    let wanted = words(event.fields.get("question")?);
    let asker = event.fields.get("asked_by").map_or("", String::as_str);
    let score = |question: &Question| {
        let same = question.asked_by.as_deref().unwrap_or_default() == asker;
        // A decision may have been made about the question's own words, without what leads in.
        let (whole, own) = (words(&question.text), words(own(&question.text)));
        likeness(&whole, &wanted).max(likeness(&own, &wanted) - 0.01) + if same { 0.05 } else { 0.0 }
    };
    let best = questions.iter_mut().map(|question| (score(question), question)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= SAME).then_some(best.1)
}

/// The numbers of the paragraphs that begin with the kept words.
fn places(review: &Review, replies: &str) -> Vec<u32> {
    let kept: Vec<String> = serde_json::from_str(replies).unwrap_or_default();
    let beginning = |text: &str| words(&text.split_whitespace().take(KEPT).collect::<Vec<_>>().join(" "));
    kept.iter()
        .filter_map(|reply| {
            let wanted = words(reply);
            let scored = review.paragraphs.iter().map(|paragraph| (likeness(&beginning(&paragraph.text), &wanted), paragraph.number));
            scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score >= SAME).map(|(_, number)| number)
        })
        .collect()
}
