//! From a hearing to bytes: subjects in chunks, chunks on threads, text in order.
//!
//! Each thread owns its writer and its counts, so nothing is shared but what nobody changes. Chunk `n` belongs to thread
//! `n % threads` and comes back through that thread's own short channel: the main thread takes them in turn, so the bytes are the
//! same whatever the number of threads, and only a few chunks are in memory at once.

use crate::outcome::Trouble;
use crate::report::findings::{Around, Counts, Findings};
use crate::verdicts::csv::LineWriter;
use habeas_codebook::log::SubjectId;
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Hearing, Row, Verdict};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Subjects in a chunk: their rows fill about a quarter of a megabyte, which stays in a core's own cache.
const CHUNK: usize = 256;
/// Subjects whose rows are written together: their ids fit in the nearest cache.
const GROUP: usize = 32;
/// Chunks that a thread may be ahead.
const AHEAD: usize = 4;

/// Which rows are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// By version of a rule: the rule itself, and `<rule>/record`.
    pub rules: Vec<[bool; 2]>,
    /// Verdicts to print; rows of others are counted only.
    pub printed: [bool; 7],
}

/// What rows are turned into.
pub struct Ways<'a, W, X>
where
    W: Fn() -> Option<LineWriter<'a>> + Sync,
    X: Fn(&Row) -> Option<String> + Sync,
{
    /// The law.
    pub codebook: &'a Codebook,
    /// Makes a writer of lines for one thread; `None` when no lines are wanted.
    pub writer: W,
    /// Says why a row is what it is, where wanted.
    pub explain: X,
    /// Gathers findings for a report.
    pub around: Option<&'a Around<'a>>,
    /// Which rows.
    pub wanted: &'a Wanted,
}

/// What came of all rows.
pub struct Judged {
    /// How many of each verdict.
    pub counts: Counts,
    /// For the report; without counts of its own.
    pub findings: Option<Findings>,
}

/// Judges every subject and hands lines to `put`, in the order of output.
///
/// # Errors
/// What `put` says; the threads then stop by themselves.
pub fn judge<'a, W, X>(
    hearing: &Hearing<'_>,
    ways: &Ways<'a, W, X>,
    threads: NonZeroUsize,
    put: &mut dyn FnMut(&[u8]) -> Result<(), Trouble>,
) -> Result<Judged, Trouble>
where
    W: Fn() -> Option<LineWriter<'a>> + Sync,
    X: Fn(&Row) -> Option<String> + Sync,
{
    let chunks: Vec<&[SubjectId]> = hearing.subjects().chunks(CHUNK).collect();
    let threads = threads.get().min(chunks.len().max(1));
    if threads == 1 {
        let mut worker = Worker::new(hearing, ways);
        let mut text = Vec::new();
        for (place, subjects) in chunks.iter().enumerate() {
            text.clear();
            worker.chunk(place, subjects, &mut text);
            put(&text)?;
        }
        return Ok(worker.judged());
    }
    std::thread::scope(|scope| {
        let mut lines = Vec::new();
        let mut workers = Vec::new();
        for first in 0..threads {
            let (full, chunk_texts) = sync_channel(AHEAD);
            let (used, empty_texts) = sync_channel(AHEAD);
            let chunks = &chunks;
            workers.push(scope.spawn(move || {
                let mut worker = Worker::new(hearing, ways);
                worker.take_turns(chunks.iter().enumerate().skip(first).step_by(threads), &full, &empty_texts);
                worker.judged()
            }));
            lines.push((chunk_texts, used));
        }
        let written = collect(chunks.len(), &lines, put);
        drop(lines);
        let mut judged: Option<Judged> = None;
        for worker in workers {
            let part =
                worker.join().map_err(|_| Trouble::Machine("a thread stopped before its work was done; please report this".to_owned()))?;
            judged = Some(match judged {
                None => part,
                Some(sum) => sum.merge(part),
            });
        }
        written?;
        judged.ok_or_else(|| Trouble::Machine("no thread could be started".to_owned()))
    })
}

