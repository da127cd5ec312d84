//! A register as its operator keeps it: moved to PostgreSQL and back, read beside the writer, verified to the ground, handed on.

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

const LOG: &str = r#"{"id":"e1","kind":"custody_opened","at":"2026-03-03T10:00:00Z","subject":{"custody":"C1","person":"P1"}}
{"id":"e2","kind":"arrested","at":"2026-03-03T14:00:00+04:00","by":"officer:1042","subject":{"custody":"C1"}}
{"id":"e3","kind":"relative_notified","at":"2026-03-03T13:30:00Z","by":"officer:7","subject":{"custody":"C1"},"fields":{"channel":"phone"}}
{"id":"e4","kind":"lawyer_met","at":"2026-03-03T15:00:00+04:00","recorded_at":"2026-03-03T18:00:00+04:00","subject":{"custody":"C1"}}
"#;

fn habeas(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("habeas").expect("the program");
    let output = command.args(arguments).env_remove("HABEAS_PASSPHRASE").env_remove("PGPASSWORD").output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// It must end with this status; what it said.
fn ends(status: i32, arguments: &[&str]) -> String {
    let (ended, out, err) = habeas(arguments);
    assert_eq!(ended, status, "{arguments:?}\n{out}{err}");
    out + &err
}

struct Station {
    folder: tempfile::TempDir,
}

impl Station {
    fn new() -> Self {
        let station = Station { folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(station.path("log.jsonl"), LOG).expect("a log");
        let codebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance").display().to_string();
        ends(0, &["import", &station.at("log.jsonl"), "--codebook", &codebook, "--data", &station.at("data")]);
        station
    }
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    fn at(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
    fn sql(&self, statement: &str) {
        let database = rusqlite::Connection::open(self.path("data/register.db")).expect("the database");
        database.execute_batch(statement).expect("whoever owns the file can do all");
    }
}

/// A schema of its own on the server of DATABASE_URL.
fn fresh_schema() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(url) = std::env::var("DATABASE_URL") else {
        println!("skipped: DATABASE_URL names no PostgreSQL; run it with scripts/with-postgres");
        return None;
    };
    let name = format!("keeping_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let made = std::process::Command::new("psql").args([&url, "-qc", &format!("CREATE SCHEMA {name}")]).status().expect("psql");
    assert!(made.success(), "a schema");
    let joint = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{joint}options=-csearch_path%3D{name}"))
}

#[test]
fn a_register_moves_to_postgres_goes_on_there_and_comes_back() {
    let Some(url) = fresh_schema() else { return };
    let station = Station::new();
    let data = station.at("data");
    let told = ends(2, &["admin", "doctor", "--data", &data, "--database", &url]);
    assert!(told.contains("kept in the folder itself") && told.contains("habeas admin migrate"), "{told}");
    let told = ends(0, &["admin", "migrate", "--data", &data, "--to", &url]);
    assert!(told.starts_with("4 entries, "), "{told}");
    assert_eq!(std::fs::read_to_string(station.path("data/habeas.toml")).expect("settings").matches("postgresql://").count(), 1);
    // Its folder knows: every verb goes on there.
    let told = ends(0, &["import", &station.at("log.jsonl"), "--data", &data]);
    assert!(told.contains("0 entries imported, 4 were there before"), "{told}");
    std::fs::write(station.path("more.jsonl"), LOG.replace("\"e", "\"f").replace("C1", "C2")).expect("a log");
    ends(0, &["import", &station.at("more.jsonl"), "--data", &data]);
    assert!(ends(0, &["export", "--subject", "custody:C2", "--data", &data]).contains(", officer:7"));
    for verified in [ends(0, &["verify", "log", &data, "--deep"]), ends(0, &["verify", "log", &url, "--data", &data, "--deep"])] {
        assert!(verified.contains("entries 8") && verified.contains("proven   0..7"), "{verified}");
    }
    let told = ends(4, &["verify", "log", &url, "--policy", &station.at("data/policy")]);
    assert!(told.contains("entries 8") && told.contains("U-SEALED"), "an auditor without the folder: {told}");
    let told = ends(2, &["admin", "migrate", "--data", &data, "--to", &url]);
    assert!(told.contains("are in postgresql://") && !told.contains("panicked"), "{told}");
    ends(0, &["signals", "--data", &data]);
    ends(0, &["signals", "--data", &data, "--database", &url]);
    ends(0, &["admin", "backup", "--data", &data, "--to", &station.at("copy")]);
    ends(4, &["verify", "log", &station.at("copy")]);
    let told = ends(0, &["admin", "migrate", "--data", &data, "--to", "folder"]);
    assert!(told.starts_with("8 entries, "), "{told}");
    assert!(ends(0, &["verify", "log", &data, "--deep"]).contains("proven   0..7"));
    // Whoever goes back to the server is told; one log does not go on in two places.
    let told = ends(4, &["verify", "log", &url, "--data", &data]);
    assert!(told.contains("it was moved to a folder"), "{told}");
}

#[test]
fn a_register_is_made_on_postgres_from_the_start() {
    let Some(url) = fresh_schema() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (data, log) = (folder.path().join("keys").display().to_string(), folder.path().join("log.jsonl"));
    std::fs::write(&log, LOG).expect("a log");
    let codebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance").display().to_string();
    let made = ["import", &log.display().to_string(), "--codebook", &codebook, "--data", &data, "--database", &url];
    ends(0, &made);
    assert!(!Path::new(&data).join("register.db").exists());
    assert!(ends(0, &["verify", &data]).contains("proven   0..3"));
}

#[test]
fn who_entered_an_imported_entry_is_kept() {
    let station = Station::new();
    let record = ends(0, &["export", "--subject", "custody:C1", "--data", &station.at("data")]);
    assert!(record.contains(", officer:1042") && record.contains(", officer:7"), "{record}");
    assert!(record.contains(", import"), "whom no source names, the import is: {record}");
}

#[test]
fn a_projection_that_was_edited_by_hand_is_named() {
    for (table, statement) in [
        ("verdict", "UPDATE verdict SET verdict = 'met' WHERE verdict = 'met_late'"),
        ("verdict", "DELETE FROM verdict WHERE ordinal = 0"),
        ("naming", "DELETE FROM naming WHERE seq = 2"),
        ("entry", "UPDATE entry SET seq = 0 WHERE id = 'e3'"),
        ("subject", "UPDATE subject SET name = 'C9' WHERE name = 'C1'"),
        ("life", "UPDATE life SET moves_at = NULL, place = 'elsewhere'"),
        ("node", "INSERT INTO node VALUES (8, 0, zeroblob(32))"),
        ("edge", "UPDATE edge SET bytes = zeroblob(8)"),
    ] {
        let station = Station::new();
        station.sql(statement);
        let found = ["--evidence", &station.at("found.evidence")];
        let told = ends(1, &[&["verify", "log", &station.at("data"), "--deep"], &found[..]].concat());
        assert!(told.contains(&format!("register.db, {table}")) && told.contains("TAMPERED (1)"), "{table}: {told}");
        if !["node", "edge"].contains(&table) {
            assert!(told.contains("E-PROJECTION"), "{table}: {told}");
            ends(0, &["admin", "rebuild", "--data", &station.at("data")]);
            ends(0, &["verify", "log", &station.at("data"), "--deep"]);
        }
    }
}

#[test]
fn a_record_is_handed_on_and_checked_word_by_word() {
    let station = Station::new();
    let (data, bundle, policy) = (station.at("data"), station.at("record.json"), station.at("data/policy"));
    ends(0, &["export", "--subject", "custody:C1", "--data", &data, "--format", "json", "--out", &bundle]);
    let told = ends(0, &["verify", "export", &bundle, "--policy", &policy]);
    assert!(told.contains("custody C1   4 entries") && told.contains("PROVEN (0)"), "{told}");
    assert!(ends(0, &["verify", &bundle, "--policy", &policy]).contains("PROVEN (0)"), "and it is guessed what it is");
    let text = std::fs::read_to_string(&bundle).expect("a record");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(record["format"], "habeas-record/1");
    for (changed, entry) in [
        (text.replace("2026-03-03T17:30:00+04:00", "2026-03-03T14:30:00+04:00"), "e3"),
        (text.replace("\"officer:7\"", "\"officer:8\""), "e3"),
        (text.replace("\"phone\"", "\"letter\""), "e3"),
        (text.replace("\"lawyer met\"", "\"lawyer refused\""), "e4"),
    ] {
        assert_ne!(changed, text, "something is changed");
        std::fs::write(&bundle, changed).expect("a record altered on the way");
        let told = ends(1, &["verify", "export", &bundle, "--policy", &policy]);
        assert!(told.contains("tampered") && told.contains(&format!("{entry}: its")), "{told}");
    }
    std::fs::write(&bundle, "{}").expect("something else");
    ends(2, &["verify", "export", &bundle, "--policy", &policy]);
}

#[test]
fn readers_need_not_stop_the_writer() {
    let station = Station::new();
    let data = station.at("data");
    let lock = std::fs::File::options().write(true).open(station.path("data/writer.lock")).expect("the lock");
    lock.lock().expect("somebody writes");
    for reading in [
        &["export", "--subject", "custody:C1", "--data", &data][..],
        &["admin", "receipt", "--entry", "e3", "--data", &data],
        &["verify", "log", &data, "--deep"],
        &["admin", "backup", "--data", &data, "--to", &station.at("copy")],
    ] {
        ends(0, reading);
    }
    let told = ends(3, &["admin", "rebuild", "--data", &data]);
    assert!(told.contains("another process writes to it"), "{told}");
}
