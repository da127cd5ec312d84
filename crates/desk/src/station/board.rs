//! The board: everybody in a place, whoever is owed something soonest first.

use super::chips::{Chip, is_open};
use super::rows::{Row, row, settle};
use crate::account::{SignedIn, Visitor};
use crate::clock::Teller;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use habeas_register::VerdictEntry;
use serde::Deserialize;

/// People on one page at most, the most urgent where nothing else is asked; the page says how many there are.
const SHOWN: usize = 500;

/// `/`: the first page of whoever is signed in, the page to sign in on for others.
pub async fn first(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let own = visitor.signed_in.map(|who| desk.nav(&who).first().map_or("/board", |line| line.href));
    Ok(Redirect::to(own.unwrap_or("/sign-in")).into_response())
}

/// The filter bar.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Filter {
    /// Name, cell or number.
    #[serde(default)]
    pub q: String,
    /// `overdue`, `soon` (and overdue), `unknown` or everybody.
    #[serde(default)]
    pub show: String,
    /// `cell`, `name` or `held`; else what is owed soonest first.
    #[serde(default)]
    pub sort: String,
    /// Another place of the reader's.
    #[serde(default)]
    pub place: String,
}

/// One line of the board.
pub struct Line {
    /// Address of the record.
    pub href: String,
    /// Class and id, for the script.
    pub key: String,
    /// Number of the custody.
    pub number: String,
    /// Cell, or a dash.
    pub cell: String,
    /// Name, or the words for withheld.
    pub name: String,
    /// Held for.
    pub held: String,
    /// Instructions.
    pub flags: Vec<String>,
    /// Group: 0 overdue, 1 soon, 2 undetermined, 3 later, 4 nothing owed.
    pub group: u8,
    /// The duty owed next.
    pub duty: Option<Owed>,
    /// And the one after it.
    pub then: String,
    due: i64,
    opened: i64,
}

/// A duty on a line.
pub struct Owed {
    /// Its words.
    pub name: String,
    /// When it is or was due.
    pub due: String,
    /// Its state.
    pub chip: Chip,
    /// Address of its why page.
    pub href: String,
}

impl Owed {
    /// A verdict as a duty on a line.
    pub fn of(desk: &Desk, teller: &Teller<'_>, verdict: &VerdictEntry) -> Self {
        Self {
            name: rule_words(desk, teller, verdict),
            due: verdict.due_at.map(|due| teller.instant(due)).unwrap_or_default(),
            chip: Chip::of(teller, verdict),
            href: why_href(verdict),
        }
    }
}

/// The group that a line stands in by its most urgent duty, the most urgent group first.
pub fn group_of(duty: Option<&Owed>) -> u8 {
    match duty.map(|duty| duty.chip.state) {
        Some("overdue") => 0,
        Some("soon") => 1,
        Some("unknown") => 2,
        Some(_) => 3,
        None => 4,
    }
}

/// Lines that belong together.
pub struct Group {
    /// Id of the heading.
    pub id: &'static str,
    /// Heading.
    pub heading: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "pages/board.html")]
struct Board {
    shell: Shell,
    waiting: Option<String>,
    /// Says that only the first are shown, where it is so.
    cut: Option<String>,
    query: String,
    heading: String,
    said: String,
    held: usize,
    overdue: usize,
    soon: usize,
    undetermined: usize,
    filter: Filter,
    places: Vec<String>,
    groups: Vec<Group>,
}

/// The board of a place.
pub async fn board(State(desk): State<Desk>, who: SignedIn, Query(filter): Query<Filter>) -> Answer {
    let lines = desk.work({
        let (who, filter) = (who.clone(), filter.clone());
        move |desk| {
            let lines = lines(desk, &who, &filter)?;
            desk.note_listed(&who, "board", lines.len())?;
            Ok(lines)
        }
    });
    let mut lines = lines.await?;
    let shell = desk.shell(&who, "nav-board").at("/board");
    let teller = desk.teller(who.language);
    let count = |group: u8| lines.iter().filter(|line| line.group == group).count();
    let (held, overdue, soon, undetermined) = (lines.len(), count(0), count(1), count(2));
    let heading = desk.texts.say(who.language, "board-heading", &[("place", &shell.place), ("n", &held.to_string())]);
    let said = shell.with("board-as-of", "time", format!("{}, {}", teller.day(teller.now), teller.hour(teller.now)));
    let cut = (held > SHOWN).then(|| {
        lines.truncate(SHOWN);
        desk.texts.say(who.language, "board-first", &[("shown", &SHOWN.to_string()), ("n", &held.to_string())])
    });
    let groups = if is_grouped(&filter) { grouped(&shell, lines) } else { one_group(&shell, lines) };
    let places = who.session.account.places.clone();
    let query = query(&filter);
    let waiting = super::handover::waiting(&desk, &who)?;
    show(&Board { shell, waiting, cut, query, heading, said, held, overdue, soon, undetermined, filter, places, groups })
}