type Line = (Receiver<Vec<u8>>, SyncSender<Vec<u8>>);

/// Takes the chunks in turn from the thread that has them.
fn collect(chunks: usize, lines: &[Line], put: &mut dyn FnMut(&[u8]) -> Result<(), Trouble>) -> Result<(), Trouble> {
    for place in 0..chunks {
        let (texts, used) = &lines[place % lines.len()];
        // A thread that is gone says so when it is joined.
        let Ok(text) = texts.recv() else { return Ok(()) };
        put(&text)?;
        let _ = used.try_send(text);
    }
    Ok(())
}

/// One thread's own things.
struct Worker<'w, 'a, W, X>
where
    W: Fn() -> Option<LineWriter<'a>> + Sync,
    X: Fn(&Row) -> Option<String> + Sync,
{
    hearing: &'w Hearing<'w>,
    ways: &'w Ways<'a, W, X>,
    writer: Option<LineWriter<'a>>,
    counts: Counts,
    findings: Option<Findings>,
    rows: Vec<Row>,
}

impl<'w, 'a, W, X> Worker<'w, 'a, W, X>
where
    W: Fn() -> Option<LineWriter<'a>> + Sync,
    X: Fn(&Row) -> Option<String> + Sync,
{
    fn new(hearing: &'w Hearing<'_>, ways: &'w Ways<'a, W, X>) -> Self {
        Worker {
            hearing,
            ways,
            writer: (ways.writer)(),
            counts: Counts::new(ways.codebook),
            findings: ways.around.map(|around| Findings::new(around.codebook)),
            rows: Vec::new(),
        }
    }

    fn take_turns<'c>(
        &mut self,
        chunks: impl Iterator<Item = (usize, &'c &'c [SubjectId])>,
        full: &SyncSender<Vec<u8>>,
        empty: &Receiver<Vec<u8>>,
    ) {
        for (place, subjects) in chunks {
            let mut text = empty.try_recv().unwrap_or_default();
            text.clear();
            self.chunk(place, subjects, &mut text);
            if full.send(text).is_err() {
                return; // nobody reads any more
            }
        }
    }

    fn chunk(&mut self, place: usize, subjects: &[SubjectId], text: &mut Vec<u8>) {
        let mut order = 0;
        for group in subjects.chunks(GROUP) {
            let mut rows = std::mem::take(&mut self.rows);
            rows.clear();
            self.hearing.fetch(group);
            group.iter().for_each(|subject| self.hearing.rows_of(*subject, &mut rows));
            let wanted = self.ways.wanted;
            rows.retain(|row| wanted.rules[row.rule.index()][usize::from(row.record)]);
            if self.writer.is_some() {
                let events = rows.iter().flat_map(|row| row.events.iter().copied());
                std::hint::black_box(self.hearing.log().touch(group, events));
            }
            for row in &rows {
                order += 1;
                self.row(row, (place, order), text);
            }
            self.rows = rows;
        }
    }

    fn row(&mut self, row: &Row, order: (usize, usize), text: &mut Vec<u8>) {
        self.counts.add(row);
        if let (Some(findings), Some(around)) = (&mut self.findings, self.ways.around) {
            findings.add(around, row, order);
        }
        if let Some(writer) = &mut self.writer
            && self.ways.wanted.printed[row.verdict as usize]
        {
            let explanation = (self.ways.explain)(row);
            writer.write(text, self.hearing.log(), row, explanation.as_deref());
        }
    }

    fn judged(self) -> Judged {
        Judged { counts: self.counts, findings: self.findings }
    }
}

impl Judged {
    fn merge(mut self, other: Judged) -> Judged {
        self.counts.merge(&other.counts);
        if let (Some(sum), Some(part)) = (&mut self.findings, other.findings) {
            sum.merge(part);
        }
        self
    }
}

/// All verdicts, or those named.
#[must_use]
pub fn printed(only: &[Verdict]) -> [bool; 7] {
    if only.is_empty() {
        return [true; 7];
    }
    let mut printed = [false; 7];
    only.iter().for_each(|verdict| printed[*verdict as usize] = true);
    printed
}
