//! What the statistics room keeps at hand: the log as a whole, and tables that were counted. A table of a given as-of never changes, so
//! what was counted once is shown again at once.

use crate::desk::Desk;
use crate::error::DeskError;
use habeas_codebook::log::{EventId, Log};
use habeas_codebook::moment::Moment;
use habeas_returns::cells::Audience;
use habeas_returns::period::Period;
use habeas_returns::release::{self, Release, Wanted};
use habeas_returns::withhold::Limits;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// Tables kept; beyond that the shelf is emptied.
const MOST: usize = 200;

/// Which table: id, period, as-of, whether for everybody, as-ofs of earlier releases.
type Which = (String, String, Moment, bool, Vec<Moment>);

/// The log as far as it was read: so many entries of the register.
struct Read {
    size: u64,
    log: Arc<Log>,
}

/// What is kept at hand.
#[derive(Default)]
pub struct Shelf {
    log: Mutex<Option<Read>>,
    made: Mutex<BTreeMap<Which, Arc<Release>>>,
}

/// What is asked of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its id.
    pub table: String,
    /// When things happened.
    pub period: String,
    /// What had been recorded by then.
    pub as_of: Moment,
    /// For whom.
    pub audience: Audience,
    /// As-ofs of earlier releases of the same table and period.
    pub released: Vec<Moment>,
}

impl Desk {
    /// The log with everything recorded, in the order of record. Later entries may be in it: who counts says as of when. What is recorded
    /// between two questions is added to what was read; only where keys were destroyed it is read anew, since it holds what they closed.
    ///
    /// # Errors
    /// Trouble with the register.
    pub fn whole_log(&self) -> Result<Arc<Log>, DeskError> {
        let mut kept = self.shelf.log.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out while it grows: after trouble halfway the next question begins anew.
        let (mut log, from) = kept.take().map_or_else(|| (Arc::new(Log::new()), 0), |read| (read.log, read.size));
        let size = self.register.checkpoint()?.size;
        let mut is_anew = from == 0;
        if size > from {
            let mut read = self.register.read_on(Arc::make_mut(&mut log), from)?;
            if read.erased && from > 0 {
                log = Arc::new(Log::new());
                read = self.register.read_on(Arc::make_mut(&mut log), 0)?;
                is_anew = true;
            }
            if let Some(sorted) = log.in_order_of_record() {
                log = Arc::new(sorted);
                is_anew = true;
            }
            *kept = Some(Read { size: read.size, log: Arc::clone(&log) });
        } else {
            *kept = Some(Read { size: from, log: Arc::clone(&log) });
        }
        if is_anew {
            // A table that somebody may open names entries by their places in the log that it was counted from.
            let mut made = self.shelf.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.retain(|(_, _, _, for_everybody, _), _| *for_everybody);
        }
        Ok(log)
    }

    /// As of when a table is counted where nobody says it: when the last entry was recorded, or the hour began, whichever is later. So a
    /// table that nothing was recorded for since is the one that was counted already.
    ///
    /// # Errors
    /// Trouble with the register.
    pub fn latest(&self) -> Result<Moment, DeskError> {
        let hour = Moment(self.now().0.div_euclid(HOUR) * HOUR);
        let log = self.whole_log()?;
        let last = log.len().checked_sub(1).map(|last| log.recorded_at(EventId(last as u32)));
        Ok(last.filter(|last| *last <= self.now()).map_or(hour, |last| last.max(hour)))
    }

    /// A period as somebody typed it.
    ///
    /// # Errors
    /// A text that is no period.
    pub fn period(&self, text: &str) -> Result<Period, DeskError> {
        Period::parse(text.trim(), &self.codebook.almanac).map_err(|_| DeskError::Input { field: "period", text: "statistics-no-period" })
    }

    /// A table, counted and protected for its audience.
    ///
    /// # Errors
    /// A table that is not there, a period that is none, trouble with the register.
    pub fn counted(&self, question: &Question) -> Result<Arc<Release>, DeskError> {
        let which = (
            question.table.clone(),
            question.period.clone(),
            question.as_of,
            question.audience == Audience::Public,
            question.released.clone(),
        );
        if let Some(made) = self.shelf.made.lock().unwrap_or_else(PoisonError::into_inner).get(&which) {
            return Ok(Arc::clone(made));
        }
        let period = self.period(&question.period)?;
        let table = release::version(&self.codebook, &question.table, &period).ok_or(DeskError::Absent)?;
        let log = self.whole_log()?;
        let wanted = Wanted {
            period: &period,
            as_of: question.as_of,
            audience: question.audience,
            released: &question.released,
            limits: Limits::default(),
        };
        let made = Arc::new(release::release(&self.codebook, &log, table, &wanted));
        let mut kept = self.shelf.made.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(which, Arc::clone(&made));
        Ok(made)
    }
}
