//! Small numbers about persons in tables that leave: withheld, rounded, and not to be had from an earlier release either.

use crate::station::{Told, codebook, counted, log, told};
use habeas_codebook::tree::Codebook;
use habeas_returns::cells::{Return, Shown, Treatment};
use habeas_returns::withhold::{Limits, is_mostly_blank, protect, rounded};
use habeas_returns::write::{csv, json, sdmx, text};

/// So many women and men arrested at places A and B.
fn arrested(counts: [(&str, &str, u32); 4]) -> Vec<Told> {
    let mut entries = Vec::new();
    for (sex, place, count) in counts {
        for n in 0..count {
            let person = format!("{sex}{place}{n}");
            entries.push(told(&format!("d{person}"), "described", "2029-01-01T00:00", &format!("person={person} sex={sex}")));
            let subjects = format!("custody=C{person} person={person} place={place}");
            entries.push(told(&format!("a{person}"), "arrested", "2029-04-01T00:00", &subjects));
        }
    }
    entries
}

fn who(codebook: &Codebook, entries: &[Told]) -> Return {
    counted(codebook, &log(codebook, entries), "WHO", "2029", "2030-06-01")
}

fn public(codebook: &Codebook, made: &Return, earlier: &[Return]) -> Return {
    let table = codebook.tables.iter().find(|t| t.id == made.id).expect("a table");
    let (mut tables, audit) = protect(&[(made, table)], earlier, Limits::default());
    assert_eq!(audit.recovered, 0);
    tables.pop().expect("a table")
}

fn shown(made: &Return, by: &str) -> Shown {
    let mut key = vec![0u16; made.dimensions.len()];
    for part in by.split_whitespace() {
        let (dimension, code) = part.split_once('=').expect("dimension=code");
        let dimension = made.dimension_named(dimension).expect("a dimension");
        key[dimension] = made.code_named(dimension, code).expect("a code");
    }
    made.cells_at(0, &key).next().expect("a cell").shown
}

#[test]
fn a_small_number_is_withheld_with_what_would_give_it_away() {
    let codebook = codebook();
    let made = who(&codebook, &arrested([("female", "A", 30), ("male", "A", 40), ("female", "B", 3), ("male", "B", 50)]));
    let out = public(&codebook, &made, &[]);
    assert_eq!(shown(&out, "sex=female place=B"), Shown::SmallCount);
    assert_eq!(shown(&out, "sex=female place=A"), Shown::Secondary);
    assert_eq!(shown(&out, "sex=male place=B"), Shown::Secondary);
    assert_eq!(shown(&out, ""), Shown::Free);
    for written in [csv::write(&out), text::write(&out), sdmx::csv(&out), json::write(&out, None), sdmx::message(&out).to_string()] {
        assert!(!written.contains("femaleA"), "a table for everybody names nobody");
    }
    let line = csv::write(&out).lines().find(|l| l.starts_with("persons,female,B,")).map(str::to_owned);
    assert!(line.is_some_and(|line| line.starts_with("persons,female,B,c,person,") && line.contains(",A,2029,")));
}

#[test]
fn a_ratio_goes_with_its_counts_and_needs_a_base_of_fifty() {
    let codebook = codebook();
    let made = who(&codebook, &arrested([("female", "A", 30), ("male", "A", 40), ("female", "B", 30), ("male", "B", 60)]));
    let out = public(&codebook, &made, &[]);
    let share = out.columns.iter().position(|c| c.name == "share").expect("a column");
    let whole: Vec<Shown> = out.cells_at(share, &[0, 0]).map(|c| c.shown).collect();
    assert_eq!(whole, [Shown::Free]);
    let women_at_a = [out.code_named(0, "female").expect("a code"), out.code_named(1, "A").expect("a code")];
    assert!(out.cells_at(share, &women_at_a).all(|c| c.shown.is_withheld()));
}

#[test]
fn two_more_than_in_the_release_before_are_not_told_by_the_difference() {
    let codebook = codebook();
    let before = who(&codebook, &arrested([("female", "A", 30), ("male", "A", 40), ("female", "B", 30), ("male", "B", 50)]));
    let now = who(&codebook, &arrested([("female", "A", 32), ("male", "A", 40), ("female", "B", 30), ("male", "B", 50)]));
    let released = public(&codebook, &before, &[]);
    assert_eq!(shown(&public(&codebook, &now, &[]), "sex=female place=A"), Shown::Free);
    assert!(shown(&public(&codebook, &now, &[released]), "sex=female place=A").is_withheld());
}

#[test]
fn where_most_would_be_blank_every_number_is_rounded_on_its_own() {
    let codebook = codebook();
    let made = who(&codebook, &arrested([("female", "A", 1), ("male", "A", 2), ("female", "B", 3), ("male", "B", 7)]));
    assert!(is_mostly_blank(&public(&codebook, &made, &[])));
    let out = rounded(&made, Limits::default());
    assert_eq!(out.treatment, Treatment::Rounded(5));
    let counts = out.cells.iter().filter(|c| c.column == 0).filter_map(|c| c.value);
    let remainders: Vec<_> = counts.map(|value| value % rust_decimal::Decimal::from(5)).filter(|rest| !rest.is_zero()).collect();
    assert!(remainders.is_empty());
}

#[test]
fn two_awards_tell_who_got_how_much() {
    let codebook = codebook();
    let mut entries = arrested([("female", "A", 30), ("male", "A", 40), ("female", "B", 30), ("male", "B", 60)]);
    for n in 0..2 {
        let subjects = format!("custody=CfemaleA{n} person=femaleA{n} sum=100+AZN");
        entries.push(told(&format!("w{n}"), "awarded", "2029-05-01T00:00", &subjects));
    }
    let out = public(&codebook, &who(&codebook, &entries), &[]);
    let sum = out.columns.iter().position(|c| c.name == "sum").expect("a column");
    assert!(out.cells.iter().filter(|c| c.column == sum && c.currency.is_some()).all(|c| c.shown.is_withheld()));
}
