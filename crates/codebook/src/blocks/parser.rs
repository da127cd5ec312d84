//! What every sentence is made of: keyword phrases, names, numbers and lengths of time, read with one word of look-ahead.

use super::names::Names;
use super::words::{Token, Word};
use crate::diagnostic::{Diagnostic, Mark, Severity};
use crate::moment::{Length, TimeUnit};
use crate::tree::{Quantity, Unit};
use jiff::civil;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A sentence that could not be read; its diagnostic has been given.
#[derive(Debug)]
pub(crate) struct Failed;

/// What a reading step gives.
pub(crate) type Read<T> = Result<T, Failed>;

/// The names of a codebook, by class of thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    pub(crate) classes: Names,
    pub(crate) kinds: Names,
    pub(crate) fields: Names,
    pub(crate) values: Names,
    pub(crate) aliases: Names,
    pub(crate) states: Names,
    pub(crate) items: Names,
    pub(crate) clocks: Names,
    pub(crate) limits: Names,
    pub(crate) lists: Names,
    pub(crate) roles: Names,
    pub(crate) rules: Names,
}

/// Reads one sentence or declaration.
pub(crate) struct Parser<'a> {
    pub(crate) tokens: &'a [Token],
    pub(crate) place: usize,
    pub(crate) names: &'a Dictionary,
    pub(crate) found: &'a mut Vec<Diagnostic>,
    /// Nesting of brackets so far.
    pub(crate) depth: usize,
}

/// Brackets within brackets that a condition may have.
pub(crate) const DEEPEST: usize = 64;

