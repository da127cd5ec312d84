//! What is read: a record as known at a moment, verdicts, open custodies. Plain data, made for forms, pages and JSON; who may see a field
//! of which class is decided by whoever shows it ([`crate::Authorise::may_read`]), so each value says its class.

use crate::access::Access;
use crate::entry::Known;
use crate::error::RegisterError;
use crate::files::File;
use crate::judging;
use crate::spelling;
use crate::store::{Asked, LifeRow, SubjectRow, VerdictRow};
use crate::storing::{self, Detail, MissingFact};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::Codebook;
use habeas_ledger::leaf::Class;
use habeas_ledger::merkle::Hash;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Most rows that one query gives.
pub const MOST_ROWS: u32 = 1_000;

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Place in the log.
    pub index: u64,
    /// Its id.
    pub id: String,
    /// Kind, as the codebook spells it.
    pub kind: String,
    /// When it happened, as now known, spelt as in logs; `null` where nobody knows.
    pub at: Json,
    /// The same as a time.
    #[serde(skip)]
    pub when: At,
    /// When it was first recorded.
    #[serde(skip)]
    pub recorded_at: Moment,
    /// The same as text.
    #[serde(rename = "recorded_at")]
    pub recorded_at_text: String,
    /// Who entered it.
    pub by: Option<String>,
    /// Class and id of its subjects.
    pub subject: Vec<(String, String)>,
    /// Its fields, as now known.
    pub fields: Vec<Told>,
    /// The time as it was first entered, where a correction replaced it: spelling, and the entry that replaced it.
    pub at_before: Vec<(Json, String)>,
    /// The entry that withdrew this one: it stays readable and counts no longer.
    pub withdrawn_by: Option<String>,
    /// The entry that this one corrects or withdraws.
    pub changes: Option<String>,
    /// Further things that were said with it: `on_behalf_of`, `late_reason`, `source`, `station`.
    pub further: Vec<(String, Json)>,
    /// Files that are kept with it.
    pub files: Vec<File>,
    /// Classes of parts that the keys here do not open, or that were erased.
    pub sealed: Vec<&'static str>,
    /// Recorded later than the codebook's tolerance.
    pub late: bool,
    /// Leaf hash, in base64.
    pub leaf: String,
}

/// A field as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Class, as the rule language has it.
    pub class: &'static str,
    /// Its value now, spelt as in logs.
    pub value: Json,
    /// Earlier values, the first entered first, each with the entry that replaced it.
    pub before: Vec<(Json, String)>,
}

/// Entries of a record as known at a moment, in the order of the log, with corrections brought in.
pub(crate) fn history(access: &mut Access, indexes: &[u64], known_at: Option<Moment>) -> Result<Vec<Entry>, RegisterError> {
    let codebook = Arc::clone(&access.codebook);
    let mut known = Vec::new();
    for index in indexes {
        let entry = access.entry(*index)?;
        known.extend(entry.filter(|entry| known_at.is_none_or(|at| entry.recorded_at <= at)));
    }
    let places: HashMap<String, usize> = known.iter().enumerate().map(|(place, entry)| (entry.id.clone(), place)).collect();
    let mut shown = known.iter().map(|entry| plain(&codebook, entry)).collect::<Result<Vec<_>, _>>()?;
    let withdraws = |entry: &Known| codebook.withdraws(entry.kind);
    for (place, entry) in known.iter().enumerate() {
        let target = shown[place].changes.as_ref().and_then(|id| places.get(id)).copied();
        if let (Some(target), true) = (target.filter(|target| !withdraws(&known[*target])), withdraws(entry)) {
            shown[target].withdrawn_by = Some(entry.id.clone());
        }
    }
    for (place, entry) in known.iter().enumerate() {
        if withdraws(entry) || shown[place].withdrawn_by.is_some() {
            continue;
        }
        if let Some(root) = root(&shown, &places, place) {
            bring_in(&codebook, &mut shown[root], entry);
        }
    }
    Ok(shown)
}

/// The entry that a correction comes down to: a correction of a correction is one more correction of the event itself.
fn root(shown: &[Entry], places: &HashMap<String, usize>, place: usize) -> Option<usize> {
    let mut at = place;
    for _ in 0..shown.len() {
        match shown[at].changes.as_ref().and_then(|id| places.get(id)) {
            Some(next) => at = *next,
            None => break,
        }
    }
    (at != place).then_some(at)
}

fn bring_in(codebook: &Codebook, target: &mut Entry, correction: &Known) {
    let own = &codebook.kind(correction.kind).fields;
    for (name, class, value) in &correction.spelt {
        if name == "corrects" || own.iter().any(|field| codebook.field_names[field.name.index()] == *name) {
            continue;
        }
        if name == "at" {
            let before = std::mem::replace(&mut target.at, value.clone());
            target.at_before.push((before, correction.id.clone()));
            target.when = crate::draft::time(value, codebook).unwrap_or(target.when);
        } else if let Some(told) = target.fields.iter_mut().find(|told| told.name == *name) {
            let before = std::mem::replace(&mut told.value, value.clone());
            told.before.push((before, correction.id.clone()));
        } else {
            let before = vec![(Json::Null, correction.id.clone())];
            target.fields.push(Told { name: name.clone(), class: class.word(), value: value.clone(), before });
        }
    }
}

