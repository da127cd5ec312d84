//! Public registers by the figures that stand beside them: tables and rules over a mapping come to what others counted by other means.
//!
//! The registers and their figures are not in the repository: see `registers.rs`; a test whose register is not there says so and ends.
//! The questions are `tests/registers/figures`: the vocabulary with the registers' own columns as fields.

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn questions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/registers/figures")
}

/// A register's folder and its figures, or `None` (said on standard output) where it is not.
fn register(name: &str) -> Option<(PathBuf, Value)> {
    let beside = || questions().join("../../../../shared/data");
    let folder = std::env::var_os("HABEAS_DATA").map_or_else(beside, PathBuf::from).join(name);
    let Ok(figures) = std::fs::read_to_string(folder.join("figures.json")) else {
        println!("passed over: no register at {}", folder.display());
        return None;
    };
    Some((folder, serde_json::from_str(&figures).expect("JSON")))
}

fn habeas(verb: &[&str], map: &str) -> String {
    let map = questions().join("maps").join(map);
    let mut command = Command::cargo_bin("habeas").expect("the binary");
    let output = command.args(verb).arg("--map").arg(map).arg("--codebook").arg(questions()).output().expect("it runs");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A table over files of a register.
struct Made(Value);

fn table(id: &str, period: &str, map: &str, folder: &Path, files: &[&str]) -> Made {
    let files: Vec<String> = files.iter().map(|file| folder.join(file).display().to_string()).collect();
    let mut verb = vec!["return", id, "--period", period, "--class", "restricted", "--format", "json", "--as-of", "2026-01-01T00:00:00Z"];
    verb.extend(files.iter().flat_map(|file| ["--log", file.as_str()]));
    Made(serde_json::from_str(&habeas(&verb, map)).expect("JSON"))
}

/// A member by its name; `*` stands for words that this house does not use.
fn member<'v>(of: &'v Value, name: &str) -> &'v Value {
    if !name.contains('*') {
        return &of[name];
    }
    let fits = |whole: &str| name.split('*').all(|part| whole.contains(part));
    let mut members = of.as_object().into_iter().flatten();
    members.find(|(name, _)| fits(name)).map_or(&Value::Null, |(_, value)| value)
}

impl Made {
    fn number(&self, column: &str, by: &[(&str, &str)]) -> f64 {
        // A decimal that no binary number is exactly is written as a text.
        let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
        self.cell(column, by).and_then(|cell| number(&cell["value"])).unwrap_or(0.0)
    }

    /// How many stretches of a column had not ended with the period.
    fn open(&self, column: &str, by: &[(&str, &str)]) -> f64 {
        self.cell(column, by).and_then(|cell| cell["open"]["count"].as_f64()).unwrap_or(0.0)
    }

    /// What they come to together, cut there.
    fn open_value(&self, column: &str) -> f64 {
        self.cell(column, &[]).and_then(|cell| cell["open"]["value"].as_f64()).unwrap_or(0.0)
    }

    /// The days on which a column has something, each with how much, from the first on.
    fn days(&self, column: &str) -> Vec<(&str, f64)> {
        let cells = self.0["cells"].as_array().expect("cells").iter().filter(|cell| cell["column"] == column);
        let told = cells.filter_map(|cell| Some((cell["by"]["day"].as_str()?, cell["value"].as_f64()?)));
        told.filter(|(_, value)| *value > 0.0).collect()
    }

    fn cell(&self, column: &str, by: &[(&str, &str)]) -> Option<&Value> {
        let wanted: serde_json::Map<String, Value> = by.iter().map(|(d, c)| ((*d).to_owned(), (*c).into())).collect();
        let mut cells = self.0["cells"].as_array().expect("cells").iter();
        cells.find(|cell| cell["column"] == column && cell["by"].as_object() == Some(&wanted))
    }

    /// Totals of columns are the figures named beside them.
    fn totals(&self, figures: &Value, pairs: &[(&str, &str)]) {
        for (column, figure) in pairs {
            let wanted = figure.split('/').fold(figures, member);
            assert_eq!(Some(self.number(column, &[])), wanted.as_f64(), "{column} is {figure}");
        }
    }

    /// A column by a dimension is the figures of an object, one for each code.
    fn by(&self, column: &str, dimension: &str, figures: &Value) {
        for (code, figure) in figures.as_object().expect("figures by code") {
            let code = if ["(blank)", "(none)", "None"].contains(&code.as_str()) { "not_recorded" } else { code.trim() };
            assert_eq!(Some(self.number(column, &[(dimension, code)])), figure.as_f64(), "{column} by {dimension} {code}");
        }
    }
}

