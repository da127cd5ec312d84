//! Any bytes to any parser: the committed corpus, and the same with bytes changed by chance. `HABEAS_FAULTS` says how many changes of each
//! file are wanted; `cargo +nightly fuzz run parcel` does it for as long as one likes.

use crate::station::{Station, at, codebook, officer};
use habeas_ledger::Hash;
use habeas_register::{RegisterError, fuzzed};
use std::path::Path;

/// Changes of each file, where nobody says how many.
const CHANGES: usize = 400;

/// A small generator of numbers, so that a failure can be told by its seed: xorshift64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (bound.max(1) as u64)).expect("below a size")
    }

    /// A file with a few bytes changed, taken out, put in or repeated.
    fn change(&mut self, file: &[u8]) -> Vec<u8> {
        const LIKED: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'[', b'\n', b'=', b'0', b'-'];
        let mut bytes = file.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(bytes.len() + 1);
            match (self.below(6), bytes.get_mut(place)) {
                (0, Some(byte)) => *byte ^= 1 << self.below(8),
                (1, Some(byte)) => *byte = LIKED[self.below(LIKED.len())],
                (2, Some(_)) => drop(bytes.remove(place)),
                (3, _) => bytes.insert(place, LIKED[self.below(LIKED.len())]),
                (4, _) => bytes.truncate(place),
                (_, _) => {
                    let end = place + self.below(bytes.len() - place + 1).min(64);
                    let again = bytes[place..end].to_vec();
                    let to = self.below(bytes.len() + 1);
                    drop(bytes.splice(to..to, again));
                }
            }
        }
        bytes
    }
}

/// Runs a parser over a corpus, as it is and changed.
fn run(target: &str, mut parse: impl FnMut(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let changes = crate::faults::wanted(CHANGES);
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus") {
        let path = entry.expect("a file").path();
        let file = std::fs::read(&path).expect("a file that can be read");
        println!("{}", path.display());
        parse(&file);
        for seed in 1..=changes as u64 {
            let changed = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)).change(&file);
            println!("  seed {seed}");
            parse(&changed);
        }
        files += 1;
    }
    assert!(files >= 3, "{target}: only {files} files in its corpus");
}

#[test]
fn no_part_breaks_the_reader() {
    run("part", fuzzed::part);
}

#[test]
fn no_settings_break_the_reader() {
    run("settings", fuzzed::settings);
}

#[test]
fn no_parcel_breaks_the_centre() {
    run("parcel", |bytes| {
        fuzzed::parcel(bytes);
        // With the right hash behind them, changed bytes get further.
        let (content, _) = bytes.split_last_chunk::<32>().unwrap_or((bytes, &[0; 32]));
        fuzzed::parcel(&[content, Hash::of(content).0.as_slice()].concat());
    });
}

#[test]
fn no_key_file_breaks_the_reader() {
    run("key_file", fuzzed::key_file);
}

/// Whatever has the form of a draft is entered or refused; a refusal writes nothing, and the register goes on.
#[test]
fn no_draft_breaks_the_door() {
    let station = Station::new();
    let (mut entered, mut refused) = (0, 0);
    run("draft", |bytes| {
        let Some(draft) = fuzzed::draft(bytes, &codebook()) else { return };
        let size = station.register.checkpoint().expect("a checkpoint").size;
        let answer = station.register.append(draft, &officer(), at(600));
        let grown = station.register.checkpoint().expect("a checkpoint").size - size;
        match answer {
            Ok(receipt) => {
                assert_eq!(grown, u64::from(receipt.index == size), "a receipt is of one entry");
                entered += 1;
            }
            Err(RegisterError::Invalid(_) | RegisterError::Conflict { .. }) => {
                assert_eq!(grown, 0, "a refusal writes nothing");
                refused += 1;
            }
            Err(other) => panic!("no draft may do this: {other}"),
        }
    });
    assert!(entered > 3 && refused > 10, "{entered} entered, {refused} refused");
}
