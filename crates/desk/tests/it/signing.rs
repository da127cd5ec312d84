//! Signing in by keys and through a provider: what is refused, before any key or provider has answered. What they answer is in the
//! browser's stories, with a real key and a real provider.

use crate::station::Station;
use habeas_desk::Account;
use habeas_desk::account::admit;
use habeas_desk::account::provider::ProviderSettings;
use habeas_desk::account::ways::Ways;
use habeas_desk::accounts::Way;
use serde_json::{Value, json};

const ADDRESS: &str = "http://localhost:7391";

/// A provider where nobody listens.
fn nobody() -> ProviderSettings {
    ProviderSettings {
        name: "Ministry of Justice".to_owned(),
        issuer: "http://127.0.0.1:9".to_owned(),
        client: "habeas".to_owned(),
        secret: "a secret".to_owned(),
        claim: None,
        scopes: Vec::new(),
        roots: None,
    }
}

fn station() -> Station {
    Station::opens_by("# Nothing more\n", Ways::new(ADDRESS, Some(nobody())).expect("they can be used"))
}

fn asks(station: &Station, session: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, text) = station.post(session, path, "application/json", &body.to_string());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn token(station: &Station, session: &str) -> String {
    station.desk.accounts.session(session, station.desk.now()).expect("read").expect("there").form_token
}

fn newest(station: &Station, account: Option<&str>) -> String {
    let trail = station.desk.accounts.trail(account, 1).expect("read");
    trail.first().map(|trace| format!("{} {} {}", trace.step, trace.way, trace.note)).unwrap_or_default()
}

#[test]
fn settings_that_cannot_be_used_are_said_with_their_name() {
    let refused = |address: &str, provider: Option<ProviderSettings>| Ways::new(address, provider).err().unwrap_or_default();
    assert!(refused("desk.sahil.example", None).contains("address: `desk.sahil.example` is no address"));
    assert!(refused("ftp://desk.sahil.example", None).contains("is no address"));
    let clear = ProviderSettings { issuer: "http://id.justice.example".to_owned(), ..nobody() };
    assert!(refused(ADDRESS, Some(clear)).contains("provider.issuer: `http://id.justice.example/` must begin with https://"));
    assert!(
        refused("http://desk.sahil.example", Some(nobody())).contains("address: `http://desk.sahil.example/` must begin with https://")
    );
    let empty = ProviderSettings { secret: String::new(), ..nobody() };
    assert!(refused(ADDRESS, Some(empty)).contains("provider.secret_file: its first line is empty"));
    let roots = ProviderSettings { roots: Some(b"no certificate".to_vec()), ..nobody() };
    assert!(refused(ADDRESS, Some(roots)).contains("provider.roots_file: there is no certificate"));
    let keys_at = |address: &str| Ways::new(address, None).expect("they can be used").keys_at().map(str::to_owned);
    assert_eq!(keys_at("https://desk.sahil.example/").as_deref(), Some("https://desk.sahil.example"));
    assert_eq!(keys_at("http://desk.sahil.example"), None, "browsers have no keys in the clear");
    assert_eq!(keys_at("https://192.0.2.7"), None, "nor for a number");
    let away = Ways::new(ADDRESS, Some(nobody())).expect("they can be used").try_provider();
    assert!(away.expect_err("nobody listens").starts_with("provider.issuer: http://127.0.0.1:9 did not answer as a provider does: "));
}

#[test]
fn a_desk_without_an_address_has_neither_keys_nor_provider() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    assert!(!station.get("", "/sign-in").1.contains("passkey"));
    assert!(!station.get(&session, "/account").1.contains("passkey"));
    assert_eq!(station.get("", "/sign-in/provider").0, 404);
    assert_eq!(asks(&station, "", "/sign-in/passkey/ask", &json!({})).0, 404);
}