/// By urgency the lines stand in groups; by anything else in one.
fn is_grouped(filter: &Filter) -> bool {
    !["cell", "name", "held"].contains(&filter.sort.as_str())
}

/// The filter as part of an address, for links that sort.
fn query(filter: &Filter) -> String {
    format!("q={}&show={}&place={}", encoded(&filter.q), encoded(&filter.show), encoded(&filter.place))
}

/// A text as part of an address.
#[must_use]
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Whether a line is shown.
fn is_wanted(line: &Line, filter: &Filter) -> bool {
    let wanted = filter.q.trim().to_lowercase();
    let found = [&line.name, &line.number, &line.cell].iter().any(|text| text.to_lowercase().contains(&wanted));
    let is_shown = match filter.show.as_str() {
        "overdue" => line.group == 0,
        "soon" => line.group <= 1,
        "unknown" => line.group == 2,
        "flags" => !line.flags.is_empty(),
        _ => true,
    };
    (wanted.is_empty() || found) && is_shown
}

/// Every line that this reader may see, soonest owed first.
///
/// # Errors
/// Trouble with the register.
pub fn lines(desk: &Desk, who: &SignedIn, filter: &Filter) -> Result<Vec<Line>, DeskError> {
    let teller = desk.teller(who.language);
    let mut lines = Vec::new();
    for_each(desk, who, &filter.place, |row, sight| {
        let owed: Vec<&VerdictEntry> = row.verdicts.iter().filter(|verdict| sight.verdict(verdict)).collect();
        lines.push(line(desk, &teller, row, sight, &owed));
    })?;
    lines.retain(|line| is_wanted(line, filter));
    match filter.sort.as_str() {
        "cell" => lines.sort_by(|one, other| (&one.cell, &one.name).cmp(&(&other.cell, &other.name))),
        "name" => lines.sort_by(|one, other| (one.name.to_lowercase(), &one.number).cmp(&(other.name.to_lowercase(), &other.number))),
        "held" => lines.sort_by(|one, other| (one.opened, &one.number).cmp(&(other.opened, &other.number))),
        _ => lines.sort_by(|one, other| (one.group, one.due, &one.number).cmp(&(other.group, other.due, &other.number))),
    }
    Ok(lines)
}

/// Everybody in custody whom this reader may see, at one of their places or at all of them.
///
/// # Errors
/// Trouble with the register.
pub fn for_each(desk: &Desk, who: &SignedIn, place: &str, mut tell: impl FnMut(&Row, &crate::desk::Sight<'_>)) -> Result<(), DeskError> {
    let own = &who.session.account.places;
    let places: Vec<Option<&str>> = match own.iter().find(|own| *own == place) {
        Some(place) => vec![Some(place)],
        None if own.is_empty() => vec![None],
        None => own.iter().map(|place| Some(place.as_str())).collect(),
    };
    let (now, reader) = (desk.now(), desk.reader(who));
    for place in places {
        let lives = desk.register.all_open("custody", place)?;
        settle(desk, lives.iter().map(|life| &life.subject), now)?;
        for life in lives {
            let (class, id) = &life.subject;
            let Ok(sight) = reader.sight(class, id) else { continue };
            tell(&*row(desk, class, id, now)?, &sight);
        }
    }
    Ok(())
}

/// What is still owed of a record's verdicts, the most urgent first.
#[must_use]
pub fn owed<'v>(verdicts: &[&'v VerdictEntry]) -> Vec<&'v VerdictEntry> {
    let mut owed: Vec<&VerdictEntry> = verdicts
        .iter()
        .filter(|verdict| {
            is_open(verdict) || verdict.verdict == "undetermined" || (verdict.verdict == "pending" && verdict.due_at.is_some())
        })
        .copied()
        .collect();
    owed.sort_by_key(|verdict| verdict.due_at.or(verdict.since).map_or(i64::MAX, |due| due.0));
    owed
}

