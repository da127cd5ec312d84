//! Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.
//!
//! The text of a note means nothing until a known key is found to have signed it; so there is no way here to get at the text of a note
//! with the look of trust but [`Note::open`]. A signature by a known key that does not fit refuses the whole note.

use crate::cosignature;
use crate::encoding::{from_base64, from_loose_base64, shown, to_base64};
use crate::error::LedgerError;
use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt;

const WHAT: &str = "signed note";
const VKEY: &str = "verifier key";

/// Most signatures of one note. The standard asks for at least 16.
pub const SIGNATURES_LIMIT: usize = 100;

/// Largest note that is read, in bytes. A hundred signatures by ML-DSA-44 fit.
pub const NOTE_LIMIT: usize = 1 << 20;

/// What a key signs, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Type 0x01: Ed25519 over the text. Logs.
    Ed25519,
    /// Type 0x04: Ed25519 over the text with a time before it. Witnesses.
    CosignatureV1,
    /// Type 0x06: ML-DSA-44 over name, time, origin, size and root. Logs and witnesses; needs the feature `ml-dsa`.
    MlDsa44,
}

impl Algorithm {
    /// The byte before the public key.
    #[must_use]
    pub fn type_byte(self) -> u8 {
        match self {
            Algorithm::Ed25519 => 0x01,
            Algorithm::CosignatureV1 => 0x04,
            Algorithm::MlDsa44 => 0x06,
        }
    }

    /// Length of the public key in bytes.
    #[must_use]
    pub fn key_length(self) -> usize {
        match self {
            Algorithm::Ed25519 | Algorithm::CosignatureV1 => 32,
            Algorithm::MlDsa44 => 1312,
        }
    }

    fn from_type_byte(byte: u8) -> Option<Self> {
        [Algorithm::Ed25519, Algorithm::CosignatureV1, Algorithm::MlDsa44].into_iter().find(|algorithm| algorithm.type_byte() == byte)
    }
}

/// The public key by which somebody's signatures are known: name, key id and key. Text form (`vkey`): `name+hex(id)+base64(type, key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    algorithm: Algorithm,
    key: Vec<u8>,
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = vec![self.algorithm.type_byte()];
        typed.extend_from_slice(&self.key);
        write!(out, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), to_base64(&typed))
    }
}

/// A key name: not empty, no Unicode space, no plus, no control character.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

impl VerifierKey {
    /// The key of `name` with these bytes.
    ///
    /// # Errors
    /// A name with a blank or plus, a key of the wrong length, a key that is no point of the curve or of low order.
    pub fn new(name: &str, algorithm: Algorithm, key: &[u8]) -> Result<Self, LedgerError> {
        if !is_name(name) {
            return Err(LedgerError::malformed(VKEY, "its name", shown(name), "a name without blanks and `+`"));
        }
        if key.len() != algorithm.key_length() {
            let expected = format!("{} bytes of public key", algorithm.key_length());
            return Err(LedgerError::malformed(VKEY, "its key", format!("{} bytes", key.len()), expected));
        }
        match algorithm {
            Algorithm::Ed25519 | Algorithm::CosignatureV1 => {
                ed25519(key).ok_or_else(|| {
                    LedgerError::malformed(VKEY, "its key", "bytes that are no sound Ed25519 key", "a point of full order")
                })?;
            }
            Algorithm::MlDsa44 => cosignature::check_ml_dsa_supported(VKEY)?,
        }
        Ok(VerifierKey { name: name.to_owned(), id: key_id(name, algorithm, key), algorithm, key: key.to_vec() })
    }

    /// Reads a `vkey`.
    ///
    /// # Errors
    /// A text of another form, a key id that does not belong to name and key, or a kind of key that is not known here.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let refuse = |place: &str, found: &str, expected: &str| Err(LedgerError::malformed(VKEY, place, shown(found), expected));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return refuse("its text", text, "name+key id in hex+key in base64");
        };
        let hex = id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let Some(id) = u32::from_str_radix(id, 16).ok().filter(|_| hex) else {
            return refuse("its key id", id, "8 digits in lower-case hex");
        };
        let Some(typed) = from_base64(key) else { return refuse("its key", key, "standard base64") };
        let Some((kind, bytes)) = typed.split_first() else { return refuse("its key", key, "a type and a key") };
        let Some(algorithm) = Algorithm::from_type_byte(*kind) else {
            let found = format!("type 0x{kind:02x}");
            return Err(LedgerError::malformed(VKEY, "its type", found, "0x01 (Ed25519), 0x04 (cosignature) or 0x06 (ML-DSA-44)"));
        };
        let parsed = VerifierKey::new(name, algorithm, bytes)?;
        if parsed.id != id.to_be_bytes() {
            let expected = format!("{:08x}, which belongs to this name and key", u32::from_be_bytes(parsed.id));
            return Err(LedgerError::malformed(VKEY, "its key id", format!("{id:08x}"), expected));
        }
        Ok(parsed)
    }

    /// The name of who signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first bytes of every signature by this key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// What it signs, and how.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bare public key.
    #[must_use]
    pub fn key_bytes(&self) -> &[u8] {
        &self.key
    }

    /// Checks a signature (without its key id) over a note's text. A cosignature tells its time, in seconds since 1970.
    ///
    /// # Errors
    /// [`LedgerError::Signature`].
    pub fn check(&self, text: &str, signature: &[u8]) -> Result<Option<u64>, LedgerError> {
        let wrong = || LedgerError::Signature { name: self.name.clone() };
        match self.algorithm {
            Algorithm::Ed25519 => check_ed25519(&self.key, text.as_bytes(), signature).then_some(None).ok_or_else(wrong),
            Algorithm::CosignatureV1 => cosignature::check_v1(&self.key, text, signature).map(Some).ok_or_else(wrong),
            Algorithm::MlDsa44 => cosignature::check_ml_dsa(&self.name, &self.key, text, signature).map(Some).ok_or_else(wrong),
        }
    }
}

