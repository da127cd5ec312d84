//! Registers from the command line: a data folder made, found and opened, and the passphrase for its keys.

use crate::outcome::Trouble;
use crate::packs;
use crate::terminal::Terminal;
use clap::Args;
use clap::builder::ArgPredicate;
use habeas_codebook::moment::Moment;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_register::folder::{DataFolder, Settings};
use habeas_register::{Everybody, Keys, Options, Place, Register, RegisterError, without_password};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The folder of keys where only a database is named.
pub const FOLDER: &str = "habeas";

/// Where the register is, and how its keys are opened.
#[derive(Clone, Debug, Args)]
pub struct Data {
    /// Folder of the register [default with --database: ./habeas]
    #[arg(
        long,
        value_name = "DIR",
        required = false,
        required_unless_present = "database",
        hide_default_value = true,
        default_value_if("database", ArgPredicate::IsPresent, FOLDER)
    )]
    pub data: PathBuf,
    /// Database of PostgreSQL that holds the entries: postgresql://USER@HOST/NAME. Keys and `last.note` stay in the folder. Once a register
    /// is kept there, its folder knows; PGPASSWORD may hold the password.
    #[arg(long, value_name = "URL", value_parser = database_url)]
    pub database: Option<String>,
    /// Where the passphrase comes from.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

impl Data {
    /// A register whose entries and keys are in one folder.
    #[must_use]
    pub fn in_folder(path: &Path) -> Self {
        Data { data: path.to_owned(), database: None, passphrase: Passphrase::default() }
    }
}

/// Where the passphrase comes from.
#[derive(Clone, Debug, Default, Args)]
pub struct Passphrase {
    /// File whose first line is the passphrase of the keys [default: HABEAS_PASSPHRASE, or the one beside the keys]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// The passphrase, if one was given.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(&self) -> Result<Option<Zeroizing<String>>, Trouble> {
        let text = match &self.passphrase_file {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| Trouble::reading(path, &error))?),
            None => std::env::var("HABEAS_PASSPHRASE").ok(),
        };
        Ok(text.map(Zeroizing::new).map(|text| Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
    }
}

/// The address of a database, as it is given.
///
/// # Errors
/// Anything that is no address of PostgreSQL.
pub fn database_url(text: &str) -> Result<String, String> {
    if is_database(text) { Ok(text.to_owned()) } else { Err("expected postgresql://USER@HOST/NAME".to_owned()) }
}

/// Whether a text is the address of a database.
#[must_use]
pub fn is_database(text: &str) -> bool {
    text.starts_with("postgresql://") || text.starts_with("postgres://")
}

/// Where the entries of a register are kept: where the command line says, else where its folder says, else in the folder.
///
/// # Errors
/// A database named for a register whose entries are in its folder: one log must not go on in two places.
pub fn place(folder: &DataFolder, given: Option<&str>) -> Result<Place, Trouble> {
    let path = folder.path().to_owned();
    let known = folder.settings().database.as_deref();
    if let (Some(given), None, true) = (given, known, path.join("register.db").is_file()) {
        let (shown, given) = (path.display(), without_password(given));
        let move_it = format!("`habeas admin migrate --data {shown} --to {given}` moves them");
        return Err(Trouble::Input(format!("the entries of `{shown}` are kept in the folder itself; {move_it}")));
    }
    Ok(match given.or(known) {
        Some(url) => Place::Postgres { url: with_password(url), folder: path },
        None => Place::Sqlite(path),
    })
}

/// An address with the password of PGPASSWORD, where it has none itself.
pub fn with_password(url: &str) -> String {
    let has_one = without_password(url) != url;
    match std::env::var("PGPASSWORD") {
        Ok(password) if !has_one && !password.is_empty() => {
            let spelt: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("{url}{}password={spelt}", if url.contains('?') { '&' } else { '?' })
        }
        Ok(_) | Err(_) => url.to_owned(),
    }
}

/// What the register says, as trouble of the command line.
#[must_use]
pub fn trouble(error: RegisterError) -> Trouble {
    match &error {
        RegisterError::Invalid(problems) => {
            let lines = problems.iter().map(|p| format!("{}: {}, found {}, expected {}", p.field, p.what, p.found, p.expected));
            Trouble::Input(lines.collect::<Vec<_>>().join("\n"))
        }
        RegisterError::Forbidden { .. } | RegisterError::Conflict { .. } | RegisterError::Absent { .. } | RegisterError::NoKey { .. } => {
            Trouble::Input(error.to_string())
        }
        RegisterError::File { .. } | RegisterError::ReadOnly { .. } => Trouble::Machine(error.to_string()),
        RegisterError::Store { .. } | RegisterError::Damaged { .. } | RegisterError::Ledger(_) | RegisterError::Closed => {
            Trouble::Machine(error.to_string())
        }
    }
}

