//! The pages of signing in and out, the language, and the account.

use super::admitting::admit;
use super::{LANGUAGE_COOKIE, SignedIn, Visitor, cookie_name};
use crate::accounts::{Step, StoredPasskey, Trace, Way};
use crate::clock::Teller;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use crate::station::board::in_words;
use crate::texts::Language;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
    #[serde(default)]
    to: String,
}

impl Next {
    /// Where to go on, on this desk.
    pub(super) fn inside(&self) -> &str {
        inside(&self.next)
    }
}

fn is_inside(next: &str) -> bool {
    next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n'])
}

/// An address on this desk; anything else leads to the first page.
pub(super) fn inside(next: &str) -> &str {
    if is_inside(next) && !next.starts_with("/sign-") { next } else { "/board" }
}

#[derive(Template)]
#[template(path = "pages/sign-in.html")]
struct SignInPage {
    shell: Shell,
    next: String,
    name: String,
    failed: bool,
    link: Option<String>,
    /// Where keys work, if they do.
    keys_at: Option<String>,
    provider: Option<String>,
}

impl SignInPage {
    fn new(desk: &Desk, shell: Shell, next: &str) -> Self {
        let (keys_at, provider) = (desk.ways.keys_at().map(str::to_owned), desk.ways.provider_name().map(str::to_owned));
        Self { shell, next: next.to_owned(), name: String::new(), failed: false, link: None, keys_at, provider }
    }
}

/// The page to sign in on.
pub async fn sign_in_page(State(desk): State<Desk>, visitor: Visitor, Query(next): Query<Next>) -> Answer {
    let shell = desk.public_shell(&visitor, "sign-in").at("/sign-in");
    show(&SignInPage::new(&desk, shell, next.inside()))
}

/// What the page sends.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// Signs in with name, password and code.
pub async fn sign_in(State(desk): State<Desk>, visitor: Visitor, Form(sent): Form<Sent>) -> Answer {
    let name = sent.name.trim().to_owned();
    let account = name.clone();
    let is_right = desk.work(move |desk| desk.accounts.check_password(&account, &sent.password, &sent.code, desk.now())).await?;
    if !is_right {
        let why = desk.accounts.bar(&name, desk.now())?.unwrap_or("wrong");
        desk.accounts.trace(Some(&name), Step::Refused, Way::Password, why, desk.now())?;
        let shell = desk.public_shell(&visitor, "sign-in").at("/sign-in").mistaken(true);
        return show(&SignInPage { name, failed: true, ..SignInPage::new(&desk, shell, inside(&sent.next)) });
    }
    start(&desk, &name, inside(&sent.next), Way::Password)
}

/// Where a one-time link leads on to: the reader's own first page, unless it says a page of the account.
fn after_link(next: &str) -> &str {
    if next.starts_with("/account") { inside(next) } else { "/" }
}

/// The page of a one-time link: opening it uses nothing up, pressing its button does.
pub async fn link_page(State(desk): State<Desk>, visitor: Visitor, Path(link): Path<String>, Query(next): Query<Next>) -> Answer {
    let here = format!("/sign-in/{link}?next={}", after_link(&next.next));
    let shell = desk.public_shell(&visitor, "sign-in").at(&here);
    show(&SignInPage { link: Some(link), ..SignInPage::new(&desk, shell, after_link(&next.next)) })
}

/// Signs in with a one-time link.
pub async fn link(State(desk): State<Desk>, visitor: Visitor, Path(link): Path<String>, Query(next): Query<Next>) -> Answer {
    let Some(account) = desk.accounts.use_link(&link, desk.now())? else {
        desk.accounts.trace(None, Step::Refused, Way::Link, "used", desk.now())?;
        let shell = desk.public_shell(&visitor, "sign-in").at("/sign-in").mistaken(true);
        return show(&SignInPage { failed: true, ..SignInPage::new(&desk, shell, "/board") });
    };
    start(&desk, &account, after_link(&next.next), Way::Link)
}

/// Begins a session and goes on at an address of this desk; an account that holds roles which exclude each other does not sign in.
pub(super) fn start(desk: &Desk, account: &str, next: &str, way: Way) -> Answer {
    let cookie = admit(desk, account, way)?.ok_or(DeskError::Forbidden)?;
    Ok(with_cookie(Redirect::to(next).into_response(), &cookie))
}

pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// A form that says nothing but that this session made it.
#[derive(Deserialize)]
pub struct Pressed {
    #[serde(default)]
    form_token: String,
}

/// Signs out here.
pub async fn sign_out(State(desk): State<Desk>, who: SignedIn, headers: HeaderMap, Form(pressed): Form<Pressed>) -> Answer {
    who.made(&pressed.form_token)?;
    let name = cookie_name(desk.secure);
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    for secret in lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('=')) {
        desk.accounts.end(secret)?;
    }
    desk.accounts.trace(Some(&who.session.account.id), Step::SignedOut, Way::Desk, "", desk.now())?;
    Ok(Redirect::to("/sign-in").into_response())
}

