//! The codebook room: a chapter changed as a draft, checked, and tried on the record before it is adopted.

use super::station::{FORM, Station};

/// A law of one safeguard: whoever arrives is told of the rights within an hour.
const CHAPTER: &str = "# Rights\n\n```limit\nlimit telling is 1 hour, set by operator, because \"a test\".\n```\n\n```rule\n\
    rule rights-told\n  cites \"Questions\" section 1.\n  in force from 2020-01-01.\n  severity serious.\n  \
    for each custody, after person arrived, rights explained must happen within the limit telling.\n  on breach, tell ombudsman.\n```\n";

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn sends(station: &Station, session: &str, draft: &str, action: &str) -> (u16, String) {
    let token = station.token(session, "/codebook?chapter=chapters/99-more.md");
    let body = format!("form_token={token}&chapter=chapters%2F99-more.md&whose=all&action={action}&draft={}", encoded(draft));
    station.post(session, "/codebook", FORM, &body)
}

#[test]
fn a_draft_is_checked_with_its_lines_and_tried_on_the_record_and_the_law_stays_as_it_is() {
    let station = Station::opens_with(CHAPTER);
    assert_eq!(station.arrives(&station.signs_in("officer:1"), "AV-1").0, 201);
    let monitor = station.signs_in("monitor:1");
    let (status, page) = station.get(&monitor, "/codebook?chapter=chapters/99-more.md");
    assert!(status == 200 && page.contains("limit telling is 1 hour"), "{status}");
    let broken = CHAPTER.replace("rights explained must", "rights explaned must");
    let (status, page) = sends(&station, &monitor, &broken, "try");
    assert_eq!(status, 422, "{page}");
    for told in ["E1", "Line ", "explaned", "no law to judge by"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // Five minutes after the arrival nothing is owed; by the draft it is past its time.
    let strict = CHAPTER.replace("1 hour", "1 minute");
    let (status, page) = sends(&station, &monitor, &strict, "try");
    assert_eq!(status, 200, "{page}");
    let trial = page.split("id=\"trial\"").nth(1).expect("it was tried");
    for told in ["Rights told", "Breached", "+1", "\u{2212}1"] {
        assert!(trial.contains(told), "{told}: {trial}");
    }
    let (_, same) = sends(&station, &monitor, CHAPTER, "try");
    assert!(same.contains("changes no verdict"), "{same}");
    let (_, page) = station.get(&monitor, "/codebook?chapter=chapters/99-more.md");
    assert!(page.contains("1 hour") && !page.contains("1 minute"), "the law in force is the law in force");
    station.desk.register.settle_readings().expect("entered");
    let listed = station.desk.register.scan(0, 500).expect("read").into_iter().filter(|entry| entry.kind == "record searched").count();
    assert_eq!(listed, 2, "each trial is an entry");
}

#[test]
fn a_draft_may_declare_what_the_law_does_not_and_no_number_is_told_to_whoever_serves_at_one_place() {
    let station = Station::opens_with(CHAPTER);
    assert_eq!(station.arrives(&station.signs_in("officer:1"), "AV-1").0, 201);
    let more = CHAPTER.replace(
        "```limit\n",
        "```event\nevent aardvark seen of custody: by whom text.\n```\n\n```rule\nrule aardvark-shown\n  cites \"Questions\" section 2.\n  \
         in force from 2020-01-01.\n  severity notable.\n  for each custody, after person arrived, \
         aardvark seen must happen within the limit telling.\n  \
         on breach, tell ombudsman.\n```\n\n```limit\n",
    );
    let monitor = station.signs_in("monitor:1");
    let (status, page) = sends(&station, &monitor, &more, "try");
    assert!(status == 200 && page.contains("Aardvark shown"), "{page}");
    let officer = station.signs_in("officer:1");
    assert_eq!(sends(&station, &officer, CHAPTER, "check").0, 200, "the check is for everybody");
    assert_eq!(sends(&station, &officer, CHAPTER, "try").0, 403);
    assert_eq!(station.get(&officer, "/codebook?chapter=../../etc/passwd").0, 404);
}
