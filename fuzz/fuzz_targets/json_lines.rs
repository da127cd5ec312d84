//! `cargo +nightly fuzz run json_lines` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::json_lines(bytes));
