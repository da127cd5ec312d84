//! The first step through the door: is the draft what the codebook asks for? Everything that is wrong is told at once, each with the path
//! of the field, so that a form can show it. Nothing is written here, and no value is repeated.

use crate::access::Access;
use crate::draft::{Draft, time};
use crate::entry::{Known, class_of, time_field};
use crate::error::{FieldProblem, RegisterError, problem};
use crate::spelling::{self, Texts};
use habeas_codebook::log::Value;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{
    Amount, Builtin, ClassId, Codebook, Field, FieldId, KindId, Measure, Relation, Required, Sensitivity, Term, Test,
};
use habeas_ledger::leaf::Class;
use serde_json::Value as Json;
use std::sync::Arc;

/// How far ahead of the register's clock a time may lie, in microseconds: clocks of a station differ by minutes, not more.
const AHEAD: i64 = 5 * 60 * 1_000_000;

/// A draft that passed.
pub(crate) struct Checked {
    pub(crate) kind: KindId,
    pub(crate) at: At,
    pub(crate) subjects: Vec<(ClassId, String)>,
    /// Name, class and canonical spelling, in the order declared.
    pub(crate) fields: Vec<(String, Class, Json)>,
    /// The entry that this one corrects or withdraws.
    pub(crate) corrects: Option<Arc<Known>>,
}

/// Whether two spellings are one name: capitals, `_` and hyphens for spaces, and spaces around it do not count.
pub(crate) fn is_same(name: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = char> {
        name.trim().chars().flat_map(char::to_lowercase).map(|letter| if matches!(letter, '_' | '-') { ' ' } else { letter })
    }
    let plain = |letter: u8| if matches!(letter, b'_' | b'-') { b' ' } else { letter.to_ascii_lowercase() };
    if name.is_ascii() && other.is_ascii() {
        return name.trim().bytes().map(plain).eq(other.trim().bytes().map(plain));
    }
    letters(name).eq(letters(other))
}

/// Whether entries of a kind correct or withdraw others.
pub(crate) fn changes(codebook: &Codebook, kind: KindId) -> bool {
    let declared = codebook.kind(kind);
    kind == Builtin::Correction.kind() || kind == Builtin::Withdrawal.kind() || declared.corrects || declared.withdraws
}

/// Checks a draft against the codebook and against what was entered before.
pub(crate) fn check(access: &mut Access, draft: &Draft, now: Moment) -> Result<Checked, RegisterError> {
    let codebook = Arc::clone(&access.codebook);
    let kind = kind_of(&codebook, draft)?;
    let mut problems = Vec::new();
    if draft.id.is_empty() || draft.id.len() > 255 || draft.id.chars().any(char::is_control) {
        problems.push(problem("id", "this is no id", "", "1 to 255 bytes without control characters"));
    }
    if draft.source.is_none() && (draft.recorded_at.is_some() || draft.by.is_some()) {
        problems.push(problem(
            "recorded_at",
            "only what was brought from another system says when it was learnt",
            "",
            "a `source`, or nothing",
        ));
    }
    let at = check_time(draft, now, &mut problems);
    check_in_time(&codebook, draft, kind, now, &mut problems);
    let subjects = check_subjects(&codebook, draft, kind, &mut problems);
    let corrects = corrected(access, &codebook, draft, kind, &mut problems)?;
    let fields = check_fields(&codebook, draft, kind, corrects.as_deref(), &mut problems);
    if problems.is_empty() { Ok(Checked { kind, at, subjects, fields, corrects }) } else { Err(RegisterError::Invalid(problems)) }
}

fn kind_of(codebook: &Codebook, draft: &Draft) -> Result<KindId, RegisterError> {
    let found = codebook.kinds.iter().position(|kind| is_same(&kind.name, &draft.kind));
    let kind = found.and_then(|place| u16::try_from(place).ok()).map(KindId);
    let kind = kind.filter(|kind| *kind != Builtin::BreachFound.kind());
    kind.ok_or_else(|| RegisterError::field("kind", "no kind of event is called so", &draft.kind, "a kind of the codebook"))
}

fn check_time(draft: &Draft, now: Moment, problems: &mut Vec<FieldProblem>) -> At {
    if draft.at.earliest > draft.at.latest {
        problems.push(problem("at", "it ends before it begins", "", "the earlier time first"));
    }
    if draft.source.is_none() && draft.at.precision != Precision::Unknown && draft.at.earliest.0 > now.0.saturating_add(AHEAD) {
        problems.push(problem("at", "it lies ahead of the register's clock", "", "a time that has come"));
    }
    draft.at
}

