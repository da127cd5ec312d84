//! The plan of action: for everybody to read, for whoever keeps it to add to. Every change is an entry.

use crate::account::{SignedIn, Visitor};
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use habeas_review::tracker::{Item, KINDS, Plan, issuing};
use serde::Deserialize;

/// Something planned, measured or noted.
struct Step {
    reference: String,
    kind: &'static str,
    words: String,
    more: String,
    is_overdue: bool,
    is_open: bool,
}

/// A recommendation or question.
struct Point {
    reference: String,
    text: String,
    due: String,
    status: String,
    is_overdue: bool,
    is_follow_up: bool,
    is_unfed: bool,
    steps: Vec<Step>,
}

#[derive(Template)]
#[template(path = "pages/plan.html")]
struct Page {
    shell: Shell,
    keeps: bool,
    points: Vec<Point>,
    overdue: usize,
    unfed: usize,
    today: String,
    /// What is shown: everything, `overdue` or `unfed`.
    only: &'static str,
    /// Why tables were not taken.
    refused: String,
    /// How many changes tables brought.
    changes: String,
}

/// What the address asks, and what is told beside the plan.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    #[serde(default)]
    show: String,
    #[serde(default)]
    changes: String,
    /// Why tables were not taken; never from the address.
    #[serde(skip)]
    refused: String,
}

impl Filter {
    /// Everything, and why tables were not taken.
    #[must_use]
    pub fn refusing(why: String) -> Self {
        Filter { refused: why, ..Filter::default() }
    }
}

/// The plan, for everybody.
pub async fn page(State(desk): State<Desk>, visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    shown(&desk, &visitor, filter).await
}

/// The page of the plan.
pub async fn shown(desk: &Desk, visitor: &Visitor, filter: Filter) -> Answer {
    let shell = desk.public_shell(visitor, "plan-title").at("/plan").mistaken(!filter.refused.is_empty());
    let keeps = visitor.signed_in.as_ref().is_some_and(|who| desk.keeps_the_plan(who));
    let page = desk.work(move |desk| {
        let (_, plan) = desk.plan()?;
        let today = desk.codebook.almanac.date(desk.now()).to_string();
        let mut points: Vec<Point> = [0, 1]
            .into_iter()
            .flat_map(|kind| plan.in_order(kind))
            .map(|(reference, item)| point(&plan, reference, item, &today))
            .collect();
        let overdue = plan.overdue(&today).len();
        let unfed = points.iter().filter(|point| point.is_unfed).count();
        let only = ["overdue", "unfed"].into_iter().find(|one| *one == filter.show).unwrap_or_default();
        match only {
            "overdue" => points.retain(|point| point.is_overdue || point.steps.iter().any(|step| step.is_overdue)),
            "unfed" => points.retain(|point| point.is_unfed),
            _ => {}
        }
        let changes = filter.changes.parse::<u32>().map(|count| count.to_string()).unwrap_or_default();
        Ok(Page { shell, keeps, points, overdue, unfed, today, only, refused: filter.refused, changes })
    });
    show(&page.await?)
}

fn is_over(item: &Item, state: &str, today: &str) -> bool {
    let open = !matches!(item.get(state), "done" | "closed" | "dropped" | "rejected" | "full");
    open && !item.get("due").is_empty() && item.get("due") < today
}

