//! E115 a state that can never end, E120 a recurring duty whose period is longer than the state may last.

use super::{Found, walk};
use crate::moment::{Length, TimeUnit};
use crate::tree::{Body, Codebook, Holds, Keep, LimitValue, Pattern, Span, Test};

pub(super) fn check(found: &mut Found) {
    for state in &found.codebook.states {
        let Holds::Between { from, until } = &state.holds else { continue };
        let Some(key) = state.subjects.last() else { continue };
        let names = |p: &Pattern| {
            let subjects = &found.codebook.kind(found.codebook.expand(p).0).subjects;
            subjects.is_empty() || subjects.contains(key)
        };
        let class = &found.codebook.class(*key).name;
        let reachable = |p: &Pattern| names(p) && !contradictory(found.codebook, p);
        if !until.iter().any(reachable) {
            let message = format!("the state `{}` can never end: none of its ends can name its {class}", state.name);
            found.error("E115", &state.mark, message, format!("end it by an event of {class} that can happen"));
        } else if !from.iter().any(reachable) {
            let message = format!("the state `{}` can never begin: none of its starts can name its {class}", state.name);
            found.error("E115", &state.mark, message, format!("start it by an event of {class} that can happen"));
        } else if until.iter().all(|u| from.contains(u)) && from.iter().all(|f| until.contains(f)) {
            let message = format!("the state `{}` ends by what starts it", state.name);
            found.error("E115", &state.mark, message, "end it by another event".to_owned());
        }
    }
    periods(found);
}

/// Tests that no event can pass: one field is two values at once.
fn contradictory(codebook: &Codebook, pattern: &Pattern) -> bool {
    let (_, tests) = codebook.expand(pattern);
    tests.iter().enumerate().any(|(i, (field, test))| {
        let Test::Is(true, wanted) = test else { return false };
        tests[i + 1..].iter().any(|(other, test)| other == field && matches!(test, Test::Is(true, term) if term != wanted))
    })
}

fn periods(found: &mut Found) {
    let codebook = found.codebook;
    for rule in &codebook.rules {
        let Body::While { state, keep: Keep::Every { period, .. }, .. } = &rule.body else { continue };
        for other in &codebook.rules {
            let Body::While { state: same, keep: Keep::NotLonger { limit, in_any: None, .. }, .. } = &other.body else { continue };
            if state != same || rule.subject != other.subject || other.condition.is_some() {
                continue;
            }
            if let (Some(period), Some(most)) = (seconds(codebook, period), seconds(codebook, limit))
                && period > most
            {
                let mark = found.clause(rule, "at least every");
                let message = format!("the period is longer than `{}` lets the state last", other.id);
                found.error("E120", &mark, message, "the duty could never fall due; shorten the period".to_owned());
            }
        }
    }
}

/// A span in seconds, a month as 30 days; `None` when it is recorded in a field.
pub(super) fn seconds(codebook: &Codebook, span: &Span) -> Option<u64> {
    let length = match span {
        Span::Length(length, _) => *length,
        Span::Limit(limit, _) => match codebook.limits[limit.index()].versions.last()?.value {
            LimitValue::Length(length) => length,
            LimitValue::Quantity(_) => return None,
        },
        Span::Field(..) => return None,
    };
    Some(in_seconds(length))
}

fn in_seconds(length: Length) -> u64 {
    let unit = match length.unit {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3600,
        TimeUnit::Day => 86_400,
        TimeUnit::Month => 30 * 86_400,
        TimeUnit::Year => 365 * 86_400,
    };
    u64::from(length.amount) * unit
}

/// Spans in days, for whoever asks.
pub(super) fn in_days(span: &Span) -> bool {
    matches!(span, Span::Length(Length { unit: TimeUnit::Day, .. }, _))
}

/// Whether a rule speaks of days anywhere.
pub(super) fn speaks_of_days(codebook: &Codebook, rule: &crate::tree::Rule) -> bool {
    walk::spans(rule).into_iter().any(|span| match span {
        Span::Limit(limit, _) => codebook.limits[limit.index()]
            .versions
            .iter()
            .any(|v| matches!(v.value, LimitValue::Length(Length { unit: TimeUnit::Day, .. }))),
        Span::Length(..) => in_days(span),
        Span::Field(..) => true,
    })
}
