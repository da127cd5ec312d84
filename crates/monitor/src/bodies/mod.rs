//! The meaning of each body, one short file for each, in the words of rule-language section 5.

mod after;
mod before;
mod count;
mod every;
mod longest;
mod never;
mod quantity;
mod recurring;
mod while_state;

use crate::due::Counting;
use crate::scene::{Entry, Scene};
use crate::verdict::{Flags, Missing, MissingWhat, Reason, Row, Verdict};
use habeas_codebook::log::EventId;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Body, Keep, Rule, RuleId};
use smallvec::SmallVec;

/// One rule before one scene.
pub(crate) struct Judging<'s, 'h> {
    pub(crate) scene: &'s Scene<'h>,
    pub(crate) rule: &'h Rule,
    pub(crate) id: RuleId,
    /// In force from, until (exclusive).
    pub(crate) window: (Moment, Moment),
}

/// Appends the rows of a rule for the subject of a scene.
pub(crate) fn judge(scene: &Scene<'_>, id: RuleId, rows: &mut Vec<Row>) {
    let rule = scene.hearing.monitor.rule(id);
    let judging = Judging { scene, rule, id, window: scene.hearing.monitor.prepared[id.index()].window };
    match &rule.body {
        Body::After { which, trigger, answer, forbidden, limit } => {
            if *forbidden {
                judging.after_nothing(*which, trigger, answer, limit, rows);
            } else {
                judging.after(*which, trigger, answer, limit, rows);
            }
        }
        Body::Clock { length, from, answer, .. } => judging.clock(length, from, answer, rows),
        Body::Before { event, required, not_older } => judging.before(event, required, not_older.as_ref(), rows),
        Body::While { state, keep, .. } => match keep {
            Keep::NotLonger { limit, in_any: None, break_of } => judging.not_longer(*state, limit, break_of.as_ref(), rows),
            Keep::NotLonger { limit, in_any: Some(window), .. } => judging.not_longer_in_any(*state, limit, window, rows),
            Keep::Forbidden => judging.forbidden(*state, rows),
            Keep::NoEvent(event) => judging.no_event_while(*state, event, rows),
            Keep::Count { bound, number, item, condition } => judging.count(*state, (*bound, number), *item, condition.as_ref(), rows),
            Keep::Every { event, period, first } => judging.recurring(*state, event, period, first.as_ref(), rows),
        },
        Body::Never { event } => judging.never(event, rows),
        Body::Quantity { field, of, less, per, bound, number, .. } => {
            judging.quantity(&quantity::Measured { field: *field, of: *of, less, per: *per }, *bound, number, rows);
        }
        Body::EveryRecord { event, fields } => judging.every_record(event, fields, rows),
        Body::EverySatisfies { event, cond } => judging.every_satisfies(event, cond, rows),
        Body::EveryRestsOn { event, authority, roles, not_older } => {
            judging.every_rests_on(event, authority, roles, not_older.as_ref(), rows);
        }
    }
}

impl<'s, 'h> Judging<'s, 'h> {
    /// A row still to be filled in.
    pub(crate) fn row(&self, trigger: Option<Entry>) -> Row {
        let mut events = SmallVec::new();
        if let Some(trigger) = trigger {
            events.push(trigger.event);
        }
        Row {
            rule: self.id,
            record: false,
            subject: self.scene.subject,
            trigger: trigger.map(|t| t.event),
            trigger_at: trigger.map(|t| t.at),
            verdict: Verdict::Met,
            due_at: None,
            since: None,
            until: None,
            late_by: None,
            over_by: None,
            over_since: None,
            flags: Flags::default(),
            events,
            missing: Vec::new(),
            reason: None,
        }
    }

    /// A row `n.a.` with its reason.
    pub(crate) fn not_applicable(&self, trigger: Option<Entry>, reason: Reason) -> Row {
        let mut row = self.row(trigger);
        leave_out(&mut row, reason);
        row
    }

    /// A row that cannot be told because a field was not recorded.
    pub(crate) fn undetermined(&self, trigger: Option<Entry>, missing: Missing) -> Row {
        let mut row = self.row(trigger);
        leave_open(&mut row, missing);
        row
    }

    pub(crate) fn missing_field(&self, entry: Entry, field: habeas_codebook::tree::FieldId) -> Missing {
        Missing { event: Some(entry.event), what: MissingWhat::Field(field) }
    }

    /// The entry of an event that is there in this world.
    pub(crate) fn entry(&self, event: EventId) -> Option<Entry> {
        let hearing = self.scene.hearing;
        Some(Entry { at: self.scene.at(event)?, ..hearing.knowledge().entry(hearing.log, event) })
    }

    /// Whether an instant lies in the time in which this version of the rule is in force.
    pub(crate) fn in_force(&self, at: Moment) -> bool {
        self.window.0 <= at && at < self.window.1
    }

