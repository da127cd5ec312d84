//! Layouts that registers come in, each read by a mapping.

use crate::{events, problems, read, told};

/// A mapping of arrivals whose time is told as the story says.
fn arrivals(more: &str, at: &str) -> String {
    let event = "[[event]]\nkind = \"person_arrived\"\nid = \"{no}\"\nsubject = { custody = \"{no}\" }\n";
    format!(
        r#"
zone = "UTC"
{more}
{event}at = {at}
"#
    )
}

#[test]
fn a_date_and_an_hour_in_columns_of_their_own_are_one_time_and_a_blank_hour_leaves_the_day() {
    let map = arrivals(
        "[derived]\ncame = [\"{date} {time}\", \"{date}\"]",
        "{ column = \"came\", format = [\"%d.%m.%Y %H:%M\", \"%d.%m.%Y\"], precision = \"minute\" }",
    );
    let told = events("no,date,time\nC1,03.02.2029,21:40\nC2,03.02.2029,\n", &map);
    assert_eq!(told, ["C1 person arrived 2029-02-03 21:40 C1", "C2 person arrived 2029-02-03 C2"]);
}

#[test]
fn a_stay_told_by_its_length_ends_so_much_later() {
    let map = r#"
zone = "UTC"
[[event]]
kind = "person_released"
id = "{no}"
subject = { custody = "{no}" }
"#;
    let by = |how: &str| {
        format!("{map}at = {{ column = \"came\", format = [\"%Y-%m-%d %H:%M\", \"%Y-%m-%d\"], plus = \"held\", unit = \"{how}\" }}\n")
    };
    assert_eq!(events("no,came,held\nC1,2029-02-27,3\nC2,2029-02-27,\n", &by("days")), ["C1 person released 2029-03-02 C1"]);
    assert_eq!(events("no,came,held\nC1,2029-02-27 22:00,2.5\n", &by("hours")), ["C1 person released 2029-02-28 00:30 C1"]);
    assert_eq!(
        events("no,came,held\nC1,2029-02-27,30\n", &by("hours")),
        ["C1 person released 2029-02-28 06:00..2029-03-01 05:59:59 C1"],
        "a day and thirty hours"
    );
}

#[test]
fn parts_of_a_column_name_the_custody_and_the_place_and_a_blank_one_has_a_name_of_ours() {
    let map = r#"
zone = "UTC"
[derived]
place = { from = "{cell}", match = "^([A-Z]+)-", default = "place not named" }
no = { from = "{no}", default = "no number" }
[[event]]
kind = "person_arrived"
id = "{row}"
subject = { custody = "{no}", place = "{place}" }
at = { column = "came" }
"#;
    let told = events("no,cell,came\nC1,KUR-12,2029-02-03\nC2,,2029-02-03\n,12,2029-02-03\n", map);
    let arrived = "person arrived 2029-02-03";
    let expected = ["1 ARRIVED C1+KUR", "2 ARRIVED C2+place not named", "3 ARRIVED no number+place not named"];
    assert_eq!(told, expected.map(|line| line.replace("ARRIVED", arrived)));
}

#[test]
fn a_table_of_a_day_says_its_day_in_the_name_of_its_file() {
    let map = r#"
zone = "UTC"
[derived]
day = { from = "{file}", match = "_(\\d{8})" }
[[event]]
kind = "place_counted"
id = "{place}/{day}"
subject = { place = "{place}" }
at = { column = "day", format = "%Y%m%d" }
fields = { "those present" = { column = "held" } }
"#;
    let tables: [(&str, &[u8]); 2] = [("count_20290203.csv", b"place,held\nA,12\n"), ("count_20290204.csv", b"place,held\nA,13\n")];
    let intake = read(&tables, map).expect("two days");
    assert_eq!(
        told(&intake),
        ["A/20290203 place counted 2029-02-03 A those present=12", "A/20290204 place counted 2029-02-04 A those present=13"]
    );
}

#[test]
fn a_page_with_a_title_above_and_totals_and_notes_below_is_its_rows() {
    let map = r#"
zone = "UTC"
[input]
header = 4
delimiter = ";"
thousands = "."
decimal = ","
blank = ["n.d."]
[[skip]]
column = "Istituto"
matches = "^(Totale|Fonte)"
[[event]]
kind = "place_counted"
id = "{Istituto}"
subject = { place = "{Istituto}" }
at = { constant = "2029-02-03" }
fields = { "those present" = { column = "presenti" }, expected = { column = "posti" } }
"#;
    let table = r#"Ministero della Giustizia
"Detenuti presenti; 3 febbraio"

Istituto;presenti;posti;
A;1.234;1.100,5;
B;n.d.;90;
Totale;1.234;1.190,5;
Fonte: DAP
"#;
    assert_eq!(
        events(table, map),
        ["A place counted 2029-02-03 A expected=1100.5 those present=1234", "B place counted 2029-02-03 B expected=90"]
    );
}

