//! A new epoch: a register that was put back to an older state, and goes on without what it has lost, as it declares before all.
//!
//! The log ends under its old name and goes on under a new one (`…/e2`), with a key of its own. Its first entry says which entries were
//! lost, by the signed checkpoints that count them, why, and who ordered it. Receipts of lost entries stay proof that they were there.
//! The old key signs the change too, and from then on nothing.

use crate::access::StoredFiles;
use crate::draft::{Draft, exactly};
use crate::error::RegisterError;
use crate::opening::take_lock;
use crate::register::Place;
use crate::rotation::{Closed, Told};
use crate::store::{Sqlite, Store};
use crate::succession;
use crate::witnessed::{REGISTER, WITNESSED, system};
use habeas_codebook::moment::Moment;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::keyfile::Purpose;
use habeas_ledger::merkle::Hash;
use habeas_ledger::note::{Note, SigningKey, VerifierKey};
use habeas_ledger::policy::{Judged, Policy};
use habeas_ledger::succession::Succession;
use habeas_ledger::tile::TileHashes;
use serde_json::json;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The kind of the first entry.
const EPOCH_DECLARED: &str = "epoch declared";

/// The setting of a station that holds how many of its entries the centre has.
const HANDED_OVER: &str = "handed over";

/// A checkpoint that somebody holds: where it is from, for messages, and its note.
pub type Held = (String, Vec<u8>);

/// By whose order a register goes on without what it has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What happened, as it will stand in the log.
    pub ground: String,
    /// Who approved it: two different persons at least.
    pub approved_by: Vec<String>,
}

/// How a register stands beside the checkpoints that others hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Entries that are here.
    pub here: u64,
    /// Entries that were signed.
    pub signed: u64,
    /// Who holds the largest checkpoint, and its note.
    pub newest: Option<(String, String)>,
}

impl Standing {
    /// How many entries are missing.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.signed.saturating_sub(self.here)
    }
}

/// The epoch that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The key that signs it; its name is the epoch's.
    pub key: VerifierKey,
    /// Entries that were kept.
    pub kept: u64,
    /// How many were lost.
    pub lost: u64,
    /// The change as both keys have signed it.
    pub note: String,
}

/// The name of the next epoch of a log: that of its first with `/e2`, `/e3` … behind it.
fn next_origin(origin: &str, epochs: &[Succession]) -> String {
    let first = epochs.first().map_or(origin, |first| first.old.name());
    format!("{first}/e{}", epochs.len() + 2)
}

