//! The monitor against itself and against a plain reading of the law, on histories that nobody wrote.

mod histories;
mod passing;
