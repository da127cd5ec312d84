//! What is the same for every row of a rule, worked out once before the first row: its id, severity, addressees, citations, and
//! the numbers in it that an operator chose.

use super::names::Names;
use habeas_codebook::log::Log;
use habeas_codebook::moment::{Almanac, Moment};
use habeas_codebook::tree::{
    Amount, Body, Citation, Codebook, Cond, Consequence, Grade, Keep, LabelKind, Limit, LimitId, Measure, Pattern, Rule, SetBy, Span, Test,
    Within,
};
use habeas_monitor::{Missing, MissingWhat, Row};

/// `paragraph`, `article` …
#[must_use]
pub fn label_word(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Paragraph => "paragraph",
        LabelKind::Article => "article",
        LabelKind::Rule => "rule",
        LabelKind::Principle => "principle",
        LabelKind::Section => "section",
        LabelKind::Note => "note",
    }
}

/// `critical`, `serious` …
#[must_use]
pub fn grade_word(grade: Grade) -> &'static str {
    match grade {
        Grade::Record => "record",
        Grade::Notable => "notable",
        Grade::Serious => "serious",
        Grade::Critical => "critical",
    }
}

/// A citation on one line: `CAT/C/SR.2087 paragraph 4`.
#[must_use]
pub fn cite(citation: &Citation) -> String {
    format!("{} {} {}", citation.source, label_word(citation.kind), citation.label)
}

/// The sentences of a rule as its author wrote them, without the line that names it.
#[must_use]
pub fn law(codebook: &Codebook, rule: &Rule) -> String {
    let file = codebook.files.get(rule.mark.file as usize);
    let written = file.and_then(|file| file.text.get(rule.mark.bytes.start as usize..rule.mark.bytes.end as usize)).unwrap_or_default();
    let sentences =
        written.trim_start().strip_prefix("rule").map_or(written, |rest| rest.trim_start().strip_prefix(rule.id.as_str()).unwrap_or(rest));
    sentences.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Id of the rule that a row is about, with `/record` where only the lateness of the entry was judged.
#[must_use]
pub fn rule_id(codebook: &Codebook, row: &Row) -> String {
    let id = &codebook.rules[row.rule.index()].id;
    if row.record { format!("{id}/record") } else { id.clone() }
}

/// Something that would have to be recorded, on one line: `e8: at`, `person P1: born`.
#[must_use]
pub fn missing(codebook: &Codebook, log: &Log, names: &Names, thing: &Missing) -> String {
    let event = thing.event.map(|event| names.event(log, event, str::to_owned)).unwrap_or_default();
    match thing.what {
        MissingWhat::Time => format!("{event}: at"),
        MissingWhat::Field(field) => format!("{event}: {}", codebook.field_names[field.index()]),
        MissingWhat::Fact(subject, field) => {
            let class = &codebook.class(log.class_of(subject)).name;
            format!("{class} {}: {}", names.subject(log, subject, str::to_owned), codebook.field_names[field.index()])
        }
    }
}

/// Names of those who are told of a breach of a rule, each once, in the order of the rule.
#[must_use]
pub fn addressees<'a>(codebook: &'a Codebook, rule: &Rule) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for role in rule.tell.iter().flat_map(|telling| &telling.roles) {
        let name = codebook.roles[role.index()].name.as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Limits that a row's rule names and that an operator set, as in force when the row was set off.
#[must_use]
pub fn operator_limits<'a>(codebook: &'a Codebook, row: &Row) -> Vec<&'a str> {
    let at = row.trigger_at.or(row.since).or(row.due_at);
    operator_limits_of(codebook, &codebook.rules[row.rule.index()], row.record, at)
}

/// Limits that a rule names and that are an operator's at a moment (without one: in their newest version).
#[must_use]
pub fn operator_limits_of<'a>(codebook: &'a Codebook, rule: &Rule, record: bool, at: Option<Moment>) -> Vec<&'a str> {
    let named = limits_named(rule, record);
    let limits = named.iter().map(|limit| &codebook.limits[limit.index()]);
    limits.filter(|limit| set_by_operator(limit, &codebook.almanac, at)).map(|limit| limit.name.as_str()).collect()
}

/// Whether the version of `limit` in force at a moment is an operator's.
fn set_by_operator(limit: &Limit, almanac: &Almanac, at: Option<Moment>) -> bool {
    let in_force = match (limit.versions.as_slice(), at) {
        ([only], _) => Some(only),
        (versions, Some(at)) => {
            let date = almanac.date(at);
            versions.iter().filter(|v| v.from.is_none_or(|from| from <= date)).max_by_key(|v| v.from)
        }
        (versions, None) => versions.iter().max_by_key(|v| v.from),
    };
    in_force.is_some_and(|version| version.set_by == SetBy::Operator)
}

