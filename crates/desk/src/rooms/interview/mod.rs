//! The interview room: the timer against the longest questioning, who is present, and one press for each thing that happens. A press enters
//! the present minute; what was pressed by mistake is corrected or taken back, and both stay.
//!
//! What the law says of an interview is found by its shape ([`limits`]); what happened is folded from the entries ([`course`]).

pub mod beginning;
pub mod course;
pub mod limits;

use crate::account::{SignedIn, Visitor};
use crate::accounts::Saved;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::model::choices;
use crate::forms::{Posted, new_id};
use crate::names::Names;
use crate::reading::Opening;
use crate::shell::{Shell, Wants};
use crate::station::board::{owed, rule_words, why_href};
use crate::station::chips::Chip;
use crate::station::record::{EntryShown, Identity, entries, identity, shown};
use crate::station::rows::row;
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use course::{Course, Presence, courses, happened};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::KindId;
use habeas_register::{Draft, VerdictEntry, draft};
use limits::{Block, block, company_of};
use serde::Deserialize;

/// A break is due soon when so much of the block is left.
const SOON: i64 = 30 * 60 * 1_000_000;

/// Its addresses.
pub fn routes() -> Router<Desk> {
    Router::new().route("/interviews", get(list)).route("/interviews/{id}", get(room).post(pressed))
}

/// Somebody in custody, and whether they are being questioned.
struct Line {
    href: String,
    name: String,
    number: String,
    state: String,
    clock: Option<Timer>,
    order: (u8, i64),
}

#[derive(Template)]
#[template(path = "pages/interviews.html")]
struct List {
    shell: Shell,
    lines: Vec<Line>,
}

async fn list(State(desk): State<Desk>, who: SignedIn) -> Answer {
    if !desk.is_for(&who, Wants::Records("interview-start")) {
        return Err(DeskError::Forbidden);
    }
    let page = desk.work(move |desk| {
        let teller = desk.teller(who.language);
        let block = block(&desk.codebook, teller.now);
        let (reader, mut lines) = (desk.reader(&who), Vec::new());
        for place in &who.session.account.places {
            for life in desk.register.all_open("custody", Some(place))? {
                let (class, id) = &life.subject;
                let Ok(sight) = reader.sight(class, id) else { continue };
                let courses = courses(desk, &entries(desk, &sight, (class, id), None)?);
                lines.push(line(desk, &teller, &sight, id, (&courses, block.as_ref()))?);
            }
        }
        lines.sort_by(|one, other| (one.order, &one.name).cmp(&(other.order, &other.name)));
        desk.note_listed(&who, "interviews", lines.len())?;
        Ok(List { shell: desk.shell(&who, "interviews-title").at("/interviews"), lines })
    });
    show(&page.await?)
}

fn line(
    desk: &Desk,
    teller: &Teller<'_>,
    sight: &Sight<'_>,
    id: &str,
    (courses, block): (&[Course], Option<&Block>),
) -> Result<Line, DeskError> {
    let row = row(desk, "custody", id, teller.now)?;
    let say = |text: &str, time: &str| teller.texts.say(teller.language, text, &[("time", time)]);
    let last = courses.last();
    let running = last.filter(|course| course.ended.is_none());
    let since = running.and_then(Course::running_since);
    let (order, state) = match (running, since, last) {
        (Some(course), Some(since), _) if course.is_questioning() => {
            ((0, since.0), say("interview-questions-since", &teller.instant(since)))
        }
        (Some(_), Some(since), _) => ((1, since.0), say("interview-pause-since", &teller.instant(since))),
        (_, _, Some(course)) => ((2, 0), say("interview-last", &course.ended.map(|at| teller.instant(at)).unwrap_or_default())),
        (_, _, None) => ((3, 0), say("interview-never", "")),
    };
    Ok(Line {
        href: format!("/interviews/{id}"),
        name: row.name_for(sight).unwrap_or_else(|| id.to_owned()),
        number: id.to_owned(),
        state,
        clock: running.filter(|course| course.is_questioning()).and_then(|_| Timer::of(teller, block, courses)),
        order,
    })
}

/// The clock of the room.
struct Timer {
    /// `1:51`.
    words: String,
    /// Whole minutes since the last break.
    minutes: i64,
    /// The block in minutes.
    of: i64,
    /// The block in words.
    longest: String,
    /// What counts as a break, in words.
    break_of: String,
    /// When the break is due.
    due: String,
    /// The same, RFC 3339.
    stamp: String,
    chip: Chip,
    /// Since when, in microseconds since 1970, for the script.
    since: i64,
}

