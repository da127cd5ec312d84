//! The record in lanes and as known at a moment, the wall, a shift handed over, papers, receipts brought back, and who cannot sign in.

use super::station::{FORM, Station};
use habeas_desk::Account;
use habeas_register::Draft;
use habeas_register::draft::exactly;
use serde_json::json;

const SUBJECT: [(&str, &str); 3] = [("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];

fn officer(station: &Station, id: &str, role: &str) {
    let account = Account {
        id: id.to_owned(),
        name: format!("Officer {id}"),
        roles: vec![role.to_owned()],
        places: vec!["sahil".to_owned()],
        ..Account::default()
    };
    station.desk.accounts.put(&account).expect("stored");
}

/// Somebody arrives, and is told to be watched five minutes later.
fn held() -> (Station, String) {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    assert_eq!(station.arrives(&session, "AV-1").0, 201);
    station.waits(5);
    let fields = json!({ "item": "meal", "offered at": "2026-03-04T02:24:00Z", "accepted": "yes" });
    let (status, answer) = station.records(&session, "meal", "care_given", &SUBJECT, fields);
    assert_eq!(status, 201, "{answer}");
    (station, session)
}

#[test]
fn the_record_is_drawn_in_lanes_and_the_same_stands_in_a_table() {
    let (station, session) = held();
    let (status, page) = station.get(&session, "/record/custody/AV-1");
    assert_eq!(status, 200);
    assert!(page.contains("role=\"img\" aria-labelledby=\"lane-t lane-d\"") && page.contains("Meals, care: 02:25."), "{page}");
    assert!(page.contains("<a href=\"#meal\">Care given</a>"), "the row of the table leads to the entry: {page}");
}

#[test]
fn as_known_at_a_moment_the_record_is_without_what_was_entered_later() {
    let (station, session) = held();
    let path = "/record/custody/AV-1";
    let (_, page) = station.get(&session, &format!("{path}?known_at=2026-03-04%2002:22"));
    assert!(page.contains("as it was known at") && !page.contains("id=\"meal\""), "{page}");
    assert!(station.get(&session, &format!("{path}?entry=1")).1.contains("as it was known at"), "the slider");
    assert!(station.get(&session, &format!("{path}?entry=2")).1.contains("id=\"meal\""), "the last entry is the present");
    let (status, page) = station.get(&session, &format!("{path}?known_at=the%20day%20before"));
    assert!(status == 200 && page.contains("This is no moment before now") && page.contains("the day before"), "{page}");
    assert!(station.get(&session, &format!("{path}?show=corrected")).1.contains("No such entries"));
}

#[test]
fn a_wall_shows_cells_and_initials_and_never_a_name() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    station.arrives(&session, "AV-1");
    let fields = json!({ "names": "Velkan, Daro", "nationality": ["AZ"], "languages": ["ru"], "stateless": "no", "sex": "male",
        "method": "document", "confidence": "claimed" });
    let subject = [("person", "P1"), ("custody", "AV-1"), ("place", "sahil")];
    let (status, answer) = station.records(&session, "who", "identity_established", &subject, fields);
    assert_eq!(status, 201, "{answer}");
    let (status, page) = station.get(&session, "/board/wall?place=sahil");
    assert!(status == 200 && page.contains("class=\"wall\"") && page.contains("http-equiv=\"refresh\""), "{page}");
    assert!(!page.contains("Velkan") && !page.contains("<button") && !page.contains("<input"), "{page}");
    assert!(station.get(&session, "/record/custody/AV-1/paper").1.contains("value=\"ru\" checked"), "the person reads Russian");
}

#[test]
fn a_board_of_more_than_it_shows_says_so_and_a_handover_leaves_nobody_out() {
    let station = Station::opens();
    let session = station.signs_in("officer:1");
    let now = station.desk.now();
    let arrival = |number: usize| {
        let (custody, person) = (format!("AV-{number}"), format!("P{number}"));
        let subjects = [("custody", custody.as_str()), ("person", person.as_str()), ("place", "sahil")];
        let draft = Draft::new(&format!("in-{number}"), "person arrived", exactly(now), &subjects);
        let draft = draft.with("brought by", json!(["officer:9"])).with("origin", "street");
        Draft { source: Some("the register before".to_owned()), ..draft.with("injuries apparent", "no").with("says ill treated", "no") }
    };
    let answers =
        station.desk.register.append_all((0..507).map(arrival).collect(), &station.reader("officer:1").actor(), now).expect("open");
    assert!(answers.iter().all(Result::is_ok), "{:?}", answers.iter().find(|answer| answer.is_err()));
    let (status, page) = station.get(&session, "/board");
    assert_eq!((status, page.matches("data-record=").count()), (200, 500));
    assert!(page.contains("The first 500 of 507 are shown"), "{page}");
    assert!(station.get(&session, "/board?q=AV-506").1.contains("/record/custody/AV-506"));
    assert_eq!(station.get(&session, "/handover").1.matches("name=\"told.AV-").count(), 507);
}

#[test]
fn a_shift_is_handed_over_person_by_person_and_nobody_is_skipped() {
    let (station, ends) = held();
    officer(&station, "officer:3", "custody officer");
    let subject = [("custody", "AV-2"), ("person", "P2"), ("place", "sahil")];
    let arrived = json!({ "brought by": ["officer:9"], "origin": "street", "injuries apparent": "no", "says ill treated": "no" });
    assert_eq!(station.records(&ends, "AV-2-in", "person_arrived", &subject, arrived).0, 201);
    let token = station.token(&ends, "/handover");
    let (status, _) =
        station.post(&ends, "/handover", FORM, &format!("form_token={token}&action=end&receiver=officer:3&told.AV-1=asks+for+water"));
    assert_eq!(status, 303);
    assert!(station.get(&ends, "/handover").1.contains("Take it back"), "until it is confirmed the shift is theirs");

    let next = station.signs_in("officer:3");
    assert!(station.get(&next, "/board").1.contains("hands the shift over to you"));
    let (_, page) = station.get(&next, "/handover");
    assert!(page.contains("asks for water"), "{page}");
    let token = station.token(&next, "/handover");
    let id = page.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
    let body = format!("form_token={token}&action=take&id={id}&walked=yes&seen.AV-1=yes&remark.AV-1=asleep");
    let (status, page) = station.post(&next, "/handover", FORM, &body);
    assert!(status == 422 && page.contains("AV-2 is not ticked yet") && page.contains("asleep"), "{page}");
    assert!(station.desk.register.entry(&format!("{id}-AV-1")).is_err(), "all are confirmed or none");

    let (status, to) = station.post(&next, "/handover", FORM, &format!("{body}&seen.AV-2=yes"));
    assert!(status == 303 && to.contains("/handover?done="), "{to}");
    for custody in ["AV-1", "AV-2"] {
        let entry = station.desk.register.entry(&format!("{id}-{custody}")).expect("confirmed");
        let said = format!("{:?}", entry.fields);
        assert!(said.contains("officer:1") && said.contains("officer:3"), "{said}");
    }
    assert_eq!(station.get(&ends, "/board").0, 303, "who ended is signed out everywhere");
    assert_eq!(station.post(&next, "/handover", FORM, &format!("{body}&seen.AV-2=yes")).0, 303, "sent twice it is entered once");
}

#[test]
fn only_who_records_a_hand_over_there_finds_its_page() {
    let (station, _) = held();
    for account in ["doctor:1", "lawyer:1", "monitor:1"] {
        assert_eq!(station.get(&station.signs_in(account), "/handover").0, 403, "{account}");
    }
    assert!(!station.get(&station.signs_in("officer:2"), "/handover").1.contains("AV-1"));
}

#[test]
fn a_record_leaves_on_paper_in_the_persons_language_without_what_the_reader_may_not_see() {
    let (station, session) = held();
    let (status, page) = station.get(&session, "/record/custody/AV-1/paper?lang=az&as=page");
    assert!(status == 200 && page.contains("lang=\"az\"") && page.contains("class=\"qr\""), "{page}");
    let mut pdf = station.agent.get(format!("{}/record/custody/AV-1/paper?lang=ru&as=pdf", station.address));
    pdf = pdf.header("Cookie", format!("habeas={session}"));
    let mut answer = pdf.call().expect("an answer");
    assert_eq!(answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()), Some("application/pdf"));
    assert!(answer.body_mut().read_to_vec().expect("bytes").starts_with(b"%PDF-1.7"));
    assert_eq!(station.get(&station.signs_in("officer:2"), "/record/custody/AV-1/paper?as=pdf").0, 404);
    assert_eq!(station.get(&station.signs_in("officer:2"), "/receipt/meal/paper?as=pdf").0, 404);
    station.desk.register.settle_readings().expect("durable");
    let read = station.desk.register.history("custody", "AV-1", None).expect("a record");
    let is_exported = |entry: &habeas_register::Entry| entry.fields.iter().any(|told| told.name == "exported" && told.value == "yes");
    assert_eq!(read.iter().filter(|entry| is_exported(entry)).count(), 2, "that it left is in the log");
}

