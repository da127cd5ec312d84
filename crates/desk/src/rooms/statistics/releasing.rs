//! A table is released by two persons: one proposes it, another looks at it and approves. Both are entries of the register; the second
//! counts it again and finds the same bytes, or nothing is released.

use super::shelf::{Counted, Question};
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use crate::forms::new_id;
use crate::reading::system;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Act;
use habeas_register::{Draft, Entry, RegisterError, draft};
use habeas_returns::cells::{Audience, Treatment};
use serde::Deserialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Kind of the entry by which a table is proposed.
const PROPOSED: &str = "return proposed";
/// Kind of the entry by which it is released.
const PUBLISHED: &str = "return published";

/// A proposal that waits for a second person.
pub struct Proposed {
    /// Id of its entry.
    pub id: String,
    /// The table and its title.
    pub name: String,
    /// Its period.
    pub period: String,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at: String,
    /// Address of the table as it would leave.
    pub href: String,
    /// Whether this reader is the second person.
    pub may_approve: bool,
}

/// A table that was released.
#[derive(Clone, Debug)]
pub struct Published {
    /// Id of its entry.
    pub id: String,
    /// What was asked of the table.
    pub question: Question,
    /// When it was released.
    pub at: Moment,
    /// SHA-256 of its CSV.
    pub hash: String,
    /// The checkpoint that it was counted from.
    pub checkpoint: String,
    /// The law that it was counted by, as a hash.
    pub codebook: String,
}

/// What a proposal sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Proposal {
    #[serde(default)]
    form_token: String,
    table: String,
    period: String,
    as_of: String,
}

/// What an approval sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Approval {
    #[serde(default)]
    form_token: String,
    proposal: String,
}

