//! `cargo +nightly fuzz run timeline` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::timeline(bytes));
