//! The period of a table: when things happened that it counts.

use habeas_codebook::moment::{Almanac, Moment};
use jiff::civil::Date;

/// A run of whole days in the codebook's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// As written: `2029`, `2029-Q1`, `2029-03`, `2029-03-04`, `2027/2029`.
    pub name: String,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// First instant.
    pub start: Moment,
    /// First instant after it.
    pub end: Moment,
}

/// A period that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a period; expected 2029, 2029-H1, 2029-Q1, 2029-03, 2029-03-04, or two of them 2027/2029")]
pub struct NoPeriod(pub String);

impl Period {
    /// Reads a period.
    ///
    /// # Errors
    /// [`NoPeriod`] names what was written and what may be.
    pub fn parse(text: &str, almanac: &Almanac) -> Result<Self, NoPeriod> {
        let (from, to) = text.split_once('/').unwrap_or((text, text));
        let ends = days(from).zip(days(to)).map(|((first, _), (_, last))| (first, last)).filter(|(first, last)| first <= last);
        let (first, last) = ends.ok_or_else(|| NoPeriod(text.to_owned()))?;
        Ok(Period { name: text.to_owned(), first, last, start: almanac.start_of(first), end: almanac.end_of(last) })
    }

    /// Whether an instant lies in it.
    #[must_use]
    pub fn covers(&self, at: Moment) -> bool {
        self.start <= at && at < self.end
    }

    /// How often values come: the code of SDMX's list of frequencies.
    #[must_use]
    pub fn frequency(&self) -> &'static str {
        let text = self.name.as_str();
        if text.contains('/') {
            "N"
        } else if text.contains("-Q") {
            "Q"
        } else if text.contains("-H") {
            "S"
        } else {
            match text.len() {
                4 => "A",
                7 => "M",
                _ => "D",
            }
        }
    }
}

/// First and last day of one part.
fn days(text: &str) -> Option<(Date, Date)> {
    if let Some((year, part)) = text.split_once('-')
        && let Some((letter, number)) = part.split_at_checked(1)
        && matches!(letter, "Q" | "H")
    {
        let (number, months): (i8, i8) = (number.parse().ok()?, if letter == "Q" { 3 } else { 6 });
        let first = Date::new(year.parse().ok()?, number.checked_sub(1)?.checked_mul(months)?.checked_add(1)?, 1).ok()?;
        let last = Date::new(first.year(), first.month() + months - 1, 1).ok()?.last_of_month();
        return Some((first, last));
    }
    habeas_codebook::value::date(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> Option<(String, String)> {
        days(text).map(|(first, last)| (first.to_string(), last.to_string()))
    }

    #[test]
    fn a_period_is_a_year_a_half_a_quarter_a_month_or_a_day() {
        let both = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(ends("2028"), both("2028-01-01", "2028-12-31"));
        assert_eq!(ends("2028-H2"), both("2028-07-01", "2028-12-31"));
        assert_eq!(ends("2028-Q1"), both("2028-01-01", "2028-03-31"));
        assert_eq!(ends("2028-02"), both("2028-02-01", "2028-02-29"));
        assert_eq!(ends("2028-02-03"), both("2028-02-03", "2028-02-03"));
        for wrong in ["", "2028-Q5", "2028-Q0", "2028-H3", "Q1", "2028-13", "28", "2028-Q", "2028-Q-128"] {
            assert_eq!(ends(wrong), None, "{wrong}");
        }
    }
}