/// What is entered later than its kind's limit says why. What another system knew was late there, if anywhere.
fn check_in_time(codebook: &Codebook, draft: &Draft, kind: KindId, now: Moment, problems: &mut Vec<FieldProblem>) {
    let is_asked = draft.source.is_none() && draft.at.precision != Precision::Unknown && draft.at.latest < now;
    let is_told = draft.late_reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    if is_asked && !is_told && now > codebook.entered_by(kind, draft.at.latest) {
        let kind = &codebook.kind(kind).name;
        problems.push(problem("late_reason", format!("`{kind}` is entered later than its limit"), "nothing", "why it is entered so late"));
    }
}

fn check_subjects(codebook: &Codebook, draft: &Draft, kind: KindId, problems: &mut Vec<FieldProblem>) -> Vec<(ClassId, String)> {
    let allowed = &codebook.kind(kind).subjects;
    let mut subjects: Vec<(ClassId, String)> = Vec::new();
    for (class, name) in &draft.subjects {
        let path = format!("subject.{class}");
        let Some(id) = codebook.classes.iter().position(|known| is_same(&known.name, class)) else {
            problems.push(problem(path, "no class of subjects is called so", class, "a class of the codebook"));
            continue;
        };
        let id = ClassId(u16::try_from(id).unwrap_or(u16::MAX));
        if !allowed.is_empty() && !allowed.contains(&id) {
            let names: Vec<&str> = allowed.iter().map(|class| codebook.class(*class).name.as_str()).collect();
            problems.push(problem(path, "this kind of event has no such subject", class, names.join(", ")));
        } else if name.is_empty() || name.len() > 255 || name.chars().any(char::is_control) {
            problems.push(problem(path, "this is no id", "", "1 to 255 bytes without control characters"));
        } else if subjects.iter().any(|(known, _)| *known == id) {
            problems.push(problem(path, "the class is named twice", class, "one subject of a class"));
        } else {
            subjects.push((id, name.clone()));
        }
    }
    if let Some(first) = allowed.first().filter(|first| draft.source.is_none() && subjects.iter().all(|(class, _)| class != *first)) {
        let class = &codebook.class(*first).name;
        problems.push(problem(format!("subject.{class}"), "this kind of event needs one", "nothing", format!("the id of a {class}")));
    }
    subjects
}

/// The entry that a correction or withdrawal names.
fn corrected(
    access: &mut Access,
    codebook: &Codebook,
    draft: &Draft,
    kind: KindId,
    problems: &mut Vec<FieldProblem>,
) -> Result<Option<Arc<Known>>, RegisterError> {
    if !changes(codebook, kind) {
        return Ok(None);
    }
    let id = draft.fields.get("corrects").and_then(Json::as_str).unwrap_or_default();
    let mut found = None;
    if let Some(index) = access.store.index_of(id)? {
        found = access.entry(index)?;
    }
    if found.is_none() && draft.source.is_none() {
        problems.push(problem("fields.corrects", "there is no such entry", id, "the id of the entry that was wrong"));
    }
    Ok(found)
}

fn check_fields(
    codebook: &Codebook,
    draft: &Draft,
    kind: KindId,
    corrects: Option<&Known>,
    problems: &mut Vec<FieldProblem>,
) -> Vec<(String, Class, Json)> {
    let declared = codebook.kind(kind);
    let seen_as = corrects.map_or(declared.seen_as, |entry| codebook.kind(entry.kind).seen_as.max(declared.seen_as));
    let mut texts = Texts::default();
    let mut values: Vec<(FieldId, Sensitivity, Json, Value)> = Vec::new();
    for (name, json) in &draft.fields {
        let path = format!("fields.{name}");
        let Some(field) = field_of(codebook, kind, corrects.map(|entry| entry.kind), name) else {
            let names: Vec<&str> = declared.fields.iter().map(|field| codebook.field_names[field.name.index()].as_str()).collect();
            problems.push(problem(path, "this kind of event has no such field", name, names.join(", ")));
            continue;
        };
        let replaces_time = changes(codebook, kind) && codebook.field_names[field.name.index()] == "at";
        if json.is_null() && !replaces_time {
            continue;
        }
        if values.iter().any(|(known, ..)| *known == field.name) {
            problems.push(problem(path, "the field is given twice", name, "one spelling of it"));
            continue;
        }
        let read = if replaces_time {
            time(json, codebook).map(Value::Time).ok_or_else(|| habeas_codebook::value::EXPECTED_TIME.to_owned())
        } else {
            spelling::read(codebook, &field, json, &mut texts).map_err(|wrong| wrong.expected)
        };
        match read {
            Ok(value) => {
                let spelt = spelling::spell(codebook, &value, &|text| texts.get(text));
                values.push((field.name, field.sensitivity.max(seen_as), spelt, value));
            }
            Err(expected) => problems.push(problem(path, "the field holds something else", crate::draft::shape(json), expected)),
        }
    }
    if draft.source.is_none() {
        require(codebook, kind, &values, &texts, problems);
    }
    let order = |name: FieldId| declared.fields.iter().position(|field| field.name == name).unwrap_or(usize::MAX);
    values.sort_by_key(|(name, ..)| order(*name));
    values.into_iter().map(|(name, class, spelt, _)| (codebook.field_names[name.index()].clone(), class_of(class), spelt)).collect()
}

