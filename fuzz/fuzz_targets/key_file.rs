//! `cargo +nightly fuzz run key_file` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::register::key_file(bytes));
