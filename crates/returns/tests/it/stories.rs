//! Stories whose numbers are worked out by hand.

use crate::station::{codebook, counted, log, number, told};
use habeas_returns::write::csv;

fn two_persons() -> Vec<crate::station::Told> {
    vec![
        told("e0", "described", "2029-01-01T00:00", "person=P1 born=2013-06-01 sex=female"),
        told("e1", "arrested", "2029-04-01T00:00", "custody=C1 person=P1 place=A ground=caught"),
        told("e2", "released", "2029-04-11T00:00", "custody=C1 person=P1 place=A"),
        told("e3", "arrested", "2029-04-16T00:00", "custody=C2 person=P2 place=B ground=suspicion"),
        told("e4", "arrested", "2029-04-20T00:00", "custody=C3 person=P1 place=B"),
        told("e5", "released", "2029-05-10T00:00", "custody=C3 person=P1 place=B"),
    ]
}

#[test]
fn a_person_arrested_twice_is_one_person_and_two_custodies() {
    let codebook = codebook();
    let made = counted(&codebook, &log(&codebook, &two_persons()), "HELD", "2029-04", "2029-06-01");
    assert_eq!(["arrests", "custodies", "persons"].map(|c| number(&made, c, "")), ["3", "3", "2"]);
    assert_eq!(["arrests", "persons"].map(|c| number(&made, c, "sex=female")), ["2", "1"]);
    assert_eq!(["arrests", "persons"].map(|c| number(&made, c, "sex=not_recorded")), ["1", "1"]);
    assert_eq!(number(&made, "arrests", "ground=not_recorded"), "1");
    assert_eq!(["yes", "no", "not_recorded"].map(|c| number(&made, "custodies", &format!("child={c}"))), ["2", "0", "1"]);
}

#[test]
fn a_stay_counts_for_the_days_that_lie_in_the_period() {
    let codebook = codebook();
    let made = counted(&codebook, &log(&codebook, &two_persons()), "HELD", "2029-04", "2029-06-01");
    // Ten days of C1, fifteen of C2, eleven of C3, in a month of thirty.
    assert_eq!(["days", "average", "at the start", "at the end"].map(|c| number(&made, c, "")), ["36", "1.2", "1", "2"]);
    assert_eq!(number(&made, "days", "place=B"), "26");
}

#[test]
fn what_had_not_ended_with_the_period_is_cut_there_and_counted_apart() {
    let codebook = codebook();
    let made = counted(&codebook, &log(&codebook, &two_persons()), "HELD", "2029-04", "2029-06-01");
    assert_eq!(number(&made, "median", ""), "14400 and 2 open");
    assert_eq!(number(&made, "over a day", ""), "1 and 2 open");
}

#[test]
fn who_came_again_is_told_by_how_often_and_stands_under_each_of_their_codes() {
    let codebook = codebook();
    let log = log(&codebook, &two_persons());
    let made = counted(&codebook, &log, "HELD", "2029-04", "2029-06-01");
    assert_eq!(["again", "once", "again let go", "seldom"].map(|c| number(&made, c, "")), ["1", "1", "1", "1"]);
    assert_eq!(["A", "B"].map(|place| number(&made, "again", &format!("place={place}"))), ["1", "1"]);
    let later = counted(&codebook, &log, "HELD", "2029-04-10/2029-04-30", "2029-06-01");
    assert_eq!(["again", "once"].map(|c| number(&later, c, "")), ["0", "2"], "as often as in the period");
}

#[test]
fn what_lies_beyond_a_limit_is_added_up() {
    let codebook = codebook();
    let made = counted(&codebook, &log(&codebook, &two_persons()), "HELD", "2029/2030", "2031-06-01");
    // Ten days of C1 are not over ten; twenty of C3 are by ten; C2 has not ended.
    let beyond = number(&made, "beyond ten", "");
    assert!(beyond.starts_with("14400 and 1 open"), "{beyond}");
}

#[test]
fn each_day_has_its_own_number_and_a_stay_is_cut_where_days_begin() {
    let codebook = codebook();
    let log = log(&codebook, &two_persons());
    let made = counted(&codebook, &log, "DAYS", "2029-04", "2029-06-01");
    assert_eq!(["01", "02", "16", "30"].map(|day| number(&made, "arrests", &format!("day=2029-04-{day}"))), ["1", "0", "1", "0"]);
    assert_eq!(["01", "15", "16", "30"].map(|day| number(&made, "days", &format!("day=2029-04-{day}"))), ["1", "0", "1", "2"]);
    let long = counted(&codebook, &log, "DAYS", "2025/2030", "2031-06-01");
    let days = long.dimensions[long.dimension_named("day").expect("a dimension")].codes.len();
    assert!(days < 1000, "of a long period, days on which something happened");
}

