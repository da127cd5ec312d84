//! Stories over HTTP.

use super::station::{FORM, Station};

#[test]
fn an_officer_books_a_person_in_and_sees_them_on_the_board() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    let (status, receipt) = station.arrives(&session, "AV-1");
    assert_eq!(status, 201, "{receipt}");
    let (status, board) = station.get(&session, "/board");
    assert_eq!(status, 200);
    assert!(board.contains("AV-1"), "{board}");
    let (status, record) = station.get(&session, "/record/custody/AV-1");
    assert_eq!(status, 200);
    assert!(record.contains("Person arrived"), "{record}");
}

#[test]
fn a_form_with_a_mistake_keeps_what_was_typed_and_the_same_form_mended_is_entered() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    station.arrives(&session, "AV-1");
    let path = "/record/custody/AV-1/enter/care_given";
    let token = station.token(&session, path);
    let body = format!("form_token={token}&draft=e-77&action=save&at.time=2558&f.item=meal");
    let (status, page) = station.post(&session, path, FORM, &body);
    assert_eq!(status, 422);
    assert!(page.contains("This time does not exist") && page.contains("value=\"2558\""), "{page}");
    assert_eq!(station.desk.accounts.drafts("officer:1").expect("read").len(), 1, "nothing typed is lost");
    let body = format!("form_token={token}&draft=e-77&action=save&at.time=0216&f.item=meal&f.offered_at.time=0216&f.accepted=yes");
    let (status, to) = station.post(&session, path, FORM, &body);
    assert_eq!(status, 303, "{to}");
    assert!(station.desk.register.entry("e-77").is_ok());
}

#[test]
fn a_forged_form_and_one_from_another_site_write_nothing() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    station.arrives(&session, "AV-1");
    let path = "/record/custody/AV-1/enter/care_given";
    let (status, _) = station.post(&session, path, FORM, "form_token=guessed&draft=e-9&action=save&at.time=0216&f.item=meal");
    assert_eq!(status, 403);
    let foreign = station
        .agent
        .post(format!("{}/api/events", station.address))
        .header("Cookie", format!("habeas={session}"))
        .header("Sec-Fetch-Site", "cross-site");
    assert_eq!(foreign.send("{}").expect("an answer").status().as_u16(), 403);
    assert!(station.desk.register.entry("e-9").is_err());
}

#[test]
fn an_officer_of_another_place_learns_nothing_not_even_that_the_record_is_there() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let session = station.signs_in("officer:2");
    for path in ["/record/custody/AV-1", "/api/subjects/custody/AV-1", "/record/custody/AV-1/enter", "/receipt/AV-1-in"] {
        let (there, of_one) = station.get(&session, path);
        let (absent, of_none) = station.get(&session, &path.replace("AV-1", "AV-2"));
        assert_eq!((there, absent), (404, 404), "{path}");
        assert_eq!(of_one.replace("AV-1", "AV-2"), of_none, "{path}");
    }
    assert!(!station.get(&session, "/board").1.contains("AV-1"));
}

#[test]
fn who_may_not_record_a_kind_is_told_so_and_nothing_is_written() {
    let station = Station::opens();
    let (status, problem) = station.arrives(&station.signs_in("doctor:1"), "AV-3");
    assert_eq!(status, 403, "{problem}");
    assert!(problem.contains("no access sentence"), "{problem}");
    assert!(station.desk.register.entry("AV-3-in").is_err());
}

#[test]
fn a_bad_event_is_a_problem_with_the_path_of_each_field() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    let event = r#"{"id":"x","kind":"person_arrived","at":"2026-03-04T02:15:00Z","subject":{"custody":"C","place":"sahil"},
                    "fields":{"origin":"moon"}}"#;
    let (status, problem) = station.post(&session, "/api/events", "application/json", event);
    assert_eq!(status, 422, "{problem}");
    let problem: serde_json::Value = serde_json::from_str(&problem).expect("JSON");
    let fields: Vec<&str> = problem["errors"].as_array().expect("a list").iter().filter_map(|one| one["field"].as_str()).collect();
    assert!(fields.contains(&"fields.origin"), "{problem}");
    assert_eq!(station.post(&session, "/api/events", "application/json", "not JSON").0, 422);
}

#[test]
fn without_a_session_pages_lead_to_signing_in_and_the_api_says_so() {
    let station = Station::opens();
    let (status, to) = station.get("", "/board");
    assert_eq!((status, to.is_empty()), (303, true));
    assert_eq!(station.get("", "/api/verdicts").0, 401);
    assert_eq!(station.get("", "/healthz").0, 200);
    assert_eq!(station.get("", "/log/tile/entries/000").0, 403);
    assert_eq!(station.get("", "/nowhere").0, 404);
}

#[test]
fn every_answer_carries_the_headers_that_keep_a_page_to_itself() {
    let station = Station::opens();
    let answer = station.agent.get(format!("{}/sign-in", station.address)).call().expect("an answer");
    let policy = answer.headers().get("content-security-policy").and_then(|value| value.to_str().ok()).expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    assert_eq!(answer.headers().get("x-frame-options").expect("there"), "DENY");
}
