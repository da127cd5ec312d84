//! `habeas check` as inspectors and scripts meet it.

use crate::station::{NOW, check, check_register, habeas, say};
use serde_json::Value;

fn row<'r>(rows: &'r [Value], rule: &str, custody: &str) -> &'r Value {
    rows.iter().find(|row| row["rule"] == rule && row["subject"]["custody"] == custody).expect("a row")
}

#[test]
fn every_verdict_is_one_line_with_the_entries_it_rests_on() {
    let said = check(&["--format", "json"]);
    assert_eq!(said.status, 1, "{}", said.err);
    let rows = said.lines();
    let late = row(&rows, "relative-told", "C2");
    assert_eq!(late["verdict"], "met_late");
    assert_eq!(late["due_at"], "2026-03-02T12:00:00+04:00");
    assert_eq!(late["late_by"], "PT30M");
    assert_eq!(late["events"], serde_json::json!(["e3", "e4"]));
    assert_eq!(late["tell"], serde_json::json!(["head of custody", "procurator"]));
    assert_eq!(late["cites"], serde_json::json!(["Station Law paragraph 1"]));
    assert_eq!(late["operator_limits"], serde_json::json!(["prompt telling"]));
    assert!(late["flags"].as_array().expect("flags").contains(&"late_entry".into()));
    let keys: Vec<&str> = late.as_object().expect("an object").keys().map(String::as_str).collect();
    let order = [
        "rule", "subject", "trigger", "verdict", "due_at", "since", "until", "late_by", "over_by", "flags", "events", "severity", "tell",
        "cites",
    ];
    assert_eq!(keys[..14], order);
    let over = row(&rows, "interview-break", "C3");
    assert_eq!((&over["verdict"], &over["over_by"], &over["severity"]), (&"breached".into(), &"PT15M".into(), &"critical".into()));
}

#[test]
fn a_day_without_an_hour_is_neither_kept_nor_breached() {
    let rows = check(&["--format", "json"]).lines();
    let untold = row(&rows, "relative-told", "C4");
    assert_eq!(untold["verdict"], "undetermined");
    assert_eq!(untold["missing"], serde_json::json!([{"event": "e8", "field": "at"}]));
}

/// Some thousand arrests, of which some relatives were told late or never: more than a thread reads or judges at once. Every so many-th row
/// is wrong where `wrong` says so.
fn many_arrests(wrong: Option<usize>) -> String {
    let mut register = "id,kind,at,subject.custody,subject.person\n".to_owned();
    for number in 0..4000 {
        let day = 1 + number % 2;
        let kind = if wrong.is_some_and(|every| number % every == every - 1) { "arested" } else { "arrested" };
        register += &format!("e{number}a,{kind},2026-03-0{day}T08:00:00+04:00,\"C {number}\",P{number}\n");
        if number % 7 != 0 {
            let hour = 9 + number % 13;
            register += &format!("e{number}b,relative_told,2026-03-0{day}T{hour:02}:00:00+04:00,\"C {number}\",\n");
        }
    }
    register
}

#[test]
fn one_thread_and_several_print_the_same_bytes() {
    let room = tempfile::tempdir().expect("a folder");
    let register = room.path().join("many.csv");
    std::fs::write(&register, many_arrests(None)).expect("written");
    let ways: [&[&str]; 6] = [
        &["--format", "json"],
        &["--format", "json", "--explain", "--only", "breached,met_late"],
        &["--format", "csv"],
        &["--format", "text", "--explain"],
        &["--format", "html", "--explain"],
        &["--format", "text", "--summary"],
    ];
    for way in ways {
        let by = |threads: &str| {
            let mut command = habeas(&["check", "--codebook", ".", "--now", NOW, "--threads", threads]);
            say(command.args(way).arg(&register))
        };
        let one = by("1");
        assert!(one.status == 1 && !one.out.is_empty(), "{way:?}: {}", one.err);
        for threads in ["2", "5"] {
            assert_eq!(one.out, by(threads).out, "{way:?} on {threads} threads");
        }
    }
}

