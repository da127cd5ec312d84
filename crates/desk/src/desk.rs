//! What every handler is given: the register, the accounts, the words, and a clock that is passed in.

use crate::account::SignedIn;
use crate::account::ways::Ways;
use crate::accounts::Accounts;
use crate::authority::{Authority, Held};
use crate::bonds::{is_hand, is_private, refs};
use crate::clock::{Teller, to_the_minute};
use crate::error::DeskError;
use crate::reading;
use crate::station::rows::Rows;
use crate::station::stop;
use crate::texts::{Language, Texts};
use habeas_access::{Principal, Ties, What};
use habeas_codebook::moment::Moment;
use habeas_codebook::render::{self, Tongue};
use habeas_codebook::tree::{Act, Codebook, Field, Kind, KindId, RuleId, Sensitivity, Tie};
use habeas_register::files::File;
use habeas_register::{Actor, Draft, Entry, Receipt, Register, VerdictEntry};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Records that changed at once, and the entries by which they did.
#[derive(Debug, Default)]
pub struct Changed {
    /// Class and id of each record.
    pub records: Vec<(String, String)>,
    /// What was entered.
    pub entries: Vec<Entry>,
}

impl Changed {
    /// Whether somebody who sees so much of a record learns of its change: of one that is only by entries that they may not know of, no.
    #[must_use]
    pub fn is_for(&self, sight: &Sight<'_>, record: &(String, String)) -> bool {
        let mut own = self.entries.iter().filter(|entry| entry.subject.contains(record)).peekable();
        own.peek().is_none() || own.any(|entry| sight.entry(entry))
    }
}

/// Tells the present.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// Changes that a slow browser may be behind before it is told to load anew.
const BEHIND: usize = 256;

/// How to open a desk.
pub struct Options {
    /// The register.
    pub register: Register,
    /// Who may do what: the same that the register asks.
    pub authority: Arc<Authority>,
    /// The file of accounts.
    pub accounts: Arc<Accounts>,
    /// The clock.
    pub clock: Clock,
    /// Served over TLS: cookies carry the `__Host-` prefix and `Secure`.
    pub secure: bool,
    /// Ways to sign in besides password and link.
    pub ways: Ways,
}

/// The desk; cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

/// What is behind it.
pub struct Inner {
    /// The register.
    pub register: Register,
    /// The codebook in force.
    pub codebook: Arc<Codebook>,
    /// Who may do what.
    pub authority: Arc<Authority>,
    /// Who may sign in.
    pub accounts: Arc<Accounts>,
    /// The words.
    pub texts: Texts,
    /// The law's own words in the languages but English.
    tongues: Vec<(Language, Tongue)>,
    /// Whether cookies are for TLS only.
    pub secure: bool,
    /// Ways to sign in besides password and link.
    pub ways: Ways,
    /// Rows of boards, made anew when their record changes.
    pub rows: Rows,
    /// What work lists know of each record, made anew when it changes.
    pub items: crate::rooms::work::Items,
    /// Who is named in whose custody as one who acts for the person.
    pub clients: crate::clients::Clients,
    /// Injuries of the last day.
    pub injuries: crate::rooms::last_day::Recent,
    /// Files that were sent with forms which are not entered yet.
    pub waiting: crate::files::waiting::Waiting,
    /// Tables that were counted, and the log that they are counted from.
    pub shelf: crate::rooms::statistics::Shelf,
    /// Records that changed.
    pub changes: broadcast::Sender<Arc<Changed>>,
    clock: Clock,
}

impl Deref for Desk {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Desk {
    /// Opens the desk, and listens to the register's changes from a thread of its own.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let (changes, _) = broadcast::channel(BEHIND);
        let heard = options.register.changes();
        let law = Arc::clone(options.register.codebook());
        let spoken = |language: Language| Some((language, Tongue::new(&law, language.code())?));
        let others = Language::ALL.into_iter().filter(|language| *language != Language::En);
        let desk = Self(Arc::new(Inner {
            tongues: others.filter_map(spoken).collect(),
            codebook: Arc::clone(options.register.codebook()),
            register: options.register,
            authority: options.authority,
            accounts: options.accounts,
            texts: Texts::default(),
            secure: options.secure,
            ways: options.ways,
            rows: Rows::default(),
            items: Default::default(),
            clients: Default::default(),
            injuries: Default::default(),
            waiting: Default::default(),
            shelf: Default::default(),
            changes,
            clock: options.clock,
        }));
        let (past, clock) = (Arc::downgrade(&desk.0), Arc::clone(&desk.0.clock));
        let history = move |class: &str, id: &str| past.upgrade().and_then(|inner| inner.register.history(class, id, None).ok());
        desk.authority.attach(history, move || clock());
        let listener = Arc::downgrade(&desk.0);
        std::thread::spawn(move || {
            while let Ok(change) = heard.recv() {
                let Some(inner) = listener.upgrade() else { return };
                let shown = changed(&inner, &change);
                if !shown.records.is_empty() {
                    // Nobody listening is no trouble.
                    let _ = inner.changes.send(Arc::new(shown));
                }
            }
        });
        desk
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The present to the minute, as people write a time: what the desk enters by itself and what somebody types in the same minute
    /// happened at one instant, and neither is before the other.
    #[must_use]
    pub fn minute(&self) -> Moment {
        to_the_minute(self.now())
    }

