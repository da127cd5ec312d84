//! Declarations: events with their fields, lists, aliases, states, items, clocks, limits and roles (rule-language section 2).

use super::Reader;
use super::conditions::Judged;
use super::parser::{Parser, Read};
use super::words::{Token, Word};
use crate::diagnostic::Mark;
use crate::tree::{
    Alias, Choices, ClassId, Clock, Each, Field, FieldId, FieldType, Holds, Item, ItemId, Kind, KindId, LimitValue, LimitVersion, List,
    ListId, Pattern, Presence, Quantity, Required, Role, RoleIs, Sensitivity, SetBy, State, StateId, ValueId,
};

/// Types that are one phrase; `role`, `place`, `person` and `officer` may also begin a field's name.
const TYPES: &[&str] = &[
    "choices",
    "choice",
    "text",
    "yes/no",
    "number",
    "money",
    "date",
    "time",
    "span",
    "duration",
    "file hash",
    "language",
    "country",
    "signature",
    "body mark",
    "role",
    "place",
    "person",
    "officer",
    "ref",
];

const SENSITIVITIES: &[(&str, Sensitivity)] = &[
    ("public", Sensitivity::Public),
    ("custody", Sensitivity::Custody),
    ("identity", Sensitivity::Identity),
    ("medical", Sensitivity::Medical),
    ("privileged", Sensitivity::Privileged),
];

/// Words up to the first of some phrases or signs: the name that a declaration gives.
pub(crate) fn name_until(tokens: &[Token], ends: &[&str]) -> Option<(String, usize)> {
    let is_end = |token: &Token| match &token.word {
        Word::Plain(word) => ends.contains(&word.as_str()),
        Word::Sign(_) | Word::Text(_) | Word::Strange(_) | Word::Unclosed => true,
        Word::Number(_) | Word::Date(_) => false,
    };
    let n = tokens.iter().position(is_end).unwrap_or(tokens.len());
    (n > 0).then(|| (tokens[..n].iter().map(|t| t.raw.to_lowercase()).collect::<Vec<_>>().join(" "), n))
}

/// How many words a field's name takes: up to the first type that is followed by what may follow a type.
pub(crate) fn field_name_length(tokens: &[Token], classes: &super::names::Names) -> Option<usize> {
    let end = tokens.iter().position(|t| t.word == Word::Sign(';')).unwrap_or(tokens.len());
    let tokens = &tokens[..end];
    (1..tokens.len()).find(|n| {
        let rest = &tokens[*n..];
        let rest = if at(rest, "list of") { &rest[2..] } else { rest };
        type_length(rest, classes).is_some_and(|words| may_follow(&rest[words..]))
    })
}

fn at(tokens: &[Token], phrase: &str) -> bool {
    let mut rest = tokens.iter();
    phrase.split(' ').all(|w| matches!(rest.next().map(|t| &t.word), Some(Word::Plain(word)) if word == w))
}

fn type_length(tokens: &[Token], classes: &super::names::Names) -> Option<usize> {
    let builtin = TYPES.iter().find(|t| at(tokens, t)).map(|t| t.split(' ').count());
    builtin.or_else(|| classes.longest_at(tokens).map(|(_, n)| n))
}

/// What may stand after a type: a bracket, `of` a list, a unit, a sensitivity, `required`, or the end of the field.
fn may_follow(tokens: &[Token]) -> bool {
    match tokens.first().map(|t| &t.word) {
        None => true,
        Some(Word::Sign(sign)) => matches!(sign, '(' | ';' | '.'),
        Some(Word::Plain(word)) => {
            let unit = super::parser::UNITS.iter().any(|(u, _)| at(tokens, u) || at(tokens, &format!("{u}s")));
            unit || word == "of" || word == "required" || SENSITIVITIES.iter().any(|(s, _)| s == word)
        }
        Some(_) => false,
    }
}

