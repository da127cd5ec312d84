//! How long one late or corrected entry takes to be judged again, beside a thousand custodies of a hundred entries each:
//! `cargo run --release -p habeas-monitor --example rejudge -- tests/conformance`.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock and its codebook")]

use habeas_codebook::log::{Entry, Value};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::{ClassId, Codebook, FieldId, KindId};
use habeas_monitor::Monitor;
use habeas_monitor::live::Live;
use std::time::Instant;

const MINUTE: i64 = 60_000_000;

fn kind(codebook: &Codebook, name: &str) -> KindId {
    KindId(codebook.kinds.iter().position(|k| k.name == name).expect("a kind of the conformance codebook") as u16)
}

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "tests/conformance".to_owned());
    let source = PackSource::from_folder(folder.as_ref()).expect("a codebook");
    let codebook = habeas_codebook::read(&source, &|_| None).codebook.expect("a codebook without errors");
    let monitor = Monitor::new(&codebook);
    let mut live = Live::new(&monitor);
    let custody = codebook.class_named("custody").expect("the class custody");
    let born = FieldId(codebook.field_names.iter().position(|f| f == "born").expect("the field born") as u16);
    let names = ["arrested", "arrived", "medical examination", "illness or injury noted", "lawyer met", "relative notified"];
    let kinds: Vec<KindId> = names.iter().map(|n| kind(&codebook, n)).collect();
    let mut number = 0u64;
    let mut append = |live: &mut Live<'_>, kind: KindId, who: usize, at: i64, recorded: i64, fields: &[(FieldId, Value)], person: bool| {
        number += 1;
        let (name, person_name) = (format!("C{who}"), format!("P{who}"));
        let mut subjects: Vec<(ClassId, &str)> = vec![(custody, &name)];
        if person {
            subjects.push((codebook.class_named("person").expect("the class person"), &person_name));
        }
        let id = format!("e{number:08}");
        let (at, recorded_at) = (At::exact(Moment(at)), Moment(recorded));
        let entry = Entry { id: &id, kind, at, recorded_at, by: None, subjects: &subjects, fields };
        live.append(&entry, recorded_at).expect("ids differ");
    };
    for who in 0..1000 {
        append(&mut live, kind(&codebook, "custody opened"), who, 0, 0, &[], true);
        append(&mut live, kind(&codebook, "person described"), who, 0, 0, &[(born, Value::Date(jiff_date(), jiff_date()))], true);
        for n in 0..98 {
            let at = (n as i64 + 1) * 20 * MINUTE;
            append(&mut live, kinds[n % kinds.len()], who, at, at, &[], false);
        }
    }
    let mut took: Vec<u128> = (0..1000)
        .map(|who| {
            let start = Instant::now();
            append(&mut live, kinds[2], (who * 37) % 1000, 333 * MINUTE, 3000 * MINUTE, &[], false);
            start.elapsed().as_nanos()
        })
        .collect();
    took.sort_unstable();
    println!(
        "one late entry of a custody of 100 entries, {} rules: median {} µs, 99 of 100 within {} µs",
        codebook.rules.len(),
        took[500] / 1000,
        took[990] / 1000
    );
}

fn jiff_date() -> jiff::civil::Date {
    jiff::civil::date(1990, 5, 5)
}
