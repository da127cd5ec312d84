//! A register at the command line: import, kill, verify, change a byte, hand a receipt over.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

fn habeas(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("habeas").expect("the program");
    let output = command.args(arguments).env_remove("HABEAS_PASSPHRASE").output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn conformance() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance").display().to_string()
}

struct Station {
    folder: tempfile::TempDir,
}

const LOG: &str = r#"{"id":"e1","kind":"custody_opened","at":"2026-03-03T14:00:00+04:00","subject":{"custody":"C1","person":"P1"}}
{"id":"e2","kind":"arrested","at":"2026-03-03T14:00:00+04:00","subject":{"custody":"C1"}}
{"id":"e3","kind":"relative_notified","at":"2026-03-03T17:30:00+04:00","subject":{"custody":"C1"},"fields":{"channel":"phone"}}
{"id":"e4","kind":"lawyer_met","at":"2026-03-03T15:00:00+04:00","recorded_at":"2026-03-03T18:00:00+04:00","subject":{"custody":"C1"}}
"#;

impl Station {
    fn new() -> Self {
        let station = Station { folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(station.path("log.jsonl"), LOG).expect("a log");
        let (status, out, err) =
            habeas(&["import", &station.shown("log.jsonl"), "--codebook", &conformance(), "--data", &station.shown("data")]);
        assert_eq!((status, out.as_str()), (0, "4 entries imported, 0 were there before, 0 refused; the log has 4\n"), "{err}");
        station
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

#[test]
fn a_log_is_imported_once_and_verified() {
    let station = Station::new();
    let (status, out, err) = habeas(&["import", &station.shown("log.jsonl"), "--data", &station.shown("data")]);
    assert_eq!((status, out.as_str()), (0, "0 entries imported, 4 were there before, 0 refused; the log has 4\n"), "{err}");
    let (status, out, err) = habeas(&["verify", "log", &station.shown("data")]);
    assert_eq!(status, 0, "{out}{err}");
    assert!(out.contains("proven   0..3") && out.contains("PROVEN (0)"), "{out}");
}

#[test]
fn a_changed_byte_names_the_entry() {
    let station = Station::new();
    let (status, ..) = habeas(&["admin", "rebuild", "--data", &station.shown("data")]);
    assert_eq!(status, 0);
    let file = station.path("data/register.db");
    let database = rusqlite::Connection::open(&file).expect("the database");
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("one file");
    let part: Vec<u8> = database.query_row("SELECT custody FROM event WHERE seq = 2", [], |row| row.get(0)).expect("a part");
    drop(database);
    let mut bytes = std::fs::read(&file).expect("bytes");
    let at = bytes.windows(part.len()).position(|window| window == part).expect("the part stands in the file");
    bytes[at + 30] ^= 1;
    std::fs::write(&file, bytes).expect("one bit changed");
    let (status, out, err) = habeas(&["verify", "log", &station.shown("data"), "--evidence", &station.shown("found.evidence")]);
    assert_eq!(status, 1, "{out}{err}");
    assert!(out.contains("BROKEN   2             E-BODY"), "{out}");
}

#[test]
fn a_record_is_exported_with_its_entries_and_verdicts() {
    let station = Station::new();
    let (status, out, err) = habeas(&["export", "--subject", "custody:C1", "--data", &station.shown("data")]);
    assert_eq!(status, 0, "{err}");
    for part in [
        "Record: custody C1",
        "Entries: 4",
        "2026-03-03 17:30  relative notified",
        "#2  e3",
        "relative notified",
        "MET LATE",
        "Entered late",
    ] {
        assert!(out.contains(part), "{part} in\n{out}");
    }
    let (status, out, _) = habeas(&["export", "--subject", "custody:C1", "--data", &station.shown("data"), "--format", "json"]);
    let record: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((status, record["entries"].as_array().map(Vec::len)), (0, Some(4)));
    let (status, _, err) = habeas(&["export", "--subject", "custody:C9", "--data", &station.shown("data")]);
    assert_eq!(status, 2, "{err}");
}

#[test]
fn a_record_is_handed_over_on_paper_in_the_persons_language() {
    let station = Station::new();
    let pdf = station.path("record.pdf");
    let data = station.shown("data");
    let export = |more: &[&str]| habeas(&[&["export", "--subject", "custody:C1", "--data", &data], more].concat());
    let (status, _, err) = export(&["--format", "pdf", "--lang", "az", "--out", &pdf.display().to_string()]);
    assert_eq!(status, 0, "{err}");
    assert!(std::fs::read(&pdf).expect("a file").starts_with(b"%PDF-"));
    let (status, page, err) = export(&["--format", "html", "--lang", "ru"]);
    assert_eq!(status, 0, "{err}");
    for part in ["<html lang=\"ru\">", "Внесено с опозданием", "СОБЛЮДЕНО С ОПОЗДАНИЕМ", "Контрольная точка", "<svg role=\"img\""]
    {
        assert!(page.contains(part), "{part} in\n{page}");
    }
}

#[test]
fn a_receipt_is_checked_on_another_machine() {
    let station = Station::new();
    let (status, receipt, err) = habeas(&["admin", "receipt", "--data", &station.shown("data"), "--entry", "e3"]);
    assert_eq!(status, 0, "{err}");
    std::fs::write(station.path("e3.tlog-proof"), receipt).expect("a receipt");
    let (status, out, err) = habeas(&["verify", "receipt", &station.shown("e3.tlog-proof"), "--policy", &station.shown("data/policy")]);
    assert!(out.contains("relative_notified") && status == 0, "{status} {out}{err}");
}

#[test]
fn a_backup_verifies_and_opens_nothing() {
    let station = Station::new();
    let (status, out, err) = habeas(&["admin", "backup", "--data", &station.shown("data"), "--to", &station.shown("copy")]);
    assert_eq!(status, 0, "{out}{err}");
    let (status, out, err) = habeas(&["verify", "log", &station.shown("copy")]);
    assert_eq!(status, 4, "sealed parts are told, not passed over: {out}{err}");
    assert!(!station.path("copy/keys.db").exists() && !station.path("copy/keys").exists());
}

#[test]
fn the_doctor_says_what_is_not_well_and_how_to_mend_it() {
    let station = Station::new();
    let (status, out, err) = habeas(&["admin", "doctor", "--data", &station.shown("data")]);
    assert_eq!(status, 1, "{err}");
    assert!(out.contains("MEND   the passphrase stands beside the keys"), "{out}");
    let (status, out, _) = habeas(&["admin", "sweep", "--data", &station.shown("data")]);
    assert_eq!((status, out.contains("notices sent")), (0, true), "{out}");
}
