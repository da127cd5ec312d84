//! A data folder: what stands in it, how it is made, how its keys are opened.
//!
//! | file | what it is |
//! | --- | --- |
//! | `habeas.toml` | the log's origin, the pack in force, the zone in which days are counted |
//! | `codebook/` | the packs in force, as chapters |
//! | `register.db` | events, and what is derived from them |
//! | `keys.db` | wrapped data keys: kept apart from every backup of the events |
//! | `keys` | the log's key and the authorities', under a passphrase |
//! | `passphrase` | only where none was given: whoever reads the folder then reads everything |
//! | `policy` | which key signs this log (C2SP tlog-policy); add witnesses to it |
//! | `last.note` | the newest signed checkpoint; better on another disk |

use crate::error::RegisterError;
use crate::founding::Founding;
use crate::keys::{Authority, Keys};
use crate::notices::Notices;
use crate::place::without_password;
use getrandom::SysRng;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::keyfile::{self, Cost, Purpose, StoredKey};
use habeas_ledger::leaf::Class;
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::{AuthorityKey, AuthorityPublic};
use rand_core::{Rng as _, UnwrapErr};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A passphrase of 32 random bytes needs no stretching.
const RANDOM_COST: Cost = Cost { memory_kib: 64, passes: 1 };

/// What `habeas.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name of the log: `<jurisdiction>/<log>`.
    pub origin: String,
    /// Pack in force, by its folder below `codebook/`.
    pub codebook: String,
    /// Zone in which days are counted; left out, the codebook's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The PostgreSQL database that holds the entries, without a password; left out, `register.db` in the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Public keys of authorities whose private half is on another machine: class, and 32 bytes in hex.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<String, String>,
    /// Keys of the logs of stations whose centre this is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stations: Vec<String>,
    /// The centre that this station hands its log to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<Centre>,
    /// Who is told of a breach, and how.
    #[serde(default, skip_serializing_if = "Notices::is_none")]
    pub notices: Notices,
    /// How people reach the desk and sign in to it.
    #[serde(default, skip_serializing_if = "DeskSettings::is_none")]
    pub desk: DeskSettings,
}

/// `[desk]` of `habeas.toml`: the address that people type, and who says who they are.
///
/// ```toml
/// [desk]
/// address = "https://desk.sahil.example"
/// [desk.provider]                              # OpenID Connect; register <address>/sign-in/provider/back there
/// name = "Ministry of Justice"
/// issuer = "https://id.justice.example"
/// client = "habeas"
/// secret_file = "/etc/habeas/provider"
/// claim = "service_number"                     # names the account; left out, `habeas admin account known-as` does
/// scopes = ["profile"]
/// roots_file = "/etc/habeas/ministry-ca.pem"   # only for an authority of your own
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskSettings {
    /// Address of the desk: `https://` and a name. Keys that people hold are bound to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The provider of identities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderSettings>,
}

impl DeskSettings {
    /// Nothing is said.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == DeskSettings::default()
    }
}

/// A provider of identities (OpenID Connect).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// What people call it.
    pub name: String,
    /// Its address, as it calls itself.
    pub issuer: String,
    /// What it calls this desk.
    pub client: String,
    /// File whose first line is the secret that it gave this desk.
    pub secret_file: PathBuf,
    /// Claim of its tokens whose value is the account's id, or the name that `known-as` entered for it; left out: `sub`, and only what was
    /// entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// Scopes to ask for besides `openid`, so that the token carries the claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Certificates (PEM) of the authority that vouches for it; left out: those that browsers trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots_file: Option<PathBuf>,
}

/// A station's centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centre {
    /// Its key: it countersigns the station's checkpoints (`habeas station key`).
    pub key: String,
    /// Where its desk answers; left out: there is no line, and parcels go on a stick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A data folder.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
    settings: Settings,
}

fn refuse(path: &Path, why: impl ToString) -> RegisterError {
    RegisterError::File { path: path.to_owned(), why: why.to_string() }
}

