//! How values are spelt in logs and forms, and what they then are (interfaces, *Events in a log*).

use crate::log::{Lasting, TextId, Value};
use crate::moment::{Almanac, At, Moment, Precision};
use crate::tree::{Codebook, Field, FieldType, Unit, ValueId};
use jiff::civil;
use rust_decimal::Decimal;

/// A spelling that is none of the field's values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Misspelt {
    /// What was expected.
    pub expected: String,
}

fn misspelt(expected: impl Into<String>) -> Misspelt {
    Misspelt { expected: expected.into() }
}

/// Reads the spelling of a field's value; several values of one field are joined by `|`. `place` gives texts their number in a log.
///
/// # Errors
/// [`Misspelt`] says what the field may hold.
pub fn parse(codebook: &Codebook, field: &Field, text: &str, place: &mut dyn FnMut(&str) -> TextId) -> Result<Value, Misspelt> {
    if field.list || matches!(field.of, FieldType::Choices(_)) {
        let items = text.split('|').map(str::trim).filter(|item| !item.is_empty());
        let values: Result<Vec<Value>, Misspelt> = items.map(|item| parse_one(codebook, field, item, place)).collect();
        return Ok(Value::Several(values?.into()));
    }
    parse_one(codebook, field, text, place)
}

/// Reads one value of a field that may hold several.
///
/// # Errors
/// [`Misspelt`] says what the field may hold.
pub fn parse_one(codebook: &Codebook, field: &Field, text: &str, place: &mut dyn FnMut(&str) -> TextId) -> Result<Value, Misspelt> {
    match &field.of {
        FieldType::Choice(choices) | FieldType::Choices(choices) => choice(codebook, codebook.values(choices), text, place),
        FieldType::YesNo => match text {
            "yes" | "true" | "Yes" | "YES" | "True" | "TRUE" => Ok(Value::YesNo(true)),
            "no" | "false" | "No" | "NO" | "False" | "FALSE" => Ok(Value::YesNo(false)),
            _ => Err(misspelt("yes or no")),
        },
        FieldType::Number(unit) => number(*unit, text).map(Value::Number),
        FieldType::Money => money(text),
        FieldType::Date => date(text)
            .map(|(first, last)| Value::Date(first, last))
            .ok_or_else(|| misspelt("a date: 2009, 2009-04, 2009-04-30 or earliest/latest")),
        FieldType::Time => time(text, &codebook.almanac).map(Value::time).ok_or_else(|| misspelt(EXPECTED_TIME)),
        FieldType::Span => span(text, &codebook.almanac).ok_or_else(|| misspelt("a span: start/end, each an RFC 3339 time or a date")),
        FieldType::Duration => duration(text).map(Value::Duration).ok_or_else(|| misspelt("an ISO 8601 duration such as PT30M or P2D")),
        FieldType::Role => {
            let spelling = text.to_lowercase().replace('_', " ");
            let role = codebook.roles.iter().position(|r| r.name.replace('_', " ") == spelling);
            role.map(|i| Value::Role(crate::tree::RoleId(i as u16))).ok_or_else(|| misspelt("a role of the codebook"))
        }
        FieldType::Text
        | FieldType::FileHash
        | FieldType::Language
        | FieldType::Country
        | FieldType::Signature
        | FieldType::BodyMark
        | FieldType::Place
        | FieldType::Person
        | FieldType::Officer
        | FieldType::Subject(_)
        | FieldType::Ref(_) => Ok(Value::Text(place(text))),
    }
}

/// What a time may look like.
pub const EXPECTED_TIME: &str = "a time: 2026-03-03T14:30:00+04:00, a date alone, or earliest/latest";

fn choice(codebook: &Codebook, values: &[ValueId], text: &str, place: &mut dyn FnMut(&str) -> TextId) -> Result<Value, Misspelt> {
    let spelt = |v: &ValueId| codebook.value_names[v.index()].as_str();
    if let Some(value) = values.iter().find(|v| spelt(v) == text) {
        return Ok(Value::Choice(*value));
    }
    if text.starts_with("foreign:") {
        return Ok(Value::Foreign(place(text)));
    }
    let loose = |s: &str| s.to_lowercase().replace(['_', '-'], " ");
    let wanted = loose(text);
    if let Some(value) = values.iter().find(|v| loose(spelt(v)) == wanted) {
        return Ok(Value::Choice(*value));
    }
    let names: Vec<&str> = values.iter().map(spelt).collect();
    Err(misspelt(format!("one of: {}", names.join(", "))))
}

