//! Conditions and tests: true, false, or unknown where a field is sealed, was not recorded, or a birth date is missing.

use crate::alphabet::amount_at;
use crate::scene::{Entry, Scene};
use crate::worlds::Unknown;
use habeas_codebook::log::{EventId, Lasting, Value};
use habeas_codebook::moment::{Length, Moment, TimeUnit};
use habeas_codebook::tree::{Cond, Exception, FieldId, Grade, Measure, Operand, Relation, Term, Test};
use std::cmp::Ordering;

/// What a condition is judged on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stand {
    /// The entry judged: trigger, event, or the start of the stretch.
    pub(crate) judged: Option<Entry>,
    /// The instant at which states and ages are read.
    pub(crate) at: Moment,
    /// Facts and events count up to here: the instant itself, for `after` the time due.
    pub(crate) facts_until: Moment,
    /// A field that was not recorded: false where it would excuse, unknown in `must satisfy`.
    pub(crate) unrecorded: Unrecorded,
}

/// What a test on a field that was not recorded comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unrecorded {
    /// `whose`, `where`, `unless`: what was not recorded does not excuse.
    False,
    /// `must satisfy`: undetermined, unless the rest decides.
    Unknown,
}

impl Stand {
    /// Judged at an entry, on what had occurred by then.
    pub(crate) fn at_entry(entry: Entry) -> Self {
        Stand { judged: Some(entry), at: entry.at, facts_until: entry.at, unrecorded: Unrecorded::False }
    }
}

impl Scene<'_> {
    /// Whether a condition holds.
    pub(crate) fn holds(&self, cond: &Cond, stand: Stand) -> bool {
        match cond {
            Cond::All(parts) => parts.iter().all(|part| self.holds(part, stand)),
            Cond::Any(parts) => parts.iter().any(|part| self.holds(part, stand)),
            Cond::State(state, _) => self.in_state(*state, self.subject, stand.at),
            Cond::Subject(class, is, state, _) => {
                let class_of_state = &self.codebook.states[state.index()].subjects;
                let serving = self.serving(*class);
                let held = if serving.is_empty() && class_of_state.contains(class) {
                    self.nobody_in_state(*state)
                } else {
                    serving.iter().any(|s| self.in_state(*state, *s, stand.at))
                };
                held == *is
            }
            Cond::Happened(pattern, happened) => {
                let found = self
                    .own
                    .iter()
                    .take_while(|e| e.at <= stand.facts_until)
                    .any(|e| self.matches(pattern, *e) && stand.judged.is_none_or(|j| self.joined(j, *e)));
                found == *happened
            }
            Cond::Field(operand, test) => self.test_operand(operand, test, stand),
        }
    }

    /// Of several subjects any passes; a field that none records is false or unknown.
    fn test_operand(&self, operand: &Operand, test: &Test, stand: Stand) -> bool {
        let read = self.read(operand, stand.judged, stand.facts_until);
        let mut any = false;
        for (event, value) in &read {
            any |= self.test_value(*event, operand.field, *value, test, stand);
        }
        if read.is_empty() {
            any = self.test_value(None, operand.field, None, test, stand);
        }
        any
    }

    /// A `whose` test on a field of an entry: what was not recorded is false.
    pub(crate) fn test_field(&self, entry: Entry, field: FieldId, test: &Test) -> bool {
        self.test_value(Some(entry.event), field, self.field(entry.event, field), test, Stand::at_entry(entry))
    }

    fn test_value(&self, event: Option<EventId>, field: FieldId, value: Option<&Value>, test: &Test, stand: Stand) -> bool {
        let unknown = Unknown::Field { event, field, test: std::ptr::from_ref(test) as usize };
        let Some(value) = value else {
            let known = matches!(test, Test::Known);
            return !known && stand.unrecorded == Unrecorded::Unknown && self.suppose(unknown);
        };
        if *value == Value::Sealed {
            return self.suppose(Unknown::Sealed { event, field, test: std::ptr::from_ref(test) as usize });
        }
        match self.passes(value, test, stand) {
            Some(passes) => passes,
            None => stand.unrecorded == Unrecorded::Unknown && self.suppose(unknown),
        }
    }

    /// `None`: the other operand was not recorded, or the two cannot be compared.
    fn passes(&self, value: &Value, test: &Test, stand: Stand) -> Option<bool> {
        match test {
            Test::Known => Some(true),
            Test::Is(is, term) => Some(self.equals(value, term, stand)? == *is),
            Test::OneOf(terms) => Some(terms.iter().any(|t| self.equals(value, t, stand) == Some(true))),
            Test::Includes(is, term) => Some(self.includes(value, term, stand)? == *is),
            Test::IncludesAll(terms) => Some(terms.iter().all(|t| self.includes(value, t, stand) == Some(true))),
            Test::Compare(relation, measure) => {
                let order = self.order(value, measure, stand)?;
                Some(match relation {
                    Relation::AtLeast => order != Ordering::Less,
                    Relation::AtMost => order != Ordering::Greater,
                    Relation::MoreThan => order == Ordering::Greater,
                    Relation::LessThan => order == Ordering::Less,
                })
            }
        }
    }

    /// How a recorded value compares with a number, a length of time or another field.
    fn order(&self, value: &Value, measure: &Measure, stand: Stand) -> Option<Ordering> {
        match measure {
            Measure::Amount(amount) => {
                if let Value::Number(number) | Value::Money(number, _) = value {
                    Some(number.cmp(&amount_at(self.codebook, amount, stand.at)?))
                } else if let Value::Duration(lasting) = value {
                    Some(micros(*lasting).cmp(&self.limit_micros(amount, stand.at)?))
                } else {
                    None
                }
            }
            Measure::Length(length, _) => {
                if let Value::Duration(lasting) = value {
                    Some(micros(*lasting).cmp(&length_micros(*length)))
                } else {
                    None
                }
            }
            Measure::Other(operand) => {
                let read = self.read(operand, stand.judged, stand.facts_until);
                compare(value, read.first()?.1?)
            }
        }
    }

    fn limit_micros(&self, amount: &habeas_codebook::tree::Amount, at: Moment) -> Option<i128> {
        match amount {
            habeas_codebook::tree::Amount::Limit(limit, _) => match crate::alphabet::limit_at(self.codebook, *limit, at)? {
                habeas_codebook::tree::LimitValue::Length(length) => Some(length_micros(length)),
                habeas_codebook::tree::LimitValue::Quantity(_) => None,
            },
            habeas_codebook::tree::Amount::Number(..) => None,
        }
    }

    fn equals(&self, value: &Value, term: &Term, stand: Stand) -> Option<bool> {
        if let Value::Several(values) = value {
            return match values.as_ref() {
                [only] => self.equals(only, term, stand),
                _ => Some(false),
            };
        }
        let log = self.hearing.log;
        let spelt = |wanted: &str| value.as_text().is_some_and(|text| log.text_of(text) == wanted);
        Some(match term {
            Term::Value(wanted, _) => *value == Value::Choice(*wanted) || spelt(&self.codebook.value_names[wanted.index()]),
            Term::YesNo(wanted) => {
                // A choice may hold the words `yes` and `no` among others.
                let word = if *wanted { "yes" } else { "no" };
                let by_name = if let Value::Choice(has) = value { self.codebook.value_names[has.index()] == word } else { false };
                *value == Value::YesNo(*wanted) || by_name
            }
            Term::Role(wanted, _) => {
                let name = &self.codebook.roles[wanted.index()].name;
                let by_name = if let Value::Choice(has) = value { self.codebook.value_names[has.index()] == *name } else { false };
                *value == Value::Role(*wanted) || by_name
            }
            Term::Rule(wanted, _) => spelt(wanted),
            Term::Grade(wanted) => spelt(grade_name(*wanted)),
            Term::Other(operand) => *self.read(operand, stand.judged, stand.facts_until).first()?.1? == *value,
        })
    }

    fn includes(&self, value: &Value, term: &Term, stand: Stand) -> Option<bool> {
        if let Value::Several(values) = value {
            return Some(values.iter().any(|v| self.equals(v, term, stand) == Some(true)));
        }
        self.equals(value, term, stand)
    }

    /// The first exception that is true, in the order written.
    pub(crate) fn exception<'r>(&self, exceptions: &'r [Exception], stand: Stand) -> Option<(u8, &'r Exception)> {
        exceptions.iter().enumerate().find(|(_, e)| self.holds(&e.when, stand)).map(|(i, e)| (i as u8, e))
    }
}

