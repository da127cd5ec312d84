//! Logs from the command line into memory: all of it, or nothing is judged.

use crate::outcome::Trouble;
use crate::report::missing::Wanted;
use crate::terminal::Terminal;
use habeas_codebook::log::Log;
use habeas_codebook::tree::{ClassId, Codebook, KindId};
use habeas_intake::{Input, Intake, IntakeError, Mapping, Options, Problem};
use jiff::tz::TimeZone;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

/// Problems shown; all are counted.
const SHOWN: usize = 20;

/// What is to be read.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Paths; `-` is standard input.
    pub logs: &'a [String],
    /// What turns foreign columns into events.
    pub mapping: Option<&'a Mapping>,
    /// Judge the good rows although others are bad.
    pub keep_going: bool,
    /// Threads to read with.
    pub threads: usize,
    /// Keep who entered each entry: for whoever hands entries on.
    pub authors: bool,
}

/// Reads; with `keep_going` bad rows are shown and counted.
///
/// # Errors
/// A file that cannot be read, or rows that cannot be: these are shown on standard error, each with its place.
pub fn read(codebook: &Codebook, request: Request<'_>, terminal: Terminal) -> Result<Intake, Trouble> {
    read_to(codebook, request, None, terminal)
}

/// Reads and hands entries over as they come, so that they need not stay in memory.
///
/// # Errors
/// As [`read`]; some entries have been handed over by then.
pub fn read_passing(codebook: &Codebook, request: Request<'_>, taker: &mut dyn FnMut(&Log), terminal: Terminal) -> Result<Intake, Trouble> {
    read_to(codebook, request, Some(taker), terminal)
}

fn read_to(codebook: &Codebook, request: Request<'_>, taker: Option<&mut dyn FnMut(&Log)>, terminal: Terminal) -> Result<Intake, Trouble> {
    let mut total = 0;
    let inputs = request.logs.iter().map(|log| open(log, &mut total)).collect::<Result<Vec<_>, _>>()?;
    let bar = terminal.bar(total, "reading");
    let options = Options { keep_going: request.keep_going, threads: request.threads, authors: request.authors };
    let progress = &mut |bytes| bar.inc(bytes);
    let read = match (request.mapping, taker) {
        (Some(mapping), None) => habeas_intake::read_mapped(inputs, mapping, codebook, options, progress),
        // A mapping may have to look back at any entry, so its entries are handed over at the end.
        (Some(mapping), Some(taker)) => {
            habeas_intake::read_mapped(inputs, mapping, codebook, options, progress).inspect(|intake| taker(&intake.log))
        }
        (None, None) => habeas_intake::read(inputs, codebook, options, progress),
        (None, Some(taker)) => habeas_intake::read_passing(inputs, codebook, options, progress, taker),
    };
    bar.finish_and_clear();
    let intake = read.map_err(|error| refused(&error, terminal))?;
    show(&intake.problems, intake.bad_rows, terminal);
    if intake.passed_over > 0 {
        terminal.note(&format!("{} rows or events were passed over, as the mapping says", intake.passed_over));
    }
    Ok(intake)
}

/// Reads a mapping file and holds it against the codebook, before any row is read.
///
/// # Errors
/// A file that cannot be read; everything wrong with it is shown on standard error.
pub fn mapping(path: &Path, codebook: &Codebook, terminal: Terminal) -> Result<Mapping, Trouble> {
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::reading(path, &error))?;
    let read = Mapping::parse(&text, &path.display().to_string()).and_then(|mapping| mapping.check(codebook).map(|()| mapping));
    read.map_err(|error| refused(&error, terminal))
}

/// Guesses a mapping file from the first rows of a table.
///
/// # Errors
/// As [`read`].
pub fn guess(table: &str, codebook: &Codebook, terminal: Terminal) -> Result<String, Trouble> {
    let input = open(table, &mut 0)?;
    habeas_intake::guess::guess(input, codebook).map_err(|error| refused(&error, terminal))
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
        IntakeError::Unreadable { file, source } if source.kind() == ErrorKind::InvalidData => {
            return Trouble::Input(format!("`{file}` cannot be read to its end: {source}; is it whole?"));
        }
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

/// Days are counted where the places are: a pack of international law has no place of its own, so the mapping's zone, if it names
/// one, takes the codebook's.
pub fn move_to_zone(codebook: &mut Codebook, mapping: &Mapping) {
    if let Some(name) = mapping.zone()
        && let Ok(zone) = TimeZone::get(name)
    {
        codebook.almanac.zone = zone;
        name.clone_into(&mut codebook.zone_name);
    }
}

/// The column of the source that would tell something: as the mapping names it, else as the product's own layout does.
#[must_use]
pub fn column(codebook: &Codebook, mapping: Option<&Mapping>, wanted: &Wanted) -> Option<String> {
    let (kinds, field) = match wanted {
        Wanted::Time(kind) => (kind.iter().copied().collect(), "at"),
        Wanted::Field(kind, field) => (kind.iter().copied().collect(), codebook.field_names[field.index()].as_str()),
        Wanted::Fact(class, field) => (describing(codebook, *class), codebook.field_names[field.index()].as_str()),
    };
    let Some(mapping) = mapping else {
        return Some(if field == "at" { field.to_owned() } else { format!("field.{field}") });
    };
    kinds.iter().find_map(|kind| mapping.column_for(&codebook.kind(*kind).name, field)).map(str::to_owned)
}

/// Kinds whose fields are facts of a class.
fn describing(codebook: &Codebook, class: ClassId) -> Vec<KindId> {
    let kinds = codebook.kinds.iter().enumerate().filter(|(_, kind)| kind.describes.contains(&class));
    kinds.map(|(place, _)| KindId(place as u16)).collect()
}
