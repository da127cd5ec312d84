//! The words of a document as the linker compares them: stems, and the groups of the thesaurus that they stand in. The same stem counts
//! in full, another word of the same group a little less; the rarer, the more.

use crate::model::{Paragraph, Role};
use crate::prose::{Token, is_empty_word, sentences, stem, tokens};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// The thesaurus: each line of it is a group of words that mean nearly the same in these dialogues; a word may stand in several.
static GROUPS: LazyLock<Groups> = LazyLock::new(|| {
    let mut of_stem: HashMap<String, Vec<u32>, RandomState> = HashMap::default();
    let mut count = 0;
    for (line, group) in include_str!("../../words/synonyms.txt").lines().zip(0..) {
        for word in line.split_whitespace() {
            let of = of_stem.entry(stem(word)).or_default();
            if !of.contains(&group) {
                of.push(group);
            }
        }
        count += 1;
    }
    Groups { of_stem, count }
});

struct Groups {
    /// In which groups a stem stands.
    of_stem: HashMap<String, Vec<u32>, RandomState>,
    count: usize,
}

/// Makes the thesaurus.
pub fn make_groups() {
    LazyLock::force(&GROUPS);
}

/// What a word of the same group counts, beside the same word.
const GROUP: f64 = 0.7;
/// What a word of a question weighs that no reply uses: it cannot tell one reply from another.
const UNUSED: f64 = 0.5;

/// The stems of a text and the groups that they stand in; sorted, each once.
#[derive(Clone, Debug, Default)]
pub struct Bag {
    pub stems: Vec<u32>,
    groups: Vec<u32>,
}

impl Bag {
    /// With all of another.
    pub fn extend(&mut self, other: &Bag) {
        self.stems.extend_from_slice(&other.stems);
        self.groups.extend_from_slice(&other.groups);
        self.tidy();
    }

    /// Without the stems of another.
    pub fn without(&mut self, other: &Bag) {
        self.stems.retain(|stem| other.stems.binary_search(stem).is_err());
    }

    fn tidy(&mut self) {
        for list in [&mut self.stems, &mut self.groups] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// All stems that were met, numbered.
#[derive(Default)]
pub struct Words {
    numbers: HashMap<String, u32, RandomState>,
    /// Each stem, by its number.
    pub names: Vec<String>,
    groups: Vec<&'static [u32]>,
    /// Where in `each` the stems of each word stand, so that a word is stemmed once.
    known: HashMap<String, Range<usize>, RandomState>,
    each: Vec<u32>,
}

impl Words {
    /// The words of a text.
    pub fn bag(&mut self, words: &[Token<'_>]) -> Bag {
        let mut bag = Bag::default();
        for word in words.iter().filter(|word| word.is_word()) {
            let known = self.known.get(&*word.low).cloned();
            let own = known.unwrap_or_else(|| self.learn(&word.low));
            for stem in &self.each[own] {
                bag.stems.push(*stem);
                bag.groups.extend_from_slice(self.groups[*stem as usize]);
            }
        }
        bag.tidy();
        bag
    }

    fn learn(&mut self, low: &str) -> Range<usize> {
        let from = self.each.len();
        if !is_empty_word(low) && low.len() > 2 {
            for part in low.split('-').filter(|part| !is_empty_word(part) && part.len() > 2) {
                let number = self.number(stem(part));
                self.each.push(number);
            }
        }
        let own = from..self.each.len();
        self.known.insert(low.to_owned(), own.clone());
        own
    }

    fn number(&mut self, name: String) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.groups.push(GROUPS.of_stem.get(&name).map_or(&[], Vec::as_slice));
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }
}

/// What two texts share.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shared {
    /// The weight of it.
    pub sum: f64,
    /// That of the heaviest word.
    pub most: f64,
    /// How many words.
    pub count: usize,
}

/// A sentence of the document.
pub struct Sentence {
    /// Where it stands in its paragraph.
    pub range: Range<usize>,
    /// Its words.
    pub bag: Bag,
}

/// How rare each stem and group is, and which replies use them.
pub struct Index {
    stems: Vec<f64>,
    groups: Vec<f64>,
    /// What the rarest word weighs.
    pub rarest: f64,
    /// For each stem and group, the paragraphs of the delegation that have it, ascending.
    using: [Vec<Vec<usize>>; 2],
    /// For each paragraph, its sentences.
    pub sentences: Vec<Vec<Sentence>>,
    /// For each paragraph, its words.
    pub bags: Vec<Bag>,
}

impl Index {
    /// Of all paragraphs.
    #[expect(clippy::cast_precision_loss, reason = "counts of paragraphs are far below 2^52")]
    pub fn of(paragraphs: &[Paragraph], words: &mut Words) -> Self {
        let mut counts: [Vec<usize>; 2] = [Vec::new(), vec![0; GROUPS.count]];
        let mut using: [Vec<Vec<usize>>; 2] = [Vec::new(), vec![Vec::new(); GROUPS.count]];
        let (mut all_sentences, mut bags) = (Vec::new(), Vec::new());
        for (at, paragraph) in paragraphs.iter().enumerate() {
            let mut all = Bag::default();
            let mut own = Vec::new();
            for range in sentences(&paragraph.text) {
                let bag = words.bag(&tokens(&paragraph.text[range.clone()]));
                all.stems.extend_from_slice(&bag.stems);
                all.groups.extend_from_slice(&bag.groups);
                own.push(Sentence { range, bag });
            }
            all.tidy();
            counts[0].resize(words.names.len(), 0);
            using[0].resize(words.names.len(), Vec::new());
            for (list, (counts, using)) in [&all.stems, &all.groups].into_iter().zip(counts.iter_mut().zip(&mut using)) {
                for word in list {
                    counts[*word as usize] += 1;
                    if paragraph.role == Role::Delegation {
                        using[*word as usize].push(at);
                    }
                }
            }
            all_sentences.push(own);
            bags.push(all);
        }
        let paragraphs = paragraphs.len().max(1) as f64;
        let [stems, groups] = counts.map(|counts| counts.into_iter().map(|count| (1.0 + paragraphs / count.max(1) as f64).ln()).collect());
        Index { stems, groups, rarest: (1.0 + paragraphs).ln(), using, sentences: all_sentences, bags }
    }

