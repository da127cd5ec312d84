//! A whole log verified: whole, flipped bit by bit, cut, forked, erased, and with its times out of order.

use crate::data::foreign;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::fields::{self, Field};
use habeas_ledger::leaf::{Beacon, Class, Handle, Header};
use habeas_ledger::merkle::{Edge, Hashes, leaf_hash, root};
use habeas_ledger::note::{SigningKey, VerifierKey};
use habeas_ledger::policy::Policy;
use habeas_ledger::sealing::Plaintext;
use habeas_ledger::tile::{Files, Kind, bundle, tile_bytes, tiles_of};
use habeas_ledger::verify::fork::{Compared, compare};
use habeas_ledger::verify::tiles::TileLog;
use habeas_ledger::verify::{self, Code, Finding, Interval, Opened, Part, Report, Stored, StoredLog, Trust, Verdict};
use habeas_ledger::{Hash, LedgerError};
use std::collections::BTreeMap;
use std::path::Path;

/// A log's files in memory.
#[derive(Clone, Default)]
struct Shelf(BTreeMap<String, Vec<u8>>);

impl Files for Shelf {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.0.get(path).cloned())
    }
}

impl Shelf {
    fn of_folder(folder: &Path) -> Self {
        let mut shelf = Shelf::default();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(path) = folders.pop() {
            for entry in std::fs::read_dir(path).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let shown = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
                    shelf.0.insert(shown, std::fs::read(path).expect("a file"));
                }
            }
        }
        shelf
    }

    fn verified(&self, policy: &Policy) -> Report {
        let paths: Vec<String> = self.0.keys().cloned().collect();
        let log = TileLog::new(self, &paths, policy).expect("files in memory");
        verify::log(&log, &Trust::new(policy)).expect("files in memory")
    }
}

fn tessera() -> Option<(Shelf, Policy)> {
    let shelf = Shelf::of_folder(&foreign("tessera_log")?);
    let key = VerifierKey::parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx").expect("its key");
    Some((shelf, Policy::of_log(key)))
}

#[test]
fn a_log_of_tessera_is_proven_at_every_size() {
    let Some((shelf, policy)) = tessera() else { return };
    let whole = shelf.verified(&policy);
    assert_eq!((whole.verdict(), whole.entries, whole.proven, whole.findings), (Verdict::Proven, 15, 15, Vec::new()));
    for size in 1..16u64 {
        let mut shelf = shelf.clone();
        let note = shelf.0[&format!("checkpoint.{size}")].clone();
        shelf.0.retain(|path, _| !path.starts_with("checkpoint"));
        shelf.0.insert("checkpoint".to_owned(), note);
        let report = shelf.verified(&policy);
        assert_eq!((report.verdict(), report.proven), (Verdict::Proven, size), "{:?}", report.findings);
    }
}

#[test]
fn no_flipped_bit_of_any_file_of_a_log_goes_unnoticed_and_the_file_is_named() {
    let Some((shelf, policy)) = tessera() else { return };
    for (path, bytes) in &shelf.0 {
        for place in 0..bytes.len() {
            let mut altered = shelf.clone();
            altered.0.get_mut(path).expect("the file")[place] ^= 1 << (place % 8);
            let report = altered.verified(&policy);
            assert_eq!(report.verdict(), Verdict::Tampered, "{path}, byte {place}");
            let named = report.findings.iter().any(|finding| finding.file.as_ref() == Some(path));
            assert!(named, "{path}, byte {place}: {:?}", report.findings);
        }
    }
}

const ORIGIN: &str = "custody.example/st/0412";
const START_MS: u64 = 1_772_442_000_000;

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).expect("a name")
}

fn ombudsman() -> CosignerKey {
    CosignerKey::from_seed("ombudsman.example", &[2; 32]).expect("a name")
}

fn policy() -> Policy {
    let text = format!("log {}\nwitness ombudsman {}\nquorum ombudsman\n", key().verifier(), ombudsman().verifier());
    Policy::parse(text.as_bytes()).expect("a policy")
}

