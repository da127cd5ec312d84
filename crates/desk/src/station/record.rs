//! The custody record: what is still owed, what was not honoured, and every entry with its two times.

use super::answers::{answer, thing};
use super::board::{owed, rule_words, why_href};
use super::chips::{Chip, is_open};
use super::lanes::{self, Drawing, Table};
use super::rows::{all_verdicts, row};
use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::body::Mark;
use crate::names::Names;
use crate::reading::{self, Opening};
use crate::rooms::correct::may_change;
use crate::rooms::files::{self, Custody};
use crate::rooms::{kit, letter};
use crate::shell::Shell;
use crate::texts::Language;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect};
use habeas_codebook::i18n::NameOf;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_register::{Entry, VerdictEntry};
use serde::Deserialize;
use serde_json::Value as Json;

/// A duty in a list.
pub struct Duty {
    /// Its words.
    pub name: String,
    /// When.
    pub when: String,
    /// Its state.
    pub chip: Chip,
    /// Address of its why page.
    pub href: String,
}

/// A field of an entry, as shown.
pub struct FieldShown {
    /// Its words.
    pub name: String,
    /// Its value in words; nothing when withheld.
    pub value: Option<String>,
    /// The value before a correction.
    pub before: Option<String>,
}

/// An entry, as shown.
pub struct EntryShown {
    /// Id, for links.
    pub id: String,
    /// Kind in words.
    pub kind: String,
    /// RFC 3339, when it happened.
    pub stamp: String,
    /// When it happened: the hour, for lists by day.
    pub at: String,
    /// When it happened, with the day unless it is today's.
    pub on: String,
    /// When it was recorded.
    pub recorded: String,
    /// How much later, where that is beyond the limit.
    pub late: Option<String>,
    /// Why it was entered late, as whoever entered it says.
    pub late_because: Option<String>,
    /// Its fields.
    pub fields: Vec<FieldShown>,
    /// Some of it is not for this reader.
    pub withheld: bool,
    /// Withdrawn since.
    pub withdrawn: bool,
    /// Address where this reader may correct it.
    pub correct: Option<String>,
    /// Who entered it.
    pub by: String,
    /// Place in the log.
    pub index: u64,
    /// Verdicts that rest on it.
    pub chips: Vec<Chip>,
}

/// A day of entries.
pub struct Day {
    /// Heading.
    pub name: String,
    /// Newest first.
    pub entries: Vec<EntryShown>,
}

/// What is known of a person at the top of every page about them.
pub struct Identity {
    /// Name, or the number.
    pub name: String,
    /// Address of the record.
    pub href: String,
    /// Pairs of words.
    pub facts: Vec<(String, String)>,
    /// The custody that it belongs to, where it is another record and this reader may open it: what, number, address.
    pub custody: Option<(String, String, String)>,
    /// Practical instructions.
    pub flags: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/record.html")]
struct Record {
    shell: Shell,
    title: String,
    identity: Identity,
    owed: Vec<Duty>,
    breached: Vec<Duty>,
    has_lanes: bool,
    lanes: Drawing,
    lane_table: Table,
    days: Vec<Day>,
    files: Vec<Custody>,
    past: Past,
    asked: Asked,
    view: String,
    shown: usize,
    may_slip: bool,
    may_write_letters: bool,
    kit: Option<String>,
    may_see_cells: bool,
    may_see_readers: bool,
    flows: Vec<(String, String)>,
}

/// As known when: the record as it stood after so many of its entries.
struct Past {
    /// The moment in words; nothing for the present.
    said: Option<String>,
    /// The same, as it is typed.
    typed: String,
    /// What was typed is no moment of this record.
    is_unread: bool,
    /// Entries known then.
    known: usize,
    /// Entries known now.
    all: usize,
    /// When each became known, for the script that tells it while the slider moves.
    times: String,
}

/// What the address asks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    /// As known at, as it is typed.
    #[serde(default)]
    pub known_at: String,
    /// As known after so many entries: the slider.
    #[serde(default)]
    pub entry: String,
    /// Until when the lanes are drawn.
    #[serde(default)]
    pub until: String,
    /// `breached`, `late` or `corrected` entries; else all.
    #[serde(default)]
    pub show: String,
    /// `oldest` first or as `recorded`; else the newest first.
    #[serde(default)]
    pub order: String,
}

