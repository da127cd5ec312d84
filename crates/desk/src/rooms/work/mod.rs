//! Work lists: one page for every `room` of the codebook. Each lists the subjects that are somebody's work with their next duty, the
//! overdue first, or laid out by a date; from a line one goes to the record, and several of them can be given the same entry at once.
//!
//! Which lists there are, of what, for whom and with which columns is the codebook's to say; who is seen in one is decided by the access
//! sentences, line by line.

mod bulk;
mod items;
mod list;

pub use items::Items;

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::forms::{Posted, new_id};
use crate::names::Names;
use crate::shell::Shell;
use crate::station::enter::kind_of;
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use habeas_codebook::room::Room;
use habeas_codebook::tree::Step;
use list::{Line, list};
use serde::Deserialize;

/// Lines on one page.
const PAGE: usize = 200;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/work", get(index))
        .route("/work/{room}", get(page))
        .route("/work/{room}/new/{flow}", get(new))
        .route("/work/{room}/several", post(bulk::several))
}

/// A list in the index.
struct Entry {
    href: String,
    name: String,
    all: usize,
    overdue: usize,
    soon: usize,
}

#[derive(Template)]
#[template(path = "pages/work.html")]
struct Index {
    shell: Shell,
    lists: Vec<Entry>,
}

/// The address of a list.
fn href(room: &Room) -> String {
    format!("/work/{}", room.name.replace(' ', "-"))
}

/// The lists that are somebody's, by their places in the codebook.
fn own(desk: &Desk, who: &SignedIn) -> Vec<usize> {
    let principal = desk.authority.principal(&who.actor());
    let is_own = |room: &Room| room.roles.iter().any(|role| principal.roles.contains(role));
    desk.codebook.rooms.iter().enumerate().filter(|(_, room)| is_own(room)).map(|(n, _)| n).collect()
}

/// The list of an address, if it is this reader's.
fn found(desk: &Desk, who: &SignedIn, name: &str) -> Result<usize, DeskError> {
    own(desk, who).into_iter().find(|n| desk.codebook.rooms[*n].name.replace(' ', "-") == name).ok_or(DeskError::Absent)
}

async fn index(State(desk): State<Desk>, who: SignedIn) -> Answer {
    let page = desk.work(move |desk| {
        let names = Names::new(&desk.codebook, who.language);
        let mut lists = Vec::new();
        let mut shown = 0;
        for number in own(desk, &who) {
            let room = &desk.codebook.rooms[number];
            let lines = list(desk, &who, number)?.lines;
            let count = |group: u8| lines.iter().filter(|line| line.group == group).count();
            shown += lines.len();
            lists.push(Entry { href: href(room), name: names.room(&room.name), all: lines.len(), overdue: count(0), soon: count(1) });
        }
        desk.note_listed(&who, "work", shown)?;
        Ok(Index { shell: desk.shell(&who, "nav-work").at("/work"), lists })
    });
    show(&page.await?)
}

/// The filter bar.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Filter {
    #[serde(default)]
    q: String,
    /// `overdue`, `mine` or everything.
    #[serde(default)]
    show: String,
    #[serde(default)]
    place: String,
    /// The latest entry.
    #[serde(default)]
    last: String,
    /// `since`, `name`, or the number of a column; else by what is owed.
    #[serde(default)]
    sort: String,
    /// `dates` or `duties`; a list with a date is laid out by it.
    #[serde(default)]
    view: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    csv: String,
}

/// Lines that belong together.
struct Group {
    id: String,
    heading: String,
    is_past: bool,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "pages/worklist.html")]
struct Page {
    shell: Shell,
    name: String,
    here: String,
    overdue: usize,
    soon: usize,
    undetermined: usize,
    all: usize,
    filter: Filter,
    is_dated: bool,
    by_date: bool,
    date_head: String,
    places: Vec<String>,
    lasts: Vec<String>,
    heads: Vec<(String, String)>,
    groups: Vec<Group>,
    starts: Vec<(String, String)>,
    for_whom: bool,
    csv: Option<String>,
    next: Option<String>,
    width: usize,
}

async fn page(State(desk): State<Desk>, who: SignedIn, Path(room): Path<String>, Query(filter): Query<Filter>) -> Answer {
    desk.work(move |desk| built(desk, &who, &room, filter)).await
}