#[test]
fn what_is_wrong_is_told_alike_by_one_thread_and_several() {
    let register = many_arrests(Some(321));
    let by = |threads: &str, more: &[&str]| {
        let said = check_register(register.as_bytes(), "many.csv", &[&["--format", "json", "--threads", threads], more].concat());
        // Each run has a folder of its own.
        let told: Vec<&str> = said.err.lines().map(|line| line.split("many.csv").last().unwrap_or_default()).collect();
        (said.status, said.out, told.join("\n"))
    };
    let one = by("1", &[]);
    assert_eq!((one.0, one.1.as_str()), (2, ""));
    assert!(one.2.contains(":596:7: ") && one.2.contains("12 of the rows"), "{}", one.2);
    assert_eq!(one, by("3", &[]));
    let going = by("1", &["--keep-going"]);
    assert!(going.0 == 2 && !going.1.is_empty());
    assert_eq!(going, by("3", &["--keep-going"]));
}

#[test]
fn one_list_of_objects_is_read_like_one_object_a_line() {
    let entries = [
        r#"{"id": "e1", "kind": "arrested", "at": "2026-03-02T08:00:00+04:00", "subject": {"custody": "C1, of [2]", "person": "P1"}}"#,
        r#"{"id": "e2", "kind": "relative_told", "at": "2026-03-02T21:00:00+04:00", "subject": {"custody": "C1, of [2]"}}"#,
    ];
    let said = |text: String, name: &str| check_register(text.as_bytes(), name, &["--format", "json"]);
    let lines = said(entries.join("\n"), "log.jsonl");
    assert_eq!(lines.status, 1, "{}", lines.err);
    assert_eq!(said(format!("[{}]", entries.join(",")), "log.json").out, lines.out);
    assert_eq!(said(format!("[\n  {}\n]\n", entries.join(",\n  ")), "list").out, lines.out);
    let torn = said(format!("[\n  {},\n  {}\n]", entries[0], entries[1].replace("relative_told", "relative_fold")), "log.json");
    assert_eq!((torn.status, torn.out.as_str()), (2, ""));
    assert!(torn.err.contains("log.json:3:16: no kind of event is called so"), "{}", torn.err);
    let cut = said(format!("[{},", entries[0]), "log.json");
    assert_eq!((cut.status, cut.out.as_str()), (2, ""));
    assert!(cut.err.contains("the file ends before the list"), "{}", cut.err);
}

#[test]
fn the_lines_are_sorted_by_subject_then_rule() {
    let rows = check(&["--format", "json"]).lines();
    let keys: Vec<(String, String)> = rows.iter().map(|row| (row["subject"].to_string(), row["rule"].to_string())).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(keys, sorted);
}

#[test]
fn only_the_chosen_verdicts_and_rules_are_printed() {
    let rows = check(&["--format", "json", "--only", "breached,met_late", "--rule", "interview-break"]).lines();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["rule"], "interview-break");
    let none = check(&["--rule", "no-such-rule"]);
    assert_eq!(none.status, 2);
    assert!(none.err.contains("`no-such-rule`") && none.err.contains("relative-told"), "{}", none.err);
}

#[test]
fn a_rule_by_itself_says_what_it_says_among_all_also_where_it_reads_the_breaches_of_others() {
    let judged = |rule: &[&str]| {
        let all =
            ["check", "../../../../examples/register.csv", "--codebook", "aze", "--now", "2026-03-04T02:20:00+04:00", "--format", "json"];
        say(&mut habeas(&[&all[..], rule].concat())).lines()
    };
    let all = judged(&[]);
    for rule in ["broken-safeguard-referred", "child-parents-told", "night-rest"] {
        let among: Vec<&Value> = all.iter().filter(|row| row["rule"] == rule).collect();
        assert!(!among.is_empty(), "{rule}");
        assert_eq!(judged(&["--rule", rule]).iter().collect::<Vec<_>>(), among, "{rule}");
    }
}

#[test]
fn the_summary_counts_each_rule_and_ends_with_totals() {
    let lines = check(&["--summary"]).lines();
    assert_eq!(lines.len(), 3);
    let told = &lines[1];
    assert_eq!(told["rule"], "relative-told");
    assert_eq!((told["instances"].as_u64(), told["met"].as_u64(), told["met_late"].as_u64()), (Some(5), Some(1), Some(1)));
    assert_eq!((told["pending"].as_u64(), told["breached"].as_u64(), told["undetermined"].as_u64()), (Some(1), Some(1), Some(1)));
    assert_eq!(lines[2]["events"], 10);
    assert!(lines[2]["events_per_second"].is_u64());
}

#[test]
fn asked_as_known_before_the_entry_the_earlier_answer_is_given() {
    let then = check(&["--format", "json", "--known-at", "2026-03-02T14:00:00+04:00"]).lines();
    assert_eq!(row(&then, "relative-told", "C2")["verdict"], "breached");
}

