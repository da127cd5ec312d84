//! Keys changed while the record goes on: the key that signs the log, or the key of an authority that opens a class.
//!
//! At every step there are keys that open and sign all that is there. Whatever stops it, the same command run again finishes it.
//!
//! | step | the log's key | an authority's key |
//! | --- | --- | --- |
//! | 1 | the new key stands beside the old one in `keys` | the new key stands before the old one in `keys` |
//! | 2 | it is entered, sealed and signed under the old key | each data key is wrapped for the new one |
//! | 3 | old and new key sign the change, and the checkpoint that counts it | it is entered |
//! | 4 | the policy names both | |
//! | 5 | the old key is gone from `keys` | the old key is gone from `keys` |

use crate::authorise::Everybody;
use crate::draft::{Draft, exactly};
use crate::error::RegisterError;
use crate::folder::DataFolder;
use crate::note::LastNote;
use crate::register::{Options, Place, Register};
use crate::spelling;
use crate::succession;
use crate::witnessed::{REGISTER, system};
use getrandom::SysRng;
use habeas_codebook::moment::Moment;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::keyfile::{Purpose, StoredKey};
use habeas_ledger::leaf::Class;
use habeas_ledger::note::{SigningKey, VerifierKey};
use habeas_ledger::policy;
use habeas_ledger::sealing::AuthorityKey;
use habeas_ledger::succession::Succession;
use rand_core::{Rng as _, UnwrapErr};
use std::sync::Arc;

/// The kind of the entry.
const KEY_ROTATED: &str = "key rotated";

/// A closed register whose keys are to be changed.
#[derive(Clone, Debug)]
pub struct Closed<'a> {
    /// Its folder.
    pub folder: &'a DataFolder,
    /// Where its entries are.
    pub place: Place,
    /// The passphrase of its keys; `None`: the one that stands beside them.
    pub passphrase: Option<&'a str>,
}

/// Hears of each step that is done; what it refuses stops there.
pub type Told<'a> = &'a mut dyn FnMut(&str) -> Result<(), RegisterError>;

/// The log has another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    /// The key that signs no more.
    pub old: VerifierKey,
    /// The key that signs from now on.
    pub new: VerifierKey,
    /// How many entries the old key has signed at most.
    pub signed: u64,
    /// The change as both keys have signed it.
    pub note: String,
}

