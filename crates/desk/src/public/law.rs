//! The codebook as a book: each rule as the sentence that is judged, with what it rests on.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::{Shell, Wants};
use askama::Template;
use axum::extract::State;
use habeas_codebook::tree::Grade;
use std::collections::HashMap;

/// Text of a verdict, and how many.
type Counts = Vec<(&'static str, u64)>;

/// The verdicts that are counted beside a rule, each with its text.
const COUNTED: [(&str, &str); 5] = [
    ("met", "law-met"),
    ("met_late", "law-met-late"),
    ("breached", "law-breached"),
    ("pending", "law-pending"),
    ("undetermined", "law-undetermined"),
];

struct RuleShown {
    id: String,
    sentence: String,
    cites: Vec<String>,
    from: String,
    grade: &'static str,
    counts: Counts,
}

struct ChapterShown {
    id: String,
    title: String,
    rules: Vec<RuleShown>,
}

#[derive(Template)]
#[template(path = "pages/law.html")]
struct Law {
    shell: Shell,
    name: String,
    chapters: Vec<ChapterShown>,
}

/// The book of law.
pub async fn law(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let shell = desk.public_shell(&visitor, "law-title").at("/law");
    let codebook = &desk.codebook;
    let teller = desk.teller(visitor.language);
    let counts = match &visitor.signed_in {
        Some(who) if desk.is_for(who, Wants::EveryPlace) => desk.work(counts).await?,
        Some(_) | None => HashMap::new(),
    };
    let mut chapters: Vec<ChapterShown> = Vec::new();
    for (i, chapter) in codebook.chapters.iter().enumerate() {
        let rules = codebook.rules.iter().enumerate().filter(|(_, rule)| rule.chapter as usize == i).map(|(n, rule)| RuleShown {
            id: rule.id.clone(),
            sentence: desk.law(visitor.language, habeas_codebook::tree::RuleId(u16::try_from(n).unwrap_or(u16::MAX))),
            cites: rule.cites.iter().map(|cite| format!("{}, {}", cite.source, cite.label)).collect(),
            from: teller.date(rule.from),
            counts: counts.get(&rule.id).cloned().unwrap_or_default(),
            grade: match rule.severity {
                Grade::Record => "grade-record",
                Grade::Notable => "grade-notable",
                Grade::Serious => "grade-serious",
                Grade::Critical => "grade-critical",
            },
        });
        let shown = ChapterShown { id: format!("c{i}"), title: chapter.title.clone(), rules: rules.collect() };
        if !shown.rules.is_empty() {
            chapters.push(shown);
        }
    }
    show(&Law { shell, name: codebook.name.clone(), chapters })
}

/// How each rule stands now over every place, for those who may read every place. A rule on medical or privileged facts is not counted
/// here: its counts are as secret as they are.
fn counts(desk: &Desk) -> Result<HashMap<String, Counts>, DeskError> {
    let mut counted: HashMap<String, Counts> = HashMap::new();
    for count in desk.register.counts(desk.now())? {
        let Some(n) = COUNTED.iter().position(|(verdict, _)| *verdict == count.verdict) else { continue };
        counted.entry(count.rule).or_insert_with(|| COUNTED.map(|(_, text)| (text, 0)).to_vec())[n].1 += count.count;
    }
    Ok(counted)
}
