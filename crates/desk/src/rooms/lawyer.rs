//! The lawyer's room: own clients, soonest owed first, and for each client what a lawyer works with: calls to answer, meetings, results
//! that were sent, complaints, the next hearing, and whether questions are being asked now.
//!
//! Who is a client is read in the entries of the record, as everywhere; the room shows nothing that the record would not.

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::reading::Opening;
use crate::rooms::interview::course::{Course, courses, happened};
use crate::shell::{Shell, Wants};
use crate::station::board::{owed, rule_words, why_href};
use crate::station::chips::Chip;
use crate::station::record::{EntryShown, Identity, entries, identity, shown, words};
use crate::station::rows::{has_screen, row, settle, standing};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Tie;
use habeas_register::{Entry, Life, VerdictEntry};
use serde::Deserialize;
use serde_json::Value as Json;

/// Kinds of entries that a lawyer makes from this room, by screen role, in the order of the buttons.
const ACTS: [&str; 5] = ["engagement", "lawyer-meeting", "lawyer-meeting-end", "medical-request", "complaint"];

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new().route("/clients", get(list)).route("/clients/{id}", get(client))
}

/// The filter bar.
#[derive(Clone, Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    q: String,
}

/// A client in the list.
struct Line {
    href: String,
    name: String,
    number: String,
    place: String,
    held: String,
    call: Option<String>,
    questioned: Option<String>,
    hearing: Option<String>,
    results: usize,
    duty: Option<(String, String, Chip)>,
    due: i64,
}

#[derive(Template)]
#[template(path = "pages/clients.html")]
struct Clients {
    shell: Shell,
    filter: Filter,
    lines: Vec<Line>,
}

async fn list(State(desk): State<Desk>, who: SignedIn, Query(filter): Query<Filter>) -> Answer {
    if !desk.is_for(&who, Wants::OwnClient) {
        return Err(DeskError::Forbidden);
    }
    let page = desk.work(move |desk| {
        let (reader, teller, lawyer) = (desk.reader(&who), desk.teller(who.language), &who.session.account.id);
        let seen = |life: Life| Some((reader.sight(&life.subject.0, &life.subject.1).ok()?, life.subject));
        let found = desk.may_be_clients(lawyer)?.into_iter().filter_map(seen);
        let found: Vec<(Sight<'_>, (String, String))> = found.filter(|(sight, _)| sight.has(Tie::OwnClient)).collect();
        settle(desk, found.iter().map(|(_, subject)| subject), teller.now)?;
        let lines = found.iter().map(|(sight, (_, id))| line(desk, &teller, (sight, lawyer), id));
        let mut lines = lines.collect::<Result<Vec<Line>, DeskError>>()?;
        let wanted = filter.q.trim().to_lowercase();
        lines.retain(|line| {
            wanted.is_empty() || [&line.name, &line.number, &line.place].iter().any(|one| one.to_lowercase().contains(&wanted))
        });
        lines.sort_by(|one, other| (one.call.is_none(), one.due, &one.number).cmp(&(other.call.is_none(), other.due, &other.number)));
        desk.note_listed(&who, "clients", lines.len())?;
        Ok(Clients { shell: desk.shell(&who, "clients-title").at("/clients"), filter, lines })
    });
    show(&page.await?)
}

fn line(desk: &Desk, teller: &Teller<'_>, (sight, lawyer): (&Sight<'_>, &str), id: &str) -> Result<Line, DeskError> {
    let row = row(desk, "custody", id, teller.now)?;
    let verdicts: Vec<&VerdictEntry> = row.verdicts.iter().filter(|one| sight.verdict(one)).collect();
    let next = owed(&verdicts).first().copied();
    let entries = entries(desk, sight, ("custody", id), None)?;
    let file = File { desk, teller, entries: &entries };
    Ok(Line {
        href: format!("/clients/{id}"),
        name: row.name_for(sight).unwrap_or_else(|| id.to_owned()),
        number: id.to_owned(),
        place: row.place.as_deref().map(|place| desk.place_name(place)).unwrap_or_default(),
        held: row.opened_at.map(|at| teller.length(teller.now.0 - at.0)).unwrap_or_default(),
        call: file.call(lawyer).map(|(called, _)| called),
        questioned: file.questioned(),
        hearing: file.next_hearing().map(|(at, _)| teller.instant(at)),
        results: file.results().count(),
        duty: next.map(|verdict| {
            (
                rule_words(desk, teller, verdict),
                verdict.due_at.map(|due| teller.instant(due)).unwrap_or_default(),
                Chip::of(teller, verdict),
            )
        }),
        due: next.and_then(|verdict| verdict.due_at).map_or(i64::MAX, |due| due.0),
    })
}

/// What a client's entries say to their lawyer.
struct File<'f> {
    desk: &'f Desk,
    teller: &'f Teller<'f>,
    entries: &'f [Entry],
}

