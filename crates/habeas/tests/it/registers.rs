//! Public registers, read by the mappings of this repository and judged: the figures that others counted by other means come out.
//!
//! The registers are not in the repository. They are looked for in `HABEAS_DATA`, then in `shared/data` beside the workspace; a
//! test whose register is not there says so and ends.

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files of a register, or `None` (said on standard output) where they are not.
fn register(files: &[&str]) -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("HABEAS_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    match paths.iter().find(|path| !path.is_file()) {
        Some(path) => {
            println!("passed over: no register at {}", path.display());
            None
        }
        None => Some(paths),
    }
}

/// What is asked of a register.
struct Question<'a> {
    files: &'a [&'a str],
    map: &'a str,
    codebook: &'a str,
    now: &'a str,
    rules: &'a [&'a str],
}

impl Question<'_> {
    /// Every row, or `None` where the register is not.
    fn rows(&self) -> Option<Vec<Value>> {
        let files = register(self.files)?;
        let codebook = root().join(self.codebook);
        let codebook = if codebook.is_dir() { codebook } else { PathBuf::from(self.codebook) };
        let mut command = Command::cargo_bin("habeas").expect("the binary");
        command.arg("check").args(files).arg("--map").arg(root().join("mappings").join(self.map)).arg("--codebook").arg(codebook);
        command.args(["--now", self.now, "--format", "json"]);
        for rule in self.rules {
            command.args(["--rule", rule]);
        }
        let output = command.output().expect("it runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{:?}: {complaint}", output.status);
        let text = String::from_utf8(output.stdout).expect("text");
        Some(text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect())
    }
}

fn word<'v>(row: &'v Value, member: &str) -> &'v str {
    row[member].as_str().unwrap_or_default()
}

/// How many rows of a rule have each verdict.
fn counts<'v>(rows: &'v [Value], rule: &str) -> BTreeMap<&'v str, usize> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| word(row, "rule") == rule) {
        *counts.entry(word(row, "verdict")).or_default() += 1;
    }
    counts
}