impl Reader<'_, '_> {
    /// `event NAME of …` after the name was read in the first pass.
    pub(crate) fn event_head(&mut self, kind: &mut Kind) -> Read<()> {
        self.p.expect("of")?;
        self.subject_or_mark(kind)?;
        while self.p.sign(',') {
            self.subject_or_mark(kind)?;
        }
        Ok(())
    }

    fn subject_or_mark(&mut self, kind: &mut Kind) -> Read<()> {
        let marks = ["once per", "opens", "closes", "describes"];
        if let Some(i) = self.p.one_of(&marks) {
            let class = ClassId(self.p.name("subject", &self.p.names.classes)?.0);
            [&mut kind.once_per, &mut kind.opens, &mut kind.closes, &mut kind.describes][i].push(class);
        } else if self.p.take("by role") {
            kind.by_role = true;
        } else if self.p.take("corrects") {
            kind.corrects = true;
        } else if self.p.take("withdraws") {
            kind.withdraws = true;
        } else if self.p.take("seen as") {
            kind.seen_as = match self.sensitivity() {
                Some(class) => class,
                None => return self.p.wanted("public, custody, identity, medical or privileged"),
            };
        } else if self.p.take("as") {
            let mark = self.p.here();
            let word = self.p.rest().first().map(|t| t.raw.to_lowercase()).unwrap_or_default();
            self.p.place += 1;
            if !super::screens::SCREEN_ROLES.contains(&word.as_str()) {
                let help = Some(format!("it may be {}", super::screens::SCREEN_ROLES.join(", ")));
                return self.p.fail("E101", mark, format!("no screen role is called `{word}`"), help);
            }
            kind.screens.push(word);
        } else {
            kind.subjects.push(ClassId(self.p.name("subject", &self.p.names.classes)?.0));
        }
        Ok(())
    }

    pub(crate) fn sensitivity(&mut self) -> Option<Sensitivity> {
        SENSITIVITIES.iter().find(|(name, _)| self.p.take(name)).map(|(_, s)| *s)
    }

    /// `: field; field` up to the full stop.
    pub(crate) fn fields(&mut self, kind: &mut Kind) -> Read<()> {
        if !self.p.sign(':') {
            return Ok(());
        }
        let mut read = Ok(());
        loop {
            match self.field(&kind.fields).and_then(|field| self.end_of_field().map(|()| field)) {
                Ok(field) => kind.fields.push(field),
                Err(failed) => {
                    read = Err(failed);
                    self.skip_to(';');
                }
            }
            if !self.p.sign(';') {
                return read;
            }
        }
    }

    fn end_of_field(&mut self) -> Read<()> {
        let ends = matches!(self.p.rest().first().map(|t| &t.word), None | Some(Word::Sign(';')));
        if ends { Ok(()) } else { self.p.wanted("`;` and another field, or `.` at the end of the declaration") }
    }

    /// Goes on at a sign, so that one mistake does not hide the next.
    pub(crate) fn skip_to(&mut self, sign: char) {
        while self.p.rest().first().is_some_and(|t| t.word != Word::Sign(sign)) {
            self.p.place += 1;
        }
    }

    fn field(&mut self, before: &[Field]) -> Read<Field> {
        let start = self.p.place;
        let Some(words) = field_name_length(self.p.rest(), &self.p.names.classes) else {
            return self.p.wanted("a field: its name, then its type (choice(…), text, yes/no, number, date, time …)");
        };
        let name: Vec<String> = self.p.rest()[..words].iter().map(|t| t.raw.to_lowercase()).collect();
        self.p.place += words;
        let Some(name) = self.p.names.fields.get(&name.join(" ")) else { return self.p.wanted("the name of a field") };
        let list = self.p.take("list of");
        let of = self.field_type()?;
        let sensitivity = self.sensitivity().unwrap_or_default();
        let mut field = Field { name: FieldId(name), list, of, sensitivity, required: Required::No, mark: self.p.since(start) };
        if self.p.take("required") {
            field.required = Required::Always;
            if self.p.take("when") {
                field.required = self.required_when(before)?;
            }
        }
        Ok(field)
    }

