//! Each objection with a chapter that deserves it and its corrected twin that does not.

use crate::diagnostic::SourceFile;
use crate::pack::PackSource;
use crate::reading::{Reading, read};
use std::path::Path;

fn conformance() -> PackSource {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    PackSource::from_folder(&folder).expect("the conformance codebook stands beside the crates")
}

/// The conformance codebook with one more chapter, which is read first.
fn with_chapter(text: &str) -> Reading {
    let mut source = conformance();
    for file in &mut source.files {
        if file.path == "codebook.toml" {
            file.text = file.text.replace("chapters = [", "chapters = [\"05-more.md\", ");
        }
    }
    source.files.push(SourceFile { path: "chapters/05-more.md".to_owned(), text: text.to_owned() });
    read(&source, &|_| None)
}

fn codes(reading: &Reading) -> Vec<(&'static str, u32)> {
    let own = |d: &&crate::diagnostic::Diagnostic| reading.files[d.mark.file as usize].path.ends_with("05-more.md");
    let place = |d: &crate::diagnostic::Diagnostic| reading.files[d.mark.file as usize].line_column(d.mark.bytes.start).0;
    reading.diagnostics.iter().filter(own).map(|d| (d.code, place(d))).collect()
}

/// A chapter with one rule whose clauses are given.
fn rule(clauses: &str) -> String {
    let head = "rule specimen\n  Cites \"CAT/C/SR.2087\" paragraph 2. In force from 2024-01-01. Severity serious.";
    format!("# More\n\n```rule\n{head}\n  {clauses}\n```\n")
}

const NOTIFIED: &str = "For each custody, after arrested, relative notified must happen within 2 hours.";
const TELL: &str = "On breach, tell ombudsman.";

/// Wrong, then right.
fn twins(code: &str, wrong: &str, right: &str) {
    let found = codes(&with_chapter(wrong));
    assert!(found.iter().any(|(c, _)| *c == code), "{code} was not given for:\n{wrong}\n{found:?}");
    let found = codes(&with_chapter(right));
    assert!(!found.iter().any(|(c, _)| *c == code), "{code} was given for the corrected:\n{right}\n{found:?}");
}

#[test]
fn the_conformance_codebook_has_no_error() {
    let reading = read(&conformance(), &|_| None);
    assert!(reading.codebook.is_some(), "{:?}", reading.diagnostics);
}

#[test]
fn every_bad_chapter_gives_its_code_at_its_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/bad");
    for (file, code, line) in [
        ("01-misspelt-state.md", "E101", 8),
        ("02-field-of-another-event.md", "E102", 8),
        ("03-hours-for-an-area.md", "E103", 8),
        ("04-value-not-in-choice.md", "E104", 12),
        ("05-no-citation.md", "E108", 6),
        ("06-addressee-without-address.md", "E101", 9),
        ("07-overlapping-versions.md", "E112", 10),
        ("08-exception-is-the-duty.md", "E117", 9),
    ] {
        let text = std::fs::read_to_string(folder.join(file)).expect("a bad chapter");
        let reading = with_chapter(&text);
        assert!(reading.codebook.is_none(), "{file} must stop the build");
        assert!(codes(&reading).contains(&(code, line)), "{file}: {:?}", codes(&reading));
    }
}

#[test]
fn rules_cite_what_there_is() {
    let body = format!("For each custody, no lawyer waived may happen. {TELL}");
    let cites = |source: &str| rule(&body).replace("\"CAT/C/SR.2087\" paragraph 2", source);
    twins("E109", &cites("\"CAT/C/SR.2087\" paragraph 81"), &cites("\"CAT/C/SR.2087\" paragraph 80"));
    twins("E109", &cites("\"Some Act\" section 3"), &cites("\"PACE Code C\" note 12B"));
    twins("E108", &rule(&body).replace("Cites \"CAT/C/SR.2087\" paragraph 2. ", ""), &rule(&body));
}

