//! Files that are handed in with an entry of a case: kept without what a camera says, opened by those who may read the entry and by nobody
//! else, each opening on record.

use super::station::Station;
use habeas_register::files::hash;
use serde_json::json;

const SUBJECT: [(&str, &str); 4] = [("case", "K-1"), ("place", "sahil"), ("person", "P1"), ("custody", "AV-1")];

/// The officer complained of, a colleague, their head, a doctor, an investigator: all at the place that holds the person.
const HOLDERS: [&str; 5] = ["officer:9", "officer:1", "head:1", "doctor:1", "investigator:1"];

const FORM: &str = "/record/case/K-1/enter/evidence_logged";

/// A photograph with its place, as a telephone takes it, and what is kept of it.
fn photo() -> (Vec<u8>, Vec<u8>) {
    let said = b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\0\0\0\0\0".as_slice();
    let picture = b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0coded\xff\xd9".as_slice();
    let begin = b"\xff\xd8".as_slice();
    ([begin, said, picture].concat(), [begin, picture].concat())
}

fn complained() -> Station {
    let station = Station::opens();
    station.arrives(&station.signs_in("officer:1"), "AV-1");
    let monitor = station.signs_in("monitor:1");
    let said = json!({ "channel": "oral", "type": "ill_treatment", "about": ["officer:9"], "account": "He struck me", "confidential": "yes",
        "child": "no", "opened by": "monitor:1" });
    assert_eq!(station.records(&monitor, "k-1", "complaint_received", &SUBJECT, said).0, 201);
    let sent = json!({ "to": "internal_affairs", "how": "portal", "origin": "monitor:1" });
    assert_eq!(station.records(&station.signs_in("affairs:1"), "k-2", "complaint_forwarded", &SUBJECT, sent).0, 201);
    station
}

struct Answered {
    status: u16,
    place: String,
    text: String,
}

