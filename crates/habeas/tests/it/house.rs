//! The laws of the house that the compiler does not know (ARCHITECTURE.md, "How the laws are kept"). Each finding names the file,
//! the line, what is not allowed, and what to do instead.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which of our crates a crate may depend on.
const ARROWS: [(&str, &[&str]); 11] = [
    ("ledger", &[]),
    ("codebook", &[]),
    ("paper", &[]),
    ("access", &["habeas-codebook"]),
    ("monitor", &["habeas-codebook"]),
    ("intake", &["habeas-codebook"]),
    ("review", &["habeas-codebook"]),
    ("returns", &["habeas-codebook", "habeas-monitor"]),
    ("register", &["habeas-codebook", "habeas-monitor", "habeas-ledger"]),
    ("desk", &["habeas-codebook", "habeas-access", "habeas-paper", "habeas-register", "habeas-returns", "habeas-review"]),
    (
        "habeas",
        &[
            "habeas-codebook",
            "habeas-monitor",
            "habeas-intake",
            "habeas-ledger",
            "habeas-access",
            "habeas-paper",
            "habeas-review",
            "habeas-register",
            "habeas-returns",
            "habeas-desk",
        ],
    ),
];

/// Crates that know no clock, no network and no environment, and no disk beyond reading the folder they are given.
const PURE: [&str; 6] = ["codebook", "access", "monitor", "ledger", "review", "returns"];

/// One word, one thing: the word not to use, and the one to use instead.
const WORDS: [(&str, &str); 15] = [
    ("violation", "breach"),
    ("obligation", "duty"),
    ("detainee", "person"),
    ("inmate", "person"),
    ("prisoner", "person"),
    ("warden", "officer"),
    ("guard", "officer"),
    ("infraction", "breach"),
    ("jailer", "officer"),
    ("blacklist", "the words for what the list refuses"),
    ("whitelist", "the words for what the list admits"),
    ("todo", "a finished part, or none"),
    ("fixme", "a finished part, or none"),
    ("dummy", "what the thing stands for"),
    ("foobar", "a name from the station's life"),
];

/// Names that say nothing: a function lives with the noun it serves.
const NAMELESS: [&str; 5] = ["utils", "util", "common", "helpers", "misc"];

const LINE_WIDTH: usize = 140;
const FILE_LINES: usize = 700;
const FUNCTION_LINES: usize = 70;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a text that can be read")
}

/// Every file below `folder` whose name ends so, without what was built.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn crates() -> Vec<PathBuf> {
    let folder = root().join("crates");
    let mut found: Vec<PathBuf> = fs::read_dir(folder).expect("crates").map(|entry| entry.expect("a crate").path()).collect();
    found.sort();
    found
}

fn manifest(folder: &Path) -> toml::Table {
    read(&folder.join("Cargo.toml")).parse().expect("a manifest in TOML")
}

fn dependencies(manifest: &toml::Table, part: &str) -> Vec<(String, toml::Value)> {
    manifest.get(part).and_then(toml::Value::as_table).into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn name_of(folder: &Path) -> String {
    folder.file_name().expect("a folder").to_string_lossy().into_owned()
}

/// Fails with all findings, one a line.
fn expect_none(law: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{law}:\n  {}", findings.join("\n  "));
}

/// The code of a file above its own tests.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |start| &text[..start])
}

/// Whether a file is a module for tests only: its folder's `mod.rs` or `lib.rs` declares it so.
fn is_test_module(path: &Path) -> bool {
    let stem = path.file_stem().expect("a name").to_string_lossy();
    let declared = format!("#[cfg(test)]\nmod {stem};");
    let folder = path.parent().expect("a folder");
    ["mod.rs", "lib.rs"].iter().map(|name| folder.join(name)).filter(|file| file.is_file()).any(|file| read(&file).contains(&declared))
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

#[test]
fn arrows_point_one_way() {
    let mut findings = Vec::new();
    for folder in crates() {
        let name = name_of(&folder);
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == name) else {
            findings.push(format!("crates/{name} has no place in ARROWS: say which crates it may use"));
            continue;
        };
        for (to, _) in dependencies(&manifest(&folder), "dependencies") {
            if to.starts_with("habeas-") && !allowed.contains(&to.as_str()) {
                findings.push(format!("crates/{name}/Cargo.toml uses {to}: move what is needed to where the arrow already points"));
            }
        }
    }
    expect_none("an arrow points the wrong way", &findings);
}