fn point(plan: &Plan, reference: &str, item: &Item, today: &str) -> Point {
    let mut steps = Vec::new();
    let mut near = vec![reference.to_owned()];
    for (kind, known) in KINDS.iter().enumerate().skip(2) {
        let mut linked: Vec<&str> = near.iter().flat_map(|one| plan.linked(one, kind)).collect();
        linked.sort_unstable();
        linked.dedup();
        for own in &linked {
            let Some(step) = plan.items[kind].get(*own) else { continue };
            let words = if step.get("what").is_empty() { step.get("text") } else { step.get("what") };
            let columns = ["leads", "due", "state", "return", "value", "unit", "period", "date", "evidence"];
            let more: Vec<&str> = columns.iter().map(|column| step.get(column)).filter(|text| !text.is_empty()).collect();
            steps.push(Step {
                reference: (*own).to_owned(),
                kind: known.one,
                words: words.to_owned(),
                more: more.join(", "),
                is_overdue: kind == 2 && is_over(step, "state", today),
                is_open: kind == 2 && !matches!(step.get("state"), "done" | "dropped" | "partly"),
            });
        }
        near.extend(linked.into_iter().map(str::to_owned));
    }
    Point {
        reference: reference.to_owned(),
        text: item.get("text").to_owned(),
        due: item.get("due").to_owned(),
        status: item.get("status").to_owned(),
        is_overdue: is_over(item, "status", today),
        is_follow_up: item.get("follow_up") == "yes",
        is_unfed: steps.iter().all(|step| step.kind == "note"),
        steps,
    }
}

/// What the forms of the plan send.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    leads: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    evidence: String,
    #[serde(default)]
    state: String,
}

/// What does not fit the plan.
pub const UNFIT: DeskError = DeskError::Input { field: "plan", text: "review-unfit" };

/// Takes the recommendations or questions of a document into the plan.
pub async fn start(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Form(sent): Form<Sent>) -> Answer {
    who.made(&sent.form_token)?;
    desk.must_keep_the_plan(&who)?;
    desk.work(move |desk| {
        let review = desk.document(&id)?;
        desk.enter(&who, |plan, entering| Ok(issuing::events(&review, plan, entering)))?;
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/plan").into_response())
}

/// Plans an action about something.
pub async fn add(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Sent>) -> Answer {
    who.made(&sent.form_token)?;
    desk.must_keep_the_plan(&who)?;
    desk.work(move |desk| {
        let is_day = sent.due.is_empty() || sent.due.parse::<jiff::civil::Date>().is_ok();
        if sent.what.trim().is_empty() || !is_day {
            return Err(UNFIT);
        }
        desk.enter(&who, |plan, entering| {
            let reference = plan.free(2);
            let fields = [("what", sent.what.trim()), ("leads", sent.leads.trim()), ("due", sent.due.trim())];
            let links = [("from", sent.on.as_str()), ("to", reference.as_str())];
            Ok(vec![
                entering.event(1, "action_planned", ("rec", &reference), &fields),
                entering.event(2, "link_made", ("rec", &sent.on), &links),
            ])
        })?;
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/plan").into_response())
}

/// Notes progress on something.
pub async fn note(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Sent>) -> Answer {
    who.made(&sent.form_token)?;
    desk.must_keep_the_plan(&who)?;
    desk.work(move |desk| {
        if sent.what.trim().is_empty() {
            return Err(UNFIT);
        }
        let today = desk.codebook.almanac.date(desk.now()).to_string();
        desk.enter(&who, |plan, entering| {
            let reference = plan.free(4);
            let fields = [("date", today.as_str()), ("text", sent.what.trim()), ("evidence", sent.evidence.trim())];
            let links = [("from", sent.on.as_str()), ("to", reference.as_str())];
            Ok(vec![
                entering.event(1, "progress_noted", ("rec", &reference), &fields),
                entering.event(2, "link_made", ("rec", &sent.on), &links),
            ])
        })?;
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/plan").into_response())
}

/// Says what became of an action, or of a recommendation.
pub async fn close(State(desk): State<Desk>, who: SignedIn, Form(sent): Form<Sent>) -> Answer {
    who.made(&sent.form_token)?;
    desk.must_keep_the_plan(&who)?;
    desk.work(move |desk| {
        desk.enter(&who, |plan, entering| {
            let (kind, class, column) = match plan.find(&sent.on) {
                Some(0) => ("recommendation_answered", "rec", "status"),
                Some(1) => ("answer_given", "review", "status"),
                Some(2) => ("action_closed", "rec", "state"),
                _ => return Err(UNFIT),
            };
            Ok(vec![entering.event(1, kind, (class, &sent.on), &[(column, &sent.state)])])
        })?;
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/plan").into_response())
}