/// A station's log in memory, as a database would hold it.
#[derive(Clone)]
struct Station {
    entries: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
    parts: Vec<Vec<(Class, Vec<u8>)>>,
    fields: Vec<Vec<Field>>,
    notes: Vec<(String, Vec<u8>)>,
    erased: BTreeMap<(Handle, Class), u64>,
    has_keys: bool,
}

fn custody(index: u64) -> Handle {
    [u8::try_from(index % 5).expect("small") + 1; 16]
}

impl Station {
    fn new() -> Self {
        let (entries, leaves, parts, fields, notes) = Default::default();
        Station { entries, leaves, parts, fields, notes, erased: BTreeMap::new(), has_keys: true }
    }

    /// One more entry, a minute after the one before; `change` says how it is unusual.
    fn enters(&mut self, kind: &str, change: impl FnOnce(&mut Header)) {
        let index = self.entries.len() as u64;
        let finding = format!("sealed finding {index}").into_bytes();
        let field =
            Field { salt: [7; 16], id: "finding".to_owned(), value: Plaintext::new(vec![u8::try_from(index % 256).expect("small")]) };
        let mut header = Header {
            origin: Hash::of(ORIGIN.as_bytes()),
            index,
            event: [u8::try_from(index % 256).expect("small"); 16],
            custody: custody(index),
            kind: kind.to_owned(),
            codebook: Hash::of(b"chapter"),
            recorded_at_ms: START_MS + index * 60_000,
            beacon: Beacon::default(),
            station_key: key().verifier().id(),
            author: Hash::of(b"author"),
            corrects: None,
            parts: vec![(Class::Medical, Hash::of(&finding))],
            fields_root: fields::root(std::slice::from_ref(&field)).expect("a root"),
            attachments: Vec::new(),
        };
        change(&mut header);
        let bytes = header.encode().expect("a header");
        self.leaves.push(leaf_hash(&bytes));
        self.entries.push(bytes);
        self.parts.push(vec![(Class::Medical, finding)]);
        self.fields.push(vec![field]);
    }

    fn busy(count: usize) -> Self {
        let mut station = Station::new();
        (0..count).for_each(|_| station.enters("medical_examination", |_| ()));
        station
    }

    /// The log signs what it has, and the ombudsman has seen it at `at` (seconds), if at all.
    fn signs(&mut self, at: Option<u64>) -> Beacon {
        let size = self.leaves.len() as u64;
        let root = root(&self.leaves, size).expect("stored");
        let mut note = Checkpoint::new(ORIGIN, size, root).sign(&key()).expect("a checkpoint");
        if let Some(at) = at {
            note.add(ombudsman().cosign(&note, at).expect("a cosignature"));
        }
        self.notes.push((format!("checkpoint of {size}"), note.to_string().into_bytes()));
        Beacon { size, root }
    }

    fn witnessed(&mut self) {
        self.signs(Some(START_MS / 1000 + self.leaves.len() as u64 * 60));
    }

    fn verified(&self) -> Report {
        verify::log(self, &Trust::new(&policy())).expect("in memory")
    }
}

