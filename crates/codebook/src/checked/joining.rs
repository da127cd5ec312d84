//! E114: an event, state or fact that can never be tied to the subject of its rule.

use super::{Found, walk};
use crate::tree::{Body, Builtin, ClassId, Codebook, Cond, Keep, KindId, Of, Pattern, Rule, StateId};

pub(super) fn check(found: &mut Found) {
    for rule in &found.codebook.rules {
        for pattern in events(rule) {
            let (kind, _) = found.codebook.expand(pattern);
            if !names(found.codebook, kind, rule.subject) {
                let class = &found.codebook.class(rule.subject).name;
                let message = format!("`{}` names no {class}, so it cannot be joined to this rule", found.pattern(pattern));
                let help = format!(
                    "it is declared of {}; add {class} to its subjects, or judge it for another subject",
                    subjects(found.codebook, kind)
                );
                found.error("E114", &pattern.mark, message, help);
            }
        }
        for (state, mark) in walk::states(rule) {
            related_state(found, rule, state, &mark);
        }
        for item in walk::items(rule) {
            let classes = &found.codebook.items[item.index()].subjects;
            let bearer = match &rule.body {
                Body::While { state, keep: Keep::Count { .. }, .. } => found.codebook.states[state.index()].subjects.clone(),
                Body::While { .. }
                | Body::After { .. }
                | Body::Before { .. }
                | Body::Quantity { .. }
                | Body::EveryRecord { .. }
                | Body::EverySatisfies { .. }
                | Body::EveryRestsOn { .. }
                | Body::Never { .. }
                | Body::Clock { .. } => Vec::new(),
            };
            let near = |c: &ClassId| related(found.codebook, rule.subject, *c) || bearer.contains(c);
            if !classes.iter().any(near) {
                let name = &found.codebook.items[item.index()].name;
                let message = format!("no event ties the item `{name}` to a {}", found.codebook.class(rule.subject).name);
                let head = found.head(rule);
                found.error("E114", &head, message, "declare an event of both".to_owned());
            }
        }
        facts(found, rule);
    }
}

/// Events that must name the rule's subject.
fn events(rule: &Rule) -> Vec<&Pattern> {
    let mut events = walk::body_patterns(&rule.body);
    for cond in walk::conditions(rule) {
        for atom in walk::atoms(cond) {
            if let Cond::Happened(pattern, _) = atom {
                events.push(pattern);
            }
        }
    }
    events
}

fn names(codebook: &Codebook, kind: KindId, class: ClassId) -> bool {
    let builtin = [Builtin::Correction, Builtin::Withdrawal, Builtin::BreachFound].iter().any(|b| b.kind() == kind);
    builtin || codebook.kind(kind).subjects.contains(&class)
}

fn subjects(codebook: &Codebook, kind: KindId) -> String {
    super::listed(codebook.kind(kind).subjects.iter().map(|c| &codebook.class(*c).name), "and")
}

/// Whether two classes can be named together, or through one that is no thing.
pub(super) fn related(codebook: &Codebook, one: ClassId, other: ClassId) -> bool {
    let together = |a: ClassId, b: ClassId| a == b || codebook.kinds.iter().any(|k| k.subjects.contains(&a) && k.subjects.contains(&b));
    let between = |m: usize| {
        let middle = ClassId(m as u16);
        !codebook.class(middle).thing && together(one, middle) && together(middle, other)
    };
    together(one, other) || (0..codebook.classes.len()).any(between)
}

fn related_state(found: &mut Found, rule: &Rule, state: StateId, mark: &crate::diagnostic::Mark) {
    let declared = &found.codebook.states[state.index()];
    if !declared.subjects.iter().any(|c| related(found.codebook, rule.subject, *c)) {
        let message = format!("no event ties the state `{}` to a {}", declared.name, found.codebook.class(rule.subject).name);
        found.error("E114", mark, message, "declare an event of both".to_owned());
    }
}

/// Facts of a subject that cannot serve the rule's.
fn facts(found: &mut Found, rule: &Rule) {
    let mut classes: Vec<(ClassId, crate::diagnostic::Mark)> = Vec::new();
    for cond in walk::conditions(rule) {
        for atom in walk::atoms(cond) {
            match atom {
                Cond::Subject(class, _, _, mark) => classes.push((*class, mark.clone())),
                Cond::Field(operand, _) => {
                    if let Of::Subject(class) = operand.of {
                        classes.push((class, operand.mark.clone()));
                    }
                }
                Cond::All(_) | Cond::Any(_) | Cond::State(..) | Cond::Happened(..) => {}
            }
        }
    }
    if let Body::Quantity { of, mark, .. } = &rule.body {
        classes.push((*of, mark.clone()));
    }
    for (class, mark) in classes {
        if !related(found.codebook, rule.subject, class) {
            let (ours, theirs) = (&found.codebook.class(rule.subject).name, &found.codebook.class(class).name);
            found.error("E114", &mark, format!("no event ties a {theirs} to a {ours}"), "declare an event of both".to_owned());
        }
    }
}
