//! The heading of a document: what stands above the first paragraph, and the stage directions. It reads names, numbers and days; it
//! knows the committees by a list of words and no State.

use crate::cleaning::floor;
use crate::lines::{Line, LineKind, is_symbol};
use crate::model::{Document, DocumentKind, Suspension, SymbolSource};
use crate::patterns::Pattern;
use crate::prose::is_finished;
use crate::times::{first_date, hours, ordinal};
use std::sync::LazyLock;

/// One committee of the list.
struct Committee {
    name: &'static str,
    code: &'static str,
    prefix: &'static str,
}

static COMMITTEES: LazyLock<Vec<Committee>> = LazyLock::new(|| {
    include_str!("../words/committees.tsv")
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some(Committee { name: cells.next()?, code: cells.next()?, prefix: cells.next()? })
        })
        .collect()
});

static SESSION: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"(?i-u)\b((?:one hundred and |hundred and )?[a-z]+(?:[- ][a-z]+)?|\d+ ?\d*(?:st|nd|rd|th))\s+session\b")
});
static MEETING: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"(?i-u)\bsummary\s+record\b(?u:.*?)\b(\d[\d ]*)\s*(?:st|nd|rd|th)\b(?u:[ -ɏ]{0,30}?)\bmeeting"));
static HELD: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"(?i-u)\bheld\s+(?:at|in)\s+(?:the\s+)?((?u:.+?)),?\s+on\s+(?:\w+day\b|\d{1,2}\s)"));
static HELD_ON: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(?i-u)\bheld\b((?u:.*?))\bon\s+((?u:.+))"));
static CHAIR: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"(?i-u)^(?:temporary |acting )?chair(?:person|man|woman)?\s*:\s*((?u:.+))$"));
static REPORT: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(include_str!("../words/report.txt").trim_end()));
static STATE_OF: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(include_str!("../words/state_of.txt").trim_end()));
static BRACKET: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)"));

/// Makes the patterns that [`read`] needs.
pub fn make_patterns() {
    [&SESSION, &MEETING, &HELD, &HELD_ON, &CHAIR, &REPORT, &BRACKET].into_iter().for_each(|pattern| {
        LazyLock::force(pattern);
    });
    crate::times::make_patterns();
}

/// What was read above the first paragraph, and what the lines of the heading say of references.
#[derive(Debug)]
pub struct Heading {
    /// The fields.
    pub document: Document,
    /// The text of the heading: where references without a paragraph are found.
    pub text: String,
    /// Whether a line tells that the meeting ended.
    pub has_end: bool,
}

/// Reads the heading: `above` are the lines above the first paragraph, `all` the whole file, for stage directions.
#[must_use]
pub fn read(above: &[Line], all: &[Line]) -> Heading {
    let rows: Vec<&Line> = above.iter().filter(|line| !line.plain.is_empty()).collect();
    let joined = rows.iter().filter(|line| line.kind != LineKind::Footnote).map(|line| line.plain.as_str()).collect::<Vec<_>>().join(" ");
    let mut document = blank();
    name_committee(&rows, &joined, &mut document);
    document.session = session(&joined);
    document.meeting = MEETING.captures(&joined).and_then(|found| found[1].replace(' ', "").parse().ok());
    document.place = HELD.captures(&joined).map(|found| found[1].trim().to_owned()).filter(|place| place.len() < 80);
    document.date = HELD_ON.captures(&joined).filter(|found| found[1].len() <= 120).and_then(|found| first_date(floor(&found[2], 60)));
    document.distributed = distributed(&rows);
    document.original_language = language(&joined);
    document.chair = rows.iter().find_map(|line| CHAIR.captures(&line.plain)).map(|found| name_of_chair(&found[1]));
    document.kind = kind(&joined, &document);
    read_item(&rows, &mut document);
    symbol(&rows, &mut document);
    let has_end = stages(all, &mut document);
    Heading { document, text: heading_text(&rows), has_end }
}

/// The number of the session that a text names first.
#[must_use]
pub fn session(text: &str) -> Option<u32> {
    SESSION.captures_iter(text).find_map(|found| ordinal(&found[1]).or_else(|| ordinal(found[1].rsplit(' ').next()?)))
}

fn blank() -> Document {
    Document {
        kind: DocumentKind::Other,
        symbol: None,
        symbol_source: None,
        committee: None,
        committee_code: None,
        session: None,
        meeting: None,
        date: None,
        distributed: None,
        called_to_order: None,
        rose: None,
        suspensions: Vec::new(),
        place: None,
        chair: None,
        state: None,
        report: None,
        original_language: None,
        continued: false,
        documents: Vec::new(),
        numbers_inferred: false,
        adopted: None,
        next_report: None,
    }
}

/// The lines that tell what the meeting is about.
fn heading_text(rows: &[&Line]) -> String {
    rows.iter().filter(|line| line.kind == LineKind::Text).map(|line| line.plain.as_str()).collect::<Vec<_>>().join("\n")
}