impl DataFolder {
    /// Whether a folder holds a register.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        path.join("habeas.toml").is_file()
    }

    /// Makes a data folder with fresh keys. Without a passphrase one is drawn and put beside the keys. A folder whose making was cut short
    /// is made anew.
    ///
    /// # Errors
    /// A folder that is not empty, a name that is none, a file that cannot be written.
    pub fn create(
        path: &Path,
        settings: Settings,
        packs: &[(String, PackSource)],
        passphrase: Option<&str>,
    ) -> Result<Self, RegisterError> {
        let founding = Founding::begin(path).map_err(|error| refuse(path, error))?;
        let folder = DataFolder { path: path.to_owned(), settings };
        for (name, source) in packs {
            for file in &source.files {
                folder.write(&format!("codebook/{name}/{}", file.path), &file.text)?;
            }
        }
        folder.write_keys(passphrase)?;
        let text = toml::to_string(&folder.settings).map_err(|error| refuse(path, error))?;
        folder.replace("habeas.toml", &text)?;
        founding.done().map_err(|error| refuse(path, error))?;
        Ok(folder)
    }

    /// Opens a data folder.
    ///
    /// # Errors
    /// A folder that is none, or settings that are not in their form.
    pub fn open(path: &Path) -> Result<Self, RegisterError> {
        let file = path.join("habeas.toml");
        let text = std::fs::read_to_string(&file).map_err(|error| {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            if missing { refuse(path, "this is no register's folder: it holds no habeas.toml") } else { refuse(&file, error) }
        })?;
        let settings = toml::from_str(&text).map_err(|error| refuse(&file, error))?;
        Ok(DataFolder { path: path.to_owned(), settings })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What `habeas.toml` says.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Says anew where the entries are kept: a database of PostgreSQL, or (`None`) the folder itself. A password is left out.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep_entries_in(&mut self, database: Option<&str>) -> Result<(), RegisterError> {
        self.settings.database = database.map(without_password);
        let text = toml::to_string(&self.settings).map_err(|error| refuse(&self.path, error))?;
        self.replace("habeas.toml", &text)
    }

    /// Writes the settings of a copy whose entries are in its own folder.
    pub(crate) fn copy_settings(&self, to: &Path) -> Result<(), RegisterError> {
        let settings = Settings { database: None, ..self.settings.clone() };
        let text = toml::to_string(&settings).map_err(|error| refuse(to, error))?;
        DataFolder { path: to.to_owned(), settings }.write("habeas.toml", &text)
    }

    /// Puts another text in a file's place: whoever reads sees the old one or the new one, whole, also after a loss of power.
    pub(crate) fn replace(&self, name: &str, text: &str) -> Result<(), RegisterError> {
        let new = format!("{name}.new");
        let (path, fresh) = (self.path.join(name), self.path.join(&new));
        if fresh.exists() {
            std::fs::remove_file(&fresh).map_err(|error| refuse(&fresh, error))?;
        }
        self.write(&new, text)?;
        let replaced = std::fs::rename(&fresh, &path).and_then(|()| std::fs::File::open(&self.path)?.sync_all());
        replaced.map_err(|error| refuse(&path, error))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), RegisterError> {
        let path = self.path.join(name);
        let folder = path.parent().unwrap_or(&self.path);
        std::fs::create_dir_all(folder).map_err(|error| refuse(folder, error))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        written.map_err(|error| refuse(&path, error))
    }

    fn write_keys(&self, passphrase: Option<&str>) -> Result<(), RegisterError> {
        let mut random = UnwrapErr(SysRng);
        let mut stored = |purpose: Purpose, name: &str| {
            let mut key = StoredKey { purpose, name: name.to_owned(), secret: Default::default() };
            random.fill_bytes(key.secret.as_mut());
            key
        };
        let mut keys = vec![stored(Purpose::Log, &self.settings.origin)];
        for class in Class::ALL.into_iter().filter(|class| !self.settings.elsewhere.contains_key(class.word())) {
            keys.push(stored(Purpose::Authority(class), class.word()));
        }
        keys.push(stored(Purpose::Witness, &self.settings.origin));
        let log = SigningKey::from_seed(&self.settings.origin, &keys[0].secret)?;
        let mut drawn = [0; 32];
        random.fill_bytes(&mut drawn);
        let drawn = crate::spelling::hex(&drawn);
        let cost = if passphrase.is_some() { Cost::DEFAULT } else { RANDOM_COST };
        let text = keyfile::encode(&keys, passphrase.unwrap_or(&drawn), cost, &mut random)?;
        self.write("keys", &text)?;
        if passphrase.is_none() {
            self.write("passphrase", &format!("{drawn}\n"))?;
        }
        self.write("policy", &format!("log {}\nquorum none\n", log.verifier()))
    }

    /// Whether the passphrase stands beside the keys: then they are as safe as the folder, no more.
    #[must_use]
    pub fn has_own_passphrase(&self) -> bool {
        self.path.join("passphrase").is_file()
    }

    /// Opens the keys, with the passphrase given or the one that stands beside them.
    ///
    /// # Errors
    /// No passphrase, a wrong one, or a file that is not in its form.
    pub fn keys(&self, passphrase: Option<&str>) -> Result<Keys, RegisterError> {
        let path = self.path.join("keys");
        let mut log = None;
        let mut here: BTreeMap<Class, Vec<AuthorityKey>> = BTreeMap::new();
        // While keys are being changed there are two for one purpose: the first counts.
        for key in self.stored_keys(passphrase)? {
            match key.purpose {
                Purpose::Log if log.is_none() => log = Some(SigningKey::from_seed(&key.name, &key.secret)?),
                Purpose::Log | Purpose::Witness => {}
                Purpose::Authority(class) => here.entry(class).or_default().push(AuthorityKey::from_bytes(&key.secret)?),
            }
        }
        let mut authorities = BTreeMap::new();
        for (class, mut keys) in here {
            let older = keys.split_off(1);
            authorities.extend(keys.pop().map(|key| (class, Authority::here_after(key, older))));
        }
        for (word, hex) in &self.settings.elsewhere {
            let class = Class::from_word(word).ok_or_else(|| refuse(&path, format!("`{word}` is no class")))?;
            let bytes: [u8; 32] =
                crate::spelling::unhex(hex).ok_or_else(|| refuse(&path, format!("the key for {word} is not 32 bytes in hex")))?;
            authorities.entry(class).or_insert(Authority::elsewhere(AuthorityPublic::from_bytes(&bytes)?));
        }
        let log = log.ok_or_else(|| refuse(&path, "it holds no key of the log"))?;
        Ok(Keys { log: Arc::new(log), authorities })
    }

    /// Whether a change of keys was begun and not finished: the old key is still here beside the new one.
    ///
    /// # Errors
    /// As [`DataFolder::keys`].
    pub fn is_changing_keys(&self, passphrase: Option<&str>) -> Result<bool, RegisterError> {
        let stored = self.stored_keys(passphrase)?;
        Ok(stored.iter().enumerate().any(|(place, key)| stored[..place].iter().any(|before| before.purpose == key.purpose)))
    }

    /// The key by which this register, as a centre, countersigns its stations' checkpoints.
    ///
    /// # Errors
    /// As [`DataFolder::keys`]; a key file that was made without it.
    pub fn cosigner(&self, passphrase: Option<&str>) -> Result<CosignerKey, RegisterError> {
        let path = self.path.join("keys");
        let stored = self.stored_keys(passphrase)?;
        let witness = stored.iter().find(|key| key.purpose == Purpose::Witness);
        let witness = witness
            .ok_or_else(|| refuse(&path, "it holds no key that countersigns: it was made before stations were; make the centre anew"))?;
        Ok(CosignerKey::from_seed(&witness.name, &witness.secret)?)
    }

    /// Puts other keys into the key file, under the same passphrase.
    pub(crate) fn replace_keys(&self, keys: &[StoredKey], passphrase: Option<&str>) -> Result<(), RegisterError> {
        let path = self.path.join("keys");
        let beside = std::fs::read_to_string(self.path.join("passphrase")).ok().filter(|_| passphrase.is_none());
        let cost = if beside.is_some() { RANDOM_COST } else { Cost::DEFAULT };
        let passphrase = passphrase.or_else(|| beside.as_deref().and_then(|text| text.lines().next()));
        let passphrase = passphrase.ok_or_else(|| refuse(&path, "it is under a passphrase, and none was given"))?;
        self.replace("keys", &keyfile::encode(keys, passphrase, cost, &mut UnwrapErr(SysRng))?)
    }

    pub(crate) fn stored_keys(&self, passphrase: Option<&str>) -> Result<Vec<StoredKey>, RegisterError> {
        let path = self.path.join("keys");
        let text = std::fs::read_to_string(&path).map_err(|error| refuse(&path, error))?;
        let beside = std::fs::read_to_string(self.path.join("passphrase")).ok();
        let passphrase = passphrase.or_else(|| beside.as_deref().and_then(|text| text.lines().next()));
        let passphrase = passphrase.ok_or_else(|| refuse(&path, "it is under a passphrase, and none was given"))?;
        Ok(keyfile::decode(&text, passphrase)?)
    }

    /// Reads the codebook in force.
    ///
    /// # Errors
    /// A pack that is not there or has errors.
    pub fn codebook(&self) -> Result<Codebook, RegisterError> {
        let folder = self.path.join("codebook");
        let own = folder.join(&self.settings.codebook);
        let source = PackSource::from_folder(&own).map_err(|error| refuse(&own, error))?;
        let reading = habeas_codebook::read(&source, &|name| PackSource::from_folder(&folder.join(name)).ok());
        let first = reading.diagnostics.iter().find(|found| found.severity == habeas_codebook::diagnostic::Severity::Error);
        let why = first.map_or_else(|| "it cannot be read".to_owned(), |found| found.message.clone());
        let mut codebook = reading.codebook.ok_or_else(|| refuse(&own, why))?;
        if let Some(name) = &self.settings.zone {
            let zone = jiff::tz::TimeZone::get(name).map_err(|error| refuse(&self.path.join("habeas.toml"), error))?;
            codebook.almanac.zone = zone;
            name.clone_into(&mut codebook.zone_name);
        }
        Ok(codebook)
    }
}
