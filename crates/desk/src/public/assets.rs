//! The style sheet and the little script there is, inside the program.

use crate::error::{Answer, DeskError};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

const STYLE: &str = concat!(include_str!("../../../../web/tokens.css"), include_str!("../../../../web/desk.css"));
const SCRIPT: &str = include_str!("../../../../web/desk.js");

/// The style sheet.
pub async fn style() -> Answer {
    Ok(([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=600")], STYLE).into_response())
}

/// The script.
pub async fn script() -> Answer {
    Ok(([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "public, max-age=600")], SCRIPT).into_response())
}

/// No such page.
pub async fn absent() -> Answer {
    Err(DeskError::Absent)
}
