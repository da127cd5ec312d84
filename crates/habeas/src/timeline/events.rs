//! Events and facts of a timeline as entries of a log (interfaces, "Events in a log").

use super::Unreadable;
use super::expected::moment;
use crate::verdicts::durations;
use habeas_codebook::log::{Entry, Lasting, Log, Value};
use habeas_codebook::moment::{Almanac, At, Moment, Precision};
use habeas_codebook::tree::{Builtin, ClassId, Codebook, Field, FieldId, FieldType, Kind, KindId, RoleId, ValueId};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// The events as a log.
///
/// # Errors
/// The number of the event, the member, what was found and what was expected.
pub fn read(codebook: &Codebook, events: &[Json]) -> Result<Log, Unreadable> {
    let mut log = Log::new();
    for (place, event) in events.iter().enumerate() {
        let told = |Unreadable(why)| Unreadable(format!("event {}, {why}", place + 1));
        push(codebook, events, event, &mut log).map_err(told)?;
    }
    Ok(log)
}

fn wrong(member: &str, found: &Json, expected: &str) -> Unreadable {
    Unreadable(format!("`{member}`: found {found}, expected {expected}"))
}

fn text<'j>(event: &'j Json, member: &str) -> Result<&'j str, Unreadable> {
    event[member].as_str().ok_or_else(|| wrong(member, &event[member], "a text"))
}

fn spelt_alike(name: &str, written: &str) -> bool {
    let plain = |letter: char| if letter == '_' || letter == '-' { ' ' } else { letter.to_ascii_lowercase() };
    name.chars().map(plain).eq(written.chars().map(plain))
}

fn push(codebook: &Codebook, events: &[Json], event: &Json, log: &mut Log) -> Result<(), Unreadable> {
    let kind = kind(codebook, event)?;
    let recorded_at = event.get("recorded_at").and_then(Json::as_str).map(|text| moment("recorded_at", text)).transpose()?;
    let at = time("at", &event["at"], recorded_at, &codebook.almanac)?;
    let recorded_at = match recorded_at {
        Some(recorded_at) => recorded_at,
        None if at.precision == Precision::Unknown => return Err(Unreadable("`recorded_at`: an unknown time needs one".to_owned())),
        None => at.latest,
    };
    let none = serde_json::Map::new();
    let mut subjects = Vec::new();
    for (class, id) in event["subject"].as_object().unwrap_or(&none) {
        let known = codebook.classes.iter().position(|known| spelt_alike(&known.name, class));
        let known = known.ok_or_else(|| Unreadable(format!("`subject`: the codebook has no class `{class}`")))?;
        subjects.push((ClassId(known as u16), id.as_str().ok_or_else(|| wrong("subject", id, "an id as text"))?));
    }
    let mut fields = Vec::new();
    for (name, given) in event["fields"].as_object().unwrap_or(&none).iter().filter(|(_, given)| !given.is_null()) {
        fields.push(field(codebook, events, event, kind, (name, given), recorded_at, log)?);
    }
    let id = text(event, "id")?;
    let by = event.get("by").and_then(Json::as_str);
    let entry = Entry { id, kind, at, recorded_at, by, subjects: &subjects, fields: &fields };
    log.push(&entry).map(|_| ()).map_err(|_| Unreadable(format!("`id`: `{id}` was there before")))
}

fn kind(codebook: &Codebook, event: &Json) -> Result<KindId, Unreadable> {
    let written = text(event, "kind")?;
    let known = codebook.kinds.iter().position(|kind| spelt_alike(&kind.name, written));
    known.map(|place| KindId(place as u16)).ok_or_else(|| Unreadable(format!("`kind`: the codebook has no event `{written}`")))
}

