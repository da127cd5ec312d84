//! T201 a dimension that the column's subject cannot be joined to, T202 an addition of different units, T203 a health or privileged field
//! in a table of conduct, W126 a rule there that reads one, T204 no dated event; and of tables what rules are asked too: E101, E105, E108,
//! E109, E112.

use super::joining::related;
use super::{Found, citations, walk};
use crate::diagnostic::Mark;
use crate::table::{Counted, DimensionOf, Table, TableClass};
use crate::tree::{ClassId, Codebook, Cond, FieldId, KindId, Of, Pattern, Rule, Sensitivity};

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    for (place, table) in codebook.tables.iter().enumerate() {
        if table.cites.is_empty() && table.asked_by.is_empty() {
            let help = "add a clause such as `Cites \"CAT/C/SR.2087\" paragraph 48.` or `Asked by \"…\".`".to_owned();
            found.error("E108", &head(found, table), format!("nobody asks for the table `{}`: it cites no source", table.id), help);
        }
        table.cites.iter().for_each(|citation| citations::cited(found, citation));
        versions(found, table, &codebook.tables[..place]);
        linked(found, table);
        joined(found, table);
        additions(found, table);
        sensitive(found, table);
        sensitive_rules(found, table);
        dated(found, table);
    }
}

/// The first line of a table.
fn head(found: &Found, table: &Table) -> Mark {
    let text = super::source_text(found.codebook, &table.mark);
    let line = text.lines().next().unwrap_or("").trim_end().len() as u32;
    Mark { file: table.mark.file, bytes: table.mark.bytes.start..table.mark.bytes.start + line }
}

fn versions(found: &mut Found, table: &Table, earlier: &[Table]) {
    let ends_before = |one: &Table, other: &Table| one.until.is_some_and(|until| until <= other.from);
    for other in earlier.iter().filter(|other| other.id == table.id) {
        if !ends_before(other, table) && !ends_before(table, other) {
            let help = "end the earlier one with `In force from … until …`".to_owned();
            found.error("E112", &head(found, table), format!("two versions of the table `{}` are in force at once", table.id), help);
        }
    }
}

fn linked(found: &mut Found, table: &Table) {
    for (id, mark) in &table.linked {
        if !found.codebook.tables.iter().any(|other| other.id.eq_ignore_ascii_case(id)) {
            let names = super::listed(found.codebook.tables.iter().map(|t| &t.id), "and");
            found.error("E101", mark, format!("no table is called `{id}`"), format!("there are {names}"));
        }
    }
}

/// Classes that a column's things belong to.
fn classes_of(codebook: &Codebook, measure: &Counted) -> Vec<ClassId> {
    let of_kind = |kind: KindId| codebook.kind(kind).subjects.clone();
    match measure {
        Counted::Stock(class, ..) | Counted::AverageDaily(class, _) | Counted::Days(class, _) => vec![*class],
        Counted::Length(_, state) => codebook.states[state.index()].subjects.clone(),
        Counted::Verdicts(ids) => codebook.rules.iter().filter(|rule| ids.contains(&rule.id)).map(|rule| rule.subject).collect(),
        Counted::Subjects(..)
        | Counted::Several(..)
        | Counted::Events(_)
        | Counted::Different(..)
        | Counted::TimeBetween(..)
        | Counted::OfField(..)
        | Counted::Cohort(..) => measure.patterns().first().map(|p| of_kind(codebook.expand(p).0)).unwrap_or_default(),
        Counted::Share(..) | Counted::Rate(..) | Counted::TypedIn => Vec::new(),
    }
}

fn joined(found: &mut Found, table: &Table) {
    let codebook = found.codebook;
    for column in &table.columns {
        if let Counted::Subjects(class, _) | Counted::Several(class, ..) = &column.measure {
            for pattern in column.measure.patterns() {
                let kind = codebook.expand(pattern).0;
                if !codebook.kind(kind).subjects.contains(class) {
                    let message =
                        format!("`{}` names no {}, so none can be counted by it", found.pattern(pattern), codebook.class(*class).name);
                    let of = super::listed(codebook.kind(kind).subjects.iter().map(|c| &codebook.class(*c).name), "and");
                    found.error("T201", &pattern.mark, message, format!("it is declared of {of}"));
                }
            }
        }
        let ours = classes_of(codebook, &column.measure);
        if ours.is_empty() {
            continue;
        }
        for dimension in &table.by {
            let theirs = match dimension.of {
                DimensionOf::Fact(_, class) => vec![class],
                DimensionOf::Field(_, event) => codebook.kind(walk::kind_of(codebook, event)).subjects.clone(),
                DimensionOf::Age => codebook.class_named("person").into_iter().collect(),
                DimensionOf::State(state) => codebook.states[state.index()].subjects.clone(),
                DimensionOf::Place | DimensionOf::KindOfPlace | DimensionOf::Region => continue,
                DimensionOf::Rule
                | DimensionOf::Verdict
                | DimensionOf::Day
                | DimensionOf::Month
                | DimensionOf::Quarter
                | DimensionOf::Year
                | DimensionOf::Hour => continue,
            };
            if !theirs.iter().any(|class| ours.iter().any(|own| related(codebook, *own, *class))) {
                let message = format!("`{}` cannot be told of what the column `{}` counts", found.words(&dimension.mark), column.name);
                let classes = super::listed(theirs.iter().map(|c| &codebook.class(*c).name), "and");
                found.error(
                    "T201",
                    &dimension.mark,
                    message,
                    format!("no event names {classes} together with it; take a dimension of its own"),
                );
            }
        }
    }
}

