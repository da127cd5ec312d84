//! Numbers as records print them: digits with commas or spaces, words, millions. What a number counts is decided elsewhere.

use crate::prose::Token;

/// A number found among tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// First token.
    pub first: usize,
    /// One past the last token.
    pub end: usize,
    /// Its value.
    pub value: f64,
    /// Whether it is written in words.
    pub in_words: bool,
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

fn word_value(low: &str) -> Option<f64> {
    // No number begins with another letter, and most words do.
    if !matches!(low.bytes().next(), Some(b'z' | b'o' | b't' | b'f' | b's' | b'e' | b'n')) || low.len() > 17 {
        return None;
    }
    let whole = |at: usize, times: u32, plus: u32| u32::try_from(at).ok().map(|at| f64::from(at * times + plus));
    if let Some(at) = SMALL.iter().position(|word| *word == low) {
        return whole(at, 1, 0);
    }
    if let Some(at) = TENS.iter().position(|word| *word == low) {
        return whole(at, 10, 20);
    }
    let (ten, one) = low.split_once('-')?;
    let ten = TENS.iter().position(|word| *word == ten)?;
    let one = SMALL.iter().position(|word| *word == one).filter(|one| (1..10).contains(one))?;
    Some(whole(ten, 10, 20)? + whole(one, 1, 0)?)
}

fn digit_value(low: &str) -> Option<f64> {
    if !low.bytes().next().is_some_and(|first| first.is_ascii_digit()) || !low.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.') {
        return None;
    }
    let groups: Vec<&str> = low.split(',').collect();
    let grouped = groups.len() > 1 && groups[1..].iter().all(|group| group.split('.').next().is_some_and(|digits| digits.len() == 3));
    if groups.len() > 1 && !grouped {
        return low.replace(',', ".").parse().ok().filter(|_| groups.len() == 2);
    }
    groups.concat().parse().ok()
}

fn scale(low: &str) -> Option<f64> {
    match low {
        "hundred" => Some(100.0),
        "thousand" => Some(1_000.0),
        "million" => Some(1_000_000.0),
        "billion" => Some(1_000_000_000.0),
        "dozen" => Some(12.0),
        _ => None,
    }
}

/// The number that begins at token `at`.
#[must_use]
pub fn number_at(words: &[Token<'_>], at: usize) -> Option<Number> {
    let low = &*words.get(at)?.low;
    if let Some(value) = digit_value(low) {
        return Some(digits(words, at, value));
    }
    let article = low == "a" && words.get(at + 1).is_some_and(|next| scale(&next.low).is_some());
    let mut value = if article { 1.0 } else { word_value(low)? };
    let mut end = at + 1;
    let mut total = 0.0;
    while let Some(next) = words.get(end) {
        if let Some(scale) = scale(&next.low) {
            value *= scale;
            if scale >= 1_000.0 {
                total += value;
                value = 0.0;
            }
            end += 1;
            continue;
        }
        let joined = next.low == "and" && words.get(end - 1).is_some_and(|last| scale(&last.low).is_some());
        let start = if joined { end + 1 } else { end };
        let after_scale = words.get(end - 1).is_some_and(|last| scale(&last.low).is_some());
        let Some(more) = words.get(start).and_then(|word| word_value(&word.low)).filter(|_| after_scale) else { break };
        value += more;
        end = start + 1;
    }
    Some(Number { first: at, end, value: total + value, in_words: true })
}

/// Digits, the groups after them (`52 000`) and `million`.
fn digits(words: &[Token<'_>], at: usize, value: f64) -> Number {
    let mut value = value;
    let mut end = at + 1;
    let short = words[at].low.len() <= 3 && value.fract() == 0.0 && value > 0.0;
    while short && let Some(next) = words.get(end) {
        let adjoins = next.at.start == words[end - 1].at.end + 1;
        if !adjoins || next.low.len() != 3 || !next.low.chars().all(|c| c.is_ascii_digit()) {
            break;
        }
        value = value * 1_000.0 + digit_value(&next.low).unwrap_or(0.0);
        end += 1;
    }
    if let Some(scale) = words.get(end).and_then(|next| scale(&next.low)).filter(|scale| *scale >= 100.0) {
        value *= scale;
        end += 1;
    }
    Number { first: at, end, value, in_words: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::tokens;

    #[test]
    fn numbers_are_read_as_printed() {
        let cases = [
            ("52,000", 52_000.0),
            ("52 000", 52_000.0),
            ("1.6 million", 1_600_000.0),
            ("Seven", 7.0),
            ("forty-two", 42.0),
            ("two hundred and five", 205.0),
            ("a hundred", 100.0),
            ("three thousand two hundred", 3_200.0),
            ("3.5", 3.5),
        ];
        for (text, value) in cases {
            let words = tokens(text);
            let found = number_at(&words, 0).unwrap();
            assert_eq!((found.value, found.end), (value, words.len()), "{text}");
        }
        assert_eq!(number_at(&tokens("the third"), 1), None);
    }
}
