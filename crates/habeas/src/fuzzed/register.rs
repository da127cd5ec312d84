//! The register's parsers on any bytes, and the bundle that an exported record is.

pub use habeas_register::fuzzed::{key_file, parcel, part, settings};

use crate::verbs::verify;
use habeas_ledger::note::SigningKey;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::Verdict;

/// A draft as it is sent to the register.
pub fn draft(bytes: &[u8]) {
    let _draft = habeas_register::fuzzed::draft(bytes, super::codebook());
}

/// An exported record: nothing in it is believed that the log has not signed.
pub fn bundle(bytes: &[u8]) {
    let Ok(log) = SigningKey::from_seed("custody.example/st/0412", &[1; 32]) else { return };
    let judged = verify::bundle(bytes, &Policy::of_log(log.verifier().clone()));
    assert!(judged.is_err() || judged.is_ok_and(|verdict| verdict != Verdict::Proven), "nobody signed it");
}
