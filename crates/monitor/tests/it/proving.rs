//! The independent checker proves what the monitor says of every kept story, and refutes whatever was tampered with.

use crate::histories::{codebook, histories, log_of, ready, spoken, story};
use habeas_codebook::diagnostic::SourceFile;
use habeas_codebook::moment::Moment;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_monitor::prove::{Proof, Prover};
use habeas_monitor::{Asked, Hearing, Monitor, Row, Verdict};
use proptest::prelude::*;
use std::path::Path;

/// Proves every row; gives how many were proven and how many were not tried.
fn prove_all(hearing: &Hearing<'_>, codebook: &Codebook, story: &dyn Fn() -> String) -> (usize, usize) {
    let prover = Prover::new(codebook, hearing.log(), hearing.asked());
    let (mut proven, mut not_tried) = (0, 0);
    for row in hearing.rows() {
        match prover.prove(&row) {
            Ok(Proof::Proven) => {
                proven += 1;
                for tampered in tampered(&row) {
                    assert_ne!(prover.prove(&tampered), Ok(Proof::Proven), "a tampered row was proven: {tampered:?}\n{}", story());
                }
            }
            Ok(Proof::NotTried(_)) => not_tried += 1,
            Err(refutation) => panic!("{}: {}\n{}", refutation.0, spoken(hearing, &row), story()),
        }
    }
    (proven, not_tried)
}

/// The row with another verdict, another due time, another since, another lateness.
fn tampered(row: &Row) -> Vec<Row> {
    let later = |m: Option<Moment>| m.map(|m| Moment(m.0 + 60_000_000));
    let verdict = if row.verdict == Verdict::Met { Verdict::Breached } else { Verdict::Met };
    let mut all = vec![Row { verdict, ..row.clone() }];
    if row.verdict != Verdict::NotApplicable {
        all.extend(row.due_at.is_some().then(|| Row { due_at: later(row.due_at), ..row.clone() }));
        all.extend(row.since.is_some().then(|| Row { since: later(row.since), ..row.clone() }));
        all.extend(row.late_by.map(|l| Row { late_by: Some(l + 1), ..row.clone() }));
    }
    all
}

#[test]
fn every_kept_story_is_proven_or_said_not_to_be_tried() {
    let (mut proven, mut not_tried) = (0, 0);
    for folder in ["tests/timelines", "tests/conformance/timelines"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        for file in std::fs::read_dir(folder).expect("kept stories").flatten() {
            let text = std::fs::read_to_string(file.path()).expect("a timeline");
            let timeline = habeas_intake::timeline::read(&text, "timeline", codebook()).expect("a timeline without mistakes");
            let monitor = Monitor::new(&timeline.codebook);
            let hearing = monitor.hear(&timeline.log, Asked { now: timeline.now, known_at: timeline.known_at });
            let (yes, no) = prove_all(&hearing, &timeline.codebook, &|| timeline.id.clone());
            proven += yes;
            not_tried += no;
        }
    }
    // Of rows without a birth date both ages are possible worlds, and counts and quantities are not re-proved.
    assert!(proven >= 80, "{proven} proven, {not_tried} not tried");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_the_monitor_says_of_any_history_is_never_refuted(history in histories(40, true, true)) {
        let entries = ready(&history);
        let log = log_of(&entries);
        let monitor = Monitor::new(codebook());
        let now = Moment(entries.last().map_or(0, |e| e.recorded_at.0) + 3_600_000_000);
        let hearing = monitor.hear(&log, Asked { now, known_at: now });
        prove_all(&hearing, codebook(), &|| story(&entries));
    }
}

/// Rules of the kinds that the conformance codebook has few of.
const CHAPTER: &str = r#"# A station

```event
event arrested of custody, person, opens custody.
event released of custody, person, closes custody.
event described of person, describes person: born date identity.
event identified of custody, person: sex choice(female, male).
event given of custody, person: item choice(pack, soap).
event brought of custody, person: before text.
event isolated of measure, custody, person: told yes/no; record yes/no; note text.
event returned of measure, custody, person.
event visited of custody, person.
```

```state
state child of person: age below 18 years.
state woman of person: from identified whose sex is female until identified whose sex is not female.
state alone of custody, measure: from isolated until returned.
```

```role
role ombudsman: address-book entry "ombudsman", language en.
```

