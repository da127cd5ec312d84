//! The clinic: what is owed to patients, soonest first; a patient's examinations, the marks on the body as a figure and as an equal list,
//! what was sent to whom; and the report of an examination on paper.
//!
//! Only those who may read medical facts of the person come in. Nothing here is kept anywhere but in the record.

pub mod report;

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::body::{KINDS, Mark, PLACES, Pin, SIDES, Words, place, place_words, point};
use crate::names::Names;
use crate::reading::Opening;
use crate::rooms::interview::course::happened;
use crate::rooms::lawyer::told;
use crate::shell::{Shell, Wants};
use crate::station::board::{owed, rule_words, why_href};
use crate::station::chips::Chip;
use crate::station::record::{EntryShown, Identity, entries, identity, shown, words};
use crate::station::rows::{row, standing};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use habeas_access::What;
use habeas_codebook::tree::{Act, Body, Codebook, Keep, KindId, Pattern, Sensitivity};
use habeas_register::{Entry, VerdictEntry};
use serde::Deserialize;
use serde_json::Value as Json;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/clinic", get(queue))
        .route("/clinic/{id}", get(patient))
        .route("/clinic/{id}/report/{exam}", get(report::page))
        .route("/assets/body.svg", get(figure))
        .route("/body-place", get(named))
}

/// The kinds of event that a rule waits for.
fn awaited(codebook: &Codebook, rule: &str) -> Vec<KindId> {
    let kind = |pattern: &Pattern| codebook.expand(pattern).0;
    let of = |body: &Body| match body {
        Body::After { answer, forbidden: false, .. } | Body::Clock { answer, .. } => Some(kind(answer)),
        Body::Before { required, .. } => Some(kind(required)),
        Body::While { keep: Keep::Every { event, .. }, .. } => Some(kind(event)),
        Body::After { .. }
        | Body::While { .. }
        | Body::Quantity { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Never { .. } => None,
    };
    codebook.rules.iter().filter(|one| one.id == rule).filter_map(|one| of(&one.body)).collect()
}

/// The filter bar.
#[derive(Clone, Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    place: String,
}

/// A line of the queue: one person, what a doctor or nurse owes them.
struct Line {
    href: String,
    name: String,
    number: String,
    place: String,
    cell: String,
    asked: Option<String>,
    is_seen: bool,
    duties: Vec<(String, String, String, Chip)>,
    due: i64,
}

#[derive(Template)]
#[template(path = "pages/clinic.html")]
struct Queue {
    shell: Shell,
    filter: Filter,
    places: Vec<String>,
    waiting: Vec<Line>,
    others: Vec<Line>,
}

async fn queue(State(desk): State<Desk>, who: SignedIn, Query(filter): Query<Filter>) -> Answer {
    if !desk.is_for(&who, Wants::Records("examination")) {
        return Err(DeskError::Forbidden);
    }
    let page = desk.work(move |desk| {
        let (reader, mut lines) = (desk.reader(&who), Vec::new());
        let places = who.session.account.places.clone();
        for place in places.iter().filter(|place| filter.place.is_empty() || **place == filter.place) {
            for life in desk.register.all_open("custody", Some(place))? {
                let (class, id) = &life.subject;
                let Ok(sight) = reader.sight(class, id) else { continue };
                if is_patient(&sight) {
                    lines.push(line(desk, &who, &sight, id)?);
                }
            }
        }
        let wanted = filter.q.trim().to_lowercase();
        lines.retain(|line| {
            wanted.is_empty() || [&line.name, &line.number, &line.cell].iter().any(|one| one.to_lowercase().contains(&wanted))
        });
        lines.sort_by(|one, other| (one.due, &one.number).cmp(&(other.due, &other.number)));
        desk.note_listed(&who, "clinic", lines.len())?;
        let (waiting, others) = lines.into_iter().partition(|line| !line.duties.is_empty() || line.asked.is_some());
        Ok(Queue { shell: desk.shell(&who, "clinic-title").at("/clinic"), filter, places, waiting, others })
    });
    show(&page.await?)
}

/// Whether the reader may read medical facts of this person.
fn is_patient(sight: &Sight<'_>) -> bool {
    sight.may(Act::Read, &What::Verdict(Sensitivity::Medical))
}

