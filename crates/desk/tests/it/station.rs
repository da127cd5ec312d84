//! A desk on a loopback address, its clock in the test's hand.

use super::core_with;
use habeas_access::Access;
use habeas_codebook::moment::Moment;
use habeas_desk::authority::Authority;
use habeas_desk::routes::routes;
use habeas_desk::{Account, Accounts, Came, Desk, Options};
use habeas_ledger::leaf::Class;
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::AuthorityKey;
use habeas_register::{Keys, Register};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

/// 2026-03-04T02:20:07Z.
const NOW: i64 = 1_772_590_807_000_000;

/// How forms are sent.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Who signs in.
const STAFF: [(&str, &str, &str); 17] = [
    ("officer:1", "custody officer", "sahil"),
    ("officer:2", "custody officer", "harrow"),
    ("officer:9", "custody officer", "sahil"),
    ("affairs:1", "internal affairs desk", ""),
    ("affairs:2", "internal affairs desk", ""),
    ("doctor:1", "doctor", "sahil"),
    ("doctor:2", "doctor", ""),
    ("head:1", "head of place", "sahil"),
    ("head:2", "head of place", "harrow"),
    ("investigator:1", "investigator", "sahil"),
    ("lawyer:1", "lawyer desk", ""),
    ("monitor:1", "monitor", ""),
    ("statistician:1", "statistician", ""),
    ("statistician:2", "statistician", ""),
    ("coordinator:1", "treaty coordinator", ""),
    ("justice:1", "justice desk", ""),
    ("migration:1", "migration officer", ""),
];

pub struct Station {
    pub desk: Desk,
    pub address: String,
    pub agent: ureq::Agent,
    clock: Arc<AtomicI64>,
    _folder: TempDir,
    runtime: tokio::runtime::Runtime,
}

fn keys() -> Keys {
    let authority = |class: Class| {
        let key = AuthorityKey::from_bytes(&[class.id() + 1; 32]).expect("any 32 bytes are a key");
        (class, habeas_register::Authority::here(key))
    };
    let log = SigningKey::from_seed("custody.example/st/0412", &[7; 32]).expect("a fair name");
    Keys { log: Arc::new(log), authorities: BTreeMap::from(Class::ALL.map(authority)) }
}

impl Station {
    pub fn opens() -> Self {
        Self::opens_with("# Nothing more\n")
    }

    pub fn opens_with(chapter: &str) -> Self {
        Self::opens_by(chapter, Default::default())
    }

    /// With more ways to sign in.
    pub fn opens_by(chapter: &str, ways: habeas_desk::account::ways::Ways) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let codebook = Arc::new(core_with(chapter));
        let accounts = Arc::new(Accounts::open(&folder.path().join("accounts.db")).expect("opens"));
        let access = Arc::new(Access::new(&codebook).expect("compiles"));
        let authority = Arc::new(Authority::new(Arc::clone(&codebook), access, Arc::clone(&accounts)));
        let asked: Arc<dyn habeas_register::Authorise> = Arc::<Authority>::clone(&authority);
        let register = Register::open(habeas_register::Options::in_folder(folder.path(), codebook, keys(), asked)).expect("opens");
        for (id, role, place) in STAFF {
            let account = Account {
                id: id.to_owned(),
                name: id.to_owned(),
                roles: vec![role.to_owned()],
                places: Some(place.to_owned()).into_iter().filter(|place| !place.is_empty()).collect(),
                ..Account::default()
            };
            accounts.put(&account).expect("stored");
        }
        let clock = Arc::new(AtomicI64::new(NOW));
        let hand = Arc::clone(&clock);
        let now: habeas_desk::Clock = Arc::new(move || Moment(hand.load(Ordering::SeqCst)));
        let desk = Desk::new(Options { register, authority, accounts, clock: now, secure: false, ways });
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("an address");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let router = routes(desk.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        // Each request on a line of its own: whoever answers before all is sent shuts theirs, and the next would meet it shut by chance.
        let agent = ureq::Agent::config_builder().max_idle_connections(0).max_redirects(0).http_status_as_error(false).build().into();
        Self { desk, address, agent, clock, _folder: folder, runtime }
    }

