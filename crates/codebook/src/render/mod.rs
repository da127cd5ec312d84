//! Rules read aloud: the canonical text of the tree, in the words of a language. What English says here the parser reads back as
//! the same tree.

#[cfg(test)]
mod by_chance;
mod words;

pub use words::{ENGLISH, Words};

use crate::moment::{DayCount, Length};
use crate::tree::{
    Amount, Body, Bound, Codebook, Cond, Consequence, EventName, Exception, FieldId, Grade, Keep, LabelKind, LimitId, Measure, Of, Operand,
    Pattern, Quantity, Relation, RoleId, Rule, Span, StateId, Term, Test, Unit, Which, Within,
};
use words::fill;

/// Reads a codebook's rules aloud in one language.
pub struct Renderer<'c> {
    codebook: &'c Codebook,
    words: &'c Words,
}

/// A rule in canonical English.
#[must_use]
pub fn rule(codebook: &Codebook, rule: &Rule) -> String {
    Renderer { codebook, words: &ENGLISH }.rule(rule)
}

/// The sentence of a rule that says what is owed, in canonical English, as explanations quote it.
#[must_use]
pub fn sentence(codebook: &Codebook, rule: &Rule) -> String {
    Renderer { codebook, words: &ENGLISH }.sentence(rule)
}

/// A condition in canonical English, as explanations quote exceptions.
#[must_use]
pub fn condition(codebook: &Codebook, cond: &Cond) -> String {
    Renderer { codebook, words: &ENGLISH }.cond(cond)
}

impl<'c> Renderer<'c> {
    /// A renderer for the words of a language.
    #[must_use]
    pub fn new(codebook: &'c Codebook, words: &'c Words) -> Self {
        Renderer { codebook, words }
    }

    /// A whole rule: its id, then the clauses in their order, three lines.
    #[must_use]
    pub fn rule(&self, rule: &Rule) -> String {
        let w = self.words;
        let mut head: Vec<String> = Vec::new();
        if !rule.cites.is_empty() {
            let cite = |c: &crate::tree::Citation| {
                fill(w.citation, &[("source", &c.source), ("kind", w.labels[label(c.kind)]), ("label", &c.label)])
            };
            head.push(fill(w.cites, &[("sources", &rule.cites.iter().map(cite).collect::<Vec<_>>().join(w.and))]));
        }
        let from = rule.from.to_string();
        head.push(match rule.until {
            Some(until) => fill(w.in_force_until, &[("from", &from), ("until", &until.to_string())]),
            None => fill(w.in_force, &[("from", &from)]),
        });
        head.push(fill(w.severity, &[("grade", w.grades[grade(rule.severity)])]));
        let mut lines = vec![fill(w.rule, &[("id", &rule.id)]), format!("  {}", head.join(" ")), format!("  {}", self.sentence(rule))];
        let clauses = self.clauses(rule);
        if !clauses.is_empty() {
            lines.push(format!("  {}", clauses.join(" ")));
        }
        lines.join("\n")
    }

    fn clauses(&self, rule: &Rule) -> Vec<String> {
        let w = self.words;
        let mut clauses: Vec<String> = rule.exceptions.iter().map(|e| self.exception(e)).collect();
        clauses.extend(rule.pauses.iter().map(|s| fill(w.pause, &[("state", self.state(*s))])));
        clauses.extend(rule.days.0.map(|d| w.days[days(d)].to_owned()));
        clauses.extend(rule.recorded_within.iter().map(|s| fill(w.recorded, &[("span", &self.span(s))])));
        clauses.extend(rule.outlasts.then(|| w.outlasts.to_owned()));
        if !rule.irrespective.is_empty() {
            let events: Vec<String> = rule.irrespective.iter().map(|p| self.event(p)).collect();
            clauses.push(fill(w.irrespective, &[("events", &events.join(w.and))]));
        }
        for telling in &rule.tell {
            let roles = self.roles(&telling.roles, w.and);
            clauses.push(match &telling.within {
                Some(span) => fill(w.tell_within, &[("roles", &roles), ("span", &self.span(span))]),
                None => fill(w.tell, &[("roles", &roles)]),
            });
        }
        clauses
    }

