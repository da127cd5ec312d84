//! PostgreSQL as the store. One process writes: it holds an advisory lock of the schema as long as its connection lives, and the index of
//! an event is unique. Many rows go in one statement (`unnest`): they wait in memory until the commit, or until somebody reads what they
//! would change.
//!
//! A connection that is lost is not made again under a writer's feet: what was not acknowledged was not written, and the register has to
//! be opened anew, which takes the lock anew.

use super::rows::{self, Cell, Holds, Table};
use super::{
    Asked, CountRow, EventRow, FileRow, LifeRow, OutRow, Store, Stored, SubjectRow, THAT_END, VerdictRow, number, read_file, unsigned,
};
use crate::error::RegisterError;
use habeas_ledger::leaf::{Class, Handle, Header};
use habeas_ledger::merkle::{Edge, Hash};
use postgres::types::{FromSql, ToSql};
use postgres::{Client, Row, Statement};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Schema changes, in order; the hash of those that were made is kept with them.
const MIGRATIONS: [&str; 5] = [
    include_str!("postgres.sql"),
    include_str!("postgres-2.sql"),
    include_str!("postgres-3.sql"),
    include_str!("postgres-4.sql"),
    include_str!("postgres-5.sql"),
];

/// Where rows without a due time stand: after all others.
const NEVER: i64 = i64::MAX;

const VERDICT: &str = "v.subject, v.ordinal, v.verdict, v.due_at, v.class, v.rule, v.detail, v.of_record, v.ended_at";
const SUBJECT: &str = "s.number, s.class, s.name, s.handle";
const LIFE: &str = "l.opened_at, l.closed_at, l.place, l.judged_at, l.moves_at";
const EVENT: &str = "seq, header, leaf, public, custody, identity, medical, privileged";

/// The lock of the one writer; `lock_timeout` lets the connection of a killed process end first.
const TAKE_LOCK: &str = "SET lock_timeout = '2s'; SELECT pg_advisory_lock(hashtextextended('habeas ' || current_schema(), 0));
    SET lock_timeout = 0";

type Param<'a> = &'a (dyn ToSql + Sync);

/// Rows that wait for the next statement.
#[derive(Default)]
struct Waiting {
    events: BTreeMap<u64, EventRow>,
    nodes: BTreeMap<(u8, u64), Hash>,
    ids: BTreeMap<String, u64>,
    namings: BTreeSet<(i64, u64)>,
    readers: BTreeMap<(i64, i64), Vec<u8>>,
    verdicts: BTreeMap<(i64, i64), VerdictRow>,
    lives: BTreeMap<i64, LifeRow>,
}

/// One connection.
pub(crate) struct Postgres {
    client: Client,
    prepared: HashMap<String, Statement>,
    waiting: Waiting,
}

impl Postgres {
    /// Connects as the one writer; makes the tables if they are not there.
    pub(crate) fn writer(url: &str) -> Stored<Self> {
        let mut store = Self::connect(url)?;
        // Whatever the server's own setting: an entry that is acknowledged has been flushed.
        store.client.batch_execute("SET synchronous_commit = on")?;
        store.client.batch_execute(TAKE_LOCK).map_err(|error| match error.code() {
            Some(code) if *code == postgres::error::SqlState::LOCK_NOT_AVAILABLE => {
                RegisterError::ReadOnly { why: "another process writes to it (its advisory lock is taken); stop that one first".to_owned() }
            }
            Some(_) | None => error.into(),
        })?;
        store.migrate()?;
        Ok(store)
    }

    /// Connects for reading beside the writer.
    pub(crate) fn reader(url: &str) -> Stored<Self> {
        let mut store = Self::connect(url)?;
        store.client.batch_execute("SET default_transaction_read_only = on")?;
        Ok(store)
    }

    fn connect(url: &str) -> Stored<Self> {
        let client = super::line::connect(url)?;
        Ok(Postgres { client, prepared: HashMap::new(), waiting: Waiting::default() })
    }

