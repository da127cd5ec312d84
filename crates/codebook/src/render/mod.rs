//! The tree read aloud: canonical text of every declaration and rule.
//!
//! What is shown to a reader of law is made from the tree that verdicts are judged by, not from what the author typed, so the two
//! cannot part. `parse(render(tree)) == tree` is a test over generated rules. Names come from the dictionary, all other words from a
//! table of [`Words`].
//!
//! Articles before a state (`is a child`) mean nothing and are not in the tree: they are said where the author said them, and before
//! states by age.
//!
//! Start reading at [`sentence`]; [`chapter()`] is `fmt`.

mod chapter;
mod conditions;
mod declarations;
mod flows;
#[cfg(test)]
mod generated;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub use chapter::chapter;
pub use words::{FRAMES, Frame, Words, WrongTable};

use crate::diagnostic::Mark;
use crate::tree::{Codebook, EventName, FieldId, RoleId, Rule, RuleId, StateId, ValueId};

/// The body clause of a rule, as explanations quote it:
/// `For each custody, while interview under way, it must not last longer than 2 hours.`
#[must_use]
pub fn sentence(codebook: &Codebook, rule: RuleId) -> String {
    let voice = Voice::english(codebook);
    codebook.rules.get(rule.index()).map(|rule| voice.clause(&voice.for_each(rule))).unwrap_or_default()
}

/// A whole rule: its id on a line, then its clauses.
#[must_use]
pub fn rule(codebook: &Codebook, rule: &Rule) -> String {
    Voice::english(codebook).rule(rule)
}

/// Says parts of a codebook in the words of one language. Everything but [`Voice::rule`] comes without its full stop.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    codebook: &'a Codebook,
    words: &'a Words,
}

impl<'a> Voice<'a> {
    /// In fixed English.
    #[must_use]
    pub fn english(codebook: &'a Codebook) -> Self {
        Voice { codebook, words: Words::english() }
    }

    /// In the words of a table.
    #[must_use]
    pub fn new(codebook: &'a Codebook, words: &'a Words) -> Self {
        Voice { codebook, words }
    }

    fn say(&self, frame: Frame, parts: &[&str]) -> String {
        self.words.say(frame, parts)
    }

    /// `a`, `a and b`, `a and b and c`.
    fn join(&self, joint: Frame, parts: impl IntoIterator<Item = String>) -> String {
        parts.into_iter().reduce(|said, part| self.say(joint, &[&said, &part])).unwrap_or_default()
    }

    /// A clause: its first letter large, a full stop at its end.
    fn clause(&self, said: &str) -> String {
        let mut letters = said.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
    }

    fn field_name(&self, field: FieldId) -> &'a str {
        &self.codebook.field_names[field.index()]
    }

    fn value_name(&self, value: ValueId) -> &'a str {
        &self.codebook.value_names[value.index()]
    }

    fn role_name(&self, role: RoleId) -> String {
        self.codebook.roles[role.index()].name.clone()
    }

    fn event_name(&self, event: EventName) -> &'a str {
        match event {
            EventName::Kind(kind) => &self.codebook.kind(kind).name,
            EventName::Alias(alias) => &self.codebook.aliases[alias.index()].name,
        }
    }

    fn state_name(&self, state: StateId) -> &'a str {
        &self.codebook.states[state.index()].name
    }

    /// A state after `is` or `are`, with the article that the author gave it; where nobody wrote it, states by age are nouns.
    fn predicate(&self, state: StateId, mark: &Mark) -> String {
        let name = self.state_name(state);
        let written = self.written(mark);
        let is_noun = if written.contains(name) {
            written.contains(&format!(" a {name}")) || written.contains(&format!(" an {name}"))
        } else {
            matches!(self.codebook.states[state.index()].holds, crate::tree::Holds::AgeBelow(_))
        };
        match (is_noun, name.starts_with(['a', 'e', 'i', 'o', 'u'])) {
            (false, _) => name.to_owned(),
            (true, false) => self.say(Frame::NounBeforeConsonant, &[name]),
            (true, true) => self.say(Frame::NounBeforeVowel, &[name]),
        }
    }

    /// The author's words at a mark, in small letters, one blank between two.
    fn written(&self, mark: &Mark) -> String {
        let file = self.codebook.files.get(mark.file as usize);
        let text = file.and_then(|file| file.text.get(mark.bytes.start as usize..mark.bytes.end as usize)).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }
}