impl Timer {
    fn of(teller: &Teller<'_>, block: Option<&Block>, courses: &[Course]) -> Option<Self> {
        let block = block?;
        let since = block.since(courses, teller.now)?;
        let (due, minutes) = (Moment(since.0 + block.longest), (teller.now.0 - since.0) / 60_000_000);
        let left = due.0 - teller.now.0;
        let (state, text) = match left {
            ..=-1 => ("overdue", "interview-break-overdue"),
            0..=SOON => ("soon", "interview-break-due"),
            _ => ("pending", "interview-break-due"),
        };
        Some(Self {
            words: format!("{}:{:02}", minutes / 60, minutes % 60),
            minutes,
            of: block.longest / 60_000_000,
            longest: teller.length(block.longest),
            break_of: teller.length(block.break_of),
            due: teller.instant(due),
            stamp: teller.stamp(due),
            chip: Chip { due: due.0, ..Chip::plain(teller, state, text, Some(left.abs())) },
            since: since.0,
        })
    }
}

/// Somebody in the room, as shown.
struct Person {
    who: String,
    name: String,
    role: String,
    role_word: String,
    from: String,
    until: Option<String>,
    length: String,
}

/// A button: what is sent, and its words.
struct Button {
    value: String,
    name: String,
}

#[derive(Template)]
#[template(path = "pages/interview.html")]
struct Room {
    shell: Shell,
    identity: Identity,
    number_of: String,
    course: Option<Course>,
    number: usize,
    state: &'static str,
    since: String,
    timer: Option<Timer>,
    company: Option<String>,
    is_alone: bool,
    refused: bool,
    duties: Vec<(String, String, String, Chip)>,
    people: Vec<Person>,
    named: Vec<Person>,
    roles: Vec<Button>,
    reasons: Vec<Button>,
    ways: Vec<Button>,
    begin: Option<String>,
    past: Vec<(String, String, String)>,
    entries: Vec<(EntryShown, Option<String>)>,
    is_over: bool,
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
struct Said {
    #[serde(default)]
    refused: String,
}

async fn room(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(said): Query<Said>) -> Answer {
    let page = desk.work(move |desk| page(desk, &who, &id, !said.refused.is_empty()));
    show(&page.await?)
}

/// The first kind of event with a screen role.
fn kind_of(desk: &Desk, screen: &str) -> Result<KindId, DeskError> {
    desk.screened(screen).next().ok_or(DeskError::Absent)
}

/// A record in whose interviews this reader may enter something.
fn own<'d>(desk: &'d Desk, who: &SignedIn, id: &str) -> Result<Sight<'d>, DeskError> {
    let sight = desk.sight(who, "custody", id)?;
    if sight.may_record(kind_of(desk, "interview-start")?) { Ok(sight) } else { Err(DeskError::Forbidden) }
}

fn page(desk: &Desk, who: &SignedIn, id: &str, refused: bool) -> Result<Room, DeskError> {
    let sight = own(desk, who, id)?;
    desk.note_opened(who, &sight, &Opening::default())?;
    let teller = desk.teller(who.language);
    let identity = identity(desk, &teller, &sight, ("custody", id))?;
    let mut courses = courses(desk, &entries(desk, &sight, ("custody", id), None)?);
    let timer = Timer::of(&teller, block(&desk.codebook, teller.now).as_ref(), &courses);
    let number = courses.len();
    let past: Vec<&Course> = courses.iter().filter(|course| course.ended.is_some()).collect();
    let past = past.iter().rev().map(|course| past_line(&teller, course)).collect();
    let course = courses.pop().filter(|course| course.ended.is_none());
    let company = company_of(desk, id)?;
    let names = Names::new(&desk.codebook, who.language);
    let state = match &course {
        Some(course) if course.is_questioning() => "questions",
        Some(_) => "pause",
        None => "none",
    };
    let is_over = desk.register.life("custody", id)?.is_some_and(|life| life.closed_at.is_some());
    let begin = kind_of(desk, "interview-start").ok().filter(|_| course.is_none() && !is_over).map(|kind| {
        let (own, kind) = (&who.session.account.id, desk.codebook.kind(kind).name.replace(' ', "_"));
        format!("/record/custody/{id}/enter/{kind}?f.lead={own}&f.officers={own}&then=/interviews/{id}")
    });
    let title = format!("{}, {}", desk.texts.say(who.language, "interview-title", &[]), identity.name);
    let empty = Course::default();
    let now_in = course.as_ref().unwrap_or(&empty);
    Ok(Room {
        shell: desk.titled(who, title).at(format!("/interviews/{id}")),
        is_alone: company.as_ref().is_some_and(|company| course.is_some() && company.is_missing(now_in)),
        company: company
            .map(|company| company.roles.iter().map(|role| names.value("role", role).to_lowercase()).collect::<Vec<_>>().join(" / ")),
        number_of: id.to_owned(),
        number,
        state,
        since: now_in.running_since().map(|at| teller.instant(at)).unwrap_or_default(),
        timer: timer.filter(|_| course.is_some()),
        refused,
        duties: duties(desk, &teller, &sight, id, now_in)?,
        people: now_in.present.iter().rev().map(|one| person(desk, &teller, one)).collect(),
        named: waiting(now_in).map(|one| person(desk, &teller, &one)).collect(),
        roles: buttons(desk, &teller, "interview-join", "role"),
        reasons: buttons(desk, &teller, "interview-pause", "reason"),
        ways: buttons(desk, &teller, "interview-pause", "offered or asked"),
        begin,
        past,
        entries: now_in.entries.iter().rev().map(|entry| done(desk, &teller, &sight, id, entry)).collect(),
        is_over,
        identity,
        course,
    })
}

