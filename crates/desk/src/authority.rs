//! Who may do what, asked of the codebook's access sentences: the register asks before it writes, the desk before it shows.
//!
//! The ties are found here, from the entries of the record ([`Bonds`]) and from the file of accounts;
//! nothing that a page sends is believed.

use crate::accounts::{Accounts, TieTo};
use crate::bonds::{Bonds, is_private};
use crate::kept::Kept;
use habeas_access::{Access, Principal, Ties, What};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Act, ClassId, Codebook, KindId, Sensitivity, Tie};
use habeas_register::{Actor, Authorise, Draft, Entry, Refusal};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

/// Records whose bonds are kept, young and old: a kilobyte each.
const MOST: usize = 16_384;

/// The entries of a record, by class and id.
type History = Box<dyn Fn(&str, &str) -> Option<Vec<Entry>> + Send + Sync>;

/// What the ties are read from once the register is open.
struct Past {
    history: History,
    now: Box<dyn Fn() -> Moment + Send + Sync>,
}

/// Decides by the access sentences.
pub struct Authority {
    codebook: Arc<Codebook>,
    /// Kinds by their names with spaces alone: asked for with each entry that is shown, and with each of its fields.
    kinds: HashMap<String, KindId>,
    access: Arc<Access>,
    accounts: Arc<Accounts>,
    past: RwLock<Option<Past>>,
    bonds: Kept<(String, String), Bonds>,
    tied: Kept<(String, String), habeas_register::Ties>,
}

/// What ties somebody to records, whichever is asked about: found once for a page of many.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// On shift, and at which place.
    shift: Option<Option<String>>,
    /// Ties of the file of accounts, each with whom or what it is to.
    said: Vec<TieTo>,
}

impl Authority {
    /// Over a codebook's sentences and a file of accounts.
    #[must_use]
    pub fn new(codebook: Arc<Codebook>, access: Arc<Access>, accounts: Arc<Accounts>) -> Self {
        let mut kinds = HashMap::new();
        for (kind, number) in codebook.kinds.iter().zip(0..) {
            // Of two that differ in how their words are joined alone, the first.
            kinds.entry(kind.name.replace(['_', '-'], " ")).or_insert(KindId(number));
        }
        Self { codebook, kinds, access, accounts, past: RwLock::default(), bonds: Kept::new(MOST), tied: Kept::new(MOST) }
    }

    /// From now on ties are also read from the entries of a register.
    pub fn attach<H, N>(&self, history: H, now: N)
    where
        H: Fn(&str, &str) -> Option<Vec<Entry>> + Send + Sync + 'static,
        N: Fn() -> Moment + Send + Sync + 'static,
    {
        let past = Past { history: Box::new(history), now: Box::new(now) };
        *self.past.write().unwrap_or_else(PoisonError::into_inner) = Some(past);
        self.forget(None);
    }

    /// Forgets what was read of records that have new entries; of all of them where none is named.
    pub fn forget(&self, subjects: Option<&[(String, String)]>) {
        match subjects {
            Some(subjects) => {
                self.bonds.forget(subjects);
                self.tied.forget(subjects);
            }
            None => {
                self.bonds.clear();
                self.tied.clear();
            }
        }
    }

    /// Forgets what was kept of records that somebody read, where that is news: an entry of a kind that binds nobody (it has no screen and
    /// is not privileged) leaves everybody bound as they were, once its kind is known there.
    pub fn forget_read(&self, subjects: &[(String, String)], kind: &str) {
        let binds_nobody = |kind: &KindId| {
            let kind = self.codebook.kind(*kind);
            kind.screens.is_empty() && kind.seen_as != Sensitivity::Privileged
        };
        let kind = self.kind(kind).filter(binds_nobody);
        let stays =
            |subject: &&(String, String)| kind.is_some_and(|kind| self.bonds.peek(subject).is_none_or(|bonds| bonds.kinds.contains(&kind)));
        let changed: Vec<_> = subjects.iter().filter(|subject| !stays(subject)).cloned().collect();
        if !changed.is_empty() {
            self.forget(Some(&changed));
        }
    }

    /// Reads who is bound to a record, before everybody who looks at it does so at once.
    pub fn renew(&self, record: &habeas_register::Ties) {
        drop(self.binding(record));
    }

    /// Whom and where a record is about: as kept, else as `read`.
    ///
    /// # Errors
    /// Those of the reading.
    pub fn record<E>(
        &self,
        class: &str,
        id: &str,
        read: impl FnOnce() -> Result<habeas_register::Ties, E>,
    ) -> Result<Arc<habeas_register::Ties>, E> {
        self.tied.get(&(class.to_owned(), id.to_owned()), read)
    }

