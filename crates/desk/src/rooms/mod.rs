//! Rooms: each a screen for one task, in a file of its own, found from [`routes`].

pub mod cells;
pub mod clinic;
pub mod codebook;
pub mod complain;
pub mod correct;
pub mod dialogue;
pub mod files;
pub mod glass;
pub mod interview;
pub mod kit;
pub mod last_day;
pub mod lawyer;
pub mod letter;
pub mod readers;
pub mod relative;
pub mod shared;
pub mod statistics;
pub mod whereabouts;
pub mod work;

use crate::desk::Desk;
use axum::Router;

/// The addresses of every room.
pub fn routes() -> Router<Desk> {
    Router::new()
        .merge(clinic::routes())
        .merge(codebook::routes())
        .merge(complain::routes())
        .merge(correct::routes())
        .merge(dialogue::routes())
        .merge(files::routes())
        .merge(glass::routes())
        .merge(interview::routes())
        .merge(kit::routes())
        .merge(lawyer::routes())
        .merge(letter::routes())
        .merge(readers::routes())
        .merge(relative::routes())
        .merge(shared::routes())
        .merge(statistics::routes())
        .merge(whereabouts::routes())
        .merge(cells::routes())
        .merge(last_day::routes())
        .merge(work::routes())
}
