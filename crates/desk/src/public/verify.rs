//! A receipt's number looked up: whether the log has that entry, and the receipt that anybody can check without us.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Form, State};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/verify.html")]
struct Verify {
    shell: Shell,
    typed: String,
    asked: bool,
    proof: Option<String>,
}

/// The page.
pub async fn page(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let shell = desk.public_shell(&visitor, "verify-title").at("/verify");
    show(&Verify { shell, typed: String::new(), asked: false, proof: None })
}

/// What the page sends.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    number: String,
}

/// Looks a number up: a proof that some entry stands there, which tells nothing of what it says.
pub async fn check(State(desk): State<Desk>, visitor: Visitor, Form(sent): Form<Sent>) -> Answer {
    let index = sent.number.trim().parse::<u64>().ok();
    let proof = desk.work(move |desk| Ok(index.and_then(|index| desk.register.receipt(index).ok()))).await?;
    let shell = desk.public_shell(&visitor, "verify-title").at("/verify").mistaken(proof.is_none());
    show(&Verify { shell, typed: sent.number, asked: true, proof })
}
