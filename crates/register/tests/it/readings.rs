//! The access log: every reading is an entry, none is lost when the register closes, and reading costs next to nothing.

use crate::station::{Station, at, codebook, keys, officer};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_register::draft::exactly;
use habeas_register::{Draft, Everybody, Options, Register};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn core() -> Arc<Codebook> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks/core");
    let source = PackSource::from_folder(&folder).expect("the vocabulary");
    Arc::new(habeas_codebook::read(&source, &|_| None).codebook.expect("it has no errors"))
}

fn open(folder: &Path) -> Register {
    Register::open(Options::in_folder(folder, core(), keys(), Arc::new(Everybody))).expect("a register")
}

fn reading(id: &str) -> Draft {
    let draft = Draft::new(id, "record accessed", exactly(at(1)), &[("custody", "C1"), ("person", "P1")]);
    let draft = draft.with("done by", "officer:17").with("what", vec!["custody"]).with("purpose", "duty");
    draft.with("break glass", "no").with("exported", "no").with("refused", "no")
}

#[test]
fn every_reading_is_there_after_the_register_was_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    for number in 0..50 {
        register.note_reading(reading(&format!("r{number}")), &officer(), at(2)).expect("the line is open");
    }
    drop(register);
    let register = open(folder.path());
    assert_eq!(register.history("custody", "C1", None).expect("the record").len(), 50, "what was in the line was written");
}

#[test]
fn a_reading_that_could_not_be_entered_stops_the_next() {
    let station = Station::new();
    assert!(!codebook().kinds.iter().any(|kind| kind.name == "record accessed"), "this codebook has no such kind");
    station.register.note_reading(reading("r1"), &officer(), at(2)).expect("the line is open");
    assert!(station.register.settle_readings().is_err(), "it is told, not lost");
    assert!(station.register.settle_readings().is_ok(), "and told once");
}

#[test]
#[ignore = "a measurement: cargo test --release -p habeas-register --test it readings -- --ignored --nocapture"]
fn what_a_reading_costs() {
    let folder = tempfile::tempdir().expect("a folder");
    let register = open(folder.path());
    let micros = |begun: Instant, count: u32| begun.elapsed().as_secs_f64() * 1e6 / f64::from(count);
    let begun = Instant::now();
    (0..200).for_each(|number| drop(register.append(reading(&format!("a{number}")), &officer(), at(2)).expect("an entry")));
    println!("entered and waited for: {:>8.1} µs a reading", micros(begun, 200));
    let begun = Instant::now();
    (0..2_000).for_each(|number| register.note_reading(reading(&format!("n{number}")), &officer(), at(3)).expect("the line is open"));
    println!("noted:                  {:>8.1} µs a reading, for whoever reads", micros(begun, 2_000));
    register.settle_readings().expect("all durable");
    println!("noted, until durable:   {:>8.1} µs a reading", micros(begun, 2_000));
}
