//! Rules made at random over the declarations of a codebook, each of a form that the grammar allows.

use crate::moment::{DayCount, Length, TimeUnit};
use crate::tree::*;
use jiff::civil;
use rust_decimal::Decimal;

/// Phrases of which each must stand in some generated rule, so that no form goes untested.
pub(super) const PHRASES: &[&str] = &[
    "after the first",
    "after the latest",
    "must happen within the limit",
    "must happen within the",
    "must happen by the",
    " before the ",
    "may happen within",
    "must have happened not more than",
    "as long as",
    "it must not last longer than",
    "in any",
    "without a break of at least",
    "it is forbidden",
    "there must be exactly",
    "present where",
    "must happen at least every",
    "the first within",
    "at all times, the",
    "less the",
    "divided by the number of",
    "must record",
    "must satisfy",
    "must rest on",
    "given not more than",
    "the clock",
    "must happen before it ends",
    "whose",
    "and whose",
    "has happened",
    "has not happened",
    "is not",
    "is one of (",
    "is known",
    "includes",
    "does not include",
    "includes all of (",
    "is at least",
    "is at most",
    "is more than",
    "is less than",
    "of the",
    "where the",
    "unless",
    "the limit is",
    "a breach is excused",
    "the time does not run while",
    "calendar days",
    "working days",
    "whole days",
    "it must be recorded within",
    "it outlasts the custody",
    "irrespective of",
    "on breach, tell",
    "until",
    "severity record",
    " and (",
    " or (",
    "percent",
    "square metres",
    "safeguard is",
    "grade is",
];

/// Choices read one after another; when they are used up, every choice is the first.
pub(super) struct Tape<'a> {
    choices: &'a [u16],
    place: usize,
}

impl<'a> Tape<'a> {
    pub(super) fn new(choices: &'a [u16]) -> Self {
        Tape { choices, place: 0 }
    }

    fn below(&mut self, n: usize) -> usize {
        let choice = self.choices.get(self.place).copied().unwrap_or_default();
        self.place += 1;
        choice as usize % n
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 1
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flip().then(|| make(self))
    }

    /// One to three.
    fn some<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..=self.below(3)).map(|_| make(self)).collect()
    }

    /// None to two.
    fn few<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(3)).map(|_| make(self)).collect()
    }

    fn date(&mut self) -> civil::Date {
        civil::date(1990 + self.below(40) as i16, 1 + self.below(12) as i8, 1 + self.below(28) as i8)
    }
}

/// A rule over the codebook's declarations.
pub(super) fn rule(codebook: &Codebook, id: &str, tape: &mut Tape) -> Rule {
    Maker { codebook }.rule(id, tape)
}

struct Maker<'a> {
    codebook: &'a Codebook,
}

fn mark() -> crate::diagnostic::Mark {
    crate::diagnostic::Mark::default()
}

