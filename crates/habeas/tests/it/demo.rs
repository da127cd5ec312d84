//! The fictional State of the demo, told without a register.

use habeas::demo::{State, Told, tell};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Codebook, Field, Required};
use habeas_codebook::value;
use std::collections::BTreeSet;

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
