//! `ID.csv-metadata.json`: the same columns described for CSV on the Web.

use super::csv::{AFTER, column_name};
use super::schema::list_path;
use crate::cells::Return;
use serde_json::{Value, json};

/// The description.
#[must_use]
pub fn write(made: &Return) -> Value {
    let mut columns = vec![json!({"name": "column", "titles": {"en": "What is counted"}, "datatype": "string", "required": true})];
    let mut keys = vec!["column".to_owned()];
    let mut foreign = Vec::new();
    for dimension in &made.dimensions {
        let name = column_name(&dimension.name);
        columns.push(json!({"name": name, "titles": {"en": dimension.words}, "datatype": "string", "required": true}));
        foreign
            .push(json!({"columnReference": name, "reference": {"resource": list_path(made, &dimension.name), "columnReference": "code"}}));
        keys.push(name);
    }
    for name in AFTER {
        let datatype = match name {
            "value" | "open_value" => "decimal",
            "open" | "rests_on" => "integer",
            "as_of" => "dateTime",
            _ => "string",
        };
        let missing = json!(["", "c", ":", "-", "p", "u", "t"]);
        columns.push(json!({"name": name, "titles": {"en": name.replace('_', " ")}, "datatype": datatype, "null": missing}));
    }
    keys.push("unit".to_owned());
    let mut tables = vec![json!({
        "url": format!("{}.csv", made.id),
        "tableSchema": {"columns": columns, "primaryKey": keys, "foreignKeys": foreign},
    })];
    for dimension in &made.dimensions {
        tables.push(json!({
            "url": list_path(made, &dimension.name),
            "tableSchema": {
                "columns": [{"name": "code", "titles": {"en": "code"}, "datatype": "string", "required": true},
                            {"name": "label", "titles": {"en": "label"}, "datatype": "string"}],
                "primaryKey": "code",
            },
        }));
    }
    json!({
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": made.title,
        "dc:description": super::notes(made).join(" "),
        "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "tables": tables,
    })
}
