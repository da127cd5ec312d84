//! A timeline's JSON as a codebook with its own numbers, and a log.

use super::expected::{File, Wish, moment};
use super::{Unreadable, events};
use crate::verdicts::durations;
use habeas_codebook::log::Log;
use habeas_codebook::moment::{Length, TimeUnit};
use habeas_codebook::tree::{Codebook, Field, FieldId, LimitValue, LimitVersion, Quantity};
use habeas_monitor::Asked;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

/// A timeline ready to run.
pub struct Timeline {
    /// Its id.
    pub id: String,
    /// The codebook with the timeline's zone, numbers and calendar.
    pub codebook: Codebook,
    /// Its events and facts.
    pub log: Log,
    /// As of when.
    pub asked: Asked,
    /// What is expected.
    pub wishes: Vec<Wish>,
}

impl Timeline {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, and where in it.
    pub fn read(text: &str, codebook: &Codebook) -> Result<Self, Unreadable> {
        let file: File =
            serde_json::from_str(text).map_err(|error| Unreadable(format!("line {}, column {}: {error}", error.line(), error.column())))?;
        let mut codebook = codebook.clone();
        set_zone_and_calendar(&mut codebook, &file)?;
        set_limits(&mut codebook, &file)?;
        let now = moment("now", &file.now)?;
        let known_at = file.known_at.as_deref().map(|text| moment("known_at", text)).transpose()?.unwrap_or(now);
        let mut log = events::read(&codebook, &file.events)?;
        add_facts(&codebook, &mut log, &file)?;
        let number =
            |(place, written)| Wish::new(written).map_err(|Unreadable(why)| Unreadable(format!("row {} of `expected`: {why}", place + 1)));
        let wishes = file.expected.into_iter().enumerate().map(number).collect::<Result<_, _>>()?;
        Ok(Timeline { id: file.id, codebook, log, asked: Asked { now, known_at }, wishes })
    }
}

