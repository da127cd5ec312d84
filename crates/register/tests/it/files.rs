//! Files that are handed in with an entry: kept sealed, read back, erased with their class, missed when they are gone.

use crate::station::{at, fresh_schema, keys, officer};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_ledger::leaf::Class;
use habeas_ledger::merkle::Hash;
use habeas_ledger::parcel::Parcel;
use habeas_ledger::policy::Policy;
use habeas_ledger::sealing::Plaintext;
use habeas_ledger::verify::{self, Code, Report, Trust, Verdict};
use habeas_register::draft::{LARGEST_FILE, exactly};
use habeas_register::stored::StoredRegister;
use habeas_register::{Attachment, Draft, Erasure, Everybody, Options, Place, Receipt, Register, RegisterError, move_register};
use std::path::Path;
use std::sync::{Arc, OnceLock};

const PHOTO: &[u8] = b"a picture of somebody's face, as far as this test goes";

fn core() -> Arc<Codebook> {
    static CORE: OnceLock<Arc<Codebook>> = OnceLock::new();
    let read = || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks/core");
        let source = PackSource::from_folder(&folder).expect("the vocabulary");
        Arc::new(habeas_codebook::read(&source, &|_| None).codebook.expect("it has no errors"))
    };
    Arc::clone(CORE.get_or_init(read))
}

fn open(place: &Place) -> Register {
    let authority = Arc::new(Everybody);
    Register::open(Options { place: place.clone(), codebook: core(), keys: keys(), authority, last_note: None }).expect("a register")
}

/// Registers in a folder and, where there is a server, on PostgreSQL.
fn places(folder: &Path) -> Vec<Place> {
    let postgres = fresh_schema().map(|url| Place::Postgres { url, folder: folder.join("postgres") });
    if postgres.is_some() {
        std::fs::create_dir(folder.join("postgres")).expect("a folder");
    }
    std::iter::once(Place::Sqlite(folder.join("sqlite"))).chain(postgres).collect()
}

fn photo(bytes: &[u8]) -> Attachment {
    let bytes = Arc::new(Plaintext::new(bytes.to_vec()));
    let (field, media) = ("photo".to_owned(), "image/jpeg".to_owned());
    Attachment { field, name: "face.jpg".to_owned(), media, original: Hash::of(b"with GPS"), removed: vec!["place".to_owned()], bytes }
}

fn identified(id: &str, photo: Attachment) -> Draft {
    let mut draft = Draft::new(id, "identity established", exactly(at(0)), &[("person", "P1")]).with("names", "Aysel Novruz");
    draft = draft.with("photo", photo.hash().to_hex());
    draft.source = Some("paper".to_owned());
    draft.attachments.push(photo);
    draft
}

fn hand_in(register: &Register, id: &str, bytes: &[u8]) -> Result<Receipt, RegisterError> {
    register.append(identified(id, photo(bytes)), &officer(), at(1))
}

fn report(place: &Place) -> Report {
    let policy = Policy::of_log(keys().log.verifier().clone());
    let stored = StoredRegister::open_at(place, Some((keys(), core()))).expect("a database");
    verify::log(&stored, &Trust::new(&policy)).expect("it can be read")
}

fn codes(place: &Place) -> Vec<Code> {
    report(place).findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_file_is_kept_sealed_and_read_back_and_the_entry_tells_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for place in places(folder.path()) {
        let register = open(&place);
        let receipt = hand_in(&register, "e1", PHOTO).expect("taken");
        drop(register);
        let register = open(&place);
        let entry = register.entry("e1").expect("the entry");
        let [file] = entry.files.as_slice() else { panic!("one file: {:?}", entry.files) };
        assert_eq!((file.class, file.told.place, file.told.field.as_str(), file.told.size), (Class::Identity, 0, "photo", 54));
        assert_eq!(
            (file.told.sha256.as_str(), file.told.original.as_str()),
            (&*Hash::of(PHOTO).to_hex(), &*Hash::of(b"with GPS").to_hex())
        );
        assert_eq!(register.file(receipt.index, 0).expect("the file").reveal(), PHOTO);
        assert!(matches!(register.file(receipt.index, 1), Err(RegisterError::Absent { .. })));
        drop(register);
        assert_eq!(codes(&place), [], "{place}");
    }
    let stored = std::fs::read(folder.path().join("sqlite/register.db")).expect("the database");
    let has = |words: &[u8]| stored.windows(words.len()).any(|window| window == words);
    assert!(!has(PHOTO) && !has(b"face.jpg"), "neither the picture nor its name stands open");
}

