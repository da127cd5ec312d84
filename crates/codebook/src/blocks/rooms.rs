//! Work lists (rule-language section 11).

use super::Reader;
use super::parser::Read;
use crate::room::{FieldOf, Room, Shown};
use crate::tree::FieldId;

impl Reader<'_, '_> {
    pub(crate) fn room(&mut self) -> Read<Room> {
        let start = self.p.place;
        let (name, subject, roles) = self.work_of("room")?;
        self.p.expect_sign(';')?;
        self.p.expect("from")?;
        let from = self.events()?;
        let until = if self.p.take("until") { self.events()? } else { Vec::new() };
        let (mut shows, mut by) = (Vec::new(), None);
        while self.p.sign(';') {
            if self.p.take("by") {
                self.p.expect("the")?;
                by = Some(self.field_of_kind()?);
                break;
            }
            self.p.expect("show")?;
            shows.push(self.shown()?);
        }
        Ok(Room { name, subject, roles, from, until, shows, by, mark: self.p.since(start) })
    }

    fn shown(&mut self) -> Read<Shown> {
        if self.p.take("the") {
            let of = self.field_of_kind()?;
            if !self.p.take("for each") {
                return Ok(Shown::Field(of));
            }
            let kinds: Vec<_> = self.kind_of(of.event).into_iter().collect();
            return Ok(Shown::Across(of, self.field_name(&kinds)?));
        }
        match self.maybe_event_name() {
            Some(event) => Ok(Shown::Event(event)),
            None => Ok(Shown::State(self.state()?.0)),
        }
    }

    /// `FIELD of the EVENT`, behind its `the`.
    pub(crate) fn field_of_kind(&mut self) -> Read<FieldOf> {
        let (field, mark) = self.p.name("field", &self.p.names.fields)?;
        self.p.expect("of the")?;
        let event = self.event_name()?;
        let field = FieldId(field);
        let has = self.kind_of(event).is_none_or(|kind| self.kinds[kind.index()].fields.iter().any(|one| one.name == field));
        if !has {
            let message = format!("`{}` is not a field of this event", self.p.names.fields.spellings[field.index()]);
            return self.p.fail("E102", mark, message, None);
        }
        Ok(FieldOf { field, event })
    }
}
