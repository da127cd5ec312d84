//! One door: what goes in, what is refused, what comes back.

use crate::station::{Station, at, codebook, keys, officer, on_both_stores, open};
use habeas_codebook::tree::Sensitivity;
use habeas_ledger::policy::Policy;
use habeas_ledger::proof::{Proof, Shown};
use habeas_register::draft::exactly;
use habeas_register::{Actor, Authorise, Draft, Options, Query, Refusal, Register, RegisterError, Remark, Ties};
use serde_json::json;
use std::sync::Arc;

on_both_stores! {
    an_entry_comes_back_as_it_was_made,
    what_is_wrong_with_a_draft_is_told_field_by_field_and_nothing_is_written,
    a_draft_sent_twice_is_one_entry,
    each_draft_of_many_stands_or_falls_alone,
    many_drafts_at_once_are_made_ready_side_by_side_and_stand_or_fall_alone,
    drafts_that_are_one_act_stand_or_fall_together,
    whoever_enters_a_fact_is_told_what_is_odd_about_it,
    what_is_entered_later_than_the_law_allows_its_kind_says_why,
    a_correction_shows_the_old_and_the_new_and_a_withdrawal_stays_readable,
    a_receipt_is_checked_by_anybody_who_knows_the_logs_key,
}

fn arrested(id: &str, minutes: i64) -> Draft {
    Draft::new(id, "arrested", exactly(at(minutes)), &[("custody", "C1")])
}

fn an_entry_comes_back_as_it_was_made(station: Station) {
    station.append(arrested("e1", 0), 1).expect("an arrest");
    let met = Draft::new("e2", "lawyer_met", exactly(at(30)), &[("custody", "C1")]).with("confidential", true);
    let receipt = station.append(met, 31).expect("a lawyer");
    assert_eq!((receipt.index, receipt.id.as_str()), (1, "e2"));
    let history = station.register.history("custody", "C1", None).expect("a custody");
    assert_eq!(history.len(), 2);
    assert_eq!((history[1].kind.as_str(), history[1].by.as_deref()), ("lawyer met", Some("officer:1042")));
    assert_eq!((history[1].fields[0].name.as_str(), &history[1].fields[0].value), ("confidential", &json!("yes")));
    assert_eq!(history[1].at, json!("2026-02-10T09:30:00+04:00"));
}

fn what_is_wrong_with_a_draft_is_told_field_by_field_and_nothing_is_written(station: Station) {
    let draft = Draft::new("e1", "lawyer_met", exactly(at(600)), &[("cell", "4")]).with("confidential", "perhaps").with("colour", "red");
    let refused = station.append(draft, 1).expect_err("it must be refused");
    let RegisterError::Invalid(problems) = &refused else { unreachable!("refused as invalid") };
    let mut fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["at", "fields.colour", "fields.confidential", "fields.confidential", "subject.cell", "subject.custody"]);
    let told = format!("{problems:?}");
    assert!(!told.contains("perhaps") && !told.contains("red\""), "values are not repeated: {told}");
    assert_eq!(station.register.checkpoint().expect("a checkpoint").size, 0);
}

fn a_draft_sent_twice_is_one_entry(station: Station) {
    let first = station.append(arrested("e1", 0), 1).expect("an arrest");
    let again = station.append(arrested("e1", 0), 5).expect("the same receipt");
    assert_eq!((first.index, first.leaf), (again.index, again.leaf));
    assert_eq!(again.remarks, [Remark::Before]);
    assert!(matches!(station.append(arrested("e1", 2), 5), Err(RegisterError::Conflict { .. })));
    let station = station.restart();
    assert_eq!(station.append(arrested("e1", 0), 9).expect("also after a restart").leaf, first.leaf);
    assert_eq!(station.register.checkpoint().expect("a checkpoint").size, 1);
}

fn each_draft_of_many_stands_or_falls_alone(station: Station) {
    let drafts = vec![arrested("e1", 0), Draft::new("e2", "abducted", exactly(at(0)), &[]), arrested("e3", 1)];
    let answers = station.register.append_all(drafts, &officer(), at(2)).expect("three answers");
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let third = answers[2].as_ref().expect("the third stands");
    assert_eq!(third.index, 1);
    assert_eq!(third.remarks, [], "another time is another arrest");
}

fn many_drafts_at_once_are_made_ready_side_by_side_and_stand_or_fall_alone(station: Station) {
    let draft = |number: usize| match number % 10 {
        3 => Draft::new(&format!("e{number}"), "abducted", exactly(at(0)), &[]),
        7 => Draft::new(&format!("e{number}"), "correction", exactly(at(0)), &[("custody", "C1")])
            .with("corrects", format!("e{}", number - 1)),
        9 => arrested(&format!("e{}", number - 1), 0),
        _ => arrested(&format!("e{number}"), 0),
    };
    let answers = station.register.append_all((0..200).map(draft).collect(), &officer(), at(2)).expect("an answer for each");
    for (number, answer) in answers.iter().enumerate() {
        match number % 10 {
            3 => assert!(matches!(answer, Err(RegisterError::Invalid(_))), "{answer:?}"),
            9 => assert_eq!(answer.as_ref().expect("it was there").remarks, [Remark::Before]),
            _ => assert_eq!(answer.as_ref().expect("it stands").id, format!("e{number}")),
        }
    }
    assert_eq!(station.register.checkpoint().expect("a checkpoint").size, 160);
    let read = station.restart().register.history("custody", "C1", None).expect("a custody");
    assert_eq!(read.len(), 160);
}

