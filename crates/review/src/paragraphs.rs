//! Paragraphs: which numbers open one, what belongs to it, which halves a page break cut. Where the numbers were lost, blocks are counted.

use crate::cleaning::one_space;
use crate::lines::{Line, LineKind};
use crate::model::Diagnostic;
use crate::prose::{is_finished, word_count};
use std::collections::HashMap;

/// A paragraph before anybody is known to speak in it.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Its number.
    pub number: u32,
    /// With Markdown: bold names are seen here.
    pub raw: String,
    /// Without Markdown.
    pub text: String,
    /// How many halves.
    pub pieces: u32,
    /// First line, from 1.
    pub first: u32,
    /// Last line.
    pub last: u32,
}

/// The body of a document.
#[derive(Debug, Default)]
pub struct Body {
    /// Its paragraphs.
    pub blocks: Vec<Block>,
    /// The index of the first line of the first paragraph: above it stands the heading.
    pub above: usize,
    /// Whether the numbers were counted here.
    pub inferred: bool,
    /// Whether it is the report of a review by peers.
    pub peer_review: bool,
    /// What was odd.
    pub diagnostics: Vec<Diagnostic>,
}

/// A line that begins with a number and a full stop.
#[derive(Clone, Copy)]
struct Opening {
    line: usize,
    number: u32,
}

/// How far a gap in the numbers may reach before the number is taken for a year or a list.
const WIDEST_GAP: u32 = 12;
/// How many beginnings are tried: a table of contents may count too.
const BEGINNINGS: usize = 6;

/// `12. text`, `12.text`, `12\. text`, `**12.** text`, a number alone on its line: the number, and where the text begins.
fn opening(line: &Line) -> Option<(u32, &str)> {
    if line.kind != LineKind::Text {
        return None;
    }
    let raw = line.raw.trim_start().trim_start_matches('#').trim_start();
    let raw = raw.trim_start_matches(['*', '_']);
    let digits = raw.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 4 {
        return None;
    }
    let number = raw[..digits].parse().ok()?;
    let rest = raw[digits..].trim_start_matches('\\');
    let rest = match rest.strip_prefix('.') {
        Some(after) if after.starts_with(|c: char| c.is_ascii_digit()) => return None,
        Some(after) => after,
        None => rest.strip_prefix('\t')?,
    };
    let closing = rest.trim_start_matches(['*', '_']);
    let rest = if closing.starts_with(char::is_whitespace) { closing } else { rest };
    Some((number, rest.trim_start()))
}

/// Reads the body of `lines`.
#[must_use]
pub fn read(lines: &[Line]) -> Body {
    let openings: Vec<Opening> =
        lines.iter().enumerate().filter_map(|(at, line)| opening(line).map(|(number, _)| Opening { line: at, number })).collect();
    let called = lines.iter().position(is_call_to_order);
    let chain = best_chain(lines, &openings, called.unwrap_or(0));
    if chain.len() >= 3 || !chain.is_empty() && called.is_none() { numbered(lines, &chain) } else { crate::unnumbered::read(lines, called) }
}

fn is_call_to_order(line: &Line) -> bool {
    let low = line.plain.to_lowercase();
    line.kind == LineKind::Stage && ["called to order", "opened", "began"].iter().any(|words| low.contains(words))
}

/// The chain of openings that reaches furthest, from the first few lines that say `1.` (or the lowest number there is).
fn best_chain(lines: &[Line], openings: &[Opening], from: usize) -> Vec<Opening> {
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for opening in openings {
        places.entry(opening.number).or_default().push(opening.line);
    }
    let after: Vec<Opening> = openings.iter().copied().filter(|opening| opening.line >= from).collect();
    let first = if after.iter().any(|opening| opening.number == 1) { 1 } else { after.first().map_or(1, |opening| opening.number) };
    let mut best = Vec::new();
    for (at, _) in after.iter().enumerate().filter(|(_, opening)| opening.number == first).take(BEGINNINGS) {
        let chain = chain(lines, &after[at..], &places);
        if chain.len() > best.len() {
            best = chain;
        }
    }
    best
}

