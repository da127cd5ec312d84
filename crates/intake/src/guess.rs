//! A mapping file to edit, guessed from the first rows of a table: every column with an example beside it, one event for each
//! column that holds times, value maps for columns of few words. A guess is a start, never an answer: the author must read it.

use crate::columnar::{self, quoted};
use crate::jsonl::not_json;
use crate::objects::{self, Step};
use crate::open::{self, Encoding, Format, Input};
use crate::problem::{IntakeError, Problem};
use crate::records;
use crate::words::{Words, loose};
use habeas_codebook::tree::Codebook;
use jiff::civil;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::io::Read;

/// Bytes looked at.
const LOOKED_AT: u64 = 1 << 20;
/// Objects of a JSON text looked at.
const OBJECTS: usize = 5000;
/// A column of at most so many different values is a choice.
const FEW: usize = 12;

/// What a mapping reads where no format is named.
const RFC_3339: &str = "";

/// Ways of writing times, the most telling first, and whether only the day is known.
const FORMATS: [(&str, &str); 14] = [
    (RFC_3339, "second"),
    ("%Y-%m-%d %H:%M:%S", "second"),
    ("%Y-%m-%dT%H:%M:%S", "second"),
    ("%Y-%m-%d %H:%M:%S%.f", "second"),
    ("%Y-%m-%dT%H:%M:%S%.f", "second"),
    ("%Y-%m-%d %H:%M", "minute"),
    ("%m/%d/%Y %I:%M:%S %p", "second"),
    ("%m/%d/%Y %H:%M", "minute"),
    ("%d.%m.%Y %H:%M", "minute"),
    ("%Y-%m-%d", "day"),
    ("%m/%d/%Y", "day"),
    ("%d/%m/%Y", "day"),
    ("%d.%m.%Y", "day"),
    ("%Y%m%d", "day"),
];

struct Column {
    /// As the table spells it.
    spelling: String,
    /// As the mapping calls it.
    name: String,
    /// Different values, in the order in which they came; one more than [`FEW`] at most.
    values: Vec<String>,
    filled: usize,
    /// No value came twice, and none was blank.
    distinct: bool,
    format: Option<(&'static str, &'static str)>,
}

/// Guesses a mapping of a table for a codebook.
///
/// # Errors
/// [`IntakeError`]: a table that cannot be read, or has no header.
pub fn guess(input: Input, codebook: &Codebook) -> Result<String, IntakeError> {
    let opened = open::open(input, None, Encoding::Utf8)?;
    let (mut bytes, delimiter) = match opened.format {
        Format::Csv => {
            let bytes = first_lines(opened.bytes, &opened.name)?;
            let delimiter = delimiter(&bytes);
            (bytes, delimiter)
        }
        Format::JsonLines => (as_table(opened.bytes, &opened.name)?, b','),
        Format::Parquet | Format::Arrow => (first_lines(columnar::as_csv(opened.format, &opened.name, opened.bytes)?, &opened.name)?, b','),
    };
    let encoding = if std::str::from_utf8(&bytes).is_ok() { Encoding::Utf8 } else { Encoding::Windows1252 };
    if encoding == Encoding::Windows1252 {
        bytes = encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned().into_bytes();
    }
    let columns = columns(&bytes, delimiter);
    if columns.is_empty() {
        return Err(IntakeError::Broken(Problem {
            file: opened.name,
            line: 1,
            column: 1,
            what: "the table has no header".to_owned(),
            found: String::new(),
            expected: "a first line with the names of its columns".to_owned(),
        }));
    }
    Ok(write(&columns, (delimiter, encoding), codebook))
}

/// What is looked at of a delimited text.
fn first_lines(text: impl Read, file: &str) -> Result<Vec<u8>, IntakeError> {
    let mut bytes = Vec::new();
    text.take(LOOKED_AT).read_to_end(&mut bytes).map_err(|source| IntakeError::Unreadable { file: file.to_owned(), source })?;
    // The last record may be cut in two.
    if bytes.len() as u64 == LOOKED_AT {
        bytes.truncate(bytes.iter().rposition(|b| *b == b'\n').map_or(bytes.len(), |end| end + 1));
    }
    Ok(bytes)
}

