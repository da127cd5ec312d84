//! Rules as metric first-order temporal logic, in the syntax of MonPoly, for other monitors (Basin, Klaedtke, Müller, Zălinescu:
//! *Monitoring Metric First-Order Temporal Properties*, J. ACM 62(2), 2015).
//!
//! Each formula is true of what breaks the rule: of the subject and the times at which a monitor reports it. Events are predicates
//! over their subjects and fields, texts all; a field that was not recorded is the empty text. Exact elapsed times only: what the
//! logic cannot say (calendar days, breaks, counts, corrections, unknown times) is listed as a comment with the reason.

use crate::moment::{Length, TimeUnit};
use crate::tree::{Body, ClassId, Codebook, Cond, FieldId, Keep, KindId, LimitValue, Pattern, Rule, Span, StateId, Term, Test, Within};
use crate::tree::{Holds, Of};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The signature that the formulas need, as comments and declarations, then a formula for each rule.
#[must_use]
pub fn export(codebook: &Codebook) -> String {
    let mut kinds = BTreeSet::new();
    let mut formulas = String::new();
    for rule in &codebook.rules {
        let writer = Writer { codebook, rule };
        match writer.formula(&mut kinds) {
            Ok(formula) => {
                let _ = writeln!(formulas, "(* {} *)\n{formula}\n", rule.id);
            }
            Err(why) => {
                let _ = writeln!(formulas, "(* {}: not expressed, {why} *)\n", rule.id);
            }
        }
    }
    let mut text = String::from("(* Signature *)\n");
    for kind in kinds {
        let kind = codebook.kind(kind);
        let subjects = kind.subjects.iter().map(|c| codebook.class(*c).name.clone());
        let fields = kind.fields.iter().map(|f| codebook.field_names[f.name.index()].clone());
        let arguments: Vec<String> = subjects.chain(fields).map(|name| format!("{}:string", word(&name))).collect();
        let _ = writeln!(text, "{}({})", word(&kind.name), arguments.join(", "));
    }
    text.push_str("\n(* What breaks each rule. A duty that lapses when its custody closes is reported here all the same. *)\n");
    text.push_str(&formulas);
    text
}

/// A name as one word of the logic.
fn word(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect()
}

struct Writer<'c> {
    codebook: &'c Codebook,
    rule: &'c Rule,
}

