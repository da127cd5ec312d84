//! Breaking the glass: one record, a reason, 60 minutes, entered at once and reviewed by somebody else.

use crate::account::SignedIn;
use crate::accounts::Opened;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::forms::{Mistake, new_id};
use crate::reading::{Opening, system};
use crate::shell::{Shell, Wants};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use habeas_codebook::tree::KindId;
use habeas_register::{Draft, draft};
use serde::Deserialize;

/// Shortest reason, in characters.
const SHORTEST: usize = 10;
/// Longest reason, in characters.
const LONGEST: usize = 2_000;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/glass", get(page).post(broken))
        .route("/glass/openings", get(openings))
        .route("/glass/openings/{entry}", post(review))
}

#[derive(Template)]
#[template(path = "pages/glass.html")]
struct Glass {
    shell: Shell,
    number: String,
    why: String,
    mistakes: Vec<Mistake>,
}

async fn page(State(desk): State<Desk>, who: SignedIn) -> Answer {
    if !desk.is_for(&who, Wants::Glass) {
        return Err(DeskError::Forbidden);
    }
    let shell = desk.shell(&who, "glass-title").at("/glass");
    show(&Glass { shell, number: String::new(), why: String::new(), mistakes: Vec::new() })
}

/// What the page sends.
#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    why: String,
}

/// Breaks it. Whoever can read the record without is led there, and nothing is broken.
async fn broken(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Sent>) -> Answer {
    who.made(&sent.form_token)?;
    if !desk.is_for(&who, Wants::Glass) {
        return Err(DeskError::Forbidden);
    }
    let (number, why) = (sent.number.trim().to_owned(), sent.why.trim().to_owned());
    let length = why.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        let shell = desk.shell(&who, "glass-title").at("/glass").mistaken(true);
        let mistake = Mistake { name: "why".to_owned(), text: shell.say("glass-why-short") };
        let mut answer = show(&Glass { shell, number, why, mistakes: vec![mistake] })?;
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(answer);
    }
    desk.work(move |desk| opened(desk, &who, &number, &why)).await
}

fn opened(desk: &Desk, who: &SignedIn, number: &str, why: &str) -> Answer {
    let record = format!("/record/custody/{number}");
    if desk.register.life("custody", number)?.is_none() {
        return Err(DeskError::Absent);
    }
    if desk.is_readable(who, "custody", number)? {
        return Ok(Redirect::to(&record).into_response());
    }
    let kind = desk.screened("glass").next().ok_or(DeskError::Forbidden)?;
    let mut subjects = vec![("custody".to_owned(), number.to_owned())];
    let tied = desk.register.ties("custody", number)?.tied;
    for class in ["person", "place"] {
        subjects.extend(tied.iter().find(|(one, _)| one == class).cloned());
    }
    let named: Vec<(&str, &str)> = subjects.iter().map(|(class, id)| (class.as_str(), id.as_str())).collect();
    let entry = Draft::new(&new_id("glass")?, &desk.codebook.kind(kind).name, draft::exactly(desk.now()), &named)
        .with("done by", who.session.account.id.as_str())
        .with("why", why);
    let receipt = desk.append_as(&system(who), entry)?;
    desk.accounts.glass_opened(&Opened {
        entry: receipt.id,
        account: who.session.account.id.clone(),
        subject: number.to_owned(),
        why: why.to_owned(),
        at: desk.now(),
    })?;
    // Some roles look through the glass only where they serve: then the entry stands, and nothing opens.
    let sight = desk.sight(who, "custody", number)?;
    desk.note_opened(who, &sight, &Opening { is_exported: false, is_glass: true })?;
    Ok(Redirect::to(&record).into_response())
}

/// An opening that waits for its review.
struct Line {
    entry: String,
    record: String,
    href: String,
    by: String,
    at: String,
    why: String,
    is_own: bool,
}

#[derive(Template)]
#[template(path = "pages/openings.html")]
struct Openings {
    shell: Shell,
    lines: Vec<Line>,
}

fn reviews(desk: &Desk) -> Result<KindId, DeskError> {
    desk.screened("glass-review").next().ok_or(DeskError::Forbidden)
}

async fn openings(State(desk): State<Desk>, who: SignedIn) -> Answer {
    if !desk.is_for(&who, Wants::Records("glass-review")) {
        return Err(DeskError::Forbidden);
    }
    let page = desk.work(move |desk| {
        let (kind, teller) = (reviews(desk)?, desk.teller(who.language));
        let mut lines = Vec::new();
        for one in desk.accounts.glasses()? {
            let Ok(sight) = desk.sight(&who, "custody", &one.subject) else { continue };
            if !sight.may_record(kind) {
                continue;
            }
            lines.push(Line {
                href: format!("/record/custody/{}", one.subject),
                is_own: one.account == who.session.account.id,
                at: teller.instant(one.at),
                entry: one.entry,
                record: one.subject,
                by: one.account,
                why: one.why,
            });
        }
        desk.note_listed(&who, "opened glasses", lines.len())?;
        Ok(Openings { shell: desk.shell(&who, "openings-title").at("/glass/openings"), lines })
    });
    show(&page.await?)
}

/// What a review sends.
#[derive(Deserialize)]
struct Review {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    justified: String,
    #[serde(default)]
    why: String,
}

async fn review(State(desk): State<Desk>, who: SignedIn, Path(entry): Path<String>, Form(sent): Form<Review>) -> Answer {
    who.made(&sent.form_token)?;
    desk.work(move |desk| {
        let one = desk.accounts.glasses()?.into_iter().find(|one| one.entry == entry).ok_or(DeskError::Absent)?;
        desk.sight(&who, "custody", &one.subject)?;
        let name = &desk.codebook.kind(reviews(desk)?).name;
        let review = Draft::new(&format!("{entry}-review"), name, draft::exactly(desk.now()), &[("custody", &one.subject)])
            .with("opening", entry.as_str())
            .with("justified", sent.justified)
            .with("why", sent.why);
        desk.append(&who, review)?;
        desk.accounts.glass_reviewed(&entry)?;
        Ok(Redirect::to("/glass/openings").into_response())
    })
    .await
}
