//! E110 nobody is told, or somebody without an address; W125 the one told is the one whose duty it is, or may not know.

use super::{Found, walk};
use crate::tree::{Body, RoleIs, Rule, Sensitivity};

/// Entries of the address book that belong to the place itself.
const OF_THE_PLACE: [&str; 2] = ["head-of-custody", "director"];

pub(super) fn check(found: &mut Found) {
    for rule in &found.codebook.rules {
        if rule.tell.is_empty() {
            let head = found.head(rule);
            let help = "add a clause such as `On breach, tell head of custody and ombudsman.`".to_owned();
            found.error("E110", &head, format!("`{}` tells nobody of a breach", rule.id), help);
        }
        told(found, rule);
    }
}

fn told(found: &mut Found, rule: &Rule) {
    let codebook = found.codebook;
    let privileged = walk::rule_kinds(codebook, rule).into_iter().any(|k| codebook.kind(k).seen_as == Sensitivity::Privileged);
    for telling in &rule.tell {
        for role in &telling.roles {
            let role_declared = &codebook.roles[role.index()];
            let RoleIs::Addressee { entry, .. } = &role_declared.is else {
                let help = "declare it as an `address-book entry`, or tell one that is".to_owned();
                found.error("E110", &telling.mark, format!("the role `{}` has no address", role_declared.name), help);
                continue;
            };
            if let Body::EveryRestsOn { roles, .. } = &rule.body
                && roles.contains(role)
            {
                let help = "tell somebody who stands above or outside as well".to_owned();
                found.warning("W125", &telling.mark, format!("`{}` is told of a breach of its own duty", role_declared.name), help);
            }
            if privileged && OF_THE_PLACE.contains(&entry.as_str()) {
                let message = format!("this rule reads what is privileged and tells `{}`, a role of the place", role_declared.name);
                found.warning("W125", &telling.mark, message, "tell only those who may know of it".to_owned());
            }
        }
    }
}
