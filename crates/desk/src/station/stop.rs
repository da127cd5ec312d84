//! The hard stop: an entry that the law forbids as things stand (a removal while an interim measure is in force, a child put in isolation)
//! is not taken at the first press, from a form or from a program. The law is shown, and that it was tried is entered; whoever says that it
//! has happened all the same has it entered, and the breach stands.
//!
//! A fact is never refused for good: a record that cannot say what was done wrong would hide it.

use crate::account::SignedIn;
use crate::desk::{Desk, Sight};
use crate::error::DeskError;
use crate::reading::system;
use habeas_access::What;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Act, Body, Codebook, Cond, Grade, Holds, Keep, Kind, KindId, Pattern, Rule, RuleId, StateId, Term, Test};
use habeas_register::{Draft, RegisterError, draft};
use serde_json::Value as Json;

/// The box by which somebody says that it has happened all the same.
pub const ALL_THE_SAME: &str = "stop.all_the_same";

/// A sentence of law that stands in the way of an entry.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Stop {
    /// Name of the rule.
    pub rule: String,
    /// The sentence, in the language of whoever made the entry.
    pub law: String,
}

/// When a rule forbids its event.
enum During {
    /// While a state holds, or a condition of the rule's own.
    State(Option<StateId>),
    /// As long as a duty not to do it runs: after something, up to a limit.
    Pending,
}

/// What forbids an event: the pattern, and when it does.
fn forbidden(body: &Body) -> Option<(&Pattern, During)> {
    match body {
        Body::While { state, keep: Keep::NoEvent(event), .. } => Some((event, During::State(Some(*state)))),
        Body::Never { event, .. } => Some((event, During::State(None))),
        Body::After { answer, forbidden: true, .. } => Some((answer, During::Pending)),
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

/// The sentences of law that forbid a draft now, for whoever may know of what they rest on.
fn standing(desk: &Desk, who: &SignedIn, kind: KindId, draft: &Draft) -> Result<Vec<RuleId>, DeskError> {
    let codebook = &desk.codebook;
    let at = draft.at.latest.min(desk.now());
    let day = codebook.almanac.date(at);
    let is_now = |rule: &Rule| rule.from <= day && rule.until.is_none_or(|until| day < until);
    let mut found = Vec::new();
    for (number, rule) in codebook.rules.iter().enumerate().filter(|(_, rule)| rule.severity == Grade::Critical && is_now(rule)) {
        let Some((event, during)) = forbidden(&rule.body) else { continue };
        let (of, tests) = codebook.expand(event);
        let is_meant = || tests.iter().all(|(field, test)| passes(codebook, given(draft, &codebook.field_names[field.index()]), test));
        let class = &codebook.class(rule.subject).name;
        let Some((_, id)) = draft.subjects.iter().find(|(one, _)| one == class).filter(|_| of == kind && is_meant()) else { continue };
        let (Ok(sight), Ok(number)) = (desk.sight(who, class, id), u16::try_from(number)) else { continue };
        if sight.may_record(kind) && holds(desk, &sight, (RuleId(number), &during), (class, id), at)? {
            found.push(RuleId(number));
        }
    }
    Ok(found)
}

/// Whether what a rule forbids its event by holds of a subject, as far as its reader may know.
fn holds(
    desk: &Desk,
    sight: &Sight<'_>,
    (number, during): (RuleId, &During),
    (class, id): (&str, &str),
    at: Moment,
) -> Result<bool, DeskError> {
    let rule = &desk.codebook.rules[number.index()];
    let known = |condition: &&Cond| may_know(desk, sight, condition);
    match (during, &rule.body) {
        (During::State(state), _) => {
            let holding: Vec<Cond> =
                state.map(|state| Cond::State(state, rule.mark.clone())).into_iter().chain(rule.condition.clone()).collect();
            let conditions: Vec<&Cond> = holding.iter().chain(rule.exceptions.iter().map(|exception| &exception.when)).collect();
            if holding.is_empty() || !conditions.iter().all(known) {
                return Ok(false);
            }
            let held = desk.register.holds(class, id, &conditions, at)?;
            let (holds, excepted) = held.split_at(holding.len());
            Ok(holds.iter().all(|held| *held) && !excepted.contains(&true))
        }
        (During::Pending, Body::After { trigger, .. }) => {
            let mut conditions = rule.condition.iter().chain(rule.exceptions.iter().map(|exception| &exception.when));
            if !reads(desk, sight, trigger) || !conditions.all(|condition| known(&condition)) {
                return Ok(false);
            }
            Ok(desk.register.is_pending((class, id), number, at)?)
        }
        (During::Pending, _) => Ok(false),
    }
}

/// What a draft says in a field, whichever way its name is spelt.
fn given<'d>(draft: &'d Draft, name: &str) -> Option<&'d Json> {
    draft.fields.iter().find(|(one, _)| one.replace('_', " ") == name).map(|(_, value)| value)
}

