//! Timelines: short custody stories with the verdicts that they must give (rule-language, section 8).

use crate::gather::{Gather, Place};
use crate::jsonl;
use crate::problem::Problem;
use habeas_codebook::log::Log;
use habeas_codebook::moment::{Calendar, Length, Moment, TimeUnit};
use habeas_codebook::tree::{Codebook, LimitValue};
use habeas_codebook::value;
use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

/// A timeline, ready to be judged.
#[derive(Debug)]
pub struct Timeline {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Rules that it is about.
    pub rules: Vec<String>,
    /// As of when it is judged.
    pub now: Moment,
    /// What is known then; [`Timeline::now`] unless given.
    pub known_at: Moment,
    /// The codebook with the timeline's zone, calendar and limits.
    pub codebook: Codebook,
    /// Its events and facts.
    pub log: Log,
    /// What must come out.
    pub expected: Vec<Expected>,
    /// Statistical returns with cells that must come out.
    pub tables: Vec<ExpectedTable>,
}

/// A statistical return that must come out: cells not given are not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedTable {
    /// Id of the table.
    pub id: String,
    /// The period as written.
    pub period: String,
    /// By what was known then; [`Timeline::now`] unless given.
    pub as_of: Option<Moment>,
    /// The cells.
    pub cells: Vec<ExpectedCell>,
}

/// One cell of a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedCell {
    /// The column by its name.
    pub column: String,
    /// Dimension to code; a dimension left out is summed over.
    pub by: Vec<(String, String)>,
    /// The number as written; `None`: there is none, or it is not compared.
    pub value: Option<String>,
    /// The mark, if one is expected.
    pub status: Option<String>,
    /// The unit or currency, where there are several.
    pub unit: Option<String>,
    /// Why, for people.
    pub why: String,
}

/// One row that must come out: members not given are not compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Id of the rule; `<rule>/record` for how late an entry was.
    pub rule: String,
    /// Subject, class to id.
    pub subject: Vec<(String, String)>,
    /// Id of the trigger.
    pub trigger: Option<String>,
    /// The verdict as written in JSON.
    pub verdict: String,
    /// Instants: `since`, `due_at`, `until`; `None` inside means that there must be none.
    pub instants: Vec<(String, Option<Moment>)>,
    /// Elapsed microseconds: `late_by`, `over_by`.
    pub lengths: Vec<(String, Option<i64>)>,
    /// Flags that must be there.
    pub flags: Vec<String>,
    /// As of another moment: both now and what is known.
    pub as_known_at: Option<Moment>,
    /// Why, for people.
    pub why: String,
}

/// Reads a timeline; `file` is named in what is wrong.
///
/// # Errors
/// Everything wrong with it.
pub fn read(text: &str, file: &str, codebook: &Codebook) -> Result<Timeline, Vec<Problem>> {
    let place = Place { file, line: 1, column: 0 };
    let json: Json = serde_json::from_str(text).map_err(|e| {
        let at = Place { file, line: e.line() as u64, column: e.column() as u64 };
        vec![at.problem(format!("this is not JSON ({e})"), "", "a timeline object")]
    })?;
    let mut problems = Vec::new();
    let mut keep = |result: Result<(), Problem>| {
        if let Err(problem) = result {
            problems.push(problem);
        }
    };
    let mut changed = codebook.clone();
    keep(replace(&mut changed, &json, place));
    let moment = |name: &str| json.get(name).and_then(Json::as_str).and_then(value::moment);
    let now = moment("now");
    if now.is_none() {
        keep(Err(place.problem("a timeline has no `now`", "", "an RFC 3339 time")));
    }
    let mut gather = Gather::new(&changed, false);
    keep(facts(&mut gather, &json, place));
    let mut events_wrong = Vec::new();
    for (n, event) in json.get("events").and_then(Json::as_array).into_iter().flatten().enumerate() {
        let id = event.get("id").and_then(Json::as_str).map_or_else(|| format!("event {}", n + 1), str::to_owned);
        let at = Place { file, line: line_of(text, &id), column: 0 };
        if let Err(problem) = jsonl::object_at(&mut gather, event, at) {
            events_wrong.push(problem);
        }
    }
    let log = std::mem::take(&mut gather.log);
    drop(gather);
    let mut expected = Vec::new();
    for row in json.get("expected").and_then(Json::as_array).into_iter().flatten() {
        match expectation(row, place) {
            Ok(row) => expected.push(row),
            Err(problem) => events_wrong.push(problem),
        }
    }
    let mut tables = Vec::new();
    for table in json.get("tables").and_then(Json::as_array).into_iter().flatten() {
        match expected_table(table, place) {
            Ok(table) => tables.push(table),
            Err(problem) => events_wrong.push(problem),
        }
    }
    problems.extend(events_wrong);
    let Some(now) = now.filter(|_| problems.is_empty()) else { return Err(problems) };
    let name = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let rules = json.get("rules").and_then(Json::as_array).into_iter().flatten().filter_map(|r| r.as_str().map(str::to_owned)).collect();
    Ok(Timeline {
        id: name("id"),
        title: name("title"),
        rules,
        now,
        known_at: moment("known_at").unwrap_or(now),
        codebook: changed,
        log,
        expected,
        tables,
    })
}

