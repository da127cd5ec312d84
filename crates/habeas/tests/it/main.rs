//! The command line as people and scripts meet it, and the laws of the house.

mod check;
mod codebook;
mod corpus;
mod house;
mod law;
mod registers;
mod station;
