//! What a piece comes to: its rows in compact lists, and how they are taken into the log.

use super::{Column, Layout};
use crate::gather::{Gather, Place, same_id};
use crate::problem::Problem;
use crate::records::Cell;
use habeas_codebook::log::{Block, Entry, Named, Value, is_less};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{ClassId, FieldId, KindId};

/// A field of a decoded row: its value, or a text that the log still has to place.
pub(super) enum Decoded {
    Value(Value),
    Text(Cell),
    /// Of a correction, or needing the log in some other way, with its column: read when the row is taken in.
    Later(Cell, usize),
}

/// What every row has, in columns: most batches go into the log as they are.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) lines: Vec<u64>,
    pub(super) ids: Vec<Cell>,
    pub(super) kinds: Vec<KindId>,
    /// When they happened, and were recorded, unless there is more to say.
    pub(super) at: Vec<Moment>,
    /// How many of [`Batch::subjects`] belong to each.
    pub(super) subjects: Vec<u32>,
    /// How many of [`Batch::fields`] belong to each.
    pub(super) fields: Vec<u32>,
}

impl Rows {
    pub(super) fn push(&mut self, line: u64, id: Cell, kind: KindId, at: Moment, (subjects, fields): (usize, usize)) {
        self.lines.push(line);
        self.ids.push(id);
        self.kinds.push(kind);
        self.at.push(at);
        self.subjects.push(subjects as u32);
        self.fields.push(fields as u32);
    }

    fn clear(&mut self) {
        let Rows { lines, ids, kinds, at, subjects, fields } = self;
        lines.clear();
        ids.clear();
        kinds.clear();
        at.clear();
        subjects.clear();
        fields.clear();
    }
}

/// What some rows have beside.
pub(super) struct More {
    /// Which row.
    pub(super) row: usize,
    pub(super) at: At,
    pub(super) recorded_at: Moment,
    pub(super) by: Option<Cell>,
}

/// A decoded piece. Its lists are filled again once it has been taken in.
#[derive(Default)]
pub(super) struct Batch {
    /// The piece; `None` when it is not UTF-8, and then no row of it is taken in.
    pub(super) text: Option<String>,
    pub(super) rows: Rows,
    pub(super) more: Vec<More>,
    /// Who is named, with the hash for the log.
    pub(super) subjects: Vec<(ClassId, Cell, u32)>,
    pub(super) fields: Vec<(FieldId, Decoded)>,
    pub(super) problems: Vec<Problem>,
    pub(super) read: u64,
}

/// Takes a batch into the log, in the order of the file, and empties it. Gives back the memory of its text.
pub(super) fn absorb(gather: &mut Gather<'_>, layout: &Layout<'_>, batch: &mut Batch) -> Vec<u8> {
    gather.rows += std::mem::take(&mut batch.read);
    batch.problems.drain(..).for_each(|problem| gather.bad(problem));
    let text = batch.text.take();
    match &text {
        Some(text) => absorb_rows(gather, layout, text, batch),
        None => absorb_lossy(gather, layout, &batch.rows.lines),
    }
    batch.rows.clear();
    batch.more.clear();
    batch.subjects.clear();
    batch.fields.clear();
    text.map_or_else(Vec::new, String::into_bytes)
}

fn absorb_rows(gather: &mut Gather<'_>, layout: &Layout<'_>, text: &str, batch: &mut Batch) {
    gather.log.reserve(batch.rows.ids.len());
    if !absorb_at_once(gather, text, batch) {
        absorb_one_by_one(gather, layout, text, batch);
    }
    gather.pass_on();
}

/// Takes in a batch of which nothing has to be asked but who is meant. False, and nothing taken in, where there is more to ask.
fn absorb_at_once(gather: &mut Gather<'_>, text: &str, batch: &mut Batch) -> bool {
    let at = |cell: &Cell| &text[cell.range()];
    let plain = batch.more.is_empty() && !batch.fields.iter().any(|(_, decoded)| matches!(decoded, Decoded::Later(..)));
    let letters = |cell: &Cell| &text.as_bytes()[cell.range()];
    let ids = batch.rows.ids.iter();
    if !plain
        || !ids.clone().next().is_none_or(|first| gather.log.ascends_to(at(first)))
        || !ids.clone().map(letters).is_sorted_by(|a, b| a.len() == b.len() && is_less(a, b))
    {
        return false;
    }
    let log = &mut gather.log;
    let placed = batch.fields.drain(..).map(|(name, decoded)| match decoded {
        Decoded::Value(value) => (name, value),
        Decoded::Text(cell) | Decoded::Later(cell, _) => (name, Value::Text(log.text(at(&cell)))),
    });
    let values: Vec<(FieldId, Value)> = placed.collect();
    let named = batch.subjects.iter().map(|(class, cell, hash)| Named { class: *class, name: letters(cell), hash: *hash });
    let ids = ids.map(at);
    let Rows { kinds, at, subjects, fields, .. } = &batch.rows;
    log.append(&Block { kinds, at, subjects, fields }, ids, named, values.into_iter());
    true
}

