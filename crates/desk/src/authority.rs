//! Who may do what, asked of the codebook's access sentences: the register asks before it writes, the desk before it shows.
//!
//! The ties are found here, from the record and from the file of accounts; nothing that a page sends is believed.

use crate::accounts::Accounts;
use habeas_access::{Access, Principal, Ties, What};
use habeas_codebook::tree::{Act, Codebook, KindId, Sensitivity, Tie};
use habeas_register::{Actor, Authorise, Draft, Refusal};
use std::sync::Arc;

/// Decides by the access sentences.
pub struct Authority {
    codebook: Arc<Codebook>,
    access: Arc<Access>,
    accounts: Arc<Accounts>,
}

impl Authority {
    /// Over a codebook's sentences and a file of accounts.
    #[must_use]
    pub fn new(codebook: Arc<Codebook>, access: Arc<Access>, accounts: Arc<Accounts>) -> Self {
        Self { codebook, access, accounts }
    }

    /// The sentences.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The one who asks, with the roles that the codebook knows.
    #[must_use]
    pub fn principal(&self, actor: &Actor) -> Principal {
        Principal {
            user: actor.id.clone(),
            roles: actor.roles.iter().filter_map(|name| self.access.role_named(name)).collect(),
            places: actor.places.iter().cloned().collect(),
        }
    }

    /// How somebody is tied to a record: by serving at its place, by what the file of accounts says, and by being named in it.
    #[must_use]
    pub fn ties(&self, actor: &Actor, record: &habeas_register::Ties) -> Ties {
        let all: Vec<(String, String)> = record.subjects.iter().chain(&record.tied).cloned().collect();
        let place = all.iter().any(|(class, id)| class == "place" && actor.places.contains(id));
        let said = self.accounts.ties_to(&actor.id, &all).unwrap_or_default();
        let has = |tie: Tie| said.iter().any(|one| *one == habeas_access::schema::tie_name(tie).replace('_', " "));
        let named = all.iter().any(|(_, id)| *id == actor.id);
        Ties::default()
            .with(Tie::OwnPlace, place)
            .with(Tie::OwnPatient, place || has(Tie::OwnPatient))
            .with(Tie::OwnClient, has(Tie::OwnClient))
            .with(Tie::OwnCase, has(Tie::OwnCase))
            .with(Tie::Own, has(Tie::Own))
            .with(Tie::ConsentGiven, has(Tie::ConsentGiven))
            .with(Tie::OverOneNamed, has(Tie::OverOneNamed))
            .with(Tie::NamedInIt, named || has(Tie::NamedInIt))
            .with(Tie::OnShift, true)
    }

    /// A kind by its name, spaces or `_`.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<KindId> {
        let wanted = name.replace('_', " ");
        let place = self.codebook.kinds.iter().position(|kind| kind.name.replace(['_', '-'], " ") == wanted)?;
        Some(KindId(u16::try_from(place).ok()?))
    }
}

impl Authorise for Authority {
    fn may_record(&self, actor: &Actor, draft: &Draft, ties: &habeas_register::Ties) -> Result<(), Refusal> {
        let Some(kind) = self.kind(&draft.kind) else { return Ok(()) };
        let decision = self.access.decide(&self.principal(actor), Act::Record, &What::Event(kind), self.ties(actor, ties));
        if decision.allowed {
            return Ok(());
        }
        let name = &self.codebook.kind(kind).name;
        let why = if decision.because.is_empty() {
            format!("no access sentence lets these roles record `{name}` here")
        } else {
            format!("recording `{name}` is denied: {}", decision.because.join("; "))
        };
        Err(Refusal { why })
    }

    fn may_read(&self, actor: &Actor, kind: &str, field: &str, class: Sensitivity, ties: &habeas_register::Ties) -> bool {
        let principal = self.principal(actor);
        let ties = self.ties(actor, ties);
        let what = self.kind(kind).and_then(|kind| {
            let field = self.codebook.kind(kind).fields.iter().find(|one| self.codebook.field_names[one.name.index()] == field)?;
            Some(What::Field(kind, field.name))
        });
        self.access.may(&principal, Act::Read, &what.unwrap_or(What::Verdict(class)), ties)
    }
}
