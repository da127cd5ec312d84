//! Signing in and out, and who is there.

mod admitting;
mod pages;
pub mod passkeys;
pub mod password;
mod pending;
pub mod provider;
pub mod ways;

pub use admitting::admit;
pub use pages::{choose_language, link, link_page, page, sign_in, sign_in_page, sign_out, sign_out_everywhere};

use crate::accounts::Session;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::texts::Language;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use habeas_register::Actor;

/// Cookie of a session: bound to the host and to TLS, or plain on a loopback address.
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-habeas" } else { "habeas" }
}

/// Cookie of a language chosen before signing in.
pub const LANGUAGE_COOKIE: &str = "language";

/// A cookie's value.
pub(crate) fn cookie<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let all = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Somebody who is signed in. As an argument of a handler it turns away everybody else.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Of the pages.
    pub language: Language,
}

impl SignedIn {
    /// As the register knows them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let account = &self.session.account;
        Actor { id: account.id.clone(), roles: account.roles.clone(), places: account.places.clone() }
    }

    /// Whether a form was made by this session.
    ///
    /// # Errors
    /// [`DeskError::Forged`].
    pub fn made(&self, token: &str) -> Result<(), DeskError> {
        use subtle::ConstantTimeEq;
        let is = bool::from(token.as_bytes().ct_eq(self.session.form_token.as_bytes()));
        if is { Ok(()) } else { Err(DeskError::Forged) }
    }
}

/// Anybody: signed in or not.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Of the pages.
    pub language: Language,
    /// If signed in.
    pub signed_in: Option<SignedIn>,
    /// A session that is over, but not so long ago that a form in flight should be lost.
    pub ended: Option<Session>,
}

fn token(parts: &Parts, secure: bool) -> Option<&str> {
    let bearer = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    bearer.or_else(|| cookie(parts, cookie_name(secure)))
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor
where
    Desk: FromRef<S>,
{
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, DeskError> {
        if let Some(visitor) = parts.extensions.get::<Visitor>() {
            return Ok(visitor.clone());
        }
        let desk = Desk::from_ref(state);
        let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(Language::accepted);
        let chosen = cookie(parts, LANGUAGE_COOKIE).and_then(Language::of).or(accepted).unwrap_or_default();
        let mut visitor = Visitor { language: chosen, ..Visitor::default() };
        if let Some(session) = token(parts, desk.secure).map(|token| desk.accounts.session(token, desk.now())).transpose()?.flatten() {
            visitor.language = Language::of(&session.account.language).unwrap_or(chosen);
            if session.is_over {
                visitor.ended = Some(session);
            } else {
                visitor.signed_in = Some(SignedIn { session, language: visitor.language });
            }
        }
        parts.extensions.insert(visitor.clone());
        Ok(visitor)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn
where
    Desk: FromRef<S>,
{
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, DeskError> {
        Visitor::from_request_parts(parts, state).await?.signed_in.ok_or(DeskError::NotSignedIn)
    }
}
