//! A receipt in somebody's hand, checked without a network: the same answer on the command line and in the page.

use super::Verdict;
use super::wording::{hex, moment, moment_of_seconds, thousands};
use crate::error::LedgerError;
use crate::merkle::Hash;
use crate::policy::{Judged, Policy};
use crate::proof::{Proof, Shown};
use crate::slip;

/// What a receipt comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The receipt.
    pub proof: Proof,
    /// The entry that it carries, with the fields that its holder shows; nothing where the entry's hash was given instead.
    pub shown: Option<Shown>,
    /// Who has signed; or what does not hold.
    pub judged: Result<Judged, LedgerError>,
}

/// Checks a receipt against a policy. `leaf` is the hash of the entry that it must be about, in base64 or as the groups of a slip; a
/// receipt that carries its entry needs none.
///
/// # Errors
/// A text that is no receipt, or no hash to check it with. What does not hold is in the answer.
pub fn check(text: &str, leaf: Option<&str>, policy: &Policy) -> Result<Receipt, LedgerError> {
    let proof = Proof::parse(text)?;
    let shown = match (leaf, proof.extra.as_deref()) {
        (None, Some(extra)) => Some(Shown::from_bytes(extra)?),
        (None, None) => {
            return Err(LedgerError::malformed(
                "receipt",
                "line 2",
                "no entry",
                "the receipt to carry its entry, or the entry's hash beside it",
            ));
        }
        (Some(_), _) => None,
    };
    let leaf = match (leaf, &shown) {
        (Some(leaf), _) => Ok(Hash::from_base64(leaf).or_else(|_| slip::read(leaf))?),
        (None, Some(shown)) => shown.leaf(),
        (None, None) => Ok(Hash::default()),
    };
    let judged =
        leaf.and_then(|leaf| proof.check_unwitnessed(&leaf, policy)).and_then(|judged| belongs(shown.as_ref(), &proof, policy, judged));
    Ok(Receipt { proof, shown, judged })
}

/// The entry in the receipt must be of this log and place.
fn belongs(shown: Option<&Shown>, proof: &Proof, policy: &Policy, judged: Judged) -> Result<Judged, LedgerError> {
    let Some(shown) = shown else { return Ok(judged) };
    if shown.header.index != proof.index {
        let why = format!("its entry says index {}, the receipt {}", shown.header.index, proof.index);
        return Err(LedgerError::not_proven("receipt", why));
    }
    if !policy.is_of(&judged.checkpoint.origin, proof.index, &shown.header.origin) {
        return Err(LedgerError::not_proven("receipt", "its entry was made for another log"));
    }
    Ok(judged)
}

impl Receipt {
    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match &self.judged {
            Ok(judged) if judged.quorum => Verdict::Proven,
            Ok(_) => Verdict::Incomplete,
            Err(_) => Verdict::Tampered,
        }
    }

    /// What to tell a reader, line by line: a heading and a text. The last line is the result.
    #[must_use]
    pub fn lines(&self, policy: &Policy) -> Vec<(&'static str, String)> {
        let judged = match &self.judged {
            Ok(judged) => judged,
            Err(error) => return vec![("BROKEN", error.to_string()), ("result", "NOT PROVEN (1)".to_owned())],
        };
        let of = &judged.checkpoint;
        let mut lines = vec![("log", format!("{}   entry {} of {}", of.origin, thousands(self.proof.index), thousands(of.size)))];
        if let Some(Shown { header, openings }) = &self.shown {
            lines.push(("entry", format!("{}, recorded {}, custody {}", header.kind, moment(header.recorded_at_ms), hex(&header.custody))));
            // Shown by the holder's will: the receipt opens these fields and no other.
            let opened = openings.iter().map(|opening| (&opening.field.id, String::from_utf8_lossy(opening.field.value.reveal())));
            lines.extend(opened.map(|(name, value)| ("shown", format!("{name}: {value}"))));
        }
        let names: Vec<String> = judged.cosigned.iter().map(|(place, _)| policy.witnesses()[*place].shown_name()).collect();
        let names = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
        let at = judged.witnessed_at.map_or_else(String::new, |seconds| format!(": made before {}", moment_of_seconds(seconds)));
        lines.push(("seen by", format!("{} of {} ({names}){at}", judged.cosigned.len(), policy.witnesses().len())));
        let result = if judged.quorum { "PROVEN (0)" } else { "INCOMPLETE (4): in the log, but not yet witnessed as the policy asks" };
        lines.push(("result", result.to_owned()));
        lines
    }
}