    /// The field of that name that entries of a kind have.
    #[must_use]
    pub fn field_of(&self, kind: KindId, name: &str) -> Option<&Field> {
        self.codebook.kind(kind).fields.iter().find(|field| self.codebook.field_names[field.name.index()] == name)
    }

    /// The sentence of law of a rule in a language.
    #[must_use]
    pub fn law(&self, language: Language, rule: RuleId) -> String {
        match self.tongues.iter().find(|(one, _)| *one == language) {
            Some((_, tongue)) => render::sentence_in(&self.codebook, tongue, rule),
            None => render::sentence(&self.codebook, rule),
        }
    }

    /// Says times in a language.
    #[must_use]
    pub fn teller(&self, language: Language) -> Teller<'_> {
        Teller { texts: &self.texts, language, zone: self.codebook.almanac.zone.clone(), now: self.now() }
    }

    /// Does what waits for a disk, away from the threads that serve.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn work<T, F>(&self, work: F) -> Result<T, DeskError>
    where
        T: Send + 'static,
        F: FnOnce(&Desk) -> Result<T, DeskError> + Send + 'static,
    {
        let desk = self.clone();
        tokio::task::spawn_blocking(move || work(&desk)).await.map_err(|error| DeskError::Machine(error.to_string()))?
    }

    /// Records an entry for somebody who is signed in.
    ///
    /// # Errors
    /// [`DeskError::Stopped`] where the law forbids it as things stand; what the register refuses.
    pub fn append(&self, who: &SignedIn, draft: Draft) -> Result<Receipt, DeskError> {
        stop::hold(self, who, &draft)?;
        self.append_as(&who.actor(), draft)
    }

    /// Records what somebody says has happened although the law forbids it: the breach stands.
    ///
    /// # Errors
    /// What the register refuses.
    pub fn append_all_the_same(&self, who: &SignedIn, draft: Draft) -> Result<Receipt, DeskError> {
        self.append_as(&who.actor(), draft)
    }

    /// Records an entry for an actor: whoever is signed in, or the register's own hand.
    ///
    /// # Errors
    /// What the register refuses.
    pub fn append_as(&self, actor: &Actor, draft: Draft) -> Result<Receipt, DeskError> {
        let subjects = draft.subjects.clone();
        let receipt = self.register.append(draft, actor, self.now())?;
        // The listener forgets too, a moment later; whoever made the entry sees it in the next page.
        self.authority.forget(Some(&subjects));
        self.rows.forget(&subjects);
        self.items.forget(&subjects);
        Ok(receipt)
    }

    /// Whether somebody may read a record.
    ///
    /// # Errors
    /// Trouble with the register.
    pub fn is_readable(&self, who: &SignedIn, class: &str, id: &str) -> Result<bool, DeskError> {
        match self.sight(who, class, id) {
            Ok(_) => Ok(true),
            Err(DeskError::Absent) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// What somebody may see of a record. A record that is not there, and one that is not for this reader, give the same answer.
    ///
    /// # Errors
    /// [`DeskError::Absent`]; trouble with the register.
    pub fn sight(&self, who: &SignedIn, class: &str, id: &str) -> Result<Sight<'_>, DeskError> {
        self.reader(who).sight(class, id)
    }

    /// Somebody who looks at several records for one answer.
    #[must_use]
    pub fn reader(&self, who: &SignedIn) -> Reader<'_> {
        let actor = who.actor();
        let (principal, held) = (self.authority.principal(&actor), self.authority.held(&actor));
        Reader { desk: self, known: Arc::new(Reads { actor, principal, held }) }
    }

    /// Whether a class is of confidential records, whose very existence is told only to those whom the law names.
    #[must_use]
    pub fn is_confidential(&self, class: &str) -> bool {
        self.codebook.class_named(class).is_some_and(|class| is_private(&self.codebook, class))
    }
}

