//! What is said means what was read: whole packs, every form of declaration, and rules made at random.

use super::generated::{self, Tape};
use super::*;
use crate::chapters;
use crate::diagnostic::SourceFile;
use crate::pack::PackSource;
use crate::reading::parse;
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;

fn folder(path: &str) -> PackSource {
    PackSource::from_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn built_on(id: &str) -> Option<PackSource> {
    Some(folder(&format!("codebooks/{id}")))
}

/// A pack with one more chapter, listed last.
fn with_chapter(mut pack: PackSource, name: &str, text: &str) -> PackSource {
    let manifest = &mut pack.files.iter_mut().find(|f| f.path == "codebook.toml").unwrap().text;
    let listed = manifest.find("chapters = [").unwrap();
    let end = listed + manifest[listed..].find(']').unwrap();
    let comma = if manifest[listed..end].trim_end().ends_with(',') { "" } else { ", " };
    manifest.insert_str(end, &format!("{comma}\"{name}\""));
    pack.files.push(SourceFile { path: format!("chapters/{name}"), text: text.to_owned() });
    pack
}

fn every_form() -> PackSource {
    with_chapter(folder("tests/conformance"), "90-every-form.md", include_str!("every-form.md"))
}

/// A codebook without regard to the checks, which have their own tests.
fn codebook(pack: &PackSource) -> Codebook {
    let reading = parse(pack, &built_on);
    if let Some(told) = reading.diagnostics.first() {
        let file = &reading.files[told.mark.file as usize];
        let (line, _) = file.line_column(told.mark.bytes.start);
        let words = &file.text[told.mark.bytes.start as usize..told.mark.bytes.end as usize];
        panic!("{}:{line} {} {} at `{words}`", file.path, told.code, told.message);
    }
    reading.codebook.unwrap()
}

fn assert_same(a: &Codebook, b: &Codebook) {
    assert_eq!((&a.classes, &a.field_names, &a.value_names), (&b.classes, &b.field_names, &b.value_names));
    assert_eq!(a.kinds, b.kinds);
    assert_eq!((&a.lists, &a.aliases), (&b.lists, &b.aliases));
    assert_eq!((&a.states, &a.items, &a.clocks), (&b.states, &b.items, &b.clocks));
    assert_eq!((&a.limits, &a.roles), (&b.limits, &b.roles));
    assert_eq!(a.rules, b.rules);
    assert_eq!((&a.flows, &a.rooms, &a.access, &a.tables), (&b.flows, &b.rooms, &b.access, &b.tables));
}

/// The pack with its own chapters in canonical text.
fn formatted(pack: &PackSource, codebook: &Codebook) -> PackSource {
    let mut pack = pack.clone();
    for file in pack.files.iter_mut().filter(|f| f.path.starts_with("chapters/")) {
        if let Some(place) = codebook.files.iter().position(|f| f.path == file.path) {
            file.text = chapter(codebook, place as u32);
        }
    }
    pack
}

/// What stands outside the executable blocks.
fn prose(text: &str) -> Vec<String> {
    let mut done = 0;
    let mut parts = Vec::new();
    for block in chapters::read(text, 0, &mut Vec::new()).blocks {
        parts.push(text[done..block.mark.bytes.start as usize].to_owned());
        done = block.mark.bytes.end as usize;
    }
    parts.push(text[done..].to_owned());
    parts
}

#[test]
fn a_formatted_codebook_means_what_it_meant_and_formatting_it_again_changes_nothing() {
    for pack in [folder("tests/conformance"), folder("codebooks/core"), folder("codebooks/standards"), every_form()] {
        let before = codebook(&pack);
        let once = formatted(&pack, &before);
        let after = codebook(&once);
        assert_same(&before, &after);
        for (old, new) in pack.files.iter().zip(&once.files) {
            assert_eq!(prose(&old.text), prose(&new.text), "{}", old.path);
        }
        assert_eq!(formatted(&once, &after), once);
    }
}

#[test]
fn every_pack_of_this_repository_is_in_canonical_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks");
    for pack in std::fs::read_dir(root).unwrap().flatten().filter(|entry| entry.path().join("codebook.toml").is_file()) {
        let id = pack.file_name().into_string().unwrap();
        let codebook = codebook(&folder(&format!("codebooks/{id}")));
        for (n, file) in codebook.files.iter().enumerate().filter(|(_, file)| file.path.starts_with("chapters/")) {
            let said = chapter(&codebook, n as u32);
            let differs = file.text.lines().zip(said.lines()).find(|(written, said)| written != said);
            assert_eq!(differs, None, "run `habeas codebook fmt codebooks/{id}`: {} differs there first", file.path);
            assert_eq!(file.text.len(), said.len(), "run `habeas codebook fmt codebooks/{id}`: {}", file.path);
        }
    }
}

