//! Correcting and withdrawing: an entry that names another, with old and new beside each other and a reason. Both stay.

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::prefilled::answers_of;
use crate::forms::{Form, Mistake, Posted, Question, new_id};
use crate::reading::Opening;
use crate::shell::Shell;
use crate::station::board::in_words;
use crate::station::record::{Identity, identity, words};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use habeas_access::What;
use habeas_codebook::tree::{Act, Builtin, Field, Kind, KindId};
use habeas_register::{Draft, Entry, RegisterError, draft};
use serde_json::{Map, Value as Json, json};

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/record/{class}/{id}/correct/{entry}", get(correct).post(post_correct))
        .route("/record/{class}/{id}/withdraw/{entry}", get(withdraw).post(post_withdraw))
}

type Address = Path<(String, String, String)>;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Correction,
    Withdrawal,
}

#[derive(Template)]
#[template(path = "pages/correct.html")]
struct Page {
    shell: Shell,
    identity: Identity,
    kind: String,
    at: String,
    is_withdrawal: bool,
    questions: Vec<Question>,
    reasons: Vec<Question>,
    mistakes: Vec<Mistake>,
    withheld: bool,
    draft: String,
    action: String,
    other: String,
}

/// An entry that is being changed, and the kind of entry that does it.
struct Changing<'d> {
    sight: Sight<'d>,
    entry: Entry,
    kind: &'d Kind,
    by: &'d Kind,
    address: (String, String),
    change: Change,
}

async fn correct(State(desk): State<Desk>, who: SignedIn, path: Address) -> Answer {
    page(desk, who, path.0, Change::Correction).await
}

async fn withdraw(State(desk): State<Desk>, who: SignedIn, path: Address) -> Answer {
    page(desk, who, path.0, Change::Withdrawal).await
}

async fn post_correct(State(desk): State<Desk>, who: SignedIn, path: Address, body: String) -> Answer {
    post(desk, who, path.0, &body, Change::Correction).await
}

async fn post_withdraw(State(desk): State<Desk>, who: SignedIn, path: Address, body: String) -> Answer {
    post(desk, who, path.0, &body, Change::Withdrawal).await
}

/// The kind of entry that changes others of a record: the pack's own for this class where it has one, else the language's.
fn kind_by(desk: &Desk, class: &str, change: Change) -> KindId {
    let class = desk.codebook.class_named(class);
    let is = |kind: &Kind| match change {
        Change::Correction => kind.corrects,
        Change::Withdrawal => kind.withdraws,
    };
    let own = desk.codebook.kinds.iter().position(|kind| is(kind) && kind.subjects.first().copied() == class);
    let builtin = if change == Change::Correction { Builtin::Correction } else { Builtin::Withdrawal };
    own.and_then(|place| u16::try_from(place).ok()).map_or(builtin.kind(), KindId)
}

/// Whether this reader may change an entry of this record.
#[must_use]
pub fn may_change(desk: &Desk, sight: &Sight<'_>, class: &str, entry: &Entry) -> bool {
    let Some(kind) = desk.authority.kind(&entry.kind) else { return false };
    entry.changes.is_none()
        && entry.withdrawn_by.is_none()
        && sight.may(Act::Correct, &What::Event(kind))
        && sight.may_record(kind_by(desk, class, Change::Correction))
}

impl<'d> Changing<'d> {
    /// The entry as it now stands. One that is not for this reader, or not theirs to change, is not there.
    fn find(desk: &'d Desk, who: &SignedIn, (class, id, entry): &(String, String, String), change: Change) -> Result<Self, DeskError> {
        let sight = desk.sight(who, class, id)?;
        let mut history = desk.register.history(class, id, None)?;
        if let Some((_, person)) = sight.tied.tied.iter().find(|(class, _)| class == "person") {
            history.extend(desk.register.history("person", person, None)?);
        }
        let found = history.into_iter().find(|one| one.id == *entry && sight.entry(one)).ok_or(DeskError::Absent)?;
        if !may_change(desk, &sight, class, &found) {
            return Err(DeskError::Forbidden);
        }
        let kind = desk.authority.kind(&found.kind).ok_or(DeskError::Absent)?;
        let by = kind_by(desk, class, change);
        if !sight.may_record(by) {
            return Err(DeskError::Forbidden);
        }
        let address = (class.clone(), id.clone());
        Ok(Self { sight, kind: desk.codebook.kind(kind), by: desk.codebook.kind(by), entry: found, address, change })
    }

    /// The fields that this reader may change; those whose name the change has for itself stay as they are.
    fn fields(&self, desk: &Desk) -> Vec<&'d Field> {
        let name = |field: &Field| desk.codebook.field_names[field.name.index()].as_str();
        let taken: Vec<&str> = self.by.fields.iter().map(name).collect();
        let told = |field: &Field| self.entry.fields.iter().any(|told| told.name == name(field));
        let kind = desk.authority.kind(&self.entry.kind);
        let may = |field: &Field| {
            let what = kind.map(|kind| What::Field(kind, field.name));
            self.sight.field(&self.entry, name(field)) && what.is_some_and(|what| self.sight.may(Act::Correct, &what))
        };
        let is_open = |field: &&Field| !taken.contains(&name(field)) && may(field) && (told(field) || self.entry.sealed.is_empty());
        self.kind.fields.iter().filter(is_open).collect()
    }
}

