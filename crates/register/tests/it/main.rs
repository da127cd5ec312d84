//! The register, told as stories of a station.

mod asking;
mod changing;
mod door;
mod erasing;
mod faults;
mod files;
mod fuzzed;
mod histories;
mod judging;
mod moving;
mod reading_on;
mod readings;
mod station;
mod whole_pack;
mod witnessing;
