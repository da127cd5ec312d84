//! The treaty dialogue and the plan of action, kept in a register through its one door.

use assert_cmd::Command;
use std::path::Path;

fn habeas(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("habeas").expect("the binary").args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn fine(arguments: &[&str]) -> String {
    let (status, out, error) = habeas(arguments);
    assert_eq!(status, Some(0), "{arguments:?}: {error}");
    out
}

/// A fresh register by the pack of the demo, and concluding observations of a fictional State.
fn station(folder: &Path) -> (String, String) {
    let shown = |name: &str| folder.join(name).display().to_string();
    let (data, document) = (shown("data"), shown("observations.txt"));
    fine(&["admin", "init", "--data", &data, "--codebook", "aze", "--origin", "custody.example/st/0412"]);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../review/tests/records/observations.txt");
    std::fs::copy(source, &document).expect("a document");
    (data, document)
}

#[test]
fn a_plan_is_kept_in_the_register_and_comes_back_the_same_from_its_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, document) = station(folder.path());
    let plan = |arguments: &[&str]| fine(&[&["review", "plan"][..], arguments, &["--data", &data, "--by", "A. Orde"]].concat());
    let entered = plan(&["start", &document]);
    let first = entered.lines().find(|line| line.contains("recommendation_issued")).expect("a recommendation");
    let reference = first.split_whitespace().nth(2).expect("its reference").to_owned();
    plan(&["add", "action", "what=Remote access to the record", "leads=Interior ministry", "due=2027-01-31", "--for", &reference]);
    plan(&["note", "action-1", "Tender published", "--evidence", "https://example.org/tender"]);
    let listed = fine(&["review", "plan", "list", "--data", &data]);
    assert!(listed.contains("Remote access to the record") && listed.contains("Tender published"), "{listed}");
    let overdue = fine(&["review", "plan", "overdue", "--data", &data, "--now", "2027-06-01T00:00:00Z"]);
    assert!(overdue.lines().any(|line| line.starts_with("overdue") && line.contains("action-1")), "{overdue}");

    // What a rule asks for as a code is a code, and the entry is about the recommendation that it serves.
    let record = fine(&["export", "--subject", &format!("rec:{reference}"), "--data", &data]);
    assert!(record.contains("interior_ministry\n"), "{record}");
    assert!(record.contains("action planned") && record.contains("progress noted"), "{record}");

    let tables = folder.path().join("tables").display().to_string();
    fine(&["review", "export", "--csv", &tables, "--data", &data]);
    assert_eq!(fine(&["review", "import-plan", &tables, "--data", &data]), "0 changes entered\n");
    let actions = folder.path().join("tables/actions.csv");
    let text = std::fs::read_to_string(&actions).expect("a table");
    std::fs::write(&actions, text.replace("2027-01-31", "2027-09-30")).expect("written");
    assert_eq!(fine(&["review", "import-plan", &tables, "--data", &data]), "1 change entered\n");
    assert!(!fine(&["review", "plan", "overdue", "--data", &data, "--now", "2027-06-01T00:00:00Z"]).contains("overdue   action-1"));
    plan(&["close", "action-1"]);
    assert!(!fine(&["review", "plan", "overdue", "--data", &data, "--now", "2028-06-01T00:00:00Z"]).contains("action-1"));
    fine(&["verify", "log", &data]);
}

#[test]
fn what_the_vocabulary_does_not_have_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, document) = station(folder.path());
    fine(&["review", "plan", "start", &document, "--data", &data]);
    assert_eq!(fine(&["review", "plan", "start", &document, "--data", &data]), "the plan holds all of it already\n");
    let before = fine(&["review", "plan", "list", "--data", &data]);
    let reference = before.lines().find_map(|line| line.strip_prefix("recommendation ")).expect("one").trim();
    let reference = reference.split_whitespace().next().expect("a reference");
    let (status, _, error) = habeas(&["review", "plan", "close", reference, "--state", "forgotten", "--data", &data]);
    assert_eq!(status, Some(2));
    assert!(error.contains("`forgotten` cannot be the status"), "{error}");
    let (status, _, error) =
        habeas(&["review", "plan", "add", "indicator", "what=Deaths", "value=many", "--for", reference, "--data", &data]);
    assert_eq!(status, Some(2));
    assert!(error.contains("`many` cannot be the value"), "{error}");
    assert_eq!(fine(&["review", "plan", "list", "--data", &data]), before, "neither half of it was entered");
    let (status, ..) = habeas(&["review", "plan", "list"]);
    assert_eq!(status, Some(2), "a place has to be named");
}