/// The inputs of a change's own reasons begin with this, so that they never meet those of the entry.
fn own(posted: &Posted) -> Posted {
    Posted(posted.0.iter().filter_map(|(name, value)| Some((name.strip_prefix("c.")?.to_owned(), value.clone()))).collect())
}

fn built(
    desk: &Desk,
    who: &SignedIn,
    changing: &Changing<'_>,
    posted: Option<&Posted>,
    mistakes: Vec<Mistake>,
    draft: String,
) -> Result<Page, DeskError> {
    let teller = desk.teller(who.language);
    let old = answers_of(&desk.codebook, changing.kind, &changing.entry, &teller);
    let fields = changing.fields(desk);
    let names: Vec<String> = fields.iter().map(|field| crate::forms::model::input_name(&desk.codebook, field)).collect();
    let mut questions = Vec::new();
    if changing.change == Change::Correction {
        let form = Form::new(&desk.codebook, changing.kind, &teller, posted.unwrap_or(&old), &mistakes);
        questions.extend(form.questions.into_iter().filter(|one| one.name == "at" || names.contains(&one.name)));
        for question in &mut questions {
            question.hint = says(desk, &teller, changing, &question.name);
            question.is_required = true;
        }
    }
    let reasons = Form::new(&desk.codebook, changing.by, &teller, &posted.map(own).unwrap_or_default(), &[]).questions;
    let mut reasons: Vec<Question> = reasons.into_iter().filter(|one| one.name != "at" && one.name != "f.corrects").collect();
    for question in &mut reasons {
        question.name = format!("c.{}", question.name);
        question.error = mistakes.iter().find(|mistake| mistake.name == question.name).map(|mistake| mistake.text.clone());
    }
    let (class, id) = &changing.address;
    let word = if changing.change == Change::Correction { "correct" } else { "withdraw" };
    let other = if changing.change == Change::Correction { "withdraw" } else { "correct" };
    let title = if changing.change == Change::Correction { "correct-title" } else { "withdraw-title" };
    Ok(Page {
        shell: desk.shell(who, title).at(format!("/record/{class}/{id}/{word}/{}", changing.entry.id)).mistaken(!mistakes.is_empty()),
        identity: identity(desk, &teller, &changing.sight, (class, id))?,
        kind: in_words(&changing.entry.kind),
        at: teller.at(changing.entry.when),
        is_withdrawal: changing.change == Change::Withdrawal,
        withheld: fields.len() < changing.entry.fields.len() || !changing.entry.sealed.is_empty(),
        action: format!("/record/{class}/{id}/{word}/{}", changing.entry.id),
        other: format!("/record/{class}/{id}/{other}/{}", changing.entry.id),
        questions,
        reasons,
        mistakes,
        draft,
    })
}

/// What the entry says now, in words, for the question beside it.
fn says(desk: &Desk, teller: &Teller<'_>, changing: &Changing<'_>, input: &str) -> String {
    let told = changing.entry.fields.iter().find(|told| format!("f.{}", told.name.replace(' ', "_")) == input);
    let old = match told {
        Some(told) => words(&desk.codebook, teller, &told.value),
        None if input == "at" => teller.at(changing.entry.when),
        None => "\u{2013}".to_owned(),
    };
    teller.texts.say(teller.language, "correct-says", &[("old", &old)])
}

async fn page(desk: Desk, who: SignedIn, path: (String, String, String), change: Change) -> Answer {
    let page = desk.work(move |desk| {
        let changing = Changing::find(desk, &who, &path, change)?;
        desk.note_opened(&who, &changing.sight, &Opening::default())?;
        built(desk, &who, &changing, None, Vec::new(), new_id("fix")?)
    });
    show(&page.await?)
}

async fn post(desk: Desk, who: SignedIn, path: (String, String, String), body: &str, change: Change) -> Answer {
    let mut posted = Posted::read(body);
    who.made(posted.one("form_token"))?;
    let draft = posted.one("draft").to_owned();
    if draft.is_empty() || draft.len() > 64 {
        return Err(DeskError::Forged);
    }
    desk.work(move |desk| {
        let changing = Changing::find(desk, &who, &path, change)?;
        if posted.press(&desk.teller(who.language)) {
            return show(&built(desk, &who, &changing, Some(&posted), Vec::new(), draft)?);
        }
        match entered(desk, &who, &changing, &posted, &draft)? {
            Ok(()) => Ok(Redirect::to(&format!("/record/{}/{}#{}", path.0, path.1, path.2)).into_response()),
            Err(mistakes) => {
                let mut answer = show(&built(desk, &who, &changing, Some(&posted), mistakes, draft)?)?;
                *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
                Ok(answer)
            }
        }
    })
    .await
}

