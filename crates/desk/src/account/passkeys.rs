//! Keys that people hold (WebAuthn Level 3): added by whoever is signed in, then used without name or password.
//!
//! A key is discoverable and asks for a finger or a PIN, so it is two factors at once. A sign-in names nobody before the key does: it
//! cannot be asked whether somebody has an account here.

use super::admitting::admit;
use super::pages::Next;
use super::pending::Pending;
use super::{SignedIn, Visitor};
use crate::accounts::{Step, StoredPasskey, Way};
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid,
    Webauthn, WebauthnBuilder, WebauthnError,
};

const SCRIPT: &str = include_str!("../../../../web/passkeys.js");
/// Longest name of a key, in characters.
const NAME: usize = 60;
/// Whoever adds a key has signed in so lately, in microseconds: a desk left open for a minute must not let a passer-by in for ever.
const FRESH: i64 = 15 * 60 * 1_000_000;

/// The desk as keys know it.
pub struct Passkeys {
    site: Webauthn,
    origin: String,
    adding: Pending<(String, PasskeyRegistration)>,
    entering: Pending<DiscoverableAuthentication>,
}

impl Passkeys {
    /// Keys are bound to the desk's address; `None` where it is a number, which no key accepts.
    pub(super) fn new(address: &Url) -> Result<Option<Self>, String> {
        let Some(domain) = address.domain() else { return Ok(None) };
        let trouble = |error: WebauthnError| format!("address: keys cannot be bound to `{address}`: {error}");
        let site = WebauthnBuilder::new(domain, address).map_err(trouble)?.rp_name("Habeas").build().map_err(trouble)?;
        Ok(Some(Self { site, origin: address.origin().ascii_serialization(), adding: Pending::default(), entering: Pending::default() }))
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }
}

/// The addresses.
pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/assets/passkeys.js", get(script))
        .route("/account/passkeys/ask", post(ask_new))
        .route("/account/passkeys", post(add))
        .route("/account/passkeys/remove", post(remove))
        .route("/sign-in/passkey/ask", post(ask_entry))
        .route("/sign-in/passkey", post(enter))
}

async fn script() -> Answer {
    Ok(([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "public, max-age=600")], SCRIPT).into_response())
}

fn here(desk: &Desk) -> Result<&Passkeys, DeskError> {
    desk.ways.passkeys.as_ref().ok_or(DeskError::Absent)
}

/// Whether somebody signed in so lately that they may add a key.
pub(super) fn is_fresh(desk: &Desk, who: &SignedIn) -> bool {
    desk.now().0 - who.session.begun_at.0 <= FRESH
}

/// Why a key was not taken: a word for the trail, and the text for whoever holds it. What is wrong with a signature only its forger could
/// use.
fn refusal(error: &WebauthnError) -> (&'static str, &'static str) {
    if matches!(error, WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash) {
        ("origin", "passkeys-elsewhere")
    } else if matches!(error, WebauthnError::MismatchedChallenge) {
        ("stale", "passkeys-stale")
    } else if matches!(error, WebauthnError::UserNotVerified) {
        ("unverified", "passkeys-unverified")
    } else if matches!(error, WebauthnError::CredentialPossibleCompromise) {
        ("copied", "passkeys-failed")
    } else {
        ("wrong", "passkeys-failed")
    }
}

/// An answer to the script: a text for whoever waits.
fn wrong(desk: &Desk, visitor: &Visitor, text: &str) -> Answer {
    let address = desk.ways.keys_at().unwrap_or_default();
    let said = desk.texts.say(visitor.language, text, &[("address", address)]);
    Ok((StatusCode::FORBIDDEN, Json(serde_json::json!({ "wrong": said }))).into_response())
}

fn refused(desk: &Desk, visitor: &Visitor, account: Option<&str>, (why, text): (&str, &str)) -> Answer {
    desk.accounts.trace(account, Step::Refused, Way::Key, why, desk.now())?;
    wrong(desk, visitor, text)
}

fn page_trouble(error: &serde_json::Error) -> DeskError {
    DeskError::Page(error.to_string())
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    form_token: String,
}

/// What a new key is to be made of.
async fn ask_new(State(desk): State<Desk>, who: SignedIn, visitor: Visitor, Json(asked): Json<Asked>) -> Answer {
    who.made(&asked.form_token)?;
    if !is_fresh(&desk, &who) {
        return wrong(&desk, &visitor, "passkeys-anew");
    }
    let account = &who.session.account;
    let handle = Uuid::from_bytes(desk.accounts.handle(&account.id)?);
    let known = kept(&desk, &account.id)?.iter().map(|(_, key)| key.cred_id().clone()).collect();
    let started = here(&desk)?.site.start_passkey_registration(handle, &account.id, &account.name, Some(known));
    let (options, state) = started.map_err(|error| DeskError::Machine(error.to_string()))?;
    let mut options = serde_json::to_value(options.public_key).map_err(|error| page_trouble(&error))?;
    // Kept on the device or stick, so that a sign-in needs no name.
    options["authenticatorSelection"]["residentKey"] = "required".into();
    options["authenticatorSelection"]["requireResidentKey"] = true.into();
    let ceremony = here(&desk)?.adding.keep((account.id.clone(), state), desk.now())?;
    Ok(Json(serde_json::json!({ "ceremony": ceremony, "options": options })).into_response())
}

