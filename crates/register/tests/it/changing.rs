//! Keys that are changed, and a register that goes on after a loss: also where it is stopped midway, and where somebody would rather not
//! say so.

use crate::station::at;
use habeas_codebook::pack::PackSource;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::keyfile::{self, Purpose, StoredKey};
use habeas_ledger::leaf::Class;
use habeas_ledger::note::SigningKey;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::{self, Code, Report, Trust, Verdict};
use habeas_register::draft::exactly;
use habeas_register::epoch::{Held, Order};
use habeas_register::folder::{DataFolder, Settings};
use habeas_register::rotation::Closed;
use habeas_register::stored::StoredRegister;
use habeas_register::{Actor, Draft, Everybody, Options, Place, Register, RegisterError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ORIGIN: &str = "custody.example/st/0412";
/// The passphrase stands beside the keys: it needs no stretching.
const SECRET: Option<&str> = None;

/// A register in a data folder of its own, on the vocabulary.
struct House {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("station");
        let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks/core");
        let packs = [("core".to_owned(), PackSource::from_folder(&core).expect("the vocabulary"))];
        let settings = format!("origin = \"{ORIGIN}\"\ncodebook = \"core\"\n");
        let settings: Settings = toml::from_str(&settings).expect("settings");
        DataFolder::create(&path, settings, &packs, SECRET).expect("a data folder");
        let house = House { path, _folder: folder };
        let register = house.open();
        house.identify(&register, "P1", 0);
        house.identify(&register, "P2", 1);
        house
    }

    fn folder(&self) -> DataFolder {
        DataFolder::open(&self.path).expect("a data folder")
    }

    fn place(&self) -> Place {
        Place::Sqlite(self.path.clone())
    }

    fn try_open(&self) -> Result<Register, RegisterError> {
        let folder = self.folder();
        let codebook = Arc::new(folder.codebook().expect("the codebook in force"));
        Register::open(Options::in_folder(&self.path, codebook, folder.keys(SECRET)?, Arc::new(Everybody)))
    }

    fn open(&self) -> Register {
        self.try_open().expect("a register")
    }

    fn closed<'a>(&self, folder: &'a DataFolder) -> Closed<'a> {
        Closed { folder, place: self.place(), passphrase: SECRET }
    }

    fn identify(&self, register: &Register, person: &str, minutes: i64) {
        let mut draft = Draft::new(&format!("id-{person}"), "identity established", exactly(at(minutes)), &[("person", person)]);
        draft.source = Some("paper".to_owned());
        register.append(draft.with("names", "Aysel Novruz"), &Actor::named("officer:1042"), at(minutes)).expect("an identity");
    }

    fn policy(&self) -> Policy {
        Policy::parse(&std::fs::read(self.path.join("policy")).expect("a policy")).expect("a sound policy")
    }

    fn verified(&self, policy: &Policy, since: Option<&[u8]>) -> Report {
        let folder = self.folder();
        let codebook = Arc::new(folder.codebook().expect("the codebook in force"));
        let stored = StoredRegister::open(&self.path, Some((folder.keys(SECRET).expect("keys"), codebook))).expect("a database").deep();
        verify::log(&stored, &Trust { since, ..Trust::new(policy) }).expect("it can be read")
    }

    fn passphrase(&self) -> String {
        std::fs::read_to_string(self.path.join("passphrase")).expect("it stands there").trim_end().to_owned()
    }

    fn keys(&self) -> Vec<StoredKey> {
        let text = std::fs::read_to_string(self.path.join("keys")).expect("a key file");
        keyfile::decode(&text, &self.passphrase()).expect("the passphrase opens it")
    }

    /// Private keys of one purpose, as the file has them.
    fn secrets(&self, purpose: Purpose) -> Vec<[u8; 32]> {
        self.keys().iter().filter(|key| key.purpose == purpose).map(|key| *key.secret).collect()
    }
}

fn codes(report: &Report) -> Vec<Code> {
    report.findings.iter().map(|finding| finding.code).collect()
}

fn names_known(register: &Register, person: &str) -> bool {
    let history = register.history("person", person, None).expect("a record");
    serde_json::to_string(&history).expect("plain data").contains("Aysel Novruz")
}

fn stopped() -> RegisterError {
    RegisterError::Closed
}

