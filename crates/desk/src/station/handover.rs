//! A shift handed over: one officer ends, the next confirms each person by name. Nobody can be skipped: whoever is in custody at the place
//! when it is confirmed stands on the page, and all are confirmed in one commit or none. Each confirmation is an entry of that custody with
//! both names; the shifts of both are entered, and the sessions of who ended are over.

use super::board::{for_each, owed, rule_words, within};
use super::chips::Chip;
use crate::account::SignedIn;
use crate::accounts::Handover;
use crate::bonds::Bonds;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::forms::{Mistake, new_id};
use crate::reading::system;
use crate::shell::{Shell, Wants};
use crate::station::rows::has_screen;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use habeas_codebook::tree::KindId;
use habeas_register::{Actor, Draft, VerdictEntry, draft};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest remark, in characters.
const LONGEST: usize = 500;

/// A person on the page.
struct Person {
    custody: String,
    href: String,
    cell: String,
    name: String,
    flags: Vec<String>,
    duty: Option<(String, Chip)>,
    told: String,
    remark: String,
    is_seen: bool,
    is_missing: bool,
    subjects: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/handover.html")]
struct Page {
    shell: Shell,
    place: String,
    people: Vec<Person>,
    /// The shift that this reader is to confirm.
    take: Option<Handover>,
    /// Their own that waits.
    waits: Option<Handover>,
    /// One that was confirmed just now.
    done: Option<Handover>,
    from: String,
    since: String,
    receivers: Vec<(String, String)>,
    receiver: String,
    walked: String,
    mistakes: Vec<Mistake>,
}

/// Which shift was confirmed just now, and where.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    place: String,
}

/// What the forms send, by name.
type Sent = BTreeMap<String, String>;

/// The page: to end a shift, or to take one over.
pub async fn page(State(desk): State<Desk>, who: SignedIn, Query(asked): Query<Asked>) -> Answer {
    desk.work(move |desk| {
        let place = place(desk, &who, &asked.place)?;
        let mut page = built(desk, &who, &place, &Sent::new())?;
        page.done = desk.accounts.handover(&asked.done)?.filter(|done| done.ended_at.is_some() && done.taken_by == who.session.account.id);
        if page.done.is_none() {
            desk.note_listed(&who, "hand-over", page.people.len())?;
        }
        show(&page)
    })
    .await
}

/// Ends a shift, takes it back, or confirms one.
pub async fn post(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Vec<(String, String)>>) -> Answer {
    let sent: Sent = sent.into_iter().collect();
    who.made(sent.get("form_token").map_or("", String::as_str))?;
    desk.work(move |desk| {
        let said = |name: &str| sent.get(name).map_or("", |text| text.trim());
        let place = place(desk, &who, said("place"))?;
        match said("action") {
            "end" => end(desk, &who, &place, &sent),
            "back" => {
                desk.accounts.take_back(said("id"), &who.session.account.id)?;
                Ok(Redirect::to("/handover").into_response())
            }
            "take" => take(desk, &who, &place, &sent),
            _ => Err(DeskError::Input { field: "action", text: "error-unreadable" }),
        }
    })
    .await
}

/// What waits for this reader, in words, for the top of their board.
///
/// # Errors
/// When the file of accounts cannot be read.
pub fn waiting(desk: &Desk, who: &SignedIn) -> Result<Option<String>, DeskError> {
    if !desk.is_for(who, Wants::Records("handover")) {
        return Ok(None);
    }
    for place in &who.session.account.places {
        if let Some(one) = desk.accounts.handovers_at(place)?.into_iter().find(|one| is_for(one, who)) {
            let name = name_of(desk, &one.origin)?;
            return Ok(Some(desk.texts.say(who.language, "handover-waits-for-you", &[("name", &name)])));
        }
    }
    Ok(None)
}

fn is_for(one: &Handover, who: &SignedIn) -> bool {
    let own = &who.session.account.id;
    one.origin != *own && (one.receiver.is_empty() || one.receiver == *own)
}

fn name_of(desk: &Desk, account: &str) -> Result<String, DeskError> {
    Ok(desk.accounts.get(account)?.map_or_else(|| account.to_owned(), |account| account.name))
}

/// The reader's place, if they hand over or take over there.
fn place(desk: &Desk, who: &SignedIn, asked: &str) -> Result<String, DeskError> {
    let own = &who.session.account.places;
    let place = own.iter().find(|own| *own == asked).or_else(|| own.first());
    place.filter(|_| desk.is_for(who, Wants::Records("handover"))).cloned().ok_or(DeskError::Forbidden)
}

fn handing(desk: &Desk) -> Option<KindId> {
    desk.screened("handover").next()
}

