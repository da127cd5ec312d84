//! The first step through the door: is the draft what the codebook asks for? Everything that is wrong is told at once, each with the path
//! of the field, so that a form can show it. Nothing is written here, and no value is repeated.

use crate::access::Access;
use crate::draft::{Draft, time};
use crate::entry::{Known, class_of, time_field};
use crate::error::{FieldProblem, RegisterError, problem};
use crate::spelling::{self, Texts};
use habeas_codebook::log::Value;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{Amount, Builtin, ClassId, Codebook, Field, FieldId, KindId, Measure, Relation, Required, Term, Test};
use habeas_ledger::leaf::Class;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// How far ahead of the register's clock a time may lie, in microseconds: clocks of a station differ by minutes, not more.
const AHEAD: i64 = 5 * 60 * 1_000_000;

/// A draft that passed.
pub(crate) struct Checked {
    pub(crate) kind: KindId,
    pub(crate) at: At,
    pub(crate) subjects: Vec<(ClassId, String)>,
    /// In the order declared.
    pub(crate) fields: Vec<Given>,
    /// Texts of the fields' values.
    pub(crate) texts: Texts,
    /// The entry that this one corrects or withdraws.
    pub(crate) corrects: Option<Arc<Known>>,
}

/// A field that was given.
pub(crate) struct Given {
    pub(crate) name: FieldId,
    pub(crate) class: Class,
    /// Its canonical spelling.
    pub(crate) spelt: Json,
    pub(crate) value: Value,
}

/// A codebook with its kinds by their names as it spells them, and the classes that some kind opens.
pub(crate) struct Law {
    pub(crate) codebook: Arc<Codebook>,
    kinds: HashMap<String, KindId>,
    opened: Vec<bool>,
}

impl Law {
    pub(crate) fn of(codebook: &Arc<Codebook>) -> Self {
        let numbered = codebook.kinds.iter().zip(0..).map(|(kind, place)| (kind.name.clone(), KindId(place)));
        let mut opened = vec![false; codebook.classes.len()];
        codebook.kinds.iter().flat_map(|kind| &kind.opens).for_each(|class| opened[class.index()] = true);
        Law { codebook: Arc::clone(codebook), kinds: numbered.collect(), opened }
    }

    /// The kind of a draft, by whatever spelling.
    pub(crate) fn kind(&self, name: &str) -> Option<KindId> {
        self.kinds.get(name).copied().or_else(|| {
            let found = self.codebook.kinds.iter().position(|kind| is_same(&kind.name, name));
            found.and_then(|place| u16::try_from(place).ok()).map(KindId)
        })
    }