#[test]
fn a_dependency_is_named_once_and_used() {
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for folder in crates() {
        let manifest = manifest(&folder);
        let sources: String = files(&folder, ".rs").iter().map(|path| read(path)).collect();
        for part in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in dependencies(&manifest, part) {
                let shared = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                if !shared || value.get("version").is_some() {
                    findings.push(format!("{}: `{name}` must be `{name}.workspace = true`", folder.join("Cargo.toml").display()));
                }
                if !sources.contains(&name.replace('-', "_")) {
                    findings.push(format!("{}: `{name}` is not used; remove it", folder.join("Cargo.toml").display()));
                }
                used.insert(name);
            }
        }
    }
    let workspace = manifest(&root());
    for (name, _) in dependencies(workspace["workspace"].as_table().expect("a table"), "dependencies") {
        if !used.contains(&name) {
            findings.push(format!("Cargo.toml: no crate uses `{name}`; remove it from [workspace.dependencies]"));
        }
    }
    expect_none("a dependency is out of order", &findings);
}

/// The README says `cargo run --release -- …`, and there is more than one program: one of them is meant.
#[test]
fn cargo_run_means_the_program_of_the_readme() {
    assert!(read(&root().join("README.md")).contains("\ncargo run --release -- demo\n"));
    let packages: Vec<toml::Table> = crates().iter().map(|folder| manifest(folder)).collect();
    let meant: Vec<&str> = packages.iter().filter_map(|package| package["package"].get("default-run")?.as_str()).collect();
    assert_eq!(meant, ["habeas"]);
}

#[test]
fn pure_crates_refuse_clock_network_and_environment() {
    let banned =
        ["std::time::Instant::now", "std::time::SystemTime::now", "std::thread::sleep", "std::env::var", "std::net::TcpStream::connect"];
    let mut findings = Vec::new();
    for name in PURE {
        let path = root().join("crates").join(name).join("clippy.toml");
        let settings: toml::Table = read(&path).parse().expect("TOML");
        let listed = settings.get("disallowed-methods").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        for method in banned {
            let entry = listed.iter().find(|entry| entry.get("path").and_then(toml::Value::as_str) == Some(method));
            if entry.is_none_or(|entry| entry.get("reason").is_none()) {
                findings.push(format!("{}: `{method}` must be listed with a reason", path.display()));
            }
        }
    }
    expect_none("a pure crate is not held to it", &findings);
}

#[test]
fn no_jurisdiction_stands_in_rust() {
    let mut words = BTreeSet::new();
    for chapter in files(&root().join("codebooks"), ".md") {
        let rules = read(&chapter);
        words.extend(rules.lines().filter_map(|line| line.trim().strip_prefix("rule ")).map(|id| format!("\"{}\"", id.trim())));
    }
    for settings in files(&root().join("codebooks"), "codebook.toml") {
        let settings: toml::Table = read(&settings).parse().expect("TOML");
        words.extend(settings.get("id").and_then(toml::Value::as_str).map(|id| format!("\"{id}\"")));
        let sources = settings.get("sources").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        words.extend(sources.iter().filter_map(|source| source.get("name")?.as_str().map(|name| format!("\"{name}\""))));
    }
    let mut findings = Vec::new();
    for path in crates().iter().flat_map(|folder| files(&folder.join("src"), ".rs")).filter(|path| !is_test_module(path)) {
        let text = read(&path);
        for (number, line) in without_tests(&text).lines().enumerate().filter(|(_, line)| is_code(line)) {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                findings.push(format!("{}:{}: {word} belongs to a pack; let the codebook say it", path.display(), number + 1));
            }
        }
    }
    expect_none("a pack's name stands in Rust", &findings);
}

