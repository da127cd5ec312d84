//! `[notices]` of `habeas.toml`: who is told of a breach, and by which way. Read here and checked; sent by whoever knows a network.
//!
//! ```toml
//! [notices]
//! desk = "https://desk.sahil.example"          # where the links in notices lead
//! [notices.smtp]
//! host = "mail.sahil.example"
//! from = "register@sahil.example"
//! user = "register"
//! password_file = "/etc/habeas/smtp"
//! [[notices.to]]
//! name = "ombudsman"
//! tell = ["ombudsman"]                         # as the codebook names them; left out: every notice
//! mail = ["duty@ombudsman.example"]
//! [[notices.to]]
//! name = "procurator"
//! webhook = "https://cases.procurator.example/habeas"
//! secret_file = "/etc/habeas/procurator"
//! ```

use habeas_codebook::tree::{Codebook, RoleIs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Who is told of a breach, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    /// Address of the desk, which stands before the path of each link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<String>,
    /// The server that takes mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smtp: Option<Smtp>,
    /// Who is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Recipient>,
}

/// A server that takes mail for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port; left out: 587 with `starttls`, 465 with `tls`, 25 with `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How the line is kept secret.
    #[serde(default)]
    pub security: Security,
    /// Who signs in there; left out: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// File whose first line is the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The sender's address.
    pub from: String,
}

/// How a line to a mail server is kept secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// In the clear first, then TLS or nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// In the clear: for a server on the same machine only.
    None,
}

/// Somebody who is told, by one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Its name here, for messages and for the outbox; stays the same when the address changes.
    pub name: String,
    /// Whom the codebook has to be told for this one to get the notice; none: every notice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tell: Vec<String>,
    /// Mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mail: Vec<String>,
    /// Address that notices are posted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// File whose first line is the secret that signs what is posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// File that notices are appended to, one object a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

impl Notices {
    /// Whether nobody is told anything.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Notices::default()
    }

    /// What is wrong with them, in words: for each thing where it stands, and what is expected. `codebook` says who can be told at all.
    #[must_use]
    pub fn problems(&self, codebook: &Codebook) -> Vec<String> {
        let known = told_by_rules(codebook);
        let mut problems = Vec::new();
        let mut names = BTreeSet::new();
        for (place, to) in self.to.iter().enumerate() {
            let at = format!("[[notices.to]] number {} (`{}`)", place + 1, to.name);
            if to.name.is_empty() || to.name.contains(['/', '\n']) || !names.insert(&to.name) {
                problems.push(format!("{at}: `name` is empty, holds `/`, or is that of another; give each recipient a name of its own"));
            }
            let ways = usize::from(!to.mail.is_empty()) + usize::from(to.webhook.is_some()) + usize::from(to.file.is_some());
            if ways != 1 {
                problems.push(format!(
                    "{at}: {ways} ways to tell it; give one of `mail`, `webhook`, `file` (another way is another recipient)"
                ));
            }
            if !to.mail.is_empty() && self.smtp.is_none() {
                problems.push(format!("{at}: mail needs a server; add [notices.smtp] with `host` and `from`"));
            }
            if to.webhook.is_some() != to.secret_file.is_some() {
                problems.push(format!(
                    "{at}: a webhook needs `secret_file`, and nothing else does: its receiver must be able to check the signature"
                ));
            }
            if to.webhook.as_ref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
                problems.push(format!("{at}: `webhook` is no address; expected https://…"));
            }
            for unknown in to.tell.iter().filter(|name| !known.contains(name.as_str())) {
                let names = known.iter().copied().collect::<Vec<_>>().join(", ");
                problems.push(format!("{at}: no rule of the codebook tells `{unknown}`; rules tell: {names}"));
            }
        }
        let password = self.smtp.as_ref().is_some_and(|smtp| smtp.user.is_some() != smtp.password_file.is_some());
        if password {
            problems.push("[notices.smtp]: `user` and `password_file` go together".to_owned());
        }
        problems
    }

    /// Whom rules of the codebook tell and nobody here is.
    #[must_use]
    pub fn nobody_for<'c>(&self, codebook: &'c Codebook) -> Vec<&'c str> {
        if self.to.iter().any(|to| to.tell.is_empty()) {
            return Vec::new();
        }
        let is_there = |name: &str| self.to.iter().any(|to| to.tell.iter().any(|told| told == name));
        told_by_rules(codebook).into_iter().filter(|name| !is_there(name)).collect()
    }
}

/// The name in notices of each role that some rule tells.
fn told_by_rules(codebook: &Codebook) -> BTreeSet<&str> {
    let roles = codebook.rules.iter().flat_map(|rule| &rule.tell).flat_map(|telling| &telling.roles);
    roles
        .map(|role| {
            let role = &codebook.roles[role.index()];
            match &role.is {
                RoleIs::Addressee { entry, .. } => entry.as_str(),
                RoleIs::Desk(_) => role.name.as_str(),
            }
        })
        .collect()
}
