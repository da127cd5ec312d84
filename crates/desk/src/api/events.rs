//! `POST /api/events`: a draft goes in, a receipt comes back.

use super::told;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use axum::extract::State;
use axum::http::StatusCode;
use habeas_register::{Draft, FieldProblem, RegisterError};
use serde_json::{Value as Json, json};

/// Takes out of an event whether its sender says that it has happened although the law forbids it.
fn all_the_same(event: &mut Json) -> Result<bool, RegisterError> {
    match event.as_object_mut().and_then(|members| members.remove("all_the_same")) {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(is)) => Ok(is),
        Some(_) => Err(RegisterError::Invalid(vec![FieldProblem {
            field: "all_the_same".to_owned(),
            what: "this is neither true nor false".to_owned(),
            found: "something else".to_owned(),
            expected: "true, where it has happened although the law forbids it".to_owned(),
        }])),
    }
}

/// Appends one event.
pub async fn append(State(desk): State<Desk>, who: SignedIn, body: axum::body::Bytes) -> Answer {
    let mut read: Json = serde_json::from_slice(&body).map_err(|error| {
        let found = format!("line {}, column {}", error.line(), error.column());
        let problem = FieldProblem { field: String::new(), what: "this is not JSON".to_owned(), found, expected: "one event".to_owned() };
        DeskError::Register(RegisterError::Invalid(vec![problem]))
    })?;
    let is_said = all_the_same(&mut read)?;
    let receipt = desk.work(move |desk| {
        let draft = Draft::from_json(&read, &desk.codebook)?;
        if is_said { desk.append_all_the_same(&who, draft) } else { desk.append(&who, draft) }
    });
    let receipt = receipt.await?;
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
