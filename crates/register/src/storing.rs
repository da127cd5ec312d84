//! Verdicts as they are stored: which rows are new or other than before, what of them is sealed, which breaches were none before.

use crate::access::Access;
use crate::entry::class_of;
use crate::error::RegisterError;
use crate::store::VerdictRow;
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Codebook, RuleId};
use habeas_ledger::leaf::{Class, Handle};
use habeas_ledger::sealing::Place;
use habeas_monitor::{MissingWhat, Monitor, Reason, Row, Verdict};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a stored verdict says beyond what lists are filtered by. Nothing else may stand there: a name that is not known is damage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// In place of `over_by`, which grows as time passes, while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) over_since: Option<i64>,
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
#[serde(deny_unknown_fields)]
pub struct MissingFact {
    /// The entry to complete, if the thing is part of one.
    pub event: Option<String>,
    /// Its field; `at` is its time.
    pub field: String,
    /// Whose fact it is: class and id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<(String, String)>,
}

/// What storing the rows of a subject changed.
pub(crate) struct StoredRows {
    pub(crate) changed: usize,
    /// Breaches that were none before.
    pub(crate) new: Vec<NewBreach>,
    /// All rows as they now are.
    pub(crate) rows: Vec<KeptRow>,
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

/// A row that was stored, and what of it was.
pub(crate) struct KeptRow {
    pub(crate) row: Row,
    /// As it is stored, but open.
    open: VerdictRow,
    /// What a breach is known by.
    breach: Option<BreachKey>,
}

/// What a breach is known by: rule, trigger and beginning.
type BreachKey = (String, Option<String>, Option<i64>);

/// The rows of a subject before it was judged again.
struct Before {
    /// Those that are kept open, by ordinal.
    kept: Vec<Option<KeptRow>>,
    /// Where none are kept, those that are stored.
    stored: Vec<VerdictRow>,
    breaches: BTreeSet<BreachKey>,
}

impl Before {
    fn of(access: &mut Access, handle: Handle, subject: i64, kept: Option<Vec<KeptRow>>) -> Result<Self, RegisterError> {
        if let Some(kept) = kept {
            let breaches = kept.iter().filter_map(|kept| kept.breach.clone()).collect();
            return Ok(Before { kept: kept.into_iter().map(Some).collect(), stored: Vec::new(), breaches });
        }
        let stored = access.store.verdicts_of(subject)?;
        let mut breaches = BTreeSet::new();
        for row in stored.iter().filter(|row| row.verdict == Verdict::Breached.as_str()) {
            breaches.extend(open_detail(access, handle, row)?.map(|detail| (detail.rule, detail.trigger, detail.since)));
        }
        Ok(Before { kept: Vec::new(), stored, breaches })
    }

    fn len(&self) -> usize {
        self.kept.len().max(self.stored.len())
    }

    /// The kept row at a place, if the new one there says the same. Entries of breaches have other numbers each time.
    fn take_same(&mut self, monitor: &Monitor<'_>, ordinal: usize, row: &Row, ended: Option<i64>) -> Option<KeptRow> {
        let is_same = |kept: &mut KeptRow| kept.row == *row && kept.open.ended_at == ended && !monitor.rule_reads_breaches(row.rule);
        self.kept.get_mut(ordinal)?.take_if(is_same)
    }

