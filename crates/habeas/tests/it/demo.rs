//! The fictional State of the demo, told without a register.

use habeas::demo::{State, Told, tell};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Codebook, Field, Required};
use habeas_codebook::value;
use habeas_monitor::{Asked, Monitor};
use habeas_register::{Actor, Everybody, Options, Query, Register};
use std::collections::BTreeSet;
use std::sync::Arc;

fn arvenia() -> (State, Codebook, Moment) {
    let state = State::read().expect("the State inside the binary");
    let codebook = habeas::packs::read(&state.codebook).expect("its pack").codebook.expect("a pack without errors");
    (state, codebook, value::moment("2026-03-04T02:20:00+04:00").expect("a time"))
}

fn told() -> (Vec<Told>, Moment) {
    let (state, codebook, now) = arvenia();
    (tell(&state, &codebook, now).expect("a history"), now)
}

#[test]
fn about_sixty_people_are_in_custody_and_the_clocks_go_on_after_the_moment_of_telling() {
    let (told, now) = told();
    let custodies = |kind: &str, until: Moment| -> BTreeSet<&String> {
        told.iter().filter(|told| told.kind == kind && told.recorded_at <= until).map(|told| &told.subject["custody"]).collect()
    };
    assert_eq!(custodies("person_apprehended", now).len(), 60);
    assert!(custodies("person_released", now).len() >= 4, "some have gone home");
    let to_come = told.iter().filter(|told| told.recorded_at > now && told.recorded_at.0 < now.0 + 3_600_000_000).count();
    assert!(to_come > 30, "the next hour holds {to_come} entries");
}

#[test]
fn entries_come_in_the_order_in_which_they_were_made_and_no_id_twice() {
    let (told, _) = told();
    assert!(told.windows(2).all(|pair| pair[0].recorded_at <= pair[1].recorded_at));
    let ids: BTreeSet<&String> = told.iter().map(|told| &told.id).collect();
    assert_eq!(ids.len(), told.len());
}

/// The register refuses a draft that lacks a required field, so the demo's data may not.
#[test]
fn every_entry_has_the_fields_that_its_kind_requires_spelt_as_it_spells_them() {
    let (_, codebook, _) = arvenia();
    let mut wrong = BTreeSet::new();
    for told in told().0 {
        let kind = codebook.kinds.iter().find(|kind| kind.name.replace([' ', '-'], "_") == told.kind).expect("known kinds only");
        let name = |field: &Field| codebook.field_names[field.name.index()].clone();
        for field in kind.fields.iter().filter(|field| matches!(field.required, Required::Always)) {
            if !told.fields.contains_key(&name(field)) {
                wrong.insert(format!("{} without `{}`", told.kind, name(field)));
            }
        }
        for (given, _) in &told.fields {
            if !kind.fields.iter().any(|field| name(field) == *given) {
                wrong.insert(format!("{} has no `{given}`", told.kind));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every verdict that the register keeps, as text.
fn kept(register: &Register, now: Moment) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    let mut query = Query::default();
    loop {
        let page = register.verdicts(&query, now).expect("verdicts");
        let Some(last) = page.last() else { return rows };
        query.after = Some(last.cursor.clone());
        rows.extend(page.iter().map(|row| {
            let rule = row.rule.as_deref().expect("every key is here");
            let trigger = row.trigger.as_deref().unwrap_or("-");
            let (due, since) = (row.due_at.map(|at| at.0), row.since.map(|at| at.0));
            format!("{} {rule} {} {trigger} {} due {due:?} since {since:?} {:?}", row.subject.1, row.record, row.verdict, row.events)
        }));
    }
}

/// Every verdict of `habeas check` over the same log.
fn checked(register: &Register, codebook: &Codebook, now: Moment) -> BTreeSet<String> {
    let log = register.log_so_far().expect("the log");
    let (monitor, asked) = (Monitor::new(codebook), Asked { now, known_at: now });
    let grown = monitor.with_breaches(&log, asked);
    let hearing = monitor.hear(grown.as_ref().unwrap_or(&log), asked);
    let log = hearing.log();
    let rows = hearing.rows();
    let told = rows.iter().map(|row| {
        let rule = &codebook.rules[row.rule.index()].id;
        let trigger = row.trigger.map_or("-", |event| log.id(event));
        let (due, since) = (row.due_at.map(|at| at.0), row.since.map(|at| at.0));
        let events: Vec<&str> = row.events.iter().map(|event| log.id(*event)).collect();
        let verdict = row.verdict.as_str();
        format!("{} {rule} {} {trigger} {verdict} due {due:?} since {since:?} {events:?}", log.name_of(row.subject), row.record)
    });
    told.collect()
}

/// The whole law over the small State, live: what is kept beside the log is what a check of the log finds, whether entries came many at
/// once or one by one, and after time has passed.
#[test]
fn verdicts_kept_while_the_state_lives_are_those_of_a_check_of_its_log() {
    let (mut state, codebook, now) = arvenia();
    state.keep(2);
    let told = tell(&state, &codebook, now).expect("a history");
    let codebook = Arc::new(codebook);
    let place = tempfile::tempdir().expect("a folder");
    let data = habeas::registers::Data::in_folder(&place.path().join("station"));
    let folder = habeas::registers::create(&data, &state.codebook, &codebook, &state.origin, None, &[]).expect("made");
    let keys = folder.keys(None).expect("its keys");
    let options = Options::in_folder(folder.path(), Arc::clone(&codebook), keys, Arc::new(Everybody));
    let register = Register::open(options).expect("a register");
    let (many, few) = told.split_at(told.len() * 2 / 3);
    let entry = |told: &Told| (habeas::verbs::demo::drafted(told), Actor::named(&told.by), told.recorded_at);
    let answers = register.append_each(many.iter().map(entry).collect()).expect("answers");
    for (told, answer) in many.iter().zip(answers) {
        assert!(answer.is_ok(), "{} `{}`: {answer:?}", told.id, told.kind);
    }
    for (number, told) in few.iter().enumerate() {
        let (draft, actor, at) = entry(told);
        register.append(draft, &actor, at).expect("an entry of the story");
        if number % 60 == 0 {
            assert_eq!(kept(&register, at), checked(&register, &codebook, at), "after `{}` {}", told.kind, told.id);
        }
    }
    let later = Moment(told.last().expect("a story").recorded_at.0 + 31 * 3_600_000_000);
    assert_eq!(kept(&register, later), checked(&register, &codebook, later), "a day and a night later");
}
