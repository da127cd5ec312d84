//! The plan as CSV, one table a kind and one a link, with `reference` keys; and back: the events that turn one plan into the other.

use super::issuing::Entering;
use super::{Event, KINDS, Link, Plan};
use crate::error::ReviewError;

/// One file of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// `actions.csv`, `recommendations-actions.csv`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The pairs of kinds that may be linked, each its own file.
fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..KINDS.len()).flat_map(|from| (0..KINDS.len()).filter(move |to| *to != from).map(move |to| (from, to)))
}

fn link_file(from: usize, to: usize) -> String {
    format!("{}-{}.csv", KINDS[from].table, KINDS[to].table)
}

/// Every table of the plan; a pair of kinds without links has no file.
#[must_use]
pub fn export(plan: &Plan) -> Vec<Table> {
    let mut tables = Vec::new();
    for (kind, items) in KINDS.iter().zip(&plan.items) {
        let header = std::iter::once("reference").chain(kind.columns.iter().copied()).map(str::to_owned).collect();
        let rows = items.iter().map(|(reference, item)| {
            let cells = kind.columns.iter().map(|column| item.get(column));
            std::iter::once(reference.as_str()).chain(cells).map(str::to_owned).collect()
        });
        tables.push(Table { name: format!("{}.csv", kind.table), text: written(std::iter::once(header).chain(rows)) });
    }
    for (from, to) in pairs() {
        let within = |link: &&Link| plan.items[from].contains_key(&link.from) && plan.items[to].contains_key(&link.to);
        let mut rows = plan.links.iter().filter(within).map(|link| vec![link.from.clone(), link.to.clone()]).peekable();
        if rows.peek().is_some() {
            let header = vec![format!("{}_reference", KINDS[from].one), format!("{}_reference", KINDS[to].one)];
            tables.push(Table { name: link_file(from, to), text: written(std::iter::once(header).chain(rows)) });
        }
    }
    tables
}

/// The tables as one archive, the same bytes each time.
#[must_use]
pub fn archive(tables: &[Table]) -> Vec<u8> {
    let files: Vec<(&str, &str)> = tables.iter().map(|table| (table.name.as_str(), table.text.as_str())).collect();
    crate::formats::packed(&files)
}

/// Tables out of a file that somebody hands in: an archive of them, or one table.
///
/// # Errors
/// A damaged archive, one without tables, or a table that is no text; with the name of the file.
pub fn of_file(name: &str, bytes: Vec<u8>) -> Result<Vec<Table>, ReviewError> {
    let placed = |place: &str, problem: String| ReviewError::Line { place: format!("{place}:1:1"), problem };
    let files = if bytes.starts_with(b"PK\x03\x04") {
        crate::formats::files(&bytes, ".csv").map_err(|error| placed(name, error.to_string()))?
    } else {
        vec![(name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned(), bytes)]
    };
    if files.is_empty() {
        return Err(placed(name, "found no table in the archive; expected the .csv files of the export".to_owned()));
    }
    files
        .into_iter()
        .map(|(name, bytes)| {
            let known = pairs().map(|(from, to)| link_file(from, to)).chain(KINDS.iter().map(|kind| format!("{}.csv", kind.table)));
            let known: Vec<String> = known.collect();
            if !known.contains(&name) {
                let items: Vec<String> = KINDS.iter().map(|kind| format!("{}.csv", kind.table)).collect();
                return Err(placed(&name, format!("found a table of this name; expected `{}` or a table of links", items.join("`, `"))));
            }
            let text = String::from_utf8(bytes).map_err(|error| {
                let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
                let place = format!("{name}:{line}:1");
                ReviewError::Line { place, problem: "found bytes that are no UTF-8; save the table as UTF-8".to_owned() }
            })?;
            Ok(Table { name, text })
        })
        .collect()
}

/// The events that make of `plan` what the tables say. An item or a cell that the tables leave out stays as it is; a link between two
/// kinds whose table is given, and which it leaves out, is removed.
///
/// # Errors
/// A table with an unknown column, without references, or with a reference that is nowhere; with file, line and column.
pub fn import(plan: &Plan, tables: &[Table], entering: &Entering<'_>) -> Result<Vec<Event>, ReviewError> {
    let mut after = plan.clone();
    let mut events = Vec::new();
    for (kind, known) in KINDS.iter().enumerate() {
        let name = format!("{}.csv", known.table);
        for table in tables.iter().filter(|table| table.name == name) {
            for Row { line, reference, cells } in rows(table, known.columns)? {
                let before = after.items[kind].get(&reference);
                let says = |cell: &&Cell<'_>| before.map_or(!cell.value.is_empty(), |item| item.get(cell.column) != cell.value);
                let said: Vec<&Cell<'_>> = cells.iter().filter(says).collect();
                if let Some(cell) = said.iter().find(|cell| !cell.is_possible()) {
                    let problem = format!("`{}` is no day; expected YYYY-MM-DD, or nothing", cell.value);
                    return Err(wrong(table, line, cell.at, problem));
                }
                if before.is_some() && said.is_empty() {
                    continue;
                }
                let subject = if kind == 1 { "review" } else { "rec" };
                let mut event = entering.event(events.len() + 1, known.event, (subject, &reference), &[]);
                event.fields = said.iter().map(|cell| (cell.column.to_owned(), cell.value.clone())).collect();
                after.hear(&event)?;
                events.push(event);
            }
        }
    }
    for (from, to) in pairs() {
        let name = link_file(from, to);
        for table in tables.iter().filter(|table| table.name == name) {
            link_events(&mut after, table, (from, to), entering, &mut events)?;
        }
    }
    Ok(events)
}

