//! Notes, checkpoints, policies and receipts: what is signed, by whom, and who believes it.

use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::merkle::{Edge, leaf_hash, prove_inclusion};
use habeas_ledger::note::{Note, SigningKey, VerifierKey};
use habeas_ledger::policy::Policy;
use habeas_ledger::proof::Proof;
use habeas_ledger::{Hash, LedgerError};
use proptest::prelude::*;
use signed_note::Verifier as _;

const ORIGIN: &str = "custody.example/st/0412";

fn log() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).expect("a name")
}

fn witness(name: &str, seed: u8) -> CosignerKey {
    CosignerKey::from_seed(name, &[seed; 32]).expect("a name")
}

fn policy(text: &str) -> Policy {
    let keys = [witness("ombudsman.example", 2), witness("bar.example", 3), witness("ngo.example", 4)];
    let mut whole = format!("# who must have seen it\nlog {}\n", log().verifier());
    for (name, key) in ["ombudsman", "bar", "ngo"].iter().zip(keys) {
        whole.push_str(&format!("witness {name} {}\n", key.verifier()));
    }
    Policy::parse((whole + text).as_bytes()).expect("a policy")
}

const TWO_OF_THREE: &str = "group outside 2 ombudsman bar ngo\nquorum outside\n";

fn leaves() -> Vec<Hash> {
    (0..9u8).map(|place| leaf_hash(&[place])).collect()
}

fn checkpoint() -> Note {
    let mut edge = Edge::new();
    leaves().into_iter().for_each(|leaf| edge.push(leaf));
    Checkpoint::new(ORIGIN, edge.size(), edge.root()).sign(&log()).expect("a checkpoint")
}

fn receipt(cosigned: &[(&str, u8, u64)]) -> Proof {
    let mut note = checkpoint();
    for (name, seed, time) in cosigned {
        let line = witness(name, *seed).cosign(&note, *time).expect("a cosignature");
        note.add(line);
    }
    Proof { extra: None, index: 4, path: prove_inclusion(&leaves(), 4, 9).expect("a proof"), checkpoint: note.to_string() }
}

#[test]
fn a_receipt_seen_by_two_of_three_is_believed_and_tells_since_when() {
    let receipt = receipt(&[("ombudsman.example", 2, 1_000), ("bar.example", 3, 1_060)]);
    let judged = receipt.check(&leaves()[4], &policy(TWO_OF_THREE)).expect("it holds");
    assert_eq!(judged.cosigned, [(0, 1_000), (1, 1_060)]);
    assert_eq!(judged.witnessed_at, Some(1_060));
    assert_eq!(Proof::parse(&receipt.to_string()), Ok(receipt));
}

#[test]
fn a_receipt_seen_by_one_is_not_enough_and_says_who_is_missing() {
    let receipt = receipt(&[("bar.example", 3, 1_060)]);
    let refused = receipt.check(&leaves()[4], &policy(TWO_OF_THREE)).expect_err("one is not two");
    assert_eq!(refused.to_string(), "the policy's quorum is not reached: cosigned by bar; not by ombudsman, ngo");
    assert!(!receipt.check_unwitnessed(&leaves()[4], &policy(TWO_OF_THREE)).expect("it is in the log").quorum);
}

#[test]
fn a_stranger_who_calls_himself_ombudsman_counts_for_nothing() {
    let receipt = receipt(&[("ombudsman.example", 9, 1_000), ("bar.example", 3, 1_060)]);
    assert!(matches!(receipt.check(&leaves()[4], &policy(TWO_OF_THREE)), Err(LedgerError::Quorum { .. })));
}

#[test]
fn a_receipt_for_another_entry_does_not_hold() {
    let receipt = receipt(&[("ombudsman.example", 2, 1_000), ("bar.example", 3, 1_060)]);
    assert!(matches!(receipt.check(&leaves()[5], &policy(TWO_OF_THREE)), Err(LedgerError::NotProven { .. })));
}