#[test]
fn nothing_wrong_ends_with_nought() {
    let register = "id,kind,at,subject.custody,subject.person\ne1,arrested,2026-03-02T08:00:00+04:00,C1,P1\n\
                    e2,relative_told,2026-03-02T09:00:00+04:00,C1,\n";
    let said = check_register(register.as_bytes(), "good.csv", &["--format", "json"]);
    assert_eq!((said.status, said.lines().len()), (0, 1), "{}", said.err);
}

#[test]
fn a_bad_row_stops_everything_and_says_where() {
    let register = "id,kind,at,subject.custody\ne1,arrested,2026-03-02T08:00:00+04:00,C1\ne2,relative_told,31/02/2026,C1\n";
    let said = check_register(register.as_bytes(), "bad.csv", &["--format", "json"]);
    assert_eq!(said.status, 2);
    assert_eq!(said.out, "", "nothing is judged");
    assert!(said.err.contains("bad.csv:3:"), "{}", said.err);
    assert!(said.err.contains("31/02/2026"), "{}", said.err);
}

#[test]
fn keep_going_judges_the_good_rows_and_never_ends_with_nought() {
    let register = "id,kind,at,subject.custody,subject.person\ne1,arrested,2026-03-02T08:00:00+04:00,C1,P1\n\
                    e2,relative_told,2026-03-02T09:00:00+04:00,C1,\ne3,nonsense,2026-03-02T09:00:00+04:00,C1,\n";
    let said = check_register(register.as_bytes(), "mixed.csv", &["--format", "json", "--keep-going"]);
    assert_eq!(said.lines().len(), 1);
    assert_ne!(said.status, 0);
    assert!(said.err.contains("mixed.csv:4:") && said.err.contains("1 "), "{}", said.err);
}

#[test]
fn two_entries_with_one_id_are_an_error() {
    let register = "id,kind,at,subject.custody\ne1,arrested,2026-03-02T08:00:00+04:00,C1\ne1,relative_told,2026-03-02T09:00:00+04:00,C1\n";
    let said = check_register(register.as_bytes(), "twice.csv", &[]);
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.contains("e1") && said.err.contains("twice.csv:3"), "{}", said.err);
    assert!(said.err.contains("entry number 1 has it"), "{}", said.err);
}

#[test]
fn a_quotation_mark_inside_an_id_is_read_as_it_is_meant() {
    let register = "id,kind,at,subject.custody\r\n\
                    \"e\"\"1\"\"\",arrested,2026-03-02T10:00:00+04:00,\"the \"\"old\"\" one, C7\"\r\n";
    let said = check_register(register.as_bytes(), "quoted.csv", &["--format", "json"]);
    assert_eq!(said.status, 1, "{}", said.err);
    let rows = said.lines();
    assert!(rows.iter().any(|row| row["trigger"] == "e\"1\""), "{}", said.out);
    assert!(rows.iter().all(|row| row["subject"]["custody"] == "the \"old\" one, C7"), "{}", said.out);
}

#[test]
fn a_wrong_value_behind_a_doubled_quotation_mark_is_told_in_its_own_column() {
    let register = "id,kind,subject.custody,at\ne1,arrested,\"the \"\"old\"\" one\",\"the \"\"first\"\" of May\"\n";
    let said = check_register(register.as_bytes(), "quoted.csv", &["--format", "json"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains(":2:32: this is not a time"), "{}", said.err);
    assert!(said.err.contains("the \"first\" of May"), "{}", said.err);
}

#[test]
fn text_after_a_closing_quotation_mark_is_refused_and_never_dropped() {
    let register = "id,kind,at,subject.custody\n\"e1\",arrested,2026-03-02T08:00:00+04:00,\"C1\"23\n";
    let said = check_register(register.as_bytes(), "torn.csv", &["--format", "json"]);
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.contains("torn.csv:2:42: text follows the closing quotation mark of this cell"), "{}", said.err);
    assert!(said.err.contains("23") && said.err.contains("written twice"), "{}", said.err);
    let going = check_register(register.as_bytes(), "torn.csv", &["--format", "json", "--keep-going"]);
    assert_eq!((going.status, going.out.as_str()), (2, ""), "a row that is half read is not judged");
}

