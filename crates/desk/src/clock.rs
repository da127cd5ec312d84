//! Times and lengths of time in words, and the one text box that takes a time.

use crate::texts::{Language, Texts};
use habeas_codebook::moment::{At, Moment, Precision};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, civil};

const MINUTE: i64 = 60_000_000;

/// The beginning of the minute in which a moment lies: people write times to the minute.
#[must_use]
pub fn to_the_minute(moment: Moment) -> Moment {
    Moment(moment.0.div_euclid(MINUTE) * MINUTE)
}

/// A language, a zone and a present: what a time needs to be said.
#[derive(Clone)]
pub struct Teller<'t> {
    /// The words.
    pub texts: &'t Texts,
    /// Of the reader.
    pub language: Language,
    /// Of the place.
    pub zone: TimeZone,
    /// The present.
    pub now: Moment,
}

impl Teller<'_> {
    /// Under an hour `9 min`, then `1 h 31`, from 72 hours `4 days`. Whole minutes, no-break spaces.
    #[must_use]
    pub fn length(&self, micros: i64) -> String {
        let minutes = micros.max(0) / MINUTE;
        let (hours, rest) = (minutes / 60, minutes % 60);
        let say = |id: &str, values: &[(&str, &str)]| self.texts.say(self.language, id, values);
        if minutes < 60 {
            say("length-minutes", &[("n", &minutes.to_string())])
        } else if hours < 72 {
            say("length-hours", &[("h", &hours.to_string()), ("m", &format!(":{rest:02}"))]).replace(':', "")
        } else {
            say("length-days", &[("n", &(hours / 24).to_string())])
        }
    }

    fn civil(&self, moment: Moment) -> civil::DateTime {
        self.zone.to_datetime(moment.timestamp())
    }

    /// Whether lines run from right to left.
    #[must_use]
    pub fn is_mirrored(&self) -> bool {
        self.language.direction() == "rtl"
    }

    /// The hour of the day, 0 to 23, by the clock of the place.
    #[must_use]
    pub fn hour_of_day(&self, moment: Moment) -> i8 {
        self.civil(moment).hour()
    }

    /// A moment as somebody types it: `2026-03-04 02:20`, `4.3.2026 02:20`, an hour of today, or RFC 3339.
    #[must_use]
    pub fn typed(&self, text: &str) -> Option<Moment> {
        let text = text.trim();
        if let Some(moment) = habeas_codebook::value::moment(text) {
            return Some(moment);
        }
        let (day, hour) = text.rsplit_once([' ', 'T']).unwrap_or(("", text));
        let day = match day.trim().trim_end_matches(',').split('.').map(str::trim).collect::<Vec<_>>().as_slice() {
            [date, month, year] => format!("{year}-{month:0>2}-{date:0>2}"),
            _ => day.trim().to_owned(),
        };
        let typed = TimeTyped { time: hour.to_owned(), day, ..TimeTyped::default() };
        typed.read(self.now, &self.zone).ok().flatten().map(|at| at.earliest)
    }

    /// As [`Teller::typed`] reads it, to the minute.
    #[must_use]
    pub fn for_typing(&self, moment: Moment) -> String {
        let at = self.civil(moment);
        format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
    }

    /// `02:20`.
    #[must_use]
    pub fn hour(&self, moment: Moment) -> String {
        let at = self.civil(moment);
        format!("{:02}:{:02}", at.hour(), at.minute())
    }

    /// `4 March 2026`, in the reader's language.
    #[must_use]
    pub fn day(&self, moment: Moment) -> String {
        self.date(self.civil(moment).date())
    }

    /// A civil day in the reader's language.
    #[must_use]
    pub fn date(&self, date: civil::Date) -> String {
        let month = self.texts.say(self.language, &format!("month-{}", date.month()), &[]);
        let (day, year) = (date.day().to_string(), date.year().to_string());
        self.texts.say(self.language, "date", &[("day", &day), ("month", &month), ("year", &year)])
    }

    /// `02:20` today, else with the day.
    #[must_use]
    pub fn instant(&self, moment: Moment) -> String {
        if self.civil(moment).date() == self.civil(self.now).date() {
            return self.hour(moment);
        }
        self.whole(moment)
    }

    /// `4 March 2026, 02:20`, today too: for what is kept, or printed.
    #[must_use]
    pub fn whole(&self, moment: Moment) -> String {
        self.texts.say(self.language, "day-and-hour", &[("day", &self.day(moment)), ("hour", &self.hour(moment))])
    }

    /// A time as well as it is known.
    #[must_use]
    pub fn at(&self, at: At) -> String {
        match at.precision {
            Precision::Unknown => self.texts.say(self.language, "time-unknown", &[]),
            Precision::Day => self.day(at.earliest),
            Precision::Range => {
                let (from, to) = (self.instant(at.earliest), self.instant(at.latest));
                self.texts.say(self.language, "time-between", &[("from", &from), ("to", &to)])
            }
            Precision::Exact => self.instant(at.earliest),
        }
    }

    /// A time that was typed, said back so that a slip of the finger is seen: always with its day. The first minute of a day says which
    /// day begins with it.
    #[must_use]
    pub fn said(&self, at: At) -> String {
        let one = |moment: Moment| {
            let is_today = self.civil(moment).date() == self.civil(self.now).date();
            let day = if is_today { self.texts.say(self.language, "said-today", &[]) } else { self.day(moment) };
            let text = if self.hour(moment) == "00:00" { "said-midnight" } else { "day-and-hour" };
            self.texts.say(self.language, text, &[("day", &day), ("hour", &self.hour(moment))])
        };
        match at.precision {
            Precision::Exact => one(at.earliest),
            Precision::Range => self.texts.say(self.language, "time-between", &[("from", &one(at.earliest)), ("to", &one(at.latest))]),
            Precision::Day | Precision::Unknown => self.at(at),
        }
    }

    /// RFC 3339 with the place's offset, for `datetime` attributes and the API.
    #[must_use]
    pub fn stamp(&self, moment: Moment) -> String {
        moment.timestamp().display_with_offset(self.zone.to_offset(moment.timestamp())).to_string()
    }
}

