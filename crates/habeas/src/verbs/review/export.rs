//! `habeas review export`: the plan as tables, one JSON object, a page or a calendar.

use super::store::Store;
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use clap::Args;
use habeas_review::tracker::{calendar, page, tables};
use std::path::PathBuf;

/// Write the plan for others: CSV tables that import again, JSON, a page for the public, a calendar.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[group(id = "form", required = true, multiple = false, args = ["csv", "json", "html", "ics"])]
pub struct Export {
    /// One table a kind and one a link, into this folder.
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// One page, without script.
    #[arg(long)]
    html: bool,
    /// Due days as a calendar.
    #[arg(long)]
    ics: bool,
    #[command(flatten)]
    store: Store,
}

const EXAMPLES: &str = "Examples:
  habeas review export --csv plan/ --data ./station
  habeas review import-plan plan/ --store review.jsonl
  habeas review export --html --store review.jsonl > plan.html
  habeas review export --ics --store review.jsonl > due.ics";

impl Export {
    /// Writes the plan.
    ///
    /// # Errors
    /// A store that cannot be read, or a folder that cannot be written.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let (_, plan) = self.store.plan()?;
        if let Some(folder) = &self.csv {
            std::fs::create_dir_all(folder).map_err(|error| Trouble::writing(&format!("`{}`", folder.display()), &error))?;
            for table in tables::export(&plan) {
                let path = folder.join(&table.name);
                std::fs::write(&path, &table.text).map_err(|error| Trouble::writing(&format!("`{}`", path.display()), &error))?;
            }
            return Ok(Outcome::Clean);
        }
        let out = if self.html {
            page::page(&plan, &self.store.today())
        } else if self.ics {
            calendar::calendar(&plan, &self.store.now().to_string())
        } else {
            format!("{:#}\n", plan.json())
        };
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