/// The record that a notice names by its random handle. Unknown, and not for this reader, are one answer.
pub async fn of_handle(State(desk): State<Desk>, who: SignedIn, Path(handle): Path<String>) -> Answer {
    let found = desk.work(move |desk| {
        let (class, id) = desk.register.subject_of_handle(&handle)?.ok_or(DeskError::Absent)?;
        desk.sight(&who, &class, &id)?;
        Ok(format!("/record/{class}/{id}"))
    });
    Ok(Redirect::to(&found.await?).into_response())
}

/// The record page. That it was opened is an entry of its own.
pub async fn record(
    State(desk): State<Desk>,
    who: SignedIn,
    Path((class, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let page = desk.work(move |desk| page(desk, &who, (&class, &id), asked)).await?;
    show(&page)
}

fn page(desk: &Desk, who: &SignedIn, (class, id): (&str, &str), asked: Asked) -> Result<Record, DeskError> {
    let sight = desk.asked_for(who, class, id)?;
    desk.note_opened(who, &sight, &Opening::default())?;
    let present = desk.teller(who.language);
    let identity = identity(desk, &present, &sight, (class, id))?;
    let all = own_entries(desk, &sight, (class, id), None)?;
    let (at, past) = past(&present, &asked, &all);
    let teller = Teller { now: at.unwrap_or(present.now), ..present };
    let known = if at.is_some() { own_entries(desk, &sight, (class, id), at)? } else { all };
    let verdicts = verdicts(desk, &known, (class, id), (at, teller.now))?;
    let seen: Vec<&VerdictEntry> = verdicts.iter().filter(|verdict| sight.verdict(verdict)).collect();
    let own: Vec<&VerdictEntry> = seen.iter().filter(|verdict| verdict.subject.0 == class && verdict.subject.1 == id).copied().collect();
    let duty = |verdict: &VerdictEntry| Duty {
        name: rule_words(desk, &teller, verdict),
        when: verdict.due_at.or(verdict.since).map(|due| teller.instant(due)).unwrap_or_default(),
        chip: Chip::of(&teller, verdict),
        href: why_href(verdict),
    };
    let is_not_honoured = |verdict: &&&VerdictEntry| (verdict.verdict == "breached" && !is_open(verdict)) || verdict.verdict == "met_late";
    let opened = known.iter().map(happened).min().unwrap_or(teller.now);
    let closed = desk.register.life(class, id)?.and_then(|life| life.closed_at).filter(|closed| *closed < teller.now);
    let until = habeas_codebook::value::moment(&asked.until).unwrap_or(closed.unwrap_or(teller.now)).min(teller.now).max(opened);
    let pieces = lanes::pieces(desk, &teller, &known, &seen);
    let (lanes, lane_table) = lanes::drawn(&teller, &pieces, (opened, until));
    let files = files::custody(desk, &teller, &sight, &known)?;
    let days = days(desk, &teller, &sight, &chosen(&known, &asked, &own), &own, &asked.order);
    let title = title(desk, who.language, class);
    let shell = desk.titled(who, format!("{title}, {}", identity.name));
    let names = Names::new(&desk.codebook, who.language);
    let flows = desk.codebook.flows.iter().filter(|flow| desk.codebook.class(flow.subject).name == class);
    Ok(Record {
        title,
        has_lanes: class == "custody" || !pieces.is_empty(),
        owed: owed(&own).into_iter().map(duty).collect(),
        breached: own.iter().filter(is_not_honoured).map(|verdict| duty(verdict)).collect(),
        lanes,
        lane_table,
        shown: days.iter().map(|day| day.entries.len()).sum(),
        days,
        files,
        past,
        view: view(&asked, at.map(|at| teller.stamp(at))),
        asked,
        flows: flows.map(|flow| (names.flow(&flow.name), format!("/record/{class}/{id}/flow/{}", flow.name.replace(' ', "-")))).collect(),
        may_see_cells: class == "custody",
        may_see_readers: reading::may_see(&sight),
        may_write_letters: desk.is_confidential(class) && letter::may_write(desk, &sight),
        kit: (class == "visit" && kit::is_for(desk, &sight)).then(|| format!("/visit/{id}/kit")),
        may_slip: class == "custody" && desk.screened("notification").any(|kind| sight.may_record(kind)),
        shell: shell.at(format!("/record/{class}/{id}")),
        identity,
    })
}

/// As known when, by the slider or by what was typed; the present where neither says.
fn past(teller: &Teller<'_>, asked: &Asked, all: &[Entry]) -> (Option<Moment>, Past) {
    let mut times: Vec<Moment> = all.iter().map(|entry| entry.recorded_at).collect();
    times.sort();
    let typed = asked.known_at.trim();
    let by_slider = asked.entry.parse::<usize>().ok().filter(|known| *known < times.len());
    let at = match (typed.is_empty(), by_slider) {
        (false, _) => teller.typed(typed).filter(|at| *at <= teller.now),
        (true, Some(known)) => known.checked_sub(1).and_then(|place| times.get(place)).copied(),
        (true, None) => None,
    };
    let past = Past {
        said: at.map(|at| teller.texts.say(teller.language, "day-and-hour", &[("day", &teller.day(at)), ("hour", &teller.hour(at))])),
        typed: at.map_or_else(|| typed.to_owned(), |at| teller.for_typing(at)),
        is_unread: !typed.is_empty() && at.is_none(),
        known: at.map_or(times.len(), |at| times.iter().filter(|time| **time <= at).count()),
        all: times.len(),
        times: times.iter().map(|time| teller.for_typing(*time)).collect::<Vec<_>>().join("|"),
    };
    (at, past)
}

/// Verdicts about the record and about what its lanes show, such as each interview; as known at a moment, or now.
fn verdicts(
    desk: &Desk,
    known: &[Entry],
    (class, id): (&str, &str),
    (at, now): (Option<Moment>, Moment),
) -> Result<Vec<VerdictEntry>, DeskError> {
    let judged = |class: &str| desk.codebook.rules.iter().any(|rule| desk.codebook.class(rule.subject).name == class);
    let mut found = match at {
        Some(at) => desk.register.verdicts_known_at(class, id, at)?,
        None => all_verdicts(desk, (class, id), now)?,
    };
    for subject in lanes::instances(&desk.codebook, known).into_iter().filter(|(class, _)| judged(class)) {
        found.extend(match at {
            Some(at) => desk.register.verdicts_known_at(&subject.0, &subject.1, at)?,
            None => all_verdicts(desk, (&subject.0, &subject.1), now)?,
        });
    }
    Ok(found)
}

/// The entries that are asked for.
fn chosen<'e>(known: &'e [Entry], asked: &Asked, verdicts: &[&VerdictEntry]) -> Vec<&'e Entry> {
    let is_corrected = |entry: &Entry| {
        entry.withdrawn_by.is_some() || !entry.at_before.is_empty() || entry.fields.iter().any(|told| !told.before.is_empty())
    };
    let is_behind = |entry: &Entry, verdict: &VerdictEntry| {
        (verdict.verdict == "breached" || verdict.verdict == "met_late")
            && (verdict.events.contains(&entry.id) || verdict.trigger.as_deref() == Some(&entry.id))
    };
    let is_wanted = |entry: &&Entry| match asked.show.as_str() {
        "breached" => verdicts.iter().any(|verdict| is_behind(entry, verdict)),
        "late" => entry.late,
        "corrected" => is_corrected(entry),
        _ => true,
    };
    let mut chosen: Vec<&Entry> = known.iter().filter(is_wanted).collect();
    match asked.order.as_str() {
        "oldest" => {}
        "recorded" => chosen.sort_by_key(|entry| std::cmp::Reverse(entry.index)),
        _ => chosen.reverse(),
    }
    chosen
}

