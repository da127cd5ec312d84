//! Passwords (argon2id) and six-figure codes (RFC 6238).

use crate::error::DeskError;
use argon2::{Algorithm, Argon2, Params, Version};
use habeas_codebook::moment::Moment;
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm as CodeAlgorithm, Builder};

/// Fewest characters of a password.
const SHORTEST: usize = 12;
/// Most bytes of a password that are looked at: longer ones are refused before any work is done.
const LONGEST: usize = 1024;
const SALT: usize = 16;
const HASH: usize = 32;
/// Seconds that a code lasts.
const STEP: u64 = 30;

/// argon2id with 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet.
fn argon() -> Result<Argon2<'static>, DeskError> {
    let params = Params::new(19 * 1024, 2, 1, Some(HASH)).map_err(|error| DeskError::Machine(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn work(password: &str, salt: &[u8]) -> Result<[u8; HASH], DeskError> {
    let mut hash = [0; HASH];
    argon()?.hash_password_into(password.as_bytes(), salt, &mut hash).map_err(|error| DeskError::Machine(error.to_string()))?;
    Ok(hash)
}

pub(super) fn hash(password: &str) -> Result<(Vec<u8>, Vec<u8>), DeskError> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(DeskError::Input { field: "password", text: "password-length" });
    }
    let salt = super::sessions::random::<SALT>()?;
    Ok((salt.to_vec(), work(password, &salt)?.to_vec()))
}

/// The work of a check for somebody who is not there.
pub(super) fn pretend(password: &str) -> Result<(), DeskError> {
    if password.len() <= LONGEST {
        work(password, &[0; SALT])?;
    }
    Ok(())
}

pub(super) fn is_right(password: &str, salt: &[u8], hash: &[u8]) -> Result<bool, DeskError> {
    Ok(password.len() <= LONGEST && bool::from(work(password, salt)?.ct_eq(hash)))
}

/// The step of time that a right code belongs to; one step early or late is right.
pub(super) fn code_step(secret: &[u8], code: &str, now: Moment) -> Option<i64> {
    let codes = Builder::new()
        .with_algorithm(CodeAlgorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(secret.to_vec())
        .build()
        .ok()?;
    let seconds = u64::try_from(now.0 / 1_000_000).ok()?;
    codes.check(code.trim(), seconds).and_then(|step| i64::try_from(step).ok())
}

#[cfg(test)]
pub(super) fn code_now(secret: &[u8], now: Moment) -> String {
    let codes = Builder::new().with_algorithm(CodeAlgorithm::SHA1).with_secret(secret.to_vec()).build().expect("a secret of 20 bytes");
    codes.generate(u64::try_from(now.0 / 1_000_000).expect("after 1970")).to_string()
}