/// A field of the event's own kind, or, in a correction, of the event that it corrects.
fn field(
    codebook: &Codebook,
    events: &[Json],
    event: &Json,
    kind: KindId,
    (name, given): (&str, &Json),
    recorded_at: Moment,
    log: &mut Log,
) -> Result<(FieldId, Value), Unreadable> {
    let known = codebook.field_names.iter().position(|known| spelt_alike(known, name)).map(|place| FieldId(place as u16));
    let known = known.ok_or_else(|| Unreadable(format!("`fields`: the codebook has no field `{name}`")))?;
    let corrected = given_target(codebook, events, event, kind);
    let Some(field) = codebook.field(kind, known).or_else(|| codebook.field(corrected?, known)) else {
        if name == "at" && corrected.is_some() {
            return Ok((known, Value::Time(time(name, given, Some(recorded_at), &codebook.almanac)?)));
        }
        return Err(Unreadable(format!("`fields`: {} has no field `{name}`", codebook.kind(kind).name)));
    };
    Ok((known, value(codebook, field, given, log)?))
}

/// Kind of the event that a correction or withdrawal names.
fn given_target(codebook: &Codebook, events: &[Json], event: &Json, kind: KindId) -> Option<KindId> {
    let Kind { corrects, withdraws, .. } = codebook.kind(kind);
    if !corrects && !withdraws && kind != Builtin::Correction.kind() && kind != Builtin::Withdrawal.kind() {
        return None;
    }
    let target = events.iter().find(|other| other["id"] == event["fields"]["corrects"])?;
    self::kind(codebook, target).ok()
}

fn time(member: &str, given: &Json, recorded_at: Option<Moment>, almanac: &Almanac) -> Result<At, Unreadable> {
    const EXPECTED: &str = "an instant with its offset, a date, null, or an object with earliest and latest";
    match given {
        Json::Null => Ok(At { earliest: Moment::LONG_AGO, latest: recorded_at.unwrap_or(Moment::FAR_OFF), precision: Precision::Unknown }),
        Json::String(text) => match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => {
                Ok(At { earliest: almanac.start_of(date), latest: Moment(almanac.end_of(date).0 - 1_000_000), precision: Precision::Day })
            }
            Ok(_) | Err(_) => Ok(At::exact(moment(member, text)?)),
        },
        Json::Object(ends) => {
            let end = |name: &str| ends.get(name).ok_or_else(|| wrong(member, given, EXPECTED));
            let (earliest, latest) = (time(member, end("earliest")?, None, almanac)?, time(member, end("latest")?, recorded_at, almanac)?);
            if earliest.earliest > latest.latest {
                return Err(wrong(member, given, "an earliest that is not after the latest"));
            }
            Ok(At { earliest: earliest.earliest, latest: latest.latest, precision: Precision::Range })
        }
        Json::Bool(_) | Json::Number(_) | Json::Array(_) => Err(wrong(member, given, EXPECTED)),
    }
}

