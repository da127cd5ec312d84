//! Notices as signed posts, in the form of Standard Webhooks (standardwebhooks.com): headers `webhook-id`, `webhook-timestamp` and
//! `webhook-signature`, the last an HMAC-SHA-256 over the id, the time and the body. The id is the same each time a notice is tried.

use super::PATIENCE;
use crate::outcome::Trouble;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeas_register::outbox::{Failed, Notice, Way};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// The fewest bytes of a secret that signs.
const SHORTEST_SECRET: usize = 24;

/// How much of a refusal is kept for the operator.
const ANSWER_SHOWN: usize = 200;

/// An address that notices are posted to.
pub struct Webhook {
    url: String,
    secret: Zeroizing<Vec<u8>>,
    desk: Option<String>,
    agent: ureq::Agent,
}

impl Webhook {
    /// Posts to `url`, signed with `secret`: `whsec_` and base64, or any text of 24 bytes or more.
    ///
    /// # Errors
    /// A secret that is too short or not in its form.
    pub fn new(url: &str, secret: &str, desk: Option<String>) -> Result<Self, Trouble> {
        let bytes = match secret.strip_prefix("whsec_") {
            Some(coded) => STANDARD.decode(coded).map_err(|_| Trouble::Input("the secret after `whsec_` is not base64".to_owned()))?,
            None => secret.as_bytes().to_vec(),
        };
        if bytes.len() < SHORTEST_SECRET {
            let why = format!("the secret for {url} has {} bytes; give it at least {SHORTEST_SECRET}, drawn at random", bytes.len());
            return Err(Trouble::Input(why));
        }
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).max_redirects(0).build();
        Ok(Webhook { url: url.to_owned(), secret: Zeroizing::new(bytes), desk, agent: agent.into() })
    }
}

/// What a receiver computes again: `v1,` and the HMAC in base64.
#[must_use]
pub fn signature(secret: &[u8], id: &str, timestamp: u64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("an HMAC takes a key of any length");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl Way for Webhook {
    fn send(&self, key: &str, notice: &Notice) -> Result<(), Failed> {
        let address = self.desk.as_ref().map(|desk| format!("{}{}", desk.trim_end_matches('/'), notice.link));
        let body = json!({"type": "breach.found", "timestamp": notice.found_at, "data": notice, "address": address}).to_string();
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let answered = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", key)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signature(&self.secret, key, timestamp, &body))
            .send(&body);
        let mut answer = answered.map_err(|error| Failed::Way(format!("{}: {error}", self.url)))?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(());
        }
        let said = answer.body_mut().with_config().limit(4_096).read_to_string().unwrap_or_default();
        let said: String = said.chars().filter(|character| !character.is_control()).take(ANSWER_SHOWN).collect();
        let why = format!("{} answered {status} {said}", self.url);
        // "Too early", "too many", and whatever is the receiver's own trouble, is no judgement of this notice.
        let of_this_notice = (400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 408 | 410 | 425 | 429);
        Err(if of_this_notice { Failed::Notice(why) } else { Failed::Way(why) })
    }
}
