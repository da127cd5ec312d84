//! `habeas codebook …` as authors of law meet it.

use crate::station::{folder, habeas, say};
use std::path::Path;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, target).expect("copied");
        }
    }
}

/// The station's law with one change, in a folder of its own.
fn changed(from: &str, to: &str) -> tempfile::TempDir {
    let room = tempfile::tempdir().expect("a folder");
    copy(&folder(), room.path());
    let chapter = room.path().join("chapters/10-station.md");
    let text = std::fs::read_to_string(&chapter).expect("the chapter");
    assert!(text.contains(from), "nothing to change");
    std::fs::write(&chapter, text.replace(from, to)).expect("written");
    room
}

#[test]
fn a_good_law_has_no_errors_and_its_operator_numbers_are_listed() {
    let said = say(&mut habeas(&["codebook", "check", ".", "--format", "json"]));
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    let found = said.lines();
    assert!(found.iter().all(|finding| finding["severity"] == "warning"));
    assert!(found.iter().any(|finding| finding["code"] == "W123"), "{}", said.out);
}

#[test]
fn a_misspelt_name_is_shown_with_its_line_and_the_nearest_name() {
    let room = changed("after arrested", "after arested");
    let said = say(habeas(&["codebook", "check", "--format", "json"]).arg(room.path()));
    assert_eq!(said.status, 2);
    let finding = said.lines().into_iter().find(|finding| finding["severity"] == "error").expect("an error");
    assert_eq!(finding["code"], "E101");
    assert!(finding["file"].as_str().expect("a path").ends_with("10-station.md"));
    assert_eq!(finding["line"], 30);
    assert!(finding.to_string().contains("arrested"), "{finding}");
    let drawn = say(habeas(&["codebook", "check"]).arg(room.path()));
    assert_eq!(drawn.status, 2);
    assert!(drawn.out.contains("E101") && drawn.out.contains("after arested"), "{}", drawn.out);
}

#[test]
fn a_law_with_an_error_judges_nothing() {
    let room = changed("within the limit prompt telling", "within the limit prompt teling");
    let said = say(habeas(&["check", "register.csv", "--codebook"]).arg(room.path()));
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.contains("E101"), "{}", said.err);
}

#[test]
fn timelines_that_hold_pass() {
    let said = say(&mut habeas(&["codebook", "test", "."]));
    assert_eq!((said.status, said.out.as_str()), (0, "3 passed, 0 failed\n"), "{}", said.err);
}

#[test]
fn a_timeline_that_differs_is_shown_expected_beside_got() {
    let room = changed("2 hours, set by operator", "3 hours, set by operator");
    let timeline = room.path().join("timelines/told-late.json");
    let text =
        std::fs::read_to_string(&timeline).expect("a timeline").replace("\"limits\": {\"prompt telling\": \"PT2H\"}", "\"limits\": {}");
    std::fs::write(&timeline, text).expect("written");
    let said = say(habeas(&["codebook", "test"]).arg(room.path()));
    assert_eq!(said.status, 1);
    for part in
        ["told-late", "expected  met_late", "late_by PT30M", "got       met", "Told 30 minutes after the limit.", "1 passed, 2 failed"]
    {
        assert!(said.out.contains(part), "`{part}` is not in\n{}", said.out);
    }
}

#[test]
fn a_timeline_that_cannot_be_read_fails_with_its_place() {
    let room = changed("# A small station", "# A small station");
    let timeline = room.path().join("timelines/told-late.json");
    let text = std::fs::read_to_string(&timeline).expect("a timeline").replace("prompt telling", "prompt singing");
    std::fs::write(&timeline, text).expect("written");
    let said = say(habeas(&["codebook", "test"]).arg(room.path()));
    assert_eq!(said.status, 1);
    assert!(said.out.contains("told-late.json:") && said.out.contains("prompt singing"), "{}", said.out);
    assert!(said.out.ends_with("0 passed, 1 failed\n"));
}

#[test]
fn the_law_can_be_read_aloud_in_text_and_as_a_page() {
    let text = say(&mut habeas(&["codebook", "show", "."]));
    assert_eq!(text.status, 0);
    for part in ["relative-told", "Station Law paragraph 1", "must happen within the limit prompt telling", "Numbers set by the operator"] {
        assert!(text.out.contains(part), "`{part}` is not in\n{}", text.out);
    }
    let page = say(&mut habeas(&["codebook", "show", ".", "--format", "html"]));
    assert!(page.out.starts_with("<!doctype html>") && page.out.contains("must happen within the limit prompt telling"));
}

#[test]
fn completions_name_the_verbs() {
    let said = say(&mut habeas(&["completions", "bash"]));
    assert_eq!(said.status, 0);
    assert!(said.out.contains("codebook") && said.out.contains("--known-at"));
}
