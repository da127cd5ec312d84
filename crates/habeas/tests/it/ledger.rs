//! `habeas log` and `habeas verify` as an auditor meets them: foreign vectors in, answers and exit statuses out.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

fn habeas(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("habeas").expect("the program");
    command.args(arguments);
    command
}

/// Public vectors, where they lie; says so where they do not.
fn foreign(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("HABEAS_DATA").map_or(beside, PathBuf::from).join("tlog").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there; set HABEAS_DATA to the folder that holds `tlog`", path.display());
    None
}

/// The `ok` of each answer.
fn verdicts(verb: &str, input: impl Into<Vec<u8>>) -> Vec<bool> {
    let run = habeas(&["log", verb]).write_stdin(input).output().expect("it runs");
    let lines = String::from_utf8(run.stdout).expect("UTF-8");
    lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["ok"] == true).collect()
}

#[test]
fn foreign_vectors_are_answered_line_by_line() {
    for (verb, file, exceptions) in [
        ("check-inclusion", "merkle_inclusion.jsonl", 0),
        ("check-consistency", "merkle_consistency.jsonl", 3),
        ("check-note", "signed_note.jsonl", 0),
        ("check-vkey", "vkey.jsonl", 0),
        ("check-checkpoint", "checkpoint_body.jsonl", 0),
        ("check-checkpoint", "cosignature_v1.jsonl", 0),
        ("check-receipt", "tlog_proof_parse.jsonl", 0),
    ] {
        let Some(path) = foreign(file) else { return };
        let text = std::fs::read_to_string(path).expect("vectors");
        let wanted = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        let wanted: Vec<bool> = wanted.map(|vector| vector["want_ok"] == true || vector["wantErr"] == false).collect();
        let found = verdicts(verb, text.clone());
        assert_eq!(found.len(), wanted.len());
        let differing = found.iter().zip(&wanted).filter(|(found, wanted)| found != wanted).count();
        assert!(differing <= exceptions, "{verb} differs on {differing} of {file}");
    }
}

#[test]
fn a_root_follows_from_leaves() {
    let run = habeas(&["log", "root"]).write_stdin("{\"leaves\":[]}\n").assert().success();
    let told = String::from_utf8(run.get_output().stdout.clone()).expect("UTF-8");
    assert!(told.contains("\"root\":\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\""), "{told}");
}

#[test]
fn a_line_that_is_no_object_is_named_and_ends_the_run() {
    let run = habeas(&["log", "check-vkey"]).write_stdin("{\"vkey\":\"x\"}\nnonsense\n").assert().code(2);
    let said = String::from_utf8(run.get_output().stderr.clone()).expect("UTF-8");
    assert!(said.contains("standard input:2: not a JSON object"), "{said}");
}

const TESSERA: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

#[test]
fn somebody_elses_log_is_proven_and_one_changed_byte_named() {
    let Some(folder) = foreign("tessera_log") else { return };
    habeas(&["verify", "log", folder.to_str().expect("a path"), "--vkey", TESSERA]).assert().code(0);
    habeas(&["verify", folder.to_str().expect("a path"), "--vkey", TESSERA]).assert().code(0);
    let copy = tempfile::tempdir().expect("a folder");
    copy_folder(&folder, copy.path());
    let bundle = copy.path().join("tile/entries/000.p/15");
    let mut bytes = std::fs::read(&bundle).expect("a bundle");
    bytes[3] ^= 1;
    std::fs::write(&bundle, bytes).expect("written");
    let evidence = copy.path().join("found.evidence");
    let arguments = ["verify", "log", copy.path().to_str().expect("a path"), "--vkey", TESSERA, "--evidence"];
    let run = habeas(&arguments).arg(&evidence).assert().code(1);
    let told = String::from_utf8(run.get_output().stdout.clone()).expect("UTF-8");
    assert!(told.contains("BROKEN   0             E-LEAF        tile/entries/000.p/15: the entry hashes to"), "{told}");
    assert!(told.contains("result   TAMPERED (1)"), "{told}");
    assert!(std::fs::read_to_string(evidence).expect("evidence").contains("E-LEAF"));
    let run = habeas(&arguments).arg("/nowhere/at/all").assert().code(1);
    assert!(String::from_utf8_lossy(&run.get_output().stdout).contains("TAMPERED (1)"), "what was found is told even so");
    assert!(String::from_utf8_lossy(&run.get_output().stderr).contains("could not be written"));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let copy = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            // Not `fs::copy`: the copy is to be altered, also where the original may only be read.
            std::fs::write(&copy, std::fs::read(&path).expect("read")).expect("copied");
        }
    }
}

