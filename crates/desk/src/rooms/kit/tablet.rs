//! What makes the kit work on a tablet without a line: the script of its pages, the worker that keeps pages and drafts, and what a browser
//! asks before it installs a page.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::Answer;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

const SCRIPT: &str = include_str!("../../../../../web/kit.js");
const WORKER: &str = include_str!("../../../../../web/kit-worker.js");
const ICON: &str = include_str!("../../../../../web/kit-icon.svg");

pub(super) fn routes() -> Router<Desk> {
    // A worker answers for what lies beneath it: it stands at the root, and takes up nothing but the kit's own pages and forms.
    let lasting = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text).into_response() })
    };
    Router::new()
        .route("/assets/kit.js", lasting("text/javascript; charset=utf-8", SCRIPT))
        .route("/kit-worker.js", lasting("text/javascript; charset=utf-8", WORKER))
        .route("/assets/kit-icon.svg", lasting("image/svg+xml", ICON))
        .route("/kit.webmanifest", get(manifest))
}

/// Name and icon of the page where it is installed.
async fn manifest(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let name = desk.texts.say(visitor.language, "kit-title", &[]);
    let manifest = serde_json::json!({
        "name": format!("Habeas: {name}"), "short_name": name, "start_url": "/work", "scope": "/", "display": "standalone",
        "lang": visitor.language.code(), "icons": [{ "src": "/assets/kit-icon.svg", "sizes": "any", "type": "image/svg+xml" }],
    });
    Ok(([(CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response())
}
