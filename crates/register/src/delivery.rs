//! Notices on their way: from the outbox to each recipient, each for itself.
//!
//! A notice first becomes one row for each recipient that wants it; from then on a recipient that does not answer holds up nobody else,
//! and one that was told is not told again because another failed. Waits double with each failure, up to an hour for a way that is down,
//! up to a day for a notice that is refused. A receiver may get a notice twice (an answer that was lost): its key is the same each time.

use crate::access::Access;
use crate::error::RegisterError;
use crate::outbox::{Failed, Notice, Way};
use crate::register::Register;
use crate::store::OutRow;
use habeas_codebook::moment::Moment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Rows looked at in one turn.
const TURN: u32 = 1_024;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// The first wait of a way that is down, and the longest.
const WAY_FIRST: i64 = 15 * SECOND;
const WAY_LONGEST: i64 = HOUR;
/// The first wait of a notice that was refused, and the longest.
const NOTICE_FIRST: i64 = 60 * SECOND;
const NOTICE_LONGEST: i64 = 24 * HOUR;
/// When a notice that nobody takes is looked at again.
const NOBODY: i64 = HOUR;

/// Between a notice's key and the recipient's name in a row of its own.
const JOINT: char = '/';

/// A recipient and the way to it.
pub struct Route {
    /// The recipient's name: `[[notices.to]]` in `habeas.toml`.
    pub name: String,
    /// Whom the codebook has to be told for this one to get the notice; none: every notice.
    pub tell: Vec<String>,
    /// The way.
    pub way: Box<dyn Way>,
}

impl Route {
    fn wants(&self, notice: &Notice) -> bool {
        self.tell.is_empty() || self.tell.iter().any(|name| notice.tell.contains(name))
    }
}

/// What came of one turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Notices that reached a recipient.
    pub sent: usize,
    /// Recipients that were not reached, with why.
    pub failed: Vec<(String, String)>,
}

/// What waits for one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The recipient; nothing for notices that no recipient takes.
    pub name: Option<String>,
    /// How many notices.
    pub notices: usize,
    /// When the oldest was found, as logs spell it.
    pub oldest: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// What the last of them was.
    pub why: Option<String>,
    /// When it is tried again.
    pub next_at: Option<Moment>,
}

/// How a way has been doing; kept beside the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Health {
    failures: u32,
    next_at: i64,
    why: String,
}

fn wait(first: i64, longest: i64, failures: u32) -> i64 {
    first.saturating_mul(1 << failures.min(20)).min(longest)
}

fn setting(name: &str) -> String {
    format!("notices to {name}")
}

fn store_error(error: &serde_json::Error) -> RegisterError {
    RegisterError::Store { why: format!("a notice in the outbox is not in its form: {error}") }
}

/// The notice's key and the recipient's name of a row; no name: not yet dealt out.
fn split(key: &str) -> (&str, Option<&str>) {
    key.split_once(JOINT).map_or((key, None), |(key, name)| (key, Some(name)))
}

impl Register {
    /// Sends the notices that are due, each to whom it concerns. Call it again and again, from a thread that may wait: nothing else does.
    ///
    /// # Errors
    /// What the register's own machine says; a recipient that is not reached is no error.
    pub fn deliver(&self, routes: &[Route], now: Moment) -> Result<Delivered, RegisterError> {
        self.deal_out(routes, now)?;
        let mut delivered = Delivered::default();
        let mut down: BTreeMap<String, i64> = BTreeMap::new();
        for row in self.read(|access| access.store.out_due(now.0, TURN))? {
            let (key, Some(name)) = split(&row.key) else { continue };
            if let Some(next_at) = down.get(name) {
                self.put_off(&row, *next_at)?;
                continue;
            }
            let Some(route) = routes.iter().find(|route| route.name == name) else {
                self.put_off(&row, now.0.saturating_add(NOBODY))?;
                continue;
            };
            let health = self.health(name)?;
            if health.next_at > now.0 {
                down.insert(name.to_owned(), health.next_at);
                self.put_off(&row, health.next_at)?;
                continue;
            }
            let notice = serde_json::from_str(&row.body).map_err(|error| store_error(&error))?;
            let sent = route.way.send(key, &notice);
            let why = match sent {
                Ok(()) => {
                    delivered.sent += 1;
                    self.tried(&row, (name, Some(now.0), now.0), &Health::default())?;
                    continue;
                }
                Err(Failed::Way(why)) => {
                    let next_at = now.0.saturating_add(wait(WAY_FIRST, WAY_LONGEST, health.failures));
                    down.insert(name.to_owned(), next_at);
                    let health = Health { failures: health.failures.saturating_add(1), next_at, why: why.clone() };
                    self.tried(&row, (name, None, next_at), &health)?;
                    why
                }
                Err(Failed::Notice(why)) => {
                    let next_at = now.0.saturating_add(wait(NOTICE_FIRST, NOTICE_LONGEST, row.tries));
                    self.tried(&row, (name, None, next_at), &Health { why: why.clone(), ..Health::default() })?;
                    why
                }
            };
            delivered.failed.push((name.to_owned(), why));
        }
        Ok(delivered)
    }

