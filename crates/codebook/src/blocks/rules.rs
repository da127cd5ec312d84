//! Rules: clauses and bodies of rule-language section 3.

use super::Reader;
use super::conditions::Judged;
use super::parser::Read;
use crate::diagnostic::Mark;
use crate::moment::DayCount;
use crate::tree::{
    Body, Bound, Citation, ClassId, ClockId, Cond, Consequence, DayCounting, Exception, Grade, Holds, ItemId, Keep, KindId, LabelKind,
    Pattern, Presence, RoleId, Rule, Span, StateId, Telling, Which, Within,
};
use jiff::civil;

/// Clauses of one rule as they are read.
#[derive(Default)]
struct Clauses {
    cites: Vec<Citation>,
    force: Option<(civil::Date, Option<civil::Date>)>,
    severity: Option<Grade>,
    body: Option<(ClassId, Option<Cond>, Body)>,
    bodies: usize,
    exceptions: Vec<Exception>,
    pauses: Vec<StateId>,
    days: DayCounting,
    recorded_within: Option<Span>,
    outlasts: bool,
    irrespective: Vec<Pattern>,
    tell: Vec<Telling>,
    failed: bool,
}

impl Reader<'_, '_> {
    /// One rule, from `rule` to the last clause; `None` when something in it could not be read.
    pub(crate) fn rule(&mut self, pack: &str, chapter: u32) -> Option<Rule> {
        let start = self.p.place;
        self.p.place += 1;
        let id = self.p.rest().first().map(|t| t.raw.to_lowercase()).unwrap_or_default();
        self.p.place += 1;
        let head = self.p.since(start);
        let mut clauses = Clauses::default();
        // The body is read first, so that `the FIELD` in an exception before it is known.
        let judged = self.judged_ahead();
        while !self.p.is_done() {
            if self.clause(&mut clauses, &judged).and_then(|()| self.full_stop()).is_err() {
                clauses.failed = true;
                self.skip_clause();
            }
        }
        self.finish(clauses, id, pack, chapter, head, start)
    }

    fn finish(&mut self, clauses: Clauses, id: String, pack: &str, chapter: u32, head: Mark, start: usize) -> Option<Rule> {
        if clauses.bodies > 1 || (clauses.bodies == 0 && !clauses.failed) {
            let message = if clauses.bodies == 0 { "this rule has no `for each`" } else { "this rule has more than one `for each`" };
            let help = Some("a rule has exactly one `For each …, … .`; write another rule for another duty".to_owned());
            let _ = self.p.fail::<()>("E106", head.clone(), message.to_owned(), help);
            return None;
        }
        if clauses.force.is_none() && !clauses.failed {
            let help = Some("add `In force from 2024-01-01.`".to_owned());
            let _ = self.p.fail::<()>("E111", head.clone(), "this rule has no date from which it is in force".to_owned(), help);
            return None;
        }
        if clauses.failed {
            return None;
        }
        let (subject, condition, body) = clauses.body?;
        let (from, until) = clauses.force?;
        let mut mark = self.p.since(start);
        mark.bytes.start = head.bytes.start;
        Some(Rule {
            id,
            pack: pack.to_owned(),
            cites: clauses.cites,
            from,
            until,
            severity: clauses.severity.unwrap_or(Grade::Notable),
            subject,
            condition,
            body,
            exceptions: clauses.exceptions,
            pauses: clauses.pauses,
            days: clauses.days,
            recorded_within: clauses.recorded_within,
            outlasts: clauses.outlasts,
            irrespective: clauses.irrespective,
            tell: clauses.tell,
            chapter,
            mark,
        })
    }

    pub(crate) fn full_stop(&mut self) -> Read<()> {
        if self.p.sign('.') { Ok(()) } else { self.p.wanted("`.` at the end of the clause") }
    }

    pub(crate) fn skip_clause(&mut self) {
        self.p.depth = 0;
        while !self.p.is_done() && !self.p.sign('.') {
            self.p.place += 1;
        }
    }

