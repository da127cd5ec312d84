//! What is asked of a bench on its command line, and where the repository is.

use std::path::{Path, PathBuf};

/// How much is made, how often it is measured, and where.
pub struct Wishes {
    pub custodies: u32,
    pub runs: usize,
    pub large: bool,
    pub folder: PathBuf,
}

impl Wishes {
    /// Reads the arguments; so many runs, and that folder among the temporary ones, where they say nothing of it.
    pub fn read(arguments: &[String], runs: usize, folder: &str) -> Result<Self, String> {
        let mut wishes = Wishes { custodies: 100_000, runs, large: false, folder: std::env::temp_dir().join(folder) };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut number = || rest.next().and_then(|n| n.parse().ok()).ok_or(format!("{argument} needs a number"));
            match argument.as_str() {
                "--custodies" => wishes.custodies = number()?,
                "--runs" => wishes.runs = number()? as usize,
                "--large" => wishes.large = true,
                "--folder" => wishes.folder = rest.next().map(PathBuf::from).ok_or("--folder needs a folder")?,
                "--bench" => {} // cargo says so
                other => return Err(format!("`{other}`: known are --custodies N, --runs N, --large, --folder DIR")),
            }
        }
        Ok(wishes)
    }
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
