//! Rows of a foreign table, one after another, become entries.

use super::compiled::{Compiled, Condition, Event, OnCompiled, Row, Source};
use super::missing_column;
use super::numbers::Numbers;
use super::snapshot::{Change, Snapshots};
use super::written::{Becomes, InputPart, Repeat};
use crate::csv::piece_error;
use crate::gather::{Draft, Gather, Place};
use crate::jsonl::not_json;
use crate::objects::{self, Step};
use crate::problem::{IntakeError, Problem};
use crate::records::{self, Pieces};
use habeas_codebook::log::{Lasting, Value};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{Builtin, ClassId, Field, FieldId, FieldType};
use habeas_codebook::value::Misspelt;
use jiff::civil;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Read;

/// What the last row with an id said, for `repeat = "correct"`.
struct Said {
    at: At,
    fields: Vec<(FieldId, Value)>,
    corrections: usize,
}

/// In a value map: any word that it does not name.
const ANY_OTHER: &str = "*";

/// Applies a mapping to tables.
pub(super) struct Applier<'m> {
    compiled: &'m Compiled,
    input: &'m InputPart,
    said: HashMap<String, Said>,
    pub(super) snapshots: Option<Snapshots>,
}

/// An entry that a row gives, before it is taken in.
struct Given {
    id: String,
    at: At,
    recorded_at: Option<Moment>,
    by: Option<String>,
    subjects: Vec<(ClassId, String)>,
    fields: Vec<(FieldId, Value)>,
}

/// Where a row stands.
#[derive(Clone, Copy)]
struct Line<'f> {
    file: &'f str,
    /// Data row, from 1.
    number: u64,
    line: u64,
}

impl<'f> Line<'f> {
    fn row<'r>(self, cells: &'r Cells, numbers: Numbers) -> Row<'r>
    where
        'f: 'r,
    {
        let Line { file, number, line } = self;
        Row { file, number, line, values: &cells.values, starts: &cells.starts, numbers, change: None }
    }
}

/// A record of delimited text in its piece.
#[derive(Clone, Copy)]
struct Record<'p> {
    bytes: &'p [u8],
    start: usize,
    spans: &'p [records::Span],
}

impl Record<'_> {
    /// Where a byte stands in its line, from 1.
    fn column_of(&self, byte: u32) -> u64 {
        String::from_utf8_lossy(&self.bytes[self.start..byte as usize]).chars().count() as u64 + 1
    }
}

/// The values of the columns that a mapping names, and where each stands in its line.
struct Cells {
    values: Vec<String>,
    starts: Vec<u64>,
}

impl Cells {
    fn of(compiled: &Compiled) -> Self {
        Cells { values: vec![String::new(); compiled.columns.len()], starts: vec![0; compiled.columns.len()] }
    }

    fn clear(&mut self) {
        self.values.iter_mut().for_each(String::clear);
        self.starts.fill(0);
    }
}

impl<'m> Applier<'m> {
    pub(super) fn new(compiled: &'m Compiled, input: &'m InputPart) -> Self {
        let snapshots = compiled.snapshot.as_ref().map(|_| Snapshots::default());
        Applier { compiled, input, said: HashMap::new(), snapshots }
    }