fn set_zone_and_calendar(codebook: &mut Codebook, file: &File) -> Result<(), Unreadable> {
    if let Some(name) = &file.zone {
        codebook.almanac.zone =
            TimeZone::get(name).map_err(|_| Unreadable(format!("`zone`: `{name}` is no time zone; expected one like Europe/London")))?;
        codebook.zone_name.clone_from(name);
    }
    let Some(calendar) = &file.calendar else { return Ok(()) };
    let date =
        |text: &String| text.parse().map_err(|_| Unreadable(format!("`holidays`: `{text}` is no date; expected one like 2026-03-08")));
    codebook.almanac.calendar.holidays = calendar.holidays.iter().map(date).collect::<Result<_, _>>()?;
    if let Some(weekend) = &calendar.weekend {
        codebook.almanac.calendar.weekend = weekend.iter().map(|day| weekday(day)).collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn weekday(name: &str) -> Result<Weekday, Unreadable> {
    match name.to_lowercase().get(..3) {
        Some("mon") => Ok(Weekday::Monday),
        Some("tue") => Ok(Weekday::Tuesday),
        Some("wed") => Ok(Weekday::Wednesday),
        Some("thu") => Ok(Weekday::Thursday),
        Some("fri") => Ok(Weekday::Friday),
        Some("sat") => Ok(Weekday::Saturday),
        Some("sun") => Ok(Weekday::Sunday),
        _ => Err(Unreadable(format!("`weekend`: `{name}` is no weekday; expected mon, tue, wed, thu, fri, sat or sun"))),
    }
}

/// The timeline's number holds at every date, and is set by whoever set the codebook's newest.
fn set_limits(codebook: &mut Codebook, file: &File) -> Result<(), Unreadable> {
    for (name, value) in &file.limits {
        let spelt = name.replace('_', " ").to_lowercase();
        let known: Vec<String> = codebook.limits.iter().map(|limit| limit.name.clone()).collect();
        let limit = codebook.limits.iter_mut().find(|limit| limit.name.to_lowercase() == spelt);
        let limit =
            limit.ok_or_else(|| Unreadable(format!("`limits`: the codebook has no limit `{name}`; it has: {}", known.join(", "))))?;
        let Some(newest) = limit.versions.iter().max_by_key(|version| version.from).cloned() else { continue };
        let value = limit_value(value, &newest.value).ok_or_else(|| {
            Unreadable(format!("`limits`: `{name}` is {value}; expected an ISO 8601 duration like PT2H or P15D, or a number for a measure"))
        })?;
        limit.versions = vec![LimitVersion { from: None, value, ..newest }];
    }
    Ok(())
}

fn limit_value(value: &serde_json::Value, before: &LimitValue) -> Option<LimitValue> {
    match before {
        LimitValue::Length(_) => length(value.as_str()?).map(LimitValue::Length),
        LimitValue::Quantity(Quantity { unit, .. }) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let number = text.split_whitespace().next()?.parse().ok()?;
            Some(LimitValue::Quantity(Quantity { number, unit: *unit }))
        }
    }
}

/// An ISO 8601 duration as a length of one unit, so that days, months and years stay calendar time.
fn length(text: &str) -> Option<Length> {
    let one_unit = |unit_letter: char, unit: TimeUnit| {
        let amount = text.strip_prefix('P')?.strip_suffix(unit_letter)?.parse().ok()?;
        Some(Length { amount, unit })
    };
    let calendar = one_unit('D', TimeUnit::Day).or_else(|| one_unit('M', TimeUnit::Month)).or_else(|| one_unit('Y', TimeUnit::Year));
    if calendar.is_some() {
        return calendar;
    }
    if let Some(weeks) = one_unit('W', TimeUnit::Day) {
        return Some(Length { amount: weeks.amount.checked_mul(7)?, unit: TimeUnit::Day });
    }
    let micros = durations::read(text).filter(|micros| *micros >= 0 && micros % 1_000_000 == 0)?;
    let seconds = micros / 1_000_000;
    let (amount, unit) = match (seconds % 3600, seconds % 60) {
        (0, _) => (seconds / 3600, TimeUnit::Hour),
        (_, 0) => (seconds / 60, TimeUnit::Minute),
        _ => (seconds, TimeUnit::Second),
    };
    Some(Length { amount: u32::try_from(amount).ok()?, unit })
}

fn add_facts(codebook: &Codebook, log: &mut Log, file: &File) -> Result<(), Unreadable> {
    for (classes, subjects) in &file.facts {
        let name = classes.replace('_', " ");
        let class = codebook.classes.iter().position(|class| format!("{}s", class.name) == name || class.name == name);
        let class = class
            .and_then(|_| codebook.class_named(name.strip_suffix('s').unwrap_or(&name)).or_else(|| codebook.class_named(&name)))
            .ok_or_else(|| Unreadable(format!("`facts`: the codebook has no class for `{classes}`")))?;
        for (id, fields) in subjects {
            for (name, given) in fields {
                let field = fact_field(codebook, class, name).ok_or_else(|| {
                    Unreadable(format!("`facts`: the codebook has no field `{name}` that a {} could have", codebook.class(class).name))
                })?;
                let value = events::value(codebook, field, given, log)
                    .map_err(|Unreadable(why)| Unreadable(format!("`facts`: {classes} {id}, {why}")))?;
                log.add_fact(class, id, field.name, value);
            }
        }
    }
    Ok(())
}

/// The field of this name of a kind that describes the class, else of any kind of which the class is a subject.
fn fact_field<'c>(codebook: &'c Codebook, class: habeas_codebook::tree::ClassId, name: &str) -> Option<&'c Field> {
    let spelt = name.replace('_', " ");
    let name = codebook.field_names.iter().position(|known| *known == name || *known == spelt).map(|place| FieldId(place as u16))?;
    let with_field = || codebook.kinds.iter().filter_map(|kind| Some((kind, kind.fields.iter().find(|field| field.name == name)?)));
    with_field()
        .find(|(kind, _)| kind.describes.contains(&class))
        .or_else(|| with_field().find(|(kind, _)| kind.subjects.contains(&class)))
        .map(|(_, field)| field)
}