#[test]
fn two_copies_of_a_log_are_one_history() {
    let Some(folder) = foreign("tessera_log") else { return };
    let (old, new) = (folder.join("checkpoint.4"), folder.join("checkpoint.9"));
    let (old, new, folder) = (old.to_str().expect("a path"), new.to_str().expect("a path"), folder.to_str().expect("a path"));
    habeas(&["verify", "fork", old, old, "--vkey", TESSERA]).assert().code(0);
    habeas(&["verify", "fork", old, new, "--vkey", TESSERA]).assert().code(4);
    habeas(&["verify", "fork", old, folder, "--vkey", TESSERA]).assert().code(0);
}

#[test]
fn a_receipt_is_checked_without_a_network() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let (receipt, policy) = (corpus.join("receipt/shown"), corpus.join("policy/two"));
    let run = habeas(&["verify", "receipt"]).arg(&receipt).arg("--policy").arg(&policy).assert().code(0);
    let told = String::from_utf8(run.get_output().stdout.clone()).expect("UTF-8");
    for part in
        ["log      custody.example/st/0412   entry 2 of 5", "shown    offence: theft", "seen by  1 of 2 (o): made before", "PROVEN (0)"]
    {
        assert!(told.contains(part), "{told}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let altered = folder.path().join("altered");
    let text = std::fs::read_to_string(&receipt).expect("a receipt");
    std::fs::write(&altered, text.replace("\n5\n", "\n6\n")).expect("written");
    let run = habeas(&["verify"]).arg(&altered).arg("--policy").arg(&policy).assert().code(1);
    let told = String::from_utf8(run.get_output().stdout.clone()).expect("UTF-8");
    assert!(told.contains("the signature of `custody.example/st/0412` does not fit"), "{told}");
    let alone = text.lines().filter(|line| !line.contains("ombudsman")).map(|line| format!("{line}\n")).collect::<String>();
    std::fs::write(&altered, alone).expect("written");
    habeas(&["verify"]).arg(&altered).arg("--policy").arg(&policy).assert().code(4);
    habeas(&["verify"]).arg(&policy).arg("--policy").arg(&policy).assert().code(2);
    habeas(&["verify"]).arg(&receipt).assert().code(2);
}

#[test]
fn a_receipt_is_printed_for_a_hand_and_checked_by_what_was_typed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let (receipt, policy) = (corpus.join("receipt/shown"), corpus.join("policy/two"));
    let run = habeas(&["receipt"]).arg(&receipt).assert().code(0);
    let slip = String::from_utf8(run.get_output().stdout.clone()).expect("UTF-8");
    assert!(slip.starts_with("log    custody.example/st/0412\nplace  2\nentry  "), "{slip}");
    let typed = slip.split_once("entry  ").expect("groups").1.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    habeas(&["verify", "receipt"]).arg(&receipt).arg("--policy").arg(&policy).args(["--leaf", &typed]).assert().code(0);
    let other = habeas_ledger::slip::groups(&habeas_ledger::Hash::of(b"another entry"));
    habeas(&["verify", "receipt"]).arg(&receipt).arg("--policy").arg(&policy).args(["--leaf", &other]).assert().code(1);
    habeas(&["verify", "receipt"]).arg(&receipt).arg("--policy").arg(&policy).args(["--leaf", &other[..20]]).assert().code(2);
    let run = habeas(&["receipt", "--as", "svg"]).arg(&receipt).assert().code(0);
    assert!(String::from_utf8_lossy(&run.get_output().stdout).contains("<svg"));
    let run = habeas(&["receipt", "--as", "terminal"]).arg(&receipt).assert().code(0);
    assert!(String::from_utf8_lossy(&run.get_output().stdout).lines().count() > 30);
}