    fn migrate(&mut self) -> Stored<()> {
        let is_there: bool = self.client.query_one("SELECT to_regclass('setting') IS NOT NULL", &[])?.try_get(0)?;
        let sql = "SELECT value FROM setting WHERE name LIKE 'schema %' ORDER BY length(name), name";
        let made: Vec<String> = if is_there { self.all(sql, &[], |row| cell(row, 0))? } else { Vec::new() };
        if made.len() > MIGRATIONS.len() {
            let why = format!("it was written by a newer program (schema {}, this one knows {})", made.len(), MIGRATIONS.len());
            return Err(RegisterError::Store { why });
        }
        for (place, text) in MIGRATIONS.iter().enumerate() {
            let (name, hash) = (format!("schema {}", place + 1), Hash::of(text.as_bytes()).to_hex());
            match made.get(place) {
                Some(stored) if *stored == hash => {}
                Some(_) => return Err(RegisterError::Store { why: format!("its {name} was made by another text than this program has") }),
                None => {
                    let mut step = self.client.transaction()?;
                    step.batch_execute(text)?;
                    step.execute("INSERT INTO setting VALUES ($1, $2)", &[&name, &hash])?;
                    step.commit()?;
                }
            }
        }
        Ok(())
    }

    fn statement(&mut self, sql: &str) -> Stored<Statement> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn run(&mut self, sql: &str, params: &[Param<'_>]) -> Stored<u64> {
        let statement = self.statement(sql)?;
        Ok(self.client.execute(&statement, params)?)
    }

    fn all<T>(&mut self, sql: &str, params: &[Param<'_>], read: impl Fn(&Row) -> Stored<T>) -> Stored<Vec<T>> {
        let statement = self.statement(sql)?;
        self.client.query(&statement, params)?.iter().map(read).collect()
    }

    fn first<T>(&mut self, sql: &str, params: &[Param<'_>], read: impl Fn(&Row) -> Stored<T>) -> Stored<Option<T>> {
        let statement = self.statement(sql)?;
        self.client.query_opt(&statement, params)?.as_ref().map(read).transpose()
    }

    /// Puts rows in a table with one statement; `conflict` says what becomes of those that are there.
    fn insert(&mut self, table: &Table, rows: &[Vec<Cell>], conflict: &str) -> Stored<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut columns: Vec<Box<dyn ToSql + Sync>> = Vec::new();
        let mut arrays = Vec::new();
        for (place, (_, holds)) in table.columns.iter().enumerate() {
            let column = rows.iter().map(|row| &row[place]);
            let (array, of): (Box<dyn ToSql + Sync>, _) = match holds {
                Holds::Number => (Box::new(column.map(as_number).collect::<Vec<_>>()), "bigint"),
                Holds::Text => (Box::new(column.map(as_text).collect::<Vec<_>>()), "text"),
                Holds::Bytes => (Box::new(column.map(as_bytes).collect::<Vec<_>>()), "bytea"),
            };
            columns.push(array);
            arrays.push(format!("${}::{of}[]", place + 1));
        }
        let sql = format!("INSERT INTO {} ({}) SELECT * FROM unnest({}) {conflict}", table.name, table.columns(), arrays.join(", "));
        let params: Vec<Param<'_>> = columns.iter().map(|column| &**column as Param<'_>).collect();
        self.run(&sql, &params).map(|_| ())
    }

    /// Sends what waits.
    fn flush(&mut self) -> Stored<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let events = waiting.events.values().map(event_cells).collect::<Stored<Vec<_>>>()?;
        self.insert(&rows::EVENT, &events, "")?;
        let node =
            |(&(level, place), hash): (&(u8, u64), &Hash)| Ok(vec![i64::from(level).into(), number(place)?.into(), hash.0[..].into()]);
        let nodes = waiting.nodes.iter().map(node).collect::<Stored<Vec<_>>>()?;
        self.insert(&rows::NODE, &nodes, "")?;
        let ids = waiting.ids.iter().map(|(id, index)| Ok(vec![id.as_str().into(), number(*index)?.into()]));
        self.insert(&rows::ENTRY, &ids.collect::<Stored<Vec<_>>>()?, "")?;
        let namings = waiting.namings.iter().map(|(subject, index)| Ok(vec![(*subject).into(), number(*index)?.into()]));
        self.insert(&rows::NAMING, &namings.collect::<Stored<Vec<_>>>()?, "ON CONFLICT DO NOTHING")?;
        let reader = |((read, judged), what): (&(i64, i64), &Vec<u8>)| vec![(*read).into(), (*judged).into(), what.as_slice().into()];
        let readers: Vec<_> = waiting.readers.iter().map(reader).collect();
        self.insert(&rows::READER, &readers, "ON CONFLICT (read, judged) DO UPDATE SET what = excluded.what")?;
        let verdicts: Vec<_> = waiting.verdicts.values().map(verdict_cells).collect();
        let newer = "ON CONFLICT (subject, ordinal) DO UPDATE SET verdict = excluded.verdict, due_at = excluded.due_at,
            class = excluded.class, rule = excluded.rule, detail = excluded.detail, of_record = excluded.of_record,
            ended_at = excluded.ended_at";
        self.insert(&rows::VERDICT, &verdicts, newer)?;
        let lives: Vec<_> = waiting.lives.iter().map(life_cells).collect();
        let newer = "ON CONFLICT (subject) DO UPDATE SET opened_at = excluded.opened_at, closed_at = excluded.closed_at,
            place = excluded.place, judged_at = excluded.judged_at, moves_at = excluded.moves_at";
        self.insert(&rows::LIFE, &lives, newer)
    }
}

