//! W132: a step of a flow that none of its roles may record.
//!
//! A task list that ends in a refusal is found out at the desk, at night. What a raw `cedar` sentence opens is not seen here.

use super::walk::kind_of;
use super::{Found, event_name, listed};
use crate::tree::{Access, Act, Codebook, EventName, KindId, RoleId, Scope, Sensitivity, Step};

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    if codebook.access.is_empty() {
        return;
    }
    for flow in &codebook.flows {
        if !found.is_own(&flow.mark) {
            continue;
        }
        for step in &flow.steps {
            let Step::Record { events, .. } = step else { continue };
            for event in events {
                let kind = kind_of(codebook, *event);
                if flow.roles.iter().any(|role| may(codebook, *role, Act::Record, kind)) {
                    continue;
                }
                let name = event_name(codebook, *event);
                let mark = found.phrase(&flow.mark, name).unwrap_or_else(|| flow.mark.clone());
                let roles = listed(flow.roles.iter().map(|role| &codebook.roles[role.index()].name), "and");
                let message = format!("the flow `{}` is for {roles}, and none of them may record `{name}`", flow.name);
                found.warning("W132", &mark, message, help(codebook, kind));
            }
        }
    }
}

/// Who may, so that the author sees whether the flow or the access is wrong.
fn help(codebook: &Codebook, kind: KindId) -> String {
    let all = (0..codebook.roles.len() as u16).map(RoleId);
    let able: Vec<&str> =
        all.filter(|role| may(codebook, *role, Act::Record, kind)).map(|role| codebook.roles[role.index()].name.as_str()).collect();
    if able.is_empty() {
        return "no role at all may record it: allow it, or leave the step out".to_owned();
    }
    format!("those who may: {}; name one of them in the flow, or allow it to one of its own", listed(able, "and"))
}

/// Whether a line opens an act on a kind to a role, under whatever tie, and none shuts it without a condition.
pub(super) fn may(codebook: &Codebook, role: RoleId, act: Act, kind: KindId) -> bool {
    let about = |line: &Access, wanted: bool| match line {
        Access::Line { allow, roles, acts, scope, when, .. } => {
            *allow == wanted
                && (wanted || when.is_empty())
                && roles.contains(&role)
                && acts.contains(&act)
                && reaches(codebook, scope, kind)
        }
        Access::Excludes(..) | Access::Cedar(..) => false,
    };
    codebook.access.iter().any(|line| about(line, true)) && !codebook.access.iter().any(|line| about(line, false))
}

fn reaches(codebook: &Codebook, scope: &Scope, kind: KindId) -> bool {
    let is = codebook.kind(kind);
    match scope {
        Scope::Everything => true,
        Scope::Class(class) => *class == is.seen_as,
        Scope::Event(event) => matches!(event, EventName::Kind(_)) && kind_of(codebook, *event) == kind,
        Scope::RecordOf(class) => is.subjects.first() == Some(class) && is.seen_as <= Sensitivity::Custody,
        Scope::Field(..) | Scope::Table(_) => false,
    }
}