fn figures<const N: usize>(figures: [(&'static str, usize); N]) -> BTreeMap<&'static str, usize> {
    BTreeMap::from(figures)
}

const ISOLATION: Question<'_> = Question {
    files: &["ice-segregation/placements.csv"],
    map: "ice-segregation.toml",
    codebook: "standards",
    now: "2023-09-14T23:59:59Z",
    rules: &["solitary-cap", "lawyer-of-record-told", "measure-entered-in-time"],
};

#[test]
fn a_register_of_dates_says_who_was_isolated_over_fifteen_days_and_where_it_cannot_tell() {
    let Some(rows) = ISOLATION.rows() else { return };
    let expected = figures([("met", 6692), ("breached", 6822 + 112), ("undetermined", 597), ("pending", 41)]);
    assert_eq!(counts(&rows, "solitary-cap"), expected);
    let breached = |row: &&Value| word(row, "rule") == "solitary-cap" && word(row, "verdict") == "breached";
    let running = rows.iter().filter(breached).filter(|row| row["events"].as_array().is_some_and(|events| events.len() == 1)).count();
    assert_eq!(running, 112, "isolations that had not ended");
}

#[test]
fn a_blank_lawyer_is_not_a_lawyer_who_was_not_told() {
    let Some(rows) = ISOLATION.rows() else { return };
    assert_eq!(counts(&rows, "lawyer-of-record-told"), figures([("met", 925), ("breached", 1461), ("n.a.", 11878)]));
}

#[test]
fn the_seriously_ill_were_isolated_all_the_same() {
    let question =
        Question { map: "../tests/registers/isolation/map.toml", codebook: "tests/registers/isolation", rules: &[], ..ISOLATION };
    let Some(rows) = question.rows() else { return };
    assert_eq!(counts(&rows, "no-isolation-of-the-seriously-ill").get("breached"), Some(&642));
}

#[test]
fn the_worst_places_for_isolation_are_named_with_their_numbers() {
    let Some(files) = register(ISOLATION.files) else { return };
    let mut command = Command::cargo_bin("habeas").expect("the binary");
    command.current_dir(root()).arg("check").args(files).args(["--map", "mappings/ice-segregation.toml", "--codebook", "standards"]);
    let output = command.args(["--now", ISOLATION.now, "--rule", "solitary-cap"]).output().expect("it runs");
    let said = String::from_utf8(output.stdout).expect("text");
    let places = said.split("Worst places").nth(1).expect("a list of places");
    let first: Vec<&str> = places.lines().skip(1).take(3).map(str::trim).collect();
    assert!(first[0].starts_with("485  MONTGOMERY"), "{first:?}");
    assert!(first[1].starts_with("438  ADELANTO"), "{first:?}");
    assert!(first[2].starts_with("428  Central Louisiana"), "{first:?}");
}

#[test]
fn entries_made_more_than_three_whole_days_later_are_late() {
    let Some(rows) = ISOLATION.rows() else { return };
    let counts = counts(&rows, "measure-entered-in-time/record");
    assert_eq!(counts.get("met_late"), Some(&8355), "{counts:?}");
    assert_eq!(counts.get("met"), Some(&5909), "{counts:?}");
}

#[test]
fn antibiotics_within_the_hour_late_or_never() {
    let question = Question {
        files: &["hospital-sepsis-log/events.csv"],
        map: "hospital-sepsis.toml",
        codebook: "tests/registers/sepsis",
        now: "2015-12-31T00:00:00Z",
        rules: &[],
    };
    let Some(rows) = question.rows() else { return };
    assert_eq!(counts(&rows, "antibiotics-within-the-hour"), figures([("met", 177), ("met_late", 253), ("breached", 123)]));
    // Never at all, and only before the finding: an answer before its duty does not count.
    let never = 155 + 25;
    assert_eq!(counts(&rows, "fluid-within-the-hour"), figures([("met", 204), ("met_late", 169), ("breached", never)]));
    let never = 103 + 59;
    assert_eq!(counts(&rows, "lactic-acid-in-three-hours"), figures([("met", 376), ("met_late", 15), ("breached", never)]));
}

#[test]
fn a_booking_page_captured_three_times_says_who_was_held_over_a_day() {
    let question = Question {
        files: &["county-jail-bookings/observations.csv"],
        map: "county-jail.toml",
        codebook: "tests/registers/county-jail",
        now: "2017-11-13T12:36:19-05:00",
        rules: &[],
    };
    let Some(rows) = question.rows() else { return };
    // Of 116 released and of 80 not released: held longer than so many hours.
    for (hours, released, running) in [(24, 32, 66), (36, 23, 64), (48, 12, 57), (72, 9, 49), (96, 6, 37)] {
        let expected = figures([("met", 116 - released), ("breached", released + running), ("pending", 80 - running)]);
        assert_eq!(counts(&rows, &format!("held-over-{hours}-hours")), expected, "{hours} hours");
    }
    let seen = counts(&rows, "release-seen/record");
    assert_eq!(seen, figures([("met", 116 - 75), ("met_late", 75)]));
}

#[test]
fn who_came_to_a_city_jail_unclassified_waited() {
    let question = Question {
        files: &["nyc-jail-rosters/stays.csv", "nyc-jail-rosters/changes.csv"],
        map: "nyc-jail-classification.toml",
        codebook: "tests/registers/classification",
        now: "2018-12-31T00:00:00-05:00",
        rules: &["classified-in-three-days"],
    };
    let Some(rows) = question.rows() else { return };
    let counts = counts(&rows, "classified-in-three-days");
    assert_eq!((counts.get("met"), counts.get("breached")), (Some(&2609), Some(&495)), "{counts:?}");
    // Who first stands classified on the fourth day's roster may have been so at its midnight, the last moment of the third day.
    let on_the_fourth_day = 2712 - 2609;
    let late = 3298 - 2712 - 495;
    assert_eq!((counts.get("undetermined"), counts.get("met_late")), (Some(&on_the_fourth_day), Some(&late)), "{counts:?}");
}

#[test]
fn complaints_decided_after_half_a_year_or_not_at_all() {
    let question = Question {
        files: &["police-complaints/complaints.csv"],
        map: "police-complaints.toml",
        codebook: "tests/registers/complaints",
        now: "2022-09-30T00:00:00-05:00",
        rules: &[],
    };
    let Some(rows) = question.rows() else { return };
    // Received and closed on one date: which came first is not said. Closed 181 dates later: perhaps at that day's first moment.
    let (one_date, at_the_edge) = (245, 6);
    let met = 2793 - 1345 - one_date;
    let late = 1345 - at_the_edge;
    let expected = [("met", met), ("met_late", late), ("breached", 3517 - 2793), ("undetermined", one_date + at_the_edge)];
    assert_eq!(counts(&rows, "decided-in-180-days"), figures(expected));
}
