//! Looking, not judging: what the record says of a subject at an instant, for whoever counts rather than judges.
//!
//! The same reading of patterns, conditions, states and facts as the safeguards have, so that a table and a verdict cannot differ in
//! what an event is. Nothing is supposed: a time known only roughly counts at its earliest possible instant, a field that was not
//! recorded passes no test, and an unknown age is no age.

use crate::conditions::Stand;
use crate::hearing::Hearing;
use crate::knowledge::Entry;
use crate::scene::Scene;
use crate::worlds::World;
use habeas_codebook::log::{EventId, SubjectId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Cond, FieldId, Pattern, StateId};

/// A stretch during which a state holds: half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First instant.
    pub start: Moment,
    /// First instant after it; `None`: it had not ended when the log was heard.
    pub end: Option<Moment>,
    /// The entry that began it; `None` for ages, lives and counts.
    pub by: Option<EventId>,
    /// The entry that ended it.
    pub ended_by: Option<EventId>,
}

/// A subject, looked at.
pub struct Look<'h>(Scene<'h>);

/// What [`Look`] needs to stand on: nothing is supposed.
#[derive(Debug, Default)]
pub struct Ground(World);

impl<'h> Look<'h> {
    /// Looks at a subject of a log that is heard.
    #[must_use]
    pub fn at(hearing: &'h Hearing<'h>, ground: &'h Ground, subject: SubjectId) -> Self {
        Look(Scene::new(hearing, subject, None, &ground.0).with_rough_times())
    }

    /// Looks at an entry of a subject by itself: enough for tests that compare its fields with words and numbers, not with other fields.
    #[must_use]
    pub fn at_entry(hearing: &'h Hearing<'h>, ground: &'h Ground, subject: SubjectId) -> Self {
        Look(Scene::bare(hearing, subject, &ground.0))
    }

    fn entry(&self, event: EventId) -> Entry {
        let hearing = self.0.hearing;
        let entry = hearing.knowledge().entry(hearing.log, event);
        if entry.rough { Entry { at: hearing.possible(event).earliest, ..entry } } else { entry }
    }

    /// Whether an entry is what a pattern asks for.
    #[must_use]
    pub fn matches(&self, pattern: &Pattern, event: EventId) -> bool {
        self.0.matches(pattern, self.entry(event))
    }

    /// Whether a condition holds at an instant, with an entry at hand whose fields `the FIELD` means.
    #[must_use]
    pub fn holds(&self, cond: &Cond, event: Option<EventId>, at: Moment) -> bool {
        let judged = event.map(|e| self.entry(e));
        let stand = Stand { judged, at, facts_until: at, unrecorded: crate::conditions::Unrecorded::False };
        self.0.holds(cond, stand)
    }

    /// The stretches of a state that serve the subject, in order of time.
    #[must_use]
    pub fn stretches(&self, state: StateId) -> Vec<Stretch> {
        let runs = self.0.runs(state);
        let one =
            |run: &crate::states::Run| Stretch { start: run.start, end: run.end, by: run.by.map(|e| e.event), ended_by: run.ended_by };
        runs.iter().map(one).collect()
    }

    /// Whether a state holds of the subject, or of those that serve it, at an instant.
    #[must_use]
    pub fn is_in(&self, state: StateId, at: Moment) -> bool {
        self.0.in_state(state, self.0.subject, at)
    }

    /// When the subject reaches an age, by the birth date told last; `None`: nobody told one.
    #[must_use]
    pub fn birthday(&self, years: u32) -> Option<Moment> {
        self.0.birthday(self.0.subject, years).map(|(at, _)| at)
    }

    /// A fact of the subject itself in force at an instant.
    #[must_use]
    pub fn fact(&self, field: FieldId, at: Moment) -> Option<&'h Value> {
        self.0.fact(self.0.subject, field, at).map(|(_, value)| value)
    }

    /// Subjects of a class that serve this one: itself, those that its entries name, or those that its custodies are tied to.
    #[must_use]
    pub fn serving(&self, class: ClassId) -> Vec<SubjectId> {
        self.0.serving(class).to_vec()
    }
}
