//! `before a, b must have happened [not more than d earlier]`: one row for each a, for ever.

use super::{Judging, excuse, leave_open};
use crate::conditions::Stand;
use crate::scene::Entry;
use crate::verdict::{Flags, Reason, Row, Verdict};
use habeas_codebook::tree::{Consequence, Pattern, Span};

impl Judging<'_, '_> {
    pub(super) fn before(&self, event: &Pattern, required: &Pattern, not_older: Option<&Span>, rows: &mut Vec<Row>) {
        let mut answering = Vec::new();
        for a in self.scene.all(event).filter(|a| self.in_force(a.at)) {
            match self.judged_at(a) {
                Err(reason) => self.push(self.not_applicable(Some(a), reason), rows),
                Ok(excused) => {
                    let mut row = self.row(Some(a));
                    let found = self.preceded(&mut row, a, required, not_older);
                    answering.extend(found.filter(|_| self.rule.recorded_within.is_some()));
                    excuse(&mut row, excused);
                    self.push(row, rows);
                }
            }
        }
        self.record_rows(answering.into_iter(), rows);
    }

    /// What `where` and the exceptions make of an event at its instant: not applicable, or excused by one.
    pub(super) fn judged_at(&self, entry: Entry) -> Result<Option<u8>, Reason> {
        let stand = Stand::at_entry(entry);
        if self.rule.condition.as_ref().is_some_and(|c| !self.scene.holds(c, stand)) {
            return Err(Reason::Where);
        }
        match self.scene.exception(&self.rule.exceptions, stand) {
            Some((i, exception)) => match exception.then {
                Consequence::DoesNotApply => Err(Reason::Exception(i)),
                Consequence::Excused => Ok(Some(i)),
                // These bodies have no limit that could be another (E129).
                Consequence::LimitIs(_) => Ok(None),
            },
            None => Ok(None),
        }
    }

    /// Fills in whether what is required came before; returns the last of it.
    fn preceded(&self, row: &mut Row, a: Entry, required: &Pattern, not_older: Option<&Span>) -> Option<Entry> {
        let mut found: Option<Entry> = None;
        let mut known = false;
        let belated = self.scene.hearing.knowledge().any_belated();
        for b in self.scene.all(required).take_while(|b| b.at <= a.at) {
            if b.event == a.event || !self.scene.joined(a, b) {
                continue;
            }
            if let Some(span) = not_older {
                match self.scene.extent(span, Some(a), a.at) {
                    Ok(extent) if self.scene.add(b.at, extent, self.counting()) < a.at => continue,
                    Ok(_) => {}
                    Err(field) => {
                        leave_open(row, self.missing_field(a, field));
                        return None;
                    }
                }
            }
            known |= !belated || self.known_since(b.event, |at| at <= a.at) <= a.at;
            found = Some(b);
        }
        match found {
            Some(b) => {
                row.events.insert(0, b.event);
                if b.at == a.at {
                    row.flags.insert(Flags::SAME_INSTANT);
                }
                if !known {
                    row.flags.insert(Flags::CLEARED_LATE);
                }
            }
            None => {
                row.verdict = Verdict::Breached;
                row.since = Some(a.at);
            }
        }
        found
    }
}
