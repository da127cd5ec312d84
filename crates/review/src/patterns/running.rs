//! Patterns as they are sought: steps that are tried one after the other, and taken back where they lead nowhere. A list of cues is made
//! a hundred times faster so than as an automaton, and a text has few places where one may begin.

use super::syntax::{Class, Node, read};
use foldhash::fast::RandomState;
use std::collections::HashSet;

/// A step.
#[derive(Clone, Debug)]
enum Step {
    /// These bytes of [`Program::letters`].
    Letters(usize, usize),
    One(usize),
    Border,
    Start,
    End,
    /// Goes on there.
    Go(usize),
    /// Goes on at the first; if that leads nowhere, at the second.
    Either(usize, usize),
    /// Goes on at the first branch of those that may begin here.
    Branches(usize),
    /// A group begins, or ends.
    Mark(usize),
    Found,
}

/// Many ways to go on.
#[derive(Clone, Debug)]
struct Branches {
    /// Where each begins.
    to: Vec<usize>,
    /// With what each may begin.
    first: Vec<First>,
    /// Which may begin with two letters, a bit each: made where there are many.
    by_pair: Vec<u64>,
}

/// From so many branches on, two letters are looked at to tell which may begin; up to as many as there are bits.
const MANY: std::ops::RangeInclusive<usize> = 6..=64;
/// Small letters, and all else.
const KINDS: usize = 27;

/// Which small letter a byte is, from 1.
fn kind(byte: Option<&u8>) -> usize {
    byte.filter(|byte| byte.is_ascii_lowercase()).map_or(0, |byte| usize::from(byte - b'a') + 1)
}

/// The place of the two letters at a place of a text in a table of all pairs.
fn pair(bytes: &[u8], at: usize) -> usize {
    kind(bytes.get(at)) * KINDS + kind(bytes.get(at + 1))
}

/// What a text may begin with that a pattern finds.
#[derive(Clone, Copy, Debug, Default)]
struct First {
    ascii: u128,
    others: bool,
    /// Whether nothing has to stand there.
    empty: bool,
}

impl First {
    fn allows(self, byte: Option<&u8>) -> bool {
        self.empty || byte.is_some_and(|byte| if byte.is_ascii() { self.ascii >> byte & 1 == 1 } else { self.others })
    }
}

/// A pattern that can be sought.
#[derive(Debug)]
pub struct Program {
    steps: Vec<Step>,
    letters: Vec<u8>,
    classes: Vec<Class>,
    branches: Vec<Branches>,
    first: First,
    /// With which two letters it may begin.
    pairs: Vec<bool>,
    /// How many groups are told of.
    pub groups: usize,
}

