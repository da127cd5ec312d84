//! Conditions, worked out from entries: what has happened, fields, ages, and states of persons.

use super::{Prover, Refutation, refuted};
use crate::verdict::{Row, Verdict};
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Body, Cond, Consequence, EventName, FieldId, Holds, Of, Operand, Rule, StateId, Test};
use std::collections::BTreeSet;

impl Prover<'_> {
    /// What excuses the row: `Ok(None)` when a condition cannot be worked out here, else the consequence that is true, if any.
    pub(super) fn exceptions(&self, rule: &Rule, row: &Row) -> Result<Option<Option<Consequence>>, Refutation> {
        let until = match (&rule.body, row.due_at) {
            (Body::After { .. }, Some(due)) => due,
            (Body::After { .. }, None) => self.asked.now,
            _ => row.trigger.and_then(|t| self.time(t)).unwrap_or(self.asked.now),
        };
        if let Some(cond) = &rule.condition {
            match self.holds(cond, row, until) {
                None => return Ok(None),
                Some(false) if row.verdict != Verdict::NotApplicable => return refuted("`where` is not true of the trigger"),
                Some(_) => {}
            }
        }
        for exception in &rule.exceptions {
            match (self.holds(&exception.when, row, until), &exception.then) {
                (None, _) => return Ok(None),
                // Until when it is asked is the limit itself.
                (Some(true), Consequence::LimitIs(_)) if reads_entries(&exception.when) => return Ok(None),
                (Some(true), then) => return Ok(Some(Some(then.clone()))),
                (Some(false), _) => {}
            }
        }
        Ok(Some(None))
    }

    /// A condition on entries and fields; `None` when it reads states, ages or facts.
    pub(super) fn holds(&self, cond: &Cond, row: &Row, until: Moment) -> Option<bool> {
        match cond {
            Cond::All(parts) => parts.iter().try_fold(true, |all, c| Some(all & self.holds(c, row, until)?)),
            Cond::Any(parts) => parts.iter().try_fold(false, |any, c| Some(any | self.holds(c, row, until)?)),
            Cond::Happened(pattern, happened) => {
                let found = self.all(row.subject, pattern)?;
                let joined = |e: EventId| row.trigger.is_none_or(|t| self.agree(t, e));
                Some(found.iter().any(|(at, e)| *at <= until && joined(*e)) == *happened)
            }
            Cond::Field(operand, test) => self.passes(self.judged_field(operand, row)?, test),
            Cond::Subject(_, is, state, _) => {
                let at = row.trigger.and_then(|t| self.time(t))?;
                let held = match self.codebook.states[state.index()].holds {
                    Holds::AgeBelow(years) => self.is_below(row.subject, years, at)?,
                    Holds::Between { .. } => self.is_one_in(row.subject, *state, at)?,
                    Holds::Always | Holds::Count { .. } => return None,
                };
                Some(held == *is)
            }
            Cond::State(..) => None,
        }
    }

    /// The field of the trigger that a condition reads, if it has been recorded; `None` where the condition reads another entry or a fact.
    fn judged_field(&self, operand: &Operand, row: &Row) -> Option<Option<&Value>> {
        let trigger = row.trigger?;
        let kind = self.log.kind(trigger);
        let own = match operand.of {
            Of::Judged => true,
            Of::Event(EventName::Kind(named)) => named == kind,
            Of::Event(EventName::Alias(_)) | Of::Subject(_) => false,
        };
        let known = own && self.codebook.kind(kind).fields.iter().any(|f| f.name == operand.field);
        known.then(|| self.field(trigger, operand.field))
    }

    /// A condition that must be true: what was not recorded makes it neither true nor false (`Some(None)`); `None` where that is not worked
    /// out here.
    pub(super) fn satisfied(&self, cond: &Cond, row: &Row, until: Moment) -> Option<Option<bool>> {
        let each = |parts: &[Cond]| parts.iter().map(|part| self.satisfied(part, row, until)).collect::<Option<Vec<_>>>();
        Some(match cond {
            Cond::All(parts) => {
                let parts = each(parts)?;
                if parts.contains(&Some(false)) { Some(false) } else { (!parts.contains(&None)).then_some(true) }
            }
            Cond::Any(parts) => {
                let parts = each(parts)?;
                if parts.contains(&Some(true)) { Some(true) } else { (!parts.contains(&None)).then_some(false) }
            }
            Cond::Field(operand, test) => match (self.judged_field(operand, row)?, test) {
                (None, Test::Known) => Some(false),
                (None, _) => None,
                (recorded, test) => Some(self.passes(recorded, test)?),
            },
            Cond::Happened(..) | Cond::Subject(..) | Cond::State(..) => Some(self.holds(cond, row, until)?),
        })
    }

    /// Whether one of the persons whom the subject's entries name is in a state that begins and ends with entries; `None` where an entry
    /// that begins or ends it has no exact time, or two of one instant leave it open which counts.
    fn is_one_in(&self, subject: SubjectId, state: StateId, at: Moment) -> Option<bool> {
        let class = self.codebook.class_named("person")?;
        let state = &self.codebook.states[state.index()];
        let Holds::Between { from, until } = &state.holds else { return None };
        if state.subjects.as_slice() != [class] || self.codebook.kinds.iter().any(|kind| kind.closes.contains(&class)) {
            return None;
        }
        let mut any = false;
        for person in self.persons(subject)? {
            let mut turns: Vec<(Moment, bool)> = self.all_of(person, from)?.into_iter().map(|(at, _)| (at, true)).collect();
            turns.extend(self.all_of(person, until)?.into_iter().map(|(at, _)| (at, false)));
            turns.retain(|(turned, _)| *turned <= at);
            turns.sort_unstable();
            if turns.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1) {
                return None;
            }
            any |= turns.last().is_some_and(|(_, begins)| *begins);
        }
        Some(any)
    }

    /// The persons whom a subject's entries name; `None` where there is none.
    fn persons(&self, subject: SubjectId) -> Option<BTreeSet<SubjectId>> {
        let class = self.codebook.class_named("person")?;
        let persons: BTreeSet<SubjectId> = self.of.get(&subject)?.iter().filter_map(|e| self.log.subject_of(*e, class)).collect();
        (!persons.is_empty()).then_some(persons)
    }

    /// Whether one of the persons whom the subject's entries name is below an age; `None` when a birth date is not known.
    pub(super) fn is_below(&self, subject: SubjectId, years: u32, at: Moment) -> Option<bool> {
        let class = self.codebook.class_named("person")?;
        let born = FieldId(self.codebook.field_names.iter().position(|f| f == "born")? as u16);
        let mut any = false;
        for person in self.persons(subject)? {
            let told = self.of.get(&person)?;
            let describes = |e: &&EventId| self.codebook.kind(self.log.kind(**e)).describes.contains(&class) && self.stands(**e);
            let mut described: Vec<EventId> = told.iter().filter(describes).copied().collect();
            if described.iter().any(|e| self.time(*e).is_none()) {
                return None;
            }
            described.sort_by_key(|e| (self.time(*e), *e));
            let given = self.log.facts().iter().find(|(s, f, _)| *s == person && *f == born).map(|(_, _, v)| v);
            let Some(Value::Date(_, latest)) = described.iter().rev().find_map(|e| self.field(*e, born)).or(given) else { return None };
            // A day that does not exist in the year of the birthday goes to the first of the next month.
            let year = latest.year().checked_add(i16::try_from(years).ok()?)?;
            let birthday = jiff::civil::Date::new(year, latest.month(), latest.day());
            let birthday = birthday.or_else(|_| jiff::civil::Date::new(year, latest.month() + 1, 1)).ok()?;
            any |= at < self.codebook.almanac.start_of(birthday);
        }
        Some(any)
    }
}

/// Whether a condition asks what has happened.
fn reads_entries(cond: &Cond) -> bool {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().any(reads_entries),
        Cond::Happened(..) => true,
        Cond::Field(..) | Cond::Subject(..) | Cond::State(..) => false,
    }
}
