//! The plan as one HTML page for anybody: recommendations with their due days, actions, indicators and notes. It needs no script.

use super::{Item, KINDS, Plan};
use crate::reply::escaped;
use std::fmt::Write;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem;border-bottom:1px solid #767676}\
.late{font-weight:bold}ul{margin:0;padding-left:1.2rem}";

/// The page, as of the day `today` (ISO).
#[must_use]
pub fn page(plan: &Plan, today: &str) -> String {
    let mut out = String::new();
    let title = "Plan of action on recommendations";
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1><p>As of {}.</p>\n",
        escaped(today)
    );
    for kind in [0, 1] {
        let _ = write!(out, "<h2>{}</h2>\n<table><thead><tr>", if kind == 0 { "Recommendations" } else { "Questions" });
        for head in ["Reference", "Text", "Due", "Status", "Actions, indicators, notes"] {
            let _ = write!(out, "<th scope=\"col\">{head}</th>");
        }
        out.push_str("</tr></thead><tbody>\n");
        for (reference, item) in plan.in_order(kind) {
            row(plan, reference, item, today, &mut out);
        }
        out.push_str("</tbody></table>\n");
    }
    out.push_str("</main></body></html>\n");
    out
}

fn row(plan: &Plan, reference: &str, item: &Item, today: &str, out: &mut String) {
    let due = item.get("due");
    let late = !due.is_empty() && due < today && item.get("status") != "done";
    let due = if late { format!("<span class=\"late\">{} overdue</span>", escaped(due)) } else { escaped(due) };
    let _ = write!(
        out,
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{due}</td><td>{}</td><td><ul>",
        escaped(reference),
        escaped(item.get("text")),
        escaped(item.get("status"))
    );
    for (kind, known) in KINDS.iter().enumerate().skip(2) {
        for linked in plan.linked(reference, kind) {
            let Some(item) = plan.items[kind].get(linked) else { continue };
            let words = if known.one == "note" { item.get("text") } else { item.get("what") };
            let more: Vec<String> = ["leads", "due", "state", "value", "unit", "return", "date"]
                .iter()
                .map(|column| item.get(column))
                .filter(|value| !value.is_empty())
                .map(escaped)
                .collect();
            let _ = write!(out, "<li>{}: {} ({})</li>", known.one, escaped(words), more.join(", "));
        }
    }
    out.push_str("</ul></td></tr>\n");
}