fn link_events(
    plan: &mut Plan,
    table: &Table,
    (from, to): (usize, usize),
    entering: &Entering<'_>,
    events: &mut Vec<Event>,
) -> Result<(), ReviewError> {
    let header = [format!("{}_reference", KINDS[from].one), format!("{}_reference", KINDS[to].one)];
    let records = records(table)?;
    let mut wanted = Vec::new();
    for (line, cells) in records.iter().skip(1) {
        let [start, end] = cells.as_slice() else {
            return Err(wrong(table, *line, 1, format!("{} cells; expected 2, `{}`", cells.len(), header.join("` and `"))));
        };
        for (column, (reference, kind)) in [(start, from), (end, to)].into_iter().enumerate() {
            if !plan.items[kind].contains_key(reference) {
                let problem = format!("`{reference}` is not among the {}; correct it or add its row", KINDS[kind].table);
                return Err(wrong(table, *line, column + 1, problem));
            }
        }
        wanted.push(Link { from: start.clone(), to: end.clone() });
    }
    let standing: Vec<Link> = plan
        .links
        .iter()
        .filter(|link| plan.items[from].contains_key(&link.from) && plan.items[to].contains_key(&link.to))
        .cloned()
        .collect();
    let made = wanted.iter().filter(|link| !standing.contains(link)).map(|link| ("link_made", link));
    let removed = standing.iter().filter(|link| !wanted.contains(link)).map(|link| ("link_removed", link));
    for (kind, link) in made.chain(removed) {
        let event = entering.event(events.len() + 1, kind, ("rec", &link.from), &[("from", &link.from), ("to", &link.to)]);
        plan.hear(&event)?;
        events.push(event);
    }
    Ok(())
}

fn wrong(table: &Table, line: usize, column: usize, problem: String) -> ReviewError {
    ReviewError::Line { place: format!("{}:{line}:{column}", table.name), problem }
}

/// A row of a table of items.
struct Row<'a> {
    line: usize,
    reference: String,
    cells: Vec<Cell<'a>>,
}

/// A cell, with the number of its column in the file.
struct Cell<'a> {
    at: usize,
    column: &'a str,
    value: String,
}

impl Cell<'_> {
    /// Whether a day is a day of the calendar.
    fn is_possible(&self) -> bool {
        !matches!(self.column, "due" | "date") || self.value.is_empty() || self.value.parse::<jiff::civil::Date>().is_ok()
    }
}

/// The rows of a table of items.
fn rows<'a>(table: &Table, columns: &[&'a str]) -> Result<Vec<Row<'a>>, ReviewError> {
    let records = records(table)?;
    let Some((_, header)) = records.first() else { return Ok(Vec::new()) };
    let mut places: Vec<Option<&str>> = Vec::new();
    for (at, name) in header.iter().enumerate() {
        let known = columns.iter().find(|column| *column == name);
        if known.is_none() && name != "reference" {
            let problem = format!("found the column `{name}`; expected `reference` and any of `{}`", columns.join("`, `"));
            return Err(wrong(table, 1, at + 1, problem));
        }
        places.push(known.copied());
    }
    let Some(key) = header.iter().position(|name| name == "reference") else {
        return Err(wrong(table, 1, 1, "found no column `reference`; every row is known by it".to_owned()));
    };
    let mut found = Vec::new();
    for (line, cells) in &records[1..] {
        if cells.len() != header.len() {
            return Err(wrong(table, *line, 1, format!("{} cells; expected {}, as in the first line", cells.len(), header.len())));
        }
        let reference = cells[key].clone();
        if reference.is_empty() {
            return Err(wrong(table, *line, key + 1, "an empty reference; give the row one that no other has".to_owned()));
        }
        let cells = places.iter().zip(cells).zip(1..);
        let cells = cells.filter_map(|((column, value), at)| Some(Cell { at, column: (*column)?, value: value.clone() })).collect();
        found.push(Row { line: *line, reference, cells });
    }
    Ok(found)
}

/// The records of a CSV text, each with the line where it begins.
fn records(table: &Table) -> Result<Vec<(usize, Vec<String>)>, ReviewError> {
    let text = table.text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(table, 1, 1, format!("found no CSV ({error}); expected cells between commas")))?;
        let line = record.position().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(1);
        found.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(found)
}

/// Records as CSV text.
///
/// # Panics
/// Never: text in memory can be written, and it came as text.
fn written(records: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for record in records {
        writer.write_record(&record).expect("memory can be written");
    }
    String::from_utf8(writer.into_inner().expect("memory can be written")).expect("text was written")
}
