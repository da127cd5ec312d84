//! What is wrong with a chapter, where, and what to do: the same value goes to the terminal, an editor and the desk.

use std::ops::Range;

/// How much a diagnostic weighs: an error stops the build, a warning is for the author's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The codebook cannot be used.
    Error,
    /// The codebook can be used; somebody should look.
    Warning,
}

/// A stretch of one source file. Two marks are always equal, so that trees compare by meaning and not by place.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    /// Index into [`crate::tree::Codebook::files`].
    pub file: u32,
    /// Byte range in that file.
    pub bytes: Range<u32>,
}

impl PartialEq for Mark {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Mark {}

/// One finding about a chapter (rule-language, section 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code such as `E101`, or `W123`.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// Where, in the file that the author wrote.
    pub mark: Mark,
    /// What is wrong, in one line, lower case, the author's own words in backticks.
    pub message: String,
    /// What to do about it; nearest names, an example.
    pub help: Option<String>,
}

/// A source file of a codebook, kept so that diagnostics can show the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path as shown to the author, relative to the codebook's folder.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// Line and column, both from 1, columns in characters, of a byte offset.
    #[must_use]
    pub fn line_column(&self, byte: u32) -> (u32, u32) {
        let mut end = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) as u32 + 1;
        (line, column)
    }
}
