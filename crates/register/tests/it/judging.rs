//! Verdicts kept beside the log are those of the whole log, at every prefix and at every moment.

use crate::histories::{self, Told, log_of, ready, story};
use crate::station::{Kept, Station, at, codebook, officer, on_both_stores};
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Asked, Hearing, Monitor, Row};
use habeas_register::draft::exactly;
use habeas_register::{Draft, Query, Register, VerdictEntry};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

fn minutes(moment: Option<Moment>) -> String {
    moment.map_or_else(|| "-".to_owned(), |moment| ((moment.0 - histories::START.0) / histories::MINUTE).to_string())
}

fn of_check(hearing: &Hearing<'_>, row: &Row) -> String {
    let (log, book) = (hearing.log(), hearing.monitor().codebook());
    let subject = format!("{} {}", book.class(log.class_of(row.subject)).name, log.name_of(row.subject));
    let trigger = row.trigger.map_or("-", |event| log.id(event));
    let events: Vec<&str> = row.events.iter().map(|event| log.id(*event)).collect();
    let (due, since, until) = (minutes(row.due_at), minutes(row.since), minutes(row.until));
    let (late, over, flags) = (row.late_by, row.over_by, row.flags.names().collect::<Vec<_>>());
    let rule = &book.rules[row.rule.index()].id;
    let verdict = row.verdict.as_str();
    format!(
        "{subject} {rule} {} {trigger} {verdict} due {due} since {since} until {until} {late:?} {over:?} {flags:?} {events:?}",
        row.record
    )
}

fn of_register(row: &VerdictEntry) -> String {
    let subject = format!("{} {}", row.subject.0, row.subject.1);
    let trigger = row.trigger.as_deref().unwrap_or("-");
    let (due, since, until) = (minutes(row.due_at), minutes(row.since), minutes(row.until));
    let (late, over, flags, events) = (row.late_by, row.over_by, &row.flags, &row.events);
    let (rule, verdict) = (row.rule.as_deref().unwrap_or("sealed"), &row.verdict);
    format!(
        "{subject} {rule} {} {trigger} {verdict} due {due} since {since} until {until} {late:?} {over:?} {flags:?} {events:?}",
        row.record
    )
}

fn all_rows(station: &Station, now: Moment) -> Vec<String> {
    rows_of(&station.register, now)
}

/// Every verdict that stands beside the log, as words, sorted.
pub(crate) fn rows_of(register: &Register, now: Moment) -> Vec<String> {
    rows(register, Query::default(), now)
}

/// Every verdict that answers a question, as words, sorted.
pub(crate) fn rows(register: &Register, mut query: Query, now: Moment) -> Vec<String> {
    let mut rows = Vec::new();
    loop {
        let page = register.verdicts(&query, now).expect("verdicts");
        let Some(last) = page.last() else { break };
        query.after = Some(last.cursor.clone());
        rows.extend(page.iter().map(of_register));
    }
    rows.sort();
    rows
}

/// What a fresh look at a whole log comes to, as words, sorted.
pub(crate) fn checked(book: &Codebook, log: &Log, now: Moment) -> Vec<String> {
    let monitor = Monitor::new(book);
    let asked = Asked { now, known_at: now };
    let grown = monitor.with_breaches(log, asked);
    let hearing = monitor.hear(grown.as_ref().unwrap_or(log), asked);
    let mut rows: Vec<String> = hearing.rows().iter().map(|row| of_check(&hearing, row)).collect();
    rows.sort();
    rows
}

