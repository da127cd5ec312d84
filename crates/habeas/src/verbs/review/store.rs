//! Where the events of the tracker are: in a register, through its one door, or in a file of JSON Lines that only grows. They are the same.

use super::unreadable;
use crate::counting::Kept;
use crate::outcome::Trouble;
use crate::registers::{self, Data};
use clap::Args;
use habeas_codebook::moment::Moment;
use habeas_desk::dialogue::kept;
use habeas_register::Actor;
use habeas_review::tracker::issuing::Entering;
use habeas_review::tracker::{self, Event, Plan};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where the events are, and who enters more of them.
#[derive(Debug, Args)]
pub struct Store {
    /// A file of events instead of a register; it is made where it is not there.
    #[arg(long, value_name = "STORE", required_unless_present = "data", conflicts_with = "data")]
    store: Option<PathBuf>,
    #[command(flatten)]
    kept: Kept,
    /// Who enters this: it stands in every event.
    #[arg(long, value_name = "WHO", default_value = "treaty coordinator")]
    by: String,
    /// When it is entered, RFC 3339 (default: the clock).
    #[arg(long, value_name = "TIME")]
    now: Option<jiff::Timestamp>,
}

/// Where decisions of persons are, for whoever only reads them.
#[derive(Debug, Default, Args)]
pub struct Decisions {
    /// A file of events: what persons decided stands beside what was computed.
    #[arg(long, value_name = "STORE", conflicts_with = "data")]
    store: Option<PathBuf>,
    #[command(flatten)]
    kept: Kept,
}

impl Decisions {
    /// The events; none where no place was named.
    ///
    /// # Errors
    /// As [`Store::plan`].
    pub fn events(&self) -> Result<Vec<Event>, Trouble> {
        match (self.kept.data(), &self.store) {
            (Some(data), _) => {
                let (_, register) = registers::open_reading(&data)?;
                kept::events(&register).map_err(registers::trouble)
            }
            (None, Some(file)) => events_of(file),
            (None, None) => Ok(Vec::new()),
        }
    }
}

/// The events of a store file; none where the file is not there.
fn events_of(file: &Path) -> Result<Vec<Event>, Trouble> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(file, &error)),
    };
    tracker::read(&file.display().to_string(), &text).map_err(|error| Trouble::Input(error.to_string()))
}

impl Store {
    /// The events so far, and what they say together.
    ///
    /// # Errors
    /// A store that cannot be read, or an event that the tracker does not know.
    pub fn plan(&self) -> Result<(Vec<Event>, Plan), Trouble> {
        let decisions = Decisions { store: self.store.clone(), kept: self.kept.clone() };
        let events = decisions.events()?;
        let plan = Plan::of(&events).map_err(|error| Trouble::Input(error.to_string()))?;
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
    /// What `make` says, an event that does not fit, or a store that cannot be written.
    pub fn enter(&self, make: impl FnOnce(&Plan, &Entering<'_>) -> Result<Vec<Event>, Trouble>) -> Result<Vec<Event>, Trouble> {
        let (events, mut plan) = self.plan()?;
        let at = self.now().to_string();
        let made = make(&plan, &Entering { by: &self.by, at: &at, after: events.len() })?;
        if made.is_empty() {
            return Ok(made);
        }
        for event in &made {
            plan.hear(event).map_err(|error| Trouble::Input(error.to_string()))?;
        }
        match (self.kept.data(), &self.store) {
            (Some(data), _) => self.append_to_register(&data, &made, &plan)?,
            (None, Some(file)) => append_to_file(file, &made)?,
            (None, None) => {}
        }
        Ok(made)
    }

    fn append_to_register(&self, data: &Data, made: &[Event], plan: &Plan) -> Result<(), Trouble> {
        let (_, register) = registers::open(data)?;
        let prefix = format!("review-{}", self.now().as_microsecond());
        let drafts = kept::drafts(register.codebook(), made, plan, &prefix, Moment::from_timestamp(self.now()));
        let drafts = drafts.map_err(|error| Trouble::Input(error.to_string()))?;
        register.append_together(drafts, &Actor::named(&self.by), registers::now()).map(|_| ()).map_err(registers::trouble)
    }
}

fn append_to_file(file: &Path, made: &[Event]) -> Result<(), Trouble> {
    let text: String = made.iter().map(tracker::line).collect();
    let shown = format!("`{}`", file.display());
    let opened = OpenOptions::new().create(true).append(true).open(file);
    let mut file = opened.map_err(|error| Trouble::writing(&shown, &error))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| Trouble::writing(&shown, &error))
}
