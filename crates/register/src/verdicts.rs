//! What is asked of the whole register at once: verdicts by what they say, how the rules stand, how many are held where, what is new.

use crate::error::RegisterError;
use crate::reading::{self, Count, Query, VerdictEntry};
use crate::register::Register;
use crate::store::CountRow;
use habeas_codebook::moment::Moment;
use habeas_ledger::leaf::{Class, Header};

impl Register {
    /// Verdicts as of `now`, by due time; those without one last.
    ///
    /// # Errors
    /// A cursor that is none; what the machine says.
    pub fn verdicts(&self, query: &Query, now: Moment) -> Result<Vec<VerdictEntry>, RegisterError> {
        self.settle_own(now, query.subject.clone().map(|subject| vec![subject]))?;
        self.read(|access| {
            let Some(asked) = reading::asked(access, query)? else { return Ok(Vec::new()) };
            let rows = access.store.verdicts(&asked)?;
            rows.into_iter().map(|row| reading::verdict_entry(access, &asked, row, now)).collect()
        })
    }

    /// How many verdicts of each rule on facts of custody are what, as of `now`. Counted are what is owed and done, not how late it was
    /// entered. Of rules on medical or privileged facts nothing is told: their counts are as secret as they are.
    ///
    /// # Errors
    /// What the machine says.
    pub fn counts(&self, now: Moment) -> Result<Vec<Count>, RegisterError> {
        self.settle_own(now, None)?;
        let counted = self.read(|access| access.store.counts(Class::Custody.id()))?;
        Ok(counted.into_iter().map(|CountRow { rule, verdict, count }| Count { rule, verdict, count: count.unsigned_abs() }).collect())
    }

    /// How many subjects of a class have a life that has not closed, by place; those whose place nobody knows stand under none.
    ///
    /// # Errors
    /// What the machine says.
    pub fn held(&self, class: &str) -> Result<Vec<(Option<String>, usize)>, RegisterError> {
        let held = self.read(|access| access.store.held(class))?;
        Ok(held.into_iter().map(|(place, count)| (place, usize::try_from(count).unwrap_or(0))).collect())
    }

    /// How many entries there are.
    ///
    /// # Errors
    /// What the machine says.
    pub fn size(&self) -> Result<u64, RegisterError> {
        self.read(|access| access.store.size())
    }

    /// Index of the first entry that the register took at or after a moment; how many there are, where there is none. No entry of the log
    /// was taken before the one in front of it.
    ///
    /// # Errors
    /// What the machine says.
    pub fn first_since(&self, moment: Moment) -> Result<u64, RegisterError> {
        self.read(|access| {
            let wanted = u64::try_from(moment.0.div_euclid(1000)).unwrap_or(0);
            let (mut from, mut to) = (0, access.store.size()?);
            while from < to {
                let middle = from + (to - from) / 2;
                let row = access.store.event(middle)?.ok_or_else(|| RegisterError::Absent { what: format!("entry {middle}") })?;
                if Header::decode(&row.header)?.recorded_at_ms < wanted { from = middle + 1 } else { to = middle }
            }
            Ok(from)
        })
    }

    /// Verdicts about one subject as they stood at a moment, by what was known at that moment; judged afresh, by due time. What was entered
    /// later, and what a later correction says, is not in them.
    ///
    /// # Errors
    /// [`RegisterError::Absent`] for a subject that no entry names.
    pub fn verdicts_known_at(&self, class: &str, id: &str, known_at: Moment) -> Result<Vec<VerdictEntry>, RegisterError> {
        self.read(|access| {
            let row = access.store.subject(class, id)?.ok_or_else(|| RegisterError::Absent { what: format!("{class} `{id}`") })?;
            reading::verdicts_known_at(access, &row, known_at)
        })
    }
}
