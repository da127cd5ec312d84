//! Somebody outside looks for somebody inside: with a reference and a PIN, and without.

use super::station::{FORM, Station};
use serde_json::json;

const SLIP: &str = "/record/custody/AV-1/slip";

/// A reference and its PIN, as the officer reads them out.
fn slip(station: &Station, session: &str) -> (String, String) {
    let token = station.token(session, SLIP);
    let (status, page) = station.post(session, SLIP, FORM, &format!("form_token={token}&act=make"));
    assert_eq!(status, 200, "{page}");
    let mut codes = page.split("<dd class=\"code\">").skip(1).filter_map(|rest| rest.split('<').next()).map(str::to_owned);
    (codes.next().expect("a reference"), codes.next().expect("a PIN"))
}

fn asks(station: &Station, reference: &str, pin: &str) -> String {
    let (status, page) = station.post("", "/relative", FORM, &format!("reference={reference}&pin={pin}"));
    assert_eq!(status, 200, "{page}");
    page
}

#[test]
fn a_mother_learns_where_and_since_when_and_nothing_more_and_her_son_can_see_that_she_asked() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let (reference, pin) = slip(&station, &officer);
    assert!(pin.replace('-', "").len() * 5 >= 60, "60 bits or more");
    let page = asks(&station, &reference.to_lowercase(), &pin.replace('-', "+"));
    assert!(page.contains("Held at sahil") && page.contains("02:15"), "{page}");
    for hidden in ["AV-1", "P1", "street", "officer:"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    let entries = station.desk.register.scan(0, 100).expect("read");
    let answers: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).filter(|kind| kind.starts_with("whereabouts")).collect();
    assert_eq!(answers, ["whereabouts asked", "whereabouts answered"]);
}

#[test]
fn unknown_wrong_shut_and_tried_too_often_are_one_answer_in_one_time() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let (reference, pin) = slip(&station, &officer);
    let unknown = asks(&station, "9999-0000", &pin).replace("9999-0000", "");
    let wrong = asks(&station, &reference, "00000-0000-0000").replace(&reference, "");
    let size = || station.desk.register.checkpoint().expect("signed").size;
    let before = size();
    asks(&station, "9999-0001", &pin);
    let unknown_grows = size() - before;
    asks(&station, &reference, "00000-0000-0001");
    assert_eq!(size() - before, 2 * unknown_grows, "the log grows by as much, so that its length tells nothing");
    let plain = |page: &str| page.split("Log:").next().unwrap_or_default().to_owned();
    assert_eq!(plain(&unknown), plain(&wrong));
    let token = station.token(&officer, SLIP);
    assert_eq!(station.post(&officer, SLIP, FORM, &format!("form_token={token}&act=shut")).0, 200);
    let shut = asks(&station, &reference, &pin).replace(&reference, "");
    assert_eq!(plain(&unknown), plain(&shut));
    let (reference, pin) = slip(&station, &officer);
    for _ in 0..5 {
        asks(&station, &reference, "00000-0000-0000");
    }
    let often = asks(&station, &reference, &pin).replace(&reference, "");
    assert_eq!(plain(&unknown), plain(&often));
    station.waits(61);
    assert!(asks(&station, &reference, &pin).contains("Held at"), "an hour later the right PIN is answered again");
}

#[test]
fn a_reference_is_given_by_who_may_enter_that_somebody_was_told() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    for (account, expected) in [("officer:2", 404), ("lawyer:1", 404), ("doctor:1", 403), ("monitor:1", 403)] {
        assert_eq!(station.get(&station.signs_in(account), SLIP).0, expected, "{account}");
    }
}

const QUESTION: &str = "sought=Daro+Kaspar&last_seen=Taken+at+the+market+at+noon&asked_by=Lena+Kaspar&answer=0+555+100";

#[test]
fn an_arrest_that_nobody_was_told_of_is_asked_of_every_place_and_each_owes_an_answer() {
    let station = Station::opens();
    let (status, page) = station.post("", "/relative/ask", FORM, QUESTION);
    assert!(status == 200 && page.contains("Asked of places: 2"), "{page}");
    let (_, list) = station.get(&station.signs_in("monitor:1"), "/whereabouts");
    assert!(list.contains("Daro Kaspar") && list.contains("harrow") && list.contains("sahil"), "{list}");
    let officer = station.signs_in("officer:1");
    assert!(!station.get(&officer, "/whereabouts").1.contains("Daro"), "who is not on shift is not asked");
    let on = [("officer", "officer:1"), ("place", "sahil")];
    assert_eq!(station.records(&station.signs_in("head:1"), "on", "shift_started", &on, json!({ "post": "custody_officer" })).0, 201);
    let (_, list) = station.get(&officer, "/whereabouts");
    assert!(list.contains("Daro Kaspar") && list.contains("sahil") && !list.contains("harrow"), "{list}");
    let path = list.split("action=\"").find_map(|rest| rest.strip_prefix("/whereabouts/")).and_then(|rest| rest.split('"').next());
    let path = format!("/whereabouts/{}", path.expect("a form"));
    let token = station.token(&officer, "/account");
    let (status, to) = station.post(&officer, &path, FORM, &format!("form_token={token}&answer=not_held"));
    assert_eq!(status, 303, "{to}");
    assert!(!station.get(&officer, "/whereabouts").1.contains("Daro"));
    assert!(station.get(&station.signs_in("monitor:1"), "/whereabouts").1.contains("harrow"), "the other place still owes its own");
}

#[test]
fn a_question_without_a_name_or_with_hidden_characters_asks_nobody() {
    let station = Station::opens();
    for body in [QUESTION.replace("Daro+Kaspar", ""), QUESTION.replace("Daro", "%E2%80%AEDaro")] {
        let (status, page) = station.post("", "/relative/ask", FORM, &body);
        assert!(status == 422 && page.contains("href=\"#sought\"") && page.contains("Lena Kaspar"), "{page}");
    }
    assert!(station.desk.register.subjects_open("case", None, None, 10).expect("read").is_empty());
    assert_eq!(station.get(&station.signs_in("doctor:1"), "/whereabouts").0, 403);
}
