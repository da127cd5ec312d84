//! What each body makes of the entries that a row names.

use super::{Expected, Proof, Proved, Prover, Refutation, refuted};
use crate::verdict::{Row, Verdict};
use habeas_codebook::log::{EventId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Cond, FieldId, FieldType, Holds, Pattern, Rule, Span};

impl Prover<'_> {
    pub(super) fn after(
        &self,
        rule: &Rule,
        row: &Row,
        trigger: &Pattern,
        (answer, forbidden): (&Pattern, bool),
        span: &Span,
    ) -> Result<Option<Expected>, Refutation> {
        let Some((at, a)) = self.trigger(row, trigger)? else { return Ok(None) };
        let (Some(due), Some(answers)) = (self.due(rule, span, at), self.all(row.subject, answer)) else { return Ok(None) };
        let first = answers.into_iter().find(|(b_at, b)| *b_at >= at && *b != a && self.agree(a, *b));
        let closed = self.closed(a).filter(|_| !rule.outlasts);
        let mut expected = Expected { due_at: Some(due), rests_on: vec![a], ..Expected::plain(Verdict::Pending) };
        if forbidden {
            match first.filter(|(b_at, _)| *b_at <= due) {
                Some((b_at, b)) => {
                    expected.verdict = Verdict::Breached;
                    expected.since = Some(b_at);
                    expected.rests_on.push(b);
                }
                None if self.asked.now > due || closed.is_some() => expected.verdict = Verdict::Met,
                None => {}
            }
            return Ok(Some(expected));
        }
        match first {
            Some((b_at, b)) if b_at <= due => {
                expected.verdict = Verdict::Met;
                expected.rests_on.push(b);
            }
            Some((b_at, b)) if closed.is_none_or(|c| b_at <= c && due < c) => {
                expected.verdict = Verdict::MetLate;
                expected.since = Some(due);
                expected.late_by = Some(b_at.since(due));
                expected.rests_on.push(b);
            }
            _ if closed.is_some_and(|c| due >= c) => expected.verdict = Verdict::NotApplicable,
            _ if self.asked.now > due => {
                expected.verdict = Verdict::Breached;
                expected.since = Some(due);
            }
            _ => {}
        }
        Ok(Some(expected))
    }

    pub(super) fn before(
        &self,
        row: &Row,
        event: &Pattern,
        required: &Pattern,
        not_older: Option<&Span>,
    ) -> Result<Option<Expected>, Refutation> {
        let rule = &self.codebook.rules[row.rule.index()];
        let Some((at, a)) = self.trigger(row, event)? else { return Ok(None) };
        let Some(found) = self.all(row.subject, required) else { return Ok(None) };
        let last = found.into_iter().rfind(|(b_at, b)| *b_at <= at && *b != a && self.agree(a, *b));
        // An earlier one is older still.
        let fresh = match (last, not_older) {
            (Some((b_at, _)), Some(span)) => match self.due(rule, span, b_at) {
                Some(until) => until >= at,
                None => return Ok(None),
            },
            (Some(_), None) | (None, _) => true,
        };
        Ok(Some(match last.filter(|_| fresh) {
            Some((_, b)) => Expected { rests_on: vec![a, b], ..Expected::plain(Verdict::Met) },
            None => Expected { since: Some(at), rests_on: vec![a], ..Expected::plain(Verdict::Breached) },
        }))
    }

    pub(super) fn never(&self, row: &Row, event: &Pattern) -> Result<Option<Expected>, Refutation> {
        if row.trigger.is_some() {
            let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
            return Ok(Some(Expected { since: Some(at), rests_on: vec![e], ..Expected::plain(Verdict::Breached) }));
        }
        let rule = &self.codebook.rules[row.rule.index()];
        let Some(found) = self.all(row.subject, event).filter(|_| rule.until.is_none()) else { return Ok(None) };
        if !found.is_empty() {
            return refuted("an entry that the rule forbids is there, but the row names none");
        }
        let class = self.log.class_of(row.subject);
        let closes = |e: &EventId| self.codebook.kind(self.log.kind(*e)).closes.contains(&class) && self.stands(*e);
        let closing: Vec<EventId> = self.of.get(&row.subject).into_iter().flatten().copied().filter(closes).collect();
        if closing.iter().any(|e| self.time(*e).is_none()) {
            return Ok(None);
        }
        Ok(Some(Expected::plain(if closing.is_empty() { Verdict::Pending } else { Verdict::Met })))
    }

    /// What is forbidden while a person is below an age: who is of age when the life of the subject begins never comes to be below it.
    pub(super) fn never_while(&self, rule: &Rule, row: &Row, event: &Pattern, cond: &Cond) -> Proved {
        let Cond::Subject(_, true, state, _) = cond else { return Ok(Proof::NotTried("a condition reads more than entries")) };
        let Holds::AgeBelow(years) = self.codebook.states[state.index()].holds else {
            return Ok(Proof::NotTried("a condition reads more than entries"));
        };
        let own = self.of.get(&row.subject).map_or(&[][..], Vec::as_slice);
        let earlier = |begun: Moment, e: EventId| self.corrections.contains_key(&e) || self.log.at(e).earliest < begun;
        let begun = own.iter().filter_map(|e| self.time(*e)).min();
        let Some(begun) = begun.filter(|begun| !own.iter().any(|e| self.time(*e).is_none() && earlier(*begun, *e))) else {
            return Ok(Proof::NotTried("an entry on which it rests has no exact time"));
        };
        let class = self.log.class_of(row.subject);
        let closing = own.iter().filter(|e| self.codebook.kind(self.log.kind(**e)).closes.contains(&class));
        let close = closing.filter_map(|e| self.time(*e)).min();
        let begun = begun.max(self.codebook.almanac.start_of(rule.from));
        let lived = begun <= self.asked.now && close.is_none_or(|close| close > begun);
        if !lived || !rule.exceptions.is_empty() || rule.until.is_some() {
            return Ok(Proof::NotTried("the rule is not in force throughout"));
        }
        let Some(below) = self.is_below(row.subject, years, begun) else {
            return Ok(Proof::NotTried("a condition reads more than entries"));
        };
        match self.never(row, event)? {
            Some(expected) if below => self.compare(row, expected, false),
            Some(_) => self.compare(row, Expected::plain(Verdict::NotApplicable), false),
            None => Ok(Proof::NotTried("an entry on which it rests has no exact time")),
        }
    }

    pub(super) fn every_record(&self, row: &Row, event: &Pattern, fields: &[FieldId]) -> Result<Option<Expected>, Refutation> {
        let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
        if self.corrections.contains_key(&e) {
            return Ok(None);
        }
        Ok(Some(if fields.iter().all(|f| self.field(e, *f).is_some()) {
            Expected::plain(Verdict::Met)
        } else {
            Expected { since: Some(at), ..Expected::plain(Verdict::Breached) }
        }))
    }

    pub(super) fn every_satisfies(&self, row: &Row, event: &Pattern, cond: &Cond) -> Result<Option<Expected>, Refutation> {
        let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
        Ok(self.satisfied(cond, row, at).flatten().map(|held| match held {
            true => Expected { rests_on: vec![e], ..Expected::plain(Verdict::Met) },
            false => Expected { since: Some(at), rests_on: vec![e], ..Expected::plain(Verdict::Breached) },
        }))
    }

    pub(super) fn names_authority(&self, row: &Row) -> bool {
        row.trigger.is_some_and(|e| {
            let fields = &self.codebook.kind(self.log.kind(e)).fields;
            fields.iter().any(|f| matches!(f.of, FieldType::Ref(_)) && self.field(e, f.name).is_some())
        })
    }

    pub(super) fn rests_on(
        &self,
        row: &Row,
        event: &Pattern,
        authority: &Pattern,
        roles: &[habeas_codebook::tree::RoleId],
        not_older: Option<&Span>,
    ) -> Result<Option<Expected>, Refutation> {
        let Some((at, e)) = self.trigger(row, event)? else { return Ok(None) };
        let rule = &self.codebook.rules[row.rule.index()];
        let named = |name: &str| self.codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16));
        let Some(found) = self.all(row.subject, authority) else { return Ok(None) };
        for (b_at, b) in found.into_iter().rev().filter(|(b_at, b)| *b_at <= at && self.agree(e, *b)) {
            let given = named("by").and_then(|f| self.field(b, f));
            if given == Some(&Value::Sealed) {
                return Ok(None);
            }
            let by_role = roles.iter().any(|r| given == Some(&Value::Role(*r)));
            let fresh = match not_older.map(|span| self.due(rule, span, b_at)) {
                Some(None) => return Ok(None),
                Some(Some(until)) => at <= until,
                None => true,
            };
            let expired = match named("valid until").and_then(|f| self.field(b, f)) {
                Some(Value::Time(until)) => at > until.latest,
                Some(_) => return Ok(None),
                None => false,
            };
            if by_role && fresh && !expired {
                return Ok(Some(Expected { rests_on: vec![e, b], ..Expected::plain(Verdict::Met) }));
            }
        }
        Ok(Some(Expected { since: Some(at), rests_on: vec![e], ..Expected::plain(Verdict::Breached) }))
    }
}
