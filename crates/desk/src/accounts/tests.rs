//! Signing in, being locked out, and what a stolen file gives away.

use super::password::code_now;
use super::*;

const MINUTE: i64 = 60_000_000;

fn desk() -> (tempfile::TempDir, Accounts) {
    let room = tempfile::tempdir().expect("a folder");
    let accounts = Accounts::open(&room.path().join("accounts.db")).expect("opens");
    let maren = Account { id: "officer:1042".to_owned(), name: "L. Maren".to_owned(), ..Account::default() };
    accounts.put(&maren).expect("stored");
    accounts.set_password("officer:1042", "a long night at the desk", &[7; 20], 0).expect("set");
    (room, accounts)
}

fn signs_in(accounts: &Accounts, password: &str, now: Moment) -> bool {
    accounts.check_password("officer:1042", password, &code_now(&[7; 20], now), now).expect("checked")
}

#[test]
fn a_right_password_with_a_right_code_signs_in_and_the_code_counts_once() {
    let (_room, accounts) = desk();
    let now = Moment(1_772_000_000_000_000);
    assert!(signs_in(&accounts, "a long night at the desk", now));
    assert!(!signs_in(&accounts, "a long night at the desk", now), "the code was used");
    assert!(signs_in(&accounts, "a long night at the desk", Moment(now.0 + MINUTE)));
}

#[test]
fn five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour() {
    let (_room, accounts) = desk();
    let now = Moment(1_772_000_000_000_000);
    for _ in 0..5 {
        assert!(!signs_in(&accounts, "a guess that is wrong", now));
    }
    assert!(!signs_in(&accounts, "a long night at the desk", Moment(now.0 + 14 * MINUTE)));
    assert!(signs_in(&accounts, "a long night at the desk", Moment(now.0 + 16 * MINUTE)));
}

#[test]
fn a_password_is_chosen_with_a_code_of_the_secret_that_was_shown_and_ends_every_session() {
    let (_room, accounts) = desk();
    let now = Moment(1_772_000_000_000_000);
    let token = accounts.begin("officer:1042", Came::ByLink, now).expect("begun");
    assert_eq!(accounts.session(&token, now).expect("read").map(|session| session.came), Some(Came::ByLink));
    let shown = accounts.enrolment("officer:1042", now).expect("drawn");
    assert_eq!(accounts.enrolment("officer:1042", now).expect("read").in_groups(), shown.in_groups(), "it stays until it is used");
    let code = code_now(shown.secret(), now);
    assert!(!accounts.enrol("officer:1042", "another long night", "000000", now).expect("tried"));
    assert!(accounts.enrol("officer:1042", "short", &code, now).is_err());
    assert!(accounts.session(&token, now).expect("read").is_some(), "nothing was changed");
    assert!(accounts.enrol("officer:1042", "another long night", &code, now).expect("set"));
    assert!(accounts.session(&token, now).expect("read").is_none());
    assert!(!accounts.check_password("officer:1042", "another long night", &code, now).expect("checked"), "the code was used");
    let later = Moment(now.0 + MINUTE);
    assert!(accounts.check_password("officer:1042", "another long night", &code_now(shown.secret(), later), later).expect("checked"));
}

#[test]
fn a_wrong_password_of_somebody_signed_in_counts_as_a_try() {
    let (_room, accounts) = desk();
    let now = Moment(1_772_000_000_000_000);
    assert!(accounts.knows_password("officer:1042", "a long night at the desk", now).expect("checked"));
    for _ in 0..5 {
        assert!(!accounts.knows_password("officer:1042", "a guess that is wrong", now).expect("checked"));
    }
    assert!(!accounts.knows_password("officer:1042", "a long night at the desk", now).expect("checked"), "it is locked");
    assert!(!signs_in(&accounts, "a long night at the desk", now));
}

