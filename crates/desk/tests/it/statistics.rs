//! The statistics room over HTTP: a table is read, opened, released by two persons, and found by a stranger.

use super::station::{FORM, Station};
use askama::Template;
use habeas_desk::account::Visitor;
use habeas_desk::error::DeskError;
use habeas_desk::shell::ErrorPage;
use habeas_desk::texts::Language;

const CHAPTER: &str = "# Tables

```table
table T1
  Title \"Arrivals\". Cites \"Questions\" section 1. In force from 2020-01-01. Class conduct.
  Column arrivals: number of person arrived. Column custodies: number of custody with person arrived.
  By origin of the person arrived, place.
```

```access
allow statistician to read or export or approve table T1, because \"a figure has two persons behind it\".
```
";

fn station() -> Station {
    let station = Station::opens_with(CHAPTER);
    let officer = station.signs_in("officer:1");
    for custody in ["AV-1", "AV-2"] {
        assert_eq!(station.arrives(&officer, custody).0, 201);
    }
    station
}

#[test]
fn a_table_is_chosen_charted_and_held_against_another_period() {
    let station = station();
    let session = station.signs_in("officer:1");
    let (status, page) = station.get(&session, "/statistics");
    assert_eq!(status, 200);
    assert!(page.contains("T1 Arrivals"), "{page}");
    let (status, page) = station.get(&session, "/statistics?table=T1&period=2026&with=2025&by=origin");
    assert_eq!(status, 200, "{page}");
    let numbers = |page: &str, row: &str| {
        let row = page.split(row).nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap_or_default().to_owned();
        row.split("<td").skip(1).map(|cell| cell.split('>').skip(1).collect::<Vec<_>>().join(">")).collect::<Vec<_>>()
    };
    let all = numbers(&page, "<th scope=\"row\">all</th>");
    assert!(all[0].starts_with('2') && all[0].contains("(0"), "{all:?}");
    assert!(page.contains("<svg") && page.contains("origin street"), "{page}");
    assert!(!page.contains("/cell?"), "an officer does not open numbers");
    assert!(!page.contains("as everybody may see it"), "{page}");
    let (_, page) = station.get(&session, "/statistics?table=T1&period=2026&full=yes");
    assert!(page.contains("as everybody may see it") && !page.contains("/cell?"), "asked for in full, the officer is told that it is not");
    assert_eq!(station.get(&session, "/statistics?table=T1&period=soon").0, 422);
    assert_eq!(station.get(&session, "/statistics?table=T9&period=2026").0, 404);
    assert_eq!(station.get("", "/statistics").0, 303);
}

#[test]
fn a_number_opens_down_to_its_entries_for_those_the_law_names() {
    let station = station();
    let session = station.signs_in("statistician:1");
    let (_, page) = station.get(&session, "/statistics?table=T1&period=2026&full=yes");
    let href = page.split("href=\"").find(|part| part.starts_with("/statistics/T1/cell?")).and_then(|part| part.split('"').next());
    let href = href.expect("a link").replace("&#38;", "&").replace("&amp;", "&").replace("|", "%7C");
    let (status, cell) = station.get(&session, &href);
    assert_eq!(status, 200, "{cell}");
    assert!(cell.contains("AV-1-in") && cell.contains("AV-2-in"), "{cell}");
    assert_eq!(station.get(&station.signs_in("officer:1"), &href).0, 404, "and for nobody else");
}

