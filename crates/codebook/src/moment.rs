//! Time as the codebook means it: instants in microseconds, times known only roughly, and spans of elapsed, calendar,
//! working or whole days (rule-language, section 4).

use jiff::{Timestamp, civil, tz::TimeZone};
use std::collections::BTreeSet;

/// An instant: microseconds since 1970-01-01T00:00:00Z. Elapsed differences are plain subtraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// Before every instant that a record can hold (1 January of the year -9000).
    pub const LONG_AGO: Moment = Moment(-346_000_000_000_000_000);
    /// After every instant that a record can hold (year 9999).
    pub const FAR_OFF: Moment = Moment(253_300_000_000_000_000);

    /// From a timestamp, cut to the microsecond.
    #[must_use]
    pub fn from_timestamp(t: Timestamp) -> Self {
        Moment(t.as_microsecond())
    }

    /// As a timestamp; clamped to what jiff can hold.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0.clamp(Self::LONG_AGO.0, Self::FAR_OFF.0)).expect("clamped into jiff's range")
    }

    /// Microseconds from `earlier` to `self`.
    #[must_use]
    pub fn since(self, earlier: Moment) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// When something happened, as well as the record knows it. Both ends are possible instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Earliest possible instant.
    pub earliest: Moment,
    /// Latest possible instant; equal to `earliest` when the time is exact.
    pub latest: Moment,
    /// How it was written down.
    pub precision: Precision,
}

/// How a time was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// An instant.
    Exact,
    /// A date alone: somewhere on that day, from 00:00:00 to 23:59:59.
    Day,
    /// A range with two ends.
    Range,
    /// Not known at all (`at: null`): between the custody's first event and `recorded_at`. The ends are
    /// [`Moment::LONG_AGO`] and the entry's `recorded_at` until a history narrows them.
    Unknown,
}

impl At {
    /// An exactly known instant.
    #[must_use]
    pub fn exact(moment: Moment) -> Self {
        At { earliest: moment, latest: moment, precision: Precision::Exact }
    }

    /// True when there is one possible instant only.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.earliest == self.latest
    }
}

/// Unit of a duration in the rule language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// Elapsed.
    Second,
    /// Elapsed.
    Minute,
    /// Elapsed.
    Hour,
    /// Calendar time in the codebook's zone.
    Day,
    /// Calendar time.
    Month,
    /// Calendar time.
    Year,
}

impl TimeUnit {
    /// The unit that a word names, in the singular or the plural.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Some(match word.strip_suffix('s').unwrap_or(word) {
            "second" => TimeUnit::Second,
            "minute" => TimeUnit::Minute,
            "hour" => TimeUnit::Hour,
            "day" => TimeUnit::Day,
            "month" => TimeUnit::Month,
            "year" => TimeUnit::Year,
            _ => return None,
        })
    }
}

/// A length of time as written: `2 hours`, `15 days`, `12 years`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Length {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: TimeUnit,
}

/// How a rule counts days (`days are counted as …`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DayCount {
    /// Same wall clock n days later.
    #[default]
    Calendar,
    /// Counted from the day after the trigger, weekends and holidays left out, ending at 24:00.
    Working,
    /// Counted from the day after the trigger, every day counts, ending at 24:00.
    Whole,
}

/// Where a day that does not exist in a month goes. Both choices favour the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// Duties of the authority: the last day of the month.
    LastDay,
    /// Ages and limitation clocks: the first of the next month.
    NextMonth,
}

/// Days on which an authority does not work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Weekdays off.
    pub weekend: Vec<civil::Weekday>,
    /// Dates off.
    pub holidays: BTreeSet<civil::Date>,
}

impl Calendar {
    /// Whether the authority works on `date`.
    #[must_use]
    pub fn is_working(&self, date: civil::Date) -> bool {
        !self.weekend.contains(&date.weekday()) && !self.holidays.contains(&date)
    }
}

/// The zone and calendar in which days are counted.
#[derive(Clone, Debug)]
pub struct Almanac {
    /// Time zone of the codebook (or of a timeline).
    pub zone: TimeZone,
    /// Working days.
    pub calendar: Calendar,
}

impl Almanac {
    /// Local date of an instant.
    #[must_use]
    pub fn date(&self, moment: Moment) -> civil::Date {
        self.zone.to_datetime(moment.timestamp()).date()
    }

    /// First instant of a local date (a midnight that a zone change skips moves to the first instant that exists).
    #[must_use]
    pub fn start_of(&self, date: civil::Date) -> Moment {
        self.resolve(date.at(0, 0, 0, 0))
    }

    /// 24:00 of a local date: the first instant of the next.
    #[must_use]
    pub fn end_of(&self, date: civil::Date) -> Moment {
        date.tomorrow().map_or(Moment::FAR_OFF, |next| self.start_of(next))
    }

