//! `fmt`: the fenced blocks of a chapter in canonical text, the prose byte for byte as it was.
//!
//! Each declaration stays in its block and in its place. What the tree does not hold as its author wrote it (dropped by `leaves_out`,
//! replaced by a pack built on this one, tightened elsewhere) is left as it is. So is a block inside a list or a quotation.

use super::Voice;
use super::layout::folded;
use crate::blocks::{self, Sentence, words};
use crate::chapters::{self, BlockKind};
use crate::diagnostic::Mark;
use crate::tree::{Access, Codebook, Field, Kind};
use std::collections::HashMap;
use std::ops::Range;

/// The chapter in `codebook.files[file]` with its blocks in canonical text; the text as it is when there is no such file.
///
/// Formatting twice gives what formatting once gave.
#[must_use]
pub fn chapter(codebook: &Codebook, file: u32) -> String {
    let Some(source) = codebook.files.get(file as usize) else { return String::new() };
    let text = source.text.as_str();
    let said = declarations(codebook, file);
    let mut written = String::with_capacity(text.len());
    let mut done = 0;
    for block in chapters::read(text, file, &mut Vec::new()).blocks {
        let bytes = range(&block.mark);
        if !stands_alone(text, bytes.start) {
            continue;
        }
        written.push_str(&text[done..bytes.start]);
        written.push_str(&canonical(codebook, text, &said, block.kind, &block.mark));
        done = bytes.end;
    }
    written.push_str(&text[done..]);
    written
}

fn range(mark: &Mark) -> Range<usize> {
    mark.bytes.start as usize..mark.bytes.end as usize
}

/// Whether a block's fence begins its line, so that the block is in no list or quotation.
fn stands_alone(text: &str, start: usize) -> bool {
    let before = &text[..start];
    before.ends_with('\n') && before.lines().next_back().is_some_and(|fence| fence.starts_with(['`', '~']))
}

fn canonical(codebook: &Codebook, text: &str, said: &HashMap<u32, String>, kind: BlockKind, mark: &Mark) -> String {
    let inner = &text[range(mark)];
    let sentences = blocks::sentences(kind, words::split(inner, mark.file, mark.bytes.start), 0, 0);
    if sentences.is_empty() {
        return inner.to_owned();
    }
    let mut lines = String::new();
    let mut before: Option<Mark> = None;
    for sentence in &sentences {
        let place = sentence.mark();
        if let Some(before) = &before {
            let gap = &text[before.bytes.end as usize..place.bytes.start as usize];
            lines.push_str(if blocks::begins_with(kind).is_some() || gap.matches('\n').count() > 1 { "\n\n" } else { "\n" });
        }
        lines.push_str(&canonical_sentence(codebook, text, said, sentence));
        before = Some(place);
    }
    lines.push('\n');
    if inner.contains("\r\n") { lines.replace("\r\n", "\n").replace('\n', "\r\n") } else { lines }
}

fn canonical_sentence(codebook: &Codebook, text: &str, said: &HashMap<u32, String>, sentence: &Sentence) -> String {
    let place = sentence.mark();
    let written = &text[range(&place)];
    let events = if sentence.first() == "extend" { extension(codebook, sentence) } else { event(codebook, sentence) };
    match events.or_else(|| said.get(&place.bytes.start).cloned()) {
        Some(said) if sentence.has_clauses() => folded(&said),
        Some(said) => folded(&format!("{said}.")),
        None if sentence.has_clauses() => written.to_owned(),
        None => format!("{written}."),
    }
}

fn event(codebook: &Codebook, sentence: &Sentence) -> Option<String> {
    let place = sentence.mark();
    let kind = codebook.kinds.iter().find(|kind| kind.mark.file == place.file && kind.mark.bytes == place.bytes)?;
    Some(Voice::english(codebook).kind_with(kind, &own_fields(kind, sentence)?))
}

fn extension(codebook: &Codebook, sentence: &Sentence) -> Option<String> {
    let (name, _) = sentence.declared()?;
    let kind = codebook.kinds.iter().find(|kind| kind.name == name)?;
    Some(Voice::english(codebook).extension(kind, &own_fields(kind, sentence)?))
}

/// The fields of a kind that a sentence declares; `None` when one of them has been replaced elsewhere.
fn own_fields<'a>(kind: &'a Kind, sentence: &Sentence) -> Option<Vec<&'a Field>> {
    let place = sentence.mark();
    let is_own = |mark: &Mark| {
        let inside = mark.file == place.file && mark.bytes.start >= place.bytes.start && mark.bytes.end <= place.bytes.end;
        // The field `by` that `by role` gives bears the mark of the whole declaration.
        inside && mark.bytes != place.bytes
    };
    let own: Vec<&Field> = kind.fields.iter().filter(|field| is_own(&field.mark)).collect();
    (own.len() == sentence.fields_written()).then_some(own)
}

/// Everything but events that a file declares, said, by the byte at which it begins.
fn declarations(codebook: &Codebook, file: u32) -> HashMap<u32, String> {
    let voice = Voice::english(codebook);
    let mut said = HashMap::new();
    let mut add = |mark: &Mark, say: &dyn Fn() -> String| {
        if mark.file == file {
            said.insert(mark.bytes.start, say());
        }
    };
    codebook.lists.iter().for_each(|list| add(&list.mark, &|| voice.list(list)));
    codebook.aliases.iter().for_each(|alias| add(&alias.mark, &|| voice.alias(alias)));
    codebook.states.iter().for_each(|state| add(&state.mark, &|| voice.state(state)));
    codebook.items.iter().for_each(|item| add(&item.mark, &|| voice.item(item)));
    codebook.clocks.iter().for_each(|clock| add(&clock.mark, &|| voice.clock(clock)));
    codebook.roles.iter().for_each(|role| add(&role.mark, &|| voice.role(role)));
    codebook.rules.iter().for_each(|rule| add(&rule.mark, &|| voice.rule(rule)));
    codebook.tables.iter().for_each(|table| add(&table.mark, &|| voice.table(table)));
    codebook.flows.iter().for_each(|flow| add(&flow.mark, &|| voice.flow(flow)));
    codebook.rooms.iter().for_each(|room| add(&room.mark, &|| voice.room(room)));
    for limit in &codebook.limits {
        limit.versions.iter().for_each(|version| add(&version.mark, &|| voice.limit(&limit.name, version)));
    }
    for access in &codebook.access {
        let mark = match access {
            Access::Line { mark, .. } | Access::Excludes(_, _, mark) | Access::Cedar(_, mark) => mark,
        };
        add(mark, &|| voice.access(access));
    }
    said
}
