//! `benches/check`: the speed of `habeas check`, as ratios in one run on one file.
//!
//! Makes its own log, then measures the same file judged by six rules, parsed only, judged by sixty others, on two threads, the same
//! events in the words of the pack `aze`, ten times as many, and six questions in SQL where Python with DuckDB is there. Figures and
//! what they mean: `docs/performance.md`.

mod custody_log;
mod dice;
mod measure;
mod wishes;

use custody_log::{Made, RULES, Words};
use habeas_codebook::pack::PackSource;
use habeas_intake::{Input, Options};
use measure::{Task, Took, medians, middle};
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use wishes::{Wishes, repository, text};

const HABEAS: &str = env!("CARGO_BIN_EXE_habeas");
const NOW: &str = "2030-01-01T00:00:00Z";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        Some("--parse-only") => parse_only(&arguments[1..]),
        _ => Wishes::read(&arguments, 5, "habeas-bench").and_then(|wishes| measure_all(&wishes)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(wishes: &Wishes) -> Result<(), String> {
    let io = |error: std::io::Error| error.to_string();
    std::fs::create_dir_all(&wishes.folder).map_err(io)?;
    let (log, out) = (wishes.folder.join("log.csv"), wishes.folder.join("out"));
    let made = custody_log::write(&log, wishes.custodies, 2087, Words::Six).map_err(io)?;
    let in_aze = wishes.folder.join("aze.csv");
    custody_log::write(&in_aze, wishes.custodies, 2087, Words::Aze).map_err(io)?;
    let packs = repository();
    let (six, sixty, aze) = (packs.join("benches/six"), packs.join("benches/sixty"), packs.join("codebooks/aze"));
    println!("{} events in {} MB, medians of {}", made.events, std::fs::metadata(&log).map_err(io)?.len() / 1_000_000, wishes.runs);
    same_as_planted(&log, &six, &made)?;

    let this = text(&std::env::current_exe().map_err(io)?);
    let check = |log: &Path, pack: &Path, threads: &str| {
        Task::new(HABEAS, &["check", &text(log), "--codebook", &text(pack), "--now", NOW, "--format", "json", "--threads", threads])
    };
    let breaches = ["--only", "breached", "--only", "met_late"];
    let mut tasks = vec![
        ("six rules, every verdict as JSON", check(&log, &six, "1")),
        ("parse alone", Task::new(&this, &["--parse-only", &text(&log), &text(&six)])),
        ("sixty rules, every verdict as JSON", check(&log, &sixty, "1")),
        ("six rules on two threads", check(&log, &six, "2")),
        ("six rules, breaches only", with(&check(&log, &six, "1"), &breaches)),
        ("sixty rules, breaches only", with(&check(&log, &sixty, "1"), &breaches)),
        ("pack aze, the same events, breaches only", with(&check(&in_aze, &aze, "1"), &breaches)),
    ];
    let duckdb = Command::new("python3").args(["-c", "import duckdb"]).output().is_ok_and(|run| run.status.success());
    if duckdb {
        let script = text(&packs.join("benches/ask_duckdb.py"));
        tasks.push(("DuckDB: load and six queries", Task::new("python3", &[&script, &text(&log), "1"])));
    }
    let (names, tasks): (Vec<&str>, Vec<Task>) = tasks.into_iter().unzip();
    let took = medians(&tasks, wishes.runs, &out)?;
    report(&names, &took, duckdb);
    println!("{:<46}{:>9.0} MiB", "most memory, six rules, every verdict", tasks[0].peak_memory()?);
    for way in ["--summary", "--stream"] {
        println!("{:<46}{:>9.0} MiB", format!("most memory, {way}"), with(&tasks[0], &[way]).peak_memory()?);
    }
    small(wishes, &six)?;
    if wishes.large {
        large(wishes, &six, &out, took[0], made)?;
    }
    Ok(())
}

fn report(names: &[&str], took: &[Took], duckdb: bool) {
    println!("{:<46}{:>9}{:>9}", "seconds", "cpu", "wall");
    names.iter().zip(took).for_each(|(name, took)| println!("{name:<46}{:>9.3}{:>9.3}", took.cpu, took.wall));
    println!("ratios");
    let ratio = |name: &str, over: f64, under: f64| println!("{name:<46}{:>9.2}", over / under);
    if duckdb {
        ratio("DuckDB to six rules (cpu; 5 wanted)", took[7].cpu, took[0].cpu);
    } else {
        println!("DuckDB is not there (`pip install duckdb`): not compared");
    }
    ratio("six rules to parse (cpu; 2.5 at most)", took[0].cpu, took[1].cpu);
    ratio("sixty rules to six (cpu; 2.5 at most)", took[2].cpu, took[0].cpu);
    ratio("the same, breaches written only", took[5].cpu, took[4].cpu);
    ratio("pack aze to six rules (cpu; 2.5 at most)", took[6].cpu, took[4].cpu);
    ratio("one thread to two (wall; 1.6 wanted)", took[0].wall, took[3].wall);
}

/// Breaches found must be the breaches planted, or no time means anything.
fn same_as_planted(log: &Path, pack: &Path, made: &Made) -> Result<(), String> {
    let run = Command::new(HABEAS)
        .args(["check", &text(log), "--codebook", &text(pack), "--now", NOW, "--summary", "--format", "json"])
        .output()
        .map_err(|error| error.to_string())?;
    for line in String::from_utf8_lossy(&run.stdout).lines() {
        let line: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let Some(place) = RULES.iter().position(|rule| line["rule"] == *rule) else { continue };
        let found = line["breached"].as_u64().unwrap_or(0) + line["met_late"].as_u64().unwrap_or(0);
        // Two breached stretches of one interview are two rows; so are planted breaches.
        if found != made.breaches[place] {
            return Err(format!("{}: {found} found, {} planted", RULES[place], made.breaches[place]));
        }
        println!("{:<46}{found:>9} breaches, as planted", RULES[place]);
    }
    if run.stdout.is_empty() { Err(String::from_utf8_lossy(&run.stderr).into_owned()) } else { Ok(()) }
}

/// The same task with other words at the end.
fn with(task: &Task, more: &[&str]) -> Task {
    let mut task = task.clone();
    task.arguments.extend(more.iter().map(|word| (*word).to_owned()));
    task
}

/// Seconds on the clock from a task's start to the first byte that it writes.
fn first_byte(task: &Task) -> Result<f64, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", task.program);
    let start = Instant::now();
    let mut command = Command::new(&task.program);
    let mut child = command.args(&task.arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(wrong)?;
    let mut out = child.stdout.take().ok_or("no output")?;
    out.read_exact(&mut [0]).map_err(wrong)?;
    let took = start.elapsed().as_secs_f64();
    std::io::copy(&mut out, &mut std::io::sink()).map_err(wrong)?;
    child.wait().map_err(wrong)?;
    Ok(took)
}

/// From start to the first verdict of a thousand events.
fn small(wishes: &Wishes, six: &Path) -> Result<(), String> {
    let log = wishes.folder.join("small.csv");
    let made = custody_log::write(&log, 96, 5, Words::Six).map_err(|error| error.to_string())?;
    let task = Task::new(HABEAS, &["check", &text(&log), "--codebook", &text(six), "--now", NOW, "--format", "json"]);
    let mut took = (0..wishes.runs.max(5)).map(|_| first_byte(&task)).collect::<Result<Vec<f64>, String>>()?;
    println!("{:<46}{:>9.1} ms wall (30 at most)", format!("{} events, start to first verdict", made.events), middle(&mut took) * 1000.0);
    Ok(())
}

fn large(wishes: &Wishes, six: &Path, out: &Path, one: Took, made: Made) -> Result<(), String> {
    let log = wishes.folder.join("large.csv");
    let ten = custody_log::write(&log, wishes.custodies * 10, 2087, Words::Six).map_err(|error| error.to_string())?;
    let task = Task::new(HABEAS, &["check", &text(&log), "--codebook", &text(six), "--now", NOW, "--format", "json", "--threads", "1"]);
    let took = medians(std::slice::from_ref(&task), wishes.runs.min(3), out)?;
    println!("{:<46}{:>9.3}{:>9.3}", format!("{} events, six rules", ten.events), took[0].cpu, took[0].wall);
    println!(
        "{:<46}{:>9.2} for {:.2} times the events (11 at most)",
        "cpu to the shorter log",
        took[0].cpu / one.cpu,
        ten.events as f64 / made.events as f64
    );
    println!("{:<46}{:>9.0} MiB (2048 at most)", "most memory, every verdict", task.peak_memory()?);
    for way in ["--summary", "--stream"] {
        println!("{:<46}{:>9.0} MiB", format!("most memory, {way}"), with(&task, &[way]).peak_memory()?);
    }
    Ok(())
}

/// Reads the log into memory and does nothing with it: the floor under every check.
fn parse_only(arguments: &[String]) -> Result<(), String> {
    let [log, pack] = arguments else { return Err("--parse-only LOG PACK".to_owned()) };
    let source = PackSource::from_folder(Path::new(pack)).map_err(|error| error.to_string())?;
    let codebook = habeas_codebook::read(&source, &|_| None).codebook.ok_or("the pack does not read")?;
    let file = std::fs::File::open(log).map_err(|error| error.to_string())?;
    let inputs = vec![Input { name: log.clone(), bytes: Box::new(file) }];
    let read = habeas_intake::read(inputs, &codebook, Options { keep_going: false, threads: 1, authors: false }, &mut |_| ())
        .map_err(|error| error.to_string())?;
    println!("{}", read.log.len());
    Ok(())
}
