//! `no e may happen`: one row for each e, else one for the subject.

use super::{Judging, excuse};
use crate::states::{Key, Run};
use crate::verdict::{Row, Verdict};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Pattern;

impl Judging<'_, '_> {
    pub(super) fn never(&self, event: &Pattern, rows: &mut Vec<Row>) {
        let mut any = false;
        let judged: smallvec::SmallVec<[crate::scene::Entry; 4]> = self.scene.all(event).filter(|e| self.in_force(e.at)).collect();
        for e in &judged {
            any = true;
            match self.judged_at(*e) {
                Err(reason) => self.push(self.not_applicable(Some(*e), reason), rows),
                Ok(excused) => {
                    let mut row = self.row(Some(*e));
                    row.verdict = Verdict::Breached;
                    row.since = Some(e.at);
                    excuse(&mut row, excused);
                    self.push(row, rows);
                }
            }
        }
        self.record_rows(judged.into_iter(), rows);
        if any {
            return;
        }
        let Some((start, close)) = self.scene.life() else { return };
        let end = close.map_or(Moment::FAR_OFF, |c| c.0).min(self.window.1);
        let start = start.max(self.window.0);
        if start > self.scene.now() || start > end {
            return;
        }
        let run = Run {
            start,
            end: (end <= self.scene.now()).then_some(end),
            by: None,
            ended_by: close.map(|c| c.1),
            inferred: false,
            key: Key::Subject(self.scene.subject),
        };
        let open = run.end.is_none();
        let held = !self.cut(std::iter::once(&run)).is_empty();
        let row =
            if held { Row { verdict: if open { Verdict::Pending } else { Verdict::Met }, ..self.row(None) } } else { self.never_held() };
        self.push(row, rows);
    }
}
