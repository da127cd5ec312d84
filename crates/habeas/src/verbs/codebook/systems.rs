//! `habeas codebook systems DIR`: each system of a codebook with its chapters, screens, rules and tables.
//!
//! A chapter says itself what it is part of: its first heading begins with the number of a system (`# S3 Complaints`), a heading above a
//! rule begins with the number of a safeguard (`### C02 …`), and lines of prose name the returns that count it and the rooms in which it
//! is seen (`Counted in R12.`, ``Seen at `/board`.``). So the page is made from the law, and a system that lacks a part shows it.

use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use crate::{packs, terminal};
use clap::Args;
use habeas_codebook::render::Voice;
use habeas_codebook::tree::{Chapter, Codebook, Rule, SetBy};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const EXAMPLES: &str = "Examples:
  habeas codebook systems codebooks/aze
  habeas codebook systems my-law > docs/systems.md";

/// What the page says before its table.
const ABOUT: &str = "\
A system works when a person can do the job on a screen, the law states its safeguards, their clocks run, and its figures come out of
the register. A task is a list of steps at `/record/CLASS/ID/flow/TASK`; each of its steps is a form of the desk. Safeguards bear the
number under which their source lists them.
";

/// Show each system of a codebook with its chapters, screens, rules and tables, and the numbers that the operator chose.
///
/// Status 1 if a cell of the table is empty, or if no chapter says to which system it belongs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Systems {
    /// Folder of the codebook, or the name of a pack inside this program.
    #[arg(value_name = "DIR")]
    pack: String,
}

impl Systems {
    /// Prints the page, in Markdown.
    ///
    /// # Errors
    /// When the pack cannot be found or used.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let codebook = packs::codebook(&self.pack, terminal)?;
        let systems = systems(&codebook);
        terminal::print(page(&codebook, &systems).as_bytes())?;
        let is_whole = !systems.is_empty() && systems.values().all(|system| system.cells().iter().all(|cell| !cell.is_empty()));
        Ok(if is_whole { Outcome::Clean } else { Outcome::Found })
    }
}

/// What a codebook has for one system.
#[derive(Default)]
struct System {
    /// Title and file of each chapter.
    chapters: Vec<(String, String)>,
    /// Addresses of rooms, then names of tasks.
    screens: Vec<String>,
    /// The safeguard above each rule, and the rule.
    rules: Vec<String>,
    /// Ids of returns.
    tables: Vec<String>,
}

impl System {
    /// The cells of its row, without the number.
    fn cells(&self) -> [String; 4] {
        let chapters = self.chapters.iter().map(|(title, file)| format!("{title} (`{file}`)")).collect::<Vec<_>>();
        [chapters.join("<br>"), self.screens.join(", "), self.rules.join(", "), self.tables.join(", ")]
    }
}

/// The systems by number, from the chapters that say to which one they belong.
fn systems(codebook: &Codebook) -> BTreeMap<u32, System> {
    let mut systems: BTreeMap<u32, System> = BTreeMap::new();
    for (number, chapter) in codebook.chapters.iter().enumerate() {
        let Some((id, title)) = numbered(&chapter.title) else { continue };
        let file = &codebook.files[chapter.file as usize];
        let system = systems.entry(id).or_default();
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        system.chapters.push((title.to_owned(), name.to_owned()));
        system.screens.extend(named_in(&file.text, "Seen at ").map(|address| format!("`{address}`")));
        let flows = codebook.flows.iter().filter(|flow| flow.mark.file == chapter.file);
        system.screens.extend(flows.map(|flow| format!("{} of {}", flow.name, codebook.classes[flow.subject.index()].name)));
        let rules = codebook.rules.iter().filter(|rule| rule.chapter as usize == number);
        system.rules.extend(rules.map(|rule| format!("{}`{}`", safeguard(codebook, chapter, rule), rule.id)));
        system.tables.extend(named_in(&file.text, "Counted in ").filter(|id| codebook.tables.iter().any(|table| table.id == *id)));
    }
    for system in systems.values_mut() {
        for names in [&mut system.screens, &mut system.tables] {
            let mut seen = std::collections::HashSet::new();
            names.retain(|name| seen.insert(name.clone()));
        }
    }
    systems
}

/// `(3, "Complaints")` from `S3 Complaints`.
fn numbered(title: &str) -> Option<(u32, &str)> {
    let (number, title) = title.strip_prefix('S')?.split_once(' ')?;
    Some((number.parse().ok()?, title))
}

/// What the lines that begin so name: `R01, R03 and R29.` names three.
fn named_in<'a>(text: &'a str, beginning: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = text.lines().filter_map(move |line| line.strip_prefix(beginning));
    lines
        .flat_map(|line| line.split([' ', ',']).map(|word| word.trim_matches(['.', '`']).to_owned()))
        .filter(|word| !word.is_empty() && word != "and")
}

/// `C02 ` where the heading above a rule begins with a safeguard's number.
fn safeguard(codebook: &Codebook, chapter: &Chapter, rule: &Rule) -> String {
    let before = codebook.files[chapter.file as usize].text.get(..rule.mark.bytes.start as usize).unwrap_or_default();
    let heading = before.lines().rev().find_map(|line| line.strip_prefix("### "));
    let number = heading.and_then(|heading| heading.split(' ').next()).unwrap_or_default();
    let is_number =
        number.len() == 3 && number.starts_with(|c: char| c.is_ascii_uppercase()) && number[1..].chars().all(|c| c.is_ascii_digit());
    if is_number && !number.starts_with('S') { format!("{number} ") } else { String::new() }
}

/// The whole page.
fn page(codebook: &Codebook, systems: &BTreeMap<u32, System>) -> String {
    let mut out =
        format!("# Systems of `{0}`\n\n{1}.\n\n{ABOUT}\nThis page is made by `habeas codebook systems {0}`.\n", codebook.id, codebook.name);
    out.push_str("\n| system | chapters | screens and tasks | rules | tables |\n| --- | --- | --- | --- | --- |\n");
    for (number, system) in systems {
        let _ = writeln!(out, "| S{number} | {} |", system.cells().join(" | "));
    }
    out.push_str("\n## Tables\n\n| table | what it counts |\n| --- | --- |\n");
    for table in &codebook.tables {
        let _ = writeln!(out, "| {} | {} |", table.id, table.title);
    }
    let voice = Voice::english(codebook);
    out.push_str("\n## Numbers that the operator chose\n\n");
    out.push_str("No source gives these. Each waits for approval, and every verdict that uses one says so.\n\n");
    let versions = codebook.limits.iter().flat_map(|limit| limit.versions.iter().map(move |version| (limit, version)));
    for (limit, version) in versions.filter(|(_, version)| version.set_by == SetBy::Operator) {
        let _ = writeln!(out, "- {}", voice.limit(&limit.name, version).trim_start_matches("limit "));
    }
    out
}