    /// A delimited text with a header line.
    pub(super) fn csv<R: Read>(
        &mut self,
        gather: &mut Gather<'_>,
        file: &str,
        reader: R,
        delimiter: u8,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), IntakeError> {
        let mut pieces = Pieces::new(reader, true);
        let mut columns: Option<(Vec<Option<usize>>, usize)> = None;
        let (mut number, mut spans, mut scratch) = (0u64, Vec::new(), String::new());
        let mut cells = Cells::of(self.compiled);
        while let Some(piece) = pieces.next().map_err(|e| piece_error(e, file))? {
            progress(piece.bytes.len() as u64);
            let mark = if piece.line == 1 && piece.bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let (mut at, mut line) = (mark, piece.line);
            while at < piece.bytes.len() {
                let (start, here) = (at, line);
                at = records::split(&piece.bytes, at, delimiter, piece.quoted, &mut spans);
                line += memchr::memchr_iter(b'\n', &piece.bytes[start..at]).count() as u64;
                if spans.is_empty() || here < self.input.header {
                    continue;
                }
                let place = Place { file, line: here, column: 0 };
                let wrong_quotes = records::wrong_quotes(&piece.bytes, &spans, delimiter);
                let Some((places, width)) = &columns else {
                    if let Some(wrong) = wrong_quotes {
                        return Err(IntakeError::Broken(place.problem(wrong.what, &wrong.found, wrong.expected)));
                    }
                    let header = header(&piece.bytes, &spans, &mut scratch);
                    columns = Some((self.find_columns(place, &header)?, header.len()));
                    continue;
                };
                number += 1;
                gather.rows += 1;
                let record = Record { bytes: &piece.bytes, start, spans: &spans };
                if let Some(wrong) = wrong_quotes {
                    gather.bad(place.at_column(record.column_of(wrong.cell.start)).problem(wrong.what, &wrong.found, wrong.expected));
                    continue;
                }
                let wrong = self.fill(record, (places, *width), &mut cells, place);
                self.cells(gather, Line { file, number, line: here }, &mut cells, wrong);
            }
        }
        if columns.is_none() {
            let line = self.input.header;
            let what = if line == 1 { "the file is empty".to_owned() } else { format!("the file ends before its line {line}") };
            return Err(IntakeError::Broken(Place { file, line, column: 0 }.problem(what, "", "a header line")));
        }
        Ok(())
    }

    /// The cells of a record; what is wrong with it, if it is a row.
    fn fill(&self, record: Record<'_>, (places, width): (&[Option<usize>], usize), cells: &mut Cells, place: Place<'_>) -> Option<Problem> {
        let mut wrong = None;
        let mut scratch = String::new();
        cells.clear();
        for (slot, column) in places.iter().enumerate() {
            let Some(span) = column.and_then(|c| record.spans.get(c)) else { continue };
            cells.starts[slot] = record.column_of(span.cell.start);
            match records::text(record.bytes, *span, &mut scratch) {
                Some(text) => self.put(&mut cells.values[slot], text),
                None => {
                    let expected = "UTF-8, or `encoding` in [input] (windows-1252, macintosh, utf-16 …)";
                    wrong = Some(place.at_column(cells.starts[slot]).problem("this is not UTF-8 text", "", expected));
                }
            }
        }
        // What stands under no header may be blank: a line that ends with a delimiter.
        let mut is_blank =
            |span: &records::Span| records::text(record.bytes, *span, &mut scratch).is_some_and(|text| text.trim().is_empty());
        if record.spans.len() < width || !record.spans[width..].iter().all(&mut is_blank) {
            let what = "the row has another number of fields than the header";
            let expected = format!("{width} (a line that is no row, a total or a note, is passed over by a [[skip]])");
            wrong = wrong.or_else(|| Some(place.problem(what, &record.spans.len().to_string(), expected)));
        }
        wrong
    }

    /// Objects, one a line or in one list; members of objects within are named with dots.
    pub(super) fn json_lines<R: Read>(
        &mut self,
        gather: &mut Gather<'_>,
        file: &str,
        reader: R,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), IntakeError> {
        let mut number = 0;
        let mut cells = Cells::of(self.compiled);
        objects::each(reader, file, &mut |step| {
            let written = match step {
                Step::Read(bytes) => return progress(bytes),
                Step::Object(written) => written,
            };
            number += 1;
            gather.rows += 1;
            let json: Json = match serde_json::from_slice(written.bytes) {
                Ok(json) => json,
                Err(error) => return gather.bad(not_json(file, written, &error)),
            };
            if !json.is_object() {
                let place = Place { file, line: written.line, column: written.column };
                return gather.bad(place.problem("this is not an object", &json.to_string(), "{\"column\": value, …}"));
            }
            let mut flat = HashMap::new();
            objects::flatten("", &json, &mut |name, text| drop(flat.insert(name, text)));
            cells.clear();
            for (slot, column) in self.compiled.columns.iter().enumerate() {
                if let Some(text) = column.spellings.iter().find_map(|s| flat.get(s)) {
                    self.put(&mut cells.values[slot], text);
                }
            }
            self.cells(gather, Line { file, number, line: written.line }, &mut cells, None);
        })
    }

