//! Signing in, being locked out, and what a stolen file gives away.

use super::password::code_now;
use super::*;

const MINUTE: i64 = 60_000_000;

fn desk() -> (tempfile::TempDir, Accounts) {
    let room = tempfile::tempdir().expect("a folder");
    let accounts = Accounts::open(&room.path().join("accounts.db")).expect("opens");
    let maren = Account { id: "officer:1042".to_owned(), name: "L. Maren".to_owned(), ..Account::default() };
    accounts.put(&maren).expect("stored");
    accounts.set_password("officer:1042", "a long night at the desk", &[7; 20]).expect("set");
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
    let token = accounts.begin("officer:1042", now).expect("begun");
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
    let token = accounts.begin("officer:1042", Moment(0)).expect("begun");
    drop(accounts);
    for file in std::fs::read_dir(room.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("read");
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
}
