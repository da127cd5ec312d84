//! Histories by chance: two custodies, their interviews, measures, cells and cases, with entries late, wrong, corrected and withdrawn.

use habeas_codebook::log::{Entry, Log, Value};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::{ClassId, Codebook, Field, FieldId, FieldType, KindId};
use habeas_monitor::{Hearing, Row};
use proptest::prelude::*;
use std::path::Path;
use std::sync::OnceLock;

pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// 10 February 2026, 00:00 in Baku.
pub(crate) const START: Moment = Moment(1_770_667_200_000_000);

/// The conformance codebook.
pub(crate) fn codebook() -> &'static Codebook {
    static CODEBOOK: OnceLock<Codebook> = OnceLock::new();
    CODEBOOK.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
        let source = PackSource::from_folder(&folder).expect("the conformance codebook stands beside the crates");
        habeas_codebook::read(&source, &|_| None).codebook.expect("it has no errors")
    })
}

/// Kinds that a history is made of; those of every rule of the codebook.
const KINDS: [&str; 48] = [
    "arrested",
    "arrived",
    "released",
    "relative notified",
    "notification declined",
    "lawyer met",
    "lawyer waived",
    "removal authorised",
    "removed from facility",
    "returned to facility",
    "interview started",
    "interview paused",
    "interview resumed",
    "interview ended",
    "officer joined",
    "officer left",
    "companion joined",
    "companion left",
    "medical examination",
    "illness or injury noted",
    "result sent to lawyer",
    "placed in cell",
    "left cell",
    "best-interests decision",
    "best-interests ended",
    "restraint applied",
    "restraint removed",
    "isolation started",
    "isolation ended",
    "cell described",
    "person described",
    "information received",
    "referred to procurator",
    "custody opened",
    "died",
    "complaint received",
    "claim assessed",
    "reasons given",
    "investigation opened",
    "offence committed",
    "prosecution begun",
    "fugitive declared",
    "fugitive found",
    "interim measures granted",
    "interim measures lifted",
    "removed from country",
    "isolation appealed",
    "appeal decided",
];

/// One entry of a history, as drawn.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    kind: usize,
    /// Five-minute steps since the start.
    step: i64,
    /// How much later it was recorded, in five-minute steps.
    delay: i64,
    /// Which custody, interview, measure, cell, case.
    who: u8,
    which: u8,
    /// Chooses values of fields; low numbers leave fields out.
    values: u64,
    /// Half width of an unknown time in steps; 0 is exact.
    rough: i64,
    /// Corrects (1) or withdraws (2) an earlier entry.
    changes: u8,
}

pub(crate) fn told(rough: bool, late: bool) -> impl Strategy<Value = Told> {
    let delay = if late { prop_oneof![6 => Just(0i64), 1 => 1i64..40, 1 => 250i64..400].boxed() } else { Just(0i64).boxed() };
    let width = if rough { prop_oneof![12 => Just(0i64), 1 => 1i64..20].boxed() } else { Just(0i64).boxed() };
    let changes = if late { prop_oneof![12 => Just(0u8), 1 => Just(1u8), 1 => Just(2u8)].boxed() } else { Just(0u8).boxed() };
    (0..KINDS.len(), 0i64..360, delay, 0u8..2, 0u8..2, any::<u64>(), width, changes)
        .prop_map(|(kind, step, delay, who, which, values, rough, changes)| Told { kind, step, delay, who, which, values, rough, changes })
}

/// Histories of up to so many entries.
pub(crate) fn histories(most: usize, rough: bool, late: bool) -> impl Strategy<Value = Vec<Told>> {
    proptest::collection::vec(told(rough, late), 1..most)
}

/// An entry ready for a log.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) id: String,
    pub(crate) kind: KindId,
    pub(crate) at: At,
    pub(crate) recorded_at: Moment,
    pub(crate) subjects: Vec<(ClassId, String)>,
    pub(crate) fields: Vec<(FieldId, Spelt)>,
}

