//! Times of foreign tables: formats, zones, precision, lists of ends, and what cannot be earlier.

use super::compiled::{Column, Row, Time};
use super::written::{Choose, Precision};
use crate::gather::unknown_time;
use crate::problem::Problem;
use habeas_codebook::moment::{self, Almanac, At, Calendar, DayCount, Length, Moment, Overflow, TimeUnit};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;

/// Times that a row gives: none when the cell is blank, several when each of a list is wanted.
pub(super) type Times = SmallVec<[At; 1]>;

/// How one column's times are written.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) formats: Vec<String>,
    pub(super) precision: Option<Precision>,
    pub(super) zone: TimeZone,
    /// Where a row says its own zone; blank: the zone above.
    pub(super) zone_in: Option<Column>,
}

impl Time {
    /// The times of a row.
    pub(super) fn of(&self, row: &Row<'_>) -> Result<Times, Problem> {
        match self {
            Time::Unknown => Ok(smallvec![unknown_time()]),
            Time::Constant(at) => Ok(smallvec![*at]),
            Time::Range { earliest, latest, not_before } => {
                let (first, last) = (earliest.of(row)?.first().copied(), latest.of(row)?.first().copied());
                let at = match (first, last) {
                    (Some(a), Some(b)) if a.earliest <= b.latest => {
                        At { earliest: a.earliest, latest: b.latest, precision: moment::Precision::Range }
                    }
                    (Some(_), Some(_)) => {
                        return Err(row.problem(None, "the latest possible time lies before the earliest", "", "earliest, then latest"));
                    }
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => return Ok(Times::new()),
                };
                Ok(smallvec![bounded(at, not_before.as_deref(), row, None)?])
            }
            Time::Column { column, reading, split, choose, not_before, blank_is_unknown, plus } => {
                let cell = row.value(*column);
                if cell.is_empty() || plus.is_some_and(|(column, _)| row.value(column).is_empty()) {
                    return Ok(if *blank_is_unknown { smallvec![unknown_time()] } else { Times::new() });
                }
                let reading = reading.of_row(row)?;
                let Some(separator) = split else {
                    let at = reading.at(cell, row, *column)?;
                    let at = match plus {
                        Some((column, unit)) => later(at, row, *column, *unit, &reading)?,
                        None => at,
                    };
                    return Ok(smallvec![bounded(at, not_before.as_deref(), row, Some(*column))?]);
                };
                let mut items = Times::new();
                for item in cell.split(separator.as_str()).map(str::trim).filter(|item| !item.is_empty()) {
                    items.push(reading.at(item, row, *column)?);
                }
                if let Some(bound) = not_before.as_ref() {
                    let bound = bound.of(row)?;
                    items.retain(|at| bound.first().is_none_or(|b| at.latest >= b.earliest));
                }
                Ok(chosen(items, *choose))
            }
        }
    }
}

fn chosen(items: Times, choose: Choose) -> Times {
    let one = match choose {
        Choose::Each => return items,
        Choose::First => items.first().copied(),
        Choose::Last => items.last().copied(),
        Choose::Earliest => items.iter().copied().min_by_key(|at| at.earliest),
        Choose::Latest => items.iter().copied().max_by_key(|at| at.latest),
    };
    one.into_iter().collect()
}

/// As much later as a column says: whole days and more by the calendar, what is shorter as time that passes.
fn later(at: At, row: &Row<'_>, column: Column, unit: TimeUnit, reading: &Reading) -> Result<At, Problem> {
    let cell = row.value(column);
    let elapsed = |seconds: i64| {
        let micros = |amount: Decimal| amount.checked_mul(Decimal::from(seconds * 1_000_000))?.to_i64();
        let by = row.numbers.read(cell).filter(|amount| !amount.is_sign_negative()).and_then(micros);
        by.ok_or_else(|| row.problem(Some(column), "this is not how much later", cell, "a number, not below 0"))
    };
    let precision = if at.is_exact() { at.precision } else { moment::Precision::Range };
    let moved =
        |by: i64| At { earliest: Moment(at.earliest.0.saturating_add(by)), latest: Moment(at.latest.0.saturating_add(by)), precision };
    match unit {
        TimeUnit::Second => elapsed(1).map(moved),
        TimeUnit::Minute => elapsed(60).map(moved),
        TimeUnit::Hour => elapsed(3600).map(moved),
        TimeUnit::Day | TimeUnit::Month | TimeUnit::Year => {
            let whole = row.numbers.read(cell).filter(Decimal::is_integer).and_then(|amount| amount.to_u32());
            let amount =
                whole.ok_or_else(|| row.problem(Some(column), "this is not how much later", cell, "a whole number, not below 0"))?;
            let almanac = reading.almanac();
            let add = |from| almanac.add(from, Length { amount, unit }, DayCount::Calendar, Overflow::LastDay);
            Ok(At { earliest: add(at.earliest), latest: add(at.latest), precision: at.precision })
        }
    }
}

