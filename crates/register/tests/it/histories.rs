//! The monitor's histories by chance, for the register too: the same stories through the door.

#[path = "../../../monitor/tests/it/histories.rs"]
#[expect(dead_code, reason = "the monitor's own tests use the rest")]
mod by_chance;

pub(crate) use by_chance::{MINUTE, START, Told, histories, log_of, ready, story};
