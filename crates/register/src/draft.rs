//! What goes in and what comes back: a draft, who makes it, and the receipt.

use crate::error::{RegisterError, problem};
use crate::spelling;
use habeas_codebook::log::{EventId, Log, SubjectId};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::Codebook;
use habeas_codebook::value;
use habeas_ledger::Hash;
use habeas_ledger::sealing::Plaintext;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// An event that somebody wants to record, in the words of the codebook.
///
/// Made by hand, or from the layout that logs have ([`Draft::from_json`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Chosen by whoever drafts (random, or a source's own id): the same draft sent twice gives the same receipt, not two entries.
    pub id: String,
    /// Kind of event as the codebook spells it, spaces or `_`.
    pub kind: String,
    /// When it happened, as well as it is known ([`exactly`], [`between`], [`unknown`]).
    pub at: At,
    /// Class and id of each subject, at most one of a class.
    pub subjects: Vec<(String, String)>,
    /// Fields by name, values spelt as in logs.
    pub fields: Map<String, Json>,
    /// When another system learnt it; only together with `source`. Left out, the register's own time counts.
    pub recorded_at: Option<Moment>,
    /// Who entered it in the other system; only together with `source`. Left out, the actor.
    pub by: Option<String>,
    /// For whom the actor enters it: an officer without a screen, a person who dictates.
    pub on_behalf_of: Option<String>,
    /// Why it is entered late.
    pub late_reason: Option<String>,
    /// The system or file that it was brought from. Such a draft may lack required fields and lie in the past without being late.
    pub source: Option<String>,
    /// The station where it was entered.
    pub station: Option<String>,
    /// Files that are handed in with it, and are kept beside the entry, sealed.
    pub attachments: Vec<Attachment>,
}

/// Largest file that is kept with an entry, in bytes.
pub const LARGEST_FILE: usize = 32_000_000;

/// Most bytes of all files of one entry together.
pub const LARGEST_TOGETHER: usize = 48_000_000;

/// A file that is handed in with an entry. It is kept sealed under the record's key for the class of its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The field of the entry whose value is the file's SHA-256.
    pub field: String,
    /// Name for people.
    pub name: String,
    /// Media type, as its content says.
    pub media: String,
    /// SHA-256 of what was handed in.
    pub original: Hash,
    /// What was taken out of it before it is kept, in words for a message file (`place`, `text`); nothing: it is kept as it came.
    pub removed: Vec<String>,
    /// What is kept.
    pub bytes: Arc<Plaintext>,
}

impl Attachment {
    /// SHA-256 of what is kept.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.bytes.reveal())
    }
}

/// A time known exactly.
#[must_use]
pub fn exactly(moment: Moment) -> At {
    At::exact(moment)
}

/// A time between two ends, both possible.
#[must_use]
pub fn between(earliest: Moment, latest: Moment) -> At {
    At { earliest, latest, precision: Precision::Range }
}

/// A time that nobody knows.
#[must_use]
pub fn unknown() -> At {
    At { earliest: Moment::LONG_AGO, latest: Moment::FAR_OFF, precision: Precision::Unknown }
}

impl Draft {
    /// A draft with nothing but its kind, time and subjects.
    #[must_use]
    pub fn new(id: &str, kind: &str, at: At, subjects: &[(&str, &str)]) -> Self {
        Draft {
            id: id.to_owned(),
            kind: kind.to_owned(),
            at,
            subjects: subjects.iter().map(|(class, name)| ((*class).to_owned(), (*name).to_owned())).collect(),
            fields: Map::new(),
            recorded_at: None,
            by: None,
            on_behalf_of: None,
            late_reason: None,
            source: None,
            station: None,
            attachments: Vec::new(),
        }
    }

    /// An entry of somebody else's log as a draft that was brought from `source`.
    #[must_use]
    pub fn of_entry(codebook: &Codebook, log: &Log, event: EventId, source: &str) -> Self {
        let kind = codebook.kind(log.kind(event));
        let subject = |subject: &SubjectId| (codebook.class(log.class_of(*subject)).name.clone(), log.name_of(*subject).to_owned());
        let fields = log.fields(event).iter().map(|(name, value)| {
            let spelt = spelling::spell(codebook, value, &|text| log.text_of(text));
            (codebook.field_names[name.index()].clone(), spelt)
        });
        Draft {
            id: log.id(event).to_owned(),
            kind: kind.name.clone(),
            at: log.at(event),
            subjects: log.subjects(event).iter().map(subject).collect(),
            fields: fields.collect(),
            recorded_at: Some(log.recorded_at(event)),
            by: log.by(event).map(str::to_owned),
            source: Some(source.to_owned()),
            ..Draft::new("", "", unknown(), &[])
        }
    }

