//! Pages for anybody: the law as a book, receipts, the gallery of parts.

pub mod assets;
pub mod law;
pub mod parts;
pub mod verify;