    /// The instant of a wall time: in a gap the first wall time that exists, in a fold the first occurrence.
    #[must_use]
    pub fn resolve(&self, wall: civil::DateTime) -> Moment {
        use jiff::tz::AmbiguousOffset::{Fold, Gap, Unambiguous};
        let offset = match self.zone.to_ambiguous_timestamp(wall).offset() {
            Unambiguous { offset } => offset,
            Fold { before, .. } => before,
            Gap { before, .. } => {
                // The skipped hour begins where the wall clock, read with the offset before the gap, meets the transition.
                let guess = before.to_timestamp(wall).unwrap_or(Timestamp::MAX);
                // `guess` lies at or after the transition, so the last transition not after it is the gap itself.
                let until = guess.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(guess);
                let start = self.zone.preceding(until).next().map_or(guess, |t| t.timestamp());
                return Moment::from_timestamp(start);
            }
        };
        offset.to_timestamp(wall).map_or(Moment::FAR_OFF, Moment::from_timestamp)
    }

    /// `from + length`, by the rules of section 4.
    #[must_use]
    pub fn add(&self, from: Moment, length: Length, days: DayCount, overflow: Overflow) -> Moment {
        let n = i64::from(length.amount);
        let elapsed =
            |seconds: i64| Moment(from.0.saturating_add(n.saturating_mul(seconds).saturating_mul(1_000_000)).min(Moment::FAR_OFF.0));
        match length.unit {
            TimeUnit::Second => elapsed(1),
            TimeUnit::Minute => elapsed(60),
            TimeUnit::Hour => elapsed(3600),
            TimeUnit::Day => match days {
                DayCount::Calendar => self.shift_days(from, n),
                DayCount::Whole => add_days(self.date(from), n).map_or(Moment::FAR_OFF, |last| self.end_of(last)),
                DayCount::Working => self.add_working(from, length.amount),
            },
            TimeUnit::Month => self.add_months(from, n, overflow),
            TimeUnit::Year => self.add_months(from, n.saturating_mul(12), overflow),
        }
    }

    /// An instant `x` with `x + length <= to` as late as possible, for calendar lengths to within a day: used to find the
    /// instants at which a verdict may change, never to judge.
    #[must_use]
    pub fn back(&self, to: Moment, length: Length) -> Moment {
        let n = i64::from(length.amount);
        let elapsed =
            |seconds: i64| Moment(to.0.saturating_sub(n.saturating_mul(seconds).saturating_mul(1_000_000)).max(Moment::LONG_AGO.0));
        match length.unit {
            TimeUnit::Second => elapsed(1),
            TimeUnit::Minute => elapsed(60),
            TimeUnit::Hour => elapsed(3600),
            TimeUnit::Day => self.shift_days(to, -n),
            TimeUnit::Month => self.add_months(to, -n, Overflow::LastDay),
            TimeUnit::Year => self.add_months(to, -n * 12, Overflow::LastDay),
        }
    }

    fn shift_days(&self, from: Moment, n: i64) -> Moment {
        let wall = self.zone.to_datetime(from.timestamp());
        match add_days(wall.date(), n) {
            Some(date) => self.resolve(date.to_datetime(wall.time())),
            None if n < 0 => Moment::LONG_AGO,
            None => Moment::FAR_OFF,
        }
    }

    fn add_working(&self, from: Moment, n: u32) -> Moment {
        let mut date = self.date(from);
        let mut left = n;
        // A calendar in which nobody ever works would not end: after ten years without a working day the duty is never due.
        let mut idle = 0;
        while left > 0 && idle < 3660 {
            let Ok(next) = date.tomorrow() else { return Moment::FAR_OFF };
            date = next;
            if self.calendar.is_working(date) {
                left -= 1;
                idle = 0;
            } else {
                idle += 1;
            }
        }
        if left > 0 { Moment::FAR_OFF } else { self.end_of(date) }
    }

    fn add_months(&self, from: Moment, n: i64, overflow: Overflow) -> Moment {
        let wall = self.zone.to_datetime(from.timestamp());
        let months = i64::from(wall.year()) * 12 + i64::from(wall.month()) - 1 + n;
        let (Ok(year), Ok(month)) = (i16::try_from(months.div_euclid(12)), i8::try_from(months.rem_euclid(12) + 1)) else {
            return if n < 0 { Moment::LONG_AGO } else { Moment::FAR_OFF };
        };
        let Ok(first) = civil::Date::new(year, month, 1) else {
            return if n < 0 { Moment::LONG_AGO } else { Moment::FAR_OFF };
        };
        let date = if wall.day() <= first.days_in_month() {
            civil::Date::new(year, month, wall.day()).unwrap_or(first)
        } else {
            match overflow {
                Overflow::LastDay => first.last_of_month(),
                Overflow::NextMonth => first.last_of_month().tomorrow().unwrap_or(first),
            }
        };
        self.resolve(date.to_datetime(wall.time()))
    }
}

