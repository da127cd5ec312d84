//! One mistake for each code: the chapter stands in `tests/mistakes`, and what its author reads is kept beside this file.
//!
//! W127 is told by `habeas codebook check`, which reads timelines; its test stands there.

use crate::{folder, line, read_alone, small_pack, with_chapter, words};
use habeas_codebook::pack::PackSource;
use habeas_codebook::{Reading, read};
use std::fmt::Write;
use std::path::Path;

/// The first finding of that code as its author reads it: line, code, the words pointed at, what is wrong, what to do.
fn told(reading: &Reading, code: &str) -> Option<String> {
    let found = reading.diagnostics.iter().find(|d| d.code == code && at_fault(reading, d.mark.file))?;
    let mut text = format!("{}:{} {code} at `{}`\n", file(reading, found.mark.file), line(reading, found), words(reading, found));
    writeln!(text, "  {}", found.message).expect("a string takes all");
    writeln!(text, "  help: {}", found.help.as_deref().unwrap_or("none")).expect("a string takes all");
    Some(text)
}

fn file(reading: &Reading, place: u32) -> &str {
    &reading.files[place as usize].path
}

/// The conformance codebook's own warnings are not what is shown here.
fn at_fault(reading: &Reading, place: u32) -> bool {
    let path = file(reading, place);
    path.contains("99-specimen") || path.contains("one.md") || path.contains("forgotten") || path == "codebook.toml"
}

fn codes_of_the_authors_page() -> Vec<String> {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/author.md")).expect("the page");
    let rows = page.lines().filter_map(|row| row.strip_prefix("| ")?.split(' ').next().map(str::to_owned));
    rows.filter(|cell| cell.len() == 4 && cell.as_bytes()[1..].iter().all(u8::is_ascii_digit)).collect()
}

/// Mistakes that no chapter alone can hold: in the folder, in the manifest, and against a codebook built on.
fn elsewhere(code: &str) -> Option<Reading> {
    const LONELY: &str = "id = \"lonely\"\nname = \"Lonely\"\nzone = \"UTC\"\nsubjects = [\"custody\"]\n";
    match code {
        "W100" => {
            let mut pack = folder("tests/conformance");
            let text = "# Forgotten\n".to_owned();
            pack.files.push(habeas_codebook::diagnostic::SourceFile { path: "chapters/80-forgotten.md".to_owned(), text });
            Some(read_alone(&pack))
        }
        "E128" => Some(read_alone(&small_pack(&format!("{LONELY}languages = [\"en\", \"xx\"]\nchapters = [\"one.md\"]\n"), "# One\n"))),
        "E131" => {
            let base = small_pack(
                &format!("{LONELY}chapters = [\"one.md\"]\n").replace("lonely", "base"),
                "# One\n\n```event\nevent arrested of custody: reason text custody required.\n```\n",
            );
            let above = small_pack(
                "id = \"above\"\nname = \"Above\"\nzone = \"UTC\"\nbuilds_on = [\"base\"]\nchapters = [\"one.md\"]\n",
                "# One\n\n```event\nextend arrested: reason text public.\n```\n",
            );
            Some(read(&above, &|id| (id == "base").then(|| PackSource { files: base.files.clone() })))
        }
        _ => None,
    }
}

#[test]
fn each_code_is_told_with_its_line_and_what_to_do() {
    let mut shown = String::new();
    let codes = codes_of_the_authors_page();
    assert!(codes.len() > 30, "{codes:?}");
    for code in codes.iter().filter(|code| *code != "W127") {
        let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/mistakes/{code}.md"));
        let reading = elsewhere(code).unwrap_or_else(|| {
            let text = std::fs::read_to_string(&chapter).unwrap_or_else(|e| panic!("{code} of docs/author.md has no chapter: {e}"));
            read_alone(&with_chapter(&text))
        });
        let others: Vec<_> = reading.diagnostics.iter().filter(|d| at_fault(&reading, d.mark.file)).map(|d| (d.code, &d.message)).collect();
        shown += &told(&reading, code).unwrap_or_else(|| panic!("{code} was not given, but {others:?}"));
        assert_eq!(reading.codebook.is_none(), !code.starts_with('W'), "{code}: E and T stop the build, W does not");
    }
    insta::assert_snapshot!(shown);
}