#[test]
fn shut_an_account_is_let_in_by_nothing_it_had() {
    let (_room, accounts) = desk();
    let now = Moment(1_772_000_000_000_000);
    let (token, link) = (accounts.begin("officer:1042", Came::ByItself, now), accounts.make_link("officer:1042", Moment(now.0 + MINUTE)));
    accounts.shut("officer:1042").expect("shut");
    assert!(accounts.session(&token.expect("begun"), now).expect("read").is_none());
    assert_eq!(accounts.use_link(&link.expect("made"), now).expect("used"), None);
    assert!(!signs_in(&accounts, "a long night at the desk", now));
    assert!(!accounts.has_password("officer:1042").expect("read"));
    assert!(accounts.get("officer:1042").expect("read").is_some(), "what they recorded stays theirs");
}

#[test]
fn a_link_signs_in_once_and_not_after_its_time() {
    let (_room, accounts) = desk();
    let link = accounts.make_link("officer:1042", Moment(MINUTE)).expect("made");
    assert_eq!(accounts.use_link(&link, Moment(0)).expect("used"), Some("officer:1042".to_owned()));
    assert_eq!(accounts.use_link(&link, Moment(0)).expect("used"), None);
    let late = accounts.make_link("officer:1042", Moment(MINUTE)).expect("made");
    assert_eq!(accounts.use_link(&late, Moment(2 * MINUTE)).expect("used"), None);
}

#[test]
fn a_session_ends_by_idleness_but_a_form_in_flight_is_still_known() {
    let (_room, accounts) = desk();
    let now = Moment(1_772_000_000_000_000);
    let token = accounts.begin("officer:1042", Came::ByItself, now).expect("begun");
    let later = |minutes: i64| accounts.session(&token, Moment(now.0 + minutes * MINUTE)).expect("read");
    assert!(later(25).is_some_and(|session| !session.is_over));
    assert!(later(50).is_some_and(|session| !session.is_over), "it was seen meanwhile");
    assert!(later(90).is_some_and(|session| session.is_over));
    accounts.end_all("officer:1042").expect("ended");
    assert!(later(91).is_none());
}

#[test]
fn no_token_stands_in_the_file() {
    let (room, accounts) = desk();
    let token = accounts.begin("officer:1042", Came::ByItself, Moment(0)).expect("begun");
    drop(accounts);
    for file in std::fs::read_dir(room.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("read");
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
}

fn key(id: &str) -> StoredPasskey {
    StoredPasskey { id: id.to_owned(), name: format!("Stick {id}"), made_at: Moment(0), used_at: None, body: "{}".to_owned() }
}

/// Somebody who has no password.
fn doctor(accounts: &Accounts) -> &'static str {
    accounts.put(&Account { id: "doctor:7".to_owned(), name: "S. Ilgar".to_owned(), ..Account::default() }).expect("stored");
    "doctor:7"
}

#[test]
fn the_last_way_in_is_not_taken_away() {
    let (_room, accounts) = desk();
    let doctor = doctor(&accounts);
    let only_way = |result: Result<String, DeskError>| matches!(result, Err(DeskError::Input { text: "passkeys-only-way", .. }));
    accounts.add_passkey(doctor, &key("a")).expect("added");
    assert!(only_way(accounts.drop_passkey(doctor, "a", None)));
    assert_eq!(accounts.passkeys(doctor).expect("read").len(), 1, "nothing was changed");
    accounts.add_passkey(doctor, &key("b")).expect("added");
    assert_eq!(accounts.drop_passkey(doctor, "a", None).expect("another key is left"), "Stick a");
    accounts.put_identity("https://id.example", "7", doctor).expect("entered");
    assert!(only_way(accounts.drop_passkey(doctor, "b", None)), "no provider signs anybody in here");
    assert!(only_way(accounts.drop_passkey(doctor, "b", Some("https://other.example"))));
    assert!(accounts.drop_passkey(doctor, "b", Some("https://id.example")).is_ok());
    accounts.add_passkey("officer:1042", &key("c")).expect("added");
    assert!(matches!(accounts.drop_passkey(doctor, "c", None), Err(DeskError::Absent)), "it is somebody else's");
    assert!(accounts.drop_passkey("officer:1042", "c", None).is_ok(), "a password is left");
}

