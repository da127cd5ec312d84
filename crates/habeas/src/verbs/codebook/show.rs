//! `habeas codebook show DIR`: the law as it will be applied, to read aloud.

use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::report::charts::escape;
use crate::report::html;
use crate::terminal::{self, Terminal};
use crate::verdicts::wording;
use clap::{Args, ValueEnum};
use habeas_codebook::tree::{Codebook, Rule, SetBy};
use std::fmt::Write as _;

/// Show a codebook as readable law.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  habeas codebook show standards\n  habeas codebook show my-law --format html > my-law.html")]
pub struct Show {
    /// Folder of the codebook, or the name of a pack inside this program.
    #[arg(value_name = "DIR")]
    pack: String,
    /// How to print.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Plain text.
    Text,
    /// One self-contained page.
    Html,
}

impl Show {
    /// Prints chapter by chapter.
    ///
    /// # Errors
    /// When the pack cannot be found or used.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let codebook = packs::codebook(&self.pack, terminal)?;
        let shown = match self.format {
            Format::Text => text(&codebook, terminal.paint()),
            Format::Html => page(&codebook),
        };
        terminal::print(shown.as_bytes())?;
        Ok(Outcome::Clean)
    }
}

/// Rules by chapter; chapters without rules are left out.
fn by_chapter(codebook: &Codebook) -> Vec<(&str, Vec<&Rule>)> {
    let rules = |number| codebook.rules.iter().filter(|rule| rule.chapter as usize == number).collect::<Vec<_>>();
    let chapters = codebook.chapters.iter().enumerate().map(|(number, chapter)| (chapter.title.as_str(), rules(number)));
    chapters.filter(|(_, rules)| !rules.is_empty()).collect()
}

fn in_force(rule: &Rule) -> String {
    match rule.until {
        Some(until) => format!("in force from {} until {until}", rule.from),
        None => format!("in force from {}", rule.from),
    }
}

fn cites(rule: &Rule) -> String {
    rule.cites.iter().map(wording::cite).collect::<Vec<_>>().join("; ")
}

/// Each number that an operator chose, with its reason.
fn operator_limits(codebook: &Codebook) -> Vec<(&str, &str)> {
    let versions = codebook.limits.iter().flat_map(|limit| limit.versions.iter().map(|version| (limit.name.as_str(), version)));
    versions.filter(|(_, version)| version.set_by == SetBy::Operator).map(|(name, version)| (name, version.because.as_str())).collect()
}

fn text(codebook: &Codebook, paint: terminal::Paint) -> String {
    let mut out = format!("{}\n", paint.bold(&codebook.name));
    for (title, rules) in by_chapter(codebook) {
        let _ = writeln!(out, "\n{}", paint.bold(title));
        for rule in rules {
            let _ = writeln!(out, "\n{}  ({}, {})", rule.id, wording::grade_word(rule.severity), in_force(rule));
            let _ = writeln!(out, "  {}", cites(rule));
            for line in wording::law(codebook, rule).lines() {
                let _ = writeln!(out, "  {}", line.trim_end());
            }
        }
    }
    let limits = operator_limits(codebook);
    if !limits.is_empty() {
        let _ = writeln!(out, "\n{}", paint.bold("Numbers set by the operator"));
        limits.iter().for_each(|(name, because)| {
            let _ = writeln!(out, "  {name}: {because}");
        });
    }
    out
}

fn page(codebook: &Codebook) -> String {
    let mut main = format!("<h1>{}</h1>\n", escape(&codebook.name));
    for (title, rules) in by_chapter(codebook) {
        let _ = writeln!(main, "<section class=\"stack\"><h2>{}</h2>", escape(title));
        for rule in rules {
            let _ = writeln!(
                main,
                "<article class=\"law stack-s\" id=\"{0}\"><h3>{0}</h3><blockquote class=\"law-text\">{1}</blockquote>\
                 <p class=\"cite\">{2}. Severity {3}, {4}.</p></article>",
                escape(&rule.id),
                html::paragraphs(&wording::law(codebook, rule)),
                escape(&cites(rule)),
                wording::grade_word(rule.severity),
                in_force(rule)
            );
        }
        main.push_str("</section>\n");
    }
    let limits = operator_limits(codebook);
    if !limits.is_empty() {
        main.push_str("<section class=\"stack-s\"><h2>Numbers set by the operator</h2><dl class=\"facts\">");
        for (name, because) in limits {
            let _ = writeln!(main, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(because));
        }
        main.push_str("</dl></section>\n");
    }
    html::shell(&codebook.name, "The law as it is applied", &main)
}
