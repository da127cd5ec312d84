//! The whole law of the largest pack over histories by chance: verdicts kept beside the log, judged again by some of the rules, are those
//! of a fresh look at the whole log by all of them, at every prefix and while time passes. Times are exact, ranges, dates or unknown,
//! births too; entries come late, are corrected and withdrawn; fields are left out.
//!
//! A history is about a few rules: entries are mostly of the kinds that those read, of two custodies and whoever belongs to them.

#[path = "../../benches/ledger/story.rs"]
#[expect(dead_code, reason = "the bench uses the rest")]
mod story;

use crate::faults::wanted;
use crate::judging::{checked, rows, rows_of};
use crate::station::{NINE, officer};
use habeas_codebook::log::Log;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{Builtin, Choices, Codebook, Field, FieldType, KindId};
use habeas_monitor::Monitor;
use habeas_register::{Draft, Query, Register, draft};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::sync::{Arc, OnceLock};

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

fn law() -> Arc<Codebook> {
    static LAW: OnceLock<Arc<Codebook>> = OnceLock::new();
    Arc::clone(LAW.get_or_init(|| Arc::new(story::codebook().expect("a pack beside the crates"))))
}

/// Numbers by chance, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// A history as it is drawn: the rules that it is about, and a seed for each entry.
#[derive(Clone, Debug)]
struct Drawn {
    rules: Vec<usize>,
    seeds: Vec<u64>,
}

fn drawn(most: usize) -> impl Strategy<Value = Drawn> {
    let rules = proptest::collection::vec(any::<usize>(), 1..5);
    let seeds = proptest::collection::vec(any::<u64>(), 1..most);
    (rules, seeds).prop_map(|(rules, seeds)| Drawn { rules, seeds })
}

/// Kinds that the rules of a history read, as far as a draft can have them.
fn kinds(law: &Codebook, drawn: &Drawn) -> Vec<KindId> {
    let ids: Vec<&str> = drawn.rules.iter().map(|rule| law.rules[rule % law.rules.len()].id.as_str()).collect();
    let monitor = Monitor::only(law, &ids);
    let read = |kind: KindId| {
        law.classes.iter().zip(0..).any(|(_, class)| {
            let class = habeas_codebook::tree::ClassId(class);
            monitor.judges(class) && monitor.alphabet(class).contains(kind)
        })
    };
    let all = (0..u16::try_from(law.kinds.len()).expect("few kinds")).map(KindId);
    all.filter(|kind| kind.index() > Builtin::BreachFound as usize && read(*kind)).collect()
}

/// The drafts of a history, each with the moment at which it is entered.
fn told(law: &Codebook, drawn: &Drawn) -> Vec<(Draft, Moment)> {
    let kinds = kinds(law, drawn);
    let mut all: Vec<(Draft, Moment)> = Vec::new();
    for (number, seed) in drawn.seeds.iter().enumerate() {
        let mut dice = Dice(*seed);
        let kind = match dice.below(8) {
            0 => KindId(dice.below(law.kinds.len()) as u16),
            _ => kinds.get(dice.below(kinds.len())).copied().unwrap_or(KindId(0)),
        };
        let earlier: Vec<Draft> = all.iter().map(|(draft, _)| draft.clone()).collect();
        let is_change = kind.index() <= Builtin::BreachFound as usize || dice.one_in(9);
        let entered = match earlier.get(dice.below(earlier.len())).filter(|_| is_change) {
            Some(wrong) => change(&mut dice, wrong, number),
            None if kind.index() > Builtin::BreachFound as usize => entry(law, &mut dice, kind, number),
            None => continue,
        };
        all.push(entered);
    }
    all.sort_by_key(|(_, entered)| *entered);
    // Nobody corrects what was not entered yet.
    let mut before: Vec<String> = Vec::new();
    all.retain(|(draft, _)| {
        let is_after = draft.fields.get("corrects").and_then(Json::as_str).is_none_or(|wrong| before.iter().any(|id| id == wrong));
        before.push(draft.id.clone());
        is_after
    });
    all
}

fn time(dice: &mut Dice) -> At {
    let at = Moment(NINE.0 + dice.below(700) as i64 * 10 * MINUTE);
    match dice.below(14) {
        0 => At { earliest: at, latest: Moment(at.0 + dice.below(30) as i64 * HOUR + MINUTE), precision: Precision::Range },
        1 => draft::unknown(),
        _ => draft::exactly(at),
    }
}

