//! `every e must record …`, `must satisfy …`, `must rest on …`: judged when e occurs, one row for each e.

use super::{Judging, excuse, leave_open};
use crate::conditions::{Stand, Unrecorded};
use crate::scene::Entry;
use crate::verdict::{Flags, Row, Verdict};
use crate::worlds::Unknown;
use habeas_codebook::log::Value;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Cond, FieldId, FieldType, Pattern, RoleId, Span};
use smallvec::SmallVec;

impl Judging<'_, '_> {
    /// One row for each e that the rule applies to, as `verdict` fills it in.
    fn each(&self, event: &Pattern, rows: &mut Vec<Row>, verdict: impl Fn(Entry, &mut Row)) {
        let judged: SmallVec<[Entry; 4]> = self.scene.all(event).filter(|e| self.in_force(e.at)).collect();
        for e in &judged {
            match self.judged_at(*e) {
                Err(reason) => self.push(self.not_applicable(Some(*e), reason), rows),
                Ok(excused) => {
                    let mut row = self.row(Some(*e));
                    verdict(*e, &mut row);
                    excuse(&mut row, excused);
                    self.push(row, rows);
                }
            }
        }
        self.record_rows(judged.into_iter(), rows);
    }

    pub(super) fn every_record(&self, event: &Pattern, fields: &[FieldId], rows: &mut Vec<Row>) {
        self.each(event, rows, |e, row| {
            let mut supplied: Option<Moment> = None;
            for field in fields {
                if self.scene.field(e.event, *field).is_none() {
                    row.verdict = Verdict::Breached;
                    row.since = Some(e.at);
                    row.missing.push(self.missing_field(e, *field));
                } else if self.scene.hearing.log.field(e.event, *field).is_none() {
                    let by = self.scene.hearing.corrected(e.event).and_then(|c| c.fields.iter().find(|(f, _, _)| f == field));
                    supplied = supplied.max(by.map(|(_, _, at)| *at));
                }
            }
            if let (Verdict::Met, Some(at)) = (row.verdict, supplied) {
                row.verdict = Verdict::MetLate;
                row.since = Some(e.at);
                row.late_by = Some(at.since(e.at));
            }
        });
    }

    pub(super) fn every_satisfies(&self, event: &Pattern, cond: &Cond, rows: &mut Vec<Row>) {
        self.each(event, rows, |e, row| {
            let stand = Stand { unrecorded: Unrecorded::Unknown, ..Stand::at_entry(e) };
            if !self.scene.holds(cond, stand) {
                row.verdict = Verdict::Breached;
                row.since = Some(e.at);
            }
        });
    }

    pub(super) fn every_rests_on(
        &self,
        event: &Pattern,
        authority: &Pattern,
        roles: &[RoleId],
        not_older: Option<&Span>,
        rows: &mut Vec<Row>,
    ) {
        self.each(event, rows, |e, row| {
            let extent = match not_older.map(|span| self.scene.extent(span, Some(e), e.at)).transpose() {
                Ok(extent) => extent,
                Err(field) => return leave_open(row, self.missing_field(e, field)),
            };
            let valid = |b: &Entry| {
                b.at <= e.at
                    && b.event != e.event
                    && extent.is_none_or(|x| e.at <= self.scene.add(b.at, x, self.counting()))
                    && !self.expired(*b, e.at)
                    && self.given_by(*b, roles)
            };
            let named = self.named_authority(e, authority);
            let rests_on = match named {
                Some(id) => self.authority_called(id, authority).filter(valid),
                None => self.scene.all(authority).filter(|b| self.scene.joined(e, *b)).filter(valid).last(),
            };
            match rests_on {
                Some(b) => {
                    row.events.insert(0, b.event);
                    if b.at == e.at {
                        row.flags.insert(Flags::SAME_INSTANT);
                    }
                    if self.known_since(b.event, |at| at <= e.at) > e.at {
                        row.flags.insert(Flags::CLEARED_LATE);
                    }
                }
                None => {
                    row.verdict = Verdict::Breached;
                    row.since = Some(e.at);
                }
            }
        });
    }

    fn given_by(&self, authority: Entry, roles: &[RoleId]) -> bool {
        let by = self.scene.hearing.monitor.by_field.and_then(|f| self.scene.field(authority.event, f));
        if let Some(Value::Role(role)) = by {
            return roles.contains(role);
        }
        if let (Some(Value::Sealed), Some(field)) = (by, self.scene.hearing.monitor.by_field) {
            return self.scene.suppose(Unknown::Sealed { event: Some(authority.event), field, test: roles.as_ptr() as usize });
        }
        by.and_then(Value::as_text).is_some_and(|text| {
            let text = self.scene.hearing.log.text_of(text).replace('_', " ");
            roles.iter().any(|r| self.scene.codebook.roles[r.index()].name == text)
        })
    }

    /// `valid until` is inclusive; a date means the whole day.
    fn expired(&self, authority: Entry, at: Moment) -> bool {
        let until = self.scene.hearing.monitor.valid_until_field.and_then(|f| self.scene.field_time(authority, f));
        until.is_some_and(|(_, latest)| at > latest)
    }

    /// The id of the authority that e names, if it names one of the kind asked for.
    fn named_authority(&self, e: Entry, authority: &Pattern) -> Option<&str> {
        let kind = self.scene.hearing.monitor.kind_of(authority);
        let fields = &self.scene.codebook.kind(e.kind).fields;
        let may_name = |of: &FieldType| if let FieldType::Ref(kinds) = of { kinds.contains(&kind) } else { false };
        let named = fields.iter().filter(|f| may_name(&f.of)).find_map(|f| self.scene.field(e.event, f.name)?.as_text());
        named.map(|id| self.scene.hearing.log.text_of(id))
    }

    /// The authority of that id, if it is one; e rests on that one only.
    fn authority_called(&self, id: &str, authority: &Pattern) -> Option<Entry> {
        let log = self.scene.hearing.log;
        self.scene.all(authority).find(|b| log.id(b.event) == id)
    }
}
