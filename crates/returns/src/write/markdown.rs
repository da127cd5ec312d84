//! The reader's table in Markdown: notes above, numbers, what they mean below.

use super::text::{cell_text, reading_order, row_name};
use super::{known_at, marks, notes};
use crate::cells::Return;
use crate::phrases::{self, Phrase};
use std::fmt::Write as _;

/// The table.
#[must_use]
pub fn write(made: &Return) -> String {
    let mut out = format!("# {} {}\n\n{}. {}.\n\n", made.id, escape(&made.title), known_at(made), escape(&made.rules));
    for note in notes(made) {
        let _ = writeln!(out, "- {}", escape(&note));
    }
    out.push('\n');
    let heads: Vec<String> = made.columns.iter().map(|c| format!("{} ({})", escape(&c.name), escape(&c.unit))).collect();
    let _ = writeln!(out, "| | {} |\n| --- |{}", heads.join(" | "), " ---: |".repeat(heads.len()));
    for key in reading_order(made) {
        let cells: Vec<String> = (0..made.columns.len()).map(|column| escape(&cell_text(made, column, &key))).collect();
        let _ = writeln!(out, "| {} | {} |", escape(&row_name(made, &key)), cells.join(" | "));
    }
    for (heading, lines) in [(Phrase::Mind, &made.traps), (Phrase::AskedBy, &made.asked_by), (Phrase::Cites, &made.cites)] {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n## {}\n", phrases::say(made.language, heading, &[]));
            lines.iter().for_each(|line| {
                let _ = writeln!(out, "- {}", escape(line));
            });
        }
    }
    let told: Vec<String> = marks(made).iter().map(|(mark, means)| format!("`{mark}` {means}")).collect();
    let _ = writeln!(out, "\n{}.", told.join(", "));
    out
}

/// Text that cannot become markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' | '\r' => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
