//! What leaves the house: coarser before rounded, linked tables as one, and never what an earlier release gives away.

use crate::station::{Told, codebook, log, moment, told};
use habeas_codebook::tree::Codebook;
use habeas_returns::cells::{Audience, Return, Shown, Treatment};
use habeas_returns::period::Period;
use habeas_returns::release::{Release, Wanted, release, release_all, system, version};
use habeas_returns::withhold::Limits;
use habeas_returns::write::files::Origin;
use habeas_returns::write::proof;

fn arrested(person: &str, sex: &str, place: &str, born: &str) -> [Told; 2] {
    [
        told(&format!("d{person}"), "described", "2029-01-01T00:00", &format!("person={person} sex={sex} born={born}")),
        told(&format!("a{person}"), "arrested", "2029-04-01T00:00", &format!("custody=C{person} person={person} place={place}")),
    ]
}

fn several(sex: &str, place: &str, born: &str, count: u32) -> Vec<Told> {
    (0..count).flat_map(|n| arrested(&format!("{sex}{place}{born}{n}"), sex, place, born)).collect()
}

fn released(codebook: &Codebook, entries: &[Told], id: &str, audience: Audience, before: &[&str]) -> Release {
    let period = Period::parse("2029", &codebook.almanac).expect("a period");
    let table = version(codebook, id, &period).expect("a table");
    let before: Vec<_> = before.iter().map(|at| moment(at)).collect();
    let as_of = moment("2030-06-01T00:00:00Z");
    let wanted = Wanted { period: &period, as_of, audience, released: &before, limits: Limits::default() };
    release(codebook, &log(codebook, entries), table, &wanted)
}

fn shown(made: &Return, by: &[(&str, &str)]) -> Shown {
    let mut key = vec![0u16; made.dimensions.len()];
    for (dimension, code) in by {
        let dimension = made.dimension_named(dimension).expect("a dimension");
        key[dimension] = made.code_named(dimension, code).expect("a code");
    }
    made.cells_at(0, &key).next().expect("a cell").shown
}

/// Two persons of each of six bands of age, and many young men: told by band, nearly every number would be blank.
fn of_all_ages() -> Vec<Told> {
    let years = ["2016", "2014", "2012", "2010", "2007", "2000", "1980"];
    let mut entries: Vec<Told> = years.iter().flat_map(|year| several("female", "A", &format!("{year}-06-01"), 2)).collect();
    entries.extend(several("male", "A", "1950-06-01", 30));
    entries
}

#[test]
fn ages_are_told_as_child_and_adult_before_anything_is_rounded() {
    let codebook = codebook();
    let Release { made, audit } = released(&codebook, &of_all_ages(), "AGES", Audience::Public, &[]);
    assert_eq!(made.dimensions[0].codes[..2], ["0-17".to_owned(), "18+".to_owned()]);
    assert!(matches!(made.treatment, Treatment::Withheld { .. }), "{:?}", made.treatment);
    assert_eq!(made.collapsed.len(), 1);
    assert_eq!(audit.expect("an audit").recovered, 0);
    let total: Vec<_> = made.cells_at(0, &[0]).map(|cell| cell.value.expect("a number").to_string()).collect();
    assert_eq!(total, ["44"], "coarser parts are counted anew, not added up from rounded ones");
}

#[test]
fn what_stays_too_blank_is_rounded_in_its_finest_parts() {
    let codebook = codebook();
    let mut entries = several("female", "A", "1990-06-01", 2);
    entries.extend(several("male", "B", "1990-06-01", 7));
    let Release { made, audit } = released(&codebook, &entries, "WHO", Audience::Public, &[]);
    assert_eq!((made.treatment, audit), (Treatment::Rounded(5), None));
    assert!(made.collapsed.is_empty());
}

#[test]
fn whoever_has_access_gets_the_finest_parts_with_what_they_rest_on() {
    let codebook = codebook();
    let Release { made, audit } = released(&codebook, &of_all_ages(), "AGES", Audience::Restricted, &[]);
    assert_eq!((made.treatment.clone(), audit), (Treatment::Exact, None));
    assert!(made.dimensions[0].codes.contains(&"14-15".to_owned()));
    assert!(!made.events_behind(0, &[0]).is_empty());
}