    /// A cell, trimmed; a spelling of "not recorded" becomes empty.
    fn put(&self, value: &mut String, text: &str) {
        let text = if self.input.trim { text.trim() } else { text };
        if !self.input.blank.iter().any(|b| b == text) {
            value.push_str(text);
        }
    }

    fn find_columns(&self, place: Place<'_>, header: &[String]) -> Result<Vec<Option<usize>>, IntakeError> {
        let mut places = Vec::new();
        let mut problems = Vec::new();
        for column in &self.compiled.columns {
            let found = column.spellings.iter().find_map(|s| header.iter().position(|h| h == s.trim()));
            if found.is_none() && !column.optional {
                problems.push(missing_column(place, column, header));
            }
            places.push(found);
        }
        if problems.is_empty() { Ok(places) } else { Err(IntakeError::BadMapping(problems)) }
    }

    /// The cells of a line: derived ones are made, then the row is passed over or given on. `wrong`: what is wrong with the line if it is
    /// a row at all, and not a total or a note that is passed over.
    fn cells(&mut self, gather: &mut Gather<'_>, line: Line<'_>, cells: &mut Cells, wrong: Option<Problem>) {
        let numbers = self.input.numbers;
        let derived = self.compiled.derived.iter().try_for_each(|(slot, derived)| {
            cells.values[*slot] = derived.of(&line.row(cells, numbers))?;
            cells.starts[*slot] = derived.shown().map_or(0, |column| cells.starts[column]);
            Ok(())
        });
        let row = line.row(cells, numbers);
        if self.compiled.skip.iter().any(|tests| !tests.is_empty() && tests.iter().all(|t| t.holds(&row))) {
            gather.passed_over += 1;
            return;
        }
        match wrong.map_or(derived, Err) {
            Ok(()) => self.row(gather, &row),
            Err(problem) => gather.bad(problem),
        }
    }

    /// One row: kept for its snapshot, or given to every block.
    fn row(&mut self, gather: &mut Gather<'_>, row: &Row<'_>) {
        if let (Some(snapshots), Some(states)) = (&mut self.snapshots, &self.compiled.snapshot) {
            if let Err(problem) = snapshots.keep(row, &states.key, &states.taken) {
                gather.bad(problem);
            }
            return;
        }
        for event in &self.compiled.events {
            if let Err(problem) = event_of(gather, &mut self.said, event, row, None) {
                // A row is bad once, however many of its events are.
                gather.bad(problem);
                return;
            }
        }
    }

    /// After the last input: snapshots are compared, oldest first.
    pub(super) fn finish(mut self, gather: &mut Gather<'_>) -> Result<(), IntakeError> {
        let Some(snapshots) = self.snapshots.take() else { return Ok(()) };
        let changed: Vec<usize> = self
            .compiled
            .events
            .iter()
            .filter_map(|e| match e.on {
                Some(OnCompiled::Change(column)) => Some(column),
                Some(OnCompiled::First | OnCompiled::Gone | OnCompiled::Back) | None => None,
            })
            .collect();
        let (compiled, said) = (self.compiled, &mut self.said);
        let returns_within_days = compiled.snapshot.as_ref().and_then(|states| states.returns_within_days);
        snapshots.compare(&changed, returns_within_days, &mut |row, change| {
            for event in &compiled.events {
                let fits = match (event.on, &change) {
                    (Some(OnCompiled::First), Change::First { .. })
                    | (Some(OnCompiled::Gone), Change::Gone { .. })
                    | (Some(OnCompiled::Back), Change::Back { .. }) => true,
                    (Some(OnCompiled::Change(column)), Change::Changed { column: other, .. }) => column == *other,
                    (Some(_) | None, _) => false,
                };
                if fits && let Err(problem) = event_of(gather, said, event, row, Some(change.at())) {
                    gather.bad(problem);
                }
            }
        });
        Ok(())
    }
}