    /// Gives each recipient a row of its own of every notice that it wants, in one transaction.
    fn deal_out(&self, routes: &[Route], now: Moment) -> Result<(), RegisterError> {
        if routes.is_empty() {
            return Ok(());
        }
        let new: Vec<OutRow> = self.read(|access| access.store.out_due(now.0, TURN))?;
        let mut dealt: Vec<(OutRow, Vec<String>)> = Vec::new();
        for row in new.into_iter().filter(|row| split(&row.key).1.is_none()) {
            let notice: Notice = serde_json::from_str(&row.body).map_err(|error| store_error(&error))?;
            let wanted = routes.iter().filter(|route| route.wants(&notice));
            let keys = wanted.map(|route| format!("{}{JOINT}{}", row.key, route.name)).collect();
            dealt.push((row, keys));
        }
        if dealt.is_empty() {
            return Ok(());
        }
        self.run(move |access| {
            for (row, keys) in &dealt {
                for key in keys {
                    access.store.put_out(key, &row.body, now.0)?;
                }
                let sent_at = (!keys.is_empty()).then_some(now.0);
                access.store.out_tried(row.number, sent_at, now.0.saturating_add(NOBODY))?;
            }
            Ok(())
        })
    }

    fn put_off(&self, row: &OutRow, next_at: i64) -> Result<(), RegisterError> {
        let number = row.number;
        self.run(move |access| access.store.out_tried(number, None, next_at))
    }

    /// Notes what came of a try, in one transaction with how the way is doing.
    fn tried(&self, row: &OutRow, (name, sent_at, next_at): (&str, Option<i64>, i64), health: &Health) -> Result<(), RegisterError> {
        let (number, setting) = (row.number, setting(name));
        let text = serde_json::to_string(health).map_err(|error| store_error(&error))?;
        let is_new = self.read(|access| Ok(access.store.setting(&setting)?.is_none_or(|stored| stored != text)))?;
        self.run(move |access| {
            access.store.out_tried(number, sent_at, next_at)?;
            if is_new { access.store.set(&setting, &text) } else { Ok(()) }
        })
    }

    fn health(&self, name: &str) -> Result<Health, RegisterError> {
        self.read(|access| health_of(access, name))
    }

    /// What waits in the outbox, by recipient; those for whom nothing waits are not there. `known` are the recipients that are configured.
    ///
    /// # Errors
    /// What the machine says.
    pub fn waiting(&self, known: &[&str]) -> Result<Vec<Waiting>, RegisterError> {
        self.read(|access| {
            let known: BTreeSet<&str> = known.iter().copied().collect();
            let mut waiting: BTreeMap<Option<String>, Waiting> = BTreeMap::new();
            for row in access.store.out_due(i64::MAX, u32::MAX >> 1)? {
                let name = split(&row.key).1.filter(|name| known.contains(name)).map(str::to_owned);
                let notice: Notice = serde_json::from_str(&row.body).map_err(|error| store_error(&error))?;
                let one = waiting.entry(name.clone()).or_insert(Waiting { name, oldest: notice.found_at, ..Waiting::default() });
                one.notices += 1;
            }
            for one in waiting.values_mut() {
                let Some(name) = &one.name else { continue };
                let health = health_of(access, name)?;
                one.failures = health.failures;
                one.why = Some(health.why).filter(|why| !why.is_empty());
                one.next_at = (health.next_at > 0).then_some(Moment(health.next_at));
            }
            Ok(waiting.into_values().collect())
        })
    }
}

fn health_of(access: &mut Access, name: &str) -> Result<Health, RegisterError> {
    let stored = access.store.setting(&setting(name))?;
    // What cannot be read is only how often it failed before: it begins anew.
    Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}
