//! `cargo +nightly fuzz run tile` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::ledger::tile(bytes));
