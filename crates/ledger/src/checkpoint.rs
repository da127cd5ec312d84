//! Checkpoints (C2SP tlog-checkpoint): origin, size and root of a log, signed.

use crate::encoding::{decimal, hash_from_base64, shown};
use crate::error::LedgerError;
use crate::merkle::Hash;
use crate::note::{Note, Opened, SigningKey, VerifierKey};
use std::fmt;

const WHAT: &str = "checkpoint";

/// What a log says of itself at one size. Its text form is the note's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, for instance `custody.example/st/0412`.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// Further lines of other people's logs. Ours write none: nobody can audit them.
    pub extensions: Vec<String>,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl Checkpoint {
    /// A checkpoint without further lines.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Checkpoint { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// Reads a note's text.
    ///
    /// # Errors
    /// Anything but three or more lines of origin, size, root; the line is named.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let refuse =
            |line: usize, found: &str, expected: &str| Err(LedgerError::malformed(WHAT, format!("line {line}"), shown(found), expected));
        let Some(lines) = text.strip_suffix('\n') else { return refuse(1, text, "lines that end in a newline") };
        let lines: Vec<&str> = lines.split('\n').collect();
        if let Some(line) = lines.iter().position(|line| line.chars().any(char::is_control)) {
            return refuse(line + 1, lines[line], "no control characters");
        }
        let [origin, size, root, extensions @ ..] = lines.as_slice() else {
            return refuse(lines.len(), text, "three lines: origin, size, root");
        };
        if let Some(empty) = lines.iter().position(|line| line.is_empty()) {
            return refuse(empty + 1, "", "a line that is not empty");
        }
        let Some(size) = decimal(size) else { return refuse(2, size, "the number of entries, without leading zero") };
        let Some(root) = hash_from_base64(root) else { return refuse(3, root, "32 bytes in base64") };
        Ok(Checkpoint { origin: (*origin).to_owned(), size, root, extensions: extensions.iter().map(|line| (*line).to_owned()).collect() })
    }

    /// Signs it with the log's key.
    ///
    /// # Errors
    /// An origin that is not a line.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, LedgerError> {
        let text = self.to_string();
        if Checkpoint::parse(&text).as_ref() != Ok(self) {
            return Err(LedgerError::unwritable(WHAT, "its origin or a further line is empty or holds a newline"));
        }
        Note::new(&text, vec![key.sign(&text)?])
    }

    /// Opens a note and reads its text as a checkpoint.
    ///
    /// # Errors
    /// As [`Note::parse`], [`Note::open`] and [`Checkpoint::parse`].
    pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<(Self, Opened), LedgerError> {
        let opened = Note::parse(note)?.open(keys)?;
        Ok((Checkpoint::parse(&opened.text)?, opened))
    }
}
