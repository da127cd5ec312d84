//! `cargo +nightly fuzz run parcel` from the repository's root.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| habeas::fuzzed::register::parcel(bytes));