impl<'a> Parser<'a> {
    pub(crate) fn rest(&self) -> &'a [Token] {
        &self.tokens[self.place.min(self.tokens.len())..]
    }

    pub(crate) fn is_done(&self) -> bool {
        self.place >= self.tokens.len()
    }

    /// Where the next word stands, or the last one if there is none.
    pub(crate) fn here(&self) -> Mark {
        let token = self.tokens.get(self.place).or(self.tokens.last());
        token.map_or_else(Mark::default, |t| t.mark.clone())
    }

    /// From a word to the last one read.
    pub(crate) fn since(&self, start: usize) -> Mark {
        let first = self.tokens.get(start).map_or_else(Mark::default, |t| t.mark.clone());
        let last = self.tokens.get(self.place.saturating_sub(1)).map_or(first.bytes.end, |t| t.mark.bytes.end);
        Mark { file: first.file, bytes: first.bytes.start..last.max(first.bytes.start) }
    }

    /// Whether the next words are a phrase.
    pub(crate) fn at(&self, phrase: &str) -> bool {
        let mut rest = self.rest().iter();
        phrase.split(' ').all(|wanted| rest.next().is_some_and(|t| is(t, wanted)))
    }

    /// Takes a phrase if it is there.
    pub(crate) fn take(&mut self, phrase: &str) -> bool {
        let there = self.at(phrase);
        if there {
            self.place += phrase.split(' ').count();
        }
        there
    }

    /// Takes a phrase that must be there.
    pub(crate) fn expect(&mut self, phrase: &str) -> Read<()> {
        if self.take(phrase) { Ok(()) } else { self.wanted(&format!("`{phrase}`")) }
    }

    /// Takes one of several phrases; gives its place in the list.
    pub(crate) fn one_of(&mut self, phrases: &[&str]) -> Option<usize> {
        phrases.iter().position(|p| self.take(p))
    }

    pub(crate) fn sign(&mut self, sign: char) -> bool {
        let there = self.rest().first().is_some_and(|t| t.word == Word::Sign(sign));
        self.place += usize::from(there);
        there
    }

    pub(crate) fn expect_sign(&mut self, sign: char) -> Read<()> {
        if self.sign(sign) { Ok(()) } else { self.wanted(&format!("`{sign}`")) }
    }

    /// The sentence goes on otherwise than it may.
    pub(crate) fn wanted<T>(&mut self, what: &str) -> Read<T> {
        let message = match self.rest().first() {
            Some(Token { word: Word::Unclosed, .. }) => "this quotation is never closed".to_owned(),
            Some(Token { word: Word::Strange(sign), .. }) => {
                format!("expected {what}, found `{}`, which no sentence may hold", sign.escape_debug())
            }
            Some(token) => format!("expected {what}, found `{}`", token.raw),
            None => format!("expected {what}, but the sentence ends here"),
        };
        let mark = self.here();
        let help = match self.rest().first() {
            Some(Token { word: Word::Strange('“' | '”' | '„' | '«' | '»' | '‘' | '’'), .. }) => {
                Some("write straight double quotes: `\"`")
            }
            _ => None,
        };
        self.fail("E100", mark, message, help.map(str::to_owned))
    }

    pub(crate) fn fail<T>(&mut self, code: &'static str, mark: Mark, message: String, help: Option<String>) -> Read<T> {
        self.found.push(Diagnostic { code, severity: Severity::Error, mark, message, help });
        Err(Failed)
    }

    /// E105 when a sign stands behind a name that a declaration gives: the name ends there, and what its author meant by the sign is lost.
    pub(crate) fn name_ends_here(&mut self, class: &str, ends: &str) -> Read<()> {
        let Some(Token { word: Word::Sign(sign), .. }) = self.rest().first() else { return self.expect(ends) };
        let (mark, sign) = (self.here(), *sign);
        let message = format!("the name of {} cannot hold `{sign}`", article(class));
        let help = format!("a name is made of words, joined by blanks or hyphens, and ends at `{ends}`");
        self.fail("E105", mark, message, Some(help))
    }

    /// Takes a name of a class of things.
    pub(crate) fn name(&mut self, class: &str, names: &'a Names) -> Read<(u16, Mark)> {
        let start = self.place;
        match names.longest_at(self.rest()) {
            Some((number, words)) => {
                self.place += words;
                Ok((number, self.since(start)))
            }
            None => self.unknown(class, names),
        }
    }

    pub(crate) fn maybe(&mut self, names: &Names) -> Option<u16> {
        let (number, words) = names.longest_at(self.rest())?;
        self.place += words;
        Some(number)
    }

    /// E101, with the nearest names. The mark covers as many words as the nearest name has.
    pub(crate) fn unknown<T>(&mut self, class: &str, names: &Names) -> Read<T> {
        let start = self.place;
        let words: Vec<&Token> = self.rest().iter().take_while(|t| !matches!(t.word, Word::Sign(_) | Word::Text(_))).take(6).collect();
        let text = |n: usize| words.iter().take(n).map(|t| t.raw.to_lowercase()).collect::<Vec<_>>().join(" ");
        if let Some(Token { word: Word::Strange(_) | Word::Unclosed, .. }) = words.first() {
            return self.wanted(&format!("the name of {}", article(class)));
        }
        let near = |n: usize| names.nearest(&text(n)).first().map(|(away, _)| (*away, n));
        let length = (1..=words.len()).filter_map(near).min().map_or(1, |(_, n)| n).max(1);
        let nearest = names.nearest(&text(length));
        let help = if nearest.is_empty() {
            Some(format!("declare the {class} in a block of this codebook or of one that it builds on"))
        } else {
            Some(format!("nearest: {}", nearest.iter().map(|(_, n)| format!("`{n}`")).collect::<Vec<_>>().join(", ")))
        };
        if words.is_empty() {
            return self.wanted(&format!("the name of {}", article(class)));
        }
        self.place += length;
        let mark = self.since(start);
        self.fail("E101", mark, format!("no {class} is called `{}`", text(length)), help)
    }

    pub(crate) fn text(&mut self) -> Read<String> {
        match self.rest().first() {
            Some(Token { word: Word::Text(text), .. }) => {
                self.place += 1;
                Ok(text.clone())
            }
            _ => self.wanted("a text between double quotes"),
        }
    }

    pub(crate) fn date(&mut self) -> Read<civil::Date> {
        match self.rest().first() {
            Some(Token { word: Word::Date(date), .. }) => {
                self.place += 1;
                Ok(*date)
            }
            _ => self.wanted("a date such as 2024-01-31"),
        }
    }

    pub(crate) fn number(&mut self) -> Read<Decimal> {
        match self.rest().first() {
            Some(Token { word: Word::Number(number), .. }) => {
                self.place += 1;
                Ok(*number)
            }
            _ => self.wanted("a number"),
        }
    }

    pub(crate) fn whole(&mut self) -> Read<u32> {
        let mark = self.here();
        let number = self.number()?;
        match number.to_u32().filter(|n| Decimal::from(*n) == number) {
            Some(n) => Ok(n),
            None if number > Decimal::from(u32::MAX) => self.fail("E100", mark, format!("`{number}` is too large a number"), None),
            None => self.fail("E100", mark, format!("`{number}` is not a whole number"), None),
        }
    }

    /// Whether a number with a unit of time stands here.
    pub(crate) fn at_length(&self) -> bool {
        let rest = self.rest();
        matches!(rest.first(), Some(Token { word: Word::Number(_), .. })) && rest.get(1).and_then(time_unit).is_some()
    }

    pub(crate) fn length(&mut self) -> Read<Length> {
        let amount = self.whole()?;
        match self.rest().first().and_then(time_unit) {
            Some(unit) => {
                self.place += 1;
                Ok(Length { amount, unit })
            }
            None => self.wanted("second, minute, hour, day, month or year"),
        }
    }

    pub(crate) fn quantity(&mut self) -> Read<Quantity> {
        Ok(Quantity { number: self.number()?, unit: self.unit() })
    }

    pub(crate) fn unit(&mut self) -> Option<Unit> {
        for (name, unit) in UNITS {
            for phrase in [format!("{name}s"), (*name).to_owned()] {
                if self.take(&phrase) {
                    return Some(*unit);
                }
            }
        }
        None
    }
}

/// Units of measure by their singular.
pub(crate) const UNITS: &[(&str, Unit)] = &[
    ("square metre", Unit::SquareMetre),
    ("millimetre", Unit::Millimetre),
    ("kilometre", Unit::Kilometre),
    ("metre", Unit::Metre),
    ("litre", Unit::Litre),
    ("kilogram", Unit::Kilogram),
    ("milligram", Unit::Milligram),
    ("gram", Unit::Gram),
    ("degree", Unit::Degree),
    ("percent", Unit::Percent),
];

fn is(token: &Token, wanted: &str) -> bool {
    match &token.word {
        Word::Plain(word) => word == wanted,
        Word::Number(_) | Word::Date(_) | Word::Text(_) | Word::Sign(_) | Word::Strange(_) | Word::Unclosed => false,
    }
}

fn time_unit(token: &Token) -> Option<TimeUnit> {
    let Word::Plain(word) = &token.word else { return None };
    TimeUnit::named(word)
}

fn article(class: &str) -> String {
    let an = class.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {class}", if an { "an" } else { "a" })
}
