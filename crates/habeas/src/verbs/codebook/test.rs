//! `habeas codebook test DIR [TIMELINES…]`: histories with the verdicts that a lawyer expects of them.

use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::terminal::{self, Paint, Terminal};
use crate::timeline::matching::{self, Differs};
use crate::timeline::tables;
use crate::verbs::Format;
use crate::verdicts::durations;
use crate::verdicts::json::RowWriter;
use crate::verdicts::names::Names;
use crate::verdicts::timestamps::Timestamps;
use clap::Args;
use habeas_codebook::log::Log;
use habeas_codebook::tree::Codebook;
use habeas_intake::timeline::{self, Expected, Timeline};
use habeas_monitor::{Asked, Monitor};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Run timelines against a codebook: prints each row that differs, expected beside got.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  habeas codebook test my-law\n  habeas codebook test my-law my-law/timelines/relative-late.json")]
pub struct Test {
    /// Folder of the codebook.
    #[arg(value_name = "DIR")]
    pack: String,
    /// Timelines, or folders of them.
    #[arg(value_name = "TIMELINES", help = "Timelines, or folders of them [default: DIR/timelines]")]
    timelines: Vec<PathBuf>,
    /// How to print.
    #[arg(long, default_value = "text")]
    format: Format,
}

/// How many expected rows were as expected.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    passed: usize,
    failed: usize,
}

impl Test {
    /// Status 1 if any row differs or any timeline cannot be read.
    ///
    /// # Errors
    /// When codebook or timelines are not there.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let codebook = packs::codebook(&self.pack, terminal)?;
        let mut out = String::new();
        let mut score = Score::default();
        for path in self.files()? {
            let text = std::fs::read_to_string(&path).map_err(|error| Trouble::reading(&path, &error))?;
            self.one(&codebook, &path, &text, &mut score, &mut out, terminal.paint());
        }
        match self.format {
            Format::Text => {
                let _ = writeln!(out, "{} passed, {} failed", score.passed, score.failed);
            }
            Format::Json => {
                let _ = writeln!(out, "{}", json!({"passed": score.passed, "failed": score.failed}));
            }
        }
        terminal::print(out.as_bytes())?;
        Ok(if score.failed > 0 { Outcome::Found } else { Outcome::Clean })
    }

    fn files(&self) -> Result<Vec<PathBuf>, Trouble> {
        let given = if self.timelines.is_empty() { vec![Path::new(&self.pack).join("timelines")] } else { self.timelines.clone() };
        let mut files = Vec::new();
        for path in given {
            if !path.is_dir() {
                files.push(path);
                continue;
            }
            let entries = std::fs::read_dir(&path).map_err(|error| Trouble::reading(&path, &error))?;
            let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            inside.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
            inside.sort();
            files.extend(inside);
        }
        if files.is_empty() {
            return Err(Trouble::Input(format!(
                "no timelines: `{}` has no .json files",
                Path::new(&self.pack).join("timelines").display()
            )));
        }
        Ok(files)
    }

    fn one(&self, codebook: &Codebook, path: &Path, text: &str, score: &mut Score, out: &mut String, paint: Paint) {
        let timeline = match timeline::read(text, &path.display().to_string(), codebook) {
            Ok(timeline) => timeline,
            Err(problems) => {
                score.failed += 1;
                for problem in problems {
                    let _ = match self.format {
                        Format::Text => writeln!(out, "{} {problem}", paint.bad("cannot be read")),
                        Format::Json => {
                            writeln!(out, "{}", json!({"file": problem.file, "line": problem.line, "error": problem.to_string()}))
                        }
                    };
                }
                return;
            }
        };
        for wish in &timeline.tables {
            let differs = tables::compare(&timeline, wish);
            score.failed += differs.len();
            score.passed += wish.cells.len().max(1).saturating_sub(differs.len());
            for difference in differs {
                let _ = match self.format {
                    Format::Text => writeln!(out, "{}, {}\n{}", paint.bold(&timeline.id), wish.id, difference.text(paint)),
                    Format::Json => writeln!(out, "{}", difference.json(&timeline.id, &wish.id)),
                };
            }
        }
        let monitor = Monitor::new(&timeline.codebook);
        for wish in &timeline.expected {
            let asked = wish
                .as_known_at
                .map_or(Asked { now: timeline.now, known_at: timeline.known_at }, |moment| Asked { now: moment, known_at: moment });
            let with_breaches = monitor.with_breaches(&timeline.log, asked);
            let log = with_breaches.as_ref().unwrap_or(&timeline.log);
            let rows = monitor.hear(log, asked).rows();
            match matching::compare(&timeline.codebook, log, &rows, wish) {
                Ok(()) => score.passed += 1,
                Err(differs) => {
                    score.failed += 1;
                    self.differs(&timeline, log, wish, &differs, out, paint);
                }
            }
        }
    }

    fn differs(&self, timeline: &Timeline, log: &Log, wish: &Expected, differs: &Differs<'_>, out: &mut String, paint: Paint) {
        let expected = wanted(&timeline.codebook, wish);
        let mut writer = RowWriter::new(&timeline.codebook, &Names::AsRecorded);
        let mut got: Vec<serde_json::Value> = Vec::new();
        for row in &differs.got {
            let mut line = Vec::new();
            writer.write(&mut line, log, row, None);
            got.extend(serde_json::from_slice::<serde_json::Value>(&line));
        }
        if self.format == Format::Json {
            let _ = writeln!(out, "{}", json!({"timeline": timeline.id, "expected": expected, "got": got, "why": wish.why}));
            return;
        }
        let subject: Vec<String> = wish.subject.iter().map(|(class, id)| format!("{class} {id}")).collect();
        let _ = writeln!(out, "{} {}, {}", paint.bold(&timeline.id), wish.rule, subject.join(", "));
        let _ = writeln!(out, "  expected  {}", members(&expected));
        if got.is_empty() {
            let _ = writeln!(out, "  got       no row, which counts as n.a.");
        }
        for (place, row) in got.iter().enumerate() {
            let _ = writeln!(out, "  {}  {}", if place == 0 { "got     " } else { "    also" }, paint.bad(&members(row)));
        }
        if !wish.why.is_empty() {
            let _ = writeln!(out, "  why       {}", wish.why);
        }
    }
}