    /// Who is bound to a record, and the present; nothing before a register is attached.
    fn bonds(&self, subject: &(String, String)) -> Option<Arc<Bonds>> {
        let read = || {
            let past = self.past.read().unwrap_or_else(PoisonError::into_inner);
            let entries = (past.as_ref()?.history)(&subject.0, &subject.1)?;
            Some(Bonds::of(&self.codebook, &subject.0, &entries))
        };
        self.bonds.get(subject, || read().ok_or(())).ok()
    }

    fn now(&self) -> Moment {
        self.past.read().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(Moment::LONG_AGO, |past| (past.now)())
    }

    /// The records whose entries bind people to this one: its own, and the custody that it belongs to, unless it is confidential.
    fn binding(&self, record: &habeas_register::Ties) -> Vec<Arc<Bonds>> {
        let class = |name: &str| self.codebook.class_named(name);
        let is_thing = |name: &str| class(name).is_none_or(|class| self.codebook.class(class).thing);
        let is_shut = record.subjects.first().and_then(|(name, _)| class(name)).is_some_and(|class| is_private(&self.codebook, class));
        // A person who is helped outside custody has a record of their own; a place or an officer binds nobody to it.
        let is_person = record.subjects.first().is_some_and(|(name, _)| name == "person");
        let binds = |name: &str| !is_thing(name) || is_person && name == "person";
        let own = record.subjects.iter().filter(|(name, _)| binds(name) && !(is_shut && name == "custody"));
        let tied = record.tied.iter().filter(|(name, _)| !is_shut && name == "custody");
        own.chain(tied).filter_map(|subject| self.bonds(subject)).collect()
    }

    /// Entries of doctors that were sent to the person's lawyer.
    #[must_use]
    pub fn sent_to_lawyer(&self, record: &habeas_register::Ties) -> BTreeSet<String> {
        self.binding(record).iter().flat_map(|bonds| &bonds.sent).cloned().collect()
    }

    /// Where somebody is on shift now; `Some(None)`: on shift, at no place that is named.
    #[must_use]
    pub fn shift(&self, id: &str) -> Option<Option<String>> {
        let bonds = self.bonds(&("officer".to_owned(), id.to_owned()))?;
        bonds.shift(self.now()).map(|place| place.map(str::to_owned))
    }

