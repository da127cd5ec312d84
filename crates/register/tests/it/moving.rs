//! A register that moves between a folder and PostgreSQL, and what only a database server can do wrong.

use crate::station::{Kept, Station, at, fresh_schema, keys, open_at};
use habeas_ledger::policy::Policy;
use habeas_ledger::proof::{Proof, Shown};
use habeas_register::draft::exactly;
use habeas_register::{Draft, Moved, Place, Query, RegisterError, move_register};

fn arrested(number: i64) -> Draft {
    Draft::new(&format!("e{number}"), "arrested", exactly(at(number)), &[("custody", &format!("C{number}"))])
}

fn move_to(station: Station, to: &Place) -> Moved {
    let Station { register, place, folder } = station;
    let entries = register.checkpoint().expect("a checkpoint").size;
    drop(register);
    let mut told = 0;
    let moved = move_register(&place, to, &mut |rows| told = rows).expect("it moves");
    assert_eq!((moved.entries, moved.rows), (entries, told));
    let why = open_at(&place).expect_err("one log must not go on in two places").to_string();
    assert!(why.contains("read-only: it was moved to"), "{why}");
    let again = move_register(&place, to, &mut |_| ()).expect("asked again it says that all is there");
    assert_eq!((again.entries, again.rows), (entries, 0), "and moves only once");
    drop(folder);
    moved
}

#[test]
fn a_register_moves_to_postgres_and_back_and_goes_on() {
    let Some(url) = fresh_schema() else { return };
    let station = Station::new();
    for number in 0..300 {
        station.append(arrested(number), number).expect("an arrest");
    }
    let before = station.register.checkpoint().expect("a checkpoint");
    let verdicts = station.register.verdicts(&Query::default(), at(400)).expect("verdicts");
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let server = Place::Postgres { url, folder: folders[0].path().to_owned() };
    move_to(station, &server);
    let there = open_at(&server).expect("it opens on the server");
    assert_eq!(there.checkpoint().expect("a checkpoint"), before);
    assert_eq!(there.verdicts(&Query::default(), at(400)).expect("verdicts"), verdicts);
    there.append(arrested(300), &crate::station::officer(), at(301)).expect("it goes on");
    drop(there);
    let back = Place::Sqlite(folders[1].path().to_owned());
    move_register(&server, &back, &mut |_| ()).expect("it moves back");
    let here = open_at(&back).expect("it opens in the folder");
    assert_eq!(here.checkpoint().expect("a checkpoint").size, 301);
    assert_eq!(here.history("custody", "C7", None).expect("what was sealed opens").len(), 1);
    let proof = Proof::parse(&here.receipt(7).expect("a receipt")).expect("a tlog-proof");
    let shown = Shown::from_bytes(proof.extra.as_deref().expect("the header")).expect("our own form");
    let policy = Policy::of_log(keys().log.verifier().clone());
    proof.check_unwitnessed(&shown.leaf().expect("a leaf"), &policy).expect("it is in the log");
}

#[test]
fn a_register_does_not_move_over_another() {
    let (one, other) = (Station::new(), Station::new());
    other.append(arrested(1), 1).expect("an arrest");
    let (from, to) = (one.place.clone(), other.place.clone());
    let both = [one, other].map(|station| (station.folder, drop(station.register)).0);
    let refused = move_register(&from, &to, &mut |_| ()).expect_err("it must be refused");
    assert!(refused.to_string().contains("holds a register already"), "{refused}");
    assert_eq!(open_at(&to).expect("unharmed").checkpoint().expect("a checkpoint").size, 1);
    drop(both);
}

#[test]
fn on_postgres_a_second_writer_is_refused_and_an_event_stays() {
    let Some(station) = Station::at(Kept::OnPostgres) else { return };
    station.append(arrested(1), 1).expect("an arrest");
    let Place::Postgres { url, .. } = &station.place else { panic!("it is on PostgreSQL") };
    let elsewhere = tempfile::tempdir().expect("another machine's folder");
    let second = Place::Postgres { url: url.clone(), folder: elsewhere.path().to_owned() };
    let Err(RegisterError::ReadOnly { why }) = open_at(&second) else { panic!("two writers") };
    assert!(why.contains("another process writes to it"), "{why}");
    let mut client = postgres::Client::connect(url, postgres::NoTls).expect("whoever runs the server");
    for statement in ["DELETE FROM event", "UPDATE event SET header = ''", "TRUNCATE event"] {
        assert!(client.batch_execute(statement).is_err(), "{statement}");
    }
}

#[test]
fn on_postgres_what_was_signed_and_is_missing_stops_the_register() {
    let Some(station) = Station::at(Kept::OnPostgres) else { return };
    for number in 0..3 {
        station.append(arrested(number), number).expect("an arrest");
    }
    let Station { register, place, folder } = station;
    drop(register);
    let Place::Postgres { url, .. } = &place else { panic!("it is on PostgreSQL") };
    let mut client = postgres::Client::connect(url, postgres::NoTls).expect("whoever runs the server");
    client.batch_execute("ALTER TABLE event DISABLE TRIGGER USER; DELETE FROM event WHERE seq = 2").expect("they can do all");
    let Err(RegisterError::ReadOnly { why }) = open_at(&place) else { panic!("it must refuse") };
    assert!(why.contains("it holds 2 entries and the edge of a tree of 3"), "{why}");
    drop(folder);
}
