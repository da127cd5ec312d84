//! A lawyer changes the law: a new question, a new safeguard and a shorter limit from a date. One chapter is edited, and the form, the
//! clock, the table and the book of law follow.

use habeas::packs;
use habeas_codebook::tree::Codebook;
use habeas_desk::clock::Teller;
use habeas_desk::forms::{Form, Posted};
use habeas_desk::texts::{Language, Texts};
use std::path::Path;
use tempfile::TempDir;

const SETTINGS: &str = r#"id = "blankets"
name = "House rules on blankets"
version = "1"
zone = "UTC"
languages = ["en"]
builds_on = ["core"]
chapters = ["10-blankets.md"]

[[sources]]
name = "House rules"
rule = ["1-9"]
"#;

const BEFORE: &str = r#"# Blankets

```limit
limit blanket in time is 4 hours, set by source, because "House rules, rule 1".
```

```event
event blanket asked for of custody, person, place.
event blanket given of custody, person, place:
  how many number required.
```

```rule
rule blanket-given
  Cites "House rules" rule 1. In force from 2020-01-01. Severity notable.
  For each custody, after blanket asked for, blanket given must happen within the limit blanket in time.
  On breach, tell ombudsman.
```

```table
table blankets
  Title "Blankets". Cites "House rules" rule 3. In force from 2020-01-01. Class conduct.
  Column asked for: number of blanket asked for.
```
"#;

/// One person asked in February, another in March; each waited for two hours. Whether the blankets were dry is said as given.
fn log(dry: [&str; 2]) -> String {
    let line = |n: u8, kind: &str, (custody, day, hour): (&str, &str, &str), fields: &str| {
        let at = format!("2026-{day}T{hour}:00:00Z");
        let when = format!("\"at\":\"{at}\",\"recorded_at\":\"{at}\"");
        format!("{{\"id\":\"e{n}\",\"kind\":\"{kind}\",\"subject\":{{\"custody\":\"{custody}\"}},{when},\"fields\":{{{fields}}}}}\n")
    };
    let given = |dry: &str| format!("\"how_many\":1{dry}");
    [
        line(1, "blanket_asked_for", ("C1", "02-10", "08"), ""),
        line(2, "blanket_given", ("C1", "02-10", "10"), &given(dry[0])),
        line(3, "blanket_asked_for", ("C2", "03-10", "08"), ""),
        line(4, "blanket_given", ("C2", "03-10", "10"), &given(dry[1])),
    ]
    .concat()
}

/// The chapter after the lawyer's edit: each change is an addition beside what was there.
fn after() -> String {
    let edits = [
        (
            "because \"House rules, rule 1\".\n",
            "because \"House rules, rule 1\".\n\
             limit blanket in time is 1 hour, set by source, from 2026-03-01, because \"House rules, rule 1, as amended\".\n",
        ),
        ("  how many number required.\n", "  how many number required;\n  dry yes/no.\n"),
        (
            "  On breach, tell ombudsman.\n",
            "  On breach, tell ombudsman.\n\nrule blanket-dry\n  \
             Cites \"House rules\" rule 2. In force from 2026-03-01. Severity notable.\n  \
             For each custody, every blanket given must satisfy the dry is yes.\n  On breach, tell ombudsman.\n",
        ),
        ("number of blanket asked for.\n", "number of blanket asked for.\n  Column damp: number of blanket given whose dry is no.\n"),
    ];
    edits.into_iter().fold(BEFORE.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

/// A folder with the law and the log.
struct Room(TempDir);

impl Room {
    fn with(chapter: &str, log: &str) -> Self {
        let room = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = room.path().join(path);
            std::fs::create_dir_all(path.parent().expect("in the room")).expect("a folder");
            std::fs::write(path, text).expect("written");
        };
        write("law/codebook.toml", SETTINGS);
        write("law/chapters/10-blankets.md", chapter);
        write("log.jsonl", log);
        Self(room)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn says(&self, arguments: &[&str]) -> String {
        let mut command = assert_cmd::Command::cargo_bin("habeas").expect("the binary");
        let output = command.current_dir(self.path()).args(arguments).output().expect("it runs");
        let (out, err) = (String::from_utf8(output.stdout).expect("text"), String::from_utf8(output.stderr).expect("text"));
        assert!(output.status.code().is_some_and(|code| code < 2), "{out}{err}");
        out
    }

    /// The verdicts of the rules on blankets, as `rule subject verdict`.
    fn verdicts(&self) -> Vec<String> {
        let now = "2026-03-31T00:00:00Z";
        let out = self.says(&["check", "log.jsonl", "--codebook", "law", "--now", now, "--format", "json"]);
        let rows = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a row"));
        let word = |row: &serde_json::Value, path: &str| row.pointer(path).and_then(|word| word.as_str()).unwrap_or_default().to_owned();
        let mut said: Vec<String> = rows
            .filter(|row| word(row, "/rule").starts_with("blanket-"))
            .map(|row| format!("{} {} {}", word(&row, "/rule"), word(&row, "/subject/custody"), word(&row, "/verdict")))
            .collect();
        said.sort();
        said
    }

    fn table(&self) -> String {
        self.says(&["return", "blankets", "--period", "2026", "--log", "log.jsonl", "--codebook", "law", "--as-of", "2026-12-31T00:00:00Z"])
    }

    fn law(&self) -> String {
        self.says(&["codebook", "show", "law"])
    }

    fn codebook(&self) -> Codebook {
        packs::read(self.path().join("law").to_str().expect("text")).expect("there").codebook.expect("without errors")
    }
}

/// What the form of a blanket asks.
fn asked(codebook: &Codebook) -> Vec<String> {
    let texts = Texts::default();
    let now = habeas_codebook::value::moment("2026-03-10T10:00:00Z").expect("a time");
    let teller = Teller { texts: &texts, language: Language::En, zone: codebook.almanac.zone.clone(), now };
    let kind = codebook.kinds.iter().find(|kind| kind.name == "blanket given").expect("declared");
    Form::new(codebook, kind, &teller, &Posted::default(), &[]).questions.into_iter().map(|question| question.label).collect()
}

#[test]
fn one_edited_chapter_shows_in_the_form_the_clock_the_table_and_the_book_of_law() {
    let old = Room::with(BEFORE, &log(["", ""]));
    let new = Room::with(&after(), &log([",\"dry\":\"yes\"", ",\"dry\":\"no\""]));

    assert_eq!(asked(&old.codebook()), ["When did it happen?", "How many"]);
    assert_eq!(asked(&new.codebook()), ["When did it happen?", "How many", "Dry"]);

    // Two hours were in time under the old limit; from March they are an hour too many, and February stays as it was.
    assert_eq!(old.verdicts(), ["blanket-given C1 met", "blanket-given C2 met"]);
    assert_eq!(new.verdicts(), ["blanket-dry C2 breached", "blanket-given C1 met", "blanket-given C2 met_late"]);

    assert!(!old.table().contains("damp"), "{}", old.table());
    assert!(new.table().contains("damp"), "{}", new.table());
    assert!(!old.law().contains("every blanket given must satisfy the dry is yes"), "{}", old.law());
    assert!(new.law().contains("every blanket given must satisfy the dry is yes"), "{}", new.law());
}
