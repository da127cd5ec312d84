//! E103: two fields that are compared but hold different things, limits of the wrong measure.

use super::{Found, walk};
use crate::tree::{Amount, Body, Cond, EventName, Field, FieldType, Keep, LimitValue, Measure, Of, Operand, Rule, Span, Test};

pub(super) fn check(found: &mut Found) {
    for rule in &found.codebook.rules {
        for cond in walk::conditions(rule) {
            for atom in walk::atoms(cond) {
                if let Cond::Field(operand, test) = atom {
                    compared(found, rule, operand, test);
                }
            }
        }
        for span in walk::spans(rule) {
            if let Span::Limit(limit, mark) = span
                && found.codebook.limits[limit.index()].versions.iter().any(|v| matches!(v.value, LimitValue::Quantity(_)))
            {
                let message = format!("the limit `{}` is not a length of time", found.codebook.limits[limit.index()].name);
                found.error("E103", mark, message, "a length of time is needed here".to_owned());
            }
        }
        if let Body::Quantity { number: Amount::Limit(limit, mark), .. }
        | Body::While { keep: Keep::Count { number: Amount::Limit(limit, mark), .. }, .. } = &rule.body
            && found.codebook.limits[limit.index()].versions.iter().any(|v| matches!(v.value, LimitValue::Length(_)))
        {
            let message = format!("the limit `{}` is a length of time", found.codebook.limits[limit.index()].name);
            found.error("E103", mark, message, "a number is needed here".to_owned());
        }
    }
}

fn compared(found: &mut Found, rule: &Rule, operand: &Operand, test: &Test) {
    let Some(left) = field(found, rule, operand).map(|f| f.of.clone()) else { return };
    if let Test::Compare(_, Measure::Amount(_) | Measure::Length(..)) = test
        && !matches!(left, FieldType::Number(_) | FieldType::Money | FieldType::Duration)
    {
        let message = "more and less are asked of a field that holds no number".to_owned();
        found.error("E103", &operand.mark, message, "compare numbers, money, durations, dates or times".to_owned());
    }
    for other in walk::others(test) {
        let Some(right) = field(found, rule, other).map(|f| f.of.clone()) else { continue };
        if std::mem::discriminant(&left) != std::mem::discriminant(&right) {
            let message = "these two fields hold different things and cannot be compared".to_owned();
            found.error("E103", &other.mark, message, "compare fields of one type".to_owned());
        }
    }
}

/// The declaration of the field that an operand reads.
fn field<'a>(found: &Found<'a>, rule: &'a Rule, operand: &Operand) -> Option<&'a Field> {
    let codebook = found.codebook;
    match operand.of {
        Of::Judged => codebook.field(codebook.expand(walk::judged(&rule.body)?).0, operand.field),
        Of::Event(EventName::Kind(kind)) => codebook.field(kind, operand.field),
        Of::Event(event) => codebook.field(walk::kind_of(codebook, event), operand.field),
        Of::Subject(class) => {
            let describing = codebook.kinds.iter().filter(|k| k.describes.contains(&class));
            describing.flat_map(|k| &k.fields).find(|f| f.name == operand.field)
        }
    }
}
