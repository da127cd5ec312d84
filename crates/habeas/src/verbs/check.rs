//! `habeas check LOG… --codebook PACK`: every safeguard over a log of events.
//!
//! The story of one run: find the law, understand what is asked, read the log (all of it, or nothing is judged), judge, say.

use crate::judging::{self, Judged, Wanted, Ways};
use crate::logs::{self, Request};
use crate::messages::{Language, Speech};
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::passing::{self, NotPassed};
use crate::proving;
use crate::report::findings::{Around, Counts};
use crate::report::{self, Report};
use crate::summary::{self, Totals};
use crate::terminal::{self, Terminal};
use crate::verdicts::arrow::ArrowWriter;
use crate::verdicts::csv::{self, CsvWriter, LineWriter};
use crate::verdicts::explanation;
use crate::verdicts::json::{self, RowWriter};
use crate::verdicts::names::Names;
use arrow_schema::ArrowError;
use clap::{Args, ValueEnum};
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_intake::Mapping;
use habeas_monitor::{Asked, Hearing, Row, Verdict};
use jiff::Timestamp;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

const EXAMPLES: &str = "Examples:
  habeas check register.csv --codebook standards
  habeas check register.csv --codebook standards --now 2026-03-04T02:20:00+04:00 --rule solitary-cap
  habeas check placements.csv --map isolation.toml --codebook standards --now 2023-09-14T23:59:59Z
  habeas check register.csv --codebook standards --format html --explain --out findings.html
  habeas check --arrow --codebook my-law < part.arrows > verdicts.arrows
  zcat log.jsonl.gz | habeas check - --codebook my-law --format json --only breached,met_late

Exit status: 0 nothing wrong; 1 breaches found; 2 bad input, nothing judged; 3 trouble with the machine.";

/// Judge a log of events by a codebook: every verdict, with the entries it rests on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    /// Logs: CSV, JSON (an object a line, or one list), Parquet or Arrow, also packed as .gz; `-` is standard input.
    #[arg(required_unless_present = "arrow", value_name = "LOG")]
    logs: Vec<String>,
    /// Folder of a codebook, or the name of a pack inside this program (`habeas codebook list`).
    #[arg(long, value_name = "PACK")]
    codebook: String,
    /// Mapping file that turns foreign columns into events.
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Judge as of this moment: what is due by then is due [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<Moment>,
    /// Judge by what had been recorded at this moment [default: as --now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    known_at: Option<Moment>,
    /// Only these rules (with their `/record`); may be repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    rule: Vec<String>,
    /// Only rows with these verdicts: breached, met_late, undetermined, pending, met, excused, n.a.
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', value_parser = verdict)]
    only: Vec<Verdict>,
    /// Counts of each rule as JSON, and a last line with totals.
    #[arg(long, conflicts_with = "only")]
    summary: bool,
    /// Say of each verdict why it is so: the sentence of law, the entries, the arithmetic.
    #[arg(long, conflicts_with_all = ["summary", "stream"])]
    explain: bool,
    /// The language of explanations.
    #[arg(long, value_name = "LANG", default_value = "en", requires = "explain")]
    lang: Language,
    /// Print each verdict once nothing later in a log in order of time can change it: memory holds only what is open.
    #[arg(long)]
    stream: bool,
    /// Work out every row again from the entries that it names, by a small independent checker; says what it could not try.
    #[arg(long, conflicts_with = "stream")]
    prove: bool,
    /// Judge the rows that can be read, report the others at the end, and never exit 0 if there were any.
    #[arg(long)]
    keep_going: bool,
    /// Put pseudonyms for all ids, new ones each run, and leave out texts.
    #[arg(long)]
    redact: bool,
    /// Read an Arrow stream of events (default: from standard input) and write one of verdicts: the map step of a cluster, for
    /// partitions that hold all entries of their subjects.
    #[arg(long, conflicts_with_all = ["format", "summary", "stream", "explain"])]
    arrow: bool,
    /// How to print [default: text]
    #[arg(long)]
    format: Option<Format>,
    /// Write there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Threads that read, judge and write; what is printed is the same [default: as many as there are cores]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// How `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A report for people.
    Text,
    /// One verdict a line.
    Json,
    /// One verdict a line, for spreadsheets.
    Csv,
    /// One self-contained page.
    Html,
}

/// A moment given on the command line.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    let read = text.parse::<Timestamp>().map(Moment::from_timestamp);
    read.map_err(|_| "expected a time with its offset, such as 2026-03-03T14:30:00+04:00 or 2026-03-03T10:30:00Z".to_owned())
}

