//! The interview room: one press, one entry; the clock against the block; a child is never asked alone.

use super::station::{FORM, Station};
use serde_json::json;

const LAW: &str = "# Interviews

```limit
limit longest questioning is 2 hours, set by source, because \"CAT/C/SR.2087, paragraph 25\".
limit real pause is 15 minutes, set by standard, because \"PACE Code C, note 12B\".
```

```rule
rule a-break
  Cites \"Questions\" section 1. In force from 2020-01-01. Severity serious.
  For each custody, while in interview, it must not last longer than longest questioning without a break of at least real pause.
  On breach, tell ombudsman.
rule not-alone
  Cites \"Questions\" section 1. In force from 2020-01-01. Severity critical.
  For each interview where the person is a child, while in interview, there must be at least 1 companions present.
  On breach, tell ombudsman.
```
";

const ROOM: &str = "/interviews/AV-1";

/// An investigator on shift, and an interview that has begun.
fn begun(born: &str) -> (Station, String, String) {
    let station = Station::opens_with(LAW);
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let person = [("person", "P1"), ("custody", "AV-1"), ("place", "sahil")];
    let identity = json!({ "names": "Rostin, Pavo", "born": born, "sex": "male", "nationality": ["XA"], "languages": ["az"],
        "method": "document", "confidence": "confirmed" });
    assert_eq!(station.records(&officer, "identity", "identity_established", &person, identity).0, 201);
    let shift = [("officer", "investigator:1"), ("place", "sahil")];
    assert_eq!(station.records(&station.signs_in("head:1"), "on", "shift_started", &shift, json!({ "post": "investigator" })).0, 201);
    let investigator = station.signs_in("investigator:1");
    let subject = [("interview", "I-1"), ("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];
    let start = json!({ "purpose built": "yes", "officers": ["investigator:1"], "lead": "investigator:1", "lawyer": "lawyer:1",
        "caution given": "yes", "fit": "yes", "recording": "video" });
    let (status, answer) = station.records(&investigator, "start", "interview_started", &subject, start);
    assert_eq!(status, 201, "{answer}");
    let token = station.token(&investigator, ROOM);
    (station, investigator, token)
}

fn presses(station: &Station, who: &str, token: &str, what: &str) -> (u16, String) {
    station.post(who, ROOM, FORM, &format!("form_token={token}&interview=I-1&{what}"))
}

#[test]
fn a_press_is_an_entry_of_this_minute_and_the_break_ends_the_block() {
    let (station, _, _) = begun("1980-01-01");
    station.waits(111);
    let investigator = station.signs_in("investigator:1");
    let token = station.token(&investigator, ROOM);
    let (status, page) = station.get(&investigator, ROOM);
    assert!(status == 200 && page.contains("1:51") && page.contains("Break due in"), "{page}");
    station.waits(20);
    assert!(station.get(&investigator, ROOM).1.contains("Break overdue"));
    assert_eq!(presses(&station, &investigator, &token, "do=pause:offered&f.reason=rest"), (303, ROOM.to_owned()));
    station.waits(5);
    assert_eq!(presses(&station, &investigator, &token, "do=resume"), (303, ROOM.to_owned()));
    assert!(station.get(&investigator, ROOM).1.contains("2:16"), "five minutes are no break");
    assert_eq!(presses(&station, &investigator, &token, "do=pause:asked&f.reason=meal"), (303, ROOM.to_owned()));
    station.waits(20);
    assert_eq!(presses(&station, &investigator, &token, "do=resume"), (303, ROOM.to_owned()));
    station.waits(3);
    assert!(station.get(&investigator, ROOM).1.contains("0:03"), "after a real break the block begins anew");
    let entries = station.desk.register.history("interview", "I-1", None).expect("read");
    assert_eq!(entries.iter().filter(|entry| entry.kind == "interview break started").count(), 2);
}

#[test]
fn who_comes_and_goes_is_entered_by_the_minute_and_the_end_asks_for_what_it_lacks() {
    let (station, investigator, token) = begun("1980-01-01");
    assert!(station.get(&investigator, ROOM).1.contains("named at the start"));
    assert_eq!(presses(&station, &investigator, &token, "do=join:lawyer:lawyer:1"), (303, ROOM.to_owned()));
    station.waits(30);
    assert_eq!(presses(&station, &investigator, &token, "do=leave:lawyer:lawyer:1"), (303, ROOM.to_owned()));
    assert!(station.get(&investigator, ROOM).1.contains("30\u{a0}min"));
    let (status, to) = presses(&station, &investigator, &token, "do=end");
    assert!(status == 303 && to.contains("/enter/interview_ended?draft="), "{to}");
    let (_, form) = station.get(&investigator, &to);
    assert!(form.contains("name=\"at.time\" value=\"02:50\""), "the minute that was pressed is kept: {form}");
}

#[test]
fn questions_to_a_child_do_not_go_on_without_somebody_for_the_child() {
    let (station, investigator, token) = begun("2011-05-05");
    assert!(station.get(&investigator, ROOM).1.contains("Questions must stop"));
    assert_eq!(presses(&station, &investigator, &token, "do=pause:offered&f.reason=legal_advice").0, 303);
    let refused = format!("{ROOM}?refused=yes");
    assert_eq!(presses(&station, &investigator, &token, "do=resume"), (303, refused.clone()));
    assert!(station.get(&investigator, &refused).1.contains("Questions cannot go on"));
    assert_eq!(presses(&station, &investigator, &token, "do=join:lawyer:lawyer:1").0, 303);
    assert_eq!(presses(&station, &investigator, &token, "do=resume"), (303, ROOM.to_owned()));
    assert!(!station.get(&investigator, ROOM).1.contains("Questions must stop"));
}

#[test]
fn an_interview_of_a_child_begins_with_somebody_for_the_child_in_the_room() {
    let (station, investigator, token) = begun("2011-05-05");
    assert_eq!(presses(&station, &investigator, &token, "do=join:lawyer:lawyer:1").0, 303);
    let ended = [("interview", "I-1"), ("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];
    let end = json!({ "read back": "yes", "ack": "signed", "complaint made": "no", "recording sealed": "yes" });
    assert_eq!(station.records(&investigator, "end", "interview_ended", &ended, end).0, 201);
    station.waits(30);
    let investigator = station.signs_in("investigator:1");
    let form = "/record/custody/AV-1/enter/interview_started";
    let token = station.token(&investigator, form);
    let now = "at.time=02:50&at.day=2026-03-04";
    let answers = "f.purpose_built=yes&f.officers=investigator:1&f.lead=investigator:1&f.caution_given=yes&f.fit=yes&f.recording=video";
    let sent = |draft: &str, more: &str| format!("form_token={token}&draft={draft}&{now}&{answers}&then={ROOM}{more}");
    let (status, page) = station.post(&investigator, form, FORM, &sent("alone", ""));
    assert!(status == 422 && page.contains("not questioned alone"), "{status} {page}");
    assert_eq!(station.post(&investigator, form, FORM, &sent("both", "&f.lawyer=lawyer:1")), (303, ROOM.to_owned()));
    let page = station.get(&investigator, ROOM).1;
    assert!(!page.contains("Questions must stop"), "the lawyer is in the room from the first minute: {page}");
    let joined = |entry: &&habeas_register::Entry| entry.kind == "interview joined" && entry.id == "both-in-1";
    let entries = station.desk.register.history("custody", "AV-1", None).expect("read");
    assert_eq!(entries.iter().filter(joined).count(), 1);
}

#[test]
fn the_room_is_for_who_asks_the_questions() {
    let (station, _, _) = begun("1980-01-01");
    for (account, expected) in [("officer:1", 403), ("doctor:1", 403), ("head:1", 403), ("officer:2", 404), ("lawyer:1", 404)] {
        assert_eq!(station.get(&station.signs_in(account), ROOM).0, expected, "{account}");
    }
}

#[test]
fn a_press_after_the_session_is_over_is_kept_with_its_minute() {
    let (station, investigator, token) = begun("1980-01-01");
    station.waits(45);
    let (status, to) = presses(&station, &investigator, &token, "do=pause:offered&f.reason=rest");
    assert!(
        status == 303 && to.starts_with("/sign-in?next=%2Frecord%2Fcustody%2FAV-1%2Fenter%2Finterview_break_started%3Fdraft%3D"),
        "{to}"
    );
    station.waits(5);
    let again = station.signs_in("investigator:1");
    let address = to.trim_start_matches("/sign-in?next=").replace("%2F", "/").replace("%3F", "?").replace("%3D", "=");
    let (_, form) = station.get(&again, &address);
    assert!(form.contains("name=\"at.time\" value=\"03:05\""), "{form}");
}
