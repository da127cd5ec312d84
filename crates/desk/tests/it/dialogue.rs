//! The treaty coordinator's day: a record is read, a decision made, a reply drafted, an action planned, progress noted, the plan published.

use super::station::{FORM, Station};
use habeas_desk::dialogue::offering::Offers;
use std::path::Path;

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

/// Over every question of the annotated records: none but these is offered a table, and each the right one.
#[test]
fn a_question_is_offered_a_table_only_where_it_asks_for_its_number() {
    let reading = habeas_codebook::read(&crate::folder("aze"), &|pack| Some(crate::folder(pack)));
    let pack = reading.codebook.expect("a codebook");
    let offers = Offers::of(&pack);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../review/tests/records");
    let mut records: Vec<_> = std::fs::read_dir(folder).expect("records").map(|entry| entry.expect("a file").path()).collect();
    records.retain(|path| path.extension().is_some_and(|kind| kind == "txt" || kind == "md"));
    records.sort();
    let mut found = Vec::new();
    let mut asked = 0;
    for record in &records {
        let Ok(review) = habeas_review::import(&std::fs::read(record).expect("a record")) else { continue };
        asked += review.questions.len();
        for question in &review.questions {
            if let Some(table) = offers.answering(&question.text) {
                let name = record.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
                found.push(format!("{name} {} {}", question.id, table.id));
            }
        }
    }
    assert!(asked > 350, "{asked}");
    let right = [
        // How many children were in pretrial detention.
        "children-2019 q13.4 R16",
        // How many applications for registration had been refused.
        "covenant-2007 q9.2 R28",
        // How many had died in prison.
        "covenant-2024 q14.2 R06",
        // How many unannounced visits had been made.
        "torture-2013 q33.2 R20",
        // The number of children deprived of their liberty.
        "torture-2013 q34.2 R16",
        // Victims of trafficking who had been identified.
        "torture-2013 q35.2 R23",
        // How many of the orders made under the Domestic Violence Act had been breached.
        "torture-2013 q35.4 R24",
        // How many protection orders had been issued.
        "women-2009 q36.1 R24",
    ];
    assert_eq!(found, right);
    let of = |question: &str| offers.answering(question).map(|table| table.id.as_str());
    assert_eq!(of("yearly figures on deaths in custody by cause, sex and age group"), Some("R06"));
    assert_eq!(of("asked how many times staff had used force against persons in prison in each of the past three years"), Some("R09"));
    assert_eq!(of("how often an involuntary placement was reviewed"), Some("R19"));
    assert_eq!(of("asked how many times staff had used force against persons in prison … under which rules force could be used"), None);
    assert_eq!(of("asked how many had been trained"), None);
    assert_eq!(of("what was being done to prevent suicide"), None);
}
