//! `habeas review import-plan DIR`: tables that somebody edited, back into the plan.

use super::store::Store;
use super::unreadable;
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use clap::Args;
use habeas_review::tracker::tables::{self, Table};
use std::path::PathBuf;

/// Read the tables that `export --csv` wrote, and enter what was changed in them. All of it, or nothing where a row is wrong.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ImportPlan {
    /// The folder of the tables.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    store: Store,
}

const EXAMPLES: &str = "Examples:
  habeas review import-plan plan/ --data ./station --by \"A. Orde\"

A row or a cell that is left out stays as it is; a link that its table leaves out is removed.";

impl ImportPlan {
    /// Reads the tables and enters the changes.
    ///
    /// # Errors
    /// A folder without tables, or a wrong row: file, line, column.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let entries = std::fs::read_dir(&self.folder).map_err(|error| unreadable(&self.folder, &error))?;
        let mut given = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&self.folder, &error))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".csv")) else { continue };
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            given.push(Table { name: name.to_owned(), text });
        }
        if given.is_empty() {
            return Err(Trouble::Input(format!(
                "`{}` holds no CSV table; `habeas review export --csv` writes them",
                self.folder.display()
            )));
        }
        given.sort_by(|a, b| a.name.cmp(&b.name));
        let shown = self.folder.display();
        let made = self
            .store
            .enter(|plan, entering| tables::import(plan, &given, entering).map_err(|error| Trouble::Input(format!("{shown}/{error}"))))?;
        let changes = if made.len() == 1 { "change" } else { "changes" };
        terminal::print(format!("{} {changes} entered\n", made.len()).as_bytes())?;
        Ok(Outcome::Clean)
    }
}
