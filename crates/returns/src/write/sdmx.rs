//! SDMX-CSV 2.0 and an SDMX-JSON 2.0 data message.
//!
//! Dimensions go to the common concepts where they are one of them (`SEX`, `AGE`, `REF_AREA`), else to concepts of their own; the period is
//! `TIME_PERIOD`, the column `INDICATOR`.

use super::csv::{column_name, line};
use super::{figure, moment};
use crate::cells::{Cell, Return, TOTAL_CODE};
use serde_json::{Map, Value, json};

/// The schema of a data message.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json";

/// The agency that maintains the structure, until one takes it over.
const AGENCY: &str = "HABEAS";

/// The id of a concept: capital letters, digits and `_`.
fn concept(text: &str) -> String {
    let id: String = column_name(text).to_uppercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if id.starts_with(|c: char| c.is_ascii_digit()) { format!("_{id}") } else { id }
}

fn dimension_ids(made: &Return) -> Vec<String> {
    let heads = made.dimensions.iter();
    heads.map(|d| d.concept.map_or_else(|| concept(&d.name), str::to_owned)).collect()
}

fn structure(made: &Return) -> String {
    format!("{AGENCY}:DF_{}(1.0)", concept(&made.id))
}

/// SDMX codes have no blanks.
fn code(text: &str) -> String {
    text.replace(' ', "_")
}

/// SDMX-CSV: one observation a line.
#[must_use]
pub fn csv(made: &Return) -> String {
    let mut out = String::new();
    let ids = dimension_ids(made);
    let head = ["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "INDICATOR"];
    let tail = ["TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "CONF_STATUS", "UNIT_MEASURE", "AS_OF"];
    line(&mut out, head.into_iter().chain(ids.iter().map(String::as_str)).chain(tail));
    let (structure, as_of) = (structure(made), moment(made, made.as_of));
    for cell in made.cells.iter() {
        let codes = made.codes(&cell.key).into_iter().map(code);
        let mut fields = vec!["dataflow".to_owned(), structure.clone(), "R".to_owned(), made.period.frequency().to_owned()];
        fields.push(concept(&made.columns[cell.column].name));
        fields.extend(codes);
        fields.extend([
            made.period.name.clone(),
            value(cell),
            status(cell).to_owned(),
            cell.shown.code().to_owned(),
            code(&unit(made, cell)),
            as_of.clone(),
        ]);
        line(&mut out, fields.iter().map(String::as_str));
    }
    out
}

fn value(cell: &Cell) -> String {
    cell.value.filter(|_| !cell.shown.is_withheld()).map_or_else(String::new, figure)
}

fn status(cell: &Cell) -> &'static str {
    if cell.shown.is_withheld() { "Q" } else { cell.observed.code() }
}

fn unit(made: &Return, cell: &Cell) -> String {
    cell.currency.clone().unwrap_or_else(|| made.columns[cell.column].unit.clone())
}

/// SDMX-JSON: the data message with its structure.
#[must_use]
pub fn message(made: &Return) -> Value {
    let ids = dimension_ids(made);
    let listed =
        |values: Vec<(String, String)>| -> Vec<Value> { values.into_iter().map(|(id, name)| json!({"id": id, "name": name})).collect() };
    let mut dimensions = vec![json!({
        "id": "INDICATOR", "name": "What is counted", "keyPosition": 0,
        "values": listed(made.columns.iter().map(|c| (concept(&c.name), c.name.clone())).collect()),
    })];
    for (place, (dimension, id)) in made.dimensions.iter().zip(&ids).enumerate() {
        let codes = std::iter::once(TOTAL_CODE).chain(dimension.codes.iter().map(String::as_str));
        let values = codes.map(|c| (code(c), read(c))).collect();
        dimensions.push(json!({"id": id, "name": dimension.words, "keyPosition": place + 1, "values": listed(values)}));
    }
    let mut units: Vec<String> = made.cells.iter().map(|cell| unit(made, cell)).collect();
    units.sort();
    units.dedup();
    let statuses = ["A", "P", "R", "M", "L", "U", "V", "Q"];
    let secrecy = ["F", "A", "D", "O", "T", "N"];
    let mut series = Map::new();
    for cell in made.cells.iter() {
        let place = |list: &[&str], wanted: &str| list.iter().position(|one| *one == wanted).unwrap_or(0);
        let unit_place = units.binary_search(&unit(made, cell)).unwrap_or(0);
        let key: Vec<String> =
            std::iter::once(cell.column).chain(cell.key.iter().map(|c| usize::from(*c))).map(|n| n.to_string()).collect();
        let number = cell.value.filter(|_| !cell.shown.is_withheld()).map_or(Value::Null, super::json::number);
        let observation = json!([number, place(&statuses, status(cell)), place(&secrecy, cell.shown.code()), unit_place]);
        let key = if cell.currency.is_some() { format!("{}:{unit_place}", key.join(":")) } else { key.join(":") };
        series.insert(key, json!({"observations": {"0": observation}}));
    }
    let codes = |list: &[&str]| listed(list.iter().map(|c| ((*c).to_owned(), (*c).to_owned())).collect());
    json!({
        "$schema": SCHEMA,
        "meta": {"id": format!("{}-{}", made.id, made.period.name), "prepared": moment(made, made.as_of), "sender": {"id": AGENCY}},
        "data": {
            "structures": [{
                "links": [{"rel": "dataflow", "urn": format!("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={}", structure(made))}],
                "dimensions": {
                    "series": dimensions,
                    "observation": [{"id": "TIME_PERIOD", "name": "Period", "keyPosition": ids.len() + 1,
                                     "values": [{"value": made.period.name}]}],
                },
                "measures": {"observation": [{"id": "OBS_VALUE"}]},
                "attributes": {"observation": [
                    {"id": "OBS_STATUS", "values": codes(&statuses)}, {"id": "CONF_STATUS", "values": codes(&secrecy)},
                    {"id": "UNIT_MEASURE", "values": listed(units.iter().map(|u| (code(u), u.clone())).collect())},
                ]},
            }],
            "dataSets": [{"structure": 0, "action": "Replace", "series": series}],
        },
    })
}

/// A code as people read it.
fn read(code: &str) -> String {
    if code == TOTAL_CODE { "all".to_owned() } else { code.replace('_', " ") }
}