#[test]
fn the_logs_key_is_changed_and_the_old_one_signs_the_change() {
    let house = House::new();
    let old_policy = house.policy();
    let before = house.open().checkpoint().expect("a checkpoint").note;
    let folder = house.folder();
    let changed = house.closed(&folder).rotate_log(at(10), &mut |_| Ok(())).expect("it is changed");
    assert_eq!((changed.signed, changed.old.name(), changed.new.name()), (3, ORIGIN, ORIGIN));
    let register = house.open();
    let entered = register.scan(2, 1).expect("entries").pop().expect("the change stands in the log");
    assert_eq!((entered.kind.as_str(), entered.fields[0].value.as_str()), ("key rotated", Some(changed.new.to_string().as_str())));
    house.identify(&register, "P3", 11);
    let receipt = register.receipt(3).expect("a receipt");
    drop(register);
    for (policy, whose) in [(&house.policy(), "the folder's"), (&old_policy, "one that knows the old key only")] {
        let report = house.verified(policy, Some(before.as_bytes()));
        assert_eq!((codes(&report), report.verdict(), report.proven), (vec![Code::Succession], Verdict::Proven, 4), "{whose}: {report:?}");
    }
    // Without the log at hand, whoever knows the old key learns the new one from the statement.
    let mut learnt = old_policy.clone();
    assert_eq!(verify::receipt::check(&receipt, None, &old_policy).expect("a receipt").verdict(), Verdict::Tampered);
    let stated = habeas_ledger::succession::Succession::open(changed.note.as_bytes()).expect("both have signed");
    assert!(learnt.succeed(&stated).expect("one successor"));
    assert_eq!(verify::receipt::check(&receipt, None, &learnt).expect("a receipt").verdict(), Verdict::Proven);
}

#[test]
fn a_key_that_was_changed_signs_nothing_more_whoever_has_it() {
    let house = House::new();
    let stolen = house.secrets(Purpose::Log)[0];
    let folder = house.folder();
    house.closed(&folder).rotate_log(at(10), &mut |_| Ok(())).expect("it is changed");
    assert!(!house.secrets(Purpose::Log).contains(&stolen), "the old key is gone from the file");
    let register = house.open();
    house.identify(&register, "P3", 11);
    let root = register.checkpoint().expect("a checkpoint").root;
    drop(register);
    let thief = SigningKey::from_seed(ORIGIN, &stolen).expect("the old key");
    let forged = Checkpoint::new(ORIGIN, 4, root).sign(&thief).expect("a checkpoint").to_string();
    let refused = house.policy().judge(forged.as_bytes()).expect_err("it signs no more");
    assert!(refused.to_string().contains("its key was changed after 3"), "{refused}");
    let report = house.verified(&house.policy(), Some(forged.as_bytes()));
    assert!(codes(&report).contains(&Code::Note) && report.verdict() == Verdict::Tampered, "{report:?}");
}

#[test]
fn a_change_of_the_logs_key_that_was_stopped_anywhere_is_finished_by_the_same_command() {
    for stop in ["a new key is drawn", "the change is entered", "both keys have signed it", "the policy names the new key"] {
        let house = House::new();
        let old_policy = house.policy();
        let folder = house.folder();
        let mut crash = |step: &str| if step == stop { Err(stopped()) } else { Ok(()) };
        assert!(house.closed(&folder).rotate_log(at(10), &mut crash).is_err(), "{stop}");
        match house.try_open() {
            // Nothing is public yet: the desk may go on, and the change is made another day.
            Ok(register) => {
                assert_eq!(stop, "a new key is drawn");
                house.identify(&register, "P3", 11);
            }
            Err(error) => assert!(error.to_string().contains("run `habeas admin rotate log` again"), "{stop}: {error}"),
        }
        house.closed(&folder).rotate_log(at(20), &mut |_| Ok(())).expect("it is finished");
        let register = house.open();
        house.identify(&register, "P4", 21);
        let changes = register.scan(0, 100).expect("entries").into_iter().filter(|entry| entry.kind == "key rotated").count();
        drop(register);
        assert_eq!((changes, house.secrets(Purpose::Log).len()), (1, 1), "{stop}");
        let report = house.verified(&old_policy, None);
        assert_eq!((codes(&report), report.verdict()), (vec![Code::Succession], Verdict::Proven), "{stop}: {report:?}");
    }
}