/// JSON objects as a delimited text: a column for each member that one of the first has.
fn as_table(text: impl Read, file: &str) -> Result<Vec<u8>, IntakeError> {
    let (mut names, mut rows): (Vec<String>, Vec<HashMap<String, String>>) = (Vec::new(), Vec::new());
    let mut wrong = None;
    objects::each(text, file, &mut |step| {
        let Step::Object(written) = step else { return };
        if rows.len() == OBJECTS || wrong.is_some() {
            return;
        }
        let mut row = HashMap::new();
        match serde_json::from_slice(written.bytes) {
            Ok(json) => objects::flatten("", &json, &mut |name, text| {
                if !names.contains(&name) {
                    names.push(name.clone());
                }
                row.insert(name, text);
            }),
            Err(error) => wrong = Some(not_json(file, written, &error)),
        }
        rows.push(row);
    })?;
    if let Some(problem) = wrong {
        return Err(IntakeError::Broken(problem));
    }
    let line = |cells: Vec<&str>| cells.into_iter().map(quoted).collect::<Vec<_>>().join(",");
    let mut lines = vec![line(names.iter().map(String::as_str).collect())];
    lines.extend(rows.iter().map(|row| line(names.iter().map(|name| row.get(name).map_or("", String::as_str)).collect())));
    Ok(lines.join("\n").into_bytes())
}

/// The sign that stands most often in the first line; a comma where none does.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let often = |sign: u8| memchr::memchr_iter(sign, first).count();
    // Of several that stand equally often the first of these counts.
    *b"|\t;,".iter().max_by_key(|sign| often(**sign)).unwrap_or(&b',')
}

fn columns(bytes: &[u8], delimiter: u8) -> Vec<Column> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let quoted = bytes.contains(&b'"');
    let (mut fields, mut scratch) = (Vec::new(), String::new());
    let mut at = records::split(bytes, 0, delimiter, quoted, &mut fields);
    let mut columns: Vec<Column> = Vec::new();
    for span in &fields {
        let spelling = records::text(bytes, *span, &mut scratch).unwrap_or_default().trim().to_owned();
        let mut name = loose(&spelling).replace(|c: char| !c.is_alphanumeric(), "_");
        while name.is_empty() || columns.iter().any(|column| column.name == name) {
            name.push('x');
        }
        columns.push(Column { spelling, name, values: Vec::new(), filled: 0, distinct: true, format: None });
    }
    let mut formats: Vec<Vec<(&str, &str)>> = vec![FORMATS.to_vec(); columns.len()];
    let mut seen: Vec<HashSet<String>> = vec![HashSet::new(); columns.len()];
    while at < bytes.len() {
        at = records::split(bytes, at, delimiter, quoted, &mut fields);
        for (((column, span), formats), seen) in columns.iter_mut().zip(&fields).zip(&mut formats).zip(&mut seen) {
            let text = records::text(bytes, *span, &mut scratch).unwrap_or_default().trim();
            column.distinct &= !text.is_empty() && seen.insert(text.to_owned());
            if text.is_empty() {
                continue;
            }
            column.filled += 1;
            formats.retain(|(format, precision)| reads(format, precision, text));
            if column.values.len() <= FEW && !column.values.iter().any(|value| value == text) {
                column.values.push(text.to_owned());
            }
        }
    }
    for (column, formats) in columns.iter_mut().zip(formats) {
        column.format = formats.first().copied().filter(|_| column.filled > 0);
    }
    columns
}

fn reads(format: &str, precision: &str, text: &str) -> bool {
    if format == RFC_3339 {
        return text.parse::<jiff::Timestamp>().is_ok();
    }
    if precision == "day" { civil::Date::strptime(format, text).is_ok() } else { civil::DateTime::strptime(format, text).is_ok() }
}

/// Lines written to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