#[test]
fn a_quotation_mark_that_is_never_closed_does_not_swallow_the_rest_of_the_file() {
    let register = "id,kind,at,subject.custody\ne1,arrested,2026-03-02T08:00:00+04:00,\"C1\n\
                    e2,relative_told,2026-03-02T09:00:00+04:00,C1\n";
    let said = check_register(register.as_bytes(), "open.csv", &["--format", "json"]);
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.contains("open.csv:2:40: the quotation mark that opens this cell is never closed"), "{}", said.err);
}

#[test]
fn a_log_that_is_not_there_is_bad_input() {
    let said = say(&mut habeas(&["check", "nowhere.csv", "--codebook", "."]));
    assert_eq!(said.status, 2);
    assert!(said.err.contains("nowhere.csv"), "{}", said.err);
}

#[test]
fn the_table_says_where_and_what_is_missing() {
    let said = check(&[]);
    assert_eq!(said.status, 1);
    for part in [
        "relative-told",
        "interview-break",
        "Worst places",
        "Veles",
        "could not be told",
        "the exact time of arrested",
        "Longest late or over",
    ] {
        assert!(said.out.contains(part), "`{part}` is not in\n{}", said.out);
    }
    assert!(!said.out.contains('\u{1b}'), "no colour into a pipe");
    assert!(check(&["--color", "always"]).out.contains('\u{1b}'));
}

#[test]
fn the_page_stands_alone_and_opens_each_breach() {
    let said = check(&["--format", "html"]);
    assert_eq!(said.status, 1, "{}", said.err);
    let page = &said.out;
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert_eq!(page.matches("<details>").count(), 3, "one for each breach, cured ones too");
    for forbidden in ["<script", "http://", "https://", " style=", "<link", "<img"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("must not last longer than 2 hours"), "the law stands beside the breach");
    assert!(page.contains("the law says promptly without a number"), "an operator's number is shown as such");
    assert!(page.matches("<svg").count() >= 3 && page.matches("<svg").count() == page.matches("<desc").count());
}

#[test]
fn redacted_nobody_can_be_recognised() {
    for format in ["text", "json", "csv", "html"] {
        let said = check(&["--redact", "--format", format]);
        assert_eq!(said.status, 1, "{}", said.err);
        for known in ["C2", "C3", "P2", "Sahil", "Veles", "officer:7", "mother"] {
            let words: Vec<&str> = said.out.split(|c: char| !c.is_alphanumeric() && c != ':').collect();
            assert!(!words.contains(&known), "{format} names {known}");
        }
    }
}

#[test]
fn csv_has_one_line_a_verdict_under_a_head() {
    let said = check(&["--format", "csv"]);
    let json = check(&["--format", "json"]);
    assert_eq!(said.out.lines().count(), json.out.lines().count() + 1);
    assert!(said.out.starts_with("rule,class,subject,trigger,verdict,"));
}

#[test]
fn standard_input_is_a_log_and_a_file_can_be_the_output() {
    let room = tempfile::tempdir().expect("a folder");
    let out = room.path().join("out.jsonl");
    let register = std::fs::read(crate::station::folder().join("register.csv")).expect("the register");
    let mut command = habeas(&["check", "-", "--codebook", ".", "--now", NOW, "--format", "json", "--out"]);
    let said = say(command.arg(&out).write_stdin(register));
    assert_eq!((said.status, said.out.as_str()), (1, ""), "{}", said.err);
    assert_eq!(std::fs::read_to_string(&out).expect("written"), check(&["--format", "json"]).out);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let program = assert_cmd::cargo::cargo_bin("habeas");
    let script = format!("{} check register.csv --codebook . --now {NOW} --format json | true; echo ${{PIPESTATUS[0]}}", program.display());
    let run = std::process::Command::new("bash").args(["-c", &script]).current_dir(crate::station::folder()).output().expect("bash");
    let err = String::from_utf8_lossy(&run.stderr);
    assert!(!err.contains("error") && !err.contains("panicked"), "{err}");
    let status = String::from_utf8_lossy(&run.stdout).trim().to_owned();
    assert!(["0", "1"].contains(&status.as_str()), "{status}");
}

#[test]
fn every_verb_explains_itself_with_an_example() {
    for verb in
        [&["check"][..], &["codebook", "check"], &["codebook", "test"], &["codebook", "show"], &["codebook", "list"], &["completions"]]
    {
        let said = say(habeas(verb).arg("--help"));
        assert_eq!(said.status, 0);
        assert!(said.out.contains("Example"), "{verb:?}:\n{}", said.out);
    }
    assert_eq!(say(&mut habeas(&["check"])).status, 2, "bad usage");
}