/// A field's value before the log has placed its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spelt {
    Text(String),
    Value(Value),
}

/// Entries in the order of recording.
pub(crate) fn ready(history: &[Told]) -> Vec<Ready> {
    let codebook = codebook();
    let mut all: Vec<Ready> = Vec::new();
    for (n, told) in history.iter().enumerate() {
        let at = Moment(START.0 + (told.step + 20) * 5 * MINUTE);
        let half = told.rough * 5 * MINUTE;
        let at = if told.rough == 0 {
            At::exact(at)
        } else {
            At { earliest: Moment(at.0 - half), latest: Moment(at.0 + half), precision: Precision::Range }
        };
        let recorded_at = Moment(at.latest.0 + told.delay * 5 * MINUTE);
        let name = KINDS[told.kind];
        let kind = KindId(codebook.kinds.iter().position(|k| k.name == name).expect("a kind of the codebook") as u16);
        let subjects = codebook.kind(kind).subjects.iter().map(|c| (*c, name_of(codebook, *c, told))).collect();
        let mut seed = told.values;
        let fields = codebook.kind(kind).fields.iter().filter_map(|f| Some((f.name, value(codebook, f, &mut seed)?))).collect();
        let entry = Ready { id: format!("e{n:03}"), kind, at, recorded_at, subjects, fields };
        let change = change_of(codebook, told, n, &all, &entry);
        all.push(entry);
        all.extend(change);
    }
    all.sort_by_key(|e| e.recorded_at);
    all
}

fn name_of(codebook: &Codebook, class: ClassId, told: &Told) -> String {
    let initial = codebook.class(class).name.chars().next().unwrap_or('x').to_uppercase();
    match codebook.class(class).name.as_str() {
        // A person has one custody here, an interview and a measure belong to one custody.
        "custody" | "person" => format!("{initial}{}", told.who),
        "interview" | "measure" | "placement" => format!("{initial}{}{}", told.who, told.which),
        _ => format!("{initial}{}", told.which),
    }
}

/// A correction or withdrawal of an earlier entry, recorded after it and after this one.
fn change_of(codebook: &Codebook, told: &Told, n: usize, earlier: &[Ready], beside: &Ready) -> Option<Ready> {
    let target = earlier.get(told.values as usize % earlier.len().max(1)).filter(|_| told.changes > 0)?;
    let field = |name: &str| FieldId(codebook.field_names.iter().position(|f| f == name).expect("a built-in field") as u16);
    let mut fields = vec![(field("corrects"), Spelt::Text(target.id.clone()))];
    if told.changes == 1 {
        let moved = Moment(target.at.earliest.0 + (told.values % 24) as i64 * 10 * MINUTE - 2 * HOUR);
        fields.push((field("at"), Spelt::Value(Value::time(At::exact(moved)))));
    }
    let recorded_at = beside.recorded_at.max(target.recorded_at);
    let kind = KindId(u16::from(told.changes == 2));
    Some(Ready { id: format!("c{n:03}"), kind, at: At::exact(recorded_at), recorded_at, subjects: target.subjects.clone(), fields })
}

fn draw(seed: &mut u64, most: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % most
}