    /// Kinds that the rule's body judges, found without telling anything.
    fn judged_ahead(&mut self) -> Judged {
        let (place, told) = (self.p.place, self.p.found.len());
        let mut judged = Judged::default();
        while !self.p.is_done() {
            if self.p.take("for each") {
                let class = self.p.maybe(&self.p.names.classes);
                if class.is_some() {
                    while !self.p.is_done() && !self.p.rest().first().is_some_and(|t| t.word == super::words::Word::Sign('.')) {
                        if self.p.sign(',') {
                            let here = self.p.place;
                            if let Ok(body) = self.body(&Judged::default()) {
                                judged = self.judged_by(&body);
                                break;
                            }
                            self.p.place = here;
                        } else {
                            self.p.place += 1;
                        }
                    }
                }
            }
            self.p.place += 1;
        }
        self.p.place = place;
        self.p.found.truncate(told);
        self.p.depth = 0;
        judged
    }

    /// Kinds of the event that a body judges.
    fn judged_by(&self, body: &Body) -> Judged {
        let of = |patterns: &[&Pattern]| Judged(patterns.iter().filter_map(|p| self.kind_of(p.event)).collect());
        match body {
            Body::After { trigger, .. } => of(&[trigger]),
            Body::Before { event, .. }
            | Body::EveryRecord { event, .. }
            | Body::EverySatisfies { event, .. }
            | Body::EveryRestsOn { event, .. }
            | Body::Never { event } => of(&[event]),
            Body::Clock { from, .. } => of(&[from]),
            Body::While { state, keep, .. } => match keep {
                Keep::NoEvent(_) | Keep::NotLonger { .. } | Keep::Forbidden | Keep::Count { .. } | Keep::Every { .. } => {
                    self.starts_of(*state)
                }
            },
            Body::Quantity { .. } => Judged::default(),
        }
    }