impl Closed<'_> {
    pub(crate) fn open(&self, log: Arc<SigningKey>) -> Result<Register, RegisterError> {
        let keys = crate::keys::Keys { log, ..self.folder.keys(self.passphrase)? };
        let codebook = Arc::new(self.folder.codebook()?);
        let options = Options { place: self.place.clone(), codebook, keys, authority: Arc::new(Everybody), last_note: None };
        Register::open_as(options, true)
    }

    pub(crate) fn last_note(&self) -> LastNote {
        LastNote::at(&self.folder.path().join("last.note"))
    }

    /// The log's key, and the one that is to follow it: drawn now, unless a change was begun before. `name` is the new key's.
    pub(crate) fn log_keys(&self, name: &str) -> Result<(SigningKey, SigningKey), RegisterError> {
        let mut stored = self.folder.stored_keys(self.passphrase)?;
        let logs: Vec<&StoredKey> = stored.iter().filter(|key| key.purpose == Purpose::Log).collect();
        let none = || RegisterError::File { path: self.folder.path().join("keys"), why: "it holds no key of the log".to_owned() };
        let old = SigningKey::from_seed(&logs.first().ok_or_else(none)?.name, &logs.first().ok_or_else(none)?.secret)?;
        if let Some(new) = logs.get(1) {
            if new.name != name {
                let why = format!("another change of the log's key, to `{}`, was begun and not finished; finish that first", new.name);
                return Err(RegisterError::ReadOnly { why });
            }
            return Ok((old, SigningKey::from_seed(&new.name, &new.secret)?));
        }
        let fresh = drawn(Purpose::Log, name);
        let new = SigningKey::from_seed(name, &fresh.secret)?;
        stored.push(fresh);
        self.folder.replace_keys(&stored, self.passphrase)?;
        Ok((old, new))
    }

    /// The old key of the log is gone from the file; the policy names both.
    pub(crate) fn leave_old_key(&self, stated: &Succession, told: Told<'_>) -> Result<(), RegisterError> {
        let path = self.folder.path().join("policy");
        let text = std::fs::read_to_string(&path).map_err(|error| RegisterError::File { path: path.clone(), why: error.to_string() })?;
        self.folder.replace("policy", &policy::succeeded(&text, stated))?;
        told("the policy names the new key")?;
        let mut stored = self.folder.stored_keys(self.passphrase)?;
        let mut is_first = true;
        stored.retain(|key| key.purpose != Purpose::Log || !std::mem::take(&mut is_first));
        self.folder.replace_keys(&stored, self.passphrase)?;
        told("the old key is destroyed")
    }

    /// Changes the key that signs the log.
    ///
    /// # Errors
    /// A codebook that has no kind for it; what the machine says. Run again, it goes on where it was stopped.
    pub fn rotate_log(&self, now: Moment, told: Told<'_>) -> Result<LogKey, RegisterError> {
        self.expect_kind(KEY_ROTATED)?;
        let stored = self.folder.stored_keys(self.passphrase)?;
        let name = stored.iter().find(|key| key.purpose == Purpose::Log).map_or("", |key| key.name.as_str()).to_owned();
        let (old, new) = self.log_keys(&name)?;
        told("a new key is drawn")?;
        let (old_vkey, new_vkey) = (old.verifier().clone(), new.verifier().clone());
        let register = self.open(Arc::new(old.clone()))?;
        let id = succession::rotation_id(&old_vkey);
        let signed = match register.index_of(&id)? {
            Some(index) => index + 1,
            None => {
                let signed = register.checkpoint()?.size + 1;
                let draft = Draft::new(&id, KEY_ROTATED, exactly(now), &REGISTER)
                    .with("new key", new_vkey.to_string())
                    .with("old key", old_vkey.to_string())
                    .with("first size", signed);
                register.append(draft, &system(), now)?;
                signed
            }
        };
        told("the change is entered")?;
        let stated = Succession { old: old_vkey, new: new_vkey, kept: signed, signed };
        let note = stated.sign(&old, &new)?.to_string();
        let root = register.read(|access| access.root(signed))?;
        let checkpoint = Checkpoint::new(register.origin(), signed, root);
        let mut both = checkpoint.sign(&old)?;
        both.add(new.sign(both.unverified_text())?);
        let both = both.to_string();
        let (setting, kept, checkpoint) = (succession::setting(&stated), note.clone(), both.clone());
        register.run(move |access| {
            access.store.set(&setting, &kept)?;
            access.store.put_checkpoint(signed, &checkpoint)
        })?;
        drop(register);
        self.last_note().write(&both)?;
        told("both keys have signed it")?;
        self.leave_old_key(&stated, told)?;
        Ok(LogKey { old: stated.old, new: stated.new, signed, note })
    }

    /// Changes the key of the authority that opens a class; how many data keys were wrapped anew.
    ///
    /// # Errors
    /// [`RegisterError::NoKey`] for a class whose key is on another machine: it is changed there; a codebook that has no kind for it; what
    /// the machine says. Run again, it goes on where it was stopped.
    pub fn rotate_authority(&self, class: Class, now: Moment, told: Told<'_>) -> Result<u64, RegisterError> {
        self.expect_kind(KEY_ROTATED)?;
        let purpose = Purpose::Authority(class);
        let mut stored = self.folder.stored_keys(self.passphrase)?;
        let place = stored.iter().position(|key| key.purpose == purpose).ok_or(RegisterError::NoKey { class: class.word() })?;
        if stored.iter().filter(|key| key.purpose == purpose).count() == 1 {
            stored.insert(place, drawn(purpose, class.word()));
            self.folder.replace_keys(&stored, self.passphrase)?;
        }
        told("a new key is drawn")?;
        let public = |key: &StoredKey| AuthorityKey::from_bytes(&key.secret).map(|key| spelling::hex(&key.public().to_bytes()));
        let keys = stored.iter().filter(|key| key.purpose == purpose).map(public).collect::<Result<Vec<_>, _>>()?;
        let (new, old) = (keys.first().cloned().unwrap_or_default(), keys.last().cloned().unwrap_or_default());
        let register = self.open(self.folder.keys(self.passphrase)?.log)?;
        let (tell, hear) = std::sync::mpsc::channel();
        register.run(move |access| {
            // Whoever asked may have gone.
            let _ = tell.send(access.keys.rewrap(class)?);
            Ok(())
        })?;
        let count = hear.recv().map_err(|_| RegisterError::Closed)?;
        told("every data key is wrapped for the new key")?;
        let id = format!("key-rotated-{}-{}", class.word(), &old[..16]);
        if register.index_of(&id)?.is_none() {
            let size = register.checkpoint()?.size + 1;
            let draft = Draft::new(&id, KEY_ROTATED, exactly(now), &REGISTER)
                .with("new key", format!("{} {new}", class.word()))
                .with("old key", format!("{} {old}", class.word()))
                .with("first size", size);
            register.append(draft, &system(), now)?;
        }
        drop(register);
        told("the change is entered")?;
        let mut is_kept = true;
        stored.retain(|key| key.purpose != purpose || std::mem::take(&mut is_kept));
        self.folder.replace_keys(&stored, self.passphrase)?;
        told("the old key is destroyed")?;
        Ok(count)
    }

    pub(crate) fn expect_kind(&self, name: &str) -> Result<(), RegisterError> {
        let has_it = self.folder.codebook()?.kinds.iter().any(|kind| kind.name == name);
        let absent = || RegisterError::Absent {
            what: format!("the kind `{name}`, by which it would be entered: the codebook in force lacks it; it"),
        };
        if has_it { Ok(()) } else { Err(absent()) }
    }
}

fn drawn(purpose: Purpose, name: &str) -> StoredKey {
    let mut key = StoredKey { purpose, name: name.to_owned(), secret: Default::default() };
    UnwrapErr(SysRng).fill_bytes(key.secret.as_mut());
    key
}