impl<'f> File<'f> {
    fn with(&self, screen: &'static str) -> impl DoubleEndedIterator<Item = &'f Entry> + use<'f> {
        standing(&self.desk.codebook, self.entries, screen)
    }

    /// A call that this lawyer accepted and has not followed: when, and when they said that they would be there.
    fn call(&self, lawyer: &str) -> Option<(String, Option<String>)> {
        let names = |entry: &&Entry| entry.by.as_deref() == Some(lawyer) || told(entry, "lawyer").and_then(Json::as_str) == Some(lawyer);
        let mut engaged = self.with("engagement").filter(names);
        let called = engaged.next_back().filter(|entry| told(entry, "outcome").and_then(Json::as_str) == Some("accepted"))?;
        let has_met = self.with("lawyer-meeting").filter(names).any(|entry| happened(entry) >= happened(called));
        let eta = told(called, "eta").map(|value| words(&self.desk.codebook, self.teller, value));
        (!has_met).then(|| (self.teller.instant(happened(called)), eta))
    }

    /// Since when questions are being asked, if they are.
    fn questioned(&self) -> Option<String> {
        let running = courses(self.desk, self.entries).into_iter().rev().find(Course::is_questioning)?;
        running.running_since().map(|since| self.teller.instant(since))
    }

    /// The next hearing, and the entry that named it.
    fn next_hearing(&self) -> Option<(Moment, &'f Entry)> {
        let at = |entry: &Entry| habeas_codebook::value::time(told(entry, "next")?.as_str()?, &self.desk.codebook.almanac);
        let coming = self.with("hearing").filter_map(|entry| Some((at(entry)?.earliest, entry)));
        coming.filter(|(at, _)| *at >= self.teller.now).min_by_key(|(at, _)| *at)
    }

    /// Reports of doctors that were sent to the lawyer, newest first.
    fn results(&self) -> impl Iterator<Item = &'f Entry> + use<'f> {
        let is_to = |entry: &&Entry| told(entry, "to").is_some_and(|to| holds(to, "lawyer"));
        self.with("medical-report").rev().filter(is_to)
    }
}

/// The value of a field.
pub(super) fn told<'e>(entry: &'e Entry, name: &str) -> Option<&'e Json> {
    entry.fields.iter().find(|told| told.name == name).map(|told| &told.value)
}

/// Whether a value is this word, or a list that has it.
pub(super) fn holds(value: &Json, word: &str) -> bool {
    value.as_str() == Some(word) || value.as_array().is_some_and(|items| items.iter().any(|item| item.as_str() == Some(word)))
}

/// A meeting of the client with a lawyer.
struct Meeting {
    began: String,
    stamp: String,
    ended: Option<String>,
    length: String,
    with: String,
    mode: String,
    is_private: Option<bool>,
    ended_by: String,
}

/// A report that was sent to the lawyer, with what may be read of its examination.
struct Sent {
    at: String,
    stamp: String,
    kind: String,
    receipt: String,
    found: Vec<EntryShown>,
}

/// A complaint and how it stands.
struct Complaint {
    number: String,
    steps: Vec<EntryShown>,
}

/// A link to a form.
struct Action {
    href: String,
    name: String,
}

#[derive(Template)]
#[template(path = "pages/client.html")]
struct ClientPage {
    shell: Shell,
    identity: Identity,
    call: Option<(String, Option<String>)>,
    questioned: Option<String>,
    acts: Vec<Action>,
    owed: Vec<(String, String, String, Chip)>,
    meetings: Vec<Meeting>,
    results: Vec<Sent>,
    complaints: Vec<Complaint>,
    hearing: Option<(String, String)>,
    hearings: Vec<EntryShown>,
}

async fn client(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>) -> Answer {
    let page = desk.work(move |desk| client_page(desk, &who, &id));
    show(&page.await?)
}

fn client_page(desk: &Desk, who: &SignedIn, id: &str) -> Result<ClientPage, DeskError> {
    let sight = desk.sight(who, "custody", id)?;
    if !sight.has(Tie::OwnClient) {
        return Err(DeskError::Absent);
    }
    desk.note_opened(who, &sight, &Opening::default())?;
    let teller = desk.teller(who.language);
    let identity = identity(desk, &teller, &sight, ("custody", id))?;
    let row = row(desk, "custody", id, teller.now)?;
    let verdicts: Vec<&VerdictEntry> = row.verdicts.iter().filter(|one| sight.verdict(one)).collect();
    let entries = entries(desk, &sight, ("custody", id), None)?;
    let file = File { desk, teller: &teller, entries: &entries };
    let named = |verdict: &VerdictEntry| {
        let due = verdict.due_at.or(verdict.since).map(|at| teller.instant(at)).unwrap_or_default();
        (rule_words(desk, &teller, verdict), due, why_href(verdict), Chip::of(&teller, verdict))
    };
    let shown = |entry: &Entry| shown(desk, &teller, &sight, entry, &[]);
    let title = format!("{}, {}", desk.texts.say(who.language, "client-title", &[]), identity.name);
    Ok(ClientPage {
        shell: desk.titled(who, title).at(format!("/clients/{id}")),
        call: file.call(&who.session.account.id),
        questioned: file.questioned(),
        acts: acts(desk, who, &sight, id),
        owed: owed(&verdicts).into_iter().map(named).collect(),
        meetings: meetings(&file),
        results: file.results().map(|entry| sent(&file, &sight, entry)).collect(),
        complaints: complaints(&file, &sight),
        hearing: file
            .next_hearing()
            .map(|(at, entry)| (teller.instant(at), told(entry, "court").and_then(Json::as_str).unwrap_or_default().to_owned())),
        hearings: file.with("hearing").rev().map(shown).collect(),
        identity,
    })
}

