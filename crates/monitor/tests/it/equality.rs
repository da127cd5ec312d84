//! The machines against a plain reading of the law: the same rows on histories that nobody wrote, over every body of the language.

use crate::histories::{MINUTE, Ready, START, Spelt, codebook, histories, log_of, ready, story};
use crate::oracle::{Oracle, Said, Subject};
use habeas_codebook::diagnostic::{Severity, SourceFile};
use habeas_codebook::log::Value;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::{Codebook, FieldId, Holds, KindId};
use habeas_monitor::{Asked, Hearing, Monitor, Row, Verdict};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// The conformance codebook with a rule for each body and clause; its events are those of [`codebook`].
fn every_body() -> &'static Codebook {
    static CODEBOOK: OnceLock<Codebook> = OnceLock::new();
    CODEBOOK.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
        let mut source = PackSource::from_folder(&folder).expect("the conformance codebook stands beside the crates");
        let manifest = &mut source.files.iter_mut().find(|f| f.path == "codebook.toml").expect("its manifest").text;
        *manifest = manifest.replace("\"70-places-and-visits.md\"]", "\"70-places-and-visits.md\", \"80-every-body.md\"]");
        source.files.push(SourceFile { path: "chapters/80-every-body.md".to_owned(), text: include_str!("every-body.md").to_owned() });
        let reading = habeas_codebook::read(&source, &|_| None);
        let errors: Vec<String> = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.message.clone()).collect();
        let made = reading.codebook.unwrap_or_else(|| panic!("{errors:?}"));
        assert_eq!(made.kinds.len(), codebook().kinds.len(), "histories are made of the events of both");
        made
    })
}

/// Entries with the two custodies opened and both birth dates known, so that no age is in doubt.
pub(crate) fn with_persons(history: Vec<Ready>, births: (i16, i16)) -> Vec<Ready> {
    let book = codebook();
    let kind = |name: &str| KindId(book.kinds.iter().position(|k| k.name == name).expect("a kind of the codebook") as u16);
    let born = FieldId(book.field_names.iter().position(|f| f == "born").expect("a built-in field") as u16);
    let class = |name: &str| book.class_named(name).expect("a class of the codebook");
    let at = Moment(START.0);
    let mut entries = Vec::new();
    for (who, year) in [births.0, births.1].into_iter().enumerate() {
        let (custody, person) = ((class("custody"), format!("C{who}")), (class("person"), format!("P{who}")));
        let entry = |id: &str, kind, subjects, fields| Ready {
            id: format!("{id}{who}"),
            kind,
            at: At::exact(at),
            recorded_at: at,
            subjects,
            fields,
        };
        entries.push(entry("o", kind("custody opened"), vec![custody, person.clone()], Vec::new()));
        let day = jiff::civil::date(year, 2, 11);
        entries.push(entry("p", kind("person described"), vec![person], vec![(born, Spelt::Value(Value::Date(day, day)))]));
    }
    entries.extend(history);
    entries
}

/// What identifies a row, and what is compared of it.
pub(crate) type Key = (String, bool, Subject, Option<String>);

fn key_of(hearing: &Hearing<'_>, row: &Row) -> Key {
    let log = hearing.log();
    let subject = (log.class_of(row.subject), log.name_of(row.subject).to_owned());
    (every_body().rules[row.rule.index()].id.clone(), row.record, subject, row.trigger.map(|t| log.id(t).to_owned()))
}

fn spoken(key: &Key, said: &Said) -> String {
    let minutes = |m: Option<Moment>| m.map_or_else(|| "-".to_owned(), |m| ((m.0 - START.0) as f64 / MINUTE as f64).to_string());
    let class = &every_body().class(key.2.0).name;
    format!(
        "{}{} {class} {} trigger {} {} due {} since {} until {} late {:?} over {:?}{}",
        key.0,
        if key.1 { "/record" } else { "" },
        key.2.1,
        key.3.as_deref().unwrap_or("-"),
        said.verdict.as_str(),
        minutes(said.due),
        minutes(said.since),
        minutes(said.until),
        said.late.map(|l| l / MINUTE),
        said.over.map(|l| l / MINUTE),
        // What cannot be told has the flags of no world.
        said.flags.names().filter(|_| said.verdict != Verdict::Undetermined).map(|flag| format!(" {flag}")).collect::<String>(),
    )
}

