//! What the statistics room keeps at hand: the log as a whole, and tables that were counted. A table of a given as-of never changes, so
//! what was counted once is shown again at once.

use super::published::{Sheet, sheet};
use super::releasing::hash;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::texts::Language;
use habeas_codebook::log::{EventId, Log};
use habeas_codebook::moment::Moment;
use habeas_codebook::table::Table;
use habeas_returns::Kept;
use habeas_returns::cells::Audience;
use habeas_returns::period::Period;
use habeas_returns::release::{self, Release, Wanted};
use habeas_returns::withhold::Limits;
use habeas_returns::write::csv;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// A register of no more entries is waited for, however long it takes.
const FEW: u64 = 20_000;
/// So long a larger one is waited for before the page says how far it is read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tables kept; beyond that the shelf is emptied.
const MOST: usize = 200;

/// Which table: id, period, as-of, whether for everybody, as-ofs of earlier releases.
type Which = (String, String, Moment, bool, Vec<Moment>);

/// The log as far as it was read: so many entries of the register.
struct Read {
    size: u64,
    log: Arc<Log>,
}

/// The log, and how often it was begun anew: what was heard of one is nothing of the next.
#[derive(Default)]
struct Reading {
    read: Option<Read>,
    times: u64,
}

/// What is kept at hand.
#[derive(Default)]
pub struct Shelf {
    log: Mutex<Reading>,
    /// The log that was read so many times anew, kept heard between two questions.
    kept: RwLock<Option<(u64, Kept)>>,
    /// The log was read whole once.
    is_read: AtomicBool,
    /// Somebody reads it while others wait.
    is_reading: Mutex<bool>,
    /// Told when they have ended.
    ended: Condvar,
    /// So many entries are read.
    so_far: AtomicU64,
    /// How often it was begun anew.
    begun: AtomicU64,
    made: Mutex<BTreeMap<Which, Arc<Counted>>>,
}

impl Shelf {
    /// How often the log was begun anew: at the first question, where keys were destroyed, and where entries came that were recorded
    /// before others.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }
}

/// A table that was counted, with what its pages say of it: it never changes, so that this is made once.
pub struct Counted {
    release: Release,
    hash: OnceLock<String>,
    sheets: Mutex<Vec<(Language, Arc<Sheet>)>>,
}

impl Deref for Counted {
    type Target = Release;

    fn deref(&self) -> &Release {
        &self.release
    }
}

impl Counted {
    /// SHA-256 of its CSV.
    #[must_use]
    pub fn hash(&self) -> &str {
        self.hash.get_or_init(|| hash(&csv::write(&self.release.made)))
    }

