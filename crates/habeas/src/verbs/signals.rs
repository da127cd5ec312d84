//! `habeas signals LOG…`: patterns that a register kept by honest people seldom has, each with what it means and does not mean.

use crate::counting::{Entries, Kept};
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::terminal::{self, Terminal};
use crate::verbs::Format;
use clap::Args;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Asked, Monitor};
use habeas_returns::signals::{self, Pattern, Tested, Unit};
use jiff::Timestamp;
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  habeas signals register.jsonl
  habeas signals --data ./station
  habeas signals register.csv --codebook my-law --as-of 2029-05-01T00:00:00Z --format json
  habeas signals register.jsonl --charts funnels

A finding proves nothing; it says where to look. Exit status: 0 no finding; 1 findings; 2 bad input; 3 trouble with the machine.";

/// Look for patterns of falsified or careless entries, by place, shift and officer.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Signals {
    /// Logs: CSV, JSON (an object a line, or one list) or Parquet, also packed as .gz; `-` is standard input.
    #[arg(required_unless_present_any = ["data", "database"], conflicts_with = "data", value_name = "LOG")]
    logs: Vec<String>,
    #[command(flatten)]
    kept: Kept,
    /// Mapping file that turns foreign columns into events.
    #[arg(long, conflicts_with = "data", value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Folder of a codebook, or the name of a pack inside this program [default: the pack with most rules; a register has its own]
    #[arg(long, conflicts_with = "data", value_name = "PACK")]
    codebook: Option<String>,
    /// By what had been recorded at this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = super::check::moment)]
    as_of: Option<Moment>,
    /// Write a funnel plot of each pattern and kind of unit into this folder.
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    /// How to print.
    #[arg(long, default_value = "text")]
    format: Format,
}

impl Signals {
    /// Looks and prints; status 1 if there is a finding.
    ///
    /// # Errors
    /// Bad input, or trouble with the machine.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let as_of = self.as_of.unwrap_or_else(|| Moment::from_timestamp(Timestamp::now()));
        let entries = match (&self.kept.data(), &self.codebook) {
            (Some(data), _) => Entries::of_register(data, as_of)?,
            (None, Some(pack)) => self.of_files(packs::codebook(pack, terminal)?, terminal)?,
            (None, None) => self.of_files(packs::with_most_rules()?, terminal)?,
        };
        let monitor = Monitor::new(&entries.codebook);
        let hearing = monitor.hear(&entries.log, Asked { now: as_of, known_at: as_of });
        let tested = signals::look(&entries.codebook, &hearing);
        self.draw(&tested)?;
        let out = match self.format {
            Format::Text => signals::text(&tested),
            Format::Json => tested.iter().map(|one| format!("{}\n", line(one))).collect(),
        };
        terminal::print(out.as_bytes())?;
        Ok(if tested.iter().any(|one| one.finding) { Outcome::Found } else { Outcome::Clean })
    }

    fn of_files(&self, codebook: Codebook, terminal: Terminal) -> Result<Entries, Trouble> {
        Entries::of_files(codebook, &self.logs, self.map.as_deref(), false, terminal)
    }

    fn draw(&self, tested: &[Tested]) -> Result<(), Trouble> {
        let Some(folder) = &self.charts else { return Ok(()) };
        std::fs::create_dir_all(folder).map_err(|error| Trouble::writing(&format!("`{}`", folder.display()), &error))?;
        for pattern in Pattern::ALL {
            for by in [Unit::Place, Unit::Shift, Unit::Officer] {
                if tested.iter().any(|one| one.pattern == pattern && one.by == by) {
                    let path = folder.join(format!("{}-by-{}.svg", pattern.name().replace(' ', "-"), by.name()));
                    let svg = signals::funnel(tested, pattern, by);
                    std::fs::write(&path, svg).map_err(|error| Trouble::writing(&format!("`{}`", path.display()), &error))?;
                }
            }
        }
        Ok(())
    }
}

fn line(one: &Tested) -> serde_json::Value {
    json!({
        "pattern": one.pattern.name(), "by": one.by.name(), "unit": one.unit, "shows": one.shows, "of": one.of, "worth": one.worth,
        "others": one.others, "probability": one.probability, "finding": one.finding, "meaning": one.pattern.meaning(),
    })
}
