//! The slip that the person, their lawyer or relative leaves with.

use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use crate::station::paper;
use askama::Template;
use axum::extract::{Path, Query, State};
use habeas_register::{Entry, Register};
use serde::Deserialize;

/// Of which record.
#[derive(Debug, Default, Deserialize)]
pub struct Of {
    #[serde(default)]
    of: String,
}

#[derive(Template)]
#[template(path = "pages/receipt.html")]
struct Slip {
    shell: Shell,
    number: u64,
    kind: String,
    at: String,
    recorded: String,
    leaf: String,
    groups: String,
    proof: String,
    code: Option<(usize, String)>,
    paper: String,
    back: String,
}

/// An entry that this reader may know of: by the record that it is part of, or because it is their own hand's.
///
/// # Errors
/// [`DeskError::Absent`]; trouble with the register.
pub fn seen(desk: &Desk, who: &SignedIn, id: &str) -> Result<Entry, DeskError> {
    let entry = desk.register.entry(id)?;
    let (class, subject) = entry.subject.first().cloned().ok_or(DeskError::Absent)?;
    if entry.by.as_deref() == Some(who.session.account.id.as_str()) {
        return Ok(entry);
    }
    let sight = desk.sight(who, &class, &subject)?;
    if sight.entry(&entry) { Ok(entry) } else { Err(DeskError::Absent) }
}

/// The receipt of an entry that this reader may know of.
pub async fn receipt(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(of): Query<Of>) -> Answer {
    let page = desk.work(move |desk| {
        let entry = seen(desk, &who, &id)?;
        let teller = desk.teller(who.language);
        let is_plain = of.of.split('/').count() == 2 && of.of.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.:".contains(&b));
        let mut open = entry.subject.iter().filter(|(class, id)| desk.sight(&who, class, id).is_ok());
        let back = match open.next() {
            _ if is_plain => format!("/record/{}", of.of),
            Some((class, subject)) => format!("/record/{class}/{subject}"),
            None => "/".to_owned(),
        };
        let proof = desk.register.receipt(entry.index)?;
        let code = paper::modules(&proof).map(|(side, dark)| (side, paper::outline(side, &dark)));
        Ok(Slip {
            shell: desk.shell(&who, "receipt-title").at(format!("/receipt/{id}")),
            number: entry.index,
            kind: crate::names::Names::new(&desk.codebook, who.language).kind(&entry.kind),
            at: teller.at(entry.when),
            recorded: teller.instant(entry.recorded_at),
            groups: Register::slip_of(&proof)?,
            proof,
            code,
            leaf: entry.leaf,
            paper: format!("/receipt/{id}/paper"),
            back,
        })
    });
    show(&page.await?)
}
