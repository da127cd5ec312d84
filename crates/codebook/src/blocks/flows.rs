//! Flows and access lines (rule-language section 11).

use super::Reader;
use super::conditions::Judged;
use super::declarations::name_until;
use super::parser::Read;
use crate::tree::{Access, Act, ClassId, FieldId, Flow, RoleId, Scope, Step, Tie};

const TIES: &[(&str, Tie)] = &[
    ("own place", Tie::OwnPlace),
    ("own client", Tie::OwnClient),
    ("own patient", Tie::OwnPatient),
    ("own case", Tie::OwnCase),
    ("self", Tie::Own),
    ("named in it", Tie::NamedInIt),
    ("over one named in it", Tie::OverOneNamed),
    ("consent given", Tie::ConsentGiven),
    ("break glass", Tie::BreakGlass),
    ("on shift", Tie::OnShift),
];

const ACTS: &[(&str, Act)] = &[
    ("read", Act::Read),
    ("record", Act::Record),
    ("correct", Act::Correct),
    ("print", Act::Print),
    ("export", Act::Export),
    ("search", Act::Search),
    ("approve", Act::Approve),
];

impl Reader<'_, '_> {
    pub(crate) fn flow(&mut self) -> Read<Flow> {
        let start = self.p.place;
        let (name, subject, roles) = self.work_of("flow")?;
        let mut steps = Vec::new();
        while self.p.sign(';') {
            steps.push(self.step()?);
        }
        if steps.is_empty() {
            return self.p.wanted("`;` and a step: `record …` or `show …`");
        }
        Ok(Flow { name, subject, roles, steps, mark: self.p.since(start) })
    }

    /// `flow|room NAME of SUBJECT: for ROLE or ROLE`
    pub(crate) fn work_of(&mut self, keyword: &str) -> Read<(String, ClassId, Vec<RoleId>)> {
        self.p.expect(keyword)?;
        let Some((name, words)) = name_until(self.p.rest(), &["of"]) else { return self.p.wanted(&format!("the name of the {keyword}")) };
        self.p.place += words;
        self.p.expect("of")?;
        let subject = ClassId(self.p.name("subject", &self.p.names.classes)?.0);
        self.p.expect_sign(':')?;
        self.p.expect("for")?;
        Ok((name, subject, self.roles("or")?))
    }

    fn step(&mut self) -> Read<Step> {
        if self.p.take("show") {
            if self.p.take("duties") {
                return Ok(Step::ShowDuties);
            }
            if let Some(event) = self.maybe_event_name() {
                return Ok(Step::ShowEvent(event));
            }
            return Ok(Step::ShowState(self.state()?.0));
        }
        self.p.expect("record")?;
        let mut events = vec![self.event_name()?];
        while self.p.take("or") {
            events.push(self.event_name()?);
        }
        let kinds: Vec<_> = events.iter().filter_map(|e| self.kind_of(*e)).collect();
        let mut with: Vec<FieldId> = Vec::new();
        if self.p.take("with") {
            with.push(self.field_name(&kinds)?);
            while self.p.sign(',') {
                with.push(self.field_name(&kinds)?);
            }
        }
        let when = if self.p.take("when") { Some(self.cond(&Judged(kinds))?) } else { None };
        let optional = self.p.take("optional");
        let repeatable = self.p.take("repeatable");
        Ok(Step::Record { events, with, when, optional, repeatable })
    }

    pub(crate) fn access(&mut self) -> Read<Access> {
        let start = self.p.place;
        if self.p.take("duty") {
            let one = RoleId(self.p.name("role", &self.p.names.roles)?.0);
            self.p.expect("excludes")?;
            let other = RoleId(self.p.name("role", &self.p.names.roles)?.0);
            return Ok(Access::Excludes(one, other, self.p.since(start)));
        }
        if self.p.take("cedar") {
            let policy = self.p.text()?;
            return Ok(Access::Cedar(policy, self.p.since(start)));
        }
        let Some(which) = self.p.one_of(&["allow", "deny"]) else { return self.p.wanted("`allow`, `deny`, `duty` or `cedar`") };
        let roles = self.roles("or")?;
        self.p.expect("to")?;
        let mut acts = vec![self.act()?];
        while self.p.take("or") {
            acts.push(self.act()?);
        }
        let scope = self.scope()?;
        let mut when = Vec::new();
        if self.p.take("when") {
            when.push(self.tie()?);
            while self.p.take("and") {
                when.push(self.tie()?);
            }
        }
        self.p.expect_sign(',')?;
        self.p.expect("because")?;
        let because = self.p.text()?;
        Ok(Access::Line { allow: which == 0, roles, acts, scope, when, because, mark: self.p.since(start) })
    }

    fn act(&mut self) -> Read<Act> {
        match ACTS.iter().find(|(word, _)| self.p.take(word)) {
            Some((_, act)) => Ok(*act),
            None => self.p.wanted("read, record, correct, print, export, search or approve"),
        }
    }

    fn tie(&mut self) -> Read<(bool, Tie)> {
        let is = !self.p.take("not");
        match TIES.iter().find(|(words, _)| self.p.take(words)) {
            Some((_, tie)) => Ok((is, *tie)),
            None => self.p.wanted("a tie such as `own place`, `own patient` or `named in it`"),
        }
    }

    fn scope(&mut self) -> Read<Scope> {
        if self.p.take("everything") {
            return Ok(Scope::Everything);
        }
        if self.p.take("class") {
            return match self.sensitivity() {
                Some(class) => Ok(Scope::Class(class)),
                None => self.p.wanted("public, custody, identity, medical or privileged"),
            };
        }
        if self.p.take("table") {
            let Some((name, words)) = name_until(self.p.rest(), &["when"]) else { return self.p.wanted("the id of a table") };
            self.p.place += words;
            return Ok(Scope::Table(name));
        }
        if self.p.take("record of") {
            return Ok(Scope::RecordOf(ClassId(self.p.name("subject", &self.p.names.classes)?.0)));
        }
        if self.p.take("the") {
            let of = self.field_of_kind()?;
            return Ok(Scope::Field(of.field, of.event));
        }
        Ok(Scope::Event(self.event_name()?))
    }
}
