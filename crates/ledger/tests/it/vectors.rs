//! Public test vectors of other implementations, run where they lie.

use crate::data::{foreign, lines, parse_lines};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::merkle::{check_consistency, check_inclusion, leaf_hash, root_of_leaves};
use habeas_ledger::note::{Note, VerifierKey, check_ed25519};
use habeas_ledger::proof::Proof;
use habeas_ledger::tile::{Files, TileHashes, entries};
use habeas_ledger::{Hash, LedgerError, merkle};
use serde_json::Value;
use std::path::PathBuf;

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_default()
}

fn number(vector: &Value, key: &str) -> Option<u64> {
    vector[key].as_u64()
}

fn hashes(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().into_iter().flatten().map(|text| Hash::from_base64(text.as_str()?).ok()).collect()
}

fn inclusion_holds(vector: &Value) -> Option<()> {
    let (leaf, root) = (Hash::from_base64(text(vector, "leafHash")).ok()?, Hash::from_base64(text(vector, "root")).ok()?);
    check_inclusion(number(vector, "leafIdx")?, number(vector, "treeSize")?, &leaf, &hashes(&vector["proof"])?, &root).ok()
}

fn consistency_holds(vector: &Value) -> Option<()> {
    let (old, new) = (Hash::from_base64(text(vector, "root1")).ok()?, Hash::from_base64(text(vector, "root2")).ok()?);
    check_consistency(number(vector, "size1")?, number(vector, "size2")?, &old, &new, &hashes(&vector["proof"])?).ok()
}

/// Runs a check over vectors and lists those on which we say something else.
fn differing(vectors: &[Value], wanted: fn(&Value) -> bool, found: impl Fn(&Value) -> bool) -> Vec<String> {
    let differing = vectors.iter().filter(|vector| wanted(vector) != found(vector));
    differing.map(|vector| text(vector, "case").to_owned()).collect()
}

fn wants_no_error(vector: &Value) -> bool {
    vector["wantErr"] == false
}

fn wants_ok(vector: &Value) -> bool {
    vector["want_ok"] == true
}

#[test]
fn inclusion_is_judged_as_transparency_dev_judges_it() {
    let differing = differing(&lines("merkle_inclusion.jsonl"), wants_no_error, |vector| inclusion_holds(vector).is_some());
    assert_eq!(differing, Vec::<String>::new());
}

#[test]
fn consistency_is_judged_as_transparency_dev_judges_it() {
    let mut differing = differing(&lines("merkle_consistency.jsonl"), wants_no_error, |vector| consistency_holds(vector).is_some());
    // Roots of other than 32 bytes cannot be said here at all; two empty logs are one log.
    differing.retain(|case| !case.ends_with("sizes-are-equal-one-and-proof-is-empty"));
    assert!(differing.iter().all(|case| case.contains("sizes-are-equal-zero") || case.contains("sizes-are-zero")), "{differing:?}");
}

fn keys(vector: &Value) -> Vec<VerifierKey> {
    let keys = vector["vkeys"].as_array().into_iter().flatten();
    keys.map(|key| VerifierKey::parse(key.as_str().expect("a text")).expect("a key")).collect()
}

fn note_opens(vector: &Value) -> bool {
    let bytes = match vector["note_b64"].as_str() {
        Some(encoded) => STANDARD.decode(encoded).expect("base64"),
        None => text(vector, "note").as_bytes().to_vec(),
    };
    let Ok(opened) = Note::parse(&bytes).and_then(|note| note.open(&keys(vector))) else { return false };
    let verified: Vec<&str> = opened.verified.iter().map(|signature| signature.name.as_str()).collect();
    let unverified: Vec<&str> = opened.unverified.iter().map(|signature| signature.name.as_str()).collect();
    let wanted = |key: &str| -> Vec<&str> { vector[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect() };
    verified == wanted("verified") && unverified == wanted("unverified")
}

#[test]
fn notes_are_opened_as_go_opens_them() {
    assert_eq!(differing(&lines("signed_note.jsonl"), wants_ok, note_opens), Vec::<String>::new());
}

#[test]
fn verifier_keys_are_read_as_go_reads_them() {
    let reads = |vector: &Value| VerifierKey::parse(text(vector, "vkey")).is_ok_and(|key| key.to_string() == text(vector, "vkey"));
    assert_eq!(differing(&lines("vkey.jsonl"), wants_ok, reads), Vec::<String>::new());
}

#[test]
fn checkpoints_are_read_by_the_letter_of_the_standard() {
    let reads = |vector: &Value| Checkpoint::parse(text(vector, "body")).is_ok();
    assert_eq!(differing(&lines("checkpoint_body.jsonl"), wants_ok, reads), Vec::<String>::new());
}

#[test]
fn a_witness_of_somebody_else_is_believed_and_an_altered_one_is_not() {
    let holds = |vector: &Value| {
        let key = VerifierKey::parse(text(vector, "cosigner_vkey")).expect("a key");
        let opened = Checkpoint::open(text(vector, "note").as_bytes(), &[key]);
        opened.is_ok_and(|(_, opened)| opened.verified[0].time == vector["timestamp"].as_u64())
    };
    assert_eq!(differing(&lines("cosignature_v1.jsonl"), wants_ok, holds), Vec::<String>::new());
}

#[test]
fn receipts_are_read_as_transparency_dev_reads_them() {
    let reads = |vector: &Value| {
        Proof::parse(text(vector, "text")).is_ok_and(|proof| {
            Some(proof.index) == vector["index"].as_u64()
                && Some(proof.path.len() as u64) == vector["hashes"].as_u64()
                && proof.to_string() == text(vector, "text")
        })
    };
    assert_eq!(differing(&lines("tlog_proof_parse.jsonl"), wants_ok, reads), Vec::<String>::new());
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|place| u8::from_str_radix(&text[2 * place..2 * place + 2], 16).expect("hex")).collect()
}

