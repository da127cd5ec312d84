//! A complaint by anybody, with or without a name, and what the complainant sees of it afterwards: by reference and PIN, no account.
//!
//! The questions are those of the task list that the codebook has for it, but for what the form knows by itself. What is received is
//! sent on at once. Afterwards the complainant is shown which steps were taken and when, and what is still owed, as far as the access
//! sentences open it to the complainant; no name of anybody, no text.

use super::relative::Source;
use crate::account::Visitor;
use crate::accounts::{Asked, Slip};
use crate::desk::{Desk, class_named};
use crate::error::{Answer, DeskError, show};
use crate::files::Refused;
use crate::files::sent::{Sent, with_files};
use crate::forms::{Form, Mistake, Posted, new_id};
use crate::names::Names;
use crate::shell::Shell;
use crate::station::board::{owed, rule_words};
use crate::station::chips::Chip;
use crate::station::enter::kind_of;
use crate::station::rows::row;
use askama::Template;
use axum::Router;
use axum::extract::{Form as Typing, State};
use axum::routing::get;
use habeas_access::{Principal, Ties, What};
use habeas_codebook::tree::{Act, Flow, KindId, Required, Step, Tie};
use habeas_register::{Actor, Draft, RegisterError, draft};
use serde::Deserialize;
use std::time::Duration;

/// What the form knows by itself, and what it says there.
const KNOWN: [(&str, &str); 4] =
    [("f.way_in", "public_form"), ("f.channel", "relative"), ("f.opened_by", "public form"), ("f.confidential", "yes")];
/// Looking up takes so long, whatever the answer is.
const ALWAYS: Duration = Duration::from_millis(500);
/// How a complaint's slip is told from that of a custody.
const OF_CASE: &str = "case/";

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new().route("/complain", get(page).post(sent).layer(with_files())).route("/complain/follow", get(follow_page).post(follow))
}

#[derive(Template)]
#[template(path = "pages/complain.html")]
struct Page {
    shell: Shell,
    form: Option<Form>,
    mistakes: Vec<Mistake>,
    number: String,
    slip: Option<Slip>,
}

/// The task list for a complaint from outside, and the kind that it begins with.
fn task(desk: &Desk) -> Result<(&Flow, KindId), DeskError> {
    let codebook = &desk.codebook;
    let outside = desk.authority.access().role_named("relative").ok_or(DeskError::Absent)?;
    let first = |flow: &Flow| match flow.steps.first() {
        Some(Step::Record { events, .. }) => events.first().map(|event| kind_of(codebook, *event)),
        _ => None,
    };
    let is_complaint = |kind: &KindId| codebook.kind(*kind).screens.iter().any(|screen| screen == "complaint");
    let mut flows = codebook.flows.iter().filter(|flow| flow.roles.contains(&outside));
    flows.find_map(|flow| Some((flow, first(flow).filter(is_complaint)?))).ok_or(DeskError::Absent)
}

/// The form, as far as it is asked here.
fn form(desk: &Desk, (visitor, source): (&Visitor, &Source), posted: &Posted, mistakes: &[Mistake]) -> Result<Form, DeskError> {
    let (flow, kind) = task(desk)?;
    let kind = desk.codebook.kind(kind);
    let with: Vec<String> = match flow.steps.first() {
        Some(Step::Record { with, .. }) => with.iter().map(|field| desk.codebook.field_names[field.index()].clone()).collect(),
        _ => Vec::new(),
    };
    let is_asked = |name: &str| {
        let of = |field: &&habeas_codebook::tree::Field| crate::forms::model::input_name(&desk.codebook, field) == name;
        let field = kind.fields.iter().find(of);
        let is_known = KNOWN.iter().any(|(known, _)| *known == name) || name == "f.told_in_language";
        field.is_some_and(|field| {
            (matches!(field.required, Required::Always) || with.contains(&desk.codebook.field_names[field.name.index()])) && !is_known
        })
    };
    let teller = desk.teller(visitor.language);
    let mut form = Form::new(&desk.codebook, kind, &teller, posted, mistakes);
    form.questions.retain(|question| is_asked(&question.name));
    form.ask_for_files(&desk.codebook, kind, &teller, |question| {
        let shown = desk.waiting.shown(&sender(source), posted, question);
        shown.into_iter().map(|file| file.map(|file| file.choice(&teller))).collect()
    });
    Ok(form)
}