/// Whether an answer passes a test on its word; any other test, or none given, passes nothing: the monitor judges that afterwards.
fn passes(codebook: &Codebook, answer: Option<&Json>, test: &Test) -> bool {
    let said = match answer {
        Some(Json::String(said)) => said.as_str(),
        Some(Json::Bool(true)) => "yes",
        Some(Json::Bool(false)) => "no",
        Some(_) | None => return false,
    };
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

/// Whether somebody may read events of a pattern.
fn reads(desk: &Desk, sight: &Sight<'_>, event: &Pattern) -> bool {
    sight.may(Act::Read, &What::Event(desk.codebook.expand(event).0))
}

/// Whether somebody may know of everything that a condition rests on: a stop would tell it.
fn may_know(desk: &Desk, sight: &Sight<'_>, condition: &Cond) -> bool {
    let reads = |event: &Pattern| reads(desk, sight, event);
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

/// The kind of entry that something forbidden was tried about subjects of the rule's class; nothing where the codebook has none.
fn alarm<'c>(codebook: &'c Codebook, rule: &Rule) -> Option<&'c Kind> {
    let is_alarm = |kind: &&Kind| kind.screens.iter().any(|screen| screen == "stop") && kind.subjects.first() == Some(&rule.subject);
    codebook.kinds.iter().find(is_alarm)
}

/// Enters that something forbidden was tried: once for a draft, however often it is sent.
fn note_tried(desk: &Desk, who: &SignedIn, draft: &Draft, law: RuleId) -> Result<(), DeskError> {
    let rule = &desk.codebook.rules[law.index()];
    let Some(kind) = alarm(&desk.codebook, rule) else { return Ok(()) };
    let class = &desk.codebook.class(rule.subject).name;
    let Some((_, id)) = draft.subjects.iter().find(|(one, _)| one == class) else { return Ok(()) };
    let tied = desk.register.ties(class, id)?.tied;
    let mut subjects: Vec<(&str, &str)> = Vec::new();
    for (class, id) in draft.subjects.iter().chain(&tied) {
        let is_wanted = kind.subjects.iter().any(|one| desk.codebook.class(*one).name == *class);
        if is_wanted && !subjects.iter().any(|(taken, _)| *taken == class.as_str()) {
            subjects.push((class, id));
        }
    }
    let tried = Draft::new(&format!("stop-{}", draft.id), &kind.name, draft::exactly(desk.minute()), &subjects)
        .with("done by", who.session.account.id.as_str())
        .with("entry", draft.kind.replace('_', " "))
        .with("law", rule.id.as_str());
    match desk.append_as(&system(who), tried) {
        Ok(_) | Err(DeskError::Register(RegisterError::Conflict { .. })) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Stops a draft that the law forbids as things stand, and enters that it was tried.
///
/// # Errors
/// [`DeskError::Stopped`] with the law; trouble with the register.
pub fn hold(desk: &Desk, who: &SignedIn, draft: &Draft) -> Result<(), DeskError> {
    let Some(kind) = desk.authority.kind(&draft.kind) else { return Ok(()) };
    let law = standing(desk, who, kind, draft)?;
    for rule in &law {
        note_tried(desk, who, draft, *rule)?;
    }
    let said = |rule: RuleId| Stop { rule: desk.codebook.rules[rule.index()].id.clone(), law: desk.law(who.language, rule) };
    if law.is_empty() { Ok(()) } else { Err(DeskError::Stopped(law.into_iter().map(said).collect())) }
}
