//! The witness as a process of its own: public scenarios over HTTP, a race, a restart, a stick, and witnesses that do not answer.

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeas::witnessing::asking::{Asked, ask_all};
use habeas::witnessing::state::Witness;
use habeas_ledger::Hash;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::merkle::{leaf_hash, prove_consistency, root};
use habeas_ledger::note::{Algorithm, Note, SigningKey, VerifierKey};
use habeas_ledger::policy::Policy;
use habeas_ledger::tile::{Kind, bundle, tile_bytes, tiles_of};
use habeas_ledger::witness::{Answer, Request};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const ORIGIN: &str = "custody.example/st/0412";
const NOW: u64 = 1_772_442_891;

fn foreign(name: &str) -> Option<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("HABEAS_DATA").map_or(beside, PathBuf::from).join("tlog").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there; set HABEAS_DATA to the folder that holds `tlog`", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}

/// A witness in a process of its own, ended with the test.
struct Running {
    process: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}

fn habeas() -> Command {
    let mut command = Command::cargo_bin("habeas").expect("the program");
    command.env("HABEAS_PASSPHRASE", "correct horse");
    command
}

/// Makes the key of a seed; gives its public half.
fn make_key(folder: &Path, name: &str, seed: &[u8]) -> String {
    let file = folder.join("seed");
    std::fs::write(&file, STANDARD.encode(seed)).expect("written");
    let mut making = habeas();
    making.args(["witness", "key", "--name", name, "--key"]).arg(folder.join("witness.key")).arg("--seed").arg(&file);
    let run = making.assert().success();
    String::from_utf8(run.get_output().stdout.clone()).expect("UTF-8").trim().to_owned()
}

fn start(folder: &Path, log: &str) -> Running {
    let mut process = std::process::Command::new(assert_cmd::cargo::cargo_bin("habeas"))
        .args(["witness", "serve", "--listen", "127.0.0.1:0", "--log", log, "--key"])
        .arg(folder.join("witness.key"))
        .arg("--memory")
        .arg(folder.join("witness.db"))
        .env("HABEAS_PASSPHRASE", "correct horse")
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let said = BufReader::new(process.stderr.take().expect("piped"));
    let address = said.lines().map_while(Result::ok).find_map(|line| line.strip_prefix("answering on ").map(str::to_owned));
    let address = address.expect("it says where").trim_end_matches("/add-checkpoint").to_owned();
    Running { process, address }
}

/// Status, content type and body of an answer.
fn post(address: &str, body: &str) -> (u16, String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.post(format!("{address}/add-checkpoint")).send(body).expect("an answer");
    let kind = answer.headers().get("content-type").expect("a type").to_str().expect("ASCII").to_owned();
    (answer.status().as_u16(), kind, answer.body_mut().read_to_string().expect("a body"))
}

#[test]
fn the_monkeys_are_answered_over_http_and_the_memory_survives_a_restart() {
    let Some(scenario) = foreign("witness_scenario_monkeys.json") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    // After the base64 stands a remark: `(first byte = type)`.
    let seed_text = scenario["witness_skey_seed_b64"].as_str().and_then(|text| text.split(' ').next()).expect("a seed");
    let secret = STANDARD.decode(seed_text).expect("base64");
    let vkey = make_key(folder.path(), "witness", &secret[1..]);
    let log = scenario["log_vkey"].as_str().expect("a key");
    let mut running = start(folder.path(), log);
    for (place, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
        if place == 4 {
            drop(running);
            running = start(folder.path(), log);
        }
        let (status, kind, body) = post(&running.address, step["body"].as_str().expect("a body"));
        assert_eq!(u64::from(status), step["want_status"].as_u64().expect("a status"), "{}: {body}", step["case"]);
        assert_eq!(kind == "text/x.tlog.size", status == 409, "{}", step["case"]);
    }
    let address = format!("{}/{}/checkpoint", running.address, Hash::of(b"monkeys").to_hex());
    let note = ureq::get(&address).call().expect("it is there").body_mut().read_to_string().expect("a note");
    let keys = [VerifierKey::parse(log).expect("a key"), VerifierKey::parse(&vkey).expect("a key")];
    let (checkpoint, opened) = Checkpoint::open(note.as_bytes(), &keys).expect("both signed");
    assert_eq!((checkpoint.size, opened.verified.len()), (8, 2));
    assert!(ureq::get(&address.replace(&Hash::of(b"monkeys").to_hex(), "00")).call().is_err(), "of other logs it has none");
}