fn as_number(cell: &Cell) -> Option<i64> {
    if let Cell::Number(number) = cell { Some(*number) } else { None }
}

fn as_text(cell: &Cell) -> Option<String> {
    if let Cell::Text(text) = cell { Some(text.clone()) } else { None }
}

fn as_bytes(cell: &Cell) -> Option<Vec<u8>> {
    if let Cell::Bytes(bytes) = cell { Some(bytes.clone()) } else { None }
}

fn event_cells(event: &EventRow) -> Stored<Vec<Cell>> {
    let part = |class: Class| event.parts.iter().find(|(of, _)| *of == class).map(|(_, sealed)| sealed.as_slice()).into();
    let mut row: Vec<Cell> = vec![number(event.index)?.into(), event.header.as_slice().into(), event.leaf.0[..].into()];
    row.extend(Class::ALL.map(part));
    Ok(row)
}

fn verdict_cells(row: &VerdictRow) -> Vec<Cell> {
    let (verdict, rule, detail) = (row.verdict.as_str(), row.rule.as_deref(), row.detail.as_slice());
    let (class, of_record) = (i64::from(row.class), i64::from(row.of_record));
    let told: [Cell; 7] =
        [row.subject.into(), row.ordinal.into(), verdict.into(), row.due_at.into(), class.into(), rule.into(), detail.into()];
    told.into_iter().chain([of_record.into(), row.ended_at.into()]).collect()
}

fn life_cells((subject, life): (&i64, &LifeRow)) -> Vec<Cell> {
    let place = life.place.as_deref();
    vec![(*subject).into(), life.opened_at.into(), life.closed_at.into(), place.into(), life.judged_at.into(), life.moves_at.into()]
}

fn cell<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Stored<T> {
    Ok(row.try_get(place)?)
}

/// Bytes of a known length.
fn fixed<const N: usize>(row: &Row, place: usize) -> Stored<[u8; N]> {
    let bytes: &[u8] = cell(row, place)?;
    let wrong = |_| RegisterError::Store { why: format!("a stored value has {} bytes where {N} belong", bytes.len()) };
    bytes.try_into().map_err(wrong)
}

fn index(row: &Row) -> Stored<u64> {
    cell(row, 0).map(unsigned)
}

fn read_event(row: &Row) -> Stored<EventRow> {
    let mut parts = Vec::new();
    for (place, class) in Class::ALL.into_iter().enumerate() {
        if let Some(sealed) = cell(row, 3 + place)? {
            parts.push((class, sealed));
        }
    }
    Ok(EventRow { index: index(row)?, header: cell(row, 1)?, leaf: Hash(fixed(row, 2)?), parts })
}

fn read_verdict(row: &Row) -> Stored<VerdictRow> {
    let class: i64 = cell(row, 4)?;
    let class = u8::try_from(class).map_err(|_| RegisterError::Store { why: format!("a verdict has the class {class}") })?;
    let (subject, ordinal, verdict, due_at) = (cell(row, 0)?, cell(row, 1)?, cell(row, 2)?, cell(row, 3)?);
    let (of_record, ended_at) = (cell::<i64>(row, 7)? != 0, cell(row, 8)?);
    Ok(VerdictRow { subject, ordinal, verdict, due_at, class, rule: cell(row, 5)?, detail: cell(row, 6)?, of_record, ended_at })
}

fn read_subject(row: &Row, from: usize) -> Stored<SubjectRow> {
    Ok(SubjectRow { number: cell(row, from)?, class: cell(row, from + 1)?, name: cell(row, from + 2)?, handle: fixed(row, from + 3)? })
}