/// Makes the entry, or says what is wrong.
fn entered(
    desk: &Desk,
    who: &SignedIn,
    changing: &Changing<'_>,
    posted: &Posted,
    draft: &str,
) -> Result<Result<(), Vec<Mistake>>, DeskError> {
    let teller = desk.teller(who.language);
    let mut mistakes = Vec::new();
    let mut fields = Map::new();
    if changing.change == Change::Correction {
        replaced(desk, &teller, changing, posted, &mut fields, &mut mistakes);
        if fields.is_empty() && mistakes.is_empty() {
            mistakes.push(Mistake { name: "at".to_owned(), text: teller.texts.say(teller.language, "correct-nothing", &[]) });
        }
    }
    let mut reasons = own(posted);
    reasons.set("at.time", "-0");
    reasons.set("f.corrects", &changing.entry.id);
    match reasons.answers(&desk.codebook, changing.by, &teller) {
        Ok(answered) => fields.extend(answered.fields),
        Err(wrong) => mistakes.extend(wrong.into_iter().map(|one| Mistake { name: format!("c.{}", one.name), text: one.text })),
    }
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let wanted =
        |class: &String| changing.by.subjects.is_empty() || changing.by.subjects.iter().any(|one| desk.codebook.class(*one).name == *class);
    let mut subjects: Vec<(&str, &str)> = vec![(&changing.address.0, &changing.address.1)];
    for (class, id) in changing.entry.subject.iter().filter(|(class, _)| wanted(class)) {
        if !subjects.iter().any(|(taken, _)| taken == class) {
            subjects.push((class, id));
        }
    }
    let mut entry = Draft::new(draft, &changing.by.name, draft::exactly(desk.now()), &subjects);
    entry.fields = fields;
    match desk.append(who, entry) {
        Ok(_) => Ok(Ok(())),
        Err(DeskError::Register(RegisterError::Invalid(problems))) => {
            let text = |expected: &str| teller.texts.say(teller.language, "error-value", &[("expected", expected)]);
            let name = |field: &str| format!("f.{}", field.trim_start_matches("fields.").replace(' ', "_"));
            Ok(Err(problems.iter().map(|one| Mistake { name: name(&one.field), text: text(&one.expected) }).collect()))
        }
        Err(other) => Err(other),
    }
}

/// The fields whose answers differ from those of the entry.
fn replaced(
    desk: &Desk,
    teller: &Teller<'_>,
    changing: &Changing<'_>,
    posted: &Posted,
    fields: &mut Map<String, Json>,
    mistakes: &mut Vec<Mistake>,
) {
    let old = answers_of(&desk.codebook, changing.kind, &changing.entry, teller);
    let part = |from: &Posted, name: &str| -> Vec<(String, String)> {
        let prefix = format!("{name}.");
        let mut own: Vec<(String, String)> =
            from.0.iter().filter(|(one, value)| (one == name || one.starts_with(&prefix)) && !value.is_empty()).cloned().collect();
        own.iter_mut().for_each(|(_, value)| *value = value.replace("\r\n", "\n").trim().to_owned());
        own.sort();
        own
    };
    // `0216` and `02:16` are one time, and seconds are nobody's to type.
    let is_same = |name: &str| {
        let read = |from: &Posted| from.time(name).read(teller.now, &teller.zone).ok();
        part(posted, name) == part(&old, name) || read(posted).is_some_and(|at| read(&old) == Some(at))
    };
    if !is_same("at") {
        match posted.time("at").read(teller.now, &teller.zone) {
            Ok(None) => drop(fields.insert("at".to_owned(), Json::Null)),
            Ok(Some(at)) if at.is_exact() => drop(fields.insert("at".to_owned(), json!(teller.stamp(at.earliest)))),
            Ok(Some(at)) => {
                let ends = json!({ "earliest": teller.stamp(at.earliest), "latest": teller.stamp(at.latest) });
                fields.insert("at".to_owned(), ends);
            }
            Err(_) => mistakes.push(Mistake { name: "at".to_owned(), text: teller.texts.say(teller.language, "error-time-form", &[]) }),
        }
    }
    for field in changing.fields(desk) {
        let name = crate::forms::model::input_name(&desk.codebook, field);
        if is_same(&name) {
            continue;
        }
        let label = desk.codebook.field_names[field.name.index()].clone();
        match posted.value(&desk.codebook, field, teller) {
            Ok(Some(value)) => drop(fields.insert(label, value)),
            Ok(None) => {
                let text = teller.texts.say(teller.language, "error-missing", &[("field", &in_words(&label))]);
                mistakes.push(Mistake { name, text });
            }
            Err(text) => mistakes.push(Mistake { name, text }),
        }
    }
}
