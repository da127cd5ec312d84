//! A receipt that somebody brings: pasted, or its number; told in plain words. Nothing that is typed here is kept.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Form, State};
use habeas_register::{RegisterError, Stands};
use serde::Deserialize;

/// What became of a pasted receipt, in words.
struct Told {
    /// The entry stands in the log.
    is_good: bool,
    /// Id of the heading.
    heading: &'static str,
    /// Id of what it means and what to do.
    text: &'static str,
    /// Names with what is said of each.
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/verify.html")]
struct Verify {
    shell: Shell,
    typed: String,
    receipt: String,
    asked: bool,
    proof: Option<String>,
    told: Option<Told>,
}

/// The page.
pub async fn page(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let shell = desk.public_shell(&visitor, "verify-title").at("/verify");
    show(&Verify { shell, typed: String::new(), receipt: String::new(), asked: false, proof: None, told: None })
}

/// What the page sends: a receipt, or the number of one.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    number: String,
    #[serde(default)]
    receipt: String,
}

/// Tells what becomes of a receipt; or looks a number up: a proof that some entry stands there, which tells nothing of what it says.
pub async fn check(State(desk): State<Desk>, visitor: Visitor, Form(sent): Form<Sent>) -> Answer {
    let (number, receipt) = (sent.number, sent.receipt);
    if receipt.trim().is_empty() {
        let index = number.trim().parse::<u64>().ok();
        let proof = desk.work(move |desk| Ok(index.and_then(|index| desk.register.receipt(index).ok()))).await?;
        let shell = desk.public_shell(&visitor, "verify-title").at("/verify").mistaken(proof.is_none());
        return show(&Verify { shell, typed: number, receipt, asked: true, proof, told: None });
    }
    let text = format!("{}\n", receipt.trim());
    let language = visitor.language;
    let told = desk.work(move |desk| told(desk, language, &text)).await?;
    let shell = desk.public_shell(&visitor, "verify-title").at("/verify").mistaken(!told.is_good);
    show(&Verify { shell, typed: number, receipt, asked: false, proof: None, told: Some(told) })
}

fn told(desk: &Desk, language: crate::texts::Language, text: &str) -> Result<Told, DeskError> {
    let brought = match desk.register.check_receipt(text) {
        Ok(brought) => brought,
        Err(RegisterError::Invalid(_)) => {
            return Ok(Told { is_good: false, heading: "brought-none", text: "brought-none-text", facts: Vec::new() });
        }
        Err(other) => return Err(other.into()),
    };
    let (heading, text) = match brought.stands {
        Stands::Yes => ("brought-stands", "brought-stands-text"),
        Stands::Altered => ("brought-altered", "brought-altered-text"),
        Stands::Elsewhere => ("brought-elsewhere", "brought-elsewhere-text"),
        Stands::TwoPasts => ("brought-two-pasts", "brought-two-pasts-text"),
    };
    let say = |id: &str| desk.texts.say(language, id, &[]);
    let mut facts = vec![(say("verify-number"), brought.index.to_string())];
    // What an altered receipt says of its entry is not repeated: it may be what was altered.
    if let Some((kind, recorded)) = brought.entry.filter(|_| brought.stands == Stands::Yes) {
        facts.push((say("entry"), Names::new(&desk.codebook, language).kind(&kind)));
        let teller = desk.teller(language);
        let when = [("day", teller.day(recorded)), ("hour", teller.hour(recorded))];
        facts.push((say("recorded"), desk.texts.say(language, "day-and-hour", &[("day", &when[0].1), ("hour", &when[1].1)])));
    }
    facts.push((say("brought-log"), brought.origin));
    facts.push((say("brought-size"), brought.size.to_string()));
    Ok(Told { is_good: brought.stands == Stands::Yes, heading, text, facts })
}
