//! The plan of action: from a document to events, through tables and back, and decisions that survive a corrected record.

use habeas_review::model::Status;
use habeas_review::tracker::issuing::{Entering, events};
use habeas_review::tracker::overriding::{Decision, apply, decide};
use habeas_review::tracker::{Event, Plan, calendar, page, tables};

const OBSERVATIONS: &str = include_str!("../records/observations.txt");

fn entering(after: usize) -> Entering<'static> {
    Entering { by: "A. Orde", at: "2030-11-01T09:00:00Z", after }
}

fn started() -> Vec<Event> {
    let review = habeas_review::import(OBSERVATIONS.as_bytes()).expect("concluding observations");
    events(&review, &Plan::default(), &entering(0))
}

#[test]
fn a_recommendation_chosen_for_follow_up_is_due_a_year_after_adoption() {
    let plan = Plan::of(&started()).expect("a plan");
    let due: Vec<(&str, &str)> = plan.dues().into_iter().map(|due| (due.reference, due.due)).collect();
    assert_eq!(due, [("CED/C/QLL/CO/1#2(b)", "2031-10-03"), ("CED/C/QLL/CO/1#3", "2031-10-03")]);
    assert_eq!(plan.overdue("2031-10-03").len(), 0, "the day itself is in time");
    assert_eq!(plan.overdue("2031-10-04").len(), 2);
    assert_eq!(plan.unfed().len(), 3);
}

#[test]
fn the_same_document_taken_in_twice_says_nothing_new_of_its_recommendations() {
    let review = habeas_review::import(OBSERVATIONS.as_bytes()).expect("concluding observations");
    let plan = Plan::of(&started()).expect("a plan");
    let again = events(&review, &plan, &entering(4));
    assert!(again.iter().all(|event| event.kind == "treaty_document_issued"), "{again:?}");
}

#[test]
fn tables_come_back_as_they_went_out() {
    let mut all = started();
    let more = [
        entering(all.len()).event(
            1,
            "action_planned",
            ("rec", "action-1"),
            &[("what", "Train, test and \"certify\""), ("due", "2031-05-01")],
        ),
        entering(all.len()).event(2, "link_made", ("rec", "action-1"), &[("from", "CED/C/QLL/CO/1#3"), ("to", "action-1")]),
    ];
    all.extend(more);
    let plan = Plan::of(&all).expect("a plan");
    let out = tables::export(&plan);
    assert_eq!(tables::import(&plan, &out, &entering(9)).expect("the same tables"), [], "nothing was changed");
    let made = tables::import(&Plan::default(), &out, &entering(0)).expect("tables");
    let again = Plan::of(&made).expect("a plan");
    assert_eq!(tables::export(&again), out);
    assert_eq!(again.linked("CED/C/QLL/CO/1#3", 2), ["action-1"]);
}

#[test]
fn a_wrong_row_is_told_with_its_place_and_nothing_is_entered() {
    let table = tables::Table { name: "actions.csv".to_owned(), text: "reference,whom\na,b\n".to_owned() };
    let error = tables::import(&Plan::default(), &[table], &entering(0)).expect_err("an unknown column");
    assert!(error.to_string().starts_with("actions.csv:1:2: found the column `whom`"), "{error}");
}

#[test]
fn a_day_that_is_none_is_told_with_its_place_and_nothing_is_entered() {
    let plan = Plan::of(&started()).expect("a plan");
    let table =
        tables::Table { name: "actions.csv".to_owned(), text: "reference,what,due\na1,Train,2031-12-01\na2,Train,2031-13-01\n".to_owned() };
    let error = tables::import(&plan, &[table], &entering(9)).expect_err("no month has that number").to_string();
    assert_eq!(error, "actions.csv:3:3: `2031-13-01` is no day; expected YYYY-MM-DD, or nothing");
}

#[test]
fn a_calendar_and_a_page_show_what_is_due() {
    let plan = Plan::of(&started()).expect("a plan");
    let due = calendar::calendar(&plan, "2030-11-01T09:00:00Z");
    assert!(due.contains("DTSTART;VALUE=DATE:20311003\r\n") && due.contains("DTSTAMP:20301101T090000Z"), "{due}");
    let shown = page::page(&plan, "2032-01-01");
    assert!(shown.contains("2031-10-03 overdue"), "{shown}");
}

#[test]
fn a_decision_survives_a_corrected_record_with_other_numbers() {
    let record = include_str!("../records/children-1998.txt");
    let review = habeas_review::import(record.as_bytes()).expect("a record");
    let decision = Decision { status: Some(Status::Partial), replies: Some(vec![12]), why: "only in 1997" };
    let made = decide(&review, "q7.1", &decision, &entering(0)).expect("a question of the record");
    // The corrected record has one paragraph more before the question.
    let mut corrected = String::new();
    for line in record.lines() {
        let number = line.split_once(".\t").and_then(|(number, rest)| Some((number.parse::<u32>().ok()?, rest)));
        match number {
            Some((number, rest)) if number >= 5 => corrected.push_str(&format!("{}.\t{rest}\n", number + 1)),
            Some((4, rest)) => corrected.push_str(&format!("4.\tThe report had been translated.\n\n5.\t{rest}\n")),
            Some(_) | None => corrected.push_str(&format!("{line}\n")),
        }
    }
    let mut again = habeas_review::import(corrected.as_bytes()).expect("a corrected record");
    assert_eq!(apply(&mut again, &[made]), Vec::<String>::new());
    let question = again.questions.iter().find(|question| question.overridden.is_some()).expect("the decided question");
    assert_eq!((question.id.as_str(), question.standing(), question.standing_replies()), ("q8.1", Status::Partial, &[13][..]));
}
