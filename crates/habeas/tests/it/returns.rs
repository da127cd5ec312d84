//! Statistical returns through the binary: public registers come to the figures that others counted by other means, the pack's own
//! examples hold, and what leaves is the same byte for byte.
//!
//! The registers are not in the repository: see `registers.rs`; a test whose register is not there says so and ends.

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn habeas(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("habeas").expect("the binary").args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A register counted: the table as JSON, or `None` (said on standard output) where the register is not.
fn counted(table: &str, period: &str, file: &str, map: &str) -> Option<Value> {
    let folder = std::env::var_os("HABEAS_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let path = folder.join(file);
    if !path.is_file() {
        println!("passed over: no register at {}", path.display());
        return None;
    }
    let (path, map) = (path.display().to_string(), root().join("mappings").join(map).display().to_string());
    let pack = root().join("tests/registers/tables").display().to_string();
    let (status, out, error) = habeas(&[
        "return",
        table,
        "--period",
        period,
        "--log",
        &path,
        "--map",
        &map,
        "--codebook",
        &pack,
        "--class",
        "restricted",
        "--format",
        "json",
        "--as-of",
        "2026-01-01T00:00:00Z",
    ]);
    assert_eq!(status, Some(0), "{error}");
    Some(serde_json::from_str(&out).expect("JSON"))
}

/// The number of a column under some codes.
fn number(made: &Value, column: &str, by: &[(&str, &str)]) -> f64 {
    let wanted: serde_json::Map<String, Value> = by.iter().map(|(d, c)| ((*d).to_owned(), (*c).into())).collect();
    let cells = made["cells"].as_array().expect("cells");
    let cell = cells.iter().find(|cell| cell["column"] == column && cell["by"].as_object() == Some(&wanted));
    cell.and_then(|cell| cell["value"].as_f64()).unwrap_or(0.0)
}

fn all(made: &Value, columns: &[&str]) -> Vec<f64> {
    columns.iter().map(|column| number(made, column, &[])).collect()
}

#[test]
fn who_asks_for_a_table_is_named_in_the_readers_language() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log.jsonl");
    let arrest =
        r#"{"id": "e1", "kind": "person_apprehended", "at": "2029-03-01T08:00:00Z", "subject": {"custody": "C1", "person": "P1"}}"#;
    std::fs::write(&log, format!("{arrest}\n")).expect("written");
    let told = |format: &str, language: &str| {
        let log = log.display().to_string();
        let all = ["return", "--all", "--period", "2029", "--codebook", "aze", "--log", &log, "--format", format, "--lang", language];
        let (status, out, error) = habeas(&all);
        assert_eq!(status, Some(0), "{error}");
        out
    };
    let tables = told("json", "en");
    let tables: Vec<Value> = tables.lines().map(|table| serde_json::from_str(table).expect("JSON")).collect();
    let bodies = tables.iter().filter_map(|table| table["asked_by"].as_array()).flatten();
    let bodies: std::collections::BTreeSet<&str> = bodies.filter_map(Value::as_str).collect();
    assert!(bodies.contains("Committee against Torture") && bodies.len() > 3, "{bodies:?}");
    for (language, name) in [("ru", "Комитет против пыток"), ("az", "İşgəncələr əleyhinə Komitə")] {
        let page = told("markdown", language);
        assert!(page.contains(name), "{language}");
        let left: Vec<&&str> = bodies.iter().filter(|body| page.contains(&format!("- {body}\n"))).collect();
        assert!(left.is_empty(), "{language}: {left:?}");
    }
}

#[test]
fn a_jail_is_counted_by_its_rosters_not_by_its_stays() {
    let Some(made) = counted("rosters", "2018", "nyc-jail-rosters/rosters.csv", "nyc-jail-population.toml") else { return };
    assert_eq!(all(&made, &["rosters", "average"]), [91.0, 8287.65]);
}

#[test]
fn one_person_with_two_stays_is_one_person() {
    let Some(made) = counted("stays", "1900/2018", "nyc-jail-rosters/stays.csv", "nyc-jail-stays.toml") else { return };
    assert_eq!(all(&made, &["stays", "persons", "gone", "still held"]), [17399.0, 16374.0, 9241.0, 8158.0]);
}

#[test]
fn children_are_those_under_eighteen_on_the_first_roster() {
    let Some(made) = counted("jail-children", "1900/2018", "nyc-jail-rosters/stays.csv", "nyc-jail-seen.toml") else { return };
    assert_eq!(all(&made, &["children"]), [211.0]);
    assert_eq!(number(&made, "stays", &[("age", "0-17")]), 211.0);
    let Some(made) = counted("jail-sex", "1900/2018", "nyc-jail-rosters/stays.csv", "nyc-jail-seen.toml") else { return };
    assert_eq!(["male", "female", "not_recorded"].map(|sex| number(&made, "stays", &[("sex", sex)])), [15928.0, 1317.0, 154.0]);
}

#[test]
fn isolation_is_counted_by_days_and_open_placements_apart() {
    let Some(made) = counted("isolation", "2017/2023", "ice-segregation/placements.csv", "ice-segregation.toml") else { return };
    let over =
        ["over 1 day", "over 3 days", "over 7 days", "over 14 days", "over 15 days", "over 30 days", "over 90 days", "over 365 days"];
    assert_eq!(all(&made, &over), [13482.0, 12526.0, 10741.0, 7417.0, 6822.0, 2648.0, 670.0, 42.0]);
    assert_eq!(all(&made, &["placements", "asked by the person", "lawyer not told"]), [14264.0, 2343.0, 1461.0]);
    for (year, count) in
        [("2017", 10.0), ("2018", 1081.0), ("2019", 3022.0), ("2020", 3260.0), ("2021", 2096.0), ("2022", 2494.0), ("2023", 2301.0)]
    {
        assert_eq!(number(&made, "placements", &[("year", year)]), count, "{year}");
    }
    for (answer, count) in [("no", 11610.0), ("yes", 2386.0), ("not_recorded", 268.0)] {
        assert_eq!(number(&made, "placements", &[("lawyer of record", answer)]), count, "{answer}");
    }
    assert_eq!(number(&made, "placements", &[("place", "Moshannon Valley Correctional")]), 1279.0);
    for (day, count) in [("2018-01-01", 10.0), ("2019-07-01", 279.0), ("2020-07-01", 224.0), ("2022-07-01", 184.0)] {
        let Some(made) = counted("isolated-on-a-day", day, "ice-segregation/placements.csv", "ice-segregation.toml") else { return };
        assert_eq!(all(&made, &["in isolation"]), [count], "{day}");
    }
}

#[test]
fn occupancy_is_of_the_places_in_use() {
    let Some(made) = counted("occupancy", "2024", "prison-capacity/occupancy.csv", "prison-occupancy.toml") else { return };
    assert_eq!(all(&made, &["places", "usable", "held", "occupancy"]), [190.0, 46687.0, 62283.0, 133.405]);
}

#[test]
fn a_complaint_with_two_allegations_is_one_complaint() {
    let Some(made) = counted("complaints", "2019/2022", "police-complaints/complaints.csv", "police-allegations.toml") else { return };
    let columns = ["complaints", "allegations", "over 30 days", "over 90 days", "over 180 days", "over 365 days", "over 730 days"];
    assert_eq!(all(&made, &columns), [3517.0, 5713.0, 3206.0, 2921.0, 2449.0, 1340.0, 398.0]);
    assert_eq!(number(&made, "allegations", &[("account", "Excessive Force")]), 1040.0);
    assert_eq!(number(&made, "complaints", &[("account", "Excessive Force")]), 952.0);
    let Some(made) = counted("accused", "2022", "police-complaints/accused.csv", "police-accused.toml") else { return };
    assert_eq!(all(&made, &["accused", "officers"]), [10368.0, 3310.0]);
    for (finding, count) in [("Sustained", 128.0), ("Exonerated", 654.0), ("not_recorded", 8985.0)] {
        assert_eq!(number(&made, "accused", &[("body", finding)]), count, "{finding}");
    }
}

#[test]
fn an_incident_of_force_may_have_several_reports() {
    let Some(made) = counted("force", "2014", "use-of-force/reports.csv", "use-of-force-incidents.toml") else { return };
    assert_eq!(all(&made, &["reports", "incidents"]), [2762.0, 1596.0]);
    for (month, count) in [("2014-01", 324.0), ("2014-03", 415.0), ("2014-06", 613.0), ("2014-07", 0.0)] {
        assert_eq!(number(&made, "reports", &[("month", month)]), count, "{month}");
    }
    let Some(made) = counted("injured", "2014", "use-of-force/subjects.csv", "use-of-force-subjects.toml") else { return };
    assert_eq!(number(&made, "reports", &[("injured", "person")]), 755.0);
}

#[test]
fn deaths_are_counted_by_what_they_seemed_to_come_from() {
    let Some(made) = counted("deaths", "2015/2024", "jail-deaths/prison-deaths-la.csv", "jail-deaths.toml") else { return };
    assert_eq!(all(&made, &["deaths"]), [1308.0]);
    for (cause, count) in
        [("natural", 1047.0), ("overdose", 103.0), ("suicide", 61.0), ("violence", 23.0), ("accident", 14.0), ("unknown", 60.0)]
    {
        assert_eq!(number(&made, "deaths", &[("apparent", cause)]), count, "{cause}");
    }
    for (sex, count) in [("male", 1266.0), ("female", 41.0), ("unknown", 1.0)] {
        assert_eq!(number(&made, "deaths", &[("sex", sex)]), count, "{sex}");
    }
    let Some(made) = counted("deaths", "2015/2024", "jail-deaths/prison-deaths-la.csv", "jail-deaths-by-year.toml") else { return };
    for (year, count) in [("2015", 121.0), ("2020", 138.0), ("2022", 177.0), ("2024", 121.0)] {
        assert_eq!(number(&made, "deaths", &[("year", year)]), count, "{year}");
    }
}

#[test]
fn arrests_of_which_only_the_year_is_known_are_counted_by_age_and_booking() {
    let Some(made) = counted("arrests", "2020", "police-arrests/arrests.csv", "police-arrests.toml") else { return };
    assert_eq!(all(&made, &["arrests", "booked"]), [16026.0, 8876.0]);
    assert_eq!(number(&made, "booked", &[("location", "Under 17")]) + 0.0, 134.0);
    for (race, arrests, booked) in
        [("White", 7236.0, 3947.0), ("Black", 4657.0, 2699.0), ("Indigenous", 534.0, 310.0), ("Latino", 315.0, 176.0)]
    {
        assert_eq!(number(&made, "arrests", &[("suspicion", race)]), arrests, "{race}");
        assert_eq!(number(&made, "booked", &[("suspicion", race)]), booked, "{race}");
    }
}

#[test]
fn bookings_are_held_for_hours() {
    let Some(made) = counted("bookings", "2017", "county-jail-bookings/observations.csv", "county-jail.toml") else { return };
    assert_eq!(all(&made, &["bookings", "persons", "released"]), [196.0, 195.0, 116.0]);
    let over = [
        "over 2 hours",
        "over 6 hours",
        "over 12 hours",
        "over 24 hours",
        "over 36 hours",
        "over 48 hours",
        "over 72 hours",
        "over 96 hours",
    ];
    assert_eq!(all(&made, &over), [100.0, 58.0, 45.0, 32.0, 23.0, 12.0, 9.0, 6.0]);
}

#[test]
fn headcounts_give_an_average_day() {
    let Some(made) = counted("headcount", "2019", "ice-headcount/headcount.csv", "ice-headcount.toml") else { return };
    assert_eq!(all(&made, &["rows", "places", "days"]), [19223.0, 355.0, 90.0]);
    assert!((number(&made, "average daily", &[]) - 46862.78).abs() < 0.005);
    let Some(made) = counted("headcount", "2019-03-12", "ice-headcount/headcount.csv", "ice-headcount.toml") else { return };
    assert_eq!(all(&made, &["held"]), [48132.0]);
}

/// The fictional register that the pack's own example of restraint is told by.
fn register(folder: &Path) -> String {
    let path = folder.join("log.jsonl");
    let lines = [
        r#"{"id":"m1","kind":"measure_applied","at":"2029-03-01T09:00:00+04:00","subject":SUBJECT,"fields":{"type":"belt"}}"#,
        r#"{"id":"m2","kind":"measure_ended","at":"2029-03-01T09:30:00+04:00","subject":SUBJECT}"#,
    ];
    let subject = r#"{"measure":"M1","custody":"C1","person":"P1","place":"A"}"#;
    std::fs::write(&path, lines.join("\n").replace("SUBJECT", subject)).expect("a file");
    path.display().to_string()
}

#[test]
fn every_table_of_the_packs_is_listed_and_one_is_printed() {
    let (status, out, _) = habeas(&["return", "--list"]);
    assert_eq!(status, Some(0));
    assert!((1..=29).all(|n| out.lines().any(|line| line.starts_with(&format!("R{n:02}  ")))), "{out}");
    let folder = tempfile::tempdir().expect("a folder");
    let log = register(folder.path());
    let (status, out, error) = habeas(&["return", "R10", "--period", "2029", "--as-of", "2030-06-01T00:00:00Z", "--log", &log]);
    assert_eq!(status, Some(0), "{error}");
    let lines: Vec<Vec<&str>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(lines.contains(&vec!["R10", "Restraint", "and", "seclusion"]), "{out}");
    assert!(lines.contains(&vec!["all", "1", "1", "30", "30", "0", "0"]), "{out}");
    assert!(lines.contains(&vec!["type", "belt", "1", "1", "30", "30", "0", "0"]), "{out}");
    assert!(out.contains("Mind: Two belts with a gap of five minutes are one use."), "{out}");
}

#[test]
fn what_leaves_is_the_same_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = register(folder.path());
    let written = |name: &str| {
        let out = folder.path().join(name);
        let (status, _, error) = habeas(&[
            "return",
            "R10",
            "--period",
            "2029",
            "--as-of",
            "2030-06-01T00:00:00Z",
            "--class",
            "public",
            "--log",
            &log,
            "--out",
            &out.display().to_string(),
        ]);
        assert_eq!(status, Some(0), "{error}");
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(out)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), std::fs::read(&path).expect("a file")))
            .collect();
        files.sort();
        files
    };
    let (first, second) = (written("one"), written("two"));
    assert_eq!(first, second);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    for wanted in
        ["R10.csv", "datapackage.json", "R10.csv-metadata.json", "R10.sdmx.csv", "R10.sdmx.json", "R10.html", "R10.md", "R10.proof.json"]
    {
        assert!(names.contains(&wanted), "{wanted} of {names:?}");
    }
    assert!(first.iter().all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains("P1")), "a table names nobody");
}