/// For whom files wait that nobody who is signed in sends.
fn sender(source: &Source) -> String {
    format!("public form {}", source.0)
}

async fn page(State(desk): State<Desk>, visitor: Visitor, source: Source) -> Answer {
    desk.work(move |desk| {
        let shell = desk.public_shell(&visitor, "complain-title").at("/complain");
        let form = Some(form(desk, (&visitor, &source), &Posted::default(), &[])?);
        show(&Page { shell, form, mistakes: Vec::new(), number: String::new(), slip: None })
    })
    .await
}

async fn sent(State(desk): State<Desk>, visitor: Visitor, source: Source, sent: Sent) -> Answer {
    desk.work(move |desk| {
        let Sent { mut posted, files } = sent;
        let shell = desk.public_shell(&visitor, "complain-title").at("/complain");
        let teller = desk.teller(visitor.language);
        let refused = desk.waiting.take_in(&sender(&source), &mut posted, files, desk.now())?;
        if posted.press(&teller) {
            let form = Some(form(desk, (&visitor, &source), &posted, &[])?);
            return show(&Page { shell, form, mistakes: Vec::new(), number: posted.one("number").to_owned(), slip: None });
        }
        if !desk.accounts.may_ask(&source.0, desk.now())? {
            return Err(DeskError::Input { field: "complaint", text: "complain-too-often" });
        }
        for (name, value) in KNOWN {
            posted.set(name, value);
        }
        posted.set("f.told_in_language", visitor.language.code());
        posted.set("at.time", &teller.hour(teller.now).get(..5).unwrap_or_default().replace(':', ""));
        match received(desk, (&visitor, &source), (&posted, &refused))? {
            Ok(slip) => show(&Page { shell, form: None, mistakes: Vec::new(), number: String::new(), slip: Some(slip) }),
            Err(mistakes) => {
                let form = Some(form(desk, (&visitor, &source), &posted, &mistakes)?);
                let number = posted.one("number").to_owned();
                let mut response = show(&Page { shell: shell.mistaken(true), form, mistakes, number, slip: None })?;
                *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
                Ok(response)
            }
        }
    })
    .await
}

/// Enters the complaint and sends it on; its reference and PIN, or what is wrong with the answers.
fn received(
    desk: &Desk,
    (visitor, source): (&Visitor, &Source),
    (posted, refused): (&Posted, &[(String, Refused)]),
) -> Result<Result<Slip, Vec<Mistake>>, DeskError> {
    let (_, kind) = task(desk)?;
    let kind = desk.codebook.kind(kind);
    let (answered, files) = match desk.answered((&sender(source), visitor.language), kind, (posted, refused)) {
        Ok(answered) => answered,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let system = Actor { id: "public form".to_owned(), roles: vec!["system".to_owned()], places: Vec::new() };
    let case = new_id("C")?;
    let about = about(desk, posted.one("number").trim())?;
    let subjects: Vec<(&str, &str)> =
        [("case", case.as_str())].into_iter().chain(about.iter().map(|(class, id)| (class.as_str(), id.as_str()))).collect();
    let mut entry = Draft::new(&new_id("e")?, &kind.name, draft::exactly(desk.minute()), &subjects);
    entry.fields = answered.fields;
    entry.attachments = files;
    match desk.append_as(&system, entry) {
        Ok(_) => {}
        Err(DeskError::Register(RegisterError::Invalid(problems))) => {
            let teller = desk.teller(visitor.language);
            let mistake = |problem: habeas_register::FieldProblem| Mistake {
                name: problem.field.replace("fields.", "f.").replace(' ', "_"),
                text: teller.texts.say(teller.language, "error-value", &[("expected", &problem.expected)]),
            };
            return Ok(Err(problems.into_iter().map(mistake).collect()));
        }
        Err(other) => return Err(other),
    }
    desk.waiting.forget(posted);
    if let Some(referral) = desk.screened("referral").next() {
        let referral = Draft::new(&new_id("e")?, &desk.codebook.kind(referral).name, draft::exactly(desk.minute()), &subjects)
            .with("to", "procurator")
            .with("how", "automatic")
            .with("origin", "public form");
        desk.append_as(&system, referral)?;
    }
    Ok(Ok(desk.accounts.make_slip(&format!("{OF_CASE}{case}"), "public form", desk.now())?))
}

/// The custody of a number, with its person and place, if there is such a one; whoever asks is not told whether there is.
fn about(desk: &Desk, number: &str) -> Result<Vec<(String, String)>, DeskError> {
    if number.is_empty() || desk.register.life("custody", number)?.is_none() {
        return Ok(Vec::new());
    }
    let ties = desk.register.ties("custody", number)?;
    let one = |class: &str| ties.tied.iter().rev().find(|(of, _)| of == class).cloned();
    Ok([Some(("custody".to_owned(), number.to_owned())), one("person"), one("place")].into_iter().flatten().collect())
}

/// A step that was taken.
struct Taken {
    name: String,
    at: String,
    stamp: String,
}

/// What the complainant is shown.
struct Shown {
    steps: Vec<Taken>,
    owed: Vec<(String, String, Chip)>,
}

#[derive(Template)]
#[template(path = "pages/follow.html")]
struct Follow {
    shell: Shell,
    reference: String,
    asked: bool,
    shown: Option<Shown>,
}

async fn follow_page(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let shell = desk.public_shell(&visitor, "follow-title").at("/complain/follow");
    show(&Follow { shell, reference: String::new(), asked: false, shown: None })
}

/// What the page sends.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    reference: String,
    #[serde(default)]
    pin: String,
}

