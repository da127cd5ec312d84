//! The register's clock, watched: whoever can set it could write yesterday. A step is entered once, as an entry like any other.
//!
//! The register reads no clock. It sees a clock that went back behind its last entry; a clock that was set forward, or stands still, is
//! seen by whoever serves it and has a second clock that nobody can set ([`Watch`]), and said here.

use crate::draft::{Draft, Receipt, exactly};
use crate::error::RegisterError;
use crate::register::Register;
use crate::witnessed::REGISTER;
use habeas_codebook::moment::Moment;
use habeas_ledger::leaf::Header;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The kind of the entry.
const CLOCK_STEPPED: &str = "clock stepped";

/// Steps below this are the ordinary business of a time server.
pub const TOLERANCE: i64 = 60 * 1_000_000;

/// After a step, smaller ones are told as one.
const TOLD_EVERY: Duration = Duration::from_secs(3_600);

/// A clock that gains or loses less than this part is merely not a good one.
const DRIFT: i64 = 20;

/// Compares the clock of the wall with one that only runs.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    wall: Moment,
    running: Duration,
    told: Option<Duration>,
}

impl Watch {
    /// Begins at what both clocks say now.
    #[must_use]
    pub fn new(wall: Moment, running: Duration) -> Self {
        Watch { wall, running, told: None }
    }

    /// Looks at both again: by how many microseconds the clock of the wall has stepped, forward or (below zero) back, if that is to be
    /// told. One that stands still goes back by the time that has passed.
    pub fn look(&mut self, wall: Moment, running: Duration) -> Option<i64> {
        let passed = i64::try_from(running.saturating_sub(self.running).as_micros()).unwrap_or(i64::MAX);
        let step = wall.0.saturating_sub(self.wall.0).saturating_sub(passed);
        if step.abs() < TOLERANCE {
            if step.abs() <= passed / DRIFT {
                (self.wall, self.running) = (wall, running);
            }
            return None;
        }
        let is_small = step.abs() < i64::try_from(TOLD_EVERY.as_micros()).unwrap_or(i64::MAX);
        if is_small && self.told.is_some_and(|told| running.saturating_sub(told) < TOLD_EVERY) {
            return None;
        }
        *self = Watch { wall, running, told: Some(running) };
        Some(step)
    }
}

impl Register {
    /// Enters that the clock was found to have stepped, by so many microseconds; nothing where the codebook has no such kind.
    ///
    /// # Errors
    /// What the machine says.
    pub fn clock_stepped(&self, by: i64, now: Moment) -> Result<Option<Receipt>, RegisterError> {
        self.clock_is_behind().store(by < 0, Ordering::Relaxed);
        let id = format!("clock-{}-{by}", now.0);
        let draft = Draft::new(&id, CLOCK_STEPPED, exactly(now), &REGISTER)
            .with("stepped by", format!("PT{}S", by.unsigned_abs() / 1_000_000))
            .with("direction", if by < 0 { "back" } else { "forward" });
        self.enter_own(draft, now)
    }

    /// Compares the clock with the last entry: one that stands before it was set back while nobody looked.
    ///
    /// # Errors
    /// What the machine says.
    pub fn look_at_clock(&self, now: Moment) -> Result<Option<Receipt>, RegisterError> {
        let newest = self.read(|access| {
            let size = access.store.size()?;
            let last = size.checked_sub(1).map(|last| access.store.event(last)).transpose()?.flatten();
            Ok(last.map(|row| Header::decode(&row.header)).transpose()?)
        })?;
        let last = newest.map_or(0, |header| i64::try_from(header.recorded_at_ms).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000));
        self.told_behind(last.saturating_sub(now.0), now)
    }

    /// The clock is behind the last entry by so much: entered once, until it has caught up.
    pub(crate) fn told_behind(&self, behind: i64, now: Moment) -> Result<Option<Receipt>, RegisterError> {
        if behind <= TOLERANCE {
            self.clock_is_behind().store(false, Ordering::Relaxed);
            return Ok(None);
        }
        if self.clock_is_behind().swap(true, Ordering::Relaxed) {
            return Ok(None);
        }
        self.clock_stepped(-behind, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;

    /// A machine whose wall clock is set by hand now and then, looked at every ten seconds.
    fn told(set: impl Fn(u64) -> Option<i64>, seconds: u64) -> Vec<(u64, i64)> {
        let mut wall = 1_770_699_600 * SECOND;
        let mut watch = Watch::new(Moment(wall), Duration::ZERO);
        let mut told = Vec::new();
        for second in (10..=seconds).step_by(10) {
            wall += set(second).unwrap_or(10 * SECOND);
            told.extend(watch.look(Moment(wall), Duration::from_secs(second)).map(|step| (second, step / SECOND)));
        }
        told
    }

    #[test]
    fn a_clock_set_forward_a_year_and_back_a_day_is_told_at_once_and_once() {
        let year = 365 * DAY;
        let set = |second| match second {
            100 => Some(year + 10 * SECOND),
            500 => Some(-DAY + 10 * SECOND),
            _ => None,
        };
        assert_eq!(told(set, 90_000), [(100, year / SECOND), (500, -DAY / SECOND)]);
    }

    #[test]
    fn a_clock_that_stands_still_is_told_after_a_minute_and_then_each_hour() {
        let stuck = |second| (second > 1_000).then_some(0);
        assert_eq!(told(stuck, 9_000), [(1_060, -60), (4_660, -3_600), (8_260, -3_600)]);
    }

    #[test]
    fn a_clock_that_is_a_little_slow_or_set_by_a_time_server_is_not_worth_a_word() {
        assert_eq!(told(|_| Some(10 * SECOND - 5_000), 1_000_000), []);
        assert_eq!(told(|second| (second == 100).then_some(-20 * SECOND), 10_000), []);
    }
}
