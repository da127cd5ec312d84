//! What the statistics room keeps at hand: the log as a whole, and tables that were counted. A table of a given as-of never changes, so
//! what was counted once is shown again at once.

use crate::desk::Desk;
use crate::error::DeskError;
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_returns::cells::Audience;
use habeas_returns::period::Period;
use habeas_returns::release::{self, Release, Wanted};
use habeas_returns::withhold::Limits;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tables kept; beyond that the shelf is emptied.
const MOST: usize = 200;

/// Which table: id, period, as-of, whether for everybody, as-ofs of earlier releases.
type Which = (String, String, Moment, bool, Vec<Moment>);

/// The log as it was read at a moment.
struct Read {
    at: Moment,
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
    /// The log with everything known at a moment, in the order of record. Later entries may be in it: who counts says as of when.
    ///
    /// # Errors
    /// Trouble with the register.
    pub fn whole_log(&self, as_of: Moment) -> Result<Arc<Log>, DeskError> {
        let mut kept = self.shelf.log.lock().unwrap_or_else(PoisonError::into_inner);
        let size = self.register.checkpoint()?.size;
        if let Some(read) = kept.as_ref().filter(|read| as_of <= read.at || read.size == size) {
            return Ok(Arc::clone(&read.log));
        }
        let at = self.now().max(as_of);
        let (log, _) = self.register.log_known_at(at)?;
        let log = Arc::new(log);
        *kept = Some(Read { at, size, log: Arc::clone(&log) });
        Ok(log)
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
        let log = self.whole_log(question.as_of)?;
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