```rule
rule pack-for-women
  Cites "Questions" section 1. In force from 2020-01-01. Severity record.
  For each custody where the person is a woman, after arrested, given whose item is pack must happen within 24 hours.
  On breach, tell ombudsman.

rule no-child-alone
  Cites "Questions" section 1. In force from 2020-01-01. Severity record.
  For each custody where the person is a child, no isolated may happen.
  On breach, tell ombudsman.

rule brought-in-time
  Cites "Questions" section 1. In force from 2020-01-01. Severity record.
  For each custody, after arrested, brought must happen within 48 hours.
  Unless the person is a child, the limit is 24 hours. On breach, tell ombudsman.

rule lawyer-told
  Cites "Questions" section 1. In force from 2020-01-01. Severity record.
  For each custody, every isolated must satisfy the told is yes.
  On breach, tell ombudsman.

rule not-long-alone
  Cites "Questions" section 1. In force from 2020-01-01. Severity record.
  For each custody, while alone, it must not last longer than 15 days without a break of at least 2 days.
  On breach, tell ombudsman.
```
"#;

/// A woman of age who was isolated twice, a child who was taken for a girl for a day, somebody of whom little is known, and visits of
/// which only the day is.
const STORY: &str = r#"{"id":"women","title":"Two women","rules":[],"now":"2026-06-01T00:00:00Z","expected":[],"events":[
{"id":"d1","kind":"described","at":"2026-01-01T00:00:00Z","subject":{"person":"P1"},"fields":{"born":"1990-05-01"}},
{"id":"d2","kind":"described","at":"2026-01-01T00:00:00Z","subject":{"person":"P2"},"fields":{"born":"2010-05-01"}},
{"id":"d3","kind":"described","at":"2026-01-01T00:00:00Z","subject":{"person":"P3"},"fields":{"born":"1980-05-01"}},
{"id":"a3","kind":"arrested","at":"2026-02-01T00:00:00Z","subject":{"custody":"C3","person":"P3"}},
{"id":"i1","kind":"identified","at":"2026-01-02T00:00:00Z","subject":{"person":"P1"},"fields":{"sex":"female"}},
{"id":"i2","kind":"identified","at":"2026-01-02T00:00:00Z","subject":{"person":"P2"},"fields":{"sex":"female"}},
{"id":"i3","kind":"identified","at":"2026-01-03T00:00:00Z","subject":{"person":"P2"},"fields":{"sex":"male"}},
{"id":"a1","kind":"arrested","at":"2026-02-01T00:00:00Z","subject":{"custody":"C1","person":"P1"}},
{"id":"a2","kind":"arrested","at":"2026-02-01T00:00:00Z","subject":{"custody":"C2","person":"P2"}},
{"id":"g1","kind":"given","at":"2026-02-03T00:00:00Z","subject":{"custody":"C1","person":"P1"},"fields":{"item":"pack"}},
{"id":"b1","kind":"brought","at":"2026-02-02T12:00:00Z","subject":{"custody":"C1","person":"P1"}},
{"id":"b2","kind":"brought","at":"2026-02-02T12:00:00Z","subject":{"custody":"C2","person":"P2"}},
{"id":"v1","kind":"visited","at":"2026-02-05","subject":{"custody":"C1","person":"P1"}},
{"id":"v2","kind":"visited","at":"2026-02-05","subject":{"custody":"C2","person":"P2"}},
{"id":"s1","kind":"isolated","at":"2026-03-01T00:00:00Z","subject":{"measure":"M1","custody":"C1","person":"P1"},"fields":{"told":"yes"}},
{"id":"r1","kind":"returned","at":"2026-03-05T00:00:00Z","subject":{"measure":"M1","custody":"C1","person":"P1"}},
{"id":"s2","kind":"isolated","at":"2026-04-01T00:00:00Z","subject":{"measure":"M2","custody":"C1","person":"P1"},"fields":{"told":"no"}},
{"id":"r2","kind":"returned","at":"2026-04-20T00:00:00Z","subject":{"measure":"M2","custody":"C1","person":"P1"}},
{"id":"e1","kind":"released","at":"2026-05-20T00:00:00Z","subject":{"custody":"C1","person":"P1"}}]}"#;

/// The codebook of the station.
fn station() -> Codebook {
    let subjects = "subjects = [\"custody\", \"measure\", \"person\"]\nthings = [\"person\"]\nchapters = [\"10.md\"]\n";
    let sources = "[[sources]]\nname = \"Questions\"\nsection = [\"1\"]\n";
    let manifest = &format!("id = \"station\"\nname = \"A station\"\nversion = \"1\"\nzone = \"UTC\"\n{subjects}{sources}");
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let source = PackSource { files: vec![file("codebook.toml", manifest), file("chapters/10.md", CHAPTER)] };
    habeas_codebook::read(&source, &|_| None).codebook.expect("a codebook without errors")
}

