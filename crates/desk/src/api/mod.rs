//! The same door for programs. Errors are problem objects (RFC 9457) with the path of each field.

pub mod events;
pub mod log;
pub mod metrics;
pub mod openapi;
pub mod stream;
pub mod subjects;
pub mod verdicts;

use crate::error::DeskError;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use habeas_register::RegisterError;
use serde_json::{Value as Json, json};

/// An error as a problem object. What is the machine's own trouble is not told.
#[must_use]
pub fn problem(error: &DeskError) -> Response {
    let status = error.status();
    let detail =
        if status.is_server_error() && status.as_u16() != 503 { "see the server's own messages".to_owned() } else { error.to_string() };
    let mut problem = json!({
        "type": format!("urn:habeas:problem:{}", status.as_u16()),
        "title": status.canonical_reason().unwrap_or("error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let (DeskError::Register(RegisterError::Invalid(problems)), Some(members)) = (error, problem.as_object_mut()) {
        members.insert("errors".to_owned(), serde_json::to_value(problems).unwrap_or(Json::Null));
    }
    if let (DeskError::Stopped(stops), Some(members)) = (error, problem.as_object_mut()) {
        members.insert("type".to_owned(), Json::from("urn:habeas:problem:stopped"));
        members.insert("stops".to_owned(), serde_json::to_value(stops).unwrap_or(Json::Null));
    }
    (status, [(CONTENT_TYPE, "application/problem+json"), (axum::http::HeaderName::from_static("x-desk"), "problem")], problem.to_string())
        .into_response()
}

/// A JSON answer.
pub(crate) fn told(value: &Json) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
