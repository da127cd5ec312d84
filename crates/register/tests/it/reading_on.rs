//! The register read as one log by whoever counts, who hears it all anew where entries do not come in order: so they do.

use crate::station::{Station, at, officer, on_both_stores};
use habeas_codebook::log::{EventId, Log};
use habeas_register::Draft;
use habeas_register::draft::exactly;

on_both_stores!(what_is_booked_in_at_one_instant_is_read_in_order, many_entries_are_opened_side_by_side_and_stand_in_their_places);

fn ids(log: &Log) -> Vec<String> {
    (0..log.len() as u32).map(|place| log.id(EventId(place)).to_owned()).collect()
}

/// A night's booking-in, one act: its entries have one instant, and their ids say nothing of which came first.
fn booked_in(station: &Station, custody: &str, minutes: i64) {
    let one = |id: &str, kind: &str| Draft::new(&format!("{custody}-{id}"), kind, exactly(at(minutes)), &[("custody", custody)]);
    let act = vec![one("z", "arrested"), one("m", "relative notified"), one("a", "notification declined")];
    station.register.append_together(act, &officer(), at(minutes)).expect("booked in");
}

fn what_is_booked_in_at_one_instant_is_read_in_order(station: Station) {
    booked_in(&station, "C1", 0);
    let mut log = Log::new();
    let size = station.register.read_on(&mut log, 0, &|_| ()).expect("the first night").size;
    assert_eq!(ids(&log), ["C1-a", "C1-m", "C1-z"]);
    assert!(log.in_order_of_record().is_none(), "nothing is to be put in order, so nothing is heard anew");

    booked_in(&station, "C2", 60);
    let read = station.register.read_on(&mut log, size, &|_| ()).expect("the second night");
    assert_eq!((read.size, read.erased), (6, false));
    assert_eq!(ids(&log)[3..], ["C2-a", "C2-m", "C2-z"]);
    assert!(log.in_order_of_record().is_none(), "what came in stands after what was heard");
}

fn many_entries_are_opened_side_by_side_and_stand_in_their_places(station: Station) {
    // More than three lots. In each minute the ids go backwards, and one minute lies across two lots.
    let drafts = |minute: i64| {
        let one = |number: i64| {
            let id = format!("e{minute}-{:04}", 9_999 - number);
            Draft::new(&id, "person described", exactly(at(minute)), &[("person", &format!("P{}", number % 7))]).with("name", id.as_str())
        };
        (0..700).map(one).collect::<Vec<_>>()
    };
    for minute in 0..5 {
        let receipts = station.register.append_all(drafts(minute), &officer(), at(minute)).expect("answers");
        assert!(receipts.iter().all(Result::is_ok));
    }
    let told = std::sync::atomic::AtomicU64::new(0);
    let mut log = Log::new();
    let tell = |read: u64| told.store(read, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(station.register.read_on(&mut log, 0, &tell).expect("all of it").size, 3_500);
    let wanted: Vec<String> = (0..5).flat_map(|minute| (9_300..10_000).map(move |number| format!("e{minute}-{number:04}"))).collect();
    assert_eq!(ids(&log), wanted);
    assert!(log.in_order_of_record().is_none());
    assert_eq!(told.into_inner(), 3_072, "and it was said how far it was");
    let anew = station.register.log_so_far().expect("all of it").in_order_of_record().expect("as recorded the ids go backwards");
    assert!((0..3_500).map(EventId).all(|event| log.fields(event).len() == anew.fields(event).len() && !log.fields(event).is_empty()));
}
