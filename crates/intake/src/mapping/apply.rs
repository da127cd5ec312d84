//! Rows of a foreign table, one after another, become entries.

use super::compiled::{Column, Compiled, Condition, Event, OnCompiled, Row, Source};
use super::missing_column;
use super::snapshot::{Change, Snapshots};
use super::written::{Becomes, InputPart, Repeat};
use crate::csv::piece_error;
use crate::gather::{Draft, Gather, Place};
use crate::problem::{IntakeError, Problem};
use crate::records::{self, Pieces};
use habeas_codebook::log::Value;
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{Builtin, ClassId, Field, FieldId, FieldType};
use jiff::civil;
use rust_decimal::Decimal;
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
        let mut values = vec![String::new(); self.compiled.columns.len()];
        let mut starts = vec![0u64; values.len()];
        while let Some(piece) = pieces.next().map_err(|e| piece_error(e, file))? {
            progress(piece.bytes.len() as u64);
            let mark = if columns.is_none() && piece.bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let (mut at, mut line) = (mark, piece.line);
            while at < piece.bytes.len() {
                let (start, here) = (at, line);
                at = records::split(&piece.bytes, at, delimiter, piece.quoted, &mut spans);
                line += memchr::memchr_iter(b'\n', &piece.bytes[start..at]).count() as u64;
                if spans.is_empty() {
                    continue;
                }
                let place = Place { file, line: here, column: 0 };
                let Some((places, width)) = &columns else {
                    if let Some(wrong) = records::wrong_quotes(&piece.bytes, &spans, delimiter) {
                        return Err(IntakeError::Broken(place.problem(wrong.what, &wrong.found, wrong.expected)));
                    }
                    let header: Vec<String> =
                        spans.iter().map(|s| records::text(&piece.bytes, *s, &mut scratch).unwrap_or("?").trim().to_owned()).collect();
                    columns = Some((self.find_columns(file, &header)?, header.len()));
                    continue;
                };
                number += 1;
                gather.rows += 1;
                if let Some(wrong) = records::wrong_quotes(&piece.bytes, &spans, delimiter) {
                    let before = String::from_utf8_lossy(&piece.bytes[start..wrong.cell.start as usize]).chars().count() as u64;
                    gather.bad(place.at_column(before + 1).problem(wrong.what, &wrong.found, wrong.expected));
                    continue;
                }
                if spans.len() != *width {
                    let what = "the row has another number of fields than the header";
                    gather.bad(place.problem(what, &spans.len().to_string(), width.to_string()));
                    continue;
                }
                let mut wrong = None;
                for (slot, column) in places.iter().enumerate() {
                    values[slot].clear();
                    starts[slot] = 0;
                    let Some(span) = column.and_then(|c| spans.get(c)) else { continue };
                    starts[slot] = String::from_utf8_lossy(&piece.bytes[start..span.cell.start as usize]).chars().count() as u64 + 1;
                    match records::text(&piece.bytes, *span, &mut scratch) {
                        Some(text) => self.put(&mut values[slot], text),
                        None => {
                            let expected = "UTF-8, or `encoding` in [input] (windows-1252, macintosh, utf-16)";
                            wrong = Some(place.at_column(starts[slot]).problem("this is not UTF-8 text", "", expected));
                        }
                    }
                }
                match wrong {
                    Some(problem) => gather.bad(problem),
                    None => self.row(gather, &Row { file, number, line: here, values: &values, starts: &starts, change: None }),
                }
            }
        }
        if columns.is_none() {
            return Err(IntakeError::Broken(Place { file, line: 1, column: 0 }.problem("the file is empty", "", "a header line")));
        }
        Ok(())
    }

    /// Objects one a line; members of objects within are named with dots.
    pub(super) fn json_lines<R: Read>(
        &mut self,
        gather: &mut Gather<'_>,
        file: &str,
        reader: R,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), IntakeError> {
        let mut pieces = Pieces::new(reader, false);
        let mut number = 0;
        let mut values = vec![String::new(); self.compiled.columns.len()];
        let starts = vec![0u64; values.len()];
        while let Some(piece) = pieces.next().map_err(|e| piece_error(e, file))? {
            progress(piece.bytes.len() as u64);
            for (i, line) in piece.bytes.split(|b| *b == b'\n').enumerate() {
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                let here = piece.line + i as u64;
                number += 1;
                gather.rows += 1;
                let place = Place { file, line: here, column: 0 };
                let json: Json = match serde_json::from_slice(line) {
                    Ok(json) => json,
                    Err(error) => {
                        gather.bad(place.at_column(error.column() as u64).problem("this is not JSON", "", "one object on each line"));
                        continue;
                    }
                };
                let mut flat = HashMap::new();
                flatten("", &json, &mut flat);
                for (slot, (_, spellings, _)) in self.compiled.columns.iter().enumerate() {
                    values[slot].clear();
                    if let Some(text) = spellings.iter().find_map(|s| flat.get(s)) {
                        self.put(&mut values[slot], text);
                    }
                }
                self.row(gather, &Row { file, number, line: here, values: &values, starts: &starts, change: None });
            }
        }
        Ok(())
    }

    /// A cell, trimmed; a spelling of "not recorded" becomes empty.
    fn put(&self, value: &mut String, text: &str) {
        let text = if self.input.trim { text.trim() } else { text };
        if !self.input.blank.iter().any(|b| b == text) {
            value.push_str(text);
        }
    }

    fn find_columns(&self, file: &str, header: &[String]) -> Result<Vec<Option<usize>>, IntakeError> {
        let mut places = Vec::new();
        let mut problems = Vec::new();
        for (name, spellings, optional) in &self.compiled.columns {
            let found = spellings.iter().find_map(|s| header.iter().position(|h| h == s.trim()));
            if found.is_none() && !optional {
                problems.push(missing_column(file, name, spellings, header));
            }
            places.push(found);
        }
        if problems.is_empty() { Ok(places) } else { Err(IntakeError::BadMapping(problems)) }
    }

    /// One row: passed over, kept for its snapshot, or given to every block.
    fn row(&mut self, gather: &mut Gather<'_>, row: &Row<'_>) {
        if self.compiled.skip.iter().any(|tests| !tests.is_empty() && tests.iter().all(|t| t.holds(row))) {
            gather.passed_over += 1;
            return;
        }
        if let (Some(snapshots), Some((key, taken))) = (&mut self.snapshots, &self.compiled.snapshot) {
            if let Err(problem) = snapshots.keep(row, key, taken) {
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
                Some(OnCompiled::First | OnCompiled::Gone) | None => None,
            })
            .collect();
        let (compiled, said) = (self.compiled, &mut self.said);
        snapshots.compare(&changed, &mut |row, change| {
            for event in &compiled.events {
                let fits = match (event.on, &change) {
                    (Some(OnCompiled::First), Change::First { .. }) | (Some(OnCompiled::Gone), Change::Gone { .. }) => true,
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

fn flatten(prefix: &str, json: &Json, flat: &mut HashMap<String, String>) {
    let named = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| flatten(&named(name), value, flat)),
        Json::Null => {}
        Json::String(text) => drop(flat.insert(prefix.to_owned(), text.clone())),
        Json::Array(items) => {
            let texts: Vec<String> = items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)).collect();
            flat.insert(prefix.to_owned(), texts.join("|"));
        }
        Json::Bool(_) | Json::Number(_) => drop(flat.insert(prefix.to_owned(), json.to_string())),
    }
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

/// A number less another column's; a blank taken from it is nothing, a blank to take from is blank.
fn difference(row: &Row<'_>, column: Column, less: Column) -> Result<String, Problem> {
    let number = |column: Column| {
        let cell = row.value(column);
        let read = if cell.is_empty() { Ok(Decimal::ZERO) } else { cell.parse::<Decimal>() };
        read.map_err(|_| row.problem(Some(column), "this is not a number", cell, "a number such as 12 or 1.5"))
    };
    let (from, taken) = (number(column)?, number(less)?);
    Ok(if row.value(column).is_empty() { String::new() } else { from.saturating_sub(taken).to_string() })
}

fn value_of(gather: &mut Gather<'_>, field: &Field, source: &Source, row: &Row<'_>) -> Result<Found, Problem> {
    match source {
        Source::Constant(text) => {
            let value = gather.value(field, text).map_err(|w| row.problem(None, "the mapping's value does not fit", text, w.expected))?;
            Ok(Found::Value(value))
        }
        Source::Age { column, on } => age(gather, row, *column, on),
        Source::Column { column, less, values, unit, split, matching, default, keep_text } => {
            let taken = less.map(|less| difference(row, *column, less)).transpose()?;
            let cell = taken.as_deref().unwrap_or_else(|| row.value(*column));
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
                match values {
                    None => ours.push(item.to_owned()),
                    Some(map) => match map.get(item) {
                        Some(Becomes::Word(word)) => ours.push(word.clone()),
                        Some(Becomes::Absent) => {}
                        Some(Becomes::Ignore) => return Ok(Found::PassedOver),
                        None => {
                            let mut known: Vec<&str> = map.keys().map(String::as_str).collect();
                            known.sort_unstable();
                            return Err(row.problem(Some(*column), "the value map has no such word", item, known.join(", ")));
                        }
                    },
                }
            }
            if ours.is_empty() {
                match default {
                    Some(word) => ours.push(word.clone()),
                    None => return Ok(Found::Nothing),
                }
            }
            if let Some(unit) = unit {
                ours.iter_mut().for_each(|o| *o = format!("{o} {unit}"));
            }
            if field.of == FieldType::Text && !keep_text {
                // Free text may name people: only its hash goes on.
                let digest = Sha256::digest(ours.join("|").as_bytes());
                return Ok(Found::Value(Value::Hash(Box::new(digest.into()))));
            }
            let several = field.list || matches!(field.of, FieldType::Choices(_));
            let mut read = Vec::new();
            for word in &ours {
                let value = gather
                    .value_one(field, word)
                    .map_err(|w| row.problem(Some(*column), "the field holds something else", word, w.expected))?;
                read.push(value);
            }
            Ok(match (several, read.len()) {
                (true, _) => Found::Value(Value::Several(read.into())),
                (false, 1) => read.pop().map_or(Found::Nothing, Found::Value),
                (false, _) => return Err(row.problem(Some(*column), "several values of a field that holds one", cell, "one value")),
            })
        }
    }
}

/// An age on a day gives the days on which the person may have been born.
fn age(gather: &Gather<'_>, row: &Row<'_>, column: usize, on: &super::compiled::Time) -> Result<Found, Problem> {
    let cell = row.value(column);
    if cell.is_empty() {
        return Ok(Found::Nothing);
    }
    let wrong = || row.problem(Some(column), "this is not an age", cell, "whole years, 0 to 150");
    let years = cell.parse::<f64>().ok().filter(|y| y.fract() == 0.0 && (0.0..=150.0).contains(y)).ok_or_else(wrong)? as i16;
    let Some(on) = on.of(row)?.first().copied() else { return Ok(Found::Nothing) };
    let day = |m: Moment| -> civil::Date { gather.words.codebook.almanac.date(m) };
    let (first, last) = (day(on.earliest), day(on.latest));
    let back = |date: civil::Date, years: i16| date.checked_sub(jiff::Span::new().years(years)).ok();
    let youngest = back(last, years).ok_or_else(wrong)?;
    let oldest = back(first, years + 1).and_then(|d| d.tomorrow().ok()).ok_or_else(wrong)?;
    Ok(Found::Value(Value::Date(oldest, youngest)))
}