/// A line that is a committee's name counts more than a mention in a sentence; a symbol counts where no name stands.
fn name_committee(rows: &[&Line], joined: &str, document: &mut Document) {
    let low = joined.to_lowercase();
    let alone =
        |committee: &&Committee| rows.iter().any(|line| line.plain.trim_end_matches('*').trim().eq_ignore_ascii_case(committee.name));
    let by_symbol = |committee: &&Committee| {
        rows.iter().flat_map(|line| line.plain.split(|c: char| c.is_whitespace() || "();,".contains(c))).any(|word| is_of(word, committee))
    };
    let mentioned = |committee: &&Committee| low.contains(&committee.name.to_lowercase());
    let found = COMMITTEES.iter().find(alone).or_else(|| COMMITTEES.iter().find(mentioned)).or_else(|| COMMITTEES.iter().find(by_symbol));
    if let Some(committee) = found {
        document.committee = Some(committee.name.to_owned());
        document.committee_code = Some(committee.code.to_owned());
    }
}

fn is_of(word: &str, committee: &Committee) -> bool {
    is_symbol(word) && word.strip_prefix(committee.prefix).is_some_and(|rest| rest.starts_with('/'))
}

fn distributed(rows: &[&Line]) -> Option<String> {
    let start = rows.iter().position(|line| line.plain.to_lowercase().contains("distr"))?;
    rows.iter().skip(start).take(6).find_map(|line| first_date(&line.plain))
}

fn language(joined: &str) -> Option<String> {
    let low = joined.to_lowercase();
    let word = low.split("original:").nth(1)?.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?;
    let code = match word {
        "english" => "en",
        "french" => "fr",
        "spanish" => "es",
        "russian" => "ru",
        "arabic" => "ar",
        "chinese" => "zh",
        _ => return None,
    };
    Some(code.to_owned())
}

fn name_of_chair(text: &str) -> String {
    let end = text.find(['(', '*']).unwrap_or(text.len());
    let name = &text[..end];
    name.split(" later").next().unwrap_or(name).trim().trim_end_matches([',', ';']).to_owned()
}

/// What each kind of document calls itself. The name that stands first counts: a list of issues speaks of earlier observations.
const NAMES: [(DocumentKind, &[&str]); 4] = [
    (
        DocumentKind::FollowUp,
        &[
            "follow-up letter",
            "follow-up to the concluding observations",
            "follow-up to concluding observations",
            "information received from",
            "follow-up report",
            "comments by the government",
        ],
    ),
    (
        DocumentKind::ConcludingObservations,
        &["concluding observations", "concluding comments", "conclusions and recommendations of the committee"],
    ),
    (DocumentKind::Other, &["replies of ", "replies by the government"]),
    (DocumentKind::ListOfIssues, &["list of issues", "list of themes", "questions prior to"]),
];

fn kind(joined: &str, document: &Document) -> DocumentKind {
    let low = joined.to_lowercase();
    if document.meeting.is_some() || low.contains("summary record") {
        return DocumentKind::SummaryRecord;
    }
    let first = |names: &[&str]| names.iter().filter_map(|name| low.find(name)).min();
    let named = NAMES.iter().filter_map(|(kind, names)| Some((first(names)?, *kind))).min_by_key(|(at, _)| *at);
    match named {
        Some((_, kind)) => kind,
        None if low.contains("follow-up") => DocumentKind::FollowUp,
        None => DocumentKind::Other,
    }
}

/// The item line: the report, its State, the symbols in brackets, and whether it is continued. The last one above the text counts.
fn read_item(rows: &[&Line], document: &mut Document) {
    let rows: Vec<String> = joined_items(rows);
    for row in rows.iter().rev() {
        let Some(found) = REPORT.captures(row).filter(|found| is_report(&found[1])) else { continue };
        if document.state.is_none() {
            document.report = Some(tidy_report(&found[1]));
            document.state = Some(tidy_state(&found[2])).filter(|state| !state.is_empty() && state.len() < 80);
            document.continued = row.to_lowercase().contains("(continued)");
        }
        if document.documents.is_empty() {
            document.documents =
                BRACKET.captures_iter(row).map(|inner| symbols_of(&inner[1])).find(|found| !found.is_empty()).unwrap_or_default();
        }
        document.continued |= row.to_lowercase().contains("(continued)");
    }
    if document.state.is_none() {
        document.state = rows.iter().rev().find_map(|row| STATE_OF.captures(row)).map(|found| tidy_state(&found[1]));
        document.continued = rows.iter().any(|row| row.to_lowercase().contains("(continued)"));
    }
    if document.documents.is_empty() && document.state.is_none() {
        document.documents = rows
            .iter()
            .rev()
            .flat_map(|row| BRACKET.captures_iter(row).map(|inner| symbols_of(&inner[1])).collect::<Vec<_>>())
            .find(|found| !found.is_empty())
            .unwrap_or_default();
    }
}

