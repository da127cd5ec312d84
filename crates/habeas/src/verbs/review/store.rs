//! The store of the tracker: a file of JSON Lines that only grows. The register takes its place later; the events are the same.

use crate::outcome::Trouble;
use clap::Args;
use habeas_review::tracker::issuing::Entering;
use habeas_review::tracker::{self, Event, Plan};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where the events are, and who enters more of them.
#[derive(Debug, Args)]
pub struct Store {
    /// The file of events; it is made where it is not there.
    #[arg(long, value_name = "STORE")]
    store: PathBuf,
    /// Who enters this: it stands in every event.
    #[arg(long, value_name = "WHO", default_value = "treaty coordinator")]
    by: String,
    /// When it is entered, RFC 3339 (default: the clock).
    #[arg(long, value_name = "TIME")]
    now: Option<jiff::Timestamp>,
}

/// The events of a store file; none where the file is not there.
///
/// # Errors
/// A file that cannot be read, or a line that is no event.
pub fn events_of(file: &Path) -> Result<Vec<Event>, Trouble> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Trouble::reading(file, &error)),
    };
    tracker::read(&file.display().to_string(), &text).map_err(|error| Trouble::Input(error.to_string()))
}

impl Store {
    /// The events so far, and what they say together.
    ///
    /// # Errors
    /// As [`events_of`], or an event that the tracker does not know.
    pub fn plan(&self) -> Result<(Vec<Event>, Plan), Trouble> {
        let events = events_of(&self.store)?;
        let plan = Plan::of(&events).map_err(|error| Trouble::Input(format!("{}: {error}", self.store.display())))?;
        Ok((events, plan))
    }

    /// The moment that counts as now.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.now.unwrap_or_else(jiff::Timestamp::now)
    }

    /// The day that counts as today, in UTC, as ISO.
    #[must_use]
    pub fn today(&self) -> String {
        self.now().to_string().chars().take(10).collect()
    }

    /// Makes events and appends them: all of them, or none where one does not fit.
    ///
    /// # Errors
    /// What `make` says, an event that does not fit, or a file that cannot be written.
    pub fn enter(&self, make: impl FnOnce(&Plan, &Entering<'_>) -> Result<Vec<Event>, Trouble>) -> Result<Vec<Event>, Trouble> {
        let (events, mut plan) = self.plan()?;
        let at = self.now().to_string();
        let made = make(&plan, &Entering { by: &self.by, at: &at, after: events.len() })?;
        let mut text = String::new();
        for event in &made {
            plan.hear(event).map_err(|error| Trouble::Input(error.to_string()))?;
            text.push_str(&tracker::line(event));
        }
        let shown = format!("`{}`", self.store.display());
        let opened = OpenOptions::new().create(true).append(true).open(&self.store);
        let mut file = opened.map_err(|error| Trouble::writing(&shown, &error))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| Trouble::writing(&shown, &error))?;
        Ok(made)
    }
}
