//! Verdicts kept beside the log: only the subjects that an entry touches are judged again, from their own history and from what was read
//! for it, never from the whole log.
//!
//! While a subject is judged, the monitor tells which other subjects' entries it read, and of which kinds. Those are loaded and the subject
//! is judged again, until nothing is missing; then they are noted, so that a later entry of theirs asks for a new judgement
//! ([`remembering`]). So what an append costs depends on the custody and on what it is tied to, not on the size of the register.

use crate::access::Access;
use crate::again::{self, Kept};
use crate::entry::{Known, class_of};
use crate::error::RegisterError;
use crate::moving::Moving;
use crate::outbox;
use crate::remembering::{self, ReadOf, Readings, Wanted};
use crate::store::{LifeRow, VerdictRow};
use crate::storing::{self, Detail, KeptRow, StoredRows};
use crate::things;
use habeas_codebook::log::{Entry, EventId, Log, SubjectId};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldType};
use habeas_ledger::leaf::Class;
use habeas_monitor::{Asked, Hearing, Kinds, Monitor, Noted, Reading, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Subjects judged over one loaded history.
const GROUP: usize = 16;

/// Subjects judged at once of which each is kept.
const KEPT_AT_ONCE: usize = 64;

/// A history that was loaded for judging.
pub(crate) struct Loaded {
    pub(crate) log: Log,
    pub(crate) entries: Vec<Arc<Known>>,
    pub(crate) numbers: BTreeMap<i64, SubjectId>,
}

/// What became of one subject.
pub(crate) struct Judged {
    pub(crate) subject: i64,
    pub(crate) id: SubjectId,
    pub(crate) rows: Vec<Row>,
    /// What was read of whom, by number.
    pub(crate) readings: Readings,
    /// What time alone may change.
    pub(crate) moving: Moving,
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
    subjects: &[i64],
    (now, notify): (Moment, bool),
) -> Result<Vec<Changed>, RegisterError> {
    let mut changed = Vec::new();
    let mut rest = Vec::new();
    for subject in subjects {
        match judge_kept(access, monitor, *subject, (now, notify))? {
            Some(one) => changed.push(one),
            None => rest.push(*subject),
        }
    }
    // A few are judged each for itself and kept; many, brought from elsewhere or at a start, share what is loaded.
    let group = if rest.len() <= KEPT_AT_ONCE { 1 } else { GROUP };
    for group in rest.chunks(group) {
        let wanted = Wanted::of(access, monitor, group)?;
        let ((stored, ahead), loaded, wanted) = judge_settled(access, monitor, (group, wanted), now, |access, loaded, hearing, judged| {
            let mut stored = Vec::with_capacity(judged.len());
            for mut one in judged {
                let rows = std::mem::take(&mut one.rows);
                let rows = store(access, (loaded, hearing), &one, rows, None, notify)?;
                changed.push(Changed { subject: one.subject, rows: rows.changed });
                stored.push((one, rows.rows));
            }
            Ok((stored, first_ahead(hearing, now)))
        })?;
        if let ([_], Some((one, rows))) = (group, stored.into_iter().next()) {
            let next = access.store.size()?;
            let Judged { id, readings, moving, subject, .. } = one;
            let kept = Kept { loaded, id, wanted, readings, moving, rows, judged_at: now, ahead, next };
            again::keep(access, subject, kept);
        }
    }
    remembering::store_lives(access)?;
    Ok(changed)
}

/// Judges a subject again on what is kept of it, and stores what came of it. `None`: nothing is kept, or it is not enough.
fn judge_kept(
    access: &mut Access,
    monitor: &Monitor<'_>,
    subject: i64,
    (now, notify): (Moment, bool),
) -> Result<Option<Changed>, RegisterError> {
    let Some(mut kept) = access.memory.histories.take(&subject) else { return Ok(None) };
    let changed = kept.judge(access, monitor, subject, now, |access, heard, mut one, before| {
        let rows = std::mem::take(&mut one.rows);
        let stored = store(access, heard, &one, rows, Some(before), notify)?;
        Ok((Changed { subject, rows: stored.changed }, stored.rows))
    })?;
    if changed.is_some() {
        again::keep(access, subject, kept);
    }
    Ok(changed)
}

/// Stores the rows of a subject, its life, and whose entries were read.
fn store(
    access: &mut Access,
    (loaded, hearing): (&Loaded, &Hearing<'_>),
    one: &Judged,
    rows: Vec<Row>,
    before: Option<Vec<KeptRow>>,
    notify: bool,
) -> Result<StoredRows, RegisterError> {
    let (monitor, now) = (hearing.monitor(), hearing.asked().now);
    let life = life_of(access, loaded, hearing, (one.id, &one.moving), &rows);
    let stored = storing::store_rows(access, monitor, hearing.log(), one.subject, (rows, life.closed_at), before)?;
    if notify {
        outbox::put_breaches(access, monitor.codebook(), one.subject, &life, &stored.new, now)?;
    }
    remembering::put_readings(access, one.subject, &one.readings)?;
    remembering::put_life(access, one.subject, life);
    Ok(stored)
}

/// Verdicts of one subject, judged afresh and not stored, each with its row; the log that they stand on beside them, with every entry of
/// the subject: whoever looks at it asks for more than rules do.
pub(crate) fn judge_fresh(
    access: &mut Access,
    monitor: &Monitor<'_>,
    subject: i64,
    now: Moment,
    tell: &mut dyn FnMut(&Hearing<'_>, &[Row]),
) -> Result<(), RegisterError> {
    let mut wanted = Wanted::of(access, monitor, &[subject])?;
    wanted.add(subject, None);
    judge_settled(access, monitor, (&[subject], wanted), now, |access, _, hearing, judged| {
        for one in judged {
            tell(hearing, &one.rows);
            access.memory.remember(one.subject, one.readings);
        }
        Ok(())
    })?;
    Ok(())
}

/// What judging a subject afresh comes to: rows as they would be stored, their details open, whose entries were read, and its life.
pub(crate) struct Replayed {
    pub(crate) rows: Vec<(VerdictRow, Detail)>,
    pub(crate) read: Readings,
    pub(crate) life: LifeRow,
}

/// Judges one subject afresh at `now` and stores nothing; `None` for a subject that no entry names.
pub(crate) fn replay(access: &mut Access, monitor: &Monitor<'_>, subject: i64, now: Moment) -> Result<Option<Replayed>, RegisterError> {
    let mut replayed = None;
    let wanted = Wanted::of(access, monitor, &[subject])?;
    judge_settled(access, monitor, (&[subject], wanted), now, |access, loaded, hearing, judged| {
        let Some(judged) = judged.into_iter().next() else { return Ok(()) };
        let life = life_of(access, loaded, hearing, (judged.id, &judged.moving), &judged.rows);
        let rows = judged.rows.iter().zip(0..).map(|(row, ordinal)| {
            let (class, detail) = (class_of(monitor.sensitivity(row.rule)), storing::detail_of(monitor.codebook(), hearing.log(), row));
            let rule = (class < Class::Medical).then(|| detail.rule.clone());
            let (verdict, due_at) = (row.verdict.as_str().to_owned(), row.due_at.map(|due| due.0));
            let (of_record, ended_at) = (rule.is_some() && detail.record, storing::ended_at(row, life.closed_at));
            (VerdictRow { subject, ordinal, verdict, due_at, class: class.id(), rule, detail: Vec::new(), of_record, ended_at }, detail)
        });
        let rows = rows.collect();
        let read = judged.readings.into_iter().filter(|(read, _)| *read != subject).collect();
        replayed = Some(Replayed { rows, read, life });
        Ok(())
    })?;
    Ok(replayed)
}

/// Loads the subjects' histories, what is wanted to begin with, and judges them; again with those of whatever was read, until nothing is
/// missing.
fn judge_settled<T>(
    access: &mut Access,
    monitor: &Monitor<'_>,
    (subjects, mut wanted): (&[i64], Wanted),
    now: Moment,
    done: impl FnOnce(&mut Access, &Loaded, &Hearing<'_>, Vec<Judged>) -> Result<T, RegisterError>,
) -> Result<(T, Loaded, Wanted), RegisterError> {
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
            let noted = judge_one(monitor, &hearing, id, || hearing.rows_of_reading(id, &mut rows));
            let mut moving = Moving::default();
            moving.learn(&noted, now);
            let readings = by_number(access, &hearing, &loaded, noted.readings)?;
            for (read, reading) in &readings {
                let kinds = reading.kinds_alone();
                is_settled &= (read == subject && kinds.is_some()) || !wanted.add(*read, kinds);
            }
            judged.push(Judged { subject: *subject, id, rows, readings, moving });
        }
        if is_settled {
            let done = done(access, &loaded, &hearing, judged)?;
            return Ok((done, loaded, wanted));
        }
    }
}

/// Judges a subject. What was noted meanwhile comes back, with what was read to know of the breaches that its rules ask about.
pub(crate) fn judge_one(monitor: &Monitor<'_>, hearing: &Hearing<'_>, subject: SubjectId, judge: impl FnOnce() -> Noted) -> Noted {
    let mut noted = judge();
    if monitor.reads_breaches_of(hearing.log().class_of(subject)) {
        // A breach of what is tied to the subject may be what one of its rules asks about.
        for tied in tied(monitor.codebook(), hearing.log(), hearing.events_of(subject), subject) {
            noted.readings.extend(monitor.readings_for_breaches(hearing, tied));
        }
    }
    noted
}

/// Subjects, things excepted, that a subject's entries name beside it.
fn tied(codebook: &Codebook, log: &Log, events: impl Iterator<Item = EventId>, subject: SubjectId) -> BTreeSet<SubjectId> {
    let others = events.flat_map(|event| log.subjects(event).iter().copied());
    others.filter(|other| *other != subject && !codebook.class(log.class_of(*other)).thing).collect()
}

pub(crate) fn by_number(
    access: &mut Access,
    hearing: &Hearing<'_>,
    loaded: &Loaded,
    readings: Vec<Reading>,
) -> Result<Readings, RegisterError> {
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
        let own = numbered.entry(number).or_insert_with(|| ReadOf { kinds: Kinds::default(), ties: false });
        own.kinds.extend(&reading.kinds);
        // Through what is no thing others are reached, by entries of any kind.
        own.ties |= reading.ties || !class.thing;
    }
    Ok(numbered)
}

/// Every entry that is wanted, in the order of entry.
fn load(access: &mut Access, monitor: &Monitor<'_>, wanted: &Wanted) -> Result<Loaded, RegisterError> {
    let mut indexes = BTreeSet::new();
    for (subject, kinds) in wanted.iter() {
        match kinds {
            Some(kinds) => indexes.extend(things::entries_of_kinds(access, monitor, *subject, kinds)?),
            None => indexes.extend(access.store.naming(*subject)?),
        }
    }
    add_corrected(access, monitor, &mut indexes)?;
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

/// Adds the entries that others correct or withdraw, also where they are of another subject: a correction of a correction is one of what
/// that corrects.
fn add_corrected(access: &mut Access, monitor: &Monitor<'_>, indexes: &mut BTreeSet<u64>) -> Result<(), RegisterError> {
    let mut waiting: Vec<u64> = indexes.iter().copied().collect();
    while let Some(index) = waiting.pop() {
        let Some(entry) = access.entry(index)?.filter(|entry| monitor.changes(entry.kind)) else { continue };
        if let Some(wrong) = entry.changes().map(|id| access.store.index_of(id)).transpose()?.flatten()
            && indexes.insert(wrong)
        {
            waiting.push(wrong);
        }
    }
    Ok(())
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

fn life_of(access: &Access, loaded: &Loaded, hearing: &Hearing<'_>, (id, moving): (SubjectId, &Moving), rows: &[Row]) -> LifeRow {
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
        moves_at: moving.first(hearing, (id, closed_at.is_some()), rows).map(|at| at.0),
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

/// When the first of what lies ahead comes to be: it is not there yet, also by a correction.
pub(crate) fn first_ahead(hearing: &Hearing<'_>, now: Moment) -> Option<Moment> {
    let log = hearing.log();
    let times = log.events().flat_map(|event| {
        let at = hearing.seen(event).at;
        [at.earliest, at.latest, log.recorded_at(event)]
    });
    times.filter(|moment| *moment > now).min()
}
