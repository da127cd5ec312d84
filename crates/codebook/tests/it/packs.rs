//! Packs: `codebook.toml`, and packs that build on others.

use crate::{errors, read_alone, small_pack, words};
use habeas_codebook::pack::{PackError, PackSource};
use habeas_codebook::tree::{FieldType, LimitValue, Required, Sensitivity};
use habeas_codebook::{Reading, read};
use std::path::Path;

const BASE: &str = "id = \"base\"\nname = \"Base\"\nzone = \"Asia/Baku\"\nchapters = [\"one.md\"]\n\
                    subjects = [\"person\", \"custody\"]\nthings = [\"person\"]\n";
const LAW: &str = "# Base\n\n```event\nevent arrested of custody, person, opens custody: \
                   place choice(street, home, court); why text; force yes/no.\n\
                   event released of custody, closes custody.\n```\n\n\
                   ```limit\nlimit long is 2 hours, set by operator, because \"nobody says\".\n\
                   limit longer is 3 hours, set by operator, because \"nobody says\".\n```\n\n\
                   ```state\nstate held of custody: from arrested until released.\n```\n";

/// `NAME` built on packs: its manifest is that of the base with another id and these lines more.
fn manifest(id: &str, lines: &str) -> String {
    format!("id = \"{id}\"\nname = \"{id}\"\nzone = \"Europe/London\"\nchapters = [\"one.md\"]\n{lines}\n")
}

fn read_on(packs: &[(&str, PackSource)], pack: &PackSource) -> Reading {
    read(pack, &|id| packs.iter().find(|(name, _)| *name == id).map(|(_, pack)| pack.clone()))
}

fn on_base(lines: &str, chapter: &str) -> Reading {
    let lines = format!("builds_on = [\"base\"]\n{lines}");
    read_on(&[("base", small_pack(BASE, LAW))], &small_pack(&manifest("own", &lines), chapter))
}

#[test]
fn a_key_that_nobody_knows_is_an_error_at_its_line() {
    let reading = read_alone(&small_pack(&format!("{BASE}zones = \"x\"\n"), LAW));
    assert_eq!(errors(&reading), ["7 E100 zones"]);
    let reading = read_alone(&small_pack(&format!("{BASE}[[sources]]\nname = \"X\"\nparagraf = [\"1\"]\n"), LAW));
    assert_eq!(errors(&reading), ["9 E100 paragraf"]);
}

#[test]
fn a_manifest_that_lacks_something_or_is_no_toml_is_refused() {
    assert!(read_alone(&small_pack("id = \"base\"\n", LAW)).codebook.is_none());
    let reading = read_alone(&small_pack("id = \n", LAW));
    assert_eq!((reading.codebook.is_none(), reading.diagnostics.len()), (true, 1));
    assert!(read_alone(&PackSource::default()).diagnostics[0].message.contains("no codebook.toml"));
}

#[test]
fn what_a_manifest_says_wrongly_is_told_at_its_own_line() {
    let wrong = |from: &str, to: &str| errors(&read_alone(&small_pack(&BASE.replace(from, to), LAW)));
    assert_eq!(wrong("Asia/Baku", "Asia/Nowhere"), ["3 E100 Asia/Nowhere"]);
    assert_eq!(wrong("[\"one.md\"]", "[\"one.md\", \"two.md\"]"), ["4 E100 two.md"]);
    assert_eq!(wrong("things = [\"person\"]", "things = [\"persn\"]"), ["6 E100 persn"]);
    assert_eq!(wrong("name = \"Base\"", "name = \"Base\"\nlate_entry_after = \"an hour\""), ["3 E100 an hour"]);
    let reading =
        read_alone(&small_pack(&format!("{BASE}[calendar]\nweekend = [\"sat\", \"someday\"]\nholidays = [\"2026-02-30\"]\n"), LAW));
    assert_eq!(errors(&reading), ["8 E100 someday", "9 E100 2026-02-30"]);
}

#[test]
fn a_chapter_in_the_folder_that_is_not_listed_is_a_warning() {
    let reading = read_alone(&small_pack(&BASE.replace("one.md", "two.md"), LAW));
    let told = reading.diagnostics.iter().find(|d| d.code == "W100").expect("a warning");
    assert_eq!((told.message.contains("chapters/one.md"), words(&reading, told)), (true, "two.md"));
}

#[test]
fn a_pack_has_every_declaration_of_the_one_that_it_builds_on() {
    let codebook = on_base("", "# Own\n\n```state\nstate at court of custody: from arrested whose place is court until released.\n```\n")
        .codebook
        .expect("good");
    assert_eq!(codebook.states.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["held", "at court"]);
    assert_eq!((codebook.zone_name.as_str(), codebook.builds_on.as_slice()), ("Europe/London", &["base".to_owned()][..]));
}