fn additions(found: &mut Found, table: &Table) {
    for parts in &table.parts {
        let whole = table.unit(parts.whole);
        for (place, part) in parts.parts.iter().enumerate() {
            let name = &table.columns[*part].name;
            if table.unit(*part) != whole {
                let message =
                    format!("`{name}` counts another unit than `{}`, so the two cannot be added", table.columns[parts.whole].name);
                found.error("T202", &parts.mark, message, "add only what is counted in one unit".to_owned());
            }
            if *part == parts.whole || parts.parts[..place].contains(part) {
                let message = format!("`{name}` would be counted twice");
                found.error("E105", &parts.mark, message, "name each part once, and not the sum among them".to_owned());
            }
        }
    }
}

/// Fields that a pattern or condition reads, each with its kind where known.
fn fields_read<'a>(codebook: &Codebook, table: &'a Table) -> Vec<(Option<KindId>, FieldId, &'a Mark)> {
    let mut fields = Vec::new();
    let mut tests = |pattern: &'a Pattern| {
        let kind = codebook.expand(pattern).0;
        fields.extend(pattern.tests.iter().map(|(field, _)| (Some(kind), *field, &pattern.mark)));
    };
    table.patterns().into_iter().for_each(&mut tests);
    let atoms: Vec<&Cond> = table.conditions().into_iter().flat_map(walk::atoms).collect();
    for atom in &atoms {
        if let Cond::Happened(pattern, _) = atom {
            tests(pattern);
        }
    }
    for atom in atoms {
        if let Cond::Field(operand, _) = atom {
            let kind = match operand.of {
                Of::Event(event) => Some(walk::kind_of(codebook, event)),
                Of::Judged => table.patterns().first().map(|p| codebook.expand(p).0),
                Of::Subject(_) => None,
            };
            fields.push((kind, operand.field, &operand.mark));
        }
    }
    for column in &table.columns {
        if let Counted::Different(field, pattern) | Counted::OfField(_, field, pattern) = &column.measure {
            fields.push((Some(codebook.expand(pattern).0), *field, &column.mark));
        }
    }
    for dimension in &table.by {
        if let DimensionOf::Field(field, event) = dimension.of {
            fields.push((Some(walk::kind_of(codebook, event)), field, &dimension.mark));
        } else if let DimensionOf::Fact(field, class) = dimension.of {
            let kinds = (0..codebook.kinds.len()).map(|i| KindId(i as u16)).filter(|k| codebook.kind(*k).describes.contains(&class));
            fields.extend(kinds.map(|kind| (Some(kind), field, &dimension.mark)));
        }
    }
    fields
}

fn sensitive(found: &mut Found, table: &Table) {
    if table.class == TableClass::Person {
        return;
    }
    let codebook = found.codebook;
    for (kind, field, mark) in fields_read(codebook, table) {
        let declared = kind.and_then(|kind| codebook.field(kind, field));
        if declared.is_some_and(|f| f.sensitivity >= Sensitivity::Medical) {
            let message =
                format!("`{}` is of health or privileged, and this table is of class conduct", codebook.field_names[field.index()]);
            found.error(
                "T203",
                mark,
                message,
                "make it `Class person.`, so that small numbers are withheld, or leave the field out".to_owned(),
            );
        }
    }
}

/// W126: a column of verdicts shows what the rules read to give them, if only as a count.
fn sensitive_rules(found: &mut Found, table: &Table) {
    if table.class == TableClass::Person {
        return;
    }
    let codebook = found.codebook;
    for column in &table.columns {
        let Counted::Verdicts(ids) = &column.measure else { continue };
        for rule in codebook.rules.iter().filter(|rule| ids.contains(&rule.id)) {
            let Some(field) = sensitive_field(codebook, rule) else { continue };
            let message = format!(
                "`{}` counts verdicts of `{}`, which reads `{}`, a field of health or privileged",
                column.name,
                rule.id,
                codebook.field_names[field.index()]
            );
            let help = "make the table `Class person.`, so that small numbers are withheld, or leave the rule out";
            found.warning("W126", &column.mark, message, help.to_owned());
        }
    }
}

/// The first field of health, or privileged one, that a rule reads.
fn sensitive_field(codebook: &Codebook, rule: &Rule) -> Option<FieldId> {
    let of_patterns = walk::all_patterns(rule).into_iter().flat_map(|pattern| {
        let kind = codebook.expand(pattern).0;
        pattern.tests.iter().map(move |(field, _)| (kind, *field))
    });
    let judged = walk::judged(&rule.body).map(|pattern| codebook.expand(pattern).0);
    let of_conditions = walk::conditions(rule).into_iter().flat_map(walk::atoms).filter_map(|atom| match atom {
        Cond::Field(operand, _) => match operand.of {
            Of::Event(event) => Some((walk::kind_of(codebook, event), operand.field)),
            Of::Judged => judged.map(|kind| (kind, operand.field)),
            Of::Subject(_) => None,
        },
        Cond::All(_) | Cond::Any(_) | Cond::State(..) | Cond::Happened(..) | Cond::Subject(..) => None,
    });
    let mut read = of_patterns.chain(of_conditions);
    read.find(|(kind, field)| codebook.field(*kind, *field).is_some_and(|f| f.sensitivity >= Sensitivity::Medical)).map(|(_, field)| field)
}

fn dated(found: &mut Found, table: &Table) {
    if table.dated_by.is_some() {
        return;
    }
    for column in &table.columns {
        if matches!(column.measure, Counted::Verdicts(_)) {
            let message = format!("nothing says by which event the verdicts of `{}` fall in a period", column.name);
            found.error("T204", &column.mark, message, "add `Dated by EVENT.`".to_owned());
        }
    }
}
