//! What the entries of a record say of those who are bound to it: who acts for the person, whose case it is, who is named in what is
//! confidential, who broke the glass. Nobody is bound by an entry of their own, but for one that takes down a complaint or takes a call,
//! a guest or the case.
//!
//! Whom an entry is about and whose hand it names are two things: the officer complained of, and the one who took the step.

use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldType, Kind, KindId, Sensitivity};
use habeas_register::Entry;
use std::collections::BTreeSet;

/// An open glass lasts so long, in microseconds: 60 minutes.
pub const GLASS: i64 = 60 * 60 * 1_000_000;
/// A shift that nobody ended is over after so long, in microseconds: 24 hours.
const SHIFT: i64 = 24 * 60 * 60 * 1_000_000;

/// Screen roles of kinds that say who acts for the person: lawyer, support person, interpreter.
pub(crate) const ENGAGED: [&str; 2] = ["engagement", "lawyer-meeting"];
/// Of kinds that say who inquires into a custody.
const INQUIRES: [&str; 3] = ["arrest", "interview-start", "interview-join"];
/// Of kinds by which somebody takes on whom they help: the call that is taken, the guest who is let in.
pub(crate) const TAKES_ON: [&str; 2] = ["call", "taken-on"];
/// Of kinds that say whose case it is.
const CASE: [&str; 2] = ["case-step", "decision"];
/// Of kinds whose people are those who act on the case, never those whom it is about.
const ACTS: [&str; 5] = ["referral", "assignment", "case-step", "decision", "letter"];

/// Those bound to one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bonds {
    /// Act for the person.
    pub acting: BTreeSet<String>,
    /// Have the case.
    pub having: BTreeSet<String>,
    /// Bodies that the case was sent to, by the word of the entry: `internal_affairs`.
    pub referred: BTreeSet<String>,
    /// Examined the person, as another says.
    pub treating: BTreeSet<String>,
    /// Are those whom something confidential is about: complained of, calling, told of.
    pub named: BTreeSet<String>,
    /// Are named in what is confidential as the ones who did it: heard, took down, saw.
    pub hands: BTreeSet<String>,
    /// Kinds of the entries that are this record's own: those of which it is the first subject; where there are none, of all that name it.
    pub kinds: BTreeSet<KindId>,
    /// Entries of a doctor that were sent to the lawyer: the person's own lawyer reads these.
    pub sent: BTreeSet<String>,
    /// Broke the glass, and when.
    glass: Vec<(String, Moment)>,
    /// Of an officer: on shift since, and where.
    shift: Option<(Moment, Option<String>)>,
}

impl Bonds {
    /// Read from the entries of a record of this class, oldest first.
    #[must_use]
    pub fn of(codebook: &Codebook, class: &str, entries: &[Entry]) -> Self {
        let mut bonds = Self::default();
        let mut naming = BTreeSet::new();
        let is_private = codebook.class_named(class).is_some_and(|class| is_private(codebook, class));
        for entry in entries.iter().filter(|entry| entry.withdrawn_by.is_none()) {
            let Some(place) = codebook.kinds.iter().position(|kind| kind.name == entry.kind) else { continue };
            let number = u16::try_from(place).ok().map(KindId);
            naming.extend(number);
            if codebook.kinds[place].subjects.first().copied() == codebook.class_named(class) {
                bonds.kinds.extend(number);
            }
            bonds.take(codebook, &codebook.kinds[place], entry, is_private);
        }
        if bonds.kinds.is_empty() {
            bonds.kinds = naming;
        }
        bonds
    }

