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
    ["because", "due to", "owing to", "reason", "since", "only if", "only where", "only once"].iter().any(|words| low.contains(words))
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

/// How far a reply that takes the question up answers it. `said` are its sentences that speak of the thing, `whole` all of it in lower
/// case, `stated` the figures of all replies.
pub fn how_far<'a>(question: &Question, said: &str, whole: &str, mut stated: impl Iterator<Item = &'a Figure>) -> Status {
    let (asks, said) = (question.text.to_lowercase(), said.to_lowercase());
    if refuses(&said) || refuses(whole) && said.len() * 2 > whole.len() {
        return Status::Declined;
    }
    if question.kind == QuestionType::Encouragement || PUTTING_OFF.iter().any(|words| said.contains(words)) {
        return Status::Partial;
    }
    if counts(&asks) {
        let lasts = ["how long", "how often", "length", "duration"].iter().any(|words| asks.contains(words));
        let fits = |figure: &Figure| lasts || !matches!(figure.unit.as_str(), "minutes" | "hours" | "days" | "months" | "years");
        return if stated.any(fits) { Status::Full } else { Status::Partial };
    }
    if asks.contains("why") && !gives_reason(whole) {
        return Status::Partial;
    }
    Status::Full
}
