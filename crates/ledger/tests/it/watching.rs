//! The witness: two public scenarios step by step, and what a log could try.

use crate::data::foreign;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeas_ledger::Hash;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::merkle::EMPTY_ROOT;
use habeas_ledger::note::{Algorithm, SigningKey, VerifierKey};
use habeas_ledger::witness::{Answer, Request, Seen, answer};
use serde_json::Value;

const NOW: u64 = 1_772_442_891;

/// Plays a scenario against one log's memory; each step's status, and the answer.
fn play(scenario: &Value, log: &VerifierKey, key: &CosignerKey) -> Vec<Answer> {
    let mut seen: Option<Seen> = None;
    let steps = scenario["steps"].as_array().expect("steps");
    let answers = steps.iter().map(|step| {
        let body = step["body"].as_str().expect("a body");
        let given = match Request::parse(body.as_bytes()) {
            Ok(request) => answer(&request, std::slice::from_ref(log), seen, key, NOW),
            Err(error) => Answer::BadRequest { why: error.to_string() },
        };
        if let Answer::Cosigned { seen: newest, note, .. } = &given {
            seen = Some(*newest);
            let both = [log.clone(), key.verifier().clone()];
            assert_eq!(note.open(&both).expect("both signed").verified.len(), 2);
        }
        given
    });
    answers.collect()
}

fn scenario(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(foreign(name)?).expect("a scenario");
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn seed(bytes: &[u8]) -> [u8; 32] {
    bytes[bytes.len() - 32..].try_into().expect("32 bytes")
}

#[test]
fn the_monkeys_are_answered_as_the_standard_says() {
    let Some(scenario) = scenario("witness_scenario_monkeys.json") else { return };
    let log = VerifierKey::parse(scenario["log_vkey"].as_str().expect("a key")).expect("a key");
    // After the base64 stands a remark: `(first byte = type)`.
    let seed_text = scenario["witness_skey_seed_b64"].as_str().and_then(|text| text.split(' ').next()).expect("a seed");
    let secret = STANDARD.decode(seed_text).expect("base64");
    let key = CosignerKey::from_seed("witness", &seed(&secret)).expect("a name");
    let found: Vec<u16> = play(&scenario, &log, &key).iter().map(Answer::status).collect();
    let wanted: Vec<u64> = scenario["steps"].as_array().expect("steps").iter().filter_map(|step| step["want_status"].as_u64()).collect();
    assert_eq!(found.iter().map(|status| u64::from(*status)).collect::<Vec<_>>(), wanted);
}

#[test]
fn litewitnesss_own_script_gets_the_same_answers() {
    let Some(scenario) = scenario("witness_scenario_litewitness.json") else { return };
    let hex = |key: &str| -> Vec<u8> {
        let text = scenario[key].as_str().expect("hex");
        (0..text.len() / 2).map(|place| u8::from_str_radix(&text[2 * place..2 * place + 2], 16).expect("hex")).collect()
    };
    let origin = scenario["log_origin"].as_str().expect("an origin");
    let log = VerifierKey::new(origin, Algorithm::Ed25519, &hex("log_ed25519_public_hex")).expect("a key");
    let key = CosignerKey::from_seed("example.com/witness", &seed(&hex("witness_ed25519_seed_hex"))).expect("a name");
    let answers = play(&scenario, &log, &key);
    for (place, (step, given)) in scenario["steps"].as_array().expect("steps").iter().zip(&answers).enumerate() {
        // An unknown log was 403 when the script was written; the standard says 404 now.
        let wanted = if place == 2 { 404 } else { step["litewitness_status"].as_u64().expect("a status") };
        assert_eq!(u64::from(given.status()), wanted, "step {}: {given:?}", place + 1);
        let told = step["litewitness_assert"].as_str().expect("an assertion");
        if let Some(body) = told.strip_prefix("body == ") {
            assert_eq!(format!("{:?}", given.body()), body);
        } else if place != 2 {
            let part = told.strip_prefix("body contains ").expect("one of two forms").trim_matches('"');
            assert!(given.body().contains(part), "step {}: {:?} has no {part:?}", place + 1, given.body());
        }
    }
}

#[test]
fn an_empty_log_with_another_root_than_nothings_is_inconsistent() {
    let log = SigningKey::from_seed("custody.example/st/0412", &[1; 32]).expect("a name");
    let key = CosignerKey::from_seed("ombudsman.example", &[2; 32]).expect("a name");
    for (root, status) in [(EMPTY_ROOT, 200), (Hash::of(b"x"), 422)] {
        let note = Checkpoint::new("custody.example/st/0412", 0, root).sign(&log).expect("a checkpoint");
        let request = Request { old_size: 0, proof: Vec::new(), note };
        assert_eq!(answer(&request, &[log.verifier().clone()], None, &key, NOW).status(), status);
    }
}
