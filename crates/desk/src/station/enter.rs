//! Entering something: the kinds that may be recorded here, the form of one, and its way through the door.

use super::flow::asked_in;
use super::record::{Identity, identity};
use super::stop;
use crate::account::{SignedIn, Visitor};
use crate::accounts::Saved;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::files::Refused;
use crate::files::sent::Sent;
use crate::forms::model::{Choice, input_name};
use crate::forms::{Form, Mistake, Posted, Question, is_made_here, new_id};
use crate::names::Names;
use crate::rooms::interview::beginning;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect};
use habeas_access::{Ties, What};
use habeas_codebook::tree::{Act, ClassId, Codebook, EventName, FieldType, Kind, KindId, Step, Tie};
use habeas_register::{Draft, RegisterError, draft};

/// A kind that may be recorded.
pub struct KindLine {
    /// Address of its form.
    pub href: String,
    /// Its words.
    pub name: String,
}

#[derive(Template)]
#[template(path = "pages/choose.html")]
struct Choose {
    shell: Shell,
    identity: Identity,
    kinds: Vec<KindLine>,
}

#[derive(Template)]
#[template(path = "pages/form.html")]
struct FormPage {
    shell: Shell,
    identity: Option<Identity>,
    form: Form,
    mistakes: Vec<Mistake>,
    action: String,
    back: String,
    draft: String,
    flow: String,
    then: String,
    subjects: Vec<Question>,
    /// Subjects that the address names and the form does not ask for: input and id.
    given: Vec<(String, String)>,
    /// The zone of the register, for a page that tells the time without a line.
    zone: String,
    saved: bool,
    /// The law stands in the way, as its mistakes say.
    is_stopped: bool,
}

/// Where a form leads once it is entered: a page of this desk, or nothing.
fn led(then: &str) -> &str {
    let is_own = then.starts_with('/') && !then.starts_with("//") && then.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { then } else { "" }
}

/// The kinds that this reader may record here.
pub async fn choose(State(desk): State<Desk>, who: SignedIn, Path((class, id)): Path<(String, String)>) -> Answer {
    let page = desk.work(move |desk| {
        let sight = desk.asked_for(&who, &class, &id)?;
        let names = Names::new(&desk.codebook, who.language);
        let mut kinds: Vec<KindLine> = may_record(desk, &sight, &class)
            .map(|kind| &desk.codebook.kind(kind).name)
            .map(|name| KindLine { href: format!("/record/{class}/{id}/enter/{}", name.replace(' ', "_")), name: names.kind(name) })
            .collect();
        kinds.sort_by(|one, other| one.name.cmp(&other.name));
        let identity = identity(desk, &desk.teller(who.language), &sight, (&class, &id))?;
        Ok(Choose { shell: desk.shell(&who, "choose-title").at(format!("/record/{class}/{id}/enter")), identity, kinds })
    });
    show(&page.await?)
}

/// Kinds that name the class among their subjects and may be recorded.
fn may_record<'s>(desk: &'s Desk, sight: &'s Sight<'_>, class: &'s str) -> impl Iterator<Item = KindId> + 's {
    let numbers = (0..desk.codebook.kinds.len()).filter_map(|number| Some(KindId(u16::try_from(number).ok()?)));
    numbers.filter(move |kind| {
        let subjects = &desk.codebook.kind(*kind).subjects;
        subjects.iter().any(|one| desk.codebook.class(*one).name == class) && sight.may_record(*kind)
    })
}