#[test]
fn a_decision_kept_in_the_register_stands_beside_what_was_computed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, _) = station(folder.path());
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("../review/tests/records/covenant-unnumbered.md").display().to_string();
    let first = fine(&["review", "unanswered", &record, "--format", "json"]);
    let question: serde_json::Value = serde_json::from_str(first.lines().next().expect("a question")).expect("JSON");
    let id = question["id"].as_str().expect("an id");
    let wrong = |arguments: &[&str]| {
        let all = [&["review", "override", &record], arguments, &["--data", &data]].concat();
        let (status, _, error) = habeas(&all);
        assert_eq!(status, Some(2), "{error}");
        error
    };
    assert!(wrong(&["q99.1", "--status", "full"]).contains("no question `q99.1`: paragraph 99 asks nothing"));
    assert!(wrong(&[id, "--replies", "99"]).contains("no paragraph 99 to answer with"));
    assert!(wrong(&[id, "--replies", "some"]).contains("expected numbers of paragraphs"));
    fine(&["review", "override", &record, id, "--status", "full", "--why", "said in private", "--by", "A. Orde", "--data", &data]);
    let after = fine(&["review", "unanswered", &record, "--format", "json", "--data", &data]);
    assert_eq!(after.lines().count() + 1, first.lines().count());
    let whole: serde_json::Value = serde_json::from_str(&fine(&["review", "import", &record, "--data", &data])).expect("JSON");
    let decided = whole["questions"].as_array().expect("a list").iter().find(|one| one["id"] == id).expect("the question");
    assert_eq!((decided["overridden"]["by"].as_str(), decided["overridden"]["note"].as_str()), (Some("A. Orde"), Some("said in private")));
}

/// What every verb of the review says to a document that it cannot have, and to one that is no text of a treaty body.
#[test]
fn a_document_that_is_not_there_is_trouble_with_the_machine_and_a_letter_to_the_editor_is_bad_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = |name: &str| folder.path().join(name).display().to_string();
    let (missing, directory, letter, store) = (shown("recrod.txt"), shown(""), shown("letter.txt"), shown("review.jsonl"));
    std::fs::write(&letter, "Dear editor,\n\n1. The trains were late.\n\n2. They were late again.\n").expect("a letter");
    let verbs: [&[&str]; 7] = [
        &["import", "FILE"],
        &["import", "FILE", "--json"],
        &["unanswered", "FILE"],
        &["figures", "FILE"],
        &["recommendations", "FILE"],
        &["override", "FILE", "q1.1", "--status", "full", "--store", &store],
        &["plan", "start", "FILE", "--store", &store],
    ];
    for verb in verbs {
        let of = |file: &str| {
            let arguments: Vec<&str> = verb.iter().map(|word| if *word == "FILE" { file } else { *word }).collect();
            let (status, out, error) = habeas(&[&["review"][..], &arguments].concat());
            assert_eq!(out, "", "{verb:?}: nothing but results on standard output");
            assert!(error.contains(file), "{verb:?} names the file: {error}");
            (status, error)
        };
        let (status, error) = of(&missing);
        assert!(status == Some(3) && error.contains("is not there; check the spelling"), "{verb:?}: {status:?} {error}");
        let (status, error) = of(&directory);
        assert!(status == Some(3) && error.contains("is a folder; a file was expected"), "{verb:?}: {status:?} {error}");
        let (status, error) = of(&letter);
        assert!(status == Some(2) && error.contains("not a text of a treaty body"), "{verb:?}: {status:?} {error}");
    }
    assert!(!Path::new(&store).exists(), "nothing was entered");
    assert_eq!(habeas(&["review", "text", &missing]).0, Some(3));
    assert_eq!(habeas(&["review", "import"]).0, Some(2), "bad usage: no file is named");
}

#[test]
fn an_import_that_cannot_be_printed_whole_says_so() {
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("../review/tests/records/rights-2001.txt");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a disk that is full");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    for out in [std::process::Stdio::from(full), std::process::Stdio::from(writer)] {
        let mut run = std::process::Command::new(assert_cmd::cargo::cargo_bin("habeas"));
        let done = run.args(["review", "import"]).arg(&record).stdout(out).output().expect("it runs");
        let error = String::from_utf8(done.stderr).expect("text");
        assert!(done.status.code() == Some(3) && error.contains("standard output"), "{:?} {error}", done.status);
    }
}
