//! E118: one rule requires what another forbids, in a state that both can be in. The witness is a short timeline.

use super::Found;
use super::exceptions::is_special;
use super::logic::{Formula, Statements, not};
use crate::tree::{Body, Bound, Codebook, Consequence, Holds, ItemId, Keep, KindId, LimitValue, Pattern, Rule, StateId};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    for (one, other) in pairs(codebook) {
        if one.subject != other.subject || !overlap(one, other) {
            continue;
        }
        let witness = requires_forbidden(codebook, one, other).or_else(|| counts(codebook, one, other));
        if let Some(witness) = witness.filter(|_| can_both_apply(one, other)) {
            // Either may be the one that is wrong, so both are shown.
            for rule in [one, other] {
                let head = found.head(rule);
                let message = format!("`{}` and `{}` cannot both be kept", one.id, other.id);
                found.error("E118", &head, message, format!("witness: {witness}"));
            }
        }
    }
}

/// Pairs of which the first requires an event that the second forbids, or both count one item: any other two can be kept together.
fn pairs(codebook: &Codebook) -> Vec<(&Rule, &Rule)> {
    let mut asked: BTreeMap<KindId, (Vec<&Rule>, Vec<&Rule>)> = BTreeMap::new();
    let mut counted: BTreeMap<ItemId, Vec<&Rule>> = BTreeMap::new();
    for rule in &codebook.rules {
        if let Some((answer, ..)) = required(rule) {
            asked.entry(codebook.expand(answer).0).or_default().0.push(rule);
        }
        if let Some(event) = forbidden(rule) {
            asked.entry(codebook.expand(event).0).or_default().1.push(rule);
        }
        if let Body::While { keep: Keep::Count { item, .. }, .. } = &rule.body {
            counted.entry(*item).or_default().push(rule);
        }
    }
    let mut pairs = Vec::new();
    for (requiring, forbidding) in asked.values() {
        pairs.extend(requiring.iter().flat_map(|one| forbidding.iter().map(|other| (*one, *other))));
    }
    for rules in counted.values() {
        pairs.extend(rules.iter().enumerate().flat_map(|(n, one)| rules[n + 1..].iter().map(|other| (*one, *other))));
    }
    pairs
}

/// What a rule forbids.
fn forbidden(rule: &Rule) -> Option<&Pattern> {
    match &rule.body {
        Body::Never { event } | Body::After { answer: event, forbidden: true, .. } | Body::While { keep: Keep::NoEvent(event), .. } => {
            Some(event)
        }
        Body::After { .. } | Body::Before { .. } | Body::While { .. } | Body::Quantity { .. } | Body::Clock { .. } => None,
        Body::EveryRecord { .. } | Body::EverySatisfies { .. } | Body::EveryRestsOn { .. } => None,
    }
}

fn overlap(one: &Rule, other: &Rule) -> bool {
    let until = |r: &Rule| r.until.unwrap_or(Date::MAX);
    one.id != other.id && one.from < until(other) && other.from < until(one)
}

/// Whether there is a case to which both apply without an exception.
fn can_both_apply(one: &Rule, other: &Rule) -> bool {
    let mut statements = Statements::default();
    let mut formulas: Vec<Formula> = Vec::new();
    for rule in [one, other] {
        formulas.extend(rule.condition.iter().map(|c| statements.formula(c)));
        for exception in rule.exceptions.iter().filter(|e| e.then == Consequence::DoesNotApply || e.then == Consequence::Excused) {
            formulas.push(not(statements.formula(&exception.when)));
        }
    }
    statements.can_all_be(&formulas) == Some(true)
}

/// What a rule requires, what calls for it, and the state during which it does.
fn required(rule: &Rule) -> Option<(&Pattern, Option<&Pattern>, Option<StateId>)> {
    match &rule.body {
        Body::After { trigger, answer, forbidden: false, .. } => Some((answer, Some(trigger), None)),
        Body::Clock { from, answer, .. } => Some((answer, Some(from), None)),
        Body::While { state, keep: Keep::Every { event, .. }, .. } => Some((event, None, Some(*state))),
        Body::Before { .. } | Body::After { .. } | Body::While { .. } | Body::Quantity { .. } => None,
        Body::EveryRecord { .. } | Body::EverySatisfies { .. } | Body::EveryRestsOn { .. } | Body::Never { .. } => None,
    }
}

fn requires_forbidden(codebook: &Codebook, one: &Rule, other: &Rule) -> Option<String> {
    let (answer, trigger, during) = required(one)?;
    let name = |p: &Pattern| super::event_name(codebook, p.event).to_owned();
    let story = |when: &str| {
        let called = trigger.map_or_else(|| format!("while {when}"), |t| format!("10:00 {}", name(t)));
        format!("{called}; `{}` then requires {}, which `{}` forbids {when}", one.id, name(answer), other.id)
    };
    match &other.body {
        Body::Never { event } if is_special(codebook, answer, event) => Some(story("at any time")),
        Body::After { trigger: same, answer: event, forbidden: true, .. }
            if is_special(codebook, answer, event) && trigger.is_some_and(|t| is_special(codebook, t, same)) =>
        {
            Some(story("after the same event"))
        }
        Body::While { state, keep: Keep::NoEvent(event), .. } if is_special(codebook, answer, event) => {
            let starts = |s: StateId, t: &Pattern| match &codebook.states[s.index()].holds {
                Holds::Between { from, .. } => from.iter().any(|f| is_special(codebook, t, f)),
                Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. } => false,
            };
            let same_time = during == Some(*state) || trigger.is_some_and(|t| starts(*state, t));
            same_time.then(|| story(&format!("while {}", codebook.states[state.index()].name)))
        }
        Body::Never { .. }
        | Body::After { .. }
        | Body::While { .. }
        | Body::Before { .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Clock { .. } => None,
    }
}

/// At least so many and at most fewer of one item in one state.
fn counts(codebook: &Codebook, one: &Rule, other: &Rule) -> Option<String> {
    let count = |rule: &Rule| {
        let Body::While { state, keep: Keep::Count { bound, number, item, condition: None }, .. } = &rule.body else { return None };
        Some((*state, *bound, amount(codebook, number)?, *item))
    };
    let ((state, bound, number, item), (other_state, other_bound, other_number, other_item)) = (count(one)?, count(other)?);
    let least = |bound, number: Decimal| if bound == Bound::AtMost { Decimal::ZERO } else { number };
    let most = |bound, number: Decimal| if bound == Bound::AtLeast { Decimal::MAX } else { number };
    let apart = least(bound, number) > most(other_bound, other_number) || least(other_bound, other_number) > most(bound, number);
    (state == other_state && item == other_item && apart).then(|| {
        let (state, item) = (&codebook.states[state.index()].name, &codebook.items[item.index()].name);
        format!("while {state}, `{}` and `{}` ask for different numbers of {item}", one.id, other.id)
    })
}

fn amount(codebook: &Codebook, amount: &crate::tree::Amount) -> Option<Decimal> {
    match amount {
        crate::tree::Amount::Number(quantity, _) => Some(quantity.number),
        crate::tree::Amount::Limit(limit, _) => match codebook.limits[limit.index()].versions.last()?.value {
            LimitValue::Quantity(quantity) => Some(quantity.number),
            LimitValue::Length(_) => None,
        },
    }
}