fn past_line(teller: &Teller<'_>, course: &Course) -> (String, String, String) {
    let sum = |is_pause: bool| -> i64 {
        let some = course.stretches.iter().filter(|one| one.is_pause == is_pause);
        some.map(|one| one.until.map_or(0, |until| until.0 - one.from.0)).sum()
    };
    let began = course.start.as_ref().map(|entry| teller.instant(happened(entry))).unwrap_or_default();
    (began, teller.length(sum(false)), teller.length(sum(true)))
}

/// An entry of the interview, with the address where it is taken back.
fn done(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, id: &str, entry: &habeas_register::Entry) -> (EntryShown, Option<String>) {
    let shown = shown(desk, teller, sight, entry, &[]);
    let back = shown.correct.as_ref().map(|_| format!("/record/custody/{id}/withdraw/{}", entry.id));
    (shown, back)
}

/// Named when the interview began, without an entry that they came in.
fn waiting(course: &Course) -> impl Iterator<Item = Presence> + '_ {
    let from = course.start.as_ref().map_or(Moment::LONG_AGO, happened);
    let is_new = |who: &str| !course.present.iter().any(|one| one.who == who);
    course.named.iter().filter(move |(who, _)| is_new(who)).map(move |(who, role)| Presence {
        who: who.clone(),
        role: role.clone(),
        from,
        until: None,
    })
}

fn person(desk: &Desk, teller: &Teller<'_>, one: &Presence) -> Person {
    Person {
        who: one.who.clone(),
        name: desk.person_name(&one.who),
        role: one.role.clone(),
        role_word: Names::new(&desk.codebook, teller.language).value("role", &one.role),
        from: teller.instant(one.from),
        until: one.until.map(|at| teller.instant(at)),
        length: teller.length(one.until.unwrap_or(teller.now).0 - one.from.0),
    }
}

fn buttons(desk: &Desk, teller: &Teller<'_>, screen: &str, field: &str) -> Vec<Button> {
    let Ok(kind) = kind_of(desk, screen) else { return Vec::new() };
    let mut fields = desk.codebook.kind(kind).fields.iter();
    let field = fields.find(|one| desk.codebook.field_names[one.name.index()] == field);
    let choices = field.map(|field| choices(&desk.codebook, field, teller, &[])).unwrap_or_default();
    choices.into_iter().map(|choice| Button { value: choice.value, name: choice.label }).collect()
}

/// What is owed of this interview and of what goes on beside it: verdicts with a clock or a doubt.
fn duties(
    desk: &Desk,
    teller: &Teller<'_>,
    sight: &Sight<'_>,
    id: &str,
    course: &Course,
) -> Result<Vec<(String, String, String, Chip)>, DeskError> {
    let mut rows = vec![row(desk, "custody", id, teller.now)?];
    if !course.id.is_empty() {
        rows.insert(0, row(desk, "interview", &course.id, teller.now)?);
    }
    let seen: Vec<&VerdictEntry> = rows.iter().flat_map(|row| &row.verdicts).filter(|one| sight.verdict(one)).collect();
    let named = |verdict: &VerdictEntry| {
        let due = verdict.due_at.or(verdict.since).map(|at| teller.instant(at)).unwrap_or_default();
        (rule_words(desk, teller, verdict), due, why_href(verdict), Chip::of(teller, verdict))
    };
    Ok(owed(&seen).into_iter().take(8).map(named).collect())
}

/// A button was pressed: one entry of this minute. What it lacks is asked on the form, with the minute kept.
async fn pressed(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, body: String) -> Answer {
    let posted = Posted::read(&body);
    let language = visitor.language;
    let Some(who) = visitor.signed_in else {
        // The session is over: what was pressed, and when, waits for whoever it was.
        let ended = visitor.ended.filter(|session| session.form_token == posted.one("form_token")).ok_or(DeskError::NotSignedIn)?;
        let who = SignedIn { session: ended, language };
        return desk
            .work(move |desk| {
                let address = Press::read(desk, &who, &id, posted)?.keep(desk, &who)?;
                let next = address.replace('/', "%2F").replace('?', "%3F").replace('=', "%3D");
                Ok(Redirect::to(&format!("/sign-in?next={next}")).into_response())
            })
            .await;
    };
    who.made(posted.one("form_token"))?;
    desk.work(move |desk| press(desk, &who, &id, posted)).await
}

