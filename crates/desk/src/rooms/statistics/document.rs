//! The report of a year on paper: every table released for it, each with what to mind, its numbers and charts of them.

use super::published::{Sheet, newest_of, recounted};
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use crate::texts::Language;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use habeas_paper::{Bar, Block, Document, Paper};
use habeas_returns::cells::{ColumnKind, Return, TOTAL};
use habeas_returns::write::text;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Rows of a table on paper; all are in the files of its release.
const ROWS: usize = 60;
/// Bars of a chart.
const BARS: usize = 16;

/// The report as a PDF: `/open-data/report/2029/az.pdf`.
pub async fn pdf(State(desk): State<Desk>, Path((year, file)): Path<(String, String)>) -> Answer {
    let language = file.strip_suffix(".pdf").and_then(Language::of).ok_or(DeskError::Absent)?;
    let name = format!("report-{year}.{}.pdf", language.code());
    let bytes = desk.work(move |desk| {
        desk.wait_until_read()?;
        let document = document(desk, &year, language)?;
        habeas_paper::pdf(&document, Paper::A4).map_err(|error| DeskError::Machine(error.to_string()))
    });
    let headers = [(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, format!("inline; filename=\"{name}\""))];
    Ok((headers, bytes.await?).into_response())
}

fn document(desk: &Desk, year: &str, language: Language) -> Result<Document, DeskError> {
    let done = newest_of(desk, year)?;
    if done.is_empty() {
        return Err(DeskError::Absent);
    }
    let say = |id: &str| desk.texts.say(language, id, &[]);
    let title = desk.texts.say(language, "report-of", &[("year", year)]);
    let mut blocks = vec![Block::Text(say("report-text"))];
    for one in &done {
        let release = recounted(desk, one)?;
        let told = habeas_returns::spoken(&release.made, &desk.codebook, language.of_tables());
        let sheet = release.sheet(desk, language);
        let Sheet { title, said, notes, heads, rows, traps, cites, .. } = &*sheet;
        blocks.extend([Block::Section(title.clone()), Block::Text(said.clone())]);
        blocks.extend(notes.iter().cloned().map(Block::Text));
        blocks.extend(charts(&told));
        let heads = std::iter::once(String::new()).chain(heads.iter().cloned()).collect();
        let left = rows.len().saturating_sub(ROWS);
        let rows = rows.iter().take(ROWS).map(|(name, numbers)| std::iter::once(name).chain(numbers).cloned().collect()).collect();
        blocks.push(Block::Table { heads, rows });
        if left > 0 {
            blocks.push(Block::Text(desk.texts.say(language, "report-more-rows", &[("n", &left.to_string())])));
        }
        if !traps.is_empty() {
            blocks.push(Block::Text(format!("{}: {}.", say("statistics-mind"), traps.join(". "))));
        }
        blocks.extend([Block::Text(cites.join("; ")), Block::Lines(format!("CSV, SHA-256 {}", one.hash))]);
    }
    blocks.push(Block::Text(say("statistics-marks")));
    let foot = format!("{}, {title}", desk.register.origin());
    Ok(Document { language: language.code().to_owned(), title, foot, blocks })
}

/// A chart of the first count by each dimension.
fn charts(made: &Return) -> Vec<Block> {
    let Some(column) = made.columns.iter().position(|column| column.kind == ColumnKind::Count) else { return Vec::new() };
    let by = |dimension: usize| {
        let key = |code: usize| -> Vec<u16> {
            (0..made.dimensions.len()).map(|place| if place == dimension { code as u16 } else { TOTAL }).collect()
        };
        let one = |code: usize| {
            let key = key(code);
            let cell = made.cells_at(column, &key).find(|cell| !cell.shown.is_withheld())?;
            Some((made.label(dimension, code as u16), cell.value?, text::cell_text(made, column, &key)))
        };
        let told: Vec<(String, Decimal, String)> = (1..=made.dimensions[dimension].codes.len()).filter_map(one).take(BARS).collect();
        let most = told.iter().map(|(_, value, _)| *value).max().filter(|most| *most > Decimal::ZERO)?;
        let length = |value: Decimal| (value * Decimal::ONE_THOUSAND / most).to_u16().unwrap_or_default();
        let bars = told.into_iter().map(|(name, value, said)| Bar { name, length: length(value), said }).collect();
        Some(Block::Bars { title: format!("{}, {}", made.columns[column].name, made.dimensions[dimension].label), bars })
    };
    (0..made.dimensions.len()).filter_map(by).collect()
}
