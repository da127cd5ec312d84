//! The command line as people and scripts meet it, and the laws of the house.

mod arrow;
mod changing;
mod check;
mod clinic;
mod codebook;
mod corpus;
mod demo;
mod dialogue;
mod editor;
mod fanout;
mod figures;
mod house;
mod keeping;
mod law;
mod ledger;
mod notices;
mod offline;
mod one_chapter;
mod receivers;
mod register;
mod registers;
mod returns;
mod station;
mod witness;
