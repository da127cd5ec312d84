//! The centre's side of stations that work without a line: `POST /stations/parcel` beside the desk. No token is asked for: a parcel is
//! believed by the station's signature, and holds nothing that is not sealed.

use crate::outcome::Trouble;
use crate::registers::now;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use habeas_ledger::note::VerifierKey;
use habeas_register::folder::DataFolder;
use habeas_register::stations::{Answer, Stations};
use habeas_register::{Register, RegisterError};
use std::sync::{Arc, Mutex, PoisonError};

/// Largest parcel that is read, in bytes.
const PARCEL_LIMIT: usize = 64 * 1024 * 1024;

/// The stations that a data folder names; nothing where it names none.
///
/// # Errors
/// A key that is none; a key file without the key that countersigns.
pub fn stations(folder: &DataFolder, register: &Register, passphrase: Option<&str>) -> Result<Option<Stations>, Trouble> {
    let mut keys = Vec::new();
    for text in &folder.settings().stations {
        let file = folder.path().join("habeas.toml");
        keys.push(VerifierKey::parse(text).map_err(|error| Trouble::Input(format!("{}: stations: {error}", file.display())))?);
    }
    if keys.is_empty() {
        return Ok(None);
    }
    Ok(Some(Stations::new(folder.path(), keys, register.clone(), folder.cosigner(passphrase)?)))
}

/// The route by which parcels come.
pub fn routes(stations: Stations) -> Router {
    Router::new()
        .route("/stations/parcel", post(parcel))
        .layer(DefaultBodyLimit::max(PARCEL_LIMIT))
        .with_state(Arc::new(Mutex::new(stations)))
}

async fn parcel(State(stations): State<Arc<Mutex<Stations>>>, body: Bytes) -> Response {
    let taken = move || stations.lock().unwrap_or_else(PoisonError::into_inner).take(&body, now());
    match tokio::task::spawn_blocking(taken).await {
        Ok(Ok(answer)) => answered(&answer),
        Ok(Err(error @ RegisterError::Absent { .. })) => (StatusCode::NOT_FOUND, format!("{error}\n")).into_response(),
        Ok(Err(error @ RegisterError::Ledger(_))) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
        // The station is not told what is wrong inside; what it has handed over stays as it was.
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the centre cannot take it now; send it again later\n").into_response(),
    }
}

fn answered(answer: &Answer) -> Response {
    let status = match answer {
        Answer::Taken { .. } => StatusCode::OK,
        Answer::Ahead { .. } => StatusCode::CONFLICT,
        Answer::Forked { .. } => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let body = serde_json::to_string(answer).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