/// `SHA-256(name, newline, type, key)`, the first four bytes.
fn key_id(name: &str, algorithm: Algorithm, key: &[u8]) -> [u8; 4] {
    let digest = Sha256::new().chain_update(name).chain_update([b'\n', algorithm.type_byte()]).chain_update(key).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// A sound Ed25519 key: on the curve and not of low order.
fn ed25519(key: &[u8]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(key.try_into().ok()?).ok().filter(|key| !key.is_weak())
}

/// The one check of an Ed25519 signature in the house. Strict: what another verifier could read differently (bytes that are not canonical,
/// points of low order) is refused, so that the verdict on a signature is the same everywhere.
#[must_use]
pub fn check_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Some(key), Ok(signature)) = (ed25519(key), Ed25519Signature::from_slice(signature)) else { return false };
    key.verify_strict(message, &signature).is_ok()
}

/// A private Ed25519 key with a name: a log's, or a witness's. Cannot be printed; wiped when dropped.
#[derive(Clone)]
pub struct SigningKey {
    verifier: VerifierKey,
    secret: ed25519_dalek::SigningKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.verifier)
    }
}

impl SigningKey {
    /// The log's key that belongs to a seed of 32 random bytes.
    ///
    /// # Errors
    /// A name with a blank or plus.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, LedgerError> {
        SigningKey::with_algorithm(name, Algorithm::Ed25519, seed)
    }

    pub(crate) fn with_algorithm(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, LedgerError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, algorithm, secret.verifying_key().as_bytes())?;
        Ok(SigningKey { verifier, secret })
    }

    /// The public key.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }

    /// Signs a note's text.
    ///
    /// # Errors
    /// A text that does not end in a newline or holds control characters.
    pub fn sign(&self, text: &str) -> Result<Signature, LedgerError> {
        check_text(text)?;
        Ok(Signature::new(&self.verifier.name, self.verifier.id, self.sign_bytes(text.as_bytes()).to_vec()))
    }
}

/// A note's text ends in a newline and has no other control character.
fn check_text(text: &str) -> Result<(), LedgerError> {
    if !text.ends_with('\n') || text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(LedgerError::unwritable(WHAT, "a text must end in a newline and hold no other control character"));
    }
    Ok(())
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub key_id: [u8; 4],
    /// What the key made of the text.
    pub bytes: Vec<u8>,
    /// The base64 as it was found, where it has stray bits after the last whole byte. Such a line has the form of a signature, as other
    /// programs read it, but fits no key: what has two spellings could be altered unseen.
    stray: Option<String>,
}

impl fmt::Display for Signature {
    /// The line, with its newline.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = self.stray.clone().unwrap_or_else(|| to_base64(&[self.key_id.as_slice(), &self.bytes].concat()));
        writeln!(out, "— {} {encoded}", self.name)
    }
}

impl Signature {
    /// A signature line of a key's name and id and what the key made.
    pub(crate) fn new(name: &str, key_id: [u8; 4], bytes: Vec<u8>) -> Self {
        Signature { name: name.to_owned(), key_id, bytes, stray: None }
    }

    /// Reads a signature line, without its newline.
    ///
    /// # Errors
    /// Any other line.
    pub fn parse(line: &str) -> Result<Self, LedgerError> {
        let refuse = || LedgerError::malformed(WHAT, "a signature line", shown(line), "`— name base64`");
        let (name, encoded) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or_else(refuse)?;
        let bytes = from_loose_base64(encoded).filter(|bytes| bytes.len() > 4 && is_name(name)).ok_or_else(refuse)?;
        let stray = Some(encoded.to_owned()).filter(|encoded| *encoded != to_base64(&bytes));
        let (key_id, bytes) = bytes.split_at(4);
        let key_id = [key_id[0], key_id[1], key_id[2], key_id[3]];
        Ok(Signature { stray, ..Signature::new(name, key_id, bytes.to_vec()) })
    }

