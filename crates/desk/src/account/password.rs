//! Choosing one's own password: a secret to scan, a code made with it, and the password, on one page.

use super::SignedIn;
use super::pages::start;
use crate::accounts::{Came, Step, Way};
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Form, State};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/password.html")]
struct PasswordPage {
    shell: Shell,
    id: String,
    code: String,
    groups: String,
    address: String,
    /// The password that there is must be told first.
    asks_old: bool,
    /// Id of the text that says what was wrong.
    wrong: Option<&'static str>,
}

/// Whoever came by a link need not know the old password: that is how a forgotten one is replaced.
fn asks_old(desk: &Desk, who: &SignedIn) -> Result<bool, DeskError> {
    Ok(who.session.came == Came::ByItself && desk.accounts.has_password(&who.session.account.id)?)
}

fn filled(desk: &Desk, who: &SignedIn, wrong: Option<&'static str>) -> Answer {
    let id = &who.session.account.id;
    let enrolment = desk.accounts.enrolment(id, desk.now())?;
    let address = enrolment.address(id);
    let code = QrCode::with_error_correction_level(&address, EcLevel::M).map_err(|error| DeskError::Page(error.to_string()))?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // The page is HTML: what declares an XML file has no place in it.
    let drawn = drawn.split_once("?>").map_or(drawn.as_str(), |(_, svg)| svg).to_owned();
    let shell = desk.shell(who, "password-title").at("/account/password").mistaken(wrong.is_some());
    show(&PasswordPage {
        shell,
        id: id.clone(),
        code: drawn,
        groups: enrolment.in_groups(),
        address,
        asks_old: asks_old(desk, who)?,
        wrong,
    })
}

/// The page.
pub async fn page(State(desk): State<Desk>, who: SignedIn) -> Answer {
    filled(&desk, &who, None)
}

/// What the page sends.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// Sets the password, ends every session of the account, and goes on in a new one.
pub async fn choose(State(desk): State<Desk>, who: SignedIn, Form(chosen): Form<Chosen>) -> Answer {
    who.made(&chosen.form_token)?;
    let account = who.session.account.id.clone();
    if asks_old(&desk, &who)? {
        let (id, old) = (account.clone(), chosen.old);
        if !desk.work(move |desk| desk.accounts.knows_password(&id, &old, desk.now())).await? {
            return filled(&desk, &who, Some("password-old-wrong"));
        }
    }
    let set = desk.work(move |desk| desk.accounts.enrol(&account, &chosen.password, &chosen.code, desk.now())).await;
    match set {
        Ok(true) => {
            desk.accounts.trace(Some(&who.session.account.id), Step::PasswordSet, Way::Desk, "", desk.now())?;
            start(&desk, &who.session.account.id, "/account?said=password-chosen", Way::Password)
        }
        Ok(false) => filled(&desk, &who, Some("code-wrong")),
        Err(DeskError::Input { text, .. }) => filled(&desk, &who, Some(text)),
        Err(other) => Err(other),
    }
}