fn verdict(text: &str) -> Result<Verdict, String> {
    let known = Verdict::ALL.map(Verdict::as_str).join(", ");
    Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text).ok_or_else(|| format!("expected one of {known}"))
}

impl Check {
    /// Judges and prints; status 1 if any row is `breached` or `met_late`.
    ///
    /// # Errors
    /// Bad input (nothing judged), or trouble with the machine.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let started = Instant::now();
        let mut codebook = packs::codebook(&self.codebook, terminal)?;
        let mapping = self.map.as_deref().map(|path| logs::mapping(path, &codebook, terminal)).transpose()?;
        mapping.iter().for_each(|mapping| logs::move_to_zone(&mut codebook, mapping));
        let wanted = self.wanted(&codebook)?;
        let asked = self.asked();
        let standard_input = ["-".to_owned()];
        let logs = if self.logs.is_empty() { &standard_input[..] } else { &self.logs };
        let threads = self.threads().get();
        let request = Request { logs, mapping: mapping.as_ref(), keep_going: self.keep_going, threads, authors: false };
        if (self.stream || self.summary)
            && !self.prove
            && self.format != Some(Format::Text)
            && let Some(outcome) = self.passing(&codebook, &wanted, asked, request, started, terminal)?
        {
            return Ok(outcome);
        }
        let heard = logs::read(&codebook, request, terminal)?;
        let monitor = wanted.monitor(&codebook);
        let with_breaches = monitor.with_breaches(&heard.log, asked);
        let log = with_breaches.as_ref().unwrap_or(&heard.log);
        let hearing = monitor.hear_on(log, asked, self.threads());
        let names = Names::new(self.redact);
        let run =
            Run { codebook: &codebook, log, hearing: &hearing, asked, names: &names, wanted: &wanted, mapping: mapping.as_ref(), started };
        let judged = if self.arrow { self.hand_on(&run)? } else { self.print(&run, terminal)? };
        let proven = !self.prove || proving::prove(&codebook, &hearing, &wanted, terminal);
        let outcome = outcome(&judged.counts, heard.bad_rows, terminal);
        Ok(if outcome == Outcome::Clean && !proven { Outcome::Found } else { outcome })
    }

    /// Judges the log as it passes. `None` when it has to be judged as a whole, and nothing has been printed.
    fn passing(
        &self,
        codebook: &Codebook,
        wanted: &Wanted,
        asked: Asked,
        request: Request<'_>,
        started: Instant,
        terminal: Terminal,
    ) -> Result<Option<Outcome>, Trouble> {
        let names = Names::new(self.redact);
        let writer = match (self.summary, self.format) {
            (true, Some(Format::Json) | None) => None,
            (false, Some(Format::Json) | None) => Some(LineWriter::Json(Box::new(RowWriter::new(codebook, &names)))),
            (false, Some(Format::Csv)) => Some(LineWriter::Csv(Box::new(CsvWriter::new(codebook, &names)))),
            (_, Some(Format::Text | Format::Html)) | (true, Some(Format::Csv)) => {
                return Err(Trouble::Input("--stream prints JSON or CSV, and --summary JSON or text".to_owned()));
            }
        };
        let mut out = Sink::open(self.out.as_deref())?;
        if matches!(writer, Some(LineWriter::Csv(_))) {
            out.put(csv::HEADER.as_bytes())?;
        }
        match passing::judge(codebook, asked, request, wanted, writer, &mut |text| out.put(text), terminal) {
            Ok(passed) => {
                if self.summary {
                    let totals = Totals { events: passed.events, subjects: passed.subjects, took: started.elapsed() };
                    out.put(summary::write(codebook, wanted, &passed.counts, totals).as_bytes())?;
                }
                out.close()?;
                Ok(Some(outcome(&passed.counts, passed.intake.bad_rows, terminal)))
            }
            Err(NotPassed::Trouble(trouble)) => Err(trouble),
            Err(NotPassed::Whole(why)) if self.stream || self.logs.iter().any(|log| log == "-") => Err(Trouble::Input(why)),
            Err(NotPassed::Whole(_)) => Ok(None),
        }
    }

    fn asked(&self) -> Asked {
        let now = self.now.unwrap_or_else(|| Moment::from_timestamp(Timestamp::now()));
        Asked { now, known_at: self.known_at.unwrap_or(now) }
    }

    fn threads(&self) -> NonZeroUsize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }

    fn wanted(&self, codebook: &Codebook) -> Result<Wanted, Trouble> {
        let chosen = |id: &str| self.rule.is_empty() || self.rule.iter().any(|rule| rule == id);
        for id in &self.rule {
            let stem = id.strip_suffix("/record").unwrap_or(id);
            if !codebook.rules.iter().any(|rule| rule.id == stem) {
                return Err(Trouble::Input(unknown_rule(codebook, id)));
            }
        }
        let rules = codebook.rules.iter().map(|rule| [chosen(&rule.id), chosen(&rule.id) || chosen(&format!("{}/record", rule.id))]);
        Ok(Wanted { rules: rules.collect(), printed: judging::printed(&self.only) })
    }

    fn print(&self, run: &Run<'_>, terminal: Terminal) -> Result<Judged, Trouble> {
        let mut out = Sink::open(self.out.as_deref())?;
        let judged = match (self.summary, self.format) {
            (true, Some(Format::Json) | None) => {
                let judged = self.judge(run, None, None, &mut |_| Ok(()))?;
                out.put(summary::write(run.codebook, run.wanted, &judged.counts, run.totals()).as_bytes())?;
                judged
            }
            (false, Some(Format::Json)) => self.judge(run, Some(Format::Json), None, &mut |text| out.put(text))?,
            (false, Some(Format::Csv)) => {
                out.put(csv::HEADER.as_bytes())?;
                self.judge(run, Some(Format::Csv), None, &mut |text| out.put(text))?
            }
            (_, Some(Format::Text | Format::Html) | None) => self.report(run, &mut out, terminal)?,
            (true, Some(Format::Csv)) => return Err(Trouble::Input("--summary prints JSON or text, not CSV".to_owned())),
        };
        out.close()?;
        Ok(judged)
    }

    /// Writes an Arrow stream, subject by subject.
    fn hand_on(&self, run: &Run<'_>) -> Result<Judged, Trouble> {
        let mut out = Sink::open(self.out.as_deref())?;
        let mut counts = Counts::new(run.codebook);
        let wrong = |error: ArrowError| {
            if let ArrowError::IoError(_, error) = error {
                Trouble::writing("the Arrow stream", &error)
            } else {
                Trouble::Machine(format!("the Arrow stream could not be written: {error}"))
            }
        };
        let mut writer = ArrowWriter::new(run.codebook, run.names, BufWriter::new(&mut out)).map_err(wrong)?;
        let mut rows = Vec::new();
        for subject in run.hearing.subjects() {
            rows.clear();
            run.hearing.rows_of(*subject, &mut rows);
            for row in rows.iter().filter(|row| run.wanted.rules[row.rule.index()][usize::from(row.record)]) {
                counts.add(row);
                if run.wanted.printed[row.verdict as usize] {
                    writer.write(run.log, row).map_err(wrong)?;
                }
            }
        }
        writer.finish().map_err(wrong)?;
        out.close()?;
        Ok(Judged { counts, findings: None })
    }

    fn judge(
        &self,
        run: &Run<'_>,
        lines: Option<Format>,
        around: Option<&Around<'_>>,
        put: &mut dyn FnMut(&[u8]) -> Result<(), Trouble>,
    ) -> Result<Judged, Trouble> {
        let plain = lines == Some(Format::Json) && json::ids_are_plain(run.log);
        let writer = || match lines {
            Some(Format::Json) => Some(LineWriter::Json(Box::new(RowWriter::new(run.codebook, run.names).of_plain_ids(plain)))),
            Some(Format::Csv) => Some(LineWriter::Csv(Box::new(CsvWriter::new(run.codebook, run.names)))),
            Some(Format::Text | Format::Html) | None => None,
        };
        let speech = Speech::new(run.codebook, self.lang);
        let explain = |row: &Row| self.explain.then(|| explanation::write(run.codebook, run.hearing, run.names, &speech, row));
        judging::judge(run.hearing, &Ways { codebook: run.codebook, writer, explain, around, wanted: run.wanted }, self.threads(), put)
    }

    fn report(&self, run: &Run<'_>, out: &mut Sink, terminal: Terminal) -> Result<Judged, Trouble> {
        let around = Around::new(run.codebook, run.log, run.names, run.asked);
        let mut judged = self.judge(run, None, Some(&around), &mut |_| Ok(()))?;
        let Some(findings) = &mut judged.findings else { return Ok(judged) };
        findings.counts.merge(&judged.counts);
        findings.settle();
        let rules = findings.counts.by_rule(run.codebook, |rule, record| run.wanted.rules[rule.index()][usize::from(record)]);
        // A pack holds more law than one register is about: what had nothing to judge is counted, not listed, unless asked for by name.
        let (rules, idle): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| rule.instances() > 0 || !self.rule.is_empty());
        let speech = Speech::new(run.codebook, self.lang);
        let explain = |row: &Row| explanation::write(run.codebook, run.hearing, run.names, &speech, row);
        let report = Report {
            idle: idle.len(),
            codebook: run.codebook,
            log: run.log,
            names: run.names,
            asked: run.asked,
            findings,
            sources: &self.logs,
            column: &|wanted| logs::column(run.codebook, run.mapping, wanted),
            explain: self.explain.then_some(&explain),
        };
        let text = if self.format == Some(Format::Html) {
            report::html::write(&report, &rules)
        } else {
            let paint = if self.out.is_some() { terminal::Paint(false) } else { terminal.paint() };
            report::text::write(&report, &rules, paint)
        };
        out.put(text.as_bytes())?;
        terminal.note(&format!(
            "{} entries about {} subjects judged in {:.2} s",
            report::thousands(run.log.len() as u64),
            report::thousands(run.log.subject_count() as u64),
            run.started.elapsed().as_secs_f64()
        ));
        Ok(judged)
    }
}

