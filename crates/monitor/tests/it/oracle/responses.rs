//! The bodies with a trigger (section 5): `after`, `before`, `every`, `no e`, and the clock.

use super::{Oracle, Said, Stand, Subject};
use crate::histories::Spelt;
use habeas_codebook::log::Value;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Cond, Consequence, FieldId, FieldType, Pattern, RoleId, Rule, Span, StateId, Which, Within};
use habeas_monitor::{Flags, Verdict};

/// When a duty falls due.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Due {
    At(Moment),
    /// Nothing has ended the time yet.
    Open,
    /// The time stands still.
    Stopped,
    /// The field that says so was not recorded.
    Unrecorded,
}

/// What is owed after a trigger.
pub(super) struct Owed<'r> {
    pub(super) which: Which,
    pub(super) trigger: &'r Pattern,
    pub(super) answer: &'r Pattern,
    pub(super) forbidden: bool,
    pub(super) limit: &'r Within,
}

impl Oracle<'_> {
    pub(super) fn after(&self, rule: &Rule, subject: &Subject, owed: &Owed<'_>) -> Vec<Said> {
        let triggers = self.all(subject, owed.trigger);
        let mut rows = Vec::new();
        let mut recorded = Vec::new();
        for (i, a) in triggers.iter().copied().enumerate() {
            if !self.in_force(rule, self.at(a)) || (owed.which == Which::First && i > 0) {
                continue;
            }
            let b = self.first_answer(subject, a, owed.answer);
            let Some((due, excused)) = self.due(rule, subject, a, owed.limit, b) else {
                rows.push(Said::new(Some(a), Verdict::NotApplicable));
                continue;
            };
            let next = triggers.get(i + 1).filter(|_| owed.which == Which::Latest);
            if next.is_some_and(|next| if let Due::At(due) = due { self.at(*next) < due } else { true }) {
                rows.push(Said::new(Some(a), Verdict::NotApplicable));
                continue;
            }
            let mut row = if owed.forbidden {
                self.prohibition(rule, a, b, due, matches!(owed.limit, Within::AsLongAs(..)))
            } else {
                self.response(rule, subject, (a, b, owed.answer), due)
            };
            let counts = if owed.forbidden { row.verdict == Verdict::Breached } else { row.verdict != Verdict::NotApplicable };
            if excused && matches!(row.verdict, Verdict::Breached | Verdict::MetLate) {
                row.verdict = Verdict::Excused;
            }
            recorded.extend(b.filter(|_| counts));
            rows.push(row);
        }
        rows.extend(self.record_rows(rule, &recorded));
        rows
    }

    /// "First b with b.at >= a.at."
    fn first_answer(&self, subject: &Subject, a: usize, answer: &Pattern) -> Option<usize> {
        self.all(subject, answer).into_iter().find(|b| *b != a && self.at(*b) >= self.at(a) && self.joined(subject, a, *b))
    }

    /// When a duty falls due, with exceptions and pauses, and whether a breach is excused; `None`: the rule does not apply.
    fn due(&self, rule: &Rule, subject: &Subject, a: usize, limit: &Within, b: Option<usize>) -> Option<(Due, bool)> {
        let at = self.at(a);
        let due = match limit {
            Within::Span(span) => self.later(rule, at, span, Some(a), at).map_or(Due::Unrecorded, Due::At),
            Within::By { before, field, .. } => match (self.field(a, *field), before) {
                (Some(Spelt::Value(Value::Time(time))), None) => Due::At(time.latest),
                (Some(Spelt::Value(Value::Time(time))), Some(length)) => Due::At(self.codebook.almanac.back(time.latest, *length)),
                (None, _) => Due::Unrecorded,
                _ => panic!("the fields of these rules are times"),
            },
            Within::Before(c) => {
                let c = self.all(subject, c).into_iter().find(|c| *c != a && self.at(*c) >= at && self.joined(subject, a, *c));
                c.map_or(Due::Open, |c| Due::At(self.at(c)))
            }
            Within::AsLongAs(state, _) => {
                let run = self.runs(*state, subject).into_iter().find(|r| r.covers(at))?;
                run.end.map_or(Due::Open, Due::At)
            }
        };
        self.with_exceptions(rule, subject, a, due, b)
    }

    fn with_exceptions(&self, rule: &Rule, subject: &Subject, a: usize, due: Due, b: Option<usize>) -> Option<(Due, bool)> {
        let at = self.at(a);
        let due = self.paused(&rule.pauses, subject, at, due, b);
        // "has happened and fields also accept facts up to due_at; states and ages are those at the trigger."
        let until = if let Due::At(due) = due { due.max(at) } else { self.now };
        let stand = Stand { subject, judged: Some(a), at, until, strict: false };
        Some(match self.regime(rule, stand)? {
            Some(Consequence::LimitIs(span)) => {
                let other = self.later(rule, at, span, Some(a), at).map_or(Due::Unrecorded, Due::At);
                (self.paused(&rule.pauses, subject, at, other, b), false)
            }
            Some(Consequence::Excused) => (due, true),
            Some(Consequence::DoesNotApply) | None => (due, false),
        })
    }

    /// "Every pause [p,q) with p < due (due as moved so far) and p <= b.at moves due by q - max(p, a.at), in order."
    fn paused(&self, states: &[StateId], subject: &Subject, from: Moment, due: Due, b: Option<usize>) -> Due {
        let Due::At(due) = due else { return due };
        self.moved(&self.pauses(states, subject), from, due, b.map(|b| self.at(b))).map_or(Due::Stopped, Due::At)
    }

    /// Stretches during which the time does not run, joined.
    pub(super) fn pauses(&self, states: &[StateId], subject: &Subject) -> Vec<(Moment, Moment)> {
        let mut pauses: Vec<(Moment, Moment)> = Vec::new();
        let runs = states.iter().flat_map(|s| self.runs(*s, subject));
        let mut runs: Vec<(Moment, Moment)> = runs.map(|r| (r.start, r.end.unwrap_or(Moment::FAR_OFF))).collect();
        runs.sort();
        for (p, q) in runs {
            match pauses.last_mut() {
                Some(last) if p <= last.1 => last.1 = last.1.max(q),
                _ => pauses.push((p, q)),
            }
        }
        pauses
    }

    /// A due time moved by pauses; `None` while the time stands still.
    pub(super) fn moved(&self, pauses: &[(Moment, Moment)], from: Moment, due: Moment, answered: Option<Moment>) -> Option<Moment> {
        let mut due = due;
        for (p, q) in pauses.iter().filter(|(_, q)| *q > from) {
            if *p >= due || answered.is_some_and(|b| *p > b) {
                break;
            }
            if *q == Moment::FAR_OFF || answered.is_some_and(|b| b < *q) {
                return None;
            }
            due = Moment(due.0 + q.0 - (*p).max(from).0);
        }
        Some(due)
    }

    /// "`cleared_late`: what makes the verdict `met` (entry or correction) was recorded after the limit."
    fn cleared_late(&self, subject: &Subject, a: usize, answer: &Pattern, due: Moment) -> bool {
        let in_time = |at: Moment| self.at(a) <= at && at <= due;
        let mut answers = self.all(subject, answer).into_iter();
        let known = answers.any(|b| b != a && in_time(self.at(b)) && self.joined(subject, a, b) && self.known_since(b, in_time) <= due);
        !known || self.known_since(a, |at| at >= self.at(a)) > due
    }

    fn response(&self, rule: &Rule, subject: &Subject, (a, b, answer): (usize, Option<usize>, &Pattern), due: Due) -> Said {
        let due_at = match due {
            Due::At(due) => Some(due),
            Due::Open | Due::Stopped => None,
            Due::Unrecorded => return Said::new(Some(a), Verdict::Undetermined),
        };
        let row = |verdict| Said { due: due_at, ..Said::new(Some(a), verdict) };
        let late = |at: Moment| due_at.is_some_and(|due| at > due);
        if let Some(b) = b.filter(|b| !late(self.at(*b))) {
            let cleared_late = due_at.is_some_and(|due| self.cleared_late(subject, a, answer, due));
            let met = row(Verdict::Met).with([b]).flagged(Flags::CLEARED_LATE, cleared_late);
            return met.flagged(Flags::SAME_INSTANT, self.at(b) == self.at(a));
        }
        let close = self.custody_close(a).filter(|_| !rule.outlasts);
        if close.is_some_and(|close| due_at.is_none_or(|due| due >= close)) {
            return Said::new(Some(a), Verdict::NotApplicable);
        }
        let since = due_at;
        match b.filter(|b| close.is_none_or(|close| self.at(*b) <= close)) {
            Some(b) => Said { since, late: due_at.map(|due| self.at(b).0 - due.0), ..row(Verdict::MetLate).with([b]) },
            None if late(self.now) => Said { since, ..row(Verdict::Breached) },
            None => row(Verdict::Pending),
        }
    }

    fn prohibition(&self, rule: &Rule, a: usize, b: Option<usize>, due: Due, half_open: bool) -> Said {
        let due_at = match due {
            Due::At(due) => Some(due),
            Due::Open | Due::Stopped => None,
            Due::Unrecorded => return Said::new(Some(a), Verdict::Undetermined),
        };
        let row = |verdict| Said { due: due_at, ..Said::new(Some(a), verdict) };
        // A limit is inclusive; a state is half-open.
        let inside = |at: Moment| due_at.is_none_or(|due| at < due || (at == due && !half_open));
        match b {
            Some(b) if inside(self.at(b)) => {
                let breached = Said { since: Some(self.at(b)), ..row(Verdict::Breached) };
                breached.with([b]).flagged(Flags::SAME_INSTANT, self.at(b) == self.at(a))
            }
            _ if due_at.is_some_and(|due| self.now > due) => row(Verdict::Met),
            _ if !rule.outlasts && self.custody_close(a).is_some() => row(Verdict::Met),
            _ => row(Verdict::Pending),
        }
    }

    pub(super) fn clock(&self, rule: &Rule, subject: &Subject, length: &Span, from: &Pattern, answer: &Pattern) -> Vec<Said> {
        let mut rows = Vec::new();
        for a in self.all(subject, from).into_iter().filter(|a| self.in_force(rule, self.at(*a))) {
            let b = self.first_answer(subject, a, answer);
            let due = self.later(rule, self.at(a), length, Some(a), self.at(a)).map_or(Due::Unrecorded, Due::At);
            rows.push(match self.with_exceptions(rule, subject, a, due, b) {
                None => Said::new(Some(a), Verdict::NotApplicable),
                Some((due, _)) => self.response(rule, subject, (a, b, answer), due),
            });
        }
        rows
    }

    pub(super) fn before(
        &self,
        rule: &Rule,
        subject: &Subject,
        event: &Pattern,
        required: &Pattern,
        not_older: Option<&Span>,
    ) -> Vec<Said> {
        let mut answers = Vec::new();
        let mut rows = self.each(rule, subject, event, |a| {
            let fresh = |b: usize| {
                not_older.is_none_or(|d| self.later(rule, self.at(b), d, Some(a), self.at(a)).is_some_and(|end| end >= self.at(a)))
            };
            let fits = |b: &usize| *b != a && self.at(*b) <= self.at(a) && self.joined(subject, a, *b) && fresh(*b);
            let found: Vec<usize> = self.all(subject, required).into_iter().filter(fits).collect();
            let b = found.last().copied();
            answers.extend(b);
            let known = found.iter().any(|b| self.known_since(*b, |at| at <= self.at(a)) <= self.at(a));
            let row = self.kept_if(a, b.is_some()).with(b).flagged(Flags::CLEARED_LATE, b.is_some() && !known);
            row.flagged(Flags::SAME_INSTANT, b.is_some_and(|b| self.at(b) == self.at(a)))
        });
        rows.extend(self.record_rows(rule, &answers));
        rows
    }

    /// Met, or breached since the event for ever.
    fn kept_if(&self, e: usize, kept: bool) -> Said {
        if kept { Said::new(Some(e), Verdict::Met) } else { Said { since: Some(self.at(e)), ..Said::new(Some(e), Verdict::Breached) } }
    }

    /// One row for each event in force: n.a. where the rule does not apply, else as `judge` says, excused by an exception.
    fn each(&self, rule: &Rule, subject: &Subject, event: &Pattern, mut judge: impl FnMut(usize) -> Said) -> Vec<Said> {
        let mut rows = Vec::new();
        for e in self.all(subject, event).into_iter().filter(|e| self.in_force(rule, self.at(*e))) {
            let stand = Stand { subject, judged: Some(e), at: self.at(e), until: self.at(e), strict: false };
            let Some(exception) = self.regime(rule, stand) else {
                rows.push(Said::new(Some(e), Verdict::NotApplicable));
                continue;
            };
            let mut row = judge(e);
            if exception == Some(&Consequence::Excused) && matches!(row.verdict, Verdict::Breached | Verdict::MetLate) {
                row.verdict = Verdict::Excused;
            }
            rows.push(row);
        }
        rows
    }

    fn judged(&self, rule: &Rule, subject: &Subject, event: &Pattern) -> Vec<usize> {
        self.all(subject, event).into_iter().filter(|e| self.in_force(rule, self.at(*e))).collect()
    }

    pub(super) fn every_record(&self, rule: &Rule, subject: &Subject, event: &Pattern, fields: &[FieldId]) -> Vec<Said> {
        let mut rows = self.each(rule, subject, event, |e| {
            let supplied = self.events[e].supplied.iter().filter(|(f, _)| fields.contains(f)).map(|(_, at)| *at).max();
            let complete = fields.iter().all(|f| self.field(e, *f).is_some());
            match supplied.filter(|_| complete) {
                Some(at) => {
                    let since = self.at(e);
                    Said { since: Some(since), late: Some(at.0 - since.0), ..Said::new(Some(e), Verdict::MetLate) }
                }
                None => self.kept_if(e, complete),
            }
        });
        rows.extend(self.record_rows(rule, &self.judged(rule, subject, event)));
        rows
    }

    pub(super) fn every_satisfies(&self, rule: &Rule, subject: &Subject, event: &Pattern, cond: &Cond) -> Vec<Said> {
        let mut rows = self.each(rule, subject, event, |e| {
            let stand = Stand { subject, judged: Some(e), at: self.at(e), until: self.at(e), strict: true };
            match self.holds(cond, stand) {
                Some(kept) => self.kept_if(e, kept),
                None => Said::new(Some(e), Verdict::Undetermined),
            }
        });
        rows.extend(self.record_rows(rule, &self.judged(rule, subject, event)));
        rows
    }

    pub(super) fn every_rests_on(
        &self,
        rule: &Rule,
        subject: &Subject,
        event: &Pattern,
        (authority, roles): (&Pattern, &[RoleId]),
        not_older: Option<&Span>,
    ) -> Vec<Said> {
        let mut rows = self.each(rule, subject, event, |e| {
            let at = self.at(e);
            let valid = |b: usize| {
                let fresh = not_older.is_none_or(|d| self.later(rule, self.at(b), d, Some(e), at).is_some_and(|end| end >= at));
                b != e && self.at(b) <= at && fresh && self.given_by(b, roles) && !self.expired(b, at)
            };
            // "An e that names an authority rests on that one only."
            let rests = match self.names_authority(e, authority) {
                Some(id) => self.all(subject, authority).into_iter().find(|b| self.events[*b].id == id && valid(*b)),
                None => self.all(subject, authority).into_iter().rfind(|b| self.joined(subject, e, *b) && valid(*b)),
            };
            let cleared_late = rests.is_some_and(|b| self.known_since(b, |given| given <= at) > at);
            let row = self.kept_if(e, rests.is_some()).with(rests).flagged(Flags::CLEARED_LATE, cleared_late);
            row.flagged(Flags::SAME_INSTANT, rests.is_some_and(|b| self.at(b) == at))
        });
        rows.extend(self.record_rows(rule, &self.judged(rule, subject, event)));
        rows
    }

    fn called(&self, name: &str) -> Option<FieldId> {
        self.codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16))
    }

    fn given_by(&self, authority: usize, roles: &[RoleId]) -> bool {
        let by = self.called("by").and_then(|by| self.field(authority, by));
        roles.iter().any(|role| by == Some(&Spelt::Value(Value::Role(*role))))
    }

    fn expired(&self, authority: usize, at: Moment) -> bool {
        match self.called("valid until").and_then(|until| self.field(authority, until)) {
            Some(Spelt::Value(Value::Time(until))) => at > until.latest,
            _ => false,
        }
    }

    fn names_authority(&self, e: usize, authority: &Pattern) -> Option<String> {
        let kind = self.kind_of(authority);
        let fields = &self.codebook.kind(self.events[e].kind).fields;
        let may = fields.iter().filter(|f| if let FieldType::Ref(kinds) = &f.of { kinds.contains(&kind) } else { false });
        may.into_iter().find_map(|f| if let Some(Spelt::Text(id)) = self.field(e, f.name) { Some(id.clone()) } else { None })
    }

    pub(super) fn never(&self, rule: &Rule, subject: &Subject, event: &Pattern) -> Vec<Said> {
        let mut rows = self.each(rule, subject, event, |e| self.kept_if(e, false));
        if rows.is_empty() {
            rows.extend(self.never_so_far(rule, subject));
        }
        rows.extend(self.record_rows(rule, &self.judged(rule, subject, event)));
        rows
    }
}
