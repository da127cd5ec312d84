//! `check --prove`: every row that was printed is worked out again by the independent checker.

use crate::judging::Wanted;
use crate::terminal::Terminal;
use habeas_codebook::tree::Codebook;
use habeas_monitor::Hearing;
use habeas_monitor::prove::{Proof, Prover};
use std::collections::BTreeMap;

/// Refutations shown; all are counted.
const SHOWN: usize = 20;

/// Proves the rows asked for; false if any was refuted. What was not tried is told with its reasons.
pub fn prove(codebook: &Codebook, hearing: &Hearing<'_>, wanted: &Wanted, terminal: Terminal) -> bool {
    let prover = Prover::new(codebook, hearing.log(), hearing.asked());
    let (mut proven, mut refuted) = (0u64, 0usize);
    let mut not_tried: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut rows = Vec::new();
    for subject in hearing.subjects() {
        rows.clear();
        hearing.rows_of(*subject, &mut rows);
        for row in rows.iter().filter(|row| wanted.rules[row.rule.index()][usize::from(row.record)]) {
            match prover.prove(row) {
                Ok(Proof::Proven) => proven += 1,
                Ok(Proof::NotTried(why)) => *not_tried.entry(why).or_default() += 1,
                Err(refutation) => {
                    refuted += 1;
                    if refuted <= SHOWN {
                        let log = hearing.log();
                        let (rule, subject) = (&codebook.rules[row.rule.index()].id, log.name_of(row.subject));
                        let trigger = row.trigger.map_or("no trigger", |t| log.id(t));
                        terminal.complain(&format!("not proven: {rule}, {subject}, {trigger}: {}", refutation.0));
                    }
                }
            }
        }
    }
    terminal.note(&format!("proof: {proven} rows proven again from their entries, {refuted} refuted"));
    for (why, rows) in not_tried {
        terminal.note(&format!("proof: {rows} rows not tried: {why}"));
    }
    refuted == 0
}