fn chain(lines: &[Line], openings: &[Opening], places: &HashMap<u32, Vec<usize>>) -> Vec<Opening> {
    let mut found: Vec<Opening> = Vec::new();
    for opening in openings {
        let Some(last) = found.last() else {
            found.push(*opening);
            continue;
        };
        let expected = last.number + 1;
        let comes_later = || places.get(&expected).is_some_and(|at| at.last().is_some_and(|line| *line > opening.line));
        let fits = if opening.number == expected {
            true
        } else if opening.number > expected {
            opening.number - expected < WIDEST_GAP && stands_alone(lines, opening.line) && !comes_later()
        } else {
            opening.number == last.number
                && opening.number > 1
                && stands_alone(lines, opening.line)
                && comes_later()
                && is_long(lines, opening.line)
        };
        if fits {
            found.push(*opening);
        }
    }
    found
}

/// Whether the text of an opening begins like a paragraph, and what stands above it is finished.
fn stands_alone(lines: &[Line], at: usize) -> bool {
    let begins =
        opening(&lines[at]).is_some_and(|(_, rest)| rest.trim_start_matches(['*', '_', '“', '"', '(']).starts_with(char::is_uppercase));
    let above = lines[..at].iter().rev().take(60).find(|line| matches!(line.kind, LineKind::Text | LineKind::Stage));
    begins && above.is_none_or(|line| is_finished(&line.plain) || line.is_emphasised() || word_count(&line.plain) <= 10)
}

fn is_long(lines: &[Line], at: usize) -> bool {
    word_count(&lines[at].plain) > 8
}

fn numbered(lines: &[Line], chain: &[Opening]) -> Body {
    let mut body = Body { above: chain.first().map_or(0, |first| first.line), ..Body::default() };
    for (at, opening) in chain.iter().enumerate() {
        if at > 0 {
            against_numbers(&mut body, chain[at - 1].number, opening, lines[opening.line].number);
        }
        let end = chain.get(at + 1).map_or(lines.len(), |next| next.line);
        let block = gather(&lines[opening.line..end], opening.number, at + 1 == chain.len(), &mut body.diagnostics);
        body.blocks.push(block);
    }
    body
}

fn against_numbers(body: &mut Body, last: u32, opening: &Opening, line: u32) {
    let (code, message) = if opening.number == last {
        ("number_repeat", format!("paragraph {last} comes twice"))
    } else if opening.number > last + 1 {
        ("number_gap", format!("paragraph {} follows paragraph {last}: numbers are missing", opening.number))
    } else {
        return;
    };
    body.diagnostics.push(Diagnostic { code: code.to_owned(), line: Some(line), paragraph: Some(opening.number), message });
}

/// What a paragraph has gathered so far.
struct Gathering {
    block: Block,
    blank: bool,
    page: bool,
    footnote: bool,
    closed: bool,
}

/// The lines from one opening to the next, joined to a paragraph.
fn gather(lines: &[Line], number: u32, is_last: bool, diagnostics: &mut Vec<Diagnostic>) -> Block {
    let first = &lines[0];
    let block = Block { number, pieces: 1, first: first.number, last: first.number, ..Block::default() };
    let mut so_far = Gathering { block, blank: false, page: false, footnote: false, closed: false };
    if let Some((_, rest)) = opening(first) {
        so_far.take(rest, &crate::cleaning::without_markdown(rest), first.number);
    }
    let own = if is_last { lines.len() } else { lines.len() - headings_behind(lines) };
    for line in &lines[1..own] {
        if so_far.step(line, is_last, diagnostics) {
            break;
        }
    }
    so_far.block.text = one_space(&so_far.block.text);
    so_far.block
}