#[test]
fn data_keys_are_wrapped_for_a_new_key_and_the_old_one_opens_nothing() {
    for stop in ["never", "a new key is drawn", "every data key is wrapped for the new key", "the change is entered"] {
        let house = House::new();
        let purpose = Purpose::Authority(Class::Identity);
        let old = std::fs::read(house.path.join("keys")).expect("the old key file");
        let folder = house.folder();
        let mut crash = |step: &str| if step == stop { Err(stopped()) } else { Ok(()) };
        let first = house.closed(&folder).rotate_authority(Class::Identity, at(10), &mut crash);
        assert_eq!(first.is_ok(), stop == "never", "{first:?}");
        let register = house.open();
        assert!(names_known(&register, "P1"), "{stop}: at every step what is there opens");
        house.identify(&register, "P3", 11);
        drop(register);
        let count = house.closed(&folder).rotate_authority(Class::Identity, at(20), &mut |_| Ok(())).expect("it is changed");
        assert_eq!((count, house.secrets(purpose).len()), (3, 1), "{stop}");
        let register = house.open();
        assert!(["P1", "P2", "P3"].iter().all(|person| names_known(&register, person)), "{stop}");
        drop(register);
        assert_eq!(house.verified(&house.policy(), None).verdict(), Verdict::Proven, "{stop}");
        std::fs::write(house.path.join("keys"), old).expect("somebody kept the old key");
        let register = house.try_open().and_then(|register| register.history("person", "P1", None).map(|history| history.len()));
        assert!(register.is_err(), "{stop}: the old key opens nothing any more");
    }
}

#[test]
fn a_class_whose_key_is_on_another_machine_is_changed_there() {
    let house = House::new();
    let mut keys = house.keys();
    keys.retain(|key| key.purpose != Purpose::Authority(Class::Medical));
    let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    let cost = keyfile::Cost { memory_kib: 64, passes: 1 };
    std::fs::write(house.path.join("keys"), keyfile::encode(&keys, &house.passphrase(), cost, &mut random).expect("a file"))
        .expect("written");
    let folder = house.folder();
    let refused = house.closed(&folder).rotate_authority(Class::Medical, at(10), &mut |_| Ok(()));
    assert!(matches!(refused, Err(RegisterError::NoKey { class: "medical" })), "{refused:?}");
}

/// A station whose disk failed: a backup of two entries, a third entry that its receipt proves, a disk that is gone.
fn after_the_fire() -> (House, PathBuf, Held) {
    let house = House::new();
    let register = house.open();
    let backup = house.path.with_extension("backup");
    register.backup(&backup, &house.folder()).expect("a backup");
    house.identify(&register, "P3", 5);
    let held = ("the lawyer's receipt".to_owned(), register.checkpoint().expect("a checkpoint").note.into_bytes());
    drop(register);
    for file in ["register.db", "last.note"] {
        std::fs::remove_file(house.path.join(file)).expect("lost");
    }
    let folder = house.folder();
    assert_eq!(house.closed(&folder).put_back(&backup).expect("the backup is put back"), None);
    (house, backup, held)
}

fn order() -> Order {
    Order { ground: "fire in the server room".to_owned(), approved_by: vec!["officer:17".to_owned(), "ombudsman:2".to_owned()] }
}

#[test]
fn a_backup_that_is_behind_what_others_hold_takes_nothing_until_the_loss_is_declared() {
    let (house, _backup, held) = after_the_fire();
    let old_policy = house.policy();
    let folder = house.folder();
    let closed = house.closed(&folder);
    let standing = closed.standing(std::slice::from_ref(&held)).expect("it is known");
    assert_eq!((standing.here, standing.signed, standing.missing()), (2, 3, 1));
    closed.close_behind(&standing).expect("nothing is signed beside it");
    let refused = house.try_open().expect_err("it is behind what was signed").to_string();
    assert!(refused.contains("entries 2 to 2 are missing"), "{refused}");
    let alone = Order { approved_by: vec!["officer:17".to_owned(); 2], ..order() };
    assert!(matches!(closed.begin_epoch(&[], &alone, at(20), &mut |_| Ok(())), Err(RegisterError::Forbidden { .. })));
    let begun = closed.begin_epoch(std::slice::from_ref(&held), &order(), at(20), &mut |_| Ok(())).expect("it is declared");
    assert_eq!((begun.key.name(), begun.kept, begun.lost), ("custody.example/st/0412/e2", 2, 1));
    let register = house.open();
    let first = register.scan(2, 1).expect("entries").pop().expect("the first of the epoch");
    let said = serde_json::to_string(&first).expect("plain data");
    assert_eq!(first.kind, "epoch declared");
    assert!(["fire in the server room", "ombudsman:2", "habeas-succession/1"].iter().all(|word| said.contains(word)), "{said}");
    assert!(names_known(&register, "P1"), "what was sealed under the old name opens");
    house.identify(&register, "P4", 21);
    let receipts = [0, 3].map(|index| register.receipt(index).expect("a receipt"));
    drop(register);
    for policy in [&house.policy(), &old_policy] {
        let report = house.verified(policy, Some(&held.1));
        assert_eq!((codes(&report), report.verdict(), report.entries), (vec![Code::Lost], Verdict::Incomplete, 4), "{report:?}");
        assert!(report.findings[0].found.contains("Lost are its entries 2 to 2"), "{report:?}");
    }
    for receipt in receipts {
        let checked = verify::receipt::check(&receipt, None, &house.policy()).expect("a receipt");
        assert_eq!(checked.verdict(), Verdict::Proven, "{checked:?}");
    }
    assert!(house.policy().judge(&held.1).is_ok(), "the receipt of what was lost stays proof");
}