async fn follow(State(desk): State<Desk>, visitor: Visitor, source: Source, Typing(typed): Typing<Typed>) -> Answer {
    let begun = tokio::time::Instant::now();
    let (reference, language) = (typed.reference.clone(), visitor.language);
    let shown = desk.work(move |desk| {
        let asked = desk.accounts.ask_slip(&typed.reference, &typed.pin, &source.0, desk.now())?;
        let Asked::Right(subject) = asked else { return Ok(None) };
        let Some(case) = subject.strip_prefix(OF_CASE) else { return Ok(None) };
        seen(desk, case, language).map(Some)
    });
    let shown = shown.await;
    tokio::time::sleep_until(begun + ALWAYS).await;
    let shell = desk.public_shell(&visitor, "follow-title").at("/complain/follow");
    show(&Follow { shell, reference, asked: true, shown: shown? })
}

/// Whether the one who complained may read something of the case: as whoever may complain, tied to the complaint as their own.
///
/// # Errors
/// A codebook without a task list for complaints from outside.
pub(super) fn complainant_reads(desk: &Desk) -> Result<impl Fn(&What) -> bool, DeskError> {
    let (flow, _) = task(desk)?;
    let principal = Principal { user: "complainant".to_owned(), roles: flow.roles.iter().copied().collect(), places: Default::default() };
    let ties = Ties::default().with(Tie::Own, true);
    Ok(move |what: &What| desk.authority.access().may(&principal, Act::Read, what, ties))
}

/// The steps of a case and what is owed, as far as the access sentences open them to the one who complained.
fn seen(desk: &Desk, case: &str, language: crate::texts::Language) -> Result<Shown, DeskError> {
    let may = complainant_reads(desk)?;
    let teller = desk.teller(language);
    let names = Names::new(&desk.codebook, language);
    let history = desk.register.history("case", case, None)?;
    let open = history.iter().filter(|entry| entry.withdrawn_by.is_none() && !crate::reading::is_reading(entry));
    let open = open.filter(|entry| desk.authority.kind(&entry.kind).is_some_and(|kind| may(&What::Event(kind))));
    let steps =
        open.map(|entry| Taken { name: names.kind(&entry.kind), at: teller.at(entry.when), stamp: teller.stamp(entry.when.earliest) });
    let row = row(desk, "case", case, teller.now)?;
    let seen: Vec<_> = row.verdicts.iter().filter(|verdict| may(&What::Verdict(class_named(verdict.class)))).collect();
    let line = |verdict: &habeas_register::VerdictEntry| {
        let due = verdict.due_at.map(|due| teller.instant(due)).unwrap_or_default();
        (rule_words(desk, &teller, verdict), due, Chip::of(&teller, verdict))
    };
    Ok(Shown { steps: steps.collect(), owed: owed(&seen).into_iter().map(line).collect() })
}
