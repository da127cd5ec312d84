//! The independent checker proves what the monitor says of every kept story, and refutes whatever was tampered with.

use crate::histories::{codebook, histories, log_of, ready, spoken, story};
use habeas_codebook::moment::Moment;
use habeas_monitor::prove::{Proof, Prover};
use habeas_monitor::{Asked, Hearing, Monitor, Row, Verdict};
use proptest::prelude::*;
use std::path::Path;

/// Proves every row; gives how many were proven and how many were not tried.
fn prove_all(hearing: &Hearing<'_>, codebook: &habeas_codebook::tree::Codebook, story: &dyn Fn() -> String) -> (usize, usize) {
    let prover = Prover::new(codebook, hearing.log(), hearing.asked());
    let (mut proven, mut not_tried) = (0, 0);
    for row in hearing.rows() {
        match prover.prove(&row) {
            Ok(Proof::Proven) => {
                proven += 1;
                for tampered in tampered(&row) {
                    assert_ne!(prover.prove(&tampered), Ok(Proof::Proven), "a tampered row was proven: {tampered:?}\n{}", story());
                }
            }
            Ok(Proof::NotTried(_)) => not_tried += 1,
            Err(refutation) => panic!("{}: {}\n{}", refutation.0, spoken(hearing, &row), story()),
        }
    }
    (proven, not_tried)
}

/// The row with another verdict, another due time, another since, another lateness.
fn tampered(row: &Row) -> Vec<Row> {
    let later = |m: Option<Moment>| m.map(|m| Moment(m.0 + 60_000_000));
    let verdict = if row.verdict == Verdict::Met { Verdict::Breached } else { Verdict::Met };
    let mut all = vec![Row { verdict, ..row.clone() }];
    if row.verdict != Verdict::NotApplicable {
        all.extend(row.due_at.is_some().then(|| Row { due_at: later(row.due_at), ..row.clone() }));
        all.extend(row.since.is_some().then(|| Row { since: later(row.since), ..row.clone() }));
        all.extend(row.late_by.map(|l| Row { late_by: Some(l + 1), ..row.clone() }));
    }
    all
}

#[test]
fn every_kept_story_is_proven_or_said_not_to_be_tried() {
    let (mut proven, mut not_tried) = (0, 0);
    for folder in ["tests/timelines", "tests/conformance/timelines"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        for file in std::fs::read_dir(folder).expect("kept stories").flatten() {
            let text = std::fs::read_to_string(file.path()).expect("a timeline");
            let timeline = habeas_intake::timeline::read(&text, "timeline", codebook()).expect("a timeline without mistakes");
            let monitor = Monitor::new(&timeline.codebook);
            let hearing = monitor.hear(&timeline.log, Asked { now: timeline.now, known_at: timeline.known_at });
            let (yes, no) = prove_all(&hearing, &timeline.codebook, &|| timeline.id.clone());
            proven += yes;
            not_tried += no;
        }
    }
    // Of rows without a birth date both ages are possible worlds, and counts and quantities are not re-proved.
    assert!(proven >= 80, "{proven} proven, {not_tried} not tried");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_the_monitor_says_of_any_history_is_never_refuted(history in histories(40, true, true)) {
        let entries = ready(&history);
        let log = log_of(&entries);
        let monitor = Monitor::new(codebook());
        let now = Moment(entries.last().map_or(0, |e| e.recorded_at.0) + 3_600_000_000);
        let hearing = monitor.hear(&log, Asked { now, known_at: now });
        prove_all(&hearing, codebook(), &|| story(&entries));
    }
}
