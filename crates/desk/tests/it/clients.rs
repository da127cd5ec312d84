//! A lawyer's own clients are found from the lawyer's side: all of them, at once, and nobody else.

use super::station::Station;
use habeas_desk::Account;
use serde_json::{Value as Json, json};

fn subject(custody: &str) -> [(&str, &str); 3] {
    [("custody", custody), ("person", "P1"), ("place", "sahil")]
}

fn called(lawyer: &str, outcome: &str) -> Json {
    json!({ "lawyer": lawyer, "channel": "phone", "attempt": "1", "outcome": outcome })
}

/// A station with two people in custody and two lawyers; the session of its officer.
fn held(chapter: &str) -> (Station, String) {
    let station = Station::opens_with(chapter);
    let account = Account { id: "lawyer:2".to_owned(), name: "B. Second".to_owned(), ..Account::default() };
    station.desk.accounts.put(&Account { roles: vec!["lawyer desk".to_owned()], ..account }).expect("stored");
    let officer = station.signs_in("officer:1");
    for custody in ["AV-1", "AV-2"] {
        assert_eq!(station.arrives(&officer, custody).0, 201);
    }
    (station, officer)
}

/// Who stands in a lawyer's list.
fn clients(station: &Station, lawyer: &str) -> Vec<&'static str> {
    let (status, page) = station.get(&station.signs_in(lawyer), "/clients");
    assert_eq!(status, 200, "{page}");
    ["AV-1", "AV-2"].into_iter().filter(|custody| page.contains(&format!("/clients/{custody}\""))).collect()
}

fn records(station: &Station, session: &str, id: &str, (kind, custody): (&str, &str), fields: Json) {
    let (status, answer) = station.records(session, id, kind, &subject(custody), fields);
    assert_eq!(status, 201, "{kind}: {answer}");
}

fn corrects(entry: &str, more: &[(&str, &str)]) -> Json {
    let mut fields = json!({ "corrects": entry, "reason": "other", "why": "it was otherwise", "seen by": "officer:9" });
    more.iter().for_each(|(name, value)| fields[*name] = json!(value));
    fields
}

#[test]
fn a_lawyer_who_was_named_a_minute_ago_sees_the_client_at_once_and_no_longer_once_that_is_withdrawn() {
    let (station, officer) = held("# Nothing more\n");
    assert!(clients(&station, "lawyer:1").is_empty(), "nobody has called");
    records(&station, &officer, "no", ("lawyer_contacted", "AV-1"), called("lawyer:1", "declined"));
    assert!(clients(&station, "lawyer:1").is_empty(), "whoever declined has no client");
    records(&station, &officer, "yes", ("lawyer_contacted", "AV-2"), called("lawyer:1", "accepted"));
    assert_eq!(clients(&station, "lawyer:1"), ["AV-2"]);
    assert!(clients(&station, "lawyer:2").is_empty(), "another lawyer");
    let withdrawn = json!({ "corrects": "yes", "reason": "not_occurred", "why": "the wrong sheet", "seen by": "officer:9" });
    records(&station, &officer, "off", ("entry_withdrawn", "AV-2"), withdrawn);
    assert!(clients(&station, "lawyer:1").is_empty(), "dismissed");
    assert_eq!(station.get(&station.signs_in("lawyer:1"), "/clients/AV-2").0, 404);
}

#[test]
fn a_name_that_is_corrected_gives_the_client_to_the_one_who_was_meant() {
    let (station, officer) = held("# Nothing more\n");
    records(&station, &officer, "yes", ("lawyer_contacted", "AV-1"), called("lawyer:1", "accepted"));
    assert_eq!((clients(&station, "lawyer:1"), clients(&station, "lawyer:2").len()), (vec!["AV-1"], 0));
    records(&station, &officer, "fix", ("entry_corrected", "AV-1"), corrects("yes", &[("lawyer", "lawyer:2")]));
    assert_eq!((clients(&station, "lawyer:1").len(), clients(&station, "lawyer:2")), (0, vec!["AV-1"]));
    records(&station, &officer, "came", ("lawyer_contacted", "AV-2"), called("lawyer:1", "no_answer"));
    records(&station, &officer, "fix-2", ("entry_corrected", "AV-2"), corrects("came", &[("outcome", "accepted")]));
    assert_eq!(clients(&station, "lawyer:1"), ["AV-2"], "they had accepted");
}