/// The address of this view without the hours of its lanes.
fn view(asked: &Asked, known_at: Option<String>) -> String {
    let known_at = known_at.unwrap_or_default().replace('+', "%2B");
    let plain = |text: &str| text.chars().filter(char::is_ascii_lowercase).collect::<String>();
    format!("known_at={known_at}&show={}&order={}", plain(&asked.show), plain(&asked.order))
}

/// The identity bar.
///
/// # Errors
/// Trouble with the register.
pub fn identity(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, (class, id): (&str, &str)) -> Result<Identity, DeskError> {
    let row = row(desk, class, id, teller.now)?;
    let say = |text: &str| teller.texts.say(teller.language, text, &[]);
    let is_custody = class == "custody";
    let of = if is_custody { say("custody-number") } else { Names::new(&desk.codebook, teller.language).class(class) };
    let mut facts = vec![(of, id.to_owned())];
    if let Some(cell) = &row.cell {
        facts.push((say("where"), cell.clone()));
    } else if let Some(place) = &row.place {
        facts.push((say("where"), desk.place_name(place)));
    }
    if let Some(at) = row.opened_at.filter(|_| is_custody) {
        facts.push((say("held"), teller.length(teller.now.0 - at.0)));
    }
    let name = row.name_for(sight).unwrap_or_else(|| thing(desk, teller, sight, (class, id)));
    let custody = sight.tied.tied.iter().rev().find(|(of, _)| of == "custody").filter(|_| !is_custody);
    let custody = custody.filter(|(class, id)| sight.beside(class, id).is_ok());
    let custody = custody.map(|(class, id)| (say("custody-number"), id.clone(), format!("/record/{class}/{id}")));
    Ok(Identity { name, href: format!("/record/{class}/{id}"), facts, custody, flags: row.flags_for(sight) })
}

