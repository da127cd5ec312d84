//! Elapsed time as ISO 8601 durations. One normal form: days of 24 hours, hours, minutes, seconds; a part that is nought is
//! left out; nothing at all is `PT0S`.

use super::digits;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Writes `micros` of elapsed time, for example `P1DT2H` or `PT30M`.
pub fn write(out: &mut Vec<u8>, micros: i64) {
    if micros < 0 {
        out.push(b'-');
    }
    let whole = micros.unsigned_abs();
    out.push(b'P');
    let day = DAY.unsigned_abs();
    if whole >= day {
        digits::write(out, whole / day);
        out.push(b'D');
    }
    let rest = whole % day;
    if rest == 0 && whole >= day {
        return;
    }
    out.push(b'T');
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    for (amount, letter) in [(seconds / 3600, b'H'), (seconds / 60 % 60, b'M')] {
        if amount > 0 {
            digits::write(out, amount);
            out.push(letter);
        }
    }
    if !seconds.is_multiple_of(60) || fraction > 0 || rest == 0 {
        digits::write(out, seconds % 60);
        digits::write_fraction(out, fraction as u32);
        out.push(b'S');
    }
}

/// Elapsed time as text.
#[must_use]
pub fn text(micros: i64) -> String {
    let mut out = Vec::new();
    write(&mut out, micros);
    String::from_utf8_lossy(&out).into_owned()
}

/// Elapsed time as people say it: `45 min`, `1 h 31`, from 72 hours on `4 days`.
#[must_use]
pub fn spoken(micros: i64) -> String {
    let seconds = micros / SECOND;
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..259_200 => format!("{} h {:02}", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_nought_is_left_out() {
        for (seconds, expected) in
            [(0, "PT0S"), (1800, "PT30M"), (86_400, "P1D"), (93_600, "P1DT2H"), (86_400 * 400 + 1, "P400DT1S"), (3661, "PT1H1M1S")]
        {
            assert_eq!(text(seconds * SECOND), expected);
        }
        assert_eq!(text(1_500_000), "PT1.5S");
        assert_eq!(text(-60_000_000), "-PT1M");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(micros in 0..9_000_000_000_000_000_i64) {
            let read = habeas_codebook::value::duration(&text(micros)).map(|lasting| i64::from(lasting.days) * DAY + lasting.micros);
            proptest::prop_assert_eq!(read, Some(micros));
        }
    }
}