/// Spellings of units, with the unit and how many of its base (metres, grams …) one is, as a power of ten.
const UNITS: &[(&str, Unit, Measured, i32)] = &[
    ("m2", Unit::SquareMetre, Measured::Area, 0),
    ("m²", Unit::SquareMetre, Measured::Area, 0),
    ("mm", Unit::Millimetre, Measured::Length, -3),
    ("m", Unit::Metre, Measured::Length, 0),
    ("km", Unit::Kilometre, Measured::Length, 3),
    ("l", Unit::Litre, Measured::Volume, 0),
    ("mg", Unit::Milligram, Measured::Mass, -3),
    ("g", Unit::Gram, Measured::Mass, 0),
    ("kg", Unit::Kilogram, Measured::Mass, 3),
    ("°", Unit::Degree, Measured::Angle, 0),
    ("°C", Unit::Degree, Measured::Angle, 0),
    ("%", Unit::Percent, Measured::Share, 0),
    ("square metre", Unit::SquareMetre, Measured::Area, 0),
    ("millimetre", Unit::Millimetre, Measured::Length, -3),
    ("metre", Unit::Metre, Measured::Length, 0),
    ("kilometre", Unit::Kilometre, Measured::Length, 3),
    ("litre", Unit::Litre, Measured::Volume, 0),
    ("milligram", Unit::Milligram, Measured::Mass, -3),
    ("gram", Unit::Gram, Measured::Mass, 0),
    ("kilogram", Unit::Kilogram, Measured::Mass, 3),
    ("degree", Unit::Degree, Measured::Angle, 0),
    ("percent", Unit::Percent, Measured::Share, 0),
];

#[derive(Clone, Copy, PartialEq)]
enum Measured {
    Area,
    Length,
    Volume,
    Mass,
    Angle,
    Share,
}

/// A number in its field's unit; another unit of the same measure is converted exactly.
fn number(unit: Option<Unit>, text: &str) -> Result<Decimal, Misspelt> {
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(text.len());
    let (figure, written) = (&text[..digits], text[digits..].trim());
    let expected = || {
        misspelt(unit_name(unit).map_or_else(|| "a number".to_owned(), |name| format!("a number of {name}s, such as `5` or `5 {name}s`")))
    };
    let figure: Decimal = figure.parse().map_err(|_| expected())?;
    if written.is_empty() {
        return Ok(figure);
    }
    let known = |name: &str| UNITS.iter().find(|(n, ..)| *n == name || name.strip_suffix('s') == Some(n));
    let (Some((_, _, measured, power)), Some(own)) = (known(written), unit) else { return Err(expected()) };
    let Some((_, _, own_measured, own_power)) = UNITS.iter().find(|(_, u, ..)| *u == own) else { return Err(expected()) };
    if measured != own_measured {
        return Err(expected());
    }
    let factor = Decimal::from(10u32.pow(power.abs_diff(*own_power)));
    Ok(if power >= own_power { figure * factor } else { figure / factor })
}

fn unit_name(unit: Option<Unit>) -> Option<&'static str> {
    UNITS.iter().find(|(name, u, ..)| Some(*u) == unit && name.len() > 3).map(|(name, ..)| *name)
}

fn money(text: &str) -> Result<Value, Misspelt> {
    let expected = || misspelt("an amount and a currency such as `120.50 AZN`");
    let (amount, currency) = text.trim().split_once(' ').ok_or_else(expected)?;
    let currency: [u8; 3] = currency.trim().as_bytes().try_into().map_err(|_| expected())?;
    if !currency.iter().all(u8::is_ascii_uppercase) {
        return Err(expected());
    }
    Ok(Value::Money(amount.parse().map_err(|_| expected())?, currency))
}

/// `2009`, `2009-04`, `2009-04-30` or two of them: first and last possible day.
#[must_use]
pub fn date(text: &str) -> Option<(civil::Date, civil::Date)> {
    if let Some((first, last)) = text.split_once('/') {
        let (first, last) = (date(first)?.0, date(last)?.1);
        return (first <= last).then_some((first, last));
    }
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    match text.len() {
        4 if digits(text, 4) => {
            let year = text.parse().ok()?;
            Some((civil::Date::new(year, 1, 1).ok()?, civil::Date::new(year, 12, 31).ok()?))
        }
        7 => {
            let (year, month) = text.split_once('-').filter(|(y, m)| digits(y, 4) && digits(m, 2))?;
            let first = civil::Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            Some((first, first.last_of_month()))
        }
        10 => {
            let day: civil::Date = text.parse().ok()?;
            Some((day, day))
        }
        _ => None,
    }
}

