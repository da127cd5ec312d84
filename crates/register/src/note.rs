//! `last.note`: the newest signed checkpoint, kept in a second place. A database that is behind it has been rolled back.
//!
//! It is written after each commit and before anything signed leaves the house. It is not flushed: what a loss of power takes away is only
//! the newest note, and then the database, which is flushed first, is ahead of it, which is no harm. So an entry costs one flush, not two.

use crate::error::RegisterError;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::note::VerifierKey;
use std::path::{Path, PathBuf};

/// Where the note is.
#[derive(Clone, Debug)]
pub(crate) struct LastNote(PathBuf);

impl LastNote {
    pub(crate) fn at(path: &Path) -> Self {
        LastNote(path.to_owned())
    }

    fn refuse(&self, why: impl Into<String>) -> RegisterError {
        RegisterError::File { path: self.0.clone(), why: why.into() }
    }

    /// The checkpoint that the note holds; nothing where there is none yet.
    pub(crate) fn read(&self, key: &VerifierKey) -> Result<Option<Checkpoint>, RegisterError> {
        let bytes = match std::fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.refuse(error.to_string())),
        };
        let opened = Checkpoint::open(&bytes, std::slice::from_ref(key));
        opened.map(|(checkpoint, _)| Some(checkpoint)).map_err(|error| self.refuse(error.to_string()))
    }

    /// Puts a newer note in its place.
    pub(crate) fn write(&self, note: &str) -> Result<(), RegisterError> {
        let new = self.0.with_extension("note.new");
        let written = std::fs::write(&new, note).and_then(|()| std::fs::rename(&new, &self.0));
        written.map_err(|error| self.refuse(error.to_string()))
    }

    /// Takes the note away: what it says is kept elsewhere.
    pub(crate) fn remove(&self) -> Result<(), RegisterError> {
        match std::fs::remove_file(&self.0) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.refuse(error.to_string())),
        }
    }

    /// The note as it stands there; nothing where there is none.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        std::fs::read(&self.0).ok()
    }

    /// Puts a copy of the note at another place; nothing where there is none yet.
    pub(crate) fn copy(&self, to: &Path) -> Result<(), RegisterError> {
        match std::fs::read_to_string(&self.0) {
            Ok(note) => LastNote::at(to).write(&note),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.refuse(error.to_string())),
        }
    }
}
