//! The witness over HTTP: `POST /add-checkpoint` and `GET /<origin hash>/checkpoint`, nothing else.

use super::state::Witness;
use crate::outcome::Trouble;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use habeas_ledger::witness::REQUEST_LIMIT;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

type Shared = Arc<Mutex<Witness>>;

/// Answers until the process is told to stop (SIGINT). `listening` is told the address once requests are answered.
///
/// # Errors
/// An address that cannot be bound.
pub fn serve(witness: Witness, address: SocketAddr, listening: impl FnOnce(SocketAddr)) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::Machine(format!("the address {address} cannot be served: {error}"));
    let listener = TcpListener::bind(address).map_err(trouble)?;
    listener.set_nonblocking(true).map_err(trouble)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(trouble)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(trouble)?;
        listening(listener.local_addr().map_err(trouble)?);
        let stop = async {
            let _stopped = tokio::signal::ctrl_c().await;
        };
        axum::serve(listener, routes(witness)).with_graceful_shutdown(stop).await.map_err(trouble)
    })
}

fn routes(witness: Witness) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .layer(DefaultBodyLimit::max(REQUEST_LIMIT))
        .with_state(Arc::new(Mutex::new(witness)))
}

async fn add_checkpoint(State(witness): State<Shared>, body: Bytes) -> Response {
    let asked = move || witness.lock().unwrap_or_else(PoisonError::into_inner).answer(&body, now());
    match tokio::task::spawn_blocking(asked).await {
        Ok(Ok(answer)) => {
            let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, answer.content_type())], answer.body()).into_response()
        }
        Ok(Err(_)) | Err(_) => failed(),
    }
}

async fn checkpoint(State(witness): State<Shared>, Path(origin_hash): Path<String>) -> Response {
    let asked = move || witness.lock().unwrap_or_else(PoisonError::into_inner).newest(&origin_hash);
    match tokio::task::spawn_blocking(asked).await {
        Ok(Ok(Some(note))) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response(),
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, "this witness has cosigned no checkpoint of that log\n").into_response(),
        Ok(Err(_)) | Err(_) => failed(),
    }
}

/// The client is not told what is wrong inside; the operator finds it in the witness's memory.
fn failed() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, "the witness cannot reach its memory; nothing was cosigned\n").into_response()
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