    /// The table as readers of a language have it on public pages.
    #[must_use]
    pub fn sheet(&self, desk: &Desk, language: Language) -> Arc<Sheet> {
        let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = sheets.iter().find(|(known, _)| *known == language) {
            return Arc::clone(known);
        }
        let sheet = Arc::new(sheet(desk, language, &self.release.made));
        sheets.push((language, Arc::clone(&sheet)));
        sheet
    }
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
        Ok(self.read_on()?.0)
    }

    /// The same, and how often it was read anew.
    fn read_on(&self) -> Result<(Arc<Log>, u64), DeskError> {
        let mut reading = self.shelf.log.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out while it grows: after trouble halfway the next question begins anew.
        let (mut log, from) = reading.read.take().map_or_else(|| (Arc::new(Log::new()), 0), |read| (read.log, read.size));
        let size = self.register.checkpoint()?.size;
        let mut is_anew = from == 0;
        if size > from {
            let tell = |read: u64| self.shelf.so_far.store(read, Ordering::Relaxed);
            let mut read = self.register.read_on(Arc::make_mut(&mut log), from, &tell)?;
            if read.erased && from > 0 {
                log = Arc::new(Log::new());
                self.shelf.is_read.store(false, Ordering::Relaxed);
                read = self.register.read_on(Arc::make_mut(&mut log), 0, &tell)?;
                is_anew = true;
            }
            if let Some(sorted) = log.in_order_of_record() {
                log = Arc::new(sorted);
                is_anew = true;
            }
            reading.read = Some(Read { size: read.size, log: Arc::clone(&log) });
        } else {
            reading.read = Some(Read { size: from, log: Arc::clone(&log) });
        }
        reading.times += u64::from(is_anew);
        self.shelf.begun.store(reading.times, Ordering::Relaxed);
        self.shelf.is_read.store(true, Ordering::Relaxed);
        if is_anew {
            // A table that somebody may open names entries by their places in the log that it was counted from.
            let mut made = self.shelf.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.retain(|(_, _, _, for_everybody, _), _| *for_everybody);
        }
        Ok((log, reading.times))
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
    pub fn counted(&self, question: &Question) -> Result<Arc<Counted>, DeskError> {
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
        let (log, times) = self.read_on()?;
        let wanted = Wanted {
            period: &period,
            as_of: question.as_of,
            audience: question.audience,
            released: &question.released,
            limits: Limits::default(),
        };
        let release = self.released((&log, times), table, &wanted);
        let made = Arc::new(Counted { release, hash: OnceLock::new(), sheets: Mutex::default() });
        let mut kept = self.shelf.made.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(which, Arc::clone(&made));
        Ok(made)
    }

    /// Counts from the log that is kept heard, after hearing what came in since; as of a moment before that it is heard by itself.
    fn released(&self, (log, times): (&Log, u64), table: &Table, wanted: &Wanted<'_>) -> Release {
        self.hear((log, times), wanted.as_of);
        let kept = self.shelf.kept.read().unwrap_or_else(PoisonError::into_inner);
        match kept.as_ref().filter(|kept| kept.0 == times && kept.1.is_up_to(log, wanted.as_of)) {
            Some((_, kept)) => release::release_kept(&self.codebook, (log, kept), table, wanted),
            None => release::release(&self.codebook, log, table, wanted),
        }
    }

    /// Hears what came in since, where a question as of a moment can be answered from what is kept then.
    fn hear(&self, (log, times): (&Log, u64), as_of: Moment) {
        let is_own = |kept: &(u64, Kept)| kept.0 == times;
        let is_up = |kept: &(u64, Kept)| is_own(kept) && kept.1.is_up_to(log, as_of);
        if self.shelf.kept.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(is_up) {
            return;
        }
        let mut kept = self.shelf.kept.write().unwrap_or_else(PoisonError::into_inner);
        match kept.as_mut().filter(|kept| is_own(kept)) {
            Some((_, kept)) if kept.reaches(log, as_of) => kept.hear(&self.codebook, log, as_of),
            // As of a moment before, or of a log to which somebody else has added meanwhile.
            Some(_) => {}
            None => *kept = Some((times, Kept::new(&self.codebook, log, as_of))),
        }
    }

    /// Begins to read the register for the statistics where nobody did yet, while somebody still chooses a table or waits for one.
    pub fn read_ahead(&self) {
        let mut is_reading = self.shelf.is_reading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.shelf.is_read.load(Ordering::Relaxed) || *is_reading {
            return;
        }
        *is_reading = true;
        drop(is_reading);
        let desk = self.clone();
        let ending = Ended(desk.clone());
        let work = move || {
            // Trouble is told to whoever asks for a table.
            if let (Ok(as_of), Ok((log, times))) = (desk.latest(), desk.read_on()) {
                desk.hear((&log, times), as_of);
            }
            drop(ending);
        };
        // Where no thread can be had, it has ended, and the first table waits.
        let _ = std::thread::Builder::new().spawn(work);
    }

    /// For pages that need the whole log: waits a little for the first reading after a start, which this begins.
    ///
    /// # Errors
    /// [`DeskError::BeingRead`]: it takes longer.
    pub fn wait_until_read(&self) -> Result<(), DeskError> {
        if self.shelf.is_read.load(Ordering::Relaxed) {
            return Ok(());
        }
        let of = self.register.checkpoint()?.size;
        if of <= FEW {
            return Ok(());
        }
        self.read_ahead();
        let is_reading = self.shelf.is_reading.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shelf.ended.wait_timeout_while(is_reading, PATIENCE, |is_reading| *is_reading);
        if waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            return Err(DeskError::BeingRead { read: self.shelf.so_far.load(Ordering::Relaxed).min(of), of });
        }
        // Where reading failed the page reads itself, and tells why.
        Ok(())
    }
}

/// Says that reading has ended, however it did.
struct Ended(Desk);

impl Drop for Ended {
    fn drop(&mut self) {
        *self.0.shelf.is_reading.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.shelf.ended.notify_all();
    }
}
