//! What is asked of the whole register at once: how the rules stand, what went on lately, how many are held; and a register of the schema
//! before, which is brought up to it.

use crate::station::{Kept, Station, at, on_both_stores, open_at};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::KindId;
use habeas_register::draft::exactly;
use habeas_register::{Count, Draft, Entry, Place, Query, Register, VerdictEntry};

fn arrested(number: i64, minutes: i64) -> Draft {
    Draft::new(&format!("e{number}"), "arrested", exactly(at(minutes)), &[("custody", &format!("C{number}"))])
}

fn released(number: i64, minutes: i64) -> Draft {
    Draft::new(&format!("r{number}"), "released", exactly(at(minutes)), &[("custody", &format!("C{number}"))])
}

/// Two days on: duties were missed by all, and the first two were released on the first day.
const LATER: i64 = 2 * 24 * 60;

fn lived(station: &Station) {
    for number in 0..6 {
        station.append(arrested(number, number), number).expect("an arrest");
    }
    for number in 0..2 {
        station.append(released(number, 600), 600).expect("a release");
    }
    station.register.sweep(at(LATER)).expect("swept");
}

fn all(register: &Register, query: &Query) -> Vec<VerdictEntry> {
    let mut query = Query { limit: 3, ..query.clone() };
    let mut found = Vec::new();
    loop {
        let page = register.verdicts(&query, at(LATER)).expect("read");
        let Some(last) = page.last() else { return found };
        query.after = Some(last.cursor.clone());
        found.extend(page);
    }
}

/// As the register counts, and as one counts by reading every verdict.
fn counted(register: &Register) -> (Vec<Count>, Vec<Count>) {
    let mut plain: Vec<Count> = Vec::new();
    for verdict in all(register, &Query::default()).into_iter().filter(|verdict| verdict.class == "custody" && !verdict.record) {
        let rule = verdict.rule.expect("it is no secret");
        match plain.iter_mut().find(|one| one.rule == rule && one.verdict == verdict.verdict) {
            Some(one) => one.count += 1,
            None => plain.push(Count { rule, verdict: verdict.verdict, count: 1 }),
        }
    }
    let mut counts = register.counts(at(LATER)).expect("counted");
    counts.sort_by(|one, other| (&one.rule, &one.verdict).cmp(&(&other.rule, &other.verdict)));
    plain.sort_by(|one, other| (&one.rule, &one.verdict).cmp(&(&other.rule, &other.verdict)));
    (counts, plain)
}

fn every_rule_is_counted_as_one_counts_by_reading(station: Station) {
    lived(&station);
    let (counts, plain) = counted(&station.register);
    assert!(!plain.is_empty());
    assert_eq!(counts, plain);
    assert_eq!(station.register.held("custody").expect("counted").iter().map(|(_, held)| held).sum::<usize>(), 4);
}

fn what_went_on_lately_is_what_has_not_ended_before(station: Station) {
    lived(&station);
    let day_ago = Moment(at(LATER).0 - 24 * 60 * crate::station::MINUTE);
    let lately = all(&station.register, &Query { ended_after: Some(day_ago), ..Query::default() });
    let every = all(&station.register, &Query::default());
    let breached = |rows: &[VerdictEntry], id: &str| {
        rows.iter().filter(|row| row.verdict == "breached" && row.subject.1 == id).map(|row| row.rule.clone()).collect::<Vec<_>>()
    };
    assert!(!breached(&every, "C5").is_empty());
    assert_eq!(breached(&lately, "C5").len(), breached(&every, "C5").len(), "what is still owed goes on");
    assert!(!breached(&every, "C0").is_empty());
    assert!(breached(&lately, "C0").is_empty(), "the custody closed more than a day ago: {lately:?}");
    assert!(lately.iter().all(|row| row.verdict == "breached" || row.verdict == "met_late"));
    let goes_on = |row: &VerdictEntry| row.until.is_none() && row.verdict == "breached";
    assert!(lately.first().is_some_and(goes_on), "what goes on comes first: {lately:?}");
    let by_ones: Vec<VerdictEntry> = {
        let (mut query, mut found) = (Query { ended_after: Some(day_ago), limit: 1, ..Query::default() }, Vec::new());
        while let Some(row) = station.register.verdicts(&query, at(LATER)).expect("listed").pop() {
            query.after = Some(row.cursor.clone());
            found.push(row);
        }
        found
    };
    assert_eq!(by_ones, lately, "page after page, nothing is left out");
    let first = station.register.first_since(at(600)).expect("found");
    assert_eq!(first, 6, "the first release");
    assert_eq!(station.register.first_since(at(LATER)).expect("found"), station.register.size().expect("counted"));
}