/// An entry as it was made.
pub(crate) fn plain(codebook: &Codebook, entry: &Known) -> Result<Entry, RegisterError> {
    let text = |name: &str| entry.spelt.iter().find(|(field, ..)| field == name).and_then(|(.., value)| value.as_str());
    let changes = codebook.changes(entry.kind).then(|| text("corrects").map(str::to_owned)).flatten();
    Ok(Entry {
        index: entry.index,
        id: entry.id.clone(),
        kind: codebook.kind(entry.kind).name.clone(),
        at: spelling::spell_time(entry.at, codebook),
        when: entry.at,
        recorded_at: entry.recorded_at,
        recorded_at_text: spelling::spell_moment(entry.recorded_at, codebook),
        by: entry.by.clone(),
        subject: entry.subjects.iter().map(|(class, name)| (codebook.class(*class).name.clone(), name.clone())).collect(),
        fields: entry
            .spelt
            .iter()
            .map(|(name, class, value)| Told { name: name.clone(), class: class.word(), value: value.clone(), before: Vec::new() })
            .collect(),
        at_before: Vec::new(),
        withdrawn_by: None,
        changes,
        further: entry.ours.clone(),
        files: entry.files.clone(),
        sealed: entry.sealed.iter().map(|class| class.word()).collect(),
        late: entry.recorded_at.since(entry.at.latest) > codebook.late_entry_after,
        leaf: entry.header.leaf_hash()?.to_string(),
    })
}

/// Which verdicts are wanted. Everything left out is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `met`, `met_late`, `breached`, `pending`, `excused`, `undetermined` or `n.a.`
    pub state: Option<String>,
    /// Due before this moment.
    pub due_before: Option<Moment>,
    /// Of custodies now at this place.
    pub place: Option<String>,
    /// Class and id of the subject.
    pub subject: Option<(String, String)>,
    /// Of this rule. Rules of a medical or privileged class are not found by their id.
    pub rule: Option<String>,
    /// Only breaches and what was done late that go on, or ended after this moment: mended, by the close of the record, or a deed of an
    /// instant. The list is then in the order of their ends: those that go on, then what ended last.
    pub ended_after: Option<Moment>,
    /// How many at most; 0 and everything above [`MOST_ROWS`] mean [`MOST_ROWS`].
    pub limit: u32,
    /// Go on after the row with this cursor ([`VerdictEntry::cursor`]).
    pub after: Option<String>,
}

/// A verdict as it is listed: sorted by due time, those without one last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictEntry {
    /// Id of the rule; nothing where the rule is as secret as what it reads and the key is not here.
    pub rule: Option<String>,
    /// Judged is only how late the entry was made (`<rule>/record`).
    pub record: bool,
    /// Class and id.
    pub subject: (String, String),
    /// `met`, `pending` …
    pub verdict: String,
    /// Class of the most sensitive thing that the rule reads: who may not read that may not see this row.
    pub class: &'static str,
    /// Where the subject is now, if known.
    pub place: Option<String>,
    /// The entry that set it off.
    pub trigger: Option<String>,
    /// When that happened.
    #[serde(skip)]
    pub trigger_at: Option<Moment>,
    /// When it falls, or fell, due.
    #[serde(skip)]
    pub due_at: Option<Moment>,
    /// Breached since.
    #[serde(skip)]
    pub since: Option<Moment>,
    /// Breached until.
    #[serde(skip)]
    pub until: Option<Moment>,
    /// How late it was done, in microseconds.
    #[serde(skip)]
    pub late_by: Option<i64>,
    /// How far over a maximum, in microseconds, at the moment that was asked about.
    #[serde(skip)]
    pub over_by: Option<i64>,
    /// While it goes on: since when.
    #[serde(skip)]
    pub over_since: Option<Moment>,
    /// Circumstances: `late_entry` …
    pub flags: Vec<String>,
    /// Entries it rests on.
    pub events: Vec<String>,
    /// What would have to be recorded for an undetermined verdict to be told.
    pub missing: Vec<MissingFact>,
    /// Why, where that is not plain.
    pub reason: Option<String>,
    /// Where a list goes on after this row.
    pub cursor: String,
}

