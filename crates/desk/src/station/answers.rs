//! What an entry answers, in words for one reader: people by name where the reader may know it, other entries by what they are, and days,
//! languages and lengths of time as people say them.

use super::record::words;
use super::rows::row;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::names::Names;
use habeas_codebook::tree::FieldType;
use habeas_codebook::value;
use serde_json::Value as Json;

const DAY: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;

/// The answer of an entry of this kind to one of its fields. What cannot be said better stays as the register has it.
#[must_use]
pub fn answer(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, (kind, field): (&str, &str), value: &Json) -> String {
    match (value, declared(desk, kind, field)) {
        (Json::Array(items), Some(_)) => {
            items.iter().map(|item| answer(desk, teller, sight, (kind, field), item)).collect::<Vec<_>>().join(", ")
        }
        (Json::String(text), Some(of)) => one(desk, teller, sight, (of, text)).unwrap_or_else(|| words(&desk.codebook, teller, value)),
        _ => words(&desk.codebook, teller, value),
    }
}

fn declared<'d>(desk: &'d Desk, kind: &str, field: &str) -> Option<&'d FieldType> {
    desk.field_of(desk.authority.kind(kind)?, field).map(|field| &field.of)
}

fn one(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, (of, text): (&FieldType, &str)) -> Option<String> {
    match of {
        FieldType::Officer => Some(desk.person_name(text)),
        FieldType::Person => Some(thing(desk, teller, sight, ("person", text))),
        FieldType::Subject(class) => Some(thing(desk, teller, sight, (&desk.codebook.class(*class).name, text))),
        FieldType::Place => Some(desk.place_name(text)),
        FieldType::Ref(_) => entry(desk, teller, sight, text),
        FieldType::Date => Some(teller.date(text.parse().ok()?)),
        FieldType::Duration => length(teller, text),
        FieldType::Language => teller.texts.known(teller.language, &format!("language-{text}")),
        FieldType::Choice(_)
        | FieldType::Choices(_)
        | FieldType::Text
        | FieldType::YesNo
        | FieldType::Number(_)
        | FieldType::Money
        | FieldType::Time
        | FieldType::Span
        | FieldType::FileHash
        | FieldType::Country
        | FieldType::Signature
        | FieldType::BodyMark
        | FieldType::Role => None,
    }
}

/// A person, an officer or another subject by name, as far as this reader may know it; else by its number.
#[must_use]
pub fn thing(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, (class, id): (&str, &str)) -> String {
    match class {
        "officer" => desk.person_name(id),
        "place" => desk.place_name(id),
        "person" | "custody" => {
            let known = sight.beside(class, id).ok().and_then(|sight| row(desk, class, id, teller.now).ok()?.name_for(&sight));
            // Whoever works here, a lawyer among them, has an account by that id.
            known.unwrap_or_else(|| desk.person_name(id))
        }
        _ => id.to_owned(),
    }
}

/// Another entry by what it is and when it happened, if this reader may know of it.
fn entry(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, id: &str) -> Option<String> {
    let entry = desk.register.entry(id).ok().filter(|entry| sight.entry(entry))?;
    Some(format!("{}, {}", Names::new(&desk.codebook, teller.language).kind(&entry.kind), teller.at(entry.when)))
}

/// A length of a minute or more; months and years stay as they are.
fn length(teller: &Teller<'_>, text: &str) -> Option<String> {
    let lasting = value::duration(text).filter(|lasting| lasting.months == 0)?;
    let micros = i64::from(lasting.days) * DAY + lasting.micros;
    (micros >= MINUTE).then(|| teller.length(micros))
}
