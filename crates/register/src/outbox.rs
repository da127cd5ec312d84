//! Notices of breaches: who has to be told, once each, and by which way. A notice carries the rule, the record's handle, the place, the due
//! time; never a name or finding. Whoever receives it follows a link and signs in.
//!
//! A notice is put in the outbox in the transaction that found the breach, so that neither a crash nor days of downtime lose or double it;
//! sending comes after and is tried again until it works.

use crate::access::Access;
use crate::error::RegisterError;
use crate::spelling;
use crate::store::LifeRow;
use crate::storing::NewBreach;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Codebook, RoleIs};
use habeas_ledger::leaf::{Class, Handle};
use habeas_ledger::merkle::Hash;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A breach, as told to somebody who may not see the record without signing in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The rule; nothing where the rule itself would tell something medical or privileged.
    pub rule: Option<String>,
    /// Random name of the record, in hex.
    pub handle: String,
    /// Where the subject is, if known.
    pub place: Option<String>,
    /// When the duty fell due, or since when it is breached.
    pub due_at: Option<String>,
    /// Who has to be told, as the codebook names them.
    pub tell: Vec<String>,
    /// Path below the desk's address.
    pub link: String,
    /// When the register found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_at: Option<String>,
}

/// Why a notice did not go. It is tried again in either case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The way is down: whatever else goes by it waits too.
    Way(String),
    /// This notice was refused; the next may go.
    Notice(String),
}

/// A way by which notices leave.
pub trait Way: Send + Sync {
    /// Sends a notice. `key` is the same each time the same notice is tried, so that a receiver can tell a repetition.
    ///
    /// # Errors
    /// Why it did not go; it is tried again later.
    fn send(&self, key: &str, notice: &Notice) -> Result<(), Failed>;
}

/// Puts a notice of each new breach in the outbox, in the transaction that is open.
pub(crate) fn put_breaches(
    access: &mut Access,
    codebook: &Codebook,
    subject: i64,
    life: &LifeRow,
    breaches: &[NewBreach],
    now: Moment,
) -> Result<(), RegisterError> {
    if breaches.is_empty() {
        return Ok(());
    }
    let handle = access.store.subject_numbered(subject)?.map_or_else(Handle::default, |row| row.handle);
    for breach in breaches {
        let rule = &codebook.rules[breach.rule.index()];
        let since = breach.since.or(breach.due_at);
        let trigger = breach.trigger.as_deref().unwrap_or_default();
        let key = format!("{}\n{}\n{trigger}\n{}", spelling::hex(&handle), rule.id, since.map_or(0, |at| at.0));
        let notice = Notice {
            rule: (breach.class < Class::Medical).then(|| rule.id.clone()),
            handle: spelling::hex(&handle),
            place: life.place.clone(),
            due_at: breach.due_at.or(breach.since).map(|at| spelling::spell_moment(at, codebook)),
            tell: addressees(codebook, breach),
            link: format!("/record/{}", spelling::hex(&handle)),
            found_at: Some(spelling::spell_moment(now, codebook)),
        };
        let body = serde_json::to_string(&notice).map_err(|error| RegisterError::Store { why: error.to_string() })?;
        access.store.put_out(&Hash::of(key.as_bytes()).to_hex(), &body, now.0)?;
    }
    Ok(())
}

/// Who is told of a breach: the address book's entry for each role that the rule names.
fn addressees(codebook: &Codebook, breach: &NewBreach) -> Vec<String> {
    let rule = &codebook.rules[breach.rule.index()];
    let entry = |role: &habeas_codebook::tree::Role| match &role.is {
        RoleIs::Addressee { entry, .. } => entry.clone(),
        RoleIs::Desk(_) => role.name.clone(),
    };
    rule.tell.iter().flat_map(|telling| &telling.roles).map(|role| entry(&codebook.roles[role.index()])).collect()
}

/// Appends each notice as a line of JSON to a file: for a mail system or a monitor that reads along.
#[derive(Clone, Debug)]
pub struct ToFile(pub PathBuf);

impl Way for ToFile {
    fn send(&self, key: &str, notice: &Notice) -> Result<(), Failed> {
        use std::io::Write as _;
        let line = serde_json::json!({"key": key, "notice": notice});
        let mut options = std::fs::OpenOptions::new();
        let file = options.create(true).append(true).open(&self.0);
        let written = file.and_then(|mut file| writeln!(file, "{line}").and_then(|()| file.sync_data()));
        written.map_err(|error| Failed::Way(format!("`{}`: {error}", self.0.display())))
    }
}
