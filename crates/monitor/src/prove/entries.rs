//! What is known of entries: when they happened, what they hold, which of them a pattern asks for.

use super::Prover;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::{Length, Moment, Overflow, Precision};
use habeas_codebook::tree::{FieldId, LimitValue, Pattern, Rule, Span, Term, Test};

impl Prover<'_> {
    pub(super) fn stands(&self, event: EventId) -> bool {
        let known = self.log.recorded_at(event) <= self.asked.known_at && !self.withdrawn.contains(&event);
        known && self.time(event).is_none_or(|at| at <= self.asked.now)
    }

    /// When an entry happened, with corrections; `None` when that is not exact.
    pub(super) fn time(&self, event: EventId) -> Option<Moment> {
        let mut at = self.log.at(event);
        for correction in self.corrections.get(&event).into_iter().flatten() {
            for (field, value) in self.log.fields(*correction) {
                if let (Value::Time(moved), "at") = (value, self.codebook.field_names[field.index()].as_str()) {
                    at = **moved;
                }
            }
        }
        (at.precision == Precision::Exact || at.is_exact()).then_some(at.earliest)
    }

    pub(super) fn field(&self, event: EventId, name: FieldId) -> Option<&Value> {
        let corrected = self.corrections.get(&event).into_iter().flatten().rev().find_map(|c| self.log.field(*c, name));
        corrected.or_else(|| self.log.field(event, name))
    }

    /// Entries of a subject that a pattern asks for, by time.
    pub(super) fn all(&self, subject: SubjectId, pattern: &Pattern) -> Option<Vec<(Moment, EventId)>> {
        let mut found = Vec::new();
        for event in self.of.get(&subject).into_iter().flatten() {
            // An entry that is not asked for may have happened whenever it did.
            if self.is(pattern, *event)? {
                let at = self.time(*event)?;
                found.extend((at <= self.asked.now).then_some((at, *event)));
            }
        }
        found.sort();
        Some(found)
    }

    /// Entries of a subject that one of several patterns asks for.
    pub(super) fn all_of(&self, subject: SubjectId, patterns: &[Pattern]) -> Option<Vec<(Moment, EventId)>> {
        let found: Option<Vec<_>> = patterns.iter().map(|pattern| self.all(subject, pattern)).collect();
        Some(found?.concat())
    }

    /// Whether an entry is what a pattern asks for; `None` when a test cannot be worked out here.
    pub(super) fn is(&self, pattern: &Pattern, event: EventId) -> Option<bool> {
        let (kind, tests) = self.codebook.expand(pattern);
        if self.log.kind(event) != kind {
            return Some(false);
        }
        let mut passes = true;
        for (field, test) in tests {
            passes &= self.passes(self.field(event, *field), test)?;
        }
        Some(passes)
    }

    pub(super) fn passes(&self, value: Option<&Value>, test: &Test) -> Option<bool> {
        let Some(value) = value else { return Some(false) };
        if *value == Value::Sealed {
            return None;
        }
        let all = if let Value::Several(values) = value { values.as_ref() } else { std::slice::from_ref(value) };
        let alone = |term: &Term| if let [only] = all { self.is_called(only, term) } else { Some(false) };
        let among = |term: &Term| all.iter().try_fold(false, |any, one| Some(any | self.is_called(one, term)?));
        match test {
            Test::Known => Some(true),
            Test::Is(yes, term) => Some(alone(term)? == *yes),
            Test::OneOf(terms) => terms.iter().try_fold(false, |any, t| Some(any | alone(t)?)),
            Test::Includes(yes, term) => Some(among(term)? == *yes),
            Test::IncludesAll(terms) => terms.iter().try_fold(true, |all, t| Some(all & among(t)?)),
            Test::Compare(..) => None,
        }
    }

    /// Whether one value is what a word means; `None` where the word stands for another field.
    pub(super) fn is_called(&self, value: &Value, term: &Term) -> Option<bool> {
        let chosen = |word: &str| if let Value::Choice(has) = value { self.codebook.value_names[has.index()] == word } else { false };
        let spelt = |word: &str| value.as_text().is_some_and(|text| self.log.text_of(text) == word);
        match term {
            Term::Value(wanted, _) => {
                let word = &self.codebook.value_names[wanted.index()];
                Some(chosen(word) || spelt(word))
            }
            Term::YesNo(wanted) => Some(*value == Value::YesNo(*wanted) || chosen(if *wanted { "yes" } else { "no" })),
            Term::Role(wanted, _) => Some(*value == Value::Role(*wanted) || chosen(&self.codebook.roles[wanted.index()].name)),
            Term::Other(_) | Term::Rule(..) | Term::Grade(_) => None,
        }
    }

    /// Whether two entries agree on every class that both name, things excepted.
    pub(super) fn agree(&self, one: EventId, other: EventId) -> bool {
        self.log.subjects(one).iter().all(|s| {
            let class = self.log.class_of(*s);
            self.codebook.class(class).thing || self.log.subject_of(other, class).is_none_or(|t| t == *s)
        })
    }

    /// Whether the custody that an entry names has a close of unknown time.
    pub(super) fn closes_roughly(&self, event: EventId) -> bool {
        let Some(class) = self.codebook.class_named("custody") else { return false };
        let Some(custody) = self.log.subject_of(event, class) else { return false };
        let closing = |e: &EventId| self.codebook.kind(self.log.kind(*e)).closes.contains(&class);
        self.of.get(&custody).into_iter().flatten().any(|e| closing(e) && self.time(*e).is_none())
    }

    /// The earliest close of the custody that an entry names.
    pub(super) fn closed(&self, event: EventId) -> Option<Moment> {
        let class = self.codebook.class_named("custody")?;
        let custody = self.log.subject_of(event, class)?;
        let closing = |e: &&EventId| self.codebook.kind(self.log.kind(**e)).closes.contains(&class);
        let times = self.of.get(&custody)?.iter().filter(closing).filter_map(|e| self.time(*e));
        times.filter(|at| *at <= self.asked.now).min()
    }

    pub(super) fn due(&self, rule: &Rule, span: &Span, from: Moment) -> Option<Moment> {
        let length: Length = match span {
            Span::Length(length, _) => *length,
            Span::Limit(limit, _) => match self.codebook.limits[limit.index()].versions.as_slice() {
                [version] => match version.value {
                    LimitValue::Length(length) => length,
                    LimitValue::Quantity(_) => return None,
                },
                _ => return None,
            },
            Span::Field(..) => return None,
        };
        Some(self.codebook.almanac.add(from, length, rule.days.count(), Overflow::LastDay))
    }
}
