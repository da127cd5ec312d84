//! A receipt that somebody brings back: held against the log that it is said to be of.

use crate::error::RegisterError;
use crate::register::Register;
use habeas_codebook::moment::Moment;
use habeas_ledger::policy::Policy;
use habeas_ledger::proof::Proof;
use habeas_ledger::slip;
use habeas_ledger::verify::receipt;

/// What became of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The entry stands in this log, and the log is the one that the receipt was given by.
    Yes,
    /// Not as it was given: something in it was altered.
    Altered,
    /// It is of another log.
    Elsewhere,
    /// This log signed it and has another past now: the gravest there is.
    TwoPasts,
}

/// A receipt, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// What became of it.
    pub stands: Stands,
    /// Number of the entry.
    pub index: u64,
    /// Name of the log that it says it is of.
    pub origin: String,
    /// How many entries that log had then.
    pub size: u64,
    /// Kind of the entry and when it was recorded, if the receipt carries its entry.
    pub entry: Option<(String, Moment)>,
}

impl Register {
    /// Checks a receipt by this log's own key, and holds the root that it carries against the log as it is now. Whoever does not want to
    /// believe the log checks the same text elsewhere, with witnesses.
    ///
    /// # Errors
    /// [`RegisterError::Invalid`] for a text that is no receipt; what the machine says.
    pub fn check_receipt(&self, text: &str) -> Result<Brought, RegisterError> {
        let policy = Policy::of_log(self.log_key());
        let unread = |error: habeas_ledger::LedgerError| RegisterError::field("receipt", &error.to_string(), "this text", "a receipt");
        let text = text.replace("\r\n", "\n");
        let checked = receipt::check(&text, None, &policy).map_err(unread)?;
        let origin = checked.proof.checkpoint.lines().next().unwrap_or_default().to_owned();
        let size = checked.proof.checkpoint.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or_default();
        let stands = match &checked.judged {
            Err(_) if origin != self.origin() => Stands::Elsewhere,
            Err(_) => Stands::Altered,
            Ok(judged) if self.root_at(judged.checkpoint.size)? == Some(judged.checkpoint.root) => Stands::Yes,
            Ok(_) => Stands::TwoPasts,
        };
        let entry = checked.shown.map(|shown| {
            let recorded = i64::try_from(shown.header.recorded_at_ms).unwrap_or(i64::MAX / 1_000);
            (shown.header.kind, Moment(recorded * 1_000))
        });
        Ok(Brought { stands, index: checked.proof.index, origin, size, entry })
    }

    /// The hash of an entry as groups to copy by hand.
    ///
    /// # Errors
    /// A receipt that does not carry its entry.
    pub fn slip_of(receipt: &str) -> Result<String, RegisterError> {
        let proof = Proof::parse(receipt)?;
        let extra = proof.extra.unwrap_or_default();
        Ok(slip::groups(&habeas_ledger::proof::Shown::from_bytes(&extra)?.leaf()?))
    }
}
