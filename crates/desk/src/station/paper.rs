//! On paper: a record or a receipt in the language of whoever gets it, as a page to print and as a PDF. What the reader may not see is not
//! on their paper either; that it left the desk is an entry.

use super::board::{owed, rule_words};
use super::chips::{Chip, is_open};
use super::record::{EntryShown, entries, happened, identity, own_entries, shown, title};
use super::rows::all_verdicts;
use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::reading::Opening;
use crate::shell::Shell;
use crate::texts::Language;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::FieldType;
use habeas_paper::{Block, Document, Paper};
use habeas_register::{Entry, Register, VerdictEntry};
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;

/// What the address asks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    /// Language of the paper.
    #[serde(default)]
    lang: String,
    /// `pdf`, `page` or `text`; nothing: it is still to be chosen.
    #[serde(default, rename = "as")]
    form: String,
    /// As known at.
    #[serde(default)]
    known_at: String,
}

#[derive(Template)]
#[template(path = "pages/paper.html")]
struct Choose {
    shell: Shell,
    identity: super::record::Identity,
    language: &'static str,
    is_theirs: bool,
    typed: String,
    enter: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/sheet.html")]
struct Printed {
    shell: Shell,
    document: Document,
    back: String,
}

/// The paper of a record: which language and form, then the paper.
pub async fn of_record(
    State(desk): State<Desk>,
    who: SignedIn,
    Path((class, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    desk.work(move |desk| {
        let sight = desk.sight(&who, &class, &id)?;
        if asked.form.is_empty() {
            return choose(desk, &who, &sight, (&class, &id), &asked);
        }
        let who = SignedIn { language: Language::of(&asked.lang).unwrap_or(who.language), ..who };
        desk.note_opened(&who, &sight, &Opening { is_exported: true, ..Opening::default() })?;
        let known_at = desk.teller(who.language).typed(&asked.known_at).filter(|at| *at <= desk.now());
        if known_at.is_none() && !asked.known_at.trim().is_empty() {
            return Err(DeskError::Input { field: "known_at", text: "known-unread" });
        }
        let document = record(desk, &who, &sight, (&class, &id), known_at)?;
        given(desk, &who, document, &asked.form, format!("/record/{class}/{id}"))
    })
    .await
}

fn choose(desk: &Desk, who: &SignedIn, sight: &Sight<'_>, (class, id): (&str, &str), asked: &Asked) -> Answer {
    let theirs = language_of(desk, &entries(desk, sight, (class, id), None)?);
    let disclosed = desk.screened("disclosure").find(|kind| sight.may_record(*kind));
    show(&Choose {
        shell: desk.shell(who, "paper-title").at(format!("/record/{class}/{id}/paper")),
        identity: identity(desk, &desk.teller(who.language), sight, (class, id))?,
        language: theirs.unwrap_or(who.language).code(),
        is_theirs: theirs.is_some(),
        typed: asked.known_at.clone(),
        enter: disclosed.map(|kind| format!("/record/{class}/{id}/enter/{}", desk.codebook.kind(kind).name.replace(' ', "_"))),
    })
}

/// The first language of the person, as the record says it, that the desk speaks.
pub(crate) fn language_of(desk: &Desk, entries: &[Entry]) -> Option<Language> {
    let person = desk.codebook.class_named("person")?;
    let kinds = desk.codebook.kinds.iter().filter(|kind| kind.describes.contains(&person));
    let mut spoken = kinds.flat_map(|kind| {
        let fields = kind.fields.iter().filter(|field| field.of == FieldType::Language);
        fields.map(|field| (kind.name.as_str(), desk.codebook.field_names[field.name.index()].as_str())).collect::<Vec<_>>()
    });
    spoken.find_map(|(kind, field)| {
        let told = entries
            .iter()
            .rev()
            .filter(|entry| entry.kind == kind)
            .find_map(|entry| entry.fields.iter().find(|told| told.name == field))?;
        let several = told.value.as_array().map(Vec::as_slice).unwrap_or_default();
        several.iter().chain(Some(&told.value)).filter_map(|value| value.as_str()).find_map(Language::of)
    })
}

/// A document in the form that is asked for.
pub(crate) fn given(desk: &Desk, who: &SignedIn, document: Document, form: &str, back: String) -> Answer {
    if form != "pdf" {
        return show(&Printed { shell: desk.titled(who, document.title.clone()).at(back.clone()), document, back });
    }
    let bytes = habeas_paper::pdf(&document, Paper::A4).map_err(|error| DeskError::Machine(error.to_string()))?;
    let name: String = document.title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let headers = [(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\""))];
    Ok((headers, bytes).into_response())
}

/// The words of one paper.
struct Words<'d> {
    teller: Teller<'d>,
}

impl Words<'_> {
    fn say(&self, id: &str) -> String {
        self.teller.texts.say(self.teller.language, id, &[])
    }

