//! The desk: people use the custody record in a browser; other programs use the same door as an API.
//!
//! A handler asks, calls one thing, shows. It never decides who may do what (`habeas-access` does, through
//! [`authority::Authority`]), never judges a safeguard (the register does), never knows a kind of event by name: a form is made from the
//! codebook's `event` block, a task list from its `flow`, and a screen that needs something special finds it by the role that the block
//! declares (`as cell-in`).
//! No text stands in code: words are in `web/i18n/*.ftl`, pages in `web/pages`, parts in `web/parts`.
//!
//! # Where to start reading
//!
//! [`routes`] is the table of contents. [`desk::Desk`] is what every handler is given. [`shell`] is what every page has around it.
//!
//! # How a room is added
//!
//! A room is a file (a folder, when it grows) under `src/rooms/`, its pages under `web/pages/`, its texts in a folder of `web/i18n/`, and
//! one line in [`rooms::routes`]. [`rooms::readers`] is a complete small room; a new one is made like it:
//!
//! 1. `web/pages/cells.html` begins with `{% extends "shell.html" %}` and fills the block `main`. Texts are
//!    `{{ shell.say("cells-title") }}`, and with a value `{{ shell.with("cells-free", "n", n) }}`.
//! 2. `web/i18n/cells/` has `en.ftl`, `az.ftl` and `ru.ftl` (a test compares the three), and `texts.rs` names the folder.
//! 3. `src/rooms/cells.rs` has the page's struct (`#[derive(askama::Template)] #[template(path = "pages/cells.html")]`, with a field
//!    `shell: Shell`) and its handler:
//!
//!    ```text
//!    pub async fn cells(State(desk): State<Desk>, who: SignedIn) -> Answer {
//!        let shell = desk.shell(&who, "cells-title");
//!        show(&Cells { shell, plan: … })
//!    }
//!    ```
//!
//!    [`account::SignedIn`] refuses whoever is not signed in; [`account::Visitor`] is for public pages. What a reader may see is asked of
//!    [`desk::Desk::sight`]; an entry is made with [`desk::Desk::append`]; both take the `SignedIn`.
//!    Its `pub fn routes() -> Router<Desk>` names its addresses, and [`rooms::routes`] merges them.
//! 4. If it stands in the main navigation, `shell::NAV` gains a line; [`shell::Wants`] says whose it is without naming a role.

pub mod account;
pub mod accounts;
pub mod api;
pub mod authority;
pub mod bonds;
pub mod clients;
pub mod clock;
pub mod desk;
pub mod dialogue;
pub mod error;
pub mod files;
pub mod forms;
mod kept;
pub mod names;
pub mod public;
pub mod reading;
pub mod rooms;
pub mod routes;
pub mod security;
pub mod shell;
pub mod station;
pub mod texts;

pub use account::SignedIn;
pub use accounts::{Account, Accounts, Came};
pub use desk::{Changed, Clock, Desk, Options};
pub use error::{Answer, DeskError, show};