impl Program {
    /// Of a pattern.
    ///
    /// # Errors
    /// What of it cannot be read.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let (node, groups) = read(pattern)?;
        let mut program = Program {
            steps: Vec::new(),
            letters: Vec::new(),
            classes: Vec::new(),
            branches: Vec::new(),
            first: first(&node),
            pairs: vec![false; KINDS * KINDS],
            groups,
        };
        program.add(&node);
        program.steps.push(Step::Found);
        let mut pairs = std::mem::take(&mut program.pairs);
        program.each_pair(0, &mut |pair| pairs[pair] = true);
        program.pairs = pairs;
        for number in 0..program.branches.len() {
            let to = program.branches[number].to.clone();
            if MANY.contains(&to.len()) {
                let mut by_pair = vec![0_u64; KINDS * KINDS];
                for (bit, to) in to.into_iter().enumerate() {
                    program.each_pair(to, &mut |pair| by_pair[pair] |= 1 << bit);
                }
                program.branches[number].by_pair = by_pair;
            }
        }
        Ok(program)
    }

    /// Tells of each pair of letters with which what begins at a step may begin.
    fn each_pair(&self, step: usize, tell: &mut dyn FnMut(usize)) {
        let all = (1 << KINDS) - 1;
        let mut tell_all = |first: u32, second: u32| {
            let of = |set: u32| (0..KINDS).filter(move |kind| set >> kind & 1 == 1);
            of(first).for_each(|first| of(second).for_each(|second| tell(first * KINDS + second)));
        };
        for (first, then) in self.openings(step) {
            match then {
                Then::Any => tell_all(first, all),
                Then::Byte(second) => tell_all(first, 1 << kind(Some(&second))),
                Then::Step(step) => self.openings(step).into_iter().for_each(|(second, _)| tell_all(first, second)),
            }
        }
    }

    /// The kinds of letters with which what begins at a step may begin, a bit each, and what stands behind them.
    fn openings(&self, step: usize) -> Vec<(u32, Then)> {
        let mut found = Vec::new();
        let mut open = vec![step];
        let mut seen: Vec<usize> = Vec::new();
        while let Some(step) = open.pop() {
            if seen.contains(&step) {
                continue;
            }
            seen.push(step);
            match &self.steps[step] {
                Step::Letters(from, to) => {
                    let then = if from + 1 < *to { Then::Byte(self.letters[from + 1]) } else { Then::Step(step + 1) };
                    found.push((1 << kind(self.letters.get(*from)), then));
                }
                Step::One(class) => {
                    let class = &self.classes[*class];
                    let small = u32::try_from(class.ascii >> b'a' & ((1 << 26) - 1)).unwrap_or_default() << 1;
                    let other = class.ascii & !(((1 << 26) - 1) << b'a') != 0;
                    found.push((small | u32::from(other), Then::Step(step + 1)));
                    if class.others || !class.ranges.is_empty() {
                        found.push((1, Then::Any));
                    }
                }
                Step::Border | Step::Start | Step::Mark(_) => open.push(step + 1),
                Step::Go(to) => open.push(*to),
                Step::Either(one, other) => open.extend([*one, *other]),
                Step::Branches(number) => open.extend_from_slice(&self.branches[*number].to),
                Step::End | Step::Found => found.push(((1 << KINDS) - 1, Then::Any)),
            }
        }
        found
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::One(class) => match class.only() {
                Some(letter) => self.add_letter(letter),
                None => {
                    let known = self.classes.iter().position(|known| known == class);
                    self.steps.push(Step::One(known.unwrap_or(self.classes.len())));
                    if known.is_none() {
                        self.classes.push(class.clone());
                    }
                }
            },
            Node::Border => self.steps.push(Step::Border),
            Node::Start => self.steps.push(Step::Start),
            Node::End => self.steps.push(Step::End),
            Node::Group(number, inner) => {
                self.steps.push(Step::Mark(2 * number));
                self.add(inner);
                self.steps.push(Step::Mark(2 * number + 1));
            }
            Node::All(each) => each.iter().for_each(|node| self.add(node)),
            Node::Any(each) => self.add_branches(each),
            Node::Repeat { node, least, most, greedy } => self.add_repeat(node, *least, *most, *greedy),
        }
    }

    fn add_letter(&mut self, letter: char) {
        let from = self.letters.len();
        let mut bytes = [0; 4];
        self.letters.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
        // Whatever goes on here from elsewhere goes on at the place of a step of its own, so that letters may be put together.
        match self.steps.last_mut() {
            Some(Step::Letters(_, to)) if *to == from => *to = self.letters.len(),
            Some(_) | None => self.steps.push(Step::Letters(from, self.letters.len())),
        }
    }

    /// Parts the letters behind from those before: steps go there.
    fn here(&mut self) -> usize {
        // No letters stand at the end of all letters twice: the next ones begin a step of their own.
        self.letters.push(0);
        self.steps.len()
    }

    fn add_branches(&mut self, each: &[Node]) {
        let number = self.branches.len();
        self.branches.push(Branches { to: Vec::new(), first: each.iter().map(first).collect(), by_pair: Vec::new() });
        self.steps.push(Step::Branches(number));
        let mut ends = Vec::with_capacity(each.len());
        for node in each {
            let at = self.here();
            self.branches[number].to.push(at);
            self.add(node);
            ends.push(self.steps.len());
            self.steps.push(Step::Go(0));
        }
        let behind = self.here();
        for end in ends {
            self.steps[end] = Step::Go(behind);
        }
    }

    fn add_repeat(&mut self, node: &Node, least: usize, most: Option<usize>, greedy: bool) {
        let either = |on: usize, out: usize| if greedy { Step::Either(on, out) } else { Step::Either(out, on) };
        for _ in 0..least {
            self.here();
            self.add(node);
        }
        let Some(most) = most else {
            let at = self.here();
            self.steps.push(Step::Found);
            self.add(node);
            self.steps.push(Step::Go(at));
            let out = self.here();
            self.steps[at] = either(at + 1, out);
            return;
        };
        let mut places = Vec::new();
        for _ in least..most {
            places.push(self.here());
            self.steps.push(Step::Found);
            self.add(node);
        }
        let out = self.here();
        for at in places {
            self.steps[at] = either(at + 1, out);
        }
    }
}

/// What a text may begin with that a node finds.
fn first(node: &Node) -> First {
    match node {
        Node::One(class) => First { ascii: class.ascii, others: class.others || !class.ranges.is_empty(), empty: false },
        Node::Border | Node::Start | Node::End => First { empty: true, ..First::default() },
        Node::Group(_, inner) => first(inner),
        Node::All(each) => {
            let mut all = First { empty: true, ..First::default() };
            for node in each {
                if !all.empty {
                    break;
                }
                let next = first(node);
                all = First { ascii: all.ascii | next.ascii, others: all.others || next.others, empty: next.empty };
            }
            all
        }
        Node::Any(each) => each.iter().map(first).fold(First::default(), |all, next| First {
            ascii: all.ascii | next.ascii,
            others: all.others || next.others,
            empty: all.empty || next.empty,
        }),
        Node::Repeat { node, least, .. } => {
            let inner = first(node);
            First { empty: inner.empty || *least == 0, ..inner }
        }
    }
}

