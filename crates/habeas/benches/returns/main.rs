//! `benches/returns`: the speed of `habeas return`, in one run on one file.
//!
//! Makes a year of a made-up State, then fills every table from it, the heaviest five by themselves beside the same five in SQL where
//! Python with DuckDB is there, a year of ten times as many entries, and the pages of a served register. Figures and what they mean:
//! `docs/performance.md`.

#[path = "../check/dice.rs"]
mod dice;
#[path = "../check/measure.rs"]
mod measure;
mod pages;
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
const HEAVIEST: [&str; 5] = ["R01", "R06", "R07", "R16", "R29"];

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = arguments.len();
    arguments.retain(|argument| argument != "--pages");
    let only_pages = arguments.len() < given;
    match Wishes::read(&arguments, 3, "habeas-bench-returns").and_then(|wishes| measure_all(&wishes, only_pages)) {
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

fn measure_all(wishes: &Wishes, only_pages: bool) -> Result<(), String> {
    let (log, events) = made(&wishes.folder, u64::from(wishes.custodies))?;
    let out = wishes.folder.join("out");
    if only_pages {
        return pages::measure(HABEAS, &log, events, AS_OF, &wishes.folder);
    }
    let mut tasks = vec![filling(&log, &["--all"]), filling(&log, &HEAVIEST), filling(&log, &["R28"])];
    let duckdb = Command::new("python3").args(["-c", "import duckdb"]).output().is_ok_and(|run| run.status.success());
    if duckdb {
        same_as_in_sql(&log)?;
        tasks.push(Task::new("python3", &[&text(&repository().join("benches/ask_duckdb.py")), &text(&log), "2", "returns"]));
    }
    let took = medians(&tasks, wishes.runs, &out)?;
    println!("{:<58}{:>9}{:>9}", "seconds, on two cores", "cpu", "wall");
    let line = |name: &str, took: &Took| println!("{name:<58}{:>9.2}{:>9.2}", took.cpu, took.wall);
    let names = ["every table", "the five heaviest", "a table that counts nothing: reading alone", "DuckDB: load and the five"];
    names.iter().zip(&took).for_each(|(name, took)| line(name, took));
    let memory = tasks[0].peak_memory()?;
    println!("{:<58}{memory:>9.0} MiB{}", "most memory, every table (1024 at most)", missed(memory <= 1024.0));
    println!("{:<58}{:>9.2} s{}", "every table, by the clock (10 at most)", took[0].wall, missed(took[0].wall <= 10.0));
    if duckdb {
        let (cpu, wall) = (took[3].cpu / took[1].cpu, took[3].wall / took[1].wall);
        println!("{:<58}{cpu:>9.2}{wall:>9.2}{}", "DuckDB to the five heaviest (1 at least)", missed(cpu >= 1.0 && wall >= 1.0));
    } else {
        println!("DuckDB is not there (`pip install duckdb`): not compared");
    }
    linear(wishes, events, took[0], &out)?;
    let (served, events) = made(&wishes.folder, u64::from(wishes.custodies) / 10)?;
    pages::measure(HABEAS, &served, events, AS_OF, &wishes.folder)
}

/// What is not as wanted says so.
fn missed(holds: bool) -> &'static str {
    if holds { "" } else { "  MISSED" }
}

/// A sixth and ten sixths of the year: whether the cost grows as the log does.
fn linear(wishes: &Wishes, events: u64, whole: Took, out: &Path) -> Result<(), String> {
    let (small, few) = made(&wishes.folder, u64::from(wishes.custodies) / 6)?;
    let small_took = medians(&[filling(&small, &["--all"])], wishes.runs, out)?[0];
    let each = |took: Took, events: u64| took.cpu * 1_000_000.0 / events as f64;
    let wall = small_took.wall * 1e6 / few as f64;
    println!("{:<58}{:>9.2}{wall:>9.2}", format!("seconds a million entries, of {few}"), each(small_took, few));
    let ratio = |took: Took, events: u64| {
        let times = each(took, events) / each(small_took, few);
        let wall = took.wall * 1e6 / events as f64;
        println!("{:<58}{:>9.2}{wall:>9.2}", format!("seconds a million entries, of {events}"), each(took, events));
        println!("{:<58}{times:>9.2}{}", "that to the smaller log (1.2 at most: linear)", missed(times <= 1.2));
    };
    ratio(whole, events);
    if wishes.large {
        let (large, many) = made(&wishes.folder, u64::from(wishes.custodies) * 10 / 6)?;
        ratio(medians(&[filling(&large, &["--all"])], 1, out)?[0], many);
    }
    Ok(())
}

/// Both ways of counting must give the same numbers in every cell of every total, or no time means anything.
fn same_as_in_sql(log: &Path) -> Result<(), String> {
    let run = |program: &str, arguments: &[String]| -> Result<String, String> {
        let run = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
        if run.status.success() {
            Ok(String::from_utf8_lossy(&run.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&run.stderr).into_owned())
        }
    };
    let sql = run("python3", &[text(&repository().join("benches/ask_duckdb.py")), text(log), "2".to_owned(), "returns".to_owned()])?;
    for line in sql.lines() {
        let table: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let id = table["id"].as_str().unwrap_or_default();
        let mut task = filling(log, &[id]);
        let format = task.arguments.iter().position(|word| word == "json").ok_or("no format")?;
        task.arguments[format] = "csv".to_owned();
        task.arguments.extend(["--class".to_owned(), "restricted".to_owned()]);
        println!("{id}: {} cells as in SQL", compared(id, &table, &run(HABEAS, &task.arguments)?)?);
    }
    Ok(())
}

/// How many cells of a table are the same in both; an error names the first that is not.
fn compared(id: &str, sql: &serde_json::Value, ours: &str) -> Result<usize, String> {
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let (dimensions, columns) = (list(&sql["by"]).len(), list(&sql["columns"]));
    let rows = ours.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let counted: std::collections::HashMap<String, &str> =
        rows.filter_map(|row| Some((row.get(..=dimensions)?.join("|"), *row.get(dimensions + 1)?))).collect();
    let mut same = 0;
    for row in list(&sql["rows"]) {
        let row = list(&row);
        let codes: Vec<&str> = row.iter().take(dimensions).filter_map(serde_json::Value::as_str).collect();
        for (column, value) in columns.iter().zip(&row[dimensions..]) {
            let name = format!("{}|{}", column.as_str().unwrap_or_default(), codes.join("|"));
            let (ours, theirs) = (counted.get(&name).and_then(|text| text.parse::<f64>().ok()), value.as_f64());
            let is_same = ours.zip(theirs).map_or(ours.is_none() && theirs.is_none(), |(a, b)| (a - b).abs() < 0.006);
            if !is_same {
                return Err(format!("{id} {name}: {ours:?} counted, {theirs:?} in SQL"));
            }
            same += 1;
        }
    }
    Ok(same)
}
