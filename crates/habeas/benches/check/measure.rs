//! One process, measured from outside: wall time, processor time of all its threads, and the most memory it held.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Took {
    /// Seconds on the clock.
    pub wall: f64,
    /// Seconds of processor time, user and system.
    pub cpu: f64,
}

/// A command with its arguments.
#[derive(Clone, Debug)]
pub struct Task {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl Task {
    /// A task.
    pub fn new(program: &str, arguments: &[&str]) -> Self {
        Task { program: program.to_owned(), arguments: arguments.iter().map(|part| (*part).to_owned()).collect() }
    }

    /// Runs it once, into a file of its own: to empty what another run wrote would be counted as this one's work. Bash counts the
    /// processor time of its children to the millisecond, which the standard library does not.
    pub fn once(&self, output: &Path) -> Result<Took, String> {
        if output.exists() {
            std::fs::remove_file(output).map_err(|error| format!("{}: {error}", output.display()))?;
        }
        let script = "out=$1; shift; TIMEFORMAT='%R %U %S'; time { \"$@\" >\"$out\"; }; exit 0";
        let run = Command::new("bash")
            .args(["-c", script, "bash"])
            .arg(output)
            .arg(&self.program)
            .args(&self.arguments)
            .output()
            .map_err(|error| format!("bash is needed to measure: {error}"))?;
        let said = String::from_utf8_lossy(&run.stderr);
        let figures: Vec<f64> = said.lines().last().unwrap_or_default().split(' ').filter_map(|part| part.parse().ok()).collect();
        match figures.as_slice() {
            [wall, user, system] => Ok(Took { wall: *wall, cpu: user + system }),
            _ => Err(format!("{} did not run: {said}", self.program)),
        }
    }

    /// The most memory that it held, in MiB; looked at every two milliseconds.
    pub fn peak_memory(&self) -> Result<f64, String> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.program))?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0_u64;
        while child.try_wait().map_err(|error| error.to_string())?.is_none() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            peak = peak.max(line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
            let until = Instant::now() + Duration::from_millis(2);
            while Instant::now() < until {
                std::thread::yield_now();
            }
        }
        Ok(peak as f64 / 1024.0)
    }
}

/// Runs tasks in turn, so many rounds, and gives the median of each: what else the machine does hits all of them alike.
pub fn medians(tasks: &[Task], rounds: usize, output: &Path) -> Result<Vec<Took>, String> {
    let mut taken: Vec<Vec<Took>> = vec![Vec::new(); tasks.len()];
    for _ in 0..rounds {
        for (task, took) in tasks.iter().zip(&mut taken) {
            took.push(task.once(output)?);
        }
    }
    Ok(taken.iter().map(|runs| Took { wall: median(runs, |took| took.wall), cpu: median(runs, |took| took.cpu) }).collect())
}

/// The one in the middle.
pub fn middle(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

fn median(runs: &[Took], figure: impl Fn(&Took) -> f64) -> f64 {
    middle(&mut runs.iter().map(figure).collect::<Vec<f64>>())
}
