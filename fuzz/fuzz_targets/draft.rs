//! `cargo +nightly fuzz run draft` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::register::draft(bytes));