/// What a page about a record is called: the custody record, or what else it is.
#[must_use]
pub fn title(desk: &Desk, language: Language, class: &str) -> String {
    let is_custody = class == "custody";
    if is_custody { desk.texts.say(language, "record-title", &[]) } else { Names::new(&desk.codebook, language).class(class) }
}

/// The entries of a record that this reader may know of, oldest first, those about the person among them.
///
/// # Errors
/// Trouble with the register.
pub fn entries(desk: &Desk, sight: &Sight<'_>, (class, id): (&str, &str), known_at: Option<Moment>) -> Result<Vec<Entry>, DeskError> {
    let mut entries = desk.register.history(class, id, known_at)?;
    let person = sight.tied.tied.iter().chain(&sight.tied.subjects).find(|(class, _)| class == "person");
    if let Some((_, person)) = person.filter(|_| class != "person") {
        let own = desk.register.history("person", person, known_at)?;
        entries.extend(own.into_iter().filter(|entry| !entry.subject.iter().any(|(other, _)| other == class)));
    }
    entries.sort_by_key(|entry| (happened(entry), entry.index));
    entries.retain(|entry| !reading::is_reading(entry) && sight.entry(entry));
    Ok(entries)
}

/// The entries that a page about a record lists: of a custody with those about its person, of anything else those that name it.
///
/// # Errors
/// Trouble with the register.
pub fn own_entries(desk: &Desk, sight: &Sight<'_>, (class, id): (&str, &str), known_at: Option<Moment>) -> Result<Vec<Entry>, DeskError> {
    let mut entries = entries(desk, sight, (class, id), known_at)?;
    entries.retain(|entry| class == "custody" || entry.subject.iter().any(|(of, one)| of == class && one == id));
    Ok(entries)
}

/// When something happened, as the record is ordered: never later than it was recorded.
#[must_use]
pub fn happened(entry: &Entry) -> Moment {
    Moment(entry.when.latest.0.min(entry.recorded_at.0))
}

