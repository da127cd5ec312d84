//! How far a reply answers a question: from the sentence that speaks of the thing, and the one behind it.

use crate::model::{Figure, Question, QuestionType, Status};
use std::sync::LazyLock;

static REFUSING: LazyLock<Vec<&'static str>> = LazyLock::new(|| lines(include_str!("../../words/refusing.txt")));
static PUTTING_OFF: LazyLock<Vec<&'static str>> = LazyLock::new(|| lines(include_str!("../../words/putting_off.txt")));

fn lines(list: &'static str) -> Vec<&'static str> {
    list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
}

/// Whether a text says that it will not answer; in lower case.
pub fn refuses(low: &str) -> bool {
    REFUSING.iter().any(|words| low.contains(words))
}

/// Whether a text gives a reason; in lower case.
pub fn gives_reason(low: &str) -> bool {
    const REASONS: [&str; 18] = [
        "because",
        "due to",
        "owing to",
        "reason",
        "since",
        "only if",
        "only where",
        "only once",
        "attribut",
        "on account of",
        "in view of",
        "as a result",
        "resulted from",
        "result of",
        "caused by",
        "explained by",
        "in order to",
        "so as to",
    ];
    REASONS.iter().any(|words| low.contains(words))
}

/// Whether a number is asked for; the text is in lower case.
pub fn counts(asks: &str) -> bool {
    const NUMBERS: [&str; 11] = [
        "how many",
        "number of",
        "how often",
        "how much",
        "how long",
        "figures",
        "statistics",
        "percentage",
        "proportion",
        "data on",
        "what share",
    ];
    NUMBERS.iter().any(|words| asks.contains(words))
}

/// What a reply says to a question.
pub struct Said<'a> {
    /// The sentence that speaks of the thing.
    pub own: &'a str,
    /// The same with the sentence behind it.
    pub near: &'a str,
    /// All of it, in lower case.
    pub whole: &'a str,
}

/// How far a reply that takes the question up answers it; `stated` are the figures of all replies.
pub fn how_far<'a>(question: &Question, said: &Said<'_>, mut stated: impl Iterator<Item = &'a Figure>) -> Status {
    let (asks, own, near) = (question.text.to_lowercase(), said.own.to_lowercase(), said.near.to_lowercase());
    if refuses(&near) || refuses(said.whole) && near.len() * 2 > said.whole.len() {
        return Status::Declined;
    }
    if question.kind == QuestionType::Encouragement {
        return Status::Partial;
    }
    if counts(&asks) {
        let lasts = ["how long", "how often", "length", "duration"].iter().any(|words| asks.contains(words));
        let fits = |figure: &Figure| lasts || !matches!(figure.unit.as_str(), "minutes" | "hours" | "days" | "months" | "years");
        return if stated.any(fits) { Status::Full } else { Status::Partial };
    }
    if PUTTING_OFF.iter().any(|words| own.contains(words)) {
        return Status::Partial;
    }
    if asks.contains("why") && !gives_reason(said.whole) {
        return Status::Partial;
    }
    Status::Full
}