impl Closed<'_> {
    /// How many of the signed entries are here. `held` are checkpoints that others hold; `last.note` is one more.
    ///
    /// # Errors
    /// [`RegisterError::ReadOnly`] for a checkpoint that the entries here contradict: it is then another history, not an older one.
    pub fn standing(&self, held: &[Held]) -> Result<Standing, RegisterError> {
        let mut store = self.place.reader()?;
        let origin = store.setting("origin")?.unwrap_or_default();
        let here = store.size()?;
        let mut standing = Standing { here, signed: here, newest: None };
        for (name, judged, note) in self.judged(held)? {
            let (size, root) = (judged.checkpoint.size, judged.checkpoint.root);
            if judged.checkpoint.origin != origin {
                continue;
            }
            if size <= here && root_at(&mut *store, size)? != root {
                let why = format!(
                    "the entries here do not give what {name} signs for {size}: this is another history, \
                     not an older state; take an older backup"
                );
                return Err(RegisterError::ReadOnly { why });
            }
            if size > standing.signed {
                standing = Standing { signed: size, newest: Some((name, note)), ..standing };
            }
        }
        Ok(standing)
    }

    /// Puts the database of a backup in the place of the one that is there, which is kept under another name; where that is.
    ///
    /// # Errors
    /// A backup of another log, a register that is in use or not kept in its folder, what the machine says. Then nothing was put back.
    pub fn put_back(&self, backup: &Path) -> Result<Option<PathBuf>, RegisterError> {
        let Place::Sqlite(folder) = &self.place else {
            let why = "its entries are in a database; restore into a folder, and move them with `habeas admin migrate`".to_owned();
            return Err(RegisterError::Store { why });
        };
        let refuse = |path: &Path, error: std::io::Error| RegisterError::File { path: path.to_owned(), why: error.to_string() };
        let from = backup.join("register.db");
        let origin = Sqlite::reader(&from)?.setting("origin")?.unwrap_or_default();
        let names = self.folder.stored_keys(self.passphrase)?;
        if !names.iter().any(|key| key.purpose == Purpose::Log && key.name == origin) {
            return Err(RegisterError::Store { why: format!("the backup is of the log `{origin}`, and no key here signs for that") });
        }
        let _held = take_lock(&folder.join("writer.lock"))?;
        let (here, fresh) = (folder.join("register.db"), folder.join("register.db.new"));
        std::fs::copy(&from, &fresh).and_then(|_| std::fs::File::open(&fresh)?.sync_all()).map_err(|error| refuse(&fresh, error))?;
        let mut aside = None;
        if here.exists() {
            let free = (1..).map(|number| folder.join(format!("register.db.before-{number}"))).find(|name| !name.exists());
            let free = free.expect("one of endless names is free");
            std::fs::rename(&here, &free).map_err(|error| refuse(&free, error))?;
            aside = Some(free);
        }
        // A write-ahead log belongs to the file that it was written for, and goes where that went.
        for ending in ["-wal", "-shm"] {
            let log = folder.join(format!("register.db{ending}"));
            match &aside {
                Some(aside) if log.exists() => {
                    let to = PathBuf::from(format!("{}{ending}", aside.display()));
                    std::fs::rename(&log, &to).map_err(|error| refuse(&log, error))?;
                }
                Some(_) | None => {}
            }
        }
        let put = std::fs::rename(&fresh, &here).and_then(|()| std::fs::File::open(folder)?.sync_all());
        put.map_err(|error| refuse(&here, error))?;
        Ok(aside)
    }

    /// Keeps the newest checkpoint that others hold as `last.note`, so that nothing is signed beside it until it is known what was lost.
    ///
    /// # Errors
    /// What the machine says.
    pub fn close_behind(&self, standing: &Standing) -> Result<(), RegisterError> {
        standing.newest.as_ref().map_or(Ok(()), |(_, note)| self.last_note().write(note))
    }

    fn judged(&self, held: &[Held]) -> Result<Vec<(String, Judged, String)>, RegisterError> {
        let path = self.folder.path().join("policy");
        let text = std::fs::read(&path).map_err(|error| RegisterError::File { path: path.clone(), why: error.to_string() })?;
        let policy = Policy::parse(&text)?;
        let last = self.last_note().bytes().map(|bytes| ("last.note".to_owned(), bytes));
        let all = held.iter().cloned().chain(last);
        let judge = |(name, note): Held| {
            let judged = policy.judge(&note).map_err(|error| RegisterError::Store { why: format!("{name}: {error}") })?;
            Ok((name, judged, String::from_utf8_lossy(&note).into_owned()))
        };
        all.map(judge).collect()
    }

    /// Goes on without what was lost: as a new epoch, which says so.
    ///
    /// # Errors
    /// [`RegisterError::Forbidden`] without two who approved, or where nothing is missing; a codebook that has no kind for it; what the
    /// machine says. Run again, it goes on where it was stopped.
    pub fn begin_epoch(&self, held: &[Held], order: &Order, now: Moment, told: Told<'_>) -> Result<Begun, RegisterError> {
        let approved: std::collections::BTreeSet<&String> = order.approved_by.iter().collect();
        if approved.len() < 2 {
            return Err(RegisterError::Forbidden { why: "a new epoch is approved by two different persons".to_owned() });
        }
        self.expect_kind(EPOCH_DECLARED)?;
        let origin = self.place.reader()?.setting("origin")?.unwrap_or_default();
        let (old, new) = self.keys_of_epoch(&origin)?;
        told("a new key is drawn")?;
        if new.verifier().name() != origin {
            self.end_old(held, (&old, &new))?;
        }
        told("the old log has ended")?;
        let mut store = self.place.reader()?;
        let stated = succession::kept(&mut *store)?.into_iter().find(|stated| stated.new == *new.verifier());
        let stated = stated.ok_or_else(|| RegisterError::Store { why: "the statement of the new epoch is not kept".to_owned() })?;
        let note = store.setting(&succession::setting(&stated))?.unwrap_or_default();
        let witness = store.checkpoints()?.into_iter().find(|(size, _)| *size == stated.signed).map(|(_, note)| note);
        drop(store);
        // The old log's note has done its work: what it proves is kept in the store.
        let noted = self.last_note().bytes().and_then(|note| Note::parse(&note).ok());
        let noted = noted.and_then(|note| Checkpoint::parse(note.unverified_text()).ok());
        if noted.is_some_and(|noted| noted.origin == stated.old.name()) {
            self.last_note().remove()?;
        }
        let register = self.open(Arc::new(new))?;
        let id = format!("epoch-{}", &Hash::of(register.origin().as_bytes()).to_hex()[..16]);
        if register.index_of(&id)?.is_none() {
            let mut draft = Draft::new(&id, EPOCH_DECLARED, exactly(now), &REGISTER)
                .with("old log", stated.old.name())
                .with("new log", stated.new.name())
                .with("entries kept", stated.kept)
                .with("entries signed", stated.signed)
                .with("signed note", note.as_str())
                .with("ground", order.ground.as_str())
                .with("approved by", json!(order.approved_by));
            if let Some(witness) = witness {
                draft = draft.with("lost note", witness);
            }
            register.append(draft, &system(), now)?;
        }
        told("the new epoch is declared")?;
        // Sealed verdicts are bound to the log's name: they are made again under the new one.
        register.rebuild(now, |_| ())?;
        drop(register);
        self.leave_old_key(&stated, told)?;
        Ok(Begun { key: stated.new.clone(), kept: stated.kept, lost: stated.lost(), note })
    }

    /// The old key and the epoch's: drawn now, unless it was begun before. `origin` is the name under which the entries stand.
    fn keys_of_epoch(&self, origin: &str) -> Result<(SigningKey, SigningKey), RegisterError> {
        let name = self.folder.keys(self.passphrase)?.log.verifier().name().to_owned();
        // Where the entries stand under the new name already, the key that leaves is still first in the file.
        if name != origin {
            return self.log_keys(origin);
        }
        let mut epochs = succession::kept(&mut *self.place.reader()?)?;
        epochs.retain(Succession::is_epoch);
        self.log_keys(&next_origin(origin, &epochs))
    }

    /// Ends the log under its old name, in one transaction: the store has the new name, the signed change, and what proves the loss.
    fn end_old(&self, held: &[Held], (old, new): (&SigningKey, &SigningKey)) -> Result<(), RegisterError> {
        let _held = take_lock(&self.place.folder().join("writer.lock"))?;
        let standing = self.standing(held)?;
        if standing.missing() == 0 {
            let why = format!(
                "none of the signed entries is missing ({} are here): nothing is lost, and the log goes on as it is",
                standing.here
            );
            return Err(RegisterError::Forbidden { why });
        }
        let stated = Succession { old: old.verifier().clone(), new: new.verifier().clone(), kept: standing.here, signed: standing.signed };
        let note = stated.sign(old, new)?.to_string();
        let mut store = self.place.writer()?;
        store.begin()?;
        let done = (|| {
            store.set("origin", stated.new.name())?;
            store.set(&succession::setting(&stated), &note)?;
            store.set(HANDED_OVER, "0")?;
            // What witnesses have seen of the old log bounds nothing of the new one.
            store.set(WITNESSED, "")?;
            for (_, judged, note) in self.judged(held)? {
                store.put_checkpoint(judged.checkpoint.size, &note)?;
            }
            store.commit()
        })();
        if done.is_err() {
            store.rollback();
        }
        done
    }
}

fn root_at(store: &mut dyn Store, size: u64) -> Result<Hash, RegisterError> {
    let whole = store.size()?;
    let files = StoredFiles(RefCell::new(store));
    Ok(habeas_ledger::merkle::root(&TileHashes::new(&files, whole), size)?)
}