impl StoredLog for Station {
    fn origin(&self) -> String {
        ORIGIN.to_owned()
    }
    fn size(&self) -> u64 {
        self.entries.len() as u64
    }
    fn is_ours(&self) -> bool {
        true
    }
    fn notes(&self) -> Vec<(String, Vec<u8>)> {
        self.notes.clone()
    }
    fn read(&self, each: &mut dyn FnMut(Stored<'_>)) -> Result<Vec<Finding>, LedgerError> {
        for ((bytes, leaf), parts) in self.entries.iter().zip(&self.leaves).zip(&self.parts) {
            let parts: Vec<Part<'_>> = parts.iter().map(|(class, sealed)| Part { class: *class, sealed }).collect();
            each(Stored { bytes: Some(bytes), leaf: Some(*leaf), parts: Some(&parts) });
        }
        Ok(Vec::new())
    }
    fn erased_by(&self, custody: &Handle, class: Class) -> Option<u64> {
        self.erased.get(&(*custody, class)).copied()
    }
    fn open(&self, header: &Header, _parts: &[Part<'_>]) -> Result<Option<Opened>, LedgerError> {
        let index = usize::from(header.event[0]);
        let opened = Opened { fields: self.fields[index].clone(), happened_at_ms: Some(header.recorded_at_ms - 1_000) };
        Ok(self.has_keys.then_some(opened))
    }
}

fn codes(report: &Report) -> Vec<(Code, Option<u64>)> {
    report.findings.iter().map(|finding| (finding.code, finding.index)).collect()
}

#[test]
fn a_station_whose_log_is_whole_and_witnessed_is_proven() {
    let mut station = Station::busy(20);
    station.witnessed();
    let report = station.verified();
    assert_eq!((report.verdict(), report.proven, report.findings.len()), (Verdict::Proven, 20, 0), "{:?}", report.findings);
    assert_eq!(report.witnessed.expect("witnessed").by, ["ombudsman"]);
}

#[test]
fn without_keys_or_witnesses_nothing_is_wrong_and_not_everything_is_proven() {
    let mut station = Station::busy(20);
    station.witnessed();
    station.has_keys = false;
    let report = station.verified();
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Incomplete, vec![(Code::Sealed, Some(0))]));
    assert_eq!(report.findings[0].until, Some(19));
    let mut station = Station::busy(20);
    station.witnessed();
    station.enters("released", |_| ());
    station.signs(None);
    let report = station.verified();
    assert_eq!((report.verdict(), report.proven, codes(&report)), (Verdict::Incomplete, 20, vec![(Code::Unwitnessed, Some(20))]));
}

#[test]
fn an_altered_header_is_found_with_the_last_entry_before_it() {
    let mut station = Station::busy(20);
    station.witnessed();
    let last = station.entries[12].len() - 1;
    station.entries[12][last - 10] ^= 1;
    let report = station.verified();
    assert_eq!((report.verdict(), report.proven), (Verdict::Tampered, 12));
    assert!(codes(&report).contains(&(Code::Leaf, Some(12))), "{:?}", report.findings);
}

#[test]
fn an_altered_leaf_column_is_not_blamed_on_the_entry() {
    let mut station = Station::busy(20);
    station.witnessed();
    station.leaves[12] = Hash::of(b"other");
    let report = station.verified();
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Tampered, vec![(Code::Tile, Some(12))]));
}

#[test]
fn an_insider_who_rewrites_entry_and_leaf_is_caught_by_the_witnessed_root() {
    let mut station = Station::busy(9);
    station.witnessed();
    (9..20).for_each(|_| station.enters("medical_examination", |_| ()));
    station.witnessed();
    let mut rewritten = Station::busy(12);
    rewritten.enters("left_cell", |_| ());
    station.entries[12] = rewritten.entries[12].clone();
    station.leaves[12] = rewritten.leaves[12];
    let report = station.verified();
    assert_eq!((report.verdict(), report.proven), (Verdict::Tampered, 9));
    let found = report.findings.iter().find(|finding| finding.code == Code::Root).expect("another root");
    assert_eq!((found.index, found.until), (Some(9), Some(19)));
    assert!(found.notes[0].contains("ombudsman.example"), "the witnessed note is the evidence");
}

#[test]
fn an_insider_with_the_signing_key_who_signs_again_forks_the_log() {
    let mut station = Station::busy(20);
    station.witnessed();
    let mut rewritten = Station::busy(12);
    (12..20).for_each(|_| rewritten.enters("left_cell", |_| ()));
    rewritten.signs(None);
    rewritten.notes.extend(station.notes.clone());
    let report = rewritten.verified();
    assert_eq!(report.verdict(), Verdict::Tampered);
    let fork = report.findings.iter().find(|finding| finding.code == Code::Fork).expect("a fork");
    assert_eq!(fork.notes.len(), 2, "two signed notes are all the evidence there needs to be");
}

