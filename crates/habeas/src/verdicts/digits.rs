//! Whole numbers as decimal digits, appended to bytes. A verdict row holds some thirty of them and a nation's year holds
//! millions of rows, so this goes around `format!`.

const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// Writes `number` without leading noughts.
pub fn write(out: &mut Vec<u8>, mut number: u64) {
    let mut buffer = [0_u8; 20];
    let mut at = buffer.len();
    while number >= 100 {
        let pair = (number % 100) as usize * 2;
        number /= 100;
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    if number >= 10 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[number as usize * 2..number as usize * 2 + 2]);
    } else {
        at -= 1;
        buffer[at] = b'0' + number as u8;
    }
    out.extend_from_slice(&buffer[at..]);
}

/// Two digits of a number below 100.
#[must_use]
pub fn two(number: u32) -> [u8; 2] {
    let at = number as usize % 100 * 2;
    [PAIRS[at], PAIRS[at + 1]]
}

/// `.` and the digits of millionths of a second without trailing noughts; nothing for none.
pub fn write_fraction(out: &mut Vec<u8>, micros: u32) {
    if micros == 0 {
        return;
    }
    let mut text = *b".000000";
    for (at, part) in [(1, micros / 10_000), (3, micros / 100 % 100), (5, micros % 100)] {
        text[at..at + 2].copy_from_slice(&two(part));
    }
    let end = text.iter().rposition(|&b| b != b'0').map_or(1, |last| last + 1);
    out.extend_from_slice(&text[..end]);
}

#[cfg(test)]
mod tests {
    proptest::proptest! {
        #[test]
        fn digits_are_those_of_the_standard_library(number: u64) {
            let mut out = Vec::new();
            super::write(&mut out, number);
            proptest::prop_assert_eq!(String::from_utf8(out).unwrap_or_default(), number.to_string());
        }
    }
}