fn absorb_one_by_one(gather: &mut Gather<'_>, layout: &Layout<'_>, text: &str, batch: &mut Batch) {
    let at = |cell: Cell| &text[cell.range()];
    let rows = &batch.rows;
    let (mut subjects, mut fields, mut more) = (batch.subjects.as_slice(), batch.fields.drain(..), batch.more.iter().peekable());
    let mut values: Vec<(FieldId, Value)> = Vec::with_capacity(8);
    for row in 0..rows.ids.len() {
        let (own, others) = subjects.split_at(rows.subjects[row] as usize);
        subjects = others;
        let rest = more.next_if(|more| more.row == row);
        let mut wrong = None;
        for (name, decoded) in fields.by_ref().take(rows.fields[row] as usize) {
            match decoded {
                Decoded::Value(value) => values.push((name, value)),
                Decoded::Text(cell) => values.push((name, Value::Text(gather.log.text(at(cell))))),
                Decoded::Later(cell, column) => {
                    let row = Correcting { kind: rows.kinds[row], line: rows.lines[row], before: &values };
                    match later(gather, layout, row, at(cell), column) {
                        Ok(value) => values.push(value),
                        Err(problem) => wrong = wrong.or(Some(problem)),
                    }
                }
            }
        }
        if let Some(problem) = wrong {
            gather.bad(problem);
            values.clear();
            continue;
        }
        let (id, moment) = (at(rows.ids[row]), rows.at[row]);
        let plain = Entry { id, kind: rows.kinds[row], at: At::exact(moment), recorded_at: moment, by: None, subjects: &[], fields: &[] };
        let entry = match rest {
            None => plain,
            Some(rest) => Entry { at: rest.at, recorded_at: rest.recorded_at, by: rest.by.map(at), ..plain },
        };
        let named = own.iter().map(|(class, cell, hash)| Named { class: *class, name: at(*cell).as_bytes(), hash: *hash });
        if let Err(wrong) = gather.log.push_hashed(&entry, named, values.drain(..)) {
            let place = Place { file: layout.file, line: rows.lines[row], column: 1 };
            gather.bad(same_id(place, id, wrong));
        }
    }
}

/// A row some value of which needs the log, with the values before it.
struct Correcting<'r> {
    kind: KindId,
    line: u64,
    before: &'r [(FieldId, Value)],
}

/// A value that needs the log: lists of texts, foreign codes, and what a correction replaces.
fn later(
    gather: &mut Gather<'_>,
    layout: &Layout<'_>,
    row: Correcting<'_>,
    written: &str,
    column: usize,
) -> Result<(FieldId, Value), Problem> {
    let place = Place { file: layout.file, line: row.line, column: 0 };
    let Column::Field(name) = &layout.columns[column] else { return Err(place.problem("this column is no field", "", "field.<name>")) };
    let corrects = row.before.iter().find(|(field, _)| layout.words.codebook.field_names[field.index()] == "corrects");
    let corrects = corrects.and_then(|(_, value)| value.as_text()).map(|id| gather.log.text_of(id).to_owned());
    let Some(field) = gather.field(row.kind, name, corrects.as_deref()) else { return Err(gather.unknown_field(row.kind, name, place)) };
    match gather.value(&field, written) {
        Ok(value) => Ok((field.name, value)),
        Err(wrong) => Err(place.problem(format!("`{name}` holds something else"), written, wrong.expected)),
    }
}

/// A piece that is not UTF-8: every row that would have been taken in is refused, as its ids cannot be trusted.
fn absorb_lossy(gather: &mut Gather<'_>, layout: &Layout<'_>, lines: &[u64]) {
    if let Some(first) = lines.first() {
        let place = Place { file: layout.file, line: *first, column: 0 };
        gather.bad(place.problem("this part of the file is not UTF-8 text", "", "UTF-8, or `[input] encoding` in a mapping"));
    }
}
