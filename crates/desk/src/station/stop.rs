//! The hard stop: an entry that the law forbids as things stand (a removal while an interim measure is in force, a child put in isolation)
//! is not taken at the first press. The law is shown; whoever says that it has happened all the same has it entered, and the breach stands.
//!
//! A fact is never refused for good: a record that cannot say what was done wrong would hide it.

use crate::account::SignedIn;
use crate::desk::{Desk, Sight};
use crate::error::DeskError;
use crate::forms::{Mistake, Posted};
use habeas_access::What;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Act, Body, Codebook, Cond, Grade, Holds, Keep, KindId, Pattern, Rule, RuleId, StateId, Term, Test};
use serde_json::{Map, Value as Json};

/// The box by which somebody says that it has happened all the same.
pub const ALL_THE_SAME: &str = "stop.all_the_same";

/// What forbids an event: the pattern, and the state in which it does.
fn forbidden(body: &Body) -> Option<(&Pattern, Option<StateId>)> {
    match body {
        Body::While { state, keep: Keep::NoEvent(event), .. } => Some((event, Some(*state))),
        Body::Never { event, .. } => Some((event, None)),
        Body::After { .. }
        | Body::Before { .. }
        | Body::While { .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Clock { .. } => None,
    }
}

/// The sentences of law that forbid an entry of this kind about these subjects now, for whoever may know of what they rest on.
///
/// # Errors
/// Trouble with the register.
fn standing(
    desk: &Desk,
    who: &SignedIn,
    kind: KindId,
    subjects: &[(String, String)],
    (fields, at): (&Map<String, Json>, Moment),
) -> Result<Vec<RuleId>, DeskError> {
    let codebook = &desk.codebook;
    let day = codebook.almanac.date(at);
    let is_now = |rule: &Rule| rule.from <= day && rule.until.is_none_or(|until| day < until);
    let mut found = Vec::new();
    for (number, rule) in codebook.rules.iter().enumerate().filter(|(_, rule)| rule.severity == Grade::Critical && is_now(rule)) {
        let Some((event, state)) = forbidden(&rule.body) else { continue };
        let (of, tests) = codebook.expand(event);
        let is_meant = tests.iter().all(|(field, test)| passes(codebook, fields.get(&codebook.field_names[field.index()]), test));
        if of != kind || !is_meant || (state.is_none() && rule.condition.is_none()) {
            continue;
        }
        let class = &codebook.class(rule.subject).name;
        let Some((_, id)) = subjects.iter().find(|(one, _)| one == class) else { continue };
        let Ok(sight) = desk.sight(who, class, id) else { continue };
        let holding: Vec<Cond> =
            state.map(|state| Cond::State(state, rule.mark.clone())).into_iter().chain(rule.condition.clone()).collect();
        let conditions: Vec<&Cond> = holding.iter().chain(rule.exceptions.iter().map(|exception| &exception.when)).collect();
        if !conditions.iter().all(|condition| may_know(desk, &sight, condition)) {
            continue;
        }
        let held = desk.register.holds(class, id, &conditions, at)?;
        let (holds, excepted) = held.split_at(holding.len());
        if holds.iter().all(|held| *held) && !excepted.contains(&true) {
            found.extend(u16::try_from(number).ok().map(RuleId));
        }
    }
    Ok(found)
}

/// Whether an answer passes a test on its word; any other test, or none given, passes nothing: the monitor judges that afterwards.
fn passes(codebook: &Codebook, answer: Option<&Json>, test: &Test) -> bool {
    let Some(said) = answer.and_then(Json::as_str) else { return false };
    let is = |term: &Term| match term {
        Term::Value(value, _) => codebook.value_names[value.index()] == said,
        Term::YesNo(is) => said == if *is { "yes" } else { "no" },
        Term::Role(..) | Term::Other(_) | Term::Rule(..) | Term::Grade(_) => false,
    };
    match test {
        Test::Is(true, term) => is(term),
        Test::OneOf(terms) => terms.iter().any(is),
        Test::Is(false, _) | Test::Known | Test::Includes(..) | Test::IncludesAll(_) | Test::Compare(..) => false,
    }
}

/// Whether somebody may know of everything that a condition rests on: a stop would tell it.
fn may_know(desk: &Desk, sight: &Sight<'_>, condition: &Cond) -> bool {
    let reads = |event: &Pattern| sight.may(Act::Read, &What::Event(desk.codebook.expand(event).0));
    match condition {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().all(|part| may_know(desk, sight, part)),
        Cond::Happened(event, _) => reads(event),
        Cond::Field(..) => true,
        Cond::State(state, _) | Cond::Subject(_, _, state, _) => match &desk.codebook.states[state.index()].holds {
            Holds::Between { from, until } => from.iter().chain(until).all(reads),
            Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. } => true,
        },
    }
}

/// What stands in the way of an entry, as a mistake of its form; nothing where nothing does, or where it was said to have happened.
///
/// # Errors
/// Trouble with the register.
pub fn stops(
    desk: &Desk,
    who: &SignedIn,
    kind: KindId,
    subjects: &[(String, String)],
    posted: &Posted,
    (fields, at): (&Map<String, Json>, Moment),
) -> Result<Vec<Mistake>, DeskError> {
    if posted.one(ALL_THE_SAME) == "yes" {
        return Ok(Vec::new());
    }
    let law = standing(desk, who, kind, subjects, (fields, at))?;
    let said = |rule: RuleId| desk.law(who.language, rule);
    let text = |rule| desk.texts.say(who.language, "stop-law", &[("law", &said(rule))]);
    Ok(law.into_iter().map(|rule| Mistake { name: ALL_THE_SAME.to_owned(), text: text(rule) }).collect())
}
