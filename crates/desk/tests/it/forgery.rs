//! Every address that takes a post: another site cannot make somebody's browser send one, and what this session's page did not make is not
//! taken. The addresses are read from the source, so that none is forgotten.

use crate::station::Station;
use std::collections::BTreeSet;
use std::path::Path;

/// Whoever is at the door has no session yet that another site could use.
const OPEN: [&str; 10] = [
    "/api/events", // programs: they are told apart by what a browser says of itself
    "/complain",
    "/complain/follow",
    "/relative",
    "/relative/ask",
    "/sign-in",
    "/sign-in/passkey",
    "/sign-in/passkey/ask",
    "/sign-in/{link}",
    "/verify",
];

/// What takes JSON from the script; all else is forms.
const JSON: [&str; 4] = ["/account/passkeys", "/account/passkeys/ask", "/sign-in/passkey", "/sign-in/passkey/ask"];

fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else {
            *into += &std::fs::read_to_string(&path).expect("a source file");
        }
    }
}

/// Every address with a post, as the routes name it.
fn posted() -> BTreeSet<String> {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let takes = |rest: &str| {
        let (address, handlers) = rest.split_once('"')?;
        let own = handlers.split(".route(").next().unwrap_or_default().lines().next().unwrap_or_default();
        (own.contains("post(")).then(|| address.to_owned())
    };
    text.replace(".route(BACK", "").split(".route(\"").skip(1).filter_map(takes).collect()
}

/// An address with somebody's record, room and entry in it.
fn filled(address: &str) -> String {
    let named = [("{class}/{id}", "custody/C1"), ("{kind}", "meal_offered"), ("{entry}", "C1-in"), ("{link}", "none"), ("{case}", "W1")];
    let filled = named.iter().fold(address.to_owned(), |filled, (name, value)| filled.replace(name, value));
    filled.replace("{id}", "C1").replace("{room}", "meals")
}

#[test]
fn nothing_that_this_sessions_pages_did_not_make_is_taken_at_any_address() {
    let ways = habeas_desk::account::ways::Ways::new("http://localhost:7391", None).expect("an address");
    let station = Station::opens_by("# Nothing more\n", ways);
    let session = station.signs_in("officer:1");
    assert_eq!(station.arrives(&session, "C1").0, 201);
    let size = || station.desk.register.size().expect("read");
    let (before, posted) = (size(), posted());
    assert!(posted.len() > 35, "the routes are read: {posted:?}");
    assert!(OPEN.iter().chain(&JSON).all(|open| posted.contains(*open)), "{posted:?}");
    for address in &posted {
        let (kind, body) = if JSON.contains(&address.as_str()) {
            let credential = serde_json::json!({ "id": "AAAA", "rawId": "AAAA", "type": "public-key", "extensions": {},
                "response": { "attestationObject": "AAAA", "clientDataJSON": "AAAA" } });
            ("application/json", serde_json::json!({ "form_token": "forged", "ceremony": "none", "credential": credential }).to_string())
        } else {
            ("application/x-www-form-urlencoded", "form_token=forged&action=record".to_owned())
        };
        let foreign = station.posts_from("https://elsewhere.example", &session, &filled(address), kind, &body);
        assert_eq!(foreign, 403, "another site posts to {address}");
        if !OPEN.contains(&address.as_str()) {
            let (status, answer) = station.post(&session, &filled(address), kind, &body);
            assert!(matches!(status, 400 | 403 | 404 | 415 | 422), "{address} answers a forged form with {status}: {answer}");
            assert!(status != 422 || answer.contains("could not be read"), "{address} looked at a forged form: {answer}");
        }
        assert_eq!(size(), before, "{address} wrote");
    }
    assert!(station.desk.accounts.session(&session, station.desk.now()).expect("read").is_some_and(|session| !session.is_over));
}
