//! The treaty dialogue at the desk: documents read, questions and their answers, the plan of action.

pub mod answering;
pub mod kept;
pub mod offering;
