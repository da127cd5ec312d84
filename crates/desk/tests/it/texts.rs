//! Every message in every language, and every message that a page or a line of code names.

use habeas_desk::texts::{Language, Texts, source};
use std::path::Path;

fn ids(language: Language) -> Vec<String> {
    let text = source(language);
    let lines = text.lines().filter(|line| !line.starts_with([' ', '#']) && line.contains(" = "));
    lines.filter_map(|line| line.split(" = ").next()).map(str::to_owned).collect()
}

#[test]
fn the_three_languages_have_the_same_messages() {
    for language in [Language::Az, Language::Ru] {
        assert_eq!(ids(language), ids(Language::En), "{language:?}");
    }
}

#[test]
fn no_message_stands_twice_so_that_no_room_takes_the_words_of_another() {
    let mut all = ids(Language::En);
    all.sort();
    let twice: Vec<&String> = all.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert_eq!(twice, Vec::<&String>::new());
}

#[test]
fn every_message_that_a_page_names_is_there() {
    let texts = Texts::default();
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    let mut missing = Vec::new();
    for folder in [web.clone(), web.join("pages"), web.join("parts")] {
        for file in std::fs::read_dir(folder).expect("pages").map(|file| file.expect("a file").path()).filter(|file| file.is_file()) {
            let text = std::fs::read_to_string(&file).expect("a page");
            for start in ["shell.say(\"", "shell.with(\"", "shell.say_both(\""] {
                let named = text.split(start).skip(1).filter_map(|rest| rest.split('"').next());
                missing.extend(named.filter(|id| !texts.has(Language::En, id)).map(|id| format!("{}: {id}", file.display())));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn plurals_are_those_of_the_language() {
    let texts = Texts::default();
    let days = |n: &str| texts.say(Language::Ru, "length-days", &[("n", n)]);
    assert_eq!([days("1"), days("4"), days("11")], ["1\u{a0}день", "4\u{a0}дня", "11\u{a0}дней"]);
}
