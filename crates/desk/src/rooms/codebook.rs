//! The codebook room: a chapter of the law is changed as a draft, checked as its author's editor checks it, and tried on the record before
//! anybody adopts it: which verdicts would be other ones, and how many. Nothing here changes the law in force.
//!
//! What is shown of the record are numbers by safeguard, to those who may read the records of every place; those of rules that read health
//! or privileged facts stay as secret as these are.

use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::shell::{Shell, Wants};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::routing::get;
use axum::{Router, http::StatusCode};
use habeas_codebook::Reading;
use habeas_codebook::diagnostic::{Diagnostic, Severity, SourceFile};
use habeas_codebook::moment::Moment;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::{Codebook, Sensitivity};
use habeas_returns::trial::{self, Asked, Change, Verdict};
use serde::Deserialize;

/// Where a chapter stands that the codebook does not have yet.
const NEW: &str = "chapters/99-draft.md";
const SETTINGS: &str = "codebook.toml";
/// Microseconds of a year of 365 days.
const YEAR: i64 = 365 * 86_400_000_000;

/// The verdicts that are told apart, each with its text.
const TOLD: [(Verdict, &str); 7] = [
    (Verdict::Breached, "chip-breached"),
    (Verdict::MetLate, "chip-met-late"),
    (Verdict::Undetermined, "chip-undetermined"),
    (Verdict::Pending, "chip-due"),
    (Verdict::Excused, "chip-excused"),
    (Verdict::Met, "chip-met"),
    (Verdict::NotApplicable, "chip-not-applicable"),
];

/// Its address.
pub fn routes() -> Router<Desk> {
    Router::new().route("/codebook", get(page).post(sent))
}

/// Something that the check objects to.
struct Finding {
    code: &'static str,
    is_error: bool,
    /// Its file, where that is not the draft.
    file: String,
    line: Option<u32>,
    message: String,
    help: Option<String>,
    /// The line of the draft itself.
    shown: String,
}

/// A safeguard whose verdicts would be other ones: text of a verdict, in force, by the draft, the difference.
struct Line {
    rule: String,
    moved: u64,
    counts: Vec<(&'static str, u64, u64, String)>,
}

struct Tried {
    subjects: u64,
    left_out: u64,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "pages/codebook.html")]
struct Page {
    shell: Shell,
    chapters: Vec<(String, String)>,
    chapter: String,
    text: String,
    may_try: bool,
    is_all: bool,
    findings: Option<Vec<Finding>>,
    /// Warnings about other chapters.
    elsewhere: Vec<Finding>,
    is_refused: bool,
    trial: Option<Tried>,
}

/// What the address asks.
#[derive(Debug, Default, Deserialize)]
struct Opened {
    #[serde(default)]
    chapter: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct Sent {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    chapter: String,
    #[serde(default)]
    draft: String,
    #[serde(default)]
    whose: String,
    #[serde(default)]
    action: String,
}

/// The chapters of the pack itself: path and title.
fn chapters(codebook: &Codebook) -> Vec<(String, String)> {
    let own = codebook.chapters.iter().filter(|chapter| chapter.pack == codebook.id);
    own.map(|chapter| (codebook.files[chapter.file as usize].path.clone(), chapter.title.clone())).collect()
}

fn text_of<'c>(codebook: &'c Codebook, path: &str) -> Option<&'c str> {
    codebook.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
}

fn blank(desk: &Desk, who: &SignedIn, chapter: &str) -> Result<Page, DeskError> {
    let shell = desk.shell(who, "codebook-title").at("/codebook");
    let mut offered = chapters(&desk.codebook);
    offered.push((NEW.to_owned(), shell.say("codebook-new")));
    let chapter = if chapter.is_empty() { offered.first().map_or(NEW, |(path, _)| path) } else { chapter }.to_owned();
    if !offered.iter().any(|(path, _)| *path == chapter) {
        return Err(DeskError::Absent);
    }
    let text = text_of(&desk.codebook, &chapter).unwrap_or("# \n").to_owned();
    let may_try = desk.is_for(who, Wants::EveryPlace);
    Ok(Page {
        shell,
        chapters: offered,
        chapter,
        text,
        may_try,
        is_all: false,
        findings: None,
        elsewhere: Vec::new(),
        is_refused: false,
        trial: None,
    })
}

async fn page(State(desk): State<Desk>, who: SignedIn, Query(opened): Query<Opened>) -> Answer {
    let page = desk.work(move |desk| blank(desk, &who, &opened.chapter)).await?;
    show(&page)
}