#[test]
fn a_loss_that_is_not_declared_is_tampering() {
    let (house, _backup, held) = after_the_fire();
    // The operator says nothing, and goes on.
    let register = house.open();
    house.identify(&register, "P9", 30);
    drop(register);
    let report = house.verified(&house.policy(), Some(&held.1));
    assert_eq!(report.verdict(), Verdict::Tampered, "{report:?}");
    let folder = house.folder();
    let refused = house.closed(&folder).standing(&[held]).expect_err("it is another history now");
    assert!(refused.to_string().contains("another history"), "{refused}");
}

#[test]
fn more_lost_than_was_declared_and_an_epoch_that_hides_its_name_are_told() {
    let (house, _backup, held) = after_the_fire();
    let secret = house.secrets(Purpose::Log)[0];
    let folder = house.folder();
    house.closed(&folder).begin_epoch(&[held], &order(), at(20), &mut |_| Ok(())).expect("it is declared");
    let old = SigningKey::from_seed(ORIGIN, &secret).expect("the old key");
    let longer = Checkpoint::new(ORIGIN, 9, habeas_ledger::Hash::of(b"what nobody kept")).sign(&old).expect("signed before the fire");
    let longer = longer.to_string();
    // The key has said that it signed three entries: a note of nine proves that it has not told all.
    let report = house.verified(&house.policy(), Some(longer.as_bytes()));
    assert_eq!(report.verdict(), Verdict::Tampered, "{report:?}");
    let database = rusqlite::Connection::open(house.path.join("register.db")).expect("the database");
    database.execute("DELETE FROM setting WHERE name LIKE 'succession %'", []).expect("whoever owns the file can do all");
    drop(database);
    let own_key = Policy::of_log(folder.keys(SECRET).expect("keys").log.verifier().clone());
    let report = house.verified(&own_key, None);
    assert!(codes(&report).contains(&Code::Origin) && report.verdict() == Verdict::Tampered, "{report:?}");
}

#[test]
fn a_declaration_that_was_stopped_anywhere_is_finished_by_the_same_command() {
    for stop in ["a new key is drawn", "the old log has ended", "the new epoch is declared", "the policy names the new key"] {
        let (house, _backup, held) = after_the_fire();
        let folder = house.folder();
        let closed = house.closed(&folder);
        closed.close_behind(&closed.standing(std::slice::from_ref(&held)).expect("it is known")).expect("closed");
        let mut crash = |step: &str| if step == stop { Err(stopped()) } else { Ok(()) };
        assert!(closed.begin_epoch(&[], &order(), at(20), &mut crash).is_err(), "{stop}");
        assert!(house.try_open().is_err(), "{stop}: nothing is taken in between");
        let begun = closed.begin_epoch(&[], &order(), at(30), &mut |_| Ok(())).expect("it is finished");
        assert_eq!((begun.kept, begun.lost), (2, 1), "{stop}");
        let register = house.open();
        house.identify(&register, "P4", 31);
        drop(register);
        let report = house.verified(&house.policy(), Some(&held.1));
        assert_eq!((codes(&report), report.verdict()), (vec![Code::Lost], Verdict::Incomplete), "{stop}: {report:?}");
    }
}