#[test]
fn a_receipt_that_is_brought_back_is_told_in_plain_words() {
    let (station, session) = held();
    let (status, receipt) = station.get(&session, "/receipt/meal/paper?as=text");
    assert!(status == 200 && receipt.starts_with("c2sp.org/tlog-proof"), "{receipt}");
    let brings = |text: &str| {
        let form: String = text.bytes().map(|b| format!("%{b:02X}")).collect();
        station.post("", "/verify", FORM, &format!("receipt={form}")).1
    };
    let page = brings(&receipt);
    assert!(page.contains("It stands") && page.contains("Care given"), "{page}");
    assert!(brings(&receipt.replace('\n', "\r\n")).contains("It stands"), "as a browser sends it");
    let index = receipt.lines().find_map(|line| line.strip_prefix("index ")).unwrap_or("2").to_owned();
    let altered = receipt.replacen(&format!("\n{index}\n"), "\n0\n", 1).replacen(&format!("index {index}"), "index 0", 1);
    assert!(brings(&altered).contains("It does not hold"), "{altered}");
    assert!(brings("hello").contains("This is no receipt"));
    let elsewhere = receipt.replace("custody.example/st/0412", "custody.example/st/9999");
    assert!(brings(&elsewhere).contains("It is of another log"), "{elsewhere}");
}