#[test]
fn a_cohort_is_followed_to_the_end_or_to_what_is_known() {
    let codebook = codebook();
    let log = log(&codebook, &two_persons());
    let made = counted(&codebook, &log, "HELD", "2029-04", "2029-06-01");
    assert_eq!(["released", "released in time", "share"].map(|c| number(&made, c, "")), ["2", "1", "66.667"]);
    let earlier = counted(&codebook, &log, "HELD", "2029-04", "2029-05-01");
    assert_eq!(number(&earlier, "released", ""), "1");
    assert_eq!(number(&earlier, "at the end", ""), "2", "30 April is known on 1 May");
}

#[test]
fn a_use_with_two_reasons_stands_under_both_and_once_in_the_total() {
    let codebook = codebook();
    let entries = [
        told("b1", "built", "2028-01-01T00:00", "place=A type=police"),
        told("m1", "restrained", "2029-03-01T09:00", "measure=M1 custody=C1 person=P1 place=A means=belt reasons=escape|self_harm"),
        told("m2", "freed", "2029-03-01T09:30", "measure=M1 custody=C1 person=P1 place=A"),
        told("m3", "restrained", "2029-03-02T22:00", "measure=M2 custody=C1 person=P1 place=A means=cuffs reasons=escape"),
        told("m4", "freed", "2029-03-03T00:00", "measure=M2 custody=C1 person=P1 place=A"),
        told("w1", "awarded", "2029-03-05T00:00", "custody=C1 person=P1 sum=100+AZN"),
        told("w2", "awarded", "2029-03-06T00:00", "custody=C1 person=P1 sum=250.50+AZN"),
        told("w3", "awarded", "2029-03-06T00:00", "custody=C1 person=P1 sum=7+EUR"),
    ];
    let made = counted(&codebook, &log(&codebook, &entries), "TIED", "2029", "2030-06-01");
    assert_eq!(["uses", "belts", "cuffs"].map(|c| number(&made, c, "")), ["2", "1", "1"]);
    assert_eq!(["escape", "self_harm"].map(|c| number(&made, "uses", &format!("reasons={c}"))), ["2", "1"]);
    assert_eq!(["total", "longest", "mean", "least"].map(|c| number(&made, c, "")), ["150", "120", "75", "30"]);
    assert_eq!(["09", "22", "10"].map(|c| number(&made, "uses", &format!("hour={c}"))), ["1", "1", "0"]);
    assert_eq!(number(&made, "uses", "kind_of_place=police month=2029-03"), "2");
    assert_eq!(number(&made, "sum", ""), "350.5, 7", "money is added by currency");
    assert_eq!(made.not_additive, Vec::<String>::new());
}

#[test]
fn a_late_entry_and_a_withdrawal_change_what_was_known_later_only() {
    let codebook = codebook();
    let entries = [
        told("e1", "arrested", "2029-04-01T00:00", "custody=C1 person=P1 place=A"),
        told("e2", "arrested", "2029-04-02T00:00", "custody=C2 person=P2 place=A").recorded("2029-06-01T00:00"),
        told("e3", "struck", "2029-07-01T00:00", "custody=C1 corrects=e1"),
    ];
    let log = log(&codebook, &entries);
    let known = |as_of| number(&counted(&codebook, &log, "HELD", "2029-04", as_of), "arrests", "");
    assert_eq!(["2029-05-01", "2029-06-15", "2029-07-15"].map(known), ["1", "2", "1"]);
}

#[test]
fn the_order_of_entries_and_a_delivery_that_comes_twice_change_nothing() {
    let codebook = codebook();
    let entries = two_persons();
    let bytes = |entries: &[_]| csv::write(&counted(&codebook, &log(&codebook, entries), "HELD", "2029-04", "2029-06-01"));
    let once = bytes(&entries);
    for turn in 0..entries.len() {
        let mut other = entries.clone();
        other.rotate_left(turn);
        other.swap(0, turn);
        other.extend(entries.iter().take(turn).cloned());
        assert_eq!(bytes(&other), once);
    }
}

#[test]
fn a_cell_opens_to_the_entries_behind_it() {
    let codebook = codebook();
    let log = log(&codebook, &two_persons());
    let made = counted(&codebook, &log, "HELD", "2029-04", "2029-06-01");
    let place = made.dimension_named("place").expect("a dimension");
    let mut key = vec![0u16; made.dimensions.len()];
    key[place] = made.code_named(place, "B").expect("a place");
    let ids = |key: &[u16]| made.events_behind(0, key).into_iter().map(|e| log.id(e).to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&key), ["e3", "e4"]);
    key[place] = 0;
    assert_eq!(ids(&key), ["e1", "e3", "e4"]);
}