#[test]
fn a_file_sent_twice_is_kept_once_and_another_under_its_number_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for place in places(folder.path()) {
        let register = open(&place);
        let first = hand_in(&register, "e1", PHOTO).expect("taken");
        assert_eq!(hand_in(&register, "e1", PHOTO).expect("the receipt of the first time").index, first.index);
        assert!(matches!(hand_in(&register, "e1", b"another face"), Err(RegisterError::Conflict { .. })));
        let mut without = identified("e1", photo(PHOTO));
        without.attachments.clear();
        assert!(matches!(register.append(without, &officer(), at(2)), Err(RegisterError::Conflict { .. })));
        assert_eq!(register.file(first.index, 0).expect("the first").reveal(), PHOTO);
    }
}

#[test]
fn a_file_whose_hash_no_field_says_or_that_is_too_large_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(&Place::Sqlite(folder.path().join("station")));
    let refused = |draft: Draft, path: &str| match register.append(draft, &officer(), at(1)) {
        Err(RegisterError::Invalid(problems)) => assert_eq!(problems[0].field, path),
        other => panic!("{other:?}"),
    };
    refused(identified("e1", photo(PHOTO)).with("photo", "ab".repeat(32)), "fields.photo");
    refused(identified("e1", Attachment { field: "names".to_owned(), ..photo(PHOTO) }), "fields.names");
    refused(identified("e1", photo(&vec![0; LARGEST_FILE + 1])), "fields.photo");
    assert!(matches!(register.entry("e1"), Err(RegisterError::Absent { .. })), "nothing was written");
    hand_in(&register, "e1", &vec![0; LARGEST_FILE]).expect("exactly at the limit");
}

#[test]
fn an_erasure_takes_the_file_with_its_class_and_its_loss_without_one_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for place in places(folder.path()) {
        let register = open(&place);
        let index = hand_in(&register, "e1", PHOTO).expect("taken").index;
        let order = Erasure {
            subject: ("person".to_owned(), "P1".to_owned()),
            classes: vec![Class::Identity],
            ground: "retention 5 years".to_owned(),
            approved_by: vec!["officer:17".to_owned(), "ombudsman:2".to_owned()],
        };
        register.erase(&order, &officer(), at(10)).expect("an erasure");
        assert!(matches!(register.file(index, 0), Err(RegisterError::Absent { what }) if what.contains("erased")));
        assert!(register.entry("e1").expect("the entry stays").files.is_empty(), "not even its name");
        drop(register);
        assert_eq!((codes(&place), report(&place).verdict()), (vec![Code::Erased], Verdict::Incomplete), "{place}");
    }
}

#[test]
fn a_file_that_was_altered_or_taken_away_is_named() {
    for (sql, code) in [
        ("UPDATE file SET sealed = NULL", Code::Missing),
        ("DROP TRIGGER file_is_never_changed; UPDATE file SET sealed = x'00'", Code::Body),
        ("DROP TRIGGER file_is_never_deleted; DELETE FROM file", Code::Missing),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::Sqlite(folder.path().join("station"));
        hand_in(&open(&place), "e1", PHOTO).expect("taken");
        let database = rusqlite::Connection::open(folder.path().join("station/register.db")).expect("the database");
        database.execute_batch(sql).expect("an insider");
        drop(database);
        let found = report(&place);
        assert_eq!((found.findings[0].code, found.findings[0].index, found.verdict()), (code, Some(0), Verdict::Tampered), "{sql}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    hand_in(&open(&Place::Sqlite(folder.path().join("station"))), "e1", PHOTO).expect("taken");
    let database = rusqlite::Connection::open(folder.path().join("station/register.db")).expect("the database");
    for sql in ["UPDATE file SET sealed = x'00'", "DELETE FROM file"] {
        assert!(database.execute(sql, []).expect_err("a slip of the hand").to_string().contains("never"), "{sql}");
    }
}

#[test]
fn a_file_moves_with_its_register_and_goes_to_the_centre() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, place) in places(folder.path()).into_iter().enumerate() {
        let register = open(&place);
        let index = hand_in(&register, "e1", PHOTO).expect("taken").index;
        let parcel = register.parcel(0).expect("entries").expect("some");
        assert_eq!(parcel.entries[0].files.len(), 1);
        let bytes = parcel.to_bytes().expect("it fits");
        assert_eq!(Parcel::from_bytes(&bytes).expect("what was written"), parcel);
        drop(register);
        let to = Place::Sqlite(folder.path().join(format!("moved-{number}")));
        move_register(&place, &to, &mut |_| ()).expect("moved");
        assert_eq!(open(&to).file(index, 0).expect("the file").reveal(), PHOTO);
        assert_eq!(codes(&to), []);
    }
}