/// A time of a log: RFC 3339, a date alone (that day in the codebook's zone, from 00:00:00 to 23:59:59), or `earliest/latest`.
/// An unknown time is not read here: it needs the time of record.
#[must_use]
pub fn time(text: &str, almanac: &Almanac) -> Option<At> {
    if let Some((earliest, latest)) = text.split_once('/') {
        let (earliest, latest) = (time(earliest, almanac)?.earliest, time(latest, almanac)?.latest);
        return (earliest <= latest).then_some(At { earliest, latest, precision: Precision::Range });
    }
    if text.len() == 10 {
        let day: civil::Date = text.parse().ok()?;
        return Some(At { earliest: almanac.start_of(day), latest: Moment(almanac.end_of(day).0 - 1_000_000), precision: Precision::Day });
    }
    moment(text).map(At::exact)
}

/// An RFC 3339 time with its offset.
#[must_use]
pub fn moment(text: &str) -> Option<Moment> {
    quick_moment(text.as_bytes()).or_else(|| {
        // What jiff accepts beyond RFC 3339 (no seconds, a zone in brackets) is not a time of a log.
        let bytes = text.as_bytes();
        let plausible = bytes.len() >= 20 && bytes.is_ascii() && !text.contains('[');
        let at = text.parse::<jiff::Timestamp>().ok().filter(|_| plausible)?;
        Some(Moment::from_timestamp(at))
    })
}

/// Reads moments one after another, as [`moment`] does. In a log one date mostly follows the same date, and one offset the same offset,
/// which are then not worked out again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// The last date and the `T` after it, as written: the first eight letters, and the last eight.
    day: (u64, u64),
    /// The last offset as written, `Z` or `+04:00`, the rest noughts.
    offset: [u8; 8],
    /// The instant of its midnight, in seconds since 1970.
    midnight: i64,
}

impl Clock {
    /// The moment of an RFC 3339 text.
    #[inline]
    pub fn moment(&mut self, text: &[u8]) -> Option<Moment> {
        if let Some((written, offset)) = text.split_first_chunk::<19>()
            && Self::day_of(written) == self.day
            && (offset == b"Z" && self.offset[0] == b'Z' || offset.len() == 6 && *offset == self.offset[..6])
            && let Some(seconds) = clock_seconds(word(written, 11))
        {
            return Some(Moment((self.midnight + seconds) * 1_000_000));
        }
        self.moment_of_another_day(text)
    }

    #[cold]
    fn moment_of_another_day(&mut self, text: &[u8]) -> Option<Moment> {
        let moment = moment(std::str::from_utf8(text).ok()?)?;
        if let Some((written, offset)) = text.split_first_chunk::<19>()
            && let (Some(seconds), b'T', b"Z" | [_, _, _, b':', _, _]) = (clock_seconds(word(written, 11)), written[10], offset)
        {
            let mut kept = [0; 8];
            kept[..offset.len()].copy_from_slice(offset);
            *self = Clock { day: Self::day_of(written), offset: kept, midnight: moment.0.div_euclid(1_000_000) - seconds };
        }
        Some(moment)
    }

    fn day_of(written: &[u8; 19]) -> (u64, u64) {
        (word(written, 0), word(written, 3))
    }
}

/// Eight letters from a place on, the first in the lowest byte.
fn word(text: &[u8; 19], from: usize) -> u64 {
    text[from..].first_chunk().map_or(0, |letters| u64::from_le_bytes(*letters))
}

/// Seconds since midnight of `HH:MM:SS`, its first letter in the lowest byte; `None` where that is not a time of day.
fn clock_seconds(letters: u64) -> Option<i64> {
    let digits = letters ^ u64::from_le_bytes(*b"00:00:00");
    // No digit above nine, and the colons in their places.
    const SIXES: u64 = 0x0606_0006_0600_0606;
    const HIGH: u64 = 0xf0f0_fff0_f0ff_f0f0;
    if (digits.wrapping_add(SIXES) | digits) & HIGH != 0 {
        return None;
    }
    let two = |shift: u32| ((digits >> shift) & 0xff) * 10 + ((digits >> (shift + 8)) & 0xff);
    let (hour, minute, second) = (two(0), two(24), two(48));
    (hour < 24 && minute < 60 && second < 60).then_some((hour * 3600 + minute * 60 + second) as i64)
}

