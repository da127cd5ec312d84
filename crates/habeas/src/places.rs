//! Where a log's files are: a folder, or an address.

use crate::outcome::Trouble;
use habeas_ledger::LedgerError;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::note::{NOTE_LIMIT, Note};
use habeas_ledger::tile::{Files, Tile, WIDTH, tiles_of};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An address that does not answer for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most entries of a log that is read over the network: a lying checkpoint must not make the list of its files fill the memory.
const SIZE_LIMIT: u64 = 1 << 32;

/// A log in files.
#[derive(Debug)]
pub enum Place {
    /// On disk.
    Folder(Folder),
    /// On the web.
    Site(Site),
}

/// A folder on disk.
#[derive(Debug)]
pub struct Folder(PathBuf);

/// A log on the web (C2SP tlog-tiles).
#[derive(Debug)]
pub struct Site {
    agent: ureq::Agent,
    address: String,
}

impl Place {
    /// The place that a person means.
    ///
    /// # Errors
    /// A folder that is not there.
    pub fn find(named: &str) -> Result<Self, Trouble> {
        if named.starts_with("https://") || named.starts_with("http://") {
            let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into();
            return Ok(Place::Site(Site { agent, address: named.trim_end_matches('/').to_owned() }));
        }
        let path = Path::new(named);
        std::fs::read_dir(path).map_err(|error| Trouble::reading(path, &error))?;
        Ok(Place::Folder(Folder::new(path)))
    }

    /// All files of the log: those that are in the folder, or those that the site's checkpoint counts.
    ///
    /// # Errors
    /// The disk or the network fails.
    pub fn paths(&self) -> Result<Vec<String>, Trouble> {
        match self {
            Place::Folder(folder) => folder.paths(),
            Place::Site(site) => site.paths().map_err(|error| Trouble::Machine(error.to_string())),
        }
    }
}

impl Files for Place {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        match self {
            Place::Folder(folder) => folder.file(path),
            Place::Site(site) => site.file(path),
        }
    }
}

impl Files for Folder {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        match std::fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LedgerError::Unreadable { path: path.to_owned(), why: error.to_string() }),
        }
    }
}

impl Folder {
    /// The folder at this path.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Folder(path.to_path_buf())
    }

    /// All files, as paths below the folder with `/` between.
    fn paths(&self) -> Result<Vec<String>, Trouble> {
        let mut found = Vec::new();
        let mut folders = vec![(self.0.clone(), String::new())];
        while let Some((folder, shown)) = folders.pop() {
            for entry in std::fs::read_dir(&folder).map_err(|error| Trouble::reading(&folder, &error))? {
                let entry = entry.map_err(|error| Trouble::reading(&folder, &error))?;
                let path = format!("{shown}{}", entry.file_name().to_string_lossy());
                let is_folder = entry.path().is_dir();
                if is_folder { folders.push((entry.path(), format!("{path}/"))) } else { found.push(path) }
            }
        }
        Ok(found)
    }
}

impl Files for Site {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let address = format!("{}/{path}", self.address);
        let unreadable = |why: String| LedgerError::Unreadable { path: address.clone(), why };
        let mut answer = self.agent.get(&address).call().map_err(|error| unreadable(error.to_string()))?;
        match answer.status().as_u16() {
            200 => {
                // A bundle of 256 entries of 64 KiB is the largest file there is.
                let limit = (NOTE_LIMIT as u64).max(256 * 65_537);
                answer.body_mut().with_config().limit(limit).read_to_vec().map(Some).map_err(|error| unreadable(error.to_string()))
            }
            404 | 410 => Ok(None),
            status => Err(unreadable(format!("it answered {status}"))),
        }
    }
}

impl Site {
    /// A site does not list its files: they follow from the size that its checkpoint states, believed or not.
    fn paths(&self) -> Result<Vec<String>, LedgerError> {
        let Some(note) = self.file("checkpoint")? else { return Ok(Vec::new()) };
        let stated = Note::parse(&note).and_then(|note| Checkpoint::parse(note.unverified_text()));
        let mut paths = vec!["checkpoint".to_owned()];
        for tile in tiles_of(stated.map_or(0, |checkpoint| checkpoint.size.min(SIZE_LIMIT))) {
            let full = Tile { width: WIDTH, ..tile };
            // A partial tile may be gone once the full one is there.
            let grown = tile.width < WIDTH && self.file(&tile.to_string())?.is_none() && self.file(&full.to_string())?.is_some();
            paths.push(if grown { full } else { tile }.to_string());
        }
        Ok(paths)
    }
}
