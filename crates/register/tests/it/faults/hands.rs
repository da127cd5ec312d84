//! Hands in the register: rows swapped, lists edited, yesterday put back, the past rewritten with the signing key, clocks that lie.

use super::{arrested, broken, closed, copy, expect_sound, kept, verified};
use crate::station::{Station, at, keys, officer, open};
use habeas_ledger::policy::Policy;
use habeas_ledger::tile::TileHashes;
use habeas_ledger::verify::fork::{Compared, compare};
use habeas_ledger::verify::{self, Code, Trust};
use habeas_register::stored::StoredRegister;
use habeas_register::{Draft, Remark};
use std::path::Path;

/// What somebody does who owns the file: triggers hold off accidents, not them.
fn by_hand(folder: &Path, sql: &str) {
    let database = rusqlite::Connection::open(folder.join("register.db")).expect("the database");
    let free = "DROP TRIGGER event_is_never_deleted; DROP TRIGGER event_is_never_changed;";
    database.execute_batch(&format!("{free}{sql}")).expect("whoever owns the file can do all");
}

fn codes(folder: &Path) -> Vec<(Code, Option<u64>)> {
    let report = verified(folder).expect("it can be read");
    broken(&report).iter().map(|finding| (finding.code, finding.index)).collect()
}

#[test]
fn rows_swapped_between_persons_are_named() {
    let folder = closed(kept(6));
    // The sealed parts of two persons, of one class and length.
    let swap = "CREATE TEMP TABLE kept AS SELECT seq, custody FROM event WHERE seq IN (1, 2);
        UPDATE event SET custody = (SELECT custody FROM kept WHERE kept.seq = 3 - event.seq) WHERE seq IN (1, 2);";
    by_hand(folder.path(), swap);
    let found = codes(folder.path());
    assert!(found.contains(&(Code::Body, Some(1))) && found.contains(&(Code::Body, Some(2))), "{found:?}");
}

#[test]
fn whole_rows_that_change_places_are_named() {
    let folder = closed(kept(6));
    by_hand(
        folder.path(),
        "UPDATE event SET seq = 99 WHERE seq = 1; UPDATE event SET seq = 1 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 99;",
    );
    let found = codes(folder.path());
    assert!(found.contains(&(Code::Index, Some(1))) && found.contains(&(Code::Index, Some(2))), "{found:?}");
}

#[test]
fn the_keys_of_two_persons_cannot_be_exchanged() {
    let folder = closed(kept(6));
    let database = rusqlite::Connection::open(folder.path().join("keys.db")).expect("the wrapped keys");
    let swap = "CREATE TEMP TABLE k AS SELECT rowid AS n, record, class, number, key FROM wrapped WHERE class = 1;
        UPDATE wrapped SET key = (SELECT key FROM k WHERE k.record <> wrapped.record LIMIT 1) WHERE class = 1;";
    let swap = swap.replace("rowid AS n, ", "");
    database.execute_batch(&swap).expect("whoever owns the file can do all");
    drop(database);
    let report = verified(folder.path()).expect("it can be read");
    assert!(broken(&report).iter().any(|finding| finding.code == Code::Fields), "{report:?}");
}

#[test]
fn an_entry_cut_out_of_the_middle_is_named() {
    let folder = closed(kept(6));
    by_hand(folder.path(), "DELETE FROM event WHERE seq = 3;");
    let report = verified(folder.path()).expect("it can be read");
    assert!(!broken(&report).is_empty() && report.proven <= 3, "{report:?}");
}

