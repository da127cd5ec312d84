//! E116 an exception that can never be true, E117 one that is true whenever the duty is not done, E119 one that asks for what the
//! rule says does not matter.

use super::logic::{Formula, Statements, not};
use super::{Found, walk};
use crate::tree::{Body, Codebook, Cond, Consequence, Keep, Pattern, Rule};

pub(super) fn check(found: &mut Found) {
    for rule in &found.codebook.rules {
        reachable(found, rule);
        duty(found, rule);
        irrespective(found, rule);
    }
}

fn reachable(found: &mut Found, rule: &Rule) {
    let mut statements = Statements::default();
    let where_holds: Vec<Formula> = rule.condition.iter().map(|c| statements.formula(c)).collect();
    let exceptions: Vec<Formula> = rule.exceptions.iter().map(|e| statements.formula(&e.when)).collect();
    for (i, exception) in rule.exceptions.iter().enumerate() {
        let mut together = where_holds.clone();
        together.push(exceptions[i].clone());
        if statements.can_all_be(&together) == Some(false) {
            let message = "this exception can never be true where the rule applies".to_owned();
            let help = "`where` already excludes it, or it contradicts itself; leave it out".to_owned();
            found.error("E116", &exception.mark, message, help);
            continue;
        }
        together.extend(exceptions[..i].iter().cloned().map(not));
        if i > 0 && statements.can_all_be(&together) == Some(false) {
            let message = "an earlier exception is true whenever this one is".to_owned();
            found.error("E116", &exception.mark, message, "the first true one wins; put this one first, or leave it out".to_owned());
        }
    }
}

/// What must be so for a rule to be broken, as a condition on what has happened.
fn broken(rule: &Rule, statements: &mut Statements) -> Option<Formula> {
    match &rule.body {
        Body::After { answer, forbidden, .. } => Some(statements.happened(answer, *forbidden)),
        Body::Before { required, .. } => Some(statements.happened(required, false)),
        Body::EveryRestsOn { authority, .. } => Some(statements.happened(authority, false)),
        Body::Clock { answer, .. } => Some(statements.happened(answer, false)),
        Body::Never { event } | Body::While { keep: Keep::NoEvent(event), .. } => Some(statements.happened(event, true)),
        Body::EverySatisfies { cond, .. } => Some(not(statements.formula(cond))),
        Body::While { keep: Keep::NotLonger { .. } | Keep::Forbidden | Keep::Count { .. } | Keep::Every { .. }, .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. } => None,
    }
}

fn duty(found: &mut Found, rule: &Rule) {
    for exception in &rule.exceptions {
        match exception.then {
            Consequence::DoesNotApply | Consequence::Excused => {}
            Consequence::LimitIs(_) => continue,
        }
        let mut statements = Statements::default();
        let Some(breach) = broken(rule, &mut statements) else { continue };
        let when = widened(found.codebook, rule, &exception.when);
        let formula = statements.formula(&when);
        // Can the duty be left undone while the exception is not true? If not, nothing is ever a breach.
        if statements.can_all_be(&[breach, not(formula)]) == Some(false) {
            let message = "this exception is true whenever the duty is not done, so the rule can never be broken".to_owned();
            let help = "name what excuses the omission, not the omission itself".to_owned();
            found.error("E117", &exception.mark, message, help);
        }
    }
}

/// The condition with events that are special cases of the rule's answer written as the answer: if no notification happened, then
/// none by telephone did.
fn widened(codebook: &Codebook, rule: &Rule, cond: &Cond) -> Cond {
    let Some(answer) = answer_of(rule) else { return cond.clone() };
    match cond {
        Cond::All(parts) => Cond::All(parts.iter().map(|c| widened(codebook, rule, c)).collect()),
        Cond::Any(parts) => Cond::Any(parts.iter().map(|c| widened(codebook, rule, c)).collect()),
        Cond::Happened(pattern, false) if is_special(codebook, pattern, answer) => Cond::Happened(answer.clone(), false),
        Cond::Happened(..) | Cond::State(..) | Cond::Field(..) | Cond::Subject(..) => cond.clone(),
    }
}

fn answer_of(rule: &Rule) -> Option<&Pattern> {
    match &rule.body {
        Body::After { answer, .. } | Body::Clock { answer, .. } => Some(answer),
        Body::Before { required, .. } => Some(required),
        Body::EveryRestsOn { authority, .. } => Some(authority),
        Body::While { .. } | Body::Quantity { .. } | Body::EveryRecord { .. } | Body::EverySatisfies { .. } | Body::Never { .. } => None,
    }
}

/// Whether every event that passes one pattern passes the other.
pub(super) fn is_special(codebook: &Codebook, one: &Pattern, general: &Pattern) -> bool {
    let ((kind, tests), (general_kind, wanted)) = (codebook.expand(one), codebook.expand(general));
    kind == general_kind && wanted.iter().all(|t| tests.contains(t))
}

fn irrespective(found: &mut Found, rule: &Rule) {
    for pattern in &rule.irrespective {
        let (kind, _) = found.codebook.expand(pattern);
        for cond in walk::conditions(rule) {
            for (read, mark) in walk::kinds_read(found.codebook, cond) {
                if read == kind {
                    let message = format!("this condition asks for `{}`, which the rule says does not matter", found.pattern(pattern));
                    found.error("E119", &mark, message, "leave out the condition, or `this holds irrespective of`".to_owned());
                }
            }
        }
    }
}
