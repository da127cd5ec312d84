//! `benches/returns`: the speed of `habeas return`, in one run on one file.
//!
//! Makes a year of a made-up State, then fills every table from it, the heaviest five by themselves beside the same five in SQL where
//! Python with DuckDB is there, and a year of ten times as many entries. Figures and what they mean: `docs/performance.md`.

#[path = "../check/dice.rs"]
mod dice;
#[path = "../check/measure.rs"]
mod measure;
#[path = "../check/wishes.rs"]
mod wishes;
mod year;

use measure::{Task, Took, medians};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use wishes::{Wishes, repository, text};

const HABEAS: &str = env!("CARGO_BIN_EXE_habeas");
const AS_OF: &str = "2030-03-01T00:00:00Z";
/// The tables that cost most, each alone.
const HEAVIEST: [&str; 5] = ["R01", "R02", "R03", "R04", "R29"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Wishes::read(&arguments, 3, "habeas-bench-returns").and_then(|wishes| measure_all(&wishes)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// A log of so many custodies, made once for a folder.
fn made(folder: &Path, custodies: u64) -> Result<(PathBuf, u64), String> {
    let io = |error: std::io::Error| error.to_string();
    std::fs::create_dir_all(folder).map_err(io)?;
    let log = folder.join(format!("year-{custodies}.csv"));
    let events = year::write(&log, custodies, 2087).map_err(io)?.events;
    println!("{custodies} custodies: {events} entries in {} MB", std::fs::metadata(&log).map_err(io)?.len() / 1_000_000);
    Ok((log, events))
}

fn filling(log: &Path, ids: &[&str]) -> Task {
    let log = text(log);
    let rest = ["--period", "2029", "--as-of", AS_OF, "--format", "json", "--codebook", "aze", "--log", &log];
    Task::new(HABEAS, &[&["return"], ids, &rest].concat())
}

fn measure_all(wishes: &Wishes) -> Result<(), String> {
    let (log, events) = made(&wishes.folder, u64::from(wishes.custodies))?;
    let out = wishes.folder.join("out");
    let mut tasks = vec![filling(&log, &["--all"]), filling(&log, &HEAVIEST), filling(&log, &["R28"])];
    let duckdb = Command::new("python3").args(["-c", "import duckdb"]).output().is_ok_and(|run| run.status.success());
    if duckdb {
        same_as_in_sql(&log)?;
        tasks.push(Task::new("python3", &[&text(&repository().join("benches/ask_duckdb.py")), &text(&log), "2", "returns"]));
    }
    let took = medians(&tasks, wishes.runs, &out)?;
    println!("{:<58}{:>9}{:>9}", "seconds, on two cores", "cpu", "wall");
    let line = |name: &str, took: &Took| println!("{name:<58}{:>9.2}{:>9.2}", took.cpu, took.wall);
    let names =
        ["every table (wall 10 at most)", "the five heaviest", "a table that counts nothing: reading alone", "DuckDB: load and the five"];
    names.iter().zip(&took).for_each(|(name, took)| line(name, took));
    println!("{:<58}{:>9.0} MiB", "most memory, every table (1024 at most)", tasks[0].peak_memory()?);
    if duckdb {
        println!(
            "{:<58}{:>9.2}{:>9.2}",
            "DuckDB to the five heaviest (1 at least)",
            took[3].cpu / took[1].cpu,
            took[3].wall / took[1].wall
        );
    } else {
        println!("DuckDB is not there (`pip install duckdb`): not compared");
    }
    linear(wishes, events, took[0], &out)
}

/// A sixth and ten sixths of the year: whether the cost grows as the log does.
fn linear(wishes: &Wishes, events: u64, whole: Took, out: &Path) -> Result<(), String> {
    let (small, few) = made(&wishes.folder, u64::from(wishes.custodies) / 6)?;
    let took = medians(&[filling(&small, &["--all"])], wishes.runs, out)?[0];
    let each = |took: Took, events: u64| took.cpu * 1_000_000.0 / events as f64;
    println!("{:<58}{:>9.2}{:>9.2}", format!("seconds a million entries, of {few}"), each(took, few), took.wall * 1e6 / few as f64);
    println!(
        "{:<58}{:>9.2}{:>9.2}",
        format!("seconds a million entries, of {events}"),
        each(whole, events),
        whole.wall * 1e6 / events as f64
    );
    if wishes.large {
        let (large, many) = made(&wishes.folder, u64::from(wishes.custodies) * 10 / 6)?;
        let took = medians(&[filling(&large, &["--all"])], 1, out)?[0];
        println!("{:<58}{:>9.2}{:>9.2}", format!("seconds a million entries, of {many}"), each(took, many), took.wall * 1e6 / many as f64);
    }
    Ok(())
}

/// Both ways of counting must give the same numbers, or no time means anything.
fn same_as_in_sql(log: &Path) -> Result<(), String> {
    let run = |program: &str, arguments: &[String]| -> Result<String, String> {
        let run = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
        if run.stdout.is_empty() {
            Err(String::from_utf8_lossy(&run.stderr).into_owned())
        } else {
            Ok(String::from_utf8_lossy(&run.stdout).into_owned())
        }
    };
    let mut task = filling(log, &HEAVIEST);
    task.arguments.extend(["--class".to_owned(), "restricted".to_owned()]);
    let ours = run(HABEAS, &task.arguments)?;
    let sql = run("python3", &[text(&repository().join("benches/ask_duckdb.py")), text(log), "2".to_owned(), "returns".to_owned()])?;
    let sql: serde_json::Value = serde_json::from_str(sql.trim()).map_err(|error| error.to_string())?;
    for line in ours.lines() {
        let table: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let id = table["id"].as_str().unwrap_or_default();
        for (column, wanted) in sql[id].as_object().into_iter().flatten() {
            let is_total = |cell: &&serde_json::Value| {
                cell["column"] == column.as_str() && cell["by"].as_object().is_some_and(|by| by.values().all(|code| code == "_T"))
            };
            let found = table["cells"].as_array().into_iter().flatten().find(is_total).map(|cell| &cell["value"]);
            let number = |value: &serde_json::Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
            let (ours, theirs) = (found.and_then(number), number(wanted));
            if ours.zip(theirs).is_none_or(|(a, b)| (a - b).abs() > 0.006) {
                return Err(format!("{id} {column}: {ours:?} counted, {theirs:?} in SQL"));
            }
            println!("{id} {column:<50}{:>12}, as in SQL", theirs.unwrap_or_default());
        }
    }
    Ok(())
}
