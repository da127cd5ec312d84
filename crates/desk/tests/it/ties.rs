//! Who is tied to a record is read in its entries, and nobody ties themself.

use super::station::{FORM, Station};
use serde_json::json;

const RECORD: &str = "/record/custody/AV-1";
const SUBJECT: [(&str, &str); 3] = [("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];

#[test]
fn a_lawyer_sees_a_client_once_the_officer_has_entered_that_they_accept_and_not_by_their_own_word() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let lawyer = station.signs_in("lawyer:1");
    let called = |outcome: &str| json!({ "lawyer": "lawyer:1", "channel": "phone", "attempt": "1", "outcome": outcome });
    assert_eq!(station.records(&lawyer, "own", "lawyer_contacted", &SUBJECT, called("accepted")).0, 403);
    assert_eq!(station.records(&officer, "no", "lawyer_contacted", &SUBJECT, called("declined")).0, 201);
    assert_eq!(station.get(&lawyer, RECORD).0, 404, "who declined has no client");
    assert_eq!(station.records(&officer, "yes", "lawyer_contacted", &SUBJECT, called("accepted")).0, 201);
    assert_eq!(station.get(&lawyer, RECORD).0, 200);
}

#[test]
fn a_confidential_kind_about_custodies_does_not_take_the_clients_from_their_lawyer() {
    let watch = "# Watch\n\n```event\nevent watch over of custody, person, seen as privileged: why text privileged required.\n```\n";
    let station = Station::opens_with(watch);
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let called = json!({ "lawyer": "lawyer:1", "channel": "phone", "attempt": "1", "outcome": "accepted" });
    assert_eq!(station.records(&officer, "yes", "lawyer_contacted", &SUBJECT, called).0, 201);
    assert_eq!(station.get(&station.signs_in("lawyer:1"), RECORD).0, 200);
}

#[test]
fn what_a_doctor_sends_to_the_lawyer_is_read_by_the_lawyer_and_nothing_that_was_not_sent() {
    let station = Station::opens();
    let (officer, doctor, lawyer) = (station.signs_in("officer:1"), station.signs_in("doctor:1"), station.signs_in("lawyer:1"));
    station.arrives(&officer, "AV-1");
    let called = json!({ "lawyer": "lawyer:1", "channel": "phone", "attempt": "1", "outcome": "accepted" });
    assert_eq!(station.records(&officer, "yes", "lawyer_contacted", &SUBJECT, called).0, 201);
    for (id, found) in [("exam-1", "a bruise on the wrist"), ("exam-2", "a cold")] {
        let exam = json!({ "type": "first", "done by": "doctor:1", "qualification": "doctor", "consent": "given", "restrained": "no",
            "started": "2026-03-04T02:16:00Z", "ended": "2026-03-04T02:18:00Z", "those present": ["none"], "findings": found });
        assert_eq!(station.records(&doctor, id, "medical_examined", &SUBJECT, exam).0, 201);
    }
    assert!(!station.get(&lawyer, "/clients/AV-1").1.contains("bruise"), "nothing was sent yet");
    let report = json!({ "exam": "exam-1", "to": ["lawyer"], "type": "injury", "without request": "yes", "bypassed chief": "yes" });
    assert_eq!(station.records(&doctor, "sent-1", "medical_report_sent", &SUBJECT, report).0, 201);
    let (status, page) = station.get(&lawyer, "/clients/AV-1");
    assert!(status == 200 && page.contains("a bruise on the wrist") && !page.contains("a cold"), "{page}");
    assert!(!station.get(&officer, RECORD).1.contains("bruise"), "the officer reads neither");
    assert_eq!(station.get(&officer, "/clients").0, 403);
    assert_eq!(station.get(&officer, "/clients/AV-1").0, 404);
}

#[test]
fn an_investigator_sees_the_record_on_shift_and_no_longer_when_the_shift_is_over() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let (head, investigator) = (station.signs_in("head:1"), station.signs_in("investigator:1"));
    assert_eq!(station.get(&investigator, RECORD).0, 404);
    let subject = [("officer", "investigator:1"), ("place", "sahil")];
    let post = json!({ "post": "investigator" });
    assert_eq!(station.records(&head, "on", "shift_started", &subject, post.clone()).0, 201);
    assert_eq!(station.get(&investigator, RECORD).0, 200);
    assert_eq!(station.records(&head, "off", "shift_ended", &subject, post).0, 201);
    assert_eq!(station.get(&investigator, RECORD).0, 404);
}

#[test]
fn a_visiting_doctor_has_the_patients_of_the_place_where_they_are_on_shift() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let doctor = station.signs_in("doctor:2");
    assert_eq!(station.get(&doctor, RECORD).0, 404);
    let subject = [("officer", "doctor:2"), ("place", "sahil")];
    let (status, answer) = station.records(&station.signs_in("head:1"), "on", "shift_started", &subject, json!({ "post": "doctor" }));
    assert_eq!(status, 201, "{answer}");
    assert_eq!(station.get(&doctor, RECORD).0, 200);
}

#[test]
fn whoever_opened_the_case_has_it_and_the_officer_complained_of_finds_nothing() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let monitor = station.signs_in("monitor:1");
    let complaint = json!({ "channel": "oral", "type": "ill_treatment", "about": ["officer:1"], "account": "He struck me",
        "confidential": "yes", "child": "no", "opened by": "monitor:1" });
    let subject = [("case", "K-1"), ("place", "sahil"), ("person", "P1"), ("custody", "AV-1")];
    assert_eq!(station.records(&monitor, "k-1", "complaint_received", &subject, complaint).0, 201);
    assert_eq!(station.get(&monitor, "/record/case/K-1").0, 200);
    for account in ["officer:1", "head:1"] {
        let (_, page) = station.get(&station.signs_in(account), "/record/case/K-1");
        assert!(!page.contains("He struck me") && !page.contains("Complaint received"), "{account}: {page}");
    }
}

#[test]
fn each_record_opened_and_each_list_read_is_an_entry_with_its_purpose_before_it_is_shown() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let token = station.token(&officer, "/account");
    assert_eq!(station.post(&officer, "/account/purpose", FORM, &format!("form_token={token}&purpose=court")).0, 303);
    assert_eq!(station.post(&officer, "/account/purpose", FORM, &format!("form_token={token}&purpose=curiosity")).0, 422);
    station.get(&officer, RECORD);
    station.get(&officer, "/board");
    let handle = station.desk.register.subject_handle("custody", "AV-1").expect("read").expect("its record has a handle");
    assert_eq!(station.get(&officer, &format!("/record/{handle}")).0, 303, "the link of a notice leads to the record");
    assert_eq!(station.get(&officer, "/record/00000000000000000000000000000000").0, 404);
    station.desk.register.settle_readings().expect("entered");
    let entries = station.desk.register.scan(0, 100).expect("read");
    let told = |kind: &str, field: &str| {
        let entry = entries.iter().find(|entry| entry.kind == kind).expect("entered");
        entry.fields.iter().find(|told| told.name == field).expect("told").value.clone()
    };
    assert_eq!(told("record accessed", "purpose"), json!("court"));
    assert_eq!(told("record accessed", "done by"), json!("officer:1"));
    assert_eq!(told("record searched", "purpose"), json!("court"));
    assert_eq!((told("record searched", "searched"), told("record searched", "found")), (json!("board"), json!("1")));
}
