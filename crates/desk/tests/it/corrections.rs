//! What was entered wrongly is put right in sight: old and new, a reason, a second pair of eyes.

use super::station::{FORM, Station};
use serde_json::json;

const PATH: &str = "/record/custody/AV-1/correct/meal";

fn fed(station: &Station) -> String {
    let session = station.signs_in("officer:1");
    station.arrives(&session, "AV-1");
    let fields = json!({ "item": "meal", "offered at": "2026-03-04T02:16:00Z", "accepted": "yes" });
    let subject = [("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];
    let (status, receipt) = station.records(&session, "meal", "care_given", &subject, fields);
    assert_eq!(status, 201, "{receipt}");
    session
}

fn whole(token: &str, accepted: &str, reason: &str) -> String {
    format!(
        "form_token={token}&draft=fix-1&action=save&at.time=0220&at.day=2026-03-04&f.item=meal&f.offered_at.time=0216\
         &f.offered_at.day=2026-03-04&f.accepted={accepted}{reason}"
    )
}

const REASON: &str = "&c.f.reason=mistyped&c.f.why=The+plate+came+back+full&c.f.seen_by=officer:9";

#[test]
fn an_officer_corrects_a_meal_and_the_record_shows_what_it_said_before() {
    let station = Station::opens();
    let session = fed(&station);
    let (status, record) = station.get(&session, "/record/custody/AV-1");
    assert!(status == 200 && record.contains(PATH), "{record}");
    let (_, page) = station.get(&session, PATH);
    assert!(page.contains("The entry says: Yes") && page.contains("value=\"02:16\""), "{page}");
    let token = station.token(&session, PATH);
    let (status, to) = station.post(&session, PATH, FORM, &whole(&token, "no", REASON));
    assert_eq!(status, 303, "{to}");
    let (_, record) = station.get(&session, "/record/custody/AV-1");
    assert!(record.contains("before: Yes"), "{record}");
    let correction = station.desk.register.entry("fix-1").expect("entered");
    let names: Vec<&str> = correction.fields.iter().map(|told| told.name.as_str()).collect();
    assert!(names.contains(&"accepted") && !names.contains(&"offered at"), "only what differs is replaced: {names:?}");
}

#[test]
fn a_correction_without_a_reason_or_without_a_difference_is_not_entered_and_keeps_what_was_typed() {
    let station = Station::opens();
    let session = fed(&station);
    let token = station.token(&session, PATH);
    let (status, page) = station.post(&session, PATH, FORM, &whole(&token, "no", "&c.f.why=So+it+was"));
    assert!(status == 422 && page.contains("href=\"#c.f.reason\"") && page.contains("So it was"), "{page}");
    let (status, page) = station.post(&session, PATH, FORM, &whole(&token, "yes", REASON));
    assert!(status == 422 && page.contains("Nothing is different"), "{page}");
    assert!(station.desk.register.entry("fix-1").is_err());
}

#[test]
fn an_entry_that_was_never_so_is_withdrawn_and_stays_readable() {
    let station = Station::opens();
    let session = fed(&station);
    let path = "/record/custody/AV-1/withdraw/meal";
    let token = station.token(&session, path);
    let body = format!("form_token={token}&draft=back-1&c.f.reason=double_entry&c.f.why=Entered+twice&c.f.seen_by=officer:9");
    let (status, to) = station.post(&session, path, FORM, &body);
    assert_eq!(status, 303, "{to}");
    let (_, record) = station.get(&session, "/record/custody/AV-1");
    assert!(record.contains("<s>Care given</s> withdrawn"), "{record}");
}

#[test]
fn nobody_corrects_what_is_not_theirs() {
    let station = Station::opens();
    fed(&station);
    for (account, expected) in [("officer:2", 404), ("lawyer:1", 404), ("doctor:1", 403)] {
        let session = station.signs_in(account);
        assert_eq!(station.get(&session, PATH).0, expected, "{account}");
        let token = station.token(&session, "/account");
        assert_eq!(station.post(&session, PATH, FORM, &whole(&token, "no", REASON)).0, expected, "{account}");
    }
    assert!(station.desk.register.entry("fix-1").is_err());
}
