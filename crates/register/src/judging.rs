//! Verdicts kept beside the log: only the subjects that an entry touches are judged again, from their own history and from what was read
//! for it, never from the whole log.
//!
//! While a subject is judged, the monitor tells which other subjects' entries it read. Those are loaded and the subject is judged again,
//! until nothing is missing; then they are noted, so that a later entry of theirs asks for a new judgement. So what an append costs depends
//! on the custody and on what it is tied to, not on the size of the register.

use crate::access::Access;
use crate::entry::{Known, class_of};
use crate::error::RegisterError;
use crate::outbox;
use crate::store::{LifeRow, VerdictRow};
use habeas_codebook::log::{Entry, EventId, Log, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldType, RuleId};
use habeas_ledger::leaf::{Class, Handle};
use habeas_ledger::sealing::Place;
use habeas_monitor::{Asked, Hearing, MissingWhat, Monitor, Reason, Row, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Subjects judged over one loaded history.
const GROUP: usize = 16;

/// What a stored verdict says beyond what lists are filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Detail {
    pub(crate) rule: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) record: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trigger: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trigger_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) late_by: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) over_by: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) flags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) events: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing: Vec<MissingFact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Something whose record would let an undetermined verdict be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingFact {
    /// The entry to complete, if the thing is part of one.
    pub event: Option<String>,
    /// Its field; `at` is its time.
    pub field: String,
    /// Whose fact it is: class and id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<(String, String)>,
}

/// A history that was loaded for judging.
struct Loaded {
    log: Log,
    entries: Vec<Arc<Known>>,
    numbers: BTreeMap<i64, SubjectId>,
}

/// What became of one subject.
struct Judged {
    rows: Vec<Row>,
    read: Vec<SubjectId>,
}

/// What changed for one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) subject: i64,
    /// Verdicts that are new or other than before.
    pub(crate) rows: usize,
}

/// Judges subjects at `now` and stores what came of it, within the transaction that is open. With `notify`, each breach that is new is put
/// in the outbox.
pub(crate) fn judge_and_store(
    access: &mut Access,
    monitor: &Monitor<'_>,
    subjects: &BTreeSet<i64>,
    (now, notify): (Moment, bool),
) -> Result<Vec<Changed>, RegisterError> {
    let all: Vec<i64> = subjects.iter().copied().collect();
    let mut changed = Vec::new();
    for group in all.chunks(GROUP) {
        let loaded = settle_reading(access, monitor, group, now)?;
        let asked = Asked { now, known_at: now };
        let grown = monitor.with_breaches(&loaded.log, asked);
        let log = grown.as_ref().unwrap_or(&loaded.log);
        let hearing = monitor.hear(log, asked);
        for subject in group {
            let Some(id) = loaded.numbers.get(subject).copied() else { continue };
            let judged = judge_one(monitor, &hearing, id);
            for read in read_numbers(access, log, &judged.read)? {
                access.store.put_reader(read, *subject)?;
            }
            let life = life_of(access, &loaded, &hearing, id, &judged.rows);
            let breaches = store_rows(access, monitor, log, *subject, &judged.rows)?;
            let rows = breaches.changed;
            if notify {
                outbox::put_breaches(access, monitor.codebook(), *subject, &life, &breaches.new, now)?;
            }
            access.store.put_life(*subject, &life)?;
            changed.push(Changed { subject: *subject, rows });
        }
    }
    Ok(changed)
}