fn entry(law: &Codebook, dice: &mut Dice, kind: KindId, number: usize) -> (Draft, Moment) {
    let declared = law.kind(kind);
    let at = time(dice);
    let who = dice.below(2);
    let mut told = Draft::new(&format!("e{number:03}"), &declared.name, at, &[]);
    for class in &declared.subjects {
        let class = &law.class(*class).name;
        let first = declared.subjects.first().is_some_and(|first| law.class(*first).name == *class);
        if !first && dice.one_in(6) {
            continue;
        }
        // A person has one custody; a place, an officer, a cell are anybody's.
        let of = if matches!(class.as_str(), "custody" | "person") { who } else { dice.below(2) };
        told.subjects.push((class.clone(), format!("{}{of}", &class[..1].to_uppercase())));
    }
    for field in &declared.fields {
        if let Some(value) = value(law, dice, field).filter(|_| !dice.one_in(5)) {
            told.fields.insert(law.field_names[field.name.index()].clone(), value);
        }
    }
    let happened = if at.precision == Precision::Unknown { Moment(NINE.0 + dice.below(700) as i64 * 10 * MINUTE) } else { at.latest };
    let delay = if dice.one_in(6) { dice.below(80) as i64 * HOUR } else { 0 };
    (told, Moment(happened.0 + delay))
}

/// A correction of the time or of a field, or a withdrawal.
fn change(dice: &mut Dice, wrong: &Draft, number: usize) -> (Draft, Moment) {
    let entered = Moment(NINE.0 + dice.below(900) as i64 * 10 * MINUTE);
    let is_withdrawal = dice.one_in(3);
    let mut told =
        Draft::new(&format!("c{number:03}"), if is_withdrawal { "withdrawal" } else { "correction" }, draft::exactly(entered), &[]);
    told.subjects = wrong.subjects.clone();
    told = told.with("corrects", wrong.id.as_str());
    if !is_withdrawal {
        let new = Moment(NINE.0 + dice.below(700) as i64 * 10 * MINUTE).timestamp().to_string();
        match wrong.fields.iter().nth(dice.below(wrong.fields.len() * 2)) {
            Some((name, value)) => told = told.with(name, value.clone()),
            None if dice.one_in(4) => told = told.with("at", Json::Null),
            None => told = told.with("at", new),
        }
    }
    (told, entered)
}

fn value(law: &Codebook, dice: &mut Dice, field: &Field) -> Option<Json> {
    let stamp = |dice: &mut Dice| json!(Moment(NINE.0 + dice.below(900) as i64 * 10 * MINUTE).timestamp().to_string());
    let mut one = |choices: &Choices| {
        let values = law.values(choices);
        json!(values.get(dice.below(values.len())).map_or("", |value| law.value_names[value.index()].as_str()))
    };
    Some(match &field.of {
        FieldType::Choice(choices) | FieldType::Choices(choices) => one(choices),
        FieldType::YesNo => json!(["yes", "no"][dice.below(2)]),
        FieldType::Number(_) => json!((dice.below(12) + 1).to_string()),
        FieldType::Date => json!(["1990-05-17", "2010-02-12", "2010", "2008-02", "2026-02-14"][dice.below(5)]),
        FieldType::Time => stamp(dice),
        FieldType::Duration => json!(["PT30M", "P2D", "P3M"][dice.below(3)]),
        FieldType::Role => json!(law.roles[dice.below(law.roles.len())].name),
        FieldType::Officer | FieldType::Person => json!(format!("P{}", dice.below(3))),
        FieldType::Subject(_) | FieldType::Place => json!(format!("P{}", dice.below(2))),
        FieldType::Ref(_) => json!(format!("e{:03}", dice.below(12))),
        FieldType::Text => json!("as it was told"),
        FieldType::Span => json!({"start": "2026-02-10T09:00:00+04:00", "end": "2026-02-10T11:00:00+04:00"}),
        FieldType::Money | FieldType::FileHash | FieldType::Language | FieldType::Country | FieldType::Signature | FieldType::BodyMark => {
            return None;
        }
    })
}