/// A value for a field by chance; `None`: it was not recorded.
pub(crate) fn value(codebook: &Codebook, field: &Field, seed: &mut u64) -> Option<Spelt> {
    if draw(seed, 8) == 0 {
        return None;
    }
    Some(match &field.of {
        FieldType::Choice(choices) => {
            let values = codebook.values(choices);
            Spelt::Value(Value::Choice(values[draw(seed, values.len() as u64) as usize]))
        }
        FieldType::YesNo => Spelt::Value(Value::YesNo(draw(seed, 2) == 0)),
        FieldType::Number(_) => Spelt::Value(Value::Number((draw(seed, 12) as u32 + 1).into())),
        FieldType::Date => {
            let year = [2010, 1990, 2008][draw(seed, 3) as usize];
            let first = jiff::civil::date(year, 2, 10);
            let last = if draw(seed, 4) == 0 { jiff::civil::date(year, 2, 20) } else { first };
            Spelt::Value(Value::Date(first, last))
        }
        FieldType::Role => Spelt::Value(Value::Role(habeas_codebook::tree::RoleId(draw(seed, codebook.roles.len() as u64) as u16))),
        FieldType::Time => Spelt::Value(Value::time(At::exact(Moment(START.0 + draw(seed, 40) as i64 * HOUR)))),
        FieldType::Officer | FieldType::Person => Spelt::Text(format!("O{}", draw(seed, 4))),
        FieldType::Ref(_) => Spelt::Text(format!("e{:03}", draw(seed, 12))),
        FieldType::Choices(_)
        | FieldType::Text
        | FieldType::Money
        | FieldType::Span
        | FieldType::Duration
        | FieldType::FileHash
        | FieldType::Language
        | FieldType::Country
        | FieldType::Signature
        | FieldType::BodyMark
        | FieldType::Place
        | FieldType::Subject(_) => return None,
    })
}

/// Hands an entry to whoever keeps a log.
pub(crate) fn give<T>(log: &mut Log, entry: &Ready, take: impl FnOnce(&mut Log, &Entry<'_>) -> T) -> T {
    let subjects: Vec<(ClassId, &str)> = entry.subjects.iter().map(|(c, n)| (*c, n.as_str())).collect();
    let place = |log: &mut Log, value: &Spelt| match value {
        Spelt::Text(text) => Value::Text(log.text(text)),
        Spelt::Value(value) => value.clone(),
    };
    let fields: Vec<(FieldId, Value)> = entry.fields.iter().map(|(f, v)| (*f, place(log, v))).collect();
    let (id, kind, at, recorded_at) = (entry.id.as_str(), entry.kind, entry.at, entry.recorded_at);
    take(log, &Entry { id, kind, at, recorded_at, by: None, subjects: &subjects, fields: &fields })
}

/// A log of entries.
pub(crate) fn log_of(entries: &[Ready]) -> Log {
    let mut log = Log::new();
    for entry in entries {
        give(&mut log, entry, |log, e| log.push(e)).expect("ids differ");
    }
    log
}

/// A row in words that do not depend on how the log numbers its entries.
pub(crate) fn spoken(hearing: &Hearing<'_>, row: &Row) -> String {
    let log = hearing.log();
    let time = |m: Option<Moment>| m.map_or_else(|| "-".to_owned(), |m| format!("{}", (m.0 - START.0) / MINUTE));
    format!(
        "{}{} {} trigger {} {} due {} since {} until {} late {:?} over {:?} {:?}",
        codebook().rules[row.rule.index()].id,
        if row.record { "/record" } else { "" },
        log.name_of(row.subject),
        row.trigger.map_or("-", |t| log.id(t)),
        row.verdict.as_str(),
        time(row.due_at),
        time(row.since),
        time(row.until),
        row.late_by.map(|l| l / MINUTE),
        row.over_by.map(|l| l / MINUTE),
        row.flags.names().collect::<Vec<_>>(),
    )
}

/// The entries as one line each, for a person who has to find out why.
pub(crate) fn story(entries: &[Ready]) -> String {
    let codebook = codebook();
    let line = |e: &Ready| {
        let names: Vec<String> = e.subjects.iter().map(|(_, n)| n.clone()).collect();
        let fields: Vec<String> = e.fields.iter().map(|(f, v)| format!("{}={v:?}", codebook.field_names[f.index()])).collect();
        let minutes = |m: Moment| (m.0 - START.0) / MINUTE;
        let when = (minutes(e.at.earliest), minutes(e.at.latest), minutes(e.recorded_at));
        format!("{} {} {when:?} {} {}", e.id, codebook.kind(e.kind).name, names.join(" "), fields.join(" "))
    };
    entries.iter().map(line).collect::<Vec<_>>().join("\n")
}