    fn exception(&self, exception: &Exception) -> String {
        let w = self.words;
        let then = match &exception.then {
            Consequence::DoesNotApply => w.does_not_apply.to_owned(),
            Consequence::LimitIs(span) => fill(w.limit_is, &[("span", &self.span(span))]),
            Consequence::Excused => w.excused.to_owned(),
        };
        fill(w.unless, &[("cond", &self.cond(&exception.when)), ("then", &then)])
    }

    /// `For each …, … .`
    #[must_use]
    pub fn sentence(&self, rule: &Rule) -> String {
        let subject = &self.codebook.class(rule.subject).name;
        let body = self.body(&rule.body);
        match &rule.condition {
            Some(cond) => fill(self.words.for_each_where, &[("subject", subject), ("cond", &self.cond(cond)), ("body", &body)]),
            None => fill(self.words.for_each, &[("subject", subject), ("body", &body)]),
        }
    }

    fn body(&self, body: &Body) -> String {
        let w = self.words;
        match body {
            Body::After { which, trigger, answer, forbidden, limit } => {
                let which = match which {
                    Which::Each => 0,
                    Which::First => 1,
                    Which::Latest => 2,
                };
                let after = fill(w.after[which], &[("a", &self.event(trigger))]);
                let template = if *forbidden { w.after_may_not } else { w.after_must };
                fill(template, &[("after", &after), ("b", &self.event(answer)), ("limit", &self.limit(limit))])
            }
            Body::Before { event, required, not_older } => {
                let (a, b) = (self.event(event), self.event(required));
                match not_older {
                    Some(span) => fill(w.before_not_older, &[("a", &a), ("b", &b), ("span", &self.span(span))]),
                    None => fill(w.before, &[("a", &a), ("b", &b)]),
                }
            }
            Body::While { state, keep, .. } => fill(w.during, &[("state", self.state(*state)), ("keep", &self.keep(keep))]),
            Body::Quantity { field, of, less, per, bound, number, .. } => {
                let owner = &self.codebook.class(*of).name;
                let mut text = fill(w.quantity, &[("field", self.field(*field)), ("subject", owner)]);
                less.iter().for_each(|f| text.push_str(&fill(w.less, &[("field", self.field(*f))])));
                per.iter().for_each(|i| text.push_str(&fill(w.per, &[("item", &self.codebook.items[i.index()].name)])));
                text + &fill(w.quantity_bound, &[("bound", self.bound(*bound)), ("number", &self.amount(number))])
            }
            Body::EveryRecord { event, fields } => {
                let fields: Vec<&str> = fields.iter().map(|f| self.field(*f)).collect();
                fill(w.every_record, &[("e", &self.event(event)), ("fields", &fields.join(w.and))])
            }
            Body::EverySatisfies { event, cond } => fill(w.every_satisfies, &[("e", &self.event(event)), ("cond", &self.cond(cond))]),
            Body::EveryRestsOn { event, authority, roles, not_older } => {
                let (e, b, roles) = (self.event(event), self.event(authority), self.roles(roles, w.or));
                let text = fill(w.every_rests_on, &[("e", &e), ("b", &b), ("roles", &roles)]);
                text + &not_older.as_ref().map_or(String::new(), |span| fill(w.given, &[("span", &self.span(span))]))
            }
            Body::Never { event } => fill(w.no_event, &[("e", &self.event(event))]),
            Body::Clock { clock, length, from, answer } => {
                let name = &self.codebook.clocks[clock.index()].name;
                let (span, a, b) = (self.span(length), self.event(from), self.event(answer));
                fill(w.clock, &[("clock", name), ("span", &span), ("a", &a), ("b", &b)])
            }
        }
    }