fn kept(desk: &Desk, account: &str) -> Result<Vec<(StoredPasskey, Passkey)>, DeskError> {
    let read = |stored: StoredPasskey| {
        let key = serde_json::from_str(&stored.body).map_err(|error| DeskError::Accounts(format!("a key of {account}: {error}")))?;
        Ok((stored, key))
    };
    desk.accounts.passkeys(account)?.into_iter().map(read).collect()
}

#[derive(Deserialize)]
struct Made {
    #[serde(default)]
    form_token: String,
    ceremony: String,
    #[serde(default)]
    name: String,
    credential: RegisterPublicKeyCredential,
}

/// What its owner calls a key; unnamed it is called by its day.
fn named(desk: &Desk, who: &SignedIn, name: &str) -> String {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(NAME).collect();
    if name.is_empty() { desk.teller(who.language).instant(desk.now()) } else { name }
}

/// Keeps a key that was made.
async fn add(State(desk): State<Desk>, who: SignedIn, visitor: Visitor, Json(made): Json<Made>) -> Answer {
    who.made(&made.form_token)?;
    let account = &who.session.account.id;
    let taken = here(&desk)?.adding.take(&made.ceremony, desk.now()).filter(|(asked, _)| asked == account);
    let Some((_, state)) = taken else { return refused(&desk, &visitor, Some(account), ("stale", "passkeys-stale")) };
    let key = match here(&desk)?.site.finish_passkey_registration(&made.credential, &state) {
        Ok(key) => key,
        Err(error) => return refused(&desk, &visitor, Some(account), refusal(&error)),
    };
    let body = serde_json::to_string(&key).map_err(|error| page_trouble(&error))?;
    let (id, name) = (BASE64_URL_SAFE_NO_PAD.encode(key.cred_id()), named(&desk, &who, &made.name));
    match desk.accounts.add_passkey(account, &StoredPasskey { id, name: name.clone(), made_at: desk.now(), used_at: None, body }) {
        Ok(()) => {}
        Err(DeskError::Input { text, .. }) => return wrong(&desk, &visitor, text),
        Err(other) => return Err(other),
    }
    desk.accounts.trace(Some(account), Step::KeyAdded, Way::Desk, &name, desk.now())?;
    Ok(Json(serde_json::json!({ "to": "/account?said=passkeys-was-added" })).into_response())
}

#[derive(Deserialize)]
struct Removed {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    id: String,
}

/// Takes a key away, and ends what may have been begun with it.
async fn remove(State(desk): State<Desk>, who: SignedIn, Form(removed): Form<Removed>) -> Answer {
    who.made(&removed.form_token)?;
    let account = &who.session.account.id;
    match desk.accounts.drop_passkey(account, &removed.id, desk.ways.issuer()) {
        Ok(name) => {
            desk.accounts.end_others(&who.session)?;
            desk.accounts.trace(Some(account), Step::KeyRemoved, Way::Desk, &name, desk.now())?;
            Ok(Redirect::to("/account?said=passkeys-was-removed").into_response())
        }
        Err(DeskError::Input { text, .. }) => Ok(Redirect::to(&format!("/account?wrong={text}")).into_response()),
        Err(other) => Err(other),
    }
}

/// What a key is to sign.
async fn ask_entry(State(desk): State<Desk>) -> Answer {
    let started = here(&desk)?.site.start_discoverable_authentication();
    let (options, state) = started.map_err(|error| DeskError::Machine(error.to_string()))?;
    let ceremony = here(&desk)?.entering.keep(state, desk.now())?;
    Ok(Json(serde_json::json!({ "ceremony": ceremony, "options": options.public_key })).into_response())
}

#[derive(Deserialize)]
struct Signed {
    ceremony: String,
    credential: PublicKeyCredential,
    #[serde(flatten)]
    next: Next,
}

/// Signs in by what a key signed.
async fn enter(State(desk): State<Desk>, visitor: Visitor, Json(signed): Json<Signed>) -> Answer {
    let Some(state) = here(&desk)?.entering.take(&signed.ceremony, desk.now()) else {
        return refused(&desk, &visitor, None, ("stale", "passkeys-stale"));
    };
    let site = &here(&desk)?.site;
    let (handle, id) = match site.identify_discoverable_authentication(&signed.credential) {
        Ok(found) => found,
        Err(error) => return refused(&desk, &visitor, None, refusal(&error)),
    };
    let unknown = ("unknown", "passkeys-failed");
    let Some(account) = desk.accounts.of_handle(handle.as_bytes())? else { return refused(&desk, &visitor, None, unknown) };
    let found = kept(&desk, &account)?.into_iter().find(|(_, key)| key.cred_id().as_slice() == id);
    let Some((stored, mut key)) = found else { return refused(&desk, &visitor, Some(&account), unknown) };
    let result = match site.finish_discoverable_authentication_v2(&signed.credential, state, DiscoverableKey::from(&key)) {
        Ok(result) => result,
        Err(error) => return refused(&desk, &visitor, Some(&account), refusal(&error)),
    };
    let Some(cookie) = admit(&desk, &account, Way::Key)? else { return wrong(&desk, &visitor, "passkeys-failed") };
    // The counter goes up; a copy of the key is told by one that does not.
    key.update_credential(&result);
    let body = serde_json::to_string(&key).map_err(|error| page_trouble(&error))?;
    desk.accounts.used_passkey(&account, &stored.id, &body, desk.now())?;
    Ok(([(SET_COOKIE, cookie)], Json(serde_json::json!({ "to": signed.next.inside() }))).into_response())
}