    fn with(&self, id: &str, name: &str, value: &str) -> String {
        self.teller.texts.say(self.teller.language, id, &[(name, value)])
    }

    /// A day is always named: a paper is read on another one.
    fn moment(&self, at: Moment) -> String {
        let (day, hour) = (self.teller.day(at), self.teller.hour(at));
        self.teller.texts.say(self.teller.language, "day-and-hour", &[("day", &day), ("hour", &hour)])
    }
}

fn record(
    desk: &Desk,
    who: &SignedIn,
    sight: &Sight<'_>,
    (class, id): (&str, &str),
    known_at: Option<Moment>,
) -> Result<Document, DeskError> {
    let present = desk.teller(who.language);
    let words = Words { teller: Teller { now: known_at.unwrap_or(present.now), ..present } };
    let identity = identity(desk, &words.teller, sight, (class, id))?;
    let known = own_entries(desk, sight, (class, id), known_at)?;
    let verdicts = match known_at {
        Some(at) => desk.register.verdicts_known_at(class, id, at)?,
        None => all_verdicts(desk, (class, id), words.teller.now)?,
    };
    let seen: Vec<&VerdictEntry> = verdicts.iter().filter(|verdict| sight.verdict(verdict)).collect();
    let said = words.with("paper-known", "time", &words.moment(words.teller.now));
    let mut blocks = vec![Block::Text(said.clone()), Block::Facts([vec![(words.say("person"), identity.name)], identity.facts].concat())];
    duties(desk, &words, &seen, &mut blocks);
    blocks.push(Block::Section(words.say("entries")));
    if known.is_empty() {
        blocks.push(Block::Text(words.say("entries-none")));
    }
    for entry in &known {
        let one = shown(desk, &words.teller, sight, entry, &[]);
        blocks.push(Block::Part(format!("{}  {}", words.moment(happened(entry)), one.kind)));
        write_entry(&words, &one, words.moment(entry.recorded_at), &mut blocks);
    }
    proof(&words, &desk.register.checkpoint()?.note, &mut blocks);
    Ok(Document {
        language: who.language.code().to_owned(),
        title: format!("{} {id}", title(desk, words.teller.language, class)),
        foot: format!("{id} · {said}"),
        blocks,
    })
}

/// What was not honoured stands first: nobody should have to look for it.
fn duties(desk: &Desk, words: &Words<'_>, seen: &[&VerdictEntry], blocks: &mut Vec<Block>) {
    let is_not_honoured = |verdict: &&&VerdictEntry| (verdict.verdict == "breached" && !is_open(verdict)) || verdict.verdict == "met_late";
    let not: Vec<&VerdictEntry> = seen.iter().filter(is_not_honoured).copied().collect();
    for (heading, none, verdicts) in [("not-honoured", "all-honoured", not), ("still-owed", "nothing-owed", owed(seen))] {
        blocks.push(Block::Section(words.say(heading)));
        let line = |verdict: &VerdictEntry| {
            let chip = Chip::of(&words.teller, verdict);
            let due = verdict.due_at.or(verdict.since).map(|due| words.moment(due)).unwrap_or_default();
            vec![rule_words(desk, &words.teller, verdict), due, format!("{} {}", chip.word, chip.clock).trim_end().to_owned()]
        };
        let rows: Vec<Vec<String>> = verdicts.into_iter().map(line).collect();
        let heads = ["rule", "why-due", "paper-state"].map(|id| words.say(id)).to_vec();
        blocks.push(if rows.is_empty() { Block::Text(words.say(none)) } else { Block::Table { heads, rows } });
    }
}

