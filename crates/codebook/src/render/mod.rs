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
mod hearing;
mod languages;
mod layout;
mod rooms;
mod rules;
mod tables;
#[cfg(test)]
mod tests;
mod tongue;
mod words;

pub use chapter::chapter;
pub use hearing::{Unheard, in_english};
pub use languages::{LANGUAGES, words};
pub use tongue::Tongue;
pub use words::{FRAMES, Frame, Words, WrongTable};

use crate::diagnostic::Mark;
use crate::i18n::NameOf;
use crate::tree::{ClassId, Codebook, EventName, FieldId, ItemId, LimitId, RoleId, Rule, RuleId, StateId, ValueId};

/// The body clause of a rule, as explanations quote it:
/// `For each custody, while interview under way, it must not last longer than 2 hours.`
#[must_use]
pub fn sentence(codebook: &Codebook, rule: RuleId) -> String {
    let voice = Voice::english(codebook);
    codebook.rules.get(rule.index()).map(|rule| voice.clause(&voice.for_each(rule))).unwrap_or_default()
}

/// The same in another language.
#[must_use]
pub fn sentence_in(codebook: &Codebook, tongue: &Tongue, rule: RuleId) -> String {
    let voice = Voice::in_tongue(codebook, tongue);
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
    tongue: Option<&'a Tongue>,
}

impl<'a> Voice<'a> {
    /// In fixed English.
    #[must_use]
    pub fn english(codebook: &'a Codebook) -> Self {
        Voice { codebook, words: Words::english(), tongue: None }
    }

    /// In the words of a table.
    #[must_use]
    pub fn new(codebook: &'a Codebook, words: &'a Words) -> Self {
        Voice { codebook, words, tongue: None }
    }

    /// In another language, with its words for names between `«` and `»`.
    #[must_use]
    pub fn in_tongue(codebook: &'a Codebook, tongue: &'a Tongue) -> Self {
        Voice { codebook, words: tongue.words(), tongue: Some(tongue) }
    }

    /// A name as it is said: as declared in English, else translated and between signs that no name holds.
    fn named(&self, of: NameOf, name: &str) -> String {
        self.tongue.map_or_else(|| name.to_owned(), |tongue| format!("«{}»", tongue.shown(of, name)))
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
        letters.next().map(|first| format!("{}{}.", self.words.capital(first), letters.as_str())).unwrap_or_default()
    }

    fn field_name(&self, field: FieldId) -> String {
        self.named(NameOf::Field, &self.codebook.field_names[field.index()])
    }

    fn value_name(&self, value: ValueId) -> String {
        self.named(NameOf::Value, &self.codebook.value_names[value.index()])
    }

    fn role_name(&self, role: RoleId) -> String {
        self.named(NameOf::Role, &self.codebook.roles[role.index()].name)
    }

    fn event_name(&self, event: EventName) -> String {
        let name = match event {
            EventName::Kind(kind) => &self.codebook.kind(kind).name,
            EventName::Alias(alias) => &self.codebook.aliases[alias.index()].name,
        };
        self.named(NameOf::Event, name)
    }

    fn state_name(&self, state: StateId) -> String {
        self.named(NameOf::State, &self.codebook.states[state.index()].name)
    }

    fn item_name(&self, item: ItemId) -> String {
        self.named(NameOf::Item, &self.codebook.items[item.index()].name)
    }

    fn class_name(&self, class: ClassId) -> String {
        self.named(NameOf::Subject, &self.codebook.class(class).name)
    }

    fn limit_name(&self, limit: LimitId) -> String {
        self.named(NameOf::Limit, &self.codebook.limits[limit.index()].name)
    }

    /// A state after `is` or `are`, with the article that the author gave it; where nobody wrote it, states by age are nouns.
    fn predicate(&self, state: StateId, mark: &Mark) -> String {
        let name = self.codebook.states[state.index()].name.as_str();
        if self.tongue.is_some() {
            return self.state_name(state);
        }
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