#[test]
fn litewitnesss_script_is_answered_over_http() {
    let Some(scenario) = foreign("witness_scenario_litewitness.json") else { return };
    let hex = |key: &str| -> Vec<u8> {
        let text = scenario[key].as_str().expect("hex");
        (0..text.len() / 2).map(|place| u8::from_str_radix(&text[2 * place..2 * place + 2], 16).expect("hex")).collect()
    };
    let folder = tempfile::tempdir().expect("a folder");
    make_key(folder.path(), "example.com/witness", &hex("witness_ed25519_seed_hex"));
    let origin = scenario["log_origin"].as_str().expect("an origin");
    let log = VerifierKey::new(origin, Algorithm::Ed25519, &hex("log_ed25519_public_hex")).expect("a key").to_string();
    let running = start(folder.path(), &log);
    for (place, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
        // An unknown log was 403 when the script was written; the standard says 404 now.
        let wanted = if place == 2 { 404 } else { step["litewitness_status"].as_u64().expect("a status") };
        assert_eq!(u64::from(post(&running.address, step["body"].as_str().expect("a body")).0), wanted, "step {}", place + 1);
    }
    assert_eq!(post(&running.address, &"x".repeat(300_000)).0, 413, "a huge request is not read");
    assert_eq!(post(&running.address, "old 0\n\nnonsense").0, 400);
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).expect("a name")
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|place| leaf_hash(&place.to_be_bytes())).collect()
}

fn note(size: u64) -> Note {
    Checkpoint::new(ORIGIN, size, root(&leaves(size), size).expect("stored")).sign(&log_key()).expect("a checkpoint")
}

fn request(old_size: u64, size: u64) -> Vec<u8> {
    let proof = prove_consistency(&leaves(size), old_size, size).expect("a proof");
    Request { old_size, proof, note: note(size) }.to_string().into_bytes()
}

fn witness(memory: &Path) -> Witness {
    let key = CosignerKey::from_seed("ombudsman.example", &[2; 32]).expect("a name");
    Witness::open(memory, key, vec![log_key().verifier().clone()]).expect("a memory")
}

#[test]
fn of_many_requests_at_once_each_size_is_left_once_and_no_log_rolls_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = folder.path().join("witness.db");
    let won: Vec<Vec<(u64, u64)>> = std::thread::scope(|scope| {
        let racing: Vec<_> = (0..4u64)
            .map(|lane| {
                let memory = &memory;
                scope.spawn(move || {
                    // Each lane is a process of its own as far as the file knows.
                    let mut witness = witness(memory);
                    let (mut old, mut won) = (0, Vec::new());
                    while old < 40 {
                        let size = old + 1 + lane;
                        let answer = witness.answer(&request(old, size), NOW).expect("a memory");
                        if let Answer::Conflict { size } = answer {
                            old = size;
                            continue;
                        }
                        assert_eq!(answer.status(), 200, "{answer:?}");
                        won.push((old, size));
                        old = size;
                    }
                    won
                })
            })
            .collect();
        racing.into_iter().map(|lane| lane.join().expect("it ran")).collect()
    });
    let mut steps: Vec<(u64, u64)> = won.into_iter().flatten().collect();
    steps.sort_unstable();
    assert!(steps.windows(2).all(|pair| pair[0].1 == pair[1].0), "each step starts where the one before ended: {steps:?}");
}

