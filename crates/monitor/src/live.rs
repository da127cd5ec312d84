//! A monitor that is told entries one by one: each entry has only those subjects judged anew whose verdicts read it.
//!
//! While a subject is judged, the subjects whose entries were read are noted; an entry that names one of them asks for a new
//! judgement. So an entry of a cell reaches everybody in it, a birth date reaches the custody, and nothing else is touched.
//! Passing time needs no entry: [`Live::rows`] judges again only what may have moved since.

use crate::hearing::Hearing;
use crate::knowledge::{Knowledge, Map, in_order, target_id};
use crate::monitor::Monitor;
use crate::verdict::{Asked, Row, Verdict};
use habeas_codebook::log::{DuplicateId, Entry, EventId, Log, SubjectId};
use habeas_codebook::moment::Moment;
use smallvec::SmallVec;

/// A log that grows, with its verdicts.
pub struct Live<'c> {
    monitor: &'c Monitor<'c>,
    log: Log,
    knowledge: Knowledge,
    rows: Map<SubjectId, Vec<Row>>,
    /// Who is judged on the entries of a subject.
    readers: Map<SubjectId, SmallVec<[SubjectId; 4]>>,
}

impl<'c> Live<'c> {
    /// An empty log. Rules that read breaches are judged by [`Monitor::with_breaches`] in a batch, not here.
    #[must_use]
    pub fn new(monitor: &'c Monitor<'c>) -> Self {
        Live { monitor, log: Log::new(), knowledge: Knowledge::empty(monitor.codebook), rows: Map::default(), readers: Map::default() }
    }

    /// The log so far.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Where readers place the texts of fields before [`Live::append`].
    pub fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    /// Takes in an entry recorded at `now` and judges anew whoever it touches; returns them.
    ///
    /// # Errors
    /// [`DuplicateId`] when the log has an entry with this id; nothing is changed.
    pub fn append(&mut self, entry: &Entry<'_>, now: Moment) -> Result<Vec<SubjectId>, DuplicateId> {
        let event = self.log.push(entry)?;
        self.knowledge.grow(self.monitor, &self.log, event);
        let changed = self.change(event);
        let mut touched: Vec<SubjectId> = Vec::new();
        for event in std::iter::once(event).chain(changed) {
            self.touch(event, &mut touched);
        }
        self.judge(&touched, now);
        Ok(touched)
    }

    /// Does what an entry says of another one, if anything; returns that one.
    fn change(&mut self, event: EventId) -> Option<EventId> {
        if !self.monitor.changes(self.log.kind(event)) {
            return None;
        }
        let id = target_id(self.monitor, &self.log, event)?.to_owned();
        let target = self.log.find(&id)?;
        Some(self.knowledge.change(self.monitor, &self.log, event, target))
    }

    fn touch(&self, event: EventId, touched: &mut Vec<SubjectId>) {
        for subject in self.log.subjects(event) {
            let readers = self.readers.get(subject).map_or(&[][..], |r| r.as_slice());
            for reader in std::iter::once(subject).chain(readers) {
                if self.monitor.judges[self.log.class_of(*reader).index()] && !touched.contains(reader) {
                    touched.push(*reader);
                }
            }
        }
    }

    fn judge(&mut self, subjects: &[SubjectId], now: Moment) {
        let asked = Asked { now, known_at: now };
        for subject in subjects {
            let mut rows = self.rows.remove(subject).unwrap_or_default();
            rows.clear();
            let hearing = Hearing::of_kept(self.monitor, &self.log, asked, &self.knowledge);
            let read = self.monitor.judge_noting(&hearing, *subject, &mut rows);
            for other in read {
                let readers = self.readers.entry(other).or_default();
                if !readers.contains(subject) {
                    readers.push(*subject);
                }
            }
            self.rows.insert(*subject, rows);
        }
    }

    /// Every row as of `now`, in the order of output. `now` may not go back.
    pub fn rows(&mut self, now: Moment) -> Vec<Row> {
        let moving: Vec<SubjectId> = self.rows.iter().filter(|(s, rows)| self.may_move(**s, rows)).map(|(s, _)| *s).collect();
        self.judge(&moving, now);
        in_order(self.monitor, &self.log).iter().filter_map(|s| self.rows.get(s)).flatten().cloned().collect()
    }

    /// Whether time alone may change a subject's rows: something is pending, open or counted to now, or an entry lies ahead.
    fn may_move(&self, subject: SubjectId, rows: &[Row]) -> bool {
        let open = |row: &Row| match row.verdict {
            Verdict::Pending | Verdict::Undetermined => true,
            Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::MetLate => row.over_by.is_some(),
            Verdict::Breached => row.over_by.is_some() || row.until.is_none(),
        };
        rows.is_empty() || rows.iter().any(open) || self.knowledge.events_of(subject).iter().any(|e| self.lies_ahead(e.event))
    }

    /// An entry whose time is later than its record may not have been there when its subject was last judged.
    fn lies_ahead(&self, event: EventId) -> bool {
        self.knowledge.at(&self.log, event).latest > self.log.recorded_at(event)
    }
}
