//! `habeas codebook show DIR`: the law as it will be applied, to read aloud.

use crate::messages::{Language, Speech};
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::report::html;
use crate::terminal::{self, Terminal};
use crate::verdicts::wording;
use clap::{Args, ValueEnum};
use habeas_codebook::i18n::NameOf;
use habeas_codebook::render::{Tongue, Voice};
use habeas_codebook::tree::{Codebook, Rule, SetBy};
use habeas_returns::write::html::escape;
use std::fmt::Write as _;

const EXAMPLES: &str = "Examples:
  habeas codebook show standards
  habeas codebook show my-law --format html > my-law.html
  habeas codebook show my-law --lang az";

/// Show a codebook as readable law.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Show {
    /// Folder of the codebook, or the name of a pack inside this program.
    #[arg(value_name = "DIR")]
    pack: String,
    /// How to print.
    #[arg(long, default_value = "text")]
    format: Format,
    /// The language of the rules; names have the pack's own words for them.
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Language,
    /// Print the messages that the pack's words in the language still lack, one a line, to be filled in.
    #[arg(long, conflicts_with = "format")]
    missing: bool,
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
        if self.missing {
            let unsaid = Tongue::unsaid(&codebook, self.lang.code());
            terminal::print(unsaid.iter().map(|id| format!("{id} = \n")).collect::<String>().as_bytes())?;
            return Ok(if unsaid.is_empty() { Outcome::Clean } else { Outcome::Found });
        }
        let law = Law { speech: Speech::new(&codebook, self.lang), codebook: &codebook };
        let shown = match self.format {
            Format::Text => law.text(terminal.paint()),
            Format::Html => law.page(),
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

/// Each number that an operator chose, with its reason.
fn operator_limits(codebook: &Codebook) -> Vec<(&str, &str)> {
    let versions = codebook.limits.iter().flat_map(|limit| limit.versions.iter().map(|version| (limit.name.as_str(), version)));
    versions.filter(|(_, version)| version.set_by == SetBy::Operator).map(|(name, version)| (name, version.because.as_str())).collect()
}

/// A codebook read aloud in one language.
struct Law<'a> {
    codebook: &'a Codebook,
    speech: Speech,
}

impl Law<'_> {
    /// What stands above a rule and in it: in English as its author wrote it, in another language as the tree is said.
    fn rule(&self, rule: &Rule) -> (String, String, String) {
        let Some(tongue) = self.speech.tongue() else {
            let cites = rule.cites.iter().map(wording::cite).collect::<Vec<_>>().join("; ");
            return (String::new(), cites, wording::law(self.codebook, rule));
        };
        let said = Voice::in_tongue(self.codebook, tongue).rule(rule);
        let title = Some(tongue.shown(NameOf::Rule, &rule.id)).filter(|title| *title != rule.id).map_or_else(String::new, str::to_owned);
        let (_, clauses) = said.split_once('\n').unwrap_or_default();
        (title, String::new(), clauses.lines().map(str::trim).collect::<Vec<_>>().join("\n"))
    }

    /// `critical, in force from 2020-01-01`, which a rule in another language says itself.
    fn in_force(&self, rule: &Rule) -> String {
        match rule.until {
            Some(until) => format!("{}, in force from {} until {until}", wording::grade_word(rule.severity), rule.from),
            None => format!("{}, in force from {}", wording::grade_word(rule.severity), rule.from),
        }
    }

    fn text(&self, paint: terminal::Paint) -> String {
        let english = self.speech.tongue().is_none();
        let mut out = format!("{}\n", paint.bold(&self.codebook.name));
        for (title, rules) in by_chapter(self.codebook) {
            let _ = writeln!(out, "\n{}", paint.bold(title));
            for rule in rules {
                let (named, cites, law) = self.rule(rule);
                let beside = if english { format!("({})", self.in_force(rule)) } else { named };
                let _ = writeln!(out, "\n{}", format!("{}  {beside}", rule.id).trim_end());
                for line in cites.lines().chain(law.lines()) {
                    let _ = writeln!(out, "  {}", line.trim_end());
                }
            }
        }
        let limits = operator_limits(self.codebook);
        if !limits.is_empty() {
            let _ = writeln!(out, "\n{}", paint.bold(&self.speech.say("operator-heading", &[])));
            limits.iter().for_each(|(name, because)| {
                let _ = writeln!(out, "  {}: {because}", self.speech.name(NameOf::Limit, name));
            });
        }
        out
    }

    fn page(&self) -> String {
        let english = self.speech.tongue().is_none();
        let mut main = format!("<h1>{}</h1>\n", escape(&self.codebook.name));
        for (title, rules) in by_chapter(self.codebook) {
            let _ = writeln!(main, "<section class=\"stack\"><h2>{}</h2>", escape(title));
            for rule in rules {
                let (named, cites, law) = self.rule(rule);
                let beneath = if english { format!("{}. Severity {}.", escape(&cites), self.in_force(rule)) } else { escape(&named) };
                let _ = writeln!(
                    main,
                    "<article class=\"law stack-s\" id=\"{0}\"><h3>{0}</h3><blockquote class=\"law-text\">{1}</blockquote>\
                     <p class=\"cite\">{beneath}</p></article>",
                    escape(&rule.id),
                    html::paragraphs(&law),
                );
            }
            main.push_str("</section>\n");
        }
        let limits = operator_limits(self.codebook);
        if !limits.is_empty() {
            let heading = self.speech.say("operator-heading", &[]);
            let _ = write!(main, "<section class=\"stack-s\"><h2>{}</h2><dl class=\"facts\">", escape(&heading));
            for (name, because) in limits {
                let name = self.speech.name(NameOf::Limit, name);
                let _ = writeln!(main, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(because));
            }
            main.push_str("</dl></section>\n");
        }
        html::shell(&self.codebook.name, &self.speech.say("law-heading", &[]), &main)
    }
}
