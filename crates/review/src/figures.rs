//! Figures: each quantity stated, what it counts, for which time, how hedged. Years, dates, hours of the day and the numbers of
//! articles and documents are no figures.

use crate::model::{Figure, Paragraph, Qualifier};
use crate::numbers::{Number, number_at};
use crate::periods::{Span, period_of, spans};
use crate::prose::{Token, sentences, tokens};
use crate::times::{month, year};
use foldhash::fast::RandomState;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

static UNITS: LazyLock<HashMap<&'static str, &'static str, RandomState>> = LazyLock::new(|| {
    let table = |text: &'static str| {
        text.lines()
            .filter_map(|line| line.split_once('\t'))
            .flat_map(|(unit, words)| words.split_whitespace().map(move |word| (word, unit)))
            .collect::<Vec<_>>()
    };
    let mut units: HashMap<&str, &str, RandomState> = table(include_str!("../words/currencies.tsv")).into_iter().collect();
    units.extend(table(include_str!("../words/units.tsv")));
    units
});
static LEADS: LazyLock<HashSet<&'static str, RandomState>> =
    LazyLock::new(|| include_str!("../words/number_lead.txt").split_whitespace().collect());

/// Units of length and of proportion, which bind to the word right behind the number.
const CLOSE: [&str; 9] = ["minutes", "hours", "days", "months", "years", "percent", "m2", "km", "factor"];

/// What is known of the figures before this one in the paragraph.
#[derive(Default)]
struct Before {
    unit: Option<&'static str>,
    period: Option<String>,
    fresh: bool,
}

/// The figures of all paragraphs.
#[must_use]
pub fn figures(paragraphs: &[Paragraph]) -> Vec<Figure> {
    paragraphs.iter().flat_map(of_paragraph).collect()
}

/// A sentence being read.
struct Sentence<'a> {
    text: &'a str,
    words: &'a [Token<'a>],
    /// The times that it names, read where the first number asks for them.
    times: OnceCell<Vec<Span>>,
}

fn of_paragraph(paragraph: &Paragraph) -> Vec<Figure> {
    let mut found = Vec::new();
    let mut before = Before::default();
    for range in sentences(&paragraph.text) {
        let text = &paragraph.text[range];
        let words = tokens(text);
        let sentence = Sentence { text, words: &words, times: OnceCell::new() };
        before.fresh = true;
        let mut at = 0;
        while at < words.len() {
            let Some(number) = number_at(&words, at) else {
                if let Some(figure) = hyphened(&sentence, at, paragraph) {
                    found.push(figure);
                }
                at += 1;
                continue;
            };
            at = number.end;
            if !is_figure(&words, &number) {
                continue;
            }
            if let Some(figure) = figure(&sentence, &number, paragraph, &mut before) {
                found.push(figure);
            }
        }
    }
    found
}