fn add_days(date: civil::Date, n: i64) -> Option<civil::Date> {
    date.checked_add(jiff::Span::new().try_days(n).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn almanac(zone: &str) -> Almanac {
        let calendar = Calendar {
            weekend: vec![civil::Weekday::Saturday, civil::Weekday::Sunday],
            holidays: [civil::date(2026, 3, 20)].into_iter().collect(),
        };
        Almanac { zone: TimeZone::get(zone).unwrap(), calendar }
    }

    fn at(text: &str) -> Moment {
        Moment::from_timestamp(text.parse().unwrap())
    }

    fn after(zone: &str, from: &str, amount: u32, unit: TimeUnit, days: DayCount, overflow: Overflow) -> Moment {
        almanac(zone).add(at(from), Length { amount, unit }, days, overflow)
    }

    #[test]
    fn hours_are_elapsed_time_even_across_a_change_of_clocks() {
        // Berlin: 29 March 2026, 02:00 becomes 03:00.
        let due = after("Europe/Berlin", "2026-03-28T23:00:00+01:00", 24, TimeUnit::Hour, DayCount::Calendar, Overflow::LastDay);
        assert_eq!(due, at("2026-03-30T00:00:00+02:00"));
    }

    #[test]
    fn a_day_is_the_same_wall_clock_on_the_next_day() {
        let due = after("Europe/Berlin", "2026-03-28T23:00:00+01:00", 1, TimeUnit::Day, DayCount::Calendar, Overflow::LastDay);
        assert_eq!(due, at("2026-03-29T23:00:00+02:00"));
    }

    #[test]
    fn a_wall_time_that_does_not_exist_moves_to_the_first_that_does() {
        let due = after("Europe/London", "2026-03-28T01:30:00Z", 1, TimeUnit::Day, DayCount::Calendar, Overflow::LastDay);
        assert_eq!(due, at("2026-03-29T02:00:00+01:00"));
    }

    #[test]
    fn a_repeated_wall_time_means_its_first_occurrence() {
        let due = after("Europe/London", "2026-10-24T01:30:00+01:00", 1, TimeUnit::Day, DayCount::Calendar, Overflow::LastDay);
        assert_eq!(due, at("2026-10-25T01:30:00+01:00"));
    }

    #[test]
    fn a_midnight_that_does_not_exist_is_the_first_instant_of_that_day() {
        // Beirut: clocks go from 00:00 to 01:00 on 29 March 2026.
        let beirut = almanac("Asia/Beirut");
        assert_eq!(beirut.start_of(civil::date(2026, 3, 29)), at("2026-03-29T01:00:00+03:00"));
    }

    #[test]
    fn whole_days_begin_the_day_after_and_end_at_midnight() {
        let due = after("Asia/Baku", "2026-02-10T09:00:00+04:00", 3, TimeUnit::Day, DayCount::Whole, Overflow::LastDay);
        assert_eq!(due, at("2026-02-14T00:00:00+04:00"));
    }

    #[test]
    fn working_days_leave_out_weekends_and_holidays() {
        // Thursday 19 March; Friday is a holiday; Monday and Tuesday are the two working days.
        let due = after("Asia/Baku", "2026-03-19T09:00:00+04:00", 2, TimeUnit::Day, DayCount::Working, Overflow::LastDay);
        assert_eq!(due, at("2026-03-25T00:00:00+04:00"));
    }

    #[test]
    fn a_calendar_in_which_nobody_works_is_never_due() {
        let weekend = (1..=7).map(|d| civil::Weekday::from_monday_one_offset(d).unwrap()).collect();
        let idle = Almanac { calendar: Calendar { weekend, ..Calendar::default() }, ..almanac("UTC") };
        let due = idle.add(at("2026-01-01T00:00:00Z"), Length { amount: 1, unit: TimeUnit::Day }, DayCount::Working, Overflow::LastDay);
        assert_eq!(due, Moment::FAR_OFF);
    }

    #[test]
    fn a_month_that_is_too_short_favours_the_person() {
        let from = "2026-01-31T10:00:00+04:00";
        let duty = after("Asia/Baku", from, 1, TimeUnit::Month, DayCount::Calendar, Overflow::LastDay);
        assert_eq!(duty, at("2026-02-28T10:00:00+04:00"));
        let clock = after("Asia/Baku", from, 1, TimeUnit::Month, DayCount::Calendar, Overflow::NextMonth);
        assert_eq!(clock, at("2026-03-01T10:00:00+04:00"));
        let age = after("Asia/Baku", "2008-02-29T00:00:00+04:00", 18, TimeUnit::Year, DayCount::Calendar, Overflow::NextMonth);
        assert_eq!(age, at("2026-03-01T00:00:00+04:00"));
    }

    #[test]
    fn lengths_beyond_every_calendar_end_far_off() {
        for unit in [TimeUnit::Second, TimeUnit::Day, TimeUnit::Month, TimeUnit::Year] {
            let due = after("UTC", "2026-01-01T00:00:00Z", u32::MAX, unit, DayCount::Calendar, Overflow::LastDay);
            assert!(due <= Moment::FAR_OFF && due > at("2026-01-01T00:00:00Z"));
        }
    }
}