fn days(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, entries: &[&Entry], verdicts: &[&VerdictEntry], order: &str) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let name = teller.day(if order == "recorded" { entry.recorded_at } else { happened(entry) });
        if days.last().is_none_or(|day| day.name != name) {
            days.push(Day { name, entries: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.entries.push(shown(desk, teller, sight, entry, verdicts));
        }
    }
    days
}

/// One entry, as this reader may see it.
#[must_use]
pub fn shown(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, entry: &Entry, verdicts: &[&VerdictEntry]) -> EntryShown {
    let names = Names::new(&desk.codebook, teller.language);
    let fields: Vec<FieldShown> = entry
        .fields
        .iter()
        .filter(|told| sight.field(entry, &told.name))
        .map(|told| FieldShown {
            name: names.field(&entry.kind, &told.name),
            value: Some(answer(desk, teller, sight, (&entry.kind, &told.name), &told.value)),
            before: told.before.last().map(|(value, _)| answer(desk, teller, sight, (&entry.kind, &told.name), value)),
        })
        .collect();
    let rests = verdicts.iter().filter(|verdict| verdict.events.contains(&entry.id) || verdict.trigger.as_deref() == Some(&entry.id));
    let mut chips: Vec<Chip> = rests.filter(|verdict| verdict.verdict != "n.a.").map(|verdict| Chip::of(teller, verdict)).collect();
    chips.dedup();
    chips.truncate(4);
    if entry.late {
        chips.insert(0, Chip::plain(teller, "late-entry", "chip-late-entry", Some(entry.recorded_at.0 - entry.when.latest.0)));
    }
    EntryShown {
        id: entry.id.clone(),
        kind: names.kind(&entry.kind),
        stamp: teller.stamp(happened(entry)),
        at: if entry.when.is_exact() { teller.hour(entry.when.earliest) } else { teller.at(entry.when) },
        on: teller.at(entry.when),
        recorded: teller.instant(entry.recorded_at),
        late: entry.late.then(|| teller.length(entry.recorded_at.0 - entry.when.latest.0)),
        late_because: reason_of(entry),
        withheld: fields.len() < entry.fields.len() || !entry.sealed.is_empty(),
        withdrawn: entry.withdrawn_by.is_some(),
        correct: correct_href(desk, sight, entry),
        fields,
        by: entry.by.as_deref().map(|by| desk.person_name(by)).unwrap_or_default(),
        index: entry.index,
        chips,
    }
}

/// Why an entry was made late, as was said with it.
fn reason_of(entry: &Entry) -> Option<String> {
    let said = entry.further.iter().find(|(name, _)| name.trim_start_matches('@') == "late_reason");
    said.and_then(|(_, reason)| reason.as_str()).map(str::to_owned)
}

fn correct_href(desk: &Desk, sight: &Sight<'_>, entry: &Entry) -> Option<String> {
    let (class, id) = sight.tied.subjects.first()?;
    may_change(desk, sight, class, entry).then(|| format!("/record/{class}/{id}/correct/{}", entry.id))
}

/// A value in words.
#[must_use]
pub fn words(codebook: &Codebook, teller: &Teller<'_>, value: &Json) -> String {
    match value {
        Json::Null => "\u{2013}".to_owned(),
        Json::Bool(is) => teller.texts.say(teller.language, if *is { "yes" } else { "no" }, &[]),
        Json::Number(number) => number.to_string(),
        Json::String(text) if Mark::is_one(text) => Mark::read(text).words(teller),
        Json::String(text) if text == "yes" || text == "no" => teller.texts.say(teller.language, text, &[]),
        Json::String(text) => match habeas_codebook::value::time(text, &codebook.almanac).filter(|_| text.len() > 19) {
            Some(at) => teller.at(at),
            None => {
                let word = codebook.labels.word(teller.language.code(), NameOf::Value, text);
                word.map_or_else(|| text.replace('_', " "), str::to_owned)
            }
        },
        Json::Array(items) => items.iter().map(|item| words(codebook, teller, item)).collect::<Vec<_>>().join(", "),
        Json::Object(members) => members.values().map(|item| words(codebook, teller, item)).collect::<Vec<_>>().join(" "),
    }
}
