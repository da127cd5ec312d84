//! E130 an access line that can never apply, W121 a class that nobody may read.

use super::Found;
use crate::tree::{Access, Act, RoleIs, Scope, Sensitivity, Tie};
use std::collections::BTreeSet;

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    for (i, line) in codebook.access.iter().enumerate() {
        let Access::Line { allow, roles, acts, scope, when, mark, .. } = line else { continue };
        let never = |found: &mut Found, why: &str, help: &str| {
            found.error("E130", mark, format!("this line can never apply: {why}"), help.to_owned());
        };
        if when.iter().any(|(is, tie)| when.iter().any(|(other, same)| tie == same && is != other)) {
            never(found, "it asks for a tie and for its absence", "leave one of them out");
        }
        if when.contains(&(true, Tie::BreakGlass)) && *scope == Scope::Class(Sensitivity::Privileged) {
            never(found, "`break glass` never opens what is privileged", "leave the line out");
        }
        if roles.iter().all(|role| matches!(codebook.roles[role.index()].is, RoleIs::Addressee { .. })) {
            never(found, "nobody signs in as this role, it is a line of the address book", "name a role declared as `desk role`");
        }
        if matches!(scope, Scope::Table(_)) && acts.iter().all(|a| matches!(a, Act::Record | Act::Correct)) {
            never(found, "a table is counted, not recorded", "allow to read, print, export or approve");
        }
        if *allow {
            let shut = codebook.access.iter().take(i).chain(codebook.access.iter().skip(i + 1)).any(|other| match other {
                Access::Line { allow: false, roles: denied, acts: denied_acts, scope: denied_scope, when: denied_when, .. } => {
                    denied_when.is_empty()
                        && (denied_scope == scope || *denied_scope == Scope::Everything)
                        && roles.iter().all(|r| denied.contains(r))
                        && acts.iter().all(|a| denied_acts.contains(a))
                }
                Access::Line { .. } | Access::Excludes(..) | Access::Cedar(..) => false,
            });
            if shut {
                never(found, "another line denies the same to the same roles without a condition", "leave one of them out");
            }
        }
    }
    unread(found);
}

fn unread(found: &mut Found) {
    let codebook = found.codebook;
    let lines: Vec<(&Scope, &Vec<Act>)> = codebook
        .access
        .iter()
        .filter_map(|line| match line {
            Access::Line { allow: true, scope, acts, .. } => Some((scope, acts)),
            Access::Line { .. } | Access::Excludes(..) | Access::Cedar(..) => None,
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    let fields = codebook.kinds.iter().skip(3).flat_map(|k| k.fields.iter().map(|f| f.sensitivity).chain([k.seen_as]));
    let classes: BTreeSet<Sensitivity> = fields.collect();
    let readable = |class: Sensitivity| {
        lines.iter().any(|(scope, acts)| {
            acts.contains(&Act::Read)
                && match scope {
                    Scope::Everything => true,
                    Scope::Class(one) => *one == class,
                    Scope::Event(_) | Scope::Field(..) | Scope::RecordOf(_) => class <= Sensitivity::Custody,
                    Scope::Table(_) => false,
                }
        })
    };
    for class in classes {
        if !readable(class) {
            let mark = codebook.access.first().map(mark_of).unwrap_or_default();
            let message = format!("no role may read the class {class:?}").to_lowercase();
            found.warning("W121", &mark, message, "allow it to those who must know, or leave the class out".to_owned());
        }
    }
}

fn mark_of(line: &Access) -> crate::diagnostic::Mark {
    match line {
        Access::Line { mark, .. } | Access::Excludes(_, _, mark) | Access::Cedar(_, mark) => mark.clone(),
    }
}