fn drafts_that_are_one_act_stand_or_fall_together(station: Station) {
    let act = |third: &str| vec![arrested("e1", 0), arrested("e2", 1), Draft::new("e3", third, exactly(at(0)), &[("custody", "C1")])];
    let refused = station.register.append_together(act("abducted"), &officer(), at(2)).expect_err("no such kind");
    assert!(refused.to_string().contains("no kind of event"), "{refused}");
    assert_eq!(station.register.checkpoint().expect("a checkpoint").size, 0, "nothing of it was entered");
    station.append(arrested("e0", 0), 2).expect("whoever comes next finds the door as it was");
    let receipts = station.register.append_together(act("released"), &officer(), at(3)).expect("all three");
    assert_eq!(receipts.iter().map(|receipt| receipt.index).collect::<Vec<_>>(), [1, 2, 3]);
    let history = station.register.history("custody", "C1", None).expect("a custody");
    assert_eq!(history.len(), 4);
}

fn whoever_enters_a_fact_is_told_what_is_odd_about_it(station: Station) {
    station.append(arrested("e1", 0), 0).expect("an arrest");
    let twin = station.append(arrested("e2", 0), 1).expect("the second officer's");
    assert_eq!(twin.remarks, [Remark::Also { entry: "e1".to_owned() }]);
    station.append(Draft::new("e3", "released", exactly(at(50)), &[("custody", "C1")]), 50).expect("a release");
    let after = Draft::new("e4", "lawyer_met", exactly(at(60)), &[("custody", "C1")]).with("confidential", "yes");
    let refused = station.append(after.clone(), 200).expect_err("its limit has passed: why only now?");
    assert!(matches!(&refused, RegisterError::Invalid(problems) if problems[0].field == "late_reason"), "{refused:?}");
    let after = Draft { late_reason: Some("the screen was down".to_owned()), ..after };
    let after = station.append(after, 200).expect("it stands all the same");
    assert_eq!(after.remarks, [Remark::Late, Remark::Closed { subject: ("custody".to_owned(), "C1".to_owned()) }]);
    let behind = station.append(arrested("e5", 100), 100).expect("a clock that went back");
    assert_eq!(behind.remarks, [Remark::ClockBehind, Remark::Late, Remark::Closed { subject: ("custody".to_owned(), "C1".to_owned()) }]);
    assert_eq!(behind.recorded_at, at(200));
}

fn what_is_entered_later_than_the_law_allows_its_kind_says_why(station: Station) {
    station.append(arrested("e1", 0), 0).expect("an arrest");
    let examined = |id: &str| Draft::new(id, "medical examination", exactly(at(10)), &[("custody", "C1")]).with("reason", "arrival");
    const HOUR: i64 = 60;
    // The rule about examinations gives them 24 hours: longer than the hour that holds where no rule says anything.
    station.append(examined("e2"), 10 + 24 * HOUR).expect("exactly at the limit is in time");
    let late = station.append(examined("e3"), 11 + 24 * HOUR).expect_err("a minute later it asks");
    assert!(late.to_string().contains("late_reason: `medical examination` is entered later than its limit"), "{late}");
    let imported = Draft { source: Some("the old register".to_owned()), ..examined("e4") };
    station.append(imported, 30 * 24 * HOUR).expect("what was brought from elsewhere was late there, if anywhere");
    let unknown = Draft { at: habeas_register::draft::unknown(), ..examined("e5") };
    station.append(unknown, 30 * 24 * HOUR).expect("who does not know when cannot be late");
    let told = Draft { late_reason: Some("found in the doctor's notes".to_owned()), ..examined("e6") };
    station.append(told, 31 * 24 * HOUR).expect("with its reason");
    let history = station.register.history("custody", "C1", None).expect("a custody");
    let said = history.iter().find(|entry| entry.id == "e6").expect("it is there").further.clone();
    assert_eq!(said, [("late_reason".to_owned(), json!("found in the doctor's notes"))]);
}