#[test]
fn a_period_or_a_table_that_is_none_is_refused_with_what_there_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = register(folder.path());
    let (status, out, error) = habeas(&["return", "R10", "--period", "spring", "--log", &log]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
    assert!(error.contains("2029-Q1"), "{error}");
    let (status, _, error) = habeas(&["return", "R99", "--period", "2029", "--log", &log]);
    assert_eq!(status, Some(2));
    assert!(error.contains("R99"), "{error}");
}

#[test]
fn a_register_gives_the_same_table_as_its_log_and_signs_from_what() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = register(folder.path());
    let data = folder.path().join("data").display().to_string();
    let (status, _, error) = habeas(&["import", &log, "--codebook", "aze", "--data", &data]);
    assert_eq!(status, Some(0), "{error}");
    let asked = ["return", "R10", "--period", "2029", "--as-of", "2030-06-01T00:00:00Z", "--format", "csv"];
    let of = |more: &[&str]| habeas(&[&asked[..], more].concat());
    let (status, of_register, error) = of(&["--data", &data]);
    assert_eq!(status, Some(0), "{error}");
    assert_eq!(of_register, of(&["--log", &log]).1);

    let proof = |name: &str| {
        let out = folder.path().join(name);
        let (status, _, error) = of(&["--data", &data, "--out", &out.display().to_string()]);
        assert_eq!(status, Some(0), "{error}");
        std::fs::read_to_string(out.join("R10.proof.json")).expect("a proof")
    };
    let first = proof("first");
    let note = serde_json::from_str::<Value>(&first).expect("JSON")["checkpoint"].as_str().expect("a checkpoint").to_owned();
    let lines: Vec<&str> = note.lines().collect();
    assert_eq!(lines[..2], ["localhost/register", "2"], "{note}");
    assert!(note.contains("\u{2014} localhost/register "), "signed: {note}");
    let more = folder.path().join("more.jsonl");
    let later = r#"{"id":"m9","kind":"measure_applied","at":"2031-03-01T09:00:00+04:00","subject":SUBJECT,"fields":{"type":"belt"}}"#;
    std::fs::write(&more, later.replace("SUBJECT", r#"{"measure":"M2","custody":"C1"}"#)).expect("a file");
    let (status, _, error) = habeas(&["import", &more.display().to_string(), "--data", &data]);
    assert_eq!(status, Some(0), "{error}");
    assert_eq!(proof("second"), first, "what was recorded later changes nothing of an earlier as-of");
}

/// A schema of its own on the server of DATABASE_URL; none where there is no PostgreSQL.
fn fresh_schema() -> Option<String> {
    let Ok(url) = std::env::var("DATABASE_URL") else {
        println!("without PostgreSQL: DATABASE_URL names none; run it with scripts/with-postgres");
        return None;
    };
    let name = format!("returns_{}", std::process::id());
    let made = std::process::Command::new("psql").args([&url, "-qc", &format!("CREATE SCHEMA {name}")]).status().expect("psql");
    assert!(made.success(), "a schema");
    let joint = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{joint}options=-csearch_path%3D{name}"))
}

#[test]
fn every_store_gives_the_same_bytes_of_every_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (log, data) = (register(folder.path()), path("data"));
    let fine = |arguments: &[&str]| {
        let (status, _, error) = habeas(arguments);
        assert_eq!(status, Some(0), "{arguments:?} {error}");
    };
    let told = |name: &str, from: &[&str]| -> Vec<(String, String)> {
        let mut all = Vec::new();
        for class in ["public", "restricted"] {
            let out = path(&format!("{name}-{class}"));
            let asked = ["return", "--all", "--period", "2029", "--as-of", "2030-06-01T00:00:00Z", "--class", class, "--out", &out];
            fine(&[&asked[..], from].concat());
            for table in std::fs::read_dir(&out).expect("a folder of each table") {
                let table = table.expect("a folder").path();
                let id = table.file_name().expect("a name").to_string_lossy().into_owned();
                let csv = std::fs::read_to_string(table.join(format!("{id}.csv"))).expect("numbers");
                all.push((format!("{class} {id}"), csv));
            }
        }
        all.sort();
        all
    };
    fine(&["import", &log, "--codebook", "aze", "--data", &data]);
    let of_file = told("file", &["--log", &log, "--codebook", "aze"]);
    assert!(of_file.len() >= 2 * 29, "{}", of_file.len());
    assert_eq!(told("folder", &["--data", &data]), of_file);
    let exported = path("exported.jsonl");
    fine(&["export", "--log", "--data", &data, "--known-at", "2030-06-01T00:00:00Z", "--out", &exported]);
    assert_eq!(told("exported", &["--log", &exported, "--codebook", "aze"]), of_file);
    if let Some(url) = fresh_schema() {
        fine(&["admin", "migrate", "--data", &data, "--to", &url]);
        assert_eq!(told("server", &["--data", &data]), of_file);
    }
}