#[test]
fn a_cell_in_two_linked_tables_has_one_status_whichever_is_asked_for() {
    let codebook = codebook();
    let period = Period::parse("2029", &codebook.almanac).expect("a period");
    let mut entries = several("female", "A", "1990-06-01", 30);
    entries.extend(several("female", "B", "1990-06-01", 3));
    entries.extend(several("male", "A", "1990-06-01", 40));
    entries.extend(several("male", "B", "1990-06-01", 50));
    entries.extend(["female", "male"].into_iter().flat_map(|sex| several(sex, "C", "1990-06-01", 60)));
    for id in ["SEXES", "PLACES"] {
        let table = version(&codebook, id, &period).expect("a table");
        let ids: Vec<&str> = system(&codebook, table, &period).iter().map(|table| table.id.as_str()).collect();
        assert_eq!(ids, ["PLACES", "SEXES"], "linked in both directions");
    }
    let sexes = released(&codebook, &entries, "SEXES", Audience::Public, &[]).made;
    let places = released(&codebook, &entries, "PLACES", Audience::Public, &[]).made;
    assert_eq!(shown(&places, &[("sex", "female"), ("place", "B")]), Shown::SmallCount);
    for sex in ["female", "male"] {
        assert_eq!(shown(&sexes, &[("sex", sex)]), shown(&places, &[("sex", sex)]), "{sex}");
    }
}

#[test]
fn one_more_than_in_an_earlier_release_is_not_told_by_the_difference() {
    let codebook = codebook();
    let mut entries = several("female", "A", "1990-06-01", 30);
    entries.extend(several("female", "B", "1990-06-01", 30));
    entries.extend(several("male", "A", "1990-06-01", 40));
    entries.extend(several("male", "B", "1990-06-01", 50));
    entries.extend(arrested("L1", "female", "A", "1990-06-01").map(|told| told.recorded("2030-02-01T00:00")));
    let alone = released(&codebook, &entries, "PLACES", Audience::Public, &[]).made;
    assert_eq!(shown(&alone, &[("sex", "female"), ("place", "A")]), Shown::Free);
    let made = released(&codebook, &entries, "PLACES", Audience::Public, &["2030-01-15T00:00:00Z"]).made;
    let value = made.cells_at(0, &[0, 0]).next().and_then(|cell| cell.value).expect("a number").to_string();
    assert_eq!((made.treatment, value.as_str()), (Treatment::Rounded(5), "150"), "even the total would have told");
    assert!(made.revisions.is_some_and(|revisions| revisions.late > 0));
}

#[test]
fn tables_counted_together_on_two_threads_are_those_counted_alone() {
    let codebook = codebook();
    let log = log(&codebook, &of_all_ages());
    let period = Period::parse("2029", &codebook.almanac).expect("a period");
    let tables: Vec<_> = codebook.tables.iter().collect();
    for audience in [Audience::Public, Audience::Restricted] {
        let as_of = moment("2030-06-01T00:00:00Z");
        let wanted = Wanted { period: &period, as_of, audience, released: &[], limits: Limits::default() };
        let alone: Vec<Release> = tables.iter().map(|table| release(&codebook, &log, table, &wanted)).collect();
        for _ in 0..5 {
            assert!(release_all(&codebook, &log, &tables, &wanted) == alone, "which thread counts which table changes nothing");
        }
    }
}

#[test]
fn a_proof_names_its_as_of_to_the_last_digit_so_that_a_stranger_counts_what_was_recorded_in_that_second() {
    let codebook = codebook();
    let period = Period::parse("2029", &codebook.almanac).expect("a period");
    let table = version(&codebook, "AGES", &period).expect("a table");
    let origin = Origin { checkpoint: None, codebook_hash: String::new(), log_hash: String::new(), program: "habeas".to_owned() };
    for (at, said) in [("2029-06-01T00:00:00.298Z", ":00.298"), ("2029-06-01T00:00:07Z", ":07+")] {
        let (as_of, audience) = (moment(at), Audience::Public);
        let wanted = Wanted { period: &period, as_of, audience, released: &[], limits: Limits::default() };
        let made = release(&codebook, &log(&codebook, &of_all_ages()), table, &wanted).made;
        let told = proof::write(&made, &origin, None, &[], &|_| String::new());
        let stamp = told["as_of"].as_str().expect("a moment").to_owned();
        assert!(stamp.contains(said), "{stamp}");
        assert_eq!(moment(&stamp), as_of);
    }
}
