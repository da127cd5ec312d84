//! Concluding observations and reports of peer reviews: each point of what the State should do, which are chosen for follow-up and by
//! when, and when the next report is due.

use crate::model::{Document, Paragraph, Recommendation};
use crate::patterns::Pattern;
use crate::prose::sentences;
use crate::times::{first_date, last_date, last_month};
use std::sync::LazyLock;

static SHOULD: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(include_str!("../words/should.txt").trim_end()));
static ITEM: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(?:^|[:;,.]\s+|\band\s+)\(([a-z]{1,2})\)(?:\s|[A-Z])"));
static FOLLOW_UP: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?i)\b(?:information on (?:the )?(?:follow-up|implementation|steps)|follow-up (?:to|on)|within [a-z\d]+ (?:years?|months))\b",
    )
});
static PARAGRAPHS: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(?i)\bpara(?:graph)?s?\.? ([\d(][\d\s,()a-z–\-]*)"));
static NUMBER: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(\d+)((?: ?\([a-z]{1,2}\)(?:,? (?:and )?|–|-)?)*)"));
static POINT: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"\(([a-z]{1,2})\)"));
static TERM: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(?i)\bwithin (one|two|three|1|2|3|12|18|24) (year|month)s?"));
static NEXT: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"(?i)\b(?:next|combined|[a-z]+(?:-[a-z]+)?)\s+(?:and [a-z]+ )?(?:periodic )?reports?\b"));

/// Reads the recommendations of concluding observations, and completes the document with adoption and next report.
#[must_use]
pub fn of_observations(document: &mut Document, heading: &str, footnotes: &str, paragraphs: &[Paragraph]) -> Vec<Recommendation> {
    document.adopted = adopted(paragraphs, heading, footnotes);
    if document.date.is_none() {
        document.date.clone_from(&document.adopted);
    }
    let mut found: Vec<Recommendation> = paragraphs.iter().flat_map(points).collect();
    document.next_report = next_report(paragraphs, document.adopted.as_deref());
    follow_up(&mut found, paragraphs, document.adopted.as_deref());
    found
}

/// `adopted the present concluding observations at its 9031st meeting, held on 28 May 2031`, or the footnote of the title.
fn adopted(paragraphs: &[Paragraph], heading: &str, footnotes: &str) -> Option<String> {
    let said = |text: &str| {
        let low = text.to_lowercase();
        let at = low.rfind("adopted")?;
        text.get(at..).and_then(first_date)
    };
    paragraphs.iter().take(3).find_map(|paragraph| said(&paragraph.text)).or_else(|| said(heading)).or_else(|| said(footnotes))
}

/// The points of one paragraph.
fn points(paragraph: &Paragraph) -> Vec<Recommendation> {
    let text = paragraph.text.as_str();
    let Some(should) = SHOULD.find(text) else { return Vec::new() };
    let items: Vec<_> = ITEM
        .captures_iter(text)
        .filter_map(|item| Some((item.place(0)?.start, item.place(1)?)))
        .filter(|(at, _)| *at + 40 > should.start)
        .collect();
    let lettered =
        items.len() >= 2 && items.first().is_some_and(|(_, letter)| text[letter.clone()] == *"a") && text[..items[0].0 + 1].contains(':');
    if !lettered {
        return vec![recommendation(paragraph, None, text.to_owned())];
    }
    let lead = text[..items[0].0].trim_end_matches(|c: char| c.is_whitespace() || c == ':');
    let lead = sentences(lead).pop().map_or(lead, |last| &lead[last]);
    items
        .iter()
        .enumerate()
        .map(|(at, (_, letter))| {
            let end = items.get(at + 1).map_or(text.len(), |next| next.0 + 1);
            let words = text[letter.end + 1..end.max(letter.end + 1)].trim().trim_end_matches([';', ',']).trim_end_matches(" and");
            recommendation(paragraph, Some(&text[letter.clone()]), format!("{lead}: {}", words.trim()))
        })
        .collect()
}

fn recommendation(paragraph: &Paragraph, point: Option<&str>, text: String) -> Recommendation {
    let number = paragraph.number;
    Recommendation {
        id: format!("r{number}{}", point.unwrap_or_default()),
        paragraph: number,
        point: point.map(str::to_owned),
        cited: point.map_or_else(|| number.to_string(), |point| format!("{number} ({point})")),
        topics: crate::topics::topics(&text),
        follow_up: false,
        due: None,
        procedural: is_procedural(&text),
        by: Vec::new(),
        response: None,
        text,
    }
}

