//! The floors, on the sample of the design and on records of other committees and layouts.

use crate::scoring::{Counts, EXTRACTORS, Scores, score};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Where samples that are not in the repository lie, if they are there.
fn beside(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("HABEAS_DATA").map(PathBuf::from);
    let found = folder.into_iter().chain([Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data")]);
    let path = found.map(|folder| folder.join("review").join(name)).find(|path| path.is_file());
    if path.is_none() {
        println!("skipped: {name} is not here; set HABEAS_DATA to the folder that holds review/");
    }
    path
}

/// What an import of a record scores against its annotation, printed with all that is wrong.
fn scores_of(record: &Path, gold: &Path) -> Scores {
    let review = habeas_review::import(&std::fs::read(record).expect("a record")).expect("a record that is recognised");
    let gold = serde_json::from_slice(&std::fs::read(gold).expect("a gold")).expect("a gold in JSON");
    let scores = score(&review, &gold);
    println!("{}\n{}{}", record.display(), scores.table(), scores.wrong);
    scores
}

fn reaches_the_floors(record: &Path, gold: &Path) {
    let scores = scores_of(record, gold);
    assert!(scores.below().is_empty(), "{}: below the floor: {:?}", record.display(), scores.below());
}

#[test]
fn the_sample_record_reaches_every_floor() {
    let (Some(record), Some(gold)) = (beside("sample-summary-record.txt"), beside("sample-gold.json")) else { return };
    reaches_the_floors(&record, &gold);
}

fn of_ours(name: &str, layout: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    reaches_the_floors(&folder.join(format!("{name}.{layout}")), &folder.join(format!("{name}.json")));
}

#[test]
fn an_old_record_in_capitals_and_short_lines_reaches_every_floor() {
    of_ours("children-1998", "txt");
}

#[test]
fn a_record_of_a_committee_that_the_rules_had_not_seen_reaches_every_floor() {
    of_ours("racial-2018", "txt");
}

#[test]
fn observations_in_another_layout_give_their_points_flags_and_days() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    let review = habeas_review::import(&std::fs::read(folder.join("women-2022-observations.md")).expect("a text")).expect("observations");
    let points: Vec<(&str, Option<&str>, bool)> =
        review.recommendations.iter().map(|found| (found.cited.as_str(), found.due.as_deref(), found.procedural)).collect();
    let due = Some("2024-02-25");
    assert_eq!(
        points,
        [
            ("4 (a)", due, false),
            ("4 (b)", due, false),
            ("4 (c)", None, false),
            ("6", due, false),
            ("7", None, true),
            ("8", None, true),
            ("10", None, true)
        ]
    );
    assert!(review.recommendations[0].text.starts_with("The Committee, in line with its general recommendation No. 33 (2015)"));
    let document = &review.document;
    assert_eq!((document.session, document.state.as_deref()), (Some(81), Some("Havermoor")));
    assert_eq!((document.adopted.as_deref(), document.next_report.as_deref()), (Some("2022-02-25"), Some("2026-02")));
}

#[test]
fn a_record_whose_numbers_were_lost_reaches_every_floor() {
    of_ours("covenant-unnumbered", "md");
}

// The next three were written and annotated by somebody who had not seen the rules.

#[test]
fn a_record_with_bold_names_and_replies_to_an_earlier_meeting_reaches_every_floor() {
    of_ours("covenant-2024", "txt");
}

#[test]
fn a_record_of_three_experts_pages_and_a_change_of_chair_reaches_every_floor() {
    of_ours("disabilities-2015", "txt");
}

#[test]
fn a_record_article_by_article_with_ministries_in_brackets_reaches_every_floor() {
    of_ours("women-2009", "txt");
}

/// Records whose replies are mostly in other words than the questions: whether a question was taken up at all falls below the floors there,
/// and may not fall further. Which paragraph answers is found by order and by what is wanted.
fn of_ours_in_other_words(name: &str, hard: &[(&str, f64)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    let scores = scores_of(&folder.join(format!("{name}.txt")), &folder.join(format!("{name}.json")));
    for (of, least) in hard {
        assert!(scores.of[of] >= *least, "{name}: {of} {:.3}, before {least}", scores.of[of]);
    }
    let others = scores.below().into_iter().filter(|line| !hard.iter().any(|(of, _)| line.starts_with(of)));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new(), "{name}");
}

#[test]
fn replies_in_other_words_are_still_found_by_their_order() {
    of_ours("children-2019", "txt");
    of_ours("disappearances-2022", "txt");
    of_ours_in_other_words("torture-2013", &[("status", 0.58), ("unanswered F1", 0.4)]);
    of_ours_in_other_words("rights-2001", &[("unanswered F1", 0.58)]);
}

/// Written and annotated by the rules of the format before the program was run on them, every second reply in other words.
#[test]
fn records_that_no_rule_had_in_view_are_read() {
    of_ours("covenant-2007", "txt");
    of_ours_in_other_words("migrants-2016", &[("status", 0.52), ("unanswered F1", 0.47)]);
}

/// All annotated records: what `docs/` calls each, and its file here. The first lies beside the repository.
const RECORDS: [(&str, &str); 13] = [
    ("sample", ""),
    ("children 1998", "children-1998.txt"),
    ("numbers lost", "covenant-unnumbered.md"),
    ("racial 2018", "racial-2018.txt"),
    ("covenant 2024", "covenant-2024.txt"),
    ("disabilities 2015", "disabilities-2015.txt"),
    ("women 2009", "women-2009.txt"),
    ("torture 2013", "torture-2013.txt"),
    ("rights 2001", "rights-2001.txt"),
    ("children 2019", "children-2019.txt"),
    ("disappearances 2022", "disappearances-2022.txt"),
    ("migrants 2016", "migrants-2016.txt"),
    ("covenant 2007", "covenant-2007.txt"),
];

/// Precision and recall, two decimals each; a dash where nothing was found or nothing was to be found.
fn cell(counts: Option<&Counts>) -> String {
    let decimals = |share: f64, of: usize| if of == 0 { "–".to_owned() } else { format!("{share:.2}") };
    counts.map_or_else(
        || "– –".to_owned(),
        |counts| format!("{} {}", decimals(counts.precision(), counts.found), decimals(counts.recall(), counts.wanted)),
    )
}

/// `docs/review-measured.md` has the precision and recall of each extractor on each record, `docs/review.md` those over all of them, as
/// they are now.
#[test]
fn the_docs_tell_the_precision_and_recall_of_each_extractor() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: BTreeMap<&str, (Counts, f64, f64)> = BTreeMap::new();
    let (mut rows, mut read) = (String::new(), 0);
    for (title, file) in RECORDS {
        let record = if file.is_empty() { beside("sample-summary-record.txt") } else { Some(folder.join("tests/records").join(file)) };
        let Some(record) = record else { continue };
        let gold = if file.is_empty() { record.with_file_name("sample-gold.json") } else { record.with_extension("json") };
        let scores = scores_of(&record, &gold);
        let cells: Vec<String> = EXTRACTORS.iter().map(|name| cell(scores.counts.get(name))).collect();
        writeln!(rows, "| {title} | {} |", cells.join(" | ")).expect("a string grows");
        for (name, counts) in scores.counts {
            let (sum, precision, recall) = all.entry(name).or_insert((Counts::default(), 1.0, 1.0));
            sum.add(counts);
            *precision = precision.min(counts.precision());
            *recall = recall.min(counts.recall());
        }
        read += 1;
    }
    let mut over_all = String::new();
    for (name, (counts, precision, recall)) in EXTRACTORS.iter().filter_map(|name| Some((name, all.get(name)?))) {
        let Counts { found, wanted, .. } = *counts;
        let line =
            format!("| {name} | {wanted} | {found} | {:.2} | {:.2} | {precision:.2} | {recall:.2} |", counts.precision(), counts.recall());
        writeln!(over_all, "{line}").expect("a string grows");
    }
    println!("{rows}\n{over_all}");
    let told = |page: &str, lines: &str| {
        let text = std::fs::read_to_string(folder.join("../../docs").join(page)).expect("a page of the docs");
        let missing: Vec<&str> = lines.lines().filter(|line| !text.contains(line)).collect();
        assert!(missing.is_empty(), "docs/{page} tells other figures; these are missing:\n{}", missing.join("\n"));
    };
    told("review-measured.md", &rows);
    // Over all of them only where all of them are.
    if read == RECORDS.len() {
        told("review.md", &over_all);
    }
}
