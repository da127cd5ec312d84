//! The laws of the house.

mod house;
