//! The access log: each reading of a record, and each list, is an entry of the same log, and costs whoever reads next to nothing.
//!
//! A reading is handed to the writer's line and stands in the next commit, with whatever else waits there; nobody waits for the disk. What
//! is in the line is written also when the register closes. A machine that loses its power may lose the readings of its last commit, a few
//! thousandths of a second. If a reading could not be entered, the next one is refused, so that nobody reads on unrecorded.

use crate::door::{Task, Waiting};
use crate::draft::{Actor, Draft, Receipt};
use crate::error::RegisterError;
use crate::register::Register;
use habeas_codebook::moment::Moment;
use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::sync::{Mutex, PoisonError};

/// What became of the drafts of one reading.
type Entered = Vec<Result<Receipt, RegisterError>>;

/// Answers to readings that have not been heard yet, the oldest first.
#[derive(Default)]
pub(crate) struct Unheard(Mutex<VecDeque<Receiver<Entered>>>);

impl Register {
    /// Enters that somebody read, without waiting until it is durable. Call it before what is read is shown, and show nothing if it fails.
    ///
    /// # Errors
    /// An earlier reading that could not be entered; a register that has been closed.
    pub fn note_reading(&self, draft: Draft, actor: &Actor, now: Moment) -> Result<(), RegisterError> {
        self.hear_readings(false)?;
        let (answer, answered) = mpsc::channel();
        self.send(Task::Append(Waiting { drafts: vec![draft], actor: actor.clone(), now, together: false, answer }))?;
        self.unheard().0.lock().unwrap_or_else(PoisonError::into_inner).push_back(answered);
        Ok(())
    }

    /// Waits until every reading so far is durable: before the access log itself is read.
    ///
    /// # Errors
    /// A reading that could not be entered.
    pub fn settle_readings(&self) -> Result<(), RegisterError> {
        self.hear_readings(true)
    }

    fn hear_readings(&self, wait: bool) -> Result<(), RegisterError> {
        let mut unheard = self.unheard().0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(first) = unheard.front() {
            let heard = if wait { first.recv().map_err(|_| TryRecvError::Disconnected) } else { first.try_recv() };
            match heard {
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => {
                    unheard.pop_front();
                    return Err(RegisterError::Closed);
                }
                Ok(receipts) => {
                    unheard.pop_front();
                    receipts.into_iter().collect::<Result<Vec<_>, _>>()?;
                }
            }
        }
        Ok(())
    }
}