/// Every row of the machines.
pub(crate) fn by_machine(entries: &[Ready], now: Moment) -> Vec<(Key, Said)> {
    let monitor = Monitor::new(every_body());
    let log = log_of(entries);
    let hearing = monitor.hear(&log, Asked { now, known_at: now });
    let said = |row: &Row| Said {
        record: row.record,
        trigger: None,
        verdict: row.verdict,
        due: row.due_at,
        since: row.since,
        until: row.until,
        late: row.late_by,
        over: row.over_by,
        flags: row.flags,
        rests_on: Vec::new(),
    };
    hearing.rows().iter().map(|row| (key_of(&hearing, row), said(row))).collect()
}

/// Every row of the oracle.
fn by_oracle(entries: &[Ready], now: Moment) -> Vec<(Key, Said)> {
    let oracle = Oracle::new(every_body(), entries, now, now);
    let mut rows = Vec::new();
    for rule in &every_body().rules {
        for subject in oracle.subjects().into_iter().filter(|s| s.0 == rule.subject) {
            for said in oracle.judge(rule, &subject) {
                let trigger = said.trigger.map(|t| oracle.events[t].id.clone());
                rows.push(((rule.id.clone(), said.record, subject.clone(), trigger), Said { trigger: None, ..said }));
            }
        }
    }
    rows
}

fn sorted(rows: &[(Key, Said)]) -> Vec<String> {
    let mut spoken: Vec<String> = rows.iter().map(|(key, said)| spoken(key, said)).collect();
    spoken.sort();
    spoken
}

/// What one has and the other has not.
fn assert_equal(machine: &[(Key, Said)], oracle: &[(Key, Said)], entries: &[Ready], now: Moment) -> Result<(), TestCaseError> {
    let (machine, oracle) = (sorted(machine), sorted(oracle));
    let only = |a: &[String], b: &[String]| a.iter().filter(|row| !b.contains(row)).cloned().collect::<Vec<_>>().join("\n  ");
    let now = (now.0 - START.0) / MINUTE;
    prop_assert!(
        machine == oracle,
        "only the machines say\n  {}\nonly the oracle says\n  {}\nnow {now}\n{}",
        only(&machine, &oracle),
        only(&oracle, &machine),
        story(entries)
    );
    Ok(())
}

/// The worst verdict of each key; a key that is not there is `n.a.`.
pub(crate) fn worst(rows: &[(Key, Said)]) -> BTreeMap<Key, Verdict> {
    let mut worst = BTreeMap::new();
    for (key, said) in rows {
        let known = worst.entry(key.clone()).or_insert(said.verdict);
        *known = (*known).max(said.verdict);
    }
    worst
}

/// One world that the record allows: each rough time becomes an instant. A date alone is early, or late for what ends a state, so that no
/// state of that day ends before it starts.
fn world(entries: &[Ready], seed: u64) -> Vec<Ready> {
    let ends = |kind: KindId| {
        every_body().states.iter().any(|state| match &state.holds {
            Holds::Between { until, .. } => until.iter().any(|p| every_body().expand(p).0 == kind),
            Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. } => false,
        })
    };
    let mut state = seed | 1;
    let mut next = |most: i64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as i64 % most
    };
    let fixed = |entry: &Ready, next: &mut dyn FnMut(i64) -> i64| {
        let (first, last) = (entry.at.earliest.0, entry.at.latest.0);
        let minutes = (last - first) / MINUTE + 1;
        let at = match entry.at.precision {
            Precision::Day if ends(entry.kind) => first + (minutes - 1 - next(3)) * MINUTE,
            Precision::Day => first + next(3) * MINUTE,
            Precision::Exact | Precision::Range | Precision::Unknown => match next(4) {
                0 => first,
                1 => last,
                _ => first + next(minutes) * MINUTE,
            },
        };
        At::exact(Moment(at))
    };
    entries.iter().map(|e| Ready { at: fixed(e, &mut next), ..e.clone() }).collect()
}

/// What the machines are sure of, told `rough`, holds in a world that the record allows.
pub(crate) fn assert_sure(machine: &BTreeMap<Key, Verdict>, rough: &[Ready], exact: &[Ready], now: Moment) -> Result<(), TestCaseError> {
    let there = worst(&by_oracle(exact, now));
    for (key, verdict) in machine.iter().filter(|(_, v)| **v != Verdict::Undetermined) {
        let holds = there.get(key).copied().unwrap_or(Verdict::NotApplicable);
        prop_assert!(holds == *verdict, "{key:?}: sure of {verdict:?}, but {holds:?} in\n{}\nof\n{}", story(exact), story(rough));
    }
    for (key, holds) in there.iter().filter(|(key, _)| !machine.contains_key(key)) {
        prop_assert!(*holds == Verdict::NotApplicable, "{key:?}: no row, but {holds:?} in\n{}\nof\n{}", story(exact), story(rough));
    }
    Ok(())
}

