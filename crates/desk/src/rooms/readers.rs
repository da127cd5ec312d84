//! Who read a record, when and what for; what the reader reads records for.

use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::reading::{OPENED, Opening, may_see, purposes};
use crate::shell::Shell;
use crate::station::board::in_words;
use crate::station::record::{Identity, identity, words};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use habeas_register::Entry;
use serde::Deserialize;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new().route("/record/{class}/{id}/readers", get(readers)).route("/account/purpose", post(purpose))
}

/// One reading.
struct Line {
    at: String,
    stamp: String,
    by: String,
    what: String,
    purpose: String,
    is_glass: bool,
    is_exported: bool,
}

#[derive(Template)]
#[template(path = "pages/readers.html")]
struct Readers {
    shell: Shell,
    identity: Identity,
    lines: Vec<Line>,
}

/// Everybody who read a record, the latest first.
async fn readers(State(desk): State<Desk>, who: SignedIn, Path((class, id)): Path<(String, String)>) -> Answer {
    let page = desk.work(move |desk| {
        let sight = desk.asked_for(&who, &class, &id)?;
        if !may_see(&sight) {
            return Err(DeskError::Forbidden);
        }
        let teller = desk.teller(who.language);
        desk.register.settle_readings()?;
        let mut entries: Vec<Entry> = desk.register.history(&class, &id, None)?;
        entries.retain(|entry| entry.kind == OPENED && sight.entry(entry));
        desk.note_opened(&who, &sight, &Opening::default())?;
        let line = |entry: &Entry| {
            let told = |name: &str| entry.fields.iter().find(|told| told.name == name && sight.field(entry, name));
            let text = |name: &str| told(name).map(|told| words(&desk.codebook, &teller, &told.value)).unwrap_or_default();
            let is = |name: &str| told(name).is_some_and(|told| told.value.as_str() == Some("yes"));
            Line {
                at: teller.instant(entry.recorded_at),
                stamp: teller.stamp(entry.recorded_at),
                by: told("done by").and_then(|told| told.value.as_str()).map(|by| desk.person_name(by)).unwrap_or_default(),
                what: text("what"),
                purpose: in_words(&text("purpose")),
                is_glass: is("break glass"),
                is_exported: is("exported"),
            }
        };
        Ok(Readers {
            shell: desk.shell(&who, "readers-title").at(format!("/record/{class}/{id}/readers")),
            identity: identity(desk, &teller, &sight, (&class, &id))?,
            lines: entries.iter().rev().map(line).collect(),
        })
    });
    show(&page.await?)
}

/// What the account's page sends.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    purpose: String,
}

/// Says what somebody reads records for from now on.
async fn purpose(State(desk): State<Desk>, who: SignedIn, Form(said): Form<Said>) -> Answer {
    who.made(&said.form_token)?;
    if !said.purpose.is_empty() && !purposes(&desk.codebook).contains(&said.purpose) {
        return Err(DeskError::Input { field: "purpose", text: "error-unreadable" });
    }
    desk.accounts.set_purpose(&who.session.account.id, &said.purpose)?;
    Ok(Redirect::to("/account").into_response())
}