    pub(crate) fn counting(&self) -> Counting {
        Counting::duty(self.rule)
    }

    /// Adds a row with the flags that its events bring.
    #[inline]
    pub(crate) fn push(&self, mut row: Row, rows: &mut Vec<Row>) {
        self.flag(&mut row);
        rows.push(row);
    }

    #[inline(never)]
    fn flag(&self, row: &mut Row) {
        let tolerance = self.scene.codebook.late_entry_after;
        let late = |e: &EventId| {
            let log = self.scene.hearing.log;
            self.scene.at(*e).is_some_and(|at| log.recorded_at(*e).since(at) > tolerance)
        };
        if self.scene.hearing.knowledge().any_late() && row.events.iter().any(late) {
            row.flags.insert(Flags::LATE_ENTRY);
        }
        if let Some(state) = self.age_state() {
            row.flags.insert(self.scene.age_flags(state));
        }
    }

    /// The age that this rule turns on, if any.
    fn age_state(&self) -> Option<habeas_codebook::tree::StateId> {
        let prepared = &self.scene.hearing.monitor.prepared[self.id.index()];
        prepared.age
    }

    /// When an entry became what it is now: its record, or the correction that gave it its time.
    pub(crate) fn known_since(&self, event: EventId, fits_as_entered: impl Fn(Moment) -> bool) -> Moment {
        let log = self.scene.hearing.log;
        let recorded = log.recorded_at(event);
        let Some(corrected) = self.scene.hearing.corrected(event) else { return recorded };
        let by_time = corrected.at.filter(|_| !fits_as_entered(log.at(event).earliest)).map(|(_, at)| at);
        let by_field = corrected.fields.iter().map(|(_, _, at)| *at).max().filter(|_| self.tests_matter(event));
        by_time.into_iter().chain(by_field).fold(recorded, Moment::max)
    }

    /// Whether the pattern that an event answers reads fields that were corrected: then the correction made it an answer.
    fn tests_matter(&self, event: EventId) -> bool {
        let log = self.scene.hearing.log;
        let answer = match &self.rule.body {
            Body::After { answer, .. } | Body::Clock { answer, .. } => answer,
            Body::Before { required, .. } => required,
            Body::EveryRestsOn { authority, .. } => authority,
            Body::While { keep: Keep::Every { event, .. }, .. } => event,
            Body::While { .. } | Body::Quantity { .. } | Body::EveryRecord { .. } | Body::EverySatisfies { .. } | Body::Never { .. } => {
                return false;
            }
        };
        let (_, tests) = self.scene.codebook.expand(answer);
        let corrected = self.scene.hearing.corrected(event);
        tests.iter().any(|(field, _)| {
            corrected.is_some_and(|c| c.fields.iter().any(|(f, new, _)| f == field && log.field(event, *field) != Some(new)))
        })
    }

    /// One `/record` row for each event whose entry is judged (clause `it must be recorded within`).
    pub(crate) fn record_rows(&self, events: impl Iterator<Item = Entry>, rows: &mut Vec<Row>) {
        let Some(span) = &self.rule.recorded_within else { return };
        let mut done: SmallVec<[EventId; 4]> = SmallVec::new();
        for entry in events {
            if done.contains(&entry.event) {
                continue;
            }
            done.push(entry.event);
            let recorded = self.scene.hearing.log.recorded_at(entry.event);
            let row = match self.scene.extent(span, Some(entry), entry.at) {
                Ok(extent) => {
                    let due = self.scene.add(entry.at, extent, self.counting());
                    let late = recorded > due;
                    Row {
                        verdict: if late { Verdict::MetLate } else { Verdict::Met },
                        due_at: Some(due),
                        since: late.then_some(due),
                        late_by: late.then(|| recorded.since(due)),
                        ..self.row(Some(entry))
                    }
                }
                Err(field) => self.undetermined(Some(entry), self.missing_field(entry, field)),
            };
            self.push(Row { record: true, ..row }, rows);
        }
    }
}

/// The rule does not apply.
fn leave_out(row: &mut Row, reason: Reason) {
    row.verdict = Verdict::NotApplicable;
    row.reason = Some(reason);
}

/// It cannot be told, because something was not recorded.
fn leave_open(row: &mut Row, missing: Missing) {
    row.verdict = Verdict::Undetermined;
    row.reason = Some(Reason::Unrecorded);
    row.missing.push(missing);
}

/// What an exception makes of a verdict that it excuses.
pub(crate) fn excuse(row: &mut Row, by: Option<u8>) {
    if let (Some(exception), Verdict::Breached | Verdict::MetLate) = (by, row.verdict) {
        row.verdict = Verdict::Excused;
        row.reason = Some(Reason::Exception(exception));
    }
}
