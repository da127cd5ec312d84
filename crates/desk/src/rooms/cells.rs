//! The cells of a place: who is in each, and how much floor each person has now. Below the least that a rule asks, it says so.

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::{Shell, Wants};
use crate::station::board::why_href;
use crate::station::chips::{Chip, is_open};
use crate::station::rows::{has_screen, row, settle};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use habeas_codebook::tree::{FieldType, Unit};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Cells side by side in the plan, their width and height with the gap.
const ACROSS: usize = 10;
const WIDE: usize = 112;
const HIGH: usize = 92;

/// Its address.
pub fn routes() -> Router<Desk> {
    Router::new().route("/cells", get(page))
}

/// The filter bar.
#[derive(Clone, Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    place: String,
}

/// A cell.
struct CellShown {
    name: String,
    x: usize,
    y: usize,
    area: String,
    each: String,
    people: Vec<(String, String)>,
    /// Where the dots of the plan stand.
    dots: Vec<usize>,
    breach: Option<(Chip, String)>,
    order: (bool, i64),
}

#[derive(Template)]
#[template(path = "pages/cells.html")]
struct Page {
    shell: Shell,
    filter: Filter,
    places: Vec<String>,
    cells: Vec<CellShown>,
    people: usize,
    nowhere: Vec<(String, String)>,
    height: usize,
}

async fn page(State(desk): State<Desk>, who: SignedIn, Query(filter): Query<Filter>) -> Answer {
    let page = desk.work(move |desk| built(desk, &who, filter)).await?;
    show(&page)
}

fn built(desk: &Desk, who: &SignedIn, filter: Filter) -> Result<Page, DeskError> {
    if !desk.is_for(who, Wants::OwnPlace) {
        return Err(DeskError::Forbidden);
    }
    let own = &who.session.account.places;
    let place = own.iter().find(|place| **place == filter.place).or_else(|| own.first());
    let mut inside: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut nowhere = Vec::new();
    let mut people = 0;
    let (teller, reader) = (desk.teller(who.language), desk.reader(who));
    let lives = desk.register.all_open("custody", place.map(String::as_str))?;
    settle(desk, lives.iter().map(|life| &life.subject), teller.now)?;
    for life in lives {
        let (class, id) = &life.subject;
        let Ok(sight) = reader.sight(class, id) else { continue };
        people += 1;
        let row = row(desk, class, id, teller.now)?;
        let person = (row.name_for(&sight).unwrap_or_else(|| id.clone()), format!("/record/{class}/{id}"));
        match &row.cell {
            Some(cell) => inside.entry(cell.clone()).or_default().push(person),
            None => nowhere.push(person),
        }
    }
    // Cells that were measured and stand empty are shown as free.
    if let Some(place) = place {
        for entry in desk.register.history("place", place, None).unwrap_or_default() {
            let cells = entry.subject.iter().filter(|(class, _)| class == "cell").map(|(_, cell)| cell.clone());
            if has_screen(&desk.codebook, &entry.kind, "cell-facts") {
                cells.for_each(|cell| {
                    inside.entry(cell).or_default();
                });
            }
        }
    }
    let mut cells = Vec::new();
    for (n, (name, people)) in inside.into_iter().enumerate() {
        cells.push(cell(desk, &teller, n, name, people)?);
    }
    let height = cells.len().div_ceil(ACROSS) * HIGH;
    cells.sort_by_key(|cell| cell.order);
    desk.note_listed(who, "cells", people)?;
    Ok(Page { shell: desk.shell(who, "cells-title").at("/cells"), filter, places: own.clone(), cells, people, nowhere, height })
}

fn cell(desk: &Desk, teller: &Teller<'_>, n: usize, name: String, people: Vec<(String, String)>) -> Result<CellShown, DeskError> {
    let hundredths = area(desk, &name);
    let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
    let each = hundredths.filter(|_| count > 0).map(|all| all / count);
    let known = row(desk, "cell", &name, teller.now).ok();
    let owed = known
        .iter()
        .flat_map(|row| &row.verdicts)
        .filter(|verdict| verdict.verdict == "breached" && (is_open(verdict) || verdict.until.is_none()) && verdict.class == "custody");
    let breach = owed.max_by_key(|verdict| verdict.since).map(|verdict| (Chip::of(teller, verdict), why_href(verdict)));
    Ok(CellShown {
        x: n % ACROSS * WIDE,
        y: n / ACROSS * HIGH,
        area: hundredths.map(metres).unwrap_or_default(),
        each: each.map(metres).unwrap_or_default(),
        dots: (0..people.len().min(5)).map(|dot| 92 - dot * 14).collect(),
        order: (breach.is_none(), each.unwrap_or(i64::MAX)),
        breach,
        name,
        people,
    })
}

/// The floor of a cell in hundredths of a square metre: the first field in square metres of the newest entry that measured it.
fn area(desk: &Desk, cell: &str) -> Option<i64> {
    let history = desk.register.history("cell", cell, None).ok()?;
    let measured =
        history.iter().rev().find(|entry| has_screen(&desk.codebook, &entry.kind, "cell-facts") && entry.withdrawn_by.is_none())?;
    let kind = desk.codebook.kinds.iter().find(|kind| kind.name == measured.kind)?;
    let field = kind.fields.iter().find(|field| field.of == FieldType::Number(Some(Unit::SquareMetre)))?;
    let name = &desk.codebook.field_names[field.name.index()];
    let text = measured.fields.iter().find(|told| told.name == *name)?.value.as_str()?;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    Some(whole.parse::<i64>().ok()? * 100 + part.parse::<i64>().ok()?)
}

fn metres(hundredths: i64) -> String {
    format!("{}.{}", hundredths / 100, hundredths % 100 / 10)
}
