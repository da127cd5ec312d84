//! What the register does with what witnesses answer: later entries carry it, time without it is a breach, and the log says who watches.

use crate::station::{MINUTE, NINE, at, keys, officer};
use habeas_codebook::moment::Moment;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::leaf::{Beacon, Header};
use habeas_ledger::note::Note;
use habeas_ledger::policy::Policy;
use habeas_ledger::tile;
use habeas_ledger::verify::{self, Trust, Verdict};
use habeas_register::delivery::Route;
use habeas_register::draft::exactly;
use habeas_register::outbox::{Failed, Notice, Way};
use habeas_register::stored::StoredRegister;
use habeas_register::{Draft, Everybody, Options, Query, Receipt, Register, RegisterError};
use std::path::Path;
use std::sync::{Arc, Mutex};

const HOUR: i64 = 60;

fn core() -> Arc<Codebook> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks/core");
    let source = PackSource::from_folder(&folder).expect("the vocabulary");
    Arc::new(habeas_codebook::read(&source, &|_| None).codebook.expect("it has no errors"))
}

fn ombudsman() -> CosignerKey {
    CosignerKey::from_seed("ombudsman.example", &[2; 32]).expect("a name")
}

fn bar() -> CosignerKey {
    CosignerKey::from_seed("bar.example", &[3; 32]).expect("a name")
}

fn policy_text() -> String {
    let log = keys().log.verifier().to_string();
    format!(
        "log {log}\nwitness ombudsman {}\nwitness bar {}\ngroup both all ombudsman bar\nquorum both\n",
        ombudsman().verifier(),
        bar().verifier()
    )
}

fn policy() -> Policy {
    Policy::parse(policy_text().as_bytes()).expect("a policy")
}

fn open(folder: &Path) -> Register {
    Register::open(Options::in_folder(folder, core(), keys(), Arc::new(Everybody))).expect("a register")
}

fn seconds(moment: Moment) -> u64 {
    u64::try_from(moment.0 / 1_000_000).expect("after 1970")
}

/// The newest checkpoint comes back from those witnesses.
fn seen_by(register: &Register, witnesses: &[CosignerKey], minutes: i64) {
    let mut note = Note::parse(register.checkpoint().expect("a checkpoint").note.as_bytes()).expect("a note");
    for witness in witnesses {
        note.add(witness.cosign(&note, seconds(at(minutes))).expect("a cosignature"));
    }
    register.keep_witnessed(&note.to_string(), &policy(), at(minutes)).expect("it is kept");
}

fn search(register: &Register, id: &str, minutes: i64) -> Result<Receipt, RegisterError> {
    let draft = Draft::new(id, "record searched", exactly(at(minutes)), &[("programme", "register")]);
    register.append(draft.with("done by", "officer:17").with("what", vec!["custody"]).with("purpose", "duty"), &officer(), at(minutes))
}

fn beacon_of(register: &Register, index: u64) -> Beacon {
    let bundle = register.tile(&format!("tile/entries/000.p/{}", index + 1)).expect("stored").expect("the entries so far");
    let entries = tile::entries(&bundle, u32::try_from(index + 1).expect("few")).expect("a bundle");
    Header::decode(entries.last().expect("the last")).expect("a header").beacon
}

#[test]
fn an_entry_carries_the_newest_checkpoint_that_enough_witnesses_have_seen_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    let first = search(&register, "s1", 0).expect("an entry");
    assert_eq!(beacon_of(&register, first.index), Beacon::default(), "nobody has seen anything yet");
    seen_by(&register, &[ombudsman()], 1);
    let second = search(&register, "s2", 2).expect("an entry");
    assert_eq!(beacon_of(&register, second.index), Beacon::default(), "one witness of two is not enough");
    let counted = register.checkpoint().expect("a checkpoint");
    seen_by(&register, &[ombudsman(), bar()], 3);
    let told = register.scan(counted.size, 1).expect("entries").pop().expect("the log says that it was seen");
    assert_eq!(told.kind, "checkpoint witnessed");
    drop(register);
    let register = open(folder.path());
    let third = search(&register, "s3", 4).expect("an entry");
    assert_eq!(beacon_of(&register, third.index), Beacon { size: counted.size, root: counted.root });
    seen_by(&register, &[ombudsman(), bar()], 5);
    drop(register);
    let stored = StoredRegister::open(folder.path(), Some((keys(), core()))).expect("a database");
    let policy = policy();
    let found = verify::log(&stored, &Trust { entry: Some(third.index), ..Trust::new(&policy) }).expect("it can be read");
    assert_eq!(found.verdict(), Verdict::Proven, "{:?}", found.findings);
    let interval = found.interval.expect("the entry is there");
    assert_eq!((interval.after, interval.before), (Some(seconds(at(3))), Some(seconds(at(5)))), "bounded from both sides");
}

