//! A hash on paper: what a person takes along from booking, to be typed in by anybody.
//!
//! 13 groups of 4 characters hold the 32 bytes; one more group checks them. The alphabet is Crockford's base32 without the letters that
//! look like digits: reading is forgiving (`o` is 0, `i` and `l` are 1, case and separators do not matter), writing has one form.

use crate::encoding::shown;
use crate::error::LedgerError;
use crate::merkle::Hash;

const WHAT: &str = "slip";
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters that hold the hash, and characters that check it.
const HELD: usize = 52;
const CHECK: usize = 4;

/// The groups for a hash, separated by blanks; the check is the last.
#[must_use]
pub fn groups(hash: &Hash) -> String {
    let characters = spell(&hash.0, HELD) + &check(hash);
    let groups: Vec<String> = characters.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(" ")
}

/// The first 20 bits of a hash over the hash.
fn check(hash: &Hash) -> String {
    let mut checked = b"habeas-slip/1\n".to_vec();
    checked.extend_from_slice(&hash.0);
    spell(&Hash::of(&checked).0, CHECK)
}

/// The first `count` characters, five bits each; bits beyond the end are zero.
fn spell(bytes: &[u8], count: usize) -> String {
    let bit = |place: usize| bytes.get(place / 8).map_or(0, |byte| usize::from(byte >> (7 - place % 8) & 1));
    let value = |place: usize| (0..5).fold(0, |value, offset| value << 1 | bit(5 * place + offset));
    (0..count).map(|place| char::from(ALPHABET[value(place)])).collect()
}

/// Reads groups that somebody typed in.
///
/// # Errors
/// A character that is none of the alphabet, another number of characters, or a check that does not fit: something was mistyped.
pub fn read(text: &str) -> Result<Hash, LedgerError> {
    let refuse = |place: String, found: &str, expected: &str| LedgerError::malformed(WHAT, place, shown(found), expected);
    let mut values = Vec::new();
    for (place, character) in text.chars().filter(|c| !c.is_whitespace() && *c != '-').enumerate() {
        let upper = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let value = ALPHABET.iter().position(|letter| char::from(*letter) == upper);
        let group = format!("group {}", place / 4 + 1);
        values.push(value.ok_or_else(|| refuse(group, &character.to_string(), "a digit, or a letter but I, L, O, U"))?);
    }
    if values.len() != HELD + CHECK {
        return Err(refuse("its length".to_owned(), &format!("{} characters", values.len()), "14 groups of 4"));
    }
    let mut bytes = [0u8; 32];
    for place in 0..256 {
        let bit = u8::from(values[place / 5] >> (4 - place % 5) & 1 == 1);
        bytes[place / 8] |= bit << (7 - place % 8);
    }
    let hash = Hash(bytes);
    let written: String = values.iter().map(|value| char::from(ALPHABET[*value])).collect();
    if spell(&hash.0, HELD) + &check(&hash) != written {
        return Err(refuse("its check".to_owned(), &written[HELD..], "the check of these groups: a character was mistyped"));
    }
    Ok(hash)
}
