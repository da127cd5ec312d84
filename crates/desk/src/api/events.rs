//! `POST /api/events`: a draft goes in, a receipt comes back.

use super::told;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use axum::extract::State;
use axum::http::StatusCode;
use habeas_register::{Draft, RegisterError};
use serde_json::{Value as Json, json};

/// Appends one event.
pub async fn append(State(desk): State<Desk>, who: SignedIn, body: axum::body::Bytes) -> Answer {
    let read: Json = serde_json::from_slice(&body).map_err(|error| {
        let found = format!("line {}, column {}", error.line(), error.column());
        let problem = habeas_register::FieldProblem {
            field: String::new(),
            what: "this is not JSON".to_owned(),
            found,
            expected: "one event".to_owned(),
        };
        DeskError::Register(RegisterError::Invalid(vec![problem]))
    })?;
    let receipt = desk.work(move |desk| desk.append(&who, Draft::from_json(&read, &desk.codebook)?)).await?;
    let teller = desk.teller(crate::texts::Language::En);
    let mut answer = told(&json!({
        "id": receipt.id,
        "index": receipt.index,
        "leaf": receipt.leaf.to_string(),
        "recorded_at": teller.stamp(receipt.recorded_at),
        "checkpoint": receipt.checkpoint,
        "remarks": receipt.remarks,
    }));
    *answer.status_mut() = StatusCode::CREATED;
    Ok(answer)
}
