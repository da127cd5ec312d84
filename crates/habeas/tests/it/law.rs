//! The packs, mappings and examples of this repository: they read, their examples hold, and every rule has one kept and one broken.

use crate::station::say;
use assert_cmd::Command;
use habeas::packs;
use habeas_codebook::render::Tongue;
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

/// The packs that hold law; the others hold words.
fn packs_with_rules() -> Vec<&'static str> {
    let has_rules = |name: &&str| packs::read(name).expect("there").codebook.is_some_and(|codebook| !codebook.rules.is_empty());
    packs::built_in_names().into_iter().filter(has_rules).collect()
}

/// The pack that others build on; its rules are the register's own.
const VOCABULARY: &str = "core";

#[test]
fn every_timeline_of_every_pack_holds() {
    let packs = packs_with_rules();
    assert!(packs.len() >= 2, "{packs:?}");
    let mut stories = 0;
    for pack in packs {
        let said = say(&mut habeas(&["codebook", "test", &format!("codebooks/{pack}")]));
        assert_eq!(said.status, 0, "{pack}: {}", said.out);
        stories += std::fs::read_dir(root().join("codebooks").join(pack).join("timelines")).expect("there").count();
    }
    assert!(stories >= 900, "{stories} timelines");
}

#[test]
fn every_rule_is_kept_in_one_story_and_broken_in_another() {
    for pack in packs_with_rules() {
        let reading = packs::read(pack).expect("there");
        let codebook = reading.codebook.expect("without errors");
        assert!(pack == VOCABULARY || codebook.rules.len() >= 30, "{pack}: {} rules", codebook.rules.len());
        for rule in &codebook.rules {
            for ending in ["kept", "broken"] {
                let name = format!("timelines/{}-{ending}.json", rule.id);
                let is_there = |pack: &str| root().join("codebooks").join(pack).join(&name).is_file();
                assert!(is_there(pack) || is_there(VOCABULARY), "{pack}: no {name}");
                assert!(reading.files.iter().any(|chapter| chapter.text.contains(&name)), "{pack}: no chapter names {name}");
            }
        }
    }
}

#[test]
fn every_pack_has_only_warnings_that_a_reader_expects() {
    for pack in packs_with_rules() {
        let reading = packs::read(pack).expect("there");
        // What the vocabulary declares is for others to use.
        let expected = |code: &str| code == "W123" || (pack == VOCABULARY && code == "W121");
        let odd: Vec<_> = reading.diagnostics.iter().filter(|found| !expected(found.code)).collect();
        assert!(odd.is_empty(), "{pack}: {odd:?}");
    }
}

/// Files that only tests are built from.
const FOR_TESTS: [&str; 7] = ["tests", "examples", "benches", "fuzz", "tests.rs", "generated.rs", "specimen.rs"];

/// The texts of the program: every Rust file of every crate, without the tests.
fn program_texts(folder: &Path, texts: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("there").map(|entry| entry.expect("an entry").path()) {
        let is_test = entry.file_name().and_then(|name| name.to_str()).is_some_and(|name| FOR_TESTS.contains(&name));
        if entry.is_dir() && !is_test {
            program_texts(&entry, texts);
        } else if !is_test && entry.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&entry).expect("text");
            let program = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            texts.push((entry, program));
        }
    }
}

#[test]
fn two_jurisdictions_are_judged_by_one_program_that_names_neither() {
    let packs: Vec<_> =
        packs_with_rules().into_iter().map(|pack| (pack, packs::read(pack).expect("there").codebook.expect("good"))).collect();
    let zones: std::collections::BTreeSet<&str> = packs.iter().map(|(_, codebook)| codebook.zone_name.as_str()).collect();
    assert!(zones.len() >= 3, "a pack of law for each of two States, and one of standards: {zones:?}");
    let mut texts = Vec::new();
    program_texts(&root().join("crates"), &mut texts);
    assert!(texts.len() > 100, "{}", texts.len());
    for (pack, codebook) in &packs {
        let quoted = std::iter::once(*pack).chain(codebook.rules.iter().map(|rule| rule.id.as_str())).map(|name| format!("\"{name}\""));
        for name in quoted.filter(|name| name != "\"standards\"") {
            let named: Vec<_> = texts.iter().filter(|(_, text)| text.contains(&name)).map(|(path, _)| path).collect();
            assert!(named.is_empty(), "{pack}: {name} stands in {named:?}");
        }
    }
}

#[test]
fn every_name_of_every_pack_has_a_word_in_each_language() {
    for pack in packs::built_in_names() {
        let codebook = packs::read(pack).expect("there").codebook.expect("without errors");
        assert_eq!(codebook.languages, ["en", "az", "ru"], "{pack}");
        for language in ["az", "ru"] {
            assert_eq!(Tongue::unsaid(&codebook, language), Vec::<String>::new(), "{pack} in {language}");
        }
    }
}

