//! What a form with files sends.

use crate::error::DeskError;
use axum::extract::Multipart;
use axum::http::StatusCode;

/// The largest upload: a long record as a scan-free PDF is a hundredth of this.
pub const LARGEST: usize = 32_000_000;

/// The parts of such a form.
#[derive(Debug, Default)]
pub struct Upload {
    /// The token of the form.
    pub form_token: String,
    /// What was pasted.
    pub text: String,
    /// Files by name; a box left empty gives none.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Upload {
    /// Reads all parts.
    ///
    /// # Errors
    /// A request that is too large, or no such form.
    pub async fn read(mut parts: Multipart) -> Result<Self, DeskError> {
        let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => DeskError::TooLarge,
            _ => DeskError::Input { field: "file", text: "review-no-document" },
        };
        let mut read = Upload::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(broken)?;
            match name.as_str() {
                "form_token" => read.form_token = String::from_utf8_lossy(&bytes).into_owned(),
                "text" => read.text = String::from_utf8_lossy(&bytes).into_owned(),
                "file" if !bytes.is_empty() => read.files.push((file, bytes.to_vec())),
                _ => {}
            }
        }
        Ok(read)
    }
}