    fn required_when(&mut self, before: &[Field]) -> Read<Required> {
        let (name, mark) = self.p.name("field", &self.p.names.fields)?;
        let name = FieldId(name);
        let Some(other) = before.iter().find(|f| f.name == name) else {
            let message = "`required when` names a field that does not stand before this one".to_owned();
            return self.p.fail("E102", mark, message, Some("put the other field of the same event first".to_owned()));
        };
        let left = self.left_of(other.clone());
        Ok(Required::When(name, self.test(&left, &Judged::default())?))
    }

    fn field_type(&mut self) -> Read<FieldType> {
        let simple = [
            ("text", FieldType::Text),
            ("yes/no", FieldType::YesNo),
            ("money", FieldType::Money),
            ("date", FieldType::Date),
            ("time", FieldType::Time),
            ("span", FieldType::Span),
            ("duration", FieldType::Duration),
            ("file hash", FieldType::FileHash),
            ("language", FieldType::Language),
            ("country", FieldType::Country),
            ("signature", FieldType::Signature),
            ("body mark", FieldType::BodyMark),
            ("role", FieldType::Role),
            ("place", FieldType::Place),
            ("person", FieldType::Person),
            ("officer", FieldType::Officer),
        ];
        for (phrase, of) in simple {
            if self.p.take(phrase) {
                return Ok(of);
            }
        }
        match self.p.one_of(&["choices", "choice", "number", "ref"]) {
            Some(0) => Ok(FieldType::Choices(self.choices()?)),
            Some(1) => Ok(FieldType::Choice(self.choices()?)),
            Some(2) => Ok(FieldType::Number(self.p.unit())),
            Some(_) => Ok(FieldType::Ref(self.refs()?)),
            None => Ok(FieldType::Subject(ClassId(self.p.name("type", &self.p.names.classes)?.0))),
        }
    }

    fn refs(&mut self) -> Read<Vec<KindId>> {
        let mut kinds = Vec::new();
        if self.p.sign('(') {
            kinds.push(KindId(self.p.name("event", &self.p.names.kinds)?.0));
            while self.p.sign(',') {
                kinds.push(KindId(self.p.name("event", &self.p.names.kinds)?.0));
            }
            self.p.expect_sign(')')?;
        }
        Ok(kinds)
    }

    fn choices(&mut self) -> Read<Choices> {
        if self.p.take("of") {
            return Ok(Choices::Of(ListId(self.p.name("list", &self.p.names.lists)?.0)));
        }
        self.p.expect_sign('(')?;
        let values = self.values(')')?;
        self.p.expect_sign(')')?;
        Ok(Choices::Here(values))
    }

    /// Values up to a sign; their spellings were placed in the first pass.
    fn values(&mut self, end: char) -> Read<Vec<ValueId>> {
        let mut values = Vec::new();
        loop {
            let Some((name, words)) = name_until(self.p.rest(), &[]) else {
                return self.p.wanted(&format!("a value before `{end}`"));
            };
            match self.p.names.values.get(&name) {
                Some(value) => values.push(ValueId(value)),
                None => return self.p.wanted("a value"),
            }
            self.p.place += words;
            if !self.p.sign(',') {
                return Ok(values);
            }
        }
    }

    pub(crate) fn list(&mut self) -> Read<List> {
        let start = self.p.place;
        self.p.expect("list")?;
        let (number, _) = self.p.name("list", &self.p.names.lists)?;
        self.p.expect_sign(':')?;
        let values = self.values('.')?;
        Ok(List { name: self.p.names.lists.spellings[number as usize].clone(), values, mark: self.p.since(start) })
    }

    pub(crate) fn alias(&mut self) -> Read<Alias> {
        let start = self.p.place;
        self.p.expect("alias")?;
        let (number, _) = self.p.name("alias", &self.p.names.aliases)?;
        self.p.name_ends_here("alias", "is")?;
        let pattern = self.event()?;
        Ok(Alias { name: self.p.names.aliases.spellings[number as usize].clone(), pattern, mark: self.p.since(start) })
    }

