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
    pub groups: Vec<&'static [u32]>,
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

/// Which texts have each word: for each stem and each group, their numbers, ascending.
pub struct Having {
    stems: Lists,
    groups: Lists,
    texts: usize,
}

/// A list for each word, one behind the other.
struct Lists {
    /// Where the list of each word begins in `items`.
    starts: Vec<usize>,
    items: Vec<usize>,
}

impl Lists {
    /// Of the words of each text.
    fn of<'a>(texts: impl Iterator<Item = &'a [u32]> + Clone) -> Self {
        let mut starts = Vec::new();
        for word in texts.clone().flatten() {
            let after = *word as usize + 2;
            if starts.len() < after {
                starts.resize(after, 0);
            }
            starts[after - 1] += 1;
        }
        let mut all = 0;
        for start in &mut starts {
            all += *start;
            *start = all;
        }
        let mut next = starts.clone();
        let mut items = vec![0; all];
        for (at, words) in texts.enumerate() {
            for word in words {
                let place = &mut next[*word as usize];
                items[*place] = at;
                *place += 1;
            }
        }
        Lists { starts, items }
    }

    /// The texts of a range that have a word.
    fn get(&self, word: u32, range: &Range<usize>) -> &[usize] {
        let word = word as usize;
        let (Some(start), Some(end)) = (self.starts.get(word), self.starts.get(word + 1)) else { return &[] };
        let list = &self.items[*start..*end];
        let from = list.partition_point(|text| *text < range.start);
        let to = from + list[from..].partition_point(|text| *text < range.end);
        &list[from..to]
    }
}

impl Having {
    /// Of texts in order.
    pub fn of<'a>(bags: impl Iterator<Item = &'a Bag> + Clone) -> Self {
        let stems = Lists::of(bags.clone().map(|bag| bag.stems.as_slice()));
        let groups = Lists::of(bags.clone().map(|bag| bag.groups.as_slice()));
        Having { stems, groups, texts: bags.count() }
    }
}

/// What each of many texts shares with one, reckoned for all of them at once: only those are looked at that have a word of it.
#[derive(Default)]
pub struct Sharing {
    each: Vec<Shared>,
    /// For which word each text was looked at last, as a stem and as a group.
    by_stem: Vec<usize>,
    by_group: Vec<usize>,
    best: Vec<f64>,
    touched: Vec<usize>,
    /// Those that share anything, ascending.
    pub some: Vec<usize>,
    turn: usize,
}

impl Sharing {
    /// What a text shares, which was in a range that was asked for.
    pub fn of(&self, text: usize) -> Shared {
        self.each[text]
    }

    /// Forgets all, before what is shared with another text is reckoned.
    pub fn begin(&mut self, texts: &Having) {
        let texts = texts.texts;
        for text in self.some.drain(..) {
            self.each[text] = Shared::default();
        }
        self.each.resize(texts, Shared::default());
        self.by_stem.resize(texts, 0);
        self.by_group.resize(texts, 0);
        self.best.resize(texts, 0.0);
    }

    fn add(&mut self, text: usize, weight: f64) {
        let shared = &mut self.each[text];
        if shared.count == 0 {
            self.some.push(text);
        }
        shared.sum += weight;
        shared.most = shared.most.max(weight);
        shared.count += 1;
    }
}

/// How rare each stem and group is, and which replies use them.
pub struct Index {
    stems: Vec<f64>,
    groups: Vec<f64>,
    /// What the rarest word weighs.
    pub rarest: f64,
    /// Which paragraphs of the delegation have each word.
    pub replies: Having,
    /// Which sentences have it, of the first of each paragraph, counted on from one to the next.
    pub sentences_having: Having,
    /// Where those of each paragraph begin.
    pub first: Vec<usize>,
    /// For each paragraph, its sentences.
    pub sentences: Vec<Vec<Sentence>>,
    /// For each paragraph, its words.
    pub bags: Vec<Bag>,
}

/// So many sentences of a reply are compared with a question: the longest have thirty, and the work stays linear.
const SENTENCES: usize = 200;

