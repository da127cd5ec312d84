//! The product's own CSV: `id,kind,at,recorded_at,by`, then `subject.<class>` and `field.<name>` (interfaces, *Events in a log*).
//!
//! Reading is in two steps, so that several processors help. Decoding turns a piece of text into a [`Batch`] and touches nothing
//! else ([`mod@decode`]): kinds, times, values, and the hash of every subject. Taking in puts batches into the log in the order of the file
//! ([`batch`], [`crate::turns`]).

mod batch;
mod decode;

use crate::gather::{Gather, Place};
use crate::problem::{IntakeError, Problem};
use crate::records::{self, Piece, PieceError, Pieces};
use crate::turns::in_turn;
use crate::words::Words;
use batch::{Batch, absorb};
use decode::{Room, decode};
use habeas_codebook::tree::{ClassId, Field, KindId};
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// What a column holds.
enum Column {
    Id,
    Kind,
    At,
    RecordedAt,
    By,
    /// A subject of a class, with the bit of the class; nought where a class has none.
    Subject(ClassId, u64),
    /// A field by its name; which one it is depends on the kind.
    Field(String),
}

/// The columns that entries of a kind may fill, beside its id, kind and time.
#[derive(Default)]
struct Plan<'w> {
    subjects: Vec<(usize, ClassId)>,
    fields: Vec<(usize, &'w Field)>,
}

/// The header, made ready for decoding.
pub(crate) struct Layout<'w> {
    words: &'w Words<'w>,
    columns: Vec<Column>,
    /// Which column is the kind, which the id, which the time.
    kind: usize,
    id: usize,
    at: usize,
    recorded_at: Option<usize>,
    by: Option<usize>,
    /// For each kind, the other columns that its entries may fill.
    plans: Vec<Plan<'w>>,
    /// `fields[kind][column]`: the field that a column is for a kind.
    fields: Vec<Vec<Option<&'w Field>>>,
    /// For each kind, bits of the classes that it may name.
    named: Vec<u64>,
    delimiter: u8,
    file: &'w str,
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
    decode_and_take(gather, &layout, pieces, first, threads, progress)
}

/// Threads decode pieces; their batches are taken in in the order of the file.
fn decode_and_take<R: Read + Send>(
    gather: &mut Gather<'_>,
    layout: &Layout<'_>,
    mut pieces: Pieces<R>,
    first: Piece,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<(), IntakeError> {
    let mut first = Some(first);
    let mut failed = None;
    // Rooms that are done with are filled again.
    let spare: Mutex<Vec<(Batch, Vec<u8>)>> = Mutex::default();
    let spare = || spare.lock().unwrap_or_else(PoisonError::into_inner);
    let jobs = || {
        let mut batch = Batch::default();
        if let Some((used, bytes)) = spare().pop() {
            pieces.give_back(bytes);
            batch = used;
        }
        let piece = match first.take() {
            Some(piece) => Ok(Some(piece)),
            None => next(&mut pieces, layout.file),
        };
        piece
            .unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
            .map(|piece| (piece, batch))
    };
    let work = |room: &mut Room, (piece, mut batch): (Piece, Batch)| {
        let bytes = piece.bytes.len() as u64;
        decode(layout, piece, room, &mut batch);
        (bytes, batch)
    };
    in_turn(threads, jobs, Room::default, work, &mut |(bytes, mut batch)| {
        progress(bytes);
        let text = absorb(gather, layout, &mut batch);
        spare().push((batch, text));
        ControlFlow::Continue(())
    });
    failed.map_or(Ok(()), Err)
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
    if let Some(wrong) = records::wrong_quotes(&piece.bytes, &spans, delimiter) {
        problems.push(place.at_column(u64::from(wrong.cell.start) + 1).problem(wrong.what, &wrong.found, wrong.expected));
        return Err(problems);
    }
    let mut columns = Vec::new();
    let mut scratch = String::new();
    for span in &spans {
        let here = place.at_column(u64::from(span.cell.start) + 1);
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
        Column::Id | Column::Kind | Column::At | Column::RecordedAt | Column::By | Column::Subject(..) => None,
    };
    let fields = (0..words.codebook.kinds.len()).map(|k| columns.iter().map(|c| field(k, c)).collect()).collect();
    let lines = memchr::memchr_iter(b'\n', &piece.bytes[..end]).count() as u64;
    piece.bytes.drain(..end);
    piece.line += lines;
    let place_of = |of: fn(&Column) -> bool| columns.iter().position(of);
    let kind = place_of(|column| matches!(column, Column::Kind)).unwrap_or_default();
    let id = place_of(|column| matches!(column, Column::Id)).unwrap_or_default();
    let at = place_of(|column| matches!(column, Column::At)).unwrap_or_default();
    let recorded_at = place_of(|column| matches!(column, Column::RecordedAt));
    let by = place_of(|column| matches!(column, Column::By));
    let kinds = 0..words.codebook.kinds.len();
    let bits = |kind: KindId| {
        let classes = (0..words.codebook.classes.len()).map(|class| ClassId(class as u16));
        classes.filter(|class| words.may_name(kind, *class)).fold(0, |bits, class| bits | bit(class))
    };
    let named = kinds.clone().map(|kind| bits(KindId(kind as u16))).collect();
    let plans = kinds.map(|kind| plan(words, &columns, KindId(kind as u16))).collect();
    Ok(Layout { words, columns, kind, id, at, recorded_at, by, plans, fields, named, delimiter, file })
}

fn plan<'w>(words: &'w Words<'w>, columns: &[Column], kind: KindId) -> Plan<'w> {
    let mut plan = Plan::default();
    for (number, column) in columns.iter().enumerate() {
        match column {
            Column::Subject(class, _) if words.may_name(kind, *class) => plan.subjects.push((number, *class)),
            Column::Field(name) => plan.fields.extend(words.field(kind, name).map(|field| (number, field))),
            Column::Id | Column::Kind | Column::At | Column::RecordedAt | Column::By | Column::Subject(..) => {}
        }
    }
    plan
}

/// The bit of a class, in a set of the first 64.
fn bit(class: ClassId) -> u64 {
    1_u64.checked_shl(u32::from(class.0)).unwrap_or(0)
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
                    Some(class) => Column::Subject(class, bit(class)),
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
