//! The product's own CSV: `id,kind,at,recorded_at,by`, then `subject.<class>` and `field.<name>` (interfaces, *Events in a log*).
//!
//! Reading is in two steps, so that several processors help. Decoding turns a piece of text into a [`Batch`] and touches nothing
//! else: kinds, times, values, and the hash of every subject. Taking in puts batches into the log in the order of the file.

use crate::gather::{Gather, Place, unknown_time};
use crate::problem::{IntakeError, Problem};
use crate::records::{self, Ends, Piece, PieceError, Pieces, Span};
use crate::words::Words;
use habeas_codebook::log::{Entry, Value, subject_hash};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{ClassId, Field, FieldId, FieldType, KindId};
use habeas_codebook::value::{self, Clock, EXPECTED_TIME};
use std::io::Read;
use std::ops::Range;
use std::sync::mpsc::sync_channel;

/// Pieces that a worker may be ahead.
const AHEAD: usize = 4;

/// What a column holds.
enum Column {
    Id,
    Kind,
    At,
    RecordedAt,
    By,
    Subject(ClassId),
    /// A field by its name; which one it is depends on the kind.
    Field(String),
}

/// The header, made ready for decoding.
pub(crate) struct Layout<'w> {
    words: &'w Words<'w>,
    columns: Vec<Column>,
    /// Which column is the kind.
    kind: usize,
    /// `fields[kind][column]`: the field that a column is for a kind.
    fields: Vec<Vec<Option<&'w Field>>>,
    /// For each kind, bits of the classes that it may name.
    named: Vec<u64>,
    delimiter: u8,
    file: &'w str,
}

/// A field of a decoded row: its value, or a text that the log still has to place.
enum Decoded {
    Value(Value),
    Text(Range<u32>),
    /// Of a correction, or needing the log in some other way: read when the row is taken in.
    Later(Range<u32>, usize),
}

struct Row {
    line: u64,
    id: Range<u32>,
    kind: KindId,
    at: At,
    recorded_at: Moment,
    by: Option<Range<u32>>,
    subjects: Range<u32>,
    fields: Range<u32>,
}

/// Room that decoding needs and keeps from piece to piece.
#[derive(Default)]
struct Room {
    ends: Ends,
    spans: Vec<Span>,
}

/// A decoded piece. Its lists are filled again once it has been taken in.
#[derive(Default)]
pub(crate) struct Batch {
    /// The piece; `None` when it is not UTF-8, and then no row of it is taken in.
    text: Option<String>,
    rows: Vec<Row>,
    subjects: Vec<(ClassId, Range<u32>, u64)>,
    fields: Vec<(FieldId, Decoded)>,
    problems: Vec<Problem>,
    read: u64,
}