/// The names of columns; a name met again is told apart by its number: `total#2`.
fn header(bytes: &[u8], spans: &[records::Span], scratch: &mut String) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut met: HashMap<String, usize> = HashMap::new();
    for span in spans {
        let name = records::text(bytes, *span, scratch).unwrap_or("?").trim().to_owned();
        let times = met.entry(name.clone()).or_insert(0);
        *times += 1;
        names.push(if *times == 1 { name } else { format!("{name}#{times}") });
    }
    names
}

/// The entries that a block gives for a row; `seen` is when a snapshot shows the change.
fn event_of(
    gather: &mut Gather<'_>,
    said: &mut HashMap<String, Said>,
    event: &Event,
    row: &Row<'_>,
    seen: Option<At>,
) -> Result<(), Problem> {
    if !event.when.iter().all(|t: &Condition| t.holds(row)) {
        return Ok(());
    }
    let times = match &event.at {
        Some(time) => time.of(row)?,
        None => seen.into_iter().collect(),
    };
    let recorded_at = match &event.recorded_at {
        Some(time) => time.of(row)?.first().map(|at| at.latest),
        None => None,
    };
    let mut subjects = Vec::new();
    for (class, template) in &event.subjects {
        subjects.extend(template.fill(row).map(|name| (*class, name)));
    }
    let Some(fields) = fields_of(gather, event, row)? else {
        gather.passed_over += 1;
        return Ok(());
    };
    for (n, at) in times.iter().enumerate() {
        let Some(mut id) = event.id.fill(row) else {
            return Err(row.problem(None, "the id of this event has a blank column", "", "a value in every column that the id names"));
        };
        if n > 0 {
            id.push_str(&format!("/{}", n + 1));
        }
        let by = event.by.as_ref().and_then(|b| b.fill(row));
        let given = Given { id, at: *at, recorded_at, by, subjects: subjects.clone(), fields: fields.clone() };
        enter(gather, said, event, row, given)?;
    }
    Ok(())
}

fn enter(gather: &mut Gather<'_>, said: &mut HashMap<String, Said>, event: &Event, row: &Row<'_>, given: Given) -> Result<(), Problem> {
    match event.repeat {
        Repeat::Error => {}
        Repeat::First => {
            if gather.log.find(&given.id).is_some() {
                gather.passed_over += 1;
                return Ok(());
            }
        }
        Repeat::Correct => {
            if let Some(before) = said.get_mut(&given.id) {
                return correct(gather, before, row, given);
            }
            said.insert(given.id.clone(), Said { at: given.at, fields: given.fields.clone(), corrections: 0 });
        }
    }
    take(gather, event.kind, row, &given)
}

fn take(gather: &mut Gather<'_>, kind: habeas_codebook::tree::KindId, row: &Row<'_>, given: &Given) -> Result<(), Problem> {
    let named: Vec<(ClassId, &str)> = given.subjects.iter().map(|(c, n)| (*c, n.as_str())).collect();
    let draft = Draft {
        id: &given.id,
        kind,
        at: given.at,
        recorded_at: given.recorded_at,
        by: given.by.as_deref(),
        subjects: &named,
        fields: &given.fields,
    };
    gather.take(&draft, Place { file: row.file, line: row.line, column: 0 }).map(|_| ())
}