    /// The same with a field.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Json>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// Reads an event as logs have it: `{"id","kind","at","subject":{…},"fields":{…}}`, and `on_behalf_of`, `late_reason`, `station`.
    /// `recorded_at` and `by` are the register's to say, not the sender's.
    ///
    /// # Errors
    /// [`RegisterError::Invalid`] with the path of each member that is not in its form.
    pub fn from_json(json: &Json, codebook: &Codebook) -> Result<Self, RegisterError> {
        let Json::Object(members) = json else {
            return Err(RegisterError::field("", "this is not an object", shape(json), "an event: {\"id\", \"kind\", \"at\", …}"));
        };
        let mut problems = Vec::new();
        let known = ["id", "kind", "at", "subject", "fields", "on_behalf_of", "late_reason", "station"];
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            problems.push(problem(name.clone(), "a draft has no such member", name, known.join(", ")));
        }
        let mut text = |name: &str, needed: bool| match members.get(name) {
            Some(Json::String(text)) if !text.is_empty() => Some(text.clone()),
            None | Some(Json::Null) if !needed => None,
            other => {
                problems.push(problem(name, "this is not a text", other.map_or("nothing", shape), "a text"));
                None
            }
        };
        let (id, kind) = (text("id", true), text("kind", true));
        let (on_behalf_of, late_reason, station) = (text("on_behalf_of", false), text("late_reason", false), text("station", false));
        let at = match members.get("at").map(|at| time(at, codebook)) {
            Some(Some(at)) => at,
            Some(None) | None => {
                problems.push(problem("at", "this is not a time", members.get("at").map_or("nothing", shape), value::EXPECTED_TIME));
                unknown()
            }
        };
        let mut subjects = Vec::new();
        match members.get("subject") {
            Some(Json::Object(named)) => {
                for (class, name) in named.iter().filter(|(_, name)| !name.is_null()) {
                    match name.as_str() {
                        Some(name) => subjects.push((class.clone(), name.to_owned())),
                        None => problems.push(problem(format!("subject.{class}"), "this is not a text", shape(name), "the subject's id")),
                    }
                }
            }
            None | Some(Json::Null) => {}
            Some(other) => problems.push(problem("subject", "this is not an object", shape(other), "{\"custody\": \"…\"}")),
        }
        let fields = match members.get("fields") {
            Some(Json::Object(fields)) => fields.clone(),
            None | Some(Json::Null) => Map::new(),
            Some(other) => {
                problems.push(problem("fields", "this is not an object", shape(other), "{\"name\": value}"));
                Map::new()
            }
        };
        let (Some(id), Some(kind), true) = (id, kind, problems.is_empty()) else { return Err(RegisterError::Invalid(problems)) };
        Ok(Draft { subjects, fields, on_behalf_of, late_reason, station, ..Draft::new(&id, &kind, at, &[]) })
    }
}

/// A time as logs spell it: a text, null, or both ends.
pub(crate) fn time(json: &Json, codebook: &Codebook) -> Option<At> {
    match json {
        Json::Null => Some(unknown()),
        Json::String(text) if text == "?" => Some(unknown()),
        Json::String(text) => value::time(text, &codebook.almanac),
        Json::Object(ends) => {
            let end = |name: &str| ends.get(name).and_then(Json::as_str);
            let ends = end("earliest").zip(end("latest")).filter(|_| ends.len() == 2)?;
            value::time(&format!("{}/{}", ends.0, ends.1), &codebook.almanac)
        }
        Json::Bool(_) | Json::Number(_) | Json::Array(_) => None,
    }
}

/// What a JSON value is, without telling it.
pub(crate) fn shape(json: &Json) -> &'static str {
    match json {
        Json::Null => "nothing",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// Who does something with the register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Id as it is recorded, for example `officer:1042`.
    pub id: String,
    /// Roles that they signed in with.
    pub roles: Vec<String>,
    /// Places where they serve.
    pub places: Vec<String>,
}

impl Actor {
    /// An actor without roles: the operator at the command line, a sensor, a test.
    #[must_use]
    pub fn named(id: &str) -> Self {
        Actor { id: id.to_owned(), ..Actor::default() }
    }
}

/// Something that whoever entered a fact should know; the entry stands all the same.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
pub enum Remark {
    /// Recorded later than the codebook's tolerance.
    Late,
    /// The custody (measure, case …) had been closed before this happened.
    Closed {
        /// Class and id of the subject.
        subject: (String, String),
    },
    /// No entry had named this subject before, and the kind does not open one.
    Unknown {
        /// Class and id of the subject.
        subject: (String, String),
    },
    /// Another entry says the same of the same subjects at the same time: perhaps two officers recorded one thing.
    Also {
        /// Id of the other entry.
        entry: String,
    },
    /// The clock stands before the last entry: the entry carries the last entry's time.
    ClockBehind,
    /// This draft had been entered before; nothing new was written.
    Before,
}

/// What an entry leaves with whoever made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Id of the entry: the draft's.
    pub id: String,
    /// Its index in the log.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Hash,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// The newest signed checkpoint when the receipt was given; it covers the entry.
    pub checkpoint: String,
    /// What the actor should know.
    pub remarks: Vec<Remark>,
}