/// Reads a CSV with the product's own columns into a log.
pub(crate) fn read<R: Read + Send>(
    gather: &mut Gather<'_>,
    file: &str,
    reader: R,
    delimiter: u8,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<(), IntakeError> {
    let codebook = gather.words.codebook;
    let words = Words::new(codebook);
    let mut pieces = Pieces::new(reader, true);
    let Some(mut first) = next(&mut pieces, file)? else {
        return Err(IntakeError::Broken(Place { file, line: 1, column: 0 }.problem("the file is empty", "", "a header line")));
    };
    let layout = match header(&words, file, &mut first, delimiter) {
        Ok(layout) => layout,
        Err(problems) => {
            let count = problems.len() as u64;
            return Err(IntakeError::BadRows { problems, count });
        }
    };
    if threads <= 1 {
        let mut piece = Some(first);
        let (mut room, mut batch) = (Room::default(), Batch::default());
        while let Some(bytes) = piece {
            progress(bytes.bytes.len() as u64);
            decode(&layout, bytes, &mut room, &mut batch);
            pieces.give_back(absorb(gather, &layout, &mut batch));
            piece = next(&mut pieces, file)?;
        }
        return Ok(());
    }
    in_parallel(gather, &layout, pieces, first, threads - 1, progress)
}

/// Workers decode pieces in turn; their batches are taken in in the same turn, so the log has the order of the file.
fn in_parallel<R: Read + Send>(
    gather: &mut Gather<'_>,
    layout: &Layout<'_>,
    mut pieces: Pieces<R>,
    first: Piece,
    workers: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<(), IntakeError> {
    std::thread::scope(|scope| {
        let mut lanes = Vec::new();
        for _ in 0..workers {
            let (give, take) = sync_channel::<(Piece, Batch)>(AHEAD);
            let (back, batches) = sync_channel::<Batch>(AHEAD);
            scope.spawn(move || {
                let mut room = Room::default();
                for (piece, mut batch) in take {
                    decode(layout, piece, &mut room, &mut batch);
                    if back.send(batch).is_err() {
                        return;
                    }
                }
            });
            lanes.push((give, batches));
        }
        let (mut given, mut taken) = (0usize, 0usize);
        let mut piece = Some(first);
        let mut failed = None;
        let mut used: Vec<Batch> = Vec::new();
        loop {
            // As many pieces are on their way as the lanes hold; then one is taken in for each that is given.
            while let Some(bytes) = piece.take() {
                progress(bytes.bytes.len() as u64);
                if lanes[given % workers].0.send((bytes, used.pop().unwrap_or_default())).is_err() {
                    break;
                }
                given += 1;
                match next(&mut pieces, layout.file) {
                    Ok(more) => piece = more,
                    Err(error) => failed = Some(error),
                }
                if given - taken >= workers * AHEAD {
                    break;
                }
            }
            if given == taken {
                break;
            }
            let Ok(mut batch) = lanes[taken % workers].1.recv() else { break };
            taken += 1;
            pieces.give_back(absorb(gather, layout, &mut batch));
            used.push(batch);
        }
        drop(lanes);
        failed.map_or(Ok(()), Err)
    })
}

fn next<R: Read>(pieces: &mut Pieces<R>, file: &str) -> Result<Option<Piece>, IntakeError> {
    pieces.next().map_err(|error| piece_error(error, file))
}

pub(crate) fn piece_error(error: PieceError, file: &str) -> IntakeError {
    match error {
        PieceError::Io(source) => IntakeError::Unreadable { file: file.to_owned(), source },
        PieceError::TooLong { line } => {
            let megabytes = records::LONGEST_RECORD >> 20;
            let what = format!("this record is longer than {megabytes} MB");
            IntakeError::Broken(Place { file, line, column: 0 }.problem(
                what,
                "",
                "lines that end; is this a text file, and is every quotation mark closed?",
            ))
        }
    }
}

/// Reads the header off the first piece.
fn header<'w>(words: &'w Words<'w>, file: &'w str, piece: &mut Piece, delimiter: u8) -> Result<Layout<'w>, Vec<Problem>> {
    if piece.bytes.starts_with(b"\xef\xbb\xbf") {
        piece.bytes.drain(..3);
    }
    let mut spans = Vec::new();
    let end = records::split(&piece.bytes, 0, delimiter, piece.quoted, &mut spans);
    let place = Place { file, line: 1, column: 0 };
    let mut problems = Vec::new();
    let mut columns = Vec::new();
    let mut scratch = String::new();
    for span in &spans {
        let here = place.at_column(u64::from(span.start) + 1);
        let Some(name) = records::text(&piece.bytes, *span, &mut scratch).map(str::trim) else {
            problems.push(here.problem("the header is not UTF-8 text", "", "UTF-8, or `[input] encoding` in a mapping"));
            continue;
        };
        match column(words, name, here) {
            Ok(column) => columns.push(column),
            Err(problem) => problems.push(problem),
        }
    }
    for (wanted, there) in [
        ("id", columns.iter().any(|c| matches!(c, Column::Id))),
        ("kind", columns.iter().any(|c| matches!(c, Column::Kind))),
        ("at", columns.iter().any(|c| matches!(c, Column::At))),
    ] {
        if !there && problems.is_empty() {
            let help = "the columns id, kind, at; a table of another layout needs `--map` (see `habeas intake guess`)";
            problems.push(place.problem(format!("there is no column `{wanted}`"), "", help));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let field = |kind: usize, column: &Column| match column {
        Column::Field(name) => words.field(KindId(kind as u16), name),
        Column::Id | Column::Kind | Column::At | Column::RecordedAt | Column::By | Column::Subject(_) => None,
    };
    let fields = (0..words.codebook.kinds.len()).map(|k| columns.iter().map(|c| field(k, c)).collect()).collect();
    let lines = memchr::memchr_iter(b'\n', &piece.bytes[..end]).count() as u64;
    piece.bytes.drain(..end);
    piece.line += lines;
    let kind = columns.iter().position(|c| matches!(c, Column::Kind)).unwrap_or_default();
    let kinds = 0..words.codebook.kinds.len();
    let bits = |kind: KindId| {
        let classes = (0..words.codebook.classes.len().min(64)).filter(|class| words.may_name(kind, ClassId(*class as u16)));
        classes.fold(0, |bits, class| bits | 1 << class)
    };
    let named = kinds.map(|kind| bits(KindId(kind as u16))).collect();
    Ok(Layout { words, columns, kind, fields, named, delimiter, file })
}

fn column(words: &Words<'_>, name: &str, place: Place<'_>) -> Result<Column, Problem> {
    Ok(match name {
        "id" => Column::Id,
        "kind" => Column::Kind,
        "at" => Column::At,
        "recorded_at" => Column::RecordedAt,
        "by" => Column::By,
        _ => {
            if let Some(class) = name.strip_prefix("subject.") {
                match words.class(class) {
                    Some(class) => Column::Subject(class),
                    None => return Err(place.problem("no class of subjects is called so", class, words.nearest_classes(class))),
                }
            } else if let Some(field) = name.strip_prefix("field.") {
                Column::Field(field.to_owned())
            } else {
                let expected = "id, kind, at, recorded_at, by, subject.<class> or field.<name>; other tables need `--map`";
                return Err(place.problem("unknown column", name, expected));
            }
        }
    })
}

/// Decodes a piece into a batch that is empty.
fn decode(layout: &Layout<'_>, piece: Piece, room: &mut Room, batch: &mut Batch) {
    let Room { ends, spans } = room;
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
    let mut decoder =
        RowDecoder { layout, bytes: all, doubled, whole: text.as_deref(), start: 0, line: piece.line, clock: Clock::default() };
    let mut at = 0;
    let mut line = piece.line;
    while at < bytes.len() {
        (decoder.start, decoder.line) = (at, line);
        let (subjects, fields) = (batch.subjects.len(), batch.fields.len());
        if !piece.quoted
            && let Some((found, next)) = ends.fields(bytes, at, layout.columns.len())
        {
            batch.read += 1;
            if let Err(problem) = decoder.row(found.get(layout.kind), found.iter(), batch) {
                decoder.refused(*problem, (subjects, fields), batch);
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
        if let Err(problem) = decoder.listed(spans, batch) {
            decoder.refused(*problem, (subjects, fields), batch);
        }
    }
    batch.text = text;
}

/// Fields with doubled quotation marks, written once more after their piece as they are meant: so that whoever reads a field finds its
/// text in one place.
#[derive(Default)]
struct Doubled {
    /// Where each stands in the piece, and where it is written out; in order.
    fields: Vec<(Span, Span)>,
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
            for written in spans.iter().filter(|span| span.escaped) {
                let start = bytes.len();
                let mut mark_before = false;
                for place in written.start as usize..written.end as usize {
                    let byte = bytes[place];
                    mark_before = byte == b'"' && !mark_before;
                    if byte != b'"' || mark_before {
                        bytes.push(byte);
                    }
                }
                fields.push((*written, Span { start: start as u32, end: bytes.len() as u32, escaped: false }));
            }
        }
        Doubled { fields, next: 0 }
    }

    /// Puts what is written out in the place of what is written. Records have to be handed in in turn.
    fn put_in_place(&mut self, spans: &mut [Span]) {
        for span in spans.iter_mut().filter(|span| span.escaped) {
            if let Some((_, meant)) = self.fields.get(self.next) {
                *span = *meant;
                self.next += 1;
            }
        }
    }

    /// Where a field stands in the piece.
    fn written(&self, span: Span) -> Span {
        self.fields.binary_search_by_key(&span.start, |(_, meant)| meant.start).map_or(span, |found| self.fields[found].0)
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
    clock: Clock,
}

/// A problem on its way out; boxed, so that a good row carries nothing of it.
type Refusal = Box<Problem>;

impl<'p> RowDecoder<'p, '_> {
    fn place(&self, span: Span) -> Place<'p> {
        let before = &self.bytes[self.start..(self.doubled.written(span).start as usize).max(self.start)];
        Place { file: self.layout.file, line: self.line, column: String::from_utf8_lossy(before).chars().count() as u64 + 1 }
    }

    fn refuse(&self, span: Span, what: impl Into<String>, found: &str, expected: impl Into<String>) -> Refusal {
        Box::new(self.place(span).problem(what, found, expected))
    }

    fn text(&self, span: Span) -> Result<&'p str, Refusal> {
        if let Some(text) = self.whole.and_then(|w| w.get(span.start as usize..span.end as usize)) {
            return Ok(text);
        }
        let bytes = &self.bytes[span.start as usize..span.end as usize];
        std::str::from_utf8(bytes).map_err(|_| self.refuse(span, "this is not UTF-8 text", "", "UTF-8, or `[input] encoding` in a mapping"))
    }

    /// Takes back what a bad row has brought.
    #[cold]
    fn refused(&self, problem: Problem, (subjects, fields): (usize, usize), batch: &mut Batch) {
        batch.subjects.truncate(subjects);
        batch.fields.truncate(fields);
        batch.problems.push(problem);
    }

    /// A row whose fields are listed; there may be too many or too few.
    fn listed(&mut self, spans: &[Span], batch: &mut Batch) -> Result<(), Refusal> {
        if spans.len() != self.layout.columns.len() {
            return Err(self.wrong_length(spans.len()));
        }
        self.row(spans[self.layout.kind], spans.iter().copied(), batch)
    }

    fn row(&mut self, kind: Span, spans: impl Iterator<Item = Span>, batch: &mut Batch) -> Result<(), Refusal> {
        let layout = self.layout;
        let columns = &layout.columns;
        let mut row = Row {
            line: self.line,
            id: 0..0,
            // The kind decides what the other columns are.
            kind: self.kind(kind)?,
            at: unknown_time(),
            recorded_at: Moment::FAR_OFF,
            by: None,
            subjects: batch.subjects.len() as u32..0,
            fields: batch.fields.len() as u32..0,
        };
        let (mut recorded, mut at) = (None, kind);
        for (i, (span, column)) in spans.zip(columns).enumerate() {
            if span.start == span.end {
                self.empty(span, column)?;
                continue;
            }
            match column {
                Column::Kind => {}
                Column::Id => row.id = span.start..span.end,
                Column::By => row.by = Some(span.start..span.end),
                Column::At => (row.at, at) = (self.time(span)?, span),
                Column::RecordedAt => recorded = Some(self.time(span)?.latest),
                Column::Subject(class) => self.subject(span, row.kind, *class, batch)?,
                Column::Field(name) => self.field(span, row.kind, i, name, batch)?,
            }
        }
        row.subjects.end = batch.subjects.len() as u32;
        row.fields.end = batch.fields.len() as u32;
        self.complete(&mut row, recorded, at)?;
        batch.rows.push(row);
        Ok(())
    }

    #[cold]
    fn wrong_length(&self, found: usize) -> Refusal {
        let place = Place { file: self.layout.file, line: self.line, column: 0 };
        let expected = self.layout.columns.len().to_string();
        Box::new(place.problem("the row has another number of fields than the header", &found.to_string(), expected))
    }

    fn kind(&self, span: Span) -> Result<KindId, Refusal> {
        let name = trimmed(self.text(span)?);
        self.layout.words.kind_spelt(name).ok_or_else(|| {
            let nearest = self.layout.words.nearest_kinds(name);
            self.refuse(span, "no kind of event is called so in this codebook", name, format!("for example {nearest}"))
        })
    }

    fn empty(&self, span: Span, column: &Column) -> Result<(), Refusal> {
        match column {
            Column::At => Err(self.refuse(span, "`at` is empty", "", format!("{EXPECTED_TIME}; an unknown time is `?`"))),
            Column::Id => Err(self.refuse(span, "an entry has no id", "", "an id that no other entry has")),
            Column::Kind | Column::RecordedAt | Column::By | Column::Subject(_) | Column::Field(_) => Ok(()),
        }
    }

    fn time(&mut self, span: Span) -> Result<At, Refusal> {
        if let Some(moment) = self.clock.moment(&self.bytes[span.start as usize..span.end as usize]) {
            return Ok(At::exact(moment));
        }
        let text = self.text(span)?.trim();
        if text == "?" {
            return Ok(unknown_time());
        }
        let read = value::moment(text).map(At::exact).or_else(|| value::time(text, &self.layout.words.codebook.almanac));
        read.ok_or_else(|| self.refuse(span, "this is not a time", text, EXPECTED_TIME))
    }

    fn subject(&self, span: Span, kind: KindId, class: ClassId, batch: &mut Batch) -> Result<(), Refusal> {
        let name = self.text(span)?;
        let may = self.layout.named[kind.index()].checked_shr(u32::from(class.0)).unwrap_or(0) & 1 == 1;
        if !may && !self.layout.words.may_name(kind, class) {
            let codebook = self.layout.words.codebook;
            let allowed: Vec<&str> = codebook.kind(kind).subjects.iter().map(|c| codebook.class(*c).name.as_str()).collect();
            let what = format!("`{}` has no subject `{}`", codebook.kind(kind).name, codebook.class(class).name);
            return Err(self.refuse(span, what, name, allowed.join(", ")));
        }
        batch.subjects.push((class, span.start..span.end, subject_hash(class, name)));
        Ok(())
    }

    fn field(&self, span: Span, kind: KindId, column: usize, name: &str, batch: &mut Batch) -> Result<(), Refusal> {
        let words = self.layout.words;
        let Some(field) = self.layout.fields[kind.index()][column] else {
            if words.changes(kind) {
                batch.fields.push((FieldId(0), Decoded::Later(span.start..span.end, column)));
                return Ok(());
            }
            let what = format!("`{}` has no field `{name}`", words.codebook.kind(kind).name);
            let nearest = words.nearest_fields(kind, name);
            let expected = if nearest.is_empty() { "no fields".to_owned() } else { format!("for example {nearest}") };
            return Err(self.refuse(span, what, self.text(span)?, expected));
        };
        let several = field.list || matches!(field.of, FieldType::Choices(_));
        if !several && is_text(&field.of) {
            batch.fields.push((field.name, Decoded::Text(span.start..span.end)));
            return Ok(());
        }
        if several {
            batch.fields.push((field.name, Decoded::Later(span.start..span.end, column)));
            return Ok(());
        }
        let text = self.text(span)?;
        // Whatever still needs the log to place a text is read again when the row is taken in.
        let mut needs_log = false;
        let parsed = value::parse(words.codebook, field, text, &mut |_| {
            needs_log = true;
            habeas_codebook::log::TextId(0)
        });
        match parsed {
            Ok(_) if needs_log => batch.fields.push((field.name, Decoded::Later(span.start..span.end, column))),
            Ok(value) => batch.fields.push((field.name, Decoded::Value(value))),
            Err(wrong) => return Err(self.refuse(span, format!("`{name}` holds something else"), text, wrong.expected)),
        }
        Ok(())
    }

    /// What can only be said of the whole row.
    fn complete(&self, row: &mut Row, recorded: Option<Moment>, at: Span) -> Result<(), Refusal> {
        row.recorded_at = match (recorded, row.at.precision) {
            (Some(recorded), _) => recorded,
            (None, Precision::Unknown) => {
                let what = "an entry whose time is unknown needs `recorded_at`";
                return Err(self.refuse(at, what, "", "the time at which it was recorded"));
            }
            (None, Precision::Exact | Precision::Day | Precision::Range) => row.at.latest,
        };
        if row.at.precision == Precision::Unknown {
            row.at.latest = row.recorded_at;
        }
        Ok(())
    }
}