#[test]
fn a_breach_is_told_to_somebody() {
    twins(
        "E110",
        &rule("For each custody, no lawyer waived may happen."),
        &rule(&format!("For each custody, no lawyer waived may happen. {TELL}")),
    );
    let removal = "For each custody, every removed from facility must rest on removal authorised by procurator.";
    twins("W125", &rule(&format!("{removal} On breach, tell procurator.")), &rule(&format!("{removal} {TELL}")));
}

#[test]
fn versions_follow_each_other() {
    let body = format!("For each custody, no lawyer waived may happen. {TELL}");
    let until = |until: &str| rule(&body).replace("from 2024-01-01.", &format!("from 2024-01-01 until {until}."));
    twins("E111", &until("2023-12-31"), &until("2024-12-31"));
    let two = |until: &str, from: &str| {
        let later = rule(&body).replace("# More\n", "").replace("from 2024-01-01.", &format!("from {from}."));
        format!("{}\n{later}", rule(&body).replace("from 2024-01-01.", &format!("from 2024-01-01 until {until}.")))
    };
    twins("E112", &two("2025-02-01", "2025-01-01"), &two("2025-01-01", "2025-01-01"));
    twins("W113", &two("2025-01-01", "2025-03-01"), &two("2025-01-01", "2025-01-01"));
}

#[test]
fn events_can_be_joined_to_the_subject() {
    twins(
        "E114",
        &rule(&format!("For each custody, after arrested, follow-up answered must happen within 2 hours. {TELL}")),
        &rule(&format!("For each custody, after arrested, relative notified must happen within 2 hours. {TELL}")),
    );
    twins(
        "E114",
        &rule(&format!("For each visit, while isolated, it is forbidden. {TELL}")),
        &rule(&format!("For each measure, while isolated, it is forbidden. {TELL}")),
    );
}

#[test]
fn states_can_begin_and_end() {
    let state =
        |until: &str| format!("# More\n\n```state\nstate being heard of custody, interview: from interview started until {until}.\n```\n");
    twins("E115", &state("returned to facility"), &state("interview ended"));
    twins("E115", &state("interview started"), &state("interview ended"));
}

#[test]
fn exceptions_can_be_true_and_are_not_the_duty() {
    let child = "For each custody where the person is a child, after arrested, relative notified must happen within 2 hours.";
    twins(
        "E116",
        &rule(&format!("{child} Unless the person is not a child, the rule does not apply. {TELL}")),
        &rule(&format!("{child} Unless notification declined has happened, the rule does not apply. {TELL}")),
    );
    let late = "For each custody, after arrested, relative notified must happen within 2 hours.";
    let two = |second: &str| {
        rule(&format!(
            "{late} Unless notification declined has happened, a breach is excused. Unless {second}, the rule does not apply. {TELL}"
        ))
    };
    twins("E116", &two("notification declined has happened and lawyer waived has happened"), &two("lawyer waived has happened"));
    twins(
        "E117",
        &rule(&format!("{late} Unless relative notified whose channel is phone has not happened, a breach is excused. {TELL}")),
        &rule(&format!("{late} Unless lawyer met has not happened, a breach is excused. {TELL}")),
    );
}

#[test]
fn what_does_not_matter_is_not_asked_for() {
    let referred = "For each case, after information received, referred to procurator must happen within 1 hour. \
                    This holds irrespective of complaint received.";
    twins(
        "E119",
        &rule(&format!("{referred} Unless complaint received has not happened, the rule does not apply. {TELL}")),
        &rule(&format!("{referred} Unless claim assessed has happened, the rule does not apply. {TELL}")),
    );
}

#[test]
fn two_rules_can_be_kept_together() {
    let conflict = |event: &str| rule(&format!("For each custody, no {event} may happen. {TELL}"));
    twins("E118", &conflict("relative notified"), &conflict("interview started"));
    let found = with_chapter(&conflict("relative notified"));
    let witness = found.diagnostics.iter().find(|d| d.code == "E118").and_then(|d| d.help.clone()).unwrap_or_default();
    assert!(witness.contains("arrested") && witness.contains("relative-notified"), "{witness}");
    // A rule for others is no conflict.
    let apart = rule(&format!("For each custody where notification declined has happened, no relative notified may happen. {TELL}"));
    assert!(!codes(&with_chapter(&apart)).iter().any(|(c, _)| *c == "E118"));
}

