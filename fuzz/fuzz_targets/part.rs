//! `cargo +nightly fuzz run part` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::register::part(bytes));
