//! The one error type of the crate: what is wrong, where, what was found and what was expected. It never carries sealed content.

/// Why bytes, a proof or a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Bytes that are not in their form.
    #[error("{what}, {place}: found {found}, expected {expected}")]
    Malformed {
        /// The form that was read: `checkpoint`, `leaf header`, …
        what: &'static str,
        /// Line or byte.
        place: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A proof that does not lead where it should.
    #[error("{what} does not hold: {why}")]
    NotProven {
        /// Which proof.
        what: &'static str,
        /// What differs.
        why: String,
    },
    /// A signature by a known key that does not fit the text. The whole note is refused.
    #[error("the signature of `{name}` does not fit the text: it was altered, or another key signed")]
    Signature {
        /// Name of the key.
        name: String,
    },
    /// A note that none of the known keys has signed.
    #[error("no known key has signed this note; its signatures are by: {names}")]
    NoKnownKey {
        /// Who signed.
        names: String,
    },
    /// Too few of the witnesses that a policy asks for.
    #[error("the policy's quorum is not reached: {why}")]
    Quorum {
        /// Who is there, who is missing.
        why: String,
    },
    /// A stored hash that is asked for and is not there.
    #[error("the hash of level {level}, index {index} is not stored{detail}")]
    Missing {
        /// Level in the tree; leaves are level 0.
        level: u8,
        /// Place within the level.
        index: u64,
        /// Where it was sought; empty or beginning with `: `.
        detail: String,
    },
    /// A file, table or address that the machine does not let us read.
    #[error("`{path}` cannot be read: {why}")]
    Unreadable {
        /// What was to be read.
        path: String,
        /// What the machine says.
        why: String,
    },
    /// Something sealed that this key does not open, or that was moved or altered.
    #[error("{what} does not open: another key sealed it, or it was altered or moved from its place")]
    Closed {
        /// What was to be opened.
        what: &'static str,
    },
    /// A request to encode or sign what has no valid form.
    #[error("{what} cannot be written: {why}")]
    Unwritable {
        /// The form.
        what: &'static str,
        /// What is wrong with the value.
        why: String,
    },
}

impl LedgerError {
    /// Bytes that are not in their form.
    pub(crate) fn malformed(what: &'static str, place: impl Into<String>, found: impl Into<String>, expected: impl Into<String>) -> Self {
        LedgerError::Malformed { what, place: place.into(), found: found.into(), expected: expected.into() }
    }

    /// A value without a valid form.
    pub(crate) fn unwritable(what: &'static str, why: impl Into<String>) -> Self {
        LedgerError::Unwritable { what, why: why.into() }
    }

    /// A proof that fails.
    pub(crate) fn not_proven(what: &'static str, why: impl Into<String>) -> Self {
        LedgerError::NotProven { what, why: why.into() }
    }
}
