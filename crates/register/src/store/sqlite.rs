//! The embedded store: one SQLite file, write-ahead log, each commit flushed to the disk.

use super::rows::{self, Cell, Table};
use super::{
    Asked, CountRow, EventRow, FileRow, LifeRow, OutRow, Store, Stored, SubjectRow, THAT_END, VerdictRow, number, read_file, unsigned,
};
use crate::error::RegisterError;
use habeas_ledger::leaf::{Class, Handle, Header};
use habeas_ledger::merkle::{Edge, Hash};
use rusqlite::config::DbConfig;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, params, params_from_iter};
use std::path::Path;
use std::time::Duration;

/// Schema changes, in order; the hash of those that were made is kept in the file, so that an old one cannot be changed unseen.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
];

/// Where rows without a due time stand: after all others.
const NEVER: i64 = i64::MAX;

const VERDICT: &str = "v.subject, v.ordinal, v.verdict, v.due_at, v.class, v.rule, v.detail, v.of_record, v.ended_at";
const SUBJECT: &str = "s.number, s.class, s.name, s.handle";
const LIFE: &str = "l.opened_at, l.closed_at, l.place, l.judged_at, l.moves_at";
const EVENT: &str = "seq, header, leaf, public, custody, identity, medical, privileged";

/// One connection.
pub(crate) struct Sqlite(Connection);

impl Sqlite {
    /// Opens the file for the one writer; makes it if it is not there.
    pub(crate) fn writer(path: &Path) -> Stored<Self> {
        let mut file = Connection::open(path)?;
        file.busy_timeout(Duration::from_secs(10))?;
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("trusted_schema", "OFF"), ("cell_size_check", "ON")] {
            file.pragma_update(None, name, value)?;
        }
        // Pages touched by hundreds of custodies at once stay in memory.
        file.pragma_update(None, "cache_size", -65_536)?;
        migrate(&mut file)?;
        Sqlite::ready(file)
    }

    /// Opens the file for a reader beside the writer.
    pub(crate) fn reader(path: &Path) -> Stored<Self> {
        let file = open_for_reading(path)?;
        file.busy_timeout(Duration::from_secs(10))?;
        file.pragma_update(None, "trusted_schema", "OFF")?;
        Sqlite::ready(file)
    }

    /// A store without a name, on the disk and for this process only: it is gone when it is closed.
    pub(crate) fn scratch() -> Stored<Self> {
        let mut file = Connection::open("")?;
        file.pragma_update(None, "synchronous", "OFF")?;
        migrate(&mut file)?;
        Sqlite::ready(file)
    }

    /// Statements are prepared once: without the second setting SQLite plans one anew whenever another value is bound to it.
    fn ready(file: Connection) -> Stored<Self> {
        file.set_prepared_statement_cache_capacity(64);
        file.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Sqlite(file))
    }

    /// Writes a whole copy to a new file, as of one moment, while others go on.
    pub(crate) fn copy_to(&self, path: &Path) -> Stored<()> {
        let shown = path.to_string_lossy();
        Ok(self.0.execute("VACUUM INTO ?1", [shown.as_ref()]).map(|_| ())?)
    }

    fn run(&self, sql: &str, params: impl Params) -> Stored<usize> {
        Ok(self.0.prepare_cached(sql)?.execute(params)?)
    }

    fn first<T>(&self, sql: &str, params: impl Params, read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>) -> Stored<Option<T>> {
        Ok(self.0.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    fn all<T>(&self, sql: &str, params: impl Params, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Stored<Vec<T>> {
        Ok(self.0.prepare_cached(sql)?.query_map(params, read)?.collect::<Result<_, _>>()?)
    }
}

/// Opens a file for reading. A reader takes its part in the write-ahead log's index, for which the folder must be writable; on a disk that
/// is not (a court's exhibit, a DVD), a file that was closed whole is read as it lies.
fn open_for_reading(path: &Path) -> Stored<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(path, flags)?;
    let is_read = file.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    let lies_still = std::fs::metadata(path.with_extension("db-wal")).map_or(true, |log| log.len() == 0);
    if is_read.is_ok() || !lies_still {
        return Ok(file);
    }
    let spelt: String = path.to_string_lossy().chars().map(percent).collect();
    let still = Connection::open_with_flags(format!("file:{spelt}?immutable=1"), flags | OpenFlags::SQLITE_OPEN_URI);
    // Whatever it is, it is not the folder: the first error is the one to tell.
    Ok(still.unwrap_or(file))
}

/// A character of a path as an address spells it.
fn percent(letter: char) -> String {
    if ['%', '?', '#'].contains(&letter) { format!("%{:02X}", u32::from(letter)) } else { letter.to_string() }
}

fn migrate(file: &mut Connection) -> Stored<()> {
    let made: i64 = file.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).expect("few migrations");
    if made > known {
        return Err(RegisterError::Store { why: format!("it was written by a newer program (schema {made}, this one knows {known})") });
    }
    for number in made..known {
        let step = file.transaction()?;
        let text = MIGRATIONS[usize::try_from(number).expect("not negative")];
        step.execute_batch(text)?;
        let name = format!("schema {}", number + 1);
        step.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", params![name, Hash::of(text.as_bytes()).to_hex()])?;
        step.pragma_update(None, "user_version", number + 1)?;
        step.commit()?;
    }
    for (number, text) in MIGRATIONS.iter().enumerate() {
        let name = format!("schema {}", number + 1);
        let made: String = file.query_row("SELECT value FROM setting WHERE name = ?1", [&name], |row| row.get(0))?;
        if made != Hash::of(text.as_bytes()).to_hex() {
            return Err(RegisterError::Store { why: format!("its {name} was made by another text than this program has") });
        }
    }
    Ok(())
}