    fn keep(&self, keep: &Keep) -> String {
        let w = self.words;
        match keep {
            Keep::NotLonger { limit, in_any, break_of } => {
                let part =
                    |template, span: &Option<Span>| span.as_ref().map_or(String::new(), |s| fill(template, &[("span", &self.span(s))]));
                fill(w.not_longer, &[("span", &self.span(limit))]) + &part(w.in_any, in_any) + &part(w.without_break, break_of)
            }
            Keep::Forbidden => w.forbidden.to_owned(),
            Keep::NoEvent(event) => fill(w.no_event, &[("e", &self.event(event))]),
            Keep::Count { bound, number, item, condition } => {
                let (number, item) = (self.amount(number), &self.codebook.items[item.index()].name);
                let cond = condition.as_ref().map(|c| self.cond(c)).unwrap_or_default();
                let template = if condition.is_some() { w.count_where } else { w.count };
                fill(template, &[("bound", self.bound(*bound)), ("number", &number), ("item", item), ("cond", &cond)])
            }
            Keep::Every { event, period, first } => {
                let first_span = first.as_ref().map(|s| self.span(s)).unwrap_or_default();
                let template = if first.is_some() { w.recurring_first } else { w.recurring };
                fill(template, &[("e", &self.event(event)), ("span", &self.span(period)), ("first", &first_span)])
            }
        }
    }

    fn limit(&self, limit: &Within) -> String {
        let w = self.words;
        match limit {
            Within::Span(span) => fill(w.within, &[("span", &self.span(span))]),
            Within::By { before: Some(length), field, .. } => {
                fill(w.by_before, &[("length", &self.length(*length)), ("field", self.field(*field))])
            }
            Within::By { before: None, field, .. } => fill(w.by, &[("field", self.field(*field))]),
            Within::Before(c) => fill(w.before_event, &[("c", &self.event(c))]),
            Within::AsLongAs(state, _) => fill(w.as_long_as, &[("state", self.state(*state))]),
        }
    }

    fn span(&self, span: &Span) -> String {
        match span {
            Span::Limit(limit, _) => self.named_limit(*limit),
            Span::Length(length, _) => self.length(*length),
            Span::Field(field, _) => fill(self.words.the_field, &[("field", self.field(*field))]),
        }
    }

    fn named_limit(&self, limit: LimitId) -> String {
        fill(self.words.limit_name, &[("limit", &self.codebook.limits[limit.index()].name)])
    }

    fn length(&self, length: Length) -> String {
        let unit = self.words.time_units[length.unit as usize];
        let unit = if length.amount == 1 { unit.to_owned() } else { fill(self.words.plural, &[("unit", unit)]) };
        format!("{} {unit}", length.amount)
    }

    fn amount(&self, amount: &Amount) -> String {
        match amount {
            Amount::Limit(limit, _) => self.codebook.limits[limit.index()].name.clone(),
            Amount::Number(Quantity { number, unit }, _) => match unit {
                Some(unit) => format!("{number} {}", fill(self.words.plural, &[("unit", unit_name(*unit))])),
                None => number.to_string(),
            },
        }
    }

