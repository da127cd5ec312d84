//! A provider of identities (OpenID Connect Core 1.0, authorization code with PKCE): it says who somebody is, the accounts here say what
//! they may.
//!
//! It is asked anew who it is, so that it may change its keys, and the desk may start before it.

use super::admitting::admit;
use super::pages::{Next, with_cookie};
use super::pending::Pending;
use super::ways::is_private;
use super::{Visitor, cookie};
use crate::accounts::{Step, Way};
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use askama::Template;
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use habeas_codebook::moment::Moment;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreProviderMetadata};
use openidconnect::url::Url;
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::Deserialize;
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Semaphore;
use ureq::tls::{PemItem, RootCerts, TlsConfig};

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Questions to the provider at once: one that is silent must not hold up the threads that write entries.
const AT_ONCE: usize = 8;
/// For so long what it says of itself is believed when somebody is sent there, in microseconds. Its keys are always read anew.
const BELIEVED: i64 = 5 * 60 * 1_000_000;
/// Two clocks may differ by so much, in microseconds.
const APART: i64 = 5 * 60 * 1_000_000;
/// Where the provider sends people back.
const BACK: &str = "/sign-in/provider/back";

/// How a provider of identities is reached.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// What people call it.
    pub name: String,
    /// Its address, as it calls itself.
    pub issuer: String,
    /// What it calls this desk.
    pub client: String,
    /// The secret that it gave this desk.
    pub secret: String,
    /// Claim of its tokens that names the account. `None`: `sub`, by the names that were entered for accounts.
    pub claim: Option<String>,
    /// Scopes to ask for besides `openid`.
    pub scopes: Vec<String>,
    /// Certificates of the authorities that vouch for it, as PEM. `None`: those that browsers trust.
    pub roots: Option<Vec<u8>>,
}

/// A provider of identities.
pub struct Provider {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    back: RedirectUrl,
    agent: ureq::Agent,
    asked: Pending<Question>,
    known: Mutex<Option<(Moment, CoreProviderMetadata)>>,
    room: Semaphore,
}

/// What was asked, until the answer.
struct Question {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    next: String,
}

/// Why nobody was let in.
#[derive(Debug)]
enum Refused {
    /// The provider is not there, or does not answer as one does; the operator is told how.
    Silent(String),
    /// Its clock and this machine's differ, or its token was old.
    Clock(String),
    /// What came back was not asked for by this browser, was used, or came too late.
    Stale,
    /// The provider did not vouch for them: they turned back, or it refused.
    Declined(String),
    /// Whom it names may not come in here; whether there is such an account is not said.
    Unknown(String),
}

impl Refused {
    fn word(&self) -> &'static str {
        match self {
            Refused::Silent(_) => "silent",
            Refused::Clock(_) => "clock",
            Refused::Stale => "stale",
            Refused::Declined(_) => "declined",
            Refused::Unknown(_) => "unknown",
        }
    }

    /// For the trail.
    fn note(&self) -> String {
        match self {
            Refused::Silent(why) | Refused::Clock(why) | Refused::Declined(why) => format!("{}: {why}", self.word()),
            Refused::Unknown(name) => format!("unknown: `{name}`"),
            Refused::Stale => self.word().to_owned(),
        }
    }
}

/// An error with what it comes from.
fn whole(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        said = format!("{said}: {inner}");
        source = inner.source();
    }
    said
}

fn silent(error: &dyn Error) -> Refused {
    Refused::Silent(whole(error))
}

/// A moment as the libraries count time.
fn system_time(now: Moment) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(now.0).unwrap_or_default())
}

fn agent(roots: Option<&[u8]>) -> Result<ureq::Agent, String> {
    let mut tls = TlsConfig::builder();
    if let Some(pem) = roots {
        let mut found = Vec::new();
        for item in ureq::tls::parse_pem(pem) {
            if let PemItem::Certificate(one) = item.map_err(|error| format!("provider.roots_file: {error}"))? {
                found.push(one);
            }
        }
        if found.is_empty() {
            return Err("provider.roots_file: there is no certificate in it (PEM, `-----BEGIN CERTIFICATE-----`)".to_owned());
        }
        tls = tls.root_certs(RootCerts::from(found));
    }
    // A provider that redirects this desk elsewhere is not followed: it could be led to inner addresses.
    let settings = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).http_status_as_error(false);
    Ok(settings.tls_config(tls.build()).build().into())
}

