//! The desk on an address: a data folder opened, its keys found or made.

use crate::outcome::Trouble;
use habeas_access::Access;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_desk::authority::Authority;
use habeas_desk::routes::routes;
use habeas_desk::{Accounts, Desk, DeskError, Options};
use habeas_ledger::keyfile::{Purpose, StoredKey};
use habeas_ledger::leaf::Class;
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::AuthorityKey;
use habeas_register::{Authorise, Keys, Register, RegisterError};
use rand_core::{Rng as _, UnwrapErr};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

impl From<RegisterError> for Trouble {
    fn from(error: RegisterError) -> Self {
        crate::registers::trouble(error)
    }
}

impl From<DeskError> for Trouble {
    fn from(error: DeskError) -> Self {
        Trouble::Machine(error.to_string())
    }
}

/// The present, by the machine's clock.
#[must_use]
pub fn now() -> Moment {
    Moment::from_timestamp(jiff::Timestamp::now())
}

/// Fresh keys: the log's, and one for each class of facts.
///
/// # Errors
/// A name that no log can have.
pub fn fresh_keys(origin: &str) -> Result<Vec<StoredKey>, Trouble> {
    let mut random = UnwrapErr(getrandom::SysRng);
    let mut secret = || {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill_bytes(bytes.as_mut());
        bytes
    };
    let log = StoredKey { purpose: Purpose::Log, name: origin.to_owned(), secret: secret() };
    SigningKey::from_seed(origin, &log.secret).map_err(|error| Trouble::Input(format!("--origin: {error}")))?;
    let authority = |class: Class| StoredKey { purpose: Purpose::Authority(class), name: class.word().to_owned(), secret: secret() };
    let mut keys: Vec<StoredKey> = Class::ALL.map(authority).into();
    keys.push(log);
    Ok(keys)
}

/// Keys as a register takes them.
///
/// # Errors
/// A file without the log's key.
pub fn keys(stored: &[StoredKey]) -> Result<Keys, Trouble> {
    let unsound = |error: habeas_ledger::LedgerError| Trouble::Input(error.to_string());
    let log = stored.iter().find(|key| key.purpose == Purpose::Log);
    let log = log.ok_or_else(|| Trouble::Input("the key file holds no key of a log".to_owned()))?;
    let mut authorities = BTreeMap::new();
    for key in stored {
        if let Purpose::Authority(class) = key.purpose {
            authorities.insert(class, habeas_register::Authority::here(AuthorityKey::from_bytes(&key.secret).map_err(unsound)?));
        }
    }
    Ok(Keys { log: Arc::new(SigningKey::from_seed(&log.name, &log.secret).map_err(unsound)?), authorities })
}

/// What a data folder holds, open.
pub struct Station {
    /// The register.
    pub register: Register,
    /// The accounts.
    pub accounts: Arc<Accounts>,
    /// Who may do what.
    pub authority: Arc<Authority>,
}

impl Station {
    /// Opens a data folder. `trusted`: who enters is not asked what they may (the operator's own import).
    ///
    /// # Errors
    /// Access sentences that cannot be used; files that cannot be opened.
    pub fn open(folder: &Path, codebook: &Arc<Codebook>, keys: Keys, trusted: bool) -> Result<Self, Trouble> {
        std::fs::create_dir_all(folder).map_err(|error| Trouble::writing(&folder.display().to_string(), &error))?;
        let accounts = Arc::new(Accounts::open(&folder.join("accounts.db"))?);
        let access = Arc::new(Access::new(codebook).map_err(|error| Trouble::Input(error.to_string()))?);
        let authority = Arc::new(Authority::new(Arc::clone(codebook), access, Arc::clone(&accounts)));
        let asked: Arc<dyn Authorise> = if trusted { Arc::new(habeas_register::Everybody) } else { Arc::<Authority>::clone(&authority) };
        let register = Register::open(habeas_register::Options::in_folder(folder, Arc::clone(codebook), keys, asked))?;
        Ok(Self { register, accounts, authority })
    }

    /// The desk over it.
    #[must_use]
    pub fn desk(&self, secure: bool) -> Desk {
        Desk::new(Options {
            register: self.register.clone(),
            authority: Arc::clone(&self.authority),
            accounts: Arc::clone(&self.accounts),
            clock: Arc::new(now),
            secure,
        })
    }
}

/// Serves a desk until the process is told to stop. `listening` is told the address once requests are answered.
///
/// # Errors
/// An address that cannot be bound.
pub fn serve(desk: &Desk, address: SocketAddr, listening: impl FnOnce(SocketAddr)) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::Machine(format!("the address {address} cannot be served: {error}"));
    let listener = std::net::TcpListener::bind(address).map_err(trouble)?;
    listener.set_nonblocking(true).map_err(trouble)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(trouble)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(trouble)?;
        listening(listener.local_addr().map_err(trouble)?);
        tokio::select! {
            served = axum::serve(listener, routes(desk.clone())) => served.map_err(trouble),
            () = stopped() => Ok(()),
        }
    })
}

/// Returns once the process is asked to stop: by the keyboard, or by whoever looks after services.
async fn stopped() {
    #[cfg(unix)]
    if let Ok(mut asked) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _by_service = asked.recv() => {}
            _by_keyboard = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    let _by_keyboard = tokio::signal::ctrl_c().await;
}