#[test]
fn entries_cut_from_the_end_are_missed_because_a_checkpoint_counts_them() {
    let mut station = Station::busy(20);
    station.witnessed();
    station.entries.truncate(17);
    station.leaves.truncate(17);
    let report = station.verified();
    let short = report.findings.iter().find(|finding| finding.code == Code::Short).expect("too few");
    assert_eq!((report.verdict(), short.index, short.until), (Verdict::Tampered, Some(17), Some(19)));
}

#[test]
fn every_altered_byte_of_a_finding_is_found_and_the_custody_named() {
    let mut station = Station::busy(20);
    station.witnessed();
    for place in 0..station.parts[7][0].1.len() {
        let mut altered = station.clone();
        altered.parts[7][0].1[place] ^= 4;
        let report = altered.verified();
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Tampered, vec![(Code::Body, Some(7))]));
        assert_eq!((report.findings[0].custody, report.findings[0].class), (Some(custody(7)), Some(Class::Medical)));
        assert_eq!(report.proven, 7);
    }
}

#[test]
fn findings_swapped_between_two_persons_are_both_found() {
    let mut station = Station::busy(20);
    station.witnessed();
    station.parts.swap(3, 4);
    assert_eq!(codes(&station.verified()), [(Code::Body, Some(3)), (Code::Body, Some(4))]);
}

#[test]
fn a_text_that_the_entry_does_not_commit_to_is_found_with_the_keys() {
    let mut station = Station::busy(20);
    station.witnessed();
    station.fields[5][0].value = Plaintext::new(b"nothing seen".to_vec());
    assert_eq!(codes(&station.verified()), [(Code::Fields, Some(5))]);
}

#[test]
fn an_erased_finding_needs_its_order() {
    let mut station = Station::busy(20);
    station.enters("keys_destroyed", |_| ());
    station.witnessed();
    station.parts[7].clear();
    assert_eq!(codes(&station.verified()), [(Code::Missing, Some(7))]);
    station.erased.insert((custody(7), Class::Medical), 20);
    for index in (2..20).step_by(5) {
        station.parts[index].clear();
    }
    let report = station.verified();
    assert_eq!(report.verdict(), Verdict::Incomplete, "{:?}", report.findings);
    assert!(report.findings.iter().all(|finding| finding.found == "by order 20, keys destroyed: not checkable, lawful"));
    station.parts[7] = vec![(Class::Medical, b"sealed finding 7".to_vec())];
    assert!(codes(&station.verified()).contains(&(Code::Resurrected, Some(7))));
    station.parts[7].clear();
    station.erased.insert((custody(7), Class::Medical), 19);
    assert!(codes(&station.verified()).contains(&(Code::Missing, Some(17))), "entry 19 is no order");
    let mut early = Station::busy(3);
    early.enters("keys_destroyed", |_| ());
    early.enters("medical_examination", |header| header.custody = custody(1));
    early.witnessed();
    early.erased.insert((custody(1), Class::Medical), 3);
    early.parts[1].clear();
    assert_eq!(codes(&early.verified()), [(Code::Erased, Some(1))], "what came after the order is there, as it should be");
    early.parts[4].clear();
    assert!(codes(&early.verified()).contains(&(Code::Missing, Some(4))), "an order erases nothing that came later");
}

#[test]
fn an_entry_from_another_log_or_place_is_found() {
    let mut station = Station::busy(3);
    station.enters("released", |header| header.origin = Hash::of(b"elsewhere"));
    station.enters("released", |header| header.index = 99);
    station.witnessed();
    assert_eq!(codes(&station.verified()), [(Code::Origin, Some(3)), (Code::Index, Some(4))]);
}

