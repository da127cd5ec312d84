//! A flow as a task list: each step one form, each form one entry with its own receipt; half done loses nothing.

use super::enter::kind_of;
use super::record::{Identity, entries, identity};
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Path, State};
use habeas_codebook::tree::{Codebook, Cond, FieldId, KindId, Required, Step};

/// A step of the list.
pub struct Task {
    /// Its words.
    pub name: String,
    /// Address of its form; nothing where it may not be recorded by this reader.
    pub href: Option<String>,
    /// When it was done.
    pub done: Option<String>,
    /// It may be left out.
    pub is_optional: bool,
    /// What the step waits for holds of the record.
    pub applies: bool,
}

#[derive(Template)]
#[template(path = "pages/flow.html")]
struct Tasks {
    shell: Shell,
    identity: Identity,
    name: String,
    tasks: Vec<Task>,
    done: usize,
    next: Option<String>,
}

/// What a step waits for.
fn condition(step: &Step) -> Option<&Cond> {
    let Step::Record { when, .. } = step else { return None };
    when.as_ref()
}

/// The fields that a flow asks for where it records this kind: those that it names, and those that another answer may make necessary.
/// `None`: it names none, and all are asked.
#[must_use]
pub fn asked_in(codebook: &Codebook, flow: &str, kind: KindId) -> Option<Vec<FieldId>> {
    let flow = codebook.flows.iter().find(|one| one.name.replace(' ', "-") == flow)?;
    let named = flow.steps.iter().find_map(|step| {
        let Step::Record { events, with, .. } = step else { return None };
        (!with.is_empty() && events.iter().any(|event| kind_of(codebook, *event) == kind)).then_some(with)
    })?;
    let may_be_owed = codebook.kind(kind).fields.iter().filter(|field| matches!(field.required, Required::When(..)));
    Some(named.iter().copied().chain(may_be_owed.map(|field| field.name)).collect())
}

/// The task list of a flow for a record.
pub async fn tasks(State(desk): State<Desk>, who: SignedIn, Path((class, id, flow)): Path<(String, String, String)>) -> Answer {
    let page = desk.work(move |desk| page(desk, &who, (&class, &id), &flow)).await?;
    show(&page)
}

fn page(desk: &Desk, who: &SignedIn, (class, id): (&str, &str), name: &str) -> Result<Tasks, DeskError> {
    let sight = desk.asked_for(who, class, id)?;
    let flow = desk.codebook.flows.iter().find(|flow| flow.name.replace(' ', "-") == name).ok_or(DeskError::Absent)?;
    let teller = desk.teller(who.language);
    let recorded = entries(desk, &sight, (class, id), None)?;
    let names = Names::new(&desk.codebook, who.language);
    let mut tasks = Vec::new();
    let conditions: Vec<&Cond> = flow.steps.iter().filter_map(condition).collect();
    let mut held = desk.register.holds(class, id, &conditions, teller.now)?.into_iter();
    for step in &flow.steps {
        let Step::Record { events, optional, when, .. } = step else { continue };
        let applies = when.is_none() || held.next().unwrap_or(false);
        for event in events {
            let kind_id = kind_of(&desk.codebook, *event);
            let kind = desk.codebook.kind(kind_id);
            let done = recorded.iter().rev().find(|entry| entry.kind == kind.name && entry.withdrawn_by.is_none());
            tasks.push(Task {
                name: names.kind(&kind.name),
                href: (applies && sight.may_record(kind_id))
                    .then(|| format!("/record/{class}/{id}/enter/{}?flow={name}", kind.name.replace(' ', "_"))),
                done: done.map(|entry| teller.at(entry.when)),
                is_optional: *optional || events.len() > 1,
                applies,
            });
        }
    }
    let next = tasks.iter().find(|task| task.done.is_none() && !task.is_optional && task.href.is_some()).and_then(|task| task.href.clone());
    let title = names.flow(&flow.name);
    Ok(Tasks {
        shell: desk.titled(who, title.clone()).at(format!("/record/{class}/{id}/flow/{name}")),
        identity: identity(desk, &teller, &sight, (class, id))?,
        done: tasks.iter().filter(|task| task.done.is_some()).count(),
        name: title,
        next,
        tasks,
    })
}
