//! Foreign tables of many layouts: each needs a mapping file and nothing else.

mod faults;
mod layouts;

use habeas_codebook::log::Value;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_intake::{Input, Intake, IntakeError, Mapping, Options};
use std::io::Cursor;
use std::path::Path;
use std::sync::OnceLock;

/// The vocabulary.
fn codebook() -> &'static Codebook {
    static CODEBOOK: OnceLock<Codebook> = OnceLock::new();
    CODEBOOK.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks/core");
        let source = PackSource::from_folder(&folder).expect("the vocabulary stands beside the crates");
        habeas_codebook::read(&source, &|_| None).codebook.expect("it has no errors")
    })
}

/// Tables read by a mapping.
fn read(tables: &[(&str, &[u8])], mapping: &str) -> Result<Intake, IntakeError> {
    let mapping = Mapping::parse(mapping, "map.toml")?;
    let input = |(name, bytes): &(&str, &[u8])| Input { name: (*name).to_owned(), bytes: Box::new(Cursor::new(bytes.to_vec())) };
    let options = Options { keep_going: false, threads: 1, authors: false };
    habeas_intake::read_mapped(tables.iter().map(input).collect(), &mapping, codebook(), options, &mut |_| {})
}

/// The events of one table, one a line: id, kind, time, subjects, fields.
fn events(table: &str, mapping: &str) -> Vec<String> {
    let read = read(&[("table.csv", table.as_bytes())], mapping);
    told(&read.map_err(|wrong| problems(&wrong)).expect("it is read"))
}

fn told(intake: &Intake) -> Vec<String> {
    let log = &intake.log;
    let event = |e| {
        let kind = &codebook().kind(log.kind(e)).name;
        let subjects: Vec<&str> = log.subjects(e).iter().map(|s| log.name_of(*s)).collect();
        let field = |(name, value): &(_, Value)| {
            let name: &habeas_codebook::tree::FieldId = name;
            format!(" {}={}", codebook().field_names[name.index()], spelt(intake, value))
        };
        let fields: String = log.fields(e).iter().map(field).collect();
        format!("{} {kind} {} {}{fields}", log.id(e), time(log.at(e)), subjects.join("+"))
    };
    log.events().map(event).collect()
}

fn spelt(intake: &Intake, value: &Value) -> String {
    match value {
        Value::Choice(choice) => codebook().value_names[choice.index()].clone(),
        Value::Number(number) => number.to_string(),
        Value::Date(first, last) if first == last => first.to_string(),
        Value::Date(first, last) => format!("{first}/{last}"),
        Value::Time(at) => time(**at),
        Value::Text(text) => intake.log.text_of(*text).to_owned(),
        Value::Duration(lasting) => format!("{}m{}d{}s", lasting.months, lasting.days, lasting.micros / 1_000_000),
        Value::Money(amount, currency) => format!("{amount} {currency:?}"),
        other @ (Value::YesNo(_)
        | Value::Span(..)
        | Value::Hash(_)
        | Value::Role(_)
        | Value::Foreign(_)
        | Value::Sealed
        | Value::Several(_)) => format!("{other:?}"),
    }
}

fn time(at: At) -> String {
    let wall = |moment: Moment| {
        let text = moment.timestamp().to_string();
        let text = text.trim_end_matches('Z');
        text.strip_suffix(":00").unwrap_or(text).replace('T', " ")
    };
    match at.precision {
        Precision::Exact => wall(at.earliest),
        Precision::Day => wall(at.earliest)[..10].to_owned(),
        Precision::Range => format!("{}..{}", wall(at.earliest), wall(at.latest)),
        Precision::Unknown => "?".to_owned(),
    }
}

/// What is wrong, one a line, with its place.
fn problems(wrong: &IntakeError) -> Vec<String> {
    match wrong {
        IntakeError::BadMapping(problems) | IntakeError::BadRows { problems, .. } => problems.iter().map(ToString::to_string).collect(),
        IntakeError::Broken(problem) => vec![problem.to_string()],
        IntakeError::Unreadable { .. } => vec![wrong.to_string()],
    }
}
