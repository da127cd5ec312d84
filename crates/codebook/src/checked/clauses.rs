//! E129: a clause that the rule's body cannot take.

use super::{Found, states};
use crate::tree::{Body, Consequence, Keep, Rule};

pub(super) fn check(found: &mut Found) {
    for rule in &found.codebook.rules {
        for exception in rule.exceptions.iter().filter(|e| matches!(e.then, Consequence::LimitIs(_))) {
            if !takes_another_limit(&rule.body) {
                let message = "this duty has no limit that could be another".to_owned();
                found.error("E129", &exception.mark, message, "say `the rule does not apply` or `a breach is excused`".to_owned());
            }
        }
        if !rule.pauses.is_empty() && !is_limited(&rule.body) {
            let mark = found.clause(rule, "the time does not run");
            let message = "this duty has no time that could stand still".to_owned();
            found.error("E129", &mark, message, "leave the clause out, or say `unless …, the rule does not apply`".to_owned());
        }
        if rule.days.0.is_some() && !states::speaks_of_days(found.codebook, rule) && !counts_by_date(rule) {
            let mark = found.clause(rule, "days are counted");
            let message = "nothing in this rule is counted in days".to_owned();
            found.error("E129", &mark, message, "leave the clause out, or write the limit in days".to_owned());
        }
        if rule.recorded_within.is_some() && matches!(rule.body, Body::Quantity { .. }) {
            let mark = found.clause(rule, "it must be recorded within");
            let message = "a quantity at all times has no entry that could be late".to_owned();
            found.error("E129", &mark, message, "write a rule for the event whose entry matters".to_owned());
        }
    }
}

fn takes_another_limit(body: &Body) -> bool {
    match body {
        Body::After { .. } | Body::Clock { .. } => true,
        Body::While { keep, .. } => match keep {
            Keep::NotLonger { in_any, .. } => in_any.is_none(),
            Keep::Every { .. } => true,
            Keep::Forbidden | Keep::NoEvent(_) | Keep::Count { .. } => false,
        },
        Body::Before { .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Never { .. } => false,
    }
}

fn is_limited(body: &Body) -> bool {
    takes_another_limit(body)
}

/// `by 3 days before the FIELD` counts days too.
fn counts_by_date(rule: &Rule) -> bool {
    matches!(&rule.body, Body::After { limit: crate::tree::Within::By { .. }, .. })
}
