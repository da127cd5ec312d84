//! A data folder while it is being made. A process that dies meanwhile leaves a folder that is neither empty nor a register: whoever makes
//! it again goes on from nothing, since nothing was entered yet.

use crate::folder::DataFolder;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Stands in a folder from the first file on until the last: then all that is in it is from the making.
const MARK: &str = ".making";

/// A folder that is being made, by this process alone.
pub(crate) struct Founding {
    mark: PathBuf,
    _lock: File,
}

impl Founding {
    /// Begins in a folder that is not there, that is empty, or whose making was cut short: what that left is removed.
    pub(crate) fn begin(folder: &Path) -> io::Result<Self> {
        let not_empty = || Err(io::Error::other("the folder is not empty; name one that is not there yet"));
        fs::create_dir_all(folder)?;
        let mark = folder.join(MARK);
        if !mark.is_file() && fs::read_dir(folder)?.next().is_some() {
            return not_empty();
        }
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&mark)?;
        lock.try_lock().map_err(|_| io::Error::other("another process is making a register here; wait until it has"))?;
        // Only now is it sure that nobody else has finished meanwhile.
        if DataFolder::is_one(folder) {
            let _ = fs::remove_file(&mark);
            return not_empty();
        }
        for left in fs::read_dir(folder)? {
            let left = left?.path();
            if left.is_dir() {
                fs::remove_dir_all(left)?;
            } else if left != mark {
                fs::remove_file(left)?;
            }
        }
        Ok(Founding { mark, _lock: lock })
    }

    /// All is there.
    pub(crate) fn done(self) -> io::Result<()> {
        fs::remove_file(&self.mark)
    }
}

#[cfg(test)]
mod tests {
    use super::Founding;
    use std::fs;

    #[test]
    fn a_making_that_was_cut_short_is_begun_anew_and_nobody_elses_folder_is_touched() {
        let scratch = tempfile::tempdir().expect("a folder");
        let station = scratch.path().join("station");
        let first = Founding::begin(&station).expect("it is not there");
        assert!(Founding::begin(&station).is_err(), "another process is making it");
        fs::create_dir(station.join("codebook")).expect("made");
        fs::write(station.join("keys"), "half").expect("written");
        drop(first);
        let again = Founding::begin(&station).expect("the first died");
        assert!(!station.join("codebook").exists() && !station.join("keys").exists());
        fs::write(station.join("habeas.toml"), "").expect("written");
        again.done().expect("removed");
        assert_eq!(fs::read_dir(&station).expect("a folder").count(), 1);
        assert!(Founding::begin(&station).is_err(), "a register is not made anew");
        fs::write(station.join(super::MARK), "").expect("written");
        assert!(Founding::begin(&station).is_err(), "nor one that lacked only its last step");
        assert!(station.join("habeas.toml").exists() && !station.join(super::MARK).exists());
        let letters = scratch.path().join("letters");
        fs::create_dir(&letters).expect("made");
        fs::write(letters.join("to-a-lawyer"), "dear").expect("written");
        assert!(Founding::begin(&letters).is_err());
        assert!(letters.join("to-a-lawyer").exists());
    }
}