fn read_event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let mut parts = Vec::new();
    for (place, class) in Class::ALL.into_iter().enumerate() {
        if let Some(sealed) = row.get::<_, Option<Vec<u8>>>(3 + place)? {
            parts.push((class, sealed));
        }
    }
    Ok(EventRow { index: unsigned(row.get(0)?), header: row.get(1)?, leaf: Hash(row.get(2)?), parts })
}

fn read_verdict(row: &Row<'_>, from: usize) -> rusqlite::Result<VerdictRow> {
    Ok(VerdictRow {
        subject: row.get(from)?,
        ordinal: row.get(from + 1)?,
        verdict: row.get(from + 2)?,
        due_at: row.get(from + 3)?,
        class: row.get(from + 4)?,
        rule: row.get(from + 5)?,
        detail: row.get(from + 6)?,
        of_record: row.get(from + 7)?,
        ended_at: row.get(from + 8)?,
    })
}

fn read_subject(row: &Row<'_>, from: usize) -> rusqlite::Result<SubjectRow> {
    Ok(SubjectRow { number: row.get(from)?, class: row.get(from + 1)?, name: row.get(from + 2)?, handle: row.get(from + 3)? })
}

fn read_life(row: &Row<'_>, from: usize) -> rusqlite::Result<LifeRow> {
    Ok(LifeRow {
        opened_at: row.get(from)?,
        closed_at: row.get(from + 1)?,
        place: row.get(from + 2)?,
        judged_at: row.get(from + 3)?,
        moves_at: row.get(from + 4)?,
    })
}

impl Store for Sqlite {
    fn begin(&mut self) -> Stored<()> {
        Ok(self.0.execute_batch("BEGIN IMMEDIATE")?)
    }
    fn commit(&mut self) -> Stored<()> {
        Ok(self.0.execute_batch("COMMIT")?)
    }
    fn rollback(&mut self) {
        // Nothing to roll back is as good as rolled back.
        let _ = self.0.execute_batch("ROLLBACK");
    }
    fn begin_reading(&mut self) -> Stored<()> {
        Ok(self.0.execute_batch("BEGIN")?)
    }