#[test]
fn two_packs_built_on_one_bring_it_in_once() {
    let side =
        |id: &str| small_pack(&manifest(id, "builds_on = [\"base\"]"), &format!("# Side\n\n```event\nevent {id} seen of custody.\n```\n"));
    let packs = [("base", small_pack(BASE, LAW)), ("left", side("left")), ("right", side("right"))];
    let top = small_pack(&manifest("top", "builds_on = [\"left\", \"right\", \"base\"]"), "# Top\n");
    let reading = read_on(&packs, &top);
    assert_eq!(errors(&reading), Vec::<String>::new());
    let kinds: Vec<String> = reading.codebook.expect("good").kinds.into_iter().skip(3).map(|k| k.name).collect();
    assert_eq!(kinds, ["arrested", "released", "left seen", "right seen"]);
}

#[test]
fn packs_that_build_on_each_other_on_nothing_or_under_another_name_are_refused() {
    let chapter = "# None\n";
    let circle = [
        ("a", small_pack(&manifest("a", "builds_on = [\"b\"]"), chapter)),
        ("b", small_pack(&manifest("b", "builds_on = [\"a\"]"), chapter)),
    ];
    assert_eq!(errors(&read_on(&circle, &circle[0].1)), ["5 E100 a"]);
    assert_eq!(errors(&read_on(&[], &circle[0].1)), ["5 E100 b"]);
    let liar = [("a", small_pack(&manifest("z", "builds_on = [\"a\"]"), chapter))];
    assert_eq!(errors(&read_on(&liar, &liar[0].1)), ["1 E100 z"]);
}

#[test]
fn a_limit_of_the_pack_replaces_all_versions_of_the_same_name() {
    let own = "# Own\n\n```limit\nlimit long is 30 minutes, set by source, because \"the law says\".\n```\n";
    let codebook = on_base("", own).codebook.expect("good");
    let long = codebook.limits.iter().find(|l| l.name == "long").expect("there");
    assert_eq!(long.versions.len(), 1);
    assert!(matches!(long.versions[0].value, LimitValue::Length(length) if length.amount == 30));
    assert_eq!(codebook.limits.iter().find(|l| l.name == "longer").expect("kept").versions[0].because, "nobody says");
}

#[test]
fn what_is_left_out_is_gone_and_who_still_uses_it_is_told() {
    let codebook = on_base("leaves_out = [\"Held\"]", "# Own\n").codebook.expect("good");
    assert!(codebook.states.is_empty());
    assert_eq!(errors(&on_base("leaves_out = [\"released\"]", "# Own\n")), ["14 E101 released"]);
}

#[test]
fn leaving_out_what_is_not_there_is_an_error() {
    let reading = on_base("leaves_out = [\"hld\"]", "# Own\n");
    assert_eq!(errors(&reading), ["6 E101 hld"]);
    let help = reading.diagnostics.iter().find(|d| d.code == "E101").and_then(|d| d.help.clone());
    assert!(help.expect("nearest names").starts_with("nearest: `held`"));
}

#[test]
fn an_extension_adds_fields_and_tightens_others() {
    let own =
        "# Own\n\n```event\nextend arrested: badge text identity required; place choice(street, home) required; why text medical.\n```\n";
    let reading = on_base("", own);
    assert_eq!(errors(&reading), Vec::<String>::new());
    let codebook = reading.codebook.expect("good");
    let arrested = codebook.kinds.iter().find(|k| k.name == "arrested").expect("there");
    let field = |name: &str| arrested.fields.iter().find(|f| codebook.field_names[f.name.index()] == name).expect("the field");
    assert_eq!(
        (&field("badge").of, field("badge").sensitivity, &field("badge").required),
        (&FieldType::Text, Sensitivity::Identity, &Required::Always)
    );
    let FieldType::Choice(choices) = &field("place").of else { panic!("a choice") };
    assert_eq!((codebook.values(choices).len(), &field("place").required), (2, &Required::Always));
    assert_eq!((field("why").sensitivity, &field("force").required), (Sensitivity::Medical, &Required::No));
    assert_eq!(arrested.fields.len(), 4);
}

#[test]
fn an_extension_that_loosens_is_refused() {
    for looser in ["place choice(street, home, court, sea)", "why text public", "force text", "why list of text", "place choices(street)"] {
        let reading = on_base("", &format!("# Own\n\n```event\nextend arrested: {looser}.\n```\n"));
        let told: Vec<&str> = reading.diagnostics.iter().map(|d| d.code).filter(|code| code.starts_with('E')).collect();
        assert_eq!(told, ["E131"], "{looser}");
    }
    let reading = on_base("", "# Own\n\n```event\nextend arested: badge text.\n```\n");
    assert_eq!(errors(&reading), ["4 E101 arested"]);
}

#[test]
fn a_folder_without_a_manifest_is_no_codebook() {
    let nowhere = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert!(matches!(PackSource::from_folder(&nowhere), Err(PackError::NoManifest(_))));
}