/// Entries of one commit that are looked at one by one; after more, everything kept is forgotten.
const MANY: u64 = 1_024;

/// Records of one commit of which it is read before boards hear of it who is bound to them.
const RENEWED: usize = 16;

/// Forgets what was kept of records with new entries; the records that boards should hear of. That somebody read is no change.
fn changed(inner: &Inner, change: &habeas_register::Change) -> Changed {
    let count = change.end.saturating_sub(change.first);
    let mut entries = match u32::try_from(count) {
        Ok(few) if count <= MANY => inner.register.scan(change.first, few).unwrap_or_default(),
        Ok(_) | Err(_) => {
            inner.authority.forget(None);
            Vec::new()
        }
    };
    inner.authority.forget(Some(&change.subjects));
    let mut shown = change.subjects.clone();
    entries.iter().filter(|entry| reading::is_reading(entry)).for_each(|entry| inner.authority.forget_read(&entry.subject, &entry.kind));
    entries.retain(|entry| !reading::is_reading(entry));
    entries.iter().for_each(|entry| inner.authority.forget(Some(&entry.subject)));
    shown.extend(entries.iter().flat_map(|entry| entry.subject.iter().cloned()));
    shown.sort();
    shown.dedup();
    if !shown.is_empty() {
        inner.rows.forget(&shown);
        inner.items.forget(&shown);
    }
    // Every board that listens asks at once who is bound to these: it is read once before.
    if inner.changes.receiver_count() > 0 {
        let is_thing = |class: &str| inner.codebook.class_named(class).is_none_or(|class| inner.codebook.class(class).thing);
        for (class, id) in shown.iter().filter(|(class, _)| !is_thing(class)).take(RENEWED) {
            let tied = inner.authority.record(class, id, || inner.register.ties(class, id));
            tied.into_iter().for_each(|tied| inner.authority.renew(&tied));
        }
    }
    Changed { records: shown, entries }
}

/// Somebody who looks at records: what ties them to each alike is found once.
#[derive(Clone)]
pub struct Reader<'d> {
    desk: &'d Desk,
    known: Arc<Reads>,
}

/// Who reads.
struct Reads {
    actor: Actor,
    principal: Principal,
    held: Held,
}

impl<'d> Reader<'d> {
    /// What they may see of a record. A record that is not there, and one that is not for this reader, give the same answer.
    ///
    /// # Errors
    /// [`DeskError::Absent`]; trouble with the register.
    pub fn sight(&self, class: &str, id: &str) -> Result<Sight<'d>, DeskError> {
        let (desk, Reads { actor, principal, held }) = (self.desk, &*self.known);
        let Some(class_id) = desk.codebook.class_named(class) else { return Err(DeskError::Absent) };
        let tied = desk.authority.record(class, id, || desk.register.ties(class, id))?;
        let ties = desk.authority.ties(actor, held, &tied);
        if !desk.authority.is_there(principal, (class_id, id), ties) {
            return Err(DeskError::Absent);
        }
        let sent = if ties.has(Tie::OwnClient) { desk.authority.sent_to_lawyer(&tied) } else { BTreeSet::new() };
        Ok(Sight { reader: self.clone(), ties, tied, sent })
    }
}

impl Reader<'_> {
    /// Whether something of a record of this class may be read, whichever record it is; nothing where that turns on how the reader is tied
    /// to the record, which then has to be asked.
    #[must_use]
    pub fn reads_of_any(&self, class: &str, what: &What) -> Option<bool> {
        let class = self.desk.codebook.class_named(class)?;
        let reads = |what: &What| self.desk.authority.access().whatever_ties(&self.known.principal, Act::Read, what);
        // Whether a confidential record is there at all turns on its entries.
        let is_there = reads(&What::Record(class)).filter(|may| !may || !is_private(&self.desk.codebook, class));
        match (is_there, reads(what)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            (None, _) | (_, None) => None,
        }
    }

    /// Whether events of this kind are read of own clients at most.
    #[must_use]
    pub fn reads_of_clients_alone(&self, kind: KindId) -> bool {
        self.desk.authority.access().needs(&self.known.principal, Act::Read, &What::Event(kind), Tie::OwnClient)
    }
}

/// What one reader may see of one record.
pub struct Sight<'d> {
    reader: Reader<'d>,
    ties: Ties,
    /// Whom and where the record is about.
    pub tied: Arc<habeas_register::Ties>,
    /// Entries of doctors that were sent to the lawyer, where the reader is the person's own.
    sent: BTreeSet<String>,
}

