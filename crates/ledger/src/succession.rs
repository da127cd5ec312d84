//! Succession: a log that goes on under another key, or, after a loss, as a new epoch under another name.
//!
//! The key that leaves and the key that comes sign one statement: who follows whom, from which size on, and how many entries the old key
//! has signed at most. Whoever knows one of the two keys knows the other from it ([`crate::policy::Policy::succeed`]); what the old key
//! signs beyond the size that it named counts for nothing from then on.
//!
//! | line | of the statement |
//! | --- | --- |
//! | 1 | `habeas-succession/1` |
//! | 2, 3 | the key that leaves, the key that comes: the name of each is the log's at that time |
//! | 4 | entries that are kept, from which the new key goes on |
//! | 5 | entries that the old key has signed at most; more than are kept: those in between are lost |

use crate::encoding::{decimal, shown};
use crate::error::LedgerError;
use crate::note::{Note, SigningKey, VerifierKey};

const WHAT: &str = "succession";
const FIRST: &str = "habeas-succession/1";

/// One key of a log after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The key that leaves.
    pub old: VerifierKey,
    /// The key that comes. Another name: a new epoch of the log.
    pub new: VerifierKey,
    /// Entries that are kept: the new key goes on from here.
    pub kept: u64,
    /// Entries that the old key has signed at most.
    pub signed: u64,
}

impl Succession {
    /// Whether the log goes on under another name.
    #[must_use]
    pub fn is_epoch(&self) -> bool {
        self.old.name() != self.new.name()
    }

    /// How many entries were signed and are lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.signed.saturating_sub(self.kept)
    }

    fn text(&self) -> String {
        format!("{FIRST}\n{}\n{}\n{}\n{}\n", self.old, self.new, self.kept, self.signed)
    }

    /// The statement with both signatures.
    ///
    /// # Errors
    /// Keys that are not those of the statement.
    pub fn sign(&self, old: &SigningKey, new: &SigningKey) -> Result<Note, LedgerError> {
        if *old.verifier() != self.old || *new.verifier() != self.new {
            return Err(LedgerError::unwritable(WHAT, "it is signed by the two keys that it names"));
        }
        let text = self.text();
        Note::new(&text, vec![old.sign(&text)?, new.sign(&text)?])
    }

    /// Reads a statement that both keys have signed. Whether either is to be believed, a policy says.
    ///
    /// # Errors
    /// A note that does not parse or is no such statement, or one of the two signatures that is missing or does not fit.
    pub fn open(bytes: &[u8]) -> Result<Self, LedgerError> {
        let note = Note::parse(bytes)?;
        let refuse =
            |line: usize, found: &str, expected: &str| LedgerError::malformed(WHAT, format!("line {line}"), shown(found), expected);
        let text = note.unverified_text();
        let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
        let [FIRST, old, new, kept, signed] = lines.as_slice() else {
            return Err(refuse(1, lines.first().unwrap_or(&""), "`habeas-succession/1` and four lines: two keys, two sizes"));
        };
        let size = |line: usize, text: &str| decimal(text).ok_or_else(|| refuse(line, text, "a size without leading zero"));
        let stated =
            Succession { old: VerifierKey::parse(old)?, new: VerifierKey::parse(new)?, kept: size(4, kept)?, signed: size(5, signed)? };
        if stated.text() != text {
            return Err(refuse(1, text, "the statement in its one spelling"));
        }
        if stated.old.key_bytes() == stated.new.key_bytes() || stated.signed < stated.kept {
            return Err(refuse(4, kept, "two different keys, and no more entries kept than were signed"));
        }
        for key in [&stated.old, &stated.new] {
            note.open(std::slice::from_ref(key))?;
        }
        Ok(stated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, seed: u8) -> SigningKey {
        SigningKey::from_seed(name, &[seed; 32]).expect("a fair name")
    }

    #[test]
    fn a_statement_counts_with_both_signatures_only() {
        let (old, new) = (key("custody.example/st/0412", 1), key("custody.example/st/0412", 2));
        let stated = Succession { old: old.verifier().clone(), new: new.verifier().clone(), kept: 300, signed: 300 };
        let note = stated.sign(&old, &new).expect("both keys are here").to_string();
        assert_eq!(Succession::open(note.as_bytes()).expect("both have signed"), stated);
        for missing in note.lines().filter(|line| line.starts_with('\u{2014}')) {
            let alone = note.replace(&format!("{missing}\n"), "");
            assert!(Succession::open(alone.as_bytes()).is_err(), "{alone}");
        }
        let longer = note.replace("\n300\n300\n", "\n300\n301\n");
        assert!(longer != note && Succession::open(longer.as_bytes()).is_err(), "no word of it can be changed");
        assert!(stated.sign(&new, &old).is_err());
    }
}