/// A spelling as the value of a field.
///
/// # Errors
/// What was found, and what the field can hold.
pub fn value(codebook: &Codebook, field: &Field, given: &Json, log: &mut Log) -> Result<Value, Unreadable> {
    let name = &codebook.field_names[field.name.index()];
    if field.list || matches!(field.of, FieldType::Choices(_)) {
        let parts: Vec<Json> = match given {
            Json::Array(parts) => parts.clone(),
            Json::String(text) => text.split('|').map(|part| part.into()).collect(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => return Err(wrong(name, given, "a list")),
        };
        let parts = parts.iter().map(|part| single(codebook, field, name, part, log)).collect::<Result<Vec<_>, _>>()?;
        return Ok(Value::Several(parts.into_boxed_slice()));
    }
    single(codebook, field, name, given, log)
}

fn single(codebook: &Codebook, field: &Field, name: &str, given: &Json, log: &mut Log) -> Result<Value, Unreadable> {
    let spelt = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
    let no = |expected: &str| wrong(name, given, expected);
    match &field.of {
        FieldType::Choice(choices) | FieldType::Choices(choices) => {
            choice(codebook, codebook.values(choices), &spelt, log).ok_or_else(|| {
                no(&format!(
                    "one of {}",
                    codebook.values(choices).iter().map(|v| codebook.value_names[v.index()].as_str()).collect::<Vec<_>>().join(", ")
                ))
            })
        }
        FieldType::YesNo => match spelt.as_str() {
            "yes" | "true" => Ok(Value::YesNo(true)),
            "no" | "false" => Ok(Value::YesNo(false)),
            _ => Err(no("yes or no")),
        },
        FieldType::Number(_) => number(&spelt).map(Value::Number).ok_or_else(|| no("a number")),
        FieldType::Money => money(given, &spelt).ok_or_else(|| no("an amount and a currency, such as 120.50 AZN")),
        FieldType::Date => dates(&spelt).map(|(first, last)| Value::Date(first, last)).ok_or_else(|| no("a date, a month or a year")),
        FieldType::Time => time(name, given, None, &codebook.almanac).map(Value::Time),
        FieldType::Span => {
            let (start, end) = spelt.split_once('/').ok_or_else(|| no("two times with / between"))?;
            let end_of = |text: &str| time(name, &Json::from(text), None, &codebook.almanac);
            Ok(Value::Span(end_of(start)?, end_of(end)?))
        }
        FieldType::Duration => lasting(&spelt).map(Value::Duration).ok_or_else(|| no("an ISO 8601 duration such as PT30M")),
        FieldType::Role => {
            let role = codebook.roles.iter().position(|role| spelt_alike(&role.name, &spelt));
            role.map(|place| Value::Role(RoleId(place as u16))).ok_or_else(|| no("a role of the codebook"))
        }
        FieldType::Text
        | FieldType::FileHash
        | FieldType::Language
        | FieldType::Country
        | FieldType::Signature
        | FieldType::BodyMark
        | FieldType::Place
        | FieldType::Person
        | FieldType::Officer
        | FieldType::Subject(_)
        | FieldType::Ref(_) => Ok(Value::Text(log.text(&spelt))),
    }
}

fn choice(codebook: &Codebook, values: &[ValueId], spelt: &str, log: &mut Log) -> Option<Value> {
    if spelt.starts_with("foreign:") {
        return Some(Value::Foreign(log.text(spelt)));
    }
    let exactly = values.iter().find(|value| codebook.value_names[value.index()] == spelt);
    exactly.or_else(|| values.iter().find(|value| spelt_alike(&codebook.value_names[value.index()], spelt))).copied().map(Value::Choice)
}

fn number(spelt: &str) -> Option<Decimal> {
    spelt.split_whitespace().next()?.parse().ok()
}

fn money(given: &Json, spelt: &str) -> Option<Value> {
    let (amount, currency) = match given.as_object() {
        Some(money) => (money.get("amount")?.as_str()?, money.get("currency")?.as_str()?),
        None => spelt.split_once(' ')?,
    };
    Some(Value::Money(amount.parse().ok()?, currency.as_bytes().try_into().ok()?))
}

/// First and last day that a date may be: `2009`, `2009-04`, `2009-04-05`, or a range with `/`.
fn dates(spelt: &str) -> Option<(Date, Date)> {
    if let Some((first, last)) = spelt.split_once('/') {
        return Some((dates(first)?.0, dates(last)?.1)).filter(|(first, last)| first <= last);
    }
    let parts: Vec<&str> = spelt.split('-').collect();
    match parts.as_slice() {
        [year] if year.len() == 4 => Some((Date::new(year.parse().ok()?, 1, 1).ok()?, Date::new(year.parse().ok()?, 12, 31).ok()?)),
        [year, month] if year.len() == 4 => {
            let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            Some((first, first.last_of_month()))
        }
        _ => spelt.parse().ok().map(|date| (date, date)),
    }
}

fn lasting(spelt: &str) -> Option<Lasting> {
    let body = spelt.strip_prefix('P')?;
    let (date_part, clock) = body.split_once('T').map_or((body, ""), |(date, clock)| (date, clock));
    let mut lasting = Lasting { months: 0, days: 0, micros: 0 };
    let mut rest = date_part;
    while let Some(end) = rest.find(|letter: char| !letter.is_ascii_digit()) {
        let amount: i32 = rest[..end].parse().ok()?;
        match &rest[end..=end] {
            "Y" => lasting.months += amount.checked_mul(12)?,
            "M" => lasting.months += amount,
            "W" => lasting.days += amount.checked_mul(7)?,
            "D" => lasting.days += amount,
            _ => return None,
        }
        rest = &rest[end + 1..];
    }
    if !clock.is_empty() {
        lasting.micros = durations::read(&format!("PT{clock}"))?;
    }
    (rest.is_empty() && body != "" && !body.ends_with('T')).then_some(lasting)
}