/// Text as a TOML string.
fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn write(columns: &[Column], (delimiter, encoding): (u8, Encoding), codebook: &Codebook) -> String {
    let mut out = String::new();
    line!(out, "# A guess from the first rows. Read every line, choose the kinds, and delete what is not true.");
    if ["id", "kind", "at"].iter().all(|own| columns.iter().any(|column| column.spelling == *own)) {
        line!(out, "# The table seems to be in the product's own layout (id, kind, at): `habeas check` reads that without a mapping.");
    }
    line!(out, "codebook = {}\nzone = {}          # of times without an offset", quote(&codebook.id), quote(&codebook.zone_name));
    if delimiter != b',' || encoding != Encoding::Utf8 {
        line!(out, "\n[input]");
    }
    if delimiter != b',' {
        line!(out, "delimiter = {}", quote(&char::from(delimiter).to_string()));
    }
    if encoding == Encoding::Windows1252 {
        line!(
            out,
            "encoding = \"windows-1252\"          # it is not UTF-8: read the examples, and try another name where letters are wrong"
        );
    }
    line!(out, "\n[columns]");
    for column in columns {
        let examples: Vec<String> =
            column.values.iter().take(3).map(|value| value.chars().take(40).filter(|c| !c.is_control()).collect()).collect();
        let examples = if examples.is_empty() { "always blank".to_owned() } else { format!("for example {}", examples.join(" | ")) };
        line!(out, "{} = [{}]          # {examples}", quote(&column.name), quote(&column.spelling));
    }
    for column in columns.iter().filter(|column| is_choice(column)) {
        line!(out, "\n[values.{}]          # our word for each of theirs", quote(&column.name));
        let ours: BTreeMap<&str, String> = column.values.iter().map(|value| (value.as_str(), our_word(value))).collect();
        for (theirs, our) in ours {
            line!(out, "{} = {}", quote(theirs), quote(&our));
        }
    }
    let id = columns.iter().find(|column| column.format.is_none() && column.distinct && column.filled > 0);
    let template = id.map_or_else(|| "{row}".to_owned(), |column| format!("{{{}}}", column.name));
    if columns.iter().all(|column| column.format.is_none()) {
        line!(out, "\n# No column was recognised as a time: name it, with its format, in an [[event]] block.");
    }
    for (place, column) in columns.iter().filter(|column| column.format.is_some()).enumerate() {
        event(&mut out, codebook, column, &template, place);
    }
    out
}

fn event(out: &mut String, codebook: &Codebook, column: &Column, id: &str, place: usize) {
    let Some((format, precision)) = column.format else { return };
    let nearest = Words::nearest(&column.spelling, codebook.kinds.iter().map(|kind| kind.name.as_str()));
    let kind = nearest.split('`').nth(1).unwrap_or_default();
    let declared = codebook.kinds.iter().find(|known| known.name == kind);
    line!(out, "\n[[event]]          # what happened at `{}`? nearest kinds: {nearest}", column.spelling);
    line!(out, "kind = {}", quote(&kind.replace([' ', '-'], "_")));
    line!(out, "id = {}", quote(&format!("{id}-{}", place + 1)));
    let written =
        if format == RFC_3339 { String::new() } else { format!(", format = {}, precision = {}", quote(format), quote(precision)) };
    line!(out, "at = {{ column = {}{written} }}", quote(&column.name));
    let class = declared.and_then(|kind| kind.subjects.first()).map_or("custody", |class| codebook.class(*class).name.as_str());
    line!(out, "subject = {{ {} = {} }}", quote(class), quote(id));
}

fn is_choice(column: &Column) -> bool {
    column.format.is_none() && (1..=FEW).contains(&column.values.len()) && column.filled > column.values.len() * 2
}

/// Yes and no in our spelling; any other word as it would be declared.
fn our_word(theirs: &str) -> String {
    match theirs.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" => "yes".to_owned(),
        "no" | "n" | "false" | "f" => "no".to_owned(),
        other => other.replace([' ', '-', '/'], "_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_dates_is_known_by_its_format_and_a_column_of_few_words_by_its_words() {
        let table = b"Record,Placement Date,Lawyer told,Note\nS1,03/25/2021,Yes,\nS2,03/26/2021,No,a\nS3,03/27/2021,Yes,b\n\
                      S4,03/28/2021,,c\nS5,03/29/2021,No,d\nS6,03/29/2021,No,e\n";
        let columns = columns(table, delimiter(table));
        let formats: Vec<Option<&str>> = columns.iter().map(|column| column.format.map(|(format, _)| format)).collect();
        assert_eq!(formats, [None, Some("%m/%d/%Y"), None, None]);
        assert_eq!(columns[2].values, ["Yes", "No"]);
        assert!(is_choice(&columns[2]) && !is_choice(&columns[0]));
        assert_eq!(columns[1].name, "placement_date");
    }

    #[test]
    fn the_sign_between_columns_is_the_one_that_stands_most_often_in_the_first_line() {
        for (line, sign) in [("a;b;c,d\n1,1,1,1,1", b';'), ("a\tb", b'\t'), ("a,b|c", b','), ("a", b',')] {
            assert_eq!(delimiter(line.as_bytes()), sign, "{line}");
        }
    }
}
