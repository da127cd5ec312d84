//! JSON: one event an object, one object a line or all in one list (interfaces, *Events in a log*).

use crate::gather::{Draft, Gather, Place, unknown_time};
use crate::objects::{self, Step, Written};
use crate::problem::{IntakeError, Problem};
use habeas_codebook::log::Value;
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{ClassId, Field, FieldId, FieldType};
use habeas_codebook::value::{self, EXPECTED_TIME};
use serde_json::{Map, Value as Json};
use std::io::Read;

/// Reads JSON Lines, or a list of the same objects, into a log.
pub(crate) fn read<R: Read>(gather: &mut Gather<'_>, file: &str, reader: R, progress: &mut dyn FnMut(u64)) -> Result<(), IntakeError> {
    objects::each(reader, file, &mut |step| match step {
        Step::Read(bytes) => {
            progress(bytes);
            gather.pass_on();
        }
        Step::Object(written) => {
            gather.rows += 1;
            if let Err(problem) = entry(gather, file, written) {
                gather.bad(problem);
            }
        }
    })
}

/// An object, with the places of its members.
struct Line<'l> {
    place: Place<'l>,
    text: &'l str,
    /// Where it begins on its first line.
    column: u64,
}

impl Line<'_> {
    /// Where a member stands: its name, as the author wrote it.
    fn at(&self, member: &str) -> Place<'_> {
        let quoted = format!("\"{member}\"");
        self.text.find(&quoted).map_or(self.place, |byte| {
            let before = &self.text[..byte];
            let lines = before.matches('\n').count() as u64;
            let letters = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64;
            let column = if lines == 0 { self.column + letters } else { letters + 1 };
            Place { line: self.place.line + lines, column, ..self.place }
        })
    }
}

fn entry(gather: &mut Gather<'_>, file: &str, written: Written<'_>) -> Result<(), Problem> {
    let place = Place { file, line: written.line, column: 0 };
    let text = std::str::from_utf8(written.bytes)
        .map_err(|e| place.at_column(written.column + e.valid_up_to() as u64).problem("this is not UTF-8 text", "", "UTF-8"))?;
    let json: Json = serde_json::from_str(text).map_err(|error| not_json(file, written, &error))?;
    object(gather, &json, &Line { place, text, column: written.column })
}

/// What is no JSON, where the library stumbles over it.
pub(crate) fn not_json(file: &str, written: Written<'_>, error: &serde_json::Error) -> Problem {
    let line = written.line + error.line().saturating_sub(1) as u64;
    let column = if error.line() <= 1 { written.column + error.column().saturating_sub(1) as u64 } else { error.column() as u64 };
    let start: String = String::from_utf8_lossy(written.bytes).chars().take(40).collect();
    Place { file, line, column }.problem(
        format!("this is not JSON ({})", plain(error)),
        &start,
        "one object on each line, or one list of objects",
    )
}

/// The library's message without its own line and column.
fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line").next().unwrap_or_default().to_owned()
}

/// Takes one event object in.
pub(crate) fn object_at(gather: &mut Gather<'_>, json: &Json, place: Place<'_>) -> Result<(), Problem> {
    object(gather, json, &Line { place, text: "", column: 1 })
}

fn object(gather: &mut Gather<'_>, json: &Json, line: &Line<'_>) -> Result<(), Problem> {
    let Json::Object(members) = json else {
        return Err(line.place.problem("this is not an object", &json.to_string(), "an event: {\"id\": …, \"kind\": …, \"at\": …}"));
    };
    for name in members.keys() {
        if !["id", "kind", "at", "recorded_at", "by", "subject", "fields"].contains(&name.as_str()) {
            return Err(line.at(name).problem("an event has no such member", name, "id, kind, at, recorded_at, by, subject, fields"));
        }
    }
    let id = required_text(members, "id", line)?;
    let kind_name = required_text(members, "kind", line)?;
    let Some(kind) = gather.words.kind(kind_name) else { return Err(gather.unknown_kind(kind_name, line.at("kind"))) };
    let at = match members.get("at") {
        Some(at) => time(gather, at, line.at("at"))?,
        None => return Err(line.place.problem("an event has no `at`", "", format!("{EXPECTED_TIME}; null if it is not known"))),
    };
    let recorded_at = match members.get("recorded_at") {
        None | Some(Json::Null) => None,
        Some(recorded) => Some(time(gather, recorded, line.at("recorded_at"))?.latest),
    };
    let by = match members.get("by") {
        None | Some(Json::Null) => None,
        Some(Json::String(by)) => Some(by.as_str()),
        Some(other) => return Err(line.at("by").problem("`by` is not a text", &other.to_string(), "who entered it")),
    };
    let subjects = subjects(gather, members.get("subject"), line)?;
    let fields = fields(gather, kind, members.get("fields"), line)?;
    let named: Vec<(ClassId, &str)> = subjects.iter().map(|(c, n)| (*c, n.as_str())).collect();
    let recorded_at: Option<Moment> = recorded_at;
    gather.take(&Draft { id, kind, at, recorded_at, by, subjects: &named, fields: &fields }, line.at("id")).map(|_| ())
}