    pub(crate) fn starts_of(&self, state: StateId) -> Judged {
        match self.states.get(state.index()).and_then(Option::as_ref).map(|s| &s.holds) {
            Some(Holds::Between { from, .. }) => Judged(from.iter().filter_map(|p| self.kind_of(p.event)).collect()),
            Some(Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. }) | None => Judged::default(),
        }
    }

    fn clause(&mut self, clauses: &mut Clauses, judged: &Judged) -> Read<()> {
        let start = self.p.place;
        self.once(clauses)?;
        if self.p.take("cites") {
            clauses.cites.push(self.citation()?);
            while self.p.take("and") {
                clauses.cites.push(self.citation()?);
            }
        } else if self.p.take("in force from") {
            let from = self.p.date()?;
            let until = if self.p.take("until") { Some(self.p.date()?) } else { None };
            clauses.force = Some((from, until));
        } else if self.p.take("severity") {
            match self.grade() {
                Some(grade) => clauses.severity = Some(grade),
                None => return self.p.wanted("critical, serious, notable or record"),
            }
        } else if self.p.take("for each") {
            clauses.bodies += 1;
            let (class, _) = self.p.name("subject", &self.p.names.classes)?;
            let condition = if self.p.take("where") { Some(self.cond(judged)?) } else { None };
            self.p.expect_sign(',')?;
            clauses.body = Some((ClassId(class), condition, self.body(judged)?));
        } else if self.p.take("unless") {
            let when = self.cond(judged)?;
            self.p.expect_sign(',')?;
            let then = self.consequence(judged)?;
            clauses.exceptions.push(Exception { when, then, mark: self.p.since(start) });
        } else if self.p.take("the time does not run while") {
            clauses.pauses.push(self.state()?.0);
        } else if self.p.take("days are counted as") {
            match self.p.one_of(&["calendar days", "working days", "whole days"]) {
                Some(i) => clauses.days = DayCounting(Some([DayCount::Calendar, DayCount::Working, DayCount::Whole][i])),
                None => return self.p.wanted("`calendar days`, `working days` or `whole days`"),
            }
        } else if self.p.take("it must be recorded within") {
            clauses.recorded_within = Some(self.span(judged)?);
        } else if self.p.take("it outlasts the custody") {
            clauses.outlasts = true;
        } else if self.p.take("this holds irrespective of") {
            clauses.irrespective.push(self.event()?);
            while self.p.take("and") {
                clauses.irrespective.push(self.event()?);
            }
        } else if self.p.take("on breach") {
            self.p.expect_sign(',')?;
            self.p.expect("tell")?;
            let roles = self.roles("and")?;
            let within = if self.p.take("within") { Some(self.span(judged)?) } else { None };
            clauses.tell.push(Telling { roles, within, mark: self.p.since(start) });
        } else {
            return self.p.wanted("a clause such as `Cites`, `In force from`, `For each`, `Unless` or `On breach`");
        }
        Ok(())
    }

    /// A clause of which a rule can have only one: of two, neither may win unsaid.
    fn once(&mut self, clauses: &Clauses) -> Read<()> {
        let said = [
            ("in force from", clauses.force.is_some()),
            ("severity", clauses.severity.is_some()),
            ("days are counted as", clauses.days.0.is_some()),
            ("it must be recorded within", clauses.recorded_within.is_some()),
            ("it outlasts the custody", clauses.outlasts),
        ];
        let start = self.p.place;
        let Some((phrase, _)) = said.into_iter().find(|(phrase, again)| *again && self.p.at(phrase)) else { return Ok(()) };
        self.p.take(phrase);
        let mark = self.p.since(start);
        let help = Some("keep one of the two".to_owned());
        self.p.fail("E100", mark, format!("this rule says `{phrase}` twice"), help)
    }

    pub(crate) fn roles(&mut self, conjunction: &str) -> Read<Vec<RoleId>> {
        let mut roles = vec![RoleId(self.p.name("role", &self.p.names.roles)?.0)];
        while self.p.take(conjunction) {
            roles.push(RoleId(self.p.name("role", &self.p.names.roles)?.0));
        }
        Ok(roles)
    }

    fn consequence(&mut self, judged: &Judged) -> Read<Consequence> {
        if self.p.take("the rule does not apply") {
            return Ok(Consequence::DoesNotApply);
        }
        if self.p.take("a breach is excused") {
            return Ok(Consequence::Excused);
        }
        if self.p.take("the limit is") {
            return Ok(Consequence::LimitIs(self.span(judged)?));
        }
        self.p.wanted("`the rule does not apply`, `the limit is …` or `a breach is excused`")
    }

    pub(crate) fn citation(&mut self) -> Read<Citation> {
        let start = self.p.place;
        let source = self.p.text()?;
        let kinds = [LabelKind::Paragraph, LabelKind::Article, LabelKind::Rule, LabelKind::Principle, LabelKind::Section, LabelKind::Note];
        let Some(i) = self.p.one_of(&["paragraph", "article", "rule", "principle", "section", "note"]) else {
            return self.p.wanted("paragraph, article, rule, principle, section or note");
        };
        let label = match self.p.rest().first() {
            Some(token) if !matches!(token.word, super::words::Word::Sign(_)) => token.raw.clone(),
            _ => return self.p.wanted("a label such as 25 or 12B"),
        };
        self.p.place += 1;
        Ok(Citation { source, kind: kinds[i], label, mark: self.p.since(start) })
    }

    fn body(&mut self, judged: &Judged) -> Read<Body> {
        let start = self.p.place;
        if let Some(i) = self.p.one_of(&["after the first", "after the latest", "after"]) {
            return self.after([Which::First, Which::Latest, Which::Each][i]);
        }
        if self.p.take("before") {
            let event = self.event()?;
            self.p.expect_sign(',')?;
            let required = self.event()?;
            self.p.expect("must have happened")?;
            let judged = Judged(self.kind_of(event.event).into_iter().collect());
            let not_older = if self.p.take("not more than") { Some(self.earlier(&judged, "earlier")?) } else { None };
            return Ok(Body::Before { event, required, not_older });
        }
        if self.p.take("while") {
            let (state, mark) = self.state()?;
            self.p.expect_sign(',')?;
            let keep = self.keep(&self.starts_of(state))?;
            return Ok(Body::While { state, keep, mark });
        }
        if self.p.take("at all times") {
            return self.quantity_body(start);
        }
        if self.p.take("every") {
            return self.every();
        }
        if self.p.take("no") {
            let event = self.event()?;
            self.p.expect("may happen")?;
            return Ok(Body::Never { event });
        }
        if self.p.take("the clock") {
            let (clock, _) = self.p.name("clock", &self.p.names.clocks)?;
            self.p.expect("runs")?;
            let length = self.span(judged)?;
            self.p.expect("from")?;
            let from = self.event()?;
            self.p.expect_sign(',')?;
            let answer = self.event()?;
            self.p.expect("must happen before it ends")?;
            return Ok(Body::Clock { clock: ClockId(clock), length, from, answer });
        }
        self.p.wanted("a duty: `after …`, `before …`, `while …`, `at all times …`, `every …`, `no … may happen` or `the clock …`")
    }

    fn earlier(&mut self, judged: &Judged, word: &str) -> Read<Span> {
        let span = self.span(judged)?;
        self.p.expect(word)?;
        Ok(span)
    }

    fn after(&mut self, which: Which) -> Read<Body> {
        let trigger = self.event()?;
        self.p.expect_sign(',')?;
        let forbidden = self.p.take("no");
        let answer = self.event()?;
        self.p.expect(if forbidden { "may happen" } else { "must happen" })?;
        let judged = Judged(self.kind_of(trigger.event).into_iter().collect());
        let limit = self.within(&judged)?;
        Ok(Body::After { which, trigger, answer, forbidden, limit })
    }

    fn within(&mut self, judged: &Judged) -> Read<Within> {
        let start = self.p.place;
        if self.p.take("within") {
            return Ok(Within::Span(self.span(judged)?));
        }
        if self.p.take("by") {
            let before = if self.p.at_length() {
                let length = self.p.length()?;
                self.p.expect("before")?;
                Some(length)
            } else {
                None
            };
            if before.is_none() && (self.p.at("the limit") || self.p.names.limits.longest_at(self.p.rest()).is_some()) {
                let help = "write the length out: `by 30 minutes before the FIELD`; a limit stands behind `within the limit`";
                let message = "`by` takes a field of the event, and before it a length written out, never the name of a limit".to_owned();
                return self.p.fail("E129", self.p.here(), message, Some(help.to_owned()));
            }
            self.p.expect("the")?;
            let field = self.field_name(&judged.0)?;
            return Ok(Within::By { before, field, mark: self.p.since(start) });
        }
        if self.p.take("before") {
            return Ok(Within::Before(self.event()?));
        }
        if self.p.take("as long as") {
            let (state, mark) = self.state()?;
            return Ok(Within::AsLongAs(state, mark));
        }
        self.p.wanted("a limit: `within …`, `by the …`, `before …` or `as long as …`")
    }

    fn keep(&mut self, judged: &Judged) -> Read<Keep> {
        if self.p.take("it must not last longer than") {
            let limit = self.span(judged)?;
            let in_any = if self.p.take("in any") { Some(self.span(judged)?) } else { None };
            let break_of = if self.p.take("without a break of at least") { Some(self.span(judged)?) } else { None };
            return Ok(Keep::NotLonger { limit, in_any, break_of });
        }
        if self.p.take("it is forbidden") {
            return Ok(Keep::Forbidden);
        }
        if self.p.take("no") {
            let event = self.event()?;
            self.p.expect("may happen")?;
            return Ok(Keep::NoEvent(event));
        }
        if self.p.take("there must be") {
            let bound = self.bound(true)?;
            let at = self.p.place;
            if self.p.at_length() {
                self.p.length()?;
                let mark = self.p.since(at);
                let help = Some("write a number, as in `at most 2 officers present`".to_owned());
                return self.p.fail("E103", mark, "a length of time cannot bound how many are present".to_owned(), help);
            }
            let number = self.amount()?;
            let (item, _) = self.p.name("item", &self.p.names.items)?;
            let item = ItemId(item);
            self.p.expect("present")?;
            let condition = if self.p.take("where") { Some(self.cond(&self.starts_of_item(item))?) } else { None };
            return Ok(Keep::Count { bound, number, item, condition });
        }
        let event = self.event()?;
        self.p.expect("must happen at least every")?;
        let period = self.span(judged)?;
        let first = if self.p.sign(',') {
            self.p.expect("the first within")?;
            Some(self.span(judged)?)
        } else {
            None
        };
        Ok(Keep::Every { event, period, first })
    }

    pub(crate) fn bound(&mut self, exactly: bool) -> Read<Bound> {
        match self.p.one_of(&["at least", "at most", "exactly"]) {
            Some(0) => Ok(Bound::AtLeast),
            Some(1) => Ok(Bound::AtMost),
            Some(_) if exactly => Ok(Bound::Exactly),
            Some(_) | None => self.p.wanted("`at least` or `at most`"),
        }
    }

    fn starts_of_item(&self, item: ItemId) -> Judged {
        match self.items.get(item.index()).and_then(Option::as_ref).map(|i| &i.present) {
            Some(Presence::Between { from, .. }) => Judged(from.iter().filter_map(|p| self.kind_of(p.event)).collect()),
            Some(Presence::Others { item: other, .. }) if *other != item => self.starts_of_item(*other),
            Some(Presence::Others { .. }) | None => Judged::default(),
        }
    }

    fn quantity_body(&mut self, start: usize) -> Read<Body> {
        self.p.expect_sign(',')?;
        self.p.expect("the")?;
        let (field, mark) = self.p.name("field", &self.p.names.fields)?;
        let field = crate::tree::FieldId(field);
        self.p.expect("of the")?;
        let (class, _) = self.p.name("subject", &self.p.names.classes)?;
        let of = ClassId(class);
        let describing: Vec<KindId> =
            (0..self.kinds.len()).map(|i| KindId(i as u16)).filter(|k| self.kinds[k.index()].describes.contains(&of)).collect();
        let fact = |f| describing.iter().find_map(|k| self.kinds[k.index()].fields.iter().find(|x| x.name == f).cloned());
        let Some(declared) = fact(field) else {
            let message = format!(
                "`{}` is not a fact of `{}`",
                self.p.names.fields.spellings[field.index()],
                self.p.names.classes.spellings[of.index()]
            );
            return self.p.fail("E102", mark, message, Some("mark the event that records it with `describes`".to_owned()));
        };
        let mut less = Vec::new();
        while self.p.take("less the") {
            less.push(self.field_name(&describing)?);
        }
        let per = if self.p.take("divided by the number of") {
            let (item, _) = self.p.name("item", &self.p.names.items)?;
            self.p.expect("in it")?;
            Some(ItemId(item))
        } else {
            None
        };
        self.p.expect("must be")?;
        let bound = self.bound(false)?;
        let at = self.p.place;
        if self.p.at_length() {
            self.p.length()?;
            let mark = self.p.since(at);
            let message = "a length of time cannot bound this quantity".to_owned();
            return self.p.fail("E103", mark, message, Some("write a number in the unit of the field".to_owned()));
        }
        let number = self.amount()?;
        if let (crate::tree::Amount::Number(quantity, mark), crate::tree::FieldType::Number(unit)) = (&number, &declared.of)
            && quantity.unit != *unit
        {
            let mark = mark.clone();
            return self.p.fail("E103", mark, "the unit is not that of the field".to_owned(), None);
        }
        Ok(Body::Quantity { field, of, less, per, bound, number, mark: self.p.since(start) })
    }

    fn every(&mut self) -> Read<Body> {
        let event = self.event()?;
        let judged = Judged(self.kind_of(event.event).into_iter().collect());
        if self.p.take("must record") {
            let mut fields = vec![self.field_name(&judged.0)?];
            while self.p.take("and") {
                fields.push(self.field_name(&judged.0)?);
            }
            return Ok(Body::EveryRecord { event, fields });
        }
        if self.p.take("must satisfy") {
            let cond = self.cond(&judged)?;
            return Ok(Body::EverySatisfies { event, cond });
        }
        if self.p.take("must rest on") {
            let authority = self.event()?;
            self.p.expect("by")?;
            let roles = self.roles("or")?;
            let not_older = if self.p.take("given not more than") { Some(self.earlier(&judged, "earlier")?) } else { None };
            return Ok(Body::EveryRestsOn { event, authority, roles, not_older });
        }
        self.p.wanted("`must record`, `must satisfy` or `must rest on`")
    }
}
