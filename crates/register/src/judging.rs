//! Verdicts kept beside the log: only the subjects that an entry touches are judged again, from their own history and from what was read
//! for it, never from the whole log.
//!
//! While a subject is judged, the monitor tells which other subjects' entries it read, and of which kinds. Those are loaded and the subject
//! is judged again, until nothing is missing; then they are noted, so that a later entry of theirs asks for a new judgement
//! ([`remembering`]). So what an append costs depends on the custody and on what it is tied to, not on the size of the register.

use crate::access::Access;
use crate::entry::{Known, class_of};
use crate::error::RegisterError;
use crate::outbox;
use crate::remembering::{self, ReadOf, Readings, Wanted};
use crate::store::{LifeRow, VerdictRow};
use habeas_codebook::log::{Entry, EventId, Log, SubjectId};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldType, RuleId};
use habeas_ledger::leaf::{Class, Handle};
use habeas_ledger::sealing::Place;
use habeas_monitor::{Asked, Hearing, Kinds, MissingWhat, Monitor, Reading, Reason, Row, Verdict};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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
    subject: i64,
    id: SubjectId,
    rows: Vec<Row>,
    /// What was read of whom, by number.
    readings: Readings,
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
        judge_settled(access, monitor, group, now, |access, loaded, hearing, judged| {
            for one in judged {
                let life = life_of(access, loaded, hearing, one.id, &one.rows);
                let stored = store_rows(access, monitor, hearing.log(), one.subject, &one.rows)?;
                if notify {
                    outbox::put_breaches(access, monitor.codebook(), one.subject, &life, &stored.new, now)?;
                }
                access.store.put_life(one.subject, &life)?;
                for read in access.memory.news(one.subject, &one.readings) {
                    access.store.put_reader(read, one.subject)?;
                }
                access.memory.remember(one.subject, one.readings);
                changed.push(Changed { subject: one.subject, rows: stored.changed });
            }
            Ok(())
        })?;
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
    judge_settled(access, monitor, &[subject], now, |access, _, hearing, judged| {
        for one in judged {
            tell(hearing, &one.rows);
            access.memory.remember(one.subject, one.readings);
        }
        Ok(())
    })
}

/// What judging a subject afresh comes to: rows as they would be stored, their details open, whose entries were read, and its life.
pub(crate) struct Replayed {
    pub(crate) rows: Vec<(VerdictRow, Detail)>,
    pub(crate) read: Vec<i64>,
    pub(crate) life: LifeRow,
}

/// Judges one subject afresh at `now` and stores nothing; `None` for a subject that no entry names.
pub(crate) fn replay(access: &mut Access, monitor: &Monitor<'_>, subject: i64, now: Moment) -> Result<Option<Replayed>, RegisterError> {
    let mut replayed = None;
    judge_settled(access, monitor, &[subject], now, |access, loaded, hearing, judged| {
        let Some(judged) = judged.into_iter().next() else { return Ok(()) };
        let rows = judged.rows.iter().zip(0..).map(|(row, ordinal)| {
            let (class, detail) = (class_of(monitor.sensitivity(row.rule)), detail_of(monitor.codebook(), hearing.log(), row));
            let rule = (class < Class::Medical).then(|| detail.rule.clone());
            let (verdict, due_at) = (row.verdict.as_str().to_owned(), row.due_at.map(|due| due.0));
            (VerdictRow { subject, ordinal, verdict, due_at, class: class.id(), rule, detail: Vec::new() }, detail)
        });
        let (rows, life) = (rows.collect(), life_of(access, loaded, hearing, judged.id, &judged.rows));
        let read = judged.readings.keys().copied().filter(|read| *read != subject).collect();
        replayed = Some(Replayed { rows, read, life });
        Ok(())
    })?;
    Ok(replayed)
}

/// Loads the subjects' histories and judges them, again with those of whatever was read, until nothing is missing.
fn judge_settled(
    access: &mut Access,
    monitor: &Monitor<'_>,
    subjects: &[i64],
    now: Moment,
    done: impl FnOnce(&mut Access, &Loaded, &Hearing<'_>, Vec<Judged>) -> Result<(), RegisterError>,
) -> Result<(), RegisterError> {
    let mut wanted = Wanted::default();
    for subject in subjects {
        wanted.add_judged(access, monitor, *subject)?;
    }
    let asked = Asked { now, known_at: now };
    loop {
        let loaded = load(access, monitor, &wanted)?;
        let grown = monitor.with_breaches(&loaded.log, asked);
        let hearing = monitor.hear(grown.as_ref().unwrap_or(&loaded.log), asked);
        let mut is_settled = true;
        let mut judged = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let Some(id) = loaded.numbers.get(subject).copied() else { continue };
            let mut rows = Vec::new();
            let readings = judge_one(monitor, &hearing, id, &mut rows);
            let readings = by_number(access, &hearing, &loaded, readings)?;
            for (read, reading) in &readings {
                let kinds = reading.is_of_kinds().then_some(&reading.kinds);
                is_settled &= (read == subject && kinds.is_some()) || !wanted.add(*read, kinds);
            }
            judged.push(Judged { subject: *subject, id, rows, readings });
        }
        if is_settled {
            return done(access, &loaded, &hearing, judged);
        }
    }
}

fn judge_one(monitor: &Monitor<'_>, hearing: &Hearing<'_>, subject: SubjectId, rows: &mut Vec<Row>) -> Vec<Reading> {
    let mut readings = hearing.rows_of_reading(subject, rows);
    if monitor.reads_breaches_of(hearing.log().class_of(subject)) {
        // A breach of what is tied to the subject may be what one of its rules asks about.
        for tied in tied(monitor.codebook(), hearing.log(), hearing.events_of(subject), subject) {
            readings.extend(monitor.readings_for_breaches(hearing, tied));
        }
    }
    readings
}

