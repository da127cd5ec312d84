//! `datapackage.json`: the long form described by Table Schema, with code lists as tables of their own.

use super::csv::{AFTER, column_name, line};
use crate::cells::{NOT_RECORDED, Return, TOTAL_CODE};
use serde_json::{Value, json};

/// The licence of what leaves for everybody.
const LICENCE: &str = "https://creativecommons.org/licenses/by/4.0/";

/// The description; `files` are those that it names with their hashes.
#[must_use]
pub fn write(made: &Return, files: &[(String, String)], hash: &dyn Fn(&[u8]) -> String) -> Value {
    let digest = |name: &str| files.iter().find(|(n, _)| n == name).map(|(_, text)| format!("sha256:{}", hash(text.as_bytes())));
    let bytes = |name: &str| files.iter().find(|(n, _)| n == name).map(|(_, text)| text.len());
    let main = format!("{}.csv", made.id);
    let mut resources = vec![json!({
        "name": made.id.to_lowercase().replace([' ', '_'], "-"), "path": main, "profile": "tabular-data-resource", "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8", "bytes": bytes(&main), "hash": digest(&main),
        "title": made.title, "schema": table_schema(made),
    })];
    for dimension in &made.dimensions {
        let path = list_path(made, &dimension.name);
        resources.push(json!({
            "name": list_name(made, &dimension.name), "path": path, "profile": "tabular-data-resource", "format": "csv",
            "mediatype": "text/csv", "encoding": "utf-8", "bytes": bytes(&path), "hash": digest(&path),
            "title": format!("Codes of {}", dimension.words),
            "schema": {"fields": [{"name": "code", "type": "string"}, {"name": "label", "type": "string"}], "primaryKey": ["code"]},
        }));
    }
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": format!("{}-{}", made.id, made.period.name).to_lowercase().replace(['/', ' ', '_'], "-"),
        "title": made.title,
        "description": super::notes(made).join(" "),
        "created": super::moment(made, made.as_of),
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE, "title": "Creative Commons Attribution 4.0"}],
        "sources": [{"title": format!("The custody record, by {}", made.rules)}],
        "resources": resources,
    })
}

fn table_schema(made: &Return) -> Value {
    let mut fields = vec![json!({"name": "column", "type": "string", "title": "What is counted"})];
    let mut keys = vec!["column".to_owned()];
    let mut foreign = Vec::new();
    for dimension in &made.dimensions {
        let name = column_name(&dimension.name);
        fields.push(json!({"name": name, "type": "string", "title": dimension.words}));
        foreign.push(json!({"fields": [name], "reference": {"resource": list_name(made, &dimension.name), "fields": ["code"]}}));
        keys.push(name);
    }
    for name in AFTER {
        let (of, title) = match name {
            "value" => ("number", "The number"),
            "open" => ("integer", "Stretches that had not ended with the period"),
            "open_value" => ("number", "The same statistic over those, cut at the end of the period"),
            "rests_on" => ("integer", "How many things the number rests on"),
            "as_of" => ("datetime", "What had been recorded by then"),
            "unit" => ("string", "What one is, or the currency"),
            "obs_status" => ("string", "Status of the value, by SDMX's list"),
            "conf_status" => ("string", "Whether the value may be shown, by SDMX's list"),
            _ => ("string", "When things happened"),
        };
        fields.push(json!({"name": name, "type": of, "title": title}));
    }
    keys.push("unit".to_owned());
    json!({
        "fields": fields,
        "primaryKey": keys,
        "foreignKeys": foreign,
        "missingValues": [
            {"value": "", "label": "nothing"}, {"value": "c", "label": "withheld to protect persons"},
            {"value": ":", "label": "not available"},
            {"value": "-", "label": "cannot occur"},
        ],
    })
}

/// One small table a dimension: code and label.
#[must_use]
pub fn code_lists(made: &Return) -> Vec<(String, String)> {
    let list = |dimension: &crate::cells::DimensionHead| {
        let mut out = "code,label\n".to_owned();
        line(&mut out, [TOTAL_CODE, "all"].into_iter());
        for code in &dimension.codes {
            let label = if code == NOT_RECORDED { "not recorded".to_owned() } else { code.replace('_', " ") };
            line(&mut out, [code.as_str(), &label].into_iter());
        }
        (list_path(made, &dimension.name), out)
    };
    made.dimensions.iter().map(list).collect()
}

fn list_name(made: &Return, dimension: &str) -> String {
    format!("{}-{}", made.id, column_name(dimension)).to_lowercase().replace('_', "-")
}

/// Where the codes of a dimension stand.
pub(crate) fn list_path(made: &Return, dimension: &str) -> String {
    format!("{}-{}-codes.csv", made.id, column_name(dimension))
}