/// Says which rules are called nearly so: those that share a word; of a small codebook all.
fn unknown_rule(codebook: &Codebook, id: &str) -> String {
    const FEW: usize = 12;
    let mut known: Vec<&str> = codebook.rules.iter().map(|rule| rule.id.as_str()).collect();
    known.dedup();
    let words: Vec<&str> = id.split('-').filter(|word| word.len() > 2).collect();
    let shares = |rule: &&&str| rule.split('-').any(|word| words.contains(&word));
    let near: Vec<&str> = known.iter().filter(shares).take(FEW).copied().collect();
    match (near.is_empty(), known.len() <= FEW) {
        (_, true) => format!("the codebook has no rule `{id}`; it has: {}", known.join(", ")),
        (false, false) => format!("the codebook has no rule `{id}`; perhaps: {}", near.join(", ")),
        (true, false) => format!("the codebook has no rule `{id}`; `habeas codebook show` lists its {} rules", known.len()),
    }
}

/// How a run ends that has judged.
fn outcome(counts: &Counts, bad_rows: u64, terminal: Terminal) -> Outcome {
    match (counts.any_breach(), bad_rows) {
        (_, 1..) => {
            terminal.complain(&format!("{bad_rows} rows could not be read and were not judged"));
            Outcome::BadInput
        }
        (true, 0) => Outcome::Found,
        (false, 0) => Outcome::Clean,
    }
}