    /// Whether what stands at a place says what a new row does.
    fn has(&self, access: &mut Access, handle: Handle, ordinal: usize, new: &VerdictRow) -> Result<bool, RegisterError> {
        match (self.kept.get(ordinal), self.stored.get(ordinal)) {
            (Some(kept), _) => Ok(kept.as_ref().is_some_and(|kept| kept.open == *new)),
            (None, Some(old)) => is_as_before(access, handle, old, new),
            (None, None) => Ok(false),
        }
    }
}

/// Stores the rows of a subject; those that are as before are left alone. With those that are `kept` of the time before, nothing that is
/// stored has to be read.
pub(crate) fn store_rows(
    access: &mut Access,
    monitor: &Monitor<'_>,
    log: &Log,
    subject: i64,
    (rows, closed_at): (Vec<Row>, Option<i64>),
    kept: Option<Vec<KeptRow>>,
) -> Result<StoredRows, RegisterError> {
    let handle = access.store.subject_numbered(subject)?.map_or_else(Handle::default, |row| row.handle);
    let mut before = Before::of(access, handle, subject, kept)?;
    let (count, many) = (rows.len(), i64::try_from(rows.len()).unwrap_or(i64::MAX));
    let mut stored = StoredRows { changed: 0, new: Vec::new(), rows: Vec::with_capacity(count) };
    for (ordinal, row) in rows.into_iter().enumerate() {
        let ended = ended_at(&row, closed_at);
        if let Some(same) = before.take_same(monitor, ordinal, &row, ended) {
            stored.rows.push(same);
            continue;
        }
        let made = made(monitor, log, (subject, ordinal), row, ended)?;
        if let Some(key) = made.breach.as_ref().filter(|key| !before.breaches.contains(key)) {
            let (rule, due_at, since) = (made.row.rule, made.row.due_at, made.row.since);
            stored.new.push(NewBreach { rule, trigger: key.1.clone(), due_at, since, class: class_of(monitor.sensitivity(rule)) });
        }
        if !before.has(access, handle, ordinal, &made.open)? {
            put(access, handle, &made.open)?;
            stored.changed += 1;
        }
        stored.rows.push(made);
    }
    if before.len() > count {
        access.store.drop_verdicts(subject, many)?;
        stored.changed += before.len() - count;
    }
    Ok(stored)
}

/// When what a breach or a late deed says came to its end: it was mended, the record was closed, or it was the matter of an instant.
pub(crate) fn ended_at(row: &Row, closed_at: Option<i64>) -> Option<i64> {
    let ended = match row.verdict {
        Verdict::MetLate => row.due_at.map(|due| due.0.saturating_add(row.late_by.unwrap_or(0))),
        Verdict::Breached if row.due_at.is_none() && row.over_by.is_none() => row.since.or(row.trigger_at).map(|at| at.0),
        Verdict::Breached => closed_at,
        Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::Pending | Verdict::Undetermined => return None,
    };
    row.until.map(|until| until.0).or(ended)
}

/// A row as it is stored, but open.
fn made(
    monitor: &Monitor<'_>,
    log: &Log,
    (subject, ordinal): (i64, usize),
    row: Row,
    ended_at: Option<i64>,
) -> Result<KeptRow, RegisterError> {
    let class = class_of(monitor.sensitivity(row.rule));
    let detail = detail_of(monitor.codebook(), log, &row);
    let text = serde_json::to_vec(&detail).map_err(|error| RegisterError::Store { why: error.to_string() })?;
    let breach = (row.verdict == Verdict::Breached).then(|| (detail.rule.clone(), detail.trigger.clone(), detail.since));
    let open = VerdictRow {
        subject,
        ordinal: i64::try_from(ordinal).unwrap_or(i64::MAX),
        verdict: row.verdict.as_str().to_owned(),
        due_at: row.due_at.map(|due| due.0),
        class: class.id(),
        of_record: class < Class::Medical && detail.record,
        ended_at,
        rule: (class < Class::Medical).then_some(detail.rule),
        detail: text,
    };
    Ok(KeptRow { row, open, breach })
}

/// Puts a row in the store, sealed where its class asks for it.
fn put(access: &mut Access, handle: Handle, open: &VerdictRow) -> Result<(), RegisterError> {
    let class = Class::from_id(open.class).unwrap_or(Class::Privileged);
    if class < Class::Medical {
        return access.store.put_verdict(open);
    }
    let detail = seal_detail(access, handle, class, &open.detail)?;
    access.store.put_verdict(&VerdictRow { detail, ..open.clone() })
}

/// What a rule of a medical or privileged class came to is as secret as what it read.
fn seal_detail(access: &mut Access, handle: Handle, class: Class, text: &[u8]) -> Result<Vec<u8>, RegisterError> {
    let key = access.keys.sealing_key(handle, class)?;
    let place = Place { origin: &access.origin, event: handle, class };
    Ok(key.seal(place, text, &mut rand_core::UnwrapErr(getrandom::SysRng))?)
}

/// Whether a stored row says what a new one, not sealed yet, does.
fn is_as_before(access: &mut Access, handle: Handle, old: &VerdictRow, new: &VerdictRow) -> Result<bool, RegisterError> {
    let outside = |row: &VerdictRow| (row.subject, row.ordinal, row.due_at, row.class, row.of_record, row.ended_at);
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

pub(crate) fn detail_of(codebook: &Codebook, log: &Log, row: &Row) -> Detail {
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
        over_by: row.over_by.filter(|_| row.over_since.is_none()),
        over_since: row.over_since.map(|at| at.0),
        flags: row.flags.names().map(str::to_owned).collect(),
        events: row.events.iter().map(|event| log.id(*event).to_owned()).collect(),
        missing: missing.collect(),
        reason: row.reason.map(Reason::word),
    }
}
