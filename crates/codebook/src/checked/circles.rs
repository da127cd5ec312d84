//! E105: rules that read each other's breaches in a circle.

use super::{Found, walk};
use crate::tree::{Builtin, Codebook, Rule, Term, Test};

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
