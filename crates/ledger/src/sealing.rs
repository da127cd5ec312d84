//! Sealing: what only some may read.
//!
//! Each person has a data key for each class ([`DataKey`]); a part of an entry is encrypted with it and bound to its log, event and class,
//! so that it cannot be moved. The data key is wrapped for the authority that may open the class ([`AuthorityPublic`]): police for custody,
//! the health service for medical, the bar or the lawyer for privileged. Who lacks the authority's key cannot open the part, whatever the
//! server's rules say. Erasing a person is destroying the wrapped key.
//!
//! Encryption is XChaCha20-Poly1305 with a random nonce of 192 bits: stations that write apart, for years, under one key never need to
//! agree on a counter. It does not commit to its key; the header's `fields_root` does. Wrapping is HPKE (RFC 9180), base mode, X25519,
//! HKDF-SHA256, ChaCha20-Poly1305.

use crate::error::LedgerError;
use crate::leaf::{Class, Handle};
use crate::merkle::Hash;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hpke::aead::ChaCha20Poly1305 as HpkeCipher;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use rand_core::CryptoRng;
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

const NONCE: usize = 24;
const ENCAPPED: usize = 32;
const WRAP_INFO: &[u8] = b"habeas-wrap/1";

/// What was sealed, open. It has no `Display`, shows only its length when debugged, and is wiped when dropped.
///
/// ```compile_fail
/// println!("{}", habeas_ledger::sealing::Plaintext::new(b"bruises".to_vec()));
/// ```
#[derive(Clone)]
pub struct Plaintext(Zeroizing<Vec<u8>>);

impl Plaintext {
    /// Takes bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Plaintext(Zeroizing::new(bytes))
    }

    /// The bytes. Whoever calls this answers for where they go.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Plaintext {
    /// Takes the same time wherever two texts of one length differ.
    fn eq(&self, other: &Self) -> bool {
        self.reveal().ct_eq(other.reveal()).into()
    }
}

impl Eq for Plaintext {}

impl fmt::Debug for Plaintext {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Plaintext({} bytes)", self.0.len())
    }
}

/// Where a sealed part belongs. Opening it anywhere else fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The log's origin.
    pub origin: &'a str,
    /// The event.
    pub event: Handle,
    /// The class of the part.
    pub class: Class,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut bytes = b"habeas-part/1\n".to_vec();
        bytes.extend_from_slice(&Hash::of(self.origin.as_bytes()).0);
        bytes.extend_from_slice(&self.event);
        bytes.push(self.class.id());
        bytes
    }
}

/// The key of one person's parts of one class. Cannot be printed; wiped when dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for DataKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DataKey")
    }
}

impl DataKey {
    /// A fresh key.
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        random.fill_bytes(key.as_mut());
        DataKey(key)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }

    /// Seals a part: nonce (24 bytes), ciphertext, tag (16 bytes). The entry's header carries [`Hash::of`] of this.
    ///
    /// # Errors
    /// A text longer than the cipher allows (256 GiB).
    pub fn seal(&self, place: Place<'_>, text: &[u8], random: &mut impl CryptoRng) -> Result<Vec<u8>, LedgerError> {
        let mut nonce = [0; NONCE];
        random.fill_bytes(&mut nonce);
        let payload = Payload { msg: text, aad: &place.associated_data() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| LedgerError::unwritable("sealed part", "its text is too long"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens a part.
    ///
    /// # Errors
    /// [`LedgerError::Closed`]: another key, another place, or altered bytes. They cannot be told apart, and must not be.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Plaintext, LedgerError> {
        let closed = LedgerError::Closed { what: "the sealed part" };
        let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE>() else { return Err(closed) };
        let payload = Payload { msg: rest, aad: &place.associated_data() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map(Plaintext::new).map_err(|_| closed)
    }
}

/// Whose key it is that a data key is wrapped for, and of whom: bound into the wrapping, so that one person's key cannot be put in
/// another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrapping {
    /// The person's random handle.
    pub person: Handle,
    /// The class.
    pub class: Class,
}

impl Wrapping {
    fn associated_data(&self) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[..16].copy_from_slice(&self.person);
        bytes[16] = self.class.id();
        bytes
    }
}

/// The public key of an authority: what a server needs to seal for it.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorityPublic(<X25519HkdfSha256 as hpke::Kem>::PublicKey);

impl fmt::Debug for AuthorityPublic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AuthorityPublic({})", Hash(self.to_bytes()))
    }
}

impl AuthorityPublic {
    /// The 32 bytes of the key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// Reads the 32 bytes of a key.
    ///
    /// # Errors
    /// Bytes that are no X25519 key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let refuse =
            |_| LedgerError::malformed("authority's public key", "its bytes", format!("{} bytes", bytes.len()), "32 bytes of X25519");
        <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(bytes).map(AuthorityPublic).map_err(refuse)
    }

    /// Wraps a data key for this authority: encapsulated key (32 bytes), ciphertext (32), tag (16).
    ///
    /// # Errors
    /// A public key of low order.
    pub fn wrap(&self, key: &DataKey, wrapping: Wrapping, random: &mut impl CryptoRng) -> Result<Vec<u8>, LedgerError> {
        let sealed = hpke::single_shot_seal_with_rng::<HpkeCipher, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &self.0,
            WRAP_INFO,
            key.0.as_slice(),
            &wrapping.associated_data(),
            random,
        );
        let (encapped, sealed) = sealed.map_err(|_| LedgerError::unwritable("wrapped key", "the authority's public key is unsound"))?;
        Ok([encapped.to_bytes().as_slice(), &sealed].concat())
    }
}

/// The private key of an authority. Cannot be printed; wiped when dropped.
#[derive(Clone)]
pub struct AuthorityKey {
    secret: <X25519HkdfSha256 as hpke::Kem>::PrivateKey,
    bytes: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for AuthorityKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AuthorityKey({:?})", self.public())
    }
}

impl AuthorityKey {
    /// The key of 32 random bytes.
    ///
    /// # Errors
    /// Never for X25519; the form of the library is kept.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, LedgerError> {
        let secret = <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(bytes);
        let secret = secret.map_err(|_| LedgerError::malformed("authority's key", "its bytes", "an unsound key", "32 bytes of X25519"))?;
        Ok(AuthorityKey { secret, bytes: Zeroizing::new(*bytes) })
    }

    /// A fresh key.
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill_bytes(bytes.as_mut());
        AuthorityKey::from_bytes(&bytes).expect("any 32 bytes are an X25519 key")
    }

    /// The bytes, for a key file.
    #[must_use]
    pub fn secret_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> AuthorityPublic {
        AuthorityPublic(X25519HkdfSha256::sk_to_pk(&self.secret))
    }

    /// Unwraps a data key.
    ///
    /// # Errors
    /// [`LedgerError::Closed`]: wrapped for another authority, person or class, or altered.
    pub fn unwrap(&self, wrapped: &[u8], wrapping: Wrapping) -> Result<DataKey, LedgerError> {
        let closed = || LedgerError::Closed { what: "the wrapped key" };
        let (encapped, sealed) = wrapped.split_at_checked(ENCAPPED).ok_or_else(closed)?;
        let encapped = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(encapped).map_err(|_| closed())?;
        let opened = hpke::single_shot_open::<HpkeCipher, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.secret,
            &encapped,
            WRAP_INFO,
            sealed,
            &wrapping.associated_data(),
        );
        let opened = Zeroizing::new(opened.map_err(|_| closed())?);
        let key: &[u8; 32] = opened.as_slice().try_into().map_err(|_| closed())?;
        Ok(DataKey(Zeroizing::new(*key)))
    }
}
