//! The table as one JSON object.

use super::{moment, notes};
use crate::cells::{Audience, Cell, Key, Return, Treatment};
use habeas_codebook::log::{EventId, Log};
use habeas_codebook::table::TableClass;
use hashbrown::HashMap;
use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// The table on one line; with a log, each cell of a table for those with access names the entries behind it.
#[must_use]
pub fn write(made: &Return, log: Option<&Log>) -> String {
    // Nothing of it cannot be written: names are texts, and no number is a fraction of two.
    serde_json::to_string(&Told::new(made, log)).unwrap_or_default()
}

/// The table with a line for each of its parts, for whoever reads the file.
#[must_use]
pub fn pretty(made: &Return) -> String {
    serde_json::to_string_pretty(&Told::new(made, None)).unwrap_or_default()
}

/// Entries behind each cell of a column.
type Behind = HashMap<Key, Vec<EventId>, foldhash::fast::FixedState>;

/// A table that is written cell by cell: of a year there are more than should stand in memory twice.
struct Told<'r> {
    made: &'r Return,
    log: Option<&'r Log>,
    behind: Vec<Behind>,
}

impl<'r> Told<'r> {
    fn new(made: &'r Return, log: Option<&'r Log>) -> Self {
        let log = log.filter(|_| made.audience == Audience::Restricted);
        let behind = (0..made.columns.len()).map(|column| log.map(|_| made.events_behind_each(column)).unwrap_or_default()).collect();
        Told { made, log, behind }
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut told = writer.serialize_map(None)?;
        for (name, value) in &head(self.made) {
            told.serialize_entry(name, value)?;
        }
        told.serialize_entry("cells", &Cells(self))?;
        told.end()
    }
}

struct Cells<'t>(&'t Told<'t>);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.collect_seq(self.0.made.cells.iter().map(|cell| One { told: self.0, cell }))
    }
}

/// A cell.
struct One<'t> {
    told: &'t Told<'t>,
    cell: &'t Cell,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let (Told { made, log, behind }, cell) = (self.told, self.cell);
        let (column, withheld) = (&made.columns[cell.column], cell.shown.is_withheld());
        let mut told = writer.serialize_map(None)?;
        told.serialize_entry("column", &column.name)?;
        told.serialize_entry("by", &By { made, cell })?;
        told.serialize_entry("value", &cell.value.filter(|_| !withheld).map_or(Value::Null, number))?;
        told.serialize_entry("unit", cell.currency.as_ref().unwrap_or(&column.unit))?;
        told.serialize_entry("status", if withheld { "c" } else { cell.observed.mark() })?;
        told.serialize_entry("obs_status", cell.observed.code())?;
        told.serialize_entry("conf_status", cell.shown.code())?;
        if let Some((count, value)) = cell.open.filter(|_| !withheld) {
            told.serialize_entry("open", &json!({"count": count, "value": number(value)}))?;
        }
        if let Some(log) = log {
            let events = behind[cell.column].get(&cell.key).into_iter().flatten();
            told.serialize_entry("events", &events.map(|event| log.id(*event)).collect::<Vec<_>>())?;
        }
        told.end()
    }
}

/// Codes of a cell, each under the name of its dimension; no totals.
struct By<'t> {
    made: &'t Return,
    cell: &'t Cell,
}

impl Serialize for By<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let codes = self.made.codes(&self.cell.key);
        let named = self.made.dimensions.iter().map(|dimension| &dimension.name).zip(codes);
        writer.collect_map(named.filter(|(_, code)| *code != crate::cells::TOTAL_CODE))
    }
}

/// What stands before the cells.
fn head(made: &Return) -> Map<String, Value> {
    let dimensions: Vec<Value> =
        made.dimensions.iter().map(|d| json!({"name": d.name, "words": d.words, "codes": d.codes, "concept": d.concept})).collect();
    let columns: Vec<Value> = made.columns.iter().map(|c| json!({"name": c.name, "unit": c.unit})).collect();
    let head = json!({
        "id": made.id,
        "title": made.title,
        "rules": made.rules,
        "class": match made.class { TableClass::Conduct => "conduct", TableClass::Person => "person" },
        "for": match made.audience { Audience::Public => "public", Audience::Restricted => "restricted" },
        "period": made.period.name,
        "from": made.period.first.to_string(),
        "to": made.period.last.to_string(),
        "as_of": moment(made, made.as_of),
        "asked_by": made.asked_by,
        "cites": made.cites,
        "dimensions": dimensions,
        "columns": columns,
        "coverage": {"sent": made.coverage.sent, "should": made.coverage.should},
        "treatment": treatment(&made.treatment),
        "events_read": made.events_read,
        "notes": notes(made),
        "traps": made.traps,
    });
    if let Value::Object(head) = head { head } else { Map::new() }
}

/// How small numbers were protected.
pub(crate) fn treatment(treatment: &Treatment) -> Value {
    match treatment {
        Treatment::Exact => json!({"kind": "exact"}),
        Treatment::Withheld { primary, secondary } => json!({"kind": "withheld", "primary": primary, "secondary": secondary}),
        Treatment::Rounded(base) => json!({"kind": "rounded", "base": base}),
    }
}

/// A decimal as a JSON number where that is exact, else as text.
pub(crate) fn number(value: Decimal) -> Value {
    let text = super::figure(value);
    match serde_json::from_str::<serde_json::Number>(&text) {
        Ok(number) if number.to_string() == text => Value::Number(number),
        Ok(_) | Err(_) => Value::String(text),
    }
}