    /// Whether somebody stands over one of those named: they serve at one place, and what is entered there needs this one's second look.
    fn is_over(&self, actor: &Actor, named: &[&String], place: bool) -> bool {
        let own_place = Ties::default().with(Tie::OwnPlace, true);
        if !self.access.may(&self.principal(actor), Act::Approve, &What::Verdict(Sensitivity::Custody), own_place) {
            return false;
        }
        named.iter().any(|id| match self.accounts.get(id) {
            Ok(Some(account)) => account.places.iter().any(|place| actor.places.contains(place)),
            Ok(None) | Err(_) => place,
        })
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

    /// What ties somebody to records now, whichever is asked about.
    #[must_use]
    pub fn held(&self, actor: &Actor) -> Held {
        Held { shift: self.shift(&actor.id), said: self.accounts.ties_of(&actor.id).unwrap_or_default() }
    }

    /// How somebody is tied to a record: by what its entries say of them, by serving at its place, and by what the file of accounts says.
    #[must_use]
    pub fn ties(&self, actor: &Actor, Held { shift, said }: &Held, record: &habeas_register::Ties) -> Ties {
        let on_shift_at = shift.as_ref().and_then(Option::as_ref);
        let serves = |id: &String| actor.places.contains(id) || on_shift_at == Some(id);
        let all = || record.subjects.iter().chain(&record.tied);
        let place = all().any(|(class, id)| class == "place" && serves(id));
        let said: Vec<&String> = said.iter().filter(|(_, to)| all().any(|one| one == to)).map(|(tie, _)| tie).collect();
        let has = |tie: Tie| said.iter().any(|one| **one == habeas_access::schema::tie_name(tie).replace('_', " "));
        let bonds = self.binding(record);
        let bound = |of: fn(&Bonds) -> &BTreeSet<String>| bonds.iter().any(|bonds| of(bonds).contains(&actor.id));
        let is_sent = bonds.iter().any(|bonds| actor.roles.iter().any(|role| bonds.is_sent_to(role)));
        let is_own_case = bound(|bonds| &bonds.having) || is_sent || has(Tie::OwnCase);
        // Whoever has the case and took a step in it is not named in it for that; whoever heard somebody in confidence is.
        let is_hand = !is_own_case && bound(|bonds| &bonds.hands);
        let is_subject = record.subjects.iter().any(|(_, id)| *id == actor.id);
        let named: Vec<&String> = bonds.iter().flat_map(|bonds| &bonds.named).filter(|id| **id != actor.id).collect();
        Ties::default()
            .with(Tie::OwnPlace, place)
            .with(Tie::OwnPatient, place || bound(|bonds| &bonds.treating) || has(Tie::OwnPatient))
            .with(Tie::OwnClient, bound(|bonds| &bonds.acting) || has(Tie::OwnClient))
            .with(Tie::OwnCase, is_own_case)
            .with(Tie::Own, has(Tie::Own))
            .with(Tie::ConsentGiven, has(Tie::ConsentGiven))
            .with(Tie::OverOneNamed, self.is_over(actor, &named, place) || has(Tie::OverOneNamed))
            .with(Tie::NamedInIt, is_subject || bound(|bonds| &bonds.named) || is_hand || has(Tie::NamedInIt))
            .with(Tie::BreakGlass, bonds.iter().any(|bonds| bonds.is_open_to(&actor.id, self.now())))
            .with(Tie::OnShift, shift.is_some())
    }

    /// Whether a record is there for somebody so tied to it: one that is confidential only for whoever may read one of its own entries.
    /// To anybody else it is as one that does not exist.
    #[must_use]
    pub fn is_there(&self, principal: &Principal, (class, id): (ClassId, &str), ties: Ties) -> bool {
        let may = |what: &What| self.access.may(principal, Act::Read, what, ties);
        if !may(&What::Record(class)) {
            return false;
        }
        if !is_private(&self.codebook, class) {
            return true;
        }
        let bonds = self.bonds(&(self.codebook.class(class).name.clone(), id.to_owned()));
        bonds.is_some_and(|bonds| bonds.kinds.iter().any(|kind| may(&What::Event(*kind))))
    }

    /// The ties by which somebody may write. What a record that is not there for them would tie them by is left out, so that whether an
    /// entry is taken does not tell that the record exists; what shuts them out stays.
    fn ties_for_writing(&self, actor: &Actor, principal: &Principal, record: &habeas_register::Ties) -> Ties {
        let held = self.held(actor);
        let ties = self.ties(actor, &held, record);
        let class = |name: &str| self.codebook.class_named(name);
        let is_hidden = |(name, id): &(String, String)| {
            let private = class(name).filter(|class| is_private(&self.codebook, *class));
            private.is_some_and(|class| !self.is_there(principal, (class, id), ties))
        };
        if ties.has(Tie::OwnCase) || !record.subjects.iter().any(is_hidden) {
            return ties;
        }
        let is_known = |subject: &&(String, String)| !is_hidden(subject) && self.bonds(subject).is_some();
        let is_record = |name: &str| class(name).is_some_and(|class| !self.codebook.class(class).thing);
        let is_led = record.subjects.iter().filter(|(name, _)| is_record(name)).any(|subject| is_known(&subject));
        let tied = if is_led { record.tied.clone() } else { Vec::new() };
        let shown = self.ties(actor, &held, &habeas_register::Ties { subjects: record.subjects.clone(), tied });
        ties.with(Tie::OwnPlace, shown.has(Tie::OwnPlace)).with(Tie::OwnPatient, shown.has(Tie::OwnPatient))
    }

    /// A kind by its name, spaces or `_`.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<KindId> {
        self.kinds.get(name).or_else(|| self.kinds.get(&name.replace('_', " "))).copied()
    }
}

impl Authorise for Authority {
    fn may_record(&self, actor: &Actor, draft: &Draft, ties: &habeas_register::Ties) -> Result<(), Refusal> {
        let Some(kind) = self.kind(&draft.kind) else { return Ok(()) };
        let is_review = self.codebook.kind(kind).screens.iter().any(|screen| screen == "glass-review");
        let reviewed = draft.fields.get("opening").and_then(serde_json::Value::as_str).filter(|_| is_review);
        let is_by_another = |entry: &str| matches!(self.accounts.glass_by(entry), Ok(Some(by)) if by != actor.id);
        if reviewed.is_some_and(|entry| !is_by_another(entry)) {
            return Err(Refusal { why: "whoever broke a glass does not review it".to_owned() });
        }
        let principal = self.principal(actor);
        let decision = self.access.decide(&principal, Act::Record, &What::Event(kind), self.ties_for_writing(actor, &principal, ties));
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
        let ties = self.ties(actor, &self.held(actor), ties);
        let what = self.kind(kind).and_then(|kind| {
            let field = self.codebook.kind(kind).fields.iter().find(|one| self.codebook.field_names[one.name.index()] == field)?;
            Some(What::Field(kind, field.name))
        });
        self.access.may(&principal, Act::Read, &what.unwrap_or(What::Verdict(class)), ties)
    }
}
