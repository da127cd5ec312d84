//! What the law forbids as things stand is stopped at every way in; that it was tried is in the record, and a fact is never lost.

use super::station::Station;
use serde_json::{Value, json};

const LAW: &str = r#"# Return, and what shuts its door

```rule
rule waits-for-interim-measures
  Cites "Questions" section 1. In force from 2020-01-01. Severity critical.
  For each proceeding, while interim measure in force, no surrender executed may happen.
  On breach, tell ombudsman.
rule waits-for-the-appeal-time
  Cites "Questions" section 2. In force from 2020-01-01. Severity critical.
  For each proceeding, after asylum decided, no surrender executed may happen by the appeal until.
  On breach, tell ombudsman.
rule no-cell-without-a-look
  Cites "Questions" section 3. In force from 2020-01-01. Severity critical.
  For each custody, while outside the place, no cell entered may happen.
  On breach, tell ombudsman.
```

```state
state outside the place of custody: from transfer departed until transfer arrived.
```

```access
allow justice desk or migration officer to read class custody, because "the file is theirs".
allow migration officer to read asylum decided, because "the file is theirs".
```
"#;

const FILE: [(&str, &str); 3] = [("proceeding", "X-1"), ("person", "P1"), ("place", "sahil")];
const ON_FILE: [(&str, &str); 2] = [("proceeding", "X-1"), ("person", "P1")];

fn removal() -> Value {
    json!({ "to": "XB", "escort": ["officer:9"], "fit_to_travel": "none", "following_appeal": "no", "interim_measure_in_force": "no" })
}

/// A file of the justice desk, with a request of the Committee not to remove.
fn asked_to_wait() -> (Station, String) {
    let station = Station::opens_with(LAW);
    let justice = station.signs_in("justice:1");
    let asks = json!({ "origin": "cat", "ref": "77/2026", "asks": "not to remove" });
    let (status, answer) = station.records(&justice, "m-1", "interim_measure_received", &ON_FILE, asks);
    assert_eq!(status, 201, "{answer}");
    (station, justice)
}

fn tried(station: &Station, class: &str, id: &str, kind: &str) -> usize {
    station.desk.register.history(class, id, None).expect("read").iter().filter(|entry| entry.kind == kind).count()
}

#[test]
fn a_program_cannot_enter_a_removal_while_an_interim_measure_stands_and_the_attempt_is_in_the_file() {
    let (station, justice) = asked_to_wait();
    for _ in 0..2 {
        let (status, problem) = station.records(&justice, "x-1", "surrender_executed", &FILE, removal());
        assert_eq!(status, 409, "{problem}");
        let problem: Value = serde_json::from_str(&problem).expect("JSON");
        assert_eq!(problem["type"], "urn:habeas:problem:stopped");
        assert_eq!(problem["stops"][0]["rule"], "waits-for-interim-measures", "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("all_the_same")), "it says what to do: {problem}");
        station.waits(1);
    }
    assert!(station.desk.register.entry("x-1").is_err(), "nothing was entered");
    assert_eq!(tried(&station, "proceeding", "X-1", "removal stopped"), 1, "once for a draft, however often it is sent");
    let entry = station.desk.register.entry("stop-x-1").expect("there");
    let said = |name: &str| entry.fields.iter().find(|told| told.name == name).map(|told| told.value.clone());
    assert_eq!(said("done by"), Some(json!("justice:1")));
    assert_eq!(said("law"), Some(json!("waits-for-interim-measures")));
}

#[test]
fn what_has_happened_all_the_same_is_entered_when_its_sender_says_so() {
    let (station, justice) = asked_to_wait();
    let at = station.desk.now().timestamp().to_string();
    let mut event = json!({ "id": "x-2", "kind": "surrender_executed", "at": at, "fields": removal(), "all_the_same": "yes",
        "subject": { "proceeding": "X-1", "person": "P1", "place": "sahil" } });
    let (status, problem) = station.post(&justice, "/api/events", "application/json", &event.to_string());
    assert_eq!(status, 422, "neither true nor false: {problem}");
    event["all_the_same"] = json!(true);
    let (status, receipt) = station.post(&justice, "/api/events", "application/json", &event.to_string());
    assert_eq!(status, 201, "{receipt}");
    assert!(station.desk.register.entry("x-2").is_ok());
}

#[test]
fn once_the_measure_is_lifted_nothing_stands_in_the_way() {
    let (station, justice) = asked_to_wait();
    station.waits(1);
    let lifted = json!({ "measure": "m-1", "origin": "cat", "ref": "77/2026", "ground": "withdrawn" });
    assert_eq!(station.records(&justice, "m-2", "interim_measure_lifted", &ON_FILE, lifted).0, 201);
    station.waits(1);
    let (status, answer) = station.records(&justice, "x-3", "surrender_executed", &FILE, removal());
    assert_eq!(status, 201, "{answer}");
    assert_eq!(tried(&station, "proceeding", "X-1", "removal stopped"), 0);
}

#[test]
fn a_duty_to_wait_for_the_end_of_a_time_stops_until_that_time() {
    let station = Station::opens_with(LAW);
    let refused = json!({ "outcome": "refused", "interviewed": "yes", "reason": "not believed", "appeal until": "2026-03-05" });
    let (status, answer) = station.records(&station.signs_in("migration:1"), "a-1", "asylum_decided", &ON_FILE, refused);
    assert_eq!(status, 201, "{answer}");
    station.waits(1);
    let migration = station.signs_in("migration:1");
    let (status, problem) = station.records(&migration, "x-4", "surrender_executed", &FILE, removal());
    assert_eq!(status, 409, "{problem}");
    assert!(problem.contains("waits-for-the-appeal-time"), "{problem}");
    station.waits(3 * 24 * 60);
    let (status, problem) = station.records(&station.signs_in("migration:1"), "x-5", "surrender_executed", &FILE, removal());
    assert_eq!(status, 201, "the time is over: {problem}");
}

#[test]
fn an_attempt_on_a_custody_is_in_its_record() {
    let station = Station::opens_with(LAW);
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let subject = [("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];
    let gone = json!({ "to": "harrow", "vehicle": "V-1", "escort": ["officer:9"], "record carried": "yes", "risk passed on": "yes",
        "injuries new": "no", "family lawyer told": "no" });
    let (status, answer) = station.records(&officer, "t-1", "transfer_departed", &subject, gone);
    assert_eq!(status, 201, "{answer}");
    station.waits(1);
    let cell = [("custody", "AV-1"), ("cell", "sahil/1")];
    let entered = json!({ "reason": "arrival", "mixes child adult": "no", "mixes sexes": "no" });
    let (status, problem) = station.records(&officer, "c-1", "cell_entered", &cell, entered);
    assert_eq!(status, 409, "{problem}");
    assert_eq!(tried(&station, "custody", "AV-1", "entry stopped"), 1);
}
