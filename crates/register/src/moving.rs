//! What time alone may change of a subject's verdicts, and from when on: nobody is judged again before that, however often they are asked
//! about. So what passing time costs depends on what falls due, not on the size of the register.

use crate::judging::first_ahead;
use habeas_codebook::log::SubjectId;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::RuleId;
use habeas_monitor::{Hearing, Monitor, Noted, Row, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What was noted of a subject's rules when they were asked last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moving {
    /// Rules that asked for a time that is not known: they try every instant up to now.
    pub(crate) rough: BTreeSet<RuleId>,
    /// Rules that were judged in several worlds, and from when on time may change their rows in one of these.
    worlds: BTreeMap<RuleId, Option<Moment>>,
    /// Rules that asked who is named with whom.
    pub(crate) ties: BTreeSet<RuleId>,
    /// When the first whose age was asked for reaches it.
    birthday: Option<Moment>,
}

impl Moving {
    /// Takes up what was noted when some rules were asked at `now`; of others what was known stays.
    pub(crate) fn learn(&mut self, noted: &Noted, now: Moment) {
        self.rough.extend(&noted.rough);
        self.worlds.extend(noted.worlds.iter().copied());
        self.ties.extend(&noted.ties);
        self.birthday = self.birthday.filter(|at| *at > now).into_iter().chain(noted.birthday).min();
    }

    /// Forgets rules that are being asked again.
    pub(crate) fn forget(&mut self, rules: &BTreeSet<RuleId>) {
        self.rough.retain(|rule| !rules.contains(rule));
        self.worlds.retain(|rule, _| !rules.contains(rule));
        self.ties.retain(|rule| !rules.contains(rule));
    }

    /// From when on time alone may change a row that was made at `now`; ages and editions of rules apart.
    pub(crate) fn of_row(&self, monitor: &Monitor<'_>, row: &Row, is_closed: bool, now: Moment) -> Option<Moment> {
        let in_worlds = || self.worlds.get(&row.rule).copied();
        if self.rough.contains(&row.rule) {
            return match row.verdict {
                // What outlasts the close still falls due.
                Verdict::Undetermined if is_closed => in_worlds().flatten(),
                Verdict::Undetermined => Some(now),
                Verdict::Pending if row.events.len() > 1 => Some(now),
                Verdict::Pending => Some(row.due_at.unwrap_or(now)),
                Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::MetLate | Verdict::Breached => {
                    monitor.moves_at(row, now)
                }
            };
        }
        in_worlds().unwrap_or_else(|| monitor.moves_at(row, now))
    }

    /// From when on time alone may change anything of a subject that was judged as of the hearing's now.
    pub(crate) fn first(&self, hearing: &Hearing<'_>, (subject, is_closed): (SubjectId, bool), rows: &[Row]) -> Option<Moment> {
        let (monitor, now) = (hearing.monitor(), hearing.asked().now);
        let edition = monitor.next_edition(hearing.log().class_of(subject), now);
        let beside = [first_ahead(hearing, now), self.birthday, edition].into_iter().flatten();
        rows.iter().filter_map(|row| self.of_row(monitor, row, is_closed, now)).chain(beside).min()
    }
}