#[test]
fn a_column_for_each_category_is_a_block_for_each_and_a_sum_is_reckoned() {
    let map = r#"
zone = "UTC"
[derived]
all = { formula = "{men} + {women} + {boys and girls}" }
full = { formula = "100 * ({men} + {women}) / {places}", default = "" }
[[event]]
kind = "place_counted"
id = "{place}/women"
subject = { place = "{place}" }
at = { column = "on" }
fields = { categories = "women", "those present" = { column = "women" } }
[[event]]
kind = "place_counted"
id = "{place}/all"
subject = { place = "{place}" }
at = { column = "on" }
fields = { "those present" = { column = "all" }, expected = { column = "full" } }
"#;
    let table = "place,on,men,women,boys and girls,places\nA,2029-02-03,40,2,1,35\nB,2029-02-03,40,2,,35\nC,2029-02-03,1,1,1,0\n";
    let told = events(table, map);
    assert_eq!(told.len(), 6, "{told:?}");
    assert_eq!(told[5], "C/all place counted 2029-02-03 C those present=3", "of no places there is no share");
    assert!(told[0].starts_with("A/women place counted 2029-02-03 A") && told[0].ends_with("those present=2"), "{}", told[0]);
    assert_eq!(told[1], "A/all place counted 2029-02-03 A expected=120 those present=43");
    assert_eq!(told[3], "B/all place counted 2029-02-03 B expected=120", "a blank is not nought");
}

#[test]
fn dates_and_durations_of_fields_are_read_as_the_table_writes_them() {
    let map = r#"
zone = "UTC"
[[event]]
kind = "identity_established"
id = "{no}"
subject = { person = "{no}" }
at = { column = "on" }
fields = { born = { column = "born", format = ["%m/%d/%Y", "%m/%Y", "%Y"] } }
"#;
    let told = events("no,on,born\nP1,2029-02-03,03/25/1990\nP2,2029-02-03,03/1990\nP3,2029-02-03,1990\n", map);
    assert_eq!(
        told,
        [
            "P1 identity established 2029-02-03 P1 born=1990-03-25",
            "P2 identity established 2029-02-03 P2 born=1990-03-01/1990-03-31",
            "P3 identity established 2029-02-03 P3 born=1990-01-01/1990-12-31",
        ]
    );
    let map = r#"
zone = "UTC"
[[event]]
kind = "measure_applied"
id = "{no}"
subject = { measure = "{no}" }
at = { column = "on" }
fields = { "max until" = { column = "until", format = "%d/%m/%y %H:%M" } }
"#;
    assert_eq!(events("no,on,until\nM1,2029-02-03,04/02/29 06:30\n", map), ["M1 measure applied 2029-02-03 M1 max until=2029-02-04 06:30"]);
    let map = r#"
zone = "UTC"
[[event]]
kind = "force_used"
id = "{no}"
subject = { custody = "{no}" }
at = { column = "on" }
fields = { "prone time" = { column = "prone", unit = "minutes" } }
"#;
    assert_eq!(events("no,on,prone\nF1,2029-02-03,1.5\n", map), ["F1 force used 2029-02-03 F1 prone time=0m0d90s"]);
}

#[test]
fn money_with_a_decimal_comma_is_the_amount_that_it_says() {
    let map = r#"
zone = "UTC"
[input]
delimiter = "\t"
decimal = ","
thousands = " "
[[event]]
kind = "compensation_awarded"
id = "{no}"
subject = { person = "{no}" }
at = { column = "on" }
fields = { moral = { column = "sum", unit = "EUR" } }
"#;
    let told = events("no\ton\tsum\nA1\t2029-02-03\t12 500,50\n", map);
    assert!(told[0].contains("moral=12500.50"), "{told:?}");
}

#[test]
fn what_no_map_names_is_any_other_word_only_where_the_map_says_so() {
    let map = r#"
zone = "UTC"
[values.cause]
Suicide = "suicide"
"*" = "unknown"
[[event]]
kind = "death_occurred"
id = "{no}"
subject = { custody = "{no}" }
at = { column = "on" }
fields = { apparent = { column = "cause", values = "cause" } }
"#;
    let told = events("no,on,cause\nD1,2029-02-03,Suicide\nD2,2029-02-03,Pending\nD3,2029-02-03,\n", map);
    assert_eq!(
        told,
        [
            "D1 death occurred 2029-02-03 D1 apparent=suicide",
            "D2 death occurred 2029-02-03 D2 apparent=unknown",
            "D3 death occurred 2029-02-03 D3"
        ]
    );
}