/// What stands behind a first letter.
enum Then {
    Any,
    Byte(u8),
    Step(usize),
}

/// So many steps are tried at one place before it is noted which were, so that none is tried twice.
const FEW: usize = 2_000;
/// So many steps for each byte of a text are tried in all: prose takes two, and the work stays linear.
const STEPS: usize = 16;

/// And so many in the shortest.
const AT_LEAST: usize = 50_000;
/// So many are tried at one place: enough for a page without a full stop.
const AT_ONE: usize = 200_000;

/// A search: what is still to be tried, and how much may be.
#[derive(Debug)]
pub struct Search {
    open: Vec<Open>,
    seen: HashSet<(usize, usize), RandomState>,
    left: usize,
    /// Where groups begin and end: of group `n` at `2n` and `2n + 1`.
    pub marks: Vec<Option<usize>>,
}

/// What is gone back to.
#[derive(Debug)]
enum Open {
    /// A step, and the place in the text.
    Try(usize, usize),
    /// A mark as it was.
    Mark(usize, Option<usize>),
}

impl Search {
    /// In a text.
    pub fn new(text: &str, program: &Program) -> Self {
        let marks = vec![None; if program.groups == 0 { 0 } else { 2 * program.groups + 2 }];
        Search { open: Vec::new(), seen: HashSet::default(), left: text.len().saturating_mul(STEPS).saturating_add(AT_LEAST), marks }
    }
}

fn in_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

impl Program {
    /// Whether a text may have it at a place.
    pub fn may_begin(&self, text: &str, at: usize) -> bool {
        self.first.allows(text.as_bytes().get(at)) && self.pairs[pair(text.as_bytes(), at)]
    }

    /// Where it ends in a text that has it at a place.
    pub fn end(&self, text: &str, from: usize, search: &mut Search) -> Option<usize> {
        search.open.clear();
        search.seen.clear();
        search.marks.fill(None);
        let bytes = text.as_bytes();
        let (mut step, mut at, mut tried) = (0, from, 0);
        loop {
            tried += 1;
            search.left = search.left.checked_sub(1).filter(|_| tried < AT_ONE)?;
            let next = match &self.steps[step] {
                Step::Letters(start, end) => {
                    let letters = &self.letters[*start..*end];
                    bytes[at..].starts_with(letters).then(|| (step + 1, at + letters.len()))
                }
                Step::One(class) => self.one(*class, text, at).map(|after| (step + 1, after)),
                Step::Border => {
                    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
                    (in_word(before) != in_word(bytes.get(at))).then_some((step + 1, at))
                }
                Step::Start => (at == 0).then_some((step + 1, at)),
                Step::End => (at == text.len()).then_some((step + 1, at)),
                Step::Go(to) => Some((*to, at)),
                Step::Either(one, other) => {
                    let known = tried > FEW && !search.seen.insert((step, at));
                    if !known {
                        search.open.push(Open::Try(*other, at));
                    }
                    (!known).then_some((*one, at))
                }
                Step::Branches(number) => self.branch(*number, bytes, at, &mut search.open),
                Step::Mark(number) => {
                    search.open.push(Open::Mark(*number, search.marks[*number]));
                    search.marks[*number] = Some(at);
                    Some((step + 1, at))
                }
                Step::Found => return Some(at),
            };
            (step, at) = match next {
                Some(next) => next,
                None => search.back()?,
            };
        }
    }

    fn one(&self, class: usize, text: &str, at: usize) -> Option<usize> {
        let byte = *text.as_bytes().get(at)?;
        let class = &self.classes[class];
        if byte.is_ascii() {
            return (class.ascii >> byte & 1 == 1).then_some(at + 1);
        }
        let letter = text[at..].chars().next()?;
        class.has(letter).then_some(at + letter.len_utf8())
    }

    /// The first branch that may begin here; the others are left open.
    fn branch(&self, number: usize, bytes: &[u8], at: usize, open: &mut Vec<Open>) -> Option<(usize, usize)> {
        let branches = &self.branches[number];
        let from = open.len();
        if let Some(may) = branches.by_pair.get(pair(bytes, at)) {
            let mut may = *may;
            while may != 0 {
                let last = 63 - may.leading_zeros();
                open.push(Open::Try(branches.to[last as usize], at));
                may &= !(1 << last);
            }
        } else {
            let byte = bytes.get(at);
            let may = branches.to.iter().zip(&branches.first).filter(|(_, first)| first.allows(byte));
            open.extend(may.map(|(to, _)| Open::Try(*to, at)));
            open[from..].reverse();
        }
        let first = if open.len() > from { open.pop() } else { None };
        first.and_then(|first| if let Open::Try(step, at) = first { Some((step, at)) } else { None })
    }
}

impl Search {
    /// What was left open last.
    fn back(&mut self) -> Option<(usize, usize)> {
        loop {
            match self.open.pop()? {
                Open::Try(step, at) => return Some((step, at)),
                Open::Mark(number, was) => self.marks[number] = was,
            }
        }
    }
}
