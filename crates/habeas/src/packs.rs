//! Where packs come from: a folder, the folder beside it, or the binary itself, which carries the packs of this repository.

use crate::diagnostics;
use crate::outcome::Trouble;
use crate::terminal::Terminal;
use crate::verbs::Format;
use habeas_codebook::Reading;
use habeas_codebook::diagnostic::{Severity, SourceFile};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../codebooks");

const SETTINGS: &str = "codebook.toml";

/// Names of the packs inside the binary, sorted.
#[must_use]
pub fn built_in_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = BUILT_IN
        .dirs()
        .filter(|pack| pack.get_file(pack.path().join(SETTINGS)).is_some())
        .filter_map(|pack| pack.path().to_str())
        .collect();
    names.sort_unstable();
    names
}

/// The pack inside the binary that has most rules: what is meant where nobody names one.
///
/// # Errors
/// When the binary was built without packs.
pub fn with_most_rules() -> Result<Codebook, Trouble> {
    let read = built_in_names().into_iter().filter_map(|name| read(name).ok()?.codebook);
    read.max_by_key(|codebook| codebook.rules.len())
        .ok_or_else(|| Trouble::Input("this program carries no pack; name one with --codebook".to_owned()))
}

/// The files of a pack inside the binary.
fn built_in(name: &str) -> Option<PackSource> {
    let pack = BUILT_IN.get_dir(name)?;
    pack.get_file(pack.path().join(SETTINGS))?;
    let mut files = Vec::new();
    collect(pack, pack.path(), &mut files);
    Some(PackSource { files })
}

fn collect(folder: &Dir<'_>, root: &Path, files: &mut Vec<SourceFile>) {
    for file in folder.files() {
        let path = file.path().strip_prefix(root).unwrap_or(file.path());
        if let (Some(path), Some(text)) = (path.to_str(), file.contents_utf8()) {
            files.push(SourceFile { path: path.to_owned(), text: text.to_owned() });
        }
    }
    folder.dirs().for_each(|inner| collect(inner, root, files));
}

/// A pack as found.
pub struct Found {
    /// Its files.
    pub source: PackSource,
    /// The folder it was read from; `None` for a pack inside the binary.
    pub folder: Option<PathBuf>,
}

/// Finds a pack by its folder, or by its name.
///
/// # Errors
/// When there is neither, or the folder cannot be read.
pub fn find(pack: &str) -> Result<Found, Trouble> {
    let folder = Path::new(pack);
    // A folder that only happens to have the name of a pack hides none.
    if folder.join("codebook.toml").is_file() || folder.is_dir() && built_in(pack).is_none() {
        return Ok(Found { source: from_folder(folder)?, folder: Some(folder.to_owned()) });
    }
    let source = built_in(pack).ok_or_else(|| {
        let known = built_in_names().join(", ");
        Trouble::Input(format!("`{pack}` is neither a folder nor a pack inside this program; those are: {known}"))
    })?;
    Ok(Found { source, folder: None })
}

/// The texts of a pack's timelines, in the order of their names; none where it has no folder of them.
#[must_use]
pub fn timelines(found: &Found) -> Vec<String> {
    let Some(folder) = &found.folder else {
        return found.source.files.iter().filter(|file| file.path.starts_with("timelines/")).map(|file| file.text.clone()).collect();
    };
    let entries = std::fs::read_dir(folder.join("timelines")).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

fn from_folder(folder: &Path) -> Result<PackSource, Trouble> {
    PackSource::from_folder(folder).map_err(|error| Trouble::Input(error.to_string()))
}

/// Reads a pack and what it builds on: from beside its folder first, then from the binary.
///
/// # Errors
/// When the pack cannot be found. What is wrong inside it is in the reading's diagnostics.
pub fn read(pack: &str) -> Result<Reading, Trouble> {
    let found = find(pack)?;
    Ok(read_found(&found))
}

/// Reads a pack already found.
#[must_use]
pub fn read_found(found: &Found) -> Reading {
    let beside = found.folder.as_deref().and_then(|folder| folder.canonicalize().ok()).and_then(|folder| Some(folder.parent()?.to_owned()));
    let built_on = |name: &str| {
        let folder = beside.as_ref().map(|beside| beside.join(name)).filter(|folder| folder.join(SETTINGS).is_file());
        folder.and_then(|folder| PackSource::from_folder(&folder).ok()).or_else(|| built_in(name))
    };
    habeas_codebook::read(&found.source, &built_on)
}

/// The codebook of a pack; its errors, if it has any, go to standard error.
///
/// # Errors
/// When the pack cannot be found, or cannot be used.
pub fn codebook(pack: &str, terminal: Terminal) -> Result<Codebook, Trouble> {
    let reading = read(pack)?;
    let errors: Vec<_> = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    if let (Some(codebook), true) = (reading.codebook, errors.is_empty()) {
        return Ok(codebook);
    }
    let drawn = diagnostics::write(&errors, &reading.files, Format::Text, terminal.paint_error().0)?;
    eprint!("{}", String::from_utf8_lossy(&drawn));
    Err(Trouble::Input(format!("the codebook `{pack}` cannot be used: {} errors", errors.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_that_is_nowhere_is_refused_with_those_that_are_there() {
        let Err(Trouble::Input(said)) = find("no-such-pack") else { panic!("found") };
        for name in built_in_names() {
            assert!(said.contains(name), "{said}");
        }
    }

    #[test]
    fn every_pack_inside_the_binary_reads_without_an_error() {
        for name in built_in_names() {
            let reading = read(name).expect("there");
            let errors: Vec<_> = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
            assert_eq!(errors, Vec::<&habeas_codebook::diagnostic::Diagnostic>::new(), "{name}");
        }
    }
}
