//! The tables that every store has, and their rows as plain cells: for moving a register from one store to another, and for writing many
//! rows at once.

use super::EventRow;
use crate::error::RegisterError;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Number,
    Text,
    Bytes,
}

/// A table: its columns in order, of which the first `key` name a row.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Holds)],
    pub(crate) key: usize,
}

impl Table {
    /// How many rows are moved at once: of what may be as large as files, few.
    pub(crate) fn rows_at_once(&self) -> u32 {
        if self.name == FILE.name { 8 } else { 1_024 }
    }

    /// Names of all columns, with commas between.
    pub(crate) fn columns(&self) -> String {
        Self::names(self.columns)
    }

    /// Names of the columns that name a row, with commas between.
    pub(crate) fn key(&self) -> String {
        Self::names(&self.columns[..self.key])
    }

    /// A page of rows, asked for after a row, in the order of their names. A damaged database gives what it likes: whoever goes on after
    /// the last row would never come to an end.
    pub(crate) fn in_order(&self, after: Option<&[Cell]>, rows: Vec<Vec<Cell>>) -> Result<Vec<Vec<Cell>>, RegisterError> {
        let names = after.into_iter().chain(rows.iter().map(Vec::as_slice)).map(|row| &row[..self.key]);
        if names.is_sorted_by(|before, after| before < after) { Ok(rows) } else { Err(out_of_order(self.name)) }
    }

    fn names(columns: &[(&str, Holds)]) -> String {
        columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// Entries that were asked for from an index on, each after the one before.
pub(crate) fn entries_in_order(first: u64, rows: Vec<EventRow>) -> Result<Vec<EventRow>, RegisterError> {
    let is_sorted = rows.is_sorted_by(|before, after| before.index < after.index);
    if is_sorted && rows.first().is_none_or(|row| row.index >= first) { Ok(rows) } else { Err(out_of_order(EVENT.name)) }
}

fn out_of_order(table: &str) -> RegisterError {
    let why = format!("rows of the table `{table}` are not in their order: the database is damaged; bring back a backup of it");
    RegisterError::Store { why }
}

use Holds::{Bytes, Number, Text};

macro_rules! table {
    ($constant:ident, $name:literal, $key:literal, $($column:literal: $holds:expr),+) => {
        pub(crate) const $constant: Table = Table { name: $name, columns: &[$(($column, $holds)),+], key: $key };
    };
}

table!(EVENT, "event", 1, "seq": Number, "header": Bytes, "leaf": Bytes, "public": Bytes, "custody": Bytes, "identity": Bytes,
    "medical": Bytes, "privileged": Bytes);
table!(FILE, "file", 2, "seq": Number, "place": Number, "class": Number, "sealed": Bytes);
table!(NODE, "node", 2, "level": Number, "place": Number, "hash": Bytes);
table!(EDGE, "edge", 1, "one": Number, "bytes": Bytes);
table!(CHECKPOINT, "checkpoint", 2, "size": Number, "note": Text);
table!(SETTING, "setting", 1, "name": Text, "value": Text);
table!(ENTRY, "entry", 1, "id": Text, "seq": Number);
table!(SUBJECT, "subject", 1, "number": Number, "class": Text, "name": Text, "handle": Bytes);
table!(NAMING, "naming", 2, "subject": Number, "seq": Number);
table!(READER, "reader", 2, "read": Number, "judged": Number, "what": Bytes);
table!(THING, "thing", 1, "subject": Number, "seen": Bytes);
table!(VERDICT, "verdict", 2, "subject": Number, "ordinal": Number, "verdict": Text, "due_at": Number, "class": Number, "rule": Text,
    "detail": Bytes, "of_record": Number, "ended_at": Number);
table!(LIFE, "life", 1, "subject": Number, "opened_at": Number, "closed_at": Number, "place": Text, "judged_at": Number,
    "moves_at": Number);
table!(OUTBOX, "outbox", 1, "number": Number, "key": Text, "body": Text, "tries": Number, "next_at": Number, "sent_at": Number);

/// Every table of a store.
pub(crate) const TABLES: [Table; 14] =
    [EVENT, FILE, NODE, EDGE, CHECKPOINT, SETTING, ENTRY, SUBJECT, NAMING, READER, THING, VERDICT, LIFE, OUTBOX];

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Number(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<&[u8]> for Cell {
    fn from(bytes: &[u8]) -> Self {
        Cell::Bytes(bytes.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(subject: i64, seq: i64) -> Vec<Cell> {
        vec![subject.into(), seq.into()]
    }

    #[test]
    fn rows_of_a_damaged_database_that_lead_back_are_refused() {
        let sound = vec![naming(1, 7), naming(2, 0), naming(2, 3)];
        assert!(NAMING.in_order(Some(&naming(1, 3)), sound.clone()).is_ok_and(|rows| rows == sound));
        for after in [naming(1, 7), naming(5, 0)] {
            assert!(NAMING.in_order(Some(&after), sound.clone()).is_err(), "{after:?} has been read");
        }
        assert!(NAMING.in_order(None, vec![naming(2, 0), naming(1, 7)]).is_err(), "they go back");
        assert!(NAMING.in_order(None, vec![naming(2, 0), naming(2, 0)]).is_err(), "they stand still");
    }
}
