//! A log that is kept heard between questions answers as one that is heard anew for each.

use crate::station::{Told, codebook, log, moment, told};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_returns::Kept;
use habeas_returns::cells::Audience;
use habeas_returns::period::Period;
use habeas_returns::release::{self, Wanted};
use habeas_returns::withhold::Limits;
use proptest::prelude::*;

/// What happens next: of which sort, to whom and where, at which hour, recorded how many hours later (or before).
type Next = (u8, u8, u8, u16, i8);

fn stories() -> impl Strategy<Value = (Vec<Next>, Vec<(u8, u8)>)> {
    let next = (0u8..14, 0u8..6, 0u8..3, 0u16..700, prop_oneof![8 => 0i8..3, 1 => 20i8..90, 1 => -60i8..0]);
    (prop::collection::vec(next, 4..50), prop::collection::vec((1u8..9, 0u8..60), 1..6))
}

fn at(hour: i64) -> String {
    let hour = hour.clamp(0, 719);
    format!("2029-04-{:02}T{:02}:00", hour / 24 + 1, hour % 24)
}

/// Entries in the order of record.
fn entries(nexts: &[Next]) -> Vec<Told> {
    let mut nexts = nexts.to_vec();
    let recorded = |next: &Next| i64::from(next.3) + i64::from(next.4);
    nexts.sort_by_key(recorded);
    let one = |(number, next): (usize, &Next)| {
        let (sort, who, place, hour, _) = *next;
        let stay = format!("custody=C{who} person=P{} place=S{place}", who / 2);
        let earlier = format!("e{:04}", number.saturating_sub(1 + usize::from(who)));
        let (kind, rest) = match sort {
            0..3 => ("arrested", format!("{stay} ground={}", ["caught", "suspicion"][usize::from(who % 2)])),
            3 => ("released", stay),
            4 => ("described", format!("person=P{} born={}-02-01 sex=male", who / 2, 2005 + u16::from(hour % 12 == 0) * 8)),
            5 => ("restrained", format!("measure=M{who} {stay} means=belt reasons=escape")),
            6 => ("freed", format!("measure=M{who} {stay}")),
            7 => ("awarded", format!("custody=C{who} person=P{} sum={}+AZN", who / 2, 10 + hour)),
            8 => ("built", format!("place=S{place} type=police")),
            9 => ("looked in", format!("custody=C{who} place=S{place}")),
            10 => ("amended", format!("custody=C{who} corrects={earlier} at={}:00Z", at(i64::from(hour) / 2))),
            11 => ("amended", format!("custody=C{who} corrects={earlier} ground=caught")),
            12 => ("struck", format!("custody=C{who} corrects={earlier}")),
            _ => ("forced", stay),
        };
        told(&format!("e{number:04}"), kind, &at(i64::from(hour)), &rest).recorded(&at(recorded(next)))
    };
    nexts.iter().enumerate().map(one).collect()
}

fn answers(codebook: &Codebook, entries: &[Told], kept: &mut Kept, as_of: Moment) -> Result<(), TestCaseError> {
    let log = log(codebook, entries);
    if kept.reaches(&log, as_of) {
        kept.hear(codebook, &log, as_of);
        prop_assert!(kept.is_up_to(&log, as_of));
    }
    for table in &codebook.tables {
        for (period, audience) in [("2029-04", Audience::Restricted), ("2029-Q2", Audience::Public)] {
            let period = Period::parse(period, &codebook.almanac).expect("a period");
            let wanted = Wanted { period: &period, as_of, audience, released: &[], limits: Limits::default() };
            let (anew, known) =
                (release::release(codebook, &log, table, &wanted), release::release_kept(codebook, (&log, kept), table, &wanted));
            prop_assert_eq!(anew, known, "{} {}", table.id, period.name);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn what_came_in_since_is_heard_and_nothing_else_is_missed((nexts, steps) in stories()) {
        let codebook = codebook();
        let all = entries(&nexts);
        let as_of = |entries: &[Told], later: u8| {
            let last = entries.last().map_or(moment("2029-04-01T00:00:00Z"), |last| moment(&last.recorded));
            Moment(last.0 + i64::from(later) * 3_600_000_000)
        };
        let first = all.len() / 2;
        let mut kept = Kept::new(&codebook, &log(&codebook, &all[..first]), as_of(&all[..first], 0));
        let mut read = first;
        for (more, later) in steps {
            read = all.len().min(read + usize::from(more) - 1);
            answers(&codebook, &all[..read], &mut kept, as_of(&all[..read], later))?;
        }
    }
}

#[test]
fn as_of_a_moment_before_the_log_is_heard_by_itself() {
    let codebook = codebook();
    let nexts: Vec<Next> = (0..30).map(|number| (number % 14, number % 6, number % 3, u16::from(number) * 20, 1)).collect();
    let all = entries(&nexts);
    let now = moment("2029-06-30T00:00:00Z");
    let mut kept = Kept::new(&codebook, &log(&codebook, &all), now);
    let before = moment("2029-04-10T00:00:00Z");
    assert!(!kept.reaches(&log(&codebook, &all), before));
    answers(&codebook, &all, &mut kept, before).expect("the same as heard anew");
    assert!(kept.is_up_to(&log(&codebook, &all), now), "what is kept stays as it was");
}
