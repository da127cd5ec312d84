//! The statistics room: a table chosen, counted, charted, held against another period, opened down to its entries, and released by two
//! persons; and what everybody finds of it on the public pages.

mod cell;
mod chosen;
mod document;
mod published;
mod releasing;
mod shelf;

pub use shelf::{Question, Shelf};

use crate::account::SignedIn;
use crate::desk::Desk;
use axum::Router;
use axum::routing::{get, post};
use habeas_access::{Ties, What};
use habeas_codebook::tree::Act;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/statistics", get(chosen::page))
        .route("/statistics/{id}/cell", get(cell::page))
        .route("/statistics/{id}/table.csv", get(chosen::file))
        .route("/statistics/propose", post(releasing::propose))
        .route("/statistics/approve", post(releasing::approve))
        .route("/open-data", get(published::list))
        .route("/open-data/feed.atom", get(published::feed))
        .route("/open-data/report/{year}", get(published::report))
        .route("/open-data/report/{year}/{file}", get(document::pdf))
        .route("/open-data/{release}", get(published::one))
        .route("/open-data/{release}/{file}", get(published::file))
}

impl Desk {
    /// Whether somebody may do something to a table, by the codebook's access sentences.
    #[must_use]
    pub fn may_of_table(&self, who: &SignedIn, act: Act, table: &str) -> bool {
        let principal = self.authority.principal(&who.actor());
        self.authority.access().may(&principal, act, &What::Table(table.to_owned()), Ties::default())
    }
}