    fn bound(&self, bound: Bound) -> &'c str {
        self.words.bounds[match bound {
            Bound::AtLeast => 0,
            Bound::AtMost => 1,
            Bound::Exactly => 2,
        }]
    }

    fn state(&self, state: StateId) -> &'c str {
        &self.codebook.states[state.index()].name
    }

    fn field(&self, field: FieldId) -> &'c str {
        &self.codebook.field_names[field.index()]
    }

    fn roles(&self, roles: &[RoleId], joint: &str) -> String {
        roles.iter().map(|r| self.codebook.roles[r.index()].name.as_str()).collect::<Vec<_>>().join(joint)
    }

    fn event_name(&self, event: EventName) -> &'c str {
        match event {
            EventName::Kind(kind) => &self.codebook.kind(kind).name,
            EventName::Alias(alias) => &self.codebook.aliases[alias.index()].name,
        }
    }

    fn event(&self, pattern: &Pattern) -> String {
        let mut text = self.event_name(pattern.event).to_owned();
        for (i, (field, test)) in pattern.tests.iter().enumerate() {
            let template = if i == 0 { self.words.whose } else { self.words.and_whose };
            text.push_str(&fill(template, &[("field", self.field(*field)), ("test", &self.test(test))]));
        }
        text
    }

    fn cond(&self, cond: &Cond) -> String {
        let w = self.words;
        let nested = |c: &Cond| match c {
            Cond::All(_) | Cond::Any(_) => format!("({})", self.cond(c)),
            Cond::State(..) | Cond::Happened(..) | Cond::Field(..) | Cond::Subject(..) => self.cond(c),
        };
        match cond {
            Cond::All(parts) => parts.iter().map(nested).collect::<Vec<_>>().join(w.and),
            Cond::Any(parts) => parts.iter().map(nested).collect::<Vec<_>>().join(w.or),
            Cond::State(state, _) => self.state(*state).to_owned(),
            Cond::Happened(pattern, happened) => fill(w.happened[usize::from(*happened)], &[("e", &self.event(pattern))]),
            Cond::Field(operand, test) => format!("{} {}", self.operand(operand), self.test(test)),
            Cond::Subject(class, is, state, _) => {
                let subject = &self.codebook.class(*class).name;
                fill(w.subject_is[usize::from(*is)], &[("subject", subject), ("state", &self.with_article(*state))])
            }
        }
    }

    /// `a child`: ages are said with an article, which the parser skips.
    fn with_article(&self, state: StateId) -> String {
        let name = self.state(state);
        match self.codebook.states[state.index()].holds {
            crate::tree::Holds::AgeBelow(_) if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
            crate::tree::Holds::AgeBelow(_) => format!("a {name}"),
            crate::tree::Holds::Between { .. } | crate::tree::Holds::Always | crate::tree::Holds::Count { .. } => name.to_owned(),
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        let field = self.field(operand.field);
        let owner = match operand.of {
            Of::Judged => return fill(self.words.the_field, &[("field", field)]),
            Of::Subject(class) => &self.codebook.class(class).name,
            Of::Event(event) => self.event_name(event),
        };
        fill(self.words.field_of, &[("field", field), ("owner", owner)])
    }

    fn test(&self, test: &Test) -> String {
        let w = self.words;
        let terms = |terms: &[Term]| terms.iter().map(|t| self.term(t)).collect::<Vec<_>>().join(", ");
        match test {
            Test::Is(is, term) => fill(w.is[usize::from(*is)], &[("term", &self.term(term))]),
            Test::OneOf(all) => fill(w.one_of, &[("terms", &terms(all))]),
            Test::Known => w.known.to_owned(),
            Test::Includes(is, term) => fill(w.includes[usize::from(*is)], &[("term", &self.term(term))]),
            Test::IncludesAll(all) => fill(w.includes_all, &[("terms", &terms(all))]),
            Test::Compare(relation, measure) => {
                let place = match relation {
                    Relation::AtLeast => 0,
                    Relation::AtMost => 1,
                    Relation::MoreThan => 2,
                    Relation::LessThan => 3,
                };
                fill(w.relations[place], &[("measure", &self.measure(measure))])
            }
        }
    }

    fn measure(&self, measure: &Measure) -> String {
        match measure {
            Measure::Amount(amount) => self.amount(amount),
            Measure::Length(length, _) => self.length(*length),
            Measure::Other(operand) => self.operand(operand),
        }
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Value(value, _) => self.codebook.value_names[value.index()].clone(),
            Term::YesNo(yes) => self.words.yes_no[usize::from(*yes)].to_owned(),
            Term::Role(role, _) => self.codebook.roles[role.index()].name.clone(),
            Term::Other(operand) => self.operand(operand),
            Term::Rule(id, _) => id.clone(),
            Term::Grade(grade) => self.words.grades[self::grade(*grade)].to_owned(),
        }
    }
}

fn label(kind: LabelKind) -> usize {
    match kind {
        LabelKind::Paragraph => 0,
        LabelKind::Article => 1,
        LabelKind::Rule => 2,
        LabelKind::Principle => 3,
        LabelKind::Section => 4,
        LabelKind::Note => 5,
    }
}

