//! Erasure by order: what is gone, what stays, what verification says of it.

use crate::station::{at, keys, officer};
use habeas_codebook::log::{EventId, Log, Value};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::FieldId;
use habeas_ledger::leaf::Class;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::{self, Code, Trust, Verdict};
use habeas_register::draft::exactly;
use habeas_register::stored::StoredRegister;
use habeas_register::whole::ReadOn;
use habeas_register::{Draft, Erasure, Everybody, Options, Register, RegisterError};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

fn core() -> Arc<habeas_codebook::tree::Codebook> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks/core");
    let source = PackSource::from_folder(&folder).expect("the vocabulary");
    Arc::new(habeas_codebook::read(&source, &|_| None).codebook.expect("it has no errors"))
}

fn open(folder: &Path) -> Register {
    Register::open(Options::in_folder(folder, core(), keys(), Arc::new(Everybody))).expect("a register")
}

fn order(ground: &str) -> Erasure {
    Erasure {
        subject: ("person".to_owned(), "P1".to_owned()),
        classes: vec![Class::Identity],
        ground: ground.to_owned(),
        approved_by: vec!["officer:17".to_owned(), "ombudsman:2".to_owned()],
    }
}

fn report(folder: &Path) -> verify::Report {
    let policy = Policy::of_log(keys().log.verifier().clone());
    let stored = StoredRegister::open(folder, Some((keys(), core()))).expect("a database");
    verify::log(&stored, &Trust::new(&policy)).expect("it can be read")
}

/// A person whose identity is recorded, as another system knew it.
fn identified(register: &Register) {
    let mut draft = Draft::new("e1", "identity established", exactly(at(0)), &[("person", "P1")]).with("names", "Aysel Novruz");
    draft.source = Some("paper".to_owned());
    register.append(draft, &officer(), at(1)).expect("an identity");
}

#[test]
fn a_log_is_read_on_from_where_it_was_read_and_anew_after_an_erasure() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    identified(&register);
    let mut log = Log::new();
    let read = register.read_on(&mut log, 0, &|_| ()).expect("the first entries");
    assert_eq!((read, log.len()), (ReadOn { size: 1, erased: false }, 1));
    let told = |field: FieldId, value: &Value| core().field_names[field.index()] == "names" && *value != Value::Sealed;
    let names = |log: &Log| log.fields(EventId(0)).iter().any(|(field, value)| told(*field, value));
    assert!(names(&log));
    register.erase(&order("retention 5 years"), &officer(), at(10)).expect("an erasure");
    let read = register.read_on(&mut log, read.size, &|_| ()).expect("the order and that it was done");
    assert_eq!((read, log.len()), (ReadOn { size: 3, erased: true }, 3));
    let anew = register.log_so_far().expect("the whole log");
    assert!(names(&log) && !names(&anew), "so what was read before must go");
    for minute in [0, 1, 9, 10, 11] {
        let (known, signed) = register.log_known_at(at(minute)).expect("what was known then");
        assert_eq!(register.checkpoint_known_at(at(minute)).expect("its checkpoint"), signed);
        assert_eq!(signed.size, known.len() as u64);
    }
}

#[test]
fn what_is_erased_by_order_is_gone_and_told_apart_from_loss() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    identified(&register);
    let erased = register.erase(&order("retention 5 years"), &officer(), at(10)).expect("an erasure");
    assert_eq!(erased.parts, 1);
    let history = register.history("person", "P1", None).expect("the record stays");
    assert_eq!((history[0].kind.as_str(), history[0].fields.len()), ("identity established", 0));
    assert_eq!(history[0].sealed, ["identity"]);
    drop(register);
    let found = report(folder.path());
    let codes: Vec<Code> = found.findings.iter().map(|finding| finding.code).collect();
    assert_eq!((codes.as_slice(), found.verdict()), ([Code::Erased].as_slice(), Verdict::Incomplete));
    let register = open(folder.path());
    register.rebuild(at(20), |_| ()).expect("projections again");
    assert_eq!(register.history("person", "P1", None).expect("the record stays")[0].sealed, ["identity"]);
}

#[test]
fn a_part_that_is_missing_without_an_order_is_tampering() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    identified(&register);
    drop(register);
    let database = rusqlite::Connection::open(folder.path().join("register.db")).expect("the database");
    database.execute("UPDATE event SET identity = NULL WHERE seq = 0", []).expect("an insider");
    drop(database);
    let found = report(folder.path());
    assert_eq!((found.findings[0].code, found.findings[0].index, found.verdict()), (Code::Missing, Some(0), Verdict::Tampered));
}

#[test]
fn nothing_is_erased_under_a_hold_or_by_one_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    identified(&register);
    let hold = Draft::new("h1", "hold placed", exactly(at(2)), &[("person", "P1")]);
    register.append(hold.with("ground", "complaint 12").with("done by", "ombudsman:2"), &officer(), at(3)).expect("a hold");
    let refused = register.erase(&order("retention"), &officer(), at(10));
    assert!(matches!(&refused, Err(RegisterError::Forbidden { why }) if why.contains("h1")), "{refused:?}");
    let lifted = Draft::new("h2", "hold lifted", exactly(at(11)), &[("person", "P1")]).with("hold", "h1");
    register.append(lifted.with("ground", "closed").with("done by", "ombudsman:2"), &officer(), at(11)).expect("a lifting");
    let alone = Erasure { approved_by: vec!["officer:17".to_owned(); 2], ..order("retention") };
    assert!(matches!(register.erase(&alone, &officer(), at(12)), Err(RegisterError::Forbidden { .. })));
    register.erase(&order("retention"), &officer(), at(13)).expect("now it is lawful");
    let gone = register.history("person", "P1", None).expect("a record");
    assert!(!json!(gone).to_string().contains("Aysel"));
}