#[test]
fn every_form_of_declaration_is_said_as_it_was_written() {
    let codebook = codebook(&every_form());
    let place = codebook.files.iter().position(|f| f.path.ends_with("90-every-form.md")).unwrap();
    assert_eq!(chapter(&codebook, place as u32), include_str!("every-form.md"));
}

#[test]
fn an_explanation_quotes_the_duty_as_the_lawyer_reads_it() {
    let codebook = codebook(&folder("tests/conformance"));
    let quoted = |id: &str| sentence(&codebook, RuleId(codebook.rules.iter().position(|r| r.id == id).unwrap() as u16));
    assert_eq!(
        quoted("interview-break"),
        "For each custody, while interview under way, it must not last longer than 2 hours without a break of at least 15 minutes."
    );
    assert_eq!(
        quoted("child-not-questioned-alone"),
        "For each custody where the person is a child, while interview under way, there must be at least 1 companion present \
         where the role is one of (lawyer, education worker, doctor)."
    );
    assert_eq!(
        quoted("removal-from-facility"),
        "For each custody, every removed from facility must rest on removal authorised by procurator or court \
         given not more than 24 hours earlier."
    );
}

#[test]
fn windows_line_ends_and_blocks_inside_lists_stay_as_they_are() {
    let rule = "rule   extra\nCites \"Mandela Rules\" rule 1. In force from 2020-01-01. Severity record.\n\
                For each custody, no entry refused may happen.\n";
    let (loud, quoted) = (
        format!("```rule\n{rule}```\n").replace('\n', "\r\n"),
        "- item\n\n  ```limit\n  limit odd   is 2, set by operator,\n  because \"x\".\n  ```\n",
    );
    let text = format!("# Extra\r\n\r\n{loud}\n{quoted}");
    let codebook = codebook(&with_chapter(folder("tests/conformance"), "80-extra.md", &text));
    let place = codebook.files.iter().position(|f| f.path.ends_with("80-extra.md")).unwrap();
    let expected = "# Extra\r\n\r\n```rule\r\nrule extra\r\n  \
                    Cites \"Mandela Rules\" rule 1. In force from 2020-01-01. Severity record.\r\n  \
                    For each custody, no entry refused may happen.\r\n```\r\n";
    assert_eq!(chapter(&codebook, place as u32), format!("{expected}\n{quoted}"));
}

#[test]
fn another_language_is_a_table_of_frames() {
    let codebook = codebook(&folder("tests/conformance"));
    let shouted = FRAMES.iter().map(|(_, key, english)| ((*key).to_owned(), english.to_uppercase())).collect();
    let words = Words::from_table(&shouted).unwrap();
    let rule = codebook.rules.iter().find(|r| r.id == "visit-unannounced").unwrap();
    assert_eq!(Voice::new(&codebook, &words).for_each(rule), "FOR EACH visit, NO entry refused MAY HAPPEN");
}

static FORMS: LazyLock<Codebook> = LazyLock::new(|| codebook(&every_form()));

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// `parse(render(tree)) == tree`, over all bodies, clauses, conditions, tests and spans.
    #[test]
    fn a_rule_said_and_read_again_is_the_same_rule(tapes in prop::collection::vec(prop::collection::vec(any::<u16>(), 0..160), 1..12)) {
        let rules: Vec<Rule> = tapes
            .iter()
            .enumerate()
            .map(|(n, tape)| generated::rule(&FORMS, &format!("generated-{n}"), &mut Tape::new(tape)))
            .collect();
        let said: Vec<String> = rules.iter().map(|r| rule(&FORMS, r)).collect();
        let text = format!("# Generated\n\n```rule\n{}\n```\n", said.join("\n\n"));
        let read = codebook(&with_chapter(every_form(), "99-generated.md", &text));
        let read: Vec<&Rule> = read.rules.iter().filter(|r| r.id.starts_with("generated-")).collect();
        prop_assert_eq!(read.len(), rules.len(), "{}", text);
        for (written, read) in rules.iter().zip(read) {
            prop_assert_eq!(&Rule { chapter: read.chapter, ..written.clone() }, read, "{}", rule(&FORMS, written));
        }
    }
}

