//! A complaint about what was done at a place: who of that place learns of it, by which address. Nobody, by none.

use super::station::Station;
use serde_json::{Value, json};

const SUBJECT: [(&str, &str); 4] = [("case", "K-1"), ("place", "sahil"), ("person", "P1"), ("custody", "AV-1")];

/// Those who hold the person: the officer complained of, one who is not, the head, a doctor, an investigator on shift.
const HOLDERS: [&str; 5] = ["officer:9", "officer:1", "head:1", "doctor:1", "investigator:1"];

fn complaint(opened_by: &str) -> Value {
    json!({ "channel": "oral", "type": "ill_treatment", "about": ["officer:9"], "account": "He struck me", "confidential": "yes",
        "child": "no", "opened by": opened_by })
}

/// The place `sahil` with one person, whose complaint the monitor took down and sent on.
fn complained() -> Station {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let shift = [("officer", "investigator:1"), ("place", "sahil")];
    assert_eq!(station.records(&station.signs_in("head:1"), "on", "shift_started", &shift, json!({ "post": "investigator" })).0, 201);
    let monitor = station.signs_in("monitor:1");
    assert_eq!(station.records(&monitor, "k-1", "complaint_received", &SUBJECT, complaint("monitor:1")).0, 201);
    let affairs = station.signs_in("affairs:1");
    let sent = json!({ "to": "internal_affairs", "how": "portal", "origin": "monitor:1" });
    assert_eq!(station.records(&affairs, "k-2", "complaint_forwarded", &SUBJECT, sent).0, 201);
    let opened = json!({ "body": "internal_affairs", "independent of unit": "yes", "legal class": "criminal_code", "refused": "no",
        "told complainant": "yes" });
    let (status, answer) = station.records(&affairs, "k-3", "case_opened", &SUBJECT, opened);
    assert_eq!(status, 201, "{answer}");
    let step = json!({ "step": "victim_heard", "done by": "affairs:2" });
    assert_eq!(station.records(&affairs, "k-4", "case_step_taken", &SUBJECT, step).0, 201);
    station
}

/// Addresses under which a record is read, changed, printed or asked for.
fn addresses(class: &str, id: &str) -> Vec<String> {
    let of_record = [
        "",
        "/paper",
        "/enter",
        "/enter/complaint_forwarded",
        "/readers",
        "/why/torture-complaint-referred",
        "/correct/k-1",
        "/letter",
        "/letter?about=received&lang=az&as=page",
        "/file/k-1/0",
    ];
    let mut all: Vec<String> = of_record.iter().map(|rest| format!("/record/{class}/{id}{rest}")).collect();
    all.push(format!("/api/subjects/{class}/{id}"));
    all
}

#[test]
fn to_those_who_hold_the_person_the_case_is_as_one_that_does_not_exist_whatever_the_address() {
    let station = complained();
    for account in HOLDERS {
        let session = station.signs_in(account);
        for (there, nowhere) in addresses("case", "K-1").into_iter().zip(addresses("case", "K-7")) {
            let (status, page) = station.get(&session, &there);
            let (other, unknown) = station.get(&session, &nowhere);
            assert_eq!((status, other), (404, 404), "{account} {there}");
            assert_eq!(main_of(&page).replace("K-1", "K-7"), main_of(&unknown), "{account} {there}");
        }
        assert_eq!(station.get(&session, "/receipt/k-1").0, 404, "{account}: nor a receipt of it");
        assert_eq!(station.get(&session, "/receipt/k-1/paper").0, 404, "{account}");
    }
}

#[test]
fn the_record_of_the_custody_does_not_tell_those_who_hold_the_person_that_there_was_a_complaint() {
    let station = complained();
    let told = ["omplaint", "K-1", "Case opened", "case_opened", "Case step", "affairs:", "He struck me"];
    let pages = [
        "/record/custody/AV-1",
        "/record/custody/AV-1?order=recorded",
        "/record/custody/AV-1?entry=9",
        "/record/place/sahil",
        "/record/person/P1",
        "/api/subjects/custody/AV-1",
        "/api/subjects/place/sahil",
        "/api/subjects/person/P1",
        "/api/verdicts",
        "/board",
        "/board/wall",
        "/handover",
        "/last-day",
        "/cells",
        "/",
    ];
    for account in ["officer:1", "head:1", "doctor:1", "investigator:1"] {
        let session = station.signs_in(account);
        for path in pages {
            let page = station.get(&session, path).1;
            let found = told.iter().find(|word| main_of(&page).contains(**word));
            assert_eq!(found, None, "{account} {path}");
        }
        let form = station.get(&session, "/record/custody/AV-1/enter/complaint_forwarded").1;
        assert!(!form.contains("K-1"), "{account}: the form that sends a complaint on names none");
    }
}