/// Whether which limits are an operator's is the same for every row of the rule.
#[must_use]
pub fn operator_limits_are_fixed(codebook: &Codebook, rule: &Rule, record: bool) -> bool {
    limits_named(rule, record).iter().all(|limit| {
        let versions = &codebook.limits[limit.index()].versions;
        versions.windows(2).all(|pair| (pair[0].set_by == SetBy::Operator) == (pair[1].set_by == SetBy::Operator))
    })
}

/// Every limit that the rule (or, of `/record`, its clause on recording) names, each once, in the order of the rule.
fn limits_named(rule: &Rule, record: bool) -> Vec<LimitId> {
    let mut found = Vec::new();
    if record {
        rule.recorded_within.iter().for_each(|span| in_span(span, &mut found));
        return found;
    }
    rule.condition.iter().for_each(|cond| in_cond(cond, &mut found));
    in_body(&rule.body, &mut found);
    for exception in &rule.exceptions {
        in_cond(&exception.when, &mut found);
        match &exception.then {
            Consequence::LimitIs(span) => in_span(span, &mut found),
            Consequence::DoesNotApply | Consequence::Excused => {}
        }
    }
    found
}

fn add(limit: LimitId, found: &mut Vec<LimitId>) {
    if !found.contains(&limit) {
        found.push(limit);
    }
}

fn in_span(span: &Span, found: &mut Vec<LimitId>) {
    match span {
        Span::Limit(limit, _) => add(*limit, found),
        Span::Length(..) | Span::Field(..) => {}
    }
}

fn in_amount(amount: &Amount, found: &mut Vec<LimitId>) {
    match amount {
        Amount::Limit(limit, _) => add(*limit, found),
        Amount::Number(..) => {}
    }
}

fn in_test(test: &Test, found: &mut Vec<LimitId>) {
    match test {
        Test::Compare(_, Measure::Amount(amount)) => in_amount(amount, found),
        Test::Compare(_, Measure::Length(..) | Measure::Other(_))
        | Test::Is(..)
        | Test::OneOf(_)
        | Test::Known
        | Test::Includes(..)
        | Test::IncludesAll(_) => {}
    }
}

fn in_pattern(pattern: &Pattern, found: &mut Vec<LimitId>) {
    pattern.tests.iter().for_each(|(_, test)| in_test(test, found));
}

fn in_cond(cond: &Cond, found: &mut Vec<LimitId>) {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| in_cond(part, found)),
        Cond::Happened(pattern, _) => in_pattern(pattern, found),
        Cond::Field(_, test) => in_test(test, found),
        Cond::State(..) | Cond::Subject(..) => {}
    }
}

fn in_body(body: &Body, found: &mut Vec<LimitId>) {
    match body {
        Body::After { trigger, answer, limit, .. } => {
            in_pattern(trigger, found);
            in_pattern(answer, found);
            match limit {
                Within::Span(span) => in_span(span, found),
                Within::Before(pattern) => in_pattern(pattern, found),
                Within::By { .. } | Within::AsLongAs(..) => {}
            }
        }
        Body::Before { event, required, not_older } => {
            in_pattern(event, found);
            in_pattern(required, found);
            not_older.iter().for_each(|span| in_span(span, found));
        }
        Body::While { keep, .. } => in_keep(keep, found),
        Body::Quantity { number, .. } => in_amount(number, found),
        Body::EveryRecord { event, .. } | Body::Never { event } => in_pattern(event, found),
        Body::EverySatisfies { event, cond } => {
            in_pattern(event, found);
            in_cond(cond, found);
        }
        Body::EveryRestsOn { event, authority, not_older, .. } => {
            in_pattern(event, found);
            in_pattern(authority, found);
            not_older.iter().for_each(|span| in_span(span, found));
        }
        Body::Clock { length, from, answer, .. } => {
            in_span(length, found);
            in_pattern(from, found);
            in_pattern(answer, found);
        }
    }
}

fn in_keep(keep: &Keep, found: &mut Vec<LimitId>) {
    match keep {
        Keep::NotLonger { limit, in_any, break_of } => {
            in_span(limit, found);
            in_any.iter().chain(break_of).for_each(|span| in_span(span, found));
        }
        Keep::Forbidden => {}
        Keep::NoEvent(event) => in_pattern(event, found),
        Keep::Count { number, condition, .. } => {
            in_amount(number, found);
            condition.iter().for_each(|cond| in_cond(cond, found));
        }
        Keep::Every { event, period, first } => {
            in_pattern(event, found);
            in_span(period, found);
            first.iter().for_each(|span| in_span(span, found));
        }
    }
}
