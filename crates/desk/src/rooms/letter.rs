//! Letters to whoever complained, in their language: that the complaint is there, to whom it was sent, what came of it and what can be done
//! against that. To print and as a PDF.
//!
//! A letter says of a case what the complainant may read of it by the access sentences, and nothing more: no name of anybody, no word of
//! whoever looked into it that is not theirs to read. That it was sent is an entry that whoever sends it makes.

use super::complain::complainant_reads;
use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::shell::Shell;
use crate::station::paper::{given, language_of};
use crate::station::record::{Identity, entries, identity, words};
use crate::station::rows::{has_screen, standing};
use crate::texts::Language;
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use habeas_access::What;
use habeas_codebook::tree::{Field, FieldType, Required};
use habeas_paper::{Block, Document};
use habeas_register::Entry;
use serde::Deserialize;

/// What letters are about, each with the screen role of the entry without which there is nothing to say.
const ABOUT: [(&str, &str); 3] = [("received", "complaint"), ("forwarded", "referral"), ("outcome", "decision")];
/// Screen role of the entry that says that a letter was sent.
const SENT: &str = "letter";

/// Its address.
pub fn routes() -> Router<Desk> {
    Router::new().route("/record/{class}/{id}/letter", get(letter))
}

/// Whether somebody may write letters from this record.
#[must_use]
pub fn may_write(desk: &Desk, sight: &Sight<'_>) -> bool {
    desk.screened(SENT).any(|kind| sight.may_record(kind))
}

/// What the address asks.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    /// What the letter is about; nothing: still to be chosen.
    #[serde(default)]
    about: String,
    /// Its language.
    #[serde(default)]
    lang: String,
    /// `pdf` or `page`.
    #[serde(default, rename = "as")]
    form: String,
}

/// A letter that can be written.
struct Offer {
    about: &'static str,
    /// Address of the form that says that it was sent.
    enter: String,
}

#[derive(Template)]
#[template(path = "pages/letter.html")]
struct Choose {
    shell: Shell,
    identity: Identity,
    offers: Vec<Offer>,
    /// The language of whoever complained, or of the reader where none is recorded.
    language: &'static str,
    is_theirs: bool,
    is_anonymous: bool,
}

async fn letter(State(desk): State<Desk>, who: SignedIn, Path((class, id)): Path<(String, String)>, Query(asked): Query<Asked>) -> Answer {
    desk.work(move |desk| {
        let sight = desk.asked_for(&who, &class, &id)?;
        if !may_write(desk, &sight) {
            return Err(DeskError::Forbidden);
        }
        let mut of_case = entries(desk, &sight, (&class, &id), None)?;
        of_case.retain(|entry| entry.withdrawn_by.is_none());
        let about = ABOUT.into_iter().filter(|(_, screen)| standing(&desk.codebook, &of_case, screen).next().is_some());
        let about: Vec<&str> = about.map(|(about, _)| about).collect();
        if asked.form.is_empty() {
            return choose(desk, &who, &sight, (&class, &id), (&of_case, &about));
        }
        let Some(about) = about.iter().find(|about| **about == asked.about) else { return Err(DeskError::Absent) };
        let who = SignedIn { language: Language::of(&asked.lang).unwrap_or(who.language), ..who };
        desk.note_taken(&who, &sight, &format!("letter {about} of {id}"))?;
        let document = written(desk, &desk.teller(who.language), &id, (&of_case, about))?;
        given(desk, &who, document, &asked.form, format!("/record/{class}/{id}/letter"))
    })
    .await
}