async fn sent(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Sent>) -> Answer {
    who.made(&sent.form_token)?;
    let page = desk.work(move |desk| {
        let mut page = blank(desk, &who, &sent.chapter)?;
        page.text = sent.draft.replace("\r\n", "\n");
        page.is_all = sent.whose == "all";
        let reading = drafted(&desk.codebook, &page.chapter, &page.text);
        let all = reading.diagnostics.iter().map(|found| finding(&reading, found, &page.chapter));
        let (here, elsewhere) = all.partition(|found: &Finding| found.is_error || found.line.is_some());
        (page.findings, page.elsewhere) = (Some(here), elsewhere);
        if sent.action != "try" {
            return Ok(page);
        }
        if !page.may_try {
            return Err(DeskError::Forbidden);
        }
        match &reading.codebook {
            Some(draft) => page.trial = Some(tried(desk, &who, draft, (&page.chapter, page.is_all))?),
            None => page.is_refused = true,
        }
        Ok(page)
    });
    let page = page.await?;
    let mut response = show(&page)?;
    if page.is_refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The codebook with one chapter as its author would have it, read and checked from the files that it was made from.
fn drafted(codebook: &Codebook, chapter: &str, text: &str) -> Reading {
    let bases: Vec<&str> = {
        let mut packs: Vec<&str> = codebook.chapters.iter().map(|chapter| chapter.pack.as_str()).collect();
        packs.retain(|pack| *pack != codebook.id);
        packs.dedup();
        packs
    };
    let is_of = |file: &SourceFile, pack: &str| file.path.strip_prefix(pack).is_some_and(|rest| rest.starts_with('/'));
    let built_on = |pack: &str| {
        let inside = codebook.files.iter().filter(|file| is_of(file, pack));
        let files = inside.map(|file| SourceFile { path: file.path[pack.len() + 1..].to_owned(), text: file.text.clone() });
        Some(PackSource { files: files.collect() }).filter(|source| source.file(SETTINGS).is_some())
    };
    let own = codebook.files.iter().filter(|file| !bases.iter().any(|pack| is_of(file, pack)));
    let mut files: Vec<SourceFile> = own.filter(|file| file.path != chapter).cloned().collect();
    files.push(SourceFile { path: chapter.to_owned(), text: text.to_owned() });
    if let Some(settings) = files.iter_mut().find(|file| chapter == NEW && file.path == SETTINGS) {
        let name = NEW.trim_start_matches("chapters/");
        settings.text = settings.text.replacen("chapters = [", &format!("chapters = [\"{name}\", "), 1);
    }
    habeas_codebook::read(&PackSource { files }, &built_on)
}

fn finding(reading: &Reading, found: &Diagnostic, chapter: &str) -> Finding {
    let file = reading.files.get(found.mark.file as usize);
    let line = file.filter(|file| file.path == chapter).map(|file| file.line_column(found.mark.bytes.start).0);
    let shown = file.zip(line).and_then(|(file, line)| file.text.lines().nth(line.saturating_sub(1) as usize)).unwrap_or_default();
    Finding {
        code: found.code,
        is_error: found.severity == Severity::Error,
        file: file.map(|file| file.path.clone()).unwrap_or_default(),
        line,
        message: found.message.clone(),
        help: found.help.clone(),
        shown: shown.trim_end().to_owned(),
    }
}

/// Judges the record by both laws. That somebody did is an entry.
fn tried(desk: &Desk, who: &SignedIn, draft: &Codebook, (chapter, is_all): (&str, bool)) -> Result<Tried, DeskError> {
    let now = desk.now();
    let since = if is_all { Moment::LONG_AGO } else { Moment(now.0 - YEAR) };
    let log = desk.whole_log()?;
    let found = trial::tried(&log, (&desk.codebook, draft), Asked { now, known_at: now }, since);
    desk.note_listed(who, &format!("draft of {chapter}"), usize::try_from(found.subjects).unwrap_or(usize::MAX))?;
    let names = Names::new(&desk.codebook, who.language);
    let line = |(rule, change): (&String, &Change)| Line { rule: names.rule(rule), moved: change.moved, counts: counts(change) };
    let mut lines: Vec<Line> = found.changes.iter().map(line).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.moved));
    Ok(Tried { subjects: found.subjects, left_out: found.left_out, lines })
}

/// The counts of a safeguard that differ; none where they are not for everybody who may look here.
fn counts(change: &Change) -> Vec<(&'static str, u64, u64, String)> {
    if matches!(change.sensitivity, Some(Sensitivity::Medical | Sensitivity::Privileged)) {
        return Vec::new();
    }
    let told = TOLD.iter().map(|(verdict, text)| (*text, change.before[*verdict as usize], change.after[*verdict as usize]));
    let differ = told.filter(|(_, before, after)| before != after);
    let counted: Vec<_> = differ
        .map(|(text, before, after)| {
            let sign = if after > before { "+" } else { "\u{2212}" };
            (text, before, after, format!("{sign}{}", after.abs_diff(before)))
        })
        .collect();
    // The same numbers of other verdicts: each went another way.
    if counted.is_empty() { vec![("chip-breached", change.before[6], change.after[6], "0".to_owned())] } else { counted }
}