    /// Whether some kind opens the life of subjects of a class.
    pub(crate) fn is_opened(&self, class: ClassId) -> bool {
        self.opened[class.index()]
    }
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

/// Checks a draft against the codebook. `corrects` is the entry that it names as wrong ([`corrected`]).
pub(crate) fn check(law: &Law, draft: &Draft, corrects: Option<Arc<Known>>, now: Moment) -> Result<Checked, RegisterError> {
    let codebook = &*law.codebook;
    let kind = kind_of(law, draft)?;
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
    check_in_time(codebook, draft, kind, now, &mut problems);
    let subjects = check_subjects(codebook, draft, kind, &mut problems);
    if corrects.is_none() && draft.source.is_none() && codebook.changes(kind) {
        problems.push(problem("fields.corrects", "there is no such entry", named_as_wrong(draft), "the id of the entry that was wrong"));
    }
    let mut texts = Texts::default();
    let fields = check_fields(codebook, draft, kind, corrects.as_deref(), (&mut texts, &mut problems));
    if problems.is_empty() { Ok(Checked { kind, at, subjects, fields, texts, corrects }) } else { Err(RegisterError::Invalid(problems)) }
}

fn kind_of(law: &Law, draft: &Draft) -> Result<KindId, RegisterError> {
    let kind = law.kind(&draft.kind).filter(|kind| *kind != Builtin::BreachFound.kind());
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

fn named_as_wrong(draft: &Draft) -> &str {
    draft.fields.get("corrects").and_then(Json::as_str).unwrap_or_default()
}

/// Whether a draft names another entry as wrong: what it says can be checked only beside that.
pub(crate) fn is_change(law: &Law, draft: &Draft) -> bool {
    law.kind(&draft.kind).is_some_and(|kind| law.codebook.changes(kind))
}

/// The entry that a correction or withdrawal names.
pub(crate) fn corrected(access: &mut Access, draft: &Draft) -> Result<Option<Arc<Known>>, RegisterError> {
    if !is_change(&access.law, draft) {
        return Ok(None);
    }
    match access.store.index_of(named_as_wrong(draft))? {
        Some(index) => access.entry(index),
        None => Ok(None),
    }
}

fn check_fields(
    codebook: &Codebook,
    draft: &Draft,
    kind: KindId,
    corrects: Option<&Known>,
    (texts, problems): (&mut Texts, &mut Vec<FieldProblem>),
) -> Vec<Given> {
    let declared = codebook.kind(kind);
    let seen_as = corrects.map_or(declared.seen_as, |entry| codebook.kind(entry.kind).seen_as.max(declared.seen_as));
    let is_change = codebook.changes(kind);
    let mut given: Vec<Given> = Vec::with_capacity(draft.fields.len());
    for (name, json) in &draft.fields {
        let mut refuse =
            |what: &str, found: &str, expected: String| problems.push(problem(format!("fields.{name}"), what, found, expected));
        let Some(field) = field_of(codebook, kind, corrects.map(|entry| entry.kind), name) else {
            let names: Vec<&str> = declared.fields.iter().map(|field| codebook.field_names[field.name.index()].as_str()).collect();
            refuse("this kind of event has no such field", name, names.join(", "));
            continue;
        };
        let replaces_time = is_change && codebook.field_names[field.name.index()] == "at";
        if json.is_null() && !replaces_time {
            continue;
        }
        if given.iter().any(|known| known.name == field.name) {
            refuse("the field is given twice", name, "one spelling of it".to_owned());
            continue;
        }
        let read = if replaces_time {
            time(json, codebook).map(Value::time).ok_or_else(|| habeas_codebook::value::EXPECTED_TIME.to_owned())
        } else {
            spelling::read(codebook, &field, json, texts).map_err(|wrong| wrong.expected)
        };
        match read {
            Ok(value) => {
                let spelt = spelling::spell(codebook, &value, &|text| texts.get(text));
                given.push(Given { name: field.name, class: class_of(field.sensitivity.max(seen_as)), spelt, value });
            }
            Err(expected) => refuse("the field holds something else", crate::draft::shape(json), expected),
        }
    }
    if draft.source.is_none() {
        require(codebook, kind, &given, texts, problems);
    }
    let order = |name: FieldId| declared.fields.iter().position(|field| field.name == name).unwrap_or(usize::MAX);
    given.sort_by_key(|field| order(field.name));
    given
}

/// The field of a draft by its spelling: the kind's own, or one that a correction replaces.
fn field_of<'c>(codebook: &'c Codebook, kind: KindId, corrected: Option<KindId>, name: &str) -> Option<Cow<'c, Field>> {
    let spelt = |field: &&Field| is_same(&codebook.field_names[field.name.index()], name);
    if let Some(own) = codebook.kind(kind).fields.iter().find(spelt) {
        return Some(Cow::Borrowed(own));
    }
    if !codebook.changes(kind) {
        return None;
    }
    if is_same(name, "at") {
        let at = codebook.field_names.iter().position(|field| field == "at")?;
        return Some(Cow::Owned(time_field(FieldId(u16::try_from(at).ok()?))));
    }
    let replaced = match corrected {
        Some(kind) => codebook.kind(kind).fields.iter().find(spelt),
        None => codebook.kinds.iter().flat_map(|kind| &kind.fields).find(spelt),
    };
    replaced.map(Cow::Borrowed)
}

fn require(codebook: &Codebook, kind: KindId, given: &[Given], texts: &Texts, problems: &mut Vec<FieldProblem>) {
    let value = |name: FieldId| given.iter().find(|known| known.name == name).map(|known| &known.value);
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
