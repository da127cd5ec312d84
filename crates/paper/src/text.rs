//! A document as text for a terminal.

use crate::{Block, Document};
use std::fmt::Write as _;

/// Writes a document as plain text: headings underlined, facts in two columns.
#[must_use]
pub fn text(document: &Document) -> String {
    let mut out = format!("{}\n{}\n", document.title, "=".repeat(document.title.chars().count()));
    for block in &document.blocks {
        write_block(&mut out, block);
    }
    let _ = writeln!(out, "\n{}", document.foot);
    out
}

fn write_block(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Section(head) => writeln!(out, "\n{head}\n{}", "-".repeat(head.chars().count())),
        Block::Part(head) => writeln!(out, "\n{head}"),
        Block::Text(said) => writeln!(out, "{said}"),
        Block::Alert(said) => writeln!(out, "! {said}"),
        Block::Lines(said) => writeln!(out, "{}", said.trim_end()),
        Block::Bars { title, bars } => {
            let rows: Vec<[String; 3]> =
                bars.iter().map(|bar| [bar.name.clone(), "#".repeat(usize::from(bar.length) / 25), bar.said.clone()]).collect();
            let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
            write!(out, "{title}\n{}", columns(&rows))
        }
        Block::Squares { alt, .. } => writeln!(out, "[{alt}]"),
        Block::Facts(facts) => {
            let rows: Vec<Vec<&str>> = facts.iter().map(|(name, said)| vec![name.as_str(), said.as_str()]).collect();
            write!(out, "{}", columns(&rows))
        }
        Block::Table { heads, rows } => {
            let lines = std::iter::once(heads).chain(rows).map(|row| row.iter().map(String::as_str).collect()).collect::<Vec<_>>();
            write!(out, "{}", columns(&lines))
        }
    };
}

/// Rows in columns as wide as their widest cell, the last as it comes.
fn columns(rows: &[Vec<&str>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..count).map(|place| rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count()).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}