/// Ratifying, declaring, spreading, reporting: what is asked of the State as a party, not of its practice.
fn is_procedural(text: &str) -> bool {
    let low = text.to_lowercase();
    [
        "submit its",
        "disseminat",
        "spread the report",
        "widely",
        "declaration under article",
        "make the declaration",
        "ratify",
        "become a party",
        "common core document",
        "information on follow-up",
        "next periodic report",
        "accede to",
    ]
    .iter()
    .any(|words| low.contains(words))
}

/// The paragraph that names the chosen paragraphs and the date sets their flags; it is no recommendation itself.
fn follow_up(found: &mut Vec<Recommendation>, paragraphs: &[Paragraph], adopted: Option<&str>) {
    let chosen = paragraphs.iter().rev().find_map(|paragraph| {
        let text = paragraph.text.as_str();
        let asks = SHOULD.is_match(text) && FOLLOW_UP.is_match(text);
        let named = named_points(text, paragraph.number);
        let due = term(text, adopted);
        (asks && !named.is_empty() && due.is_some()).then_some((paragraph.number, named, due))
    });
    let Some((number, named, due)) = chosen else { return };
    found.retain(|recommendation| recommendation.paragraph != number);
    for recommendation in found.iter_mut() {
        let is_chosen = |(paragraph, point): &(u32, Option<String>)| {
            *paragraph == recommendation.paragraph && (point.is_none() || *point == recommendation.point)
        };
        if named.iter().any(is_chosen) {
            recommendation.follow_up = true;
            recommendation.due.clone_from(&due);
        }
    }
}

/// `paras. 6 (a), 8 and 10`, `paragraphs 9, 13 (b) and (c)`: the paragraphs and points named, all before the one that names them.
fn named_points(text: &str, before: u32) -> Vec<(u32, Option<String>)> {
    let mut found = Vec::new();
    for list in PARAGRAPHS.captures_iter(text) {
        for number in NUMBER.captures_iter(&list[1]) {
            let Ok(paragraph) = number[1].parse::<u32>() else { continue };
            if paragraph >= before {
                continue;
            }
            let points: Vec<String> = POINT.captures_iter(&number[2]).map(|point| point[1].to_owned()).collect();
            if points.is_empty() {
                found.push((paragraph, None));
            }
            found.extend(points.into_iter().map(|point| (paragraph, Some(point))));
        }
    }
    found
}

/// `by 28 May 2032`, or the day of adoption plus `within one year`.
fn term(text: &str, adopted: Option<&str>) -> Option<String> {
    if let Some(day) = text.split(" by ").skip(1).find_map(|rest| first_date(rest.get(..rest.len().min(40)).unwrap_or(rest))) {
        return Some(day);
    }
    let found = TERM.captures(text)?;
    let count = match &found[1] {
        "one" | "1" => 1,
        "two" | "2" => 2,
        "three" | "3" => 3,
        other => other.parse().ok()?,
    };
    let day: jiff::civil::Date = adopted?.parse().ok()?;
    let span = if found[2].eq_ignore_ascii_case("year") { jiff::Span::new().try_years(count) } else { jiff::Span::new().try_months(count) };
    day.checked_add(span.ok()?).ok().map(|day| day.to_string())
}

/// The last paragraph that asks for the next report and names a day.
fn next_report(paragraphs: &[Paragraph], adopted: Option<&str>) -> Option<String> {
    paragraphs.iter().rev().take(6).find_map(|paragraph| {
        let low = paragraph.text.to_lowercase();
        let asks = (low.contains("submit") || low.contains("due")) && NEXT.is_match(&low) && !low.contains("follow-up");
        if !asks {
            return None;
        }
        last_date(&paragraph.text)
            .filter(|day| adopted.is_none_or(|adopted| day.as_str() > adopted))
            .or_else(|| term(&paragraph.text, adopted))
            .or_else(|| last_month(&paragraph.text).filter(|month| adopted.is_none_or(|adopted| month.as_str() > adopted)))
    })
}
