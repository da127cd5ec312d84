//! Papers that leave the desk: letters to whoever complained, and the kit that visitors take along.

use super::station::Station;
use serde_json::json;

const CASE: [(&str, &str); 4] = [("case", "K-1"), ("place", "sahil"), ("person", "P1"), ("custody", "AV-1")];

/// What the pack of a State adds: that a relative may complain from outside, and what a visit consists of.
const CHAPTER: &str = "# Papers\n\n```flow\nflow complaint from outside of case: for relative;\n  record complaint received;\n  \
    show complainant informed.\nflow monitoring visit of visit: for monitor;\n  record visit started;\n  \
    record finding recorded optional repeatable.\n```\n";

const LETTER: &str = "/record/case/K-1/letter";

fn complained() -> Station {
    let station = Station::opens_with(CHAPTER);
    assert_eq!(station.arrives(&station.signs_in("officer:1"), "AV-1").0, 201);
    let monitor = station.signs_in("monitor:1");
    let said = json!({ "channel": "oral", "type": "ill_treatment", "about": ["officer:9"], "account": "He struck me in the van",
        "confidential": "yes", "child": "no", "opened by": "monitor:1" });
    let (status, answer) = station.records(&monitor, "k-1", "complaint_received", &CASE, said);
    assert_eq!(status, 201, "{answer}");
    let sent = json!({ "to": "internal_affairs", "how": "portal", "origin": "monitor:1" });
    assert_eq!(station.records(&station.signs_in("affairs:1"), "k-2", "complaint_forwarded", &CASE, sent).0, 201);
    station
}

#[test]
fn a_letter_says_what_became_of_a_complaint_in_three_languages_and_names_nobody() {
    let station = complained();
    let affairs = station.signs_in("affairs:1");
    let (status, choose) = station.get(&affairs, LETTER);
    assert_eq!(status, 200);
    assert!(choose.contains("received") && choose.contains("forwarded") && !choose.contains("about=outcome"), "{choose}");
    let mut seen = Vec::new();
    for language in ["en", "az", "ru"] {
        for about in ["received", "forwarded"] {
            let (status, letter) = station.get(&affairs, &format!("{LETTER}?about={about}&lang={language}&as=page"));
            assert_eq!(status, 200, "{about} {language}");
            assert!(letter.contains(&format!("<html lang=\"{language}\"")) && letter.contains("K-1"), "{letter}");
            let main = letter.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).expect("a page");
            for name in ["officer:9", "monitor:1", "struck", "van"] {
                assert!(!main.contains(name), "{about} {language}: {name} in {main}");
            }
            seen.push(main.to_owned());
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 6, "each is its own");
    let address = format!("{}{LETTER}?about=received&lang=ru&as=pdf", station.address);
    let mut pdf = station.agent.get(address).header("Cookie", format!("habeas={affairs}")).call().expect("an answer");
    assert!(pdf.body_mut().read_to_vec().expect("bytes").starts_with(b"%PDF-"), "and as a PDF");
}

#[test]
fn a_letter_about_what_has_not_happened_is_not_written_nor_one_by_whoever_may_not_write_it() {
    let station = complained();
    let affairs = station.signs_in("affairs:1");
    for about in ["outcome", "nothing", ""] {
        assert_eq!(station.get(&affairs, &format!("{LETTER}?about={about}&lang=en&as=page")).0, 404, "{about}");
    }
    for account in ["officer:9", "officer:1", "head:1", "doctor:1", "statistician:1"] {
        let session = station.signs_in(account);
        for asked in [LETTER.to_owned(), format!("{LETTER}?about=received&lang=az&as=pdf")] {
            assert!(matches!(station.get(&session, &asked).0, 403 | 404), "{account} {asked}");
        }
    }
}

fn visited() -> Station {
    let station = Station::opens_with(CHAPTER);
    assert_eq!(station.arrives(&station.signs_in("officer:1"), "AV-1").0, 201);
    let begun = json!({ "mandate": "ombudsman", "members": ["monitor:1"], "announced": "no", "asked entry at": "2026-03-04T02:05:00Z",
        "entered at": "2026-03-04T02:12:00Z" });
    let visit = [("visit", "V-1"), ("place", "sahil")];
    let (status, answer) = station.records(&station.signs_in("monitor:1"), "v-1", "visit_started", &visit, begun);
    assert_eq!(status, 201, "{answer}");
    station
}

#[test]
fn the_kit_has_the_steps_of_the_visit_a_sample_drawn_by_the_log_and_may_be_installed() {
    let station = visited();
    station.waits(1);
    let monitor = station.signs_in("monitor:1");
    let (status, kit) = station.get(&monitor, "/visit/V-1/kit");
    assert_eq!(status, 200, "{kit}");
    for told in
        ["rel=\"manifest\" href=\"/kit.webmanifest\"", "/assets/kit.js", "/record/visit/V-1/enter/finding_recorded", "AV-1", "data-leaf"]
    {
        assert!(kit.contains(told), "{told}");
    }
    assert!(!kit.contains("AV-2"), "only who was there when the visit began");
    let root = kit.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).expect("a root").to_owned();
    assert_eq!(station.arrives(&station.signs_in("officer:1"), "AV-2").0, 201);
    let again = station.get(&monitor, "/visit/V-1/kit").1;
    assert!(again.contains(&root), "what is entered later changes nothing in what was drawn");
    for (address, kind) in
        [("/kit.webmanifest", "\"display\":\"standalone\""), ("/kit-worker.js", "addEventListener"), ("/assets/kit.js", "kit")]
    {
        let (status, text) = station.get(&monitor, address);
        assert!(status == 200 && text.contains(kind), "{address}: {status}");
    }
    station.desk.register.settle_readings().expect("entered");
    let taken = station.desk.register.scan(0, 500).expect("read").into_iter().filter(|entry| entry.kind == "record accessed").count();
    assert!(taken > 0, "that records were taken along is in the log");
}

#[test]
fn the_kit_is_the_visitors_own() {
    let station = visited();
    for account in ["officer:1", "head:1", "doctor:1", "investigator:1", "lawyer:1", "statistician:1"] {
        let (status, page) = station.get(&station.signs_in(account), "/visit/V-1/kit");
        assert!(matches!(status, 403 | 404), "{account}: {status}");
        assert!(!page.contains("AV-1"), "{account}");
    }
    assert_eq!(station.get("nobody", "/visit/V-1/kit").0, 303, "nobody is asked to sign in");
}
