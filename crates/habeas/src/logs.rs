//! Logs from the command line into memory: all of it, or nothing is judged.

use crate::outcome::Trouble;
use crate::report::missing::Wanted;
use crate::terminal::Terminal;
use habeas_codebook::tree::Codebook;
use habeas_intake::{Input, Intake, IntakeError, Options, Problem};
use std::fs::File;
use std::path::Path;

/// Problems shown; all are counted.
const SHOWN: usize = 20;

/// What is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Paths; `-` is standard input.
    pub logs: &'a [String],
    /// Judge the good rows although others are bad.
    pub keep_going: bool,
    /// Threads to read with.
    pub threads: usize,
}

/// Reads; with `keep_going` bad rows are shown and counted.
///
/// # Errors
/// A file that cannot be read, or rows that cannot be: these are shown on standard error, each with its place.
pub fn read(codebook: &Codebook, request: Request<'_>, terminal: Terminal) -> Result<Intake, Trouble> {
    let mut total = 0;
    let inputs = request.logs.iter().map(|log| open(log, &mut total)).collect::<Result<Vec<_>, _>>()?;
    let bar = terminal.bar(total, "reading");
    let options = Options { keep_going: request.keep_going, threads: request.threads };
    let read = habeas_intake::read(inputs, codebook, options, &mut |bytes| bar.inc(bytes));
    bar.finish_and_clear();
    let intake = read.map_err(|error| refused(&error, terminal))?;
    show(&intake.problems, intake.bad_rows, terminal);
    Ok(intake)
}

fn open(log: &str, total: &mut u64) -> Result<Input, Trouble> {
    if log == "-" {
        return Ok(Input { name: log.to_owned(), bytes: Box::new(std::io::stdin()) });
    }
    let path = Path::new(log);
    let trouble = |error: std::io::Error| Trouble::reading(path, &error);
    let file = File::open(path).map_err(trouble)?;
    let about = file.metadata().map_err(trouble)?;
    if about.is_dir() {
        return Err(Trouble::Input(format!("`{log}` is a folder; a log was expected")));
    }
    *total += about.len();
    Ok(Input { name: log.to_owned(), bytes: Box::new(file) })
}

/// Shows why nothing is judged.
fn refused(error: &IntakeError, terminal: Terminal) -> Trouble {
    match error {
        IntakeError::BadRows { problems, count } => show(problems, *count, terminal),
        IntakeError::BadMapping(problems) => show(problems, problems.len() as u64, terminal),
        IntakeError::Unreadable { file, source } => return Trouble::reading(Path::new(file), source),
        IntakeError::Broken(_) => {}
    }
    Trouble::Input(error.to_string())
}

fn show(problems: &[Problem], count: u64, terminal: Terminal) {
    for problem in problems.iter().take(SHOWN) {
        terminal.complain(&problem.to_string());
    }
    let shown = problems.len().min(SHOWN) as u64;
    if count > shown {
        terminal.complain(&format!("and {} more", count - shown));
    }
}

/// The column of the product's own layout that would tell something.
#[must_use]
pub fn column(codebook: &Codebook, wanted: &Wanted) -> String {
    match wanted {
        Wanted::Time(_) => "at".to_owned(),
        Wanted::Field(_, field) | Wanted::Fact(_, field) => format!("field.{}", codebook.field_names[field.index()]),
    }
}
