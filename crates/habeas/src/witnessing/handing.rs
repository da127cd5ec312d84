//! The station's side: what the centre does not have yet goes to it, parcel by parcel, and what it signs is kept. It may break off at any
//! point and begin again: the centre says how far it has come.

use crate::registers::now;
use habeas_ledger::note::VerifierKey;
use habeas_register::stations::Answer;
use habeas_register::{Register, RegisterError};
use std::time::Duration;

/// How long the centre may take for one parcel.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer longer than this is not read.
const ANSWER_LIMIT: u64 = 1024 * 1024;

/// Why not everything was handed over. Nothing is lost: what the centre lacks is sent again.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unsent {
    /// Nobody answers.
    #[error("{0}")]
    Line(String),
    /// The centre does not take it, with its words.
    #[error("the centre refuses ({status}): {why}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        why: String,
    },
    /// The centre holds another history, signed with this log's key: here is the evidence.
    #[error("the centre holds another history of this log, signed with the same key")]
    Forked {
        /// Both notes.
        evidence: String,
    },
    /// The centre has more entries than this log: it was put back to an older state.
    #[error("the centre has {centre} entries of this log, which holds {here}: it was put back to an older state; restore what is missing")]
    Behind {
        /// Entries here.
        here: u64,
        /// Entries at the centre.
        centre: u64,
    },
    /// The register's own trouble.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// Hands over what the centre at `url` does not have; how many entries it has then.
///
/// # Errors
/// [`Unsent`].
pub fn hand_over(register: &Register, url: &str, key: &VerifierKey) -> Result<u64, Unsent> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into();
    let address = format!("{}/stations/parcel", url.trim_end_matches('/'));
    let mut from = register.handed_over()?;
    let mut asked_from = None;
    loop {
        let here = register.checkpoint()?.size;
        if from > here {
            return Err(Unsent::Behind { here, centre: from });
        }
        // Nothing new: what was handed over last is shown once more, so that a second history is noticed also where neither has grown.
        let Some(parcel) = register.parcel(from)? else {
            if from == 0 || asked_from.is_some() {
                return Ok(from);
            }
            from = from.saturating_sub(1);
            continue;
        };
        asked_from = Some(from);
        let bytes = parcel.to_bytes().map_err(RegisterError::from)?;
        let (status, answer) = post(&agent, &address, &bytes).map_err(Unsent::Line)?;
        match (status, serde_json::from_str(&answer)) {
            (200, Ok(Answer::Taken { size, checkpoint, centre })) => {
                if size > here {
                    return Err(Unsent::Behind { here, centre: size });
                }
                register.keep_answer(size, &checkpoint, &centre, key, now())?;
                if size >= here || size <= from {
                    return Ok(size);
                }
                from = size;
            }
            (409, Ok(Answer::Ahead { size })) if size < from => from = size,
            (422, Ok(Answer::Forked { evidence })) => return Err(Unsent::Forked { evidence }),
            _ => return Err(Unsent::Refused { status, why: answer.trim_end().to_owned() }),
        }
    }
}

fn post(agent: &ureq::Agent, address: &str, body: &[u8]) -> Result<(u16, String), String> {
    let lost = |error: ureq::Error| format!("{address}: {error}");
    let mut answer = agent.post(address).header("content-type", "application/octet-stream").send(body).map_err(lost)?;
    let text = answer.body_mut().with_config().limit(ANSWER_LIMIT).read_to_string().map_err(lost)?;
    Ok((answer.status().as_u16(), text))
}