/// The chapters of the pack that is written after the record CAT/C/SR.2087.
fn chapters_of_the_record() -> Vec<String> {
    let folder = root().join("codebooks").join(RECORD).join("chapters");
    let files = std::fs::read_dir(folder).expect("there").map(|entry| entry.expect("an entry").path());
    files.map(|path| std::fs::read_to_string(path).expect("text")).collect()
}

/// Name of that pack.
const RECORD: &str = "aze";

/// How many safeguards of the record each letter has.
const SAFEGUARDS: [(char, usize); 11] =
    [('A', 17), ('L', 8), ('M', 13), ('I', 14), ('K', 12), ('R', 16), ('P', 11), ('H', 13), ('C', 17), ('N', 12), ('V', 13)];

#[test]
fn each_of_the_146_safeguards_of_the_record_stands_above_a_rule() {
    let chapters = chapters_of_the_record();
    let sections = chapters.iter().flat_map(|text| text.split("\n#").map(|section| section.trim_start_matches('#').trim_start()));
    let with_rule: std::collections::BTreeSet<&str> =
        sections.filter(|section| section.contains("```rule")).filter_map(|section| section.split(' ').next()).collect();
    let all = SAFEGUARDS.iter().flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number:02}")));
    let all: Vec<String> = all.collect();
    assert_eq!(all.len(), 146);
    // That sums agree is checked where a table is counted, not in anybody's custody.
    let missing: Vec<&String> = all.iter().filter(|id| *id != "V11" && !with_rule.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(chapters.iter().any(|text| text.contains("### V11 ")));
}

#[test]
fn the_page_of_systems_is_what_the_command_prints_and_has_no_empty_cell() {
    let said = say(&mut habeas(&["codebook", "systems", &format!("codebooks/{RECORD}")]));
    assert_eq!(said.status, 0, "a cell is empty: {}", said.out);
    let rows: Vec<&str> = said.out.lines().filter(|line| line.starts_with("| S")).collect();
    assert_eq!(rows.len(), 24, "{rows:#?}");
    let page = std::fs::read_to_string(root().join("docs/systems.md")).expect("docs/systems.md");
    assert!(page == said.out, "docs/systems.md is old: habeas codebook systems codebooks/{RECORD} > docs/systems.md");
}

#[test]
fn a_codebook_without_systems_says_so_with_its_status() {
    let said = say(&mut habeas(&["codebook", "systems", "standards"]));
    assert_eq!(said.status, 1, "{}", said.out);
}

#[test]
fn every_room_that_a_chapter_names_is_an_address_of_the_desk() {
    let mut texts = Vec::new();
    program_texts(&root().join("crates/desk/src"), &mut texts);
    let chapters = chapters_of_the_record();
    let named = chapters.iter().flat_map(|text| text.lines().filter(|line| line.starts_with("Seen at "))).flat_map(|line| line.split('`'));
    let addresses: Vec<&str> = named.filter(|word| word.starts_with('/')).collect();
    assert!(!addresses.is_empty());
    for address in addresses {
        // A work list stands at the name of the room that a chapter declares.
        let room = address.strip_prefix("/work/").map(|name| format!("room {}", name.replace('-', " ")));
        let is_declared = room.is_some_and(|room| chapters.iter().any(|text| text.lines().any(|line| line.starts_with(&room))));
        let is_there = is_declared || texts.iter().any(|(_, text)| text.contains(&format!("\"{address}\"")));
        assert!(is_there, "no room of the desk stands at {address}");
    }
}

#[test]
fn a_law_is_read_aloud_and_a_breach_explained_in_the_readers_language() {
    let shown = say(&mut habeas(&["codebook", "show", "aze", "--lang", "az"]));
    let sentence = "Hər bir: «saxlanma»; bu hal davam edərkən: «dindirmə gedir»; bundan uzun davam edə bilməz: «ən uzun dindirmə»";
    assert_eq!((shown.status, shown.out.contains(sentence)), (0, true), "{}", shown.out);
    let explained = say(habeas(&["check", "examples/lyndale/register.csv", "--map", "examples/lyndale/lyndale.toml"]).args([
        "--codebook",
        "standards",
        "--now",
        "2026-03-02T08:00:00Z",
        "--format",
        "json",
        "--explain",
        "--lang",
        "ru",
    ]));
    assert!(explained.out.contains("НАРУШЕНО, с 20"), "{}", explained.out);
    assert!(explained.out.contains("Для каждого: «содержание под стражей»"), "{}", explained.out);
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
