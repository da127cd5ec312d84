//! E105: rules that read each other's breaches in a circle, states and items that count each other in one.

use super::{Found, listed, walk};
use crate::tree::{Builtin, Codebook, Holds, ItemId, Presence, Rule, StateId, Term, Test};

/// A state or an item.
#[derive(Clone, Copy, PartialEq)]
enum Counted {
    State(StateId),
    Item(ItemId),
}

/// A state that holds while so many of an item are present, who again are those in that state, says nothing at any instant.
pub(super) fn counts(found: &mut Found) {
    let codebook = found.codebook;
    let states = codebook.states.iter().enumerate().map(|(n, state)| (Counted::State(StateId(n as u16)), &state.name, &state.mark));
    let items = codebook.items.iter().enumerate().map(|(n, item)| (Counted::Item(ItemId(n as u16)), &item.name, &item.mark));
    for (one, name, mark) in states.chain(items) {
        let mut reached: Vec<Counted> = Vec::new();
        let mut next = rests_on(codebook, one);
        while let Some(other) = next.pop() {
            if !reached.contains(&other) {
                reached.push(other);
                next.extend(rests_on(codebook, other));
            }
        }
        if reached.contains(&one) {
            let names = reached.iter().map(|other| match other {
                Counted::State(state) => &codebook.states[state.index()].name,
                Counted::Item(item) => &codebook.items[item.index()].name,
            });
            let message = format!("`{name}` rests on itself, through {}", listed(names, "and"));
            found.error("E105", mark, message, "let one of them begin and end by events".to_owned());
        }
    }
}

fn rests_on(codebook: &Codebook, one: Counted) -> Vec<Counted> {
    match one {
        Counted::State(state) => match &codebook.states[state.index()].holds {
            Holds::Count { item, .. } => vec![Counted::Item(*item)],
            Holds::Between { .. } | Holds::AgeBelow(_) | Holds::Always => Vec::new(),
        },
        Counted::Item(item) => match &codebook.items[item.index()].present {
            Presence::Others { item, who, .. } => {
                std::iter::once(Counted::Item(*item)).chain(who.map(|(_, state)| Counted::State(state))).collect()
            }
            Presence::Between { .. } => Vec::new(),
        },
    }
}

pub(super) fn breaches(found: &mut Found) {
    let codebook = found.codebook;
    for rule in &codebook.rules {
        let mut reached: Vec<&str> = Vec::new();
        let mut next = read_by(codebook, rule);
        while let Some(id) = next.pop() {
            if id == rule.id {
                let head = found.head(rule);
                let message = format!("`{}` waits for its own breach", rule.id);
                let help = "a rule may read the breaches of others, never in a circle".to_owned();
                found.error("E105", &head, message, help);
                break;
            }
            if !reached.contains(&id) {
                reached.push(id);
                next.extend(codebook.rules.iter().filter(|r| r.id == id).flat_map(|r| read_by(codebook, r)));
            }
        }
    }
}

/// Ids of the rules whose breaches a rule names.
fn read_by<'c>(codebook: &'c Codebook, rule: &'c Rule) -> Vec<&'c str> {
    let mut ids = Vec::new();
    for pattern in walk::all_patterns(rule) {
        let (kind, tests) = codebook.expand(pattern);
        if kind != Builtin::BreachFound.kind() {
            continue;
        }
        for (_, test) in tests {
            if matches!(test, Test::Is(true, _) | Test::OneOf(_)) {
                ids.extend(walk::terms(test).into_iter().filter_map(rule_id));
            }
        }
    }
    ids
}

fn rule_id(term: &Term) -> Option<&str> {
    match term {
        Term::Rule(id, _) => Some(id),
        Term::Value(..) | Term::YesNo(_) | Term::Role(..) | Term::Other(_) | Term::Grade(_) => None,
    }
}
