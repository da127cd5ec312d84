//! The last 24 hours over every place that the reader may see: breaches, duties met late, injuries; filtered, sorted, as a table or as CSV.

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Reader, Sight, class_named};
use crate::error::{Answer, DeskError, show};
use crate::shell::{Shell, Wants};
use crate::station::board::{in_words, why_href};
use crate::station::chips::{Chip, is_open};
use crate::station::rows::has_screen;
use askama::Template;
use axum::Router;
use axum::extract::{Query as Asking, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use habeas_access::What;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Codebook, Grade, KindId};
use habeas_register::{Entry, Query, VerdictEntry};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// So far back, in microseconds.
const DAY: i64 = 24 * 3_600 * 1_000_000;
/// Rows asked of the register at once.
const PAGE: u32 = 1_000;
/// Pages read at most for a page; a file has all, and so has a place by itself.
const PAGES: usize = 10;
/// Lines on a page: whoever wants others chooses a place or a grade, or takes the file.
const SHOWN: usize = 500;
/// Entries read of the log at once.
const STEP: u32 = 1_024;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new().route("/last-day", get(page)).route("/last-day.csv", get(csv))
}

/// The filter bar; the address is the view.
#[derive(Clone, Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    place: String,
    #[serde(default)]
    grade: String,
    #[serde(default)]
    sort: String,
}

/// One thing that happened: by what it is counted, sorted and chosen.
struct Happened {
    since: Moment,
    place: String,
    name: String,
    state: String,
    grade: (u8, &'static str),
    of: Of,
}

/// What it is.
enum Of {
    Verdict(Box<VerdictEntry>),
    /// The entry, and the custody.
    Injury(String, String),
}

/// The same as it is shown.
struct Line {
    at: String,
    stamp: String,
    place: String,
    name: String,
    href: String,
    chip: Option<Chip>,
    state: String,
    grade_text: &'static str,
    record: String,
    record_href: String,
}

/// A place with how much happened there.
struct AtPlace {
    name: String,
    held: usize,
    events: usize,
}

#[derive(Template)]
#[template(path = "pages/last-day.html")]
struct Page {
    shell: Shell,
    filter: Filter,
    query: String,
    lines: Vec<Line>,
    /// How many there are; with a plus where not all were read.
    all: String,
    /// Says that only the first are shown, where it is so.
    cut: Option<String>,
    open: usize,
    breached: usize,
    late: usize,
    injuries: usize,
    held: usize,
    places: Vec<AtPlace>,
    names: Vec<String>,
    from: String,
}

async fn page(State(desk): State<Desk>, who: SignedIn, Asking(filter): Asking<Filter>) -> Answer {
    let page = desk.work(move |desk| built(desk, &who, filter)).await?;
    show(&page)
}

fn built(desk: &Desk, who: &SignedIn, filter: Filter) -> Result<Page, DeskError> {
    let found = found(desk, who, &filter, ("last 24 hours", PAGES))?;
    let teller = desk.teller(who.language);
    let count = |state: &str| found.all.iter().filter(|one| one.state == state).count();
    let query = format!("place={}&grade={}&sort={}", encoded(&filter.place), encoded(&filter.grade), encoded(&filter.sort));
    let shell = desk.shell(who, "last-day-title").at("/last-day");
    let all = format!("{}{}", found.all.len(), if found.is_whole { "" } else { "+" });
    let (shown, is_cut) = (found.all.len().min(SHOWN), found.all.len() > SHOWN);
    let cut = is_cut.then(|| desk.texts.say(who.language, "last-day-first", &[("shown", &shown.to_string()), ("n", &all)]));
    let (open, breached, late, injuries) = (count("open"), count("breached"), count("met_late"), count("injury"));
    Ok(Page {
        shell,
        all,
        cut,
        open,
        breached,
        late,
        injuries,
        held: found.places.iter().map(|place| place.held).sum(),
        names: found.places.iter().map(|place| place.name.clone()).collect(),
        from: teller.instant(Moment(teller.now.0 - DAY)),
        lines: found.all.into_iter().take(SHOWN).map(|one| line(&teller, one)).collect(),
        places: found.places,
        filter,
        query,
    })
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The same rows as a file. Taking them out is in the log.
async fn csv(State(desk): State<Desk>, who: SignedIn, Asking(filter): Asking<Filter>) -> Answer {
    let text = desk.work(move |desk| {
        let found = found(desk, &who, &filter, ("last 24 hours as CSV", usize::MAX))?;
        let teller = desk.teller(who.language);
        let mut text = "since,place,what,state,grade,record\r\n".to_owned();
        for line in found.all.into_iter().map(|one| line(&teller, one)) {
            let cells = [&line.stamp, &line.place, &line.name, &line.state, line.grade_text.trim_start_matches("grade-"), &line.record];
            text.push_str(&cells.map(quoted).join(","));
            text.push_str("\r\n");
        }
        Ok(text)
    });
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"last-day.csv\"")];
    Ok((headers, text.await?).into_response())
}