#[test]
fn a_recurring_duty_falls_due_while_the_state_lasts() {
    let every = |period: &str| {
        rule(&format!("For each measure, while belts applied, medical examination must happen at least every {period}. {TELL}"))
            .replace("medical examination", "isolation appealed")
    };
    twins("E120", &every("2 hours"), &every("15 minutes"));
}

#[test]
fn clauses_fit_their_body() {
    let never = "For each custody, no lawyer waived may happen.";
    twins(
        "E129",
        &rule(&format!("{never} Unless notification declined has happened, the limit is 2 hours. {TELL}")),
        &rule(&format!("{never} Unless notification declined has happened, the rule does not apply. {TELL}")),
    );
    twins(
        "E129",
        &rule(&format!("{never} The time does not run while interview under way. {TELL}")),
        &rule(&format!("{NOTIFIED} The time does not run while interview under way. {TELL}")),
    );
    let after = |limit: &str| {
        rule(&format!(
            "For each custody, after arrested, relative notified must happen within {limit}. Days are counted as whole days. {TELL}"
        ))
    };
    twins("E129", &after("2 hours"), &after("2 days"));
}

#[test]
fn numbers_of_the_operator_are_listed_and_hours_stay_hours() {
    let limit = |by: &str, value: &str, because: &str| {
        let body = format!("For each custody, after arrested, relative notified must happen within the limit soon. {TELL}");
        format!("{}\n```limit\nlimit soon is {value}, set by {by}, because \"{because}\".\n```\n", rule(&body))
    };
    twins("W123", &limit("operator", "2 hours", "no number"), &limit("source", "2 hours", "paragraph 2"));
    twins("W122", &limit("source", "2 days", "within 48 hours"), &limit("source", "48 hours", "within 48 hours"));
    let unused = "# More\n\n```limit\nlimit soon is 2 hours, set by source, because \"paragraph 2\".\n```\n";
    twins("W121", unused, &limit("source", "2 hours", "paragraph 2"));
    let in_a_test = rule(&format!("For each cell, every cell described must satisfy the floor area is at least roomy. {TELL}"));
    let roomy = |by: &str| format!("{in_a_test}\n```limit\nlimit roomy is 4 square metres, set by {by}, because \"paragraph 28\".\n```\n");
    twins("W123", &roomy("operator"), &roomy("source"));
}

#[test]
fn a_duty_in_the_prose_has_a_rule() {
    let prose = |paragraph: u32| {
        let rule = rule(&format!("For each custody, no lawyer waived may happen. {TELL}"));
        rule.replace("# More\n", &format!("# More\n\nEverybody must be told (CAT/C/SR.2087, paragraph {paragraph}).\n"))
    };
    twins("W124", &prose(79), &prose(2));
}

#[test]
fn access_lines_can_apply() {
    let access = |line: &str| format!("# More\n\n```role\nrole medic: desk role doctor.\n```\n\n```access\n{line}\n```\n");
    twins(
        "E130",
        &access("allow medic to read class medical when own place and not own place, because \"x\"."),
        &access("allow medic to read class medical when own place, because \"x\"."),
    );
    twins(
        "E130",
        &access("allow medic to read class privileged when break glass, because \"x\"."),
        &access("allow medic to read class medical when break glass, because \"x\"."),
    );
    twins(
        "E130",
        &access("allow medic to read class medical, because \"x\". deny medic to read everything, because \"y\"."),
        &access("allow medic to read class medical, because \"x\". deny medic to print everything, because \"y\"."),
    );
}

