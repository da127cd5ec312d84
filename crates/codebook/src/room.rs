//! Work lists: a `room` says which subjects of a class are somebody's work, from which entry until which, and what the list shows of each.
//!
//! The desk makes the page by this tree; `render` reads it aloud; the checks question it.

use crate::diagnostic::Mark;
use crate::tree::{ClassId, EventName, FieldId, Pattern, RoleId, StateId};

/// `room NAME of CLASS: for ROLE; from EVENT until EVENT; show …; by the FIELD of the EVENT.`
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    /// Its name.
    pub name: String,
    /// Whose list it is: one line for each of these.
    pub subject: ClassId,
    /// Whose work it is.
    pub roles: Vec<RoleId>,
    /// A subject is in the list from any of these on. Unlike a state, a list may begin with the entry that closes its subject.
    pub from: Vec<Pattern>,
    /// Until any of these; empty: for good.
    pub until: Vec<Pattern>,
    /// What the list shows of each, in order.
    pub shows: Vec<Shown>,
    /// A date or time by which the list is sorted and laid out as a calendar.
    pub by: Option<FieldOf>,
    /// Where declared.
    pub mark: Mark,
}

/// `the FIELD of the EVENT`: as the latest such entry has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldOf {
    /// The field.
    pub field: FieldId,
    /// Of which entry.
    pub event: EventName,
}

/// Something that a list shows of each subject.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// `show EVENT`: when it last happened.
    Event(EventName),
    /// `show STATE`: whether it holds now.
    State(StateId),
    /// `show the FIELD of the EVENT`: what the latest such entry says.
    Field(FieldOf),
    /// `show the FIELD of the EVENT for each OTHER`: a column for each value of the other field, a choice of the same event.
    Across(FieldOf, FieldId),
}
