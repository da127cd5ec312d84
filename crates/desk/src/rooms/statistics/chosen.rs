//! The page on which a table is chosen and read.

use super::releasing::{Proposed, proposals};
use super::shelf::Question;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use crate::texts::Language;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Act;
use habeas_returns::cells::{Audience, Cell, Return, TOTAL, Treatment};
use habeas_returns::write::{charts, csv, notes, text};
use serde::Deserialize;

/// What the address asks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    table: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    with: String,
    #[serde(default)]
    as_of: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    and: String,
    #[serde(default)]
    full: String,
}

/// A choice of a list.
struct Choice {
    value: String,
    name: String,
    is_chosen: bool,
}

/// A number of the table.
struct Number {
    text: String,
    was: Option<String>,
    href: Option<String>,
}

struct Row {
    name: String,
    numbers: Vec<Number>,
}

/// The table as it is shown.
struct Shown {
    id: String,
    title: String,
    said: String,
    notes: Vec<String>,
    heads: Vec<String>,
    rows: Vec<Row>,
    charts: Vec<String>,
    traps: Vec<String>,
    cites: Vec<String>,
    as_of: String,
    /// Its file.
    csv: String,
    is_full: bool,
    /// It was asked for in full by somebody who may not see it so.
    is_less: bool,
    /// Every number is nought or not there.
    is_nothing: bool,
}

#[derive(Template)]
#[template(path = "pages/statistics.html")]
struct Page {
    shell: Shell,
    tables: Vec<Choice>,
    asked: Asked,
    places: Vec<Choice>,
    by: Vec<Choice>,
    and: Vec<Choice>,
    may_read_all: bool,
    may_propose: bool,
    /// What is wrong with what was asked.
    problem: Option<String>,
    shown: Option<Shown>,
    proposals: Vec<Proposed>,
    /// Where no table is chosen: who asks for which.
    askers: Vec<(String, Vec<(String, String)>)>,
    /// This year and the one before, for examples.
    years: (i16, i16),
}

/// The room.
pub async fn page(State(desk): State<Desk>, who: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let page = desk.work(move |desk| made(desk, &who, asked)).await?;
    let mut answer = show(&page)?;
    if page.problem.is_some() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

fn made(desk: &Desk, who: &SignedIn, mut asked: Asked) -> Result<Page, DeskError> {
    let year = desk.codebook.almanac.date(desk.now()).year();
    if asked.period.is_empty() {
        asked.period = year.to_string();
    }
    let mut ids: Vec<(&str, String)> =
        desk.codebook.tables.iter().map(|table| (table.id.as_str(), titled(desk, who.language, table))).collect();
    ids.sort_unstable();
    ids.dedup_by_key(|(id, _)| *id);
    let choice = |value: &str, name: String, chosen: &str| Choice { value: value.to_owned(), name, is_chosen: value == chosen };
    let tables = ids.iter().map(|(id, title)| choice(id, format!("{id} {title}"), &asked.table)).collect();
    let shell = desk.shell(who, "statistics-title").at("/statistics");
    let may_read_all = !asked.table.is_empty() && desk.may_of_table(who, Act::Read, &asked.table);
    let mut page = Page {
        shell,
        tables,
        places: Vec::new(),
        by: Vec::new(),
        and: Vec::new(),
        may_read_all,
        may_propose: !asked.table.is_empty() && desk.may_of_table(who, Act::Export, &asked.table),
        problem: None,
        shown: None,
        proposals: proposals(desk, who)?,
        askers: Vec::new(),
        years: (year, year - 1),
        asked,
    };
    if page.asked.table.is_empty() {
        page.askers = askers(desk, who.language, &page);
        desk.read_ahead();
        return Ok(page);
    }
    desk.wait_until_read()?;
    match counted(desk, who, &mut page) {
        // What was typed wrongly is said where it can be typed again.
        Err(DeskError::Input { text, .. }) => page.problem = Some(desk.texts.say(who.language, text, &[])),
        done => done?,
    }
    Ok(page)
}

/// Counts what is asked, and the other period that stands beside it.
fn counted(desk: &Desk, who: &SignedIn, page: &mut Page) -> Result<(), DeskError> {
    let as_of = match page.asked.as_of.trim() {
        "" => desk.latest()?,
        typed => habeas_codebook::value::moment(typed).ok_or(DeskError::Input { field: "as_of", text: "error-unreadable" })?,
    };
    let is_full = page.may_read_all && page.asked.full == "yes";
    let made = whole(desk, &page.asked, as_of, is_full, &page.asked.period)?;
    if is_full {
        desk.note_listed(who, &format!("table {} {}", made.id, made.period.name), 1)?;
    }
    let then = match page.asked.with.trim() {
        "" => None,
        with => Some(whole(desk, &page.asked, as_of, is_full, with)?),
    };
    choices(&habeas_returns::spoken(&made, &desk.codebook, who.language.of_tables()), page);
    page.shown = Some(shown(desk, who, &page.asked, &made, then.as_ref(), is_full));
    Ok(())
}

/// An address with what is asked of it; what is not asked is left out.
pub(super) fn address(page: &str, asked: &[(&str, &str)]) -> String {
    let said = asked.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:|/".contains(&byte);
        let value: String = value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
        format!("{name}={value}")
    });
    format!("{page}?{}", said.collect::<Vec<_>>().join("&"))
}