/// What one run has in hand once the log is read.
struct Run<'r> {
    codebook: &'r Codebook,
    log: &'r Log,
    hearing: &'r Hearing<'r>,
    asked: Asked,
    names: &'r Names,
    wanted: &'r Wanted,
    mapping: Option<&'r Mapping>,
    started: Instant,
}

impl Run<'_> {
    fn totals(&self) -> Totals {
        Totals { events: self.log.len() as u64, subjects: self.hearing.subjects().len() as u64, took: self.started.elapsed() }
    }
}

/// Standard output, or a file that is opened once there is something to write.
enum Sink {
    Output(std::io::Stdout),
    File(String, BufWriter<File>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Sink::Output(out) => out.write(bytes),
            Sink::File(_, out) => out.write(bytes),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Sink::Output(out) => out.flush(),
            Sink::File(_, out) => out.flush(),
        }
    }
}

impl Sink {
    fn open(path: Option<&std::path::Path>) -> Result<Self, Trouble> {
        let Some(path) = path else { return Ok(Sink::Output(std::io::stdout())) };
        let shown = path.display().to_string();
        let file = File::create(path).map_err(|error| Trouble::writing(&format!("`{shown}`"), &error))?;
        Ok(Sink::File(shown, BufWriter::new(file)))
    }
    fn put(&mut self, text: &[u8]) -> Result<(), Trouble> {
        match self {
            Sink::Output(out) => out.write_all(text).map_err(|error| Trouble::writing("standard output", &error)),
            Sink::File(path, out) => out.write_all(text).map_err(|error| Trouble::writing(&format!("`{path}`"), &error)),
        }
    }
    fn close(&mut self) -> Result<(), Trouble> {
        match self {
            Sink::Output(out) => out.flush().map_err(|error| Trouble::writing("standard output", &error)),
            Sink::File(path, out) => out.flush().map_err(|error| Trouble::writing(&format!("`{path}`"), &error)),
        }
    }
}