fn story_of(history: &[(Draft, Moment)]) -> String {
    let minutes = |moment: Moment| moment.0.saturating_sub(NINE.0) / MINUTE;
    let line = |(draft, entered): &(Draft, Moment)| {
        let when = (minutes(draft.at.earliest), minutes(draft.at.latest), minutes(*entered));
        format!("{} {} {:?} {when:?} {:?}\n", draft.id, draft.kind, draft.subjects, draft.fields)
    };
    history.iter().map(line).collect()
}

/// Whoever is asked about alone is judged as they are among all, whatever else time has moved.
fn asked_one_by_one(
    register: &Register,
    law: &Codebook,
    log: &Log,
    now: Moment,
    fresh: &[String],
    told: &str,
) -> Result<(), TestCaseError> {
    let mut names: Vec<(String, String)> = log
        .events()
        .flat_map(|event| log.subjects(event).to_vec())
        .map(|subject| (law.class(log.class_of(subject)).name.clone(), log.name_of(subject).to_owned()))
        .collect();
    names.sort();
    names.dedup();
    for (class, name) in names {
        let of = format!("{class} {name} ");
        let alone = rows(register, Query { subject: Some((class, name)), ..Query::default() }, now);
        let among: Vec<String> = fresh.iter().filter(|row| row.starts_with(&of)).cloned().collect();
        prop_assert!(alone == among, "alone: {alone:#?}\namong all: {among:#?}\nas of {} of\n{told}", (now.0 - NINE.0) / MINUTE);
    }
    Ok(())
}

fn compare(register: &Register, law: &Codebook, now: Moment, told: &str) -> Result<(), TestCaseError> {
    let log = register.log_so_far().map_err(|error| TestCaseError::fail(error.to_string()))?;
    let fresh = checked(law, &log, now);
    asked_one_by_one(register, law, &log, now, &fresh, told)?;
    let kept = rows_of(register, now);
    let only = |some: &[String], others: &[String]| some.iter().filter(|row| !others.contains(row)).cloned().collect::<Vec<_>>();
    let (kept_only, fresh_only) = (only(&kept, &fresh), only(&fresh, &kept));
    prop_assert!(kept == fresh, "kept: {kept_only:#?}\nafresh: {fresh_only:#?}\nas of {} of\n{told}", (now.0 - NINE.0) / MINUTE);
    Ok(())
}

fn live_equals_afresh(drawn: &Drawn) -> Result<(), TestCaseError> {
    let law = law();
    let history = told(&law, drawn);
    let folder = tempfile::tempdir().expect("a folder");
    let register = story::open(folder.path(), &law).expect("a register");
    let mut now = NINE;
    for (number, (draft, entered)) in history.iter().enumerate() {
        now = *entered;
        let brought = Draft { source: Some("a test".to_owned()), recorded_at: Some(now), ..draft.clone() };
        if register.append(brought, &officer(), now).is_ok() {
            compare(&register, &law, now, &story_of(&history[..=number]))?;
        }
    }
    for hours in [1, 7, 40, 300, 9_000] {
        now = Moment(now.0 + hours * HOUR);
        compare(&register, &law, now, &story_of(&history))?;
    }
    Ok(())
}

#[test]
fn live_verdicts_of_the_whole_pack_are_those_of_a_fresh_look() {
    let cases = u32::try_from(wanted(4)).unwrap_or(u32::MAX);
    let config = ProptestConfig { cases, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(drawn in drawn(14))| live_equals_afresh(&drawn)?);
}

#[test]
fn where_nobody_noted_when_a_person_came_a_breach_is_the_first_that_is_known_of_them() {
    let law = law();
    let folder = tempfile::tempdir().expect("a folder");
    let register = story::open(folder.path(), &law).expect("a register");
    let told = [("custody", "C1"), ("person", "P1"), ("place", "P0")].map(|(class, name)| (class.to_owned(), name.to_owned()));
    let arrived = Draft { subjects: told.to_vec(), ..Draft::new("e1", "person arrived", draft::unknown(), &[]) };
    register.append(Draft { source: Some("a test".to_owned()), ..arrived }, &officer(), NINE).expect("an entry");
    for hours in [0, 1, 8, 40, 300] {
        compare(&register, &law, Moment(NINE.0 + hours * HOUR), "").expect("kept verdicts are those of a fresh look");
    }
}
