//! Events with tests, conditions, and what a field is compared with.

use super::Reader;
use super::parser::{DEEPEST, Read};
use crate::diagnostic::Mark;
use crate::tree::{
    AliasId, Amount, ClassId, Cond, EventName, Field, FieldId, FieldType, Grade, KindId, LimitId, Measure, Of, Operand, Pattern, Relation,
    RoleId, Span, StateId, Term, Test, ValueId,
};

/// Kinds of which the event judged may be: where `the FIELD` alone is looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged(pub(crate) Vec<KindId>);

/// The field on the left of a test, as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    field: Option<Field>,
    name: FieldId,
}

impl Left {
    pub(crate) fn of(field: Field) -> Self {
        Left { name: field.name, field: Some(field) }
    }
}

impl<'a> Reader<'a, '_> {
    /// `( EVENT | ALIAS ) [ whose FIELD test { and whose FIELD test } ]`
    pub(crate) fn event(&mut self) -> Read<Pattern> {
        let start = self.p.place;
        let event = self.event_name()?;
        let mut tests = Vec::new();
        if self.p.take("whose") {
            tests.push(self.whose(event)?);
            while self.p.take("and whose") {
                tests.push(self.whose(event)?);
            }
        }
        Ok(Pattern { event, tests, mark: self.p.since(start) })
    }

    pub(crate) fn maybe_event_name(&mut self) -> Option<EventName> {
        let kind = self.p.names.kinds.longest_at(self.p.rest());
        let alias = self.p.names.aliases.longest_at(self.p.rest());
        let (event, words) = match (kind, alias) {
            (Some((_, k)), Some((alias, a))) if a > k => (EventName::Alias(AliasId(alias)), a),
            (Some((kind, k)), _) => (EventName::Kind(KindId(kind)), k),
            (None, Some((alias, a))) => (EventName::Alias(AliasId(alias)), a),
            (None, None) => return None,
        };
        self.p.place += words;
        Some(event)
    }

    pub(crate) fn event_name(&mut self) -> Read<EventName> {
        match self.maybe_event_name() {
            Some(event) => Ok(event),
            None => {
                let mut events = self.p.names.kinds.clone();
                self.p.names.aliases.spellings.iter().for_each(|a| {
                    events.add(a);
                });
                self.p.unknown("event", &events)
            }
        }
    }

    /// The kind that an event comes to; `None` while its alias is not yet read or goes in a circle.
    pub(crate) fn kind_of(&self, event: EventName) -> Option<KindId> {
        let mut event = event;
        for _ in 0..=self.aliases.len() {
            match event {
                EventName::Kind(kind) => return Some(kind),
                EventName::Alias(alias) => event = self.aliases.get(alias.index())?.as_ref()?.pattern.event,
            }
        }
        None
    }

    fn field_of(&self, kind: KindId, field: FieldId) -> Option<Field> {
        self.kinds.get(kind.index())?.fields.iter().find(|f| f.name == field).cloned()
    }

    fn whose(&mut self, event: EventName) -> Read<(FieldId, Test)> {
        let left = self.field_in(&self.kind_of(event).map(|k| vec![k]).unwrap_or_default())?;
        let judged = Judged(self.kind_of(event).into_iter().collect());
        let test = self.test(&left, &judged)?;
        Ok((left.name, test))
    }

    /// A field of one of some kinds: E102 when none of them has it.
    fn field_in(&mut self, kinds: &[KindId]) -> Read<Left> {
        let (number, mark) = self.p.name("field", &self.p.names.fields)?;
        let name = FieldId(number);
        let field = kinds.iter().find_map(|k| self.field_of(*k, name));
        if field.is_none() && !kinds.is_empty() {
            let own: Vec<String> = kinds.iter().flat_map(|k| &self.kinds[k.index()].fields).map(|f| self.spelling(f.name)).collect();
            let help = if own.is_empty() { "it has no fields".to_owned() } else { format!("it has {}", own.join(", ")) };
            let kind = kinds.first().map(|k| self.kinds[k.index()].name.clone()).unwrap_or_default();
            let message = format!("`{}` is not a field of `{kind}`", self.p.names.fields.spellings[name.index()]);
            return self.p.fail("E102", mark, message, Some(help));
        }
        Ok(Left { field, name })
    }

    fn spelling(&self, field: FieldId) -> String {
        format!("`{}`", self.p.names.fields.spellings[field.index()])
    }

    /// `atom { and atom } | atom { or atom }`; both without brackets is E107.
    pub(crate) fn cond(&mut self, judged: &Judged) -> Read<Cond> {
        let first = self.atom(judged)?;
        let conjunction = if self.p.at("and") {
            "and"
        } else if self.p.at("or") {
            "or"
        } else {
            return Ok(first);
        };
        let mut parts = vec![first];
        while self.p.take(conjunction) {
            parts.push(self.atom(judged)?);
        }
        let other = if conjunction == "and" { "or" } else { "and" };
        if self.p.at(other) {
            let mark = self.p.here();
            let help = Some("put brackets around what belongs together".to_owned());
            return self.p.fail("E107", mark, "`and` and `or` stand side by side without brackets".to_owned(), help);
        }
        Ok(if conjunction == "and" { Cond::All(parts) } else { Cond::Any(parts) })
    }

    fn atom(&mut self, judged: &Judged) -> Read<Cond> {
        let start = self.p.place;
        if self.p.sign('(') {
            self.p.depth += 1;
            if self.p.depth > DEEPEST {
                let mark = self.p.here();
                return self.p.fail(
                    "E100",
                    mark,
                    format!("brackets nested deeper than {DEEPEST}"),
                    Some("say it in several clauses".to_owned()),
                );
            }
            let inner = self.cond(judged)?;
            self.p.depth -= 1;
            self.p.expect_sign(')')?;
            return Ok(inner);
        }
        if self.p.take("the") {
            return self.the(judged, start);
        }
        let state = self.p.names.states.longest_at(self.p.rest());
        let before = self.p.place;
        let event = self.maybe_event_name();
        let event_words = self.p.place - before;
        self.p.place = before;
        if let Some((state, words)) = state.filter(|(_, words)| *words >= event_words) {
            self.p.place += words;
            return Ok(Cond::State(StateId(state), self.p.since(start)));
        }
        if event.is_none() {
            return self.p.unknown("state or event", &self.p.names.states);
        }
        let pattern = self.event()?;
        match self.p.one_of(&["has happened", "has not happened"]) {
            Some(0) => Ok(Cond::Happened(pattern, true)),
            Some(_) => Ok(Cond::Happened(pattern, false)),
            None => self.p.wanted("`has happened` or `has not happened`"),
        }
    }

    /// After `the`: a subject in a state, or a field with a test.
    fn the(&mut self, judged: &Judged, start: usize) -> Read<Cond> {
        let class = self.p.names.classes.longest_at(self.p.rest());
        let field = self.p.names.fields.longest_at(self.p.rest());
        if let Some((class, words)) = class {
            let before = self.p.place;
            self.p.place += words;
            if let Some(is) = self.p.one_of(&["is not", "is"]) {
                self.article();
                if let Some(state) = self.p.maybe(&self.p.names.states) {
                    return Ok(Cond::Subject(ClassId(class), is == 1, StateId(state), self.p.since(start)));
                }
                if field.is_none() {
                    return self.p.unknown("state", &self.p.names.states);
                }
            }
            self.p.place = before;
        }
        let (operand, left) = self.operand(judged, start)?;
        let test = self.test(&left, judged)?;
        Ok(Cond::Field(operand, test))
    }

    fn article(&mut self) {
        let _ = self.p.take("a") || self.p.take("an");
    }

    /// `FIELD [ of the ( SUBJECT | EVENT ) ]`, after `the`.
    fn operand(&mut self, judged: &Judged, start: usize) -> Read<(Operand, Left)> {
        let before = self.p.place;
        let (number, mark) = self.p.name("field", &self.p.names.fields)?;
        let name = FieldId(number);
        if !self.p.take("of the") {
            self.p.place = before;
            let left = self.field_in(&judged.0)?;
            return Ok((Operand { field: name, of: Of::Judged, mark: self.p.since(start) }, left));
        }
        let class = self.p.names.classes.longest_at(self.p.rest()).map_or(0, |c| c.1);
        let owner = self.p.place;
        let event = self.maybe_event_name();
        let event_words = self.p.place - owner;
        self.p.place = owner;
        if let (Some(event), true) = (event, event_words >= class) {
            self.p.place += event_words;
            let field = self.kind_of(event).and_then(|k| self.field_of(k, name));
            if let (None, Some(kind)) = (&field, self.kind_of(event)) {
                let message =
                    format!("`{}` is not a field of `{}`", self.p.names.fields.spellings[name.index()], self.kinds[kind.index()].name);
                return self.p.fail("E102", mark, message, None);
            }
            return Ok((Operand { field: name, of: Of::Event(event), mark: self.p.since(start) }, Left { field, name }));
        }
        let (class, _) = self.p.name("subject or event", &self.p.names.classes)?;
        let class = ClassId(class);
        let field =
            self.kinds.iter().filter(|k| k.describes.contains(&class)).find_map(|k| k.fields.iter().find(|f| f.name == name)).cloned();
        if field.is_none() {
            let message = format!(
                "`{}` is not a fact of `{}`: no event that describes it has such a field",
                self.p.names.fields.spellings[name.index()],
                self.p.names.classes.spellings[class.index()]
            );
            return self.p.fail(
                "E102",
                mark,
                message,
                Some("mark an event with `describes`, or name the event whose field it is".to_owned()),
            );
        }
        Ok((Operand { field: name, of: Of::Subject(class), mark: self.p.since(start) }, Left { field, name }))
    }

    pub(crate) fn test(&mut self, left: &Left, judged: &Judged) -> Read<Test> {
        if let Some(i) = self.p.one_of(&["is at least", "is at most", "is more than", "is less than"]) {
            let relation = [Relation::AtLeast, Relation::AtMost, Relation::MoreThan, Relation::LessThan][i];
            return Ok(Test::Compare(relation, self.measure(left, judged)?));
        }
        if self.p.take("is known") {
            return Ok(Test::Known);
        }
        if self.p.take("is one of") {
            return Ok(Test::OneOf(self.terms(left, judged)?));
        }
        if self.p.take("includes all of") {
            return Ok(Test::IncludesAll(self.terms(left, judged)?));
        }
        match self.p.one_of(&["is not", "is", "does not include", "includes"]) {
            Some(0) => Ok(Test::Is(false, self.term(left, judged)?)),
            Some(1) => Ok(Test::Is(true, self.term(left, judged)?)),
            Some(2) => Ok(Test::Includes(false, self.term(left, judged)?)),
            Some(_) => Ok(Test::Includes(true, self.term(left, judged)?)),
            None => self.p.wanted("a test such as `is`, `is one of`, `is known` or `is at least`"),
        }
    }

    fn terms(&mut self, left: &Left, judged: &Judged) -> Read<Vec<Term>> {
        self.p.expect_sign('(')?;
        let mut terms = vec![self.term(left, judged)?];
        while self.p.sign(',') {
            terms.push(self.term(left, judged)?);
        }
        self.p.expect_sign(')')?;
        Ok(terms)
    }

    fn term(&mut self, left: &Left, judged: &Judged) -> Read<Term> {
        let start = self.p.place;
        if self.p.take("the") {
            return Ok(Term::Other(self.operand(judged, start)?.0));
        }
        if let Some(value) = self.own_yes_or_no(left) {
            self.p.place += 1;
            return Ok(Term::Value(value, self.p.since(start)));
        }
        if self.p.take("yes") {
            return Ok(Term::YesNo(true));
        }
        if self.p.take("no") {
            return Ok(Term::YesNo(false));
        }
        let field = self.p.names.fields.spellings[left.name.index()].as_str();
        if field == "safeguard" && left.field.as_ref().is_none_or(|f| f.of == FieldType::Text) {
            let (rule, mark) = self.p.name("rule", &self.p.names.rules)?;
            return Ok(Term::Rule(self.p.names.rules.spellings[rule as usize].clone(), mark));
        }
        if field == "grade"
            && let Some(grade) = self.grade()
        {
            return Ok(Term::Grade(grade));
        }
        let wants_role = left.field.as_ref().is_some_and(|f| f.of == FieldType::Role);
        if wants_role {
            let (role, mark) = self.p.name("role", &self.p.names.roles)?;
            return Ok(Term::Role(RoleId(role), mark));
        }
        match self.p.maybe(&self.p.names.values) {
            Some(value) => self.in_choice(left, ValueId(value), start),
            None => match self.p.maybe(&self.p.names.roles) {
                Some(role) => Ok(Term::Role(RoleId(role), self.p.since(start))),
                None => self.not_in_choice(left),
            },
        }
    }

    /// `yes` or `no` where the field is a choice that declares it: the built-in value would never equal what a log holds there.
    fn own_yes_or_no(&self, left: &Left) -> Option<ValueId> {
        let word = ["yes", "no"].into_iter().find(|word| self.p.at(word))?;
        let value = ValueId(self.p.names.values.get(word)?);
        let allowed = self.allowed(&left.field.as_ref()?.of)?;
        let longer = self.p.names.values.longest_at(self.p.rest()).is_some_and(|(_, words)| words > 1);
        (allowed.contains(&value) && !longer).then_some(value)
    }

    fn in_choice(&mut self, left: &Left, value: ValueId, start: usize) -> Read<Term> {
        let mark = self.p.since(start);
        let allowed = left.field.as_ref().and_then(|f| self.allowed(&f.of));
        if allowed.as_ref().is_some_and(|values| !values.contains(&value)) {
            return self.wrong_value(left, mark, self.p.names.values.spellings[value.index()].clone());
        }
        Ok(Term::Value(value, mark))
    }

    fn not_in_choice(&mut self, left: &Left) -> Read<Term> {
        if left.field.as_ref().and_then(|f| self.allowed(&f.of)).is_none() {
            return self.p.unknown("value", &self.p.names.values);
        }
        let mark = self.p.here();
        let raw = self.p.rest().first().map_or_else(String::new, |t| t.raw.clone());
        self.p.place += 1;
        self.wrong_value(left, mark, raw)
    }

    fn wrong_value(&mut self, left: &Left, mark: Mark, value: String) -> Read<Term> {
        let allowed = left.field.as_ref().and_then(|f| self.allowed(&f.of)).unwrap_or_default();
        let allowed: Vec<String> = allowed.iter().map(|v| format!("`{}`", self.p.names.values.spellings[v.index()])).collect();
        let message = format!("`{value}` is not one of the values of `{}`", self.p.names.fields.spellings[left.name.index()]);
        self.p.fail("E104", mark, message, Some(format!("it may be {}", allowed.join(", "))))
    }

    /// Values of a choice; `None` for other types.
    fn allowed(&self, of: &FieldType) -> Option<Vec<ValueId>> {
        Some(match of.choices()? {
            crate::tree::Choices::Here(values) => values.clone(),
            crate::tree::Choices::Of(list) => self.lists.get(list.index())?.as_ref()?.values.clone(),
        })
    }

    fn measure(&mut self, left: &Left, judged: &Judged) -> Read<Measure> {
        let start = self.p.place;
        if self.p.at_length() {
            let length = self.p.length()?;
            let mark = self.p.since(start);
            if let Some(field) = left.field.as_ref().filter(|f| f.of != FieldType::Duration) {
                let message = format!("`{}` holds no length of time", self.p.names.fields.spellings[left.name.index()]);
                let help = if let FieldType::Number(unit) = field.of {
                    unit_help(unit)
                } else {
                    "compare it with what it holds, or declare it as a `duration`".to_owned()
                };
                return self.p.fail("E103", mark, message, Some(help));
            }
            return Ok(Measure::Length(length, mark));
        }
        if self.p.take("the") {
            return Ok(Measure::Other(self.operand(judged, start)?.0));
        }
        let amount = self.amount()?;
        if let (Amount::Number(quantity, mark), Some(Field { of: FieldType::Number(unit), .. })) = (&amount, &left.field)
            && quantity.unit != *unit
        {
            let mark = mark.clone();
            return self.p.fail("E103", mark, "the unit is not that of the field".to_owned(), Some(unit_help(*unit)));
        }
        Ok(Measure::Amount(amount))
    }

    /// `LIMIT | NUMBER [UNIT]`
    pub(crate) fn amount(&mut self) -> Read<Amount> {
        let start = self.p.place;
        if let Some(limit) = self.p.maybe(&self.p.names.limits) {
            return Ok(Amount::Limit(LimitId(limit), self.p.since(start)));
        }
        let quantity = self.p.quantity()?;
        Ok(Amount::Number(quantity, self.p.since(start)))
    }

    /// `LIMIT | dur | the FIELD`
    pub(crate) fn span(&mut self, judged: &Judged) -> Read<Span> {
        let start = self.p.place;
        if self.p.take("the limit") {
            let (limit, _) = self.p.name("limit", &self.p.names.limits)?;
            return Ok(Span::Limit(LimitId(limit), self.p.since(start)));
        }
        if let Some(limit) = self.p.maybe(&self.p.names.limits) {
            return Ok(Span::Limit(LimitId(limit), self.p.since(start)));
        }
        if self.p.take("the") {
            let left = self.field_in(&judged.0)?;
            if left.field.as_ref().is_some_and(|f| f.of != FieldType::Duration) {
                let mark = self.p.since(start);
                return self.p.fail("E103", mark, "this field does not hold a length of time".to_owned(), None);
            }
            return Ok(Span::Field(left.name, self.p.since(start)));
        }
        if !self.p.at_length() {
            return if self.p.rest().first().is_some_and(|t| matches!(t.word, super::words::Word::Number(_))) {
                let quantity = self.p.quantity()?;
                let mark = self.p.since(start);
                let _ = quantity;
                self.p.fail("E103", mark, "a length of time is needed here".to_owned(), Some("for example `2 hours`".to_owned()))
            } else {
                self.p.unknown("limit", &self.p.names.limits)
            };
        }
        let length = self.p.length()?;
        Ok(Span::Length(length, self.p.since(start)))
    }

    pub(crate) fn grade(&mut self) -> Option<Grade> {
        let grades = [Grade::Critical, Grade::Serious, Grade::Notable, Grade::Record];
        self.p.one_of(&["critical", "serious", "notable", "record"]).map(|i| grades[i])
    }

    pub(crate) fn field_name(&mut self, kinds: &[KindId]) -> Read<FieldId> {
        Ok(self.field_in(kinds)?.name)
    }

    /// A state where one must stand: `undr way` is told with the nearest names.
    pub(crate) fn state(&mut self) -> Read<(StateId, Mark)> {
        self.article();
        let (state, mark) = self.p.name("state", &self.p.names.states)?;
        Ok((StateId(state), mark))
    }
}

fn unit_help(unit: Option<crate::tree::Unit>) -> String {
    let name = super::parser::UNITS.iter().find(|(_, u)| Some(*u) == unit).map(|(n, _)| *n);
    name.map_or_else(|| "the field is a bare number".to_owned(), |n| format!("the field is in {n}s"))
}