fn choose(
    desk: &Desk,
    who: &SignedIn,
    sight: &Sight<'_>,
    (class, id): (&str, &str),
    (of_case, about): (&[Entry], &[&'static str]),
) -> Answer {
    let theirs = spoken(desk, of_case);
    let language = theirs.unwrap_or(who.language).code();
    let kind = desk.screened(SENT).find(|kind| sight.may_record(*kind)).ok_or(DeskError::Forbidden)?;
    let kind = desk.codebook.kind(kind).name.replace(' ', "_");
    let enter = |about: &str| format!("/record/{class}/{id}/enter/{kind}?f.what={about}&f.how=letter&f.in_language={language}");
    let complaint = standing(&desk.codebook, of_case, "complaint").next();
    let unnamed = |entry: &Entry| entry.fields.iter().any(|told| told.name == "anonymous" && told.value.as_str() == Some("yes"));
    show(&Choose {
        shell: desk.shell(who, "letter-title").at(format!("/record/{class}/{id}/letter")),
        identity: identity(desk, &desk.teller(who.language), sight, (class, id))?,
        offers: about.iter().map(|about| Offer { about, enter: enter(about) }).collect(),
        language,
        is_theirs: theirs.is_some(),
        is_anonymous: complaint.is_some_and(unnamed),
    })
}

/// The language of whoever complained: as the complaint says, else the person's.
fn spoken(desk: &Desk, of_case: &[Entry]) -> Option<Language> {
    let languages = |entry: &Entry| {
        let kind = desk.authority.kind(&entry.kind).map(|kind| desk.codebook.kind(kind))?;
        let of_language = kind.fields.iter().filter(|field| field.of == FieldType::Language);
        let names: Vec<&str> = of_language.map(|field| desk.codebook.field_names[field.name.index()].as_str()).collect();
        let told = entry.fields.iter().filter(|told| names.contains(&told.name.as_str())).filter_map(|told| told.value.as_str());
        told.filter_map(Language::of).next()
    };
    let of_complaint = standing(&desk.codebook, of_case, "complaint").rev().find_map(languages);
    of_complaint.or_else(|| language_of(desk, of_case))
}

/// The letter.
fn written(desk: &Desk, teller: &Teller<'_>, case: &str, (of_case, about): (&[Entry], &str)) -> Result<Document, DeskError> {
    let say = |id: &str| teller.texts.say(teller.language, id, &[]);
    let with = |id: &str, name: &str, value: &str| teller.texts.say(teller.language, id, &[(name, value)]);
    let reads = complainant_reads(desk)?;
    let theirs: Vec<&Entry> =
        of_case.iter().filter(|entry| desk.authority.kind(&entry.kind).is_some_and(|kind| reads(&What::Event(kind)))).collect();
    let names = Names::new(&desk.codebook, teller.language);
    let day = |entry: &Entry| teller.day(entry.when.earliest);
    let of = |screen: &str| theirs.iter().rev().find(|entry| has_screen(&desk.codebook, &entry.kind, screen)).copied();
    let mut blocks = vec![Block::Text(with("letter-day", "day", &teller.day(teller.now))), Block::Text(say("letter-dear"))];
    if let Some(complaint) = of("complaint") {
        blocks.push(Block::Text(with("letter-of", "day", &day(complaint))));
    }
    blocks.push(Block::Text(say(&format!("letter-{about}"))));
    let screen = ABOUT.iter().find(|(one, _)| *one == about).map_or("", |(_, screen)| *screen);
    if let Some(entry) = of(screen).filter(|_| about != "received") {
        blocks.push(Block::Facts(told(desk, teller, &reads, entry)));
    }
    let steps: Vec<Vec<String>> =
        theirs.iter().filter(|entry| !crate::reading::is_reading(entry)).map(|entry| vec![day(entry), names.kind(&entry.kind)]).collect();
    if !steps.is_empty() {
        blocks.push(Block::Section(say("letter-steps")));
        blocks.push(Block::Table { heads: vec![say("letter-when"), say("letter-step")], rows: steps });
    }
    blocks.push(Block::Section(say("letter-rights")));
    let rights: &[&str] = match about {
        "outcome" => &["letter-appeal", "letter-papers", "letter-redress", "letter-ombudsman", "letter-committee"],
        _ => &["letter-next", "letter-reprisal", "letter-papers", "letter-ombudsman"],
    };
    blocks.extend(rights.iter().map(|id| Block::Text(say(id))));
    blocks.extend(until(desk, teller, &reads, of_case).map(Block::Alert));
    blocks.push(Block::Text(say("letter-follow")));
    blocks.push(Block::Text(say("letter-signed")));
    Ok(Document {
        language: teller.language.code().to_owned(),
        title: with(&format!("letter-{about}-title"), "case", case),
        foot: with("letter-foot", "case", case),
        blocks,
    })
}

/// What an entry had to say and they may read, but for who did it.
fn told(desk: &Desk, teller: &Teller<'_>, reads: &impl Fn(&What) -> bool, entry: &Entry) -> Vec<(String, String)> {
    let Some(kind) = desk.authority.kind(&entry.kind) else { return Vec::new() };
    let names = Names::new(&desk.codebook, teller.language);
    let is_theirs = |name: &str| {
        let field = desk.codebook.kind(kind).fields.iter().find(|field| desk.codebook.field_names[field.name.index()] == name);
        let is_said = |field: &Field| {
            field.required != Required::No && !matches!(field.of, FieldType::Officer | FieldType::Person | FieldType::YesNo)
        };
        field.is_some_and(|field| is_said(field) && reads(&What::Field(kind, field.name)))
    };
    let open = entry.fields.iter().filter(|told| is_theirs(&told.name));
    open.map(|told| (names.field(&entry.kind, &told.name), words(&desk.codebook, teller, &told.value))).collect()
}

/// Until when somebody may appeal, where an entry that is theirs to read says so: a date of one whose name says that it ends something.
fn until(desk: &Desk, teller: &Teller<'_>, reads: &impl Fn(&What) -> bool, of_case: &[Entry]) -> Option<String> {
    let date = of_case.iter().rev().find_map(|entry| {
        let kind = desk.authority.kind(&entry.kind).filter(|kind| reads(&What::Event(*kind)))?;
        let told = entry.fields.iter().find(|told| told.name == "appeal until")?;
        let field = desk.codebook.kind(kind).fields.iter().find(|field| desk.codebook.field_names[field.name.index()] == told.name)?;
        reads(&What::Field(kind, field.name)).then(|| words(&desk.codebook, teller, &told.value))
    });
    date.map(|date| teller.texts.say(teller.language, "letter-until", &[("day", &date)]))
}
