//! The table as one JSON object.

use super::{moment, notes};
use crate::cells::{Audience, Cell, Return, Treatment};
use habeas_codebook::log::Log;
use habeas_codebook::table::TableClass;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// The table; with a log, each cell of a table for those with access names the entries behind it.
#[must_use]
pub fn write(made: &Return, log: Option<&Log>) -> Value {
    let dimensions: Vec<Value> =
        made.dimensions.iter().map(|d| json!({"name": d.name, "words": d.words, "codes": d.codes, "concept": d.concept})).collect();
    let columns: Vec<Value> = made.columns.iter().map(|c| json!({"name": c.name, "unit": c.unit})).collect();
    let log = log.filter(|_| made.audience == Audience::Restricted);
    let behind: Vec<_> = (0..made.columns.len()).map(|column| log.map(|_| made.events_behind_each(column)).unwrap_or_default()).collect();
    let cells = made.cells.iter().map(|cell| {
        let mut told = one(made, cell);
        if let Some(log) = log {
            let events = behind[cell.column].get(&cell.key).into_iter().flatten();
            told.insert("events".to_owned(), events.map(|event| log.id(*event)).collect::<Vec<_>>().into());
        }
        Value::Object(told)
    });
    let cells: Vec<Value> = cells.collect();
    json!({
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
        "cells": cells,
    })
}

fn treatment(treatment: &Treatment) -> Value {
    match treatment {
        Treatment::Exact => json!({"kind": "exact"}),
        Treatment::Withheld { primary, secondary } => json!({"kind": "withheld", "primary": primary, "secondary": secondary}),
        Treatment::Rounded(base) => json!({"kind": "rounded", "base": base}),
    }
}

fn one(made: &Return, cell: &Cell) -> Map<String, Value> {
    let by: Map<String, Value> = made
        .dimensions
        .iter()
        .zip(made.codes(&cell.key))
        .filter(|(_, code)| *code != crate::cells::TOTAL_CODE)
        .map(|(dimension, code)| (dimension.name.clone(), code.into()))
        .collect();
    let mut out = Map::new();
    out.insert("column".to_owned(), made.columns[cell.column].name.clone().into());
    out.insert("by".to_owned(), by.into());
    let withheld = cell.shown.is_withheld();
    out.insert("value".to_owned(), cell.value.filter(|_| !withheld).map_or(Value::Null, number));
    out.insert("unit".to_owned(), cell.currency.clone().unwrap_or_else(|| made.columns[cell.column].unit.clone()).into());
    let status = if withheld { "c" } else { cell.observed.mark() };
    out.insert("status".to_owned(), status.into());
    out.insert("obs_status".to_owned(), cell.observed.code().into());
    out.insert("conf_status".to_owned(), cell.shown.code().into());
    if let Some((count, value)) = cell.open.filter(|_| !withheld) {
        out.insert("open".to_owned(), json!({"count": count, "value": number(value)}));
    }
    out
}

/// A decimal as a JSON number where that is exact, else as text.
pub(crate) fn number(value: Decimal) -> Value {
    let text = super::figure(value);
    match serde_json::from_str::<serde_json::Number>(&text) {
        Ok(number) if number.to_string() == text => Value::Number(number),
        Ok(_) | Err(_) => Value::String(text),
    }
}
