//! The committed fuzz corpus, replayed: what once broke a parser, and what shows it every corner.

use habeas::fuzzed;
use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut replayed = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus") {
        let path = entry.expect("a file").path();
        println!("replaying {}", path.display());
        run(&std::fs::read(&path).expect("a file that can be read"));
        replayed += 1;
    }
    assert!(replayed >= 3, "{target}: only {replayed} files in its corpus");
}

#[test]
fn no_chapter_of_the_corpus_breaks_the_reader() {
    replay("chapter", fuzzed::chapter);
}

#[test]
fn no_csv_of_the_corpus_breaks_intake() {
    replay("csv", fuzzed::csv);
}

#[test]
fn no_json_line_of_the_corpus_breaks_intake() {
    replay("json_lines", fuzzed::json_lines);
}

#[test]
fn no_mapping_of_the_corpus_breaks_intake() {
    replay("mapping", fuzzed::mapping);
}

#[test]
fn no_timeline_of_the_corpus_breaks_the_monitor() {
    replay("timeline", fuzzed::timeline);
}

#[test]
fn no_header_of_the_corpus_breaks_the_ledger() {
    replay("header", fuzzed::ledger::header);
}

#[test]
fn no_note_of_the_corpus_breaks_the_ledger() {
    replay("note", fuzzed::ledger::note);
}

#[test]
fn no_policy_of_the_corpus_breaks_the_ledger() {
    replay("policy", fuzzed::ledger::policy);
}

#[test]
fn no_receipt_of_the_corpus_breaks_the_ledger() {
    replay("receipt", fuzzed::ledger::receipt);
}

#[test]
fn no_tile_of_the_corpus_breaks_the_ledger() {
    replay("tile", fuzzed::ledger::tile);
}

#[test]
fn no_witness_of_the_corpus_breaks_the_ledger() {
    replay("witness", fuzzed::ledger::witness);
}

#[test]
fn no_bundle_of_the_corpus_breaks_verification() {
    replay("bundle", fuzzed::register::bundle);
}

#[test]
fn no_draft_of_the_corpus_breaks_the_register() {
    replay("draft", fuzzed::register::draft);
}

#[test]
fn no_log_of_the_corpus_breaks_a_table() {
    replay("tables", fuzzed::tables);
}

#[test]
fn no_treaty_document_of_the_corpus_breaks_the_review() {
    replay("review", fuzzed::review);
}
