//! The rooms of the command line: packs and logs found, verdicts and reports written, timelines run.
//!
//! This crate is thin. It alone reads the clock, the arguments and the environment; it never judges. Start reading at
//! [`verbs::check`]. It is a library only so that its own tests, benches and fuzz targets can reach its rooms.

pub mod clockwork;
pub mod counting;
pub mod demo;
pub mod diagnostics;
pub mod fuzzed;
pub mod judging;
pub mod logs;
pub mod messages;
pub mod notifying;
pub mod outcome;
pub mod packs;
pub mod passing;
pub mod people;
pub mod places;
pub mod proving;
pub mod registers;
pub mod report;
pub mod serving;
pub mod summary;
pub mod terminal;
pub mod timeline;
pub mod verbs;
pub mod verdicts;
pub mod witnessing;
