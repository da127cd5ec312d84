//! The tamper-evident log: was anything added, changed or removed later?
//!
//! It answers people who do not trust the server: the person in custody, the lawyer, the ombudsman, a court. The formats are C2SP's
//! (signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-witness, tlog-proof, tlog-policy) over the Merkle trees of RFC 6962,
//! so that other people's tools can check us and ours can check others.
//!
//! The crate stands alone: it depends on no other crate of the house and meets no disk, clock, network or source of randomness.
//! Bytes, keys, the time and randomness are arguments. It never repairs anything, and it never prints what was sealed.
//!
//! Start reading at [`merkle`] (what a log is), then [`leaf`] (what one entry of it is), then [`checkpoint`] and [`cosignature`] (what is
//! signed), then [`proof`] and [`policy`] (what an outsider checks).
//!
//! | to | read |
//! | --- | --- |
//! | hash entries, prove, check proofs | [`merkle`] |
//! | encode and decode an entry's header | [`leaf`] |
//! | commit to fields, show one and no other | [`fields`] |
//! | sign and open notes | [`note`], [`checkpoint`], [`cosignature`] |
//! | lay a log out in files | [`tile`] |
//! | say who must have signed | [`policy`] |
//! | change a log's key, or go on as a new epoch | [`succession`] |
//! | hand out and check a receipt | [`proof`] |
//! | write a hash on paper | [`slip`] |
//! | seal what only some may read | [`sealing`], [`keyfile`] |
//! | verify a whole log, or two checkpoints | [`verify`] |
//! | be a witness | [`witness`] |

pub mod checkpoint;
pub mod cosignature;
mod encoding;
pub mod error;
pub mod fields;
pub mod keyfile;
pub mod leaf;
pub mod merkle;
pub mod note;
pub mod parcel;
pub mod policy;
pub mod proof;
pub mod sealing;
pub mod slip;
pub mod succession;
pub mod tile;
pub mod verify;
pub mod witness;

pub use error::LedgerError;
pub use merkle::Hash;
pub use rand_core::CryptoRng;
