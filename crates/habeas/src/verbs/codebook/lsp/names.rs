//! Every name of a codebook with what it names, where it is declared and how it reads.

use crate::verdicts::wording;
use habeas_codebook::diagnostic::Mark;
use habeas_codebook::render::{Voice, rule};
use habeas_codebook::tree::Codebook;

/// Phrases that begin clauses and bodies.
pub(super) const PHRASES: &[&str] = &[
    "Cites",
    "In force from",
    "Severity critical.",
    "Severity serious.",
    "Severity notable.",
    "Severity record.",
    "For each",
    "Unless",
    "the rule does not apply",
    "the limit is",
    "a breach is excused",
    "The time does not run while",
    "It must be recorded within",
    "It outlasts the custody.",
    "On breach, tell",
    "must happen within the limit",
    "must have happened",
    "it must not last longer than",
    "without a break of at least",
    "must happen at least every",
    "must record",
    "must satisfy",
    "must rest on",
    "may happen",
];

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Event,
    Alias,
    State,
    Item,
    Clock,
    Limit,
    List,
    Role,
    Rule,
}

impl What {
    pub(super) fn word(self) -> &'static str {
        match self {
            What::Event => "event",
            What::Alias => "alias",
            What::State => "state",
            What::Item => "item",
            What::Clock => "clock",
            What::Limit => "limit",
            What::List => "list",
            What::Role => "role",
            What::Rule => "rule",
        }
    }

    /// As the protocol numbers kinds of completion.
    pub(super) fn completion_kind(self) -> u32 {
        match self {
            What::Event => 23,
            What::Alias => 18,
            What::State => 10,
            What::Item | What::Clock => 6,
            What::Limit => 21,
            What::List => 13,
            What::Role => 7,
            What::Rule => 3,
        }
    }
}

/// A name.
pub(super) struct Named<'c> {
    pub(super) name: &'c str,
    pub(super) what: What,
    /// Where it is declared.
    pub(super) mark: Mark,
    /// Its declaration in canonical text.
    pub(super) said: String,
    /// What it rests on: citations of a rule, the reason of a limit.
    pub(super) law: String,
}

impl Named<'_> {
    pub(super) fn markdown(&self) -> String {
        let law = if self.law.is_empty() { String::new() } else { format!("\n\n{}", self.law) };
        format!("```\n{}\n```{law}", self.said)
    }
}

/// Every name, in the order of declarations.
pub(super) fn all(codebook: &Codebook) -> Vec<Named<'_>> {
    let voice = Voice::english(codebook);
    let mut all = Vec::new();
    let mut add = |name, what, mark: &Mark, said: String, law: String| all.push(Named { name, what, mark: mark.clone(), said, law });
    // The first three kinds are built in and declared nowhere.
    codebook.kinds.iter().skip(3).for_each(|kind| add(kind.name.as_str(), What::Event, &kind.mark, voice.kind(kind), String::new()));
    codebook.aliases.iter().for_each(|alias| add(&alias.name, What::Alias, &alias.mark, voice.alias(alias), String::new()));
    codebook.states.iter().for_each(|state| add(&state.name, What::State, &state.mark, voice.state(state), String::new()));
    codebook.items.iter().for_each(|item| add(&item.name, What::Item, &item.mark, voice.item(item), String::new()));
    codebook.clocks.iter().for_each(|clock| add(&clock.name, What::Clock, &clock.mark, voice.clock(clock), String::new()));
    codebook.lists.iter().for_each(|list| add(&list.name, What::List, &list.mark, voice.list(list), String::new()));
    codebook.roles.iter().for_each(|role| add(&role.name, What::Role, &role.mark, voice.role(role), String::new()));
    for limit in &codebook.limits {
        for version in &limit.versions {
            add(&limit.name, What::Limit, &version.mark, voice.limit(&limit.name, version), version.because.clone());
        }
    }
    for one in &codebook.rules {
        let cites = one.cites.iter().map(wording::cite).collect::<Vec<_>>().join("; ");
        add(&one.id, What::Rule, &one.mark, rule(codebook, one), cites);
    }
    all
}