/// The rules said in a language, heard, and read by the parser of the language.
fn said_and_heard(pack: &PackSource, codebook: &Codebook, tongue: &Tongue, rules: &[Rule]) -> (String, Vec<Rule>) {
    let voice = Voice::in_tongue(codebook, tongue);
    let said = rules.iter().map(|rule| voice.rule(rule)).collect::<Vec<_>>().join("\n\n");
    let english = in_english(tongue, &said).unwrap_or_else(|unheard| panic!("{unheard}\n{said}"));
    let text = format!("# Heard\n\n```rule\n{english}\n```\n");
    let read = parse(&with_chapter(pack.clone(), "99-heard.md", &text), &built_on);
    let errors: Vec<String> = read.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    let codebook = read.codebook.unwrap_or_else(|| panic!("{errors:?}\n{english}"));
    (said, codebook.rules.into_iter().rev().take(rules.len()).rev().collect())
}

fn assert_heard(pack: &PackSource, codebook: &Codebook, rules: &[Rule]) {
    for language in ["az", "ru"] {
        let tongue = Tongue::new(codebook, language).expect(language);
        let (said, heard) = said_and_heard(pack, codebook, &tongue, rules);
        assert_eq!(heard.len(), rules.len(), "{said}");
        for (written, heard) in rules.iter().zip(&heard) {
            let same = Rule { chapter: heard.chapter, pack: heard.pack.clone(), ..written.clone() };
            assert_eq!(&same, heard, "{language}: {}", Voice::in_tongue(codebook, &tongue).rule(written));
        }
    }
}

#[test]
fn every_rule_of_every_pack_said_in_another_language_is_the_same_rule() {
    for path in ["tests/conformance", "codebooks/standards", "codebooks/aze", "codebooks/ew"] {
        let pack = folder(path);
        let codebook = codebook(&pack);
        assert!(codebook.rules.len() > 20, "{path}");
        assert_heard(&pack, &codebook, &codebook.rules);
    }
}

#[test]
fn a_rule_is_said_with_the_words_of_its_own_language() {
    let mut pack = folder("tests/conformance");
    pack.files.push(SourceFile {
        path: "i18n/ru.ftl".to_owned(),
        text: "subject-custody = содержание\nstate-interview-under-way = идёт допрос\nrole-head-of-custody = начальник места содержания\n\
               role-procurator = прокурор\n"
            .to_owned(),
    });
    let codebook = codebook(&pack);
    let tongue = Tongue::new(&codebook, "ru").unwrap();
    let rule = codebook.rules.iter().find(|rule| rule.id == "interview-break").unwrap();
    assert_eq!(
        Voice::in_tongue(&codebook, &tongue).rule(rule),
        "правило interview-break\n  Основание: \"CAT/C/SR.2087\", пункт 25 и \"PACE Code C\", примечание 12B. Действует: с 2023-10-01. \
         Тяжесть: серьёзная.\n  Для каждого: «содержание»; пока длится: «идёт допрос»; не может длиться дольше: 2 часа; \
         без перерыва не менее: \
         15 минут.\n  При нарушении уведомить: «начальник места содержания» и «прокурор»."
    );
}

#[test]
fn what_is_no_clause_of_the_language_is_told_with_its_words() {
    let codebook = codebook(&folder("tests/conformance"));
    let tongue = Tongue::new(&codebook, "az").unwrap();
    let told = in_english(&tongue, "qayda interview-break\n  İstisna: yaxşı niyyət; qayda tətbiq edilmir.").unwrap_err();
    assert_eq!(told, Unheard::Clause("İstisna : yaxşı niyyət ; qayda tətbiq edilmir".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// `parse(render(tree, language)) == tree`, over all bodies, clauses, conditions, tests and spans.
    #[test]
    fn a_rule_said_in_another_language_and_read_again_is_the_same_rule(
        tapes in prop::collection::vec(prop::collection::vec(any::<u16>(), 0..160), 1..8)
    ) {
        let make = |(n, tape): (usize, &Vec<u16>)| generated::rule(&FORMS, &format!("generated-{n}"), &mut Tape::new(tape));
        let rules: Vec<Rule> = tapes.iter().enumerate().map(make).collect();
        assert_heard(&every_form(), &FORMS, &rules);
    }
}

#[test]
fn the_generated_rules_take_every_body_clause_and_test() {
    let mut said = String::new();
    for seed in 0_u64..3000 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let tape: Vec<u16> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u16
        })
        .take(160)
        .collect();
        said.push_str(&rule(&FORMS, &generated::rule(&FORMS, "g", &mut Tape::new(&tape))).to_lowercase());
    }
    for phrase in generated::PHRASES {
        assert!(said.contains(phrase), "no generated rule says `{phrase}`");
    }
}