/// A duty: its words, when, its why page, its state, and its instant for sorting.
type Owing = (String, String, String, Chip, i64);

/// Duties of a record that this reader can fulfil: what they wait for is the reader's to enter.
fn own_duties(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, id: &str) -> Result<Vec<Owing>, DeskError> {
    let mut found = Vec::new();
    let row = row(desk, "custody", id, teller.now)?;
    let seen: Vec<&VerdictEntry> = row.verdicts.iter().filter(|one| sight.verdict(one)).collect();
    for verdict in owed(&seen) {
        let kinds = awaited(&desk.codebook, verdict.rule.as_deref().unwrap_or_default());
        let is_health = |kind: &KindId| {
            let screens = &desk.codebook.kind(*kind).screens;
            ["examination", "injury", "medical-report", "medical-referral", "care", "medication"]
                .iter()
                .any(|one| screens.iter().any(|screen| screen == one))
        };
        if kinds.iter().any(|kind| sight.may_record(*kind) && is_health(kind)) {
            let due = verdict.due_at.or(verdict.since);
            let at = due.map(|at| teller.instant(at)).unwrap_or_default();
            found.push((
                rule_words(desk, teller, verdict),
                at,
                why_href(verdict),
                Chip::of(teller, verdict),
                due.map_or(i64::MAX, |at| at.0),
            ));
        }
    }
    Ok(found)
}

fn line(desk: &Desk, who: &SignedIn, sight: &Sight<'_>, id: &str) -> Result<Line, DeskError> {
    let teller = desk.teller(who.language);
    let row = row(desk, "custody", id, teller.now)?;
    let mut entries: Vec<Entry> = row.health.iter().filter(|entry| sight.entry(entry)).cloned().collect();
    entries.sort_by_key(|entry| (happened(entry), entry.index));
    let file = File { desk, teller: &teller, entries: &entries };
    let duties = own_duties(desk, &teller, sight, id)?;
    Ok(Line {
        href: format!("/clinic/{id}"),
        name: row.name_for(sight).unwrap_or_else(|| id.to_owned()),
        number: id.to_owned(),
        place: row.place.as_deref().map(|place| desk.place_name(place)).unwrap_or_default(),
        cell: row.cell.clone().unwrap_or_default(),
        asked: file.unanswered().map(|entry| teller.instant(happened(entry))),
        is_seen: file.with("examination").next().is_some(),
        due: duties.first().map_or(i64::MAX, |(.., due)| *due),
        duties: duties.into_iter().map(|(name, at, href, chip, _)| (name, at, href, chip)).collect(),
    })
}

/// The entries of a patient.
struct File<'f> {
    desk: &'f Desk,
    teller: &'f Teller<'f>,
    entries: &'f [Entry],
}

impl<'f> File<'f> {
    fn with(&self, screen: &'static str) -> impl DoubleEndedIterator<Item = &'f Entry> + use<'f> {
        standing(&self.desk.codebook, self.entries, screen)
    }

    /// The last wish for a doctor that no examination followed.
    fn unanswered(&self) -> Option<&'f Entry> {
        let asked = self.with("medical-request").next_back()?;
        let is_after = |exam: &Entry| happened(exam) >= happened(asked);
        (!self.with("examination").any(is_after)).then_some(asked)
    }

    /// Marks on the body that a doctor described, in the order in which they were found.
    fn marks(&self) -> Vec<MarkShown> {
        let marks = self.with("injury").filter_map(|entry| Some((entry, Mark::read(told(entry, "mark")?.as_str()?))));
        marks.enumerate().map(|(n, (entry, mark))| MarkShown::of(self, n + 1, entry, &mark)).collect()
    }
}

/// A mark in the list.
pub struct MarkShown {
    /// The same as in the figure.
    pub number: usize,
    /// Where.
    pub place: String,
    /// What is seen.
    pub seen: String,
    /// Its age.
    pub age: String,
    /// How the person says that it came.
    pub explained: String,
    /// How far the two agree.
    pub consistency: String,
    /// The examination.
    pub exam: String,
    /// Photographs.
    pub photos: usize,
    /// The entry.
    pub id: String,
    /// Where it is drawn.
    pub pin: Option<Pin>,
}