/// `YYYY-MM-DDTHH:MM:SS` and `Z` or `±hh:mm`, without going through a calendar library.
fn quick_moment(b: &[u8]) -> Option<Moment> {
    if b.len() < 20 || b[4] != b'-' || b[7] != b'-' || !matches!(b[10], b'T' | b't' | b' ') || b[13] != b':' || b[16] != b':' {
        return None;
    }
    let two = |i: usize| {
        let (x, y) = (b[i].wrapping_sub(b'0'), b[i + 1].wrapping_sub(b'0'));
        (x < 10 && y < 10).then_some(i64::from(x) * 10 + i64::from(y))
    };
    let offset = match b.get(19..)? {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (two(20)?, two(23)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            if *sign == b'+' { seconds } else { -seconds }
        }
        _ => return None,
    };
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(Moment((days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000))
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, *chrono-compatible low-level date algorithms*).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn span(text: &str, almanac: &Almanac) -> Option<Value> {
    let (start, end) = text.split_once('/')?;
    let (start, end) = (time(start, almanac)?, time(end, almanac)?);
    (start.earliest <= end.latest).then(|| Value::Span(Box::new((start, end))))
}

/// An ISO 8601 duration.
#[must_use]
pub fn duration(text: &str) -> Option<Lasting> {
    let span: jiff::Span = text.parse().ok().filter(|_| text.starts_with('P'))?;
    if span.is_negative() {
        return None;
    }
    let months = i32::from(span.get_years()) * 12 + span.get_months();
    let days = span.get_weeks() * 7 + span.get_days();
    let seconds = i64::from(span.get_hours()) * 3600 + span.get_minutes() * 60 + span.get_seconds();
    let micros = seconds.checked_mul(1_000_000)? + span.get_milliseconds() * 1000 + span.get_microseconds();
    Some(Lasting { months, days, micros })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_reading_of_a_time_agrees_with_the_library() {
        for text in ["2026-03-03T14:30:00+04:00", "2024-02-29T23:59:59Z", "1970-01-01T00:00:00-11:30", "0001-01-01T00:00:00Z"] {
            let slow = text.parse::<jiff::Timestamp>().ok().map(Moment::from_timestamp);
            assert_eq!(quick_moment(text.as_bytes()), slow, "{text}");
            assert!(slow.is_some());
        }
    }

    proptest::proptest! {
        #[test]
        fn times_read_one_after_another_are_those_read_alone(
            texts in proptest::collection::vec(
                "20(24|26)-0[1-3]-(29|3[01])[Tt][0-2][0-9][:;][0-6][0-9]:[0-6][0-9/:](Z|z|\\+04:00|)",
                1..12,
            ),
        ) {
            let mut clock = Clock::default();
            for text in texts.iter().chain(&texts) {
                proptest::prop_assert_eq!(clock.moment(text.as_bytes()), moment(text), "{}", text);
            }
        }
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in
            ["2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T10:00:00", "2026-01-01 10:00", "today", ""]
        {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_may_carry_another_unit_of_its_measure() {
        assert_eq!(number(Some(Unit::Millimetre), "1.5 m"), Ok(Decimal::from(1500)));
        assert_eq!(number(Some(Unit::Kilogram), "5 mg"), Ok(Decimal::new(5, 6)));
        assert_eq!(number(Some(Unit::Milligram), "5"), Ok(Decimal::from(5)));
        assert!(number(Some(Unit::SquareMetre), "5 kg").is_err());
        assert!(number(None, "5 kg").is_err());
        assert!(number(None, "five").is_err());
    }

    #[test]
    fn a_birth_date_may_be_a_year_a_month_or_a_range() {
        assert_eq!(date("2009"), Some((civil::date(2009, 1, 1), civil::date(2009, 12, 31))));
        assert_eq!(date("2009-02"), Some((civil::date(2009, 2, 1), civil::date(2009, 2, 28))));
        assert_eq!(date("2009-02/2010"), Some((civil::date(2009, 2, 1), civil::date(2010, 12, 31))));
        assert_eq!(date("2010/2009"), None);
    }

    #[test]
    fn a_duration_keeps_its_calendar_parts() {
        assert_eq!(duration("P1Y2M3DT4H5M6S"), Some(Lasting { months: 14, days: 3, micros: 14_706_000_000 }));
        assert_eq!(duration("-PT5M"), None);
        assert_eq!(duration("5 minutes"), None);
    }
}
