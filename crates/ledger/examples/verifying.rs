//! How fast a log is verified on one core, beside the bare hashing of the same bytes in the same run:
//! `cargo run --release -p habeas-ledger --example verifying [ENTRIES]`.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock and its arguments")]

use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::leaf::{Beacon, Class, Header};
use habeas_ledger::merkle::{leaf_hash, root_of_leaves};
use habeas_ledger::note::SigningKey;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::{self, Finding, Part, Stored, StoredLog, Trust};
use habeas_ledger::{Hash, LedgerError};
use std::time::Instant;

const ORIGIN: &str = "custody.example/st/0412";

struct Memory {
    entries: Vec<(Vec<u8>, Hash, [u8; 240])>,
    note: Vec<u8>,
}

impl StoredLog for Memory {
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
        vec![("checkpoint".to_owned(), self.note.clone())]
    }
    fn read(&self, each: &mut dyn FnMut(Stored<'_>)) -> Result<Vec<Finding>, LedgerError> {
        for (bytes, leaf, sealed) in &self.entries {
            let parts = [Part { class: Class::Custody, sealed }];
            each(Stored { bytes: Some(bytes), leaf: Some(*leaf), parts: Some(&parts) });
        }
        Ok(Vec::new())
    }
}

fn memory(count: u64, key: &SigningKey) -> Result<Memory, LedgerError> {
    let mut entries = Vec::new();
    for index in 0..count {
        let mut sealed = [7; 240];
        sealed[..8].copy_from_slice(&index.to_be_bytes());
        let header = Header {
            origin: Hash::of(ORIGIN.as_bytes()),
            index,
            event: [1; 16],
            custody: [2; 16],
            kind: "medical_examination".to_owned(),
            codebook: Hash::of(b"chapter"),
            recorded_at_ms: 1_772_442_891_000 + index,
            beacon: Beacon::default(),
            station_key: key.verifier().id(),
            author: Hash::of(b"officer"),
            corrects: None,
            parts: vec![(Class::Custody, Hash::of(&sealed))],
            fields_root: Hash::of(b"fields"),
            attachments: Vec::new(),
        };
        let bytes = header.encode()?;
        let leaf = leaf_hash(&bytes);
        entries.push((bytes, leaf, sealed));
    }
    let leaves: Vec<Hash> = entries.iter().map(|(_, leaf, _)| *leaf).collect();
    let note = Checkpoint::new(ORIGIN, count, root_of_leaves(&leaves)).sign(key)?;
    Ok(Memory { entries, note: note.to_string().into_bytes() })
}

fn main() -> Result<(), LedgerError> {
    let count: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200_000);
    let key = SigningKey::from_seed(ORIGIN, &[1; 32])?;
    let policy = Policy::of_log(key.verifier().clone());
    let log = memory(count, &key)?;
    println!("{count} entries of {} bytes with a sealed part of 240", log.entries[0].0.len());
    for run in 1..=5 {
        let started = Instant::now();
        let hashed = log.entries.iter().filter(|(bytes, leaf, sealed)| leaf_hash(bytes) == *leaf && Hash::of(sealed) != *leaf).count();
        let bare = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let report = verify::log(&log, &Trust::new(&policy))?;
        let whole = started.elapsed().as_secs_f64();
        assert_eq!((hashed as u64, report.proven), (count, count), "{:?}", report.findings);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = count as f64 / whole / 1e6;
        println!("run {run}: verified {rate:.2} M entries/s; {:.2} times the bare hashing of entries and parts", whole / bare);
    }
    Ok(())
}