/// The query as the store takes it. `None`: its subject is not in the register.
pub(crate) fn asked(access: &mut Access, query: &Query) -> Result<Option<Asked>, RegisterError> {
    let subject = match &query.subject {
        Some((class, name)) => match access.store.subject(class, name)? {
            Some(row) => Some(row.number),
            None => return Ok(None),
        },
        None => None,
    };
    let after = query.after.as_deref().map(read_cursor).transpose()?;
    let limit = if query.limit == 0 { MOST_ROWS } else { query.limit.min(MOST_ROWS) };
    let due_before = query.due_before.map(|due| due.0);
    let (verdict, place, rule) = (query.state.clone(), query.place.clone(), query.rule.clone());
    let ended_after = query.ended_after.map(|ended| ended.0);
    Ok(Some(Asked { verdict, due_before, place, subject, rule, ended_after, after, limit }))
}

fn read_cursor(cursor: &str) -> Result<(i64, i64, i64), RegisterError> {
    let numbers: Vec<i64> = cursor.split('.').filter_map(|number| number.parse().ok()).collect();
    match numbers.as_slice() {
        [due, subject, ordinal] => Ok((*due, *subject, *ordinal)),
        _ => Err(RegisterError::field("after", "this is no cursor", cursor, "the cursor of the last row")),
    }
}

pub(crate) fn verdict_entry(
    access: &mut Access,
    asked: &Asked,
    (row, subject, life): (VerdictRow, SubjectRow, LifeRow),
    now: Moment,
) -> Result<VerdictEntry, RegisterError> {
    let detail = storing::open_detail(access, subject.handle, &row)?;
    let by_end = asked.ended_after.map(|_| format!("{}.{}.{}", row.ended_at.unwrap_or(i64::MAX), row.subject, row.ordinal));
    let entry = listed(row, detail, (subject.class, subject.name), life.place, now);
    Ok(VerdictEntry { cursor: by_end.unwrap_or_else(|| entry.cursor.clone()), ..entry })
}

/// Verdicts about one subject as of a moment and as known at it, judged afresh; in the order in which they are listed.
pub(crate) fn verdicts_known_at(access: &mut Access, subject: &SubjectRow, known_at: Moment) -> Result<Vec<VerdictEntry>, RegisterError> {
    let codebook = Arc::clone(&access.codebook);
    let monitor = habeas_monitor::Monitor::new(&codebook);
    let Some(replayed) = judging::replay(access, &monitor, subject.number, known_at)? else { return Ok(Vec::new()) };
    let place = replayed.life.place;
    let name = (subject.class.clone(), subject.name.clone());
    let rows = replayed.rows.into_iter().map(|(row, detail)| listed(row, Some(detail), name.clone(), place.clone(), known_at));
    let mut rows: Vec<VerdictEntry> = rows.collect();
    rows.sort_by_key(|row| row.due_at.map_or(i64::MAX, |due| due.0));
    Ok(rows)
}

fn listed(row: VerdictRow, detail: Option<Detail>, subject: (String, String), place: Option<String>, now: Moment) -> VerdictEntry {
    let is_open = detail.is_some();
    let sealed = Detail { reason: Some("sealed".to_owned()), ..Detail::default() };
    let detail = detail.unwrap_or(sealed);
    let moment = |micros: Option<i64>| micros.map(Moment);
    VerdictEntry {
        cursor: format!("{}.{}.{}", row.due_at.unwrap_or(i64::MAX), row.subject, row.ordinal),
        rule: is_open.then_some(detail.rule),
        record: detail.record,
        subject,
        verdict: row.verdict,
        class: Class::from_id(row.class).unwrap_or(Class::Privileged).word(),
        place,
        trigger: detail.trigger,
        trigger_at: moment(detail.trigger_at),
        due_at: moment(row.due_at),
        since: moment(detail.since),
        until: moment(detail.until),
        late_by: detail.late_by,
        over_by: detail.over_by.or(detail.over_since.map(|since| now.0 - since)),
        over_since: moment(detail.over_since),
        flags: detail.flags,
        events: detail.events,
        missing: detail.missing,
        reason: detail.reason,
    }
}

/// How many verdicts of a rule are what, over the whole register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Id of the rule.
    pub rule: String,
    /// `met`, `pending` …
    pub verdict: String,
    /// How many.
    pub count: u64,
}

/// A subject whose life in the register has not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Life {
    /// Class and id.
    pub subject: (String, String),
    /// When its first entry happened.
    #[serde(skip)]
    pub opened_at: Option<Moment>,
    /// When it closed.
    #[serde(skip)]
    pub closed_at: Option<Moment>,
    /// Where it is now.
    pub place: Option<String>,
    /// Where a list goes on after it.
    pub cursor: i64,
}

impl Life {
    pub(crate) fn of(subject: SubjectRow, life: LifeRow) -> Self {
        Life {
            cursor: subject.number,
            subject: (subject.class, subject.name),
            opened_at: life.opened_at.map(Moment),
            closed_at: life.closed_at.map(Moment),
            place: life.place,
        }
    }
}

/// A signed checkpoint with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// How many entries it covers.
    pub size: u64,
    /// Their root.
    pub root: Hash,
    /// The note.
    pub note: String,
}
