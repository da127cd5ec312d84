//! The slip that the person, their lawyer or relative leaves with.

use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Path, Query, State};
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
    proof: String,
    back: String,
}

/// The receipt of an entry that this reader may know of.
pub async fn receipt(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(of): Query<Of>) -> Answer {
    let page = desk.work(move |desk| {
        let entry = desk.register.entry(&id)?;
        let (class, subject) = entry.subject.first().cloned().ok_or(DeskError::Absent)?;
        let sight = desk.sight(&who, &class, &subject)?;
        if !sight.entry(&entry) {
            return Err(DeskError::Absent);
        }
        let teller = desk.teller(who.language);
        let is_plain = of.of.split('/').count() == 2 && of.of.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.:".contains(&b));
        let back = if is_plain { format!("/record/{}", of.of) } else { format!("/record/{class}/{subject}") };
        Ok(Slip {
            shell: desk.shell(&who, "receipt-title").at(format!("/receipt/{id}")),
            number: entry.index,
            kind: crate::names::Names::new(&desk.codebook, who.language).kind(&entry.kind),
            at: teller.at(entry.when),
            recorded: teller.instant(entry.recorded_at),
            proof: desk.register.receipt(entry.index)?,
            leaf: entry.leaf,
            back,
        })
    });
    show(&page.await?)
}