#[test]
fn no_flipped_bit_of_a_receipt_goes_unnoticed() {
    let policy = policy("group outside all ombudsman bar\nquorum outside\n");
    let text = receipt(&[("ombudsman.example", 2, 1_000), ("bar.example", 3, 1_060)]).to_string().into_bytes();
    for place in 0..text.len() {
        for bit in 0..8 {
            let mut altered = text.clone();
            altered[place] ^= 1 << bit;
            let read = String::from_utf8(altered).ok().and_then(|text| Proof::parse(&text).ok());
            let believed = read.is_some_and(|proof| proof.check(&leaves()[4], &policy).is_ok());
            assert!(!believed, "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn a_signature_in_a_second_spelling_is_a_signature_that_does_not_fit() {
    let policy = policy("quorum none\n");
    let note = checkpoint().to_string();
    let last = note.trim_end().trim_end_matches('=').chars().last().expect("a letter");
    // 68 bytes leave two bits of the last letter unused, so that the letter after it in the alphabet says the same bytes.
    let after = char::from(u8::try_from(last).expect("base64") + 1);
    let altered = note.replace(&format!("{last}=\n"), &format!("{after}=\n"));
    let proof = Proof { checkpoint: altered, ..receipt(&[]) };
    let read = Proof::parse(&proof.to_string()).expect("it has the form of a receipt");
    assert!(matches!(read.check(&leaves()[4], &policy), Err(LedgerError::Signature { .. })));
}

#[test]
fn a_policy_of_groups_within_groups_is_counted() {
    let policy = policy("group courts any ombudsman bar\ngroup both all courts ngo\nquorum both\n");
    for (cosigned, enough) in [(vec![], false), (vec![0], false), (vec![0, 1], false), (vec![2], false), (vec![1, 2], true)] {
        assert_eq!(policy.is_quorum(&cosigned), enough, "{cosigned:?}");
    }
}

#[test]
fn a_refused_policy_says_which_line() {
    let key = witness("a.example", 5);
    for (text, says) in [
        ("quorum none\nquorum none\n", "line 2: found `none`, expected one quorum line"),
        ("\n# nothing\n", "its end: found no `quorum` line"),
        ("quorum nobody\n", "line 1: found `nobody`, expected `none`, or a witness or group"),
        ("group g 3 a\nquorum g\n", "line 1: found `3`, expected `any`, `all` or a number from 1 to 1"),
        ("witnesses a b\n", "line 1: found `witnesses a b`, expected `log VKEY [URL]`"),
        ("log zzz\n", "line 1: found `zzz`, expected a verifier key"),
        (&format!("log {}\n", key.verifier()), "expected a log's key: type 0x01 or 0x06"),
        (&format!("witness none {}\n", key.verifier()), "line 1: found `none`, expected a name that is not taken"),
        (&format!("witness a {0}\nwitness b {0}\n", key.verifier()), "line 2: found `a.example+"),
        (
            &format!("witness a {}\ngroup g any a\ngroup h any a\nquorum h\n", key.verifier()),
            "line 3: found `a`, expected each name in one group",
        ),
        ("quorum none\r\n", "line 1: found `quorum none\u{fffd}`, expected no control characters"),
    ] {
        let refused = Policy::parse(text.as_bytes()).expect_err(text).to_string();
        assert!(refused.contains(says), "{text:?}: {refused}");
    }
}

#[test]
fn a_checkpoint_whose_origin_is_not_the_keys_name_is_not_believed() {
    let other = Checkpoint::new("custody.example/st/0999", 1, Hash::of(b"x"));
    let text = other.to_string();
    let note = Note::new(&text, vec![log().sign(&text).expect("signed")]).expect("a note");
    let refused = Policy::of_log(log().verifier().clone()).judge(note.to_string().as_bytes());
    assert!(matches!(refused, Err(LedgerError::NoKnownKey { .. })), "{refused:?}");
}

proptest! {
    #[test]
    fn cloudflares_crate_believes_our_notes(lines in prop::collection::vec("[ -~é]{0,30}", 1..6), seed in any::<[u8; 32]>()) {
        let text = lines.join("\n") + "\n";
        let key = SigningKey::from_seed("station.example/0412", &seed).expect("a name");
        let note = Note::new(&text, vec![key.sign(&text).expect("a text")]).expect("a note");
        prop_assert_eq!(Note::parse(note.to_string().as_bytes()).expect("our own note"), note.clone());
        let verifier = signed_note::StandardVerifier::new(&key.verifier().to_string()).expect("our key");
        prop_assert_eq!(verifier.key_id(), u32::from_be_bytes(key.verifier().id()));
        let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).expect("our note");
        let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
        let (verified, _) = theirs.verify(&known).expect("our signature");
        prop_assert_eq!(verified.len(), 1);
        prop_assert_eq!(theirs.text(), text.as_bytes());
    }

    #[test]
    fn any_bytes_are_refused_or_written_back(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,200}") {
        let _refused = (Note::parse(&bytes), Policy::parse(&bytes), Proof::parse(&text), VerifierKey::parse(&text));
        if let Ok(read) = Checkpoint::parse(&text) {
            prop_assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn a_note_with_any_byte_changed_is_not_believed(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = checkpoint().to_string().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let key = log().verifier().clone();
        prop_assert!(Checkpoint::open(&bytes, &[key]).is_err());
    }
}

#[cfg(feature = "ml-dsa")]
#[test]
fn a_cosignature_by_ml_dsa_counts_like_any_other() {
    use habeas_ledger::cosignature::MlDsaKey;
    let key = MlDsaKey::from_seed("ombudsman.example", &[6; 32]).expect("a name");
    let mut note = checkpoint();
    note.add(key.cosign(&note, 1_000).expect("a cosignature"));
    assert_eq!(VerifierKey::parse(&key.verifier().to_string()).as_ref(), Ok(key.verifier()));
    let policy = format!("log {}\nwitness o {}\nquorum o\n", log().verifier(), key.verifier());
    let policy = Policy::parse(policy.as_bytes()).expect("a policy");
    assert_eq!(policy.accept(note.to_string().as_bytes()).expect("believed").witnessed_at, Some(1_000));
    let altered = note.to_string().replace("\n9\n", "\n8\n");
    assert!(policy.accept(altered.as_bytes()).is_err());
}
