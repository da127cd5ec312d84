//! W121: declarations that nothing uses.

use super::{Found, limits, walk};
use crate::room::Shown;
use crate::table::{DimensionOf, Table};
use crate::tree::{Access, AliasId, Codebook, EventName, LimitId, Pattern, Presence, Scope, StateId, Step};
use std::collections::BTreeSet;

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    // What a pack without rules declares is for others to use, and so it is where the pack says so.
    if codebook.is_vocabulary || codebook.rules.iter().all(|r| r.pack != codebook.id) {
        return;
    }
    let used = Used::of(codebook);
    let mut dead: Vec<(crate::diagnostic::Mark, String)> = Vec::new();
    for (i, limit) in codebook.limits.iter().enumerate() {
        if !used.limits.contains(&LimitId(i as u16))
            && let Some(version) = limit.versions.first()
        {
            dead.push((version.mark.clone(), format!("the limit `{}`", limit.name)));
        }
    }
    for (i, state) in codebook.states.iter().enumerate().filter(|(i, _)| !used.states.contains(&StateId(*i as u16))) {
        let _ = i;
        dead.push((state.mark.clone(), format!("the state `{}`", state.name)));
    }
    for (i, alias) in codebook.aliases.iter().enumerate() {
        if !used.events.contains(&EventKey::Alias(AliasId(i as u16))) {
            dead.push((alias.mark.clone(), format!("the alias `{}`", alias.name)));
        }
    }
    for (i, kind) in codebook.kinds.iter().enumerate().skip(3) {
        let id = crate::tree::KindId(i as u16);
        let has_role = !kind.screens.is_empty() || !kind.describes.is_empty() || !kind.opens.is_empty() || !kind.closes.is_empty();
        let changes = kind.corrects || kind.withdraws;
        if !has_role && !changes && !used.events.contains(&EventKey::Kind(id)) {
            dead.push((kind.mark.clone(), format!("the event `{}`", kind.name)));
        }
    }
    for (mark, what) in dead {
        if found.is_own(&mark) {
            found.warning("W121", &mark, format!("nothing uses {what}"), "leave it out, or write the rule that needs it".to_owned());
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum EventKey {
    Kind(crate::tree::KindId),
    Alias(AliasId),
}

#[derive(Default)]
struct Used {
    limits: BTreeSet<LimitId>,
    states: BTreeSet<StateId>,
    events: BTreeSet<EventKey>,
}

impl Used {
    fn of(codebook: &Codebook) -> Self {
        let mut used = Used::default();
        for rule in &codebook.rules {
            used.limits.extend(limits::limits(rule));
            used.states.extend(walk::states(rule).into_iter().map(|(s, _)| s));
            walk::all_patterns(rule).into_iter().for_each(|p| used.pattern(codebook, p));
            used.events.extend(walk::rule_kinds(codebook, rule).into_iter().map(EventKey::Kind));
            for item in walk::items(rule) {
                if let Presence::Others { who: Some((_, state)), .. } = &codebook.items[item.index()].present {
                    used.states.insert(*state);
                }
                walk::item_patterns(codebook, item).into_iter().for_each(|p| used.pattern(codebook, p));
            }
        }
        for state in used.states.clone() {
            walk::state_patterns(codebook, state).into_iter().for_each(|p| used.pattern(codebook, p));
        }
        for step in codebook.flows.iter().flat_map(|f| &f.steps) {
            match step {
                Step::Record { events, .. } => events.iter().for_each(|e| used.event(codebook, *e)),
                Step::ShowEvent(event) => used.event(codebook, *event),
                Step::ShowState(state) => drop(used.states.insert(*state)),
                Step::ShowDuties => {}
            }
        }
        for room in &codebook.rooms {
            room.from.iter().chain(&room.until).for_each(|pattern| used.pattern(codebook, pattern));
            for shown in &room.shows {
                match shown {
                    Shown::Event(event) => used.event(codebook, *event),
                    Shown::Field(of) | Shown::Across(of, _) => used.event(codebook, of.event),
                    Shown::State(state) => drop(used.states.insert(*state)),
                }
            }
            room.by.iter().for_each(|of| used.event(codebook, of.event));
        }
        for table in &codebook.tables {
            used.table(codebook, table);
        }
        for line in &codebook.access {
            if let Access::Line { scope: Scope::Event(event) | Scope::Field(_, event), .. } = line {
                used.event(codebook, *event);
            }
        }
        used
    }

    fn table(&mut self, codebook: &Codebook, table: &Table) {
        table.patterns().into_iter().for_each(|p| self.pattern(codebook, p));
        for cond in table.conditions() {
            self.events.extend(walk::kinds_read(codebook, cond).into_iter().map(|(kind, _)| EventKey::Kind(kind)));
        }
        let mut states: Vec<StateId> = table.columns.iter().filter_map(|column| column.measure.state()).collect();
        for dimension in &table.by {
            if let DimensionOf::Field(_, event) = dimension.of {
                self.event(codebook, event);
            } else if let DimensionOf::State(state) = dimension.of {
                states.push(state);
            }
        }
        for state in states {
            self.states.insert(state);
            walk::state_patterns(codebook, state).into_iter().for_each(|p| self.pattern(codebook, p));
        }
    }

    fn pattern(&mut self, codebook: &Codebook, pattern: &Pattern) {
        self.event(codebook, pattern.event);
    }

    fn event(&mut self, codebook: &Codebook, event: EventName) {
        match event {
            EventName::Kind(kind) => drop(self.events.insert(EventKey::Kind(kind))),
            EventName::Alias(alias) => {
                self.events.insert(EventKey::Alias(alias));
                self.event(codebook, codebook.aliases[alias.index()].pattern.event);
            }
        }
    }
}