#[test]
fn judged_as_it_passes_a_log_has_the_same_verdicts() {
    let mut whole: Vec<String> = check(&["--format", "json"]).out.lines().map(str::to_owned).collect();
    let passing = check(&["--stream"]);
    assert_eq!(passing.status, 1, "{}", passing.err);
    let mut streamed: Vec<String> = passing.out.lines().map(str::to_owned).collect();
    whole.sort();
    streamed.sort();
    assert!(!whole.is_empty());
    assert_eq!(whole, streamed);
    assert_eq!(check(&["--stream", "--format", "html"]).status, 2, "a page needs the whole log");
}

#[test]
fn a_breach_is_explained_with_the_law_the_entries_and_the_arithmetic() {
    let rows = check(&["--format", "json", "--explain"]).lines();
    let late = row(&rows, "relative-told", "C2")["explanation"].as_str().expect("an explanation");
    for part in [
        "MET LATE since 2026-03-02 12:00:00+04:00 (custody C2), late by 30 min",
        "\"For each custody, after arrested, relative told must happen within the limit prompt telling.\"",
        "2026-03-02 12:30:00+04:00  relative told  e4  recorded 2026-03-02 15:00:00+04:00  LATE ENTRY, after 2 h 30",
        "2026-03-02 10:00:00+04:00 + 2 h 00 = 2026-03-02 12:00:00+04:00, the limit.",
        "Done 30 min after it. Done by 2026-03-02 12:00:00+04:00 it would be met.",
        "The limit prompt telling is the operator's own number",
    ] {
        assert!(late.contains(part), "`{part}` is not in\n{late}");
    }
    let untold = row(&rows, "relative-told", "C4")["explanation"].as_str().expect("an explanation");
    assert!(untold.contains("Not recorded: the exact time of arrested e8"), "{untold}");
    assert!(check(&["--explain"]).out.contains("It went on for 15 min beyond it."));
    assert!(check(&["--explain", "--format", "html"]).out.contains("<pre tabindex=\"0\" class=\"why\""));
}

#[test]
fn a_guessed_mapping_reads_the_table_it_was_guessed_from() {
    let room = tempfile::tempdir().expect("a folder");
    let (table, map) = (room.path().join("table.csv"), room.path().join("map.toml"));
    std::fs::write(&table, "Record,Arrested on,Reached\nR1,2026-03-02 08:00,Yes\nR2,2026-03-02 09:00,No\nR3,2026-03-02 10:00,Yes\n")
        .expect("written");
    let guessed = say(habeas(&["intake", "guess"]).arg(&table).args(["--codebook", "."]));
    assert_eq!(guessed.status, 0, "{}", guessed.err);
    assert!(guessed.out.contains("for example R1 | R2 | R3"), "{}", guessed.out);
    std::fs::write(&map, guessed.out.replace(&kind_of(&guessed.out), "kind = \"arrested\"")).expect("written");
    let said = say(habeas(&["check"]).arg(&table).arg("--map").arg(&map).args(["--codebook", ".", "--now", NOW, "--format", "json"]));
    assert_eq!((said.status, said.lines().len()), (1, 3), "{}", said.err);
}

#[test]
fn a_mapping_is_guessed_from_objects_too() {
    let room = tempfile::tempdir().expect("a folder");
    let (table, map) = (room.path().join("table.json"), room.path().join("map.toml"));
    let object = |number: u32| format!(r#"{{"record": {{"no": "R{number}"}}, "arrested, on": "2026-03-02 0{number}:00", "note": null}}"#);
    std::fs::write(&table, format!("[{},\n {}]", object(7), object(8))).expect("written");
    let guessed = say(habeas(&["intake", "guess"]).arg(&table).args(["--codebook", "."]));
    assert_eq!(guessed.status, 0, "{}", guessed.err);
    assert!(guessed.out.contains("\"record_no\" = [\"record.no\"]          # for example R7 | R8"), "{}", guessed.out);
    std::fs::write(&map, guessed.out.replace(&kind_of(&guessed.out), "kind = \"arrested\"")).expect("written");
    let said = say(habeas(&["check"]).arg(&table).arg("--map").arg(&map).args(["--codebook", ".", "--now", NOW, "--format", "json"]));
    assert_eq!((said.status, said.lines().len()), (1, 2), "{}", said.err);
}

/// The line of a guessed mapping that says which kind of event it is.
fn kind_of(mapping: &str) -> String {
    mapping.lines().find(|line| line.starts_with("kind = ")).expect("a guessed event").to_owned()
}
