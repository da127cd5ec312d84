//! Parts what a cue asks into separate things: a new word that asks, a new infinitive of asking, a new head noun, a new verb.

use crate::prose::{Token, tokens};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// One thing asked, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
}

static ASKABLE: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("../words/askable.txt").split_whitespace().collect());

const ASKING: [&str; 9] = ["whether", "how", "what", "which", "who", "whom", "whose", "why", "when"];
const PREPOSITIONS: [&str; 18] = [
    "of",
    "on",
    "about",
    "for",
    "in",
    "under",
    "by",
    "from",
    "to",
    "at",
    "with",
    "as",
    "regarding",
    "concerning",
    "into",
    "since",
    "until",
    "after",
];
const INFINITIVES: [&str; 30] = [
    "know",
    "learn",
    "hear",
    "have",
    "receive",
    "see",
    "obtain",
    "explain",
    "comment",
    "provide",
    "describe",
    "indicate",
    "clarify",
    "give",
    "say",
    "specify",
    "confirm",
    "share",
    "elaborate",
    "be",
    "ask",
    "understand",
    "tell",
    "inform",
    "state",
    "outline",
    "supply",
    "respond",
    "report",
    "find",
];
const DETERMINERS: [&str; 18] = [
    "the",
    "a",
    "an",
    "any",
    "its",
    "their",
    "his",
    "her",
    "more",
    "further",
    "other",
    "additional",
    "some",
    "such",
    "each",
    "details",
    "information",
    "examples",
];

/// So many words of a sentence are looked at around each place: the longest have two hundred, and the work stays linear.
const FAR: usize = 500;

/// The text of a stretch, read as words.
struct Stretch<'a> {
    words: &'a [Token<'a>],
    /// First word after the cue.
    asks: usize,
    /// Whether verbs part: `ratify A and adopt B`.
    verbs: bool,
}