/// What a later row says otherwise becomes a correction, recorded when that row was.
fn correct(gather: &mut Gather<'_>, before: &mut Said, row: &Row<'_>, given: Given) -> Result<(), Problem> {
    let mut changed: Vec<(FieldId, Value)> =
        given.fields.iter().filter(|(f, v)| !before.fields.iter().any(|(g, w)| g == f && w == v)).cloned().collect();
    let codebook = gather.words.codebook;
    let field = |name: &str| codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16));
    if before.at != given.at
        && let Some(at) = field("at")
    {
        changed.push((at, Value::time(given.at)));
    }
    if changed.is_empty() {
        return Ok(());
    }
    let Some(recorded) = given.recorded_at else {
        return Err(row.problem(
            None,
            "a repeated id is corrected, but the row does not say when it was recorded",
            &given.id,
            "`recorded_at` in the [[event]]",
        ));
    };
    before.corrections += 1;
    before.at = given.at;
    for (name, value) in &changed {
        if Some(*name) != field("at") {
            before.fields.retain(|(f, _)| f != name);
            before.fields.push((*name, value.clone()));
        }
    }
    if let Some(corrects) = field("corrects") {
        let target = gather.log.text(&given.id);
        changed.insert(0, (corrects, Value::Text(target)));
    }
    let correction = Given {
        id: format!("{}~{}", given.id, before.corrections),
        at: At::exact(recorded),
        recorded_at: Some(recorded),
        by: given.by,
        subjects: given.subjects,
        fields: changed,
    };
    take(gather, Builtin::Correction.kind(), row, &correction)
}

/// The fields of an event; `None` when a word says that it is passed over.
fn fields_of(gather: &mut Gather<'_>, event: &Event, row: &Row<'_>) -> Result<Option<Vec<(FieldId, Value)>>, Problem> {
    let mut fields = Vec::new();
    for (field, source) in &event.fields {
        match value_of(gather, field, source, row)? {
            Found::Value(value) => fields.push((field.name, value)),
            Found::Nothing => {}
            Found::PassedOver => return Ok(None),
        }
    }
    Ok(Some(fields))
}

enum Found {
    Value(Value),
    Nothing,
    PassedOver,
}

fn value_of(gather: &mut Gather<'_>, field: &Field, source: &Source, row: &Row<'_>) -> Result<Found, Problem> {
    match source {
        Source::Constant(text) => {
            let value = gather.value(field, text).map_err(|w| row.problem(None, "the mapping's value does not fit", text, w.expected))?;
            Ok(Found::Value(value))
        }
        Source::Age { column, on } => age(gather, row, *column, on),
        Source::Column { .. } => cell_value(gather, field, source, row),
    }
}

/// The words of a cell, each in ours; `None`: one says that the event is passed over.
fn words_of(source: &Source, row: &Row<'_>) -> Result<Option<Vec<String>>, Problem> {
    let Source::Column { column, values, split, matching, default, .. } = source else { return Ok(Some(Vec::new())) };
    let cell = row.value(*column);
    let cell = match matching {
        Some(regex) => regex.captures(cell).and_then(|c| c.get(1).or(c.get(0))).map_or("", |m| m.as_str()).trim(),
        None => cell,
    };
    let items: Vec<&str> = match split {
        Some(separator) => cell.split(separator.as_str()).map(str::trim).filter(|i| !i.is_empty()).collect(),
        None => Some(cell).filter(|c| !c.is_empty()).into_iter().collect(),
    };
    let mut ours: Vec<String> = Vec::new();
    for item in items {
        let Some(map) = values else {
            ours.push(item.to_owned());
            continue;
        };
        match map.get(item).or_else(|| map.get(ANY_OTHER)) {
            Some(Becomes::Word(word)) => ours.push(word.clone()),
            Some(Becomes::Absent) => {}
            Some(Becomes::Ignore) => return Ok(None),
            None => {
                let mut known: Vec<&str> = map.keys().map(String::as_str).collect();
                known.sort_unstable();
                let expected = format!("{} (or `\"*\"` in the map, for any other word)", known.join(", "));
                return Err(row.problem(Some(*column), "the value map has no such word", item, expected));
            }
        }
    }
    if ours.is_empty() {
        ours.extend(default.clone());
    }
    Ok(Some(ours))
}

