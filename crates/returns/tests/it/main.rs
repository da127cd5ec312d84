//! Returns counted over small histories, recounted by a second path, and attacked.

mod alarms;
mod attack;
mod contradictions;
mod kept;
mod recount;
mod release;
mod signals;
mod station;
mod stories;
mod withheld;
