//! Cosignatures (C2SP tlog-cosignature): a witness says that at this time the newest consistent tree that it had seen of a log had this
//! size and root. Witness times are the only clock that the police do not set.

use crate::checkpoint::Checkpoint;
use crate::error::LedgerError;
use crate::note::{self, Algorithm, Note, Signature, SigningKey, VerifierKey};

/// The latest time that a cosignature may carry, in seconds since 1970 (the standard's limit).
const LATEST: u64 = i64::MAX as u64;

/// A witness's private key. Cannot be printed; wiped when dropped. Use no such key for anything else: what it signs does not name it.
#[derive(Clone, Debug)]
pub struct CosignerKey(SigningKey);

impl CosignerKey {
    /// The key that belongs to a seed of 32 random bytes.
    ///
    /// # Errors
    /// A name with a blank or plus.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, LedgerError> {
        Ok(CosignerKey(SigningKey::with_algorithm(name, Algorithm::CosignatureV1, seed)?))
    }

    /// The public key.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.0.verifier()
    }

    /// Cosigns a checkpoint, whose consistency the caller has checked, at `time` (seconds since 1970).
    ///
    /// # Errors
    /// A note that is no checkpoint, or a time out of range.
    pub fn cosign(&self, note: &Note, time: u64) -> Result<Signature, LedgerError> {
        Checkpoint::parse(note.unverified_text())?;
        if time == 0 || time > LATEST {
            return Err(LedgerError::unwritable("cosignature", format!("time {time} is out of range")));
        }
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.0.sign_bytes(signed_v1(time, note.unverified_text()).as_bytes()));
        Ok(Signature::new(self.verifier().name(), self.verifier().id(), bytes))
    }
}

fn signed_v1(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// Splits a cosignature into its time and the signature proper.
fn split_time(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, rest) = signature.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*time), rest)).filter(|(time, _)| *time <= LATEST)
}

/// The time of a right Ed25519 cosignature over a checkpoint's text.
pub(crate) fn check_v1(key: &[u8], text: &str, signature: &[u8]) -> Option<u64> {
    let (time, signature) = split_time(signature)?;
    Checkpoint::parse(text).ok()?;
    note::check_ed25519(key, signed_v1(time, text).as_bytes(), signature).then_some(time)
}

/// Whether this build can check ML-DSA-44 at all.
pub(crate) fn check_ml_dsa_supported(what: &'static str) -> Result<(), LedgerError> {
    if cfg!(feature = "ml-dsa") {
        return Ok(());
    }
    Err(LedgerError::malformed(what, "its type", "0x06 (ML-DSA-44)", "a key that this build can check; build with the feature `ml-dsa`"))
}

#[cfg(not(feature = "ml-dsa"))]
pub(crate) fn check_ml_dsa(_name: &str, _key: &[u8], _text: &str, _signature: &[u8]) -> Option<u64> {
    None
}

#[cfg(feature = "ml-dsa")]
pub use with_ml_dsa::MlDsaKey;
#[cfg(feature = "ml-dsa")]
pub(crate) use with_ml_dsa::check as check_ml_dsa;

#[cfg(feature = "ml-dsa")]
mod with_ml_dsa {
    //! ML-DSA-44 (FIPS 204): what stays a proof when Ed25519 no longer is. It signs name, time, origin, size and root.

    use super::{LATEST, split_time};
    use crate::checkpoint::Checkpoint;
    use crate::error::LedgerError;
    use crate::note::{Algorithm, Note, Signature, VerifierKey};
    use ml_dsa::{EncodedVerifyingKey, Keypair, MlDsa44, Signature as MlDsaSignature, VerifyingKey};
    use std::fmt;

    /// A private ML-DSA-44 key with a name: of a log or of a witness.
    pub struct MlDsaKey {
        verifier: VerifierKey,
        secret: ml_dsa::SigningKey<MlDsa44>,
    }

    impl fmt::Debug for MlDsaKey {
        fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(out, "MlDsaKey({})", self.verifier.name())
        }
    }

    impl MlDsaKey {
        /// The key that belongs to a seed of 32 random bytes.
        ///
        /// # Errors
        /// A name with a blank or plus.
        pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, LedgerError> {
            let secret = ml_dsa::SigningKey::<MlDsa44>::from_seed(&(*seed).into());
            let verifier = VerifierKey::new(name, Algorithm::MlDsa44, secret.verifying_key().encode().as_slice())?;
            Ok(MlDsaKey { verifier, secret })
        }

        /// The public key.
        #[must_use]
        pub fn verifier(&self) -> &VerifierKey {
            &self.verifier
        }

        /// Signs a checkpoint at `time` (seconds since 1970; 0 where no statement about time is made).
        ///
        /// # Errors
        /// A note that is no checkpoint, a name or origin above 255 bytes, a time out of range.
        pub fn cosign(&self, note: &Note, time: u64) -> Result<Signature, LedgerError> {
            let checkpoint = Checkpoint::parse(note.unverified_text())?;
            let unwritable = || LedgerError::unwritable("cosignature", "a name or origin above 255 bytes, or a time out of range");
            let message = signed(self.verifier.name(), time, &checkpoint).filter(|_| time <= LATEST).ok_or_else(unwritable)?;
            let signature = self.secret.expanded_key().sign_deterministic(&message, &[]).map_err(|_| unwritable())?;
            let mut bytes = time.to_be_bytes().to_vec();
            bytes.extend_from_slice(signature.encode().as_slice());
            Ok(Signature::new(self.verifier.name(), self.verifier.id(), bytes))
        }
    }

    /// `cosigned_message` of the standard, for a whole tree.
    fn signed(name: &str, time: u64, checkpoint: &Checkpoint) -> Option<Vec<u8>> {
        let mut message = b"subtree/v1\n\0".to_vec();
        message.push(u8::try_from(name.len()).ok()?);
        message.extend_from_slice(name.as_bytes());
        message.extend_from_slice(&time.to_be_bytes());
        message.push(u8::try_from(checkpoint.origin.len()).ok()?);
        message.extend_from_slice(checkpoint.origin.as_bytes());
        message.extend_from_slice(&0u64.to_be_bytes());
        message.extend_from_slice(&checkpoint.size.to_be_bytes());
        message.extend_from_slice(&checkpoint.root.0);
        Some(message)
    }

    /// The time of a right ML-DSA-44 cosignature over a checkpoint's text.
    pub(crate) fn check(name: &str, key: &[u8], text: &str, signature: &[u8]) -> Option<u64> {
        let (time, signature) = split_time(signature)?;
        let message = signed(name, time, &Checkpoint::parse(text).ok()?)?;
        let key = VerifyingKey::<MlDsa44>::decode(&EncodedVerifyingKey::<MlDsa44>::try_from(key).ok()?);
        let signature = MlDsaSignature::<MlDsa44>::try_from(signature).ok()?;
        key.verify_with_context(&message, &[], &signature).then_some(time)
    }
}