impl<'d> Sight<'d> {
    /// What the same reader may see of another record.
    ///
    /// # Errors
    /// [`DeskError::Absent`]; trouble with the register.
    pub fn beside(&self, class: &str, id: &str) -> Result<Sight<'d>, DeskError> {
        self.reader.sight(class, id)
    }

    /// Whether the reader is tied to the record in this way.
    #[must_use]
    pub fn has(&self, tie: Tie) -> bool {
        self.ties.has(tie)
    }

    /// A kind of the codebook, by its name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<KindId> {
        self.reader.desk.authority.kind(name)
    }

    /// Whether an act is allowed here.
    #[must_use]
    pub fn may(&self, act: Act, what: &What) -> bool {
        self.reader.desk.authority.access().may(&self.reader.known.principal, act, what, self.ties)
    }

    /// Whether the reader serves at this place and at no other.
    #[must_use]
    pub fn serves_only_at(&self, place: &str) -> bool {
        matches!(self.reader.known.actor.places.as_slice(), [only] if only == place)
    }

    /// Whether an event of this kind may be recorded.
    #[must_use]
    pub fn may_record(&self, kind: KindId) -> bool {
        self.may(Act::Record, &What::Event(kind))
    }

    /// Whether an entry, or the examination that it belongs to, was sent to the lawyer who reads.
    fn is_sent(&self, entry: &Entry) -> bool {
        let kind = self.reader.desk.authority.kind(&entry.kind).map(|kind| self.reader.desk.codebook.kind(kind));
        let examines = |kind: &&Kind| kind.screens.iter().any(|screen| screen == "examination" || screen == "injury");
        let Some(kind) = kind.filter(|kind| !self.sent.is_empty() && examines(kind)) else { return false };
        self.sent.contains(&entry.id) || refs(&self.reader.desk.codebook, kind, entry).any(|id| self.sent.contains(id))
    }

    /// The ties to one entry: naming the reader in one of its fields is a tie of that entry alone, and so is that a doctor sent it.
    fn ties_to(&self, entry: &Entry) -> Ties {
        // Whoever has the case is not shut out of the steps that name them as the one who took them.
        let kind = self.reader.desk.authority.kind(&entry.kind).map(|kind| self.reader.desk.codebook.kind(kind));
        let is_about = |field: &str| !self.ties.has(Tie::OwnCase) || kind.is_none_or(|kind| !is_hand(kind, field));
        let named = is_about("") && entry.subject.iter().any(|(_, id)| *id == self.reader.known.actor.id)
            || entry.fields.iter().any(|told| is_about(&told.name) && mentions(&told.value, &self.reader.known.actor.id));
        let ties = if named { self.ties.with(Tie::NamedInIt, true) } else { self.ties };
        if self.is_sent(entry) { ties.with(Tie::ConsentGiven, true) } else { ties }
    }

    /// Whether it may be seen that an entry was made.
    #[must_use]
    pub fn entry(&self, entry: &Entry) -> bool {
        let Some(kind) = self.reader.desk.authority.kind(&entry.kind) else { return false };
        self.reader.desk.authority.access().may(&self.reader.known.principal, Act::Read, &What::Event(kind), self.ties_to(entry))
    }

    /// Whether a field of an entry may be read.
    #[must_use]
    pub fn field(&self, entry: &Entry, name: &str) -> bool {
        let Some(kind) = self.reader.desk.authority.kind(&entry.kind) else { return false };
        let what = self.reader.desk.field_of(kind, name).map_or(What::Event(kind), |field| What::Field(kind, field.name));
        self.reader.desk.authority.access().may(&self.reader.known.principal, Act::Read, &what, self.ties_to(entry))
    }

    /// The files of an entry that may be opened: those of fields that may be read.
    pub fn files<'e>(&'e self, entry: &'e Entry) -> impl Iterator<Item = &'e File> {
        entry.files.iter().filter(|file| self.entry(entry) && self.field(entry, &file.told.field))
    }

    /// Whether a verdict may be seen.
    #[must_use]
    pub fn verdict(&self, verdict: &VerdictEntry) -> bool {
        self.may(Act::Read, &What::Verdict(class_named(verdict.class)))
    }
}

fn mentions(value: &serde_json::Value, id: &str) -> bool {
    match value {
        serde_json::Value::String(text) => text == id,
        serde_json::Value::Array(items) => items.iter().any(|item| mentions(item, id)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::Object(_) => false,
    }
}

/// A sensitivity by its word; what is not known is privileged.
#[must_use]
pub fn class_named(word: &str) -> Sensitivity {
    let found = habeas_access::schema::CLASSES.into_iter().find(|class| habeas_access::schema::class_name(*class) == word);
    found.unwrap_or(Sensitivity::Privileged)
}
