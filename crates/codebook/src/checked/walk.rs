//! What a rule speaks of: its events, conditions, states and spans, in the order written.

use crate::diagnostic::Mark;
use crate::tree::{
    Body, Codebook, Cond, Consequence, EventName, Holds, ItemId, Keep, KindId, Measure, Of, Operand, Pattern, Presence, Rule, Span,
    StateId, Term, Test, Within,
};
use std::collections::BTreeSet;

/// Event patterns of a rule's body (not those of its conditions).
pub(super) fn body_patterns(body: &Body) -> Vec<&Pattern> {
    match body {
        Body::After { trigger, answer, limit, .. } => match limit {
            Within::Before(end) => vec![trigger, answer, end],
            Within::Span(_) | Within::By { .. } | Within::AsLongAs(..) => vec![trigger, answer],
        },
        Body::Before { event, required, .. } => vec![event, required],
        Body::While { keep: Keep::NoEvent(event) | Keep::Every { event, .. }, .. } => vec![event],
        Body::While { keep: Keep::NotLonger { .. } | Keep::Forbidden | Keep::Count { .. }, .. } | Body::Quantity { .. } => vec![],
        Body::EveryRecord { event, .. } | Body::EverySatisfies { event, .. } | Body::Never { event } => vec![event],
        Body::EveryRestsOn { event, authority, .. } => vec![event, authority],
        Body::Clock { from, answer, .. } => vec![from, answer],
    }
}

/// The event at which a rule is judged; none where the body has no trigger.
pub(super) fn judged(body: &Body) -> Option<&Pattern> {
    match body {
        Body::After { trigger, .. } => Some(trigger),
        Body::Clock { from, .. } => Some(from),
        Body::Before { event, .. }
        | Body::EveryRecord { event, .. }
        | Body::EverySatisfies { event, .. }
        | Body::EveryRestsOn { event, .. }
        | Body::Never { event }
        | Body::While { keep: Keep::NoEvent(event), .. } => Some(event),
        Body::While { keep: Keep::NotLonger { .. } | Keep::Forbidden | Keep::Count { .. } | Keep::Every { .. }, .. }
        | Body::Quantity { .. } => None,
    }
}

/// Conditions of a rule that are judged on its subject: `where`, `unless`, `must satisfy`.
pub(super) fn conditions(rule: &Rule) -> Vec<&Cond> {
    let mut conditions: Vec<&Cond> = rule.condition.iter().collect();
    if let Body::EverySatisfies { cond, .. } = &rule.body {
        conditions.push(cond);
    }
    conditions.extend(rule.exceptions.iter().map(|e| &e.when));
    conditions
}

/// The condition after `present where`: judged on the event that started the presence.
pub(super) fn present_where(rule: &Rule) -> Option<&Cond> {
    match &rule.body {
        Body::While { keep: Keep::Count { condition, .. }, .. } => condition.as_ref(),
        Body::While { keep: Keep::NotLonger { .. } | Keep::Forbidden | Keep::NoEvent(_) | Keep::Every { .. }, .. }
        | Body::After { .. }
        | Body::Before { .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Never { .. }
        | Body::Clock { .. } => None,
    }
}

/// The single statements that a condition is made of.
pub(super) fn atoms(cond: &Cond) -> Vec<&Cond> {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().flat_map(atoms).collect(),
        Cond::State(..) | Cond::Happened(..) | Cond::Field(..) | Cond::Subject(..) => vec![cond],
    }
}

/// Other fields that a test compares with.
pub(super) fn others(test: &Test) -> Vec<&Operand> {
    let of_term = |term: &'_ Term| match term {
        Term::Other(operand) => Some(operand.clone()),
        Term::Value(..) | Term::YesNo(_) | Term::Role(..) | Term::Rule(..) | Term::Grade(_) => None,
    };
    match test {
        Test::Compare(_, Measure::Other(operand)) => vec![operand],
        Test::Compare(_, Measure::Amount(_) | Measure::Length(..)) | Test::Known => vec![],
        Test::Is(..) | Test::Includes(..) | Test::OneOf(_) | Test::IncludesAll(_) => {
            terms(test).into_iter().filter(|t| of_term(t).is_some()).filter_map(operand_of).collect()
        }
    }
}