fn grade(grade: Grade) -> usize {
    match grade {
        Grade::Record => 0,
        Grade::Notable => 1,
        Grade::Serious => 2,
        Grade::Critical => 3,
    }
}

fn days(days: DayCount) -> usize {
    match days {
        DayCount::Calendar => 0,
        DayCount::Working => 1,
        DayCount::Whole => 2,
    }
}

/// The singular of a unit of measure, as the parser knows it.
fn unit_name(unit: Unit) -> &'static str {
    crate::blocks::parser::UNITS.iter().find(|(_, u)| *u == unit).map_or("", |(name, _)| name)
}

/// A chapter with the rules of its `rule` blocks in canonical text; everything else stays byte for byte.
#[must_use]
pub fn chapter(codebook: &Codebook, file: u32) -> String {
    let text = &codebook.files[file as usize].text;
    let mut told = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut done = 0usize;
    for block in crate::chapters::read(text, file, &mut told).blocks {
        let (start, end) = (block.mark.bytes.start as usize, block.mark.bytes.end as usize);
        if block.kind != crate::chapters::BlockKind::Rule {
            continue;
        }
        let inside = |r: &&Rule| r.mark.file == file && (start..end).contains(&(r.mark.bytes.start as usize));
        let rules: Vec<String> = codebook.rules.iter().filter(inside).map(|r| rule(codebook, r)).collect();
        out.push_str(&text[done..start]);
        out.push_str(&rules.join("\n\n"));
        out.push('\n');
        done = end;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use crate::pack::PackSource;
    use crate::reading::{Reading, read};
    use std::path::Path;

    fn folder(name: &str) -> PackSource {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
        PackSource::from_folder(&folder).expect("a codebook of the project")
    }

    fn reading(source: &PackSource) -> Reading {
        read(source, &|id| Some(folder(&format!("codebooks/{id}"))))
    }

    /// The pack with every chapter of its own in canonical text.
    fn formatted(source: &PackSource) -> PackSource {
        let codebook = reading(source).codebook.expect("it has no errors");
        let mut source = source.clone();
        for chapter in codebook.chapters.iter().filter(|c| c.pack == codebook.id) {
            let path = &codebook.files[chapter.file as usize].path;
            if let Some(file) = source.files.iter_mut().find(|f| f.path == *path) {
                file.text = super::chapter(&codebook, chapter.file);
            }
        }
        source
    }

    #[test]
    fn what_is_read_aloud_is_read_back_as_the_same_rules() {
        for name in ["tests/conformance", "benches/six", "codebooks/standards"] {
            let source = folder(name);
            let before = reading(&source).codebook.expect("it has no errors");
            let after = reading(&formatted(&source));
            let after = after.codebook.unwrap_or_else(|| panic!("{name}: {:?}", after.diagnostics));
            assert_eq!(before.rules, after.rules, "{name}");
        }
    }

    #[test]
    fn formatting_twice_changes_nothing_more() {
        let once = formatted(&folder("tests/conformance"));
        assert_eq!(once, formatted(&once));
    }

    #[test]
    fn prose_and_declarations_stay_as_the_author_wrote_them() {
        let (before, after) = (folder("tests/conformance"), formatted(&folder("tests/conformance")));
        let chapter = |s: &PackSource| s.file("chapters/70-places-and-visits.md").expect("a chapter").text.clone();
        let head = |text: String| text.split("```rule").next().expect("prose").to_owned();
        assert_eq!(head(chapter(&before)), head(chapter(&after)));
    }

    #[test]
    fn a_sentence_is_quoted_as_the_law_has_it() {
        let codebook = reading(&folder("tests/conformance")).codebook.expect("it has no errors");
        let rule = codebook.rules.iter().find(|r| r.id == "interview-break").expect("the rule");
        let said =
            "For each custody, while interview under way, it must not last longer than 2 hours without a break of at least 15 minutes.";
        assert_eq!(super::sentence(&codebook, rule), said);
    }
}
