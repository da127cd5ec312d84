//! From a hearing to bytes: subjects in chunks, chunks on threads, text in order.
//!
//! Each thread owns its writer and its counts, so nothing is shared but what nobody changes. Whoever is free takes the next chunk; the
//! main thread writes them in turn, so the bytes are the same whatever the number of threads, and only a few chunks are in memory at
//! once ([`habeas_intake::turns`]).

use crate::outcome::Trouble;
use crate::report::findings::{Around, Counts, Findings};
use crate::verdicts::csv::LineWriter;
use habeas_codebook::log::SubjectId;
use habeas_codebook::tree::Codebook;
use habeas_intake::turns::in_turn;
use habeas_monitor::{Hearing, Monitor, Row, Verdict};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// Subjects in a chunk: their rows fill about a quarter of a megabyte, which stays in a core's own cache.
const CHUNK: usize = 256;
/// Subjects whose rows are written together: their ids fit in the nearest cache.
const GROUP: usize = 32;

/// Which rows are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// By version of a rule: the rule itself, and `<rule>/record`.
    pub rules: Vec<[bool; 2]>,
    /// Verdicts to print; rows of others are counted only.
    pub printed: [bool; 7],
}

impl Wanted {
    /// Judges what is wanted and no more.
    #[must_use]
    pub fn monitor<'c>(&self, codebook: &'c Codebook) -> Monitor<'c> {
        let rules = || codebook.rules.iter().zip(&self.rules);
        if rules().all(|(_, [own, record])| *own || *record) {
            return Monitor::new(codebook);
        }
        let ids: Vec<&str> = rules().filter(|(_, [own, record])| *own || *record).map(|(rule, _)| rule.id.as_str()).collect();
        Monitor::only(codebook, &ids)
    }
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
    let mut chunks = hearing.subjects().chunks(CHUNK).enumerate();
    let spare: Mutex<Vec<Vec<u8>>> = Mutex::default();
    let spare = || spare.lock().unwrap_or_else(PoisonError::into_inner);
    let work = |worker: &mut Worker<'_, 'a, W, X>, (place, subjects): (usize, &[SubjectId])| {
        let mut text = spare().pop().unwrap_or_default();
        text.clear();
        worker.chunk(place, subjects, &mut text);
        text
    };
    let mut written = Ok(());
    let workers = in_turn(threads.get(), || chunks.next(), || Worker::new(hearing, ways), work, &mut |text| {
        written = put(&text);
        spare().push(text);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    let mut parts = workers.into_iter().map(Worker::judged);
    let first = parts.next().unwrap_or_else(|| Worker::new(hearing, ways).judged());
    Ok(parts.fold(first, Judged::merge))
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
