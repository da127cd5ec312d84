//! What is wrong with a mapping or a row of another layout is told at its place, with what was expected; nothing is handed over.

use crate::{problems, read};

/// The first thing wrong when a table is read by a mapping.
fn wrong(table: &str, mapping: &str) -> String {
    let wrong = read(&[("table.csv", table.as_bytes())], mapping).expect_err("it is not to be read");
    problems(&wrong).first().cloned().unwrap_or_default()
}

const EVENT: &str = "[[event]]\nkind = \"place_counted\"\nid = \"{no}\"\nsubject = { place = \"{no}\" }\n";

fn counted(above: &str, below: &str) -> String {
    format!("{above}\n{EVENT}at = {{ column = \"on\" }}\n{below}\n")
}

#[test]
fn a_mapping_that_cannot_be_meant_is_refused_in_its_own_line() {
    let cases = [
        ("[derived]\nall = { formula = \"{a} + \" }", "map.toml:2:19: this is not a formula, from its character 7"),
        ("[derived]\nall = { formula = \"{a}\", from = \"{a}\" }", "map.toml:2:7: a derived column is made of one thing"),
        ("[derived]\nlong = { time_from = { column = \"on\" } }", "map.toml:2:1: a length of time lacks one of its three"),
        (
            "[derived]\nlong = { time_from = { column = \"on\" }, to = { column = \"on\" }, unit = \"years\" }",
            "map.toml:2:72: a length is not told in this",
        ),
        (
            "[derived]\nlong = { time_from = { column = \"on\" }, to = { column = \"on\" }, unit = \"days\", from = \"x\" }",
            "map.toml:2:87: a derived column is made of one thing",
        ),
        ("[derived]\na = \"{b}x\"\nb = \"{no}\"", "map.toml:2:1: a derived column is made of one that stands below it"),
        ("[derived]\na = { from = \"{no}\", match = \"(\" }", "map.toml:2:30: this is not a regular expression"),
        ("[input]\nthousands = \",\"\ndecimal = \",\"", "map.toml:2:13: one sign cannot be both"),
        ("[input]\nheader = 0", "map.toml:2:10: this is not a line"),
        ("[input]\nencoding = \"klingon\"", "map.toml:2:12: no encoding is called so"),
        ("[[skip]]\ncolumn = \"no\"\nis = \"a\"\nmatches = \"b\"", "map.toml:1:1: a test asks two things at once"),
    ];
    for (above, expected) in cases {
        let told = wrong("no,on\nA,2029-02-03\n", &counted(above, ""));
        assert!(told.starts_with(expected), "{told}\nnot\n{expected}");
    }
    let told = wrong("no,on\nA,2029-02-03\n", &counted("", "fields = { \"those present\" = { column = \"n\", format = \"%Y\" } }"));
    assert!(told.starts_with("map.toml:7:12: `format`, `precision` and `zone` are for dates and times"), "{told}");
    let told = wrong("no,on\nA,2029-02-03\n", &format!("{EVENT}at = {{ column = \"on\", plus = \"n\" }}\n"));
    assert!(told.starts_with("map.toml:5:30: `plus` needs the unit"), "{told}");
}

#[test]
fn a_cell_that_does_not_fit_is_told_by_file_line_and_column() {
    let fields = "fields = { \"those present\" = { column = \"n\" } }";
    let told = wrong("no,on,n\nA,2029-02-03,5\nB,2029-02-03,\"1,23\"\n", &counted("[input]\nthousands = \",\"", fields));
    assert!(told.starts_with("table.csv:3:15: the field holds something else"), "{told}");
    let share = counted("[derived]\nn = { formula = \"{a} / {b}\" }", fields);
    let told = wrong("no,on,a,b\nA,2029-02-03,5,0\n", &share);
    assert!(told.starts_with("table.csv:2:16: this formula divides by nought here"), "{told}");
    let told = wrong("no,on,a,b\nA,2029-02-03,5,many\n", &share);
    assert!(told.starts_with("table.csv:2:16: this is not a number") && told.contains("many"), "{told}");
    let told = wrong("no,on\nA,2029-02-03\nTotal\n", &counted("", ""));
    assert!(told.starts_with("table.csv:3:0: the row has another number of fields than the header"), "{told}");
    let held = format!("{EVENT}at = {{ column = \"on\", plus = \"n\", unit = \"days\" }}\n");
    for wrongly in ["1.5", "-1", "some"] {
        let told = wrong(&format!("no,on,n\nA,2029-02-03,{wrongly}\n"), &held);
        assert!(told.starts_with("table.csv:2:14: this is not how much later"), "{told}");
    }
    let told = wrong("a title\n", &counted("[input]\nheader = 3", ""));
    assert!(told.starts_with("table.csv:3:0: the file ends before its line 3"), "{told}");
    let told = wrong("no;on\nA;2029-02-03\n", &counted("", ""));
    assert!(told.contains("expected `delimiter = \";\"` in [input]"), "{told}");
}
