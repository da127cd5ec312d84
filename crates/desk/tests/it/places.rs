//! Views over places: the last day, the cells, the law with its counts.

use super::station::Station;
use serde_json::json;

const SUBJECT: [(&str, &str); 3] = [("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];

#[test]
fn the_ombudsman_sees_an_injury_of_the_last_day_its_place_and_nothing_of_what_the_doctor_found() {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let injury = json!({ "mark": "region=left eye; kind=bruise", "age of injury": "fresh", "explained as": "a fist",
        "consistency": "typical", "scale in photo": "yes", "linked exam": "AV-1-in" });
    let (status, answer) = station.records(&station.signs_in("doctor:1"), "inj", "injury_found", &SUBJECT, injury);
    assert_eq!(status, 201, "{answer}");
    let monitor = station.signs_in("monitor:1");
    let (status, page) = station.get(&monitor, "/last-day");
    assert!(status == 200 && page.contains("Injury found") && page.contains("sahil"), "{page}");
    assert!(!page.contains("left eye") && !page.contains("a fist"), "{page}");
    let (status, csv) = station.get(&monitor, "/last-day.csv?place=sahil");
    assert!(status == 200 && csv.contains("\"sahil\",\"Injury found\",\"injury\",\"critical\",\"AV-1\""), "{csv}");
    assert!(station.get(&monitor, "/last-day?place=harrow").1.contains("Nothing in this view"));
    station.waits(25 * 60);
    let monitor = station.signs_in("monitor:1");
    assert!(station.get(&monitor, "/last-day").1.contains("Nothing in this view"));
}

#[test]
fn an_injury_that_was_withdrawn_is_none_and_one_that_was_corrected_stays() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let injury = json!({ "mark": "region=left eye; kind=bruise", "age of injury": "fresh", "explained as": "a fist",
        "consistency": "typical", "scale in photo": "yes", "linked exam": "AV-1-in" });
    let (doctor, monitor) = (station.signs_in("doctor:1"), station.signs_in("monitor:1"));
    for id in ["inj-1", "inj-2"] {
        let (status, answer) = station.records(&doctor, id, "injury_found", &SUBJECT, injury.clone());
        assert_eq!(status, 201, "{answer}");
    }
    let shown = |reader: &str| {
        let page = station.get(reader, "/last-day").1;
        ["inj-1", "inj-2"].into_iter().filter(|id| page.contains(&format!("#{id}\""))).collect::<Vec<_>>()
    };
    assert_eq!(shown(&monitor), ["inj-1", "inj-2"]);
    let put_right = |entry: &str, reason: &str| json!({ "corrects": entry, "reason": reason, "why": "seen again", "seen by": "officer:9" });
    let (status, answer) = station.records(&doctor, "off", "entry_withdrawn", &SUBJECT, put_right("inj-1", "not_occurred"));
    assert_eq!(status, 201, "{answer}");
    let mut older = put_right("inj-2", "mistyped");
    older["age of injury"] = json!("days");
    let (status, answer) = station.records(&doctor, "fix", "entry_corrected", &SUBJECT, older);
    assert_eq!(status, 201, "{answer}");
    assert_eq!(shown(&monitor), ["inj-2"]);
}

#[test]
fn the_view_over_every_place_is_for_those_who_may_read_every_place() {
    let station = Station::opens();
    for account in ["officer:1", "head:1", "doctor:1", "lawyer:1", "investigator:1"] {
        let session = station.signs_in(account);
        assert_eq!(station.get(&session, "/last-day").0, 403, "{account}");
        assert_eq!(station.get(&session, "/last-day.csv").0, 403, "{account}");
        assert!(!station.get(&session, "/account").1.contains("/last-day"), "{account}");
    }
    assert_eq!(station.get("", "/last-day").0, 303);
}

#[test]
fn two_people_in_one_cell_have_half_its_floor_each_and_another_place_sees_neither() {
    let station = Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let measured =
        json!({ "area": "7.6", "beds": "2", "daylight": "yes", "ventilation": "yes", "call bell": "yes", "done by": "monitor:1" });
    let cell = [("cell", "sahil/C2"), ("place", "sahil")];
    let (status, answer) = station.records(&station.signs_in("monitor:1"), "m", "cell_measured", &cell, measured);
    assert_eq!(status, 201, "{answer}");
    for (custody, person) in [("AV-1", "P1"), ("AV-2", "P2")] {
        let subject = [("custody", custody), ("person", person), ("place", "sahil"), ("cell", "sahil/C2")];
        let fields = json!({ "reason": "first_placement", "mixes child adult": "no", "mixes sexes": "no" });
        let (status, answer) = station.records(&officer, &format!("{custody}-cell"), "cell_entered", &subject, fields);
        assert_eq!(status, 201, "{answer}");
    }
    let (status, page) = station.get(&officer, "/cells");
    assert!(status == 200 && page.contains("3.8 m²") && page.contains("of 7.6"), "{page}");
    let (_, page) = station.get(&station.signs_in("officer:2"), "/cells");
    assert!(!page.contains("AV-1") && !page.contains("C2"), "{page}");
    assert_eq!(station.get(&station.signs_in("lawyer:1"), "/cells").0, 403);
}
