//! Whether rows are what a timeline expects: the worst row of the rule and subject (and trigger, if named) must have the verdict,
//! and one row of that rank every other member given. No row at all counts as `n.a.`.

use crate::verdicts::wording;
use habeas_codebook::log::{Log, SubjectId};
use habeas_codebook::tree::Codebook;
use habeas_intake::timeline::Expected;
use habeas_monitor::{Row, Verdict};

/// What was got instead of what was expected.
#[derive(Clone, Debug)]
pub struct Differs<'r> {
    /// The rows that were looked at, worst first; none counts as `n.a.`.
    pub got: Vec<&'r Row>,
}

/// Compares; `Ok` when it is as expected.
///
/// # Errors
/// The rows that were looked at.
pub fn compare<'r>(codebook: &Codebook, log: &Log, rows: &'r [Row], wish: &Expected) -> Result<(), Differs<'r>> {
    let mut looked_at: Vec<&Row> = rows.iter().filter(|row| is_about(codebook, log, row, wish)).collect();
    looked_at.sort_by_key(|row| std::cmp::Reverse(row.verdict));
    let worst = looked_at.first().map_or(Verdict::NotApplicable, |row| row.verdict);
    let of_that_rank = || looked_at.iter().take_while(|row| row.verdict == worst);
    // Where there is no row, no member is there either.
    let nothing_more = wish.flags.is_empty()
        && wish.instants.iter().all(|(_, moment)| moment.is_none())
        && wish.lengths.iter().all(|(_, micros)| micros.is_none());
    let members_agree = if looked_at.is_empty() { nothing_more } else { of_that_rank().any(|row| has_members(row, wish)) };
    if worst.as_str() == wish.verdict && members_agree { Ok(()) } else { Err(Differs { got: looked_at }) }
}

fn is_about(codebook: &Codebook, log: &Log, row: &Row, wish: &Expected) -> bool {
    wording::rule_id(codebook, row) == wish.rule
        && wish.trigger.as_deref().is_none_or(|trigger| row.trigger.is_some_and(|event| log.id(event) == trigger))
        && wish.subject.iter().all(|(class, id)| concerns(codebook, log, row, class, id))
}

/// Whether a row is about this subject: it is the row's own, or, of another class, one that the row's events name.
fn concerns(codebook: &Codebook, log: &Log, row: &Row, class: &str, id: &str) -> bool {
    let is = |subject: SubjectId| {
        let name = &codebook.class(log.class_of(subject)).name;
        (name == class || name.replace(' ', "_") == class) && log.name_of(subject) == id
    };
    let own = &codebook.class(log.class_of(row.subject)).name;
    if own == class || own.replace(' ', "_") == class {
        return is(row.subject);
    }
    row.events.iter().any(|event| log.subjects(*event).iter().any(|subject| is(*subject)))
}

fn has_members(row: &Row, wish: &Expected) -> bool {
    let instant = |name: &str| match name {
        "since" => row.since,
        "due_at" => row.due_at,
        _ => row.until,
    };
    let length = |name: &str| if name == "late_by" { row.late_by } else { row.over_by };
    wish.instants.iter().all(|(name, moment)| instant(name) == *moment)
        && wish.lengths.iter().all(|(name, micros)| length(name) == *micros)
        && wish.flags.iter().all(|flag| row.flags.names().any(|name| name == flag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdicts::specimen;
    use habeas_codebook::log::{Entry, EventId};
    use habeas_codebook::moment::{At, Moment};
    use habeas_codebook::tree::{ClassId, KindId, RuleId};
    use habeas_monitor::Flags;

    fn station() -> (Codebook, Log) {
        let mut log = Log::new();
        for (id, custody) in [("e1", "C1"), ("e2", "C2")] {
            let subjects = [(ClassId(0), custody), (ClassId(1), "P1")];
            let at = At::exact(Moment(0));
            log.push(&Entry { id, kind: KindId(0), at, recorded_at: Moment(0), by: None, subjects: &subjects, fields: &[] })
                .expect("two ids");
        }
        (specimen::codebook(), log)
    }

    fn row(log: &Log, event: u32, verdict: Verdict, late_by: Option<i64>, record: bool) -> Row {
        Row {
            rule: RuleId(0),
            record,
            subject: log.subjects(EventId(event))[0],
            trigger: Some(EventId(event)),
            trigger_at: None,
            verdict,
            due_at: None,
            since: None,
            until: None,
            late_by,
            over_by: None,
            over_since: None,
            flags: Flags::LATE_ENTRY,
            events: [EventId(event)].into_iter().collect(),
            missing: vec![],
            reason: None,
        }
    }

    fn holds(rows: &[Row], expected: &str) -> bool {
        let (codebook, log) = station();
        let timeline = format!(r#"{{"id":"t","now":"2026-01-01T00:00:00Z","events":[],"expected":[{expected}]}}"#);
        let timeline = habeas_intake::timeline::read(&timeline, "t.json", &codebook).expect("a timeline");
        compare(&codebook, &log, rows, &timeline.expected[0]).is_ok()
    }

    #[test]
    fn the_worst_row_counts_and_one_row_of_its_rank_has_every_member() {
        let (_, log) = station();
        let late = |micros| row(&log, 0, Verdict::MetLate, Some(micros), false);
        let rows =
            [row(&log, 0, Verdict::Met, None, false), late(60_000_000), late(1_800_000_000), row(&log, 1, Verdict::Breached, None, false)];
        assert!(holds(&rows, r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met_late","late_by":"PT0H30M"}"#));
        assert!(holds(
            &rows,
            r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met_late","until":null,"flags":["late_entry"]}"#
        ));
        assert!(!holds(&rows, r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met_late","late_by":"PT31M"}"#));
        assert!(!holds(&rows, r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met_late","late_by":null}"#));
        assert!(!holds(&rows, r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met"}"#));
        assert!(!holds(&rows, r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met_late","flags":["same_instant"]}"#));
    }

    #[test]
    fn no_row_counts_as_not_applicable() {
        assert!(holds(&[], r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"n.a."}"#));
        assert!(!holds(&[], r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met"}"#));
    }

    #[test]
    fn what_is_judged_of_the_record_is_asked_for_by_its_own_name() {
        let (_, log) = station();
        let rows = [row(&log, 0, Verdict::Met, None, false), row(&log, 0, Verdict::MetLate, Some(1), true)];
        assert!(holds(&rows, r#"{"rule":"first-rule/record","subject":{"custody":"C1"},"trigger":"e1","verdict":"met_late"}"#));
        assert!(holds(&rows, r#"{"rule":"first-rule","subject":{"custody":"C1"},"verdict":"met"}"#));
        assert!(holds(&rows, r#"{"rule":"first-rule/record","subject":{"custody":"C1"},"trigger":"e2","verdict":"n.a."}"#));
    }

    #[test]
    fn a_subject_of_another_class_is_found_through_the_events() {
        let (_, log) = station();
        let rows = [row(&log, 1, Verdict::Breached, None, false)];
        assert!(holds(&rows, r#"{"rule":"first-rule","subject":{"custody":"C2","person":"P1"},"verdict":"breached"}"#));
        assert!(holds(&rows, r#"{"rule":"first-rule","subject":{"person":"P1"},"verdict":"breached"}"#));
        assert!(holds(&rows, r#"{"rule":"first-rule","subject":{"person":"P2"},"verdict":"n.a."}"#));
    }
}