fn read_life(row: &Row, from: usize) -> Stored<LifeRow> {
    let (opened_at, closed_at, place) = (cell(row, from)?, cell(row, from + 1)?, cell(row, from + 2)?);
    Ok(LifeRow { opened_at, closed_at, place, judged_at: cell(row, from + 3)?, moves_at: cell(row, from + 4)? })
}

fn read_out(row: &Row) -> Stored<OutRow> {
    let tries = u32::try_from(cell::<i64>(row, 3)?).unwrap_or(u32::MAX);
    Ok(OutRow { number: cell(row, 0)?, key: cell(row, 1)?, body: cell(row, 2)?, tries, next_at: cell(row, 4)?, sent_at: cell(row, 5)? })
}

impl Store for Postgres {
    fn begin(&mut self) -> Stored<()> {
        Ok(self.client.batch_execute("BEGIN")?)
    }
    fn commit(&mut self) -> Stored<()> {
        self.flush()?;
        Ok(self.client.batch_execute("COMMIT")?)
    }
    fn rollback(&mut self) {
        self.waiting = Waiting::default();
        // Nothing to roll back is as good as rolled back.
        let _ = self.client.batch_execute("ROLLBACK");
    }
    fn begin_reading(&mut self) -> Stored<()> {
        Ok(self.client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?)
    }

    fn setting(&mut self, name: &str) -> Stored<Option<String>> {
        self.first("SELECT value FROM setting WHERE name = $1", &[&name], |row| cell(row, 0))
    }
    fn set(&mut self, name: &str, value: &str) -> Stored<()> {
        let sql = "INSERT INTO setting VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.run(sql, &[&name, &value]).map(|_| ())
    }

    fn size(&mut self) -> Stored<u64> {
        if let Some((last, _)) = self.waiting.events.last_key_value() {
            return Ok(last + 1);
        }
        let last: Option<i64> = self.first("SELECT max(seq) FROM event", &[], |row| cell(row, 0))?.flatten();
        Ok(last.map_or(0, |last| unsigned(last) + 1))
    }
    fn edge(&mut self) -> Stored<Option<Edge>> {
        self.first("SELECT bytes FROM edge WHERE one = 1", &[], |row| Ok(Edge::from_bytes(cell(row, 0)?)?))
    }
    fn set_edge(&mut self, edge: &Edge) -> Stored<()> {
        let sql = "INSERT INTO edge VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET bytes = excluded.bytes";
        self.run(sql, &[&edge.to_bytes()]).map(|_| ())
    }
    fn put_event(&mut self, event: &EventRow) -> Stored<()> {
        self.waiting.events.insert(event.index, event.clone());
        Ok(())
    }
    fn event(&mut self, index: u64) -> Stored<Option<EventRow>> {
        if let Some(event) = self.waiting.events.get(&index) {
            return Ok(Some(event.clone()));
        }
        self.first(&format!("SELECT {EVENT} FROM event WHERE seq = $1"), &[&number(index)?], read_event)
    }
    fn events(&mut self, first: u64, count: u32) -> Stored<Vec<EventRow>> {
        self.flush()?;
        let sql = format!("SELECT {EVENT} FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2");
        rows::entries_in_order(first, self.all(&sql, &[&number(first)?, &i64::from(count)], read_event)?)
    }
    fn put_file(&mut self, file: &FileRow) -> Stored<()> {
        let (place, class) = (i64::from(file.place), i64::from(file.class.id()));
        self.run("INSERT INTO file VALUES ($1, $2, $3, $4)", &[&number(file.index)?, &place, &class, &file.sealed]).map(|_| ())
    }
    fn file(&mut self, index: u64, place: u8) -> Stored<Option<FileRow>> {
        let sql = "SELECT seq, place, class, sealed FROM file WHERE seq = $1 AND place = $2";
        let read = |row: &Row| read_file((cell(row, 0)?, cell(row, 1)?, cell(row, 2)?), cell(row, 3)?);
        self.first(sql, &[&number(index)?, &i64::from(place)], read)
    }
    fn erase_files(&mut self, index: u64, class: Class) -> Stored<()> {
        let sql = "UPDATE file SET sealed = NULL WHERE seq = $1 AND class = $2";
        self.run(sql, &[&number(index)?, &i64::from(class.id())]).map(|_| ())
    }
    fn put_node(&mut self, level: u8, place: u64, hash: &Hash) -> Stored<()> {
        self.waiting.nodes.insert((level, place), *hash);
        Ok(())
    }
    fn nodes(&mut self, level: u8, first: u64, count: u32) -> Stored<Vec<Hash>> {
        self.flush()?;
        let read = |row: &Row| Ok(Hash(fixed(row, 0)?));
        let (first, count) = (number(first)?, i64::from(count));
        if level == 0 {
            return self.all("SELECT leaf FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2", &[&first, &count], read);
        }
        let sql = "SELECT hash FROM node WHERE level = $1 AND place >= $2 ORDER BY place LIMIT $3";
        self.all(sql, &[&i64::from(level), &first, &count], read)
    }
    fn put_checkpoint(&mut self, size: u64, note: &str) -> Stored<()> {
        self.run("INSERT INTO checkpoint VALUES ($1, $2) ON CONFLICT DO NOTHING", &[&number(size)?, &note]).map(|_| ())
    }
    fn checkpoints(&mut self) -> Stored<Vec<(u64, String)>> {
        self.all("SELECT size, note FROM checkpoint ORDER BY size, note", &[], |row| Ok((index(row)?, cell(row, 1)?)))
    }

