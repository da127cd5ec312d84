//! What waits between two halves of a signing in: kept in memory, for a few minutes, used once.

use crate::accounts::Session;
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Five minutes, in microseconds.
const LASTS: i64 = 5 * 60 * 1_000_000;
/// More that wait at once are somebody filling the memory: the oldest go.
const MOST: usize = 4_096;

/// Halves that wait, by a random token.
pub struct Pending<T>(Mutex<BTreeMap<String, (Moment, T)>>);

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<T> Pending<T> {
    /// Keeps a half under a fresh token.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn keep(&self, half: T, now: Moment) -> Result<String, DeskError> {
        let token = Session::new_token()?;
        self.keep_as(&token, half, now);
        Ok(token)
    }

    /// Keeps a half under a token that is there.
    pub fn keep_as(&self, token: &str, half: T, now: Moment) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, (since, _)| now.0 - since.0 <= LASTS);
        if waiting.len() >= MOST
            && let Some(oldest) = waiting.iter().min_by_key(|(_, (since, _))| *since).map(|(token, _)| token.clone())
        {
            waiting.remove(&oldest);
        }
        waiting.insert(token.to_owned(), (now, half));
    }

    /// Takes a half out; it is gone then, whatever becomes of it.
    #[must_use]
    pub fn take(&self, token: &str, now: Moment) -> Option<T> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
        found.filter(|(since, _)| now.0 - since.0 <= LASTS).map(|(_, half)| half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_is_taken_once_and_not_after_its_time() {
        let waiting = Pending::default();
        let token = waiting.keep("half", Moment(0)).expect("a token");
        assert_eq!(waiting.take(&token, Moment(LASTS)), Some("half"));
        assert_eq!(waiting.take(&token, Moment(LASTS)), None);
        let late = waiting.keep("half", Moment(0)).expect("a token");
        assert_eq!(waiting.take(&late, Moment(LASTS + 1)), None);
    }

    #[test]
    fn whoever_fills_it_drops_the_oldest() {
        let waiting = Pending::default();
        for n in 0..=MOST {
            waiting.keep_as(&n.to_string(), n, Moment(i64::try_from(n).expect("small")));
        }
        assert_eq!(waiting.take("0", Moment(0)), None);
        assert_eq!(waiting.take("1", Moment(1)), Some(1));
    }
}
