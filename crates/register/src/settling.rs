//! Time judges again whom it has moved, a few at a time between entries; and whom an import has brought, once it is there.

use crate::access::Access;
use crate::door::Door;
use crate::error::RegisterError;
use crate::judging;
use crate::remembering::{self, ReadOf};
use crate::store::LifeRow;
use crate::things;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Builtin;
use habeas_monitor::Monitor;
use std::collections::BTreeSet;

/// Subjects that time has moved and that are judged again in one go: whoever enters something does not wait for more.
pub(crate) const SETTLED_AT_ONCE: u32 = 32;

/// The same of those that were brought from elsewhere, while nobody enters anything: what they share is loaded once.
pub(crate) const BROUGHT_AT_ONCE: u32 = 512;

/// Entries of a place that are looked at in one go, before the first of its people is judged after a start.
const LOOKED_AT_ONCE: u32 = 128;

/// What came of judging again whom time has moved.
pub(crate) struct Settled {
    /// How many subjects were judged again.
    pub(crate) subjects: usize,
    /// Others may be left.
    pub(crate) rest: bool,
}

/// Whom time had moved by a moment that somebody asked about, place by place, as far as they are not judged yet: much is read for all of
/// one place alike. Whom it has moved since is sought when they are done: to seek reads everybody whom it has moved, which after an import
/// or a night without the server are most of the register, and somebody asks every moment. The next stands last.
#[derive(Default)]
pub(crate) struct Due {
    /// As of when they were sought.
    by: Option<Moment>,
    subjects: Vec<i64>,
}

impl Due {
    /// The next of them, so many at most.
    fn next(&mut self, access: &mut Access, now: Moment, at_once: u32) -> Result<Vec<i64>, RegisterError> {
        if self.subjects.is_empty() || self.by.is_some_and(|by| now < by) {
            self.subjects = access.store.moving(now.0)?;
            self.subjects.reverse();
            self.by = Some(now);
        }
        let mut next = Vec::new();
        while let Some(subject) = self.subjects.pop_if(|_| next.len() < at_once as usize) {
            // An entry may have had them judged meanwhile.
            let life = remembering::life(access, subject)?;
            next.extend(life.is_some_and(|life| life.judged_at != now.0 && has_moved(life, now)).then_some(subject));
        }
        Ok(next)
    }

    /// Whether time may have moved others by a moment.
    fn may_be_left(&self, now: Moment) -> bool {
        !self.subjects.is_empty() || self.by.is_none_or(|by| by < now)
    }
}

/// Whether time alone may have changed the verdicts of a life since it was judged.
fn has_moved(life: &LifeRow, now: Moment) -> bool {
    life.moves_at.is_some_and(|at| at <= now.0)
}

/// Whether a rule for a subject's class reads the breaches of others.
fn reads_breaches(access: &mut Access, monitor: &Monitor<'_>, subject: i64) -> Result<bool, RegisterError> {
    let row = access.store.subject_numbered(subject)?;
    let class = row.and_then(|row| access.codebook.class_named(&row.class));
    Ok(class.is_some_and(|class| monitor.reads_breaches_of(class)))
}

/// Which of some subjects time has moved: those whose own verdicts may be other ones, or that read breaches which others may have
/// come to by now. A reader asks so before the writer is waited for, which may be at work on others.
pub(crate) fn moved_of(
    access: &mut Access,
    monitor: &Monitor<'_>,
    subjects: &[(String, String)],
    now: Moment,
) -> Result<BTreeSet<i64>, RegisterError> {
    let mut moved = BTreeSet::new();
    for (class, name) in subjects {
        let Some(number) = access.store.subject(class, name)?.map(|row| row.number) else { continue };
        let Some(life) = access.store.life(number)?.filter(|life| life.judged_at != now.0) else { continue };
        if has_moved(&life, now) || reads_breaches(access, monitor, number)? {
            moved.insert(number);
        }
    }
    Ok(moved)
}

impl Door {
    /// Judges whom an import that was cut short has left, before anything else is entered: their breaches are no news.
    pub(crate) fn judge_put_off(&mut self, monitor: &Monitor<'_>, now: Moment) -> Result<(), RegisterError> {
        let left = self.access.store.moving(remembering::PUT_OFF)?;
        for some in left.chunks(BROUGHT_AT_ONCE as usize) {
            judging::judge_and_store(&mut self.access, monitor, some, (now, false))?;
        }
        Ok(())
    }