/// What a check says of a rule, in lines of JSON.
fn checked(rule: &str, now: &str, more: &[&str], map: &str, folder: &Path, files: &[&str]) -> Vec<Value> {
    let files: Vec<String> = files.iter().map(|file| folder.join(file).display().to_string()).collect();
    let mut verb = vec!["check", "--now", now, "--rule", rule, "--format", "json"];
    verb.extend(more.iter().copied().chain(files.iter().map(String::as_str)));
    habeas(&verb, map).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// How many rows of a rule have a verdict.
fn verdicts(rule: &str, now: &str, map: &str, folder: &Path, files: &[&str]) -> Value {
    checked(rule, now, &["--summary"], map, folder, files).swap_remove(0)
}

/// Of whom a rule has rows with a verdict.
fn subjects(rule: &str, verdict: &str, now: &str, map: &str, folder: &Path, files: &[&str]) -> BTreeSet<String> {
    let rows = checked(rule, now, &[], map, folder, files).into_iter();
    rows.filter(|row| row["rule"] == rule && row["verdict"] == verdict).map(|row| row["subject"].to_string()).collect()
}

#[test]
fn a_register_of_isolation_in_its_own_words() {
    let Some((folder, figures)) = register("ice-segregation") else { return };
    let figures = &figures["placements.csv"];
    let of = |id| table(id, "2017/2026", "placements.toml", &folder, &["placements.csv"]);
    let made = of("placements");
    made.totals(figures, &[("placements", "placements"), ("places", "facilities"), ("seriously ill", "serious_medical_illness")]);
    made.totals(figures, &[("disabled", "serious_disability"), ("against standards", "stated_not_compliant")]);
    made.totals(figures, &[("told without one", "attorney_of_record_no_but_notified")]);
    assert!((made.number("mean stated", &[]) - figures["mean_length_field"].as_f64().expect("a mean")).abs() < 0.005);
    for days in ["14", "15", "30", "90", "365"] {
        made.totals(figures, &[(&format!("stated {days}"), &format!("length_field_at_least/{days}"))]);
    }
    for days in ["10", "21", "60", "180"] {
        made.totals(figures, &[(&format!("over {days}"), &format!("days_from_dates_over/{days}"))]);
    }
    made.by("placements", "report", &figures["report_type"]);
    made.by("placements", "reason", &figures["reason_first_part"]);
    made.by("placements", "illness", &figures["mental_illness"]);
    let there = of("where-and-when");
    there.by("placements", "year", &figures["by_year_of_placement"]);
    there.by("placements", "place", &figures["top_facilities"]);
    for (day, isolated) in figures["in_segregation_on_date"].as_object().expect("figures by day") {
        let made = table("in-isolation", day, "placements.toml", &folder, &["placements.csv"]);
        assert_eq!(Some(made.number("isolated", &[])), isolated.as_f64(), "{day}");
    }
    let ill = of("isolated-and-ill");
    let over = |illness: &str| ill.number("over 15", &[("illness", illness)]);
    assert_eq!(Some(over("Serious Mental Illness")), figures["serious_mental_illness_over_15_days"].as_f64());
    let any = over("Serious Mental Illness") + over("Mental Illness") + over("Yes");
    assert_eq!(Some(any), figures["any_mental_illness_over_15_days"].as_f64());
    let entered = of("entered");
    for days in ["0", "3", "7", "14", "30", "90"] {
        entered.totals(figures, &[(&format!("over {days}"), &format!("record_created_days_after_placement_over/{days}"))]);
    }
    entered
        .totals(figures, &[("before the placement", "record_created_before_placement"), ("after the end", "record_created_after_release")]);
}

#[test]
fn a_register_of_isolation_by_what_it_says_of_ends_and_lawyers() {
    let Some((folder, figures)) = register("ice-segregation") else { return };
    let figures = &figures["placements.csv"];
    let made = table("placements", "2017/2026", "placements.toml", &folder, &["placements.csv"]);
    let column = |name: &str| made.number(name, &[]);
    assert_eq!(Some(column("placements") - column("ended")), figures["no_release_date"].as_f64());
    assert_eq!(Some(column("placements") - column("with a length")), figures["length_field_missing"].as_f64());
    let blank = column("of record") - column("of record and said");
    assert_eq!(Some(blank), figures["attorney_of_record_yes_notification_blank"].as_f64());
    made.totals(figures, &[("not told", "attorney_of_record_yes_not_notified")]);
    made.by("placements", "lawyer of record", &figures["attorney_of_record"].as_object().map(in_our_words).expect("figures"));
    made.by("placements", "asked by", &figures["requested_by"].as_object().map(in_our_words).expect("figures"));
    assert_eq!(Some(made.number("placements", &[("reason", "Hunger Strike")])), figures["hunger_strike"].as_f64());
    table("entered", "2017/2026", "placements.toml", &folder, &["placements.csv"])
        .totals(figures, &[("ended before it began", "release_before_placement")]);
}

#[test]
fn a_placement_in_breach_of_one_rule_and_of_three() {
    let Some((folder, figures)) = register("ice-segregation") else { return };
    let figures = &figures["placements.csv"]["rules"];
    let of = |rule: &str, verdict: &str| subjects(rule, verdict, "2023-09-14T12:00:00Z", "placements.toml", &folder, &["placements.csv"]);
    // By dates, whoever came out on the sixteenth day is over; by instants it cannot be told of its first.
    let over = &of("fifteen-dates", "breached") | &of("fifteen-dates", "undetermined");
    let (untold, ill) = (of("lawyer-told", "breached"), of("not-the-gravely-ill", "breached"));
    let any = &(&over | &untold) | &ill;
    let all = &(&over & &untold) & &ill;
    assert_eq!(Some(any.len() as u64), figures["placements_breaching_at_least_one_of_the_first_three"].as_u64());
    assert_eq!(Some(all.len() as u64), figures["placements_breaching_all_of_the_first_three"].as_u64());
}

#[test]
fn stated_lengths_are_held_against_dates_and_days_told_from_the_first_to_the_last() {
    let first_and_last = |made: &Made, column: &str| {
        let days = made.days(column);
        serde_json::json!([days.first().map(|(day, _)| day), days.last().map(|(day, _)| day)])
    };
    if let Some((folder, figures)) = register("ice-segregation") {
        let figures = &figures["placements.csv"];
        let made = table("lengths", "2017/2026", "lengths.toml", &folder, &["placements.csv"]);
        made.totals(figures, &[("differs", "length_field_differs_from_dates")]);
        let ended = figures["placements"].as_f64().zip(figures["no_release_date"].as_f64()).map(|(all, open)| all - open);
        assert_eq!(Some(made.number("differs", &[]) + made.number("agrees", &[])), ended);
        let made = table("placement-days", "2017/2026", "placements.toml", &folder, &["placements.csv"]);
        assert_eq!(first_and_last(&made, "placements"), figures["placement_date_min_max"]);
    }
    if let Some((folder, figures)) = register("police-complaints") {
        let figures = &figures["complaints"];
        let made = table("complaint-days", "2019/2026", "complaint-days.toml", &folder, &["complaints.csv"]);
        made.totals(figures, &[("rows", "complaint_rows"), ("differs", "days_to_closure_field_differs")]);
        let closed = figures["complaint_rows"].as_f64().zip(figures["open_no_closed_date"].as_f64()).map(|(all, open)| all - open);
        assert_eq!(Some(made.number("agrees", &[])), closed);
        assert_eq!(first_and_last(&made, "rows"), figures["complaint_date_min_max"]);
    }
    if let Some((folder, figures)) = register("hospital-sepsis-log") {
        let made = table("hospital-days", "2013/2015", "sepsis.toml", &folder, &["events.csv"]);
        let days = made.days("entries");
        for (day, instant) in [days.first(), days.last()].into_iter().zip(figures["first_and_last"].as_array().expect("two")) {
            assert_eq!(day.map(|(day, _)| *day), instant.as_str().and_then(|instant| instant.get(..10)));
        }
    }
    if let Some((folder, figures)) = register("prison-capacity") {
        let made = table("counts-by-day", "2024", "prisons.toml", &folder, &["occupancy.csv"]);
        assert_eq!(first_and_last(&made, "held"), figures["updated_min_max"]);
    }
}

/// Codes as the mapping has them.
fn in_our_words(figures: &serde_json::Map<String, Value>) -> Value {
    let word = |code: &str| match code {
        other if other.ends_with(" Request") => "person".to_owned(),
        "Facility-Initiated" => "facility".to_owned(),
        other => other.to_lowercase(),
    };
    figures.iter().map(|(code, figure)| (word(code), figure.clone())).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn isolation_over_fifteen_days_by_dates_with_those_who_were_still_in_it() {
    let Some((folder, figures)) = register("ice-segregation") else { return };
    let figures = &figures["placements.csv"]["rules"];
    // Up to the day before the last entry: what has not ended is cut at the first instant of that day.
    let made = table("over-fifteen", "2017-01-01/2023-09-13", "placements.toml", &folder, &["placements.csv"]);
    let by_dates = &figures["isolation_no_longer_than_15_days"];
    made.totals(by_dates, &[("over", "breached_and_ended")]);
    assert_eq!(Some(made.open("over", &[])), by_dates["breached_and_running"].as_f64());
    for (place, over) in figures["breaches_of_15_days_by_facility_top8"].as_object().expect("figures by place") {
        let by = [("place", place.trim())];
        assert_eq!(Some(made.number("over", &by) + made.open("over", &by)), over.as_f64(), "{place}");
    }
    let judged = |rule: &str| verdicts(rule, "2023-09-14T12:00:00Z", "placements.toml", &folder, &["placements.csv"]);
    let fifteen = judged("fifteen-dates");
    assert_eq!([&fifteen["met"], &fifteen["pending"]], [&by_dates["met"], &by_dates["pending"]]);
    // Whoever came out on the sixteenth day came out, as far as a date can tell, at its first instant or later: none is called a breach
    // that may be none.
    let over = fifteen["breached"].as_u64().zip(fifteen["undetermined"].as_u64()).map(|(over, unsure)| over + unsure);
    assert_eq!(over, by_dates["breached_and_ended"].as_u64().zip(by_dates["breached_and_running"].as_u64()).map(|(a, b)| a + b));
    // By how much they are over, in minutes: of days that all have twenty-four hours.
    let ill = table("isolated-and-ill", "2017-01-01/2023-09-13", "placements.toml", &folder, &["placements.csv"]);
    let over = ill.number("days over 15", &[]) + ill.open_value("days over 15");
    assert_eq!(Some(over / 1440.0), figures["person_days_over_15"].as_f64());
    let told = judged("lawyer-told");
    let lawyer = &figures["attorney_of_record_notified"];
    assert_eq!([&told["n.a."], &told["met"], &told["breached"]], [&lawyer["not_applicable"], &lawyer["met"], &lawyer["breached"]]);
    let ill = judged("not-the-gravely-ill");
    assert_eq!(ill["breached"], figures["no_isolation_of_serious_mental_illness"]["breached"]);
}

#[test]
fn a_city_jail_by_what_its_rosters_say_of_each_stay() {
    let Some((folder, figures)) = register("nyc-jail-rosters") else { return };
    let made = table("jail-stays", "1900/2018", "stays.toml", &folder, &["stays.csv"]);
    made.totals(&figures, &[("stays", "stays"), ("persons", "persons"), ("children", "under_18_at_first_roster")]);
    made.totals(&figures, &[("persons who are children", "under_18_at_first_roster_persons"), ("over a hundred", "age_over_100")]);
    made.totals(&figures, &[("at midnight", "admission_time_exactly_midnight"), ("watched at the last", "mental_health_flag_at_last")]);
    assert_eq!(Some(made.number("stays", &[]) - made.number("with an age", &[])), figures["age_missing"].as_f64());
    made.by("stays", "level", &figures["custody_level_first"]);
    made.by("stays", "sex", &figures["gender_first"]);
    for (status, count) in figures["status_first"].as_object().expect("figures by status") {
        assert_eq!(Some(made.number("stays", &[("status", &status.to_lowercase())])), count.as_f64(), "{status}");
    }
    let window = table("jail-stays", "2018-09/2018-11", "stays.toml", &folder, &["stays.csv"]);
    window.totals(&figures, &[("stays", "stays_starting_in_window")]);
    let held = table("still-held", "1900/2018", "still-held.toml", &folder, &["stays.csv"]);
    for days in ["90", "180", "270", "365", "730", "1095"] {
        held.totals(&figures, &[(&format!("remand over {days}"), &format!("*_status_DE_held_over_days_at_last_roster/{days}"))]);
    }
    held.totals(&figures, &[("sentenced over 365", "city_sentenced_now_and_held_over_365_days_at_last_roster")]);
    held.totals(&figures, &[("children", "under_18_stays_still_held_at_last_roster")]);
    let came = table("came-again", "1900/2018", "persons.toml", &folder, &["stays.csv"]);
    came.totals(&figures, &[("persons", "persons"), ("more than once", "persons_with_more_than_one_stay")]);
    let again = verdicts("one-stay", "2018-12-31T00:00:00Z", "persons.toml", &folder, &["stays.csv"]);
    assert_eq!(again["breached"], figures["persons_with_more_than_one_stay"]);
}

#[test]
fn a_span_of_rosters_by_who_was_there_before_and_after_it() {
    let Some((folder, figures)) = register("nyc-jail-rosters") else { return };
    let of = |map| table("jail-window", "2018-09/2018-11", map, &folder, &["stays.csv"]);
    let made = of("stays.toml");
    made.totals(&figures, &[("inside before", "stays_already_running_at_first_roster"), ("came", "stays_starting_in_window")]);
    made.totals(&figures, &[("inside after", "stays_still_held_at_last_roster"), ("went", "stays_gone_in_window")]);
    let seen = of("roster-span.toml");
    let two_stays = seen.number("two stays", &[]) + seen.open("two stays", &[]);
    assert_eq!(Some(two_stays), figures["stays_overlapping_same_person"].as_f64());
    // Counted by other means: from the first roster that shows a stay to the last, whoever has two stays once. Whoever was missing from
    // rosters in between is counted too, so it is more than stood on them.
    assert_eq!(seen.number("average", &[]), 8304.73);
    let counts = |period| table("counts", period, "roster-counts.toml", &folder, &["rosters.csv"]);
    counts("2018").totals(&figures, &[("counts", "rosters"), ("same", "rosters_identical_to_previous_day")]);
    for (day, held) in figures["population_on"].as_object().expect("figures by day") {
        assert_eq!(Some(counts(day).number("held", &[])), held.as_f64(), "{day}");
    }
}

#[test]
fn days_from_admission_until_somebody_is_seen_classified_and_gone() {
    let Some((folder, figures)) = register("nyc-jail-rosters") else { return };
    let seen = table("days-seen", "2018-09/2018-11", "days-seen.toml", &folder, &["stays.csv"]);
    seen.totals(&figures, &[("first seen over 1", "first_seen_more_than_1_day_after_admission_among_starts_in_window")]);
    seen.totals(&figures, &[("seen before", "admitted_after_first_roster_seen")]);
    let gone = &figures["ended_stays_started_in_window_days_seen"];
    for days in [1, 2, 3, 5, 10, 30] {
        seen.totals(gone, &[(&format!("over {}", days - 1), &format!(">={days}"))]);
    }
    assert_eq!(Some(seen.number("gone", &[]) - seen.number("over 0", &[])), gone["0"].as_f64());
    let files = ["stays.csv", "changes.csv"];
    let made = table("unclassified", "2018-09/2018-11", "unclassified.toml", &folder, &files);
    made.totals(&figures, &[("unclassified", "unclassified_at_first_roster_among_starts_in_window")]);
    let never = made.number("unclassified", &[]) - made.number("classified", &[]);
    assert_eq!(Some(never), figures["of_which_never_classified_in_window"].as_f64());
    for (days, within) in figures["of_which_classified_within_days_of_admission"].as_object().expect("figures by days") {
        let made = made.number("classified", &[]) - made.number(&format!("over {days}"), &[]);
        assert_eq!(Some(made), within.as_f64(), "{days} days");
    }
}

#[test]
fn a_city_jail_by_what_changed_from_one_roster_to_the_next() {
    let Some((folder, figures)) = register("nyc-jail-rosters") else { return };
    let made = table("changes", "2018", "changes.toml", &folder, &["changes.csv"]);
    made.totals(&figures, &[("changes", "changes"), ("sentenced", "status_DE_to_CS")]);
    made.totals(&figures, &[("first watched", "stays_first_flagged_mental_health_in_window")]);
    made.totals(&figures, &[("first classified", "stays_first_classified_in_window")]);
    made.by("changes", "changed", &figures["changes_by_field"]);
}

#[test]
fn whoever_is_missing_from_a_jails_roster_for_a_day_is_still_there() {
    let Some((folder, _)) = register("nyc-jail-rosters") else { return };
    let files: Vec<String> = (1..=7).map(|day| format!("rosters/roster_2018090{day}.csv.gz")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let kept = table("jail-stays", "2018", "rosters.toml", &folder, &files);
    // Counted by other means: 8,754 stays are on some of the seven rosters; five come back, four of them after one day.
    let one_came_back_later = 1.0;
    assert_eq!(kept.number("arrivals", &[]), 8754.0 + one_came_back_later);
    let told = table("back-again", "2018", "roster-returns.toml", &folder, &files);
    assert_eq!([told.number("stays", &[]), told.number("back", &[])], [8754.0, 5.0]);
}

#[test]
fn prisons_fuller_than_they_have_places_for() {
    let Some((folder, figures)) = register("prison-capacity") else { return };
    let made = table("full", "2024", "prisons.toml", &folder, &["occupancy.csv", "cells.csv", "staff.csv"]);
    for share in ["100", "120", "150", "200"] {
        made.totals(&figures, &[(&format!("over {share} of places"), &format!("places_over_pct_of_capacity/{share}"))]);
        made.totals(&figures, &[(&format!("over {share} of usable"), &format!("places_over_pct_of_usable/{share}"))]);
    }
    made.totals(
        &figures,
        &[("held", "population"), ("capacity", "capacity"), ("cells", "cells_total"), ("closed cells", "cells_unavailable")],
    );
    made.totals(&figures, &[("with a shower", "cells_with_shower"), ("officers", "*_actual"), ("officers planned", "*_planned")]);
    assert!((made.number("occupancy", &[]) - figures["occupancy_pct_of_capacity"].as_f64().expect("a share")).abs() < 0.005);
    made.totals(&figures, &[("held to an officer", "*s_per_*")]);
    for place in figures["top5_pct_of_usable"].as_array().expect("five places") {
        let share = made.number("fullest", &[("place", place[0].as_str().expect("a place"))]);
        assert!((share - place[1].as_f64().expect("a share")).abs() < 0.005, "{place}");
    }
}

#[test]
fn prisons_by_their_kind_and_places_out_of_use() {
    let Some((folder, figures)) = register("prison-capacity") else { return };
    let made = table("prisons-by-kind", "2024", "prisons.toml", &folder, &["places.csv", "occupancy.csv"]);
    made.totals(&figures, &[("places", "places"), ("closed", "unavailable")]);
    made.totals(&figures, &[("more closed than there are", "unavailable_more_than_capacity")]);
    made.by("places", "sort", &figures["by_type"]);
    let without = |column| made.number("places", &[]) - made.number(column, &[]);
    assert_eq!(Some(without("counted")), figures["missing_population"].as_f64());
    assert_eq!(Some(without("with capacity")), figures["missing_capacity"].as_f64());
    let all = table("full", "2024", "prisons.toml", &folder, &["occupancy.csv"]);
    let usable = all.number("capacity", &[]) - made.number("closed", &[]);
    assert_eq!(Some(usable), figures["usable"].as_f64());
}

#[test]
fn headcounts_by_day_and_place() {
    let Some((folder, figures)) = register("ice-headcount") else { return };
    let of = |period: &str| table("counts", period, "headcount.toml", &folder, &["headcount.csv"]);
    let made = of("2019");
    // Each place and day is one entry by its id: a second one would have been refused.
    made.totals(&figures, &[("counts", "rows"), ("days", "days"), ("places", "facilities")]);
    assert!((made.number("average", &[]) - figures["average_daily_population"].as_f64().expect("a mean")).abs() < 0.005);
    for (place, average) in figures["top_facilities_by_average_over_the_window"].as_object().expect("figures by place") {
        let made = made.number("held", &[("place", place)]) / made.number("days", &[]);
        assert!((made - average.as_f64().expect("a mean")).abs() < 0.005, "{place}");
    }
    let by_day = table("counts-by-day", "2019-01/2019-03", "headcount.toml", &folder, &["headcount.csv"]);
    for (day, held) in figures["total_on"].as_object().expect("figures by day") {
        assert_eq!(Some(by_day.number("held", &[("day", day)])), held.as_f64(), "{day}");
    }
    let (day, most) = by_day.days("held").into_iter().fold(("", 0.0), |most, day| if day.1 > most.1 { day } else { most });
    assert_eq!([Some(day), Some(most.to_string().as_str())], [0, 1].map(|place| figures["peak_day"][place].as_str()));
}

#[test]
fn a_booking_page_captured_three_times_by_its_two_lists() {
    let Some((folder, figures)) = register("county-jail-bookings") else { return };
    let of = |id| table(id, "2010/2017", "bookings.toml", &folder, &["observations.csv"]);
    let (shown, held, inside) = (of("captures"), of("held-over"), of("inside-at-the-last"));
    for (list, figures) in figures.as_object().expect("figures by list") {
        let list = [("list", list.as_str())];
        let is = |made: f64, figure: &str| assert_eq!(Some(made), figure.split('/').fold(figures, member).as_f64(), "{list:?} {figure}");
        for (column, figure) in
            [("observations", "observations"), ("days", "captures_days"), ("bookings", "bookings"), ("persons", "persons")]
        {
            is(shown.number(column, &list), figure);
        }
        is(shown.number("several times", &list), "observations_listing_several_release_times");
        is(shown.number("only earlier releases", &list), "observations_whose_every_release_is_before_the_booking");
        is(held.number("released", &list), "bookings_with_effective_release");
        let listed_earlier = shown.number("with a release listed", &list) - held.number("released", &list);
        is(listed_earlier, "of_which_list_only_earlier_releases");
        is(held.number("bookings", &list) - held.number("released", &list), "bookings_never_released_in_the_captures");
        for hours in ["2", "6", "12", "24", "36", "48", "72", "96"] {
            is(held.number(&format!("over {hours}"), &list), &format!("hours_held_over/{hours}"));
        }
        // A later capture corrects when a booking was last shown, and nothing else: no start, and no end.
        let later = shown.number("observations", &list) - shown.number("bookings", &list);
        is(held.number("corrected", &list) - later, "effective_release_changed_between_captures");
    }
    // Of those who are inside, none was let go.
    for hours in ["24", "36", "48", "72", "96"] {
        let made = inside.number(&format!("over {hours}"), &[("list", "athens_current")]);
        assert_eq!(Some(made), figures["athens_current"]["not_released_and_hours_at_last_capture_over"][hours].as_f64(), "{hours} hours");
    }
}

#[test]
fn a_hospitals_log_by_what_was_done_and_how_long_it_took() {
    let Some((folder, figures)) = register("hospital-sepsis-log") else { return };
    let of = |id| table(id, "2013/2015", "sepsis.toml", &folder, &["events.csv"]);
    let (log, times) = (of("hospital"), of("hospital-times"));
    log.totals(&figures, &[("entries", "events"), ("cases", "cases")]);
    log.by("entries", "activity", &figures["by_activity"]);
    let without = |activity| Some(log.number("cases", &[]) - log.number("cases", &[("activity", activity)]));
    for (activity, cases) in figures["cases_without"].as_object().expect("figures by activity") {
        let made = match activity.as_str() {
            "any Release" => Some(times.number("cases", &[]) - times.number("released", &[])),
            activity => without(activity),
        };
        assert_eq!(made, cases.as_f64(), "cases without {activity}");
    }
    times.totals(
        &figures,
        &[("over 60", "triage_after_registration_minutes/>60"), ("before", "triage_after_registration_minutes/negative")],
    );
    times.totals(&figures, &[("returned", "returned_to_ER"), ("released before", "release_before_registration")]);
    let treated = verdicts("treated-by-then", "2015-12-31T00:00:00Z", "sepsis.toml", &folder, &["events.csv"]);
    let figure = &figures["antibiotics_within_60_min_of_sepsis_triage"];
    assert_eq!(
        [&treated["n.a."], &treated["met_late"], &treated["breached"]],
        [&figure["met"], &figure["late"], &figure["sepsis_triage_but_never"]]
    );
    assert_eq!(Some(times.number("treated before", &[])), figure["met_but_given_before_triage"].as_f64());
    let in_time_or_late = treated["n.a."].as_f64().zip(treated["met_late"].as_f64()).map(|(in_time, late)| in_time + late);
    let without_finding = in_time_or_late.map(|some| log.number("cases", &[("activity", "IV Antibiotics")]) - some);
    assert_eq!(without_finding, figure["antibiotics_without_sepsis_triage"].as_f64());
    let late = subjects("measured-every-two-days", "met_late", "2015-12-31T00:00:00Z", "sepsis.toml", &folder, &["events.csv"]);
    // Whoever counted by other means left the one case out that has no name.
    let named = late.iter().filter(|case| !case.contains("without a name")).count();
    assert_eq!(Some(named as u64), figures["CRP_gap"]["cases_with_a_gap_over_48h_between_consecutive_CRP"].as_u64());
}

#[test]
fn duties_of_minutes_where_what_was_done_before_counts_as_done() {
    let Some((folder, figures)) = register("hospital-sepsis-log") else { return };
    let judged = |rule: &str| verdicts(rule, "2015-12-31T00:00:00Z", "sepsis.toml", &folder, &["events.csv"]);
    for (rule, figure) in
        [("tested-by-then", "lactic_acid_within_180_min_of_sepsis_triage"), ("fluid-by-then", "liquid_within_60_min_of_sepsis_triage")]
    {
        let (judged, figure) = (judged(rule), &figures[figure]);
        assert_eq!(
            [&judged["n.a."], &judged["met_late"], &judged["breached"]],
            [&figure["met"], &figure["late"], &figure["never"]],
            "{rule}"
        );
    }
    for minutes in [10, 30, 60] {
        let within = &figures["triage_after_registration_minutes"][format!("<={minutes}")];
        assert_eq!(&judged(&format!("seen-within-{minutes}"))["n.a."], within, "{minutes} minutes");
    }
    assert_eq!(judged("no-return-in-28-days")["breached"], figures["returned_within_28_days_of_first_release"]);
}

#[test]
fn police_by_arrests_complaints_and_the_officers_accused() {
    if let Some((folder, figures)) = register("police-arrests") {
        let made = table("arrests-as-told", "2020", "arrests.toml", &folder, &["arrests.csv"]);
        made.totals(&figures, &[("arrests", "arrests"), ("booked", "booked/1"), ("searched", "search_reason/1")]);
        made.totals(&figures, &[("minors", "minor/Youth (aged 17 and younger)"), ("minors booked", "minors_booked")]);
        made.by("arrests", "age group", &figures["by_age"]);
        made.by("arrests", "race", &figures["by_race"]);
    }
    let Some((folder, figures)) = register("police-complaints") else { return };
    let figures = &figures["complaints"];
    let made = table("complaints-as-told", "2019/2022", "complaints.toml", &folder, &["complaints.csv"]);
    made.totals(figures, &[("rows", "complaint_rows"), ("complaints", "complaints"), ("open", "open_no_closed_date")]);
    made.totals(figures, &[("of force", "excessive_force_complaints"), ("of force and open", "excessive_force_still_open")]);
    made.totals(figures, &[("of force and passed on", "excessive_force_referred_to_any_agency")]);
    for (dimension, figure) in [
        ("category", "allegation_category"),
        ("kind of case", "case_type"),
        ("who complains", "complainant_type"),
        ("passed to", "referred_to_agency"),
        ("standing", "current_status"),
    ] {
        made.by("rows", dimension, &figures[figure]);
    }
    let once = table("before-the-incident", "2010/2026", "complaints-once.toml", &folder, &["complaints.csv"]);
    once.totals(figures, &[("earlier", "received_before_incident")]);
    let accused = table("accused-as-told", "2022", "accused.toml", &folder, &["accused.csv"]);
    accused.totals(figures, &[("rows", "accused_rows"), ("officers", "officers")]);
    for (dimension, figure) in [("finding", "final_finding"), ("penalty", "final_penalty"), ("injury", "injury_condition")] {
        accused.by("rows", dimension, &figures[figure]);
    }
    accused.by("of force", "finding", &figures["accused_rows_excessive_force_by_final_finding"]);
}

#[test]
fn arrests_by_who_was_booked() {
    let Some((folder, figures)) = register("police-arrests") else { return };
    let made = table("arrests-as-told", "2020", "arrests.toml", &folder, &["arrests.csv"]);
    for (codes, count) in figures["race_by_booked"].as_object().expect("figures by two codes") {
        let (race, booked) = codes.split_once('|').expect("two codes");
        let race = if race == "None" { "not_recorded" } else { race };
        let made = made.number("arrests", &[("booked", if booked == "1" { "yes" } else { "no" }), ("race", race)]);
        assert_eq!(Some(made), count.as_f64(), "{codes}");
    }
}

#[test]
fn complaints_by_how_long_they_took_and_what_they_came_to() {
    let Some((folder, figures)) = register("police-complaints") else { return };
    let figures = &figures["complaints"];
    let made = table("days-to-close", "2019/2022", "complaints.toml", &folder, &["complaints.csv"]);
    for days in ["30", "60", "90", "180", "365", "730"] {
        made.totals(figures, &[(&format!("over {days}"), &format!("days_to_close_over/{days}"))]);
    }
    // In minutes that passed: a spring's hour is missing from it.
    assert_eq!(Some((made.number("median", &[]) / 1440.0).round()), figures["median_days_to_close"].as_f64());
    let once = table("before-the-incident", "2010/2026", "complaints-once.toml", &folder, &["complaints.csv"]);
    once.totals(figures, &[("closed before", "closed_before_received")]);
    let told = table("complaints-as-told", "2019/2022", "complaints.toml", &folder, &["complaints.csv"]);
    told.by("rows", "category", &figures["ill_treatment_and_custody_categories"]);
    let in_each = table("accused-in-each", "2022", "accused.toml", &folder, &["accused.csv"]);
    for (number, complaints) in figures["accused_per_complaint"].as_object().expect("figures by number") {
        assert_eq!(Some(in_each.number(number, &[])), complaints.as_f64(), "{number} accused");
    }
    let files = ["complaints.csv", "accused.csv"];
    let beside = table("beside-the-accused", "2019/2022", "complaints-and-accused.toml", &folder, &files);
    let left = |all, some| Some(beside.number(all, &[]) - beside.number(some, &[]));
    assert_eq!(left("rows", "with an accused"), figures["no_accused_row"].as_f64());
    let nothing_found = &figures["complaints_closed_with_no_final_finding_on_any_accused"];
    assert_eq!(left("closed", "closed with a finding"), nothing_found.as_f64());
    let accused = table("accused-as-told", "2022", "accused.toml", &folder, &["accused.csv"]);
    accused.totals(figures, &[("found otherwise than advised", "recommended_differs_from_final_finding")]);
    let unpunished = accused.number("sustained", &[]) - accused.number("sustained with a penalty", &[]);
    assert_eq!(Some(unpunished), figures["sustained_with_no_penalty"].as_f64());
}

#[test]
fn reports_of_force_by_month_with_what_they_leave_blank() {
    let Some((folder, figures)) = register("use-of-force") else { return };
    let files = ["reports.csv", "subjects.csv", "actions.csv"];
    let made = table("force-reports", "2014", "reports.toml", &folder, &files);
    made.totals(&figures, &[("reports", "reports"), ("at midnight", "time_exactly_midnight_or_missing")]);
    made.by("reports", "month", &figures["by_month"]);
    let left = |of: &Made, all, some| Some(of.number(all, &[]) - of.number(some, &[]));
    assert_eq!(left(&made, "reports", "with an action"), figures["reports_with_no_action_row"].as_f64());
    made.totals(&figures, &[("sergeant told", "notify_district_sergeant/Yes")]);
    assert_eq!(left(&made, "reports", "sergeant told"), figures["notify_district_sergeant"]["(none)"].as_f64());
    let hurt = table("force-as-told", "2014", "subjects.toml", &folder, &["subjects.csv"]);
    assert_eq!(left(&hurt, "reports", "said of hurt"), figures["injured"]["(none)"].as_f64());
    assert_eq!(left(&hurt, "said of hurt", "hurt"), figures["injured"]["No"].as_f64());
    assert_eq!(left(&hurt, "reports", "said of saying"), figures["alleged_injury"]["(none)"].as_f64());
}

#[test]
fn force_by_what_was_done_and_who_was_hurt() {
    let Some((folder, figures)) = register("use-of-force") else { return };
    let actions = table("force-as-told", "2014", "actions.toml", &folder, &["actions.csv"]);
    actions.totals(&figures, &[("rows", "action_rows"), ("with a taser", "reports_with_taser")]);
    actions.by("rows", "action", &figures["member_actions"]);
    let hurt = table("force-as-told", "2014", "subjects.toml", &folder, &["subjects.csv"]);
    hurt.totals(&figures, &[("rows", "subject_rows"), ("hurt", "injured/Yes"), ("says hurt", "alleged_injury/Yes")]);
    hurt.totals(&figures, &[("says hurt and is not", "alleged_injury_but_recorded_not_injured")]);
    hurt.totals(&figures, &[("hurt and does not say", "injured_not_alleged")]);
    let told = verdicts("sergeant-told-of-injury", "2015-01-31T00:00:00Z", "reports.toml", &folder, &["reports.csv", "subjects.csv"]);
    assert_eq!(told["undetermined"], figures["injured_and_sergeant_not_marked_notified"], "a mark that is not there is not a no");
    let of_each = table("reports-of-each", "2014", "incidents.toml", &folder, &["reports.csv"]);
    for (number, incidents) in figures["reports_per_incident"].as_object().expect("figures by number") {
        assert_eq!(Some(of_each.number(number, &[])), incidents.as_f64(), "{number} reports");
    }
    let several = verdicts("one-report", "2015-01-31T00:00:00Z", "incidents.toml", &folder, &["reports.csv"]);
    let alone = figures["reports_per_incident"]["1"].as_u64().expect("incidents of one report");
    assert_eq!(several["breached"].as_u64(), figures["incidents"].as_u64().map(|all| all - alone));
}

#[test]
fn deaths_and_recommendations_in_their_own_words() {
    if let Some((folder, figures)) = register("jail-deaths") {
        let figures = &figures["prison-deaths-la"];
        let made = |map| table("deaths-as-told", "2015/2024", map, &folder, &["prison-deaths-la.csv"]);
        let all = made("deaths.toml");
        all.totals(figures, &[("deaths", "deaths")]);
        assert_eq!(Some(all.number("deaths", &[]) - all.number("dated", &[])), figures["date_missing"].as_f64());
        all.by("deaths", "year", &figures["by_year"]);
        all.by("deaths", "sex", &figures["by_sex"]);
        all.by("deaths", "circumstance", &figures["by_circumstance"]);
        made("deaths-disagree.toml").totals(figures, &[("deaths", "date_year_differs_from_year")]);
    }
    let Some((folder, figures)) = register("upr-recommendations") else { return };
    let made = table("recommendations-as-told", "2014", "recommendations.toml", &folder, &["recommendations.csv"]);
    made.totals(&figures, &[("recommendations", "recommendations"), ("torture", "torture_related"), ("detention", "detention_issue")]);
    made.totals(&figures, &[("states", "recommending_states")]);
    made.by("recommendations", "action class", &figures["by_action"]);
    made.by("torture", "under review", &figures["torture_related_by_state"]);
    made.by("recommendations", "issue", &figures["top_issues"]);
    for (dimension, figure) in [("session", "by_state_session"), ("answer", "by_state_response")] {
        for (codes, count) in figures[figure].as_object().expect("figures by two codes") {
            let (state, code) = codes.split_once('|').expect("a State and a code");
            let made = made.number("recommendations", &[("under review", state), (dimension, code)]);
            assert_eq!(Some(made), count.as_f64(), "{codes}");
        }
    }
    let (all, once) = (made.number("recommendations", &[]), made.number("wordings", &[]));
    assert_eq!(Some(all - once), figures["identical_texts_beyond_the_first"].as_f64());
    assert_eq!(Some(made.number("torture", &[("answer", "Accepted")])), figures["torture_related_accepted"].as_f64());
}
