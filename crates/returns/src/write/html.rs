//! The reader's table as one page that works from disk: notes, numbers, charts each with its table, what the numbers mean.

use super::text::{cell_text, reading_order, row_name};
use super::{charts, known_at, marks, notes};
use crate::cells::Return;
use crate::phrases::{self, Phrase};
use std::fmt::Write as _;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#1b1b1b;background:#fff}\
table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;font-weight:600;padding:.25rem 0}\
th,td{border-bottom:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}\
td{text-align:right;font-variant-numeric:tabular-nums}\
.scroll{overflow-x:auto}svg{max-width:100%;height:auto;font:12px system-ui,sans-serif}svg .bar,svg .dot{fill:#1d5f8a}\
svg .s1{fill:#1d5f8a}svg .s2{fill:#b35900}\
svg .s3{fill:#3d7a3a}svg .s4{fill:#7a3d78}svg .s5{fill:#5c5c5c}svg .s6{fill:#9a7d0a}\
svg .line{fill:none;stroke:#1d5f8a;stroke-width:2}svg .grid{stroke:#b0b0b0}\
svg .limit{fill:none;stroke:#b35900;stroke-dasharray:4 3}@media print{.scroll{overflow:visible}}";

/// Text safe inside HTML and SVG.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// The page.
#[must_use]
pub fn write(made: &Return) -> String {
    let title = format!("{} {}", escape(&made.id), escape(&made.title));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main>\n<h1>{title}</h1>\n",
        made.language.code()
    );
    out.push_str(&section(made));
    out.push_str("</main></body></html>\n");
    out
}

/// The inside of the page, for whoever has a page of their own.
#[must_use]
pub fn section(made: &Return) -> String {
    let mut out = format!("<p>{}. {}.</p>\n", escape(&known_at(made)), escape(&made.rules));
    let heading = |phrase: Phrase| phrases::say(made.language, phrase, &[]);
    list(&mut out, "", &notes(made));
    table(&mut out, made);
    for (_, svg) in charts::write(made) {
        let _ = writeln!(out, "<div class=\"scroll\">{svg}</div>");
    }
    list(&mut out, &heading(Phrase::Mind), &made.traps);
    list(&mut out, &heading(Phrase::AskedBy), &made.asked_by);
    list(&mut out, &heading(Phrase::Cites), &made.cites);
    let told: Vec<String> = marks(made).iter().map(|(mark, means)| format!("<code>{mark}</code> {}", escape(means))).collect();
    let _ = writeln!(out, "<p>{}.</p>", told.join(", "));
    out
}

fn list(out: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    if !heading.is_empty() {
        let _ = writeln!(out, "<h2>{heading}</h2>");
    }
    out.push_str("<ul>");
    lines.iter().for_each(|line| {
        let _ = write!(out, "<li>{}</li>", escape(line));
    });
    out.push_str("</ul>\n");
}

fn table(out: &mut String, made: &Return) {
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\"><table><caption>{}</caption><thead><tr><th scope=\"col\"></th>",
        escape(&made.title)
    );
    for column in &made.columns {
        let _ = write!(out, "<th scope=\"col\">{} ({})</th>", escape(&column.name), escape(&column.unit));
    }
    out.push_str("</tr></thead><tbody>\n");
    for key in reading_order(made) {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&row_name(made, &key)));
        for column in 0..made.columns.len() {
            let _ = write!(out, "<td>{}</td>", escape(&cell_text(made, column, &key)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}