#[test]
fn roles_that_exclude_each_other_do_not_sign_in_together() {
    // The vocabulary says: duty investigator excludes custody officer.
    let station = Station::opens();
    let mut account =
        Account { id: "officer:7".to_owned(), name: "Seven".to_owned(), places: vec!["sahil".to_owned()], ..Account::default() };
    account.roles = vec!["custody officer".to_owned(), "investigator".to_owned()];
    station.desk.accounts.put(&account).expect("stored");
    let until = habeas_codebook::moment::Moment(station.desk.now().0 + 60_000_000);
    let link = station.desk.accounts.make_link("officer:7", until).expect("a link");
    assert_eq!(station.post("", &format!("/sign-in/{link}"), FORM, "").0, 403);
    account.roles.pop();
    station.desk.accounts.put(&account).expect("stored");
    let link = station.desk.accounts.make_link("officer:7", until).expect("a link");
    assert_eq!(station.post("", &format!("/sign-in/{link}"), FORM, "").0, 303);
}

#[test]
fn signing_out_everywhere_ends_every_session_of_the_account_and_of_nobody_else() {
    let (station, here) = held();
    let (there, other) = (station.signs_in("officer:1"), station.signs_in("officer:2"));
    assert_eq!(station.post(&here, "/sign-out-everywhere", FORM, "form_token=guessed").0, 403);
    let token = station.token(&here, "/account");
    assert_eq!(station.post(&here, "/sign-out-everywhere", FORM, &format!("form_token={token}")).0, 303);
    assert_eq!([&here, &there, &other].map(|session| station.get(session, "/board").0), [303, 303, 200]);
}

#[test]
fn every_page_of_the_desk_carries_the_strict_headers() {
    let (station, session) = held();
    let record = "/record/custody/AV-1";
    let own =
        ["", "/paper", "/paper?as=page", "/paper?as=pdf", "/enter", "/readers", "/enter/care_given"].map(|part| format!("{record}{part}"));
    let public = ["/law", "/verify", "/parts", "/sign-in", "/relative", "/open-data", "/plan", "/nowhere", "/assets/noto-sans.ttf"];
    let signed = ["/board", "/board/wall", "/handover", "/cells", "/account", "/book", "/receipt/meal", "/receipt/meal/paper?as=text"];
    for path in own.iter().map(String::as_str).chain(public).chain(signed) {
        let asked = station.agent.get(format!("{}{path}", station.address)).header("Cookie", format!("habeas={session}"));
        let answer = asked.call().expect("an answer");
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        let kept = ["x-content-type-options", "x-frame-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy"];
        assert!(kept.iter().all(|name| !header(name).is_empty()), "{path}");
    }
}