    fn put_id(&mut self, id: &str, index: u64) -> Stored<bool> {
        if self.index_of(id)?.is_some() {
            return Ok(false);
        }
        self.waiting.ids.insert(id.to_owned(), index);
        Ok(true)
    }
    fn drop_id(&mut self, id: &str) -> Stored<()> {
        if self.waiting.ids.remove(id).is_some() {
            return Ok(());
        }
        self.run("DELETE FROM entry WHERE id = $1", &[&id]).map(|_| ())
    }
    fn index_of(&mut self, id: &str) -> Stored<Option<u64>> {
        if let Some(index) = self.waiting.ids.get(id) {
            return Ok(Some(*index));
        }
        self.first("SELECT seq FROM entry WHERE id = $1", &[&id], index)
    }
    fn put_subject(&mut self, class: &str, name: &str, handle: Handle) -> Stored<i64> {
        // The one writer counts by itself: a number that was rolled back leaves no gap.
        let sql = "INSERT INTO subject SELECT coalesce(max(number), 0) + 1, $1, $2, $3 FROM subject RETURNING number";
        let made = self.first(sql, &[&class, &name, &handle.as_slice()], |row| cell(row, 0))?;
        made.ok_or_else(|| RegisterError::Store { why: "it gave a new subject no number".to_owned() })
    }
    fn subject(&mut self, class: &str, name: &str) -> Stored<Option<SubjectRow>> {
        let sql = "SELECT number, class, name, handle FROM subject WHERE class = $1 AND name = $2";
        self.first(sql, &[&class, &name], |row| read_subject(row, 0))
    }
    fn subject_with(&mut self, handle: Handle) -> Stored<Option<SubjectRow>> {
        let sql = "SELECT number, class, name, handle FROM subject WHERE handle = $1 LIMIT 1";
        self.first(sql, &[&handle.as_slice()], |row| read_subject(row, 0))
    }
    fn subject_numbered(&mut self, number: i64) -> Stored<Option<SubjectRow>> {
        self.first("SELECT number, class, name, handle FROM subject WHERE number = $1", &[&number], |row| read_subject(row, 0))
    }
    fn put_naming(&mut self, subject: i64, index: u64) -> Stored<()> {
        self.waiting.namings.insert((subject, index));
        Ok(())
    }
    fn naming(&mut self, subject: i64) -> Stored<Vec<u64>> {
        let stored = self.all("SELECT seq FROM naming WHERE subject = $1 ORDER BY seq", &[&subject], index)?;
        let mut all: BTreeSet<u64> = stored.into_iter().collect();
        all.extend(self.waiting.namings.range((subject, 0)..=(subject, u64::MAX)).map(|(_, index)| index));
        Ok(all.into_iter().collect())
    }
    fn naming_from(&mut self, subject: i64, first: u64, most: u32) -> Stored<Vec<u64>> {
        let sql = "SELECT seq FROM naming WHERE subject = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
        let stored = self.all(sql, &[&subject, &number(first)?, &i64::from(most)], index)?;
        let mut all: BTreeSet<u64> = stored.into_iter().collect();
        all.extend(self.waiting.namings.range((subject, first)..=(subject, u64::MAX)).map(|(_, index)| index));
        Ok(all.into_iter().take(most as usize).collect())
    }
    fn naming_last(&mut self, subject: i64, count: u32) -> Stored<Vec<u64>> {
        let sql = "SELECT seq FROM naming WHERE subject = $1 ORDER BY seq DESC LIMIT $2";
        let mut all: BTreeSet<u64> = self.all(sql, &[&subject, &i64::from(count)], index)?.into_iter().collect();
        all.extend(self.waiting.namings.range((subject, 0)..=(subject, u64::MAX)).map(|(_, index)| index));
        Ok(all.into_iter().rev().take(count as usize).collect())
    }
    fn headers_naming(&mut self, subject: i64) -> Stored<Vec<(u64, Vec<u8>)>> {
        let sql = "SELECT n.seq, e.header FROM naming n JOIN event e ON e.seq = n.seq WHERE n.subject = $1 ORDER BY n.seq";
        self.flush()?;
        self.all(sql, &[&subject], |row| Ok((index(row)?, cell::<Vec<u8>>(row, 1)?)))
    }
    fn names_any(&mut self, subject: i64) -> Stored<bool> {
        if self.waiting.namings.range((subject, 0)..=(subject, u64::MAX)).next().is_some() {
            return Ok(true);
        }
        Ok(self.first("SELECT 1 FROM naming WHERE subject = $1 LIMIT 1", &[&subject], |_| Ok(()))?.is_some())
    }
    fn put_reader(&mut self, read: i64, judged: i64, what: &[u8]) -> Stored<()> {
        self.waiting.readers.insert((read, judged), what.to_vec());
        Ok(())
    }
    fn readers(&mut self, read: i64) -> Stored<Vec<(i64, Option<Vec<u8>>)>> {
        let sql = "SELECT judged, what FROM reader WHERE read = $1 ORDER BY judged";
        let stored = self.all(sql, &[&read], |row| Ok((cell(row, 0)?, cell(row, 1)?)))?;
        let mut all: BTreeMap<i64, Option<Vec<u8>>> = stored.into_iter().collect();
        let waiting = self.waiting.readers.range((read, i64::MIN)..=(read, i64::MAX));
        all.extend(waiting.map(|((_, judged), what)| (*judged, Some(what.clone()))));
        Ok(all.into_iter().collect())
    }
    fn forget_what_was_read(&mut self) -> Stored<()> {
        self.flush()?;
        self.run("UPDATE reader SET what = NULL", &[]).map(|_| ())
    }
    fn put_seen(&mut self, thing: i64, seen: &[u8]) -> Stored<()> {
        let sql = "INSERT INTO thing VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET seen = excluded.seen";
        self.run(sql, &[&thing, &seen]).map(|_| ())
    }
    fn seen(&mut self, thing: i64) -> Stored<Option<Vec<u8>>> {
        Ok(self.all("SELECT seen FROM thing WHERE subject = $1", &[&thing], |row| cell(row, 0))?.pop())
    }
    fn forget_seen(&mut self) -> Stored<()> {
        self.run("DELETE FROM thing", &[]).map(|_| ())
    }