/// A cell; one that a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let mark = if cell.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

struct Found {
    all: Vec<Happened>,
    is_whole: bool,
    places: Vec<AtPlace>,
}

fn found(desk: &Desk, who: &SignedIn, filter: &Filter, (list, pages): (&str, usize)) -> Result<Found, DeskError> {
    if !desk.is_for(who, Wants::EveryPlace) {
        return Err(DeskError::Forbidden);
    }
    let held = desk.register.held("custody")?;
    let (mut all, mut is_whole) = verdicts(desk, who, None, pages)?;
    // Where there is no room for all, there is for a place that was chosen.
    let chosen = || held.iter().filter_map(|(place, _)| place.clone()).find(|place| desk.place_name(place) == filter.place);
    if !is_whole && let Some(place) = chosen() {
        all.retain(|one| one.place != filter.place);
        all.extend(verdicts(desk, who, Some(place), usize::MAX)?.0);
        is_whole = true;
    }
    all.extend(injuries(desk, who)?);
    let mut events: HashMap<&str, usize> = HashMap::new();
    all.iter().for_each(|one| *events.entry(&one.place).or_default() += 1);
    let mut places: Vec<AtPlace> = held
        .into_iter()
        .map(|(place, held)| {
            let name = desk.place_name(place.as_deref().unwrap_or_default());
            AtPlace { events: events.get(name.as_str()).copied().unwrap_or_default(), name, held }
        })
        .collect();
    places.sort_by(|one, other| (other.events, &one.name).cmp(&(one.events, &other.name)));
    all.retain(|one| {
        let is_place = filter.place.is_empty() || one.place == filter.place;
        is_place && (filter.grade.is_empty() || one.grade.1 == format!("grade-{}", filter.grade))
    });
    all.sort_by(|one, other| match filter.sort.as_str() {
        "place" => (&one.place, other.since).cmp(&(&other.place, one.since)),
        "what" => (&one.name, other.since).cmp(&(&other.name, one.since)),
        "grade" => (other.grade.0, other.since).cmp(&(one.grade.0, one.since)),
        _ => other.since.cmp(&one.since),
    });
    desk.note_listed(who, list, all.len())?;
    Ok(Found { all, is_whole, places })
}

/// Breaches that go on or ended in the last day, and duties met late in it, of a place or of all, from so many pages; and whether those
/// were all.
fn verdicts(desk: &Desk, who: &SignedIn, place: Option<String>, pages: usize) -> Result<(Vec<Happened>, bool), DeskError> {
    let now = desk.now();
    let (mut seen, grades) = (Seen::by(desk.reader(who)), grades(&desk.codebook));
    let mut all = Vec::new();
    let mut query = Query { ended_after: Some(Moment(now.0 - DAY)), limit: PAGE, place, ..Query::default() };
    for _ in 0..pages {
        let page = desk.register.verdicts(&query, now)?;
        let Some(last) = page.last() else { return Ok((all, true)) };
        query.after = Some(last.cursor.clone());
        for verdict in page {
            if !seen.sees(&verdict.subject, What::Verdict(class_named(verdict.class)), |sight| sight.verdict(&verdict)) {
                continue;
            }
            let rule = verdict.rule.as_deref().unwrap_or_default();
            all.push(Happened {
                since: verdict.since.or(verdict.due_at).or(verdict.trigger_at).unwrap_or(now),
                place: verdict.place.as_deref().map(|place| desk.place_name(place)).unwrap_or_default(),
                name: in_words(rule),
                state: if is_open(&verdict) { "open".to_owned() } else { verdict.verdict.clone() },
                grade: grades.get(rule).copied().unwrap_or((0, "grade-record")),
                of: Of::Verdict(Box::new(verdict)),
            });
        }
    }
    Ok((all, false))
}

/// What somebody sees of many records: how they are tied to one is found only where that decides it.
struct Seen<'d> {
    reader: Reader<'d>,
    /// Of each class of records: whether a thing is seen of any of them; nothing where that turns on ties.
    of_any: HashMap<(String, What), Option<bool>>,
    sights: HashMap<(String, String), Option<Sight<'d>>>,
}

impl<'d> Seen<'d> {
    fn by(reader: Reader<'d>) -> Self {
        Seen { reader, of_any: HashMap::new(), sights: HashMap::new() }
    }