fn a_correction_shows_the_old_and_the_new_and_a_withdrawal_stays_readable(station: Station) {
    station.append(arrested("e1", 0), 0).expect("an arrest");
    let met = Draft::new("e2", "lawyer_met", exactly(at(30)), &[("custody", "C1")]).with("confidential", "no");
    station.append(met, 30).expect("a lawyer");
    let correction = Draft::new("e3", "correction", exactly(at(40)), &[]).with("corrects", "e2").with("confidential", "yes");
    station.append(correction, 40).expect("a correction names no subject and belongs to the custody all the same");
    let withdrawal = Draft::new("e4", "withdrawal", exactly(at(50)), &[]).with("corrects", "e1");
    station.append(withdrawal, 50).expect("a withdrawal");
    let history = station.register.history("custody", "C1", None).expect("a custody");
    assert_eq!(history.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["e1", "e2", "e3", "e4"]);
    assert_eq!(history[0].withdrawn_by.as_deref(), Some("e4"));
    assert_eq!((&history[1].fields[0].value, &history[1].fields[0].before), (&json!("yes"), &vec![(json!("no"), "e3".to_owned())]));
    let then = station.register.history("custody", "C1", Some(at(35))).expect("a custody");
    assert_eq!((then.len(), &then[1].fields[0].value), (2, &json!("no")));
}

fn a_receipt_is_checked_by_anybody_who_knows_the_logs_key(station: Station) {
    for number in 0..300 {
        station.append(arrested(&format!("e{number}"), 0), 0).expect("an arrest");
    }
    let text = station.register.receipt(257).expect("a receipt");
    let proof = Proof::parse(&text).expect("a tlog-proof");
    let shown = Shown::from_bytes(proof.extra.as_deref().expect("the header")).expect("our own form");
    let policy = Policy::of_log(keys().log.verifier().clone());
    proof.check_unwitnessed(&shown.leaf().expect("a leaf"), &policy).expect("it is in the log");
    assert_eq!((shown.header.index, proof.index), (257, 257));
}

#[test]
fn a_database_that_is_behind_what_was_signed_takes_no_entries() {
    let station = Station::new();
    station.append(arrested("e1", 0), 0).expect("an arrest");
    let station = station.restart();
    let files = ["register.db", "register.db-wal"].map(|name| station.folder.path().join(name));
    let kept = files.clone().map(|file| std::fs::read(file).expect("a copy of yesterday"));
    station.append(arrested("e2", 1), 1).expect("an arrest");
    let Station { register, folder, .. } = station;
    drop(register);
    for (file, bytes) in files.iter().zip(kept) {
        std::fs::write(file, bytes).expect("yesterday is put back");
    }
    std::fs::remove_file(folder.path().join("register.db-shm")).ok();
    let Err(RegisterError::ReadOnly { why }) = open(folder.path()) else { panic!("it must refuse") };
    assert!(why.contains("entries 1 to 1 are missing"), "{why}");
}

#[test]
fn nothing_medical_stands_in_the_file() {
    let station = Station::new();
    let book = codebook();
    let kind = book.kinds.iter().find(|kind| kind.name == "medical examination").expect("a kind");
    station.append(arrested("e1", 0), 0).expect("an arrest");
    let mut draft = Draft::new("e2", &kind.name, exactly(at(10)), &[("custody", "C1")]).with("reason", "arrival");
    for field in &kind.fields {
        let name = &book.field_names[field.name.index()];
        if field.of == habeas_codebook::tree::FieldType::Text {
            draft = draft.with(name, "bruises on the left forearm");
        }
    }
    let result = station.append(draft, 10);
    assert!(result.is_ok(), "{result:?}");
    for entry in std::fs::read_dir(station.folder.path()).expect("a folder") {
        let bytes = std::fs::read(entry.expect("a file").path()).expect("bytes");
        assert!(!bytes.windows(7).any(|window| window == b"bruises"));
    }
    let verdicts = station.register.verdicts(&Query::default(), at(11)).expect("verdicts");
    assert!(!verdicts.is_empty());
}

/// Lets nobody record a release.
struct NoReleases;

impl Authorise for NoReleases {
    fn may_record(&self, _: &Actor, draft: &Draft, _: &Ties) -> Result<(), Refusal> {
        if draft.kind == "released" { Err(Refusal { why: "only the head of custody".to_owned() }) } else { Ok(()) }
    }

    fn may_read(&self, _: &Actor, _: &str, _: &str, _: Sensitivity, _: &Ties) -> bool {
        true
    }
}

#[test]
fn an_act_that_access_refuses_midway_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options::in_folder(folder.path(), codebook(), keys(), Arc::new(NoReleases));
    let register = Register::open(options).expect("a register");
    let release = Draft::new("e2", "released", exactly(at(0)), &[("custody", "C1")]);
    let act = vec![arrested("e1", 0), release.clone(), arrested("e3", 1)];
    let refused = register.append_together(act.clone(), &officer(), at(1));
    assert!(matches!(&refused, Err(RegisterError::Forbidden { why }) if why.contains("head of custody")), "{refused:?}");
    assert_eq!(register.checkpoint().expect("a checkpoint").size, 0);
    assert!(register.history("custody", "C1", None).is_err(), "nobody was arrested by half an act");
    let each = register.append_all(act, &officer(), at(1)).expect("three answers");
    assert_eq!(each.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true], "a batch of many is another thing");
}
