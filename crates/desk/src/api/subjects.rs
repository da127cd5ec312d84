//! `GET /api/subjects/{class}/{id}`: a record as known at a moment, without what is not for this reader.

use super::told;
use crate::account::SignedIn;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError};
use crate::reading::Opening;
use axum::extract::{Path, Query, State};
use habeas_register::Entry;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// As known at.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    known_at: Option<String>,
}

/// A record.
pub async fn subject(
    State(desk): State<Desk>,
    who: SignedIn,
    Path((class, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let known_at = match asked.known_at {
        None => None,
        Some(text) => Some(habeas_codebook::value::moment(&text).ok_or(DeskError::Input { field: "known_at", text: "error-unreadable" })?),
    };
    let record = desk.work(move |desk| {
        let sight = desk.asked_for(&who, &class, &id)?;
        desk.note_opened(&who, &sight, &Opening { is_exported: true, is_glass: false })?;
        let entries: Vec<Json> = desk
            .register
            .history(&class, &id, known_at)?
            .into_iter()
            .filter(|entry| sight.entry(entry))
            .map(|entry| shown(desk, &who, &sight, entry))
            .collect();
        Ok(json!({ "subject": { class: id }, "entries": entries }))
    });
    Ok(told(&record.await?))
}

/// An entry without its withheld fields; that there are some is said, not which. A confidential record that it belongs to is named only to
/// those who may open that.
fn shown(desk: &Desk, who: &SignedIn, sight: &Sight<'_>, mut entry: Entry) -> Json {
    entry.subject.retain(|(class, id)| !desk.is_confidential(class) || desk.sight(who, class, id).is_ok());
    let all = entry.fields.len() + entry.sealed.len();
    let readable: Vec<bool> = entry.fields.iter().map(|told| sight.field(&entry, &told.name)).collect();
    let mut keep = readable.into_iter();
    entry.fields.retain(|_| keep.next().unwrap_or(false));
    entry.sealed.clear();
    entry.files = sight.files(&entry).cloned().collect();
    let withheld = entry.fields.len() < all;
    let mut json = serde_json::to_value(&entry).unwrap_or(Json::Null);
    if let Some(members) = json.as_object_mut() {
        members.insert("withheld".to_owned(), Json::Bool(withheld));
    }
    json
}
