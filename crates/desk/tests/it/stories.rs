//! Stories over HTTP: a desk on a loopback address, its clock in the test's hand.

use super::core_with;
use habeas_access::Access;
use habeas_codebook::moment::Moment;
use habeas_desk::authority::Authority;
use habeas_desk::routes::routes;
use habeas_desk::{Account, Accounts, Desk, Options};
use habeas_ledger::leaf::Class;
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::AuthorityKey;
use habeas_register::{Keys, Register};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;

const NOW: Moment = Moment(1_772_590_807_000_000);

struct Station {
    desk: Desk,
    address: String,
    agent: ureq::Agent,
    _folder: TempDir,
    _runtime: tokio::runtime::Runtime,
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
    fn opens() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let codebook = Arc::new(core_with("# Nothing more\n"));
        let accounts = Arc::new(Accounts::open(&folder.path().join("accounts.db")).expect("opens"));
        let access = Arc::new(Access::new(&codebook).expect("compiles"));
        let authority = Arc::new(Authority::new(Arc::clone(&codebook), access, Arc::clone(&accounts)));
        let asked: Arc<dyn habeas_register::Authorise> = Arc::<Authority>::clone(&authority);
        let register = Register::open(habeas_register::Options::in_folder(folder.path(), codebook, keys(), asked)).expect("opens");
        for (id, role, place) in
            [("officer:1", "custody officer", "sahil"), ("officer:2", "custody officer", "harrow"), ("doctor:1", "doctor", "sahil")]
        {
            let account = Account {
                id: id.to_owned(),
                name: id.to_owned(),
                roles: vec![role.to_owned()],
                places: vec![place.to_owned()],
                ..Account::default()
            };
            accounts.put(&account).expect("stored");
        }
        let desk = Desk::new(Options { register, authority, accounts, clock: Arc::new(|| NOW), secure: false });
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("an address");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let router = routes(desk.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let agent = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        Self { desk, address, agent, _folder: folder, _runtime: runtime }
    }

    fn signs_in(&self, account: &str) -> String {
        self.desk.accounts.begin(account, NOW).expect("begun")
    }

    fn get(&self, session: &str, path: &str) -> (u16, String) {
        let mut answer =
            self.agent.get(format!("{}{path}", self.address)).header("Cookie", format!("habeas={session}")).call().expect("an answer");
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
    }

    fn post(&self, session: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
        let asked =
            self.agent.post(format!("{}{path}", self.address)).header("Cookie", format!("habeas={session}")).header("Content-Type", kind);
        let mut answer = asked.send(body).expect("an answer");
        let place = answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        (answer.status().as_u16(), place + &answer.body_mut().read_to_string().expect("text"))
    }

    fn arrives(&self, session: &str, custody: &str) -> (u16, String) {
        let event = serde_json::json!({ "id": format!("{custody}-in"), "kind": "person_arrived", "at": "2026-03-04T02:15:00Z",
            "subject": { "custody": custody, "person": "P1", "place": "sahil" },
            "fields": { "brought by": ["officer:9"], "origin": "street", "injuries apparent": "no", "says ill treated": "no" } });
        self.post(session, "/api/events", "application/json", &event.to_string())
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn an_officer_books_a_person_in_and_sees_them_on_the_board() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    let (status, receipt) = station.arrives(&session, "AV-1");
    assert_eq!(status, 201, "{receipt}");
    let (status, board) = station.get(&session, "/board");
    assert_eq!(status, 200);
    assert!(board.contains("AV-1"), "{board}");
    let (status, record) = station.get(&session, "/record/custody/AV-1");
    assert_eq!(status, 200);
    assert!(record.contains("Person arrived"), "{record}");
}

#[test]
fn a_form_with_a_mistake_keeps_what_was_typed_and_the_same_form_mended_is_entered() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    station.arrives(&session, "AV-1");
    let (_, page) = station.get(&session, "/record/custody/AV-1/enter/care_given");
    let token = page.split("name=\"form_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token").to_owned();
    let path = "/record/custody/AV-1/enter/care_given";
    let body = format!("form_token={token}&draft=e-77&action=save&at.time=2558&f.item=meal");
    let (status, page) = station.post(&session, path, FORM, &body);
    assert_eq!(status, 422);
    assert!(page.contains("This time does not exist") && page.contains("value=\"2558\""), "{page}");
    assert_eq!(station.desk.accounts.drafts("officer:1").expect("read").len(), 1, "nothing typed is lost");
    let body = format!("form_token={token}&draft=e-77&action=save&at.time=0216&f.item=meal&f.offered_at.time=0216&f.accepted=yes");
    let (status, to) = station.post(&session, path, FORM, &body);
    assert_eq!(status, 303, "{to}");
    assert!(station.desk.register.entry("e-77").is_ok());
}

