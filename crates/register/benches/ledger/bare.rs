//! The bare store: the same rows in the same tables of the same database, in one transaction, and nothing else. No question is asked, and
//! nothing is checked, sealed, hashed, signed or read back; the bytes are copied from what the register has just written.

use habeas_ledger::leaf::Class;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

type Rows = Vec<Vec<Value>>;

/// The header of an event, and how long each of its sealed parts is.
pub(crate) type Written<'r> = (&'r [u8], Vec<(Class, usize)>);

/// The database that rows are copied into, and the register's that they come from.
pub(crate) struct Bare {
    file: Connection,
    register: Connection,
}

/// The rows of some entries.
pub(crate) struct Copied {
    events: Rows,
    entries: Rows,
    nodes: Rows,
    subjects: Rows,
    namings: Rows,
    readers: Rows,
    lives: Rows,
    edge: Rows,
}

impl Copied {
    /// The header of each event, and how long its sealed parts are.
    pub(crate) fn headers(&self) -> impl Iterator<Item = Written<'_>> {
        let blob = |value: Option<&Value>| if let Some(Value::Blob(bytes)) = value { Some(bytes.len()) } else { None };
        self.events.iter().map(move |row| {
            let header = if let Some(Value::Blob(bytes)) = row.get(1) { bytes.as_slice() } else { &[] };
            (header, Class::ALL.into_iter().zip(3..).filter_map(|(class, column)| Some((class, blob(row.get(column))?))).collect())
        })
    }
}

fn told(error: rusqlite::Error) -> String {
    format!("the bare store: {error}")
}

fn rows(file: &Connection, sql: &str, params: &[i64]) -> Result<Rows, String> {
    let mut statement = file.prepare_cached(sql).map_err(told)?;
    let count = statement.column_count();
    let read = statement.query_map(params_from_iter(params), |row| (0..count).map(|place| row.get(place)).collect()).map_err(told)?;
    read.collect::<Result<_, _>>().map_err(told)
}

impl Bare {
    /// An empty database beside a register, made and tuned as the register makes and tunes its own.
    pub(crate) fn beside(folder: &Path) -> Result<Self, String> {
        let file = Connection::open(folder.join("bare.db")).map_err(told)?;
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("trusted_schema", "OFF"), ("cell_size_check", "ON")] {
            file.pragma_update(None, name, value).map_err(told)?;
        }
        file.pragma_update(None, "cache_size", -65_536).map_err(told)?;
        file.execute_batch(include_str!("../../src/store/schema.sql")).map_err(told)?;
        file.set_prepared_statement_cache_capacity(64);
        let register = Connection::open(folder.join("register.db")).map_err(told)?;
        Ok(Bare { file, register })
    }

    /// Reads what the register wrote of the entries from `first` to before `end`.
    pub(crate) fn copied(&self, first: u64, end: u64) -> Result<Copied, String> {
        let range = [i64::try_from(first).unwrap_or(0), i64::try_from(end).unwrap_or(0)];
        let of = |sql: &str| rows(&self.register, sql, &range);
        // Only what these entries brought: a subject and those for whom it was read are new with their first entry.
        let new = "SELECT subject FROM naming GROUP BY subject HAVING min(seq) >= ?1 AND min(seq) < ?2";
        Ok(Copied {
            events: of("SELECT * FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")?,
            entries: of("SELECT * FROM entry WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")?,
            nodes: of("SELECT * FROM node WHERE (place + 1) << level > ?1 AND (place + 1) << level <= ?2")?,
            subjects: of(&format!("SELECT * FROM subject WHERE number IN ({new})"))?,
            readers: of(&format!("SELECT * FROM reader WHERE judged IN ({new})"))?,
            namings: of("SELECT * FROM naming WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")?,
            lives: of("SELECT * FROM life WHERE subject IN (SELECT subject FROM naming WHERE seq >= ?1 AND seq < ?2) ORDER BY subject")?,
            edge: rows(&self.register, "SELECT * FROM edge", &[])?,
        })
    }

    /// Writes rows in one durable transaction.
    pub(crate) fn write(&self, copied: &Copied) -> Result<(), String> {
        let run = |sql: &str, rows: &Rows| -> Result<(), String> {
            let mut statement = self.file.prepare_cached(sql).map_err(told)?;
            rows.iter().try_for_each(|row| statement.execute(params_from_iter(row)).map(|_| ()).map_err(told))
        };
        self.file.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
        run("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", &copied.events)?;
        run("INSERT INTO entry VALUES (?, ?)", &copied.entries)?;
        run("INSERT INTO node VALUES (?, ?, ?)", &copied.nodes)?;
        run("INSERT INTO subject VALUES (?, ?, ?, ?)", &copied.subjects)?;
        run("INSERT INTO naming VALUES (?, ?)", &copied.namings)?;
        run("INSERT INTO reader VALUES (?, ?)", &copied.readers)?;
        run("INSERT OR REPLACE INTO life VALUES (?, ?, ?, ?, ?, ?)", &copied.lives)?;
        run("INSERT OR REPLACE INTO edge VALUES (?, ?)", &copied.edge)?;
        self.file.execute_batch("COMMIT").map_err(told)
    }

    /// One durable insert of one event, as small as it can be.
    pub(crate) fn insert_one(&self, copied: &Copied) -> Result<(), String> {
        let event = copied.events.first().ok_or("nothing was copied")?;
        let mut statement = self.file.prepare_cached("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)").map_err(told)?;
        statement.execute(params_from_iter(event)).map(|_| ()).map_err(told)
    }
}

/// Flushes of 4 KiB that the disk makes durable in a second, one after the other.
pub(crate) fn flushes_a_second(folder: &Path) -> Result<f64, String> {
    const FLUSHES: u32 = 200;
    let io = |error: std::io::Error| error.to_string();
    let mut file = File::create(folder.join("flushed")).map_err(io)?;
    let began = std::time::Instant::now();
    for _ in 0..FLUSHES {
        file.write_all(&[7; 4_096]).and_then(|()| file.sync_data()).map_err(io)?;
    }
    Ok(f64::from(FLUSHES) / began.elapsed().as_secs_f64())
}
