//! A piece of text becomes a batch: row by row, each cell by what its column holds. Nothing here touches the log, so that workers can.

use super::batch::{Batch, Decoded, More};
use super::{Column, Layout};
use crate::gather::{Place, unknown_time};
use crate::problem::Problem;
use crate::records::{self, Cell, Ends, Piece, Quotes, Record, Span};
use habeas_codebook::log::subject_hash;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{ClassId, Field, FieldId, FieldType, KindId};
use habeas_codebook::value::{self, Clock, EXPECTED_TIME};

/// Room that decoding needs and keeps from piece to piece.
#[derive(Default)]
pub(super) struct Room {
    ends: Ends,
    spans: Vec<Span>,
    cells: Vec<Cell>,
    clock: Clock,
}

/// Decodes a piece into a batch that is empty.
pub(super) fn decode(layout: &Layout<'_>, piece: Piece, room: &mut Room, batch: &mut Batch) {
    let Room { ends, spans, cells, clock } = room;
    cells.resize(layout.columns.len(), Cell::default());
    let end = piece.bytes.len();
    let mut whole = piece.bytes;
    let doubled = if piece.quoted { Doubled::write_out(&mut whole, layout.delimiter) } else { Doubled::default() };
    // One look at the whole piece: fields of valid text that begin and end at delimiters are valid text.
    let (text, broken) = match String::from_utf8(whole) {
        Ok(text) => (Some(text), Vec::new()),
        Err(error) => (None, error.into_bytes()),
    };
    let all = text.as_ref().map_or(broken.as_slice(), String::as_bytes);
    let bytes = &all[..end];
    if !piece.quoted {
        ends.find(bytes, layout.delimiter);
    }
    let mut decoder = RowDecoder { layout, bytes: all, doubled, whole: text.as_deref(), start: 0, line: piece.line, clock };
    let mut at = 0;
    let mut line = piece.line;
    while at < bytes.len() {
        (decoder.start, decoder.line) = (at, line);
        let before = (batch.subjects.len(), batch.fields.len(), batch.more.len());
        if !piece.quoted
            && let Some((record, next)) = ends.record(bytes, at, layout.columns.len())
        {
            batch.read += 1;
            if !decoder.plain_row(&record, batch) {
                decoder.forget(before, batch);
                cells.iter_mut().zip(record.cells()).for_each(|(cell, found)| *cell = found);
                if let Err(problem) = decoder.row(cells, batch) {
                    decoder.refused(*problem, before, batch);
                }
            }
            (at, line) = (next, line + 1);
            continue;
        }
        if piece.quoted {
            at = records::split(bytes, at, layout.delimiter, true, spans);
            decoder.doubled.put_in_place(spans);
            line += memchr::memchr_iter(b'\n', &bytes[decoder.start..at]).count() as u64;
        } else {
            at = ends.split(bytes, at, spans);
            line += 1;
        }
        if spans.is_empty() {
            continue;
        }
        batch.read += 1;
        if let Err(problem) = decoder.listed(spans, cells, batch) {
            decoder.refused(*problem, before, batch);
        }
    }
    batch.text = text;
}

/// Fields with doubled quotation marks, written once more after their piece as they are meant: so that whoever reads a field finds its
/// text in one place.
#[derive(Default)]
struct Doubled {
    /// Where each stands in the piece, and where it is written out; in order.
    fields: Vec<(Cell, Cell)>,
    next: usize,
}

impl Doubled {
    fn write_out(bytes: &mut Vec<u8>, delimiter: u8) -> Self {
        let mut fields = Vec::new();
        if memchr::memmem::find(bytes, b"\"\"").is_none() {
            return Doubled::default();
        }
        let (end, mut at, mut spans) = (bytes.len(), 0, Vec::new());
        while at < end {
            at = records::split(&bytes[..end], at, delimiter, true, &mut spans);
            for written in spans.iter().filter(|span| span.quotes == Quotes::Doubled).map(|span| span.cell) {
                let start = bytes.len();
                let mut mark_before = false;
                for place in written.range() {
                    let byte = bytes[place];
                    mark_before = byte == b'"' && !mark_before;
                    if byte != b'"' || mark_before {
                        bytes.push(byte);
                    }
                }
                fields.push((written, Cell { start: start as u32, end: bytes.len() as u32 }));
            }
        }
        Doubled { fields, next: 0 }
    }

