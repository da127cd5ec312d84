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