#[test]
fn a_signature_that_another_verifier_could_read_differently_is_refused() {
    let vectors = lines("ed25519_edge.jsonl");
    let mut accepted = 0;
    for vector in &vectors {
        let holds = check_ed25519(&hex(text(vector, "key")), text(vector, "msg").as_bytes(), &hex(text(vector, "sig")));
        let flags: Vec<&str> = vector["flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let ambiguous = |flag: &&str| flag.starts_with("non_canonical") || **flag == *"low_order_A" || **flag == *"low_order_R";
        assert!(!(holds && flags.iter().any(ambiguous)), "number {} was accepted though {flags:?}", vector["number"]);
        accepted += usize::from(holds);
    }
    assert!(vectors.is_empty() || accepted == 43, "{accepted} accepted; ed25519-dalek's strict check accepts 43");
}

/// A log's folder on disk.
struct Folder(PathBuf);

impl Files for Folder {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(std::fs::read(self.0.join(path)).ok())
    }
}

#[test]
fn the_roots_of_a_tessera_log_follow_from_its_tiles_at_every_size() {
    let Some(folder) = foreign("tessera_log") else { return };
    let key = VerifierKey::parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx").expect("its key");
    let files = Folder(folder.clone());
    for size in 1..16u64 {
        let note = std::fs::read(folder.join(format!("checkpoint.{size}"))).expect("a checkpoint");
        let (checkpoint, _) = Checkpoint::open(&note, std::slice::from_ref(&key)).expect("it is signed");
        assert_eq!(checkpoint.size, size);
        let hashes = TileHashes::new(&files, size);
        assert_eq!(merkle::root(&hashes, size).expect("its tiles are there"), checkpoint.root);
        let bundle = std::fs::read(folder.join(format!("tile/entries/000.p/{size}"))).expect("its entries");
        let width = u32::try_from(size).expect("small");
        let leaves: Vec<Hash> = entries(&bundle, width).expect("a bundle").into_iter().map(leaf_hash).collect();
        assert_eq!(root_of_leaves(&leaves), checkpoint.root);
    }
}

#[test]
fn a_sunlight_log_of_300_crosses_the_border_of_a_tile() {
    let Some(folder) = foreign("sunlight_mirror_300") else { return };
    let note = std::fs::read(folder.join("checkpoint")).expect("a checkpoint");
    let checkpoint = Checkpoint::parse(Note::parse(&note).expect("a note").unverified_text()).expect("a checkpoint");
    let leaves: Vec<Hash> = (0..300).map(|place| leaf_hash(format!("record {place}").as_bytes())).collect();
    assert_eq!(root_of_leaves(&leaves), checkpoint.root);
    let files = Folder(folder);
    let hashes = TileHashes::new(&files, 300);
    assert_eq!(merkle::root(&hashes, 300).expect("its tiles are there"), checkpoint.root);
    for index in [0, 255, 256, 299] {
        let path = merkle::prove_inclusion(&hashes, index, 300).expect("a proof");
        check_inclusion(index, 300, &leaves[usize::try_from(index).expect("small")], &path, &checkpoint.root).expect("it holds");
    }
}

#[test]
fn our_own_vectors_hold_wherever_the_crate_is_built() {
    let vectors = parse_lines(include_str!("../vectors/proofs.jsonl"));
    assert!(vectors.len() >= 20);
    let (inclusion, consistency): (Vec<Value>, Vec<Value>) = vectors.into_iter().partition(|vector| vector.get("leafIdx").is_some());
    assert_eq!(differing(&inclusion, wants_no_error, |vector| inclusion_holds(vector).is_some()), Vec::<String>::new());
    assert_eq!(differing(&consistency, wants_no_error, |vector| consistency_holds(vector).is_some()), Vec::<String>::new());
}
