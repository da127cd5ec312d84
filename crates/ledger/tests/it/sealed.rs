//! What is sealed opens for whom it is meant, in its place, and for nobody else.

use crate::data::dice;
use habeas_ledger::LedgerError;
use habeas_ledger::keyfile::{self, Cost, Purpose, StoredKey};
use habeas_ledger::leaf::Class;
use habeas_ledger::sealing::{AuthorityKey, AuthorityPublic, DataKey, Place, Plaintext, Wrapping};
use zeroize::Zeroizing;

const FINDING: &[u8] = b"bruises on both wrists";
const HERE: Place<'_> = Place { origin: "custody.example/st/0412", event: [7; 16], class: Class::Medical };
const OF_HER: Wrapping = Wrapping { person: [3; 16], class: Class::Medical };

#[test]
fn the_health_service_opens_a_finding_and_the_police_cannot() {
    let mut dice = dice(1);
    let (health, police) = (AuthorityKey::generate(&mut dice), AuthorityKey::generate(&mut dice));
    let key = DataKey::generate(&mut dice);
    let sealed = key.seal(HERE, FINDING, &mut dice).expect("sealed");
    let known = AuthorityPublic::from_bytes(&health.public().to_bytes()).expect("its public key");
    let wrapped = known.wrap(&key, OF_HER, &mut dice).expect("wrapped");
    let opened = health.unwrap(&wrapped, OF_HER).expect("its own").open(HERE, &sealed).expect("it opens");
    assert_eq!(opened.reveal(), FINDING);
    assert!(matches!(police.unwrap(&wrapped, OF_HER), Err(LedgerError::Closed { .. })));
}

#[test]
fn a_finding_moved_to_another_event_log_or_class_does_not_open() {
    let mut dice = dice(2);
    let key = DataKey::generate(&mut dice);
    let sealed = key.seal(HERE, FINDING, &mut dice).expect("sealed");
    for elsewhere in
        [Place { event: [8; 16], ..HERE }, Place { origin: "custody.example/st/0413", ..HERE }, Place { class: Class::Custody, ..HERE }]
    {
        assert!(matches!(key.open(elsewhere, &sealed), Err(LedgerError::Closed { .. })));
    }
}

#[test]
fn a_key_wrapped_for_one_person_is_not_taken_for_anothers() {
    let mut dice = dice(3);
    let health = AuthorityKey::generate(&mut dice);
    let wrapped = health.public().wrap(&DataKey::generate(&mut dice), OF_HER, &mut dice).expect("wrapped");
    for other in [Wrapping { person: [4; 16], ..OF_HER }, Wrapping { class: Class::Privileged, ..OF_HER }] {
        assert!(health.unwrap(&wrapped, other).is_err());
    }
}

#[test]
fn no_flipped_bit_of_a_sealed_part_or_wrapped_key_goes_unnoticed() {
    let mut dice = dice(4);
    let health = AuthorityKey::generate(&mut dice);
    let key = DataKey::generate(&mut dice);
    let sealed = key.seal(HERE, FINDING, &mut dice).expect("sealed");
    let wrapped = health.public().wrap(&key, OF_HER, &mut dice).expect("wrapped");
    for place in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[place / 8] ^= 1 << (place % 8);
        assert!(key.open(HERE, &altered).is_err(), "bit {place} of the part");
    }
    for place in 0..wrapped.len() * 8 {
        let mut altered = wrapped.clone();
        altered[place / 8] ^= 1 << (place % 8);
        let opened = health.unwrap(&altered, OF_HER).and_then(|key| key.open(HERE, &sealed));
        assert!(opened.is_err(), "bit {place} of the wrapped key");
    }
    assert!(key.open(HERE, &sealed[..30]).is_err() && key.open(HERE, &[]).is_err() && health.unwrap(&[], OF_HER).is_err());
}

#[test]
fn nothing_sealed_is_printed() {
    let mut dice = dice(5);
    let key = AuthorityKey::generate(&mut dice);
    let stored = StoredKey { purpose: Purpose::Authority(Class::Medical), name: "health".to_owned(), secret: Zeroizing::new([65; 32]) };
    let printed = format!("{:?} {:?} {:?} {stored:?}", Plaintext::new(FINDING.to_vec()), DataKey::generate(&mut dice), key);
    assert!(!printed.contains("bruises") && !printed.contains("65, 65") && !printed.contains("AAAA"), "{printed}");
    assert!(printed.contains("Plaintext(22 bytes)"), "{printed}");
}

#[test]
fn a_key_file_opens_with_its_passphrase_and_with_no_other() {
    let mut dice = dice(6);
    let keys = vec![
        StoredKey { purpose: Purpose::Log, name: "custody.example/st/0412".to_owned(), secret: Zeroizing::new([1; 32]) },
        StoredKey { purpose: Purpose::Authority(Class::Custody), name: "police".to_owned(), secret: Zeroizing::new([2; 32]) },
    ];
    let cheap = Cost { memory_kib: 64, passes: 1 };
    let text = keyfile::encode(&keys, "correct horse", cheap, &mut dice).expect("a key file");
    assert_eq!(keyfile::decode(&text, "correct horse").as_ref(), Ok(&keys));
    assert_eq!(keyfile::decode(&text, "correct house"), Err(LedgerError::Closed { what: "the key file" }));
    assert!(keyfile::decode(&text.replace("64 1", "65 1"), "correct horse").is_err());
    assert!(keyfile::encode(&keys, "", cheap, &mut dice).is_err());
    let greedy = text.replace("64 1", "99999999 1");
    assert!(keyfile::decode(&greedy, "correct horse").expect_err("too much").to_string().contains("within 1 GiB"));
}