#[test]
fn every_step_of_a_flow_can_be_recorded_by_one_of_its_roles() {
    let chapter = |lines: &str| {
        let flow =
            "flow coming in of custody: for clerk or medic; record arrested; record medical\n  examination or lawyer met; show duties.";
        let roles = "role clerk: desk role clerk. role medic: desk role doctor. role head: desk role head.";
        format!("# More\n\n```role\n{roles}\n```\n\n```flow\n{flow}\n```\n\n```access\n{lines}\n```\n")
    };
    let short = "allow clerk to record arrested, because \"x\". allow clerk to record lawyer met, because \"x\".";
    let with_doctor = format!("{short} allow medic to record medical examination when own patient, because \"x\".");
    twins("W132", &chapter(short), &chapter(&with_doctor));
    twins("W132", &chapter(&format!("{with_doctor} deny medic to record class custody, because \"x\".")), &chapter(&with_doctor));
    let heads = format!("{short} allow head to record medical examination, because \"x\".");
    let reading = with_chapter(&chapter(&heads));
    let told = reading.diagnostics.iter().find(|d| d.code == "W132").expect("a warning");
    assert!(told.message.contains("`coming in` is for `clerk` and `medic`"), "{}", told.message);
    assert!(told.help.as_deref().is_some_and(|help| help.starts_with("those who may: `head`")), "{:?}", told.help);
    let file = &reading.files[told.mark.file as usize].text;
    assert_eq!(&file[told.mark.bytes.start as usize..told.mark.bytes.end as usize], "medical\n  examination");
}

#[test]
fn a_work_list_is_of_what_it_says_and_for_whoever_may_read_it() {
    let chapter = |room: &str| {
        let lines = "allow clerk to read arrested, because \"x\". allow medic to read medical examination, because \"x\".";
        let roles = "role clerk: desk role clerk. role medic: desk role doctor.";
        format!("# More\n\n```role\n{roles}\n```\n\n```flow\n{room}\n```\n\n```access\n{lines}\n```\n")
    };
    let list = |roles: &str, rest: &str| chapter(&format!("room everybody of custody: for {roles}; from arrested{rest}."));
    twins("W133", &list("clerk or medic", " until released"), &list("clerk or medic", " or medical examination until released"));
    twins(
        "E103",
        &list("clerk", "; by the findings of the medical examination"),
        &list("clerk", "; show the findings of the medical examination"),
    );
    twins("E114", &chapter("room cells of cell: for clerk; from arrested."), &list("clerk", ""));
    twins("E102", &list("clerk", "; show the floor area of the arrested"), &list("clerk", "; show arrested"));
}

#[test]
fn fields_that_are_compared_hold_the_same() {
    let area = |other: &str| rule(&format!("For each cell, every cell described must satisfy the floor area is more than {other}. {TELL}"));
    twins("E103", &area("3 metres"), &area("3 square metres"));
    let chapter = |of: &str| {
        let events = "```event\nevent bed counted of cell: beds number custody; free number custody; painted date custody.\n```\n";
        format!("{}\n{events}", rule(&format!("For each cell, every bed counted must satisfy the beds is at least the {of}. {TELL}")))
    };
    twins("E103", &chapter("painted"), &chapter("free"));
}

#[test]
fn breaches_are_not_read_in_a_circle() {
    let reads = |id: &str| {
        rule(&format!("For each custody, after breach found whose safeguard is {id}, lawyer met must happen within 1 day. {TELL}"))
    };
    twins("E105", &reads("specimen"), &reads("child-keeps-lawyer"));
}

#[test]
fn states_and_items_do_not_count_each_other_in_a_circle() {
    let chapter = |who: &str| {
        let items = "item dwellers of cell: from placed in cell until left cell, one for each custody.\n\
                     item company of custody: the other dwellers of the same cell";
        format!("# More\n\n```state\n{items}{who}.\nstate in company of custody: at least 1 company present.\n```\n")
    };
    twins("E105", &chapter(" who are not in company"), &chapter(" who are not a child"));
    let itself = "# More\n\n```state\nitem echo of custody: the other echo of the same cell.\n```\n";
    twins("E105", itself, &chapter(""));
}