#[test]
fn a_client_who_was_let_go_leaves_the_list_and_is_back_when_that_never_happened() {
    let (station, officer) = held("# Nothing more\n");
    records(&station, &officer, "yes", ("lawyer_contacted", "AV-1"), called("lawyer:1", "accepted"));
    let released = json!({ "how": "bail", "property back": "yes" });
    records(&station, &officer, "out", ("person_released", "AV-1"), released);
    assert!(clients(&station, "lawyer:1").is_empty(), "the first time that anybody asks, nobody holds them");
    let withdrawn = json!({ "corrects": "out", "reason": "wrong_person", "why": "the other one", "seen by": "officer:9" });
    records(&station, &officer, "back", ("entry_withdrawn", "AV-1"), withdrawn);
    assert_eq!(clients(&station, "lawyer:1"), ["AV-1"]);
}

#[test]
fn clients_whom_the_file_of_accounts_names_by_number_by_person_or_by_place_are_listed() {
    let (station, _) = held("# Nothing more\n");
    for (class, id, expected) in
        [("custody", "AV-2", vec!["AV-2"]), ("person", "P1", vec!["AV-1", "AV-2"]), ("place", "sahil", vec!["AV-1", "AV-2"])]
    {
        let ties = vec![("own client".to_owned(), class.to_owned(), id.to_owned())];
        let account = Account { id: "lawyer:1".to_owned(), name: "A. First".to_owned(), ties, ..Account::default() };
        station.desk.accounts.put(&Account { roles: vec!["lawyer desk".to_owned()], ..account }).expect("stored");
        assert_eq!(clients(&station, "lawyer:1"), expected, "{class}");
    }
    let ties = vec![("own client".to_owned(), "person".to_owned(), "P9".to_owned())];
    let account = Account { id: "lawyer:1".to_owned(), name: "A. First".to_owned(), ties, ..Account::default() };
    station.desk.accounts.put(&Account { roles: vec!["lawyer desk".to_owned()], ..account }).expect("stored");
    assert!(clients(&station, "lawyer:1").is_empty(), "a person whom no entry names");
}

#[test]
fn a_work_list_shows_a_lawyer_the_own_client_who_asked_and_the_ombudsman_everybody() {
    let list = "# Waiting\n\n```flow\nroom lawyers awaited of custody: for lawyer desk or monitor;\n  \
        from lawyer requested until lawyer arrived or person released;\n  show lawyer contacted.\n```\n";
    let (station, officer) = held(list);
    let asked = json!({ "done by": "person", "choice": "duty" });
    let names = |reader: &str| {
        let (status, page) = station.get(&station.signs_in(reader), "/work/lawyers-awaited");
        assert_eq!(status, 200, "{page}");
        ["AV-1", "AV-2"].into_iter().filter(|custody| page.contains(&format!("/record/custody/{custody}\""))).collect::<Vec<_>>()
    };
    for custody in ["AV-1", "AV-2"] {
        records(&station, &officer, &format!("{custody}-asks"), ("lawyer_requested", custody), asked.clone());
    }
    assert_eq!((names("lawyer:1").len(), names("monitor:1")), (0, vec!["AV-1", "AV-2"]));
    records(&station, &officer, "yes", ("lawyer_contacted", "AV-1"), called("lawyer:1", "accepted"));
    assert_eq!((names("lawyer:1"), names("lawyer:2").len()), (vec!["AV-1"], 0));
    let withdrawn = json!({ "corrects": "AV-1-asks", "reason": "wrong_person", "why": "the other one", "seen by": "officer:9" });
    records(&station, &officer, "off", ("entry_withdrawn", "AV-1"), withdrawn);
    assert_eq!((names("lawyer:1").len(), names("monitor:1")), (0, vec!["AV-2"]), "who never asked waits for nobody");
}
