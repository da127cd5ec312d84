//! Which body a rule has, and how late its entries were made.

use super::responses::Owed;
use super::{Oracle, Said, Subject};
use habeas_codebook::tree::{Body, Keep, Rule};
use habeas_monitor::Verdict;

impl Oracle<'_> {
    /// Every row of a rule for a subject.
    pub(crate) fn judge(&self, rule: &Rule, subject: &Subject) -> Vec<Said> {
        self.with_flags(rule, subject, self.rows_of(rule, subject))
    }

    fn rows_of(&self, rule: &Rule, subject: &Subject) -> Vec<Said> {
        match &rule.body {
            Body::After { which, trigger, answer, forbidden, limit } => {
                self.after(rule, subject, &Owed { which: *which, trigger, answer, forbidden: *forbidden, limit })
            }
            Body::Clock { length, from, answer, .. } => self.clock(rule, subject, length, from, answer),
            Body::Before { event, required, not_older } => self.before(rule, subject, event, required, not_older.as_ref()),
            Body::EveryRecord { event, fields } => self.every_record(rule, subject, event, fields),
            Body::EverySatisfies { event, cond } => self.every_satisfies(rule, subject, event, cond),
            Body::EveryRestsOn { event, authority, roles, not_older } => {
                self.every_rests_on(rule, subject, event, (authority, roles), not_older.as_ref())
            }
            Body::Never { event } => self.never(rule, subject, event),
            Body::Quantity { field, of, less, per, bound, number, .. } => {
                self.quantity(rule, subject, (*field, *of, less), *per, (*bound, number))
            }
            Body::While { state, keep, .. } => {
                let parts = self.parts_of(rule, subject, *state);
                let rows = match keep {
                    Keep::NotLonger { limit, in_any: None, break_of } => self.not_longer(rule, subject, &parts, limit, break_of.as_ref()),
                    Keep::NotLonger { limit, in_any: Some(window), .. } => self.not_longer_in_any(rule, &parts, limit, window),
                    Keep::Forbidden => self.forbidden(&parts),
                    Keep::NoEvent(event) => self.no_event(subject, &parts, event),
                    Keep::Count { bound, number, item, condition } => {
                        self.count(subject, &parts, (*bound, number), *item, condition.as_ref())
                    }
                    Keep::Every { event, period, first } => {
                        return self.recurring(rule, subject, &parts, event, (period, first.as_ref()));
                    }
                };
                rows.into_iter().chain(self.turns(rule, &parts)).collect()
            }
        }
    }

    /// `it must be recorded within`: one row for each event, met or late.
    pub(super) fn record_rows(&self, rule: &Rule, events: &[usize]) -> Vec<Said> {
        let Some(span) = &rule.recorded_within else { return Vec::new() };
        let mut rows: Vec<Said> = Vec::new();
        for e in events {
            if rows.iter().any(|row| row.trigger == Some(*e)) {
                continue;
            }
            let event = &self.events[*e];
            let due = self.later(rule, event.at, span, Some(*e), event.at).expect("a length written out");
            let row = Said { record: true, due: Some(due), ..Said::new(Some(*e), Verdict::Met) };
            rows.push(if event.recorded > due {
                let late = Some(event.recorded.0 - due.0);
                Said { verdict: Verdict::MetLate, since: Some(due), late, ..row }
            } else {
                row
            });
        }
        rows
    }
}
