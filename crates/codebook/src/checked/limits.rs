//! W122 days for a limit whose source gives hours, W123 numbers that the operator set.

use super::{Found, walk};
use crate::moment::{Length, TimeUnit};
use crate::tree::{Amount, Body, Keep, LimitId, LimitValue, Measure, Rule, SetBy, Span, Test};

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    for (i, limit) in codebook.limits.iter().enumerate() {
        let used: Vec<&str> = codebook.rules.iter().filter(|r| limits(r).contains(&LimitId(i as u16))).map(|r| r.id.as_str()).collect();
        for version in limit.versions.iter().filter(|v| found.is_own(&v.mark)).cloned().collect::<Vec<_>>() {
            let in_days = matches!(version.value, LimitValue::Length(Length { unit: TimeUnit::Day, .. }));
            if in_days && version.because.to_lowercase().contains("hour") {
                let message = format!("the limit `{}` is in days, but its reason speaks of hours", limit.name);
                found.warning(
                    "W122",
                    &version.mark,
                    message,
                    "a day may be 23 or 25 hours long; write hours if hours are meant".to_owned(),
                );
            }
            if version.set_by == SetBy::Operator && !used.is_empty() {
                let message = format!("the operator set `{}`, used by {}", limit.name, super::listed(&used, "and"));
                found.warning("W123", &version.mark, message, "to be approved; every verdict that uses it says so".to_owned());
            }
        }
    }
}

/// Named numbers that a rule uses.
pub(super) fn limits(rule: &Rule) -> Vec<LimitId> {
    let mut limits: Vec<LimitId> = walk::spans(rule)
        .into_iter()
        .filter_map(|span| match span {
            Span::Limit(limit, _) => Some(*limit),
            Span::Length(..) | Span::Field(..) => None,
        })
        .collect();
    let amount = match &rule.body {
        Body::Quantity { number, .. } | Body::While { keep: Keep::Count { number, .. }, .. } => Some(number),
        Body::While { .. }
        | Body::After { .. }
        | Body::Before { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Never { .. }
        | Body::Clock { .. } => None,
    };
    if let Some(Amount::Limit(limit, _)) = amount {
        limits.push(*limit);
    }
    limits.extend(walk::tests(rule).into_iter().filter_map(|test| match test {
        Test::Compare(_, Measure::Amount(Amount::Limit(limit, _))) => Some(*limit),
        Test::Compare(..) | Test::Is(..) | Test::OneOf(_) | Test::Known | Test::Includes(..) | Test::IncludesAll(_) => None,
    }));
    limits
}
