//! `POST /api/events`: a draft goes in, a receipt comes back. With files it is a form in parts (RFC 7578): the part `event` is the draft,
//! each file a part that bears the name of the field that it belongs to; its hash need not be said, since what is kept is cleaned first.

use super::told;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use crate::files::sent::{Sent, SentFile};
use crate::files::waiting::kept;
use crate::security;
use axum::body::to_bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use habeas_codebook::tree::{FieldId, FieldType};
use habeas_register::{Draft, FieldProblem, RegisterError};
use serde_json::{Value as Json, json};

/// Takes out of an event whether its sender says that it has happened although the law forbids it.
fn all_the_same(event: &mut Json) -> Result<bool, RegisterError> {
    match event.as_object_mut().and_then(|members| members.remove("all_the_same")) {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(is)) => Ok(is),
        Some(_) => {
            let expected = "true, where it has happened although the law forbids it";
            Err(invalid("all_the_same", "this is neither true nor false", "something else".to_owned(), expected))
        }
    }
}

fn invalid(field: &str, what: &str, found: String, expected: &str) -> RegisterError {
    let problem = FieldProblem { field: field.to_owned(), what: what.to_owned(), found, expected: expected.to_owned() };
    RegisterError::Invalid(vec![problem])
}

/// The text of an event and the files that come with it.
async fn parts(desk: &Desk, request: Request) -> Result<(Vec<u8>, Vec<SentFile>), DeskError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let body = to_bytes(request.into_body(), security::LARGEST).await.map_err(|_| DeskError::TooLarge)?;
        return Ok((body.to_vec(), Vec::new()));
    }
    let sent = Sent::from_request(request, desk).await?;
    Ok((sent.posted.one("event").as_bytes().to_vec(), sent.files))
}

/// Hands files in with a draft: each is cleaned, and its hash stands in its field.
fn hand_in(desk: &Desk, draft: &mut Draft, files: Vec<SentFile>) -> Result<(), DeskError> {
    for sent in files {
        let path = format!("fields.{}", sent.input);
        let name = sent.input.replace('_', " ");
        let kind = desk.authority.kind(&draft.kind.replace('_', " "));
        let place = desk.codebook.field_names.iter().position(|one| one.replace('_', " ") == name);
        let place = place.and_then(|place| u16::try_from(place).ok()).map(FieldId);
        let field = kind.zip(place).and_then(|(kind, place)| desk.codebook.field(kind, place));
        let Some(field) = field.filter(|field| field.of == FieldType::FileHash) else {
            return Err(invalid(&path, "no file belongs here", sent.name, "a field of this event that holds a file").into());
        };
        let name = desk.codebook.field_names[field.name.index()].clone();
        let file = kept(&name, sent).map_err(|why| {
            let say = |text: &str| desk.texts.say(crate::texts::Language::En, text, &[]);
            invalid(&path, &say(why.text()), "a file".to_owned(), "JPEG, PNG, WebP or PDF, at most 20 MB")
        })?;
        let hash = Json::from(file.hash().to_hex());
        let is_it = |one: &String| one.replace('_', " ") == name.replace('_', " ");
        let spelt = draft.fields.keys().find(|one| is_it(one)).cloned().unwrap_or_else(|| name.clone());
        match (field.list, draft.fields.get_mut(&spelt)) {
            (true, Some(Json::Array(hashes))) if hashes.contains(&hash) => {}
            (true, Some(Json::Array(hashes))) => hashes.push(hash),
            (true, _) => drop(draft.fields.insert(spelt, Json::from(vec![hash]))),
            (false, _) => drop(draft.fields.insert(spelt, hash)),
        }
        if !draft.attachments.contains(&file) {
            draft.attachments.push(file);
        }
    }
    Ok(())
}

/// Appends one event.
pub async fn append(State(desk): State<Desk>, who: SignedIn, request: Request) -> Answer {
    let (body, files) = parts(&desk, request).await?;
    let mut read: Json = serde_json::from_slice(&body).map_err(|error| {
        DeskError::Register(invalid("", "this is not JSON", format!("line {}, column {}", error.line(), error.column()), "one event"))
    })?;
    let is_said = all_the_same(&mut read)?;
    let receipt = desk.work(move |desk| {
        let mut draft = Draft::from_json(&read, &desk.codebook)?;
        hand_in(desk, &mut draft, files)?;
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