fn built(desk: &Desk, who: &SignedIn, name: &str, filter: Filter) -> Answer {
    let number = found(desk, who, name)?;
    let room = &desk.codebook.rooms[number];
    let teller = desk.teller(who.language);
    let mut list = list(desk, who, number)?;
    let distinct = |of: fn(&Line) -> &String, lines: &[Line]| {
        let all: std::collections::BTreeSet<String> = lines.iter().map(|line| of(line).clone()).filter(|text| !text.is_empty()).collect();
        all.into_iter().collect::<Vec<_>>()
    };
    let (places, lasts) = (distinct(|line| &line.place, &list.lines), distinct(|line| &line.last, &list.lines));
    list.lines.retain(|line| is_wanted(line, &filter));
    sort(&mut list.lines, &filter.sort);
    desk.note_listed(who, &room.name, list.lines.len())?;
    if !filter.csv.is_empty() {
        list.lines.retain(|line| line.may_export);
        return Ok(file(name, &csv(&desk.shell(who, "nav-work"), &list)));
    }
    let count = |group: u8| list.lines.iter().filter(|line| line.group == group).count();
    let (overdue, soon, undetermined, all) = (count(0), count(1), count(2), list.lines.len());
    let by_date = room.by.is_some() && filter.view != "duties";
    if by_date && filter.sort.is_empty() {
        list.lines.sort_by_key(|line| (line.date.is_none(), line.date, line.number.clone()));
    }
    let may_export = list.lines.iter().any(|line| line.may_export);
    let query = |more: &str| query(&filter, more);
    let next = (list.lines.len() > (filter.page + 1) * PAGE).then(|| query(&format!("page={}", filter.page + 1)));
    let lines: Vec<Line> = list.lines.into_iter().skip(filter.page * PAGE).take(PAGE).collect();
    let names = Names::new(&desk.codebook, who.language);
    let title = names.room(&room.name);
    let shell = desk.titled(who, title.clone()).at(href(room));
    let date_head = room.by.map(|of| {
        let kind = desk.codebook.kind(kind_of(&desk.codebook, of.event));
        names.field(&kind.name, &desk.codebook.field_names[of.field.index()])
    });
    show(&Page {
        groups: if by_date && filter.sort.is_empty() { dated(&shell, &teller, lines) } else { grouped(&shell, lines) },
        name: title,
        here: href(room),
        overdue,
        soon,
        undetermined,
        all,
        is_dated: room.by.is_some(),
        by_date,
        date_head: date_head.unwrap_or_default(),
        places,
        lasts,
        width: list.heads.len() + 6,
        heads: list.heads.into_iter().enumerate().map(|(n, head)| (n.to_string(), head)).collect(),
        starts: starts(desk, who, room),
        for_whom: desk.codebook.class(room.subject).thing,
        csv: may_export.then(|| query("csv=yes")),
        next,
        filter,
        shell,
    })
}

fn query(filter: &Filter, more: &str) -> String {
    let told = [("q", &filter.q), ("show", &filter.show), ("place", &filter.place), ("last", &filter.last), ("sort", &filter.sort)];
    let told = told.into_iter().filter(|(_, value)| !value.is_empty());
    let query = Posted(told.map(|(name, value)| (name.to_owned(), value.clone())).collect()).text();
    format!("?{query}{}{more}", if query.is_empty() { "" } else { "&" })
}

fn is_wanted(line: &Line, filter: &Filter) -> bool {
    let wanted = filter.q.trim().to_lowercase();
    let texts = [Some(&line.number), line.name.as_ref(), Some(&line.place)].into_iter().flatten();
    let is_found =
        wanted.is_empty() || texts.chain(line.cells.iter().map(|cell| &cell.text)).any(|text| text.to_lowercase().contains(&wanted));
    let is_shown = match filter.show.as_str() {
        "overdue" => line.group == 0 || line.cells.iter().any(|cell| cell.state == "overdue"),
        "mine" => line.is_mine,
        _ => true,
    };
    is_found && is_shown && (filter.place.is_empty() || line.place == filter.place) && (filter.last.is_empty() || line.last == filter.last)
}

/// By what the reader chose; else as they come: what is owed soonest first.
fn sort(lines: &mut [Line], by: &str) {
    match (by, by.parse::<usize>()) {
        ("since", _) => lines.sort_by_key(|line| line.since),
        ("name", _) => lines.sort_by_key(|line| (line.name.is_none(), line.name.clone(), line.number.clone())),
        (_, Ok(column)) => lines.sort_by_key(|line| {
            let order = line.cells.get(column).map(|cell| cell.order.clone()).unwrap_or_default();
            (order.is_empty(), order)
        }),
        _ => {}
    }
}

fn grouped(shell: &Shell, lines: Vec<Line>) -> Vec<Group> {
    let texts = ["board-overdue", "board-soon", "board-unknown", "board-later", "board-none"];
    let mut groups: Vec<Group> = Vec::new();
    for line in lines {
        let group = usize::from(line.group);
        if groups.last().is_none_or(|last| last.id != format!("g{group}")) && !groups.iter().any(|one| one.id == format!("g{group}")) {
            groups.push(Group { id: format!("g{group}"), heading: String::new(), is_past: group == 0, lines: Vec::new() });
        }
        if let Some(one) = groups.iter_mut().find(|one| one.id == format!("g{group}")) {
            one.lines.push(line);
        }
    }
    for one in &mut groups {
        let text = one.id.trim_start_matches('g').parse::<usize>().ok().and_then(|n| texts.get(n)).copied().unwrap_or_default();
        one.heading = shell.with(text, "n", one.lines.len());
    }
    groups
}

