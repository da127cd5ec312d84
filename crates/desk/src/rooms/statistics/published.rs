//! Open data: what was released, for everybody. The files of a release are kept as they were made when it was approved, so that they are
//! the same bytes for ever; the page counts the table again, and what has not the hash that the release names is not given out.

use super::chosen::titled;
use super::releasing::{Published, all_published, hash, published, table_of};
use super::shelf::{Counted, Question};
use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use habeas_codebook::moment::Moment;
use habeas_returns::cells::Return;
use habeas_returns::write::files::{self, Origin};
use habeas_returns::write::{charts, notes, text};
use std::sync::Arc;

/// A release in a list.
struct Line {
    href: String,
    id: String,
    title: String,
    period: String,
    as_of: String,
    at: String,
    stamp: String,
}

/// A release as a reader's table.
pub struct Sheet {
    anchor: String,
    pub(super) title: String,
    pub(super) said: String,
    pub(super) notes: Vec<String>,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<(String, Vec<String>)>,
    charts: Vec<String>,
    pub(super) traps: Vec<String>,
    pub(super) cites: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/open-data.html")]
struct List {
    shell: Shell,
    lines: Vec<Line>,
    years: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/release.html")]
struct One {
    shell: Shell,
    sheet: Arc<Sheet>,
    files: Vec<String>,
    here: String,
    hash: String,
    checkpoint: String,
    codebook: String,
    again: String,
}

#[derive(Template)]
#[template(path = "pages/report.html")]
struct Report {
    shell: Shell,
    year: String,
    sheets: Vec<Arc<Sheet>>,
    papers: Vec<(String, &'static str)>,
}

/// Every release.
pub async fn list(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let language = visitor.language;
    let lines = desk.work(move |desk| lines(desk, language)).await?;
    let mut years: Vec<String> = lines.iter().map(|line| line.period.chars().take(4).collect()).collect();
    years.sort_unstable();
    years.dedup();
    years.reverse();
    show(&List { shell: desk.public_shell(&visitor, "open-data-title").at("/open-data"), lines, years })
}

fn lines(desk: &Desk, language: crate::texts::Language) -> Result<Vec<Line>, DeskError> {
    let teller = desk.teller(language);
    let line = |done: Published| Line {
        href: format!("/open-data/{}", done.id),
        title: desk
            .codebook
            .tables
            .iter()
            .find(|table| table.id == done.question.table)
            .map(|t| titled(desk, language, t))
            .unwrap_or_default(),
        id: done.question.table,
        period: done.question.period,
        as_of: teller.whole(done.question.as_of),
        at: teller.whole(done.at),
        stamp: teller.stamp(done.at),
    };
    Ok(all_published(desk)?.into_iter().map(line).collect())
}

/// A release by its id.
fn found(desk: &Desk, id: &str) -> Result<Published, DeskError> {
    let table = table_of(&desk.register.entry(id)?);
    published(desk, &table)?.into_iter().find(|done| done.id == id).ok_or(DeskError::Absent)
}

/// The table of a release, if it still comes out as it was released.
pub(super) fn recounted(desk: &Desk, done: &Published) -> Result<Arc<Counted>, DeskError> {
    let release = desk.counted(&done.question)?;
    if release.hash() == done.hash { Ok(release) } else { Err(DeskError::Input { field: "release", text: "statistics-changed" }) }
}

pub(super) fn sheet(desk: &Desk, language: crate::texts::Language, made: &Return) -> Sheet {
    let teller = desk.teller(language);
    let made = &habeas_returns::spoken(made, &desk.codebook, language.of_tables());
    let row = |key: &habeas_returns::cells::Key| {
        (text::row_name(made, key), (0..made.columns.len()).map(|column| text::cell_text(made, column, key)).collect())
    };
    let values = [("period", made.period.name.as_str()), ("time", &teller.whole(made.as_of))];
    Sheet {
        anchor: made.id.clone(),
        title: format!("{} {}", made.id, made.title),
        said: desk.texts.say(language, "statistics-said", &values),
        notes: notes(made),
        heads: made.columns.iter().map(|column| format!("{} ({})", column.name, column.unit)).collect(),
        rows: text::reading_order(made).iter().map(row).collect(),
        charts: charts::write(made).into_iter().map(|(_, svg)| svg).collect(),
        traps: made.traps.clone(),
        cites: made.cites.iter().chain(&made.asked_by).cloned().collect(),
    }
}

/// One release: the table, what its numbers mean, its files, and what to recount it from.
pub async fn one(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let shell = desk.public_shell(&visitor, "open-data-title").at(format!("/open-data/{id}"));
    let language = visitor.language;
    let page = desk.work(move |desk| {
        let done = found(desk, &id)?;
        desk.wait_until_read()?;
        let release = recounted(desk, &done)?;
        let files = kept(desk, &done)?;
        let sheet = release.sheet(desk, language);
        let again = command(desk, &done);
        let Published { hash, checkpoint, codebook, .. } = done;
        Ok(One { shell, sheet, files, here: format!("/open-data/{id}"), hash, checkpoint, codebook, again })
    });
    show(&page.await?)
}

/// What a stranger types to count a release again.
fn command(desk: &Desk, done: &Published) -> String {
    let stamp = |at: Moment| desk.teller(crate::texts::Language::En).stamp(at);
    let Question { table, period, as_of, released, .. } = &done.question;
    let before: String = released.iter().map(|at| format!(" --released {}", stamp(*at))).collect();
    format!("habeas return {table} --period {period} --as-of {}{before} --data REGISTER --format csv | sha256sum", stamp(*as_of))
}

fn files_of(desk: &Desk, done: &Published, release: &habeas_returns::release::Release) -> Vec<files::File> {
    let origin = Origin {
        checkpoint: Some(done.checkpoint.clone()),
        codebook_hash: done.codebook.clone(),
        log_hash: String::new(),
        program: format!("habeas {}", env!("CARGO_PKG_VERSION")),
    };
    let text = |bytes: &[u8]| hash(&String::from_utf8_lossy(bytes));
    let told = habeas_returns::in_other_languages(&release.made, &desk.codebook);
    files::write(&release.made, &told, &origin, release.audit.as_ref(), &text)
}

/// Under which name the files of a release are kept.
fn kept_as(release: &str, file: &str) -> String {
    format!("release/{release}/{file}")
}

/// Keeps the files of a release, so that everybody gets the same bytes for ever, whatever program makes them one day.
///
/// # Errors
/// Trouble with the folder, or a table that no longer comes out as it was released.
pub fn keep(desk: &Desk, done: &Published) -> Result<(), DeskError> {
    let release = recounted(desk, done)?;
    for (name, text) in files_of(desk, done, &release) {
        desk.accounts.keep_paper(&kept_as(&done.id, &name), text.as_bytes(), done.at)?;
    }
    Ok(())
}

/// Names of the files of a release. What was released before files were kept, or on another machine, is made once and kept.
fn kept(desk: &Desk, done: &Published) -> Result<Vec<String>, DeskError> {
    let beginning = kept_as(&done.id, "");
    let names = || -> Result<Vec<String>, DeskError> {
        let all = desk.accounts.papers(&beginning)?;
        let mut names: Vec<String> = all.into_iter().filter_map(|(name, _)| Some(name.strip_prefix(&beginning)?.to_owned())).collect();
        names.sort_unstable();
        Ok(names)
    };
    let there = names()?;
    if !there.is_empty() {
        return Ok(there);
    }
    keep(desk, done)?;
    names()
}

/// One file of a release.
pub async fn file(State(desk): State<Desk>, Path((id, name)): Path<(String, String)>) -> Answer {
    let wanted = name.clone();
    let body = desk.work(move |desk| {
        let done = found(desk, &id)?;
        if !kept(desk, &done)?.contains(&wanted) {
            return Err(DeskError::Absent);
        }
        desk.accounts.paper(&kept_as(&id, &wanted))?.ok_or(DeskError::Absent)
    });
    let kind = match name.rsplit('.').next() {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    Ok(([(header::CONTENT_TYPE, kind)], body.await?).into_response())
}

/// Every table released for a year, as one document: the newest release of each.
pub async fn report(State(desk): State<Desk>, visitor: Visitor, Path(year): Path<String>) -> Answer {
    let shell = desk.public_shell(&visitor, "report-title").at(format!("/open-data/report/{year}"));
    let (language, wanted) = (visitor.language, year.clone());
    let sheets = desk.work(move |desk| {
        desk.wait_until_read()?;
        newest_of(desk, &wanted)?
            .iter()
            .map(|done| Ok(recounted(desk, done)?.sheet(desk, language)))
            .collect::<Result<Vec<Arc<Sheet>>, DeskError>>()
    });
    let sheets = sheets.await?;
    if sheets.is_empty() {
        return Err(DeskError::Absent);
    }
    let papers =
        crate::texts::Language::ALL.map(|language| (format!("/open-data/report/{year}/{}.pdf", language.code()), language.own_name()));
    show(&Report { shell, year, sheets, papers: papers.to_vec() })
}

/// The newest release of each table for a period, by table.
pub(super) fn newest_of(desk: &Desk, period: &str) -> Result<Vec<Published>, DeskError> {
    let mut newest: Vec<Published> = Vec::new();
    for done in all_published(desk)?.into_iter().filter(|done| done.question.period == period) {
        if !newest.iter().any(|known| known.question.table == done.question.table) {
            newest.push(done);
        }
    }
    newest.sort_by(|a, b| a.question.table.cmp(&b.question.table));
    Ok(newest)
}

/// The releases as an Atom feed.
pub async fn feed(State(desk): State<Desk>) -> Answer {
    let lines = desk.work(|desk| lines(desk, crate::texts::Language::En)).await?;
    let mut feed = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">");
    let origin = habeas_returns::write::html::escape(desk.register.origin());
    let updated = lines.first().map_or("1970-01-01T00:00:00Z", |line| line.stamp.as_str());
    feed.push_str(&format!("<title>{origin}</title><id>urn:habeas:{origin}:returns</id><updated>{updated}</updated>\n"));
    for line in &lines {
        let title = habeas_returns::write::html::escape(&format!("{} {}, {}", line.id, line.title, line.period));
        feed.push_str(&format!(
            "<entry><title>{title}</title><id>urn:habeas:{origin}:{}</id><updated>{}</updated><link href=\"{}\"/></entry>\n",
            line.href.trim_start_matches("/open-data/"),
            line.stamp,
            line.href
        ));
    }
    feed.push_str("</feed>\n");
    Ok::<Response, DeskError>(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed).into_response())
}