fn expected_table(json: &Json, place: Place<'_>) -> Result<ExpectedTable, Problem> {
    let text = |json: &Json, name: &str| {
        let found = json.get(name).and_then(Json::as_str).map(str::to_owned);
        found.ok_or_else(|| place.problem(format!("an expected table or cell has no `{name}`"), &json.to_string(), "a text"))
    };
    let as_of = match json.get("as_of").filter(|given| !given.is_null()) {
        None => None,
        Some(given) => {
            let read = given.as_str().and_then(value::moment);
            Some(read.ok_or_else(|| place.problem("`as_of` is not a time", &given.to_string(), "RFC 3339"))?)
        }
    };
    let mut cells = Vec::new();
    for cell in json.get("cells").and_then(Json::as_array).into_iter().flatten() {
        let plain = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let optional = |name: &str| cell.get(name).filter(|value| !value.is_null()).map(plain);
        let by = cell.get("by").and_then(Json::as_object).into_iter().flatten();
        cells.push(ExpectedCell {
            column: text(cell, "column")?,
            by: by.map(|(dimension, code)| (dimension.clone(), yes_or_no(code).unwrap_or_else(|| plain(code)))).collect(),
            value: optional("value"),
            status: optional("status"),
            unit: optional("unit"),
            why: optional("why").unwrap_or_default(),
        });
    }
    Ok(ExpectedTable {
        id: text(json, "id")?,
        period: optional_text(json, "period").map_or_else(|| text(json, "period"), Ok)?,
        as_of,
        cells,
    })
}

/// A year may be written as a number.
fn optional_text(json: &Json, name: &str) -> Option<String> {
    json.get(name).filter(|value| value.is_number()).map(ToString::to_string)
}

fn yes_or_no(code: &Json) -> Option<String> {
    code.as_bool().map(|yes| if yes { "yes" } else { "no" }.to_owned())
}

fn line_of(text: &str, id: &str) -> u64 {
    let quoted = format!("\"{id}\"");
    text.find(&quoted).map_or(1, |byte| text[..byte].matches('\n').count() as u64 + 1)
}

/// Zone, calendar and limits of the timeline in place of the codebook's.
fn replace(codebook: &mut Codebook, json: &Json, place: Place<'_>) -> Result<(), Problem> {
    if let Some(zone) = json.get("zone").and_then(Json::as_str) {
        codebook.almanac.zone =
            TimeZone::get(zone).map_err(|_| place.problem("no time zone is called so", zone, "a zone such as Asia/Baku"))?;
        zone.clone_into(&mut codebook.zone_name);
    }
    if let Some(calendar) = json.get("calendar").filter(|c| c.is_object()) {
        codebook.almanac.calendar = self::calendar(calendar, &codebook.almanac.calendar, place)?;
    }
    for (name, length) in json.get("limits").and_then(Json::as_object).into_iter().flatten() {
        let Some(limit) = codebook.limits.iter_mut().find(|l| l.name == *name) else {
            return Err(place.problem("no limit is called so", name, "a limit that the codebook declares"));
        };
        let value = match length.as_str() {
            Some(text) => length_of(text).map(LimitValue::Length),
            None => length.to_string().parse().ok().map(|number| {
                let unit = limit.versions.first().and_then(|v| match v.value {
                    LimitValue::Quantity(quantity) => quantity.unit,
                    LimitValue::Length(_) => None,
                });
                LimitValue::Quantity(habeas_codebook::tree::Quantity { number, unit })
            }),
        };
        let Some(value) = value else {
            return Err(place.problem("this is no limit", &length.to_string(), "an ISO 8601 duration of one unit, such as PT2H"));
        };
        limit.versions.iter_mut().for_each(|v| v.value = value);
    }
    Ok(())
}

fn calendar(json: &Json, own: &Calendar, place: Place<'_>) -> Result<Calendar, Problem> {
    let mut calendar = own.clone();
    let texts = |name: &str| json.get(name).and_then(Json::as_array).map(|a| a.iter().filter_map(Json::as_str).collect::<Vec<_>>());
    if let Some(days) = texts("weekend") {
        let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let number = |day: &str| week.iter().position(|d| *d == day).and_then(|i| i8::try_from(i + 1).ok());
        let day = |day: &&str| number(day).and_then(|n| civil::Weekday::from_monday_one_offset(n).ok());
        calendar.weekend = days.iter().filter_map(day).collect();
        if calendar.weekend.len() != days.len() {
            return Err(place.problem("no day is called so", &days.join(", "), "mon, tue, wed, thu, fri, sat, sun"));
        }
    }
    if let Some(dates) = texts("holidays") {
        calendar.holidays.clear();
        for date in dates {
            calendar.holidays.insert(date.parse().map_err(|_| place.problem("this is no date", date, "2026-03-20"))?);
        }
    }
    Ok(calendar)
}

