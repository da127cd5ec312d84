//! `habeas review figures FILE`: every figure stated in a document.

use super::read;
use crate::counting::{Entries, Kept};
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use crate::verbs::Format;
use clap::Args;
use habeas_codebook::moment::Moment;
use habeas_desk::dialogue::answering::{self, Beside, Counting, Says, Tables};
use habeas_review::model::Review;
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;

/// List every figure stated: where, by whom, what it counts, for which time; with a register, whether its own number agrees. Sums that do
/// not add up come last, as questions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Figures {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    kept: Kept,
    /// Hold the figures against what the register knew at this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = crate::verbs::check::moment)]
    as_of: Option<Moment>,
    /// How to print: a table for people, or one JSON object a line.
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  habeas review figures record.txt
  habeas review figures record.txt --data ./station
  habeas review figures record.txt --format json | jq 'select(.unit == \"deaths\")'";

impl Figures {
    /// Reads the file and prints the figures.
    ///
    /// # Errors
    /// As [`read`] says.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let review = read(&self.file)?;
        let beside = self.beside(&review)?;
        let out = match self.format {
            Format::Json => lines(&review, &beside),
            Format::Text => text(&review, &beside),
        };
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }

    /// What the register says to each figure; nothing where no register is named.
    fn beside(&self, review: &Review) -> Result<Vec<Option<Beside>>, Trouble> {
        let Some(data) = self.kept.data() else { return Ok(vec![None; review.figures.len()]) };
        let as_of = self.as_of.unwrap_or_else(crate::registers::now);
        let entries = Entries::of_register(&data, as_of)?;
        let tables = Tables::of(&entries.codebook);
        let mut counting = Counting::new(&entries.codebook, &entries.log, as_of);
        Ok(answering::beside(&review.figures, &tables, &mut counting).into_iter().map(Some).collect())
    }
}

fn lines(review: &Review, beside: &[Option<Beside>]) -> String {
    let one = |(figure, beside): (&habeas_review::model::Figure, &Option<Beside>)| {
        let mut line = json!(figure);
        if let Some(beside) = beside {
            let why = if let Says::CannotTell(why) = beside.says { Some(why) } else { None };
            let value = beside.value.map(|value| value.normalize().to_string());
            line["register"] = json!({"says": beside.says.word(), "against": beside.against, "value": value, "why": why});
        }
        format!("{line}\n")
    };
    review.figures.iter().zip(beside).map(one).collect()
}

/// The unit of a figure as one reads it: `1 year`, `2 years`.
fn counted(value: f64, unit: &str) -> String {
    let one = (value - 1.0).abs() < f64::EPSILON;
    match (one, unit.strip_suffix("ies"), unit.strip_suffix('s')) {
        (true, Some(stem), _) => format!("{stem}y"),
        (true, None, Some(stem)) => stem.to_owned(),
        _ => unit.to_owned(),
    }
}

fn text(review: &Review, beside: &[Option<Beside>]) -> String {
    let mut out = String::new();
    for (figure, beside) in review.figures.iter().zip(beside) {
        let period = figure.period.as_deref().unwrap_or("no time stated");
        // Writing to a string does not fail.
        let unit = counted(figure.value, &figure.unit);
        let _ = writeln!(out, "¶ {:<4} {:>12} {unit:<11} {period:<22} … {} …", figure.paragraph, figure.value, figure.what);
        let Some(beside) = beside else { continue };
        let value = beside.value.map(|value| format!(" {}", value.normalize())).unwrap_or_default();
        let _ = match beside.says {
            Says::CannotTell(why) => writeln!(out, "       register: cannot tell, {why} {}", beside.against),
            Says::Agrees | Says::Differs => writeln!(out, "       register: {},{value} ({})", beside.says.word(), beside.against),
        };
    }
    for tension in &review.tensions {
        let _ = writeln!(out, "to ask about {}: {}", tension.place(), tension.about);
    }
    out
}