#[test]
fn rows_whose_columns_disagree_are_found_and_those_that_agree_are_not() {
    let map = r#"
zone = "UTC"
[derived]
"year of it" = { from = "{on}", match = "^(\\d{4})" }
[[event]]
kind = "death_occurred"
id = "{no}"
subject = { custody = "{no}" }
at = { column = "on" }
when = [{ column = "year", differs_from = "year of it" }]
"#;
    assert_eq!(events("no,on,year\nD1,2029-02-03,2028\nD2,2029-02-03,2029\nD3,2029-02-03,\n", map), ["D1 death occurred 2029-02-03 D1"]);
}

#[test]
fn a_table_in_the_alphabet_of_its_country_is_read_by_the_name_of_its_encoding() {
    let map =
        |encoding: &str| arrivals(&format!("[input]\nencoding = \"{encoding}\"\n[columns]\nno = [\"№\", \"şəxs\"]"), "{ column = \"on\" }");
    let (russian, _, _) = encoding_rs::WINDOWS_1251.encode("№,on\nЛ1,2029-02-03\n");
    let intake = read(&[("t.csv", &russian)], &map("windows-1251")).expect("Cyrillic");
    assert_eq!(told(&intake), ["Л1 person arrived 2029-02-03 Л1"]);
    let (turkish, _, _) = encoding_rs::WINDOWS_1254.encode("şəxs,on\nŞ1,2029-02-03\n");
    assert!(read(&[("t.csv", &turkish)], &map("windows-1251")).is_err(), "another alphabet has other names");
}

#[test]
fn two_columns_of_one_name_are_told_apart_by_their_order() {
    let map = r#"
zone = "UTC"
[columns]
places = ["total#2"]
[[event]]
kind = "place_counted"
id = "{place}"
subject = { place = "{place}" }
at = { column = "on" }
fields = { "those present" = { column = "total" }, expected = { column = "places" } }
"#;
    let told = events("place,on,total,total\nA,2029-02-03,12,20\n", map);
    assert_eq!(told, ["A place counted 2029-02-03 A expected=20 those present=12"]);
}

#[test]
fn a_table_of_changes_may_call_its_columns_old_and_new() {
    let map = r#"
zone = "UTC"
[[event]]
kind = "person_arrived"
id = "{old}>{new}"
subject = { custody = "{no}" }
at = { column = "on" }
"#;
    assert_eq!(events("no,on,old,new\nC1,2029-02-03,A,B\n", map), ["A>B person arrived 2029-02-03 C1"]);
}

#[test]
fn lines_that_end_as_on_an_old_macintosh_are_lines() {
    let map = arrivals("[input]\nencoding = \"macintosh\"", "{ column = \"on\" }");
    let told = events("no,on\rC1,2029-02-03\rC2,2029-02-04\r", &map);
    assert_eq!(told, ["C1 person arrived 2029-02-03 C1", "C2 person arrived 2029-02-04 C2"]);
}

#[test]
fn whoever_is_missing_for_some_days_and_back_is_one_stay_or_two_as_the_mapping_says() {
    let map = |more: &str| {
        format!(
            r#"
zone = "UTC"
[snapshot]
key = ["no"]
taken = {{ column = "day" }}
{more}
[[event]]
on = "first"
kind = "person_arrived"
id = "{{no}}/{{day}}/in"
subject = {{ custody = "{{no}}" }}
[[event]]
on = "gone"
kind = "person_released"
id = "{{no}}/{{day}}/out"
subject = {{ custody = "{{no}}" }}
"#
        )
    };
    // C1 is on every roster, C2 misses two, C3 one, C4 the last.
    let there = [(1, "1234"), (2, "134"), (3, "14"), (4, "1234"), (5, "123")];
    let rows = there.iter().flat_map(|(day, who)| who.chars().map(move |number| format!("C{number},2029-02-0{day}\n")));
    let rosters = format!("no,day\n{}", rows.collect::<String>());
    let of = |more: &str, who: &str| {
        let told = events(&rosters, &map(more));
        told.into_iter().filter(|told| told.starts_with(who)).collect::<Vec<_>>()
    };
    let stays = |arrived: &[u8], gone: &[u8], who: &str| {
        let arrived = arrived.iter().map(|day| format!("{who}/2029-02-0{day}/in person arrived 2029-02-0{day} {who}"));
        let gone = gone
            .iter()
            .map(|day| format!("{who}/2029-02-0{day}/out person released 2029-02-0{day} 00:00..2029-02-0{} 23:59:59 {who}", day + 1));
        let mut all: Vec<String> = arrived.chain(gone).collect();
        all.sort();
        all
    };
    let told = |more: &str, who: &str| {
        let mut told = of(more, who);
        told.sort();
        told
    };
    assert_eq!(told("returns_within_days = 2", "C1"), stays(&[1], &[], "C1"));
    assert_eq!(told("returns_within_days = 2", "C2"), stays(&[1, 4], &[1], "C2"), "seen on the first and on the fourth");
    assert_eq!(told("returns_within_days = 2", "C3"), stays(&[1], &[], "C3"), "seen on the second and on the fourth");
    assert_eq!(told("returns_within_days = 2", "C4"), stays(&[1], &[4], "C4"));
    assert_eq!(told("returns_within_days = 1", "C3"), stays(&[1, 4], &[2], "C3"));
    assert_eq!(told("", "C3"), stays(&[1], &[2], "C3"), "seen before: not new");
}

