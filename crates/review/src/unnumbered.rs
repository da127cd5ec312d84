//! Records whose list numbers were lost: the blocks between the call to order and the end are counted from 1.

use crate::cleaning::one_space;
use crate::lines::{Line, LineKind};
use crate::model::Diagnostic;
use crate::paragraphs::{Block, Body, is_heading, is_item};
use crate::prose::{is_finished, word_count};

/// Counts the blocks after the line `called`, where the meeting was called to order. Without such a line nothing is counted.
#[must_use]
pub fn read(lines: &[Line], called: Option<usize>) -> Body {
    let Some(called) = called else { return Body { above: lines.len(), ..Body::default() } };
    let end = lines.iter().enumerate().skip(called + 1).find(|(_, line)| ends_meeting(line)).map_or(lines.len(), |(at, _)| at);
    let by_line = is_line_a_block(&lines[called + 1..end]);
    let mut body = Body { above: end, inferred: true, ..Body::default() };
    let mut cut = true;
    let mut page = false;
    let mut footnote = false;
    for (at, line) in lines.iter().enumerate().take(end).skip(called + 1) {
        match line.kind {
            LineKind::Blank => (cut, footnote) = (true, false),
            LineKind::Page => (cut, page, footnote) = (true, true, false),
            LineKind::Footnote => {
                (footnote, page) = (!by_line, true);
                cut = true;
            }
            LineKind::Stage | LineKind::Text if footnote => {}
            LineKind::Stage | LineKind::Text => {
                if take(&mut body, line, cut || by_line, page) && body.above == end {
                    body.above = at;
                }
                (cut, page) = (false, false);
            }
        }
    }
    for (block, number) in body.blocks.iter_mut().zip(1..) {
        block.number = number;
        block.text = one_space(&block.text);
    }
    body
}

fn ends_meeting(line: &Line) -> bool {
    let low = line.plain.to_lowercase();
    line.kind == LineKind::Stage && low.split_whitespace().any(|word| matches!(word, "rose" | "ended" | "adjourned" | "closed"))
}

/// Whether each line is a block: most lines end a sentence.
fn is_line_a_block(lines: &[Line]) -> bool {
    let texts: Vec<&Line> = lines.iter().filter(|line| line.kind == LineKind::Text).collect();
    let finished = texts.iter().filter(|line| is_finished(&line.plain)).count();
    finished * 10 >= texts.len() * 7
}

/// Puts a line where it belongs: on its own, or behind the half before it. True where it opened a block.
fn take(body: &mut Body, line: &Line, cut: bool, page: bool) -> bool {
    let heads_item = is_heading(line) && !is_finished(&line.plain) || is_item_line(&line.plain);
    let open = body.blocks.last().is_some_and(|last| !is_finished(&last.text));
    if let Some(last) = body.blocks.last_mut()
        && (!cut || open && (page || line.plain.starts_with(char::is_lowercase) || word_count(&last.text) > 8) || is_item(&line.plain))
    {
        if cut && !is_item(&line.plain) {
            last.pieces += 1;
            let message = "the halves of a paragraph cut by a page break were joined".to_owned();
            let code = "page_break_joined".to_owned();
            body.diagnostics.push(Diagnostic { code, line: Some(line.number), paragraph: None, message });
        }
        for (held, more) in [(&mut last.raw, line.raw.trim()), (&mut last.text, line.plain.as_str())] {
            held.push(' ');
            held.push_str(more);
        }
        last.last = line.number;
        return false;
    }
    if heads_item {
        return false;
    }
    let (raw, text) = (line.raw.trim().to_owned(), line.plain.clone());
    body.blocks.push(Block { number: 0, raw, text, pieces: 1, first: line.number, last: line.number });
    true
}

/// The item's heading is repeated below the call to order: it names the report and its symbols, and nobody says anything in it.
fn is_item_line(plain: &str) -> bool {
    let low = plain.to_lowercase();
    low.ends_with("(continued)") || low.starts_with("consideration of ") && !low.contains(" said ") || {
        let opens = plain.find('(').unwrap_or(plain.len());
        plain.ends_with(')') && plain[opens..].contains('/') && word_count(&plain[..opens]) <= 14
    }
}