/// What the house has against one Rust file.
fn against_text(shown: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let here = format!("{shown}:{}", number + 1);
        if line.chars().count() > LINE_WIDTH {
            findings.push(format!("{here}: longer than {LINE_WIDTH} characters; break the line"));
        }
        if line.trim_start().starts_with("#[allow(") || line.trim_start().starts_with("#![allow(") {
            findings.push(format!("{here}: `allow`; write `#[expect(…, reason = \"…\")]`"));
        }
        for word in line.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase) {
            let singular = word.strip_suffix('s').unwrap_or(&word);
            if let Some((word, instead)) = WORDS.iter().find(|(banned, _)| *banned == word || *banned == singular) {
                findings.push(format!("{here}: `{word}`; use {instead}"));
            }
        }
    }
    let lines = without_tests(text).lines().filter(|line| is_code(line)).count();
    if lines > FILE_LINES {
        findings.push(format!("{shown}: {lines} lines of code; a file is one thought, {FILE_LINES} at most"));
    }
    findings.extend(long_functions(shown, text));
    findings
}

/// Functions that do not fit on a screen. Relies on the layout of rustfmt: a function ends where its own indent closes it.
fn long_functions(shown: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut findings = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words: Vec<&str> = line.trim_start().split(' ').take_while(|word| *word != "fn").collect();
        let is_function = line.contains("fn ") && words.iter().all(|w| ["pub", "pub(crate)", "pub(super)", "const", "async"].contains(w));
        if !is_function || line.trim_end().ends_with('}') {
            continue;
        }
        let end = format!("{}}}", &line[..indent]);
        let length = lines[start..].iter().take_while(|line| **line != end).filter(|line| is_code(line)).count();
        if length > FUNCTION_LINES {
            findings.push(format!("{shown}:{}: a function of {length} lines; a function fits on a screen, {FUNCTION_LINES}", start + 1));
        }
    }
    findings
}

#[test]
fn every_rust_file_keeps_the_house_rules() {
    let mut findings = Vec::new();
    for path in crates().iter().flat_map(|folder| files(folder, ".rs")) {
        if path.ends_with("tests/it/house.rs") {
            continue; // it names the words
        }
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let folder = path.parent().map(name_of).unwrap_or_default();
        if let Some(name) = NAMELESS.iter().find(|name| stem == **name || folder == **name) {
            findings.push(format!("{}: `{name}` says nothing; a function lives with the noun it serves", path.display()));
        }
        let shown = path.strip_prefix(root()).expect("below the root").display().to_string();
        findings.extend(against_text(&shown, &read(&path)));
    }
    expect_none("the house has something against this", &findings);
}

#[test]
fn every_room_begins_with_a_page_about_itself() {
    let missing: Vec<String> = crates()
        .iter()
        .flat_map(|folder| files(&folder.join("src"), ".rs"))
        .filter(|path| !read(path).starts_with("//!"))
        .map(|path| format!("{}: begin with `//!`: what it is for, what it never does", path.display()))
        .collect();
    expect_none("a file does not introduce itself", &missing);
}

#[test]
fn the_house_test_finds_what_it_is_for() {
    let long = format!("fn long() {{\n{}}}\n", "    work();\n".repeat(80));
    for (text, found) in [
        ("// a violation of the law\n", "use breach"),
        ("let inmates = 3;\n", "use person"),
        ("#[allow(dead_code)]\n", "expect"),
        (long.as_str(), "fits on a screen"),
        (&format!("// {}\n", "x".repeat(150)), "break the line"),
        (&"work();\n".repeat(800), "one thought"),
    ] {
        let findings = against_text("here.rs", text);
        assert!(findings.iter().any(|finding| finding.contains(found)), "{text} gave {findings:?}");
    }
    assert_eq!(against_text("here.rs", "//! A breach.\nfn short() {\n    work();\n}\n"), Vec::<String>::new());
}
