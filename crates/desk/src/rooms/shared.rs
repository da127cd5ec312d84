//! Who shared a cell with whom, and when: asked after an injury, a theft, an infection. Read off the moves in and out, back to the
//! beginning.

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::reading::Opening;
use crate::shell::Shell;
use crate::station::record::{Identity, happened, identity};
use crate::station::rows::{has_screen, row};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use habeas_codebook::moment::Moment;
use habeas_register::Entry;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Its address.
pub fn routes() -> Router<Desk> {
    Router::new().route("/record/custody/{id}/shared", get(page))
}

/// Which hours are asked about; all of them where nothing is said.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
}

/// Somebody in a cell, from a moment until another; until now where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stay {
    cell: String,
    from: Moment,
    until: Option<Moment>,
}

impl Stay {
    /// The time that two stays have in common, within a span; nothing where they only meet at the door.
    fn shared(&self, other: &Stay, (from, until): (Moment, Moment)) -> Option<(Moment, Moment)> {
        let begun = self.from.max(other.from).max(from);
        let ended = [self.until, other.until].into_iter().flatten().fold(until, Moment::min);
        (self.cell == other.cell && begun < ended).then_some((begun, ended))
    }
}

/// The stays of a custody: each begins with a move in and ends with a move out, with the next move in, or with the custody.
fn stays(desk: &Desk, entries: &[Entry], closed: Option<Moment>) -> Vec<Stay> {
    let mut moves: Vec<(Moment, Option<String>)> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.withdrawn_by.is_none()) {
        let cell = entry.subject.iter().find(|(class, _)| class == "cell").map(|(_, cell)| cell.clone());
        if has_screen(&desk.codebook, &entry.kind, "cell-in") {
            moves.push((happened(entry), cell));
        } else if has_screen(&desk.codebook, &entry.kind, "cell-out") {
            moves.push((happened(entry), None));
        }
    }
    moves.sort_by_key(|(at, _)| *at);
    let ends = moves.iter().skip(1).map(|(at, _)| Some(*at)).chain([closed]).collect::<Vec<_>>();
    let stay = |((from, cell), until): (&(Moment, Option<String>), Option<Moment>)| {
        Some(Stay { cell: cell.clone()?, from: *from, until: until.or(closed) })
    };
    moves.iter().zip(ends).filter_map(stay).collect()
}

/// The stays of a custody, as the register knows them.
fn stays_of(desk: &Desk, custody: &str) -> Result<Vec<Stay>, DeskError> {
    let closed = desk.register.life("custody", custody)?.and_then(|life| life.closed_at);
    Ok(stays(desk, &desk.register.history("custody", custody, None)?, closed))
}

/// Somebody who was there at the same time.
struct Line {
    /// Name or number, and the address of the record; nothing where it is not for this reader.
    who: Option<(String, String)>,
    cell: String,
    from: String,
    stamp: String,
    until: String,
    length: String,
    at: Moment,
}

/// A stay of the person whose record it is.
struct Own {
    cell: String,
    from: String,
    stamp: String,
    until: String,
}

#[derive(Template)]
#[template(path = "pages/shared.html")]
struct Page {
    shell: Shell,
    identity: Identity,
    asked: Asked,
    is_unread: bool,
    own: Vec<Own>,
    lines: Vec<Line>,
}

async fn page(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let page = desk.work(move |desk| built(desk, &who, &id, asked)).await?;
    show(&page)
}

fn built(desk: &Desk, who: &SignedIn, id: &str, asked: Asked) -> Result<Page, DeskError> {
    let sight = desk.asked_for(who, "custody", id)?;
    desk.note_opened(who, &sight, &Opening::default())?;
    let teller = desk.teller(who.language);
    let typed = |text: &str, otherwise: Moment| if text.trim().is_empty() { Some(otherwise) } else { teller.typed(text) };
    let (from, until) = (typed(&asked.from, Moment::LONG_AGO), typed(&asked.until, teller.now));
    let span = (from.unwrap_or(Moment::LONG_AGO), until.unwrap_or(teller.now));
    let own = stays_of(desk, id)?;
    let mut lines = Vec::new();
    for other in others(desk, id, &own)? {
        let met = stays_of(desk, &other)?;
        let both = own.iter().flat_map(|one| met.iter().filter_map(|two| Some((one.cell.clone(), one.shared(two, span)?))));
        for (cell, times) in both {
            lines.push(line(desk, who, &teller, (&other, cell), times)?);
        }
    }
    lines.sort_by_key(|line| line.at);
    let shown = own.iter().filter(|stay| stay.from < span.1 && stay.until.is_none_or(|until| until > span.0));
    let own = shown.map(|stay| Own {
        cell: stay.cell.clone(),
        from: teller.instant(stay.from),
        stamp: teller.stamp(stay.from),
        until: stay.until.map(|until| teller.instant(until)).unwrap_or_default(),
    });
    Ok(Page {
        shell: desk.shell(who, "shared-title").at(format!("/record/custody/{id}/shared")),
        identity: identity(desk, &teller, &sight, ("custody", id))?,
        is_unread: from.is_none() || until.is_none(),
        own: own.collect(),
        asked,
        lines,
    })
}

/// Everybody who was ever in one of the cells of these stays, but for the person whose stays they are.
fn others(desk: &Desk, id: &str, own: &[Stay]) -> Result<BTreeSet<String>, DeskError> {
    let cells: BTreeSet<&String> = own.iter().map(|stay| &stay.cell).collect();
    let mut found = BTreeSet::new();
    for cell in cells {
        for entry in desk.register.history("cell", cell, None)? {
            let custody = entry.subject.iter().find(|(class, other)| class == "custody" && other != id);
            found.extend(custody.map(|(_, other)| other.clone()));
        }
    }
    Ok(found)
}

fn line(
    desk: &Desk,
    who: &SignedIn,
    teller: &Teller<'_>,
    (other, cell): (&str, String),
    (from, until): (Moment, Moment),
) -> Result<Line, DeskError> {
    let who = match desk.sight(who, "custody", other) {
        Ok(sight) => {
            let name = row(desk, "custody", other, teller.now)?.name_for(&sight);
            Some((name.unwrap_or_else(|| other.to_owned()), format!("/record/custody/{other}")))
        }
        Err(DeskError::Absent) => None,
        Err(error) => return Err(error),
    };
    let until_words = if until == teller.now { String::new() } else { teller.instant(until) };
    let (stamp, length) = (teller.stamp(from), teller.length(until.0 - from.0));
    Ok(Line { who, cell, from: teller.instant(from), stamp, until: until_words, length, at: from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_share_a_cell_only_while_both_are_in_it() {
        let stay = |cell: &str, from: i64, until: Option<i64>| Stay { cell: cell.to_owned(), from: Moment(from), until: until.map(Moment) };
        let all = (Moment(0), Moment(100));
        let one = stay("A1", 10, Some(50));
        assert_eq!(one.shared(&stay("A1", 20, None), all), Some((Moment(20), Moment(50))));
        assert_eq!(one.shared(&stay("A1", 50, Some(60)), all), None, "one goes as the other comes");
        assert_eq!(one.shared(&stay("A2", 20, None), all), None, "next door");
        assert_eq!(
            one.shared(&stay("A1", 0, None), (Moment(30), Moment(40))),
            Some((Moment(30), Moment(40))),
            "within the hours asked for"
        );
        assert_eq!(stay("A1", 10, None).shared(&stay("A1", 90, None), all), Some((Moment(90), Moment(100))), "both are in it still");
    }
}
