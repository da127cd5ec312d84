//! The table of contents.

use crate::desk::Desk;
use crate::files::sent::with_files;
use crate::{account, api, public, rooms, security, station};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};

/// Every address of the desk.
pub fn routes(desk: Desk) -> Router {
    Router::new()
        // Anybody.
        .route("/law", get(public::law::law))
        .route("/verify", get(public::verify::page).post(public::verify::check))
        .route("/verify/alone", get(public::verify::alone))
        .route("/parts", get(public::parts::gallery))
        .route("/assets/desk.css", get(public::assets::style))
        .route("/assets/{face}", get(public::assets::face))
        .route("/assets/desk.js", get(public::assets::script))
        // Signing in and out.
        .route("/sign-in", get(account::sign_in_page).post(account::sign_in))
        .route("/sign-in/{link}", get(account::link_page).post(account::link))
        .route("/sign-out", post(account::sign_out))
        .route("/sign-out-everywhere", post(account::sign_out_everywhere))
        .route("/language", get(account::choose_language))
        .route("/account", get(account::page))
        .route("/account/password", get(account::password::page).post(account::password::choose))
        .merge(account::ways::routes())
        // The station.
        .route("/", get(station::board::first))
        .route("/board", get(station::board::board))
        .route("/board/wall", get(station::wall::wall))
        .route("/handover", get(station::handover::page).post(station::handover::post))
        .route("/book", get(station::enter::book))
        .route("/record/{handle}", get(station::record::of_handle))
        .route("/record/{class}/{id}", get(station::record::record))
        .route("/record/{class}/{id}/enter", get(station::enter::choose))
        .route("/record/{class}/{id}/enter/{kind}", get(station::enter::form).post(station::enter::post).layer(with_files()))
        .route("/record/{class}/{id}/flow/{flow}", get(station::flow::tasks))
        .route("/record/{class}/{id}/why/{rule}", get(station::why::why))
        .route("/said-time", get(station::said::said))
        .route("/record/{class}/{id}/paper", get(station::paper::of_record))
        .route("/receipt/{id}", get(station::receipt::receipt))
        .route("/receipt/{id}/paper", get(station::paper::of_receipt))
        // Everything else.
        .merge(rooms::routes())
        // Programs.
        .route("/api/events", post(api::events::append).layer(with_files()))
        .route("/api/subjects/{class}/{id}", get(api::subjects::subject))
        .route("/api/verdicts", get(api::verdicts::verdicts))
        .route("/api/stream", get(api::stream::stream))
        .route("/openapi.json", get(api::openapi::document))
        .route("/log/checkpoint", get(api::log::checkpoint))
        .route("/log/tile/{*path}", get(api::log::tile))
        .route("/metrics", get(api::metrics::metrics))
        .route("/healthz", get(api::metrics::health))
        .fallback(public::assets::absent)
        .layer(DefaultBodyLimit::max(security::LARGEST))
        .layer(middleware::from_fn_with_state(desk.clone(), security::dress))
        .with_state(desk)
}