    pub fn signs_in(&self, account: &str) -> String {
        self.desk.accounts.begin(account, Came::ByItself, self.desk.now()).expect("begun")
    }

    /// Somebody who is signed in, as the desk's own parts know them.
    pub fn reader(&self, account: &str) -> habeas_desk::SignedIn {
        let secret = self.signs_in(account);
        let session = self.desk.accounts.session(&secret, self.desk.now()).expect("read").expect("begun");
        habeas_desk::SignedIn { session, language: habeas_desk::texts::Language::En }
    }

    /// Waits for what is on its way.
    pub fn block_on<F: Future>(&self, wait: F) -> F::Output {
        self.runtime.block_on(wait)
    }

    /// A page as it says itself: chance values of its forms are left out, so that no word is in them by chance.
    pub fn get(&self, session: &str, path: &str) -> (u16, String) {
        let (status, page) = self.fetch(session, path);
        (status, ["form_token", "draft"].iter().fold(page, |page, name| without(&page, name)))
    }

    fn fetch(&self, session: &str, path: &str) -> (u16, String) {
        let mut answer =
            self.agent.get(format!("{}{path}", self.address)).header("Cookie", format!("habeas={session}")).call().expect("an answer");
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
    }

    /// A public page in a language.
    pub fn page_in(&self, language: &str, path: &str) -> String {
        let asked = self.agent.get(format!("{}{path}", self.address)).header("Cookie", format!("language={language}"));
        asked.call().expect("an answer").body_mut().read_to_string().expect("text")
    }

    pub fn post(&self, session: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
        let asked =
            self.agent.post(format!("{}{path}", self.address)).header("Cookie", format!("habeas={session}")).header("Content-Type", kind);
        let mut answer = asked.send(body).expect("an answer");
        let place = answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        (answer.status().as_u16(), place + &answer.body_mut().read_to_string().expect("text"))
    }

    /// A post that a page of another site makes the browser send, with the cookie: its status.
    pub fn posts_from(&self, site: &str, session: &str, path: &str, kind: &str, body: &str) -> u16 {
        let asked = self.agent.post(format!("{}{path}", self.address)).header("Cookie", format!("habeas={session}"));
        asked.header("Origin", site).header("Content-Type", kind).send(body).expect("an answer").status().as_u16()
    }

    pub fn arrives(&self, session: &str, custody: &str) -> (u16, String) {
        let event = serde_json::json!({ "id": format!("{custody}-in"), "kind": "person_arrived", "at": "2026-03-04T02:15:00Z",
            "subject": { "custody": custody, "person": "P1", "place": "sahil" },
            "fields": { "brought by": ["officer:9"], "origin": "street", "injuries apparent": "no", "says ill treated": "no" } });
        self.post(session, "/api/events", "application/json", &event.to_string())
    }

    /// The clock goes on.
    pub fn waits(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60_000_000, Ordering::SeqCst);
    }

    /// Records an event over the API, now; the custody's person and place are those of [`Station::arrives`].
    pub fn records(&self, session: &str, id: &str, kind: &str, subject: &[(&str, &str)], fields: serde_json::Value) -> (u16, String) {
        let at = self.desk.now().timestamp().to_string();
        let subject: serde_json::Map<String, serde_json::Value> =
            subject.iter().map(|(class, id)| ((*class).to_owned(), serde_json::json!(id))).collect();
        let event = serde_json::json!({ "id": id, "kind": kind, "at": at, "subject": subject, "fields": fields });
        self.post(session, "/api/events", "application/json", &event.to_string())
    }

    /// The token that a page's forms carry.
    pub fn token(&self, session: &str, path: &str) -> String {
        let (status, page) = self.fetch(session, path);
        let token = page.split("name=\"form_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert!(token.is_some(), "{path} answers {status} and has no form");
        token.unwrap_or_default().to_owned()
    }
}

/// A page without the values of its hidden inputs of a name.
fn without(page: &str, name: &str) -> String {
    let input = format!("name=\"{name}\" value=\"");
    let mut parts = page.split(&input);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| said + &input + part.find('"').map_or("", |end| &part[end..]))
}