#[test]
fn a_key_is_added_by_whoever_signed_in_lately_in_a_form_made_there() {
    let station = station();
    let session = station.signs_in("officer:1");
    let form_token = token(&station, &session);
    assert_eq!(asks(&station, &session, "/account/passkeys/ask", &json!({ "form_token": "forged" })).0, 403);
    let (status, asked) = asks(&station, &session, "/account/passkeys/ask", &json!({ "form_token": form_token }));
    assert_eq!(status, 200, "{asked}");
    assert_eq!(asked["options"]["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(asked["options"]["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(asked["options"]["rp"]["id"], "localhost");
    assert_ne!(asked["options"]["user"]["id"], "officer:1", "a key says of nobody whose it is");
    station.waits(16);
    let (status, late) = asks(&station, &session, "/account/passkeys/ask", &json!({ "form_token": form_token }));
    assert_eq!((status, late["wrong"].as_str().is_some_and(|wrong| wrong.contains("sign in anew"))), (403, true), "{late}");
    assert!(station.get(&session, "/account").1.contains("sign in anew"));
}

#[test]
fn what_was_not_asked_for_signs_nobody_in() {
    let station = station();
    let response = json!({ "authenticatorData": "AAAA", "clientDataJSON": "AAAA", "signature": "AAAA", "userHandle": "AAAA" });
    let signed = json!({ "ceremony": "never", "next": "/account",
        "credential": { "id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response, "extensions": {} } });
    let (status, wrong) = asks(&station, "", "/sign-in/passkey", &signed);
    assert_eq!((status, wrong["wrong"].as_str().is_some_and(|wrong| wrong.contains("sent before"))), (403, true), "{wrong}");
    assert_eq!(newest(&station, None), "refused key stale");
    let (_, asked) = asks(&station, "", "/sign-in/passkey/ask", &json!({}));
    let mut forged = signed;
    forged["ceremony"] = asked["ceremony"].clone();
    let (status, wrong) = asks(&station, "", "/sign-in/passkey", &forged);
    assert_eq!((status, wrong["wrong"].as_str().is_some_and(|wrong| wrong.contains("was not taken"))), (403, true), "{wrong}");
    let (status, wrong) = asks(&station, "", "/sign-in/passkey", &forged);
    assert_eq!((status, wrong["wrong"].as_str().is_some_and(|wrong| wrong.contains("sent before"))), (403, true), "{wrong}");
    assert_ne!(asks(&station, "", "/sign-in/passkey", &json!({ "ceremony": 7 })).0, 200);
}

#[test]
fn a_provider_that_is_silent_and_an_answer_that_nobody_asked_for_are_said_apart() {
    let station = station();
    let (status, page) = station.get("", "/sign-in/provider?next=/account");
    assert_eq!((status, page.contains("Ministry of Justice could not be asked")), (403, true));
    assert!(newest(&station, None).starts_with("refused provider silent: Request failed: "));
    let (status, page) = station.get("", "/sign-in/provider/back?code=1&state=2");
    assert_eq!((status, page.contains("This answer of Ministry of Justice cannot be used")), (403, true));
    assert_eq!(newest(&station, None), "refused provider stale");
    assert!(station.get("", "/sign-in/provider/back").1.contains("cannot be used"));
}

#[test]
fn whoever_is_not_let_in_by_a_password_is_not_by_a_key_nor_a_provider() {
    let station = station();
    let accounts = &station.desk.accounts;
    let both = vec!["custody officer".to_owned(), "doctor".to_owned()];
    accounts.put(&Account { id: "officer:77".to_owned(), name: "B. Oth".to_owned(), roles: both, ..Account::default() }).expect("stored");
    for way in [Way::Key, Way::Provider] {
        let is_in = |account: &str| admit(&station.desk, account, way).expect("looked").is_some();
        assert!(is_in("officer:1"));
        assert_eq!(newest(&station, Some("officer:1")), format!("signed-in {} ", way.word()));
        assert!(!is_in("officer:77"));
        assert_eq!(newest(&station, Some("officer:77")), format!("refused {} roles", way.word()));
        assert!(!is_in("officer:nobody"));
    }
    accounts.set_password("officer:1", "a long night at the desk", &[7; 20], 0).expect("set");
    for _ in 0..5 {
        assert!(!accounts.check_password("officer:1", "a guess that is wrong", "", station.desk.now()).expect("checked"));
    }
    assert!(admit(&station.desk, "officer:1", Way::Key).expect("looked").is_none());
    assert_eq!(newest(&station, Some("officer:1")), "refused key locked");
    accounts.shut("officer:1").expect("shut");
    assert!(admit(&station.desk, "officer:1", Way::Provider).expect("looked").is_none());
    assert_eq!(newest(&station, Some("officer:1")), "refused provider shut");
}

#[test]
fn a_stream_ends_with_its_session() {
    let station = station();
    let session = station.signs_in("officer:1");
    let ends = std::thread::scope(|scope| {
        let listens = scope.spawn(|| station.get(&session, "/api/stream"));
        while station.desk.changes.receiver_count() == 0 {
            std::thread::yield_now();
        }
        station.desk.accounts.end_all("officer:1").expect("ended");
        listens.join().expect("it ended")
    });
    assert!(ends.1.contains("event: now") && ends.1.contains("event: ended"), "{ends:?}");
    assert_eq!(station.desk.accounts.trail(Some("officer:1"), 1).expect("read"), Vec::new(), "nobody signed in by a door");
    assert_eq!(station.get(&session, "/api/stream").0, 401);
}