/// What may be entered for this client, with the lawyer's own name filled in where the form asks for it.
fn acts(desk: &Desk, who: &SignedIn, sight: &Sight<'_>, id: &str) -> Vec<Action> {
    let names = Names::new(&desk.codebook, who.language);
    let own = &who.session.account.id;
    let kinds = ACTS.iter().flat_map(|screen| desk.screened(screen)).filter(|kind| sight.may_record(*kind));
    let mut acts: Vec<Action> = kinds
        .map(|kind| {
            let name = &desk.codebook.kind(kind).name;
            let fields = "f.lawyer={own}&f.opened_by={own}&f.done_by=lawyer&f.channel=lawyer".replace("{own}", own);
            Action {
                href: format!("/record/custody/{id}/enter/{}?{fields}&then=/clients/{id}", name.replace(' ', "_")),
                name: names.kind(name),
            }
        })
        .collect();
    acts.dedup_by(|one, other| one.href == other.href);
    acts
}

fn meetings(file: &File<'_>) -> Vec<Meeting> {
    let ends: Vec<&Entry> = file.with("lawyer-meeting-end").collect();
    let mut meetings: Vec<Meeting> = Vec::new();
    let word =
        |entry: &Entry, field: &str| told(entry, field).map(|value| words(&file.desk.codebook, file.teller, value)).unwrap_or_default();
    let begun: Vec<&Entry> = file.with("lawyer-meeting").collect();
    for (number, entry) in begun.iter().enumerate() {
        let next = begun.get(number + 1).map_or(i64::MAX, |next| happened(next).0);
        let end = ends.iter().find(|end| (happened(entry).0..next).contains(&happened(end).0));
        let until = end.map_or(file.teller.now, |end| happened(end));
        meetings.push(Meeting {
            began: file.teller.instant(happened(entry)),
            stamp: file.teller.stamp(happened(entry)),
            ended: end.map(|end| file.teller.instant(happened(end))),
            length: file.teller.length(until.0 - happened(entry).0),
            with: word(entry, "lawyer"),
            mode: word(entry, "mode"),
            is_private: told(entry, "confidential").and_then(Json::as_str).map(|is| is == "yes"),
            ended_by: end.map(|end| word(end, "ended by")).unwrap_or_default(),
        });
    }
    meetings.reverse();
    meetings
}

fn sent(file: &File<'_>, sight: &Sight<'_>, report: &Entry) -> Sent {
    let exam = told(report, "exam").and_then(Json::as_str).unwrap_or_default();
    let is_of = |entry: &&Entry| entry.id == exam || told(entry, "linked exam").and_then(Json::as_str) == Some(exam);
    Sent {
        at: file.teller.instant(happened(report)),
        stamp: file.teller.stamp(happened(report)),
        kind: told(report, "type").map(|value| words(&file.desk.codebook, file.teller, value)).unwrap_or_default(),
        receipt: report.id.clone(),
        found: file.entries.iter().filter(is_of).map(|entry| shown(file.desk, file.teller, sight, entry, &[])).collect(),
    }
}

/// Each case that the client's entries name, oldest step first.
fn complaints(file: &File<'_>, sight: &Sight<'_>) -> Vec<Complaint> {
    let mut cases: Vec<Complaint> = Vec::new();
    let case = |entry: &Entry| entry.subject.iter().find(|(class, _)| class == "case").map(|(_, id)| id.clone());
    for entry in file.entries {
        let is_of_one = ["complaint", "referral", "assignment", "case-step", "decision"]
            .iter()
            .any(|screen| has_screen(&file.desk.codebook, &entry.kind, screen));
        let Some(number) = case(entry).filter(|number| is_of_one || cases.iter().any(|one| one.number == *number)) else { continue };
        let step = shown(file.desk, file.teller, sight, entry, &[]);
        match cases.iter_mut().find(|one| one.number == number) {
            Some(one) => one.steps.push(step),
            None => cases.push(Complaint { number, steps: vec![step] }),
        }
    }
    cases.reverse();
    cases
}