#[test]
fn what_rests_on_a_state_of_the_person_another_limit_or_a_break_is_proven_and_what_is_false_of_it_refuted() {
    let codebook = station();
    let timeline = habeas_intake::timeline::read(STORY, "story", &codebook).expect("a timeline without mistakes");
    let monitor = Monitor::new(&timeline.codebook);
    let hearing = monitor.hear(&timeline.log, Asked { now: timeline.now, known_at: timeline.known_at });
    let prover = Prover::new(&timeline.codebook, hearing.log(), hearing.asked());
    let rows: Vec<Row> = hearing.rows();
    for row in &rows {
        assert_eq!(prover.prove(row), Ok(Proof::Proven), "{} {row:?}", timeline.codebook.rules[row.rule.index()].id);
        for verdict in [Verdict::Met, Verdict::MetLate, Verdict::Breached, Verdict::Pending, Verdict::NotApplicable] {
            let other = Row { verdict, ..row.clone() };
            // Why a rule does not apply may lie elsewhere than in the entries: such a row is not proven.
            let refuted = prover.prove(&other).is_err();
            let unproven = verdict == Verdict::NotApplicable && prover.prove(&other) != Ok(Proof::Proven);
            assert!(verdict == row.verdict || refuted || unproven, "{verdict:?} instead of {row:?}");
        }
        for other in tampered(row) {
            assert!(prover.prove(&other).is_err() || other.verdict == Verdict::NotApplicable, "{other:?}");
        }
    }
    let of = |rule: &str| {
        let found = rows.iter().filter(|row| timeline.codebook.rules[row.rule.index()].id == rule);
        let mut found: Vec<&str> = found.map(|row| row.verdict.as_str()).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(of("pack-for-women"), ["met_late", "n.a.", "n.a."]);
    assert_eq!(of("no-child-alone"), ["n.a.", "n.a.", "n.a.", "pending"]);
    assert_eq!(of("brought-in-time"), ["breached", "met", "met_late"]);
    assert_eq!(of("lawyer-told"), ["breached", "met"]);
    assert_eq!(of("not-long-alone"), ["breached", "met"]);
}

/// Twice an isolation and its end are entered with one time, and somebody is isolated at the minute of a release.
const EMPTY: &str = r#"{"id":"empty","title":"At one instant","rules":[],"now":"2026-06-01T00:00:00Z","expected":[],"events":[
{"id":"a1","kind":"arrested","at":"2026-02-01T00:00:00Z","subject":{"custody":"C1","person":"P1"}},
{"id":"r1","kind":"returned","at":"2026-03-01T00:00:00Z","subject":{"measure":"M1","custody":"C1","person":"P1"}},
{"id":"s1","kind":"isolated","at":"2026-03-01T00:00:00Z","subject":{"measure":"M1","custody":"C1","person":"P1"},"fields":{"told":"yes"}},
{"id":"a2","kind":"arrested","at":"2026-02-01T00:00:00Z","subject":{"custody":"C2","person":"P2"}},
{"id":"s2","kind":"isolated","at":"2026-03-01T00:00:00Z","subject":{"measure":"M2","custody":"C2","person":"P2"},"fields":{"told":"yes"}},
{"id":"e2","kind":"released","at":"2026-03-01T00:00:00Z","subject":{"custody":"C2","person":"P2"}}]}"#;

#[test]
fn whether_a_run_of_no_length_is_one_is_left_to_the_machines_and_never_refuted() {
    let codebook = station();
    let timeline = habeas_intake::timeline::read(EMPTY, "story", &codebook).expect("a timeline without mistakes");
    let monitor = Monitor::new(&timeline.codebook);
    let hearing = monitor.hear(&timeline.log, Asked { now: timeline.now, known_at: timeline.known_at });
    let prover = Prover::new(&timeline.codebook, hearing.log(), hearing.asked());
    let long = |row: &Row| timeline.codebook.rules[row.rule.index()].id == "not-long-alone";
    let rows: Vec<Row> = hearing.rows().into_iter().filter(long).collect();
    assert!(rows.iter().any(|row| row.verdict == Verdict::Met), "{rows:?}");
    for row in rows {
        assert!(matches!(prover.prove(&row), Ok(Proof::NotTried(_))), "{row:?}");
    }
}
