//! `cargo +nightly fuzz run policy` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::ledger::policy(bytes));