    fn classes(&mut self) -> Read<Vec<ClassId>> {
        let mut classes = vec![ClassId(self.p.name("subject", &self.p.names.classes)?.0)];
        while self.p.sign(',') {
            classes.push(ClassId(self.p.name("subject", &self.p.names.classes)?.0));
        }
        Ok(classes)
    }

    pub(crate) fn state_declared(&mut self) -> Read<(StateId, State)> {
        let start = self.p.place;
        self.p.expect("state")?;
        let (number, _) = self.p.name("state", &self.p.names.states)?;
        self.p.expect("of")?;
        let subjects = self.classes()?;
        self.p.expect_sign(':')?;
        let holds = if self.p.take("age below") {
            let years = self.p.whole()?;
            self.p.expect("years")?;
            Holds::AgeBelow(years)
        } else if self.p.take("at all times") {
            Holds::Always
        } else if self.p.take("from") {
            let from = self.events()?;
            self.p.expect("until")?;
            Holds::Between { from, until: self.events()? }
        } else {
            let bound = self.bound(true)?;
            let count = self.p.whole()?;
            let (item, _) = self.p.name("item", &self.p.names.items)?;
            self.p.expect("present")?;
            Holds::Count { bound, number: count, item: ItemId(item) }
        };
        let name = self.p.names.states.spellings[number as usize].clone();
        Ok((StateId(number), State { name, subjects, holds, mark: self.p.since(start) }))
    }

    pub(crate) fn events(&mut self) -> Read<Vec<Pattern>> {
        let mut events = vec![self.event()?];
        while self.p.take("or") {
            events.push(self.event()?);
        }
        Ok(events)
    }

    pub(crate) fn item_declared(&mut self) -> Read<(ItemId, Item)> {
        let start = self.p.place;
        self.p.expect("item")?;
        let (number, _) = self.p.name("item", &self.p.names.items)?;
        self.p.expect("of")?;
        let subjects = self.classes()?;
        self.p.expect_sign(':')?;
        let present = if self.p.take("the other") {
            let (item, _) = self.p.name("item", &self.p.names.items)?;
            self.p.expect("of the same")?;
            let same = ClassId(self.p.name("subject", &self.p.names.classes)?.0);
            let who = match self.p.one_of(&["who are not", "who are"]) {
                Some(i) => Some((i == 1, self.state()?.0)),
                None => None,
            };
            Presence::Others { item: ItemId(item), same, who }
        } else {
            self.p.expect("from")?;
            let from = self.events()?;
            self.p.expect("until")?;
            let until = self.events()?;
            self.p.expect_sign(',')?;
            self.p.expect("one for each")?;
            let each = self.each()?;
            let mut one_at_a_time = None;
            if self.p.sign(',') {
                self.p.expect("each in one")?;
                one_at_a_time = Some(ClassId(self.p.name("subject", &self.p.names.classes)?.0));
                self.p.expect("at a time")?;
            }
            Presence::Between { from, until, each, one_at_a_time }
        };
        let name = self.p.names.items.spellings[number as usize].clone();
        Ok((ItemId(number), Item { name, subjects, present, mark: self.p.since(start) }))
    }

    /// A field of the starting event, or a class of subject.
    fn each(&mut self) -> Read<Each> {
        let field = self.p.names.fields.longest_at(self.p.rest());
        let class = self.p.names.classes.longest_at(self.p.rest());
        match (field, class) {
            (Some((_, f)), Some((class, c))) if c >= f => {
                self.p.place += c;
                Ok(Each::Subject(ClassId(class)))
            }
            (Some((field, f)), _) => {
                self.p.place += f;
                Ok(Each::Field(FieldId(field)))
            }
            (None, _) => Ok(Each::Subject(ClassId(self.p.name("field or subject", &self.p.names.classes)?.0))),
        }
    }

