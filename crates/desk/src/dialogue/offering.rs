//! Which table a question is offered. Only one that asks for a number is, and only where what it asks about is what the table is about: a
//! table beside the wrong question is worse than none.

use habeas_codebook::table::Table;
use habeas_codebook::tree::Codebook;
use std::collections::{BTreeSet, HashMap};

/// What a question says that asks for a number.
const NUMBER: [&str; 14] = [
    "how many",
    "how often",
    "how long",
    "how much",
    "number of",
    "numbers of",
    "figures",
    "statistics",
    "data on",
    "data, ",
    "percentage",
    "proportion",
    "what share",
    "rate of",
];

/// Words that tell nothing of the subject: those that ask, those of every dialogue, those of time and measure.
const PLAIN: &str = "about above after also been before between could does each first from have into many more much other part per since \
    some such than that their them there these they this those were what when which with would asked asking appreciate \
    welcome wished know like learn information data figures figure statistics statistical disaggregated broken down period \
    reporting year years annual annually proportion percentage share rate number numbers total average median length \
    longest long time times month months days hours hour given taken made done received issued report reports reported \
    state party committee delegation government country national case cases measure measures body bodies reply replies \
    question questions sent place places placed under over late end held kept person persons police";

/// Words that many tables may be about: such a word alone, beside words that only name persons, tells of none.
const WIDE: &str = "detention use request application recommendation decision decided right duties duty lawyer doctor visits convicted \
    sanction training population agent";
/// Words that name persons: together they are as wide as one.
const PERSONS: &str = "women woman children victim victims officer officers official officials staff";

/// Words that mean one thing to a table: the first of a line, and those for which it stands.
const ALIKE: &str = include_str!("../../words/alike.tsv");

/// The word that stands for it.
fn head(word: String) -> String {
    let alike = ALIKE.lines().filter_map(|line| line.split_once('\t')).find(|(_, alike)| is_of(alike, &word));
    alike.map_or(word, |(head, _)| head.to_owned())
}

/// The words of a text that tell of its subject, in their stems.
fn subject(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    let telling = words.filter(|word| word.chars().count() > 2 && !is_of(PLAIN, word));
    telling.map(head).filter(|word| word.chars().count() > 3 || word == "use").map(|word| super::answering::stem(&word)).collect()
}

fn is_of(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|one| one == word)
}

/// A table and its words.
struct Known<'c> {
    table: &'c Table,
    title: BTreeSet<String>,
    all: BTreeSet<String>,
}

/// Tables by the words of their titles and columns.
pub struct Offers<'c> {
    tables: Vec<Known<'c>>,
    wide: BTreeSet<String>,
    persons: BTreeSet<String>,
    counts: HashMap<String, usize>,
}

impl<'c> Offers<'c> {
    /// Of a codebook.
    #[must_use]
    pub fn of(codebook: &'c Codebook) -> Self {
        Offers::among(&codebook.tables)
    }

    fn among(tables: impl IntoIterator<Item = &'c Table>) -> Self {
        let known = |table: &'c Table| {
            let columns: String = table.columns.iter().map(|column| format!(" {}", column.name)).collect();
            Known { table, title: subject(&table.title), all: subject(&format!("{}{columns}", table.title)) }
        };
        let tables: Vec<Known<'c>> = tables.into_iter().map(known).collect();
        let mut counts: HashMap<String, usize> = HashMap::new();
        tables.iter().flat_map(|known| &known.all).for_each(|word| *counts.entry(word.clone()).or_default() += 1);
        Offers { tables, wide: subject(WIDE), persons: subject(PERSONS), counts }
    }

    /// The table that answers a question, if it is told surely. What leads in to a question's own words tells of the subject too, but not
    /// alone.
    #[must_use]
    pub fn answering(&self, question: &str) -> Option<&'c Table> {
        let own = habeas_review::own_words(question);
        let low = own.to_lowercase();
        if !NUMBER.iter().any(|cue| low.contains(cue)) {
            return None;
        }
        let (wanted, own) = (subject(question), subject(own));
        let scored = self.tables.iter().filter_map(|known| Some((self.fits(known, &wanted, &own)?, known.table)));
        scored.max_by(|one, other| one.0.cmp(&other.0).then_with(|| other.1.id.cmp(&one.1.id))).map(|(_, table)| table)
    }

    /// How well a table fits: how many of the words that it shares tell of it, and how rare all of them are. Nothing where it does not.
    fn fits(&self, known: &Known<'_>, wanted: &BTreeSet<String>, own: &BTreeSet<String>) -> Option<(usize, usize)> {
        let shared: Vec<&String> = wanted.intersection(&known.all).collect();
        let telling = shared.iter().filter(|word| !self.wide.contains(**word) && !self.persons.contains(**word)).count();
        let in_title = shared.iter().filter(|word| known.title.contains(**word)).count();
        let wide = shared.iter().any(|word| !self.persons.contains(*word) && known.title.contains(*word));
        let surely = in_title > 0 && shared.len() > 1 && (telling > 0 || in_title > 1 && wide);
        let rare = |word: &&&String| {
            let weight = 1_000 / self.counts.get(**word).copied().unwrap_or(1).max(1);
            weight * if known.title.contains(**word) { 2 } else { 1 } * if own.contains(**word) { 2 } else { 1 }
        };
        (surely && shared.iter().any(|word| own.contains(*word))).then(|| (telling, shared.iter().map(|word| rare(&word)).sum()))
    }
}