fn write_entry(words: &Words<'_>, entry: &EntryShown, recorded: String, blocks: &mut Vec<Block>) {
    if entry.withdrawn {
        blocks.push(Block::Alert(words.say("withdrawn")));
    }
    if let Some(late) = &entry.late {
        blocks.push(Block::Alert(words.with("recorded-later", "length", late)));
    }
    let said = entry.fields.iter().map(|field| {
        let before = field.before.as_ref().map(|before| format!(" ({})", words.with("was-before", "value", before)));
        (field.name.clone(), field.value.clone().unwrap_or_default() + &before.unwrap_or_default())
    });
    let mut facts: Vec<(String, String)> = said.collect();
    if entry.withheld {
        facts.push((words.say("paper-rest"), words.say("withheld")));
    }
    facts.push((words.say("recorded"), format!("{recorded}, {}", entry.by)));
    facts.push((words.say("receipt-title"), entry.index.to_string()));
    blocks.push(Block::Facts(facts));
}

fn proof(words: &Words<'_>, checkpoint: &str, blocks: &mut Vec<Block>) {
    blocks.push(Block::Section(words.say("paper-checkpoint")));
    blocks.push(Block::Text(words.say("paper-checkpoint-why")));
    blocks.push(Block::Lines(checkpoint.to_owned()));
    blocks.extend(code(words.say("paper-checkpoint"), checkpoint));
}

/// The squares of a code that holds a whole text, row by row, and how many a row has; none where it does not fit.
#[must_use]
pub fn modules(text: &str) -> Option<(usize, Vec<bool>)> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L).ok()?;
    Some((code.width(), code.to_colors().into_iter().map(|color| color == Color::Dark).collect()))
}

fn code(alt: String, text: &str) -> Option<Block> {
    modules(text).map(|(side, dark)| Block::Squares { alt, side, dark })
}

/// The dark squares of a code as the outline of one shape, each one unit wide.
#[must_use]
pub fn outline(side: usize, dark: &[bool]) -> String {
    let side = side.max(1);
    let squares = dark.iter().enumerate().filter(|(_, dark)| **dark);
    squares.map(|(place, _)| format!("M{} {}h1v1h-1z", place % side, place / side)).collect()
}

/// The paper of a receipt: the slip with its code, or the text itself.
pub async fn of_receipt(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    desk.work(move |desk| {
        let entry = super::receipt::seen(desk, &who, &id)?;
        let who = SignedIn { language: Language::of(&asked.lang).unwrap_or(who.language), ..who };
        let receipt = desk.register.receipt(entry.index)?;
        if asked.form == "text" {
            let file = format!("attachment; filename=\"receipt-{}.tlog-proof\"", entry.index);
            return Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, file)], receipt).into_response());
        }
        let words = Words { teller: desk.teller(who.language) };
        let kind = crate::names::Names::new(&desk.codebook, who.language).kind(&entry.kind);
        let title = words.with("receipt-number", "n", &entry.index.to_string());
        let mut blocks = vec![Block::Facts(vec![
            (words.say("entry"), kind),
            (words.say("happened"), words.moment(happened(&entry))),
            (words.say("recorded"), words.moment(entry.recorded_at)),
            (words.say("brought-log"), desk.register.origin().to_owned()),
            (words.say("fingerprint"), Register::slip_of(&receipt)?),
        ])];
        blocks.push(Block::Text(words.say("receipt-code-why")));
        match code(words.say("receipt-code"), &receipt) {
            Some(code) => blocks.push(code),
            None => blocks.push(Block::Lines(receipt)),
        }
        let document = Document { language: who.language.code().to_owned(), foot: title.clone(), title, blocks };
        given(desk, &who, document, &asked.form, format!("/receipt/{id}"))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_outline_with_a_square_for_each_dark_module() {
        assert_eq!(outline(2, &[true, false, false, true]), "M0 0h1v1h-1zM1 1h1v1h-1z");
        assert!(modules(&"x".repeat(3_000)).is_none());
    }
}
