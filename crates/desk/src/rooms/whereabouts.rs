//! The arrest that nobody was told of: a relative or a lawyer asks without a reference; every place that is asked owes an answer, and the
//! ombudsman sees the question and the clock.

use super::relative::Source;
use crate::account::{SignedIn, Visitor};
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::{Mistake, new_id};
use crate::shell::{Shell, Wants};
use crate::station::chips::Chip;
use crate::station::rows::{all_verdicts, has_screen};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use habeas_codebook::tree::KindId;
use habeas_register::{Actor, Draft, Entry, draft};
use serde::Deserialize;

/// Longest answer, in characters.
const LONGEST: usize = 1_000;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/relative/ask", get(page).post(asked))
        .route("/whereabouts", get(list))
        .route("/whereabouts/{case}", post(answered))
}

/// What the page sends.
#[derive(Clone, Default, Deserialize)]
struct Sent {
    #[serde(default)]
    sought: String,
    #[serde(default)]
    last_seen: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    asked_by: String,
    #[serde(default)]
    answer: String,
}

#[derive(Template)]
#[template(path = "pages/ask.html")]
struct Ask {
    shell: Shell,
    sent: Sent,
    places: Vec<(String, String)>,
    mistakes: Vec<Mistake>,
    done: Option<usize>,
}

fn built(desk: &Desk, visitor: &Visitor, sent: Sent, mistakes: Vec<Mistake>, done: Option<usize>) -> Result<Ask, DeskError> {
    let shell = desk.public_shell(visitor, "ask-title").at("/relative/ask").mistaken(!mistakes.is_empty());
    let places = desk.accounts.places()?.into_iter().map(|place| (place.clone(), desk.place_name(&place)));
    Ok(Ask { shell, places: places.collect(), sent, mistakes, done })
}

async fn page(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    show(&built(&desk, &visitor, Sent::default(), Vec::new(), None)?)
}

/// Puts the question to the place that was named, or to every place.
async fn asked(State(desk): State<Desk>, visitor: Visitor, source: Source, Form(sent): Form<Sent>) -> Answer {
    desk.work(move |desk| {
        let say = |id: &str| desk.texts.say(visitor.language, id, &[]);
        let needed = [("sought", &sent.sought), ("last_seen", &sent.last_seen), ("asked_by", &sent.asked_by), ("answer", &sent.answer)];
        let is_wrong = |text: &str| text.trim().is_empty() || text.chars().count() > LONGEST || text.chars().any(is_hidden);
        let mut mistakes: Vec<Mistake> = needed
            .iter()
            .filter(|(_, text)| is_wrong(text))
            .map(|(name, _)| Mistake { name: (*name).to_owned(), text: say(&format!("ask-{}-missing", name.replace('_', "-"))) })
            .collect();
        if mistakes.is_empty() && !desk.accounts.may_ask(&source.0, desk.now())? {
            mistakes.push(Mistake { name: "sought".to_owned(), text: say("ask-too-often") });
        }
        if !mistakes.is_empty() {
            let mut answer = show(&built(desk, &visitor, sent, mistakes, None)?)?;
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(answer);
        }
        let mut places = desk.accounts.places()?;
        if places.contains(&sent.place) {
            places.retain(|place| *place == sent.place);
        }
        put(desk, &visitor, &sent, &places)?;
        show(&built(desk, &visitor, Sent::default(), Vec::new(), Some(places.len()))?)
    })
    .await
}