/// Verdicts of one subject, judged afresh and not stored, each with its row; the log that they stand on beside them.
pub(crate) fn judge_fresh(
    access: &mut Access,
    monitor: &Monitor<'_>,
    subject: i64,
    now: Moment,
    tell: &mut dyn FnMut(&Hearing<'_>, &[Row]),
) -> Result<(), RegisterError> {
    let loaded = settle_reading(access, monitor, &[subject], now)?;
    let asked = Asked { now, known_at: now };
    let grown = monitor.with_breaches(&loaded.log, asked);
    let hearing = monitor.hear(grown.as_ref().unwrap_or(&loaded.log), asked);
    if let Some(id) = loaded.numbers.get(&subject).copied() {
        tell(&hearing, &judge_one(monitor, &hearing, id).rows);
    }
    Ok(())
}

fn judge_one(monitor: &Monitor<'_>, hearing: &Hearing<'_>, subject: SubjectId) -> Judged {
    let mut rows = Vec::new();
    let mut read = hearing.rows_of_noting(subject, &mut rows);
    if monitor.reads_breaches() {
        // A breach of what is tied to the subject may be what one of its rules asks about.
        for tied in tied(monitor.codebook(), hearing.log(), hearing.events_of(subject), subject) {
            read.push(tied);
            read.extend(hearing.rows_of_noting(tied, &mut Vec::new()));
        }
        read.sort_unstable();
        read.dedup();
        read.retain(|other| *other != subject);
    }
    Judged { rows, read }
}

/// Subjects, things excepted, that a subject's entries name beside it.
fn tied(codebook: &Codebook, log: &Log, events: impl Iterator<Item = EventId>, subject: SubjectId) -> BTreeSet<SubjectId> {
    let others = events.flat_map(|event| log.subjects(event).iter().copied());
    others.filter(|other| *other != subject && !codebook.class(log.class_of(*other)).thing).collect()
}

/// Loads the subjects' histories, and those of whatever is read while they are judged, until nothing is missing.
fn settle_reading(access: &mut Access, monitor: &Monitor<'_>, subjects: &[i64], now: Moment) -> Result<Loaded, RegisterError> {
    let mut wanted: BTreeSet<i64> = subjects.iter().copied().collect();
    loop {
        let loaded = load(access, &wanted)?;
        let asked = Asked { now, known_at: now };
        let grown = monitor.with_breaches(&loaded.log, asked);
        let log = grown.as_ref().unwrap_or(&loaded.log);
        let hearing = monitor.hear(log, asked);
        let before = wanted.len();
        for subject in subjects {
            let Some(id) = loaded.numbers.get(subject) else { continue };
            wanted.extend(read_numbers(access, log, &judge_one(monitor, &hearing, *id).read)?);
        }
        if wanted.len() == before {
            return Ok(loaded);
        }
    }
}

fn read_numbers(access: &mut Access, log: &Log, read: &[SubjectId]) -> Result<Vec<i64>, RegisterError> {
    let mut numbers = Vec::new();
    let codebook = Arc::clone(&access.codebook);
    for subject in read {
        let class = &codebook.class(log.class_of(*subject)).name;
        numbers.extend(access.store.subject(class, log.name_of(*subject))?.map(|row| row.number));
    }
    Ok(numbers)
}

/// Every entry that names one of the subjects, in the order of entry.
fn load(access: &mut Access, subjects: &BTreeSet<i64>) -> Result<Loaded, RegisterError> {
    let mut indexes = BTreeSet::new();
    for subject in subjects {
        indexes.extend(access.store.naming(*subject)?);
    }
    let mut loaded = Loaded { log: Log::new(), entries: Vec::new(), numbers: BTreeMap::new() };
    for index in indexes {
        if let Some(entry) = access.entry(index)? {
            push(&mut loaded.log, &entry)?;
            loaded.entries.push(entry);
        }
    }
    let codebook = Arc::clone(&access.codebook);
    for subject in subjects {
        let Some(row) = access.store.subject_numbered(*subject)? else { continue };
        let id = codebook.class_named(&row.class).and_then(|class| loaded.log.find_subject(class, &row.name));
        loaded.numbers.extend(id.map(|id| (*subject, id)));
    }
    Ok(loaded)
}

/// Adds an entry to a log for the monitor.
pub(crate) fn push(log: &mut Log, entry: &Known) -> Result<EventId, RegisterError> {
    let fields: Vec<_> = entry.fields.iter().map(|(name, value)| (*name, moved(log, entry, value))).collect();
    let subjects: Vec<(ClassId, &str)> = entry.subjects.iter().map(|(class, name)| (*class, name.as_str())).collect();
    let pushed = log.push(&Entry {
        id: &entry.id,
        kind: entry.kind,
        at: entry.at,
        recorded_at: entry.recorded_at,
        by: entry.by.as_deref(),
        subjects: &subjects,
        fields: &fields,
    });
    pushed.map_err(|_| RegisterError::Damaged { index: entry.index, why: "its id is that of an earlier entry".to_owned() })
}

/// A value with its texts placed in the log.
fn moved(log: &mut Log, entry: &Known, value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(log.text(entry.texts.get(*text))),
        Value::Foreign(text) => Value::Foreign(log.text(entry.texts.get(*text))),
        Value::Several(values) => Value::Several(values.iter().map(|value| moved(log, entry, value)).collect()),
        Value::Choice(_)
        | Value::YesNo(_)
        | Value::Number(_)
        | Value::Money(..)
        | Value::Date(..)
        | Value::Time(_)
        | Value::Span(..)
        | Value::Duration(_)
        | Value::Hash(_)
        | Value::Role(_)
        | Value::Sealed => value.clone(),
    }
}

