//! `/openapi.json`: the API, with one schema for each kind of event of the codebook in force.

use super::told;
use crate::desk::Desk;
use crate::error::Answer;
use axum::extract::State;
use habeas_codebook::tree::{Codebook, Field, FieldType, Kind, Required};
use serde_json::{Map, Value as Json, json};

/// The document.
pub async fn document(State(desk): State<Desk>) -> Answer {
    Ok(told(&api(&desk.codebook)))
}

/// The document of a codebook.
#[must_use]
pub fn api(codebook: &Codebook) -> Json {
    let schemas: Map<String, Json> = codebook.kinds.iter().map(|kind| (kind.name.replace(' ', "_"), schema(codebook, kind))).collect();
    let drafts: Vec<Json> = schemas.keys().map(|name| json!({ "$ref": format!("#/components/schemas/{name}") })).collect();
    let query = |name: &str| json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" } });
    let asked = ["state", "due_before", "place", "rule", "limit", "after"];
    let path = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let problem = json!({ "description": "problem", "content": { "application/problem+json": {} } });
    let answers = json!({ "200": { "description": "as asked" }, "default": problem });
    let get = |summary: &str, parameters: Json| json!({ "get": { "summary": summary, "parameters": parameters, "responses": answers } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": format!("Habeas: {}", codebook.name), "version": codebook.version },
        "paths": {
            "/api/events": { "post": {
                "summary": "append one event",
                "requestBody": { "required": true, "content": {
                    "application/json": { "schema": { "oneOf": drafts } },
                    "multipart/form-data": { "schema": {
                        "description": "with files: the event, and each file as a part named like the field that it belongs to; \
                                        its hash is filled in",
                        "type": "object",
                        "required": ["event"],
                        "properties": { "event": { "oneOf": drafts } },
                        "additionalProperties": { "type": "string", "format": "binary", "description": "JPEG, PNG, WebP or PDF, 20 MB" },
                    } },
                } },
                "responses": {
                    "201": { "description": "the receipt" },
                    "409": { "description": "the law forbids this as things stand (`stops`), or the id was used for another event" },
                    "default": problem,
                },
            } },
            "/api/subjects/{class}/{id}": get("a record", json!([path("class"), path("id"), query("known_at")])),
            "/api/verdicts": get("verdicts, soonest due first", json!(asked.map(query))),
            "/api/stream": get("changes, as server-sent events", json!([])),
            "/log/checkpoint": get("the newest signed checkpoint", json!([])),
            "/log/tile/{path}": get("a hash tile", json!([path("path")])),
        },
        "components": { "schemas": schemas },
    })
}

fn schema(codebook: &Codebook, kind: &Kind) -> Json {
    let subjects: Map<String, Json> =
        kind.subjects.iter().map(|class| (codebook.class(*class).name.clone(), json!({ "type": "string" }))).collect();
    let name = |field: &Field| codebook.field_names[field.name.index()].clone();
    let fields: Map<String, Json> = kind.fields.iter().map(|field| (name(field), value(codebook, field))).collect();
    let required: Vec<String> = kind.fields.iter().filter(|field| field.required == Required::Always).map(name).collect();
    let first: Vec<&str> = kind.subjects.first().map(|class| codebook.class(*class).name.as_str()).into_iter().collect();
    json!({
        "type": "object",
        "required": ["id", "kind", "at", "subject"],
        "properties": {
            "id": { "type": "string" },
            "kind": { "const": kind.name.replace(' ', "_") },
            "at": { "description": "RFC 3339, a date, null, or {earliest, latest}" },
            "subject": { "type": "object", "properties": subjects, "required": first },
            "fields": { "type": "object", "properties": fields, "required": required },
            "late_reason": {
                "type": "string",
                "description": "why it is entered late; asked for when the law's limit for this kind has passed since `at`",
            },
            "on_behalf_of": { "type": "string" },
            "all_the_same": {
                "type": "boolean",
                "description": "it has happened although the law forbids it; without this, such an event is answered with 409",
            },
        },
    })
}

fn value(codebook: &Codebook, field: &Field) -> Json {
    let one = match &field.of {
        FieldType::Choice(choices) | FieldType::Choices(choices) => {
            let names: Vec<&str> = codebook.values(choices).iter().map(|value| codebook.value_names[value.index()].as_str()).collect();
            json!({ "enum": names })
        }
        FieldType::YesNo => json!({ "enum": ["yes", "no"] }),
        FieldType::Number(_) => json!({ "type": ["number", "string"] }),
        FieldType::Money => json!({ "type": "object", "required": ["amount", "currency"] }),
        FieldType::Time => json!({ "type": "string", "format": "date-time" }),
        FieldType::Duration => json!({ "type": "string", "format": "duration" }),
        FieldType::Text
        | FieldType::Date
        | FieldType::Span
        | FieldType::FileHash
        | FieldType::Language
        | FieldType::Country
        | FieldType::Signature
        | FieldType::BodyMark
        | FieldType::Role
        | FieldType::Place
        | FieldType::Person
        | FieldType::Officer
        | FieldType::Subject(_)
        | FieldType::Ref(_) => json!({ "type": "string" }),
    };
    if field.list || matches!(field.of, FieldType::Choices(_)) { json!({ "type": "array", "items": one }) } else { one }
}