fn low<'w>(words: &'w [Token<'_>], at: usize) -> &'w str {
    words.get(at).map_or("", |word| &*word.low)
}

/// Parts a stretch; the cue ends at byte `after`. Where an encouragement is parted, new verbs part it too.
#[must_use]
pub fn pieces(text: &str, after: usize, verbs: bool) -> Vec<Piece> {
    let words = tokens(text);
    let asks = words.iter().position(|word| word.at.start >= after).unwrap_or(words.len());
    let stretch = Stretch { words: &words, asks, verbs };
    let mut starts = vec![0];
    let mut at = asks.max(1);
    while at < words.len() {
        let last = starts.last().copied().unwrap_or(0);
        if let Some(next) = stretch.boundary(at, last.max(asks)).filter(|_| last == 0 || at >= last + 2) {
            starts.push(at);
            at = next;
        }
        at += 1;
    }
    starts.push(words.len());
    starts.windows(2).filter_map(|pair| piece(text, &words, pair[0]..pair[1])).collect()
}

/// Words that only join are taken off the ends.
fn piece(text: &str, words: &[Token<'_>], range: Range<usize>) -> Option<Piece> {
    let joins =
        |word: &Token<'_>| matches!(&*word.low, "," | ";" | "and" | "or" | "so" | "." | "as" | "well" | "than" | "he" | "she" | ":");
    let mut start = range.start;
    let mut end = range.end;
    while start < end && (joins(&words[start]) && !(words[start].low == "as" && low(words, start + 1) == "to")) {
        start += 1;
    }
    while end > start && (joins(&words[end - 1]) || words[end - 1].low == "also") {
        end -= 1;
    }
    (start < end).then(|| Piece { text: text[words[start].at.start..words[end - 1].at.end].to_owned() })
}

impl Stretch<'_> {
    /// Whether a new thing begins at word `at` (a separator); the last one began at `start`. Gives how far to go on.
    fn boundary(&self, at: usize, start: usize) -> Option<usize> {
        let words = self.words;
        if at <= self.asks || at == start {
            return None;
        }
        let word = low(words, at);
        match word {
            ";" => return Some(at),
            "including" => return self.including(at).then_some(at),
            "as" if low(words, at + 1) == "well" && low(words, at + 2) == "as" => return self.opens(at + 3, start, true).then_some(at + 2),
            "together" | "along" if low(words, at + 1) == "with" => return self.opens(at + 2, start, true).then_some(at + 1),
            "," | "and" | "or" => {}
            _ => return None,
        }
        if word == "," && self.is_condition(start, at) {
            return None;
        }
        let mut next = at + 1;
        let mut strong = word == "and";
        while matches!(low(words, next), "and" | "," | "also" | "lastly" | "finally" | "in" | "more" | "then")
            && (low(words, next) != "in" || matches!(low(words, next + 1), "particular" | "that"))
            && (low(words, next) != "more" || low(words, next + 1) == "generally")
        {
            strong |= low(words, next) == "and";
            if matches!(low(words, next), "in" | "more") {
                next += 1;
            }
            next += 1;
        }
        if word == "or" && !matches!(low(words, next), "how" | "what" | "why") {
            return None;
        }
        if low(words, next) == "if" && matches!(low(words, next + 1), "so" | "not") {
            return (strong || word == ",").then_some(next + 3);
        }
        if low(words, next) == "if" && strong && low(words, start) == "if" {
            return Some(next);
        }
        self.opens(next, start, strong).then_some(next)
    }

    /// Whether what begins at `next` is a thing of its own; `strong` where an `and` stands before it.
    fn opens(&self, next: usize, start: usize, strong: bool) -> bool {
        self.asks_anew(next, start, strong)
            || (strong || low(self.words, next) == "to") && self.infinitive(next)
            || (strong || self.lists_preposition(next)) && self.same_preposition(next, start)
            || self.new_head(next, start, strong)
            || (self.verbs || self.repeats("to", start, next)) && strong && low(self.words, next) == "to" && self.new_verb(next)
            || self.verbs && strong && self.new_verb(next)
            || self.inverted(next)
            || self.tells_anew(next, start)
    }

    /// `If an application went through the guardian, how …`: a clause that only leads to what is asked.
    fn is_condition(&self, start: usize, at: usize) -> bool {
        start == 0
            && matches!(low(self.words, 0), "if" | "since" | "given" | "as" | "while" | "although" | "when")
            && !(1..at.min(FAR)).any(|at| ASKING.contains(&low(self.words, at)))
    }

    fn piece_asks(&self, start: usize) -> bool {
        (start..start + 5).any(|at| ASKING.contains(&low(self.words, at)))
    }

    /// A word that asks, also behind a preposition: `whether …`, `under which …`, `of whom how many …`.
    fn asks_anew(&self, next: usize, start: usize, strong: bool) -> bool {
        let words = self.words;
        let one = low(words, next);
        let behind = PREPOSITIONS.contains(&one) && ASKING.contains(&low(words, next + 1));
        let word = if behind { low(words, next + 1) } else { one };
        if word == "where" && (strong || self.lists_asking(next + 1)) && !self.repeats("where", start, next) {
            return self.piece_asks(start);
        }
        if !ASKING.contains(&word) {
            return false;
        }
        match word {
            "whether" | "how" | "why" => true,
            "what" => true,
            // A relative clause: `persons who had come and who had gone`, `the centre, which was open`.
            _ if self.repeats(word, start + 1, next) && !behind => false,
            _ if strong => !(matches!(word, "which" | "who" | "when") && !behind && !self.piece_asks(start) && !self.lists_asking(next)),
            // `…, to which countries`: the preposition tells that the noun is asked for.
            "which" if behind => self.piece_asks(start) && self.is_which_of(next + 2),
            _ => {
                !behind
                    && self.piece_asks(start)
                    && self.has_verb(start, next)
                    && self.lists_asking(next + 1)
                    && (word != "which" || self.is_which_of(next + 1))
            }
        }
    }

    /// Whether a stretch has a verb: `whether the centre, which …` has none yet, so that what follows belongs to the noun.
    fn has_verb(&self, start: usize, end: usize) -> bool {
        const VERBS: [&str; 18] = [
            "was", "were", "is", "are", "had", "has", "have", "did", "does", "do", "would", "could", "should", "might", "may", "must",
            "can", "sat",
        ];
        (start.max(end.saturating_sub(FAR))..end).any(|at| VERBS.contains(&low(self.words, at)) || low(self.words, at).ends_with("ed"))
    }

    /// `which public body`, not `which was open`, `which the law allowed`.
    fn is_which_of(&self, noun: usize) -> bool {
        let word = low(self.words, noun);
        let clause = [
            "was", "were", "had", "is", "are", "has", "have", "would", "could", "should", "might", "must", "did", "the", "a", "an", "it",
            "they", "he", "she", "in", "it", "no", "not", "also", "only", "then", "there", "this", "that", "its", "their",
        ];
        !clause.contains(&word) && !word.ends_with("ed") && self.words.get(noun).is_some_and(Token::is_word)
    }

    /// Whether a word of asking follows later behind an `and`: a list of questions, not a clause.
    fn lists_asking(&self, from: usize) -> bool {
        let words = self.words;
        (from..words.len().min(from + FAR)).any(|at| {
            let asks = |next: usize| ASKING.contains(&low(words, next)) || low(words, next) == "if" && low(words, next + 1) == "so";
            low(words, at) == "and" && (at + 1..at + 4).any(asks)
        })
    }

    fn repeats(&self, word: &str, start: usize, end: usize) -> bool {
        (start.max(end.saturating_sub(FAR))..end).any(|at| low(self.words, at) == word)
    }

    /// `and to learn …`, `and (to) explain …`, `and would like …`.
    fn infinitive(&self, next: usize) -> bool {
        let words = self.words;
        low(words, next) == "to" && INFINITIVES.contains(&low(words, next + 1))
            || INFINITIVES.contains(&low(words, next))
                && !matches!(low(words, next), "state" | "report" | "share" | "have" | "be" | "see" | "supply")
    }

    /// `…, and was it independent?`: a verb before its subject, in a sentence that ends with a mark of question.
    fn inverted(&self, next: usize) -> bool {
        let words = self.words;
        const VERBS: [&str; 17] = [
            "was", "were", "is", "are", "did", "does", "do", "had", "has", "have", "could", "can", "would", "will", "should", "might",
            "must",
        ];
        const SUBJECTS: [&str; 24] = [
            "it", "they", "he", "she", "there", "the", "its", "their", "any", "that", "anyone", "anybody", "anything", "these", "those",
            "this", "such", "all", "women", "men", "people", "persons", "children", "everyone",
        ];
        let verb = VERBS.contains(&low(words, next));
        let subject = SUBJECTS.contains(&low(words, next + 1));
        verb && (subject || self.is_plural_subject(next + 1)) && words.last().is_some_and(|last| last.low == "?")
    }

    /// `were village elders involved`: a noun in the plural within two words, and a verb or a preposition behind it.
    fn is_plural_subject(&self, at: usize) -> bool {
        let is_noun =
            |at: usize| low(self.words, at).ends_with('s') && low(self.words, at).len() > 3 && !low(self.words, at).ends_with("ss");
        let plain = |at: usize| self.words.get(at).is_some_and(Token::is_word) && !low(self.words, at).ends_with("ed");
        let noun = if is_noun(at) { at } else { at + 1 };
        let behind = low(self.words, noun + 1);
        plain(at) && is_noun(noun) && (behind.ends_with("ed") || behind.ends_with("en") || behind.ends_with("ing") || behind == "in")
    }

    /// `grateful for A, for B and for C`: the preposition comes once more behind an `and`.
    fn lists_preposition(&self, next: usize) -> bool {
        let word = low(self.words, next);
        let comes = |at: usize| low(self.words, at) == "and" && (at + 1..at + 3).any(|at| low(self.words, at) == word);
        matches!(word, "of" | "on" | "about" | "for" | "regarding" | "concerning")
            && (next + 1..self.words.len().min(next + FAR)).any(comes)
    }

    /// `an account of A and of B`, `information on A and on B`.
    fn same_preposition(&self, next: usize, start: usize) -> bool {
        let word = low(self.words, next);
        let behind = low(self.words, next + 1);
        let told = matches!(behind, "confirmation" | "clarification" | "assurances" | "figures" | "statistics" | "data" | "news");
        let determined = word != "of" && word != "for" || DETERMINERS.contains(&behind) || ASKING.contains(&behind) || told;
        matches!(word, "of" | "on" | "about" | "for" | "regarding" | "concerning")
            && determined
            && (self.repeats(word, start.saturating_sub(1), next)
                || matches!(word, "on" | "about" | "regarding" | "concerning") && self.repeats(word, self.asks.saturating_sub(1), next))
    }

    /// `an explanation of …`, `and information on …`: a word for what is told, and what it is to tell of, is a thing of its own wherever a
    /// phrase like it was asked for before.
    fn tells_anew(&self, next: usize, start: usize) -> bool {
        const TOLD: [&str; 14] = [
            "information",
            "details",
            "explanation",
            "explanations",
            "figures",
            "statistics",
            "data",
            "account",
            "description",
            "comments",
            "clarification",
            "examples",
            "update",
            "news",
        ];
        let told = |at: usize| {
            let at = if DETERMINERS.contains(&low(self.words, at)) && !TOLD.contains(&low(self.words, at)) { at + 1 } else { at };
            TOLD.contains(&low(self.words, at))
                && matches!(low(self.words, at + 1), "on" | "of" | "about" | "for" | "concerning" | "regarding")
        };
        told(next) && (told(start) || (start + 1..start + 4).any(told))
    }

    /// A noun phrase with a head of its own, where the piece before is one too: `the number of transfers and the cost of each`.
    fn new_head(&self, next: usize, start: usize, strong: bool) -> bool {
        let words = self.words;
        let determined = DETERMINERS.contains(&low(words, next));
        let clause = self.piece_asks(start) || self.piece_asks(self.asks);
        if clause && !matches!(low(words, next), "its" | "their") && (!strong || self.has_verb_after(next)) {
            return false;
        }
        let (head, post) = self.head(next);
        let askable = ASKABLE.contains(head)
            || (next + 1..next + 4).any(|at| ASKABLE.contains(&low(words, at))) && determined && self.within_phrase(next);
        let named = head.ends_with("ing") && post == "of";
        if matches!(low(words, next), "its" | "their") && !askable {
            return false;
        }
        let between = (start.max(next.saturating_sub(FAR))..next).any(|at| low(words, at) == "between");
        let long = post == "of" || post == "for" || post == "in" || post == "on" || post == "to" || post == "taken" || post == "with";
        let proper = words.get(next + 1).is_some_and(|word| word.capital);
        let stands = askable && (determined || long) || named || determined && post == "of" && !proper && !clause;
        stands && !between && (strong || determined) && self.is_noun_phrase(start, next)
    }

    /// Whether a verb follows before the next separator: then the words are its subject, not a thing asked for.
    fn has_verb_after(&self, next: usize) -> bool {
        (next..self.words.len().min(next + FAR))
            .map(|at| low(self.words, at))
            .take_while(|word| !matches!(*word, "," | ";"))
            .any(|word| matches!(word, "was" | "were" | "had" | "would" | "could" | "is" | "are" | "did" | "should" | "might"))
    }

    /// Whether the word that may be asked for stands in the first phrase behind `from`, before any preposition.
    fn within_phrase(&self, from: usize) -> bool {
        let words = self.words;
        let end = (from + 1..from + 4).find(|at| PREPOSITIONS.contains(&low(words, *at))).unwrap_or(from + 4);
        (from + 1..end).any(|at| ASKABLE.contains(&low(words, at)))
    }

    /// Whether the piece so far is a noun phrase without a clause whose object the next words could be.
    fn is_noun_phrase(&self, start: usize, next: usize) -> bool {
        let behind = |at: usize| at > 0 && PREPOSITIONS.contains(&low(self.words, at - 1));
        !(start.max(next.saturating_sub(FAR))..next)
            .any(|at| matches!(low(self.words, at), "whether" | "that" | "which" | "who") && !behind(at))
    }

    /// The last noun before a preposition or mark, and what stands behind it.
    fn head(&self, from: usize) -> (&str, &str) {
        let words = self.words;
        let mut at = from;
        while at < from + 7 && at < words.len() {
            let word = low(words, at);
            let ends = PREPOSITIONS.contains(&word) && word != "as"
                || !words[at].is_word()
                || matches!(
                    word,
                    "and"
                        | "that"
                        | "which"
                        | "who"
                        | "taken"
                        | "made"
                        | "adopted"
                        | "available"
                        | "was"
                        | "were"
                        | "had"
                        | "would"
                        | "could"
                        | "imposed"
                        | "given"
                        | "received"
                );
            if ends && at > from {
                return (low(words, at - 1), word);
            }
            at += 1;
        }
        (low(words, at.saturating_sub(1)), "")
    }

    /// `including whether …`, `including its findings`; `including A or B` only lists.
    fn including(&self, at: usize) -> bool {
        let next = low(self.words, at + 1);
        let (head, _) = self.head(at + 1);
        ASKING.contains(&next)
            || matches!(next, "its" | "their") && ASKABLE.contains(head)
            || next == "the" && ASKABLE.contains(head) && !matches!(head, "cases" | "case" | "use")
    }

    /// `to ratify A and (to) adopt B`: a verb that is no noun of the phrase before.
    fn new_verb(&self, next: usize) -> bool {
        const VERBS: [&str; 52] = [
            "ratify",
            "accede",
            "adopt",
            "consider",
            "ensure",
            "establish",
            "amend",
            "withdraw",
            "make",
            "take",
            "sign",
            "strengthen",
            "provide",
            "publish",
            "abolish",
            "bring",
            "repeal",
            "recognize",
            "continue",
            "increase",
            "improve",
            "criminalize",
            "introduce",
            "set",
            "carry",
            "investigate",
            "review",
            "implement",
            "allow",
            "reduce",
            "guarantee",
            "train",
            "prohibit",
            "end",
            "create",
            "develop",
            "promote",
            "prevent",
            "accept",
            "lift",
            "restore",
            "trace",
            "combat",
            "eliminate",
            "compensate",
            "rehabilitate",
            "protect",
            "prosecute",
            "punish",
            "monitor",
            "raise",
            "support",
        ];
        let words = self.words;
        low(words, next) == "to" && words.get(next + 1).is_some_and(Token::is_word) && (VERBS.contains(&low(words, next + 1)))
            || VERBS.contains(&low(words, next)) && words.get(next + 1).is_some()
    }
}