/// Without blanks at either end; nearly every text has none, which its first and last letter tell.
fn trimmed(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_graphic());
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) { text } else { text.trim() }
}

fn is_text(of: &FieldType) -> bool {
    match of {
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

/// Takes a batch into the log, in the order of the file, and empties it. Gives back the memory of its text.
fn absorb(gather: &mut Gather<'_>, layout: &Layout<'_>, batch: &mut Batch) -> Vec<u8> {
    gather.rows += std::mem::take(&mut batch.read);
    batch.problems.drain(..).for_each(|problem| gather.bad(problem));
    let text = batch.text.take();
    match &text {
        Some(text) => absorb_rows(gather, layout, text, batch),
        None => absorb_lossy(gather, layout, &batch.rows),
    }
    batch.rows.clear();
    batch.subjects.clear();
    batch.fields.clear();
    text.map_or_else(Vec::new, String::into_bytes)
}

fn absorb_rows(gather: &mut Gather<'_>, layout: &Layout<'_>, text: &str, batch: &mut Batch) {
    gather.log.reserve(batch.rows.len());
    let at = |range: &Range<u32>| &text[range.start as usize..range.end as usize];
    let mut fields = batch.fields.drain(..);
    let mut values: Vec<(FieldId, Value)> = Vec::with_capacity(8);
    for row in &batch.rows {
        let mut wrong = None;
        for (name, decoded) in fields.by_ref().take((row.fields.end - row.fields.start) as usize) {
            match decoded {
                Decoded::Value(value) => values.push((name, value)),
                Decoded::Text(range) => {
                    let placed = gather.log.text(at(&range));
                    values.push((name, Value::Text(placed)));
                }
                Decoded::Later(range, column) => match later(gather, layout, row, text, range, column, &values) {
                    Ok(value) => values.push(value),
                    Err(problem) => wrong = wrong.or(Some(problem)),
                },
            }
        }
        if let Some(problem) = wrong {
            gather.bad(problem);
            values.clear();
            continue;
        }
        let id = at(&row.id);
        let entry =
            Entry { id, kind: row.kind, at: row.at, recorded_at: row.recorded_at, by: row.by.as_ref().map(at), subjects: &[], fields: &[] };
        let named = &batch.subjects[row.subjects.start as usize..row.subjects.end as usize];
        let subjects = named.iter().map(|(class, name, hash)| (*class, at(name), *hash));
        if gather.log.push_hashed(&entry, subjects, values.drain(..)).is_err() {
            let place = Place { file: layout.file, line: row.line, column: 1 };
            gather.bad(place.problem("two entries have the same id", id, "an id that no other entry has"));
        }
    }
    gather.pass_on();
}

/// A value that needs the log: lists of texts, foreign codes, and what a correction replaces.
fn later(
    gather: &mut Gather<'_>,
    layout: &Layout<'_>,
    row: &Row,
    text: &str,
    range: Range<u32>,
    column: usize,
    before: &[(FieldId, Value)],
) -> Result<(FieldId, Value), Problem> {
    let place = Place { file: layout.file, line: row.line, column: 0 };
    let Column::Field(name) = &layout.columns[column] else { return Err(place.problem("this column is no field", "", "field.<name>")) };
    let written = &text[range.start as usize..range.end as usize];
    let corrects = before.iter().find(|(field, _)| layout.words.codebook.field_names[field.index()] == "corrects");
    let corrects = corrects.and_then(|(_, value)| value.as_text()).map(|id| gather.log.text_of(id).to_owned());
    let Some(field) = gather.field(row.kind, name, corrects.as_deref()) else { return Err(gather.unknown_field(row.kind, name, place)) };
    match gather.value(&field, written) {
        Ok(value) => Ok((field.name, value)),
        Err(wrong) => Err(place.problem(format!("`{name}` holds something else"), written, wrong.expected)),
    }
}

/// A piece that is not UTF-8: every row that would have been taken in is refused, as its ids cannot be trusted.
fn absorb_lossy(gather: &mut Gather<'_>, layout: &Layout<'_>, rows: &[Row]) {
    if let Some(first) = rows.first() {
        let place = Place { file: layout.file, line: first.line, column: 0 };
        gather.bad(place.problem("this part of the file is not UTF-8 text", "", "UTF-8, or `[input] encoding` in a mapping"));
    }
}