impl Index {
    /// Of all paragraphs.
    #[expect(clippy::cast_precision_loss, reason = "counts of paragraphs are far below 2^52")]
    pub fn of(paragraphs: &[Paragraph], words: &mut Words) -> Self {
        let (mut all_sentences, mut bags) = (Vec::new(), Vec::new());
        for paragraph in paragraphs {
            let mut all = Bag::default();
            let mut own = Vec::new();
            for range in sentences(&paragraph.text) {
                let bag = words.bag(&tokens(&paragraph.text[range.clone()]));
                all.stems.extend_from_slice(&bag.stems);
                all.groups.extend_from_slice(&bag.groups);
                own.push(Sentence { range, bag });
            }
            all.tidy();
            all_sentences.push(own);
            bags.push(all);
        }
        let mut counts: [Vec<usize>; 2] = [vec![0; words.names.len()], vec![0; GROUPS.count]];
        for bag in &bags {
            bag.stems.iter().for_each(|stem| counts[0][*stem as usize] += 1);
            bag.groups.iter().for_each(|group| counts[1][*group as usize] += 1);
        }
        let count = paragraphs.len().max(1) as f64;
        let [stems, groups] = counts.map(|counts| counts.into_iter().map(|of| (1.0 + count / of.max(1) as f64).ln()).collect());
        let none = Bag::default();
        let replies = bags.iter().zip(paragraphs).map(|(bag, of)| if of.role == Role::Delegation { bag } else { &none });
        let replies = Having::of(replies);
        let compared = |own: &Vec<Sentence>| own.len().min(SENTENCES);
        let first = all_sentences.iter().scan(0, |all, own| {
            let first = *all;
            *all += compared(own);
            Some(first)
        });
        let first = first.chain([all_sentences.iter().map(compared).sum()]).collect();
        let sentences_having = Having::of(all_sentences.iter().flat_map(|own| own.iter().take(SENTENCES)).map(|sentence| &sentence.bag));
        Index { stems, groups, rarest: (1.0 + count).ln(), replies, sentences_having, first, sentences: all_sentences, bags }
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
        let all = 0..usize::MAX;
        let used = |stem: u32| {
            !self.replies.stems.get(stem, &all).is_empty()
                || words.groups[stem as usize].iter().any(|group| !self.replies.groups.get(*group, &all).is_empty())
        };
        bag.stems.iter().map(|stem| self.weight(*stem) * if used(*stem) { 1.0 } else { UNUSED }).sum()
    }

    /// What one text has of the words of another.
    pub fn shared_by(&self, own: &Bag, other: &Bag, groups: &[&'static [u32]]) -> Shared {
        let mut shared = Shared::default();
        for stem in &own.stems {
            let weight = if other.stems.binary_search(stem).is_ok() {
                self.weight(*stem)
            } else {
                let of_both = groups[*stem as usize].iter().filter(|group| other.groups.binary_search(group).is_ok());
                GROUP * of_both.map(|group| self.groups[*group as usize]).fold(0.0, f64::max).min(self.weight(*stem))
            };
            if weight > 0.0 {
                shared.sum += weight;
                shared.most = shared.most.max(weight);
                shared.count += 1;
            }
        }
        shared
    }

    /// What each text of a range has of the words of another: its stems, or other words of a group that they stand in. What was reckoned
    /// of texts of other ranges stays.
    pub fn shared(&self, own: &Bag, words: &Words, having: &Having, range: &Range<usize>, found: &mut Sharing) {
        for stem in &own.stems {
            found.turn += 1;
            let turn = found.turn;
            let weight = self.weight(*stem);
            for text in having.stems.get(*stem, range) {
                found.by_stem[*text] = turn;
                found.add(*text, weight);
            }
            for group in words.groups[*stem as usize] {
                let of_group = self.groups[*group as usize];
                for text in having.groups.get(*group, range).iter().copied() {
                    if found.by_stem[text] == turn {
                        continue;
                    }
                    if found.by_group[text] != turn {
                        found.by_group[text] = turn;
                        found.best[text] = 0.0;
                        found.touched.push(text);
                    }
                    found.best[text] = found.best[text].max(of_group);
                }
            }
            let mut touched = std::mem::take(&mut found.touched);
            for text in touched.drain(..) {
                found.add(text, GROUP * found.best[text].min(weight));
            }
            found.touched = touched;
        }
        found.some.sort_unstable();
    }
}