impl Writer<'_> {
    fn formula(&self, kinds: &mut BTreeSet<KindId>) -> Result<String, &'static str> {
        if self.rule.condition.is_some() || !self.rule.exceptions.is_empty() || !self.rule.pauses.is_empty() {
            return Err("it has a condition, an exception or a pause");
        }
        match &self.rule.body {
            Body::After { trigger, answer, forbidden, limit: Within::Span(span), .. } => {
                let seconds = self.seconds(span)?;
                let (a, b) = (self.event(trigger, None, kinds)?, self.event(answer, Some(trigger), kinds)?);
                let not = if *forbidden { "" } else { "NOT " };
                Ok(format!("{a} AND {not}(EVENTUALLY[0,{seconds}] {b})"))
            }
            Body::After { .. } | Body::Clock { .. } => Err("its limit is not a length of elapsed time"),
            Body::Before { event, required, not_older } => {
                let interval = match not_older {
                    Some(span) => format!("[0,{}]", self.seconds(span)?),
                    None => "[0,*]".to_owned(),
                };
                let (a, b) = (self.event(event, None, kinds)?, self.event(required, Some(event), kinds)?);
                Ok(format!("{a} AND NOT (ONCE{interval} {b})"))
            }
            Body::Never { event } => self.event(event, None, kinds),
            Body::EverySatisfies { event, cond } => self.unsatisfied(event, cond, kinds),
            Body::EveryRecord { event, fields } => {
                let missing: Vec<String> = fields.iter().map(|f| format!("{} = \"\"", self.variable(*f))).collect();
                Ok(self.with_fields(event, &missing.join(" OR "), None, kinds))
            }
            Body::EveryRestsOn { .. } => Err("authorities may be named by the event"),
            Body::While { state, keep, .. } => self.during(*state, keep, kinds),
            Body::Quantity { .. } => Err("it measures a quantity"),
        }
    }

    fn during(&self, state: StateId, keep: &Keep, kinds: &mut BTreeSet<KindId>) -> Result<String, &'static str> {
        let Holds::Between { from, until } = &self.codebook.states[state.index()].holds else {
            return Err("its state is an age, a life or a count");
        };
        let any = |patterns: &[Pattern], with: Option<&Pattern>, kinds: &mut BTreeSet<KindId>| {
            let events: Result<Vec<String>, _> = patterns.iter().map(|p| self.event(p, with, kinds)).collect();
            Ok::<String, &'static str>(format!("({})", events?.join(" OR ")))
        };
        let on = |interval: &str, kinds: &mut BTreeSet<KindId>| {
            let (start, end) = (any(from, None, kinds)?, any(until, from.first(), kinds)?);
            Ok::<String, &'static str>(format!("((NOT {end}) SINCE{interval} {start})"))
        };
        match keep {
            Keep::NotLonger { limit, in_any: None, break_of: None } => on(&format!("({},*)", self.seconds(limit)?), kinds),
            Keep::NotLonger { .. } => Err("it joins stretches over breaks or sums them"),
            Keep::Forbidden => any(from, None, kinds),
            Keep::NoEvent(event) => {
                let event = self.event(event, None, kinds)?;
                Ok(format!("{event} AND {}", on("[0,*)", kinds)?))
            }
            Keep::Count { .. } => Err("it counts"),
            Keep::Every { .. } => Err("it recurs"),
        }
    }

    /// A length of elapsed time in seconds.
    fn seconds(&self, span: &Span) -> Result<u64, &'static str> {
        let length = match span {
            Span::Length(length, _) => *length,
            Span::Limit(limit, _) => match self.codebook.limits[limit.index()].versions.as_slice() {
                [version] => match version.value {
                    LimitValue::Length(length) => length,
                    LimitValue::Quantity(_) => return Err("its limit is no time"),
                },
                _ => return Err("its limit has several versions"),
            },
            Span::Field(..) => return Err("its limit is recorded in a field"),
        };
        let Length { amount, unit } = length;
        match unit {
            TimeUnit::Second => Ok(u64::from(amount)),
            TimeUnit::Minute => Ok(u64::from(amount) * 60),
            TimeUnit::Hour => Ok(u64::from(amount) * 3600),
            TimeUnit::Day | TimeUnit::Month | TimeUnit::Year => Err("its limit is calendar time"),
        }
    }

    /// An event with its tests. Subjects shared with `with` (and the rule's own) are free variables, the rest is quantified.
    fn event(&self, pattern: &Pattern, with: Option<&Pattern>, kinds: &mut BTreeSet<KindId>) -> Result<String, &'static str> {
        let (_, tests) = self.codebook.expand(pattern);
        let mut wanted = Vec::new();
        for (field, test) in tests {
            wanted.push(self.test(*field, test)?);
        }
        Ok(self.with_fields(pattern, &wanted.join(" AND "), with, kinds))
    }

    fn with_fields(&self, pattern: &Pattern, wanted: &str, with: Option<&Pattern>, kinds: &mut BTreeSet<KindId>) -> String {
        let (kind, _) = self.codebook.expand(pattern);
        kinds.insert(kind);
        let declared = self.codebook.kind(kind);
        let shared = |class: ClassId| {
            let joins = !self.codebook.class(class).thing;
            class == self.rule.subject || (joins && with.is_none_or(|w| self.names(w, class)))
        };
        let subject = |class: &ClassId| word(&self.codebook.class(*class).name);
        let fields = declared.fields.iter().map(|f| self.variable(f.name));
        let arguments: Vec<String> = declared.subjects.iter().map(subject).chain(fields.clone()).collect();
        let bound: Vec<String> = declared.subjects.iter().filter(|c| !shared(**c)).map(subject).chain(fields).collect();
        let mut formula = format!("{}({})", word(&declared.name), arguments.join(", "));
        if !wanted.is_empty() {
            formula = format!("{formula} AND ({wanted})");
        }
        if bound.is_empty() { format!("({formula})") } else { format!("(EXISTS {}. {formula})", bound.join(", ")) }
    }

    fn names(&self, pattern: &Pattern, class: ClassId) -> bool {
        self.codebook.kind(self.codebook.expand(pattern).0).subjects.contains(&class)
    }

    fn variable(&self, field: FieldId) -> String {
        format!("f_{}", word(&self.codebook.field_names[field.index()]))
    }

    fn test(&self, field: FieldId, test: &Test) -> Result<String, &'static str> {
        let name = self.variable(field);
        match test {
            // What was not recorded passes no test, nor its opposite.
            Test::Is(true, term) => Ok(format!("{name} = {}", self.term(term)?)),
            Test::Is(false, term) => Ok(format!("(NOT {name} = {} AND NOT {name} = \"\")", self.term(term)?)),
            Test::OneOf(terms) => {
                let each = terms.iter().map(|t| self.term(t).map(|term| format!("{name} = {term}")));
                let each: Result<Vec<String>, &'static str> = each.collect();
                Ok(format!("({})", each?.join(" OR ")))
            }
            Test::Known => Ok(format!("NOT {name} = \"\"")),
            Test::Includes(..) | Test::IncludesAll(_) | Test::Compare(..) => Err("it compares or looks into lists"),
        }
    }

    fn term(&self, term: &Term) -> Result<String, &'static str> {
        match term {
            Term::Value(value, _) => Ok(format!("\"{}\"", self.codebook.value_names[value.index()])),
            Term::YesNo(yes) => Ok(if *yes { "\"yes\"" } else { "\"no\"" }.to_owned()),
            Term::Role(role, _) => Ok(format!("\"{}\"", self.codebook.roles[role.index()].name)),
            Term::Other(_) | Term::Rule(..) | Term::Grade(_) => Err("it compares with another field or reads breaches"),
        }
    }

    fn unsatisfied(&self, event: &Pattern, cond: &Cond, kinds: &mut BTreeSet<KindId>) -> Result<String, &'static str> {
        let (_, tests) = self.codebook.expand(event);
        let mut wanted = Vec::new();
        for (field, test) in tests {
            wanted.push(self.test(*field, test)?);
        }
        wanted.push(format!("NOT ({})", self.condition(cond)?));
        Ok(self.with_fields(event, &wanted.join(" AND "), None, kinds))
    }

    fn condition(&self, cond: &Cond) -> Result<String, &'static str> {
        let joined = |parts: &[Cond], with: &str| {
            let parts: Result<Vec<String>, _> = parts.iter().map(|c| self.condition(c)).collect();
            Ok(format!("({})", parts?.join(with)))
        };
        match cond {
            Cond::All(parts) => joined(parts, " AND "),
            Cond::Any(parts) => joined(parts, " OR "),
            Cond::Field(operand, test) if matches!(operand.of, Of::Judged) => self.test(operand.field, test),
            Cond::Field(..) | Cond::State(..) | Cond::Happened(..) | Cond::Subject(..) => Err("its condition reads more than the event"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::export;
    use crate::pack::PackSource;
    use std::path::Path;

    fn exported(folder: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        let source = PackSource::from_folder(&folder).expect("a codebook of the project");
        export(&crate::reading::read(&source, &|_| None).codebook.expect("it has no errors"))
    }

    #[test]
    fn a_duty_after_an_event_is_a_future_that_does_not_come() {
        let text = exported("benches/six");
        assert!(text.contains("(arrival(custody)) AND NOT (EVENTUALLY[0,3600] (exam_start(custody)))"), "{text}");
        assert!(text.contains("officers: not expressed, it counts"), "{text}");
    }

    #[test]
    fn a_state_that_lasts_too_long_is_a_start_without_an_end() {
        let text = exported("benches/six");
        assert!(text.contains("SINCE(7200,*)") && text.contains("interview_start(custody, interview)"), "{text}");
    }

    #[test]
    fn tests_on_fields_and_what_is_left_out_are_written_down() {
        let text = exported("tests/conformance");
        assert!(text.contains("f_behaviour = \"aggressive\""), "{text}");
        assert!(text.contains("floor-space: not expressed, it measures a quantity"), "{text}");
    }
}