fn life_of(access: &Access, loaded: &Loaded, hearing: &Hearing<'_>, id: SubjectId, rows: &[Row]) -> LifeRow {
    let (log, now) = (hearing.log(), hearing.asked().now);
    let class = log.class_of(id);
    let own = loaded.entries.iter().filter(|entry| entry.subjects.iter().any(|(c, name)| *c == class && name == log.name_of(id)));
    let own: Vec<&Arc<Known>> = own.collect();
    let closed_at = hearing.closed_at(id);
    LifeRow {
        opened_at: own.iter().map(|entry| entry.at.earliest.0).min(),
        closed_at: closed_at.map(|at| at.0),
        place: own.iter().rev().find_map(|entry| place_of(&access.codebook, entry)),
        judged_at: now.0,
        moves_at: moves_at(hearing, rows, closed_at.is_some(), now),
    }
}

/// The place that an entry names: as a subject, or in a field that everybody who works with the custody may read.
fn place_of(codebook: &Codebook, entry: &Known) -> Option<String> {
    let named = entry.subjects.iter().find(|(class, _)| codebook.class(*class).name == "place").map(|(_, name)| name.clone());
    named.or_else(|| {
        let fields = &codebook.kind(entry.kind).fields;
        let places = fields.iter().filter(|field| field.of == FieldType::Place && class_of(field.sensitivity) <= Class::Custody);
        let mut values = places.filter_map(|field| entry.fields.iter().find(|(name, _)| *name == field.name));
        values.find_map(|(_, value)| value.as_text().map(|text| entry.texts.get(text).to_owned()))
    })
}

/// From when on time alone may change a verdict.
fn moves_at(hearing: &Hearing<'_>, rows: &[Row], is_closed: bool, now: Moment) -> Option<i64> {
    let of_row = |row: &Row| match row.verdict {
        Verdict::Pending => Some(row.due_at.map_or(now.0, |due| due.0)),
        Verdict::Undetermined if !is_closed => Some(now.0),
        Verdict::Undetermined => row.due_at.filter(|due| *due >= now).map(|due| due.0),
        Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::MetLate | Verdict::Breached => {
            row.over_by.filter(|_| row.until.is_none()).map(|_| now.0)
        }
    };
    // What lies ahead, also by a correction, is not there yet.
    let log = hearing.log();
    let ahead = log.events().flat_map(|event| {
        let at = hearing.seen(event).at;
        [at.earliest, at.latest, log.recorded_at(event)]
    });
    let ahead = ahead.filter(|moment| *moment > now).map(|moment| moment.0);
    rows.iter().filter_map(of_row).chain(ahead).min()
}

/// What storing the rows of a subject changed.
struct StoredRows {
    changed: usize,
    /// Breaches that were none before.
    new: Vec<NewBreach>,
}

/// A breach that was none before.
pub(crate) struct NewBreach {
    pub(crate) rule: RuleId,
    pub(crate) trigger: Option<String>,
    pub(crate) due_at: Option<Moment>,
    pub(crate) since: Option<Moment>,
    /// Class of what the rule reads.
    pub(crate) class: Class,
}

