//! Patterns as they are written: read into a tree. It knows what the patterns of this crate use of regular expressions, and refuses the
//! rest: letters, `.`, `[…]`, `\w \d \s \b`, `^ $`, groups, `|`, `? * + {m,n}` and their lazy forms, `(?i)`.

/// What a pattern is made of.
#[derive(Clone, Debug)]
pub enum Node {
    /// One letter of a class.
    One(Class),
    /// A place where a word begins or ends.
    Border,
    /// The beginning of the text.
    Start,
    /// The end of the text.
    End,
    /// A group that is told of, by its number.
    Group(usize, Box<Node>),
    /// One behind the other.
    All(Vec<Node>),
    /// The first of these with which the rest goes on.
    Any(Vec<Node>),
    /// As often as may be, or as seldom.
    Repeat {
        /// What comes again.
        node: Box<Node>,
        /// At least so often.
        least: usize,
        /// At most so often.
        most: Option<usize>,
        /// Whether more is tried before less.
        greedy: bool,
    },
}

/// A set of letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// Those of ASCII, a bit each.
    pub ascii: u128,
    /// Others.
    pub ranges: Vec<(char, char)>,
    /// Whether all others that are not of ASCII are meant.
    pub others: bool,
}

impl Class {
    fn of(letter: char) -> Self {
        let mut class = Class::default();
        class.add(letter, letter);
        class
    }

    fn add(&mut self, from: char, to: char) {
        for letter in (from..=to).take_while(char::is_ascii) {
            self.ascii |= 1 << u32::from(letter);
        }
        if !to.is_ascii() {
            self.ranges.push((from.max('\u{80}'), to));
        }
    }

    fn merge(&mut self, other: Class) {
        self.ascii |= other.ascii;
        self.ranges.extend(other.ranges);
    }

    /// Capital and small letters of ASCII alike.
    fn fold(mut self) -> Self {
        for small in b'a'..=b'z' {
            let both = 1_u128 << small | 1 << small.to_ascii_uppercase();
            if self.ascii & both != 0 {
                self.ascii |= both;
            }
        }
        self
    }

    /// Whether a letter is of it.
    pub fn has(&self, letter: char) -> bool {
        if letter.is_ascii() {
            return self.ascii >> u32::from(letter) & 1 == 1;
        }
        self.others != self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter))
    }

    /// Its only letter, if it has one.
    pub fn only(&self) -> Option<char> {
        match (self.others, self.ranges.as_slice(), self.ascii.count_ones()) {
            (false, [], 1) => u8::try_from(self.ascii.trailing_zeros()).ok().map(char::from),
            (false, [(from, to)], 0) if from == to => Some(*from),
            _ => None,
        }
    }
}

/// A pattern being read.
struct Reader<'p> {
    rest: &'p str,
    /// Whether capitals and small letters are alike.
    fold: bool,
    /// Whether the letters of words are those of ASCII.
    plain: bool,
    groups: usize,
}

/// Reads a pattern; how many groups it has.
///
/// # Errors
/// What stands where it cannot be read.
pub fn read(pattern: &str) -> Result<(Node, usize), String> {
    let mut reader = Reader { rest: pattern, fold: false, plain: pattern.contains("-u)"), groups: 0 };
    let node = reader.any()?;
    if reader.rest.is_empty() { Ok((node, reader.groups)) } else { Err(reader.rest.to_owned()) }
}

impl Reader<'_> {
    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn any(&mut self) -> Result<Node, String> {
        let fold = self.fold;
        let mut each = vec![self.all()?];
        while self.eat("|") {
            each.push(self.all()?);
        }
        self.fold = fold;
        Ok(if each.len() == 1 { each.remove(0) } else { Node::Any(each) })
    }

    fn all(&mut self) -> Result<Node, String> {
        let mut each = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            if self.eat("(?i)") || self.eat("(?i-u)") {
                self.fold = true;
                continue;
            }
            let node = self.one()?;
            each.push(self.repeated(node)?);
        }
        Ok(Node::All(each))
    }

    fn one(&mut self) -> Result<Node, String> {
        let rest = self.rest;
        if self.eat("(?:") || self.eat("(?u:") {
            let inner = self.any()?;
            return if self.eat(")") { Ok(inner) } else { Err(rest.to_owned()) };
        }
        let class = match self.next() {
            Some('(') if !self.rest.starts_with('?') => {
                self.groups += 1;
                let number = self.groups;
                let inner = self.any()?;
                return if self.eat(")") { Ok(Node::Group(number, Box::new(inner))) } else { Err(rest.to_owned()) };
            }
            Some('^') => return Ok(Node::Start),
            Some('$') => return Ok(Node::End),
            Some('.') => Class { ascii: !(1 << 10), ranges: Vec::new(), others: true },
            Some('[') => self.class().ok_or_else(|| rest.to_owned())?,
            Some('\\') if self.eat("b") => return Ok(Node::Border),
            Some('\\') => self.escaped().ok_or_else(|| rest.to_owned())?,
            Some(letter) if !"(?*+{}".contains(letter) => Class::of(letter),
            Some(_) | None => return Err(rest.to_owned()),
        };
        Ok(Node::One(if self.fold { class.fold() } else { class }))
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Option<Class> {
        let mut class = Class::default();
        match self.next()? {
            'd' => class.add('0', '9'),
            's' => [' ', '\t', '\n', '\r'].into_iter().for_each(|space| class.add(space, space)),
            'w' => {
                [('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')].into_iter().for_each(|(from, to)| class.add(from, to));
                if !self.plain {
                    class.add('À', 'ɏ');
                }
            }
            'S' => {
                [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'].into_iter().for_each(|space| class.add(space, space));
                (class.ascii, class.others) = (!class.ascii, true);
            }
            't' => class.add('\t', '\t'),
            'n' => class.add('\n', '\n'),
            mark if mark.is_ascii_alphanumeric() => return None,
            mark => class.add(mark, mark),
        }
        Some(class)
    }

    /// What stands between square brackets.
    fn class(&mut self) -> Option<Class> {
        let mut class = Class::default();
        let not = self.eat("^");
        while !self.eat("]") {
            let from = match self.next()? {
                '\\' => {
                    let inner = self.escaped()?;
                    let Some(only) = inner.only() else {
                        class.merge(inner);
                        continue;
                    };
                    only
                }
                letter => letter,
            };
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            let to = if is_range && self.eat("-") { self.next()? } else { from };
            class.add(from, to);
        }
        if not {
            class.ascii = !class.ascii;
            class.others = true;
        }
        Some(class)
    }

    fn repeated(&mut self, node: Node) -> Result<Node, String> {
        let rest = self.rest;
        let (least, most) = if self.eat("?") {
            (0, Some(1))
        } else if self.eat("*") {
            (0, None)
        } else if self.eat("+") {
            (1, None)
        } else if self.eat("{") {
            let (times, behind) = self.rest.split_once('}').ok_or_else(|| rest.to_owned())?;
            self.rest = behind;
            let number = |text: &str| text.parse().map_err(|_| rest.to_owned());
            match times.split_once(',') {
                None => (number(times)?, Some(number(times)?)),
                Some((least, "")) => (number(least)?, None),
                Some((least, most)) => (number(least)?, Some(number(most)?)),
            }
        } else {
            return Ok(node);
        };
        let greedy = !self.eat("?");
        Ok(Node::Repeat { node: Box::new(node), least, most, greedy })
    }
}
