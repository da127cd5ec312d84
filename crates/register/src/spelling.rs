//! Values of fields as JSON, both ways. What is stored, committed to and shown is the one canonical spelling of a value ([`spell`]); what
//! people and programs send may be spelt as logs allow ([`read`]).

use crate::draft::{shape, time};
use habeas_codebook::log::{Lasting, TextId, Value};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{Codebook, Field, FieldType};
use habeas_codebook::value::{self, Misspelt};
use serde_json::{Value as Json, json};

/// Texts of values, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl Texts {
    pub(crate) fn place(&mut self, text: &str) -> TextId {
        let number = self.0.iter().position(|known| known == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        TextId(u32::try_from(number).expect("an entry holds fewer texts than can be counted"))
    }
    pub(crate) fn get(&self, text: TextId) -> &str {
        self.0.get(text.0 as usize).map_or("", String::as_str)
    }
}

/// Reads the value of a field.
pub(crate) fn read(codebook: &Codebook, field: &Field, json: &Json, texts: &mut Texts) -> Result<Value, Misspelt> {
    let several = field.list || matches!(field.of, FieldType::Choices(_));
    match (several, json) {
        (true, Json::Array(items)) => {
            let values: Result<Vec<Value>, Misspelt> = items.iter().map(|item| one(codebook, field, item, texts)).collect();
            Ok(Value::Several(values?.into()))
        }
        (true, single) => Ok(Value::Several([one(codebook, field, single, texts)?].into())),
        (false, single) => one(codebook, field, single, texts),
    }
}

fn one(codebook: &Codebook, field: &Field, json: &Json, texts: &mut Texts) -> Result<Value, Misspelt> {
    let misspelt = |expected: &str| Misspelt { expected: expected.to_owned() };
    if field.of == FieldType::Time {
        return time(json, codebook).map(Value::time).ok_or_else(|| misspelt(value::EXPECTED_TIME));
    }
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Object(parts) => {
            let part = |name: &str| parts.get(name).map(|p| p.as_str().map_or_else(|| p.to_string(), str::to_owned));
            if let Some(hash) = part("sha256").and_then(|hex| unhex(&hex)) {
                return Ok(Value::Hash(Box::new(hash)));
            }
            match (part("amount"), part("currency"), part("earliest"), part("latest"), part("start"), part("end")) {
                (Some(amount), Some(currency), ..) => format!("{amount} {currency}"),
                (_, _, Some(earliest), Some(latest), ..) => format!("{earliest}/{latest}"),
                (.., Some(start), Some(end)) => {
                    return span(&parts["start"], &parts["end"], codebook)
                        .ok_or_else(|| misspelt(&format!("a span of two times, not {} and {}", start.len(), end.len())));
                }
                _ if matches!(field.of, FieldType::BodyMark | FieldType::Signature) => json.to_string(),
                _ => return Err(misspelt("one value")),
            }
        }
        Json::Null | Json::Array(_) => return Err(misspelt(&format!("one value, not {}", shape(json)))),
    };
    value::parse_one(codebook, field, &text, &mut |text| texts.place(text))
}

fn span(start: &Json, end: &Json, codebook: &Codebook) -> Option<Value> {
    let (start, end) = (time(start, codebook)?, time(end, codebook)?);
    (start.earliest <= end.latest).then(|| Value::Span(Box::new((start, end))))
}

/// The canonical spelling of a value. Texts are found by `text`.
pub(crate) fn spell<'t>(codebook: &Codebook, value: &Value, text: &impl Fn(TextId) -> &'t str) -> Json {
    match value {
        Value::Choice(value) => json!(codebook.value_names[value.index()]),
        Value::YesNo(true) => json!("yes"),
        Value::YesNo(false) => json!("no"),
        Value::Number(number) => json!(number.normalize().to_string()),
        Value::Money(amount, currency) => json!({"amount": amount.to_string(), "currency": String::from_utf8_lossy(currency)}),
        Value::Date(first, last) if first == last => json!(first.to_string()),
        Value::Date(first, last) => json!(format!("{first}/{last}")),
        Value::Time(at) => spell_time(**at, codebook),
        Value::Span(ends) => json!({"start": spell_time(ends.0, codebook), "end": spell_time(ends.1, codebook)}),
        Value::Duration(lasting) => json!(spell_duration(*lasting)),
        Value::Text(number) | Value::Foreign(number) => json!(text(*number)),
        Value::Hash(hash) => json!({"sha256": hex(hash.as_slice())}),
        Value::Role(role) => json!(codebook.roles[role.index()].name),
        Value::Sealed => json!({"sealed": true}),
        Value::Several(values) => values.iter().map(|value| spell(codebook, value, text)).collect(),
    }
}

/// A time as logs spell it, in the codebook's zone.
pub(crate) fn spell_time(at: At, codebook: &Codebook) -> Json {
    match at.precision {
        Precision::Exact => json!(spell_moment(at.earliest, codebook)),
        Precision::Unknown => Json::Null,
        Precision::Day | Precision::Range => {
            let day = codebook.almanac.date(at.earliest).to_string();
            if at.precision == Precision::Day && value::time(&day, &codebook.almanac) == Some(at) {
                return json!(day);
            }
            json!({"earliest": spell_moment(at.earliest, codebook), "latest": spell_moment(at.latest, codebook)})
        }
    }
}

/// An instant as RFC 3339 with the offset of the codebook's zone.
pub(crate) fn spell_moment(moment: Moment, codebook: &Codebook) -> String {
    let timestamp = moment.timestamp();
    let offset = codebook.almanac.zone.to_offset(timestamp);
    // A zone whose offset has seconds (before standard time) has no spelling in RFC 3339.
    let offset = if offset.seconds() % 60 == 0 { offset } else { jiff::tz::Offset::UTC };
    timestamp.display_with_offset(offset).to_string()
}

fn spell_duration(lasting: Lasting) -> String {
    let mut text = "P".to_owned();
    let mut part = |amount: i64, unit: &str| {
        if amount != 0 {
            text.push_str(&format!("{amount}{unit}"));
        }
    };
    part(i64::from(lasting.months), "M");
    part(i64::from(lasting.days), "D");
    if lasting.micros == 0 {
        return if text == "P" { "PT0S".to_owned() } else { text };
    }
    let (seconds, micros) = (lasting.micros / 1_000_000, lasting.micros % 1_000_000);
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    format!("{text}T{seconds}{fraction}S")
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the hex of `N` bytes.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}