    fn verdicts_of(&mut self, subject: i64) -> Stored<Vec<VerdictRow>> {
        if self.waiting.verdicts.range((subject, i64::MIN)..=(subject, i64::MAX)).next().is_some() {
            self.flush()?;
        }
        let sql = format!("SELECT {VERDICT} FROM verdict v WHERE subject = $1 ORDER BY ordinal");
        self.all(&sql, &[&subject], read_verdict)
    }
    fn put_verdict(&mut self, row: &VerdictRow) -> Stored<()> {
        self.waiting.verdicts.insert((row.subject, row.ordinal), row.clone());
        Ok(())
    }
    fn drop_verdicts(&mut self, subject: i64, from: i64) -> Stored<()> {
        self.waiting.verdicts.retain(|key, _| key.0 != subject || key.1 < from);
        self.run("DELETE FROM verdict WHERE subject = $1 AND ordinal >= $2", &[&subject, &from]).map(|_| ())
    }
    fn verdicts(&mut self, asked: &Asked) -> Stored<Vec<(VerdictRow, SubjectRow, LifeRow)>> {
        self.flush()?;
        // What goes on or ended lately is listed by its end, the last first, all else by when it falls due.
        let (order, end, way, beyond, start) = match asked.ended_after {
            Some(_) => {
                let order = format!("coalesce(v.ended_at, {NEVER})");
                (order.clone(), format!("{THAT_END} AND {order} > $10"), "DESC", "<", i64::MAX)
            }
            None => (format!("coalesce(v.due_at, {NEVER})"), "$10::bigint IS NULL".to_owned(), "ASC", ">", i64::MIN),
        };
        let (at, subject, ordinal) = asked.after.unwrap_or((start, start, start));
        let sql = format!(
            "SELECT {VERDICT}, {SUBJECT}, {LIFE} FROM verdict v JOIN subject s ON s.number = v.subject JOIN life l ON l.subject = v.subject
             WHERE ($1::text IS NULL OR v.verdict = $1) AND ($2::bigint IS NULL OR v.due_at < $2) AND ($3::text IS NULL OR l.place = $3)
               AND ($4::bigint IS NULL OR v.subject = $4) AND ($5::text IS NULL OR v.rule = $5)
               AND ({order}, v.subject, v.ordinal) {beyond} ($6::bigint, $7::bigint, $8::bigint) AND {end}
             ORDER BY {order} {way}, v.subject {way}, v.ordinal {way} LIMIT $9"
        );
        let limit = i64::from(asked.limit);
        let Asked { verdict, due_before, place, rule, ended_after, .. } = asked;
        let params: [Param<'_>; 10] = [verdict, due_before, place, &asked.subject, rule, &at, &subject, &ordinal, &limit, ended_after];
        self.all(&sql, &params, |row| Ok((read_verdict(row)?, read_subject(row, 9)?, read_life(row, 13)?)))
    }
    fn counts(&mut self, class: u8) -> Stored<Vec<CountRow>> {
        self.flush()?;
        let sql = "SELECT rule, verdict, count(*) FROM verdict
             WHERE rule IS NOT NULL AND of_record = 0 AND class = $1 GROUP BY rule, verdict";
        self.all(sql, &[&i64::from(class)], |row| Ok(CountRow { rule: cell(row, 0)?, verdict: cell(row, 1)?, count: cell(row, 2)? }))
    }
    fn put_life(&mut self, subject: i64, life: &LifeRow) -> Stored<()> {
        self.waiting.lives.insert(subject, life.clone());
        Ok(())
    }
    fn life(&mut self, subject: i64) -> Stored<Option<LifeRow>> {
        if let Some(life) = self.waiting.lives.get(&subject) {
            return Ok(Some(life.clone()));
        }
        self.first(&format!("SELECT {LIFE} FROM life l WHERE subject = $1"), &[&subject], |row| read_life(row, 0))
    }
    fn lives(&mut self, is_open: bool, (class, place): (&str, Option<&str>), after: i64, limit: u32) -> Stored<Vec<(SubjectRow, LifeRow)>> {
        self.flush()?;
        // In words of its own for each question: with a place, and of those open, an index leads to them.
        let open = if is_open { "AND l.closed_at IS NULL" } else { "" };
        let at = if place.is_some() { "l.place = $2" } else { "$2::text IS NULL" };
        let sql = format!(
            "SELECT {SUBJECT}, {LIFE} FROM life l JOIN subject s ON s.number = l.subject
             WHERE {at} {open} AND s.class = $1 AND s.number > $3 ORDER BY s.number LIMIT $4"
        );
        self.all(&sql, &[&class, &place, &after, &i64::from(limit)], |row| Ok((read_subject(row, 0)?, read_life(row, 4)?)))
    }
    fn held(&mut self, class: &str) -> Stored<Vec<(Option<String>, i64)>> {
        self.flush()?;
        let sql = "SELECT l.place, count(*) FROM life l JOIN subject s ON s.number = l.subject
             WHERE l.closed_at IS NULL AND s.class = $1 GROUP BY l.place ORDER BY l.place";
        self.all(sql, &[&class], |row| Ok((cell(row, 0)?, cell(row, 1)?)))
    }
    fn moving(&mut self, now: i64) -> Stored<Vec<i64>> {
        self.flush()?;
        let sql = "SELECT subject FROM life WHERE moves_at <= $1 AND judged_at <> $1 ORDER BY place NULLS FIRST, moves_at";
        self.all(sql, &[&now], |row| cell(row, 0))
    }

    fn put_out(&mut self, key: &str, body: &str, now: i64) -> Stored<bool> {
        let sql = "INSERT INTO outbox (number, key, body, tries, next_at)
             SELECT coalesce(max(number), 0) + 1, $1, $2, 0, $3 FROM outbox ON CONFLICT (key) DO NOTHING";
        Ok(self.run(sql, &[&key, &body, &now])? > 0)
    }
    fn out_due(&mut self, now: i64, limit: u32) -> Stored<Vec<OutRow>> {
        let sql = "SELECT number, key, body, tries, next_at, sent_at FROM outbox
             WHERE sent_at IS NULL AND next_at <= $1 ORDER BY number LIMIT $2";
        self.all(sql, &[&now, &i64::from(limit)], read_out)
    }
    fn out_tried(&mut self, number: i64, sent_at: Option<i64>, next_at: i64) -> Stored<()> {
        let sql = "UPDATE outbox SET tries = tries + 1, sent_at = $2, next_at = $3 WHERE number = $1";
        self.run(sql, &[&number, &sent_at, &next_at]).map(|_| ())
    }

    fn of_header_kind(&mut self, kind: &str) -> Stored<Vec<u64>> {
        self.flush()?;
        let sql = "SELECT seq, header FROM event WHERE position($1::bytea IN header) > 0 ORDER BY seq";
        let rows = self.all(sql, &[&kind.as_bytes()], |row| Ok((index(row)?, cell::<Vec<u8>>(row, 1)?)))?;
        let is_kind = |header: &[u8]| Header::decode(header).is_ok_and(|header| header.kind == kind);
        Ok(rows.into_iter().filter(|(_, header)| is_kind(header)).map(|(index, _)| index).collect())
    }
    fn erase_part(&mut self, index: u64, class: Class) -> Stored<()> {
        self.flush()?;
        self.run(&format!("UPDATE event SET {} = NULL WHERE seq = $1", class.word()), &[&number(index)?]).map(|_| ())
    }
    fn set_handle(&mut self, subject: i64, handle: Handle) -> Stored<()> {
        self.run("UPDATE subject SET handle = $2 WHERE number = $1", &[&subject, &handle.as_slice()]).map(|_| ())
    }
    fn drop_projections(&mut self) -> Stored<()> {
        self.flush()?;
        let tables = ["entry", "subject", "naming", "reader", "thing", "verdict", "life"];
        let sql: String = tables.iter().map(|table| format!("DELETE FROM {table};")).collect();
        Ok(self.client.batch_execute(&sql)?)
    }

    fn page(&mut self, table: &Table, after: Option<&[Cell]>, limit: u32) -> Stored<Vec<Vec<Cell>>> {
        self.flush()?;
        let names: Vec<String> = (1..=table.key).map(|place| format!("${place}")).collect();
        let key = after.map(|row| row[..table.key].iter().map(boxed).collect::<Vec<_>>()).unwrap_or_default();
        let test = if after.is_some() { format!("WHERE ({}) > ({})", table.key(), names.join(", ")) } else { String::new() };
        let sql = format!("SELECT {} FROM {} {test} ORDER BY {} LIMIT {limit}", table.columns(), table.name, table.key());
        let params: Vec<Param<'_>> = key.iter().map(|cell| &**cell as Param<'_>).collect();
        let rows = self.all(&sql, &params, |row| {
            let read = |(place, (_, holds)): (usize, &(&str, Holds))| {
                Ok(match holds {
                    Holds::Number => cell::<Option<i64>>(row, place)?.into(),
                    Holds::Text => cell::<Option<&str>>(row, place)?.into(),
                    Holds::Bytes => cell::<Option<&[u8]>>(row, place)?.into(),
                })
            };
            table.columns.iter().enumerate().map(read).collect()
        })?;
        table.in_order(after, rows)
    }
    fn put_rows(&mut self, table: &Table, rows: &[Vec<Cell>]) -> Stored<()> {
        self.insert(table, rows, "")
    }
}

fn boxed(cell: &Cell) -> Box<dyn ToSql + Sync> {
    match cell {
        Cell::Null => Box::new(None::<i64>),
        Cell::Number(number) => Box::new(*number),
        Cell::Text(text) => Box::new(text.clone()),
        Cell::Bytes(bytes) => Box::new(bytes.clone()),
    }
}