impl MarkShown {
    fn of(file: &File<'_>, number: usize, entry: &Entry, mark: &Mark) -> Self {
        let names = Names::new(&file.desk.codebook, file.teller.language);
        let text = |field: &str| told(entry, field).and_then(Json::as_str).unwrap_or_default().to_owned();
        let value = |field: &str| told(entry, field).and_then(Json::as_str).map(|value| names.value(field, value)).unwrap_or_default();
        Self {
            number,
            place: mark.place_words(file.teller),
            seen: mark.seen_words(file.teller),
            age: value("age of injury"),
            explained: text("explained as"),
            consistency: value("consistency"),
            exam: text("linked exam"),
            photos: told(entry, "photo").and_then(Json::as_array).map_or(0, Vec::len),
            id: entry.id.clone(),
            pin: mark.pin(number),
        }
    }
}

/// A choice of the mark's form.
struct Choice {
    value: &'static str,
    name: String,
}

/// A link to a form.
struct Action {
    href: String,
    name: String,
}

#[derive(Template)]
#[template(path = "pages/patient.html")]
struct Patient {
    shell: Shell,
    identity: Identity,
    number: String,
    duties: Vec<(String, String, String, Chip)>,
    asked: Option<String>,
    examine: Option<String>,
    exams: Vec<EntryShown>,
    marks: Vec<MarkShown>,
    pins: Vec<Pin>,
    words: Words,
    mark_form: Option<String>,
    exam: String,
    places: Vec<Choice>,
    sides: Vec<Choice>,
    kinds: Vec<Choice>,
    sending: Vec<Action>,
    sent: Vec<EntryShown>,
}

async fn patient(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>) -> Answer {
    let page = desk.work(move |desk| patient_page(desk, &who, &id));
    show(&page.await?)
}

/// What the reader may see of a patient: whoever may not read medical facts is refused, whoever may not read the record finds nothing.
fn treated<'d>(desk: &'d Desk, who: &SignedIn, id: &str) -> Result<Sight<'d>, DeskError> {
    let sight = desk.sight(who, "custody", id)?;
    if is_patient(&sight) && desk.is_for(who, Wants::Records("examination")) { Ok(sight) } else { Err(DeskError::Forbidden) }
}

fn patient_page(desk: &Desk, who: &SignedIn, id: &str) -> Result<Patient, DeskError> {
    let sight = treated(desk, who, id)?;
    desk.note_opened(who, &sight, &Opening::default())?;
    let teller = desk.teller(who.language);
    let identity = identity(desk, &teller, &sight, ("custody", id))?;
    let entries = entries(desk, &sight, ("custody", id), None)?;
    let file = File { desk, teller: &teller, entries: &entries };
    let exam = file.with("examination").next_back().map(|entry| entry.id.clone()).unwrap_or_default();
    let marks = file.marks();
    let shown = |entry: &Entry| shown(desk, &teller, &sight, entry, &[]);
    let form = |screen: &'static str, more: &str| form(desk, &sight, id, screen, more);
    let first = if exam.is_empty() { "first" } else { "again" };
    let own = &who.session.account.id;
    let say = |text: &str| teller.texts.say(teller.language, text, &[]);
    let title = format!("{}, {}", say("patient-title"), identity.name);
    let choice = |value: &'static str, name: String| Choice { value, name };
    Ok(Patient {
        shell: desk.titled(who, title).at(format!("/clinic/{id}")),
        number: id.to_owned(),
        duties: own_duties(desk, &teller, &sight, id)?.into_iter().map(|(name, at, href, chip, _)| (name, at, href, chip)).collect(),
        asked: file.unanswered().map(|entry| teller.instant(happened(entry))),
        examine: form("examination", &format!("&f.done_by={own}&f.type={first}")),
        exams: file.with("examination").rev().map(shown).collect(),
        pins: marks.iter().filter_map(|mark| mark.pin.clone()).collect(),
        marks,
        words: Words::new(&teller),
        mark_form: mark_kind(desk, &sight).filter(|_| !exam.is_empty()).map(|kind| format!("/record/custody/{id}/enter/{kind}")),
        places: PLACES.iter().map(|one| choice(one, place_words(&teller, one, ""))).collect(),
        sides: SIDES.iter().map(|one| choice(one, say(&format!("side-{one}")))).collect(),
        kinds: KINDS.iter().map(|one| choice(one, say(&format!("mark-{one}")))).collect(),
        sending: sending(desk, &sight, (id, &exam, own), &teller),
        sent: file.with("medical-report").chain(file.with("medical-referral")).map(shown).collect(),
        exam,
        identity,
    })
}