#[test]
fn a_language_without_words_is_not_promised() {
    let mut source = conformance();
    let toml = source.files.iter_mut().find(|f| f.path == "codebook.toml").expect("the manifest");
    toml.text = toml.text.replace("languages = [\"en\"]", "languages = [\"en\", \"xx\"]");
    assert!(read(&source, &|_| None).diagnostics.iter().any(|d| d.code == "E128"));
}

/// A chapter with one table whose columns and other clauses are given, and an event that no other class is named with.
fn table(clauses: &str) -> String {
    let head = "table T1\n  Title \"Permits\". Cites \"CAT/C/SR.2087\" paragraph 48. In force from 2024-01-01.";
    let events = "event parcel opened of call: disease text medical; colour choice(red, green).";
    format!("# More\n\n```event\n{events}\n```\n\n```table\n{head}\n  {clauses}\n```\n")
}

#[test]
fn a_table_is_counted_by_what_its_subject_can_be_joined_to() {
    let dimension = |of: &str| table(&format!("Class conduct. Column n: number of custody with arrested. By {of}."));
    twins("T201", &dimension("colour of the parcel opened"), &dimension("child"));
    let subject = |of: &str| table(&format!("Class conduct. Column n: number of {of} with arrested."));
    twins("T201", &subject("visit"), &subject("custody"));
}

#[test]
fn only_what_is_counted_in_one_unit_is_added() {
    let parts = |of: &str| table(&format!("Class conduct. Column a: number of arrested. Column b: number of {of}. Parts of a: b."));
    twins("T202", &parts("custody with arrested"), &parts("arrived"));
    let twice = |parts: &str| {
        table(&format!(
            "Class conduct. Column a: number of arrested. Column b: number of arrived. Column c: number of arrived. Parts of a: {parts}."
        ))
    };
    twins("E105", &twice("b, b"), &twice("b, c"));
}

#[test]
fn health_stands_in_no_table_whose_small_numbers_are_shown() {
    let class = |class: &str| table(&format!("Class {class}. Column n: number of different disease of parcel opened."));
    twins("T203", &class("conduct"), &class("person"));
}

#[test]
fn verdicts_fall_in_a_period_by_an_event_that_the_table_names() {
    let dated = |by: &str| table(&format!("Class conduct. Column n: number of verdicts of interview-break. {by}"));
    twins("T204", &dated(""), &dated("Dated by arrested."));
}

#[test]
fn two_versions_of_a_table_are_never_in_force_at_once() {
    let two = |until: &str| {
        let again = format!(
            "table T1\n  Title \"Before\". Asked by \"a court\". In force from 2020-01-01{until}. Class person. Column n: typed in."
        );
        format!("{}\n```table\n{again}\n```\n", table("Class conduct. Column n: number of arrested."))
    };
    twins("E112", &two(""), &two(" until 2024-01-01"));
}

#[test]
fn a_table_says_what_it_is_and_of_which_columns_it_speaks() {
    twins("E106", &table("Column n: number of arrested."), &table("Class conduct. Column n: number of arrested."));
    let share = |of: &str| table(&format!("Class conduct. Column n: number of arrested. Column s: share of {of} in n."));
    twins("E101", &share("m"), &share("n"));
    let linked = |id: &str| table(&format!("Class conduct. Column n: number of arrested. Linked to table {id}."));
    twins("E101", &linked("T2"), &linked("T1"));
    let bands = |bands: &str| table(&format!("Class conduct. Column n: number of arrested. By age of the person in bands {bands}."));
    twins("E100", &bands("0-17/17+"), &bands("0-17/18+"));
}

#[test]
fn every_code_has_a_line_on_the_authors_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/author.md");
    let page = std::fs::read_to_string(page).expect("docs/author.md");
    for code in super::CODES {
        assert!(page.contains(code), "docs/author.md says nothing of {code}");
    }
}