#[test]
fn two_persons_release_a_table_and_a_stranger_reads_it() {
    let station = station();
    let first = station.signs_in("statistician:1");
    let (_, page) = station.get(&first, "/statistics?table=T1&period=2026");
    let as_of =
        page.split("name=\"as_of\" value=\"").last().and_then(|rest| rest.split('"').next()).expect("an as-of").replace("&#43;", "+");
    let body = |session: &str| {
        let token = station.token(session, "/statistics");
        format!("form_token={token}&table=T1&period=2026&as_of={}", as_of.replace('+', "%2B"))
    };
    let officer = station.signs_in("officer:1");
    assert_eq!(station.post(&officer, "/statistics/propose", FORM, &body(&officer)).0, 403);
    let (status, answer) = station.post(&first, "/statistics/propose", FORM, &body(&first));
    assert_eq!(status, 303, "{answer}");

    let second = station.signs_in("statistician:2");
    let (_, room) = station.get(&second, "/statistics");
    let proposal = room.split("name=\"proposal\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a proposal").to_owned();
    let approve = |session: &str| {
        let token = station.token(session, "/statistics?table=T1");
        station.post(session, "/statistics/approve", FORM, &format!("form_token={token}&proposal={proposal}"))
    };
    assert_eq!(approve(&first).0, 403, "nobody approves what they proposed");
    assert!(station.get("", "/open-data").1.contains("Nothing has been released yet"));
    let (status, to) = approve(&second);
    assert_eq!(status, 303, "{to}");
    assert_eq!(approve(&second).0, 404, "once");

    let (status, page) = station.get("", &to);
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Arrivals") && page.contains("custody.example/st/0412"), "{page}");
    let (status, csv) = station.get("", &format!("{to}/T1.csv"));
    assert_eq!(status, 200);
    assert!(csv.starts_with("column,") && csv.contains("arrivals,_T,_T,2,"), "{csv}");
    assert!(!csv.contains("AV-1"));
    let proof: serde_json::Value = serde_json::from_str(&station.get("", &format!("{to}/T1.proof.json")).1).expect("JSON");
    assert!(proof["checkpoint"].as_str().is_some_and(|note| note.starts_with("custody.example/st/0412\n")), "{proof}");
    assert!(station.get("", "/open-data/feed.atom").1.contains("T1 Arrivals, 2026"));
    for language in ["en", "az", "ru"] {
        let report = station.page_in(language, "/open-data/report/2026");
        assert!(report.contains(&format!("<html lang=\"{language}\"")) && report.contains("T1 Arrivals"), "{report}");
    }
    assert_eq!(station.get("", "/open-data/report/2020").0, 404);
}

#[test]
fn two_booked_in_at_one_instant_do_not_have_the_record_heard_anew() {
    let station = station();
    let officer = station.signs_in("officer:1");
    let counted = || {
        let (status, page) = station.get(&officer, "/statistics?table=T1&period=2026");
        assert_eq!(status, 200, "{page}");
        let (_, metrics) = station.get("", "/metrics");
        let begun = metrics.lines().find_map(|line| line.strip_prefix("habeas_statistics_begun_total ")).expect("a figure").to_owned();
        let row = page.split("<th scope=\"row\">all</th>").nth(1).expect("the row of all");
        let number = row.split("<td class=\"num\">").nth(1).and_then(|cell| cell.split('<').next()).expect("a number").trim().to_owned();
        (number, begun)
    };
    assert_eq!(counted(), ("2 p".to_owned(), "1".to_owned()), "the record is heard at the first question");
    // A van brings two. The officer books the second in first, and the clock has not gone on: in the log AV-9 stands before AV-3.
    station.waits(1);
    assert_eq!((station.arrives(&officer, "AV-9").0, station.arrives(&officer, "AV-3").0), (201, 201));
    assert_eq!(counted(), ("4 p".to_owned(), "1".to_owned()), "only what came in is heard");
}

#[test]
fn while_the_register_is_read_the_page_says_how_far_and_asks_again_by_itself() {
    let station = Station::opens();
    let error = DeskError::BeingRead { read: 6_144, of: 210_047 };
    assert_eq!(error.status().as_u16(), 503);
    for language in Language::ALL {
        let visitor = Visitor { language, ..Visitor::default() };
        let page = ErrorPage::of(&station.desk, &visitor, &error).render().expect("a page");
        assert!(page.contains("<meta http-equiv=\"refresh\" content=\"2\">"), "it needs no script: {page}");
        assert!(page.contains("<progress value=\"6144\" max=\"210047\""), "{page}");
        let (title, said) = (station.desk.texts.say(language, "being-read", &[]), station.desk.texts.say(language, "error-title", &[]));
        assert!(
            page.contains(&format!("<title>{title} - Habeas</title>")) && !page.contains(&format!("<title>{said}")),
            "it is no mistake: {page}"
        );
    }
    assert!(station.desk.wait_until_read().is_ok(), "a small register is waited for");
}
