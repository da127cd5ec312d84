//! A number opened down to the entries behind it, for those who may read the table whole. That it was opened is an entry of its own.

use super::shelf::Question;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Path, Query, State};
use habeas_codebook::log::{EventId, Log};
use habeas_codebook::tree::Act;
use habeas_returns::cells::Audience;
use habeas_returns::write::text;
use serde::Deserialize;

/// Entries shown at most.
const MOST: usize = 1_000;

/// What the address asks.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    period: String,
    as_of: String,
    column: usize,
    #[serde(default)]
    codes: String,
    /// How the table is shown to which this leads back.
    #[serde(default)]
    by: String,
    #[serde(default)]
    and: String,
    #[serde(default)]
    place: String,
}

struct Line {
    id: String,
    kind: String,
    stamp: String,
    at: String,
    place: String,
    record: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/cell.html")]
struct Page {
    shell: Shell,
    back: String,
    name: String,
    number: String,
    count: usize,
    lines: Vec<Line>,
}

/// The entries behind a cell.
pub async fn page(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let page = desk.work(move |desk| opened(desk, &who, &id, &asked)).await?;
    show(&page)
}

fn opened(desk: &Desk, who: &SignedIn, id: &str, asked: &Asked) -> Result<Page, DeskError> {
    if !desk.may_of_table(who, Act::Read, id) {
        return Err(DeskError::Absent);
    }
    let as_of = habeas_codebook::value::moment(&asked.as_of).ok_or(DeskError::Input { field: "as_of", text: "error-unreadable" })?;
    let question =
        Question { table: id.to_owned(), period: asked.period.clone(), as_of, audience: Audience::Restricted, released: Vec::new() };
    desk.wait_until_read()?;
    let release = desk.counted(&question)?;
    let made = &release.made;
    let head = made.columns.get(asked.column).ok_or(DeskError::Absent)?;
    let codes: Vec<&str> = asked.codes.split('|').collect();
    let key: Option<Vec<u16>> = (0..made.dimensions.len()).map(|place| made.code_named(place, codes.get(place)?)).collect();
    let key = key.ok_or(DeskError::Absent)?;
    let log = desk.whole_log()?;
    let events = made.events_behind(asked.column, &key);
    let told = habeas_returns::spoken(made, &desk.codebook, who.language.of_tables());
    let row = text::row_name(&told, &key);
    desk.note_listed(who, &format!("cell {} {}, {}, {row}", made.id, made.period.name, head.name), events.len())?;
    let name = format!("{} {}: {}, {row}", made.id, made.period.name, told.columns[asked.column].name);
    Ok(Page {
        shell: desk.shell(who, "cell-title").at("/statistics"),
        back: super::chosen::address(
            "/statistics",
            &[
                ("table", id),
                ("period", &asked.period),
                ("full", "yes"),
                ("as_of", &asked.as_of),
                ("by", &asked.by),
                ("and", &asked.and),
                ("place", &asked.place),
            ],
        ),
        name,
        number: text::cell_text(made, asked.column, &key),
        count: events.len(),
        lines: events.into_iter().take(MOST).map(|event| line(desk, who, &log, event)).collect(),
    })
}

fn line(desk: &Desk, who: &SignedIn, log: &Log, event: EventId) -> Line {
    let teller = desk.teller(who.language);
    let class = |name: &str| desk.codebook.class_named(name);
    let named = |name: &str| class(name).and_then(|class| log.subject_of(event, class)).map(|subject| log.name_of(subject).to_owned());
    let at = log.at(event);
    let record = ["custody", "case", "measure", "person"].into_iter().find_map(|class| Some((class, named(class)?)));
    // The record is a link only for those who may open it; whose it is, nobody else learns.
    let record = record.filter(|(class, id)| desk.sight(who, class, id).is_ok());
    Line {
        id: log.id(event).to_owned(),
        kind: Names::new(&desk.codebook, who.language).kind(&desk.codebook.kind(log.kind(event)).name),
        stamp: teller.stamp(at.earliest),
        at: if at.is_exact() { teller.whole(at.earliest) } else { teller.at(at) },
        place: named("place").map(|place| desk.place_name(&place)).unwrap_or_default(),
        record: record.map(|(class, id)| (format!("/record/{class}/{id}"), id)),
    }
}
