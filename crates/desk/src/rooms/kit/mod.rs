//! The visitors' kit: one page for a monitoring visit that is taken along on a tablet and works without a line, and on paper without a
//! tablet. What to look at, whom to speak with alone, a sample of the records with their receipts, what was found, what was recommended and
//! what was answered.
//!
//! Its steps are those of the codebook's task list that begins with the visit, and each is the ordinary form: with a line it is entered at
//! once, without one the browser keeps it as a draft with a number of its own and hands it in later, which enters it once however often it
//! is sent.

mod sample;
mod tablet;

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::model::{Choice, choices, input_name};
use crate::names::Names;
use crate::reading::Opening;
use crate::shell::Shell;
use crate::station::board::{owed, rule_words, why_href};
use crate::station::chips::Chip;
use crate::station::enter::kind_of;
use crate::station::record::{Duty, EntryShown, Identity, entries, happened, identity, shown};
use crate::station::rows::{all_verdicts, standing};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::routing::get;
use habeas_codebook::tree::{Codebook, Flow, KindId, Step};
use habeas_register::Entry;
use sample::{Drawn, Sampled};

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new().route("/visit/{id}/kit", get(page)).merge(tablet::routes())
}

/// A step of the visit.
struct Task {
    name: String,
    href: String,
    done: usize,
}

#[derive(Template)]
#[template(path = "pages/kit.html")]
struct Kit {
    shell: Shell,
    identity: Identity,
    tasks: Vec<Task>,
    /// What a finding can be about, and the address of its form.
    checklist: Vec<Choice>,
    finding: Option<(String, String)>,
    drawn: Option<Drawn>,
    sample: Vec<Sampled>,
    owed: Vec<Duty>,
    entries: Vec<EntryShown>,
}

/// The task list that begins with a visit, and what each of its steps records.
fn steps(codebook: &Codebook) -> Option<(&Flow, Vec<KindId>)> {
    let kinds = |flow: &Flow| -> Vec<KindId> {
        let recorded = flow.steps.iter().filter_map(|step| match step {
            Step::Record { events, .. } => Some(events.iter().map(|event| kind_of(codebook, *event))),
            Step::ShowEvent(_) | Step::ShowState(_) | Step::ShowDuties => None,
        });
        recorded.flatten().collect()
    };
    let begins = |kind: &KindId| codebook.kind(*kind).screens.iter().any(|screen| screen == "visit-start");
    codebook.flows.iter().map(|flow| (flow, kinds(flow))).find(|(_, kinds)| kinds.iter().any(begins))
}

/// Whether the kit is for this reader: whoever may say what a visit found.
#[must_use]
pub fn is_for(desk: &Desk, sight: &Sight<'_>) -> bool {
    desk.screened("finding").any(|kind| sight.may_record(kind))
}

async fn page(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>) -> Answer {
    let page = desk.work(move |desk| {
        let (flow, kinds) = steps(&desk.codebook).ok_or(DeskError::Absent)?;
        let class = desk.codebook.class(flow.subject).name.clone();
        let sight = desk.asked_for(&who, &class, &id)?;
        if !is_for(desk, &sight) {
            return Err(DeskError::Forbidden);
        }
        desk.note_taken(&who, &sight, &format!("kit of {class} {id}"))?;
        let of_visit = entries(desk, &sight, (&class, &id), None)?;
        kit(desk, &who, &sight, (&class, &id), (&kinds, &of_visit))
    });
    let mut response = show(&page.await?)?;
    let policy = format!("{}; manifest-src 'self'; worker-src 'self'", crate::security::POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).map_err(|e| DeskError::Page(e.to_string()))?);
    Ok(response)
}

fn kit(
    desk: &Desk,
    who: &SignedIn,
    sight: &Sight<'_>,
    (class, id): (&str, &str),
    (kinds, of_visit): (&[KindId], &[Entry]),
) -> Result<Kit, DeskError> {
    let teller = desk.teller(who.language);
    let names = Names::new(&desk.codebook, who.language);
    let here = format!("/visit/{id}/kit");
    let form = |kind: KindId| format!("/record/{class}/{id}/enter/{}?then={here}", desk.codebook.kind(kind).name.replace(' ', "_"));
    let task = |kind: &KindId| {
        let name = &desk.codebook.kind(*kind).name;
        let done = of_visit.iter().filter(|entry| entry.kind == *name && entry.withdrawn_by.is_none()).count();
        Task { name: names.kind(name), href: form(*kind), done }
    };
    let mut theirs: Vec<KindId> = Vec::new();
    for kind in kinds.iter().filter(|kind| sight.may_record(**kind)) {
        if !theirs.contains(kind) {
            theirs.push(*kind);
        }
    }
    let finding = desk.screened("finding").find(|kind| sight.may_record(*kind));
    let checklist = finding.and_then(|kind| checklist(desk, kind, &teller));
    let began = standing(&desk.codebook, of_visit, "visit-start").next().map(|entry| entry.recorded_at);
    let (drawn, sample) = sample::drawn(desk, who, sight, (id, began.unwrap_or(teller.now)), &teller)?;
    let verdicts = all_verdicts(desk, (class, id), teller.now)?;
    let seen: Vec<_> = verdicts.iter().filter(|verdict| sight.verdict(verdict)).collect();
    let duty = |verdict: &habeas_register::VerdictEntry| Duty {
        name: rule_words(desk, &teller, verdict),
        when: verdict.due_at.or(verdict.since).map(|due| teller.instant(due)).unwrap_or_default(),
        chip: Chip::of(&teller, verdict),
        href: why_href(verdict),
    };
    let mut newest: Vec<&Entry> = of_visit.iter().collect();
    newest.sort_by_key(|entry| std::cmp::Reverse((happened(entry), entry.index)));
    Ok(Kit {
        shell: desk.shell(who, "kit-title").at(here.clone()),
        identity: identity(desk, &teller, sight, (class, id))?,
        tasks: theirs.iter().map(task).collect(),
        finding: finding.zip(checklist.as_ref()).map(|(kind, (input, _))| (form(kind), input.clone())),
        checklist: checklist.map(|(_, choices)| choices).unwrap_or_default(),
        drawn,
        sample: sample::with_forms(desk, sample, &theirs, form),
        owed: owed(&seen).into_iter().map(duty).collect(),
        entries: newest.into_iter().map(|entry| shown(desk, &teller, sight, entry, &seen)).collect(),
    })
}

/// What a finding can be about: the input that says it, and its choices.
fn checklist(desk: &Desk, kind: KindId, teller: &Teller<'_>) -> Option<(String, Vec<Choice>)> {
    let fields = &desk.codebook.kind(kind).fields;
    let offered = fields.iter().map(|field| (input_name(&desk.codebook, field), choices(&desk.codebook, field, teller, &[])));
    offered.max_by_key(|(_, choices)| choices.len()).filter(|(_, choices)| !choices.is_empty())
}

impl Desk {
    /// Enters that a sampled record is taken along.
    fn note_sampled(&self, who: &SignedIn, sight: &Sight<'_>) -> Result<(), DeskError> {
        self.note_opened(who, sight, &Opening { is_exported: true, is_glass: false })
    }
}
