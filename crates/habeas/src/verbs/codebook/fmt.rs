//! `habeas codebook fmt DIR`: the fenced blocks of a codebook's own chapters in canonical text; prose stays as it is.

use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::terminal::{self, Terminal};
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "Examples:
  habeas codebook fmt my-law
  habeas codebook fmt --check my-law     # lists what would change and ends with 1";

/// Write the fenced blocks of a codebook in canonical text.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Fmt {
    /// Folder of the codebook.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Change nothing; list the chapters that would change.
    #[arg(long)]
    check: bool,
}

impl Fmt {
    /// Rewrites the chapters that differ; with `--check` status 1 if any does.
    ///
    /// # Errors
    /// A codebook with mistakes (nothing is written), or a file that cannot be written.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let codebook = packs::codebook(&self.folder.to_string_lossy(), terminal)?;
        let mut changed = String::new();
        for chapter in codebook.chapters.iter().filter(|chapter| chapter.pack == codebook.id) {
            let file = &codebook.files[chapter.file as usize];
            let text = habeas_codebook::render::chapter(&codebook, chapter.file);
            if text == file.text {
                continue;
            }
            changed.push_str(&format!("{}\n", file.path));
            if !self.check {
                write_whole(&self.folder.join(&file.path), &text)?;
            }
        }
        terminal::print(changed.as_bytes())?;
        Ok(if self.check && !changed.is_empty() { Outcome::Found } else { Outcome::Clean })
    }
}

/// Writes beside the file and renames, so that a chapter is never half written.
fn write_whole(path: &Path, text: &str) -> Result<(), Trouble> {
    let beside = path.with_extension("md.new");
    let name = path.display().to_string();
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(|error| Trouble::writing(&name, &error))
}
