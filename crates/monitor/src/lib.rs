//! Safeguards over histories: a [`Monitor`] compiled from a codebook turns a log into verdicts.
//!
//! Pure: no clock, no disk, no network. `now` and *as known at* come in as arguments ([`Asked`]), so a test of three days'
//! custody runs in a microsecond. Start reading at `verdict`, then `monitor`, then one short module for each pattern.

mod alphabet;
mod bodies;
mod breaches;
mod conditions;
mod due;
mod handful;
mod hearing;
mod knowledge;
pub mod listening;
pub mod live;
pub mod look;
mod monitor;
mod moving;
pub mod prove;
mod scene;
mod states;
mod steps;
pub mod stream;
pub mod verdict;
mod worlds;

pub use alphabet::Kinds;
pub use hearing::{Hearing, Seen};
pub use monitor::{Monitor, Noted, Reading};

pub use verdict::{Asked, Flags, Missing, MissingWhat, Reason, Row, Verdict};