/// A duration of one unit, as a limit has it: `PT2H` and `P15D`, but also `PT1H30M` as 90 minutes.
fn length_of(text: &str) -> Option<Length> {
    let lasting = value::duration(text)?;
    let whole = |amount: i64, unit| Some(Length { amount: u32::try_from(amount).ok()?, unit });
    let seconds = lasting.micros / 1_000_000;
    match (lasting.months, lasting.days, seconds) {
        (0, 0, s) if s % 3600 == 0 => whole(s / 3600, TimeUnit::Hour),
        (0, 0, s) if s % 60 == 0 => whole(s / 60, TimeUnit::Minute),
        (0, 0, s) => whole(s, TimeUnit::Second),
        (0, d, 0) => whole(i64::from(d), TimeUnit::Day),
        (m, 0, 0) if m % 12 == 0 => whole(i64::from(m / 12), TimeUnit::Year),
        (m, 0, 0) => whole(i64::from(m), TimeUnit::Month),
        _ => None,
    }
}

/// Facts in force from the beginning, by class with an `s`, then id.
fn facts(gather: &mut Gather<'_>, json: &Json, place: Place<'_>) -> Result<(), Problem> {
    for (classes, subjects) in json.get("facts").and_then(Json::as_object).into_iter().flatten() {
        let class = classes.strip_suffix('s').and_then(|c| gather.words.class(c)).or_else(|| gather.words.class(classes));
        let Some(class) = class else { return Err(place.problem("no class of subjects is called so", classes, "for example `persons`")) };
        for (id, fields) in subjects.as_object().into_iter().flatten() {
            for (name, value) in fields.as_object().into_iter().flatten() {
                let describing = gather.words.codebook.kinds.iter().enumerate().filter(|(_, k)| k.describes.contains(&class));
                let kinds: Vec<_> = describing.map(|(i, _)| habeas_codebook::tree::KindId(i as u16)).collect();
                let Some(field) = kinds.iter().find_map(|k| gather.words.field(*k, name)).cloned() else {
                    return Err(place.problem(
                        format!("`{classes}` have no fact called so"),
                        name,
                        "a field of an event that describes them",
                    ));
                };
                let value = jsonl::field_value(gather, &field, value, place)?;
                gather.log.add_fact(class, id, field.name, value);
            }
        }
    }
    Ok(())
}

fn expectation(json: &Json, place: Place<'_>) -> Result<Expected, Problem> {
    let text = |name: &str| json.get(name).and_then(Json::as_str).map(str::to_owned);
    let needed =
        |name: &str| text(name).ok_or_else(|| place.problem(format!("an expected row has no `{name}`"), &json.to_string(), "a text"));
    let mut instants = Vec::new();
    for name in ["since", "due_at", "until"] {
        if let Some(given) = json.get(name) {
            let moment =
                given.as_str().map(|t| value::moment(t).ok_or_else(|| place.problem(format!("`{name}` is not a time"), t, "RFC 3339")));
            instants.push((name.to_owned(), moment.transpose()?));
        }
    }
    let mut lengths = Vec::new();
    for name in ["late_by", "over_by"] {
        if let Some(given) = json.get(name) {
            const DAY: i64 = 86_400_000_000;
            let micros = |t: &str| value::duration(t).map(|l| l.micros + i64::from(l.days) * DAY);
            let length =
                given.as_str().map(|t| micros(t).ok_or_else(|| place.problem(format!("`{name}` is not a duration"), t, "ISO 8601")));
            lengths.push((name.to_owned(), length.transpose()?));
        }
    }
    let subject = json.get("subject").and_then(Json::as_object).into_iter().flatten();
    let as_known_at =
        text("as_known_at").map(|t| value::moment(&t).ok_or_else(|| place.problem("`as_known_at` is not a time", &t, "RFC 3339")));
    Ok(Expected {
        rule: needed("rule")?,
        subject: subject.filter_map(|(class, id)| Some((class.clone(), id.as_str()?.to_owned()))).collect(),
        trigger: text("trigger"),
        verdict: needed("verdict")?,
        instants,
        lengths,
        flags: json.get("flags").and_then(Json::as_array).into_iter().flatten().filter_map(|f| f.as_str().map(str::to_owned)).collect(),
        as_known_at: as_known_at.transpose()?,
        why: text("why").unwrap_or_default(),
    })
}