#[test]
fn a_replay_a_lying_size_and_a_forged_past_are_not_cosigned_and_the_forgery_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = folder.path().join("witness.db");
    let mut witness = witness(&memory);
    assert_eq!(witness.answer(&request(0, 9), NOW).expect("a memory").status(), 200);
    assert_eq!(witness.answer(&request(0, 9), NOW).expect("a memory"), Answer::Conflict { size: 9 });
    let lying = Request { old_size: 9, proof: Vec::new(), note: note(5) }.to_string();
    assert_eq!(witness.answer(lying.as_bytes(), NOW).expect("a memory").status(), 400);
    let mut forged = leaves(12);
    forged[3] = leaf_hash(b"another past");
    let checkpoint = Checkpoint::new(ORIGIN, 12, root(&forged, 12).expect("stored"));
    let proof = prove_consistency(&forged, 9, 12).expect("a proof");
    let forged = Request { old_size: 9, proof, note: checkpoint.sign(&log_key()).expect("signed") }.to_string();
    assert_eq!(witness.answer(forged.as_bytes(), NOW).expect("a memory").status(), 422);
    let kept: String = rusqlite::Connection::open(&memory)
        .expect("the memory")
        .query_row("SELECT request FROM evidence", [], |row| row.get(0))
        .expect("one piece of evidence");
    assert_eq!(kept, forged);
    let long = format!("old 9\n{}\n{}", format!("{}\n", leaf_hash(b"x")).repeat(64), note(12));
    assert_eq!(witness.answer(long.as_bytes(), NOW).expect("a memory").status(), 400, "64 lines of proof");
    assert_eq!(witness.answer(&request(9, 12), NOW).expect("a memory").status(), 200, "the log's own way on is still open");
}

#[test]
fn a_witness_that_is_silent_or_gone_holds_up_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let real = make_key(folder.path(), "ombudsman.example", &[2; 32]);
    let running = start(folder.path(), &log_key().verifier().to_string());
    assert_eq!(post(&running.address, std::str::from_utf8(&request(0, 4)).expect("UTF-8")).0, 200, "it has seen 4 entries before");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let other = |name: &str, seed: u8| CosignerKey::from_seed(name, &[seed; 32]).expect("a name").verifier().to_string();
    let text = format!(
        "log {}\nwitness o {real} {}/\nwitness s {} http://{}\nwitness g {} http://{gone}\nwitness n {}\nwitness f {} {}\nquorum o\n",
        log_key().verifier(),
        running.address,
        other("silent.example", 3),
        silent.local_addr().expect("an address"),
        other("gone.example", 4),
        other("nowhere.example", 5),
        other("false.example", 6),
        running.address,
    );
    let policy = Policy::parse(text.as_bytes()).expect("a policy");
    let started = Instant::now();
    let asked = ask_all(&policy, &note(9), &leaves(9), Duration::from_millis(700));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let mut cosigned = note(9);
    let Asked::Cosigned(signature) = &asked[0] else { panic!("{:?}", asked[0]) };
    cosigned.add(signature.clone());
    assert!(policy.accept(cosigned.to_string().as_bytes()).is_ok());
    assert!(matches!(&asked[1], Asked::Unreachable { .. }), "{:?}", asked[1]);
    assert!(matches!(&asked[2], Asked::Unreachable { .. }), "{:?}", asked[2]);
    assert_eq!(asked[3], Asked::NoAddress);
    assert!(matches!(&asked[4], Asked::Unreachable { why } if why.contains("no right signature")), "{:?}", asked[4]);
}

#[test]
fn a_log_that_is_behind_its_witness_is_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let real = make_key(folder.path(), "ombudsman.example", &[2; 32]);
    let running = start(folder.path(), &log_key().verifier().to_string());
    assert_eq!(post(&running.address, std::str::from_utf8(&request(0, 9)).expect("UTF-8")).0, 200);
    let text = format!("log {}\nwitness o {real} {}\nquorum o\n", log_key().verifier(), running.address);
    let asked = ask_all(&Policy::parse(text.as_bytes()).expect("a policy"), &note(5), &leaves(5), Duration::from_secs(5));
    assert!(matches!(&asked[0], Asked::Refused { status: 409, why } if why.contains("it has seen 9 entries")), "{:?}", asked[0]);
}

/// A log's folder with `size` entries.
fn write_log(folder: &Path, size: u64) {
    let all = leaves(size);
    for tile in tiles_of(size) {
        let path = folder.join(tile.to_string());
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let entries: Vec<[u8; 8]> = (0..size).map(u64::to_be_bytes).collect();
        let bytes = if tile.kind == Kind::Entries {
            let first = usize::try_from(tile.index * 256).expect("small");
            bundle(entries[first..first + usize::try_from(tile.width).expect("small")].iter().map(<[u8; 8]>::as_slice)).expect("short")
        } else {
            tile_bytes(&tile, &all).expect("stored")
        };
        std::fs::write(path, bytes).expect("written");
    }
    std::fs::write(folder.join("checkpoint"), note(size).to_string()).expect("written");
}