/// Signs out everywhere.
pub async fn sign_out_everywhere(State(desk): State<Desk>, who: SignedIn, Form(pressed): Form<Pressed>) -> Answer {
    who.made(&pressed.form_token)?;
    desk.accounts.end_all(&who.session.account.id)?;
    desk.accounts.trace(Some(&who.session.account.id), Step::SignedOutEverywhere, Way::Desk, "", desk.now())?;
    Ok(Redirect::to("/sign-in").into_response())
}

/// Chooses the language and comes back to the page.
pub async fn choose_language(State(desk): State<Desk>, visitor: Visitor, Query(next): Query<Next>) -> Answer {
    let language = Language::of(&next.to).ok_or(DeskError::Absent)?;
    if let Some(who) = &visitor.signed_in {
        desk.accounts.set_language(&who.session.account.id, language.code())?;
    }
    let back = if next.next.starts_with("/sign-in") && is_inside(&next.next) { &next.next } else { inside(&next.next) };
    let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; SameSite=Lax; Max-Age=31536000", language.code());
    Ok(with_cookie(Redirect::to(back).into_response(), &cookie))
}

/// A half-filled form, as the account's page lists it.
struct DraftLine {
    address: String,
    saved: String,
}

#[derive(Template)]
#[template(path = "pages/account.html")]
struct AccountPage {
    shell: Shell,
    id: String,
    roles: Vec<String>,
    drafts: Vec<DraftLine>,
    purposes: Vec<(String, String)>,
    purpose: String,
    has_password: bool,
    /// Id of the text that says what was done, or what was wrong.
    said: Option<&'static str>,
    wrong: Option<&'static str>,
    /// Where keys work, if they do.
    keys_at: Option<String>,
    keys: Vec<KeyLine>,
    /// Whether the reader signed in so lately that they may add a key.
    may_add: bool,
    steps: Vec<StepLine>,
}

/// A key that signs the reader in.
struct KeyLine {
    id: String,
    name: String,
    added: String,
    used: Option<String>,
}

/// What was done about signing in, as the account's page lists it.
struct StepLine {
    at: String,
    what: String,
}

/// Steps that the account's page lists.
const STEPS: u32 = 20;

fn step_line(shell: &Shell, teller: &Teller<'_>, trace: &Trace) -> StepLine {
    let how = if trace.step == "refused" {
        shell.say(&format!("why-{}", trace.note.split(':').next().unwrap_or_default()))
    } else {
        trace.note.clone()
    };
    let way = shell.say(&format!("way-{}", trace.way));
    let words = [shell.say(&format!("trail-{}", trace.step)), way, how];
    let what = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ");
    StepLine { at: teller.instant(trace.at), what }
}

/// What the page is to say besides.
#[derive(Debug, Default, Deserialize)]
pub struct Said {
    #[serde(default)]
    said: String,
    #[serde(default)]
    wrong: String,
}

/// Texts that an address may ask the page to say.
fn one_of(asked: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().copied().find(|text| *text == asked)
}

/// Who I am here, my half-filled forms, and signing out.
pub async fn page(State(desk): State<Desk>, who: SignedIn, Query(said): Query<Said>) -> Answer {
    let shell = desk.shell(&who, "account").at("/account");
    let teller = desk.teller(who.language);
    let drafts = desk.accounts.drafts(&who.session.account.id)?;
    let key = |key: StoredPasskey| KeyLine {
        added: teller.instant(key.made_at),
        used: key.used_at.map(|at| teller.instant(at)),
        id: key.id,
        name: key.name,
    };
    let line = |saved: crate::accounts::Saved| DraftLine {
        address: format!("{}?draft={}", saved.address, saved.id),
        saved: teller.instant(saved.saved_at),
    };
    let account = &who.session.account;
    let purposes = crate::reading::purposes(&desk.codebook).into_iter().map(|value| (value.clone(), in_words(&value)));
    let wrong = one_of(&said.wrong, &["passkeys-only-way"]);
    let steps = desk.accounts.trail(Some(&account.id), STEPS)?;
    show(&AccountPage {
        steps: steps.iter().map(|trace| step_line(&shell, &teller, trace)).collect(),
        shell: shell.mistaken(wrong.is_some()),
        id: account.id.clone(),
        roles: account.roles.clone(),
        drafts: drafts.into_iter().map(line).collect(),
        purposes: purposes.collect(),
        purpose: desk.accounts.purpose(&account.id)?,
        has_password: desk.accounts.has_password(&account.id)?,
        said: one_of(&said.said, &["password-chosen", "passkeys-was-added", "passkeys-was-removed"]),
        wrong,
        keys_at: desk.ways.keys_at().map(str::to_owned),
        keys: desk.accounts.passkeys(&account.id)?.into_iter().map(key).collect(),
        may_add: super::passkeys::is_fresh(&desk, &who),
    })
}