    /// Who reads breaches of some subjects, of those that are not done yet; they are then. Most who read others read no breaches of theirs.
    fn readers_of_breaches(
        &mut self,
        monitor: &Monitor<'_>,
        subjects: &[i64],
        done: &mut BTreeSet<i64>,
    ) -> Result<Vec<i64>, RegisterError> {
        let mut readers = Vec::new();
        if monitor.reads_breaches() {
            for subject in subjects {
                for (reader, what) in self.access.store.readers(*subject)? {
                    let asks =
                        what.as_deref().and_then(ReadOf::from_bytes).is_none_or(|read| read.kinds.contains(Builtin::BreachFound.kind()));
                    if asks && !done.contains(&reader) && reads_breaches(&mut self.access, monitor, reader)? {
                        done.insert(reader);
                        readers.push(reader);
                    }
                }
            }
        }
        Ok(readers)
    }

    /// Looks at what the places of some subjects have seen, a part at a time, until all of it is known or somebody waits; whether it is.
    fn knows_place_of(&mut self, monitor: &Monitor<'_>, subjects: &[i64], waits: &mut dyn FnMut() -> bool) -> Result<bool, RegisterError> {
        for subject in subjects {
            let Some(name) = remembering::life(&mut self.access, *subject)?.and_then(|life| life.place.clone()) else { continue };
            let Some(place) = self.access.store.subject("place", &name)? else { continue };
            while !things::look_at(&mut self.access, monitor, place.number, LOOKED_AT_ONCE)? {
                if waits() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Judges again whom time has moved: of some subjects, or the first of all until somebody waits.
    pub(crate) fn settle(
        &mut self,
        monitor: &Monitor<'_>,
        now: Moment,
        (only, at_once): (Option<&[(String, String)]>, u32),
        waits: &mut dyn FnMut() -> bool,
    ) -> Result<Settled, RegisterError> {
        // Left empty where this fails: they are sought again then.
        let mut waiting = std::mem::take(&mut self.due);
        let changed = self.in_transaction(|door| {
            let found = match only {
                Some(subjects) => moved_of(&mut door.access, monitor, subjects, now)?.into_iter().collect(),
                None => waiting.next(&mut door.access, now, at_once)?,
            };
            let (mut brought, mut moved) = (Vec::new(), Vec::new());
            for subject in found {
                let is_brought = remembering::is_put_off(&mut door.access, subject)?;
                if is_brought { brought.push(subject) } else { moved.push(subject) }
            }
            // What was brought from elsewhere is history: nobody is told of its breaches tonight.
            let mut changed = judging::judge_and_store(&mut door.access, monitor, &brought, (now, false))?;
            let mut done: BTreeSet<i64> = brought.iter().copied().collect();
            let readers = door.readers_of_breaches(monitor, &brought, &mut done)?;
            changed.extend(judging::judge_and_store(&mut door.access, monitor, &readers, (now, true))?);
            // Whoever comes meanwhile waits for one judgement, not for all; who is asked about together is judged together.
            let together = if only.is_some() { moved.len().max(1) } else { 1 };
            let mut judged = 0;
            for some in moved.chunks(together) {
                if only.is_none() && !door.knows_place_of(monitor, some, waits)? {
                    break;
                }
                judged += some.len();
                let mut due: Vec<i64> = some.iter().copied().filter(|one| done.insert(*one)).collect();
                due.extend(door.readers_of_breaches(monitor, some, &mut done)?);
                changed.extend(judging::judge_and_store(&mut door.access, monitor, &due, (now, true))?);
                if only.is_none() && waits() {
                    break;
                }
            }
            waiting.subjects.extend(moved[judged..].iter().rev());
            Ok(changed)
        })?;
        let rest = only.is_none() && waiting.may_be_left(now);
        self.due = waiting;
        let size = self.edge.size();
        if changed.iter().any(|change| change.rows > 0) {
            self.publish(size, &changed)?;
        }
        Ok(Settled { subjects: changed.len(), rest })
    }
}
