//! The board as a screen on a wall: large, without controls, loaded anew by itself. It shows cells, initials, duties and clocks; no names,
//! no offences, nothing about health, whoever has signed it in.

use super::board::{encoded, for_each, owed, rule_words, within};
use super::chips::Chip;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Query, State};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Grade, Sensitivity};
use habeas_register::VerdictEntry;
use serde::Deserialize;

/// Lines of each kind on a screen; the others are counted.
const LINES: usize = 5;
/// The screen loads itself anew after so many seconds, also without script.
const AGAIN: u32 = 60;
/// It is entered anew that the screen is looked at after so long, in microseconds: 12 hours.
const WATCHED: i64 = 12 * 3_600 * 1_000_000;

/// A line.
struct Line {
    cell: String,
    initials: String,
    duty: String,
    due: String,
    chip: Chip,
}

/// Lines, each with when it is due.
type Lines = Vec<(Moment, Line)>;

#[derive(Template)]
#[template(path = "pages/wall.html")]
struct Wall {
    shell: Shell,
    address: String,
    again: u32,
    day: String,
    hour: String,
    held: usize,
    over: Vec<Line>,
    soon: Vec<Line>,
    overdue: usize,
    due_soon: usize,
    later: usize,
    undetermined: usize,
    gravest: Option<(String, String)>,
}

/// Which place, and since when the screen has hung.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    place: String,
    #[serde(default)]
    since: String,
}

/// The screen.
pub async fn wall(State(desk): State<Desk>, who: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let now = desk.now();
    let since = habeas_codebook::value::moment(&asked.since).filter(|since| since.0 <= now.0 && now.0 - since.0 < WATCHED);
    let stamp = since.unwrap_or(now).timestamp().to_string();
    let page = desk.work(move |desk| {
        let address = format!("/board/wall?place={}&since={stamp}", encoded(&asked.place));
        page(desk, &who, &asked.place, address, since.is_none())
    });
    show(&page.await?)
}

fn page(desk: &Desk, who: &SignedIn, place: &str, address: String, is_new: bool) -> Result<Wall, DeskError> {
    let teller = desk.teller(who.language);
    let (mut held, mut later, mut undetermined) = (0, 0, 0);
    let (mut over, mut soon): (Lines, Lines) = (Vec::new(), Vec::new());
    let mut gravest: Option<(Moment, String)> = None;
    for_each(desk, who, place, |row, sight| {
        held += 1;
        let cell = row.cell.as_deref().map_or("\u{2013}", |cell| within(cell, row.place.as_deref(), sight)).to_owned();
        let initials = initials(&row.name_for(sight).unwrap_or_default());
        let shown: Vec<&VerdictEntry> = row.verdicts.iter().filter(|verdict| sight.verdict(verdict) && is_for_walls(verdict)).collect();
        for verdict in owed(&shown) {
            let chip = Chip::of(&teller, verdict);
            let due = verdict.due_at.unwrap_or(teller.now);
            if due > teller.now && is_critical(desk, verdict) && gravest.as_ref().is_none_or(|(at, _)| due < *at) {
                gravest = Some((due, cell.clone()));
            }
            let list = match chip.state {
                "overdue" => &mut over,
                "soon" => &mut soon,
                "unknown" => {
                    undetermined += 1;
                    continue;
                }
                _ => {
                    later += 1;
                    continue;
                }
            };
            let duty = rule_words(desk, &teller, verdict);
            list.push((due, Line { cell: cell.clone(), initials: initials.clone(), duty, due: teller.instant(due), chip }));
        }
    })?;
    if is_new {
        desk.note_listed(who, "board on a wall", held)?;
    }
    let mut shell = desk.shell(who, "wall-title").at("/board/wall");
    if let Some(place) = who.session.account.places.iter().find(|own| *own == place) {
        shell.place = desk.place_name(place);
    }
    let first = |mut lines: Lines| {
        lines.sort_by_key(|(due, _)| *due);
        lines.into_iter().map(|(_, line)| line).take(LINES).collect()
    };
    Ok(Wall {
        shell,
        address,
        again: AGAIN,
        day: teller.day(teller.now),
        hour: teller.hour(teller.now),
        held,
        overdue: over.len(),
        due_soon: soon.len(),
        over: first(over),
        soon: first(soon),
        later,
        undetermined,
        gravest: gravest.map(|(at, cell)| (cell, teller.instant(at))),
    })
}

/// Whether everybody who passes may read it: a duty that follows from what all who work with the custody know.
fn is_for_walls(verdict: &VerdictEntry) -> bool {
    matches!(crate::desk::class_named(verdict.class), Sensitivity::Public | Sensitivity::Custody)
}

fn is_critical(desk: &Desk, verdict: &VerdictEntry) -> bool {
    let rule = verdict.rule.as_deref().and_then(|id| desk.codebook.rules.iter().rev().find(|rule| rule.id == id));
    rule.is_some_and(|rule| rule.severity == Grade::Critical)
}

/// `Velkan, Daro` as `V. D.`.
fn initials(name: &str) -> String {
    let words = name.split([' ', ',', '-']).filter(|word| !word.is_empty()).take(2);
    words.filter_map(|word| word.chars().next()).map(|letter| format!("{}.", letter.to_uppercase())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_knows_people_by_their_initials() {
        assert_eq!(initials("Velkan, Daro"), "V. D.");
        assert_eq!(initials("əli"), "Ə.");
        assert_eq!(initials(""), "");
    }
}
