//! The codebook as a book: each rule as the sentence that is judged, with what it rests on.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::State;
use habeas_codebook::render;
use habeas_codebook::tree::Grade;

struct RuleShown {
    id: String,
    sentence: String,
    cites: Vec<String>,
    from: String,
    grade: &'static str,
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
    let mut chapters: Vec<ChapterShown> = Vec::new();
    for (i, chapter) in codebook.chapters.iter().enumerate() {
        let rules = codebook.rules.iter().enumerate().filter(|(_, rule)| rule.chapter as usize == i).map(|(n, rule)| RuleShown {
            id: rule.id.clone(),
            sentence: render::sentence(codebook, habeas_codebook::tree::RuleId(u16::try_from(n).unwrap_or(u16::MAX))),
            cites: rule.cites.iter().map(|cite| format!("{}, {}", cite.source, cite.label)).collect(),
            from: teller.date(rule.from),
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
