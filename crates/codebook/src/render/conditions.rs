//! Events with tests, conditions, spans and numbers.

use super::{Frame, Voice};
use crate::moment::{Length, TimeUnit};
use crate::tree::{Amount, Bound, Cond, Grade, Measure, Of, Operand, Pattern, Quantity, Relation, Span, Term, Test, Unit};
use rust_decimal::Decimal;

impl Voice<'_> {
    /// `interview started whose room is purpose-built`
    #[must_use]
    pub fn event(&self, pattern: &Pattern) -> String {
        let mut said = self.event_name(pattern.event);
        for (n, (field, test)) in pattern.tests.iter().enumerate() {
            let frame = if n == 0 { Frame::Whose } else { Frame::AndWhose };
            said = self.say(frame, &[&said, &self.field_name(*field), &self.test(test)]);
        }
        said
    }

    /// A condition, with brackets around each part that joins others.
    #[must_use]
    pub fn cond(&self, cond: &Cond) -> String {
        match cond {
            Cond::All(parts) => self.join(Frame::And, parts.iter().map(|part| self.part(part))),
            Cond::Any(parts) => self.join(Frame::Or, parts.iter().map(|part| self.part(part))),
            Cond::State(state, _) => self.state_name(*state),
            Cond::Happened(event, true) => self.say(Frame::HasHappened, &[&self.event(event)]),
            Cond::Happened(event, false) => self.say(Frame::HasNotHappened, &[&self.event(event)]),
            Cond::Field(operand, test) => self.say(Frame::Tested, &[&self.operand(operand), &self.test(test)]),
            Cond::Subject(class, is, state, mark) => {
                let frame = if *is { Frame::SubjectIs } else { Frame::SubjectIsNot };
                self.say(frame, &[&self.class_name(*class), &self.predicate(*state, mark)])
            }
        }
    }

    fn part(&self, cond: &Cond) -> String {
        match cond {
            Cond::All(_) | Cond::Any(_) => self.say(Frame::Brackets, &[&self.cond(cond)]),
            Cond::State(..) | Cond::Happened(..) | Cond::Field(..) | Cond::Subject(..) => self.cond(cond),
        }
    }

    pub(super) fn operand(&self, operand: &Operand) -> String {
        let field = self.field_name(operand.field);
        match operand.of {
            Of::Judged => self.say(Frame::TheField, &[&field]),
            Of::Subject(class) => self.say(Frame::TheFieldOf, &[&field, &self.class_name(class)]),
            Of::Event(event) => self.say(Frame::TheFieldOf, &[&field, &self.event_name(event)]),
        }
    }

    pub(super) fn test(&self, test: &Test) -> String {
        let terms = |terms: &[Term]| self.join(Frame::Comma, terms.iter().map(|term| self.term(term)));
        match test {
            Test::Is(true, term) => self.say(Frame::Is, &[&self.term(term)]),
            Test::Is(false, term) => self.say(Frame::IsNot, &[&self.term(term)]),
            Test::OneOf(list) => self.say(Frame::IsOneOf, &[&terms(list)]),
            Test::Known => self.say(Frame::IsKnown, &[]),
            Test::Includes(true, term) => self.say(Frame::Includes, &[&self.term(term)]),
            Test::Includes(false, term) => self.say(Frame::DoesNotInclude, &[&self.term(term)]),
            Test::IncludesAll(list) => self.say(Frame::IncludesAllOf, &[&terms(list)]),
            Test::Compare(relation, measure) => {
                let frame = match relation {
                    Relation::AtLeast => Frame::IsAtLeast,
                    Relation::AtMost => Frame::IsAtMost,
                    Relation::MoreThan => Frame::IsMoreThan,
                    Relation::LessThan => Frame::IsLessThan,
                };
                self.say(frame, &[&self.measure(measure)])
            }
        }
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Value(value, _) => self.value_name(*value),
            Term::YesNo(true) => self.say(Frame::Yes, &[]),
            Term::YesNo(false) => self.say(Frame::No, &[]),
            Term::Role(role, _) => self.role_name(*role),
            Term::Other(operand) => self.operand(operand),
            Term::Rule(id, _) => id.clone(),
            Term::Grade(grade) => self.grade(*grade),
        }
    }

    pub(super) fn grade(&self, grade: Grade) -> String {
        let frame = match grade {
            Grade::Critical => Frame::Critical,
            Grade::Serious => Frame::Serious,
            Grade::Notable => Frame::Notable,
            Grade::Record => Frame::Record,
        };
        self.say(frame, &[])
    }

    fn measure(&self, measure: &Measure) -> String {
        match measure {
            Measure::Amount(amount) => self.amount(amount),
            Measure::Length(length, _) => self.length(*length),
            Measure::Other(operand) => self.operand(operand),
        }
    }

    pub(super) fn amount(&self, amount: &Amount) -> String {
        match amount {
            Amount::Limit(limit, _) => self.limit_name(*limit),
            Amount::Number(quantity, _) => self.quantity(*quantity),
        }
    }

    /// A span of time where `within` does not stand before it: a limit is named alone.
    pub(super) fn span(&self, span: &Span) -> String {
        match span {
            Span::Limit(limit, _) => self.limit_name(*limit),
            Span::Length(length, _) => self.length(*length),
            Span::Field(field, _) => self.say(Frame::TheField, &[&self.field_name(*field)]),
        }
    }

    /// `at least 2`, `at most adult places`
    pub(super) fn bounded(&self, bound: Bound, number: &str) -> String {
        let frame = match bound {
            Bound::AtLeast => Frame::AtLeast,
            Bound::AtMost => Frame::AtMost,
            Bound::Exactly => Frame::Exactly,
        };
        self.say(frame, &[number])
    }

    /// `2 hours`, `1 month`
    #[must_use]
    pub fn length(&self, length: Length) -> String {
        let (one, several) = match length.unit {
            TimeUnit::Second => (Frame::OneSecond, Frame::Seconds),
            TimeUnit::Minute => (Frame::OneMinute, Frame::Minutes),
            TimeUnit::Hour => (Frame::OneHour, Frame::Hours),
            TimeUnit::Day => (Frame::OneDay, Frame::Days),
            TimeUnit::Month => (Frame::OneMonth, Frame::Months),
            TimeUnit::Year => (Frame::OneYear, Frame::Years),
        };
        self.words.say_counted(if length.amount == 1 { one } else { several }, length.amount, &[&length.amount.to_string()])
    }

    pub(super) fn quantity(&self, quantity: Quantity) -> String {
        let number = quantity.number.to_string();
        match quantity.unit {
            None => number,
            Some(unit) => self.say(Frame::Measured, &[&number, &self.unit(unit, quantity.number == Decimal::ONE)]),
        }
    }

    pub(super) fn unit(&self, unit: Unit, one: bool) -> String {
        let (singular, plural) = match unit {
            Unit::SquareMetre => (Frame::SquareMetre, Frame::SquareMetres),
            Unit::Metre => (Frame::Metre, Frame::Metres),
            Unit::Millimetre => (Frame::Millimetre, Frame::Millimetres),
            Unit::Kilometre => (Frame::Kilometre, Frame::Kilometres),
            Unit::Litre => (Frame::Litre, Frame::Litres),
            Unit::Kilogram => (Frame::Kilogram, Frame::Kilograms),
            Unit::Gram => (Frame::Gram, Frame::Grams),
            Unit::Milligram => (Frame::Milligram, Frame::Milligrams),
            Unit::Degree => (Frame::Degree, Frame::Degrees),
            Unit::Percent => (Frame::Percent, Frame::Percent),
        };
        self.say(if one { singular } else { plural }, &[])
    }
}