impl Provider {
    /// A provider for a desk at an address.
    pub(super) fn new(settings: ProviderSettings, address: &Url) -> Result<Self, String> {
        let url = Url::parse(&settings.issuer).map_err(|error| format!("provider.issuer: `{}`: {error}", settings.issuer))?;
        if !is_private(&url) {
            return Err(format!(
                "provider.issuer: `{url}` must begin with https://: what it says would be believed of anybody on the line"
            ));
        }
        if !is_private(address) {
            return Err(format!("address: `{address}` must begin with https://: the provider sends people back there"));
        }
        if settings.secret.is_empty() {
            return Err("provider.secret_file: its first line is empty; put the secret there that the provider gave this desk".to_owned());
        }
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| format!("provider.issuer: {error}"))?;
        let back = format!("{}{BACK}", address.origin().ascii_serialization());
        let back = RedirectUrl::new(back).map_err(|error| format!("address: {error}"))?;
        let agent = agent(settings.roots.as_deref())?;
        Ok(Self { settings, issuer, back, agent, asked: Pending::default(), known: Mutex::default(), room: Semaphore::new(AT_ONCE) })
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Whether it answers now as a provider does.
    pub(super) fn is_there(&self) -> Result<(), String> {
        let found = CoreProviderMetadata::discover(&self.issuer, &|request| self.http(request));
        found
            .map(|_| ())
            .map_err(|error| format!("provider.issuer: {} did not answer as a provider does: {}", self.issuer(), whole(&error)))
    }

    fn http(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, mut body) = self.agent.run(request)?.into_parts();
        Ok(openidconnect::http::Response::from_parts(parts, body.read_to_vec()?))
    }

    /// What the provider says of itself, read anew.
    fn metadata(&self, now: Moment) -> Result<CoreProviderMetadata, Refused> {
        let found = CoreProviderMetadata::discover(&self.issuer, &|request| self.http(request)).map_err(|error| silent(&error))?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, found.clone()));
        Ok(found)
    }

    fn known(&self, now: Moment) -> Result<CoreProviderMetadata, Refused> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known.filter(|(since, _)| (0..=BELIEVED).contains(&(now.0 - since.0))) {
            Some((_, known)) => Ok(known),
            None => self.metadata(now),
        }
    }

    fn secret(&self) -> Option<ClientSecret> {
        Some(ClientSecret::new(self.settings.secret.clone()))
    }

    /// Address to send somebody to, and the token by which their answer is known.
    fn ask(&self, next: &str, now: Moment) -> Result<(String, String), Refused> {
        let client = CoreClient::from_provider_metadata(self.known(now)?, ClientId::new(self.settings.client.clone()), self.secret())
            .set_redirect_uri(self.back.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        self.asked.keep_as(state.secret(), Question { nonce, verifier, next: next.to_owned() }, now);
        Ok((url.to_string(), state.secret().clone()))
    }

    /// Who the provider says it is: exchanged, its signature, issuer, audience, time and nonce checked.
    fn heard(&self, code: String, question: Question, now: Moment) -> Result<String, Refused> {
        let client = CoreClient::from_provider_metadata(self.metadata(now)?, ClientId::new(self.settings.client.clone()), self.secret())
            .set_redirect_uri(self.back.clone());
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| silent(&error))?;
        let exchange = exchange.set_pkce_verifier(question.verifier).request(&|request| self.http(request));
        let answer = exchange.map_err(|error| Refused::Declined(whole(&error)))?;
        let token = answer.id_token().ok_or_else(|| Refused::Silent("it gave no ID token".to_owned()))?;
        let moment = system_time(now);
        let is_of_now = move |issued: SystemTime| {
            let apart = moment.duration_since(issued).unwrap_or_else(|early| early.duration());
            let apart = i64::try_from(apart.as_micros()).unwrap_or(i64::MAX);
            if apart <= APART { Ok(()) } else { Err(format!("issued {} minutes from now", apart / 60_000_000)) }
        };
        let verifier = client
            .id_token_verifier()
            .set_time_fn(move || moment.into())
            .set_issue_time_verifier_fn(move |issued| is_of_now(issued.into()));
        token.claims(&verifier, &question.nonce).map_err(|error| {
            if let ClaimsVerificationError::Expired(why) = &error { Refused::Clock(why.clone()) } else { silent(&error) }
        })?;
        self.named(token)
    }

    /// The claim that names the account, of a token that was verified.
    fn named(&self, token: &CoreIdToken) -> Result<String, Refused> {
        let claim = self.settings.claim.as_deref().unwrap_or("sub");
        let text = token.to_string();
        let part = text.split('.').nth(1).unwrap_or_default();
        let body = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|error| silent(&error))?;
        let claims: serde_json::Value = serde_json::from_slice(&body).map_err(|error| silent(&error))?;
        if claim == "email" && claims["email_verified"] != true {
            return Err(Refused::Silent("its claim `email` is not verified".to_owned()));
        }
        let named = claims[claim].as_str().filter(|name| !name.is_empty());
        named
            .map(str::to_owned)
            .ok_or_else(|| Refused::Silent(format!("its token has no text as `{claim}`; name another claim, or scopes")))
    }
}

