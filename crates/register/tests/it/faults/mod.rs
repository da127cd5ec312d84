//! What a register must survive. Each fault is a command that a person can run (`tests/faults/register`); inside CI it runs in a short
//! form, and `HABEAS_FAULTS` says how many runs or places are wanted.

mod bytes;
mod hands;
mod killed;

use crate::station::{Station, at, codebook, keys, open};
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::{self, Finding, Report, Trust, Verdict, Weight};
use habeas_register::draft::exactly;
use habeas_register::stored::StoredRegister;
use habeas_register::{Draft, Register, RegisterError};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;

/// How many runs or places: what was asked for, else the short form.
pub(crate) fn wanted(short: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "the one way in which a test is told how long it may take")]
    let asked = std::env::var("HABEAS_FAULTS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(short)
}

/// Places among `all`: every one, or as many as are wanted, evenly spread.
fn places(all: usize, short: usize) -> impl Iterator<Item = usize> {
    let count = wanted(short).clamp(1, all.max(1));
    (0..count).map(move |place| place * all / count)
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn arrested(number: u64) -> Draft {
    Draft::new(&format!("e{number}"), "arrested", exactly(at(0)), &[("custody", &format!("C{}", number % 5))])
}

/// Everything that verification finds, down to what is derived.
fn verified(folder: &Path) -> Result<Report, RegisterError> {
    let policy = Policy::of_log(keys().log.verifier().clone());
    let stored = StoredRegister::open(folder, Some((keys(), codebook())))?.deep();
    Ok(verify::log(&stored, &Trust::new(&policy))?)
}

fn broken(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.code.weight() == Weight::Broken).collect()
}

/// Nothing is wrong with what stands in a folder.
fn expect_sound(folder: &Path) -> Report {
    let report = verified(folder).expect("it can be read");
    assert_eq!(broken(&report), Vec::<&Finding>::new());
    report
}

/// A closed register with some entries, in a folder.
fn kept(entries: u64) -> Station {
    let station = Station::new();
    for number in 0..entries {
        station.append(arrested(number), 0).expect("an arrest");
    }
    station.restart()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("a file").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
    }
}

/// The folder of a station whose register is closed: one that can be copied and hurt.
fn closed(station: Station) -> tempfile::TempDir {
    let Station { register, folder, .. } = station;
    drop::<Register>(register);
    folder
}

#[test]
fn what_is_sound_is_found_sound() {
    let folder = closed(kept(12));
    let report = expect_sound(folder.path());
    assert_eq!((report.verdict(), report.proven), (Verdict::Proven, 12), "{report:?}");
    assert!(open(folder.path()).is_ok());
}
