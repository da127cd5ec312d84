//! The review workbench: the record of a dialogue beside what was found in it, decisions, a draft of the reply, and the plan of action.

mod bench;
mod calendar;
mod drafting;
mod plan;
mod sharing;
mod upload;

pub use upload::Upload;

use crate::account::SignedIn;
use crate::desk::Desk;
use crate::dialogue::kept;
use crate::error::DeskError;
use crate::forms::new_id;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use habeas_access::{Ties, What};
use habeas_codebook::tree::Act;
use habeas_review::model::Review;
use habeas_review::tracker::issuing::Entering;
use habeas_review::tracker::{Event, Plan, overriding};

/// Kind of the entries by which the plan is kept; whoever may make it keeps the plan.
const PLANNING: &str = "action planned";
/// How the names of kept documents begin.
const DOCUMENT: &str = "document/";

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/review", get(bench::list).post(bench::take).layer(DefaultBodyLimit::max(upload::LARGEST)))
        .route("/review/{id}", get(bench::page))
        .route("/review/{id}/decide", post(bench::decide))
        .route("/review/{id}/plan", post(plan::start))
        .route("/review/{id}/reply/{form}", get(drafting::reply))
        .route("/plan", get(plan::page))
        .route("/plan/add", post(plan::add))
        .route("/plan/note", post(plan::note))
        .route("/plan/close", post(plan::close))
        .route("/plan/calendar", get(calendar::page))
        .route("/plan/export/{form}", get(sharing::export))
        .route("/plan/tables", post(sharing::take).layer(DefaultBodyLimit::max(upload::LARGEST)))
}

impl Desk {
    /// Whether somebody keeps the plan of action.
    #[must_use]
    pub fn keeps_the_plan(&self, who: &SignedIn) -> bool {
        let Some(kind) = self.authority.kind(PLANNING) else { return false };
        let principal = self.authority.principal(&who.actor());
        self.authority.access().may(&principal, Act::Record, &What::Event(kind), Ties::default())
    }

    /// Lets in only who keeps the plan; for everybody else there is nothing here.
    fn must_keep_the_plan(&self, who: &SignedIn) -> Result<(), DeskError> {
        if self.keeps_the_plan(who) { Ok(()) } else { Err(DeskError::Absent) }
    }

    /// The events of the plan, and what they say together.
    fn plan(&self) -> Result<(Vec<Event>, Plan), DeskError> {
        let events = kept::events(&self.register)?;
        let plan = Plan::of(&events).map_err(|error| DeskError::Machine(error.to_string()))?;
        Ok((events, plan))
    }

    /// A document that is kept, read, with what persons decided beside it.
    fn document(&self, id: &str) -> Result<Review, DeskError> {
        let bytes = self.accounts.paper(&format!("{DOCUMENT}{id}"))?.ok_or(DeskError::Absent)?;
        let mut review = habeas_review::import(&bytes).map_err(|error| DeskError::Machine(error.to_string()))?;
        let (events, _) = self.plan()?;
        let _lost = overriding::apply(&mut review, &events);
        Ok(review)
    }

    /// Enters events of the plan: all of them, or none where one does not fit.
    fn enter(
        &self,
        who: &SignedIn,
        make: impl FnOnce(&Plan, &Entering<'_>) -> Result<Vec<Event>, DeskError>,
    ) -> Result<Vec<Event>, DeskError> {
        let (events, mut plan) = self.plan()?;
        let now = self.now();
        let at = now.timestamp().to_string();
        let made = make(&plan, &Entering { by: &who.session.account.id, at: &at, after: events.len() })?;
        if made.is_empty() {
            return Ok(made);
        }
        let unfit = |_| DeskError::Input { field: "plan", text: "review-unfit" };
        for event in &made {
            plan.hear(event).map_err(unfit)?;
        }
        let drafts = kept::drafts(&self.codebook, &made, &plan, &new_id("review")?, now).map_err(unfit)?;
        self.register.append_together(drafts, &who.actor(), now)?;
        Ok(made)
    }
}
