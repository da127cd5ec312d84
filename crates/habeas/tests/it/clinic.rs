//! A clinic whose desk runs on a machine of its own, and the police beside it: what a doctor finds is sealed by arithmetic, not by a rule.

use crate::fanout::{Running, habeas};
use habeas_ledger::leaf::Class;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::{self, Code, Trust, Verdict};
use habeas_register::folder::DataFolder;
use habeas_register::stored::StoredRegister;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const FINDING: &str = "linear bruises across both soles";

fn fine(arguments: &[&str]) -> String {
    let (status, out, err) = habeas(arguments);
    assert_eq!(status, 0, "{arguments:?}\n{out}{err}");
    out
}

/// A doctor's finding about P1, as a system at the clinic would hand it in.
fn finding(id: &str) -> String {
    let fields = serde_json::json!({
        "type": "first", "done_by": "doctor:7", "qualification": "doctor", "consent": "given", "restrained": "no", "findings": FINDING,
    });
    serde_json::json!({
        "id": id, "kind": "medical_examined", "at": "2026-03-03T14:00:00Z", "by": "doctor:7",
        "subject": { "custody": "C1", "person": "P1" }, "fields": fields,
    })
    .to_string()
}

fn key_of(data: &str, what: &str) -> String {
    let keys = fine(&["admin", "keys", "--data", data]);
    let line = keys.lines().find(|line| line.starts_with(what)).expect("a key of this name");
    line.split_whitespace().nth(1).expect("the key").to_owned()
}

fn set(data: &Path, top: &str, end: &str) {
    let file = data.join("habeas.toml");
    let text = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, format!("{top}\n{text}\n{end}\n")).expect("settings");
}

/// Every file below a folder that holds these words.
fn files_with(folder: &Path, words: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            found.extend(files_with(&path, words));
        } else if std::fs::read(&path).expect("bytes").windows(words.len()).any(|window| window == words.as_bytes()) {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_polices_server_holds_what_the_clinic_found_and_cannot_open_it() {
    let room = tempfile::tempdir().expect("a folder");
    let (clinic, police) = (room.path().join("clinic"), room.path().join("police"));
    let (clinics, polices) = (clinic.display().to_string(), police.display().to_string());
    let log = room.path().join("finding.jsonl");
    let logs = log.display().to_string();
    // Two machines: the clinic's key never leaves the clinic's folder.
    fine(&["admin", "init", "--data", &clinics, "--codebook", "core", "--origin", "custody.example/clinic"]);
    let medical = format!("medical={}", key_of(&clinics, "medical"));
    fine(&["admin", "init", "--data", &polices, "--codebook", "core", "--origin", "custody.example/centre", "--elsewhere", &medical]);
    let secrets = |data: &Path| {
        let folder = DataFolder::open(data).expect("a data folder");
        (Arc::new(folder.codebook().expect("a codebook")), folder.keys(Some("correct horse")).expect("keys"))
    };
    assert!(secrets(&police).1.authorities[&Class::Medical].private.is_none());

    // A finding that is dictated at the police's desk is sealed for the clinic: the police know that somebody was examined, and when.
    std::fs::write(&log, finding("p1") + "\n").expect("a log");
    fine(&["import", &logs, "--data", &polices]);
    let shown = fine(&["export", "--subject", "custody:C1", "--data", &polices]);
    assert!(shown.contains("medical examined") && !shown.contains("bruises"), "{shown}");
    let (_, told, _) = habeas(&["admin", "doctor", "--data", &polices]);
    assert!(!told.contains("holds the keys of what is medical"), "{told}");

    // A finding that is entered at the clinic's own desk opens there, and goes to the police's server as ciphertext.
    std::fs::write(&log, finding("c1") + "\n").expect("a log");
    fine(&["import", &logs, "--data", &clinics]);
    set(&police, &format!("stations = [\"{}\"]", key_of(&clinics, "log")), "");
    let centre = Running::start(&["serve", "--data", &polices, "--listen", "127.0.0.1:0"]);
    let countersigns = fine(&["station", "key", "--data", &polices]);
    set(&clinic, "", &format!("[centre]\nkey = \"{}\"\nurl = \"{}\"", countersigns.trim(), centre.address));
    let desk = Running::start(&["serve", "--data", &clinics, "--listen", "127.0.0.1:0"]);
    let begun = Instant::now();
    let kept = loop {
        let found = std::fs::read_dir(police.join("stations")).ok().and_then(|mut all| all.next()).map(|one| one.expect("a folder").path());
        match found.filter(|kept| StoredRegister::open(kept, None).is_ok_and(|log| verify::StoredLog::size(&log) > 0)) {
            Some(kept) => break kept,
            None if begun.elapsed() > Duration::from_secs(60) => unreachable!("the clinic's log has not arrived"),
            None => std::thread::yield_now(),
        }
    };
    let shown = fine(&["export", "--subject", "custody:C1", "--data", &clinics]);
    assert!(shown.contains(FINDING), "the clinic reads its own: {shown}");

    // The police's process has the bytes, and every key that is on its machine: it proves that they are whole, and opens none.
    let (codebook, keys) = secrets(&police);
    let stored = StoredRegister::open(&kept, Some((keys, codebook))).expect("what the clinic handed over");
    let policy = Policy::parse(&std::fs::read(kept.join("policy")).expect("a policy")).expect("a policy");
    let report = verify::log(&stored, &Trust::new(&policy)).expect("it can be read");
    let codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!((codes.as_slice(), report.verdict()), ([Code::Sealed].as_slice(), Verdict::Incomplete), "{report:?}");
    for words in [FINDING, "bruises"] {
        assert_eq!(files_with(&police, words), Vec::<PathBuf>::new(), "nothing on the police's machine holds it in the clear");
    }
    desk.stop();
    centre.stop();
}
