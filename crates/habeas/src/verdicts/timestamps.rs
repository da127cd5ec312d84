//! Instants as RFC 3339 with the offset of the codebook's zone.
//!
//! A year's log falls on a few hundred dates, so what is the same for all instants of a date is worked out once and remembered; the
//! digits of the clock are arithmetic.

use super::digits;
use habeas_codebook::moment::Moment;
use jiff::tz::TimeZone;

const SLOTS: usize = 1024;
const DAY: i64 = 86_400;

/// Writes instants in one zone.
pub struct Timestamps {
    zone: TimeZone,
    days: Vec<Day>,
    /// Seconds east of UTC of some instant: enough to guess where a day is remembered.
    guess: i64,
}

/// A local date, as far as it has one offset. Times are in seconds since 1970.
#[derive(Clone, Copy)]
struct Day {
    from: i64,
    /// Exclusive.
    until: i64,
    midnight: i64,
    /// Its midnight, written.
    text: [u8; 25],
}

impl Timestamps {
    /// A writer for this zone.
    #[must_use]
    pub fn new(zone: &TimeZone) -> Self {
        let guess = i64::from(zone.to_offset(Moment(0).timestamp()).seconds());
        let nothing = Day { from: 0, until: 0, midnight: 0, text: [0; 25] };
        Timestamps { zone: zone.clone(), days: vec![nothing; SLOTS], guess }
    }

    /// Appends `2026-03-03T14:30:00+04:00`; millionths of a second only where there are any.
    pub fn write(&mut self, out: &mut Vec<u8>, moment: Moment) {
        let moment = moment.0.clamp(Moment::LONG_AGO.0, Moment::FAR_OFF.0);
        let (seconds, micros) = (moment.div_euclid(1_000_000), moment.rem_euclid(1_000_000) as u32);
        let day = self.day_of(seconds);
        let clock = (seconds - day.midnight) as u32;
        let mut text = day.text;
        for (at, part) in [(11, clock / 3600), (14, clock / 60 % 60), (17, clock % 60)] {
            text[at..at + 2].copy_from_slice(&digits::two(part));
        }
        if micros == 0 {
            out.extend_from_slice(&text);
        } else {
            out.extend_from_slice(&text[..19]);
            digits::write_fraction(out, micros);
            out.extend_from_slice(&text[19..]);
        }
    }

    /// The instant as text.
    #[must_use]
    pub fn text(&mut self, moment: Moment) -> String {
        let mut out = Vec::with_capacity(32);
        self.write(&mut out, moment);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[inline]
    fn day_of(&mut self, seconds: i64) -> &Day {
        let slot = (seconds + self.guess).div_euclid(DAY).rem_euclid(SLOTS as i64) as usize;
        if seconds < self.days[slot].from || seconds >= self.days[slot].until {
            self.days[slot] = self.work_out(seconds);
        }
        &self.days[slot]
    }

    #[cold]
    fn work_out(&self, seconds: i64) -> Day {
        let offset_at = |s: i64| i64::from(self.zone.to_offset(Moment(s.saturating_mul(1_000_000)).timestamp()).seconds());
        let offset = offset_at(seconds);
        let date = (seconds + offset).div_euclid(DAY);
        let midnight = date * DAY - offset;
        let whole = offset_at(midnight) == offset && offset_at(midnight + DAY - 1) == offset;
        let (from, until) = if whole { (midnight, midnight + DAY) } else { (seconds, seconds + 1) };
        let mut text = *b"0000-00-00T00:00:00+00:00";
        text[..11].copy_from_slice(&spell(date));
        if offset < 0 {
            text[19] = b'-';
        }
        let east = offset.unsigned_abs() as u32;
        text[20..22].copy_from_slice(&digits::two(east / 3600));
        text[23..25].copy_from_slice(&digits::two(east / 60 % 60));
        Day { from, until, midnight, text }
    }
}

/// The date of a day since 1970, with the `T` that follows it. (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".)
fn spell(day: i64) -> [u8; 11] {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let date = (of_year - (153 * march_month + 2) / 5 + 1) as u32;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 } as u32;
    // RFC 3339 has years 0000 to 9999; what lies outside is an open end, and shown as the end of what can be written.
    let year = (year_of_era + era * 400 + i64::from(month <= 2)).clamp(0, 9999) as u32;
    let mut text = *b"0000-00-00T";
    for (at, part) in [(0, year / 100), (2, year % 100), (5, month), (8, date)] {
        text[at..at + 2].copy_from_slice(&digits::two(part));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(zone: &TimeZone, moment: Moment) -> String {
        let zoned = moment.timestamp().to_zoned_datetime(zone.clone());
        let micros = zoned.subsec_nanosecond() / 1000;
        let mut fraction = Vec::new();
        digits::write_fraction(&mut fraction, micros as u32);
        let minutes = zoned.offset().seconds() / 60;
        format!(
            "{}{}{}{:02}:{:02}",
            zoned.strftime("%Y-%m-%dT%H:%M:%S"),
            String::from_utf8_lossy(&fraction),
            if minutes < 0 { '-' } else { '+' },
            minutes.abs() / 60,
            minutes.abs() % 60
        )
    }

    #[test]
    fn the_night_the_clock_changes_has_two_offsets() {
        let mut london = Timestamps::new(&TimeZone::get("Europe/London").expect("bundled"));
        let moment = |s: &str| Moment::from_timestamp(s.parse().expect("a timestamp"));
        assert_eq!(london.text(moment("2026-03-29T00:59:59Z")), "2026-03-29T00:59:59+00:00");
        assert_eq!(london.text(moment("2026-03-29T01:00:00Z")), "2026-03-29T02:00:00+01:00");
    }

    proptest::proptest! {
        #[test]
        fn instants_are_those_of_a_slow_writer(
            micros in -3_000_000_000_000_000_i64..9_000_000_000_000_000,
            near in 0_i64..400_000_000_000,
        ) {
            for zone in ["Asia/Baku", "Europe/London", "America/New_York", "Asia/Kathmandu", "UTC"] {
                let zone = TimeZone::get(zone).expect("bundled");
                let mut fast = Timestamps::new(&zone);
                for moment in [Moment(micros), Moment(micros + near), Moment(micros - near)] {
                    proptest::prop_assert_eq!(fast.text(moment), slow(&zone, moment));
                }
            }
        }
    }
}