#[test]
fn a_log_that_goes_out_names_nobody_and_keeps_health_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let log = path("log.jsonl");
    let (subject, at) = (r#"{"custody":"C1","person":"P1"}"#, "2029-03-01T09:00:00+04:00");
    let lines = [
        format!(r#"{{"id":"a1","kind":"person_apprehended","at":"{at}","subject":{subject}}}"#),
        format!(
            r#"{{"id":"a2","kind":"identity_established","at":"{at}","subject":{subject},"fields":{}}}"#,
            r#"{"names":"Leyla Q.","sex":"female","born":"2001-02-03"}"#
        ),
        format!(r#"{{"id":"a3","kind":"medical_examined","at":"{at}","subject":{subject},"fields":{{"type":"forensic"}}}}"#),
    ];
    std::fs::write(&log, lines.join("\n")).expect("a log");
    let run = |arguments: &[&str]| {
        let (status, out, error) = habeas(arguments);
        assert_eq!(status, Some(0), "{error}");
        out
    };
    run(&["import", &log, "--codebook", "aze", "--data", &path("data")]);
    let out = run(&["export", "--log", "--known-at", "2030-06-01T00:00:00Z", "--data", &path("data")]);
    assert!(out.contains("\"sex\":\"female\"") && out.contains("2001-02-03"), "what tables count by: {out}");
    assert!(!out.contains("Leyla") && !out.contains("forensic"), "{out}");
    assert!(
        run(&["export", "--log", "--with", "medical", "--known-at", "2030-06-01T00:00:00Z", "--data", &path("data")]).contains("forensic")
    );
    assert!(
        run(&["export", "--log", "--with", "identity", "--known-at", "2030-06-01T00:00:00Z", "--data", &path("data")]).contains("Leyla")
    );
}

#[test]
fn a_folder_without_a_register_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().display().to_string();
    for verb in [&["return", "R10", "--period", "2029", "--data", &empty][..], &["signals", "--data", &empty][..]] {
        let (status, out, error) = habeas(verb);
        assert_eq!((status, out.as_str()), (Some(2), ""));
        assert!(error.contains("holds no register; make one with `habeas admin init"), "{error}");
    }
    assert_eq!(habeas(&["return", "R10", "--period", "2029", "--data", &empty, "--log", "x"]).0, Some(2), "one of the two");
}