#[test]
fn an_entry_dated_before_what_it_has_seen_or_after_it_was_seen_is_found() {
    let mut station = Station::busy(5);
    let seen_at = START_MS / 1000 + 3_600;
    let beacon = station.signs(Some(seen_at));
    station.enters("interview_ended", |header| header.beacon = beacon);
    station.signs(Some(seen_at + 60));
    station.enters("interview_ended", |header| header.recorded_at_ms = (seen_at + 86_400) * 1000);
    station.enters("interview_ended", |_| ());
    station.signs(Some(seen_at + 120));
    let report = station.verified();
    assert_eq!(codes(&report), [(Code::Time, Some(5)), (Code::Time, Some(6)), (Code::Clock, Some(7))], "{:?}", report.findings);
    assert!(
        report.findings[0].found.contains("but the entry carries a checkpoint witnessed at 2026-03-02T10:00:00Z"),
        "{}",
        report.findings[0].found
    );
}

#[test]
fn an_entry_was_made_between_two_cosignatures() {
    let mut station = Station::busy(5);
    let seen_at = START_MS / 1000 + 280;
    let beacon = station.signs(Some(seen_at));
    station.enters("interview_ended", |header| header.beacon = beacon);
    station.signs(Some(seen_at + 60));
    let made = |entry: u64| verify::log(&station, &Trust { entry: Some(entry), ..Trust::new(&policy()) }).expect("in memory").interval;
    let recorded_at_ms = START_MS + 5 * 60_000;
    assert_eq!(made(5), Some(Interval { index: 5, recorded_at_ms, after: Some(seen_at), before: Some(seen_at + 60) }));
    assert_eq!(made(2), Some(Interval { index: 2, recorded_at_ms: START_MS + 120_000, after: None, before: Some(seen_at) }));
    assert_eq!(made(6), None);
}

#[test]
fn an_entry_that_carries_a_checkpoint_nobody_keeps_or_has_seen_is_told_apart_from_a_bounded_one() {
    let mut station = Station::busy(3);
    let unseen = station.signs(None);
    station.enters("interview_started", |header| header.beacon = unseen);
    station.enters("interview_ended", |header| header.beacon = Beacon { size: 2, root: Hash::of(b"lost") });
    station.witnessed();
    let report = station.verified();
    assert_eq!(codes(&report), [(Code::Unbound, Some(3)), (Code::Unbound, Some(4))], "{:?}", report.findings);
    assert_eq!(report.verdict(), Verdict::Incomplete, "not proven, and not tampering");
}

#[test]
fn an_entry_that_carries_a_checkpoint_which_counts_it_is_found() {
    let mut station = Station::busy(3);
    station.enters("interview_started", |_| ());
    let later = station.signs(Some(START_MS / 1000 + 600));
    let mut forged = Station::busy(3);
    forged.enters("interview_started", |header| header.beacon = later);
    forged.notes.clone_from(&station.notes);
    let report = forged.verified();
    assert!(codes(&report).contains(&(Code::Beacon, Some(3))), "{:?}", report.findings);
}

#[test]
fn a_log_rewritten_since_the_last_visit_is_a_fork() {
    let mut station = Station::busy(5);
    station.witnessed();
    let kept = station.notes[0].1.clone();
    let mut other = Station::new();
    (0..9).for_each(|_| other.enters("left_cell", |_| ()));
    other.witnessed();
    let report = verify::log(&other, &Trust { since: Some(&kept), ..Trust::new(&policy()) }).expect("in memory");
    assert_eq!((report.verdict(), report.findings[0].code), (Verdict::Tampered, Code::Fork));
}

#[test]
fn two_checkpoints_are_one_history_or_two_or_need_the_log() {
    let mut station = Station::busy(5);
    station.witnessed();
    station.enters("released", |_| ());
    station.witnessed();
    let (old, new) = (station.notes[0].1.clone(), station.notes[1].1.clone());
    let compared = |one: &[u8], other: &[u8], hashes: Option<&dyn Hashes>| compare(one, other, &policy(), hashes).expect("signed");
    assert_eq!(compared(&old, &old, None), Compared::Consistent);
    assert_eq!(compared(&new, &old, None), Compared::Unknown { older: 5, newer: 6 });
    assert_eq!(compared(&old, &new, Some(&station.leaves)), Compared::Consistent);
    let mut other = Station::busy(4);
    other.enters("left_cell", |_| ());
    other.witnessed();
    assert!(matches!(compared(&old, &other.notes[0].1, None), Compared::Forked(_)));
    assert!(matches!(compared(&new, &other.notes[0].1, Some(&station.leaves)), Compared::Forked(_)));
}

