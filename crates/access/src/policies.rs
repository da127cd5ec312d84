//! One access sentence, one Cedar policy.
//!
//! `allow doctor to read class medical when own patient` becomes
//!
//! ```text
//! permit (principal, action in [Action::"read"], resource)
//! when { principal in [Role::"doctor"] }
//! when { resource has class && resource.class == "medical" }
//! when { context.own_patient };
//! ```
//!
//! Three things a sentence means without saying them. *An event that is named opens what custody staff could read of such an event*: its
//! medical and privileged fields need a line of their class, or the field's name. *An event that is denied is shut with all its fields*.
//! *An open glass opens nothing privileged*.

use crate::schema::{act_name, class_name, field_id, quoted, tie_name};
use habeas_codebook::tree::{Access as Sentence, Act, Codebook, EventName, RoleId, Scope, Sensitivity, Tie};

/// A policy with the sentence it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Index into [`Codebook::access`].
    pub line: usize,
    /// The acts that it is about; none for a `cedar` sentence, which may be about all.
    pub acts: Vec<Act>,
    /// The author's reason; empty for a `cedar` sentence.
    pub because: String,
    /// The policy in Cedar's notation.
    pub text: String,
}

/// Every sentence that is a policy, in the order of the chapters. `duty … excludes …` is not: see [`crate::Access::incompatible`].
#[must_use]
pub fn written(codebook: &Codebook) -> Vec<Written> {
    codebook.access.iter().enumerate().filter_map(|(line, sentence)| policy(codebook, line, sentence)).collect()
}

fn policy(codebook: &Codebook, line: usize, sentence: &Sentence) -> Option<Written> {
    match sentence {
        Sentence::Line { allow, roles, acts, scope, when, because, .. } => {
            let effect = if *allow { "permit" } else { "forbid" };
            let mut text = format!("{effect} (principal, action in [{}], resource)", actions(acts));
            text.push_str(&format!("\nwhen {{ principal in [{}] }}", role_names(codebook, roles)));
            if let Some(reaches) = reach(codebook, *allow, acts, scope) {
                text.push_str(&format!("\nwhen {{ {reaches} }}"));
            }
            for (is, tie) in when {
                text.push_str(&format!("\nwhen {{ {}context.{} }}", if *is { "" } else { "!" }, tie_name(*tie)));
            }
            if *allow && when.contains(&(true, Tie::BreakGlass)) {
                text.push_str("\nunless { resource has class && resource.class == \"privileged\" }");
            }
            text.push(';');
            Some(Written { line, acts: acts.clone(), because: because.clone(), text })
        }
        Sentence::Cedar(text, _) => Some(Written { line, acts: Vec::new(), because: String::new(), text: raw(text) }),
        Sentence::Excludes(..) => None,
    }
}

/// A raw policy as Cedar reads it. A text of the language ends at its first double quote, so a `cedar` sentence writes single ones.
#[must_use]
pub fn raw(text: &str) -> String {
    text.replace('\'', "\"")
}

fn actions(acts: &[Act]) -> String {
    acts.iter().map(|act| format!("Action::{}", quoted(act_name(*act)))).collect::<Vec<_>>().join(", ")
}

fn role_names(codebook: &Codebook, roles: &[RoleId]) -> String {
    roles.iter().map(|role| format!("Role::{}", quoted(&codebook.roles[role.index()].name))).collect::<Vec<_>>().join(", ")
}

/// What the scope reaches, as a condition on the resource; `None`: everything.
fn reach(codebook: &Codebook, allow: bool, acts: &[Act], scope: &Scope) -> Option<String> {
    match scope {
        Scope::Everything => None,
        Scope::Class(class) => {
            let class = quoted(class_name(*class));
            let own = if allow { String::new() } else { format!(" || resource has own && resource.own == {class}") };
            Some(format!("resource has class && resource.class == {class}{own}"))
        }
        Scope::Event(event) => {
            let kind = &codebook.kinds[kind_of(codebook, *event)];
            let named = format!("resource in Event::{}", quoted(&kind.name));
            let writes = acts.iter().all(|act| matches!(act, Act::Record | Act::Correct));
            let whole = kind.seen_as == Sensitivity::Privileged;
            Some(if allow && !writes && !whole { format!("{named} && {}", up_to(kind.seen_as)) } else { named })
        }
        Scope::Field(field, event) => {
            let kind = &codebook.kinds[kind_of(codebook, *event)];
            Some(format!("resource == Field::{}", quoted(&field_id(&kind.name, &codebook.field_names[field.index()]))))
        }
        Scope::Table(name) => {
            // A sentence reads words in small letters; a table is called as its block spells it.
            let table = codebook.tables.iter().find(|table| table.id.eq_ignore_ascii_case(name));
            Some(format!("resource == Table::{}", quoted(table.map_or(name.as_str(), |table| table.id.as_str()))))
        }
        Scope::RecordOf(class) => {
            let subject = format!("resource has subject && resource.subject == {}", quoted(&codebook.class(*class).name));
            Some(if allow { format!("{subject} && {}", up_to(Sensitivity::Custody)) } else { subject })
        }
    }
}

/// The kind that an event's name leads to.
pub(crate) fn kind_of(codebook: &Codebook, mut event: EventName) -> usize {
    loop {
        match event {
            EventName::Kind(kind) => return kind.index(),
            EventName::Alias(alias) => event = codebook.aliases[alias.index()].pattern.event,
        }
    }
}

fn up_to(class: Sensitivity) -> String {
    let highest = class.max(Sensitivity::Custody);
    let names: Vec<String> = crate::schema::CLASSES.iter().filter(|one| **one <= highest).map(|one| quoted(class_name(*one))).collect();
    format!("resource has class && [{}].contains(resource.class)", names.join(", "))
}
