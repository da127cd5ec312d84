//! An entry turned back into the answers of its form: what somebody would have typed.

use super::model::{Control, control, input_name};
use super::posted::Posted;
use crate::clock::Teller;
use habeas_codebook::moment::{At, Precision};
use habeas_codebook::tree::{Codebook, Field, Kind};
use habeas_register::Entry;
use serde_json::Value as Json;

/// The answers of an entry's form. Seconds are lost, so what was not touched is told by comparing answers, not values.
#[must_use]
pub fn answers_of(codebook: &Codebook, kind: &Kind, entry: &Entry, teller: &Teller<'_>) -> Posted {
    let mut posted = Posted::default();
    time(&mut posted, "at", entry.when, teller);
    for field in &kind.fields {
        let name = &codebook.field_names[field.name.index()];
        if let Some(told) = entry.fields.iter().find(|told| told.name == *name) {
            fill(&mut posted, codebook, field, &told.value, teller);
        }
    }
    posted
}

fn time(posted: &mut Posted, name: &str, at: At, teller: &Teller<'_>) {
    if at.precision == Precision::Unknown {
        posted.set(&format!("{name}.unknown"), "on");
        return;
    }
    let middle = habeas_codebook::moment::Moment(at.earliest.0 + (at.latest.0 - at.earliest.0) / 2);
    posted.set(&format!("{name}.time"), &teller.hour(middle));
    posted.set(&format!("{name}.day"), &teller.zone.to_datetime(middle.timestamp()).date().to_string());
    if !at.is_exact() {
        posted.set(&format!("{name}.about"), "on");
    }
}

fn fill(posted: &mut Posted, codebook: &Codebook, field: &Field, value: &Json, teller: &Teller<'_>) {
    let name = input_name(codebook, field);
    let items: Vec<&Json> = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    let texts: Vec<&str> = items.iter().filter_map(|item| item.as_str()).collect();
    let first = texts.first().copied().unwrap_or_default();
    let mut part = |part: &str, value: &str| posted.set(&format!("{name}.{part}"), value);
    match control(field) {
        Control::Choices => posted.0.extend(texts.iter().map(|text| (name.clone(), (*text).to_owned()))),
        Control::Lines | Control::Files => posted.set(&name, &texts.join("\n")),
        Control::Choice | Control::YesNo | Control::Text | Control::Line | Control::File | Control::Number => posted.set(&name, first),
        Control::Time => {
            let end = |end: &str| value.get(end).and_then(Json::as_str).unwrap_or_default();
            let spelt = if first.is_empty() { format!("{}/{}", end("earliest"), end("latest")) } else { first.to_owned() };
            match habeas_codebook::value::time(&spelt, &codebook.almanac) {
                Some(at) => time(posted, &name, at, teller),
                None => part("unknown", "on"),
            }
        }
        Control::Span => {
            part("from", value.get("start").and_then(Json::as_str).unwrap_or_default());
            part("to", value.get("end").and_then(Json::as_str).unwrap_or_default());
        }
        Control::Money => {
            part("amount", value.get("amount").and_then(Json::as_str).unwrap_or_default());
            part("currency", value.get("currency").and_then(Json::as_str).unwrap_or_default());
        }
        Control::Date => date(first).iter().zip(["year", "month", "day"]).for_each(|(value, name)| part(name, value)),
        Control::Duration => {
            let span: jiff::Span = first.parse().unwrap_or_default();
            let minutes = span.get_days() as i64 * 1440 + i64::from(span.get_hours()) * 60 + span.get_minutes() + span.get_seconds() / 60;
            part("hours", &(minutes / 60).to_string());
            part("minutes", &(minutes % 60).to_string());
        }
        Control::Signature => {
            let (how, why) = first.split_once(": ").unwrap_or((first, ""));
            part("why", why);
            posted.set(&name, how);
        }
        Control::BodyMark => {
            let pairs = first.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.for_each(|(name, value)| part(name, value));
        }
    }
}

/// Year, month and day of a date, as far as it is known: a range that is a whole year or month leaves the rest out.
fn date(text: &str) -> Vec<String> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let (first, last): (Vec<&str>, Vec<&str>) = (first.split('-').collect(), last.split('-').collect());
    first.iter().zip(&last).take_while(|(one, other)| one == other).map(|(one, _)| (*one).to_owned()).collect()
}
