//! Days, hours and ordinals as English records print them, turned to ISO forms. No clock is asked.

use crate::patterns::Pattern;
use crate::prose::{Token, tokens};
use std::sync::LazyLock;

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

/// The number of a month's name, 1 to 12.
#[must_use]
pub fn month(low: &str) -> Option<u32> {
    let at = MONTHS.iter().position(|name| *name == low || low.len() == 3 && name.starts_with(low) && low != "may")?;
    u32::try_from(at + 1).ok()
}

/// A year that a record may speak of.
#[must_use]
pub fn year(low: &str) -> Option<u32> {
    (low.len() == 4).then(|| low.parse().ok()).flatten().filter(|year| (1800..2200).contains(year))
}

/// A day of a month, `1` to `31`, also `1st`.
#[must_use]
pub fn day(low: &str) -> Option<u32> {
    let digits = low.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']);
    (digits.len() <= 2).then(|| digits.parse().ok()).flatten().filter(|day| (1..=31).contains(day))
}

/// The first full date of a text, `13 May 2031` or `May 13, 2031`, as `2031-05-13`.
#[must_use]
pub fn first_date(text: &str) -> Option<String> {
    let words: Vec<Token<'_>> = tokens(text).into_iter().filter(Token::is_word).collect();
    (0..words.len()).find_map(|at| date_at(&words, at))
}

/// The last full date of a text.
#[must_use]
pub fn last_date(text: &str) -> Option<String> {
    let words: Vec<Token<'_>> = tokens(text).into_iter().filter(Token::is_word).collect();
    (0..words.len()).rev().find_map(|at| date_at(&words, at))
}

/// The last month of a year in a text, `February 2026`, as `2026-02`.
#[must_use]
pub fn last_month(text: &str) -> Option<String> {
    let words: Vec<Token<'_>> = tokens(text).into_iter().filter(Token::is_word).collect();
    let at = |pair: &[Token<'_>]| Some(format!("{:04}-{:02}", year(&pair[1].low)?, month(&pair[0].low)?));
    words.windows(2).rev().find_map(at)
}

fn date_at(words: &[Token<'_>], at: usize) -> Option<String> {
    let [first, second, third] = words.get(at..at + 3)? else { return None };
    let (day, month, year) = if let Some(month) = month(&second.low) {
        (day(&first.low)?, month, year(&third.low)?)
    } else {
        (day(&second.low)?, month(&first.low)?, year(&third.low)?)
    };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

static HOUR: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?i-u)\b(?:(\d{1,2})(?:[.:h](\d{2}))?\s*(a\.?\s?m\b|p\.?\s?m\b)|(\d{1,2})[.:h](\d{2})\b|(?:12 )?(noon|midday|midnight)\b)",
    )
});

/// Makes the pattern that [`hours`] needs.
pub fn make_patterns() {
    LazyLock::force(&HOUR);
}

/// Every time of day in a text, in order, as `HH:MM`.
#[must_use]
pub fn hours(text: &str) -> Vec<String> {
    HOUR.captures_iter(text)
        .filter_map(|found| {
            if let Some(word) = found.get(6) {
                return Some(if word.eq_ignore_ascii_case("midnight") { "00:00" } else { "12:00" }.to_owned());
            }
            let number = |group| found.get(group).and_then(|digits| digits.parse::<u32>().ok());
            let (hour, minute) = match number(1) {
                Some(hour) => (hour, number(2).unwrap_or(0)),
                None => (number(4)?, number(5)?),
            };
            let half = found.get(3).map(|half| half.to_ascii_lowercase());
            let hour = match half.as_deref().and_then(|half| half.chars().next()) {
                Some('p') if hour < 12 => hour + 12,
                Some('a') if hour == 12 => 0,
                Some(_) | None => hour,
            };
            (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
        })
        .collect()
}

const ONES: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
const TENS: [(&str, &str, u32); 8] = [
    ("twenty", "twentieth", 20),
    ("thirty", "thirtieth", 30),
    ("forty", "fortieth", 40),
    ("fifty", "fiftieth", 50),
    ("sixty", "sixtieth", 60),
    ("seventy", "seventieth", 70),
    ("eighty", "eightieth", 80),
    ("ninety", "ninetieth", 90),
];

/// An ordinal in words or digits: `Seventy-ninth`, `118th`, `one hundred and third`.
#[must_use]
pub fn ordinal(text: &str) -> Option<u32> {
    let low = text.trim().to_lowercase().replace(['-', '\u{2011}', '‑'], " ");
    let digits: String = low.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = digits.trim_end_matches(|c: char| c.is_alphabetic());
    if !bare.is_empty() && bare.len() + 2 == digits.len() {
        return bare.parse().ok();
    }
    let mut sum = 0;
    for word in low.split_whitespace() {
        if let Some(one) = ONES.iter().position(|name| *name == word) {
            return Some(sum + u32::try_from(one).ok()?);
        }
        // `Fiftyfifth`: a converter lost the hyphen.
        if let Some((value, one)) = TENS.iter().find_map(|(ten, _, value)| Some((value, word.strip_prefix(ten)?)))
            && let Some(one) = ONES.iter().position(|name| *name == one)
        {
            return Some(sum + value + u32::try_from(one).ok()?);
        }
        match (word, TENS.iter().find(|(ten, tenth, _)| word == *ten || word == *tenth)) {
            (_, Some((_, tenth, value))) if word == *tenth => return Some(sum + value),
            (_, Some((_, _, value))) => sum += value,
            ("hundredth", None) => return Some(sum.max(1) * 100),
            ("hundred", None) => sum = 100 * sum.max(1),
            ("one" | "a", None) => sum = 1,
            ("and", None) => {}
            (_, None) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_in_words_and_digits_are_numbers() {
        let cases = [
            ("Ninety-ninth", 99),
            ("118th", 118),
            ("One hundred and third", 103),
            ("Fortieth", 40),
            ("90 7th", 907),
            ("Hundredth", 100),
            ("Fiftyfifth", 55),
        ];
        for (text, number) in cases {
            assert_eq!(ordinal(text), Some(number), "{text}");
        }
        assert_eq!(ordinal("The same"), None);
    }

    #[test]
    fn times_of_day_are_on_the_24_hour_clock() {
        assert_eq!(hours("suspended at 4.40 p.m. and resumed at 5.05 p.m."), ["16:40", "17:05"]);
        assert_eq!(hours("rose at noon; opened at 10 a.m., 12.15 a.m."), ["12:00", "10:00", "00:15"]);
        assert_eq!(hours("rose at 17:30"), ["17:30"]);
    }

    #[test]
    fn dates_are_found_in_either_order() {
        assert_eq!(first_date("Held on Tuesday, 13 May 2031, at 3 p.m.").as_deref(), Some("2031-05-13"));
        assert_eq!(last_date("on 12 May 2031 and May 3rd, 2032").as_deref(), Some("2032-05-03"));
    }
}