fn is_hidden(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One case a place, so that each owes its own answer.
fn put(desk: &Desk, visitor: &Visitor, sent: &Sent, places: &[String]) -> Result<(), DeskError> {
    let kind = desk.screened("whereabouts-asked").next().ok_or(DeskError::Absent)?;
    let public = Actor { id: "relative".to_owned(), roles: vec!["system".to_owned()], places: Vec::new() };
    let lawyer = visitor.signed_in.as_ref().filter(|who| desk.is_for(who, Wants::OwnClient)).map(SignedIn::actor);
    let (actor, route) = lawyer.map_or((public, "ombudsman"), |actor| (actor, "bar"));
    let question = new_id("W")?;
    for (n, place) in places.iter().enumerate() {
        let case = format!("{question}-{}", n + 1);
        let subjects = [("case", case.as_str()), ("place", place.as_str())];
        let entry = Draft::new(&format!("{case}-asked"), &desk.codebook.kind(kind).name, draft::exactly(desk.minute()), &subjects)
            .with("sought", sent.sought.trim())
            .with("last seen", sent.last_seen.trim())
            .with("asked by", sent.asked_by.trim())
            .with("answer to", sent.answer.trim())
            .with("route", route);
        desk.append_as(&actor, entry)?;
    }
    Ok(())
}

/// A question that waits.
struct Line {
    case: String,
    sought: String,
    last_seen: String,
    asked_by: String,
    answer_to: String,
    place: String,
    at: String,
    stamp: String,
    chip: Option<Chip>,
    may_answer: bool,
}

#[derive(Template)]
#[template(path = "pages/whereabouts.html")]
struct Questions {
    shell: Shell,
    lines: Vec<Line>,
}

async fn list(State(desk): State<Desk>, who: SignedIn) -> Answer {
    if !desk.is_for(&who, Wants::Reads("whereabouts-asked")) {
        return Err(DeskError::Forbidden);
    }
    let page = desk.work(move |desk| {
        let mut lines = Vec::new();
        let (teller, reader) = (desk.teller(who.language), desk.reader(&who));
        let asked: Vec<KindId> = desk.screened("whereabouts-asked").collect();
        for life in desk.register.all_open("case", None)? {
            let (class, case) = &life.subject;
            // Of other cases nothing is opened.
            if desk.register.of_kinds((class, case), &asked)?.is_empty() {
                continue;
            }
            let Ok(sight) = reader.sight(class, case) else { continue };
            let history = desk.register.history(class, case, None)?;
            let question = history.iter().find(|one| has_screen(&desk.codebook, &one.kind, "whereabouts-asked") && sight.entry(one));
            let is_answered = history.iter().any(|one| has_screen(&desk.codebook, &one.kind, "whereabouts-answered"));
            if let Some(question) = question.filter(|_| !is_answered) {
                lines.push((question.recorded_at, line(desk, &teller, &sight, question, case)?));
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        desk.note_listed(&who, "whereabouts", lines.len())?;
        let lines = lines.into_iter().map(|(_, line)| line).collect();
        Ok(Questions { shell: desk.shell(&who, "whereabouts-title").at("/whereabouts"), lines })
    });
    show(&page.await?)
}

fn line(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, question: &Entry, case: &str) -> Result<Line, DeskError> {
    let told = |name: &str| {
        let found = question.fields.iter().find(|told| told.name == name && sight.field(question, name));
        found.and_then(|told| told.value.as_str()).unwrap_or_default().to_owned()
    };
    let verdicts = all_verdicts(desk, ("case", case), teller.now)?;
    let owed = verdicts.iter().filter(|one| one.trigger.as_deref() == Some(&question.id) && one.due_at.is_some());
    let place = question.subject.iter().find(|(class, _)| class == "place").map(|(_, place)| desk.place_name(place));
    Ok(Line {
        case: case.to_owned(),
        sought: told("sought"),
        last_seen: told("last seen"),
        asked_by: told("asked by"),
        answer_to: told("answer to"),
        place: place.unwrap_or_default(),
        at: teller.instant(question.recorded_at),
        stamp: teller.stamp(question.recorded_at),
        chip: owed.min_by_key(|one| one.due_at).map(|one| Chip::of(teller, one)),
        may_answer: desk.screened("whereabouts-answered").any(|kind| sight.may_record(kind)),
    })
}

/// What an answer sends.
#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    answer: String,
}

/// The answer of a place: held, not held, or that it cannot be said.
async fn answered(State(desk): State<Desk>, who: SignedIn, Path(case): Path<String>, Form(sent): Form<Reply>) -> Answer {
    who.made(&sent.form_token)?;
    desk.work(move |desk| {
        desk.sight(&who, "case", &case)?;
        let history = desk.register.history("case", &case, None)?;
        let question = history.iter().find(|one| has_screen(&desk.codebook, &one.kind, "whereabouts-asked")).ok_or(DeskError::Absent)?;
        let kind = desk.screened("whereabouts-answered").next().ok_or(DeskError::Absent)?;
        let mut reply = Draft::new(&format!("{case}-answered"), &desk.codebook.kind(kind).name, draft::exactly(desk.minute()), &[]);
        reply.subjects.clone_from(&question.subject);
        let declared = desk.codebook.kind(kind).fields.iter().map(|field| desk.codebook.field_names[field.name.index()].as_str());
        for name in declared.filter(|name| *name != "answer") {
            let told = question.fields.iter().find(|told| told.name == name);
            reply = told.map_or(reply.clone(), |told| reply.with(name, told.value.clone()));
        }
        desk.append(&who, reply.with("answer", sent.answer))?;
        Ok(Redirect::to("/whereabouts").into_response())
    })
    .await
}
