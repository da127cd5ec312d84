//! Public registers by the figures that stand beside them: tables and rules over a mapping come to what others counted by other means.
//!
//! The registers and their figures are not in the repository: see `registers.rs`; a test whose register is not there says so and ends.
//! The questions are `tests/registers/figures`: the vocabulary with the registers' own columns as fields.

use assert_cmd::Command;
use serde_json::Value;
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
        let wanted: serde_json::Map<String, Value> = by.iter().map(|(d, c)| ((*d).to_owned(), (*c).into())).collect();
        let cells = self.0["cells"].as_array().expect("cells");
        let cell = cells.iter().find(|cell| cell["column"] == column && cell["by"].as_object() == Some(&wanted));
        // A decimal that no binary number is exactly is written as a text.
        let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
        cell.and_then(|cell| number(&cell["value"])).unwrap_or(0.0)
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

/// How many rows of a rule have a verdict.
fn verdicts(rule: &str, now: &str, map: &str, folder: &Path, files: &[&str]) -> Value {
    let files: Vec<String> = files.iter().map(|file| folder.join(file).display().to_string()).collect();
    let mut verb = vec!["check", "--now", now, "--rule", rule, "--summary", "--format", "json"];
    verb.extend(files.iter().map(String::as_str));
    let said = habeas(&verb, map);
    serde_json::from_str(said.lines().next().expect("a line for the rule")).expect("JSON")
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
    let again = verdicts("one-stay", "2018-12-31T00:00:00Z", "persons.toml", &folder, &["stays.csv"]);
    assert_eq!(again["breached"], figures["persons_with_more_than_one_stay"]);
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