fn required_text<'j>(members: &'j Map<String, Json>, name: &str, line: &Line<'_>) -> Result<&'j str, Problem> {
    match members.get(name) {
        Some(Json::String(text)) if !text.is_empty() => Ok(text),
        Some(other) => Err(line.at(name).problem(format!("`{name}` is not a text"), &other.to_string(), "a text")),
        None => Err(line.place.problem(format!("an event has no `{name}`"), "", "a text")),
    }
}

/// A time: a text, null, or both ends.
pub(crate) fn time(gather: &Gather<'_>, json: &Json, place: Place<'_>) -> Result<At, Problem> {
    let almanac = &gather.words.codebook.almanac;
    let wrong = || place.problem("this is not a time", &json.to_string(), EXPECTED_TIME);
    match json {
        Json::Null => Ok(unknown_time()),
        Json::String(text) if text == "?" => Ok(unknown_time()),
        Json::String(text) => value::time(text, almanac).ok_or_else(wrong),
        Json::Object(ends) => {
            let end = |name: &str| ends.get(name).and_then(Json::as_str);
            match (end("earliest"), end("latest")) {
                (Some(earliest), Some(latest)) if ends.len() == 2 => {
                    value::time(&format!("{earliest}/{latest}"), almanac).ok_or_else(wrong)
                }
                _ => Err(wrong()),
            }
        }
        Json::Bool(_) | Json::Number(_) | Json::Array(_) => Err(wrong()),
    }
}

fn subjects(gather: &Gather<'_>, json: Option<&Json>, line: &Line<'_>) -> Result<Vec<(ClassId, String)>, Problem> {
    let Some(Json::Object(members)) = json else {
        return match json {
            None | Some(Json::Null) => Ok(Vec::new()),
            Some(other) => Err(line.at("subject").problem("`subject` is not an object", &other.to_string(), "{\"custody\": \"C1\"}")),
        };
    };
    let mut subjects = Vec::new();
    for (class, id) in members {
        let place = line.at(class);
        let Some(number) = gather.words.class(class) else {
            return Err(place.problem("no class of subjects is called so", class, gather.words.nearest_classes(class)));
        };
        match id {
            Json::String(id) => subjects.push((number, id.clone())),
            Json::Null => {}
            Json::Number(_) | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
                return Err(place.problem(format!("the id of `{class}` is not a text"), &id.to_string(), "a text"));
            }
        }
    }
    Ok(subjects)
}

fn fields(
    gather: &mut Gather<'_>,
    kind: habeas_codebook::tree::KindId,
    json: Option<&Json>,
    line: &Line<'_>,
) -> Result<Vec<(FieldId, Value)>, Problem> {
    let Some(Json::Object(members)) = json else {
        return match json {
            None | Some(Json::Null) => Ok(Vec::new()),
            Some(other) => Err(line.at("fields").problem("`fields` is not an object", &other.to_string(), "{\"name\": value}")),
        };
    };
    let corrects = members.get("corrects").and_then(Json::as_str).map(str::to_owned);
    let mut fields: Vec<(FieldId, Value)> = Vec::new();
    for (name, json) in members {
        let place = line.at(name);
        let Some(field) = gather.field(kind, name, corrects.as_deref()) else {
            return Err(gather.unknown_field(kind, name, place));
        };
        if fields.iter().any(|(f, _)| *f == field.name) {
            return Err(place.problem("a field is given twice", name, "one spelling of it"));
        }
        if json.is_null() && !(field.of == FieldType::Time && gather.words.changes(kind)) {
            continue;
        }
        fields.push((field.name, field_value(gather, &field, json, place)?));
    }
    Ok(fields)
}

/// The value of a field.
pub(crate) fn field_value(gather: &mut Gather<'_>, field: &Field, json: &Json, place: Place<'_>) -> Result<Value, Problem> {
    let several = field.list || matches!(field.of, FieldType::Choices(_));
    if let (true, Json::Array(items)) = (several, json) {
        let values: Result<Vec<Value>, Problem> = items.iter().map(|item| one(gather, field, item, place)).collect();
        return Ok(Value::Several(values?.into()));
    }
    let value = one(gather, field, json, place)?;
    Ok(if several { Value::Several([value].into()) } else { value })
}

fn one(gather: &mut Gather<'_>, field: &Field, json: &Json, place: Place<'_>) -> Result<Value, Problem> {
    if field.of == FieldType::Time {
        return time(gather, json, place).map(Value::time);
    }
    // How the register writes a field whose key it does not hold.
    if json.get("sealed") == Some(&Json::Bool(true)) {
        return Ok(Value::Sealed);
    }
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Object(parts) => {
            let part = |name: &str| parts.get(name).map(|p| p.as_str().map_or_else(|| p.to_string(), str::to_owned));
            match (part("amount"), part("currency"), part("earliest"), part("latest"), part("start"), part("end")) {
                (Some(amount), Some(currency), ..) => format!("{amount} {currency}"),
                (_, _, Some(earliest), Some(latest), ..) => format!("{earliest}/{latest}"),
                (.., Some(start), Some(end)) => format!("{start}/{end}"),
                _ => json.to_string(),
            }
        }
        Json::Null | Json::Array(_) => json.to_string(),
    };
    if matches!(json, Json::Array(_)) && !matches!(field.of, FieldType::Text) {
        return Err(place.problem("several values of a field that holds one", &text, "one value"));
    }
    gather.value_one(field, &text).map_err(|wrong| place.problem("the field holds something else", &text, wrong.expected))
}