/// As the severity is written in a rule.
pub(crate) fn grade_name(grade: Grade) -> &'static str {
    match grade {
        Grade::Critical => "critical",
        Grade::Serious => "serious",
        Grade::Notable => "notable",
        Grade::Record => "record",
    }
}

/// Length of a recorded duration for comparison: a day as 24 hours, a month as 30 days.
fn micros(lasting: Lasting) -> i128 {
    const DAY: i128 = 86_400_000_000;
    i128::from(lasting.micros) + i128::from(lasting.days) * DAY + i128::from(lasting.months) * 30 * DAY
}

fn length_micros(length: Length) -> i128 {
    let n = i32::try_from(length.amount).unwrap_or(i32::MAX);
    let elapsed = |seconds: i64| Lasting { months: 0, days: 0, micros: i64::from(n) * seconds * 1_000_000 };
    micros(match length.unit {
        TimeUnit::Second => elapsed(1),
        TimeUnit::Minute => elapsed(60),
        TimeUnit::Hour => elapsed(3600),
        TimeUnit::Day => Lasting { months: 0, days: n, micros: 0 },
        TimeUnit::Month => Lasting { months: n, days: 0, micros: 0 },
        TimeUnit::Year => Lasting { months: n.saturating_mul(12), days: 0, micros: 0 },
    })
}

/// Order of two recorded values of one type; `None` where they have none (two currencies, ranges that overlap).
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Money(a, x), Value::Money(b, y)) => (x == y).then(|| a.cmp(b)),
        (Value::Date(a, b), Value::Date(c, d)) => ranges((a, b), (c, d)),
        (Value::Time(a), Value::Time(b)) => ranges((&a.earliest, &a.latest), (&b.earliest, &b.latest)),
        (Value::Duration(a), Value::Duration(b)) => Some(micros(*a).cmp(&micros(*b))),
        _ => None,
    }
}

fn ranges<T: Ord>(a: (&T, &T), b: (&T, &T)) -> Option<Ordering> {
    if a.0 == a.1 && b.0 == b.1 {
        Some(a.0.cmp(b.0))
    } else if a.1 < b.0 {
        Some(Ordering::Less)
    } else if b.1 < a.0 {
        Some(Ordering::Greater)
    } else {
        None
    }
}