/// What a button stands for.
struct Press {
    kind: KindId,
    course: Course,
    tied: Vec<(String, String)>,
    posted: Posted,
    custody: String,
}

impl Press {
    fn read(desk: &Desk, who: &SignedIn, id: &str, mut posted: Posted) -> Result<Self, DeskError> {
        let sight = own(desk, who, id)?;
        let courses = courses(desk, &entries(desk, &sight, ("custody", id), None)?);
        let is_asked = |course: &Course| course.ended.is_none() && course.id == posted.one("interview");
        let course = courses.into_iter().next_back().filter(is_asked).ok_or(DeskError::Absent)?;
        let act = posted.one("do").to_owned();
        let (act, value) = act.split_once(':').unwrap_or((&act, ""));
        let screen = match act {
            "pause" => "interview-pause",
            "resume" => "interview-resume",
            "join" => "interview-join",
            "leave" => "interview-leave",
            "end" => "interview-end",
            _ => return Err(DeskError::Absent),
        };
        match act {
            "pause" => posted.set("f.offered_or_asked", value),
            "resume" => repeat(&course, &mut posted),
            "join" | "leave" => {
                let typed = (posted.one("role").to_owned(), posted.one("who").to_owned());
                let (role, name) = value.split_once(':').map_or(typed, |(role, name)| (role.to_owned(), name.to_owned()));
                posted.set("f.role", &role);
                posted.set("f.who", &name);
            }
            _ => {}
        }
        let teller = desk.teller(who.language);
        posted.set("at.time", &teller.hour(teller.now));
        posted.set("at.day", &teller.zone.to_datetime(teller.now.timestamp()).date().to_string());
        posted.set("s.interview", &course.id);
        posted.set("then", &format!("/interviews/{id}"));
        Ok(Self { kind: kind_of(desk, screen)?, course, tied: sight.tied.tied.clone(), posted, custody: id.to_owned() })
    }

    /// Kept as a half-filled form; its address.
    fn keep(&self, desk: &Desk, who: &SignedIn) -> Result<String, DeskError> {
        let (id, kind) = (new_id("e")?, desk.codebook.kind(self.kind).name.replace(' ', "_"));
        let address = format!("/record/custody/{}/enter/{kind}", self.custody);
        let saved = Saved { id: id.clone(), address: address.clone(), body: self.posted.text(), saved_at: desk.now() };
        desk.accounts.save_draft(&who.session.account.id, &saved)?;
        Ok(format!("{address}?draft={id}"))
    }

    /// Goes on with questions.
    fn goes_on(&self, desk: &Desk) -> bool {
        desk.screened("interview-resume").any(|kind| kind == self.kind)
    }
}

fn press(desk: &Desk, who: &SignedIn, id: &str, posted: Posted) -> Answer {
    let press = Press::read(desk, who, id, posted)?;
    let back = format!("/interviews/{id}");
    // Nobody goes on questioning somebody who must not be alone.
    if press.goes_on(desk) && company_of(desk, id)?.is_some_and(|company| company.is_missing(&press.course)) {
        return Ok(Redirect::to(&format!("{back}?refused=yes")).into_response());
    }
    let teller = desk.teller(who.language);
    let kind = desk.codebook.kind(press.kind);
    let Ok(answered) = press.posted.answers(&desk.codebook, kind, &teller) else {
        return Ok(Redirect::to(&press.keep(desk, who)?).into_response());
    };
    let wanted = |class: &str| kind.subjects.iter().any(|one| desk.codebook.class(*one).name == class);
    let mut subjects: Vec<(&str, &str)> = vec![("interview", &press.course.id), ("custody", id)];
    for (class, name) in &press.tied {
        if wanted(class) && !subjects.iter().any(|(one, _)| one == class) {
            subjects.push((class, name));
        }
    }
    let mut entry = Draft::new(&new_id("e")?, &kind.name, draft::exactly(teller.now), &subjects);
    entry.fields = answered.fields;
    desk.append(who, entry)?;
    Ok(Redirect::to(&back).into_response())
}

/// A pause ends with the answers with which it began.
fn repeat(course: &Course, posted: &mut Posted) {
    let Some(pause) = course.entries.iter().rev().find(|entry| entry.fields.iter().any(|told| told.name == "offered or asked")) else {
        return;
    };
    for told in &pause.fields {
        posted.set(&format!("f.{}", told.name.replace(' ', "_")), told.value.as_str().unwrap_or_default());
    }
}
