//! Names of the codebook in the reader's language: what a pack's words say, else the name itself read as words.

use crate::station::board::in_words;
use crate::texts::Language;
use habeas_codebook::i18n::NameOf;
use habeas_codebook::tree::Codebook;

/// The words for names, in one language. Each begins with a capital letter, as a heading, a question or an answer does.
#[derive(Clone, Copy)]
pub struct Names<'c> {
    codebook: &'c Codebook,
    language: Language,
}

impl<'c> Names<'c> {
    /// Of a codebook, in a language.
    #[must_use]
    pub fn new(codebook: &'c Codebook, language: Language) -> Self {
        Self { codebook, language }
    }

    /// A kind of event: `medical examined` or `medical_examined`.
    #[must_use]
    pub fn kind(&self, kind: &str) -> String {
        self.word(NameOf::Event, &kind.replace('_', " "))
    }

    /// The question that a field of a kind is.
    #[must_use]
    pub fn field(&self, kind: &str, field: &str) -> String {
        let (kind, name) = (kind.replace('_', " "), field.replace('_', " "));
        self.said(self.codebook.labels.field(self.language.code(), &kind, &name), field)
    }

    /// An answer to a field.
    #[must_use]
    pub fn value(&self, field: &str, value: &str) -> String {
        self.said(self.codebook.labels.value(self.language.code(), &field.replace('_', " "), value), value)
    }

    /// What stands below the question of a field, if the codebook has something to say there; in English where the language has nothing.
    #[must_use]
    pub fn hint(&self, kind: &str, field: &str) -> Option<&'c str> {
        let labels = &self.codebook.labels;
        labels.hint(self.language.code(), kind, field).or_else(|| labels.hint(Language::En.code(), kind, field))
    }

    /// A role.
    #[must_use]
    pub fn role(&self, role: &str) -> String {
        self.word(NameOf::Role, role)
    }

    /// A class of subjects.
    #[must_use]
    pub fn class(&self, class: &str) -> String {
        self.word(NameOf::Subject, class)
    }

    /// A task list.
    #[must_use]
    pub fn flow(&self, flow: &str) -> String {
        self.word(NameOf::Flow, flow)
    }

    /// A work list.
    #[must_use]
    pub fn room(&self, room: &str) -> String {
        self.word(NameOf::Room, room)
    }

    /// A state.
    #[must_use]
    pub fn state(&self, state: &str) -> String {
        self.word(NameOf::State, state)
    }

    /// The title of a rule.
    #[must_use]
    pub fn rule(&self, rule: &str) -> String {
        self.word(NameOf::Rule, rule)
    }

    fn word(&self, of: NameOf, name: &str) -> String {
        self.said(self.codebook.labels.word(self.language.code(), of, name), name)
    }

    fn said(&self, word: Option<&str>, name: &str) -> String {
        word.map_or_else(|| in_words(name), |word| capital(word, self.language))
    }
}

/// With a capital letter at the beginning: that of `i` is `İ` in Azerbaijani.
fn capital(word: &str, language: Language) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some('i') if language == Language::Az => std::iter::once('İ').chain(letters).collect(),
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_is_that_of_the_language() {
        assert_eq!(capital("işgəncə", Language::Az), "İşgəncə");
        assert_eq!(capital("interview", Language::En), "Interview");
        assert_eq!(capital("осмотр врача", Language::Ru), "Осмотр врача");
        assert_eq!(capital("", Language::Ru), "");
    }
}