/// What a page says, without what stands around it; the whole of what is none.
fn main_of(page: &str) -> &str {
    page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or(page)
}

#[test]
fn those_whom_the_law_names_read_it_and_the_one_who_took_a_step_is_not_shut_out_for_it() {
    let station = complained();
    for (account, sees) in [("monitor:1", "Complaint received"), ("affairs:1", "Case step"), ("affairs:2", "Case step")] {
        let (status, page) = station.get(&station.signs_in(account), "/record/case/K-1");
        assert_eq!(status, 200, "{account}");
        assert!(page.contains(sees), "{account}");
    }
}

#[test]
fn a_number_that_was_tried_in_vain_stands_in_the_log_whether_there_is_such_a_case_or_not() {
    let station = complained();
    let officer = station.signs_in("officer:9");
    let log = || {
        station.desk.register.settle_readings().expect("entered");
        let searched = |entry: &habeas_register::Entry| entry.kind == "record searched";
        station.desk.register.scan(0, 200).expect("read").into_iter().filter(searched).collect::<Vec<_>>()
    };
    assert_eq!(log().len(), 0);
    for id in ["K-1", "K-7"] {
        assert_eq!(station.get(&officer, &format!("/record/case/{id}")).0, 404);
    }
    let told: Vec<Value> =
        log().iter().flat_map(|entry| &entry.fields).filter(|told| told.name == "searched").map(|told| told.value.clone()).collect();
    assert_eq!(told, ["case K-1", "case K-7"]);
    assert!(log().iter().all(|entry| entry.fields.iter().any(|told| told.name == "done by" && told.value == "officer:9")));
}

#[test]
fn writing_does_not_tell_either_whether_there_is_such_a_case() {
    let station = complained();
    let officer = station.signs_in("officer:1");
    for (case, id) in [("K-1", "w-1"), ("K-7", "w-2")] {
        let alone = station.records(&officer, &format!("{id}a"), "complaint_received", &[("case", case)], complaint("officer:1"));
        assert_eq!(alone.0, 403, "{case}: nothing ties the officer to it");
        let subject = [("case", case), ("place", "sahil")];
        let placed = station.records(&officer, &format!("{id}b"), "complaint_received", &subject, complaint("officer:1"));
        assert_eq!(placed.0, 201, "{case}: a complaint is taken whatever its number");
    }
}

#[test]
fn the_officer_who_takes_a_complaint_down_has_its_receipt_and_sends_it_on() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let subject = [("case", "K-2"), ("place", "sahil"), ("person", "P1"), ("custody", "AV-1")];
    assert_eq!(station.records(&officer, "k-5", "complaint_received", &subject, complaint("officer:1")).0, 201);
    let (status, page) = station.get(&officer, "/receipt/k-5");
    assert!(status == 200 && !page.contains("K-2"), "{page}");
    let sent = json!({ "to": "procurator", "how": "portal", "origin": "officer:1" });
    assert_eq!(station.records(&officer, "k-6", "complaint_forwarded", &subject, sent).0, 201);
    assert_eq!(station.get(&station.signs_in("officer:2"), "/receipt/k-5").0, 404, "another officer has none");
}

#[test]
fn the_stream_tells_a_record_changed_only_to_those_who_may_know_by_what() {
    let station = complained();
    let mut changes = station.desk.changes.subscribe();
    let sees = |account: &str, change: &habeas_desk::Changed| {
        let who = station.reader(account);
        let record = ("custody".to_owned(), "AV-1".to_owned());
        station.desk.sight(&who, "custody", "AV-1").is_ok_and(|sight| change.is_for(&sight, &record))
    };
    let mut next = |kind: &str| loop {
        let change = station.block_on(changes.recv()).expect("a change");
        if change.entries.iter().any(|entry| entry.kind == kind) {
            return change;
        }
    };
    let step = json!({ "step": "witness_heard", "done by": "affairs:1" });
    assert_eq!(station.records(&station.signs_in("affairs:1"), "k-8", "case_step_taken", &SUBJECT, step).0, 201);
    let change = next("case step taken");
    assert!(!sees("officer:1", &change) && !sees("head:1", &change), "a step in the case");
    assert!(sees("monitor:1", &change));
    let officer = station.signs_in("officer:1");
    let rights =
        json!({ "rights": ["silence"], "how": ["oral"], "lang": "az", "understood": "yes", "done by": "officer:1", "ack": "signed" });
    let custody = [("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];
    let (status, answer) = station.records(&officer, "r-1", "rights_explained", &custody, rights);
    assert_eq!(status, 201, "{answer}");
    assert!(sees("officer:1", &next("rights explained")));
}