impl Maker<'_> {
    fn rule(&self, id: &str, tape: &mut Tape) -> Rule {
        let body = self.body(tape);
        let judged = self.judged(&body);
        Rule {
            id: id.to_owned(),
            pack: self.codebook.id.clone(),
            cites: tape.few(|tape| self.citation(tape)),
            from: tape.date(),
            until: tape.maybe(Tape::date),
            severity: *tape.pick(&[Grade::Record, Grade::Notable, Grade::Serious, Grade::Critical]),
            subject: self.class(tape),
            condition: tape.maybe(|tape| self.cond(tape, &judged, 0)),
            exceptions: tape.few(|tape| Exception {
                when: self.cond(tape, &judged, 0),
                then: self.consequence(tape, &judged),
                mark: mark(),
            }),
            pauses: tape.few(|tape| self.state(tape)),
            days: DayCounting(tape.maybe(|tape| *tape.pick(&[DayCount::Calendar, DayCount::Working, DayCount::Whole]))),
            recorded_within: tape.maybe(|tape| self.span(tape, &judged)),
            outlasts: tape.flip(),
            irrespective: tape.few(|tape| self.pattern(tape)),
            tell: tape.few(|tape| Telling {
                roles: tape.some(|tape| self.role(tape)),
                within: tape.maybe(|tape| self.span(tape, &judged)),
                mark: mark(),
            }),
            chapter: 0,
            mark: mark(),
            body,
        }
    }

    fn class(&self, tape: &mut Tape) -> ClassId {
        ClassId(tape.below(self.codebook.classes.len()) as u16)
    }

    fn state(&self, tape: &mut Tape) -> StateId {
        StateId(tape.below(self.codebook.states.len()) as u16)
    }

    fn item(&self, tape: &mut Tape) -> ItemId {
        ItemId(tape.below(self.codebook.items.len()) as u16)
    }

    fn role(&self, tape: &mut Tape) -> RoleId {
        RoleId(tape.below(self.codebook.roles.len()) as u16)
    }

    fn limit(&self, tape: &mut Tape) -> LimitId {
        LimitId(tape.below(self.codebook.limits.len()) as u16)
    }

    fn citation(&self, tape: &mut Tape) -> Citation {
        let kinds = [LabelKind::Paragraph, LabelKind::Article, LabelKind::Rule, LabelKind::Principle, LabelKind::Section, LabelKind::Note];
        Citation {
            source: tape.pick(&["CAT/C/SR.2087", "Code of 1 May, part 2", "is: and (or).", ""]).to_string(),
            kind: *tape.pick(&kinds),
            label: tape.pick(&["1", "12B", "7-a", "rule"]).to_string(),
            mark: mark(),
        }
    }

    fn length(&self, tape: &mut Tape) -> Length {
        let units = [TimeUnit::Second, TimeUnit::Minute, TimeUnit::Hour, TimeUnit::Day, TimeUnit::Month, TimeUnit::Year];
        Length { amount: *tape.pick(&[1, 0, 2, 15, 100_000]), unit: *tape.pick(&units) }
    }

    fn number(&self, tape: &mut Tape) -> Decimal {
        *tape.pick(&[Decimal::ONE, Decimal::ZERO, Decimal::new(45, 1), Decimal::new(2, 0), Decimal::new(12_345_678_901, 6)])
    }

    /// Fields of some kinds that pass a test.
    fn fields(&self, kinds: &[KindId], wanted: impl Fn(&Field) -> bool) -> Vec<FieldId> {
        kinds.iter().flat_map(|kind| &self.codebook.kind(*kind).fields).filter(|f| wanted(f)).map(|f| f.name).collect()
    }

    fn span(&self, tape: &mut Tape, judged: &[KindId]) -> Span {
        // The parser asks the first kind that has the field, so the field must be a duration there.
        let durations: Vec<FieldId> = self.fields(judged, |f| f.of == FieldType::Duration);
        match tape.below(3) {
            0 => Span::Length(self.length(tape), mark()),
            1 if !durations.is_empty() => Span::Field(*tape.pick(&durations), mark()),
            _ => Span::Limit(self.limit(tape), mark()),
        }
    }

    fn event(&self, tape: &mut Tape) -> EventName {
        let n = tape.below(self.codebook.kinds.len() + self.codebook.aliases.len());
        match n.checked_sub(self.codebook.kinds.len()) {
            None => EventName::Kind(KindId(n as u16)),
            Some(alias) => EventName::Alias(AliasId(alias as u16)),
        }
    }

    fn kind_of(&self, event: EventName) -> KindId {
        self.codebook.expand(&Pattern { event, tests: Vec::new(), mark: mark() }).0
    }

    fn pattern(&self, tape: &mut Tape) -> Pattern {
        // Every third event is the one with a field of each type.
        let rich = self.codebook.kinds.iter().position(|k| k.name == "permit given").map(|n| EventName::Kind(KindId(n as u16)));
        let event = if tape.below(3) == 2 { rich.unwrap_or(EventName::Kind(KindId(0))) } else { self.event(tape) };
        let kind = self.kind_of(event);
        let fields = &self.codebook.kind(kind).fields;
        let tests = if fields.is_empty() {
            Vec::new()
        } else {
            tape.few(|tape| {
                let field = tape.pick(fields);
                (field.name, self.test(tape, field, &[kind]))
            })
        };
        Pattern { event, tests, mark: mark() }
    }

    fn operand(&self, tape: &mut Tape, judged: &[KindId]) -> (Operand, Field) {
        let own = self.fields(judged, |_| true);
        let facts: Vec<(ClassId, &Field)> = self
            .codebook
            .kinds
            .iter()
            .flat_map(|kind| kind.describes.iter().flat_map(|class| kind.fields.iter().map(|field| (*class, field))))
            .collect();
        let choice = tape.below(3);
        if choice == 0 && !own.is_empty() {
            let name = *tape.pick(&own);
            let field = judged.iter().find_map(|k| self.codebook.field(*k, name)).cloned();
            return (Operand { field: name, of: Of::Judged, mark: mark() }, field.expect("it is one of theirs"));
        }
        if choice == 1 && !facts.is_empty() {
            let (class, field) = *tape.pick(&facts);
            let first = self
                .codebook
                .kinds
                .iter()
                .filter(|k| k.describes.contains(&class))
                .find_map(|k| k.fields.iter().find(|f| f.name == field.name));
            return (Operand { field: field.name, of: Of::Subject(class), mark: mark() }, first.unwrap_or(field).clone());
        }
        let event = self.event(tape);
        let fields = &self.codebook.kind(self.kind_of(event)).fields;
        if fields.is_empty() {
            let correction = &self.codebook.kinds[0];
            let of = Of::Event(EventName::Kind(Builtin::Correction.kind()));
            return (Operand { field: correction.fields[0].name, of, mark: mark() }, correction.fields[0].clone());
        }
        let field = tape.pick(fields);
        (Operand { field: field.name, of: Of::Event(event), mark: mark() }, field.clone())
    }

    fn test(&self, tape: &mut Tape, field: &Field, judged: &[KindId]) -> Test {
        let relation = *tape.pick(&[Relation::AtLeast, Relation::AtMost, Relation::MoreThan, Relation::LessThan]);
        match (&field.of, tape.below(6)) {
            (_, 0) => Test::Known,
            (FieldType::Number(unit), 1 | 2) => {
                let quantity = Quantity { number: self.number(tape), unit: *unit };
                Test::Compare(relation, Measure::Amount(Amount::Number(quantity, mark())))
            }
            (FieldType::Number(_), 3) => Test::Compare(relation, Measure::Amount(Amount::Limit(self.limit(tape), mark()))),
            (FieldType::Duration, 1 | 2) => Test::Compare(relation, Measure::Length(self.length(tape), mark())),
            (FieldType::Number(_) | FieldType::Duration | FieldType::Time | FieldType::Date, _) => {
                Test::Compare(relation, Measure::Other(self.operand(tape, judged).0))
            }
            (_, 1) => Test::Is(tape.flip(), self.term(tape, field, judged)),
            (_, 2) => Test::OneOf(tape.some(|tape| self.term(tape, field, judged))),
            (_, 3) => Test::Includes(tape.flip(), self.term(tape, field, judged)),
            (_, 4) => Test::IncludesAll(tape.some(|tape| self.term(tape, field, judged))),
            (_, _) => Test::Is(true, Term::Other(self.operand(tape, judged).0)),
        }
    }

    fn term(&self, tape: &mut Tape, field: &Field, judged: &[KindId]) -> Term {
        let name = self.codebook.field_names[field.name.index()].as_str();
        match &field.of {
            FieldType::Choice(choices) | FieldType::Choices(choices) => Term::Value(*tape.pick(self.codebook.values(choices)), mark()),
            FieldType::Role => Term::Role(self.role(tape), mark()),
            FieldType::YesNo => Term::YesNo(tape.flip()),
            FieldType::Text if name == "safeguard" => Term::Rule(tape.pick(&self.codebook.rules).id.clone(), mark()),
            FieldType::Text if name == "grade" => {
                Term::Grade(*tape.pick(&[Grade::Record, Grade::Notable, Grade::Serious, Grade::Critical]))
            }
            FieldType::Text
            | FieldType::Number(_)
            | FieldType::Money
            | FieldType::Date
            | FieldType::Time
            | FieldType::Span
            | FieldType::Duration
            | FieldType::FileHash
            | FieldType::Language
            | FieldType::Country
            | FieldType::Signature
            | FieldType::BodyMark
            | FieldType::Place
            | FieldType::Person
            | FieldType::Officer
            | FieldType::Subject(_)
            | FieldType::Ref(_) => Term::Other(self.operand(tape, judged).0),
        }
    }

    fn cond(&self, tape: &mut Tape, judged: &[KindId], depth: usize) -> Cond {
        let choices = if depth < 3 { 6 } else { 4 };
        match tape.below(choices) {
            0 => Cond::State(self.state(tape), mark()),
            1 => Cond::Happened(self.pattern(tape), tape.flip()),
            2 => {
                let (operand, field) = self.operand(tape, judged);
                Cond::Field(operand, self.test(tape, &field, judged))
            }
            3 => Cond::Subject(self.class(tape), tape.flip(), self.state(tape), mark()),
            n => {
                let mut parts = vec![self.cond(tape, judged, depth + 1)];
                parts.extend(tape.some(|tape| self.cond(tape, judged, depth + 1)));
                if n == 4 { Cond::All(parts) } else { Cond::Any(parts) }
            }
        }
    }

    fn consequence(&self, tape: &mut Tape, judged: &[KindId]) -> Consequence {
        match tape.below(3) {
            0 => Consequence::DoesNotApply,
            1 => Consequence::LimitIs(self.span(tape, judged)),
            _ => Consequence::Excused,
        }
    }

    fn within(&self, tape: &mut Tape, kind: KindId) -> Within {
        let fields = self.fields(&[kind], |_| true);
        match tape.below(5) {
            0 | 1 => Within::Span(self.span(tape, &[kind])),
            2 if !fields.is_empty() => {
                Within::By { before: tape.maybe(|tape| self.length(tape)), field: *tape.pick(&fields), mark: mark() }
            }
            3 => Within::Before(self.pattern(tape)),
            _ => Within::AsLongAs(self.state(tape), mark()),
        }
    }

    fn body(&self, tape: &mut Tape) -> Body {
        match tape.below(10) {
            0 | 1 => {
                let trigger = self.pattern(tape);
                let limit = self.within(tape, self.kind_of(trigger.event));
                let which = *tape.pick(&[Which::Each, Which::First, Which::Latest]);
                Body::After { which, answer: self.pattern(tape), forbidden: tape.flip(), limit, trigger }
            }
            2 => {
                let event = self.pattern(tape);
                let kind = self.kind_of(event.event);
                Body::Before { required: self.pattern(tape), not_older: tape.maybe(|tape| self.span(tape, &[kind])), event }
            }
            3 => {
                let state = self.state(tape);
                Body::While { state, keep: self.keep(tape, state), mark: mark() }
            }
            4 => self.quantity(tape),
            5 => {
                let (event, fields) = self.event_with_fields(tape);
                Body::EveryRecord { fields: tape.some(|tape| *tape.pick(&fields)), event }
            }
            6 => {
                let event = self.pattern(tape);
                let kind = self.kind_of(event.event);
                Body::EverySatisfies { cond: self.cond(tape, &[kind], 0), event }
            }
            7 => {
                let event = self.pattern(tape);
                let kind = self.kind_of(event.event);
                Body::EveryRestsOn {
                    authority: self.pattern(tape),
                    roles: tape.some(|tape| self.role(tape)),
                    not_older: tape.maybe(|tape| self.span(tape, &[kind])),
                    event,
                }
            }
            8 => Body::Never { event: self.pattern(tape) },
            _ => {
                let from = self.pattern(tape);
                let kind = self.kind_of(from.event);
                let clock = ClockId(tape.below(self.codebook.clocks.len()) as u16);
                Body::Clock { clock, length: self.span(tape, &[kind]), answer: self.pattern(tape), from }
            }
        }
    }

    fn event_with_fields(&self, tape: &mut Tape) -> (Pattern, Vec<FieldId>) {
        let event = self.pattern(tape);
        let fields = self.fields(&[self.kind_of(event.event)], |_| true);
        if !fields.is_empty() {
            return (event, fields);
        }
        let kind = Builtin::BreachFound.kind();
        (Pattern { event: EventName::Kind(kind), tests: Vec::new(), mark: mark() }, self.fields(&[kind], |_| true))
    }

    fn quantity(&self, tape: &mut Tape) -> Body {
        let facts: Vec<(ClassId, &Kind, &Field)> = self
            .codebook
            .kinds
            .iter()
            .flat_map(|kind| kind.describes.iter().flat_map(move |class| kind.fields.iter().map(move |field| (*class, kind, field))))
            .filter(|(_, _, field)| matches!(field.of, FieldType::Number(_)))
            .collect();
        let (of, kind, field) = *tape.pick(&facts);
        let FieldType::Number(unit) = field.of else { unreachable!("only numbers were kept") };
        let number = if tape.flip() {
            Amount::Limit(self.limit(tape), mark())
        } else {
            Amount::Number(Quantity { number: self.number(tape), unit }, mark())
        };
        Body::Quantity {
            field: field.name,
            of,
            less: tape.few(|tape| tape.pick(&kind.fields).name),
            per: tape.maybe(|tape| self.item(tape)),
            bound: *tape.pick(&[Bound::AtLeast, Bound::AtMost]),
            number,
            mark: mark(),
        }
    }

    fn keep(&self, tape: &mut Tape, state: StateId) -> Keep {
        let judged = self.starts(state);
        match tape.below(5) {
            0 => Keep::NotLonger {
                limit: self.span(tape, &judged),
                in_any: tape.maybe(|tape| self.span(tape, &judged)),
                break_of: tape.maybe(|tape| self.span(tape, &judged)),
            },
            1 => Keep::Forbidden,
            2 => Keep::NoEvent(self.pattern(tape)),
            3 => {
                let item = self.item(tape);
                let number = if tape.flip() {
                    Amount::Limit(self.limit(tape), mark())
                } else {
                    Amount::Number(Quantity { number: Decimal::from(tape.below(4)), unit: None }, mark())
                };
                let starts = self.item_starts(item);
                Keep::Count {
                    bound: *tape.pick(&[Bound::AtLeast, Bound::AtMost, Bound::Exactly]),
                    number,
                    item,
                    condition: tape.maybe(|tape| self.cond(tape, &starts, 0)),
                }
            }
            _ => Keep::Every {
                event: self.pattern(tape),
                period: self.span(tape, &judged),
                first: tape.maybe(|tape| self.span(tape, &judged)),
            },
        }
    }

    fn kinds_of(&self, patterns: &[Pattern]) -> Vec<KindId> {
        patterns.iter().map(|p| self.kind_of(p.event)).collect()
    }

    fn starts(&self, state: StateId) -> Vec<KindId> {
        match &self.codebook.states[state.index()].holds {
            Holds::Between { from, .. } => self.kinds_of(from),
            Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. } => Vec::new(),
        }
    }

    fn item_starts(&self, item: ItemId) -> Vec<KindId> {
        match &self.codebook.items[item.index()].present {
            Presence::Between { from, .. } => self.kinds_of(from),
            Presence::Others { item, .. } => self.item_starts(*item),
        }
    }

    /// Kinds of which `the FIELD` alone, in a condition of the rule, is a field.
    fn judged(&self, body: &Body) -> Vec<KindId> {
        match body {
            Body::After { trigger: event, .. }
            | Body::Before { event, .. }
            | Body::EveryRecord { event, .. }
            | Body::EverySatisfies { event, .. }
            | Body::EveryRestsOn { event, .. }
            | Body::Never { event }
            | Body::Clock { from: event, .. } => vec![self.kind_of(event.event)],
            Body::While { state, .. } => self.starts(*state),
            Body::Quantity { .. } => Vec::new(),
        }
    }
}
