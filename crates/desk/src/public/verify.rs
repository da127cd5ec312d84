//! A receipt that somebody brings: pasted, or its number; told in plain words. Nothing that is typed here is kept.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::rooms::dialogue::Upload;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
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
    has_page: bool,
}

impl Verify {
    fn new(desk: &Desk, shell: Shell) -> Self {
        let has_page = own_page(desk).is_file();
        Self { shell, typed: String::new(), receipt: String::new(), asked: false, proof: None, told: None, has_page }
    }
}

/// The page that checks a receipt without any server, where its operator has put one beside the register.
fn own_page(desk: &Desk) -> std::path::PathBuf {
    desk.register.place().folder().join("verifier.html")
}

/// The page.
pub async fn page(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let shell = desk.public_shell(&visitor, "verify-title").at("/verify");
    show(&Verify::new(&desk, shell))
}

/// The page that checks a receipt without any server, to keep.
pub async fn alone(State(desk): State<Desk>) -> Answer {
    let page = desk.work(|desk| std::fs::read(own_page(desk)).map_err(|_| DeskError::Absent)).await?;
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"verifier.html\"")];
    Ok((headers, page).into_response())
}

/// What the page sends: a receipt, or the number of one.
#[derive(Default, Deserialize)]
struct Sent {
    #[serde(default)]
    number: String,
    #[serde(default)]
    receipt: String,
}

impl Sent {
    /// A plain form, or one with a file; what is pasted goes before the file.
    async fn read(request: Request) -> Result<Self, DeskError> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let unread = |_| DeskError::Input { field: "receipt", text: "error-unreadable" };
            return Form::<Sent>::from_request(request, &()).await.map(|Form(sent)| sent).map_err(unread);
        }
        let Upload { text, files, .. } = Upload::read(request).await?;
        let file = files.first().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        Ok(Self { receipt: if text.trim().is_empty() { file } else { text }, number: String::new() })
    }
}

/// Tells what becomes of a receipt; or looks a number up: a proof that some entry stands there, which tells nothing of what it says.
pub async fn check(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let Sent { number, receipt } = Sent::read(request).await?;
    if receipt.trim().is_empty() {
        let index = number.trim().parse::<u64>().ok();
        let proof = desk.work(move |desk| Ok(index.and_then(|index| desk.register.receipt(index).ok()))).await?;
        let shell = desk.public_shell(&visitor, "verify-title").at("/verify").mistaken(proof.is_none());
        return show(&Verify { typed: number, receipt, asked: true, proof, ..Verify::new(&desk, shell) });
    }
    let text = format!("{}\n", receipt.trim());
    let language = visitor.language;
    let told = desk.work(move |desk| told(desk, language, &text)).await?;
    let shell = desk.public_shell(&visitor, "verify-title").at("/verify").mistaken(!told.is_good);
    show(&Verify { typed: number, receipt, told: Some(told), ..Verify::new(&desk, shell) })
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