/// How many lines at the end of a paragraph's are headings of what follows, where no blank line parts them from it: short, with a capital
/// and no mark at their end, behind a line that is finished.
fn headings_behind(lines: &[Line]) -> usize {
    let heads = |line: &&Line| {
        let begins = line.plain.starts_with(|c: char| c.is_uppercase()) && !is_item(&line.plain);
        line.kind == LineKind::Text && begins && word_count(&line.plain) <= 10 && line.plain.ends_with(|c: char| c.is_alphanumeric())
    };
    let count = lines[1..].iter().rev().take_while(heads).count();
    let above = &lines[lines.len() - count - 1];
    if above.kind == LineKind::Text && above.plain.ends_with('.') { count } else { 0 }
}

impl Gathering {
    fn take(&mut self, raw: &str, plain: &str, line: u32) {
        for (held, more) in [(&mut self.block.raw, raw), (&mut self.block.text, plain)] {
            if !held.is_empty() && !more.is_empty() {
                held.push(' ');
            }
            held.push_str(more);
        }
        self.block.last = line;
    }

    /// Takes the next line; true when nothing more can belong to the paragraph.
    fn step(&mut self, line: &Line, is_last: bool, diagnostics: &mut Vec<Diagnostic>) -> bool {
        match line.kind {
            LineKind::Blank => {
                self.blank = true;
                self.footnote = false;
            }
            LineKind::Page => {
                self.page = true;
                self.footnote = false;
            }
            LineKind::Footnote if !self.block.text.ends_with(':') => {
                self.footnote = true;
                self.page = true;
                let message = "a footnote was taken out of the text".to_owned();
                let code = "footnote_removed".to_owned();
                diagnostics.push(Diagnostic { code, line: Some(line.number), paragraph: Some(self.block.number), message });
            }
            LineKind::Stage => return is_last || self.close(),
            LineKind::Text | LineKind::Footnote => return self.text(line, is_last, diagnostics),
        }
        false
    }

    fn close(&mut self) -> bool {
        self.closed = true;
        false
    }

    fn text(&mut self, line: &Line, is_last: bool, diagnostics: &mut Vec<Diagnostic>) -> bool {
        if self.footnote || self.closed {
            return false;
        }
        let cut = self.blank || self.page;
        let finished = is_finished(&self.block.text) && !self.block.text.is_empty();
        let item = is_item(&line.plain);
        if cut && finished && !item && is_heading(line) {
            self.closed = !self.page || is_last;
            return is_last && !self.page;
        }
        if is_last && cut && finished && !item && self.blank && !self.page {
            return true;
        }
        let joins = cut && !item && !self.block.text.is_empty() && (!finished || self.page);
        if joins {
            self.block.pieces += 1;
            let message = "the halves of a paragraph cut by a page break were joined".to_owned();
            let code = "page_break_joined".to_owned();
            diagnostics.push(Diagnostic { code, line: Some(line.number), paragraph: Some(self.block.number), message });
        }
        self.take(line.raw.trim(), &line.plain, line.number);
        (self.blank, self.page) = (false, false);
        false
    }
}

/// `(a) …`, `(iv) …`, `• …`, `- …`: a point of a list.
#[must_use]
pub fn is_item(plain: &str) -> bool {
    let plain = plain.trim_start();
    if plain.starts_with(['•', '–', '—']) || plain.starts_with("- ") {
        return true;
    }
    plain.strip_prefix('(').and_then(|rest| rest.find(')')).is_some_and(|end| (1..=5).contains(&end))
}

/// Whether a line of its own, after a finished paragraph, is a heading of what follows.
#[must_use]
pub fn is_heading(line: &Line) -> bool {
    let words = word_count(&line.plain);
    let ends = line.plain.ends_with(['.', ';', '!', ',']);
    line.raw.trim_start().starts_with('#') || line.is_emphasised() && (!ends || words < 12) || words <= 16 && !ends
}
