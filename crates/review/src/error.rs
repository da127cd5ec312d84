//! The one error type: why a file is no text of a treaty body.

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The bytes are not text in any form that is read here.
    #[error("not a text: {found}; expected text, Markdown, HTML, .docx or a PDF with text in it")]
    NotText {
        /// What was found.
        found: String,
    },
    /// A file of a known form that is damaged.
    #[error("{form} cannot be read: {why}; save it again, or hand in its text")]
    Damaged {
        /// Which form.
        form: &'static str,
        /// What the reader said.
        why: String,
    },
    /// A text, but not of a treaty body.
    #[error("not a text of a treaty body: {found}; expected the name or the symbol of a committee and numbered paragraphs")]
    NotTreaty {
        /// What was found instead.
        found: String,
    },
    /// A line of a plan, an override or a table that cannot be used.
    #[error("{place}: {problem}")]
    Line {
        /// File, line and column.
        place: String,
        /// What, found, expected.
        problem: String,
    },
}