#[test]
fn a_receipt_carries_what_witnesses_have_seen_once_they_have() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    let first = search(&register, "s1", 0).expect("an entry");
    assert!(!register.take_wanted());
    let fresh = register.receipt(first.index).expect("a receipt");
    assert!(register.take_wanted() && !fresh.contains("ombudsman.example"), "witnesses are wanted at once");
    seen_by(&register, &[ombudsman(), bar()], 1);
    let full = register.receipt(first.index).expect("a receipt");
    assert!(full.contains("ombudsman.example") && full.contains("bar.example"), "{full}");
    let checked = verify::receipt::check(&full, None, &policy()).expect("a receipt");
    assert!(checked.judged.as_ref().is_ok_and(|judged| judged.quorum), "{checked:?}");
}

#[test]
fn a_checkpoint_that_the_log_does_not_give_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (register, other) = (open(folder.path()), tempfile::tempdir().expect("another folder"));
    search(&register, "s1", 0).expect("an entry");
    let forged = open(other.path());
    search(&forged, "x1", 0).expect("an entry of another history");
    let note = forged.checkpoint().expect("signed with the same key").note;
    assert!(matches!(register.keep_witnessed(&note, &policy(), at(1)), Err(RegisterError::Store { .. })));
}

struct Told(Arc<Mutex<Vec<Notice>>>);

impl Way for Told {
    fn send(&self, _: &str, notice: &Notice) -> Result<(), Failed> {
        self.0.lock().expect("notices").push(notice.clone());
        Ok(())
    }
}

#[test]
fn thirty_one_hours_without_a_witness_are_a_breach_of_their_own_and_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    let text = policy_text();
    assert!(register.name_witnesses(&policy(), text.as_bytes(), at(0)).expect("named").is_some());
    assert!(register.name_witnesses(&policy(), text.as_bytes(), at(1)).expect("named before").is_none());
    seen_by(&register, &[ombudsman(), bar()], 10);
    let entered = || register.checkpoint().expect("a checkpoint").size;
    let before = entered();
    seen_by(&register, &[ombudsman(), bar()], 30);
    assert_eq!(entered(), before, "within the hour it is not entered again");
    let standing = |minutes: i64| {
        let query = Query { rule: Some("log-witnessed".to_owned()), ..Query::default() };
        let rows = register.verdicts(&query, at(minutes)).expect("verdicts");
        rows.first().map(|row| (row.verdict.clone(), row.since.map(|since| (since.0 - NINE.0) / MINUTE)))
    };
    assert_eq!(standing(20 * HOUR), Some(("pending".to_owned(), None)));
    assert_eq!(standing(31 * HOUR), Some(("breached".to_owned(), Some(10 + 24 * HOUR))));
    let notices = Arc::new(Mutex::new(Vec::new()));
    let routes = [Route { name: "ombudsman".to_owned(), tell: vec!["ombudsman".to_owned()], way: Box::new(Told(Arc::clone(&notices))) }];
    for hours in 31..34 {
        register.sweep(at(hours * HOUR)).expect("swept");
        register.deliver(&routes, at(hours * HOUR)).expect("told");
    }
    let told = notices.lock().expect("notices").clone();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].rule.as_deref(), Some("log-witnessed"));
    seen_by(&register, &[ombudsman(), bar()], 35 * HOUR);
    assert_eq!(standing(36 * HOUR).map(|(verdict, _)| verdict), Some("met_late".to_owned()), "cured, and still counted");
}

#[test]
fn a_clock_set_forward_and_then_right_or_back_a_day_is_entered_once_and_told() {
    const DAY: i64 = 24 * HOUR;
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    search(&register, "s1", 0).expect("an entry");
    let steps = |register: &Register| {
        let entries = register.scan(0, 100).expect("entries").into_iter().filter(|entry| entry.kind == "clock stepped");
        entries.map(|entry| (entry.fields[0].value.clone(), entry.fields[1].value.clone())).collect::<Vec<_>>()
    };
    let forward = register.clock_stepped(365 * DAY * MINUTE, at(365 * DAY)).expect("whoever serves it has seen it");
    assert!(forward.is_some_and(|receipt| receipt.recorded_at == at(365 * DAY)));
    for (id, minutes) in [("s2", 2), ("s3", 3), ("s4", 4)] {
        search(&register, id, minutes).expect("the clock is right again, and behind the last entry: nobody has to wait a year");
    }
    drop(register);
    let register = open(folder.path());
    assert_eq!(steps(&register).len(), 2, "once for all three");
    register.look_at_clock(at(5)).expect("looked at").expect("a new start looks again");
    assert!(register.look_at_clock(at(6)).expect("looked at").is_none());
    let told = steps(&register);
    assert_eq!((told[0].1.as_str(), told[1].1.as_str(), told.len()), (Some("forward"), Some("back"), 3), "{told:?}");
    let query = Query { rule: Some("clock-kept".to_owned()), ..Query::default() };
    let rows = register.verdicts(&query, at(365 * DAY)).expect("verdicts");
    assert!(rows.iter().any(|row| row.verdict == "breached"), "{rows:?}");
}