#[test]
fn a_witness_without_a_network_is_asked_by_a_file_on_a_stick() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, stick) = (folder.path().join("log"), folder.path().join("stick"));
    std::fs::create_dir_all(&log).expect("made");
    write_log(&log, 300);
    let vkey = make_key(folder.path(), "ombudsman.example", &[2; 32]);
    let policy = folder.path().join("policy");
    std::fs::write(&policy, format!("log {}\nwitness o {vkey}\nquorum o\n", log_key().verifier())).expect("written");
    let verify = || habeas().args(["verify", "log"]).arg(&log).arg("--policy").arg(&policy).assert();
    verify().code(4);
    habeas()
        .args(["witness", "ask"])
        .arg(&log)
        .arg("--policy")
        .arg(&policy)
        .args(["--old", "0", "--request"])
        .arg(&stick)
        .assert()
        .success();
    let mut answer = habeas();
    answer.args(["witness", "answer"]).arg(&stick).arg("--key").arg(folder.path().join("witness.key"));
    answer.arg("--memory").arg(folder.path().join("witness.db")).arg("--policy").arg(&policy);
    let run = answer.assert().success();
    std::fs::write(&stick, &run.get_output().stdout).expect("written");
    habeas().args(["witness", "ask"]).arg(&log).arg("--policy").arg(&policy).arg("--answered").arg(&stick).assert().success();
    verify().code(0);
    std::fs::write(log.join("habeas.toml"), "").expect("written");
    let register = habeas().args(["witness", "ask"]).arg(&log).arg("--policy").arg(&policy).assert().code(2);
    assert!(String::from_utf8_lossy(&register.get_output().stderr).contains("shows its log to its witnesses itself"));
    let again = habeas().args(["witness", "key", "--name", "x", "--key"]).arg(folder.path().join("witness.key")).assert().code(2);
    assert!(String::from_utf8_lossy(&again.get_output().stderr).contains("a key is never written over"));
}

#[test]
fn a_witness_killed_at_any_moment_remembers_every_cosignature_that_left() {
    let folder = tempfile::tempdir().expect("a folder");
    make_key(folder.path(), "ombudsman.example", &[2; 32]);
    let (mut acknowledged, mut rounds) = (0, 0);
    for round in 0..12u64 {
        let mut running = start(folder.path(), &log_key().verifier().to_string());
        let address = running.address.clone();
        let (gone, wait) = std::sync::mpsc::channel::<()>();
        let killer = std::thread::spawn(move || {
            let _timeout = wait.recv_timeout(Duration::from_millis(3 + 4 * round));
            running.process.kill().expect("killed");
            running
        });
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut old = acknowledged;
        loop {
            let Ok(mut answer) = agent.post(format!("{address}/add-checkpoint")).send(request(old, old + 1)) else { break };
            let Ok(body) = answer.body_mut().read_to_string() else { break };
            if answer.status().as_u16() == 409 {
                // It had stored the last one before it died, and its answer was lost.
                old = body.trim().parse().expect("a size");
                assert!(old == acknowledged || old == acknowledged + 1, "it remembers {old}; {acknowledged} had left");
                acknowledged = old;
                continue;
            }
            assert_eq!(answer.status().as_u16(), 200, "{body}");
            old += 1;
            acknowledged = old;
            rounds += 1;
        }
        drop(gone);
        drop(killer.join().expect("it ran"));
    }
    assert!(rounds > 0, "no round cosigned anything");
    let memory = rusqlite::Connection::open(folder.path().join("witness.db")).expect("the memory");
    let size: i64 = memory.query_row("SELECT size FROM seen", [], |row| row.get(0)).expect("one log");
    let size = u64::try_from(size).expect("not negative");
    assert!(size == acknowledged || size == acknowledged + 1, "{size} stored, {acknowledged} acknowledged");
}