    /// Whether something of a record is seen; `of_one` says it of this record by how the reader is tied to it.
    fn sees(&mut self, (class, id): &(String, String), what: What, of_one: impl FnOnce(&Sight<'d>) -> bool) -> bool {
        let of_any = *self.of_any.entry((class.clone(), what.clone())).or_insert_with(|| self.reader.reads_of_any(class, &what));
        of_any.unwrap_or_else(|| {
            let sight = self.sights.entry((class.clone(), id.clone())).or_insert_with(|| self.reader.sight(class, id).ok());
            sight.as_ref().is_some_and(of_one)
        })
    }
}

/// What happened, in words.
fn line(teller: &Teller<'_>, one: Happened) -> Line {
    let Happened { since, place, name, state, grade: (_, grade_text), of } = one;
    let (href, chip, (class, record)) = match of {
        Of::Verdict(verdict) => (why_href(&verdict), Some(Chip::of(teller, &verdict)), verdict.subject),
        Of::Injury(entry, id) => (format!("/record/custody/{id}#{entry}"), None, ("custody".to_owned(), id)),
    };
    let record_href = format!("/record/{class}/{record}");
    Line { at: teller.instant(since), stamp: teller.stamp(since), place, name, href, chip, state, grade_text, record, record_href }
}

/// The grade of each rule.
fn grades(codebook: &Codebook) -> HashMap<&str, (u8, &'static str)> {
    let graded = codebook.rules.iter().map(|rule| {
        let grade = match rule.severity {
            Grade::Record => (0, "grade-record"),
            Grade::Notable => (1, "grade-notable"),
            Grade::Serious => (2, "grade-serious"),
            Grade::Critical => (3, "grade-critical"),
        };
        (rule.id.as_str(), grade)
    });
    graded.collect()
}

/// Injuries entered in the last day: that there was one, never what. The log is read from its first entry of that day on.
fn injuries(desk: &Desk, who: &SignedIn) -> Result<Vec<Happened>, DeskError> {
    let (mut seen, mut all) = (Seen::by(desk.reader(who)), Vec::new());
    for (entry, is_changed) in recent(desk, Moment(desk.now().0 - DAY))? {
        let Some(subject) = entry.subject.iter().find(|(class, _)| class == "custody") else { continue };
        let Some(kind) = desk.authority.kind(&entry.kind) else { continue };
        let (class, id) = subject;
        // As it stands now: an entry that was withdrawn since is none.
        let entry = if is_changed {
            let history = desk.register.history(class, id, None)?;
            history.into_iter().find(|one| one.id == entry.id && one.withdrawn_by.is_none())
        } else {
            Some(entry.clone())
        };
        if let Some(entry) = entry.filter(|entry| seen.sees(subject, What::Event(kind), |sight| sight.entry(entry))) {
            let place = desk.register.life(class, id)?.and_then(|life| life.place);
            all.push(Happened {
                since: entry.recorded_at,
                place: place.map(|place| desk.place_name(&place)).unwrap_or_default(),
                name: in_words(&entry.kind),
                state: "injury".to_owned(),
                grade: (3, "grade-critical"),
                of: Of::Injury(entry.id, id.clone()),
            });
        }
    }
    Ok(all)
}

/// Injuries of the last day, as they were entered; the log is read once, and from then on only what is new in it.
#[derive(Default)]
pub struct Recent(Mutex<Option<Read>>);

/// How far the log was read, and what was found in it.
struct Read {
    next: u64,
    found: Vec<Entry>,
    /// Entries that were corrected or withdrawn, and when.
    changed: HashMap<String, Moment>,
}

/// Each with whether an entry has corrected or withdrawn it since.
fn recent(desk: &Desk, since: Moment) -> Result<Vec<(Entry, bool)>, DeskError> {
    let mut kept = desk.injuries.0.lock().unwrap_or_else(PoisonError::into_inner);
    let mut read = match kept.take() {
        Some(read) => read,
        None => Read { next: desk.register.first_since(since)?, found: Vec::new(), changed: HashMap::new() },
    };
    let changing = (0..desk.codebook.kinds.len() as u16).map(KindId).filter(|kind| desk.codebook.changes(*kind));
    let kinds: Vec<KindId> = desk.screened("injury").chain(changing).collect();
    let size = desk.register.size()?;
    while read.next < size {
        for entry in desk.register.scan_kinds(read.next, STEP, &kinds)? {
            read.changed.extend(entry.changes.clone().map(|id| (id, entry.recorded_at)));
            if has_screen(&desk.codebook, &entry.kind, "injury") {
                read.found.push(entry);
            }
        }
        read.next = (read.next + u64::from(STEP)).min(size);
    }
    read.found.retain(|entry| entry.recorded_at > since);
    read.changed.retain(|_, at| *at > since);
    let found = read.found.iter().map(|entry| (entry.clone(), read.changed.contains_key(&entry.id))).collect();
    *kept = Some(read);
    Ok(found)
}
