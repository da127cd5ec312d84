//! The rule language: a folder of Markdown chapters becomes a checked [`Codebook`](tree::Codebook).
//!
//! Passes, in the order a chapter meets them: `chapters` (Markdown to fenced blocks) → `blocks` (sentences to declarations and
//! rules) → `names` (every name found) → `checked` (what a careful reader of law would object to). What comes out is the
//! [`tree`]: the one representation that the monitor judges by, the renderer reads aloud and the desk makes forms from.
//!
//! This crate never reads a clock, never touches the network and reads nothing but the folder it is given. Start reading at [`tree`].

mod blocks;
pub mod chapters;
pub mod checked;
pub mod diagnostic;
mod entry_limits;
pub mod i18n;
pub mod log;
pub mod mfotl;
pub mod moment;
pub mod pack;
mod reading;
pub mod render;
pub mod room;
pub mod table;
pub mod tree;
pub mod value;

pub use reading::{Reading, read};