    /// What a stem weighs.
    pub fn weight(&self, stem: u32) -> f64 {
        self.stems.get(stem as usize).copied().unwrap_or(self.rarest)
    }

    /// What all stems weigh.
    pub fn sum(&self, bag: &Bag) -> f64 {
        bag.stems.iter().map(|stem| self.weight(*stem)).sum()
    }

    /// The same, where a word that no reply uses counts less.
    pub fn sum_used(&self, bag: &Bag, words: &Words) -> f64 {
        let is_used = |list: usize, word: u32| self.using[list].get(word as usize).is_some_and(|using| !using.is_empty());
        let used = |stem: u32| is_used(0, stem) || words.groups[stem as usize].iter().any(|group| is_used(1, *group));
        bag.stems.iter().map(|stem| self.weight(*stem) * if used(*stem) { 1.0 } else { UNUSED }).sum()
    }

    /// What a text has of the words of another.
    pub fn shared(&self, own: &Bag, other: &Bag, words: &Words) -> Shared {
        let mut shared = Shared::default();
        for stem in &own.stems {
            let weight = if other.stems.binary_search(stem).is_ok() {
                self.weight(*stem)
            } else {
                let groups = words.groups[*stem as usize].iter().filter(|group| other.groups.binary_search(group).is_ok());
                GROUP * groups.map(|group| self.groups[*group as usize]).fold(0.0, f64::max).min(self.weight(*stem))
            };
            if weight > 0.0 {
                shared.sum += weight;
                shared.most = shared.most.max(weight);
                shared.count += 1;
            }
        }
        shared
    }

    /// The paragraphs of the delegation in a range that have a word of a text, ascending.
    pub fn having(&self, bag: &Bag, range: &Range<usize>) -> Vec<usize> {
        let mut found = Vec::new();
        for (list, using) in [&bag.stems, &bag.groups].into_iter().zip(&self.using) {
            for word in list {
                let using = using.get(*word as usize).map_or(&[][..], Vec::as_slice);
                let from = using.partition_point(|at| *at < range.start);
                let to = using.partition_point(|at| *at < range.end);
                found.extend_from_slice(&using[from..to.max(from)]);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
