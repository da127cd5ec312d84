//! The tables that every store has, and their rows as plain cells: for moving a register from one store to another, and for writing many
//! rows at once.

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Names of all columns, with commas between.
    pub(crate) fn columns(&self) -> String {
        Self::names(self.columns)
    }

    /// Names of the columns that name a row, with commas between.
    pub(crate) fn key(&self) -> String {
        Self::names(&self.columns[..self.key])
    }

    fn names(columns: &[(&str, Holds)]) -> String {
        columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

use Holds::{Bytes, Number, Text};

macro_rules! table {
    ($constant:ident, $name:literal, $key:literal, $($column:literal: $holds:expr),+) => {
        pub(crate) const $constant: Table = Table { name: $name, columns: &[$(($column, $holds)),+], key: $key };
    };
}

table!(EVENT, "event", 1, "seq": Number, "header": Bytes, "leaf": Bytes, "public": Bytes, "custody": Bytes, "identity": Bytes,
    "medical": Bytes, "privileged": Bytes);
table!(NODE, "node", 2, "level": Number, "place": Number, "hash": Bytes);
table!(EDGE, "edge", 1, "one": Number, "bytes": Bytes);
table!(CHECKPOINT, "checkpoint", 2, "size": Number, "note": Text);
table!(SETTING, "setting", 1, "name": Text, "value": Text);
table!(ENTRY, "entry", 1, "id": Text, "seq": Number);
table!(SUBJECT, "subject", 1, "number": Number, "class": Text, "name": Text, "handle": Bytes);
table!(NAMING, "naming", 2, "subject": Number, "seq": Number);
table!(READER, "reader", 2, "read": Number, "judged": Number);
table!(VERDICT, "verdict", 2, "subject": Number, "ordinal": Number, "verdict": Text, "due_at": Number, "class": Number, "rule": Text,
    "detail": Bytes, "of_record": Number, "ended_at": Number);
table!(LIFE, "life", 1, "subject": Number, "opened_at": Number, "closed_at": Number, "place": Text, "judged_at": Number,
    "moves_at": Number);
table!(OUTBOX, "outbox", 1, "number": Number, "key": Text, "body": Text, "tries": Number, "next_at": Number, "sent_at": Number);

/// Every table of a store.
pub(crate) const TABLES: [Table; 12] = [EVENT, NODE, EDGE, CHECKPOINT, SETTING, ENTRY, SUBJECT, NAMING, READER, VERDICT, LIFE, OUTBOX];

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