/// Stores the rows of a subject; those that are as before are left alone.
fn store_rows(access: &mut Access, monitor: &Monitor<'_>, log: &Log, subject: i64, rows: &[Row]) -> Result<StoredRows, RegisterError> {
    let handle = access.store.subject_numbered(subject)?.map_or_else(Handle::default, |row| row.handle);
    let before = access.store.verdicts_of(subject)?;
    let mut known_breaches = BTreeSet::new();
    for row in before.iter().filter(|row| row.verdict == Verdict::Breached.as_str()) {
        known_breaches.extend(open_detail(access, handle, row)?.map(|detail| (detail.rule, detail.trigger, detail.since)));
    }
    let mut stored = StoredRows { changed: 0, new: Vec::new() };
    for (ordinal, row) in rows.iter().enumerate() {
        let class = class_of(monitor.sensitivity(row.rule));
        let detail = detail_of(monitor.codebook(), log, row);
        let key = (detail.rule.clone(), detail.trigger.clone(), detail.since);
        if row.verdict == Verdict::Breached && !known_breaches.contains(&key) {
            stored.new.push(NewBreach { rule: row.rule, trigger: key.1, due_at: row.due_at, since: row.since, class });
        }
        let text = serde_json::to_vec(&detail).map_err(|error| RegisterError::Store { why: error.to_string() })?;
        let (rule, detail) =
            if class >= Class::Medical { (None, seal_detail(access, handle, class, &text)?) } else { (Some(detail.rule), text) };
        let ordinal = i64::try_from(ordinal).unwrap_or(i64::MAX);
        let verdict = row.verdict.as_str().to_owned();
        let row = VerdictRow { subject, ordinal, verdict, due_at: row.due_at.map(|due| due.0), class: class.id(), rule, detail };
        if usize::try_from(ordinal).ok().and_then(|place| before.get(place)) != Some(&row) {
            access.store.put_verdict(&row)?;
            stored.changed += 1;
        }
    }
    if before.len() > rows.len() {
        access.store.drop_verdicts(subject, i64::try_from(rows.len()).unwrap_or(i64::MAX))?;
        stored.changed += before.len() - rows.len();
    }
    Ok(stored)
}

/// What a rule of a medical or privileged class came to is as secret as what it read.
fn seal_detail(access: &mut Access, handle: Handle, class: Class, text: &[u8]) -> Result<Vec<u8>, RegisterError> {
    let key = access.keys.sealing_key(handle, class)?;
    let place = Place { origin: &access.origin, event: handle, class };
    Ok(key.seal(place, text, &mut rand_core::UnwrapErr(getrandom::SysRng))?)
}

/// Reads a stored verdict's detail; `None` where its key is not here.
pub(crate) fn open_detail(access: &mut Access, handle: Handle, row: &VerdictRow) -> Result<Option<Detail>, RegisterError> {
    let class = Class::from_id(row.class).unwrap_or(Class::Privileged);
    let damaged = |_| RegisterError::Store { why: "a stored verdict is not in its form; run `habeas admin rebuild`".to_owned() };
    if class < Class::Medical {
        return serde_json::from_slice(&row.detail).map(Some).map_err(damaged);
    }
    let place = Place { origin: &Arc::clone(&access.origin), event: handle, class };
    let keys = access.keys.opening_keys(handle, class)?;
    let Some(text) = keys.iter().find_map(|key| key.open(place, &row.detail).ok()) else { return Ok(None) };
    serde_json::from_slice(text.reveal()).map(Some).map_err(damaged)
}

fn detail_of(codebook: &Codebook, log: &Log, row: &Row) -> Detail {
    let missing = row.missing.iter().map(|thing| {
        let (field, subject) = match thing.what {
            MissingWhat::Time => ("at".to_owned(), None),
            MissingWhat::Field(field) => (codebook.field_names[field.index()].clone(), None),
            MissingWhat::Fact(subject, field) => {
                let class = codebook.class(log.class_of(subject)).name.clone();
                (codebook.field_names[field.index()].clone(), Some((class, log.name_of(subject).to_owned())))
            }
        };
        MissingFact { event: thing.event.map(|event| log.id(event).to_owned()), field, subject }
    });
    Detail {
        rule: codebook.rules[row.rule.index()].id.clone(),
        record: row.record,
        trigger: row.trigger.map(|event| log.id(event).to_owned()),
        trigger_at: row.trigger_at.map(|at| at.0),
        since: row.since.map(|at| at.0),
        until: row.until.map(|at| at.0),
        late_by: row.late_by,
        over_by: row.over_by,
        flags: row.flags.names().map(str::to_owned).collect(),
        events: row.events.iter().map(|event| log.id(*event).to_owned()).collect(),
        missing: missing.collect(),
        reason: row.reason.map(reason_word),
    }
}

/// The word for a reason, as verdicts have it in JSON.
fn reason_word(reason: Reason) -> String {
    match reason {
        Reason::Where => "where".to_owned(),
        Reason::Exception(place) => format!("exception_{}", u16::from(place) + 1),
        Reason::ClosedBeforeLimit => "closed_before_limit".to_owned(),
        Reason::Superseded => "superseded".to_owned(),
        Reason::NotDuring(_) => "not_during".to_owned(),
        Reason::Sealed => "sealed".to_owned(),
        Reason::Unrecorded => "unrecorded".to_owned(),
        Reason::TooManyUnknown => "too_many_unknown".to_owned(),
    }
}