fn low<'w>(words: &'w [Token<'_>], at: usize) -> &'w str {
    words.get(at).map_or("", |word| &*word.low)
}

fn low_before<'w>(words: &'w [Token<'_>], at: usize, back: usize) -> &'w str {
    at.checked_sub(back).map_or("", |at| low(words, at))
}

/// Whether a number is a quantity: not a date, an hour, a year, the number of an article, a document or a thing.
fn is_figure(words: &[Token<'_>], number: &Number) -> bool {
    let (first, end) = (number.first, number.end);
    let last = low_before(words, first, 1);
    let next = low(words, end);
    let single = end == first + 1;
    if number.in_words && number.value == 1.0 && single {
        return is_counted_one(words, first);
    }
    if single && !number.in_words && year(low(words, first)).is_some() && !counts_at_once(words, first) {
        return false;
    }
    let is_month = |at: usize| month(low(words, at)).is_some() && (low(words, at) != "may" || words[at].capital);
    // `23 and 24 April`: both are days.
    let is_day_of_two =
        matches!(next, "and" | "to" | "–" | "-") && low(words, end + 1).parse::<u8>().is_ok_and(|day| day <= 31) && is_month(end + 2);
    let is_day = number.value <= 31.0
        && single
        && !number.in_words
        && (is_month(end) || is_day_of_two || month(last).is_some() && words[first - 1].capital);
    let is_hour = matches!(next, "a.m" | "p.m")
        || next == "a" && low(words, end + 1) == "." && low(words, end + 2) == "m"
        || next == "p" && low(words, end + 1) == "." && low(words, end + 2) == "m";
    let ordinal = matches!(next, "/" | "°");
    let dated = number.in_words && matches!(last, "twenty" | "thirty");
    let part = matches!(next, "half" | "halves" | "third" | "thirds" | "quarter" | "quarters" | "fifth" | "fifths" | "tenth" | "tenths");
    let part = part && number.in_words;
    !(part
        || is_day
        || is_hour
        || ordinal
        || dated
        || is_numbering(words, number)
        || is_span_of_time(words, number)
        || is_bare_word(words, number))
}

/// `article 12`, `articles 12, 13 and 14`, `No. 3`, `(2)`: the number of a thing.
fn is_numbering(words: &[Token<'_>], number: &Number) -> bool {
    if number.in_words && !matches!(low_before(words, number.first, 1), "article" | "section" | "rule" | "part" | "chapter" | "phase") {
        return false;
    }
    let mut at = number.first;
    for _ in 0..12 {
        let last = low_before(words, at, 1);
        if LEADS.contains(last) || last == "." && matches!(low_before(words, at, 2), "no" | "nos" | "art" | "arts" | "para" | "paras") {
            let counted = number.first == at && counts_like(words, number.end) && !LEADS.contains(low(words, number.end));
            return !counted || last == "." || matches!(last, "article" | "articles" | "section" | "sections");
        }
        // `the Act, 41 cases`: only numbers are listed with commas.
        let after_number = low_before(words, at, 2).ends_with(|c: char| c.is_ascii_digit() || c == ')');
        let listed = last == "," && after_number
            || matches!(last, "and" | "or" | "to" | "-" | "–" | "(" | ")" | "§")
            || last.chars().all(|c| c.is_ascii_digit()) && !last.is_empty()
            || last.len() == 1 && low_before(words, at, 2) == "(";
        if !listed || at < 2 {
            return low_before(words, number.first, 1) == "(" && low(words, number.end) == ")" && number.value < 20.0;
        }
        at -= 1;
    }
    false
}

/// Whether a counted noun follows.
fn counts_like(words: &[Token<'_>], end: usize) -> bool {
    unit_after(words, end).is_some()
}

/// Whether a number that may be a year counts something all the same: `2000 persons`, not `in 2000 persons`.
fn counts_at_once(words: &[Token<'_>], first: usize) -> bool {
    const BEFORE_YEARS: [&str; 18] = [
        "in", "of", "since", "by", "until", "from", "between", "and", "during", "for", "to", "late", "early", "before", "after", "the",
        "–", "-",
    ];
    unit_after(words, first + 1).is_some_and(|(_, noun)| noun <= first + 2) && !BEFORE_YEARS.contains(&low_before(words, first, 1))
}

/// `the past three years`, `the last 12 months`, `three years ago`: a time, not a quantity.
fn is_span_of_time(words: &[Token<'_>], number: &Number) -> bool {
    let unit = UNITS.get(low(words, number.end)).copied();
    let timely = matches!(unit, Some("days" | "months" | "years" | "hours"))
        || matches!(low(words, number.end), "weeks" | "week" | "decades" | "reporting");
    let last = low_before(words, number.first, 1);
    let past = matches!(last, "past" | "last" | "previous" | "preceding" | "next" | "coming" | "recent" | "following" | "first");
    let after = low(words, number.end + 1);
    let gone = matches!(after, "ago" | "earlier" | "later" | "previously") || after == "before" && !matches!(last, "for" | "within" | "to");
    timely && (past || gone)
}

/// A number in words that counts nothing: `the two`, `the three`, `one`.
fn is_bare_word(words: &[Token<'_>], number: &Number) -> bool {
    let range = matches!(low(words, number.end), "to" | "or" | "–")
        && number_at(words, number.end + 1).is_some_and(|other| unit_after(words, other.end).is_some());
    if !number.in_words || range || unit_after(words, number.end).is_some() {
        return false;
    }
    let last = low_before(words, number.first, 1);
    let next = low(words, number.end);
    matches!(last, "the" | "these" | "those" | "any" | "other" | "first" | "last" | "latter" | "former" | "for" | "article")
        && !matches!(next, "of" | "per")
        || matches!(last, "between") && number.value <= 2.0
}

/// `one doctor` counts, `one of the doctors`, `one another`, `no one` do not.
fn is_counted_one(words: &[Token<'_>], first: usize) -> bool {
    let last = low_before(words, first, 1);
    let next = low(words, first + 1);
    if matches!(next, "of" | "another" | "such" | "hand" | "side" | "thing" | "way" | "area" | "point")
        || matches!(
            last,
            "no" | "any" | "some" | "every" | "each" | "this" | "that" | "the" | "number" | "as" | "which" | "by" | "than" | "day"
        )
    {
        return false;
    }
    UNITS.get(next).is_some_and(|unit| *unit != "other")
        || UNITS.get(low(words, first + 2)).is_some_and(|unit| *unit != "other") && !is_break(next)
}

static PHRASE_ENDS: LazyLock<HashSet<&'static str, RandomState>> =
    LazyLock::new(|| include_str!("../words/phrase_ends.txt").lines().collect());

/// Words at which the noun phrase of a number ends.
fn is_break(low: &str) -> bool {
    let mark = low.chars().all(|c| !c.is_alphanumeric()) && !matches!(low, "%" | "€" | "$" | "£" | "\"" | "“" | "”" | "'");
    mark || PHRASE_ENDS.contains(low)
}

/// The unit of the noun that follows, and the token of the noun.
fn unit_after(words: &[Token<'_>], end: usize) -> Option<(&'static str, usize)> {
    let next = low(words, end);
    if next == "per" && matches!(low(words, end + 1), "cent" | "centum") {
        return Some(("percent", end + 1));
    }
    if next == "%" || next == "percent" {
        return Some(("percent", end));
    }
    if matches!(next, "square") && low(words, end + 1).starts_with("met") {
        return Some(("m2", end + 1));
    }
    if matches!(next, "united" | "us" | "american") && low(words, end + 1).contains("dollar")
        || next == "united" && low(words, end + 1) == "states" && low(words, end + 2).starts_with("dollar")
    {
        return Some(("USD", end + 1));
    }
    if next == "pounds" && low(words, end + 1) == "sterling" {
        return Some(("GBP", end + 1));
    }
    if next == "swiss" && low(words, end + 1).starts_with("franc") {
        return Some(("CHF", end + 1));
    }
    let mut found = None;
    for at in end..(end + 7).min(words.len()) {
        let word = low(words, at);
        if is_break(word) || at > end && matches!(word, "a" | "an" | "each") || number_at(words, at).is_some_and(|_| !word.contains('-')) {
            break;
        }
        let unit = UNITS.get(word).or_else(|| word.rsplit('-').next().and_then(|tail| UNITS.get(tail)));
        if let Some(unit) = unit.or_else(|| are_persons(word).then_some(&"persons")) {
            let unit = &facility(words, at).unwrap_or(unit);
            if at == end && CLOSE.contains(unit) {
                return Some((unit, at));
            }
            found = Some((*unit, at));
        }
    }
    found
}

/// Nouns in the plural that tell by their end that persons are counted: `employers`, `fruit pickers`, `activists`, `trainees`. Things and
/// parts that end so stand in the table of units, or here.
fn are_persons(word: &str) -> bool {
    const THINGS: [&str; 28] = [
        "members",
        "letters",
        "numbers",
        "papers",
        "orders",
        "errors",
        "doors",
        "floors",
        "corridors",
        "answers",
        "registers",
        "rivers",
        "tenders",
        "towers",
        "vouchers",
        "borders",
        "barriers",
        "corners",
        "matters",
        "powers",
        "dangers",
        "mirrors",
        "engines",
        "degrees",
        "guarantees",
        "decrees",
        "chambers",
        "quarters",
    ];
    const THING_ENDS: [&str; 11] =
        ["meters", "factors", "sectors", "actors", "tainers", "tilators", "erators", "cators", "offers", "ectors", "hers"];
    let ends = ["ers", "ors", "ists", "ees", "ians"].iter().any(|end| word.ends_with(end));
    let thing = THINGS.contains(&word) || THING_ENDS.iter().any(|end| word.ends_with(end));
    ends && word.len() > 6 && (!thing || matches!(word, "teachers" | "inspectors" | "directors" | "researchers"))
}

/// `places of detention`, `health posts`: houses, not room in them.
fn facility(words: &[Token<'_>], at: usize) -> Option<&'static str> {
    let of =
        low(words, at + 1) == "of" && matches!(low(words, at + 2), "detention" | "deprivation" | "confinement" | "worship" | "custody");
    let post = matches!(low_before(words, at, 1), "health" | "police" | "border" | "customs" | "military" | "medical" | "frontier");
    match low(words, at) {
        "place" | "places" if of => Some("facilities"),
        "post" | "posts" if post => Some("facilities"),
        _ => None,
    }
}

/// `12-week course`, `18-year-old`, `90-bed`: the number stands inside the word.
fn hyphened(sentence: &Sentence<'_>, at: usize, paragraph: &Paragraph) -> Option<Figure> {
    let word = sentence.words.get(at)?;
    let mut parts = word.low.split('-');
    let head = parts.next()?;
    let noun = parts.next()?;
    let unit = UNITS.get(noun).copied()?;
    let value = number_at(&tokens(head), 0).filter(|number| number.value != 1.0 || !number.in_words)?.value;
    let words = sentence.words;
    let range = word.at.clone();
    let as_printed = sentence.text[range].split('-').take(2).collect::<Vec<_>>().join("-");
    Some(Figure {
        paragraph: paragraph.number,
        as_printed,
        value,
        unit: unit.to_owned(),
        what: around(sentence, at..at + 1),
        period: None,
        qualifier: qualifier(words, at, at + 1),
        stated_by: paragraph.role,
    })
}

fn figure(sentence: &Sentence<'_>, number: &Number, paragraph: &Paragraph, before: &mut Before) -> Option<Figure> {
    let words = sentence.words;
    let named = unit_after(words, number.end);
    let money = money_before(words, number.first);
    let unit = if low_before(words, number.first, 1) == "of" && low_before(words, number.first, 2) == "factor" {
        "factor"
    } else if let Some(money) = money {
        money
    } else if is_age_after(words, number.first) {
        "years"
    } else if let Some(unit) = unit_of_lead(words, number.first).filter(|_| named.is_none()) {
        unit
    } else if let Some((unit, _)) = named.filter(|(unit, at)| !is_false_unit(words, number, unit, *at)) {
        unit
    } else {
        unit_elsewhere(words, number, before)
    };
    if unit == "skip" {
        return None;
    }
    let times = sentence.times.get_or_init(|| spans(words));
    let period =
        period_of(words, times, number.first..number.end).or_else(|| before.period.clone().filter(|_| !before.fresh || goes_on(words)));
    if !CLOSE.contains(&unit) {
        before.unit = Some(unit);
    }
    before.period.clone_from(&period);
    before.fresh = false;
    let end = match named {
        Some((unit, noun)) if CLOSE.contains(&unit) => noun + 1,
        Some((_, noun)) if matches!(low(words, noun), "times") => noun + 1,
        Some(_) | None => number.end,
    };
    Some(Figure {
        paragraph: paragraph.number,
        as_printed: sentence.text[words[number.first].at.start..words[end - 1].at.end].to_owned(),
        value: number.value,
        unit: unit.to_owned(),
        what: around(sentence, number.first..end),
        period,
        qualifier: qualifier(words, number.first, end),
        stated_by: paragraph.role,
    })
}

/// `aged 14 to 17`: the second number is an age too.
fn is_age_after(words: &[Token<'_>], first: usize) -> bool {
    matches!(low_before(words, first, 1), "to" | "and" | "or" | "–") && matches!(low_before(words, first, 3), "aged" | "ages" | "age")
        || matches!(low_before(words, first, 1), "aged")
}

/// `three of the countries`-like nouns too far away are none; `21 others` count what was counted before.
fn is_false_unit(words: &[Token<'_>], number: &Number, unit: &str, at: usize) -> bool {
    low(words, number.end) == "others" || unit == "other" && at > number.end + 4
}

/// `room for 90`, `intended for 980`, `a population of 2.8 million`: the noun stands before.
fn unit_of_lead(words: &[Token<'_>], first: usize) -> Option<&'static str> {
    match (low_before(words, first, 2), low_before(words, first, 1)) {
        ("room" | "space" | "capacity" | "places" | "intended" | "designed" | "built" | "meant", "for") | ("capacity", "of") => {
            Some("places")
        }
        ("population" | "community" | "workforce" | "household" | "households" | "family" | "families" | "crowd", "of") => Some("persons"),
        _ => None,
    }
}

fn money_before(words: &[Token<'_>], first: usize) -> Option<&'static str> {
    match low_before(words, first, 1) {
        "€" | "euro" | "eur" => Some("EUR"),
        "£" => Some("GBP"),
        "$" if low_before(words, first, 2) == "us" => Some("USD"),
        "$" => Some("other"),
        _ => None,
    }
}

/// The unit of a number whose noun stands elsewhere: `631 of them`, `6 had been convicted`, `between 5 and 10 years`, `aged 14`.
fn unit_elsewhere(words: &[Token<'_>], number: &Number, before: &Before) -> &'static str {
    let next = low(words, number.end);
    let last = low_before(words, number.first, 1);
    if matches!(next, "and" | "to" | "or" | "-" | "–")
        && !matches!(last, "first" | "last")
        && let Some(other) = number_at(words, number.end + 1)
        && let Some((unit, _)) = unit_after(words, other.end)
    {
        return unit;
    }
    if matches!(last, "aged" | "age")
        || matches!(last, "of") && low_before(words, number.first, 2) == "age"
        || last == "at" && number.value <= 100.0 && is_break(next) && tells_an_age(words)
        || matches!(last, "under" | "over") && number.value <= 100.0 && is_break(next) && !matches!(next, "of")
        || number.value <= 100.0 && ends_an_age(next) && speaks_of_age(words, number.first)
    {
        return "years";
    }
    if next == "of"
        && let Some((unit, _)) = unit_of_whole(words, number.end + 1)
        && low(words, number.end + 1) != "them"
    {
        return unit;
    }
    if matches!(last, "accommodated" | "housed" | "lodged" | "sheltered" | "hosted") && is_break(next) {
        return "persons";
    }
    if last == "whom" || low_before(words, number.first, 2) == "whom" || next == "of" && low(words, number.end + 1) == "whom" {
        return "persons";
    }
    if next == "of"
        && low(words, number.end + 1) == "them"
        && let Some(unit) = before.unit.filter(|unit| *unit != "other").or_else(|| subject_unit(words, number.first))
    {
        return unit;
    }
    if let Some(unit) = unit_of_participle(words, number.end) {
        return unit;
    }
    before.unit.or_else(|| subject_unit(words, number.first)).unwrap_or("other")
}

/// What may stand behind an age: `sixteen for girls`, `14, or 16`. Of a verb, `of school age, 45 had none`, persons are the subject.
fn ends_an_age(next: &str) -> bool {
    matches!(next, "for" | "and" | "or" | "to" | "." | "," | ";" | ")" | "")
}

/// `could retire at 60`, `were married at 16`: a sentence in which `at` a number is an age.
fn tells_an_age(words: &[Token<'_>]) -> bool {
    words.iter().any(|word| {
        matches!(
            &*word.low,
            "retire" | "retired" | "retirement" | "pension" | "pensions" | "marry" | "married" | "wed" | "enlist" | "enlisted"
        )
    })
}

/// `the minimum age was sixteen for girls`: an age is what the sentence speaks of just before.
fn speaks_of_age(words: &[Token<'_>], first: usize) -> bool {
    words[first.saturating_sub(14)..first].iter().any(|word| matches!(&*word.low, "age" | "aged" | "ages"))
}

/// `of the 17 provinces`, `of the country's nineteen ambassadors`: the noun behind `of`, and behind the number of all.
fn unit_of_whole(words: &[Token<'_>], from: usize) -> Option<(&'static str, usize)> {
    let whole = (from..from + 4).find_map(|at| number_at(words, at).filter(|_| at < words.len()));
    whole.and_then(|whole| unit_after(words, whole.end)).or_else(|| unit_after(words, from))
}

/// `6 had been convicted`: what is convicted is a person.
fn unit_of_participle(words: &[Token<'_>], end: usize) -> Option<&'static str> {
    const DONE_TO_PERSONS: [&str; 22] = [
        "convicted",
        "sentenced",
        "dismissed",
        "disciplined",
        "trained",
        "released",
        "arrested",
        "detained",
        "acquitted",
        "punished",
        "killed",
        "injured",
        "wounded",
        "extradited",
        "deported",
        "charged",
        "imprisoned",
        "pardoned",
        "suspended",
        "reprimanded",
        "graduated",
        "hired",
    ];
    let had = low(words, end);
    if !matches!(had, "had" | "were" | "was" | "have" | "are") {
        return None;
    }
    (end + 1..end + 5).find_map(|at| DONE_TO_PERSONS.contains(&low(words, at)).then_some("persons"))
}

/// The nearest counted noun before the number in its sentence.
fn subject_unit(words: &[Token<'_>], first: usize) -> Option<&'static str> {
    let near = words.get(first.saturating_sub(14)..first)?;
    near.iter().rev().find_map(|word| UNITS.get(&*word.low).copied().filter(|unit| !CLOSE.contains(unit) && *unit != "other"))
}

/// Whether a sentence goes on from the one before: `Of those`, `As a result`, `They`.
fn goes_on(words: &[Token<'_>]) -> bool {
    let start: Vec<&str> = words.iter().take(4).map(|word| &*word.low).collect();
    matches!(
        start.first().copied().unwrap_or_default(),
        "of" | "they" | "as" | "those" | "these" | "among" | "each" | "it" | "thus" | "consequently"
    )
}

fn qualifier(words: &[Token<'_>], first: usize, end: usize) -> Qualifier {
    let back = |n| low_before(words, first, n);
    let (one, two, three) = (back(1), back(2), back(3));
    let negated = matches!(three, "no" | "not" | "never") || matches!(two, "no" | "not");
    match (two, one) {
        ("more" | "longer" | "older" | "higher" | "greater" | "later", "than") if negated => Qualifier::AtMost,
        ("fewer" | "less" | "lower", "than") if negated => Qualifier::AtLeast,
        ("more" | "longer" | "older" | "higher" | "greater", "than") => Qualifier::Over,
        ("fewer" | "less" | "lower" | "younger" | "shorter", "than") => Qualifier::Under,
        ("up", "to") | ("at", "most") | ("maximum" | "limit", "of") | ("limited", "to") | ("to", "within") => Qualifier::AtMost,
        ("at", "least") | ("minimum", "of") => Qualifier::AtLeast,
        (_, "over" | "exceeding" | "exceeded" | "above") if !negated => Qualifier::Over,
        (_, "about" | "approximately" | "around" | "some" | "roughly" | "estimated") => Qualifier::About,
        (_, "almost" | "nearly") => Qualifier::Almost,
        (_, "within" | "maximum" | "exceed" | "exceeding") => Qualifier::AtMost,
        (_, "under" | "below") => Qualifier::Under,
        (_, "every") => Qualifier::Every,
        (_, _) => qualifier_behind(words, first, end),
    }
}

fn qualifier_behind(words: &[Token<'_>], first: usize, end: usize) -> Qualifier {
    let after = |n| low(words, end + n);
    let penalty = (first.saturating_sub(5)..first).any(|at| low(words, at) == "maximum");
    match (after(0), after(1)) {
        ("at", "most") | ("or", "less" | "fewer") => Qualifier::AtMost,
        ("or", "more" | "longer" | "over") | ("at", "least") => Qualifier::AtLeast,
        (_, _) if penalty => Qualifier::AtMost,
        (_, _) => Qualifier::Exact,
    }
}

/// A few words before and behind: what was counted, in the source's own words.
fn around(sentence: &Sentence<'_>, at: Range<usize>) -> String {
    let words = sentence.words;
    let first = at.start.saturating_sub(6);
    let last = (at.end + 8).min(words.len());
    sentence.text[words[first].at.start..words[last - 1].at.end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_in_the_plural_tell_by_their_end_that_persons_are_counted() {
        assert!(["employers", "pickers", "activists", "trainees", "comedians", "inspectors", "strangers"].into_iter().all(are_persons));
        assert!(
            !["containers", "corridors", "registers", "sectors", "generators", "meters", "letters", "trees"].into_iter().any(are_persons)
        );
    }
}