fn built(desk: &Desk, who: &SignedIn, place: &str, sent: &Sent) -> Result<Page, DeskError> {
    let waiting = desk.accounts.handovers_at(place)?;
    let take = waiting.iter().find(|one| is_for(one, who)).cloned();
    let waits = waiting.into_iter().find(|one| one.origin == who.session.account.id);
    let told: BTreeMap<String, String> = take.as_ref().and_then(|one| serde_json::from_str(&one.told).ok()).unwrap_or_default();
    let people = people(desk, who, place, (&told, sent))?;
    let teller = desk.teller(who.language);
    let mut receivers = Vec::new();
    for (id, name) in desk.accounts.serving_at(place)?.into_iter().filter(|(id, _)| *id != who.session.account.id) {
        if records_handovers(desk, &id)? {
            receivers.push((id, name));
        }
    }
    let said = |name: &str| sent.get(name).cloned().unwrap_or_default();
    Ok(Page {
        shell: desk.shell(who, "handover-title").at("/handover"),
        place: place.to_owned(),
        from: take.as_ref().or(waits.as_ref()).map(|one| name_of(desk, &one.origin)).transpose()?.unwrap_or_default(),
        since: take.as_ref().or(waits.as_ref()).map(|one| teller.instant(one.begun_at)).unwrap_or_default(),
        take,
        waits,
        done: None,
        people,
        receivers,
        receiver: said("receiver"),
        walked: said("walked"),
        mistakes: Vec::new(),
    })
}

fn records_handovers(desk: &Desk, account: &str) -> Result<bool, DeskError> {
    let Some(account) = desk.accounts.get(account)? else { return Ok(false) };
    let actor = Actor { id: account.id, roles: account.roles, places: account.places };
    let principal = desk.authority.principal(&actor);
    let ties = [habeas_codebook::tree::Tie::OwnPlace, habeas_codebook::tree::Tie::OnShift].into_iter().collect();
    let may = |kind| desk.authority.access().may(&principal, habeas_codebook::tree::Act::Record, &habeas_access::What::Event(kind), ties);
    Ok(handing(desk).is_some_and(may))
}

/// Everybody in custody there, in the order of a walk along the cells.
fn people(desk: &Desk, who: &SignedIn, place: &str, (told, sent): (&BTreeMap<String, String>, &Sent)) -> Result<Vec<Person>, DeskError> {
    let teller = desk.teller(who.language);
    let mut people = Vec::new();
    for_each(desk, who, place, |row, sight| {
        let id = &row.subject.1;
        let verdicts: Vec<&VerdictEntry> = row.verdicts.iter().filter(|verdict| sight.verdict(verdict)).collect();
        let duty = owed(&verdicts).first().map(|verdict| (rule_words(desk, &teller, verdict), Chip::of(&teller, verdict)));
        let wanted = ["custody", "person", "place"];
        let mut subjects: Vec<(String, String)> = Vec::new();
        for class in wanted {
            let named = sight.tied.subjects.iter().chain(&sight.tied.tied).find(|(one, _)| one == class);
            subjects.extend(named.cloned());
        }
        let said = |part: &str| sent.get(&format!("{part}.{id}")).cloned().unwrap_or_default();
        people.push(Person {
            href: format!("/record/custody/{id}"),
            cell: row.cell.as_deref().map_or("\u{2013}", |cell| within(cell, row.place.as_deref(), sight)).to_owned(),
            name: row.name_for(sight).unwrap_or_else(|| id.clone()),
            flags: row.flags_for(sight).into_iter().take(4).collect(),
            duty,
            told: told.get(id).cloned().unwrap_or_else(|| said("told")),
            remark: said("remark"),
            is_seen: !said("seen").is_empty(),
            is_missing: false,
            custody: id.clone(),
            subjects,
        });
    })?;
    people.sort_by(|one, other| (&one.cell, &one.name).cmp(&(&other.cell, &other.name)));
    Ok(people)
}

fn refused(mut page: Page) -> Answer {
    page.shell = page.shell.mistaken(true);
    let mut answer = show(&page)?;
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}

/// Texts that are too long, or hold characters that cannot be seen.
fn unreadable(shell: &Shell, sent: &Sent) -> Vec<Mistake> {
    let is_bad = |text: &str| {
        text.chars().count() > LONGEST
            || text.chars().any(|c| {
                (c.is_control() && !c.is_whitespace()) || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
            })
    };
    let texts = sent.iter().filter(|(name, _)| name.starts_with("told.") || name.starts_with("remark."));
    texts
        .filter(|(_, text)| is_bad(text))
        .map(|(name, _)| Mistake { name: name.clone(), text: shell.with("handover-bad-text", "n", LONGEST) })
        .collect()
}

fn end(desk: &Desk, who: &SignedIn, place: &str, sent: &Sent) -> Answer {
    let mut page = built(desk, who, place, sent)?;
    page.mistakes = unreadable(&page.shell, sent);
    if !page.receiver.is_empty() && !page.receivers.iter().any(|(id, _)| *id == page.receiver) {
        page.mistakes.push(Mistake { name: "receiver".to_owned(), text: page.shell.say("handover-nobody") });
    }
    if !page.mistakes.is_empty() {
        return refused(page);
    }
    let told = page.people.iter().filter(|person| !person.told.trim().is_empty());
    let told: BTreeMap<&str, &str> = told.map(|person| (person.custody.as_str(), person.told.trim())).collect();
    let told = serde_json::to_string(&told).map_err(|error| DeskError::Machine(error.to_string()))?;
    let handover = Handover {
        id: new_id("shift")?,
        place: place.to_owned(),
        origin: who.session.account.id.clone(),
        receiver: page.receiver,
        told,
        begun_at: desk.now(),
        ended_at: None,
        taken_by: String::new(),
        people: 0,
    };
    desk.accounts.hand_over(&handover)?;
    Ok(Redirect::to("/handover").into_response())
}

