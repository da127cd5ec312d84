//! The same numbers by a second path: a naive recount over the entries as written, with none of the crate's machinery.

use crate::station::{Told, codebook, counted, log, number, told};
use proptest::prelude::*;

/// Custodies of a spring: who, where, from which hour to which (none: still held).
fn custodies() -> impl Strategy<Value = Vec<(u8, u8, u16, Option<u16>)>> {
    prop::collection::vec((0u8..6, 0u8..3, 0u16..2880, prop::option::of(1u16..1500)), 1..25)
}

fn at(hour: u32) -> String {
    let (day, hour) = (hour / 24, hour % 24);
    let (month, day) =
        [(3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31)].iter().fold((0, day as i64), |(month, left), (number, days)| {
            if month > 0 {
                (month, left)
            } else if left < *days {
                (*number, left)
            } else {
                (0, left - days)
            }
        });
    format!("2029-{month:02}-{:02}T{hour:02}:00", day + 1)
}

fn entries(custodies: &[(u8, u8, u16, Option<u16>)]) -> Vec<Told> {
    let mut entries = Vec::new();
    for (number, (person, place, start, length)) in custodies.iter().enumerate() {
        let subjects = format!("custody=C{number} person=P{person} place=S{place}");
        entries.push(told(&format!("a{number}"), "arrested", &at(u32::from(*start)), &subjects));
        if let Some(length) = length {
            entries.push(told(&format!("r{number}"), "released", &at(u32::from(*start) + u32::from(*length)), &subjects));
        }
    }
    entries
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn a_naive_recount_agrees(custodies in custodies()) {
        let codebook = codebook();
        let made = counted(&codebook, &log(&codebook, &entries(&custodies)), "HELD", "2029-04", "2029-10-01");
        // April: hours 744 to 1464 since 1 March.
        let (from, to) = (744u32, 1464u32);
        for place in [None, Some(0u8), Some(1), Some(2)] {
            let here: Vec<_> = custodies.iter().filter(|c| place.is_none_or(|p| p == c.1)).collect();
            let by = place.map_or_else(String::new, |p| format!("place=S{p}"));
            if place.is_some() && here.is_empty() {
                continue;
            }
            let began: Vec<_> = here.iter().filter(|c| (from..to).contains(&u32::from(c.2))).collect();
            let reaches = |c: &&(u8, u8, u16, Option<u16>)| u32::from(c.2) < to && c.3.is_none_or(|l| u32::from(c.2) + u32::from(l) > from);
            if place.is_some() && !here.iter().any(reaches) {
                continue;
            }
            let mut persons: Vec<u8> = began.iter().map(|c| c.0).collect();
            persons.sort_unstable();
            persons.dedup();
            prop_assert_eq!(number(&made, "arrests", &by), began.len().to_string());
            prop_assert_eq!(number(&made, "persons", &by), persons.len().to_string());
            let end = |c: &(u8, u8, u16, Option<u16>)| c.3.map_or(u32::MAX, |length| u32::from(c.2) + u32::from(length));
            let held = |hour: u32| here.iter().filter(|c| u32::from(c.2) <= hour && hour < end(c)).count().to_string();
            prop_assert_eq!(number(&made, "at the start", &by), held(from));
            let at_end = here.iter().filter(|c| u32::from(c.2) < to && end(c) >= to).count().to_string();
            prop_assert_eq!(number(&made, "at the end", &by), at_end);
            let hours: u32 = here.iter().map(|c| end(c).min(to).saturating_sub(u32::from(c.2).max(from))).sum();
            let days: f64 = number(&made, "days", &by).parse().expect("a number");
            prop_assert!((days - f64::from(hours) / 24.0).abs() < 0.006, "{} hours gave {} days", hours, days);
            let mut lengths: Vec<u32> = began.iter().filter(|c| end(c) <= to).map(|c| end(c) - u32::from(c.2)).collect();
            lengths.sort_unstable();
            let open = began.len() - lengths.len();
            let open = if open > 0 { format!(" and {open} open") } else { String::new() };
            if let Some(middle) = lengths.len().checked_sub(1) {
                prop_assert_eq!(number(&made, "median", &by), format!("{}{open}", lengths[middle / 2] * 60));
                let ninetieth = lengths[(lengths.len() * 9).div_ceil(10) - 1];
                prop_assert_eq!(number(&made, "ninetieth", &by), format!("{}{open}", ninetieth * 60));
            }
        }
    }
}
