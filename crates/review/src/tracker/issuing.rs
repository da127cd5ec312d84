//! From an imported document to events: its recommendations, or its questions with what answered them.

use super::{Event, Plan};
use crate::model::{Review, Status};
use std::collections::BTreeMap;

/// Who enters something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entering<'a> {
    /// The person or desk.
    pub by: &'a str,
    /// RFC 3339, or a day.
    pub at: &'a str,
    /// How many events the store holds already.
    pub after: usize,
}

impl Entering<'_> {
    /// The `nth` event (from 1) that is entered here.
    #[must_use]
    pub fn event(&self, nth: usize, kind: &str, subject: (&str, &str), fields: &[(&str, &str)]) -> Event {
        Event {
            id: format!("t{}", self.after + nth),
            kind: kind.to_owned(),
            at: self.at.to_owned(),
            by: self.by.to_owned(),
            subject: BTreeMap::from([(subject.0.to_owned(), subject.1.to_owned())]),
            fields: fields
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }
}

/// A document as it is named in references: its symbol, else what it is and its day.
fn name_of(review: &Review) -> String {
    let document = &review.document;
    let day = document.date.as_deref().or(document.distributed.as_deref()).unwrap_or("undated");
    document.symbol.clone().unwrap_or_else(|| format!("{}-{day}", document.state.as_deref().unwrap_or("document").replace(' ', "-")))
}

/// The status of a question in the plan: one that no answer points to has none.
fn told(status: &str) -> &str {
    if status.is_empty() { "none" } else { status }
}

/// The events that a document gives: itself, its recommendations, its questions and their answers. What the plan holds already, by
/// reference and with the same words, is not said again.
#[must_use]
pub fn events(review: &Review, plan: &Plan, entering: &Entering<'_>) -> Vec<Event> {
    let name = name_of(review);
    let document = &review.document;
    let mechanism = document.committee_code.as_deref().unwrap_or("UPR").to_lowercase();
    let state = document.state.as_deref().unwrap_or_default();
    let kind = serde_json::to_value(document.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
    let next = document.next_report.as_deref().unwrap_or_default();
    let mut found =
        vec![entering.event(1, "treaty_document_issued", ("review", &name), &[("type", &kind), ("symbol", &name), ("next_due", next)])];
    for made in &review.recommendations {
        let reference = format!("{name}#{}", made.cited.replace(' ', ""));
        let fields = [
            ("mechanism", mechanism.as_str()),
            ("state", state),
            ("symbol", &name),
            ("paragraph", &made.cited),
            ("text", &made.text),
            ("follow_up", if made.follow_up { "yes" } else { "" }),
            ("due", made.due.as_deref().unwrap_or_default()),
            ("topics", &made.topics.join("|")),
            ("made_by", &made.by.join("|")),
            ("response", made.response.as_deref().unwrap_or_default()),
        ];
        let known = plan.items[0].get(&reference).is_some_and(|item| item.get("text") == made.text);
        if !known {
            found.push(entering.event(found.len() + 1, "recommendation_issued", ("rec", &reference), &fields));
        }
    }
    for question in review.questions.iter().filter(|_| review.recommendations.is_empty()) {
        let reference = format!("{name}#{}", question.id);
        let asks_for = if crate::linker::answer::counts(&question.text.to_lowercase()) { "number" } else { "text" };
        let paragraph = question.paragraph.to_string();
        let fields = [
            ("mechanism", mechanism.as_str()),
            ("state", state),
            ("symbol", &name),
            ("paragraph", &paragraph),
            ("asked_by", question.asked_by.as_deref().unwrap_or_default()),
            ("text", &question.text),
            ("asks_for", asks_for),
            ("topics", &question.topics.join("|")),
        ];
        let known = plan.items[1]
            .get(&reference)
            .is_some_and(|item| item.get("text") == question.text && told(item.get("status")) == question.standing().word());
        if known {
            continue;
        }
        found.push(entering.event(found.len() + 1, "question_put", ("review", &reference), &fields));
        if question.standing() != Status::None {
            found.push(entering.event(found.len() + 1, "answer_given", ("review", &reference), &[("status", question.standing().word())]));
        }
    }
    let gives = !review.recommendations.is_empty() || !review.questions.is_empty();
    if gives && found.len() == 1 {
        found.clear();
    }
    found
}