fn take(desk: &Desk, who: &SignedIn, place: &str, sent: &Sent) -> Answer {
    let mut page = built(desk, who, place, sent)?;
    let Some(handover) = page.take.clone().filter(|one| sent.get("id") == Some(&one.id)) else {
        // Sent twice, or taken over by another meanwhile.
        let done =
            sent.get("id").map(|id| desk.accounts.handover(id)).transpose()?.flatten().filter(|one| one.taken_by == who.session.account.id);
        return done.map(|one| Redirect::to(&format!("/handover?done={}", one.id)).into_response()).ok_or(DeskError::Absent);
    };
    page.mistakes = unreadable(&page.shell, sent);
    if page.walked.is_empty() {
        page.mistakes.push(Mistake { name: "walked".to_owned(), text: page.shell.say("handover-walked-missing") });
    }
    for person in page.people.iter_mut().filter(|person| !person.is_seen) {
        person.is_missing = true;
        let text = page.shell.with("handover-not-seen", "name", &person.name);
        page.mistakes.push(Mistake { name: format!("seen.{}", person.custody), text });
    }
    if !page.mistakes.is_empty() {
        return refused(page);
    }
    let count = page.people.len();
    let mut entries: Vec<(Draft, Actor)> = page
        .people
        .iter()
        .filter_map(|person| Some((confirmed(desk, who, &handover, person, (count, &page.walked))?, who.actor())))
        .collect();
    entries.extend(shifts(desk, who, &handover)?.into_iter().map(|draft| (draft, system(who))));
    let now = desk.now();
    let subjects: Vec<(String, String)> = entries.iter().flat_map(|(draft, _)| draft.subjects.clone()).collect();
    let answers = desk.register.append_each(entries.into_iter().map(|(draft, actor)| (draft, actor, now)).collect())?;
    desk.authority.forget(Some(&subjects));
    desk.rows.forget(&subjects);
    // What was entered has the same ids when the form is sent again, so nothing is entered twice.
    answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    desk.accounts.take_over(&handover.id, &who.session.account.id, count, now)?;
    desk.accounts.end_all(&handover.origin)?;
    Ok(Redirect::to(&format!("/handover?done={}", handover.id)).into_response())
}

/// The entry that a person was confirmed: both names, and what was told and found.
fn confirmed(desk: &Desk, who: &SignedIn, handover: &Handover, person: &Person, (count, walked): (usize, &str)) -> Option<Draft> {
    let kind = desk.codebook.kind(handing(desk)?);
    let subjects: Vec<(&str, &str)> = person.subjects.iter().map(|(class, id)| (class.as_str(), id.as_str())).collect();
    let has = |name: &str| kind.fields.iter().any(|field| desk.codebook.field_names[field.name.index()] == name);
    let words = [person.told.trim(), person.remark.trim()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" / ");
    let mut draft = Draft::new(&format!("{}-{}", handover.id, person.custody), &kind.name, draft::exactly(desk.now()), &subjects);
    draft = draft.with("to", who.session.account.id.as_str()).with("origin", handover.origin.as_str()).with("count", count);
    draft = draft.with("cells walked", if walked == "yes" { "yes" } else { "no" });
    if has("risks") && !words.is_empty() {
        draft = draft.with("risks", words);
    }
    Some(draft)
}

/// The shift of who ended is over and that of who took over has begun, at the same post; nothing where no shift had been entered.
fn shifts(desk: &Desk, who: &SignedIn, handover: &Handover) -> Result<Vec<Draft>, DeskError> {
    let Ok(history) = desk.register.history("officer", &handover.origin, None) else { return Ok(Vec::new()) };
    if Bonds::of(&desk.codebook, "officer", &history).shift(desk.now()).is_none() {
        return Ok(Vec::new());
    }
    let started = history.iter().rev().find(|entry| has_screen(&desk.codebook, &entry.kind, "shift-start") && entry.withdrawn_by.is_none());
    let (Some(started), Some(ends)) = (started, desk.screened("shift-end").next()) else { return Ok(Vec::new()) };
    let drafted = |kind: &str, officer: &str, part: &str, keeps: &[&str]| {
        let subjects = [("officer", officer), ("place", handover.place.as_str())];
        let draft = Draft::new(&format!("{}-{part}", handover.id), kind, draft::exactly(desk.now()), &subjects);
        let fields = started.fields.iter().filter(|told| keeps.contains(&told.name.as_str()));
        fields.fold(draft, |draft, told| draft.with(&told.name, told.value.clone()))
    };
    let over = drafted(&desk.codebook.kind(ends).name, &handover.origin, "ends", &["post", "sex", "profession"]);
    let begun = drafted(&started.kind, &who.session.account.id, "begins", &["post"]);
    Ok(vec![over, begun])
}
