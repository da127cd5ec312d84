//! Rules: the clauses in their canonical order, one after another.

use super::{Frame, Voice};
use crate::moment::DayCount;
use crate::tree::{Body, Citation, Consequence, Exception, Keep, LabelKind, Rule, Span, Telling, Which, Within};

impl Voice<'_> {
    /// A whole rule: its id; citations, dates and severity; a line for the duty and for every other clause.
    #[must_use]
    pub fn rule(&self, rule: &Rule) -> String {
        let mut lines = vec![self.say(Frame::RuleId, &[&rule.id])];
        lines.push(self.head(rule).iter().map(|clause| self.clause(clause)).collect::<Vec<_>>().join(" "));
        lines.push(self.clause(&self.for_each(rule)));
        lines.extend(self.rest(rule).iter().map(|clause| self.clause(clause)));
        lines.join("\n  ")
    }

    /// What a rule judges by: its duty, exceptions and pauses, without its citations and addressees.
    #[must_use]
    pub fn duty(&self, rule: &Rule) -> String {
        let rest = self.rest(&Rule { tell: Vec::new(), ..rule.clone() });
        let clauses = std::iter::once(self.for_each(rule)).chain(rest);
        clauses.map(|clause| self.clause(&clause)).collect::<Vec<_>>().join(" ")
    }

    fn head(&self, rule: &Rule) -> Vec<String> {
        let mut clauses = Vec::new();
        if !rule.cites.is_empty() {
            clauses.push(self.say(Frame::Cites, &[&self.join(Frame::And, rule.cites.iter().map(|c| self.citation(c)))]));
        }
        let from = rule.from.to_string();
        clauses.push(match rule.until {
            Some(until) => self.say(Frame::InForceBetween, &[&from, &until.to_string()]),
            None => self.say(Frame::InForceFrom, &[&from]),
        });
        clauses.push(self.say(Frame::Severity, &[&self.grade(rule.severity)]));
        clauses
    }

    pub(super) fn citation(&self, citation: &Citation) -> String {
        let frame = match citation.kind {
            LabelKind::Paragraph => Frame::Paragraph,
            LabelKind::Article => Frame::Article,
            LabelKind::Rule => Frame::RuleLabel,
            LabelKind::Principle => Frame::Principle,
            LabelKind::Section => Frame::Section,
            LabelKind::Note => Frame::Note,
        };
        self.say(frame, &[&self.say(Frame::Quotation, &[&citation.source]), &citation.label])
    }

    /// The body clause without its full stop.
    #[must_use]
    pub fn for_each(&self, rule: &Rule) -> String {
        let class = &self.class_name(rule.subject);
        match &rule.condition {
            Some(cond) => self.say(Frame::ForEachWhere, &[class, &self.cond(cond), &self.body(&rule.body)]),
            None => self.say(Frame::ForEach, &[class, &self.body(&rule.body)]),
        }
    }

    fn rest(&self, rule: &Rule) -> Vec<String> {
        let mut clauses: Vec<String> = rule.exceptions.iter().map(|exception| self.exception(exception)).collect();
        clauses.extend(rule.pauses.iter().map(|state| self.say(Frame::TimeDoesNotRun, &[&self.state_name(*state)])));
        clauses.extend(rule.days.0.map(|days| {
            let frame = match days {
                DayCount::Calendar => Frame::CalendarDays,
                DayCount::Working => Frame::WorkingDays,
                DayCount::Whole => Frame::WholeDays,
            };
            self.say(frame, &[])
        }));
        clauses.extend(rule.recorded_within.iter().map(|span| self.say(Frame::RecordedWithin, &[&self.span(span)])));
        if !rule.irrespective.is_empty() {
            let events = self.join(Frame::And, rule.irrespective.iter().map(|event| self.event(event)));
            clauses.push(self.say(Frame::Irrespective, &[&events]));
        }
        if rule.outlasts {
            clauses.push(self.say(Frame::Outlasts, &[]));
        }
        clauses.extend(rule.tell.iter().map(|telling| self.telling(telling)));
        clauses
    }

    fn exception(&self, exception: &Exception) -> String {
        let then = match &exception.then {
            Consequence::DoesNotApply => self.say(Frame::DoesNotApply, &[]),
            Consequence::LimitIs(span) => self.say(Frame::LimitIs, &[&self.span(span)]),
            Consequence::Excused => self.say(Frame::Excused, &[]),
        };
        self.say(Frame::Unless, &[&self.cond(&exception.when), &then])
    }

    fn telling(&self, telling: &Telling) -> String {
        let roles = self.join(Frame::And, telling.roles.iter().map(|role| self.role_name(*role)));
        match &telling.within {
            Some(span) => self.say(Frame::TellWithin, &[&roles, &self.span(span)]),
            None => self.say(Frame::Tell, &[&roles]),
        }
    }

    fn body(&self, body: &Body) -> String {
        match body {
            Body::After { which, trigger, answer, forbidden, limit } => {
                let duty = if *forbidden { Frame::MustNotHappen } else { Frame::MustHappen };
                let duty = self.say(duty, &[&self.event(answer), &self.within(limit)]);
                let after = match which {
                    Which::Each => Frame::After,
                    Which::First => Frame::AfterFirst,
                    Which::Latest => Frame::AfterLatest,
                };
                self.say(after, &[&self.event(trigger), &duty])
            }
            Body::Before { event, required, not_older } => {
                let said = self.say(Frame::Before, &[&self.event(event), &self.event(required)]);
                self.followed(said, Frame::NotMoreThanEarlier, not_older.as_ref())
            }
            Body::While { state, keep, .. } => self.say(Frame::While, &[&self.state_name(*state), &self.keep(keep)]),
            Body::Quantity { field, of, less, per, bound, number, .. } => {
                let mut said = self.say(Frame::TheFieldOf, &[&self.field_name(*field), &self.class_name(*of)]);
                for field in less {
                    said = self.say(Frame::Less, &[&said, &self.field_name(*field)]);
                }
                if let Some(item) = per {
                    said = self.say(Frame::DividedBy, &[&said, &self.item_name(*item)]);
                }
                self.say(Frame::AtAllTimes, &[&said, &self.bounded(*bound, &self.amount(number))])
            }
            Body::EveryRecord { event, fields } => {
                let fields = self.join(Frame::And, fields.iter().map(|field| self.field_name(*field)));
                self.say(Frame::MustRecord, &[&self.event(event), &fields])
            }
            Body::EverySatisfies { event, cond } => self.say(Frame::MustSatisfy, &[&self.event(event), &self.cond(cond)]),
            Body::EveryRestsOn { event, authority, roles, not_older } => {
                let roles = self.join(Frame::Or, roles.iter().map(|role| self.role_name(*role)));
                let said = self.say(Frame::MustRestOn, &[&self.event(event), &self.event(authority), &roles]);
                self.followed(said, Frame::GivenNotMoreThanEarlier, not_older.as_ref())
            }
            Body::Never { event } => self.say(Frame::Never, &[&self.event(event)]),
            Body::Clock { clock, length, from, answer } => {
                let clock = &self.named(crate::i18n::NameOf::Clock, &self.codebook.clocks[clock.index()].name);
                self.say(Frame::ClockRuns, &[clock, &self.span(length), &self.event(from), &self.event(answer)])
            }
        }
    }

    /// What was said, and behind it a part that may be left out.
    fn followed(&self, said: String, frame: Frame, span: Option<&Span>) -> String {
        match span {
            Some(span) => self.say(frame, &[&said, &self.span(span)]),
            None => said,
        }
    }

    fn within(&self, limit: &Within) -> String {
        match limit {
            Within::Span(span @ Span::Limit(..)) => self.say(Frame::WithinTheLimit, &[&self.span(span)]),
            Within::Span(span @ (Span::Length(..) | Span::Field(..))) => self.say(Frame::Within, &[&self.span(span)]),
            Within::By { before: Some(before), field, .. } => {
                self.say(Frame::BeforeField, &[&self.length(*before), &self.field_name(*field)])
            }
            Within::By { before: None, field, .. } => self.say(Frame::ByField, &[&self.field_name(*field)]),
            Within::Before(event) => self.say(Frame::BeforeEvent, &[&self.event(event)]),
            Within::AsLongAs(state, _) => self.say(Frame::AsLongAs, &[&self.state_name(*state)]),
        }
    }

    fn keep(&self, keep: &Keep) -> String {
        match keep {
            Keep::NotLonger { limit, in_any, break_of } => {
                let said = self.say(Frame::NotLonger, &[&self.span(limit)]);
                let said = self.followed(said, Frame::InAny, in_any.as_ref());
                self.followed(said, Frame::WithoutBreak, break_of.as_ref())
            }
            Keep::Forbidden => self.say(Frame::Forbidden, &[]),
            Keep::NoEvent(event) => self.say(Frame::Never, &[&self.event(event)]),
            Keep::Count { bound, number, item, condition } => {
                let number = self.bounded(*bound, &self.amount(number));
                let item = &self.item_name(*item);
                match condition {
                    Some(cond) => self.say(Frame::MustBePresentWhere, &[&number, item, &self.cond(cond)]),
                    None => self.say(Frame::MustBePresent, &[&number, item]),
                }
            }
            Keep::Every { event, period, first } => {
                let said = self.say(Frame::AtLeastEvery, &[&self.event(event), &self.span(period)]);
                self.followed(said, Frame::FirstWithin, first.as_ref())
            }
        }
    }
}
