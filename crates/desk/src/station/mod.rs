//! The station: the board, a custody record, entering something, a task list, why a duty was not honoured, receipts.

pub mod answers;
pub mod board;
pub mod chips;
pub mod enter;
pub mod flow;
pub mod handover;
pub mod lanes;
pub mod paper;
pub mod receipt;
pub mod record;
pub mod rows;
pub mod said;
pub mod stop;
pub mod wall;
pub mod why;
