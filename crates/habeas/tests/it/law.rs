//! The packs, mappings and examples of this repository: they read, their examples hold, and every rule has one kept and one broken.

use crate::station::say;
use assert_cmd::Command;
use habeas::packs;
use habeas_intake::Mapping;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn habeas(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("habeas").expect("the binary");
    command.current_dir(root()).args(arguments);
    command
}

#[test]
fn every_timeline_of_the_standards_holds() {
    let said = say(&mut habeas(&["codebook", "test", "codebooks/standards"]));
    assert_eq!(said.status, 0, "{}", said.out);
}

#[test]
fn every_rule_of_the_standards_is_kept_in_one_story_and_broken_in_another() {
    let reading = packs::read("standards").expect("there");
    let codebook = reading.codebook.expect("without errors");
    assert!(codebook.rules.len() >= 30, "{} rules", codebook.rules.len());
    for rule in &codebook.rules {
        for ending in ["kept", "broken"] {
            let name = format!("timelines/{}-{ending}.json", rule.id);
            assert!(root().join("codebooks/standards").join(&name).is_file(), "no {name}");
            assert!(reading.files.iter().any(|chapter| chapter.text.contains(&name)), "no chapter names {name}");
        }
    }
}

#[test]
fn every_mapping_says_only_what_the_vocabulary_has() {
    let mut maps: Vec<PathBuf> = std::fs::read_dir(root().join("mappings")).expect("there").map(|e| e.expect("an entry").path()).collect();
    maps.push(root().join("examples/lyndale/lyndale.toml"));
    maps.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    assert!(maps.len() >= 10, "{maps:?}");
    for path in maps {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).expect("text");
        let mapping = Mapping::parse(&text, &shown).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let pack = mapping.codebook().expect("a mapping names its pack");
        let codebook = packs::read(pack).expect("there").codebook.expect("without errors");
        mapping.check(&codebook).unwrap_or_else(|error| panic!("{shown}: {error}"));
    }
}

#[test]
fn the_sheet_of_lyndale_is_judged_and_says_what_it_leaves_open() {
    let said = say(habeas(&["check", "examples/lyndale/register.csv", "--map", "examples/lyndale/lyndale.toml"]).args([
        "--codebook",
        "standards",
        "--now",
        "2026-03-30T00:00:00Z",
        "--format",
        "json",
        "--rule",
        "solitary-cap",
    ]));
    assert_eq!(said.status, 1, "{}", said.err);
    let month = said.lines().into_iter().find(|row| row["subject"]["measure"] == "I-08").expect("a row for I-08");
    assert_eq!(month["verdict"], "breached", "31 days");
    let fifteen = said.lines().into_iter().find(|row| row["subject"]["measure"] == "I-04").expect("a row for I-04");
    assert_eq!(fifteen["verdict"], "undetermined", "fifteen dates apart: an hour more or less nobody wrote down");
}
