//! `last.note`: the newest signed checkpoint, kept in a second place. A database that is behind it has been rolled back.
//!
//! It is written after each commit and before anything signed leaves the house. It is not flushed: what a loss of power takes away is only
//! the newest note, and then the database, which is flushed first, is ahead of it, which is no harm. So an entry costs one flush, not two.
//!
//! A note is written over the one before it where that is as safe as a new file: both are of one length and fit into one sector of a disk,
//! which is written whole or not at all. Else a new file, flushed, takes the old one's place.

use crate::error::RegisterError;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::note::VerifierKey;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// What a disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

/// Where the note is.
#[derive(Debug)]
pub(crate) struct LastNote {
    path: PathBuf,
    /// The file that this process wrote, and the length of its note.
    written: Option<(File, usize)>,
}

impl LastNote {
    pub(crate) fn at(path: &Path) -> Self {
        LastNote { path: path.to_owned(), written: None }
    }

    fn refuse(&self, why: impl Into<String>) -> RegisterError {
        RegisterError::File { path: self.path.clone(), why: why.into() }
    }

    /// The checkpoint that the note holds; nothing where there is none yet.
    pub(crate) fn read(&self, key: &VerifierKey) -> Result<Option<Checkpoint>, RegisterError> {
        let bytes = match read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.refuse(error.to_string())),
        };
        let opened = Checkpoint::open(&bytes, std::slice::from_ref(key));
        opened.map(|(checkpoint, _)| Some(checkpoint)).map_err(|error| self.refuse(error.to_string()))
    }

    /// Puts a newer note in its place.
    pub(crate) fn write(&mut self, note: &str) -> Result<(), RegisterError> {
        let written = match &self.written {
            Some((file, length)) if *length == note.len() && note.len() <= SECTOR && is_at(file, &self.path) => overwrite(file, note),
            Some(_) | None => Ok(false),
        };
        let done = written.and_then(|is_done| if is_done { Ok(()) } else { self.replace(note) });
        done.map_err(|error| self.refuse(error.to_string()))
    }

    fn replace(&mut self, note: &str) -> std::io::Result<()> {
        self.written = None;
        let new = self.path.with_extension("note.new");
        let mut file = File::create(&new)?;
        file.write_all(note.as_bytes())?;
        file.sync_data()?;
        std::fs::rename(&new, &self.path)?;
        self.written = Some((file, note.len()));
        Ok(())
    }

    /// Takes the note away: what it says is kept elsewhere.
    pub(crate) fn remove(&self) -> Result<(), RegisterError> {
        match std::fs::remove_file(&self.path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.refuse(error.to_string())),
        }
    }

    /// The note as it stands there; nothing where there is none.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        std::fs::read(&self.path).ok()
    }

    /// Puts a copy of the note at another place; nothing where there is none yet.
    pub(crate) fn copy(&self, to: &Path) -> Result<(), RegisterError> {
        match std::fs::read_to_string(&self.path) {
            Ok(note) => LastNote::at(to).write(&note),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.refuse(error.to_string())),
        }
    }
}

/// Reads a note beside a process that may be writing it: what is read twice alike was not half written.
pub(crate) fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut before = std::fs::read(path)?;
    loop {
        let again = std::fs::read(path)?;
        if again == before {
            return Ok(again);
        }
        before = again;
    }
}

/// Whether an open file still stands at its path: somebody may have put another there.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = |a: std::fs::Metadata, b: std::fs::Metadata| (a.dev(), a.ino(), a.len()) == (b.dev(), b.ino(), b.len());
    file.metadata().and_then(|open| Ok(same(open, std::fs::metadata(path)?))).unwrap_or(false)
}

#[cfg(unix)]
fn overwrite(file: &File, note: &str) -> std::io::Result<bool> {
    std::os::unix::fs::FileExt::write_all_at(file, note.as_bytes(), 0).map(|()| true)
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn overwrite(_: &File, _: &str) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &Path) -> String {
        String::from_utf8(read(path).expect("a note")).expect("text")
    }

    #[test]
    fn a_note_follows_the_one_before_it_whatever_its_length_and_whoever_moved_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("last.note");
        let mut note = LastNote::at(&path);
        for told in ["nine", "ten!", "eleven", "twelve"] {
            note.write(told).expect("a note");
            assert_eq!(text(&path), told);
        }
        std::fs::rename(&path, folder.path().join("kept")).expect("somebody keeps it");
        note.write("after!").expect("a note");
        assert_eq!(text(&path), "after!");
        assert_eq!(text(&folder.path().join("kept")), "twelve");
        std::fs::write(&path, "cut").expect("somebody writes into it");
        note.write("later!").expect("a note");
        assert_eq!(text(&path), "later!");
        let long = "x".repeat(2 * SECTOR);
        note.write(&long).expect("a note");
        assert_eq!(text(&path), long);
        assert!(!path.with_extension("note.new").exists());
    }
}
