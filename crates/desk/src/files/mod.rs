//! Files that people hand in: what they are is told by their content, what a picture says beside the picture is taken out before it is
//! kept, and what is no picture and no letter is refused.
//!
//! A picture keeps every byte that its colours are made of: nothing is decoded or made anew. What is left out is everything else: where and
//! when it was taken, by which camera, whatever was written into it, and whatever hangs after its end. A format is a list of what is kept,
//! never one of what is taken out, so that what nobody has thought of does not get through.

mod jpeg;
mod pdf;
mod png;
pub mod sent;
pub mod waiting;
mod webp;

use std::collections::BTreeSet;

/// Largest file that is taken, in bytes: a letter of forty pages as a scan, a photograph of a telephone.
pub const LARGEST: usize = 20_000_000;

/// A file as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// What it is.
    pub media: &'static str,
    /// How names of such files end.
    pub ending: &'static str,
    /// What is kept.
    pub bytes: Vec<u8>,
    /// What was taken out.
    pub removed: BTreeSet<Removed>,
}

/// What was taken out of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removed {
    /// Where it was taken.
    Place,
    /// When it was taken, by which camera, and the like.
    Camera,
    /// What was written into it: title, description, comments.
    Text,
    /// Anything else beside the picture: a smaller picture of it, what a program left.
    Other,
    /// What hung after its end.
    AfterEnd,
}

impl Removed {
    /// Its word, as entries have it and message files name it (`removed-place`).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Removed::Place => "place",
            Removed::Camera => "camera",
            Removed::Text => "text",
            Removed::Other => "other",
            Removed::AfterEnd => "after-end",
        }
    }
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is nothing in it.
    Empty,
    /// More than [`LARGEST`].
    TooLarge,
    /// Neither a picture nor a letter, whatever its name says.
    Unknown,
    /// It breaks off, or is not as its kind has to be.
    Broken,
}

impl Refused {
    /// The text that says so and what to do.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Refused::Empty => "file-empty",
            Refused::TooLarge => "file-too-large",
            Refused::Unknown => "file-unknown",
            Refused::Broken => "file-broken",
        }
    }
}

/// Tells what a file is, and takes out of it what is not to be kept.
///
/// # Errors
/// What is wrong with it.
pub fn cleaned(bytes: &[u8]) -> Result<Cleaned, Refused> {
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    if bytes.len() > LARGEST {
        return Err(Refused::TooLarge);
    }
    if bytes.starts_with(jpeg::BEGIN) {
        jpeg::cleaned(bytes)
    } else if bytes.starts_with(png::BEGIN) {
        png::cleaned(bytes)
    } else if webp::is_one(bytes) {
        webp::cleaned(bytes)
    } else if bytes.starts_with(pdf::BEGIN) {
        pdf::cleaned(bytes)
    } else {
        Err(Refused::Unknown)
    }
}

/// Longest name that is kept, in characters.
const NAME: usize = 80;

/// A name that is safe to show and to save under: without folders and without what turns a line round or breaks it, ending as its content
/// does.
#[must_use]
pub fn named(name: &str, ending: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let is_turn = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_kept = |letter: &char| !letter.is_control() && !is_turn(*letter) && !"<>:\"|?*%".contains(*letter);
    let kept: String = stem.chars().filter(is_kept).take(NAME).collect();
    let kept = kept.trim().trim_matches('.').trim();
    format!("{}.{ending}", if kept.is_empty() { "file" } else { kept })
}

/// The next bytes and the rest.
fn take(bytes: &[u8], count: usize) -> Result<(&[u8], &[u8]), Refused> {
    bytes.split_at_checked(count).ok_or(Refused::Broken)
}

#[cfg(test)]
mod tests;
