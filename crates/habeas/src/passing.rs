//! A log judged as it passes: each verdict is printed once nothing later can change it, and what is settled is forgotten.

use crate::judging::Wanted;
use crate::logs::{self, Request};
use crate::outcome::Trouble;
use crate::report::findings::Counts;
use crate::terminal::Terminal;
use crate::verdicts::csv::LineWriter;
use habeas_codebook::log::{Entry, Log, Value};
use habeas_codebook::tree::{ClassId, Codebook, FieldId};
use habeas_intake::Intake;
use habeas_monitor::stream::{Stream, StreamError};
use habeas_monitor::{Asked, Hearing, Row};

/// Text collected before it is written.
const ENOUGH: usize = 1 << 18;

/// What came of a log that has passed.
pub struct Passed {
    /// How many of each verdict.
    pub counts: Counts,
    /// Entries read.
    pub events: u64,
    /// Subjects judged.
    pub subjects: u64,
    /// What intake says of the rows.
    pub intake: Intake,
}

/// Why a log was not judged as it passed.
pub enum NotPassed {
    /// It has to be judged as a whole: it is not in order of time, or a rule reads the breaches of others.
    Whole(String),
    /// Anything else.
    Trouble(Trouble),
}

/// Judges a log as it passes; lines go to `put`.
///
/// # Errors
/// [`NotPassed`].
pub fn judge(
    codebook: &Codebook,
    asked: Asked,
    request: Request<'_>,
    wanted: &Wanted,
    writer: Option<LineWriter<'_>>,
    put: &mut dyn FnMut(&[u8]) -> Result<(), Trouble>,
    terminal: Terminal,
) -> Result<Passed, NotPassed> {
    let monitor = wanted.monitor(codebook);
    let mut stream = Stream::new(&monitor, asked).map_err(|error| whole(codebook, &error))?;
    let mut lines = Lines { wanted, writer, put, text: Vec::new(), counts: Counts::new(codebook), trouble: None };
    let (mut events, mut stopped) = (0, None);
    let read = logs::read_passing(
        codebook,
        request,
        &mut |log| {
            events += log.len() as u64;
            if stopped.is_none() {
                stopped = feed(&mut stream, log, &mut lines).err();
            }
        },
        terminal,
    );
    let intake = read.map_err(NotPassed::Trouble)?;
    if let Some(error) = stopped {
        return Err(whole(codebook, &error));
    }
    let subjects = stream.finish(&mut |hearing, row| lines.take(hearing, row));
    lines.flush();
    match lines.trouble {
        Some(trouble) => Err(NotPassed::Trouble(trouble)),
        None => Ok(Passed { counts: lines.counts, events, subjects, intake }),
    }
}

fn whole(codebook: &Codebook, error: &StreamError) -> NotPassed {
    NotPassed::Whole(match error {
        StreamError::Settled { class, subject } => {
            let class = &codebook.class(*class).name;
            format!("the log is not in order of time: `{class} {subject}` was settled before; judge it without --stream")
        }
        StreamError::Duplicate(_) => "two entries have the same id; without --stream both are named".to_owned(),
        StreamError::ReadsBreaches => "a rule of this codebook reads the breaches of others, which needs the whole log".to_owned(),
    })
}

/// Rows on their way out.
struct Lines<'l> {
    wanted: &'l Wanted,
    writer: Option<LineWriter<'l>>,
    put: &'l mut dyn FnMut(&[u8]) -> Result<(), Trouble>,
    text: Vec<u8>,
    counts: Counts,
    trouble: Option<Trouble>,
}

impl Lines<'_> {
    fn take(&mut self, hearing: &Hearing<'_>, row: &Row) {
        if !self.wanted.rules[row.rule.index()][usize::from(row.record)] {
            return;
        }
        self.counts.add(row);
        if let Some(writer) = &mut self.writer
            && self.wanted.printed[row.verdict as usize]
        {
            writer.write(&mut self.text, hearing.log(), row, None);
            if self.text.len() > ENOUGH {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if self.trouble.is_none() {
            self.trouble = (self.put)(&self.text).err();
        }
        self.text.clear();
    }
}

/// Hands a part of the log over, entry by entry; texts get their numbers in the stream's own log.
fn feed(stream: &mut Stream<'_>, log: &Log, lines: &mut Lines<'_>) -> Result<(), StreamError> {
    let mut fields: Vec<(FieldId, Value)> = Vec::new();
    for event in log.events() {
        let subjects: Vec<(ClassId, &str)> = log.subjects(event).iter().map(|s| (log.class_of(*s), log.name_of(*s))).collect();
        fields.clear();
        let mut place = |text| stream.log_mut().text(log.text_of(text));
        fields.extend(log.fields(event).iter().map(|(name, value)| (*name, value.renumbered(&mut place))));
        let entry = Entry {
            id: log.id(event),
            kind: log.kind(event),
            at: log.at(event),
            recorded_at: log.recorded_at(event),
            by: None,
            subjects: &subjects,
            fields: &fields,
        };
        stream.push(&entry, &mut |hearing, row| lines.take(hearing, row))?;
    }
    lines.flush();
    Ok(())
}
