//! What a form with files sends; a program may send the same as a plain form, without files.

use crate::error::DeskError;
use axum::extract::{Form, FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use serde::Deserialize;

/// The largest upload: a long record as a scan-free PDF is a hundredth of this.
pub const LARGEST: usize = 32_000_000;

/// The parts of such a form.
#[derive(Debug, Default, Deserialize)]
pub struct Upload {
    /// The token of the form.
    #[serde(default)]
    pub form_token: String,
    /// What was pasted.
    #[serde(default)]
    pub text: String,
    /// Files by name; a box left empty gives none.
    #[serde(skip)]
    pub files: Vec<(String, Vec<u8>)>,
}

impl Upload {
    /// Reads all parts.
    ///
    /// # Errors
    /// A request that is too large, or no such form.
    pub async fn read(request: Request) -> Result<Self, DeskError> {
        let unread = |status: StatusCode| match status {
            StatusCode::PAYLOAD_TOO_LARGE => DeskError::TooLarge,
            _ => DeskError::Input { field: "file", text: "review-no-document" },
        };
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let Form(sent) = Form::<Upload>::from_request(request, &()).await.map_err(|error| unread(error.status()))?;
            return Ok(sent);
        }
        let mut parts = Multipart::from_request(request, &()).await.map_err(|error| unread(error.status()))?;
        let broken = |error: axum::extract::multipart::MultipartError| unread(error.status());
        let mut read = Upload::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(broken)?;
            match name.as_str() {
                "form_token" => read.form_token = String::from_utf8_lossy(&bytes).into_owned(),
                "text" | "receipt" => read.text = String::from_utf8_lossy(&bytes).into_owned(),
                "file" if !bytes.is_empty() => read.files.push((file, bytes.to_vec())),
                _ => {}
            }
        }
        Ok(read)
    }
}
