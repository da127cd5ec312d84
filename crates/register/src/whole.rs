//! The register as one log, for the monitor and for whoever counts: read from the first entry, or on from where it was read before.

use crate::checking::is_same;
use crate::entry::Known;
use crate::error::RegisterError;
use crate::judging;
use crate::reading::Signed;
use crate::register::Register;
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

/// Entries read at once.
const SOME: u32 = 1_024;
/// Threads that open entries beside one another: most of the time goes into keys and seals. More would take readers from those at work.
const OPENERS: usize = 2;

/// Where a lot begins, and its entries, each with its index.
type Lot = (u64, Vec<(u64, Known)>);

/// How far a log was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOn {
    /// Entries of the register so far: where to read on.
    pub size: u64,
    /// Among those read now was the destruction of keys: what was read before holds more than may be held, and must be read anew.
    pub erased: bool,
}

impl Register {
    /// Everything recorded so far as a log for the monitor and for returns. Holds it all in memory.
    ///
    /// # Errors
    /// What the machine says.
    pub fn log_so_far(&self) -> Result<Log, RegisterError> {
        let mut log = Log::new();
        self.each_from(0, &mut |_, entry| judging::push(&mut log, &entry).map(|_| ()))?;
        Ok(log)
    }

    /// Adds to a log what was recorded from an entry on, entries of one instant by their ids, as whoever counts wants them
    /// ([`Log::in_order_of_record`]). After an error the log holds a part of it. `tell` learns now and then how many entries are read.
    ///
    /// # Errors
    /// What the machine says.
    pub fn read_on(&self, log: &mut Log, from: u64, tell: &dyn Fn(u64)) -> Result<ReadOn, RegisterError> {
        let codebook = self.codebook();
        let (mut erased, mut together) = (false, Vec::new());
        let mut put = |together: &mut Vec<Known>| {
            together.sort_by(|one, other| one.id.cmp(&other.id));
            together.drain(..).try_for_each(|entry| judging::push(log, &entry).map(|_| ()))
        };
        let size = self.each_from(from, &mut |index, entry| {
            if index % u64::from(SOME) == 0 {
                tell(index);
            }
            let kind = &codebook.kind(entry.kind).name;
            erased |= is_same(kind, crate::stored::ERASURE) || is_same(kind, crate::stored::ERASED);
            if together.last().is_some_and(|last: &Known| last.recorded_at != entry.recorded_at) {
                put(&mut together)?;
            }
            together.push(entry);
            Ok(())
        })?;
        put(&mut together)?;
        Ok(ReadOn { size, erased })
    }

    /// Everything known at a moment as a log for returns, in the order of record, and the signed checkpoint of the smallest log that holds
    /// it: whoever has the entries up to there can count the same again. Holds it all in memory.
    ///
    /// # Errors
    /// What the machine says.
    pub fn log_known_at(&self, as_of: Moment) -> Result<(Log, Signed), RegisterError> {
        let (mut log, mut size) = (Log::new(), 0);
        self.each_from(0, &mut |index, entry| {
            if entry.recorded_at <= as_of {
                judging::push(&mut log, &entry)?;
                size = index + 1;
            }
            Ok(())
        })?;
        let log = log.in_order_of_record().unwrap_or(log);
        Ok((log, self.signed_at(size)?))
    }

    /// The signed checkpoint of the smallest log that holds everything known at a moment: that of [`Register::log_known_at`], without
    /// reading more than what was recorded since.
    ///
    /// # Errors
    /// What the machine says.
    pub fn checkpoint_known_at(&self, as_of: Moment) -> Result<Signed, RegisterError> {
        let size = self.read(|access| {
            let mut end = access.store.edge()?.unwrap_or_default().size();
            while end > 0 {
                let first = end.saturating_sub(u64::from(SOME));
                for row in access.store.events(first, (end - first) as u32)?.iter().rev() {
                    if access.open(row)?.is_some_and(|entry| entry.recorded_at <= as_of) {
                        return Ok(row.index + 1);
                    }
                }
                end = first;
            }
            Ok(0)
        })?;
        self.signed_at(size)
    }

    fn signed_at(&self, size: u64) -> Result<Signed, RegisterError> {
        let root = self.read(|access| access.root(size))?;
        Ok(Signed { size, root, note: self.checkpoint_at(size)? })
    }

    /// Every entry that can be read, from one on, with its index and in its place; gives how many entries there are.
    fn each_from(&self, from: u64, one: &mut dyn FnMut(u64, Known) -> Result<(), RegisterError>) -> Result<u64, RegisterError> {
        let size = self.read(|access| Ok(access.store.edge()?.unwrap_or_default().size()))?;
        let next = AtomicU64::new(from);
        let openers = if size.saturating_sub(from) > u64::from(SOME) { OPENERS } else { 1 };
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(openers);
            for _ in 0..openers {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    if let Err(error) = self.open_lots(next, size, &sender) {
                        // Whoever listens no more has heard of another trouble.
                        let _ = sender.send(Err(error));
                    }
                });
            }
            drop(sender);
            let (mut wanted, mut ahead) = (from, BTreeMap::new());
            for lot in receiver {
                let (first, entries) = lot?;
                ahead.insert(first, entries);
                while let Some(entries) = ahead.remove(&wanted) {
                    wanted += u64::from(SOME);
                    entries.into_iter().try_for_each(|(index, entry)| one(index, entry))?;
                }
            }
            Ok(size)
        })
    }

    /// Opens lots of entries, the next that nobody took yet, up to a size. Whoever gets no reader takes none: the others take them all.
    fn open_lots(&self, next: &AtomicU64, size: u64, sender: &SyncSender<Result<Lot, RegisterError>>) -> Result<(), RegisterError> {
        self.read(|access| {
            loop {
                let first = next.fetch_add(u64::from(SOME), Ordering::Relaxed);
                if first >= size {
                    return Ok(());
                }
                let end = size.min(first + u64::from(SOME));
                let mut entries = Vec::with_capacity(SOME as usize);
                for row in access.store.events(first, SOME)?.iter().take_while(|row| row.index < end) {
                    entries.extend(access.open(row)?.map(|entry| (row.index, entry)));
                }
                if sender.send(Ok((first, entries))).is_err() {
                    return Ok(());
                }
            }
        })
    }
}
