//! `cargo +nightly fuzz run settings` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::register::settings(bytes));