    /// Brings the write-ahead log into the file: a closed register is one file, which can be copied.
    fn tidy(&mut self) {
        // A reader elsewhere may hold it back; the next writer does it then.
        let _ = self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// What the file's own check finds: page structure, order of rows, counts of indexes.
    fn container(&mut self) -> Stored<Vec<String>> {
        let mut rows = self.0.prepare("PRAGMA integrity_check")?;
        let found: Vec<String> = rows.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    fn setting(&mut self, name: &str) -> Stored<Option<String>> {
        self.first("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
    }
    fn set(&mut self, name: &str, value: &str) -> Stored<()> {
        self.run("INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", [name, value]).map(|_| ())
    }

    fn size(&mut self) -> Stored<u64> {
        let last: Option<i64> = self.first("SELECT max(seq) FROM event", [], |row| row.get(0))?.flatten();
        Ok(last.map_or(0, |last| unsigned(last) + 1))
    }
    fn edge(&mut self) -> Stored<Option<Edge>> {
        let bytes: Option<Vec<u8>> = self.first("SELECT bytes FROM edge WHERE one = 1", [], |row| row.get(0))?;
        Ok(bytes.map(|bytes| Edge::from_bytes(&bytes)).transpose()?)
    }
    fn set_edge(&mut self, edge: &Edge) -> Stored<()> {
        self.run("INSERT INTO edge VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET bytes = excluded.bytes", [edge.to_bytes()]).map(|_| ())
    }
    fn put_event(&mut self, event: &EventRow) -> Stored<()> {
        let part = |class: Class| event.parts.iter().find(|(of, _)| *of == class).map(|(_, sealed)| sealed.as_slice());
        let [public, custody, identity, medical, privileged] = Class::ALL.map(part);
        let sql = "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let row = params![number(event.index)?, event.header, event.leaf.0, public, custody, identity, medical, privileged];
        self.run(sql, row).map(|_| ())
    }
    fn event(&mut self, index: u64) -> Stored<Option<EventRow>> {
        self.first(&format!("SELECT {EVENT} FROM event WHERE seq = ?1"), [number(index)?], read_event)
    }
    fn events(&mut self, first: u64, count: u32) -> Stored<Vec<EventRow>> {
        let sql = format!("SELECT {EVENT} FROM event WHERE seq >= ?1 ORDER BY seq LIMIT ?2");
        rows::entries_in_order(first, self.all(&sql, params![number(first)?, count], read_event)?)
    }
    fn put_file(&mut self, file: &FileRow) -> Stored<()> {
        let row = params![number(file.index)?, file.place, file.class.id(), file.sealed];
        self.run("INSERT INTO file VALUES (?1, ?2, ?3, ?4)", row).map(|_| ())
    }
    fn file(&mut self, index: u64, place: u8) -> Stored<Option<FileRow>> {
        let sql = "SELECT seq, place, class, sealed FROM file WHERE seq = ?1 AND place = ?2";
        let read = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?));
        self.first(sql, params![number(index)?, place], read)?.map(|(cells, sealed)| read_file(cells, sealed)).transpose()
    }
    fn erase_files(&mut self, index: u64, class: Class) -> Stored<()> {
        self.run("UPDATE file SET sealed = NULL WHERE seq = ?1 AND class = ?2", params![number(index)?, class.id()]).map(|_| ())
    }
    fn put_node(&mut self, level: u8, place: u64, hash: &Hash) -> Stored<()> {
        self.run("INSERT INTO node VALUES (?1, ?2, ?3)", params![level, number(place)?, hash.0]).map(|_| ())
    }
    fn nodes(&mut self, level: u8, first: u64, count: u32) -> Stored<Vec<Hash>> {
        let read = |row: &Row<'_>| Ok(Hash(row.get(0)?));
        if level == 0 {
            return self.all("SELECT leaf FROM event WHERE seq >= ?1 ORDER BY seq LIMIT ?2", params![number(first)?, count], read);
        }
        let sql = "SELECT hash FROM node WHERE level = ?1 AND place >= ?2 ORDER BY place LIMIT ?3";
        self.all(sql, params![level, number(first)?, count], read)
    }
    fn put_checkpoint(&mut self, size: u64, note: &str) -> Stored<()> {
        self.run("INSERT OR IGNORE INTO checkpoint VALUES (?1, ?2)", params![number(size)?, note]).map(|_| ())
    }
    fn checkpoints(&mut self) -> Stored<Vec<(u64, String)>> {
        self.all("SELECT size, note FROM checkpoint ORDER BY size, note", [], |row| Ok((unsigned(row.get(0)?), row.get(1)?)))
    }

    fn put_id(&mut self, id: &str, index: u64) -> Stored<bool> {
        Ok(self.run("INSERT INTO entry VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING", params![id, number(index)?])? > 0)
    }
    fn drop_id(&mut self, id: &str) -> Stored<()> {
        self.run("DELETE FROM entry WHERE id = ?1", [id]).map(|_| ())
    }
    fn index_of(&mut self, id: &str) -> Stored<Option<u64>> {
        self.first("SELECT seq FROM entry WHERE id = ?1", [id], |row| Ok(unsigned(row.get(0)?)))
    }
    fn put_subject(&mut self, class: &str, name: &str, handle: Handle) -> Stored<i64> {
        self.run("INSERT INTO subject (class, name, handle) VALUES (?1, ?2, ?3)", params![class, name, handle])?;
        Ok(self.0.last_insert_rowid())
    }
    fn subject(&mut self, class: &str, name: &str) -> Stored<Option<SubjectRow>> {
        let sql = "SELECT number, class, name, handle FROM subject WHERE class = ?1 AND name = ?2";
        self.first(sql, [class, name], |row| read_subject(row, 0))
    }
    fn subject_with(&mut self, handle: Handle) -> Stored<Option<SubjectRow>> {
        self.first("SELECT number, class, name, handle FROM subject WHERE handle = ?1 LIMIT 1", [handle], |row| read_subject(row, 0))
    }
    fn subject_numbered(&mut self, number: i64) -> Stored<Option<SubjectRow>> {
        self.first("SELECT number, class, name, handle FROM subject WHERE number = ?1", [number], |row| read_subject(row, 0))
    }
    fn put_naming(&mut self, subject: i64, index: u64) -> Stored<()> {
        self.run("INSERT OR IGNORE INTO naming VALUES (?1, ?2)", params![subject, number(index)?]).map(|_| ())
    }
    fn naming(&mut self, subject: i64) -> Stored<Vec<u64>> {
        self.all("SELECT seq FROM naming WHERE subject = ?1 ORDER BY seq", [subject], |row| Ok(unsigned(row.get(0)?)))
    }
    fn naming_from(&mut self, subject: i64, first: u64, most: u32) -> Stored<Vec<u64>> {
        let sql = "SELECT seq FROM naming WHERE subject = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3";
        self.all(sql, params![subject, number(first)?, most], |row| Ok(unsigned(row.get(0)?)))
    }
    fn naming_last(&mut self, subject: i64, count: u32) -> Stored<Vec<u64>> {
        let sql = "SELECT seq FROM naming WHERE subject = ?1 ORDER BY seq DESC LIMIT ?2";
        self.all(sql, params![subject, count], |row| Ok(unsigned(row.get(0)?)))
    }
    fn headers_naming(&mut self, subject: i64) -> Stored<Vec<(u64, Vec<u8>)>> {
        let sql = "SELECT n.seq, e.header FROM naming n JOIN event e ON e.seq = n.seq WHERE n.subject = ?1 ORDER BY n.seq";
        self.all(sql, [subject], |row| Ok((unsigned(row.get(0)?), row.get(1)?)))
    }
    fn names_any(&mut self, subject: i64) -> Stored<bool> {
        Ok(self.first("SELECT 1 FROM naming WHERE subject = ?1 LIMIT 1", [subject], |_| Ok(()))?.is_some())
    }
    fn put_reader(&mut self, read: i64, judged: i64, what: &[u8]) -> Stored<()> {
        let sql = "INSERT INTO reader VALUES (?1, ?2, ?3) ON CONFLICT (read, judged) DO UPDATE SET what = excluded.what";
        self.run(sql, params![read, judged, what]).map(|_| ())
    }
    fn readers(&mut self, read: i64) -> Stored<Vec<(i64, Option<Vec<u8>>)>> {
        let sql = "SELECT judged, what FROM reader WHERE read = ?1 ORDER BY judged";
        self.all(sql, [read], |row| Ok((row.get(0)?, row.get(1)?)))
    }
    fn forget_what_was_read(&mut self) -> Stored<()> {
        self.run("UPDATE reader SET what = NULL", []).map(|_| ())
    }
    fn put_seen(&mut self, thing: i64, seen: &[u8]) -> Stored<()> {
        self.run("INSERT OR REPLACE INTO thing VALUES (?1, ?2)", params![thing, seen]).map(|_| ())
    }
    fn seen(&mut self, thing: i64) -> Stored<Option<Vec<u8>>> {
        self.first("SELECT seen FROM thing WHERE subject = ?1", [thing], |row| row.get(0))
    }
    fn forget_seen(&mut self) -> Stored<()> {
        self.run("DELETE FROM thing", []).map(|_| ())
    }

    fn verdicts_of(&mut self, subject: i64) -> Stored<Vec<VerdictRow>> {
        let sql = format!("SELECT {VERDICT} FROM verdict v WHERE subject = ?1 ORDER BY ordinal");
        self.all(&sql, [subject], |row| read_verdict(row, 0))
    }
    fn put_verdict(&mut self, row: &VerdictRow) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO verdict VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let VerdictRow { subject, ordinal, verdict, due_at, class, rule, detail, of_record, ended_at } = row;
        let row = params![subject, ordinal, verdict, due_at, class, rule, detail, of_record, ended_at];
        self.run(sql, row).map(|_| ())
    }
    fn drop_verdicts(&mut self, subject: i64, from: i64) -> Stored<()> {
        self.run("DELETE FROM verdict WHERE subject = ?1 AND ordinal >= ?2", [subject, from]).map(|_| ())
    }
    fn verdicts(&mut self, asked: &Asked) -> Stored<Vec<(VerdictRow, SubjectRow, LifeRow)>> {
        let mut tests = vec!["1".to_owned()];
        let mut values: Vec<Sql> = Vec::new();
        let mut test = |sql: &str, value: Option<Sql>| {
            if let Some(value) = value {
                values.push(value);
                tests.push(sql.replace("??", &format!("?{}", values.len())));
            }
        };
        test("v.verdict = ??", asked.verdict.clone().map(Sql::from));
        test("v.due_at < ??", asked.due_before.map(Sql::from));
        test("l.place = ??", asked.place.clone().map(Sql::from));
        test("v.subject = ??", asked.subject.map(Sql::from));
        test("v.rule = ??", asked.rule.clone().map(Sql::from));
        // What goes on or ended lately is listed by its end, the last first, all else by when it falls due.
        let (mut order, mut index, mut way, mut beyond) = (format!("coalesce(v.due_at, {NEVER})"), "", "ASC", ">");
        if let Some(ended) = asked.ended_after {
            // Left to itself the planner takes the index by verdict, which holds every breach that ever was.
            index = "INDEXED BY verdict_by_end";
            (way, beyond) = ("DESC", "<");
            order = format!("coalesce(v.ended_at, {NEVER})");
            values.push(Sql::from(ended));
            tests.extend([THAT_END.to_owned(), format!("{order} > ?{}", values.len())]);
        }
        if let Some((at, subject, ordinal)) = asked.after {
            let from = values.len();
            values.extend([at, subject, ordinal].map(Sql::from));
            let (a, b, c) = (from + 1, from + 2, from + 3);
            tests.push(format!("({order}, v.subject, v.ordinal) {beyond} (?{a}, ?{b}, ?{c})"));
        }
        values.push(Sql::from(i64::from(asked.limit)));
        let sql = format!(
            "SELECT {VERDICT}, {SUBJECT}, {LIFE} FROM verdict v {index}
             JOIN subject s ON s.number = v.subject JOIN life l ON l.subject = v.subject
             WHERE {} ORDER BY {order} {way}, v.subject {way}, v.ordinal {way} LIMIT ?{}",
            tests.join(" AND "),
            values.len()
        );
        self.all(&sql, params_from_iter(values), |row| Ok((read_verdict(row, 0)?, read_subject(row, 9)?, read_life(row, 13)?)))
    }
    fn counts(&mut self, class: u8) -> Stored<Vec<CountRow>> {
        let sql = "SELECT rule, verdict, count(*) FROM verdict
             WHERE rule IS NOT NULL AND of_record = 0 AND class = ?1 GROUP BY rule, verdict";
        self.all(sql, [class], |row| Ok(CountRow { rule: row.get(0)?, verdict: row.get(1)?, count: row.get(2)? }))
    }
    fn put_life(&mut self, subject: i64, life: &LifeRow) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO life VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.run(sql, params![subject, life.opened_at, life.closed_at, life.place, life.judged_at, life.moves_at]).map(|_| ())
    }
    fn life(&mut self, subject: i64) -> Stored<Option<LifeRow>> {
        self.first(&format!("SELECT {LIFE} FROM life l WHERE subject = ?1"), [subject], |row| read_life(row, 0))
    }
    fn lives(&mut self, is_open: bool, (class, place): (&str, Option<&str>), after: i64, limit: u32) -> Stored<Vec<(SubjectRow, LifeRow)>> {
        // In words of its own for each question: with a place, and of those open, an index leads to them.
        let open = if is_open { "AND l.closed_at IS NULL" } else { "" };
        let at = if place.is_some() { "l.place = ?2" } else { "?2 IS NULL" };
        let sql = format!(
            "SELECT {SUBJECT}, {LIFE} FROM life l JOIN subject s ON s.number = l.subject
             WHERE {at} {open} AND s.class = ?1 AND s.number > ?3 ORDER BY s.number LIMIT ?4"
        );
        self.all(&sql, params![class, place, after, limit], |row| Ok((read_subject(row, 0)?, read_life(row, 4)?)))
    }
    fn held(&mut self, class: &str) -> Stored<Vec<(Option<String>, i64)>> {
        let sql = "SELECT l.place, count(*) FROM life l JOIN subject s ON s.number = l.subject
             WHERE l.closed_at IS NULL AND s.class = ?1 GROUP BY l.place ORDER BY l.place";
        self.all(sql, [class], |row| Ok((row.get(0)?, row.get(1)?)))
    }
    fn moving(&mut self, now: i64) -> Stored<Vec<i64>> {
        let sql = "SELECT subject FROM life WHERE moves_at <= ?1 AND judged_at <> ?1 ORDER BY place, moves_at";
        self.all(sql, [now], |row| row.get(0))
    }

    fn put_out(&mut self, key: &str, body: &str, now: i64) -> Stored<bool> {
        let sql = "INSERT OR IGNORE INTO outbox (key, body, tries, next_at) VALUES (?1, ?2, 0, ?3)";
        Ok(self.run(sql, params![key, body, now])? > 0)
    }
    fn out_due(&mut self, now: i64, limit: u32) -> Stored<Vec<OutRow>> {
        let sql = "SELECT number, key, body, tries, next_at, sent_at FROM outbox
             WHERE sent_at IS NULL AND next_at <= ?1 ORDER BY number LIMIT ?2";
        self.all(sql, params![now, limit], |row| {
            let (number, key, body, tries) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(OutRow { number, key, body, tries, next_at: row.get(4)?, sent_at: row.get(5)? })
        })
    }
    fn out_tried(&mut self, number: i64, sent_at: Option<i64>, next_at: i64) -> Stored<()> {
        let sql = "UPDATE outbox SET tries = tries + 1, sent_at = ?2, next_at = ?3 WHERE number = ?1";
        self.run(sql, params![number, sent_at, next_at]).map(|_| ())
    }

    fn of_header_kind(&mut self, kind: &str) -> Stored<Vec<u64>> {
        let rows: Vec<(i64, Vec<u8>)> =
            self.all("SELECT seq, header FROM event WHERE instr(header, CAST(?1 AS BLOB)) > 0 ORDER BY seq", [kind], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let is_kind = |header: &[u8]| Header::decode(header).is_ok_and(|header| header.kind == kind);
        Ok(rows.iter().filter(|(_, header)| is_kind(header)).map(|(seq, _)| unsigned(*seq)).collect())
    }
    fn erase_part(&mut self, index: u64, class: Class) -> Stored<()> {
        self.run(&format!("UPDATE event SET {} = NULL WHERE seq = ?1", class.word()), [number(index)?]).map(|_| ())
    }
    fn set_handle(&mut self, subject: i64, handle: Handle) -> Stored<()> {
        self.run("UPDATE subject SET handle = ?2 WHERE number = ?1", params![subject, handle]).map(|_| ())
    }
    fn drop_projections(&mut self) -> Stored<()> {
        let tables = ["entry", "subject", "naming", "reader", "thing", "verdict", "life"];
        let sql: String = tables.iter().map(|table| format!("DELETE FROM {table};")).collect();
        Ok(self.0.execute_batch(&sql)?)
    }

    fn page(&mut self, table: &Table, after: Option<&[Cell]>, limit: u32) -> Stored<Vec<Vec<Cell>>> {
        let key: Vec<Sql> = after.map(|row| row[..table.key].iter().map(sql_of).collect()).unwrap_or_default();
        let test = if after.is_some() { format!("WHERE ({}) > ({})", table.key(), vec!["?"; table.key].join(", ")) } else { String::new() };
        let sql = format!("SELECT {} FROM {} {test} ORDER BY {} LIMIT {limit}", table.columns(), table.name, table.key());
        let count = table.columns.len();
        let rows = self.all(&sql, params_from_iter(key), |row| (0..count).map(|place| Ok(cell_of(row.get(place)?))).collect())?;
        table.in_order(after, rows)
    }
    fn put_rows(&mut self, table: &Table, rows: &[Vec<Cell>]) -> Stored<()> {
        let places = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({places})", table.name, table.columns());
        for row in rows {
            self.run(&sql, params_from_iter(row.iter().map(sql_of)))?;
        }
        Ok(())
    }
}

fn sql_of(cell: &Cell) -> Sql {
    match cell {
        Cell::Null => Sql::Null,
        Cell::Number(number) => Sql::Integer(*number),
        Cell::Text(text) => Sql::Text(text.clone()),
        Cell::Bytes(bytes) => Sql::Blob(bytes.clone()),
    }
}

fn cell_of(value: Sql) -> Cell {
    match value {
        Sql::Null => Cell::Null,
        Sql::Integer(number) => Cell::Number(number),
        // No column holds one: the tables are strict.
        Sql::Real(number) => Cell::Text(number.to_string()),
        Sql::Text(text) => Cell::Text(text),
        Sql::Blob(bytes) => Cell::Bytes(bytes),
    }
}
