//! Whatever stands in a chapter or a manifest, reading it ends, and what is told points into the files.

use crate::{folder, read_alone, with_chapter};
use habeas_codebook::diagnostic::Severity;
use habeas_codebook::pack::PackSource;
use habeas_codebook::render;
use proptest::prelude::*;

const FENCES: &[&str] = &["event", "state", "limit", "role", "rule", "flow", "access"];

/// A change to a text: where (of all its bytes), how many bytes go, and what comes in their place.
type Change = (u16, u8, String);

fn change() -> impl Strategy<Value = Change> {
    let pieces = prop::sample::select(vec![
        "",
        ".",
        ",",
        ";",
        ":",
        "(",
        ")",
        "((((((",
        "\"",
        "\n",
        "\r\n",
        "```\n",
        "```rule\n",
        "```event\n",
        "~~~",
        "> ",
        "- ",
        "\u{0}",
        "é",
        "\u{202e}",
        "𝄞",
        " and ",
        " or ",
        " the ",
        " of ",
        " whose ",
        " no ",
        " is ",
        " not ",
        " within ",
        " 99999999999 ",
        " 0.1 ",
        "2024-02-30",
        " years ",
        "rule x ",
        "for each ",
        "event ",
        "extend ",
        "alias ",
        "while ",
        "child ",
        " a ",
        "unless ",
        "custody",
    ]);
    let inserted = prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => any::<String>()];
    (any::<u16>(), prop_oneof![Just(0_u8), 0_u8..4, any::<u8>()], inserted)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut text = text.as_bytes().to_vec();
    for (place, gone, inserted) in changes {
        let at = (*place as usize * text.len()) >> 16;
        let end = (at + *gone as usize).min(text.len());
        text.splice(at..end, inserted.bytes());
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Reads a pack; an error keeps the codebook back, every mark can be shown, and a codebook can be said.
fn holds(pack: &PackSource) {
    let reading = read_alone(pack);
    let failed = reading.diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(reading.codebook.is_none(), failed, "refused without a reason, or accepted with an error");
    for told in &reading.diagnostics {
        let file = &reading.files[told.mark.file as usize];
        assert!(file.text.get(told.mark.bytes.start as usize..told.mark.bytes.end as usize).is_some(), "{told:?}");
    }
    if let Some(codebook) = reading.codebook {
        (0..codebook.files.len() as u32).for_each(|file| drop(render::chapter(&codebook, file)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_chapter_changed_at_random_is_read_or_refused(which in 0_usize..7, changes in prop::collection::vec(change(), 1..8)) {
        let mut pack = folder("tests/conformance");
        let chapter = pack.files.iter_mut().filter(|f| f.path.ends_with(".md")).nth(which).expect("seven chapters");
        chapter.text = changed(&chapter.text, &changes);
        holds(&pack);
    }

    #[test]
    fn a_manifest_changed_at_random_is_read_or_refused(changes in prop::collection::vec(change(), 1..4)) {
        let mut pack = folder("tests/conformance");
        pack.files[0].text = changed(&pack.files[0].text, &changes);
        holds(&pack);
    }

    #[test]
    fn any_text_at_all_is_read_or_refused(text in any::<String>(), fence in prop::sample::select(FENCES)) {
        holds(&with_chapter(&format!("# Any\n\n```{fence}\n{text}\n```\n")));
    }
}

#[test]
fn reading_ends_soon_however_many_the_rules() {
    let rule = |n| {
        format!(
            "rule many-{n}\n  Cites \"Mandela Rules\" rule 1. In force from 2020-01-01. Severity record.\n  \
             For each visit, no entry refused may happen.\n  On breach, tell minister.\n\n"
        )
    };
    holds(&with_chapter(&format!("# Many\n\n```rule\n{}```\n", (0..6_000).map(rule).collect::<String>())));
}

#[test]
fn reading_ends_soon_however_long_the_sentence() {
    // Each would take minutes if any step of reading grew with the square of the length.
    for (fence, text) in [
        ("rule", format!("rule x For each custody where {} child, it is forbidden.", "child and ".repeat(20_000))),
        ("rule", format!("rule x {}", "For each custody, ".repeat(20_000))),
        ("event", format!("event x of custody: v choice({}last).", (0..20_000).map(|n| format!("v{n}, ")).collect::<String>())),
        ("event", format!("event x of custody: {}last text.", (0..10_000).map(|n| format!("f{n} text; ")).collect::<String>())),
        ("event", "alias ".repeat(20_000)),
        ("access", "allow lawyer or ".repeat(20_000)),
    ] {
        holds(&with_chapter(&format!("# Long\n\n```{fence}\n{text}\n```\n")));
    }
}