#[test]
fn yesterday_put_back_with_its_note_is_caught_by_a_receipt() {
    let station = kept(3);
    let yesterday = tempfile::tempdir().expect("a folder");
    let folder = closed(station);
    copy(folder.path(), yesterday.path());
    let register = open(folder.path()).expect("today");
    register.append(arrested(3), &officer(), at(1)).expect("what shall be forgotten");
    let receipt = register.append(arrested(4), &officer(), at(1)).expect("the last before the night");
    drop(register);
    for file in ["register.db", "last.note", "keys.db"] {
        std::fs::copy(yesterday.path().join(file), folder.path().join(file)).expect("yesterday is put back");
    }
    // The register itself cannot know; it goes on, and signs another history.
    let register = open(folder.path()).expect("nothing here remembers");
    register.append(arrested(30), &officer(), at(2)).expect("another entry");
    register.append(arrested(31), &officer(), at(2)).expect("another entry");
    let new = register.checkpoint().expect("a checkpoint").note;
    drop(register);
    let policy = Policy::of_log(keys().log.verifier().clone());
    let forked = compare(receipt.checkpoint.as_bytes(), new.as_bytes(), &policy, None).expect("two checkpoints of one log");
    assert!(matches!(forked, Compared::Forked(_)), "the receipt in somebody's hand is the proof: {forked:?}");
    let stored = StoredRegister::open(folder.path(), None).expect("a database");
    let trust = Trust { since: Some(receipt.checkpoint.as_bytes()), ..Trust::new(&policy) };
    let report = verify::log(&stored, &trust).expect("it can be read");
    assert!(broken(&report).iter().any(|finding| [Code::Root, Code::Fork].contains(&finding.code)), "{report:?}");
}

#[test]
fn an_insider_with_the_signing_key_is_caught_by_a_receipt() {
    let (honest, rewritten) = (kept(4), Station::new());
    let receipt = honest.register.receipt(2).expect("what the person was handed");
    let note = honest.register.checkpoint().expect("a checkpoint").note;
    for number in 0..4 {
        let draft = if number == 2 {
            Draft::new("e2", "released", habeas_register::draft::exactly(at(0)), &[("custody", "C2")])
        } else {
            arrested(number)
        };
        rewritten.append(draft, 0).expect("yesterday is written again, with the right key");
    }
    let folder = closed(rewritten);
    expect_sound(folder.path());
    let policy = Policy::of_log(keys().log.verifier().clone());
    let stored = StoredRegister::open(folder.path(), None).expect("a database");
    let report = verify::log(&stored, &Trust { since: Some(note.as_bytes()), ..Trust::new(&policy) }).expect("it can be read");
    assert!(!broken(&report).is_empty(), "{report:?}");
    let held = receipt.split_once("\n\n").expect("a receipt ends in its checkpoint").1;
    let new = open(folder.path()).expect("the register").checkpoint().expect("a checkpoint").note;
    assert!(matches!(compare(held.as_bytes(), new.as_bytes(), &policy, None), Ok(Compared::Forked(_))));
    // It goes on, and is longer than what the receipt counts: its own hashes tell.
    let register = open(folder.path()).expect("the register");
    register.append(arrested(9), &officer(), at(1)).expect("one more");
    let newer = register.checkpoint().expect("a checkpoint").note;
    drop(register);
    let stored = StoredRegister::open(folder.path(), None).expect("a database");
    let told = |hashes| compare(held.as_bytes(), newer.as_bytes(), &policy, hashes).expect("two checkpoints of one log");
    assert!(matches!(told(None), Compared::Unknown { .. }), "of two sizes, notes alone cannot tell");
    assert!(matches!(told(Some(&TileHashes::new(&stored, 5))), Compared::Forked(_)));
}

#[test]
fn a_clock_that_jumps_a_year_back_a_day_or_stands_still_breaks_nothing() {
    const DAY: i64 = 24 * 60;
    let station = Station::new();
    station.append(arrested(0), 0).expect("an arrest");
    let late = |number| Draft { late_reason: Some("the clock was wrong".to_owned()), ..arrested(number) };
    let ahead = station.append(late(1), 365 * DAY).expect("a clock a year ahead");
    assert_eq!(ahead.recorded_at, at(365 * DAY));
    let right = station.append(arrested(2), 1).expect("the clock is set right");
    assert_eq!((right.recorded_at, right.remarks.contains(&Remark::ClockBehind)), (at(365 * DAY), true), "time never goes back in the log");
    let back = station.append(arrested(3), -DAY).expect_err("what happens today lies ahead of a clock a day behind");
    assert!(back.to_string().contains("ahead of the register's clock"), "{back}");
    for number in 4..8 {
        station.append(arrested(number), 1).expect("a clock that stands still");
    }
    let folder = closed(station.restart());
    assert_eq!(expect_sound(folder.path()).entries, 7);
}
