//! Work lists (rule-language, section 11).

use super::{Frame, Voice};
use crate::room::{FieldOf, Room, Shown};
use crate::tree::Pattern;

impl Voice<'_> {
    /// `room complaints of case: for procurator desk; from complaint received until case decided; show the type of the complaint
    /// received`, a line for each part.
    #[must_use]
    pub fn room(&self, room: &Room) -> String {
        let roles = self.join(Frame::Or, room.roles.iter().map(|role| self.role_name(*role)));
        let events = |patterns: &[Pattern]| self.join(Frame::Or, patterns.iter().map(|event| self.event(event)));
        let stretch = if room.until.is_empty() {
            self.say(Frame::From, &[&events(&room.from)])
        } else {
            self.say(Frame::FromUntil, &[&events(&room.from), &events(&room.until)])
        };
        let by = room.by.iter().map(|of| self.say(Frame::ByDate, &[&self.field_of(*of)]));
        let parts = std::iter::once(stretch).chain(room.shows.iter().map(|shown| self.shown(shown))).chain(by);
        // As in a flow, each part is broken off at the blank before it.
        let parts = self.join(Frame::Semicolon, parts.map(|part| format!("\n  {part}")));
        self.say(Frame::Room, &[&room.name, &self.class_name(room.subject), &roles, &parts]).replace(" \n", "\n")
    }

    fn shown(&self, shown: &Shown) -> String {
        let said = match shown {
            Shown::Event(event) => self.event_name(*event),
            Shown::State(state) => self.state_name(*state),
            Shown::Field(of) => self.field_of(*of),
            Shown::Across(of, each) => self.say(Frame::ForEachField, &[&self.field_of(*of), &self.field_name(*each)]),
        };
        self.say(Frame::Show, &[&said])
    }

    fn field_of(&self, of: FieldOf) -> String {
        self.say(Frame::TheFieldOf, &[&self.field_name(of.field), &self.event_name(of.event)])
    }
}
