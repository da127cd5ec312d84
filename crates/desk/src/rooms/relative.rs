//! Where somebody is held, for whom the person has told: by reference and PIN; where, since when and how to reach them, nothing more.
//!
//! An unknown reference, a wrong PIN, a person who wants nobody told, and too many tries have one answer, in one time.

use crate::account::{SignedIn, Visitor};
use crate::accounts::{Asked, Slip};
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::forms::new_id;
use crate::reading::Opening;
use crate::shell::Shell;
use crate::station::record::{Identity, identity};
use askama::Template;
use axum::Router;
use axum::extract::{ConnectInfo, Form, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::routing::get;
use habeas_register::{Actor, Draft, draft};
use serde::Deserialize;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

/// Every answer takes so long, whatever it is.
const ALWAYS: Duration = Duration::from_millis(500);

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new().route("/relative", get(page).post(asked)).route("/record/{class}/{id}/slip", get(slip_page).post(slip))
}

/// Where a request comes from, for counting tries.
pub struct Source(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        Ok(Source(address.unwrap_or_else(|| "somewhere".to_owned())))
    }
}

/// What the holder of a PIN is told.
struct Held {
    place: String,
    since: String,
    stamp: String,
    is_over: bool,
}

#[derive(Template)]
#[template(path = "pages/relative.html")]
struct Page {
    shell: Shell,
    reference: String,
    asked: bool,
    held: Option<Held>,
}

async fn page(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let shell = desk.public_shell(&visitor, "relative-title").at("/relative");
    show(&Page { shell, reference: String::new(), asked: false, held: None })
}

/// What the page sends.
#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    reference: String,
    #[serde(default)]
    pin: String,
}

async fn asked(State(desk): State<Desk>, visitor: Visitor, source: Source, Form(sent): Form<Sent>) -> Answer {
    let begun = tokio::time::Instant::now();
    let (reference, language) = (sent.reference.clone(), visitor.language);
    let held = desk.work(move |desk| {
        let answer = desk.accounts.ask_slip(&sent.reference, &sent.pin, &source.0, desk.now())?;
        let (subject, is_told) = match &answer {
            Asked::Right(subject) => (Some(subject.clone()), true),
            Asked::Wrong(subject) => (subject.clone(), false),
            Asked::TooOften => (None, false),
        };
        // A complaint has a slip of its own, which finds nobody.
        let is_custody = subject.as_deref().is_none_or(|subject| !subject.contains('/'));
        let (subject, is_told) = (subject.filter(|_| is_custody), is_told && is_custody);
        let life = desk.register.life("custody", subject.as_deref().unwrap_or("-"))?;
        // Also for a reference that is nobody's: anybody can see how long the log is.
        if answer != Asked::TooOften {
            noted(desk, subject.as_deref(), is_told)?;
        }
        let teller = desk.teller(language);
        Ok(life.filter(|_| is_told).map(|life| {
            let since = life.closed_at.or(life.opened_at).unwrap_or(teller.now);
            let place = life.place.as_deref().map(|place| desk.place_name(place)).unwrap_or_default();
            Held { place, since: teller.instant(since), stamp: teller.stamp(since), is_over: life.closed_at.is_some() }
        }))
    });
    let held = held.await;
    tokio::time::sleep_until(begun + ALWAYS).await;
    let held = held?;
    let shell = desk.public_shell(&visitor, "relative-title").at("/relative");
    show(&Page { shell, reference, asked: true, held })
}

/// Enters that somebody asked and what they were answered, so that the person can see it. The case is closed by its answer.
fn noted(desk: &Desk, custody: Option<&str>, is_told: bool) -> Result<(), DeskError> {
    let system = Actor { id: "relative".to_owned(), roles: vec!["system".to_owned()], places: Vec::new() };
    let case = new_id("W")?;
    for (screen, answer) in [("whereabouts-asked", None), ("whereabouts-answered", Some(if is_told { "held" } else { "cannot_say" }))] {
        let Some(kind) = desk.screened(screen).next() else { return Ok(()) };
        let subjects: Vec<(&str, &str)> = [("case", case.as_str())].into_iter().chain(custody.map(|id| ("custody", id))).collect();
        let mut entry = Draft::new(&format!("{case}-{screen}"), &desk.codebook.kind(kind).name, draft::exactly(desk.minute()), &subjects)
            .with("sought", custody.unwrap_or("-"))
            .with("asked by", "reference and PIN")
            .with("route", "reference_pin");
        if let Some(answer) = answer {
            entry = entry.with("answer", answer);
        }
        desk.append_as(&system, entry)?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "pages/slip.html")]
struct SlipPage {
    shell: Shell,
    identity: Identity,
    open: i64,
    slip: Option<Slip>,
    action: String,
}

/// The page on which an officer gives a reference and a PIN: whoever may enter that somebody was told.
fn slipped(desk: &Desk, who: &SignedIn, (class, id): (&str, &str), work: impl FnOnce() -> Result<Option<Slip>, DeskError>) -> Answer {
    let sight = desk.sight(who, class, id)?;
    let may = desk.screened("notification").any(|kind| sight.may_record(kind));
    if !may || class != "custody" {
        return Err(DeskError::Forbidden);
    }
    let slip = work()?;
    desk.note_opened(who, &sight, &Opening::default())?;
    let teller = desk.teller(who.language);
    let here = format!("/record/{class}/{id}/slip");
    show(&SlipPage {
        shell: desk.shell(who, "slip-title").at(here.clone()),
        identity: identity(desk, &teller, &sight, (class, id))?,
        open: desk.accounts.open_slips(id)?,
        slip,
        action: here,
    })
}

async fn slip_page(State(desk): State<Desk>, who: SignedIn, Path((class, id)): Path<(String, String)>) -> Answer {
    desk.work(move |desk| slipped(desk, &who, (&class, &id), || Ok(None))).await
}

/// What the page sends.
#[derive(Deserialize)]
struct Pressed {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    act: String,
}

async fn slip(State(desk): State<Desk>, who: SignedIn, Path((class, id)): Path<(String, String)>, Form(sent): Form<Pressed>) -> Answer {
    who.made(&sent.form_token)?;
    desk.work(move |desk| {
        slipped(desk, &who, (&class, &id), || match sent.act.as_str() {
            "shut" => desk.accounts.shut_slips(&id).map(|()| None),
            _ => desk.accounts.make_slip(&id, &who.session.account.id, desk.now()).map(Some),
        })
    })
    .await
}
