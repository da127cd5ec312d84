//! References and PINs by which somebody outside learns where a person is held, and how often they were tried. A PIN is kept as its hash.

use super::Accounts;
use super::sessions::random;
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Figures and letters that are not taken for one another when they are read out.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a reference.
const REFERENCE: usize = 8;
/// Letters of a PIN: 65 bits.
const PIN: usize = 13;
/// Tries are counted over an hour, in microseconds.
const HOUR: i64 = 3_600 * 1_000_000;
/// Wrong tries at one reference in an hour.
const AT_ONE: i64 = 5;
/// Wrong tries from one source in an hour.
const FROM_ONE: i64 = 20;

/// A reference and its PIN, as they are given out: once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// `ABCD-EFGH`.
    pub reference: String,
    /// `ABCDE-FGHJ-KMNP`.
    pub pin: String,
}

/// What a reference and a PIN come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The custody.
    Right(String),
    /// Unknown, the wrong PIN, or shut; the custody whose reference it is, if there is one.
    Wrong(Option<String>),
    /// Tried too often: nothing was looked at.
    TooOften,
}

fn letters<const N: usize>() -> Result<String, DeskError> {
    // 256 is a multiple of 32: every letter is as likely.
    Ok(random::<N>()?.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// What was typed, as it is kept: capitals, no spaces or hyphens, `O` for nought and `I`, `L` for one forgiven.
fn plain(typed: &str) -> String {
    let kept = typed.chars().filter(|letter| letter.is_ascii_alphanumeric()).take(64).map(|letter| letter.to_ascii_uppercase());
    kept.map(|letter| match letter {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}

fn hashed(reference: &str, pin: &str) -> Vec<u8> {
    Sha256::digest(format!("whereabouts\0{reference}\0{pin}").as_bytes()).to_vec()
}

impl Accounts {
    /// Makes a reference and a PIN for a custody.
    ///
    /// # Errors
    /// When the file cannot be written, or the machine has no randomness.
    pub fn make_slip(&self, subject: &str, by: &str, now: Moment) -> Result<Slip, DeskError> {
        let (reference, pin) = (letters::<REFERENCE>()?, letters::<PIN>()?);
        self.file().execute(
            "INSERT INTO slip (reference, pin, subject, made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![reference, hashed(&reference, &pin), subject, by, now.0],
        )?;
        Ok(Slip {
            reference: format!("{}-{}", &reference[..4], &reference[4..]),
            pin: format!("{}-{}-{}", &pin[..5], &pin[5..9], &pin[9..]),
        })
    }

    /// Nobody is told any more: every reference of a custody is shut.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn shut_slips(&self, subject: &str) -> Result<(), DeskError> {
        self.file().execute("UPDATE slip SET is_shut = 1 WHERE subject = ?1", [subject])?;
        Ok(())
    }

    /// How many references of a custody are open.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open_slips(&self, subject: &str) -> Result<i64, DeskError> {
        Ok(self.file().query_row("SELECT count(*) FROM slip WHERE subject = ?1 AND is_shut = 0", [subject], |row| row.get(0))?)
    }

    /// What a reference and a PIN come to; a wrong try is counted.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn ask_slip(&self, reference: &str, pin: &str, source: &str, now: Moment) -> Result<Asked, DeskError> {
        let (reference, pin) = (plain(reference), plain(pin));
        let (at_one, from_one) = (format!("at {reference}"), format!("from {source}"));
        let file = self.file();
        file.execute("DELETE FROM slip_try WHERE at < ?1", [now.0 - HOUR])?;
        let tried = |what: &str| file.query_row("SELECT count(*) FROM slip_try WHERE what = ?1", [what], |row| row.get::<_, i64>(0));
        let is_too_often = tried(&at_one)? >= AT_ONE || tried(&from_one)? >= FROM_ONE;
        let found: Option<(Vec<u8>, String, bool)> = file
            .query_row("SELECT pin, subject, is_shut FROM slip WHERE reference = ?1", [&reference], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let (kept, subject, is_shut) = found.map_or((vec![0; 32], None, true), |(pin, subject, shut)| (pin, Some(subject), shut));
        let is_right = bool::from(kept.ct_eq(&hashed(&reference, &pin)));
        match subject {
            Some(subject) if is_right && !is_shut && !is_too_often => Ok(Asked::Right(subject)),
            other => {
                for what in [at_one, from_one] {
                    file.execute("INSERT INTO slip_try VALUES (?1, ?2)", params![what, now.0])?;
                }
                Ok(if is_too_often { Asked::TooOften } else { Asked::Wrong(other) })
            }
        }
    }

    /// Whether somebody may put one more question from a source this hour; it is counted.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn may_ask(&self, source: &str, now: Moment) -> Result<bool, DeskError> {
        let what = format!("asks {source}");
        let file = self.file();
        file.execute("DELETE FROM slip_try WHERE at < ?1", [now.0 - HOUR])?;
        let asked: i64 = file.query_row("SELECT count(*) FROM slip_try WHERE what = ?1", [&what], |row| row.get(0))?;
        file.execute("INSERT INTO slip_try VALUES (?1, ?2)", params![what, now.0])?;
        Ok(asked < FROM_ONE)
    }

    /// Every place where somebody serves.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn places(&self) -> Result<Vec<String>, DeskError> {
        let file = self.file();
        let mut rows = file.prepare("SELECT DISTINCT place FROM account_place ORDER BY place")?;
        let found = rows.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        Ok(found)
    }
}