fn the_same_at_every_prefix(station: &Station, history: &[Told]) -> Result<(), TestCaseError> {
    let book = codebook();
    let entries = ready(history);
    let whole = log_of(&entries);
    for (n, event) in whole.events().enumerate() {
        let now = entries[n].recorded_at;
        let draft = Draft::of_entry(&book, &whole, event, "a test");
        station.register.append(draft, &officer(), now).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(
            all_rows(station, now),
            checked(&book, &log_of(&entries[..=n]), now),
            "after {}:\n{}",
            n + 1,
            story(&entries[..=n])
        );
    }
    let mut now = entries.last().map_or(histories::START, |entry| entry.recorded_at);
    for _ in 0..4 {
        now = Moment(now.0 + 37 * 60 * histories::MINUTE);
        prop_assert_eq!(all_rows(station, now), checked(&book, &log_of(&entries), now), "later:\n{}", story(&entries));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn live_verdicts_equal_check_at_every_prefix(history in histories::histories(20, true, true)) {
        the_same_at_every_prefix(&Station::new(), &history)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn live_verdicts_on_postgres_equal_check_at_every_prefix(history in histories::histories(20, true, true)) {
        if let Some(station) = Station::at(Kept::OnPostgres) {
            the_same_at_every_prefix(&station, &history)?;
        }
    }
}

/// A custody that is judged again on what is kept of it: entries that no rule asks about, a time that a correction puts ahead, time alone.
#[test]
fn what_a_correction_puts_ahead_is_judged_when_it_comes() {
    let station = Station::new();
    let about = |id: &str, kind: &str, minutes: i64| Draft::new(id, kind, exactly(at(minutes)), &[("custody", "C1")]);
    let enter = |draft: Draft, minutes: i64| drop(station.append(draft, minutes).expect("the codebook asks no more of it"));
    enter(about("e0", "arrested", 0), 0);
    for number in 1..12 {
        enter(about(&format!("n{number}"), "notification declined", number), number);
    }
    enter(about("e1", "removed from facility", 20).with("purpose", "court hearing"), 20);
    enter(about("c1", "correction", 21).with("corrects", "e1").with("at", "2026-02-10T11:00:00+04:00"), 21);
    enter(about("n12", "notification declined", 22), 22);
    let of_removal = |minutes: i64| all_rows(&station, at(minutes)).iter().filter(|row| row.contains(" e1 ")).cloned().collect::<Vec<_>>();
    assert_eq!(of_removal(60), Vec::<String>::new(), "nobody has been taken anywhere yet");
    assert!(!of_removal(121).is_empty(), "it is eleven o'clock");
    let breached = all_rows(&station, at(9_000));
    assert_eq!(all_rows(&station.restart(), at(9_000)), breached, "a register that was just opened says the same");
}

/// Hundreds of entries about a few places, with starts between: what was seen of a place is found again, or made again where it is damaged.
#[test]
fn what_was_seen_of_a_place_is_found_again_after_a_start() {
    let history = histories::histories(5_000, false, true);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut drawn = std::iter::repeat_with(|| history.new_tree(&mut runner).expect("a history").current());
    let (book, mut entries) = (codebook(), ready(&drawn.find(|drawn| drawn.len() > 3_000).expect("a long one")));
    entries.retain(|entry| entry.subjects.iter().any(|(class, _)| book.class(*class).thing));
    entries.truncate(400);
    let whole = log_of(&entries);
    let events: Vec<_> = whole.events().collect();
    let mut station = Station::new();
    for (part, some) in events.chunks(100).enumerate() {
        let now = entries[(part * 100 + some.len()) - 1].recorded_at;
        let drafts: Vec<Draft> = some.iter().map(|event| Draft::of_entry(&book, &whole, *event, "a test")).collect();
        assert!(station.register.append_all(drafts, &officer(), now).expect("it is open").iter().all(Result::is_ok));
        let so_far = checked(&book, &log_of(&entries[..part * 100 + some.len()]), now);
        assert_eq!(all_rows(&station, now), so_far, "after {part} starts");
        station = station.restart();
        let later = Moment(now.0 + histories::MINUTE);
        assert_eq!(all_rows(&station, later), checked(&book, &log_of(&entries[..part * 100 + some.len()]), later), "just opened");
        let file = rusqlite::Connection::open(station.folder.path().join("register.db")).expect("the file");
        let stored: i64 = file.query_row("SELECT count(*) FROM thing", [], |row| row.get(0)).expect("a count");
        assert_eq!(stored > 0, part >= 2, "{stored} things after {part} starts");
        if part == 2 {
            file.execute("UPDATE thing SET seen = substr(seen, 1, 40)", []).expect("damaged");
        }
    }
}

/// An old register is brought in, and the machine stops before anybody was judged.
fn what_an_import_left_is_judged_and_is_no_news(station: Station) {
    let arrest = |custody: u64| {
        let draft = Draft::new(&format!("a{custody}"), "arrested", exactly(at(0)), &[("custody", &format!("C{custody}"))]);
        Draft { source: Some("the old register".to_owned()), recorded_at: Some(at(1)), ..draft }
    };
    let live = Draft::new("live", "arrested", exactly(at(5_000)), &[("custody", "LIVE")]);
    let told = |station: &Station| station.register.waiting(&[]).expect("the outbox").iter().map(|waiting| waiting.notices).sum::<usize>();
    let one_by_one = Station::new();
    for custody in 0..100 {
        one_by_one.register.append(arrest(custody), &officer(), at(5_000)).expect("an arrest");
    }
    let receipts = station.register.append_all((0..100).map(arrest).collect(), &officer(), at(5_000)).expect("it is open");
    assert!(receipts.iter().all(Result::is_ok));
    let station = station.restart();
    for station in [&station, &one_by_one] {
        station.append(live.clone(), 5_000).expect("an officer's entry");
        assert_eq!(told(station), 0, "what was brought is history");
    }
    let now = at(9_000);
    assert_eq!(all_rows(&station, now), all_rows(&one_by_one, now), "as if each had been judged when it came");
    assert_eq!(told(&station), told(&one_by_one));
    assert!(told(&station) > 0, "of the live arrest");
}

on_both_stores!(what_an_import_left_is_judged_and_is_no_news);
