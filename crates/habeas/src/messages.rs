//! What the command line says about verdicts and law, in each language: `messages/LANG.ftl`, one message a line.
//!
//! A message is `id = text`; what stands right behind `=` belongs to the text when it is no single blank (` since …` begins with one).
//! `{ $name }` is filled by the program. Names of events, fields and states come from the codebook's own words.

use clap::ValueEnum;
use habeas_codebook::i18n::NameOf;
use habeas_codebook::moment::{Almanac, At, Moment, Precision};
use habeas_codebook::render::Tongue;
use habeas_codebook::tree::Codebook;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A language of the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Azerbaijani.
    Az,
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Language {
    /// The same language, as tables are told in it.
    #[must_use]
    pub fn of_tables(self) -> habeas_returns::phrases::Language {
        match self {
            Language::Az => habeas_returns::phrases::Language::Az,
            Language::En => habeas_returns::phrases::Language::En,
            Language::Ru => habeas_returns::phrases::Language::Ru,
        }
    }

    /// As BCP 47 writes it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::Az => "az",
            Language::En => "en",
            Language::Ru => "ru",
        }
    }
}

type Messages = HashMap<&'static str, &'static str>;

static AZERBAIJANI: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../messages/az.ftl")));
static ENGLISH: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../messages/en.ftl")));
static RUSSIAN: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../messages/ru.ftl")));

fn read(text: &'static str) -> Messages {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let messages = lines.filter_map(|line| line.split_once(" ="));
    messages.map(|(id, text)| (id, text.strip_prefix(' ').unwrap_or(text))).collect()
}

/// A codebook's verdicts in one language.
#[derive(Clone, Debug)]
pub struct Speech {
    messages: &'static Messages,
    tongue: Option<Tongue>,
}

impl Speech {
    /// In a language. English says names as they are declared.
    #[must_use]
    pub fn new(codebook: &Codebook, language: Language) -> Self {
        let messages: &'static Messages = match language {
            Language::Az => &AZERBAIJANI,
            Language::En => &ENGLISH,
            Language::Ru => &RUSSIAN,
        };
        let tongue = if language == Language::En { None } else { Tongue::new(codebook, language.code()) };
        Speech { messages, tongue }
    }

    /// The words for names, in another language than English.
    #[must_use]
    pub fn tongue(&self) -> Option<&Tongue> {
        self.tongue.as_ref()
    }

    /// A name in the language.
    #[must_use]
    pub fn name<'a>(&'a self, of: NameOf, name: &'a str) -> &'a str {
        self.tongue.as_ref().map_or(name, |tongue| tongue.shown(of, name))
    }

    /// A message with its holes filled.
    #[must_use]
    pub fn say(&self, id: &str, parts: &[(&str, &str)]) -> String {
        let mut text = Cow::Borrowed(self.messages.get(id).copied().unwrap_or_default());
        for (name, part) in parts {
            text = Cow::Owned(text.replace(&format!("{{ ${name} }}"), part));
        }
        text.into_owned()
    }

    /// When something happened, as exactly as it is known; `time` writes one moment.
    #[must_use]
    pub fn happened(&self, at: At, almanac: &Almanac, time: impl Fn(Moment) -> String) -> String {
        match at.precision {
            Precision::Exact => time(at.earliest),
            Precision::Day => self.say("hour-not-recorded", &[("date", &almanac.date(at.earliest).to_string())]),
            Precision::Range => self.say("between", &[("from", &time(at.earliest)), ("to", &time(at.latest))]),
            Precision::Unknown => self.say("time-not-recorded", &[]),
        }
    }

    /// Elapsed time as people say it: `45 min`, `1 h 31`, from 72 hours on `4 days`.
    #[must_use]
    pub fn spoken(&self, micros: i64) -> String {
        let seconds = micros / 1_000_000;
        let (id, n) = match seconds {
            ..60 => ("seconds", seconds),
            60..3600 => ("minutes", seconds / 60),
            3600..259_200 => {
                let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
                return self.say("hours", &[("h", &hours.to_string()), ("m", &format!("{minutes:02}"))]);
            }
            _ => ("days", seconds / 86_400),
        };
        self.say(id, &[("n", &n.to_string())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holes(text: &str) -> Vec<&str> {
        let mut holes: Vec<&str> = text.split("{ $").skip(1).filter_map(|rest| rest.split_once(" }")).map(|(hole, _)| hole).collect();
        holes.sort_unstable();
        holes
    }

    #[test]
    fn every_language_has_every_message_with_the_same_holes() {
        assert!(ENGLISH.len() > 50);
        for (language, messages) in [("az", &*AZERBAIJANI), ("ru", &*RUSSIAN)] {
            assert_eq!(messages.len(), ENGLISH.len(), "{language}");
            for (id, english) in ENGLISH.iter() {
                let said = messages.get(id).unwrap_or_else(|| panic!("{language}: {id}"));
                assert_eq!(holes(said), holes(english), "{language}: {id}");
            }
        }
    }
}
