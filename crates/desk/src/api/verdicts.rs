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

/// Verdicts in one answer at most, and read at once.
const PAGE: u32 = 1_000;
/// Pages read for one answer at most.
const PAGES: usize = 200;

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
    let limit = asked.limit.unwrap_or(100).clamp(1, PAGE);
    let mut query = Query {
        state: asked.state.filter(|state| !state.is_empty()),
        due_before,
        place: asked.place,
        rule: asked.rule,
        limit: PAGE,
        after: asked.after,
        ..Query::default()
    };
    let answer = desk.work(move |desk| {
        let (now, reader) = (desk.now(), desk.reader(&who));
        let mut seen: HashMap<(String, String), Option<crate::desk::Sight<'_>>> = HashMap::new();
        let (mut shown, mut next) = (Vec::new(), None);
        // A page is full or the last: how many were left out of it is not to be counted from outside.
        for _ in 0..PAGES {
            let found = desk.register.verdicts(&query, now)?;
            for verdict in &found {
                let sight =
                    seen.entry(verdict.subject.clone()).or_insert_with(|| reader.sight(&verdict.subject.0, &verdict.subject.1).ok());
                if shown.len() < limit as usize && sight.as_ref().is_some_and(|sight| sight.verdict(verdict)) {
                    shown.push(told_of(desk, verdict));
                    next = Some(verdict.cursor.clone());
                }
            }
            query.after = found.last().map(|verdict| verdict.cursor.clone());
            if shown.len() == limit as usize || query.after.is_none() {
                break;
            }
        }
        let next = next.filter(|_| shown.len() == limit as usize);
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