#[test]
fn a_key_is_one_persons_and_an_account_has_twenty_at_most() {
    let (_room, accounts) = desk();
    let doctor = doctor(&accounts);
    accounts.add_passkey("officer:1042", &key("a")).expect("added");
    assert!(accounts.add_passkey(doctor, &key("a")).is_err());
    for n in 0..20 {
        accounts.add_passkey(doctor, &key(&n.to_string())).expect("added");
    }
    assert!(accounts.add_passkey(doctor, &key("more")).is_err());
    let handle = accounts.handle(doctor).expect("drawn");
    assert_eq!(accounts.handle(doctor).expect("read"), handle, "it stays");
    assert_eq!(accounts.of_handle(&handle).expect("read").as_deref(), Some(doctor));
    assert_eq!(accounts.of_handle(&[0; 16]).expect("read"), None);
    accounts.used_passkey("officer:1042", "a", "{}", Moment(MINUTE)).expect("kept");
    assert_eq!(accounts.passkeys("officer:1042").expect("read")[0].used_at, Some(Moment(MINUTE)));
}

#[test]
fn a_providers_name_is_whom_it_was_entered_for_or_by_its_claim_the_account_itself() {
    let (_room, accounts) = desk();
    let of = |name: &str, or_id: bool| accounts.of_identity("https://id.example", name, or_id).expect("read");
    assert_eq!(of("officer:1042", false), None);
    assert_eq!(of("officer:1042", true).as_deref(), Some("officer:1042"));
    assert_eq!(of("officer:9999", true), None);
    accounts.put_identity("https://id.example", "248", "officer:1042").expect("entered");
    assert_eq!(of("248", false).as_deref(), Some("officer:1042"));
    assert_eq!(accounts.of_identity("https://other.example", "248", true).expect("read"), None);
    accounts.shut("officer:1042").expect("shut");
    assert_eq!(of("248", false), None);
    assert_eq!(accounts.bar("officer:1042", Moment(0)).expect("read"), Some("shut"), "the claim would still name it");
    accounts.make_link("officer:1042", Moment(MINUTE)).expect("made");
    assert_eq!(accounts.bar("officer:1042", Moment(0)).expect("read"), None);
}

#[test]
fn whoever_only_tries_fills_nothing_and_what_they_typed_is_not_kept() {
    let (_room, accounts) = desk();
    accounts.trace(Some("officer:1042"), Step::SignedIn, Way::Key, "", Moment(0)).expect("kept");
    for n in 0..1_005 {
        accounts.trace(Some("officer:1042"), Step::Refused, Way::Password, "wrong", Moment(n)).expect("kept");
        accounts.trace(Some("my password"), Step::Refused, Way::Password, "wrong", Moment(n)).expect("kept");
    }
    let all = accounts.trail(None, 10_000).expect("read");
    assert_eq!(all.len(), 2_001);
    assert!(all.iter().all(|trace| trace.account.as_deref() != Some("my password")));
    let own = accounts.trail(Some("officer:1042"), 10_000).expect("read");
    assert_eq!(own.last().map(|trace| trace.step.as_str()), Some("signed-in"), "the sign-in was not pushed out");
    assert_eq!(own[0].at, Moment(1_004));
}

#[test]
fn whoever_holds_a_stream_open_learns_that_their_session_ended() {
    let (_room, accounts) = desk();
    let now = Moment(1_772_000_000_000_000);
    let [mine, theirs] = [(); 2].map(|()| {
        let token = accounts.begin("officer:1042", Came::ByItself, now).expect("begun");
        accounts.session(&token, now).expect("read").expect("there")
    });
    let endings = accounts.endings();
    accounts.end_others(&mine).expect("ended");
    assert!(endings.has_changed().expect("open"));
    assert!(accounts.standing(&theirs, now).expect("read").is_none());
    assert!(accounts.standing(&mine, now).expect("read").is_some());
    assert!(accounts.standing(&mine, Moment(now.0 + 31 * MINUTE)).expect("read").is_none(), "to be asked for is not to be seen");
}