/// What somebody typed into the time box, with the day beside it and the two ticks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeTyped {
    /// `1432`, `14:32`, `14.32`, `-5`, or empty.
    pub time: String,
    /// `today`, `yesterday`, or a date as `2026-03-04`; empty is today.
    pub day: String,
    /// Ticked: about this time, half an hour either way.
    pub about: bool,
    /// Ticked: not known.
    pub unknown: bool,
}

/// Why a typed time is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTime {
    /// Nothing was typed, nothing ticked.
    Missing,
    /// Not in the form.
    Form,
    /// `2558`: no such hour or minute.
    NotThere,
    /// No such day.
    Day,
    /// Later than now.
    Future,
}

/// How wide an approximate time is, each way.
const ABOUT_MINUTES: i64 = 30;

impl TimeTyped {
    /// The time that was meant; `Ok(None)` is *not known*.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, now: Moment, zone: &TimeZone) -> Result<Option<At>, NoTime> {
        let typed = self.time.trim();
        if self.unknown {
            return Ok(None);
        }
        if typed.is_empty() {
            return Err(NoTime::Missing);
        }
        let moment = match typed.strip_prefix('-').map(|minutes| minutes.trim().parse::<i64>()) {
            Some(Ok(minutes)) if (0..=1440).contains(&minutes) => to_the_minute(Moment(now.0 - minutes * MINUTE)),
            Some(_) => return Err(NoTime::Form),
            None => self.on_the_clock(typed, now, zone)?,
        };
        if moment.0 > now.0 {
            return Err(NoTime::Future);
        }
        if !self.about {
            return Ok(Some(At::exact(moment)));
        }
        let latest = Moment((moment.0 + ABOUT_MINUTES * MINUTE).min(now.0));
        Ok(Some(At { earliest: Moment(moment.0 - ABOUT_MINUTES * MINUTE), latest, precision: Precision::Range }))
    }

    fn on_the_clock(&self, typed: &str, now: Moment, zone: &TimeZone) -> Result<Moment, NoTime> {
        let digits: String = typed.chars().filter(|c| !matches!(c, ':' | '.' | ' ')).collect();
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NoTime::Form);
        }
        let padded = format!("{digits:0>4}");
        let (hour, minute) = padded.split_at(2);
        let (hour, minute): (i8, i8) = (hour.parse().map_err(|_| NoTime::Form)?, minute.parse().map_err(|_| NoTime::Form)?);
        let time = civil::Time::new(hour, minute, 0, 0).map_err(|_| NoTime::NotThere)?;
        let today = zone.to_datetime(now.timestamp()).date();
        let back = |span: Span| today.checked_sub(span).map_err(|_| NoTime::Day);
        let date = match self.day.trim() {
            "" | "today" => today,
            "yesterday" => back(1.day())?,
            other => other.parse().map_err(|_| NoTime::Day)?,
        };
        let moment = zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible().map_err(|_| NoTime::NotThere)?;
        Ok(Moment::from_timestamp(moment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(time: &str) -> Result<Option<At>, NoTime> {
        let zone = TimeZone::get("Asia/Baku").expect("a zone");
        let now = habeas_codebook::value::moment("2026-03-04T02:20:07+04:00").expect("a time");
        TimeTyped { time: time.to_owned(), ..TimeTyped::default() }.read(now, &zone)
    }

    #[test]
    fn four_figures_a_colon_a_full_stop_and_minutes_ago_say_the_same_time() {
        let at = habeas_codebook::value::moment("2026-03-04T01:32:00+04:00").expect("a time");
        for time in ["0132", "01:32", "1.32", "132"] {
            assert_eq!(typed(time), Ok(Some(At::exact(at))), "{time}");
        }
        assert_eq!(typed("-5").expect("a time").expect("known").earliest.0, at.0 + 43 * 60 * 1_000_000);
    }

    #[test]
    fn a_time_that_does_not_exist_or_lies_ahead_is_refused_and_never_becomes_midnight() {
        assert_eq!(typed("2558"), Err(NoTime::NotThere));
        assert_eq!(typed("0221"), Err(NoTime::Future));
        assert_eq!(typed(""), Err(NoTime::Missing));
        assert_eq!(typed("abc"), Err(NoTime::Form));
    }

    #[test]
    fn a_moment_is_read_as_people_write_one() {
        let texts = Texts::default();
        let now = habeas_codebook::value::moment("2026-03-04T02:20:07+04:00").expect("a time");
        let teller = Teller { texts: &texts, language: Language::En, zone: TimeZone::get("Asia/Baku").expect("a zone"), now };
        let at = habeas_codebook::value::moment("2026-03-03T21:05:00+04:00");
        for text in ["2026-03-03 21:05", "3.3.2026 2105", "03.03.2026, 21:05", "2026-03-03T21:05", "2026-03-03T21:05:00+04:00"] {
            assert_eq!(teller.typed(text), at, "{text}");
        }
        assert_eq!(teller.for_typing(at.expect("a time")), "2026-03-03 21:05");
        assert_eq!(teller.typed("01:05"), habeas_codebook::value::moment("2026-03-04T01:05:00+04:00"));
        for text in ["", "yesterday evening", "2026-02-30 10:00", "2026-03-05 10:00", "31.12.26"] {
            assert_eq!(teller.typed(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_said_in_minutes_hours_and_days() {
        let texts = Texts::default();
        let zone = TimeZone::get("Asia/Baku").expect("a zone");
        let teller = Teller { texts: &texts, language: Language::En, zone, now: Moment(0) };
        let said: Vec<String> = [9, 91, 60 * 96].iter().map(|minutes| teller.length(minutes * MINUTE)).collect();
        assert_eq!(said, ["9\u{a0}min", "1\u{a0}h\u{a0}31", "4\u{a0}days"]);
    }
}
