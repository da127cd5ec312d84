//! Patterns that show only in the course of things: rounds, interviews, shifts, visits. Each gives the entries that could show it, and
//! whether they do; `signals` holds the shares of units against each other.

use crate::signals::Entries;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::tree::{ClassId, KindId};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// So many intervals in a row, equal to the minute, are more than an honest round gives.
const IN_A_ROW: usize = 6;
/// More different persons than this are not checked by one officer in a minute.
const IN_A_MINUTE: usize = 6;
/// Nobody is at two places within so many microseconds.
const BETWEEN_PLACES: i64 = 5 * MINUTE;

/// Entries that could show a pattern, each with whether it does.
pub(crate) type Showing = Vec<(EventId, bool)>;

impl Entries<'_> {
    pub(crate) fn class(&self, name: &str) -> Option<ClassId> {
        self.codebook.class_named(name)
    }

    pub(crate) fn subject(&self, event: EventId, class: Option<ClassId>) -> Option<SubjectId> {
        self.log.subject_of(event, class?)
    }

    pub(crate) fn time(&self, event: EventId) -> i64 {
        self.at(event).earliest.0
    }

    /// Entries with a screen role whose time is known exactly.
    pub(crate) fn playing<'s>(&'s self, role: &'s str) -> impl Iterator<Item = EventId> + 's {
        self.events.iter().copied().filter(move |event| self.at(*event).is_exact() && self.screens(*event, role))
    }

    /// Checks of one custody, one after another, at intervals equal to the minute, six in a row.
    pub(crate) fn equal_intervals(&self) -> Showing {
        let custody = self.class("custody");
        let mut rounds: BTreeMap<SubjectId, Vec<EventId>> = BTreeMap::new();
        for event in self.playing("check") {
            if let Some(subject) = self.subject(event, custody) {
                rounds.entry(subject).or_default().push(event);
            }
        }
        let mut found = Vec::new();
        for checks in rounds.values().filter(|checks| checks.len() > IN_A_ROW) {
            let gaps: Vec<i64> =
                checks.windows(2).map(|pair| self.time(pair[1]).div_euclid(MINUTE) - self.time(pair[0]).div_euclid(MINUTE)).collect();
            let mut shows = vec![false; checks.len()];
            for (start, row) in gaps.windows(IN_A_ROW).enumerate() {
                if row.iter().all(|gap| *gap == row[0] && *gap > 0) {
                    shows[start..=start + IN_A_ROW].iter_mut().for_each(|one| *one = true);
                }
            }
            found.extend(checks.iter().copied().zip(shows));
        }
        found
    }

    /// More persons checked by one officer in one minute than anybody can walk to.
    pub(crate) fn hurried_rounds(&self) -> Showing {
        let custody = self.class("custody");
        let mut minutes: BTreeMap<(String, i64), BTreeSet<SubjectId>> = BTreeMap::new();
        let mut checks = Vec::new();
        for event in self.playing("check") {
            let (Some(officer), Some(subject)) = (self.officer(event), self.subject(event, custody)) else { continue };
            let key = (officer, self.time(event).div_euclid(MINUTE));
            minutes.entry(key.clone()).or_default().insert(subject);
            checks.push((event, key));
        }
        checks.into_iter().map(|(event, key)| (event, minutes.get(&key).is_some_and(|persons| persons.len() > IN_A_MINUTE))).collect()
    }

    /// Entries of three or more kinds about one custody, made in one second.
    pub(crate) fn kinds_in_one_second(&self) -> Showing {
        let custody = self.class("custody");
        let mut kinds: BTreeMap<(SubjectId, i64), BTreeSet<KindId>> = BTreeMap::new();
        let key = |event: EventId| Some((self.subject(event, custody)?, self.log.recorded_at(event).0.div_euclid(1_000_000)));
        for event in &self.events {
            if let Some(key) = key(*event) {
                kinds.entry(key).or_default().insert(self.log.kind(*event));
            }
        }
        let shows = |event: EventId| Some((event, kinds.get(&key(event)?).is_some_and(|kinds| kinds.len() >= 3)));
        self.events.iter().filter_map(|event| shows(*event)).collect()
    }

    /// An officer named at two places within five minutes.
    pub(crate) fn two_places(&self) -> Showing {
        let class = self.class("place");
        let mut last: BTreeMap<String, (i64, SubjectId)> = BTreeMap::new();
        let mut found = Vec::new();
        for event in self.events.iter().copied().filter(|event| self.at(*event).is_exact()) {
            let (Some(officer), Some(place)) = (self.officer(event), self.subject(event, class)) else { continue };
            let at = self.time(event);
            let before = last.insert(officer, (at, place));
            found.push((event, before.is_some_and(|(then, there)| there != place && at - then < BETWEEN_PLACES)));
        }
        found
    }

    /// Interviews that ended a whole number of hours after they began, to the minute.
    pub(crate) fn whole_hours(&self) -> Showing {
        let interview = self.class("interview");
        let mut begun: BTreeMap<SubjectId, i64> = BTreeMap::new();
        let mut found = Vec::new();
        for event in self.events.iter().copied().filter(|event| self.at(*event).is_exact()) {
            let Some(subject) = self.subject(event, interview) else { continue };
            if self.screens(event, "interview-start") {
                begun.insert(subject, self.time(event).div_euclid(MINUTE));
            } else if self.screens(event, "interview-end")
                && let Some(start) = begun.remove(&subject)
            {
                found.push((event, (self.time(event).div_euclid(MINUTE) - start).rem_euclid(60) == 0));
            }
        }
        found
    }

    /// A check in the cell on somebody who was being interviewed.
    pub(crate) fn checked_in_interview(&self) -> Showing {
        let custody = self.class("custody");
        let mut inside: BTreeSet<SubjectId> = BTreeSet::new();
        let mut found = Vec::new();
        for event in self.events.iter().copied() {
            let Some(subject) = self.subject(event, custody) else { continue };
            if self.screens(event, "interview-start") || self.screens(event, "interview-resume") {
                inside.insert(subject);
            } else if self.screens(event, "interview-end") || self.screens(event, "interview-pause") {
                inside.remove(&subject);
            } else if self.screens(event, "check") {
                found.push((event, inside.contains(&subject)));
            }
        }
        found
    }

    /// Reviews at which the person is said to have been asleep.
    pub(crate) fn asleep(&self) -> Showing {
        let Some(field) = self.field_named("asleep") else { return Vec::new() };
        let told = self.events.iter().filter_map(|event| {
            let said = self.hearing.field(*event, field)?;
            let is = *said == Value::YesNo(true);
            (is || *said == Value::YesNo(false)).then_some((*event, is))
        });
        told.collect()
    }

    /// Force after which no doctor saw the person within a day: each custody's force of a day is one case. That of the last day of the
    /// record is not asked about.
    pub(crate) fn force_without_doctor(&self) -> Showing {
        let custody = self.class("custody");
        let mut seen: BTreeMap<SubjectId, Vec<i64>> = BTreeMap::new();
        for event in self.events.iter().copied().filter(|event| self.screens(*event, "examination")) {
            if let Some(subject) = self.subject(event, custody) {
                seen.entry(subject).or_default().push(self.time(event));
            }
        }
        let end = self.events.last().map_or(i64::MAX, |event| self.time(*event));
        let forced = self.playing("force").filter(|event| self.time(*event) + DAY < end);
        let mut counted: BTreeMap<SubjectId, i64> = BTreeMap::new();
        let told = forced.filter_map(|event| {
            let (subject, at) = (self.subject(event, custody)?, self.time(event));
            // What two officers entered of one day is one case: the same doctor is missing in both.
            if counted.get(&subject).is_some_and(|first| at < first + DAY) {
                return None;
            }
            counted.insert(subject, at);
            let is_seen = seen.get(&subject).is_some_and(|times| times.iter().any(|time| (at..at + DAY).contains(time)));
            Some((event, !is_seen))
        });
        told.collect()
    }

    /// Late entries made in the day before a visit to the place.
    pub(crate) fn before_a_visit(&self) -> Showing {
        let class = self.class("place");
        let mut visits: BTreeMap<SubjectId, Vec<i64>> = BTreeMap::new();
        for event in self.playing("visit-start") {
            if let Some(place) = self.subject(event, class) {
                visits.entry(place).or_default().push(self.time(event));
            }
        }
        if visits.is_empty() {
            return Vec::new();
        }
        let exact = self.events.iter().copied().filter(|event| self.at(*event).is_exact());
        let told = exact.filter_map(|event| {
            let (place, recorded) = (self.subject(event, class)?, self.log.recorded_at(event));
            let is_late = recorded.since(self.at(event).earliest) > self.codebook.late_entry_after;
            let is_near = visits.get(&place).is_some_and(|all| all.iter().any(|visit| (visit - DAY..*visit).contains(&recorded.0)));
            Some((event, is_late && is_near))
        });
        told.collect()
    }

    /// Something done by an officer who had shifts entered, and none then.
    pub(crate) fn off_shift(&self) -> Showing {
        let class = self.class("officer");
        let mut shifts: BTreeMap<String, Vec<(i64, bool)>> = BTreeMap::new();
        for event in self.events.iter().copied() {
            let starts = self.screens(event, "shift-start");
            if (starts || self.screens(event, "shift-end"))
                && let Some(officer) = self.subject(event, class)
            {
                shifts.entry(self.log.name_of(officer).to_owned()).or_default().push((self.time(event), starts));
            }
        }
        let told = self.events.iter().copied().filter(|event| self.at(*event).is_exact()).filter_map(|event| {
            let own = shifts.get(&self.officer(event)?)?;
            let at = self.time(event);
            let last = own.iter().rev().find(|(then, _)| *then <= at);
            Some((event, last.is_none_or(|(_, starts)| !starts)))
        });
        told.collect()
    }
}