/// Lines of one item joined: a line that goes on in lower case or with a bracket belongs to the one before.
fn joined_items(rows: &[&Line]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut last = 0;
    for line in rows.iter().filter(|line| line.kind == LineKind::Text) {
        let is_open = joined.last().is_some_and(|row| row.matches('(').count() > row.matches(')').count());
        let goes_on = is_open || line.plain.starts_with(|c: char| c.is_lowercase() || c == '(');
        match joined.last_mut() {
            Some(row) if goes_on && line.number <= last + 2 && row.len() < 600 => {
                row.push(' ');
                row.push_str(&line.plain);
            }
            Some(_) | None => joined.push(line.plain.clone()),
        }
        last = line.number;
    }
    joined
}

fn is_report(words: &str) -> bool {
    let low = words.to_lowercase();
    ["periodic", "initial", "special", "additional", "supplementary", "common"].iter().any(|word| low.contains(word)) && words.len() < 90
}

/// `concluding observations on the second periodic report` is the second periodic report; the first letter is a capital.
fn tidy_report(words: &str) -> String {
    let low = words.to_lowercase();
    let start = [" on the ", " of the ", " to the ", " the "]
        .iter()
        .filter_map(|lead| low.rfind(lead).map(|at| at + lead.len()))
        .max()
        .unwrap_or(0);
    let words = words[start..].trim().trim_start_matches("the ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

fn tidy_state(words: &str) -> String {
    let words = words.trim().trim_end_matches(['*', '.', ',', ':']).trim();
    let words = words.strip_prefix("the ").or_else(|| words.strip_prefix("The ")).unwrap_or(words);
    words.to_owned()
}

/// Symbols of an item line, split at `;`, `,` and `and`; `X and Add.1` stays one.
fn symbols_of(inner: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let flat = BRACKET.replace_all(inner, " ");
    let words: Vec<&str> = flat.split_whitespace().collect();
    let mut tail = false;
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|c: char| ";,()[].*".contains(c));
        if is_symbol(bare) {
            found.push(bare.to_owned());
            tail = true;
        } else if (bare.starts_with("Add.") || bare.starts_with("Corr.") || bare.starts_with("Rev.")) && tail {
            if let Some(last) = found.last_mut() {
                let joint = if at > 0 && words[at - 1] == "and" { " and " } else { ", " };
                last.push_str(joint);
                last.push_str(bare);
            }
        } else if bare != "and" {
            tail = false;
        }
    }
    found
}

/// The document's own symbol is a line of its own in the heading; else it is made from the meeting.
fn symbol(rows: &[&Line], document: &mut Document) {
    let committee = COMMITTEES.iter().find(|committee| Some(committee.code) == document.committee_code.as_deref());
    let alone = rows.iter().filter(|line| line.kind != LineKind::Footnote).find_map(|line| {
        let mut words = line.plain.split_whitespace().filter(|word| *word != "United" && *word != "Nations");
        let word = words.next()?.trim_end_matches('*');
        (is_symbol(word) && words.next().is_none()).then(|| word.to_owned())
    });
    if let Some(symbol) = alone {
        document.symbol = Some(symbol);
        document.symbol_source = Some(SymbolSource::Printed);
    } else if let (Some(committee), Some(meeting)) = (committee, document.meeting) {
        document.symbol = Some(format!("{}/SR.{meeting}", committee.prefix));
        document.symbol_source = Some(SymbolSource::Derived);
    }
}

/// Stage directions anywhere in the file. Says whether one of them ends the meeting.
fn stages(all: &[Line], document: &mut Document) -> bool {
    let mut has_end = false;
    for (at, line) in all.iter().enumerate() {
        let mut low = line.plain.to_lowercase();
        let is_stage = line.kind == LineKind::Stage || low.contains("meeting was suspended at");
        if !is_stage {
            continue;
        }
        // In a narrow column the direction goes on in the next line.
        if !is_finished(&line.plain)
            && let Some(next) = all.get(at + 1)
        {
            low.push(' ');
            low.push_str(&next.plain.to_lowercase());
        }
        let at = hours(&low);
        if low.contains("suspended") {
            let (from, to) = (at.first().cloned(), at.get(1).cloned());
            document.suspensions.push(Suspension { from, to });
        } else if low.contains("resumed") {
            if let Some(open) = document.suspensions.last_mut().filter(|pause| pause.to.is_none()) {
                open.to = at.first().cloned();
            }
        } else if ["called to order", "opened", "began"].iter().any(|words| low.contains(words)) {
            document.called_to_order = document.called_to_order.take().or_else(|| at.first().cloned());
        } else if low.contains("rose") || low.contains("ended") || low.contains("closed") || low.contains("adjourned") {
            document.rose = at.first().cloned();
            has_end = true;
        }
    }
    has_end
}