    /// Puts what is written out in the place of what is written. Records have to be handed in in turn.
    fn put_in_place(&mut self, spans: &mut [Span]) {
        for span in spans.iter_mut().filter(|span| span.quotes == Quotes::Doubled) {
            if let Some((_, meant)) = self.fields.get(self.next) {
                span.cell = *meant;
                self.next += 1;
            }
        }
    }

    /// Where a field stands in the piece.
    fn written(&self, cell: Cell) -> Cell {
        self.fields.binary_search_by_key(&cell.start, |(_, meant)| meant.start).map_or(cell, |found| self.fields[found].0)
    }
}

struct RowDecoder<'p, 'w> {
    layout: &'p Layout<'w>,
    /// The piece, and after it what is written out of it.
    bytes: &'p [u8],
    doubled: Doubled,
    start: usize,
    line: u64,
    /// The piece as text, if it is valid.
    whole: Option<&'p str>,
    clock: &'p mut Clock,
}

/// A problem on its way out; boxed, so that a good row carries nothing of it.
type Refusal = Box<Problem>;

impl<'p> RowDecoder<'p, '_> {
    fn place(&self, cell: Cell) -> Place<'p> {
        let before = &self.bytes[self.start..(self.doubled.written(cell).start as usize).max(self.start)];
        Place { file: self.layout.file, line: self.line, column: String::from_utf8_lossy(before).chars().count() as u64 + 1 }
    }

    #[cold]
    fn refuse(&self, cell: Cell, what: impl Into<String>, found: &str, expected: impl Into<String>) -> Refusal {
        Box::new(self.place(cell).problem(what, found, expected))
    }

    fn text(&self, cell: Cell) -> Result<&'p str, Refusal> {
        if let Some(text) = self.whole.and_then(|whole| whole.get(cell.range())) {
            return Ok(text);
        }
        let text = std::str::from_utf8(&self.bytes[cell.range()]);
        text.map_err(|_| self.refuse(cell, "this is not UTF-8 text", "", "UTF-8, or `[input] encoding` in a mapping"))
    }

    /// Takes back what a row has brought.
    fn forget(&self, (subjects, fields, more): (usize, usize, usize), batch: &mut Batch) {
        batch.subjects.truncate(subjects);
        batch.fields.truncate(fields);
        batch.more.truncate(more);
    }

    #[cold]
    fn refused(&self, problem: Problem, before: (usize, usize, usize), batch: &mut Batch) {
        self.forget(before, batch);
        batch.problems.push(problem);
    }

    /// A row of which nothing is out of the ordinary, by the plan of its kind. False where anything may be: a cell that the plan does not
    /// know, a spelling that is rarely used, a mistake. Then [`RowDecoder::row`] looks closely, cell by cell.
    fn plain_row(&mut self, record: &Record<'_>, batch: &mut Batch) -> bool {
        let (layout, bytes) = (self.layout, self.bytes);
        let (id, kind, at) = (record.get(layout.id), record.get(layout.kind), record.get(layout.at));
        let mut letters = id.len() + kind.len() + at.len();
        let (Some(kind), false) = (layout.words.kind_spelt(&bytes[kind.range()]), id.is_empty()) else { return false };
        let Some(moment) = self.clock.moment(&bytes[at.range()]) else { return false };
        let plan = &layout.plans[kind.index()];
        let (subjects, fields) = (batch.subjects.len(), batch.fields.len());
        for (column, class) in &plan.subjects {
            let cell = record.get(*column);
            if !cell.is_empty() {
                batch.subjects.push((*class, cell, subject_hash(*class, &bytes[cell.range()])));
                letters += cell.len();
            }
        }
        for (column, field) in &plan.fields {
            let cell = record.get(*column);
            if !cell.is_empty() {
                if is_text(field) {
                    batch.fields.push((field.name, Decoded::Text(cell)));
                } else if self.value(cell, field, *column, batch).is_err() {
                    return false;
                }
                letters += cell.len();
            }
        }
        let cell = |column: Option<usize>| column.map(|column| record.get(column)).filter(|cell| !cell.is_empty());
        let (recorded, by) = (cell(layout.recorded_at), cell(layout.by));
        if recorded.is_some() || by.is_some() {
            let Some(recorded_at) = recorded.map_or(Some(moment), |cell| self.clock.moment(&bytes[cell.range()])) else { return false };
            letters += recorded.map_or(0, Cell::len) + by.map_or(0, Cell::len);
            batch.more.push(More { row: batch.rows.ids.len(), at: At::exact(moment), recorded_at, by });
        }
        if letters != record.letters() {
            return false;
        }
        let (subjects, fields) = (batch.subjects.len() - subjects, batch.fields.len() - fields);
        batch.rows.push(self.line, id, kind, moment, (subjects, fields));
        true
    }

    /// A row whose fields are listed; there may be too many or too few.
    fn listed(&mut self, spans: &[Span], cells: &mut [Cell], batch: &mut Batch) -> Result<(), Refusal> {
        if let Some(wrong) = records::wrong_quotes(self.bytes, spans, self.layout.delimiter) {
            return Err(self.refuse(wrong.cell, wrong.what, &wrong.found, wrong.expected));
        }
        if spans.len() != cells.len() {
            return Err(self.wrong_length(spans.len()));
        }
        cells.iter_mut().zip(spans).for_each(|(cell, span)| *cell = span.cell);
        self.row(cells, batch)
    }

    fn row(&mut self, cells: &[Cell], batch: &mut Batch) -> Result<(), Refusal> {
        let layout = self.layout;
        // The kind decides what the other columns are.
        let kind = self.kind(cells[layout.kind])?;
        let named = layout.named[kind.index()];
        let (subjects, fields) = (batch.subjects.len(), batch.fields.len());
        let (mut id, mut moment, mut at_cell) = (Cell::default(), Moment::FAR_OFF, Cell::default());
        let (mut rough, mut recorded, mut by) = (None, None, None);
        for (number, (cell, column)) in cells.iter().zip(&layout.columns).enumerate() {
            let cell = *cell;
            if cell.is_empty() {
                self.empty(cell, column)?;
                continue;
            }
            match column {
                Column::Kind => {}
                Column::Id => id = cell,
                Column::At => match self.clock.moment(&self.bytes[cell.range()]) {
                    Some(exact) => moment = exact,
                    None => (rough, at_cell) = (Some(self.time(cell)?), cell),
                },
                Column::Subject(class, bit) => {
                    if named & bit == 0 {
                        self.may_name(kind, *class, cell)?;
                    }
                    batch.subjects.push((*class, cell, subject_hash(*class, &self.bytes[cell.range()])));
                }
                Column::Field(name) => self.field(cell, kind, number, name, batch)?,
                Column::By => by = Some(cell),
                Column::RecordedAt => recorded = Some(self.time(cell)?.latest),
            }
        }
        if rough.is_some() || recorded.is_some() || by.is_some() {
            let (at, recorded_at) = self.complete(rough.unwrap_or(At::exact(moment)), recorded, at_cell)?;
            moment = at.earliest;
            batch.more.push(More { row: batch.rows.ids.len(), at, recorded_at, by });
        }
        let (subjects, fields) = (batch.subjects.len() - subjects, batch.fields.len() - fields);
        batch.rows.push(self.line, id, kind, moment, (subjects, fields));
        Ok(())
    }

    #[cold]
    fn wrong_length(&self, found: usize) -> Refusal {
        let place = Place { file: self.layout.file, line: self.line, column: 0 };
        let expected = self.layout.columns.len().to_string();
        Box::new(place.problem("the row has another number of fields than the header", &found.to_string(), expected))
    }

    #[inline]
    fn kind(&self, cell: Cell) -> Result<KindId, Refusal> {
        match self.layout.words.kind_spelt(&self.bytes[cell.range()]) {
            Some(kind) => Ok(kind),
            None => self.kind_otherwise(cell),
        }
    }

    /// A kind that is not spelt as logs mostly spell it.
    #[cold]
    fn kind_otherwise(&self, cell: Cell) -> Result<KindId, Refusal> {
        let name = self.text(cell)?.trim();
        self.layout.words.kind(name).ok_or_else(|| {
            let nearest = self.layout.words.nearest_kinds(name);
            self.refuse(cell, "no kind of event is called so in this codebook", name, format!("for example {nearest}"))
        })
    }

    #[inline]
    fn empty(&self, cell: Cell, column: &Column) -> Result<(), Refusal> {
        match column {
            Column::At => Err(self.refuse(cell, "`at` is empty", "", format!("{EXPECTED_TIME}; an unknown time is `?`"))),
            Column::Id => Err(self.refuse(cell, "an entry has no id", "", "an id that no other entry has")),
            Column::Kind | Column::RecordedAt | Column::By | Column::Subject(..) | Column::Field(_) => Ok(()),
        }
    }

    fn time(&mut self, cell: Cell) -> Result<At, Refusal> {
        if let Some(moment) = self.clock.moment(&self.bytes[cell.range()]) {
            return Ok(At::exact(moment));
        }
        let text = self.text(cell)?.trim();
        if text == "?" {
            return Ok(unknown_time());
        }
        let read = value::moment(text).map(At::exact).or_else(|| value::time(text, &self.layout.words.codebook.almanac));
        read.ok_or_else(|| self.refuse(cell, "this is not a time", text, EXPECTED_TIME))
    }

    /// Refuses a subject of a class that a kind does not name.
    #[cold]
    fn may_name(&self, kind: KindId, class: ClassId, cell: Cell) -> Result<(), Refusal> {
        let words = self.layout.words;
        if words.may_name(kind, class) {
            return Ok(());
        }
        let codebook = words.codebook;
        let allowed: Vec<&str> = codebook.kind(kind).subjects.iter().map(|c| codebook.class(*c).name.as_str()).collect();
        let what = format!("`{}` has no subject `{}`", codebook.kind(kind).name, codebook.class(class).name);
        Err(self.refuse(cell, what, self.text(cell)?, allowed.join(", ")))
    }

    fn field(&self, cell: Cell, kind: KindId, column: usize, name: &str, batch: &mut Batch) -> Result<(), Refusal> {
        let words = self.layout.words;
        let Some(field) = self.layout.fields[kind.index()][column] else {
            if words.changes(kind) {
                batch.fields.push((FieldId(0), Decoded::Later(cell, column)));
                return Ok(());
            }
            let what = format!("`{}` has no field `{name}`", words.codebook.kind(kind).name);
            let nearest = words.nearest_fields(kind, name);
            let expected = if nearest.is_empty() { "no fields".to_owned() } else { format!("for example {nearest}") };
            return Err(self.refuse(cell, what, self.text(cell)?, expected));
        };
        if is_text(field) {
            batch.fields.push((field.name, Decoded::Text(cell)));
            return Ok(());
        }
        self.value(cell, field, column, batch)
    }

    /// A field that is not a text alone.
    fn value(&self, cell: Cell, field: &Field, column: usize, batch: &mut Batch) -> Result<(), Refusal> {
        let codebook = self.layout.words.codebook;
        if field.list || matches!(field.of, FieldType::Choices(_)) {
            batch.fields.push((field.name, Decoded::Later(cell, column)));
            return Ok(());
        }
        let text = self.text(cell)?;
        // Whatever still needs the log to place a text is read again when the row is taken in.
        let mut needs_log = false;
        let parsed = value::parse(codebook, field, text, &mut |_| {
            needs_log = true;
            habeas_codebook::log::TextId(0)
        });
        match parsed {
            Ok(_) if needs_log => batch.fields.push((field.name, Decoded::Later(cell, column))),
            Ok(value) => batch.fields.push((field.name, Decoded::Value(value))),
            Err(wrong) => {
                let Column::Field(name) = &self.layout.columns[column] else { return Ok(()) };
                return Err(self.refuse(cell, format!("`{name}` holds something else"), text, wrong.expected));
            }
        }
        Ok(())
    }

    /// The times of a row, as they can only be told of the whole row.
    fn complete(&self, at: At, recorded: Option<Moment>, cell: Cell) -> Result<(At, Moment), Refusal> {
        let recorded_at = match (recorded, at.precision) {
            (Some(recorded), _) => recorded,
            (None, Precision::Unknown) => {
                let what = "an entry whose time is unknown needs `recorded_at`";
                return Err(self.refuse(cell, what, "", "the time at which it was recorded"));
            }
            (None, Precision::Exact | Precision::Day | Precision::Range) => at.latest,
        };
        let latest = if at.precision == Precision::Unknown { recorded_at } else { at.latest };
        Ok((At { latest, ..at }, recorded_at))
    }
}

/// Whether a field holds one text, whatever it is.
fn is_text(field: &Field) -> bool {
    if field.list {
        return false;
    }
    match field.of {
        FieldType::Text
        | FieldType::FileHash
        | FieldType::Language
        | FieldType::Country
        | FieldType::Signature
        | FieldType::BodyMark
        | FieldType::Place
        | FieldType::Person
        | FieldType::Officer
        | FieldType::Subject(_)
        | FieldType::Ref(_) => true,
        FieldType::Choice(_)
        | FieldType::Choices(_)
        | FieldType::YesNo
        | FieldType::Number(_)
        | FieldType::Money
        | FieldType::Date
        | FieldType::Time
        | FieldType::Span
        | FieldType::Duration
        | FieldType::Role => false,
    }
}
