//! `habeas witness key`: make a witness's key, or bring one along.

use crate::outcome::{Outcome, Trouble};
use crate::terminal::{self, Terminal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use getrandom::SysRng;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::keyfile::{self, Cost, Purpose, StoredKey};
use rand_core::{Rng as _, UnwrapErr};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Make a witness's key under a passphrase, and print its public half.
#[derive(Debug, Args)]
pub struct Key {
    /// Name by which the witness's signatures are known: an address without `https://`.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Where to write the key file; must not be there yet.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File that holds 32 secret bytes in base64, to bring a key along instead of making one.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Where the passphrase comes from.
#[derive(Debug, Args)]
pub(crate) struct Passphrase {
    /// File whose first line is the passphrase [default: the environment's HABEAS_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    pub(crate) fn read(&self) -> Result<Zeroizing<String>, Trouble> {
        let text = match &self.passphrase_file {
            Some(path) => std::fs::read_to_string(path).map_err(|error| Trouble::reading(path, &error))?,
            None => std::env::var("HABEAS_PASSPHRASE")
                .map_err(|_| Trouble::Input("no passphrase: give --passphrase-file FILE or set HABEAS_PASSPHRASE".to_owned()))?,
        };
        let text = Zeroizing::new(text);
        Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
    }
}

impl Key {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let mut random = UnwrapErr(SysRng);
        let mut secret = Zeroizing::new([0; 32]);
        match &self.seed {
            Some(path) => *secret = read_seed(path)?,
            None => random.fill_bytes(secret.as_mut()),
        }
        let key = CosignerKey::from_seed(&self.name, &secret).map_err(|error| Trouble::Input(format!("--name: {error}")))?;
        let stored = StoredKey { purpose: Purpose::Witness, name: self.name.clone(), secret };
        let text = keyfile::encode(&[stored], &self.passphrase.read()?, Cost::DEFAULT, &mut random);
        let text = text.map_err(|error| Trouble::Input(error.to_string()))?;
        write_new(&self.key, &text)?;
        terminal.note(&format!("the secret half is in {}; keep a copy where a fire does not reach both", self.key.display()));
        terminal::print(format!("{}\n", key.verifier()).as_bytes())?;
        Ok(Outcome::Clean)
    }
}

fn read_seed(path: &Path) -> Result<[u8; 32], Trouble> {
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| Trouble::reading(path, &error))?);
    let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Trouble::Input(format!("{}: expected 32 bytes in base64", path.display())))
}

/// Writes a file that only its owner reads, and never over another.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Trouble> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let shown = path.display();
    let mut file = options.open(path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return Trouble::Input(format!("`{shown}` is there already; a key is never written over"));
        }
        Trouble::writing(&shown.to_string(), &error)
    })?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| Trouble::writing(&shown.to_string(), &error))
}