/// How long it is from one time to another, below nought where the other is earlier. Days are counted from date to date; what is shorter
/// is time that passes. `None` where a time is too rough to say.
pub(super) fn length(from: At, to: At, unit: TimeUnit, zone: &TimeZone) -> Option<Decimal> {
    let passed = |micros: i64| {
        let exact = from.is_exact() && to.is_exact();
        exact.then(|| Decimal::from(to.earliest.since(from.earliest)) / Decimal::from(micros))
    };
    match unit {
        TimeUnit::Second => passed(1_000_000),
        TimeUnit::Minute => passed(60_000_000),
        TimeUnit::Hour => passed(3_600_000_000),
        TimeUnit::Day => {
            let almanac = Almanac { zone: zone.clone(), calendar: Calendar::default() };
            let date = |at: At| Some(almanac.date(at.earliest)).filter(|date| *date == almanac.date(at.latest));
            let days = date(from)?.until(date(to)?).ok()?.get_days();
            Some(Decimal::from(days))
        }
        TimeUnit::Month | TimeUnit::Year => None,
    }
}

/// A time that is certainly earlier than another column's is a bad row; a range is cut to begin no earlier.
fn bounded(at: At, not_before: Option<&Time>, row: &Row<'_>, column: Option<Column>) -> Result<At, Problem> {
    let Some(bound) = not_before else { return Ok(at) };
    let Some(bound) = bound.of(row)?.first().copied() else { return Ok(at) };
    if at.latest < bound.earliest {
        let found = column.map_or("", |c| row.value(c));
        return Err(row.problem(column, "this lies before the time that it cannot precede (`not_before`)", found, "a time not before it"));
    }
    Ok(At { earliest: at.earliest.max(bound.earliest), ..at })
}

impl Reading {
    /// Times as the product itself writes them.
    pub(super) fn plain(zone: TimeZone) -> Self {
        Reading { formats: Vec::new(), precision: None, zone, zone_in: None }
    }

    /// The same in the zone of a row.
    fn of_row(&self, row: &Row<'_>) -> Result<Cow<'_, Self>, Problem> {
        let Some(column) = self.zone_in else { return Ok(Cow::Borrowed(self)) };
        let named = row.value(column);
        if named.is_empty() {
            return Ok(Cow::Borrowed(self));
        }
        let zone = TimeZone::get(named)
            .map_err(|_| row.problem(Some(column), "no time zone is called so", named, "a zone such as Europe/London"))?;
        Ok(Cow::Owned(Reading { zone, ..self.clone() }))
    }

    pub(super) fn at(&self, cell: &str, row: &Row<'_>, column: Column) -> Result<At, Problem> {
        self.read(cell).ok_or_else(|| {
            let expected = if self.formats.is_empty() { "an RFC 3339 time or a date".to_owned() } else { self.formats.join(" or ") };
            row.problem(Some(column), "this is not a time", cell, expected)
        })
    }

    /// A time by the first format that fits.
    pub(super) fn read(&self, text: &str) -> Option<At> {
        if self.formats.is_empty() {
            let almanac = self.almanac();
            let at = habeas_codebook::value::time(text, &almanac)?;
            return Some(match self.precision {
                Some(Precision::Day | Precision::Month | Precision::Year) => self.rough(almanac.date(at.earliest), self.precision),
                Some(Precision::Second | Precision::Minute) | None => at,
            });
        }
        self.formats.iter().find_map(|format| self.by(format, text))
    }

    fn by(&self, format: &str, text: &str) -> Option<At> {
        let mut parts = BrokenDownTime::parse(format, text).ok()?;
        if let (Some(_), Some(_)) = (parts.offset(), parts.hour()) {
            let moment = Moment::from_timestamp(parts.to_timestamp().ok()?);
            return Some(match self.precision {
                Some(Precision::Day | Precision::Month | Precision::Year) => self.rough(self.almanac().date(moment), self.precision),
                Some(Precision::Second | Precision::Minute) | None => At::exact(moment),
            });
        }
        let without_month = parts.month().is_none() && parts.day_of_year().is_none() && parts.to_date().is_err();
        if without_month {
            parts.set_month(Some(1)).ok()?;
        }
        let without_day = parts.day().is_none() && parts.day_of_year().is_none() && parts.to_date().is_err();
        if without_day {
            parts.set_day(Some(1)).ok()?;
        }
        let date = parts.to_date().ok()?;
        // A format without a time of day knows the day at best: 00:00 is never made up.
        let precision = match (self.precision, parts.hour()) {
            (_, _) if without_month => Some(Precision::Year),
            (Some(Precision::Year), _) => Some(Precision::Year),
            (_, _) if without_day => Some(Precision::Month),
            (Some(Precision::Month), _) => Some(Precision::Month),
            (Some(Precision::Day), _) | (_, None) => Some(Precision::Day),
            (Some(Precision::Second | Precision::Minute) | None, Some(_)) => None,
        };
        if precision.is_some() {
            return Some(self.rough(date, precision));
        }
        let time = parts.to_time().ok()?;
        Some(At::exact(self.almanac().resolve(date.to_datetime(time))))
    }

    pub(super) fn almanac(&self) -> Almanac {
        Almanac { zone: self.zone.clone(), calendar: Calendar::default() }
    }

    fn rough(&self, date: jiff::civil::Date, precision: Option<Precision>) -> At {
        let almanac = self.almanac();
        let (first, last, precision) = match precision {
            Some(Precision::Year) => (date.first_of_year(), date.last_of_year(), moment::Precision::Range),
            Some(Precision::Month) => (date.first_of_month(), date.last_of_month(), moment::Precision::Range),
            Some(Precision::Second | Precision::Minute | Precision::Day) | None => (date, date, moment::Precision::Day),
        };
        At { earliest: almanac.start_of(first), latest: Moment(almanac.end_of(last).0 - 1_000_000), precision }
    }
}
