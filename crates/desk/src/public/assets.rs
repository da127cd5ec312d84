//! The style sheet and the little script there is, inside the program.

use crate::error::{Answer, DeskError};
use axum::extract::Path;
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

/// The type of every page and paper: Noto Sans with the letters of the languages here, under the SIL Open Font License, and the licence.
pub async fn face(Path(name): Path<String>) -> Answer {
    let (kind, bytes): (&str, &'static [u8]) = match name.as_str() {
        "noto-sans.ttf" => ("font/ttf", habeas_paper::FACE),
        "noto-sans-bold.ttf" => ("font/ttf", habeas_paper::BOLD_FACE),
        "noto-sans-licence.txt" => ("text/plain; charset=utf-8", habeas_paper::FACE_LICENCE.as_bytes()),
        _ => return Err(DeskError::Absent),
    };
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=31536000")], bytes).into_response())
}

/// No such page.
pub async fn absent() -> Answer {
    Err(DeskError::Absent)
}