/// Turns some rough times into dates alone.
fn with_dates(entries: Vec<Ready>, seed: u64) -> Vec<Ready> {
    let almanac = &codebook().almanac;
    let date = |e: Ready| {
        let day = almanac.date(e.at.earliest);
        let (first, last) = (almanac.start_of(day), Moment(almanac.end_of(day).0 - MINUTE));
        let at = At { earliest: first, latest: last, precision: Precision::Day };
        Ready { at, recorded_at: e.recorded_at.max(last), ..e }
    };
    entries.into_iter().enumerate().map(|(n, e)| if !e.at.is_exact() && seed >> (n % 60) & 1 == 1 { date(e) } else { e }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn the_machines_say_what_a_plain_reading_says(
        history in histories(90, false, true), after in 0i64..700, births in (1990i16..2012, 2007i16..2010)
    ) {
        let entries = with_persons(ready(&history), births);
        let now = Moment(START.0 + after * 5 * MINUTE);
        assert_equal(&by_machine(&entries, now), &by_oracle(&entries, now), &entries, now)?;
    }

    #[test]
    fn what_the_machines_are_sure_of_holds_in_every_world(
        history in histories(24, true, true), after in 0i64..900, births in (1990i16..2012, 2007i16..2010), seed in any::<u64>()
    ) {
        let entries = with_dates(with_persons(ready(&history), births), seed);
        let now = Moment(START.0 + after * 5 * MINUTE);
        let machine = worst(&by_machine(&entries, now));
        for n in 0..4 {
            assert_sure(&machine, &entries, &world(&entries, seed.rotate_left(n * 13)), now)?;
        }
    }
}

#[test]
fn the_histories_bring_every_rule_to_several_verdicts() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached: BTreeMap<&str, std::collections::BTreeSet<&str>> = BTreeMap::new();
    for n in 0..200 {
        let history = histories(90, false, true).new_tree(&mut runner).expect("a history").current();
        let entries = with_persons(ready(&history), if n % 2 == 0 { (1990, 2009) } else { (2009, 2010) });
        for (key, said) in by_machine(&entries, Moment(START.0 + 3_000 * MINUTE)) {
            let rule = every_body().rules.iter().find(|rule| rule.id == key.0).expect("a rule of the codebook");
            reached.entry(&rule.id).or_default().insert(said.verdict.as_str());
        }
    }
    // No history has calls, visits, placements or samples for tuberculosis.
    let without = ["hotline-forwarded", "placement-reviewed", "tb-tested-on-arrival", "visit-followed-up", "visit-unannounced"];
    let several = |rule: &&str| reached.get(*rule).is_some_and(|verdicts| verdicts.len() > 1);
    let rules: Vec<&str> = every_body().rules.iter().map(|rule| rule.id.as_str()).filter(|id| !without.contains(id)).collect();
    let silent: Vec<&&str> = rules.iter().filter(|rule| !reached.contains_key(**rule)).collect();
    assert_eq!(silent, Vec::<&&str>::new());
    let seldom: Vec<&&str> = rules.iter().filter(|rule| !several(rule)).collect();
    assert!(seldom.len() <= 2, "{seldom:?} come to one verdict each");
}

#[test]
fn an_excuse_that_ends_leaves_the_rest_of_the_interval_breached() {
    let book = every_body();
    let event = |id: &str, name: &str, minutes: i64, subjects: &[(&str, &str)]| {
        let kind = KindId(book.kinds.iter().position(|k| k.name == name).expect("a kind of the codebook") as u16);
        let subjects = subjects.iter().map(|(c, n)| (book.class_named(c).expect("a class of the codebook"), (*n).to_owned())).collect();
        let at = Moment(START.0 + minutes * MINUTE);
        Ready { id: id.to_owned(), kind, at: At::exact(at), recorded_at: at, subjects, fields: Vec::new() }
    };
    // Questioned without a lawyer: excused on the way to the station, and no more from the arrival on.
    let history = vec![
        event("e1", "interview started", 100, &[("custody", "C0"), ("interview", "I00")]),
        event("e2", "arrived", 130, &[("custody", "C0")]),
    ];
    let entries = with_persons(history, (2010, 1990));
    let rows = by_machine(&entries, Moment(START.0 + 200 * MINUTE));
    let rows: Vec<String> = sorted(&rows.into_iter().filter(|(key, _)| key.0 == "lawyer-beside" && key.2.1 == "C0").collect::<Vec<_>>());
    assert_eq!(
        rows,
        [
            "lawyer-beside custody C0 trigger - breached due - since 130 until - late None over None",
            "lawyer-beside custody C0 trigger - excused due - since 100 until 130 late None over None",
        ]
    );
}