/// Who asks for tables, each with those that they ask for, in the order of their names.
fn askers(desk: &Desk, language: Language, page: &Page) -> Vec<(String, Vec<(String, String)>)> {
    let mut askers: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for one in &page.tables {
        let told = desk.codebook.tables.iter().filter(|table| table.id == one.value).flat_map(|table| &table.asked_by);
        let told = told.map(|body| habeas_returns::body(&desk.codebook, language.of_tables(), body));
        let line = (address("/statistics", &[("table", &one.value), ("period", &page.asked.period)]), one.name.clone());
        for asker in told {
            match askers.iter_mut().find(|(name, _)| *name == asker) {
                Some((_, lines)) if lines.contains(&line) => {}
                Some((_, lines)) => lines.push(line.clone()),
                None => askers.push((asker, vec![line.clone()])),
            }
        }
    }
    askers.sort();
    askers
}

/// The table that is shown as a file to count on with: `/statistics/R10/table.csv`.
pub async fn file(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let asked = Asked { table: id, ..asked };
    let (name, text) = desk.work(move |desk| written(desk, &who, &asked)).await?;
    let named = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, named)], text).into_response())
}

fn written(desk: &Desk, who: &SignedIn, asked: &Asked) -> Result<(String, String), DeskError> {
    let as_of = habeas_codebook::value::moment(&asked.as_of).ok_or(DeskError::Input { field: "as_of", text: "error-unreadable" })?;
    let is_full = asked.full == "yes";
    if is_full && !desk.may_of_table(who, Act::Read, &asked.table) {
        return Err(DeskError::Absent);
    }
    let made = whole(desk, asked, as_of, is_full, &asked.period)?;
    let period = made.period.name.replace('/', "-to-");
    if is_full {
        desk.note_listed(who, &format!("table {} {}", made.id, made.period.name), 1)?;
    }
    let kind = if is_full { "-restricted" } else { "" };
    Ok((format!("{}-{period}{kind}.csv", made.id), csv::write(&made)))
}

/// The title of a table in a language.
pub(super) fn titled(desk: &Desk, language: Language, table: &habeas_codebook::table::Table) -> String {
    let id = format!("table-{}", habeas_codebook::i18n::slug(&table.id));
    desk.codebook.labels.message(language.code(), &id).map_or_else(|| table.title.clone(), str::to_owned)
}

fn whole(desk: &Desk, asked: &Asked, as_of: Moment, is_full: bool, period: &str) -> Result<Return, DeskError> {
    let audience = if is_full { Audience::Restricted } else { Audience::Public };
    let question = Question { table: asked.table.clone(), period: period.trim().to_owned(), as_of, audience, released: Vec::new() };
    Ok(desk.counted(&question)?.made.clone())
}

/// What can be chosen in this table: its places, its dimensions.
fn choices(made: &Return, page: &mut Page) {
    if let Some(place) = made.dimension_named("place") {
        let codes = made.dimensions[place].codes.iter();
        page.places =
            codes.map(|code| Choice { value: code.clone(), name: code.replace('_', " "), is_chosen: *code == page.asked.place }).collect();
    }
    let of = |chosen: &str| -> Vec<Choice> {
        let one =
            |d: &habeas_returns::cells::DimensionHead| Choice { value: d.name.clone(), name: d.words.clone(), is_chosen: d.name == chosen };
        made.dimensions.iter().map(one).collect()
    };
    (page.by, page.and) = (of(&page.asked.by), of(&page.asked.and));
}