#[test]
fn a_forged_form_and_one_from_another_site_write_nothing() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    station.arrives(&session, "AV-1");
    let path = "/record/custody/AV-1/enter/care_given";
    let (status, _) = station.post(&session, path, FORM, "form_token=guessed&draft=e-9&action=save&at.time=0216&f.item=meal");
    assert_eq!(status, 403);
    let foreign = station
        .agent
        .post(format!("{}/api/events", station.address))
        .header("Cookie", format!("habeas={session}"))
        .header("Sec-Fetch-Site", "cross-site");
    assert_eq!(foreign.send("{}").expect("an answer").status().as_u16(), 403);
    assert!(station.desk.register.entry("e-9").is_err());
}

#[test]
fn an_officer_of_another_place_learns_nothing_not_even_that_the_record_is_there() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let session = station.signs_in("officer:2");
    for path in ["/record/custody/AV-1", "/api/subjects/custody/AV-1", "/record/custody/AV-1/enter", "/receipt/AV-1-in"] {
        let (there, of_one) = station.get(&session, path);
        let (absent, of_none) = station.get(&session, &path.replace("AV-1", "AV-2"));
        assert_eq!((there, absent), (404, 404), "{path}");
        assert_eq!(of_one.replace("AV-1", "AV-2"), of_none, "{path}");
    }
    assert!(!station.get(&session, "/board").1.contains("AV-1"));
}

#[test]
fn who_may_not_record_a_kind_is_told_so_and_nothing_is_written() {
    let station = Station::opens();
    let (status, problem) = station.arrives(&station.signs_in("doctor:1"), "AV-3");
    assert_eq!(status, 403, "{problem}");
    assert!(problem.contains("no access sentence"), "{problem}");
    assert!(station.desk.register.entry("AV-3-in").is_err());
}

#[test]
fn a_bad_event_is_a_problem_with_the_path_of_each_field() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    let event = r#"{"id":"x","kind":"person_arrived","at":"2026-03-04T02:15:00Z","subject":{"custody":"C","place":"sahil"},
                    "fields":{"origin":"moon"}}"#;
    let (status, problem) = station.post(&session, "/api/events", "application/json", event);
    assert_eq!(status, 422, "{problem}");
    let problem: serde_json::Value = serde_json::from_str(&problem).expect("JSON");
    let fields: Vec<&str> = problem["errors"].as_array().expect("a list").iter().filter_map(|one| one["field"].as_str()).collect();
    assert!(fields.contains(&"fields.origin"), "{problem}");
    assert_eq!(station.post(&session, "/api/events", "application/json", "not JSON").0, 422);
}

#[test]
fn without_a_session_pages_lead_to_signing_in_and_the_api_says_so() {
    let station = Station::opens();
    let (status, to) = station.get("", "/board");
    assert_eq!((status, to.is_empty()), (303, true));
    assert_eq!(station.get("", "/api/verdicts").0, 401);
    assert_eq!(station.get("", "/healthz").0, 200);
    assert_eq!(station.get("", "/log/tile/entries/000").0, 403);
    assert_eq!(station.get("", "/nowhere").0, 404);
}

#[test]
fn every_answer_carries_the_headers_that_keep_a_page_to_itself() {
    let station = Station::opens();
    let answer = station.agent.get(format!("{}/sign-in", station.address)).call().expect("an answer");
    let policy = answer.headers().get("content-security-policy").and_then(|value| value.to_str().ok()).expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    assert_eq!(answer.headers().get("x-frame-options").expect("there"), "DENY");
}