/// The addresses.
pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/sign-in/provider", get(ask)).route(BACK, get(back))
}

fn here(desk: &Desk) -> Result<&Provider, DeskError> {
    desk.ways.provider.as_ref().ok_or(DeskError::Absent)
}

/// Asks the provider, away from the threads that serve, if it is not asked too much already.
async fn question<T, F>(desk: &Desk, ask: F) -> Result<Result<T, Refused>, DeskError>
where
    T: Send + 'static,
    F: FnOnce(&Provider, Moment) -> Result<T, Refused> + Send + 'static,
{
    let Ok(_permit) = here(desk)?.room.try_acquire() else {
        return Ok(Err(Refused::Silent("too many wait for it at once".to_owned())));
    };
    desk.work(move |desk| Ok(ask(here(desk)?, desk.now()))).await
}

/// Cookie that ties an answer to the browser that asked.
fn asked_cookie(desk: &Desk) -> &'static str {
    if desk.secure { "__Host-habeas-asked" } else { "habeas-asked" }
}

/// Sends somebody to the provider.
async fn ask(State(desk): State<Desk>, visitor: Visitor, Query(next): Query<Next>) -> Answer {
    let next = next.inside().to_owned();
    let (url, state) = match question(&desk, move |provider, now| provider.ask(&next, now)).await? {
        Ok(asked) => asked,
        Err(why) => return refused(&desk, &visitor, &why),
    };
    let secure = if desk.secure { "; Secure" } else { "" };
    let cookie = format!("{}={state}; Path=/; HttpOnly; SameSite=Lax; Max-Age=300{secure}", asked_cookie(&desk));
    Ok(with_cookie(Redirect::to(&url).into_response(), &cookie))
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    error: String,
}

/// Somebody comes back from the provider.
async fn back(State(desk): State<Desk>, visitor: Visitor, Query(said): Query<Back>, request: Request) -> Answer {
    let (parts, _) = request.into_parts();
    let provider = here(&desk)?;
    let is_theirs = !said.state.is_empty() && cookie(&parts, asked_cookie(&desk)) == Some(said.state.as_str());
    let asked = if is_theirs { provider.asked.take(&said.state, desk.now()) } else { None };
    // RFC 9207: an answer in another's name is none.
    let is_named = said.iss.is_empty() || said.iss == provider.issuer();
    let Some(asked) = asked.filter(|_| is_named) else { return refused(&desk, &visitor, &Refused::Stale) };
    if !said.error.is_empty() {
        return refused(&desk, &visitor, &Refused::Declined(said.error));
    }
    let next = asked.next.clone();
    let name = match question(&desk, move |provider, now| provider.heard(said.code, asked, now)).await? {
        Ok(name) => name,
        Err(why) => return refused(&desk, &visitor, &why),
    };
    let Some(account) = desk.accounts.of_identity(provider.issuer(), &name, provider.settings.claim.is_some())? else {
        return refused(&desk, &visitor, &Refused::Unknown(name));
    };
    match admit(&desk, &account, Way::Provider)? {
        Some(cookie) => Ok(with_cookie(Redirect::to(&next).into_response(), &cookie)),
        None => page(&desk, &visitor, &Refused::Unknown(name)),
    }
}

#[derive(Template)]
#[template(path = "pages/provider.html")]
struct RefusedPage {
    shell: Shell,
    name: String,
    /// The provider's name for somebody who may not come in here.
    unknown: Option<String>,
    /// Ids of the texts that say what was wrong, and what to do.
    why: String,
    help: String,
}

fn refused(desk: &Desk, visitor: &Visitor, why: &Refused) -> Answer {
    desk.accounts.trace(None, Step::Refused, Way::Provider, &why.note(), desk.now())?;
    page(desk, visitor, why)
}

fn page(desk: &Desk, visitor: &Visitor, why: &Refused) -> Answer {
    let shell = desk.public_shell(visitor, "sign-in").at("/sign-in").mistaken(true);
    let unknown = if let Refused::Unknown(name) = why { Some(name.clone()) } else { None };
    let (name, why) = (here(desk)?.name().to_owned(), format!("provider-{}", why.word()));
    let page = RefusedPage { shell, name, unknown, help: format!("{why}-help"), why };
    Ok((StatusCode::FORBIDDEN, show(&page)?).into_response())
}