fn shown(desk: &Desk, who: &SignedIn, asked: &Asked, made: &Return, then: Option<&Return>, is_full: bool) -> Shown {
    let teller = desk.teller(who.language);
    let (keyed, made) = (made, &habeas_returns::spoken(made, &desk.codebook, who.language.of_tables()));
    let fixed = made.dimension_named("place").and_then(|place| Some((place, made.code_named(place, &asked.place)?)));
    let fixed = fixed.filter(|_| !asked.place.is_empty());
    let open: Vec<usize> = [&asked.by, &asked.and].into_iter().filter_map(|name| made.dimension_named(name)).collect();
    let wanted = |key: &[u16]| {
        key.iter().enumerate().all(|(place, code)| match fixed {
            Some((at, one)) if at == place => *code == one,
            _ => *code == TOTAL || open.contains(&place),
        })
    };
    let mut keys: Vec<_> = made.cells.iter().filter(|cell| wanted(&cell.key)).map(|cell| cell.key.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let stamp = teller.stamp(made.as_of);
    let row = |key: &habeas_returns::cells::Key| {
        let number = |column: usize| Number {
            text: text::cell_text(made, column, key),
            was: then.map(|then| before(keyed, then, column, key)),
            href: is_full.then(|| {
                let (codes, column) = (made.codes(key).join("|"), column.to_string());
                let said = [("by", asked.by.as_str()), ("and", &asked.and), ("place", &asked.place)];
                let wanted = [("period", made.period.name.as_str()), ("as_of", &stamp), ("column", &column), ("codes", &codes)];
                address(&format!("/statistics/{}/cell", made.id), &[wanted.as_slice(), &said].concat())
            }),
        };
        Row { name: text::row_name(made, key), numbers: (0..made.columns.len()).map(number).collect() }
    };
    let narrowed = fixed.map_or_else(|| made.clone(), |(place, code)| made.within(place, code));
    let drawn = charts::write(&narrowed)
        .into_iter()
        .filter(|(name, _)| open.is_empty() || open.iter().any(|place| name.ends_with(&csv::column_name(&made.dimensions[*place].name))));
    let values = [("period", made.period.name.as_str()), ("time", &teller.whole(made.as_of))];
    Shown {
        id: made.id.clone(),
        title: made.title.clone(),
        said: desk.texts.say(who.language, "statistics-said", &values),
        notes: notes(made),
        heads: made.columns.iter().map(|column| format!("{} ({})", column.name, column.unit)).collect(),
        rows: keys.iter().map(row).collect(),
        charts: drawn.map(|(_, svg)| svg).collect(),
        traps: made.traps.clone(),
        cites: made.cites.iter().chain(&made.asked_by).cloned().collect(),
        csv: address(
            &format!("/statistics/{}/table.csv", made.id),
            &[("period", &made.period.name), ("as_of", &stamp), ("full", if is_full { "yes" } else { "" })],
        ),
        as_of: stamp.clone(),
        is_full,
        is_less: asked.full == "yes" && !is_full,
        is_nothing: is_nothing(made),
    }
}

/// Whether a table shows nothing but noughts. One that is rounded does not say it: a small number would be told from none.
fn is_nothing(made: &Return) -> bool {
    let is_none = |cell: &Cell| !cell.shown.is_withheld() && cell.value.is_none_or(|value| value.is_zero());
    !matches!(made.treatment, Treatment::Rounded(_)) && made.cells.iter().all(is_none)
}

/// The same number of another period; parts of the year have other names there, and give none.
fn before(made: &Return, then: &Return, column: usize, key: &[u16]) -> String {
    let codes = made.codes(key);
    let moved: Option<Vec<u16>> = codes.iter().enumerate().map(|(place, code)| then.code_named(place, code)).collect();
    moved.map(|key| text::cell_text(then, column, &key)).filter(|text| !text.is_empty()).unwrap_or_else(|| "\u{2013}".to_owned())
}