#[test]
fn an_order_that_would_erase_nothing_is_refused_and_not_entered() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    identified(&register);
    let medical = Erasure { classes: vec![Class::Medical], ..order("retention") };
    let refused = register.erase(&medical, &officer(), at(10));
    assert!(matches!(&refused, Err(RegisterError::Invalid(problems)) if problems[0].field == "fields.what"), "{refused:?}");
    assert_eq!(register.checkpoint().expect("a checkpoint").size, 1, "no order stands in the log");
    register.erase(&order("retention"), &officer(), at(11)).expect("an erasure");
    let again = register.erase(&order("retention"), &officer(), at(12));
    assert!(matches!(again, Err(RegisterError::Invalid(_))), "{again:?}");
}

#[test]
fn a_hold_on_a_person_covers_their_custodies_and_an_order_drafted_by_hand_is_refused_at_the_door() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    let mut arrival = Draft::new("e1", "person arrived", exactly(at(0)), &[("custody", "C1"), ("person", "P1")]);
    arrival.source = Some("paper".to_owned());
    register.append(arrival, &officer(), at(1)).expect("an arrival");
    let hold = Draft::new("h1", "hold placed", exactly(at(2)), &[("person", "P1")]);
    register.append(hold.with("ground", "complaint 12").with("done by", "ombudsman:2"), &officer(), at(3)).expect("a hold");
    let custody = Erasure { subject: ("custody".to_owned(), "C1".to_owned()), ..order("retention") };
    let refused = register.erase(&custody, &officer(), at(10));
    assert!(matches!(&refused, Err(RegisterError::Forbidden { why }) if why.contains("h1")), "{refused:?}");
    let by_hand = |records: &str, approved: &[&str]| {
        let draft = Draft::new("o1", "keys destroyed", exactly(at(11)), &[("programme", "register")]);
        let draft = draft.with("records", vec![records]).with("what", vec!["identity"]).with("ground", "retention");
        register.append(draft.with("approved by", json!(approved)), &officer(), at(11))
    };
    let handle = register.subject_handle("custody", "C1").expect("stored").expect("the custody's record");
    let refused = by_hand(&handle, &["officer:17", "ombudsman:2"]);
    assert!(matches!(&refused, Err(RegisterError::Forbidden { why }) if why.contains("h1")), "{refused:?}");
    assert!(matches!(by_hand(&handle, &["officer:17", "officer:17"]), Err(RegisterError::Forbidden { .. })), "one approved twice");
    assert!(matches!(by_hand("00", &["officer:17", "ombudsman:2"]), Err(RegisterError::Invalid(_))), "nobody's record");
    assert_eq!(register.checkpoint().expect("a checkpoint").size, 2, "nothing of it was entered");
}

#[test]
fn a_process_without_the_clinics_key_seals_findings_and_cannot_open_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut police = keys();
    let clinic = police.authorities.insert(Class::Medical, elsewhere(&police));
    let options = |keys| Options::in_folder(folder.path(), core(), keys, Arc::new(Everybody));
    let register = Register::open(options(police)).expect("the police's register");
    let book = core();
    let kind = book
        .kinds
        .iter()
        .find(|kind| kind.subjects.first().is_some_and(|class| book.class(*class).name == "person") && kind.name == "diagnosis made");
    let kind = kind.expect("a medical kind of the vocabulary");
    let mut draft = Draft::new("m1", &kind.name, exactly(at(0)), &[("person", "P1")]);
    draft.source = Some("paper".to_owned());
    let refused_or_sealed = register.append(draft.with("disease", "foreign:icd10:A15"), &officer(), at(1));
    assert!(refused_or_sealed.is_ok(), "{refused_or_sealed:?}");
    drop(register);
    let mut police = keys();
    police.authorities.insert(Class::Medical, elsewhere(&keys()));
    let register = Register::open(options(police)).expect("the police's register again");
    let seen = told(&register);
    assert!(!seen.contains("A15"), "{seen}");
    drop(register);
    assert!(clinic.is_some());
    let register = Register::open(options(keys())).expect("the clinic's own process holds the key");
    let seen = told(&register);
    assert!(seen.contains("A15"), "{seen}");
}

/// A person's record as it is told, without the hashes of its leaves, in which any letters may stand by chance.
fn told(register: &Register) -> String {
    let mut record = register.history("person", "P1", None).expect("a record");
    record.iter_mut().for_each(|entry| entry.leaf.clear());
    json!(record).to_string()
}

fn elsewhere(keys: &habeas_register::Keys) -> habeas_register::Authority {
    habeas_register::Authority::elsewhere(keys.authorities[&Class::Medical].public.clone())
}