/// The address of the form of the first kind with a screen role that the reader may enter here.
fn form(desk: &Desk, sight: &Sight<'_>, id: &str, screen: &'static str, more: &str) -> Option<String> {
    let kind = desk.screened(screen).find(|kind| sight.may_record(*kind))?;
    Some(format!("/record/custody/{id}/enter/{}?then=/clinic/{id}{more}", desk.codebook.kind(kind).name.replace(' ', "_")))
}

/// The kind of a mark on the body that a doctor enters.
fn mark_kind(desk: &Desk, sight: &Sight<'_>) -> Option<String> {
    let has_mark =
        |kind: &KindId| desk.codebook.kind(*kind).fields.iter().any(|field| field.of == habeas_codebook::tree::FieldType::BodyMark);
    let kind = desk.screened("injury").find(|kind| has_mark(kind) && sight.may_record(*kind))?;
    Some(desk.codebook.kind(kind).name.replace(' ', "_"))
}

/// To whom the examination can be sent.
fn sending(desk: &Desk, sight: &Sight<'_>, (id, exam, own): (&str, &str, &str), teller: &Teller<'_>) -> Vec<Action> {
    let say = |text: &str| teller.texts.say(teller.language, text, &[]);
    let report = |to: &str, kind: &str| {
        let more = format!("&f.exam={exam}&f.to={to}&f.type={kind}&f.without_request=yes&f.bypassed_chief=yes");
        form(desk, sight, id, "medical-report", &more).filter(|_| !exam.is_empty())
    };
    let referral = form(desk, sight, id, "medical-referral", &format!("&f.done_by={own}"));
    [("send-procurator", report("procurator", "injury")), ("send-lawyer", report("lawyer", "summary")), ("send-hospital", referral)]
        .into_iter()
        .filter_map(|(text, href)| Some(Action { href: href?, name: say(text) }))
        .collect()
}

/// A drawing with its pins.
#[derive(Template)]
#[template(path = "parts/body-image.html")]
struct Drawing {
    words: Words,
    pins: Vec<Pin>,
}

/// What the drawing shows.
#[derive(Debug, Default, Deserialize)]
struct Drawn {
    #[serde(default)]
    view: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

/// The figure as a picture, for the button that a press on it is; with the point that was chosen.
async fn figure(State(desk): State<Desk>, visitor: crate::account::Visitor, Query(drawn): Query<Drawn>) -> Answer {
    let teller = desk.teller(visitor.language);
    let mark = Mark { parts: vec![("view".to_owned(), drawn.view), ("x".to_owned(), drawn.x), ("y".to_owned(), drawn.y)] };
    let drawing = Drawing { words: Words::new(&teller), pins: mark.pin(1).into_iter().collect() };
    let text = drawing.render().map_err(|error| DeskError::Page(error.to_string()))?;
    Ok(([(CONTENT_TYPE, "image/svg+xml; charset=utf-8"), (CACHE_CONTROL, "private, max-age=600")], text).into_response())
}

/// The place that a point of the drawing is, for the script that moves the disc: `region TAB side TAB view TAB x TAB y TAB words`.
async fn named(State(desk): State<Desk>, visitor: crate::account::Visitor, Query(drawn): Query<Drawn>) -> Answer {
    let (x, y) = (drawn.x.parse().unwrap_or(0.0), drawn.y.parse().unwrap_or(0.0));
    let (view, x, y) = point(x, y);
    let (region, side) = place(view, x, y);
    let said = place_words(&desk.teller(visitor.language), region, side);
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{region}\t{side}\t{view}\t{x:.3}\t{y:.3}\t{said}")).into_response())
}

/// A field of an entry in words, for the report.
fn field(desk: &Desk, teller: &Teller<'_>, entry: &Entry, name: &str) -> Option<String> {
    told(entry, name).map(|value| {
        let account = value.as_str().filter(|text| text.contains(':')).and_then(|id| desk.accounts.get(id).ok().flatten());
        account.map_or_else(|| words(&desk.codebook, teller, value), |account| account.name)
    })
}
