//! The register, told as stories of a station.

mod door;
mod erasing;
mod faults;
mod histories;
mod judging;
mod moving;
mod readings;
mod station;
mod witnessing;