fn operand_of(term: &Term) -> Option<&Operand> {
    match term {
        Term::Other(operand) => Some(operand),
        Term::Value(..) | Term::YesNo(_) | Term::Role(..) | Term::Rule(..) | Term::Grade(_) => None,
    }
}

/// The words on the right of a test.
pub(super) fn terms(test: &Test) -> Vec<&Term> {
    match test {
        Test::Is(_, term) | Test::Includes(_, term) => vec![term],
        Test::OneOf(terms) | Test::IncludesAll(terms) => terms.iter().collect(),
        Test::Known | Test::Compare(..) => vec![],
    }
}

/// Spans of time of a rule, in the order written.
pub(super) fn spans(rule: &Rule) -> Vec<&Span> {
    let mut spans: Vec<&Span> = match &rule.body {
        Body::After { limit: Within::Span(span), .. } => vec![span],
        Body::After { limit: Within::By { .. } | Within::Before(_) | Within::AsLongAs(..), .. } => vec![],
        Body::Before { not_older, .. } | Body::EveryRestsOn { not_older, .. } => not_older.iter().collect(),
        Body::While { keep: Keep::NotLonger { limit, in_any, break_of }, .. } => {
            std::iter::once(limit).chain(in_any).chain(break_of).collect()
        }
        Body::While { keep: Keep::Every { period, first, .. }, .. } => std::iter::once(period).chain(first).collect(),
        Body::Clock { length, .. } => vec![length],
        Body::While { keep: Keep::Forbidden | Keep::NoEvent(_) | Keep::Count { .. }, .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::Never { .. } => vec![],
    };
    for exception in &rule.exceptions {
        match &exception.then {
            Consequence::LimitIs(span) => spans.push(span),
            Consequence::DoesNotApply | Consequence::Excused => {}
        }
    }
    spans.extend(&rule.recorded_within);
    spans.extend(rule.tell.iter().filter_map(|t| t.within.as_ref()));
    spans
}

/// States that a rule names, each with its place (the rule's own for a pause).
pub(super) fn states(rule: &Rule) -> Vec<(StateId, Mark)> {
    let mut states = Vec::new();
    match &rule.body {
        Body::While { state, mark, .. } => states.push((*state, mark.clone())),
        Body::After { limit: Within::AsLongAs(state, mark), .. } => states.push((*state, mark.clone())),
        Body::After { limit: Within::Span(_) | Within::By { .. } | Within::Before(_), .. }
        | Body::Before { .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Never { .. }
        | Body::Clock { .. } => {}
    }
    for cond in conditions(rule).into_iter().chain(present_where(rule)) {
        for atom in atoms(cond) {
            match atom {
                Cond::State(state, mark) | Cond::Subject(_, _, state, mark) => states.push((*state, mark.clone())),
                Cond::All(_) | Cond::Any(_) | Cond::Happened(..) | Cond::Field(..) => {}
            }
        }
    }
    states.extend(rule.pauses.iter().map(|s| (*s, rule.mark.clone())));
    states
}

/// Patterns that a state rests on: its own, and those of the item that it counts.
pub(super) fn state_patterns(codebook: &Codebook, state: StateId) -> Vec<&Pattern> {
    match &codebook.states[state.index()].holds {
        Holds::Between { from, until } => from.iter().chain(until).collect(),
        Holds::Count { item, .. } => item_patterns(codebook, *item),
        Holds::AgeBelow(_) | Holds::Always => vec![],
    }
}

/// Patterns that an item rests on.
pub(super) fn item_patterns(codebook: &Codebook, item: ItemId) -> Vec<&Pattern> {
    match &codebook.items[item.index()].present {
        Presence::Between { from, until, .. } => from.iter().chain(until).collect(),
        Presence::Others { item, who, .. } => {
            let mut patterns = item_patterns(codebook, *item);
            if let Some((_, state)) = who {
                patterns.extend(state_patterns(codebook, *state));
            }
            patterns
        }
    }
}

/// Kinds that a condition reads, through states too, each with the place that reads it.
pub(super) fn kinds_read(codebook: &Codebook, cond: &Cond) -> Vec<(KindId, Mark)> {
    let mut kinds = Vec::new();
    let of_event = |operand: &Operand, kinds: &mut Vec<(KindId, Mark)>| match operand.of {
        Of::Event(event) => kinds.push((kind_of(codebook, event), operand.mark.clone())),
        Of::Judged | Of::Subject(_) => {}
    };
    for atom in atoms(cond) {
        match atom {
            Cond::Happened(pattern, _) => kinds.push((codebook.expand(pattern).0, pattern.mark.clone())),
            Cond::Field(operand, test) => {
                of_event(operand, &mut kinds);
                others(test).into_iter().for_each(|o| of_event(o, &mut kinds));
            }
            Cond::State(state, mark) | Cond::Subject(_, _, state, mark) => {
                kinds.extend(state_patterns(codebook, *state).into_iter().map(|p| (codebook.expand(p).0, mark.clone())));
            }
            Cond::All(_) | Cond::Any(_) => {}
        }
    }
    kinds
}

/// The kind behind a name.
pub(super) fn kind_of(codebook: &Codebook, event: EventName) -> KindId {
    match event {
        EventName::Kind(kind) => kind,
        EventName::Alias(alias) => codebook.expand(&codebook.aliases[alias.index()].pattern).0,
    }
}

/// Every pattern written anywhere in a rule.
pub(super) fn all_patterns(rule: &Rule) -> Vec<&Pattern> {
    let mut patterns = body_patterns(&rule.body);
    for cond in conditions(rule).into_iter().chain(present_where(rule)) {
        patterns.extend(atoms(cond).into_iter().filter_map(happened));
    }
    patterns.extend(&rule.irrespective);
    patterns
}

/// Tests of fields in a rule's conditions and after `whose`.
pub(super) fn tests(rule: &Rule) -> Vec<&Test> {
    let mut tests: Vec<&Test> = all_patterns(rule).into_iter().flat_map(|pattern| pattern.tests.iter().map(|(_, test)| test)).collect();
    for atom in conditions(rule).into_iter().chain(present_where(rule)).flat_map(atoms) {
        match atom {
            Cond::Field(_, test) => tests.push(test),
            Cond::Happened(..) | Cond::All(_) | Cond::Any(_) | Cond::State(..) | Cond::Subject(..) => {}
        }
    }
    tests
}

fn happened(atom: &Cond) -> Option<&Pattern> {
    match atom {
        Cond::Happened(pattern, _) => Some(pattern),
        Cond::All(_) | Cond::Any(_) | Cond::State(..) | Cond::Field(..) | Cond::Subject(..) => None,
    }
}

/// All kinds that a rule reads: its own events, those of its conditions and of the states behind them.
pub(super) fn rule_kinds(codebook: &Codebook, rule: &Rule) -> BTreeSet<KindId> {
    let mut kinds: BTreeSet<KindId> = all_patterns(rule).into_iter().map(|p| codebook.expand(p).0).collect();
    for (state, _) in states(rule) {
        kinds.extend(state_patterns(codebook, state).into_iter().map(|p| codebook.expand(p).0));
    }
    for cond in conditions(rule) {
        kinds.extend(kinds_read(codebook, cond).into_iter().map(|(k, _)| k));
    }
    kinds.extend(items(rule).into_iter().flat_map(|i| item_patterns(codebook, i)).map(|p| codebook.expand(p).0));
    kinds
}

/// Items that a rule's body counts.
pub(super) fn items(rule: &Rule) -> Vec<ItemId> {
    match &rule.body {
        Body::While { keep: Keep::Count { item, .. }, .. } => vec![*item],
        Body::Quantity { per, .. } => per.iter().copied().collect(),
        Body::While { keep: Keep::NotLonger { .. } | Keep::Forbidden | Keep::NoEvent(_) | Keep::Every { .. }, .. }
        | Body::After { .. }
        | Body::Before { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Never { .. }
        | Body::Clock { .. } => vec![],
    }
}