/// One group for each day, those past first.
fn dated(shell: &Shell, teller: &Teller<'_>, lines: Vec<Line>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let today = teller.day(teller.now);
    for line in lines {
        let heading = line.date.map_or_else(|| shell.say("work-no-date"), |date| teller.day(date));
        if groups.last().is_none_or(|group| group.heading != heading) {
            let is_past = line.date.is_some_and(|date| date < teller.now) && heading != today;
            groups.push(Group { id: format!("d{}", groups.len()), heading, is_past, lines: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.lines.push(line);
        }
    }
    groups
}

/// The task lists with which something new comes into a list, as far as they are this reader's.
fn starts(desk: &Desk, who: &SignedIn, room: &Room) -> Vec<(String, String)> {
    let codebook = &desk.codebook;
    let principal = desk.authority.principal(&who.actor());
    let opens = codebook.kinds.iter().any(|kind| kind.opens.contains(&room.subject));
    if opens {
        return Vec::new();
    }
    let begins = |steps: &[Step]| steps.iter().any(|step| is_first(desk, room, step));
    let flows = codebook.flows.iter().filter(|flow| flow.subject == room.subject && begins(&flow.steps));
    let own = flows.filter(|flow| flow.roles.iter().any(|role| principal.roles.contains(role)));
    let names = Names::new(codebook, who.language);
    own.map(|flow| (names.flow(&flow.name), format!("{}/new/{}", href(room), flow.name.replace(' ', "-")))).collect()
}

/// Whether a step records what a list begins with.
fn is_first(desk: &Desk, room: &Room, step: &Step) -> bool {
    let codebook = &desk.codebook;
    let Step::Record { events, .. } = step else { return false };
    events.iter().any(|event| room.from.iter().any(|from| kind_of(codebook, from.event) == kind_of(codebook, *event)))
}

/// For whom something new is entered.
#[derive(Debug, Default, Deserialize)]
struct Whom {
    #[serde(default)]
    id: String,
}

/// Something new: the first form of a task list, for a new subject or for the one that is named.
async fn new(State(desk): State<Desk>, who: SignedIn, Path((room, flow)): Path<(String, String)>, Query(whom): Query<Whom>) -> Answer {
    let number = found(&desk, &who, &room)?;
    let room = &desk.codebook.rooms[number];
    let class = &desk.codebook.class(room.subject).name;
    let flows = desk.codebook.flows.iter().filter(|one| one.subject == room.subject);
    let found = flows.into_iter().find(|one| one.name.replace(' ', "-") == flow).ok_or(DeskError::Absent)?;
    let steps = found.steps.iter().filter_map(|step| if let Step::Record { events, .. } = step { events.first() } else { None });
    let kind = steps.map(|event| kind_of(&desk.codebook, *event)).next().ok_or(DeskError::Absent)?;
    let id = match whom.id.trim() {
        "" if desk.codebook.class(room.subject).thing => return Err(DeskError::Input { field: "id", text: "error-unreadable" }),
        "" => new_id(&class.chars().take(1).collect::<String>().to_uppercase())?,
        id if id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')) => id.to_owned(),
        _ => return Err(DeskError::Input { field: "id", text: "error-unreadable" }),
    };
    let kind = desk.codebook.kind(kind).name.replace(' ', "_");
    Ok(Redirect::to(&format!("/record/{class}/{id}/enter/{kind}?flow={flow}")).into_response())
}

/// A list as a file: what stands on the page, in the reader's language.
fn csv(shell: &Shell, list: &list::List) -> String {
    let words = ["work-number", "work-name", "filter-place", "work-in-list-since", "next-duty", "work-due", "last-day-state"];
    let heads = words.iter().map(|id| shell.say(id)).chain(list.heads.iter().cloned());
    let mut text = row_of(heads);
    for line in &list.lines {
        let duty = |of: fn(&crate::station::board::Owed) -> &String| line.duty.as_ref().map(|duty| of(duty).clone()).unwrap_or_default();
        let own = [
            line.number.clone(),
            line.name.clone().unwrap_or_default(),
            line.place.clone(),
            line.begun.clone(),
            duty(|duty| &duty.name),
            duty(|duty| &duty.due),
            duty(|duty| &duty.chip.word),
        ];
        text.push_str(&row_of(own.into_iter().chain(line.cells.iter().map(|cell| cell.text.clone()))));
    }
    text
}

/// A row of a file. What a table program would take for a formula is told to be text.
fn row_of(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| {
        let shown = if cell.starts_with(['=', '+', '-', '@', '\t']) { format!("'{cell}") } else { cell };
        format!("\"{}\"", shown.replace('"', "\"\""))
    });
    format!("{}\r\n", quoted.collect::<Vec<_>>().join(","))
}

fn file(name: &str, text: &str) -> axum::response::Response {
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    ([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)], format!("\u{feff}{text}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::row_of;

    #[test]
    fn a_formula_in_a_file_is_text() {
        let row = row_of(["=1+1".to_owned(), "a \"b\"".to_owned()].into_iter());
        assert_eq!(row, "\"'=1+1\",\"a \"\"b\"\"\"\r\n");
    }
}