fn entries_of_some_kinds_are_those_that_one_finds_by_reading_all(station: Station) {
    lived(&station);
    for number in [1, 4] {
        let examined = Draft::new(&format!("m{number}"), "medical examination", exactly(at(700)), &[("custody", &format!("C{number}"))]);
        station.append(examined.with("reason", "arrival"), 700).expect("an examination");
    }
    let codebook = crate::station::codebook();
    let kinds = |names: &[&str]| -> Vec<KindId> {
        let numbered = codebook.kinds.iter().zip(0..).filter(|(kind, _)| names.contains(&kind.name.as_str()));
        numbered.map(|(_, number)| KindId(number)).collect()
    };
    let register = &station.register;
    let size = u32::try_from(register.size().expect("counted")).expect("few");
    for names in [&["released"][..], &["medical examination"], &["arrested", "medical examination"], &[]] {
        let is_one = |entry: &Entry| names.contains(&entry.kind.as_str());
        let mut all = register.scan(2, size).expect("read");
        all.retain(is_one);
        assert_eq!(register.scan_kinds(2, size, &kinds(names)).expect("read"), all, "{names:?}");
        let mut own = register.history("custody", "C1", None).expect("read");
        own.retain(is_one);
        assert_eq!(register.of_kinds(("custody", "C1"), &kinds(names)).expect("read"), own, "{names:?}");
        assert!(names.is_empty() || !own.is_empty());
    }
    assert!(register.of_kinds(("custody", "C99"), &kinds(&["arrested"])).expect("read").is_empty(), "nobody is held there");
}

on_both_stores!(
    every_rule_is_counted_as_one_counts_by_reading,
    what_went_on_lately_is_what_has_not_ended_before,
    entries_of_some_kinds_are_those_that_one_finds_by_reading_all,
);

/// What undoes every change of the schema since the first, as a register of the first program has it.
const UNDONE: &str = "DROP TABLE thing; DELETE FROM setting WHERE name = 'schema 5';
    DROP TABLE file; DELETE FROM setting WHERE name = 'schema 4';
    ALTER TABLE reader DROP COLUMN what; DELETE FROM setting WHERE name = 'schema 3';
    DROP INDEX verdict_by_rule; DROP INDEX verdict_by_end; ALTER TABLE verdict DROP COLUMN ended_at;
    ALTER TABLE verdict DROP COLUMN of_record; DELETE FROM setting WHERE name = 'schema 2';";

fn is_brought_up(station: Station, undo: impl FnOnce(&Place)) {
    lived(&station);
    let asked = |register: &Register| {
        let ended_after = Some(Moment(at(LATER).0 - 24 * 60 * crate::station::MINUTE));
        let mut lately = all(register, &Query { ended_after, ..Query::default() });
        // What is sealed has no end until it is judged again.
        lately.retain(|row| row.class == "custody");
        (counted(register).0, lately)
    };
    let before = asked(&station.register);
    let Station { register, place, folder } = station;
    drop(register);
    undo(&place);
    let register = open_at(&place).expect("it is brought up");
    assert_eq!(asked(&register), before);
    drop(folder);
}

#[test]
fn a_register_of_the_schema_before_is_brought_up_and_answers_alike() {
    is_brought_up(Station::new(), |place| {
        let file = rusqlite::Connection::open(place.folder().join("register.db")).expect("the file");
        file.execute_batch(UNDONE).expect("undone");
        file.pragma_update(None, "user_version", 1).expect("undone");
    });
}

#[test]
fn on_postgres_a_register_of_the_schema_before_is_brought_up_and_answers_alike() {
    let Some(station) = Station::at(Kept::OnPostgres) else { return };
    is_brought_up(station, |place| {
        let Place::Postgres { url, .. } = place else { panic!("it is on PostgreSQL") };
        let mut client = postgres::Client::connect(url, postgres::NoTls).expect("the server");
        client.batch_execute(UNDONE).expect("undone");
    });
}
