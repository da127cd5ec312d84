//! When a duty falls due: limits by name and date, durations of fields, days counted in three ways, and pauses that move it.

use crate::alphabet::limit_at;
use crate::scene::{Entry, Scene};
use crate::states::Run;
use habeas_codebook::log::{Lasting, Value};
use habeas_codebook::moment::{DayCount, Length, Moment, Overflow, TimeUnit};
use habeas_codebook::tree::{FieldId, LimitValue, Rule, Span, StateId};

/// A length of time, written in the rule or recorded in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Extent {
    Written(Length),
    Recorded(Lasting),
}

/// When a duty falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    At(Moment),
    /// Not yet: what ends the time has not happened.
    Open,
    /// The time stands still.
    Stopped,
    /// The field that says so was not recorded.
    Unrecorded(FieldId),
}

/// How a rule counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counting {
    pub(crate) days: DayCount,
    pub(crate) overflow: Overflow,
}

impl Counting {
    pub(crate) fn duty(rule: &Rule) -> Self {
        Counting { days: rule.days.count(), overflow: Overflow::LastDay }
    }
}

impl Scene<'_> {
    /// What a span comes to for a trigger at a moment; `Err` names the field that was not recorded.
    pub(crate) fn extent(&self, span: &Span, judged: Option<Entry>, at: Moment) -> Result<Extent, FieldId> {
        match span {
            Span::Length(length, _) => Ok(Extent::Written(*length)),
            Span::Limit(limit, _) => match limit_at(self.codebook, *limit, at) {
                Some(LimitValue::Length(length)) => Ok(Extent::Written(length)),
                // A checked codebook has no quantity where a time stands (E103).
                Some(LimitValue::Quantity(_)) | None => Ok(Extent::Written(Length { amount: 0, unit: TimeUnit::Second })),
            },
            Span::Field(field, _) => match judged.and_then(|e| self.field(e.event, *field)) {
                Some(Value::Duration(lasting)) => {
                    self.note_lasting(*lasting);
                    Ok(Extent::Recorded(*lasting))
                }
                _ => Err(*field),
            },
        }
    }

    fn note_lasting(&self, lasting: Lasting) {
        let parts = [(lasting.months.unsigned_abs(), TimeUnit::Month), (lasting.days.unsigned_abs(), TimeUnit::Day)];
        let seconds = u32::try_from(lasting.micros.unsigned_abs() / 1_000_000).unwrap_or(u32::MAX);
        for (amount, unit) in parts.into_iter().chain([(seconds, TimeUnit::Second)]).filter(|p| p.0 > 0) {
            self.note_length(Length { amount, unit });
        }
    }

    /// `from + extent`.
    pub(crate) fn add(&self, from: Moment, extent: Extent, counting: Counting) -> Moment {
        let almanac = &self.codebook.almanac;
        match extent {
            Extent::Written(length) => almanac.add(from, length, counting.days, counting.overflow),
            Extent::Recorded(lasting) => {
                let part = |from, amount: i32, unit| match u32::try_from(amount) {
                    Ok(amount) if amount > 0 => almanac.add(from, Length { amount, unit }, counting.days, counting.overflow),
                    _ => from,
                };
                let moved = part(part(from, lasting.months, TimeUnit::Month), lasting.days, TimeUnit::Day);
                Moment(moved.0.saturating_add(lasting.micros))
            }
        }
    }

    /// A time or date field of the trigger: a date means 24:00 of that day. Several possible times: both ends.
    pub(crate) fn field_time(&self, judged: Entry, field: FieldId) -> Option<(Moment, Moment)> {
        let end = |date| self.codebook.almanac.end_of(date);
        let value = self.field(judged.event, field)?;
        if let Value::Time(at) = value {
            Some((at.earliest, at.latest))
        } else if let Value::Span(ends) = value {
            Some((ends.1.earliest, ends.1.latest))
        } else if let Value::Date(first, last) = value {
            Some((end(*first), end(*last)))
        } else {
            None
        }
    }

    /// Stretches during which the time of a rule does not run, joined.
    pub(crate) fn pauses(&self, states: &[StateId]) -> Pauses {
        if states.is_empty() {
            return Pauses(Vec::new());
        }
        let mut runs: Vec<Run> = states.iter().flat_map(|s| self.runs(*s).to_vec()).collect();
        runs.sort_by_key(|r| r.start);
        Pauses(join(runs.iter().map(|r| (r.start, r.end))))
    }
}

/// Joins half-open stretches that touch or overlap.
pub(crate) fn join(stretches: impl Iterator<Item = (Moment, Option<Moment>)>) -> Vec<(Moment, Option<Moment>)> {
    let mut joined: Vec<(Moment, Option<Moment>)> = Vec::new();
    for (start, end) in stretches {
        match joined.last_mut() {
            Some((_, last)) if last.is_none_or(|l| start <= l) => {
                *last = match (*last, end) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            }
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// Pauses of a clock, in order of time.
#[derive(Clone, Debug)]
pub(crate) struct Pauses(pub(crate) Vec<(Moment, Option<Moment>)>);

impl Pauses {
    /// The due time moved by every pause that begins before it (and not after the answer): by its length, counted from the
    /// trigger at the earliest.
    pub(crate) fn moved(&self, from: Moment, due: Moment, answered: Option<Moment>) -> Due {
        let mut due = due;
        for (start, end) in &self.0 {
            if *start >= due || answered.is_some_and(|b| *start > b) {
                break;
            }
            match end {
                Some(end) if answered.is_none_or(|b| b >= *end) => {
                    due = Moment(due.0 + end.since((*start).max(from)).max(0));
                }
                Some(end) if *end <= from => {}
                _ => return Due::Stopped,
            }
        }
        Due::At(due)
    }
}
