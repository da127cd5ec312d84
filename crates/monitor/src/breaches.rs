//! Breaches as events: `breach found` is an entry at `since` of a row breached or met late, so that a rule may say what must follow
//! it (rule-language, section 5). Rules that read breaches are judged in rounds, each on the log with the breaches of the rounds
//! before; a circle is refused when the codebook is checked (E105).

use crate::conditions::grade_name;
use crate::monitor::{Monitor, Prepared};
use crate::verdict::{Asked, Verdict};
use habeas_codebook::log::{Entry, Log, Value};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{Body, Builtin, ClassId, Codebook, FieldId, Pattern, RuleId, Term, Test};

/// Rules in the order in which their breaches must be known: those read by the rules of round n+1 are in rounds up to n. Only rules whose
/// breaches some rule of `only` reads, or every rule's with `every`. Empty when none of `only` reads breaches.
pub(crate) fn rounds(codebook: &Codebook, prepared: &[Prepared], only: &[RuleId], every: bool) -> Vec<Vec<RuleId>> {
    if !only.iter().any(|r| prepared[r.index()].reads_breaches) {
        return Vec::new();
    }
    let read: Vec<Option<Vec<String>>> = (0..codebook.rules.len()).map(|i| read_by(codebook, prepared, i)).collect();
    let mut depth = vec![0usize; codebook.rules.len()];
    for _ in 0..codebook.rules.len() {
        let mut changed = false;
        for i in (0..codebook.rules.len()).filter(|i| prepared[*i].reads_breaches) {
            let read = &read[i];
            let deepest = codebook.rules.iter().enumerate().filter(|(j, r)| *j != i && read.as_ref().is_none_or(|ids| ids.contains(&r.id)));
            // A rule that reads every breach reads those of the rules that read none.
            let deepest =
                deepest.filter(|(j, _)| read.is_some() || !prepared[*j].reads_breaches).map(|(j, _)| depth[j] + 1).max().unwrap_or(1);
            if deepest > depth[i] && deepest <= codebook.rules.len() {
                depth[i] = deepest;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let needed = if every { vec![true; codebook.rules.len()] } else { needed(codebook, prepared, only, &read) };
    let last = only.iter().map(|r| depth[r.index()]).max().unwrap_or(0);
    let of_round = |round| (0..codebook.rules.len()).filter(|i| needed[*i] && depth[*i] == round).map(|i| RuleId(i as u16)).collect();
    (0..last).map(of_round).collect()
}

/// Whose breaches are read by rules of `only`, or by rules whose breaches are.
fn needed(codebook: &Codebook, prepared: &[Prepared], only: &[RuleId], read: &[Option<Vec<String>>]) -> Vec<bool> {
    let mut needed = vec![false; codebook.rules.len()];
    let mut waiting: Vec<usize> = only.iter().map(|rule| rule.index()).filter(|i| prepared[*i].reads_breaches).collect();
    while let Some(reader) = waiting.pop() {
        for (i, rule) in codebook.rules.iter().enumerate() {
            if !needed[i] && read[reader].as_ref().is_none_or(|ids| ids.contains(&rule.id)) {
                needed[i] = true;
                waiting.extend(prepared[i].reads_breaches.then_some(i));
            }
        }
    }
    needed
}

/// Ids of the rules whose breaches a rule reads; `None`: any.
fn read_by(codebook: &Codebook, prepared: &[Prepared], rule: usize) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    let mut any = prepared[rule].reads_any_breach;
    let mut pattern = |p: &Pattern| {
        let (kind, tests) = codebook.expand(p);
        if kind == Builtin::BreachFound.kind() {
            let named = tests.iter().filter_map(|(field, test)| (codebook.field_names[field.index()] == "safeguard").then_some(test));
            let named: Vec<&str> = named.flat_map(named_rules).collect();
            any |= named.is_empty();
            ids.extend(named.into_iter().map(str::to_owned));
        }
    };
    match &codebook.rules[rule].body {
        Body::After { trigger, answer, .. } => [trigger, answer].into_iter().for_each(&mut pattern),
        Body::Before { event, required, .. } => [event, required].into_iter().for_each(&mut pattern),
        Body::EveryRestsOn { event, authority, .. } => [event, authority].into_iter().for_each(&mut pattern),
        Body::Clock { from, answer, .. } => [from, answer].into_iter().for_each(&mut pattern),
        Body::EveryRecord { event, .. } | Body::Never { event } => pattern(event),
        Body::EverySatisfies { event, .. } => pattern(event),
        Body::While { .. } | Body::Quantity { .. } => any = true,
    }
    if any { None } else { Some(ids) }
}

fn named_rules(test: &Test) -> Vec<&str> {
    let terms: Vec<&Term> = match test {
        Test::Is(true, term) => vec![term],
        Test::OneOf(terms) => terms.iter().collect(),
        Test::Is(false, _) | Test::Known | Test::Includes(..) | Test::IncludesAll(_) | Test::Compare(..) => Vec::new(),
    };
    terms
        .into_iter()
        .filter_map(|t| match t {
            Term::Rule(id, _) => Some(id.as_str()),
            Term::Value(..) | Term::YesNo(_) | Term::Role(..) | Term::Other(_) | Term::Grade(_) => None,
        })
        .collect()
}

/// The log with a `breach found` for each breach of the rounds, each judged by a monitor of its own; `None` when there is none.
pub(crate) fn add(log: &Log, asked: Asked, rounds: &[Monitor<'_>]) -> Option<Log> {
    let mut grown: Option<Log> = None;
    for inner in rounds {
        let found = breaches_of(inner, grown.as_ref().unwrap_or(log), asked);
        if found.is_empty() {
            continue;
        }
        let codebook = inner.codebook;
        let field = |name: &str| codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16));
        let (safeguard, grade) = (field("safeguard")?, field("grade")?);
        let grown = grown.get_or_insert_with(|| log.clone());
        for breach in found {
            let rule = &codebook.rules[breach.rule.index()];
            let fields = [(safeguard, Value::Text(grown.text(&rule.id))), (grade, Value::Text(grown.text(grade_name(rule.severity))))];
            let subjects: Vec<(ClassId, &str)> = breach.subjects.iter().map(|(c, n)| (*c, n.as_str())).collect();
            let entry = Entry {
                id: &breach.id,
                kind: Builtin::BreachFound.kind(),
                at: At::exact(breach.at),
                recorded_at: breach.at,
                by: None,
                subjects: &subjects,
                fields: &fields,
            };
            // Two rows of one rule, subject, trigger and instant are one breach.
            let _ = grown.push(&entry);
        }
    }
    grown
}

struct Breach {
    id: String,
    rule: RuleId,
    at: Moment,
    subjects: Vec<(ClassId, String)>,
}

fn breaches_of(monitor: &Monitor<'_>, log: &Log, asked: Asked) -> Vec<Breach> {
    let hearing = monitor.hear(log, asked);
    let mut found = Vec::new();
    for row in hearing.rows() {
        let (Verdict::Breached | Verdict::MetLate, Some(at), false) = (row.verdict, row.since, row.record) else { continue };
        let mut subjects = vec![(log.class_of(row.subject), log.name_of(row.subject).to_owned())];
        for subject in row.trigger.map_or(&[][..], |t| log.subjects(t)) {
            if !subjects.iter().any(|(class, _)| *class == log.class_of(*subject)) {
                subjects.push((log.class_of(*subject), log.name_of(*subject).to_owned()));
            }
        }
        let rule = &monitor.codebook.rules[row.rule.index()].id;
        let trigger = row.trigger.map_or("", |t| log.id(t));
        found.push(Breach { id: format!("breach:{rule}:{}:{trigger}:{}", log.name_of(row.subject), at.0), rule: row.rule, at, subjects });
    }
    found.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    found
}