/// Sends a form in parts: answers, and files with the name that each has on the sender's machine.
fn sends(station: &Station, session: &str, path: &str, answers: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answered {
    let mut body = Vec::new();
    for (name, value) in answers {
        body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    for (name, file, bytes) in files {
        let head =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: image/jpeg\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    let asked = station.agent.post(format!("{}{path}", station.address)).header("Cookie", format!("habeas={session}"));
    let mut answer = asked.header("Content-Type", "multipart/form-data; boundary=edge").send(&body[..]).expect("an answer");
    let place = answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Answered { status: answer.status().as_u16(), place, text: answer.body_mut().read_to_string().expect("text") }
}

/// The answers of the form for a piece of evidence.
fn answers<'a>(token: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let typed =
        [("form_token", token), ("draft", "ev-1"), ("at.time", "0218"), ("f.item", "photograph of the back"), ("f.to", "affairs:1")];
    typed.iter().chain(more).copied().collect()
}

/// The address of the first file of a record's page.
fn file_of(page: &str) -> Option<String> {
    let from = page.find("/record/case/K-1/file/")?;
    page[from..].split('"').next().map(str::to_owned)
}

fn opened(station: &Station, session: &str, path: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let asked = station.agent.get(format!("{}{path}", station.address)).header("Cookie", format!("habeas={session}"));
    let mut answer = asked.call().expect("an answer");
    let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    (answer.status().as_u16(), headers, answer.body_mut().read_to_vec().expect("bytes"))
}

#[test]
fn a_photograph_is_kept_without_its_place_and_each_who_opened_it_stands_beside_it() {
    let station = complained();
    let affairs = station.signs_in("affairs:1");
    let (taken, kept) = photo();
    let token = station.token(&affairs, FORM);
    let sent = sends(&station, &affairs, FORM, &answers(&token, &[("action", "save")]), &[("f.files.file", "yara/back.JPEG", &taken)]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let page = station.get(&affairs, "/record/case/K-1").1;
    let path = file_of(&page).expect("the case lists its file");
    for told in ["back.jpg", &hash(&taken).to_hex(), &hash(&kept).to_hex(), "where it was taken", "by nobody yet"] {
        assert!(page.contains(told), "{told}");
    }
    let (status, headers, bytes) = opened(&station, &affairs, &path);
    assert_eq!((status, bytes), (200, kept.clone()));
    let header = |name: &str| headers.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value);
    assert_eq!((header("content-type"), header("x-content-type-options")), ("image/jpeg", "nosniff"));
    assert!(header("content-disposition").starts_with("attachment; filename=\"back.jpg\""), "{}", header("content-disposition"));
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox; frame-ancestors 'none'");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(opened(&station, &station.signs_in("monitor:1"), &path).0, 200);
    let page = station.get(&affairs, "/record/case/K-1").1;
    let custody = page.split("id=\"files\"").nth(1).expect("the files");
    assert!(custody.contains("affairs:1") && custody.contains("monitor:1"), "who opened it: {custody}");
    let told = station.get(&affairs, "/api/subjects/case/K-1").1;
    assert!(told.contains(&hash(&kept).to_hex()) && told.contains("back.jpg"), "a program reads the same");
}

#[test]
fn to_those_who_hold_the_person_there_is_no_such_file_whatever_they_try() {
    let station = complained();
    let affairs = station.signs_in("affairs:1");
    let token = station.token(&affairs, FORM);
    let sent = sends(&station, &affairs, FORM, &answers(&token, &[("action", "save")]), &[("f.files.file", "back.jpg", &photo().0)]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let path = file_of(&station.get(&affairs, "/record/case/K-1").1).expect("the file");
    let of_custody = path.replace("/case/K-1/", "/custody/AV-1/");
    let nowhere = path.replace("/case/K-1/", "/case/K-7/");
    let count = || {
        station.desk.register.settle_readings().expect("entered");
        station.desk.register.scan(0, 500).expect("read").into_iter().filter(|entry| entry.kind == "evidence opened").count()
    };
    for account in HOLDERS {
        let session = station.signs_in(account);
        let unknown = opened(&station, &session, &nowhere);
        for tried in [&path, &of_custody, &format!("{}1", &path[..path.len() - 1]), &path.replace("/case/K-1/", "/person/P1/")] {
            let answer = opened(&station, &session, tried);
            assert_eq!((answer.0, unknown.0), (404, 404), "{account} {tried}");
        }
        for page in ["/record/custody/AV-1", "/record/person/P1", "/record/place/sahil", "/api/subjects/custody/AV-1", "/board"] {
            let told = station.get(&session, page).1;
            assert!(!told.contains("back.jpg") && !told.contains("vidence"), "{account} {page}");
        }
        assert_eq!(sends(&station, &session, FORM, &answers("x", &[]), &[("f.files.file", "a.jpg", &photo().0)]).status, 403, "{account}");
    }
    assert_eq!(count(), 0, "nobody has opened it");
    assert_eq!(opened(&station, &station.signs_in("affairs:1"), &of_custody.replace("ev-1", "ev-2")).0, 404);
}

#[test]
fn what_is_no_picture_is_refused_with_what_to_do_and_nothing_else_is_lost() {
    let station = complained();
    let affairs = station.signs_in("affairs:1");
    let token = station.token(&affairs, FORM);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".as_slice();
    let (taken, kept) = photo();
    let broken = &taken[..taken.len() - 4];
    let large = vec![0xff; 20_000_001];
    for (name, bytes, why) in [
        ("back.jpg", svg, "neither a photograph"),
        ("back.jpg", broken, "breaks off"),
        ("back.jpg", b"", "is empty"),
        ("back.jpg", &large, "larger than 20 MB"),
    ] {
        let both = [("f.files.file", name, bytes), ("f.files.file", "good.jpg", taken.as_slice())];
        let again = sends(&station, &affairs, FORM, &answers(&token, &[("action", "save")]), &both);
        assert_eq!(again.status, 422, "{why}");
        assert!(again.text.contains(why), "{why}: {}", again.text);
        assert!(again.text.contains("photograph of the back"), "what was typed stays");
        assert!(again.text.contains("good.jpg"), "and so does the other file");
        assert!(!again.text.contains("<script>alert"));
    }
    assert_eq!(file_of(&station.get(&affairs, "/record/case/K-1").1), None, "nothing was entered");
    // A button beside a time box sends the page there and back: the file waits.
    let pressed = sends(&station, &affairs, FORM, &answers(&token, &[("quick", "at:0")]), &[("f.files.file", "good.jpg", &taken)]);
    let waits = pressed.text.split("name=\"f.files.kept\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("it waits");
    let twice = [("action", "save"), ("f.files.kept", waits), ("f.files.kept", waits)];
    let other = sends(&station, &station.signs_in("affairs:2"), FORM, &[], &[]);
    assert_eq!(other.status, 403);
    let sent = sends(&station, &affairs, FORM, &answers(&token, &twice), &[]);
    assert_eq!((sent.status, sent.place.starts_with("/receipt/ev-1")), (303, true), "{}", sent.text);
    let page = station.get(&affairs, "/record/case/K-1").1;
    assert_eq!(page.matches(&hash(&kept).to_hex()).count(), 2, "one file: its field, and its line");
    let gone = sends(&station, &affairs, FORM, &answers(&token, &[("action", "save"), ("f.files.kept", waits)]), &[]);
    assert!(gone.status == 422 && gone.text.contains("waits here no longer"), "{}", gone.text);
}

/// Sends an event with files as a program does: the event as a part, each file a part named like its field.
fn appends(station: &Station, session: &str, event: &serde_json::Value, files: &[(&str, &str, &[u8])]) -> Answered {
    sends(station, session, "/api/events", &[("event", &event.to_string())], files)
}

#[test]
fn a_program_hands_in_a_file_with_an_event_and_says_no_hash() {
    let station = complained();
    let affairs = station.signs_in("affairs:1");
    let (taken, kept) = photo();
    let at = station.desk.now().timestamp().to_string();
    let event = |id: &str| {
        json!({ "id": id, "kind": "evidence_logged", "at": at, "subject": { "case": "K-1" },
            "fields": { "item": "photograph of the back", "to": "affairs:1" } })
    };
    let sent = appends(&station, &affairs, &event("ev-p"), &[("files", "back.jpeg", &taken)]);
    assert_eq!(sent.status, 201, "{}", sent.text);
    let again = appends(&station, &affairs, &event("ev-p"), &[("files", "back.jpeg", &taken)]);
    let leaf = |text: &str| text.split("\"leaf\":").nth(1).map(|rest| rest[..46].to_owned());
    assert_eq!((again.status, leaf(&again.text)), (201, leaf(&sent.text)), "sent again: the same receipt");
    let path = file_of(&station.get(&affairs, "/record/case/K-1").1).expect("the file");
    assert_eq!(opened(&station, &affairs, &path).2, kept);
    for (field, name, bytes, why) in [
        ("item", "back.jpeg", taken.as_slice(), "no file belongs here"),
        ("nothing", "back.jpeg", taken.as_slice(), "no file belongs here"),
        ("files", "back.jpeg", b"<svg/>".as_slice(), "neither a photograph"),
    ] {
        let refused = appends(&station, &affairs, &event("ev-q"), &[(field, name, bytes)]);
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains(why) && refused.text.contains(&format!("fields.{field}")), "{}", refused.text);
    }
    let holder = appends(&station, &station.signs_in("officer:9"), &event("ev-r"), &[("files", "back.jpeg", &taken)]);
    assert_eq!(holder.status, 403, "{}", holder.text);
    assert_eq!(appends(&station, "nobody", &event("ev-s"), &[("files", "back.jpeg", &taken)]).status, 401);
    let told = station.get(&affairs, "/api/subjects/case/K-1").1;
    assert!(!told.contains("ev-q") && !told.contains("ev-r") && !told.contains("ev-s"));
}
