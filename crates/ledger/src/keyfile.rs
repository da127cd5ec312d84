//! The key file: private keys under a passphrase, as bytes in and out. Writing it to a disk, and keeping it apart from every backup of the
//! entries, is for the caller.
//!
//! The text is a head of two lines, an empty line, and base64. The passphrase goes through Argon2id; the head is bound to what it seals.
//! Whoever has an HSM or a key service keeps no such file.

use crate::encoding::{Reader, decimal, from_base64, shown, to_base64};
use crate::error::LedgerError;
use crate::leaf::Class;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use std::fmt;
use zeroize::Zeroizing;

const WHAT: &str = "key file";
const FIRST: &str = "habeas-keys/1";
const NONCE: usize = 24;

/// What a key in the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Seed of the key that signs checkpoints.
    Log,
    /// Seed of a witness's key.
    Witness,
    /// Private key of the authority that opens a class.
    Authority(Class),
}

impl Purpose {
    fn id(self) -> u8 {
        match self {
            Purpose::Log => 1,
            Purpose::Witness => 2,
            Purpose::Authority(class) => 16 + class.id(),
        }
    }

    fn from_id(id: u8) -> Option<Self> {
        match id {
            1 => Some(Purpose::Log),
            2 => Some(Purpose::Witness),
            _ => Class::from_id(id.checked_sub(16)?).map(Purpose::Authority),
        }
    }
}

/// One private key. Cannot be printed; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// What it is for.
    pub purpose: Purpose,
    /// Its name: a log's origin, a witness's name, an authority's.
    pub name: String,
    /// The 32 secret bytes.
    pub secret: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "StoredKey({:?}, {:?})", self.purpose, self.name)
    }
}

/// What guessing a passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// 64 MiB and 3 passes, one lane: the second choice of RFC 9106, for machines without gigabytes to spare.
    pub const DEFAULT: Cost = Cost { memory_kib: 64 * 1024, passes: 3 };

    /// What a file may ask for at most (1 GiB, 64 passes): a forged file must not stop the machine.
    const MOST: Cost = Cost { memory_kib: 1024 * 1024, passes: 64 };
}

/// Seals keys under a passphrase.
///
/// # Errors
/// An empty passphrase, a name above 65,535 bytes, or a cost out of range.
pub fn encode(keys: &[StoredKey], passphrase: &str, cost: Cost, random: &mut impl CryptoRng) -> Result<String, LedgerError> {
    let mut salt = [0; 16];
    let mut nonce = [0; NONCE];
    random.fill_bytes(&mut salt);
    random.fill_bytes(&mut nonce);
    let head = format!("{FIRST}\nargon2id {} {} {}\n", cost.memory_kib, cost.passes, to_base64(&salt));
    let key = stretch(passphrase, &salt, cost)?;
    let mut text = Zeroizing::new(Vec::new());
    for stored in keys {
        let length = u16::try_from(stored.name.len()).map_err(|_| LedgerError::unwritable(WHAT, "a name above 65,535 bytes"))?;
        text.push(stored.purpose.id());
        text.extend_from_slice(&length.to_be_bytes());
        text.extend_from_slice(stored.name.as_bytes());
        text.extend_from_slice(stored.secret.as_slice());
    }
    let cipher = XChaCha20Poly1305::new((&*key).into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &text, aad: head.as_bytes() });
    let sealed = sealed.map_err(|_| LedgerError::unwritable(WHAT, "too many keys"))?;
    Ok(format!("{head}\n{}\n", to_base64(&[nonce.as_slice(), &sealed].concat())))
}

/// Opens a key file.
///
/// # Errors
/// [`LedgerError::Malformed`] for another form, [`LedgerError::Closed`] for a wrong passphrase or altered bytes.
pub fn decode(text: &str, passphrase: &str) -> Result<Vec<StoredKey>, LedgerError> {
    let refuse = |line: usize, found: &str, expected: &str| LedgerError::malformed(WHAT, format!("line {line}"), shown(found), expected);
    let lines: Vec<&str> = text.split('\n').collect();
    let [first, stretching, "", body, ""] = lines.as_slice() else {
        return Err(refuse(1, text, "two lines of head, an empty line, one line of base64"));
    };
    if *first != FIRST {
        return Err(refuse(1, first, "`habeas-keys/1`"));
    }
    let words: Vec<&str> = stretching.split(' ').collect();
    let (cost, salt) = read_cost(&words).ok_or_else(|| refuse(2, stretching, "`argon2id KIB PASSES SALT` within 1 GiB and 64 passes"))?;
    let sealed = from_base64(body).ok_or_else(|| refuse(4, "what stands there", "base64"))?;
    let closed = || LedgerError::Closed { what: "the key file" };
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(closed)?;
    let key = stretch(passphrase, &salt, cost)?;
    let head = format!("{first}\n{stretching}\n");
    let cipher = XChaCha20Poly1305::new((&*key).into());
    let opened = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: head.as_bytes() });
    read_keys(&Zeroizing::new(opened.map_err(|_| closed())?))
}

fn read_cost(words: &[&str]) -> Option<(Cost, [u8; 16])> {
    let ["argon2id", memory, passes, salt] = words else { return None };
    let cost = Cost { memory_kib: u32::try_from(decimal(memory)?).ok()?, passes: u32::try_from(decimal(passes)?).ok()? };
    let fits = cost.memory_kib <= Cost::MOST.memory_kib && cost.passes <= Cost::MOST.passes;
    Some((cost, from_base64(salt)?.try_into().ok()?)).filter(|_| fits)
}

fn read_keys(bytes: &[u8]) -> Result<Vec<StoredKey>, LedgerError> {
    let mut reader = Reader::new(bytes, WHAT);
    let mut keys = Vec::new();
    while !reader.is_at_end() {
        let id = reader.byte("purpose")?;
        let purpose = Purpose::from_id(id).ok_or_else(|| reader.refuse(format!("purpose {id}"), "a purpose known here"))?;
        let length = reader.u16("length of a name")?;
        let name = std::str::from_utf8(reader.take(usize::from(length), "name")?);
        let name = name.map_err(|_| reader.refuse("a name that is not UTF-8", "a name"))?.to_owned();
        keys.push(StoredKey { purpose, name, secret: Zeroizing::new(reader.array("secret")?) });
    }
    Ok(keys)
}

fn stretch(passphrase: &str, salt: &[u8; 16], cost: Cost) -> Result<Zeroizing<[u8; 32]>, LedgerError> {
    let refuse = |why: &str| LedgerError::unwritable(WHAT, why.to_owned());
    if passphrase.is_empty() {
        return Err(refuse("an empty passphrase protects nothing"));
    }
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| refuse("its cost is out of range"))?;
    let mut key = Zeroizing::new([0; 32]);
    let stretching = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    stretching.hash_password_into(passphrase.as_bytes(), salt, key.as_mut()).map_err(|_| refuse("the passphrase cannot be stretched"))?;
    Ok(key)
}
