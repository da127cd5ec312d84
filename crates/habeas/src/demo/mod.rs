//! The fictional State of Arvenia, lived through: what `habeas demo` records, as data in `examples/arvenia` and one small teller.
//!
//! [`written`] reads the data: who works where, who is in custody, and the acts of which a custody is made. [`telling`] places
//! them in time before and after a given moment.
//!
//! What lies before is recorded at once, each entry as of the moment it was made; what lies after is the live stream.
//! No clock and no register here: the moment comes in, entries go out.

pub mod telling;
pub mod written;

pub use telling::{Told, tell};
pub use written::State;