/// Now, by the machine's clock.
#[must_use]
pub fn now() -> Moment {
    Moment::from_timestamp(jiff::Timestamp::now())
}

/// Makes a data folder for a pack. `elsewhere`: classes with the public keys of authorities whose private half is on another machine.
///
/// # Errors
/// A pack that cannot be found, a folder that cannot be made.
pub fn create(
    data: &Data,
    pack: &str,
    codebook: &Codebook,
    origin: &str,
    passphrase: Option<&str>,
    elsewhere: &[(String, String)],
) -> Result<DataFolder, Trouble> {
    let own = packs::find(pack)?;
    let beside = own.folder.as_deref().and_then(Path::parent).map(Path::to_owned);
    let mut sources = vec![(codebook.id.clone(), own.source)];
    let others: BTreeSet<&str> = codebook.chapters.iter().map(|chapter| chapter.pack.as_str()).filter(|id| *id != codebook.id).collect();
    for name in others {
        let near = beside.as_ref().map(|beside| beside.join(name)).filter(|folder| folder.is_dir());
        let near = near.and_then(|folder| PackSource::from_folder(&folder).ok());
        let source = near.map_or_else(|| packs::find(name).map(|found| found.source), Ok)?;
        sources.push((name.to_owned(), source));
    }
    let settings = Settings {
        origin: origin.to_owned(),
        codebook: codebook.id.clone(),
        zone: Some(codebook.zone_name.clone()),
        database: data.database.as_deref().map(without_password),
        elsewhere: elsewhere.iter().cloned().collect(),
        stations: Vec::new(),
        centre: None,
        notices: Default::default(),
        desk: Default::default(),
    };
    DataFolder::create(&data.data, settings, &sources, passphrase)
        .map_err(|error| if matches!(error, RegisterError::File { .. }) { Trouble::Input(error.to_string()) } else { trouble(error) })
}

/// Opens the register in a folder, for the operator: who may do what is for the desk to say.
///
/// # Errors
/// A folder that holds none, a passphrase that does not open its keys, a register that another process writes to.
pub fn open(data: &Data) -> Result<(DataFolder, Register), Trouble> {
    let folder = find(&data.data)?;
    let passphrase = data.passphrase.read()?;
    let keys = folder.keys(passphrase.as_ref().map(|text| text.as_str())).map_err(trouble)?;
    let codebook = Arc::new(folder.codebook().map_err(trouble)?);
    let place = place(&folder, data.database.as_deref())?;
    let options = Options { place, codebook, keys, authority: Arc::new(Everybody), last_note: None };
    let register = Register::open(options).map_err(trouble)?;
    Ok((folder, register))
}

/// Opens the register in a folder for reading, also beside a desk that serves it.
///
/// # Errors
/// As [`open`], but for the writing.
pub fn open_reading(data: &Data) -> Result<(DataFolder, Register), Trouble> {
    let folder = find(&data.data)?;
    let passphrase = data.passphrase.read()?;
    let keys = folder.keys(passphrase.as_ref().map(|text| text.as_str())).map_err(trouble)?;
    let codebook = Arc::new(folder.codebook().map_err(trouble)?);
    let place = place(&folder, data.database.as_deref())?;
    let options = Options { place, codebook, keys, authority: Arc::new(Everybody), last_note: None };
    let register = Register::open_reading(options).map_err(trouble)?;
    Ok((folder, register))
}

/// Keys and codebook of a register's folder, where they open: what verifies it can then look into bodies too.
#[must_use]
pub fn keys_if_any(path: &Path, passphrase: &Passphrase, terminal: Terminal) -> Option<(Keys, Arc<Codebook>)> {
    let folder = DataFolder::open(path).ok()?;
    let passphrase = passphrase.read().ok()?;
    let opened = folder.keys(passphrase.as_ref().map(|text| text.as_str())).and_then(|keys| Ok((keys, Arc::new(folder.codebook()?))));
    opened.inspect_err(|error| terminal.note(&format!("bodies stay closed: {error}"))).ok()
}

/// Finds a data folder.
///
/// # Errors
/// A folder that holds none.
pub fn find(path: &Path) -> Result<DataFolder, Trouble> {
    if !DataFolder::is_one(path) {
        let shown = path.display();
        return Err(Trouble::Input(format!("`{shown}` holds no register; make one with `habeas admin init --data {shown}`")));
    }
    DataFolder::open(path).map_err(trouble)
}