fn line(desk: &Desk, teller: &Teller<'_>, row: &Row, sight: &crate::desk::Sight<'_>, verdicts: &[&VerdictEntry]) -> Line {
    let owed = owed(verdicts);
    let (class, id) = (&row.subject.0, &row.subject.1);
    let shown = |verdict: &VerdictEntry| Owed::of(desk, teller, verdict);
    let duty = owed.first().map(|verdict| shown(verdict));
    let group = group_of(duty.as_ref());
    Line {
        href: format!("/record/{class}/{id}"),
        key: format!("{class}/{id}"),
        number: id.clone(),
        cell: row.cell.as_deref().map_or("\u{2013}", |cell| within(cell, row.place.as_deref(), sight)).to_owned(),
        name: row.name_for(sight).unwrap_or_else(|| id.clone()),
        held: row.opened_at.map(|at| teller.length(teller.now.0 - at.0)).unwrap_or_default(),
        flags: row.flags_for(sight).into_iter().take(4).collect(),
        group,
        opened: row.opened_at.map_or(i64::MAX, |at| at.0),
        due: owed.first().and_then(|verdict| verdict.due_at).map_or(i64::MAX, |due| due.0),
        then: owed.get(1).map(|verdict| shown(verdict)).map(|owed| format!("{} {}", owed.name, owed.due)).unwrap_or_default(),
        duty,
    }
}

/// A cell without the name of its place, for whoever serves there and nowhere else.
#[must_use]
pub fn within<'c>(cell: &'c str, place: Option<&str>, sight: &crate::desk::Sight<'_>) -> &'c str {
    let own = place.filter(|place| sight.serves_only_at(place));
    own.and_then(|place| cell.strip_prefix(place)).and_then(|rest| rest.strip_prefix('/')).unwrap_or(cell)
}

/// A rule in a few words: its title, else its id read as words.
#[must_use]
pub fn rule_words(desk: &Desk, teller: &Teller<'_>, verdict: &VerdictEntry) -> String {
    let names = crate::names::Names::new(&desk.codebook, teller.language);
    verdict.rule.as_deref().map_or_else(String::new, |rule| names.rule(rule))
}

/// `medical-on-arrival` as `Medical on arrival`.
#[must_use]
pub fn in_words(id: &str) -> String {
    let words = id.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The address of a verdict's why page.
#[must_use]
pub fn why_href(verdict: &VerdictEntry) -> String {
    let (class, id) = &verdict.subject;
    let trigger = verdict.trigger.as_deref().unwrap_or_default();
    format!("/record/{class}/{id}/why/{}?trigger={trigger}", verdict.rule.as_deref().unwrap_or("-"))
}

fn one_group(shell: &Shell, lines: Vec<Line>) -> Vec<Group> {
    let heading = shell.with("board-all", "n", lines.len());
    if lines.is_empty() { Vec::new() } else { vec![Group { id: "g-all", heading, lines }] }
}

fn grouped(shell: &Shell, lines: Vec<Line>) -> Vec<Group> {
    let names = [
        ("g-overdue", "board-overdue"),
        ("g-soon", "board-soon"),
        ("g-unknown", "board-unknown"),
        ("g-later", "board-later"),
        ("g-none", "board-none"),
    ];
    let mut groups: Vec<Group> = names.iter().map(|(id, _)| Group { id, heading: String::new(), lines: Vec::new() }).collect();
    for line in lines {
        if let Some(group) = groups.get_mut(usize::from(line.group)) {
            group.lines.push(line);
        }
    }
    for (group, (_, text)) in groups.iter_mut().zip(names) {
        group.heading = shell.with(text, "n", group.lines.len());
    }
    groups.retain(|group| !group.lines.is_empty());
    groups
}