/// A person comes in: a new custody, and the first form of the flow that begins with an arrival.
pub async fn book(State(desk): State<Desk>, who: SignedIn) -> Answer {
    let id = new_id("C")?;
    let codebook = &desk.codebook;
    let has = |step: &Step, screen: &str| match step {
        Step::Record { events, .. } => events.iter().any(|event| {
            let kind = &codebook.kinds[kind_of(codebook, *event).index()];
            kind.screens.iter().any(|role| role == screen)
        }),
        Step::ShowEvent(_) | Step::ShowState(_) | Step::ShowDuties => false,
    };
    let flow = codebook.flows.iter().find(|flow| flow.steps.iter().any(|step| has(step, "arrival")));
    let kind = codebook.kinds.iter().find(|kind| kind.screens.iter().any(|role| role == "arrival")).ok_or(DeskError::Absent)?;
    let flow = flow.map(|flow| flow.name.replace(' ', "-")).unwrap_or_default();
    let to = format!("/record/custody/{id}/enter/{}?flow={flow}", kind.name.replace(' ', "_"));
    let _ = who;
    Ok(Redirect::to(&to).into_response())
}

/// The kind behind an event's name.
#[must_use]
pub fn kind_of(codebook: &Codebook, mut event: EventName) -> KindId {
    loop {
        match event {
            EventName::Kind(kind) => return kind,
            EventName::Alias(alias) => event = codebook.aliases[alias.index()].pattern.event,
        }
    }
}

