//! The reader's table in Markdown: notes above, numbers, what they mean below.

use super::text::{cell_text, reading_order, row_name};
use super::{moment, notes};
use crate::cells::Return;
use std::fmt::Write as _;

/// The table.
#[must_use]
pub fn write(made: &Return) -> String {
    let mut out = format!(
        "# {} {}\n\n{}, as known at {}. {}.\n\n",
        made.id,
        escape(&made.title),
        made.period.name,
        moment(made, made.as_of),
        escape(&made.rules)
    );
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
    for (heading, lines) in [("Mind", &made.traps), ("Asked by", &made.asked_by), ("Cites", &made.cites)] {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n## {heading}\n");
            lines.iter().for_each(|line| {
                let _ = writeln!(out, "- {}", escape(line));
            });
        }
    }
    out.push_str(
        "\n`c` withheld to protect persons, `:` not available, `-` cannot occur, `r` revised, `p` provisional, `u` low coverage.\n",
    );
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