/// The members of an expected row that are compared, in the order of a verdict's.
fn wanted(codebook: &Codebook, wish: &Expected) -> serde_json::Value {
    let mut times = Timestamps::new(&codebook.almanac.zone);
    let mut members = serde_json::Map::new();
    members.insert("verdict".to_owned(), wish.verdict.clone().into());
    members.extend(wish.trigger.iter().map(|trigger| ("trigger".to_owned(), trigger.clone().into())));
    members.extend(wish.instants.iter().map(|(name, moment)| (name.clone(), moment.map(|moment| times.text(moment)).into())));
    members.extend(wish.lengths.iter().map(|(name, micros)| (name.clone(), micros.map(durations::text).into())));
    if !wish.flags.is_empty() {
        members.insert("flags".to_owned(), wish.flags.clone().into());
    }
    members.extend(wish.as_known_at.map(|moment| ("as_known_at".to_owned(), times.text(moment).into())));
    serde_json::Value::Object(members)
}

/// What a reader compares, on one line: verdict, trigger, times, flags.
fn members(row: &serde_json::Value) -> String {
    let shown = ["verdict", "trigger", "due_at", "since", "until", "late_by", "over_by", "flags", "reason", "as_known_at"];
    let parts = shown.iter().filter_map(|name| {
        let value = row.get(*name).filter(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(if *name == "verdict" { text } else { format!("{name} {text}") })
    });
    parts.collect::<Vec<_>>().join(", ")
}
