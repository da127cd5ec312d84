//! What a timeline expects.

use super::Unreadable;
use crate::verdicts::durations;
use habeas_codebook::moment::Moment;
use habeas_monitor::Verdict;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file, as written.
#[derive(Debug, Deserialize)]
pub struct File {
    /// Its id, shown in reports of tests.
    pub id: String,
    /// IANA zone; the codebook's when absent.
    pub zone: Option<String>,
    /// As of when.
    pub now: String,
    /// As known at; `now` when absent.
    pub known_at: Option<String>,
    /// Numbers by the name of their limit.
    #[serde(default)]
    pub limits: BTreeMap<String, serde_json::Value>,
    /// Weekend and holidays.
    pub calendar: Option<Calendar>,
    /// By class with an `s`, then id, then field.
    #[serde(default)]
    pub facts: BTreeMap<String, BTreeMap<String, BTreeMap<String, serde_json::Value>>>,
    /// Events as in a log.
    pub events: Vec<serde_json::Value>,
    /// What a lawyer expects.
    pub expected: Vec<Expected>,
}

/// Working days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Dates off, as ISO 8601.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// Weekdays off: `sat`, `sun`; the codebook's when absent.
    pub weekend: Option<Vec<String>>,
}

/// One expected row, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Rule id, also `x/record`.
    pub rule: String,
    /// Class and id.
    pub subject: BTreeMap<String, String>,
    /// Id of the event that set it off.
    pub trigger: Option<String>,
    /// The worst verdict.
    pub verdict: String,
    /// RFC 3339; `null`: there must be none.
    #[serde(default, deserialize_with = "given")]
    pub since: Option<Option<String>>,
    /// RFC 3339, or `null`.
    #[serde(default, deserialize_with = "given")]
    pub due_at: Option<Option<String>>,
    /// RFC 3339, or `null`.
    #[serde(default, deserialize_with = "given")]
    pub until: Option<Option<String>>,
    /// ISO 8601, or `null`.
    #[serde(default, deserialize_with = "given")]
    pub late_by: Option<Option<String>>,
    /// ISO 8601, or `null`.
    #[serde(default, deserialize_with = "given")]
    pub over_by: Option<Option<String>>,
    /// These must be there; others may.
    pub flags: Option<Vec<String>>,
    /// Sets both now and known at.
    pub as_known_at: Option<String>,
    /// For people.
    #[serde(default)]
    pub why: String,
}

/// An expected row, understood.
#[derive(Clone, Debug)]
pub struct Wish {
    /// As written, to be shown.
    pub written: Expected,
    /// The worst verdict.
    pub verdict: Verdict,
    /// Moments that must be equal, where named.
    pub since: Option<Option<Moment>>,
    /// When due.
    pub due_at: Option<Option<Moment>>,
    /// When ended.
    pub until: Option<Option<Moment>>,
    /// Microseconds.
    pub late_by: Option<Option<i64>>,
    /// Microseconds.
    pub over_by: Option<Option<i64>>,
    /// As of when, if not as the timeline says.
    pub as_known_at: Option<Moment>,
}

impl Wish {
    /// Understands an expected row.
    ///
    /// # Errors
    /// A verdict, time or duration that is none.
    pub fn new(written: Expected) -> Result<Self, Unreadable> {
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == written.verdict).ok_or_else(|| {
            Unreadable(format!(
                "`verdict`: `{}` is none; expected met, met_late, breached, pending, excused, undetermined or n.a.",
                written.verdict
            ))
        })?;
        Ok(Wish {
            verdict,
            since: member("since", written.since.as_ref(), moment)?,
            due_at: member("due_at", written.due_at.as_ref(), moment)?,
            until: member("until", written.until.as_ref(), moment)?,
            late_by: member("late_by", written.late_by.as_ref(), elapsed)?,
            over_by: member("over_by", written.over_by.as_ref(), elapsed)?,
            as_known_at: written.as_known_at.as_deref().map(|text| moment("as_known_at", text)).transpose()?,
            written,
        })
    }
}

/// A member that was written, if only as `null`.
fn given<'d, D: serde::Deserializer<'d>>(source: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(source).map(Some)
}

type Member<T> = Option<Option<T>>;

/// A member understood: not given, given as nothing, or given.
fn member<T>(
    name: &str,
    written: Option<&Option<String>>,
    understand: fn(&str, &str) -> Result<T, Unreadable>,
) -> Result<Member<T>, Unreadable> {
    written.map(|text| text.as_deref().map(|text| understand(name, text)).transpose()).transpose()
}

fn elapsed(name: &str, text: &str) -> Result<i64, Unreadable> {
    durations::read(text).ok_or_else(|| Unreadable(format!("`{name}`: `{text}` is no duration; expected one like PT30M")))
}

/// An instant written as RFC 3339.
///
/// # Errors
/// A text that is none, with the name of its place.
pub fn moment(name: &str, text: &str) -> Result<Moment, Unreadable> {
    let read = text.parse::<jiff::Timestamp>().map(Moment::from_timestamp);
    read.map_err(|_| Unreadable(format!("`{name}`: `{text}` is no instant; expected one like 2026-03-03T14:30:00+04:00")))
}
