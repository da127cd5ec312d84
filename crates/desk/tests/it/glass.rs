//! When minutes count: a glass is broken in sight, for an hour, and never for what is confidential.

use super::station::{FORM, Station};
use serde_json::json;

const RECORD: &str = "/record/custody/AV-1";

fn breaks(station: &Station, session: &str, why: &str) -> (u16, String) {
    let token = station.token(session, "/account");
    station.post(session, "/glass", FORM, &format!("form_token={token}&number=AV-1&why={why}"))
}

#[test]
fn an_officer_of_another_place_breaks_the_glass_reads_for_an_hour_and_somebody_else_reviews_it() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let session = station.signs_in("officer:2");
    assert_eq!(station.get(&session, RECORD).0, 404);
    assert_eq!(breaks(&station, &session, "quick").0, 422, "a reason is owed");
    assert_eq!(station.get(&session, RECORD).0, 404);
    let (status, to) = breaks(&station, &session, "He+was+brought+here+unconscious");
    assert!(status == 303 && to.starts_with(RECORD), "{status} {to}");
    assert_eq!(station.get(&session, RECORD).0, 200);
    let monitor = station.signs_in("monitor:1");
    let (_, readers) = station.get(&monitor, "/record/custody/AV-1/readers");
    assert!(readers.contains("Glass broken") && readers.contains("officer:2"), "{readers}");
    station.waits(61);
    let session = station.signs_in("officer:2");
    assert_eq!(station.get(&session, RECORD).0, 404, "an hour later it is shut");
    let head = station.signs_in("head:1");
    let (_, openings) = station.get(&head, "/glass/openings");
    assert!(openings.contains("unconscious"), "{openings}");
    let path = openings.split("action=\"").find_map(|rest| rest.strip_prefix("/glass/openings/")).and_then(|rest| rest.split('"').next());
    let path = format!("/glass/openings/{}", path.expect("a form"));
    let token = station.token(&head, "/account");
    let (status, to) = station.post(&head, &path, FORM, &format!("form_token={token}&justified=yes&why=The+ambulance+needed+it"));
    assert_eq!(status, 303, "{to}");
    assert!(station.get(&head, "/glass/openings").1.contains("None waits"));
}

#[test]
fn whoever_broke_it_does_not_review_it_and_whoever_may_read_breaks_nothing() {
    let station = Station::opens();
    let own = station.signs_in("officer:1");
    station.arrives(&own, "AV-1");
    let (status, _) = breaks(&station, &own, "A+reason+long+enough");
    assert_eq!(status, 303);
    assert!(station.desk.accounts.glasses().expect("read").is_empty(), "they are led to the record, and nothing is broken");
    let session = station.signs_in("head:2");
    assert_eq!(breaks(&station, &session, "He+was+brought+here+unconscious").0, 303);
    let entry = station.desk.accounts.glasses().expect("read")[0].entry.clone();
    let review = json!({ "opening": entry, "justified": "yes", "why": "I know why" });
    let subject = [("custody", "AV-1"), ("place", "harrow")];
    let (status, problem) = station.records(&session, "r", "glass_reviewed", &subject, review);
    assert!(status == 403 && problem.contains("does not review"), "{status} {problem}");
}

#[test]
fn the_glass_is_for_those_whom_the_law_lets_break_it_and_opens_no_complaint() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    for account in ["investigator:1", "lawyer:1"] {
        let session = station.signs_in(account);
        assert_eq!(station.get(&session, "/glass").0, 403, "{account}");
        assert_eq!(breaks(&station, &session, "A+reason+long+enough").0, 403, "{account}");
    }
    let complaint = json!({ "channel": "oral", "type": "ill_treatment", "about": ["officer:2"], "account": "He struck me",
        "confidential": "yes", "child": "no", "opened by": "monitor:1" });
    let subject = [("case", "K-1"), ("place", "sahil"), ("person", "P1"), ("custody", "AV-1")];
    let (status, answer) = station.records(&station.signs_in("monitor:1"), "k-1", "complaint_received", &subject, complaint);
    assert_eq!(status, 201, "{answer}");
    let session = station.signs_in("officer:2");
    assert_eq!(breaks(&station, &session, "He+was+brought+here+unconscious").0, 303);
    let (status, record) = station.get(&session, RECORD);
    assert!(status == 200 && !record.contains("He struck me") && !record.contains("Complaint"), "{record}");
    assert_eq!(station.get(&session, "/record/case/K-1").0, 404);
    assert_eq!(station.get(&session, "/receipt/k-1").0, 404);
}
