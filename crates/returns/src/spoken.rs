//! A table in another language, for people: titles, columns, answers and units in the words of the codebook's translations, sentences in
//! our own. What machines read (codes, names of files) stays; where a word is not translated, the codebook's own stands.
//!
//! Messages of a pack beside those for events, fields and values: `table-r01` is a title, `column-r01-custodies` (or `column-custodies`,
//! for every table) a column, `trap-r01-1` the first trap, `left-out-r01-1` the reason of the first thing left out,
//! `body-committee-against-torture` a body that asks for tables.

use crate::cells::{NOT_RECORDED, Return};
use crate::phrases::{self, Language, Phrase};
use habeas_codebook::i18n::{NameOf, slug};
use habeas_codebook::tree::Codebook;

/// The table, told in a language.
#[must_use]
pub fn spoken(made: &Return, codebook: &Codebook, language: Language) -> Return {
    let mut told = made.clone();
    told.language = language;
    if language == Language::En {
        return told;
    }
    let words = Words { codebook, language };
    let id = slug(&made.id);
    words.put(&mut told.title, &format!("table-{id}"));
    for (place, trap) in told.traps.iter_mut().enumerate() {
        words.put(trap, &format!("trap-{id}-{}", place + 1));
    }
    for (place, left) in told.left_out.iter_mut().enumerate() {
        words.put(&mut left.because, &format!("left-out-{id}-{}", place + 1));
    }
    for asking in &mut told.asked_by {
        *asking = body(codebook, language, asking);
    }
    for said in &mut told.collapsed {
        *said = words.plain(said);
    }
    for column in &mut told.columns {
        column.unit = words.unit(&column.unit, &id);
        column.name = words.column(&column.name, &id);
    }
    for dimension in &mut told.dimensions {
        dimension.labels = dimension.codes.iter().map(|code| words.code(&dimension.words, code)).collect();
        dimension.label = words.dimension(&dimension.words);
        dimension.words.clone_from(&dimension.label);
    }
    told
}

/// A body that asks for tables, as it is called in a language.
#[must_use]
pub fn body(codebook: &Codebook, language: Language, name: &str) -> String {
    let mut told = name.to_owned();
    Words { codebook, language }.put(&mut told, &format!("body-{}", slug(name)));
    told
}

/// The table in each language but its own that the codebook has words in.
#[must_use]
pub fn in_other_languages(made: &Return, codebook: &Codebook) -> Vec<Return> {
    let has = |language: &Language| codebook.labels.languages().any(|known| known == language.code());
    let others = Language::ALL.into_iter().filter(|language| *language != made.language && has(language));
    others.map(|language| spoken(made, codebook, language)).collect()
}

struct Words<'c> {
    codebook: &'c Codebook,
    language: Language,
}

impl Words<'_> {
    fn message(&self, id: &str) -> Option<String> {
        self.codebook.labels.message(self.language.code(), id).map(str::to_owned)
    }

    fn word(&self, of: NameOf, name: &str) -> Option<String> {
        self.codebook.labels.word(self.language.code(), of, name).map(str::to_owned)
    }

    fn put(&self, text: &mut String, id: &str) {
        if let Some(said) = self.message(id) {
            *text = said;
        }
    }

    /// A text that is one of our own phrases.
    fn plain(&self, english: &str) -> String {
        phrases::known(english).map_or_else(|| english.to_owned(), |phrase| phrases::say(self.language, phrase, &[]))
    }

    fn column(&self, name: &str, id: &str) -> String {
        let own = self.message(&format!("column-{id}-{}", slug(name)));
        own.or_else(|| self.message(&format!("column-{}", slug(name)))).unwrap_or_else(|| name.to_owned())
    }

    fn unit(&self, unit: &str, id: &str) -> String {
        if let Some(rest) = unit.strip_prefix("days of ") {
            return phrases::say(self.language, Phrase::DaysOf, &[&self.unit(rest, id)]);
        }
        if let Some((scale, of)) = unit.strip_prefix("per ").and_then(|rest| rest.split_once(' ')) {
            return phrases::say(self.language, Phrase::Per, &[scale, &self.column(of, id)]);
        }
        let named = self.word(NameOf::Subject, unit).or_else(|| self.word(NameOf::Event, unit)).or_else(|| self.word(NameOf::Field, unit));
        named.map_or_else(|| self.plain(unit), |word| lower(&word))
    }

    fn dimension(&self, words: &str) -> String {
        let of_field = words.split_once(" of the ").and_then(|(field, of)| {
            let own = self.codebook.labels.field(self.language.code(), of, field).map(str::to_owned);
            own.or_else(|| self.word(NameOf::Field, field))
        });
        if words == "age of the person" {
            return self.plain("age");
        }
        let named = of_field.or_else(|| self.word(NameOf::State, words));
        named.map_or_else(|| self.plain(words), |word| lower(word.trim_end_matches('?')))
    }

    /// A code as people read it.
    fn code(&self, dimension: &str, code: &str) -> String {
        if code == NOT_RECORDED {
            return self.plain("not recorded");
        }
        if dimension == "rule" {
            return self.word(NameOf::Rule, code).unwrap_or_else(|| code.to_owned());
        }
        let field = if dimension == "kind of place" { "type" } else { dimension.split(" of the ").next().unwrap_or_default() };
        let labels = &self.codebook.labels;
        let read = code.replace('_', " ");
        let named = labels.value(self.language.code(), field, code).or_else(|| labels.value(self.language.code(), field, &read));
        named.map_or_else(|| self.plain(&read), lower)
    }
}

/// With a small first letter, as inside a row; abbreviations keep theirs.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let rest = letters.as_str();
    if rest.chars().next().is_some_and(char::is_uppercase) { text.to_owned() } else { first.to_lowercase().chain(rest.chars()).collect() }
}
