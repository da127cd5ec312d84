//! `habeas review …`: the treaty coordinator's verbs.

mod export;
mod figures;
mod import;
mod import_plan;
mod override_link;
mod plan;
mod recommendations;
mod store;
mod text;
mod unanswered;

use crate::outcome::{Outcome, Trouble};
use clap::Subcommand;
use habeas_review::model::{Diagnostic, Review};
use std::io::ErrorKind;
use std::path::Path;

/// Read a treaty dialogue: what was asked, what was answered, what was not, what was promised.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Read a document and print everything found in it as one JSON object.
    Import(import::Import),
    /// The questions nobody answered, then the partly answered: the list to take into the room.
    Unanswered(unanswered::Unanswered),
    /// Every figure stated, with what it counts and for which time.
    Figures(figures::Figures),
    /// What the State should do, point by point, with what is due when.
    Recommendations(recommendations::Recommendations),
    /// Decide how far a question was answered, beside what was computed.
    Override(override_link::Override),
    /// The text of a document as it is read: the lines that an import names are counted in it.
    Text(text::Text),
    /// Keep the plan of action.
    #[command(subcommand)]
    Plan(plan::Verb),
    /// Write the plan as tables, JSON, a page or a calendar.
    Export(export::Export),
    /// Read edited tables back into the plan.
    ImportPlan(import_plan::ImportPlan),
}

impl Verb {
    /// Does what the verb says.
    ///
    /// # Errors
    /// As each verb says.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        match self {
            Verb::Import(import) => import.run(),
            Verb::Unanswered(unanswered) => unanswered.run(),
            Verb::Figures(figures) => figures.run(),
            Verb::Recommendations(recommendations) => recommendations.run(),
            Verb::Override(decision) => decision.run(),
            Verb::Text(text) => text.run(),
            Verb::Plan(verb) => verb.run(),
            Verb::Export(export) => export.run(),
            Verb::ImportPlan(tables) => tables.run(),
        }
    }
}

/// Reads a document from its file.
///
/// # Errors
/// A file that is not there or cannot be read, or that is no text of a treaty body.
fn read(file: &Path) -> Result<Review, Trouble> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    habeas_review::import(&bytes).map_err(|error| Trouble::Input(format!("{}: {error}", file.display())))
}

/// Trouble with reading the file or folder `path`. Here 2 says that a document is no text of a treaty body, so a path that is not there is
/// trouble with the machine, as is everything else that keeps the bytes away. Bytes that are no text are bad input.
fn unreadable(path: &Path, error: &std::io::Error) -> Trouble {
    if error.kind() == ErrorKind::InvalidData {
        return Trouble::Input(format!("`{}` is not text in UTF-8", path.display()));
    }
    Trouble::Machine(Trouble::reading(path, error).to_string())
}

/// Reads a document and puts beside it what persons decided.
///
/// # Errors
/// As [`read`], or decisions that cannot be read.
fn read_decided(file: &Path, decisions: &store::Decisions) -> Result<Review, Trouble> {
    let mut review = read(file)?;
    for event in habeas_review::tracker::overriding::apply(&mut review, &decisions.events()?) {
        let message = format!("the question that event {event} decides about is no longer in the document");
        review.diagnostics.push(Diagnostic { code: "override_lost".to_owned(), line: None, paragraph: None, message });
    }
    Ok(review)
}

/// A value of ours as one line of JSON.
///
/// # Errors
/// None is expected: what is printed here has text keys only.
fn json_line<T: serde::Serialize>(value: &T) -> Result<String, Trouble> {
    let line = serde_json::to_string(value).map_err(|error| Trouble::Machine(format!("the result cannot be written as JSON: {error}")))?;
    Ok(line + "\n")
}

/// A text cut to `width` characters for a line of a list.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
