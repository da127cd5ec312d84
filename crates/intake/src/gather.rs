//! Where every reader hands in what it read: entries go into the log, what is wrong is kept with its place.

use crate::problem::{IntakeError, Problem};
use crate::words::Words;
use habeas_codebook::log::{DuplicateId, Entry, EventId, Log, Value};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{ClassId, Codebook, Field, FieldId, KindId};
use habeas_codebook::value::{self, Misspelt};

/// Problems kept to be shown; all are counted.
const MOST_SHOWN: usize = 100;

/// What was read.
#[derive(Debug)]
pub struct Intake {
    /// The entries.
    pub log: Log,
    /// Rows that were wrong; empty unless the user asked to keep going.
    pub problems: Vec<Problem>,
    /// How many rows were wrong.
    pub bad_rows: u64,
    /// Rows read, good or bad.
    pub rows: u64,
    /// Rows and events passed over because the mapping says so.
    pub passed_over: u64,
}

/// Gathers the entries of one or more inputs.
pub(crate) struct Gather<'c> {
    pub(crate) words: Words<'c>,
    pub(crate) log: Log,
    problems: Vec<Problem>,
    bad_rows: u64,
    pub(crate) rows: u64,
    pub(crate) passed_over: u64,
    keep_going: bool,
    /// Who takes entries as they are read, so that they need not stay in memory.
    taker: Option<&'c mut dyn FnMut(&Log)>,
}

/// Where a reader stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'f> {
    pub(crate) file: &'f str,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Place<'_> {
    pub(crate) fn problem(self, what: impl Into<String>, found: &str, expected: impl Into<String>) -> Problem {
        Problem {
            file: self.file.to_owned(),
            line: self.line,
            column: self.column,
            what: what.into(),
            found: found.to_owned(),
            expected: expected.into(),
        }
    }
    pub(crate) fn at_column(self, column: u64) -> Self {
        Place { column, ..self }
    }
}

/// An entry on its way into the log.
pub(crate) struct Draft<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: KindId,
    pub(crate) at: At,
    pub(crate) recorded_at: Option<Moment>,
    pub(crate) by: Option<&'a str>,
    pub(crate) subjects: &'a [(ClassId, &'a str)],
    pub(crate) fields: &'a [(FieldId, Value)],
}

impl<'c> Gather<'c> {
    pub(crate) fn new(codebook: &'c Codebook, keep_going: bool) -> Self {
        Gather {
            words: Words::new(codebook),
            log: Log::new(),
            problems: Vec::new(),
            bad_rows: 0,
            rows: 0,
            passed_over: 0,
            keep_going,
            taker: None,
        }
    }

    /// The same, into a log that keeps who entered each entry, or does not.
    pub(crate) fn keeping(self, authors: bool) -> Self {
        Gather { log: if authors { Log::with_authors() } else { Log::new() }, ..self }
    }

    /// The same, with somebody who takes entries as they are read.
    pub(crate) fn passing(codebook: &'c Codebook, keep_going: bool, taker: &'c mut dyn FnMut(&Log)) -> Self {
        Gather { taker: Some(taker), ..Gather::new(codebook, keep_going) }
    }

    /// Hands over what has been read so far, if there is somebody who takes it.
    pub(crate) fn pass_on(&mut self) {
        if let Some(taker) = &mut self.taker {
            taker(&std::mem::replace(&mut self.log, Log::new()));
        }
    }

    pub(crate) fn bad(&mut self, problem: Problem) {
        self.bad_rows += 1;
        if self.problems.len() < MOST_SHOWN {
            self.problems.push(problem);
        }
    }

    pub(crate) fn finish(self) -> Result<Intake, IntakeError> {
        if self.bad_rows > 0 && !self.keep_going {
            return Err(IntakeError::BadRows { problems: self.problems, count: self.bad_rows });
        }
        Ok(Intake { log: self.log, problems: self.problems, bad_rows: self.bad_rows, rows: self.rows, passed_over: self.passed_over })
    }

