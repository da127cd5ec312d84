//! The desk on an address: a data folder opened, its keys found or made.

use crate::outcome::Trouble;
use axum::Router;
use habeas_access::Access;
use habeas_codebook::tree::Codebook;
use habeas_desk::account::ways::Ways;
use habeas_desk::authority::Authority;
use habeas_desk::routes::routes;
use habeas_desk::{Accounts, Desk, DeskError, Options};
use habeas_register::{Authorise, Keys, Register, RegisterError};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a request that is being answered has when the process is told to stop.
const LAST_WORD: Duration = Duration::from_secs(2);

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

/// Goes on as a process with two heaps. The C library gives each thread that asks for memory a heap of its own, up to eight a processor,
/// and hands little of them back: with sixteen threads a server of ten thousand custodies held 670 MB where it needs 350. It is told so at
/// its start only. Whoever has chosen a number keeps it; what cannot be done costs memory and nothing else.
pub fn with_few_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::os::unix::process::CommandExt as _;
        const HEAPS: &str = "MALLOC_ARENA_MAX";
        let mut words = std::env::args_os();
        if let (None, Some(name)) = (std::env::var_os(HEAPS), words.next()) {
            let _failed = std::process::Command::new("/proc/self/exe").arg0(name).args(words).env(HEAPS, "2").exec();
        }
    }
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
        Self::open_at(habeas_register::Place::Sqlite(folder.to_owned()), codebook, keys, trusted)
    }

    /// The same wherever the entries are kept; accounts and wrapped keys are in the place's folder.
    ///
    /// # Errors
    /// As [`Station::open`].
    pub fn open_at(place: habeas_register::Place, codebook: &Arc<Codebook>, keys: Keys, trusted: bool) -> Result<Self, Trouble> {
        let folder = place.folder();
        std::fs::create_dir_all(folder).map_err(|error| Trouble::writing(&folder.display().to_string(), &error))?;
        let accounts = Arc::new(Accounts::open(&folder.join("accounts.db"))?);
        let access = Arc::new(Access::new(codebook).map_err(|error| Trouble::Input(error.to_string()))?);
        let authority = Arc::new(Authority::new(Arc::clone(codebook), access, Arc::clone(&accounts)));
        let asked: Arc<dyn Authorise> = if trusted { Arc::new(habeas_register::Everybody) } else { Arc::<Authority>::clone(&authority) };
        let codebook = Arc::clone(codebook);
        let register = Register::open(habeas_register::Options { place, codebook, keys, authority: asked, last_note: None })?;
        Ok(Self { register, accounts, authority })
    }

    /// The desk over it.
    #[must_use]
    pub fn desk(&self, secure: bool, ways: Ways) -> Desk {
        Desk::new(Options {
            register: self.register.clone(),
            authority: Arc::clone(&self.authority),
            accounts: Arc::clone(&self.accounts),
            clock: Arc::new(crate::registers::now),
            secure,
            ways,
        })
    }
}

/// Takes an address to answer on.
///
/// # Errors
/// An address that another program has, or that this machine has not.
pub fn bind(address: SocketAddr) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).map_err(|error| {
        let what_to_do = if error.kind() == std::io::ErrorKind::AddrInUse {
            "another program answers there, perhaps another habeas: stop it, or choose a free port with --listen 127.0.0.1:0"
        } else {
            "choose another with --listen"
        };
        Trouble::Machine(format!("the address {address} cannot be had ({error}): {what_to_do}"))
    })
}

/// Serves a desk, and the routes `beside` it, until the process is told to stop. `listening` is told the address once requests are
/// answered.
///
/// # Errors
/// What the machine says.
pub fn serve(desk: &Desk, beside: Router, listener: TcpListener, listening: impl FnOnce(SocketAddr)) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::Machine(format!("the desk cannot be served: {error}"));
    listener.set_nonblocking(true).map_err(trouble)?;
    // Work that asks the store: enough to wait for the disk together, not so many that they fight over two processors.
    let at_once = 8 * std::thread::available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(at_once).build().map_err(trouble)?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(trouble)?;
        listening(listener.local_addr().map_err(trouble)?);
        let router = routes(desk.clone()).merge(beside).into_make_service_with_connect_info::<SocketAddr>();
        tokio::select! {
            served = axum::serve(listener, router) => served.map_err(trouble),
            () = stopped() => Ok(()),
        }
    });
    // What is being written is finished; whoever only listens for news is not waited for.
    runtime.shutdown_timeout(LAST_WORD);
    served
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
