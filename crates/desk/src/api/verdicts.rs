//! `GET /api/verdicts?state=pending&due_before=`: what is due, met, breached, as far as this reader may know.

use super::told;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use axum::extract::{Query as Asking, State};
use habeas_codebook::moment::Moment;
use habeas_register::{Query, VerdictEntry};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// What is asked.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    state: Option<String>,
    due_before: Option<String>,
    place: Option<String>,
    rule: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// Verdicts, soonest due first.
pub async fn verdicts(State(desk): State<Desk>, who: SignedIn, Asking(asked): Asking<Asked>) -> Answer {
    let due_before = match asked.due_before.as_deref() {
        None | Some("") => None,
        Some(text) => Some(habeas_codebook::value::moment(text).ok_or(DeskError::Input { field: "due_before", text: "error-unreadable" })?),
    };
    let query = Query {
        state: asked.state.filter(|state| !state.is_empty()),
        due_before,
        place: asked.place,
        rule: asked.rule,
        limit: asked.limit.unwrap_or(100),
        after: asked.after,
        ..Query::default()
    };
    let answer = desk.work(move |desk| {
        let found = desk.register.verdicts(&query, desk.now())?;
        let next = found.last().map(|verdict| verdict.cursor.clone());
        let mut seen: HashMap<(String, String), Option<crate::desk::Sight<'_>>> = HashMap::new();
        let mut shown = Vec::new();
        for verdict in &found {
            let sight =
                seen.entry(verdict.subject.clone()).or_insert_with(|| desk.sight(&who, &verdict.subject.0, &verdict.subject.1).ok());
            if sight.as_ref().is_some_and(|sight| sight.verdict(verdict)) {
                shown.push(told_of(desk, verdict));
            }
        }
        desk.note_listed(&who, "verdicts", shown.len())?;
        Ok(json!({ "verdicts": shown, "after": next }))
    });
    Ok(told(&answer.await?))
}

fn told_of(desk: &Desk, verdict: &VerdictEntry) -> Json {
    let teller = desk.teller(crate::texts::Language::En);
    let stamp = |moment: Option<Moment>| moment.map_or(Json::Null, |moment| Json::String(teller.stamp(moment)));
    let mut json = serde_json::to_value(verdict).unwrap_or(Json::Null);
    if let Some(members) = json.as_object_mut() {
        members.insert("subject".to_owned(), json!({ verdict.subject.0.clone(): verdict.subject.1 }));
        members.insert("due_at".to_owned(), stamp(verdict.due_at));
        members.insert("since".to_owned(), stamp(verdict.since));
        members.insert("until".to_owned(), stamp(verdict.until));
    }
    json
}
