//! The long form: one row a cell. UTF-8, LF, RFC 4180, sorted by code.

use super::{figure, moment};
use crate::cells::Return;

/// Names of the columns that follow those of the dimensions.
pub(crate) const AFTER: [&str; 9] = ["value", "unit", "obs_status", "conf_status", "period", "as_of", "open", "open_value", "rests_on"];

/// The table as CSV.
#[must_use]
pub fn write(made: &Return) -> String {
    let mut out = String::new();
    let names = made.dimensions.iter().map(|d| column_name(&d.name));
    let heads: Vec<String> = std::iter::once("column".to_owned()).chain(names).chain(AFTER.map(str::to_owned)).collect();
    line(&mut out, heads.iter().map(String::as_str));
    let (period, as_of) = (made.period.name.clone(), moment(made, made.as_of));
    for cell in made.cells.iter() {
        let column = &made.columns[cell.column];
        let withheld = cell.shown.is_withheld();
        let value = if withheld { "c".to_owned() } else { cell.value.map_or_else(|| cell.observed.mark().to_owned(), figure) };
        let open = cell.open.filter(|_| !withheld);
        let rests_on = if made.lineage.is_empty() || withheld { String::new() } else { cell.rests_on.to_string() };
        let mut fields: Vec<String> = vec![column.name.clone()];
        fields.extend(made.codes(&cell.key).into_iter().map(str::to_owned));
        fields.push(value);
        fields.push(cell.currency.clone().unwrap_or_else(|| column.unit.clone()));
        fields.push(cell.observed.code().to_owned());
        fields.push(cell.shown.code().to_owned());
        fields.push(period.clone());
        fields.push(as_of.clone());
        fields.push(open.map_or_else(String::new, |(count, _)| count.to_string()));
        fields.push(open.map_or_else(String::new, |(_, value)| figure(value)));
        fields.push(rests_on);
        line(&mut out, fields.iter().map(String::as_str));
    }
    out
}

/// A name without spaces, as a column of a file has it.
#[must_use]
pub fn column_name(name: &str) -> String {
    name.replace([' ', '-'], "_")
}

pub(crate) fn line<'f>(out: &mut String, fields: impl Iterator<Item = &'f str>) {
    for (place, field) in fields.enumerate() {
        if place > 0 {
            out.push(',');
        }
        quote(out, field);
    }
    out.push('\n');
}

fn quote(out: &mut String, field: &str) {
    if field.contains([',', '"', '\n', '\r']) {
        out.push('"');
        out.push_str(&field.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(field);
    }
}