/// A folder of our own, across the border of a tile.
fn shelf(station: &Station) -> Shelf {
    let size = station.leaves.len() as u64;
    let files = tiles_of(size).into_iter().map(|tile| {
        let bytes = if tile.kind == Kind::Entries {
            let first = usize::try_from(tile.index).expect("small") * 256;
            let row = &station.entries[first..first + usize::try_from(tile.width).expect("small")];
            bundle(row.iter().map(Vec::as_slice)).expect("short entries")
        } else {
            tile_bytes(&tile, &station.leaves).expect("stored")
        };
        (tile.to_string(), bytes)
    });
    let mut shelf = Shelf(files.collect());
    shelf.0.insert("checkpoint".to_owned(), station.notes[0].1.clone());
    shelf
}

#[test]
fn a_folder_of_tiles_across_their_border_is_proven_and_each_altered_file_named() {
    let mut station = Station::busy(600);
    station.witnessed();
    let shelf = shelf(&station);
    let report = shelf.verified(&policy());
    assert_eq!((report.verdict(), report.proven), (Verdict::Proven, 600), "{:?}", report.findings);
    for (path, bytes) in &shelf.0 {
        for place in (0..bytes.len()).step_by(bytes.len() / 8 + 1) {
            let mut altered = shelf.clone();
            altered.0.get_mut(path).expect("the file")[place] ^= 1;
            let report = altered.verified(&policy());
            if path == "checkpoint" && report.verdict() == Verdict::Incomplete {
                // The line of a witness that is no longer a known one: as if it had never signed.
                assert!(codes(&report).contains(&(Code::Unwitnessed, Some(0))), "byte {place}: {:?}", report.findings);
                continue;
            }
            assert_eq!(report.verdict(), Verdict::Tampered, "{path}, byte {place}");
            assert!(
                report.findings.iter().any(|finding| finding.file.as_ref() == Some(path)),
                "{path}, byte {place}: {:?}",
                report.findings
            );
        }
        let mut without = shelf.clone();
        without.0.remove(path);
        assert_ne!(without.verified(&policy()).verdict(), Verdict::Proven, "{path} removed");
    }
}

#[test]
fn no_flipped_bit_of_any_file_of_a_log_of_ours_goes_unnoticed() {
    let mut station = Station::busy(5);
    station.witnessed();
    let shelf = shelf(&station);
    assert_eq!(shelf.verified(&policy()).verdict(), Verdict::Proven);
    for (path, bytes) in &shelf.0 {
        for place in 0..bytes.len() * 8 {
            let mut altered = shelf.clone();
            altered.0.get_mut(path).expect("the file")[place / 8] ^= 1 << (place % 8);
            let report = altered.verified(&policy());
            let named = report.findings.iter().any(|finding| finding.file.as_ref() == Some(path));
            // A line of a witness that is no longer a known one is as if it had never signed: not proven, and nobody to blame.
            let unwitnessed = path == "checkpoint" && codes(&report).contains(&(Code::Unwitnessed, Some(0)));
            assert_ne!(report.verdict(), Verdict::Proven, "{path}, bit {place}");
            assert!(unwitnessed || (named && report.verdict() == Verdict::Tampered), "{path}, bit {place}: {:?}", report.findings);
        }
    }
}

#[test]
fn an_empty_folder_is_not_proven() {
    assert_eq!(Shelf::default().verified(&policy()).verdict(), Verdict::Incomplete);
    assert_eq!(Edge::new().size(), 0);
}