    fn take(&mut self, codebook: &Codebook, kind: &Kind, entry: &Entry, is_private: bool) {
        let has = |roles: &[&str]| kind.screens.iter().any(|screen| roles.contains(&screen.as_str()));
        let people: Vec<String> = people(codebook, kind, entry).into_iter().map(|(_, id)| id).collect();
        let by_others = || people.iter().filter(|id| entry.by.as_deref() != Some(id)).cloned();
        let declined = entry.fields.iter().any(|told| told.name == "outcome" && told.value.as_str() != Some("accepted"));
        if has(&ENGAGED) && !declined {
            self.acting.extend(by_others());
        }
        if has(&["examination"]) {
            self.treating.extend(by_others());
        }
        if has(&["medical-report"]) && entry.fields.iter().any(|told| told.name == "to" && is_or_has(&told.value, "lawyer")) {
            self.sent.extend(refs(codebook, kind, entry).map(str::to_owned));
        }
        if has(&TAKES_ON) {
            self.acting.extend(entry.by.clone());
        }
        if has(&["complaint"]) {
            self.having.extend(entry.by.clone());
        }
        if has(&["referral"]) {
            self.referred
                .extend(entry.fields.iter().filter(|told| told.name == "to").filter_map(|told| told.value.as_str().map(str::to_owned)));
        }
        if has(&["assignment"]) {
            self.having.extend(people.iter().cloned().chain(entry.by.clone()));
            self.having.extend(entry.subject.iter().filter(|(class, _)| class == "officer").map(|(_, id)| id.clone()));
        } else if has(&CASE) || (!is_private && has(&INQUIRES)) {
            self.having.extend(by_others());
        }
        if kind.seen_as == Sensitivity::Privileged {
            // Whoever made the entry and did what it says is not whom it is about.
            let others = self::people(codebook, kind, entry).into_iter().filter(|(_, id)| entry.by.as_deref() != Some(id));
            let (hands, about): (Vec<_>, Vec<_>) = others.partition(|(field, _)| is_hand(kind, field));
            self.hands.extend(hands.into_iter().map(|(_, id)| id));
            self.named.extend(about.into_iter().map(|(_, id)| id));
            let officers = entry.subject.iter().filter(|(class, _)| class == "officer").map(|(_, id)| id.clone());
            if has(&ACTS) { self.hands.extend(officers) } else { self.named.extend(officers) }
        }
        if has(&["glass"]) {
            self.glass.extend(people.iter().map(|id| (id.clone(), entry.recorded_at)));
        }
        if has(&["shift-start"]) {
            let place = entry.subject.iter().find(|(class, _)| class == "place").map(|(_, id)| id.clone());
            self.shift = Some((entry.when.earliest, place));
        }
        if has(&["shift-end"]) {
            self.shift = None;
        }
    }

    /// Whether the case was sent to the body that a desk role is of: `internal_affairs` to the `internal affairs desk`.
    #[must_use]
    pub fn is_sent_to(&self, role: &str) -> bool {
        self.referred.iter().any(|body| role.starts_with(&body.replace('_', " ")))
    }

    /// Whether somebody's glass is open.
    #[must_use]
    pub fn is_open_to(&self, id: &str, now: Moment) -> bool {
        self.glass.iter().any(|(by, at)| by == id && (0..GLASS).contains(&(now.0 - at.0)))
    }

    /// Where an officer is on shift; `Some(None)`: on shift, at no place that is named.
    #[must_use]
    pub fn shift(&self, now: Moment) -> Option<Option<&str>> {
        let (since, place) = self.shift.as_ref()?;
        (now.0 - since.0 < SHIFT).then_some(place.as_deref())
    }
}

/// Whether records of a class are confidential: some kind of event about them is. A custody is not, whatever confidential entries it has:
/// it is the record by whose entries people are bound.
#[must_use]
pub fn is_private(codebook: &Codebook, class: ClassId) -> bool {
    let of = codebook.class(class);
    codebook.kinds.iter().any(|kind| kind.seen_as == Sensitivity::Privileged && kind.subjects.first() == Some(&class))
        && !of.thing
        && of.name != "custody"
}

fn is_or_has(value: &serde_json::Value, word: &str) -> bool {
    value.as_str() == Some(word) || value.as_array().is_some_and(|items| items.iter().any(|item| item.as_str() == Some(word)))
}

/// The entries that an entry names.
pub fn refs<'e>(codebook: &'e Codebook, kind: &'e Kind, entry: &'e Entry) -> impl Iterator<Item = &'e str> {
    let is_ref = |name: &str| {
        let mut fields = kind.fields.iter();
        fields.any(|field| codebook.field_names[field.name.index()] == name && matches!(field.of, FieldType::Ref(_)))
    };
    entry.fields.iter().filter(move |told| is_ref(&told.name)).filter_map(|told| told.value.as_str())
}

/// Whether a field that holds people names those who did what the entry says: `done by`, `seen by`; else it names those whom it is about.
#[must_use]
pub fn is_hand(kind: &Kind, field: &str) -> bool {
    field.replace('_', " ").ends_with(" by") || kind.screens.iter().any(|screen| ACTS.contains(&screen.as_str()))
}

/// The fields of an entry that hold people, each with the ids that it holds.
fn people(codebook: &Codebook, kind: &Kind, entry: &Entry) -> Vec<(String, String)> {
    let is_person = |name: &str| {
        let mut fields = kind.fields.iter();
        fields.any(|field| codebook.field_names[field.name.index()] == name && matches!(field.of, FieldType::Person | FieldType::Officer))
    };
    let told = entry.fields.iter().filter(|told| is_person(&told.name));
    let ids = |value: &serde_json::Value| -> Vec<String> {
        let several = value.as_array().map(Vec::as_slice).unwrap_or_default();
        several.iter().chain(Some(value)).filter_map(|one| one.as_str().map(str::to_owned)).collect()
    };
    told.flat_map(|told| ids(&told.value).into_iter().map(|id| (told.name.clone(), id))).collect()
}
