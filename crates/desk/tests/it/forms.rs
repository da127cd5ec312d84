//! A chapter becomes a form; what is posted becomes fields, or mistakes that say where.

use super::core_with;
use habeas_codebook::tree::{Codebook, Kind};
use habeas_desk::clock::Teller;
use habeas_desk::forms::model::Control;
use habeas_desk::forms::{Form, Posted};
use habeas_desk::texts::{Language, Texts};

const CHAPTER: &str = "# Handing out blankets\n\n```event\nevent blanket given of custody, person, place:\n  how many number required;\n  \
                       reason choice(cold, wet, asked) required;\n  why not text required when the reason is asked.\n```\n";

fn kind(codebook: &Codebook) -> &Kind {
    codebook.kinds.iter().find(|kind| kind.name == "blanket given").expect("declared")
}

fn told<T>(codebook: &Codebook, tell: impl FnOnce(&Teller<'_>) -> T) -> T {
    let texts = Texts::default();
    let now = habeas_codebook::value::moment("2026-03-04T02:20:07Z").expect("a time");
    tell(&Teller { texts: &texts, language: Language::En, zone: codebook.almanac.zone.clone(), now })
}

fn chapter() -> String {
    CHAPTER.replace("required when the reason is asked", "required when reason is asked")
}

#[test]
fn adding_a_question_to_a_chapter_changes_the_form_with_no_other_edit() {
    let before = core_with(&chapter());
    let after = core_with(&chapter().replace("  reason choice", "  colour choice(grey, brown);\n  reason choice"));
    let labels = |codebook: &Codebook| -> Vec<String> {
        told(codebook, |teller| {
            Form::new(codebook, kind(codebook), teller, &Posted::default(), &[]).questions.into_iter().map(|q| q.label).collect()
        })
    };
    assert_eq!(labels(&before), ["When did it happen?", "How many", "Reason", "Why not"]);
    assert_eq!(labels(&after), ["When did it happen?", "How many", "Colour", "Reason", "Why not"]);
}

#[test]
fn a_form_without_answers_says_what_is_missing_and_where() {
    let codebook = core_with(&chapter());
    let mistakes =
        told(&codebook, |teller| Posted::default().answers(&codebook, kind(&codebook), teller)).expect_err("nothing was answered");
    let places: Vec<&str> = mistakes.iter().map(|mistake| mistake.name.as_str()).collect();
    assert_eq!(places, ["at", "f.how_many", "f.reason"]);
}

#[test]
fn an_answer_that_another_one_makes_necessary_is_asked_for() {
    let codebook = core_with(&chapter());
    let posted = Posted::read("at.time=0215&f.how_many=2&f.reason=asked");
    let mistakes = told(&codebook, |teller| posted.answers(&codebook, kind(&codebook), teller)).expect_err("why not is missing");
    assert_eq!(mistakes[0].name, "f.why_not");
}

#[test]
fn answers_become_fields_as_logs_spell_them() {
    let codebook = core_with(&chapter());
    let posted = Posted::read("at.time=0215&f.how_many=2&f.reason=cold");
    let answered = told(&codebook, |teller| posted.answers(&codebook, kind(&codebook), teller)).expect("complete");
    assert_eq!(serde_json::Value::from(answered.fields).to_string(), r#"{"how many":"2","reason":"cold"}"#);
    assert_eq!(answered.at.map(|at| at.earliest), habeas_codebook::value::moment("2026-03-04T02:15:00Z"));
}

#[test]
fn an_entry_long_after_the_fact_asks_for_a_reason() {
    let codebook = core_with(&chapter());
    let mut posted = Posted::read("at.time=2300&at.day=yesterday&f.how_many=2&f.reason=cold");
    let mistakes = told(&codebook, |teller| posted.answers(&codebook, kind(&codebook), teller)).expect_err("late");
    assert_eq!(mistakes[0].name, "late_reason");
    posted.set("late_reason", "the line was down");
    assert!(told(&codebook, |teller| posted.answers(&codebook, kind(&codebook), teller)).is_ok());
}

#[test]
fn characters_that_turn_the_reading_round_and_values_not_of_the_list_are_refused() {
    let codebook = core_with(&chapter());
    for answer in ["f.reason=asked&f.why_not=a%E2%80%AEb", "f.reason=stolen", "f.reason=cold&f.how_many=many"] {
        let posted = Posted::read(&format!("at.time=0215&f.how_many=2&{answer}").replace("f.how_many=2&f.reason=cold&", "f.reason=cold&"));
        assert!(told(&codebook, |teller| posted.answers(&codebook, kind(&codebook), teller)).is_err(), "{answer}");
    }
}

#[test]
fn the_button_beside_the_box_fills_in_the_time_and_says_it_in_words() {
    let codebook = core_with(&chapter());
    let mut posted = Posted::read("quick=at%3A15&f.how_many=2");
    let form = told(&codebook, |teller| {
        assert!(posted.press(teller));
        Form::new(&codebook, kind(&codebook), teller, &posted, &[])
    });
    assert_eq!((form.questions[0].part("time"), form.questions[0].said.as_str()), ("02:05", "today, 02:05"));
    assert_eq!(form.questions[1].value, "2", "what was typed stays");
    assert_eq!(form.questions[1].control, Control::Number);
}

#[test]
fn an_officer_who_sends_an_examination_is_refused_before_anything_is_said_of_its_mistakes() {
    let station = super::station::Station::opens();
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let path = "/record/custody/AV-1/enter/medical_examined";
    let token = station.token(&officer, "/record/custody/AV-1/enter/welfare_checked");
    let sent = format!("form_token={token}&draft=e-1&action=save&at.time=2561");
    assert_eq!(station.post(&officer, path, super::station::FORM, &sent).0, 403);
    assert_eq!(station.get(&officer, path).0, 403, "nor is the form shown");
    assert_eq!(station.post(&station.signs_in("officer:2"), path, super::station::FORM, &sent.replace(&token, "x")).0, 403);
    assert_eq!(station.get(&station.signs_in("officer:2"), path).0, 404);
    let doctor = station.signs_in("doctor:1");
    let sent = sent.replace(&token, &station.token(&doctor, path));
    assert_eq!(station.post(&doctor, path, super::station::FORM, &sent).0, 422, "whoever may is told the mistakes");
}

const FLOW: &str = "# Warmth

```event
event blanket given of custody, person, place: how many number required; colour choice(grey, brown); smell text.
```

```flow
flow warmth of custody: for custody officer;
  record blanket given with colour;
  record welfare checked when blanket given has happened;
  record care given when blanket given has not happened.
```

```access
allow custody officer to record blanket given when own place, because \"cold\".
```
";

#[test]
fn a_flow_asks_what_it_names_and_opens_a_step_when_the_record_says_so() {
    let station = super::station::Station::opens_with(FLOW);
    let officer = station.signs_in("officer:1");
    station.arrives(&officer, "AV-1");
    let (_, form) = station.get(&officer, "/record/custody/AV-1/enter/blanket_given?flow=warmth");
    assert!(form.contains("f.how_many") && form.contains("f.colour") && !form.contains("f.smell"), "{form}");
    assert!(station.get(&officer, "/record/custody/AV-1/enter/blanket_given").1.contains("f.smell"), "without the flow all is asked");
    let opens = |page: &str, kind: &str| page.contains(&format!("/enter/{kind}?flow=warmth"));
    let (_, before) = station.get(&officer, "/record/custody/AV-1/flow/warmth");
    assert!(opens(&before, "care_given") && !opens(&before, "welfare_checked"), "{before}");
    let subject = [("custody", "AV-1"), ("person", "P1"), ("place", "sahil")];
    assert_eq!(station.records(&officer, "b-1", "blanket_given", &subject, serde_json::json!({ "how many": "2" })).0, 201);
    let (_, after) = station.get(&officer, "/record/custody/AV-1/flow/warmth");
    assert!(!opens(&after, "care_given") && opens(&after, "welfare_checked"), "{after}");
}
