//! What a reader must know beside a verdict (section 4): entries made late, and ages that are presumed.

use super::{Oracle, Said, Subject};
use habeas_codebook::tree::{Body, Cond, Holds, ItemId, Keep, Presence, Rule, StateId, Within};
use habeas_monitor::Flags;

/// The states that a rule names.
#[derive(Default)]
struct Named(Vec<StateId>, Vec<ItemId>);

impl Named {
    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| self.cond(part)),
            Cond::State(state, _) | Cond::Subject(_, _, state, _) => self.0.push(*state),
            Cond::Happened(..) | Cond::Field(..) => {}
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::After { limit: Within::AsLongAs(state, _), .. } => self.0.push(*state),
            Body::EverySatisfies { cond, .. } => self.cond(cond),
            Body::Quantity { per, .. } => self.1.extend(per),
            Body::While { state, keep, .. } => {
                self.0.push(*state);
                if let Keep::Count { item, condition, .. } = keep {
                    self.1.push(*item);
                    condition.iter().for_each(|cond| self.cond(cond));
                }
            }
            Body::After { .. }
            | Body::Before { .. }
            | Body::Clock { .. }
            | Body::Never { .. }
            | Body::EveryRecord { .. }
            | Body::EveryRestsOn { .. } => {}
        }
    }
}

impl Oracle<'_> {
    /// Every state that a rule reads: those that it names, and those by which items are counted that it names.
    fn states_of(&self, rule: &Rule) -> Vec<StateId> {
        let mut named = Named::default();
        named.body(&rule.body);
        rule.condition.iter().chain(rule.exceptions.iter().map(|e| &e.when)).for_each(|cond| named.cond(cond));
        named.0.extend(&rule.pauses);
        // An item may be of others who are in a state, a state of so many of an item: as deep as there are any.
        for _ in 0..self.codebook.states.len() {
            for state in named.0.clone() {
                if let Holds::Count { item, .. } = self.codebook.states[state.index()].holds {
                    named.1.push(item);
                }
            }
            for item in named.1.clone() {
                if let Presence::Others { item, who, .. } = &self.codebook.items[item.index()].present {
                    named.1.push(*item);
                    named.0.extend(who.iter().map(|(_, state)| *state));
                }
            }
            named.0.sort();
            named.0.dedup();
            named.1.sort();
            named.1.dedup();
        }
        named.0
    }

    /// "Birth date known only to the year: counts as a child until the latest possible birthday (flag `age_presumed`)."
    fn presumes_an_age(&self, rule: &Rule, subject: &Subject) -> bool {
        let ages = self.states_of(rule).into_iter().map(|state| &self.codebook.states[state.index()]);
        let mut persons = ages.filter(|state| matches!(state.holds, Holds::AgeBelow(_))).flat_map(|s| self.bearers(&s.subjects, subject));
        persons.any(|person| self.born(&person).is_some_and(|(first, last)| first != last))
    }

    /// "`recorded_at - at` above the codebook's tolerance … carries the flag `late_entry`."
    fn is_late(&self, event: usize) -> bool {
        let event = &self.events[event];
        event.recorded.0 - event.at.0 > self.codebook.late_entry_after
    }

    /// The flags that every row has by what it rests on and whom it is about.
    pub(super) fn with_flags(&self, rule: &Rule, subject: &Subject, rows: Vec<Said>) -> Vec<Said> {
        let presumed = self.presumes_an_age(rule, subject);
        let flagged = |row: Said| {
            let late = row.rests_on.iter().any(|event| self.is_late(*event));
            row.flagged(Flags::AGE_PRESUMED, presumed).flagged(Flags::LATE_ENTRY, late)
        };
        rows.into_iter().map(flagged).collect()
    }
}
