//! Bytes that are not what was written: a log cut anywhere, a bit flipped anywhere.

use super::{arrested, broken, closed, copy, expect_sound, kept, places, verified};
use crate::station::{Station, at, officer, open};
use habeas_ledger::verify::Verdict;
use habeas_register::RegisterError;
use rusqlite::types::Value;
use std::path::Path;

#[test]
fn a_write_ahead_log_cut_at_any_byte_loses_whole_entries_or_none() {
    let station = Station::new();
    for number in 0..3 {
        station.append(arrested(number), 0).expect("an arrest");
    }
    // The machine stops here: the write-ahead log is as it lies.
    let machine = tempfile::tempdir().expect("a folder");
    copy(station.folder.path(), machine.path());
    let log = std::fs::read(machine.path().join("register.db-wal")).expect("a write-ahead log");
    assert!(log.len() > 8_192, "it holds entries");
    let (mut seen, mut refused) = (std::collections::BTreeSet::new(), 0);
    for cut in places(log.len() + 1, 60) {
        let room = tempfile::tempdir().expect("a folder");
        copy(machine.path(), room.path());
        std::fs::remove_file(room.path().join("register.db-shm")).ok();
        std::fs::write(room.path().join("register.db-wal"), &log[..cut]).expect("it is cut");
        match open(room.path()) {
            Ok(register) => drop(register),
            Err(RegisterError::ReadOnly { why }) => {
                assert!(why.contains("missing"), "{why}");
                refused += 1;
                std::fs::remove_file(room.path().join("last.note")).expect("the note that told of them");
                // A log that was cut within its first page was never made.
                let Ok(register) = open(room.path()) else { continue };
                let size = register.checkpoint().expect("a checkpoint").size;
                register.append(arrested(size), &officer(), at(2)).expect("it can go on");
            }
            Err(error) => panic!("cut at {cut}: {error}"),
        }
        seen.insert(expect_sound(room.path()).entries);
    }
    assert!(refused > 10 && seen.len() > 1, "{refused} refused, sizes {seen:?}");
}

/// Every row of every table whose change would change what the register says. Not: messages that wait to be sent, when a verdict was made
/// and is to be looked at again, and by which text a table was.
fn meaning(folder: &Path) -> Option<Vec<Vec<Value>>> {
    let database = rusqlite::Connection::open_with_flags(folder.join("register.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let mut all = Vec::new();
    for sql in [
        "SELECT * FROM event ORDER BY seq",
        "SELECT * FROM node ORDER BY level, place",
        "SELECT * FROM edge",
        "SELECT * FROM checkpoint ORDER BY size, note",
        "SELECT * FROM setting WHERE name = 'origin' OR name LIKE 'codebook %' ORDER BY name",
        "SELECT * FROM entry ORDER BY id",
        "SELECT * FROM subject ORDER BY number",
        "SELECT * FROM naming ORDER BY subject, seq",
        "SELECT * FROM reader ORDER BY read, judged",
        "SELECT * FROM verdict ORDER BY subject, ordinal",
        "SELECT subject, opened_at, closed_at, place FROM life ORDER BY subject",
    ] {
        let mut statement = database.prepare(sql).ok()?;
        let count = statement.column_count();
        let rows = statement.query_map([], |row| (0..count).map(|place| row.get(place)).collect()).ok()?;
        all.extend(rows.collect::<Result<Vec<Vec<Value>>, _>>().ok()?);
    }
    Some(all)
}

#[test]
fn no_flipped_bit_of_a_database_changes_its_meaning_unseen() {
    let folder = closed(kept(8));
    let before = meaning(folder.path()).expect("rows");
    let path = folder.path().join("register.db");
    let whole = std::fs::read(&path).expect("the database");
    let (mut found, mut same, mut unseen) = (0, 0, Vec::new());
    for place in places(whole.len(), 300) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        std::fs::write(&path, &bytes).expect("one bit is flipped");
        let is_told = verified(folder.path()).map_or(true, |report| report.verdict() != Verdict::Proven);
        if is_told {
            found += 1;
        } else {
            let after = meaning(folder.path()).unwrap_or_default();
            if after != before {
                unseen.push((place, before.iter().zip(after).find(|(before, after)| **before != *after)));
            }
            same += 1;
        }
    }
    println!("{found} flips told, {same} without meaning");
    assert!(unseen.is_empty(), "{} of {} bytes changed unseen: {unseen:?}", unseen.len(), whole.len());
    assert!(found > same / 20, "{found} told, {same} not");
}

#[test]
fn no_flipped_bit_of_the_wrapped_keys_is_unseen() {
    let folder = closed(kept(4));
    let path = folder.path().join("keys.db");
    let whole = std::fs::read(&path).expect("the wrapped keys");
    let used = whole.iter().filter(|byte| **byte != 0).count();
    let mut found = 0;
    for place in places(whole.len(), 200) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        std::fs::write(&path, &bytes).expect("one bit is flipped");
        // Nothing can be read into an entry by another key: it opens as it was written, or it does not open.
        match verified(folder.path()) {
            Ok(report) if report.verdict() == Verdict::Proven => {}
            Ok(_) | Err(_) => found += 1,
        }
    }
    assert!(found > 0, "of {used} bytes in use none was missed");
}

#[test]
fn no_flipped_bit_of_the_last_note_is_unseen() {
    let folder = closed(kept(3));
    let path = folder.path().join("last.note");
    let whole = std::fs::read(&path).expect("the note");
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        std::fs::write(&path, &bytes).expect("one bit is flipped");
        let report = verified(folder.path()).expect("it can be read");
        assert_ne!(report.verdict(), Verdict::Proven, "byte {place} of the note");
        assert!(!broken(&report).is_empty() || report.proven == 0, "byte {place}: {:?}", report.findings);
        if place % 16 == 0 {
            assert!(open(folder.path()).is_err(), "byte {place}: it does not sign on top of a note that it cannot read");
        }
    }
}
