//! Markdown chapters: prose is left alone, fenced blocks are found with their place in the file.

use crate::diagnostic::{Diagnostic, Mark, Severity};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// What a fenced block holds, by its fence word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Events, lists, aliases.
    Event,
    /// States, items, clocks.
    State,
    /// Named numbers.
    Limit,
    /// Addressees and desk roles.
    Role,
    /// Safeguards.
    Rule,
    /// Forms.
    Flow,
    /// Who may read and record what.
    Access,
    /// Statistical returns.
    Table,
}

impl BlockKind {
    fn of(fence: &str) -> Option<Self> {
        Some(match fence {
            "event" => BlockKind::Event,
            "state" => BlockKind::State,
            "limit" => BlockKind::Limit,
            "role" => BlockKind::Role,
            "rule" => BlockKind::Rule,
            "flow" => BlockKind::Flow,
            "access" => BlockKind::Access,
            "table" => BlockKind::Table,
            _ => return None,
        })
    }
}

/// A fenced block of a chapter.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What it holds.
    pub kind: BlockKind,
    /// Its text between the fences, and where that stands.
    pub mark: Mark,
}

/// A chapter's title and blocks.
pub(crate) struct Read {
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
}

/// Finds the executable blocks of a chapter; a fence that is never closed is an error (E100).
pub(crate) fn read(text: &str, file: u32, found: &mut Vec<Diagnostic>) -> Read {
    let mut read = Read { title: String::new(), blocks: Vec::new() };
    let mut open: Option<(BlockKind, Option<Mark>)> = None;
    let mut in_title = false;
    for (event, range) in Parser::new(text).into_offset_iter() {
        let mark = Mark { file, bytes: range.start as u32..range.end as u32 };
        if let Event::Start(Tag::Heading { .. }) = event {
            in_title = read.title.is_empty();
        } else if let Event::End(TagEnd::Heading(_)) = event {
            in_title = false;
        } else if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(word))) = event {
            let kind = BlockKind::of(word.split_whitespace().next().unwrap_or_default());
            if kind.is_some() && !is_closed(&text[range.clone()]) {
                found.push(unclosed(text, file, &range));
            }
            open = kind.map(|kind| (kind, None));
        } else if let Event::Text(words) = event {
            if in_title {
                read.title.push_str(&words);
            } else if let Some((_, inner)) = &mut open {
                match inner {
                    Some(inner) => inner.bytes.end = mark.bytes.end,
                    None => *inner = Some(mark),
                }
            }
        } else if let (Event::Code(words), true) = (&event, in_title) {
            read.title.push_str(words);
        } else if let Event::End(TagEnd::CodeBlock) = event
            && let Some((kind, Some(mark))) = open.take()
        {
            read.blocks.push(Block { kind, mark });
        }
    }
    read
}

fn unclosed(text: &str, file: u32, range: &std::ops::Range<usize>) -> Diagnostic {
    let line = text[range.clone()].lines().next().map_or(range.len(), str::len);
    Diagnostic {
        code: "E100",
        severity: Severity::Error,
        mark: Mark { file, bytes: range.start as u32..(range.start + line) as u32 },
        message: "this block is never closed".to_owned(),
        help: Some("end it with a line of the same fence, for example ```".to_owned()),
    }
}

/// Whether a fenced block ends with its fence, and not with the chapter.
fn is_closed(block: &str) -> bool {
    let fence: String = block.trim_start().chars().take_while(|c| matches!(c, '`' | '~')).collect();
    let last = block.trim_end().lines().last().unwrap_or_default().trim();
    block.trim_end().lines().count() > 1 && last.len() >= fence.len() && last.chars().all(|c| fence.starts_with(c))
}