/// Proposes a table: the first person.
pub async fn propose(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Proposal>) -> Answer {
    who.made(&sent.form_token)?;
    desk.work(move |desk| {
        if !desk.may_of_table(&who, Act::Export, &sent.table) {
            return Err(DeskError::Forbidden);
        }
        let as_of = habeas_codebook::value::moment(&sent.as_of).ok_or(DeskError::Input { field: "as_of", text: "error-unreadable" })?;
        let question = question(desk, &sent.table, &sent.period, as_of)?;
        let release = desk.counted(&question)?;
        let entry = drafted(desk, PROPOSED, &new_id("return")?, &release, as_of)?;
        desk.append(&who, entry)?;
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/statistics#proposals").into_response())
}

/// Approves a proposal and so releases the table: the second person.
pub async fn approve(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Approval>) -> Answer {
    who.made(&sent.form_token)?;
    let id = desk.work(move |desk| released(desk, &who, &sent.proposal)).await?;
    Ok(Redirect::to(&format!("/open-data/{id}")).into_response())
}

fn released(desk: &Desk, who: &SignedIn, proposal: &str) -> Result<String, DeskError> {
    let entry = desk.register.entry(proposal)?;
    let told = Told(&entry);
    let table = told.text("table");
    if entry.kind != PROPOSED || published(desk, &table)?.iter().any(|done| done.id == published_id(proposal)) {
        return Err(DeskError::Absent);
    }
    if entry.by.as_deref() == Some(&who.session.account.id) || !desk.may_of_table(who, Act::Approve, &table) {
        return Err(DeskError::Forbidden);
    }
    let as_of = told.moment("counted at").ok_or(DeskError::Absent)?;
    let release = desk.counted(&question(desk, &table, &told.text("counted for"), as_of)?)?;
    if release.hash() != told.text("file hash") {
        return Err(DeskError::Input { field: "proposal", text: "statistics-changed" });
    }
    let id = published_id(proposal);
    let entry =
        drafted(desk, PUBLISHED, &id, &release, as_of)?.with("approved by", who.session.account.id.as_str()).with("proposal", proposal);
    // The first person made the table and the second let it go: the entry that says both is the register's own.
    desk.append_as(&system(who), entry)?;
    let done = published(desk, &table)?.into_iter().find(|done| done.id == id).ok_or(DeskError::Absent)?;
    super::published::keep(desk, &done)?;
    Ok(id)
}

fn published_id(proposal: &str) -> String {
    format!("{proposal}-released")
}

/// What is asked of a table that leaves: with everything that was released of it for this period before.
fn question(desk: &Desk, table: &str, period: &str, as_of: Moment) -> Result<Question, DeskError> {
    let period = desk.period(period)?.name;
    let before = published(desk, table)?.into_iter().filter(|done| done.question.period == period && done.question.as_of < as_of);
    let released = before.map(|done| done.question.as_of).collect();
    Ok(Question { table: table.to_owned(), period, as_of, audience: Audience::Public, released })
}

/// The entry of a proposal or of a release.
fn drafted(desk: &Desk, kind: &str, id: &str, counted: &Counted, as_of: Moment) -> Result<Draft, DeskError> {
    let made = &counted.made;
    if !desk.codebook.kinds.iter().any(|known| known.name == kind) {
        return Err(DeskError::Absent);
    }
    let hidden = match made.treatment {
        Treatment::Exact | Treatment::Rounded(_) => 0,
        Treatment::Withheld { primary, secondary } => primary + secondary,
    };
    let signed = desk.register.checkpoint_known_at(as_of)?;
    let stamp = |at: Moment| desk.teller(crate::texts::Language::En).stamp(at);
    let period = format!("{}/{}", stamp(made.period.start), stamp(Moment(made.period.end.0 - 1_000_000)));
    Ok(Draft::new(id, kind, draft::exactly(desk.now()), &[("programme", &made.id)])
        .with("table", made.id.as_str())
        .with("counted for", made.period.name.as_str())
        .with("period", period)
        .with("counted at", stamp(as_of))
        .with("codebook", habeas_register::codebook_hash(&desk.codebook).to_hex())
        .with("checkpoint", signed.note)
        .with("cells suppressed", hidden)
        .with("file hash", counted.hash()))
}

/// SHA-256 in hex.
pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An entry's fields by name.
struct Told<'e>(&'e Entry);

impl Told<'_> {
    fn text(&self, name: &str) -> String {
        let told = self.0.fields.iter().find(|told| told.name == name).map(|told| &told.value);
        told.and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    fn moment(&self, name: &str) -> Option<Moment> {
        habeas_codebook::value::moment(&self.text(name))
    }
}

/// The table that an entry of a proposal or of a release names.
pub(super) fn table_of(entry: &Entry) -> String {
    Told(entry).text("table")
}

/// The entries about a table as a programme; none where it has none yet.
fn history(desk: &Desk, table: &str) -> Result<Vec<Entry>, DeskError> {
    match desk.register.history("programme", table, None) {
        Err(RegisterError::Absent { .. }) => Ok(Vec::new()),
        entries => Ok(entries?.into_iter().filter(|entry| entry.withdrawn_by.is_none()).collect()),
    }
}

/// What was released of a table, oldest first, each with those of the same period before it.
///
/// # Errors
/// Trouble with the register.
pub fn published(desk: &Desk, table: &str) -> Result<Vec<Published>, DeskError> {
    let mut all: Vec<Published> = Vec::new();
    for entry in history(desk, table)?.iter().filter(|entry| entry.kind == PUBLISHED) {
        let told = Told(entry);
        let Some(as_of) = told.moment("counted at") else { continue };
        let period = told.text("counted for");
        let before = all.iter().filter(|done| done.question.period == period && done.question.as_of < as_of);
        let released = before.map(|done| done.question.as_of).collect();
        let question = Question { table: table.to_owned(), period, as_of, audience: Audience::Public, released };
        let (hash, checkpoint, codebook) = (told.text("file hash"), told.text("checkpoint"), told.text("codebook"));
        all.push(Published { id: entry.id.clone(), question, at: entry.recorded_at, hash, checkpoint, codebook });
    }
    Ok(all)
}

/// Every release of every table, the latest first.
///
/// # Errors
/// Trouble with the register.
pub fn all_published(desk: &Desk) -> Result<Vec<Published>, DeskError> {
    let mut ids: Vec<&str> = desk.codebook.tables.iter().map(|table| table.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut all = Vec::new();
    for id in ids {
        all.extend(published(desk, id)?);
    }
    all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    Ok(all)
}

/// Proposals that wait for a second person, for those who may propose or approve.
///
/// # Errors
/// Trouble with the register.
pub fn proposals(desk: &Desk, who: &SignedIn) -> Result<Vec<Proposed>, DeskError> {
    let teller = desk.teller(who.language);
    let mut waiting = Vec::new();
    for table in &desk.codebook.tables {
        let may_approve = desk.may_of_table(who, Act::Approve, &table.id);
        if !may_approve && !desk.may_of_table(who, Act::Export, &table.id) {
            continue;
        }
        let entries = history(desk, &table.id)?;
        for entry in entries.iter().filter(|entry| entry.kind == PROPOSED) {
            if entries.iter().any(|other| other.id == published_id(&entry.id)) {
                continue;
            }
            let told = Told(entry);
            let by = entry.by.clone().unwrap_or_default();
            let (period, as_of) = (told.text("counted for"), told.text("counted at").replace('+', "%2B"));
            waiting.push(Proposed {
                id: entry.id.clone(),
                name: format!("{} {}", table.id, super::chosen::titled(desk, who.language, table)),
                href: format!("/statistics?table={}&period={period}&as_of={as_of}", table.id),
                period,
                may_approve: may_approve && by != who.session.account.id,
                by: desk.person_name(&by),
                at: teller.whole(entry.recorded_at),
            });
        }
    }
    Ok(waiting)
}
