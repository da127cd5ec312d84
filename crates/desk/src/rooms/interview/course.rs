//! The course of an interview, folded from its entries: when questions were asked, when there was a pause, and who was in the room.

use crate::desk::Desk;
use crate::station::rows::has_screen;
use habeas_codebook::moment::Moment;
use habeas_register::Entry;
use serde_json::Value as Json;

/// Somebody in the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub who: String,
    /// As what: `officer`, `lawyer` …
    pub role: String,
    /// Came in.
    pub from: Moment,
    /// Left; still there where there is none.
    pub until: Option<Moment>,
}

/// A stretch of questions, or a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Began.
    pub from: Moment,
    /// Ended; still lasts where there is none.
    pub until: Option<Moment>,
    /// Nobody asked anything.
    pub is_pause: bool,
}

/// One interview.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// Its id.
    pub id: String,
    /// The entry that began it.
    pub start: Option<Entry>,
    /// Questions and pauses, oldest first.
    pub stretches: Vec<Stretch>,
    /// Who was there, in the order in which they came.
    pub present: Vec<Presence>,
    /// Named when it began, without an entry that they came in.
    pub named: Vec<(String, String)>,
    /// Its entries, oldest first.
    pub entries: Vec<Entry>,
    /// When it ended.
    pub ended: Option<Moment>,
}

/// The moment of an entry: of a rough time the latest, but never after it was recorded.
#[must_use]
pub fn happened(entry: &Entry) -> Moment {
    Moment(entry.when.latest.0.min(entry.recorded_at.0))
}

fn text<'e>(entry: &'e Entry, field: &str) -> Option<&'e str> {
    entry.fields.iter().find(|told| told.name == field)?.value.as_str()
}

impl Course {
    /// Questions are being asked.
    #[must_use]
    pub fn is_questioning(&self) -> bool {
        self.stretches.last().is_some_and(|last| last.until.is_none() && !last.is_pause)
    }

    /// There is a pause.
    #[must_use]
    pub fn is_pausing(&self) -> bool {
        self.stretches.last().is_some_and(|last| last.until.is_none() && last.is_pause)
    }

    /// When what lasts now began.
    #[must_use]
    pub fn running_since(&self) -> Option<Moment> {
        self.stretches.last().filter(|last| last.until.is_none()).map(|last| last.from)
    }

    fn turn(&mut self, at: Moment, is_pause: Option<bool>) {
        if let Some(last) = self.stretches.last_mut().filter(|last| last.until.is_none()) {
            last.until = Some(at);
        }
        self.stretches.extend(is_pause.map(|is_pause| Stretch { from: at, until: None, is_pause }));
    }

    fn take(&mut self, desk: &Desk, entry: &Entry) {
        let at = happened(entry);
        let has = |screen: &str| has_screen(&desk.codebook, &entry.kind, screen);
        if has("interview-start") {
            self.turn(at, Some(false));
            self.named = named(entry);
            self.start = Some(entry.clone());
        } else if has("interview-pause") {
            self.turn(at, Some(true));
        } else if has("interview-resume") {
            self.turn(at, Some(false));
        } else if has("interview-end") {
            self.turn(at, None);
            self.ended = Some(at);
            self.present.iter_mut().filter(|one| one.until.is_none()).for_each(|one| one.until = Some(at));
        } else if let (true, Some(who), Some(role)) = (has("interview-join"), text(entry, "who"), text(entry, "role")) {
            self.present.push(Presence { who: who.to_owned(), role: role.to_owned(), from: at, until: None });
        } else if let (true, Some(who)) = (has("interview-leave"), text(entry, "who")) {
            self.present.iter_mut().filter(|one| one.who == who && one.until.is_none()).for_each(|one| one.until = Some(at));
        }
        self.entries.push(entry.clone());
    }
}

/// Whom the entry that begins an interview names, and as what.
fn named(entry: &Entry) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    for (field, role) in
        [("lead", "officer"), ("officers", "officer"), ("lawyer", "lawyer"), ("support", "support"), ("interpreter", "interpreter")]
    {
        let Some(told) = entry.fields.iter().find(|told| told.name == field) else { continue };
        let several = told.value.as_array().map(Vec::as_slice).unwrap_or_default();
        let people = several.iter().chain(Some(&told.value)).filter_map(Json::as_str);
        for who in people {
            if !named.iter().any(|(one, _)| one == who) {
                named.push((who.to_owned(), role.to_owned()));
            }
        }
    }
    named
}

/// The interviews that entries tell of, in the order in which they began. Withdrawn entries count for nothing.
#[must_use]
pub fn courses(desk: &Desk, entries: &[Entry]) -> Vec<Course> {
    let mut told: Vec<&Entry> = entries.iter().filter(|entry| entry.withdrawn_by.is_none() && entry.changes.is_none()).collect();
    told.sort_by_key(|entry| (happened(entry), entry.index));
    let mut courses: Vec<Course> = Vec::new();
    for entry in told {
        let Some((_, id)) = entry.subject.iter().find(|(class, _)| class == "interview") else { continue };
        let place = courses.iter().position(|course| course.id == *id).unwrap_or_else(|| {
            courses.push(Course { id: id.clone(), ..Course::default() });
            courses.len() - 1
        });
        courses[place].take(desk, entry);
    }
    courses.retain(|course| course.start.is_some());
    courses
}
