//! What a form with files sends, read part by part: a file that is too large is read to its end and left out, so that nothing else that was
//! typed is lost with it.

use super::{LARGEST, Refused};
use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::forms::Posted;
use crate::security;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts as _, Multipart, Request};
use axum::http::{StatusCode, header};

/// The largest form with files, in bytes: beyond it nothing is read on.
const LARGEST_FORM: usize = 120_000_000;
/// Most bytes of all files of one form that are kept in memory.
const TOGETHER: usize = 48_000_000;

/// For the addresses that take files.
pub fn with_files() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_FORM)
}

/// A file, as it was sent.
#[derive(Debug)]
pub struct SentFile {
    /// The input that it was chosen in.
    pub input: String,
    /// Its name on the sender's machine.
    pub name: String,
    /// Its bytes, unless they are too many.
    pub content: Result<Vec<u8>, Refused>,
}

/// A form as it was sent, with or without files.
#[derive(Debug, Default)]
pub struct Sent {
    /// What was typed and chosen.
    pub posted: Posted,
    /// Files; a box left empty gives none.
    pub files: Vec<SentFile>,
}

impl FromRequest<Desk> for Sent {
    type Rejection = DeskError;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, DeskError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let body = String::from_request(request, desk).await.map_err(|error| unread(error.status()))?;
            return if body.len() > security::LARGEST {
                Err(DeskError::TooLarge)
            } else {
                Ok(Sent { posted: Posted::read(&body), files: Vec::new() })
            };
        }
        // Whoever is nobody sends files only where anybody may: a page for everybody has a session of nobody's.
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, desk).await?;
        let is_public = parts.uri.path().starts_with("/complain");
        if visitor.signed_in.is_none() && visitor.ended.is_none() && !is_public {
            return Err(DeskError::NotSignedIn);
        }
        let mut read = Multipart::from_request(Request::from_parts(parts, body), desk).await.map_err(|error| unread(error.status()))?;
        let (mut sent, mut words, mut together) = (Sent::default(), 0, 0);
        while let Some(part) = read.next_field().await.map_err(broken)? {
            let input = part.name().unwrap_or_default().to_owned();
            let Some(name) = part.file_name().map(str::to_owned) else {
                let text = part.text().await.map_err(broken)?;
                words += text.len();
                if words > security::LARGEST {
                    return Err(DeskError::TooLarge);
                }
                sent.posted.0.push((input, text));
                continue;
            };
            let content = content(part, LARGEST.min(TOGETHER - together)).await?;
            together += content.as_ref().map_or(0, Vec::len);
            if !(name.is_empty() && content.as_ref().is_ok_and(Vec::is_empty)) {
                sent.files.push(SentFile { input, name, content });
            }
        }
        Ok(sent)
    }
}

/// All bytes of a file, or that there are more than `most`.
async fn content(mut part: Field<'_>, most: usize) -> Result<Result<Vec<u8>, Refused>, DeskError> {
    let mut content = Ok(Vec::new());
    while let Some(more) = part.chunk().await.map_err(broken)? {
        let more: Bytes = more;
        content = content.and_then(|mut bytes: Vec<u8>| {
            if bytes.len() + more.len() > most {
                return Err(Refused::TooLarge);
            }
            bytes.extend_from_slice(&more);
            Ok(bytes)
        });
    }
    Ok(content)
}

fn broken(error: MultipartError) -> DeskError {
    unread(error.status())
}

fn unread(status: StatusCode) -> DeskError {
    if status == StatusCode::PAYLOAD_TOO_LARGE { DeskError::TooLarge } else { DeskError::Input { field: "body", text: "error-unreadable" } }
}
