//! `habeas export --log`: the entries of a register as a log, for whoever counts its returns again.
//!
//! Everything that happened is there, with its times, subjects and corrections, so that a table comes out byte for byte; what only names
//! or describes somebody is not. Health and what is privileged are left out unless asked for.

use crate::counting::Entries;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::table::{Counted, DimensionOf};
use habeas_codebook::tree::{Codebook, FieldId, FieldType, KindId, Sensitivity};
use habeas_register::Draft;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// What is written, and how many fields were left out.
pub struct Written {
    /// JSON Lines, in the order of record.
    pub lines: String,
    /// Fields left out.
    pub left_out: u64,
}

/// The entries as JSON Lines; `with` are classes of fields that are written although they are left out elsewhere.
#[must_use]
pub fn write(entries: &Entries, with: &[Sensitivity]) -> Written {
    let (codebook, log) = (&entries.codebook, &entries.log);
    let counted = counted(codebook);
    let mut written = Written { lines: String::new(), left_out: 0 };
    for event in log.events() {
        let draft = Draft::of_entry(codebook, log, event, "");
        let kind = log.kind(event);
        let mut fields = Map::new();
        for ((field, _), (name, value)) in log.fields(event).iter().zip(ordered(codebook, log.fields(event), draft.fields)) {
            if goes(codebook, kind, *field, with, &counted) && value.get("sealed").is_none() {
                fields.insert(name, value);
            } else {
                written.left_out += 1;
            }
        }
        let subjects: Map<String, Json> = draft.subjects.into_iter().map(|(class, id)| (class, id.into())).collect();
        let line = json!({
            "id": log.id(event), "kind": draft.kind, "at": time(log.at(event)), "recorded_at": stamp(log.recorded_at(event)),
            "subject": subjects, "fields": fields,
        });
        written.lines.push_str(&format!("{line}\n"));
    }
    written
}

type Field = (FieldId, habeas_codebook::log::Value);

/// A draft's fields in the order of the entry's.
fn ordered(codebook: &Codebook, fields: &[Field], mut spelt: Map<String, Json>) -> Vec<(String, Json)> {
    let name = |field: FieldId| codebook.field_names[field.index()].clone();
    fields.iter().map(|(field, _)| (name(*field), spelt.remove(&name(*field)).unwrap_or_default())).collect()
}

/// Whether a field goes out: it is nobody's secret, and holds a code, a number or a time and not words; or a table counts by it.
fn goes(codebook: &Codebook, kind: KindId, field: FieldId, with: &[Sensitivity], counted: &BTreeSet<FieldId>) -> bool {
    let name = codebook.field_names[field.index()].as_str();
    // What corrects another entry names it, and holds any of its fields.
    if matches!(name, "corrects" | "at") {
        return true;
    }
    let own = codebook.field(kind, field);
    let mut declared = codebook.kinds.iter().flat_map(|kind| &kind.fields).filter(|other| other.name == field);
    let one = |declared: &habeas_codebook::tree::Field| {
        let is_open = match declared.sensitivity {
            Sensitivity::Public | Sensitivity::Custody => !is_words(&declared.of) || counted.contains(&field),
            Sensitivity::Identity => !is_words(&declared.of) && !is_somebody(&declared.of),
            Sensitivity::Medical | Sensitivity::Privileged => false,
        };
        is_open || with.contains(&declared.sensitivity)
    };
    own.map_or_else(|| declared.all(one), one)
}

fn is_words(of: &FieldType) -> bool {
    matches!(of, FieldType::Text | FieldType::Signature | FieldType::FileHash | FieldType::BodyMark)
}

fn is_somebody(of: &FieldType) -> bool {
    matches!(of, FieldType::Person | FieldType::Officer | FieldType::Subject(_) | FieldType::Ref(_) | FieldType::Place)
}

/// Fields that tables count by.
fn counted(codebook: &Codebook) -> BTreeSet<FieldId> {
    let mut fields = BTreeSet::new();
    for table in &codebook.tables {
        let tests = table.patterns().into_iter().flat_map(|pattern| codebook.expand(pattern).1);
        fields.extend(tests.map(|(field, _)| *field));
        for column in &table.columns {
            if let Counted::Different(field, _) | Counted::OfField(_, field, _) = &column.measure {
                fields.insert(*field);
            }
        }
        for dimension in &table.by {
            if let DimensionOf::Fact(field, _) | DimensionOf::Field(field, _) = dimension.of {
                fields.insert(field);
            }
        }
    }
    fields
}

fn stamp(at: Moment) -> String {
    at.timestamp().to_string()
}

fn time(at: At) -> Json {
    match at.precision {
        Precision::Unknown => Json::Null,
        Precision::Exact | Precision::Day | Precision::Range if at.is_exact() => stamp(at.earliest).into(),
        Precision::Exact | Precision::Day | Precision::Range => json!({"earliest": stamp(at.earliest), "latest": stamp(at.latest)}),
    }
}
