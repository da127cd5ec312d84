//! One codebook in one language: its words, and for every name a word that is no other name's.

use super::Words;
use crate::i18n::{NameOf, slug};
use crate::tree::Codebook;
use std::collections::{HashMap, HashSet};

/// The words of a language with a codebook's names in it.
#[derive(Clone, Debug)]
pub struct Tongue {
    words: &'static Words,
    shown: HashMap<NameOf, HashMap<String, String>>,
    /// Names by how they are said, in small letters.
    heard: HashMap<NameOf, HashMap<String, String>>,
}

impl Tongue {
    /// A codebook in a language; `None` where there is no table of it.
    ///
    /// A name without a label is said as it is declared. Where two names of a kind have one label, each has its own name behind it.
    #[must_use]
    pub fn new(codebook: &Codebook, language: &str) -> Option<Tongue> {
        let words = super::words(language)?;
        let mut tongue = Tongue { words, shown: HashMap::new(), heard: HashMap::new() };
        let names = names(codebook);
        let label = |of: NameOf, name: &str| codebook.labels.word(language, of, name).unwrap_or(name).to_owned();
        let mut said: HashMap<(u8, String), HashSet<&str>> = HashMap::new();
        for (of, names) in &names {
            for name in names {
                said.entry((position(*of), words.small(&label(*of, name)))).or_default().insert(name);
            }
        }
        for (of, names) in &names {
            for name in names {
                let label = label(*of, name);
                let alone = said.get(&(position(*of), words.small(&label))).is_none_or(|names| names.len() == 1);
                let shown = if alone { label } else { format!("{label} ({name})") };
                tongue.heard.entry(*of).or_default().insert(words.small(&shown), (*name).to_owned());
                tongue.shown.entry(*of).or_default().insert((*name).to_owned(), shown);
            }
        }
        Some(tongue)
    }

    /// Ids of the messages that a codebook's words in a language still lack: one for each name of a field or value, whatever event has it.
    #[must_use]
    pub fn unsaid(codebook: &Codebook, language: &str) -> Vec<String> {
        let lacks = |(of, names): (NameOf, Vec<&str>)| {
            let names = names.into_iter().filter(move |name| codebook.labels.word(language, of, name).is_none());
            names.map(move |name| format!("{}-{}", of.prefix(), slug(name))).collect::<Vec<_>>()
        };
        names(codebook).into_iter().flat_map(lacks).collect()
    }

    /// The words of the language.
    #[must_use]
    pub fn words(&self) -> &'static Words {
        self.words
    }

    /// How a name is said.
    #[must_use]
    pub fn shown<'a>(&'a self, of: NameOf, name: &'a str) -> &'a str {
        self.shown.get(&of).and_then(|names| names.get(name)).map_or(name, String::as_str)
    }

    /// The name that is said so.
    pub(super) fn heard(&self, of: NameOf, said: &str) -> Option<&str> {
        self.heard.get(&of)?.get(&self.words.small(said)).map(String::as_str)
    }

    /// Whether a rule is called so.
    pub(super) fn is_rule(&self, id: &str) -> bool {
        self.shown.get(&NameOf::Rule).is_some_and(|rules| rules.contains_key(id))
    }
}

/// Names that may stand in one place of a sentence must not be said alike: values beside roles, subjects beside events.
fn position(of: NameOf) -> u8 {
    match of {
        NameOf::Value | NameOf::Role => 0,
        NameOf::Subject | NameOf::Event => 1,
        NameOf::Field => 2,
        NameOf::State => 3,
        NameOf::Item => 4,
        NameOf::Clock => 5,
        NameOf::Limit => 6,
        NameOf::Rule => 7,
        // Their names stand in their declarations alone.
        NameOf::Flow | NameOf::Room => 8,
    }
}

/// Every name of a codebook, by what it names; each once.
fn names(codebook: &Codebook) -> Vec<(NameOf, Vec<&str>)> {
    let mut rules: Vec<&str> = codebook.rules.iter().map(|rule| rule.id.as_str()).collect();
    rules.dedup();
    let events = codebook.kinds.iter().map(|kind| kind.name.as_str()).chain(codebook.aliases.iter().map(|alias| alias.name.as_str()));
    vec![
        (NameOf::Subject, codebook.classes.iter().map(|class| class.name.as_str()).collect()),
        (NameOf::Event, events.collect()),
        (NameOf::Field, codebook.field_names.iter().map(String::as_str).collect()),
        (NameOf::Value, codebook.value_names.iter().map(String::as_str).collect()),
        (NameOf::State, codebook.states.iter().map(|state| state.name.as_str()).collect()),
        (NameOf::Item, codebook.items.iter().map(|item| item.name.as_str()).collect()),
        (NameOf::Clock, codebook.clocks.iter().map(|clock| clock.name.as_str()).collect()),
        (NameOf::Limit, codebook.limits.iter().map(|limit| limit.name.as_str()).collect()),
        (NameOf::Role, codebook.roles.iter().map(|role| role.name.as_str()).collect()),
        (NameOf::Rule, rules),
    ]
}
