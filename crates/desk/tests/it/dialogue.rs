//! The treaty coordinator's day: a record is read, a decision made, a reply drafted, an action planned, progress noted, the plan published.

use super::station::{FORM, Station};

const RECORD: &str = include_str!("../../../review/tests/records/children-1998.txt");
const OBSERVATIONS: &str = include_str!("../../../review/tests/records/observations.txt");

/// A text as a form sends it.
fn sent(text: &str) -> String {
    let one = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

/// Pastes a document; where its workbench is.
fn pasted(station: &Station, session: &str, text: &str) -> String {
    let token = station.token(session, "/review");
    let (status, to) = station.post(session, "/review", FORM, &format!("form_token={token}&text={}", sent(text)));
    assert_eq!(status, 303, "{to}");
    to
}

#[test]
fn a_record_is_read_a_decision_made_and_a_reply_drafted() {
    let station = Station::opens();
    let session = station.signs_in("coordinator:1");
    let bench = pasted(&station, &session, RECORD);
    let (status, page) = station.get(&session, &bench);
    assert_eq!(status, 200);
    let open = page.matches(" data-open").count();
    assert!(open > 0 && page.contains("id=\"p7\"") && page.contains("accesskey=\"n\""), "{page}");
    let question = page.split("<article class=\"sheet stack-s\" id=\"").find(|part| part.contains(" data-open>")).expect("a question");
    let id = question.split('"').next().expect("an id").to_owned();
    let token = station.token(&session, &bench);
    let body = format!("form_token={token}&question={id}&status=full&replies=&why=said+in+private");
    let (status, to) = station.post(&session, &format!("{bench}/decide"), FORM, &body);
    assert_eq!(status, 303, "{to}");
    let (_, page) = station.get(&session, &bench);
    assert_eq!(page.matches(" data-open").count() + 1, open);
    assert!(page.contains("decided by coordinator:1: said in private"), "{page}");
    let (_, only) = station.get(&session, &format!("{bench}?show=open"));
    assert!(only.len() < page.len());

    let (status, reply) = station.get(&session, &format!("{bench}/reply/reply.txt"));
    assert_eq!(status, 200);
    assert!(reply.starts_with("Draft reply to ") && reply.contains("[Reply]") && !reply.contains("said in private"), "{reply}");
    let docx = station.agent.get(format!("{}{bench}/reply/reply.docx", station.address)).header("Cookie", format!("habeas={session}"));
    let bytes = docx.call().expect("an answer").body_mut().read_to_vec().expect("bytes");
    assert!(bytes.starts_with(b"PK\x03\x04"));
    assert_eq!(station.get(&session, &format!("{bench}/reply/reply.exe")).0, 404);
}

#[test]
fn who_keeps_the_dialogue_reads_its_record_and_an_officer_does_not() {
    let station = Station::opens();
    let session = station.signs_in("coordinator:1");
    let record = "/record/review/second-cycle";
    let fields = serde_json::json!({ "body": "crc", "done by": "the rapporteur", "para": "6", "text": "How many were held?",
        "asks for": "number", "due": "2026-03-10T09:00:00Z" });
    let (status, answer) = station.records(&session, "q-1", "question_put", &[("review", "second-cycle")], fields);
    assert!(status < 300, "{answer}");
    let (status, page) = station.get(&session, record);
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("How many were held?"), "{page}");
    assert_eq!(station.get(&station.signs_in("officer:1"), record).0, 404);
}

#[test]
fn what_is_no_record_is_refused_and_an_officer_finds_no_workbench() {
    let station = Station::opens();
    let session = station.signs_in("coordinator:1");
    let token = station.token(&session, "/review");
    let (status, page) = station.post(&session, "/review", FORM, &format!("form_token={token}&text=A+shopping+list"));
    assert_eq!(status, 422, "{page}");
    assert!(station.get(&session, "/review").1.contains("No document yet"));
    assert_eq!(station.get(&station.signs_in("officer:1"), "/review").0, 404);
    assert!(!station.get(&station.signs_in("officer:1"), "/board").1.contains("href=\"/review\""));
}

#[test]
fn an_action_is_planned_falls_overdue_is_closed_and_everybody_can_read_it() {
    let station = Station::opens();
    let session = station.signs_in("coordinator:1");
    let bench = pasted(&station, &session, OBSERVATIONS);
    let token = station.token(&session, &bench);
    assert_eq!(station.post(&session, &format!("{bench}/plan"), FORM, &format!("form_token={token}")).0, 303);
    let (_, plan) = station.get(&session, "/plan");
    let reference = plan.split("name=\"on\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a recommendation").to_owned();
    let enter = |path: &str, body: &str| station.post(&session, path, FORM, &format!("form_token={token}&{body}"));
    let on = sent(&reference);
    let (status, answer) = enter("/plan/add", &format!("on={on}&what=Remote+access&leads=Interior+ministry&due=2026-03-20"));
    assert_eq!(status, 303, "{answer}");
    assert_eq!(enter("/plan/add", &format!("on={on}&what=Again&due=soon")).0, 422, "a day is a day");
    assert_eq!(enter("/plan/note", "on=action-1&what=Tender+published&evidence=https%3A%2F%2Fexample.org").0, 303);
    let (status, public) = station.get("", "/plan");
    assert_eq!(status, 200);
    assert!(public.contains("Remote access") && public.contains("Tender published") && !public.contains("/plan/add"), "{public}");
    let overdue = |page: &str| page.matches("flag risk").count();
    let before = overdue(&public);
    station.waits(60 * 24 * 30);
    assert_eq!(overdue(&station.get("", "/plan").1), before + 1);
    let session = station.signs_in("coordinator:1");
    let token = station.token(&session, "/plan");
    let (status, answer) = station.post(&session, "/plan/close", FORM, &format!("form_token={token}&on=action-1&state=done"));
    assert_eq!(status, 303, "{answer}");
    assert_eq!(overdue(&station.get("", "/plan").1), before);
    let entry = station.desk.register.history("programme", "plan-of-action", None).expect("the plan");
    assert!(entry.iter().all(|entry| entry.by.as_deref() == Some("coordinator:1")), "each with its author");
}
