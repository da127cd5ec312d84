//! What an import prints keeps to its published schema: `records/review.schema.json`, held against every record that lies beside it.
//!
//! The schema uses a small part of JSON Schema, and the test knows just that part: a keyword that it does not know fails it.

use regex::Regex;
use serde_json::Value;
use std::collections::HashSet;

const SCHEMA: &str = include_str!("../records/review.schema.json");

/// Everything that is wrong with a value, each with its path.
fn wrong(schema: &Value, value: &Value, path: &str, out: &mut Vec<String>) {
    let Value::Object(rules) = schema else { return };
    for (keyword, rule) in rules {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "$id" => true,
            "const" => value == rule,
            "enum" => rule.as_array().is_some_and(|all| all.contains(value)),
            "type" => rule.as_array().map_or_else(|| is(rule, value), |types| types.iter().any(|one| is(one, value))),
            "required" => {
                let missing = |name: &&Value| value.as_object().is_some_and(|own| name.as_str().is_none_or(|name| !own.contains_key(name)));
                out.extend(rule.as_array().into_iter().flatten().filter(missing).map(|name| format!("{path}: {name} is missing")));
                true
            }
            "properties" => {
                for (name, of) in rule.as_object().into_iter().flatten() {
                    if let Some(own) = value.get(name) {
                        wrong(of, own, &format!("{path}/{name}"), out);
                    }
                }
                true
            }
            "items" => {
                for (place, own) in value.as_array().into_iter().flatten().enumerate() {
                    wrong(rule, own, &format!("{path}/{place}"), out);
                }
                true
            }
            "pattern" => value.as_str().is_none_or(|text| Regex::new(rule.as_str().expect("a text")).expect("a pattern").is_match(text)),
            "minimum" => value.as_f64().is_none_or(|number| Some(number) >= rule.as_f64()),
            "maximum" => value.as_f64().is_none_or(|number| Some(number) <= rule.as_f64()),
            "minItems" => value.as_array().is_none_or(|items| Some(items.len() as u64) >= rule.as_u64()),
            "maxItems" => value.as_array().is_none_or(|items| Some(items.len() as u64) <= rule.as_u64()),
            "minLength" => value.as_str().is_none_or(|text| Some(text.chars().count() as u64) >= rule.as_u64()),
            "uniqueItems" => value.as_array().is_none_or(|items| {
                let spelt: HashSet<String> = items.iter().map(Value::to_string).collect();
                spelt.len() == items.len()
            }),
            _ => false,
        };
        if !holds {
            out.push(format!("{path}: {value} breaks {keyword} {rule}"));
        }
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("null") => value.is_null(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some(_) | None => false,
    }
}

#[test]
fn what_an_import_prints_keeps_to_its_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let records = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    let mut held = 0;
    for entry in std::fs::read_dir(records).expect("the records") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "json") {
            continue;
        }
        let review = habeas_review::import(&std::fs::read(&path).expect("a record")).expect("a record is recognised");
        let printed = serde_json::to_value(&review).expect("JSON");
        let mut problems = Vec::new();
        wrong(&schema, &printed, "", &mut problems);
        assert_eq!(problems, Vec::<String>::new(), "{}", path.display());
        held += 1;
    }
    assert!(held >= 3, "{held}");
}

#[test]
fn a_missing_key_and_a_word_outside_its_list_are_found() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let review = habeas_review::import(include_bytes!("../records/observations.txt")).expect("a record");
    let mut printed = serde_json::to_value(&review).expect("JSON");
    printed["document"]["kind"] = "letter".into();
    printed.as_object_mut().expect("an object").remove("turns");
    let mut problems = Vec::new();
    wrong(&schema, &printed, "", &mut problems);
    assert_eq!(problems.len(), 2, "{problems:?}");
}