fn cell_value(gather: &mut Gather<'_>, field: &Field, source: &Source, row: &Row<'_>) -> Result<Found, Problem> {
    let Source::Column { column, unit, keep_text, reading, .. } = source else { return Ok(Found::Nothing) };
    let Some(ours) = words_of(source, row)? else { return Ok(Found::PassedOver) };
    if ours.is_empty() {
        return Ok(Found::Nothing);
    }
    if field.of == FieldType::Text && !keep_text {
        // Free text may name people: only its hash goes on.
        let digest = Sha256::digest(ours.join("|").as_bytes());
        return Ok(Found::Value(Value::Hash(Box::new(digest.into()))));
    }
    let mut read = Vec::new();
    for word in &ours {
        let value = match (&field.of, reading, unit) {
            (FieldType::Date | FieldType::Time, Some(reading), _) => {
                let at = reading.at(word, row, *column)?;
                let date = |m: Moment| reading.almanac().date(m);
                if field.of == FieldType::Date { Value::Date(date(at.earliest), date(at.latest)) } else { Value::time(at) }
            }
            (FieldType::Duration, _, Some(unit)) => {
                let lasting = row.numbers.read(word).and_then(|number| lasting(number, unit));
                Value::Duration(
                    lasting.ok_or_else(|| row.problem(Some(*column), "this is not a duration", word, format!("a number of {unit}")))?,
                )
            }
            (of, _, unit) => {
                let numeric = matches!(of, FieldType::Number(_) | FieldType::Money);
                let plain = if numeric { row.numbers.plain(word) } else { word.as_str().into() };
                let spelt = unit.as_ref().map_or_else(|| plain.to_string(), |unit| format!("{plain} {unit}"));
                let wrong = |w: Misspelt| row.problem(Some(*column), "the field holds something else", word, w.expected);
                gather.value_one(field, &spelt).map_err(wrong)?
            }
        };
        read.push(value);
    }
    let several = field.list || matches!(field.of, FieldType::Choices(_));
    Ok(match (several, read.len()) {
        (true, _) => Found::Value(Value::Several(read.into())),
        (false, 1) => read.pop().map_or(Found::Nothing, Found::Value),
        (false, _) => return Err(row.problem(Some(*column), "several values of a field that holds one", &ours.join(", "), "one value")),
    })
}

/// So many of a unit of time.
fn lasting(number: Decimal, unit: &str) -> Option<Lasting> {
    let whole = || number.is_integer().then(|| number.to_i32()).flatten();
    let elapsed = |seconds: i64| number.checked_mul(Decimal::from(seconds * 1_000_000))?.to_i64();
    let none = Lasting { months: 0, days: 0, micros: 0 };
    Some(match unit.trim_end_matches('s') {
        "second" => Lasting { micros: elapsed(1)?, ..none },
        "minute" => Lasting { micros: elapsed(60)?, ..none },
        "hour" => Lasting { micros: elapsed(3600)?, ..none },
        "day" => Lasting { days: whole()?, ..none },
        "month" => Lasting { months: whole()?, ..none },
        "year" => Lasting { months: whole()?.checked_mul(12)?, ..none },
        _ => return None,
    })
}

/// An age on a day gives the days on which the person may have been born.
fn age(gather: &Gather<'_>, row: &Row<'_>, column: usize, on: &super::compiled::Time) -> Result<Found, Problem> {
    let cell = row.value(column);
    if cell.is_empty() {
        return Ok(Found::Nothing);
    }
    let wrong = || row.problem(Some(column), "this is not an age", cell, "whole years, 0 to 150");
    let years =
        row.numbers.read(cell).filter(Decimal::is_integer).and_then(|y| y.to_i16()).filter(|y| (0..=150).contains(y)).ok_or_else(wrong)?;
    let Some(on) = on.of(row)?.first().copied() else { return Ok(Found::Nothing) };
    let day = |m: Moment| -> civil::Date { gather.words.codebook.almanac.date(m) };
    let (first, last) = (day(on.earliest), day(on.latest));
    let back = |date: civil::Date, years: i16| date.checked_sub(jiff::Span::new().years(years)).ok();
    let youngest = back(last, years).ok_or_else(wrong)?;
    let oldest = back(first, years + 1).and_then(|d| d.tomorrow().ok()).ok_or_else(wrong)?;
    Ok(Found::Value(Value::Date(oldest, youngest)))
}
