//! A station with its register in a fresh folder, its keys from a seed, its clock in the test's hand.

use habeas_codebook::moment::Moment;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_ledger::leaf::Class;
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::AuthorityKey;
use habeas_register::{Actor, Authority, Draft, Everybody, Keys, Options, Place, Receipt, Register, RegisterError};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;

pub(crate) const MINUTE: i64 = 60_000_000;

/// 10 February 2026, 09:00 in Baku.
pub(crate) const NINE: Moment = Moment(1_770_699_600_000_000);

pub(crate) fn at(minutes: i64) -> Moment {
    Moment(NINE.0 + minutes * MINUTE)
}

/// The conformance codebook.
pub(crate) fn codebook() -> Arc<Codebook> {
    static CODEBOOK: OnceLock<Arc<Codebook>> = OnceLock::new();
    let read = || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
        let source = PackSource::from_folder(&folder).expect("the conformance codebook stands beside the crates");
        Arc::new(habeas_codebook::read(&source, &|_| None).codebook.expect("it has no errors"))
    };
    Arc::clone(CODEBOOK.get_or_init(read))
}

/// Keys of a station where one machine holds all of them.
pub(crate) fn keys() -> Keys {
    let authority = |class: Class| {
        let key = AuthorityKey::from_bytes(&[class.id() + 1; 32]).expect("any 32 bytes are a key");
        (class, Authority::here(key))
    };
    let log = SigningKey::from_seed("custody.example/st/0412", &[7; 32]).expect("a fair name");
    Keys { log: Arc::new(log), authorities: BTreeMap::from(Class::ALL.map(authority)) }
}

/// Where a test keeps its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    InAFolder,
    OnPostgres,
}

pub(crate) struct Station {
    pub(crate) register: Register,
    pub(crate) place: Place,
    pub(crate) folder: TempDir,
}

impl Station {
    pub(crate) fn new() -> Self {
        Self::at(Kept::InAFolder).expect("a folder needs nothing")
    }

    /// A fresh register. `None`: there is no PostgreSQL here, which is said.
    pub(crate) fn at(kept: Kept) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let place = match kept {
            Kept::InAFolder => Place::Sqlite(folder.path().to_owned()),
            Kept::OnPostgres => Place::Postgres { url: fresh_schema()?, folder: folder.path().to_owned() },
        };
        Some(Station { register: open_at(&place).expect("a fresh register"), place, folder })
    }

    /// Closes the register and opens it again, as after a restart.
    pub(crate) fn restart(self) -> Self {
        let Station { register, place, folder } = self;
        drop(register);
        Station { register: open_at(&place).expect("the register opens again"), place, folder }
    }

    pub(crate) fn append(&self, draft: Draft, minutes: i64) -> Result<Receipt, RegisterError> {
        self.register.append(draft, &officer(), at(minutes))
    }
}

/// A schema of its own on the server that `DATABASE_URL` names.
pub(crate) fn fresh_schema() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    #[expect(clippy::disallowed_methods, reason = "the one way in which a test is told of a server")]
    let Ok(url) = std::env::var("DATABASE_URL") else {
        println!("skipped: DATABASE_URL names no PostgreSQL; run it with scripts/with-postgres");
        return None;
    };
    let name = format!("station_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("the server of DATABASE_URL");
    client.batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")).expect("a schema");
    let joint = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{joint}options=-csearch_path%3D{name}"))
}

pub(crate) fn open(folder: &Path) -> Result<Register, RegisterError> {
    open_at(&Place::Sqlite(folder.to_owned()))
}

pub(crate) fn open_at(place: &Place) -> Result<Register, RegisterError> {
    let (codebook, keys, authority) = (codebook(), keys(), Arc::new(Everybody));
    Register::open(Options { place: place.clone(), codebook, keys, authority, last_note: None })
}

/// Tells the same stories of a register in a folder and of one on PostgreSQL.
macro_rules! on_both_stores {
    ($($story:ident),+ $(,)?) => {
        mod in_a_folder {
            $(#[test]
            fn $story() {
                super::$story(crate::station::Station::new());
            })+
        }
        mod on_postgres {
            $(#[test]
            fn $story() {
                if let Some(station) = crate::station::Station::at(crate::station::Kept::OnPostgres) {
                    super::$story(station);
                }
            })+
        }
    };
}
pub(crate) use on_both_stores;

pub(crate) fn officer() -> Actor {
    Actor::named("officer:1042")
}