#[test]
fn proofs_made_from_a_log_are_those_that_are_checked() {
    let Some(folder) = foreign("tessera_log") else { return };
    let folder = folder.to_str().expect("a path");
    let run = habeas(&["log", "consistency", folder, "--old", "4"]).assert().code(0);
    assert_eq!(verdicts("check-consistency", run.get_output().stdout.clone()), [true]);
    habeas(&["log", "consistency", folder, "--old", "99"]).assert().code(2);
    let run = habeas(&["log", "prove", folder, "--index", "9"]).assert().code(0);
    let scratch = tempfile::tempdir().expect("a folder");
    let receipt = scratch.path().join("entry-9.tlog-proof");
    std::fs::write(&receipt, &run.get_output().stdout).expect("written");
    // Somebody else's log: the holder knows the entry, the receipt does not carry it.
    let bundle = std::fs::read(Path::new(folder).join("tile/entries/000.p/15")).expect("a bundle");
    let leaf = habeas_ledger::merkle::leaf_hash(habeas_ledger::tile::entries(&bundle, 15).expect("entries")[9]).to_string();
    let verify = |leaf: &str| habeas(&["verify", "receipt", "--vkey", TESSERA, "--leaf", leaf]).arg(&receipt).assert();
    verify(&leaf).code(0);
    verify(&habeas_ledger::Hash::of(b"other").to_string()).code(1);
    habeas(&["verify", "receipt", "--vkey", TESSERA]).arg(&receipt).assert().code(2);
    habeas(&["log", "prove", folder, "--index", "15"]).assert().code(2);
    let run = habeas(&["log", "checkpoint", folder]).assert().code(0);
    assert!(run.get_output().stdout.starts_with(b"example.com/log/testdata\n15\n"));
}

/// A site that serves a folder as files, until the test ends.
fn serve(folder: PathBuf) -> String {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a visitor");
            let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
            let line = lines.next().expect("a request").expect("a line");
            let asked = line.split(' ').nth(1).expect("a path").trim_start_matches('/').to_owned();
            // The rest of the request is read before the answer, else the visitor's side is cut off.
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let (status, body) = std::fs::read(folder.join(asked)).map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _gone = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    address
}

#[test]
fn a_log_on_the_web_is_verified_like_one_on_disk() {
    let Some(folder) = foreign("tessera_log") else { return };
    let scratch = tempfile::tempdir().expect("a folder");
    copy_folder(&folder, scratch.path());
    let address = serve(scratch.path().to_path_buf());
    habeas(&["verify", "log", &address, "--vkey", TESSERA]).assert().code(0);
    habeas(&["verify", &address, "--vkey", TESSERA]).assert().code(0);
    let tile = scratch.path().join("tile/0/000.p/15");
    let mut bytes = std::fs::read(&tile).expect("a tile");
    bytes[400] ^= 1;
    std::fs::write(&tile, bytes).expect("written");
    let evidence = scratch.path().join("evidence");
    let run = habeas(&["verify", "log", &address, "--vkey", TESSERA, "--evidence"]).arg(&evidence).assert().code(1);
    let told = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(told.contains("BROKEN   12            E-TILE        tile/0/000.p/15: the stored leaf hash is"), "{told}");
    std::fs::remove_file(&tile).expect("removed");
    habeas(&["verify", "log", &address, "--vkey", TESSERA, "--evidence"]).arg(&evidence).assert().code(1);
    habeas(&["verify", "log", "http://127.0.0.1:1", "--vkey", TESSERA]).assert().code(3);
}
