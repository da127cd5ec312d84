//! Statistical returns: a `table` block and a log become a table of numbers, and each number can be opened down to its entries.
//!
//! The way of one table: `counter` finds what each column counts and under which codes (`dimensions`), `rollup` makes the totals,
//! `withhold` protects small numbers about persons, `release` makes of all that what may leave, `write` prints it in every format.
//! Everything is an argument: the log, the period,
//! the as-of. Same arguments, same bytes. This crate knows no clock, no disk, no network; it never prints who a person is.
//! Start reading at [`count`], then [`cells`].

mod amounts;
pub mod cells;
mod coder;
mod columns;
mod contradictions;
mod counter;
mod courses;
mod dimensions;
mod found;
mod patterns;
pub mod period;
pub mod phrases;
pub mod release;
mod revision;
mod rollup;
mod shelves;
pub mod signals;
mod spoken;
pub mod trial;
pub mod withhold;
pub mod write;

pub use counter::{SETTLING_DAYS, count, count_all};
pub use revision::revise;
pub use shelves::Kept;
pub use spoken::{body, in_other_languages, spoken};