/// The field of a draft by its spelling: the kind's own, or one that a correction replaces.
fn field_of(codebook: &Codebook, kind: KindId, corrected: Option<KindId>, name: &str) -> Option<Field> {
    let spelt = |field: &&Field| is_same(&codebook.field_names[field.name.index()], name);
    if let Some(own) = codebook.kind(kind).fields.iter().find(spelt) {
        return Some(own.clone());
    }
    if !changes(codebook, kind) {
        return None;
    }
    if is_same(name, "at") {
        let at = codebook.field_names.iter().position(|field| field == "at")?;
        return Some(time_field(FieldId(u16::try_from(at).ok()?)));
    }
    match corrected {
        Some(kind) => codebook.kind(kind).fields.iter().find(spelt).cloned(),
        None => codebook.kinds.iter().flat_map(|kind| &kind.fields).find(spelt).cloned(),
    }
}

fn require(
    codebook: &Codebook,
    kind: KindId,
    values: &[(FieldId, Sensitivity, Json, Value)],
    texts: &Texts,
    problems: &mut Vec<FieldProblem>,
) {
    let value = |name: FieldId| values.iter().find(|(known, ..)| *known == name).map(|(.., value)| value);
    for field in &codebook.kind(kind).fields {
        let is_needed = match &field.required {
            Required::No => false,
            Required::Always => true,
            Required::When(other, test) => value(*other).is_some_and(|value| passes(test, value, texts)),
        };
        if is_needed && value(field.name).is_none() {
            let name = &codebook.field_names[field.name.index()];
            problems.push(problem(format!("fields.{name}"), "the codebook asks for it", "nothing", format!("the {name}")));
        }
    }
}

/// Whether a value of the draft passes the test of another field's `required when`. What a draft alone cannot tell is not asked.
fn passes(test: &Test, value: &Value, texts: &Texts) -> bool {
    let is = |term: &Term, value: &Value| match term {
        Term::Value(wanted, _) => matches!(value, Value::Choice(chosen) if chosen == wanted),
        Term::YesNo(wanted) => matches!(value, Value::YesNo(said) if said == wanted),
        Term::Role(wanted, _) => matches!(value, Value::Role(role) if role == wanted),
        Term::Rule(id, _) => value.as_text().is_some_and(|text| texts.get(text) == id),
        Term::Other(_) | Term::Grade(_) => false,
    };
    let holds = |term: &Term| match value {
        Value::Several(values) => values.iter().any(|value| is(term, value)),
        Value::Choice(_)
        | Value::YesNo(_)
        | Value::Number(_)
        | Value::Money(..)
        | Value::Date(..)
        | Value::Time(_)
        | Value::Span(..)
        | Value::Duration(_)
        | Value::Text(_)
        | Value::Hash(_)
        | Value::Role(_)
        | Value::Foreign(_)
        | Value::Sealed => is(term, value),
    };
    match test {
        Test::Known => true,
        Test::Is(expected, term) | Test::Includes(expected, term) => holds(term) == *expected,
        Test::OneOf(terms) => terms.iter().any(holds),
        Test::IncludesAll(terms) => terms.iter().all(holds),
        Test::Compare(relation, measure) => compared(*relation, measure, value),
    }
}

/// A number compared with a number that is written out.
fn compared(relation: Relation, measure: &Measure, value: &Value) -> bool {
    let (Value::Number(number), Measure::Amount(Amount::Number(quantity, _))) = (value, measure) else { return false };
    match relation {
        Relation::LessThan => *number < quantity.number,
        Relation::MoreThan => *number > quantity.number,
        Relation::AtLeast => *number >= quantity.number,
        Relation::AtMost => *number <= quantity.number,
    }
}