/// The form of a kind.
pub async fn form(
    State(desk): State<Desk>,
    who: SignedIn,
    Path(path): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Answer {
    let page = desk.work(move |desk| {
        // `draft` opens a form that was kept; `flow` and `then` say where it leads; `f.…`, `s.…` and `at.…` are answers to begin with.
        let opened = Posted::read(query.as_deref().unwrap_or_default());
        let saved = desk.accounts.draft(&who.session.account.id, opened.one("draft"))?;
        let mut posted = saved.map_or_else(|| opened.clone(), |saved| Posted::read(&saved.body));
        posted.press_figure();
        let draft = if opened.one("draft").is_empty() { new_id("e")? } else { opened.one("draft").to_owned() };
        FormPage::new(desk, &who, &path, &Filled { posted, draft, mistakes: Vec::new(), saved: !opened.one("saved").is_empty() })
    });
    show(&page.await?)
}

/// A form with what was typed.
struct Filled {
    posted: Posted,
    draft: String,
    mistakes: Vec<Mistake>,
    saved: bool,
}

/// Refuses whoever may not make this entry here, before anything is said of the form: a record that is not for them is not there, and an
/// entry that is not theirs to make is not theirs to fill in.
fn may_enter(desk: &Desk, who: &SignedIn, (class, id): (&str, &str), kind: KindId) -> Result<(), DeskError> {
    if desk.register.life(class, id)?.is_some() {
        let sight = desk.sight(who, class, id)?;
        return if sight.may_record(kind) { Ok(()) } else { Err(DeskError::Forbidden) };
    }
    // The number of a confidential record is not for guessing: one that was typed at a place of detention is as one that is not for them.
    if desk.is_confidential(class) && !who.session.account.places.is_empty() && !is_made_here(id) {
        return Err(DeskError::Absent);
    }
    // A record that begins with this entry: where they serve.
    let ties: Ties = [Tie::OwnPlace, Tie::OwnPatient, Tie::OnShift].into_iter().collect();
    let ties = if who.session.account.places.is_empty() { Ties::default() } else { ties };
    let may = desk.authority.access().may(&desk.authority.principal(&who.actor()), Act::Record, &What::Event(kind), ties);
    if may { Ok(()) } else { Err(DeskError::Absent) }
}

impl FormPage {
    fn new(desk: &Desk, who: &SignedIn, (class, id, kind): &(String, String, String), filled: &Filled) -> Result<Self, DeskError> {
        let teller = desk.teller(who.language);
        let kind_id = desk.authority.kind(kind).ok_or(DeskError::Absent)?;
        let kind = desk.codebook.kind(kind_id);
        may_enter(desk, who, (class, id), kind_id)?;
        let is_new = desk.register.life(class, id)?.is_none();
        let identity = if is_new { None } else { Some(identity(desk, &teller, &desk.sight(who, class, id)?, (class, id))?) };
        let form = Form::new(&desk.codebook, kind, &teller, &filled.posted, &filled.mistakes);
        let form = match asked_in(&desk.codebook, filled.posted.one("flow"), kind_id) {
            Some(asked) => form.asking(&desk.codebook, &asked),
            None => form,
        };
        let mut form = form;
        offer(desk, who, (class, id), kind, &mut form)?;
        form.ask_for_files(&desk.codebook, kind, &teller, |question| {
            let shown = desk.waiting.shown(&who.session.account.id, &filled.posted, question);
            shown.into_iter().map(|file| file.map(|file| file.choice(&teller))).collect()
        });
        let subjects = subject_questions(desk, who, kind_id, (class, id), &filled.posted)?;
        let here = format!("/record/{class}/{id}/enter/{}", kind.name.replace(' ', "_"));
        let (flow, then) = (filled.posted.one("flow"), led(filled.posted.one("then")));
        let back = match (then, flow) {
            _ if is_new => "/board".to_owned(),
            ("", "") => format!("/record/{class}/{id}"),
            ("", flow) => format!("/record/{class}/{id}/flow/{flow}"),
            (then, _) => then.to_owned(),
        };
        Ok(Self {
            shell: desk.titled(who, form.title.clone()).at(here.clone()).mistaken(!filled.mistakes.is_empty()),
            identity,
            mistakes: filled.mistakes.clone(),
            action: here,
            back,
            draft: filled.draft.clone(),
            flow: flow.to_owned(),
            then: then.to_owned(),
            given: given(&desk.codebook, kind, &filled.posted, &subjects),
            zone: desk.codebook.almanac.zone.iana_name().unwrap_or("UTC").to_owned(),
            subjects,
            saved: filled.saved,
            is_stopped: filled.mistakes.iter().any(|mistake| mistake.name == stop::ALL_THE_SAME),
            form,
        })
    }
}

/// Screen roles of kinds that begin something with a record of its own: an interview, a measure, a complaint, a visit, a mark on the body.
const BEGINNINGS: [&str; 6] = ["interview-start", "restraint-start", "isolation-start", "complaint", "visit-start", "injury"];

/// Whether an entry of this kind begins a record of this class: then it has a new number, and nobody is asked for one. What begins is the
/// first subject of the kind; a mark on the body begins an injury.
fn begins(codebook: &Codebook, kind: KindId, class: ClassId) -> bool {
    let (kind, of) = (codebook.kind(kind), codebook.class(class));
    let has = |roles: &[&str]| kind.screens.iter().any(|screen| roles.contains(&screen.as_str()));
    let is_first = kind.subjects.first() == Some(&class) && !of.thing;
    kind.opens.contains(&class) || (has(&BEGINNINGS) && if has(&["injury"]) { of.name == "injury" } else { is_first })
}

/// Whether an entry of this kind begins a record where none is known to whoever makes it: what is sent to the procurator without a
/// complaint is a case of its own.
fn begins_unless_known(desk: &Desk, kind: &Kind, class: ClassId, is_known: bool) -> bool {
    let is_first = kind.subjects.first() == Some(&class) && desk.is_confidential(&desk.codebook.class(class).name);
    is_first && !is_known && kind.screens.iter().any(|screen| screen == "referral")
}

/// The latest subject of a class that the entries of a record name, and whether the record is tied to it by its last ones. Of confidential
/// records only one that the reader may know of, or has made an entry in.
fn known(
    desk: &Desk,
    who: &SignedIn,
    (class, id): (&str, &str),
    ties: &habeas_register::Ties,
    name: &str,
) -> Result<Option<(String, bool)>, DeskError> {
    if desk.register.life(class, id)?.is_none() {
        return Ok(None);
    }
    let of_class = |subjects: &[(String, String)]| subjects.iter().rev().find(|(one, _)| one == name).map(|(_, id)| id.clone());
    let history = || desk.register.history(class, id, None);
    if !desk.is_confidential(name) {
        return match of_class(&ties.tied) {
            Some(tied) => Ok(Some((tied, true))),
            None => Ok(history()?.iter().rev().find_map(|entry| of_class(&entry.subject)).map(|id| (id, false))),
        };
    }
    let sight = desk.sight(who, class, id)?;
    let is_known = |entry: &&habeas_register::Entry| sight.entry(entry) || entry.by.as_deref() == Some(who.session.account.id.as_str());
    Ok(history()?.iter().rev().filter(is_known).find_map(|entry| of_class(&entry.subject)).map(|id| (id, true)))
}

/// People offered as boxes to tick at most.
const BOXES: usize = 10;

/// Offers, where a form asks for people, the reader and those who serve at the place: by name, so that nobody needs to know a number by
/// heart. Anybody else is typed.
fn offer(desk: &Desk, who: &SignedIn, (class, id): (&str, &str), kind: &Kind, form: &mut Form) -> Result<(), DeskError> {
    let account = &who.session.account;
    let ties = desk.register.ties(class, id)?;
    let tied = ties.tied.iter().find(|(class, _)| class == "place").map(|(_, place)| place);
    let mut people = vec![(account.id.clone(), account.name.clone())];
    if let Some(place) = tied.or(account.places.first()) {
        people.extend(desk.accounts.serving_at(place)?.into_iter().filter(|(id, _)| *id != account.id));
    }
    for field in kind.fields.iter().filter(|field| matches!(field.of, FieldType::Officer | FieldType::Person)) {
        let name = input_name(&desk.codebook, field);
        let Some(question) = form.questions.iter_mut().find(|question| question.name == name) else { continue };
        let is_of_kind = |id: &&(String, String)| field.of == FieldType::Person || id.0.starts_with("officer:");
        let offered = people.iter().filter(is_of_kind).take(if field.list { BOXES } else { usize::MAX });
        let typed: Vec<String> = question.typed.clone();
        question.choices =
            offered.map(|(id, name)| Choice { value: id.clone(), label: name.clone(), is_chosen: typed.contains(id) }).collect();
        if field.list {
            let others = typed.iter().filter(|one| !question.choices.iter().any(|choice| choice.value == **one));
            question.value = others.cloned().collect::<Vec<_>>().join("\n");
        }
    }
    Ok(())
}

/// Subjects that the record does not give: a cell, an interview. The latest one of the record is offered.
fn subject_questions(
    desk: &Desk,
    who: &SignedIn,
    kind_id: KindId,
    (class, id): (&str, &str),
    posted: &Posted,
) -> Result<Vec<Question>, DeskError> {
    let teller = &desk.teller(who.language);
    let kind = desk.codebook.kind(kind_id);
    let ties = desk.register.ties(class, id)?;
    let mut asked = Vec::new();
    for (n, subject) in kind.subjects.iter().enumerate() {
        let name = &desk.codebook.class(*subject).name;
        let is_given = name == class || begins(&desk.codebook, kind_id, *subject);
        let is_wanted = n == 0 || (desk.codebook.class(*subject).thing && name == "cell");
        let known = known(desk, who, (class, id), &ties, name)?;
        // Whoever is put into a cell is put into another than the one that the record knows.
        let is_new = name == "cell" && kind.screens.iter().any(|screen| screen == "cell-in");
        let is_tied = known.as_ref().is_some_and(|(_, is_tied)| *is_tied && !is_new);
        let is_tied = is_tied || begins_unless_known(desk, kind, *subject, known.is_some());
        if is_given || is_tied || !is_wanted || name == "person" || name == "place" {
            continue;
        }
        let latest = known.map(|(id, _)| id);
        let input = format!("s.{name}");
        let typed = posted.one(&input);
        asked.push(Question {
            value: if typed.is_empty() { latest.unwrap_or_default() } else { typed.to_owned() },
            hint: teller.texts.say(teller.language, "hint-subject", &[]),
            is_required: n == 0,
            label: Names::new(&desk.codebook, teller.language).class(name),
            name: input,
            control: crate::forms::model::Control::Line,
            choices: Vec::new(),
            parts: Vec::new(),
            said: String::new(),
            typed: Vec::new(),
            error: None,
        });
    }
    Ok(asked)
}

/// Subjects of the kind that whoever leads to the form has named, and that the form does not ask for.
fn given(codebook: &Codebook, kind: &Kind, posted: &Posted, asked: &[Question]) -> Vec<(String, String)> {
    let inputs = kind.subjects.iter().map(|class| format!("s.{}", codebook.class(*class).name));
    let unasked = inputs.filter(|input| !posted.one(input).is_empty() && !asked.iter().any(|question| question.name == *input));
    unasked.map(|input| (input.clone(), posted.one(&input).to_owned())).collect()
}

/// Class and id of every subject that the entry will name.
pub(crate) fn subjects(
    desk: &Desk,
    who: &SignedIn,
    kind_id: KindId,
    (class, id): (&str, &str),
    posted: &Posted,
) -> Result<Vec<(String, String)>, DeskError> {
    let kind = desk.codebook.kind(kind_id);
    let ties = desk.register.ties(class, id)?;
    let mut named = Vec::new();
    for subject in &kind.subjects {
        let name = desk.codebook.class(*subject).name.clone();
        let typed = posted.one(&format!("s.{name}"));
        let known = known(desk, who, (class, id), &ties, &name)?;
        let value = if name == class {
            Some(id.to_owned())
        } else if !typed.is_empty() {
            Some(typed.to_owned())
        } else if begins(&desk.codebook, kind_id, *subject) || begins_unless_known(desk, kind, *subject, known.is_some()) {
            Some(new_id(&name)?)
        } else if let Some((known, true)) = known {
            Some(known)
        } else if name == "person" {
            Some(new_id("P")?)
        } else if name == "place" {
            who.session.account.places.first().cloned()
        } else {
            None
        };
        named.extend(value.map(|value| (name, value)));
    }
    Ok(named)
}

/// What a form sends: a button beside a time box, a draft to keep, or an entry.
pub async fn post(State(desk): State<Desk>, visitor: Visitor, Path(path): Path<(String, String, String)>, sent: Sent) -> Answer {
    let Sent { mut posted, files } = sent;
    let draft = posted.one("draft").to_owned();
    let here = format!("/record/{}/{}/enter/{}", path.0, path.1, path.2);
    let saved =
        |posted: &Posted, desk: &Desk| Saved { id: draft.clone(), address: here.clone(), body: posted.text(), saved_at: desk.now() };
    let Some(who) = visitor.signed_in else {
        // The session is over: what was typed waits for whoever it was.
        if let Some(session) = visitor.ended.filter(|session| session.form_token == posted.one("form_token")) {
            desk.waiting.take_in(&session.account.id, &mut posted, files, desk.now())?;
            desk.accounts.save_draft(&session.account.id, &saved(&posted, &desk))?;
            return Ok(Redirect::to(&format!("/sign-in?next={}%3Fdraft%3D{draft}%26saved%3Dyes", here.replace('/', "%2F"))).into_response());
        }
        return Err(DeskError::NotSignedIn);
    };
    who.made(posted.one("form_token"))?;
    if draft.is_empty() || draft.len() > 64 {
        return Err(DeskError::Forged);
    }
    let refused = desk.waiting.take_in(&who.session.account.id, &mut posted, files, desk.now())?;
    if posted.press_figure() || posted.press(&desk.teller(who.language)) {
        let filled = Filled { posted, draft, mistakes: Vec::new(), saved: false };
        return show(&desk.work(move |desk| FormPage::new(desk, &who, &path, &filled)).await?);
    }
    if posted.one("action") == "draft" {
        desk.accounts.save_draft(&who.session.account.id, &saved(&posted, &desk))?;
        return Ok(Redirect::to(&format!("{here}?draft={draft}&saved=yes")).into_response());
    }
    let kept = saved(&posted, &desk);
    desk.work(move |desk| enter(desk, &who, path, (posted, refused), kept)).await
}

/// Makes the entry, or the form with its mistakes.
fn enter(
    desk: &Desk,
    who: &SignedIn,
    path: (String, String, String),
    (posted, refused): (Posted, Vec<(String, Refused)>),
    kept: Saved,
) -> Answer {
    let kind = desk.authority.kind(&path.2).ok_or(DeskError::Absent)?;
    may_enter(desk, who, (&path.0, &path.1), kind)?;
    let teller = desk.teller(who.language);
    let (flow, then) = (posted.one("flow").to_owned(), led(posted.one("then")).to_owned());
    let again = |mistakes: Vec<Mistake>, posted: Posted| {
        desk.accounts.save_draft(&who.session.account.id, &kept)?;
        let filled = Filled { posted, draft: kept.id.clone(), mistakes, saved: false };
        let mut response = show(&FormPage::new(desk, who, &path, &filled)?)?;
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    let (answered, files) = match desk.answered((&who.session.account.id, who.language), desk.codebook.kind(kind), (&posted, &refused)) {
        Ok(answered) => answered,
        Err(mistakes) => return again(mistakes, posted),
    };
    let subjects = subjects(desk, who, kind, (&path.0, &path.1), &posted)?;
    let named: Vec<(&str, &str)> = subjects.iter().map(|(class, id)| (class.as_str(), id.as_str())).collect();
    let mut entry = Draft::new(&kept.id, &desk.codebook.kind(kind).name, answered.at.unwrap_or_else(draft::unknown), &named);
    entry.fields = answered.fields;
    entry.late_reason = answered.late_reason;
    entry.attachments = files;
    let company = beginning::company(desk, kind, (&path.0, &path.1))?;
    if let Some(mistake) = company.as_ref().and_then(|company| beginning::alone(desk, who, company, (kind, &entry))) {
        return again(vec![mistake], posted);
    }
    let is_said = posted.one(stop::ALL_THE_SAME) == "yes";
    match if is_said { desk.append_all_the_same(who, entry.clone()) } else { desk.append(who, entry.clone()) } {
        Ok(receipt) => {
            if let Some(company) = &company {
                beginning::come_in(desk, who, company, &entry)?;
            }
            desk.accounts.drop_draft(&who.session.account.id, &kept.id)?;
            desk.waiting.forget(&posted);
            let to = match (then.as_str(), flow.as_str()) {
                ("", "") => format!("/receipt/{}?of={}/{}", receipt.id, path.0, path.1),
                ("", flow) => format!("/record/{}/{}/flow/{flow}", path.0, path.1),
                (then, _) => then.to_owned(),
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(DeskError::Stopped(stops)) => {
            let text = |stop: &stop::Stop| teller.texts.say(teller.language, "stop-law", &[("law", &stop.law)]);
            again(stops.iter().map(|stop| Mistake { name: stop::ALL_THE_SAME.to_owned(), text: text(stop) }).collect(), posted)
        }
        Err(DeskError::Register(RegisterError::Invalid(problems))) => {
            let mistake = |problem: habeas_register::FieldProblem| {
                let name = problem
                    .field
                    .strip_prefix("fields.")
                    .map_or_else(|| problem.field.clone(), |field| format!("f.{}", field.replace(' ', "_")));
                Mistake { name, text: teller.texts.say(teller.language, "error-value", &[("expected", &problem.expected)]) }
            };
            again(problems.into_iter().map(mistake).collect(), posted)
        }
        Err(other) => Err(other),
    }
}
