//! `/log/checkpoint` and `/log/tile/…`: the log in the tlog-tiles layout, for anybody. Bundles of entries are not public.

use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// The newest signed checkpoint.
pub async fn checkpoint(State(desk): State<Desk>) -> Answer {
    let signed = desk.work(|desk| Ok(desk.register.checkpoint()?)).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], signed.note).into_response())
}

/// A hash tile.
pub async fn tile(State(desk): State<Desk>, Path(path): Path<String>) -> Answer {
    if path.starts_with("entries/") {
        return Err(DeskError::Forbidden);
    }
    let bytes = desk.work(move |desk| Ok(desk.register.tile(&format!("tile/{path}"))?)).await?;
    let bytes = bytes.ok_or(DeskError::Absent)?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}
