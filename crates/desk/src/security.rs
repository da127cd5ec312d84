//! Around every handler: headers, size, same-site posts, and errors dressed for whoever asked.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::shell::ErrorPage;
use askama::Template;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Largest request, in bytes.
pub const LARGEST: usize = 1_000_000;

/// Everything comes from here; nothing inline; nobody frames it.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
];

/// Addresses at which a number can be guessed. That there is nothing there, or nothing for this reader, is said at the beat of a clock, so
/// that the time which the answer took does not tell the two apart.
const GUESSED: [&str; 3] = ["/record/", "/receipt/", "/api/subjects/"];
/// The beat.
const BEAT: Duration = Duration::from_millis(200);

/// Waits until the next beat since a request came in.
async fn waits(begun: Instant) {
    let beats = begun.elapsed().as_millis() / BEAT.as_millis() + 1;
    sleep_until(begun + BEAT * u32::try_from(beats).unwrap_or(u32::MAX)).await;
}

/// Whether another site sent this: browsers say so in `Sec-Fetch-Site`, older ones in `Origin`.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), _, _) => site != "same-origin" && site != "none",
        (None, Some(origin), Some(host)) => origin.split("://").nth(1) != Some(host),
        (None, Some(_), None) => true,
        (None, None, _) => false,
    }
}

/// Lets a request in or turns it away, and dresses its answer.
pub async fn dress(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let is_api = path.starts_with("/api/") || path.starts_with("/log/");
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, &desk).await.unwrap_or_default();
    let mut response = if writes && is_foreign(&parts.headers) {
        DeskError::Forged.into_response()
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    if let Some(error) = response.extensions_mut().remove::<DeskError>() {
        let is_absent = error.status() == StatusCode::NOT_FOUND;
        if is_absent && GUESSED.iter().any(|address| path.starts_with(address)) {
            waits(begun).await;
        }
        response = shown(&desk, &visitor, &error, &path, is_api);
    } else if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        response = shown(&desk, &visitor, &DeskError::TooLarge, &path, is_api);
    } else if matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY)
        && !response.headers().contains_key("x-desk")
        && !is_html(&response)
    {
        response = shown(&desk, &visitor, &DeskError::Input { field: "body", text: "error-unreadable" }, &path, is_api);
    }
    response.headers_mut().remove("x-desk");
    for (name, value) in HEADERS {
        // A file that somebody handed in comes with a policy that is stricter still.
        let has_own = name == header::CONTENT_SECURITY_POLICY && response.headers().contains_key(&name);
        if (name != header::STRICT_TRANSPORT_SECURITY || desk.secure) && !has_own {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn is_html(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn shown(desk: &Desk, visitor: &Visitor, error: &DeskError, path: &str, is_api: bool) -> Response {
    if is_api {
        return crate::api::problem(error);
    }
    if matches!(error, DeskError::NotSignedIn) {
        let next: String = path
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b == b'/' { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        return Redirect::to(&format!("/sign-in?next={next}")).into_response();
    }
    let page = ErrorPage::of(desk, visitor, error);
    match page.render() {
        Ok(text) if matches!(error, DeskError::BeingRead { .. }) => {
            (error.status(), [(header::RETRY_AFTER, "2")], Html(text)).into_response()
        }
        Ok(text) => (error.status(), Html(text)).into_response(),
        Err(_) => error.status().into_response(),
    }
}