#[test]
fn whoever_is_seen_again_after_being_missing_came_back() {
    let map = r#"
zone = "UTC"
[snapshot]
key = ["no"]
taken = { column = "day" }
[[event]]
on = "gone"
kind = "person_released"
id = "{no}/{day}/out"
subject = { custody = "{no}" }
[[event]]
on = "back"
kind = "person_arrived"
id = "{no}/{day}/back"
subject = { custody = "{no}" }
"#;
    let table = "no,day\nC1,2029-02-01\nC2,2029-02-01\nC1,2029-02-02\nC1,2029-02-03\nC2,2029-02-03\nC1,2029-02-04\n";
    let told = events(table, map);
    let expected = [
        "C2/2029-02-01/out person released 2029-02-01 00:00..2029-02-02 23:59:59 C2",
        "C2/2029-02-03/back person arrived 2029-02-02 00:00..2029-02-03 23:59:59 C2",
        "C2/2029-02-03/out person released 2029-02-03 00:00..2029-02-04 23:59:59 C2",
    ];
    assert_eq!(told, expected);
    let other = map.replace("taken =", "returns_within_days = 3\ntaken =");
    let told = problems(&read(&[("table.csv", table.as_bytes())], &other).expect_err("nobody is gone and back"));
    assert!(told[0].starts_with("map.toml:12:1: with `returns_within_days` nobody comes back"), "{told:?}");
}

#[test]
fn a_length_that_the_table_states_is_held_against_its_own_dates() {
    let time = |column: &str| format!("{{ column = \"{column}\", format = [\"%d.%m.%Y %H:%M\", \"%d.%m.%Y\"] }}");
    let (from, to) = (time("from"), time("to"));
    let map = format!(
        r#"
zone = "Europe/Berlin"
[derived]
days = {{ time_from = {from}, to = {to}, unit = "days" }}
hours = {{ time_from = {from}, to = {to}, unit = "hours", default = "rough" }}
told = {{ formula = "{{stated}}" }}
[[event]]
kind = "person_arrived"
id = "{{no}}/{{days}}/{{hours}}"
when = [{{ column = "told", differs_from = "days" }}]
at = {from}
subject = {{ custody = "{{no}}" }}
"#
    );
    // A day of the spring has twenty-three hours and is one day. A blank end has no length, and what has none differs from nothing.
    let rows = ["C1,24.03.2029 12:00,25.03.2029 12:00,2", "C2,03.02.2029,07.02.2029,4.0", "C3,03.02.2029,05.02.2029,3"];
    let rows = [&rows[..], &["C4,03.02.2029,,9", "C5,05.02.2029,03.02.2029,2"]].concat().join("\n");
    let told = events(&format!("no,from,to,stated\n{rows}\n"), &map);
    // Berlin's midnight is the day before in the test's own zone.
    let expected = [
        "C1/1/23 person arrived 2029-03-24 11:00 C1",
        "C3/2/rough person arrived 2029-02-02 C3",
        "C5/-2/rough person arrived 2029-02-04 C5",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_row_may_say_in_which_zone_its_time_is() {
    let map = arrivals("", "{ column = \"came\", format = \"%Y-%m-%d %H:%M\", zone = { column = \"clock\" } }");
    let told = events("no,came,clock\nC1,2029-07-01 12:00,Asia/Baku\nC2,2029-07-01 12:00,America/New_York\nC3,2029-07-01 12:00,\n", &map);
    let came = ["C1 person arrived 2029-07-01 08:00 C1", "C2 person arrived 2029-07-01 16:00 C2", "C3 person arrived 2029-07-01 12:00 C3"];
    assert_eq!(told, came, "blank: the mapping's own");
    let wrong = read(&[("t.csv", b"no,came,clock\nC1,2029-07-01 12:00,Eastern\n")], &map).map_err(|wrong| problems(&wrong));
    let said = "t.csv:2:21: no time zone is called so, found `Eastern`, expected a zone such as Europe/London";
    assert_eq!(wrong.err(), Some(vec![said.to_owned()]));
}
