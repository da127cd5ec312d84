//! Reports of the Universal Periodic Review: recommendations `106.12. Do this (State, State);`, each with who made it, and what the
//! State under review answered.

use crate::lines::{Line, LineKind};
use crate::model::Recommendation;
use crate::patterns::{Captures, Pattern};
use std::sync::LazyLock;

static NUMBERED: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"^(\d{1,3})\.\s?(\d{1,3})\.?(?:\s+(.*))?$"));
static MADE_BY: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"\(([A-Z][^()]*(?:\([^()]*\)[^()]*)*)\)\s*[;.,]*\s*$"));

/// Whether the first lines name the review.
#[must_use]
pub fn is_one(lines: &[Line]) -> bool {
    lines.iter().take(120).any(|line| line.plain.to_lowercase().contains("universal periodic review"))
}

/// The State under review: the line below the title of the report.
#[must_use]
pub fn state(lines: &[Line]) -> Option<String> {
    let title =
        lines.iter().take(120).position(|line| line.plain.to_lowercase().starts_with("report of the working group on the universal"))?;
    let below = lines.iter().skip(title + 1).take(8).find(|line| line.kind == LineKind::Text && !line.plain.is_empty())?;
    Some(below.plain.trim_end_matches('*').trim().to_owned()).filter(|name| name.len() < 80)
}

/// What is being gathered.
struct Open {
    paragraph: u32,
    point: String,
    text: String,
}

/// The recommendations, in order. A number that two recommendations carry gives two; one that several States made gives one.
#[must_use]
pub fn recommendations(lines: &[Line]) -> Vec<Recommendation> {
    let mut found: Vec<Recommendation> = Vec::new();
    let mut open: Option<Open> = None;
    let mut response: Option<&'static str> = None;
    for line in lines.iter().filter(|line| line.kind == LineKind::Text) {
        let plain = line.plain.as_str();
        if let Some(numbers) = NUMBERED.captures(plain).filter(|numbers| follows(&found, open.as_ref(), numbers)) {
            finish(&mut found, open.take(), response);
            let text = numbers[3].to_owned();
            let paragraph = numbers[1].parse().unwrap_or(0);
            open = Some(Open { paragraph, point: numbers[2].to_owned(), text });
        } else if is_paragraph(plain) {
            finish(&mut found, open.take(), response);
            response = response_of(plain);
        } else if let Some(gathering) = open.as_mut() {
            if MADE_BY.is_match(&gathering.text) && gathering.text.ends_with(['.', ';']) {
                finish(&mut found, open.take(), response);
            } else {
                gathering.text.push(' ');
                gathering.text.push_str(plain);
            }
        } else {
            response = response_of(plain).or(response);
        }
    }
    finish(&mut found, open, response);
    found
}

/// Whether a number goes on from the one before, or begins a list.
fn follows(found: &[Recommendation], open: Option<&Open>, numbers: &Captures<'_>) -> bool {
    let (Ok(paragraph), Ok(point)) = (numbers[1].parse::<u32>(), numbers[2].parse::<u32>()) else { return false };
    let last = open
        .map(|open| (open.paragraph, open.point.parse::<u32>().unwrap_or(0)))
        .or_else(|| found.last().map(|last| (last.paragraph, last.point.as_ref().and_then(|point| point.parse().ok()).unwrap_or(0))));
    match last {
        Some((at, last)) if at == paragraph => point == last + 1 || point == last || point == last + 2,
        Some((at, _)) => paragraph > at && paragraph <= at + 6 && point == 1,
        None => point == 1 && paragraph > 10,
    }
}

/// `107. The following …`: a paragraph of the report, not a recommendation.
fn is_paragraph(plain: &str) -> bool {
    let digits = plain.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&digits) && plain[digits..].starts_with('.') && plain[digits + 1..].chars().next().is_none_or(char::is_whitespace)
}

/// What a sentence above a list says of the answer.
fn response_of(plain: &str) -> Option<&'static str> {
    let low = plain.to_lowercase();
    if !low.contains("recommendation") {
        return None;
    }
    if low.contains("do not enjoy")
        || low.contains("not enjoy the support")
        || low.contains("noted")
        || low.contains("rejected")
        || low.contains("could not be supported")
    {
        Some("noted")
    } else if low.contains("enjoy the support") || low.contains("accepted") {
        Some("accepted")
    } else {
        None
    }
}

fn finish(found: &mut Vec<Recommendation>, open: Option<Open>, response: Option<&str>) {
    let Some(open) = open else { return };
    let text = crate::cleaning::one_space(&open.text);
    // The next number may stand on the same line, behind the semicolon.
    let next = open.point.parse::<u32>().map_or(0, |point| point + 1);
    let mark = format!("; {}.{next}. ", open.paragraph);
    if let Some((this, rest)) = text.split_once(&mark) {
        let paragraph = open.paragraph;
        finish(found, Some(Open { paragraph, point: open.point, text: this.to_owned() }), response);
        finish(found, Some(Open { paragraph, point: next.to_string(), text: rest.to_owned() }), response);
        return;
    }
    let by = MADE_BY.captures(&text).map(|made| states(&made[1])).unwrap_or_default();
    let words = MADE_BY.replace_all(&text, "").trim().to_owned();
    let (paragraph, point) = (open.paragraph, open.point);
    let cited = format!("{paragraph}.{point}");
    let again = found.iter().filter(|before| before.cited == cited).count();
    let id = if again == 0 { format!("r{cited}") } else { format!("r{cited}-{}", again + 1) };
    let topics = crate::topics::topics(&words);
    let response = response.map(str::to_owned);
    found.push(Recommendation {
        id,
        paragraph,
        point: Some(point),
        cited,
        text: words,
        topics,
        follow_up: false,
        due: None,
        procedural: false,
        by,
        response,
    });
}

/// `Hungary, Iran (Islamic Republic of)`: the States, split at commas outside brackets.
fn states(list: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let parts = list.split(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (c == ',' || c == ';') && depth == 0
    });
    parts.map(|state| state.trim().trim_start_matches("and ").to_owned()).filter(|state| !state.is_empty()).collect()
}