    /// Checks an entry and takes it in.
    pub(crate) fn take(&mut self, draft: &Draft<'_>, place: Place<'_>) -> Result<EventId, Problem> {
        let kind = self.words.codebook.kind(draft.kind);
        if draft.id.is_empty() {
            return Err(place.problem("an entry has no id", "", "an id that no other entry has"));
        }
        for (i, (class, name)) in draft.subjects.iter().enumerate() {
            let class_name = &self.words.codebook.class(*class).name;
            if !self.words.may_name(draft.kind, *class) {
                let allowed: Vec<&str> = kind.subjects.iter().map(|c| self.words.codebook.class(*c).name.as_str()).collect();
                return Err(place.problem(format!("`{}` has no subject `{class_name}`", kind.name), name, allowed.join(", ")));
            }
            if name.is_empty() {
                return Err(place.problem(format!("the subject `{class_name}` has no id"), "", "an id"));
            }
            if draft.subjects[..i].iter().any(|(c, _)| c == class) {
                return Err(place.problem(format!("the subject `{class_name}` is named twice"), name, "one of a class"));
            }
        }
        let recorded_at = match (draft.recorded_at, draft.at.precision) {
            (Some(recorded), _) => recorded,
            (None, Precision::Unknown) => {
                return Err(place.problem("an entry whose time is unknown needs `recorded_at`", "", "the time at which it was recorded"));
            }
            (None, Precision::Exact | Precision::Day | Precision::Range) => draft.at.latest,
        };
        let at = if draft.at.precision == Precision::Unknown { At { latest: recorded_at, ..draft.at } } else { draft.at };
        let entry = Entry { id: draft.id, kind: draft.kind, at, recorded_at, by: draft.by, subjects: draft.subjects, fields: draft.fields };
        self.log.push(&entry).map_err(|wrong| same_id(place, draft.id, wrong))
    }

    /// The field of an entry by its spelling: its own, or that of the entry which it corrects.
    pub(crate) fn field(&mut self, kind: KindId, name: &str, corrects: Option<&str>) -> Option<Field> {
        if let Some(field) = self.words.field(kind, name) {
            return Some(field.clone());
        }
        if !self.words.changes(kind) {
            return None;
        }
        let corrected = corrects.and_then(|id| self.log.find(id)).map(|e| self.log.kind(e));
        self.words.replaced(corrected, name).cloned()
    }

    /// A value by its spelling.
    pub(crate) fn value(&mut self, field: &Field, text: &str) -> Result<Value, Misspelt> {
        let log = &mut self.log;
        value::parse(self.words.codebook, field, text, &mut |t| log.text(t))
    }

    pub(crate) fn value_one(&mut self, field: &Field, text: &str) -> Result<Value, Misspelt> {
        let log = &mut self.log;
        value::parse_one(self.words.codebook, field, text, &mut |t| log.text(t))
    }

    pub(crate) fn unknown_kind(&self, name: &str, place: Place<'_>) -> Problem {
        place.problem("no kind of event is called so in this codebook", name, format!("for example {}", self.words.nearest_kinds(name)))
    }

    pub(crate) fn unknown_field(&self, kind: KindId, name: &str, place: Place<'_>) -> Problem {
        let what = format!("`{}` has no field called so", self.words.codebook.kind(kind).name);
        let nearest = self.words.nearest_fields(kind, name);
        place.problem(what, name, if nearest.is_empty() { "no fields".to_owned() } else { format!("for example {nearest}") })
    }
}

/// Refuses a second entry with an id, and says which entry had it first.
pub(crate) fn same_id(place: Place<'_>, id: &str, wrong: DuplicateId) -> Problem {
    let first = u64::from(wrong.first.0) + 1;
    place.problem("two entries have the same id", id, format!("an id that no other entry has (entry number {first} has it)"))
}

/// An unknown time; [`Gather::take`] bounds it by the record.
pub(crate) fn unknown_time() -> At {
    At { earliest: Moment::LONG_AGO, latest: Moment::FAR_OFF, precision: Precision::Unknown }
}
