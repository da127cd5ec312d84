//! Looking at a record now without judging it, read as the safeguards read it: whether something that the codebook can say holds, for a
//! task list that asks `when`, a room that must not go on alone; which entries are what a list asks for.

use crate::error::RegisterError;
use crate::register::Register;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Cond, Pattern, RuleId, StateId};
use habeas_monitor::look::{Ground, Look};
use habeas_monitor::{Row, Verdict};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// For each pattern: ids of the entries that are what it asks for, in order of time.
    pub matching: Vec<Vec<String>>,
    /// For each state: since when it holds; `None` where it does not.
    pub since: Vec<Option<Moment>>,
}

impl Register {
    /// Whether each condition holds of a subject at `now`, read as the safeguards read it: what was not recorded passes no test.
    /// A subject that no entry names passes none.
    ///
    /// # Errors
    /// What the machine says.
    pub fn holds(&self, class: &str, id: &str, conditions: &[&Cond], now: Moment) -> Result<Vec<bool>, RegisterError> {
        let mut held = vec![false; conditions.len()];
        if conditions.is_empty() {
            return Ok(held);
        }
        let class_id = self.codebook().class_named(class);
        let heard = self.hear(class, id, now, &mut |hearing, _| {
            let Some(subject) = class_id.and_then(|class| hearing.log().find_subject(class, id)) else { return };
            let ground = Ground::default();
            let look = Look::at(hearing, &ground, subject);
            held = conditions.iter().map(|condition| look.holds(condition, None, now)).collect();
        });
        match heard {
            Ok(()) => Ok(held),
            Err(RegisterError::Absent { .. }) => Ok(held),
            Err(other) => Err(other),
        }
    }

    /// Whether a duty under a rule runs for a subject at `now`. None runs for a subject that no entry names.
    ///
    /// # Errors
    /// What the machine says.
    pub fn is_pending(&self, (class, id): (&str, &str), rule: RuleId, now: Moment) -> Result<bool, RegisterError> {
        let class_id = self.codebook().class_named(class);
        let mut is_pending = false;
        let heard = self.hear(class, id, now, &mut |hearing, rows| {
            let subject = class_id.and_then(|class| hearing.log().find_subject(class, id));
            let runs = |row: &Row| row.rule == rule && Some(row.subject) == subject && row.verdict == Verdict::Pending;
            is_pending = rows.iter().any(runs);
        });
        match heard {
            Ok(()) | Err(RegisterError::Absent { .. }) => Ok(is_pending),
            Err(other) => Err(other),
        }
    }

    /// Looks at a subject's entries and states at `now`.
    ///
    /// # Errors
    /// [`RegisterError::Absent`] for a subject that no entry names; what the machine says.
    pub fn look(&self, (class, id): (&str, &str), now: Moment, patterns: &[&Pattern], states: &[StateId]) -> Result<Looked, RegisterError> {
        let mut looked = Looked { matching: vec![Vec::new(); patterns.len()], since: vec![None; states.len()] };
        let class_id = self.codebook().class_named(class);
        self.hear(class, id, now, &mut |hearing, _| {
            let Some(subject) = class_id.and_then(|class| hearing.log().find_subject(class, id)) else { return };
            let ground = Ground::default();
            let look = Look::at(hearing, &ground, subject);
            let mut events: Vec<_> = hearing.events_of(subject).collect();
            events.sort_by_key(|event| (hearing.possible(*event).earliest, hearing.log().recorded_at(*event)));
            for (pattern, matching) in patterns.iter().zip(&mut looked.matching) {
                matching
                    .extend(events.iter().filter(|event| look.matches(pattern, **event)).map(|event| hearing.log().id(*event).to_owned()));
            }
            for (state, since) in states.iter().zip(&mut looked.since) {
                let open = |start: Moment, end: Option<Moment>| start <= now && end.is_none_or(|end| now < end);
                *since = look.stretches(*state).into_iter().find(|run| open(run.start, run.end)).map(|run| run.start);
            }
        })?;
        Ok(looked)
    }
}