/// Subjects, things excepted, that a subject's entries name beside it.
fn tied(codebook: &Codebook, log: &Log, events: impl Iterator<Item = EventId>, subject: SubjectId) -> BTreeSet<SubjectId> {
    let others = events.flat_map(|event| log.subjects(event).iter().copied());
    others.filter(|other| *other != subject && !codebook.class(log.class_of(*other)).thing).collect()
}

fn by_number(access: &mut Access, hearing: &Hearing<'_>, loaded: &Loaded, readings: Vec<Reading>) -> Result<Readings, RegisterError> {
    let codebook = Arc::clone(&access.codebook);
    let known: BTreeMap<SubjectId, i64> = loaded.numbers.iter().map(|(number, id)| (*id, *number)).collect();
    let mut numbered = Readings::new();
    for reading in readings {
        let class = codebook.class(hearing.log().class_of(reading.subject));
        let number = match known.get(&reading.subject) {
            Some(number) => Some(*number),
            None => access.store.subject(&class.name, hearing.log().name_of(reading.subject))?.map(|row| row.number),
        };
        let Some(number) = number else { continue };
        let own = numbered.entry(number).or_insert_with(|| ReadOf { kinds: Kinds::default(), ties: false, of_thing: class.thing });
        own.kinds.extend(&reading.kinds);
        own.ties |= reading.ties;
    }
    Ok(numbered)
}

/// Every entry that is wanted, in the order of entry.
fn load(access: &mut Access, monitor: &Monitor<'_>, wanted: &Wanted) -> Result<Loaded, RegisterError> {
    let mut indexes = BTreeSet::new();
    for (subject, kinds) in wanted.iter() {
        match kinds {
            Some(kinds) => indexes.extend(remembering::entries_of_kinds(access, monitor, *subject, kinds)?),
            None => indexes.extend(access.store.naming(*subject)?),
        }
    }
    let mut loaded = Loaded { log: Log::new(), entries: Vec::new(), numbers: BTreeMap::new() };
    for index in indexes {
        if let Some(entry) = access.entry(index)? {
            push(&mut loaded.log, &entry)?;
            loaded.entries.push(entry);
        }
    }
    let codebook = Arc::clone(&access.codebook);
    for (subject, _) in wanted.iter() {
        let Some(row) = access.store.subject_numbered(*subject)? else { continue };
        let id = codebook.class_named(&row.class).and_then(|class| loaded.log.find_subject(class, &row.name));
        loaded.numbers.extend(id.map(|id| (*subject, id)));
    }
    Ok(loaded)
}

/// Adds an entry to a log for the monitor.
pub(crate) fn push(log: &mut Log, entry: &Known) -> Result<EventId, RegisterError> {
    let mut place = |text| log.text(entry.texts.get(text));
    let fields: Vec<_> = entry.fields.iter().map(|(name, value)| (*name, value.renumbered(&mut place))).collect();
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
pub(crate) fn place_of(codebook: &Codebook, entry: &Known) -> Option<String> {
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
        let is_sealed = class >= Class::Medical;
        let mut row = VerdictRow {
            subject,
            ordinal: i64::try_from(ordinal).unwrap_or(i64::MAX),
            verdict: row.verdict.as_str().to_owned(),
            due_at: row.due_at.map(|due| due.0),
            class: class.id(),
            rule: (!is_sealed).then_some(detail.rule),
            detail: text,
        };
        if let Some(old) = before.get(ordinal)
            && is_as_before(access, handle, old, &row)?
        {
            continue;
        }
        if is_sealed {
            row.detail = seal_detail(access, handle, class, &row.detail)?;
        }
        access.store.put_verdict(&row)?;
        stored.changed += 1;
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

/// Whether a stored row says what a new one, not sealed yet, does.
fn is_as_before(access: &mut Access, handle: Handle, old: &VerdictRow, new: &VerdictRow) -> Result<bool, RegisterError> {
    let outside = |row: &VerdictRow| (row.subject, row.ordinal, row.due_at, row.class);
    if outside(old) != outside(new) || old.verdict != new.verdict || old.rule != new.rule {
        return Ok(false);
    }
    if new.rule.is_some() {
        return Ok(old.detail == new.detail);
    }
    Ok(open_text(access, handle, old)?.is_some_and(|text| *text == new.detail))
}

/// The text of a stored verdict's detail; `None` where its key is not here.
fn open_text<'r>(access: &mut Access, handle: Handle, row: &'r VerdictRow) -> Result<Option<Cow<'r, [u8]>>, RegisterError> {
    let class = Class::from_id(row.class).unwrap_or(Class::Privileged);
    if class < Class::Medical {
        return Ok(Some(Cow::Borrowed(&row.detail)));
    }
    let place = Place { origin: &Arc::clone(&access.origin), event: handle, class };
    let keys = access.keys.opening_keys(handle, class)?;
    Ok(keys.iter().find_map(|key| key.open(place, &row.detail).ok()).map(|text| Cow::Owned(text.reveal().to_vec())))
}

/// Reads a stored verdict's detail; `None` where its key is not here.
pub(crate) fn open_detail(access: &mut Access, handle: Handle, row: &VerdictRow) -> Result<Option<Detail>, RegisterError> {
    let damaged = |_| RegisterError::Store { why: "a stored verdict is not in its form; run `habeas admin rebuild`".to_owned() };
    open_text(access, handle, row)?.map(|text| serde_json::from_slice(&text).map_err(damaged)).transpose()
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
