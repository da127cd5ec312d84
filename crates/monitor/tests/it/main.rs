//! The monitor against itself and against a plain reading of the law, on histories that nobody wrote.

#![expect(clippy::panic, clippy::disallowed_methods, reason = "a test reads the stories that it tells, and stops when one is wrong")]

mod equality;
mod histories;
mod oracle;
mod passing;
mod proving;
mod unknown;
