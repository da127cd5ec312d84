//! Declarations: events with their fields, lists, aliases, states, items, clocks, limits and roles (rule-language, section 2).

use super::layout::LINE_LETTERS;
use super::{Frame, Voice};
use crate::tree::{
    Alias, Choices, ClassId, Clock, Each, Field, FieldType, Holds, Item, Kind, LimitValue, LimitVersion, List, Pattern, Presence, Required,
    Role, RoleIs, Sensitivity, SetBy, State, ValueId,
};

impl Voice<'_> {
    /// `event removed from facility of custody, as outing-start: purpose choice(court hearing) public required`
    #[must_use]
    pub fn kind(&self, kind: &Kind) -> String {
        // `by role` gave the kind a field that nobody wrote; it stands behind those of the declaration.
        let given =
            if kind.by_role { kind.fields.iter().rposition(|field| self.codebook.field_names[field.name.index()] == "by") } else { None };
        let fields: Vec<&Field> = kind.fields.iter().enumerate().filter(|(n, _)| Some(*n) != given).map(|(_, field)| field).collect();
        self.kind_with(kind, &fields)
    }

    /// An event with some of its fields: those that stand in its own declaration.
    pub(super) fn kind_with(&self, kind: &Kind, fields: &[&Field]) -> String {
        let marks = self.join(Frame::Comma, self.marks(kind));
        self.with_fields(&self.say(Frame::Event, &[&kind.name, &marks]), fields)
    }

    /// Fields that an `extend` gives to an event.
    pub(super) fn extension(&self, kind: &Kind, fields: &[&Field]) -> String {
        self.with_fields(&self.say(Frame::Extend, &[&kind.name]), fields)
    }

    fn with_fields(&self, head: &str, fields: &[&Field]) -> String {
        if fields.is_empty() {
            return head.to_owned();
        }
        let fields: Vec<String> = fields.iter().map(|field| self.field(field)).collect();
        let line = self.say(Frame::WithFields, &[head, &self.join(Frame::Semicolon, fields.iter().cloned())]);
        if line.chars().count() < LINE_LETTERS {
            return line;
        }
        // The joints of a table may hold other signs than `:` and `;`, so each field is broken off at the blank before it.
        let lines = fields.into_iter().map(|field| format!("\n  {field}"));
        self.say(Frame::WithFields, &[head, &self.join(Frame::Semicolon, lines)]).replace(" \n", "\n")
    }

    fn marks(&self, kind: &Kind) -> Vec<String> {
        let class = |id: &ClassId| self.class_name(*id);
        let mut marks: Vec<String> = kind.subjects.iter().map(class).collect();
        for (frame, classes) in [
            (Frame::Opens, &kind.opens),
            (Frame::Closes, &kind.closes),
            (Frame::OncePer, &kind.once_per),
            (Frame::Describes, &kind.describes),
        ] {
            marks.extend(classes.iter().map(|id| self.say(frame, &[&class(id)])));
        }
        for (frame, is) in [(Frame::ByRole, kind.by_role), (Frame::Corrects, kind.corrects), (Frame::Withdraws, kind.withdraws)] {
            marks.extend(is.then(|| self.say(frame, &[])));
        }
        if kind.seen_as != Sensitivity::Custody {
            marks.push(self.say(Frame::SeenAs, &[&self.sensitivity(kind.seen_as)]));
        }
        marks.extend(kind.screens.iter().map(|screen| self.say(Frame::As, &[screen])));
        marks
    }

    fn field(&self, field: &Field) -> String {
        let of = self.field_type(&field.of);
        let of = if field.list { self.say(Frame::ListOf, &[&of]) } else { of };
        let mut said = self.say(Frame::Field, &[&self.field_name(field.name), &of]);
        if field.sensitivity != Sensitivity::Custody {
            said = self.say(Frame::Field, &[&said, &self.sensitivity(field.sensitivity)]);
        }
        let required = match &field.required {
            Required::No => return said,
            Required::Always => self.say(Frame::Required, &[]),
            Required::When(other, test) => self.say(Frame::RequiredWhen, &[&self.field_name(*other), &self.test(test)]),
        };
        self.say(Frame::Field, &[&said, &required])
    }

    fn field_type(&self, of: &FieldType) -> String {
        let plain = match of {
            FieldType::Choice(Choices::Here(values)) => return self.say(Frame::Choice, &[&self.values(values)]),
            FieldType::Choices(Choices::Here(values)) => return self.say(Frame::Choices, &[&self.values(values)]),
            FieldType::Choice(Choices::Of(list)) => return self.say(Frame::ChoiceOf, &[&self.codebook.lists[list.index()].name]),
            FieldType::Choices(Choices::Of(list)) => return self.say(Frame::ChoicesOf, &[&self.codebook.lists[list.index()].name]),
            FieldType::Number(Some(unit)) => return self.say(Frame::NumberOf, &[&self.unit(*unit, false)]),
            FieldType::Subject(class) => return self.class_name(*class),
            FieldType::Ref(kinds) if !kinds.is_empty() => {
                let kinds = self.join(Frame::Comma, kinds.iter().map(|kind| self.codebook.kind(*kind).name.clone()));
                return self.say(Frame::RefTo, &[&kinds]);
            }
            FieldType::Ref(_) => Frame::Ref,
            FieldType::Number(None) => Frame::Number,
            FieldType::Text => Frame::Text,
            FieldType::YesNo => Frame::YesNo,
            FieldType::Money => Frame::Money,
            FieldType::Date => Frame::Date,
            FieldType::Time => Frame::Time,
            FieldType::Span => Frame::Span,
            FieldType::Duration => Frame::Duration,
            FieldType::FileHash => Frame::FileHash,
            FieldType::Language => Frame::Language,
            FieldType::Country => Frame::Country,
            FieldType::Signature => Frame::Signature,
            FieldType::BodyMark => Frame::BodyMark,
            FieldType::Role => Frame::RoleType,
            FieldType::Place => Frame::Place,
            FieldType::Person => Frame::Person,
            FieldType::Officer => Frame::Officer,
        };
        self.say(plain, &[])
    }

    fn values(&self, values: &[ValueId]) -> String {
        self.join(Frame::Comma, values.iter().map(|value| self.value_name(*value)))
    }

    pub(super) fn sensitivity(&self, sensitivity: Sensitivity) -> String {
        let frame = match sensitivity {
            Sensitivity::Public => Frame::Public,
            Sensitivity::Custody => Frame::Custody,
            Sensitivity::Identity => Frame::Identity,
            Sensitivity::Medical => Frame::Medical,
            Sensitivity::Privileged => Frame::Privileged,
        };
        self.say(frame, &[])
    }

    /// `list sexes: male, female, unknown`
    #[must_use]
    pub fn list(&self, list: &List) -> String {
        self.say(Frame::List, &[&list.name, &self.values(&list.values)])
    }

    /// `alias belts put on is restraint applied whose means is belts`
    #[must_use]
    pub fn alias(&self, alias: &Alias) -> String {
        self.say(Frame::Alias, &[&alias.name, &self.event(&alias.pattern)])
    }

    fn between(&self, from: &[Pattern], until: &[Pattern]) -> String {
        let events = |patterns: &[Pattern]| self.join(Frame::Or, patterns.iter().map(|event| self.event(event)));
        self.say(Frame::FromUntil, &[&events(from), &events(until)])
    }

    fn classes(&self, classes: &[ClassId]) -> String {
        self.join(Frame::Comma, classes.iter().map(|class| self.class_name(*class)))
    }

    /// `state isolated of custody, measure: from isolation started until isolation ended`
    #[must_use]
    pub fn state(&self, state: &State) -> String {
        let holds = match &state.holds {
            Holds::Between { from, until } => self.between(from, until),
            Holds::AgeBelow(years) => self.say(Frame::AgeBelow, &[&years.to_string()]),
            Holds::Always => self.say(Frame::Always, &[]),
            Holds::Count { bound, number, item } => {
                self.say(Frame::Present, &[&self.bounded(*bound, &number.to_string()), &self.item_name(*item)])
            }
        };
        self.say(Frame::State, &[&state.name, &self.classes(&state.subjects), &holds])
    }

    /// `item adults of custody: the other persons of the same cell who are not a child`
    #[must_use]
    pub fn item(&self, item: &Item) -> String {
        let present = match &item.present {
            Presence::Between { from, until, each, one_at_a_time } => {
                let each = match each {
                    Each::Field(field) => &self.field_name(*field),
                    Each::Subject(class) => &self.class_name(*class),
                };
                let said = self.say(Frame::OneForEach, &[&self.between(from, until), each]);
                match one_at_a_time {
                    Some(class) => self.say(Frame::EachInOne, &[&said, &self.class_name(*class)]),
                    None => said,
                }
            }
            Presence::Others { item: others, same, who } => {
                let said = self.say(Frame::TheOther, &[&self.item_name(*others), &self.class_name(*same)]);
                match who {
                    Some((true, state)) => self.say(Frame::WhoAre, &[&said, &self.predicate(*state, &item.mark)]),
                    Some((false, state)) => self.say(Frame::WhoAreNot, &[&said, &self.predicate(*state, &item.mark)]),
                    None => said,
                }
            }
        };
        self.say(Frame::Item, &[&item.name, &self.classes(&item.subjects), &present])
    }

    /// `clock limitation of case`
    #[must_use]
    pub fn clock(&self, clock: &Clock) -> String {
        self.say(Frame::Clock, &[&clock.name, &self.class_name(clock.subject)])
    }

    /// One version of a limit: `limit prompt examination is 4 hours, set by operator, because "…"`
    #[must_use]
    pub fn limit(&self, name: &str, version: &LimitVersion) -> String {
        let value = match version.value {
            LimitValue::Length(length) => self.length(length),
            LimitValue::Quantity(quantity) => self.quantity(quantity),
        };
        let set_by = match version.set_by {
            SetBy::Source => Frame::BySource,
            SetBy::Standard => Frame::ByStandard,
            SetBy::Operator => Frame::ByOperator,
        };
        let (set_by, because) = (self.say(set_by, &[]), self.say(Frame::Quotation, &[&version.because]));
        match version.from {
            Some(from) => self.say(Frame::LimitFrom, &[name, &value, &set_by, &from.to_string(), &because]),
            None => self.say(Frame::Limit, &[name, &value, &set_by, &because]),
        }
    }

    /// `role lawyer: address-book entry "lawyer-of-record", language en`
    #[must_use]
    pub fn role(&self, role: &Role) -> String {
        let is = match &role.is {
            RoleIs::Addressee { entry, language } => self.say(Frame::AddressBook, &[&self.say(Frame::Quotation, &[entry]), language]),
            RoleIs::Desk(name) => self.say(Frame::DeskRole, &[name]),
        };
        self.say(Frame::Role, &[&role.name, &is])
    }
}