    pub(crate) fn clock(&mut self) -> Read<Clock> {
        let start = self.p.place;
        self.p.expect("clock")?;
        let (number, _) = self.p.name("clock", &self.p.names.clocks)?;
        self.p.expect("of")?;
        let subject = ClassId(self.p.name("subject", &self.p.names.classes)?.0);
        Ok(Clock { name: self.p.names.clocks.spellings[number as usize].clone(), subject, mark: self.p.since(start) })
    }

    pub(crate) fn limit(&mut self) -> Read<(u16, LimitVersion)> {
        let start = self.p.place;
        self.p.expect("limit")?;
        let (number, named) = self.p.name("limit", &self.p.names.limits)?;
        self.p.name_ends_here("limit", "is")?;
        self.date_comes_later(number, named)?;
        let value = if self.p.at_length() {
            LimitValue::Length(self.p.length()?)
        } else {
            LimitValue::Quantity(Quantity { number: self.p.number()?, unit: self.p.unit() })
        };
        self.p.expect_sign(',')?;
        self.p.expect("set by")?;
        let Some(set_by) = self.p.one_of(&["source", "standard", "operator"]) else {
            return self.p.wanted("source, standard or operator");
        };
        self.p.expect_sign(',')?;
        let from = if self.p.take("from") {
            let date = self.p.date()?;
            self.p.expect_sign(',')?;
            Some(date)
        } else {
            None
        };
        self.p.expect("because")?;
        let because = self.p.text()?;
        let set_by = [SetBy::Source, SetBy::Standard, SetBy::Operator][set_by];
        Ok((number, LimitVersion { from, value, set_by, because, mark: self.p.since(start) }))
    }

    /// A date in the name of a limit is one that its author meant as the day from which the number holds.
    fn date_comes_later(&mut self, number: u16, named: Mark) -> Read<()> {
        let name = &self.p.names.limits.spellings[usize::from(number)];
        let Some((short, date)) = name.split_once(" from ") else { return Ok(()) };
        if date.parse::<jiff::civil::Date>().is_err() {
            return Ok(());
        }
        let message = format!("the day from which the limit `{short}` holds stands after who set it, not in its name");
        let help = format!("write `limit {short} is …, set by …, from {date}, because …`");
        self.p.fail("E100", named, message, Some(help))
    }

    pub(crate) fn role(&mut self) -> Read<(u16, Role)> {
        let start = self.p.place;
        self.p.expect("role")?;
        let (number, _) = self.p.name("role", &self.p.names.roles)?;
        self.p.expect_sign(':')?;
        let is = if self.p.take("desk role") {
            let Some((name, words)) = name_until(self.p.rest(), &[]) else { return self.p.wanted("the name of the desk role") };
            self.p.place += words;
            RoleIs::Desk(name)
        } else {
            self.p.expect("address-book entry")?;
            let entry = self.p.text()?;
            self.p.expect_sign(',')?;
            self.p.expect("language")?;
            let Some(Token { word: Word::Plain(_), raw: language, .. }) = self.p.rest().first() else {
                return self.p.wanted("a language such as `en`");
            };
            let language = language.clone();
            self.p.place += 1;
            RoleIs::Addressee { entry, language }
        };
        Ok((number, Role { name: self.p.names.roles.spellings[number as usize].clone(), is, mark: self.p.since(start) }))
    }
}

/// A kind of which only the name is known.
pub(crate) fn bare_kind(name: &str) -> Kind {
    Kind {
        name: name.to_owned(),
        subjects: Vec::new(),
        once_per: Vec::new(),
        opens: Vec::new(),
        closes: Vec::new(),
        describes: Vec::new(),
        by_role: false,
        corrects: false,
        withdraws: false,
        seen_as: Sensitivity::Custody,
        screens: Vec::new(),
        fields: Vec::new(),
        mark: Default::default(),
    }
}

/// Where a parser stands while names are gathered: only the words.
pub(crate) fn scan<'a>(
    tokens: &'a [Token],
    names: &'a super::parser::Dictionary,
    found: &'a mut Vec<crate::diagnostic::Diagnostic>,
) -> Parser<'a> {
    Parser { tokens, place: 0, names, found, depth: 0 }
}
