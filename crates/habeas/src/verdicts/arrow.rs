//! Verdict rows as an Arrow IPC stream: what the map step of a cluster hands on (interfaces, `--arrow`).
//!
//! One column a member, as in CSV; times are UTC timestamps, lists are lists. A batch is written when it is full, so that memory
//! holds a few thousand rows and no more.

use super::names::Names;
use super::{durations, wording};
use arrow_array::builder::{ListBuilder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Reason, Row};
use std::io::Write;
use std::sync::Arc;

/// Rows of a batch.
const BATCH: usize = 8192;

/// Writes rows into a stream.
pub struct ArrowWriter<'a, W: Write> {
    codebook: &'a Codebook,
    names: &'a Names,
    columns: Columns,
    rows: usize,
    stream: StreamWriter<W>,
}

/// The columns of a batch, in their order.
#[derive(Default)]
struct Columns {
    rule: StringBuilder,
    class: StringBuilder,
    subject: StringBuilder,
    trigger: StringBuilder,
    verdict: StringBuilder,
    due_at: TimestampMicrosecondBuilder,
    since: TimestampMicrosecondBuilder,
    until: TimestampMicrosecondBuilder,
    late_by: StringBuilder,
    over_by: StringBuilder,
    flags: ListBuilder<StringBuilder>,
    events: ListBuilder<StringBuilder>,
    severity: StringBuilder,
    tell: ListBuilder<StringBuilder>,
    cites: ListBuilder<StringBuilder>,
    missing: ListBuilder<StringBuilder>,
    reason: StringBuilder,
}

impl Columns {
    fn batch(&mut self) -> Result<RecordBatch, ArrowError> {
        let time = |column: &mut TimestampMicrosecondBuilder| -> ArrayRef { Arc::new(column.finish().with_timezone("UTC")) };
        let columns: [(&str, ArrayRef); 17] = [
            ("rule", Arc::new(self.rule.finish())),
            ("class", Arc::new(self.class.finish())),
            ("subject", Arc::new(self.subject.finish())),
            ("trigger", Arc::new(self.trigger.finish())),
            ("verdict", Arc::new(self.verdict.finish())),
            ("due_at", time(&mut self.due_at)),
            ("since", time(&mut self.since)),
            ("until", time(&mut self.until)),
            ("late_by", Arc::new(self.late_by.finish())),
            ("over_by", Arc::new(self.over_by.finish())),
            ("flags", Arc::new(self.flags.finish())),
            ("events", Arc::new(self.events.finish())),
            ("severity", Arc::new(self.severity.finish())),
            ("tell", Arc::new(self.tell.finish())),
            ("cites", Arc::new(self.cites.finish())),
            ("missing", Arc::new(self.missing.finish())),
            ("reason", Arc::new(self.reason.finish())),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
    }
}

impl<'a, W: Write> ArrowWriter<'a, W> {
    /// A stream of rows judged by this codebook; its schema is written at once.
    ///
    /// # Errors
    /// What writing says.
    pub fn new(codebook: &'a Codebook, names: &'a Names, out: W) -> Result<Self, ArrowError> {
        let mut columns = Columns::default();
        let stream = StreamWriter::try_new(out, &columns.batch()?.schema())?;
        Ok(ArrowWriter { codebook, names, columns, rows: 0, stream })
    }

    /// Adds a row over `log`.
    ///
    /// # Errors
    /// What writing says.
    pub fn write(&mut self, log: &Log, row: &Row) -> Result<(), ArrowError> {
        let (codebook, names, columns) = (self.codebook, self.names, &mut self.columns);
        let rule = &codebook.rules[row.rule.index()];
        let micros = |moment: Option<Moment>| moment.map(|moment| moment.0);
        let event = |event| names.event(log, event, str::to_owned);
        columns.rule.append_value(wording::rule_id(codebook, row));
        columns.class.append_value(&codebook.class(rule.subject).name);
        names.subject(log, row.subject, |id| columns.subject.append_value(id));
        columns.trigger.append_option(row.trigger.map(event));
        columns.verdict.append_value(row.verdict.as_str());
        columns.due_at.append_option(micros(row.due_at));
        columns.since.append_option(micros(row.since));
        columns.until.append_option(micros(row.until));
        columns.late_by.append_option(row.late_by.map(durations::text));
        columns.over_by.append_option(row.over_by.map(durations::text));
        columns.flags.append_value(row.flags.names().map(Some));
        columns.events.append_value(row.events.iter().map(|e| Some(event(*e))));
        columns.severity.append_value(wording::grade_word(rule.severity));
        columns.tell.append_value(wording::addressees(codebook, rule).into_iter().map(Some));
        columns.cites.append_value(rule.cites.iter().map(|source| Some(wording::cite(source))));
        columns.missing.append_value(row.missing.iter().map(|thing| Some(wording::missing(codebook, log, names, thing))));
        columns.reason.append_option(row.reason.map(Reason::word));
        self.rows += 1;
        if self.rows == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ArrowError> {
        self.rows = 0;
        self.stream.write(&self.columns.batch()?)
    }

    /// Writes what is left and the end of the stream.
    ///
    /// # Errors
    /// What writing says.
    pub fn finish(mut self) -> Result<(), ArrowError> {
        if self.rows > 0 {
            self.flush()?;
        }
        self.stream.finish()
    }
}