    /// Checks it by its key over a note's text. A cosignature tells its time, in seconds since 1970.
    ///
    /// # Errors
    /// [`LedgerError::Signature`].
    pub fn check(&self, text: &str, key: &VerifierKey) -> Result<Option<u64>, LedgerError> {
        match self.stray {
            Some(_) => Err(LedgerError::Signature { name: key.name.clone() }),
            None => key.check(text, &self.bytes),
        }
    }
}

/// A note as it stands, not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| write!(out, "{signature}"))
    }
}

/// A signature that was checked and found right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub key_id: [u8; 4],
    /// When the cosigner says it signed, in seconds since 1970; nothing for a log's plain signature.
    pub time: Option<u64>,
}

/// A note that at least one known key has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The text, with its last newline.
    pub text: String,
    /// Right signatures by known keys, each key once, in the note's order.
    pub verified: Vec<Verified>,
    /// Signatures by keys that are not known here, each once: neither right nor wrong.
    pub unverified: Vec<Signature>,
}

impl Note {
    /// A note of a text and its signatures.
    ///
    /// # Errors
    /// A text without a form of a note, no signature, or too many.
    pub fn new(text: &str, signatures: Vec<Signature>) -> Result<Self, LedgerError> {
        check_text(text)?;
        if signatures.is_empty() || signatures.len() > SIGNATURES_LIMIT {
            return Err(LedgerError::unwritable(WHAT, format!("{} signatures; expected 1 to {SIGNATURES_LIMIT}", signatures.len())));
        }
        Ok(Note { text: text.to_owned(), signatures })
    }

    /// Reads a note.
    ///
    /// # Errors
    /// Bytes that are not a note: the line is named.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let refuse = |place: String, found: String, expected: &str| Err(LedgerError::malformed(WHAT, place, found, expected));
        if bytes.len() > NOTE_LIMIT {
            return refuse("its size".to_owned(), format!("{} bytes", bytes.len()), "at most 1 MiB");
        }
        let line_of = |at: usize| format!("line {}", bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1);
        if let Some(at) = bytes.iter().position(|byte| *byte < 0x20 && *byte != b'\n') {
            return refuse(line_of(at), format!("control character 0x{:02x}", bytes[at]), "text");
        }
        let whole = match std::str::from_utf8(bytes) {
            Ok(whole) => whole,
            Err(error) => return refuse(line_of(error.valid_up_to()), "bytes that are not UTF-8".to_owned(), "UTF-8"),
        };
        let Some((head, tail)) = whole.rsplit_once("\n\n") else {
            return refuse("its end".to_owned(), "no empty line".to_owned(), "an empty line between text and signatures");
        };
        let text = format!("{head}\n");
        let first = text.bytes().filter(|byte| *byte == b'\n').count() + 2;
        let Some(lines) = tail.strip_suffix('\n') else {
            return refuse("its end".to_owned(), "no newline".to_owned(), "a newline after the last signature");
        };
        let mut signatures = Vec::new();
        for (number, line) in lines.split('\n').enumerate() {
            let Ok(signature) = Signature::parse(line) else {
                return refuse(format!("line {}", first + number), shown(line), "a signature line: `— name base64`");
            };
            signatures.push(signature);
        }
        if signatures.len() > SIGNATURES_LIMIT {
            return refuse("its signatures".to_owned(), signatures.len().to_string(), "at most 100");
        }
        Ok(Note { text, signatures })
    }

    /// The text, believed or not. For showing evidence and for keys that are found by what the text says; to believe it, [`Note::open`].
    #[must_use]
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// All signatures, right or wrong.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line. One by the same key is replaced: a cosigner's newest statement counts.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.retain(|other| (&other.name, other.key_id) != (&signature.name, signature.key_id));
        self.signatures.push(signature);
    }

    /// Checks every signature by a known key.
    ///
    /// # Errors
    /// [`LedgerError::Signature`] when one does not fit; [`LedgerError::NoKnownKey`] when no known key has signed.
    pub fn open(&self, keys: &[VerifierKey]) -> Result<Opened, LedgerError> {
        let mut opened = Opened { text: self.text.clone(), verified: Vec::new(), unverified: Vec::new() };
        for signature in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.name == signature.name && key.id == signature.key_id) else {
                if !opened.unverified.contains(signature) {
                    opened.unverified.push(signature.clone());
                }
                continue;
            };
            if opened.verified.iter().any(|seen| seen.name == key.name && seen.key_id == key.id) {
                continue;
            }
            let time = signature.check(&self.text, key)?;
            opened.verified.push(Verified { name: key.name.clone(), key_id: key.id, time });
        }
        if opened.verified.is_empty() {
            let names: Vec<String> = self.signatures.iter().map(|signature| shown(&signature.name)).collect();
            return Err(LedgerError::NoKnownKey { names: names.join(", ") });
        }
        Ok(opened)
    }
}
