//! Patterns in which one entry contradicts another, or the one that should answer it is missing: journeys, rights, lawyers, recordings,
//! statements, injuries, numbers. Each gives the entries that could show it, and whether they do; `signals` holds the shares of units
//! against each other. Roles and fields are those that a codebook declares: where it has none of them, nothing can show.

use crate::courses::{DAY, HOUR, MINUTE, Showing};
use crate::signals::Entries;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::tree::ClassId;
use std::collections::{BTreeMap, BTreeSet};

/// A journey longer than so many times the middle one to the same place.
const LONG: i64 = 2;
/// Of fewer journeys to a place no middle one is taken.
const JOURNEYS: usize = 20;
/// Somebody noted as intoxicated is taken to be so for so long.
const INTOXICATED: i64 = 6 * HOUR;
/// A waiver within so long of a contact is one made at once.
const AT_ONCE: i64 = 15 * MINUTE;
/// An injury found so long after the arrival is none that was brought in.
const SETTLED: i64 = 2 * HOUR;
/// Numbers of which more than every other one is missing are no series.
const SERIES: u64 = 2;

impl Entries<'_> {
    /// Entries with a role about each subject of a class, by time.
    fn by_subject(&self, role: &str, class: Option<ClassId>) -> BTreeMap<SubjectId, Vec<EventId>> {
        let mut all: BTreeMap<SubjectId, Vec<EventId>> = BTreeMap::new();
        for event in self.playing(role) {
            if let Some(subject) = self.subject(event, class) {
                all.entry(subject).or_default().push(event);
            }
        }
        all
    }

    fn value(&self, event: EventId, field: &str) -> Option<&Value> {
        self.hearing.field(event, self.field_named(field)?)
    }

    fn says(&self, event: EventId, field: &str) -> bool {
        self.value(event, field) == Some(&Value::YesNo(true))
    }

    /// Whether a field holds a value of a choice, alone or among others.
    fn holds(&self, event: EventId, field: &str, word: &str) -> bool {
        let is = |value: &Value| matches!(value, Value::Choice(one) if self.codebook.value_names[one.index()] == word);
        match self.value(event, field) {
            Some(Value::Several(several)) => several.iter().any(is),
            Some(value) => is(value),
            None => false,
        }
    }

    fn has_field(&self, event: EventId, field: &str) -> bool {
        let declared = self.field_named(field);
        self.codebook.kind(self.log.kind(event)).fields.iter().any(|own| Some(own.name) == declared)
    }

    fn last_instant(&self) -> i64 {
        self.events.last().map_or(i64::MAX, |event| self.time(*event))
    }

    /// An arrival that came long after the arrest, measured by the journeys to the same place; told by the arrest, whose officers made it.
    pub(crate) fn long_journeys(&self) -> Showing {
        let (custody, place) = (self.class("custody"), self.class("place"));
        let arrivals = self.by_subject("arrival", custody);
        let mut journeys: Vec<(EventId, SubjectId, i64)> = Vec::new();
        for arrest in self.playing("arrest") {
            let Some(arrival) = self.subject(arrest, custody).and_then(|subject| arrivals.get(&subject)?.first().copied()) else {
                continue;
            };
            if let Some(there) = self.subject(arrival, place) {
                journeys.push((arrest, there, self.time(arrival) - self.time(arrest)));
            }
        }
        let mut lengths: BTreeMap<SubjectId, Vec<i64>> = BTreeMap::new();
        journeys.iter().for_each(|(_, there, length)| lengths.entry(*there).or_default().push(*length));
        lengths.retain(|_, all| all.len() >= JOURNEYS);
        lengths.values_mut().for_each(|all| all.sort_unstable());
        let middle = |there: &SubjectId| lengths.get(there).and_then(|all| all.get(all.len() / 2)).copied();
        journeys.iter().filter_map(|(arrest, there, length)| Some((*arrest, *length > LONG * middle(there)?.max(MINUTE)))).collect()
    }

    /// Rights explained to somebody noted as intoxicated, and whether they are said to have been understood.
    pub(crate) fn understood_intoxicated(&self) -> Showing {
        let custody = self.class("custody");
        let mut noted: BTreeMap<SubjectId, Vec<i64>> = BTreeMap::new();
        for event in self.events.iter().copied() {
            if (self.holds(event, "trait", "intoxicated") || self.says(event, "intoxicated"))
                && let Some(subject) = self.subject(event, custody)
            {
                noted.entry(subject).or_default().push(self.time(event));
            }
        }
        let told = self.playing("rights").filter_map(|event| {
            let (times, at) = (noted.get(&self.subject(event, custody)?)?, self.time(event));
            let is_noted = times.iter().any(|time| (*time..*time + INTOXICATED).contains(&at));
            is_noted.then(|| (event, self.says(event, "understood")))
        });
        told.collect()
    }

    /// Entries of a lawyer's being called, or coming, of each custody.
    fn lawyers(&self) -> BTreeMap<SubjectId, Vec<i64>> {
        let mut all: BTreeMap<SubjectId, Vec<i64>> = BTreeMap::new();
        for event in self.playing("engagement").filter(|event| self.has_field(*event, "lawyer")) {
            if let Some(subject) = self.subject(event, self.class("custody")) {
                all.entry(subject).or_default().push(self.time(event));
            }
        }
        all
    }

    /// A request for a lawyer that nobody passed on. Requests of the last day of the record are not asked about.
    pub(crate) fn not_passed_on(&self) -> Showing {
        let (custody, lawyers, end) = (self.class("custody"), self.lawyers(), self.last_instant());
        let asked = self.playing("lawyer-request").filter(|event| self.time(*event) + DAY < end);
        let told = asked.filter_map(|event| {
            let at = self.time(event);
            let times = lawyers.get(&self.subject(event, custody)?);
            Some((event, !times.is_some_and(|times| times.iter().any(|time| (at..at + DAY).contains(time)))))
        });
        told.collect()
    }

    /// A lawyer's arrival entered by the lawyer. Who entered what is known of a register, and of logs that say it.
    pub(crate) fn only_the_lawyer(&self) -> Showing {
        let arrivals = self.playing("engagement").filter(|event| self.has_field(*event, "lawyer") && self.has_field(*event, "admitted at"));
        let told = arrivals.filter_map(|event| {
            let lawyer = self.log.text_of(self.value(event, "lawyer")?.as_text()?);
            Some((event, self.log.by(event)? == lawyer))
        });
        told.collect()
    }

    /// A lawyer given up within minutes of a contact with one.
    pub(crate) fn waived_at_once(&self) -> Showing {
        let (custody, lawyers) = (self.class("custody"), self.lawyers());
        let waived = self.playing("waiver").filter(|event| self.holds(*event, "right", "lawyer"));
        let told = waived.filter_map(|event| {
            let at = self.time(event);
            let times = lawyers.get(&self.subject(event, custody)?);
            Some((event, times.is_some_and(|times| times.iter().any(|time| (*time..=*time + AT_ONCE).contains(&at)))))
        });
        told.collect()
    }

    /// A recording shorter than the interview without its breaks.
    pub(crate) fn short_recordings(&self) -> Showing {
        let class = self.class("interview");
        let mut lengths: BTreeMap<SubjectId, (i64, Option<i64>)> = BTreeMap::new();
        let mut recordings = Vec::new();
        for event in self.events.iter().copied().filter(|event| self.at(*event).is_exact()) {
            let Some(subject) = self.subject(event, class) else { continue };
            let (total, running) = lengths.entry(subject).or_default();
            if self.screens(event, "interview-start") || self.screens(event, "interview-resume") {
                *running = running.or(Some(self.time(event)));
            } else if self.screens(event, "interview-end") || self.screens(event, "interview-pause") {
                *total += running.take().map_or(0, |since| self.time(event) - since);
            } else if let Some(Value::Duration(lasting)) = self.value(event, "length") {
                recordings.push((event, subject, crate::coder::micros(*lasting)));
            }
        }
        let told = recordings.into_iter().filter_map(|(event, subject, recorded)| {
            let (total, running) = lengths.get(&subject)?;
            (running.is_none() && *total > 0).then(|| (event, recorded < *total - *total / 20))
        });
        told.collect()
    }

    /// A statement on force in the very words of an earlier one.
    pub(crate) fn same_statements(&self) -> Showing {
        let mut earlier: BTreeSet<String> = BTreeSet::new();
        let mut found = Vec::new();
        for event in self.playing("force") {
            let Some(said) = self.value(event, "statement") else { continue };
            let words = if let Value::Hash(hash) = said {
                format!("{hash:?}")
            } else if let Some(text) = said.as_text() {
                self.log.text_of(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
            } else {
                continue;
            };
            found.push((event, !earlier.insert(words)));
        }
        found
    }

    /// Force with more officers named than statements made on that custody within a day. That of the last day is not asked about.
    pub(crate) fn few_statements(&self) -> Showing {
        let (used, end) = (self.by_subject("force", self.class("custody")), self.last_instant());
        let named = |event: EventId| -> BTreeSet<_> {
            match self.value(event, "done by") {
                Some(Value::Several(several)) => several.iter().filter_map(Value::as_text).collect(),
                Some(one) => one.as_text().into_iter().collect(),
                None => BTreeSet::new(),
            }
        };
        let mut found = Vec::new();
        for events in used.values() {
            for event in events.iter().copied().filter(|event| self.time(*event) + DAY < end && !named(*event).is_empty()) {
                let near = events.iter().filter(|other| (self.time(**other) - self.time(event)).abs() < DAY);
                let statements = near.filter(|other| self.value(**other, "statement").is_some()).count();
                found.push((event, statements < named(event).len()));
            }
        }
        found
    }

    /// A fresh injury found on somebody held for hours, with neither force nor an incident in the two days before.
    pub(crate) fn injury_without_force(&self) -> Showing {
        let custody = self.class("custody");
        let arrived = self.by_subject("arrival", custody);
        let (force, incidents) = (self.by_subject("force", custody), self.by_subject("incident", custody));
        let told = self.playing("injury").filter(|event| self.holds(*event, "age of injury", "fresh")).filter_map(|event| {
            let (subject, at) = (self.subject(event, custody)?, self.time(event));
            let since = self.time(*arrived.get(&subject)?.first()?);
            let near = |all: &BTreeMap<SubjectId, Vec<EventId>>| {
                all.get(&subject).is_some_and(|events| events.iter().any(|event| (at - 2 * DAY..=at).contains(&self.time(*event))))
            };
            (at - since > SETTLED).then(|| (event, !near(&force) && !near(&incidents)))
        });
        told.collect()
    }

    /// A number left out before that of a custody, in a series of them: letters that custodies share, then a number.
    pub(crate) fn missing_numbers(&self) -> Showing {
        let Some(custody) = self.class("custody") else { return Vec::new() };
        let mut series: BTreeMap<&str, BTreeMap<u64, EventId>> = BTreeMap::new();
        for event in self.events.iter().copied() {
            if !self.codebook.kind(self.log.kind(event)).opens.contains(&custody) {
                continue;
            }
            let Some(name) = self.log.subject_of(event, custody).map(|subject| self.log.name_of(subject)) else { continue };
            let letters = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
            if let Ok(number) = name[letters.len()..].parse() {
                series.entry(letters).or_default().insert(number, event);
            }
        }
        let mut found = Vec::new();
        for numbers in series.values() {
            let (Some((first, _)), Some((last, _))) = (numbers.first_key_value(), numbers.last_key_value()) else { continue };
            if last - first >= SERIES * numbers.len() as u64 {
                continue;
            }
            let mut before = None;
            for (number, event) in numbers {
                found.extend(before.map(|before: u64| (*event, *number > before + 1)));
                before = Some(*number);
            }
        }
        found
    }

    /// A review in person by an officer whose last shift began at another place.
    pub(crate) fn reviewed_from_afar(&self) -> Showing {
        let (officer, place) = (self.class("officer"), self.class("place"));
        let mut posted: BTreeMap<String, SubjectId> = BTreeMap::new();
        let mut found = Vec::new();
        for event in self.events.iter().copied().filter(|event| self.at(*event).is_exact()) {
            if self.screens(event, "shift-start") {
                if let (Some(officer), Some(place)) = (self.subject(event, officer), self.subject(event, place)) {
                    posted.insert(self.log.name_of(officer).to_owned(), place);
                }
            } else if self.has_field(event, "representations by") && self.holds(event, "mode", "in_person") {
                let post = self.officer(event).and_then(|officer| posted.get(&officer).copied());
                found.extend(post.zip(self.subject(event, place)).map(|(post, here)| (event, post != here)));
            }
        }
        found
    }

    /// Late entries about a time before a death, made at that place in the day after it.
    pub(crate) fn after_a_death(&self) -> Showing {
        let class = self.class("place");
        let deaths = self.by_subject("death", class);
        if deaths.is_empty() {
            return Vec::new();
        }
        let exact = self.events.iter().copied().filter(|event| self.at(*event).is_exact());
        let told = exact.filter_map(|event| {
            let (place, recorded, at) = (self.subject(event, class)?, self.log.recorded_at(event), self.time(event));
            let is_late = recorded.0 - at > self.codebook.late_entry_after;
            let is_near = |death: &EventId| {
                let died = self.time(*death);
                at < died && (died..died + DAY).contains(&recorded.0)
            };
            Some((event, is_late && deaths.get(&place).is_some_and(|all| all.iter().any(is_near))))
        });
        told.collect()
    }
}
